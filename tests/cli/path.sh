#!/bin/sh
# path.sh - path: as a pattern over the documents' paths.
. tests/cli/_common.sh
idx=$tmp/i

mkdir -p "$tmp/c/laws/2015" "$tmp/c/plans/laws" "$tmp/c/white papers"
for f in laws/water.md laws/2015/deep.md laws/old.txt on-laws.md plans/laws/of-plans.md 'white papers/a.md' plans/laws.md; do
	echo "water for $f" >"$tmp/c/$f"
done
echo '{"id":"r","path":"laws/record.md","text":"water"}' >"$tmp/c/r.jsonl"
cd "$tmp/c" || exit 2
exits "index" 0 "$index" -q -d "$idx" .

# ids QUERY LIST: these documents, sorted
ids() {
	is "$1" "$2" "$("$search" -q -d "$idx" --format ids -- "$1" | sort | tr '\n' ' ' | sed 's/ $//')"
}
ids 'water path:laws/*.md' 'laws/water.md plans/laws/of-plans.md r'
ids 'path:laws/' 'laws/2015/deep.md laws/old.txt laws/water.md plans/laws/of-plans.md r'
ids 'path:/laws/*' 'laws/2015/deep.md laws/old.txt laws/water.md r'
ids 'path:laws/**/*.md' 'laws/2015/deep.md laws/water.md plans/laws/of-plans.md r'
ids 'path:Laws/' ''
ids 'path:"white papers/?.md"' 'white papers/a.md'
ids 'path:*.txt' 'laws/old.txt'
ids 'path:/*.md' 'on-laws.md'
ids 'path:/plans/laws' 'plans/laws/of-plans.md'
ids 'path:(/plans/|*.txt)' 'laws/old.txt plans/laws.md plans/laws/of-plans.md'
ids 'water -path:laws/ -path:plans/' 'on-laws.md white papers/a.md'
ids 'path:laws' 'laws/2015/deep.md laws/old.txt laws/water.md on-laws.md plans/laws.md plans/laws/of-plans.md r'
ids 'path:="laws/*"' ''
is "as a filter" 2 "$(count water --filter 'path:/plans/*')"
is "as it was understood" 'path:"laws/*" AND water' \
	"$("$search" -q -d "$idx" --format json 'path:laws/* water' | sed 's/.*"parsed":"\(.*\)","total".*/\1/; s/\\"/"/g')"
exits "no path at all" 1 "$search" -q -d "$idx" 'path:nowhere/*'
finish
