/* bitpack_set.c - values sought in bit sets and put into them (see bitpack.h). */
#include "engine/bitpack.h"

#include "base/cpu.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

enum { SET_VECTOR_BITS = 1024, SET_FEW = 6, SET_SPAN = 4096 };

static uint32_t
filter_portable(const uint8_t *bits, uint32_t nbits, uint32_t first, const uint32_t *targets, uint32_t m, bool has,
		uint32_t *out)
{
	uint32_t kept = 0;

	for (uint32_t j = 0; j < m; j++) {
		uint32_t t = targets[j], d = t - first; /* before the first: very large */
		bool in = d < nbits && (bits[d / 8] >> (d % 8) & 1);
		out[kept] = t;
		kept += in == has;
	}
	return kept;
}

/* Words before the target's are counted once. */
CDG_INLINE uint32_t
match_words(const uint8_t *bits, uint32_t nbits, uint32_t first, const uint32_t *targets, uint32_t m, uint8_t *which,
	    uint8_t *at)
{
	uint32_t found = 0, before = 0, word = 0;

	for (uint32_t j = 0; j < m; j++) {
		uint32_t d = targets[j] - first;
		uint64_t x;
		if (d >= nbits)
			continue;
		for (; word < d / 64; word++)
			before += (uint32_t)__builtin_popcountll(load_u64(bits + 8 * (size_t)word));
		x = load_u64(bits + 8 * (size_t)word);
		which[found] = (uint8_t)j;
		at[found] = (uint8_t)((before + (uint32_t)__builtin_popcountll(x & (((uint64_t)1 << d % 64) - 1))) % 128);
		found += x >> d % 64 & 1;
	}
	return found;
}

static uint32_t
match_portable(const uint8_t *bits, uint32_t nbits, uint32_t first, const uint32_t *targets, uint32_t m,
	       uint8_t *which, uint8_t *at)
{
	return match_words(bits, nbits, first, targets, m, which, at);
}

#if defined(__x86_64__)
#define SET_512 __attribute__((target("avx512f,avx512bw,avx512vl,popcnt,bmi2")))

__attribute__((target("popcnt"))) static uint32_t
match_popcnt(const uint8_t *bits, uint32_t nbits, uint32_t first, const uint32_t *targets, uint32_t m, uint8_t *which,
	     uint8_t *at)
{
	return match_words(bits, nbits, first, targets, m, which, at);
}

/* All words of a set in two registers, from which sixteen are looked up at once. */
typedef struct set_512 {
	__m512i low, high;
} set_512;

SET_512 static inline set_512
set_load_512(const uint8_t *bits, uint32_t nbits)
{
	uint32_t n = (nbits + 7) / 8;
	set_512 s = { .low = _mm512_maskz_loadu_epi8(_bzhi_u64(UINT64_MAX, n < 64 ? n : 64), bits) };

	s.high = n > 64 ? _mm512_maskz_loadu_epi8(_bzhi_u64(UINT64_MAX, n - 64), bits + 64) : _mm512_setzero_si512();
	return s;
}

SET_512 static inline __m512i
set_look_512(const set_512 *s, __m512i word)
{
	return _mm512_permutex2var_epi32(s->low, word, s->high);
}

/* Numbers of the targets from j on in the set, and which of them are in it. */
SET_512 static inline __m512i
set_numbers_512(const uint32_t *targets, uint32_t m, uint32_t j, uint32_t first, __mmask16 *some)
{
	*some = (__mmask16)(m - j < 16 ? (1u << (m - j)) - 1 : 0xffff);
	return _mm512_sub_epi32(_mm512_maskz_loadu_epi32(*some, targets + j), _mm512_set1_epi32((int)first));
}

SET_512 static uint32_t
filter_avx512(const uint8_t *bits, uint32_t nbits, uint32_t first, const uint32_t *targets, uint32_t m, bool has,
	      uint32_t *out)
{
	const __m512i end = _mm512_set1_epi32((int)nbits), one = _mm512_set1_epi32(1);
	const set_512 s = set_load_512(bits, nbits);
	const __mmask16 flip = has ? 0 : 0xffff;
	uint32_t kept = 0;

	for (uint32_t j = 0; j < m; j += 16) {
		__mmask16 some, in;
		__m512i d = set_numbers_512(targets, m, j, first, &some), x;
		x = _mm512_srlv_epi32(set_look_512(&s, _mm512_srli_epi32(d, 5)),
				      _mm512_and_si512(d, _mm512_set1_epi32(31)));
		in = _mm512_mask_test_epi32_mask(_mm512_cmplt_epu32_mask(d, end), x, one);
		in = (__mmask16)((in ^ flip) & some);
		/* what stands behind is not read yet */
		_mm512_mask_storeu_epi32(out + kept, (__mmask16)_bzhi_u32(0xffff, (unsigned)__builtin_popcount(in)),
					 _mm512_add_epi32(_mm512_maskz_compress_epi32(in, d), _mm512_set1_epi32((int)first)));
		kept += (uint32_t)__builtin_popcount(in);
	}
	return kept;
}

