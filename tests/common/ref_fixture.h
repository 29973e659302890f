/* ref_fixture.h - a small reference index, trees made by hand, and what a search
 * over them must give.  Included once by each test of the reference backend.
 */
#ifndef TESTS_COMMON_REF_FIXTURE_H
#define TESTS_COMMON_REF_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "backend/reference.h"

/* ---- a small index and a tree, made anew by each test ------------------------ */

CDG_UNUSED static ref_index *ref;
static ast tree;
static search_request rq;

CDG_UNUSED static int
setup(void **state)
{
	(void)state;
	ref = ref_new(NULL);
	ast_init(&tree);
	memset(&rq, 0, sizeof rq);
	rq.limit = 100;
	rq.bm25 = (bm25_params){ 1.2f, 0.75f };
	rq.title_weight = 1;
	rq.want_total = true;
	return ref ? 0 : -1;
}

CDG_UNUSED static int
teardown(void **state)
{
	(void)state;
	ref_backend(ref)->ops->close(ref_backend(ref));
	ast_fini(&tree);
	return 0;
}

CDG_UNUSED static doc_str
str(const char *s)
{
	return (doc_str){ s, s ? strlen(s) : 0 };
}

CDG_UNUSED static void
add_doc(const char *title, const char *text)
{
	document d = { .id = str("id"), .title = str(title), .text = str(text) };

	assert_int_equal(ref_add(ref, &d, TEXT_LANG_EN, NULL), CDG_OK);
}

CDG_UNUSED static void
add_text(const char *text)
{
	add_doc(NULL, text);
}

CDG_UNUSED static q_node *
word(const char *term, q_mode mode)
{
	q_node *q = q_word(&tree, term, strlen(term), mode);

	assert_non_null(q);
	return q;
}

CDG_UNUSED static q_node *
fold(const char *term)
{
	return word(term, Q_FOLD);
}

/* The term is the lower case of raw, ASCII only. */
CDG_UNUSED static q_node *
strict(const char *raw, bool hyphen)
{
	char low[64];
	size_t n = strlen(raw);
	q_node *q;

	for (size_t i = 0; i <= n; i++)
		low[i] = (char)(raw[i] >= 'A' && raw[i] <= 'Z' ? raw[i] | 0x20 : raw[i]);
	q = word(low, Q_STRICT);
	q->raw = raw;
	q->hyphen = hyphen;
	return q;
}

CDG_UNUSED static q_node *
prefix(const char *term, bool cjk1)
{
	q_node *q = q_new(&tree, Q_PREFIX, 0);

	q->term = term;
	q->term_len = strlen(term);
	q->cjk1 = cjk1;
	return q;
}

CDG_UNUSED static q_node *
in_field(q_node *q, const char *field)
{
	for (size_t i = 0; i < q->nchild; i++)
		in_field(q->child[i], field);
	q->field = field;
	return q;
}

CDG_UNUSED static q_node *
boosted(q_node *q, float boost)
{
	q->boost = boost;
	return q;
}

/* Children up to a NULL. */
CDG_UNUSED static q_node *
over(q_type type, q_node *first, ...)
{
	q_node *list[16], *q = first;
	size_t n = 0;
	va_list ap;

	va_start(ap, first);
	for (; q; q = va_arg(ap, q_node *))
		list[n++] = q;
	va_end(ap);
	q = q_new(&tree, type, n);
	assert_non_null(q);
	for (size_t i = 0; i < n; i++)
		q->child[i] = list[i];
	return q;
}

/* Slots one after the other, as their widths say. */
CDG_UNUSED static q_node *
lay(q_node *phrase, uint32_t slop)
{
	uint32_t at = 0;

	for (size_t i = 0; i < phrase->nchild; i++) {
		phrase->child[i]->offset = at;
		at += q_width(phrase->child[i]);
	}
	phrase->n = slop;
	return phrase;
}

CDG_UNUSED static q_node *
distance(q_node *q, uint32_t n)
{
	q->n = n;
	return q;
}

CDG_UNUSED static q_node *
range(const char *field, const char *lo, const char *hi, bool lo_open, bool hi_open)
{
	q_node *q = q_new(&tree, Q_RANGE, 0);

	q->field = field;
	q->lo = lo;
	q->hi = hi;
	q->lo_open = lo_open;
	q->hi_open = hi_open;
	return q;
}

/* ---- what is expected ------------------------------------------------------------ */

CDG_UNUSED static void
run(const q_node *root, search_result *r)
{
	backend *b = ref_backend(ref);

	rq.root = root;
	assert_int_equal(b->ops->search(b, &rq, r, NULL), CDG_OK);
}

/* Documents in order of rank, as "3 1 2". */
CDG_UNUSED static void
expect_at(int line, const q_node *root, const char *docs, size_t warnings)
{
	search_result r;
	char got[256] = "";
	size_t n = 0;

	run(root, &r);
	for (size_t i = 0; i < r.nhits; i++)
		n += (size_t)snprintf(got + n, sizeof got - n, "%s%u", i ? " " : "",
				      (unsigned)r.hits[i].doc);
	if (strcmp(got, docs) != 0)
		fail_msg("line %d: got '%s', wanted '%s'", line, got, docs);
	if (r.nwarnings != warnings)
		fail_msg("line %d: %zu warnings, wanted %zu", line, r.nwarnings, warnings);
	if (!rq.offset && rq.limit == 100)
		assert_int_equal(r.total, r.nhits);
	assert_true(r.total_exact);
	search_result_fini(&r);
}
#define expect(root, docs) expect_at(__LINE__, root, docs, 0)
#define expect_warn(root, docs) expect_at(__LINE__, root, docs, 1)

/* Places in a document, as "0-2 5-6". */
CDG_UNUSED static void
places_at(int line, const q_node *root, uint64_t doc, const char *want)
{
	backend *b = ref_backend(ref);
	search_span *spans;
	char got[256] = "";
	size_t n, at = 0;

	rq.root = root;
	assert_int_equal(b->ops->spans(b, &rq, doc, &spans, &n, NULL), CDG_OK);
	for (size_t i = 0; i < n; i++)
		at += (size_t)snprintf(got + at, sizeof got - at, "%s%u-%u", i ? " " : "",
				       spans[i].start, spans[i].end);
	mem_free(spans);
	if (strcmp(got, want) != 0)
		fail_msg("line %d: got '%s', wanted '%s'", line, got, want);
}
#define places(root, doc, want) places_at(__LINE__, root, doc, want)

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

#endif
