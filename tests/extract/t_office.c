/* t_office.c - packages, XLSX, PPTX, OpenDocument and EPUB. */
#include "tests/extract/office.h"

#include "extract/reader/xlsx.h"

#define TYPES { "[Content_Types].xml", "<Types/>" }
#define REL "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
#define RELS "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">"
#define ROOT(part) { "_rels/.rels", RELS "<Relationship Id=\"a\" Type=\"" REL "officeDocument\" Target=\"" part "\"/></Relationships>" }

/* ---- XLSX -------------------------------------------------------------------- */

#define S "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\""
#define BOOK(more) { "xl/workbook.xml", "<workbook " S ">" more "<sheets><sheet name=\"Budget\" r:id=\"1\"/>" \
	"<sheet name=\"Secret\" state=\"hidden\" r:id=\"2\"/></sheets></workbook>" }, \
	{ "xl/_rels/workbook.xml.rels", RELS "<Relationship Id=\"1\" Type=\"" REL "worksheet\" Target=\"worksheets/sheet1.xml\"/>" \
	"<Relationship Id=\"2\" Type=\"" REL "worksheet\" Target=\"worksheets/sheet2.xml\"/>" \
	"<Relationship Id=\"3\" Type=\"" REL "sharedStrings\" Target=\"sharedStrings.xml\"/>" \
	"<Relationship Id=\"4\" Type=\"" REL "styles\" Target=\"styles.xml\"/></Relationships>" }
#define STRINGS { "xl/sharedStrings.xml", "<sst " S "><si><t>Year</t></si><si><r><t>Am</t></r><r><t>ount</t></r><rPh><t>no</t></rPh></si></sst>" }
#define STYLES { "xl/styles.xml", "<styleSheet " S "><numFmts><numFmt numFmtId=\"170\" formatCode=\"[$-409]d\\-mmm;@\"/>" \
	"<numFmt numFmtId=\"171\" formatCode=\"&quot;day&quot; 0.0\"/></numFmts><cellStyleXfs><xf numFmtId=\"14\"/></cellStyleXfs><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/>" \
	"<xf numFmtId=\"170\"/><xf numFmtId=\"171\"/><xf numFmtId=\"10\"/><xf numFmtId=\"20\"/></cellXfs></styleSheet>" }
#define SHEET(i, rows) { "xl/worksheets/sheet" i ".xml", "<worksheet " S "><sheetData>" rows "</sheetData></worksheet>" }

static void
test_xlsx(void **state)
{
	(void)state;
	OFFICE_READ("a.xlsx", TYPES, ROOT("xl/workbook.xml"), BOOK(""), STRINGS, STYLES,
		SHEET("1", "<row><c t=\"s\"><v>0</v></c><c/><c t=\"s\"><v>1</v></c><c t=\"s\"><v>77</v></c></row>"
		"<row><c s=\"1\"><v>45352</v></c><c s=\"2\"><v>45352.5</v></c><c s=\"3\"><v>0.10000000000000001</v></c>"
		"<c s=\"4\"><v>0.125</v></c><c s=\"5\"><v>0.75</v></c><c t=\"b\"><v>1</v></c><c t=\"e\"><v>#REF!</v></c>"
		"<c t=\"inlineStr\"><is><t>in line</t></is></c><c t=\"str\"><f>A1</f><v>made</v></c></row>"),
		SHEET("2", "<row><c><v>42</v></c></row>"),
		{ "xl/worksheets/_rels/sheet1.xml.rels", RELS "<Relationship Id=\"1\" Type=\"" REL "comments\" Target=\"../comments1.xml\"/></Relationships>" },
		{ "xl/comments1.xml", "<comments " S "><commentList><comment ref=\"B2\"><text><r><t>Check</t></r></text></comment></commentList></comments>" });
	office_is(&seen.text, "Budget\nYear\tAmount\n2024-03-01\t2024-03-01 12:00\t0.1\t12.5%\t18:00\tTRUE\tin line\tmade\n\n[Comment B2] Check\n\nSecret\n42");
	office_is(&seen.sections, "1 section Budget|Budget\nYear\t\n1 section Secret|Secret\n42\n");
	OFFICE_READ("a.xlsx", TYPES, ROOT("xl/workbook.xml"), BOOK("<workbookPr date1904=\"1\"/>"), STRINGS, STYLES,
		SHEET("1", "<row><c s=\"1\"><v>0</v></c></row>"));
	office_is(&seen.text, "Budget\n1904-01-01");
}

