#!/usr/bin/env python3
"""chunks.py - documents that come in chunks, and what else in chunks is refused."""
import json
import os
import re
import shutil
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from _server import Server, end, make_index, ok, same, skip, tmp  # noqa: E402

laws = make_index("laws", [{"id": "a", "text": "first"}])
plans = make_index("plans", [{"id": "b", "text": "second"}])
token = os.path.join(tmp, "token")
access = os.path.join(tmp, "access")
SECRET = "0123456789abcdef-secret"
with open(token, "w", encoding="ascii") as f:
    f.write(SECRET)
BEARER = "Authorization: Bearer " + SECRET
CHUNKED = "Transfer-Encoding: chunked"


def head(*lines, method="POST", path="/docs", version="1.1"):
    return "\r\n".join([f"{method} {path} HTTP/{version}", "Host: x", *lines, "", ""]).encode("latin-1")


def chunks(*parts, end=b"0\r\n\r\n"):
    return b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in parts) + end


def statuses(got):
    return [int(x) for x in re.findall(rb"^HTTP/1\.[01] (\d+)", got, re.M)]


def record(ident, text="chunky"):
    return json.dumps({"id": ident, "text": text}).encode()


with Server("-d", f"laws={laws}", index=f"plans={plans}", token_file=token, max_body="64K", access_log=access, request_timeout=3000) as s:
    # ---- taken -----------------------------------------------------------------------------
    one = record("c1")
    for name, lines, body in (
            ("one chunk", [CHUNKED], chunks(one)),
            ("many of a byte", [CHUNKED], chunks(*[one[i:i + 1] for i in range(len(one))])),
            ("in another case", ["transfer-ENCODING: ChunKed"], chunks(one)),
            ("with extensions and a trailer", [CHUNKED], b"%X;a=b;c\r\n%s\r\n0;x\r\nTrailer: a\r\n\r\n" % (len(one), one)),
            ("more behind the end", [CHUNKED], chunks(one) + head(path="/search?q=first", method="GET"))):
        got = s.raw(head(BEARER, *lines) + body)
        ok(name, statuses(got) == [200] and b"\r\nConnection: close\r\n" in got and b'"total":2,' in got, got)
    same("found", s.search("chunky").json()["total"], 1)
    got = s.raw(head(BEARER, CHUNKED, "Expect: 100-continue", path="/in/plans/docs") + chunks(record("c2"), b"\n", record("c3")))
    ok("into another index, awaited", statuses(got) == [100, 200] and b'"documents":2' in got, got)
    r = s.ask("/docs", "POST", iter([record("c4"), b"\n", record("c5")]), Authorization="Bearer " + SECRET)
    ok("from a stream", r.status == 200 and r.json()["documents"] == 2, r.text())
    if shutil.which("curl"):
        done = subprocess.run(["curl", "-sS", "-X", "POST", "-T", "-", "-H", BEARER, f"http://127.0.0.1:{s.port}/docs"], input=record("c6"), capture_output=True, check=False)
        ok("by curl -T -", b'"documents":1' in done.stdout, done)
    else:
        skip("curl is missing")
    count = s.search("chunky").json()["total"]

    # ---- refused -----------------------------------------------------------------------------
    body = chunks(record("no", "refused"))
    for name, data, want in (
            ("without the token", head(CHUNKED), 411),
            ("with another", head(BEARER + "x", CHUNKED), 411),
            ("to another path", head(BEARER, CHUNKED, path="/search"), 411),
            ("below it", head(BEARER, CHUNKED, path="/docs/no"), 411),
            ("to delete", head(BEARER, CHUNKED, method="DELETE", path="/docs/c1"), 411),
            ("with GET", head(BEARER, CHUNKED, method="GET", path="/docs/facets"), 411),
            ("in 1.0", head(BEARER, CHUNKED, version="1.0"), 411),
            ("with a length", head(BEARER, CHUNKED, f"Content-Length: {len(body)}"), 411),
            ("with a length before", head(BEARER, "Content-Length: 5", CHUNKED), 411),
            ("twice", head(BEARER, CHUNKED, CHUNKED), 411),
            ("twice in a line", head(BEARER, CHUNKED + ", chunked"), 411),
            ("and compressed", head(BEARER, "Transfer-Encoding: gzip, chunked"), 411),
            ("not quite", head(BEARER, "Transfer-Encoding: xchunked"), 411),
            ("with a parameter", head(BEARER, CHUNKED + ";q=1"), 411),
            ("nothing", head(BEARER, "Transfer-Encoding:"), 411),
            ("as it is", head(BEARER, "Transfer-Encoding: identity"), 411),
            ("folded", head(BEARER, CHUNKED, " x"), 400)):
        got = s.raw(data + body)
        ok(f"chunks {name}", statuses(got) == [want] and b"\r\nConnection: close\r\n" in got, got)

    # ---- what is no chunk: nothing is taken, and nothing behind it is a request ------------------
    inner = head("Connection: close", method="GET", path="/search?q=first")
    n = len(record("no", "refused"))
    first = b"%x\r\n%s\r\n" % (n, record("no", "refused"))
    for name, body in {"below zero": b"-1\r\n\r\n", "past 64 bits": b"10000000000000000\r\n\r\n", "with 0x": b"0x0\r\n\r\n", "a sign": b"+0\r\n\r\n", "a space": b" 0\r\n\r\n",
                       "nothing": b"\r\n\r\n", "no line end behind it": b"3\r\nabcd\r\n0\r\n\r\n", "letters": b"zz\r\n\r\n", "NUL": b"\0\r\n\r\n", "bare CR": b"3\rabc\r0\r\r"}.items():
        got = s.raw(head(BEARER, CHUNKED) + first + body + inner, timeout=5)
        ok(f"a chunk: {name}", statuses(got) in ([], [400], [413]) and b'"hits"' not in got, got)
    for name, body in {"cut in a chunk": b"ffff\r\n" + b"x" * 10, "cut between": first, "cut in a size": first + b"f"}.items():
        c = s.connect()
        c.sendall(head(BEARER, CHUNKED) + body)
        c.close()
    same("nothing of it was taken", s.search("refused").json()["total"], 0)
    same("nor lost", s.search("chunky").json()["total"], count)

    # ---- limits ------------------------------------------------------------------------------------
    got = s.raw(head(BEARER, CHUNKED) + chunks(*[b"x" * 1000] * 70))
    same("too large", statuses(got), [413])
    sent, begin, before = 0, time.monotonic(), s.resident()
    c = s.connect()
    try:
        c.sendall(head(BEARER, CHUNKED))
        while sent < 1 << 30:
            c.sendall(b"10000\r\n" + b"x" * 65536 + b"\r\n")
            sent += 65536
    except OSError:
        pass
    c.close()
    ok(f"without end: cut off after {sent >> 10} KB", sent < 64 << 20 and s.resident() - before < 32 << 20, s.resident() - before)
    begin = time.monotonic()
    got = s.raw(head(BEARER, CHUNKED) + b"5\r\nab", timeout=30)
    ok(f"one that does not go on: ended after {time.monotonic() - begin:.1f} s", statuses(got) in ([], [408]) and time.monotonic() - begin < 25, got)

    # ---- told as what it was --------------------------------------------------------------------------
    with open(access, encoding="utf-8") as f:
        at = len(f.readlines())
    s.raw(head(BEARER, CHUNKED) + b"zz\r\n")
    for _ in range(400):
        with open(access, encoding="utf-8") as f:
            lines = [json.loads(x) for x in f][at:]
        if lines and lines[-1]["status"] == 400:
            break
        time.sleep(0.05)
    # the connections that were cut may only now be told of
    same("a bad chunk in the log", [(x["status"], x["client"], x["path"]) for x in lines[-1:]], [(400, "127.0.0.1", "/docs")])
    ok("the server lives", s.alive() and s.search("first").json()["total"] == 1)
end()
