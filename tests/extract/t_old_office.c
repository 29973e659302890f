/* t_old_office.c - Excel and PowerPoint 97 to 2003, and messages of Outlook, made here record
 * by record. */
#include "tests/extract/ole_write.h"
#include "tests/extract/gather.h"

static gather *g;

static void
read_file(ole_writer *w, const char *name)
{
	buf file;

	ole_write_end(w, &file);
	gather_read(g, NULL, name, file.p, file.len);
	assert_int_equal(g->status, CDG_OK);
	buf_fini(&file);
}

static void
read_stream(const char *name, const char *stream, const buf *b)
{
	static ole_writer w;

	ole_write_begin(&w);
	ole_write_stream(&w, OLE_WRITE_ROOT, stream, b->p, b->len);
	read_file(&w, name);
}

/* ---- Excel ---------------------------------------------------------------------------- */

static void
biff(buf *b, unsigned id, const void *data, size_t n)
{
	buf_put_u16(b, (uint16_t)id);
	buf_put_u16(b, (uint16_t)n);
	buf_put(b, data, n);
}

#define BIFF(b, id, bytes) biff(b, id, bytes, sizeof(bytes) - 1)

static void
biff_double(buf *b, uint8_t row, uint8_t col, uint8_t style, double v)
{
	uint8_t cell[14] = { row, 0, col, 0, style, 0 };

	memcpy(cell + 6, &v, 8);
	biff(b, 0x203, cell, sizeof cell);
}

/* Globals with two sheets; the strings: "one", "zwölf" in two records of which the second is of
 * 16 bits, and one with runs and more behind it. */
static void
xls_globals(buf *b, uint32_t first, uint32_t second)
{
	char sheet[] = "\0\0\0\0\0\0\3\0Mai", hidden[] = "\0\0\0\0\1\0\2\1\xac\x20Z\0";

	store_u32(sheet, first);
	store_u32(hidden, second);
	BIFF(b, 0x809, "\0\6\5\0\0\0\0\0\0\0\0\0\0\0\0\0");
	BIFF(b, 0x41e, "\xa4\0\4\0\0yyyy");
	BIFF(b, 0xe0, "\0\0\0\0");
	BIFF(b, 0xe0, "\0\0\xe\0");  /* a date */
	BIFF(b, 0xe0, "\0\0\xa4\0"); /* one of its own */
	BIFF(b, 0xe0, "\0\0\x9\0");  /* per cent */
	BIFF(b, 0x85, sheet);
	BIFF(b, 0x85, hidden);
	BIFF(b, 0xfc, "\3\0\0\0\3\0\0\0\3\0\0one\5\0\0zw");
	BIFF(b, 0x3c, "\1\xf6\0l\0\x66\0\2\0\x0c\1\0\3\0\0\0hi....xyz");
	BIFF(b, 0xa, "");
}

static void
xls_sheet(buf *b)
{
	BIFF(b, 0x809, "\0\6\x10\0\0\0\0\0\0\0\0\0\0\0\0\0");
	BIFF(b, 0xfd, "\0\0\0\0\0\0\0\0\0\0");
	BIFF(b, 0xfd, "\0\0\2\0\0\0\1\0\0\0");
	BIFF(b, 0x27e, "\1\0\0\0\0\0\x12\0\0\0");  /* 4 */
	BIFF(b, 0x27e, "\1\0\1\0\0\0\x3b\0\0\0");  /* 0.14 */
	BIFF(b, 0xbd, "\2\0\0\0\0\0\x06\0\0\0\3\0\0\0\xe0\x3f\1\0"); /* 1, 50 % */
	biff_double(b, 3, 0, 1, 38353);
	biff_double(b, 3, 1, 2, 38353.5);
	BIFF(b, 0x6, "\4\0\0\0\0\0\0\0\0\0\0\0\xff\xff\0\0\0\0\0\0");
	BIFF(b, 0x207, "\2\0\0ok");
	BIFF(b, 0x6, "\4\0\1\0\0\0\1\0\1\0\0\0\xff\xff\0\0\0\0\0\0");
	BIFF(b, 0x205, "\4\0\2\0\0\0\7\1"); /* #DIV/0! */
	BIFF(b, 0x204, "\5\0\0\0\0\0\2\0\1\x2d\x4e\x87\x65");
	BIFF(b, 0x5d, "\x15\0\x12\0\x19\0\7\0\0\0");
	BIFF(b, 0x1b6, "\0\0\0\0\0\0\0\0\0\0\4\0\0\0");
	BIFF(b, 0x3c, "\0Note");
	BIFF(b, 0x1c, "\2\0\x1b\0\0\0\7\0");
	BIFF(b, 0xa, "");
}

