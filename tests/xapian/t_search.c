/* t_search.c - searches, what they find, and what looks on meanwhile. */
#include <math.h>

#include "tests/xapian/xtest.h"

static xapc_string s = XAPC_STRING_INIT;
static xapc_writable *w;
static xapc_database *db;

/* Documents 1..6 of "law" and other words; slot 0 a kind, slot 1 a number. */
static void
fill(void)
{
	static const char *const texts[] = { "law tax",	     "law law act",	   "law tax reform",
					     "law of taxes", "law law law reform", "other" };
	static const char *const kinds[] = { "act", "code", "act", "", "code", "act" };
	w = x_memory();
	db = xapc_writable_database(w);
	for (int i = 0; i < 6; i++) {
		char number[9];
		size_t n = xapc_sortable_serialise((i * 7) % 5, number);
		xapc_document *doc;
		OK(xapc_database_document(db, x_add(w, texts[i]), 0, &doc, &err));
		OK(xapc_document_set_value(doc, 0, STR(kinds[i]), &err));
		OK(xapc_document_set_value(doc, 1, number, n, &err));
		OK(xapc_writable_replace_document(w, i + 1, doc, &err));
		xapc_document_free(doc);
	}
}

static xapc_enquire *
enquire(const char *term)
{
	xapc_enquire *enq;
	xapc_query *q = x_term(term);
	OK(xapc_enquire_new(db, &enq, &err));
	OK(xapc_enquire_set_query(enq, q, 0, &err));
	xapc_query_free(q);
	return enq;
}

static xapc_mset *
mset(xapc_enquire *enq)
{
	xapc_mset *m;
	OK(xapc_enquire_mset(enq, 0, 10, 10, NULL, NULL, &m, &err));
	return m;
}

/* The numbers of the hits, in order. */
static const char *
order(xapc_mset *m)
{
	static char got[100];
	got[0] = 0;
	for (xapc_count i = 0; i < xapc_mset_size(m); i++) {
		xapc_docid d;
		OK(xapc_mset_docid(m, i, &d, &err));
		snprintf(got + strlen(got), sizeof got - strlen(got), "%s%u", i ? " " : "", d);
	}
	xapc_mset_free(m);
	return got;
}

static void
t_mset(void **state)
{
	(void)state;
	xapc_enquire *enq = enquire("law");
	xapc_query *q;
	xapc_mset *m;
	xapc_matches n;
	xapc_count c;
	xapc_docid d;
	xapc_document *doc;
	xapc_terms *t;
	double x, y;
	int percent;
	OK(xapc_enquire_query(enq, &q, &err));
	OK(xapc_query_describe(q, &s, &err));
	assert_text(s, "Query(law)");
	xapc_query_free(q);
	OK(xapc_enquire_describe(enq, &s, &err));
	OK(xapc_enquire_mset(enq, 1, 2, 10, NULL, NULL, &m, &err));
	assert_int_equal(xapc_mset_size(m), 2);
	assert_int_equal(xapc_mset_first(m), 1);
	OK(xapc_mset_matches(m, &n, &err));
	assert_int_equal(n.lower, 5);
	assert_int_equal(n.estimated, 5);
	assert_int_equal(n.upper, 5);
	assert_int_equal(n.uncollapsed_lower, 5);
	xapc_mset_free(m);
	m = mset(enq);
	OK(xapc_mset_docid(m, 0, &d, &err));
	assert_int_equal(d, 5);
	OK(xapc_mset_weight(m, 0, &x, &err));
	assert_true(x == xapc_mset_max_attained(m));
	assert_true(x <= xapc_mset_max_possible(m));
	OK(xapc_mset_weight(m, 1, &y, &err));
	assert_true(y < x);
	OK(xapc_mset_percent(m, x, &percent, &err));
	assert_int_equal(percent, 100);
	OK(xapc_mset_termfreq(m, STR("law"), &c, &err));
	assert_int_equal(c, 5);
	OK(xapc_mset_termweight(m, STR("law"), &x, &err));
	assert_true(x > 0);
	FAILS(XAPC_E_INVALID_ARGUMENT, xapc_mset_termweight(m, STR("other"), &x, &err));
	FAILS(XAPC_E_RANGE, xapc_mset_docid(m, 5, &d, &err));
	FAILS(XAPC_E_RANGE, xapc_mset_fetch(m, 4, 2, &err));
	FAILS(XAPC_E_RANGE, xapc_mset_fetch(m, 0, (xapc_count)-1, &err));
	OK(xapc_mset_fetch(m, 0, 5, &err));
	OK(xapc_mset_fetch(m, 0, 0, &err));
	OK(xapc_enquire_matching_terms(enq, 5, &t, &err));
	assert_string_equal(x_terms(t), "law");
	xapc_enquire_free(enq);
	OK(xapc_mset_document(m, 4, &doc, &err));
	OK(xapc_mset_snippet(m, STR("The law & its reform"), 100, NULL, XAPC_SNIPPET_EXHAUSTIVE, STR("["), STR("]"),
			     STR("..."), &s, &err));
	assert_text(s, "The [law] &amp; its reform");
	OK(xapc_mset_describe(m, &s, &err));
	xapc_mset_free(m);
	OK(xapc_document_data(doc, &s, &err));
	assert_text(s, "law of taxes");
	xapc_document_free(doc);
}

