#!/bin/sh
# badinput.sh - documents, folders and indexes as they should not be: nothing
# crashes, nothing hangs, and what is not read is said.
. tests/cli/_common.sh

# run NAME STATUS ARGS...: cdgindex into a fresh index, then check it
run() {
	run_name=$1
	run_want=$2
	shift 2
	idx=$tmp/i.$(printf '%s' "$run_name" | tr -c 'a-z0-9\n' _)
	exits "$run_name" "$run_want" "$index" -d "$idx" "$@"
	said=$out
	[ "$run_want" -eq 0 ] && exits "$run_name: check" 0 "$index" -q -d "$idx" check
}

# ---- corpora ------------------------------------------------------------
mkdir "$tmp/empty"
run "an empty folder" 0 "$tmp/empty"
exits "searching an empty index" 1 "$search" -d "$idx" water
exits "everything in an empty index" 1 "$search" -d "$idx" '*'
: >"$tmp/e.txt"
run "an empty file" 0 "$tmp/e.txt"
: >"$tmp/e.jsonl"
run "an empty record file" 0 "$tmp/e.jsonl"
: >"$tmp/e.csv"
run "an empty CSV file" 0 "$tmp/e.csv"
printf '\r\n\n' >"$tmp/n.csv"
run "a CSV file of line ends" 0 --csv "$tmp/n.csv" "$tmp/e.csv"
printf '%s\n' '{"id":"a","text":""}' '{"id":"b","text":"","title":""}' '{"id":"c","text":"water"}' >"$tmp/d.jsonl"
run "empty documents" 0 "$tmp/d.jsonl"
matches water 1
printf '%s\n' '{"id":"a","text":"first"}' '{"id":"a","text":"second"}' '{"id":"a","text":"third"}' >"$tmp/d.jsonl"
run "the same id" 0 "$tmp/d.jsonl"
matches first 0
matches third 1

# ---- bytes ----------------------------------------------------------------
printf 'water\0fire\0\0air' >"$tmp/nul.txt"
run "NUL bytes" 0 "$tmp/nul.txt"
printf '{"id":"n","text":"water\\u0000fire"}\n' >"$tmp/nul.jsonl"
run "an escaped NUL" 0 "$tmp/nul.jsonl"
matches fire 1
exits "its snippet" 0 "$search" -d "$idx" --format json fire
printf '%s' "$out" | python3 -c 'import json, sys; json.load(sys.stdin)' && ok "its JSON" || not_ok "its JSON"
printf '\357\273\277water with a mark\n' >"$tmp/bom.txt"
run "a byte order mark" 0 "$tmp/bom.txt"
matches water 1
printf 'Wasser und Vögel' | iconv -f UTF-8 -t UTF-16 >"$tmp/u16.txt"
run "UTF-16" 0 "$tmp/u16.txt"
matches Wasser 1
matches Vögel 1
printf 'water \377\376\300 fire \355\240\200 air\n' >"$tmp/bad.txt"
run "invalid UTF-8" 0 "$tmp/bad.txt"
matches water 1
matches air 1
"$search" -d "$idx" --format json air | iconv -f UTF-8 -t UTF-8 >/dev/null && ok "valid UTF-8 comes out" || not_ok "valid UTF-8 comes out"
head -c 200000 /dev/urandom >"$tmp/random.txt"
run "random bytes as text" 0 "$tmp/random.txt" "$tmp/bom.txt"

