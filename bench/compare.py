#!/usr/bin/env python3
"""cdgbench compare: engines side by side, on the same queries in the same run.

    cdgbench compare --indexes DIR --queries FILE cdgsearch tantivy lucene
    cdgbench compare --queries FILE 'mine=build/cdgbench game -d I' 'old=...'

An engine is NAME=COMMAND, a process that speaks the game protocol, or a name: cdgsearch
(this program's `game`), else a folder of bench/peers; these find their index in
DIR/NAME.  The first engine is the one under test, the others are its peers.

Steps.  1. Every engine gives the count and the best documents of every query, and
these are compared (agree.py has the rules).  2. Warm-up rounds.  3. Timed rounds: each
command, each query, all engines one after the other, the order drawn anew for each query
and round from --seed, so that a change of load meets all.  A query's time is the least
of its rounds (as in the public game) or their median (--statistic).

No speed is printed for a class of queries in which engines disagree on more than
--allow-disagreement queries (0); these queries are left out where it is allowed, and
are listed in any case.  With --stream a fourth step times requests in one stream
(compare_stream.py).  compare.json in --out is written anew after every step, so an
engine that dies takes nothing with it but itself.

Exit status: 0 all measured and agreed; 2 an engine failed, a class was refused, or the
input could not be used.
"""
import argparse
import collections
import json
import os
import platform
import random
import shutil
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import agree  # noqa: E402
import compare_report  # noqa: E402
import compare_stream  # noqa: E402
from game_engine import Engine, EngineError  # noqa: E402

COMMANDS = "TOP_10,TOP_100,TOP_1000,TOP_100_COUNT,COUNT"


class InputError(Exception):
    """Options or a query file that cannot be used."""


def say(text):
    print(f"cdgbench compare: {text}", file=sys.stderr, flush=True)


# ---- queries --------------------------------------------------------------


Query = collections.namedtuple("Query", "text classes")


def parse_query(line, where, finer):
    """A line of JSON with text (or query) and tags, or a plain line of class `all`."""
    text, tags = line, ["all"]
    if line.startswith("{"):
        try:
            record = json.loads(line)
            text = record.get("text", record.get("query"))
            tags = record.get("tags", ["all"])
        except ValueError as why:
            raise InputError(f"{where}: not JSON: {why}") from None
        if not isinstance(text, str) or not isinstance(tags, list) or not all(isinstance(t, str) for t in tags):
            raise InputError(f"{where}: \"text\" must be a string and \"tags\" a list of strings")
    if not text.strip() or any(ord(c) < 32 or ord(c) == 127 or 0xD800 <= ord(c) < 0xE000 for c in text):
        raise InputError(f"{where}: the query is empty, or has a tab or another control character: {text[:60]!r}")
    classes = [t.removesuffix("-critic") for t in tags if t != "global" and (finer or ":" not in t)]
    return Query(text, classes or ["all"])


def read_queries(path, finer):
    """Queries of a file, which must be UTF-8; each text once."""
    queries, at = [], {}
    with open(path, "rb") as stream:
        for number, raw in enumerate(stream, 1):
            where = f"{path}, line {number}"
            if number == 1 and raw.startswith((b"\xff\xfe", b"\xfe\xff")):
                raise InputError(f"{path}: this is UTF-16; it must be UTF-8")
            if number == 1:
                raw = raw.removeprefix(b"\xef\xbb\xbf")
            try:
                line = raw.decode("utf-8").strip("\r\n")
            except UnicodeDecodeError as why:
                raise InputError(f"{where}: not UTF-8 ({why.reason} at byte {why.start}); convert it, "
                                 "for example with iconv") from None
            if not line.strip():
                continue
            query = parse_query(line, where, finer)
            if query.text in at:
                same = at[query.text]
                queries[same] = Query(query.text, list(dict.fromkeys(queries[same].classes + query.classes)))
            else:
                at[query.text] = len(queries)
                queries.append(query)
    if not queries:
        raise InputError(f"{path}: no queries in it")
    return queries


# ---- engines --------------------------------------------------------------


def engine_command(spec, indexes):
    """(name, command) of NAME=COMMAND or of a known name."""
    name, equals, command = spec.partition("=")
    if equals:
        return name, command
    if not indexes:
        raise InputError(f"{name}: give --indexes DIR with its index in DIR/{name}, or {name}=COMMAND")
    index = os.path.join(indexes, name)
    if name == "cdgsearch":
        program = os.environ.get("CDGBENCH") or os.path.join(os.environ.get("CDG_BUILD", "build"), "cdgbench")
        return name, f"'{program}' game -d '{index}'"
    program = os.path.join(HERE, "peers", name, "query")
    if not os.path.exists(program):
        known = sorted(d for d in os.listdir(os.path.join(HERE, "peers"))
                       if os.path.exists(os.path.join(HERE, "peers", d, "query")))
        raise InputError(f"{name}: no such peer; there are cdgsearch {' '.join(known)}, or give {name}=COMMAND")
    return name, f"'{program}' '{index}'"


