#!/usr/bin/env python3
"""flows.py - every feature of the page as a reader uses it, with JavaScript and without."""
import csv
import io
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from _page import (Browser, Server, end, has, laws_records, make_files, make_index, make_long, ok, params, quote, same)  # noqa: E402

laws = make_index("laws", laws_records())
zh = make_index("zh", [{"id": "c1", "title": "经济工作报告", "date": "2015", "lang": "zh", "text": "经济发展进入新常态，改革继续。" * 20}])
files = make_files()
long = make_long()
# one of 1066 among many of thirty years
old = make_index("old", [{"id": f"o{i}", "title": f"Treaty {i}", "lang": "en", "date": "1066" if not i else str(1990 + i % 30),
                          "text": "A treaty of peace."} for i in range(200)])
# what a spreadsheet would take for formulas
sums = make_index("sums", [{"id": "=1+1", "title": "=cmd|' /C calc'!A0", "lang": "en", "type": "+x", "text": "@water \"quoted\", and more"}])


def counts(page, field):
    """Values of the facet with this heading: {value: (count, chosen)}."""
    links = page.locator(f".facet:has(h3:text-is('{field}')) li a").all()
    return {a.locator(".v").inner_text(): (int(a.locator(".n").inner_text().replace(",", "")), a.get_attribute("aria-current") == "true")
            for a in links}


def choose_flow(page, word):
    """A second value of one field widens, a value of another narrows; each can be taken back."""
    types = {value: n for value, (n, _) in counts(page, "Type").items()}
    same(f"nothing is chosen ({word})", [on for _, on in counts(page, "Type").values()], [False] * len(types))
    page.click(".facet a:has-text('plan')")
    same(f"the others still count ({word})", counts(page, "Type"), {v: (n, v == "plan") for v, n in types.items()})
    page.click(".facet a:has-text('law')")
    both = types["plan"] + types["law"]
    has(f"a second value widens ({word})", page, "h1", text=f"{both} documents")
    same(f"both are in one filter ({word})", params(page)["filter"], ['type:="plan" OR type:="law"'])
    same(f"both are marked ({word})", counts(page, "Type"), {v: (n, v in ("plan", "law")) for v, n in types.items()})
    has(f"a chip for each ({word})", page, ".chips li", 3)
    places = counts(page, "Jurisdiction")
    page.click(".facet a:has-text('Velmark')")
    has(f"another field narrows ({word})", page, "h1", text=f"{places['Velmark'][0]} documents")
    has(f"three chips ({word})", page, ".chips li", 4)
    same(f"what is chosen counts for other fields ({word})", sum(n for n, _ in counts(page, "Type").values()), places["Velmark"][0])
    page.reload()
    same(f"all of it is in the address ({word})", sorted(params(page)["filter"]),
         ['jurisdiction:="Velmark"', 'type:="plan" OR type:="law"'])
    page.click(".chips a:has-text('Velmark')")
    page.click(".chips a:has-text('plan')")
    has(f"a chip removes its value alone ({word})", page, "h1", text=f"{types['law']} documents")
    same(f"the other is left ({word})", params(page)["filter"], ['type:="law"'])
    page.click(".facet a[aria-current]")
    has(f"a chosen value is taken back in the list ({word})", page, "h1", text="120 documents")
    page.goto(page.url.split("?")[0] + "?q=water&filter=" + quote('type:="plan"') + "&filter=" + quote('jurisdiction:="nowhere"'))
    has(f"nothing is found ({word})", page, ".hit", 0)
    page.click(".facet a:has-text('Velmark')")
    ok(f"but another value can be chosen ({word})", page.locator(".hit").count() > 0, page.url)
    page.goto(page.url.split("?")[0] + "?q=water+supply")


def parted(i):
    """A law of three sections, of which all have one, half another, and each one of its own."""
    labels = ["Chapter 1: Definitions", "§ 2 Duties" if i % 2 else "§ 2", f"Part III—Matter {i}"]
    text, sections = "", []
    for label in labels:
        at = len(text.encode())
        text += f"{label}\n\nThe water of law {i} is clean.\n\n"
        sections.append([at, len(text.encode()), 1, "section", label])
    return {"id": f"p{i}", "title": f"Law {i}", "lang": "en", "text": text, "_sections": sections}