/* Bits of each word. */
SET_512 static inline __m512i
set_popcount_512(__m512i x)
{
	const __m512i of = _mm512_broadcast_i32x4(_mm_set_epi8(4, 3, 3, 2, 3, 2, 2, 1, 3, 2, 2, 1, 2, 1, 1, 0));
	const __m512i low = _mm512_set1_epi8(15);
	__m512i n = _mm512_add_epi8(_mm512_shuffle_epi8(of, _mm512_and_si512(x, low)),
				    _mm512_shuffle_epi8(of, _mm512_and_si512(_mm512_srli_epi32(x, 4), low)));

	return _mm512_madd_epi16(_mm512_maddubs_epi16(n, _mm512_set1_epi8(1)), _mm512_set1_epi16(1));
}

/* Sums of the words up to each. */
SET_512 static inline __m512i
set_sums_512(__m512i x)
{
	const __m512i zero = _mm512_setzero_si512();

	x = _mm512_add_epi32(x, _mm512_alignr_epi32(x, zero, 15));
	x = _mm512_add_epi32(x, _mm512_alignr_epi32(x, zero, 14));
	x = _mm512_add_epi32(x, _mm512_alignr_epi32(x, zero, 12));
	return _mm512_add_epi32(x, _mm512_alignr_epi32(x, zero, 8));
}

SET_512 static uint32_t
match_avx512(const uint8_t *bits, uint32_t nbits, uint32_t first, const uint32_t *targets, uint32_t m, uint8_t *which,
	     uint8_t *at)
{
	const __m512i end = _mm512_set1_epi32((int)nbits), one = _mm512_set1_epi32(1), last = _mm512_set1_epi32(15);
	const __m512i lane = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
	const set_512 s = set_load_512(bits, nbits);
	const __m512i in_low = set_popcount_512(s.low), in_high = set_popcount_512(s.high);
	const __m512i low = set_sums_512(in_low);
	set_512 before = { .low = _mm512_sub_epi32(low, in_low) }; /* bits of the words before */
	uint32_t found = 0;

	before.high = _mm512_add_epi32(_mm512_sub_epi32(set_sums_512(in_high), in_high), _mm512_permutexvar_epi32(last, low));
	for (uint32_t j = 0; j < m; j += 16) {
		__mmask16 some, in;
		__m512i d = set_numbers_512(targets, m, j, first, &some), word = _mm512_srli_epi32(d, 5);
		__m512i bit = _mm512_sllv_epi32(one, _mm512_and_si512(d, _mm512_set1_epi32(31)));
		__m512i x = set_look_512(&s, word), k;
		in = _mm512_mask_test_epi32_mask(_mm512_cmplt_epu32_mask(d, end) & some, x, bit);
		k = set_popcount_512(_mm512_and_si512(x, _mm512_sub_epi32(bit, one)));
		k = _mm512_and_si512(_mm512_add_epi32(k, set_look_512(&before, word)), _mm512_set1_epi32(127));
		_mm_storeu_si128((__m128i *)(void *)(at + found), _mm512_cvtepi32_epi8(_mm512_maskz_compress_epi32(in, k)));
		_mm_storeu_si128((__m128i *)(void *)(which + found),
				 _mm512_cvtepi32_epi8(_mm512_maskz_compress_epi32(
					 in, _mm512_add_epi32(lane, _mm512_set1_epi32((int)j)))));
		found += (uint32_t)__builtin_popcount(in);
	}
	return found;
}
#endif

uint32_t
bitpack_filter_set(const uint8_t *bits, uint32_t nbits, uint32_t first, const uint32_t *targets, uint32_t m, bool has,
		   uint32_t *out)
{
#if defined(__x86_64__)
	if (likely(nbits <= SET_VECTOR_BITS && m >= SET_FEW && cpu_get() >= CPU_AVX512))
		return filter_avx512(bits, nbits, first, targets, m, has, out);
#endif
	return filter_portable(bits, nbits, first, targets, m, has, out);
}

