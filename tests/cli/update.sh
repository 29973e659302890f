#!/bin/sh
# update.sh - adding, replacing, deleting, pruning, leaving alone, and the
# commands that look after an index.
. tests/cli/_common.sh
idx=$tmp/i
mkdir "$tmp/d"
for i in 1 2 3; do
	printf 'Document %d\n\nalpha text number%d\n' $i $i >"$tmp/d/$i.txt"
done
exits "first run" 0 "$index" -d "$idx" "$tmp/d"
matches alpha 3
exits "second run" 0 "$index" -d "$idx" "$tmp/d"
like "nothing is added again" 'added +0' "$out"
printf 'Document 2\n\nbeta text, longer than before\n' >"$tmp/d/2.txt"
exits "dry run with a changed file" 0 "$index" -d "$idx" --dry-run "$tmp/d"
like "it would be replaced" 'replaced +1' "$out"
like "and nothing added" 'added +0' "$out"
exits "a changed file" 0 "$index" -d "$idx" "$tmp/d"
like "is replaced" 'replaced +1' "$out"
matches alpha 2
matches beta 1
rm "$tmp/d/3.txt"
exits "a vanished file" 0 "$index" -d "$idx" "$tmp/d"
matches alpha 2
exits "dry run" 0 "$index" -d "$idx" --dry-run "$tmp/d"
exits "dry run with --prune" 0 "$index" -d "$idx" --dry-run --prune "$tmp/d"
like "dry run with --prune tells" 'deleted +1' "$out"
matches alpha 2
exits "--prune" 0 "$index" -d "$idx" --prune "$tmp/d"
like "--prune deletes" 'deleted +1' "$out"
matches alpha 1
out=$("$index" -d "$idx" --prune "$tmp/d" "$tmp/gone" 2>&1)
is "--prune with a path that is not there" 2 $?
like "it says what to do" 'delete -' "$out"
matches alpha 1

# however the folder is written
cd "$tmp" || exit 2
for way in . ./ .//d d// ./d/. ././d/../d; do
	rm -rf "$tmp/way"
	echo zeta >"$tmp/d/zeta.txt"
	exits "index $way" 0 "$index" -q -d way --include '*.txt' "$way"
	rm "$tmp/d/zeta.txt"
	exits "--prune $way" 0 "$index" -d way --include '*.txt' --prune "$way"
	like "--prune $way deletes" 'deleted +1' "$out"
done
cd "$root" || exit 2

# deleted, but the file stays
exits "delete a document whose file stays" 0 "$index" -d "$idx" delete "$tmp/d/1.txt"
like "delete: one is one" '^1 document deleted$' "$out"
like "delete: the file is still there" 'note: the file .*1.txt is still there.*--force' "$out"
exits "the file as it was" 0 "$index" -d "$idx" "$tmp/d"
matches alpha 0
exits "--force brings it back" 0 "$index" -d "$idx" --force "$tmp/d"
like "unchanged files are counted by --force" 'replaced +1' "$out"
matches alpha 1
touch "$tmp/d/1.txt"
exits "a touched file" 0 "$index" -d "$idx" "$tmp/d"
like "a touched file is the same" 'same files +2' "$out"
printf 'Document 1\n\nalphe text number1\n' >"$tmp/d/new"
touch -r "$tmp/d/1.txt" "$tmp/d/new"
mv "$tmp/d/new" "$tmp/d/1.txt"
exits "the same size and time" 0 "$index" -d "$idx" "$tmp/d"
matches alphe 0
exits "--checksum" 0 "$index" -d "$idx" --checksum "$tmp/d"
like "--checksum sees it" 'replaced +1' "$out"
matches alphe 1
printf 'Document 1\n\nalpha text number1\n' >"$tmp/d/1.txt"
exits "--force" 0 "$index" -d "$idx" --force "$tmp/d"
matches alpha 1

printf '%s\n' '{"id":"x","text":"gamma one"}' '{"id":"y","text":"gamma two"}' '{"id":"x","text":"delta"}' |
	"$index" -q -d "$idx" --jsonl -
