#!/bin/sh
# oddfiles.sh - folders with what no one expects: names of any bytes, long paths,
# pipes and devices, loops of links, folders that cannot be read, files that go
# while they are read.
. tests/cli/_common.sh
idx=$tmp/i
d=$tmp/d
mkdir "$d"

# names
name=$(printf 'caf\351.txt')
printf 'alpha latin name\n' >"$d/$name"
printf 'alpha new\nline\n' >"$d/$(printf 'two\nlines.txt')"
printf 'alpha quote\n' >"$d/\"quoted\".txt"
printf 'alpha star\n' >"$d/*.txt"
exits "odd names" 0 "$index" -q -d "$idx" "$d"
matches alpha 4
exits "odd names again" 0 "$index" -d "$idx" "$d"
like "odd names are known" 'same files +4' "$out"
printf 'alpha latin name\n' >"$d/$(printf 'copy\377.txt')"
exits "a copy with an odd name" 0 "$index" -q -d "$idx" "$d"
"$index" -d "$idx" stat --duplicates --json 2>/dev/null | python3 -c 'import json, sys; [e] = json.load(sys.stdin); sys.exit(len(e["copies"]) != 1)'
is "stat --duplicates --json of odd names" 0 $?
mv "$d/$name" "$d/$(printf 'other\351.txt')"
exits "an odd name renamed" 0 "$index" -q -d "$idx" "$d"
matches latin 1

# a path of 4,000 bytes, and one that is too long to be opened
long=$(printf 'l%.0s' $(seq 200))
(
	cd "$d" || exit
	i=0
	while [ "$(pwd | wc -c)" -lt 3780 ]; do
		mkdir "$long" && cd "$long" || exit
		i=$((i + 1))
	done
	echo "beta deep" >deep.txt
	mkdir "$long" && cd "$long" && mkdir "$long" 2>/dev/null && cd "$long" 2>/dev/null && echo "beta deeper" >deeper.txt
) 2>/dev/null
exits "long paths" 0 "$index" -d "$idx" "$d"
like "one that is too long is named" 'File name too long|cannot open the folder' "$out"
matches beta 1
find "$d" -name deep.txt -delete
exits "a long path is pruned" 0 "$index" -q -d "$idx" --prune "$d"
matches beta 0
(cd "$d" && rm -r l*)

# no regular files
mkfifo "$d/pipe"
ln -s pipe "$d/link-to-pipe"
ln -s /dev/zero "$d/zero"
ln -s . "$d/self"
ln -s .. "$d/above"
ln -s loop2 "$d/loop1"
ln -s loop1 "$d/loop2"
mkdir "$d/a" "$d/b"
ln -s ../b "$d/a/b"
ln -s ../a "$d/b/a"
echo "gamma" >"$d/b/x.txt"
exits "pipes, devices, loops" 0 "$index" -d "$idx" "$d"
matches gamma 1
exits "stat --skipped" 0 "$index" -d "$idx" stat --skipped
like "a pipe is skipped" '/pipe: not a regular file' "$out"
like "a device is skipped" '/zero: not a regular file' "$out"
like "a loop is skipped" '/self: a link to a folder above' "$out"
rm -r "$d"
mkdir "$d"

# files that come, go and change while they are read
for i in $(seq 400); do echo "delta $i" >"$d/$i.txt"; done
(
	for i in $(seq 400); do
		rm -f "$d/$i.txt"
		echo "delta again" >>"$d/$((i + 1)).txt"
	done
) &
busy=$!
for _ in 1 2 3 4 5; do
	timeout 60 "$index" -q -d "$idx" "$d" 2>"$tmp/err"
	code=$?
	[ $code -eq 0 ] || [ $code -eq 2 ] || not_ok "a run over changing files: exit $code: $(cat "$tmp/err")"
done
wait $busy
exits "all that is left" 0 "$index" -q -d "$idx" --prune=force "$d"
is "as many documents as files with other bytes" "$(cat "$d"/*.txt | sort -u | grep -c .)" "$(count delta)"
exits "check" 0 "$index" -q -d "$idx" check
finish
