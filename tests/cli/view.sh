#!/bin/sh
# --view and --kwic: a document with its matches, occurrences in their context.
. tests/cli/_common.sh
idx=$tmp/idx

cat >$tmp/in.jsonl <<'EOF'
{"id":"law","title":"Law of <Reform>","date":"2013-05-02","url":"https://x.example/law.pdf","text":"Article 1 Scope\n\nThis law governs the reform of markets.\n\n(a) A reform is a change; \u001b[31m reform & more.\n\nArticle 2 Duties\n\nThe ministry reports on the reform.","_sections":[[0,58,0,"page","1"],[0,106,1,"article","Article 1 Scope"],[58,159,0,"page","2"],[106,159,1,"article","Article 2 Duties"]]}
{"id":"zh","title":"决定","text":"全面深化改革。改革开放以来,经济体制改革是重点。"}
{"id":"-odd id?&=","text":"Zebra reform, apple reform."}
EOF
"$index" -q -d "$idx" --jsonl $tmp/in.jsonl || exit 1

show() {
	"$search" -q -d "$idx" "$@" 2>&1
}
is "marks in text" "The ministry reports on the **reform**." "$(show --view law reform | tail -1)"
like "what it is" '^Law of <\*?\*?Reform' "$(show --view law reform | head -1)"
like "no escape sequence of a document comes out" '; +\[31m \*\*reform\*\* & more' "$(show --view law reform | tr '\033' '@')"
is "colours" "$(printf 'on the \033[1;31mreform\033[0m.')" "$(show --color always --view law reform | tail -1 | sed 's/.*reports //')"
is "without a query nothing is marked" 0 "$(show --view law | grep -c '\*\*')"
is "a range" "Article 1" "$(show --view law --range 0:9 | tail -1)"
json=$(show --view law --format json reform)
like "matches" '"matches_total":4,"matches_first":1,"matches":\[\{"start":' "$json"
like "outline" '"kind":"article","label":"Article 2 Duties","depth":0,"start":[0-9]*,"end":[0-9]*,"matches":1,"page":2\}' "$json"
like "pages" '"pages":\[\{"id":"p1","kind":"page","label":"1","depth":0,"start":0,.*"id":"p2"' "$json"
like "metadata" '^\{"id":"law","title":"Law of <Reform>",.*"date":"2013-05-02"' "$json"
exits "an odd identifier" 0 "$search" -d "$idx" --view "-odd id?&=" zebra
exits "no such document" 1 "$search" -d "$idx" --view nothing reform
like "and that is said" "no document 'nothing'" "$out"
exits "an empty identifier" 1 "$search" -d "$idx" --view "" reform
exits "no range" 2 "$search" -d "$idx" --view law --range 9
exits "a range backwards" 2 "$search" -d "$idx" --view law --range 9:1
exits "view and kwic" 2 "$search" -d "$idx" --view law --kwic reform
exits "a document as CSV" 2 "$search" -d "$idx" --view law --format csv reform
exits "kwic of nothing" 1 "$search" -d "$idx" --kwic nowhere
exits "kwic as ids" 2 "$search" -d "$idx" --kwic --format ids reform
exits "no such order" 2 "$search" -d "$idx" --kwic=up reform

like "occurrences" '^6 occurrences in 2 documents$' "$(show --kwic reform)"
is "sorted by the left context" "31m a apple the the zebra" \
	"$(show --kwic=left --context 1w --format json reform | grep -o '"left":"[^"]*"' | sed 's/.*:"//; s/[^A-Za-z0-9]*"$//; s/.*[^A-Za-z0-9]//' | tr 'AZ' 'az' | tr '\n' ' ' | sed 's/ $//')"
first=$(show --kwic=right --format json -n 1 --offset 0 reform | sed 's/.*"right":"\([^"]*\)".*/\1/')
is "sorted by the right context" "." "$first"
widths=$(show --kwic --color always 改革 | awk 'NR > 2' | sed 's/.\[2m[^\x1b]*.\[0m//; s/.\[1;31m.*//' | while IFS= read -r l; do printf '%s\n' "$l" | LC_ALL=C.UTF-8 wc -L; done | sort -u | wc -l)
is "keywords stand under one another, also of wide characters" 1 "$widths"
is "lines by pages" 4 "$(show --kwic --format json -n 4 --offset 2 reform | grep -o '"left"' | wc -l | tr -d ' ')"
like "place of a line" '"match":"reform","right":"\.","start":152,"end":158,"page":2,"section":\["Article 2 Duties"\]' "$(show --kwic --format json reform)"
is "context in words" '"left":"on the ","match":"reform"' "$(show --kwic --context 2w --format json 'reports /s reform' | grep -o '"left":"on the ","match":"reform"' | head -1)"
is "csv has a line each" 7 "$(show --kwic --format csv reform | wc -l | tr -d ' ')"
is "a filter" 4 "$(show --kwic --format json --filter id:law reform | sed 's/.*"total":\([0-9]*\).*/\1/')"
exit $bad
