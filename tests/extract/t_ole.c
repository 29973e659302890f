/* t_ole.c - compound files: chains, damage, which reader takes them; and Word files. */
#include "tests/extract/ole_write.h"
#include "tests/extract/office.h"

/* ---- Word files ----------------------------------------------------------------------- */

enum { DOC_TEXT = 0x400, DOC_WIDE = 0x600, DOC_PAPX = 0x800, DOC_CHPX = 0xa00, DOC_END = 0xc00 };

typedef struct doc_make {
	uint8_t main[DOC_END];
	buf table;
} doc_make;

static void
doc_table(doc_make *m, unsigned which, const buf *b)
{
	store_u32(m->main + 0x9a + 8 * which, (uint32_t)m->table.len);
	store_u32(m->main + 0x9a + 8 * which + 4, (uint32_t)b->len);
	buf_put(&m->table, b->p, b->len);
}

static void
doc_longs(doc_make *m, unsigned which, const uint32_t *v, size_t n)
{
	buf b = { 0 };

	for (size_t i = 0; i < n; i++)
		buf_put_u32(&b, v[i]);
	doc_table(m, which, &b);
	buf_fini(&b);
}

/* A page of runs: where each begins, one more, and what each is; put from the end backwards. */
static void
doc_page(uint8_t *page, const uint32_t *at, size_t n, const char *const *changes, const uint8_t *lengths, bool para)
{
	size_t to = 510;

	page[511] = (uint8_t)n;
	for (size_t i = 0; i <= n; i++)
		store_u32(page + 4 * i, at[i]);
	for (size_t i = 0; i < n; i++) {
		to = (to - lengths[i] - 2) & ~(size_t)1;
		page[4 * (n + 1) + i * (para ? 13 : 1)] = (uint8_t)(to / 2);
		if (para) {
			page[to] = 0;
			page[to + 1] = (uint8_t)((lengths[i] + 1) / 2);
		} else {
			page[to] = lengths[i];
		}
		memcpy(page + to + (para ? 2 : 1), changes[i], lengths[i]);
	}
}

static void
doc_style(buf *sheet, unsigned sti, const char *name, const char *changes, size_t n)
{
	buf b = { 0 };

	buf_put_u16(&b, (uint16_t)sti);
	buf_put_u16(&b, 0xfff1);
	buf_zero(&b, 6);
	buf_put_u16(&b, (uint16_t)strlen(name));
	for (const char *p = name; *p; p++)
		buf_put_u16(&b, (uint8_t)*p);
	buf_put_u16(&b, 0);
	buf_put_u16(&b, (uint16_t)(2 + n));
	buf_put_u16(&b, 0);
	buf_put(&b, changes, n);
	if (n & 1)
		buf_put_u8(&b, 0);
	buf_put_u16(&b, 0);
	buf_put_u16(sheet, (uint16_t)b.len);
	buf_put(sheet, b.p, b.len);
	buf_fini(&b);
}

static void
doc_sheet(doc_make *m)
{
	buf b = { 0 };

	buf_put_u16(&b, 18);
	buf_put_u16(&b, 3);
	buf_put_u16(&b, 10);
	buf_zero(&b, 14);
	doc_style(&b, 0, "Normal", "", 0);
	doc_style(&b, 1, "heading 1", "", 0);
	doc_style(&b, 0xffe, "Law", "\x40\x26\x01", 3); /* of outline level 2 */
	doc_table(m, 1, &b);
	buf_fini(&b);
}

/* A body, the text of a note, all 8 bits; then `wide`. */
static const char doc_body[] = "Part One\rSee note\x02 here\x13 HYPERLINK x\x14link\x15.\ra\x07" "b\x07\x07" "c\x07" "d\x07\x07" "Art. 1\rcaf\xe9\x85\r";
static const uint16_t doc_wide[] = { 0x20ac, 0x4e2d, 0x1e, 's', 'e', 'c', 0xd835, 0xdca4, 13, 2, ' ', 'T', 'h', 'e', 13 };

