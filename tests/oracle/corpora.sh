#!/bin/sh
# corpora.sh - the native engine against the reference backend on slices of three
# real corpora: the same documents, order, scores to the last bit, totals, facets
# and places, for at least 2000 random queries on each.
#
# The queries are spread over every combination of 1, 2 and 7 segments, 0 and 20
# percent of the documents deleted, not merged, merged, or merged in another order of
# documents, and the portable, AVX2 and best code; each combination takes another
# seed, and other documents as long as there are some.  Two run at a time.  Without ../shared the demo corpus stands in, and that is said.
#
# Called from the root of the repository.  SEED=N repeats a run, QUERIES=N asks
# more of each combination, JOBS=N runs more at a time.

set -u

build=${CDG_BUILD:-build}
oracle=$build/tests/oracle/t_oracle
shared=../shared/corpora
seed=${SEED:-$(date +%s)}
queries=${QUERIES:-38}
combinations=54
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 2' INT TERM

# One combination, called by xargs below as `corpora.sh --one ...`.
if [ "${1:-}" = --one ]; then
	# NAME NUMBER LOG ARGUMENT...
	name=$2 number=$3 log=$4
	shift 4
	timeout -k 5 300 "$oracle" "$@" >"$log" 2>&1
	status=$?
	line=$(grep ' queries, ' "$log" | tail -n 1)
	n=${line%% queries*}
	if [ "$status" -eq 0 ] && [ "${n:-0}" -gt 0 ] && echo "$line" | grep -q '[1-9][0-9]* hits' &&
	   echo "$line" | grep -q '; 0 different$'; then
		echo "ok $name $number: $line"
	else
		echo "not ok $name $number: exit $status: $oracle $*"
		head -n 30 "$log" | sed 's/^/    /'
	fi
	exit 0
fi

# jobs NAME FILE DOCS CUT STEP: a line for each combination; none may end in a
# blank, by which xargs -L would join it with the next
jobs() {
	number=0
	for code in '' --avx2 --portable; do
		for segments in 1 2 7; do
			for deletes in 0 20; do
				for merge in '' --merge --reorder; do
					echo "$1 $number $work/$1-$number.log --corpus $2 --docs $3 --cut $4" \
						"--skip $((number % 36 * $5)) --queries $queries --seed $((seed + number))" \
						"--segments $segments --deletes $deletes${merge:+ $merge}${code:+ $code}"
					number=$((number + 1))
				done
			done
		done
	done
}

# Where a corpus is missing, the demo corpus is asked once: it is small.
# corpus NAME DOCS CUT STEP
missing=
corpus() {
	if [ -f "$shared/$1.jsonl.zst" ]; then
		jobs "$1" "$shared/$1.jsonl.zst" "$2" "$3" "$4"
		echo "$1" >>"$work/names"
	else
		missing="$missing $1"
	fi
}

echo "seed $seed"
grep -qs avx512f /proc/cpuinfo || echo "SKIP: this processor has no AVX-512: the best code is AVX2 or portable"
: >"$work/names"
corpus dc-law 600 6000 650 >"$work/jobs"
corpus china-laws 400 2500 80 >>"$work/jobs"
corpus enwiki-2014-slice 700 6000 400 >>"$work/jobs"
if [ -n "$missing" ]; then
	echo "SKIP: ../shared/corpora lacks$missing"
	jobs demo examples/demo 1000 6000 0 >>"$work/jobs"
	echo demo >>"$work/names"
fi

xargs -P "${JOBS:-2}" -L 1 sh "$0" --one <"$work/jobs" >"$work/out"
cat "$work/out"

bad=0
grep -q '^not ok' "$work/out" && bad=1
while read -r name; do
	n=$(sed -n "s/^ok $name [0-9]*: \([0-9]*\) queries.*/\1/p" "$work/out" | awk '{ n += $1 } END { print n + 0 }')
	if [ "$n" -ge $((combinations * queries)) ]; then
		echo "ok $name: $n queries compared in $combinations combinations"
	else
		echo "not ok $name: only $n queries compared"
		bad=1
	fi
done <"$work/names"
[ "$bad" -eq 0 ]
