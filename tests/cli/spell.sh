#!/bin/sh
# spell.sh - "did you mean": misspelt words of a query, its syntax kept.
. tests/cli/_common.sh
idx=$tmp/i
i=0
while [ $i -lt 60 ]; do
	echo "{\"id\":\"g$i\",\"title\":\"Government $i\",\"lang\":\"en\",\"text\":\"The government reforms the labour market, $i. Supply side nothing.\"}"
	i=$((i + 1))
done >"$tmp/r.jsonl"
cat >>"$tmp/r.jsonl" <<'END'
{"id":"a","title":"Typo","lang":"en","text":"The goverment of labels."}
{"id":"b","title":"Écoles","lang":"fr","text":"Les écoles de la région."}
END
"$index" -q -d "$idx" --jsonl "$tmp/r.jsonl"

# mean QUERY WANTED [OPTIONS]
mean() {
	mean_query=$1
	mean_want=$2
	shift 2
	is "did you mean, $mean_query" "$mean_want" \
		"$("$search" -q -d "$idx" --did-you-mean --format json "$@" -- "$mean_query" | python3 -c '
import json, sys
print(json.load(sys.stdin).get("suggestion", "-"))')"
}
mean governmnet government
mean GOVERNMNET government
mean goverment government
mean ogvernment government
mean 'labuor market' 'labour market'
mean '  (labuor AND  "govenment  reforms") AND lang:en' '  (labour AND  "government  reforms") AND lang:en'
mean 'title:govenment^2' 'title:government^2'
mean supplyside 'supply side'
mean 'no thing' nothing
mean écolse 'écoles'
mean 'labuor zzzzzz' - # with nothing in place of the other it finds nothing
mean government -
mean 'government -labuor' -
mean 'lang:enn' -
mean 'goverm*' -
mean '=Governmnet' -
mean 'a1234 2013' -
mean 'xy@governmnet.org' -
mean governmnet - --filter lang:fr
mean 'governmnet' government --default-op or
like "text has it above the hits" '^Did you mean: government$' "$("$search" -d "$idx" governmnet)"
is "not with --no-suggest" "" "$("$search" -d "$idx" --no-suggest governmnet | grep Did)"
is "not in JSON unless asked for" 0 "$("$search" -d "$idx" --format json governmnet | grep -c suggestion)"
is "not in a batch" "" "$(echo governmnet | "$search" -d "$idx" --batch - | grep Did)"
exits "any bytes" 1 "$search" -d "$idx" --did-you-mean "$(printf '\377\376gov\200er"(nmnet:(')"
finish
