#!/bin/sh
# Facets by year and month: what a timeline shows is what the filter of its bars finds.
. tests/cli/_common.sh
idx=$tmp/idx

records() {
	cat <<-'EOF'
	{"id":"a","date":"2013-05-02","text":"reform"}
	{"id":"b","date":"2013-05-30","text":"reform"}
	{"id":"c","date":"2013-06","text":"reform"}
	{"id":"d","date":"2013","text":"reform"}
	{"id":"e","text":"reform without a date"}
	{"id":"f","date":"2009-12-31","text":"reform","signed":["2010-01-01","2010-06-05","2011-02-03"]}
	{"id":"g","date":"2021-01-01","text":"other","signed":["2011-02-03","2011-02-03"]}
	EOF
}
facet() {
	"$search" -q -d "$idx" -n 0 --format json --facet "$1" -- "$2" | sed 's/.*"facets"/"facets"/'
}
year='"facets":{"year":[{"value":"2009","count":1},{"value":"2013","count":4}]},"facets_missing":{"year":1}}'
month='"facets":{"month":[{"value":"2009-12","count":1},{"value":"2013","count":1},{"value":"2013-05","count":2},{"value":"2013-06","count":1}]},"facets_missing":{"month":1}}'
signed='"facets":{"signed:year":[{"value":"2010","count":1},{"value":"2011","count":2}]},"facets_missing":{"signed:year":5}}'

check() {
	is "$1: years in order of time" "$year" "$(facet year reform)"
	is "$1: months, a bare year among them" "$month" "$(facet month reform)"
	is "$1: a list counts once a year" "$signed" "$(facet signed:year "reform OR other")"
	is "$1: the latest stay" '"facets":{"year":[{"value":"2013","count":4}]},"facets_missing":{"year":1}}' "$(facet year:1 reform)"
	like "$1: and that is said" 'the latest 1 of 2 periods' "$("$search" -d "$idx" --facet year:1 reform 2>&1)"
	like "$1: undated documents are told" '^ +1  without a date$' "$("$search" -d "$idx" --facet year reform 2>&1)"
	for y in 2009 2013; do
		is "$1: the bar of $y" "$(count "reform date:$y")" "$(facet year reform | sed "s/.*\"$y\",\"count\":\([0-9]*\).*/\1/")"
	done
}

records | "$index" -q -d "$idx" --jsonl - || exit 1
check native
like "no such field" "no field named 'nothing'" "$("$search" -d "$idx" --facet nothing:year reform 2>&1)"
# a second segment, and a field of that name
printf '%s\n' '{"id":"h","date":"2013-01-01","text":"reform"}' | "$index" -q -d "$idx" --jsonl -
is "two segments" '"facets":{"year":[{"value":"2009","count":1},{"value":"2013","count":5}]},"facets_missing":{"year":1}}' "$(facet year reform)"
printf '%s\n' '{"id":"i","year":1999,"text":"reform"}' | "$index" -q -d "$idx" --jsonl -
is "a field named year is meant" '"facets":{"year":[{"value":"1999","count":1}]}}' "$(facet year reform)"
like "years of date all the same" '"value":"2013","count":5' "$(facet date:year reform)"

if [ -e "$build/lib/libcdgsearch-xapian.so" ] || ls "$build"/lib/*xapian* >/dev/null 2>&1; then
	idx=$tmp/xap
	records | "$index" -q -d "$idx" --backend xapian --jsonl - || not_ok "a Xapian database"
	check xapian
fi
exit $bad
