/* fz_html.c - any bytes as HTML. */
#include "tests/fuzz/reader.h"

FUZZ_READER(extract_text, "a.html")
