/* t_rank.c - weights: all schemes, one's own, posting sources, places, numbers. */
#include <math.h>

#include "tests/xapian/xtest.h"

static xapc_string s = XAPC_STRING_INIT;
static xapc_writable *w;
static xapc_database *db;

/* Slot 0 a number, 1 a kind, 2 a place. */
static void
fill(void)
{
	static const char *const texts[] = { "law tax", "law law act", "law tax reform of law", "of taxes", "other law x y" };
	static const char *const kinds[] = { "act", "code", "act", "code", "" };
	static const xapc_latlong places[] = { { 52.5, 13.4 }, { 48.1, 11.6 }, { 39.9, 116.4 }, { 50.1, 8.7 }, { 53.6, 10.0 } };
	w = x_memory();
	db = xapc_writable_database(w);
	for (unsigned i = 0; i < 5; i++) {
		char number[9];
		size_t n = xapc_sortable_serialise(5 - i, number);
		xapc_document *doc;
		OK(xapc_database_document(db, x_add(w, texts[i]), 0, &doc, &err));
		OK(xapc_document_set_value(doc, 0, number, n, &err));
		OK(xapc_document_set_value(doc, 1, STR(kinds[i]), &err));
		OK(xapc_latlong_serialise(&places[i], 1, &s, &err));
		OK(xapc_document_set_value(doc, 2, s.data, s.len, &err));
		OK(xapc_writable_replace_document(w, i + 1, doc, &err));
		xapc_document_free(doc);
	}
}

/* The hits as "3:1.25 1:0.5 ..."; frees q. */
static const char *
hits(const xapc_database *in, xapc_query *q, const xapc_weight *weight)
{
	static char got[300];
	xapc_enquire *enq;
	xapc_mset *m;
	OK(xapc_enquire_new(in, &enq, &err));
	OK(xapc_enquire_set_query(enq, q, 0, &err));
	if (weight)
		OK(xapc_enquire_set_weighting(enq, weight, &err));
	OK(xapc_enquire_mset(enq, 0, 10, 10, NULL, NULL, &m, &err));
	got[0] = 0;
	for (xapc_count i = 0; i < xapc_mset_size(m); i++) {
		xapc_docid d;
		double x;
		OK(xapc_mset_docid(m, i, &d, &err));
		OK(xapc_mset_weight(m, i, &x, &err));
		snprintf(got + strlen(got), sizeof got - strlen(got), "%s%u:%g", i ? " " : "", d, x);
	}
	xapc_mset_free(m);
	xapc_enquire_free(enq);
	xapc_query_free(q);
	return got;
}

/* The scheme has this name, comes back from its bytes, and ranks alike then. */
static void
scheme(xapc_weight *weight, const char *name)
{
	xapc_string bytes = XAPC_STRING_INIT;
	xapc_weight *twin;
	char first[300];
	OK(xapc_weight_name(weight, &s, &err));
	assert_text(s, name);
	OK(xapc_weight_serialise(weight, &bytes, &err));
	OK(xapc_weight_unserialise(STR(name), bytes.data, bytes.len, &twin, &err));
	strcpy(first, hits(db, x_term("tax"), weight));
	assert_string_equal(first, hits(db, x_term("tax"), twin));
	assert_true(strlen(first) >= 7);
	xapc_weight_free(weight);
	xapc_weight_free(twin);
	xapc_string_free(&bytes);
}

