/* fast_bits.c - documents of frequent lists as bits, to be counted (see fast.h).
 *
 * The rarer of two lists is put into a set of bits, and the other is looked up in it a
 * block at a time: that is less than to make bits of it too.  Blocks that are stored as
 * sets are neither unpacked nor looked up but compared by words, and those that have
 * nothing of the set in their range are not read.
 */
#include "query/fast.h"

#include "base/cpu.h"

bool
doc_bits_init(doc_bits *b, seg_eval *se)
{
	b->words = arena_zalloc(se->mem, (live_nwords(se->seg->info.docs) + BITPACK_SET_PAD) * sizeof *b->words);
	se->failed |= !b->words;
	return b->words;
}

/* Word i of a block's set; what is beyond its bits is 0. */
CDG_INLINE uint64_t
set_word(const post_set *s, uint32_t i)
{
	uint64_t x = load_u64(s->bits + 8 * (size_t)i);

	return s->nbits - 64 * i < 64 ? x & (((uint64_t)1 << (s->nbits - 64 * i)) - 1) : x;
}

void
doc_bits_add(doc_bits *b, post_cursor *c)
{
	post_set s;

	for (uint32_t k = 0; k < c->nb && !c->bad; k++) {
		uint32_t shift, n;
		uint64_t *to;
		if (k + 2 < c->nb)
			post_expect_block(c, k + 2);
		if (!post_block_set(c, k, &s)) {
			if (post_load(c, k))
				bitpack_put(b->words, c->docs, c->n);
			continue;
		}
		to = b->words + s.first / 64;
		shift = s.first % 64;
		n = (s.nbits + 63) / 64;
		for (uint32_t i = 0; i < n; i++) {
			uint64_t x = set_word(&s, i);
			to[i] |= x << shift;
			to[i + 1] |= x >> 1 >> (63 - shift);
		}
	}
}

CDG_INLINE uint64_t
count_words(const uint64_t *w, size_t n)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (uint64_t)__builtin_popcountll(w[i]);
	return sum;
}

/* Sum of what words of the set have in common with those of a block, which begin at bit
 * `shift` of them. */
CDG_INLINE uint32_t
meet_words(const uint64_t *w, uint32_t shift, const post_set *s)
{
	uint32_t sum = 0;

	for (uint32_t i = 0; 64 * i < s->nbits; i++)
		sum += (uint32_t)__builtin_popcountll(set_word(s, i) & (w[i] >> shift | w[i + 1] << 1 << (63 - shift)));
	return sum;
}

#if defined(__x86_64__)
__attribute__((target("popcnt"))) static uint64_t
count_words_popcnt(const uint64_t *w, size_t n)
{
	return count_words(w, n);
}

__attribute__((target("popcnt"))) static uint32_t
meet_words_popcnt(const uint64_t *w, uint32_t shift, const post_set *s)
{
	return meet_words(w, shift, s);
}
#endif

uint64_t
doc_bits_count(const doc_bits *b, uint32_t ndocs)
{
#if defined(__x86_64__)
	if (likely(cpu_get() >= CPU_AVX2))
		return count_words_popcnt(b->words, live_nwords(ndocs));
#endif
	return count_words(b->words, live_nwords(ndocs));
}

static uint32_t
meet_set(const uint64_t *w, uint32_t shift, const post_set *s)
{
#if defined(__x86_64__)
	if (likely(cpu_get() >= CPU_AVX2))
		return meet_words_popcnt(w, shift, s);
#endif
	return meet_words(w, shift, s);
}

/* May block k have documents of the set?  A long range nearly always does. */
static bool
meet_any(const doc_bits *b, const post_cursor *c, uint32_t k)
{
	uint32_t from = k ? post_block_last(c, k - 1) / 64 : 0, to = post_block_last(c, k) / 64;
	uint64_t any = 0;

	if (to >= live_nwords(c->ndocs) || from > to || to - from > POST_BLOCK)
		return true;
	for (uint32_t i = from; i <= to; i++)
		any |= b->words[i];
	return any;
}

uint32_t
doc_bits_block(const doc_bits *b, post_cursor *c, uint32_t k, uint32_t *out)
{
	uint32_t n = 0;
	post_set s;

	if (k + 2 < c->nb)
		post_expect_block(c, k + 2);
	if (!meet_any(b, c, k))
		return 0;
	if (!post_block_set(c, k, &s))
		return post_load(c, k) ? bitpack_among(b->words, c->docs, c->n, out) : 0;
	for (uint32_t i = 0; 64 * i < s.nbits; i++) {
		const uint64_t *w = b->words + s.first / 64 + i;
		uint32_t shift = s.first % 64;
		for (uint64_t m = set_word(&s, i) & (w[0] >> shift | w[1] << 1 << (63 - shift)); m && n < POST_BLOCK; m &= m - 1)
			out[n++] = s.first + 64 * i + (uint32_t)__builtin_ctzll(m);
	}
	return n;
}

uint64_t
doc_bits_meet(doc_bits *b, post_cursor *c, bool take)
{
	uint32_t docs[POST_BLOCK + 16], n;
	uint64_t sum = 0;
	post_set s;

	for (uint32_t k = 0; k < c->nb && !c->bad; k++) {
		if (!take && post_block_set(c, k, &s)) {
			sum += meet_set(b->words + s.first / 64, s.first % 64, &s);
			continue;
		}
		n = doc_bits_block(b, c, k, docs);
		for (uint32_t i = 0; take && i < n; i++)
			b->words[docs[i] / 64] &= ~((uint64_t)1 << (docs[i] % 64));
		sum += n;
	}
	return sum;
}
