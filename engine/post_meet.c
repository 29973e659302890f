/* post_meet.c - two words of a phrase in the documents of two blocks (see postings.h).
 *
 * Most documents have a few positions of a word, in one chunk: a load and a subtraction.
 * Each of one word's is then compared with each of the other's.
 */
#include "engine/post_internal.h"

#include "base/cpu.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define MEET_512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi,bmi,bmi2,popcnt")))
enum { MEET_MOST = 16 };

/* Where the phrase would begin by the positions of the loaded block's document i. */
MEET_512 CDG_INLINE bool
meet_starts(post_cursor *c, uint32_t i, uint32_t off, __m512i *out)
{
	uint32_t start = c->sums[i], in = start % POST_BLOCK;

	if (c->tfs[i] > MEET_MOST || in + c->tfs[i] > POST_BLOCK || !post_load_chunk(c, start / POST_BLOCK) ||
	    c->chunk_wide)
		return false;
	*out = _mm512_sub_epi32(_mm512_loadu_si512(c->runs + POST_RUNS + in),
				_mm512_set1_epi32((int)(c->runs[POST_RUNS + in - 1] + 1 + off)));
	return true;
}

/* How many of the first na values of a are among the first nb of b: four of each side
 * at a time. */
MEET_512 static inline unsigned
meet_count(__m512i a, uint32_t na, __m512i b, uint32_t nb)
{
	const __m512i quads = _mm512_set_epi32(3, 3, 3, 3, 2, 2, 2, 2, 1, 1, 1, 1, 0, 0, 0, 0);
	const __m512i turns = _mm512_set_epi32(3, 2, 1, 0, 3, 2, 1, 0, 3, 2, 1, 0, 3, 2, 1, 0);
	unsigned met = 0;

	for (uint32_t i = 0; i < na; i += 4) {
		__m512i x = _mm512_permutexvar_epi32(_mm512_add_epi32(quads, _mm512_set1_epi32((int)i)), a);
		unsigned rows = na - i < 4 ? (1u << (4 * (na - i))) - 1 : 0xffff;
		for (uint32_t j = 0; j < nb; j += 4) {
			__m512i y = _mm512_permutexvar_epi32(_mm512_add_epi32(turns, _mm512_set1_epi32((int)j)), b);
			unsigned columns = nb - j < 4 ? 0x1111 * ((1u << (nb - j)) - 1) : 0xffff;
			met += (unsigned)__builtin_popcount(_mm512_cmpeq_epi32_mask(x, y) & rows & columns);
		}
	}
	return met;
}

MEET_512 static void
meet_avx512(post_cursor *a, const uint8_t *ia, uint32_t off_a, post_cursor *b, const uint8_t *ib, uint32_t off_b,
	    uint32_t n, uint8_t *met)
{
	for (uint32_t k = 0; k < n; k++) {
		__m512i x, y;
		met[k] = POST_MEET_UNKNOWN;
		if (meet_starts(a, ia[k], off_a, &x) && meet_starts(b, ib[k], off_b, &y))
			met[k] = (uint8_t)meet_count(x, a->tfs[ia[k]], y, b->tfs[ib[k]]);
	}
}
#endif

void
post_meet(post_cursor *a, const uint8_t *ia, uint32_t off_a, post_cursor *b, const uint8_t *ib, uint32_t off_b,
	  uint32_t n, uint8_t *met)
{
#if defined(__x86_64__)
	if (likely(cpu_get() >= CPU_AVX512) && a->meta.has_pos && b->meta.has_pos && !a->meta.inline_pos &&
	    !b->meta.inline_pos && post_load_sums(a) && post_load_sums(b)) {
		meet_avx512(a, ia, off_a, b, ib, off_b, n, met);
		return;
	}
#endif
	memset(met, POST_MEET_UNKNOWN, n);
}
