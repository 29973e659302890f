/* Tests of bisect.c: the order is one of all documents, does not depend on the
 * threads, and brings together what has the same terms. */
#include "unit.h"

#include <math.h>
#include <time.h>

#include "base/mem.h"
#include "indexer/bisect.h"

typedef struct corpus {
	bisect_input in;
	uint64_t *begin;
	uint16_t *terms;
	size_t cap;
} corpus;

static void
corpus_begin(corpus *c, uint32_t ndocs, uint32_t nterms)
{
	memset(c, 0, sizeof *c);
	c->in.ndocs = ndocs;
	c->in.nterms = nterms;
	c->begin = calloc((size_t)ndocs + 1, sizeof *c->begin);
	assert_non_null(c->begin);
}

static void
corpus_end(corpus *c)
{
	free(c->begin);
	mem_free(c->terms);
}

static void
corpus_put(corpus *c, uint32_t doc, uint16_t term)
{
	uint64_t at = c->begin[doc + 1] ? c->begin[doc + 1] : c->begin[doc];

	assert_true(mem_grow(&c->terms, &c->cap, at + 1, sizeof *c->terms));
	c->terms[at] = term;
	c->begin[doc + 1] = at + 1;
}

static void
corpus_doc(corpus *c, uint32_t doc)
{
	if (!c->begin[doc + 1])
		c->begin[doc + 1] = c->begin[doc];
}

/* Documents of `topics` topics in turn; of a topic's 40 terms each has about half,
 * and a tenth of 200 that belong to none. */
static void
corpus_topics(corpus *c, uint32_t ndocs, uint32_t topics)
{
	corpus_begin(c, ndocs, 40 * topics + 200);
	for (uint32_t d = 0; d < ndocs; d++) {
		for (uint32_t t = 0; t < 40; t++)
			if (unit_below(2))
				corpus_put(c, d, (uint16_t)(d % topics * 40 + t));
		for (uint32_t t = 0; t < 200; t++)
			if (!unit_below(10))
				corpus_put(c, d, (uint16_t)(topics * 40 + t));
		corpus_doc(c, d);
	}
}

/* bisect_order overwrites the terms: of a copy. */
static cdg_status
corpus_order(const corpus *c, unsigned threads, uint32_t *order, cdg_error *err)
{
	bisect_input in = c->in;
	cdg_status st;

	in.begin = c->begin;
	in.terms = malloc((c->begin[in.ndocs] + 1) * sizeof *in.terms);
	assert_non_null(in.terms);
	if (c->terms)
		memcpy(in.terms, c->terms, c->begin[in.ndocs] * sizeof *in.terms);
	in.threads = threads;
	st = bisect_order(&in, order, err);
	free(in.terms);
	return st;
}

static void
check_permutation(const uint32_t *order, uint32_t n)
{
	uint8_t *seen = calloc((size_t)n + 1, 1);

	for (uint32_t i = 0; i < n; i++) {
		assert_true(order[i] < n);
		assert_false(seen[order[i]]);
		seen[order[i]] = 1;
	}
	free(seen);
}

/* Bits of all gaps, with the documents in this order (NULL: as they come). */
static double
corpus_cost(const corpus *c, const uint32_t *order)
{
	uint32_t *last = calloc(c->in.nterms, sizeof *last);
	double sum = 0;

	for (uint32_t i = 0; i < c->in.ndocs; i++) {
		uint32_t d = order ? order[i] : i;
		for (uint64_t k = c->begin[d]; k < c->begin[d + 1]; k++) {
			sum += log2(i + 1 - last[c->terms[k]]) + 1;
			last[c->terms[k]] = i + 1;
		}
	}
	free(last);
	return sum;
}

/* ---- tests ---------------------------------------------------------- */

static void
test_topics(void **state)
{
	uint32_t *order = malloc(4000 * sizeof *order), near = 0;
	cdg_error err;
	corpus c;

	(void)state;
	corpus_topics(&c, 4000, 16);
	assert_int_equal(corpus_order(&c, 1, order, &err), CDG_OK);
	check_permutation(order, 4000);
	for (uint32_t i = 1; i < 4000; i++)
		near += order[i] % 16 == order[i - 1] % 16;
	print_message("neighbours of one topic: %u of 3999; bits %.0f, were %.0f\n", near, corpus_cost(&c, order),
		      corpus_cost(&c, NULL));
	assert_true(near > 3800);
	assert_true(corpus_cost(&c, order) < 0.75 * corpus_cost(&c, NULL));
	corpus_end(&c);
	free(order);
}

/* Whatever the threads; also with so many that some have nothing to do. */
static void
test_threads(void **state)
{
	static const uint32_t sizes[] = { 0, 1, 32, 33, 65, 100, 1000, 5000 };

	(void)state;
	for (size_t i = 0; i < countof(sizes); i++) {
		uint32_t n = sizes[i], *one = malloc((n + 1) * sizeof *one), *many = malloc((n + 1) * sizeof *many);
		cdg_error err;
		corpus c;
		corpus_topics(&c, n, 1 + unit_below(9));
		assert_int_equal(corpus_order(&c, 1, one, &err), CDG_OK);
		check_permutation(one, n);
		for (unsigned t = 2; t < 20; t += 3) {
			memset(many, 0xff, n * sizeof *many);
			assert_int_equal(corpus_order(&c, t, many, &err), CDG_OK);
			assert_memory_equal(one, many, n * sizeof *one);
		}
		corpus_end(&c);
		free(one);
		free(many);
	}
}

