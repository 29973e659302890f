/* t_text_utf8.c - text_sanitize against a decoder written another way, byte
 * order marks, and what happens without memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <time.h>

#include <cmocka.h>

#include "text/text.h"

/* Table 3-7 of the Unicode Standard, row by row: bytes that may follow. */
static const struct {
	uint8_t lo, hi, n, first_lo, first_hi;
} rows[] = {
	{ 0x00, 0x7f, 0, 0, 0 }, { 0xc2, 0xdf, 1, 0x80, 0xbf }, { 0xe0, 0xe0, 2, 0xa0, 0xbf },
	{ 0xe1, 0xec, 2, 0x80, 0xbf }, { 0xed, 0xed, 2, 0x80, 0x9f }, { 0xee, 0xef, 2, 0x80, 0xbf },
	{ 0xf0, 0xf0, 3, 0x90, 0xbf }, { 0xf1, 0xf3, 3, 0x80, 0xbf }, { 0xf4, 0xf4, 3, 0x80, 0x8f },
};

static uint64_t
naive(const uint8_t *s, size_t n, buf *out)
{
	uint64_t bad = 0;
	size_t i = 0, r, k;

	while (i < n) {
		for (r = 0; r < countof(rows); r++)
			if (s[i] >= rows[r].lo && s[i] <= rows[r].hi)
				break;
		if (r == countof(rows)) {
			buf_put(out, "\xef\xbf\xbd", 3);
			bad++;
			i++;
			continue;
		}
		for (k = 1; k <= rows[r].n && i + k < n; k++) {
			uint8_t lo = k == 1 ? rows[r].first_lo : 0x80;
			uint8_t hi = k == 1 ? rows[r].first_hi : 0xbf;
			if (s[i + k] < lo || s[i + k] > hi)
				break;
		}
		if (k == rows[r].n + 1u) {
			buf_put(out, s + i, k);
		} else {
			buf_put(out, "\xef\xbf\xbd", 3);
			bad++;
		}
		i += k;
	}
	return bad;
}

static void
check(const char *s, size_t n, const char *want, size_t want_len, uint64_t replaced)
{
	text_clean clean;
	const char *view;
	size_t len;
	buf out;

	buf_init(&out);
	assert_int_equal(text_sanitize(s, n, &out, &view, &len, &clean, NULL), CDG_OK);
	assert_int_equal(len, want_len);
	assert_memory_equal(view, want, len);
	assert_int_equal(clean.replaced, replaced);
	buf_fini(&out);
}

#define CHECK(in, want, replaced) check(in, sizeof(in) - 1, want, sizeof(want) - 1, replaced)
#define FFFD "\xef\xbf\xbd"

static void
test_examples(void **state)
{
	(void)state;
	CHECK("", "", 0);
	CHECK("plain", "plain", 0);
	CHECK("a\0b", "a\0b", 0);
	CHECK("\xef\xbb\xbf" "bom", "bom", 0);
	CHECK("caf\xe9", "caf" FFFD, 1);
	/* the standard's example of maximal subparts */
	CHECK("\x61\xf1\x80\x80\xe1\x80\xc2\x62\x80\x63\x80\xbf\x64",
	      "a" FFFD FFFD FFFD "b" FFFD "c" FFFD FFFD "d", 6);
	CHECK("\xc0\xaf\xe0\x80\xbf\xf0\x81\x82\x41", FFFD FFFD FFFD FFFD FFFD FFFD FFFD FFFD "A", 8);
	CHECK("\xed\xa0\x80\xed\xbf\xbf\xed\xaf\x41",
	      FFFD FFFD FFFD FFFD FFFD FFFD FFFD FFFD "A", 8);
	CHECK("\xf4\x91\x92\x93\xff\x41\x80\xbf\x42",
	      FFFD FFFD FFFD FFFD FFFD "A" FFFD FFFD "B", 7);
	/* UTF-16 and UTF-32 with a mark */
	CHECK("\xff\xfe" "A\0\xe9\0", "A\xc3\xa9", 0);
	CHECK("\xfe\xff\0A\x4e\x2d", "A\xe4\xb8\xad", 0);
	CHECK("\xff\xfe\x3d\xd8\x00\xde", "\xf0\x9f\x98\x80", 0);
	CHECK("\xff\xfe\x3d\xd8" "A\0\x00\xde" "B", FFFD "A" FFFD FFFD, 3);
	CHECK("\xff\xfe\0\0A\0\0\0\x2d\x4e\0\0", "A\xe4\xb8\xad", 0);
	CHECK("\0\0\xfe\xff\0\x01\xf6\0\0\x11\0\0", "\xf0\x9f\x98\x80" FFFD, 1);
	CHECK("\xff\xfe", "", 0);
}

