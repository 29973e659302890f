#!/usr/bin/env python3
"""TREC judgements, runs, measures and significance, as trec_eval computes them.

What it owns: reading qrels and run files, the measures of one query, their means
over queries, the paired t test and the randomisation test.  It prints nothing and
runs nothing; eval.py does.  Pure functions, standard library only.

How trec_eval does it, and so does this (checked against it in tests/cli/bench_py.sh):
* the rank column is ignored: documents are sorted by score, which is held in
  single precision, and equal scores by document id, the larger bytes first;
* documents without a judgement, and those judged below 1, are not relevant;
* nDCG has linear gains (the grade) and the discount log2(rank + 1), cut at 10; the
  ideal ranking is over all judged documents, the cut applies to it as well;
* P@10 divides by 10 and R@100 by all relevant documents, however few were returned;
* AP goes over the whole ranking, whatever its length;
* a query whose judgements have no relevant document scores 0 and counts;
* a document twice in one query, of the run or of the judgements, is an error.

Two rules are a matter of choice.  A query with judgements that the run does not
answer counts 0 (trec_eval -c), since leaving it out (trec_eval without -c) would
reward an engine for giving up; `complete=False` leaves it out.  A duplicate can be
dropped, the first line being kept, and is then counted in `Table.duplicates`.
"""
import math
import random
import struct

MEASURES = ("nDCG@10", "MAP", "P@10", "R@100", "MRR")


class TrecError(Exception):
    """A file that cannot be used; the text says which line and why."""


class Table:
    """Of one file: {query: {document: grade or score}}, and what was odd in it."""

    def __init__(self, name):
        self.name = name
        self.rows = {}
        self.lines = 0
        self.duplicates = 0
        self.first_duplicate = None

    def add(self, query, doc, value, number, keep_first):
        row = self.rows.setdefault(query, {})
        self.lines += 1
        if doc not in row:
            row[doc] = value
            return
        self.duplicates += 1
        if self.first_duplicate is None:
            self.first_duplicate = (number, query, doc)
        if not keep_first:
            raise TrecError(f"{self.name}, line {number}: document {doc!r} is there twice for query "
                            f"{query!r} (--keep-first takes the first of them)")


def read_lines(path):
    """(number, line) of the lines that are not blank; text must be UTF-8."""
    with open(path, "rb") as stream:
        for number, raw in enumerate(stream, 1):
            if number == 1 and raw.startswith((b"\xff\xfe", b"\xfe\xff")):
                raise TrecError(f"{path}: this is UTF-16; it must be UTF-8")
            if number == 1 and raw.startswith(b"\xef\xbb\xbf"):
                raw = raw[3:]
            try:
                line = raw.decode("utf-8").rstrip("\r\n")
            except UnicodeDecodeError as why:
                raise TrecError(f"{path}, line {number}: not UTF-8: {why.reason} at byte {why.start}") from None
            if line.strip():
                yield number, line


def split_fields(line, head, tail):
    """The first `head` fields, what is between (an id may hold spaces), the last `tail`."""
    fields = line.split("\t") if "\t" in line else line.split()
    if len(fields) < head + 1 + tail:
        return None
    end = len(fields) - tail
    return fields[:head] + [" ".join(fields[head:end])] + fields[end:]


def read_qrels(path, keep_first=False):
    """Judgements: query, ignored, document, grade."""
    table = Table(path)
    for number, line in read_lines(path):
        fields = split_fields(line, 2, 1)
        if fields is None:
            raise TrecError(f"{path}, line {number}: not 'query 0 document grade': {line[:80]!r}")
        try:
            grade = int(fields[3])
        except ValueError:
            raise TrecError(f"{path}, line {number}: the grade {fields[3]!r} is not an integer") from None
        table.add(fields[0], fields[2], grade, number, keep_first)
    if not table.rows:
        raise TrecError(f"{path}: no judgements in it")
    return table


def read_run(path, keep_first=False):
    """A run: query, ignored, document, rank, score, tag."""
    table = Table(path)
    for number, line in read_lines(path):
        fields = split_fields(line, 2, 3)
        if fields is None:
            raise TrecError(f"{path}, line {number}: not 'query Q0 document rank score tag': {line[:80]!r}")
        try:
            score = float(fields[4])
        except ValueError:
            score = math.nan
        if not math.isfinite(score):
            raise TrecError(f"{path}, line {number}: the score {fields[4]!r} is not a number")
        table.add(fields[0], fields[2], score, number, keep_first)
    return table


def single(score):
    """The score in single precision; what does not fit is as large as can be."""
    try:
        return struct.unpack("f", struct.pack("f", score))[0]
    except OverflowError:
        return math.copysign(math.inf, score)


def rank(scores):
    """Documents best first, in trec_eval's order."""
    return sorted(scores, key=lambda d: (single(scores[d]), d.encode("utf-8", "surrogatepass")), reverse=True)


