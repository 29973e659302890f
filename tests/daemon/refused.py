#!/usr/bin/env python3
"""refused.py - what the HTTP library refuses before a request is one: a line of the access log
each, and counted."""
import json
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from _server import Server, end, make_index, ok, same, tmp  # noqa: E402

laws = make_index("laws", [{"id": "a", "text": "first"}])
access = os.path.join(tmp, "access")


def logged(n, wanted):
    """The lines of the access log behind the n-th, once there are so many."""
    for _ in range(400):
        with open(access, encoding="utf-8") as f:
            lines = [json.loads(x) for x in f][n:]
        if len(lines) >= wanted:
            break
        time.sleep(0.05)
    return lines


get = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"
shapes = [("no Host", b"GET /healthz HTTP/1.1\r\n\r\n", 400, True), ("a long header", get + b"X: " + b"a" * 100000 + b"\r\n\r\n", 431, True),
          ("no header", get + b"nonsense\r\n\r\n", 400, True), ("no length", get + b"Content-Length: x\r\n\r\n", 400, True),
          ("another version", b"GET /healthz HTTP/2.0\r\nHost: x\r\n\r\n", 505, False), ("no version", b"GET /healthz HTTX\r\nHost: x\r\n\r\n", 400, False),
          ("a long first line", b"GET /" + b"a" * 100000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414, False)]
with Server("-d", laws, access_log=access) as s:
    for k, (name, data, status, known) in enumerate(shapes):
        s.raw(data, timeout=5)
        same(name, [(x["status"], x["client"], x["route"]) for x in logged(k, 1)], [(status, "127.0.0.1" if known else "", "refused")])
    # several at a time, beside connections that end and requests that are answered
    held = [s.connect() for _ in range(20)]
    for c in held:
        c.sendall(shapes[0][1] if held.index(c) % 2 else shapes[4][1])
    more = [s.connect() for _ in range(20)]
    for c in more:
        c.close()
    same("others are answered", [s.search("first").status for _ in range(5)], [200] * 5)
    for c in held:
        while c.recv(65536):
            pass
        c.close()
    lines = [(x["status"], x["client"]) for x in logged(len(shapes), 25) if x["route"] == "refused"]
    ok("each of several at a time is told", len([x for x in lines if x[0] == 505]) == 10 and len([x for x in lines if x == (400, "127.0.0.1")]) == 10, lines)
    figures = s.ask("/metrics").text()
    ok("and counted", all(f'{{route="refused",status="{c}"}} ' in figures for c in ("4xx", "5xx")), [x for x in figures.splitlines() if "refused" in x])
    counted = sum(int(x.split()[-1]) for x in figures.splitlines() if x.startswith('cdgsearchd_requests_total{route="refused"'))
    same("as many as were told", counted, len([x for x in logged(0, 0) if x["route"] == "refused"]))
    ok("the server lives", s.alive())
end()