class Field:
    """The engines, and what has been measured: `record` is what compare.json holds."""

    def __init__(self, o, queries):
        self.o = o
        self.queries = queries
        self.engines = []
        self.commands = o.commands.split(",")
        self.failures = []
        self.checks = [{} for _ in queries]
        self.times = {}
        self.record = {"engines": {}, "commands": self.commands, "queries": [q._asdict() for q in queries],
                       "settings": vars(o), "machine": machine(), "failures": self.failures,
                       "rounds_done": 0, "times_ns": {}, "cells": [], "disagreements": []}

    def start(self, core):
        for name, command in self.o.pairs:
            self.record["engines"][name] = {"command": command}
            try:
                self.engines.append(Engine(name, command, self.o.timeout, core))
            except EngineError as why:
                self.failed(why)

    def failed(self, why):
        say(why)
        self.failures.append(str(why))
        self.save()

    def alive(self):
        return [e for e in self.engines if not e.dead]

    def save(self):
        path = os.path.join(self.o.out, "compare.json")
        with open(path + ".part", "w", encoding="utf-8") as out:
            json.dump(self.record, out, ensure_ascii=False)
            out.write("\n")
        os.replace(path + ".part", path)

    def close(self):
        for engine in self.engines:
            engine.close()


def machine():
    """What a reader needs to judge the figures."""
    model = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo", encoding="utf-8", errors="replace")
                  if line.startswith("model name")), "") if os.path.exists("/proc/cpuinfo") else ""
    return {"cpu": model or platform.machine(), "cores": os.cpu_count(), "system": platform.platform(),
            "load": os.getloadavg(), "time": time.strftime("%Y-%m-%d %H:%M:%S %z")}


# ---- the three steps ------------------------------------------------------


def ask_for_check(engine, text, k):
    """(count or None, hits or None) of a query."""
    count, _ = engine.number("COUNT", text)
    if count is None:
        count, _ = engine.number("TOP_10_COUNT", text)
    return count, engine.hits(k, text)


def check(field):
    """Step 1: results of all engines for all queries, compared."""
    o = field.o
    for engine in list(field.engines):
        try:
            for i, query in enumerate(field.queries):
                field.checks[i][engine.name] = ask_for_check(engine, query.text, o.check_depth)
        except EngineError as why:
            field.failed(why)
    names = [e.name for e in field.engines]
    rules = agree.Rules(o.check_k, o.overlap, o.score_tolerance)
    field.agreement = [agree.judge(c, names, rules) for c in field.checks]
    field.record["agreement"] = agree.summary(field.queries, field.agreement, names, rules)
    note_disagreements(field)
    field.save()


def note_disagreements(field):
    field.record["disagreements"] = [
        {"query": q.text, "classes": q.classes, "why": a.why}
        for q, a in zip(field.queries, field.agreement) if a.why]


def expected_count(field, i, engine):
    """The count this engine gave in step 1, which it must give again."""
    return field.checks[i].get(engine.name, (None, None))[0]


def one_round(field, generator, keep):
    """Each command, query and engine once; times are kept from the timed rounds."""
    for command in field.commands:
        counted = command == "COUNT" or command.endswith("_COUNT")
        for i, query in enumerate(field.queries):
            engines = field.alive()
            generator.shuffle(engines)
            for engine in engines:
                if (engine.name, command, i) in field.unsupported:
                    continue
                try:
                    value, took = engine.number(command, query.text)
                except EngineError as why:
                    field.failed(why)
                    continue
                if value is None:
                    field.unsupported.add((engine.name, command, i))
                    continue
                wanted = expected_count(field, i, engine)
                if counted and wanted is not None and value != wanted:
                    field.agreement[i].add(engine.name, f"{command} gives {value}, COUNT gave {wanted}")
                if keep:
                    field.times.setdefault((engine.name, command), {}).setdefault(i, []).append(took)


def measure(field):
    """Steps 2 and 3."""
    o = field.o
    generator = random.Random(o.seed)
    field.unsupported = set()
    for n in range(o.warmup):
        say(f"warm-up {n + 1} of {o.warmup}")
        one_round(field, generator, False)
    for n in range(o.rounds):
        if not field.alive():
            break
        say(f"round {n + 1} of {o.rounds}")
        one_round(field, generator, True)
        field.record["rounds_done"] = n + 1
        field.record["times_ns"] = {f"{e} {c}": t for (e, c), t in field.times.items()}
        note_disagreements(field)
        field.save()