static void
xls_file(buf *b)
{
	buf_init(b);
	xls_globals(b, 0, 0);
	for (unsigned pass = 0; pass < 2; pass++) {
		uint32_t first = (uint32_t)b->len, second;
		buf sheet = { 0 };

		xls_sheet(&sheet);
		second = first + (uint32_t)sheet.len;
		b->len = 0;
		xls_globals(b, first, second);
		if (pass)
			buf_put(b, sheet.p, sheet.len);
		buf_fini(&sheet);
	}
	BIFF(b, 0x809, "\0\6\x10\0\0\0\0\0\0\0\0\0\0\0\0\0");
	BIFF(b, 0xfd, "\0\0\0\0\0\0\2\0\0\0");
	BIFF(b, 0xa, "");
}

static void
test_xls(void **state)
{
	buf b;

	(void)state;
	xls_file(&b);
	read_stream("a.xls", "Workbook", &b);
	gather_has(g, "D a.xls|a.xls|Mai\none\tzwölf\n4\t0.14\n1\t50%\n2005-01-01\t2005-01-01 12:00\nok\tTRUE\n中文\n\n"
		      "[Comment AB3] Note\n\n€Z\nhi\n");
	b.len = 0;
	BIFF(&b, 0x809, "\0\6\5\0");
	BIFF(&b, 0x2f, "\1\0\1\0\1\0");
	read_stream("a.xls", "Workbook", &b);
	gather_has(g, "P a.xls|a workbook that is encrypted");
	b.len = 0;
	BIFF(&b, 0x809, "\0\5\5\0"); /* Excel 95, in the code page it names */
	BIFF(&b, 0x42, "\xe3\4");
	BIFF(&b, 0x85, "\x21\0\0\0\0\0\1A");
	BIFF(&b, 0xa, "");
	BIFF(&b, 0x204, "\0\0\0\0\0\0\1\0z");
	b.len = 0x21;
	BIFF(&b, 0x809, "\0\5\x10\0");
	BIFF(&b, 0x204, "\0\0\0\0\0\0\3\0\xef\xf0\xe8");
	BIFF(&b, 0xa, "");
	store_u32(b.p + 8 + 6 + 4, 0x21);
	read_stream("a.xls", "Book", &b);
	gather_has(g, "D a.xls|a.xls|A\nпри\n");
	buf_fini(&b);
}

/* ---- PowerPoint ----------------------------------------------------------------------- */

static size_t
ppt_open(buf *b, unsigned head, unsigned type)
{
	buf_put_u16(b, (uint16_t)head);
	buf_put_u16(b, (uint16_t)type);
	buf_put_u32(b, 0);
	return b->len;
}

static void
ppt_close(buf *b, size_t at)
{
	store_u32(b->p + at - 4, (uint32_t)(b->len - at));
}

static void
ppt_put(buf *b, unsigned head, unsigned type, const void *data, size_t n)
{
	size_t at = ppt_open(b, head, type);

	buf_put(b, data, n);
	ppt_close(b, at);
}

#define PPT(b, head, type, bytes) ppt_put(b, head, type, bytes, sizeof(bytes) - 1)

/* A shape with a holder, and text of its own or of the outline. */
static void
ppt_shape(buf *b, uint8_t holder, int outline, uint32_t type, const char *text)
{
	size_t shape = ppt_open(b, 0xf, 0xf004), data = ppt_open(b, 0xf, 0xf011);
	const uint8_t place[8] = { 0, 0, 0, 0, holder };

	ppt_put(b, 0, 0xbc3, place, 8);
	ppt_close(b, data);
	data = ppt_open(b, 0xf, 0xf00d);
	if (outline >= 0) {
		ppt_put(b, 0, 0xf9e, &outline, 4);
	} else {
		ppt_put(b, 0, 0xf9f, &type, 4);
		ppt_put(b, 0, 0xfa8, text, strlen(text));
	}
	ppt_close(b, data);
	ppt_close(b, shape);
}

