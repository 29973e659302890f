/* t_pdf.c - PDF files made here, page by page, and what the reader makes of them. */
#include "tests/extract/sink.h"

#include "extract/write_record.h"

/* ---- making PDF ----------------------------------------------------------------- */

typedef struct maker {
	buf out;
	size_t at[64];
	unsigned n; /* objects so far */
} maker;

static void
put_object(maker *m, unsigned number, const char *body)
{
	m->at[number] = m->out.len;
	m->n = m->n > number ? m->n : number;
	buf_printf(&m->out, "%u 0 obj\n%s\nendobj\n", number, body);
}

static void
put_stream(maker *m, unsigned number, const char *dict, const char *data)
{
	m->at[number] = m->out.len;
	m->n = m->n > number ? m->n : number;
	buf_printf(&m->out, "%u 0 obj\n<< %s /Length %zu >>\nstream\n%s\nendstream\nendobj\n", number, dict, strlen(data), data);
}

static void
put_end(maker *m, const char *trailer)
{
	size_t start = m->out.len;

	buf_printf(&m->out, "xref\n0 %u\n0000000000 65535 f \n", m->n + 1);
	for (unsigned i = 1; i <= m->n; i++)
		buf_printf(&m->out, "%010zu 00000 n \n", m->at[i]);
	buf_printf(&m->out, "trailer\n<< /Size %u /Root 1 0 R %s >>\nstartxref\n%zu\n%%%%EOF\n", m->n + 1, trailer, start);
}

/* Pages of lines "x y size text"; objects 1 to 3 and 10 and up are used, extra ones (4 to 9)
 * are the caller's.  The catalog gets `more`. */
static void
make(maker *m, const char *const *pages, unsigned n, const char *more)
{
	char kids[512] = "", body[600], data[8192];

	memset(m, 0, sizeof *m);
	buf_puts(&m->out, "%PDF-1.5\n");
	for (unsigned i = 0; i < n; i++)
		snprintf(kids + strlen(kids), sizeof kids - strlen(kids), "%u 0 R ", 10 + 2 * i);
	snprintf(body, sizeof body, "<< /Type /Catalog /Pages 2 0 R %s >>", more);
	put_object(m, 1, body);
	snprintf(body, sizeof body, "<< /Type /Pages /Kids [%s] /Count %u >>", kids, n);
	put_object(m, 2, body);
	put_object(m, 3, "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>");
	for (unsigned i = 0; i < n; i++) {
		size_t k = (size_t)snprintf(data, sizeof data, "BT\n");
		const char *p = pages[i];

		while (*p) {
			int x, y, size, used;
			const char *end;

			assert_int_equal(sscanf(p, "%d %d %d %n", &x, &y, &size, &used), 3);
			p += used;
			end = strchr(p, '\n');
			k += (size_t)snprintf(data + k, sizeof data - k, "/F1 %d Tf 1 0 0 1 %d %d Tm (%.*s) Tj\n", size, x, y,
					      (int)(end - p), p);
			p = end + 1;
		}
		snprintf(data + k, sizeof data - k, "ET");
		snprintf(body, sizeof body,
			 "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents %u 0 R "
			 "/Resources << /Font << /F1 3 0 R >> >> >>",
			 11 + 2 * i);
		put_object(m, 10 + 2 * i, body);
		put_stream(m, 11 + 2 * i, "", data);
	}
}

/* ---- reading ---------------------------------------------------------------------- */

typedef struct result {
	buf records, problems;
	size_t n;
} result;

static cdg_status
on_document(void *ctx, const document *doc, const char *warning, cdg_error *err)
{
	result *r = ctx;

	(void)err;
	sink_check(doc);
	write_record(&r->records, doc);
	buf_puts(&r->records, "\n");
	buf_printf(&r->problems, "%s%s", warning, *warning ? "\n" : "");
	r->n++;
	return CDG_OK;
}

