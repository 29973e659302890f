#!/bin/sh
# smoke.sh - `make bench-smoke`: do all executors still give the known results,
# and how many instructions does each class of queries take?
#
#   bench/smoke.sh [--write]      from the root of the repository
#
# Results are compared by `cdgbench smoke`.  Instructions are counted by the
# kernel where it can, else by callgrind if valgrind is installed (without
# AVX-512, which valgrind does not know), else it says that there are none.
# A change of results fails; counts are for reading and comparing.
set -u

BUILD=${CDG_BUILD:-build}
bench=$BUILD/cdgbench
here=$(dirname "$0")
dir=$(mktemp -d "${TMPDIR:-/tmp}/cdg-smoke.XXXXXX") || exit 2
trap 'rm -rf "$dir"' EXIT
trap 'exit 2' INT TERM

if [ "${1:-}" = --write ]; then
	"$bench" smoke --dir "$dir/fixture" --write "$here/smoke.digest"
	exit
fi
"$bench" smoke --dir "$dir/fixture" --digest "$here/smoke.digest" >"$dir/out"
code=$?
cat "$dir/out"
[ $code -eq 0 ] || exit $code
grep -q '^instruction counts: the kernel gives none' "$dir/out" || exit 0
if ! command -v valgrind >/dev/null; then
	echo "instruction counts: valgrind is not installed either (Debian: valgrind)"
	exit 0
fi

# One dump a call of smoke_measured, that is, a class; in the order they are named.
timeout 120 valgrind -q --tool=callgrind --callgrind-out-file="$dir/cg" --toggle-collect=smoke_measured \
	--dump-after=smoke_measured "$bench" smoke --dir "$dir/fixture" --measure >"$dir/classes" 2>"$dir/err" || {
	echo "smoke.sh: callgrind failed:" >&2
	tail -5 "$dir/err" >&2
	exit 2
}
echo "instructions by class (callgrind):"
n=0
while read -r class; do
	n=$((n + 1))
	count=$(sed -n 's/^\(summary\|totals\): *\([0-9]*\).*/\2/p' "$dir/cg.$n" 2>/dev/null | head -1)
	printf '  %-14s %15s\n' "$class" "${count:-not known}"
done <"$dir/classes"
