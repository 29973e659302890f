#!/bin/sh
# formats.sh - every output format is what its standard says, read by other
# programs, also when the documents hold quotes, line ends and control characters.
. tests/cli/_common.sh
idx=$tmp/i
cat >"$tmp/r.jsonl" <<'END'
{"id":"a \"quoted\", id","title":"Line\nbreak, \"quote\"","date":"2015-06-01","lang":"en","url":"https://x.example/?a=1&b=2","text":"The first reform <b>bold</b> & \"more\".\n\nSecond line; reform \u0007 bell \u001b[31m red.","kind":"law","n":3.5,"tags":["x","y,z"]}
{"id":"中文","title":"改革","date":"2016","lang":"zh","text":"供给侧结构性改革 reform 的意见。","tags":["one"]}
{"id":"c","text":"no reform without a title"}
END
exits "index" 0 "$index" -q -d "$idx" "$tmp/r.jsonl"

"$search" -d "$idx" --format json --facet kind --snippets 3 reform >"$tmp/out.json" 2>"$tmp/err"
is "json: exit" 0 $?
python3 - "$tmp/out.json" "$tmp/r.jsonl" <<'END'
import json, sys, html
r = json.load(open(sys.argv[1], encoding="utf-8", errors="strict"))
docs = {}
for line in open(sys.argv[2], encoding="utf-8"):
    d = json.loads(line)
    docs[d["id"]] = d
def check(name, good):
    print(("ok " if good else "not ok ") + "json: " + name)
check("keys", [k for k in r] == ["query", "parsed", "total", "total_exact", "took_us", "warnings", "hits", "facets"])
check("total", r["total"] == 3 and r["total_exact"] is True and len(r["hits"]) == 3)
check("ranks", [h["rank"] for h in r["hits"]] == [1, 2, 3])
check("scores fall", all(a["score"] >= b["score"] for a, b in zip(r["hits"], r["hits"][1:])))
by = {h["id"]: h for h in r["hits"]}
check("ids", set(by) == set(docs))
a = by['a "quoted", id']
check("title", a["title"] == docs[a["id"]]["title"])
check("fields", a["fields"] == {"kind": "law", "n": 3.5, "tags": ["x", "y,z"]})
check("a list of one stays one", by["中文"]["fields"] == {"tags": ["one"]})
check("date", a["date"] == "2015-06-01" and by["中文"]["date"] == "2016")
for h in r["hits"]:
    for s in h["snippets"]:
        check("text is the slice " + h["id"], s["text"] == docs[h["id"]]["text"][s["start"]:s["end"]])
        plain = s["html"].replace("<mark>", "").replace("</mark>", "")
        check("html is escaped " + h["id"], "<" not in plain and ">" not in plain)
        check("html marks " + h["id"], "<mark>" in s["html"])
check("facets", r["facets"] == {"kind": [{"value": "law", "count": 1}]})
END
python3 - "$search" "$idx" <<'END'
import csv, io, json, subprocess, sys
def run(*args, **kw):
    return subprocess.run([sys.argv[1], "-d", sys.argv[2], *args], capture_output=True, **kw).stdout.decode("utf-8")
def check(name, good):
    print(("ok " if good else "not ok ") + name)
rows = list(csv.DictReader(io.StringIO(run("--format", "csv", "reform"), newline="")))
check("csv: columns", rows and list(rows[0]) == "rank id score title date lang url snippet".split())
check("csv: ids", {r["id"] for r in rows} == {'a "quoted", id', "中文", "c"})
check("csv: title", [r["title"] for r in rows if r["id"].startswith("a")] == ['Line\nbreak, "quote"'])
lines = run("--format", "jsonl", "reform").splitlines()
check("jsonl: one object a hit", [json.loads(l)["rank"] for l in lines] == [1, 2, 3])
trec = [l.split(" ") for l in run("--format", "trec", "--run-id", "my run", "reform").splitlines()]
check("trec: six columns", all(len(t) == 6 for t in trec) and len(trec) == 3)
check("trec: columns", [(t[0], t[1], t[3], t[5]) for t in trec] == [("1", "Q0", str(i), "my_run") for i in (1, 2, 3)])
check("ids", len(run("--format", "ids", "reform").splitlines()) == 3)
check("count", run("--format", "count", "reform") == "3\n")
text = run("reform")
check("text: no control characters", all(c == "\n" or ord(c) >= 32 for c in text))
check("text: no colours in a pipe", "\x1b" not in text)
check("text: colours on request", "\x1b[1;31m" in run("--color", "always", "reform"))
batch = "q1\treform\nq2\tnothing9\n\nbold\n"
check("batch: one count a line", run("--batch", "-", "--format", "count", input=batch.encode()) == "3\n0\n0\n1\n")
t = [l.split(" ")[0] for l in run("--batch", "-", "--format", "trec", input=batch.encode()).splitlines()]
check("batch: query names", t == ["q1"] * 3 + ["4"])
j = [json.loads(l) for l in run("--batch", "-", "--format", "json", input=batch.encode()).splitlines()]
check("batch: one object a line", [x["total"] for x in j] == [3, 0, 0, 1])
check("batch: csv has one header", run("--batch", "-", "--format", "csv", input=b"reform\nreform\n").count("rank,id") == 1)
check("offset", [json.loads(l)["rank"] for l in run("--format", "jsonl", "--offset", "1", "-n", "1", "reform").splitlines()] == [2])
END
[ $? -eq 0 ] || not_ok "the python part ran"
"$search" -d "$idx" -n 1000 reform | head -c 10 >/dev/null
ok "a closed pipe"
"$search" -d "$idx" reform >/dev/full 2>"$tmp/err"
is "a full disk is exit 2" 2 $?
like "a full disk is said" 'standard output' "$(cat "$tmp/err")"
finish
