#!/bin/sh
# check-layers.sh - verifies who includes whom.
#
# The rooms stand on one another in one order:
#
#     base <- text, base <- engine, {text, engine} <- extract <- indexer,
#     {text, engine} <- query, {indexer, query} <- backend <- {cli, daemon, bench}
#
# indexer and query never see each other, nothing outside tests/ sees tests/.
# extract/reader/ is the program cdg-extract, which nothing else includes.
# Every quoted include carries its folder; only the public header may be named
# without one.  C++ stands in backend/xapian/ alone, which uses only its own
# header and libxapian (bench/peers/ drives each engine in its own language).
# Each offending line is printed as file:line: reason, and the
# exit status is 1; 2 when the tree cannot be read.
#
# Usage: tools/check-layers.sh [ROOT]      (default: the repository of this script)

set -u

root=${1:-$(dirname "$0")/..}
cd "$root" || exit 2

rooms=
for room in base text engine extract indexer query backend cli daemon bench include tools; do
	[ -d "$room" ] && rooms="$rooms $room"
done
if [ -z "$rooms" ]; then
	echo "check-layers.sh: none of the rooms is in $(pwd): give the root of the repository" >&2
	exit 2
fi

bad=0
for f in $(find . -name build -prune -o -name .git -prune -o -type f \
	\( -name '*.cc' -o -name '*.cpp' -o -name '*.cxx' -o -name '*.C' -o -name '*.hh' -o -name '*.hpp' -o -name '*.hxx' \) -print); do
	case $f in
	./backend/xapian/*)
		grep -nH '^[ 	]*#[ 	]*include[ 	]*"' "$f" | grep -v '"backend/xapian/' |
			sed 's/$/: C++ must not include the rest of the project/' | grep . && bad=1
		;;
	./bench/peers/*) ;;
	*)
		echo "$f:1: C++ outside backend/xapian/"
		bad=1
		;;
	esac
done
if grep -nH '^[ 	]*#[ 	]*include[ 	]*"' backend/xapian/xapian_c.h 2>/dev/null; then
	echo "backend/xapian/xapian_c.h must stand alone" >&2
	bad=1
fi

# find splits long lists over several runs of awk and reports the worst.
# shellcheck disable=SC2086
find $rooms -type f \( -name '*.c' -o -name '*.h' -o -name '*.cc' -o -name '*.hh' \) -exec awk '
BEGIN {
	may["include"] = "include"
	may["base"] = "base include"
	may["text"] = "text base include"
	may["engine"] = "engine base include"
	may["extract"] = "extract engine text base include"
	may["indexer"] = "indexer extract engine text base include"
	may["query"] = "query engine text base include"
	may["backend"] = "backend query indexer extract engine text base include"
	may["cli"] = "cli backend base include"
	may["daemon"] = "daemon backend base include"
	may["bench"] = "bench backend query engine base include"
	split("base text engine extract indexer query backend cli daemon bench tests tools include", all, " ")
	for (i in all)
		isroom[all[i]] = 1
}

function offend(why) {
	printf "%s:%d: %s: %s\n", FILENAME, FNR, why, $0
	bad = 1
}

FNR == 1 {
	room = FILENAME
	sub(/^\.\//, "", room)
	sub(/\/.*/, "", room)
	split("", allowed)
	n = split(may[room], list, " ")
	for (i = 1; i <= n; i++)
		allowed[list[i]] = 1
}

/^[ \t]*#[ \t]*(include|include_next|import)[ \t]*[<"]/ {
	line = $0
	sub(/\r$/, "", line)
	sub(/^[ \t]*#[ \t]*[a-z_]+[ \t]*/, "", line)
	quoted = substr(line, 1, 1) == "\""
	path = substr(line, 2)
	sub(/[">].*/, "", path)
	if (path == "cdgsearch.h")
		next
	if (path ~ /(^|\/)\.\.?(\/|$)/) {
		offend("relative path in an include")
		next
	}
	target = path
	if (!sub(/\/.*/, "", target)) {
		if (quoted)
			offend("include without its folder")
		next
	}
	# <sys/mman.h> and the like are not ours
	if (!(target in isroom)) {
		if (quoted)
			offend("include of an unknown folder " target "/")
		next
	}
	if (path ~ /^extract\/reader\// && FILENAME !~ /extract\/reader\// && room != "tests")
		offend("only cdg-extract may include extract/reader/")
	else if (target == "tests")
		offend("only tests may include tests/")
	else if (room != "tools" && !(target in allowed))
		offend(room "/ must not include " target "/")
}

END { exit bad }
' {} +
status=$?
if [ "$status" -ne 0 ] || [ "$bad" -ne 0 ]; then
	echo "check-layers.sh: the lines above break the layers (see the head of this script)" >&2
	exit 1
fi
