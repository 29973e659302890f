#!/bin/sh
# settings.sh - what a folder says of the files below it: .cdgignore and
# .cdgindex.conf.
. tests/cli/_common.sh
. tests/cli/_folder.sh

# files NAME...: below $d, each with a text of its own
files() {
	rm -rf "$idx" "$d"
	for f in "$@"; do
		mkdir -p "$d/$(dirname "$f")"
		echo "alpha in $f" >"$d/$f"
	done
}

# ---- .cdgignore
files a.txt b.txt build/c.txt sub/build/d.txt sub/e.md sub/keep.md doc/x/y/f.txt doc/g.txt x/doc/h.txt \
	'odd #name' '!bang' 'trail ' nested/a.txt nested/deep/b.txt 'q[1].txt' qa.txt q1.txt é.txt ab.txt
cat >"$d/.cdgignore" <<'END'
# a comment, and a blank line

b.txt
build/
*.md
!keep.md
/doc/**/f.txt
\!bang
odd #name
trail\ 
q[0-9].txt
?.TXT
END
printf '\303\251?txt\r\n' >>"$d/.cdgignore"
printf '!b.txt\n/a.txt\n' >"$d/nested/.cdgignore"
add
is ".cdgignore" "a.txt ab.txt doc/g.txt nested/deep/b.txt q[1].txt qa.txt sub/keep.md x/doc/h.txt " "$(ids)"
echo 'doc' >>"$d/.cdgignore"
add
is "what is ignored now stays without --prune" "a.txt ab.txt doc/g.txt nested/deep/b.txt q[1].txt qa.txt sub/keep.md x/doc/h.txt " "$(ids)"
add --prune
is "and goes with it" "a.txt ab.txt nested/deep/b.txt q[1].txt qa.txt sub/keep.md " "$(ids)"
exits "a file that is named is taken" 0 "$index" -q -d "$idx" "$d/b.txt"
add --prune --hidden
is "the files themselves are never indexed" "a.txt ab.txt nested/deep/b.txt q[1].txt qa.txt sub/keep.md " "$(ids)"
rm "$d/.cdgignore"
mkfifo "$d/.cdgignore"
exits "a .cdgignore that is none" 2 "$index" -d "$idx" "$d"
like "the folder is not entered" 'not entered, since its .cdgignore' "$out"
rm "$d/.cdgignore"

# options, as those who know .gitignore write them
files a.txt b/c.txt b/d/c.txt e/b/x.txt f/c.txt
add --exclude b/
is "--exclude b/" "a.txt f/c.txt " "$(ids)"
rm -rf "$idx"
add --exclude /b
is "--exclude /b" "a.txt e/b/x.txt f/c.txt " "$(ids)"
rm -rf "$idx"
add --exclude '**/c.txt'
is "--exclude **/c.txt" "a.txt e/b/x.txt " "$(ids)"
rm -rf "$idx"
add --include '/*/c.txt'
is "--include /*/c.txt" "b/c.txt f/c.txt " "$(ids)"