static cdg_status
on_problem(void *ctx, const char *name, bool skipped, const char *why, cdg_error *err)
{
	result *r = ctx;

	(void)name, (void)skipped, (void)err;
	buf_printf(&r->problems, "%s\n", why);
	return CDG_OK;
}

static void
read_bytes(result *r, const void *p, size_t n)
{
	extract_sink sink = { .ctx = r, .document = on_document, .records = sink_no_records, .problem = on_problem };
	cdg_error err;

	memset(r, 0, sizeof *r);
	assert_int_equal(sink_read(&sink, "a.pdf", p, n, 0, NULL, &err), CDG_OK);
}

static void
result_fini(result *r)
{
	buf_fini(&r->records);
	buf_fini(&r->problems);
}

static void
has(int line, buf *b, const char *what)
{
	if (!strstr(buf_cstr(b), what))
		fail_msg("line %d: no %s in\n%s", line, what, buf_cstr(b));
}

#define HAS(b, what) has(__LINE__, &(b), what)

/* Reads what was made, and frees it. */
static void
read_made(result *r, maker *m, const char *trailer)
{
	put_end(m, trailer);
	read_bytes(r, m->out.p, m->out.len);
	buf_fini(&m->out);
}

/* ---- tests ------------------------------------------------------------------------- */

static void
test_flow(void **state)
{
	static const char *const pages[] = {
		"50 700 10 The purpose of this Act is to give infor-\n50 688 10 mation on top-level design to all who ask and who\n"
		"50 676 10 need it.\n50 660 10 Here top-level is written out once more, to be sure.\n"
		"50 630 10 A new paragraph, which ends in a top-\n50 618 10 level word.\n"
		"50 590 10 The models that were made until now suffer from several limi-\n"
		"50 578 10 tations: they are slow, see the report at https-\n50 566 10 http://x.example/ for more.\n"
		"50 530 12 Conference on Language Process-\n50 517 9 ing was held; a false state-\n170 517 9 ment is written in one row.\n",
		"50 700 10 (a)\n100 700 10 first of them;\n50 688 10 (b)\n100 688 10 second of them.\n",
	};
	result r;
	maker m;

	(void)state;
	make(&m, pages, 2, "");
	read_made(&r, &m, "");
	HAS(r.records, "give information on top-level design to all who ask and who need it.\\n\\nHere top-level");
	HAS(r.records, "\\n\\nA new paragraph, which ends in a top-level word.");
	HAS(r.records, "suffer from several limitations: they are slow, see the report at https- http://x.example/ for");
	HAS(r.records, "Conference on Language Processing was held; a false statement is written in one row.");
	HAS(r.records, "(a)\\tfirst of them;");
	HAS(r.records, "(b)\\tsecond of them.");
	HAS(r.records, ",1,\"page\",\"1\"]");
	HAS(r.records, ",1,\"page\",\"2\"]");
	HAS(r.records, "\"paragraph\",\"(b)\"]");
	HAS(r.records, "\"format\":\"pdf\"");
	result_fini(&r);
}

/* A sentence, and a word, over the end of a page with its number and running head. */
static void
test_furniture(void **state)
{
	static const char *const pages[] = {
		"50 770 9 Water Act 2019\n50 700 10 The first page tells of all that goes on in the first part of it\n"
		"50 688 10 and then it goes on to the second page with a word that is di-\n300 30 9 Page 1 of 3\n",
		"50 770 9 Water Act 2019\n50 700 10 vided by the end of the first page and goes on for a while until\n"
		"50 688 10 the third page is reached, where the sentence\n300 30 9 Page 2 of 3\n",
		"50 770 9 Water Act 2019\n50 700 10 comes to its end.\n300 30 9 Page 3 of 3\n",
	};
	result r;
	maker m;

	(void)state;
	make(&m, pages, 3, "");
	read_made(&r, &m, "");
	HAS(r.records, "with a word that is divided by the end of the first page and goes on for a while until the third page is "
		       "reached, where the sentence comes to its end.\"");
	HAS(r.records, "\"text\":\"Water Act 2019\\n\\nThe first");
	assert_null(strstr(buf_cstr(&r.records), "Page 2"));
	result_fini(&r);
}

