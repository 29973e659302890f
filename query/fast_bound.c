/* fast_bound.c - ceilings of blocks and of ranges of documents, and what they say of
 * the best documents (see fast.h).
 *
 * The ceilings of a super block's blocks are computed together when the first of
 * them is asked for.
 */
#include "base/cpu.h"
#include "base/select.h"
#include "query/fast.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

/* Units for the ratios of n impact words.  less: for the largest ratio that is
 * below all that the code can stand for, so that a document has at least so much. */
static void
ratios_portable(const uint8_t *words, uint32_t n, float w, float scale, bool less, int32_t *out)
{
	for (uint32_t i = 0; i < n; i++) {
		uint64_t code = load_u64(words + 8 * (size_t)i) >> 48;
		if (less && !code)
			out[i] = 0;
		else
			out[i] = bm25_score(w, post_ratio((code - less) << 48), 1.0f, scale);
	}
}

#if defined(__x86_64__)
/* Eight at a time; may write as many past n. */
__attribute__((target("avx512f,avx512vl"))) static void
ratios_avx512(const uint8_t *words, uint32_t n, float w, float scale, bool less, int32_t *out)
{
	const __m256 vw = _mm256_set1_ps(w), vs = _mm256_set1_ps(scale), one = _mm256_set1_ps(1.0f);
	const __m256i any = _mm256_set1_epi32(POST_RATIO_ANY), base = _mm256_set1_epi32(POST_RATIO_BASE);
	const __m256i infinite = _mm256_set1_epi32(0x7f800000), down = _mm256_set1_epi32(less);

	for (uint32_t i = 0; i < n; i += 8) {
		__m512i word = _mm512_loadu_si512(words + 8 * (size_t)i);
		__m256i code = _mm512_cvtepi64_epi32(_mm512_srli_epi64(word, 48));
		__mmask8 some = less ? _mm256_cmpneq_epi32_mask(code, _mm256_setzero_si256()) : 0xff;
		__m256i bits;
		__m256 x;
		code = _mm256_mask_sub_epi32(code, some, code, down);
		bits = _mm256_slli_epi32(_mm256_add_epi32(code, base), 12);
		bits = _mm256_mask_mov_epi32(bits, _mm256_cmpeq_epi32_mask(code, any), infinite);
		x = _mm256_castsi256_ps(_mm256_maskz_mov_epi32(some, bits));
		x = _mm256_sub_ps(vw, _mm256_div_ps(vw, _mm256_add_ps(one, x)));
		_mm256_storeu_si256((__m256i *)(void *)(out + i), _mm256_cvtps_epi32(_mm256_mul_ps(x, vs)));
	}
}
#endif

void
block_ratios(const uint8_t *words, uint32_t n, float w, float scale, bool less, int32_t *out)
{
#if defined(__x86_64__)
	if (likely(cpu_get() >= CPU_AVX512)) {
		ratios_avx512(words, n, w, scale, less, out);
		return;
	}
#endif
	ratios_portable(words, n, w, scale, less, out);
}

bool
block_bounds_init(block_scorer *b, const seg_eval *se)
{
	uint32_t nb = b->c->nb, supers = (nb + POST_SUPER - 1) / POST_SUPER;

	if (nb <= 1)
		return true;
	b->bounds = arena_alloc(se->mem, ((size_t)nb + 8) * sizeof *b->bounds);
	b->known = arena_zalloc(se->mem, supers);
	return b->bounds && b->known;
}

static void
bounds_fill(block_scorer *b, const plan *p, uint32_t super)
{
	uint32_t from = super * POST_SUPER, to = min_u32(b->c->nb, from + POST_SUPER);

	if (b->factor == 1.0f)
		block_ratios(b->c->skip_imp + 8 * (size_t)from, to - from, b->n->weight, p->scale, false, b->bounds + from);
	else
		for (uint32_t k = from; k < to; k++)
			b->bounds[k] = plan_bound(p, b->n, b->factor, post_block_impacts(b->c, k));
	b->known[super] = 1;
}

int32_t
block_bound(block_scorer *b, const plan *p, uint32_t k)
{
	if (b->c->nb <= 1)
		return b->max;
	if (b->mem_best)
		return b->mem_best[k];
	if (unlikely(!b->known[k / POST_SUPER]))
		bounds_fill(b, p, k / POST_SUPER);
	return b->bounds[k];
}