def sections_flow(b):
    page = b.open("/in/parts/search?q=water")
    same("what sections are called", {v: n for v, n in list(counts(page, "Section").items())[:2]},
         {"Definitions": (20, False), "Duties": (10, False)})
    ok("none has its number", not any("Chapter" in v or "§" in v for v in counts(page, "Section")), counts(page, "Section"))
    page.click(".facet a:has-text('Duties')")
    has("documents that have such a section", page, "h1", text="10 documents")
    same("by the field of that name", params(page)["filter"], ['section:="Duties"'])
    ok("it is no fact of a document", page.locator(".facts:has-text('Duties')").count() == 0)
    b.close(page)


def search_flow(b, js):
    word = "script" if js else "no script"
    page = b.open("/", js=js)
    has(f"home has the box ({word})", page, "form[role=search] input[name=q]", 1)
    has(f"home says how many documents ({word})", page, ".intro", text="120 documents")
    page.fill("#q", "water supply")
    page.press("#q", "Enter")
    page.wait_for_url("**/search?**")
    has(f"total ({word})", page, "h1", text="120 documents")
    has(f"ten hits ({word})", page, ".hit", 10)
    has(f"time ({word})", page, ".found", text="ms")
    has(f"title is marked ({word})", page, ".hit h3 mark")
    has(f"passages are marked ({word})", page, ".passage mark")
    has(f"several passages a hit ({word})", page, ".hit:first-child .passage")
    has(f"date, type, source ({word})", page, ".hit:first-child .facts", text="laws.example")
    has(f"passages have a language ({word})", page, ".passage[lang=en]")
    has(f"what was understood ({word})", page, ".understood code", text="water AND supply")
    for field in ("Type", "Language", "Jurisdiction", "Over the years"):
        has(f"facet {field} ({word})", page, ".side h3", text=field)
    # narrow down, and widen again
    page.click(".facet a:has-text('plan')")
    has(f"filter by type ({word})", page, "h1", text="40 documents")
    same(f"filter is in the address ({word})", params(page)["filter"], ['type:="plan"'])
    page.click(".facet a:has-text('Velmark')")
    has(f"two filters ({word})", page, ".chips li", 3)
    page.click(".chips a:has-text('Jurisdiction')")
    page.click(".chips a:has-text('Type')")
    has(f"filters removed ({word})", page, "h1", text="120 documents")
    choose_flow(page, word)
    # years
    bars = page.locator(".years li a").count()
    ok(f"a dozen bars at most ({word})", 1 < bars <= 12, bars)
    page.click(".years li a[aria-label^='1990']")
    ok(f"a bar filters by its years ({word})", params(page)["filter"][0].startswith("date:1990"), page.url)
    page.click(".years li a >> nth=0")
    same(f"a bar within takes the place of it ({word})", len(params(page)["filter"]), 1)
    page.click(".chips a")
    # order, pages
    page.click("text=Oldest")
    has(f"oldest first ({word})", page, ".hit:first-child time", text="1980")
    page.click("text=Newest")
    has(f"newest first ({word})", page, ".hit:first-child time", text="2019")
    page.click(".paging a[rel=next]")
    same(f"second page ({word})", (params(page)["offset"], params(page)["sort"]), (["10"], ["-date"]))
    has(f"second page begins at 11 ({word})", page, ".hit[value='11']", 1)
    page.reload()
    has(f"the address is the state ({word})", page, ".paging [aria-current=page]", text="2")
    b.close(page)


