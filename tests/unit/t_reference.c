/* t_reference.c - the reference backend against what its documentation says: a
 * few small documents and hand-made trees a rule, scores computed here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "backend/reference.h"
#include "engine/docmeta.h"
#include "engine/doctab.h"
#include "indexer/analyze.h"

/* ---- a small index and a tree, made anew by each test ------------------------ */

static ref_index *ref;
static ast tree;
static search_request rq;

static int
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

static int
teardown(void **state)
{
	(void)state;
	ref_backend(ref)->ops->close(ref_backend(ref));
	ast_fini(&tree);
	return 0;
}

static doc_str
str(const char *s)
{
	return (doc_str){ s, s ? strlen(s) : 0 };
}

static void
add_doc(const char *title, const char *text)
{
	document d = { .id = str("id"), .title = str(title), .text = str(text) };

	assert_int_equal(ref_add(ref, &d, TEXT_LANG_EN, NULL), CDG_OK);
}

static void
add_text(const char *text)
{
	add_doc(NULL, text);
}

static q_node *
word(const char *term, q_mode mode)
{
	q_node *q = q_word(&tree, term, strlen(term), mode);

	assert_non_null(q);
	return q;
}

static q_node *
fold(const char *term)
{
	return word(term, Q_FOLD);
}

/* The term is the lower case of raw, ASCII only. */
static q_node *
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

static q_node *
prefix(const char *term, bool cjk1)
{
	q_node *q = q_new(&tree, Q_PREFIX, 0);

	q->term = term;
	q->term_len = strlen(term);
	q->cjk1 = cjk1;
	return q;
}

static q_node *
in_field(q_node *q, const char *field)
{
	for (size_t i = 0; i < q->nchild; i++)
		in_field(q->child[i], field);
	q->field = field;
	return q;
}

static q_node *
boosted(q_node *q, float boost)
{
	q->boost = boost;
	return q;
}

/* Children up to a NULL. */
static q_node *
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
static q_node *
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

static q_node *
distance(q_node *q, uint32_t n)
{
	q->n = n;
	return q;
}

static q_node *
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

static void
run(const q_node *root, search_result *r)
{
	backend *b = ref_backend(ref);

	rq.root = root;
	assert_int_equal(b->ops->search(b, &rq, r, NULL), CDG_OK);
}

/* Documents in order of rank, as "3 1 2". */
static void
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
static void
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
	facet_request want[] = { { "type", 0 }, { "signed", 0 }, { "no", 1 }, { "lang", 0 } };
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
	facet_request facet = { "type", 0 };
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

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(t_fold), T(t_stem), T(t_stem_accents), T(t_strict), T(t_prefix), T(t_cjk),
		T(t_joined), T(t_phrase), T(t_slop), T(t_slop_shortest), T(t_phrase_syn),
		T(t_inside_nothing), T(t_adj), T(t_near), T(t_near_many), T(t_boolean), T(t_title),
		T(t_deleted), T(t_score), T(t_score_tree), T(t_score_idf), T(t_score_title),
		T(t_meta_words), T(t_meta_values), T(t_range), T(t_meta_score), T(t_filters),
		T(t_sort), T(t_facets), T(t_relaxed), T(t_places), T(t_stored), T(t_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
