/* fz_ole.c - any bytes as a compound file, or as the streams of one that is whole; the first
 * byte says which. */
#include "tests/extract/ole_write.h"
#include "tests/fuzz/reader.h"

/* The streams follow one another, each behind its length in two bytes; the last has the rest. */
static void
fuzz_streams(const char *const *names, size_t nnames, const uint8_t *p, size_t n)
{
	ole_writer w;
	buf file;

	ole_write_begin(&w);
	for (size_t i = 0; i < nnames; i++) {
		size_t k = n >= 2 && i + 1 < nnames ? load_u16(p) : n;

		if (n >= 2 && i + 1 < nnames) {
			p += 2;
			n -= 2;
		}
		k = min_size(k, n);
		ole_write_stream(&w, OLE_WRITE_ROOT, names[i], p, k);
		p += k;
		n -= k;
	}
	ole_write_end(&w, &file);
	fuzz_reader(extract_ole, "a.doc", file.p, file.len);
	buf_fini(&file);
}

/* A workbook of nothing, and an object in it of which the bytes are. */
static void
fuzz_embedded(const uint8_t *p, size_t n)
{
	static const char *const names[] = { "\1Ole10Native", "Package", "CONTENTS", "Workbook" };
	static const char book[] = "\x09\x08\x10\0\0\6\5\0\0\0\0\0\0\0\0\0\0\0\0\0\x0a\0\0";
	ole_writer w;
	buf file;

	ole_write_begin(&w);
	ole_write_stream(&w, OLE_WRITE_ROOT, "Workbook", book, sizeof book);
	ole_write_stream(&w, ole_write_storage(&w, OLE_WRITE_ROOT, "MBD0001"), names[n ? p[0] % countof(names) : 0], n ? p + 1 : p,
			 n ? n - 1 : 0);
	ole_write_end(&w, &file);
	fuzz_reader(extract_ole, "a.xls", file.p, file.len);
	buf_fini(&file);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const doc[] = { "WordDocument", "0Table", "\5SummaryInformation" };
	static const char *const xls[] = { "Workbook" };
	static const char *const ppt[] = { "Current User", "PowerPoint Document" };
	static const char *const msg[] = { "__properties_version1.0", "__substg1.0_0037001F", "__substg1.0_1000001E",
					   "__substg1.0_10130102", "__substg1.0_10090102" };

	if (!size)
		return 0;
	if (data[0] == 255) {
		fuzz_embedded(data + 1, size - 1);
		return 0;
	}
	switch (data[0] % 5) {
	case 0:
		return fuzz_reader(extract_ole, "a.doc", data + 1, size - 1);
	case 1:
		fuzz_streams(doc, countof(doc), data + 1, size - 1);
		break;
	case 2:
		fuzz_streams(xls, countof(xls), data + 1, size - 1);
		break;
	case 3:
		fuzz_streams(ppt, countof(ppt), data + 1, size - 1);
		break;
	default:
		fuzz_streams(msg, countof(msg), data + 1, size - 1);
		break;
	}
	return 0;
}