static void
t_settings(void **state)
{
	(void)state;
	xapc_enquire *enq = enquire("law");
	xapc_mset *m;
	xapc_weight *bool_weight;
	xapc_matches n;
	xapc_count c;
	OK(xapc_weight_new_bool(&bool_weight, &err));
	OK(xapc_enquire_set_cutoff(enq, 80, 0, &err));
	assert_string_equal(order(mset(enq)), "5 2");
	OK(xapc_enquire_set_cutoff(enq, 0, 0, &err));
	OK(xapc_enquire_set_weighting(enq, bool_weight, &err));
	xapc_weight_free(bool_weight);
	OK(xapc_enquire_set_docid_order(enq, XAPC_DESCENDING, &err));
	assert_string_equal(order(mset(enq)), "5 4 3 2 1");
	OK(xapc_enquire_set_docid_order(enq, XAPC_ASCENDING, &err));
	assert_string_equal(order(mset(enq)), "1 2 3 4 5");
	FAILS(XAPC_E_INVALID_ARGUMENT, xapc_enquire_set_docid_order(enq, (xapc_docid_order)5, &err));
	OK(xapc_enquire_sort_by_value(enq, 1, 0, XAPC_SORT_ALONE, &err)); /* 0 2 4 1 3 */
	assert_string_equal(order(mset(enq)), "1 4 2 5 3");
	OK(xapc_enquire_sort_by_value(enq, 1, 1, XAPC_SORT_THEN_RELEVANCE, &err));
	assert_string_equal(order(mset(enq)), "3 5 2 4 1");
	m = mset(enq);
	OK(xapc_mset_sort_key(m, 0, &s, &err));
	assert_true(xapc_sortable_unserialise(s.data, s.len) == 4);
	xapc_mset_free(m);
	OK(xapc_enquire_sort_by_value(enq, 1, 1, XAPC_SORT_AFTER_RELEVANCE, &err));
	assert_string_equal(order(mset(enq)), "3 5 2 4 1");
	FAILS(XAPC_E_INVALID_ARGUMENT, xapc_enquire_sort_by_value(enq, 1, 1, (xapc_sort)9, &err));
	OK(xapc_enquire_sort_by_relevance(enq, &err));
	OK(xapc_enquire_set_collapse(enq, 0, 1, &err));
	m = mset(enq);
	OK(xapc_mset_collapse_key(m, 0, &s, &err));
	assert_text(s, "act");
	OK(xapc_mset_collapse_count(m, 0, &c, &err));
	assert_int_equal(c, 1);
	OK(xapc_mset_matches(m, &n, &err));
	assert_int_equal(n.uncollapsed_upper, 5);
	assert_string_equal(order(m), "1 2 4");
	OK(xapc_enquire_set_collapse(enq, XAPC_NO_SLOT, 1, &err));
	OK(xapc_enquire_set_time_limit(enq, 10, &err));
	assert_string_equal(order(mset(enq)), "1 2 3 4 5");
	xapc_enquire_free(enq);
}

