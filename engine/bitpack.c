/* bitpack.c - see bitpack.h.  The portable functions define the result; the
 * vector ones are picked by cpu_get() and must give the same. */
#include "engine/bitpack.h"

#include "base/cpu.h"

#if defined(__x86_64__)
#include "engine/bitpack_512.h"
#endif

/* Four values of up to 16 bits make one word of up to 64: fewer steps. */
static size_t
bitpack_pack_narrow(const uint32_t *in, size_t n, unsigned w, uint8_t *out, uint64_t *rest, unsigned *have)
{
	uint64_t mask = ((uint64_t)1 << w) - 1, acc = 0;
	unsigned bits = 0;
	size_t at = 0, i;

	for (i = 0; i + 4 <= n; i += 4) {
		uint64_t x = (in[i] & mask) | (in[i + 1] & mask) << w | (in[i + 2] & mask) << 2 * w |
			     (in[i + 3] & mask) << 3 * w;
		acc |= x << bits;
		bits += 4 * w;
		if (bits >= 64) {
			store_u64(out + at, acc);
			at += 8;
			bits -= 64;
			acc = bits ? x >> (4 * w - bits) : 0;
		}
	}
	/* what is left in acc goes out with the last few values */
	while (bits >= 8) {
		out[at++] = (uint8_t)acc;
		acc >>= 8;
		bits -= 8;
	}
	*rest = acc;
	*have = bits;
	out[at] = 0;
	return at;
}

static void
bitpack_pack_portable(const uint32_t *in, size_t n, unsigned w, uint8_t *out)
{
	uint64_t acc = 0, mask = w == 32 ? UINT32_MAX : ((uint64_t)1 << w) - 1;
	unsigned have = 0;

	if (w && w <= 16 && n >= 4) {
		out += bitpack_pack_narrow(in, n, w, out, &acc, &have);
		in += n & ~(size_t)3;
		n &= 3;
	}
	for (size_t i = 0; i < n; i++) {
		acc |= (in[i] & mask) << have;
		have += w;
		if (have >= 32) {
			store_u32(out, (uint32_t)acc);
			out += 4;
			acc >>= 32;
			have -= 32;
		}
	}
	for (; have > 0; have -= have < 8 ? have : 8) {
		*out++ = (uint8_t)acc;
		acc >>= 8;
	}
}

static void
bitpack_unpack_portable(const uint8_t *in, size_t n, unsigned w, uint32_t *out)
{
	uint64_t mask = w == 32 ? UINT32_MAX : ((uint64_t)1 << w) - 1;
	size_t bit = 0;

	for (size_t i = 0; i < n; i++, bit += w)
		out[i] = (uint32_t)(load_u64(in + bit / 8) >> (bit % 8) & mask);
}

static void
bitpack_sum_portable(uint32_t *v, size_t n, uint32_t base)
{
	for (size_t i = 0; i < n; i++)
		v[i] = base += v[i] + 1;
}

static uint64_t
bitpack_totals_portable(const uint32_t *v, size_t n, uint32_t *sums)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < n; i++) {
		sums[i] = (uint32_t)sum;
		sum += v[i];
	}
	sums[n] = (uint32_t)sum;
	return sum;
}

static size_t
bitpack_bits_portable(const uint8_t *in, size_t nbytes, uint32_t base, uint32_t *out, size_t cap)
{
	size_t k = 0;

	for (size_t at = 0; at < nbytes; at += 8) {
		uint64_t word = load_u64(in + at);
		if (nbytes - at < 8)
			word &= ((uint64_t)1 << (8 * (nbytes - at))) - 1;
		for (; word; word &= word - 1, k++)
			if (k < cap)
				out[k] = base + 1 + (uint32_t)(8 * at) + (uint32_t)__builtin_ctzll(word);
	}
	return k;
}

#if defined(__x86_64__)
/* For each width up to 25: where value j of a group of four (AVX2) has its
 * bytes, and by how much to shift.  Groups of eight are w bytes; the upper four
 * begin at bit 4w, that is byte 4w/8 and bit 4w%8. */
