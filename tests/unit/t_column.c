/* t_column.c - metadata columns against plain arrays: values, ordinals, ranges,
 * facet counts, merging, damage. */
#include <math.h>
#include "engine/column.h"
#include "tests/unit/part.h"

enum { NDOCS = 5003, BUILDERS = 3, FIELDS = 8, MOST = 6 };

static const segment_id id = { { 8 } };
static const uint16_t numbers[FIELDS] = { 0, 1, 2, 5, 9, 40, 300, 65535 };
static char path[128], path2[128];

/* The plain form: values of each document and field, in order. */
typedef struct cell {
	column_value v[MOST];
	uint32_t n;
} cell;

static cell cells[FIELDS][NDOCS];
static char strings[70000][16];

static column_value
random_value(unsigned field)
{
	unsigned k;
	switch (field) {
	case 0: /* few strings, one byte an ordinal */
		k = rnd() % 20;
		break;
	case 1: /* two bytes */
		k = rnd() % 3000;
		break;
	case 2: return column_number((int)(rnd() % 2000) - 1000 + (rnd() % 4) * 0.25);
	case 3: return column_date((int32_t)(rnd() % 40000) - 20000, (uint8_t)(rnd() % 3));
	case 4: /* multi-valued strings */
		k = rnd() % 500;
		break;
	case 5: /* everything, multi-valued */
		switch (rnd() % 6) {
		case 0: return column_number(rnd() % 2 ? -0.0 : 0.0);
		case 1: return column_number(rnd() % 2 ? (double)NAN : -(double)NAN);
		case 2: return column_number(rnd() % 2 ? (double)INFINITY : -(double)INFINITY);
		case 3: return column_date(rnd() % 2 ? INT32_MIN : INT32_MAX, (uint8_t)(rnd() % 3));
		case 4: return column_string("a\0b", rnd() % 4);
		default: return column_string(NULL, 0);
		}
	default: k = rnd() % 70000;
	}
	return column_string(strings[k], strlen(strings[k]));
}

static void
make_cells(void)
{
	for (unsigned i = 0; i < countof(strings); i++)
		snprintf(strings[i], sizeof strings[i], "%s%x", i % 3 ? "prefix-" : "", i * 2654435761u % 70001);
	for (unsigned f = 0; f < FIELDS; f++)
		for (unsigned d = 0; d < NDOCS; d++) {
			cell *c = &cells[f][d];
			c->n = f == 4 || f == 5 ? rnd() % (MOST + 1) : f == 7 ? d == 77 : rnd() % 4 != 0;
			for (unsigned i = 0; i < c->n; i++)
				c->v[i] = random_value(f);
		}
}

/* All cells over three builders with local numbers; some documents left out
 * that must leave no trace. */
static void
write_file(void)
{
	column_builder *b[BUILDERS];
	uint32_t *maps[BUILDERS], n[BUILDERS] = { 0 };
	pwriter w;

	for (unsigned i = 0; i < BUILDERS; i++) {
		b[i] = column_builder_new();
		assert_non_null(b[i]);
		maps[i] = mem_alloc(2 * NDOCS * sizeof **maps);
	}
	for (unsigned d = 0; d < NDOCS; d++) {
		unsigned i = rnd() % BUILDERS;
		if (rnd() % 10 == 0) {
			column_value v = column_string("left out", 8);
			assert_int_equal(column_builder_add(b[i], n[i], 3, &v, true, NULL), CDG_OK);
			maps[i][n[i]++] = UINT32_MAX;
		}
		for (unsigned f = 0; f < FIELDS; f++)
			for (unsigned k = 0; k < cells[f][d].n; k++)
				assert_int_equal(column_builder_add(b[i], n[i], numbers[f], &cells[f][d].v[k],
								    f == 4, NULL), CDG_OK);
		maps[i][n[i]++] = NDOCS - 1 - d; /* the segment has another order */
	}
	assert_int_equal(pwriter_open(&w, path, COLUMN_KIND, &id, NULL), CDG_OK);
	assert_int_equal(column_write(&w, b, BUILDERS, (const uint32_t *const *)maps, n, NDOCS, NULL), CDG_OK);
	assert_int_equal(pwriter_finish(&w, false, NULL), CDG_OK);
	for (unsigned i = 0; i < BUILDERS; i++) {
		column_builder_free(b[i]);
		mem_free(maps[i]);
	}
}

