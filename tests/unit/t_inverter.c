/* Tests of indexer/inverter.c: what goes in comes out, term by term. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

#include "engine/postings.h"
#include "indexer/inverter.h"

static uint64_t seed;

static uint32_t
rnd(uint32_t n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return n ? (uint32_t)(seed >> 33) % n : 0;
}

typedef struct occurrence {
	uint32_t doc, pos, form; /* form: index into forms, 4 and up: OTHER */
	uint16_t term;
	bool hyphen;
} occurrence;

enum { TERMS = 700, LONG_TERM = 255 };
static char terms[TERMS][LONG_TERM + 1];
static size_t term_len[TERMS];
static const char page[] = "aAbB one Two THREE fOur FiVe";

static void
make_terms(void)
{
	for (size_t i = 0; i < TERMS; i++) {
		int n = snprintf(terms[i], sizeof terms[i], "%c%zu", 'a' + (char)(i % 3), i);
		size_t len = (size_t)n;
		if (i % 7 == 0)
			for (; len < 8 + i % 247; len++)
				terms[i][len] = (char)('a' + len % 26);
		if (len > 20)
			memcpy(terms[i] + 8, "\xe4\xb8\xad\xe5\x9b\xbd", 6);
		term_len[i] = len;
	}
}

static void
put(inverter *v, const occurrence *o, size_t n)
{
	text_token t[100];

	for (size_t i = 0; i < n; i++) {
		t[i] = (text_token){ .term = terms[o[i].term], .len = (uint8_t)term_len[o[i].term], .pos = o[i].pos,
				     .width = 1, .form = (uint8_t)min_u32(o[i].form, TEXT_FORM_OTHER),
				     .flags = o[i].hyphen ? TEXT_HYPHEN : 0 };
		if (o[i].form >= TEXT_FORM_OTHER) {
			t[i].start = o[i].form - TEXT_FORM_OTHER;
			t[i].end = t[i].start + 4;
		}
	}
	inverter_add(v, o[0].term % 2, t, n, page);
}

static uint32_t
find(const inverter *v, const occurrence *o)
{
	for (uint64_t i = 0; i <= v->mask; i++) {
		const inv_entry *e = inverter_entry(v, (uint32_t)v->slots[i]);
		if (v->slots[i] && e->field == o->term % 2 && e->len == term_len[o->term] &&
		    memcmp(e->term, terms[o->term], e->len) == 0)
			return (uint32_t)v->slots[i];
	}
	return 0;
}

static void
check_form(const inverter *v, uint32_t entry, const occurrence *o, uint32_t code)
{
	uint32_t at;

	if (o->form < TEXT_FORM_OTHER) {
		assert_int_equal(code, o->form + (o->hyphen ? POST_CODE_HYPHEN : 0));
		return;
	}
	assert_true(code >= POST_CODE_FORMS);
	for (at = inverter_entry(v, entry)->forms; at; at = inverter_form(v, at)->before)
		if (inverter_form(v, at)->index == code - POST_CODE_FORMS)
			break;
	assert_true(at != 0);
	assert_int_equal(inverter_form(v, at)->len, 4 + o->hyphen);
	assert_memory_equal(inverter_form(v, at)->raw, page + o->form - TEXT_FORM_OTHER, 4);
}

static void
check_all(const inverter *v, const occurrence *all, size_t n)
{
	inv_reader *r = malloc(sizeof *r);

	for (uint16_t t = 0; t < TERMS; t++) {
		occurrence any = { .term = t };
		uint32_t entry = find(v, &any), last = UINT32_MAX, i, pos;
		size_t k = 0;
		while (k < n && all[k].term != t)
			k++;
		assert_int_equal(entry != 0, k < n);
		if (!entry)
			continue;
		inv_reader_open(r, v, entry);
		i = pos = 0;
		for (; k < n; k++) {
			if (all[k].term != t)
				continue;
			assert_false(r->end);
			assert_int_equal(r->doc, all[k].doc);
			pos = i ? pos + inv_reader_gap(r, i) + 1 : r->pos;
			assert_int_equal(pos, all[k].pos);
			if (!i)
				assert_int_equal(r->first, last != all[k].doc);
			check_form(v, entry, &all[k], inv_reader_code(r, i));
			last = all[k].doc;
			if (++i == r->n) {
				inv_reader_next(r);
				i = 0;
			}
		}
		assert_true(r->end && !i);
	}
	free(r);
}

static void
fill(inverter *v, occurrence *all, size_t n)
{
	uint32_t doc = 0, pos = 0;

	for (size_t k = 0; k < n;) {
		size_t batch = 1 + rnd(60);
		uint16_t parity = (uint16_t)rnd(2);
		if (rnd(10) == 0) {
			doc += 1 + (rnd(50) ? 0 : rnd(1 << 23));
			pos = rnd(20) ? 0 : rnd(1u << 30);
		}
		inverter_begin(v, doc, TEXT_LANG_EN);
		batch = min_size(batch, n - k);
		for (size_t i = 0; i < batch; i++) {
			uint32_t skew = rnd(4) ? rnd(8) : rnd(TERMS / 2);
			all[k + i] = (occurrence){ .doc = doc, .pos = pos, .term = (uint16_t)(skew * 2 + parity),
						   .form = rnd(3) ? 0 : rnd(12), .hyphen = rnd(9) == 0 };
			pos += 1 + (rnd(100) ? rnd(3) : rnd(1 << 20));
		}
		put(v, all + k, batch);
		k += batch;
	}
	inverter_end(v);
	assert_int_equal(inverter_gather(v, NULL), CDG_OK);
}