def document_flow(b, js):
    word = "script" if js else "no script"
    page = b.open("/in/files/search?q=groundwater", js=js)
    has(f"a passage tells its page ({word})", page, ".place", text="p. 2")
    same(f"and opens the original there ({word})", page.locator(".place a").first.get_attribute("href"),
         "https://docs.example/report.pdf#page=2")
    page.click(".passage >> nth=1")
    page.wait_for_url("**/doc?**")
    ok(f"a passage leads to its match ({word})", page.url.endswith("#at"), page.url)
    has(f"matches in the document ({word})", page, ".text mark[id]", 2)
    same(f"the second passage is the second match ({word})", page.locator("#at + mark").get_attribute("id"), "m2")
    has(f"number of matches ({word})", page, ".matches", text="2 matches")
    has(f"contents by page ({word})", page, ".outline a", text="p. 2")
    has(f"the page in the citation ({word})", page, ".cite pre >> nth=0", text="p. 3")
    page.click(".back a")
    has(f"back to the results ({word})", page, "h1", text="1 document")

    page = b.open("/in/files/doc?id=" + quote(page_id(b, "forest")) + "&q=forest", js=js)
    has(f"outline ({word})", page, ".outline li", 17)
    has(f"hits of a section ({word})", page, ".outline a:has-text('Article 5') .n", text="2")
    has(f"cite as text ({word})", page, ".cite pre", text="Forest Act. https://docs.example/act.html")
    has(f"cite for BibTeX ({word})", page, ".cite pre", text="@misc{")
    page.click(".steps a:has-text('Next match')")
    ok(f"first match ({word})", page.url.endswith("#m1"), page.url)
    page.click(".outline a:has-text('Article 5')")
    ok(f"a section is opened ({word})", page.url.split("#")[1].startswith("s"), page.url)
    page.goto(page.url.split("#")[0] + "#m1")
    if not js:
        page.click("mark:target + .step a[aria-label='Next match']")
        ok("next match without script", page.url.endswith("#m2"), page.url)
        page.click("mark:target + .step a[aria-label='Previous match']")
        ok("previous match without script", page.url.endswith("#m1"), page.url)
    has(f"what is known of it ({word})", page, ".about dt", text="Format")
    page.goto(b.base + "/in/files/doc?id=" + quote(page_id(b, "forest")) + "&q=(forest&hl=de")
    has(f"notes on the query in the document, too ({word})", page, ".notes li", 1, text="Klammer")
    page.goto(page.url.replace("(forest&hl=de", "forest"))
    has(f"none where there is none ({word})", page, ".notes", 0)
    page.fill(".find input", "trees")
    page.click(".find button")
    has(f"another query in the same document ({word})", page, ".matches", text="360 matches")
    same(f"of the same document ({word})", page.locator("h1").inner_text(), "Forest Act")
    b.close(page)


def parts_flow(b, js):
    word = "script" if js else "no script"
    page = b.open("/in/long/search?q=water", js=js)
    page.click(".hit h3 a")
    has(f"a long document has parts ({word})", page, ".parts >> nth=0", text="Part 1 of 4")
    begin = page.locator(".parts a[rel=next] .v").first.inner_text()
    ok(f"the link says which section comes ({word})", begin.startswith("Article "), begin)
    page.click(".parts a[rel=next] >> nth=0")
    same(f"with which the part begins ({word})", page.locator(".text h2, .text h3").first.inner_text(), begin)
    has(f"the contents lead to other parts ({word})", page, ".outline a[href*='part=3']")
    has(f"under the name of what it is in ({word})", page, ".running h2", text="The Long Code")
    number = int(begin.split()[1])
    page.click(".steps a:has-text('Previous match')")
    page.wait_for_url(f"**#m{number - 1}")
    has(f"the match before is in the part before ({word})", page, ".parts >> nth=0", text="Part 1 of 4")
    has(f"and is shown ({word})", page, f"mark#m{number - 1}{'.now' if js else ':target'}", 1)
    if js:
        page.click(".steps a:has-text('Next match')")
    else:
        page.click("mark:target + .step a[aria-label='Next match']")
    page.wait_for_url(f"**part=1#m{number}")
    has(f"the next one in the next part ({word})", page, f"mark#m{number}{'.now' if js else ':target'}", 1)
    page.click(".outline a[href*='part=3'] >> nth=1")
    ok(f"a section of another part ({word})", page.evaluate("document.getElementById(location.hash.slice(1)) !== null"), page.url)
    page = b.open("/in/long/search?q=forestry", js=js)
    page.click(".hit h3 a")
    same(f"cells of a table are apart ({word})", page.locator(".text .tab").count(), 3)
    page = b.open("/in/long/search?q=reservoir", js=js)
    page.click(".hit h3 a")
    page.click(".parts a[rel=next] >> nth=0")
    ok(f"without sections a part begins with a paragraph ({word})", page.locator(".text p").first.inner_text().startswith("Speaker "),
       page.locator(".text p").first.inner_text()[:60])
    b.close(page)


