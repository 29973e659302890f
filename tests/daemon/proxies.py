#!/usr/bin/env python3
"""proxies.py - contrib/proxy/ as it is shipped, with the proxies themselves before cdgsearchd:
https, what strangers may not see, several indexes, gzip and tags, who asked, long queries,
changes, errors, and a server that is gone."""
import gzip
import http.client
import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
import time
import urllib.parse

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from _server import Answer, Server, end, free_port, make_index, ok, same, skip, tmp  # noqa: E402

NAME = "search.example"
TOKEN = os.path.join(tmp, "token")
with open(TOKEN, "w", encoding="ascii") as f:
    f.write("s3cret-of-sixteen")
os.chmod(TOKEN, 0o600)
os.chmod(tmp, 0o755)


def shipped(name, backend, **changes):
    """A file of contrib/proxy for other ports; each change must be one that can be made."""
    with open(f"contrib/proxy/{name}", encoding="utf-8") as f:
        text = f.read()
    for old, new in {"127.0.0.1:8642": f"127.0.0.1:{backend}", **changes}.items():
        if old not in text:
            raise RuntimeError(f"{name} has no {old!r}")
        text = text.replace(old, new)
    return text


class Front:
    """A proxy: its command, its port, and the certificate it is known by."""

    def __init__(self, command, port, root, env=None):
        self.port, self.root = port, root
        self.log = os.path.join(tmp, f"proxy.{port}")
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env={**os.environ, **(env or {})})

    def ask(self, path, method="GET", body=None, source=None, **headers):
        raw = socket.create_connection(("127.0.0.1", self.port), timeout=60, source_address=(source, 0) if source else None)
        c = http.client.HTTPSConnection(NAME, timeout=60)
        try:
            c.sock = ssl.create_default_context(cafile=self.root).wrap_socket(raw, server_hostname=NAME)
            c.request(method, path, body, {k.replace("_", "-"): v for k, v in headers.items()})
            r = c.getresponse()
            return Answer(r.status, r.getheaders(), r.read())
        finally:
            raw.close()
            c.close()

    def await_start(self):
        why = ""
        for _ in range(600):
            try:
                return self.ask("/search?q=supply").status
            except OSError as e:
                why = e
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        with open(self.log, encoding="utf-8", errors="replace") as f:
            return f"{why}: {f.read()[-500:]}"

    def stop(self):
        self.process.terminate()
        self.process.wait(60)


