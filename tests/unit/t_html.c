/* t_html.c - HTML to readable text, metadata and sections; encodings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "extract/read_encoding.h"
#include "extract/read_file.h"

static read_build b;

static void
html(const char *in, size_t n)
{
	read_build_init(&b);
	read_build_reset(&b);
	assert_true(read_html(&b, "dir/page.html", read_str(in, n)));
	assert_true(read_build_finish(&b));
}

static void
is(doc_str got, const char *want)
{
	if (got.n != strlen(want) || memcmp(got.p, want, got.n) != 0)
		fail_msg("got \"%.*s\", want \"%s\"", (int)got.n, got.p, want);
}

static void
text_of(const char *in, const char *want)
{
	html(in, strlen(in));
	is(b.doc.text, want);
	read_build_fini(&b);
}

static void
test_text(void **state)
{
	(void)state;
	text_of("<p>a  b\n c</p><p>d<br>e</p>", "a b c\n\nd\ne");
	text_of("<div><div>a</div><div></div><div>b <b>c</b>d</div></div>", "a\n\nb cd");
	text_of("<ul><li>a<li>b</ul>c", "a\nb\n\nc");
	text_of("<table><tr><th>a<th>b<tr><td>1<td>2</table>x", "a\tb\n1\t2\n\nx");
	text_of("<pre>a\n  b\n</pre>c", "a\n  b\n\n\nc");
	text_of("<nav>menu</nav>a<script>var x = '<p>no</p>';</script><style>p{}</style>b<footer>f</footer>"
		"<noscript>n</noscript>",
		"ab");
	text_of("<p>see<img alt='A map of dams' src=x>here<img alt=logo><img alt='my photo.png'><img>.", "see A map of dams here.");
	text_of("&auml;&#228;&#x4e2d;&amp;&nosuch;&lt;p&gt;", "\xc3\xa4\xc3\xa4\xe4\xb8\xad&&nosuch;<p>");
	text_of("", "");
	text_of("   ", "");
	text_of("just text", "just text");
}

static void
test_metadata(void **state)
{
	static const char page[] =
	    "<!DOCTYPE html><html lang=\"de-DE\"><head><title> Das\n  Gesetz </title>"
	    "<meta name=\"DC.date\" content=\"soon\"><meta property=\"article:published_time\" content=\"2013-11-12T08:00:00Z\">"
	    "<meta name=date content=2001><meta name=\"author\" content=\"A. B.\">"
	    "<link rel=\"canonical\" href=\" https://x.org/y \"></head><body><h1>H</h1>t</body></html>";

	(void)state;
	html(page, sizeof page - 1);
	is(b.doc.title, "Das Gesetz");
	is(b.doc.lang, "de-DE");
	is(b.doc.url, "https://x.org/y");
	assert_true(b.doc.has_date);
	assert_int_equal(b.doc.date.day, doc_day(2013, 11, 12));
	assert_int_equal(b.doc.nfields, 1);
	is(b.fields[0].string, "A. B.");
	is(b.doc.text, "H\n\nt");
	read_build_fini(&b);
	html("<h2>x</h2><h1> A <i>b</i> </h1>", 31);
	is(b.doc.title, "A b");
	read_build_fini(&b);
	html("<p>x", 4);
	is(b.doc.title, "page.html");
	read_build_fini(&b);
}

static void
test_sections(void **state)
{
	static const char page[] = "<p>intro<h1>One</h1>a<h3>Deep<br>er</h3><p>b<h2></h2><h2>Two</h2>c<h1>End";

	(void)state;
	html(page, sizeof page - 1);
	is(b.doc.text, "intro\n\nOne\n\na\n\nDeep\ner\n\nb\n\nTwo\n\nc\n\nEnd");
	assert_int_equal(b.doc.nsections, 4);
	is(b.sections[0].label, "One");
	assert_int_equal(b.sections[0].start, 7);
	assert_int_equal(b.sections[0].end, 35);
	assert_int_equal(b.sections[0].level, 1);
	is(b.sections[1].label, "Deep er");
	assert_int_equal(b.sections[1].level, 2);
	assert_int_equal(b.sections[1].end, 27);
	is(b.sections[2].label, "Two");
	assert_int_equal(b.sections[2].level, 2);
	is(b.sections[3].label, "End");
	assert_int_equal(b.sections[3].end, b.doc.text.n);
	read_build_fini(&b);
}

static void
test_kinds(void **state)
{
	static const struct {
		const char *heading, *kind;
	} cases[] = {
		{ "Part II", "part" },	       { "Schedule 1 Forms", "part" },	  { "Chapter 3: Rivers", "chapter" },
		{ "Article 5", "article" },    { "§ 12 Zweck", "article" },	  { "第三章 总则", "chapter" },
		{ "第十五条", "article" },     { "Erster Teil", "part" },	  { "Section 4. Duties", "section" },
		{ "Titre abrégé", "section" }, { "2.1 Scope", "section" },	  { "(a) Scope", "section" },
		{ "Partners", "section" },     { "Chapters of a life", "section" },
	};

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		char page[200];
		int n = snprintf(page, sizeof page, "<meta charset=utf-8><h1> <b>%s</b></h1><p>x", cases[i].heading);

		html(page, (size_t)n);
		assert_int_equal(b.doc.nsections, 1);
		is(b.sections[0].label, cases[i].heading);
		if (strcmp(b.sections[0].kind, cases[i].kind) != 0)
			fail_msg("%s: %s", cases[i].heading, b.sections[0].kind);
		read_build_fini(&b);
	}
}

static void
test_broken(void **state)
{
	static const char zero[] = "<p>a\0b</p>\0<p>c";
	buf big;

	(void)state;
	text_of("<p>a<b>b</p>c</b><td>d</table></div></div>e", "a"
		"b\n\nc\tde");
	text_of("<p class=\"open>text", "");
	text_of("a<!-- never closed", "a");
	text_of("a<", "a<");
	html(zero, sizeof zero - 1);
	is(b.doc.text, "a b\n\nc");
	read_build_fini(&b);

	buf_init(&big);
	for (int i = 0; i < 100000; i++)
		buf_puts(&big, "<div>x");
	html((char *)big.p, big.len);
	assert_non_null(strstr(b.warning, "nested"));
	assert_true(b.doc.text.n > 2000);
	read_build_fini(&b);
	buf_fini(&big);
}

/* What is around the text goes; what is the text stays. */
static void
test_frame(void **state)
{
	(void)state;
	text_of("<header>Site</header><nav><a href=/a>A</a></nav><main><h1>T</h1><p>Enough text of the page is here to be most of it."
		"</p><nav><a href='#s1'>1. Contents</a></nav></main><footer>F</footer>",
		"T\n\nEnough text of the page is here to be most of it.\n\n1. Contents");
	text_of("<p>Some text of the page that is long enough.</p><div hidden>h</div><div style='display:none'>d</div>"
		"<div class=cookie-bar>c</div><p>end", "Some text of the page that is long enough.\n\nend");
	text_of("<nav><h1>Title 8</h1><a href='#c1'>1. Dams</a></nav><main><h2>1. Dams</h2><p>Enough text of the page is here.</main>",
		"Title 8\n\n1. Dams\n\n1. Dams\n\nEnough text of the page is here."); /* a law's own heading and contents */
	text_of("<nav><h1>Site</h1><a href=/a>One of many</a></nav><p>Enough text of the page is here to be all of it.",
		"Enough text of the page is here to be all of it.");
	text_of("<nav><a href=/a>One</a><a href=/b>Two</a></nav>", "OneTwo"); /* nothing else: kept */
	text_of("<table><tr><td><p>a</p></td><td><p>b</p><p>c</p></td></tr><tr><td>d</table>", "a\tb\n\nc\nd");
	text_of("word<sup><a href='#f'>1</a></sup> <ruby>\xe6\xbc\xa2<rt>kan</rt></ruby>", "word 1 \xe6\xbc\xa2");
}