def cite_flow(b):
    """The citation is of the match that is shown, and its address leads there."""
    page = b.open("/in/long/search?q=clean")
    page.click(".hit h3 a")
    plain = page.locator(".cite pre").first
    ok("at first the document is cited", "Article" not in plain.inner_text() and "&at=" not in plain.inner_text(), plain.inner_text())
    for _ in range(3):
        page.press("body", "n")
    ok("the address is that of the match", page.url.endswith("#m3"), page.url)
    text = plain.inner_text()
    ok("its section is cited", ", Article 3." in text, text)
    has("also for BibTeX", page, ".cite pre >> nth=1", text="chapter = {Article 3}")
    page.reload()
    has("the match is the state of the page", page, "mark.now#m3", 1)
    page.goto(text[text.index("http"):].strip())
    near = page.evaluate("document.querySelector('#at').closest('section').textContent")
    ok("the address of the citation leads to its section, without a query", "article 3 keeps" in near and not page.locator(".text mark").count(), near[:80])
    has("of which the citation is again", page, ".cite pre >> nth=0", text="Article 3")
    page = b.open("/in/files/search?q=groundwater")
    page.click(".hit h3 a")
    for number in (2, 3):
        page.press("body", "n")
        has(f"a page of a PDF is cited: {number}", page, ".cite pre >> nth=0", text=f"p. {number}. https://docs.example/report.pdf#page={number}")
    b.close(page)


def ways_back(b, js):
    word = "script" if js else "no script"
    page = b.open("/search?q=water&sort=-date&offset=20", js=js)
    page.click(".hit h3 a >> nth=2")
    page.click(".back a")
    page.wait_for_url("**/search?**")
    same(f"back to the page of the list ({word})", (params(page)["offset"], params(page)["sort"]), (["20"], ["-date"]))
    page = b.open("/docs/concordance?q=chain&sort=right&offset=50", js=js)
    page.click("td.m a >> nth=1")
    page.wait_for_url("**/doc?**")
    page.click(".back a")
    page.wait_for_url("**/docs/concordance?**")
    same(f"back to the lines ({word})", (params(page)["offset"], params(page)["sort"]), (["50"], ["right"]))
    b.close(page)


def timeline_flow(b, js):
    word = "script" if js else "no script"
    page = b.open("/search?q=water", js=js)
    page.click(".years li a >> nth=0")
    ok(f"a bar narrows down ({word})", params(page)["filter"][0].startswith("date:"), page.url)
    page = b.open("/search?q=water&filter=date:1990", js=js)
    has(f"a year has months ({word})", page, ".years li", 12)
    has(f"it says of which year ({word})", page, ".years h3", text="1990")
    page.click(".years li a >> nth=0")
    month = params(page)["filter"]
    ok(f"a month narrows down ({word})", month[0].startswith("date:1990-") and len(month) == 1, month)
    page.click(".wider a:has-text('All of 1990')")
    same(f"back to the year ({word})", params(page)["filter"], ["date:1990"])
    page.click(".wider a:has-text('All years')")
    ok(f"back to all ({word})", "filter" not in params(page), page.url)
    page.goto(b.base + "/in/old/search?q=treaty")
    has(f"a few old ones do not widen the bars ({word})", page, ".years li a", 6)
    page.click(".wider a:has-text('1989')")
    has(f"and can be reached ({word})", page, "h1", text="1 document")
    b.close(page)


def notes_flow(b):
    """Nothing on a German or a Chinese page stays in English."""
    page = b.open("/", js=False)
    for q in ("supply zebra (chain", "water)", '"water', "foo:bar", "AND", "date:", '""', "water NEAR/9999 supply", "title:1..2", "()",
              "=water^9999^9999", "water SENT supply", "water AND " * 3):
        for lang in ("de", "zh"):
            page.goto(f"{b.base}/search?q={quote(q)}&hl={lang}&filter={quote('type:(')}")
            has(f"notes in {lang}: {q[:20]}", page, ".notes li[lang=en]", 0)
            has(f"there are some in {lang}: {q[:20]}", page, ".notes li")
    b.close(page)


