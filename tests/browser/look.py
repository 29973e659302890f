#!/usr/bin/env python3
"""look.py - how pages look and what they weigh: WCAG 2.2 AA by axe in light and dark,
nothing wider than the screen, under 100 KB, pictures of ten states at three widths in
$CDG_BUILD/browser."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from _page import PICTURES, Browser, Server, end, has, laws_records, make_demo, make_files, make_index, make_long, ok, quote, real_indexes  # noqa: E402
from axe_playwright_python.sync_playwright import Axe  # noqa: E402

WIDTHS = (360, 768, 1280)
PLAN = 'type:="plan"'
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
os.makedirs(PICTURES, exist_ok=True)
indexes = [("laws", make_index("laws", laws_records())), ("files", make_files()), ("long", make_long()), ("demo", make_demo()), *real_indexes()]
names = [n for n, _ in indexes]
big = "policy" if "policy" in names else "demo"
chinese = "china" if "china" in names else "demo"
axe = Axe()


def accessible(name, page, dark=False):
    """In the dark only colours are others."""
    rules = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]} if dark else TAGS
    found = axe.run(page, options={"runOnly": rules}).response["violations"]
    ok(f"axe: {name}", not found, "; ".join(f"{v['id']} ({len(v['nodes'])}): {v['nodes'][0]['target']} {v['nodes'][0]['failureSummary'][:160]}"
                                            for v in found[:4]))


def picture(b, name, path, width, lang="en-US", dark=False, act=None, full=False):
    page = b.open(path, width=width, lang=lang, dark=dark, reduced_motion="reduce")
    if act:
        act(page)
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    ok(f"{name} at {width}: nothing is wider than the screen", wide <= 0, f"{wide} pixels")
    page.screenshot(path=os.path.join(PICTURES, f"{name}-{width}.png"), full_page=full)
    b.close(page)


def type_more(page):
    page.focus("#q")
    page.keyboard.press("End")
    page.keyboard.type(" ser")
    page.locator(".suggest li").first.wait_for()
    page.keyboard.press("ArrowDown")


def weight(b, path):
    b.loaded.clear()
    page = b.open(path)
    page.wait_for_load_state("networkidle")
    total = sum(b.loaded.values())
    ok(f"under 100 KB: {path[:40]}", 0 < total < 100_000, f"{total} bytes: {b.loaded}")
    b.close(page)
    return total


with Server("-d", f"{indexes[0][0]}={indexes[0][1]}", index=[f"{n}={p}" for n, p in indexes[1:]], title="Policy Library") as s, Browser(s) as b:
    page = b.open("/in/files/search?q=forest")
    forest = page.locator(".hit h3 a").first.get_attribute("href")
    page.goto(b.base + "/in/long/search?q=water")
    code = page.locator(".hit h3 a").first.get_attribute("href") + "&part=1"
    b.close(page)
    pages = {
        "home": "/", "results": f"/in/{big}/search?q=water+reform", "filtered": f"/in/laws/search?q=water&filter={quote(PLAN)}&filter=date:1990..1999",
        "nothing": "/search?q=%22no+such+phrase%22&filter=date:1990", "notes": "/search?q=supply+zebra+(chain",
        "document": forest + "#m3", "concordance": f"/in/{big}/docs/concordance?q=water&sort=right",
        "part": code + "#m20", "months": "/search?q=water&filter=date:1990",
        "meant": "/search?q=minstry+of+water", "advanced": "/advanced", "help": "/help?hl=de", "problem": "/search?q=water&n=x", "chinese": f"/in/{chinese}/search?q={quote('改革')}",
    }
    page = b.open("/")
    page.evaluate("document.querySelector('h1').insertAdjacentHTML('afterend', '<input>')")
    ok("axe finds what is wrong", axe.run(page, options={"runOnly": TAGS}).response["violations"])
    b.close(page)
    for dark in (False, True):
        for name, path in pages.items():
            page = b.open(path, dark=dark)
            accessible(f"{name}, {'dark' if dark else 'light'}", page, dark)
            b.close(page)
        page = b.open(f"/in/{big}/search?q=water", dark=dark)
        type_more(page)
        accessible(f"suggestions, {'dark' if dark else 'light'}", page, dark)
        b.close(page)
        page = b.open(pages["results"], width=360, dark=dark)
        accessible(f"results on a phone, {'dark' if dark else 'light'}", page, dark)
        b.close(page)
    for width in WIDTHS:
        for name in ("home", "results", "filtered", "nothing", "notes", "meant", "document", "concordance", "advanced", "help"):
            picture(b, name, pages[name], width)
        picture(b, "chinese", pages["chinese"], width, lang="zh-CN")
        picture(b, "suggestions", f"/in/{big}/search?q=water", width, act=type_more)
        picture(b, "dark", pages["results"], width, dark=True)
        picture(b, "part", pages["part"], width)
        picture(b, "filters-on-a-phone", pages["results"], width, act=lambda p: p.evaluate("location.hash = 'filters'"))
    # 320 pixels are 1280 at 400 %
    for width in (320, 1920):
        page = b.open("/", width=width, reduced_motion="reduce")
        for name, path in pages.items():
            page.goto(b.base + path)
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            ok(f"{name} at {width}: nothing is wider than the screen", wide <= 0, f"{wide} pixels")
        b.close(page)
    # targets of 24 pixels, but for links in a line of text
    page = b.open(pages["results"], width=360)
    for path in ("results", "part", "advanced", "help", "months"):
        page.goto(b.base + pages[path])
        small = page.evaluate("""[...document.querySelectorAll('main a, main button, main input:not([type=hidden]), header a, footer a')]
            .filter(e => e.getClientRects().length && !e.closest('.unseen, .skip, dd') && !e.matches('.skip'))
            .map(e => [e.className || e.textContent.slice(0, 20), Math.round(e.getBoundingClientRect().height)]).filter(([, h]) => h < 24)""")
        ok(f"{path}: nothing to press is lower than 24 pixels", not small, small[:5])
    b.close(page)
    for name in ("home", "results", "concordance", "advanced", "help", "chinese"):
        print(f"  {name}: {weight(b, pages[name])} bytes")
    # print: what is not to be read on paper is not there
    page = b.open(pages["results"])
    page.emulate_media(media="print")
    has("paper has the passages", page, ".passage:visible")
    has("paper has no search box", page, ".ask:visible", 0)
    has("but what was asked", page, ".paper:visible", text="water reform")
    page.pdf(path=os.path.join(PICTURES, "results.pdf"))
    b.close(page)
    b.fine("no error, no dialog, nothing blocked, nothing foreign")
end()
