#!/usr/bin/env python3
"""attacks.py - clients that mean ill, each beside one that does not: while they attack, the
good one gets the right answer within a bound; and the server lives, with its memory bounded
and its log one JSON line a request.

The bound is BOUND seconds for one answer, on a machine that does other things too.
CDG_FUZZ_SECONDS: how long changed requests are sent (5); the seed is printed, CDG_SEED sets it.
"""
import http.client
import json
import os
import random
import resource
import socket
import ssl
import sys
import threading
import time
import urllib.parse

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from _server import BUILD, Server, end, make_index, ok, same, skip, tmp  # noqa: E402

SLOW = "san" in BUILD  # an instrumented build
BOUND = 4.0 if SLOW else 1.5
seed = int(os.environ.get("CDG_SEED", random.SystemRandom().randrange(1 << 32)))
rng = random.Random(seed)
print("seed", seed, flush=True)
resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)

DOCS, WORDS = (1500, 4000) if SLOW else (12000, 40000)
vocabulary = ["".join(rng.choice("abcdeilnorst") for _ in range(rng.randrange(3, 11))) for _ in range(WORDS)]
records = [{"id": f"d{i}", "title": f"Document {i}", "type": f"t{i % 9}", "date": f"{1990 + i % 30}-01-01",
            "text": f"own{i} common a{i % 7} " + " ".join(rng.choice(vocabulary) for _ in range(60)) + " aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}
           for i in range(DOCS)]
records.append({"id": "x\r\nSet-Cookie: a=b", "title": "Line\r\nbreak: <script>", "text": "oddity\r\nX-Evil: 1"})
index = make_index("big", records)
log = os.path.join(tmp, "access.log")


def request(path, *headers, method="GET", version="HTTP/1.1"):
    return "\r\n".join([f"{method} {path} {version}", "Host: x", *headers, "", ""]).encode()


CLOSE = request("/healthz", "Connection: close")


def answers(got):
    """What a client reads: (status, headers, body) until one says that it was the last."""
    out = []
    while got.startswith(b"HTTP/1."):
        head, sep, rest = got.partition(b"\r\n\r\n")
        if not sep:
            break
        lines = head.decode("latin-1").split("\r\n")
        fields = {k.strip().lower(): v.strip() for k, _, v in (x.partition(":") for x in lines[1:])}
        n = int(fields.get("content-length", 0))
        out.append((int(lines[0].split()[1]), fields, rest[:n]))
        got = rest[n:]
        if fields.get("connection", "").lower() == "close":
            break
    return out


def connect(s, address=None):
    c = socket.create_connection(("127.0.0.1", s.port), timeout=30, source_address=(address, 0) if address else None)
    return c


class Good(threading.Thread):
    """Asks for one document of its own every few milliseconds, on a new connection each."""

    def __init__(self, s):
        super().__init__(daemon=True)
        self.s, self.stopping, self.times, self.wrong = s, False, [], []

    def run(self):
        n = 0
        while not self.stopping:
            n = (n + 1) % DOCS
            begin = time.monotonic()
            try:
                r = self.s.ask(f"/search?q=own{n}", timeout=30)
                good = r.status == 200 and [h["id"] for h in r.json()["hits"]] == [f"d{n}"]
                what = r.text()[:200]
            except (OSError, http.client.HTTPException, ValueError, KeyError) as e:
                good, what = False, repr(e)
            self.times.append(time.monotonic() - begin)
            if not good:
                self.wrong.append(what)
            time.sleep(0.01)


class beside:
    """with beside(s, "attack"): ... - the good client meanwhile, and what it got."""

    def __init__(self, s, name, bound=None, seconds=0.3):
        self.s, self.name, self.bound, self.seconds = s, name, bound or BOUND, seconds

    def __enter__(self):
        self.good = Good(self.s)
        self.begin = time.monotonic()
        self.good.start()
        return self

    def __exit__(self, kind, *_):
        time.sleep(max(0, self.seconds - (time.monotonic() - self.begin)))
        self.good.stopping = True
        self.good.join(40)
        t = sorted(self.good.times)
        ok(f"{self.name}: another client is answered ({len(t)}, p95 {t[len(t) * 95 // 100] * 1e3:.0f} ms, at most {t[-1] * 1e3:.0f} ms)",
           t and not self.good.wrong and t[-1] < self.bound, self.good.wrong[:2] or f"bound {self.bound} s")
        ok(f"{self.name}: the server lives", self.s.alive(), self.s.said()[-600:])


def in_threads(n, run):
    threads = [threading.Thread(target=run, args=(i,), daemon=True) for i in range(n)]
    for t in threads:
        t.start()
    return threads


# ---- heads and bodies that can be read in two ways -------------------------------------------
def smuggling(s):
    inner = request("/in/big/search?q=own7", "Connection: close")
    n = len(inner)
    post = ["POST /search HTTP/1.1", "Host: x"]

    def shape(*lines, body=inner):
        return "\r\n".join([*post, *lines, "", ""]).encode("latin-1") + body

    shapes = {
        "CL.TE": shape("Content-Length: 6", "Transfer-Encoding: chunked", body=b"0\r\n\r\n" + inner),
        "TE.CL": shape("Transfer-Encoding: chunked", "Content-Length: 4", body=b"5c\r\n" + inner),
        "two lengths": shape("Content-Length: 0", f"Content-Length: {n}"),
        "two lengths, turned": shape(f"Content-Length: {n}", "Content-Length: 0"),
        "a list of lengths": shape(f"Content-Length: {n}, 0"),
        "length with sign": shape(f"Content-Length: +{n}"),
        "length below zero": shape("Content-Length: -1"),
        "length in hex": shape(f"Content-Length: 0x{n:x}"),
        "length past 64 bits": shape("Content-Length: 184467440737095516160"),
        "length with a zero first": shape(f"Content-Length: 0{n}"),
        "no length": shape("Content-Length:"),
        "space before the colon": shape(f"Content-Length : {n}"),
        "space before the colon of TE": shape("Transfer-Encoding : chunked", f"Content-Length: {n}"),
        "folded length": shape("Content-Length: 0", " 5"),
        "folded coding": shape("Transfer-Encoding: chunked", " x", body=b"0\r\n\r\n" + inner),
        "folded first header": b"POST /search HTTP/1.1\r\n Content-Length: %d\r\nHost: x\r\n\r\n" % n + inner,
        "another coding": shape("Transfer-Encoding: xchunked"),
        "vertical tab before the coding": shape("Transfer-Encoding:\x0bchunked", f"Content-Length: {n}"),
        "chunked in 1.0": b"POST /search HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + inner,
        "bare LF": b"POST /search HTTP/1.1\nHost: x\nContent-Length: %d\n\n" % n + inner,
        "bare CR": shape("X: a\rContent-Length: 0", f"Content-Length: {n}"),
        "NUL": shape("X: a\0b", f"Content-Length: {n}"),
        "name with a space": shape(f"Content Length: {n}"),
        "two hosts": shape("Host: y", f"Content-Length: {n}"),
        "chunk below zero": shape("Transfer-Encoding: chunked", body=b"-1\r\n\r\n" + inner),
        "chunk past 64 bits": shape("Transfer-Encoding: chunked", body=b"10000000000000000\r\n\r\n" + inner),
        "chunk ended by LF": shape("Transfer-Encoding: chunked", body=b"0\n\n" + inner),
        "chunk with 0x": shape("Transfer-Encoding: chunked", body=b"0x0\r\n\r\n" + inner),
        "GET with a body": request("/search?q=own1", f"Content-Length: {n}") + inner,
        "space before the method": b" " + request("/search?q=own1", f"Content-Length: {n}") + inner,
    }
    bad, leaked = [], []
    for name, data in shapes.items():
        got = s.raw(data, timeout=0.3)
        if len(answers(got)) > 1:
            bad.append((name, got[:300]))
        if b'"own7"' in got:
            leaked.append((name, got[-300:]))
    same(f"{len(shapes)} shapes of smuggling: never two answers to one request", bad, [])
    same("the request in a body is not answered", leaked, [])


# ---- what comes back in a header ----------------------------------------------------------------
def headers(s):
    bad = []
    for text in ("a\r\nX-Evil: 1", "a\nX-Evil: 1", "a\rX-Evil: 1", "\u560a\u560dX-Evil: 1", "a\x00\r\nX-Evil: 1"):
        q = urllib.parse.quote(text)
        for path in (f"/search?q={q}&format=csv", f"/search?format={q}", f"/in/{q}/search?q=a", f"/doc?id={q}", f"/{q}", f"/docs/{q}",
                     f"/search?q=a&lang={q}", f"/search?q=a&sort={q}", f"/search?q=a&facet={q}", f"/search?{q}={q}", f"/docs/histogram?by={q}"):
            for method in ("GET", "OPTIONS", "DELETE"):
                got = s.raw(request(path, "Connection: close", method=method))
                for status, fields, _ in answers(got)[:1]:
                    if "x-evil" in fields or status >= 500:
                        bad.append((path, got[:300]))
                if not got:
                    bad.append((path, "no answer"))
    r = s.ask("/search?q=oddity")
    ok("a title and an id with line ends", r.status == 200 and r.json()["total"] == 1 and "Set-Cookie" not in dict(r.headers), r.text())
    for host in ("evil.example\tX", "a\"b", "<script>", "x" * 5000, "a, b", "[::1", "\xff\xfe"):
        for path in ("/opensearch.xml", "/openapi.json", "/search?q=common"):
            got = s.raw(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode("latin-1"))
            a = answers(got)
            if len(a) != 1 or a[0][0] >= 500 or b"<script>" in got:
                bad.append((host, path, got[:200]))
    same("headers that are injected", bad, [])


def paths(s):
    bad = []
    up = ["../" * k + "etc/passwd" for k in (1, 3, 8)] + ["%2e%2e/" * 8 + "etc/passwd", "..%2f" * 8 + "etc/passwd", "%252e%252e/etc/passwd",
                                                          "..%5c..%5cetc", "....//....//etc/passwd", "%c0%ae%c0%ae/etc/passwd", "..;/etc/passwd"]
    for base in ("/", "/static/", "/in/", "/in/big/", "/in/big/static/", "/doc/", "/docs/", "/in/../in/big/"):
        for x in up:
            r = answers(s.raw(request(base + x, "Connection: close")))
            if len(r) != 1 or r[0][0] not in (400, 404, 405) or b"root:" in r[0][2] or tmp.encode() in r[0][2]:
                bad.append((base + x, r))
    for path in (f"/doc?id={urllib.parse.quote('../../../../etc/passwd')}&q=a", "/doc?id=/etc/passwd", f"/doc?id={index}/MANIFEST",
                 f"/in/{urllib.parse.quote(index, safe='')}/search?q=a"):
        r = s.ask(path)
        if r.status != 404 or "root:" in r.text():
            bad.append((path, r.text()))
    same("paths that lead out", bad, [])


# ---- who is slow -----------------------------------------------------------------------------------
def slow(s):
    """Heads, bodies and answers a byte a time: ended by request-timeout and answer-timeout."""
    head = request("/search?q=own1", "X: " + "y" * 3000)
    body = request("/docs", "Content-Length: 100000", method="POST") + b"x" * 3000
    held = [(connect(s, "127.0.0.2"), d) for d in (head, body) for _ in range(40)]
    readers = []
    for _ in range(20):
        c = socket.socket()
        c.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        c.bind(("127.0.0.3", 0))
        c.connect(("127.0.0.1", s.port))
        c.sendall(request("/search?q=common&n=1000&snippets=5"))
        readers.append(c)
    begin, open_ = time.monotonic(), {c: d for c, d in held}
    at = 0
    while open_ and time.monotonic() - begin < 10:
        for c, d in list(open_.items()):
            try:
                c.send(d[at:at + 1])
            except OSError:
                del open_[c]
        for c in readers:
            try:
                c.setblocking(False)
                c.recv(1)
            except OSError:
                pass
        at += 1
        time.sleep(0.05)
    took = time.monotonic() - begin
    ok(f"who sends a byte a time is ended ({took:.1f} s)", not open_ and took < 6, len(open_))
    until = time.monotonic() + 40  # the last of their answers is made only when the others are
    while time.monotonic() < until and " 1\n" not in gauge(s):
        time.sleep(0.1)
    ok("who reads a byte a time, too", "cdgsearchd_connections 1\n" in gauge(s), gauge(s))
    for c in readers + [c for c, _ in held]:
        c.close()


def gauge(s, name="cdgsearchd_connections"):
    return next(x + "\n" for x in s.ask("/metrics").text().splitlines() if x.startswith(name + " "))


def large(s):
    bad = []
    for name, data, want in (
            ("a long first line", request("/" + "a" * 200000), {414}),
            ("a long query", request("/search?q=" + "a" * 30000), {414}),
            ("a query past the limit", request("/search?q=" + "a" * 5000, "Connection: close"), {414}),
            ("a long header", request("/healthz", "X: " + "a" * 200000), {431}),
            ("many headers", request("/healthz", *["a: b"] * 5000), {431}),
            ("some headers too many", request("/healthz", *["a: b"] * 150), {400}),
            ("many parameters", request("/search?" + "a=b&" * 4000), {414}),
            ("some parameters too many", request("/search?" + "a=b&" * 300), {414}),
            ("a body of terabytes", request("/docs", f"Content-Length: {5 << 40}", method="POST"), {413}),
            ("one that is awaited", request("/docs", f"Content-Length: {5 << 40}", "Expect: 100-continue", method="POST"), {413}),
            ("a body in chunks without end", request("/docs", "Transfer-Encoding: chunked", method="POST") + b"1000\r\n" + b"x" * 4096, {411}),
            ("a body past the limit", request("/docs", "Content-Length: 2000000", "Connection: close", method="POST") + b"x" * 2000000, {413})):
        # the answer may be lost in a reset while more is sent: then nothing is there
        a = answers(s.raw(data, timeout=0.5))
        if not (len(a) == 1 and a[0][0] in want) and not (not a and len(data) > 100000):
            bad.append((name, a))
    same("large heads and bodies", bad, [])


def idle(s):
    """10,000 connections that say nothing, from many addresses."""
    held, before = [], s.resident()
    try:
        for i in range(10000):
            held.append(connect(s, f"127.0.1.{i // 400 + 1}"))
    except OSError as e:
        skip(f"{len(held)} idle connections, not 10000: {e}")
    r = s.ask("/search?q=own5", timeout=30)
    more = (s.resident() - before) / 2**20
    ok(f"with {len(held)} idle connections an answer, {more:.0f} MB more", r.status == 200 and r.json()["total"] == 1 and more < 400, more)
    return held


# ---- what is heavy ------------------------------------------------------------------------------------
HEAVY = ["/(a+)+$/", "/(a|a)*b/", "/(.*)*x/", "/a{1,30}{1,30}/", "/" + "(a?){30}" * 10 + "a/", "/" + "a?" * 500 + "a" * 500 + "/", "/((((((((((.*)*)*)*)*)*)*)*)*)*)*/",
         "*a*b*c*", "a*", "*a", "*", "**", "?*?*?*?*?*?*", "*a*e*i*o*n*s*t*", "[a-z]*", "a* OR b* OR c* OR d* OR e*",
         "(" * 2000 + "common" + ")" * 2000, "(" * 4000, ")" * 4000, "NOT " * 1000 + "common", "-" * 4000 + "common", "common~9", "aaaaaaaaaa~3",
         "common" + " NEAR/1000 common" * 200, "common" + " NEAR common" * 200, '"' + "common " * 500 + '"', '"' + "a* " * 300 + '"~1000',
         '"' * 4000, "a:" * 1500, "title:" * 600 + "x", " OR ".join(["common"] * 500), " ".join(f"own{i}*" for i in range(400)),
         " OR ".join(f"({a}* AND {b}*)" for a in "abcdefghij" for b in "abcdefghij"), "date:0001..9999 OR type:t*", "common^99999999999",
         "\\" * 4000, "\u0301" * 2000, "\ufdfa" * 1000, "\U0001f468\u200d" * 500, "\x00\x01\x02", "AND OR NOT NEAR", "common NEAR/99999999999999999999 a1"]


def heavy_paths():
    for q in HEAVY:
        yield "/search?" + urllib.parse.urlencode({"q": q, "snippets": 20, "facet": "type"})
    for q in ("common", "a*"):
        yield "/search?" + urllib.parse.urlencode({"q": q, "n": 1000, "offset": 10000, "snippets": 20, "snippet_length": 2000})
        yield "/search?" + urllib.parse.urlencode({"q": q, "n": 1000, "sort": "-date,title"})
        yield "/search?" + urllib.parse.urlencode([("q", q)] + [("facet", f"type:{i + 1}") for i in range(60)])
        yield "/search?" + urllib.parse.urlencode([("q", q)] + [("filter", "a*") for _ in range(100)])
        yield "/docs/concordance?" + urllib.parse.urlencode({"q": q, "n": 1000, "sort": "left", "context": "500w"})
        yield "/docs/histogram?" + urllib.parse.urlencode({"q": q, "by": "month"})
        yield "/doc?" + urllib.parse.urlencode({"q": q + " OR /(a+)+$/ OR *e*", "id": "d1"})


def heavy(s):
    slowest, bad = (0, ""), []
    for path in heavy_paths():
        begin = time.monotonic()
        r = s.ask(path, timeout=60)
        took = time.monotonic() - begin
        slowest = max(slowest, (took, path[:120]))
        try:
            good = r.status in (200, 400, 413, 414, 503, 504) and isinstance(r.json(), dict)
        except ValueError:
            good = False
        if not good:
            bad.append((path[:200], r.status, r.text()[:200]))
    same("queries that explode: a clear answer, valid JSON", bad, [])
    # printing comes after it
    ok(f"the slowest took {slowest[0]:.2f} s, the time limit is {LIMIT} s", slowest[0] < (30 if SLOW else LIMIT + 2), slowest)


def greedy(s):
    """A hundred connections that ask the heaviest all the time."""
    paths_, stop = list(heavy_paths()), []

    def run(i):
        r = random.Random(seed + i)
        while not stop:
            try:
                c = connect(s, "127.0.0.2")
                c.sendall(request(r.choice(paths_), "Connection: close"))
                while c.recv(65536) and not stop:
                    pass
                c.close()
            except OSError:
                pass

    threads = in_threads(100, run)
    with beside(s, "a greedy client with 100 heavy queries at once", seconds=4):
        pass
    stop.append(1)
    for t in threads:
        t.join(30)


# ---- who goes, and who mixes up ---------------------------------------------------------------------------
def leavers(s):
    r = random.Random(seed)
    query = request("/search?q=common&n=1000&snippets=20")
    post = request("/docs", "Content-Length: 500", method="POST") + b"x" * 100
    for k in range(150):
        c = connect(s, "127.0.0.2")
        data = (b"", query[:r.randrange(1, len(query))], post, query, query, query * 3)[k % 6]
        c.sendall(data)
        if k % 6 == 4:
            c.recv(100)
        if r.random() < 0.5:  # a reset
            c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        elif r.random() < 0.3:
            c.shutdown(socket.SHUT_WR)
        c.close()


def pipelined(s):
    n = 3000
    c = connect(s, "127.0.0.2")
    data = b"".join(request(f"/search?q=own{i % DOCS}&snippets=0", *(["Connection: close"] if i == n - 1 else [])) for i in range(n))
    threading.Thread(target=c.sendall, args=(data,), daemon=True).start()
    got = bytearray()
    while more := c.recv(1 << 20):
        got += more
    c.close()
    names = [json.loads(b)["query"] for _, _, b in answers(bytes(got))]
    same(f"{n} requests at once on one connection: each its own answer, in order", names == [f"own{i % DOCS}" for i in range(n)], True)


def own_answers(s):
    """Each answer names the query it is for."""
    wrong, right = [], []

    def run(i):
        c = http.client.HTTPConnection("127.0.0.1", s.port, timeout=60)
        for k in range(60):
            n = (i * 997 + k * 31) % DOCS
            path = (f"/search?q=own{n}", f"/doc?id=d{n}&q=own{n}", f"/docs/concordance?q=own{n}", f"/search?q=own{n}&format=csv")[k % 4]
            c.request("GET", path, headers={"Accept-Encoding": "identity"})
            text = c.getresponse().read().decode()
            if f"own{n}" not in text or text.count(f'"d{n}"') + text.count(f",d{n},") < 1 or f"own{(n + 31) % DOCS} " in text:
                wrong.append((path, text[:300]))
            else:
                right.append(path)
        c.close()

    for t in in_threads(24, run):
        t.join(120)
    same("24 clients at once: no answer has another's data", (wrong[:2], len(right)), ([], 24 * 60))


def protocols(s):
    bad = []
    for name, data, want in (
            ("HTTP/0.9", b"GET /healthz\r\n\r\n", {400, None}), ("HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {400, 505, None}),
            ("HTTP/1.1x", request("/", version="HTTP/1.1x"), {400, None}), ("no host", b"GET / HTTP/1.1\r\n\r\n", {400}),
            ("a method", request("/search?q=a", "Connection: close", method="BREW"), {405}), ("TRACE", request("/healthz", "Connection: close", method="TRACE"), {405}),
            ("a long method", request("/", "Connection: close", method="A" * 5000), {400, 404, 405, None}), ("CONNECT", request("evil:443", "Connection: close", method="CONNECT"), {400, 404, 405}),
            ("*", request("*", "Connection: close", method="OPTIONS"), {204, 400, 404}), ("an address", request("http://evil/healthz", "Connection: close"), {200, 400, 404}),
            ("no slash", request("healthz", "Connection: close"), {400, 404, None}), ("only ends of lines", b"\r\n" * 2000, {None}), ("NULs", b"\0" * 4000, {400, None}),
            ("%00", request("/search%00?q=own1%00", "Connection: close"), {404}), ("%00 in a query", request("/search?q=own1%00zz", "Connection: close"), {200, 400}),
            ("% and no number", request("/search?q=%&%=%zz&n=%3", "Connection: close"), {400}), ("not UTF-8", request("/search?q=%ff%fe%c3%28%ed%a0%80", "Connection: close"), {200}),
            ("raw bytes", b"GET /search?q=\xff\xfe\x80 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", {200, 400})):
        a = answers(s.raw(data, timeout=0.5))
        status = a[0][0] if a else None
        if status not in want or len(a) > 1:
            bad.append((name, a))
        if a and a[0][1].get("content-type", "").endswith("json") and a[0][2]:
            json.loads(a[0][2].decode("utf-8"))
    same("other protocols, methods and bytes", bad, [])
    try:
        ssl._create_unverified_context().wrap_socket(connect(s)).close()
        ok("a TLS hello is refused", False)
    except (ssl.SSLError, OSError):
        ok("a TLS hello is refused", True)
    a = answers(s.raw(request("/search?q=common", "Connection: close", method="HEAD")))
    got = s.raw(request("/search?q=common", "Connection: close", method="HEAD"))
    ok("HEAD has no body", len(a) == 1 and a[0][0] == 200 and got.endswith(b"\r\n\r\n"), got[-100:])


def mutate(s, seconds):
    """Requests with bytes changed: an answer or an end, never two of one; JSON stays JSON."""
    r = random.Random(seed)
    seeds = [request("/search?q=own1&n=3&facet=type&filter=type:t1&sort=-date", "Accept: */*", "Accept-Encoding: gzip;q=0"),
             request("/doc?id=d1&q=own1&from=0&to=50", 'If-None-Match: W/"abc"'), request("/in/big/docs/histogram?q=a*&by=year", "X-Forwarded-For: 1.2.3.4"),
             request("/docs/concordance?q=%22common+a1%22&context=5w&sort=left"), request("/docs/abc", "Authorization: Bearer x", method="DELETE"),
             request("/docs", "Content-Length: 4", "Content-Type: application/json", method="POST") + b"{}\n\n",
             request("/search", "Access-Control-Request-Method: GET", "Origin: http://a", method="OPTIONS")]
    pieces = [b"\r\n", b"\n", b"\r", b"\0", b" ", b"\t", b"%", b"%00", b"%0d%0a", b"&", b"=", b"?", b"/", b"..", b"\xff", b":", b"a" * 3000, b"9" * 30, b"-1", b"*", b'"', b"(" * 50,
              b"Content-Length: 3\r\n", b"Transfer-Encoding: chunked\r\n", b"HTTP/1.1", b"q=", b"&n=1e9", b"\xe2\x82", b"Connection: close\r\n"]
    until, count, bad, c = time.monotonic() + seconds, 0, [], None
    while time.monotonic() < until and not bad:
        data = bytearray(r.choice(seeds))
        for _ in range(r.randrange(1, 6)):
            at = r.randrange(len(data) + 1)
            kind = r.randrange(4)
            if kind == 0:
                data[at:at] = r.choice(pieces)
            elif kind == 1:
                del data[at:at + r.randrange(1, 20)]
            elif kind == 2 and at < len(data):
                data[at] = r.randrange(256)
            else:
                a, b = sorted((r.randrange(len(data) + 1), at))
                data[at:at] = data[a:b]
        c = connect(s, "127.0.0.2")
        c.settimeout(0.02)
        got = b""
        try:
            c.sendall(data)
            if r.random() < 0.7:
                c.shutdown(socket.SHUT_WR)
                c.settimeout(0.2)
            while more := c.recv(65536):
                got += more
        except OSError:
            pass
        c.close()
        count += 1
        for status, fields, body in answers(got):
            if status == 500 or status > 505:
                bad.append((bytes(data), got[:300]))
            if fields.get("content-type", "") in ("application/json", "application/problem+json") and body:
                try:
                    json.loads(body.decode("utf-8"))
                except ValueError:
                    bad.append((bytes(data), got))
        if got and not got.startswith(b"HTTP/1."):
            bad.append((bytes(data), got[:300]))
        if not s.alive():
            bad.append((bytes(data), "the server ended"))
    same(f"{count} changed requests (seed {seed})", bad, [])


LIMIT = 0.5
only = sys.argv[1:]


def wanted(name):
    return not only or name in only


with Server("-d", f"big={index}", access_log=log, max_body="1M", time_limit=int(LIMIT * 1000), log_queries="yes") as s:
    begin_memory = s.resident()
    for attack in (smuggling, headers, paths, large, heavy, leavers, pipelined, own_answers, protocols):
        if wanted(attack.__name__):
            began = time.monotonic()
            with beside(s, attack.__name__):
                attack(s)
            print(f"  {attack.__name__}: {time.monotonic() - began:.1f} s", flush=True)
    if wanted("greedy"):
        greedy(s)
    if wanted("mutate"):
        with beside(s, "changed requests"):
            mutate(s, float(os.environ.get("CDG_FUZZ_SECONDS", 5)))
    grown = (s.resident() - begin_memory) / 2**20
    ok(f"memory stays bounded: {grown:.0f} MB more", grown < (1500 if SLOW else 300), grown)
    same("ends as it should", s.stop(), 0)
with open(log, "rb") as f:
    wrong = []
    for line in f:
        try:
            json.loads(line.decode("utf-8"))
        except ValueError as e:
            wrong.append((e, line[:300]))
same("each line of the log is JSON", wrong[:3], [])

if wanted("slow"):
    with Server("-d", index, request_timeout=1500, answer_timeout=2000) as s, beside(s, "slow clients"):
        slow(s)
if wanted("idle"):
    with Server("-d", index, max_connections=12000) as s:
        held = []
        with beside(s, "10,000 idle connections", seconds=1):
            held = idle(s)
        for c in held:
            c.close()
    with Server("-d", index, max_connections=1000) as s:
        with beside(s, "more idle connections than there are places", seconds=1):
            held = idle(s)
        for c in held:
            c.close()
end()