__attribute__((target("avx2"))) static void
bitpack_unpack_avx2(const uint8_t *in, size_t n, unsigned w, uint32_t *out)
{
	uint8_t shuffle[32];
	uint32_t shift[8];
	unsigned upper = 4 * w / 8;
	__m256i sh, by, mask;

	for (unsigned j = 0; j < 8; j++) {
		unsigned bit = j < 4 ? j * w : j * w - 8 * upper;
		shift[j] = bit % 8;
		for (unsigned k = 0; k < 4; k++)
			shuffle[4 * j + k] = (uint8_t)(bit / 8 + k < 16 ? bit / 8 + k : 0x80);
	}
	sh = _mm256_loadu_si256((const __m256i *)(const void *)shuffle);
	by = _mm256_loadu_si256((const __m256i *)(const void *)shift);
	mask = _mm256_set1_epi32((int)(((uint32_t)1 << w) - 1));
	for (size_t i = 0; i < n; i += 8, in += w) {
		__m128i lo = _mm_loadu_si128((const __m128i *)(const void *)in);
		__m128i hi = _mm_loadu_si128((const __m128i *)(const void *)(in + upper));
		__m256i v = _mm256_inserti128_si256(_mm256_castsi128_si256(lo), hi, 1);
		v = _mm256_and_si256(_mm256_srlv_epi32(_mm256_shuffle_epi8(v, sh), by), mask);
		_mm256_storeu_si256((__m256i *)(void *)(out + i), v);
	}
}

__attribute__((target("avx2"))) static void
bitpack_sum_avx2(uint32_t *v, size_t n, uint32_t base)
{
	__m256i carry = _mm256_set1_epi32((int)base), one = _mm256_set1_epi32(1);
	const __m256i last = _mm256_set1_epi32(7), third = _mm256_set1_epi32(3);

	for (size_t i = 0; i < n; i += 8) {
		__m256i x = _mm256_loadu_si256((__m256i *)(void *)(v + i)), low;
		x = _mm256_add_epi32(x, one);
		x = _mm256_add_epi32(x, _mm256_slli_si256(x, 4));
		x = _mm256_add_epi32(x, _mm256_slli_si256(x, 8));
		low = _mm256_permutevar8x32_epi32(x, third);
		x = _mm256_add_epi32(x, _mm256_blend_epi32(_mm256_setzero_si256(), low, 0xf0));
		x = _mm256_add_epi32(x, carry);
		_mm256_storeu_si256((__m256i *)(void *)(v + i), x);
		carry = _mm256_permutevar8x32_epi32(x, last);
	}
}

BITPACK_512 static void
bitpack_unpack_avx512(const uint8_t *in, size_t n, unsigned w, uint32_t plus, uint32_t *out)
{
	unpacker_512 u = unpacker_make_512(w);
	const __m512i add = _mm512_set1_epi32((int)plus);

	for (size_t i = 0; i < n; i += 16, in += 2 * w)
		_mm512_storeu_si512(out + i, _mm512_add_epi32(unpacker_next_512(&u, in), add));
}

BITPACK_512 static void
bitpack_sum_avx512(const uint32_t *v, size_t n, uint32_t base, uint32_t *out)
{
	__m512i carry = _mm512_set1_epi32((int)base);

	for (size_t i = 0; i < n; i += 16)
		_mm512_storeu_si512(out + i, sum_step_512(_mm512_loadu_si512(v + i), &carry));
}

BITPACK_512 static void
bitpack_plus_avx512(const uint32_t *v, size_t n, uint32_t plus, uint32_t *out)
{
	for (size_t i = 0; i < n; i += 16)
		_mm512_storeu_si512(out + i, _mm512_add_epi32(_mm512_loadu_si512(v + i), _mm512_set1_epi32((int)plus)));
}

