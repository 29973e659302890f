#!/bin/sh
# near.sh - NEAR and ADJ over parentheses: what is about the document comes out of
# them.
. tests/cli/_common.sh
idx=$tmp/i

x='one two three four five six seven eight nine ten'
cat >"$tmp/r.jsonl" <<EOF
{"id":"1","lang":"en","type":"law","text":"apple $x pear plum $x kiwi"}
{"id":"2","lang":"en","type":"plan","text":"apple kiwi $x pear $x kiwi"}
{"id":"3","lang":"en","type":"law","text":"apple one kiwi one pear $x fig"}
{"id":"4","lang":"en","type":"plan","text":"apple $x kiwi one pear one kiwi apple"}
{"id":"5","lang":"en","type":"law","text":"pear kiwi fig"}
EOF
exits "index" 0 "$index" -q -d "$idx" "$tmp/r.jsonl"
ids() {
	is "$1" "$2" "$("$search" -q -d "$idx" --format ids -- "$1" | sort | tr '\n' ' ' | sed 's/ $//')"
}
ids 'apple NEAR/2 kiwi' '2 3 4'
ids '(apple AND pear) NEAR/2 kiwi' '3 4'
ids '(apple pear) NEAR/2 kiwi' '3 4'
ids 'kiwi NEAR/2 (apple AND pear)' '3 4'
ids '(apple AND fig) NEAR/2 kiwi' ''
ids '(apple OR fig) NEAR/2 kiwi' '2 3 4 5'
ids '(apple NOT fig) NEAR/2 kiwi' '2 4'
ids '(apple AND type:law) NEAR/2 kiwi' '3'
ids '(apple OR type:law) NEAR/2 kiwi' '1 2 3 4 5'
ids '(fig OR (apple pear)) NEAR/2 kiwi' '3 4 5'
ids '(apple pear) ADJ/2 kiwi' ''
ids '(apple MAYBE fig) NEAR/2 kiwi' '2 3 4'
ids 'pear NEAR/2 (kiwi -type:plan)' '3 5'
exits "NOT alone" 0 "$search" -d "$idx" --format ids 'apple NEAR/2 NOT fig'
like "NOT alone is said" 'read as AND' "$out"
exits "nine operands" 1 "$search" -d "$idx" --format ids 'a NEAR b NEAR c NEAR d NEAR e NEAR f NEAR g NEAR h NEAR i'
like "nine operands are said" 'more than 8 operands' "$out"
exits "--strict" 2 "$search" -d "$idx" --strict 'apple NEAR/2 date:2013'
finish
