#!/bin/sh
# backend.sh - Xapian databases behind cdgindex and cdgsearch, end to end: the same
# answers as from an index of our own, upkeep, shards, servers, databases of others,
# and everything that is no database.
. tests/cli/_common.sh

# libxapian's own check deletes an object by a smaller size than it was made with
ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}new_delete_type_mismatch=0
export ASAN_OPTIONS

demo="--exclude README.md examples/demo"

# answers DB QUERY: the JSON without times and weights of the other formula
answers() {
	"$search" -d "$1" --weighting xapian-bm25 --facet type --format json -n 50 -- "$2" 2>&1 | sed 's/"took_us":[0-9]*//'
}

# ---- the same answers ---------------------------------------------------------
# shellcheck disable=SC2086
exits "a native index" 0 "$index" -q -d "$tmp/n" --threads 1 $demo
# shellcheck disable=SC2086
exits "a Xapian database" 0 "$index" -q -d "$tmp/x" --threads 1 --backend xapian $demo
while read -r q; do
	is "the same: $q" "$(answers "$tmp/n" "$q")" "$(answers "$tmp/x" "$q")"
done <<'X'
river
"top-level design" AND "supply-side reform"
title:plan
govern*
type:law date:2010..2020
经济
法
water NEAR/5 river
path:laws/*.md
id:coastal-union-2021-plan-smart-grid
lang:zh
="Water"
plan MAYBE river
water -river
"(supply|demand)-side reform"
"a * river"
toplevel
Gesetz
bürger
nowhere anything
*
X
for f in text jsonl csv trec ids count; do
	is "--format $f" "$("$search" -d "$tmp/n" --weighting xapian-bm25 --format $f river | sed 's/, [0-9.]* ms//')" \
		"$("$search" -d "$tmp/x" --format $f river | sed 's/, [0-9.]* ms//')"
done
is "--sort" "$("$search" -d "$tmp/n" --sort=-date,score --format ids plan)" "$("$search" -d "$tmp/x" --sort=-date,score --format ids plan)"
# suggests DB LINE: the words and values that a line may end with
suggests() {
	"$search" -d "$1" -n 100 --suggest "$2" 2>&1 | grep -v '^phrase\|^title' | sort
}
while read -r q; do
	is "the same suggestions: $q" "$(suggests "$tmp/n" "$q")" "$(suggests "$tmp/x" "$q")"
	case $q in -* | *'*' | zyzzy) continue ;; esac
	like "there are some: $q" . "$(suggests "$tmp/x" "$q")"
done <<'X'
wat
bürg
burg
NOT gover
"cl
水
lang:e
title:wat
zyzzy
wat*
-
X
like "most documents first" 'water' "$("$search" -d "$tmp/x" --suggest wat | head -n 1)"
like "after other words" 'river water' "$("$search" -d "$tmp/x" --suggest 'river wat')"
exits "--explain" 0 "$search" -d "$tmp/x" --explain 'river -"clean water"'
like "says the backend" 'backend: xapian' "$out"
like "and the formula" 'BM25 of libxapian: k1 1, k2 0, k3 1, b 0.5, min_normlen 0.5' "$out"
exits "a plain query" 0 "$search" -d "$tmp/x" --explain river
like "is left to libxapian" 'libxapian alone' "$out"
exits "another formula" 0 "$search" -d "$tmp/x" --weighting bm25 river
like "is said not to be there" 'xapian-bm25' "$out"

# ---- the tools of Xapian ---------------------------------------------------------
if command -v xapian-check >/dev/null && command -v quest >/dev/null && command -v xapian-delve >/dev/null; then
	exits "xapian-check" 0 xapian-check "$tmp/x"
	like "finds no fault" 'No errors found' "$out"
	like "quest finds it" 'Exactly 2 matches' "$(quest -d "$tmp/x" river 2>&1)"
	want=$("$search" -d "$tmp/x" -n 1 --format csv river | sed -n 2p | grep -o '4\.75[0-9]*' | head -c 6)
	like "with the same weight" "\[${want:-none}" "$(quest -d "$tmp/x" river 2>&1)"
	like "a phrase by quest" 'Exactly 1 match' "$(quest -d "$tmp/x" '"sum of all licences"' 2>&1)"
	like "xapian-delve knows its terms" 'termfreq 2' "$(xapian-delve -t Zriver -v "$tmp/x" 2>&1)"
	like "and its ids" 'Posting List' "$(xapian-delve -t Qcoastal-union-2021-plan-smart-grid "$tmp/x" 2>&1)"
else
	skip "xapian-check, quest, xapian-delve (Debian: xapian-tools) are missing"
fi
omega=/usr/lib/cgi-bin/omega/omega
if [ -x $omega ] && [ -d /usr/share/xapian-omega/templates ]; then
	printf 'database_dir %s\ntemplate_dir /usr/share/xapian-omega/templates\nlog_dir %s\ncdb_dir %s\n' "$tmp" "$tmp" "$tmp" >"$tmp/omega.conf"
	out=$(OMEGA_CONFIG_FILE=$tmp/omega.conf $omega 'P=river' 'DB=x' 2>&1)
	like "Omega finds it" 'water-resources-act' "$out"
else
	skip "Omega (Debian: xapian-omega) is missing"
fi

# ---- upkeep -------------------------------------------------------------------------
exits "check" 0 "$index" -d "$tmp/x" check
exits "stat" 0 "$index" -d "$tmp/x" stat
like "stat counts" 'documents +39' "$out"
"$index" -d "$tmp/x" stat --json | python3 -c 'import json, sys; assert json.load(sys.stdin)["documents"] == 39' && ok "stat --json" || not_ok "stat --json"
like "dump --terms" '^governance.8.17$' "$("$index" -d "$tmp/x" dump --terms gov)"
is "dump --ids" 39 "$("$index" -d "$tmp/x" dump --ids | wc -l | tr -d ' ')"
exits "import into a native index" 0 "$index" -q -d "$tmp/back" import "$tmp/x"
is "the documents are the same" "$("$index" -d "$tmp/n" dump --terms | md5sum)" "$("$index" -d "$tmp/back" dump --terms | md5sum)"
exits "and from there back" 0 "$index" -q -d "$tmp/x2" --backend xapian import "$tmp/back"
"$index" -d "$tmp/back" dump --format jsonl >"$tmp/1"
"$index" -d "$tmp/x2" dump --format jsonl >"$tmp/2"
cmp -s "$tmp/1" "$tmp/2" && ok "records are the same" || not_ok "records are the same"

mkdir "$tmp/in"
echo 'the first water' >"$tmp/in/a.txt"
echo 'the second water' >"$tmp/in/b.txt"
printf '%s\n' '{"id":"r1","text":"water one"}' '{"id":"r2","text":"water two"}' '{"id":"r1","text":"water three"}' 'broken' >"$tmp/in/r.jsonl"
up() {
	(cd "$tmp" && "$index" -d u --backend xapian "$@" 2>&1)
}
idx=$tmp/u
out=$(up in)
like "files and records" 'added +5' "$out"
like "failures are named" 'r.jsonl:4' "$out"
like "and listed" 'r.jsonl:4' "$("$index" -d "$idx" stat --failed 2>&1)"
matches water 4
matches three 1
matches one 0
out=$(up in)
like "again: nothing to do" 'same files +3' "$out"
out=$(up --force in)
like "--force" 'replaced +4' "$out"
matches water 4
touch -d '2001-01-01' "$tmp/in/r.jsonl"
out=$(up in)
like "the same records" 'unchanged +' "$out"
echo 'the third fire' >"$tmp/in/b.txt"
up -q in >/dev/null
matches water 3
matches fire 1
rm "$tmp/in/a.txt"
printf '%s\n' '{"id":"r2","text":"water two"}' >"$tmp/in/r.jsonl"
out=$(up --prune in)
like "--prune" 'deleted +2' "$out"
matches water 1
exits "delete" 0 "$index" -q -d "$idx" delete r2
matches water 0
exits "delete again" 1 "$index" -q -d "$idx" delete r2
exits "merge is not for us" 2 "$index" -d "$idx" merge

# ---- shards ----------------------------------------------------------------------------
# shellcheck disable=SC2086
exits "shards" 0 "$index" -q -d "$tmp/s" --backend xapian --shards 3 $demo
[ -f "$tmp/s/XAPIANDB" ] && ok "a stub file" || not_ok "a stub file"
is "what they find" "$("$search" -d "$tmp/x" --format ids 'water river' | sort)" "$("$search" -d "$tmp/s" --format ids 'water river' | sort)"
like "their number" 'shards +3' "$("$index" -d "$tmp/s" stat)"
# shellcheck disable=SC2086
exits "once more" 0 "$index" -q -d "$tmp/s" $demo
exits "another number" 2 "$index" -d "$tmp/s" --shards 4 --backend xapian examples/demo
exits "shards: check" 0 "$index" -d "$tmp/s" check
exits "shards: dump" 0 "$index" -d "$tmp/s" dump --format jsonl
exits "shards: delete" 0 "$index" -q -d "$tmp/s" delete coastal-union-2021-plan-smart-grid
is "shards: deleted" 0 "$("$search" -d "$tmp/s" --format count id:coastal-union-2021-plan-smart-grid)"
exits "no index is made of a server's name" 2 sh -c "cd '$tmp' && '$index' -d localhost:7 --backend xapian '$root/examples/demo'"
[ -e "$tmp/localhost:7" ] && not_ok "nor a folder" || ok "nor a folder"
exits "shards of what is none" 2 "$index" -d "$tmp/nn" --shards 4 examples/demo
# shellcheck disable=SC2086
exits "several threads" 0 "$index" -q -d "$tmp/t" --threads 4 --backend xapian $demo
is "find the same" "$("$search" -d "$tmp/x" --format ids 'water' | sort)" "$("$search" -d "$tmp/t" --format ids 'water' | sort)"
is "and leave nothing" "" "$(ls "$tmp/t/cdgsearch" | grep -v -e MANIFEST -e sources -e LOCK)"
exits "a stub file is not written to" 2 sh -c "printf 'auto x\n' >'$tmp/mine.stub' && '$index' -d '$tmp/mine.stub' '$root/examples/demo'"
exits "no snapshot of it" 2 "$index" -d "$tmp/x" snapshot "$tmp/snap"
exits "through a stub of our own" 0 sh -c "printf 'auto x\n' >'$tmp/mine.stub' && '$search' -d '$tmp/mine.stub' river"

# ---- a server --------------------------------------------------------------------------------
# waits until the false server of a test is there, and says at which port
listens() {
	for _ in $(seq 600); do
		[ -s "$tmp/listens" ] && port=$(cat "$tmp/listens") && return
		sleep 0.1
	done
	not_ok "the server of this test listens within 60 s"
}

# a server of the database, at a port that nobody has: below those that the system gives to clients
serve() {
	for try in 1 2 3 4 5 6 7 8; do
		port=$((20000 + ($$ + try * 997) % 12000))
		# it ends its whole process group when it is told to end
		setsid xapian-tcpsrv --port $port "$tmp/x" >"$tmp/tcp.log" 2>&1 &
		server=$!
		for _ in $(seq 300); do
			grep -qs Listening "$tmp/tcp.log" && return
			kill -0 $server 2>/dev/null || break
			sleep 0.2
		done
		kill $server 2>/dev/null
		wait $server 2>/dev/null
	done
	not_ok "a server of Xapian: $(cat "$tmp/tcp.log")"
}

if command -v xapian-tcpsrv >/dev/null; then
	serve
	for q in river '"sum of all licences"' 'type:law date:2010..2020' 'govern*' 'water NEAR/5 river'; do
		is "by a server: $q" "$(answers "$tmp/x" "$q")" "$(answers "127.0.0.1:$port" "$q")"
	done
	exits "no suggestions by a server, and no waiting" 1 timeout 20 "$search" -d "127.0.0.1:$port" --suggest wat
	is "it says nothing" "" "$out"
	kill $server
	wait $server 2>/dev/null
	exits "a server that is gone" 2 timeout 20 "$search" -d "127.0.0.1:$port" river
	like "says where" "127.0.0.1:$port" "$out"
	rm -f "$tmp/listens"
	python3 - "$tmp/listens" <<'X' &
import os, socket, sys
s = socket.socket()
s.bind(("127.0.0.1", 0)); s.listen(1); s.settimeout(120)
with open(sys.argv[1] + ".new", "w") as f: f.write(str(s.getsockname()[1]))
os.rename(sys.argv[1] + ".new", sys.argv[1])
c, _ = s.accept(); c.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\nwhat is this\r\n" * 10)
X
	listens
	exits "something else at the port" 2 timeout 40 "$search" -d "127.0.0.1:$port" river
	wait
	rm -f "$tmp/listens"
	python3 - "$tmp/listens" <<'X' &
import os, socket, sys
s = socket.socket()
s.bind(("127.0.0.1", 0)); s.listen(1); s.settimeout(120)
with open(sys.argv[1] + ".new", "w") as f: f.write(str(s.getsockname()[1]))
os.rename(sys.argv[1] + ".new", sys.argv[1])
c, _ = s.accept(); c.sendall(b"\x00\x08\x63\x00abcdef"); c.recv(100)
X
	listens
	exits "another version of the protocol" 2 timeout 40 "$search" -d "127.0.0.1:$port" river
	like "another version of the protocol: said" 'protocol version' "$out"
	wait
	exits "no such host" 2 timeout 40 "$search" -d "no-such-host.invalid:4444" river
else
	skip "xapian-tcpsrv (Debian: xapian-tools) is missing"
fi

# ---- what others wrote ------------------------------------------------------------------------
mkdir "$tmp/web"
for f in laws/water-resources-act plans/education-modernisation-plan; do
	{ echo "<html><head><title>$(basename $f)</title></head><body>"; cat "examples/demo/$f.md"; echo '</body></html>'; } >"$tmp/web/$(basename $f).html"
done
if command -v omindex >/dev/null; then
	omindex --db "$tmp/om" --url /w --mime-type=html:text/html "$tmp/web" >/dev/null 2>&1
	like "omindex: words" 'water-resources-act' "$("$search" -d "$tmp/om" river 2>&1)"
	like "omindex: passages" '<mark>river</mark>' "$("$search" -d "$tmp/om" --format json river)"
	is "omindex: phrases" 1 "$("$search" -d "$tmp/om" --format count '"sum of all licences"')"
	is "omindex: no such phrase" 0 "$("$search" -d "$tmp/om" --format count '"sum of licences all"')"
	is "omindex: titles" 1 "$("$search" -d "$tmp/om" --format count 'title:education')"
	is "omindex: values as terms" 2 "$("$search" -d "$tmp/om" --format count 'type:="text/html"')"
	is "omindex: dates as values" 2 "$("$search" -d "$tmp/om" --format count 'date>=2000')"
	like "omindex: suggestions" 'licence' "$("$search" -d "$tmp/om" --suggest 'licen')"
	is "omindex: beginnings" 1 "$("$search" -d "$tmp/om" --format count 'licen*')"
	is "omindex: stems" "$("$search" -d "$tmp/om" --format count 'river')" "$("$search" -d "$tmp/om" --format count 'rivers')"
	exits "omindex: strict" 0 "$search" -d "$tmp/om" '="River" OR river'
	like "omindex: strict is not possible, which is said" 'does not keep capitals' "$out"
	exits "omindex: an unknown field" 1 "$search" -d "$tmp/om" 'nothing:x'
	exits "omindex: not written into" 2 "$index" -d "$tmp/om" examples/demo
	like "omindex: says so" 'not written by cdgindex' "$out"
	exits "omindex: imported" 0 "$index" -q -d "$tmp/omn" import "$tmp/om"
	is "omindex: words of the whole text" 1 "$("$search" -d "$tmp/omn" --format count '"sum of all licences"')"
	same=$("$search" -d "$tmp/om" -n 1 --format json river | grep -o '"score":[0-9.]*' | head -c 14)
	like "omindex: the weight of quest" "\[${same#*:}" "$(quest -s english -d "$tmp/om" river 2>&1)"
else
	skip "omindex (Debian: xapian-omega) is missing"
fi
if command -v scriptindex >/dev/null; then
	printf 'id : unique=Q boolean=Q field\nheadline : field index=S index\nbody : index truncate=200 field=sample\npages : field value=7 valuenumeric=5\nkind : boolean=XKIND field\nday : value=6 field\n' >"$tmp/script"
	printf 'id=one\nheadline=Clean rivers\nbody=Rivers are to be clean.\npages=12\nkind=law\nday=20130401\n\nid=two\nheadline=Harbours\nbody=A harbour and a river\npages=300\nkind=plan\nday=20190101\n' >"$tmp/si.txt"
	scriptindex "$tmp/si" "$tmp/script" "$tmp/si.txt" >/dev/null 2>&1
	is "scriptindex: words" 2 "$("$search" -d "$tmp/si" --format count river)"
	is "scriptindex: ids" two "$("$search" -d "$tmp/si" --format ids harbour)"
	printf '# ours\nterm kind XKIND\nvalue pages 5 number\nvalue day 6 yyyymmdd\nvalue wrong 6 number\ndata headline title\n' >"$tmp/si/cdgsearch.map"
	is "a mapping: terms" one "$("$search" -d "$tmp/si" --format ids 'kind:law')"
	is "a mapping: numbers" two "$("$search" -d "$tmp/si" --format ids 'pages>100')"
	is "a mapping: dates" one "$("$search" -d "$tmp/si" --format ids 'day:2013')"
	is "a mapping: order" "two one" "$("$search" -d "$tmp/si" --sort=-pages --format ids river | tr '\n' ' ' | sed 's/ $//')"
	like "a mapping: data" '"title":"Clean rivers"' "$("$search" -d "$tmp/si" --format json clean)"
	exits "values that are not what it says" 1 "$search" -d "$tmp/si" 'wrong>5'
	like "are named" 'values of wrong are not what the mapping says' "$out"
	echo 'value x y z' >>"$tmp/si/cdgsearch.map"
	exits "a mapping that is wrong" 2 "$search" -d "$tmp/si" river
	like "says in which line" 'cdgsearch.map, line 7' "$out"
else
	skip "scriptindex (Debian: xapian-omega) is missing"
fi

# ---- what is no database ------------------------------------------------------------------------
mkdir "$tmp/not" "$tmp/half" "$tmp/new" "$tmp/shut"
echo 'this is not a database' >"$tmp/not/iamglass"
exits "not a database" 2 "$search" -d "$tmp/not" water
like "not a database: named" "$tmp/not" "$out"
exits "not a database: not written into" 2 "$index" -d "$tmp/not" examples/demo
cp "$tmp/x"/*glass "$tmp/half"
for f in postlist docdata termlist position; do
	size=$(wc -c <"$tmp/half/$f.glass")
	head -c $((size / 2)) "$tmp/half/$f.glass" >"$tmp/h" && cp "$tmp/h" "$tmp/half/$f.glass"
done
out=$(timeout 60 "$search" -d "$tmp/half" '"sum of all licences" river' 2>&1)
[ $? -eq 2 ] && ok "half a database" || not_ok "half a database: $out"
rm "$tmp/half/postlist.glass"
exits "a table is missing" 2 "$search" -d "$tmp/half" water
cp "$tmp/x"/*glass "$tmp/new"
printf '\377\377' | dd of="$tmp/new/iamglass" bs=1 seek=14 conv=notrunc 2>/dev/null
exits "a newer format" 2 "$search" -d "$tmp/new" water
if [ "$(id -u)" -ne 0 ]; then
	cp "$tmp/x"/*glass "$tmp/shut" && chmod 0 "$tmp/shut"/*
	exits "no permission" 2 "$search" -d "$tmp/shut" water
elif command -v setpriv >/dev/null; then
	cp "$tmp/x"/*glass "$tmp/shut" && chmod 0 "$tmp/shut"/* && chmod 755 "$tmp" "$tmp/shut"
	exits "no permission" 2 setpriv --reuid 65534 --regid 65534 --clear-groups "$search" -d "$tmp/shut" water
else
	skip "no permission: run by root"
fi
printf 'auto loop.stub\n' >"$tmp/loop.stub"
exits "a stub that names itself" 2 "$search" -d "$tmp/loop.stub" water
like "a stub that names itself: says so" 'stub files that name one another' "$out"
printf 'auto b.stub\n' >"$tmp/a.stub"
printf 'auto a.stub\n' >"$tmp/b.stub"
exits "two stubs that name one another" 2 "$search" -d "$tmp/a.stub" water
printf 'auto nowhere\n' >"$tmp/c.stub"
exits "a stub to nowhere" 2 "$search" -d "$tmp/c.stub" water
mkdir "$tmp/d"
printf 'auto .\n' >"$tmp/d/XAPIANDB"
exits "a folder's stub that names the folder" 2 "$search" -d "$tmp/d" water
exits "our index is not theirs" 2 "$index" -d "$tmp/n" --backend xapian examples/demo

# long terms and identifiers are found all the same
long=$(printf 'w%.0s' $(seq 250))
lid=$(printf 'i%.0s' $(seq 400))
printf '{"id":"%s","kind":"%s","text":"%s and %sx Ärger%s"}\n' "$lid" "$lid" "$long" "$long" "$long" >"$tmp/long.jsonl"
exits "terms too long for Xapian" 0 "$index" -q -d "$tmp/long" --backend xapian --lang none --jsonl "$tmp/long.jsonl"
idx=$tmp/long
matches "$long" 1
matches "${long}x" 1
matches "${long}y" 0
matches "id:$lid" 1
matches "id:${lid}i" 0
matches "kind:=\"$lid\"" 1
is "its id is whole" "$lid" "$("$search" -d "$idx" --format ids and)"

# glass reads the positions 0 and 1 back as 1 alone
printf '%s\n' '{"id":"two","title":"Water Water","text":"under water","type":"law"}' '{"id":"one","text":"none"}' >"$tmp/two.jsonl"
"$index" -q -d "$tmp/two" --backend xapian --jsonl "$tmp/two.jsonl"
"$index" -q -d "$tmp/two.n" --jsonl "$tmp/two.jsonl"
is "the first two positions" "$(answers "$tmp/two.n" '="Water Water" =water')" "$(answers "$tmp/two" '="Water Water" =water')"

# two writers; a reader while another writes
python3 - "$index" "$search" "$tmp" <<'X'
import subprocess, sys, json, os
index, search, tmp = sys.argv[1:]
db = tmp + "/busy"
w = subprocess.Popen([index, "-q", "-d", db, "--backend", "xapian", "--threads", "1", "--jsonl", "-"], stdin=subprocess.PIPE)
w.stdin.write(b'{"id":"1","text":"water"}\n'); w.stdin.flush()
import time; time.sleep(1)
r = subprocess.run([index, "-d", db, "--backend", "xapian", "--jsonl", tmp + "/long.jsonl"], capture_output=True, text=True)
print("ok a second writer" if r.returncode == 2 else "not ok a second writer: %d" % r.returncode)
w.stdin.close(); w.wait()
bad = 0
reader = subprocess.Popen([search, "-d", db, "--batch", "-", "--format", "count"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
for i in range(30):
    rec = "".join(json.dumps({"id": "%d-%d" % (i, k), "text": "water number %d" % k}) + "\n" for k in range(50))
    subprocess.run([index, "-q", "-d", db, "--jsonl", "-"], input=rec.encode(), check=True)
    reader.stdin.write("water NEAR/3 number\n"); reader.stdin.flush()
    if not reader.stdout.readline().strip().isdigit(): bad += 1
reader.stdin.close()
print("ok a reader under 30 commits" if reader.wait() in (0, 1) and not bad else "not ok a reader under commits: %d" % bad)
X

# a writer that is told to stop: all is as it was
python3 - "$index" "$tmp" <<'X'
import signal, subprocess, sys, time
index, tmp = sys.argv[1:]
for threads in "1", "3":
    db = tmp + "/int" + threads
    subprocess.run([index, "-q", "-d", db, "--threads", threads, "--backend", "xapian", "--jsonl", "-"],
                   input=b'{"id":"a","text":"water"}\n', check=True)
    w = subprocess.Popen([index, "-q", "-d", db, "--threads", threads, "--jsonl", "-"], stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        w.stdin.write(b'{"id":"b","text":"fire"}\n' * 40000); w.stdin.flush()
        w.send_signal(signal.SIGINT)
        w.stdin.close()
    except BrokenPipeError:
        pass
    said = w.stderr.read().decode()
    print("ok stopped" if w.wait() == 2 and "stopped" in said else "not ok stopped: %d %s" % (w.returncode, said))
X
for threads in 1 3; do
	idx=$tmp/int$threads
	matches water 1
	matches fire 0
	exits "sound" 0 "$index" -q -d "$idx" check
	exits "and goes on" 0 "$index" -q -d "$idx" --jsonl "$tmp/long.jsonl"
done

# ---- without the module ------------------------------------------------------------------------
mkdir "$tmp/alone"
cp "$search" "$tmp/alone/"
exits "without the module" 2 "$tmp/alone/cdgsearch" -d "$tmp/x" water
like "says what to install" 'libxapian-dev' "$out"
exits "but an index of our own" 0 "$tmp/alone/cdgsearch" -d "$tmp/n" water
exit $bad
