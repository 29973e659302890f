#!/bin/sh
# The field `section`: what the outer sections of documents are called, without their numbers.
. tests/cli/_common.sh
idx=$tmp/idx
files=$tmp/files

mkdir "$files"
md() {
	printf '%s\n' "$2" >"$files/$1.md"
}
md water '# Water Act

Preamble of water.

## 1. Definitions

Words of water.

## Part II—Duties

Duties of water.'
md air '# Air Act

## Chapter 3: DEFINITIONS

Words of air.

## § 4

Nothing of air.

## Definitions

More of air.'
md own '---
section: Energy
---
# Energy Act

## Definitions

Words of energy.'
printf 'Plain words.\n' >"$files/plain.txt"

facet() {
	"$search" -q -d "$idx" -n 0 --format json --facet section "$@" -- '*' | sed 's/.*"facets":{"section":\[\([^]]*\).*/\1/; s/"value":"\([^"]*\)","count":\([0-9]*\)/\1=\2/g; s/},{/ | /g; s/[{}]//g'
}
ids() {
	"$search" -q -d "$idx" --format ids -- "$1" | sed 's|.*/||' | sort | tr '\n' ' '
}
check() {
	is "$1: titles without numbers, each once a document" "DEFINITIONS=1 | Definitions=1 | Duties=1 | Energy=1" "$(facet)"
	is "$1: a whole title" "water.md " "$(ids 'section:="Definitions"')"
	is "$1: by its words" "air.md water.md " "$(ids 'section:definitions')"
	is "$1: documents that have one" "air.md own.md water.md " "$(ids 'section:*')"
	is "$1: it is no word of the text" "" "$(ids 'section:words')"
}

"$index" -q -d "$idx" "$files" || exit 1
check "files"
is "a filter as the page writes it" "water.md" "$("$search" -q -d "$idx" --format ids --filter 'section:="Duties" OR section:="Nothing"' water | sed 's|.*/||')"
is "hits do not show it" 0 "$("$search" -q -d "$idx" --format json --snippets 0 water | grep -c '"section"')"
like "but a field that is the document's own" '"section":"Energy"' "$("$search" -q -d "$idx" --format json --snippets 0 energy)"
exits "the index is sound" 0 "$index" -q check -d "$idx"
"$index" -q -d "$idx" --force "$files" || exit 1
"$index" -q merge -d "$idx" || exit 1
check "merged"
exits "and sound" 0 "$index" -q check -d "$idx"
"$index" dump -d "$idx" --format jsonl >"$tmp/dump.jsonl"
is "a dump has only the document's own" 1 "$(grep -c '"section":' "$tmp/dump.jsonl")"
idx=$tmp/again
"$index" -q -d "$idx" --jsonl "$tmp/dump.jsonl" || exit 1
check "read back"

# switched off, and on again: records that were there are indexed anew
"$index" -q -d "$idx" --no-section-titles --jsonl - <"$tmp/dump.jsonl" || exit 1
is "none without it" "Energy=1" "$(facet)"
is "nor as words" "" "$(ids 'section:definitions')"
"$index" -q -d "$idx" --jsonl - <"$tmp/dump.jsonl" || exit 1
check "on again"
like "then nothing is new" 'unchanged +4' "$("$index" -d "$idx" --jsonl - <"$tmp/dump.jsonl" 2>&1)"

# many sections, long titles
{
	echo '# Long'
	for i in $(seq 1 200); do
		printf '\n## %s. Title %s %0200d\n\nText.\n' "$i" "$(echo "$i" | tr 0123456789 abcdefghij)" 0
	done
} >"$tmp/long.md"
idx=$tmp/long
"$index" -q -d "$idx" "$tmp/long.md" || exit 1
is "32 at most" 32 "$("$search" -q -d "$idx" -n 0 --facet section:1000 long | grep -c Title)"
is "none is longer than 120 bytes" 0 "$("$search" -q -d "$idx" -n 0 --facet section:1000 long | sed 's/^ *1  //' | grep -c '.\{121\}')"
exit $bad
