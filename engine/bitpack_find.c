/* bitpack_find.c - values sought among rising ones that are unpacked (see bitpack.h). */
#include "engine/bitpack.h"

#include "base/cpu.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

/* ---- rank ------------------------------------------------------------ */

/* Halves without branches. */
static uint32_t
rank_portable(const uint32_t *v, uint32_t n, uint32_t target)
{
	uint32_t at = 0, len = n;

	while (len > 1) {
		uint32_t half = len / 2;
		at = v[at + half - 1] < target ? at + half : at;
		len -= half;
	}
	return n ? at + (v[at] < target) : 0;
}

#if defined(__x86_64__)
/* Every value is compared: no step waits for the one before, nothing is guessed. */
__attribute__((target("avx2"))) static uint32_t
rank_avx2(const uint32_t *v, uint32_t n, uint32_t target)
{
	const __m256i t = _mm256_set1_epi32((int)target);
	__m256i below = _mm256_setzero_si256();
	__m128i half;
	uint32_t i = 0, count;

	for (; i + 8 <= n; i += 8)
		below = _mm256_sub_epi32(
			below, _mm256_cmpgt_epi32(t, _mm256_loadu_si256((const __m256i *)(const void *)(v + i))));
	half = _mm_add_epi32(_mm256_castsi256_si128(below), _mm256_extracti128_si256(below, 1));
	half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0x4e));
	half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0xb1));
	count = (uint32_t)_mm_cvtsi128_si32(half);
	for (; i < n; i++)
		count += v[i] < target;
	return count;
}

__attribute__((target("avx512f,popcnt"))) static uint32_t
rank_avx512(const uint32_t *v, uint32_t n, uint32_t target)
{
	const __m512i t = _mm512_set1_epi32((int)target);
	uint32_t i = 0, count = 0;

	for (; i + 16 <= n; i += 16)
		count += (uint32_t)__builtin_popcount(_mm512_cmplt_epu32_mask(_mm512_loadu_si512(v + i), t));
	if (i < n) {
		__mmask16 some = (__mmask16)((1u << (n - i)) - 1);
		count += (uint32_t)__builtin_popcount(
			_mm512_mask_cmplt_epu32_mask(some, _mm512_maskz_loadu_epi32(some, v + i), t));
	}
	return count;
}
#endif

uint32_t
bitpack_rank(const uint32_t *v, uint32_t n, uint32_t target)
{
#if defined(__x86_64__)
	cpu_level level = cpu_get();

	if (likely(level >= CPU_AVX512))
		return rank_avx512(v, n, target);
	if (level >= CPU_AVX2 && target <= INT32_MAX)
		return rank_avx2(v, n, target);
#endif
	return rank_portable(v, n, target);
}

/* ---- match ----------------------------------------------------------- */

static uint32_t
match_portable(const uint32_t *v, uint32_t n, const uint32_t *targets, uint32_t m, uint8_t *which, uint8_t *at)
{
	uint32_t found = 0, k = 0;

	for (uint32_t i = 0; i < m; i++) {
		k += rank_portable(v + k, n - k, targets[i]);
		which[found] = (uint8_t)i;
		at[found] = (uint8_t)k;
		found += v[k] == targets[i];
	}
	return found;
}

#if defined(__x86_64__)
/* The last values of each sixteen; beyond n one above all targets.  Put together in
 * registers: what is stored in pieces cannot be loaded as a whole at once. */
__attribute__((target("avx2"))) static inline __m256i
match_lasts(const uint32_t *v, uint32_t n)
{
	const __m256i at = _mm256_set_epi32(127, 111, 95, 79, 63, 47, 31, 15);
	__m128i low = _mm_cvtsi32_si128((int)v[15]), high = _mm_cvtsi32_si128((int)v[79]);
	__m256i x;

	low = _mm_insert_epi32(low, (int)v[31], 1);
	high = _mm_insert_epi32(high, (int)v[95], 1);
	low = _mm_insert_epi32(low, (int)v[47], 2);
	high = _mm_insert_epi32(high, (int)v[111], 2);
	low = _mm_insert_epi32(low, (int)v[63], 3);
	high = _mm_insert_epi32(high, (int)v[127], 3);
	x = _mm256_inserti128_si256(_mm256_castsi128_si256(low), high, 1);
	return _mm256_blendv_epi8(_mm256_set1_epi32(INT32_MAX), x, _mm256_cmpgt_epi32(_mm256_set1_epi32((int)n), at));
}

