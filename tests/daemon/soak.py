#!/usr/bin/env python3
"""soak.py - many requests while an indexer commits: none fails, none is stale, memory and
descriptors stay flat.

    soak.py [--requests N] [--index DIR] [--queries FILE] [--clients N] [--every SECONDS]

Without options: 10,000 requests on 2,000 made-up records (make check).  The long form, on a
copy of an index (which it makes) and a file of {"text": ...} lines:

    tests/daemon/soak.py --requests 1000000 --index DIR --queries FILE

Clients are processes; each keeps a connection for 500 requests.  Every answer must have its
status and all the bytes it announces, each 50th is read as JSON.  A marker document carries
a number that each commit raises: an answer to a question put two seconds after a commit must
have its number.  Flat is: between the medians of the second and the last quarter of the
samples, anonymous memory grows by less than a tenth or 16 MB, descriptors by less than 8.
"""
import argparse
import json
import multiprocessing
import os
import random
import shutil
import socket
import statistics
import subprocess
import sys
import threading
import time
import urllib.parse

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from _server import INDEX, Server, end, make_index, ok, tmp  # noqa: E402

STALE_S = 2.0
WORDS = "law supply contract notice person agency report public fund tax order rule court water land".split()
VARIANTS = ("", "", "", "&snippets=0", "&n=3", "&offset=20", "&n=25&snippets=1")


def parse():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--requests", type=int, default=10000)
    p.add_argument("--index")
    p.add_argument("--queries")
    p.add_argument("--clients", type=int, default=4)
    p.add_argument("--every", type=float, default=None, help="seconds between commits (5; short form 1)")
    p.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    return p.parse_args()


def queries_of(o, rng):
    if not o.queries:
        return [" ".join(rng.sample(WORDS, rng.randint(1, 3))) for _ in range(200)]
    with open(o.queries, encoding="utf-8") as f:
        return [json.loads(line)["text"] for line in f]


def index_of(o, rng):
    if o.index:
        path = os.path.join(tmp, "index")
        shutil.copytree(o.index, path)
        return path
    records = [{"id": f"r{i}", "title": " ".join(rng.choices(WORDS, k=4)), "text": " ".join(rng.choices(WORDS, k=300)) + "."}
               for i in range(2000)]
    return make_index("index", records)


# ---- clients -----------------------------------------------------------------------------


class Wire:
    """A connection that is kept; answers as (status, body)."""

    def __init__(self, port):
        self.s = socket.create_connection(("127.0.0.1", port), timeout=120)
        self.s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def get(self, path):
        self.s.sendall(f"GET {path} HTTP/1.1\r\nHost: soak\r\n\r\n".encode())
        got = b""
        while b"\r\n\r\n" not in got:
            got += self.more()
        head, body = got.split(b"\r\n\r\n", 1)
        lines = head.lower().split(b"\r\n")
        length = next(int(h[15:]) for h in lines if h.startswith(b"content-length:"))
        parts, have = [body], len(body)
        while have < length:
            parts.append(self.more())
            have += len(parts[-1])
        if have != length:
            raise ValueError(f"{have} bytes of {length}")
        return int(lines[0].split()[1]), b"".join(parts)

    def more(self):
        p = self.s.recv(1 << 18)
        if not p:
            raise ConnectionError("the server closed the connection")
        return p

    def close(self):
        self.s.close()


def client(port, paths, seed, left, failures):
    """Takes requests from the counter `left` until none is."""
    rng = random.Random(seed)
    wire = None
    while True:
        with left.get_lock():
            if left.value <= 0:
                break
            share = min(500, left.value)
            left.value -= share
        for i in range(share):
            path = rng.choice(paths)
            try:
                wire = wire or Wire(port)
                status, body = wire.get(path)
                if status != 200:
                    raise ValueError(f"status {status}: {body[:200]!r}")
                if i % 50 == 0:
                    json.loads(body)
            except (OSError, ValueError, StopIteration) as e:
                failures.put(f"{path}: {e!r}")
                wire = None
        if wire:
            wire.close()
        wire = None


# ---- the indexer, the marker, the samples ---------------------------------------------------


class Indexer(threading.Thread):
    """Replaces the marker and 20 records every few seconds; commits[n] is when n could be seen."""

    def __init__(self, path, every, rng):
        super().__init__(daemon=True)
        self.path, self.every, self.rng = path, every, rng
        self.commits, self.ending, self.error = [], threading.Event(), None
        self.commit()

    def commit(self):
        n = len(self.commits)
        records = [{"id": "soak-marker", "title": f"soakmarker {n}", "text": "Says which commit is seen."}]
        records += [{"id": f"soak-{self.rng.randrange(400)}", "text": " ".join(self.rng.choices(WORDS, k=100))} for _ in range(20)]
        r = subprocess.run([INDEX, "-q", "-d", self.path, "--jsonl", "-"], input="".join(json.dumps(x) + "\n" for x in records),
                           text=True, capture_output=True, check=False)
        if r.returncode:
            self.error = r.stderr
        self.commits.append(time.monotonic())

    def run(self):
        while not self.ending.wait(self.every) and not self.error:
            self.commit()