static void
test_roundtrip(void **state)
{
	enum { N = 150000 };
	occurrence *all = malloc(N * sizeof *all);
	inverter v;
	cdg_error err;

	(void)state;
	make_terms();
	assert_int_equal(inverter_init(&v, 0, false, &err), CDG_OK);
	for (int round = 0; round < 3; round++) {
		size_t n = round == 0 ? 100 : round == 1 ? N : 5000;
		fill(&v, all, n);
		assert_false(v.full);
		check_all(&v, all, n);
		assert_true(inverter_bytes(&v) > v.used);
		inverter_reset(&v);
		assert_int_equal(v.count, 0);
	}
	inverter_fini(&v);
	free(all);
}

static void
test_same_place(void **state)
{
	const occurrence o[] = { { .doc = 0, .pos = 5 }, { .doc = 0, .pos = 5 }, { .doc = 0, .pos = 7 } };
	inv_reader r;
	inverter v;

	(void)state;
	make_terms();
	assert_int_equal(inverter_init(&v, 0, false, NULL), CDG_OK);
	inverter_begin(&v, 0, TEXT_LANG_NONE);
	put(&v, o, 3);
	inverter_end(&v);
	put(&v, o + 2, 1); /* and over the border of two spans */
	inverter_end(&v);
	assert_int_equal(inverter_gather(&v, NULL), CDG_OK);
	inv_reader_open(&r, &v, find(&v, o));
	assert_int_equal(r.n, 2);
	assert_int_equal(r.pos, 5);
	assert_int_equal(inv_reader_gap(&r, 1), 1);
	inv_reader_next(&r);
	assert_true(r.end);
	inverter_fini(&v);
}

/* When the region is full the streams still end at whole occurrences. */
static void
test_full(void **state)
{
	inv_reader *r = malloc(sizeof *r);
	inverter v;
	uint32_t seen = 0;

	(void)state;
	make_terms();
	assert_int_equal(inverter_init(&v, 256 << 10, true, NULL), CDG_OK);
	for (uint32_t doc = 0; !v.full && doc < 1000000; doc++) {
		occurrence o = { .doc = doc, .pos = doc * 1000, .term = (uint16_t)rnd(40), .form = rnd(12) };
		inverter_begin(&v, doc, TEXT_LANG_NONE);
		put(&v, &o, 1);
		inverter_end(&v);
		seen++;
	}
	assert_true(v.full && seen > 100 && v.used <= v.chunks);
	assert_int_equal(inverter_gather(&v, NULL), CDG_OK);
	for (uint64_t i = 0; i <= v.mask; i++) {
		const inv_entry *e = inverter_entry(&v, (uint32_t)v.slots[i]);
		uint32_t last = UINT32_MAX;
		if (!v.slots[i] || e->last_doc == UINT32_MAX)
			continue;
		for (inv_reader_open(r, &v, (uint32_t)v.slots[i]); !r->end; inv_reader_next(r)) {
			assert_true(r->first && (last == UINT32_MAX || r->doc > last));
			assert_int_equal(r->pos, r->doc * 1000);
			last = r->doc;
		}
		assert_true(last <= e->last_doc);
	}
	inverter_fini(&v);
	free(r);
}

/* The same with records of several chunks, the last of which ends in the middle. */
static void
test_full_long(void **state)
{
	inv_reader r;
	inverter v;
	occurrence o[100];
	uint32_t docs = 0;

	(void)state;
	make_terms();
	assert_int_equal(inverter_init(&v, 256 << 10, true, NULL), CDG_OK);
	for (; !v.full && docs < 1000; docs++) {
		inverter_begin(&v, docs, TEXT_LANG_NONE);
		for (uint32_t pos = 0; pos < 20000; pos += 100) {
			for (uint32_t i = 0; i < 100; i++)
				o[i] = (occurrence){ .doc = docs, .pos = pos + i, .term = (uint16_t)(docs % 2) };
			put(&v, o, 100);
		}
		inverter_end(&v);
	}
	assert_true(v.full && docs > 5);
	assert_int_equal(inverter_gather(&v, NULL), CDG_OK);
	for (uint16_t t = 0; t < 2; t++) {
		const occurrence any = { .term = t };
		uint32_t doc = t;
		for (inv_reader_open(&r, &v, find(&v, &any)); !r.end; inv_reader_next(&r), doc += 2) {
			assert_int_equal(r.doc, doc);
			assert_int_equal(r.n, 20000);
		}
		assert_true(doc + 3 >= docs);
	}
	inverter_fini(&v);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_roundtrip),
		cmocka_unit_test(test_same_place),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_full_long),
	};

	seed = (uint64_t)time(NULL);
	printf("seed %llu\n", (unsigned long long)seed);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
