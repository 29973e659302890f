/* post_meet.c - two words of a phrase in the documents of two blocks (see postings.h).
 *
 * Most documents have a few positions of a word, in one chunk: a load and a subtraction.
 * Each of one word's is then compared with each of the other's.
 */
#include "engine/post_internal.h"

#include "base/cpu.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define MEET_512 __attribute__((target("avx512f,popcnt")))
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

/* How many of n starts of one word the other agrees with, which has many positions or has
 * them in two chunks; as many as are enough. */
MEET_512 static unsigned
meet_pieces(const uint32_t *starts, uint32_t n, post_cursor *c, uint32_t i, uint32_t off, unsigned enough)
{
	unsigned met = 0;
	uint32_t k = 0;
	post_piece p;

	c->i = i;
	if (!post_pieces(c, &p))
		return POST_MEET_UNKNOWN;
	while (k < n && starts[k] > INT32_MAX) /* before the text */
		k++;
	while (k < n && met < enough && post_next_piece(c, &p)) {
		uint32_t last = p.v[p.n - 1] + p.plus;
		for (; k < n && starts[k] + off <= last; k++) {
			const __m512i want = _mm512_set1_epi32((int)(starts[k] + off - p.plus));
			unsigned found = 0;
			for (uint32_t j = 0; j < p.n; j += 16) {
				unsigned valid = p.n - j < 16 ? (1u << (p.n - j)) - 1 : 0xffff;
				found |= _mm512_cmpeq_epi32_mask(_mm512_loadu_si512(p.v + j), want) & valid;
			}
			met += found != 0;
		}
	}
	return c->bad ? POST_MEET_UNKNOWN : met;
}

/* How often both agree in one document, or POST_MEET_UNKNOWN. */
MEET_512 static unsigned
meet_document(post_cursor *a, uint32_t ia, uint32_t off_a, post_cursor *b, uint32_t ib, uint32_t off_b, unsigned enough)
{
	uint32_t starts[MEET_MOST];
	bool few;
	__m512i x, y;

	if (meet_starts(a, ia, off_a, &x)) {
		few = meet_starts(b, ib, off_b, &y);
		if (likely(few))
			return meet_count(x, a->tfs[ia], y, b->tfs[ib]);
		_mm512_storeu_si512(starts, x);
		return meet_pieces(starts, a->tfs[ia], b, ib, off_b, enough);
	}
	if (a->bad || !meet_starts(b, ib, off_b, &y))
		return POST_MEET_UNKNOWN;
	_mm512_storeu_si512(starts, y);
	return meet_pieces(starts, b->tfs[ib], a, ia, off_a, enough);
}
#endif

void
post_meet(post_cursor *a, const uint8_t *ia, uint32_t off_a, post_cursor *b, const uint8_t *ib, uint32_t off_b,
	  uint32_t n, unsigned enough, uint8_t *met)
{
#if defined(__x86_64__)
	if (likely(cpu_get() >= CPU_AVX512) && a->meta.has_pos && b->meta.has_pos && !a->meta.inline_pos &&
	    !b->meta.inline_pos && post_load_sums(a) && post_load_sums(b)) {
		for (uint32_t k = 0; k < n; k++)
			met[k] = (uint8_t)meet_document(a, ia[k], off_a, b, ib[k], off_b, enough);
		return;
	}
#endif
	memset(met, POST_MEET_UNKNOWN, n);
}
