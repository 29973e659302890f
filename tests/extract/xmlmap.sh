#!/bin/sh
# xmlmap.sh - mappings for XML that nobody knows: from the command line, from the settings of a
# folder, changed, wrong.
. tests/cli/_common.sh
extract=$build/cdg-extract
idx=$tmp/idx
d=$tmp/d
mkdir -p "$d/own/deep"
xml='<?xml version="1.0"?><rulebook no="7"><name>Rules of wells</name><made>2019-05-17</made><rule><num>§ 1</num><says>Water is free.</says></rule><secret>hidden words</secret></rulebook>'
printf %s "$xml" >"$d/a.xml"
printf %s "$xml" | sed 's/wells/ponds/' >"$d/own/b.xml"
printf %s "$xml" | sed 's/wells/lakes/' >"$d/own/deep/c.xml"
echo 'plain text of nothing' >"$d/t.txt"
cat >"$tmp/map" <<'END'
# what rule books are
[rulebook]
root: rulebook
set: type rulebook
rulebook/name = title
made = date
rulebook/@no = field number
rule = section article
rule/num = label
secret = ignore
END

exits "cdg-extract" 0 "$extract" --xml-map "$tmp/map" "$d/a.xml"
like "title by the mapping" '"title":"Rules of wells"' "$out"
like "field" '"number":"?7"?' "$out"
exits "and without" 0 "$extract" "$d/a.xml"
like "the words are there" 'hidden words' "$out"

field() {
	"$index" -d "$idx" dump --doc "$1" 2>/dev/null | sed -n "s/^ *$2: *//p"
}
exits "the folder without it" 0 "$index" -q -d "$idx" "$d"
matches hidden 3
exits "with it, it is read again" 0 "$index" -q -d "$idx" --xml-map "$tmp/map" "$d"
matches hidden 0
matches "type:rulebook" 3
matches "date:2019-05-17" 3
like "sections of a hit" '"section":\["§ 1' "$("$search" -d "$idx" --format json free)"
out=$("$index" -d "$idx" --xml-map "$tmp/map" "$d" 2>&1)
like "again: nothing to do" 'same files +4' "$out"
sed 's/^secret.*/secret = block/; s/type rulebook/type book/' "$tmp/map" >"$tmp/map2"
exits "a changed mapping" 0 "$index" -q -d "$idx" --xml-map "$tmp/map2" "$d"
matches hidden 3
matches "type:book" 3

# one worker, several mappings; a folder's own goes before that of the command line
sed 's/type rulebook/type own/' "$tmp/map" >"$d/own/rules.map"
echo 'xml-map = rules.map' >"$d/own/.cdgindex.conf"
echo 'xml-map =' >"$d/own/deep/.cdgindex.conf"
exits "a mapping of a folder" 0 "$index" -q -d "$idx" --threads 1 --xml-map "$tmp/map2" "$d"
matches "type:book" 1
matches "type:own" 1
matches "hidden" 2
out=$("$index" -d "$idx" --xml-map "$tmp/map2" "$d" 2>&1)
like "again: nothing to do" 'same files +4' "$out"
echo "# changed" >>"$d/own/rules.map"
out=$("$index" -v -d "$idx" --dry-run --xml-map "$tmp/map2" "$d" 2>&1)
is "a changed file of a folder's mapping" 3 "$(printf '%s\n' "$out" | grep -c '^unchanged .*\(a.xml\|c.xml\|t.txt\)')"
exits "the program takes the same" 0 "$extract" --xml-map "$d/own/rules.map" "$d/own/b.xml"

# mistakes, told before anything is done
printf '[x]\nroot: y\n\nthis is nothing\n' >"$tmp/bad"
exits "a mistake" 2 "$index" -d "$tmp/i2" --xml-map "$tmp/bad" "$d"
like "is told with its line" "bad:4: " "$out"
[ ! -e "$tmp/i2" ] && ok "before anything is done" || not_ok "an index was made"
exits "no such file" 2 "$index" -d "$tmp/i2" --xml-map "$tmp/none" "$d"
like "is told" "none" "$out"
yes "# a comment" | head -c 300000 >"$tmp/toolarge"
exits "a file that is too large" 2 "$index" -d "$tmp/i2" --xml-map "$tmp/toolarge" "$d"
like "is told" "larger than" "$out"
exits "cdg-extract tells it too" 2 "$extract" --xml-map "$tmp/bad" "$d/a.xml"
like "with the line" "bad:4: " "$out"
cp "$tmp/bad" "$d/own/rules.map"
"$index" -q -d "$idx" --xml-map "$tmp/map2" "$d" 2>/dev/null
like "a mistake in a folder's" 'own/.cdgindex.conf: line 1: .*own/rules.map:4: ' "$("$index" -d "$idx" stat --failed 2>&1)"
matches "type:own" 1
rm "$d/own/rules.map"
mkfifo "$d/own/rules.map"
exits "a FIFO as a mapping does not hold anything up" 0 timeout 20 "$index" -q -d "$idx" --xml-map "$tmp/map2" "$d"
like "and is listed" 'rules.map: not a regular file' "$("$index" -d "$idx" stat --failed 2>&1)"

# one that is larger than what a socket takes at once
{
	cat "$tmp/map"
	i=0
	while [ $i -lt 4500 ]; do
		echo "# $i the mappings of a large house are written on many lines"
		i=$((i + 1))
	done
} | head -c 262000 >"$tmp/large"
rm -rf "$idx"
exits "a large mapping" 0 "$index" -q -d "$idx" --xml-map "$tmp/large" "$d/a.xml"
matches "type:rulebook" 1
finish
