#!/usr/bin/env python3
"""Tables from what the measuring programs print.

    report.py times FILE...     JSON lines of latency, fts5 and xapian (-j); several
                                passes of one engine become their median
    report.py counts NAME=FILE...  how far the engines find as many documents (-c)
"""
import collections
import json
import statistics
import sys


def times(paths):
    cells = collections.defaultdict(list)
    engines, classes = [], []
    for path in paths:
        with open(path, encoding="utf-8") as f:
            for line in f:
                r = json.loads(line)
                cells[r["engine"], r["class"]].append((r["mean"], r["p99"]))
                for seen, name in ((engines, r["engine"]), (classes, r["class"])):
                    if name not in seen:
                        seen.append(name)
    print("Mean / p99 µs of processor time:\n")
    print("| class | " + " | ".join(engines) + " |")
    print("| --- |" + " --- |" * len(engines))
    for c in classes:
        row = []
        for e in engines:
            v = cells.get((e, c))
            row.append("%.0f / %.0f" % tuple(statistics.median(x) for x in zip(*v)) if v else "-")
        print("| %s | %s |" % (c, " | ".join(row)))


def read_counts(path):
    with open(path, encoding="utf-8") as f:
        return [line.rstrip("\n").split("\t")[:3] for line in f]


def counts(pairs):
    named = [p.split("=", 1) for p in pairs]
    first, *rest = [read_counts(path) for _, path in named]
    print("| class | queries | matches a query, %s |" % named[0][0]
          + "".join(" %s: queries with the same count | largest difference |" % n for n, _ in named[1:]))
    print("| --- | --- | --- |" + " --- | --- |" * len(rest))
    for cls in dict.fromkeys(r[0] for r in first):
        at = [i for i, r in enumerate(first) if r[0] == cls]
        mine = [int(first[i][2]) for i in at]
        row = "| %s | %d | %.1f |" % (cls, len(at), sum(mine) / len(at))
        for other in rest:
            theirs = [int(other[i][2]) for i in at]
            same = sum(a == b for a, b in zip(mine, theirs))
            worst = max(range(len(at)), key=lambda i: abs(mine[i] - theirs[i]))
            row += " %d | %s |" % (same, "-" if same == len(at) else "`%s` %d, %d"
                                   % (first[at[worst]][1][:60], mine[worst], theirs[worst]))
        print(row)


def main():
    if len(sys.argv) < 3 or sys.argv[1] not in ("times", "counts"):
        sys.exit(__doc__)
    {"times": times, "counts": counts}[sys.argv[1]](sys.argv[2:])


if __name__ == "__main__":
    main()
