#!/usr/bin/env python3
"""documents.py - how fast a folder of documents is indexed, beside Omega and Recoll.

For each format a folder is made: pages, XML, Markdown and plain text from the records
of a corpus, each file with its own content ("zip": hundreds of those pages in each archive);
other formats (PDF, office files, mail) from a folder of samples, which are repeated with a
few bytes of their own behind the end until the folder is large enough (the readers of those
formats pass over what follows the end; programs that know duplicates must not know these).
"pdf1" are the PDFs of one page. Then each program indexes the folder into a new index, in
turn, --rounds times; on one core by taskset, and on two.

All have positions, and do by default what they do: cdgsearch and Recoll keep the whole text
(compressed), Omega the first 512 bytes; cdgsearch and Omega stem while they index, Recoll
makes its table of stems at the end. Recoll chooses its threads by the cores it may use;
Omega has one, but the programs that it starts for a format are processes beside it. Recoll's
dictionary for spelling (aspell) is off. Omega knows no XML: it is told that .xml is HTML.

    bench/documents.py --out DIR [--samples ../shared/raw-samples] [--corpus FILE.jsonl[.zst]]
                       [--formats html,xml,md,txt,pdf,...] [--mb 50] [--files 1000] [--rounds 3] [--cores 1,2]

A program that is not installed is left out and said. Debian: xapian-omega with unzip, unrtf,
poppler-utils, discount, libmime-tools-perl, libhtml-parser-perl; recollcmd with python3-recoll,
python3-lxml, xsltproc, unrtf, poppler-utils. Documents in each index are counted; a program
that has fewer than six tenths of the files (of an archive: of the members) gets no speed in
that row but the count. Writes DIR/documents.json and documents.md,
and prints the table. Exit: 0; 2 when a program failed or nothing could be measured.
"""
import argparse
import html
import io
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import time
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
MADE = ("html", "xml", "md", "txt", "zip")
ZIPPED = 200  # pages in one archive
TAILS = {"pdf": "\n%% {}\n", "pdf1": "\n%% {}\n", "eml": "\n{}\n", "mbox": "\n{}\n", "rtf": "\n{}", "fb2": "\n<!-- {} -->\n",
         "doc": "{}", "xls": "{}", "ppt": "{}"}
ZIPS = ("docx", "pptx", "xlsx", "odt", "ods", "odp", "epub")


def say(text):
    print(f"documents.py: {text}", file=sys.stderr, flush=True)


# ---- folders -------------------------------------------------------------------


def records(path):
    if path.endswith(".zst"):
        child = subprocess.Popen(["zstd", "-dc", "--long=27", path], stdout=subprocess.PIPE)
        lines = io.TextIOWrapper(child.stdout, encoding="utf-8")
    else:
        lines = open(path, encoding="utf-8")
    with lines:
        for line in lines:
            yield json.loads(line)


def page(kind, record):
    """A record as a file of this kind, with the headings and paragraphs it has."""
    title, text = record.get("title") or "Untitled", record["text"]
    paragraphs = [p for p in re.split(r"\n\s*\n", text) if p.strip()]
    if kind == "txt":
        return title + "\n\n" + text + "\n"
    if kind == "md":
        return "# " + title + "\n\n" + text + "\n"
    e = html.escape
    if kind == "xml":
        body = "".join(f"<p>{e(p)}</p>\n" for p in paragraphs)
        return f'<?xml version="1.0" encoding="UTF-8"?>\n<document><title>{e(title)}</title>\n<body>\n{body}</body></document>\n'
    body = "".join(f"<p>{e(p)}</p>\n" for p in paragraphs)
    return ('<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
            f'<title>{e(title)}</title><link rel="stylesheet" href="/style.css"></head>\n<body>\n'
            '<nav><ul><li><a href="/">Home</a></li><li><a href="/laws">Laws</a></li></ul></nav>\n'
            f'<main><h1>{e(title)}</h1>\n{body}</main>\n<footer>Contact</footer></body></html>\n')


def make_zips(folder, corpus, limit):
    """Archives of pages; gives their number, bytes and members."""
    size = files = members = 0
    packed = io.BytesIO()
    z = zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED)
    for record in records(corpus):
        data = page("html", record).encode()
        z.writestr(f"{members:06d}.html", data)
        size += len(data)
        members += 1
        if members % ZIPPED == 0 or size >= limit:
            z.close()
            with open(os.path.join(folder, f"{files:04d}.zip"), "wb") as out:
                out.write(packed.getvalue())
            files += 1
            packed = io.BytesIO()
            z = zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED)
        if size >= limit:
            break
    z.close()
    return files, size, members


