/* fz_pdf.c - any bytes as PDF. */
#include "tests/fuzz/reader.h"

FUZZ_READER(extract_pdf, "a.pdf")