static void
cell_is(double v, xlsx_format format, bool epoch1904, const char *want)
{
	char out[XLSX_NUMBER_MAX];

	xlsx_write(out, v, format, epoch1904);
	assert_string_equal(out, want);
}

static void
test_cells(void **state)
{
	(void)state;
	cell_is(1, XLSX_DATE, false, "1900-01-01");
	cell_is(59, XLSX_DATE, false, "1900-02-28");
	cell_is(61, XLSX_DATE, false, "1900-03-01");
	cell_is(44196.999999, XLSX_DATE, false, "2021-01-01");
	cell_is(-1, XLSX_DATE, false, "-1");
	cell_is(1e300, XLSX_DATE, false, "1e+300");
	cell_is(0.5, XLSX_TIME, false, "12:00");
	cell_is(0.25 + 1.0 / 86400, XLSX_TIME, false, "06:00:01");
	cell_is(2, XLSX_PERCENT, false, "200%");
}

/* A text that many cells share may not come out many times beyond the limit. */
static void
test_shared_bomb(void **state)
{
	const size_t cells = 20000;
	buf sheet, text, zip;
	struct archive *a;

	(void)state;
	buf_init(&sheet);
	buf_init(&text);
	buf_puts(&text, "<sst " S "><si><t>");
	for (size_t i = 0; i < 10000; i++)
		buf_puts(&text, "word ");
	buf_puts(&text, "</t></si></sst>");
	buf_puts(&sheet, "<worksheet " S "><sheetData>");
	for (size_t i = 0; i < cells; i++)
		buf_puts(&sheet, "<row><c t=\"s\"><v>0</v></c></row>");
	buf_puts(&sheet, "</sheetData></worksheet>");
	const office_part parts[] = { TYPES, ROOT("xl/workbook.xml"), BOOK("") };

	a = office_zip_begin(&zip);
	for (size_t i = 0; i < countof(parts); i++)
		office_zip_add(a, parts[i].name, parts[i].text, strlen(parts[i].text));
	office_zip_add(a, "xl/sharedStrings.xml", text.p, text.len);
	office_zip_add(a, "xl/worksheets/sheet1.xml", sheet.p, sheet.len);
	archive_write_close(a);
	archive_write_free(a);
	assert_int_equal(office_read_limited("a.xlsx", zip.p, zip.len, 1 << 20), CDG_OK);
	assert_true(seen.text.len <= 1 << 20);
	assert_non_null(strstr(seen.warning, "only the first"));
	buf_fini(&sheet);
	buf_fini(&text);
	buf_fini(&zip);
}

/* ---- PPTX ---------------------------------------------------------------------- */

#define A "xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\" xmlns:p=\"http://schemas.openxmlformats.org/presentationml/2006/main\"" \
	" xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\""
#define AT(text) "<a:p><a:r><a:rPr lang=\"fr-FR\"/><a:t>" text "</a:t></a:r></a:p>"
#define SHAPE(type, text) "<p:sp><p:nvSpPr><p:nvPr><p:ph type=\"" type "\"/></p:nvPr></p:nvSpPr><p:txBody>" text "</p:txBody></p:sp>"
#define SLIDE(i, body) { "ppt/slides/slide" i ".xml", "<p:sld " A "><p:cSld><p:spTree>" body "</p:spTree></p:cSld></p:sld>" }