uint32_t
bitpack_match_set(const uint8_t *bits, uint32_t nbits, uint32_t first, const uint32_t *targets, uint32_t m,
		  uint8_t *which, uint8_t *at)
{
#if defined(__x86_64__)
	cpu_level level = cpu_get();

	if (likely(nbits <= SET_VECTOR_BITS && m >= SET_FEW && level >= CPU_AVX512))
		return match_avx512(bits, nbits, first, targets, m, which, at);
	if (level >= CPU_AVX2)
		return match_popcnt(bits, nbits, first, targets, m, which, at);
#endif
	return match_portable(bits, nbits, first, targets, m, which, at);
}

/* ---- a set of many ----------------------------------------------------- */

static void
put_portable(uint64_t *bits, const uint32_t *v, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		bits[v[i] / 64] |= (uint64_t)1 << (v[i] % 64);
}

static uint32_t
among_portable(const uint64_t *bits, const uint32_t *v, uint32_t n, uint32_t *out)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < n; i++) {
		uint32_t x = v[i];
		out[kept] = x;
		kept += bits[x / 64] >> (x % 64) & 1;
	}
	return kept;
}

#if defined(__x86_64__)
/* Where values are near one another most would wait for the one before to write the same
 * word: a byte each does not. */
SET_512 static void
put_avx512(uint64_t *bits, const uint32_t *v, uint32_t n)
{
	uint32_t from = v[0] / 64 * 64, span = v[n - 1] - from + 1;
	_Alignas(64) uint8_t bytes[SET_SPAN + 64];

	if (n < 16 || span > SET_SPAN) {
		put_portable(bits, v, n);
		return;
	}
	for (uint32_t i = 0; i < span; i += 64)
		_mm512_store_si512(bytes + i, _mm512_setzero_si512());
	for (uint32_t i = 0; i < n; i++)
		bytes[v[i] - from] = 255;
	for (uint32_t i = 0; i < span; i += 64)
		bits[(from + i) / 64] |= _mm512_movepi8_mask(_mm512_load_si512(bytes + i));
}

SET_512 static uint32_t
among_avx512(const uint64_t *bits, const uint32_t *v, uint32_t n, uint32_t *out)
{
	const __m512i one = _mm512_set1_epi32(1), low = _mm512_set1_epi32(31);
	const uint32_t *words = (const uint32_t *)(const void *)bits;
	uint32_t kept = 0, from = 0;
	set_512 s = { .low = _mm512_loadu_si512(words), .high = _mm512_loadu_si512(words + 16) };

	for (uint32_t j = 0; j < n; j += 16) {
		uint32_t m = n - j < 16 ? n - j : 16, last = v[j + m - 1];
		__mmask16 some = (__mmask16)_bzhi_u32(0xffff, m), in;
		__m512i x = _mm512_maskz_loadu_epi32(some, v + j), d;
		if (last - from >= SET_VECTOR_BITS) {
			from = v[j] & ~(uint32_t)31;
			if (last - from >= SET_VECTOR_BITS) { /* far from one another */
				kept += among_portable(bits, v + j, m, out + kept);
				continue;
			}
			s.low = _mm512_loadu_si512(words + from / 32);
			s.high = _mm512_loadu_si512(words + from / 32 + 16);
		}
		d = _mm512_sub_epi32(x, _mm512_set1_epi32((int)from));
		d = _mm512_srlv_epi32(set_look_512(&s, _mm512_srli_epi32(d, 5)), _mm512_and_si512(d, low));
		in = _mm512_mask_test_epi32_mask(some, d, one);
		_mm512_storeu_si512(out + kept, _mm512_maskz_compress_epi32(in, x));
		kept += (uint32_t)__builtin_popcount(in);
	}
	return kept;
}
#endif

void
bitpack_put(uint64_t *bits, const uint32_t *v, uint32_t n)
{
#if defined(__x86_64__)
	if (likely(n && cpu_get() >= CPU_AVX512)) {
		put_avx512(bits, v, n);
		return;
	}
#endif
	put_portable(bits, v, n);
}

uint32_t
bitpack_among(const uint64_t *bits, const uint32_t *v, uint32_t n, uint32_t *out)
{
#if defined(__x86_64__)
	if (likely(cpu_get() >= CPU_AVX512))
		return among_avx512(bits, v, n, out);
#endif
	return among_portable(bits, v, n, out);
}
