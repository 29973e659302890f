/* t_embedded.c - documents in documents: packages, compound files, PowerPoint, RTF. */
#include <archive.h>
#include <archive_entry.h>
#include <zlib.h>

#include "tests/extract/gather.h"
#include "tests/extract/ole_write.h"

static gather *g;

typedef struct part {
	const char *name;
	const buf *bytes; /* NULL: text */
	const char *text;
} part;

static void
make_zip(buf *out, const part *parts, size_t n)
{
	struct archive *a = archive_write_new();
	size_t used = 0, cap = 1 << 20;
	char *room = malloc(cap);

	assert_int_equal(archive_write_set_format_zip(a), ARCHIVE_OK);
	assert_int_equal(archive_write_open_memory(a, room, cap, &used), ARCHIVE_OK);
	for (size_t i = 0; i < n; i++) {
		struct archive_entry *e = archive_entry_new();
		size_t size = parts[i].bytes ? parts[i].bytes->len : strlen(parts[i].text);

		archive_entry_set_pathname(e, parts[i].name);
		archive_entry_set_filetype(e, AE_IFREG);
		archive_entry_set_perm(e, 0644);
		archive_entry_set_size(e, (la_int64_t)size);
		assert_int_equal(archive_write_header(a, e), ARCHIVE_OK);
		archive_write_data(a, parts[i].bytes ? (const void *)parts[i].bytes->p : parts[i].text, size);
		archive_entry_free(e);
	}
	archive_write_close(a);
	archive_write_free(a);
	buf_init(out);
	buf_put(out, room, used);
	free(room);
}

#define RELS "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">"
#define REL(id, type, target) \
	"<Relationship Id=\"" id "\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/" type "\" Target=\"" target "\"/>"
#define DOCX(text)                                                                                                      \
	{ "[Content_Types].xml", NULL, "<Types/>" }, { "_rels/.rels", NULL, RELS REL("a", "officeDocument", "word/document.xml") "</Relationships>" }, \
	{ "word/document.xml", NULL, "<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:body><w:p><w:r><w:t>" text \
	"</w:t></w:r></w:p></w:body></w:document>" }

static void
make_docx(buf *out)
{
	const part parts[] = { DOCX("the inner text") };

	make_zip(out, parts, countof(parts));
}

/* What \1Ole10Native holds from the name on; `before` bytes stand before it. */
static void
put_native(buf *b, const char *label, const char *text)
{
	buf_put(b, label, strlen(label) + 1);
	buf_put(b, "C:\\x\\y", 7);
	buf_put_u32(b, 0x30000);
	buf_put_u32(b, 4);
	buf_put(b, "C:\\", 4);
	buf_put_u32(b, (uint32_t)strlen(text));
	buf_puts(b, text);
}

/* A storage with a file of a name, or with `bytes` in a stream. */
static void
put_object(ole_writer *w, int storage, const char *stream, const buf *bytes)
{
	buf native;

	if (bytes) {
		ole_write_stream(w, storage, stream, bytes->p, bytes->len);
		return;
	}
	buf_init(&native);
	buf_put_u32(&native, 0);
	buf_put_u16(&native, 2);
	put_native(&native, "C:\\docs\\list of dams.txt", "dams behind an icon");
	ole_write_stream(w, storage, "\1Ole10Native", native.p, native.len);
	buf_fini(&native);
}

static void
make_object(buf *out, const char *stream, const buf *bytes)
{
	static ole_writer w;

	ole_write_begin(&w);
	put_object(&w, OLE_WRITE_ROOT, stream, bytes);
	ole_write_end(&w, out);
}

