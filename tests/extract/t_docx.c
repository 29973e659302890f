/* t_docx.c - DOCX: text, structure, numbers of paragraphs, notes, tracked changes. */
#include "tests/extract/office.h"

#include "extract/reader/numeral.h"

#define TYPES { "[Content_Types].xml", "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>" }
#define REL "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
#define RELS "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">"
#define ROOT { "_rels/.rels", RELS \
	"<Relationship Id=\"a\" Type=\"" REL "officeDocument\" Target=\"word/document.xml\"/>" \
	"<Relationship Id=\"b\" Type=\"http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties\"" \
	" Target=\"docProps/core.xml\"/></Relationships>" }
#define PARTS { "word/_rels/document.xml.rels", RELS \
	"<Relationship Id=\"1\" Type=\"" REL "styles\" Target=\"styles.xml\"/>" \
	"<Relationship Id=\"2\" Type=\"" REL "numbering\" Target=\"numbering.xml\"/>" \
	"<Relationship Id=\"3\" Type=\"" REL "footnotes\" Target=\"footnotes.xml\"/>" \
	"<Relationship Id=\"4\" Type=\"" REL "comments\" Target=\"comments.xml\"/>" \
	"<Relationship Id=\"5\" Type=\"" REL "header\" Target=\"header1.xml\"/>" \
	"<Relationship Id=\"6\" Type=\"" REL "header\" Target=\"/word/header2.xml\"/></Relationships>" }
#define W "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"" \
	" xmlns:mc=\"http://schemas.openxmlformats.org/markup-compatibility/2006\""
#define DOC(body) { "word/document.xml", "<w:document " W "><w:body>" body "</w:body></w:document>" }
#define T(text) "<w:r><w:t xml:space=\"preserve\">" text "</w:t></w:r>"
#define P(text) "<w:p>" T(text) "</w:p>"
#define STYLED(style, text) "<w:p><w:pPr><w:pStyle w:val=\"" style "\"/></w:pPr>" T(text) "</w:p>"
#define LISTED(num, level, text) "<w:p><w:pPr><w:numPr><w:ilvl w:val=\"" level "\"/><w:numId w:val=\"" num \
	"\"/></w:numPr></w:pPr>" T(text) "</w:p>"
#define STYLES { "word/styles.xml", "<w:styles " W ">" \
	"<w:docDefaults><w:rPrDefault><w:rPr><w:lang w:val=\"de-DE\"/></w:rPr></w:rPrDefault></w:docDefaults>" \
	"<w:style w:type=\"paragraph\" w:styleId=\"berschrift1\"><w:name w:val=\"heading 1\"/></w:style>" \
	"<w:style w:type=\"paragraph\" w:styleId=\"H2\"><w:name w:val=\"Law\"/><w:pPr><w:outlineLvl w:val=\"1\"/></w:pPr></w:style>" \
	"<w:style w:type=\"paragraph\" w:styleId=\"H2b\"><w:name w:val=\"Law b\"/><w:basedOn w:val=\"H2\"/></w:style>" \
	"<w:style w:type=\"paragraph\" w:styleId=\"Title\"><w:name w:val=\"Title\"/></w:style>" \
	"<w:style w:type=\"paragraph\" w:styleId=\"Cap\"><w:name w:val=\"caption\"/></w:style>" \
	"<w:style w:type=\"paragraph\" w:styleId=\"Art\"><w:name w:val=\"Article\"/><w:pPr><w:numPr><w:numId w:val=\"3\"/></w:numPr>" \
	"<w:outlineLvl w:val=\"0\"/></w:pPr></w:style>" \
	"<w:style w:type=\"paragraph\" w:styleId=\"Loop\"><w:name w:val=\"x\"/><w:basedOn w:val=\"Loop\"/></w:style></w:styles>" }

static void
test_text(void **state)
{
	(void)state;
	OFFICE_READ("a.docx", TYPES, ROOT, DOC(P("One  two") "<w:p/>" "<w:p>" T("a") "<w:r><w:tab/></w:r>" T("b")
		"<w:r><w:br/></w:r>" T("c") "<w:r><w:noBreakHyphen/></w:r>" T("d") "<w:r><w:softHyphen/></w:r>" T("e")
		"</w:p>" "<w:p>" T("Sym") "<w:r><w:sym w:font=\"Symbol\" w:char=\"F061\"/></w:r></w:p>"));
	office_is(&seen.text, "One two\n\na\tb\nc-de\n\nSymα");
	assert_string_equal(seen.title, "a.docx");
	assert_true(strstr(buf_cstr(&seen.fields), "format=docx") != NULL);
}