static void
test_pptx(void **state)
{
	(void)state;
	OFFICE_READ("a.pptx", TYPES, ROOT("ppt/presentation.xml"),
		{ "ppt/presentation.xml", "<p:presentation " A "><p:sldIdLst><p:sldId id=\"256\" r:id=\"r2\"/><p:sldId id=\"257\" r:id=\"r1\"/></p:sldIdLst></p:presentation>" },
		{ "ppt/_rels/presentation.xml.rels", RELS "<Relationship Id=\"r1\" Type=\"" REL "slide\" Target=\"slides/slide1.xml\"/>"
		"<Relationship Id=\"r2\" Type=\"" REL "slide\" Target=\"slides/slide2.xml\"/></Relationships>" },
		SLIDE("1", SHAPE("body", AT("last")) SHAPE("sldNum", AT("2"))
		"<p:pic><p:nvPicPr><p:cNvPr name=\"Picture 4\" descr=\"A map of dams\"/></p:nvPicPr></p:pic>"),
		SLIDE("2", SHAPE("title", AT("The") AT("Plan")) SHAPE("body", AT("one") AT("two"))
		"<a:tbl><a:tr><a:tc>" AT("a") "</a:tc><a:tc>" AT("b") "</a:tc></a:tr><a:tr><a:tc>" AT("c") "</a:tc><a:tc>" AT("d") "</a:tc></a:tr></a:tbl>"),
		{ "ppt/slides/_rels/slide2.xml.rels", RELS "<Relationship Id=\"1\" Type=\"" REL "notesSlide\" Target=\"../notesSlides/n1.xml\"/></Relationships>" },
		{ "ppt/notesSlides/n1.xml", "<p:notes " A "><p:cSld><p:spTree>" SHAPE("sldImg", AT("x")) SHAPE("body", AT("say it")) "</p:spTree></p:cSld></p:notes>" });
	office_is(&seen.text, "The Plan\n\none\ntwo\n\na\tb\nc\td\n\nsay it\n\nlast\n\nA map of dams");
	office_is(&seen.sections, "1 page 1|The Plan\n\non\n1 section The Plan|The Plan\n\non\n2 table |a\tb\nc\td\n1 page 2|last\n\nA map \n");
	assert_string_equal(seen.title, "The Plan");
	assert_string_equal(seen.lang, "fr-FR");
}

/* ---- OpenDocument ---------------------------------------------------------------- */

#define O "xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" xmlns:style=\"urn:oasis:names:tc:opendocument:xmlns:style:1.0\"" \
	" xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\" xmlns:table=\"urn:oasis:names:tc:opendocument:xmlns:table:1.0\"" \
	" xmlns:draw=\"urn:oasis:names:tc:opendocument:xmlns:drawing:1.0\" xmlns:presentation=\"urn:oasis:names:tc:opendocument:xmlns:presentation:1.0\"" \
	" xmlns:meta=\"urn:oasis:names:tc:opendocument:xmlns:meta:1.0\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\"" \
	" xmlns:fo=\"urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0\" xmlns:svg=\"urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0\""
#define ODT { "mimetype", "application/vnd.oasis.opendocument.text" }
#define ODS { "mimetype", "application/vnd.oasis.opendocument.spreadsheet" }
#define CONTENT(kind, styles, body) { "content.xml", "<office:document-content " O "><office:automatic-styles>" styles \
	"</office:automatic-styles><office:body><office:" kind ">" body "</office:" kind "></office:body></office:document-content>" }
#define LIST_STYLE "<text:list-style style:name=\"L\"><text:list-level-style-number text:level=\"1\" style:num-format=\"1\" style:num-prefix=\"Art. \"/>" \
	"<text:list-level-style-number text:level=\"2\" style:num-format=\"a\" style:num-prefix=\"(\" style:num-suffix=\")\"/></text:list-style>"
#define OP(text) "<text:p>" text "</text:p>"
#define ITEM(body) "<text:list-item>" body "</text:list-item>"
#define LIST(more, body) "<text:list " more ">" body "</text:list>"

