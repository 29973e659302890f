#!/bin/sh
# places.sh - hits open where their text is: phrases drawn from pages of the PDF samples and
# from numbered elements of the XML samples (places.py).  CDG_SEED draws the same again.
. tests/cli/_common.sh

samples=../shared/raw-samples
if [ ! -d "$samples" ] || ! command -v pdftotext >/dev/null; then
	skip "no samples, or no pdftotext to draw from"
	exit 0
fi
seed=${CDG_SEED:-$(date +%s)}
echo "# CDG_SEED=$seed"
"$index" -q -d "$tmp/i" "$samples/pdf" "$samples/xml" >"$tmp/log" 2>&1
like "the samples are indexed" '^[0-9]+ inputs|^$' "$(tail -1 "$tmp/log" | sed 's/^cdgindex: //')"
python3 tests/extract/places.py "$search" "$tmp/i" "$samples" "$seed" || bad=1
finish
