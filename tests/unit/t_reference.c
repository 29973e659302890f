/* t_reference.c - the reference backend against what its documentation says:
 * words, phrases, NEAR, boolean nodes, scores; a few small documents and
 * hand-made trees a rule, scores computed here.
 */
#include "engine/doctab.h"
#include "indexer/analyze.h"
#include "tests/common/ref_fixture.h"

/* ---- words -------------------------------------------------------------------------- */

static void
t_fold(void **state)
{
	(void)state;
	add_text("The reforms were adopted");
	add_text("Reform of the REFORM");
	add_text("une réforme, la Reforme");
	expect(fold("reform"), "1");
	expect(fold("reforme"), "2");
	expect(fold("réforme"), "2");
	places(fold("reforme"), 2, "1-2 3-4");
	places(fold("reform"), 1, "0-1 3-4");
	expect(fold("nothing"), "");
}

static void
t_stem(void **state)
{
	document d = { .id = str("x"), .text = str("die Reformen") };

	(void)state;
	add_text("reforms reforming");
	add_text("reform");
	add_text("unrelated");
	assert_int_equal(ref_add(ref, &d, text_lang_id("de", 2), NULL), CDG_OK);
	places(word("reform", Q_STEM), 0, "0-1 1-2");
	places(word("reform", Q_STEM), 3, "1-2"); /* its German stem is reform too */
	expect(word("reformed", Q_STEM), "0 1 3");
	/* German alone takes -en off, not -ing */
	rq.langs = (uint64_t)1 << text_lang_id("de", 2);
	expect(word("reforming", Q_STEM), "");
	expect(word("reformen", Q_STEM), "0 1 3");
	rq.langs = 1; /* no stemmer at all: the fold */
	expect(word("reforming", Q_STEM), "");
	expect(word("reform", Q_STEM), "0 1 3");
}

/* A word's stems are also those of the words that differ in accents only. */
static void
t_stem_accents(void **state)
{
	document d = { .id = str("x"), .text = str("les mesures adoptées") };

	(void)state;
	assert_int_equal(ref_add(ref, &d, text_lang_id("fr", 2), NULL), CDG_OK);
	d.text = str("adopté");
	assert_int_equal(ref_add(ref, &d, text_lang_id("fr", 2), NULL), CDG_OK);
	expect(word("adoptées", Q_STEM), "1 0");
	expect(word("adoptees", Q_STEM), "1 0");
	expect(in_field(word("adoptees", Q_STEM), "title"), "");
}

static void
t_strict(void **state)
{
	(void)state;
	add_text("The US told us");
	add_text("us and them");
	add_text("top-level design");
	add_text("top level design");
	expect(strict("US", false), "0");
	expect(strict("us", false), "1 0");
	expect(strict("Us", false), "");
	places(strict("us", false), 0, "3-4");
	/* the hyphen is asked inside a phrase, not of the last word */
	expect(lay(over(Q_PHRASE, strict("top", true), strict("level", false), NULL), 0), "2");
	expect(lay(over(Q_PHRASE, strict("top", false), strict("level", false), NULL), 0), "3");
	expect(lay(over(Q_PHRASE, strict("level", false), strict("design", true), NULL), 0), "2 3");
	expect(strict("top", true), "2 3");
	/* the joined form is written with a hyphen, so it is not "toplevel" */
	expect(strict("toplevel", false), "");
	expect(fold("toplevel"), "2");
}

static void
t_prefix(void **state)
{
	(void)state;
	add_text("governance of government");
	add_text("to govern");
	add_text("Égalité");
	add_text("no-government zone");
	add_text("nogo");
	places(prefix("govern", false), 0, "0-1 2-3");
	expect(prefix("govern", false), "0 1 3");
	expect(prefix("egal", false), "2");
	expect(prefix("éga", false), "2");
	places(prefix("no", false), 3, "0-1 0-2"); /* no, and the joined nogovernment */
	expect(prefix("nogo", false), "4 3");
}

static void
t_cjk(void **state)
{
	q_node *q;

	(void)state;
	add_text("顶层设计"); /* positions 0..3 */
	add_text("设计");
	add_text("设");
	add_text("计设");
	places(fold("设计"), 0, "2-4");
	expect(fold("设计"), "1 0");
	expect(prefix("设", true), "2 1 3 0");
	places(prefix("设", true), 0, "2-3");
	expect(prefix("计", true), "1 3 0");
	/* overlapping bigrams: the gap is negative, the match is as long as its span */
	q = over(Q_PHRASE, fold("顶层"), fold("层设"), fold("设计"), NULL);
	q->child[1]->offset = 1;
	q->child[2]->offset = 2;
	q->span = 4;
	places(q, 0, "0-4");
	expect(q, "0");
	q->child[2]->offset = 3;
	expect(q, "");
}

