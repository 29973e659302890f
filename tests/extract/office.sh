#!/bin/sh
# office.sh - made files of each format (made.py) are indexed, and their headings, cells,
# footnotes and comments found with the section they are in; dates that are none are left out.
. tests/cli/_common.sh

if ! command -v python3 >/dev/null; then
	skip "no python3 to make files with"
	exit 0
fi
PYTHONDONTWRITEBYTECODE=1
export PYTHONDONTWRITEBYTECODE
mkdir "$tmp/d" "$tmp/dates"
python3 -c 'import sys; sys.path.insert(0, "tests/extract"); import made
for end in "docx xlsx pptx odt ods odp epub html rtf".split(): made.FILES[end](sys.argv[1] + "/a." + end, "2021-03-01")' "$tmp/d"
"$index" -q -d "$tmp/i" "$tmp/d" 2>"$tmp/err"
is "all are indexed" "0 " "$? $(cat "$tmp/err")"

# found FORMAT WORD PATH: the section path of the passage with the word
found() {
	out=$("$search" -q -d "$tmp/i" --format json -- "$2 format:$1" | python3 -c 'import json, sys
print(*(" > ".join(s.get("section", [])) for h in json.load(sys.stdin)["hits"] for s in h["snippets"]), sep="; ")')
	is "$1: $2" "$3" "$out"
}

rivers='Chapter 3 Rivers'
dams="$rivers > Article 5 Dams"
for format in docx odt epub html rtf; do
	found $format bodyword "$rivers"
	found $format cellword "$dams"
done
for format in pptx odp; do
	found $format bodyword "$rivers"
done
found pptx cellword "$rivers"
for format in xlsx ods; do
	found $format cellword Rivers
done
for format in docx odt rtf; do
	found $format noteword "$rivers > 1"
	matches_in=$("$search" -q -d "$tmp/i" --format count -- "remarkword format:$format")
	is "$format: remarkword" 1 "$matches_in"
done
found xlsx remarkword Rivers
for end in docx odt odp epub html rtf pptx; do
	kind=$("$build/cdg-extract" --structure "$tmp/d/a.$end" | grep -c 'chapter Chapter 3 Rivers')
	is "$end: a chapter is one" 1 "$kind"
done
python3 tests/extract/dates.py "$build/cdg-extract" "$tmp/dates" || bad=1
finish
