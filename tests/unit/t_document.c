/* t_document.c - dates: parsing, calendar, formatting. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "extract/document.h"

static void
test_epoch(void **state)
{
	(void)state;
	assert_int_equal(doc_day(1970, 1, 1), 0);
	assert_int_equal(doc_day(1969, 12, 31), -1);
	assert_int_equal(doc_day(2000, 3, 1), 11017);
	assert_int_equal(doc_day(1, 1, 1), -719162);
	assert_int_equal(doc_day(9999, 12, 31), 2932896);
}

/* Walk every day of the whole range by plain counting. */
static void
test_every_day(void **state)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int32_t day = doc_day(1, 1, 1);

	(void)state;
	for (int y = 1; y <= 9999; y++) {
		bool leap = y % 400 == 0 || (y % 4 == 0 && y % 100 != 0);
		for (int m = 1; m <= 12; m++) {
			int n = days[m - 1] + (m == 2 && leap);
			for (int d = 1; d <= n; d++, day++) {
				int yy, mm, dd;
				if (d != 1 && d != n)
					continue;
				doc_civil(day + 0, &yy, &mm, &dd);
				assert_int_equal(doc_day(y, m, d), day);
				assert_int_equal(yy, y);
				assert_int_equal(mm, m);
				assert_int_equal(dd, d);
			}
		}
	}
}

static void
test_parse(void **state)
{
	static const struct {
		const char *in, *out; /* out NULL: refused */
	} cases[] = {
		{ "2013", "2013" },
		{ "2013-11", "2013-11" },
		{ "2013-11-12", "2013-11-12" },
		{ "2013-1-2", "2013-01-02" },
		{ "2013/11/12", "2013-11-12" },
		{ "2013.11.12", "2013-11-12" },
		{ " 2013-11-12 ", "2013-11-12" },
		{ "2013-11-12T10:00:00Z", "2013-11-12" },
		{ "2013-11-12 10:00", "2013-11-12" },
		{ "2000-02-29", "2000-02-29" },
		{ "2024-02-29", "2024-02-29" },
		{ "0001-01-01", "0001-01-01" },
		{ "9999-12-31", "9999-12-31" },
		{ "", NULL },
		{ "0000", NULL },
		{ "0000-01-01", NULL },
		{ "213", NULL },
		{ "20131", NULL },
		{ "20131112", NULL },
		{ "1900-02-29", NULL },
		{ "2023-02-29", NULL },
		{ "2023-04-31", NULL },
		{ "2023-13-01", NULL },
		{ "2023-00-01", NULL },
		{ "2023-01-00", NULL },
		{ "2023-01-32", NULL },
		{ "2023-", NULL },
		{ "2023-01-", NULL },
		{ "2023-01/02", NULL },
		{ "2023-001", NULL },
		{ "2023-01-02x", NULL },
		{ "2023-01-02T", NULL },
		{ "May 2013", NULL },
		{ "-2013", NULL },
	};

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		doc_date date;
		char out[24];
		bool ok = doc_parse_date(cases[i].in, strlen(cases[i].in), &date);

		if (ok != (cases[i].out != NULL))
			fail_msg("\"%s\"", cases[i].in);
		if (ok) {
			assert_int_equal(doc_format_date(date, out), strlen(cases[i].out));
			assert_string_equal(out, cases[i].out);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_epoch),
		cmocka_unit_test(test_every_day),
		cmocka_unit_test(test_parse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
