/* t_reference_meta.c - the reference backend: metadata fields, ranges, filters,
 * order, facets, the fall-back, stored documents, and running out of memory.
 */
#include "engine/docmeta.h"
#include "tests/common/ref_fixture.h"

/* ---- metadata --------------------------------------------------------------------------------------- */

static doc_field
f_string(const char *name, const char *s)
{
	return (doc_field){ .name = str(name), .type = DOC_STRING, .string = str(s) };
}

static doc_field
f_number(const char *name, double x)
{
	return (doc_field){ .name = str(name), .type = DOC_NUMBER, .number = x };
}

static doc_field
f_date(const char *name, const char *s)
{
	doc_field f = { .name = str(name), .type = DOC_DATE };

	assert_true(doc_parse_date(s, strlen(s), &f.date));
	return f;
}

static void
add_fields(const char *id, const char *date, const doc_field *fields, size_t n)
{
	document d = { .id = str(id), .text = str("t"), .fields = fields, .nfields = n };

	if (date) {
		d.has_date = doc_parse_date(date, strlen(date), &d.date);
		assert_true(d.has_date);
	}
	d.url = str("https://example.org/a-page");
	assert_int_equal(ref_add(ref, &d, TEXT_LANG_EN, NULL), CDG_OK);
}

static void
add_some(void)
{
	doc_field a[] = { f_string("type", "Basic Law"), f_string("type", "Plan"), f_number("no", 7) };
	doc_field b[] = { f_string("type", "Law Commentary"), f_number("no", 12.5),
			  f_date("signed", "2015-06") };
	doc_field c[] = { f_string("no", "7"), f_date("signed", "2016-01-31") };

	add_fields("a-1", "2015", a, countof(a));
	add_fields("b-2", "2015-06-30", b, countof(b));
	add_fields("C-3", NULL, c, countof(c));
	add_fields("d", "2013-12-31", NULL, 0);
}

static void
t_meta_words(void **state)
{
	(void)state;
	add_some();
	expect(in_field(fold("law"), "type"), "0 1");
	expect(in_field(word("laws", Q_STEM), "type"), ""); /* no stems here */
	expect(in_field(word("law", Q_STEM), "type"), "0 1");
	expect(in_field(strict("law", false), "type"), "");
	expect(in_field(strict("Law", false), "type"), "0 1");
	expect(in_field(prefix("comm", false), "type"), "1");
	expect(lay(in_field(over(Q_PHRASE, fold("basic"), fold("law"), NULL), "type"), 0), "0");
	expect(lay(in_field(over(Q_PHRASE, fold("law"), fold("plan"), NULL), "type"), 0), "");
	expect(in_field(distance(over(Q_ADJ, fold("law"), fold("plan"), NULL), 101), "type"), "0");
	expect(in_field(distance(over(Q_ADJ, fold("law"), fold("plan"), NULL), 100), "type"), "");
	expect_warn(in_field(fold("law"), "typo"), "");
	expect_warn(range("typo", "1", NULL, 0, 0), "");
	expect(in_field(fold("en"), "lang"), "0 1 2 3");
	expect(in_field(fold("example.org"), "url"), "");
	expect(in_field(fold("page"), "url"), "0 1 2 3");
}