def page_id(b, q):
    page = b.open(f"/in/files/search?q={quote(q)}", js=False)
    href = page.locator(".hit h3 a").first.get_attribute("href")
    b.close(page)
    return __import__("urllib.parse", fromlist=["x"]).parse_qs(href.split("?")[1])["id"][0]


def other_flows(b, js):
    word = "script" if js else "no script"
    page = b.open("/advanced", js=js)
    for name, value in (("all", "water AND"), ("phrase", 'supply "chain'), ("any", "ministry district"), ("none", "forest"),
                        ("near_a", "water"), ("near_b", "supply"), ("near_n", "4"), ("in_title", "act"), ("from", "1990"), ("to", "1995-06")):
        page.fill(f"[name={name}]", value)
    page.select_option("[name=language]", "en")
    page.select_option("[name=kind]", "law")
    page.click(".advanced button")
    page.wait_for_url("**/search?**")
    same(f"the form writes the query ({word})", page.input_value("#q"),
         'water "AND" "supply  chain" (ministry OR district) water NEAR/4 supply title:act date:1990..1995-06 '
         'lang:="en" type:="law" -forest')
    page = b.open("/advanced", js=js)
    page.fill("[name=all]", "water")
    page.fill("[name=none]", "ministry")
    page.click(".advanced button")
    has(f"nothing is told as nothing ({word})", page, "h1", text="Nothing found")
    # concordance
    page = b.open("/search?q=chain", js=js)
    page.click("text=Concordance")
    has(f"concordance ({word})", page, "table.lines tbody tr", 50)
    page.click("text=Right context")
    rights = [" ".join(r.split()[:5]) for r in page.locator("td.r").all_inner_texts()]  # so many words are compared
    same(f"in the order of the right context ({word})", rights[:20], sorted(rights)[:20])
    page.click("text=Left context")
    same(f"left context ({word})", params(page)["sort"], ["left"])
    page.click("tbody tr >> nth=3 >> td.m a")
    has(f"a line leads to its match ({word})", page, "#at + mark", 1)
    page.go_back()
    page.click("text=List")
    has(f"back to the list ({word})", page, ".hit", 10)
    # notes, help, languages, problems
    page = b.open("/search?q=" + quote("supply zebra (chain"), js=js)
    has(f"what was relaxed and repaired is said ({word})", page, ".notes li", 2)
    page = b.open("/search?q=minstry&filter=" + quote('type:="law"'), js=js)
    has(f"did you mean ({word})", page, ".mean a", text="ministry")
    page.click(".mean a")
    has(f"what was meant is found, within the filter ({word})", page, "h1", text="80 documents")
    page = b.open("/search?q=" + quote("supply zebra (chain"), js=js)
    page.click("footer a[lang=de]")
    has(f"and in German ({word})", page, ".notes li", text="Klammer ist nicht geschlossen")
    page.click("footer a[lang=en]")
    page.click("text=Search help")
    has(f"help ({word})", page, ".help dt")
    for hl, text in (("de", "Suchen"), ("zh", "搜索"), ("en", "Search")):
        page.click(f"footer a[lang={hl}]")
        has(f"page in {hl} ({word})", page, ".box button", text=text)
        same(f"its language is said: {hl} ({word})", page.locator("html").get_attribute("lang"), hl)
    page = b.open("/search?q=water&n=nonsense", js=js)
    has(f"what is wrong, as a page ({word})", page, ".problem .detail", text="parameter n")
    page = b.open("/in/nothing/search?q=water", js=js)
    has(f"no such index, as a page ({word})", page, ".problem .detail", text="404")
    page = b.open("/doc?id=nothing", js=js)
    has(f"no such document, as a page ({word})", page, ".problem .detail", text="404")
    # several indexes
    page = b.open("/search?q=water", js=js)
    page.click(".indexes a:has-text('zh')")
    has(f"another index, the same query ({word})", page, "h1", text="Nothing found")
    same(f"its query ({word})", page.input_value("#q"), "water")
    b.close(page)


