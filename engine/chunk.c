/* chunk.c - see chunk.h.  The portable functions define the result; the vector ones
 * are picked by cpu_get() and must give the same.
 */
#include "engine/chunk.h"

#include "base/cpu.h"
#include "engine/bitpack.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

/* ---- the shape ------------------------------------------------------- */

/* The best shape is put together by trying fewer and fewer low bits.  With b of them
 * `above` values are exceptions; false: they are too many. */
CDG_INLINE bool
chunk_try(chunk_shape *best, size_t n, unsigned top, unsigned b, unsigned above, size_t penalty)
{
	size_t cost;

	if (above > n / 2)
		return false;
	cost = 3 + bitpack_bytes(n, b) + bitpack_bytes(above, CHUNK_INDEX_BITS) + bitpack_bytes(above, top - b) + penalty;
	if (cost < best->bytes)
		*best = (chunk_shape){ b, top - b, above, cost };
	return true;
}

/* How many of n values need more than b < 32 bits. */
static unsigned
chunk_above_portable(const uint32_t *v, size_t n, unsigned b)
{
	unsigned above = 0;

	for (size_t i = 0; i < n; i++)
		above += v[i] >> b != 0;
	return above;
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) static unsigned
chunk_above_avx2(const uint32_t *v, size_t n, unsigned b)
{
	__m128i by = _mm_cvtsi32_si128((int)b);
	__m256i zeros = _mm256_setzero_si256(), none = _mm256_setzero_si256();
	uint32_t lanes[8];
	unsigned fit = 0;
	size_t i = 0;

	for (; i + 8 <= n; i += 8) {
		__m256i x = _mm256_srl_epi32(_mm256_loadu_si256((const __m256i *)(const void *)(v + i)), by);
		zeros = _mm256_sub_epi32(zeros, _mm256_cmpeq_epi32(x, none));
	}
	_mm256_storeu_si256((__m256i *)(void *)lanes, zeros);
	for (unsigned k = 0; k < 8; k++)
		fit += lanes[k];
	return (unsigned)i - fit + chunk_above_portable(v + i, n - i, b);
}
#endif

static unsigned
chunk_above(const uint32_t *v, size_t n, unsigned b)
{
#if defined(__x86_64__)
	if (cpu_get() >= CPU_AVX2)
		return chunk_above_avx2(v, n, b);
#endif
	return chunk_above_portable(v, n, b);
}

static chunk_shape
chunk_plan_portable(const uint32_t *v, size_t n, size_t penalty)
{
	uint32_t all = 0;
	unsigned top;
	chunk_shape best;

	for (size_t i = 0; i < n; i++)
		all |= v[i];
	top = bits_u32(all);
	best = (chunk_shape){ .b = top, .bytes = 1 + bitpack_bytes(n, top) };
	for (unsigned b = top; b-- > 0;)
		if (!chunk_try(&best, n, top, b, chunk_above(v, n, b), penalty))
			break;
	return best;
}

#if defined(__x86_64__)
#define CHUNK_512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512cd,popcnt")))

/* The leading zeros of up to 64 values as bytes, in some order; 32 past the end. */
CHUNK_512 static inline __m512i
chunk_zeros(const uint32_t *v, size_t n)
{
	uint64_t in = n < 64 ? ((uint64_t)1 << n) - 1 : UINT64_MAX;
	__m512i a = _mm512_lzcnt_epi32(_mm512_maskz_loadu_epi32((__mmask16)in, v));
	__m512i b = _mm512_lzcnt_epi32(_mm512_maskz_loadu_epi32((__mmask16)(in >> 16), v + 16));
	__m512i c = _mm512_lzcnt_epi32(_mm512_maskz_loadu_epi32((__mmask16)(in >> 32), v + 32));
	__m512i d = _mm512_lzcnt_epi32(_mm512_maskz_loadu_epi32((__mmask16)(in >> 48), v + 48));

	return _mm512_packus_epi16(_mm512_packus_epi32(a, b), _mm512_packus_epi32(c, d));
}

CHUNK_512 static inline unsigned
chunk_least(__m512i x)
{
	__m256i y = _mm256_min_epu8(_mm512_castsi512_si256(x), _mm512_extracti64x4_epi64(x, 1));
	__m128i z = _mm_min_epu8(_mm256_castsi256_si128(y), _mm256_extracti128_si256(y, 1));

	z = _mm_minpos_epu16(_mm_min_epu8(z, _mm_srli_epi16(z, 8)));
	return (unsigned)_mm_cvtsi128_si32(z) & 0xff;
}

