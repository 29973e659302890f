/* bitpack_512.h - unpacking and summing sixteen values in a register, for the decoders
 * of bitpack.c and of positions.  Nothing on other processors. */
#ifndef ENGINE_BITPACK_512_H
#define ENGINE_BITPACK_512_H

#if defined(__x86_64__)
#include <immintrin.h>

#include "base/base.h"

enum { BITPACK_VECTOR = 25 }; /* bits that fit four bytes wherever they begin */

#define BITPACK_512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi")))

/* Sixteen values are 2w bytes: value j begins at bit j*w of them, within 64
 * bytes for w <= 25. */
typedef struct unpacker_512 {
	__m512i idx, shift, mask;
} unpacker_512;

BITPACK_512 static inline unpacker_512
unpacker_make_512(unsigned w)
{
	const __m512i lane = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
	const __m512i spread = _mm512_broadcast_i32x4(_mm_set_epi32(0x0c0c0c0c, 0x08080808, 0x04040404, 0));
	__m512i bit = _mm512_mullo_epi16(lane, _mm512_set1_epi32((int)w));
	unpacker_512 u;

	u.shift = _mm512_and_si512(bit, _mm512_set1_epi32(7));
	/* byte indices b, b+1, b+2, b+3 in the four bytes of each lane */
	u.idx = _mm512_shuffle_epi8(_mm512_srli_epi32(bit, 3), spread);
	u.idx = _mm512_add_epi32(u.idx, _mm512_set1_epi32(0x03020100));
	u.mask = _mm512_set1_epi32((int)(((uint32_t)1 << w) - 1));
	return u;
}

BITPACK_512 static inline __m512i
unpacker_next_512(const unpacker_512 *u, const uint8_t *in)
{
	__m512i v = _mm512_permutexvar_epi8(u->idx, _mm512_loadu_si512(in));
	return _mm512_and_si512(_mm512_srlv_epi32(v, u->shift), u->mask);
}

/* x[i] + 1 summed from the first on.  What is carried to the next sixteen is added
 * last, so that they do not wait for one another. */
BITPACK_512 static inline __m512i
sum_step_512(__m512i x, __m512i *carry)
{
	const __m512i zero = _mm512_setzero_si512(), last = _mm512_set1_epi32(15);
	const __m512i ends = _mm512_set_epi32(7, 7, 7, 7, 3, 3, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0);
	__m512i sum;

	x = _mm512_add_epi32(x, _mm512_set1_epi32(1));
	x = _mm512_add_epi32(x, _mm512_bslli_epi128(x, 4));
	x = _mm512_add_epi32(x, _mm512_bslli_epi128(x, 8));
	x = _mm512_add_epi32(x, _mm512_maskz_shuffle_epi32(0xfff0, _mm512_alignr_epi32(x, zero, 12), _MM_PERM_DDDD));
	x = _mm512_add_epi32(x, _mm512_maskz_permutexvar_epi32(0xff00, ends, x));
	sum = _mm512_add_epi32(x, *carry);
	*carry = _mm512_add_epi32(*carry, _mm512_permutexvar_epi32(last, x));
	return sum;
}
#endif

#endif