static void
t_joined(void **state)
{
	(void)state;
	add_text("a top-level design"); /* a0 top1 level2 toplevel1-3 design3 */
	add_text("a toplevel design");
	places(fold("toplevel"), 0, "1-3");
	places(fold("toplevel"), 1, "1-2");
	expect(lay(over(Q_PHRASE, fold("toplevel"), fold("design"), NULL), 0), "1 0");
	places(lay(over(Q_PHRASE, fold("toplevel"), fold("design"), NULL), 0), 0, "1-4");
	places(lay(over(Q_PHRASE, fold("a"), fold("toplevel"), NULL), 0), 0, "0-3");
	/* a compound as the parser makes it */
	q_node *parts = lay(over(Q_PHRASE, fold("top"), fold("level"), NULL), 0);
	q_node *syn = over(Q_SYN, parts, fold("toplevel"), NULL);
	expect(lay(over(Q_PHRASE, syn, fold("design"), NULL), 0), "1 0");
	places(syn, 0, "1-3");
}

/* ---- phrases ---------------------------------------------------------------------------- */

static void
t_phrase(void **state)
{
	q_node *q;

	(void)state;
	add_text("one two three one two four");
	add_text("two one three");
	q = lay(over(Q_PHRASE, fold("one"), fold("two"), NULL), 0);
	expect(q, "0");
	places(q, 0, "0-2 3-5");
	q = lay(over(Q_PHRASE, fold("one"), fold("three"), NULL), 0);
	expect(q, "1");
	q->child[1]->offset = 2; /* "one * three" */
	expect(q, "0");
	places(q, 0, "0-3");
	expect(lay(over(Q_PHRASE, fold("two"), NULL), 0), "0 1");
	expect(over(Q_PHRASE, NULL), "");
}

static void
t_slop(void **state)
{
	q_node *q;

	(void)state;
	add_text("a x b x x c");	  /* 0 2 5 */
	add_text("a a x b c");	  /* both a */
	add_text("c b a");
	q = over(Q_PHRASE, fold("a"), fold("b"), fold("c"), NULL);
	expect(lay(q, 0), "");
	expect(lay(q, 1), "1");
	places(q, 1, "1-5");
	expect(lay(q, 2), "1");
	places(q, 1, "0-5 1-5");
	expect(lay(q, 3), "1 0");
	places(q, 0, "0-6");
	expect(lay(q, 99), "1 0"); /* never in another order */
}

/* The shortest match of a start, over all ways. */
static void
t_slop_shortest(void **state)
{
	q_node *q;

	(void)state;
	add_text("a b b x c c");
	q = over(Q_PHRASE, fold("a"), fold("b"), fold("c"), NULL);
	expect(lay(q, 1), ""); /* via the second b: 1 + 1 */
	expect(lay(q, 2), "0");
	places(q, 0, "0-5");
}

static void
t_phrase_syn(void **state)
{
	q_node *syn, *q;

	(void)state;
	add_text("supply side reform");
	add_text("demand side reform");
	add_text("big supply and demand side");
	syn = over(Q_SYN, fold("supply"), lay(over(Q_PHRASE, fold("supply"), fold("and"),
						    fold("demand"), NULL), 0), NULL);
	q = lay(over(Q_PHRASE, syn, fold("side"), NULL), 0);
	expect(q, "0 2");
	places(q, 2, "1-5");
	/* an OR inside is alternatives too */
	syn = over(Q_OR, fold("supply"), fold("demand"), NULL);
	expect(lay(over(Q_PHRASE, syn, fold("side"), NULL), 0), "0 1 2");
}

static void
t_inside_nothing(void **state)
{
	(void)state;
	add_text("a b c");
	expect_warn(distance(over(Q_NEAR, over(Q_AND, fold("a"), fold("b"), NULL), fold("c"), NULL), 9), "");
	expect_warn(distance(over(Q_ADJ, q_new(&tree, Q_ALL, 0), fold("c"), NULL), 9), "");
	expect_warn(distance(over(Q_ADJ, fold("a"), over(Q_NOT, fold("b"), fold("x"), NULL), NULL), 9), "");
	expect_warn(distance(over(Q_NEAR, in_field(fold("a"), "title"), fold("b"), NULL), 9), "");
	expect_warn(lay(over(Q_PHRASE, range("date", "2015", NULL, 0, 0), fold("b"), NULL), 0), "");
}

