#!/bin/sh
# ocr-tesseract.sh - the text of a scanned PDF, or of a picture (PNG, JPEG, TIFF): pages are
# separated by form feeds, as pdftotext does it.
#
# usage: contrib/ocr-tesseract.sh FILE [LANGUAGES]
#        cdgindex --ocr contrib/ocr-tesseract.sh FOLDER
#
# Of a PDF only the pages in $CDG_OCR_PAGES are read ("3 7 8"), where it is set: the others have text.
# LANGUAGES as tesseract has them ("eng+deu"; default $OCR_LANG, or eng). Needs pdftoppm
# (poppler-utils) and tesseract (tesseract-ocr). Exit status 0: all pages were read.
set -eu

[ $# -ge 1 ] || {
	echo "usage: ocr-tesseract.sh FILE [LANGUAGES]" >&2
	exit 2
}
file=$1
case $file in
-*) file=./$file ;;
esac
languages=${2:-${OCR_LANG:-eng}}
for program in pdfinfo pdftoppm tesseract; do
	command -v $program >/dev/null || {
		echo "$program is not installed" >&2
		exit 2
	}
done
tmp=$(mktemp -d "${TMPDIR:-/tmp}/cdg-ocr.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
trap 'exit 2' INT TERM

# recognise IMAGE: its text, or what went wrong
recognise() {
	OMP_THREAD_LIMIT=1 tesseract "$1" - -l "$languages" >"$tmp/text" 2>"$tmp/says" || {
		cat "$tmp/says" >&2
		exit 1
	}
	tr -d '\f' <"$tmp/text"
}

if [ "$(head -c 5 -- "$file")" != %PDF- ]; then
	recognise "$file"
	exit
fi
pages=$(pdfinfo -- "$file" 2>/dev/null | sed -n 's/^Pages: *//p')
page=1
while [ "$page" -le "${pages:-0}" ]; do
	case " ${CDG_OCR_PAGES:-$page} " in
	*" $page "*)
		pdftoppm -r 300 -gray -f "$page" -l "$page" -singlefile "$file" "$tmp/page"
		recognise "$tmp/page.pgm"
		rm -f "$tmp/page.pgm"
		;;
	esac
	[ "$page" -eq "$pages" ] || printf '\f'
	page=$((page + 1))
done
