# lib.sh - what the entry points of every peer share; sourced, never run.
#
# A peer is a folder with three programs, `build`, `index` and `query` (their
# contract is in README.md).  Each sources this file after setting PEER to its
# own name, and from then on has
#   ROOT  the root of the repository
#   HERE  the peer's folder
#   OUT   where it builds: $CDG_BUILD/peers/PEER ("build" when not set)
# and the functions below.  Every failure is one line on standard error and a
# status: 1 the peer could not be had or broke, 2 the caller asked amiss.

set -eu

HERE=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
ROOT=$(CDPATH='' cd -- "$HERE/../../.." && pwd)
case ${CDG_BUILD:-build} in
/*) OUT=${CDG_BUILD}/peers/$PEER ;;
*) OUT=$ROOT/${CDG_BUILD:-build}/peers/$PEER ;;
esac

say() { echo "$PEER: $*" >&2; }
die() { say "$*"; exit 1; }
misuse() { say "$*"; exit 2; }

# need TOOL WHAT: stop unless the program is there
need() {
	command -v "$1" >/dev/null 2>&1 || die "$1 is missing; $2"
}

# apt_install PACKAGE...: those which are not installed yet
apt_install() {
	absent=
	for p in "$@"; do
		dpkg -s "$p" >/dev/null 2>&1 || absent="$absent $p"
	done
	[ -n "$absent" ] || return 0
	need apt-get "install$absent by hand"
	[ "$(id -u)" = 0 ] || die "not root: install$absent by hand"
	# shellcheck disable=SC2086
	{ apt-get update -qq && apt-get install -y -qq $absent; } >&2 ||
		die "apt-get could not install$absent"
}

# built FILE: stop unless `build` has made it
built() {
	[ -e "$1" ] || die "not built: run bench/peers/$PEER/build (no $1)"
}

# index_args "$@": sets CORPUS, INDEX, THREADS and MEMORY_MB, and makes the
# index's folder, which must not hold anything yet
index_args() {
	CORPUS='' INDEX='' THREADS=1 MEMORY_MB=1024
	while [ $# -gt 0 ]; do
		case $1 in
		--threads) [ $# -gt 1 ] || misuse "--threads wants a number"; THREADS=$2; shift ;;
		--memory-mb) [ $# -gt 1 ] || misuse "--memory-mb wants a number"; MEMORY_MB=$2; shift ;;
		-*) misuse "unknown option $1" ;;
		*)
			if [ -z "$CORPUS" ]; then CORPUS=$1
			elif [ -z "$INDEX" ]; then INDEX=$1
			else misuse "one argument too many: $1"; fi
			;;
		esac
		shift
	done
	[ -n "$INDEX" ] ||
		misuse "usage: index CORPUS.jsonl INDEXDIR [--threads N] [--memory-mb N]"
	for n in "$THREADS" "$MEMORY_MB"; do
		case $n in '' | *[!0-9]* | 0*) misuse "not a number above 0: $n" ;; esac
	done
	[ -r "$CORPUS" ] && [ ! -d "$CORPUS" ] || misuse "cannot read the corpus $CORPUS"
	mkdir -p -- "$INDEX" || die "cannot make the folder $INDEX"
	[ -z "$(ls -A -- "$INDEX")" ] || misuse "$INDEX is not empty"
}

# query_args "$@": sets INDEX
query_args() {
	[ $# = 1 ] || misuse "usage: query INDEXDIR"
	[ -d "$1" ] || misuse "no index at $1"
	INDEX=$1
}