static void
expect_docs(const column *c, unsigned f)
{
	column_cursor cur = { 0 };

	for (unsigned d = 0; d < NDOCS; d++) {
		const cell *want = &cells[f][NDOCS - 1 - d];
		column_list l;
		column_value v;
		column_doc(c, d, &l);
		assert_int_equal(l.n, want->n);
		for (unsigned i = 0; i < l.n; i++) {
			assert_true(column_get(c, column_list_at(&l, i), &v, &cur));
			assert_int_equal(column_compare(&v, &want->v[i]), 0);
		}
		assert_int_equal(column_doc_first(c, d), l.n ? column_list_at(&l, 0) : COLUMN_NONE);
	}
	column_cursor_fini(&cur);
}

/* Values ascend, and the bounds of a value, there or not, are right. */
static void
expect_bounds(const column *c, unsigned f)
{
	column_cursor cur[2] = { 0 }; /* the value before must stay */
	column_value prev, v, probe;
	uint32_t lo, hi;

	for (uint32_t i = 0; i < column_nvalues(c); i++) {
		assert_true(column_get(c, i, &v, &cur[i % 2]));
		assert_true(i == 0 || column_compare(&prev, &v) < 0);
		assert_true(column_lower_bound(c, &v, &lo) && lo == i);
		assert_true(column_upper_bound(c, &v, &hi) && hi == i + 1);
		if (v.type == COLUMN_STRING)
			assert_int_equal(column_equal(c, v.p, v.n), i);
		prev = v;
	}
	assert_int_equal(column_equal(c, "no such value", 13), COLUMN_NONE);
	for (unsigned k = 0; k < 100; k++) {
		probe = random_value(rnd() % 2 ? f : rnd() % FIELDS);
		assert_true(column_lower_bound(c, &probe, &lo));
		assert_true(lo == 0 || (column_get(c, lo - 1, &v, cur) && column_compare(&v, &probe) < 0));
		assert_true(lo == column_nvalues(c) || (column_get(c, lo, &v, cur) && column_compare(&v, &probe) >= 0));
	}
	column_cursor_fini(&cur[0]);
	column_cursor_fini(&cur[1]);
}

static void
expect_select(const column *c)
{
	size_t words = (NDOCS + 63) / 64;
	uint64_t *bits = mem_alloc(8 * words);
	uint32_t nvalues = column_nvalues(c);

	for (unsigned k = 0; k < 30; k++) {
		uint32_t lo = rnd() % (nvalues + 2), hi = k == 0 ? UINT32_MAX : lo + rnd() % (nvalues + 2);
		if (k < 2)
			lo = 0;
		memset(bits, 0, 8 * words);
		assert_true(column_select_range(c, lo, hi, bits));
		for (unsigned d = 0; d < words * 64; d++) {
			column_list l = { 0 };
			bool any = false;
			column_doc(c, d, &l);
			for (unsigned i = 0; i < l.n; i++)
				any |= column_list_at(&l, i) >= lo && column_list_at(&l, i) < hi;
			assert_int_equal(bits[d / 64] >> (d % 64) & 1, any);
		}
	}
	memset(bits, 0, 8 * words);
	assert_true(column_select_any(c, bits));
	for (unsigned d = 0; d < NDOCS; d++)
		assert_int_equal(bits[d / 64] >> (d % 64) & 1, column_doc_first(c, d) != COLUMN_NONE);
	mem_free(bits);
}

