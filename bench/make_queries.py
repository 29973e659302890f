#!/usr/bin/env python3
"""Derive queries from a corpus: make_queries.py english.docs > queries.tsv

Lines of class TAB query, PER_CLASS a class, the same for the same corpus: what
is taken from a class's candidates is decided by a hash of the text, never by
chance.  Words are chosen by the share of the documents that have them:

term_common    one word in 5 to 60 % of the documents
term_rare      one word in 3 to 60 documents
and2           two words of one document, each in 0.5 to 40 %
or2 or3 or10   as many words of one document, joined by OR
phrase2        two or three words that stand side by side somewhere, without
phrase3        stop words
phrase_stop    three to five words side by side, some of them stop words
phrase_common  two or three stop words side by side ("of the")
prefix         the first four to six letters of a word

Only words of a-z with blanks around them are used, since tokenizers agree on
them; the syntax is one that cdgsearch, FTS5 and Xapian's parser understand alike.
"""
import collections
import hashlib
import re
import struct
import sys

PER_CLASS = 50
STOP = set("""a an and any are as at be been but by can for from had has have he her his if in into is it
its may more no nor not of on or other our shall she so such than that the their them then there these they
this those to under upon was we were what when where which who will with would you your""".split())
TOKEN = re.compile(rb"[a-z]+")
RUN = re.compile(r"(?<=\s)[a-z]{1,24}(?: [a-z]{1,24}){1,11}(?=\s)")


def documents(path):
    with open(path, "rb") as f:
        while head := f.read(8):
            ntitle, ntext = struct.unpack("<II", head)
            f.read(ntitle)
            yield f.read(ntext)


def pick(candidates, n=PER_CLASS, salt=""):
    def key(text):
        return hashlib.blake2b((salt + text).encode(), digest_size=8).digest()
    return sorted(set(candidates), key=key)[:n]


def survey(path):
    """Document frequencies, and the runs of plain words of every 97th document."""
    df = collections.Counter()
    sample = []
    n = 0
    for n, text in enumerate(documents(path), 1):
        lower = text.lower()
        df.update(set(TOKEN.findall(lower)))
        if n % 97 == 0:
            sample.append(RUN.findall(text[:200000].decode("utf-8", "replace")))
    return {w.decode(): c for w, c in df.items()}, sample, n


def banded(df, lo, hi):
    return {w for w, c in df.items() if lo <= c <= hi and len(w) >= 3 and w not in STOP}


def bags(sample, words, n):
    """n words of one document, for each document that has so many."""
    for i, runs in enumerate(sample):
        have = pick((w for run in runs for w in run.split() if w in words), n, "%d " % i)
        if len(have) == n:
            yield have


def ngrams(sample, n):
    for runs in sample:
        for run in runs:
            words = run.split()
            for i in range(len(words) - n + 1):
                yield words[i:i + n]


def phrases(sample, sizes, want):
    found = set()
    for n in sizes:
        found |= {" ".join(g) for g in ngrams(sample, n) if want(g)}
    return ['"%s"' % p for p in pick(found)]


def main():
    df, sample, n = survey(sys.argv[1])
    middle = banded(df, 0.005 * n, 0.4 * n)
    wide = banded(df, 0.001 * n, 0.4 * n)
    content = banded(df, 0.001 * n, n)
    out = {
        "term_common": pick(banded(df, 0.05 * n, 0.6 * n)),
        "term_rare": pick(w for w in banded(df, 3, 60) if 4 <= len(w) <= 14),
        "and2": pick(" ".join(b) for b in bags(sample, middle, 2)),
    }
    for k, words in ((2, middle), (3, middle), (10, wide)):
        out["or%d" % k] = pick(" OR ".join(b) for b in bags(sample, words, k))
    out["phrase2"] = phrases(sample, [2], lambda g: all(w in content for w in g))
    out["phrase3"] = phrases(sample, [3], lambda g: all(w in content for w in g))
    out["phrase_stop"] = phrases(sample, [3, 4, 5], lambda g: any(w in STOP for w in g)
                                 and all(w in STOP or w in content for w in g)
                                 and sum(w in content for w in g) * 2 >= len(g) - 1)
    out["phrase_common"] = phrases(sample, [2, 3], lambda g: all(w in STOP for w in g))
    out["prefix"] = pick(w[:4 + len(w) % 3] + "*" for w in wide if len(w) >= 7)
    for cls, queries in out.items():
        for q in queries:
            print(cls, q, sep="\t")


if __name__ == "__main__":
    main()