/* ---- NEAR, ADJ ------------------------------------------------------------------------------ */

static void
t_adj(void **state)
{
	q_node *q;

	(void)state;
	add_text("a x x b");
	add_text("b a");
	q = over(Q_ADJ, fold("a"), fold("b"), NULL);
	expect(distance(q, 3), "0");
	expect(distance(q, 2), "");
	expect(distance(q, 0), "");
	places(distance(q, 5), 0, "0-4");
	expect(distance(over(Q_ADJ, fold("b"), fold("a"), NULL), 1), "1");
	/* the distance counts from the last position of a phrase */
	add_text("p q x b");
	q = over(Q_ADJ, lay(over(Q_PHRASE, fold("p"), fold("q"), NULL), 0), fold("b"), NULL);
	expect(distance(q, 2), "2");
	expect(distance(q, 1), "");
	/* no overlap: a word is not near itself */
	q = over(Q_ADJ, fold("p"), fold("p"), NULL);
	expect(distance(q, 10), "");
}

static void
t_near(void **state)
{
	q_node *q;

	(void)state;
	add_text("c x b x a x x x x x b");
	add_text("a b c");
	q = over(Q_NEAR, fold("a"), fold("b"), fold("c"), NULL);
	expect(distance(q, 1), "1");
	expect(distance(q, 2), "1 0");
	places(q, 0, "0-5");
	/* each start once, the earliest end: b a .. also a .. b */
	q = over(Q_NEAR, fold("a"), fold("b"), NULL);
	places(distance(q, 6), 0, "2-5 4-11");
	places(distance(q, 2), 0, "2-5");
	q = over(Q_NEAR, fold("x"), fold("x"), NULL);
	places(distance(q, 2), 0, "1-4 3-6 5-7 6-8 7-9 8-10");
	expect(q, "0");
	/* NEAR of NEAR */
	q = over(Q_NEAR, distance(over(Q_NEAR, fold("b"), fold("c"), NULL), 2), fold("a"), NULL);
	expect(distance(q, 2), "1 0");
}

static void
t_near_many(void **state)
{
	q_node *q;

	(void)state;
	add_text("i h g f e d c b a");
	q = over(Q_NEAR, fold("a"), fold("b"), fold("c"), fold("d"), fold("e"), fold("f"), fold("g"),
		 fold("h"), NULL);
	expect(distance(q, 1), "0");
	q = over(Q_NEAR, fold("a"), fold("b"), fold("c"), fold("d"), fold("e"), fold("f"), fold("g"),
		 fold("h"), fold("i"), NULL);
	expect_warn(distance(q, 1), "");
}

/* ---- documents -------------------------------------------------------------------------------- */

static void
t_boolean(void **state)
{
	(void)state;
	add_text("a b");
	add_text("b c x");
	add_text("c a x x");
	add_text("d x x x x");
	expect(over(Q_AND, fold("a"), fold("b"), NULL), "0");
	expect(over(Q_AND, fold("a"), fold("d"), NULL), "");
	expect(over(Q_OR, fold("a"), fold("d"), NULL), "3 0 2");
	expect(over(Q_NOT, fold("a"), fold("b"), NULL), "2");
	expect(over(Q_NOT, q_new(&tree, Q_ALL, 0), fold("a"), fold("b"), NULL), "3");
	expect(over(Q_MAYBE, fold("c"), fold("a"), NULL), "2 1");
	expect(q_new(&tree, Q_ALL, 0), "0 1 2 3");
	expect(q_new(&tree, Q_NONE, 0), "");
	expect(over(Q_SYN, over(Q_AND, fold("a"), fold("b"), NULL), fold("d"), NULL), "0 3");
}

