#!/bin/sh
# run.sh - every figure of docs/performance.md, from nothing: builds the corpus,
# the peers' databases and the indexes in $CDG_BENCH_CACHE (6 GB), measures, and
# writes a Markdown report to standard output.
#
#   CDG_BENCH_CACHE=/var/tmp/cdg-bench bench/run.sh >report.md
#
# From the root of the repository.  Needs what tools/install-deps.sh --dev installs;
# without libsqlite3-dev or libxapian-dev its columns are missing, and it says so.
# About fifteen minutes on two idle cores.
# PASSES (3) passes of each engine take turns, so that a change of load meets all.
set -eu

BUILD=${CDG_BUILD:-build}
CACHE=${CDG_BENCH_CACHE:?set CDG_BENCH_CACHE to a folder with 6 GB to spare}
PASSES=${PASSES:-3}
BIN=$BUILD/bench
export CDG_BUILD="$BUILD" CDG_BENCH_CACHE="$CACHE" CDG_BENCH_BIN="$BIN"

say() { echo "run.sh: $*" >&2; }

build_programs() {
	make -s -k BUILD="$BUILD" all bench-tools || say "goes on without the peers named above"
	[ -x "$BUILD/bench/latency" ] || exit 2
}

prepare() {
	python3 bench/corpus.py || { st=$?; [ $st = 77 ] && exit 0; exit $st; }
	[ -s "$CACHE/queries.tsv" ] || {
		python3 bench/make_queries.py "$CACHE/english.docs" >"$CACHE/queries.part"
		mv "$CACHE/queries.part" "$CACHE/queries.tsv"
	}
	"$BUILD/cdgindex" -q -d "$CACHE/small.cdg" "$CACHE/small.jsonl" || [ $? = 1 ]
	"$BUILD/cdgindex" -q -d "$CACHE/english.cdg" --optimize "$CACHE/english.jsonl" || [ $? = 1 ]
	[ ! -x "$BIN/xapian" ] || [ -e "$CACHE/xapian.db/iamglass" ] ||
		"$BIN/xapian" index "$CACHE/xapian.db" "$CACHE/english.docs" >&2
}

# one_pass OPTION NAME: every engine once
one_pass() {
	q="$CACHE/queries.tsv"
	"$BIN/latency" -j $1 -r 5 -c "$CACHE/count.cdg" "$CACHE/english.cdg" "$q" >>"$CACHE/times.$2"
	[ ! -x "$BIN/xapian" ] ||
		"$BIN/xapian" query -j $1 -r 3 -c "$CACHE/count.xapian" "$CACHE/xapian.db" "$q" >>"$CACHE/times.$2"
	[ ! -x "$BIN/fts5" ] ||
		"$BIN/fts5" query -j $1 -r 1 -c "$CACHE/count.fts5" "$CACHE/fts5.db" "$q" >>"$CACHE/times.$2"
}

queries() {
	rm -f "$CACHE"/times.*
	for pass in $(seq "$PASSES"); do
		say "queries, pass $pass of $PASSES"
		one_pass "" ten
		one_pass -t total
	done
	for what in ten total; do
		echo
		python3 bench/report.py times "$CACHE/times.$what"
	done
}

build_programs
prepare
echo "# Figures of $(date -u +%Y-%m-%d)"
echo
lscpu | sed -n 's/^\(Model name\|CPU(s)\|L2 cache\|L3 cache\): */- \1: /p'
uptime | sed 's/.*load/- load/'
echo
echo "## Indexing: speed"
echo
python3 bench/indexing.py speed
echo
echo "## Indexing: memory"
echo
python3 bench/indexing.py memory
echo
echo "## Index size"
echo
python3 bench/indexing.py size
echo
echo "## Cold process, ms"
echo
echo "| index | runs | median | p99 | most |"
echo "| --- | --- | --- | --- | --- |"
python3 bench/cold.py "$CACHE/english.cdg" "$CACHE/queries.tsv"
python3 bench/cold.py "$CACHE/small.cdg" "$CACHE/queries.tsv"
echo
echo "## Ten results, in process"
queries
echo
echo "## Do the engines find the same?"
echo
set -- "cdg=$CACHE/count.cdg"
[ ! -x "$BIN/xapian" ] || set -- "$@" "Xapian=$CACHE/count.xapian"
[ ! -x "$BIN/fts5" ] || set -- "$@" "FTS5=$CACHE/count.fts5"
python3 bench/report.py counts "$@"
