/* t_fast.c - the paths with block maxima give what scoring every document gives,
 * words with several lists above all: documents are in three languages, whose
 * stemmers disagree about the words, so that lists stay apart, are corrected, and
 * are summed; all three must have occurred.
 */
#include "backend/native.h"
#include "base/cpu.h"
#include "indexer/writer.h"
#include "query/ast.h"
#include "query/fast.h"
#include "query/flat.h"
#include "tests/unit/unit.h"

enum { DOCS = 5000, QUERIES = 1500, TEXT_MAX = 4096 };

/* Stems of one word differ between the languages, or between spellings. */
static const char *const words[] = {
	"regulation", "regulations", "reference", "references", "r\xc3\xa9" "f\xc3\xa9rence", "referer",
	"resume", "r\xc3\xa9sum\xc3\xa9", "r\xc3\xa9sumer", "resumes", "nation", "nations", "national", "nationale",
	"determine", "determines", "determined", "policies", "policy", "laufen", "laufend", "gesetze", "institution",
	"institutionen", "representative", "repr\xc3\xa9sentative", "adoption", "adopt\xc3\xa9" "e", "adopte",
};

static char *dir;
static backend *native;

static const char *
some_word(char *room, size_t cap)
{
	/* squared: some are frequent, some rare */
	uint32_t r = unit_below(1000), i = (uint32_t)((uint64_t)r * r * countof(words) / 1000000);

	if (unit_below(4))
		return words[i];
	snprintf(room, cap, "w%u", unit_below(1 + unit_below(300)));
	return room;
}

static void
add_docs(writer *w, unsigned from, unsigned to)
{
	static const char *const langs[] = { "en", "fr", "de" };
	char id[16], text[TEXT_MAX], word[16];

	for (unsigned d = from; d < to; d++) {
		size_t at = 0;
		/* languages come in stretches and mixed */
		const char *lang = langs[unit_below(3) ? d / 700 % 3 : unit_below(3)];
		document doc = { .id = { id, 0 }, .lang = { lang, 2 }, .text = { text, 0 } };

		doc.id.n = (size_t)snprintf(id, sizeof id, "d%u", d);
		for (unsigned n = 1 + unit_below(unit_below(5) ? 12 : 150); n && at + 40 < sizeof text; n--) {
			/* a word is said again more often than chance has it */
			const char *s = some_word(word, sizeof word);
			for (unsigned k = unit_below(6) ? 1 : unit_below(8); k && at + 40 < sizeof text; k--)
				at += (size_t)snprintf(text + at, sizeof text - at, "%s ", s);
		}
		doc.text.n = at;
		OK(writer_add_document(w, &doc, err));
	}
}

static int
make_index(void **state)
{
	writer_options opt = { .threads = 1, .no_merge = true, .no_sync = true, .lang_mode = WRITER_LANG_FIXED };
	writer *w;

	(void)state;
	unit_seed("t_fast");
	dir = unit_mkdir();
	OK(writer_open(dir, &opt, &w, err));
	add_docs(w, 0, DOCS * 3 / 4);
	OK(writer_commit(w, NULL, NULL, err));
	add_docs(w, DOCS * 3 / 4, DOCS);
	OK(writer_commit(w, NULL, NULL, err));
	for (unsigned i = 0; i < DOCS / 10; i++) {
		char id[16];
		bool found;
		int n = snprintf(id, sizeof id, "d%u", unit_below(DOCS));
		OK(writer_delete_id(w, id, (size_t)n, &found, err));
	}
	OK(writer_commit(w, NULL, NULL, err));
	writer_close(w);
	OK(native_open(dir, &native, err));
	return 0;
}

static int
drop_index(void **state)
{
	(void)state;
	native->ops->close(native);
	unit_rmdir(dir);
	return 0;
}

/* How the leaves of a query were read: by way, in all segments. */
typedef struct leaf_counts {
	unsigned apart, corrected, summed;
	unsigned phrases, phrase_hits; /* queries by fast_phrase; those that found something */
} leaf_counts;

static void
count_leaves(const plan_node *n, const plan *p, leaf_counts *c)
{
	for (uint32_t i = 0; i < n->nchild; i++)
		count_leaves(n->child[i], p, c);
	for (size_t s = 0; n->type == PLAN_LEAF && s < p->snap->nsegs; s++) {
		seg_eval se;
		arena mem;
		fast_leaf l;

		if (n->seg[s].nlists < 2)
			continue;
		arena_init(&mem);
		seg_eval_init(&se, p, s, &mem);
		assert_true(fast_leaf_open(&l, &se, n));
		c->summed += fast_leaf_reads(n, s) > 0;
		c->corrected += l.n > l.nbig;
		c->apart += l.nbig > 1;
		seg_eval_fini(&se);
		arena_fini(&mem);
	}
}

