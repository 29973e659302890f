#!/usr/bin/env python3
"""attacks.py - script and markup in everything that comes from outside: titles, texts, ids,
file names, metadata, names of fields, addresses, queries, parameters, hosts.  Nothing may
run, nothing may be blocked (a blocked script would be one that was put in), and markup stays
text."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from _page import INDEX, Browser, Server, end, has, make_index, ok, quote, same, tmp  # noqa: E402
import subprocess  # noqa: E402

SHAPES = ("<script>alert(1)</script>", "<img src=x onerror=alert(2)>", "\"><svg onload=alert(3)>", "' onmouseover='alert(4)",
          "</title><script>alert(5)</script>", "</textarea><b class=evil>", "<mark id=\"m1\"><a href=//evil.example>", "<!--",
          "javascript:alert(6)", "&lt;script&gt;", "{{7*7}}", "\x00<b class=evil>", "\u202e<i class=evil>", "<b class=evil\n>")
URLS = ("javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:alert(1)", "java\tscript:alert(1)", "data:text/html,<script>alert(1)</script>",
        "vbscript:alert(1)", "//evil.example/", "/\\evil.example", "https:evil", "\x01javascript:alert(1)", "http://ok.example/\"><b class=evil>",
        "https://ok.example/?a=<b class=evil>")

# in pairs, for facets to show their values; an id cannot have a NUL when it is asked for in an address
records = [{"id": f"id{i}{k}{x}".replace("\0", ""), "title": f"water {x} title", "lang": "en", "date": "2001-02-03", "type": x.replace("\0", ""), "jurisdiction": x, f"name{i}": x,
            "hierarchy": x, "url": URLS[i % len(URLS)], "text": f"water {x} in the text\n\n{x}\n\nwater again"}
           for i, x in enumerate(SHAPES) for k in range(2)]
records += [{"id": f"url{i}", "title": "water url", "url": u, "lang": "en", "text": "water " * 20} for i, u in enumerate(URLS)]
index = make_index("evil", records)
folder = os.path.join(tmp, "<img src=x onerror=alert(7)>")
os.makedirs(folder)
with open(os.path.join(folder, "\"><script>alert(8)<!-- .html"), "w", encoding="utf-8") as f:
    f.write("<title>&lt;script>alert(9)&lt;/script></title><h1>water &lt;img src=x onerror=alert(10)></h1><p>water &lt;b class=evil>")
names = os.path.join(tmp, "names")
subprocess.run([INDEX, "-q", "-d", names, folder], check=True)


def clean(b, name, page):
    """No element came from outside, no link leads elsewhere than it may."""
    evil = page.evaluate("document.querySelectorAll('.evil, img, [onerror], [onload], [onmouseover], script:not([src])').length")
    same(f"markup stays text: {name}", evil, 0)
    hrefs = page.evaluate("[...document.querySelectorAll('[href], [action]')].map(e => e.getAttribute('href') ?? e.getAttribute('action'))")
    bad = [h for h in hrefs if not (h.startswith(("/", "#", "http://ok.example/", "https://ok.example/")) and not h.startswith(("//", "/\\")))]
    # such as a path of the machine in a link to the original
    same(f"links lead where they may: {name}", bad[:3], [])
    b.fine(f"nothing ran: {name}")


with Server("-d", f"evil={index}", index=f"names={names}", title="<b class=evil>Library") as s, Browser(s) as b:
    page = b.open("/search?q=water&n=100")
    has("all are found", page, ".hit", len(records))
    clean(b, "results", page)
    hrefs = page.evaluate("[...document.querySelectorAll('.hit h3 a')].map(a => a.getAttribute('href'))")
    for i, href in enumerate(hrefs):
        page.goto(b.base + href)
        if i < 3 or not page.locator("#text").count():
            has(f"document {i} is shown", page, "#text", 1)
        clean(b, f"document {i}", page)
    for path in ("/docs/concordance?q=water", "/docs/concordance?q=water&sort=left", "/advanced", "/"):
        page.goto(b.base + path)
        clean(b, path, page)
    for x in SHAPES:
        for path in ("/search?q=", "/search?q=water&filter=", "/search?q=water&sort=", "/search?q=water&more=", "/search?q=water&hl=",
                     "/search?q=water&n=", "/doc?q=water&id=", "/docs/concordance?q=", "/advanced?all=", "/advanced?from=", "/in/x/search?q=",
                     "/in/", "/static/", "/help?q=", "/"):
            page.goto(b.base + path + quote(x))
            evil = page.evaluate("document.querySelectorAll('.evil, img, [onerror], [onload], [onmouseover], script:not([src])').length")
            if evil or b.wrong:
                clean(b, path + x, page)
    b.fine("nothing ran: parameters")
    # each value of a facet is a link that finds its document
    page.goto(b.base + "/search?q=water&more=type")
    links = page.evaluate("[...document.querySelectorAll('.facet a')].filter(a => a.href.includes('filter=type')).map(a => a.getAttribute('href'))")
    ok("facets of markup", len(links) >= 10, links)
    for href in links:
        page.goto(b.base + href)
        if not page.locator(".hit").count() or not page.locator(".chips li").count():
            ok(f"a filter finds: {href}", False, page.inner_text("body")[:300])
    clean(b, "filters", page)
    page.goto(b.base + "/in/names/search?q=water")
    has("file names are found", page, ".hit", 1)
    clean(b, "file names", page)
    page.click(".hit h3 a")
    clean(b, "the document of a file name", page)
    answer = s.ask("/doc?id=url1&q=water", Accept="text/html", Host="evil.example\"><b class=evil>")
    ok("a host stays text", "<b class=evil>" not in answer.text(), answer.text()[:200])
    for value in ("x%0d%0aSet-Cookie:a=b", "x%0aX-Evil:1"):
        for path in ("/advanced?all=", "/search?q=", "/doc?id=", "/search?hl=", "/in/"):
            answer = s.ask(path + value, Accept="text/html")
            if any(k.lower() in ("set-cookie", "x-evil") for k, _ in answer.headers):
                ok(f"no header is put in: {path}", False, answer.headers)
    policy = s.ask("/search?q=water", Accept="text/html").header("Content-Security-Policy") or ""
    for part in ("default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "connect-src 'self'",
                 "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"):
        ok(f"policy: {part}", part in policy, policy)
    ok("policy: nothing unsafe", "unsafe" not in policy and "*" not in policy, policy)
end()
