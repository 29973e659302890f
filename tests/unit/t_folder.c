/* t_folder.c - ignore.h, settings.h, settings_date.h: patterns against what
 * .gitignore says they mean, settings of folders, and both on any bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "indexer/ignore.h"
#include "indexer/settings.h"
#include "indexer/settings_date.h"

static void
test_patterns(void **state)
{
	static const struct {
		const char *pattern, *path;
		bool folder, matches;
	} cases[] = {
		{ "a", "a", false, true },		{ "a", "x/y/a", false, true },
		{ "a", "a/b", false, false },		{ "/a", "x/a", false, false },
		{ "/a", "a", false, true },		{ "a/", "a", false, false },
		{ "a/", "x/a", true, true },		{ "x/a/", "x/a", true, true },
		{ "x/a", "y/x/a", false, false },	{ "*.c", "x/y.c", false, true },
		{ "x/*.c", "x/y/z.c", false, false },	{ "**/z.c", "z.c", false, true },
		{ "**/z.c", "x/y/z.c", false, true },	{ "x/**", "x", true, false },
		{ "x/**", "x/y/z", false, true },	{ "x/**/z", "x/z", false, true },
		{ "x/**/z", "x/1/2/z", false, true },	{ "x/**/z", "x/1/2/zz", false, false },
		{ "x/**/y/**/z", "x/y/y/q/z", false, true }, { "x/**/y/**/z", "x/y/y/q", false, false },
		{ "a**b", "axxb", false, true },	{ "/a**b", "ax/xb", false, false },
		{ "?", "\xc3\xa9", false, true },	{ "??", "\xc3\xa9", false, false },
		{ "[a-c]x", "bx", false, true },	{ "[!a-c]x", "bx", false, false },
		{ "[^a-c]x", "dx", false, true },	{ "[]a]", "]", false, true },
		{ "[[:digit:]]", "7", false, true },	{ "[[:digit:]]", "x", false, false },
		{ "[a", "[a", false, true },		{ "\\*", "*", false, true },
		{ "\\*", "x", false, false },		{ "*", "x/y", false, true },
		{ "x*", "x", false, true },		{ "**", "x/y", false, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (ignore_pattern_matches(cases[i].pattern, cases[i].path, cases[i].folder) != cases[i].matches)
			fail_msg("%s against %s", cases[i].pattern, cases[i].path);
}

static void
test_rules(void **state)
{
	static const char text[] = "\xef\xbb\xbf*.a\r\n!k.a\n# x\n\n  \nlast ";
	ignore_rules *r = ignore_parse(text, sizeof text - 1);

	(void)state;
	assert_non_null(r);
	assert_int_equal(ignore_match(r, "x.a", false), IGNORE_OUT);
	assert_int_equal(ignore_match(r, "d/k.a", false), IGNORE_IN);
	assert_int_equal(ignore_match(r, "last", false), IGNORE_OUT);
	assert_int_equal(ignore_match(r, "other", false), IGNORE_UNDECIDED);
	ignore_free(r);
}

static void
test_dates(void **state)
{
	static const struct {
		const char *pattern, *name, *want;
	} cases[] = {
		{ "%Y-%m-%d_*", "2019-05-17_law.txt", "2019-05-17" },
		{ "%Y-%m-%d_*", "2019-02-30_law.txt", NULL },
		{ "*%Y%m%d*", "scan-20190517.pdf", "2019-05-17" },
		{ "*%Y%m%d*", "1999 20190517.pdf", "2019-05-17" },
		{ "*_%Y.*", "law_2001.txt", "2001" },
		{ "%d.%m.%Y*", "01.12.1999.doc", "1999-12-01" },
		{ "%Y-%m.txt", "2001-13.txt", NULL },
		{ "%Y??%%", "2001ab%", "2001" },
		{ "%y%m%d_*", "190517_minutes.pdf", "2019-05-17" },
		{ "%y%m%d_*", "690517_minutes.pdf", "1969-05-17" },
		{ "%y%m%d_*", "19a517_minutes.pdf", NULL },
		{ "*_%-d.%-m.%Y.*", "minutes_3.1.2019.txt", "2019-01-03" },
		{ "*_%-d.%-m.%Y.*", "minutes_13.11.2019.txt", "2019-11-13" },
		{ "*_%-d.%-m.%Y.*", "minutes_.1.2019.txt", NULL },
		{ "%Y", "201", NULL },
		{ "%Y", "20011", NULL },
	};
	char date[24];
	doc_date d;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		bool found = settings_date_match(cases[i].pattern, strlen(cases[i].pattern), cases[i].name, &d);
		assert_null(settings_date_wrong(cases[i].pattern, strlen(cases[i].pattern)));
		if (found)
			doc_format_date(d, date);
		if (found != (cases[i].want != NULL) || (found && strcmp(date, cases[i].want) != 0))
			fail_msg("%s on %s: %s", cases[i].pattern, cases[i].name, found ? date : "no");
	}
	assert_non_null(settings_date_wrong("%", 1));
	assert_non_null(settings_date_wrong("%Y%Y", 4));
	assert_non_null(settings_date_wrong("%Y%y", 4));
	assert_non_null(settings_date_wrong("%Y%-", 4));
	assert_non_null(settings_date_wrong("%Y%-Y", 5));
	assert_null(settings_date_wrong("%y%-m%-d", 8));
}

