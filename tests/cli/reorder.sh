#!/bin/sh
# reorder.sh - --reorder: smaller, the same hits with the same scores, and everything
# else stays with its document.
. tests/cli/_common.sh
idx=$tmp/i

# 900 records of six topics in turn, 25 words each
awk 'BEGIN {
	x = 12345
	for (i = 0; i < 900; i++) {
		printf "{\"id\":\"d%d\",\"title\":\"Title %d\",\"kind\":\"k%d\",\"rank\":%d,\"text\":\"only%d", i, i, i % 6, i, i
		for (k = 0; k < 25; k++) {
			x = (x * 1103515245 + 12345) % 2147483648
			printf " t%dw%d common%d", i % 6, int(x / 65536) % 40, int(x / 1024) % 9
		}
		print "\"}"
	}
}' >"$tmp/a.jsonl"
printf '%s\n' t3w7 't1w5 common2' '"common1 t2w11"' 't0w1 OR t5w39' only77 'kind:k4 common3' 'title:title +t4w4 -common1' >"$tmp/queries"

# answers DIR: identifier and score of each hit, by query; equal scores in order of identifiers
answers() {
	"$search" -d "$1" --batch "$tmp/queries" --format trec -n 1000 | awk '{ print $1, $5, $3 }' | sort
}
# bytes DIR: of postings and positions
bytes() {
	"$index" -d "$1" stat | awk '$1 == "postings" || $1 == "positions" { n += $2 } END { print n }'
}

exits "--reorder without --optimize" 2 "$index" -d "$idx" --reorder "$tmp/a.jsonl"
like "says what is missing" '--reorder belongs to --optimize' "$out"
exits "an index in the order of its input" 0 "$index" -q -d "$tmp/plain" --optimize "$tmp/a.jsonl"
exits "--optimize --reorder" 0 "$index" -q -d "$idx" --optimize --reorder "$tmp/a.jsonl"
is "--reorder is quiet with -q" "" "$out"
exits "check" 0 "$index" -d "$idx" check
answers "$tmp/plain" >"$tmp/want"
[ "$(wc -l <"$tmp/want")" -gt 200 ] && ok "the queries find something" || not_ok "the queries find too little"
is "the same hits and scores" "$(cat "$tmp/want")" "$(answers "$idx")"
[ "$(bytes "$idx")" -lt "$(bytes "$tmp/plain")" ] && ok "smaller" || not_ok "not smaller: $(bytes "$idx")"
[ "$("$index" -d "$idx" dump --ids | head -n 50)" != "$("$index" -d "$tmp/plain" dump --ids | head -n 50)" ] &&
	ok "another order" || not_ok "the same order"
is "stored text and fields" "$("$index" -d "$tmp/plain" dump --doc d431)" "$("$index" -d "$idx" dump --doc d431)"
"$search" -d "$tmp/plain" --format json --sort=-rank -n 20 common4 | sed 's/"took_us":[0-9]*//' >"$tmp/want.json"
"$search" -d "$idx" --format json --sort=-rank -n 20 common4 | sed 's/"took_us":[0-9]*//' >"$tmp/got.json"
is "sorted by a field, with snippets" "$(cat "$tmp/want.json")" "$(cat "$tmp/got.json")"

# the same with several threads, with deletions, and of an index that is one segment already
for threads in 1 3; do
	cp -r "$tmp/plain" "$tmp/t$threads"
	exits "merge --reorder, $threads threads" 0 "$index" -q -d "$tmp/t$threads" merge --reorder --threads $threads
	is "the same hits, $threads threads" "$(cat "$tmp/want")" "$(answers "$tmp/t$threads")"
done
is "the same order with 1 thread and 3" "$("$index" -d "$tmp/t1" dump --ids)" "$("$index" -d "$tmp/t3" dump --ids)"
for d in "$tmp/plain" "$idx"; do
	"$index" -d "$d" dump --ids | sort | head -n 200 | "$index" -q -d "$d" delete -
	exits "merge after deletions" 0 "$index" -q -d "$d" merge $([ "$d" = "$idx" ] && echo --reorder)
done
is "the same hits after deletions" "$(answers "$tmp/plain")" "$(answers "$idx")"

# what comes later stands behind; a merge without the option keeps the order
"$index" -d "$idx" dump --ids >"$tmp/ids"
printf '{"id":"new%d","text":"only1000 t3w7 common1"}\n' 1 2 3 >"$tmp/b.jsonl"
exits "added later" 0 "$index" -q -d "$idx" "$tmp/b.jsonl"
exits "merge" 0 "$index" -q -d "$idx" merge
is "the order stays" "$(cat "$tmp/ids"; printf 'new%d\n' 1 2 3)" "$("$index" -d "$idx" dump --ids)"
is "what was added is found" 3 "$("$search" -d "$idx" --format count only1000)"
exits "merge --reorder" 0 "$index" -q -d "$idx" merge --reorder
is "all are there" "$(sort "$tmp/ids"; printf 'new%d\n' 1 2 3)" "$("$index" -d "$idx" dump --ids | sort | awk '/^new/ { n[++k] = $0; next } { print } END { for (i = 1; i <= k; i++) print n[i] }')"
exits "check at the end" 0 "$index" -d "$idx" check

# broken off: as it was, with no file left over
awk '{ for (i = 0; i < 25; i++) { s = $0; sub(/"id":"/, "&" i "-", s); print s } }' "$tmp/a.jsonl" >"$tmp/large.jsonl"
exits "a larger index" 0 "$index" -q -d "$tmp/large" --threads 1 --optimize "$tmp/large.jsonl"
"$index" -d "$tmp/large" dump --ids >"$tmp/ids"
ls "$tmp/large" >"$tmp/files"
stopped=0
# (--foreground: one signal; a second one ends the program at once)
for wait in 0.05 0.1 0.2 0.3; do
	timeout --foreground -s INT "$wait" "$index" -q -d "$tmp/large" merge --reorder --threads 1 2>"$tmp/err" || stopped=$((stopped + 1))
	"$index" -d "$tmp/large" dump --ids | cmp -s - "$tmp/ids" || break # it was quick enough
	is "broken off after $wait s: the files" "$(cat "$tmp/files")" "$(ls "$tmp/large")"
done
[ "$stopped" -gt 0 ] && ok "broken off $stopped times: $(cat "$tmp/err")" || skip "too quick to be broken off"
exits "check after it" 0 "$index" -d "$tmp/large" check
exits "to the end" 0 "$index" -q -d "$tmp/large" merge --reorder
is "all are still there" "$(sort "$tmp/ids")" "$("$index" -d "$tmp/large" dump --ids | sort)"
finish