static void
t_schemes(void **state)
{
	(void)state;
	xapc_weight *x;
	OK(xapc_weight_new_bool(&x, &err));
	scheme(x, "Xapian::BoolWeight");
	OK(xapc_weight_new_coord(&x, &err));
	scheme(x, "Xapian::CoordWeight");
	OK(xapc_weight_new_trad(1, &x, &err));
	scheme(x, "Xapian::TradWeight");
	OK(xapc_weight_new_bm25(1.2, 0, 8, 0.75, 0.5, &x, &err));
	scheme(x, "Xapian::BM25Weight");
	OK(xapc_weight_new_bm25plus(1.2, 0, 8, 0.75, 0.5, 1, &x, &err));
	scheme(x, "Xapian::BM25PlusWeight");
	OK(xapc_weight_new_tfidf(STR("ntn"), &x, &err));
	scheme(x, "Xapian::TfIdfWeight");
	OK(xapc_weight_new_inl2(2, &x, &err));
	scheme(x, "Xapian::InL2Weight");
	OK(xapc_weight_new_ifb2(2, &x, &err));
	scheme(x, "Xapian::IfB2Weight");
	OK(xapc_weight_new_ineb2(2, &x, &err));
	scheme(x, "Xapian::IneB2Weight");
	OK(xapc_weight_new_bb2(2, &x, &err));
	scheme(x, "Xapian::BB2Weight");
	OK(xapc_weight_new_pl2(2, &x, &err));
	scheme(x, "Xapian::PL2Weight");
	OK(xapc_weight_new_pl2plus(2, 0.8, &x, &err));
	scheme(x, "Xapian::PL2PlusWeight");
	OK(xapc_weight_new_dlh(&x, &err));
	scheme(x, "Xapian::DLHWeight");
	OK(xapc_weight_new_dph(&x, &err));
	scheme(x, "Xapian::DPHWeight");
	OK(xapc_weight_new_lm(0, XAPC_SMOOTHING_DIRICHLET, 2000, -1, &x, &err));
	scheme(x, "Xapian::LMWeight");
	FAILS(XAPC_E_INVALID_ARGUMENT, xapc_weight_new_lm(0, (xapc_smoothing)6, 0, 0, &x, &err));
	FAILS(XAPC_E_INVALID_ARGUMENT, xapc_weight_new_tfidf(STR("zzz"), &x, &err));
	FAILS(XAPC_E_INVALID_ARGUMENT, xapc_weight_new_inl2(-1, &x, &err));
	FAILS(XAPC_E_INVALID_ARGUMENT, xapc_weight_unserialise(STR("none"), "", 0, &x, &err));
	FAILS(XAPC_E_SERIALISATION, xapc_weight_unserialise(STR("Xapian::BoolWeight"), "x", 1, &x, &err));
}

/* BM25 as libxapian has it, k1 = 1, b = 0.5, k3 = 1, shortest length 0.5. */
static double
bm25(const xapc_weight_stats *st, double wdf, double length)
{
	double tw = (st->collection - st->termfreq + 0.5) / (st->termfreq + 0.5);
	double norm = length / st->average_length;
	tw = log(tw < 2 ? tw * 0.5 + 1 : tw);
	return st->factor * tw * 2 * wdf * 2 / (0.5 + 0.5 * (norm > 0.5 ? norm : 0.5) + wdf);
}

static double
part(void *ctx, const xapc_weight_stats *st, xapc_count wdf, xapc_count length, xapc_count unique)
{
	(void)ctx;
	return unique ? bm25(st, wdf, length) / 2 : NAN;
}

static double
max_part(void *ctx, const xapc_weight_stats *st)
{
	(void)ctx;
	return bm25(st, st->wdf_max, st->doclength_min) / 2;
}

static double
extra(void *ctx, const xapc_weight_stats *st, xapc_count length, xapc_count unique)
{
	(void)st;
	(void)unique;
	return *(double *)ctx / length;
}

static double
max_extra(void *ctx, const xapc_weight_stats *st)
{
	(void)st;
	return *(double *)ctx;
}

static void
t_own(void **state)
{
	(void)state;
	xapc_weight_callbacks cb = { part, max_part, NULL, NULL, count_free };
	xapc_weight *own, *xapians;
	char first[300];
	double bonus = 4;
	freed = 0;
	OK(xapc_weight_new_callback(&cb, NULL, &own, &err));
	OK(xapc_weight_new_bm25(1, 0, 1, 0.5, 0.5, &xapians, &err));
	strcpy(first, hits(db, x_term("law"), xapians));
	assert_string_equal(hits(db, x_term("law"), own), first);
	strcpy(first, hits(db, x_term("tax"), xapians));
	assert_string_equal(hits(db, x_term("tax"), own), first);
	xapc_weight_free(xapians);
	FAILS(XAPC_E_UNIMPLEMENTED, xapc_weight_serialise(own, &s, &err));
	xapc_weight_free(own);
	assert_int_equal(freed, 1);
	cb.extra = extra;
	FAILS(XAPC_E_INVALID_ARGUMENT, xapc_weight_new_callback(&cb, &bonus, &own, &err));
	assert_int_equal(freed, 2);
	cb.max_extra = max_extra;
	OK(xapc_weight_new_callback(&cb, &bonus, &own, &err));
	assert_string_not_equal(hits(db, x_term("tax"), own), first);
	xapc_weight_free(own);
}