/* First which sixteen can have it, then which of them: no target waits for the one
 * before, nothing is guessed. */
__attribute__((target("avx2,popcnt,bmi"))) static uint32_t
match_avx2(const uint32_t *v, uint32_t n, const uint32_t *targets, uint32_t m, uint8_t *which, uint8_t *at)
{
	const __m256i lasts = match_lasts(v, n);
	uint32_t found = 0;

	for (uint32_t i = 0; i < m; i++) {
		const __m256i t = _mm256_set1_epi32((int)targets[i]);
		uint32_t g = 16 * (uint32_t)__builtin_popcount(
			(unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpgt_epi32(t, lasts)))), k;
		__m256i a = _mm256_loadu_si256((const __m256i *)(const void *)(v + g));
		__m256i b = _mm256_loadu_si256((const __m256i *)(const void *)(v + g + 8));
		unsigned eq = (unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpeq_epi32(a, t))) |
			      (unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpeq_epi32(b, t))) << 8;
		k = g + (uint32_t)__builtin_ctz(eq | 1u << 16);
		which[found] = (uint8_t)i;
		at[found] = (uint8_t)k;
		found += (eq != 0) & (k < n);
	}
	return found;
}

__attribute__((target("avx512f,avx512vl,popcnt,bmi"))) static uint32_t
match_avx512(const uint32_t *v, uint32_t n, const uint32_t *targets, uint32_t m, uint8_t *which, uint8_t *at)
{
	const __m256i lasts = match_lasts(v, n);
	uint32_t found = 0;

	for (uint32_t i = 0; i < m; i++) {
		const __m512i t = _mm512_set1_epi32((int)targets[i]);
		uint32_t g = 16 * (uint32_t)__builtin_popcount(_mm256_cmplt_epu32_mask(lasts, _mm512_castsi512_si256(t)));
		unsigned eq = _mm512_cmpeq_epi32_mask(_mm512_loadu_si512(v + g), t);
		uint32_t k = g + (uint32_t)__builtin_ctz(eq | 1u << 16);
		which[found] = (uint8_t)i;
		at[found] = (uint8_t)k;
		found += (eq != 0) & (k < n);
	}
	return found;
}
#endif

uint32_t
bitpack_match(const uint32_t *v, uint32_t n, const uint32_t *targets, uint32_t m, uint8_t *which, uint8_t *at)
{
#if defined(__x86_64__)
	cpu_level level = cpu_get();

	if (likely(level >= CPU_AVX512))
		return match_avx512(v, n, targets, m, which, at);
	if (level >= CPU_AVX2)
		return match_avx2(v, n, targets, m, which, at);
#endif
	return match_portable(v, n, targets, m, which, at);
}

/* ---- filter ------------------------------------------------------------ */

static uint32_t
filter_portable(const uint32_t *v, uint32_t n, const uint32_t *targets, uint32_t m, bool has, uint32_t *out)
{
	uint32_t kept = 0, k = 0;

	for (uint32_t i = 0; i < m; i++) {
		uint32_t t = targets[i];
		k += rank_portable(v + k, n - k, t);
		out[kept] = t;
		kept += (v[k] == t) == has; /* none is above the last: k < n */
	}
	return kept;
}

