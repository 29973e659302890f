#!/usr/bin/env python3
"""remote.py - cdgsearch -d http://...: the same output as with the index itself, for all options;
batches over one connection; servers that are none, lie, hang or never end."""
import gzip
import json
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from _server import BUILD, INDEX, SEARCH, Server, end, make_index, ok, same, skip, tmp  # noqa: E402

seed = int(os.environ.get("CDG_SEED", "20261126"))
rnd = random.Random(seed)
print("seed", seed, flush=True)
WORDS = "supply chain reform market price law section energy climate water court tax bank plan".split()
sections = [{"type": "chapter", "label": "I. General \"terms\"", "start": 0, "end": 200}, {"type": "article", "label": "Art. 1", "start": 0, "end": 100},
            {"type": "page", "label": "1", "start": 0, "end": 90}, {"type": "page", "label": "xii", "start": 90, "end": 220}]
records = [{"id": f"d{i}", "title": f"{rnd.choice(WORDS)} act <{i}> & \"more\"", "date": rnd.choice(["2001", "2004-05", "2012-03-04"]),
            "type": "law" if i % 3 else "plan", "url": f"https://laws.example/{i}.pdf", "number": i / 4, "tags": ["a", "b"][:1 + i % 2],
            "lang": "en", "sections": sections,
            "text": " ".join(rnd.choice(WORDS) + rnd.choice(["", ".", ",", " \u00e9t\u00e9", " \u4e2d\u6587", " \U0001f600\t"]) for _ in range(80))} for i in range(60)]
records += [{"id": "undated \u00e9", "title": "", "text": "supply without a date\u0001 or \"quotes\" \\ and\nlines"}]
laws = make_index("laws", records)
other = make_index("other", [{"id": "x", "title": "Einzelnes", "text": "Nur ein Dokument"}])


def run(index, *args, stdin=None, timeout=90):
    p = subprocess.run([SEARCH, "-d", index, *args], capture_output=True, text=True, input=stdin, timeout=timeout, check=False)
    return p.returncode, re.sub(r'"took_us":\d+', '"took_us":0', p.stdout), p.stderr


def fails(name, index, words, *args, timeout=90):
    code, out, said = run(index, *(args or ("supply",)), timeout=timeout)
    return ok(name, code == 2 and not out and said.startswith("cdgsearch: ") and re.search(words, said) and said.count("\n") == 1,
              f"{code} {out[:200]!r} {said!r}")


queries = ["supply", '"supply chain" refor*', "title:act market", "nothing-like-this", "type:plan supply", '"open quote', "suply chian", "supply NEAR/3 law",
           "--", "", "\u00e9t\u00e9", "\u4e2d\u6587", "a & b=c+d%20 #x?", "(", "number:3..5", "supply\x01law", "date:2004.."]
options = [[], ["-n", "3", "--offset", "2"], ["-n", "0", "--facet", "type", "--facet", "year:3", "--facet", "tags:1", "--facet", "month"],
           ["--sort", "-date,number"], ["--sort", "score"], ["--filter", "type:law", "--filter", "date:2004.."],
           ["--filter", "type:law", "--facet", "type:open", "--facet", "type", "--facet", "date:year:open:3"], ["--default-op", "or"],
           ["--lang", "en"], ["--snippets", "5", "--snippet-length", "80"], ["--snippets", "0"], ["--strict"], ["--stem-phrases"],
           ["--time-limit", "1500"], ["--explain"], ["--did-you-mean"]]