/* Every second document from 1 on, weighing its number. */
struct every {
	int stop;
};

static int
every_init(void *ctx, const xapc_database *shard, xapc_count *min, xapc_count *est, xapc_count *max, double *max_weight)
{
	xapc_count n = 0;
	if (((struct every *)ctx)->stop == 1 || xapc_database_lastdocid(shard, &n, NULL) != XAPC_OK)
		return -1;
	*min = 0;
	*est = *max = n;
	*max_weight = ((struct every *)ctx)->stop == 3 ? 1 : 100;
	return 0;
}

static int
every_next(void *ctx, xapc_docid from, double min_weight, xapc_docid *did, double *weight)
{
	(void)min_weight;
	from |= 1;
	*did = from <= 5 ? from : 0;
	*weight = *did;
	return ((struct every *)ctx)->stop == 2;
}

static void *
every_clone(void *ctx)
{
	struct every *e = malloc(sizeof *e);
	*e = *(struct every *)ctx;
	return e;
}

static void
every_free(void *ctx)
{
	freed++;
	free(ctx);
}

static xapc_query *
every(int stop, int clones)
{
	xapc_source_callbacks cb = { every_init, every_next, clones ? every_clone : NULL, every_free };
	struct every e = { stop };
	xapc_source *src;
	xapc_query *q;
	OK(xapc_source_new_callback(&cb, every_clone(&e), &src, &err));
	OK(xapc_query_source(src, &q, &err));
	xapc_source_free(src);
	return q;
}

static void
every_fails(const xapc_database *in, int stop, int clones, xapc_status want)
{
	xapc_query *q = every(stop, clones);
	xapc_enquire *enq;
	xapc_mset *m;
	OK(xapc_enquire_new(in, &enq, &err));
	OK(xapc_enquire_set_query(enq, q, 0, &err));
	FAILS(want, xapc_enquire_mset(enq, 0, 10, 10, NULL, NULL, &m, &err));
	xapc_enquire_free(enq);
	xapc_query_free(q);
}

static void
t_own_source(void **state)
{
	(void)state;
	xapc_source_callbacks cb = { every_init, NULL, NULL, count_free };
	xapc_source *src;
	xapc_database *both;
	xapc_query *parts[2], *q;
	OK(xapc_database_new(&both, &err));
	OK(xapc_database_add(both, db, &err));
	OK(xapc_database_add(both, db, &err));
	freed = 0;
	assert_string_equal(hits(db, every(0, 0), NULL), "5:5 3:3 1:1");
	assert_int_equal(freed, 1);
	parts[0] = every(0, 1);
	parts[1] = x_term("tax");
	OK(xapc_query_combine(XAPC_OP_FILTER, (const xapc_query *const *)parts, 2, 0, &q, &err));
	xapc_query_free(parts[0]);
	xapc_query_free(parts[1]);
	assert_string_equal(hits(db, q, NULL), "3:3 1:1");
	assert_string_equal(hits(both, every(0, 1), NULL), "9:5 10:5 5:3 6:3 1:1 2:1");
	every_fails(both, 0, 0, XAPC_E_INVALID_OPERATION);
	every_fails(db, 1, 0, XAPC_E_CALLBACK);
	every_fails(db, 2, 0, XAPC_E_CALLBACK);
	every_fails(db, 3, 0, XAPC_E_INVALID_OPERATION);
	xapc_database_free(both);
	freed = 0;
	FAILS(XAPC_E_INVALID_ARGUMENT, xapc_source_new_callback(&cb, NULL, &src, &err));
	assert_int_equal(freed, 1);
}

static xapc_query *
of_source(xapc_source *src)
{
	xapc_query *q;
	OK(xapc_query_source(src, &q, &err));
	xapc_source_free(src);
	return q;
}