def dcg(grades):
    """Discounted cumulative gain of the grades in this order."""
    return sum(g / math.log2(i + 2) for i, g in enumerate(grades) if g > 0)


def measure(judged, scores):
    """{measure: value} of one query: {document: grade}, {document: score}."""
    grades = [judged.get(d, 0) for d in rank(scores)]
    hits = [i for i, g in enumerate(grades) if g > 0]
    relevant = sum(g > 0 for g in judged.values())
    ideal = dcg(sorted(judged.values(), reverse=True)[:10])
    precision = sum((n + 1) / (i + 1) for n, i in enumerate(hits))
    return {
        "nDCG@10": dcg(grades[:10]) / ideal if ideal else 0.0,
        "MAP": precision / relevant if relevant else 0.0,
        "P@10": sum(i < 10 for i in hits) / 10,
        "R@100": sum(i < 100 for i in hits) / relevant if relevant else 0.0,
        "MRR": 1 / (hits[0] + 1) if hits else 0.0,
    }


def evaluate(qrels, run, complete=True):
    """{query: {measure: value}} of the queries with judgements."""
    return {q: measure(judged, run.get(q, {})) for q, judged in qrels.items() if complete or run.get(q)}


def means(per_query):
    """{measure: mean over the queries}."""
    n = len(per_query)
    return {m: math.fsum(v[m] for v in per_query.values()) / n if n else 0.0 for m in MEASURES}


def census(qrels, run, known=None):
    """What is odd between judgements and run, as numbers; known: ids of the collection."""
    top = [(q, d) for q in run if q in qrels for d in rank(run[q])[:10]]
    counts = {
        "queries judged": len(qrels),
        "judged queries without a relevant document": sum(all(g < 1 for g in r.values()) for r in qrels.values()),
        "judged queries the run does not answer": sum(not run.get(q) for q in qrels),
        "queries of the run without judgements": sum(q not in qrels for q in run),
        "unjudged documents among the first ten": sum(d not in qrels[q] for q, d in top),
        "documents among the first ten": len(top),
    }
    if known is not None:
        counts["judgements for unknown documents"] = sum(d not in known for r in qrels.values() for d in r)
    return counts


def incomplete_beta(a, b, x):
    """The regularised incomplete beta function, by its continued fraction (modified Lentz)."""
    if x <= 0.0 or x >= 1.0:
        return 0.0 if x <= 0.0 else 1.0
    if x > (a + 1) / (a + b + 2):
        return 1.0 - incomplete_beta(b, a, 1.0 - x)
    tiny = 1e-300
    c, d = 1.0, 1.0 - (a + b) * x / (a + 1)
    d = 1.0 / (d if abs(d) > tiny else tiny)
    value = d
    for m in range(1, 1000):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d = 1.0 + term * d
            d = 1.0 / (d if abs(d) > tiny else tiny)
            c = 1.0 + term / c
            c = c if abs(c) > tiny else tiny
            value *= c * d
        if abs(c * d - 1.0) < 1e-15:
            break
    front = a * math.log(x) + b * math.log1p(-x) + math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    return math.exp(front) * value / a


def t_test(differences):
    """(t, two-sided p) of the paired t test; p is 1 where all differences are 0."""
    n = len(differences)
    if n < 2 or not any(differences):
        return 0.0, 1.0
    mean = math.fsum(differences) / n
    variance = math.fsum((d - mean) ** 2 for d in differences) / (n - 1)
    if variance == 0.0:
        return math.copysign(math.inf, mean), 0.0
    t = mean / math.sqrt(variance / n)
    return t, incomplete_beta((n - 1) / 2, 0.5, (n - 1) / (n - 1 + t * t))


def randomisation_test(differences, rounds=10000, seed=1):
    """Two-sided p: how often random signs give a mean at least as far from 0.

    Queries that do not differ cannot change the sum and are left out of the draw.
    The observed signs count as one of the draws, so p is never 0.
    """
    moved = [abs(d) for d in differences if d]
    seen = abs(math.fsum(differences))
    total = math.fsum(moved)
    generator = random.Random(seed)
    far = 0
    for _ in range(rounds):
        bits = generator.getrandbits(len(moved)) if moved else 0
        flipped = sum(d for i, d in enumerate(moved) if bits >> i & 1)
        far += abs(total - 2 * flipped) >= seen - 1e-12
    return (far + 1) / (rounds + 1)


def compare(first, second, rounds=10000, seed=1):
    """{measure: (difference of the means, t, p of t, p of randomisation, better, same, worse)}

    of two results of evaluate(), over the queries of both; the second is the baseline.
    """
    queries = [q for q in first if q in second]
    answer = {}
    for m in MEASURES:
        d = [first[q][m] - second[q][m] for q in queries]
        mean = math.fsum(d) / len(d) if d else 0.0
        answer[m] = (mean, *t_test(d), randomisation_test(d, rounds, seed),
                     sum(x > 0 for x in d), sum(x == 0 for x in d), sum(x < 0 for x in d))
    return answer