#if defined(__x86_64__)
__attribute__((target("avx2,popcnt,bmi2"))) static uint32_t
filter_avx2(const uint32_t *v, uint32_t n, const uint32_t *targets, uint32_t m, bool has, uint32_t *out)
{
	const __m256i lasts = match_lasts(v, n);
	uint32_t kept = 0;

	for (uint32_t i = 0; i < m; i++) {
		const __m256i t = _mm256_set1_epi32((int)targets[i]);
		uint32_t g = 16 * (uint32_t)__builtin_popcount(
			(unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpgt_epi32(t, lasts))));
		__m256i a = _mm256_loadu_si256((const __m256i *)(const void *)(v + g));
		__m256i b = _mm256_loadu_si256((const __m256i *)(const void *)(v + g + 8));
		unsigned eq = (unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpeq_epi32(a, t))) |
			      (unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpeq_epi32(b, t))) << 8;
		out[kept] = targets[i];
		kept += (_bzhi_u32(eq, n - g) != 0) == has;
	}
	return kept;
}

__attribute__((target("avx512f,avx512vl,popcnt,bmi2"))) static uint32_t
filter_avx512(const uint32_t *v, uint32_t n, const uint32_t *targets, uint32_t m, bool has, uint32_t *out)
{
	const __m256i lasts = match_lasts(v, n);
	uint32_t kept = 0;

	for (uint32_t i = 0; i < m; i++) {
		const __m512i t = _mm512_set1_epi32((int)targets[i]);
		uint32_t g = 16 * (uint32_t)__builtin_popcount(_mm256_cmplt_epu32_mask(lasts, _mm512_castsi512_si256(t)));
		unsigned eq = _mm512_cmpeq_epi32_mask(_mm512_loadu_si512(v + g), t);
		out[kept] = targets[i];
		kept += (_bzhi_u32(eq, n - g) != 0) == has;
	}
	return kept;
}
#endif

uint32_t
bitpack_filter(const uint32_t *v, uint32_t n, const uint32_t *targets, uint32_t m, bool has, uint32_t *out)
{
#if defined(__x86_64__)
	cpu_level level = cpu_get();

	if (likely(level >= CPU_AVX512))
		return filter_avx512(v, n, targets, m, has, out);
	if (level >= CPU_AVX2)
		return filter_avx2(v, n, targets, m, has, out);
#endif
	return filter_portable(v, n, targets, m, has, out);
}

/* ---- upto -------------------------------------------------------------- */

#if defined(__x86_64__)
__attribute__((target("avx512f,popcnt"))) static uint32_t
upto_avx512(const uint32_t *v, uint32_t n, uint32_t last)
{
	const __m512i t = _mm512_set1_epi32((int)last);
	uint32_t m = 0, here;

	do {
		__mmask16 some = n - m < 16 ? (__mmask16)((1u << (n - m)) - 1) : 0xffff;
		here = (uint32_t)__builtin_popcount(
			_mm512_mask_cmple_epu32_mask(some, _mm512_maskz_loadu_epi32(some, v + m), t));
		m += here;
	} while (here == 16);
	return m;
}
#endif

uint32_t
bitpack_upto(const uint32_t *v, uint32_t n, uint32_t last)
{
	uint32_t m = 0;

#if defined(__x86_64__)
	if (likely(cpu_get() >= CPU_AVX512))
		return upto_avx512(v, n, last);
#endif
	while (m + 8 <= n && v[m + 7] <= last)
		m += 8;
	while (m < n && v[m] <= last)
		m++;
	return m;
}

#if defined(__x86_64__)
__attribute__((target("avx512f,popcnt"))) static uint32_t
before_avx512(const uint8_t *v, uint32_t n, uint32_t target)
{
	__mmask16 some = (__mmask16)((1u << n) - 1);
	__m512i x = _mm512_maskz_loadu_epi32(some, v);

	return (uint32_t)__builtin_popcount(_mm512_mask_cmplt_epu32_mask(some, x, _mm512_set1_epi32((int)target)));
}
#endif

uint32_t
bitpack_before(const uint8_t *v, uint32_t n, uint32_t target)
{
	uint32_t m = 0;

#if defined(__x86_64__)
	if (likely(cpu_get() >= CPU_AVX512))
		return before_avx512(v, n, target);
#endif
	while (m < n && load_u32(v + 4 * (size_t)m) < target)
		m++;
	return m;
}