static void
test_package(void **state)
{
	buf inner, icon, packed, formula, outer, empty;

	(void)state;
	make_docx(&inner);
	make_object(&icon, NULL, NULL);
	make_object(&packed, "Package", &inner);
	make_object(&formula, "Equation Native", &inner);
	buf_init(&empty);
	{
		const part parts[] = {
			DOCX("the outer text"),
			{ "word/embeddings/report.docx", &inner, NULL },
			{ "word/embeddings/oleObject1.bin", &icon, NULL },
			{ "word/embeddings/oleObject2.bin", &packed, NULL },
			{ "word/embeddings/oleObject3.bin", &formula, NULL },
			{ "word/embeddings/chart.docx", &inner, NULL },
			{ "word/embeddings/empty.bin", &empty, NULL },
			{ "word/charts/chart1.xml", NULL, "<c/>" },
			{ "word/charts/_rels/chart1.xml.rels", NULL, RELS REL("a", "package", "../embeddings/chart.docx") "</Relationships>" },
		};
		make_zip(&outer, parts, countof(parts));
	}
	gather_read(g, NULL, "a.docx", outer.p, outer.len);
	assert_int_equal(g->status, CDG_OK);
	gather_has(g, "D a.docx|a.docx|the outer text");
	gather_has(g, "D a.docx/report.docx|report.docx|the inner text|parent=a.docx");
	gather_has(g, "D a.docx/list of dams.txt|list of dams.txt|dams behind an icon|parent=a.docx");
	gather_has(g, "D a.docx/oleObject2.bin|oleObject2.bin|the inner text|parent=a.docx");
	gather_has(g, "P a.docx/empty.bin|an embedded object that cannot be unpacked");
	assert_int_equal(g->documents, 4); /* neither the formula nor the table of the chart */
	assert_int_equal(g->problems, 1);
	gather_damage(g, NULL, "a.docx", (const char *)outer.p, outer.len, 200);
	for (size_t i = 0; i < 200; i++) {
		gather_damage(g, NULL, "o.bin", (const char *)icon.p, icon.len, 1);
		gather_damage(g, NULL, "o.bin", (const char *)packed.p, packed.len, 1);
	}
	buf_fini(&inner);
	buf_fini(&icon);
	buf_fini(&packed);
	buf_fini(&formula);
	buf_fini(&outer);
}

/* A document in itself, many times over, ends at the depth of files in files. */
static void
test_deep(void **state)
{
	buf inner, outer;

	(void)state;
	make_docx(&inner);
	for (unsigned i = 0; i < 12; i++) {
		const part parts[] = { DOCX("around it"), { "word/embeddings/in.docx", &inner, NULL } };

		make_zip(&outer, parts, countof(parts));
		buf_fini(&inner);
		inner = outer;
	}
	gather_read(g, NULL, "a.docx", inner.p, inner.len);
	assert_int_equal(g->status, CDG_OK);
	assert_int_equal(g->documents, 9);
	assert_int_equal(g->problems, 1);
	buf_fini(&inner);
}

static void
test_odf(void **state)
{
	static const char text[] = "<office:document-content xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" "
				   "xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\"><office:body><office:text><text:p>"
				   "outer</text:p></office:text></office:body></office:document-content>";
	buf icon, outer;

	(void)state;
	make_object(&icon, NULL, NULL);
	{
		const part parts[] = {
			{ "mimetype", NULL, "application/vnd.oasis.opendocument.text" },
			{ "content.xml", NULL, text },
			{ "Object 1", &icon, NULL },
			{ "Object 2/content.xml", NULL, text },
			{ "Object 3/content.xml", NULL, "<math/>" },
		};
		make_zip(&outer, parts, countof(parts));
	}
	gather_read(g, NULL, "a.odt", outer.p, outer.len);
	gather_has(g, "D a.odt|a.odt|outer");
	gather_has(g, "D a.odt/list of dams.txt|list of dams.txt|dams behind an icon|parent=a.odt");
	gather_has(g, "S a.odt|indexed without 1 embedded document");
	buf_fini(&icon);
	buf_fini(&outer);
}

/* Excel: storages MBD...; Word: those in ObjectPool, here of a document that cannot be read. */
static void
test_old(void **state)
{
	static const char book[] = "\x09\x08\x10\0\0\6\5\0\0\0\0\0\0\0\0\0\0\0\0\0\x0a\0\0\0";
	static ole_writer w;
	buf inner, file;

	(void)state;
	make_docx(&inner);
	ole_write_begin(&w);
	ole_write_stream(&w, OLE_WRITE_ROOT, "Workbook", book, sizeof book - 1);
	put_object(&w, ole_write_storage(&w, OLE_WRITE_ROOT, "MBD0001"), NULL, NULL);
	put_object(&w, ole_write_storage(&w, OLE_WRITE_ROOT, "MBD0002"), "CONTENTS", &inner);
	put_object(&w, ole_write_storage(&w, OLE_WRITE_ROOT, "MBD0003"), "Nothing known", &inner);
	ole_write_end(&w, &file);
	gather_read(g, NULL, "a.xls", file.p, file.len);
	gather_has(g, "D a.xls|a.xls|");
	gather_has(g, "D a.xls/list of dams.txt|list of dams.txt|dams behind an icon|parent=a.xls");
	gather_has(g, "D a.xls/object-2|object-2|the inner text|parent=a.xls");
	gather_has(g, "S a.xls/object-3|a compound file (OLE) of a kind that is not known");
	gather_damage(g, NULL, "a.xls", (const char *)file.p, file.len, 300);
	buf_fini(&inner);
	buf_fini(&file);
}

