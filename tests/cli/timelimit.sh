#!/bin/sh
# timelimit.sh - a search ends at its time limit whatever it is busy with: positions, sorting,
# passages, an explanation, a concordance, a document to be read.
#
# Without a limit each of these takes many seconds; with one of 200 ms it may take five, for
# the machine may be busy as well.
. tests/cli/_common.sh
idx=$tmp/i
python3 - "$tmp" <<'END'
import json, random, sys
r = random.Random(7)
with open(sys.argv[1] + "/docs.jsonl", "w") as f:
    for i in range(250):
        text = " ".join(r.choice(("the", "of", "and", "to", "a%d" % r.randrange(3000))) for _ in range(12000))
        f.write(json.dumps({"id": "d%d" % i, "date": "20%02d" % (i % 90 + 10), "text": text}) + "\n")
END
"$index" -q -d "$idx" --jsonl "$tmp/docs.jsonl" || exit 2

# ends NAME OPTIONS...: within five seconds, and says that the time was up
ends() {
	ends_name=$1
	shift
	got=$(python3 - "$search" -d "$idx" --time-limit 200 "$@" <<'END'
import subprocess, sys, time
begin = time.monotonic()
try:
    r = subprocess.run(sys.argv[1:], capture_output=True, timeout=60)
    said = b"time limit" in r.stderr or b"time limit" in r.stdout
    took = time.monotonic() - begin
    print("good" if r.returncode < 2 and said and took < 5 else "exit %d after %.1f s, %s" % (r.returncode, took, "said so" if said else "not a word of it"))
except subprocess.TimeoutExpired:
    print("more than 60 s")
END
)
	is "$ends_name" good "$got"
}
wide='"the of and"~1000'
ends "a phrase with slop" "$wide"
ends "NEAR" 'the NEAR/1000 of NEAR/1000 and'
ends "what is left out by it" "to NOT $wide"
ends "sorted by a field" --sort -date -n 300 "$wide"
ends "facets" --facet year --facet date "$wide"
ends "explained" --explain "$wide"
ends "passages" -n 300 --snippets 100 --snippet-length 2000 'the of and to a*'
ends "a concordance" --kwic --format json -n 100000 "$wide"
ends "a concordance in order of its context" --kwic=left --format json -n 100000 --context 500w 'the OR of'
ends "a document" --view d1 --format json "$wide"
# of the matches none is invented when the clock ends a search within NOT
python3 - "$search" "$idx" <<'END' >"$tmp/out"
import json, subprocess, sys
bad = 0
for ms in (1, 3, 10, 30, 100):
    r = subprocess.run([sys.argv[1], "-d", sys.argv[2], "-q", "--time-limit", str(ms), "--format", "json", "the NOT of"], capture_output=True)
    bad += json.loads(r.stdout)["total"] != 0
    r = subprocess.run([sys.argv[1], "-d", sys.argv[2], "-q", "--time-limit", str(ms), "--format", "json", 'the NOT "the of"~1000'], capture_output=True)
    bad += json.loads(r.stdout)["total"] != 0
print(bad)
END
is "nothing is found that does not match" 0 "$(cat "$tmp/out")"
finish