# patterns that take for ever elsewhere
files a.txt
long=$(printf 'a%.0s' $(seq 200))
echo x >"$d/$long.txt"
printf '%s\n' '*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b' '**/a/**/a/**/a/**/a/**/a/**/b' '[' '[!' '[]' '\' '!' '/' '[[:alpha:' '**' >"$d/.cdgignore"
sed -i '$d' "$d/.cdgignore"
add
is "patterns for ever" "a.txt $long.txt " "$(ids)"
echo '**' >>"$d/.cdgignore"
add --prune=force
is "everything ignored" "" "$(ids)"

# ---- .cdgindex.conf
field() {
	"$index" -d "$idx" dump --doc "$d/$1" | sed -n "s/^$2: //p"
}
files '2019-05-17_law.txt' 'de/2018 plan.txt' de/own.md de/sub/x.txt en/y.txt
printf -- '---\ntype: decree\nlang: fr\ncreator: Anna\ndc.date: 2001-02-03\nnumber: 7\n---\n# Own\n\nalpha text\n' >"$d/de/own.md"
cat >"$d/.cdgindex.conf" <<'END'
# of all below
language = en
type = law
date = %Y-%m-%d_*
url = https://host.example/docs
END
cat >"$d/de/.cdgindex.conf" <<'END'
language = de
jurisdiction = DE
date = %Y*
[fields]
tag = one
tag = two words
[rename]
creator = author
dc.date = date
END
printf 'language =\n[fields]\ntag =\n' >"$d/de/sub/.cdgindex.conf"
add
is "date from a name" 2019-05-17 "$(field 2019-05-17_law.txt date)"
is "type" law "$(field 2019-05-17_law.txt type)"
is "language" en "$(field 2019-05-17_law.txt lang)"
is "address" https://host.example/docs/2019-05-17_law.txt "$(field 2019-05-17_law.txt url)"
is "address, with a blank" https://host.example/docs/de/2018%20plan.txt "$(field 'de/2018 plan.txt' url)"
is "the nearer wins: language" de "$(field 'de/2018 plan.txt' lang)"
is "the nearer wins: date" 2018 "$(field 'de/2018 plan.txt' date)"
is "inherited: type" law "$(field 'de/2018 plan.txt' type)"
matches 'jurisdiction:DE' 3
matches 'tag:"two words"' 2
is "the document wins: type" decree "$(field de/own.md type)"
is "the document wins: language" fr "$(field de/own.md lang)"
is "a renamed field" Anna "$(field de/own.md author)"
is "the old name is gone" '' "$(field de/own.md creator)"
is "renamed to a date" 2001-02-03 "$(field de/own.md date)"
is "taken back" '' "$(field de/sub/x.txt tag)"
before=$(ls "$idx")
add
is "nothing has changed: nothing is committed" "$before" "$(ls "$idx")"
sed -i 's/type = law/type = statute/' "$d/.cdgindex.conf"
add
like "changed settings: all below are read again" 'replaced +4' "$out"
matches 'type:statute' 4
printf 'language = de\nlangauge = de\n' >"$d/en/.cdgindex.conf"
echo more >"$d/en/new.txt"
add
like "a mistake has a line and a remedy" "en/.cdgindex.conf: line 2: there is no setting 'langauge': known are" "$out"
like "what is known stays as it is" 'replaced +0' "$out"
matches 'path:new.txt' 1
is "new files have the settings of the folder above" statute "$(field en/new.txt type)"
like "it is listed" 'en/.cdgindex.conf: line 2' "$("$index" -q -d "$idx" stat --failed)"
printf 'language = de\n' >"$d/en/.cdgindex.conf"
add
is "it is mended" de "$(field en/y.txt lang)"
is "and not listed any more" '' "$("$index" -q -d "$idx" stat --failed)"
for wrong in 'language' '= x' '[other]' 'date = %Q' 'date = %m-%d' 'date = %Y %d' 'url = host/x' 'language = d e' '[rename]
a = b
a = c'; do
	printf '%s\n' "$wrong" >"$d/en/.cdgindex.conf"
	exits "a mistake: $wrong" 0 "$index" -d "$idx" "$d"
	like "it is told: $wrong" 'en/.cdgindex.conf: line [0-9]+: ' "$out"
done
printf 'type = \303(\n' >"$d/en/.cdgindex.conf"
add
like "settings that are no UTF-8" 'en/.cdgindex.conf: it is not valid UTF-8' "$out"
rm "$d/en/.cdgindex.conf"
mkfifo "$d/en/.cdgindex.conf"
exits "settings that are a pipe" 0 "$index" -d "$idx" "$d"
like "settings that are a pipe are named" 'en/.cdgindex.conf: not a regular file' "$out"
exits "a file of that folder, named" 2 "$index" -d "$idx" --force "$d/en/y.txt"
rm "$d/en/.cdgindex.conf"
add --prune
exits "check" 0 "$index" -q -d "$idx" check

# records
printf '{"id":"r1","text":"beta"}\n{"id":"r2","text":"beta","type":"act","url":"u"}\n' >"$d/de/2017.jsonl"
add
is "records have them too" statute "$("$index" -d "$idx" dump --doc r1 | sed -n 's/^type: //p')"
is "where they have none" act "$("$index" -d "$idx" dump --doc r2 | sed -n 's/^type: //p')"
is "the year is that of the file" 2017 "$("$index" -d "$idx" dump --doc r1 | sed -n 's/^date: //p')"
is "but no address" '' "$("$index" -d "$idx" dump --doc r1 | sed -n 's/^url: //p')"
exits "a file by its name" 0 "$index" -q -d "$tmp/j" "$d/2019-05-17_law.txt"
idx=$tmp/j
is "has the settings of its folder" statute "$(field 2019-05-17_law.txt type)"
finish