static void
test_odt(void **state)
{
	(void)state;
	OFFICE_READ("a.odt", ODT, { "styles.xml", "<office:document-styles " O "><office:styles><text:outline-style>"
		"<text:outline-level-style text:level=\"1\" style:num-format=\"I\" style:num-suffix=\".\"/>"
		"<text:outline-level-style text:level=\"2\" style:num-format=\"1\" text:display-levels=\"2\"/></text:outline-style></office:styles>"
		"<office:master-styles><style:master-page><style:header>" OP("Draft of May") "</style:header><style:footer>" OP("Page <text:page-number>1</text:page-number>")
		"</style:footer></style:master-page></office:master-styles></office:document-styles>" },
		{ "meta.xml", "<office:document-meta " O "><office:meta><dc:title>T</dc:title><meta:initial-creator>A</meta:initial-creator>"
		"<meta:creation-date>2020-05-06T07:08:09</meta:creation-date><meta:keyword>k1</meta:keyword><meta:keyword>k2</meta:keyword>"
		"<dc:language>en-US</dc:language></office:meta></office:document-meta>" },
		CONTENT("text", LIST_STYLE, "<text:tracked-changes>" OP("deleted") "</text:tracked-changes>"
		"<text:h text:outline-level=\"1\">Aims</text:h><text:p>A<text:note><text:note-citation>1</text:note-citation><text:note-body>" OP("noted")
		"</text:note-body></text:note> b<text:s text:c=\"3\"/>c<text:tab/>d<text:line-break/>e</text:p>"
		"<text:h text:outline-level=\"2\">More</text:h>"
		LIST("text:style-name=\"L\"", ITEM(OP("x") LIST("", ITEM(OP("y")) ITEM(OP("z")))) ITEM(OP("w")))
		OP("between") LIST("text:style-name=\"L\" text:continue-numbering=\"true\"", ITEM(OP("v")))
		"<table:table><table:table-row><table:table-cell>" OP("a") "</table:table-cell><table:table-cell>" OP("b") OP("b2") "</table:table-cell></table:table-row>"
		"<table:table-row><table:table-cell>" OP("c") "</table:table-cell><table:table-cell>" OP("d") "</table:table-cell></table:table-row></table:table>"
		"<text:p>end<office:annotation><dc:creator>Bob</dc:creator><dc:date>2000-01-01</dc:date>" OP("odd") "</office:annotation>"
		"<draw:frame><svg:desc>a picture</svg:desc><draw:text-box>" OP("box") "</draw:text-box></draw:frame></text:p>"));
	office_is(&seen.text, "I. Aims\n\nA b c\td\ne\n\nnoted\n\nI.1 More\n\nArt. 1 x\n(a) y\n(b) z\nArt. 2 w\n\nbetween\n\nArt. 3 v\n\n"
		"a\tb\nb2\nc\td\n\nend a picture\n\nbox\n\nDraft of May\n\n[Comment, Bob] odd");
	office_is(&seen.sections, "1 section I. Aims|I. Aims\n\nA b\n2 footnote 1|noted\n2 section I.1 More|I.1 More\n\nAr\n3 table |a\tb\nb2\nc\td\n");
	office_is(&seen.fields, "author=A\nkeywords=k1\nkeywords=k2\npath=a.odt\nformat=odt\n");
	assert_string_equal(seen.title, "T");
	assert_string_equal(seen.date, "2020-05-06");
	assert_string_equal(seen.lang, "");
}

static void
test_ods(void **state)
{
	(void)state;
	OFFICE_READ("a.ods", ODS, CONTENT("spreadsheet", "", "<table:table table:name=\"Sums\"><table:table-row table:number-rows-repeated=\"1000000\">"
		"<table:table-cell table:number-columns-repeated=\"3\">" OP("0") "</table:table-cell>"
		"<table:table-cell table:number-columns-repeated=\"999999999\">" OP("x") "</table:table-cell></table:table-row>"
		"<table:table-row><table:table-cell table:number-columns-repeated=\"16384\"/></table:table-row></table:table>"
		"<table:table table:name=\"Two\"><table:table-row><table:table-cell>" OP("1.3.2024") "</table:table-cell></table:table-row></table:table>"));
	office_is(&seen.text, "Sums\n\n0\t0\t0\tx\tx\tx\tx\tx\tx\tx\tx\tx\tx\tx\tx\tx\tx\tx\tx\tx\tx\tx\tx\n\nTwo\n\n1.3.2024");
	office_is(&seen.sections, "1 section Sums|Sums\n\n0\t0\t0\t\n1 section Two|Two\n\n1.3.202\n");
	assert_string_equal(seen.title, "a.ods");
}

static void
test_odp(void **state)
{
	static const char flat[] = "<?xml version=\"1.0\"?><office:document " O "><office:body><office:presentation>"
		"<draw:page draw:name=\"p1\"><draw:frame presentation:class=\"title\"><draw:text-box>" OP("Start") "</draw:text-box></draw:frame>"
		"<draw:frame presentation:class=\"footer\"><draw:text-box>" OP("no") "</draw:text-box></draw:frame>"
		"<presentation:notes><draw:frame presentation:class=\"notes\"><draw:text-box>" OP("speak") "</draw:text-box></draw:frame></presentation:notes></draw:page>"
		"<draw:page><draw:custom-shape>" OP("Two") "</draw:custom-shape></draw:page></office:presentation></office:body></office:document>";

	(void)state;
	office_read("a.fodp", flat, sizeof flat - 1);
	office_is(&seen.text, "Start\n\nspeak\n\nTwo");
	office_is(&seen.sections, "1 page 1|Start\n\nspeak\n1 section Start|Start\n\nspeak\n1 page 2|Two\n");
	assert_string_equal(seen.title, "Start");
	assert_non_null(strstr(buf_cstr(&seen.fields), "format=odp"));
}

