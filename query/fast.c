/* fast.c - see fast.h: choosing, block scoring with its vector twin, the single
 * term. */
#include "query/fast.h"

#include "base/cpu.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

/* ---- block scoring --------------------------------------------------- */

/* The portable twin: what every other path must equal. */
static void
units_portable(const uint32_t *docs, const uint32_t *tfs, uint32_t n, const uint8_t *norms, const float *inv,
	       float w, float scale, int32_t *out)
{
	for (uint32_t i = 0; i < n; i++)
		out[i] = bm25_score(w, (float)tfs[i], inv[norms[docs[i]]], scale);
}

#if defined(__x86_64__)
/* Eight at a time.  What belongs to the lengths is fetched one by one beforehand:
 * that is faster than to gather it. */
__attribute__((target("avx2"))) static void
units_avx2(const uint32_t *docs, const uint32_t *tfs, uint32_t n, const uint8_t *norms, const float *inv, float w,
	   float scale, int32_t *out)
{
	const __m256 vw = _mm256_set1_ps(w), vs = _mm256_set1_ps(scale), one = _mm256_set1_ps(1.0f);
	float k[POST_BLOCK];
	uint32_t i, m;

	for (; n; docs += m, tfs += m, out += m, n -= m) {
		m = min_u32(n, POST_BLOCK);
		for (i = 0; i < m; i++)
			k[i] = inv[norms[docs[i]]];
		for (i = 0; i + 8 <= m; i += 8) {
			__m256 tf = _mm256_cvtepi32_ps(_mm256_loadu_si256((const __m256i *)(const void *)(tfs + i)));
			__m256 s = _mm256_add_ps(one, _mm256_mul_ps(tf, _mm256_loadu_ps(k + i)));
			s = _mm256_sub_ps(vw, _mm256_div_ps(vw, s));
			_mm256_storeu_si256((__m256i *)(void *)(out + i), _mm256_cvtps_epi32(_mm256_mul_ps(s, vs)));
		}
		for (; i < m; i++)
			out[i] = bm25_score(w, (float)tfs[i], k[i], scale);
	}
}
#endif

void
block_units(const seg_eval *se, const plan_node *n, const uint32_t *docs, const uint32_t *tfs, uint32_t count,
	    int32_t *out)
{
	unsigned f = n->field == DICT_FIELD_TITLE;

#if defined(__x86_64__)
	if (cpu_get() >= CPU_AVX2) {
		units_avx2(docs, tfs, count, se->seg->norms[f], se->p->inv[f], n->weight, se->p->scale, out);
		return;
	}
#endif
	units_portable(docs, tfs, count, se->seg->norms[f], se->p->inv[f], n->weight, se->p->scale, out);
}

static uint32_t
keep_portable(const uint32_t *docs, const int32_t *units, uint32_t n, int32_t above, uint32_t *docs_out,
	      int32_t *units_out)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < n; i++) {
		int32_t u = units[i];
		docs_out[kept] = docs[i];
		units_out[kept] = u;
		kept += u > above;
	}
	return kept;
}

#if defined(__x86_64__)
__attribute__((target("avx512f,popcnt"))) static uint32_t
keep_avx512(const uint32_t *docs, const int32_t *units, uint32_t n, int32_t above, uint32_t *docs_out,
	    int32_t *units_out)
{
	const __m512i limit = _mm512_set1_epi32(above);
	uint32_t kept = 0;

	for (uint32_t i = 0; i < n; i += 16) {
		__mmask16 in = n - i < 16 ? (__mmask16)((1u << (n - i)) - 1) : 0xffff;
		__m512i u = _mm512_loadu_si512(units + i), d = _mm512_loadu_si512(docs + i);
		__mmask16 m = _mm512_mask_cmpgt_epi32_mask(in, u, limit);
		if (!m)
			continue;
		_mm512_storeu_si512(units_out + kept, _mm512_maskz_compress_epi32(m, u));
		_mm512_storeu_si512(docs_out + kept, _mm512_maskz_compress_epi32(m, d));
		kept += (uint32_t)__builtin_popcount(m);
	}
	return kept;
}
#endif

uint32_t
block_keep(const uint32_t *docs, const int32_t *units, uint32_t n, int64_t above, uint32_t *docs_out,
	   int32_t *units_out)
{
	int32_t limit = above < INT32_MIN ? INT32_MIN : above > INT32_MAX ? INT32_MAX : (int32_t)above;

#if defined(__x86_64__)
	if (likely(cpu_get() >= CPU_AVX512))
		return keep_avx512(docs, units, n, limit, docs_out, units_out);
#endif
	return keep_portable(docs, units, n, limit, docs_out, units_out);
}

bool
block_score(block_scorer *b, const seg_eval *se)
{
	post_cursor *c = b->c;

	if (b->scored == c->block)
		return true;
	if (!post_load_tfs(c))
		return false;
	b->scored = c->block;
	block_units(se, b->n, c->docs, c->tfs, c->n, b->units);
	return true;
}

