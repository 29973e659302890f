#!/bin/sh
# run-fuzz.sh - runs fuzzers, each for a time, CDG_JOBS (2) at once.
#
# Usage: tools/run-fuzz.sh SECONDS FUZZER...
#
# Each keeps its corpus in build/fuzz-corpus/NAME between runs; seeds are the
# files of tests/fuzz/corpus/NAME.  What makes one fail is left in
# build/fuzz-crashes.  No fuzzer at all is a failure.  The last line is `N passed, N failed`.

set -u

# One fuzzer, called by xargs below as `run-fuzz.sh --one SECONDS FUZZER`.
if [ "${1:-}" = --one ]; then
	seconds=$2
	f=$3
	crashes=build/fuzz-crashes
	name=$(basename "$f")
	corpus=build/fuzz-corpus/$name
	seeds=tests/fuzz/corpus/$name
	mkdir -p "$corpus"
	log=build/fuzz-$name.log
	set -- -max_total_time="$seconds" -timeout=20 -rss_limit_mb=4096 -print_final_stats=1 \
		-artifact_prefix="$crashes/$name-" "$corpus"
	[ -d "$seeds" ] && set -- "$@" "$seeds"
	if [ -f "tests/fuzz/$name.dict" ]; then
		set -- -dict="tests/fuzz/$name.dict" "$@"
	fi
	timeout -k 10 $((seconds + 120)) "$f" "$@" >"$log" 2>&1
	status=$?
	runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
	if [ "$status" -eq 0 ] && [ "${runs:-0}" -gt 0 ]; then
		echo "ok    $name: $runs runs in $seconds s"
	else
		echo "FAIL  $name: exit $status: $log"
		grep -aE -B 3 'ERROR|SUMMARY|runtime error|Test unit written|^Base64' "$log" |
			head -c 3000 | LC_ALL=C tr -c '[:print:]\n' '?' | sed 's/^/        /'
	fi
	exit 0
fi

seconds=$1
shift
mkdir -p build/fuzz-crashes
out=$(mktemp) || exit 2
trap 'rm -f "$out"' EXIT
wanted=$#
[ "$wanted" -eq 0 ] ||
	printf '%s\n' "$@" | xargs -P "${CDG_JOBS:-2}" -n 1 sh "$0" --one "$seconds" | tee "$out"
passed=$(grep -c '^ok ' "$out")
failed=$((wanted - passed))
if [ "$wanted" -eq 0 ]; then
	echo "FAIL  there are no fuzzers to run"
	failed=1
fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