static void
test_view_is_the_input(void **state)
{
	static const char s[] = "all \xc3\xa9 valid, longer than one step of sixteen bytes \xe4\xb8\xad";
	text_clean clean;
	const char *view;
	size_t len;
	buf out;

	(void)state;
	buf_init(&out);
	assert_int_equal(text_sanitize(s, sizeof s - 1, &out, &view, &len, &clean, NULL), CDG_OK);
	assert_ptr_equal(view, s);
	assert_int_equal(len, sizeof s - 1);
	assert_null(out.p);
	buf_puts(&out, "before");
	assert_int_equal(text_sanitize("x\xff", 2, &out, &view, &len, &clean, NULL), CDG_OK);
	assert_ptr_equal(view, out.p + 6);
	assert_int_equal(len, 4);
	assert_false(clean.bom || clean.transcoded);
	assert_int_equal(text_sanitize("\xff\xfe" "x\0", 4, &out, &view, &len, &clean, NULL), CDG_OK);
	assert_true(clean.bom && clean.transcoded);
	buf_fini(&out);
}

static void
test_random_bytes(void **state)
{
	uint64_t rng = (uint64_t)time(NULL) | 1;
	int i;

	(void)state;
	print_message("seed %llu\n", (unsigned long long)rng);
	for (i = 0; i < 30000; i++) {
		static const uint8_t likely_bytes[] = { 'a', 0x80, 0xbf, 0xc2, 0xe0, 0xa0, 0xe4, 0xb8,
							0xed, 0x9f, 0xef, 0xf0, 0x90, 0xf4, 0x8f, 0xf5 };
		uint8_t s[200];
		size_t n, k, at = 0;
		text_clean clean;
		const char *view, *p;
		size_t len;
		buf out, want;

		rng = rng * 6364136223846793005u + 1442695040888963407u;
		n = (size_t)(rng >> 33) % sizeof s;
		for (k = 0; k < n; k++) {
			rng = rng * 6364136223846793005u + 1442695040888963407u;
			s[k] = i % 4 == 0 ? (uint8_t)(rng >> 40)
			     : i % 4 == 1 && k % 40 ? 'x' : likely_bytes[(rng >> 40) % 16];
		}
		if (n >= 2 && (s[0] >= 0xfe || !s[0] || s[0] == 0xef))
			s[0] = 'a'; /* marks are tested apart */
		buf_init(&out);
		buf_init(&want);
		assert_int_equal(naive(s, n, &want), 0 + (text_sanitize((char *)s, n, &out, &view,
				 &len, &clean, NULL) == CDG_OK ? clean.replaced : ~0u));
		assert_int_equal(len, want.len);
		if (len)
			assert_memory_equal(view, want.p, len);
		/* and the result decodes without an error, byte for byte */
		for (p = view; p < view + len; at++) {
			const char *q = p;
			char again[4];
			uint32_t c = text_decode(&p, view + len);
			size_t m = text_encode(c, again);

			assert_int_equal(m, p - q);
			assert_memory_equal(again, q, m);
		}
		buf_fini(&out);
		buf_fini(&want);
	}
}

static void
test_no_memory(void **state)
{
	text_clean clean;
	cdg_error err;
	const char *view;
	size_t len;
	buf out;

	(void)state;
	buf_init(&out);
	mem_fail_after(1, true);
	assert_int_equal(text_sanitize("a\xff", 2, &out, &view, &len, &clean, &err), CDG_E_NOMEM);
	mem_fail_after(0, false);
	buf_fini(&out);
	mem_fail_after(1, true);
	assert_null(text_analyzer_new(&err));
	assert_int_equal(err.status, CDG_E_NOMEM);
	mem_fail_after(0, false);
}

static void
test_decode_bounds(void **state)
{
	const char *s = "\xe4\xb8\xad", *p = s;

	(void)state;
	assert_int_equal(text_decode(&p, s + 2), 0xfffd);
	assert_ptr_equal(p, s + 1);
	p = s;
	assert_int_equal(text_decode(&p, s + 3), 0x4e2d);
	assert_int_equal(text_decode(&p, s + 3), 0xfffd);
	assert_ptr_equal(p, s + 3);
	assert_true(text_is_cjk(0x4e2d) && text_is_cjk(0x3042) && text_is_cjk(0xac00) &&
		    text_is_cjk(0xe01) && text_is_cjk(0x1780) && text_is_cjk(0x20000));
	assert_false(text_is_cjk('a') || text_is_cjk(0x3002) || text_is_cjk(0xff0c) ||
		     text_is_cjk(0xe50) || text_is_cjk(0x30fb) || text_is_cjk(0x10ffff));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_examples),      cmocka_unit_test(test_view_is_the_input),
		cmocka_unit_test(test_random_bytes),  cmocka_unit_test(test_no_memory),
		cmocka_unit_test(test_decode_bounds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
