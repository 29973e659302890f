/* bitpack_pick.c - a few values out of many that are packed (see bitpack.h): where a
 * block of 128 has three documents that are wanted, the other 125 need not be unpacked. */
#include "engine/bitpack.h"

#include "base/cpu.h"

#if defined(__x86_64__)
#include "engine/bitpack_512.h"
#endif

static void
pick_portable(const bitpack_chunk *c, const uint8_t *at, uint32_t m, uint32_t plus, uint32_t *out)
{
	uint64_t mask = ((uint64_t)1 << c->b) - 1;

	for (uint32_t i = 0; i < m; i++) {
		size_t bit = (size_t)at[i] * c->b;
		out[i] = (uint32_t)(load_u64(c->low + bit / 8) >> (bit % 8) & mask);
	}
	for (size_t k = 0; k < c->exceptions; k++) {
		size_t bit = k * c->h;
		uint32_t index = load_u16(c->indices + 7 * k / 8) >> (7 * k % 8) & 127;
		uint64_t high = load_u64(c->highs + bit / 8) >> (bit % 8) & (((uint64_t)1 << c->h) - 1);
		for (uint32_t i = 0; i < m; i++)
			if (at[i] == index)
				out[i] |= (uint32_t)(high << c->b);
	}
	for (uint32_t i = 0; i < m; i++)
		out[i] += plus;
}

#if defined(__x86_64__)
/* Sixteen low parts. */
BITPACK_512 static inline __m512i
pick_low_512(const uint8_t *low, unsigned b, __m512i at, __mmask16 in)
{
	const __m512i spread = _mm512_broadcast_i32x4(_mm_set_epi32(0x0c0c0c0c, 0x08080808, 0x04040404, 0));
	__m512i bit = _mm512_mullo_epi16(at, _mm512_set1_epi32((int)b)), byte = _mm512_srli_epi32(bit, 3), x, idx;

	if (likely(b <= 8)) { /* all are in 128 bytes; what is wanted of the last ends there */
		idx = _mm512_add_epi32(_mm512_shuffle_epi8(byte, spread), _mm512_set1_epi32(0x03020100));
		x = _mm512_permutex2var_epi8(_mm512_loadu_si512(low), idx, _mm512_loadu_si512(low + (b > 4 ? 64 : 0)));
	} else {
		x = _mm512_mask_i32gather_epi32(_mm512_setzero_si512(), in, byte, low, 1);
	}
	x = _mm512_srlv_epi32(x, _mm512_and_si512(bit, _mm512_set1_epi32(7)));
	return _mm512_and_si512(x, _mm512_set1_epi32((int)(((uint32_t)1 << b) - 1)));
}

BITPACK_512 static void
pick_avx512(const bitpack_chunk *c, const uint8_t *at, uint32_t m, uint32_t plus, uint32_t *out)
{
	const unpacker_512 ui = unpacker_make_512(7), uh = unpacker_make_512(c->h);
	const __m128i by = _mm_cvtsi32_si128((int)c->b);

	for (uint32_t i = 0; i < m; i += 16) {
		__mmask16 in = m - i < 16 ? (__mmask16)((1u << (m - i)) - 1) : 0xffff;
		__m512i a = _mm512_maskz_cvtepu8_epi32(in, _mm_loadu_si128((const __m128i *)(const void *)(at + i)));
		__m512i x = pick_low_512(c->low, c->b, a, in);
		for (unsigned k = 0; k < c->exceptions; k += 16) {
			uint32_t index[16], high[16];
			unsigned n = c->exceptions - k < 16 ? c->exceptions - k : 16;
			_mm512_storeu_si512(index, unpacker_next_512(&ui, c->indices + 7 * k / 8));
			_mm512_storeu_si512(high, _mm512_sll_epi32(unpacker_next_512(&uh, c->highs + (size_t)c->h * k / 8), by));
			for (unsigned j = 0; j < n; j++) {
				__mmask16 here = _mm512_cmpeq_epi32_mask(a, _mm512_set1_epi32((int)index[j]));
				x = _mm512_mask_or_epi32(x, here, x, _mm512_set1_epi32((int)high[j]));
			}
		}
		_mm512_storeu_si512(out + i, _mm512_add_epi32(x, _mm512_set1_epi32((int)plus)));
	}
}
#endif

void
bitpack_pick(const bitpack_chunk *c, const uint8_t *at, uint32_t m, uint32_t plus, uint32_t *out)
{
#if defined(__x86_64__)
	if (likely(c->b <= BITPACK_VECTOR && c->h <= BITPACK_VECTOR && cpu_get() >= CPU_AVX512)) {
		pick_avx512(c, at, m, plus, out);
		return;
	}
#endif
	pick_portable(c, at, m, plus, out);
}
