/* t_doctab.c - the table of documents and the one-byte code of lengths. */
#include "engine/doctab.h"
#include "tests/unit/part.h"

enum { WRITERS = 3, ROWS = 5000 };

static const segment_id id = { { 6 } };
static char path[128], path2[128];

static void
test_norm(void **state)
{
	static const uint32_t known[][2] = {
		{ 0, 0 }, { 1, 1 }, { 23, 23 }, { 24, 24 }, { 39, 39 }, { 40, 40 }, { 41, 40 },
		{ 42, 42 }, { 56, 56 }, { 59, 56 }, { 100, 96 }, { 1000, 984 },
		{ INT32_MAX, 2013265944 }, { UINT32_MAX, 2013265944 },
	};

	(void)state;
	for (unsigned i = 0; i < countof(known); i++)
		assert_int_equal(norm_decode(norm_encode(known[i][0])), known[i][1]);
	assert_int_equal(norm_encode(INT32_MAX), 255);
	for (unsigned b = 0; b < 256; b++) {
		assert_int_equal(norm_encode(norm_decode((uint8_t)b)), b);
		if (b)
			assert_true(norm_decode((uint8_t)b) > norm_decode((uint8_t)(b - 1)));
	}
	for (uint32_t n = 0; n < 3000000; n++) {
		uint32_t d = norm_decode(norm_encode(n));
		assert_true(d <= n && norm_encode(n) <= norm_encode(n + 1));
		assert_true(n < 40 ? d == n : n - d <= (n - 24) / 8); /* 4 significant bits */
	}
}

static bool
row_equal(const doctab_row *a, const doctab_row *b)
{
	return a->norm_text == b->norm_text && a->norm_title == b->norm_title && a->lang == b->lang &&
	       a->length == b->length && a->source == b->source && a->store == b->store &&
	       a->tree == b->tree && a->hash == b->hash;
}

static doctab_row
random_row(void)
{
	doctab_row r = { .norm_text = (uint8_t)rnd(), .norm_title = (uint8_t)rnd(), .lang = (uint8_t)rnd(),
			 .length = rnd(), .source = rnd(), .store = (uint64_t)(rnd() % 1000) << 32 | rnd() % 65536,
			 .tree = ((uint64_t)rnd() << 6) & 0xffffffffff, .hash = (uint64_t)rnd() << 32 | rnd() };
	return r;
}

static uint32_t *maps[WRITERS], map_len[WRITERS];
static doctab_row want[WRITERS * ROWS];
static uint32_t ndocs;

/* Rows of three writers shuffled into one segment; some left out. */
static void
write_file(void)
{
	doctab_writer w[WRITERS];
	doctab_input in[WRITERS];
	uint32_t *order = mem_alloc(WRITERS * ROWS * sizeof *order), n = 0;
	pwriter out;

	for (unsigned i = 0; i < WRITERS; i++) {
		map_len[i] = 1 + rnd() % ROWS;
		maps[i] = mem_alloc(map_len[i] * sizeof **maps);
		for (uint32_t r = 0; r < map_len[i]; r++)
			maps[i][r] = rnd() % 20 ? n++ : UINT32_MAX;
	}
	ndocs = n;
	for (uint32_t d = 0; d < n; d++) {
		uint32_t k = rnd() % (d + 1);
		order[d] = order[k];
		order[k] = d;
	}
	for (unsigned i = 0; i < WRITERS; i++) {
		doctab_input one = { &w[i], maps[i], 0, 77 * i };
		in[i] = one;
		doctab_writer_init(&w[i]);
		for (uint32_t r = 0; r < map_len[i]; r++) {
			doctab_row row = random_row(), got;
			assert_int_equal(doctab_writer_add(&w[i], &row, NULL), CDG_OK);
			got = doctab_writer_get(&w[i], r);
			assert_true(row_equal(&row, &got));
			if (r % 3 == 0)
				doctab_writer_set_store(&w[i], r, row.store += (uint64_t)i << 32);
			if (maps[i][r] == UINT32_MAX)
				continue;
			maps[i][r] = order[maps[i][r]];
			row.tree += one.base_tree;
			want[maps[i][r]] = row;
		}
	}
	assert_int_equal(pwriter_open(&out, path, DOCTAB_KIND, &id, NULL), CDG_OK);
	assert_int_equal(doctab_write(&out, in, WRITERS, ndocs, NULL), CDG_OK);
	assert_int_equal(pwriter_finish(&out, false, NULL), CDG_OK);
	/* one document missing, or one too many */
	assert_int_equal(pwriter_open(&out, path2, DOCTAB_KIND, &id, NULL), CDG_OK);
	assert_int_equal(doctab_write(&out, in, WRITERS, ndocs + 1, NULL), CDG_E_ARG);
	assert_int_equal(doctab_write(&out, in, WRITERS, ndocs - 1, NULL), CDG_E_ARG);
	pwriter_abort(&out);
	for (unsigned i = 0; i < WRITERS; i++) {
		doctab_writer_fini(&w[i]);
		mem_free(maps[i]);
	}
	mem_free(order);
}