static void
test_revisions(void **state)
{
	(void)state;
	OFFICE_READ("a.docx", TYPES, ROOT, DOC("<w:p><w:del>" T("gone") "</w:del><w:ins>" T("new") "</w:ins>"
		"<w:moveFrom>" T("old") "</w:moveFrom><w:moveTo>" T(" place") "</w:moveTo></w:p>"
		"<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr>" T("joined ") "</w:p>" P("here")
		"<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r>" T("seen") "</w:p>"
		"<w:p><w:pPr><w:pPrChange><w:pPr><w:pStyle w:val=\"H2\"/></w:pPr></w:pPrChange></w:pPr>" T("plain") "</w:p>"),
		PARTS, STYLES);
	office_is(&seen.text, "new place\n\njoined here\n\nseen\n\nplain");
	office_is(&seen.sections, "");
}

static void
test_fields(void **state)
{
	(void)state;
	OFFICE_READ("a.docx", TYPES, ROOT, DOC("<w:p>" T("see ") "<w:r><w:fldChar w:fldCharType=\"begin\"/></w:r>"
		"<w:r><w:instrText>REF x</w:instrText></w:r>" T("code") "<w:r><w:fldChar w:fldCharType=\"separate\"/></w:r>" T("Art. 5")
		"<w:r><w:fldChar w:fldCharType=\"end\"/></w:r><w:hyperlink>" T(", link") "</w:hyperlink><w:fldSimple w:instr=\"PAGE\">"
		T(" 7") "</w:fldSimple></w:p><w:p><w:r><mc:AlternateContent><mc:Choice><w:txbxContent>" P("boxed")
		"</w:txbxContent></mc:Choice><mc:Fallback><w:txbxContent>" P("boxed") "</w:txbxContent></mc:Fallback>"
		"</mc:AlternateContent></w:r>" T("around") "</w:p>"));
	office_is(&seen.text, "see Art. 5, link 7\n\nboxed\n\naround");
}

static void
test_images(void **state)
{
#define IMAGE(alt) "<w:r><w:drawing><wp:inline xmlns:wp=\"http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing\">" \
	"<wp:docPr id=\"1\" name=\"Picture 1\" descr=\"" alt "\"/></wp:inline></w:drawing></w:r>"
	(void)state;
	OFFICE_READ("a.docx", TYPES, ROOT, DOC("<w:p>" T("see") IMAGE("A map&#10;of dams") T("here") "</w:p>"
		"<w:p>" T("a") IMAGE("logo") IMAGE("C:\\my files\\x 1.jpg") IMAGE("my photo.JPEG") IMAGE("") T("b") "</w:p>"));
	office_is(&seen.text, "see A map of dams here\n\nab");
}

static void
test_headings(void **state)
{
	(void)state;
	OFFICE_READ("a.docx", TYPES, ROOT, DOC(STYLED("Title", "The  Act") STYLED("berschrift1", "First") P("text")
		STYLED("H2b", "Deeper") P("more") "<w:p><w:pPr><w:outlineLvl w:val=\"0\"/></w:pPr>" T("Second") "</w:p>"
		"<w:p><w:pPr><w:pStyle w:val=\"H2\"/><w:outlineLvl w:val=\"9\"/></w:pPr>" T("body") "</w:p>"
		STYLED("Loop", "loop")), PARTS, STYLES);
	office_is(&seen.sections, "1 section First|First\n\ntext\n\n2 section Deeper|Deeper\n\nmore\n1 section Second|Second\n\nbody\n");
	assert_string_equal(seen.title, "The Act");
	assert_string_equal(seen.lang, "de-DE");
	/* a name that ends where a digit would stand, and the next string is one */
	OFFICE_READ("a.docx", TYPES, ROOT, DOC(STYLED("H", "no heading")), PARTS, { "word/styles.xml", "<w:styles " W ">"
		"<w:style w:type=\"paragraph\" w:styleId=\"H\"><w:name w:val=\"heading\"/><w:basedOn w:val=\"3\"/></w:style></w:styles>" });
	office_is(&seen.sections, "");
}

