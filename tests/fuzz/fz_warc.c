/* fz_warc.c - any bytes as an archive of the Web, plain or compressed. */
#include "tests/fuzz/reader.h"

FUZZ_READER(extract_warc, "a.warc")
