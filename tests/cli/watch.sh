#!/bin/sh
# watch.sh - cdgindex --watch: what changes is in the index soon, whatever happens.
. tests/cli/_common.sh
idx=$tmp/d/.cdgsearch
d=$tmp/d
pid=
trap 'kill -9 $pid 2>/dev/null; chmod -R u+rwx "$tmp" 2>/dev/null; rm -rf "$tmp"' EXIT

# begin OPTIONS...: in the background, until it watches
begin() {
	"$index" -d "$idx" "$@" "$d" >"$tmp/log" 2>"$tmp/err" &
	pid=$!
	for _ in $(seq 100); do
		grep -q '^watching' "$tmp/log" && return
		sleep 0.1
	done
	not_ok "--watch does not begin: $(cat "$tmp/err")"
}

# soon QUERY N: as many match within half a minute
soon() {
	for _ in $(seq 150); do
		[ "$(count "$1")" = "$2" ] && break
		sleep 0.2
	done
	matches "$1" "$2"
}

end() {
	kill -"$1" $pid
	wait $pid
	is "SIG$1 ends it" 0 $?
}

mkdir "$d"
echo "alpha one" >"$d/1.txt"
begin --watch --prune
matches alpha 1
echo "alpha two" >"$d/2.txt"
soon alpha 2
mkdir -p "$d/new/deep"
echo "alpha three" >"$d/new/deep/3.txt"
soon alpha 3
echo "alpha four" >"$d/new/deep/4.txt"
soon alpha 4
mv "$d/new" "$d/moved"
soon 'path:moved' 2
soon alpha 4
echo "alpha five" >"$d/moved/deep/5.txt"
soon alpha 5
mkdir "$tmp/outside"
echo "alpha six" >"$tmp/outside/6.txt"
mv "$tmp/outside" "$d/inside"
soon alpha 6
rm "$d/1.txt"
soon alpha 5
rm -r "$d/moved"
soon alpha 2
echo "beta" >"$d/2.txt"
soon beta 1
echo '2.txt' >"$d/.cdgignore"
soon beta 0
rm "$d/.cdgignore"
soon beta 1
for i in $(seq 200); do echo "gamma $i" >"$d/g$i.txt"; done
soon gamma 200
exits "another writer between two passes" 0 "$index" -d "$idx" delete "$d/g1.txt"
sleep 1.5
passes=$(wc -l <"$tmp/log")
sleep 1.5
is "its own work is no change" "$passes" "$(wc -l <"$tmp/log")"
like "each pass has a line" '^[0-9:]{8} added [0-9]+, replaced [0-9]+, renamed [0-9]+, deleted [0-9]+, failed [0-9]+$' "$(cat "$tmp/log")"
end TERM
like "and so has the end" '^stopped: since the first run added 2[0-9][0-9], ' "$(tail -1 "$tmp/log")"
is "nothing to complain of" '' "$(grep -Ev '^cdgindex: .*, [0-9]+ documents?(,|$)' "$tmp/err")" # progress, when it is slow
exits "check" 0 "$index" -q -d "$idx" check

# killed: what was committed stays, and the next goes on
begin --watch
echo "delta" >"$d/delta.txt"
soon delta 1
for i in $(seq 300); do echo "epsilon $i" >"$d/e$i.txt"; done
sleep 0.9
kill -9 $pid
wait $pid 2>/dev/null
matches delta 1
exits "check after kill -9" 0 "$index" -q -d "$idx" check
begin --watch
matches epsilon 300
end INT

# by time
"$index" -d "$idx" --watch=poll:1 "$d" >"$tmp/log" 2>&1 &
pid=$!
sleep 1
echo "zeta" >"$d/zeta.txt"
soon zeta 1
mv "$d" "$tmp/gone"
idx=$tmp/gone/.cdgsearch
for _ in $(seq 150); do
	grep -q waiting "$tmp/log" && break
	sleep 0.2
done
like "a folder that is gone is waited for" 'waiting for it' "$(cat "$tmp/log")"
mv "$tmp/gone" "$d"
idx=$d/.cdgsearch
echo "eta" >"$d/eta.txt"
soon eta 1
end TERM
exits "--watch=what" 2 "$index" -d "$idx" --watch=what "$d"
exits "--watch=poll:0" 2 "$index" -d "$idx" --watch=poll:0 "$d"
exits "--watch of standard input" 2 "$index" -d "$idx" --watch --jsonl -
exits "--watch --dry-run" 2 "$index" -d "$idx" --watch --dry-run "$d"
finish
