"""agree.py: whether engines found the same for a query.

Rules, for two engines that both answer:
* the counts must be equal, always;
* the best 10 and the best 100 documents must overlap by a share (0.9).  A document that
  only one of them has among these is excused if the other one scores it within a tolerance (5 %, relative)
  of its own last score: engines that keep a document's length in one byte (Lucene,
  tantivy) score up to that much differently, and ties are broken in any order.
The two score scales are never compared with each other (Lucene leaves out a factor).
What an engine does not support is not compared.

Of several engines, the one that agrees with the most others is taken as right if it and
those are more than half; the others are named.  Without such a majority all are.
Pure functions; compare.py calls them and compare_report.py prints what they say.
"""
import collections

Rules = collections.namedtuple("Rules", "ks overlap tolerance")


class Verdict:
    """Of one query: `why` {engine: reason} of those that differ, overlaps with the first engine."""

    def __init__(self):
        self.why = {}
        self.overlaps = {}
        self.counted = set()
        self.ranked = set()

    def add(self, name, reason):
        self.why.setdefault(name, reason)


def excused(ident, hits, k, tolerance):
    """Is this document, not among the k best of `hits`, close enough to them?"""
    if len(hits) < k:
        return False
    last = hits[k - 1][1]
    return any(d == ident and score >= last - tolerance * abs(last) for d, score in hits[k:])


def overlap(a, b, k, tolerance):
    """(share of the k best that are the same, the same with near ties excused)"""
    first, second = {d for d, _ in a[:k]}, {d for d, _ in b[:k]}
    n = max(len(first), len(second))
    if n == 0:
        return 1.0, 1.0
    same = len(first & second)
    # a swap is one document on each side: both must be excused by the other engine
    near = min(sum(excused(d, b, k, tolerance) for d in first - second),
               sum(excused(d, a, k, tolerance) for d in second - first))
    return same / n, (same + near) / n


def difference(a, b, rules):
    """Why two (count, hits) differ, or None."""
    if a[0] is not None and b[0] is not None and a[0] != b[0]:
        return f"count {b[0]} against {a[0]}"
    if a[1] is not None and b[1] is not None:
        for k in rules.ks:
            strict, near = overlap(a[1], b[1], k, rules.tolerance)
            if near < rules.overlap:
                return f"top {k} overlap {near:.2f} ({strict:.2f} without near ties)"
    return None


def malformed(hits):
    """Hits out of order or twice."""
    if len({d for d, _ in hits}) != len(hits):
        return "a document twice among the hits"
    if any(not y <= x for (_, x), (_, y) in zip(hits, hits[1:])):
        return "scores that do not descend"
    return None


def judge(answers, names, rules):
    """The verdict on {engine: (count, hits)}; engines without an answer are not in it."""
    verdict = Verdict()
    names = [n for n in names if n in answers and answers[n] != (None, None)]
    for n in names:
        count, hits = answers[n]
        verdict.counted.update([n] if count is not None else [])
        verdict.ranked.update([n] if hits is not None else [])
        reason = malformed(hits) if hits else None
        if reason is None and count is not None and hits is not None and len(hits) > count:
            reason = f"{len(hits)} hits of {count}"
        if reason:
            verdict.add(n, reason)
    if not names:
        return verdict
    differs = {a: {b: difference(answers[a], answers[b], rules) for b in names if b != a} for a in names}
    right = min(names, key=lambda a: sum(r is not None for r in differs[a].values()))
    wrong = {b: r for b, r in differs[right].items() if r is not None}
    if 2 * len(wrong) >= len(names):
        wrong[right] = "no majority"
    for n, reason in wrong.items():
        verdict.add(n, reason if n == right else f"{reason} of {right}")
    first = answers[names[0]][1]
    for n in names[1:]:
        if first is not None and answers[n][1] is not None:
            verdict.overlaps[n] = [x for k in rules.ks for x in overlap(first, answers[n][1], k, rules.tolerance)]
    return verdict


def summary(queries, verdicts, names, rules):
    """[{class, engine, queries, counted, ranked, differ, overlaps}] of every class and engine.

    overlaps: for each k the mean of the strict share and of that with near ties.
    """
    rows = []
    for cls in dict.fromkeys(c for q in queries for c in q.classes):
        mine = [v for q, v in zip(queries, verdicts) if cls in q.classes]
        for n in names:
            pairs = [v.overlaps[n] for v in mine if n in v.overlaps]
            rows.append({"class": cls, "engine": n, "queries": len(mine),
                         "counted": sum(n in v.counted for v in mine), "ranked": sum(n in v.ranked for v in mine),
                         "differ": sum(n in v.why for v in mine),
                         "overlaps": [sum(x) / len(pairs) for x in zip(*pairs)] or [None] * 2 * len(rules.ks)})
    return rows
