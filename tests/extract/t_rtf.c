/* t_rtf.c - RTF: code pages, Unicode, destinations, structure, metadata. */
#include "tests/extract/office.h"

static void
rtf(const char *body)
{
	buf b;

	buf_init(&b);
	buf_printf(&b, "{\\rtf1\\ansi\\deff0 %s}", body);
	office_read("a.rtf", b.p, b.len);
	buf_fini(&b);
}

static void
text_of(const char *body, const char *want)
{
	rtf(body);
	office_is(&seen.text, want);
}

static void
test_text(void **state)
{
	(void)state;
	text_of("one\\par two\\line three\\tab four\\par\\par five", "one\n\ntwo\nthree\tfour\n\nfive");
	text_of("a\\~b\\-c\\_d \\{x\\} \\\\ \\emdash\\ldblquote q\\rdblquote", "a\xc2\xa0" "bc-d {x} \\ —“q”");
	text_of("split\r\n word\\\r\nnext", "split word\n\nnext");
	text_of("{\\b bold} {\\i it}{\\v hidden}{\\deleted gone}\\v x\\v0 y", "bold ity");
	text_of("{\\*\\unknown no}{\\unknown yes}{\\pict 0102}{\\*\\shppict{\\pict 00}}{\\object{\\*\\objdata 99}{\\result res}}", "yesres");
	text_of("a{\\field{\\*\\fldinst HYPERLINK \"x\"}{\\fldrslt link}}b", "alinkb");
	text_of("x\\bin3 {{{y", "xy");
	text_of("{\\listtext 1.\\tab}Item\\par{\\pntext\\'b7\\tab}Dot", "1.\tItem\n\n·\tDot");
	assert_string_equal(seen.title, "a.rtf");
}

static void
test_characters(void **state)
{
	(void)state;
	text_of("caf\\'e9 \\u8364?uro \\uc0\\u8364 x\\uc2\\u8364\\'80\\'80z", "café €uro €x€z");
	text_of("\\ansicpg1251 \\'ef\\'f0\\'e8", "при");
	text_of("{\\fonttbl{\\f0\\fcharset0 T;}{\\f1\\fcharset128 M;}{\\f2\\fcharset161 G;}{\\f3\\fcharset2 Wingdings;}}"
		"\\f1 \\'93\\'fa\\'96\\'7b\\f2 \\'e1\\f0 \\'e1\\f3 \\'aa", "日本αá•");
	text_of("\\u-10187?\\u-9052?", "\xf0\x9d\x92\xa4");	/* a pair */
	text_of("\\u-10187? \\u-9052?x", "\xef\xbf\xbdx"); /* halves */
	text_of("{\\upr{ansi?}{\\*\\ud{\\u20013?}}}", "中");
	text_of("\\mac \\'8a", "ä");
	text_of("\\uc0\\u0 x\\u0 y", "xy"); /* no character */
	text_of("\\ansicpg99999 ok \\'zz\\'4", "ok zz4");
}

static void
test_structure(void **state)
{
	(void)state;
	rtf("{\\stylesheet{\\s0 Normal;}{\\s1\\sb240 heading 1;}{\\s2\\outlinelevel1 Law;}{\\*\\cs10 Char;}}"
	    "\\pard\\s1 Part\\par\\pard text{\\super\\chftn{\\footnote \\chftn The note}} on\\par"
	    "\\pard\\s2 Art. 1\\par\\pard x\\par\\pard\\outlinelevel0 Second\\par\\pard end");
	office_is(&seen.text, "Part\n\ntext on\n\nThe note\n\nArt. 1\n\nx\n\nSecond\n\nend");
	office_is(&seen.sections, "1 section Part|Part\n\ntext o\n2 footnote 1|The note\n2 article Art. 1|Art. 1\n\nx\n\n\n"
		"1 section Second|Second\n\nend\n");
	assert_string_equal(seen.title, "Part");
	rtf("before\\par\\trowd\\pard\\intbl a\\cell b\\par b2\\cell\\row\\trowd\\pard\\intbl\\cell d\\cell\\row\\pard after"
	    "{\\header Draft}{\\headerl Draft}{\\*\\annotation {\\*\\atnid A}why}");
	office_is(&seen.text, "before\n\na\tb\nb2\nd\n\nafter\n\nDraft\n\n[Comment] why");
	office_is(&seen.sections, "1 table |a\tb\nb2\nd\n");
}

static void
test_info(void **state)
{
	(void)state;
	rtf("{\\info{\\title The {\\b Law} \\'e4}{\\author Ann}{\\*\\company Org}{\\keywords k}{\\doccomm c}"
	    "{\\creatim\\yr2004\\mo3\\dy9\\hr1}{\\revtim\\yr2005\\mo13\\dy99}{\\operator x}{\\nofpages3}}\\deflang1031 text");
	office_is(&seen.text, "text");
	assert_string_equal(seen.title, "The Law ä");
	assert_string_equal(seen.date, "2004-03-09");
	assert_string_equal(seen.lang, "de-DE");
	office_is(&seen.fields, "author=Ann\npublisher=Org\nkeywords=k\ndescription=c\npath=a.rtf\nformat=rtf\n");
	assert_non_null(strstr(seen.warning, "2005-13-99"));
}

static void
test_bad(void **state)
{
	static const char sample[] = "{\\rtf1\\ansi{\\fonttbl{\\f1\\fcharset128 M;}}{\\stylesheet{\\s1 heading 1;}}{\\info{\\title t}}"
		"\\s1 A\\par\\intbl b\\cell c\\cell\\row\\pard \\f1\\'93\\'fa\\u-10187?\\u-9052?{\\footnote n}{\\header h}{\\field{\\*\\fldinst x}{\\fldrslt y}}"
		"{\\upr{a}{\\*\\ud{b}}}\\bin5 12345}";
	static const char *const words[] = { "{", "}", "\\*", "\\'", "\\u5 ", "\\footnote ", "\\cell ", "\\row ", "\\intbl ", "\\pard ", "\\par ",
		"\\info ", "\\title ", "\\stylesheet ", "\\fonttbl ", "\\f70000 ", "\\s-5 ", "\\uc99 ", "\\upr ", "\\ud ", "\\header ", "\\bin-7 ",
		"\\outlinelevel3 ", "x", "\\annotation ", "\\deleted ", "\\creatim ", "\\fcharset128 ", "\\'93", "\\nestcell " };
	buf b = { 0 };

	(void)state;
	unit_seed("t_rtf");
	buf_put(&b, sample, sizeof sample - 1);
	office_hurt("a.rtf", &b, 1000);
	for (unsigned i = 0; i < 2000; i++) {
		b.len = 0;
		buf_puts(&b, "{\\rtf1");
		for (unsigned k = unit_below(60); k; k--)
			buf_puts(&b, words[unit_below(countof(words))]);
		office_read_limited("a.rtf", b.p, b.len, 0);
	}
	b.len = 0; /* deep groups */
	buf_puts(&b, "{\\rtf1 top");
	for (unsigned i = 0; i < 1000000; i++)
		buf_put_u8(&b, '{');
	buf_puts(&b, "deep");
	office_read("a.rtf", b.p, b.len);
	office_is(&seen.text, "top");
	assert_non_null(strstr(seen.warning, "nested"));
	buf_fini(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text), cmocka_unit_test(test_characters), cmocka_unit_test(test_structure),
		cmocka_unit_test(test_info), cmocka_unit_test(test_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