with Server("-d", f"laws={laws}", index=f"more={other}") as s:
    base = f"http://127.0.0.1:{s.port}"
    for q in queries:
        for o in options if q in queries[:4] else [rnd.choice(options)]:
            here, there = run(laws, *o, "--format", "json", "--", q), run(base, *o, "--format", "json", "--", q)
            if here[0] == 2:  # the address stands before the reason
                here = (2, here[1], here[2].replace("cdgsearch: ", f"cdgsearch: {base}: "))
            same(f"json {q!r} {' '.join(o)}", there, here)
    for form in ("text", "jsonl", "csv", "trec", "ids", "count"):
        for o in ([], ["--facet", "type", "-v"], ["--explain", "-n", "3"], ["--color", "always"]):
            here, there = run(laws, *o, "--format", form, "suply law"), run(base, *o, "--format", form, "suply law")
            clean = [(c, re.sub(r"[\d.]+ ms", "ms", out), re.sub(r"[\d.]+ ms|.*opened.*|" + re.escape(x), "ms", said))
                     for (c, out, said), x in ((here, laws), (there, base))]
            same(f"{form} {' '.join(o)}", clean[1], clean[0])
    for o in (["--view", "d3", "supply chain"], ["--view", "d3"], ["--view", "undated \u00e9", "supply"], ["--view", "d4", "--range", "20:90", "supply OR law"],
              ["--view", "d4", "--range", "5:", "title:act"]):
        for form in ("text", "json"):
            same(f"{' '.join(o)} {form}", run(base, *o, "--format", form), run(laws, *o, "--format", form))
    here, there = run(laws, "--view", "none", "a"), run(base, "--view", "none", "a")
    same("no such document", (there[0], there[2]), (1, here[2].replace("cdgsearch: ", f"cdgsearch: {base}: ")))
    for o in (["--kwic", "supply chain"], ["--kwic=left", "--context", "20", "reform*"], ["--kwic=right", "--context", "4w", "-n", "7", "--offset", "3", "law"],
              ["--kwic", "-n", "0", "law"], ["--kwic", "--filter", "type:plan", "law"], ["--kwic", "nothing-like-this"]):
        for form in ("text", "json", "csv"):
            same(f"{' '.join(o)} {form}", run(base, *o, "--format", form), run(laws, *o, "--format", form))
    for q in ("sup", "supply ch", "type:l", "zzz", "", "supply act"):
        for n in ("1", "10", "100"):
            same(f"--suggest {q!r} {n}", run(base, "--suggest", "-n", n, "--", q), run(laws, "--suggest", "-n", n, "--", q))

    code, out, said = run(base, "suply chain")
    ok("did you mean", "Did you mean: supply chain" in out, out)

    # addresses
    same("by name", run(base + "/in/laws/", "--format", "count", "supply"), run(laws, "--format", "count", "supply"))
    same("another one", run(base + "/in/more", "--format", "ids", "dokument"), run(other, "--format", "ids", "dokument"))
    same("in capitals", run(base.replace("http", "HTTP"), "--format", "count", "supply"), run(laws, "--format", "count", "supply"))
    fails("no such index", base + "/in/none", "there is no such index")
    fails("a query of another kind", base + "?x=1", "write http://HOST:PORT")
    fails("no host", "http://", "write http://HOST:PORT")
    fails("a password", base.replace("//", "//user:secret@"), "^(?!.*secret).*no user and password")

    # what the server refuses comes with its reason
    fails("too many hits", base, re.escape(base) + ": parameter n: a whole number from 0 to 1000", "-n", "1001", "supply")
    fails("deep", base, "parameter offset", "--offset", "10001", "supply")
    fails("too long", base, "a query may have 4096 bytes; this one has 5000", "a" * 5000)
    fails("too much context", base, "parameter context", "--kwic", "--context", "501", "supply")
    for o in (["--k1", "2"], ["--b", "0.1"], ["--weight", "title=3"], ["--weighting", "bm25"]):
        fails(f"{o[0]} is the server's", base, "is the server's to say", *o, "supply")
    p = subprocess.run([INDEX, "-d", base, "--jsonl", "-"], input=b'{"id":"a","text":"b"}', capture_output=True, check=False)
    ok("no writing", p.returncode == 2 and b"not written to" in p.stderr and not os.path.exists("http:"), p.stderr)
    for words in (["stat"], ["check"], ["dump", "--ids"], ["dump", "--terms"], ["dump", "--term", "a"], ["dump", "--doc", "d3"], ["dump", "--format", "jsonl"]):
        p = subprocess.run([INDEX, "-d", base, *words], capture_output=True, check=False)
        ok(f"not of a server: {' '.join(words)}", p.returncode == 2 and b"is a server, of which this cannot be shown" in p.stderr, p.stderr)
    p = subprocess.run([INDEX, "-d", os.path.join(tmp, "copy"), "import", base], capture_output=True, check=False)
    ok("no import", p.returncode == 2 and b"is a server" in p.stderr, p.stderr)

    # a batch: the same lines, over one connection
    class Counter(threading.Thread):
        """Passes bytes on to the server, and counts connections."""

        def __init__(self, port):
            super().__init__(daemon=True)
            self.listener, self.target, self.connections = socket.create_server(("127.0.0.1", 0)), port, 0
            self.port = self.listener.getsockname()[1]
            self.start()

        def run(self):
            while True:
                near = self.listener.accept()[0]
                self.connections += 1
                far = socket.create_connection(("127.0.0.1", self.target))
                for a, b in ((near, far), (far, near)):
                    threading.Thread(target=self.pump, args=(a, b), daemon=True).start()

        @staticmethod
        def pump(a, b):
            try:
                while data := a.recv(65536):
                    b.sendall(data)
            except OSError:
                pass
            finally:
                try:
                    b.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    between = Counter(s.port)
    lines = "".join(f"q{i}\t{rnd.choice(WORDS)} {rnd.choice(WORDS)}\n" for i in range(200)) + "supply\n\n"
    for form in ("json", "trec", "count"):
        same(f"batch {form}", run(base, "--format", form, "--batch", "-", stdin=lines), run(laws, "--format", form, "--batch", "-", stdin=lines))
    run(f"http://127.0.0.1:{between.port}", "--format", "count", "--batch", "-", stdin=lines)
    same("connections of 202 queries", between.connections, 1)
    code, out, said = run(base, "--strict", "--format", "count", "--batch", "-", stdin='supply\n"open\nlaw\n')
    ok("one refused, the others answered", code == 2 and len(out.splitlines()) == 3 and "query 2: " + base in said, out + said)
    s.stop()
    fails("nobody there", base, re.escape(base) + ": .*(refused|connect)")