static void
test_tables(void **state)
{
	(void)state;
	OFFICE_READ("a.docx", TYPES, ROOT, DOC(P("before") STYLED("Cap", "Table 1: x")
		"<w:tbl><w:tr><w:tc>" P("a") "</w:tc><w:tc>" P("b") P("b2") "</w:tc></w:tr>"
		"<w:tr><w:tc>" P("c") "</w:tc><w:tc>" P("d") "</w:tc></w:tr></w:tbl>"
		"<w:tbl><w:tr><w:tc>" P("layout") "</w:tc></w:tr></w:tbl>" P("after")), PARTS, STYLES);
	office_is(&seen.text, "before\n\nTable 1: x\n\na\tb\nb2\nc\td\n\nlayout\n\nafter");
	office_is(&seen.sections, "1 table Table 1: x|a\tb\nb2\nc\td\n");
}

#define NOTES { "word/footnotes.xml", "<w:footnotes " W "><w:footnote w:type=\"separator\" w:id=\"0\">" P("---") "</w:footnote>" \
	"<w:footnote w:id=\"2\">" P("The note.") "</w:footnote></w:footnotes>" }

static void
test_notes(void **state)
{
	(void)state;
	OFFICE_READ("a.docx", TYPES, ROOT, DOC("<w:p>" T("Word") "<w:r><w:footnoteReference w:id=\"2\"/></w:r>" T("s go on") "</w:p>"
		"<w:p>" T("next") "<w:r><w:footnoteReference w:id=\"2\"/></w:r></w:p>"), PARTS, NOTES,
		{ "word/comments.xml", "<w:comments " W "><w:comment w:id=\"0\" w:author=\"Ann\">" P("why?") "</w:comment></w:comments>" },
		{ "word/header1.xml", "<w:hdr " W ">" P("Draft") "</w:hdr>" },
		{ "word/header2.xml", "<w:hdr " W ">" P("Draft") "</w:hdr>" });
	office_is(&seen.text, "Words go on\n\n[1] The note.\n\nnext\n\n[Comment, Ann] why?\n\nDraft");
	office_is(&seen.sections, "1 footnote 1|[1] The note\n");
}

static void
test_pages(void **state)
{
	(void)state;
	OFFICE_READ("a.docx", TYPES, ROOT, DOC(P("one") "<w:p><w:r><w:br w:type=\"page\"/></w:r></w:p><w:p>"
		"<w:r><w:lastRenderedPageBreak/></w:r>" T("two") "</w:p>" "<w:p>" T("still two, ")
		"<w:r><w:lastRenderedPageBreak/></w:r>" T("three") "</w:p>"));
	office_is(&seen.sections, "1 page 1|one\n\n\n1 page 2|two\n\nstill t\n1 page 3|three\n");
	/* by hand only: where the other pages end is not known */
	OFFICE_READ("a.docx", TYPES, ROOT, DOC(P("one") "<w:p><w:r><w:br w:type=\"page\"/></w:r></w:p>" P("two")));
	office_is(&seen.sections, "");
}

#define LVL(i, fmt, text, more) "<w:lvl w:ilvl=\"" i "\"><w:start w:val=\"1\"/><w:numFmt w:val=\"" fmt "\"/><w:lvlText w:val=\"" \
	text "\"/>" more "</w:lvl>"
#define NUMBERING { "word/numbering.xml", "<w:numbering " W ">" \
	"<w:abstractNum w:abstractNumId=\"7\">" LVL("0", "upperRoman", "Part %1", "") LVL("1", "decimal", "§ %2", "<w:lvlRestart w:val=\"0\"/>") \
	LVL("2", "lowerLetter", "(%3)", "") LVL("3", "decimal", "%1.%2.%4", "<w:isLgl/>") "</w:abstractNum>" \
	"<w:abstractNum w:abstractNumId=\"8\">" LVL("0", "decimal", "Article %1", "<w:pStyle w:val=\"Art\"/>") "</w:abstractNum>" \
	"<w:abstractNum w:abstractNumId=\"9\">" LVL("0", "bullet", "\xef\x82\xb7", "") \
	LVL("1", "chineseCountingThousand", "第%2条", "") "</w:abstractNum>" \
	"<w:num w:numId=\"1\"><w:abstractNumId w:val=\"7\"/></w:num>" \
	"<w:num w:numId=\"2\"><w:abstractNumId w:val=\"7\"/><w:lvlOverride w:ilvl=\"0\"><w:startOverride w:val=\"5\"/></w:lvlOverride></w:num>" \
	"<w:num w:numId=\"3\"><w:abstractNumId w:val=\"8\"/></w:num>" \
	"<w:num w:numId=\"4\"><w:abstractNumId w:val=\"9\"/></w:num></w:numbering>" }