static void
doc_runs(doc_make *m)
{
	uint32_t t = DOC_TEXT;
	const uint32_t at[] = { t, t + 9, t + 44, t + 48, t + 49, t + 53, t + 54, t + 61, t + 67, DOC_WIDE, DOC_WIDE + 30 };
	static const char *const changes[] = { "\1\0", "\0\0", "\0\0\x16\x24\x01", "\0\0\x16\x24\x01\x17\x24\x01",
					       "\0\0\x16\x24\x01", "\0\0\x16\x24\x01\x17\x24\x01", "\2\0", "\0\0\x0b\x46\1\0", "\0\0", "\0\0" };
	static const uint8_t lengths[] = { 2, 2, 5, 8, 5, 8, 2, 6, 2, 2 };
	const uint32_t chars[] = { DOC_TEXT, DOC_TEXT + 60, DOC_WIDE + 6, DOC_WIDE + 12, DOC_WIDE + 30 };
	static const char *const looks[] = { "\x6d\x48\x07\x04", "\x6d\x48\x07\x04", "\x3c\x08\x01", "" };
	static const uint8_t sizes[] = { 4, 4, 3, 0 };
	const uint32_t papx[] = { DOC_TEXT, DOC_END, DOC_PAPX / 512 }, chpx[] = { DOC_TEXT, DOC_END, DOC_CHPX / 512 };

	doc_page(m->main + DOC_PAPX, at, 10, changes, lengths, true);
	doc_page(m->main + DOC_CHPX, chars, 4, looks, sizes, false);
	doc_longs(m, 13, papx, 3);
	doc_longs(m, 12, chpx, 3);
}

static void
doc_pieces(doc_make *m, uint32_t n8, uint32_t n16)
{
	buf b = { 0 };

	buf_put(&b, "\1\2\0xx\2", 6); /* changes that no one needs, then the pieces */
	buf_put_u32(&b, 28);
	buf_put_u32(&b, 0);
	buf_put_u32(&b, n8);
	buf_put_u32(&b, n8 + n16);
	buf_put_u16(&b, 0);
	buf_put_u32(&b, 0x40000000 | 2 * DOC_TEXT);
	buf_put_u32(&b, 0);
	buf_put_u32(&b, DOC_WIDE);
	buf_put_u16(&b, 0);
	doc_table(m, 33, &b);
	buf_fini(&b);
}

static void
doc_note(doc_make *m)
{
	const uint32_t texts[] = { 0, 6, 7 };
	buf b = { 0 };

	buf_put_u32(&b, 17);
	buf_put_u32(&b, 1000);
	buf_put_u16(&b, 1);
	doc_table(m, 2, &b);
	buf_fini(&b);
	doc_longs(m, 3, texts, 3);
}

/* A list of one level, "Nr. 3", "Nr. 4", which the first use is of. */
static void
doc_list(doc_make *m)
{
	static const uint16_t text[] = { 5, 'N', 'r', '.', ' ', 0 };
	buf b = { 0 };

	buf_put_u16(&b, 1);
	buf_put_u32(&b, 77);
	buf_zero(&b, 22);
	buf_put_u16(&b, 1);
	doc_table(m, 73, &b);
	buf_put_u32(&m->table, 3);
	buf_zero(&m->table, 24);
	buf_put(&m->table, text, sizeof text);
	b.len = 0;
	buf_put_u32(&b, 1);
	buf_put_u32(&b, 77);
	buf_zero(&b, 12 + 4);
	doc_table(m, 74, &b);
	buf_fini(&b);
}

