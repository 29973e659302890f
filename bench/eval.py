#!/usr/bin/env python3
"""cdgbench eval: how good the ranking is, on collections with judgements.

    cdgbench eval COLLECTION...                index, run all queries, measure
    cdgbench eval --sweep k1=0.9,1.2 --sweep b=0.4,0.75 COLLECTION...
    cdgbench eval --qrels QRELS --run RUN [--against RUN]      measure what is there

A collection is a folder with corpus.jsonl or corpus.jsonl.zst (records as cdgindex
takes them), queries.jsonl (id, text) and qrels.tsv; --split dev takes
queries-dev.jsonl and qrels-dev.tsv.  The measures are trec.py's.

What it owns: the options, the index of each collection (in --work, or a folder that
is removed), the tables.  The queries are given to cdgsearch as people typed them, so
its own reading of them is measured too; its warnings are counted.  --json is written
anew after every collection, so what was measured survives what fails after it.

Exit status: 0 all measured; 2 something could not be, or the data is not as it should
be (judgements for documents that the collection has not: --allow-unknown).
"""
import argparse
import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import trec  # noqa: E402


class EvalError(Exception):
    """Something that ends the work on one collection; the text is for people."""


def say(text):
    print(f"cdgbench eval: {text}", file=sys.stderr, flush=True)


# ---- a collection ---------------------------------------------------------


class Collection:
    """A folder's files, read; `known` are its document ids once it is indexed."""

    def __init__(self, folder, split, keep_first):
        self.folder = folder
        self.name = os.path.basename(os.path.normpath(folder)) + (f" ({split})" if split else "")
        end = f"-{split}" if split else ""
        self.corpus = self.find("corpus.jsonl", "corpus.jsonl.zst")
        self.qrels = trec.read_qrels(self.find(f"qrels{end}.tsv"), keep_first)
        self.queries = read_queries(self.find(f"queries{end}.jsonl"))
        self.known = None

    def find(self, *names):
        for name in names:
            path = os.path.join(self.folder, name)
            if os.path.exists(path):
                return path
        raise EvalError(f"{self.folder}: no {' or '.join(names)} in it")


def read_queries(path):
    """{id: text}, in the file's order."""
    queries = {}
    for number, line in trec.read_lines(path):
        try:
            query = json.loads(line)
            ident, text = query["id"], query["text"]
        except (ValueError, KeyError, TypeError):
            raise EvalError(f"{path}, line {number}: not an object with \"id\" and \"text\"") from None
        ident = str(ident)
        if not isinstance(text, str) or not ident or ident != "".join(ident.split()):
            raise EvalError(f"{path}, line {number}: the text is no string, or the id {ident!r} is empty or has blanks")
        if ident in queries:
            raise EvalError(f"{path}, line {number}: query {ident!r} is there twice")
        queries[ident] = " ".join(text.split())
    if not queries:
        raise EvalError(f"{path}: no queries in it")
    return queries


# ---- the engine -----------------------------------------------------------


def finish(process, what, allowed=(0,)):
    """Waits for a process whose output has been read; its status must be allowed."""
    status = process.wait()
    if status not in allowed:
        how = f"was ended by signal {-status}" if status < 0 else f"ended with status {status}"
        raise EvalError(f"{what} {how}")


def copy_corpus(path, out):
    """Writes the records of a corpus to a stream; their ids."""
    known = set()
    if path.endswith(".zst"):
        if not shutil.which("zstd"):
            raise EvalError(f"{path}: zstd is needed to read it (Debian: zstd)")
        source = subprocess.Popen(["zstd", "-dcq", "--long=27", path], stdout=subprocess.PIPE)
    else:
        source = None
    with source.stdout if source else open(path, "rb") as lines:
        for number, line in enumerate(lines, 1):
            try:
                known.add(str(json.loads(line)["id"]))
            except (ValueError, KeyError, TypeError):
                raise EvalError(f"{path}, line {number}: not an object with an \"id\"") from None
            out.write(line)
    if source:
        finish(source, f"zstd, reading {path},")
    return known


