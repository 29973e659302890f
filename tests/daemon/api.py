#!/usr/bin/env python3
"""api.py - /openapi.json against the server: answers are as the schemas say, statuses occur,
parameters are those that the sources read; and schemathesis (from PyPI, in a venv of its own)
tries the rest by chance, CDG_API_SECONDS (15) long, CDG_API_SEED being its seed."""
import json
import os
import re
import subprocess
import sys
import urllib.parse

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from _server import BUILD, Server, end, make_index, ok, same, skip, tmp  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SEED = os.environ.get("CDG_API_SEED", "20261126")
SECONDS = os.environ.get("CDG_API_SECONDS", "15")
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}

with open(os.path.join(ROOT, "daemon", "openapi.json"), encoding="utf-8") as f:
    api = json.load(f)


# ---- the subset of JSON Schema that the description uses -----------------------------------

def is_type(value, name):
    if name in ("integer", "number"):
        return isinstance(value, int if name == "integer" else (int, float)) and not isinstance(value, bool)
    return isinstance(value, TYPES[name])


def resolve(node):
    while "$ref" in node:
        at = api
        for key in node["$ref"][2:].split("/"):
            at = at[key]
        node = at
    return node


def scalar_faults(value, schema):
    if "enum" in schema and value not in schema["enum"]:
        yield f"{value!r} is none of {schema['enum']}"
    if isinstance(value, str):
        if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", 1 << 30):
            yield "its length"
        if "pattern" in schema and not re.search(schema["pattern"], value):
            yield f"{value!r} is not {schema['pattern']}"
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        if not schema.get("minimum", value) <= value <= schema.get("maximum", value):
            yield f"{value} is out of range"


def faults(value, schema, at="answer"):
    """What is wrong with a value, as lines."""
    schema = resolve(schema)
    kinds = schema.get("type", [])
    kinds = kinds if isinstance(kinds, list) else [kinds]
    if kinds and not any(is_type(value, k) for k in kinds):
        yield f"{at}: {value!r} is no {kinds}"
        return
    for text in scalar_faults(value, schema):
        yield f"{at}: {text}"
    if isinstance(value, dict):
        known, more = schema.get("properties", {}), schema.get("additionalProperties", True)
        for name in schema.get("required", []):
            if name not in value:
                yield f"{at}: {name} is missing"
        for name, member in value.items():
            if name in known:
                yield from faults(member, known[name], f"{at}.{name}")
            elif more is False:
                yield f"{at}: {name} is not described"
            elif isinstance(more, dict):
                yield from faults(member, more, f"{at}.{name}")
    elif isinstance(value, list):
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", 1 << 30):
            yield f"{at}: {len(value)} items"
        for i, item in enumerate(value):
            yield from faults(item, schema.get("items", {}), f"{at}[{i}]")


occurred = set()


def look(server, path, method="GET", body=None, route=None, **headers):
    """Asks, and compares with the description: status, type, body."""
    r = server.ask(path, method, body, **headers)
    route = route or urllib.parse.urlsplit(path).path
    name = f"{method} {path[:70]} {r.status}"
    answers = api["paths"][route][method.lower()]["responses"]
    if not ok(f"{name}: described", str(r.status) in answers, f"of {sorted(answers)}: {r.text()[:200]}"):
        return r
    occurred.add((route, method.lower(), str(r.status)))
    content = resolve(answers[str(r.status)]).get("content", {})
    kind = (r.header("Content-Type") or "").split(";")[0]
    if content and ok(f"{name}: its type", kind in content, f"{kind}, of {sorted(content)}") and "json" in kind and kind != "application/jsonl":
        wrong = list(faults(r.json(), content[kind]["schema"]))
        ok(f"{name}: as the schema says", not wrong, "; ".join(wrong))
    return r


# ---- an index with everything in it ----------------------------------------------------------