class Watcher(threading.Thread):
    """Asks for the marker ten times a second and samples the process once a second or more."""

    def __init__(self, server, indexer, every):
        super().__init__(daemon=True)
        self.server, self.indexer, self.every = server, indexer, every
        self.samples, self.stale, self.failures, self.asked = [], 0.0, [], 0
        self.ending = threading.Event()

    def ask(self, wire):
        began = time.monotonic()
        status, body = wire.get("/search?q=soakmarker&n=1&snippets=0")
        hits = json.loads(body)["hits"] if status == 200 else []
        if not hits:
            raise ValueError(f"no marker: status {status}, {body[:300]!r}")
        seen = int(hits[0]["title"].split()[1])
        commits = self.indexer.commits
        if seen + 1 < len(commits):
            self.stale = max(self.stale, began - commits[seen + 1])
        self.asked += 1

    def run(self):
        wire, pid, due = Wire(self.server.port), self.server.process.pid, 0
        while not self.ending.wait(0.1):
            try:
                self.ask(wire)
            except (OSError, ValueError, StopIteration) as e:
                self.failures.append(repr(e))
                wire = Wire(self.server.port)
            if time.monotonic() >= due:
                due = time.monotonic() + self.every
                self.samples.append((self.server.resident(), len(os.listdir(f"/proc/{pid}/fd"))))


def quarters(values):
    n = len(values) // 4
    return statistics.median(values[n:2 * n] or values), statistics.median(values[3 * n:] or values)


def report(o, seconds, watcher, indexer):
    memory, files = [m for m, _ in watcher.samples], [f for _, f in watcher.samples]
    (m2, m4), (f2, f4) = quarters(memory), quarters(files)
    print(f"{o.requests} requests in {seconds:.0f} s ({o.requests / seconds:.0f}/s), {len(indexer.commits)} commits, "
          f"marker asked {watcher.asked} times, oldest answer {watcher.stale:.2f} s behind; anonymous memory "
          f"{m2 / 1e6:.1f} MB in the second quarter, {m4 / 1e6:.1f} MB in the last (largest {max(memory) / 1e6:.1f}), "
          f"descriptors {f2:.0f} and {f4:.0f} (most {max(files)}), {len(memory)} samples", flush=True)
    ok("an indexer could commit all the time", not indexer.error and len(indexer.commits) > 2, indexer.error or "few commits")
    ok("the marker was always found", not watcher.failures, watcher.failures)
    ok("no answer is older than two seconds", watcher.stale <= STALE_S, f"{watcher.stale:.2f} s")
    if "ASAN_OPTIONS" not in os.environ:  # which keeps what was freed
        ok("memory stays flat", m4 < m2 + max(16e6, m2 / 10), f"{m2 / 1e6:.1f} MB, then {m4 / 1e6:.1f} MB")
    ok("descriptors stay flat", f4 < f2 + 8, f"{f2}, then {f4}")


def main():
    o = parse()
    print("seed", o.seed, flush=True)
    rng = random.Random(o.seed)
    path, short = index_of(o, rng), not o.index
    paths = ["/search?" + urllib.parse.urlencode({"q": q}) + v for q in queries_of(o, rng) for v in VARIANTS]
    paths += ["/healthz", "/docs/facets?q=law"]
    indexer = Indexer(path, o.every or (1 if short else 5), rng)
    left, failures = multiprocessing.Value("q", o.requests), multiprocessing.SimpleQueue()
    with Server("-d", path) as s:
        clients = [multiprocessing.Process(target=client, args=(s.port, paths, rng.random(), left, failures), daemon=True)
                   for _ in range(o.clients)]
        began = time.monotonic()
        for c in clients:
            c.start()
        watcher = Watcher(s, indexer, 0.2 if short else 1)
        watcher.start()
        indexer.start()
        told, bad = began, []
        while any(c.is_alive() for c in clients) or not failures.empty():
            time.sleep(0.05)
            while not failures.empty():
                bad.append(failures.get())
            if time.monotonic() - told > 60:
                told = time.monotonic()
                print(f"{o.requests - left.value} requests after {told - began:.0f} s, {len(bad)} failed, "
                      f"{watcher.stale:.2f} s behind at most, {s.resident() / 1e6:.1f} MB", flush=True)
        seconds = time.monotonic() - began
        watcher.ending.set()
        watcher.join()
        indexer.ending.set()
        indexer.join()
        ok("no request failed", not bad and all(c.exitcode == 0 for c in clients), bad[:5] or "a client died")
        report(o, seconds, watcher, indexer)
        ok("it ends when told to", s.stop() == 0, s.said())
    end()


if __name__ == "__main__":
    main()