/* Those of even number; stops at 3 if ctx says so. */
static int
even(void *ctx, const xapc_document *doc)
{
	xapc_docid d;
	if (xapc_document_docid(doc, &d, NULL) != XAPC_OK || (*(int *)ctx && d == 3))
		return -1;
	return d % 2 == 0;
}

static void
t_decider(void **state)
{
	(void)state;
	xapc_enquire *enq = enquire("law");
	xapc_decider *d;
	xapc_mset *m;
	int stop = 0;
	freed = 0;
	OK(xapc_decider_new_callback(even, &stop, count_free, &d, &err));
	OK(xapc_enquire_mset(enq, 0, 10, 0, NULL, d, &m, &err));
	assert_string_equal(order(m), "2 4");
	stop = 1;
	FAILS(XAPC_E_CALLBACK, xapc_enquire_mset(enq, 0, 10, 0, NULL, d, &m, &err));
	assert_null(m);
	FAILS(XAPC_E_INVALID_ARGUMENT, xapc_decider_add_value(d, STR("x"), &err));
	xapc_decider_free(d);
	assert_int_equal(freed, 1);
	OK(xapc_decider_new_values(0, 1, &d, &err));
	OK(xapc_decider_add_value(d, STR("act"), &err));
	OK(xapc_decider_add_value(d, STR("code"), &err));
	OK(xapc_decider_remove_value(d, STR("code"), &err));
	OK(xapc_enquire_mset(enq, 0, 10, 0, NULL, d, &m, &err));
	assert_string_equal(order(m), "1 3");
	xapc_decider_free(d);
	FAILS(XAPC_E_INVALID_ARGUMENT, xapc_decider_new_callback(NULL, NULL, NULL, &d, &err));
	xapc_enquire_free(enq);
}

static int
sum(void *ctx, const xapc_document *doc, double weight)
{
	double *total = ctx;
	(void)doc;
	*total += weight;
	return *total > 1e6;
}

/* values with their counts: "act 2|code 2" */
static const char *
counts(xapc_terms *t)
{
	static char got[200];
	got[0] = 0;
	while (xapc_terms_next(t, &err) == XAPC_OK) {
		xapc_count n;
		OK(xapc_terms_termfreq(t, &n, &err));
		snprintf(got + strlen(got), sizeof got - strlen(got), "%s%s %u", *got ? "|" : "",
			 xapc_terms_term(t, NULL), n);
	}
	xapc_terms_free(t);
	return got;
}