def make_from_corpus(kind, folder, corpus, limit):
    size = files = 0
    for record in records(corpus):
        data = page(kind, record).encode()
        below = os.path.join(folder, f"{files // 500:03d}")
        os.makedirs(below, exist_ok=True)
        with open(os.path.join(below, f"{files:06d}.{kind}"), "wb") as out:
            out.write(data)
        size += len(data)
        files += 1
        if size >= limit:
            break
    return files, size, files


def other(kind, data, turn):
    """The same document in other bytes."""
    if kind in TAILS:
        return data + TAILS[kind].format(turn).encode()
    packed = io.BytesIO(data)
    try:
        with zipfile.ZipFile(packed, "a") as z:
            z.writestr("docProps/turn", str(turn))
    except zipfile.BadZipFile:  # a broken or encrypted sample
        return data + str(turn).encode()
    return packed.getvalue()


def make_from_samples(kind, folder, samples, limit, most):
    end = ".pdf" if kind == "pdf1" else "." + kind
    found = sorted(os.path.join(d, f) for d, _, names in os.walk(samples) for f in names if f.lower().endswith(end))
    if kind == "pdf1":
        found = [f for f in found if pages_of(f) == 1]
    size = files = turn = 0
    while found and size < limit and files < most and (turn == 0 or kind in TAILS or kind in ZIPS):
        for path in found:
            with open(path, "rb") as f:
                data = other(kind, f.read(), turn) if turn else f.read()
            below = os.path.join(folder, f"{turn:03d}")
            os.makedirs(below, exist_ok=True)
            with open(os.path.join(below, os.path.basename(path)), "wb") as out:
                out.write(data)
            size += len(data)
            files += 1
        turn += 1
    return files, size, files


