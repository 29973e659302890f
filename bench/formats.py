#!/usr/bin/env python3
"""What cdg-extract reads beside what others read of the same files: the words found in both.

usage: bench/formats.py [--build DIR] [--files] [--below SHARE] [--time] PATH...

Prints a table of the formats; with --files one of the files, with --below only of those that
have less than this share of their words in common either way; with --time pages a second of the
PDF files, beside pdftotext (both alternating on the core that the script is pinned to).

A word is a run of letters and digits in lower case; each counts as often as it occurs on both
sides ("theirs in ours", "ours in theirs").  Hyphens at the ends of lines and ligatures are
resolved on both sides.  The other side is

  PDF                   pdftotext
  DOCX, ODT, EPUB, RTF  pandoc, with the texts of images
  ODS, ODP              odt2txt
  XLSX, PPTX            the strings in their XML, numbers of cells too
  DOC, XLS, PPT         catdoc, xls2csv, catppt
  XML, FictionBook      all character data of the file, by ElementTree
  HTML                  the text below <main> or <article>, or else <body>, of the page, without scripts,
                        forms, navigation, header and footer; how much of the latter is left is in --files
  mail                  Python's email; HTML parts without tags
  Markdown              the file itself without front matter, by pandoc
  text, TeX, rst, CSV   the file itself, in the encoding that its name says, else in UTF-8
  JSON                  nothing: cdgindex reads it as records, cdg-extract only shows it
"""
import argparse
import collections
import email
import email.header
import email.policy
import html
import html.parser
import json
import mailbox
import os
import re
import subprocess
import sys
import time
import unicodedata
import xml.etree.ElementTree as ElementTree
import zipfile

CHARSETS = {'GB2312': 'gb18030', 'JIS': 'iso2022_jp', 'Greek': 'cp1253', 'Latin1': 'cp1252', 'Latin2': 'cp1250',
            'UTF8': 'utf-8', 'cp866.txt': 'cp866', 'win-1252.txt': 'cp1252', 'VPS': None}
OFFICE = {'docx': 'docx', 'odt': 'odt', 'epub': 'epub', 'rtf': 'rtf'}
NO_TEXT = {'script', 'style', 'head', 'select', 'button', 'textarea', 'template', 'svg', 'option', 'iframe',
           'rt', 'rp'}
BLOCKS = {'p', 'div', 'br', 'li', 'td', 'th', 'tr', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'pre', 'hr', 'dt', 'dd',
          'ul', 'ol', 'table', 'section', 'article', 'main', 'option', 'blockquote', 'caption', 'figcaption'}
FRAME = {'nav', 'footer', 'aside'}
ROLES = {'navigation', 'banner', 'contentinfo', 'search', 'complementary'}
PARTS = {'main', 'article', 'section', 'nav'}
VOID = {'br', 'hr', 'img', 'input', 'meta', 'link', 'area', 'base', 'col', 'embed', 'source', 'track', 'wbr', 'param'}


def words(text):
    text = text.replace('\xad\n', '-\n').replace('\xad', '')
    text = re.sub(r'(\w)[-\u2010][ \t]*\n\s*(?=[^\W\d_A-Z])', r'\1', text)
    text = unicodedata.normalize('NFKC', text).lower()
    return collections.Counter(re.findall(r'\w+', text.replace('-', '').replace('_', ' ')))


def run(*command):
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=300)
    except FileNotFoundError:
        return None
    return done.stdout.decode('utf-8', 'replace') if done.returncode == 0 else None


def data(path):
    with open(path, 'rb') as f:
        return f.read()


def plain(path):
    raw = data(path)
    for name, charset in CHARSETS.items():
        if charset and re.search(r'[-._]' + name.replace('.', r'\.') + '$', path):
            return raw.decode(charset, 'ignore')
    try:
        return raw.decode('utf-8-sig')
    except UnicodeDecodeError:
        return None


