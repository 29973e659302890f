/* t_store.c - stored text: records of all sizes come back whole and in pieces,
 * merging keeps them, and damage is reported. */
#include "engine/manifest.h"
#include "engine/store.h"
#include "tests/unit/part.h"

enum { RECORDS = 400, PARTS = 3 };

static segment_id id; /* of the file at `path`, as the sink chose it */
static char path[128], path2[128];

typedef struct record {
	uint8_t *meta, *text;
	size_t meta_len, text_len;
	uint64_t ref;
	unsigned part;
} record;

static record records[RECORDS];

/* Words from a small list, or noise that LZ4 cannot shorten. */
static uint8_t *
random_bytes(size_t n, bool noise)
{
	static const char *const words[] = { "the ", "policy ", "of ", "supply ", "reform ", "design " };
	uint8_t *p = mem_alloc(n);
	for (size_t i = 0; i < n;) {
		const char *w = words[rnd() % countof(words)];
		size_t k = min_size(noise ? 1 : strlen(w), n - i);
		if (noise)
			p[i] = (uint8_t)rnd();
		else
			memcpy(p + i, w, k);
		i += k;
	}
	return p;
}

static void
make_records(void)
{
	static const size_t edges[] = { 0, 1, 65533, 65536, 65537, 131072, 300000 };
	for (unsigned i = 0; i < RECORDS; i++) {
		record *r = &records[i];
		bool noise = rnd() % 5 == 0;
		r->meta_len = rnd() % 8 ? rnd() % 200 : rnd() % 70000;
		r->text_len = i < countof(edges) ? edges[i] : rnd() % 10 ? rnd() % 5000 : rnd() % 200000;
		r->meta = random_bytes(r->meta_len, noise);
		r->text = random_bytes(r->text_len, noise);
		r->part = rnd() % PARTS;
	}
}

static void
free_records(void)
{
	for (unsigned i = 0; i < RECORDS; i++) {
		mem_free(records[i].meta);
		mem_free(records[i].text);
	}
}

/* The file that a sink has made. */
static void
take_file(const store_sink *sink)
{
	char *made = segment_path(dir, &sink->id, "text");

	assert_non_null(made);
	id = sink->id;
	snprintf(path, sizeof path, "%s", made);
	mem_free(made);
}

/* Records of all parts to one file, in the order of the records. */
static void
write_file(void)
{
	store_part parts[PARTS] = { 0 }, *ptr[PARTS];
	store_sink sink;

	assert_int_equal(store_sink_init(&sink, dir, false, NULL), CDG_OK);
	for (unsigned i = 0; i < PARTS; i++) {
		assert_int_equal(store_part_init(&parts[i], &sink, NULL), CDG_OK);
		ptr[i] = &parts[i];
	}
	/* twice: parts are empty and usable after a reset */
	for (int round = 0; round < 2; round++) {
		for (unsigned i = 0; i < PARTS; i++)
			store_part_reset(&parts[i]);
		for (unsigned i = 0; i < RECORDS; i++) {
			record *r = &records[i];
			assert_int_equal(store_part_add(&parts[r->part], r->meta, r->meta_len, r->text,
							r->text_len, &r->ref, NULL), CDG_OK);
		}
		if (round)
			unlink(path);
		assert_int_equal(store_sink_finish(&sink, ptr, PARTS, NULL), CDG_OK);
		take_file(&sink);
	}
	for (unsigned i = 0; i < RECORDS; i++)
		records[i].ref = store_part_ref(&parts[records[i].part], records[i].ref);
	for (unsigned i = 0; i < PARTS; i++)
		store_part_fini(&parts[i]);
	store_sink_fini(&sink);
}

static void
expect_record(store_cursor *c, const record *r, uint64_t ref)
{
	uint32_t m, t;
	buf b;

	buf_init(&b);
	assert_int_equal(store_lengths(c, ref, &m, &t, NULL), CDG_OK);
	assert_int_equal(m, r->meta_len);
	assert_int_equal(t, r->text_len);
	assert_int_equal(store_meta(c, ref, &b, NULL), CDG_OK);
	assert_int_equal(b.len, r->meta_len);
	if (b.len)
		assert_memory_equal(b.p, r->meta, b.len);
	b.len = 0;
	assert_int_equal(store_text(c, ref, 0, UINT32_MAX, &b, NULL), CDG_OK);
	assert_int_equal(b.len, r->text_len);
	if (b.len)
		assert_memory_equal(b.p, r->text, b.len);
	for (int i = 0; i < 3; i++) {
		uint32_t off = rnd() % (uint32_t)(r->text_len + 2), len = rnd() % 3000;
		size_t want = off > r->text_len ? 0 : min_size(len, r->text_len - off);
		b.len = 0;
		assert_int_equal(store_text(c, ref, off, len, &b, NULL), CDG_OK);
		assert_int_equal(b.len, want);
		if (want)
			assert_memory_equal(b.p, r->text + off, want);
	}
	buf_fini(&b);
}

