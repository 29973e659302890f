#!/bin/sh
# run-fuzz.sh - runs fuzzers one after another, each for a time.
#
# Usage: tools/run-fuzz.sh SECONDS FUZZER...
#
# Each keeps its corpus in build/fuzz-corpus/NAME between runs; seeds are the
# files of tests/fuzz/corpus/NAME.  What makes one fail is left in
# build/fuzz-crashes.  The last line is `N passed, N failed`.

set -u

seconds=$1
shift
passed=0
failed=0
crashes=build/fuzz-crashes
mkdir -p "$crashes"

for f in "$@"; do
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
	if timeout -k 10 $((seconds + 120)) "$f" "$@" >"$log" 2>&1; then
		runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
		echo "ok    $name: $runs runs in $seconds s"
		passed=$((passed + 1))
	else
		echo "FAIL  $name: $log"
		grep -E 'ERROR|SUMMARY|runtime error|Test unit written' "$log" | head -n 5 | sed 's/^/        /'
		failed=$((failed + 1))
	fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