static void
t_sources(void **state)
{
	(void)state;
	xapc_source *src;
	OK(xapc_source_new_value(0, &src, &err));
	assert_string_equal(hits(db, of_source(src), NULL), "1:5 2:4 3:3 4:2 5:1");
	OK(xapc_source_new_decreasing_value(0, 1, 0, &src, &err));
	assert_string_equal(hits(db, of_source(src), NULL), "1:5 2:4 3:3 4:2 5:1");
	OK(xapc_source_new_fixed(2.5, &src, &err));
	FAILS(XAPC_E_INVALID_ARGUMENT, xapc_source_map_add(src, STR("x"), 1, &err));
	assert_string_equal(hits(db, of_source(src), NULL), "1:2.5 2:2.5 3:2.5 4:2.5 5:2.5");
	OK(xapc_source_new_value_map(1, 0.5, &src, &err));
	OK(xapc_source_map_add(src, STR("act"), 7, &err));
	OK(xapc_source_map_clear(src, &err));
	OK(xapc_source_map_add(src, STR("code"), 3, &err));
	assert_string_equal(hits(db, of_source(src), NULL), "2:3 4:3 1:0.5 3:0.5");
}

static void
t_places(void **state)
{
	(void)state;
	const xapc_latlong frankfurt = { 50.1, 8.7 }, wrong = { 91, 0 };
	xapc_source *src;
	xapc_keymaker *km;
	xapc_document *doc;
	double metres;
	char near_by[9];
	OK(xapc_latlong_serialise(&frankfurt, 1, &s, &err));
	OK(xapc_latlong_distance(&frankfurt, 1, s.data, s.len, 0, &metres, &err));
	assert_true(metres < 10);
	FAILS(XAPC_E_INVALID_ARGUMENT, xapc_latlong_serialise(&wrong, 1, &s, &err));
	OK(xapc_source_new_latlong(2, &frankfurt, 1, 0, 400000, 1000, 1, &src, &err));
	assert_memory_equal(hits(db, of_source(src), NULL), "4:", 2);
	OK(xapc_document_new(&doc, &err));
	OK(xapc_keymaker_new_latlong(2, &frankfurt, 1, 0, 1000, &km, &err));
	OK(xapc_keymaker_key(km, doc, &s, &err));
	assert_true(xapc_sortable_unserialise(s.data, s.len) == 1000);
	xapc_keymaker_free(km);
	OK(xapc_keymaker_new_latlong(2, &frankfurt, 1, 0, -1, &km, &err));
	OK(xapc_keymaker_key(km, doc, &s, &err));
	assert_text(s, "\xff\xff\xff\xff\xff\xff\xff\xff\xff");
	xapc_document_free(doc);
	OK(xapc_database_document(db, 3, 0, &doc, &err));
	OK(xapc_keymaker_key(km, doc, &s, &err));
	metres = xapc_sortable_unserialise(s.data, s.len);
	assert_true(metres > 7.5e6 && metres < 8.1e6); /* Frankfurt to Beijing */
	xapc_document_free(doc);
	xapc_keymaker_free(km);
	assert_in_range(xapc_sortable_serialise(metres, near_by), 1, 9);
	assert_true(xapc_sortable_unserialise(NULL, 0) < -1e300);
}

static void
t_unicode(void **state)
{
	(void)state;
	assert_true(xapc_unicode_is_wordchar('a'));
	assert_false(xapc_unicode_is_wordchar(' '));
	assert_int_equal(xapc_unicode_category('A'), 1);
	assert_int_equal(xapc_unicode_category(0x7fffffff), 0);
	OK(xapc_unicode_tolower(STR("Größe ÄÖÜ"), &s, &err));
	assert_text(s, "größe äöü");
	OK(xapc_unicode_toupper(STR("über"), &s, &err));
	assert_text(s, "ÜBER");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(t_schemes), cmocka_unit_test(t_own),	 cmocka_unit_test(t_own_source),
		cmocka_unit_test(t_sources), cmocka_unit_test(t_places), cmocka_unit_test(t_unicode),
	};
	fill();
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	xapc_writable_free(w);
	xapc_string_free(&s);
	return failed;
}