/* Title, author and day, in two properties of bytes and a time. */
static void
doc_summary(ole_writer *w)
{
	buf b = { 0 };

	buf_zero(&b, 44);
	buf_put_u32(&b, 48);
	buf_put_u32(&b, 90);
	buf_put_u32(&b, 4);
	buf_put_u32(&b, 1);
	buf_put_u32(&b, 40);
	buf_put_u32(&b, 2);
	buf_put_u32(&b, 48);
	buf_put_u32(&b, 4);
	buf_put_u32(&b, 64);
	buf_put_u32(&b, 12);
	buf_put_u32(&b, 76);
	buf_put_u32(&b, 2);
	buf_put_u32(&b, 1251);
	buf_put_u32(&b, 30);
	buf_put_u32(&b, 7);
	buf_put(&b, "\xcf\xf0\xe8 Law\0", 8);
	buf_put_u32(&b, 30);
	buf_put_u32(&b, 4);
	buf_put(&b, "Ann\0", 4);
	buf_put_u32(&b, 64);
	buf_put_u64(&b, 127549728000000000u); /* 2005-03-11 */
	ole_write_stream(w, OLE_WRITE_ROOT, "\5SummaryInformation", b.p, b.len);
	buf_fini(&b);
}

static void
doc_file(buf *out, unsigned flags)
{
	static doc_make m;
	static ole_writer w;
	uint32_t n8 = sizeof doc_body - 1;

	memset(&m, 0, sizeof m);
	store_u16(m.main, 0xa5ec);
	store_u16(m.main + 2, 193);
	store_u16(m.main + 6, 0x409);
	store_u16(m.main + 10, (uint16_t)(0x200 | flags));
	store_u32(m.main + 0x4c, n8 + 9);
	store_u32(m.main + 0x50, 6);
	memcpy(m.main + DOC_TEXT, doc_body, n8);
	memcpy(m.main + DOC_WIDE, doc_wide, sizeof doc_wide);
	doc_sheet(&m);
	doc_runs(&m);
	doc_pieces(&m, n8, countof(doc_wide));
	doc_note(&m);
	doc_list(&m);
	ole_write_begin(&w);
	ole_write_stream(&w, OLE_WRITE_ROOT, "WordDocument", m.main, sizeof m.main);
	ole_write_stream(&w, OLE_WRITE_ROOT, "1Table", m.table.p, m.table.len);
	doc_summary(&w);
	ole_write_end(&w, out);
	buf_fini(&m.table);
}

static void
test_doc(void **state)
{
	buf file;

	(void)state;
	doc_file(&file, 0);
	office_read("a.doc", file.p, file.len);
	office_is(&seen.text, "Part One\n\nSee note herelink.\n\nThe\n\na\tb\nc\td\n\nArt. 1\n\nNr. 3 café…\n\n€中-\xf0\x9d\x92\xa4");
	office_is(&seen.sections, "1 part Part One|Part One\n\nSe\n2 footnote 1|The\n2 table |a\tb\nc\td\n2 article Art. 1|Art. 1\n\nNr. \n");
	office_is(&seen.fields, "author=Ann\npath=a.doc\nformat=doc\n");
	assert_string_equal(seen.title, "При Law");
	assert_string_equal(seen.date, "2005-03-11");
	assert_string_equal(seen.lang, "de-DE");
	assert_string_equal(seen.warning, "");
	buf_fini(&file);
	doc_file(&file, 0x100);
	office_read("a.doc", file.p, file.len);
	assert_int_equal(seen.documents, 0);
	assert_non_null(strstr(buf_cstr(&seen.why), "encrypted"));
	buf_fini(&file);
}

/* Word 6: one piece, in the code page of its language. */
static void
test_doc_old(void **state)
{
	static const char text[] = "\xcf\xf0\xe8\x07" "x\x07\x07\rend\r";
	static ole_writer w;
	uint8_t head[0x400] = { 0xdc, 0xa5, 104, 0, 0, 0, 0x19, 4 };
	buf file;

	(void)state;
	store_u32(head + 0x18, 0x300);
	store_u32(head + 0x1c, 0x300 + sizeof text - 1);
	store_u32(head + 0x34, sizeof text - 1);
	memcpy(head + 0x300, text, sizeof text);
	ole_write_begin(&w);
	ole_write_stream(&w, OLE_WRITE_ROOT, "WordDocument", head, sizeof head);
	ole_write_end(&w, &file);
	office_read("a.doc", file.p, file.len);
	office_is(&seen.text, "При\tx\n\nend");
	assert_string_equal(seen.lang, "ru");
	buf_fini(&file);
}