/* Pages made to be slow. */
static void
test_hostile(void **state)
{
	static const char *const bits[] = { "<", "<p>", "<b>", "</p>", "<table><tr><td>", "<a href=\"", "&", "&#", "<!--", "<![CDATA[", "<h1>", "<p><b></i>", "<form>" };

	(void)state;
	for (size_t i = 0; i < countof(bits); i++) {
		clock_t from = clock();
		buf page;

		buf_init(&page);
		while (page.len < (256 << 10))
			buf_puts(&page, bits[i]);
		html((char *)page.p, page.len);
		read_build_fini(&b);
		buf_fini(&page);
		if ((clock() - from) / CLOCKS_PER_SEC >= 10)
			fail_msg("%s took too long", bits[i]);
	}
}

static void
test_charset(void **state)
{
	static const struct {
		const char *in, *want;
	} cases[] = { { "<meta charset=utf-8>", "utf-8" },
		      { "<META http-equiv=x content=\"text/html; charset = GB2312\">", "GB2312" },
		      { "<meta name=x><meta charset='big5'/>", "big5" },
		      { "<script charset=x></script>", "" },
		      { "<meta charset", "" },
		      { "<meta charset=", "" },
		      { "", "" } };

	(void)state;
	for (size_t i = 0; i < countof(cases); i++)
		is(read_html_charset(read_str(cases[i].in, strlen(cases[i].in))), cases[i].want);
}