static void
test_round_trip(void **state)
{
	const uint8_t *norms[2];
	const uint32_t *lengths;
	doctab_row row;
	doctab d;
	cdg_error err;

	(void)state;
	write_file();
	assert_int_equal(doctab_open(&d, path, &id, &err), CDG_OK);
	assert_int_equal(d.ndocs, ndocs);
	assert_int_equal(doctab_check(&d, &err), CDG_OK);
	norms[0] = doctab_norms(&d, DOCTAB_NORM_TEXT);
	norms[1] = doctab_norms(&d, DOCTAB_NORM_TITLE);
	lengths = doctab_lengths(&d);
	for (uint32_t i = 0; i < ndocs; i++) {
		uint64_t v;
		assert_true(doctab_get(&d, i, &row));
		assert_true(row_equal(&row, &want[i]));
		assert_int_equal(norms[0][i], row.norm_text);
		assert_int_equal(norms[1][i], row.norm_title);
		assert_int_equal(lengths[i], row.length);
		assert_true(doctab_tree(&d, i, &v) && v == row.tree);
		assert_true(doctab_store(&d, i, &v) && v == row.store);
	}
	assert_false(doctab_get(&d, ndocs, &row));
	doctab_close(&d);
}

/* Arrays whose elements are all equal are stored once; norms and lengths in full. */
static void
test_constant(void **state)
{
	doctab_writer w;
	doctab_input in = { .w = &w, .base_tree = (uint64_t)5 << 32 };
	pwriter out;

	(void)state;
	for (unsigned all = 0; all < 3; all++) { /* the last row differs; nothing does; one row */
		uint32_t n = all == 2 ? 1 : 1000;
		doctab_row row = { .norm_text = 7, .norm_title = 3, .lang = 2, .length = 90, .source = 4,
				   .store = 6, .tree = 0x0200000040, .hash = 11 }, got;
		doctab d;
		cdg_error err;
		doctab_writer_init(&w);
		for (uint32_t i = 0; i < n; i++) {
			if (i == n - 1 && !all)
				row = (doctab_row){ .norm_text = 8, .norm_title = 3, .lang = 2, .length = 90,
						    .source = 4, .store = 7, .tree = 0x0200000080, .hash = 12 };
			assert_int_equal(doctab_writer_add(&w, &row, NULL), CDG_OK);
		}
		assert_int_equal(pwriter_open(&out, path2, DOCTAB_KIND, &id, NULL), CDG_OK);
		assert_int_equal(doctab_write(&out, &in, 1, n, NULL), CDG_OK);
		assert_int_equal(pwriter_finish(&out, false, NULL), CDG_OK);
		assert_int_equal(doctab_open(&d, path2, &id, &err), CDG_OK);
		assert_int_equal(doctab_check(&d, &err), CDG_OK);
		assert_int_equal(d.constant, all ? (1u << DOCTAB_COLS) - 1 - DOCTAB_FULL :
						   1u << DOCTAB_LANG | 1u << DOCTAB_TREE_HI | 1u << DOCTAB_SOURCE);
		for (uint32_t i = 0; i < n; i++) {
			doctab_row expect = doctab_writer_get(&w, i);
			expect.tree += in.base_tree;
			assert_true(doctab_get(&d, i, &got) && row_equal(&got, &expect));
			assert_int_equal(doctab_norms(&d, DOCTAB_NORM_TEXT)[i], expect.norm_text);
			assert_int_equal(doctab_norms(&d, DOCTAB_NORM_TITLE)[i], 3);
			assert_int_equal(doctab_lengths(&d)[i], 90);
		}
		assert_false(doctab_get(&d, n, &got));
		doctab_close(&d);
		doctab_writer_fini(&w);
	}
}