int32_t
block_super_bound(block_scorer *b, const plan *p, uint32_t super)
{
	if (b->c->nb <= 1)
		return b->max;
	if (b->bound_super != super) {
		if (b->mem_best) {
			b->super = 0;
			for (uint32_t k = super * POST_SUPER; k < min_u32(b->c->nb, (super + 1) * POST_SUPER); k++)
				b->super = b->mem_best[k] > b->super ? b->mem_best[k] : b->super;
		} else {
			b->super = plan_bound(p, b->n, b->factor, post_super_impacts(b->c, super));
		}
		b->bound_super = super;
	}
	return b->super;
}

int32_t
block_range_bound(block_scorer *b, const plan *p, uint32_t *hint, uint32_t from, uint32_t to)
{
	uint32_t k = *hint = post_find_block(b->c, *hint, from);
	int32_t best = -1;

	if (b->c->nb <= 1) /* it is loaded already */
		return k < b->c->nb && block_seek(b, from) < to ? b->max : -1;
	while (k < b->c->nb) {
		int32_t s;
		uint32_t super = k / POST_SUPER, last = (super + 1) * POST_SUPER - 1;
		if (k % POST_SUPER == 0 && last < b->c->nb && post_block_last(b->c, last) < to) {
			s = block_super_bound(b, p, super); /* wholly inside */
			k = last;
		} else {
			s = block_bound(b, p, k);
		}
		best = s > best ? s : best;
		if (post_block_last(b->c, k) >= to - 1)
			break;
		k++;
	}
	return best;
}

/* ---- what the best documents have at least ----------------------------- */

static int32_t
prime_select(uint64_t *v, uint32_t n, uint32_t k)
{
	uint64_t least = UINT64_MAX;

	if (n < k)
		return -1;
	select_largest(v, n, k);
	for (uint32_t i = 0; i < k; i++)
		least = v[i] < least ? v[i] : least;
	return (int32_t)least;
}

/* Each block has a document at its ceiling: the k-th highest will do, and it is in
 * one of the k best super blocks. */
static int32_t
prime_by_blocks(const block_scorer *b, const seg_eval *se, uint32_t k)
{
	const post_cursor *c = b->c;
	uint32_t supers = (c->nb + POST_SUPER - 1) / POST_SUPER, n = 0;
	uint64_t *v = arena_alloc(se->mem, ((size_t)c->nb + supers) * sizeof *v), *all;
	int32_t u[POST_SUPER + 8], cut = -1;

	if (!v)
		return -1;
	all = v + supers;
	if (supers > k) {
		for (uint32_t s = 0; s < supers; s += POST_SUPER) {
			uint32_t m = min_u32(POST_SUPER, supers - s);
			block_ratios(c->skip_super + 8 * (size_t)s, m, b->n->weight, se->p->scale, true, u);
			for (uint32_t i = 0; i < m; i++)
				all[s + i] = v[s + i] = (uint32_t)u[i];
		}
		cut = prime_select(v, supers, k);
	}
	for (uint32_t s = 0; s < supers; s++) {
		uint32_t m = min_u32(POST_SUPER, c->nb - s * POST_SUPER);
		if (cut >= 0 && all[s] < (uint64_t)cut)
			continue;
		block_ratios(c->skip_imp + 8 * (size_t)s * POST_SUPER, m, b->n->weight, se->p->scale, true, u);
		for (uint32_t i = 0; i < m; i++)
			v[n++] = (uint32_t)u[i];
	}
	return prime_select(v, n, k);
}

/* By scoring all documents of a list; it is rewound. */
static int32_t
prime_by_score(block_scorer *b, const seg_eval *se, uint32_t k)
{
	post_cursor *c = b->c;
	uint64_t *v = arena_alloc(se->mem, c->meta.df * sizeof *v);
	uint32_t n = 0;

	for (uint32_t j = 0; v && j < c->nb; j++) {
		if ((c->block != j && !post_load(c, j)) || !block_score(b, se))
			return -1;
		for (uint32_t i = 0; i < c->n; i++)
			if (segment_is_live(se->seg, c->docs[i]))
				v[n++] = (uint32_t)b->units[i];
	}
	if (c->nb > 1) {
		post_rewind(c);
		b->scored = UINT32_MAX;
	}
	return v ? prime_select(v, n, k) : -1;
}

enum { PRIME_SCORED = 2048 };

int32_t
block_prime(block_scorer *b, const seg_eval *se, uint32_t k)
{
	if (b->mem_docs || !k)
		return -1;
	if (b->c->nb >= k && b->c->nb > 1 && b->factor == 1.0f && !se->seg->has_deletes)
		return prime_by_blocks(b, se, k);
	if (b->c->meta.df >= k && b->c->meta.df <= PRIME_SCORED)
		return prime_by_score(b, se, k);
	return -1;
}
