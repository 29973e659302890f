#!/usr/bin/env python3
"""generate.py - inputs that are large in one respect, for the slow tests.

    generate.py terms FILE [TERMS]   records with that many distinct words (10 million)
    generate.py large FILE           one document of 100 MB in 100,000 lines
    generate.py line FILE            one document of 50 MB without a line end

The words of `terms` are a q and numbers in a base of 20 consonants, spread over
the records by a step prime to how many there are, so that each flush meets words
from the whole range.  No stemmer shortens them: they have no vowel.  A word
stands in one record, every COMMON-th also in the first 20, and `everywhere` in
all.  Some words, with the number of records that have them, are printed.
"""
import sys

LETTERS = "bcdfghjklmnpqrstvwxz"
COMMON = 1000000
PER_RECORD = 1000
STEP = 7368787  # a prime
PARA = "The ministry publishes every register of water and air in the province, and answers each request. "


def word(k):
    out = "q"
    for _ in range(6):
        k, digit = divmod(k, 20)
        out += LETTERS[digit]
    return out


def terms(path, total):
    common = " ".join(word(k) for k in range(0, total, COMMON))
    chosen = {k: 0 for k in list(range(0, total, COMMON)) + [1, total // 3, total // 2 + 1, total - 1]}
    k = 0
    with open(path, "w") as f:
        for record in range(total // PER_RECORD):
            words = []
            for _ in range(PER_RECORD):
                if k % COMMON or record >= 20:
                    words.append(word(k))
                    if k in chosen:
                        chosen[k] += 1
                k = (k + STEP) % total
            f.write('{"id":"r%d","lang":"en","text":"everywhere %s %s"}\n'
                    % (record, " ".join(words), common if record < 20 else ""))
    for k in chosen:
        print(word(k), chosen[k] + (0 if k % COMMON else 20))


def main():
    what, path = sys.argv[1:3]
    if what == "terms":
        terms(path, int(sys.argv[3]) if len(sys.argv) > 3 else 10000000)
        return
    with open(path, "w") as f:
        if what == "large":
            for i in range(100000):
                f.write(PARA * 10 + "number%d\n" % i)
        else:
            f.write(PARA * 510000 + "lastword")


if __name__ == "__main__":
    main()
