/* fz_rtf.c - any bytes as RTF. */
#include "tests/fuzz/reader.h"

FUZZ_READER(extract_rtf, "a.rtf")
