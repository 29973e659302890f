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

# FIELD:open counts as the same search without the filters about FIELD alone.
laws() {
	cat <<-'EOF'
	{"id":"1","lang":"en","type":"law","topics":["water","air"],"text":"reform"}
	{"id":"2","lang":"en","type":"plan","topics":["water"],"text":"reform"}
	{"id":"3","lang":"de","type":"law","topics":["air"],"text":"reform"}
	{"id":"4","lang":"de","type":"law","date":"2013-05-02","text":"reform"}
	{"id":"5","lang":"zh","type":"plan","date":"2014-05-02","text":"reform"}
	{"id":"6","lang":"fr","type":"law","text":"other, and a \"quoted\" word"}
	EOF
}
# FACET QUERY OPTION...: its values, value=count
values() {
	f=$1 q=$2
	shift 2
	"$search" -q -d "$idx" -n 0 --format json --facet "$f" "$@" -- "$q" |
		sed 's/.*"facets":{"[^"]*":\[\([^]]*\).*/\1/; s/},{/ /g; s/[{}]//g; s/"value":"\([^"]*\)","count":\([0-9]*\)/\1=\2/g'
}
open() {
	en='lang:="en"' two='lang:="en" OR lang:="de"'
	is "$1: one value narrows" "en=2" "$(values lang reform --filter "$en")"
	is "$1: two values widen" "de=2 en=2" "$(values lang reform --filter "$two")"
	is "$1: two filters are both to match" "" "$(values lang reform --filter "$en" --filter 'lang:="de"')"
	is "$1: open, the others still count" "de=2 en=2 zh=1" "$(values lang:open reform --filter "$en")"
	is "$1: open, whatever is chosen" "de=2 en=2 zh=1" "$(values lang:open reform --filter "$two")"
	is "$1: open, with nothing chosen" "de=2 en=2 zh=1" "$(values lang:open reform)"
	is "$1: open, another field's filter counts" "de=2 en=1" "$(values lang:open reform --filter "$two" --filter type:law)"
	is "$1: another facet keeps to the choice" "law=3 plan=1" "$(values type reform --filter "$two")"
	is "$1: a filter about two fields is of neither" "en=1" "$(values lang:open reform --filter 'lang:en type:law')"
	is "$1: a filter about words is none of a field" "en=2" "$(values lang:open reform --filter 'lang:en reform')"
	is "$1: NOT is about its field" "de=2 en=2 zh=1" "$(values lang:open reform --filter 'NOT lang:en')"
	is "$1: lists" "air=2 water=2" "$(values topics:open reform --filter 'topics:="water"')"
	is "$1: the most frequent" "de=2" "$(values lang:open:1 reform --filter "$en")"
	is "$1: open when nothing is found" "de=2 en=2 zh=1" "$(values lang:open reform --filter 'lang:="xx"')"
	is "$1: open years" "2013=1 2014=1" "$(values date:year:open reform --filter date:2013)"
	is "$1: open years of date" "2013=1 2014=1" "$(values year:open reform --filter date:2013)"
	is "$1: years that are not" "2013=1" "$(values year reform --filter date:2013)"
	is "$1: relaxed as the search without the filter" "$(values lang 'reform quoted')" "$(values lang:open 'reform quoted' --filter "$en")"
	is "$1: in one answer" '"lang:open":[{"value":"de","count":2},{"value":"en","count":2},{"value":"zh","count":1}],"lang":[{"value":"en","count":2}],"type":[{"value":"law","count":1},{"value":"plan","count":1}]' \
		"$("$search" -q -d "$idx" -n 0 --format json --facet lang:open --facet lang --facet type --filter "$en" reform | sed 's/.*"facets":{\(.*\)}}$/\1/')"
	is "$1: a field that is none" "" "$(values nothing:open reform --filter nothing:x)"
}

records | "$index" -q -d "$idx" --jsonl - || exit 1
check native
idx=$tmp/laws
laws | "$index" -q -d "$idx" --jsonl - || exit 1
open native
like "by its name in text" '^lang:open$' "$("$search" -d "$idx" --facet lang:open reform 2>&1)"
idx=$tmp/idx
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
	idx=$tmp/xaplaws
	laws | "$index" -q -d "$idx" --backend xapian --jsonl - || not_ok "a Xapian database"
	open xapian
fi
exit $bad
