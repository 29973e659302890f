#!/usr/bin/env python3
"""protocol.py - what HTTP asks of answers beyond their bodies: tags and what they stand for,
weights in Accept and Accept-Encoding, headers that come twice, headers for pages of other
origins on every answer, bodies that nobody reads, figures of every route."""
import gzip
import json
import os
import re
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from _server import Server, end, make_index, ok, same, tmp  # noqa: E402

records = [{"id": f"d{i}", "title": f"Act {i}", "date": f"{2000 + i % 20}-05-01", "type": "law",
            "text": f"Section {i}. The supply chain shall be reformed. " * 8} for i in range(60)]
laws = make_index("laws", records)
token = os.path.join(tmp, "token")
SECRET = "0123456789abcdef-secret"
with open(token, "w", encoding="ascii") as f:
    f.write(SECRET + "\n")
READS = ("/search?q=supply", "/doc?id=d3&q=supply", "/docs/concordance?q=supply", "/docs/histogram?q=supply", "/docs/facets?q=supply&facet=type",
         "/suggest?q=sup")


def raw(server, *lines):
    """One request of these lines; status, headers by name in lower case (lists), body."""
    got = server.raw(("\r\n".join((*lines, "Host: a", "Connection: close")) + "\r\n\r\n").encode())
    head, _, body = got.partition(b"\r\n\r\n")
    first, *rest = head.decode("latin-1").split("\r\n")
    headers = {}
    for line in rest:
        name, _, value = line.partition(":")
        headers.setdefault(name.lower(), []).append(value.strip())
    return int(first.split()[1]), headers, body


# ---- tags -----------------------------------------------------------------------------------
with Server("-d", laws, title="One") as s:
    tags = {path: s.ask(path).header("ETag") for path in READS}
    page = s.ask("/search?q=supply", Accept="text/html").header("ETag")
    for path, tag in tags.items():
        for known, status in ((tag, 304), (f'"other", {tag}', 304), (tag[2:], 304), ("*", 304), (tag[:-2] + 'x"', 200), ('"*"', 200), ("", 200)):
            r = s.ask(path, If_None_Match=known)
            ok(f"{path}: {known[:40]} is {status}", r.status == status and r.header("ETag") == tag and (status == 200) == bool(r.body), (r.status, r.headers))
    status, headers, body = raw(s, "GET /search?q=supply HTTP/1.1", "Accept-Encoding: identity", 'If-None-Match: "x"', f"If-None-Match: {tags[READS[0]]}")
    same("the tag in the second of two lines", (status, body), (304, b""))
    ok("304 has what 200 would have", headers["etag"] == [tags[READS[0]]] and "vary" in headers and "cache-control" in headers, headers)
    same("* is no tag of what is not there", s.ask("/doc?id=none", If_None_Match="*").status, 404)
    same("nor of a mistake", s.ask("/search?q=a&n=x", If_None_Match="*").status, 400)
    same("another coding, another tag", len({s.ask(READS[0], Accept_Encoding=e).header("ETag") for e in ("gzip", "identity", "br")}), 3)
with Server("-d", laws, title="One") as s:
    same("a server that begins anew knows its tags", [s.ask(p, If_None_Match=t).status for p, t in tags.items()], [304] * len(READS))
with Server("-d", laws, title="Two") as s:
    same("another title, another tag", s.ask("/search?q=supply", Accept="text/html", If_None_Match=page).status, 200)

# an index made anew counts its commits from one again, in the same folder
again = make_index("again", records[:3])
with Server("-d", again) as s:
    tag = s.search("supply").header("ETag")
    for n in (5, 7, 9):
        for name in os.listdir(again):
            os.unlink(os.path.join(again, name))
        make_index("again", records[:n])
        begin = time.monotonic()
        while (total := s.search("supply").json()["total"]) != n and time.monotonic() - begin < 20:
            time.sleep(0.05)
        same("made anew", total, n)
        same("its tag is another one", s.ask("/search?q=supply", If_None_Match=tag).status, 200)
        tag = s.search("supply").header("ETag")

# nor is a long document shown with the places of the one it was before
def long_document(words):
    for name in os.listdir(again):
        os.unlink(os.path.join(again, name))
    make_index("again", [{"id": "long", "text": " ".join(words)}])


long_document(f"alpha w{i}" for i in range(70000))
here = "https://search.example"  # pages cite it
with Server("-d", again, public_url=here) as s:
    path = "/doc?id=long&q=alpha&part=1"
    first = s.ask(path, Accept="text/html").text()
    long_document(f"beta alpha x{i} beta" for i in range(40000))
    begin = time.monotonic()
    while s.search("beta").json()["total"] == 0 and time.monotonic() - begin < 20:
        time.sleep(0.05)
    then = s.ask(path, Accept="text/html").text()
    with Server("-d", again, public_url=here) as fresh:
        ok("a document of an index made anew has its own marks", then == fresh.ask(path, Accept="text/html").text() != first, then[-300:])

