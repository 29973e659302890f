#!/bin/sh
# check-symbols.sh - verifies that both libraries define no global symbol but
# cdg_*, and export each function of the public header.

set -u

lib=${CDG_BUILD:-build}/lib
bad=0
declared=$(sed -n 's/^[a-z].*[ *]\(cdg_[a-z0-9_]*\)(.*/\1/p' include/cdgsearch.h | sort -u)

check() {
	file=$1
	shift
	[ -f "$file" ] || {
		echo "check-symbols.sh: $file is missing: run make" >&2
		exit 2
	}
	have=$("$@" "$file" 2>/dev/null | awk 'NF >= 3 && $2 != "A" { sub(/@.*/, "", $3); print $3 }' | sort -u)
	other=$(echo "$have" | grep -v '^cdg_' | grep -v -e '^__asan_' -e '^__odr_asan' -e '^__ubsan')
	if [ -n "$other" ]; then
		echo "not ok $file exports what is not cdg_*:" $other
		bad=1
	else
		echo "ok $file exports cdg_* alone"
	fi
	for f in $declared; do
		echo "$have" | grep -qx "$f" && continue
		echo "not ok $file lacks $f, which include/cdgsearch.h declares"
		bad=1
	done
	for f in $(echo "$have" | grep '^cdg_'); do
		echo "$declared" | grep -qx "$f" && continue
		echo "not ok $file exports $f, which include/cdgsearch.h does not declare"
		bad=1
	done
}

check "$lib/libcdgsearch.so" nm -D --defined-only
check "$lib/libcdgsearch.a" nm -g --defined-only
exit $bad
