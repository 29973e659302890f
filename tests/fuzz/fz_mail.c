/* fz_mail.c - any bytes as a message; as a box of them if they begin with "From ". */
#include "tests/fuzz/reader.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bool box = size >= 5 && memcmp(data, "From ", 5) == 0;

	return fuzz_reader(box ? extract_mbox : extract_mail, box ? "a.mbox" : "a.eml", data, size);
}
