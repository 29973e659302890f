#!/bin/sh
# folder.sh - keeping up with a folder: renamed files, copies, what vanished.
. tests/cli/_common.sh
. tests/cli/_folder.sh

fresh() {
	rm -rf "$idx" "$d"
	mkdir "$d"
	for i in 1 2 3 4; do
		printf 'Document %d\n\nalpha text number%d\n' $i $i >"$d/$i.txt"
	done
}

# ---- renamed
fresh
add
mv "$d/1.txt" "$d/new.txt"
mkdir "$d/sub"
mv "$d/2.txt" "$d/sub/2.txt"
add --dry-run
like "a dry run tells of renamed files" 'renamed +2' "$out"
add
like "renamed files are told" 'renamed +2' "$out"
like "and are no deleted ones" 'deleted +0' "$out"
is "a renamed file has one document, with the new path" "3.txt 4.txt new.txt sub/2.txt " "$(ids)"
matches alpha 4
matches 'path:new.txt' 1
mv "$d/new.txt" "$d/1.txt"
add --prune
like "the same with --prune" 'renamed +1' "$out"
is "one document, with --prune" "1.txt 3.txt 4.txt sub/2.txt " "$(ids)"
mv "$d/1.txt" "$d/5.txt"
echo more >>"$d/5.txt"
add
is "renamed and changed is another file" "1.txt 3.txt 4.txt 5.txt sub/2.txt " "$(ids)"
add --prune
is "whose old one is pruned" "3.txt 4.txt 5.txt sub/2.txt " "$(ids)"
mv "$d/3.txt" "$d/x" && mv "$d/4.txt" "$d/3.txt" && mv "$d/x" "$d/4.txt"
touch -d '1 hour ago' "$d/3.txt"
touch -d '2 hours ago' "$d/4.txt"
add
is "two that change places" "3.txt 4.txt 5.txt sub/2.txt " "$(ids)"
like "each has the other's text" 'number4' "$("$index" -d "$idx" dump --doc "$d/3.txt")"
# larger than what is read of it to tell its kind
for i in 1 2 3; do
	seq -f 'the beginning is the same, line %g' 2000 >"$d/big$i.txt"
	echo "end$i" >>"$d/big$i.txt"
done
add
matches end1 1
mv "$d/big1.txt" "$d/big9.txt"
add
like "a large one" 'renamed +1' "$out"
matches 'beginning' 3
matches end1 1
exits "check" 0 "$index" -q -d "$idx" check

# records
fresh
printf '%s\n' '{"text":"rho one"}' '{"id":"r2","text":"rho two"}' >"$d/r.jsonl"
add
mkdir "$d/sub"
mv "$d/r.jsonl" "$d/sub/r.jsonl"
add -v
like "a record file in another folder" 'renamed +1' "$out"
like "is not read again" 'added +0' "$out"
matches rho 2
add --prune
like "and stays" 'deleted +0' "$out"
mv "$d/sub/r.jsonl" "$d/sub/q.jsonl"
add
like "a record file of another name" 'renamed +1' "$out"
matches rho 2
is "its records without an id are called by it" "1.txt 2.txt 3.txt 4.txt q.jsonl:1 r2 " "$(ids)"
cp "$d/sub/q.jsonl" "$d/z.jsonl"
add
matches rho 3

# ---- copies
fresh
mkdir "$d/sub"
cp "$d/1.txt" "$d/sub/1.txt"
cp "$d/1.txt" "$d/z.txt"
cp "$d/2.txt" "$d/sub/2.txt"
: >"$d/empty1.txt"
: >"$d/empty2.txt"
add --threads 2
like "copies are counted" 'duplicates +3' "$out"
is "copies have one document, the first" "1.txt 2.txt 3.txt 4.txt empty1.txt empty2.txt " "$(ids)"
before=$(ls "$idx")
add
like "copies are counted again" 'duplicates +3' "$out"
like "and are not read" 'added +0' "$out"
is "nothing was committed" "$before" "$(ls "$idx")"
add --force
is "and with --force" "1.txt 2.txt 3.txt 4.txt empty1.txt empty2.txt " "$(ids)"
rm "$d/1.txt"
add
is "a copy takes over" "2.txt 3.txt 4.txt empty1.txt empty2.txt sub/1.txt " "$(ids)"
matches number1 1
like "the other is its copy" 'duplicates +2' "$out"
rm "$d/z.txt"
add --prune
like "a copy that is gone is no document" 'deleted +0' "$out"
matches number1 1
echo changed >>"$d/2.txt"
add
matches number2 2
is "a copy of what has changed stands alone" "2.txt 3.txt 4.txt empty1.txt empty2.txt sub/1.txt sub/2.txt " "$(ids)"
cp "$d/3.txt" "$d/2.txt"
add
is "one that becomes a copy loses its document" "3.txt 4.txt empty1.txt empty2.txt sub/1.txt sub/2.txt " "$(ids)"
matches changed 0
add --prune --exclude 3.txt
is "the first is left out: the copy has the document" "2.txt 4.txt empty1.txt empty2.txt sub/1.txt sub/2.txt " "$(ids)"
matches number3 1
for i in 1 2 3; do
	seq -f 'the beginning is the same, line %g' 2000 >"$d/big$i.txt"
	echo "end$((i % 2))" >>"$d/big$i.txt"
