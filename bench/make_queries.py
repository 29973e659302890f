#!/usr/bin/env python3
"""Derive queries from a corpus.

    make_queries.py english.docs > queries.tsv
    make_queries.py --game policy.jsonl > policy-game.jsonl

The same corpus gives the same queries: what is taken from a class's candidates is
decided by a hash of the text, never by chance.

The first form reads what corpus.py writes and gives lines of class TAB query,
PER_CLASS a class.  Words are chosen by the share of the documents that have them:

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

--game reads records with normalised text (peers/normalise.py) and gives queries in
the classes, syntax and JSON lines of the public search-benchmark-game:

term                              the, and words common, middling and rare
union intersection phrase         the same 150 groups of words in three ways, as in the
                                  game two (66 %), three (28 %) or four to five words;
                                  each group stands side by side in two documents of
                                  the sample at least, with no stop word at its ends
intersection_union                one word of a group is required, the others are not
negated                           a word without one or two others of its document
two-phase                         a phrase that begins with a stop word, and a word
"""
import argparse
import collections
import hashlib
import json
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
    if path.endswith(".jsonl"):
        with open(path, "rb") as f:
            for number, line in enumerate(f, 1):
                try:
                    yield json.loads(line)["text"].encode()
                except (ValueError, KeyError, TypeError, AttributeError):
                    sys.exit(f"make_queries.py: {path}, line {number}: no record with a \"text\"")
        return
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


# ---- the game's classes ------------------------------------------------------


GAME = {"term": 20, "groups": ((2, 99), (3, 42), (4, 6), (5, 3)), "rest": 40}


def game_groups(sample, content, n, count):
    """`count` runs of n words that two documents of the sample have, as lists."""
    seen = collections.Counter()
    for runs in sample:
        seen.update({" ".join(w) for w in ngrams([runs], n)
                     if w[0] in content and w[-1] in content and all(x in STOP or x in content for x in w)})
    return [g.split() for g in pick((g for g, k in seen.items() if k > 1), count)]


def game_tags(cls, n):
    return [cls, "global", f"{cls}:num_tokens_{n if n < 4 else '>3'}"]


def game_pairs(sample, middle):
    """(runs, words): phrases of stop word and word, and a word of the same document."""
    for i, runs in enumerate(sample):
        heads = [w for w in ngrams([runs], 2) if w[0] in STOP and w[1] in middle]
        head = pick((" ".join(w) for w in heads), 1, f"{i} ")
        other = pick((w for run in runs for w in run.split() if w in middle and w not in "".join(head)), 1, f"{i} ")
        if head and other:
            yield f'+"{head[0]}" +{other[0]}'


def game(df, sample, n):
    """(query, tags) of all classes, in the classes' order."""
    middle = banded(df, 0.005 * n, 0.4 * n)
    content = banded(df, 0.0005 * n, 0.6 * n)
    for word in ["the"] + [w for band in (banded(df, 0.05 * n, 0.6 * n), banded(df, 0.005 * n, 0.05 * n),
                                          banded(df, 3, 60)) for w in pick(band, GAME["term"])]:
        yield word, ["term"]
    groups = [g for size, count in GAME["groups"] for g in game_groups(sample, content, size, count)]
    for cls, form in (("union", "{}"), ("intersection", "+{}"), ("phrase", "{}")):
        for g in groups:
            text = " ".join(form.format(w) for w in g)
            tags = game_tags(cls, len(g))
            yield (f'"{text}"', [tags[0], tags[2]]) if cls == "phrase" else (text, tags)
    for g in game_groups(sample, content, 3, 400)[-GAME["rest"] // 2:] + groups[:GAME["rest"] // 2]:
        must = hashlib.blake2b(" ".join(g).encode(), digest_size=1).digest()[0] % len(g)
        yield (" ".join("+" * (i == must) + w for i, w in enumerate(g)),
               ["intersection_union", f"intersection_union:num_tokens_{len(g)}"])
    bag = pick((" ".join(b) for b in bags(sample, middle, 3)), GAME["rest"])
    for i, words in enumerate(b.split() for b in bag):
        words = words[:2 + i % 2]
        yield f"+{' -'.join(words)}", ["negated", f"negated:num_tokens_{len(words)}"]
    for text in pick(game_pairs(sample, middle), GAME["rest"]):
        yield text, ["two-phase"]


def print_game(path):
    for number, (text, tags) in enumerate(game(*survey(path)), 1):
        print(json.dumps({"id": str(number), "text": text, "tags": tags}))


def main():
    ap = argparse.ArgumentParser(description="Derive queries from a corpus.")
    ap.add_argument("--game", action="store_true", help="the classes and JSON lines of the search-benchmark-game")
    ap.add_argument("corpus", help="what corpus.py writes as english.docs; records where it ends in .jsonl")
    args = ap.parse_args()
    if args.game:
        print_game(args.corpus)
        return
    df, sample, n = survey(args.corpus)
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