static void
expect_counts(const column *c)
{
	size_t words = (NDOCS + 63) / 64;
	uint64_t *bits = mem_alloc(8 * words);
	uint32_t n = column_nvalues(c), *got = mem_calloc(n, 4), *want = mem_calloc(n, 4);

	for (int all = 0; all < 2; all++) {
		memset(got, 0, 4 * n);
		memset(want, 0, 4 * n);
		for (size_t i = 0; i < words; i++)
			bits[i] = (uint64_t)rnd() << 32 | rnd(); /* bits past the end must not count */
		assert_true(column_count(c, all ? NULL : bits, got));
		for (unsigned d = 0; d < NDOCS; d++) {
			column_list l;
			column_doc(c, d, &l);
			for (unsigned i = 0; i < l.n && (all || bits[d / 64] >> (d % 64) & 1); i++)
				want[column_list_at(&l, i)]++;
		}
		assert_memory_equal(got, want, 4 * n);
	}
	mem_free(bits);
	mem_free(got);
	mem_free(want);
}

static void
expect_file(const char *file)
{
	static const uint8_t width[FIELDS] = { 1, 2, 2, 2, 0, 0, 2, 1 };
	columns cs;
	cdg_error err;

	assert_int_equal(columns_open(&cs, file, &id, &err), CDG_OK);
	if (columns_check(&cs, &err) != CDG_OK)
		fail_msg("%s", err.message);
	assert_int_equal(cs.nfields, FIELDS);
	assert_int_equal(cs.ndocs, NDOCS);
	assert_null(column_find(&cs, 3)); /* the field of documents left out */
	assert_null(column_find(&cs, 65534));
	for (unsigned f = 0; f < FIELDS; f++) {
		const column *c = column_find(&cs, numbers[f]);
		assert_non_null(c);
		assert_int_equal(c->width, width[f]);
		assert_int_equal(c->list, f == 4);
		expect_docs(c, f);
		expect_bounds(c, f);
		expect_select(c);
		expect_counts(c);
	}
	columns_close(&cs);
}

static void
test_round_trip(void **state)
{
	(void)state;
	write_file();
	expect_file(path);
}

/* Documents of one file over two builders, put together again. */
static void
test_merge(void **state)
{
	uint32_t *map[2];
	column_builder *b[2];
	columns cs;
	pwriter w;
	cdg_error err;

	(void)state;
	assert_int_equal(columns_open(&cs, path, &id, &err), CDG_OK);
	for (unsigned i = 0; i < 2; i++) {
		b[i] = column_builder_new();
		map[i] = mem_alloc(NDOCS * 4);
	}
	for (uint32_t d = 0; d < NDOCS; d++) {
		unsigned i = rnd() % 2;
		map[i][d] = d;
		map[!i][d] = UINT32_MAX;
	}
	for (unsigned i = 0; i < 2; i++)
		for (uint32_t f = 0; f < cs.nfields; f++)
			assert_int_equal(column_builder_add_column(b[i], &cs.fields[f], map[i], 0, &err), CDG_OK);
	assert_int_equal(pwriter_open(&w, path2, COLUMN_KIND, &id, NULL), CDG_OK);
	assert_int_equal(column_write(&w, b, 2, NULL, NULL, NDOCS, NULL), CDG_OK);
	assert_int_equal(pwriter_finish(&w, false, NULL), CDG_OK);
	columns_close(&cs);
	expect_file(path2);
	/* twice the same, one after the other */
	assert_int_equal(columns_open(&cs, path2, &id, &err), CDG_OK);
	column_builder_reset(b[0]);
	for (unsigned i = 0; i < 2; i++)
		for (uint32_t f = 0; f < cs.nfields; f++)
			assert_int_equal(column_builder_add_column(b[0], &cs.fields[f], NULL, i * NDOCS, &err), CDG_OK);
	columns_close(&cs);
	assert_int_equal(pwriter_open(&w, path2, COLUMN_KIND, &id, NULL), CDG_OK);
	assert_int_equal(column_write(&w, b, 1, NULL, NULL, 2 * NDOCS, NULL), CDG_OK);
	assert_int_equal(pwriter_finish(&w, false, NULL), CDG_OK);
	assert_int_equal(columns_open(&cs, path2, &id, &err), CDG_OK);
	assert_int_equal(columns_check(&cs, &err), CDG_OK);
	for (uint32_t f = 0; f < cs.nfields; f++)
		for (uint32_t d = 0; d < NDOCS; d++)
			assert_int_equal(column_doc_first(&cs.fields[f], d),
					 column_doc_first(&cs.fields[f], d + NDOCS));
	columns_close(&cs);
	for (unsigned i = 0; i < 2; i++) {
		column_builder_free(b[i]);
		mem_free(map[i]);
	}
}