def build_index(collection, index, o):
    """Indexes the corpus; says how long it took and how much there is."""
    start = time.monotonic()
    command = [o.index_program, "-q", "-d", index, "--jsonl", *o.index_option, "-"]
    with open(index + ".log", "w+b") as log:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=log)
        try:
            collection.known = copy_corpus(collection.corpus, process.stdin)
            process.stdin.close()
        except BrokenPipeError:
            pass  # its status says why
        except BaseException:
            process.kill()
            process.wait()
            raise
        try:
            finish(process, "cdgindex")
        except EvalError as why:
            log.seek(0)
            raise EvalError(f"{why}: {log.read(500).decode('utf-8', 'replace').strip()}") from None
    return time.monotonic() - start


def write_topics(collection, path):
    with open(path, "w", encoding="utf-8") as out:
        for ident, text in collection.queries.items():
            out.write(f"{ident}\t{text}\n")


def run_queries(topics, index, run, o, extra):
    """All queries into a run file; (seconds, warnings)."""
    command = [o.search_program, "-d", index, "--batch", topics, "--format", "trec", "-n", str(o.depth),
               "--default-op", o.default_op,
               *o.search_option, *extra]
    start = time.monotonic()
    with open(run, "wb") as out, open(run + ".log", "w+b") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=log)
        try:
            process.wait(o.timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise EvalError(f"cdgsearch took more than {o.timeout:g} s (--timeout)") from None
        seconds = time.monotonic() - start
        log.seek(0)
        said = log.read().decode("utf-8", "replace")
        try:
            finish(process, "cdgsearch", (0, 1))
        except EvalError as why:
            lines = [x for x in said.splitlines() if "warning:" not in x] or said.splitlines()
            raise EvalError(f"{why}: {' '.join(lines[-2:])[:500]}") from None
    return seconds, said.count("warning:")


# ---- measuring ------------------------------------------------------------


def column(ident):
    """An id as cdgsearch writes it in a column: blanks and control characters become _."""
    return "".join("_" if x in " \t\n\v\f\r" or x < " " or x == "\x7f" else x for x in ident) or "_"


def restore_ids(run, known):
    """Gives the documents of a run their own ids back."""
    names = {}
    for ident in known:
        if names.setdefault(column(ident), ident) != ident:
            raise EvalError(f"documents {names[column(ident)]!r} and {ident!r} cannot be told apart in a run")
    for query, row in run.rows.items():
        run.rows[query] = {names.get(d, d): score for d, score in row.items()}


def measure_run(qrels, path, o, known=None):
    run = trec.read_run(path, o.keep_first)
    if known:
        restore_ids(run, known)
    return run, trec.evaluate(qrels.rows, run.rows, not o.as_retrieved)


def oddities(qrels, run, known, queries=None):
    """What is odd, as a list of (text, number), numbers of 0 left out."""
    odd = trec.census(qrels.rows, run.rows, known)
    odd.pop("queries judged")
    odd.pop("documents among the first ten")
    odd["duplicate lines of the judgements, all but the first left out"] = qrels.duplicates
    odd["duplicate lines of the run, all but the first left out"] = run.duplicates
    if queries is not None:
        odd["judged queries that the collection has not"] = sum(q not in queries for q in qrels.rows)
    return [(k, v) for k, v in odd.items() if v]


def table(head, rows):
    """A Markdown table."""
    print("| " + " | ".join(head) + " |")
    print("|" + " --- |" * len(head))
    for row in rows:
        print("| " + " | ".join(str(x) for x in row) + " |")
    print(flush=True)


def four(values):
    return [f"{values[m]:.4f}" for m in trec.MEASURES]


def significance(first, second, o):
    """The comparison with a baseline, printed; as a dictionary."""
    answer = trec.compare(first, second, o.rounds, o.seed)
    n = sum(q in second for q in first)
    print(f"Against the baseline, over {n} queries of both (paired t test, two-sided; "
          f"randomisation test, {o.rounds} draws, seed {o.seed}):\n")
    table(["measure", "difference", "t", "p (t)", "p (randomisation)", "better / same / worse"],
          [[m, f"{v[0]:+.4f}", f"{v[1]:.3f}", f"{v[2]:.4f}", f"{v[3]:.4f}", f"{v[4]} / {v[5]} / {v[6]}"]
           for m, v in answer.items()])
    names = ("difference", "t", "p_t", "p_randomisation", "better", "same", "worse")
    return {m: dict(zip(names, v)) for m, v in answer.items()}


def baseline_of(path, name):
    """--against FILE, or a folder with NAME.run."""
    return os.path.join(path, name.replace(" ", "") + ".run") if os.path.isdir(path) else path


def grid_of(sweeps):
    """[(k1, b)] of --sweep k1=... and b=...; None where it is not given."""
    values = {"k1": [None], "b": [None]}
    for sweep in sweeps:
        name, _, listed = sweep.partition("=")
        try:
            values[name] = [float(x) for x in listed.split(",")]
        except ValueError:
            raise EvalError(f"--sweep: '{sweep}' is not k1=X,... or b=X,...") from None
    if len(values) != 2:
        raise EvalError("--sweep: only k1 and b can be swept")
    return list(itertools.product(values["k1"], values["b"]))


def parameters(k1, b):
    return [x for name, v in (("--k1", k1), ("--b", b)) if v is not None for x in (name, f"{v:g}")]


def run_collection(folder, o, work, results):
    """Everything about one collection; True if its data is sound."""
    c = Collection(folder, o.split, o.keep_first)
    key = c.name.replace(" ", "")
    index, topics = os.path.join(work, key + ".idx"), os.path.join(work, key + ".topics")
    took = build_index(c, index, o)
    write_topics(c, topics)
    rows, entries = [], []
    result = results.setdefault(c.name, {"documents": len(c.known), "index_seconds": took, "runs": entries})
    for k1, b in grid_of(o.sweep):
        path = os.path.join(o.save or work, key + (f".k1={k1},b={b}" if o.sweep else "") + ".run")
        seconds, warnings = run_queries(topics, index, path, o, parameters(k1, b))
        run, per_query = measure_run(c.qrels, path, o, c.known)
        mean = trec.means(per_query)
        rows.append(([k1, b] if o.sweep else []) + four(mean))
        entries.append({"k1": k1, "b": b, "means": mean, "seconds": seconds, "warnings": warnings,
                        "odd": dict(oddities(c.qrels, run, c.known, c.queries))})
        if o.per_query:
            entries[-1]["queries"] = per_query
    print(f"## {c.name}: {len(c.known)} documents, {len(c.queries)} queries, {len(per_query)} measured\n")
    if o.sweep:
        table(["k1", "b", *trec.MEASURES], rows)
        best = max(entries, key=lambda e: e["means"]["nDCG@10"])
        print(f"Highest nDCG@10: k1 {best['k1']}, b {best['b']}.\n")
    else:
        table(trec.MEASURES, rows)
    print(f"Indexed in {took:.1f} s; {len(c.queries)} queries, {o.depth} deep, in {seconds:.1f} s; {warnings} warnings.")
    for text, number in oddities(c.qrels, run, c.known, c.queries):
        print(f"- {text}: {number}")
    print(flush=True)
    if o.against:
        base = measure_run(c.qrels, baseline_of(o.against, c.name), o, c.known)[1]
        result["against"] = significance(per_query, base, o)
    unknown = entries[-1]["odd"].get("judgements for unknown documents", 0)
    if unknown and not o.allow_unknown:
        say(f"{c.name}: {unknown} judgements are for documents that the collection has not; "
            "they count as relevant and never found (--allow-unknown accepts that)")
    return o.allow_unknown or not unknown


def summary(results):
    """One line a collection: the last (or only) run of each."""
    rows = [[name] + four(max(r["runs"], key=lambda e: e["means"]["nDCG@10"])["means"])
            for name, r in results.items() if r["runs"]]
    if len(rows) > 1:
        print("## all (of a sweep, the best by nDCG@10)\n")
        table(["collection", *trec.MEASURES], rows)


def write_json(path, value):
    """Whole or not at all."""
    if path:
        with open(path + ".part", "w", encoding="utf-8") as out:
            json.dump(value, out, indent=1, ensure_ascii=False)
            out.write("\n")
        os.replace(path + ".part", path)


def eval_collections(o):
    results, good = {}, True
    work = o.work or tempfile.mkdtemp(prefix="cdgbench-eval.")
    os.makedirs(work, exist_ok=True)
    if o.save:
        os.makedirs(o.save, exist_ok=True)
    try:
        for folder in o.collection:
            try:
                good = run_collection(folder, o, work, results) and good
            except (EvalError, trec.TrecError, OSError) as why:
                say(f"{folder}: {why}")
                good = False
            write_json(o.json, results)
        summary(results)
    finally:
        if not o.work:
            shutil.rmtree(work, ignore_errors=True)
    return 0 if good else 2


def eval_files(o):
    """--qrels and --run: no engine at all."""
    qrels = trec.read_qrels(o.qrels, o.keep_first)
    run, per_query = measure_run(qrels, o.run, o)
    table(["run", "queries", *trec.MEASURES], [[o.run, len(per_query)] + four(trec.means(per_query))])
    result = {"means": trec.means(per_query), "odd": dict(oddities(qrels, run, None))}
    for text, number in result["odd"].items():
        print(f"- {text}: {number}")
    if o.per_query:
        result["queries"] = per_query
    if o.against:
        print()
        result["against"] = significance(per_query, measure_run(qrels, o.against, o)[1], o)
    write_json(o.json, result)
    return 0


def options(arguments):
    beside = os.path.dirname(os.environ.get("CDGBENCH", ""))
    build = os.environ.get("CDG_BUILD") or beside or "build"
    p = argparse.ArgumentParser(prog="cdgbench eval", description="Measures of TREC on collections, or on run files.")
    add = p.add_argument
    add("collection", nargs="*", help="folders with corpus.jsonl[.zst], queries.jsonl, qrels.tsv")
    add("--qrels", metavar="FILE", help="measure --run against these judgements, without an engine")
    add("--run", metavar="FILE")
    add("--against", metavar="FILE", help="a baseline run, or a folder with COLLECTION.run: significance")
    add("--split", default="", help="queries-SPLIT.jsonl and qrels-SPLIT.tsv")
    add("--sweep", action="append", default=[], metavar="k1=X,...", help="and b=X,...: a table over all pairs")
    add("--default-op", choices=("and", "or"), default="or", help="passed to cdgsearch (or: questions are long)")
    add("--search-option", action="append", default=[], metavar="OPT", help="passed to cdgsearch as it is; may be repeated")
    add("--index-option", action="append", default=[], metavar="OPT", help="passed to cdgindex")
    add("--depth", type=int, default=1000, help="documents a query (1000)")
    add("--timeout", type=float, default=600, help="seconds for all queries of a collection (600)")
    add("--save", metavar="DIR", help="keep the runs here as COLLECTION.run")
    add("--work", metavar="DIR", help="keep the indexes here")
    add("--json", metavar="FILE", help="the figures, written anew after each collection")
    add("--per-query", action="store_true", help="figures of each query in the JSON")
    add("--as-retrieved", action="store_true", help="leave out judged queries without an answer (they count 0)")
    add("--keep-first", action="store_true", help="of duplicate lines take the first (they are an error)")
    add("--allow-unknown", action="store_true", help="judgements for unknown documents are no failure")
    add("--rounds", type=int, default=10000, help="draws of the randomisation test (10000)")
    add("--seed", type=int, default=1, help="and its seed (1)")
    add("--index-program", default=os.path.join(build, "cdgindex"), help=argparse.SUPPRESS)
    add("--search-program", default=os.path.join(build, "cdgsearch"), help=argparse.SUPPRESS)
    o = p.parse_args(arguments)
    if bool(o.qrels) != bool(o.run) or bool(o.qrels) == bool(o.collection):
        p.error("give COLLECTION folders, or --qrels and --run")
    return o


def main(arguments):
    o = options(arguments)
    try:
        grid_of(o.sweep)
        return eval_files(o) if o.qrels else eval_collections(o)
    except (EvalError, trec.TrecError, OSError) as why:
        say(why)
        return 2


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