static void
test_locked(void **state)
{
	(void)state;
	OFFICE_READ("a.odt", ODT, CONTENT("text", "", OP("x")), { "META-INF/manifest.xml",
		"<manifest:manifest><manifest:file-entry><manifest:encryption-data/></manifest:file-entry></manifest:manifest>" });
	assert_int_equal(seen.documents, 0);
	office_is(&seen.why, "an office document that is encrypted with a password");
}

/* ---- EPUB ------------------------------------------------------------------------- */

#define EPUB { "mimetype", "application/epub+zip" }, { "META-INF/container.xml", "<container xmlns=\"urn:oasis:names:tc:opendocument:xmlns:container\">" \
	"<rootfiles><rootfile full-path=\"OEBPS/book.opf\"/></rootfiles></container>" }
#define OPF { "OEBPS/book.opf", "<package xmlns=\"http://www.idpf.org/2007/opf\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><metadata>" \
	"<dc:title>The Book</dc:title><dc:creator>Ann</dc:creator><dc:creator>Bob</dc:creator><dc:date>1999</dc:date><dc:language>pt</dc:language>" \
	"<meta property=\"dcterms:modified\">2001-02-03T00:00:00Z</meta></metadata><manifest><item id=\"b\" href=\"b%20c.xhtml\"/>" \
	"<item id=\"a\" href=\"../a.xhtml\"/><item id=\"n\" href=\"nav.xhtml\" properties=\"nav\"/></manifest>" \
	"<spine><itemref idref=\"n\"/><itemref idref=\"a\"/><itemref idref=\"b\"/><itemref idref=\"lost\"/></spine></package>" }
#define HTML(body) "<html xmlns=\"http://www.w3.org/1999/xhtml\"><head><title>no</title></head><body>" body "</body></html>"

static void
test_epub(void **state)
{
	(void)state;
	OFFICE_READ("a.epub", EPUB, OPF, { "a.xhtml", HTML("<h1>One</h1><p>text</p><h2>Sub</h2><p>more</p>") },
		{ "OEBPS/b c.xhtml", HTML("<p>plain</p>") },
		{ "OEBPS/nav.xhtml", HTML("<nav><ol><li><a href=\"../a.xhtml\">1</a></li><li><a href=\"b%20c.xhtml#x\">Second</a></li></ol></nav>") });
	office_is(&seen.text, "One\n\ntext\n\nSub\n\nmore\n\nplain");
	office_is(&seen.sections, "1 section One|One\n\ntext\n\nS\n2 section Sub|Sub\n\nmore\n\n\n1 chapter Second|plain\n");
	assert_string_equal(seen.title, "The Book");
	assert_string_equal(seen.lang, "pt");
	assert_string_equal(seen.date, "1999");
	assert_non_null(strstr(buf_cstr(&seen.fields), "author=Ann\nauthor=Bob\n"));
	OFFICE_READ("a.epub", EPUB, OPF, { "META-INF/encryption.xml", "<EncryptionMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#aes128-cbc\"/>" });
	assert_non_null(strstr(buf_cstr(&seen.why), "DRM"));
	OFFICE_READ("a.epub", EPUB, OPF, { "META-INF/encryption.xml", "<EncryptionMethod Algorithm=\"http://www.idpf.org/2008/embedding\"/>" });
	assert_int_equal(seen.documents, 1);
}

/* ---- packages ------------------------------------------------------------------------ */

static void
test_bomb(void **state)
{
	static const char begin[] = "<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:body><w:p>"
				    "<w:r><w:t>x";
	const size_t n = (size_t)200 << 20;
	char *zeros = malloc(n);
	struct archive *a;
	buf zip;

	(void)state;
	memset(zeros, ' ', n);
	memcpy(zeros, begin, sizeof begin - 1);
	a = office_zip_begin(&zip);
	office_zip_add(a, "[Content_Types].xml", "<Types/>", 8);
	office_zip_add(a, "word/document.xml", zeros, n);
	archive_write_close(a);
	archive_write_free(a);
	/* the job ends, and whoever runs it lists the file */
	assert_int_equal(office_read_limited("a.docx", zip.p, zip.len, 0), CDG_E_LIMIT);
	assert_int_equal(seen.documents, 0);
	buf_fini(&zip);
	free(zeros);
}

