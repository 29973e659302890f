#!/usr/bin/env python3
"""Measure a cold process: cold.py INDEX QUERIES [RUNS] [PROGRAM]

Starts cdgsearch with one query after the other (its output with snippets goes to
a pipe that is read), the files' pages being in memory, and prints median and
p99 of the time from start to exit, in milliseconds; the same for /bin/true,
which is what starting any process costs from here.  QUERIES has lines of class
TAB query; of each class the same number is taken.
"""
import itertools
import os
import subprocess
import sys
import time


def timed(argv):
    start = time.perf_counter()
    done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    ms = (time.perf_counter() - start) * 1e3
    if done.returncode not in (0, 1):
        sys.exit("%s: exit code %d" % (" ".join(argv), done.returncode))
    return ms


def show(name, times):
    times = sorted(times)
    n = len(times)
    print("| %s | %d | %.1f | %.1f | %.1f |" % (name, n, times[n // 2], times[min(n - 1, n * 99 // 100)], times[-1]))


def main():
    index, path = sys.argv[1:3]
    runs = int(sys.argv[3]) if len(sys.argv) > 3 else 50
    program = sys.argv[4] if len(sys.argv) > 4 else os.path.join(os.environ.get("CDG_BUILD", "build"), "cdgsearch")
    classes = {}
    with open(path, encoding="utf-8") as f:
        for line in f:
            cls, query = line.rstrip("\n").split("\t", 1)
            classes.setdefault(cls, []).append(query)
    queries = [q for group in itertools.zip_longest(*classes.values()) for q in group if q][:runs]
    for q in queries:
        timed([program, "-d", index, "--", q])
    show(os.path.basename(index.rstrip("/")), [timed([program, "-d", index, "--", q]) for q in queries])
    show("(/bin/true)", [timed(["/bin/true"]) for _ in queries])


if __name__ == "__main__":
    main()