static void
t_title(void **state)
{
	(void)state;
	add_doc("Water Act", "about rivers");
	add_doc(NULL, "the water");
	add_doc("Rivers", "of water, an act");
	expect(in_field(fold("water"), "title"), "0");
	expect(fold("water"), "1 0 2");
	expect(in_field(fold("water"), "text"), "1 0 2"); /* "text" is the text */
	/* the text begins ANALYZE_TITLE_GAP after the title, so nothing crosses */
	places(over(Q_OR, fold("water"), fold("about"), NULL), 0, "0-1 18-19");
	expect(lay(over(Q_PHRASE, fold("act"), fold("about"), NULL), 0), "");
	expect(distance(over(Q_ADJ, fold("act"), fold("about"), NULL), ANALYZE_TITLE_GAP), "");
	expect(distance(over(Q_ADJ, fold("act"), fold("about"), NULL), ANALYZE_TITLE_GAP + 1), "0");
	expect(lay(in_field(over(Q_PHRASE, fold("water"), fold("act"), NULL), "title"), 0), "0");
	places(in_field(fold("water"), "title"), 0, "");
}

static void
t_deleted(void **state)
{
	search_result before, after;
	backend *b = ref_backend(ref);
	buf text = { 0 };

	(void)state;
	add_text("a a");
	add_text("a b");
	add_text("a c c c");
	run(fold("a"), &before);
	ref_kill(ref, 1);
	assert_int_equal(b->ops->ndocs(b), 2);
	assert_int_equal(ref_ndocs(ref), 3);
	run(fold("a"), &after);
	assert_int_equal(after.total, 2);
	assert_int_equal(after.hits[0].units, before.hits[0].units); /* statistics stay */
	search_result_fini(&before);
	search_result_fini(&after);
	expect(q_new(&tree, Q_ALL, 0), "0 2");
	ref_compact(ref);
	assert_int_equal(ref_ndocs(ref), 2);
	expect(fold("c"), "1");
	expect(fold("b"), "");
	assert_int_equal(b->ops->stored(b, 1, NULL, &text, NULL), CDG_OK);
	assert_string_equal(buf_cstr(&text), "a c c c");
	buf_fini(&text);
	assert_int_equal(b->ops->stored(b, 2, NULL, NULL, NULL), CDG_E_NOTFOUND);
}

/* ---- scores ---------------------------------------------------------------------------------------- */

static float
inv_of(uint32_t length, float avg)
{
	return bm25_inv(rq.bm25, (float)norm_decode(norm_encode(length)), avg);
}

static void
t_score(void **state)
{
	search_result r;
	float w, scale, avg = (3 + 5 + 2) / 3.0f;

	(void)state;
	add_text("a b b");
	add_text("a x x-y x"); /* the joined token is not counted */
	add_text("c c");
	w = bm25_idf(3, 2) * 1.0f;
	scale = bm25_scale((double)w);
	run(fold("a"), &r);
	assert_int_equal(r.hits[0].doc, 0);
	assert_int_equal(r.hits[0].units, bm25_score(w, 1, inv_of(3, avg), scale));
	assert_int_equal(r.hits[1].units, bm25_score(w, 1, inv_of(5, avg), scale));
	assert_true(r.hits[0].score == (float)((double)r.hits[0].units / (double)scale));
	search_result_fini(&r);
	/* k1 and b are the request's */
	rq.bm25 = (bm25_params){ 0.9f, 0.4f };
	run(fold("b"), &r);
	w = bm25_idf(3, 1);
	assert_int_equal(r.hits[0].units, bm25_score(w, 2, inv_of(3, avg), bm25_scale((double)w)));
	search_result_fini(&r);
}

/* Boosts multiply on the way down; negative children weigh nothing; the sum of
 * all weights makes the scale. */
static void
t_score_tree(void **state)
{
	search_result r;
	float wa, wb, wc, scale, inv;

	(void)state;
	add_text("a b c");
	add_text("a x x");
	add_text("x x x");
	wa = 2.0f * 3.0f * bm25_idf(3, 2);
	wb = 2.0f * bm25_idf(3, 1);
	wc = 2.0f * bm25_idf(3, 1);
	scale = bm25_scale((double)wa + (double)wb + (double)wc);
	inv = inv_of(3, 3);
	run(over(Q_NOT,
		 boosted(over(Q_MAYBE, boosted(fold("a"), 3), over(Q_OR, fold("b"), fold("c"), NULL),
			      NULL), 2),
		 fold("nothere"), NULL),
	    &r);
	assert_int_equal(r.nhits, 2);
	assert_int_equal(r.hits[0].units, bm25_score(wa, 1, inv, scale) + bm25_score(wb, 1, inv, scale) +
						  bm25_score(wc, 1, inv, scale));
	assert_int_equal(r.hits[1].units, bm25_score(wa, 1, inv, scale));
	search_result_fini(&r);
}