/* UINT64_MAX: values are too large for this. */
BITPACK_512 static uint64_t
bitpack_totals_avx512(const uint32_t *v, size_t n, uint32_t *sums)
{
	const __m512i one = _mm512_set1_epi32(1);
	__m512i carry = _mm512_setzero_si512(), all = carry;

	sums[0] = 0;
	for (size_t i = 0; i < n; i += 16) {
		__mmask16 in = n - i < 16 ? (__mmask16)((1u << (n - i)) - 1) : 0xffff;
		__m512i x = _mm512_mask_mov_epi32(one, in, _mm512_loadu_si512(v + i));
		all = _mm512_or_si512(all, x);
		_mm512_storeu_si512(sums + 1 + i, sum_step_512(_mm512_sub_epi32(x, one), &carry));
	}
	return _mm512_test_epi32_mask(all, _mm512_set1_epi32((int)0xff000000)) ? UINT64_MAX : sums[n];
}

/* The steps of the loop that stores are four at a time, with nothing in those past
 * the end: their number is guessed right more often. */
BITPACK_512 static inline uint32_t
bitpack_patch_avx512(const uint8_t *indices, const uint8_t *highs, unsigned e, unsigned h, unsigned b, bool add,
		     uint32_t *out)
{
	const unpacker_512 ui = unpacker_make_512(7), uh = unpacker_make_512(h);
	const __m128i by = _mm_cvtsi32_si128((int)b);
	__m512i worst = _mm512_setzero_si512();

	for (unsigned i = 0; i < e; i += 16, indices += 14, highs += 2 * h) {
		uint32_t index[16], high[16];
		unsigned m = e - i < 16 ? e - i : 16;
		__mmask16 in = (__mmask16)((1u << m) - 1);
		__m512i x = _mm512_maskz_mov_epi32(in, unpacker_next_512(&ui, indices));
		worst = _mm512_max_epu32(worst, x);
		_mm512_storeu_si512(index, x);
		_mm512_storeu_si512(high, _mm512_maskz_sll_epi32(in, unpacker_next_512(&uh, highs), by));
		for (unsigned k = 0; k < m; k += 4)
			for (unsigned j = k; j < k + 4; j++)
				out[index[j]] = add ? out[index[j]] + high[j] : out[index[j]] | high[j];
	}
	return _mm512_reduce_max_epu32(worst);
}

BITPACK_512 static uint32_t
bitpack_patch_or_avx512(const uint8_t *indices, const uint8_t *highs, unsigned e, unsigned h, unsigned b, uint32_t *out)
{
	return bitpack_patch_avx512(indices, highs, e, h, b, false, out);
}

BITPACK_512 static uint32_t
bitpack_patch_add_avx512(const uint8_t *indices, const uint8_t *highs, unsigned e, unsigned h, unsigned b, uint32_t *out)
{
	return bitpack_patch_avx512(indices, highs, e, h, b, true, out);
}

BITPACK_512 static void
bitpack_delta_avx512(const uint8_t *in, size_t n, unsigned w, uint32_t base, uint32_t *out)
{
	unpacker_512 u = unpacker_make_512(w);
	__m512i carry = _mm512_set1_epi32((int)base);

	for (size_t i = 0; i < n; i += 16, in += 2 * w)
		_mm512_storeu_si512(out + i, sum_step_512(unpacker_next_512(&u, in), &carry));
}

BITPACK_512 static size_t
bitpack_bits_avx512(const uint8_t *in, size_t nbytes, uint32_t base, uint32_t *out, size_t cap)
{
	const __m512i lane = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
	size_t k = 0;

	for (size_t at = 0; at < nbytes; at += 2) {
		__mmask16 m = nbytes - at == 1 ? in[at] : load_u16(in + at);
		if (k <= cap) {
			__m512i v = _mm512_add_epi32(lane, _mm512_set1_epi32((int)(base + 1 + 8 * at)));
			/* compress in the register: the form that stores is microcode */
			_mm512_storeu_si512(out + k, _mm512_maskz_compress_epi32(m, v));
		}
		k += (size_t)__builtin_popcount(m);
	}
	return k;
}

