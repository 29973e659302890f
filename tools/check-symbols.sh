#!/bin/sh
# check-symbols.sh - verifies that the libraries define no global symbol but
# cdg_* (those over libxapian: xapc_*), and export each function of their public
# header.

set -u

lib=${CDG_BUILD:-build}/lib
bad=0

# check HEADER PREFIX FILE COMMAND...: the command prints the symbols of the file.
check() {
	header=$1
	prefix=$2
	file=$3
	shift 3
	declared=$(sed -n 's/^[a-z].*[ *]\('"$prefix"'[a-z0-9_]*\)(.*/\1/p' "$header" | sort -u)
	[ -f "$file" ] || {
		echo "check-symbols.sh: $file is missing: run make" >&2
		exit 2
	}
	have=$("$@" "$file" 2>/dev/null | awk 'NF >= 3 && $2 != "A" { sub(/@.*/, "", $3); print $3 }' | sort -u)
	other=$(echo "$have" | grep -v "^$prefix" | grep -v -e '^__asan_' -e '^__odr_asan' -e '^__ubsan')
	if [ -n "$other" ]; then
		echo "not ok $file exports what is not $prefix*:" $other
		bad=1
	else
		echo "ok $file exports $prefix* alone"
	fi
	for f in $declared; do
		echo "$have" | grep -qx "$f" && continue
		echo "not ok $file lacks $f, which $header declares"
		bad=1
	done
	for f in $(echo "$have" | grep "^$prefix"); do
		echo "$declared" | grep -qx "$f" && continue
		echo "not ok $file exports $f, which $header does not declare"
		bad=1
	done
}

check include/cdgsearch.h cdg_ "$lib/libcdgsearch.so" nm -D --defined-only
check include/cdgsearch.h cdg_ "$lib/libcdgsearch.a" nm -g --defined-only
if [ -f "$lib/libxapian-c.so" ]; then
	check backend/xapian/xapian_c.h xapc_ "$lib/libxapian-c.so" nm -D --defined-only
	check backend/xapian/xapian_c.h xapc_ "$lib/libcdgsearch-xapian.so" nm -D --defined-only
else
	echo "SKIP: the libraries over libxapian were not built (libxapian-dev or a C++ compiler is missing)"
fi
exit $bad