sections = [{"type": "chapter", "label": "I", "start": 0, "end": 60}, {"type": "page", "label": "1", "start": 0, "end": 40},
            {"type": "page", "label": "xii", "start": 40, "end": 90}]
records = [{"id": f"d{i}", "title": f"Supply act {i}", "date": f"{2000 + i % 20}-05-01", "type": "law" if i % 3 else "plan",
            "url": f"https://laws.example/{i}.pdf", "number": i, "tags": ["a", "b"], "sections": sections,
            "text": f"Section {i}. The supply chain of article {i} shall be reformed, and markets with it. " * (1 + i % 3)}
           for i in range(40)]
records += [{"id": "undated", "title": "", "text": "supply without a date"}, {"id": "odd <&\"> \u00e9", "text": "supply \u4e2d\u6587 \U0001f600"}]
laws = make_index("laws", records)
token = os.path.join(tmp, "token")
with open(token, "w", encoding="ascii") as f:
    f.write("0123456789abcdef-secret\n")
bearer = {"Authorization": "Bearer 0123456789abcdef-secret"}

SEARCHES = ("q=supply", "q=supply&facet=type,number&facet=year:3&filter=type:law&sort=-date&n=3&offset=2", "q=&n=1000&facet=year",
            "q=suply+chian+nothing", "q=%22open&explain=1", "q=suply+chian&did_you_mean=1", "q=title:act&snippets=20&snippet_length=20", "q=supply+OR+%00%ff&op=or&lang=en",
            "q=supply&strict=1&stem_phrases=1&time_limit=1000&n=0")
