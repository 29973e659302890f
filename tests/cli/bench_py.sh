#!/bin/sh
# bench_py.sh - cdgbench eval and compare: measures against stored values and an
# existing evaluator, statistics, engines that agree, differ, die, hang and babble.
. tests/cli/_common.sh

if ! command -v python3 >/dev/null; then
	skip "python3 is missing"
	finish
fi
CDG_BUILD=$build
export CDG_BUILD
PYTHONDONTWRITEBYTECODE=1
export PYTHONDONTWRITEBYTECODE
eval_py="python3 $root/bench/eval.py"
compare_py="python3 $root/bench/compare.py"

# ---- measures ----------------------------------------------------------------

# Judgements with every oddity: grades from -1 to 3, ties, a document of no one, a query
# without an answer, one without a relevant document, an answer without judgements.
cat >"$tmp/qrels" <<'END'
q1 0 a 3
q1 0 b 0
q1 0 c 1
q1 0 d -1
q1 0 e 2
q2 0 a 1
q3 0 b 1
q4 0 c 0
END
cat >"$tmp/run" <<'END'
q1 Q0 b 1 5.0 x
q1 Q0 c 2 5.0 x
q1 Q0 z 3 4.5 x
q1 Q0 d 9 4.25 x
q1 Q0 a 1 4.0 x
q2 Q0 c 1 2.0 x
q2 Q0 a 2 1.00000001 x
q2 Q0 b 3 1.0 x
q4 Q0 c 1 1 x
q5 Q0 c 1 1 x
END
# the mean over q1..q4, computed once with pytrec_eval (q3 counted as 0)
exits "eval of files" 0 $eval_py --qrels "$tmp/qrels" --run "$tmp/run" --json "$tmp/m.json" --per-query
means() {
	python3 -c 'import json,sys
print(" ".join("%s %.4f" % i for i in json.load(open(sys.argv[1]))["means"].items()))' "$1"
}
is "the measures" "$(cat <<'END'
nDCG@10 0.2384 MAP 0.2000 P@10 0.0750 R@100 0.4167 MRR 0.3333
END
)" "$(means "$tmp/m.json" | sed 's/^ *//')"
like "no answer is said" 'does not answer: 1' "$out"
like "no judgements is said" 'without judgements: 1' "$out"
like "no relevant document is said" 'without a relevant document: 1' "$out"
like "unjudged documents are said" 'unjudged documents among the first ten: 3' "$out"

echo "q1 0 a 3" | cat "$tmp/qrels" - >"$tmp/twice"
exits "a judgement twice" 2 $eval_py --qrels "$tmp/twice" --run "$tmp/run"
like "a judgement twice: says where" 'twice, line 9: .*--keep-first' "$out"
exits "a judgement twice, first kept" 0 $eval_py --qrels "$tmp/twice" --run "$tmp/run" --keep-first
like "a judgement twice, first kept: counted" 'judgements, all but the first left out: 1' "$out"
printf 'q1 Q0 b 1 nan x\n' >"$tmp/bad"
exits "a score that is no number" 2 $eval_py --qrels "$tmp/qrels" --run "$tmp/bad"
like "a score that is no number: says where" 'bad, line 1: .*nan' "$out"
printf 'q1 0 \351 1\n' >"$tmp/bad"
exits "judgements in Latin-1" 2 $eval_py --qrels "$tmp/bad" --run "$tmp/run"
like "judgements in Latin-1: says so" 'not UTF-8' "$out"

sed 's/4\.0 x/9.0 x/' "$tmp/run" >"$tmp/better"
exits "significance" 0 $eval_py --qrels "$tmp/qrels" --run "$tmp/better" --against "$tmp/run"
like "significance: a table" 'nDCG@10 \| \+0\.[0-9]+ \| [0-9.]+ \| [0-9.]+ \| [0-9.]+ \| 1 / 3 / 0' "$out"

