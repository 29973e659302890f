# _common.sh - sourced by the end to end tests: where the programs are, a folder
# of their own, and checks that print "ok ..." or "not ok ...".
#
# Programs come from $CDG_BUILD (build).  Everything a test makes is below $tmp,
# which is removed at its end.

build=${CDG_BUILD:-build}
case $build in
/*) ;;
*) build=$(pwd)/$build ;;
esac
root=$(pwd)
index=$build/cdgindex
search=$build/cdgsearch
tmp=$(mktemp -d "${TMPDIR:-/tmp}/cdg-test.XXXXXX") || exit 2
trap 'chmod -R u+rwx "$tmp" 2>/dev/null; rm -rf "$tmp"' EXIT
trap 'exit 2' INT TERM
unset CDG_INDEX XDG_DATA_HOME
HOME=$tmp/home
export HOME
mkdir -p "$HOME"
bad=0

ok() {
	echo "ok $*"
}

not_ok() {
	echo "not ok $*"
	bad=1
}

skip() {
	echo "SKIP: $*"
}

# is NAME WANTED GOT
is() {
	if [ "$2" = "$3" ]; then
		ok "$1"
	else
		not_ok "$1: wanted '$(printf %.300s "$2")', got '$(printf %.300s "$3")'"
	fi
}

# like NAME PATTERN TEXT (extended regular expression)
like() {
	if printf '%s\n' "$3" | grep -Eq -- "$2"; then
		ok "$1"
	else
		not_ok "$1: '$(printf %.300s "$3")' is not like '$2'"
	fi
}

# exits NAME STATUS COMMAND...: output in $out (both streams), no crash allowed
exits() {
	exits_name=$1
	exits_want=$2
	shift 2
	out=$(timeout -k 5 60 "$@" 2>&1 </dev/null)
	exits_got=$?
	if [ "$exits_got" -eq "$exits_want" ]; then
		ok "$exits_name"
	else
		not_ok "$exits_name: exit $exits_got, wanted $exits_want: $(printf %.400s "$out")"
	fi
}

# count QUERY [OPTIONS]: documents that match, in $idx
count() {
	count_query=$1
	shift
	"$search" -q -d "$idx" --format count "$@" -- "$count_query" 2>/dev/null
}

# matches QUERY N: as many documents match
matches() {
	is "$1 matches $2" "$2" "$(count "$1")"
}

finish() {
	[ "$bad" -eq 0 ]
	exit
}
