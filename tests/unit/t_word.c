/* t_word.c - word.h, on texts that end where their memory does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>

#include "extract/word.h"

/* The first n bytes of a text, with nothing behind them. */
static doc_str
exact(const char *text, size_t n)
{
	char *p = malloc(n + !n);

	assert_non_null(p);
	memcpy(p, text, n);
	return (doc_str){ p, n };
}

static void
test_word(void **state)
{
	static const char text[] = "Schedule-BIS";

	(void)state;
	for (size_t n = 0; n < sizeof text; n++) {
		doc_str s = exact(text, n);

		assert_int_equal(word_starts(s.p, s.p + n, "schedule"), n >= 8);
		assert_int_equal(word_is(s, "SCHEDULE"), n == 8);
		assert_int_equal(word_is(s, "schedule-bis"), n == 12);
		assert_int_equal(word_ends(s, "bis"), n == 12);
		assert_int_equal(word_ends(s, "Schedule-bis or more"), 0);
		assert_true(word_starts(s.p, s.p + n, "") && word_ends(s, ""));
		for (size_t i = 0; i <= n; i++)
			assert_int_equal(word_starts(s.p + i, s.p + n, "-bis"), i == 8 && n == 12);
		free((void *)(uintptr_t)s.p);
	}
	assert_false(word_is((doc_str){ NULL, 0 }, "a") || word_ends((doc_str){ NULL, 0 }, "a") || word_starts(NULL, NULL, "a"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_word) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
