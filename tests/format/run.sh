#!/bin/sh
# run.sh - does tools/cdgdump.py, which knows the format from docs/format.md
# alone, read in every index what the engine reads?
#
# Indexes are made of the demo corpus, of records that use the format's corners,
# and, when ../shared/corpora is there, of slices of real corpora; in one
# segment and in several, with deletes and after a merge.  Both readers print
# all of it and the prints must be the same, byte for byte.  Then one byte of
# each file is changed, and cdgdump.py must say in which file.
#
# Called from the root of the repository.  SEED=N repeats a run.

set -u

build=${CDG_BUILD:-build}
index=$build/cdgindex
dump=$build/tests/format/dump_all
shared=../shared/corpora
seed=${SEED:-$(date +%s)}
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
PYTHONDONTWRITEBYTECODE=1
export PYTHONDONTWRITEBYTECODE

. tests/format/shell.inc

add() { # INDEX PATH...
	to=$work/$1
	shift
	"$index" -q -d "$to" "$@" >"$work/log" 2>&1 || { cat "$work/log" >&2; return 1; }
}

# slice CORPUS FROM COUNT: some records of a shared corpus into a file
slice() {
	zstd -dcq "$shared/$1.jsonl.zst" 2>/dev/null | tail -n "+$2" | head -n "$3" >"$work/$1-$2.jsonl"
	test -s "$work/$1-$2.jsonl"
}

# remove INDEX LINES: delete the documents at these lines of the list of ids
remove() {
	"$index" dump -d "$work/$1" --ids | sed -n "$2" | "$index" delete -q -d "$work/$1" - >/dev/null 2>&1 ||
		not_ok "delete from $1"
}

# compare NAME WHAT: both dumps of an index
compare() {
	name=$1
	"$dump" "$work/$name" >"$work/c" 2>"$work/c.err"
	c=$?
	python3 tools/cdgdump.py "$work/$name" --all >"$work/py" 2>"$work/py.err"
	py=$?
	if [ $c -eq 0 ] && [ $py -eq 0 ] && cmp -s "$work/c" "$work/py" && cmp -s "$work/c.err" "$work/py.err"; then
		ok "$2: $(grep -c '^segment ' "$work/c") segments, $(cat "$work/c.err")"
		cat "$work/c.err" >>"$work/totals"
	else
		not_ok "$2"
		cat "$work/c.err" "$work/py.err" >&2
		diff "$work/c" "$work/py" | cut -c1-200 | head -n 6 >&2
	fi
}

# damage NAME: a changed byte in any file is found and the file is named; of the
# segments, the first that has deletes
damage() {
	segment=$(basename "$(ls "$work/$1"/*.live-* | head -n 1)" | cut -d . -f 1)
	for f in "$work/$1"/MANIFEST "$work/$1/$segment".*; do
		cp "$f" "$work/sound"
		python3 - "$f" "$seed" <<-'END'
			import random, sys
			data = bytearray(open(sys.argv[1], 'rb').read())
			data[random.Random(sys.argv[2] + sys.argv[1]).randrange(len(data))] ^= 4
			open(sys.argv[1], 'wb').write(data)
		END
		python3 tools/cdgdump.py "$work/$1" >/dev/null 2>"$work/err"
		status=$?
		cp "$work/sound" "$f"
		if [ $status -eq 2 ] && grep -q "^cdgdump: .*$(basename "$f")" "$work/err"; then
			ok "damage in $(basename "$f" | sed 's/^[0-9a-f]*\././') is found"
		else
			not_ok "damage in $(basename "$f"): exit $status: $(head -n 1 "$work/err")"
		fi
	done
}

echo "seed $seed"
need_dump

add demo examples/demo && compare demo "demo corpus"

for part in laws plans speeches records.jsonl guidance white-papers; do
	add parts "examples/demo/$part"
done
compare parts "demo corpus in parts"
remove parts '2p;5p;11p;30p'
compare parts "demo corpus with deletes"
damage parts
"$index" merge -q -d "$work/parts" >/dev/null 2>&1 || not_ok "merge"
compare parts "demo corpus merged"

"$index" -q --no-store -d "$work/bare" examples/demo >/dev/null 2>&1 && compare bare "demo corpus without text"

python3 tests/format/make_records.py "$seed" 4800 "$work/corners"
add corners "$work/corners" && compare corners "corners of the format"
python3 tests/format/make_records.py "$((seed + 1))" 500 "$work/more"
add corners "$work/more" && compare corners "corners of the format, some replaced"
"$index" merge -q --reorder -d "$work/corners" >/dev/null 2>&1 || not_ok "merge --reorder"
compare corners "corners of the format, in another order"
"$index" merge -q --pairs -d "$work/corners" >/dev/null 2>&1 || not_ok "merge --pairs"
compare corners "corners of the format, with pairs"

for corpus in us-code:120 china-laws:15 enwiki-2014-slice:100; do
	n=${corpus#*:}
	corpus=${corpus%:*}
	if ! [ -f "$shared/$corpus.jsonl.zst" ]; then
		echo "SKIP: $corpus: ../shared/corpora is not there"
		continue
	fi
	for from in 1 501 1001; do
		slice "$corpus" "$from" "$n" && add "$corpus" "$work/$corpus-$from.jsonl"
	done
	compare "$corpus" "$corpus"
	remove "$corpus" 7p
	"$index" merge -q --pairs -d "$work/$corpus" >/dev/null 2>&1 || not_ok "merge --pairs"
	compare "$corpus" "$corpus, one deleted, merged, with pairs"
	remove "$corpus" 9p
	damage "$corpus"
done

awk '{ k += $1; p += $3; c += $5 } END { print k " keys, " p " postings, " c " classes compared" }' "$work/totals"
finish