static void
t_meta_values(void **state)
{
	(void)state;
	add_some();
	expect(in_field(fold("7"), "no"), "0 2"); /* a number, and a word */
	expect(in_field(fold("7.0"), "no"), "0");
	expect(in_field(fold("12.5"), "no"), "1");
	expect(in_field(word("Basic Law", Q_VALUE), "type"), "0");
	expect(in_field(word("basic law", Q_VALUE), "type"), "");
	expect(in_field(word("7", Q_VALUE), "no"), "0 2");
	expect(in_field(over(Q_SYN, word("Plan", Q_VALUE), word("Law Commentary", Q_VALUE), NULL), "type"),
	       "0 1");
	expect(in_field(over(Q_SYN, fold("7"), fold("12.5"), NULL), "no"), "0 1 2");
	expect(in_field(fold("2015"), "date"), "0 1");
	expect(in_field(fold("2015-06"), "date"), "1");
	expect(in_field(fold("2015-01-01"), "date"), "0"); /* a year is its first day */
	expect(in_field(fold("2015-06-01"), "signed"), "1");
	expect(in_field(word("2015-06-30", Q_VALUE), "date"), "1");
	expect(in_field(word("a-1", Q_VALUE), "id"), "0");
	expect(in_field(fold("C-3"), "id"), "2");
	expect(in_field(fold("c-3"), "id"), "");
	expect(in_field(fold("a"), "id"), "");
}

static void
t_range(void **state)
{
	(void)state;
	add_some();
	expect(range("no", "7", "12.5", 0, 0), "0 1"); /* the string "7" is above "12.5" */
	expect(range("no", "8", NULL, 0, 0), "1");
	expect(range("no", NULL, "12.5", 0, true), "0");
	expect(range("no", "7", NULL, true, 0), "1");
	expect(range("no", NULL, NULL, 0, 0), "0 1 2");
	expect(range("date", "2015", "2015", 0, 0), "0 1");
	expect(range("date", "2015", NULL, true, 0), ""); /* after the last day of 2015 */
	expect(range("date", NULL, "2015", 0, true), "3");
	expect(range("date", "2013-12", "2015-06", 0, 0), "0 1 3");
	expect(range("date", "2015-06-30", "2015-06-30", 0, 0), "1");
	expect(range("date", "2015-06-30", NULL, true, 0), "");
	expect(range("date", "not a date", NULL, 0, 0), "");
	expect(range("type", "Basic", "Law", 0, 0), "0");
	expect(range("type", "Law", "Z", 0, 0), "0 1");
	expect(range("lang", "en", "en", 0, 0), "0 1 2 3");
	expect(range("lang", "en", "fr", true, 0), "");
	expect_warn(range("title", "a", "z", 0, 0), "");
	expect(range("id", "a", "c", 0, true), "0 1"); /* by bytes: C-3 is below */
	expect(range("id", "C-3", "a-1", 0, 0), "0 2");
	expect(range("id", "a-1", NULL, true, 0), "1 3");
	expect(range("id", NULL, NULL, 0, 0), "0 1 2 3");
}

/* A language that has no number is what the document calls it. */
static void
t_lang(void **state)
{
	document d = { .id = str("x"), .text = str("t"), .lang = str("la") };

	(void)state;
	add_some();
	assert_int_equal(ref_add(ref, &d, TEXT_LANG_NONE, NULL), CDG_OK);
	d.lang = str("de-AT");
	assert_int_equal(ref_add(ref, &d, text_lang_id("de-AT", 5), NULL), CDG_OK);
	expect(in_field(fold("la"), "lang"), "4");
	expect(in_field(word("de", Q_VALUE), "lang"), "5");
	expect(in_field(word("de-AT", Q_VALUE), "lang"), "");
}

/* Metadata filters, but adds nothing to scores, nor to the scale. */
static void
t_meta_score(void **state)
{
	search_result plain, with;

	(void)state;
	add_some();
	run(fold("t"), &plain);
	run(over(Q_AND, fold("t"), in_field(fold("law"), "type"), range("no", "10", NULL, 0, 0), NULL), &with);
	assert_int_equal(with.nhits, 1);
	assert_int_equal(with.hits[0].units, plain.hits[1].units);
	search_result_fini(&plain);
	search_result_fini(&with);
	run(in_field(fold("law"), "type"), &plain);
	assert_int_equal(plain.hits[0].units, 0);
	search_result_fini(&plain);
}