/* Where there is nothing to tell documents apart, they stay as they are. */
static void
test_alike(void **state)
{
	uint32_t order[500];
	cdg_error err;
	corpus c;

	(void)state;
	for (int terms = 0; terms < 3; terms++) {
		corpus_begin(&c, 500, 600);
		for (uint32_t d = 0; d < 500; d++) {
			if (terms == 1) /* all the same, or each its own */
				corpus_put(&c, d, 7);
			if (terms == 2)
				corpus_put(&c, d, (uint16_t)d);
			corpus_doc(&c, d);
		}
		assert_int_equal(corpus_order(&c, 2, order, &err), CDG_OK);
		for (uint32_t i = 0; i < 500; i++)
			assert_int_equal(order[i], i);
		corpus_end(&c);
	}
}

/* The second half has the same documents as the first: copies come together. */
static void
test_twice(void **state)
{
	uint32_t *order = malloc(2048 * sizeof *order), near = 0;
	cdg_error err;
	corpus c, one;

	(void)state;
	corpus_topics(&one, 1024, 8);
	corpus_begin(&c, 2048, one.in.nterms);
	for (uint32_t d = 0; d < 2048; d++) {
		for (uint64_t k = one.begin[d % 1024]; k < one.begin[d % 1024 + 1]; k++)
			corpus_put(&c, d, one.terms[k]);
		corpus_doc(&c, d);
	}
	assert_int_equal(corpus_order(&c, 1, order, &err), CDG_OK);
	check_permutation(order, 2048);
	for (uint32_t i = 1; i < 2048; i++)
		near += order[i] % 8 == order[i - 1] % 8;
	assert_true(near > 1900);
	assert_true(corpus_cost(&c, order) < 0.75 * corpus_cost(&c, NULL));
	corpus_end(&c);
	corpus_end(&one);
	free(order);
}

/* Documents of more terms than are added up at once, every number of them: 53 of one
 * kind, 27 of another, so that one half is all of the first. */
static void
test_long(void **state)
{
	uint32_t order[80], same[2] = { 0 };
	cdg_error err;
	corpus c;

	(void)state;
	corpus_begin(&c, 80, BISECT_TERMS);
	for (uint32_t d = 0; d < 80; d++)
		for (uint32_t t = d % 3 == 0; t < BISECT_TERMS; t += 2)
			corpus_put(&c, d, (uint16_t)t);
	assert_int_equal(corpus_order(&c, 1, order, &err), CDG_OK);
	check_permutation(order, 80);
	for (uint32_t i = 0; i < 80; i++)
		same[i / 40] += order[i] % 3 != 0;
	assert_true(same[0] == 40 || same[1] == 40);
	corpus_end(&c);
}

typedef struct watcher {
	_Atomic bool cancel;
	uint64_t last, calls;
	bool stop;
} watcher;

static void
on_progress(void *ctx, uint64_t done)
{
	watcher *w = ctx;

	w->last = done > w->last ? done : w->last;
	w->calls++;
	if (w->stop)
		w->cancel = true;
}

static void
test_progress(void **state)
{
	enum { DOCS = 40000 };
	uint32_t *order = malloc(DOCS * sizeof *order);
	watcher w = { 0 };
	cdg_error err;
	corpus c;

	(void)state;
	corpus_topics(&c, DOCS, 4);
	c.in.progress = on_progress;
	c.in.progress_ctx = &w;
	c.in.cancel = &w.cancel;
	assert_int_equal(corpus_order(&c, 2, order, &err), CDG_OK);
	print_message("told %lu times, %lu of %lu steps\n", (unsigned long)w.calls, (unsigned long)w.last,
		      (unsigned long)bisect_steps(DOCS));
	assert_true(w.calls > 2 && w.last <= bisect_steps(DOCS) && w.last > bisect_steps(DOCS) / 2);
	w.stop = true;
	assert_int_equal(corpus_order(&c, 2, order, &err), CDG_E_CANCELLED);
	assert_true(strlen(err.message) > 0);
	corpus_end(&c);
	free(order);
}

static void
test_no_memory(void **state)
{
	uint32_t order[600];
	long n;
	corpus c;

	(void)state;
	corpus_topics(&c, 600, 4);
	for (unsigned threads = 1; threads < 4; threads++) {
		for (n = 1; n < 1000; n++) {
			cdg_status st;
			mem_fail_after(n, false);
			st = corpus_order(&c, threads, order, NULL);
			mem_fail_after(0, false);
			if (st == CDG_OK)
				break;
			assert_int_equal(st, CDG_E_NOMEM);
		}
		assert_true(n > 5 && n < 1000);
		check_permutation(order, 600);
	}
	corpus_end(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_topics), cmocka_unit_test(test_threads),	 cmocka_unit_test(test_alike),
		cmocka_unit_test(test_twice),
		cmocka_unit_test(test_long),   cmocka_unit_test(test_progress), cmocka_unit_test(test_no_memory),
	};
	unit_seed("t_bisect");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
