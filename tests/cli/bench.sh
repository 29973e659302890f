#!/bin/sh
# bench.sh - cdgbench: the game's protocol, the generator (same seed, same bytes;
# its law of words; queries that match), measuring, and bad input.
. tests/cli/_common.sh
bench=$build/cdgbench
if [ ! -x "$bench" ]; then
	skip "cdgbench is not built"
	exit 0
fi
idx=$tmp/game
tab=$(printf '\t')

# ---- the game's protocol ----------------------------------------------------

cat >"$tmp/c.jsonl" <<'EOF'
{"id":"one","text":"the who are from the uk"}
{"id":"t w:o","text":"who is in the uk and the who is not"}
{"id":"three","text":"the uk"}
{"id":"four","text":"plans plan the who"}
EOF
exits "index --game" 0 "$bench" index --game "$tmp/c.jsonl" "$idx"
like "index reports bytes a posting" 'postings .* bytes each' "$out"

# game REQUEST: the answer
game() {
	printf '%s\n' "$1" | "$bench" game -d "$idx" 2>&1
}
is "COUNT of a word" 4 "$(game "COUNT${tab}the")"
is "no stems" 1 "$(game "COUNT${tab}plan")"
is "union" 4 "$(game "COUNT${tab}uk plans the")"
is "intersection" 2 "$(game "COUNT${tab}+who +uk")"
is "phrase" 3 "$(game "COUNT${tab}\"the who\"")"
is "phrase and word" 2 "$(game "COUNT${tab}+\"the who\" +uk")"
is "must and should" 3 "$(game "COUNT${tab}+uk plan who")"
is "negated" 1 "$(game "COUNT${tab}+uk -who")"
is "only negated matches nothing" 0 "$(game "COUNT${tab}-who")"
is "nothing asked" 0 "$(game "COUNT${tab}")"
is "TOP_10 answers 1" 1 "$(game "TOP_10${tab}the")"
is "TOP_N_COUNT for any N" 4 "$(game "TOP_7_COUNT${tab}the")"
is "unknown command" UNSUPPORTED "$(game "WORST_10${tab}the")"

# ---- whole answers ------------------------------------------------------------

printf '%s\n' 'the who' '"who is"' nowhere >"$tmp/answer.q"
"$bench" answer --each -d "$idx" "$tmp/answer.q" >"$tmp/answers" 2>&1
is "answer --each: a line each" 3 "$(wc -l <"$tmp/answers" | tr -d ' ')"
"$build/cdgsearch" -d "$idx" --format json --batch - <"$tmp/answer.q" 2>/dev/null |
	sed 's/"took_us":[0-9]*/"took_us":0/' >"$tmp/wanted"
is "they are those of cdgsearch" "$(cat "$tmp/wanted")" "$(cat "$tmp/answers")"
like "answer: a rate" '"threads":2,"answers":[1-9][0-9]*,"qps":[1-9]' "$("$bench" answer --seconds 1 --threads 2 -d "$idx" "$tmp/answer.q" 2>&1)"
exits "answer: no such file" 2 "$bench" answer -d "$idx" "$tmp/none.q"
exits "answer: no threads" 2 "$bench" answer -d "$idx" --threads 0 "$tmp/answer.q"
is "TOP_0 is none" UNSUPPORTED "$(game "TOP_0${tab}the")"
is "operators of our own language are words" 1 "$(game "COUNT${tab}+and +uk")"
like "HITS_2" '^[^ :]+:[0-9.e-]+ [^ :]+:[0-9.e-]+$' "$(game "HITS_2${tab}uk")"
like "an odd identifier in HITS" '(^| )t%20w%3Ao:' "$(game "HITS_9${tab}who")"
printf 'COUNT\tthe\nCOUNT the\nCOUNT\tuk\n' >"$tmp/broken"
out=$("$bench" game -d "$idx" <"$tmp/broken" 2>"$tmp/err")
is "a broken line ends with status 2" 2 $?
is "answers before it are kept" 4 "$out"
like "the message names the line" 'line 2: no TAB' "$(cat "$tmp/err")"
printf 'COUNT\t\377\376\n' | "$bench" game -d "$idx" >/dev/null 2>"$tmp/err"
is "a request that is not UTF-8" 2 $?
like "and the message" 'line 1: not UTF-8' "$(cat "$tmp/err")"
exits "no such index" 2 "$bench" game -d "$tmp/none"

# ---- the generator ------------------------------------------------------------

"$bench" generate --docs 300 --seed 1 -v >"$tmp/a.jsonl" 2>"$tmp/err"
like "known bytes for a seed" 'XXH3 d203c09ef01ef5f8' "$(cat "$tmp/err")"
"$bench" generate --docs 300 --seed 1 -o "$tmp/b.jsonl"
exits "the same bytes again" 0 cmp "$tmp/a.jsonl" "$tmp/b.jsonl"
"$bench" generate --docs 100 --from 200 --seed 1 >"$tmp/c"
tail -n 100 "$tmp/a.jsonl" >"$tmp/d"
exits "a document does not depend on the others" 0 cmp "$tmp/c" "$tmp/d"
"$bench" generate --docs 300 --seed 2 | cmp -s - "$tmp/a.jsonl"
is "another seed, another corpus" 1 $?