# t test: known values of the t distribution; randomisation: all 2^n signs, by hand
python3 - "$root/bench" >"$tmp/out" <<'END'
import sys
sys.path.insert(0, sys.argv[1])
import trec
# p of t with n degrees of freedom: 12.706205 (1), 2.2281389 (10), 1.9839715 (100) are 5 %
for n, t in ((1, 12.706204736), (10, 2.228138852), (100, 1.983971519)):
    print(round(trec.incomplete_beta(n / 2, 0.5, n / (n + t * t)), 6))
p = trec.randomisation_test([1.0, 2.0, 3.0, 4.0, 0.0], 20000)
print(abs(p - 2 / 16) < 0.01, p == trec.randomisation_test([1.0, 2.0, 3.0, 4.0, 0.0], 20000))
END
is "t distribution and signs" "0.05 0.05 0.05 True True" "$(tr '\n' ' ' <"$tmp/out" | sed 's/ $//')"

# random runs against trec_eval's own code, where it can be installed; that takes ten
# seconds, so it stays for the next time
venv=${CDG_TREC_VENV:-$build/tests/trec-venv}
if ! "$venv/bin/python" -c 'import pytrec_eval' 2>/dev/null && [ -z "${CDG_TREC_VENV:-}" ]; then
	python3 -m venv --clear "$venv" >/dev/null 2>&1 &&
		timeout 120 "$venv/bin/pip" install -q --disable-pip-version-check 'pytrec-eval-terrier>=0.5.6' \
			>"$tmp/pip.log" 2>&1
fi
if "$venv/bin/python" -c 'import pytrec_eval' 2>/dev/null; then
	"$venv/bin/python" - "$root/bench" >"$tmp/out" 2>&1 <<'END'
import random, sys
sys.path.insert(0, sys.argv[1])
import pytrec_eval, trec
NAMES = ("ndcg_cut_10", "map", "P_10", "recall_100", "recip_rank")
seed = 20261124
r = random.Random(seed)
checked = nonzero = 0
for trial in range(100):
    qrels, run = {}, {}
    for q in range(5):
        docs = ["d%d" % i for i in range(r.choice([3, 20, 300]))]
        qrels["q%d" % q] = {d: r.choice([-1, 0, 0, 0, 1, 2, 3]) for d in r.sample(docs, r.randint(1, len(docs)))}
        found = r.sample(docs + ["x%d" % i for i in range(5)], r.randint(1, len(docs)))
        run["q%d" % q] = {d: r.choice([r.random(), float(r.randint(1, 5)), 1 + r.random() * 1e-7]) for d in found}
    theirs = pytrec_eval.RelevanceEvaluator(qrels, {"ndcg_cut.10", "map", "P.10", "recall.100", "recip_rank"}).evaluate(run)
    mine = trec.evaluate(qrels, run)
    for q in theirs:
        for m, n in zip(trec.MEASURES, NAMES):
            checked += 1
            nonzero += theirs[q][n] > 0
            if abs(mine[q][m] - theirs[q][n]) > 1e-6:
                sys.exit("seed %d, trial %d, %s, %s: %r against %r" % (seed, trial, q, m, mine[q][m], theirs[q][n]))
print("same" if checked == 2500 and nonzero > 1000 else "%d values, %d not 0" % (checked, nonzero))
END
	is "the same as pytrec_eval on random runs" "same" "$(tail -n 1 "$tmp/out")"
else
	skip "the comparison with pytrec_eval: it cannot be installed: $(tail -n 1 "$tmp/pip.log" 2>/dev/null)"
fi

# ---- a collection ------------------------------------------------------------

