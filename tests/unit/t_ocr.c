/* t_ocr.c - commands cut into words, and recognised pages made a document.  What runs is
 * tested in tests/extract/ocr.sh. */
#include "extract/ocr.h"
#include "tests/unit/unit.h"

static void
parses(const char *line, size_t n, const char *const *words)
{
	ocr_options o = { 0 };
	cdg_error err;
	arena mem;

	arena_init(&mem);
	assert_int_equal(ocr_parse(&mem, line, &o, &err), CDG_OK);
	for (size_t i = 0; i < n; i++)
		assert_string_equal(o.words[i], words[i]);
	assert_null(o.words[n]);
	assert_string_equal(o.program, "/bin/sh");
	arena_fini(&mem);
}
#define PARSES(line, ...) parses(line, countof(((const char *const[]){ __VA_ARGS__ })), (const char *const[]){ __VA_ARGS__ })

static void
test_words(void **state)
{
	(void)state;
	PARSES("/bin/sh", "/bin/sh", "{}");
	PARSES("  /bin/sh\t-x  {} ", "/bin/sh", "-x", "{}");
	PARSES("'/bin'/sh {} 'a b' \"c d\" e\\ f", "/bin/sh", "{}", "a b", "c d", "e f");
	PARSES("/bin/sh '\\' \"\\\"\" \"it's\" '' x{}", "/bin/sh", "\\", "\"", "it's", "", "x{}", "{}");
	PARSES("/bin/sh \\\\ tail\\", "/bin/sh", "\\", "tail\\", "{}");
}

static void
fails(const char *line, cdg_status wanted)
{
	ocr_options o = { 0 };
	cdg_error err;
	arena mem;

	arena_init(&mem);
	assert_int_equal(ocr_parse(&mem, line, &o, &err), wanted);
	arena_fini(&mem);
}

static void
test_wrong_words(void **state)
{
	char many[2 * OCR_WORDS + 20] = "/bin/sh";

	(void)state;
	fails("", CDG_E_ARG);
	fails(" \t", CDG_E_ARG);
	fails("{}", CDG_E_ARG);
	fails("'' x", CDG_E_ARG);
	fails("/bin/sh 'open", CDG_E_ARG);
	fails("/bin/sh \"open\\\"", CDG_E_ARG);
	fails("/bin", CDG_E_NOTFOUND); /* a folder */
	fails("/bin/no-such-program", CDG_E_NOTFOUND);
	fails("no-such-program", CDG_E_NOTFOUND);
	for (size_t i = 0; i < OCR_WORDS; i++)
		strcat(many, " x");
	fails(many, CDG_E_ARG);
}

/* The text, and a line for each section. */
static void
pages(const char *text, bool paged, const char *wanted)
{
	read_build b;
	buf out = { 0 };

	read_build_init(&b);
	assert_true(ocr_pages(&b, read_str(text, strlen(text)), paged));
	assert_true(read_build_finish(&b));
	buf_printf(&out, "%.*s\n", (int)b.doc.text.n, b.doc.text.p);
	for (size_t i = 0; i < b.doc.nsections; i++)
		buf_printf(&out, "%s %.*s [%.*s]\n", b.sections[i].kind, (int)b.sections[i].label.n, b.sections[i].label.p,
			   (int)(b.sections[i].end - b.sections[i].start), b.doc.text.p + b.sections[i].start);
	assert_string_equal(buf_cstr(&out), wanted);
	buf_fini(&out);
	read_build_fini(&b);
}

static void
test_pages(void **state)
{
	(void)state;
	pages("", true, "\n");
	pages("\f\f", true, "\npage 1 []\npage 2 []\n");
	pages("one\n", false, "one\n");
	pages("one\n\f", false, "one\n");
	pages("one\n", true, "one\npage 1 [one]\n");
	pages("one\n\ftwo\n\f", false, "one\ntwo\npage 1 [one\n]\npage 2 [two]\n");
	pages("one\f\fthree", true, "one\nthree\npage 1 [one\n]\npage 2 []\npage 3 [three]\n");
	pages("  a\n b  \n\n\n\nc\r\n", false, "a\nb\n\nc\n");
	pages("a reser-\nvoir, self-\n\nmade; the -\nb North-\nSouth x-\n", false,
	      "a reservoir, self-\n\nmade; the -\nb North-\nSouth x-\n");
	pages("gr\xc3\xb6\xc3\x9f-\n\xc3\xb6" "er", false, "gr\xc3\xb6\xc3\x9f\xc3\xb6" "er\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_wrong_words),
		cmocka_unit_test(test_pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