static void
test_small(void **state)
{
	column_builder *b = column_builder_new();
	column_value v = column_number(7), bad = { .type = 9 };
	columns cs;
	pwriter w;

	(void)state;
	/* nothing at all */
	assert_int_equal(pwriter_open(&w, path2, COLUMN_KIND, &id, NULL), CDG_OK);
	assert_int_equal(column_write(&w, &b, 1, NULL, NULL, 0, NULL), CDG_OK);
	assert_int_equal(pwriter_finish(&w, false, NULL), CDG_OK);
	assert_int_equal(columns_open(&cs, path2, &id, NULL), CDG_OK);
	assert_int_equal(columns_check(&cs, NULL), CDG_OK);
	assert_null(column_find(&cs, 0));
	columns_close(&cs);
	/* misuse */
	assert_int_equal(column_builder_add(b, 0, 1, &bad, false, NULL), CDG_E_ARG);
	assert_int_equal(column_builder_add(b, 5, 1, &v, false, NULL), CDG_OK);
	assert_int_equal(pwriter_open(&w, path2, COLUMN_KIND, &id, NULL), CDG_OK);
	assert_int_equal(column_write(&w, &b, 1, NULL, NULL, 5, NULL), CDG_E_ARG);
	pwriter_abort(&w);
	for (long n = 1; n < 8; n++) {
		cdg_status st;
		column_builder_reset(b);
		v = column_string("a string", 8);
		mem_fail_after(n, true);
		st = column_builder_add(b, 0, (uint16_t)(n * 5000), &v, false, NULL);
		if (st == CDG_OK) {
			pwriter none = { .fd = -1 };
			st = column_write(&none, &b, 1, NULL, NULL, 1, NULL);
		}
		mem_fail_after(0, false);
		assert_int_equal(st, CDG_E_NOMEM);
	}
	column_builder_free(b);
}

static void
test_memory(void **state)
{
	column_builder *b = column_builder_new();
	size_t n = 200000;

	(void)state;
	for (uint32_t d = 0; d < n; d++)
		for (uint16_t f = 0; f < 5; f++) {
			column_value v = column_number(rnd() % 100);
			assert_int_equal(column_builder_add(b, d, f, &v, false, NULL), CDG_OK);
		}
	assert_true(column_builder_bytes(b) < 5 * n * 24);
	column_builder_free(b);
}

/* ---- strings ------------------------------------------------------------------- */

enum { LONGEST = 3000000 };

/* Strings of few letters, so that they share much; 0 and 255 among them; of
 * every so many a very long one.  mem_free the bytes. */
static column_value
string_make(unsigned style)
{
	static const char letters[] = { 0, 'a', (char)0x80, (char)0xff };
	size_t n = style == 0 ? rnd() % 8 : style == 1 ? 30 + rnd() % 400 : rnd() % LONGEST;
	char *p = mem_calloc(n + 1, 1);

	assert_non_null(p);
	for (size_t i = style == 0 ? 0 : n - min_size(n, 6); i < n; i++)
		p[i] = letters[rnd() % 4];
	return column_string(p, n);
}

static int
string_order(const void *a, const void *b)
{
	return column_compare(a, b);
}

