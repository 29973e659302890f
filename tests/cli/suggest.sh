#!/bin/sh
# suggest.sh - completions of what is being typed: words in their context, phrases,
# values, titles; what was typed before is kept; hostile lines.
. tests/cli/_common.sh
idx=$tmp/i
tab=$(printf '\t')
cat >"$tmp/r.jsonl" <<'END'
{"id":"a","title":"Supply Chains Act","lang":"en","type":"law","text":"The supply-side reform began. A supply chain act."}
{"id":"b","title":"White Paper on Supply","lang":"en","type":"White Paper","text":"The supply chain act is about supply chain safety, and sugar."}
{"id":"c","title":"Économie verte","lang":"fr","type":"law","text":"L'économie et les écoles. Ecologie."}
{"id":"d","title":"关于经济发展的报告","lang":"zh","type":"plan","text":"促进经济发展和改革。经济发展很快。经济体制改革。"}
END
"$index" -q -d "$idx" --jsonl "$tmp/r.jsonl"

suggest() {
	"$search" -d "$idx" --suggest "$@" 2>&1
}

is "words by frequency" "word${tab}2${tab}supply
word${tab}1${tab}sugar
word${tab}1${tab}supply-side" "$(suggest su | grep ^word)"
is "the word before counts" "word${tab}2${tab}supply chain" "$(suggest 'supply c' | sed -n 1p)"
like "what follows" "^phrase${tab}0${tab}supply chain act$" "$(suggest 'supply ch')"
like "after a blank" "^phrase${tab}0${tab}supply chain act$" "$(suggest 'supply ')"
like "after a hyphen" "^word${tab}1${tab}supply-side$" "$(suggest 'supply-s')"
is "what was typed is kept" "word${tab}2${tab}(date:2013 OR  Reform) AND \"supply chain" \
	"$(suggest '(date:2013 OR  Reform) AND "supply ch' | sed -n 1p)"
is "accents and capitals do not count" "word${tab}1${tab}ecologie
word${tab}1${tab}écoles
word${tab}1${tab}économie" "$(suggest 'ÉCO' | grep ^word | sed "s/l'économie/économie/")"
like "characters without spaces" "^phrase${tab}0${tab}经济发展" "$(suggest 经济)"
like "one character" "^word${tab}1${tab}经济$" "$(suggest 经)"
is "values of a field" "value${tab}2${tab}lang:en
value${tab}1${tab}lang:fr
value${tab}1${tab}lang:zh" "$(suggest lang:)"
is "one that needs quotes" "value${tab}1${tab}x type:=\"White Paper\"" "$(suggest 'x type:whi')"
is "in a group" "value${tab}1${tab}type:(law|plan" "$(suggest 'type:(law|pl')"
is "in quotes" "value${tab}1${tab}type:\"White Paper\"" "$(suggest 'type:"White P')"
is "an identifier" "value${tab}1${tab}id:a" "$(suggest 'id:' | sed -n 1p)"
is "words of the title" "word${tab}1${tab}title:white" "$(suggest 'title:w')"
like "titles" "^title${tab}1${tab}Supply Chains Act$" "$(suggest 'act sup')"
like "one letter more leaves the titles" "^title${tab}1${tab}Supply Chains Act$" "$(suggest 'act supply z')"
like "two do not" "^0$" "$(suggest 'act supply zz' | grep -c ^title)"

# Behind a frequent word: what follows it in one document of a hundred, or in three of 3,000,
# comes before words that are frequent elsewhere.
python3 - <<'END' | "$index" -q -d "$tmp/many" --jsonl - --optimize
import json
for i in range(3000):
    text = "common stone. The common zone%d. " % (i % 7) + " ".join("zeta%d" % ((i + k) % 60) for k in range(20)) + " zebra zoo. "
    text += "A common zebra. " if i % 100 == 99 else ""
    text += "A common zoo." if i in (1200, 1201, 2800) else ""
    print(json.dumps({"id": str(i), "text": text}))
END
is "words that stand behind a frequent one" "common zebra
common zoo" "$("$search" -d "$tmp/many" --suggest 'common z' | cut -f3 | grep 'z[eo][bo][^n]*$' | head -2)"
is "and before those that do not" 0 "$("$search" -d "$tmp/many" --suggest 'common z' | cut -f3 | head -5 | grep -c zeta)"
for line in '' ' ' 'reform AND ' 'refo*' 'su~1' '/su/' 'su^2' '"supply"' 'date>=2015-' 'nosuch:x' ')' '§'; do
	exits "nothing for <$line>" 1 "$search" -d "$idx" --suggest "$line"
	is "nothing for <$line>" "" "$out"
done
exits "no more than asked for" 0 "$search" -d "$idx" -n 1 --suggest s
is "no more than asked for" 1 "$(printf '%s\n' "$out" | wc -l)"
exits "-n 0" 2 "$search" -d "$idx" -n 0 --suggest s
exits "a long line has none" 1 "$search" -d "$idx" --suggest "$(printf '%03000d' 0) su"

# Completions of a beginning, in an index of several segments with accents, are those of all its
# terms, folded and sorted here.
cat >"$tmp/twin.py" <<'END'
import collections, json, os, random, subprocess, sys, unicodedata
seed = int(os.environ.get('CDG_SEED') or random.randrange(1 << 30))
print('CDG_SEED=%d' % seed)
r = random.Random(seed)
index, search, tmp = sys.argv[1:]
path = tmp + '/twin'
def word():
    return ''.join(r.choice('abéeñ') for _ in range(r.randint(1, 5)))
vocabulary = [word() for _ in range(300)]
df = collections.Counter()
for commit in range(3):
    lines = []
    for d in range(40):
        words = [vocabulary[int(300 * r.random() ** 2)] for _ in range(r.randint(1, 30))]
        df.update(set(words))
        lines.append(json.dumps({'id': '%d.%d' % (commit, d), 'lang': 'none', 'text': ' '.join(words)}))
    subprocess.run([index, '-q', '-d', path, '--lang', 'none', '--jsonl', '-'], input='\n'.join(lines).encode(), check=True)
def fold(s):
    return ''.join(c for c in unicodedata.normalize('NFD', s) if not unicodedata.combining(c))
bad = 0
for _ in range(60):
    typed = word()[:r.randint(1, 3)]
    want = sorted((w for w in df if fold(w).startswith(fold(typed))), key=lambda w: (-df[w], w.encode()))
    want = [(w, df[w]) for w in want if w != typed][:20]
    out = subprocess.run([search, '-d', path, '-n', '100', '--suggest', '--', typed], stdout=subprocess.PIPE).stdout.decode()
    got = [(l.split('\t')[2], int(l.split('\t')[1])) for l in out.splitlines() if l.startswith('word')][:20]
    if got[:len(want)] != want:
        print('typed', typed, 'wanted', want, 'got', got)
        bad = 1
sys.exit(bad)
END
out=$(python3 "$tmp/twin.py" "$index" "$search" "$tmp" 2>&1)
is "completions are those of the whole dictionary" 0 $?
[ "$bad" -eq 0 ] || printf '%.2000s\n' "$out"

i=0
while [ $i -lt 40 ]; do
	head -c 60 /dev/urandom | tr -d '\000' >"$tmp/line"
	"$search" -d "$idx" --suggest -- "$(cat "$tmp/line")" >"$tmp/out" 2>&1
	[ $? -le 1 ] || {
		not_ok "any bytes: $(od -An -tx1 "$tmp/line" | tr -d '\n')"
		break
	}
	i=$((i + 1))
done
finish
