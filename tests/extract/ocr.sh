#!/bin/sh
# ocr.sh - scanned PDFs and pictures, read by a program that is named: what it gives, and what
# is said when it fails, hangs, does not stop or is not there.
. tests/cli/_common.sh
command -v python3 >/dev/null || {
	skip "no python3 to make scans with"
	exit 0
}
idx=$tmp/idx
docs=$tmp/docs
mkdir "$docs" "$tmp/mixed" "$tmp/tmp" "$tmp/a b"
TMPDIR=$tmp/tmp
export TMPDIR

# a PDF of two pages, each a picture (of a text where pdftoppm is), and a PNG of the same
python3 - "$docs" <<'END'
import struct, subprocess, sys, zipfile, zlib
def objects(list, trailer):
    out = b"%PDF-1.4\n"
    for i, o in enumerate(list):
        out += b"%d 0 obj\n%s\nendobj\n" % (i + 1, o)
    return out + b"trailer\n<< /Root 1 0 R /Size %d %s >>\n%%%%EOF\n" % (len(list) + 1, trailer)
def stream(head, data):
    return b"<< %s /Length %d >>\nstream\n%s\nendstream" % (head, len(data), data)
text = b"BT /F1 24 Tf 50 700 Td (Reservoir ordinance) Tj 0 -40 Td (Dams are measured yearly.) Tj ET"
page = objects([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [4 0 R] /Count 1 >>",
                b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
                b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 5 0 R"
                b" /Resources << /Font << /F1 3 0 R >> >> >>", stream(b"", text)], b"")
w, h, grey = 600, 800, b"\xff" * 480000
try:
    pgm = subprocess.run(["pdftoppm", "-r", "100", "-gray", "-singlefile", "-"], input=page, capture_output=True).stdout
    if pgm.startswith(b"P5"):
        head = pgm.split(b"\n", 3)
        w, h = map(int, head[1].split())
        grey = head[3]
except OSError:
    pass
kids = [4, 7]
o = [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [4 0 R 7 0 R] /Count 2 >>",
     b"<< /Title (An old ordinance) /Author (Ann Author) >>"]
for k in kids:
    o += [b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents %d 0 R"
          b" /Resources << /XObject << /I %d 0 R >> >> >>" % (k + 1, k + 2),
          stream(b"", b"q 600 0 0 800 0 0 cm /I Do Q"),
          stream(b"/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceGray"
                 b" /BitsPerComponent 8 /Filter /FlateDecode" % (w, h), zlib.compress(grey))]