/* Letters as large as the title's in lines that are left out of the text. */
static void
test_large_furniture(void **state)
{
	static const char *const pages[] = {
		("50 650 10 What stands above the title, and there is a good deal of it, is of small letters.\n"
		 "50 500 30 Water Act\n300 30 30 Page 1 of 3\n"),
		"50 500 10 The second page has text\n300 30 30 Page 2 of 3\n",
		"50 500 10 and so has the third.\n300 30 30 Page 3 of 3\n",
	};
	result r;
	maker m;

	(void)state;
	make(&m, pages, 3, "");
	read_made(&r, &m, "");
	HAS(r.records, "\"title\":\"Water Act\"");
	result_fini(&r);
}

static void
test_columns(void **state)
{
	static const char *const pages[] = {
		"50 700 10 The left column has a sentence that\n50 688 10 goes on down the column and is followed\n"
		"50 676 10 by one more line and by the\n330 700 10 right column where the sentence has its\n"
		"330 688 10 end after some more words of it, all in\n330 676 10 due order.\n",
	};
	result r;
	maker m;

	(void)state;
	make(&m, pages, 1, "");
	read_made(&r, &m, "");
	HAS(r.records, "goes on down the column and is followed by one more line and by the right column where the sentence has "
		       "its end after some more words of it, all in due order.");
	result_fini(&r);
}

static void
test_meta(void **state)
{
	static const char *const pages[] = { "50 700 24 The Water Plan\n50 650 10 Text.\n50 630 10 More text of the plan, in a line.\n",
					     "50 700 10 Aims of it\n50 600 10 Far below is the text.\n50 580 10 Means\n" };
	result r;
	maker m;

	(void)state;
	make(&m, pages, 2, "/Outlines 4 0 R");
	put_object(&m, 4, "<< /First 5 0 R /Last 5 0 R >>");
	put_object(&m, 5, "<< /Title (Aims of it) /Parent 4 0 R /Dest [12 0 R /XYZ 0 750 0] /First 6 0 R /Last 6 0 R >>");
	put_object(&m, 6, "<< /Title (MEANS) /Parent 5 0 R /Dest [12 0 R /Fit] >>");
	put_object(&m, 7, "<< /Title (Microsoft Word - plan_v2.doc) /Author (A. Writer) /Keywords (water; plan) "
			  "/CreationDate (D:20190304) /ModDate (D:20209999) >>");
	read_made(&r, &m, "/Info 7 0 R");
	HAS(r.records, "\"title\":\"The Water Plan\"");
	HAS(r.records, "\"date\":\"2019-03-04\"");
	HAS(r.records, "\"author\":\"A. Writer\"");
	HAS(r.records, "\"keywords\":[\"water\",\"plan\"]");
	HAS(r.records, "1,\"section\",\"Aims of it\"]");
	HAS(r.records, "2,\"section\",\"MEANS\"]");
	HAS(r.problems, "ModDate is not a date: left out");
	assert_null(strstr(buf_cstr(&r.records), "modified"));
	result_fini(&r);
}

static void
test_attachment(void **state)
{
	static const char *const pages[] = { "50 700 10 See what is attached.\n" };
	result r;
	maker m;

	(void)state;
	make(&m, pages, 1, "/Names << /EmbeddedFiles << /Names [(note) 4 0 R] >> >>");
	put_object(&m, 4, "<< /Type /Filespec /F (note.txt) /UF (note.txt) /EF << /F 5 0 R >> >>");
	put_stream(&m, 5, "/Type /EmbeddedFile", "Words inside of it.");
	read_made(&r, &m, "");
	assert_int_equal(r.n, 2);
	HAS(r.records, "\"id\":\"a.pdf/note.txt\"");
	HAS(r.records, "Words inside of it.");
	result_fini(&r);
}

