#!/bin/sh
# demo.sh - index examples/demo into a folder of its own and ask it a few things.
set -u
build=${CDG_BUILD:-build}
dir=$build/demo.idx
rm -rf "$dir"
run() {
	printf '\n$'
	for word in "$@"; do
		case $word in
		*[!a-zA-Z0-9_./=:-]*) printf " '%s'" "$word" ;;
		*) printf ' %s' "$word" ;;
		esac
	done
	printf '\n'
	"$@" || [ $? -eq 1 ]
}
run "$build/cdgindex" -d "$dir" --exclude README.md examples/demo || exit 2
run "$build/cdgsearch" -d "$dir" -n 3 '"top-level design" AND "supply-side reform"' || exit 2
run "$build/cdgsearch" -d "$dir" -n 2 '顶层设计' || exit 2
run "$build/cdgsearch" -d "$dir" -n 2 'penalty path:laws/*' || exit 2
run "$build/cdgsearch" -d "$dir" -n 1 --facet type --facet lang 'water OR 水资源 OR Wasser' || exit 2
printf '\nMore to try: examples/demo/README.md.  The index is %s.\n' "$dir"
