/* t_html.c - what goes into a page is escaped, addresses are followed only where they may,
 * and each text of the page is there in each language. */
#include "daemon/html.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "base/base.h"
#include "daemon/words.h"

static void
text_is_escaped(void **state)
{
	static const char *const pairs[][2] = {
		{ "plain", "plain" },
		{ "<script>", "&lt;script&gt;" },
		{ "\"><b x='1'>&amp;", "&quot;&gt;&lt;b x=&#39;1&#39;&gt;&amp;amp;" },
		{ "a\x01\x7f\tb\n", "a\xef\xbf\xbd\xef\xbf\xbd\tb\n" },
		{ "\xe6\x94\xb9\xe9\x9d\xa9", "\xe6\x94\xb9\xe9\x9d\xa9" },
	};
	(void)state;

	for (size_t i = 0; i < countof(pairs); i++) {
		buf b;

		buf_init(&b);
		html_text(&b, pairs[i][0]);
		assert_string_equal(buf_cstr(&b), pairs[i][1]);
		buf_fini(&b);
	}
}

/* Random bytes: nothing that ends an attribute or begins a tag is left, and reading the
 * escapes back gives what was written. */
static void
random_text(void **state)
{
	const char *given = getenv("SEED");
	unsigned seed = given ? (unsigned)atoi(given) : (unsigned)time(NULL);
	(void)state;

	printf("seed %u\n", seed);
	srand(seed);
	for (int round = 0; round < 2000; round++) {
		static const char common[] = "<>&\"'ab;#x";
		char s[40];
		size_t n = (size_t)rand() % sizeof s;
		buf b;

		for (size_t i = 0; i < n; i++)
			s[i] = rand() % 3 ? common[(size_t)rand() % (sizeof common - 1)] : (char)(rand() % 256);
		buf_init(&b);
		html_text_n(&b, s, n);
		for (size_t i = 0; i < b.len; i++) {
			assert_false(b.p[i] == '<' || b.p[i] == '>' || b.p[i] == '"' || b.p[i] == '\'');
			assert_false(b.p[i] < 0x20 && b.p[i] != '\t' && b.p[i] != '\n' && b.p[i] != '\r');
			if (b.p[i] == '&')
				assert_non_null(strchr("lgqa#", b.p[i + 1]));
		}
		b.len = 0;
		buf_put_u8(&b, 0);
		b.len = 0;
		s[n ? n - 1 : 0] = 0;
		html_query(&b, s);
		for (size_t i = 0; i < b.len; i++)
			assert_true(b.p[i] < 0x80 && (strchr("-._~%+", b.p[i]) || (b.p[i] >= '0' && b.p[i] <= '9') ||
						      ((b.p[i] | 32) >= 'a' && (b.p[i] | 32) <= 'z')));
		buf_fini(&b);
	}
}

static void
addresses(void **state)
{
	static const char *const may[] = { "http://a.example/", "HTTPS://a.example/?a=b&c=\"d\"#e", "/doc?id=1", "laws/a b.pdf#page=3",
					   "?q=a:b", "#m1", "./a:b" };
	static const char *const may_not[] = { "", "javascript:alert(1)", "JavaScript:alert(1)", " javascript:a", "java\tscript:a",
					       "\x01javascript:a", "data:text/html,x", "vbscript:x", "file:///etc/passwd", "//evil.example",
					       "/\\evil.example", "\\\\evil.example", "a:b", "http:\n//x", "https:evil", "mailto:a@b" };
	(void)state;

	for (size_t i = 0; i < countof(may); i++) {
		buf b;

		buf_init(&b);
		assert_true(html_href(&b, may[i]));
		assert_null(strpbrk(buf_cstr(&b), "<>\"' "));
		buf_fini(&b);
	}
	for (size_t i = 0; i < countof(may_not); i++) {
		buf b;

		buf_init(&b);
		if (html_href(&b, may_not[i]) || b.len)
			fail_msg("%s was written", may_not[i]);
		assert_false(html_is_web(may_not[i]));
		buf_fini(&b);
	}
}

/* The places where something is put in are the same in each language. */
static void
all_texts(void **state)
{
	(void)state;

	for (int id = 0; id < WORDS_COUNT; id++)
		for (int lang = 0; lang < WORDS_LANGS; lang++) {
			const char *const *own = lang == WORDS_DE ? words_de : lang == WORDS_ZH ? words_zh : words_en;

			if (!own[id] || !*own[id])
				fail_msg("text %d is missing in %s", id, words_code((words_lang)lang));
			for (const char *at = "{0}\0{1}\0"; *at; at += 4)
				if (!strstr(own[id], at) != !strstr(words_en[id], at))
					fail_msg("text %d in %s: %s", id, words_code((words_lang)lang), own[id]);
		}
}

static void
languages(void **state)
{
	static const struct {
		const char *accept;
		words_lang lang;
	} all[] = {
		{ NULL, WORDS_EN }, { "", WORDS_EN }, { "de", WORDS_DE }, { "de-AT,en;q=0.5", WORDS_DE }, { "fr, zh-CN;q=0.8, en;q=0.2", WORDS_ZH },
		{ "en;q=0.1,de;q=0.2", WORDS_DE }, { "de;q=0", WORDS_EN }, { "dex, *", WORDS_EN }, { ";;;,,,q=", WORDS_EN },
	};
	char text[64];
	buf b;
	(void)state;

	for (size_t i = 0; i < countof(all); i++)
		assert_int_equal(words_accept(all[i].accept, WORDS_EN), all[i].lang);
	assert_string_equal(words_number(WORDS_DE, 1234567, text, sizeof text), "1.234.567");
	assert_string_equal(words_number(WORDS_EN, 123, text, sizeof text), "123");
	assert_string_equal(words_language(WORDS_DE, "zh", text, sizeof text), "Chinesisch");
	assert_string_equal(words_language(WORDS_EN, "<b>", text, sizeof text), "<b>");
	buf_init(&b);
	words_put(&b, WORDS_EN, W_SHOWING, "<1>", "2");
	assert_string_equal(buf_cstr(&b), "&lt;1&gt; to 2");
	buf_fini(&b);
}

static void
notes_in_german(void **state)
{
	static const char *const pairs[][2] = {
		{ "no document has all 3 words; showing those with up to 2 of them", "kein Dokument hat alle 3 W\xc3\xb6rter; gezeigt werden die mit bis zu 2 davon" },
		{ "no document has all 3 words; showing those with 2 of them", "kein Dokument hat alle 3 W\xc3\xb6rter; gezeigt werden die mit 2 davon" },
		{ "no field named '<b>' in this index", "es gibt kein Feld \xe2\x80\x9e&lt;b&gt;\xe2\x80\x9c in dieser Sammlung" },
	};
	buf b;
	(void)state;

	buf_init(&b);
	for (size_t i = 0; i < countof(pairs); i++) {
		b.len = 0;
		assert_true(words_put_note(&b, WORDS_DE, pairs[i][0]));
		assert_string_equal(buf_cstr(&b), pairs[i][1]);
	}
	b.len = 0;
	assert_false(words_put_note(&b, WORDS_DE, "something <new>"));
	assert_string_equal(buf_cstr(&b), "something &lt;new&gt;");
	buf_fini(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_escaped), cmocka_unit_test(random_text), cmocka_unit_test(addresses),
		cmocka_unit_test(all_texts),       cmocka_unit_test(languages),
		cmocka_unit_test(notes_in_german),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