class Page(html.parser.HTMLParser):
    """The texts of a page: of its frame (nav, footer, ...), of the main part, and of the rest."""

    def __init__(self):
        super().__init__()
        self.stack = []
        self.texts = {'frame': [], 'main': [], 'rest': []}

    def handle_starttag(self, tag, attrs):
        a = dict(attrs)
        if tag in BLOCKS:
            self.put('\n')
        if tag == 'img' and re.search(r'\S\s+\S', a.get('alt') or ''):
            self.put(' ' + a['alt'] + ' ')
        if tag in VOID:
            return
        role = a.get('role', '')
        what = ''
        if tag in NO_TEXT or 'hidden' in a or re.search(r'display:\s*none', a.get('style') or ''):
            what = 'none'
        elif tag in FRAME or role in ROLES or tag == 'header' and not any(t in PARTS for t, _ in self.stack):
            what = 'frame'
        elif tag in ('main', 'article') or role == 'main':
            what = 'main'
        self.stack.append((tag, what))

    def handle_endtag(self, tag):
        if tag in BLOCKS:
            self.put('\n')
        for i in range(len(self.stack) - 1, -1, -1):
            if self.stack[i][0] == tag:
                del self.stack[i:]
                return

    def put(self, text):
        inside = {what for _, what in self.stack}
        if 'none' in inside:
            return
        self.texts['frame' if 'frame' in inside else 'main' if 'main' in inside else 'rest'].append(text)

    handle_data = put


def page(text):
    p = Page()
    p.feed(text)
    p.close()
    frame, main, rest = (''.join(p.texts[k]) for k in ('frame', 'main', 'rest'))
    if len(main) < len(rest):
        main += ' ' + rest
    return main, frame


def page_file(path):
    raw = data(path)
    said = re.search(rb'charset=["\']?([\w-]+)', raw)
    try:
        return page(raw.decode(said.group(1).decode() if said else 'utf-8', 'replace'))
    except LookupError:
        return None, ''


def xml_text(path):
    text = data(path).decode('utf-8', 'replace')
    text = re.sub(r'&(?!(?:amp|lt|gt|quot|apos|#)\w*;)(\w+);', lambda m: html.unescape(m.group(0)), text)
    text = re.sub(r'^<\?xml[^>]*\?>', '', text.lstrip('\ufeff'))
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError:
        return None
    for e in root.iter():
        if e.tag.endswith('binary-data'):
            e.text = ''
    parts = [e for e in root.iter() if e.tag.endswith('fictionbook/2.0}body') or e.tag.endswith('office:1.0}body')]
    return '\n'.join(' '.join(e.itertext()) for e in parts or [root])


def office_strings(path, pattern, tag):
    with zipfile.ZipFile(path) as z:
        text = ' '.join(z.read(n).decode('utf-8', 'replace') for n in sorted(z.namelist()) if re.search(pattern, n))
    found = re.findall(r'<(?:%s)(?: [^>]*)?>([^<]*)</' % tag, text)
    return html.unescape(' '.join(found))


def cells(path):
    """What stands in the cells of a workbook, and its comments."""
    name = '{http://schemas.openxmlformats.org/spreadsheetml/2006/main}'
    out = []
    with zipfile.ZipFile(path) as z:
        roots = {n: ElementTree.fromstring(z.read(n)) for n in sorted(z.namelist())
                 if re.search(r'sharedStrings|comments\d|worksheets/sheet', n)}
    shared = [''.join(t.text or '' for t in si.iter(name + 't')) for n, r in roots.items() if 'shared' in n
              for si in r.iter(name + 'si')]
    for n, root in roots.items():
        for c in root.iter(name + 'c'):
            v = c.find(name + 'v')
            if v is not None and v.text:
                out.append(shared[int(v.text)] if c.get('t') == 's' else v.text)
        if 'shared' not in n:
            out.extend(t.text or '' for t in root.iter(name + 't'))
    return '\n'.join(out)


def mail_parts(message):
    if message.get_content_type() == 'multipart/alternative':
        parts = [list(mail_parts(p)) for p in message.get_payload()]
        yield from next((p for p in parts if p and p[0].get_content_type() == 'text/plain'), parts[-1] if parts else [])
    elif message.is_multipart():
        for part in message.get_payload():
            yield from mail_parts(part)
    elif message.get_content_maintype() == 'text':
        yield message