idx=$tmp/gen
"$bench" generate --docs 3000 --length 100 -o "$tmp/gen.jsonl" --queries "$tmp/q.jsonl" --per-kind 10
exits "index the generated corpus" 0 "$bench" index -d "$idx" --lang none --json "$tmp/gen.jsonl"
like "as JSON" '"documents":3000,.*"bytes_per_posting":[0-9.]+.*"positions":[0-9]+' "$out"
slope=$("$bench" generate --fit "$tmp/gen.jsonl" --show | sed 's/^s=\([0-9.]*\),.*/\1/')
is "the law of words, fitted again (1.378, got $slope)" yes \
	"$(awk "BEGIN { print ($slope > 1.378 - 0.2 && $slope < 1.378 + 0.2) ? \"yes\" : \"no\" }")"
# Phrases, conjunctions and long queries were cut out of documents: all occur.
grep -E '"(phrase|and|long|must-should)"' "$tmp/q.jsonl" |
	sed -e 's/.*"text":"\(.*\)","tags".*/\1/' -e 's/\\"/"/g' -e "s/^/COUNT$tab/" >"$tmp/requests"
is "there are 80 of them" 80 "$(grep -c . "$tmp/requests")"
is "each has matches" 0 "$("$bench" game -d "$idx" <"$tmp/requests" | grep -c '^0$')"
exits "a full disk" 2 sh -c "'$bench' generate --docs 10 >/dev/full"
like "and its message" 'No space left.*' "$out"
exits "queries to a full disk" 2 sh -c "'$bench' generate --docs 10 --queries /dev/full >/dev/null"
# A real disk that fills: what fits stays, and is said to be incomplete.
mkdir "$tmp/disk"
if mount -t tmpfs -o size=200k tmpfs "$tmp/disk" 2>/dev/null; then
	exits "a disk that fills while generating" 2 "$bench" generate --docs 1000 -o "$tmp/disk/full.jsonl"
	like "and its message" "cannot write .*full.jsonl: No space left" "$out"
	like "the corpus is said to be cut" 'the corpus is not complete' "$out"
	rm -f "$tmp/disk/full.jsonl"
	exits "a disk that fills while scaling" 2 "$bench" scale --dir "$tmp/disk" --sizes 10,1000 --threads 1 \
		--per-kind 2 --rounds 1
	like "says where the figures are" 'what was measured until then is in .*scale.jsonl' "$out"
	is "which are kept" 1 "$(grep -c '"step":"index","docs":10,' "$tmp/disk/scale.jsonl")"
	umount "$tmp/disk"
else
	skip "a disk that fills: tmpfs cannot be mounted here"
fi
printf '{"text":3}\n' >"$tmp/bad.jsonl"
exits "fit to what is no corpus" 2 "$bench" generate --fit "$tmp/bad.jsonl" --show
like "which names the line" 'line 1' "$out"

# ---- measuring -------------------------------------------------------------------

exits "query" 0 "$bench" query -d "$idx" --rounds 1 --threads 1,2 --json --commands TOP_10,COUNT "$tmp/q.jsonl"
like "latency by class" '"command":"COUNT","class":"phrase","threads":1,"queries":30,"mean_us":' "$out"
like "throughput of two threads" '"command":"TOP_10","class":"throughput","threads":2,.*"p999_us":.*"qps":' "$out"
printf 'fine words\n\377\376broken\n' >"$tmp/latin"
exits "queries in another encoding" 2 "$bench" query -d "$idx" "$tmp/latin"
like "name the line" 'line 2: not UTF-8' "$out"
printf 'a\000b\000\n\000' | sed '1s/^/\xff\xfe/' >"$tmp/utf16"
exits "queries in UTF-16" 2 "$bench" query -d "$idx" "$tmp/utf16"
like "name the line too" 'line 1: not UTF-8' "$out"
printf '\357\273\277the of\n' >"$tmp/bom"
exits "queries with a byte order mark" 0 "$bench" query -d "$idx" --rounds 1 --commands COUNT "$tmp/bom"
printf '{"text":"a"}\n{"text":"b"\n' >"$tmp/cut"
exits "queries with a broken line" 2 "$bench" query -d "$idx" "$tmp/cut"
like "name the line too" 'line 2' "$out"
: >"$tmp/empty"
exits "no queries at all" 2 "$bench" query -d "$idx" "$tmp/empty"
exits "index refuses a folder that is taken" 2 "$bench" index -d "$idx" "$tmp/gen.jsonl"
exits "--replace spares what is no index" 2 "$bench" index --replace -d "$tmp" "$tmp/gen.jsonl"
exits "scale" 0 "$bench" scale --dir "$tmp/scale" --sizes 100,300 --threads 1 --per-kind 2 --rounds 1
is "keeps a line a figure" 4 "$(grep -cE '"step":"(generate|index)"' "$tmp/scale/scale.jsonl")"
exits "scale on a full disk" 2 "$bench" scale --dir "$tmp/scale" --sizes 100 -o /dev/full
exits "unknown command" 2 "$bench" frobnicate
exits "help" 0 "$bench" --help

finish