/* A file of one field with these strings, one a document. */
static void
strings_write(const column_value *v, uint32_t n)
{
	column_builder *b = column_builder_new();
	pwriter w;

	for (uint32_t i = 0; i < n; i++)
		assert_int_equal(column_builder_add(b, i, 2, &v[i], false, NULL), CDG_OK);
	assert_int_equal(pwriter_open(&w, path2, COLUMN_KIND, &id, NULL), CDG_OK);
	assert_int_equal(column_write(&w, &b, 1, NULL, NULL, n, NULL), CDG_OK);
	assert_int_equal(pwriter_finish(&w, false, NULL), CDG_OK);
	column_builder_free(b);
}

/* v ascends and has no doubles. */
static void
strings_expect(const column *c, const column_value *v, uint32_t n)
{
	column_cursor cur = { 0 };
	column_value got, probe;
	uint32_t lo, hi;

	assert_int_equal(c->nstrings, n);
	for (unsigned k = 0; k < 3 * n; k++) { /* up, down, anywhere */
		uint32_t i = k < n ? k : k < 2 * n ? 2 * n - 1 - k : rnd() % n;
		assert_true(column_get(c, i, &got, &cur));
		assert_int_equal(column_compare(&got, &v[i]), 0);
		assert_int_equal(column_equal(c, v[i].p, v[i].n), i);
	}
	assert_false(column_get(c, n, &got, &cur));
	column_cursor_fini(&cur);
	for (unsigned k = 0; k < 2 * n; k++) { /* near a string: cut, lengthened, one byte changed */
		uint32_t want = 0, i = rnd() % n;
		char *p = mem_alloc(v[i].n + 2);
		probe = column_string(p, v[i].n);
		memcpy(p, v[i].p, v[i].n);
		if (k % 3 == 0)
			probe.n = rnd() % (probe.n + 1);
		else if (k % 3 == 1)
			p[probe.n++] = (char)(rnd() % 3 - 1);
		else if (probe.n)
			p[rnd() % 2 ? probe.n - 1 : rnd() % probe.n] = (char)rnd();
		while (want < n && column_compare(&v[want], &probe) < 0)
			want++;
		assert_true(column_lower_bound(c, &probe, &lo) && column_upper_bound(c, &probe, &hi));
		assert_int_equal(lo, want);
		assert_int_equal(hi, want + (want < n && column_compare(&v[want], &probe) == 0));
		assert_int_equal(column_equal(c, probe.p, probe.n), hi > lo ? lo : COLUMN_NONE);
		mem_free(p);
	}
}

static void
test_strings(void **state)
{
	static const uint32_t sizes[] = { 1, 2, 15, 16, 17, 31, 32, 33, 200 };

	(void)state;
	for (unsigned k = 0; k < 3 * countof(sizes) - 1; k++) { /* not 200 of the longest */
		uint32_t all = sizes[k % countof(sizes)], n = 0;
		column_value *v = mem_alloc(all * sizeof *v);
		columns cs;
		cdg_error err;
		for (uint32_t i = 0; i < all; i++)
			v[i] = string_make(k / (unsigned)countof(sizes) == 2 && rnd() % 4 ? 1 : k / (unsigned)countof(sizes));
		strings_write(v, all);
		qsort(v, all, sizeof *v, string_order);
		for (uint32_t i = 0; i < all; i++) {
			if (n && column_compare(&v[n - 1], &v[i]) == 0)
				mem_free((void *)(uintptr_t)v[i].p);
			else
				v[n++] = v[i];
		}
		assert_int_equal(columns_open(&cs, path2, &id, &err), CDG_OK);
		if (columns_check(&cs, &err) != CDG_OK)
			fail_msg("%s", err.message);
		strings_expect(&cs.fields[0], v, n);
		columns_close(&cs);
		for (uint32_t i = 0; i < n; i++)
			mem_free((void *)(uintptr_t)v[i].p);
		mem_free(v);
	}
}

