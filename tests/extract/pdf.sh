#!/bin/sh
# pdf.sh - a PDF from its bytes to a hit that opens at the page.
. tests/cli/_common.sh

extract=$build/cdg-extract
samples=../shared/raw-samples/pdf
idx=$tmp/idx

# make FILE: two pages, with numbered sections
make_pdf() {
	{
		printf '%%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n'
		printf '2 0 obj\n<< /Type /Pages /Kids [4 0 R 6 0 R] /Count 2 >>\nendobj\n'
		printf '3 0 obj\n<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>\nendobj\n'
		for page in 4 6; do
			printf '%s 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] ' $page
			printf '/Contents %s 0 R /Resources << /Font << /F1 3 0 R >> >> >>\nendobj\n' $((page + 1))
		done
		one='BT /F1 12 Tf 50 700 Td (PART I) Tj 0 -40 Td (Article 1) Tj 0 -40 Td (Water is free.) Tj ET'
		two='BT /F1 12 Tf 50 700 Td (PART II) Tj 0 -40 Td (Article 2) Tj 0 -40 Td (Dams are measured.) Tj ET'
		printf '5 0 obj\n<< /Length %s >>\nstream\n%s\nendstream\nendobj\n' ${#one} "$one"
		printf '7 0 obj\n<< /Length %s >>\nstream\n%s\nendstream\nendobj\n' ${#two} "$two"
		printf 'trailer\n<< /Root 1 0 R /Size 8 >>\n%%%%EOF\n'
	} >"$1"
}

make_pdf "$tmp/water act.pdf"
"$extract" "$tmp/water act.pdf" >"$tmp/one.jsonl" 2>"$tmp/err"
is "it is read" 0 $?
"$index" -q -d "$idx" --jsonl - <"$tmp/one.jsonl" 2>"$tmp/err"
is "it is indexed" 0 $?
out=$("$search" -d "$idx" --format json dams)
like "page in JSON" '"page":2,' "$out"
like "path in JSON" '"section":\["PART II","Article 2"\]' "$out"
like "link in JSON" '"link":"file://.*/water%20act.pdf#page=2"' "$out"
out=$("$search" -d "$idx" dams)
like "page and path for people" 'p\. 2, PART II > Article 2:' "$out"
like "link for people" 'water%20act.pdf#page=2' "$out"
sed 's/"path":/"url":"https:\/\/x.example\/w.pdf?a=b#old","path":/' "$tmp/one.jsonl" |
	"$index" -q -d "$tmp/idx2" --jsonl - 2>"$tmp/err"
out=$("$search" -d "$tmp/idx2" --format json dams)
like "link of a URL" '"link":"https://x.example/w.pdf\?a=b#page=2"' "$out"

# glyphs.pdf: characters are numbers of glyphs but in one line; garbled.pdf and wrong.pdf: they are anything
if command -v python3 >/dev/null; then
	python3 - "$tmp" <<'END'
import sys
def pdf(name, lines, base=b"0000"):
    cmap = (b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
            b"1 begincodespacerange <00> <ff> endcodespacerange\n"
            b"1 beginbfrange <00> <ff> <%s> endbfrange endcmap end end" % base)
    text = b"BT /F1 12 Tf 50 780 Td " + b" 0 -30 Td ".join(b"<%s> Tj" % l.hex().encode() for l in lines) + b" ET"
    stream = lambda s: b"<< /Length %d >>\nstream\n%s\nendstream" % (len(s), s)
    o = [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [4 0 R] /Count 1 >>",
         b"<< /Type /Font /Subtype /Type1 /BaseFont /Courier /ToUnicode 6 0 R >>",
         b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 5 0 R /Resources << /Font << /F1 3 0 R >> >> >>",
         stream(text), stream(cmap)]
    out = b"%PDF-1.4\n"
    for i, x in enumerate(o):
        out += b"%d 0 obj\n%s\nendobj\n" % (i + 1, x)
    open(sys.argv[1] + name, "wb").write(out + b"trailer\n<< /Root 1 0 R /Size %d >>\n%%%%EOF\n" % (len(o) + 1))
special = {"\u00e4": 108, "\u00f6": 124, "\u00fc": 129, "\u00df": 137, "\u2014": 179}
code = lambda s: bytes(special.get(c, ord(c) - 29) for c in s)
pdf("/glyphs.pdf", [code("Der Gl\u00e4ubiger darf gem\u00e4\u00df der Verordnung vom 12. Mai 2014 die"), code("H\u00f6he der R\u00fccklage \u2014 die Verordnung \u00fcber Talsperren"),
                    b"This line names its letters in 1998.", code("Talsperren")])
text = "The minister shall publish a report about every reservoir in the country before the end of the year " * 4
pdf("/garbled.pdf", [text[i:i + 70].encode() for i in range(0, 400, 70)], b"E000")
bad = bytes.maketrans(b"aeiouy", b"xkzwqj")
pdf("/wrong.pdf", [text[i:i + 70].encode().translate(bad) for i in range(0, 400, 70)])
END
	out=$("$extract" --text "$tmp/glyphs.pdf" 2>&1 | tr -s '\n' ' ')
	like "numbers of glyphs are read" 'Der Gläubiger darf gemäß der Verordnung vom 12\. Mai 2014 die Höhe der Rücklage — die Verordnung über Talsperren' "$out"
	like "a word alone too" ' Talsperren *$' "$out"
	like "and other letters as they are" 'This line names its letters in 1998\.' "$out"
	out=$("$extract" --text "$tmp/garbled.pdf" 2>&1)
	like "characters that no text has are told" 'indexed without the true text of 1 of 1 pages: it is garbled' "$out"
	out=$("$extract" --text "$tmp/wrong.pdf" 2>&1)
	like "and a page without vowels" 'indexed without the true text of 1 of 1 pages: it is garbled' "$out"
	like "which is given all the same" 'rkpwrt' "$out"
	[ ! -d "$samples" ] || is "real ones are read" 3 "$(for n in 2014_j0754-1_0150 2016_j0795-1_0240 2016_j0842-1_0090; do
		"$extract" --text "$samples/bgbl1_$n.pdf" 2>/dev/null; done | grep -cE 'Unterhaltsrückstand für die Zeit|18	in der Bilanz aufgeführte|^2\. Genussrechtskapital')"
else
	skip "no python3 to make a PDF of glyphs with"
fi

if [ -d "$samples" ]; then
	like "a title beside the mark of an archive that runs up the page" '"title":"Unsupervised Keyphrase Extraction with Multipartite Graphs"' \
		"$("$extract" "$samples/keyword_detect_graph.pdf" 2>&1)"
	like "nor is what stands beside a box in the form a title" '"title":"bgbl1_2014_j0754-1_0150.pdf"' \
		"$("$extract" "$samples/bgbl1_2014_j0754-1_0150.pdf" 2>&1)"
	unread=0
	for file in "$samples"/*.pdf; do
		timeout 60 "$extract" "$file" >"$tmp/out" 2>"$tmp/err"
		status=$?
		[ $status -le 2 ] && { [ -s "$tmp/out" ] || [ -s "$tmp/err" ]; } || {
			not_ok "$file: exit $status"
			unread=1
		}
	done
	is "each sample is read or listed with its reason" 0 $unread
	if command -v pdftotext >/dev/null; then
		big=$samples/nz-parliament-journals-49th-weekly-pdf.pdf
		"$extract" "$big" 2>/dev/null | "$index" -q -d "$tmp/idx3" --jsonl - 2>"$tmp/err"
		for words in "Marine and Coastal Area" "Supplementary Order Paper No 169" "Christchurch City Council" \
			"Sale of Liquor" "valedictory statement" "Royal Society of New Zealand" "Franklin District Council" \
			"skill, care and diligence" "Private investigator" "Ngati Tuwharetoa"; do
			page=$("$search" -d "$tmp/idx3" --format json "\"$words\"" | sed -n 's/.*[,{]"page":\([0-9]*\).*/\1/p')
			pdftotext -f "${page:-0}" -l "${page:-0}" "$big" - | tr '\n' ' ' | tr -s ' ' >"$tmp/page"
			is "\"$words\" is on page ${page:-?}" 1 "$(grep -ciE "$(printf %s "$words" | sed 's/ / +/g')" "$tmp/page")"
		done
	else
		skip "no pdftotext to check pages with"
	fi
else
	skip "no samples of PDF"
fi
exit $bad
