/* fz_office.c - any bytes as a package, as flat OpenDocument, or as the XML parts of a
 * package; the first byte says which. */
#include "tests/fuzz/reader.h"

#include <archive.h>
#include <archive_entry.h>

static la_ssize_t
fuzz_write(struct archive *a, void *ctx, const void *data, size_t n)
{
	(void)a;
	buf_put(ctx, data, n);
	return (la_ssize_t)n;
}

static void
fuzz_add(struct archive *a, const char *name, const void *data, size_t n)
{
	struct archive_entry *e = archive_entry_new();

	archive_entry_set_pathname(e, name);
	archive_entry_set_size(e, (la_int64_t)n);
	archive_entry_set_filetype(e, AE_IFREG);
	archive_entry_set_perm(e, 0644);
	archive_write_header(a, e);
	archive_write_data(a, data, n);
	archive_entry_free(e);
}

/* Parts follow one another, with a zero byte between them. */
static void
fuzz_parts(const char *const *names, size_t nnames, const char *p, size_t n)
{
	struct archive *a = archive_write_new();
	buf zip;

	buf_init(&zip);
	archive_write_set_format_zip(a);
	archive_write_zip_set_compression_store(a);
	archive_write_open(a, &zip, NULL, fuzz_write, NULL);
	for (size_t i = 0; i < nnames; i++) {
		const char *zero = n ? memchr(p, 0, n) : NULL;
		size_t k = zero ? (size_t)(zero - p) : n;

		fuzz_add(a, names[i], p, k);
		k += zero != NULL;
		p += k;
		n -= k;
	}
	archive_write_close(a);
	archive_write_free(a);
	fuzz_reader(extract_zip, "a.zip", zip.p, zip.len);
	buf_fini(&zip);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const docx[] = { "word/document.xml", "_rels/.rels", "word/_rels/document.xml.rels", "word/styles.xml",
					    "word/numbering.xml", "word/footnotes.xml" };
	static const char *const xlsx[] = { "xl/workbook.xml", "_rels/.rels", "xl/_rels/workbook.xml.rels", "xl/sharedStrings.xml",
					    "xl/styles.xml", "xl/worksheets/sheet1.xml" };
	static const char *const pptx[] = { "ppt/presentation.xml", "_rels/.rels", "ppt/_rels/presentation.xml.rels",
					    "ppt/slides/slide1.xml" };
	static const char *const odf[] = { "content.xml", "META-INF/manifest.xml", "styles.xml", "meta.xml" };
	static const char *const epub[] = { "META-INF/container.xml", "a.opf", "a.xhtml", "nav.xhtml" };
	const char *p = (const char *)data + 1;

	if (!size)
		return 0;
	switch (data[0] % 7) {
	case 0:
		return fuzz_reader(extract_zip, "a.zip", data + 1, size - 1);
	case 1:
		return fuzz_reader(extract_fodf, "a.fodt", data + 1, size - 1);
	case 2:
		fuzz_parts(docx, countof(docx), p, size - 1);
		break;
	case 3:
		fuzz_parts(xlsx, countof(xlsx), p, size - 1);
		break;
	case 4:
		fuzz_parts(pptx, countof(pptx), p, size - 1);
		break;
	case 5:
		fuzz_parts(odf, countof(odf), p, size - 1);
		break;
	default:
		fuzz_parts(epub, countof(epub), p, size - 1);
		break;
	}
	return 0;
}