# what is not all there is, is not kept: a concordance whose time was over
many = make_index("many", [{"id": f"m{i}", "text": "supply " * 2000} for i in range(600)] + [{"id": "long", "text": "supply chain " * 400000}])
with Server("-d", many) as s:
    for accept in ("application/json", "text/html"):
        r = s.ask("/docs/concordance?q=supply&sort=left&time_limit=1", Accept=accept)
        ok(f"a concordance that was cut short has no tag: {accept}", r.status == 200 and r.header("ETag") is None, (r.status, r.headers))
        ok("but a whole one has a tag", s.ask("/docs/concordance?q=absent", Accept=accept).header("ETag"))
    r = s.ask("/doc?id=long&q=supply+OR+chain&to=9&time_limit=1")
    ok(f"nor has a document whose matches are left out ({'they are' if 'time limit' in r.text() else 'there was time for them'})",
       ("time limit" in r.text()) == (r.header("ETag") is None), r.headers)

# ---- weights ----------------------------------------------------------------------------------
with Server("-d", laws) as s:
    for accept, packed in (("gzip", True), ("GZIP", True), ("deflate, gzip;q=0.1", True), ("gzip;q=0", False), ("gzip;q=0.000, br", False),
                           ("br, deflate;q=0, gzip", True), ("gzip, deflate;q=0", True), ("gzip ; level=1, deflate;q=0", True), ("*", True), ("*;q=0", False),
                           ("*, gzip;q=0", False), ("gzip;q=0, *", False), ("notgzip", False), ("gzip2", False), ("identity", False), ("", False),
                           ("gzip;q=nan", False), ("gzip;q=-1", False), ("gzip;q=1e400", True)):
        r = s.ask("/search?q=supply", Accept_Encoding=accept)
        ok(f"Accept-Encoding: {accept}", (r.header("Content-Encoding") == "gzip") == packed and
           json.loads(gzip.decompress(r.body) if packed else r.body)["total"] == 60, r.headers)
    for accept, kind in (("text/html", "text/html"), ("application/json", "application/json"), ("*/*", "application/json"), ("", "application/json"),
                         ("text/html;q=0.4, application/json;q=0.5", "application/json"), ("text/html;q=0.6, */*;q=0.5", "text/html"),
                         ("text/*, application/json;q=0.9", "text/html"), ("text/html;q=0, */*", "application/json"),
                         ("application/json;q=1e300, text/html;q=1e300", "application/json"), ("text/html;q=nan", "application/json"),
                         ("text/html;level=1;q=0.9, application/json;q=0.8", "text/html"), ("image/png", "application/json")):
        same(f"Accept: {accept}", s.ask("/search?q=supply", Accept=accept).header("Content-Type").split(";")[0], kind)
    for path in READS:
        same(f"page of {path}", s.ask(path, Accept="text/html").status, 200)
    same("Accept in two lines", raw(s, "GET /search?q=supply HTTP/1.1", "Accept: application/json;q=0.1", "Accept: text/html")[1]["content-type"],
         ["text/html; charset=utf-8"])

# ---- methods -----------------------------------------------------------------------------------
with Server("-d", laws, access_log=os.path.join(tmp, "heads"), cors_origin="https://app.example") as s:
    for path in READS + ("/", "/help", "/healthz", "/metrics", "/openapi.json", "/opensearch.xml", "/docs/none"):
        allowed = s.ask(path, "OPTIONS").header("Allow")
        ok(f"OPTIONS {path} says {allowed}", allowed and "OPTIONS" in allowed)
        r = s.ask(path, "PATCH")
        ok(f"PATCH {path}", r.status == 405 and r.header("Allow") == allowed and r.json()["code"] == 8, r.headers)
    for target, status in (("http://site.example:81/search?q=supply", 200), ("HTTP://site.example/healthz", 200), ("https://site.example", 200), ("http://site.example/none", 404),
                           ("http:/search?q=supply", 404), ("ftp://site.example/search?q=supply", 404)):
        same(f"target {target}", raw(s, f"GET {target} HTTP/1.1")[0], status)
    ok("a target that names the site is believed", b'template="http://site.example:81/search?' in raw(s, "GET http://site.example:81/opensearch.xml HTTP/1.1")[2])
    status, headers, _ = raw(s, "OPTIONS * HTTP/1.1")
    same("OPTIONS *", (status, headers.get("allow")), (204, ["GET, HEAD, POST, DELETE, OPTIONS"]))
    same("GET *", raw(s, "GET * HTTP/1.1")[0], 404)
    get, head = s.ask(READS[0]), s.ask(READS[0], "HEAD")
    same("HEAD is GET without a body", (head.status, head.body, head.header("Content-Type"), head.header("ETag")), (200, b"", "application/json", get.header("ETag")))

    # every answer can be read by a page of the origin that may: also what is refused at the door
    with Server("-d", laws, cors_origin="https://app.example", max_client_rate=1) as slow:
        seen = {r.status: r for r in (slow.ask("/healthz") for _ in range(8))}
    seen[413] = s.ask("/docs", "POST", b"", Content_Length=str(1 << 40))
    status, headers, _ = raw(s, "GET /search?q=a HTTP/1.1", "X-Odd : 1")
    ok("400 at the door", status == 400 and headers["access-control-allow-origin"] == ["https://app.example"] and
       headers["x-content-type-options"] == ["nosniff"], headers)
    for status, r in seen.items():
        ok(f"{status} can be read by a page of another origin", r.header("Access-Control-Allow-Origin") == "https://app.example" and
           "Origin" in r.header("Vary") and r.header("X-Content-Type-Options") == "nosniff", r.headers)
    ok("429 came", 429 in seen and seen[429].header("Retry-After") == "1" and "Retry-After" in seen[429].header("Access-Control-Expose-Headers"), list(seen))
