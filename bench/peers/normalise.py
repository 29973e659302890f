#!/usr/bin/env python3
"""Turn a corpus into the form every peer indexes.

Reads JSON lines (standard input, or the files named), each with at least
"id" and "text", and writes lines of {"id", "text"} alone: the text is
lower-cased and every run of characters outside a-z becomes one space, which
is what the public search-benchmark-game does to its own corpus.  After that
"split at spaces" is the whole of tokenisation, so no engine can differ from
another in what it counts as a word.  Titles are left out.

    zstd -dc --long=27 enwiki.jsonl.zst | normalise.py > enwiki.jsonl

A line that is not such an object ends the run with its number and status 1.
"""
import json
import re
import sys

OUTSIDE = re.compile(r"[^a-z]+")


def normalise(text):
    """The text's a-z words, one space between two of them."""
    return OUTSIDE.sub(" ", text.lower()).strip()


def lines(names):
    """(name, number, line) of every line of the files, or of standard input."""
    if not names:
        for number, line in enumerate(sys.stdin.buffer, 1):
            yield "standard input", number, line
    for name in names:
        with open(name, "rb") as stream:
            for number, line in enumerate(stream, 1):
                yield name, number, line


def main():
    out = sys.stdout
    for name, number, line in lines(sys.argv[1:]):
        try:
            doc = json.loads(line)
            ident, text = doc["id"], doc["text"]
            if not isinstance(text, str) or isinstance(ident, (dict, list)):
                raise TypeError('"id" or "text" is of the wrong type')
        except (ValueError, KeyError, TypeError) as why:
            sys.exit(f"normalise: {name}, line {number}: {why!r}")
        out.write(json.dumps({"id": str(ident), "text": normalise(text)}))
        out.write("\n")
    out.flush()


if __name__ == "__main__":
    try:
        main()
    except OSError as why:
        sys.exit(f"normalise: {why}")