static void
expect_weight(q_node *root, float w, float tf, float inv)
{
	search_result r;

	run(root, &r);
	assert_true(r.nhits >= 1);
	assert_int_equal(r.hits[0].doc, 0);
	assert_int_equal(r.hits[0].units, bm25_score(w, tf, inv, bm25_scale((double)w)));
	search_result_fini(&r);
}

/* The n of idf for each kind of unit. */
static void
t_score_idf(void **state)
{
	float inv;

	(void)state;
	add_text("reform reforms Reform wörk");
	add_text("reform x x x");
	add_text("reforming x x work");
	add_text("y y y y");
	inv = inv_of(4, 4);
	expect_weight(fold("reform"), bm25_idf(4, 2), 2, inv);
	expect_weight(word("reforms", Q_STEM), bm25_idf(4, 3), 3, inv);
	expect_weight(strict("Reform", false), bm25_idf(4, 2), 1, inv);
	expect_weight(prefix("reform", false), bm25_idf(4, 2), 3, inv);
	expect_weight(prefix("work", false), bm25_idf(4, 1), 1, inv); /* two terms, one document each */
	expect_weight(fold("work"), bm25_idf(4, 2), 1, inv);
	expect_weight(lay(over(Q_PHRASE, fold("reforms"), fold("reform"), NULL), 0),
		      bm25_idf(4, 1) + bm25_idf(4, 2), 1, inv);
	expect_weight(distance(over(Q_NEAR, fold("reforms"), boosted(fold("reform"), 9), NULL), 1),
		      bm25_idf(4, 1) + bm25_idf(4, 2), 2, inv);
	expect_weight(over(Q_SYN, fold("reforms"), fold("reform"), NULL), bm25_idf(4, 2), 3, inv);
	expect_weight(over(Q_SYN, fold("reforms"), fold("nowhere"), NULL), bm25_idf(4, 1), 1, inv);
}

static void
t_score_title(void **state)
{
	search_result r;
	float w, avg, extra = 1.5f, tf, dl;

	(void)state;
	add_doc("a b", "a x x");	/* text length 5, title 2 */
	add_doc(NULL, "a y y");	/* 3, 0 */
	w = bm25_idf(2, 2);
	/* title: has its own lengths and average */
	run(in_field(fold("b"), "title"), &r);
	assert_int_equal(r.hits[0].units, bm25_score(bm25_idf(2, 1), 1, inv_of(2, bm25_avg(2, 2)),
						     bm25_scale((double)bm25_idf(2, 1))));
	search_result_fini(&r);
	/* title_weight: what stands in the title counts more, and so does its length */
	rq.title_weight = 2.5f;
	avg = (float)((8 + 1.5 * 2) / 2);
	run(fold("a"), &r);
	tf = 2 + extra * 1;
	dl = 5 + extra * 2;
	assert_int_equal(r.nhits, 2);
	assert_int_equal(r.hits[0].doc, 0);
	assert_int_equal(r.hits[0].units, bm25_score(w, tf, bm25_inv(rq.bm25, dl, avg), bm25_scale((double)w)));
	assert_int_equal(r.hits[1].units, bm25_score(w, 1, bm25_inv(rq.bm25, 3, avg), bm25_scale((double)w)));
	search_result_fini(&r);
}

static void
t_places(void **state)
{
	(void)state;
	add_text("a b c a");
	places(over(Q_NOT, over(Q_OR, fold("a"), fold("c"), fold("zz"), NULL), fold("d"), NULL), 0,
	       "0-1 2-3 3-4");
	places(over(Q_NOT, fold("a"), over(Q_AND, fold("b"), fold("zz"), NULL), NULL), 0, "0-1 3-4");
	places(over(Q_AND, fold("a"), lay(over(Q_PHRASE, fold("a"), fold("b"), NULL), 0), NULL), 0,
	       "0-1 0-2 3-4");
	rq.relaxed = fold("c"); /* the root does not match: the fall-back's places */
	places(over(Q_AND, fold("c"), fold("zz"), NULL), 0, "2-3");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(t_fold), T(t_stem), T(t_stem_accents), T(t_strict), T(t_prefix), T(t_cjk),
		T(t_joined), T(t_phrase), T(t_slop), T(t_slop_shortest), T(t_phrase_syn),
		T(t_inside_nothing), T(t_adj), T(t_near), T(t_near_many), T(t_boolean), T(t_title),
		T(t_deleted), T(t_score), T(t_score_tree), T(t_score_idf), T(t_score_title),
		T(t_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
