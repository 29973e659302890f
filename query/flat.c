/* flat.c - see flat.h. */
#include "query/flat.h"

#include "base/cpu.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

enum {
	FLAT_SMALL = 128, /* positions that all candidates are compared with */
	FLAT_PAIRS = 4096 /* or so many comparisons */
};

static uint32_t
filter_merge(uint32_t *starts, uint32_t n, const uint32_t *pos, uint32_t m, uint32_t off, uint32_t need)
{
	uint32_t kept = 0, p = 0;

	for (uint32_t i = 0; i < n && kept + (n - i) >= need; i++) {
		uint32_t want = starts[i] + off, step = 1;
		if (m - p > 8 * (n - i)) { /* few candidates among many: gallop */
			while (p + step < m && pos[p + step] < want) {
				p += step;
				step *= 2;
			}
			step = min_u32(step, m - p - 1);
			for (uint32_t lo = p, hi = p + step + 1; lo < hi;) {
				uint32_t mid = lo + (hi - lo) / 2;
				if (pos[mid] < want)
					lo = mid + 1;
				else
					hi = mid;
				p = hi;
			}
		} else {
			/* four at a time, without a branch on each */
			for (uint32_t k = 4; k == 4 && p + 4 <= m; p += k)
				k = (pos[p] < want) + (pos[p + 1] < want) + (pos[p + 2] < want) + (pos[p + 3] < want);
			while (p < m && pos[p] < want)
				p++;
		}
		if (p >= m)
			break;
		starts[kept] = starts[i];
		kept += pos[p] == want;
	}
	return kept;
}

#if defined(__x86_64__)
/* Each candidate is compared with all positions: nothing to guess wrong. */
__attribute__((target("avx512f"))) static uint32_t
filter_avx512(uint32_t *starts, uint32_t n, const uint32_t *pos, uint32_t m, uint32_t off)
{
	uint32_t kept = 0, whole = m & ~15u;
	__mmask16 last = (__mmask16)((1u << (m & 15)) - 1);
	__m512i tail = _mm512_maskz_loadu_epi32(last, pos + whole);

	for (uint32_t i = 0; i < n; i++) {
		const __m512i want = _mm512_set1_epi32((int)(starts[i] + off));
		unsigned found = _mm512_mask_cmpeq_epi32_mask(last, tail, want);
		for (uint32_t j = 0; j < whole; j += 16)
			found |= _mm512_cmpeq_epi32_mask(_mm512_loadu_si512(pos + j), want);
		starts[kept] = starts[i];
		kept += found != 0;
	}
	return kept;
}
#endif

uint32_t
flat_filter(uint32_t *starts, uint32_t n, const uint32_t *pos, uint32_t m, uint32_t off, uint32_t need)
{
#if defined(__x86_64__)
	if ((m <= FLAT_SMALL || (uint64_t)n * m <= FLAT_PAIRS) && cpu_get() >= CPU_AVX512)
		return filter_avx512(starts, n, pos, m, off);
#endif
	return filter_merge(starts, n, pos, m, off, need);
}