static void
test_deep(void **state)
{
	buf xml, zip;
	struct archive *a;

	(void)state;
	buf_init(&xml);
	buf_puts(&xml, "<office:document-content " O "><office:body><office:text><text:p>top");
	for (size_t i = 0; i < 100000; i++)
		buf_puts(&xml, "<text:p><table:table>");
	a = office_zip_begin(&zip);
	office_zip_add(a, "mimetype", "application/vnd.oasis.opendocument.text", 39);
	office_zip_add(a, "content.xml", xml.p, xml.len);
	archive_write_close(a);
	archive_write_free(a);
	office_read("a.odt", zip.p, zip.len);
	assert_non_null(strstr(seen.warning, "deep"));
	office_is(&seen.text, "top");
	buf_fini(&xml);
	buf_fini(&zip);
}

static void
test_names(void **state)
{
	const office_part parts[] = { { "a/b.xml", "1" }, { "A/B.xml", "2" }, { "a/b.xml", "3" }, { "../x", "4" }, { "/abs", "5" } };
	extract_job job;
	extract_sink sink = { 0 };
	extract_input in = { .name = "x.zip" };
	cdg_error err;
	package *p;
	buf zip, out;

	(void)state;
	office_zip(&zip, parts, countof(parts));
	in.data = (const char *)zip.p;
	in.n = zip.len;
	extract_job_init(&job, &sink);
	assert_int_equal(package_open(&p, &job, &in, &err), CDG_OK);
	assert_int_equal(package_count(p), 5);
	assert_int_equal(package_find(p, "a/b.xml"), 0);
	assert_int_equal(package_find(p, "/a/b.xml"), 0);
	assert_int_equal(package_find(p, "A/B.xml"), 1);
	assert_true(package_find(p, "a/B.XML") >= 0);
	assert_int_equal(package_find(p, "a/c.xml"), -1);
	assert_int_equal(package_resolve(p, "word/x.xml", read_str("../a/b.xml#y", 12)), 0);
	assert_int_equal(package_resolve(p, "a/x.xml", read_str("./%62.xml", 9)), 0);
	assert_int_equal(package_resolve(p, "x", read_str("../../../a/b.xml", 16)), 0);
	buf_init(&out); /* backwards: the archive is begun again */
	for (size_t i = 5; i-- > 0;)
		assert_int_equal(package_read(p, i, 100, &out, &err), CDG_OK);
	office_is(&out, "54321");
	buf_fini(&out);
	package_close(p);
	extract_job_fini(&job);
	buf_fini(&zip);
}

static void
hurt(const char *name, const office_part *parts, size_t n)
{
	buf zip;

	office_zip(&zip, parts, n);
	office_hurt(name, &zip, 150);
	buf_fini(&zip);
}

static void
test_bad(void **state)
{
	const office_part odt[] = { ODT, CONTENT("text", LIST_STYLE, LIST("text:style-name=\"L\"", ITEM(OP("x"))) OP("y")) };
	const office_part epub[] = { EPUB, OPF, { "a.xhtml", HTML("<h1>One</h1><p>text</p>") } };
	const office_part xlsx[] = { TYPES, ROOT("xl/workbook.xml"), BOOK(""), STRINGS, STYLES, SHEET("1", "<row><c s=\"1\"><v>1</v></c></row>") };

	(void)state;
	unit_seed("t_office");
	hurt("a.odt", odt, countof(odt));
	hurt("a.epub", epub, countof(epub));
	hurt("a.xlsx", xlsx, countof(xlsx));
	office_read("a.docx", "PK\3\4garbage garbage garbage garbage garbage", 44);
	OFFICE_READ("a.epub", EPUB, { "META-INF/CONTAINER.xml", "" });
	OFFICE_READ("a.epub", { "META-INF/container.xml", "<container><item id=\"a\" href=\"b\"/></container>" });
	office_read("a.docx", "PK\3\4", 4);
	assert_int_equal(seen.documents, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_xlsx),  cmocka_unit_test(test_cells), cmocka_unit_test(test_shared_bomb),
		cmocka_unit_test(test_pptx),  cmocka_unit_test(test_odt),   cmocka_unit_test(test_ods),
		cmocka_unit_test(test_odp),   cmocka_unit_test(test_locked), cmocka_unit_test(test_epub),
		cmocka_unit_test(test_bomb),  cmocka_unit_test(test_deep),  cmocka_unit_test(test_names),
		cmocka_unit_test(test_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