with Server("-d", laws, token_file=token, max_body="64K") as s:
    for q in SEARCHES:
        for path in ("/search", "/docs/facets", "/docs/histogram"):
            look(s, f"{path}?{q}")
    for form in ("json", "jsonl", "csv"):
        look(s, f"/search?q=supply&format={form}")
    for q in ("id=d3", "id=d3&q=supply+chain", "id=d3&q=act&from=10&to=50", "id=undated&q=supply", "id=odd+%3C%26%22%3E+%C3%A9&q=supply"):
        look(s, f"/doc?{q}")
    for q in ("q=supply", "q=supply&sort=left&context=3w&n=2&offset=1", "q=supply&sort=right&format=csv", "q=nothing"):
        look(s, f"/docs/concordance?{q}")
    for q in ("q=sup", "q=", "", "q=supply+ch&n=3", "q=type:l", "q=supply+a&format=opensearch", "q=zzz&format=opensearch"):
        look(s, f"/suggest?{q}")
    look(s, "/docs/histogram?q=supply&by=month")
    for path in ("/opensearch.xml", "/openapi.json", "/healthz", "/metrics"):
        look(s, path)
    same("the description is served", s.ask("/openapi.json").json(), api)

    # statuses that each reading path has
    for path in ("/search?q=supply", "/docs/facets?q=supply&facet=type", "/doc?id=d3", "/docs/concordance?q=supply",
                 "/docs/histogram?q=supply", "/suggest?q=sup"):
        route = path.split("?")[0]
        same(f"304 of {route}", look(s, path, If_None_Match=s.ask(path).header("ETag")).status, 304)
        same(f"404 of {route}", look(s, "/in/none" + path, route=route).status, 404)
        same(f"414 of {route}", look(s, f"{route}?id=d3&q=" + "a" * 5000).status, 414)
        same(f"400 of {route}", look(s, f"{route}?{'id=d3&from=x' if route == '/doc' else 'n=x' if route == '/suggest' else 'time_limit=x'}").status, 400)
        same(f"413 of {route}", look(s, path, body=b"x" * 70000).status, 413)
        same(f"page of {route}", look(s, path, Accept="text/html").status, 200)
    same("no such document", look(s, "/doc?id=none").status, 404)
    same("which document?", look(s, "/doc?q=a").status, 400)
    for format_, status in (("xml", 400), ("opensearch", 200)):
        same(f"format={format_}", look(s, f"/suggest?q=sup&format={format_}").status, status)

    # suggestions
    found = s.ask("/suggest?q=supply+ch").json()
    ok("a phrase is completed", found["query"] == "supply ch" and any(x["text"].startswith("supply chain") for x in found["suggestions"]), found)
    r = s.ask("/suggest?q=supply+act&n=4&format=opensearch")
    q, texts, said, urls = r.json()
    plain = s.ask("/suggest?q=supply+act&n=4").json()["suggestions"]
    ok("OpenSearch has the same", q == "supply act" and texts == [x["text"] for x in plain] and len(said) == len(urls) == len(texts) > 0, r.text())
    for x, text, url in zip(plain, said, urls):
        ok("its description", text.startswith(x["kind"]) and (not x["documents"] or f" {x['documents']} document" in text), text)
        ok(f"its address leads there: {url}", s.ask(url[url.index("/", 8):]).status == 200 and url.startswith(f"http://127.0.0.1:{s.port}/"))
    same("its type", r.header("Content-Type"), "application/x-suggestions+json")
    same("at most n", len(s.ask("/suggest?q=s&n=1").json()["suggestions"]), 1)
    first, again, more = (s.ask(f"/suggest?q={q}&n={n}").json()["suggestions"] for q, n in (("s", 8), ("s", 8), ("S", 100)))
    same("one letter, asked again", again, first)
    same("and for more", [x["text"] for x in more][:8], [x["text"] for x in first])

    # changes
    look(s, "/docs", "POST", b'{"id":"x","text":"y"}', **bearer)
    look(s, "/docs", "POST", b'{"id":"x"}', **bearer)
    look(s, "/docs", "POST", b'{"id":"x","text":"y"}')
    look(s, "/docs", "POST", b"x" * 70000, **bearer)
    look(s, "/docs?id=x", "DELETE", **bearer)
    look(s, "/docs?id=x", "DELETE", **bearer)
    look(s, "/docs", "DELETE", **bearer)
    look(s, "/docs?id=x", "DELETE")
    look(s, "/docs/none", "DELETE", route="/docs/{id}", **bearer)

    # ---- parameters: those that are described are heard, and no others are read -------------
    for path, methods in api["paths"].items():
        for p in methods.get("get", {}).get("parameters", []):
            schema, name = p["schema"], p["name"]
            wrong = "x" if schema["type"] == "integer" or "enum" in schema else None
            if wrong:
                same(f"{path} hears {name}", s.ask(f"{path}?id=d3&{name}={wrong}").status, 400)
            for value in (schema.get("minimum"), schema.get("maximum"), schema.get("default"), *schema.get("enum", [])):
                if value is not None and name != "time_limit":
                    r = s.ask(f"{path}?{'id=d3&' if path == '/doc' else ''}q=supply&{name}={value}")
                    ok(f"{path} takes {name}={value}", r.status == 200 or (name in ("from", "to") and r.status == 400), r.text())
    # with strict=1 what a path does not have is refused: so it hears those that are described for it, and no others
    names = {p["name"] for m in api["paths"].values() for p in m.get("get", {}).get("parameters", [])} | {"at", "part", "view", "no_such"}
    for path, methods in api["paths"].items():
        own = {p["name"] for p in methods.get("get", {}).get("parameters", [])}
        if "strict" not in own:
            continue
        for name in sorted(names):
            values = {"facet": "type", "filter": "type:law", "sort": "", "lang": "en", "q": "supply", "id": "d3", "n": "2"}
            base = {"strict": "1", "q": "supply", **({"id": "d3"} if "id" in own else {})}
            r = s.ask(f"{path}?" + urllib.parse.urlencode({**base, name: values.get(name, base.get(name, ""))}))
            if name in own:
                ok(f"{path} has {name}", r.status == 200, r.text())
            else:
                ok(f"{path} has no {name}", r.status == 400 and f"parameter {name}:" in r.json()["detail"] and r.header("ETag") is None, r.text()[:200])
                same(f"and passes over it else: {path} {name}", s.ask(f"{path}?q=supply&id=d3&{name}=x").status, 200)
    described = {p["name"] for m in api["paths"].values() for o in m.values() for p in o.get("parameters", []) if p["in"] == "query"}
    read = set()
    for name in os.listdir(os.path.join(ROOT, "daemon")):
        if name.endswith(".c") and not name.startswith("page"):
            with open(os.path.join(ROOT, "daemon", name), encoding="utf-8") as f:
                read |= set(re.findall(r'(?:web_param|web_param_at|web_number|web_flag)\(c, "([a-z_]+)"', f.read()))
    same("parameters of the sources are those of the description", sorted(read), sorted(described))

