#!/bin/sh
# records.sh - whole documents out of an index and back: the same documents,
# metadata, sections and terms.
. tests/cli/_common.sh

printf '# Water Act\n\nPreamble.\n\n## Part I\n\nRivers are clean.\n\n### Art. 1\n\nNobody pollutes.\n\n## Part II\n\nEnd.\n' >"$tmp/water.md"
cat >"$tmp/r.jsonl" <<'X'
{"id":"a","title":"One","date":"2021-05","lang":"de","url":"https://x.example/a","n":0.1,"big":12345678901234567890,"when":"2020-01-02","tags":["x","y"],"one":["z"],"mix":[1,"two","2020"],"text":"Die Häuser \"am\" Fluß\u0007\nund mehr"}
{"id":"b","text":""}
{"id":"c","meta":{"inner":"deep"},"flag":true,"text":"top-level design"}
X
exits "index" 0 "$index" -q -d "$tmp/a" --exclude README.md examples/demo "$tmp/water.md" "$tmp/r.jsonl"
exits "dump" 0 "$index" -d "$tmp/a" dump --format jsonl
"$index" -d "$tmp/a" dump --format jsonl >"$tmp/a.jsonl"
is "a line a document" 43 "$(wc -l <"$tmp/a.jsonl" | tr -d ' ')"
exits "read back" 0 "$index" -q -d "$tmp/b" --jsonl "$tmp/a.jsonl"
"$index" -d "$tmp/b" dump --format jsonl >"$tmp/b.jsonl"
cmp -s "$tmp/a.jsonl" "$tmp/b.jsonl" && ok "the same records" || not_ok "the same records: $(diff "$tmp/a.jsonl" "$tmp/b.jsonl" | head -c 400)"
is "the same terms" "$("$index" -d "$tmp/a" dump --terms | md5sum)" "$("$index" -d "$tmp/b" dump --terms | md5sum)"
for id in a b c "$tmp/water.md" examples/demo/laws/water-resources-act.md; do
	is "the same document $id" "$("$index" -d "$tmp/a" dump --doc "$id")" "$("$index" -d "$tmp/b" dump --doc "$id")"
done
like "sections are in it" '_sections.*Part I.*Art. 1' "$(grep 'Nobody pollutes' "$tmp/a.jsonl")"
exits "import" 0 "$index" -q -d "$tmp/c" import "$tmp/a"
"$index" -d "$tmp/c" dump --format jsonl >"$tmp/c.jsonl"
cmp -s "$tmp/a.jsonl" "$tmp/c.jsonl" && ok "the same by import" || not_ok "the same by import"

# ---- what is not right -----------------------------------------------------------
cat >"$tmp/bad.jsonl" <<'X'
{"id":"1","_sections":[[0,4,1,"section","good"]],"text":"four five"}
{"id":"2","_sections":[[0,400,1,"section","beyond"]],"text":"four"}
{"id":"3","_sections":"none","text":"four"}
{"id":"4","_sections":[[0,1]],"text":"four"}
{"id":"5","_sections":[[3,4,1,"section","b"],[0,1,1,"section","a"]],"text":"four"}
{"id":"6","_sections":[],"text":"four"}
{"id":"7","_sections":[[0,4,1,"section","  blank"]],"text":"four"}
X
exits "sections that do not fit" 0 "$index" -d "$tmp/d" -v --jsonl "$tmp/bad.jsonl"
like "are said" 'does not fit the text: left out' "$out"
like "and those of another form" 'is no list of' "$out"
is "all documents are there" 7 "$("$search" -d "$tmp/d" --format count four)"
like "what fits is kept" 'section 0 to 1: good' "$("$index" -d "$tmp/d" dump --doc 1)"
like "labels are kept whole" ':   blank' "$("$index" -d "$tmp/d" dump --doc 7)"
exits "no such format" 2 "$index" -d "$tmp/a" dump --format xml
exits "nothing to import" 2 "$index" -d "$tmp/e" import
exits "from nowhere" 2 "$index" -d "$tmp/e" import "$tmp/nowhere"

# ---- for OpenSearch ---------------------------------------------------------------
"$index" -d "$tmp/a" dump --format opensearch-bulk >"$tmp/bulk"
if python3 - "$tmp/bulk" <<'X'
import json, sys
lines = [json.loads(l) for l in open(sys.argv[1], encoding="utf-8")]
assert len(lines) == 2 * 43
for action, source in zip(lines[::2], lines[1::2]):
    assert list(action) == ["index"] and action["index"]["_id"] == source["id"]
    assert isinstance(source["text"], str) and "_sections" not in source
a = [s for s in lines[1::2] if s["id"] == "a"][0]
assert a["n"] == 0.1 and a["tags"] == ["x", "y"] and a["one"] == ["z"] and a["date"] == "2021-05", a
X
then
	ok "bulk lines"
else
	not_ok "bulk lines"
fi
exit $bad