with open(os.path.join(tmp, "heads"), encoding="utf-8") as f:
    for line in map(json.loads, f):
        if line["method"] == "HEAD":
            same("what HEAD sent", line["bytes"], 0)

# ---- whose request it is ------------------------------------------------------------------------
log = os.path.join(tmp, "clients")
SAID = (("10.0.0.1", "10.0.0.1"), ("10.0.0.1, 10.0.0.2", "10.0.0.2"), (("6.6.6.6", "10.0.0.3"), "10.0.0.3"), (("6.6.6.6, 7.7.7.7", "10.0.0.4"), "10.0.0.4"),
        ("2001:db8::1", "2001:db8::1"), ("unknown", "127.0.0.1"), ("10.0.0.5, x\"y", "127.0.0.1"), ("", "127.0.0.1"), (("10.0.0.1", ""), "127.0.0.1"))
with Server("-d", laws, trusted_proxy="127.0.0.1", access_log=log) as s:
    for said, _ in SAID:
        raw(s, "GET /healthz HTTP/1.1", *(f"X-Forwarded-For: {x}" for x in ((said,) if isinstance(said, str) else said)))
with open(log, encoding="utf-8") as f:
    lines = [json.loads(line)["client"] for line in f]
for (said, wanted), client in zip(SAID, lines):
    same(f"X-Forwarded-For: {said}: the last that the proxy said", client, wanted)

# ---- bodies that nobody reads --------------------------------------------------------------------
with Server("-d", laws, token_file=token, max_body="16M", io_threads=1) as s:
    before = s.resident()
    chunk, sockets = b"x" * (4 << 20), []
    for verb in ("GET /search?q=supply", "POST /docs", "DELETE /docs/none", "POST /search", "PUT /docs"):
        for _ in range(6):
            c = s.connect()
            c.sendall(f"{verb} HTTP/1.1\r\nHost: a\r\nContent-Length: {len(chunk) + 1}\r\n\r\n".encode())
            c.sendall(chunk)
            sockets.append(c)
    same("beside them", s.search("supply").status, 200)
    more = s.resident() - before
    ok(f"30 bodies of 4 MiB take {more >> 20} MiB", more < 40 << 20)
    said = []
    for c in sockets:
        c.sendall(b"x")
        said.append(int(c.recv(65536).split()[1]))
        c.close()
    same("what they are answered", [said[i] for i in range(0, 30, 6)], [200, 401, 401, 405, 405])
    r = s.ask("/docs", "POST", json.dumps({"id": "new", "text": "y " * (1 << 20)}).encode(), Authorization=f"Bearer {SECRET}")
    ok("with the token a body is read", r.status == 200 and r.json()["documents"] == 1, r.text())
    same("without it no document is added", (s.ask("/docs", "POST", b'{"id":"z","text":"z"}').status, s.ask("/doc?id=z").status), (401, 404))

# ---- figures of every route ------------------------------------------------------------------------
with Server("-d", laws) as s:
    asked = {"home": "/", "advanced": "/advanced", "help": "/help", "static": "/static/x/page.css", "search": "/search?q=a", "suggest": "/suggest?q=a",
             "doc": "/doc?id=d1", "concordance": "/docs/concordance?q=a", "histogram": "/docs/histogram?q=a", "facets": "/docs/facets?q=a",
             "opensearch": "/opensearch.xml", "openapi": "/openapi.json", "healthz": "/healthz", "none": "/nothing", "metrics": "/metrics"}
    for path in asked.values():
        s.ask(path)
    s.ask("/docs", "POST", b"{}")
    s.ask("/docs/x", "DELETE")
    s.ask("/search?q=a", Accept="text/html")
    names = (*asked, "add", "delete")
    begin, figures = time.monotonic(), {}
    while time.monotonic() - begin < 20:  # an answer is counted when it has gone out
        text = s.ask("/metrics").text()
        figures = {name: [int(n) for n in re.findall(rf'cdgsearchd_requests_total{{route="{name}",status="[2-5]xx"}} (\d+)', text)] for name in names}
        if all(map(sum, figures.values())) and sum(figures["search"]) > 1:
            break
    for name in names:
        n = sum(figures[name])
        ok(f"figures of {name}", len(figures[name]) == 4 and (n >= 1 if name == "metrics" else n == (2 if name == "search" else 1)), figures[name])
end()