static void
t_spy(void **state)
{
	(void)state;
	xapc_enquire *enq = enquire("law");
	xapc_matchspy *facet, *more, *add;
	xapc_terms *t;
	xapc_mset *m;
	size_t n;
	double total = 0;
	freed = 0;
	OK(xapc_matchspy_new_valuecount(0, &facet, &err));
	OK(xapc_matchspy_new_callback(sum, &total, count_free, &add, &err));
	OK(xapc_enquire_add_matchspy(enq, facet, &err));
	OK(xapc_enquire_add_matchspy(enq, add, &err));
	xapc_mset_free(mset(enq));
	OK(xapc_matchspy_total(facet, &n, &err));
	assert_int_equal(n, 5);
	assert_true(total > 0);
	OK(xapc_matchspy_values(facet, &t, &err));
	assert_string_equal(counts(t), "act 2|code 2");
	OK(xapc_matchspy_new_valuecount(0, &more, &err));
	OK(xapc_matchspy_serialise_results(facet, &s, &err));
	OK(xapc_matchspy_merge_results(more, s.data, s.len, &err));
	OK(xapc_matchspy_merge_results(more, s.data, s.len, &err));
	OK(xapc_matchspy_top_values(more, 1, &t, &err));
	assert_string_equal(counts(t), "act 4");
	FAILS(XAPC_E_INVALID_ARGUMENT, xapc_matchspy_total(add, &n, &err));
	total = 1e6;
	FAILS(XAPC_E_CALLBACK, xapc_enquire_mset(enq, 0, 10, 10, NULL, NULL, &m, &err));
	xapc_matchspy_free(add);
	assert_int_equal(freed, 0);
	OK(xapc_enquire_clear_matchspies(enq, &err));
	assert_int_equal(freed, 1);
	xapc_matchspy_free(facet);
	xapc_matchspy_free(more);
	xapc_enquire_free(enq);
}

/* The first byte of the data last; stops at "other". */
static int
key(void *ctx, const xapc_document *doc, xapc_string *out)
{
	char number[20];
	xapc_docid d;
	(void)ctx;
	if (xapc_document_docid(doc, &d, NULL) != XAPC_OK || d == 6)
		return 1;
	snprintf(number, sizeof number, "%u", 5 - d);
	return xapc_string_set(out, number, XAPC_NUL, NULL) != XAPC_OK;
}

static void
t_keymaker(void **state)
{
	(void)state;
	xapc_enquire *enq = enquire("law");
	xapc_keymaker *km;
	xapc_document *doc;
	xapc_mset *m;
	freed = 0;
	OK(xapc_keymaker_new_values(&km, &err));
	OK(xapc_keymaker_add_value(km, 0, 0, STR("zz"), &err));
	OK(xapc_keymaker_add_value(km, 1, 1, NULL, 0, &err));
	OK(xapc_enquire_sort_by_key(enq, km, 0, XAPC_SORT_ALONE, &err));
	xapc_keymaker_free(km);
	assert_string_equal(order(mset(enq)), "3 1 5 2 4");
	OK(xapc_keymaker_new_callback(key, NULL, count_free, &km, &err));
	OK(xapc_enquire_sort_by_key(enq, km, 0, XAPC_SORT_THEN_RELEVANCE, &err));
	assert_string_equal(order(mset(enq)), "5 4 3 2 1");
	OK(xapc_enquire_sort_by_key(enq, km, 1, XAPC_SORT_AFTER_RELEVANCE, &err));
	assert_string_equal(order(mset(enq)), "5 2 1 3 4");
	FAILS(XAPC_E_INVALID_ARGUMENT, xapc_enquire_sort_by_key(enq, km, 1, (xapc_sort)-1, &err));
	FAILS(XAPC_E_INVALID_ARGUMENT, xapc_keymaker_add_value(km, 0, 0, "", 0, &err));
	OK(xapc_database_document(db, 2, 0, &doc, &err));
	OK(xapc_keymaker_key(km, doc, &s, &err));
	assert_text(s, "3");
	xapc_document_free(doc);
	xapc_enquire_free(enq);
	enq = enquire("other");
	OK(xapc_enquire_sort_by_key(enq, km, 0, XAPC_SORT_ALONE, &err));
	FAILS(XAPC_E_CALLBACK, xapc_enquire_mset(enq, 0, 10, 0, NULL, NULL, &m, &err));
	xapc_enquire_free(enq);
	xapc_keymaker_free(km);
	assert_int_equal(freed, 1);
}

static int
not_reform(void *ctx, const char *term, size_t n)
{
	return *(int *)ctx ? -1 : !(n == 6 && !memcmp(term, "reform", 6));
}