def pages_of(path):
    out = subprocess.run(["pdfinfo", path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    m = re.search(rb"^Pages:\s+(\d+)", out.stdout, re.M)
    return int(m.group(1)) if m else 0


def pdf_pages(folder):
    return sum(pages_of(os.path.join(d, name)) for d, _, names in os.walk(folder) for name in names)


# ---- programs --------------------------------------------------------------------


class Cdgsearch:
    name = "cdgsearch"

    def __init__(self, build):
        self.program = os.path.join(build, "cdgindex")

    def there(self):
        return os.path.exists(self.program)

    def command(self, folder, index, cores):
        return [self.program, "-d", index, "-q", "--threads", str(cores), "--force", folder]

    def documents(self, index):
        out = subprocess.run([self.program, "stat", "-d", index], stdout=subprocess.PIPE, check=True).stdout.decode()
        return int(re.search(r"documents\D*([\d,]+)", out).group(1).replace(",", ""))


class Omega:
    name = "omega"

    def there(self):
        return shutil.which("omindex") and shutil.which("xapian-delve")

    def command(self, folder, index, cores):
        return ["omindex", "--db", index, "--url", "/", "--duplicates=replace", "--empty-docs=index", "--mime-type=xml:text/html",
                folder]

    def documents(self, index):
        out = subprocess.run(["xapian-delve", index], stdout=subprocess.PIPE, check=True).stdout.decode()
        return int(re.search(r"number of documents = (\d+)", out).group(1))


class Recoll:
    name = "recoll"

    def there(self):
        return shutil.which("recollindex") and shutil.which("xapian-delve")

    def command(self, folder, index, cores):
        os.makedirs(index)
        with open(os.path.join(index, "recoll.conf"), "w", encoding="utf-8") as conf:
            conf.write(f"topdirs = {folder}\nskippedNames =\nloglevel = 1\nnoaspell = 1\n")
        return ["recollindex", "-c", index, "-z"]

    def documents(self, index):
        return Omega.documents(self, os.path.join(index, "xapiandb"))


def index_once(program, folder, index, cores, timeout):
    shutil.rmtree(index, ignore_errors=True)
    command = program.command(folder, index, cores)
    if cores == 1:
        command = ["taskset", "-c", str(max(os.sched_getaffinity(0)))] + command
    log = index + ".log"
    os.sync()  # what the program before has left to the disk
    start = time.monotonic()
    with open(log, "wb") as out:
        status = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, timeout=timeout, check=False).returncode
    seconds = time.monotonic() - start
    # 2 of cdgindex: some files could not be read, which the count shows
    if status and not (program.name == "cdgsearch" and status == 2):
        with open(log, encoding="utf-8", errors="replace") as f:
            raise OSError(f"{program.name} failed (status {status}): {f.read()[-300:].strip()}")
    return seconds, program.documents(index)


def measure(o, kind, folder, made, programs):
    files, size, wanted = made
    pages = pdf_pages(folder) if kind in ("pdf", "pdf1") else None
    rows = []
    for cores in o.cores:
        seconds = {p.name: [] for p in programs}
        documents = {}
        for _ in range(o.rounds):
            for p in programs:
                if p.name not in seconds:
                    continue
                try:
                    s, documents[p.name] = index_once(p, folder, os.path.join(o.out, "index." + p.name), cores, o.timeout)
                    seconds[p.name].append(s)
                except (OSError, subprocess.SubprocessError, AttributeError) as why:
                    say(f"{kind}, {cores} core(s): {why}")
                    o.failed = True
                    del seconds[p.name]
        for name, s in seconds.items():
            best = statistics.median(s)
            rows.append({"format": kind, "cores": cores, "engine": name, "files": files, "bytes": size, "pages": pages,
                         "documents": documents[name], "seconds": round(best, 3), "mb_per_s": round(size / 1e6 / best, 2),
                         "files_per_s": round(files / best, 1), "pages_per_s": pages and round(pages / best, 1),
                         "complete": documents[name] >= 0.6 * wanted})
    return rows


# ---- the table --------------------------------------------------------------------


def table(rows, names):
    out = ["| format | files | MB | cores | " + " | ".join(names) + " | ratio to the faster peer |",
           "| --- | --- | --- | --- |" + " --- |" * (len(names) + 1)]
    for kind, cores in sorted({(r["format"], r["cores"]) for r in rows}):
        mine = {r["engine"]: r for r in rows if r["format"] == kind and r["cores"] == cores}
        first = next(iter(mine.values()))
        unit = "pages_per_s" if first["pages"] else "mb_per_s"
        word = "pages/s" if first["pages"] else "MB/s"
        cells = []
        for name in names:
            r = mine.get(name)
            cells.append("failed" if not r else f"{r[unit]} {word}" if r["complete"] else f"only {r['documents']} documents")
        peers = [r[unit] for n, r in mine.items() if n != "cdgsearch" and r["complete"]]
        us = mine.get("cdgsearch")
        ratio = f"{us[unit] / max(peers):.1f}" if us and us["complete"] and peers else "-"
        out.append(f"| {kind} | {first['files']} | {first['bytes'] / 1e6:.1f} | {cores} | " + " | ".join(cells) + f" | {ratio} |")
    return "\n".join(out) + "\n"


def main():
    p = argparse.ArgumentParser(description="How fast folders of documents are indexed, beside Omega and Recoll.")
    shared = os.path.join(HERE, "..", "..", "shared")
    p.add_argument("--out", required=True, help="where folders, indexes and results are made")
    p.add_argument("--samples", default=os.path.join(shared, "raw-samples"), help="real files, for what is not made of records")
    p.add_argument("--corpus", default=os.path.join(shared, "corpora", "dc-law.jsonl.zst"), help="records, for html, xml, md, txt")
    p.add_argument("--formats", default="html,xml,md,txt,zip,pdf,pdf1,docx,pptx,xlsx,odt,odp,ods,rtf,epub,eml", type=lambda s: s.split(","))
    p.add_argument("--mb", type=float, default=50, help="megabytes a folder (50)")
    p.add_argument("--files", type=int, default=1000, help="so many files of samples are enough (1000)")
    p.add_argument("--rounds", type=int, default=3, help="the median counts (3)")
    p.add_argument("--cores", default="1,2", type=lambda s: [int(x) for x in s.split(",")])
    p.add_argument("--timeout", type=float, default=900, help="seconds for one index (900)")
    p.add_argument("--keep", action="store_true", help="leave the folders there")
    o = p.parse_args()
    o.failed = False
    o.out = os.path.abspath(o.out)
    os.makedirs(o.out, exist_ok=True)
    programs = []
    for program in (Cdgsearch(os.environ.get("CDG_BUILD", os.path.join(HERE, "..", "build"))), Omega(), Recoll()):
        if program.there():
            programs.append(program)
        else:
            say(f"{program.name} is not there: left out")
    rows = []
    for kind in o.formats:
        folder = os.path.join(o.out, "files." + kind)
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        try:
            made = (make_zips(folder, o.corpus, o.mb * 1e6) if kind == "zip" else
                    make_from_corpus(kind, folder, o.corpus, o.mb * 1e6) if kind in MADE else
                    make_from_samples(kind, folder, o.samples, o.mb * 1e6, o.files))
        except OSError as why:
            say(f"{kind}: {why}")
            made = (0, 0, 0)
        if not made[0]:
            say(f"{kind}: there is nothing to make a folder of: left out")
            continue
        rows += measure(o, kind, folder, made, programs)
        if not o.keep:
            shutil.rmtree(folder)
        with open(os.path.join(o.out, "documents.json"), "w", encoding="utf-8") as out:
            json.dump(rows, out, indent=1)
    if not rows:
        say("nothing was measured")
        return 2
    text = table(rows, [p.name for p in programs])
    with open(os.path.join(o.out, "documents.md"), "w", encoding="utf-8") as out:
        out.write(text)
    print(text, end="")
    return 2 if o.failed else 0


if __name__ == "__main__":
    sys.exit(main())
