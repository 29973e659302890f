#!/usr/bin/env python3
"""drain.py - the end of a server: SIGTERM at a moment of chance, under requests of many kinds on
connections that are kept, with and without a stop (SIGSTOP, SIGCONT) before it; a long queue, a
search that hangs, a body that never comes.  It ends with status 0, and within its time.
CDG_DRAIN_ROUNDS (8): how often the first is done."""
import http.client
import os
import random
import signal
import socket
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from _server import BUILD, Server, end, make_index, ok, same  # noqa: E402

SLOW = "san" in BUILD
ROUNDS = int(os.environ.get("CDG_DRAIN_ROUNDS", "4" if SLOW else "8"))
seed = int(os.environ.get("CDG_SEED", random.SystemRandom().randrange(1 << 32)))
rng = random.Random(seed)
print("seed", seed, flush=True)

words = [f"w{i}" for i in range(500)]
laws = make_index("laws", [{"id": f"d{i}", "title": f"Act {i}", "date": f"{2000 + i % 20}-05-01",
                            "text": "common supply " * 20 + " ".join(rng.choice(words) for _ in range(200))} for i in range(400)])
PATHS = ("/search?q=common&n=20", "/search?q=w1*+OR+supply&facet=date", "/doc?id=d7&q=common", "/suggest?q=w1", "/docs/concordance?q=common&n=300",
         "/healthz", "/nothing", "/docs/histogram?q=w2")


# ---- at any moment ------------------------------------------------------------------------

def client(port, ending, bad, number):
    """Asks over one connection as long as it lasts, then over the next, until there is none."""
    mine = random.Random(number)
    while True:
        c = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            while True:
                c.request("GET", mine.choice(PATHS))
                r = c.getresponse()
                r.read()
                if r.status not in (200, 404) and not (r.status == 503 and ending.is_set()):
                    bad.append(r.status)
                if r.will_close:
                    break
        except TimeoutError:
            bad.append("no answer within 60 s")
            return
        except (OSError, http.client.HTTPException):
            if ending.is_set():
                return
            bad.append("a connection broke before the end")
            return
        finally:
            c.close()


def round_(number, stop_it):
    listeners = ["127.0.0.1:0"] * 6  # they end one after the other: the last goes on meanwhile
    s = Server("-d", laws, listen=listeners, drain=20, idle_timeout=60)
    ports = [int(line.rsplit(":", 1)[1]) for line in s.said().split() if line.startswith("http://")]
    ending, bad = threading.Event(), []
    threads = [threading.Thread(target=client, args=(ports[i % len(ports)], ending, bad, number * 100 + i)) for i in range(12)]
    idle = [socket.create_connection(("127.0.0.1", p)) for p in ports * 4]
    for t in threads:
        t.start()
    time.sleep(rng.random() * 0.4)
    if stop_it:
        s.process.send_signal(signal.SIGSTOP)
        time.sleep(rng.random() * 0.1)
    ending.set()
    s.process.send_signal(signal.SIGTERM)
    if stop_it:
        time.sleep(rng.random() * 0.1)
        s.process.send_signal(signal.SIGCONT)
    begin = time.monotonic()
    for i in idle:  # who begins to ask while it ends
        try:
            i.sendall(b"GET /search?q=common HTTP/1.1\r\nHost: a\r\n\r\n")
        except OSError:
            pass
        time.sleep(rng.random() * 0.02)
    status = s.stop(0)
    took = time.monotonic() - begin
    for t in threads:
        t.join()
    for i in idle:
        i.close()
    ok(f"round {number}{', stopped before' if stop_it else ''}: ended after {took:.2f} s", status == 0 and not bad, (status, bad[:5], s.said()[-400:]))


for n in range(ROUNDS):
    round_(n, n % 3 == 2)


# ---- what lasts longer than it may -----------------------------------------------------------

class Mute:
    """A cdgsearchd to look at, which never answers a search: an index of another server that hangs."""

    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.asked = threading.Semaphore(0)
        self.held = []
        threading.Thread(target=self.serve, daemon=True).start()

    def address(self):
        return f"http://127.0.0.1:{self.socket.getsockname()[1]}"

    def serve(self):
        while True:
            s = self.socket.accept()[0]
            self.held.append(s)
            threading.Thread(target=self.answer, args=(s,), daemon=True).start()

    def answer(self, s):
        try:
            self.answer_all(s)
        except OSError:
            pass

    def answer_all(self, s):
        body = b'{"status":"ok","version":"1","indexes":[{"name":"x","serving":true,"documents":1,"generation":1}]}'
        got = b""
        while more := s.recv(65536):
            got += more
            if b"\r\n\r\n" not in got:
                continue
            if b"GET /healthz" in got:
                s.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
            else:
                self.asked.release()
            got = b""


def ended(name, s, most):
    """Told to end, it does within so many seconds, and with status 0."""
    begin = time.monotonic()
    status = s.stop()
    took = time.monotonic() - begin
    ok(f"{name}: ended after {took:.1f} s", status == 0 and took < most, (status, s.said()[-400:]))


mute = Mute()
DRAIN = 1
with Server("-d", f"laws={laws}", index=f"mute={mute.address()}", workers=2, drain=DRAIN, time_limit=300000, max_queue=1000) as s:
    sockets = []
    for _ in range(40):  # three have a thread, the others wait
        c = s.connect()
        c.sendall(b"GET /in/mute/search?q=a HTTP/1.1\r\nHost: a\r\n\r\n")
        sockets.append(c)
    for _ in range(2):
        ok("a search hangs", mute.asked.acquire(timeout=60))
    ended("searches that hang, and a queue behind them", s, 30)
    said = []
    for c in sockets:
        try:
            said.append(c.recv(65536)[:12])
        except ConnectionError:
            said.append(b"")
        c.close()
    # who was not yet let in hears nothing
    ok("who waited for a thread is told", b"HTTP/1.1 503" in said and set(said) <= {b"HTTP/1.1 503", b""}, said)
    ok("that some were given up is said", "given up" in s.said(), s.said())

with Server("-d", laws, drain=DRAIN) as s:
    c = s.connect()
    c.sendall(b"POST /docs HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf")
    same("beside it", s.search("common").status, 200)
    ended("a body that never comes", s, 30)
    c.close()
with Server("-d", laws, drain=100) as s:
    idle = [s.connect() for _ in range(50)]
    same("beside them", s.search("common").status, 200)
    ended("connections without a request", s, 50)
end()