static const char *
expansion(xapc_enquire *enq, xapc_rset *r, int flags, xapc_expanddecider *d)
{
	static char got[200];
	xapc_eset *e;
	double last = 1e9;
	OK(xapc_enquire_eset(enq, 10, r, flags, d, 0, &e, &err));
	assert_true(xapc_eset_bound(e) >= xapc_eset_size(e));
	got[0] = 0;
	for (xapc_count i = 0; i < xapc_eset_size(e); i++) {
		double x;
		OK(xapc_eset_weight(e, i, &x, &err));
		assert_true(x <= last && x > 0);
		last = x;
		OK(xapc_eset_term(e, i, &s, &err));
		snprintf(got + strlen(got), sizeof got - strlen(got), "%s%s", i ? " " : "", s.data);
	}
	FAILS(XAPC_E_RANGE, xapc_eset_term(e, xapc_eset_size(e), &s, &err));
	xapc_eset_free(e);
	xapc_expanddecider_free(d);
	return got;
}

static void
t_eset(void **state)
{
	(void)state;
	xapc_enquire *enq = enquire("law");
	xapc_rset *r;
	xapc_eset *e;
	xapc_expanddecider *a, *b, *both;
	xapc_mset *m;
	const xapc_bytes reject = { "tax", 3 };
	int stop = 0;
	freed = 0;
	OK(xapc_rset_new(&r, &err));
	OK(xapc_rset_add(r, 3, &err));
	OK(xapc_rset_add(r, 4, &err));
	OK(xapc_rset_remove(r, 4, &err));
	assert_true(xapc_rset_contains(r, 3));
	assert_false(xapc_rset_contains(r, 4));
	assert_int_equal(xapc_rset_size(r), 1);
	FAILS(XAPC_E_INVALID_ARGUMENT, xapc_rset_add(r, 0, &err));
	OK(xapc_enquire_mset(enq, 0, 10, 0, r, NULL, &m, &err));
	assert_string_equal(order(m), "5 2 1 3 4");
	assert_string_equal(expansion(enq, r, 0, NULL), "tax reform");
	OK(xapc_enquire_set_expansion(enq, STR("bo1"), 0, &err));
	assert_non_null(strstr(expansion(enq, r, XAPC_ESET_INCLUDE_QUERY_TERMS | XAPC_ESET_EXACT_TERMFREQ, NULL),
			       "reform"));
	OK(xapc_enquire_set_expansion(enq, STR("trad"), 1, &err));
	FAILS(XAPC_E_INVALID_ARGUMENT, xapc_enquire_set_expansion(enq, STR("none"), 1, &err));
	OK(xapc_expanddecider_new_reject(&reject, 1, &a, &err));
	assert_string_equal(expansion(enq, r, 0, a), "reform");
	OK(xapc_expanddecider_new_prefix(STR("ta"), &a, &err));
	assert_string_equal(expansion(enq, r, 0, a), "tax");
	OK(xapc_expanddecider_new_prefix(STR(""), &a, &err));
	OK(xapc_expanddecider_new_callback(not_reform, &stop, count_free, &b, &err));
	OK(xapc_expanddecider_new_and(a, b, &both, &err));
	xapc_expanddecider_free(a);
	xapc_expanddecider_free(b);
	assert_int_equal(freed, 0);
	stop = 1;
	FAILS(XAPC_E_CALLBACK, xapc_enquire_eset(enq, 10, r, 0, both, 0, &e, &err));
	stop = 0;
	assert_string_equal(expansion(enq, r, 0, both), "tax");
	assert_int_equal(freed, 1);
	xapc_rset_free(r);
	xapc_enquire_free(enq);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(t_mset), cmocka_unit_test(t_settings), cmocka_unit_test(t_decider),
		cmocka_unit_test(t_spy),  cmocka_unit_test(t_keymaker), cmocka_unit_test(t_eset),
	};
	fill();
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	xapc_writable_free(w);
	xapc_string_free(&s);
	return failed;
}
