/* t_md.c - Markdown and plain text to readable text and sections. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <time.h>

#include "extract/read_file.h"

static read_build b;

static void
start(void)
{
	read_build_init(&b);
	read_build_reset(&b);
}

static void
md(const char *in)
{
	start();
	assert_true(read_md(&b, "dir/name.md", read_str(in, strlen(in))));
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
	md(in);
	is(b.doc.text, want);
	read_build_fini(&b);
}

/* All sections as "level label|start-end;". */
static void
sections_of(const char *in, const char *want)
{
	buf out;

	md(in);
	buf_init(&out);
	for (size_t i = 0; i < b.doc.nsections; i++)
		buf_printf(&out, "%u %.*s|%u-%u;", b.sections[i].level, (int)b.sections[i].label.n,
			   b.sections[i].label.p, b.sections[i].start, b.sections[i].end);
	assert_string_equal(buf_cstr(&out), want);
	buf_fini(&out);
	read_build_fini(&b);
}

static void
test_inline(void **state)
{
	(void)state;
	text_of("a *b* **c** ***d*** _e_ __f__ ~~g~~", "a b c d e f g");
	text_of("snake_case_name 2 * 3 5*4 a ~ b", "snake_case_name 2 * 3 5*4 a ~ b");
	text_of("see [the law](http://x.org/a_(b) \"t\") now", "see the law now");
	text_of("![alt *text*](img.png) [ref][1] [sic] [a]", "alt text ref [sic] [a]");
	text_of("[![badge](b.png)](link) x", "badge x");
	text_of("`code *stays*` ``a ` b`` `open", "code *stays* a ` b `open");
	text_of("\\*not\\* \\a C:\\\\", "*not* \\a C:\\");
	text_of("a <b>bold</b> <https://x.org> 1 < 2 a<b", "a bold https://x.org 1 < 2 a<b");
	text_of("AT&amp;T &lt;x&gt; &sect; 5 R&D", "AT&T <x> \xc2\xa7 5 R&D");
	text_of("[open [nested](x", "[open [nested](x");
	text_of("](](](", "](](](");
	text_of("", "");
	text_of("*", "*");
	text_of("# ", "");
}

static void
test_blocks(void **state)
{
	(void)state;
	text_of("a\nb\n\n\n\nc\r\n", "a\nb\n\nc");
	text_of("> quoted\n> > twice\n\n- item\n- two\n\n1. one", "quoted\ntwice\n\n- item\n- two\n\n1. one");
	text_of("x\n\n***\n\ny\n\n---\n\nz", "x\n\ny\n\nz");
	text_of("```c\nint *a; # no heading\n\n[x](y)\n```\nafter", "int *a; # no heading\n\n[x](y)\n\nafter");
	text_of("~~~\n```\n~~~\nx", "```\n\nx");
	text_of("| a | *b* |\n|---|:-:|\n| 1 | 2 |", "a \t b\n1 \t 2");
	text_of("a\n\n[x]: http://y\n\nb", "a\n\nb");
	text_of("a\n\n<!-- one\n# not\n-->\n\nb <!-- c --> d\n\n<!-- INFO END -->\n\ne", "a\n\nb  d\n\ne");
	text_of("```\nnever closed", "never closed");
}

static void
test_sections(void **state)
{
	(void)state;
	sections_of("# One\n\na\n\n## Two\n\nb\n\n# Three\nc",
		    "1 One|0-16;2 Two|8-16;1 Three|16-24;");
	sections_of("intro\n\nTitle\n===\n\nx\n\nSub *em*\n---\ny", "1 Title|7-26;2 Sub em|17-26;");
	sections_of("### Deep ###\n\n# Top\n\n### Skipped a level", "1 Deep|0-6;1 Top|6-26;2 Skipped a level|11-26;");
	sections_of("#hashtag\n\n####### seven", "");
	sections_of("a paragraph\nof two\n---\nb", "");
}

