#!/bin/sh
# xapian.sh - Xapian databases against the reference backend on slices of three
# real corpora, and the native engine against it with Xapian's weighting: the same
# sets for at least 5000 random queries of every kind, the same order and scores
# to 1e-6, facets and places.  Databases are whole, with deletions, or in shards.
#
# Without ../shared the demo corpus stands in.  SEED=N repeats a run, QUERIES=N
# asks more of each combination.
set -u

build=${CDG_BUILD:-build}
oracle=$build/tests/oracle/t_oracle
shared=../shared/corpora
seed=${SEED:-$(date +%s)}
queries=${QUERIES:-700}
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 2' INT TERM

if [ ! -e "$build/lib/libcdgsearch-xapian.so" ]; then
	echo "SKIP: libxapian is missing (Debian: libxapian-dev): nothing was compared with it"
	exit 0
fi

# one NAME FILE DOCS CUT HOW...
one() {
	name=$1 file=$2 docs=$3 cut=$4
	shift 4
	if timeout -k 5 280 "$oracle" --corpus "$file" --docs "$docs" --cut "$cut" --queries "$queries" "$@" \
		>"$work/log" 2>&1 && line=$(tail -n 1 "$work/log") && echo "$line" | grep -q '[1-9][0-9]* hits.*; 0 different$'; then
		echo "ok $name $*: $line"
		echo "${line%% *}" >>"$work/counts"
	else
		echo "not ok $name: $oracle --corpus $file --docs $docs --cut $cut --queries $queries $*"
		head -n 40 "$work/log"
		bad=1
	fi
}

# corpus NAME DOCS CUT
corpus() {
	file=$shared/$1.jsonl.zst
	if [ ! -f "$file" ]; then
		echo "SKIP: ../shared/corpora lacks $1: the demo corpus stands in"
		file=examples/demo
	fi
	one "$1" "$file" "$2" "$3" --seed "$seed" --xapian
	one "$1" "$file" "$2" "$3" --seed $((seed + 1)) --xapian --deletes 25
	one "$1" "$file" "$2" "$3" --seed $((seed + 2)) --xapian --segments 4
	seed=$((seed + 10))
}

echo "seed $seed"
bad=0
: >"$work/counts"
corpus dc-law 160 4000
corpus china-laws 100 2000
corpus enwiki-2014-slice 160 4000
total=$(awk '{ n += $1 } END { print n + 0 }' "$work/counts")
echo "$total queries compared"
[ "$total" -ge 5000 ] || { echo "not ok: fewer than 5000 queries"; bad=1; }
exit $bad
