#!/bin/sh
# golden.sh - do the programs of today read the indexes of every format that was
# ever released (tests/golden/v*), and can they go on writing to them?
#
# Per version: cdgindex check, the engine's dump and cdgdump.py's against the
# dump that was kept, the answers to queries against those that were kept (as
# sets: how hits are ranked is not part of the format), and a new document.
#
# Called from the root of the repository.

set -u

build=${CDG_BUILD:-build}
index=$build/cdgindex
search=$build/cdgsearch
dump=$build/tests/format/dump_all
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
PYTHONDONTWRITEBYTECODE=1
export PYTHONDONTWRITEBYTECODE

. tests/format/shell.inc

# same NAME COMMAND...: its output is the dump that was kept
same() {
	what=$1
	shift
	if "$@" >"$work/got" 2>"$work/err" && cmp -s "$work/got" "$work/dump"; then
		ok "$what: $(cat "$work/err")"
	else
		not_ok "$what"
		cat "$work/err" >&2
		diff "$work/dump" "$work/got" | cut -c1-200 | head -n 6 >&2
	fi
}

ids() { # QUERY
	"$search" -q -d "$work/index" -n 1000 --format ids -- "$1" 2>"$work/err" | LC_ALL=C sort | tr '\n' ' ' | sed 's/ $//'
}

queries() { # FILE
	tab=$(printf '\t')
	while IFS=$tab read -r query want; do
		got=$(ids "$query")
		if [ "$got" = "$want" ]; then
			ok "$2: query $query"
		else
			not_ok "$2: query $query: wanted [$want], got [$got] $(cat "$work/err")"
		fi
	done <"$1"
}

need_dump
for v in tests/golden/v*; do
	name=$(basename "$v")
	rm -rf "$work/index"
	cp -r "$v/index" "$work/index"
	gunzip -c "$v/dump.gz" >"$work/dump"
	if "$index" check -d "$work/index" >"$work/err" 2>&1; then
		ok "$name: check"
	else
		not_ok "$name: check: $(cat "$work/err")"
	fi
	same "$name: the engine" "$dump" "$work/index"
	same "$name: cdgdump.py" python3 tools/cdgdump.py "$work/index" --all
	queries "$v/queries.txt" "$name"
	echo 'zyzzyva' >"$work/new.txt"
	if "$index" -q -d "$work/index" "$work/new.txt" 2>"$work/err" && [ "$(ids zyzzyva)" = "$work/new.txt" ] &&
	   "$index" merge -q -d "$work/index" 2>>"$work/err" >&2 && "$index" check -d "$work/index" >>"$work/err" 2>&1; then
		ok "$name: a document more, then merged"
	else
		not_ok "$name: a document more, then merged: $(cat "$work/err")"
	fi
	queries "$v/queries.txt" "$name, merged"
done
finish
