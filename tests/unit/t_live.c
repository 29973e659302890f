/* t_live.c - bitmaps of live documents. */
#include "engine/live.h"
#include "tests/unit/part.h"

static const segment_id id = { { 5 } };
static char path[128];

static void
round_trip(uint32_t ndocs)
{
	uint8_t *dead = mem_calloc(ndocs, 1);
	live a, b, c;
	uint32_t count = ndocs;

	assert_int_equal(live_init_full(&a, ndocs, NULL), CDG_OK);
	assert_int_equal(a.count, ndocs);
	for (uint32_t i = 0; i < ndocs / 3; i++) {
		uint32_t d = rnd() % ndocs;
		assert_int_equal(live_clear(&a, d), !dead[d]);
		count -= !dead[d];
		dead[d] = 1;
	}
	assert_false(live_clear(&a, ndocs));
	assert_int_equal(a.count, count);
	assert_int_equal(live_write(&a, path, &id, false, NULL), CDG_OK);
	assert_int_equal(live_load(&b, path, &id, ndocs, NULL), CDG_OK);
	assert_int_equal(live_check(&b, NULL), CDG_OK);
	assert_int_equal(b.count, count);
	for (uint32_t d = 0; d < ndocs; d++)
		assert_int_equal(live_test(&b, d), !dead[d]);
	assert_false(live_test_safe(&b, ndocs));
	assert_false(live_clear(&b, 0)); /* read-only */
	assert_int_equal(live_clone_mutable(&c, &b, NULL), CDG_OK);
	for (uint32_t d = 0; d < ndocs; d++)
		assert_int_equal(live_clear(&c, d), !dead[d]);
	assert_int_equal(c.count, 0);
	assert_int_equal(b.count, count);
	live_fini(&a);
	live_fini(&b);
	live_fini(&c);
	mem_free(dead);
}

static void
test_round_trip(void **state)
{
	static const uint32_t sizes[] = { 0, 1, 63, 64, 65, 1000, 200000 };
	(void)state;
	for (unsigned i = 0; i < countof(sizes); i++)
		round_trip(sizes[i]);
}

static void
test_damage(void **state)
{
	live a;
	buf file;
	size_t end;
	cdg_error err;

	(void)state;
	round_trip(5000);
	assert_int_equal(live_load(&a, path, &id, 4999, &err), CDG_E_CORRUPT);
	assert_non_null(strstr(err.message, path));
	buf_init(&file);
	assert_int_equal(file_read(path, SIZE_MAX, &file, NULL), CDG_OK);
	end = load_u64(file.p + file.len - PFILE_FOOTER) - PFILE_PAD;
	for (unsigned i = 0; i < 300; i++) { /* one bit, under right checksums: the count tells */
		size_t at = PFILE_HEADER + rnd() % (end - PFILE_HEADER);
		file.p[at] ^= (uint8_t)(1u << (rnd() % 8));
		part_write(path, LIVE_KIND, &id, file.p + PFILE_HEADER, end - PFILE_HEADER - (i % 10 == 0));
		assert_int_equal(live_load(&a, path, &id, 5000, &err), CDG_E_CORRUPT);
		buf_fini(&file);
		round_trip(5000);
		assert_int_equal(file_read(path, SIZE_MAX, &file, NULL), CDG_OK);
	}
	for (unsigned i = 0; i < 30; i++) { /* checksums as they were */
		size_t at = rnd() % file.len;
		file.p[at] ^= 1;
		assert_int_equal(file_replace(path, file.p, file.len, NULL), CDG_OK);
		assert_true(live_load(&a, path, &id, 5000, &err) != CDG_OK);
		file.p[at] ^= 1;
	}
	buf_fini(&file);
}

static void
test_no_memory(void **state)
{
	live a = { 0 };
	(void)state;
	mem_fail_after(1, true);
	assert_int_equal(live_init_full(&a, 100, NULL), CDG_E_NOMEM);
	mem_fail_after(0, false);
	live_fini(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_no_memory),
	};
	int failed;

	part_begin();
	part_path(path, "a.live");
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	part_end();
	return failed;
}
