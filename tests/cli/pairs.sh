#!/bin/sh
# pairs.sh - --pairs: phrases of frequent words give the same answers, and the lists
# come and go with the option.
. tests/cli/_common.sh
idx=$tmp/i

# 900 records of 40 words, most of them of six
awk 'BEGIN {
	split("the of who to be not", w, " ")
	x = 12345
	for (i = 0; i < 900; i++) {
		printf "{\"id\":\"d%d\",\"text\":\"only%d", i, i
		for (k = 0; k < 40; k++) {
			x = (x * 1103515245 + 12345) % 2147483648
			r = int(x / 65536) % 100
			printf " %s", r < 94 ? w[1 + int(r * r / 1500)] : "rare" r
		}
		print "\"}"
	}
}' >"$tmp/a.jsonl"
printf '%s\n' '"the who"' '"who the"' '"the who" rare95' '"to be or not"' '"not to be"' '"the the"' '"not not the" rare97' \
	'"be not"~2' '("of who" OR rare96)' '"the rare95"' >"$tmp/queries"

# answers DIR: identifier and score of each hit, by query
answers() {
	"$search" -d "$1" --batch "$tmp/queries" --format trec -n 1000 | awk '{ print $1, $5, $3 }' | sort
}
# part DIR NAME: its bytes
part() {
	"$index" -d "$1" stat | awk -v name="$2" '$1 == name { print $2 }'
}

exits "--pairs without --optimize" 2 "$index" -d "$idx" --pairs "$tmp/a.jsonl"
like "says what is missing" '--pairs belongs to --optimize' "$out"
exits "an index without" 0 "$index" -q -d "$tmp/plain" --optimize "$tmp/a.jsonl"
exits "--optimize --pairs" 0 "$index" -q -d "$idx" --optimize --pairs "$tmp/a.jsonl"
is "--pairs is quiet with -q" "" "$out"
exits "check" 0 "$index" -d "$idx" check
is "no lists without the option" 0 "$(part "$tmp/plain" pairs)"
[ "$(part "$idx" pairs)" -gt 1000 ] && ok "stat tells their bytes" || not_ok "stat: $(part "$idx" pairs)"
is "the rest is as it was" "$(part "$tmp/plain" positions) $(part "$tmp/plain" dictionary)" "$(part "$idx" positions) $(part "$idx" dictionary)"
grep -q '^features .* pairs$' "$idx/MANIFEST" && ok "a feature of the format" || not_ok "features: $(grep ^features "$idx/MANIFEST")"
grep -q '^features .*pairs' "$tmp/plain/MANIFEST" && not_ok "a feature that is not used" || ok "not where there are none"
answers "$tmp/plain" >"$tmp/want"
[ "$(wc -l <"$tmp/want")" -gt 500 ] && ok "the queries find something" || not_ok "the queries find too little"
is "the same hits and scores" "$(cat "$tmp/want")" "$(answers "$idx")"
for q in '"the who"' '"not to be"' '"the who" rare95'; do
	is "counted: $q" "$("$search" -d "$tmp/plain" --format count "$q")" "$("$search" -d "$idx" --format count "$q")"
done

# of an index that is there; after deletions; through a snapshot; and gone again
exits "merge --pairs" 0 "$index" -q -d "$tmp/plain" merge --pairs
is "the same hits after a merge" "$(cat "$tmp/want")" "$(answers "$tmp/plain")"
printf 'd%d\n' 3 5 8 13 21 34 | "$index" -q -d "$idx" delete -
exits "snapshot" 0 "$index" -q -d "$idx" snapshot "$tmp/copy"
exits "check of the snapshot" 0 "$index" -d "$tmp/copy" check
is "the same hits in it" "$(answers "$idx")" "$(answers "$tmp/copy")"
exits "merge without the option" 0 "$index" -q -d "$idx" merge
is "they are gone" "0 0" "$(part "$idx" pairs) $(ls "$idx" | grep -c pair)"
exits "the snapshot merged, with them" 0 "$index" -q -d "$tmp/copy" merge --pairs
is "the same hits without" "$(answers "$tmp/copy")" "$(answers "$idx")"
exits "check at the end" 0 "$index" -d "$idx" check
finish
