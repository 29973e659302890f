#!/usr/bin/env python3
"""compare_office.py - the words that cdg-extract finds in office documents, beside those
that another program finds.

Usage: tests/extract/compare_office.py FOLDER      (CDG_BUILD: where cdg-extract is)

Prints a table: file, words here, words there, share of theirs that we have, share of ours
that they have (counted with repetition).  pandoc reads DOCX, ODT, EPUB and RTF where it
can; odt2txt the other OpenDocument files; XLSX and PPTX are taken from their XML."""
import collections
import json
import os
import re
import subprocess
import sys
import zipfile

WORD = re.compile(r"[^\W_]+")


def run(*command):
    done = subprocess.run(command, capture_output=True, timeout=120)
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else None


def ours(path):
    out = run(os.path.join(os.environ.get("CDG_BUILD", "build"), "cdg-extract"), path)
    return None if not out else "\n".join(json.loads(line).get("text", "") for line in out.splitlines())


def parts(path, pattern, tag):
    with zipfile.ZipFile(path) as z:
        xml = " ".join(z.read(n).decode("utf-8", "replace") for n in sorted(z.namelist()) if re.search(pattern, n))
    return " ".join(re.sub(r"<[^>]*>", "", t) for t in re.findall(r"<%s[ >][^<]*</%s>" % (tag, tag), xml))


def theirs(path):
    end = path.rsplit(".", 1)[-1].lower()
    if end in ("docx", "odt", "epub", "rtf"):
        return "pandoc", run("pandoc", "-f", end, "-t", "plain", "--wrap=none", path)
    if end in ("ods", "odp"):
        return "odt2txt", run("odt2txt", "--width=-1", path)
    if end == "xlsx":
        return "strings", parts(path, r"sharedStrings|comments", "t")
    if end == "pptx":
        return "a:t", parts(path, r"ppt/(slides|notesSlides)/[^/]*\.xml$", "a:t")
    return "", None


def share(some, all_):
    n = sum(all_.values())
    return "%.3f" % (sum((some & all_).values()) / n) if n else "-"


def main():
    print("| file | words | by | words there | theirs that we have | ours that they have |\n| --- | --: | --- | --: | --: | --: |")
    for folder, _, names in sorted(os.walk(sys.argv[1])):
        for name in sorted(names):
            path = os.path.join(folder, name)
            try:
                by, other = theirs(path)
            except (zipfile.BadZipFile, subprocess.TimeoutExpired):
                by, other = "", None
            if not by:
                continue
            text = ours(path)
            a, b = (collections.Counter(w.lower() for w in WORD.findall(t or "")) for t in (text, other))
            print("| %s | %s | %s | %s | %s | %s |" % (name[:48], sum(a.values()) if text is not None else "not read", by,
                  sum(b.values()) if other is not None else "not read", share(a, b), share(b, a)))


main()
