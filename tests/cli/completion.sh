#!/bin/sh
# completion.sh - the options that --help names are those of the manual and of the
# completions of bash, zsh and fish.
. tests/cli/_common.sh

# The long options that a text names, one a line.
options() {
	grep -oE -e '--[a-z][a-z0-9-]+' | sort -u
}
# absent FILE1 FILE2: lines of the first that the second lacks, in one line
absent() {
	comm -23 "$1" "$2" | tr '\n' ' ' | sed 's/ $//'
}

# agree NAME: $tmp/help names the options that $tmp/man, bash, zsh and fish name
agree() {
	for where in man bash zsh fish; do
		is "$1: all in $where" '' "$(absent "$tmp/help" "$tmp/$where")"
		is "$1: nothing else in $where" '' "$(absent "$tmp/$where" "$tmp/help")"
	done
}
# manual FILE: its options; mdoc writes --index as Fl -index, and in a sentence \-\-index
manual() {
	sed 's/Fl -/Fl --/g; s/\\-/-/g' "$@" | options
}
fish_options() {
	grep -oE -e "-l [a-z][a-z0-9-]+" | sed "s/-l /--/" | sort -u
}

for p in cdgindex cdgsearch cdg-extract cdgsearchd; do
	"$build/$p" --help | options >"$tmp/help"
	like "$p --help names options" '^--version$' "$(cat "$tmp/help")"
	manual "docs/man/$p.1" >"$tmp/man"
	grep -v "^[[:space:]]*#" "completion/bash/$p" | options >"$tmp/bash"
	options <"completion/zsh/_$p" >"$tmp/zsh"
	grep "^complete -c $p " "completion/fish/$p.fish" | fish_options >"$tmp/fish"
	agree "$p"
	while read -r o; do
		"$build/$p" "$o" >/dev/null 2>"$tmp/err" </dev/null
		grep -q 'unknown\|no option' "$tmp/err" && not_ok "$p has no $o: $(cat "$tmp/err")"
	done <"$tmp/help"
	ok "$p takes each of them"
done

# cdgbench has options for each command
for c in $("$build/cdgbench" --help | sed -n 's/^  \([a-z]*\)  .*/\1/p'); do
	"$build/cdgbench" "$c" --help >"$tmp/own"
	cp "$tmp/own" "$tmp/said"
	[ "$c" != scale ] || "$build/cdgbench" scale --peers x --help >>"$tmp/said"
	(cat "$tmp/said" && echo --help) | options >"$tmp/help"
	awk -v c=".Ss $c" '/^\.S[sh] /{ on = $0 == c } on' docs/man/cdgbench.1 >"$tmp/section"
	(cat "$tmp/section" && echo --help) | manual >"$tmp/man"
	like "cdgbench $c has a manual" '^--[a-gi-z]' "$(cat "$tmp/man")"
	(sed -n "/^	$c)\$/,/;;/p" completion/bash/cdgbench && echo --help) | options >"$tmp/bash"
	sed -n "/^	$c)\$/,/;;/p" completion/zsh/_cdgbench | options >"$tmp/zsh"
	(grep "from $c'" completion/fish/cdgbench.fish && echo '-l help') | fish_options >"$tmp/fish"
	agree "cdgbench $c"
	grep -q '^  -h, --help' "$tmp/own" && continue # argparse makes its help of what it takes
	while read -r o; do
		grep -qe "$o\b" "$tmp/own" || continue # the same, of scale --peers
		"$build/cdgbench" "$c" "$o" 1 --no-such-option >/dev/null 2>"$tmp/err" </dev/null
		grep -q "no option $o" "$tmp/err" && not_ok "cdgbench $c has no $o: $(cat "$tmp/err")"
	done <"$tmp/help"
	ok "cdgbench $c takes each of them"
done

for sh in bash zsh fish; do
	if command -v $sh >/dev/null; then
		for f in completion/$sh/*; do
			exits "$f is well formed" 0 $sh -n "$f"
		done
	else
		skip "there is no $sh to read its completions"
	fi
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
	is "bash: an option of cdgbench" '--replace' "$(complete cdgbench index --rep)"
	is "bash: a value" 'jsonl json' "$(complete cdgsearch --format js | tr ' ' '\n' | sort -r | tr '\n' ' ' | sed 's/ $//')"
else
	skip "there is no bash to complete with"
fi
finish
