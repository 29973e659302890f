# _folder.sh - sourced after _common.sh by the tests that index a folder again and again:
# the folder is $d, the index $idx.

idx=$tmp/i
d=$tmp/d

# add OPTIONS...: one run over the folder
add() {
	exits "run: $*" 0 "$index" -d "$idx" "$@" "$d"
}

# The identifiers in the index, below the folder, in one line.
ids() {
	"$index" -d "$idx" dump --ids | sed "s|^$d/||" | sort | tr '\n' ' '
}
