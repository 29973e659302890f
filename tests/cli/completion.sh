#!/bin/sh
# completion.sh - every option that --help names is in the manual and in the
# completions of bash, zsh and fish, and these know no other.
. tests/cli/_common.sh

# The long options that a text names, one a line.
options() {
	grep -oE -e '--[a-z][a-z0-9-]+' | sort -u
}
# absent FILE1 FILE2: lines of the first that the second lacks, in one line
absent() {
	comm -23 "$1" "$2" | tr '\n' ' ' | sed 's/ $//'
}

for p in cdgindex cdgsearch cdg-extract cdgsearchd; do
	"$build/$p" --help | options >"$tmp/help"
	like "$p --help names options" '^--version$' "$(cat "$tmp/help")"
	# mdoc writes --index as Fl -index
	sed 's/Fl -/Fl --/g' "docs/man/$p.1" | options >"$tmp/man"
	is "$p: all in the manual" '' "$(absent "$tmp/help" "$tmp/man")"
	grep -v "^[[:space:]]*#" "completion/bash/$p" | options >"$tmp/bash"
	is "$p: all in bash's completion" '' "$(absent "$tmp/help" "$tmp/bash")"
	is "$p: nothing else in bash's" '' "$(absent "$tmp/bash" "$tmp/help")"
	options <"completion/zsh/_$p" >"$tmp/zsh"
	is "$p: all in zsh's completion" '' "$(absent "$tmp/help" "$tmp/zsh")"
	is "$p: nothing else in zsh's" '' "$(absent "$tmp/zsh" "$tmp/help")"
	grep "^complete -c $p " "completion/fish/$p.fish" | grep -oE -e "-l [a-z][a-z0-9-]+" | sed "s/-l /--/" | sort -u >"$tmp/fish"
	is "$p: all in fish's completion" '' "$(absent "$tmp/help" "$tmp/fish")"
	is "$p: nothing else in fish's" '' "$(absent "$tmp/fish" "$tmp/help")"
	while read -r o; do
		"$build/$p" "$o" >/dev/null 2>"$tmp/err" </dev/null
		grep -q 'unknown\|no option' "$tmp/err" && not_ok "$p has no $o: $(cat "$tmp/err")"
	done <"$tmp/help"
	ok "$p takes each of them"
done

if command -v bash >/dev/null; then
	# complete WORD...: what bash offers for the last word
	complete() {
		bash -c '. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _'"$1"'; printf "%s\n" "${COMPREPLY[@]}"' \
			bash "completion/bash/$1" "$@" 2>/dev/null | tr '\n' ' ' | sed 's/ $//'
	}
	is "bash: an option" '--retry-failed' "$(complete cdgindex --retr)"
	is "bash: a command" 'snapshot' "$(complete cdgindex -d x snap)"
	is "bash: an option of a command" '--failed' "$(complete cdgindex -d x stat --fa)"
	is "bash: a value" 'jsonl json' "$(complete cdgsearch --format js | tr ' ' '\n' | sort -r | tr '\n' ' ' | sed 's/ $//')"
else
	skip "there is no bash to complete with"
fi
finish
