/* window.c - set-at-a-time evaluation: matching documents as bits, 4096 at a
 * time.  Counting, facets, filters and sorting by a field need no scores and
 * come through here.  Positions are read only for documents that every cheaper
 * condition has left standing (`mask`).
 */
#include "query/interval.h"

#include "base/cpu.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

enum { WINDOW_DENSE = 128 }; /* documents of a list in a window, on average */

static void window_fill(iter *it, uint32_t base, const uint64_t *mask, uint64_t *out);

/* How many of the loaded block's documents are below end. */
static uint32_t
window_below(const post_cursor *c, uint32_t end)
{
	return c->docs[c->n - 1] < end ? c->n : bitpack_rank(c->docs, c->n, end);
}

/* On to the first document of the cursor's list that is in [.., end) and was not
 * among the first n of its block.  False: none. */
static bool
window_next(post_cursor *c, uint32_t n, uint32_t end)
{
	if (n < c->n) {
		c->i = n;
		c->doc = c->docs[n];
		return false;
	}
	return post_load(c, c->block + 1) && c->doc < end;
}

/* out |= bit i for each byte i that is 255 (the others are 0). */
static void
bytes_to_bits_portable(const uint8_t *bytes, uint64_t *out)
{
	for (size_t i = 0; i < WINDOW; i += 8) /* the product brings the lowest bits together */
		out[i / 64] |= ((load_u64(bytes + i) & 0x0101010101010101u) * 0x0102040810204080u >> 56) << (i % 64);
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) static void
bytes_to_bits_avx2(const uint8_t *bytes, uint64_t *out)
{
	for (size_t i = 0; i < WINDOW; i += 64) {
		__m256i a = _mm256_loadu_si256((const __m256i *)(const void *)(bytes + i));
		__m256i b = _mm256_loadu_si256((const __m256i *)(const void *)(bytes + i + 32));
		out[i / 64] |= (uint32_t)_mm256_movemask_epi8(a) | (uint64_t)(uint32_t)_mm256_movemask_epi8(b) << 32;
	}
}
#endif

static void
bytes_to_bits(const uint8_t *bytes, uint64_t *out)
{
#if defined(__x86_64__)
	if (likely(cpu_get() >= CPU_AVX2)) {
		bytes_to_bits_avx2(bytes, out);
		return;
	}
#endif
	bytes_to_bits_portable(bytes, out);
}

/* Bits of a set that begin at bit `at` of the window, which may be before it. */
static void
window_or(const uint8_t *set, uint32_t nbits, int64_t at, uint64_t *out)
{
	for (uint32_t i = 0; i < nbits; i += 64, at += 64) {
		uint64_t word = load_u64(set + i / 8);
		int64_t to = at;
		if (at <= -64 || at >= WINDOW)
			continue;
		if (nbits - i < 64)
			word &= ((uint64_t)1 << (nbits - i)) - 1;
		if (to < 0) {
			word >>= -to;
			to = 0;
		}
		out[to / 64] |= word << (to % 64);
		if (to % 64 && to / 64 + 1 < WINDOW_WORDS)
			out[to / 64 + 1] |= word >> (64 - to % 64);
	}
}

/* With many documents in a window most would wait for the one before to write the
 * same word of bits: a byte each does not.  Blocks that are sets are used as they
 * are. */
static void
window_list_dense(post_cursor *c, uint32_t base, uint64_t *out)
{
	uint8_t bytes[WINDOW];
	post_set s;
	uint32_t k = c->hint = post_find_block(c, c->hint, base);
	bool any = false;

	for (; k < c->nb && !c->bad; k++) {
		const uint32_t *docs = c->docs;
		if (post_block_set(c, k, &s)) {
			if (s.first >= base + WINDOW)
				break;
			window_or(s.bits, s.nbits, (int64_t)s.first - base, out);
		} else {
			uint32_t i, n;
			if (c->block != k && !post_load(c, k))
				break;
			if (docs[0] >= base + WINDOW)
				break;
			if (!any)
				memset(bytes, 0, sizeof bytes);
			any = true;
			n = window_below(c, base + WINDOW);
			for (i = docs[0] < base ? bitpack_rank(docs, n, base) : 0; i + 4 <= n; i += 4) {
				bytes[docs[i] - base] = 255;
				bytes[docs[i + 1] - base] = 255;
				bytes[docs[i + 2] - base] = 255;
				bytes[docs[i + 3] - base] = 255;
			}
			for (; i < n; i++)
				bytes[docs[i] - base] = 255;
		}
		if (post_block_last(c, k) >= base + WINDOW - 1)
			break;
	}
	if (any)
		bytes_to_bits(bytes, out);
}

void
window_list(post_cursor *c, uint32_t base, uint64_t *out)
{
	uint32_t n;

	if (c->nb > 1 && (uint64_t)c->meta.df * WINDOW > (uint64_t)c->ndocs * WINDOW_DENSE) {
		window_list_dense(c, base, out);
		return;
	}
	if (post_seek(c, base) >= base + WINDOW)
		return;
	do {
		n = window_below(c, base + WINDOW);
		for (uint32_t i = c->i; i < n; i++) {
			uint32_t d = c->docs[i] - base;
			out[d / 64] |= (uint64_t)1 << (d % 64);
		}
	} while (window_next(c, n, base + WINDOW));
}

static uint64_t
count_portable(const uint64_t *bits)
{
	uint64_t n = 0;

	for (size_t w = 0; w < WINDOW_WORDS; w++)
		n += (uint64_t)__builtin_popcountll(bits[w]);
	return n;
}