#define BITPACK_PEXT __attribute__((target("avx512f,avx512bw,avx512vl,bmi2")))

/* Sixteen values, those past the end 0. */
BITPACK_PEXT static inline __m512i
pack_load(const uint32_t *in, size_t left)
{
	__mmask16 some = left < 16 ? (__mmask16)((1u << left) - 1) : 0xffff;
	return _mm512_maskz_loadu_epi32(some, in);
}

/* Up to 8 bits: eight values made bytes are one word, of which PEXT leaves the bits
 * that count. */
BITPACK_PEXT static void
bitpack_pack_bytes_avx512(const uint32_t *in, size_t n, unsigned w, uint8_t *out)
{
	uint64_t mask = 0x0101010101010101 * (((uint64_t)1 << w) - 1);

	for (size_t i = 0; i < n && w; i += 16, out += 2 * w) {
		__m128i x = _mm512_cvtepi32_epi8(pack_load(in + i, n - i));
		store_u64(out, _pext_u64((uint64_t)_mm_cvtsi128_si64(x), mask));
		if (likely(n - i > 8))
			store_u64(out + w, _pext_u64((uint64_t)_mm_extract_epi64(x, 1), mask));
	}
}

/* Eight values of 9 to 16 bits, four in each of lo and hi. */
BITPACK_PEXT static inline void
pack_words(uint64_t lo, uint64_t hi, uint64_t mask, unsigned w, uint8_t *out)
{
	lo = _pext_u64(lo, mask);
	hi = _pext_u64(hi, mask);
	store_u64(out, lo | hi << (4 * w - 1) << 1); /* 4 * w may be 64 */
	store_u64(out + 8, hi >> (64 - 4 * w));
}

BITPACK_PEXT static void
bitpack_pack_words_avx512(const uint32_t *in, size_t n, unsigned w, uint8_t *out)
{
	uint64_t mask = 0x0001000100010001 * (((uint64_t)1 << w) - 1);

	for (size_t i = 0; i < n; i += 16, out += 2 * w) {
		__m256i x = _mm512_cvtepi32_epi16(pack_load(in + i, n - i));
		pack_words((uint64_t)_mm256_extract_epi64(x, 0), (uint64_t)_mm256_extract_epi64(x, 1), mask, w, out);
		if (likely(n - i > 8))
			pack_words((uint64_t)_mm256_extract_epi64(x, 2), (uint64_t)_mm256_extract_epi64(x, 3), mask, w,
				   out + w);
	}
}
#endif

void
bitpack_pack(const uint32_t *in, size_t n, unsigned w, uint8_t *out)
{
#if defined(__x86_64__)
	if (likely(w <= 16 && cpu_get() >= CPU_AVX512)) {
		if (w <= 8)
			bitpack_pack_bytes_avx512(in, n, w, out);
		else
			bitpack_pack_words_avx512(in, n, w, out);
		return;
	}
#endif
	bitpack_pack_portable(in, n, w, out);
}

void
bitpack_unpack(const uint8_t *in, size_t n, unsigned w, uint32_t *out)
{
	if (w == 0) {
		memset(out, 0, n * sizeof *out);
		return;
	}
#if defined(__x86_64__)
	if (likely(w <= BITPACK_VECTOR)) {
		cpu_level level = cpu_get();
		if (likely(level >= CPU_AVX512)) {
			bitpack_unpack_avx512(in, n, w, 0, out);
			return;
		}
		if (level >= CPU_AVX2) {
			bitpack_unpack_avx2(in, n, w, out);
			return;
		}
	}
#endif
	bitpack_unpack_portable(in, n, w, out);
}