def languages(b):
    for lang, text in (("de-AT", "120 Dokumente"), ("zh-CN", "120 份文件"), ("fr-FR", "120 documents")):
        page = b.open("/search?q=water", lang=lang)
        has(f"by Accept-Language: {lang}", page, "h1", text=text)
        b.close(page)
    page = b.open("/in/zh/search?q=" + quote("新常态"), lang="zh-CN")
    has("Chinese passages", page, ".passage[lang=zh] mark", text="新常态")
    has("a year has no month", page, ".facts time[datetime='2015']", 1)
    b.close(page)


def exports(b, server):
    page = b.open("/search?q=water&filter=" + quote('type:="plan"'))
    for kind in ("CSV", "JSON"):
        href = page.locator(f".export a:has-text('{kind}')").get_attribute("href")
        answer = server.ask(href, Accept="text/html")
        if kind == "CSV":
            ok("export as CSV: Excel sees that it is UTF-8", answer.body.startswith(b"\xef\xbb\xbf"))
            rows = list(csv.reader(io.StringIO(answer.text()[1:])))
            same("export as CSV: the whole list", len(rows), 41)
            row = dict(zip(rows[0], rows[1]))
            same("with the fields", (row["type"], row["jurisdiction"] in ("Velmark", "Osterland", "Brenn")), ("plan", True))
            ok("with several passages", row["passage 1"] and "passage 3" in row, row)
            page.goto(row["link"])
            has("with an address at the passage", page, "#at", 1)
            page.goto(row["search"])
            has("with the search and its filters", page, "h1", text="40 documents")
        else:
            same("export as JSON: the whole list", len(answer.json()["hits"]), 40)
    page.goto(b.base + "/search?filter=date:1990")
    href = page.locator(".export a:has-text('JSON')").get_attribute("href")
    same("export of what has filters alone", len(server.ask(href).json()["hits"]), 3)
    page.goto(b.base + "/in/sums/docs/concordance?q=water")
    href = page.locator(".export a:has-text('CSV')").get_attribute("href")
    for name, href in (("list", "/in/sums/search?q=water&format=csv&sheet=1"), ("lines", href)):
        rows = list(csv.reader(io.StringIO(server.ask(href).text()[1:])))
        row = dict(zip(rows[0], rows[1]))
        same(f"nothing of the {name} is a formula", (row["id"], row["title"]), ("'=1+1", "'=cmd|' /C calc'!A0"))
        ok(f"no cell of the {name} begins as one", not [c for r in rows for c in r if c[:1] in ("=", "+", "-", "@")], rows)
    plain = list(csv.reader(io.StringIO(server.ask("/in/sums/search?q=water&format=csv").text())))
    same("a program gets it as it is", plain[1][1], "=1+1")
    same("sheet is 0 or 1", server.ask("/search?q=water&format=csv&sheet=2").status, 400)
    b.close(page)


def keys(b):
    page = b.open("/in/files/doc?id=" + quote(page_id(b, "forest")) + "&q=forest")
    page.press("body", "n")
    has("n: the first match", page, "mark.now#m1", 1)
    page.press("body", "n")
    has("n: the next match", page, "mark.now#m2", 1)
    page.press("body", "p")
    has("p: the match before", page, "mark.now#m1", 1)
    page.click(".steps a:has-text('Previous')")
    has("and around", page, "mark.now#m25", 1)
    has("which one it is", page, ".steps output", text="Match 25 of 25")
    has("where one reads is marked in the contents", page, ".outline [aria-current=location]", 1)
    same("one mark is the one", page.evaluate("[...document.querySelectorAll('.text mark')].filter(m => getComputedStyle(m).outlineStyle === 'solid').length"), 1)
    page.press("body", "/")
    ok("/: to the box", page.evaluate("document.activeElement.id") == "q")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator(".cite button").first.click()
    page.locator(".cite [role=status]:has-text('Copied')").first.wait_for(state="attached")
    has("copied, it says", page, ".cite [role=status]", text="Copied")
    same("copied", page.evaluate("navigator.clipboard.readText()"), page.locator(".cite pre").first.inner_text())
    page.goto(b.base + "/help")
    page.locator("[data-keys] input").uncheck()
    page.goto(b.base + "/search?q=water")
    page.press("body", "/")
    ok("keys of one sign can be turned off", page.evaluate("document.activeElement.id") != "q")
    page = b.open("/search?q=water")
    page.keyboard.press("Tab")
    has("the skip link comes first", page, ".skip:focus", 1)
    page.keyboard.press("Enter")
    ok("and leads to the results", page.evaluate("document.activeElement.id") == "main")
    b.close(page)