with Server("-d", laws) as s:
    look(s, "/docs", "POST", b"{}", **bearer)
    look(s, "/docs?id=x", "DELETE", **bearer)
    look(s, "/docs/x", "DELETE", route="/docs/{id}", **bearer)
with Server("-d", laws, max_client_rate=1) as s:
    for _ in range(8):
        r = look(s, "/search?q=supply")
    same("too many requests", r.status, 429)

# what needs a damaged index, a full queue or a passed time limit is other tests' to show
rare = {"429", "502", "503", "504"}
for route, methods in api["paths"].items():
    for method, what in methods.items():
        if method == "get":
            for status in sorted(set(what["responses"]) - rare):
                ok(f"{method} {route} {status} occurs", (route, method, status) in occurred or (route, status) == ("/opensearch.xml", "400"))

# ---- by chance -------------------------------------------------------------------------------
venv = os.path.join(BUILD, "tests", "api-venv")
program = os.path.join(venv, "bin", "schemathesis")
if not os.path.exists(program):
    made = subprocess.run([sys.executable, "-m", "venv", "--clear", venv], capture_output=True, text=True, check=False)
    if made.returncode == 0:
        try:
            made = subprocess.run([os.path.join(venv, "bin", "pip"), "install", "-q", "--disable-pip-version-check", "schemathesis>=4,<5"],
                                  capture_output=True, text=True, timeout=150, check=False)
        except subprocess.TimeoutExpired:
            made.stderr = "no answer within 150 s"
if os.path.exists(program):
    laws = make_index("chance", records)
    with Server("-d", laws, token_file=token, time_limit=3600000) as s:
        # that what is valid is accepted is tested above: chance meets what no schema can say (a
        # warning with strict=1, from past to, a language there is not, more bytes than characters), which is
        # refused with 400; nor is it asked that all else be refused, for in a query string null, an empty
        # value and none are one: wrong values have their tests above too; and a document may be called "facets", so that DELETE /docs/facets is DELETE /docs/{id}
        for seconds in (int(SECONDS), 4 * int(SECONDS)):  # on a busy machine the first may be too short for any case
            run = subprocess.run(
                [program, "--no-color", "run", f"http://127.0.0.1:{s.port}/openapi.json", "--seed", SEED, "--max-time", str(seconds),
                 "-H", f"Authorization: {bearer['Authorization']}", "--request-timeout", "20", "--generation-database", "none",
                 "--exclude-checks", "positive_data_acceptance,negative_data_rejection,allow_header_conformance"],
                capture_output=True, text=True, cwd=tmp, timeout=seconds + 120, check=False)
            cases = re.search(r"(\d+) generated", run.stdout)
            if cases:
                break
        print(re.sub(r"(%[0-9A-F]{2}){40,}", "%...", run.stdout)[-20000:], flush=True)
        ok(f"schemathesis, seed {SEED}", run.returncode == 0 and cases, f"status {run.returncode}; what it says is above {run.stderr[-300:]}")
        ok("the server is up", s.alive() and s.search("supply").status == 200)
else:
    skip(f"schemathesis cannot be installed: {' '.join((made.stderr or made.stdout).split())[-200:]}")
end()
