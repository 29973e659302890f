#!/bin/sh
# demo.sh - the demo corpus, and each query that its README promises something of.
. tests/cli/_common.sh
idx=$tmp/demo

exits "index the demo" 0 "$index" -d "$idx" --exclude README.md examples/demo
like "the summary counts" 'added +39' "$out"
like "nothing failed" 'failed +0' "$out"

matches '"top-level design"' 8
matches '="Top-Level Design"' 1
matches '"top-level design" AND "supply-side reform"' 3
matches '"data governance" type:law' 2
matches '"to be or not to be"' 1
matches '"Art. 12(b)(6)"' 3
matches 'penalty path:laws/*' 1
matches 'path:examples/demo/plans/*' 5
matches 'id:examples/demo/plans/*' 5
matches 'path:="examples/demo/laws/water-resources-act.md"' 1
matches 'title:="Water Resources"' 1
matches 'title:="water resources"' 0
matches '顶层设计' 5
matches '供给侧结构性改革' 3
matches '"Gesetzgebung für"' 2
matches 'pages>=50' 3
for q in '"§ 5" contracts' '"3.14 percent"' '"1,000 crowns"' '"K&L Networks"' naive 'fewer NEAR/3 idle' \
	'数据治理 type:law' 'date:2015..2019 reform'; do
	exits "finds $q" 0 "$search" -d "$idx" --format count -- "$q"
done
exits "nothing is exit 1" 1 "$search" -d "$idx" --format count zzzzqqqq
is "nothing is 0" 0 "$out"
exits "facets" 0 "$search" -d "$idx" --facet type --facet lang 'water OR 水资源 OR Wasser'
like "facet table" '^type$' "$out"
dates=$("$search" -d "$idx" --format csv -n 50 --sort=-date 'date:2015..2019 reform' 2>/dev/null | python3 -c '
import csv, sys
print(" ".join(r["date"] for r in csv.DictReader(sys.stdin)))')
is "newest first" "$(printf '%s\n' $dates | sort -r | tr '\n' ' ')" "$(printf '%s\n' $dates | tr '\n' ' ')"
finish