# ---- records ----------------------------------------------------------------
{
	printf '%s\n' '{"id":"ok1","text":"water"}' '{"id":"b1","text":"wat' '[]' 'null' '{"text":"x"} trailing' '}{' \
		'{"id":"b2"}' '{"id":3,"text":"number as id"}' '{"id":"b3","text":5}' '{"id":"b4","text":["water"]}' \
		'{"id":"b5","text":"dup","text":"water again"}' '{"id":"b6","date":"yesterday","text":"x"}' \
		'{"id":"b7","text":"x","n":1e999}' '{"id":"b8","text":"\ud800 lone"}' '{"id":"","text":"no id"}' ''
	printf '{"id":"deep","text":"x","f":'
	python3 -c 'print("[" * 100000 + "]" * 100000 + "}")'
	printf '%s\n' '{"id":"ok2","text":"water"}'
} >"$tmp/broken.jsonl"
run "broken records" 0 "$tmp/broken.jsonl"
like "broken records are counted" '[0-9]+ inputs could not be read, all others are in' "$said"
exits "broken records: again" 0 "$index" -d "$idx" "$tmp/broken.jsonl"
like "broken records: again, they are not read, which is said" '1 file of which something failed before' "$out"
exits "broken records: again, quietly" 0 "$index" -q -d "$idx" "$tmp/broken.jsonl"
is "broken records: nothing to say" '' "$out"
exits "broken records: again, --strict" 2 "$index" -q -d "$idx" --strict "$tmp/broken.jsonl"
exits "broken records: --retry-failed" 0 "$index" -d "$idx" --retry-failed "$tmp/broken.jsonl"
like "broken records: the line is named anew" 'broken.jsonl:2: ' "$out"
like "broken records: no other is replaced" 'replaced +0$' "$out"
like "broken records: the line is named" 'broken.jsonl:2: ' "$said"
exits "broken records: good ones are there" 0 "$search" -d "$idx" --format ids water
like "broken records: the first" '^ok1$' "$out"
like "broken records: the last" '^ok2$' "$out"
exits "stat --failed" 0 "$index" -d "$idx" stat --failed
like "stat --failed names the line" 'broken.jsonl:2: ' "$out"
python3 -c '
for i in range(100): print("{broken %d" % i)
print("""{"id":"good","text":"water"}""")' >"$tmp/many.jsonl"
run "many broken records" 0 "$tmp/many.jsonl"
is "twenty of them are named" 20 "$(printf '%s\n' "$said" | grep -c 'many.jsonl:')"
like "the others are counted" 'and 80 more: cdgindex stat --failed' "$said"
exits "many broken records, --strict" 2 "$index" -q -d "$tmp/i.strict" --strict "$tmp/many.jsonl"
idx=$tmp/i.strict matches water 1
python3 -c '
for i in range(12000): print("{broken %d" % i)
print("""{"id":"good","text":"water"}""")' >"$tmp/more.jsonl"
run "12,000 broken records" 0 "$tmp/more.jsonl"
echo '{"id":"good","text":"water"}' >"$tmp/more.jsonl"
exits "12,000 broken records, mended" 0 "$index" -q -d "$idx" "$tmp/more.jsonl"
exits "none is left" 0 "$index" -d "$idx" stat --failed
like "none is left: count" '0 inputs could not be read' "$out"
printf '{broken\n' >"$tmp/all.jsonl"
run "nothing but a broken record" 2 "$tmp/all.jsonl"
printf 'id,text\n1,"open quote\n2,water\n' >"$tmp/b.csv"
run "broken CSV" 0 "$tmp/b.csv"
like "broken CSV: one input is one" ': 1 input could not be read' "$said"
like "broken CSV is said" 'b.csv:2: ' "$said"
printf 'id,text\n1,water\n' | gzip | head -c 20 >"$tmp/cut.csv.gz"
idx=$tmp/i.cut
out=$("$index" -d "$idx" "$tmp/cut.csv.gz" 2>&1)
[ $? -le 2 ] && ok "a truncated gzip file" || not_ok "a truncated gzip file: $out"
like "a truncated gzip file is said" 'cut.csv.gz' "$out"

mkdir "$tmp/esc"
printf 'no record\n' >"$tmp/esc/$(printf 'x\033[31my\302\233z\177.jsonl')"
run "a name that commands the terminal" 2 "$tmp/esc"
is "its signs are not sent there" 'x?[31my??z?.jsonl' "$(printf '%s\n' "$said" | grep -o 'x?.*jsonl' | head -n 1)"

