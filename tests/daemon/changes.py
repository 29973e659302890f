#!/usr/bin/env python3
"""changes.py - POST /docs and DELETE /docs/ID: only with the token, all or nothing, seen at
once; and what the site says of itself."""
import json
import os
import shutil
import subprocess
import sys
import threading
import xml.etree.ElementTree as ET

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from _server import PROGRAM, Server, end, make_index, ok, same, tmp  # noqa: E402

laws = make_index("laws", [{"id": "a/1", "title": "One", "text": "first supply"}, {"id": "b", "text": "second supply"}])
token = os.path.join(tmp, "token")
SECRET = "0123456789abcdef-secret"
with open(token, "w", encoding="ascii") as f:
    f.write(SECRET + "\n")
JSONL = "application/jsonl"
os.chmod(token, 0o600)
bearer = {"Authorization": "Bearer " + SECRET}

with Server("-d", laws, token_file=token) as s:
    same("one that is kept well is not", "may read" in s.said(), False)
with Server("-d", laws) as s:
    for method, path in (("POST", "/docs"), ("DELETE", "/docs/b"), ("DELETE", "/docs?id=b")):
        same(f"off by default: {method} {path}", s.ask(path, method, b'{"id":"x","text":"y"}', **bearer).status, 403)
    same("nothing changed", s.search("supply").json()["total"], 2)

