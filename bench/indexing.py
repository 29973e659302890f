#!/usr/bin/env python3
"""Measure indexing: speed beside FTS5, threads, memory, size.

    indexing.py speed  [--runs N]     one and two threads and FTS5, taking turns
    indexing.py memory                peak memory and answers at 64M, 256M, 2G
    indexing.py size                  bytes a part, with and without stored text

Prints Markdown.  Needs $CDG_BENCH_CACHE filled by corpus.py, the programs of
$CDG_BUILD (build) and, for speed, $CDG_BENCH_BIN/fts5 (build/bench).

Processor time stands beside the time on the wall: on a machine that others use
too, its ratios are the ones to trust for one thread.  For two threads only the
wall counts, so look at the load that is printed.
"""
import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

CACHE = os.environ.get("CDG_BENCH_CACHE", "")
BUILD = os.environ.get("CDG_BUILD", "build")
BIN = os.environ.get("CDG_BENCH_BIN", os.path.join(BUILD, "bench"))
ENGLISH = os.path.join(CACHE, "english.jsonl")
DOCS = os.path.join(CACHE, "english.docs")


def text_bytes():
    path = os.path.join(CACHE, "english.bytes")
    if not os.path.exists(path):
        with open(ENGLISH, "rb") as f:
            total = sum(len(json.loads(line)["text"].encode()) for line in f)
        with open(path, "w") as f:
            f.write("%d\n" % total)
    with open(path) as f:
        return int(f.read())


class Run:
    """One process: seconds on the wall and of processors, peak memory in bytes."""

    def __init__(self, argv, **kw):
        start = time.monotonic()
        child = subprocess.Popen(argv, **kw)
        _, status, use = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        self.wall = time.monotonic() - start
        self.cpu = use.ru_utime + use.ru_stime
        self.peak = use.ru_maxrss * 1024
        if child.returncode not in (0, 1):
            sys.exit("%s: exit code %d" % (" ".join(argv), child.returncode))


def fresh(name):
    path = os.path.join(CACHE, name)
    shutil.rmtree(path, ignore_errors=True)
    return path


def cdgindex(name, *options):
    return Run([os.path.join(BUILD, "cdgindex"), "-q", "-d", fresh(name), *options, ENGLISH])


def speed(args):
    mb = text_bytes() / 1e6
    jobs = {
        "cdgindex, 1 thread": lambda: cdgindex("speed.cdg", "--threads", "1", "--memory", "2G"),
        "cdgindex, 1 thread, no stored text":
            lambda: cdgindex("speed.cdg", "--threads", "1", "--memory", "2G", "--no-store"),
        "FTS5": lambda: Run([os.path.join(BIN, "fts5"), "index", os.path.join(CACHE, "fts5.db"), DOCS],
                            stdout=subprocess.DEVNULL),
        "cdgindex, 2 threads": lambda: cdgindex("speed.cdg", "--threads", "2", "--memory", "2G"),
    }
    if not os.path.exists(os.path.join(BIN, "fts5")):
        print("SKIP: no FTS5 beside it, %s/fts5 is not built\n" % BIN)
        del jobs["FTS5"]
    runs = {name: [] for name in jobs}
    loads = []
    for _ in range(args.runs):
        for name, job in jobs.items():
            loads.append(os.getloadavg()[0])
            runs[name].append(job())
    median = {name: (statistics.median(r.wall for r in rs), statistics.median(r.cpu for r in rs))
              for name, rs in runs.items()}
    print("%d runs in turn, medians; load %.1f to %.1f\n" % (args.runs, min(loads), max(loads)))
    print("| what | wall s | MB/s | processor s | MB/s of processor time | peak MB |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name, (wall, cpu) in median.items():
        print("| %s | %.2f | %.1f | %.2f | %.1f | %.0f |"
              % (name, wall, mb / wall, cpu, mb / cpu, max(r.peak for r in runs[name]) / 1e6))
    one, two = median["cdgindex, 1 thread"], median["cdgindex, 2 threads"]
    print("\nTwo threads over one: %.2f on the wall." % (one[0] / two[0]))
    if "FTS5" in median:
        peer = median["FTS5"]
        print("One thread over FTS5: %.2f on the wall, %.2f by processor time." % (peer[0] / one[0], peer[1] / one[1]))


def answers(name, queries):
    with open(queries, "rb") as f:
        done = subprocess.run([os.path.join(BUILD, "cdgsearch"), "-d", os.path.join(CACHE, name), "--batch", "-",
                               "--format", "trec"], stdin=f, stdout=subprocess.PIPE, check=False)
    if done.returncode not in (0, 1):
        sys.exit("cdgsearch failed on " + name)
    return done.stdout


def memory(_):
    with open(os.path.join(CACHE, "queries.tsv")) as f:
        lines = [line.split("\t", 1)[1] for line in f if not line.startswith("phrase_common")]
    step = len(lines) / 200
    queries = tempfile.NamedTemporaryFile("w", suffix=".txt")
    queries.writelines(lines[int(i * step)] for i in range(200))
    queries.flush()
    print("| --memory | threads | peak | wall s | check | hits of 200 queries |")
    print("| --- | --- | --- | --- | --- | --- |")
    want = None
    for limit in ("2G", "256M", "64M"):
        for threads in ("1", "2"):
            name = "memory-%s.cdg" % limit
            r = cdgindex(name, "--threads", threads, "--memory", limit)
            ok = subprocess.run([os.path.join(BUILD, "cdgindex"), "check", "-q", "-d", os.path.join(CACHE, name)],
                                check=False).returncode == 0
            got = answers(name, queries.name)
            want = want or got
            print("| %s | %s | %.1f MiB | %.1f | %s | %s |"
                  % (limit, threads, r.peak / 2**20, r.wall, "passes" if ok else "FAILS",
                     "%d, the same" % got.count(b"\n") if got == want else "DIFFER"), flush=True)


def parts(path):
    out = {}
    for name in os.listdir(path):
        part = name.rsplit(".", 1)[1] if "." in name else "other"
        out[part] = out.get(part, 0) + os.path.getsize(os.path.join(path, name))
    return out


def size(_):
    total = text_bytes()
    print("| part | stored text | no stored text |")
    print("| --- | --- | --- |")
    cdgindex("size.cdg", "--memory", "2G", "--optimize")
    cdgindex("size-bare.cdg", "--memory", "2G", "--optimize", "--no-store")
    a, b = (parts(os.path.join(CACHE, n)) for n in ("size.cdg", "size-bare.cdg"))
    for part in sorted(set(a) | set(b)):
        print("| %s | %.2f MB | %.2f MB |" % (part, a.get(part, 0) / 1e6, b.get(part, 0) / 1e6))
    print("| all | %.2f MB | %.2f MB |" % (sum(a.values()) / 1e6, sum(b.values()) / 1e6))
    print("| of the text's %.1f MB | %.3f | %.3f |" % (total / 1e6, sum(a.values()) / total, sum(b.values()) / total))


def main():
    ap = argparse.ArgumentParser(description="Measure indexing.")
    ap.add_argument("what", choices=["speed", "memory", "size"])
    ap.add_argument("--runs", type=int, default=3)
    args = ap.parse_args()
    if not os.path.exists(ENGLISH):
        sys.exit("indexing.py: run corpus.py first, with the same CDG_BENCH_CACHE")
    {"speed": speed, "memory": memory, "size": size}[args.what](args)


if __name__ == "__main__":
    main()