# ---- the file system ----------------------------------------------------------
mkdir -p "$tmp/loop/a"
ln -s .. "$tmp/loop/a/up"
mkfifo "$tmp/loop/pipe"
echo water >"$tmp/loop/a/w.txt"
run "symbolic link loops, a pipe" 0 "$tmp/loop"
matches water 1
ln -s nowhere "$tmp/loop/dangling"
ln -s self "$tmp/loop/self"
run "links to nowhere" 0 "$tmp/loop"
like "links to nowhere are two" ': 2 inputs could not be read' "$said"
matches water 1
mkdir "$tmp/closed"
echo fire >"$tmp/closed/x.txt"
chmod 0 "$tmp/closed"
# Root may read and write everything, so this part runs as nobody.
as=
if [ "$(id -u)" -eq 0 ]; then
	as="setpriv --reuid=65534 --regid=65534 --clear-groups"
	chmod 755 "$tmp"
	$as test -x "$index" 2>/dev/null || as=no
fi
if [ "$as" = no ]; then
	skip "an unreadable folder and a read-only index: root may read and write everything, and nobody cannot run $index"
else
	mkdir -m 777 "$tmp/nobody"
	idx=$tmp/nobody/i
	exits "an unreadable folder" 2 $as "$index" -d "$idx" "$tmp/closed" "$tmp/bom.txt"
	like "an unreadable folder is named" 'closed' "$out"
	matches water 1
	mkdir "$tmp/nobody/below"
	chmod 777 "$tmp/nobody/below"
	mkdir -m 777 "$tmp/nobody/below/sub"
	echo river one | $as tee "$tmp/nobody/below/sub/r.txt" >/dev/null
	echo river two | $as tee "$tmp/nobody/below/r.txt" >/dev/null
	echo lake >"$tmp/nobody/below/stays.txt"
	idx=$tmp/nobody/p
	exits "a folder to prune" 0 $as "$index" -q -d "$idx" "$tmp/nobody/below"
	chmod 0 "$tmp/nobody/below/sub"
	rm "$tmp/nobody/below/r.txt"
	chown 0 "$tmp/nobody/below/sub" 2>/dev/null
	exits "--prune over an unreadable folder" 0 $as "$index" -d "$idx" --prune "$tmp/nobody/below"
	like "--prune over an unreadable folder drops what has vanished" 'deleted +1$' "$out"
	matches river 1
	chmod 777 "$tmp/nobody/below/sub"
	exits "the folder can be read again" 0 $as "$index" -q -d "$idx" "$tmp/nobody/below"
	exits "then it has not failed" 0 $as "$index" -d "$idx" stat --failed
	like "then it has not failed: none" '^cdgindex: 0 inputs' "$out"
	rm -r "$tmp/nobody/below/sub"
	exits "--prune of a folder that is gone" 0 $as "$index" -q -d "$idx" --prune "$tmp/nobody/below"
	matches river 0
	idx=$tmp/nobody/i
	chmod -R a-w "$tmp/nobody"
	exits "a read-only index is searched" 0 $as "$search" -d "$idx" water
	exits "a read-only index is not written" 2 $as "$index" -d "$idx" --force "$tmp/bom.txt"
	like "a read-only index is named" 'nobody/i' "$out"
	chmod -R u+w "$tmp/nobody"
fi
chmod 755 "$tmp/closed"

# A full disk: a small tmpfs where we may mount one, else a limit on file sizes.
python3 -c '
import random
random.seed(7)
for i in range(3000):
    print("{\"id\":\"%d\",\"text\":\"%s\"}" % (i, " ".join("%x" % random.getrandbits(40) for _ in range(200))))' >"$tmp/big.jsonl"
