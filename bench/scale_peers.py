#!/usr/bin/env python3
"""cdgbench scale --peers: how indexing and queries grow with the corpus, beside peers.

    cdgbench scale --dir DIR --peers tantivy,lucene [--sizes 10k,100k,1m]

For each size a synthetic corpus of letters a-z is made (`cdgbench generate --plain`;
a smaller one is the beginning of a larger one), indexed by each engine alone, one merged
segment, and then all engines answer the same queries, those of the smallest corpus,
taking turns in a drawn order as `compare` does.  A query's time is the least of its
rounds; queries whose counts differ are left out for all and said.

DIR/peers.jsonl has a line a figure, synced before the next is begun.  What is there
already for a size and an engine is not measured again, so a run that was cut off goes
on where it was, and a larger size can be added later.  At the end, from all lines:
peers.csv, index.svg/.png, latency.svg/.png, and the two questions a curve is for: is
the time of indexing linear (seconds per MB of text, and how far the times are off a line
with a constant for the start), and how fast does the latency grow (exponent of a power law; below 1: slower than the corpus).

Exit status: 0 all measured; 2 an engine failed or the input could not be used.
"""
import argparse
import csv
import json
import math
import os
import random
import shutil
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import compare  # noqa: E402
from game_engine import Engine, EngineError  # noqa: E402

KINDS = ("term", "and", "or", "phrase", "must-should", "negated", "long")


class ScaleError(Exception):
    """What ends the run; the text is for people."""


def say(text):
    print(f"cdgbench scale: {text}", file=sys.stderr, flush=True)


def number(text):
    """10k, 3m, 1g: 10^4, 3*10^6, 10^9"""
    unit = {"k": 10**3, "m": 10**6, "g": 10**9}.get(text[-1:].lower())
    digits = text[:-1] if unit else text
    if not digits.isdigit() or int(digits) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number above 0, such as 10k")
    return int(digits) * (unit or 1)


def numbers(text):
    return [number(x) for x in text.split(",")]


# ---- what has been measured ----------------------------------------------------


class Results:
    """The lines of peers.jsonl."""

    def __init__(self, path):
        self.path = path
        self.lines = []
        if os.path.exists(path):
            with open(path, encoding="utf-8") as lines:
                for n, line in enumerate(lines, 1):
                    try:
                        self.lines.append(json.loads(line))
                    except ValueError:
                        raise ScaleError(f"{path}, line {n}: not a line of results; remove it") from None

    def has(self, **keys):
        return any(all(r.get(k) == v for k, v in keys.items()) for r in self.lines)

    def add(self, **record):
        with open(self.path, "a", encoding="utf-8") as out:
            out.write(json.dumps(record, ensure_ascii=False) + "\n")
            out.flush()
            os.fsync(out.fileno())
        self.lines.append(record)


# ---- indexing --------------------------------------------------------------------


def bytes_below(path):
    return sum(os.path.getsize(os.path.join(d, f)) for d, _, files in os.walk(path) for f in files)


def index_command(o, name, corpus, index):
    if name == "cdgsearch":
        return [o.program, "index", "--game", "--json", "--threads", str(o.threads), "--memory", f"{o.memory_mb}M",
                corpus, index]
    return [os.path.join(HERE, "peers", name, "index"), corpus, index, "--threads", str(o.threads),
            "--memory-mb", str(o.memory_mb)]


