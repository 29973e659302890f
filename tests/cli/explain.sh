#!/bin/sh
# explain.sh - what --explain prints is enough to work out every score again.
. tests/cli/_common.sh
idx=$tmp/i
"$index" -q -d "$idx" --exclude README.md examples/demo/laws examples/demo/plans
"$index" -q -d "$idx" examples/demo/speeches examples/demo/guidance
"$index" -q -d "$idx" delete examples/demo/laws/water-resources-act.md 2>/dev/null

cat >"$tmp/again.py" <<'END'
# Reads the output of --explain and works out each hit's score by the formula
# that it prints, from the figures that it prints.
import math, re, sys

def number(name, line):
    m = re.search(r'\b%s (-?[0-9.e+-]+)' % name, line)
    return float(m.group(1)) if m else None

k1 = b = n = average = titles = None
hits, lines, bad = 0, 0, []
hit = total = 0

def done():
    if hit and abs(total - hit) > 1e-5 * max(1, hit):
        bad.append('the lines add up to %r, the score is %r' % (total, hit))

for line in sys.stdin:
    m = re.search(r'k1 ([0-9.e+-]+), b ([0-9.e+-]+), N (\d+), average ([0-9.e+-]+), of titles ([0-9.e+-]+)', line)
    if m:
        k1, b, n, average, titles = map(float, m.groups())
    m = re.match(r'hit \d+, .*: score ([0-9.e+-]+)$', line)
    if m:
        done()
        hit, total, hits = float(m.group(1)), 0, hits + 1
    if not hit or number('tf', line) is None:
        continue
    lines += 1
    df, idf, weight = number('df', line), number('idf', line), number('weight', line)
    if df is not None and abs(math.log(1 + (n - df + 0.5) / (df + 0.5)) - idf) > 1e-5:
        bad.append('idf: ' + line)
    if abs((number('boost', line) or 1) * idf - weight) > 1e-5:
        bad.append('weight: ' + line)
    mean = titles if 'title:' in line else average
    score = weight * (1 - 1 / (1 + number('tf', line) / (k1 * (1 - b + b * number('length', line) / mean))))
    if abs(score - number('score', line)) > 1e-5:
        bad.append('%r: %s' % (score, line))
    total += number('score', line)
done()
if len(sys.argv) > 1 and hits < int(sys.argv[1]):
    bad.append('%d hits' % hits)
print('%d hits, %d lines%s' % (hits, lines, ''.join('\n' + x for x in bad)))
sys.exit(bool(bad) or not lines)
END

# again LEAST OPTIONS... QUERY: at least that many hits
again() {
	least=$1
	shift
	out=$("$search" -d "$idx" --explain -n 20 "$@" 2>&1 | python3 "$tmp/again.py" "$least")
	is "scores worked out again: $*" 0 $?
	[ "$bad" -eq 0 ] || printf '%s\n' "$out"
}
again 2 reform
again 2 '"top-level design"'
again 2 --default-op or 'water reform "supply-side reform"^2 title:act govern*'
again 1 'reform NEAR/20 design OR (water | river)'
again 5 --k1 0.9 --b 0.4 'public -water'
again 5 --weight title=3 'act OR "data governance"^0.5 OR penal*'
exits "the formula is there" 0 "$search" -d "$idx" --explain reform
like "the formula is there: BM25" '^BM25: score = weight' "$out"
finish
