#!/usr/bin/env python3
"""What cdg-extract reads of PDF files beside pdftotext: words found in both, and pages a second.

usage: bench/formats_pdf.py [--build DIR] [--time] FILE.pdf...

A word is a run of letters and digits, in lower case; a hyphen at the end of a line and the
ligatures are resolved in both.  "of pdftotext" is the share of pdftotext's words, each as often
as it occurs, that cdg-extract has too.  Running heads are taken out by cdg-extract, so that
files with many pages have less: "distinct" is the share of different words.  --time: both read
each file several times, alternating, on the core that the script is pinned to; the best counts.
"""
import argparse
import collections
import json
import re
import subprocess
import sys
import time
import unicodedata


def words(text):
    text = text.replace('\xad', '-')
    text = re.sub(r'(\w)[-\u2010][ \t]*\n\s*(?=[^\W\d_A-Z])', r'\1', text)
    text = unicodedata.normalize('NFKC', text).lower()
    return collections.Counter(re.findall(r'\w+', text.replace('-', '').replace('_', ' ')))


def run(command):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def ours(build, path):
    r = run([build + '/cdg-extract', path])
    text = pages = sections = 0
    reason = ''
    for line in r.stdout.decode().splitlines()[:1]:
        d = json.loads(line)
        text = d['text']
        kinds = [s[3] for s in d.get('_sections', [])]
        pages = kinds.count('page')
        sections = len(kinds) - pages
    if not text:
        reason = r.stderr.decode().strip().split(': ', 2)[-1].split('\n')[0]
    return text or '', pages, sections, reason


def best(command, rounds):
    times = []
    for _ in range(rounds):
        t = time.perf_counter()
        run(command)
        times.append(time.perf_counter() - t)
    return min(times)


def compare(build, path):
    text, pages, sections, reason = ours(build, path)
    theirs = run(['pdftotext', path, '-']).stdout.decode(errors='replace')
    a, b = words(text), words(theirs)
    both = sum((a & b).values())
    distinct = len(a.keys() & b.keys())
    name = path.rsplit('/', 1)[-1]
    if reason:
        print(f'| {name} | {reason} | | | {sum(b.values())} | | |')
    else:
        print(f'| {name} | {pages} | {sections} | {sum(a.values())} | {sum(b.values())} | '
              f'{both / max(1, sum(b.values())):.4f} | {distinct / max(1, len(b)):.4f} |')
    return both, sum(b.values()), distinct, len(b), pages


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('--build', default='build')
    p.add_argument('--time', action='store_true')
    p.add_argument('files', nargs='+')
    a = p.parse_args()
    total = [0] * 5
    print('| file | pages | sections | words | pdftotext | of pdftotext | distinct |')
    print('| --- | --- | --- | --- | --- | --- | --- |')
    for f in a.files:
        total = [x + y for x, y in zip(total, compare(a.build, f))]
    print(f'| all | {total[4]} | | | {total[1]} | {total[0] / max(1, total[1]):.4f} | '
          f'{total[2] / max(1, total[3]):.4f} |')
    if a.time:
        mine = theirs = 0
        for f in a.files:
            mine += best([a.build + '/cdg-extract', f], 5)
            theirs += best(['pdftotext', f, '/dev/null'], 5)
        print(f'\n{total[4]} pages: cdg-extract {total[4] / mine:.0f} pages/s, pdftotext {total[4] / theirs:.0f}, '
              f'a process a file; ratio of times {mine / theirs:.3f}')
    return 0


if __name__ == '__main__':
    sys.exit(main())
