"""compare_stream.py: time a query takes when requests come in one stream, not one by one.

A single request of a few microseconds is lost in the round trip through two pipes.  Here
all queries of a class, many times over, are written to an engine as fast as it takes
them while its answers are read, so what is left is its own work.  A batch is repeated
until it fills --stream-time; each round asks all engines in an order of its own.  Only
means can be had in this way: percentiles come from the rounds of single requests.
"""
import math
import os
import select
import statistics
import time

from game_engine import EngineError


def batch(engine, command, queries, repeats):
    """Seconds for queries x repeats requests, or None if one of them is UNSUPPORTED."""
    one = b"".join(f"{command}\t{q}\n".encode("utf-8") for q in queries)
    left, todo, due = memoryview(one), repeats - 1, len(queries) * repeats
    poll = select.poll()
    poll.register(engine.into, select.POLLOUT)
    poll.register(engine.out, select.POLLIN)
    os.set_blocking(engine.into, False)
    supported, tail = True, b""
    start = time.perf_counter()
    try:
        while due:
            ready = poll.poll(int(engine.timeout * 1000))
            if not ready:
                engine.fail(f"no answer within {engine.timeout:g} s (--timeout) in a stream of {command}")
            for fd, event in ready:
                if fd == engine.into and event & select.POLLOUT:
                    left = left[os.write(fd, left):]
                    if not left and todo:
                        left, todo = memoryview(one), todo - 1
                    elif not left:
                        poll.unregister(fd)
                elif fd == engine.out:
                    data = os.read(fd, 1 << 20)
                    if not data:
                        engine.ended(f"a stream of {command}")
                    supported = supported and b"UNS" not in tail + data
                    tail = data[-2:]
                    due -= data.count(b"\n")
                else:
                    engine.ended(f"a stream of {command}")
    except OSError:
        engine.ended(f"a stream of {command}")
    took = time.perf_counter() - start
    os.set_blocking(engine.into, True)
    if due < 0:
        engine.fail(f"more answers than requests in a stream of {command}")
    return took if supported else None


def standing(field, cls):
    """(queries of the class that are not in dispute, names of the engines that may be timed)."""
    names = [e.name for e in field.alive()]
    differ = {n: sum(n in v.why for q, v in zip(field.queries, field.agreement) if cls in q.classes) for n in names}
    names = [n for n in names if differ[n] <= field.o.allow_disagreement]
    queries = [q.text for q, v in zip(field.queries, field.agreement)
               if cls in q.classes and not any(n in v.why for n in names)]
    return queries, names


def one_cell(field, command, cls, generator):
    """{engine: [µs a query, one for each round]}"""
    queries, names = standing(field, cls)
    engines, repeats, times = [], {}, {}
    if not queries:
        return times
    for engine in [e for e in field.alive() if e.name in names]:
        try:
            batch(engine, command, queries, 1)
            took = batch(engine, command, queries, 1)
        except EngineError as why:
            field.failed(why)
            continue
        if took is not None:
            engines.append(engine)
            repeats[engine.name] = max(1, math.ceil(field.o.stream_time / max(took, 1e-6)))
    for _ in range(field.o.stream):
        generator.shuffle(engines)
        for engine in list(engines):
            try:
                took = batch(engine, command, queries, repeats[engine.name])
            except EngineError as why:
                field.failed(why)
                engines.remove(engine)
                continue
            times.setdefault(engine.name, []).append(took * 1e6 / (len(queries) * repeats[engine.name]))
    return times


def measure(field, generator, say):
    """All commands and classes; into field.record["stream"]."""
    found = field.record["stream"] = []
    for command in field.commands:
        for cls in dict.fromkeys(c for q in field.queries for c in q.classes):
            say(f"stream of {command}, {cls}")
            found.append({"command": command, "class": cls, "us": one_cell(field, command, cls, generator)})
            field.save()


def ratio(c, first, statistic):
    """Adds the best peer of a cell, the ratio, and the least and highest ratio of a round."""
    us = {n: statistic(t) for n, t in c["us"].items()}
    peers = [n for n in us if n != first]
    if first not in us or not peers:
        return
    best = min(peers, key=us.get)
    rounds = [a / b for a, b in zip(c["us"][first], c["us"][best])]
    c.update(best_peer=best, mine=us[first], theirs=us[best], ratio=us[first] / us[best],
             low=min(rounds), high=max(rounds))


def text(field, names):
    """Lines of Markdown: classes down, commands across."""
    found = field.record.get("stream", [])
    if not found:
        return []
    took, statistic = ("least", min) if field.o.statistic == "min" else ("median", statistics.median)
    for c in found:
        ratio(c, names[0], statistic)
    lines = ["## Requests in a stream", "",
             f"µs a query of {names[0]} / of the best peer, the {took} of {field.o.stream} rounds, and the ratio (its least and "
             "highest in a round); all queries of a class many times over, no round trip in it.", "",
             "| class | " + " | ".join(field.commands) + " |", "|" + " --- |" * (len(field.commands) + 1)]
    for cls in dict.fromkeys(c["class"] for c in found):
        cells = {c["command"]: c for c in found if c["class"] == cls}
        row = [f"{c['mine']:.1f} / {c['theirs']:.1f} {c['best_peer']}, {c['ratio']:.2f} ({c['low']:.2f}-{c['high']:.2f})"
               if (c := cells.get(m)) and "ratio" in c else "-" for m in field.commands]
        lines.append(f"| {cls} | " + " | ".join(row) + " |")
    return lines + [""]
