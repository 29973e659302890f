#!/usr/bin/env python3
"""Make the English policy corpus for measuring, in the folder $CDG_BENCH_CACHE.

    corpus.py [--corpora DIR]

english.jsonl   the five files of the corpus, one after the other
small.jsonl     every tenth document of it
english.docs    the same documents as english.jsonl without JSON: for each one the
                lengths of title and text (32 bits, little endian), then both.
                The peers read this, so that none of their time is spent on JSON.

What is there already is left alone.
"""
import argparse
import json
import os
import struct
import subprocess
import sys

FILES = ["us-code", "canada-acts-regulations", "canada-annual-statutes", "dc-law", "us-gov-guidance"]


def unpack(corpora, out):
    with open(out + ".part", "wb") as f:
        for name in FILES:
            path = os.path.join(corpora, name + ".jsonl.zst")
            subprocess.run(["zstd", "-dcq", "--long=27", path], stdout=f, check=True)
    os.rename(out + ".part", out)


def tenth(source, out):
    with open(source, "rb") as f, open(out + ".part", "wb") as g:
        for i, line in enumerate(f):
            if i % 10 == 0:
                g.write(line)
    os.rename(out + ".part", out)


def flatten(source, out):
    with open(source, "rb") as f, open(out + ".part", "wb") as g:
        for line in f:
            record = json.loads(line)
            title = (record.get("title") or "").encode()
            text = record["text"].encode()
            g.write(struct.pack("<II", len(title), len(text)) + title + text)
    os.rename(out + ".part", out)


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    ap = argparse.ArgumentParser(description="Make the corpus for measuring.")
    ap.add_argument("--corpora", default=os.path.join(here, "..", "..", "shared", "corpora"))
    args = ap.parse_args()
    cache = os.environ.get("CDG_BENCH_CACHE")
    if not cache:
        sys.exit("corpus.py: set CDG_BENCH_CACHE to a folder with 3 GB to spare")
    os.makedirs(cache, exist_ok=True)
    english = os.path.join(cache, "english.jsonl")
    if not os.path.exists(english):
        if not os.path.isdir(args.corpora):
            print("SKIP: no corpora in", args.corpora)
            sys.exit(77)
        unpack(args.corpora, english)
    for name, make in (("small.jsonl", tenth), ("english.docs", flatten)):
        path = os.path.join(cache, name)
        if not os.path.exists(path):
            make(english, path)


if __name__ == "__main__":
    main()