def nginx(backend):
    port, key, cert = free_port(), os.path.join(tmp, "key.pem"), os.path.join(tmp, "cert.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={NAME}", "-addext",
                    f"subjectAltName=DNS:{NAME}", "-keyout", key, "-out", cert], check=True, capture_output=True)
    conf = shipped("nginx.conf", backend, **{"listen 443 ssl": f"listen 127.0.0.1:{port} ssl", f"/etc/ssl/{NAME}.pem": cert,
                                              f"/etc/ssl/private/{NAME}.key": key})
    temp = " ".join(f"{k}_temp_path {tmp}/{k};" for k in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    path = os.path.join(tmp, "nginx.conf")
    with open(path, "w", encoding="utf-8") as f:
        f.write(f"daemon off; pid {tmp}/nginx.pid; error_log stderr; events {{}}\nhttp {{ access_log off; {temp}\n{conf}\n}}\n")
    return Front(["nginx", "-c", path], port, cert)


def caddy(backend):
    port, data = free_port(), os.path.join(tmp, "caddy")
    conf = shipped("Caddyfile", backend, **{f"\n{NAME} {{": f"\nhttps://{NAME}:{port} {{\n\ttls internal\n\tbind 127.0.0.1"})
    path = os.path.join(tmp, "Caddyfile")
    with open(path, "w", encoding="utf-8") as f:
        f.write(f"{{\n\tadmin off\n\tskip_install_trust\n\tauto_https disable_redirects\n\tstorage file_system {data}\n}}\n{conf}")
    return Front(["caddy", "run", "--adapter", "caddyfile", "--config", path], port, os.path.join(data, "pki/authorities/local/root.crt"),
                 {"XDG_CONFIG_HOME": data, "XDG_DATA_HOME": data, "HOME": data})


def logged(path):
    with open(path, encoding="utf-8") as f:
        return [json.loads(line) for line in f]


def until_logged(path, n):
    """The log once it has n lines: they are written when an answer is gone."""
    for _ in range(400):
        lines = logged(path)
        if len(lines) >= n:
            break
        time.sleep(0.05)
    return lines


def try_proxy(name, make):
    laws = make_index(f"{name}.laws", [{"id": f"d{i}", "text": f"supply chain {i} " * 50} for i in range(30)])
    plans = make_index(f"{name}.plans", [{"id": "p1", "text": "a plan for rivers"}])
    access = os.path.join(tmp, f"{name}.log")
    s = Server("-d", f"{name}={laws}", index=f"plans={plans}", trusted_proxy="127.0.0.1", public_url=f"https://{NAME}", access_log=access, token_file=TOKEN)
    front = make(s.port)
    try:
        if not same(f"{name}: https", front.await_start(), 200):
            return
        check(name, front, access)
        s.stop()
        same(f"{name}: a server that is gone", front.ask("/search?q=supply").status, 502)
        s = Server("-d", laws, listen=f"127.0.0.1:{s.port}", trusted_proxy="127.0.0.1", max_client_rate=1)
        status = 502
        for _ in range(600):
            status = front.ask("/search?q=supply").status
            if status != 502:
                break
            time.sleep(0.05)
        ok(f"{name}: back again", status in (200, 429), status)
        got = [front.ask("/suggest?q=s").status for _ in range(20)]
        ok(f"{name}: one client asks too much", 429 in got, got)
        same(f"{name}: another is answered", front.ask("/suggest?q=s", source="127.0.0.2").status, 200)
    finally:
        front.stop()
        s.stop()


def check(name, front, access):
    page = front.ask("/search?q=supply", Accept="text/html")
    ok(f"{name}: the page, with its policy", page.status == 200 and "<mark>" in page.text() and page.header("Content-Security-Policy"), page.headers)
    ok(f"{name}: where the site is", f"https://{NAME}/" in front.ask("/opensearch.xml").text())
    w = "metrics"
    hidden = [p for p in (f"/{w}", f"/{w}?x", f"//{w}", f"/./{w}", f"/x/../{w}", f"/%{ord(w[0]):x}{w[1:]}",
              f"/in/plans/{w}", f"/in/plans//{w}", f"/{w}/", f"/{w.upper()}", f"/{w};x", f"/{w}%00", f"/{w}%2f")]
    seen = {p: r.status for p in hidden for r in [front.ask(p)] if r.status < 300 or b"cdgsearchd_" in r.body}
    same(f"{name}: figures are the operator's", seen, {})
    same(f"{name}: what cdgsearch -d begins with", [x["name"] for x in front.ask("/in/plans/healthz").json()["indexes"]], [f"{name}", "plans"])
    same(f"{name}: another index", front.ask("/in/plans/search?q=river").json()["total"], 1)
    packed = front.ask("/search?q=supply&n=30", Accept_Encoding="gzip")
    ok(f"{name}: gzip", packed.header("Content-Encoding") == "gzip" and json.loads(gzip.decompress(packed.body))["total"] == 30, packed.headers)
    tag = packed.header("ETag")
    again = front.ask("/search?q=supply&n=30", Accept_Encoding="gzip", If_None_Match=tag or "")
    same(f"{name}: not sent twice", (again.status, again.body), (304, b""))
    none = front.ask("/nothing")
    same(f"{name}: errors come through", (none.status, none.header("Content-Type")), (404, "application/problem+json"))
    long = front.ask("/search?" + urllib.parse.urlencode({"q": "supply " + "水" * 1350}))
    same(f"{name}: as long a query as may be", long.status, 200)
    n = len(logged(access))
    front.ask("/suggest?q=s", X_Forwarded_For="203.0.113.9", X_Real_IP="203.0.113.9", Forwarded="for=203.0.113.9")
    front.ask("/suggest?q=s", source="127.0.0.3")
    lines = until_logged(access, n + 2)
    ok(f"{name}: who asked, whatever he says", [x["client"] for x in lines if x["route"] == "suggest"] == ["127.0.0.1", "127.0.0.3"], lines[-3:])
    many = "".join(json.dumps({"id": f"n{i}", "text": "harbour " * 200}) + "\n" for i in range(2000)).encode()
    r = front.ask("/docs", "POST", many, Authorization="Bearer s3cret-of-sixteen")
    ok(f"{name}: {len(many) >> 10} KB of documents", r.status == 200 and r.json()["documents"] == 2000, (r.status, r.text()[:200]))
    r = front.ask("/docs", "POST", iter([b'{"id":"s1","text":"a stream"}\n', b'{"id":"s2","text":"a stream"}\n']), Authorization="Bearer s3cret-of-sixteen")
    ok(f"{name}: documents in chunks", r.status == 200 and r.json()["documents"] == 2, (r.status, r.text()[:200]))
    same(f"{name}: found at once", front.ask("/search?q=harbour").json()["total"], 2000)
    same(f"{name}: not without the token", front.ask("/docs", "POST", b'{"text":"x"}').status, 401)


for program, make, also in (("nginx", nginx, "openssl"), ("caddy", caddy, "caddy")):
    if shutil.which(program) and shutil.which(also):
        try_proxy(program, make)
    else:
        skip(f"{program} is missing: its file is not tried")
end()