/* The bytes as column.h says. */
static void
test_layout(void **state)
{
	static const uint8_t group[] = {
		4, 'a', 'b', 'c', 'a', 3, 1, 'b', 3, 1, 'c', 3, 1, 'd', 3, 1, 'e', 3, 1, 'f', 3, 1, 'g',
		3, 1, 'h', 3, 1, 'i', 3, 1, 'j', 3, 1, 'k', 3, 1, 'l', 3, 1, 'm', 3, 1, 'n', 3, 1, 'o',
		4, 1, 'p', 4, 'b', 'x', 'y', 'z', 0,
	};
	const uint8_t *at;
	column_value v[17];
	char text[17][8];
	columns cs;

	(void)state;
	for (unsigned i = 0; i < 15; i++) {
		snprintf(text[i], sizeof text[i], "abc%c", 'a' + (int)i);
		v[i] = column_string(text[i], 4);
	}
	v[15] = column_string("abcop", 5);
	v[16] = column_string("bxyz", 4);
	strings_write(v, 17);
	assert_int_equal(columns_open(&cs, path2, &id, NULL), CDG_OK);
	assert_int_equal(cs.fields[0].nstrings, 17);
	at = cs.f.map.at + cs.fields[0].strings_at;
	assert_int_equal(load_u64(at), 24);
	assert_int_equal(load_u64(at + 8), 24 + 5 + 15 * 3);
	assert_int_equal(load_u64(at + 16), 24 + 5 + 15 * 3 + 5);
	assert_memory_equal(at + 24, group, sizeof group);
	columns_close(&cs);
}

/* One byte of a group wrong under right checksums: the check finds it, nothing
 * reads outside. */
static void
test_bad_group(void **state)
{
	/* in the 5 + 3 + 3 ... bytes of test_layout's file: where, what */
	static const uint8_t wrong[][2] = {
		{ 24, 200 }, /* first length: past the group */
		{ 24, 3 },   /* too short: what follows is misread */
		{ 29, 5 },   /* shares more than there is */
		{ 29, 2 },   /* shares less than it could */
		{ 30, 0 },   /* the same string again, then misread */
		{ 30, 255 }, /* an endless varint */
		{ 31, 'a' }, /* equal to the one before */
		{ 31, 'A' }, /* below the one before */
		{ 8, 73 },   /* the first group ends too early */
		{ 8, 75 },   /* or too late */
		{ 8, 20 },   /* before it begins */
		{ 0, 16 },   /* begins in the offsets */
		{ 0, 25 },   /* leaves a gap */
		{ 16, 80 },  /* the last group has bytes left over */
		{ 17, 255 }, /* ends outside the file */
		{ 75, 'A' }, /* a first string below the group before */
	};
	buf file;
	size_t end, at;
	columns cs;
	cdg_error err;

	test_layout(state);
	buf_init(&file);
	assert_int_equal(file_read(path2, SIZE_MAX, &file, NULL), CDG_OK);
	assert_int_equal(columns_open(&cs, path2, &id, NULL), CDG_OK);
	at = cs.fields[0].strings_at;
	columns_close(&cs);
	end = load_u64(file.p + file.len - PFILE_FOOTER) - PFILE_PAD;
	for (unsigned i = 0; i < countof(wrong); i++) {
		uint8_t had = file.p[at + wrong[i][0]];
		column_cursor cur = { 0 };
		file.p[at + wrong[i][0]] = wrong[i][1];
		part_write(path2, COLUMN_KIND, &id, file.p + PFILE_HEADER, end - PFILE_HEADER);
		file.p[at + wrong[i][0]] = had;
		assert_int_equal(columns_open(&cs, path2, &id, &err), CDG_OK);
		for (uint32_t k = 0; k < 17; k++) {
			column_value v;
			if (!column_get(&cs.fields[0], k, &v, &cur))
				assert_int_equal(column_error(&cs.fields[0], &cur, &err), CDG_E_CORRUPT);
			column_equal(&cs.fields[0], "abcj", 4);
		}
		if (columns_check(&cs, &err) != CDG_E_CORRUPT)
			fail_msg("byte %u as %u passes the check", wrong[i][0], wrong[i][1]);
		column_cursor_fini(&cur);
		columns_close(&cs);
	}
	buf_fini(&file);
}

