#!/bin/sh
# bench_peers.sh - the peers of bench/peers that are built: the same corpus in, the
# same counts and hits out, and what breaks the contract.  A peer that is not built
# (`make peers`) is skipped.
. tests/cli/_common.sh
if ! command -v python3 >/dev/null; then
	skip "python3 is missing"
	finish
fi
CDG_BUILD=$build
export CDG_BUILD
tab=$(printf '\t')

cat >"$tmp/raw.jsonl" <<'EOF'
{"id":"one","text":"The Who are from the U.K."}
{"id":"t w:o%","text":"who is in the uk, and THE who is not"}
{"id":"three","text":"the uk"}
{"id":"four","text":"42 plans; plan the who"}
{"id":"five","text":"nothing of it here"}
EOF
exits "normalise" 0 python3 "$root/bench/peers/normalise.py" "$tmp/raw.jsonl"
printf '%s\n' "$out" >"$tmp/c.jsonl"
is "normalised text" '{"id": "one", "text": "the who are from the u k"}' "$(sed -n 1p "$tmp/c.jsonl")"
printf '{"id":"x","text":"fine"}\n{"id":"y"}\n' >"$tmp/bad.jsonl"
exits "normalise a record without text" 1 python3 "$root/bench/peers/normalise.py" "$tmp/bad.jsonl"
like "and the line" 'line 2' "$out"

cat >"$tmp/requests" <<EOF
COUNT${tab}the
COUNT${tab}uk plans the
COUNT${tab}+who +uk
COUNT${tab}"the who"
COUNT${tab}+"the who" +uk
COUNT${tab}+uk plan who
COUNT${tab}+uk -who
COUNT${tab}+the +nonesuch
COUNT${tab}nonesuch
TOP_10${tab}the who
TOP_7_COUNT${tab}the
WORST_10${tab}the
HITS_3${tab}+who +uk
HITS_3${tab}nonesuch
EOF
# what all must answer; PISA has neither counts nor phrases
answers="4 4 1 3 1 2 1 0 0 1 4 UNSUPPORTED hit none"
no="UNSUPPORTED"
ranked="$no $no $no $no $no $no $no $no $no 1 $no $no hit none"

# answered FILE: in one line; "hit" for the one document that has both words
answered() {
	sed -e 's/^t%20w%3Ao%25:[0-9.e+-]*$/hit/' -e 's/^$/none/' "$1" | tr '\n' ' ' | sed 's/ $//'
}

# check_peer NAME ANSWERS
check_peer() {
	peer=$1
	dir=$root/bench/peers/$peer
	exits "$peer: index" 0 "$dir/index" "$tmp/c.jsonl" "$tmp/$peer"
	like "$peer: reports" '"peer":"'"$peer"'".*"documents":5,.*"seconds":[0-9.]+.*"bytes":[1-9]' "$out"
	exits "$peer: a folder that is not empty" 2 "$dir/index" "$tmp/c.jsonl" "$tmp/$peer"
	timeout 60 "$dir/query" "$tmp/$peer" <"$tmp/requests" >"$tmp/$peer.out" 2>"$tmp/err"
	is "$peer: status" 0 $?
	is "$peer: answers" "$2" "$(answered "$tmp/$peer.out")"
	printf 'TOP_10\tthe\nTOP_10 the\nTOP_10\twho\n' >"$tmp/broken"
	timeout 60 "$dir/query" "$tmp/$peer" <"$tmp/broken" >"$tmp/out" 2>"$tmp/err"
	is "$peer: a broken line ends it" 1 $?
	is "$peer: answers before it are kept" 1 "$(cat "$tmp/out")"
	like "$peer: the line is named" "line 2: not of the form" "$(cat "$tmp/err")"
	exits "$peer: a corpus with a broken line" 1 "$dir/index" "$tmp/bad.jsonl" "$tmp/$peer.bad"
	like "$peer: which is named" 'line 2' "$out"
	exits "$peer: no corpus" 2 "$dir/index" "$tmp/none.jsonl" "$tmp/$peer.none"
	exits "$peer: no index" 2 "$dir/query" "$tmp/none"
}

for peer in tantivy lucene lucene-bp xapian fts5 pisa; do
	"$root/bench/peers/$peer/query" "$tmp" </dev/null >"$tmp/built" 2>&1
	if grep -q 'not built' "$tmp/built"; then
		skip "$(head -n 1 "$tmp/built")"
		continue
	fi
	case $peer in
	pisa) check_peer pisa "$ranked" ;;
	*) check_peer $peer "$answers" ;;
	esac
	quick=$peer
done

# growth beside the last of those that start quickly
[ "${quick:-pisa}" != pisa ] || quick=fts5
if [ -e "$tmp/$quick" ]; then
	set -- "$build/cdgbench" scale --dir "$tmp/scale" --peers "$quick" --per-kind 2 --rounds 1 --warmup 0 --no-pin
	exits "scale beside $quick" 0 "$@" --sizes 100,300
	is "a line a size and engine" 5 "$(grep -c . "$tmp/scale/peers.csv")"
	like "the exponents" "\| $quick \| [0-9.]+ / [0-9.]+ \| -?[0-9.]+ \| - \| [0-9.]+ / [0-9.]+ \| -?[0-9.]+ \|" "$out"
	if command -v gnuplot >/dev/null; then
		like "a curve in SVG" '<svg' "$(head -c 400 "$tmp/scale/latency.svg")"
		is "a curve in PNG" "PNG" "$(head -c 4 "$tmp/scale/index.png" | tail -c 3)"
	fi
	exits "a larger size later" 0 "$@" --sizes 100,400
	like "what is there is not measured again" '100 documents: there already' "$out"
	is "and is added" 7 "$(grep -c . "$tmp/scale/peers.csv")"
	exits "a size indexed now" 0 "$@" --sizes 500 --index-only --keep
	is "no queries yet" 0 "$(grep -c '"step": "query", "docs": 500' "$tmp/scale/peers.jsonl")"
	touch -d 2001-01-01 "$tmp/scale/peers-500.jsonl" "$tmp/scale/peers-500.$quick"
	exits "and asked later" 0 "$@" --sizes 500 --keep
	is "queries of both" 2 "$(grep -c '"step": "query", "docs": 500,.*"kind": "all"' "$tmp/scale/peers.jsonl")"
	is "what was kept was used" 2 "$(find "$tmp/scale" -maxdepth 1 -name 'peers-500*' ! -name '*.log' \
		! -name '*.cdgsearch' ! -newermt 2002-01-01 | grep -c .)"
else
	skip "growth beside a peer: none is built that can count"
fi
finish
