"""compare_report.py: from measured times to the tables, the JSON cells and the plots.

A cell is a command and a class of queries.  Its queries are those that every engine
agreed on and that at least one engine was timed on; an engine is in it if it answered all
of them.  An engine that differed on more queries of the class than is allowed has no
speed in the class, and where none is left to compare with, nobody has.  Means and
percentiles are over queries.  The ratio is the first engine's mean by that of the best
peer (the peer with the lowest mean in this cell); its interval is the 2.5th to 97.5th
percentile of 1000 bootstrap draws of the queries, with the seed of the run; a class of
fewer than 5 queries draws the rounds as well.
"""
import os
import random
import shutil
import statistics
import subprocess

import compare_stream

DRAWS = 1000


def percentile(values, p):
    """Linear between the two nearest; values are sorted."""
    at = (len(values) - 1) * p / 100
    low = int(at)
    high = min(low + 1, len(values) - 1)
    return values[low] + (values[high] - values[low]) * (at - low)


def describe(values):
    """Mean and percentiles in µs, of nanoseconds."""
    v = sorted(x / 1000 for x in values)
    return {"mean": sum(v) / len(v), "p50": percentile(v, 50), "p95": percentile(v, 95), "p99": percentile(v, 99)}


def interval(mine, theirs, statistic, generator):
    """Of the ratio of the means: (low, high); mine, theirs: lists of rounds, one a query."""
    few = len(mine) < 5
    reduced = None if few else [(statistic(a), statistic(b)) for a, b in zip(mine, theirs)]
    ratios = []
    for _ in range(DRAWS):
        if few:
            drawn = [(statistic(generator.choices(a, k=len(a))), statistic(generator.choices(b, k=len(b))))
                     for a, b in generator.choices(list(zip(mine, theirs)), k=len(mine))]
        else:
            drawn = generator.choices(reduced, k=len(reduced))
        ratios.append(sum(a for a, _ in drawn) / max(1, sum(b for _, b in drawn)))
    ratios.sort()
    return percentile(ratios, 2.5), percentile(ratios, 97.5)


def barred(field, cls):
    """{engine: queries of the class on which it differs} above what is allowed."""
    counts = {}
    for q, v in zip(field.queries, field.agreement):
        if cls in q.classes:
            for name in v.why:
                counts[name] = counts.get(name, 0) + 1
    return {n: c for n, c in counts.items() if c > field.o.allow_disagreement}


def cell(field, command, cls, names, statistic, generator):
    """One cell as a dictionary: engines {name: figures}, refused {name: queries}, ratio."""
    refused = barred(field, cls)
    standing = [n for n in names if n not in refused]
    # a query on which one of those who stand (or stand alone) differs is left out for all
    queries = [i for i, (q, v) in enumerate(zip(field.queries, field.agreement))
               if cls in q.classes and not any(n in v.why for n in standing)]
    timed = {n: field.times.get((n, command), {}) for n in standing}
    queries = [i for i in queries if any(i in t for t in timed.values())]
    answer = {"command": command, "class": cls, "queries": len(queries), "refused": refused, "engines": {}}
    for n in standing:
        if queries and all(i in timed[n] for i in queries):
            answer["engines"][n] = describe([statistic(timed[n][i]) for i in queries])
    first, *peers = names
    peers = [n for n in peers if n in answer["engines"]]
    if first in answer["engines"] and peers:
        best = min(peers, key=lambda n: answer["engines"][n]["mean"])
        mine = answer["engines"][first]
        low, high = interval([timed[first][i] for i in queries], [timed[best][i] for i in queries], statistic, generator)
        answer.update(best_peer=best, ratio=mine["mean"] / answer["engines"][best]["mean"], low=low, high=high,
                      p99_ratio=mine["p99"] / min(answer["engines"][n]["p99"] for n in peers))
    return answer


def cells(field, names):
    statistic = min if field.o.statistic == "min" else statistics.median
    generator = random.Random(field.o.seed)
    classes = dict.fromkeys(c for q in field.queries for c in q.classes)
    return [cell(field, command, cls, names, statistic, generator) for command in field.commands for cls in classes]


# ---- Markdown -------------------------------------------------------------


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    return lines + ["| " + " | ".join(r) + " |" for r in rows] + [""]


def quoted(text):
    """A query in a table."""
    return "`" + text.replace("|", "\\|").replace("`", "'")[:80] + "`"


def text_of_check(field, names):
    o = field.o
    share = lambda x: "-" if x is None else f"{x:.3f}"
    ks = " and of the best ".join(map(str, o.check_k))
    rows = [[r["class"], r["engine"], f"{r['counted']} / {r['queries']}", f"{r['ranked']}", f"{r['differ']}",
             *map(share, r["overlaps"])] for r in field.record.get("agreement", [])]
    lines = ["## Do the results agree?", "",
             f"Counts must be equal. Of the best {ks} documents a share of {o.overlap:g} must be the same, where a "
             f"document counts as the same if the other engine scores it within {o.score_tolerance:.0%} of its own last score "
             "(ties; lengths that an engine keeps in one byte). Overlaps are with "
             f"{names[0]}, means over the queries.", ""]
    lines += table(["class", "engine", "counts given", "rankings given", "differ",
                    *[h for k in o.check_k for h in (f"same top {k}", "with near ties")]], rows)
    worst = field.record["disagreements"]
    if worst:
        lines += [f"{len(worst)} queries with a difference" + (", the first 50:" if len(worst) > 50 else ":"), ""]
        lines += table(["query", "class", "who and how"], [
            [quoted(d["query"]), ", ".join(d["classes"]), "; ".join(f"{n}: {w}" for n, w in d["why"].items())]
            for d in worst[:50]])
    return lines