/* ---- the container -------------------------------------------------------------------- */

static void
ole_one(buf *file, const char *name, const void *data, size_t n)
{
	static ole_writer w;

	ole_write_begin(&w);
	ole_write_stream(&w, OLE_WRITE_ROOT, name, data, n);
	ole_write_end(&w, file);
}

static void
why_is(const char *name, const void *data, size_t n, const char *why)
{
	office_read(name, data, n);
	assert_int_equal(seen.documents, 0);
	assert_int_equal(seen.problems, 1);
	if (!strstr(buf_cstr(&seen.why), why))
		fail_msg("'%s' does not say '%s'", buf_cstr(&seen.why), why);
}

static void
test_kinds(void **state)
{
	buf file;

	(void)state;
	ole_one(&file, "EncryptedPackage", "x", 1);
	why_is("a.docx", file.p, file.len, "encrypted with a password");
	buf_fini(&file);
	ole_one(&file, "VisioDocument", "x", 1);
	why_is("a.vsd", file.p, file.len, "Visio");
	buf_fini(&file);
	ole_one(&file, "Something", "x", 1);
	why_is("a.doc", file.p, file.len, "not known");
	buf_fini(&file);
	ole_one(&file, "WordDocument", "x", 1);
	why_is("a.txt", file.p, file.len, "ends in its head");
	buf_fini(&file);
	ole_one(&file, "Workbook", "x", 1);
	why_is("a", file.p, file.len, "does not begin");
	why_is("a", file.p, 512, "first sector");
	why_is("a", file.p, 8, "first sector");
	file.p[30] = 40; /* the size of sectors */
	why_is("a", file.p, file.len, "header");
	buf_fini(&file);
}

/* Chains that go round, and a table that says that all sectors follow each other in a ring. */
static void
test_loops(void **state)
{
	buf file;

	(void)state;
	doc_file(&file, 0);
	for (size_t at = 512; at + 512 <= file.len; at += 512) {
		for (uint32_t to = 0; to < 3; to++) {
			buf copy = { 0 };

			buf_put(&copy, file.p, file.len);
			for (size_t i = 0; i < 512; i += 4)
				store_u32(copy.p + at + i, to ? to : (uint32_t)(i / 4));
			office_read_limited("a.doc", copy.p, copy.len, 0);
			assert_true(seen.documents + seen.problems > 0);
			buf_fini(&copy);
		}
	}
	buf_fini(&file);
}

/* What is cut off: something is said of every length, and most of them still give text. */
static void
test_cut(void **state)
{
	buf file;

	(void)state;
	doc_file(&file, 0);
	for (size_t n = 1; n < file.len; n += n < 512 ? 37 : 100) {
		office_read_limited("a.doc", file.p, n, 0);
		assert_true(seen.documents + seen.problems > 0);
	}
	/* without its last sector, the table of sectors, chains are taken to go on */
	office_read("a.doc", file.p, file.len - 512);
	assert_int_equal(seen.documents, 1);
	assert_non_null(strstr(buf_cstr(&seen.text), "Part One"));
	assert_non_null(strstr(seen.warning, "damaged"));
	buf_fini(&file);
}

static void
test_bad(void **state)
{
	buf file;

	(void)state;
	unit_seed("t_ole");
	doc_file(&file, 0);
	office_hurt("a.doc", &file, 3000);
	buf_fini(&file);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_doc), cmocka_unit_test(test_doc_old), cmocka_unit_test(test_kinds), cmocka_unit_test(test_loops),
		cmocka_unit_test(test_cut), cmocka_unit_test(test_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