void
bitpack_unpack_plus1(const uint8_t *in, size_t n, unsigned w, uint32_t *out)
{
#if defined(__x86_64__)
	if (likely(w <= BITPACK_VECTOR && cpu_get() >= CPU_AVX512)) {
		bitpack_unpack_avx512(in, n, w, 1, out);
		return;
	}
#endif
	bitpack_unpack(in, n, w, out);
	for (size_t i = 0; i < n; i++)
		out[i]++;
}

void
bitpack_sum(uint32_t *v, size_t n, uint32_t base)
{
#if defined(__x86_64__)
	cpu_level level = cpu_get();

	if (likely(level >= CPU_AVX512)) {
		bitpack_sum_avx512(v, n, base, v);
		return;
	}
	if (level >= CPU_AVX2) {
		bitpack_sum_avx2(v, n, base);
		return;
	}
#endif
	bitpack_sum_portable(v, n, base);
}

void
bitpack_plus(const uint32_t *v, size_t n, uint32_t plus, uint32_t *out)
{
#if defined(__x86_64__)
	if (likely(cpu_get() >= CPU_AVX512)) {
		bitpack_plus_avx512(v, n, plus, out);
		return;
	}
#endif
	for (size_t i = 0; i < n; i++)
		out[i] = v[i] + plus;
}

void
bitpack_unpack_delta(const uint8_t *in, size_t n, unsigned w, uint32_t base, uint32_t *out)
{
#if defined(__x86_64__)
	if (likely(w <= BITPACK_VECTOR && cpu_get() >= CPU_AVX512)) {
		bitpack_delta_avx512(in, n, w, base, out);
		return;
	}
#endif
	bitpack_unpack(in, n, w, out);
	bitpack_sum(out, n, base);
}

static uint32_t
bitpack_patch_portable(const uint8_t *indices, const uint8_t *highs, unsigned e, unsigned h, unsigned b, bool add,
		       uint32_t *out)
{
	uint32_t index[144], high[144], worst = 0;

	if (e > 128)
		e = 128;
	bitpack_unpack(indices, e, 7, index);
	bitpack_unpack(highs, e, h, high);
	for (unsigned i = 0; i < e; i++) {
		uint32_t x = (uint32_t)((uint64_t)high[i] << b), *at = &out[index[i]];
		worst = worst > index[i] ? worst : index[i];
		*at = add ? *at + x : *at | x;
	}
	return worst;
}

uint32_t
bitpack_patch(const uint8_t *indices, const uint8_t *highs, unsigned e, unsigned h, unsigned b, uint32_t *out)
{
#if defined(__x86_64__)
	if (likely(h <= BITPACK_VECTOR && cpu_get() >= CPU_AVX512))
		return bitpack_patch_or_avx512(indices, highs, e, h, b, out);
#endif
	return bitpack_patch_portable(indices, highs, e, h, b, false, out);
}

uint32_t
bitpack_patch_add(const uint8_t *indices, const uint8_t *highs, unsigned e, unsigned h, unsigned b, uint32_t *out)
{
#if defined(__x86_64__)
	if (likely(h <= BITPACK_VECTOR && cpu_get() >= CPU_AVX512))
		return bitpack_patch_add_avx512(indices, highs, e, h, b, out);
#endif
	return bitpack_patch_portable(indices, highs, e, h, b, true, out);
}

uint64_t
bitpack_totals(const uint32_t *v, size_t n, uint32_t *sums)
{
#if defined(__x86_64__)
	if (likely(cpu_get() >= CPU_AVX512)) {
		uint64_t sum = bitpack_totals_avx512(v, n, sums);
		if (likely(sum != UINT64_MAX))
			return sum;
	}
#endif
	return bitpack_totals_portable(v, n, sums);
}

size_t
bitpack_bits(const uint8_t *in, size_t nbytes, uint32_t base, uint32_t *out, size_t cap)
{
#if defined(__x86_64__)
	if (cpu_get() == CPU_AVX512)
		return bitpack_bits_avx512(in, nbytes, base, out, cap);
#endif
	return bitpack_bits_portable(in, nbytes, base, out, cap);
}
