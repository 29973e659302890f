#!/usr/bin/env python3
"""Measure searching over shards: what servers cost against a folder, and more of them
against one.

  cluster.py --records FILE --queries FILE --work DIR [--shards 1,2,4,8] [--clients 1,2]
             [--rtt MS] [--per-class N] [--build DIR]

Makes in DIR a native index and Xapian databases of 1, 2, 4 and 8 shards (those that
are there already are used), serves each shard by a xapian-tcpsrv on this machine, and
asks the queries (lines of {"text", "tags": [class]}) in one process after another, the
best ten hits without passages, each query once before it counts.  Prints tables:
median and 95th percentile of `took_us` in milliseconds by class, and queries a second of
1 and more clients at once.  With --rtt a relay that waits half of it each way stands
before each server: how often a query goes there and back shows in what that adds.
"""
import argparse
import json
import os
import signal
import subprocess
import sys
import threading
import time


def parse():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--records", required=True)
    p.add_argument("--queries", required=True)
    p.add_argument("--work", required=True)
    p.add_argument("--shards", default="1,2,4,8")
    p.add_argument("--clients", default="1,2")
    p.add_argument("--rtt", type=float, default=0)
    p.add_argument("--per-class", type=int, default=30)
    p.add_argument("--classes", default="term,intersection,union,phrase")
    p.add_argument("--build", default=os.path.join(os.path.dirname(__file__), "..", "build"))
    return p.parse_args()


def index(o, name, *options):
    path = os.path.join(o.work, name)
    if not os.path.isdir(path):
        subprocess.run([o.build + "/cdgindex", "-q", "-d", path, *options, "--jsonl", o.records], check=True)
    return path


def size(path):
    return sum(os.path.getsize(os.path.join(d, f)) for d, _, files in os.walk(path) for f in files)


def read_queries(o):
    by_class = {}
    with open(o.queries, encoding="utf-8") as f:
        for line in f:
            q = json.loads(line)
            by_class.setdefault(q["tags"][0], []).append(q["text"].replace("\n", " "))
    return [(c, q) for c in o.classes.split(",") for q in by_class[c][:o.per_class]]


class Servers:
    """One for each shard; ports from 7400 on, relays from 7500 on."""

    def __init__(self, o, paths):
        self.all = []
        self.list = []
        for i, path in enumerate(paths):
            port = 7400 + i
            self.start("xapian-tcpsrv", "--interface", "127.0.0.1", "--port", str(port), "--quiet", path)
            if o.rtt:
                self.start(sys.executable, os.path.join(os.path.dirname(os.path.abspath(__file__)), "relay.py"),
                           str(port + 100), str(port), str(o.rtt))
                port += 100
            self.list.append("127.0.0.1:%d" % port)
        time.sleep(1)
        if any(s.poll() is not None for s in self.all):
            self.stop()
            sys.exit("a server ended at once: is its port (7400 and on, 7500 and on) taken?")

    def start(self, *command):
        # a session each: xapian-tcpsrv ends its whole group when it is told to end
        self.all.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                         start_new_session=True))

    def stop(self):
        for s in self.all:
            s.terminate()
        for s in self.all:
            s.wait()


def ask(o, where, queries):
    """took_us of each query, in one process; warnings end the measurement."""
    limit = ["--time-limit", "60000"] if ":" in where else []
    p = subprocess.run([o.build + "/cdgsearch", "-d", where, "--format", "json", "--snippets", "0", *limit, "--batch", "-"],
                       input="\n".join(q for _, q in queries) + "\n", capture_output=True, text=True, check=False)
    answers = [json.loads(line) for line in p.stdout.splitlines()]
    if len(answers) != len(queries) or p.returncode == 2:
        sys.exit("%s: %d answers to %d queries: %s" % (where, len(answers), len(queries), p.stderr[-500:]))
    for a in answers:
        if any(w.startswith("partial") for w in a["warnings"]):
            sys.exit("%s: %s" % (where, a["warnings"]))
    return [a["took_us"] for a in answers], [a["total"] for a in answers]


def percentile(values, p):
    values = sorted(values)
    return values[min(len(values) - 1, len(values) * p // 100)] / 1000


def throughput(o, where, queries, clients):
    threads = [threading.Thread(target=ask, args=(o, where, queries)) for _ in range(clients)]
    begin = time.monotonic()
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return clients * len(queries) / (time.monotonic() - begin)


def measure(o, name, where, queries, totals):
    ask(o, where, queries)
    took, found = ask(o, where, queries)
    if totals is not None and found != totals:
        sys.exit("%s: other totals than the first" % name)
    row = [name]
    for c in o.classes.split(","):
        of = [t for t, (k, _) in zip(took, queries) if k == c]
        row.append("%.2f / %.2f" % (percentile(of, 50), percentile(of, 95)))
    for clients in o.clients.split(","):
        row.append("%.0f" % throughput(o, where, queries, int(clients)))
    print("| " + " | ".join(row) + " |", flush=True)
    return found


def main():
    o = parse()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    os.makedirs(o.work, exist_ok=True)
    queries = read_queries(o)
    shards = [int(n) for n in o.shards.split(",")]
    native = index(o, "native")
    dbs = {n: index(o, "x%d" % n, "--backend", "xapian", *(["--shards", str(n)] if n > 1 else [])) for n in shards}
    for name, path in [("native", native)] + [("%d shards" % n, d) for n, d in dbs.items()]:
        print("%s: %.1f MB" % (name, size(path) / 1e6))
    head = ["median / p95, ms"] + o.classes.split(",") + ["%s clients, q/s" % c for c in o.clients.split(",")]
    print("\n| " + " | ".join(head) + " |\n" + "| --- " * len(head) + "|")
    totals = measure(o, "own index", native, queries, None)
    totals = measure(o, "Xapian, a folder", dbs[shards[0]], queries, None)
    for n in shards:
        paths = [os.path.join(dbs[n], "shard-%d" % i) for i in range(n)] if n > 1 else [dbs[n]]
        s = Servers(o, paths)
        try:
            measure(o, "%d server%s" % (n, "s" if n > 1 else ""), ",".join(s.list), queries, totals)
        finally:
            s.stop()


main()
