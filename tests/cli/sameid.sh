#!/bin/sh
# sameid.sh - documents that would have one id: records without an id in files of one
# name, and ids that come from two files.  None is lost unsaid.
. tests/cli/_common.sh
cd "$tmp" || exit 2
idx=$tmp/i
mkdir a b c
printf '{"text":"alpha one"}\n{"text":"alpha two"}\n' >a/x.jsonl
printf '{"text":"beta one"}\n{"text":"beta two"}\n{"text":"beta three"}\n' >b/x.jsonl
printf 'text,n\ngamma,1\n' >a/y.csv
printf 'text,n\ndelta,1\n' >b/y.csv

ids() {
	"$index" -d "$idx" dump --ids | sort | tr '\n' ' '
}

# add ARGS...: output in $out
add() {
	exits "index $*" 0 "$index" -d "$idx" "$@"
}

both='b/x.jsonl:1 b/x.jsonl:2 b/x.jsonl:3 b/y.csv:2 x.jsonl:1 x.jsonl:2 y.csv:2 '

# ---- files of one name
add a
is "one folder: by name" 'x.jsonl:1 x.jsonl:2 y.csv:2 ' "$(ids)"
add b
is "the second: by path" "$both" "$(ids)"
like "none is replaced" 'replaced +0' "$out"
add b a
like "again: all is known" 'same files +4' "$out"
add --force b a
is "with --force, in another order" "$both" "$(ids)"
printf '{"text":"alpha three"}\n' >>a/x.jsonl
printf '{"text":"beta four"}\n' >>b/x.jsonl
add b a
like "what changed keeps its ids" 'unchanged +5' "$out"
is "and has new ones" "b/x.jsonl:4 x.jsonl:3 " "$(ids | tr ' ' '\n' | grep -e :4 -e l:3 | grep -v b/x.jsonl:3 | tr '\n' ' ')"
for threads in 1 4; do
	rm -rf "$idx"
	add --threads "$threads" a b
	is "in one run of $threads" 8 "$(ids | tr ' ' '\n' | grep -c -e 'x.jsonl:[1-3]' -e y.csv)"
	matches 'alpha OR beta OR gamma OR delta' 9
done
mkdir d
cp -r a b d
rm -rf "$idx"
add d
matches 'alpha OR beta OR gamma OR delta' 9
rm -rf "$idx"
cp a/x.jsonl x.jsonl
add b
add x.jsonl
is "a path without a folder" './x.jsonl:1 ./x.jsonl:2 ./x.jsonl:3 x.jsonl:1 x.jsonl:2 x.jsonl:3 x.jsonl:4 y.csv:2 ' "$(ids)"

# ---- moved
rm -rf "$idx" c
mkdir c
add a b
mv b/x.jsonl c/x.jsonl
add c
is "moved: by the path that it has" 'b/y.csv:2 c/x.jsonl:1 c/x.jsonl:2 c/x.jsonl:3 c/x.jsonl:4 x.jsonl:1 x.jsonl:2 x.jsonl:3 y.csv:2 ' "$(ids)"
mv c/x.jsonl b/x.jsonl
rm -rf "$idx"
add a
mv a/x.jsonl c/x.jsonl
add c
like "the only one of its name: renamed" 'renamed +1' "$out"
is "it keeps its ids" 'x.jsonl:1 x.jsonl:2 x.jsonl:3 y.csv:2 ' "$(ids)"
mv c/x.jsonl a/x.jsonl
add a
printf '{"text":"epsilon"}\n' >c/x.jsonl
mv a/x.jsonl hidden
add c
like "another where the one of its name is gone is told" 'c/x.jsonl: warning: its document "x.jsonl:1" takes the place of that in a/x.jsonl' "$out"
mv hidden a/x.jsonl
exits "check" 0 "$index" -q -d "$idx" check

# ---- ids that records have
printf '{"id":"k1","text":"one"}\n{"id":"k2","text":"two"}\n{"id":"k2","text":"two again"}\n' >e1.jsonl
printf '{"id":"k2","text":"zwei"}\n{"id":"k3","text":"drei"}\n' >e2.jsonl
rm -rf "$idx"
add e1.jsonl e2.jsonl
like "an id of two files is told" 'e2.jsonl: warning: its document "k2" takes the place of that in e1.jsonl' "$out"
is "once" 1 "$(printf '%s\n' "$out" | grep -c 'warning')"
add e1.jsonl e2.jsonl
is "not where nothing is read" 0 "$(printf '%s\n' "$out" | grep -c 'warning')"
printf '{"id":"k1","text":"eins"}\n' >>e2.jsonl
add e1.jsonl e2.jsonl
like "told where one of them is read" 'its document "k1" takes the place of that in e1.jsonl' "$out"
printf '{"id":"k1","text":"un"}\n' >>e2.jsonl
add e2.jsonl
is "not of an update" 0 "$(printf '%s\n' "$out" | grep -c 'warning')"
seq 1 30 | sed 's/.*/{"id":"&","text":"w&"}/' >s1.jsonl
sed 's/"w/"v/' s1.jsonl >s2.jsonl
rm -rf "$idx"
add -v s1.jsonl s2.jsonl
is "ten are named" 10 "$(printf '%s\n' "$out" | grep -c 'takes the place of that in s1.jsonl')"
like "and the others counted" 'and 20 documents more whose id came before' "$out"

# ---- within one file
python3 - <<'X'
import warnings, zipfile
warnings.simplefilter("ignore")
z = zipfile.ZipFile("twice.zip", "w")
for text in "first", "second":
    z.writestr("r.txt", "rho " + text)
    z.writestr("q.jsonl", '{"text":"kappa %s"}\n' % text)
z.writestr("p/q.jsonl", '{"text":"kappa third"}\n')
z.close()
X
rm -rf "$idx"
add twice.zip
like "two members of one name are told" 'twice.zip: warning: it has more than one document "twice.zip/r.txt": the last counts' "$out"
like "and record files" 'more than one document "twice.zip/q.jsonl:1"' "$out"
matches rho 1
matches kappa 2

exit $bad