static void
test_numbers(void **state)
{
	(void)state;
	OFFICE_READ("a.docx", TYPES, ROOT, PARTS, STYLES, NUMBERING, DOC(LISTED("1", "0", "A") LISTED("1", "1", "b")
		LISTED("1", "2", "c") LISTED("1", "2", "d") LISTED("1", "0", "E") LISTED("1", "1", "f") LISTED("1", "2", "g")
		LISTED("1", "3", "h") LISTED("2", "0", "I") LISTED("1", "0", "J")
		LISTED("4", "0", "k") LISTED("4", "1", "l") LISTED("0", "0", "none") LISTED("99", "0", "lost")));
	office_is(&seen.text, "Part I A\n\n§ 1 b\n\n(a) c\n\n(b) d\n\nPart II E\n\n§ 2 f\n\n(a) g\n\n2.2.1 h\n\nPart V I\n\nPart VI J\n\n"
		"• k\n\n第一条 l\n\nnone\n\nlost");
	OFFICE_READ("a.docx", TYPES, ROOT, PARTS, STYLES, NUMBERING, DOC(STYLED("Art", "Scope") P("x") STYLED("Art", "Terms")));
	office_is(&seen.sections, "1 article Article 1 Scope|Article 1 Sc\n1 article Article 2 Terms|Article 2 Te\n");
}

static void
test_metadata(void **state)
{
	(void)state;
	OFFICE_READ("a.docx", TYPES, ROOT, DOC(P("x")), { "docProps/core.xml",
		"<cp:coreProperties xmlns:cp=\"http://schemas.openxmlformats.org/package/2006/metadata/core-properties\""
		" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:dcterms=\"http://purl.org/dc/terms/\"><dc:title> The  Law </dc:title>"
		"<dc:creator>Ann</dc:creator><dc:subject>s</dc:subject><cp:keywords>k</cp:keywords><dc:description>d</dc:description>"
		"<dcterms:created>2020-02-30T00:00:00Z</dcterms:created><dcterms:modified>2021-03-04T05:06:07Z</dcterms:modified>"
		"<cp:category>Act</cp:category></cp:coreProperties>" });
	assert_string_equal(seen.title, "The Law");
	office_is(&seen.fields, "author=Ann\nsubject=s\nkeywords=k\ndescription=d\nmodified=2021-03-04T05:06:07Z\ntype=Act\n"
		"path=a.docx\nformat=docx\n");
	assert_string_equal(seen.date, "");
	assert_non_null(strstr(seen.warning, "2020-02-30"));
}

static void
test_kinds(void **state)
{
	(void)state;
	/* by content, whatever the name is; no relations at all */
	OFFICE_READ("a.zip", TYPES, DOC(P("x")));
	office_is(&seen.text, "x");
	/* strict documents have other namespaces */
	OFFICE_READ("a.docx", TYPES, { "_rels/.rels", RELS "<Relationship Id=\"a\" Type=\"http://purl.oclc.org/ooxml/officeDocument/"
		"relationships/officeDocument\" Target=\"/word/document.xml\"/></Relationships>" },
		{ "word/document.xml", "<w:document xmlns:w=\"http://purl.oclc.org/ooxml/wordprocessingml/main\"><w:body><w:p><w:r><w:t>strict"
		"</w:t></w:r></w:p></w:body></w:document>" });
	office_is(&seen.text, "strict");
	/* what a program leaves there of the document that it began with is nobody's */
	OFFICE_READ("a.docx", TYPES, { "_rels/.rels", RELS "<Relationship Id=\"a\" Type=\"http://schemas.openxmlformats.org/officeDocument/"
		"2006/relationships/officeDocument\" Target=\"word/document.xml\"/><Relationship Id=\"b\" Type=\"http://schemas.openxmlformats.org/"
		"package/2006/relationships/metadata/core-properties\" Target=\"core.xml\"/></Relationships>" },
		{ "core.xml", "<cp:coreProperties xmlns:cp=\"http://schemas.openxmlformats.org/package/2006/metadata/core-properties\" "
		"xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:dcterms=\"http://purl.org/dc/terms/\"><dc:creator>python-docx</dc:creator>"
		"<dc:description>generated by python-docx</dc:description><dcterms:created>2013-12-23T23:15:00Z</dcterms:created>"
		"<dcterms:modified>2020-01-02T03:04:05Z</dcterms:modified></cp:coreProperties>" }, DOC(P("x")));
	assert_string_equal(seen.date, "");
	assert_null(strstr(buf_cstr(&seen.fields), "python-docx"));
	assert_non_null(strstr(buf_cstr(&seen.fields), "2020-01-02"));
	OFFICE_READ("a.docx", TYPES, ROOT, { "word/other.xml", "<x/>" });
	assert_int_equal(seen.problems, 1);
	assert_int_equal(seen.documents, 0);
}