#if defined(__x86_64__)
__attribute__((target("popcnt"))) static uint64_t
count_popcnt(const uint64_t *bits)
{
	uint64_t n = 0;

	for (size_t w = 0; w < WINDOW_WORDS; w++)
		n += (uint64_t)__builtin_popcountll(bits[w]);
	return n;
}
#endif

uint64_t
window_count(const uint64_t *bits)
{
#if defined(__x86_64__)
	if (likely(cpu_get() >= CPU_AVX2))
		return count_popcnt(bits);
#endif
	return count_portable(bits);
}

static void
window_set(const iter *it, uint32_t base, uint64_t *out)
{
	uint32_t n = it->se->seg->info.docs;
	size_t words = live_nwords(n), first = base / 64;

	for (size_t w = 0; w < WINDOW_WORDS && first + w < words; w++)
		out[w] |= it->set ? it->set[first + w] : 0;
}

static void
window_all(uint32_t n, uint32_t base, uint64_t *out)
{
	for (size_t w = 0; w < WINDOW_WORDS; w++) {
		uint32_t at = base + 64 * (uint32_t)w;
		out[w] |= at + 64 <= n ? UINT64_MAX : at < n ? ((uint64_t)1 << (n - at)) - 1 : 0;
	}
}

static bool
window_any(const uint64_t *bits)
{
	uint64_t any = 0;
	for (size_t w = 0; w < WINDOW_WORDS; w++)
		any |= bits[w];
	return any != 0;
}

/* Candidates, then positions for those in the mask. */
static void
window_interval(iter *it, uint32_t base, const uint64_t *mask, uint64_t *out)
{
	uint64_t cand[WINDOW_WORDS] = { 0 };

	window_fill(it->approx, base, mask, cand);
	for (size_t w = 0; w < WINDOW_WORDS; w++)
		for (uint64_t m = cand[w] & (mask ? mask[w] : UINT64_MAX); m && !it->se->late; m &= m - 1) {
			unsigned bit = (unsigned)__builtin_ctzll(m);
			if (interval_freq(it->iv, base + 64 * (uint32_t)w + bit, 1))
				out[w] |= (uint64_t)1 << bit;
		}
}

/* The children without positions first: what they leave is the mask of the
 * others. */
static void
window_and(iter *it, uint32_t base, const uint64_t *mask, uint64_t *out)
{
	uint64_t acc[WINDOW_WORDS], bits[WINDOW_WORDS];

	if (mask)
		memcpy(acc, mask, sizeof acc);
	else {
		memset(acc, 0, sizeof acc);
		window_all(it->se->seg->info.docs, base, acc);
	}
	for (unsigned phase = 0; phase < 2; phase++)
		for (uint32_t i = 0; i < it->nchild; i++) {
			if (it->child[i]->two_phase != (phase == 1))
				continue;
			if (!window_any(acc))
				return;
			memset(bits, 0, sizeof bits);
			window_fill(it->child[i], base, acc, bits);
			for (size_t w = 0; w < WINDOW_WORDS; w++)
				acc[w] &= bits[w];
		}
	for (size_t w = 0; w < WINDOW_WORDS; w++)
		out[w] |= acc[w];
}

static void
window_not(iter *it, uint32_t base, const uint64_t *mask, uint64_t *out)
{
	uint64_t acc[WINDOW_WORDS] = { 0 }, bits[WINDOW_WORDS];

	window_fill(it->child[0], base, mask, acc);
	for (uint32_t i = 1; i < it->nchild && window_any(acc); i++) {
		memset(bits, 0, sizeof bits);
		window_fill(it->child[i], base, acc, bits);
		for (size_t w = 0; w < WINDOW_WORDS; w++)
			acc[w] &= ~bits[w];
	}
	for (size_t w = 0; w < WINDOW_WORDS; w++)
		out[w] |= acc[w];
}

/* out |= matches; only bits of the mask (NULL: all) need be right. */
static void
window_fill(iter *it, uint32_t base, const uint64_t *mask, uint64_t *out)
{
	switch (it->kind) {
	case ITER_ALL:
		window_all(it->se->seg->info.docs, base, out);
		break;
	case ITER_LIST:
		window_list(it->c, base, out);
		break;
	case ITER_UNION:
		for (uint32_t i = 0; i < it->ncs; i++)
			window_list(it->cs[i], base, out);
		break;
	case ITER_SET:
	case ITER_DENSE:
		window_set(it, base, out);
		break;
	case ITER_INTERVAL:
		window_interval(it, base, mask, out);
		break;
	case ITER_AND:
		window_and(it, base, mask, out);
		break;
	case ITER_OR:
		for (uint32_t i = 0; i < it->nchild && !seg_eval_step(it->se, 64); i++)
			window_fill(it->child[i], base, mask, out);
		break;
	case ITER_NOT:
		window_not(it, base, mask, out);
		break;
	case ITER_MAYBE:
		window_fill(it->child[0], base, mask, out);
		break;
	default:
		break;
	}
}

void
iter_window(iter *it, uint32_t base, uint64_t *bits)
{
	memset(bits, 0, WINDOW_WORDS * sizeof *bits);
	window_fill(it, base, NULL, bits);
	if (unlikely(it->se->late)) /* what NOT leaves is not known then */
		memset(bits, 0, WINDOW_WORDS * sizeof *bits);
}