CHUNK_512 static chunk_shape
chunk_plan_avx512(const uint32_t *v, size_t n, size_t penalty)
{
	__m512i lo = chunk_zeros(v, n), hi = n > 64 ? chunk_zeros(v + 64, n - 64) : _mm512_set1_epi8(32);
	unsigned top = 32 - chunk_least(_mm512_min_epu8(lo, hi));
	chunk_shape best = { .b = top, .bytes = 1 + bitpack_bytes(n, top) };

	for (unsigned b = top; b-- > 0;) {
		__m512i fit = _mm512_set1_epi8((char)(32 - b));
		unsigned above = (unsigned)(__builtin_popcountll(_mm512_cmplt_epu8_mask(lo, fit)) +
					    __builtin_popcountll(_mm512_cmplt_epu8_mask(hi, fit)));
		if (!chunk_try(&best, n, top, b, above, penalty))
			break;
	}
	return best;
}
#endif

chunk_shape
chunk_plan(const uint32_t *v, size_t n, size_t penalty)
{
#if defined(__x86_64__)
	if (likely(cpu_get() >= CPU_AVX512))
		return chunk_plan_avx512(v, n, penalty);
#endif
	return chunk_plan_portable(v, n, penalty);
}

/* ---- its bytes ------------------------------------------------------- */

/* The values with more than b bits: which they are, and the bits above. */
static void
chunk_split_portable(const uint32_t *v, size_t n, unsigned b, uint32_t *index, uint32_t *high)
{
	for (size_t i = 0, e = 0; i < n; i++) { /* too rare to guess: no branch */
		index[e] = (uint32_t)i;
		high[e] = v[i] >> b;
		e += high[e] != 0;
	}
}

#if defined(__x86_64__)
CHUNK_512 static void
chunk_split_avx512(const uint32_t *v, size_t n, unsigned b, uint32_t *index, uint32_t *high)
{
	const __m512i lane = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
	const __m128i by = _mm_cvtsi32_si128((int)b);
	size_t e = 0;

	for (size_t i = 0; i < n; i += 16) {
		__mmask16 in = n - i < 16 ? (__mmask16)((1u << (n - i)) - 1) : 0xffff;
		__m512i x = _mm512_srl_epi32(_mm512_maskz_loadu_epi32(in, v + i), by);
		__mmask16 some = _mm512_test_epi32_mask(x, x);
		/* compress in the register: the form that stores is microcode */
		_mm512_storeu_si512(high + e, _mm512_maskz_compress_epi32(some, x));
		_mm512_storeu_si512(index + e, _mm512_maskz_compress_epi32(
						       some, _mm512_add_epi32(lane, _mm512_set1_epi32((int)i))));
		e += (size_t)__builtin_popcount(some);
	}
}
#endif

static void
chunk_split(const uint32_t *v, size_t n, unsigned b, uint32_t *index, uint32_t *high)
{
#if defined(__x86_64__)
	if (likely(cpu_get() >= CPU_AVX512)) {
		chunk_split_avx512(v, n, b, index, high);
		return;
	}
#endif
	chunk_split_portable(v, n, b, index, high);
}

void
chunk_write(const uint32_t *v, size_t n, chunk_shape s, buf *out)
{
	uint32_t index[CHUNK_MOST + 16], high[CHUNK_MOST + 16];
	uint8_t *p;

	if (!buf_reserve(out, s.bytes + 32))
		return;
	p = out->p + out->len;
	*p++ = (uint8_t)(s.b | (s.exceptions ? 0x80 : 0));
	if (s.exceptions) {
		*p++ = (uint8_t)s.exceptions;
		*p++ = (uint8_t)s.high;
	}
	bitpack_pack(v, n, s.b, p);
	p += bitpack_bytes(n, s.b);
	if (s.exceptions) {
		chunk_split(v, n, s.b, index, high);
		bitpack_pack(index, s.exceptions, CHUNK_INDEX_BITS, p);
		p += bitpack_bytes(s.exceptions, CHUNK_INDEX_BITS);
		bitpack_pack(high, s.exceptions, s.high, p);
		p += bitpack_bytes(s.exceptions, s.high);
	}
	out->len = (size_t)(p - out->p);
}
