/* fz_archive.c - any bytes as an archive or a compressed file; the first says which. */
#include "tests/fuzz/reader.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	return data[0] & 1 ? fuzz_reader(extract_archive, "a.tar", data + 1, size - 1) :
			     fuzz_reader(extract_compressed, "a.tar.gz", data + 1, size - 1);
}