def mail_text(message):
    out = [str(email.header.make_header(email.header.decode_header(message.get('subject', ''))))]
    for part in mail_parts(message):
        kind = part.get_content_type()
        raw = part.get_payload(decode=True) or b''
        for charset in (part.get_content_charset() or 'utf-8', 'utf-8', 'cp1252', 'latin-1'):
            try:
                text = raw.decode(charset)
                break
            except (UnicodeDecodeError, LookupError):
                pass
        out.append(' '.join(page(text)) if kind == 'text/html' else text)
    return '\n'.join(out)


def mail_file(path):
    raw = data(path)
    if raw.startswith(b'From ') and path.endswith('.mbox'):
        return '\n'.join(mail_text(m) for m in mailbox.mbox(path))
    if path.endswith('.emlx'):
        raw = raw.split(b'\n', 1)[1].rsplit(b'<?xml', 1)[0]
    if raw.startswith(b'From '):
        raw = raw.split(b'\n', 1)[1]
    return mail_text(email.message_from_bytes(raw, policy=email.policy.compat32))


def ending(path):
    name = os.path.basename(path)
    end = name.rsplit('.', 1)[-1].lower() if '.' in name else ''
    folder = os.path.basename(os.path.dirname(path))
    if folder == 'txt-encodings':
        return 'text'
    if folder in ('eml', 'news') and end not in ('msg', 'json', 'mhtml'):
        return 'mail'
    return {'htm': 'html', 'xhtml': 'html', 'eml': 'mail', 'mbox': 'mail', 'txt': 'text', '': 'text',
            'fodt': 'odt'}.get(end, end)


def theirs(path, kind):
    """Their text, or None; and of a page its frame."""
    if kind == 'pdf':
        return run('pdftotext', path, '-'), ''
    if kind in OFFICE and not path.endswith('.fodt'):
        out = run('pandoc', '--track-changes=accept', '-f', OFFICE[kind], '-t', 'plain', '--wrap=none', path)
        return (re.sub(r'\[(image|\d+)\]|•', ' ', out) if out else out), ''
    if kind in ('ods', 'odp'):
        return run('odt2txt', '--width=-1', path), ''
    if kind == 'xlsx':
        return cells(path), ''
    if kind == 'pptx':
        return office_strings(path, r'ppt/(slides|notesSlides|comments)/[^/]*\.xml$', 'a:t|p:text'), ''
    if kind in ('doc', 'ppt', 'xls'):
        return run({'doc': 'catdoc', 'ppt': 'catppt', 'xls': 'xls2csv'}[kind], '-d', 'utf-8', path), ''
    if kind in ('xml', 'fb2') or path.endswith('.fodt'):
        return xml_text(path), ''
    if kind == 'html':
        return page_file(path)
    if kind == 'mail':
        return mail_file(path), ''
    if kind == 'md':
        return run('pandoc', '-f', 'markdown', '-t', 'plain', '--wrap=none', path), ''
    if kind in ('text', 'tex', 'rst', 'csv', 'tsv'):
        return plain(path), ''
    return None, ''


