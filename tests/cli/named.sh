#!/bin/sh
# named.sh - what is named on the command line and is no file: refused at once, while standard
# input and pipes of the shell are read; and a program that is missing is told of once.
. tests/cli/_common.sh
idx=$tmp/idx
record='{"id":"r1","text":"alpha beta"}'
mkfifo "$tmp/fifo"

exits "a named pipe" 2 timeout 10 "$index" -d "$tmp/i0" "$tmp/fifo"
like "is refused" 'fifo: a named pipe: give what comes out of it to standard input' "$out"
exits "for records too" 2 timeout 10 "$index" -d "$tmp/i0" --jsonl "$tmp/fifo"
exits "a device" 2 timeout 10 "$index" -d "$tmp/i0" /dev/zero
like "is refused" '/dev/zero: a device' "$out"
exits "a terminal, or none" 2 timeout 10 "$index" -d "$tmp/i0" --jsonl /dev/null
if command -v python3 >/dev/null; then
	python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$tmp/sock"
	exits "a socket" 2 timeout 10 "$index" -d "$tmp/i0" "$tmp/sock"
	like "is refused" 'sock: a socket' "$out"
else
	skip "no python3 to make a socket"
fi
echo "gamma delta" >"$tmp/file.txt"
exits "what is beside it is read" 0 timeout 10 "$index" -q -d "$idx" "$tmp/file.txt" "$tmp/fifo"
matches gamma 1
like "and it is listed" 'fifo: a named pipe' "$("$index" -d "$idx" stat --failed 2>&1)"

echo "$record" | timeout 10 "$index" -q -d "$tmp/i1" --jsonl - 2>"$tmp/err"
is "-" 0 $?
echo "$record" | timeout 10 "$index" -q -d "$tmp/i2" --jsonl /dev/stdin 2>"$tmp/err"
is "/dev/stdin" 0 $?
(
	sleep 0.5
	echo "$record"
) | timeout 10 "$index" -q -d "$tmp/i3" --jsonl /dev/fd/0 2>"$tmp/err"
is "/dev/fd, of one that writes late" 0 $?
echo "$record" >"$tmp/r.jsonl"
timeout 10 "$index" -q -d "$tmp/i4" --jsonl /dev/stdin <"$tmp/r.jsonl" 2>"$tmp/err"
is "/dev/stdin that is a file" 0 $?
if command -v bash >/dev/null; then
	bash -c 'timeout 10 "$1" -q -d "$2" --jsonl <(echo "$3")' bash "$index" "$tmp/i5" "$record" 2>"$tmp/err"
	is "a pipe of the shell" 0 $?
else
	skip "no bash for a pipe of the shell"
	cp -r "$tmp/i1" "$tmp/i5"
fi
for i in 1 2 3 4 5; do
	idx=$tmp/i$i
	matches alpha 1
done

# without the program that reads documents
idx=$tmp/idx2
mkdir "$tmp/d"
for i in 1 2 3 4 5 6 7; do
	echo "<html><body><p>gamma page $i</p></body></html>" >"$tmp/d/$i.html"
done
echo "gamma plain" >"$tmp/d/t.txt"
echo "gamma *mark*" >"$tmp/d/m.md"
out=$(CDG_EXTRACT=$tmp/none "$index" -q -d "$idx" "$tmp/d" 2>&1)
is "without cdg-extract: exit" 0 $?
is "told once" 1 "$(printf '%s\n' "$out" | grep -c "cannot start $tmp/none")"
is "all are listed" 7 "$("$index" -d "$idx" stat --failed 2>/dev/null | grep -c 'html: .*cdg-extract\|html: cannot start')"
matches gamma 2
matches format:text 1
matches format:markdown 1
mkdir "$tmp/bin"
cp "$index" "$tmp/bin/cdgindex"
rm -rf "$idx"
out=$(unset CDG_EXTRACT; PATH=/nowhere "$tmp/bin/cdgindex" -q -d "$idx" "$tmp/d" 2>&1)
is "nowhere to be found: told once" 1 "$(printf '%s\n' "$out" | grep -c 'install it, or say where it is in .CDG_EXTRACT')"
exits "with it, they are read" 0 "$index" -q -d "$idx" "$tmp/d"
matches gamma 9
finish