static void
compare(const search_request *rq, const char *query, leaf_counts *leaves, unsigned *fast)
{
	search_request slow = *rq;
	search_result a, b;
	snapshot *snap;
	plan p;
	arena mem;

	slow.exhaustive = true;
	slow.want_total = true;
	cpu_limit((cpu_level)unit_below(3)); /* the loops of every level */
	OK(native->ops->search(native, rq, &a, err));
	cpu_limit(CPU_AVX512);
	OK(native->ops->search(native, &slow, &b, err));
	if (a.nhits != b.nhits)
		fail_msg("%s: %zu hits, wanted %zu", query, a.nhits, b.nhits);
	for (size_t i = 0; i < a.nhits; i++)
		if (a.hits[i].doc != b.hits[i].doc || a.hits[i].units != b.hits[i].units)
			fail_msg("%s: hit %zu is %llu with %d, wanted %llu with %d", query, i,
				 (unsigned long long)a.hits[i].doc, a.hits[i].units,
				 (unsigned long long)b.hits[i].doc, b.hits[i].units);
	if (rq->want_total)
		assert_int_equal(a.total, b.total);
	*fast += strcmp(a.executor, b.executor) != 0;
	leaves->phrases += !strcmp(a.executor, "block-max phrase");
	leaves->phrase_hits += !strcmp(a.executor, "block-max phrase") && a.nhits;
	search_result_fini(&a);
	slow.exhaustive = false;
	slow.limit = slow.offset = 0;
	cpu_limit((cpu_level)unit_below(3));
	OK(native->ops->search(native, &slow, &a, err));
	cpu_limit(CPU_AVX512);
	if (a.total != b.total)
		fail_msg("%s: counted %llu, wanted %llu", query, (unsigned long long)a.total, (unsigned long long)b.total);
	search_result_fini(&a);
	OK(snapshot_open(dir, &snap, err));
	arena_init(&mem);
	OK(plan_make(&p, &mem, snap, rq, rq->root, &a, err));
	count_leaves(p.root, &p, leaves);
	arena_fini(&mem);
	snapshot_unref(snap);
	search_result_fini(&a);
	search_result_fini(&b);
}

static void
test_random(void **state)
{
	leaf_counts leaves = { 0 };
	unsigned fast = 0;
	text_analyzer *an = text_analyzer_new(NULL);

	(void)state;
	for (unsigned i = 0; i < QUERIES; i++) {
		unsigned n = 1 + unit_below(unit_below(4) ? 3 : 8);
		unsigned kind = unit_below(5); /* OR; AND; words that must, may, must not be there; a phrase; one and words */
		const char *op = kind == 0 ? " OR " : " ", *quote = kind == 3 ? "\"" : "";
		char text[512], word[16];
		size_t at = 0;
		search_request rq = { .limit = 1 + unit_below(unit_below(3) ? 20 : 400), .offset = unit_below(8) ? 0 : unit_below(30),
				      .bm25 = { 1.2f, 0.75f }, .title_weight = 1, .want_total = unit_below(2), .an = an };
		q_parse_options opt = { 0 };
		ast query;

		if (unit_below(4) == 0)
			rq.bm25 = (bm25_params){ (float)unit_below(20) / 8.0f, (float)unit_below(9) / 8.0f };
		for (unsigned k = 0; k < n; k++) {
			const char *s = some_word(word, sizeof word);
			bool prefix = kind != 3 && unit_below(12) == 0;
			const char *sign = kind != 2 ? "" : k == 0 || unit_below(4) == 0 ? "+" : unit_below(2) ? "-" : "";
			if (kind == 4)
				at += (size_t)snprintf(text + at, sizeof text - at, "%s%s%s", k ? " " : "\"", s,
						       k == 1 || (k == 0 && n == 1) ? "\"" : "");
			else
				at += (size_t)snprintf(text + at, sizeof text - at, "%s%s%.*s%s%s", k ? op : quote, sign,
						       prefix ? 3 : 40, s, prefix ? "*" : "", k + 1 == n ? quote : "");
		}
		ast_init(&query);
		OK(q_parse(text, at, &opt, an, &query, err));
		rq.root = query.root;
		compare(&rq, text, &leaves, &fast);
		ast_fini(&query);
	}
	text_analyzer_free(an);
	printf("%u of %u queries by block maxima; leaves apart %u, corrected %u, summed %u; %u phrases, %u found\n",
	       fast, QUERIES, leaves.apart, leaves.corrected, leaves.summed, leaves.phrases, leaves.phrase_hits);
	assert_true(fast > QUERIES / 2);
	assert_true(leaves.apart > 10);
	assert_true(leaves.corrected > 10);
	assert_true(leaves.summed > 10);
	assert_true(leaves.phrase_hits > 10);
}

