/* fz_pdf.c - any bytes as PDF; or, if the first byte is odd, as lines on the pages of one that is
 * whole: 0xff is a new page, else a byte each says where from the left, where from below and how
 * large, and the text follows, up to a zero. */
#include "tests/fuzz/reader.h"

enum { FUZZ_PAGES = 8, FUZZ_FIRST = 4, FUZZ_OBJECTS = FUZZ_FIRST + 2 * FUZZ_PAGES };

typedef struct fuzz_pdf {
	buf out;
	size_t at[FUZZ_OBJECTS];
	unsigned n;
} fuzz_pdf;

static void
fuzz_object(fuzz_pdf *f, unsigned number)
{
	f->at[number] = f->out.len;
	f->n = number;
	buf_printf(&f->out, "%u 0 obj\n", number);
}

/* The lines up to the next page, which go on at what it gives. */
static const uint8_t *
fuzz_page(const uint8_t *p, const uint8_t *end, buf *drawn)
{
	buf_puts(drawn, "BT\n");
	while (end - p > 3 && *p != 0xff) {
		buf_printf(drawn, "/F %u Tf 1 0 0 1 %u %u Tm <", 4 + p[2] % 40u, p[0] * 600u / 255, p[1] * 800u / 255);
		for (p += 3; p < end && *p; p++)
			buf_printf(drawn, "%02x", *p);
		p += p < end;
		buf_puts(drawn, "> Tj\n");
	}
	buf_puts(drawn, "ET");
	return end - p > 3 ? p + 1 : end;
}

static void
fuzz_pages(fuzz_pdf *f, const uint8_t *p, const uint8_t *end)
{
	unsigned pages = 0;
	size_t xref;
	buf drawn;

	buf_init(&drawn);
	buf_puts(&f->out, "%PDF-1.5\n");
	fuzz_object(f, 3);
	buf_puts(&f->out, "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>\nendobj\n");
	for (; pages < FUZZ_PAGES && (p < end || !pages); pages++) {
		drawn.len = 0;
		p = fuzz_page(p, end, &drawn);
		fuzz_object(f, FUZZ_FIRST + 2 * pages);
		buf_printf(&f->out, "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents %u 0 R /Resources << /Font << /F 3 0 R >> >> >>\nendobj\n",
			   FUZZ_FIRST + 2 * pages + 1);
		fuzz_object(f, FUZZ_FIRST + 2 * pages + 1);
		buf_printf(&f->out, "<< /Length %zu >>\nstream\n%s\nendstream\nendobj\n", drawn.len, buf_cstr(&drawn));
	}
	buf_fini(&drawn);
	f->at[1] = f->out.len;
	buf_puts(&f->out, "1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n");
	f->at[2] = f->out.len;
	buf_puts(&f->out, "2 0 obj\n<< /Type /Pages /Kids [");
	for (unsigned i = 0; i < pages; i++)
		buf_printf(&f->out, "%u 0 R ", FUZZ_FIRST + 2 * i);
	buf_printf(&f->out, "] /Count %u >>\nendobj\n", pages);
	xref = f->out.len;
	buf_printf(&f->out, "xref\n0 %u\n0000000000 65535 f \n", f->n + 1);
	for (unsigned i = 1; i <= f->n; i++)
		buf_printf(&f->out, "%010zu 00000 n \n", f->at[i]);
	buf_printf(&f->out, "trailer\n<< /Size %u /Root 1 0 R >>\nstartxref\n%zu\n%%%%EOF\n", f->n + 1, xref);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_pdf f = { .n = 0 };

	if (!size || !(data[0] & 1))
		return fuzz_reader(extract_pdf, "a.pdf", data + (size > 0), size - (size > 0));
	buf_init(&f.out);
	fuzz_pages(&f, data + 1, data + size);
	fuzz_reader(extract_pdf, "a.pdf", f.out.p, f.out.len);
	buf_fini(&f.out);
	return 0;
}
