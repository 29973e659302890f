#!/bin/sh
# index.sh - indexing by several threads that run out of memory and sort many terms, for
# ThreadSanitizer (make tsan): what it reports fails the program, and this test.
. tests/cli/_common.sh

exits "a corpus" 0 "$build/cdgbench" generate --docs 6000 --seed 7 -o "$tmp/a.jsonl"
for memory in 48M 1G; do
	exits "four threads, $memory" 0 "$index" -q -d "$tmp/i$memory" --memory "$memory" --threads 4 --jsonl "$tmp/a.jsonl"
	exits "it is sound" 0 "$index" -d "$tmp/i$memory" check
done
exits "one thread" 0 "$index" -q -d "$tmp/one" --threads 1 --jsonl "$tmp/a.jsonl"
words=$("$index" -d "$tmp/one" stat | sed -n 's/^terms *//p')
if [ "${words:-0}" -gt 65536 ]; then ok "so many terms that they are sorted in tasks"; else not_ok "too few terms to sort in tasks: $words"; fi
"$index" -d "$tmp/one" dump --format jsonl >"$tmp/one.dump"
for memory in 48M 1G; do
	"$index" -d "$tmp/i$memory" dump --format jsonl >"$tmp/dump"
	like "documents were dumped" "^6000$" "$(wc -l <"$tmp/dump" | tr -d " ")"
	exits "the same documents, $memory" 0 cmp "$tmp/dump" "$tmp/one.dump"
done
exits "folders" 0 "$index" -q -d "$tmp/demo" --threads 4 examples/demo
finish