fails("no such host", "http://no.such.host.invalid:1", "no.such.host.invalid")

# ---- servers that are none -------------------------------------------------------------------
HEALTH = {"status": "ok", "version": "x", "indexes": [{"name": "a", "serving": True, "documents": 1, "generation": 1}]}
EMPTY = {"query": "a", "parsed": "a", "total": 1, "total_exact": True, "took_us": 1, "warnings": [], "hits": [], "facets": {}}


class Liar(threading.Thread):
    """Answers /healthz well, and the next request with the given bytes, or by a function."""

    def __init__(self, reply, health=None):
        super().__init__(daemon=True)
        self.listener, self.reply = socket.create_server(("127.0.0.1", 0)), reply
        self.health = health or http(json.dumps(HEALTH).encode())
        self.base = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.start()

    def run(self):
        while True:
            c = self.listener.accept()[0]
            threading.Thread(target=self.serve, args=(c,), daemon=True).start()

    def serve(self, c):
        try:
            while head := c.recv(65536):
                if b"GET /healthz" in head:
                    c.sendall(self.health)
                elif callable(self.reply):
                    self.reply(c)
                    break
                else:
                    c.sendall(self.reply)
        except OSError:
            pass
        c.close()


def http(body, status="200 OK", kind="application/json", *more):
    return "\r\n".join([f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(body)}", *more, "", ""]).encode() + body


fails("a web page", Liar(b"", http(b"<html>", kind="text/html")).base, "not the answer of a cdgsearchd")
fails("another API", Liar(b"", http(b'{"a":1}')).base, "not the answer of a cdgsearchd")
fails("another 404", Liar(b"", http(b"gone", "404 Not Found", "text/plain")).base, "status 404, and not by a cdgsearchd")
fails("elsewhere", Liar(b"", http(b"", "302 Found", "text/plain", "Location: http://elsewhere.example/x")).base, "go to http://elsewhere.example/x")
fails("no HTTP", Liar(b"", b"SSH-2.0-OpenSSH\r\n").base, "http://127")
for name, body in (("no JSON", b"{"), ("an array", b"[1]"), ("deep", b"[" * 100000), ("rest", b"{} x"), ("a number", b"1"), ("empty", b""), ("no hits", b'{"total":1}'),
                   ("half an escape", b'{"hits":[],"total":1,"query":"\\u12"}'), ("open string", b'{"a":"b\\"'), ("a byte 0", b'{"hits\0":[]}')):
    fails(f"answer: {name}", Liar(http(body)).base, "not the answer of a cdgsearchd", "--format", "json", "a")
for name, change in (("types", {"hits": [1, None, [], {"id": 5, "fields": [1], "snippets": 3, "copies": {"a": 1}, "score": "x"}], "facets": {"a": 1, "b": [1, {"value": 2}]}, "warnings": 7}),
                     ("surrogates", {"query": "\ud800 \udc00x \u0000"}), ("nothing", {})):
    for form in ("json", "text", "csv", "jsonl", "trec", "ids"):
        code, out, said = run(Liar(http(json.dumps({**EMPTY, **change}).encode())).base, "--format", form, "a")
        ok(f"odd {name} as {form}", code == 0 and (form != "json" or json.loads(out)), f"{code} {said}")
for name, change in (("matches go back", {"matches": [{"start": 3, "end": 4}, {"start": 1, "end": 2}]}), ("past the text", {"matches": [{"start": 3, "end": 400}]}),
                     ("the text is shorter", {"end": 100, "length": 100}), ("sections go back", {"outline": [{"start": 5, "end": 6}, {"start": 1, "end": 2}]})):
    view = {"id": "a", "text": "0123456789", "length": 10, "start": 0, "end": 10, "matches": [], "outline": [], "pages": [], **change}
    fails(f"view: {name}", Liar(http(json.dumps(view).encode())).base, "not the answer of a cdgsearchd", "--view", "a", "b")
problem = {"type": "about:blank", "title": "x", "status": 400, "code": 6, "name": "query", "detail": "a reason"}
fails("a problem", Liar(http(json.dumps(problem).encode(), "400 Bad", "application/problem+json")).base, r": a reason$")
fails("a problem of an unknown code", Liar(http(json.dumps({**problem, "code": 99}).encode(), "400 Bad", "application/problem+json")).base, r": a reason$")
fails("cut off", Liar(lambda c: c.sendall(http(b"x" * 100)[:-50])).base, "http://127")
fails("closed at once", Liar(lambda c: None).base, "http://127")


def endless(c):
    c.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
    while True:
        c.sendall(b" " * (1 << 20))


fails("an answer without end", Liar(endless).base, "more than 256 MiB")
fails("a small one that unpacks to much", Liar(http(gzip.compress(b" " * (300 << 20), 1), "200 OK", "application/json", "Content-Encoding: gzip")).base, "more than 256 MiB")

# what is short to send and long to read: it is refused, soon and in little memory
def lies(name, body, words, *more):
    packed = http(gzip.compress(body, 1), "200 OK", "application/json", "Content-Encoding: gzip", *more)
    p = subprocess.Popen([SEARCH, "-d", Liar(packed).base, "a"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    out, said = p.stdout.read(), p.stderr.read()
    _, status, used = os.wait4(p.pid, 0)
    p.returncode = 0
    room = 1 << 30
    ok(f"{name}: {used.ru_utime:.1f} s, {used.ru_maxrss >> 10} MiB", os.waitstatus_to_exitcode(status) == 2 and not out and re.search(words, said) and
       (used.ru_maxrss << 10 < room or "san" in BUILD) and used.ru_utime < 30, f"{status} {out[:100]} {said}")


whole = json.dumps(EMPTY).encode()
lies("very many values", whole[:-1] + b',"x":[' + b"1," * 60000000 + b"1]}", "not the answer of a cdgsearchd")
names = [str(i) for i in range(200000)]
lies("very many facets", json.dumps({**EMPTY, "facets": {"f" + i: [] for i in names}, "facets_missing": {"m" + i: 1 for i in names}}).encode(),
     "not the answer of a cdgsearchd")
lies("a long head", whole, "(?!.*memory)http://127", *(f"X-{i}: " + "a" * 60000 for i in range(10)))
began = time.monotonic()
fails("no answer", Liar(lambda c: time.sleep(60)).base, "no answer within 5200 ms", "--time-limit", "200", "a")
ok("and no longer", time.monotonic() - began < 30)

# ---- https ------------------------------------------------------------------------------------
if shutil.which("openssl"):
    import ssl
    pem = os.path.join(tmp, "pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", pem + ".key", "-out", pem, "-days", "2", "-subj", "/CN=127.0.0.1"],
                   capture_output=True, check=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, pem + ".key")
    secure = Liar(http(json.dumps(EMPTY).encode()))
    secure.listener = context.wrap_socket(socket.create_server(("127.0.0.1", 0)), server_side=True, do_handshake_on_connect=False)
    port = secure.listener.getsockname()[1]
    threading.Thread(target=secure.run, daemon=True).start()
    fails("a certificate that nobody knows", f"https://127.0.0.1:{port}", "certificate")
else:
    skip("https: no openssl to make a certificate")

so = os.path.join(BUILD, "lib", "libcdgsearch.so")
needed = subprocess.run(["readelf", "-d", so, SEARCH], capture_output=True, text=True, check=False).stdout
ok("nothing is linked with libcurl", "NEEDED" in needed and "libcurl" not in needed, needed)
end()