c=$tmp/coll
mkdir "$c"
cat >"$c/corpus.jsonl" <<'END'
{"id":"a","lang":"en","text":"water law of the river"}
{"id":"b c","lang":"en","text":"water and the sea"}
{"id":"d","lang":"en","text":"income tax"}
END
printf '{"id":"1","text":"river water?"}\n{"id":"2","text":"sea\\twater"}\n' >"$c/queries.jsonl"
printf '1\t0\ta\t1\n2\t0\tb c\t2\n' >"$c/qrels.tsv"
exits "eval of a collection" 0 $eval_py --default-op or --json "$tmp/c.json" --save "$tmp/runs" "$c"
like "ids with blanks are found again" '\| 1\.0000 \| 1\.0000 \| 0\.1000 \| 1\.0000 \| 1\.0000 \|' "$out"
exits "any of the words, when nothing is said" 0 $eval_py "$c"
like "any of the words" '\| 1\.0000 \| 1\.0000 \| 0\.1000 \| 1\.0000 \| 1\.0000 \|' "$out"
exits "sweep" 0 $eval_py --sweep k1=0.9,1.2 --sweep b=0.4 "$c"
like "sweep: a line each" '\| 0\.9 \| 0\.4 \|.*' "$out"
exits "sweep of what is no number" 2 $eval_py --sweep k1=x "$c"
printf '2\t0\tnowhere\t1\n' >>"$c/qrels.tsv"
exits "judgements for unknown documents" 2 $eval_py --json "$tmp/c.json" "$c" "$tmp/nothing"
like "unknown documents: says so" '1 judgements are for documents that the collection has not' "$out"
like "unknown documents: measured all the same" '\| nDCG@10 \|' "$out"
like "a folder that is no collection" 'nothing: no corpus' "$out"
like "what was measured is kept" '"nDCG@10"' "$(cat "$tmp/c.json")"
exits "unknown documents allowed" 0 $eval_py --allow-unknown "$c"

# ---- engines side by side ------------------------------------------------------

cat >"$tmp/fake.py" <<'END'
import sys, time
mode = sys.argv[1]
for n, line in enumerate(sys.stdin):
    command, query = line.rstrip("\n").split("\t")
    count = 20 + len(query)
    if mode == "miscount" and query.startswith('"') and query.endswith('"'):
        count += 1
    k = int(command[5:]) if command.startswith("HITS_") else 0
    if mode == "die" and n == 60:
        sys.exit("the disk is gone")
    if mode == "hang" and n == 9:
        time.sleep(60)
    if mode == "nocount" and (command == "COUNT" or command.endswith("_COUNT")):
        print("UNSUPPORTED", flush=True)
    elif mode == "babble" and n == 9:
        print("Segfault?", flush=True)
    elif command == "NOTHING" or (mode == "nophrase" and query.startswith('"')):
        print("UNSUPPORTED", flush=True)
    elif k and mode == "other":
        print(" ".join("x%d:%d" % (i, 99 - i) for i in range(min(k, count))), flush=True)
    elif k:  # quantised: the scale is another, and the last two change places
        order = list(range(min(k, count)))
        if mode == "ties" and len(order) > 11:
            order[9], order[10] = 10, 9
        print(" ".join("d%d:%.4f" % (d, (1000 - i) * (0.3 if mode == "ties" else 1)) for i, d in enumerate(order)), flush=True)
    elif command == "COUNT" or command.endswith("_COUNT"):
        print(count, flush=True)
    else:
        print(1, flush=True)
END
cat >"$tmp/q.jsonl" <<'END'
{"text": "the", "tags": ["term"]}
{"text": "+a +b", "tags": ["intersection", "global", "intersection:num_tokens_2"]}
{"text": "\"a b\"", "tags": ["phrase"]}
{"text": "a b", "tags": ["union"]}
{"text": "+\"the who\" +uk", "tags": ["two-phase-critic"]}
END
fake="python3 $tmp/fake.py"
# compare NAME STATUS OPTION...: into $tmp/out, output in $out
compare() {
	compare_name=$1
	compare_status=$2
	shift 2
	exits "$compare_name" "$compare_status" $compare_py --queries "$tmp/q.jsonl" --rounds 2 --warmup 1 \
		--timeout 2 --out "$tmp/out.d" $plots "$@"
}
plots=
# cell COMMAND CLASS ENGINE: "speed", "refused" or "none" from the JSON
cell() {
	python3 -c 'import json,sys
f, command, cls, engine = sys.argv[1:]
c = next(c for c in json.load(open(f))["cells"] if (c["command"], c["class"]) == (command, cls))
print("speed" if engine in c["engines"] else "refused" if engine in c["refused"] else "none")' "$tmp/out.d/compare.json" "$@"
}
compare "engines that agree" 0 "one=$fake plain" "two=$fake ties"
is "a speed" "speed" "$(cell TOP_10 union two)"
like "a ratio with its interval" '\| two \| [0-9]+\.[0-9]+ \([0-9.]+-[0-9.]+\) \|' "$out"
like "near ties are counted" '\| union \| two \| 1 / 1 \| 1 \| 0 \| 0\.900 \| 1\.000 \|' "$out"
like "the class of the critic" '\| two-phase \|' "$out"
if command -v gnuplot >/dev/null; then
	like "a plot in SVG" '<svg' "$(head -c 400 "$tmp/out.d/TOP_10.mean.svg")"
	is "a plot in PNG" "PNG" "$(head -c 4 "$tmp/out.d/TOP_10.mean.png" | tail -c 3)"
