"""_page.py - what the browser tests share: indexes made for them, a server, Chromium, and
a watch over what no page may do: errors, dialogs, blocked or foreign requests.

Runs again by the Python of the virtual environment that setup.sh makes, where that is."""
import json
import os
import re
import subprocess
import sys
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
VENV = os.path.join(os.path.abspath(os.environ.get("CDG_BUILD", "build")), "browser-venv", "bin", "python")
if not os.path.exists("/usr/bin/chromium"):
    print("SKIP: /usr/bin/chromium is missing (Debian: chromium)")
    sys.exit(0)
try:
    from playwright.sync_api import sync_playwright
except ImportError:
    if os.path.exists(VENV) and os.path.realpath(sys.prefix) != os.path.realpath(os.path.dirname(os.path.dirname(VENV))):
        os.execv(VENV, [VENV, *sys.argv])
    print("SKIP: playwright is missing: make browser installs it in", os.path.dirname(VENV))
    sys.exit(0)

sys.path.insert(0, os.path.join(HERE, "..", "daemon"))
from _server import BUILD, INDEX, Server, end, make_index, ok, same, skip, tmp  # noqa: E402, F401

ROOT = os.path.dirname(os.path.dirname(HERE))
PICTURES = os.path.join(BUILD, "browser")
quote = urllib.parse.quote_plus


def make_pdf(path, pages):
    """A PDF of lines of text, a list for each page."""
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b"", b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"]
    kids = []
    for lines in pages:
        text = b"BT /F1 12 Tf 72 720 Td 16 TL " + b"".join(b"(%s) Tj T* " % line.encode() for line in lines) + b"ET"
        objects.append(b"<</Length %d>>stream\n%s\nendstream" % (len(text), text))
        objects.append(b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents %d 0 R/Resources<</Font<</F1 3 0 R>>>>>>"
                       % len(objects))
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<</Type/Pages/Count %d/Kids[%s]>>" % (len(kids), b" ".join(kids))
    out, places = b"%PDF-1.4\n", []
    for i, o in enumerate(objects):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (i + 1, o)
    xref = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + b"".join(b"%010d 00000 n \n" % p for p in places)
    out += b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, xref)
    with open(path, "wb") as f:
        f.write(out)


def laws_records():
    """Made laws: two types, three jurisdictions, forty years, a few long."""
    places = ("Velmark", "Osterland", "Brenn")
    return [{"id": f"law-{i}", "title": f"Water Act {i}", "date": f"{1980 + i % 40}-0{1 + i % 9}-11", "lang": "en",
             "type": "law" if i % 3 else "plan", "jurisdiction": places[i % 3], "url": f"https://laws.example/{i}",
             "text": f"Section {i}. The water supply of district {i} shall be protected.\n\n" +
                     f"The ministry reforms the supply chain in part {i}.\n\n" * (1 + i % 5)} for i in range(120)]


def make_files():
    """A folder with a PDF of pages and an HTML file of sections, indexed with their addresses."""
    folder = os.path.join(tmp, "files")
    filler = [f"Line {i} of the report tells of roads, schools and the budget." for i in range(30)]
    os.makedirs(folder)
    make_pdf(os.path.join(folder, "report.pdf"),
             [["Annual report on water", "This page is about money."], ["The groundwater level fell in spring.", *filler],
              [*filler, "The groundwater level rose in autumn."]])
    with open(os.path.join(folder, "act.html"), "w", encoding="utf-8") as f:
        f.write("<!DOCTYPE html><html lang=en><title>Forest Act</title><h1>Forest Act</h1>" + "".join(
            f"<h2>Part {p}</h2>" + "".join(f"<h3>Article {a}</h3><p>The forest of article {a} stays as it is, " +
                                           f"and the owner of this forest keeps it. {'Trees grow here. ' * 30}</p>"
                                           for a in range(p * 3 - 2, p * 3 + 1)) for p in range(1, 5)))
    path = os.path.join(tmp, "files-index")
    subprocess.run([INDEX, "-q", "-d", path, "--url-base", f"{folder}=https://docs.example/", folder], check=True)
    return path