def text_of_cells(found, names):
    lines = []
    figures = lambda e: " / ".join(f"{e[k]:.1f}" for k in ("mean", "p50", "p95", "p99"))
    for command in dict.fromkeys(c["command"] for c in found):
        rows = []
        for c in (c for c in found if c["command"] == command):
            row = [c["class"], str(c["queries"])]
            for n in names:
                e = c["engines"].get(n)
                row.append(figures(e) if e else f"refused ({c['refused'][n]})" if n in c["refused"] else "-")
            row += [c.get("best_peer", "-"),
                    f"{c['ratio']:.3f} ({c['low']:.3f}-{c['high']:.3f})" if "ratio" in c else "-",
                    f"{c['p99_ratio']:.2f}" if "ratio" in c else "-"]
            rows.append(row)
        lines += [f"## {command}", ""]
        lines += table(["class", "queries", *names, "best peer", f"{names[0]} / best peer (95 %)", "p99 / lowest p99"], rows)
    return lines


def text_of_run(field, core):
    o, m = field.o, field.record["machine"]
    took = "least" if o.statistic == "min" else "median"
    lines = ["# Engines side by side", "",
             f"{len(field.queries)} queries of {o.queries}; µs, mean / p50 / p95 / p99 over queries; a query's time is the "
             f"{took} of {field.record['rounds_done']} rounds after {o.warmup} of warm-up, engines interleaved query by query, "
             f"seed {o.seed}, " + (f"engines on core {core}." if core is not None else "not pinned."),
             f"{m['cpu']}, {m['cores']} cores; load at the start {m['load'][0]:.2f}; {m['time']}.", ""]
    rows = [[n, quoted(e["command"]), f"{e['round_trip_us']:.1f}" if "round_trip_us" in e else "-"]
            for n, e in field.record["engines"].items()]
    lines += table(["engine", "command", "µs of an empty request (in every figure)"], rows)
    if field.failures:
        lines += ["**Failures.** What was measured before them is below.", ""] + [f"- {f}" for f in field.failures] + [""]
    return lines


# ---- plots ----------------------------------------------------------------


def plot_data(found, names, command, key):
    lines = []
    for c in (c for c in found if c["command"] == command and c["engines"]):
        values = [f"{c['engines'][n][key]:.3f}" if n in c["engines"] else "NaN" for n in names]
        lines.append(f"\"{c['class'].replace('_', ' ')}\" " + " ".join(values))
    return lines


def plot(found, names, out, say):
    """mean and p99 of every command as SVG and PNG, by the script in bench/plots."""
    if not shutil.which("gnuplot"):
        say("no plots: gnuplot is missing (Debian: gnuplot-nox)")
        return
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "plots", "compare.gp")
    for command in dict.fromkeys(c["command"] for c in found):
        # gnuplot refuses a histogram without any point
        shown = [n for n in names if any(n in c["engines"] for c in found if c["command"] == command)]
        for key in ("mean", "p99"):
            data = plot_data(found, shown, command, key)
            if not data:
                continue
            stem = os.path.join(out, f"{command}.{key}")
            with open(stem + ".dat", "w", encoding="utf-8") as f:
                f.write("class " + " ".join(f'"{n}"' for n in shown) + "\n" + "\n".join(data) + "\n")
            for kind in ("svg", "png"):
                done = subprocess.run(["gnuplot", "-c", script, stem + ".dat", f"{stem}.{kind}", kind,
                                       f"{command}, {key} (µs, lower is better)", str(len(shown))],
                                      capture_output=True, text=True, errors="replace")
                if done.returncode:
                    say(f"gnuplot could not draw {stem}.{kind}: {done.stderr.strip()[:200]}")


def report(field, core, say):
    """Prints and writes everything; True if a speed was refused."""
    names = list(field.record["engines"])
    names = [n for n in names if any(e == n for e, _ in field.times)] or names
    if not hasattr(field, "agreement"):
        field.agreement = []
    found = field.record["cells"] = cells(field, names) if field.agreement else []
    lines = text_of_run(field, core) + text_of_check(field, names)
    lines += (text_of_cells(found, names) if field.record["rounds_done"] else []) + compare_stream.text(field, names)
    text = "\n".join(lines)
    print(text, flush=True)
    with open(os.path.join(field.o.out, "compare.md"), "w", encoding="utf-8") as f:
        f.write(text)
    if not field.o.no_plots:
        plot(found, names, field.o.out, say)
    refused = sorted({(c["class"], n, q) for c in found for n, q in c["refused"].items()})
    for cls, name, queries in refused:
        say(f"no speed of {name} for class {cls}: it differs on {queries} of its queries "
            f"(--allow-disagreement {field.o.allow_disagreement})")
    return bool(refused)