/* Every size on both sides of what is compared at once. */
static void
test_flat(void **state)
{
	static uint32_t pos[160], starts[160], a[160], b[160];

	(void)state;
	for (unsigned round = 0; round < 50000; round++) {
		uint32_t m = unit_below(130), n = unit_below(40), off = unit_below(4), na, nb, want = 0;
		for (uint32_t i = 0, at = 0; i < m; i++)
			pos[i] = at += 1 + unit_below(6);
		for (uint32_t i = 0, at = 0; i < n; i++)
			starts[i] = at += 1 + unit_below(9);
		for (uint32_t i = 0; i < n; i++)
			for (uint32_t j = 0; j < m; j++)
				want += pos[j] == starts[i] + off;
		memcpy(a, starts, sizeof a);
		memcpy(b, starts, sizeof b);
		cpu_limit(CPU_PORTABLE);
		na = flat_filter(a, n, pos, m, off, 1);
		cpu_limit(CPU_AVX512);
		nb = flat_filter(b, n, pos, m, off, 1);
		assert_int_equal(na, want);
		assert_int_equal(nb, want);
		assert_memory_equal(a, b, want * sizeof *a);
		if (want >= 2)
			assert_true(flat_filter(starts, n, pos, m, off, 2) == want);
	}
}

/* Four impacts at once give what one after the other gives, to the last unit. */
static void
test_bound(void **state)
{
	static float inv[2][256];
	plan p = { .inv = (const float(*)[256])inv };
	plan_node n = { 0 };

	(void)state;
	for (unsigned i = 0; i < 256; i++)
		inv[0][i] = bm25_inv((bm25_params){ 1.2f, 0.75f }, (float)norm_decode((uint8_t)i), 271.3f);
	for (unsigned round = 0; round < 100000; round++) {
		uint64_t impacts = unit_rand();
		int32_t want;
		if (unit_below(4) == 0)
			impacts |= 255;
		n.weight = (float)(1 + unit_below(20000)) / 1000.0f;
		p.scale = bm25_scale((double)n.weight * (1 + unit_below(9)));
		cpu_limit(CPU_PORTABLE);
		want = plan_bound(&p, &n, -1, impacts);
		cpu_limit(CPU_AVX512);
		assert_int_equal(plan_bound(&p, &n, -1, impacts), want);
	}
}

/* The engine's ratios and the score of a posting are one float arithmetic; their
 * codes round up, by little. */
static void
test_ratio(void **state)
{
	bm25_params standard = { POST_RATIO_K1, POST_RATIO_B };

	(void)state;
	for (unsigned round = 0; round < 200000; round++) {
		float avg = (float)(1 + unit_below(1u << (1 + unit_below(20)))) / 7.0f, w = (float)(1 + unit_below(2000)) / 100.0f;
		uint8_t norm = (uint8_t)unit_below(256);
		uint32_t tf = 1 + unit_below(1u << (1 + unit_below(18)));
		float inv = bm25_inv(standard, (float)norm_decode(norm), avg), x = (float)tf * inv;
		uint64_t word = (uint64_t)post_ratio_code(x) << 48;

		assert_true(inv == post_ratio_inv(norm, avg));
		assert_true(post_ratio(word) >= x);
		assert_true(x < 0x1p-15f || x > 0x1p16f || post_ratio(word) <= x * (1 + 0x1p-10f));
		assert_true(bm25_score(w, post_ratio(word), 1.0f, 1024.0f) >= bm25_score(w, (float)tf, inv, 1024.0f));
	}
}

