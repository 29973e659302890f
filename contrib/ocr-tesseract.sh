#!/bin/sh
# ocr-tesseract.sh - the text of a scanned PDF: pages are separated by form feeds, as
# pdftotext does it.
#
# usage: contrib/ocr-tesseract.sh FILE.pdf [LANGUAGES]
#
# LANGUAGES as tesseract has them ("eng+deu"; default $OCR_LANG, or eng). Needs pdftoppm
# (poppler-utils) and tesseract (tesseract-ocr). Exit status 0: something was recognised.
set -eu

[ $# -ge 1 ] || {
	echo "usage: ocr-tesseract.sh FILE.pdf [LANGUAGES]" >&2
	exit 2
}
file=$1
case $file in
-*) file=./$file ;;
esac
languages=${2:-${OCR_LANG:-eng}}
tmp=$(mktemp -d "${TMPDIR:-/tmp}/cdg-ocr.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
trap 'exit 2' INT TERM

pages=$(pdfinfo -- "$file" | sed -n 's/^Pages: *//p')
page=1
while [ "$page" -le "${pages:-0}" ]; do
	pdftoppm -r 300 -gray -f "$page" -l "$page" -singlefile "$file" "$tmp/page"
	OMP_THREAD_LIMIT=1 tesseract "$tmp/page.pgm" - -l "$languages" 2>/dev/null | tr -d '\f'
	rm -f "$tmp/page.pgm"
	[ "$page" -eq "$pages" ] || printf '\f'
	page=$((page + 1))
done