static void
test_cursor_memory(void **state)
{
	column_value v = { .type = COLUMN_STRING };
	column_cursor cur = { 0 };
	columns cs;
	cdg_error err;

	test_layout(state);
	assert_int_equal(columns_open(&cs, path2, &id, NULL), CDG_OK);
	mem_fail_after(1, true);
	assert_false(column_get(&cs.fields[0], 3, &v, &cur));
	mem_fail_after(0, false);
	assert_int_equal(column_error(&cs.fields[0], &cur, &err), CDG_E_NOMEM);
	assert_int_equal(atomic_load(&cs.f.bad), 0);
	column_cursor_fini(&cur);
	assert_true(column_get(&cs.fields[0], 3, &v, &cur) && v.n == 4 && !memcmp(v.p, "abcd", 4));
	column_cursor_fini(&cur);
	columns_close(&cs);
}

/* ---- damage --------------------------------------------------------------------- */

static void
exercise(bool must_fail)
{
	uint64_t *bits;
	columns cs;
	cdg_error err;
	cdg_status st;

	if (columns_open(&cs, path2, &id, &err) != CDG_OK) {
		assert_non_null(strstr(err.message, path2));
		return;
	}
	st = columns_check(&cs, &err);
	if (must_fail)
		assert_int_equal(st, CDG_E_CORRUPT);
	bits = mem_calloc(((size_t)cs.ndocs + 63) / 64, 8);
	for (uint32_t f = 0; f < cs.nfields; f++) {
		const column *c = &cs.fields[f];
		uint32_t *counts = mem_calloc(column_nvalues(c), 4), ord;
		column_value v = random_value(rnd() % FIELDS), got;
		column_builder *b = column_builder_new();
		column_cursor cur = { 0 };
		if (!column_lower_bound(c, &v, &ord) || !column_select_range(c, rnd() % 100, rnd() % 3000, bits) ||
		    !column_count(c, NULL, counts))
			assert_int_equal(pfile_error(&cs.f, &err), CDG_E_CORRUPT);
		for (unsigned i = 0; i < 200; i++) {
			ord = column_doc_first(c, rnd() % NDOCS);
			if (column_get(c, rnd() % 2 ? ord : rnd() % 4000, &got, &cur) && got.type == COLUMN_STRING && got.n)
				assert_true(memchr(got.p, got.p[got.n - 1], got.n) != NULL);
		}
		column_cursor_fini(&cur);
		column_equal(c, "prefix-5", 8);
		st = column_builder_add_column(b, c, NULL, 0, &err);
		assert_true(st == CDG_OK || st == CDG_E_CORRUPT || st == CDG_E_ARG);
		column_builder_free(b);
		mem_free(counts);
	}
	mem_free(bits);
	columns_close(&cs);
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
	for (unsigned i = 0; i < 100; i++) { /* under right checksums */
		uint8_t *copy = mem_dup(file.p, file.len);
		for (unsigned k = 0; k < 1 + i / 4; k++) {
			size_t zone = i % 2 ? COLUMN_TRAILER + FIELDS * COLUMN_DIR : end - PFILE_HEADER;
			copy[end - 1 - rnd() % zone] = rnd() % 2 ? (uint8_t)rnd() : (uint8_t)(rnd() % 2 * 255);
		}
		part_write(path2, COLUMN_KIND, &id, copy + PFILE_HEADER, end - PFILE_HEADER);
		exercise(false);
		mem_free(copy);
	}
	for (unsigned i = 0; i < 20; i++) { /* checksums as they were */
		part_flip(path2, &file, 2);
		exercise(true);
	}
	buf_fini(&file);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip), cmocka_unit_test(test_merge),
		cmocka_unit_test(test_small),      cmocka_unit_test(test_memory),
		cmocka_unit_test(test_strings),    cmocka_unit_test(test_layout),
		cmocka_unit_test(test_bad_group),  cmocka_unit_test(test_cursor_memory),
		cmocka_unit_test(test_damage),
	};
	int failed;

	part_begin();
	part_path(path, "a.cols");
	part_path(path2, "b.cols");
	make_cells();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	part_end();
	return failed;
}