def make_long():
    """A long text with articles and one without, indexed: each several pages long."""
    folder = os.path.join(tmp, "long")
    os.makedirs(folder)
    with open(os.path.join(folder, "code.md"), "w", encoding="utf-8") as f:
        f.write("# The Long Code\n\n" + "".join(
            f"## Article {i}\n\n" + f"The owner of the land in article {i} keeps the water clean. " +
            "Nothing else is said of it here, and the rest is for another day. " * 60 + "\n\n" for i in range(1, 61)))
    with open(os.path.join(folder, "minutes.txt"), "w", encoding="utf-8") as f:
        f.write("".join(f"Speaker {i} asked about the reservoir. " + "The house took note of it and went on. " * 30 + "\n\n"
                        for i in range(1, 201)))
    with open(os.path.join(folder, "table.csv"), "w", encoding="utf-8") as f:
        f.write("Ministry,Budget\nForestry,1200\nFisheries,900\n")
    path = os.path.join(tmp, "long-index")
    subprocess.run([INDEX, "-q", "-d", path, folder], check=True)
    return path


def make_demo():
    path = os.path.join(tmp, "demo-index")
    subprocess.run([INDEX, "-q", "-d", path, "examples/demo"], cwd=ROOT, check=True)
    return path


def real_indexes():
    """Name and path: indexes of real corpora, of $CDG_BROWSER_INDEXES (NAME=PATH,...), or made
    of the small ones of ../shared/corpora."""
    given = os.environ.get("CDG_BROWSER_INDEXES")
    if given:
        return [tuple(one.split("=", 1)) for one in given.split(",")]
    found = []
    for name, file in (("policy", "demo-policy"), ("china", "china-government-reports")):
        corpus = os.path.join(ROOT, "..", "shared", "corpora", file + ".jsonl.zst")
        if not os.path.exists(corpus):
            skip(f"../shared/corpora lacks {file}: the demo corpus stands in")
            continue
        path = os.path.join(tmp, name + "-index")
        subprocess.run([INDEX, "-q", "-d", path, "--jsonl", corpus], check=True)
        found.append((name, path))
    return found


class Browser:
    """Chromium with a watch.  open() gives a page of a context of its own."""

    def __init__(self, server):
        self.base = f"http://127.0.0.1:{server.port}"
        self.playwright = sync_playwright().start()
        self.chromium = self.playwright.chromium.launch(executable_path="/usr/bin/chromium",
                                                        args=["--no-sandbox", "--disable-gpu"])
        self.wrong = []   # what no page may do
        self.loaded = {}  # bytes by address

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.chromium.close()
        self.playwright.stop()

    def open(self, path, width=1280, height=900, dark=False, js=True, lang="en-US", **options):
        context = self.chromium.new_context(viewport={"width": width, "height": height}, locale=lang,
                                            java_script_enabled=js, color_scheme="dark" if dark else "light", **options)
        page = context.new_page()
        page.set_default_timeout(10000)
        page.on("dialog", lambda d: (self.wrong.append(f"dialog {d.message} at {page.url}"), d.dismiss()))
        page.on("pageerror", lambda e: self.wrong.append(f"error {e} at {page.url}"))
        page.on("console", lambda m: m.type in ("error", "warning") and "status of 4" not in m.text and
                self.wrong.append(f"console: {m.text} at {page.url}"))
        page.on("request", lambda r: r.url.startswith((self.base, "data:")) or self.wrong.append(f"foreign request {r.url}"))
        page.on("response", self._note)
        page.goto(self.base + path)
        return page

    def _note(self, response):
        try:
            self.loaded[response.url] = len(response.body())
        except Exception:  # one without a body, or a page that is gone
            pass

    def close(self, page):
        page.context.close()

    def fine(self, name):
        """Nothing went wrong since the last call."""
        ok(name, not self.wrong, "; ".join(self.wrong[:4]))
        self.wrong.clear()


def has(name, page, selector, n=None, text=None):
    """The page has (n of) what the selector means (with the text)."""
    found = page.locator(selector)
    if text is not None:
        found = found.filter(has_text=text)
    count = found.count()
    return ok(name, count == n if n is not None else count > 0,
              f"{count} of {selector} {text or ''} at {page.url}: {re.sub(chr(10) + '+', ' ', page.inner_text('body'))[:300]}")


def params(page):
    """The parameters of the address: a list for each name."""
    return urllib.parse.parse_qs(urllib.parse.urlparse(page.url).query)


__all__ = ["BUILD", "INDEX", "PICTURES", "ROOT", "Browser", "Server", "end", "has", "json", "laws_records", "make_demo",
           "make_files", "make_index", "make_long", "ok", "params", "quote", "real_indexes", "same", "skip", "tmp"]