mkdir "$tmp/small"
echo '{"id":"before","text":"water"}' >"$tmp/one.jsonl"
if [ "$(id -u)" -eq 0 ] && mount -t tmpfs -o size=3m none "$tmp/small" 2>/dev/null; then
	idx=$tmp/small/i
	"$index" -q -d "$idx" "$tmp/one.jsonl"
	exits "a full disk (tmpfs of 3 MB)" 2 "$index" -d "$idx" "$tmp/big.jsonl"
	like "a full disk is said" 'space|cannot' "$out"
	matches water 1
	exits "a full disk: the index is sound" 0 "$index" -q -d "$idx" check
	umount "$tmp/small"
else
	skip "a full disk on tmpfs: it cannot be mounted here; a file size limit instead"
	idx=$tmp/small/i
	"$index" -q -d "$idx" "$tmp/one.jsonl"
	out=$( (ulimit -f 100 && trap '' XFSZ && "$index" -d "$idx" "$tmp/big.jsonl") 2>&1)
	is "files that may not grow" 2 $?
	like "files that may not grow: said" 'large|cannot' "$out"
	matches water 1
	exits "files that may not grow: the index is sound" 0 "$index" -q -d "$idx" check
fi

# An index among the documents is none of them.
mkdir "$tmp/among"
echo water >"$tmp/among/w.txt"
cd "$tmp/among" || exit 2
idx=$tmp/among/my.idx
for i in first second; do
	exits "the index among the documents, $i run" 0 "$index" -d my.idx .
	is "the index among the documents, $i run: nothing is said" '' "$(printf '%s\n' "$out" | grep 'my.idx\|skipped')"
done
matches '*' 1
exits "another index among the documents" 0 "$index" -d "$tmp/among2" .
like "another index among the documents is skipped" 'my.idx: warning: an index of cdgsearch' "$out"
is "its files are not" 1 "$(printf '%s\n' "$out" | grep -c 'my.idx')"
exits "an index in the folder of the documents" 0 "$index" -q -d . .
exits "an index in the folder of the documents: again" 0 "$index" -q -d . .
idx=. matches water 1
cd "$root" || exit 2

# ---- indexes -------------------------------------------------------------------
"$index" -q -d "$tmp/new" "$tmp/one.jsonl"
sed -i '1s/.*/cdgsearch-index 99/' "$tmp/new/MANIFEST"
exits "a newer format" 2 "$search" -d "$tmp/new" water
like "a newer format is said" 'newer|version|format' "$out"
exits "a newer format is not written" 2 "$index" -d "$tmp/new" "$tmp/bom.txt"
"$index" -q -d "$tmp/dmg" "$tmp/one.jsonl"
post=$(ls "$tmp"/dmg/*.text)
printf '\377' | dd of="$post" bs=1 seek=70 conv=notrunc 2>/dev/null
exits "a damaged index: check" 2 "$index" -d "$tmp/dmg" check
like "a damaged index: file and offset" '\.text: damaged at byte [0-9]+' "$out"
rm "$post"
exits "an index with a file missing" 2 "$search" -d "$tmp/dmg" water
mkdir "$tmp/isdir" && mkdir "$tmp/isdir/MANIFEST"
exits "a folder as MANIFEST" 2 "$search" -d "$tmp/isdir" water

# ---- files that change while they are read --------------------------------------
mkdir "$tmp/moving"
for i in 1 2 3 4 5 6 7 8; do
	cp "$tmp/big.jsonl" "$tmp/moving/$i.jsonl"
done
"$index" -q -d "$tmp/mv" "$tmp/moving" >"$tmp/mv.out" 2>&1 &
pid=$!
rm -f "$tmp/moving/8.jsonl"
: >"$tmp/moving/7.jsonl"
echo '{"id":"late","text":"late"}' >>"$tmp/moving/6.jsonl"
wait $pid
[ $? -le 2 ] && ok "files that vanish and change" || not_ok "files that vanish and change"
exits "then the index is sound" 0 "$index" -q -d "$tmp/mv" check
finish