os.chmod(token, 0o644)
with Server("-d", laws, token_file=token, max_body="64K") as s:
    ok("a token that all may read is told of", f"every user of this machine may read {token}" in s.said(), s.said())
    for head in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer " + SECRET + "x"}, {"Authorization": "Bearer "},
                 {"Authorization": "Basic " + SECRET}, {"Authorization": SECRET}):
        r = s.ask("/docs", "POST", b'{"id":"x","text":"y"}', **head)
        ok(f"refused with {head}", r.status == 401 and r.header("WWW-Authenticate") == "Bearer", r.text())
        same(f"delete refused with {head}", s.ask("/docs/b", "DELETE", **head).status, 401)
    r = s.ask("/docs", "POST", json.dumps({"id": "c", "title": "Three", "text": "third supply", "type": "law"}).encode(),
              Content_Type="application/json", **bearer)
    ok("one record", r.status == 200 and r.json()["documents"] == 1 and r.json()["total"] == 3, r.text())
    same("is found at once", s.search("third").json()["hits"][0]["id"], "c")
    lines = "".join(json.dumps({"id": f"m{i}", "text": f"many supply {i}"}) + "\n" for i in range(50)) + "\n"
    r = s.ask("/docs", "POST", lines.encode(), Content_Type=JSONL, **bearer)
    ok("many", r.status == 200 and r.json()["documents"] == 50, r.text())
    r = s.ask("/docs", "POST", b'{"id":"m1","text":"replaced zzyzx"}', Content_Type=JSONL, **bearer)
    ok("replaced", r.json()["replaced"] == 1 and s.search("zzyzx").json()["total"] == 1, r.text())
    r = s.ask("/docs", "POST", b'{"id":"n1","text":"qqq"}\n{"id":"n2"}\n', Content_Type=JSONL, **bearer)
    ok("all or nothing", r.status == 422 and "line 2" in r.json()["detail"] and s.search("qqq").json()["total"] == 0, r.text())
    for body in (b"", b"\n\n", b"[1]", b"{", b"\xff\xfe", b"x" * 1000, b'{"id":"z","text":"t"', b"\0" * 100):
        r = s.ask("/docs", "POST", body, Content_Type=JSONL, **bearer)
        ok(f"bad body {body[:10]!r}", r.status == 422 and r.json()["code"] == 11, r.text())
    r = s.ask("/docs", "POST", b"x" * 70000, **bearer)
    same("too large", r.status, 413)
    same("deleted by path", s.ask("/docs/a%2F1", "DELETE", **bearer).json()["deleted"], 1)
    same("deleted by parameter", s.ask("/docs?id=b", "DELETE", **bearer).json()["deleted"], 1)
    same("not there", s.ask("/docs/none", "DELETE", **bearer).status, 404)
    same("a byte 0 ends no id", s.ask("/docs/c%00x", "DELETE", **bearer).status, 404)
    same("which?", s.ask("/docs/", "DELETE", **bearer).status, 400)
    same("they are gone", s.search("first OR second").json()["total"], 0)

    got = []
    threads = [threading.Thread(target=lambda i=i: got.append(
        s.ask("/docs", "POST", json.dumps({"id": f"t{i}", "text": "together"}).encode(), **bearer).status)) for i in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    same("eight at once", (got, s.search("together").json()["total"]), ([200] * 8, 8))
    ok("no token in what it says", SECRET not in s.said())

    # ---- what it says of itself ---------------------------------------------------------------
    r = s.ask("/opensearch.xml")
    root = ET.fromstring(r.body)
    space = "{http://a9.com/-/spec/opensearch/1.1/}"
    urls = root.findall(space + "Url")
    ok("opensearch.xml", root.tag == space + "OpenSearchDescription" and len(urls) == 3 and
       urls[0].get("template").startswith(f"http://127.0.0.1:{s.port}/search?q="), r.text())
    r = s.ask("/opensearch.xml", Host='"><script>alert(1)</script>')
    ok("a Host that is none", r.status == 400 and "<script" not in r.text(), r.text())
    api = s.ask("/openapi.json").json()
    same("openapi.json", api["openapi"], "3.1.0")
    for path in api["paths"]:
        for method in api["paths"][path]:
            status = s.ask(path.replace("{id}", "nothing"), method.upper(), b"{}" if method == "post" else None).status
            ok(f"{method} {path} is served", status not in (404, 405, 501), status)

with Server("-d", laws, title='A "Site" <of> & ours which is long', public_url="https://x.example/s/") as s:
    root = ET.fromstring(s.ask("/opensearch.xml").body)
    same("title and address of the operator", (root.find(space + "Description").text, root.find(space + "Url").get("template")[:31]),
         ('A "Site" <of> & ours which is long', "https://x.example/s/search?q={s"))
# ---- what is not there, or elsewhere ---------------------------------------------------------------
gone = make_index("gone", [{"id": "a", "text": "supply"}])
with Server("-d", laws) as far, Server("-d", f"laws={laws}", index=[f"gone={gone}", f"far=http://127.0.0.1:{far.port}"], token_file=token) as s:
    shutil.rmtree(gone)
    for method, path in (("POST", "/in/gone/docs"), ("DELETE", "/in/gone/docs/a")):
        r = s.ask(path, method, b'{"id":"x","text":"y"}', **bearer)
        ok(f"{method}: an index that was taken away is not made anew", r.status == 503 and r.json()["code"] == 10 and not os.path.exists(gone), r.text())
    for method, path, status in (("POST", "/in/far/docs", 400), ("GET", "/in/far/search?q=%22a&strict=1", 400), ("GET", "/in/far/doc?id=none", 404)):
        r = s.ask(path, method, b'{"id":"x","text":"y"}' if method == "POST" else None, **bearer)
        ok(f"{method} {path}: where the server is that it came from is not told", r.status == status and str(far.port) not in r.text(), r.text())

with open(token, "w", encoding="ascii") as f:
    f.write("short\n")
p = subprocess.run([PROGRAM, "-d", laws, "--token-file", token], capture_output=True, text=True, timeout=60, check=False)
ok("a token that could be guessed", p.returncode == 2 and "16 characters" in p.stderr, p.stderr)

# ---- CORS -----------------------------------------------------------------------------------------
with Server("-d", laws, cors_origin="https://app.example") as s:
    r = s.ask("/search?q=a", Origin="https://app.example")
    same("CORS", r.header("Access-Control-Allow-Origin"), "https://app.example")
    r = s.ask("/search?q=a", "OPTIONS", Origin="https://app.example")
    ok("preflight", r.status == 204 and "GET" in r.header("Access-Control-Allow-Methods"), r.headers)
with Server("-d", laws) as s:
    same("no CORS by default", s.ask("/search?q=a", Origin="https://app.example").header("Access-Control-Allow-Origin"), None)
end()