static void
numeral_is(numeral how, unsigned n, const char *want)
{
	buf out;

	buf_init(&out);
	numeral_write(&out, how, n);
	assert_string_equal(buf_cstr(&out), want);
	buf_fini(&out);
}

static void
test_numerals(void **state)
{
	(void)state;
	numeral_is(NUMERAL_ROMAN, 1994, "mcmxciv");
	numeral_is(NUMERAL_ROMAN_UPPER, 4000, "4000");
	numeral_is(NUMERAL_LETTERS, 28, "bb");
	numeral_is(NUMERAL_BASE26, 28, "ab");
	numeral_is(NUMERAL_BASE26_UPPER, 702, "ZZ");
	numeral_is(NUMERAL_LETTERS, 4000000000u, "4000000000");
	numeral_is(NUMERAL_CJK, 15, "十五");
	numeral_is(NUMERAL_CJK, 105, "一百零五");
	numeral_is(NUMERAL_CJK, 1010, "一千零一十");
	numeral_is(NUMERAL_CJK_LEGAL, 15, "壹拾伍");
	numeral_is(NUMERAL_CJK_DIGITS, 20, "二〇");
	numeral_is(NUMERAL_CYRILLIC, 3, "в");
	numeral_is(NUMERAL_CYRILLIC_UPPER, 27, "Я");
	numeral_is(NUMERAL_ORDINAL, 12, "12th");
	numeral_is(NUMERAL_ORDINAL, 22, "22nd");
	numeral_is(NUMERAL_CIRCLED, 20, "⑳");
	numeral_is(NUMERAL_DECIMAL_ZERO, 7, "07");
	numeral_is(NUMERAL_CJK, 0, "0");
}

static void
test_bad(void **state)
{
	const office_part parts[] = { TYPES, ROOT, PARTS, STYLES, NUMBERING, NOTES,
		DOC(STYLED("Art", "Scope") LISTED("1", "2", "c") "<w:tbl><w:tr><w:tc>" P("a") "</w:tc></w:tr></w:tbl>"
		"<w:p><w:r><w:footnoteReference w:id=\"2\"/></w:r></w:p>") };
	buf zip;

	(void)state;
	unit_seed("t_docx");
	office_zip(&zip, parts, countof(parts));
	office_hurt("a.docx", &zip, 300);
	buf_fini(&zip);
	OFFICE_READ("a.docx", TYPES, ROOT, { "word/document.xml", "<w:document " W "><w:body><w:p>" T("cut off") "<w:p><w:tbl>" });
	office_is(&seen.text, "cut off");
	assert_non_null(strstr(seen.warning, "damaged XML"));
	/* a billion laughs: entities are not even known */
	OFFICE_READ("a.docx", TYPES, ROOT, { "word/document.xml", "<!DOCTYPE d [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;\">"
		"<!ENTITY c SYSTEM \"file:///etc/passwd\">]><w:document " W "><w:body>" P("x&b;&c;y") "</w:body></w:document>" });
	assert_null(strstr(buf_cstr(&seen.text), "aaa"));
	assert_null(strstr(buf_cstr(&seen.text), "root"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),	 cmocka_unit_test(test_revisions), cmocka_unit_test(test_fields),
		cmocka_unit_test(test_images), cmocka_unit_test(test_headings), cmocka_unit_test(test_tables),	   cmocka_unit_test(test_notes),
		cmocka_unit_test(test_pages),	 cmocka_unit_test(test_numbers),   cmocka_unit_test(test_metadata),
		cmocka_unit_test(test_kinds),	 cmocka_unit_test(test_numerals),  cmocka_unit_test(test_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
