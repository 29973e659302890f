#!/bin/sh
# options.sh - options, their nonsense, exit codes, and where the index is.
. tests/cli/_common.sh
idx=$tmp/i
echo '{"id":"a","text":"water and air","title":"Water"}' >"$tmp/a.jsonl"
exits "index" 0 "$index" -q -d "$idx" "$tmp/a.jsonl"
is "-q is quiet" "" "$out"

for p in "$index" "$search"; do
	exits "$(basename "$p") --help" 0 "$p" --help
	like "$(basename "$p") --help says usage" '^Usage' "$out"
	exits "$(basename "$p") --version" 0 "$p" --version
	like "$(basename "$p") --version" "^$(basename "$p") [0-9]+\.[0-9]+\.[0-9]+$" "$out"
	exits "$(basename "$p") without anything" 2 "$p"
	exits "$(basename "$p"): unknown option" 2 "$p" -d "$idx" --nonsense x
	like "$(basename "$p"): names it" 'nonsense' "$out"
	exits "$(basename "$p"): -d without a value" 2 "$p" -d
	exits "$(basename "$p"): empty -d" 2 "$p" -d '' x
done

# option and value that must be refused by name
while read -r opt value; do
	exits "cdgsearch $opt $value" 2 "$search" -d "$idx" "$opt" "$value" water
	like "cdgsearch $opt $value: says which" "^cdgsearch: $opt" "$out"
done <<'END'
-n -1
-n 1x
-n 99999999999999999999999
-n 1000001
--offset -5
--offset 1e3
--format xml
--default-op xor
--sort ,
--sort date,
--facet :
--facet x:0
--facet x:99999999999
--k1 -1
--k1 nan
--k1 inf
--b 1.5
--b x
--weight 3
--weight title=
--weight title=-1
--weight body=2
--snippets 101
--snippets -1
--snippet-length 0
--time-limit 0
--time-limit soon
--snippet-length 100000000
--lang klingon
--color red
END
while read -r opt value; do
	exits "cdgindex $opt $value" 2 "$index" -d "$tmp/never" "$opt" "$value" "$tmp/a.jsonl"
	like "cdgindex $opt $value: says which" "^cdgindex: $opt" "$out"
done <<'END'
--threads 0
--threads -1
--threads 100000
--memory 1K
--memory x
--memory 99999999999G
--max-file-size 0
--lang klingon
END
[ -e "$tmp/never" ] && not_ok "a refused call made an index" || ok "a refused call makes no index"
exits "stat: --failed and --skipped" 2 "$index" -d "$idx" stat --failed --skipped
exits "an empty pattern" 2 "$index" -d "$tmp/never" --include '' "$tmp/a.jsonl"
exits "--jsonl and --csv" 2 "$index" -d "$tmp/never" --jsonl --csv "$tmp/a.jsonl"
exits "--k1 0" 0 "$search" -d "$idx" --k1 0 --b 0 water
exits "-n 0" 0 "$search" -d "$idx" -n 0 water
exits "a large offset" 0 "$search" -d "$idx" --offset 1000000 water
exits "--sort, --weight, --lang" 0 "$search" -d "$idx" --sort=-date,score --weight title=3 --lang en water
exits "a query that begins with a minus" 0 "$search" -d "$idx" -- '-nothing water'
exits "an empty filter" 2 "$search" -d "$idx" --filter ' ' water
like "an empty filter is named" '^cdgsearch: --filter' "$out"
exits "several arguments are one query" 0 "$search" -d "$idx" --format count water air
is "several arguments: all of them" 1 "$out"
exits "--batch and a query" 2 "$search" -d "$idx" --batch - water
exits "--batch of a missing file" 2 "$search" -d "$idx" --batch "$tmp/missing"
exits "--strict refuses what is warned of" 2 "$search" -d "$idx" --strict '(water'
exits "--explain" 0 "$search" -d "$idx" --explain water
like "--explain shows the plan" 'idf' "$out"

exits "no index there" 2 "$search" -d "$tmp/none" water
like "no index there: says where" "$tmp/none" "$out"
mkdir "$tmp/xapian"
: >"$tmp/xapian/iamglass"
exits "a Xapian database that is none" 2 "$search" -d "$tmp/xapian" water
like "a Xapian database that is none: named" "$tmp/xapian|libxapian" "$out"
exits "a server that is not there" 2 "$search" -d "localhost:7" water
like "a server that is not there: named" 'localhost:7|libxapian' "$out"
exits "a backend that is none" 2 "$index" -d "$tmp/xx" --backend lucene "$tmp/a.jsonl"
exits "a weighting that is none" 2 "$search" -d "$idx" --weighting xapian-bm25:k9=1 water
exits "a parameter of it that is no number" 2 "$search" -d "$idx" --weighting xapian-bm25:k1=x,b=0.2 water
exits "and one with something behind it" 2 "$search" -d "$idx" --weighting xapian-bm25:k1=1.5x water
exits "a weighting" 0 "$search" -d "$idx" --weighting xapian-bm25:k1=1.5,b=0.2,k2=0.1 water
exits "a file as an index" 2 "$search" -d "$tmp/a.jsonl" water
exits "a missing input" 2 "$index" -d "$tmp/never" "$tmp/missing.txt"
like "a missing input: named" 'missing.txt' "$out"

out=$(CDG_INDEX=$idx "$search" --format count water)
is "CDG_INDEX" 1 "$out"
mkdir -p "$tmp/cwd" && cp -r "$idx" "$tmp/cwd/.cdgsearch"
out=$(cd "$tmp/cwd" && "$search" --format count water)
is "./.cdgsearch" 1 "$out"
mkdir -p "$tmp/xdg/cdgsearch" && cp -r "$idx" "$tmp/xdg/cdgsearch/default"
out=$(cd "$tmp" && XDG_DATA_HOME=$tmp/xdg "$search" --format count water)
is "XDG_DATA_HOME" 1 "$out"
mkdir -p "$HOME/.local/share/cdgsearch" && cp -r "$idx" "$HOME/.local/share/cdgsearch/default"
out=$(cd "$tmp" && "$search" --format count water)
is "~/.local/share" 1 "$out"
finish
