#!/bin/sh
# limits.sh - very large queries and documents, with a time limit on each.
. tests/cli/_common.sh
idx=$tmp/i
echo '{"id":"a","text":"water and air, one two three"}' | "$index" -q -d "$idx" --jsonl -

# ask NAME MAXSTATUS: the query on standard input as one line
ask() {
	out=$(timeout -k 5 60 "$search" -d "$idx" --format count --batch - 2>"$tmp/err")
	got=$?
	if [ $got -le "$2" ]; then
		ok "$1"
	else
		not_ok "$1: exit $got: $(head -c 300 "$tmp/err")"
	fi
}
python3 -c 'print("water " * 170000)' | ask "a query of 1 MB" 1
python3 -c 'print("w" * 1000000)' | ask "one word of 1 MB" 1
python3 -c 'print(" ".join("t%d" % i for i in range(10000)))' | ask "10,000 terms" 1
python3 -c 'print(" OR ".join("t%d" % i for i in range(10000)) + " OR water")' | ask "10,000 alternatives" 0
python3 -c 'print("(" * 10000 + "water")' | ask "10,000 open parentheses" 1
python3 -c 'print("(" * 10000 + "water" + ")" * 10000)' | ask "10,000 pairs" 1
python3 -c 'print("NOT " * 10000 + "water")' | ask "10,000 times NOT" 1
python3 -c 'print("\"" * 10001 + "water")' | ask "10,001 quotes" 1
python3 -c 'print("\"" + "water " * 10000 + "\"")' | ask "a phrase of 10,000 words" 1
python3 -c 'print("w* " * 5000)' | ask "5,000 prefixes" 1
head -c 100000 /dev/urandom | tr -d '\n' | ask "random bytes" 1
printf 'water\0air\n' | ask "a NUL byte" 1

# the limits that docs/query.md states: at each no warning, past it just one
python3 - "$search" "$idx" <<'END'
import json, subprocess, sys
def warnings(query):
    p = subprocess.run([*sys.argv[1:2], "-d", sys.argv[2], "--format", "json", "-n", "0", "--batch", "-"],
                       input=query + b"\n", capture_output=True, check=False, timeout=60)
    try:
        return json.loads(p.stdout)["warnings"]
    except (ValueError, KeyError):
        return [p.stderr.decode()[:300]]
bad = False
for name, at, past in (
        ("words", b"water " * 20000, b"water " * 20001),
        ("parentheses", b"(" * 200 + b"water" + b")" * 200, b"(" * 201 + b"water" + b")" * 201),
        ("length", b"NOT *" + b" " * (4194304 - 5), b"NOT *" + b" " * (4194305 - 5)),
        ("distance", b"water NEAR/1000000 air", b"water NEAR/1000001 air"),
        ("slop", b'"water air"~1000000', b'"water air"~1000001'),
        ("a weight", b"water^1000000", b"water^1000001"),
        ("NEAR", b" NEAR/9 ".join([b"water"] * 8) + b" OR air", b" NEAR/9 ".join([b"water"] * 9) + b" OR air"),
        ("ADJ", b" ADJ/9 ".join([b"water"] * 16) + b" OR air", b" ADJ/9 ".join([b"water"] * 17) + b" OR air"),
        ("UTF-8", "wäter OR air".encode(), b"w\xffter OR air")):
    got = [warnings(at), warnings(past)]
    good = got[0] == [] and len(got[1]) == 1
    print("ok" if good else "not ok", "limit of", name, "" if good else f": {got}"[:400])
    bad = bad or not good
sys.exit(1 if bad else 0)
END
[ $? -eq 0 ] || bad=1

python3 - "$tmp" <<'END'
import sys
d = sys.argv[1]
para = "The ministry publishes every register of water and air in the province, and answers each request. "
with open(d + "/large.txt", "w") as f:      # 100 MB, many lines
    for i in range(100 * 1000):
        f.write((para * 10) + "number%d\n" % i)
with open(d + "/line.txt", "w") as f:       # 50 MB, one line
    f.write(para * 510000 + "lastword")
with open(d + "/token.txt", "w") as f:      # a token of 1 MB
    f.write("before " + "x" * 1000000 + " after")
with open(d + "/record.jsonl", "w") as f:
    f.write('{"id":"r","text":"' + para * 300000 + ' recordend"}\n')
END
for f in large line token record; do
	for p in "$tmp/$f".*; do
		exits "index $f" 0 timeout 120 "$index" -q -d "$tmp/$f.i" "$p"
	done
done
idx=$tmp/large.i
matches number99999 1
exits "a snippet of it" 0 "$search" -d "$idx" --format json '"province and answers" number99999'
idx=$tmp/line.i
matches lastword 1
exits "a snippet of one line" 0 "$search" -d "$idx" lastword
idx=$tmp/token.i
matches before 1
matches after 1
idx=$tmp/token.i
python3 -c 'print("x" * 1000000)' >"$tmp/q"
exits "the token itself" 0 "$search" -q -d "$idx" --format count --batch "$tmp/q"
is "the token is found whole" 1 "$out"
idx=$tmp/record.i
matches recordend 1
finish