static void
put_record(buf *b, unsigned instance, unsigned type, const buf *data)
{
	buf_put_u16(b, (uint16_t)(instance << 4));
	buf_put_u16(b, (uint16_t)type);
	buf_put_u32(b, (uint32_t)data->len);
	buf_put(b, data->p, data->len);
}

static void
test_ppt(void **state)
{
	uint8_t room[8192];
	uLongf n = sizeof room;
	buf icon, deflated, stream, file;

	(void)state;
	make_object(&icon, NULL, NULL);
	assert_int_equal(compress(room, &n, icon.p, icon.len), Z_OK);
	buf_init(&deflated);
	buf_put_u32(&deflated, (uint32_t)icon.len);
	buf_put(&deflated, room, n);
	buf_init(&stream);
	put_record(&stream, 0, 0x1011, &icon);
	put_record(&stream, 1, 0x1011, &deflated);
	make_object(&file, "PowerPoint Document", &stream);
	gather_read(g, NULL, "a.ppt", file.p, file.len);
	gather_has(g, "D a.ppt|");
	assert_non_null(strstr(buf_cstr(&g->out), "D a.ppt/list of dams.txt"));
	assert_int_equal(g->documents, 3);
	gather_damage(g, NULL, "a.ppt", (const char *)file.p, file.len, 300);
	buf_fini(&icon);
	buf_fini(&deflated);
	buf_fini(&stream);
	buf_fini(&file);
}

static void
put_hex(buf *rtf, const buf *b)
{
	buf_puts(rtf, "{\\object\\objemb{\\*\\objdata \n");
	for (size_t i = 0; i < b->len; i++)
		buf_printf(rtf, i % 40 ? "%02x" : "%02X\r\n", b->p[i]);
	buf_puts(rtf, "}{\\result shown}}");
}

static void
put_ole1(buf *b, const char *class, const buf *native)
{
	buf_init(b);
	buf_put_u32(b, 0x501);
	buf_put_u32(b, 2);
	buf_put_u32(b, (uint32_t)strlen(class) + 1);
	buf_put(b, class, strlen(class) + 1);
	buf_put_u32(b, 0);
	buf_put_u32(b, 0);
	buf_put_u32(b, (uint32_t)native->len);
	buf_put(b, native->p, native->len);
}

static void
test_rtf(void **state)
{
	buf icon, package, one, two, rtf;

	(void)state;
	make_object(&icon, NULL, NULL);
	buf_init(&package);
	buf_put_u16(&package, 2);
	put_native(&package, "notes.txt", "notes of a packager");
	put_ole1(&one, "Word.Document.8", &icon);
	put_ole1(&two, "Package", &package);
	buf_init(&rtf);
	buf_puts(&rtf, "{\\rtf1 outer ");
	put_hex(&rtf, &one);
	put_hex(&rtf, &two);
	buf_puts(&rtf, "{\\object{\\*\\objdata 0105}}}");
	gather_read(g, NULL, "a.rtf", rtf.p, rtf.len);
	gather_has(g, "D a.rtf|a.rtf|outer");
	gather_has(g, "D a.rtf/list of dams.txt|list of dams.txt|dams behind an icon|parent=a.rtf");
	gather_has(g, "D a.rtf/notes.txt|notes.txt|notes of a packager|parent=a.rtf");
	gather_has(g, "S a.rtf/object-3|an embedded object of a kind that is not known");
	gather_damage(g, NULL, "a.rtf", (const char *)rtf.p, rtf.len, 300);
	gather_cut(g, NULL, "a.rtf", (const char *)rtf.p, rtf.len);
	buf_fini(&icon);
	buf_fini(&package);
	buf_fini(&one);
	buf_fini(&two);
	buf_fini(&rtf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_package), cmocka_unit_test(test_deep), cmocka_unit_test(test_odf),
		cmocka_unit_test(test_old),	cmocka_unit_test(test_ppt),  cmocka_unit_test(test_rtf),
	};
	int failed;

	unit_seed("t_embedded");
	g = gather_new();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	gather_free(g);
	return failed;
}