else
	like "no gnuplot is said" 'gnuplot is missing' "$out"
fi
plots=--no-plots
rm "$tmp"/out.d/*.dat
compare "two engines that differ" 2 "one=$fake plain" "two=$fake miscount"
is "no plots when none are wanted" "" "$(find "$tmp/out.d" -name '*.dat')"
is "neither has a speed" "refused refused" "$(cell COUNT phrase one) $(cell COUNT phrase two)"
is "where they agree both have" "speed speed" "$(cell COUNT term one) $(cell COUNT term two)"
like "the query is listed" 'a b.*two: count 26 against 25 of one' "$out"
compare "one of three differs" 2 "one=$fake plain" "two=$fake miscount" "three=$fake plain"
is "the others have their speed" "speed refused speed" \
	"$(cell COUNT phrase one) $(cell COUNT phrase two) $(cell COUNT phrase three)"
compare "a difference that is allowed" 0 --allow-disagreement 1 "one=$fake plain" "two=$fake miscount"
compare "other documents" 2 "one=$fake plain" "two=$fake other"
is "no speed for other documents" "refused" "$(cell TOP_10 term two)"
compare "what one does not support" 0 "one=$fake plain" "two=$fake nophrase"
is "unsupported: no speed" "speed none speed" \
	"$(cell TOP_10 phrase one) $(cell TOP_10 phrase two) $(cell TOP_10 term two)"
plots=
compare "an engine that cannot count" 0 "one=$fake plain" "two=$fake nocount"
plots=--no-plots
is "it has its speed where it need not" "none speed" "$(cell COUNT union two) $(cell TOP_10 union two)"
is "and the plots are drawn" 0 "$(printf '%s\n' "$out" | grep -c 'could not draw')"
compare "an engine that dies in the middle" 2 "one=$fake plain" "two=$fake die" "three=$fake plain"
like "it is said what it said" 'two: ended with status 1 at .*the disk is gone' "$out"
is "what was measured is kept" "speed speed" "$(cell TOP_10 term one) $(cell TOP_10 term three)"
# stream ENGINE: how many cells of the stream it has a time in, of all
stream() {
	python3 -c 'import json,sys
s = json.load(open(sys.argv[1]))["stream"]
print(sum(bool(c["us"].get(sys.argv[2])) for c in s), len(s))' "$tmp/out.d/compare.json" "$1"
}
compare "requests in a stream" 0 --rounds 0 --stream 2 --stream-time 0.01 "one=$fake plain" "two=$fake ties"
is "all cells have two rounds" "25 25" "$(stream two)"
like "a ratio in a stream" '\| union \| [0-9.]+ / [0-9.]+ two, [0-9.]+ \([0-9.]+-[0-9.]+\) \|' "$out"
compare "a stream with what one does not support" 0 --rounds 0 --stream 1 --stream-time 0.01 \
	"one=$fake plain" "two=$fake nophrase"
is "it has no time there" "20 25" "$(stream two)"
compare "a stream with one that differs" 2 --rounds 0 --stream 1 --stream-time 0.01 \
	"one=$fake plain" "two=$fake miscount" "three=$fake plain"
is "nor has who differs" "20 25" "$(stream two)"
compare "an engine that dies in a stream" 2 --rounds 0 --stream 1 --stream-time 0.01 \
	"one=$fake plain" "two=$fake die"
like "what it said" 'two: ended with status 1 at .a stream of TOP_10.*the disk is gone' "$out"
is "the other goes on" "25 25" "$(stream one)"
compare "no rounds at all" 2 --rounds 0 "one=$fake plain" "two=$fake plain"
compare "an engine that hangs" 2 "one=$fake plain" "two=$fake hang"
like "the hang is said" 'two: no answer within 2 s' "$out"
compare "an engine that babbles" 2 "one=$fake plain" "two=$fake babble"
like "the babble is said" 'two: .* (is not a number|not id:score).*' "$out"
compare "an engine that is missing" 2 "one=$fake plain" two=no-such-program
like "the missing one is named" "two: there is no program 'no-such-program'" "$out"
is "the other is measured" "speed" "$(cell COUNT term one)"
compare "a name that is no peer" 2 --indexes "$tmp" "one=$fake plain" nonesuch
like "the peers are named" 'no such peer' "$out"

mkdir "$tmp/indexes" "$tmp/indexes/fts5" "$tmp/unbuilt"
CDG_BUILD=$tmp/unbuilt
compare "a peer that is not built" 2 --indexes "$tmp/indexes" "one=$fake plain" fts5
like "it is said how to build it" 'fts5: ended with status 1 .*not built: run bench/peers/fts5/build' "$out"
is "and the other is measured" "speed" "$(cell COUNT term one)"
CDG_BUILD=$build

# ---- growth beside peers -------------------------------------------------------

scale_py="python3 $root/bench/scale_peers.py"
exits "a peer that there is not" 2 $scale_py --dir "$tmp/scale" --peers fts5,nonesuch
like "is named" "there is no peer 'nonesuch'" "$out"
exits "a size that is no number" 2 $scale_py --dir "$tmp/scale" --peers fts5 --sizes 10q
exits "a peer that is not built" 2 env CDG_BUILD="$tmp/unbuilt" CDGBENCH="$build/cdgbench" $scale_py \
	--dir "$tmp/scale" --peers fts5 --sizes 50 --per-kind 1
like "it is said how to build it" 'fts5 could not index 50 documents .*run bench/peers/fts5/build' "$out"
is "what was measured before is kept" 1 "$(grep -c '"engine": "cdgsearch"' "$tmp/scale/peers.jsonl")"
is "and is in the table" 2 "$(grep -c . "$tmp/scale/peers.csv")"
is "no corpus is left behind" 0 "$(find "$tmp/scale" -name 'peers-*' | grep -c .)"
echo '{"step": "ind' >>"$tmp/scale/peers.jsonl"
exits "results cut off in a line" 2 env CDGBENCH="$build/cdgbench" $scale_py --dir "$tmp/scale" --peers fts5 --sizes 50
like "which is named" 'peers.jsonl, line 2: not a line of results' "$out"

printf 'caf\351\n' >"$tmp/latin"
exits "queries in Latin-1" 2 $compare_py --queries "$tmp/latin" --out "$tmp/x" "one=$fake plain"
like "queries in Latin-1: says so" 'latin, line 1: not UTF-8' "$out"
printf 'a\0b\0' | sed 's/^/\xff\xfe/' >"$tmp/utf16"
exits "queries in UTF-16" 2 $compare_py --queries "$tmp/utf16" --out "$tmp/x" "one=$fake plain"
like "queries in UTF-16: says so" 'UTF-16' "$out"
printf '{"text": 5}\n' >"$tmp/bad"
exits "a query that is a number" 2 $compare_py --queries "$tmp/bad" --out "$tmp/x" "one=$fake plain"
: >"$tmp/bad"
exits "no queries" 2 $compare_py --queries "$tmp/bad" --out "$tmp/x" "one=$fake plain"
exits "no file of queries" 2 $compare_py --queries "$tmp/absent" --out "$tmp/x" "one=$fake plain"
finish