pdf = objects(o, b"/Info 3 0 R")
def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
rows = b"".join(b"\0" + grey[y * w:(y + 1) * w] for y in range(h))
png = (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", w, h, 8, 0, 0, 0, 0)) +
       chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
def words(s):
    return stream(b"", b"BT /F1 16 Tf 50 780 Td " + b" 0 -24 Td ".join(b"(%s) Tj" % x for x in s.encode().split(b"|")) + b" ET")
# text, a stamped picture, text, a stamped picture, nothing
o = [b"<< /Type /Catalog /Pages 2 0 R >>", b"", b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
     stream(b"/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceGray"
            b" /BitsPerComponent 8 /Filter /FlateDecode" % (w, h), zlib.compress(grey)),
     stream(b"", b"q 600 0 0 700 0 0 cm /I Do Q BT /F1 16 Tf 50 780 Td (Received and filed) Tj ET")]
kids = []
for page in ["Received and filed|Article 1|A first page with text.", None, "Received and filed|Article 3|The third page has text.", None, ""]:
    kids.append(len(o) + 1)
    o.append(b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents %d 0 R"
             b" /Resources << /Font << /F1 3 0 R >> /XObject << /I 4 0 R >> >> >>" % (5 if page is None else len(o) + 2))
    if page is not None:
        o.append(words(page))
o[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(b"%d 0 R" % k for k in kids), len(kids))
d = sys.argv[1]
open(d + "/../mixed/mixed.pdf", "wb").write(objects(o, b""))
with zipfile.ZipFile(d + "/../mixed/z.zip", "w") as z:
    z.writestr("in/mixed.pdf", objects(o, b"") + b"\n")
open(d + "/scan.pdf", "wb").write(pdf)
open(d + "/-pic $(touch x).png", "wb").write(png)
with zipfile.ZipFile(d + "/z.zip", "w") as z:
    z.writestr("in/scan.pdf", pdf + b"\n")
    z.writestr("in/page.png", png)
END

# fake NAME: a program of that name from standard input
fake() {
	cat >"$tmp/$1"
	chmod +x "$tmp/$1"
}

fake good <<'END'
#!/bin/sh
[ -r "$1" ] && [ $# -eq 1 ] || exit 9
stat -c %a "$1" >>"${0%/*}/modes"
echo "$1" >>"${0%/*}/seen"
printf 'Article 1\nThe well is deep, and the reser-\nvoir is full.\n\fArticle 2\nA second page about sluices.\n\f'
END

cd "$docs" || exit 2
exits "without --ocr scans are listed" 2 "$index" -q -d "$idx" scan.pdf z.zip
like "and why" 'scan.pdf: .*OCR is needed' "$("$index" -d "$idx" stat --failed)"
exits "with it they are tried again" 0 "$index" -v -d "$idx" --ocr "'$tmp/good'" .
is "nothing is listed any more" "" "$("$index" -d "$idx" stat --failed)"
is "a PDF, a picture, and both in an archive" 4 "$(sort -u "$tmp/seen" | wc -l)"
matches sluices 4
matches reservoir 4
out=$("$search" -d "$idx" --format jsonl 'sluices path:scan.pdf')
like "title of the PDF" '"title":"An old ordinance"' "$out"
like "its author" '"author":"Ann Author"' "$out"
like "page and link" '"link":"scan.pdf#page=2"' "$out"
like "numbered sections" '"section":\["Article 2"\]' "$out"
like "a name with dashes and spaces is one argument" "^\./-pic ..touch x..png$" "$(cat "$tmp/seen")"
[ ! -e x ] && ok "no shell reads it" || not_ok "a shell read the name"
is "nothing is left of members" "" "$(ls "$TMPDIR")"
is "which nobody else may read" 2 "$(grep -c '^600$' "$tmp/modes")"
: >"$tmp/seen"
exits "a second run" 0 "$index" -q -d "$idx" --ocr "$tmp/good" .
exits "and one without" 0 "$index" -q -d "$idx" .
is "recognises nothing again" "" "$(cat "$tmp/seen")"
matches sluices 4

# words of the command
fake words <<'END'
#!/bin/sh
for word; do printf '<%s>' "$word"; done
END
cp "$tmp/words" "$tmp/a b/words"
exits "words in quotes" 0 "$index" -q -d "$tmp/i2" --ocr "\"$tmp/a b/words\"  -l 'deu eng' {} a\\ b \"\"" scan.pdf
like "are kept together" '<-l><deu eng><scan.pdf><a b><>' "$("$index" -d "$tmp/i2" dump --format jsonl)"

# what goes wrong: wrong NAME PATTERN [OPTIONS], with the program from standard input
wrong() {
	wrong_name=$1 wrong_like=$2
	shift 2
	fake bad
	rm -rf "$tmp/i3"
	out=$(timeout -k 5 60 "$index" -q -d "$tmp/i3" --ocr "$tmp/bad" "$@" scan.pdf z.zip 2>&1)
	is "$wrong_name: exit" 2 $?
	like "$wrong_name: listed" "^scan.pdf: $wrong_like" "$("$index" -d "$tmp/i3" stat --failed 2>&1)"
	like "$wrong_name: a member too" "^z.zip: in/scan.pdf: $wrong_like" "$("$index" -d "$tmp/i3" stat --failed 2>&1)"
	is "$wrong_name: nothing is left" "" "$(ls "$TMPDIR")"
}
wrong failure 'OCR failed \(exit 3\): no such language$' <<'END'
#!/bin/sh
echo "some text"
printf '\n no such language\nmore\n' >&2
exit 3
END
wrong crash 'OCR failed \(signal 11\)$' <<'END'
#!/bin/sh
kill -11 $$
END
wrong silence 'OCR found no text: blank page$' <<'END'
#!/bin/sh
printf '\n \f\n'
echo "blank page" >&2
END
wrong hang 'OCR took longer than 1 s$' --ocr-timeout 1 <<'END'
#!/bin/sh
trap '' TERM
sleep 1000.731 &
wait
sleep 1000.731
END
is "hang: its processes have ended" "" "$(pgrep -f 'sleep 1000[.]731')"
wrong "endless complaint" 'OCR took longer than 1 s$' --ocr-timeout 1 <<'END'
#!/bin/sh
exec yes "it hurts" >&2
END
wrong "endless output" 'OCR gave more than 256 MiB$' <<'END'
#!/bin/sh
exec yes "it flows and flows and flows and flows and flows and flows and flows and flows and flows"
END
wrong "no program behind it" 'OCR: cannot start .*/bad: No such file' <<'END'
#!/nowhere/interpreter
END
fake child <<'END'
#!/bin/sh
sleep 1000.732 &
echo "text of a parent"
END
rm -rf "$tmp/i3"
exits "a child that goes on does not hold it up" 0 timeout 20 "$index" -q -d "$tmp/i3" --ocr "$tmp/child" scan.pdf
is "and is ended" "" "$(pgrep -f 'sleep 1000[.]732')"
fake odd <<'END'
#!/bin/sh
printf 'caf\351 \000 text\n'
END
rm -rf "$tmp/i3"
exits "what is not UTF-8 is replaced" 0 "$index" -q -d "$tmp/i3" --ocr "$tmp/odd" scan.pdf
like "and indexed" 'caf.* text' "$("$index" -d "$tmp/i3" dump --format jsonl)"

rm -rf "$tmp/i4"
exits "no such program" 2 "$index" -d "$tmp/i4" --ocr no-such-program-here scan.pdf
like "is said" 'ocr: there is no program no-such-program-here' "$out"
[ ! -e "$tmp/i4" ] && ok "before anything is done" || not_ok "an index was made"
exits "an open quote" 2 "$index" -d "$tmp/i4" --ocr "'$tmp/good" scan.pdf
like "is said too" 'quote' "$out"
exits "no words" 2 "$index" -d "$tmp/i4" --ocr " " scan.pdf

# Ctrl-C
fake slow <<'END'
#!/bin/sh
: >"${0%/*}/began"
sleep 1000.733
END
"$index" -q -d "$tmp/i5" --ocr "$tmp/slow" scan.pdf 2>"$tmp/err" &
pid=$!
n=0
while [ ! -e "$tmp/began" ] && [ $n -lt 100 ]; do
	sleep 0.1
	n=$((n + 1))
done
kill -TERM $pid
wait $pid
is "stopped while it is recognised" 2 $?
like "and says so" 'stopped' "$(cat "$tmp/err")"
is "with all that it started" "" "$(pgrep -f 'sleep 1000[.]733')"

# PDFs of which some pages have text
mixed=$tmp/mixed
idx=$tmp/i7
cd "$mixed" || exit 2
fake some <<'END'
#!/bin/sh
echo "pages:$CDG_OCR_PAGES" >>"${0%/*}/wanted"
printf 'not this one\f\n\nArticle 2\nSluices were recog-\nnised.\n\fnor this\fArticle 4\nDykes\n\f'
END
exits "some pages are pictures" 0 "$index" -q -d "$idx" .
out=$("$index" -d "$idx" stat --skipped 2>/dev/null)
like "what lacks is listed" '^mixed.pdf: indexed without 3 of 5 pages: .*OCR is needed' "$out"
like "of members too" '^z.zip: in/mixed.pdf: indexed without 3 of 5 pages: ' "$out"
is "and is no failure" "" "$("$index" -d "$idx" stat --failed 2>/dev/null)"
matches "third" 2
exits "unchanged" 0 "$index" -q -d "$idx" .
is "it stays listed" 2 "$("$index" -d "$idx" stat --skipped 2>/dev/null | wc -l)"
exits "with --ocr" 0 env CDG_OCR_PAGES=1 "$index" -q -d "$idx" --ocr "'$tmp/some'" .
is "the program is told which" "pages:2 4 5" "$(sort -u "$tmp/wanted")"
is "nothing is listed any more" "" "$("$index" -d "$idx" stat --skipped 2>/dev/null)"
matches "sluices recognised" 2
matches '"not this"' 0
matches nor 0
for want in "first 1 1" "sluices 2 2" "third 3 3" "dykes 4 4"; do
	set -- $want
	out=$("$search" -d "$idx" --format jsonl "$1 path:mixed.pdf")
	like "$1: its page" "\"link\":\"mixed.pdf#page=$2\"" "$out"
	like "$1: numbers go on" "\"section\":\[\"Article $3" "$out"
done
: >"$tmp/wanted"
exits "again" 0 "$index" -q -d "$idx" --ocr "'$tmp/some'" .
is "nothing is recognised twice" "" "$(cat "$tmp/wanted")"

fake bad <<'END'
#!/bin/sh
exit 3
END
exits "where it fails" 0 "$index" -q -d "$idx" --force --ocr "'$tmp/bad'" .
like "that is listed" '^mixed.pdf: OCR failed .exit 3.$' "$("$index" -d "$idx" stat --failed 2>&1)"
matches third 2
matches sluices 0
like "and numbers are found" '"section":\["Article 3' "$("$search" -d "$idx" --format jsonl third)"
fake bad <<'END'
#!/bin/sh
printf 'one\ftwo dams\f'
END
exits "with less than all pages" 0 "$index" -q -d "$idx" --force --ocr "'$tmp/bad'" mixed.pdf
like "that too" '^mixed.pdf: OCR gave 3 pages: page 5 is lacking$' "$("$index" -d "$idx" stat --failed 2>&1)"
matches "two dams" 1
cd "$docs" || exit 2

if command -v tesseract >/dev/null && command -v pdftoppm >/dev/null; then
	rm -rf "$tmp/i6"
	exits "tesseract" 0 "$index" -q -d "$tmp/i6" --ocr "sh $root/contrib/ocr-tesseract.sh" .
	idx=$tmp/i6
	matches "reservoir ordinance" 4
	like "and pages" '"link":"scan.pdf#page=1"' "$("$search" -d "$idx" --format json 'measured path:scan.pdf')"
	is "tesseract: nothing is left" "" "$(ls "$TMPDIR")"
	cd "$mixed" || exit 2
	rm -rf "$tmp/i6"
	exits "tesseract: some pages" 0 "$index" -q -d "$tmp/i6" --ocr "sh $root/contrib/ocr-tesseract.sh" mixed.pdf
	like "found" '"link":"mixed.pdf#page=2"' "$("$search" -d "$idx" --format json 'measured')"
else
	skip "no tesseract and pdftoppm"
fi
finish
