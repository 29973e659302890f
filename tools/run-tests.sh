#!/bin/sh
# run-tests.sh - runs test programs and scripts, several at once, and adds up what they say.
#
# Usage: tools/run-tests.sh [-t SECONDS] [-j JOBS] TEST...
#
#   -t  after which a test is stopped (300)
#   -j  how many run at once ($JOBS, else as many as there are processors)
#
# A script with a line "# alone: WHY" runs when no other does, after the rest.  Each test
# has a TMPDIR of its own.  What is said of the tests is in the order they were named in.
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
jobs=${JOBS:-$(nproc 2>/dev/null || echo 1)}
while getopts t:j: option; do
	case $option in
	t) limit=$OPTARG ;;
	j) jobs=$OPTARG ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))
[ "$jobs" -ge 1 ] || exit 2
build=${CDG_BUILD:-build}
# for test programs, beside which it does not lie
CDG_EXTRACT=$(cd "$build" 2>/dev/null && pwd)/cdg-extract
export CDG_EXTRACT
logs=$build/tests/log
mkdir -p "$logs" || exit 2

if [ $# -eq 0 ]; then
	echo "FAIL  there are no tests to run"
	echo "0 passed, 1 failed"
	exit 1
fi

# N.said: what is to be shown of test N, N.sum: passed and failed, N.pid: of its timeout
work=$(mktemp -d "${TMPDIR:-/tmp}/cdg-run.XXXXXX") && mkfifo "$work/done" && chmod 711 "$work" || exit 2
clean() {
	chmod -R u+rwx "$work" 2>/dev/null
	rm -rf "$work"
}
stop() {
	trap '' INT TERM
	for pid in "$work"/*.pid; do
		[ -s "$pid" ] && kill "$(cat "$pid")" 2>/dev/null
	done
	wait
	exit 130
}
trap clean EXIT
trap stop INT TERM
exec 3<>"$work/done"

# The sum of the numbers N in lines "[  WORD  ] N test(s)...", each of which
# ends a group of cmocka.
cmocka_sum() {
	sed -n "s/^\[  $1  \] *\(.*: \)\{0,1\}\([0-9][0-9]*\) test(s).*/\2/p" "$2" | awk '{ n += $1 } END { print n + 0 }'
}

# tell TEST LOG STATUS SECONDS: what is to be said of it, and its numbers in $ok and $bad
tell() {
	name=$(basename "$1" .sh)
	[ "$name" = run ] && name=$(basename "$(dirname "$1")")/run
	log=$2
	status=$3
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
	if [ "$bad" -eq 0 ] && [ "$ok" -eq 0 ]; then
		printf 'SKIP  %-28s ran nothing  %4d s\n' "$name" "$4"
	elif [ "$bad" -eq 0 ]; then
		printf 'ok    %-28s %5d passed  %4d s\n' "$name" "$ok" "$4"
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
}

# run N TEST: in the background, which is why SIGINT must be given back its meaning
run() {
	log=$logs/$(echo "$2" | tr / _).log
	begin=$(date +%s)
	mkdir "$work/$1.tmp"
	TMPDIR=$work/$1.tmp env --default-signal=INT,QUIT timeout -k 10 "$limit" "$2" >"$log" 2>&1 </dev/null 3>&- &
	echo $! >"$work/$1.pid"
	wait $!
	status=$?
	rm -f "$work/$1.pid"
	tell "$2" "$log" "$status" $(($(date +%s) - begin)) >"$work/$1.said"
	echo "$ok $bad" >"$work/$1.sum"
	chmod -R u+rwx "$work/$1.tmp" 2>/dev/null
	rm -rf "$work/$1.tmp"
}

# start N TEST: $running more by one; that it has ended comes through the pipe
start() {
	(
		trap - EXIT
		run "$1" "$2"
		echo end >&3
	) &
	running=$((running + 1))
}

# await MOST: until no more than so many are running; shows what can be shown
await() {
	while [ "$running" -gt "$1" ]; do
		read -r _ <&3
		running=$((running - 1))
		while [ -s "$work/$shown.sum" ]; do
			cat "$work/$shown.said"
			read -r ok bad <"$work/$shown.sum"
			passed=$((passed + ok))
			failed=$((failed + bad))
			shown=$((shown + 1))
		done
	done
}

passed=0
failed=0
running=0
shown=1
for alone in false true; do
	n=0
	for t in "$@"; do
		n=$((n + 1))
		case $t in
		*.sh) grep -q '^# alone: ' "$t" && this=true || this=false ;;
		*) this=false ;;
		esac
		[ $this = $alone ] || continue
		$alone && await 0 || await $((jobs - 1))
		start $n "$t"
	done
	await 0
done

if [ $((passed + failed)) -eq 0 ]; then
	echo "FAIL  no test ran at all: each of the $# was skipped, for the reasons above"
	failed=1
fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