def suggestions(b, server):
    page = b.open("/search?q=water")
    box = page.locator("#q")
    same("the box is a combobox", (box.get_attribute("role"), box.get_attribute("aria-expanded")), ("combobox", "false"))
    box.focus()
    box.fill("")
    page.keyboard.type("sup")
    page.locator(".suggest li").first.wait_for()
    has("suggestions while typing", page, ".suggest [role=option]", text="supply")
    same("the list is open", box.get_attribute("aria-expanded"), "true")
    has("their number is announced", page, ".box [role=status]", text="suggestions")
    page.keyboard.press("ArrowDown")
    first = page.locator("[role=option][aria-selected=true]")
    same("an arrow chooses one", first.get_attribute("id"), box.get_attribute("aria-activedescendant"))
    same("and puts it into the box", box.input_value(), first.locator("span").first.inner_text())
    page.keyboard.press("ArrowUp")
    same("back to what was typed", (box.input_value(), box.get_attribute("aria-activedescendant")), ("sup", None))
    page.keyboard.press("ArrowUp")
    ok("around to the last", page.locator(".suggest li").last.get_attribute("aria-selected") == "true")
    page.keyboard.press("Escape")
    same("Escape closes, and gives back what was typed", (page.locator(".suggest:visible").count(), box.input_value()), (0, "sup"))
    page.keyboard.press("ArrowDown")
    page.locator(".suggest li").first.wait_for()
    same("an arrow opens the list again", box.get_attribute("aria-expanded"), "true")
    page.keyboard.press("ArrowDown")
    page.emulate_media(forced_colors="active")
    same("with forced colours the chosen one has an outline",
         page.evaluate("getComputedStyle(document.querySelector('[role=option][aria-selected=true]')).outlineStyle"), "solid")
    page.emulate_media(forced_colors="none")
    page.keyboard.press("Escape")
    page.keyboard.type("p")
    page.locator(".suggest li").first.wait_for()
    page.keyboard.press("ArrowDown")
    chosen = box.input_value()
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?**" + quote(chosen).replace("%22", "*") + "*")
    same("Enter searches for it", page.input_value("#q"), chosen)
    box.fill("")
    page.keyboard.type("Water Act 11")
    page.locator(".suggest li", has_text="Water Act 11").first.wait_for()
    page.locator(".suggest li", has_text="Water Act 11").first.click()
    page.wait_for_load_state()
    ok("a title leads on", "/doc?id=law-11" in page.url or "/search?q=" in page.url, page.url)
    same("for browsers' own boxes", server.ask("/suggest?q=minis&format=opensearch").json()[0], "minis")
    b.close(page)


parts = make_index("parts", [parted(i) for i in range(20)])
with Server("-d", f"laws={laws}", index=[f"files={files}", f"zh={zh}", f"long={long}", f"sums={sums}", f"old={old}", f"parts={parts}"], title="Library") as s, Browser(s) as browser:
    for with_js in (True, False):
        search_flow(browser, with_js)
        document_flow(browser, with_js)
        parts_flow(browser, with_js)
        ways_back(browser, with_js)
        timeline_flow(browser, with_js)
        other_flows(browser, with_js)
    cite_flow(browser)
    notes_flow(browser)
    sections_flow(browser)
    languages(browser)
    exports(browser, s)
    keys(browser)
    suggestions(browser, s)
    browser.fine("no error, no dialog, nothing blocked, nothing foreign")
end()
