#!/bin/sh
# limits.sh - inputs that are as large as is still reasonable, with the time and
# the memory that they take: many distinct words, one long document, one long line.
#
# Lines that begin with a blank are the figures.  Memory is the largest resident
# set of the process, mapped files included (measure.py); it may be 10 % more than
# --memory.
#
# Environment: TERMS (10000000).  Needs 500 MB of disk.
. tests/cli/_common.sh

terms=${TERMS:-10000000}
memory=256 # MiB, of all runs below

# measured NAME COMMAND...: exit 0, and its figures in $seconds and $peak (MiB)
measured() {
	name=$1
	shift
	python3 tests/slow/measure.py "$tmp/figures" timeout 1200 "$@" >"$tmp/out" 2>&1
	status=$?
	read -r seconds peak <"$tmp/figures"
	peak=$(((peak + 1023) / 1024))
	if [ "$status" -eq 0 ]; then
		ok "$name"
	else
		not_ok "$name: exit $status: $(tail -n 3 "$tmp/out")"
	fi
	echo "    $name: $seconds s, peak memory $peak MiB"
}

# within NAME MIB: the last measured peak
within() {
	if [ "$peak" -le "$2" ]; then
		ok "$1: $peak MiB of at most $2"
	else
		not_ok "$1: $peak MiB of at most $2"
	fi
}

# stat_of NAME: a number of `cdgindex stat`
stat_of() {
	"$index" -d "$idx" stat | sed -n "s/^$1  *\([0-9]*\)$/\1/p"
}

# What must be found, however many segments there are.
found() {
	exits "check ($1)" 0 timeout 600 "$index" -d "$idx" check
	is "documents ($1)" $((terms / 1000)) "$(stat_of documents)"
	matches everywhere $((terms / 1000))
	matches qqqqqqqq 0
	while read -r term n; do
		matches "$term" "$n"
	done <"$tmp/chosen"
}

echo "    $terms distinct words, --memory ${memory}M"
python3 tests/slow/generate.py terms "$tmp/terms.jsonl" "$terms" >"$tmp/chosen" || exit 2
idx=$tmp/terms.i
measured "index the words" "$index" -q -d "$idx" --memory ${memory}M "$tmp/terms.jsonl"
within "memory of indexing them" $((memory + memory / 10))
echo "    $(wc -c <"$tmp/terms.jsonl") bytes of records in $(stat_of segments) segments"
found "$(stat_of segments) segments"
measured "merge them" "$index" -q -d "$idx" --memory ${memory}M merge
within "memory of merging them" $((memory + memory / 10))
found "one segment"
is "segments" 1 "$(stat_of segments)"
# the words, and `everywhere` with its stem
is "terms" $((terms + 2)) "$(stat_of terms)"
is "the dictionary lists each word once" "$terms" \
	"$("$index" -d "$idx" dump --terms q | cut -f 1 | sort -u -S 64M -T "$tmp" | wc -l)"
rm -rf "$idx" "$tmp/terms.jsonl"

# long NAME KIND WORD: one document, with the word at its end
long() {
	python3 tests/slow/generate.py "$2" "$tmp/$2.txt" || exit 2
	echo "    $1: $(wc -c <"$tmp/$2.txt") bytes in $(wc -l <"$tmp/$2.txt") lines, --memory ${memory}M"
	idx=$tmp/$2.i
	measured "index $1" "$index" -q -d "$idx" --memory ${memory}M "$tmp/$2.txt"
	within "memory of indexing $1" $((memory + memory / 10))
	exits "check ($1)" 0 timeout 600 "$index" -d "$idx" check
	is "documents ($1)" 1 "$(stat_of documents)"
	matches "$3" 1
	matches "\"answers each request\" $3" 1
	matches "\"request answers\"" 0
	measured "a snippet of $1" "$search" -d "$idx" --format json "\"province and answers\" $3"
	is "the snippet shows it" 1 "$(grep -c "$3" "$tmp/out")"
	rm -rf "$idx" "$tmp/$2.txt"
}

long "a document of 100 MB" large number99999
long "a line of 50 MB" line lastword
finish
