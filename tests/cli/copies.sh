#!/bin/sh
# copies.sh - a hit tells where else its document is; and what an index does that has no copies,
# many, or a damaged list of them.
. tests/cli/_common.sh
idx=$tmp/idx
d=$tmp/d
mkdir -p "$d/a" "$d/b"
echo 'a text of wells and ponds' >"$d/a/one.txt"
echo 'another text of wells' >"$d/a/two.txt"
cd "$d" || exit 2
exits "no copies" 0 "$index" -q -d "$idx" .
is "nothing is told" 0 "$("$search" -d "$idx" --format json wells | grep -c copies)"
is "nor in text" 0 "$("$search" -d "$idx" wells | grep -c 'also at')"
cp a/one.txt "b/öne \"copy\".txt"
cp a/one.txt b/zwei.txt
exits "two copies" 0 "$index" -q -d "$idx" .
matches wells 2
out=$("$search" -d "$idx" --format jsonl ponds)
like "in JSON" '"copies":\["b/zwei.txt","b/öne \\"copy\\".txt"\]' "$out"
like "in text" 'also at: b/zwei.txt, b/öne "copy".txt$' "$("$search" -d "$idx" ponds)"
is "the other hit has none" 1 "$("$search" -d "$idx" --format jsonl wells | grep -c copies)"
exits "it is sound" 0 "$index" -q -d "$idx" check
exits "a copy of it" 0 "$index" -q -d "$idx" snapshot "$tmp/snap"
like "tells them too" '"copies":\["b/zwei' "$("$search" -d "$tmp/snap" --format jsonl ponds)"
exits "merged" 0 "$index" -q -d "$idx" merge
like "tells them still" '"copies":\["b/zwei' "$("$search" -d "$idx" --format jsonl ponds)"

# the one with the document goes: another has it, and tells the rest
rm a/one.txt
exits "the first is gone" 0 "$index" -q -d "$idx" --prune .
matches ponds 1
like "another has the document" '"copies":\["b/' "$("$search" -d "$idx" --format jsonl ponds)"
rm "b/öne \"copy\".txt"
exits "and one more" 0 "$index" -q -d "$idx" --prune .
is "then nothing is told" 0 "$("$search" -d "$idx" --format json ponds | grep -c copies)"
matches ponds 1

# an archive that is there twice, and many copies of a file
mkdir z
if command -v python3 >/dev/null; then
	python3 -c 'import zipfile; zipfile.ZipFile("z/one.zip", "w").writestr("in.txt", "text of an archive\n")'
	cp z/one.zip z/two.zip
	exits "an archive twice" 0 "$index" -q -d "$idx" .
	like "its members are there twice" '"id":"z/one.zip/in.txt".*"copies":\["z/two.zip"\]' "$("$search" -d "$idx" --format jsonl archive)"
else
	skip "no python3 to make an archive"
fi
i=0
while [ $i -lt 300 ]; do
	cp a/two.txt "b/copy-$i-$(printf %0100d 0).txt"
	i=$((i + 1))
done
exits "many copies" 0 "$index" -q -d "$idx" .
matches wells 2
like "are counted in text" 'also at: b/copy-.*, and 297 more$' "$("$search" -d "$idx" another)"
is "all are in JSON" 300 "$("$search" -d "$idx" --format jsonl another | grep -o 'b/copy-' | wc -l)"

# damage in the list is no reason to find nothing
for f in "$idx"/sources-*; do
	size=$(wc -c <"$f")
	printf 'XXXX' | dd of="$f" bs=1 seek=$((size / 2)) conv=notrunc 2>/dev/null
done
matches wells 2
rm "$idx"/sources-*
is "nor is a list that is gone" 2 "$("$search" -d "$idx" --format jsonl wells | wc -l)"
finish