done
add
like "large ones with the same beginning" 'added +2' "$out"
matches beginning 2
matches end1 1
exits "check of copies" 0 "$index" -q -d "$idx" check
add --keep-duplicates
matches beginning 3

# ---- lists
fresh
mkdir "$d/sub"
cp "$d/1.txt" "$d/sub/1.txt"
cp "$d/1.txt" "$d/z.txt"
printf 'a\001\002b\003\004\005\006cdefgh' >"$d/bin"
printf '{"text":"x"}\n{nothing}\n' >"$d/broken.jsonl"
name=$(printf 'no\377utf8.bin')
cp "$d/bin" "$d/$name"
mkfifo "$d/pipe"
seq 1000 >"$d/long.txt"
add --max-file-size 1000
exits "stat --duplicates" 0 "$index" -q -d "$idx" stat --duplicates
is "stat --duplicates" "$(printf '%s\n    %s\n    %s' "$d/1.txt" "$d/sub/1.txt" "$d/z.txt")" "$out"
out=$("$index" -d "$idx" stat --duplicates --json 2>&1)
is "stat --duplicates --json" "$d/1.txt $d/sub/1.txt $d/z.txt" \
	"$(printf '%s' "$out" | python3 -c 'import json, sys; [e] = json.load(sys.stdin); print(e["path"], *e["copies"])')"
exits "stat --skipped" 0 "$index" -d "$idx" stat --skipped
like "stat --skipped: another kind" '/bin: a binary file of unknown type' "$out"
like "stat --skipped: a pipe" '/pipe: not a regular file' "$out"
like "stat --skipped: too large" '/long.txt: larger than' "$out"
like "stat --skipped counts" '^cdgindex: 4 files skipped or read in part' "$out"
"$index" -d "$idx" stat --skipped --json >"$tmp/json"
is "stat --skipped --json" 4 "$(python3 -c 'import json, sys; l = json.load(open(sys.argv[1])); print(len([e for e in l if e["path"] and e["reason"]]))' "$tmp/json")"
is "stat --failed --json" "2 True" "$("$index" -d "$idx" stat --failed --json | python3 -c 'import json, sys; [e] = json.load(sys.stdin); print(e["line"], "broken" in e["path"])')"
before=$(ls "$idx")
add --max-file-size 1000
is "the same is skipped: nothing was committed" "$before" "$(ls "$idx")"
rm "$d/bin" "$d/pipe"
add
exits "stat --skipped after more" 0 "$index" -d "$idx" stat --skipped
like "what is not skipped any more is not listed" '^cdgindex: 1 file skipped or read in part' "$out"
exits "check of lists" 0 "$index" -q -d "$idx" check

# ---- a dry run
fresh
add
echo more >>"$d/1.txt"
mv "$d/2.txt" "$d/two.txt"
cp "$d/3.txt" "$d/three.txt"
rm "$d/4.txt"
echo new >"$d/new.txt"
printf 'a\001\002b\003\004\005\006cdefgh' >"$d/bin"
echo '{"text":"x"}' >"$d/r.jsonl"
ln -s nowhere "$d/link"
"$index" -d "$idx" --dry-run --prune "$d" 2>/dev/null | sed "s|$d/||g" >"$tmp/plan"
for line in 'replace    1.txt' 'renamed    two.txt (was 2.txt)' 'duplicate  three.txt (of 3.txt)' 'delete     4.txt' \
	'add        new.txt' 'records    r.jsonl' 'failed     link (cannot read: No such file or directory)'; do
	is "dry run: $line" "$line" "$(grep -Fx "$line" "$tmp/plan")"
done
like "dry run: skipped" '^skipped    bin \(a binary file' "$(cat "$tmp/plan")"
is "dry run: nothing else" 8 "$(sed '/^would/,$d' "$tmp/plan" | wc -l)"
like "dry run with -v" 'unchanged  .*/3.txt' "$("$index" -d "$idx" --dry-run -v "$d" 2>/dev/null)"
matches alpha 4

# ---- vanished
fresh
for i in $(seq 10 30); do echo "gamma $i" >"$d/$i.txt"; done
add
mkdir "$tmp/away"
mv "$d"/[12]*.txt "$tmp/away"
exits "most of the files are gone: --prune refuses" 2 "$index" -d "$idx" --prune "$d"
like "it says how to insist" 'prune=force' "$out"
matches gamma 21
exits "a dry run refuses too" 2 "$index" -d "$idx" --dry-run --prune "$d"
echo delta >"$d/delta.txt"
exits "it refuses, and adds what is new" 2 "$index" -q -d "$idx" --prune "$d"
matches delta 1
add --prune=force
matches gamma 1
exits "--prune=what" 2 "$index" -d "$idx" --prune=what "$d"
rm "$d"/*.txt
exits "an empty folder: --prune refuses" 2 "$index" -d "$idx" --prune "$d"
matches gamma 1
finish