static void
t_filters(void **state)
{
	const q_node *filters[2];

	(void)state;
	add_some();
	filters[0] = range("date", "2015", NULL, 0, 0);
	filters[1] = in_field(fold("law"), "type");
	rq.filters = filters;
	rq.nfilters = 1;
	expect(fold("t"), "0 1");
	rq.nfilters = 2;
	expect(over(Q_NOT, fold("t"), in_field(fold("plan"), "type"), NULL), "1");
}

/* ---- results ------------------------------------------------------------------------------------------ */

static void
t_sort(void **state)
{
	sort_key keys[2] = { { SORT_FIELD, false, "no" }, { SORT_FIELD, true, "date" } };
	doc_field e[] = { f_date("no", "2020"), f_number("no", 1) };

	(void)state;
	add_some();
	add_fields("e", "2020-01-01", e, countof(e));
	rq.sort = keys;
	rq.nsort = 1;
	expect(q_new(&tree, Q_ALL, 0), "0 1 4 2 3"); /* 7, 12.5, a date, "7", none */
	keys[0].descending = true;
	expect(q_new(&tree, Q_ALL, 0), "2 4 1 0 3");
	keys[0] = (sort_key){ SORT_FIELD, false, "lang" };
	rq.nsort = 2;
	expect(q_new(&tree, Q_ALL, 0), "4 1 0 3 2");
	keys[0] = (sort_key){ SORT_FIELD, false, "nosuch" };
	expect_warn(q_new(&tree, Q_ALL, 0), "4 1 0 3 2");
	keys[0] = (sort_key){ SORT_SCORE, false, NULL };
	add_text("t t");
	rq.nsort = 1;
	expect(fold("t"), "0 1 2 3 4 5");
	keys[0].descending = true;
	expect(fold("t"), "5 0 1 2 3 4");
	rq.nsort = 0;
	expect(fold("t"), "5 0 1 2 3 4");
	rq.offset = 1;
	rq.limit = 2;
	expect(fold("t"), "0 1");
	rq.offset = 9;
	expect(fold("t"), "");
}

static void
t_facets(void **state)
{
	facet_request want[] = { { .field = "type" }, { .field = "signed" }, { .field = "no", .limit = 1 },
				 { .field = "lang" } };
	doc_field e[] = { f_string("type", "Plan"), f_string("type", "Plan"), f_number("no", 0.1) };
	search_result r;

	(void)state;
	add_some();
	add_fields("e", NULL, e, countof(e));
	rq.facets = want;
	rq.nfacets = countof(want);
	rq.limit = 1;
	run(q_new(&tree, Q_ALL, 0), &r);
	assert_int_equal(r.nfacets, 4);
	assert_int_equal(r.facets[0].n, 3);
	assert_string_equal(r.facets[0].values[0].value, "Plan"); /* listed twice, counted once */
	assert_int_equal(r.facets[0].values[0].count, 2);
	assert_string_equal(r.facets[0].values[1].value, "Basic Law");
	assert_string_equal(r.facets[1].values[0].value, "2015-06");
	assert_string_equal(r.facets[1].values[1].value, "2016-01-31");
	assert_int_equal(r.facets[2].n, 1);
	assert_string_equal(r.facets[2].values[0].value, "7"); /* the number and the string */
	assert_int_equal(r.facets[2].values[0].count, 2);
	assert_string_equal(r.facets[3].values[0].value, "en");
	assert_int_equal(r.facets[3].values[0].count, 5);
	search_result_fini(&r);
}