bool
block_load(block_scorer *b, uint32_t k)
{
	post_cursor *c = b->c;

	if (likely(!b->mem_docs))
		return post_load(c, k);
	c->i = 0;
	if (k >= c->nb) {
		c->doc = POST_END;
		c->block = c->nb;
		c->n = 0;
		return false;
	}
	c->block = b->scored = k;
	c->n = min_u32(POST_BLOCK, b->mem_n - k * POST_BLOCK);
	memcpy(c->docs, b->mem_docs + k * POST_BLOCK, c->n * sizeof *c->docs);
	memcpy(b->units, b->mem_units + k * POST_BLOCK, c->n * sizeof *b->units);
	c->doc = c->docs[0];
	return true;
}

uint32_t
block_seek_memory(block_scorer *b, uint32_t target)
{
	post_cursor *c = b->c;

	if (c->block >= c->nb && c->block != UINT32_MAX)
		return POST_END;
	if ((c->block == UINT32_MAX || c->docs[c->n - 1] < target) &&
	    !block_load(b, post_find_block(c, c->block == UINT32_MAX ? 0 : c->nb > 1 ? c->block : c->block + 1, target)))
		return POST_END;
	return post_seek(c, target); /* the block has it: nothing is loaded */
}

bool
block_scorer_init(block_scorer *b, seg_eval *se, const plan_node *n, const dict_entry *e)
{
	memset(b, 0, offsetof(block_scorer, units));
	b->n = n;
	b->scored = b->bound_super = UINT32_MAX;
	b->c = seg_eval_cursor(se, e);
	if (!b->c)
		return false;
	b->factor = plan_ratio_factor(se->p, n, b->c);
	b->max = plan_bound(se->p, n, b->factor, b->c->list_impacts);
	if (!block_bounds_init(b, se))
		return false;
	if (b->c->nb == 1 && post_load(b->c, 0) && block_score(b, se)) {
		/* a short list has no impacts: its best is at hand */
		b->max = 0;
		for (uint32_t i = 0; i < b->c->n; i++)
			b->max = b->units[i] > b->max ? b->units[i] : b->max;
	}
	return true;
}

/* ---- one term -------------------------------------------------------- */

void
fast_list(seg_eval *se, topk *top, block_scorer *b)
{
	uint32_t base = se->seg->base, docs[POST_BLOCK + 16], kept;
	int32_t units[POST_BLOCK + 16];

	topk_expect(top, block_prime(b, se, top->k));
	if (b->max <= top->threshold)
		return;
	for (uint32_t k = 0; k < b->c->nb; k++) {
		if (b->c->nb > 1) {
			if (k % POST_SUPER == 0 && block_super_bound(b, se->p, k / POST_SUPER) <= top->threshold) {
				k += POST_SUPER - 1;
				continue;
			}
			if (block_bound(b, se->p, k) <= top->threshold)
				continue;
		}
		if ((b->c->block != k && !post_load(b->c, k)) || !block_score(b, se))
			return;
		kept = block_keep(b->c->docs, b->units, b->c->n, top->threshold, docs, units);
		for (uint32_t i = 0; i < kept; i++)
			if (segment_is_live(se->seg, docs[i]))
				topk_push(top, units[i], base + docs[i]);
	}
}

void
fast_term(seg_eval *se, topk *top)
{
	const plan_node *n = se->p->root;
	block_scorer b;

	if (block_scorer_init(&b, se, n, &n->seg[se->segno].lists[0]))
		fast_list(se, top, &b);
}

/* ---- choosing -------------------------------------------------------- */

fast_kind
fast_pick(const plan *p, size_t segno)
{
	const plan_node *r = p->root;
	uint32_t any = 0;

	if (p->filter || p->with_titles || p->rq->exhaustive || p->rq->xapian)
		return FAST_NO;
	if (fast_leaf_fits(r) && r->seg[segno].nlists)
		return r->seg[segno].nlists == 1 ? FAST_TERM : FAST_OR;
	if (fast_phrase_fits(r, segno))
		return FAST_PHRASE;
	if (r->type != PLAN_OR)
		return fast_and_fits(r, segno) ? FAST_AND : FAST_NO;
	if (r->nchild < 2 || r->nchild > 1024)
		return FAST_NO;
	for (uint32_t i = 0; i < r->nchild; i++) {
		if (!fast_leaf_fits(r->child[i]))
			return FAST_NO;
		any += r->child[i]->seg[segno].nlists > 0;
	}
	return any ? FAST_OR : FAST_NO;
}

/* One word and others that may be there: a glance at the dictionary counts that. */
bool
fast_counts(const plan *p, fast_kind kind, size_t segno, uint32_t ndocs)
{
	if (kind == FAST_PHRASE)
		return true;
	return kind == FAST_AND && !(p->root->type == PLAN_MAYBE && p->root->child[0]->type == PLAN_LEAF) &&
	       !fast_count_dense(p, segno, ndocs);
}

void
fast_run(seg_eval *se, fast_kind kind, topk *top, uint64_t *total)
{
	if (kind == FAST_TERM)
		fast_term(se, top);
	else if (kind == FAST_OR)
		fast_or(se, top);
	else if (kind == FAST_AND)
		fast_and(se, top, total);
	else if (kind == FAST_PHRASE)
		fast_phrase(se, top, total);
}