static void
test_round_trip(void **state)
{
	store s;
	store_cursor c;
	cdg_error err;

	(void)state;
	write_file();
	assert_int_equal(store_open(&s, path, &id, &err), CDG_OK);
	assert_int_equal(s.nrecords, RECORDS);
	assert_int_equal(store_check(&s, &err), CDG_OK);
	store_cursor_init(&c, &s);
	for (unsigned i = 0; i < 2 * RECORDS; i++) {
		const record *r = &records[i < RECORDS ? i : rnd() % RECORDS];
		expect_record(&c, r, r->ref);
	}
	store_cursor_fini(&c);
	store_close(&s);
}

/* What is expected is unpacked with the record's beginning; whatever is said, all reads are right. */
static void
test_expect(void **state)
{
	store s;
	store_cursor c;
	cdg_error err;
	unsigned early = 0;

	(void)state;
	write_file();
	assert_int_equal(store_open(&s, path, &id, &err), CDG_OK);
	store_cursor_init(&c, &s);
	for (unsigned i = 0; i < 2 * RECORDS; i++) {
		const record *r = &records[rnd() % RECORDS];
		uint64_t text = rnd() % 8 ? rnd() % (r->text_len + 1000) : UINT32_MAX;
		uint32_t before = c.block, meta, all;

		store_expect(&c, r->ref, text);
		assert_int_equal(store_lengths(&c, r->ref, &meta, &all, &err), CDG_OK);
		if (c.block != before && c.block == c.expect_block) {
			assert_true(c.have >= min_u32(c.full, c.expect));
			early++;
		}
		expect_record(&c, r, r->ref);
	}
	assert_true(early > 0);
	store_cursor_fini(&c);
	store_close(&s);
}

static void
test_merge(void **state)
{
	uint64_t refs[2][RECORDS];
	uint32_t base;
	store_joiner j;
	store s, out;
	store_cursor c;
	pwriter w;
	cdg_error err;

	(void)state;
	assert_int_equal(store_open(&s, path, &id, &err), CDG_OK);
	store_cursor_init(&c, &s);
	assert_int_equal(pwriter_open(&w, path2, STORE_KIND, &id, NULL), CDG_OK);
	assert_int_equal(store_joiner_init(&j, &w, NULL), CDG_OK);
	for (unsigned i = 0; i < RECORDS; i++) {
		if (i == RECORDS / 2)
			assert_int_equal(store_append(&j, &s, &base, &err), CDG_OK);
		assert_int_equal(store_copy_record(&j, &c, records[i].ref, &refs[0][i], &err), CDG_OK);
	}
	for (unsigned i = 0; i < RECORDS; i++)
		refs[1][i] = store_rebase(records[i].ref, base);
	assert_int_equal(store_joiner_finish(&j, &err), CDG_OK);
	assert_int_equal(pwriter_finish(&w, false, &err), CDG_OK);
	store_joiner_fini(&j);

	assert_int_equal(store_open(&out, path2, &id, &err), CDG_OK);
	assert_int_equal(store_check(&out, &err), CDG_OK);
	assert_int_equal(out.nrecords, 2 * RECORDS);
	store_cursor_use(&c, &out);
	for (unsigned k = 0; k < 2; k++)
		for (unsigned i = 0; i < RECORDS; i++)
			expect_record(&c, &records[i], refs[k][i]);
	store_cursor_fini(&c);
	store_close(&out);
	store_close(&s);
}

static void
test_empty(void **state)
{
	store_sink sink;
	store s;
	store_cursor c;
	char *made;
	buf b;

	(void)state;
	assert_int_equal(store_sink_init(&sink, dir, false, NULL), CDG_OK);
	assert_int_equal(store_sink_finish(&sink, NULL, 0, NULL), CDG_OK);
	made = segment_path(dir, &sink.id, "text");
	assert_int_equal(store_open(&s, made, &sink.id, NULL), CDG_OK);
	assert_int_equal(store_check(&s, NULL), CDG_OK);
	store_cursor_init(&c, &s);
	buf_init(&b);
	assert_int_equal(store_meta(&c, STORE_REF(0, 0), &b, NULL), CDG_E_CORRUPT);
	buf_fini(&b);
	store_cursor_fini(&c);
	store_close(&s);
	unlink(made);
	mem_free(made);
	store_sink_fini(&sink);
}