static void
decode(const char *in, size_t n, const char *charset, const char *want, uint64_t want_replaced)
{
	const char *view;
	uint64_t replaced;
	buf out;

	buf_init(&out);
	assert_int_equal(read_encoding_declared(in, n, charset, strlen(charset), &out, &view, &n,
						&replaced, NULL),
			 CDG_OK);
	is(read_str(view, n), want);
	assert_int_equal(replaced, want_replaced);
	buf_fini(&out);
}

static void
test_encoding(void **state)
{
	static const char gb[] = "\xd6\xd0\xbb\xaa\xc8\xcb\xc3\xf1\xb9\xb2\xba\xcd\xb9\xfa";
	static const char han[] = "\xe4\xb8\xad\xe5\x8d\x8e\xe4\xba\xba\xe6\xb0\x91\xe5\x85\xb1\xe5\x92\x8c\xe5\x9b\xbd";

	(void)state;
	decode("plain", 5, "", "plain", 0);
	decode("a \x1b$B@$3&\x1b(B b", 14, "", "a \xe4\xb8\x96\xe7\x95\x8c b", 0); /* ISO-2022-JP */
	decode("a \x1b[1m b", 8, "", "a \x1b[1m b", 0);
	decode("", 0, "", "", 0);
	decode("\xc3\xa4", 2, "", "\xc3\xa4", 0);
	decode("\xef\xbb\xbf\xc3\xa4", 5, "", "\xc3\xa4", 0);
	decode("\xff\xfe" "a\0b\0", 6, "", "ab", 0);
	decode("\xfe\xff\0a\0b", 6, "", "ab", 0);
	decode("a\0b\0c\0d\0e\0", 10, "", "abcde", 0);
	decode("\0a\0b\0c\0d\0e", 10, "", "abcde", 0);
	decode(gb, sizeof gb - 1, "gb2312", han, 0);
	decode("Stra\xdf" "e", 6, "iso-8859-1", "Stra\xc3\x9f" "e", 0);
	decode("\x93quoted\x94 \x80 5", 12, "latin1", "\xe2\x80\x9cquoted\xe2\x80\x9d \xe2\x82\xac 5", 0);
	decode("\xcf\xf0\xe0\xe2\xee", 5, "windows-1251", "\xd0\x9f\xd1\x80\xd0\xb0\xd0\xb2\xd0\xbe", 0);
	decode("Stra\xdf" "e f\xfcr die B\xfcrger", 21, "no-such-charset", "Stra\xc3\x9f" "e f\xc3\xbcr die B\xc3\xbcrger", 0);
	/* UTF-8 with one bad byte stays UTF-8, whatever the page says. */
	decode("\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f\xc3\xa4\xff", 11, "", "\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f\xc3\xa4\xef\xbf\xbd", 1);
	/* A sure guess without any declaration. */
	decode("\xd6\xd0\xbb\xaa\xc8\xcb\xc3\xf1\xb9\xb2\xba\xcd\xb9\xfa\xa1\xa3\xb7\xa8\xc2\xc9\xb5\xc4\xb9\xe6\xb6\xa8\xa1\xa3\xb8\xf7\xbc\xb6\xc8\xcb\xc3\xf1\xd5\xfe\xb8\xae", 40, "",
	       "\xe4\xb8\xad\xe5\x8d\x8e\xe4\xba\xba\xe6\xb0\x91\xe5\x85\xb1\xe5\x92\x8c\xe5\x9b\xbd\xe3\x80\x82\xe6\xb3\x95\xe5\xbe\x8b\xe7\x9a\x84\xe8\xa7\x84\xe5\xae\x9a\xe3\x80\x82\xe5\x90\x84\xe7\xba\xa7\xe4\xba\xba\xe6\xb0\x91\xe6\x94\xbf\xe5\xba\x9c", 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),	 cmocka_unit_test(test_metadata),
		cmocka_unit_test(test_sections), cmocka_unit_test(test_kinds), cmocka_unit_test(test_broken),
		cmocka_unit_test(test_hostile),	 cmocka_unit_test(test_charset),
		cmocka_unit_test(test_encoding),	 cmocka_unit_test(test_frame),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