static void
test_reasons(void **state)
{
	static const char *const blank[] = { "", "" };
	static const char *const some[] = { "50 700 10 Text.\n", "" };
	result r;
	maker m;

	(void)state;
	make(&m, blank, 2, "");
	read_made(&r, &m, "");
	assert_int_equal(r.n, 0);
	HAS(r.problems, "no text on any of 2 pages, and no image");
	result_fini(&r);

	make(&m, blank, 1, "");
	put_stream(&m, 4, "/Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8", "x");
	put_stream(&m, 11, "", "q 500 0 0 700 10 10 cm /Im Do Q");
	put_object(&m, 10, "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 11 0 R "
			   "/Resources << /XObject << /Im 4 0 R >> >> >>");
	read_made(&r, &m, "");
	HAS(r.problems, "scanned: 1 of 1 pages have no text: OCR is needed");
	result_fini(&r);

	/* an image within the drawing, which no dictionary names */
	make(&m, blank, 1, "");
	put_stream(&m, 11, "", "q 500 0 0 700 10 10 cm BI /W 1 /H 1 /CS /G /BPC 8 ID x EI Q");
	read_made(&r, &m, "");
	HAS(r.problems, "scanned: 1 of 1 pages have no text: OCR is needed");
	result_fini(&r);

	/* an image that no page shows, where another has text */
	make(&m, some, 2, "");
	put_stream(&m, 4, "/Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8", "x");
	read_made(&r, &m, "");
	assert_int_equal(r.n, 1);
	HAS(r.problems, "empty: 1 of 2 pages have no text");
	result_fini(&r);

	make(&m, some, 1, "");
	put_object(&m, 4, "<< /Filter /Standard /V 1 /R 2 /P -44 /O (aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa) "
			  "/U (bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb) >>");
	read_made(&r, &m, "/Encrypt 4 0 R /ID [(0123456789abcdef) (0123456789abcdef)]");
	HAS(r.problems, "encrypted: needs a password");
	result_fini(&r);
}

/* Cut anywhere, or with bytes changed: no crash, and a document or a reason. */
static void
test_damage(void **state)
{
	static const char *const pages[] = { "50 700 10 One page of text.\n", "50 700 10 Another page of text.\n" };
	unsigned s = (unsigned)time(NULL);
	result r;
	maker m;

	(void)state;
	print_message("seed %u\n", s);
	make(&m, pages, 2, "/Outlines 4 0 R");
	put_object(&m, 4, "<< /First 5 0 R /Last 5 0 R >>");
	put_object(&m, 5, "<< /Title (Loop) /Parent 4 0 R /Next 5 0 R /First 5 0 R /Dest [12 0 R /Fit] >>");
	put_end(&m, "");
	for (size_t n = 1; n < 2 * m.out.len; n *= 2) {
		read_bytes(&r, m.out.p, n < m.out.len ? n : m.out.len);
		assert_true(r.n + r.problems.len > 0);
		result_fini(&r);
	}
	for (int round = 0; round < 300; round++) {
		uint8_t *copy = mem_dup(m.out.p, m.out.len);

		assert_non_null(copy);
		for (int i = 0; i < 1 + round % 8; i++) {
			s = s * 1664525 + 1013904223;
			copy[(s >> 8) % m.out.len] = (uint8_t)(s >> 4);
		}
		read_bytes(&r, copy, m.out.len);
		assert_true(r.n + r.problems.len > 0);
		result_fini(&r);
		mem_free(copy);
	}
	buf_fini(&m.out);
	read_bytes(&r, "", 0);
	HAS(r.problems, "an empty file");
	result_fini(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_flow),	   cmocka_unit_test(test_furniture), cmocka_unit_test(test_large_furniture), cmocka_unit_test(test_columns),
		cmocka_unit_test(test_meta),	   cmocka_unit_test(test_attachment), cmocka_unit_test(test_reasons),
		cmocka_unit_test(test_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