static void
test_limit(void **state)
{
	store_sink sink;
	store_part p;
	uint64_t ref;
	cdg_error err;

	(void)state;
	assert_int_equal(store_sink_init(&sink, dir, false, &err), CDG_OK);
	assert_int_equal(store_part_init(&p, &sink, &err), CDG_OK);
	assert_int_equal(store_part_add(&p, "m", 1, "", (size_t)UINT32_MAX + 1, &ref, &err), CDG_E_LIMIT);
	assert_int_equal(store_part_add(&p, "m", 1, NULL, 0, &ref, &err), CDG_OK);
	assert_false(sink.open); /* nothing that would have to be removed */
	store_part_fini(&p);
	store_sink_fini(&sink);
}

/* Everything a reader can be asked; it may fail, not crash. */
static void
exercise(const char *file, bool must_fail)
{
	store s;
	store_cursor c;
	cdg_error err;
	cdg_status st;
	buf b;

	if (store_open(&s, file, &id, &err) != CDG_OK)
		return;
	st = store_check(&s, &err);
	if (must_fail)
		assert_int_equal(st, CDG_E_CORRUPT);
	store_cursor_init(&c, &s);
	buf_init(&b);
	for (unsigned i = 0; i < 60; i++) {
		uint64_t ref = rnd() % 2 ? records[rnd() % RECORDS].ref : STORE_REF(rnd() % 100, rnd() % 70000);
		b.len = 0;
		if (store_meta(&c, ref, &b, &err) != CDG_OK)
			assert_non_null(strstr(err.message, "damaged at byte"));
		if (store_text(&c, ref, rnd() % 100000, rnd() % 100000, &b, &err) != CDG_OK)
			assert_non_null(strstr(err.message, file));
	}
	buf_fini(&b);
	store_cursor_fini(&c);
	store_close(&s);
}

/* The file with its payload bytes changed, under right checksums. */
static void
rewrite(const buf *file, unsigned changes)
{
	size_t end = load_u64(file->p + file->len - PFILE_FOOTER) - PFILE_PAD;
	uint8_t *copy = mem_dup(file->p, file->len);

	for (unsigned i = 0; i < changes; i++) {
		/* half of the changes in the table and trailer */
		size_t zone = rnd() % 2 ? end - PFILE_HEADER : 400;
		copy[end - 1 - rnd() % zone] = rnd() % 2 ? (uint8_t)rnd() : 0xff;
	}
	part_write(path2, STORE_KIND, &id, copy + PFILE_HEADER, end - PFILE_HEADER);
	mem_free(copy);
}

static void
test_damage(void **state)
{
	buf file;

	(void)state;
	buf_init(&file);
	assert_int_equal(file_read(path, SIZE_MAX, &file, NULL), CDG_OK);
	for (unsigned i = 0; i < 40; i++) {
		rewrite(&file, 1 + rnd() % 8);
		exercise(path2, false);
	}
	for (unsigned i = 0; i < 20; i++) { /* checksums as they were */
		part_flip(path2, &file, 0x10);
		exercise(path2, true);
	}
	for (unsigned i = 0; i < 10; i++) { /* cut off */
		assert_int_equal(file_replace(path2, file.p, rnd() % file.len, NULL), CDG_OK);
		exercise(path2, true);
	}
	buf_fini(&file);
}

static void
test_no_memory(void **state)
{
	(void)state;
	for (long n = 1; n < 12; n++) {
		store_part p = { 0 }, *ptr = &p;
		store_sink sink = { 0 };
		uint64_t ref;
		cdg_status st;
		mem_fail_after(n, true);
		st = store_sink_init(&sink, dir, false, NULL);
		if (st == CDG_OK)
			st = store_part_init(&p, &sink, NULL);
		if (st == CDG_OK)
			st = store_part_add(&p, "meta", 4, records[4].text, records[4].text_len, &ref, NULL);
		if (st == CDG_OK)
			st = store_sink_finish(&sink, &ptr, 1, NULL);
		mem_fail_after(0, false);
		assert_true(st == CDG_OK || st == CDG_E_NOMEM);
		if (st == CDG_OK) {
			char *made = segment_path(dir, &sink.id, "text");
			assert_int_equal(unlink(made), 0);
			mem_free(made);
		}
		store_part_fini(&p);
		store_sink_fini(&sink);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip), cmocka_unit_test(test_merge),
		cmocka_unit_test(test_expect),
		cmocka_unit_test(test_empty),      cmocka_unit_test(test_limit),
		cmocka_unit_test(test_damage),     cmocka_unit_test(test_no_memory),
	};
	int failed;

	part_begin();
	part_path(path2, "b.text");
	make_records();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	free_records();
	part_end();
	return failed;
}