/* Under any parameters the ceiling is one. */
static void
test_ratio_factor(void **state)
{
	static float inv[2][256];
	snapshot snap = { .ndocs = 1000 };
	search_request rq = { 0 };
	plan p = { .inv = (const float(*)[256])inv, .snap = &snap, .rq = &rq };
	plan_node n = { .weight = 3.25f };
	post_cursor *c = calloc(1, sizeof *c);

	(void)state;
	p.scale = bm25_scale(3.25);
	for (unsigned round = 0; round < 2000; round++) {
		uint64_t tokens = 1000 + unit_below(1000000);
		float factor;
		snap.tokens[0] = tokens;
		rq.bm25 = (bm25_params){ (float)unit_below(40) / 16.0f, (float)unit_below(9) / 8.0f };
		if (unit_below(2))
			rq.bm25 = (bm25_params){ POST_RATIO_K1, POST_RATIO_B };
		c->avg = unit_below(3) ? bm25_avg(tokens, 1000) : bm25_avg(1000 + unit_below(1000000), 1000);
		factor = plan_ratio_factor(&p, &n, c);
		for (unsigned i = 0; i < 256; i++)
			inv[0][i] = bm25_inv(rq.bm25, (float)norm_decode((uint8_t)i), bm25_avg(tokens, 1000));
		for (unsigned k = 0; k < 200; k++) {
			uint8_t norm = (uint8_t)unit_below(256);
			uint32_t tf = 1 + unit_below(1u << (1 + unit_below(10)));
			uint64_t pair = (tf > 255 ? 255u : tf) | (uint64_t)norm << 8;
			uint64_t word = pair | pair << 16 | pair << 32 |
					(uint64_t)post_ratio_code((float)tf * post_ratio_inv(norm, c->avg)) << 48;
			assert_true(plan_bound(&p, &n, factor, word) >= plan_score(&p, &n, (float)tf, norm));
		}
	}
	free(c);
}

/* The ratios of many impact words, and what is kept of many documents, by vectors. */
static void
test_vectors(void **state)
{
	static uint8_t packed[8 * 48 + 64];
	static uint32_t docs[64], da[80], db[80];
	static int32_t a[64], b[64], units[64], ua[80], ub[80];

	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		float w = (float)(1 + unit_below(2000)) / 100.0f, scale = bm25_scale((double)w);
		uint32_t n = unit_below(41), na, nb;
		bool less = unit_below(2);
		for (uint32_t i = 0; i < n; i++) {
			uint64_t code = unit_below(8) ? unit_below(65536) : unit_below(2) ? 0 : POST_RATIO_ANY;
			store_u64(packed + 8 * i, (unit_rand() & 0xffffffffffff) | code << 48);
		}
		cpu_limit(CPU_PORTABLE);
		block_ratios(packed, n, w, scale, less, a);
		cpu_limit(CPU_AVX512);
		block_ratios(packed, n, w, scale, less, b);
		assert_memory_equal(a, b, n * sizeof *a);
		for (uint32_t i = 0; i < n; i++) {
			docs[i] = (uint32_t)unit_rand();
			units[i] = (int32_t)unit_below(100) - 1;
		}
		cpu_limit(CPU_PORTABLE);
		na = block_keep(docs, units, n, (int)round % 100 - 2, da, ua);
		cpu_limit(CPU_AVX512);
		nb = block_keep(docs, units, n, (int)round % 100 - 2, db, ub);
		assert_int_equal(na, nb);
		assert_memory_equal(da, db, na * sizeof *da);
		assert_memory_equal(ua, ub, na * sizeof *ua);
	}
}

static int
key_cmp(const void *x, const void *y)
{
	uint64_t a = *(const uint64_t *)x, b = *(const uint64_t *)y;
	return (a < b) - (a > b);
}

/* Few and many best are those that sorting all would give, also of equal scores. */
static void
test_topk(void **state)
{
	enum { ALL = 6000 };
	uint64_t *all = malloc(ALL * sizeof *all), *heap = malloc(topk_room(ALL) * sizeof *heap);

	(void)state;
	for (unsigned round = 0; round < 300; round++) {
		uint32_t n = unit_below(ALL), k = 1 + unit_below(unit_below(2) ? 100 : ALL), m;
		int32_t range = 1 + (int32_t)unit_below(1u << unit_below(30));
		topk t;

		topk_init(&t, heap, k);
		for (uint32_t i = 0; i < n; i++) {
			int32_t u = (int32_t)unit_below((uint32_t)range);
			all[i] = topk_key(u, 3 * i + 7);
		}
		if (n >= k && unit_below(2)) {
			int32_t least = INT32_MAX; /* of the first k: a bound that holds */
			for (uint32_t i = 0; i < k; i++)
				least = topk_units(all[i]) < least ? topk_units(all[i]) : least;
			topk_expect(&t, least);
		}
		for (uint32_t i = 0; i < n; i++)
			topk_push(&t, topk_units(all[i]), topk_doc(all[i]));
		topk_sort(&t);
		m = n < k ? n : k;
		qsort(all, n, sizeof *all, key_cmp);
		assert_int_equal(t.n, m);
		assert_memory_equal(heap, all, m * sizeof *all);
	}
	free(all);
	free(heap);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_random), cmocka_unit_test(test_flat),
					    cmocka_unit_test(test_bound), cmocka_unit_test(test_ratio),
					    cmocka_unit_test(test_ratio_factor), cmocka_unit_test(test_vectors),
					    cmocka_unit_test(test_topk) };

	return cmocka_run_group_tests(tests, make_index, drop_index);
}