static void
test_front(void **state)
{
	(void)state;
	md("---\ntitle: \"The: \\\"Act\\\"\"\ndate: 2013-11-12\nlang: en # note\nid: x1\nurl: 'it''s'\n"
	   "tags: [a, \"b, c\"]\nauthors:\n  - Ann\n  - Bob\nnumber: 42\nempty:\nnested:\n  deep: 1\nnone: null\n---\n# H\n\nbody\n");
	is(b.doc.title, "The: \"Act\"");
	is(b.doc.lang, "en");
	is(b.doc.id, "x1");
	is(b.doc.url, "it's");
	is(b.doc.text, "H\n\nbody");
	assert_true(b.doc.has_date);
	assert_int_equal(b.doc.date.day, doc_day(2013, 11, 12));
	assert_int_equal(b.doc.nfields, 5);
	is(b.fields[0].name, "tags");
	is(b.fields[0].string, "a");
	assert_true(b.fields[0].list);
	is(b.fields[1].string, "b, c");
	is(b.fields[3].name, "authors");
	is(b.fields[3].string, "Bob");
	assert_int_equal(b.fields[4].type, DOC_NUMBER);
	assert_true(b.fields[4].number == 42);
	read_build_fini(&b);

	text_of("---\nnot: closed\n\ntext", "not: closed\n\ntext");
	text_of("--- x\n\ny", "--- x\n\ny");
	md("---\ndate: someday\n---\nx");
	assert_non_null(strstr(b.warning, "someday"));
	is(b.doc.title, "name.md");
	read_build_fini(&b);
}

static void
test_titles(void **state)
{
	static const struct {
		const char *in, *title;
	} cases[] = { { "## Second\n\n# First\n\n# Other", "First" }, { "### Only [x](y)", "Only x" }, { "text", "name.md" } };

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		md(cases[i].in);
		is(b.doc.title, cases[i].title);
		read_build_fini(&b);
	}
}

static void
test_text(void **state)
{
	static const struct {
		const char *in, *title;
	} cases[] = { { "\n  The Act \n\nText", "The Act" },
		      { "First line\nsecond line\n\nText", "name.txt" },
		      { "Only line", "name.txt" },
		      { "Law on Waters\nNo. 12 of 1990\n\nText", "Law on Waters" },
		      { "It is an honour.\nSecond line\n\nText", "name.txt" },
		      { "First,\nSecond line\n\nText", "name.txt" },
		      { "One\nTwo\nThree\nFour\n\nText", "name.txt" },
		      { "MAJOR PRODUCERS TO MEET\n  Officials will meet here\nand there", "MAJOR PRODUCERS TO MEET" },
		      { "ACT ON THE PROTECTION\r\nOF WATERS\r\n\r\nText", "ACT ON THE PROTECTION OF WATERS" },
		      { "E.U.\nOfficials will meet here", "name.txt" },
		      { "", "name.txt" },
		      { "Title\r\n\r\nText\r\n", "Title" },
		      { "12345678901234567890123456789012345678901234567890123456789012345678901234567890"
			"12345678901234567890123456789012345678901\n\nlong", "name.txt" } };

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		start();
		assert_true(read_text(&b, "a/name.txt", read_str(cases[i].in, strlen(cases[i].in))));
		is(b.doc.title, cases[i].title);
		is(b.doc.text, cases[i].in);
		read_build_fini(&b);
	}
}

/* Lines made to be slow stay linear: a megabyte each within seconds. */
static void
test_hostile(void **state)
{
	static const char *const bits[] = { "[", "](", "![", "`", "<a", "*", "[a](", "[x](y)", "``` `", "> ", "|", "<!--", "\\", "&" };
	clock_t from = clock();

	(void)state;
	for (size_t i = 0; i < countof(bits); i++) {
		buf line;

		buf_init(&line);
		while (line.len < (1 << 20))
			buf_puts(&line, bits[i]);
		start();
		assert_true(read_md(&b, "f", read_str((char *)line.p, line.len)));
		read_build_fini(&b);
		buf_fini(&line);
	}
	assert_true((clock() - from) / CLOCKS_PER_SEC < 30);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_inline), cmocka_unit_test(test_blocks),
		cmocka_unit_test(test_sections), cmocka_unit_test(test_front),
		cmocka_unit_test(test_titles), cmocka_unit_test(test_text),
		cmocka_unit_test(test_hostile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
