/* fz_xml.c - any bytes as XML. */
#include "tests/fuzz/reader.h"

FUZZ_READER(extract_xml, "a.xml")