static void
t_relaxed(void **state)
{
	search_result r;
	q_node *any;

	(void)state;
	add_some();
	add_text("a b x x");
	add_text("a b c x");
	add_text("c d");
	any = over(Q_OR, fold("a"), fold("b"), fold("c"), fold("d"), NULL);
	rq.relaxed = any;
	run(over(Q_AND, fold("a"), fold("b"), fold("c"), fold("d"), NULL), &r);
	assert_true(r.relaxed);
	assert_int_equal(r.relaxed_matched, 3);
	assert_int_equal(r.relaxed_of, 4);
	assert_int_equal(r.total, 1);
	assert_int_equal(r.hits[0].doc, 5);
	search_result_fini(&r);
	/* mandatory parts stay: not document 5 */
	rq.relaxed = over(Q_NOT, over(Q_AND, any, in_field(fold("en"), "lang"), NULL),
			  lay(over(Q_PHRASE, fold("b"), fold("c"), NULL), 0), NULL);
	expect(q_new(&tree, Q_NONE, 0), "6 4");
	/* no need when the root finds something, no use when nothing matches */
	run(fold("a"), &r);
	assert_false(r.relaxed);
	assert_int_equal(r.total, 2);
	search_result_fini(&r);
	rq.relaxed = over(Q_OR, fold("zz"), fold("yy"), NULL);
	run(fold("xx"), &r);
	assert_false(r.relaxed);
	assert_int_equal(r.total, 0);
	search_result_fini(&r);
}

static void
t_stored(void **state)
{
	backend *b = ref_backend(ref);
	buf meta = { 0 }, text = { 0 };
	docmeta m;
	docmeta_value v;

	(void)state;
	add_some();
	assert_int_equal(b->ops->stored(b, 1, &meta, &text, NULL), CDG_OK);
	assert_true(docmeta_parse(&m, meta.p, meta.len));
	assert_int_equal(m.id_len, 3);
	assert_memory_equal(m.id, "b-2", 3);
	assert_memory_equal(m.lang, "en", 2);
	assert_true(m.has_date);
	assert_int_equal(m.nfields, 3);
	assert_true(docmeta_next(&m, &v));
	assert_string_equal(ref_field_name(ref, v.field), "type");
	assert_true(docmeta_next(&m, &v));
	assert_int_equal(v.field, 3); /* "no" came second */
	assert_true(v.number == 12.5);
	assert_true(docmeta_next(&m, &v));
	assert_int_equal(v.precision, DOC_MONTH);
	assert_string_equal(buf_cstr(&text), "t");
	buf_fini(&meta);
	buf_fini(&text);
	assert_int_equal(b->ops->langs(b), 1 << TEXT_LANG_EN);
}

/* The n-th allocation fails, for each n: an error and no leak. */
static void
t_memory(void **state)
{
	q_node *root = over(Q_OR, word("reform", Q_STEM), prefix("a", false),
			    lay(over(Q_PHRASE, fold("a"), fold("b"), NULL), 2),
			    distance(over(Q_NEAR, fold("a"), fold("b"), NULL), 4), NULL);
	backend *b = ref_backend(ref);
	facet_request facet = { .field = "type" };
	cdg_status st = CDG_E_NOMEM;

	(void)state;
	for (long n = 1; st != CDG_OK; n++) {
		document d = { .id = str("x"), .title = str("a reform"), .text = str("a b a b") };
		mem_fail_after(n, true);
		st = ref_add(ref, &d, TEXT_LANG_EN, NULL);
		mem_fail_after(0, false);
		assert_true(st == CDG_OK || st == CDG_E_NOMEM);
		assert_int_equal(ref_ndocs(ref), st == CDG_OK);
	}
	add_some();
	rq.root = root;
	rq.facets = &facet;
	rq.nfacets = 1;
	st = CDG_E_NOMEM;
	for (long n = 1; st != CDG_OK; n++) {
		search_result r;
		mem_fail_after(n, true);
		st = b->ops->search(b, &rq, &r, NULL);
		mem_fail_after(0, false);
		assert_true(st == CDG_OK || st == CDG_E_NOMEM);
		if (st == CDG_OK) {
			assert_int_equal(r.hits[0].doc, 0);
			search_result_fini(&r);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(t_meta_words), T(t_meta_values), T(t_range), T(t_lang), T(t_meta_score), T(t_filters),
		T(t_sort), T(t_facets), T(t_relaxed), T(t_stored), T(t_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
