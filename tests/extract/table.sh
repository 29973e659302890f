#!/bin/sh
# table.sh - CSV that is no record file is a table; text without an ending is text.
. tests/cli/_common.sh

mkdir "$tmp/d"
printf 'name,amount\n"Water, clean",12\nFire,7\n' >"$tmp/d/t.csv"
printf 'id,text\nr1,a record of water\nr2,one of air\n' >"$tmp/d/r.csv"
printf 'name;country' >"$tmp/d/header.csv"
printf 'Preamble\n\nWe the people.\n' >"$tmp/d/constitution"
printf 'int main(void) { return 0; }\n' >"$tmp/d/code.c"
: >"$tmp/d/nothing.docx"
idx=$tmp/i
exits "a folder of them" 0 "$index" -d "$idx" -v "$tmp/d"
like "a document without a byte is told as that" 'nothing.docx: warning: an empty file' "$out"
like "code is not text for us" 'code.c: warning: text of a type that is not known by its name' "$out"
matches water 2
matches amount 1
matches country 1
matches people 1
matches main 0
exits "a table's cells are apart" 0 "$search" -d "$idx" --format json 'clean 12'
like "by a tab" 'Water, clean.t12' "$(printf '%s' "$out" | sed 's,<[^>]*>,,g')"
exits "records on request" 2 "$index" -d "$tmp/j" --csv "$tmp/d/t.csv"
like "and it is said why that cannot be" 'no column is called text' "$out"
(cd "$tmp/d" && python3 -c 'import zipfile; z = zipfile.ZipFile("../z.zip", "w")
for f in ("t.csv", "r.csv", "constitution", "code.c"): z.write(f)')
exits "the same in an archive" 0 "$index" -d "$tmp/z" -v "$tmp/z.zip"
idx=$tmp/z
matches water 2
matches people 1
matches main 0
finish