static const settings *
parse(const char *text, const settings *above)
{
	const settings *s;
	cdg_error err;

	if (settings_parse("d/.cdgindex.conf", text, strlen(text), above, &s, &err) != CDG_OK)
		fail_msg("%s", err.message);
	return s;
}

static void
test_settings(void **state)
{
	const settings *top = parse("language = en\ntype = law\n[fields]\nn = 7\ntag = a\ntag = b\n", NULL);
	const settings *same = parse("language=en\r\ntype  =law\n[fields]\nn=7\ntag=a\ntag=b", NULL);
	const settings *low = parse("language = de\n[fields]\ntag = c\nn =\n[rename]\nold = new\n", top);
	doc_field old = { .name = { "old", 3 }, .string = { "v", 1 } };
	document in = { .fields = &old, .nfields = 1, .text = { "t", 1 } };
	const document *out;
	read_build room;

	(void)state;
	assert_true(settings_hash(top) == settings_hash(same));
	assert_true(settings_hash(top) != settings_hash(low));
	settings_unref(same);
	settings_unref(top); /* low has its own copy */
	read_build_init(&room);
	assert_true(settings_apply(low, "d/x", false, &in, &room, &out));
	assert_int_equal(out->nfields, 3);
	assert_memory_equal(out->fields[0].name.p, "new", 3);
	assert_memory_equal(out->fields[1].name.p, "type", 4);
	assert_memory_equal(out->fields[2].string.p, "c", 1);
	assert_false(out->fields[2].list);
	assert_memory_equal(out->lang.p, "de", 2);
	assert_true(settings_apply(NULL, "d/x", false, &in, &room, &out));
	assert_ptr_equal(out, &in);
	read_build_fini(&room);
	settings_unref(low);
}

/* Any bytes: no crash, and it ends soon. */
static void
test_bytes(void **state)
{
	static const char letters[] = "a/*?[]!\\-%Ymd=.#^: \n[fields]\xc3\xa9\xff";
	unsigned seed = (unsigned)time(NULL);
	read_build room;

	(void)state;
	print_message("seed %u\n", seed);
	srand(seed);
	read_build_init(&room);
	for (unsigned i = 0; i < 20000; i++) {
		char text[80], path[40];
		size_t n = (size_t)rand() % sizeof text, k = (size_t)rand() % (sizeof path - 1);
		document in = { .text = { "t", 1 } };
		const document *out;
		const settings *s;
		ignore_rules *r;
		for (size_t j = 0; j < n; j++)
			text[j] = letters[(size_t)rand() % (sizeof letters - 1)];
		for (size_t j = 0; j < k; j++)
			path[j] = letters[(size_t)rand() % (sizeof letters - 1)];
		path[k] = 0;
		r = ignore_parse(text, n);
		assert_non_null(r);
		ignore_match(r, path, rand() % 2);
		ignore_free(r);
		if (settings_parse(path, text, n, NULL, &s, NULL) != CDG_OK)
			continue;
		assert_true(settings_apply(s, path, false, &in, &room, &out));
		settings_unref(s);
	}
	read_build_fini(&room);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_patterns), cmocka_unit_test(test_rules),	  cmocka_unit_test(test_dates),
		cmocka_unit_test(test_settings), cmocka_unit_test(test_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
