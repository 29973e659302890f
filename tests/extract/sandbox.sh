#!/bin/sh
# sandbox.sh - what a hostile file can do to an index, through a reader that obeys it
# (hostile.c): nothing but be missing from it.

. tests/cli/_common.sh

idx=$tmp/idx
CDG_EXTRACT=$build/tests/extract/hostile
export CDG_EXTRACT
mkdir "$tmp/in"

# file NAME CONTENT: .eml goes to a worker, whatever is in it
file() {
	printf '%s' "$2" >"$tmp/in/$1.eml"
}

# failed NAME: the reason that the index keeps for it
failed() {
	"$index" -d "$idx" stat --failed 2>/dev/null | grep -F "/$1.eml" | sed 's/^[^:]*: *//'
}

# text NAME: of the document
text() {
	"$index" -d "$idx" dump --format jsonl | grep -F "/$1.eml\"" | sed 's/.*"text":"\(.*\)"}/\1/'
}

deadly="write socket unix fork exec signal group trace unlink"
refused="passwd list proc shared code stat chdir sleep rlimit"
for c in $deadly $refused crash abort leave forever deep memory killed signals problem skipped many endless 'babble 7'; do
	file "${c% *}" "$c"
done
i=0
while [ $i -lt 40 ]; do
	file "good$i" "goodword number$i"
	i=$((i + 1))
done
file archive 'members
alpha
crash
beta
forever
jsonl
problem
csv
skipped
fork
memory
gamma'

rm -f /tmp/cdg-hostile
exits "indexing goes on" 0 "$index" -v --threads 2 --extract-timeout 2 --extract-memory 200M -d "$idx" "$tmp/in"
said=$out
is "nobody was sent a signal" 0 "$exits_got"
matches goodword 40
for c in $deadly; do
	like "$c is stopped" 'tried what it must not \(signal 31\)' "$(failed "$c")"
done
for c in $refused; do
	like "$c is refused" "^$c refused E(PERM|ACCES) *\$" "$(text "$c")"
done
[ ! -e /tmp/cdg-hostile ] && ok "nothing was written" || not_ok "nothing was written"
for c in crash deep; do
	like "$c" 'the reader crashed \(signal 11\)' "$(failed $c)"
done
like "abort" 'the reader crashed \(signal 6\)' "$(failed abort)"
like "leave" 'the reader ended early \(exit 3\)' "$(failed leave)"
like "forever" 'took longer than 2 s' "$(failed forever)"
like "signals that are ignored" 'took longer than 2 s' "$(failed signals)"
like "killed by something else" 'killed twice' "$(failed killed)"
like "problem" 'is no good' "$(failed problem)"
like "skipped is no failure" '^$' "$(failed skipped)"
like "skipped is said" 'skipped.eml: warning: is not for us' "$said"
like "babble" 'answered what it must not' "$(failed babble)"
like "endless documents" 'more than 1000000 documents in one file' "$(failed endless)"
case $build in
*asan*) skip "a sanitizer has its own idea of memory" ;;
*) like "memory" 'needed more memory than 200 MiB' "$(failed memory)" ;;
esac
like "many" 'the reader crashed' "$(failed many)"
matches many 1

# the rest of the archive is read, and what was not is named
for w in alpha beta gamma tableone tabletwo recordone recordthree; do
	matches "$w" 1
done
like "member crash" '^m2: the reader crashed \(signal 11\)' "$(failed archive)"
like "member forever" '^m4: took longer than 2 s' "$(failed archive)"
like "member problem" '^m6: is no good' "$(failed archive)"
like "member fork" '^m9: the reader tried' "$(failed archive)"
like "a record in a member" '^m5:2: ' "$(failed archive)"
is "ids of records" "m5:1" "$("$index" -d "$idx" dump --ids | sed -n 's/.*archive.eml\/\(m5.*\)/\1/p')"

# what changes, while it is read
idx=$tmp/idx2
mkdir "$tmp/change"
head -c 5000000 /dev/zero | tr '\0' x >"$tmp/change/big.eml"
{
	printf 'last\n'
	cat "$tmp/change/big.eml"
} >"$tmp/change/cut.eml"
rm "$tmp/change/big.eml"
printf 'fine words' >"$tmp/change/fine.eml"
"$index" -q -d "$idx" "$tmp/change" 2>"$tmp/err" &
pid=$!
sleep 1
: >"$tmp/change/cut.eml"
wait $pid
is "a file that is cut short while it is mapped" 0 $?
like "it is named" 'cut.eml: changed while it was read' "$(cat "$tmp/err")"
matches fine 1