static void
ppt_file(buf *user, buf *b)
{
	uint32_t at[5], edit;
	size_t doc, list, slide, atom;

	at[1] = (uint32_t)b->len;
	doc = ppt_open(b, 0xf, 0x3e8);
	list = ppt_open(b, 0x0f, 0xff0);
	PPT(b, 0, 0x3f3, "\2\0\0\0\0\0\0\0\2\0\0\0\0\1\0\0\0\0\0\0");
	PPT(b, 0, 0xf9f, "\0\0\0\0");
	PPT(b, 0, 0xfa0, "A\0 \0\xac\x20");
	PPT(b, 0, 0xf9f, "\1\0\0\0");
	PPT(b, 0, 0xfa8, "first\rsecond\xe9");
	PPT(b, 0, 0xf9f, "\1\0\0\0");
	PPT(b, 0, 0xfa8, "left over");
	PPT(b, 0, 0x3f3, "\3\0\0\0\0\0\0\0\0\0\0\0\1\1\0\0\0\0\0\0");
	ppt_close(b, list);
	list = ppt_open(b, 0x2f, 0xff0);
	PPT(b, 0, 0x3f3, "\4\0\0\0\0\0\0\0\0\0\0\0\x9\1\0\0\0\0\0\0");
	ppt_close(b, list);
	ppt_close(b, doc);
	at[2] = (uint32_t)b->len;
	slide = ppt_open(b, 0xf, 0x3ee);
	PPT(b, 2, 0x3ef, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x9\1\0\0\0\0\0\0");
	ppt_shape(b, 13, 0, 0, NULL);
	ppt_shape(b, 8, -1, 4, "*");
	ppt_shape(b, 9, -1, 4, "Footer");
	ppt_shape(b, 14, 1, 0, NULL);
	ppt_close(b, slide);
	at[3] = (uint32_t)b->len;
	slide = ppt_open(b, 0xf, 0x3ee);
	ppt_shape(b, 0, -1, 6, "Two");
	atom = ppt_open(b, 0xf, 0x2ee0);
	PPT(b, 0x00, 0xfba, "M\0e\0");
	PPT(b, 0x10, 0xfba, "w\0h\0y\0");
	ppt_close(b, atom);
	ppt_close(b, slide);
	at[4] = (uint32_t)b->len;
	slide = ppt_open(b, 0xf, 0x3f0);
	ppt_shape(b, 12, -1, 2, "said aloud");
	ppt_shape(b, 0, -1, 4, "page 7");
	ppt_close(b, slide);
	edit = (uint32_t)b->len;
	atom = ppt_open(b, 0, 0x1772);
	buf_put_u32(b, 4u << 20 | 1);
	for (unsigned i = 1; i < 5; i++)
		buf_put_u32(b, at[i]);
	ppt_close(b, atom);
	atom = ppt_open(b, 0, 0xff5);
	buf_put(b, "\0\0\0\0\0\0\0\3", 8);
	buf_put_u32(b, 0);
	buf_put_u32(b, edit);
	buf_put(b, "\1\0\0\0\4\0\0\0\1\0\0\0", 12);
	edit = (uint32_t)atom - 8;
	ppt_close(b, atom);
	buf_put(user, "\0\0\xf6\xf\x14\0\0\0\x14\0\0\0\x5f\xc0\x91\xe3", 16);
	buf_put_u32(user, edit);
}

static void
ppt_write(ole_writer *w, const buf *user, const buf *b)
{
	ole_write_begin(w);
	ole_write_stream(w, OLE_WRITE_ROOT, "Current User", user->p, user->len);
	ole_write_stream(w, OLE_WRITE_ROOT, "PowerPoint Document", b->p, b->len);
}

static void
test_ppt(void **state)
{
	static ole_writer w;
	buf user = { 0 }, b = { 0 };

	(void)state;
	ppt_file(&user, &b);
	ppt_write(&w, &user, &b);
	read_file(&w, "a.ppt");
	gather_has(g, "D a.ppt|A €|A €\n\nfirst\nsecondé\n\nleft over\n\nsaid aloud\n\nTwo\n\n[Comment] why\n");
	store_u32(user.p + 16, 4); /* no table: all of the text, with a warning */
	ppt_write(&w, &user, &b);
	read_file(&w, "a.ppt");
	gather_has(g, "D a.ppt|A €|A €\n\nfirst\nsecondé\n\nleft over\n\nTwo\n\n[Comment] why\n\nsaid aloud\n\npage 7|warning=damaged");
	store_u32(user.p + 12, 0xf3d1c4df);
	ppt_write(&w, &user, &b);
	read_file(&w, "a.ppt");
	gather_has(g, "P a.ppt|a presentation that is encrypted");
	buf_fini(&user);
	buf_fini(&b);
}

/* ---- Outlook -------------------------------------------------------------------------- */

static void
msg_wide(ole_writer *w, int at, const char *name, const char *text)
{
	buf b = { 0 };

	for (; *text; text++)
		buf_put_u16(&b, (uint8_t)*text);
	ole_write_stream(w, at, name, b.p, b.len);
	buf_fini(&b);
}

static void
msg_properties(ole_writer *w, int at, size_t head, uint32_t type_id, uint64_t value)
{
	buf b = { 0 };

	buf_zero(&b, head);
	buf_put_u32(&b, type_id);
	buf_put_u32(&b, 6);
	buf_put_u64(&b, value);
	ole_write_stream(w, at, "__properties_version1.0", b.p, b.len);
	buf_fini(&b);
}

static void
msg_file(ole_writer *w)
{
	int who, one, two, three, inner;

	ole_write_begin(w);
	msg_properties(w, OLE_WRITE_ROOT, 32, 0x00390040, 127549728000000000u);
	msg_wide(w, OLE_WRITE_ROOT, "__substg1.0_0037001F", "Re:  The law");
	msg_wide(w, OLE_WRITE_ROOT, "__substg1.0_0C1A001F", "Ann");
	msg_wide(w, OLE_WRITE_ROOT, "__substg1.0_5D01001F", "ann@example.org");
	msg_wide(w, OLE_WRITE_ROOT, "__substg1.0_1035001F", "<1@x>");
	msg_wide(w, OLE_WRITE_ROOT, "__substg1.0_1039001F", "<0@x> <1@x>");
	ole_write_stream(w, OLE_WRITE_ROOT, "__substg1.0_1000001E", "Dear Bob,\r\n\r\ncaf\xe9\r\n", 19);
	who = ole_write_storage(w, OLE_WRITE_ROOT, "__recip_version1.0_#00000000");
	msg_wide(w, who, "__substg1.0_3001001F", "Bob");
	msg_wide(w, who, "__substg1.0_3003001F", "/O=EXCHANGE/CN=BOB");
	one = ole_write_storage(w, OLE_WRITE_ROOT, "__attach_version1.0_#00000000");
	msg_wide(w, one, "__substg1.0_3707001F", "C:\\x\\report.txt");
	ole_write_stream(w, one, "__substg1.0_37010102", "Attached words", 14);
	two = ole_write_storage(w, OLE_WRITE_ROOT, "__attach_version1.0_#00000001");
	msg_wide(w, two, "__substg1.0_3001001F", "Inside");
	inner = ole_write_storage(w, two, "__substg1.0_3701000D");
	msg_properties(w, inner, 24, 0x0e060040, 127549728000000000u);
	msg_wide(w, inner, "__substg1.0_0037001F", "Inside");
	ole_write_stream(w, inner, "__substg1.0_10130102", "<h1>Head</h1><p>Text", 20);
	three = ole_write_storage(w, OLE_WRITE_ROOT, "__attach_version1.0_#00000002");
	msg_wide(w, three, "__substg1.0_370E001F", "image/png");
	msg_wide(w, three, "__substg1.0_3712001F", "logo");
	ole_write_stream(w, three, "__substg1.0_37010102", "\x89PNG", 4);
}

static void
test_msg(void **state)
{
	static ole_writer w;

	(void)state;
	msg_file(&w);
	read_file(&w, "a.msg");
	gather_has(g, "D a.msg|Re: The law|Dear Bob,\n\ncafé|date=2005-03-11|author=Ann <ann@example.org>|recipients=Bob|message-id=1@x|"
		      "thread=0@x\n");
	gather_has(g, "D a.msg/report.txt|report.txt|Attached words|parent=a.msg\n");
	gather_has(g, "D a.msg/Inside.msg|Inside|Head\n\nText|date=2005-03-11|parent=a.msg\n");
	assert_int_equal(g->documents, 3);
	assert_int_equal(g->problems + g->skipped, 0);
}

/* The text as compressed RTF: bytes, a reference to what stands before the beginning, one to
 * what was just written, which overlaps itself, and the end. */
static void
test_msg_rtf(void **state)
{
	static const char packed[] = "\x2c\0\0\0\x2a\0\0\0LZFu\0\0\0\0"
		"\x11\x00\x04 ab" /* {\rtf1 stands at 0 of the window; its own begins at 207 */
		"\x0d\x61 x}\x01\x0d\xe0" "not this";
	static ole_writer w;
	buf raw = { 0 };

	(void)state;
	ole_write_begin(&w);
	msg_properties(&w, OLE_WRITE_ROOT, 32, 0x00390040, 0);
	ole_write_stream(&w, OLE_WRITE_ROOT, "__substg1.0_10090102", packed, sizeof packed - 1);
	read_file(&w, "a.msg");
	gather_has(g, "D a.msg|(no subject)|ababa x");
	buf_put(&raw, "\0\0\0\0\0\0\0\0MELA\0\0\0\0{\\rtf1 plain}", 30);
	ole_write_begin(&w);
	msg_properties(&w, OLE_WRITE_ROOT, 32, 0x00390040, 0);
	ole_write_stream(&w, OLE_WRITE_ROOT, "__substg1.0_10090102", raw.p, raw.len);
	read_file(&w, "a.msg");
	gather_has(g, "D a.msg|(no subject)|plain\n");
	buf_fini(&raw);
}

/* A message in a message in a message ... */
static void
test_msg_deep(void **state)
{
	static ole_writer w;
	int at = OLE_WRITE_ROOT;

	(void)state;
	ole_write_begin(&w);
	for (unsigned i = 0; i < 20; i++) {
		msg_properties(&w, at, i ? 24 : 32, 0x00390040, 0);
		at = ole_write_storage(&w, at, "__attach_version1.0_#00000000");
		at = ole_write_storage(&w, at, "__substg1.0_3701000D");
	}
	msg_properties(&w, at, 24, 0x00390040, 0);
	read_file(&w, "a.msg");
	assert_int_equal(g->documents, EXTRACT_DEPTH + 1);
	assert_int_equal(g->problems, 1);
}

static void
hurt(ole_writer *w, const char *name)
{
	buf file;

	ole_write_end(w, &file);
	gather_cut(g, NULL, name, (const char *)file.p, file.len);
	gather_damage(g, NULL, name, (const char *)file.p, file.len, 2000);
	buf_fini(&file);
}

static void
test_bad(void **state)
{
	static ole_writer w;
	buf user = { 0 }, b = { 0 };

	(void)state;
	unit_seed("t_old_office");
	msg_file(&w);
	hurt(&w, "a.msg");
	ppt_file(&user, &b);
	ppt_write(&w, &user, &b);
	hurt(&w, "a.ppt");
	buf_fini(&user);
	buf_fini(&b);
	xls_file(&b);
	ole_write_begin(&w);
	ole_write_stream(&w, OLE_WRITE_ROOT, "Workbook", b.p, b.len);
	hurt(&w, "a.xls");
	buf_fini(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_xls),	cmocka_unit_test(test_ppt),	 cmocka_unit_test(test_msg),
		cmocka_unit_test(test_msg_rtf), cmocka_unit_test(test_msg_deep), cmocka_unit_test(test_bad),
	};
	int failed;

	g = gather_new();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	gather_free(g);
	return failed;
}
