/* t_note.c - all that the library can say about a query has words in each language of the
 * page.  What it can say is read from its sources: the texts given to parse_warn, search_warn,
 * api_warn and q_warn. */
#include "daemon/words.h"

#include <ctype.h>
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/base.h"

enum { TEXT_MAX = 400 };

static size_t seen, wrong;

/* A text in each language: translated, whole, without a place that nothing was put in. */
static void
check(const char *note, const char *where)
{
	for (int lang = WORDS_EN; lang < WORDS_LANGS; lang++) {
		buf b;

		buf_init(&b);
		if (!words_put_note(&b, (words_lang)lang, note) || strchr(buf_cstr(&b), '{')) {
			print_error("%s: no words in %s for: %s\n", where, words_code((words_lang)lang), note);
			wrong++;
		} else if (lang != WORDS_EN && !strcmp(buf_cstr(&b), note)) {
			print_error("%s: the words in %s are English: %s\n", where, words_code((words_lang)lang), note);
			wrong++;
		}
		buf_fini(&b);
	}
	seen++;
}

/* A format as it is once numbers and texts are in it. */
static void
check_format(const char *format, bool quoted, const char *where)
{
	char note[TEXT_MAX * 2] = "", *at = note;

	if (strspn(format, "%s'. *") == strlen(format)) /* passed on from elsewhere */
		return;
	if (quoted)
		at += sprintf(at, "'a (b' ");
	for (const char *f = format; *f; f++) {
		if (*f != '%') {
			*at++ = *f;
			continue;
		}
		f += 1 + strspn(f + 1, ".*lzu0123456789hd") - 1;
		if (f[1] == 's') {
			f++;
			*at++ = 'x';
		} else {
			*at++ = '7';
		}
	}
	*at = 0;
	check(note, where);
}

/* One literal at s, unescaped, glued to those that follow it. */
static const char *
literal(const char *s, char *to)
{
	size_t n = 0;

	while (*s == '"') {
		for (s++; *s && *s != '"' && n < TEXT_MAX - 1; s++) {
			if (*s == '\\')
				s++;
			to[n++] = *s;
		}
		s++;
		while (isspace((unsigned char)*s))
			s++;
	}
	to[n] = 0;
	return s;
}

/* The arguments of a call that begin at s: literals before the comma after the first one,
 * for there may be a choice of two. */
static void
read_call(const char *s, bool parse, const char *where)
{
	char text[TEXT_MAX];
	bool any = false, quoted = parse;
	int depth = 1;

	for (; *s && depth; s++) {
		if (parse && !any && !strncmp(s, ", 0, 0,", 7))
			quoted = false;
		if (*s == '"') {
			s = literal(s, text) - 1;
			check_format(text, quoted, where);
			any = true;
		} else if (*s == ',' && depth == 1 && any) {
			return;
		}
		depth += *s == '(' ? 1 : *s == ')' ? -1 : 0;
	}
}

static char *
read_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	char *s = calloc(1, 1 << 20);

	assert_non_null(f);
	assert_non_null(s);
	assert_true(fread(s, 1, (1 << 20) - 1, f) > 0);
	fclose(f);
	return s;
}

static void
read_sources(const char *pattern)
{
	static const char call[] = "_warn(";
	glob_t g;

	if (glob(pattern, 0, NULL, &g))
		fail_msg("%s: there are none; the test runs in the folder of the sources", pattern);
	for (size_t i = 0; i < g.gl_pathc; i++) {
		char *text = read_file(g.gl_pathv[i]), *at = text;

		while ((at = strstr(at, call))) {
			bool parse = at - text >= 5 && !strncmp(at - 5, "parse", 5);

			at += sizeof call - 1;
			read_call(at, parse, g.gl_pathv[i]);
		}
		free(text);
	}
	globfree(&g);
}

static void
all_notes(void **state)
{
	(void)state;

	read_sources("query/*.c");
	read_sources("backend/*.c");
	read_sources("backend/xapian/*.c");
	printf("%zu notes\n", seen);
	assert_true(seen >= 50);
	assert_int_equal(wrong, 0);
}

static void
put(words_lang lang, const char *note, const char *want)
{
	buf b;

	buf_init(&b);
	words_put_note(&b, lang, note);
	assert_string_equal(buf_cstr(&b), want);
	buf_fini(&b);
}

static void
what_is_put_in(void **state)
{
	(void)state;

	put(WORDS_DE, "filter: '<b>' has nothing to search for; ignored", "Filter: in „&lt;b&gt;“ ist nichts zu suchen; es bleibt unbeachtet");
	put(WORDS_DE, "only the first 5 of at least 9 occurrences were sorted", "nur die ersten 5 von mindestens 9 Fundstellen wurden sortiert");
	put(WORDS_DE, "only the first 5 of 9 occurrences were sorted", "nur die ersten 5 von 9 Fundstellen wurden sortiert");
	put(WORDS_DE, "partial: shard 2 of 3 (a|b) is missing: (why)", "unvollständig: Teil 2 von 3 (a|b) fehlt: (why)");
	put(WORDS_ZH, "facet year: the latest 5 of 9 periods", "year：9 个时段中最近的 5 个");
	/* one that nobody knows: as it is, and it says so */
	put(WORDS_DE, "filter: something <new>", "filter: something &lt;new&gt;");
	put(WORDS_EN, "filter: something new", "filter: something new");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_notes),
		cmocka_unit_test(what_is_put_in),
	};

	return cmocka_run_group_tests_name("note", tests, NULL, NULL);
}
