#!/bin/sh
# run-tests.sh - runs test programs and scripts and adds up what they say.
#
# Usage: tools/run-tests.sh [-t SECONDS] TEST...
#
# A cmocka program is counted by its own summary, another by its last line if that
# is `N passed, N failed`, else by its lines "ok ..." and "not ok ...", and one that
# has none of these is one test, which passes with exit 0 and no SKIP.
# A test that exits nonzero (a crash, a timeout) without having counted a
# failure counts as one, and so do a tier without tests, a test that ran nothing
# without saying SKIP, and a tier of which nothing ran because all was skipped.
# Lines with SKIP: are shown.  Full outputs are kept in $CDG_BUILD/tests/log.  The
# last line is `N passed, N failed`; exit 1 if any failed.

set -u

limit=300
if [ "${1:-}" = -t ]; then
	limit=$2
	shift 2
fi
build=${CDG_BUILD:-build}
# for test programs, beside which it does not lie
CDG_EXTRACT=$(cd "$build" 2>/dev/null && pwd)/cdg-extract
export CDG_EXTRACT
logs=$build/tests/log
mkdir -p "$logs" || exit 2
passed=0
failed=0

# The sum of the numbers N in lines "[  WORD  ] N test(s)...", each of which
# ends a group of cmocka.
cmocka_sum() {
	sed -n "s/^\[  $1  \] *\(.*: \)\{0,1\}\([0-9][0-9]*\) test(s).*/\2/p" "$2" | awk '{ n += $1 } END { print n + 0 }'
}

if [ $# -eq 0 ]; then
	echo "FAIL  there are no tests to run"
	echo "0 passed, 1 failed"
	exit 1
fi

for t in "$@"; do
	name=$(basename "$t" .sh)
	log=$logs/$(echo "$t" | tr / _).log
	begin=$(date +%s)
	timeout -k 10 "$limit" "$t" >"$log" 2>&1 </dev/null
	status=$?
	took=$(($(date +%s) - begin))
	if grep -q '^\[==========\]' "$log"; then
		ok=$(cmocka_sum PASSED "$log")
		bad=$(cmocka_sum FAILED "$log")
	elif tail -n 1 "$log" | grep -Eq '^[0-9]+ passed, [0-9]+ failed$'; then
		ok=$(tail -n 1 "$log" | sed 's/ passed.*//')
		bad=$(tail -n 1 "$log" | sed 's/.*, \([0-9]*\) failed/\1/')
	elif grep -Eq '^(not )?ok ' "$log"; then
		ok=$(grep -c '^ok ' "$log")
		bad=$(grep -c '^not ok ' "$log")
	else
		ok=0
		[ "$status" -eq 0 ] && ! grep -q '^SKIP' "$log" && ok=1
		bad=0
	fi
	[ "$status" -ne 0 ] && [ "$bad" -eq 0 ] && bad=1
	none=
	if [ "$ok" -eq 0 ] && [ "$bad" -eq 0 ] && ! grep -q SKIP "$log"; then
		bad=1
		none=', ran nothing'
	fi
	passed=$((passed + ok))
	failed=$((failed + bad))
	if [ "$bad" -eq 0 ] && [ "$ok" -eq 0 ]; then
		printf 'SKIP  %-28s ran nothing  %4d s\n' "$name" "$took"
	elif [ "$bad" -eq 0 ]; then
		printf 'ok    %-28s %5d passed  %4d s\n' "$name" "$ok" "$took"
	else
		why=$none
		[ "$status" -eq 124 ] && why="$why, stopped after $limit s"
		[ "$status" -gt 128 ] && why="$why, signal $((status - 128))"
		printf 'FAIL  %-28s %5d passed, %d failed (exit %d%s): %s\n' "$name" "$ok" "$bad" "$status" "$why" "$log"
		# what went wrong, as far as it can be told from the noise
		grep -E '^not ok |\[  (ERROR|FAILED)  \]|ERROR: |runtime error|Assertion|error:' "$log" | head -n 20 | sed 's/^/        /'
		tail -n 5 "$log" | sed 's/^/        | /'
	fi
	grep 'SKIP' "$log" | head -n 10 | sed 's/^/        /'
done

if [ $((passed + failed)) -eq 0 ]; then
	echo "FAIL  no test ran at all: each of the $# was skipped, for the reasons above"
	failed=1
fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
