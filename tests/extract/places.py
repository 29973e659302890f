#!/usr/bin/env python3
"""places.py - are hits where the texts are?  Prints "ok ..." or "not ok ..." lines.

usage: places.py SEARCH INDEX SAMPLES SEED

Phrases are drawn (SEED) from pages of the PDF files by pdftotext, and from numbered elements
of the XML files by ElementTree.  A phrase is searched with quotes: the hit of its file must be
on a page that has the phrase by pdftotext; or its section path must have the number of each
element around it, and the heading of the innermost."""
import glob
import json
import os
import random
import re
import subprocess
import sys
import unicodedata
import xml.etree.ElementTree as ElementTree

PAGES, ELEMENTS = 6, 40
NUMBERS = {'num', 'Label', 'enum'}
HEADINGS = {'heading', 'MarginalNote', 'header', 'TitleText'}
TEXTS = {'text', 'Text', 'content', 'p', 'chapeau'}
# what has numbers of other laws, or is no part of the text
APART = re.compile(r'quote|include|note$|notes$|annotation|toc|Amend|amend|replace|find|changes|meta', re.I)


def plain(text):
    return ' '.join(re.findall(r'\w+', unicodedata.normalize('NFKC', text).lower()))


def search(program, index, phrase, path):
    """The passages of the hit in this file; None: there is no such hit."""
    done = subprocess.run([program, '-q', '-d', index, '--format', 'json', '-n', '50', '--snippets', '10', '--',
                           '"' + phrase + '"'], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if not done.stdout:
        return None
    hits = [h for h in json.loads(done.stdout.decode())['hits'] if os.path.samefile(h['fields']['path'], path)]
    return hits[0]['snippets'] if hits else None


def draw(rng, text, n):
    """n words that stand next to each other in one line; or None."""
    lines = [line for line in text.split('\n') if len(re.findall(r'[^\W\d_]{2,}', line)) > n]
    for _ in range(20 if lines else 0):
        words = rng.choice(lines).split()[:-1]  # the last may be divided
        at = rng.randrange(max(1, len(words) - n + 1))
        if words and all(re.fullmatch(r'[^\W\d_]{2,}[.,;]?', w) for w in words[at:at + n]) and len(words) >= at + n:
            return re.sub(r'[^\w ]', '', ' '.join(words[at:at + n]))
    return None


def pdf(rng, ask, path):
    pages = subprocess.run(['pdftotext', path, '-'], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    pages = pages.stdout.decode('utf-8', 'replace').split('\f')[:-1]
    whole = [' ' + plain(p) + ' ' for p in pages]
    layout = subprocess.run(['pdftotext', '-layout', path, '-'], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    layout = plain(layout.stdout.decode('utf-8', 'replace'))  # has no words glued over columns
    bad, n = [], 0
    for number in sorted(rng.sample(range(len(pages)), min(PAGES + len(pages) // 16, len(pages)))):
        phrases = (draw(rng, pages[number], 5) for _ in range(10))
        phrase = next((p for p in phrases if p and plain(p) in layout
                       and sum(' ' + plain(p) + ' ' in w for w in whole) == 1), None)
        if not phrase:
            continue
        n += 1
        found = ask(phrase, path)
        on = [s.get('page') for s in found or []]
        if number + 1 not in on:
            bad.append(f'"{phrase}" of page {number + 1}: {"not found" if found is None else on}')
    return n, bad


def name(element):
    return element.tag.rsplit('}', 1)[-1] if isinstance(element.tag, str) else ''


def said(element, names):
    for child in element:
        if name(child) in names:
            return ' '.join(''.join(child.itertext()).split())
    return ''


def places(root, path, out):
    """(text, [(number, heading) of the elements around it]) of all texts."""
    for child in root:
        if APART.search(name(child)):
            continue
        if name(child) in TEXTS and not any(name(c) in TEXTS | NUMBERS for c in child.iter() if c is not child):
            if not any(APART.search(name(c)) for c in child.iter()):
                out.append((''.join(child.itertext()), path))
        number = said(child, NUMBERS)
        if number and name(child) not in ('item', 'Item', 'Heading', 'Schedule'):
            places(child, path + [(number.strip(' .—-'), said(child, HEADINGS))], out)
        else:
            places(child, path, out)
    return out


def has(path, number, heading):
    number, heading = ' ' + plain(number) + ' ', plain(heading)
    return any(number in ' ' + plain(p) + ' ' and heading in plain(p) for p in path)


def xml(rng, ask, path):
    text = open(path, encoding='utf-8-sig').read()
    try:
        root = ElementTree.fromstring(re.sub(r'^<\?xml[^>]*\?>', '', text))
    except ElementTree.ParseError:
        return 0, []
    whole = ' ' + plain(' '.join(root.itertext())) + ' '
    own = said(root, NUMBERS)
    found = places(root, [(own, said(root, HEADINGS))] if own and name(root) != 'document' else [], [])
    found = [f for f in found if f[1]]
    bad, n = [], 0
    for text, around in rng.sample(found, min(ELEMENTS, len(found))):
        phrase = draw(rng, ' '.join(text.split()), 5)
        if not phrase or whole.count(' ' + plain(phrase) + ' ') != 1:
            continue
        n += 1
        snippets = ask(phrase, path)
        sections = [s.get('section', []) for s in snippets or []]
        for number, heading in around:
            inner = (number, heading) == around[-1]
            if not any(has(s, number, heading if inner else '') for s in sections):
                bad.append(f'"{phrase}" in {around}: {sections}')
                break
    return n, bad


def main():
    program, index, samples, seed = sys.argv[1:5]
    rng = random.Random(int(seed))
    failed = total = 0
    for kind, read in (('pdf', pdf), ('xml', xml)):
        for path in sorted(glob.glob(os.path.join(samples, kind, '*.' + kind))):
            n, bad = read(rng, lambda phrase, file: search(program, index, phrase, file), path)
            total += n
            failed += bool(bad)
            for b in bad:
                print(f'# {b}')
            if n:
                print(f'{"not ok" if bad else "ok"} {os.path.basename(path)}: {n} phrases where they are')
    print(f'# {total} phrases')
    return failed > 0 or total == 0


if __name__ == '__main__':
    sys.exit(main())