# files that are none, and names of all kinds; with the real readers
idx=$tmp/idx3
unset CDG_EXTRACT
mkdir "$tmp/odd"
mkfifo "$tmp/odd/fifo.html"
printf '<html><title>T</title><p>oddword one' >"$tmp/odd/$(printf 'n\377me').html"
printf '<html><title>T</title><p>oddword two' >"$tmp/odd/new
line.html"
: >"$tmp/odd/empty.html"
ln -s /dev/zero "$tmp/odd/zero.html"
ln -s gone "$tmp/odd/dangling.html"
printf '<html><p>secret' >"$tmp/odd/locked.html"
chmod 0 "$tmp/odd/locked.html"
(
	cd "$tmp/odd" || exit
	i=0
	part=$(printf 'd%.0s' 1 2 3 4 5 6 7 8 9 0)
	part=$part$part$part$part$part$part$part$part$part$part
	while [ $i -lt 38 ]; do
		mkdir "$part" && cd "$part" || exit
		i=$((i + 1))
	done
	printf '<html><title>T</title><p>oddword' >deep.html
)
exits "odd files" 0 "$index" -d "$idx" "$tmp/odd"
matches oddword 3
exits "a device is refused" 2 "$index" -d "$idx" /dev/zero

# a worker that is killed now and then costs nothing
idx=$tmp/idx4
mkdir "$tmp/many"
i=0
while [ $i -lt 3000 ]; do
	printf '<html><title>Page %d</title><p>manyword number%d' $i $i >"$tmp/many/$i.html"
	i=$((i + 1))
done
"$index" -q --threads 2 -d "$idx" "$tmp/many" 2>"$tmp/err" &
pid=$!
while kill -0 $pid 2>/dev/null; do
	child=$(pgrep -P $pid -x cdg-extract | head -n 1)
	[ -n "$child" ] && kill -9 "$child" 2>/dev/null
	sleep 0.05
done
wait $pid
is "workers killed at random" 0 $?
matches manyword 3000
is "nothing failed" '' "$(cat "$tmp/err")"

# as on a kernel without Landlock: what is refused is the same, and it is told
without=$build/tests/extract/without
idx=$tmp/idx6
mkdir "$tmp/fences"
for c in $deadly $refused good0; do
	cp "$tmp/in/$c.eml" "$tmp/fences/"
done
exits "without Landlock" 0 env CDG_EXTRACT="$build/tests/extract/hostile" "$without" landlock \
	"$index" -v --threads 2 --extract-timeout 5 -d "$idx" "$tmp/fences"
like "it is said" 'the kernel has no Landlock' "$out"
for c in $deadly; do
	like "$c is stopped without Landlock" 'tried what it must not \(signal 31\)' "$(failed "$c")"
done
for c in $refused; do
	like "$c is refused without Landlock" "^$c refused E(PERM|ACCES) *\$" "$(text "$c")"
done
[ ! -e /tmp/cdg-hostile ] && ok "nothing was written without Landlock" || not_ok "nothing was written without Landlock"
matches goodword 1
exits "not without being asked" 0 env CDG_EXTRACT="$build/tests/extract/hostile" "$without" landlock \
	"$index" --force -d "$idx" "$tmp/fences/good0.eml"
like "only with -v" '^0$' "$(printf '%s' "$out" | grep -c Landlock)"
printf '<title>T</title><p>some words' >"$tmp/page.html"
exits "cdg-extract without Landlock" 0 "$without" landlock "$build/cdg-extract" -v --text "$tmp/page.html"
like "it says so too" 'the kernel has no Landlock' "$out"
like "and reads" '^some words' "$out"

# one that takes no filter of system calls: nothing is read, and the reason is told
exits "cdg-extract without seccomp" 2 "$without" seccomp "$build/cdg-extract" "$tmp/page.html"
like "it says why" 'the kernel takes no filter of system calls \(seccomp\)' "$out"
exits "without seccomp" 2 "$without" seccomp "$index" -d "$tmp/idx7" "$tmp/page.html"
like "the indexer says why" 'cannot work here: the kernel takes no filter' "$out"

# without the program
idx=$tmp/idx5
mkdir "$tmp/bin" "$tmp/mixed"
cp "$index" "$tmp/bin/"
printf 'plainword' >"$tmp/mixed/a.txt"
printf '# plainword' >"$tmp/mixed/b.md"
printf '{"text":"plainword"}\n' >"$tmp/mixed/c.jsonl"
printf '<p>plainword' >"$tmp/mixed/d.html"
out=$(CDG_EXTRACT=$tmp/none "$index" -d "$idx" "$tmp/mixed" 2>&1)
is "without cdg-extract" 0 $?
like "the program is named" 'd.html: cannot start .*/none: No such file' "$out"
matches plainword 3

finish