def build(o, results, docs, name, corpus, index, text_bytes):
    """Indexes, unless --keep left the index there; a figure unless there is one already."""
    known = results.has(step="index", docs=docs, engine=name)
    if os.path.exists(index):
        if known:
            return
        shutil.rmtree(index)
    start = time.monotonic()
    with open(index + ".log", "w+b") as log:
        child = subprocess.Popen(index_command(o, name, corpus, index), stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        _, status, use = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        wall = time.monotonic() - start
        log.seek(0)
        said = log.read().decode("utf-8", "replace").strip()[-400:]
    if child.returncode:
        raise ScaleError(f"{name} could not index {docs} documents (status {child.returncode}): {said}")
    if not known:
        results.add(step="index", docs=docs, engine=name, threads=o.threads, seconds=round(wall, 3),
                    cpu_seconds=round(use.ru_utime + use.ru_stime, 3), text_bytes=text_bytes,
                    bytes=bytes_below(index), peak_bytes=use.ru_maxrss * 1024, load=round(os.getloadavg()[0], 2))


# ---- queries -----------------------------------------------------------------------


def query_command(o, name, index):
    if name == "cdgsearch":
        return f"'{o.program}' game -d '{index}'"
    return f"'{os.path.join(HERE, 'peers', name, 'query')}' '{index}'"


def agreed(engines, queries):
    """The queries that all engines count alike (an engine that cannot count is not asked)."""
    kept = []
    for query in queries:
        counts = {e.number("COUNT", query.text)[0] for e in engines}
        if len(counts - {None}) == 1:
            kept.append(query)
    return kept


def summary(times):
    times = sorted(times)
    at = [times[min(len(times) - 1, math.ceil(p * len(times)) - 1)] for p in (0.5, 0.99)]
    return {"queries": len(times), "mean_us": round(sum(times) / len(times) / 1000, 2),
            "p50_us": round(at[0] / 1000, 2), "p99_us": round(at[1] / 1000, 2)}


def rounds(o, engines, queries):
    """{engine: [least nanoseconds of each query]}; None where it is unsupported."""
    draw = random.Random(o.seed)
    least = {e.name: [None] * len(queries) for e in engines}
    for turn in range(o.warmup + o.rounds):
        for i, query in enumerate(queries):
            order = list(engines)
            draw.shuffle(order)
            for engine in order:
                value, took = engine.number(f"TOP_{o.top}", query.text)
                if turn >= o.warmup and value is not None:
                    before = least[engine.name][i]
                    least[engine.name][i] = took if before is None else min(before, took)
    return least


def measure(o, results, docs, indexes, queries, core):
    """Latency of all engines at one size, by kind of query and over all."""
    if all(results.has(step="query", docs=docs, engine=n) for n in indexes):
        return
    engines = []
    try:
        for name, index in indexes.items():
            engines.append(Engine(name, query_command(o, name, index), o.timeout, core))
        same = agreed(engines, queries)
        if len(same) < len(queries):
            say(f"{docs} documents: {len(queries) - len(same)} of {len(queries)} queries are left out, "
                "for the engines' counts differ")
        least = rounds(o, engines, same)
        for engine in engines:
            floor = sorted(engine.ask("NOTHING", "a")[1] for _ in range(200))[100] / 1000
            for kind in ("all",) + KINDS:
                times = [t for q, t in zip(same, least[engine.name]) if t and (kind == "all" or kind in q.classes)]
                if times:
                    results.add(step="query", docs=docs, engine=engine.name, kind=kind, top=o.top,
                                round_trip_us=floor, **summary(times))
    finally:
        for engine in engines:
            engine.close()


# ---- curves ----------------------------------------------------------------------------


def slope(points):
    """The exponent of the power law through (x, y), by least squares of the logarithms."""
    xs, ys = [math.log(x) for x, _ in points], [math.log(y) for _, y in points]
    mx, my = sum(xs) / len(xs), sum(ys) / len(ys)
    spread = sum((x - mx) ** 2 for x in xs)
    return sum((x - mx) * (y - my) for x, y in zip(xs, ys)) / spread if spread else float("nan")


def off_line(points):
    """The largest share by which a time is off the line a + b * size that fits best, by relative least squares."""
    rows = [(1 / y, x / y) for x, y in points]
    saa, sab, sbb = (sum(r[i] * r[j] for r in rows) for i, j in ((0, 0), (0, 1), (1, 1)))
    sa, sb = sum(r[0] for r in rows), sum(r[1] for r in rows)
    det = saa * sbb - sab * sab
    a, b = (sa * sbb - sb * sab) / det, (sb * saa - sa * sab) / det
    if a < 0:  # there is no start before nothing
        a, b = 0, sb / sbb
    return max(abs((a + b * x) / y - 1) for x, y in points)


def curves(results, step, key, **keys):
    """{engine: [(documents, figure)]}"""
    out = {}
    for r in results.lines:
        if r["step"] == step and all(r.get(k) == v for k, v in keys.items()):
            out.setdefault(r["engine"], []).append((r["docs"], r[key]))
    return {name: sorted(points) for name, points in out.items()}


def plot(folder, stem, title, axis, data):
    if not shutil.which("gnuplot"):
        say("no plots: gnuplot is missing (Debian: gnuplot-nox)")
        return
    dat = os.path.join(folder, stem + ".dat")
    with open(dat, "w", encoding="utf-8") as out:
        for name, points in data.items():
            out.write(f"\"{name}\"\n" + "".join(f"{x} {y}\n" for x, y in points) + "\n\n")
    for kind in ("svg", "png"):
        done = subprocess.run(["gnuplot", "-c", os.path.join(HERE, "plots", "scale.gp"), dat,
                               os.path.join(folder, f"{stem}.{kind}"), kind, title, axis, str(len(data))],
                              capture_output=True, text=True, errors="replace", check=False)
        if done.returncode:
            say(f"gnuplot could not draw {stem}.{kind}: {done.stderr.strip()[:200]}")


def write_csv(path, results):
    head = ["docs", "engine", "text_mb", "index_seconds", "index_cpu_seconds", "index_mb", "peak_mb", "mb_per_second",
            "mean_us", "p50_us", "p99_us", "round_trip_us"]
    with open(path + ".part", "w", encoding="utf-8", newline="") as out:
        rows = csv.writer(out, lineterminator="\n")
        rows.writerow(head)
        for r in (r for r in results.lines if r["step"] == "index"):
            q = next((x for x in results.lines if x["step"] == "query" and x["kind"] == "all"
                      and (x["docs"], x["engine"]) == (r["docs"], r["engine"])), {})
            mb = r["text_bytes"] / 1e6
            rows.writerow([r["docs"], r["engine"], f"{mb:.1f}", r["seconds"], r["cpu_seconds"], f"{r['bytes'] / 1e6:.1f}",
                           f"{r['peak_bytes'] / 1e6:.0f}", f"{mb / r['seconds']:.1f}"]
                          + [q.get(k, "") for k in head[8:]])
    os.replace(path + ".part", path)


def verdict(results):
    """The two questions, a line an engine."""
    index, latency = curves(results, "index", "seconds"), curves(results, "query", "mean_us", kind="all")
    text = {r["docs"]: r["text_bytes"] / 1e6 for r in results.lines if r["step"] == "index"}
    print("| engine | indexing: s per 100 MB, by size | exponent of s by MB | off a line, at most "
          "| top-k mean µs, by size | exponent by documents |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name, points in index.items():
        per = [f"{100 * s / text[d]:.2f}" for d, s in points]
        us = latency.get(name, [])
        grown = f"{slope(us):.2f}" if len(us) > 1 else "-"
        grows = f"{slope([(text[d], s) for d, s in points]):.3f}" if len(points) > 1 else "-"
        off = f"{off_line([(text[d], s) for d, s in points]):.0%}" if len(points) > 2 else "-"
        print(f"| {name} | {' / '.join(per)} | {grows} | {off} | {' / '.join(str(u) for _, u in us) or '-'} | {grown} |")
    sys.stdout.flush()


def draw(folder, results):
    write_csv(os.path.join(folder, "peers.csv"), results)
    plot(folder, "index", "Indexing, one merged segment", "seconds", curves(results, "index", "seconds"))
    plot(folder, "latency", "Mean of all queries, the k best", "µs", curves(results, "query", "mean_us", kind="all"))
    verdict(results)


# ---- a run --------------------------------------------------------------------------------


def generate(o, docs, corpus, queries):
    if os.path.exists(corpus) and os.path.exists(queries):
        return  # left there by --keep
    command = [o.program, "generate", "--plain", "--docs", str(docs), "--seed", str(o.seed), "--length", str(o.length),
               "-o", corpus + ".part"]
    if not os.path.exists(queries):
        command += ["--queries", queries, "--per-kind", str(o.per_kind)]
    if subprocess.run(command, stdin=subprocess.DEVNULL, check=False).returncode:
        if os.path.exists(corpus + ".part"):
            os.remove(corpus + ".part")
        raise ScaleError(f"the corpus of {docs} documents could not be made")
    os.replace(corpus + ".part", corpus)


def text_size(corpus):
    """Bytes of the records less what is around the text: {"id":"N","text":""} and a newline."""
    with open(corpus, "rb") as lines:
        return sum(len(json.loads(line)["text"]) for line in lines)


def one_size(o, results, docs, queries, core):
    names = ["cdgsearch"] + o.peers
    if all(results.has(step=s, docs=docs, engine=n) for s in ("index", "query") for n in names):
        say(f"{docs} documents: there already")
        return
    say(f"{docs} documents")
    corpus = os.path.join(o.dir, f"peers-{docs}.jsonl")
    indexes = {n: os.path.join(o.dir, f"peers-{docs}.{n}") for n in names}
    try:
        generate(o, docs, corpus, queries)
        size = text_size(corpus)
        for name, index in indexes.items():
            build(o, results, docs, name, corpus, index, size)
        if o.index_only:
            return
        wanted = [q for q in compare.read_queries(queries, False) if not set(q.classes) & {"prefix"}]
        measure(o, results, docs, indexes, wanted, core)
    finally:
        if not o.keep:
            for path in [corpus] + [i + ".log" for i in indexes.values()]:
                if os.path.exists(path):
                    os.remove(path)
            for index in indexes.values():
                shutil.rmtree(index, ignore_errors=True)


def options(arguments):
    p = argparse.ArgumentParser(prog="cdgbench scale --peers", description="Growth with the corpus, beside peers.")
    add = p.add_argument
    add("--dir", required=True, help="where corpora, indexes and results are made")
    add("--peers", required=True, type=lambda s: s.split(","), metavar="NAME,...", help="of bench/peers, beside cdgsearch")
    add("--sizes", type=numbers, default=numbers("10k,100k"), help="documents (10k,100k)")
    add("--threads", type=number, default=1, help="for indexing (1)")
    add("--memory-mb", type=number, default=1024, help="for indexing (1024)")
    add("--seed", type=int, default=1, help="of the corpora and the order of engines (1)")
    add("--length", type=number, default=100, help="median words a document (100)")
    add("--per-kind", type=number, default=20, help="queries of each kind (20)")
    add("--rounds", type=number, default=3, help="timed rounds (3)")
    add("--warmup", type=int, default=2, help="rounds before them (2)")
    add("--top", type=number, default=10, help="best documents asked for (10)")
    add("--timeout", type=float, default=60, help="seconds for one answer (60)")
    add("--core", type=int, help="the core the engines answer on (the last)")
    add("--no-pin", action="store_true", help="do not pin to a core")
    add("--index-only", action="store_true", help="no queries now (with --keep, they can be asked later)")
    add("--keep", action="store_true", help="leave corpora and indexes there")
    o = p.parse_args(arguments)
    o.program = os.environ.get("CDGBENCH") or os.path.join(os.environ.get("CDG_BUILD", "build"), "cdgbench")
    for name in o.peers:
        if not os.path.exists(os.path.join(HERE, "peers", name, "query")):
            p.error(f"--peers: there is no peer '{name}' in {os.path.join(HERE, 'peers')}")
    return o


def main(arguments):
    o = options(arguments)
    try:
        os.makedirs(o.dir, exist_ok=True)
        results = Results(os.path.join(o.dir, "peers.jsonl"))
        cores = os.sched_getaffinity(0)
        core = compare.choose_core(o)
        os.sched_setaffinity(0, cores)  # indexing may use all
        for docs in sorted(o.sizes):
            one_size(o, results, docs, os.path.join(o.dir, "peers.queries.jsonl"), core)
        status = 0
    except (ScaleError, EngineError, compare.InputError, OSError) as why:
        say(f"{why}; what was measured until then is in {os.path.join(o.dir, 'peers.jsonl')}")
        status = 2
    if "results" in locals() and results.lines:
        draw(o.dir, results)
    return status


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