def ours(build, path):
    done = subprocess.run([build + '/cdg-extract', path], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    records = [json.loads(line) for line in done.stdout.decode().splitlines()]
    reason = re.sub(r'^.*?: (not read: )?(?=[^/]*$)', '', done.stderr.decode('utf-8', 'replace').strip().split('\n')[0])
    pages = sum(s[3] == 'page' for r in records for s in r.get('_sections', []))
    return records, reason, pages


def our_text(records, kind, text):
    """What of our records is beside their text: titles that are not in the text of mail and tables."""
    if kind in ('csv', 'tsv', 'json'):
        return '\n'.join(' '.join(str(v) for k, v in r.items() if k not in ('_sections', 'path', 'id', 'format'))
                         for r in records)
    if kind in ('pdf', 'docx', 'pptx', 'xlsx', 'doc', 'ppt', 'xls', 'odt', 'ods', 'odp', 'rtf'):
        records = records[:1]  # files in a file are not the other program's
    own = [r.get('text') or '' for r in records]
    if kind == 'mail':
        own += [r['title'] for r in records if r.get('title') != '(no subject)']
    return '\n'.join(own)


class Row:
    def __init__(self):
        self.files = self.read = self.listed = self.chars = self.pages = self.compared = 0
        self.ours = self.theirs = self.a = self.b = 0


def share(part, whole):
    return f'{part / whole:.4f}' if whole else ''


def one(args, path, rows):
    kind = ending(path)
    row = rows[kind]
    records, reason, pages = ours(args.build, path)
    row.files += 1
    row.pages += pages
    row.read += bool(records)
    row.listed += not records and bool(reason)
    name = os.path.basename(path)
    if not records:
        if args.files:
            print(f'| {name} | {kind} | {reason or "NOTHING SAID"} | | | | | |')
        return
    other, frame = theirs(path, kind)
    mine = our_text(records, kind, other)
    row.chars += len(mine)
    if other is None:
        if args.files:
            print(f'| {name} | {kind} | {len(mine)} | | | | | |')
        return
    a, b = words(mine), words(other)
    if kind == 'html' and not b:
        b = words(frame)
    both = sum((a & b).values())
    na, nb = sum(a.values()), sum(b.values())
    row.compared += 1
    row.ours, row.theirs, row.a, row.b = row.ours + both, row.theirs + both, row.a + na, row.b + nb
    left = ''
    if kind == 'html':
        only = words(frame)
        over = a - b
        left = share(sum((over & only).values()), sum(only.values()))
    low = min(both / nb if nb else 1, both / na if na else 1)
    if args.files and low < args.below:
        print(f'| {name} | {kind} | {len(mine)} | {na} | {nb} | {share(both, nb)} | {share(both, na)} | {left} |')
        if args.words:
            print('    theirs only:', ' '.join(w for w, _ in (b - a).most_common(args.words)))
            print('    ours only:', ' '.join(w for w, _ in (a - b).most_common(args.words)))


def best(command, rounds=5):
    times = []
    for _ in range(rounds):
        t = time.perf_counter()
        run(*command)
        times.append(time.perf_counter() - t)
    return min(times)


def speed(build, files, pages):
    mine = other = 0
    for f in files:
        mine += best([build + '/cdg-extract', f])
        other += best(['pdftotext', f, '/dev/null'])
    print(f'\n{pages} pages: cdg-extract {pages / mine:.0f} pages/s, pdftotext {pages / other:.0f}, a process a file; '
          f'ratio of times {mine / other:.3f}')


def files_of(paths):
    for path in paths:
        if os.path.isdir(path):
            for folder, _, names in sorted(os.walk(path)):
                yield from (os.path.join(folder, n) for n in sorted(names) if n != 'SOURCES.tsv')
        else:
            yield path


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('--build', default='build')
    p.add_argument('--files', action='store_true')
    p.add_argument('--below', type=float, default=2)
    p.add_argument('--words', type=int, default=0, help='so many words that only one side has')
    p.add_argument('--time', action='store_true')
    p.add_argument('paths', nargs='+')
    args = p.parse_args()
    args.files = args.files or args.below < 2
    rows = collections.defaultdict(Row)
    files = list(files_of(args.paths))
    if args.files:
        print('| file | format | characters | words | theirs | theirs in ours | ours in theirs | frame left |')
        print('| --- | --- | --: | --: | --: | --: | --: | --: |')
    for path in files:
        one(args, path, rows)
    print('\n| format | files | read | listed | characters | compared | theirs in ours | ours in theirs |')
    print('| --- | --: | --: | --: | --: | --: | --: | --: |')
    for kind, r in sorted(rows.items()):
        print(f'| {kind} | {r.files} | {r.read} | {r.listed} | {r.chars} | {r.compared} | {share(r.ours, r.b)} | '
              f'{share(r.theirs, r.a)} |')
    if args.time:
        speed(args.build, [f for f in files if ending(f) == 'pdf'], rows['pdf'].pages)
    return 0


if __name__ == '__main__':
    sys.exit(main())