/* Masks that no writer makes, under right checksums. */
static void
test_bad_mask(void **state)
{
	static const uint32_t masks[] = { 1u << DOCTAB_NORM_TEXT, 1u << DOCTAB_NORM_TITLE, 1u << DOCTAB_LENGTH,
					  1u << DOCTAB_COLS, 1u << 31, UINT32_MAX, 1u << DOCTAB_HASH };

	(void)state;
	for (uint32_t n = 0; n < 2; n++)
		for (unsigned i = 0; i < countof(masks); i++) {
			uint8_t page[64 + DOCTAB_COLS * 64] = { (uint8_t)n };
			pwriter out;
			doctab d;
			bool fine = n && masks[i] == 1u << DOCTAB_HASH;
			store_u32(page + 4, masks[i]);
			assert_int_equal(pwriter_open(&out, path2, DOCTAB_KIND, &id, NULL), CDG_OK);
			pwriter_put(&out, page, n ? sizeof page : 64);
			assert_int_equal(pwriter_finish(&out, false, NULL), CDG_OK);
			assert_int_equal(doctab_open(&d, path2, &id, NULL), fine ? CDG_OK : CDG_E_CORRUPT);
			doctab_close(&d);
		}
}

static void
test_limits(void **state)
{
	doctab_writer w;
	doctab_row row = { .tree = (uint64_t)1 << 40 };
	doctab_input in = { .w = &w, .base_tree = 1 };
	pwriter out;
	doctab d;

	(void)state;
	doctab_writer_init(&w);
	assert_int_equal(doctab_writer_add(&w, &row, NULL), CDG_E_LIMIT);
	assert_int_equal(pwriter_open(&out, path2, DOCTAB_KIND, &id, NULL), CDG_OK);
	assert_int_equal(doctab_write(&out, &in, 1, 0, NULL), CDG_OK);
	assert_int_equal(pwriter_finish(&out, false, NULL), CDG_OK);
	assert_int_equal(doctab_open(&d, path2, &id, NULL), CDG_OK);
	assert_int_equal(d.ndocs, 0);
	assert_int_equal(doctab_check(&d, NULL), CDG_OK);
	doctab_close(&d);
	row.tree--;
	assert_int_equal(doctab_writer_add(&w, &row, NULL), CDG_OK);
	assert_int_equal(pwriter_open(&out, path2, DOCTAB_KIND, &id, NULL), CDG_OK);
	assert_int_equal(doctab_write(&out, &in, 1, 1, NULL), CDG_E_LIMIT);
	pwriter_abort(&out);
	doctab_writer_reset(&w);
	mem_fail_after(1, true);
	doctab_writer_fini(&w);
	assert_int_equal(doctab_writer_add(&w, &(doctab_row){ 0 }, NULL), CDG_E_NOMEM);
	mem_fail_after(0, false);
}

static void
exercise(bool must_fail)
{
	doctab d;
	doctab_row row;
	cdg_error err;
	uint64_t sum = 0;
	bool damaged;

	if (doctab_open(&d, path2, &id, &err) != CDG_OK)
		return;
	damaged = doctab_check(&d, &err) != CDG_OK;
	if (must_fail)
		assert_true(damaged);
	for (unsigned c = 0; c < DOCTAB_COLS; c++) {
		const void *p = c == DOCTAB_LENGTH ? (const void *)doctab_lengths(&d) :
				c <= DOCTAB_NORM_TITLE ? doctab_norms(&d, c) : NULL;
		for (size_t i = 0; p && i < d.ndocs * doctab_width(c); i++)
			sum += ((const uint8_t *)p)[i];
	}
	for (uint32_t i = 0; i < 100; i++)
		if (!doctab_get(&d, rnd() % (ndocs + 10), &row))
			assert_int_equal(pfile_error(&d.f, &err), CDG_E_CORRUPT);
	assert_true(sum > 0);
	doctab_close(&d);
}

static void
test_damage(void **state)
{
	buf file;
	size_t end;

	(void)state;
	buf_init(&file);
	assert_int_equal(file_read(path, SIZE_MAX, &file, NULL), CDG_OK);
	end = load_u64(file.p + file.len - PFILE_FOOTER) - PFILE_PAD;
	for (unsigned i = 0; i < 60; i++) {
		uint8_t *copy = mem_dup(file.p, file.len);
		copy[PFILE_HEADER + (i % 2 ? rnd() % 64 : rnd() % (end - PFILE_HEADER))] ^= (uint8_t)(1 + rnd() % 255);
		part_write(path2, DOCTAB_KIND, &id, copy + PFILE_HEADER, end - PFILE_HEADER - (i % 7 == 0 ? rnd() % 100 : 0));
		exercise(false);
		mem_free(copy);
	}
	for (unsigned i = 0; i < 30; i++) {
		part_flip(path2, &file, 4);
		exercise(true);
	}
	buf_fini(&file);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_norm),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_constant),
		cmocka_unit_test(test_bad_mask),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_damage),
	};
	int failed;

	part_begin();
	part_path(path, "a.docs");
	part_path(path2, "b.docs");
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	part_end();
	return failed;
}
