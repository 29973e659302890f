/* bitpack.h - n unsigned values of w bits each, as one little-endian bit
 * stream: value i is bits [i*w, (i+1)*w) of the bytes, lowest bit first.  No
 * lanes, no padding between values; ceil(n*w/8) bytes.
 *
 * Eight values fill exactly w bytes, so a vector unit unpacks eight (AVX2:
 * shuffle, shift, mask) or sixteen (AVX-512: byte permute, shift, mask) at a
 * time from byte-aligned places.  The portable twin reads one unaligned word
 * a value; all three are tested equal.
 *
 * Decoders read up to 64 bytes past the packed bytes and write up to 15 values
 * past n: callers pad (PFILE_PAD; arrays of n + 16).
 */
#ifndef ENGINE_BITPACK_H
#define ENGINE_BITPACK_H

#include "base/base.h"

CDG_INLINE size_t
bitpack_bytes(size_t n, unsigned w)
{
	return (n * w + 7) / 8;
}

/* Pack n values < 2^w (higher bits are cut off); writes bitpack_bytes(n, w)
 * bytes and may write 16 more.  w <= 32. */
void bitpack_pack(const uint32_t *in, size_t n, unsigned w, uint8_t *out);

/* Unpack; w <= 32. */
void bitpack_unpack(const uint8_t *in, size_t n, unsigned w, uint32_t *out);

/* Unpack, each value plus one. */
void bitpack_unpack_plus1(const uint8_t *in, size_t n, unsigned w, uint32_t *out);

/* Unpack and turn into increasing values: out[0] = base + v[0] + 1,
 * out[i] = out[i-1] + v[i] + 1 (mod 2^32). */
void bitpack_unpack_delta(const uint8_t *in, size_t n, unsigned w, uint32_t base, uint32_t *out);

/* The second half of that: v[0] += base + 1, v[i] += v[i-1] + 1. */
void bitpack_sum(uint32_t *v, size_t n, uint32_t base);
/* out[i] = v[i] + plus. */
void bitpack_plus(const uint32_t *v, size_t n, uint32_t plus, uint32_t *out);

/* Put e <= 128 high parts of h bits, packed, into place: out[index] |= high << b, the
 * indices being packed with 7 bits, all different; h + b <= 32.  Returns the largest
 * index. */
uint32_t bitpack_patch(const uint8_t *indices, const uint8_t *highs, unsigned e, unsigned h, unsigned b, uint32_t *out);
/* The same by addition, so that something may have been added before. */
uint32_t bitpack_patch_add(const uint8_t *indices, const uint8_t *highs, unsigned e, unsigned h, unsigned b,
			   uint32_t *out);

/* Up to 128 values in two parts: low ones of b bits, and for e <= 128 of them, which
 * the indices name with 7 bits each, high ones of h bits; b + h <= 32. */
typedef struct bitpack_chunk {
	const uint8_t *low, *indices, *highs; /* packed */
	unsigned b, h, exceptions;
} bitpack_chunk;

/* The values at m <= 128 places, no two the same: out[k] is number at[k] plus `plus`.  at
 * and out as arrays above. */
void bitpack_pick(const bitpack_chunk *c, const uint8_t *at, uint32_t m, uint32_t plus, uint32_t *out);

/* Sums of n <= 128 values: sums[i] is that of those before i, up to sums[n], which is also
 * returned; if it is 2^32 or more all sums are of no use.  sums as arrays above, of
 * n + 17. */
uint64_t bitpack_totals(const uint32_t *v, size_t n, uint32_t *sums);

/* The set bits of nbytes bytes: out[k] = base + 1 + index of the k-th one, at
 * most cap values (cap a multiple of 16, arrays as above); returns how many
 * there are, which may be more than were written. */
size_t bitpack_bits(const uint8_t *in, size_t nbytes, uint32_t base, uint32_t *out, size_t cap);

/* How many of n rising values are below target; all of them below 2^31. */
uint32_t bitpack_rank(const uint32_t *v, uint32_t n, uint32_t target);

/* Which of m rising targets, none above v[n-1], are among the n rising values: the
 * k-th that is, is targets[which[k]] == v[at[k]].  Returns how many; n and m at
 * most 128, all values below 2^31 - 1.  v is an array of 144, which and at are as
 * arrays above. */
uint32_t bitpack_match(const uint32_t *v, uint32_t n, const uint32_t *targets, uint32_t m, uint8_t *which,
		       uint8_t *at);

/* Of such targets keep those that are among the values, or those that are not, in
 * `out`, which may be where they are.  Returns how many. */
uint32_t bitpack_filter(const uint32_t *v, uint32_t n, const uint32_t *targets, uint32_t m, bool has, uint32_t *out);

/* The same two for values that are the set bits among nbits bits, bit i for first + i: of m rising
 * targets, which may be any, keep those; or which they are (m <= 128) and the how manieth bits,
 * mod 128.  Eight bytes from any that has one of the bits are readable. */
uint32_t bitpack_filter_set(const uint8_t *bits, uint32_t nbits, uint32_t first, const uint32_t *targets, uint32_t m,
			    bool has, uint32_t *out);
uint32_t bitpack_match_set(const uint8_t *bits, uint32_t nbits, uint32_t first, const uint32_t *targets, uint32_t m,
			   uint8_t *which, uint8_t *at);

/* A set of many values, bit i of it for i; BITPACK_SET_PAD words behind it are readable.  Put n rising
 * ones into it; keep those of n rising ones that are in it in `out`, another array with room
 * for 16 more, and return how many. */
enum { BITPACK_SET_PAD = 16 };
void bitpack_put(uint64_t *bits, const uint32_t *v, uint32_t n);
uint32_t bitpack_among(const uint64_t *bits, const uint32_t *v, uint32_t n, uint32_t *out);

/* How many of n rising values are at most last; looks no further than needed. */
uint32_t bitpack_upto(const uint32_t *v, uint32_t n, uint32_t last);

/* How many of n <= 16 rising values, as they are in a file, are below target. */
uint32_t bitpack_before(const uint8_t *v, uint32_t n, uint32_t target);

#endif
