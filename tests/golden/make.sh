#!/bin/sh
# make.sh - makes the golden index of a format: what it looked like when the
# format was declared finished, so that later programs prove to read it.
#
#   tests/golden/make.sh v1          index, dump and answers, anew
#   tests/golden/make.sh v1 dump     only the dump (when its lines have changed)
#
# The index is made once per format and checked in.  It has two segments, the
# demo corpus and records that use the format's corners (tests/format), and two
# deleted documents; VERSION *-pairs has one, with lists of pairs.  Look at `git diff --stat` and at queries.txt before
# committing: a difference there is a decision, not a formality.

set -eu

version=${1:?usage: tests/golden/make.sh VERSION [dump]}
what=${2:-all}
root=$(pwd)
build=${CDG_BUILD:-build}
case $build in
/*) ;;
*) build=$root/$build ;;
esac
to=$root/tests/golden/$version
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
PYTHONDONTWRITEBYTECODE=1
export PYTHONDONTWRITEBYTECODE

if [ "$what" = all ]; then
	cp -r examples/demo "$work/demo"
	rm -rf "$work/demo/white-papers" "$work/demo/README.md"
	python3 tests/format/make_records.py 1 170 "$work/corners" 18
	cd "$work"
	"$build/cdgindex" -q --threads 1 -d index demo
	"$build/cdgindex" -q --threads 1 -d index corners
	segments=2
	case $version in
	*-pairs)
		"$build/cdgindex" merge -q --pairs --threads 1 -d index
		segments=1
		;;
	esac
	"$build/cdgindex" delete -q -d index demo/laws/water-resources-act.md doc-000007
	test "$(grep -c '^segment ' index/MANIFEST)" -eq $segments
	rm -f index/LOCK
	cd "$root"
	rm -rf "$to"
	mkdir -p "$to"
	cp -r "$work/index" "$to/index"
	while read -r query; do
		ids=$("$build/cdgsearch" -q -d "$to/index" -n 1000 --format ids -- "$query" | LC_ALL=C sort | tr '\n' ' ') || true
		printf '%s\t%s\n' "$query" "${ids% }"
	done <tests/golden/queries.in >"$to/queries.txt"
fi
python3 tools/cdgdump.py "$to/index" --all | gzip -n9 >"$to/dump.gz"
du -sh "$to"