is "records from a pipe" 0 $?
matches gamma 1
matches delta 1
exits "delete" 0 "$index" -d "$idx" delete y
matches gamma 0
exits "delete what is not there" 1 "$index" -d "$idx" delete y
printf 'x\nnone\n' | "$index" -q -d "$idx" delete - 2>/dev/null
is "delete from standard input" 0 $?
matches delta 0
exits "delete in no index" 2 "$index" -d "$tmp/none" delete y
[ -e "$tmp/none" ] && not_ok "delete made an index" || ok "delete makes no index"

exits "check" 0 "$index" -d "$idx" check
like "check says sound" 'is sound' "$out"
like "check covers the list of sources" 'sources-[0-9]+: [0-9]+ sources, 0 failures: sound' "$out"
cp -r "$idx" "$tmp/broken"
printf 'X' | dd of="$(echo "$tmp"/broken/sources-*)" bs=1 seek=80 conv=notrunc 2>/dev/null
exits "check of a damaged list of sources" 2 "$index" -d "$tmp/broken" check
like "check names the file and the offset" 'sources-[0-9]+.*byte [0-9]+|sources-[0-9]+.*offset [0-9]+' "$out"
exits "stat" 0 "$index" -d "$idx" stat
like "stat counts" '^documents +2$' "$out"
exits "stat --json" 0 "$index" -d "$idx" stat --json
printf '%s' "$out" | python3 -c 'import json, sys; r = json.load(sys.stdin); sys.exit(r["documents"] != 2 or sum(r["parts"].values()) != r["bytes"])'
is "stat --json is JSON, and its parts add up" 0 $?
exits "merge" 0 "$index" -q -d "$idx" merge
is "merge: one segment" 1 "$("$index" -d "$idx" stat --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["segments"])')"
matches alpha 1
exits "check after merge" 0 "$index" -q -d "$idx" check
exits "dump --terms" 0 "$index" -d "$idx" dump --terms alp
is "dump --terms alp" "$(printf 'alpha\t1\t1')" "$out"
exits "dump --terms=" 0 "$index" -d "$idx" dump --terms=bet
exits "dump --terms of nothing" 1 "$index" -d "$idx" dump --terms zzz
exits "dump --term" 0 "$index" -d "$idx" dump --term alpha
like "dump --term has positions" 'tf 1.*at [0-9]+' "$out"
exits "dump --ids" 0 "$index" -d "$idx" dump --ids
is "dump --ids: two lines" 2 "$(printf '%s\n' "$out" | wc -l | tr -d ' ')"
exits "dump --doc" 0 "$index" -d "$idx" dump --doc "$tmp/d/1.txt"
like "dump --doc has the text" 'alpha text number1' "$out"
exits "dump --doc of nothing" 1 "$index" -d "$idx" dump --doc nothing
exits "dump without what" 2 "$index" -d "$idx" dump
exits "snapshot" 0 "$index" -d "$idx" snapshot "$tmp/copy"
exits "delete in the original" 0 "$index" -d "$idx" delete "$tmp/d/1.txt"
matches alpha 0
idx=$tmp/copy
matches alpha 1
exits "check of the copy" 0 "$index" -q -d "$idx" check
exits "snapshot into a folder in use" 2 "$index" -d "$idx" snapshot "$tmp/d"

# a path that is named like a command
mkdir "$tmp/w" && echo 'epsilon' >"$tmp/w/check"
out=$(cd "$tmp/w" && "$index" -q -d "$tmp/i2" -- check 2>&1)
is "a path named check" 0 $?
idx=$tmp/i2
matches epsilon 1

# only one writer
exits "--no-store" 0 "$index" -q -d "$tmp/ns" --no-store "$tmp/w/check"
exits "--no-store is searched" 0 "$search" -d "$tmp/ns" epsilon
exits "--lang none" 0 "$index" -q -d "$tmp/nl" --lang none "$tmp/d"
idx=$tmp/nl
matches numbers1 0
finish