def protocol_floor(field):
    """The time of a request that does nothing, which is in every figure: its median, in µs."""
    for engine in field.alive():
        try:
            took = sorted(engine.ask("NOTHING", "a")[1] for _ in range(200))
            field.record["engines"][engine.name]["round_trip_us"] = took[len(took) // 2] / 1000
        except EngineError as why:
            field.failed(why)


# ---- options --------------------------------------------------------------


def options(arguments):
    p = argparse.ArgumentParser(prog="cdgbench compare", description="Engines side by side on the same queries.")
    add = p.add_argument
    add("engine", nargs="+", help="NAME=COMMAND, cdgsearch, or a name of bench/peers; the first is under test")
    add("--queries", required=True, metavar="FILE", help="JSON lines with text and tags, or plain lines")
    add("--indexes", metavar="DIR", help="where the engines given by name have their indexes, DIR/NAME")
    add("--commands", default=COMMANDS, help=f"({COMMANDS})")
    add("--classes", metavar="CLASS,...", help="only queries of these classes")
    add("--finer", action="store_true", help="also the tags with a colon as classes (union:num_tokens_2)")
    add("--limit", type=int, metavar="N", help="the first N queries of every class")
    add("--rounds", type=int, default=5, help="timed rounds (5)")
    add("--warmup", type=int, default=2, help="rounds before them (2)")
    add("--stream", type=int, default=0, metavar="N",
        help="also N rounds of requests in one stream: means without the round trip (0)")
    add("--stream-time", type=float, default=0.25, metavar="S", help="seconds a batch of such requests fills (0.25)")
    add("--statistic", choices=("min", "median"), default="min", help="of the rounds (min)")
    add("--seed", type=int, default=1, help="of the order and the bootstrap (1)")
    add("--timeout", type=float, default=60, help="seconds for one answer (60)")
    add("--core", type=int, help="the core all engines run on (the last); they never run at once")
    add("--no-pin", action="store_true", help="do not pin to a core")
    add("--check-k", default="10,100", metavar="K,...", help="how many of the best documents must agree (10,100)")
    add("--check-depth", type=int, default=200, help="how many are looked at to tell near ties (200)")
    add("--overlap", type=float, default=0.9, help="share of them that must agree (0.9)")
    add("--score-tolerance", type=float, default=0.05,
        help="a document this near below the last score, relatively, counts as a tie: lengths kept in one byte (0.05)")
    add("--allow-disagreement", type=int, default=0, metavar="N", help="queries of a class that may differ; left out (0)")
    add("--out", default="compare-out", metavar="DIR", help="compare.json, compare.md and the plots (compare-out)")
    add("--no-plots", action="store_true", help="draw none")
    o = p.parse_args(arguments)
    try:
        o.check_k = sorted({int(k) for k in o.check_k.split(",")})
    except ValueError:
        p.error(f"--check-k: '{o.check_k}' is not a list of numbers")
    if min(*o.check_k, o.timeout) < 1 or o.check_depth < max(o.check_k) or o.warmup < 0:
        p.error("--check-k and --timeout must be at least 1, --check-depth at least --check-k, --warmup at least 0")
    if o.stream < 0 or o.rounds < (0 if o.stream else 1) or not 0 < o.stream_time <= 60:
        p.error("--rounds must be at least 1 (0 with --stream), --stream at least 0, --stream-time above 0 and at most 60")
    return o


def select_queries(o):
    queries = read_queries(o.queries, o.finer)
    if o.classes:
        wanted = set(o.classes.split(","))
        queries = [Query(q.text, [c for c in q.classes if c in wanted]) for q in queries if wanted & set(q.classes)]
        if not queries:
            raise InputError(f"{o.queries}: no query of class {o.classes}")
    if o.limit:
        seen, kept = collections.Counter(), []
        for q in queries:
            if any(seen[c] < o.limit for c in q.classes):
                seen.update(q.classes)
                kept.append(q)
        queries = kept
    return queries


def choose_core(o):
    """The core of the engines, this process being kept off it; None: not pinned."""
    if o.no_pin:
        return None
    if not shutil.which("taskset"):
        say("taskset is missing (Debian: util-linux): engines are not pinned to a core")
        return None
    cores = sorted(os.sched_getaffinity(0))
    core = cores[-1] if o.core is None else o.core
    if core not in cores:
        raise InputError(f"--core {core}: there are {cores}")
    if len(cores) > 1:
        os.sched_setaffinity(0, set(cores) - {core})
    return core


def run(o):
    queries = select_queries(o)
    o.pairs = [engine_command(spec, o.indexes) for spec in o.engine]
    names = [name for name, _ in o.pairs]
    if len(set(names)) != len(names) or not all(names):
        raise InputError(f"every engine must have a name of its own: {' '.join(names)}")
    os.makedirs(o.out, exist_ok=True)
    core = choose_core(o)
    field = Field(o, queries)
    try:
        field.start(core)
        if field.alive():
            say(f"{len(queries)} queries; checking that results agree")
            check(field)
            measure(field)
            if o.stream:
                compare_stream.measure(field, random.Random(o.seed), say)
            protocol_floor(field)
    finally:
        field.close()
    if not field.engines:
        say("no engine could be started")
        return 2
    refused = compare_report.report(field, core, say)
    field.save()
    return 2 if field.failures or refused else 0


def main(arguments):
    o = options(arguments)
    try:
        return run(o)
    except (InputError, OSError) as why:
        say(why)
        return 2


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
