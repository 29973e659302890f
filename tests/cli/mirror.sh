#!/bin/sh
# mirror.sh - addresses of documents by where their files are: --mirror, --url-base, and the
# settings of folders.
. tests/cli/_common.sh
idx=$tmp/idx
m=$tmp/m
mkdir -p "$m/www.example.org/a b" "$m/http/old.example.org" "$m/notes/x"
page() {
	printf '<html><head><title>t</title>%s</head><body><p>Some words of %s.</p></body></html>' "$2" "$1" >"$1"
}
page "$m/www.example.org/index.html" ''
page "$m/www.example.org/a b/law.php?id=5.html" ''
page "$m/www.example.org/canon.html" '<link rel="canonical" href="https://example.org/true">'
page "$m/http/old.example.org/p.html" ''
page "$m/notes/n.html" ''
echo '{"id":"r","text":"a record"}' >"$m/www.example.org/r.jsonl"

field() {
	"$index" -d "$idx" dump --doc "$1" 2>/dev/null | sed -n "s/^ *$2: *//p"
}
cd "$m" || exit 2
exits "a mirror" 0 "$index" -q -d "$idx" --mirror ./ .
is "index.html is the folder" https://www.example.org/ "$(field www.example.org/index.html url)"
is "a script, a blank" 'https://www.example.org/a%20b/law.php?id=5' "$(field 'www.example.org/a b/law.php?id=5.html' url)"
is "the page's own address wins" https://example.org/true "$(field www.example.org/canon.html url)"
is "a folder of a protocol" http://old.example.org/p.html "$(field http/old.example.org/p.html url)"
is "what is no host has none" '' "$(field notes/n.html url)"
is "a record has none" '' "$(field r url)"
out=$("$index" -d "$idx" --mirror . . 2>&1)
like "again: nothing to do" 'same files +6' "$out"
exits "without it they are read again" 0 "$index" -q -d "$idx" .
is "and have none" '' "$(field www.example.org/index.html url)"

exits "a base" 0 "$index" -q -d "$idx" --url-base "notes=https://n.example/x=y" --mirror "$m/" "$m"/www.example.org . 2>&1
is "the address of a folder" https://n.example/x=y/n.html "$(field notes/n.html url)"
is "but not beside it" '' "$(field www.example.org/index.html url)"
is "a mirror from the root" https://www.example.org/ "$(field "$m/www.example.org/index.html" url)"
rm -rf "$idx"
cd "$tmp" || exit 2
echo 'url = https://conf.example/' >"$m/notes/.cdgindex.conf"
cp "$m/notes/n.html" "$m/notes/x/deep.html"
echo ' ' >>"$m/notes/x/deep.html"
exits "settings and options" 0 "$index" -q -d "$idx" --url-base m=https://all.example --url-base m/notes/x/=https://x.example m
is "the outer base" https://all.example/www.example.org/ "$(field m/www.example.org/index.html url)"
is "settings further in" https://conf.example/n.html "$(field m/notes/n.html url)"
is "a base further in" https://x.example/deep.html "$(field m/notes/x/deep.html url)"
echo 'mirror = yes' >"$m/.cdgindex.conf"
rm "$m/notes/.cdgindex.conf"
exits "settings of a mirror" 0 "$index" -q -d "$idx" m
is "say it too" https://www.example.org/ "$(field m/www.example.org/index.html url)"
echo 'mirror = perhaps' >"$m/.cdgindex.conf"
"$index" -q -d "$idx" m 2>/dev/null
like "yes or no" 'line 1: mirror is yes or no' "$("$index" -d "$idx" stat --failed 2>&1)"

exits "no folder" 2 "$index" -d "$idx" --url-base =https://x.example m
exits "no address" 2 "$index" -d "$idx" --url-base m=x.example m
like "is told" 'no address' "$out"
exits "no =" 2 "$index" -d "$idx" --url-base m m
exits "a folder that nothing is in" 2 "$index" -d "$idx" --mirror "$m" m
like "is told" 'write both from the root' "$out"
finish
