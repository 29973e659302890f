/* base.h - what every file needs: integer types, likely/unlikely, unaligned
 * little-endian loads and stores, small arithmetic.  No functions with state.
 */
#ifndef BASE_BASE_H
#define BASE_BASE_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "include/cdgsearch.h"

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define countof(a) (sizeof(a) / sizeof((a)[0]))
#define CDG_INLINE static inline __attribute__((always_inline))
#define CDG_NOINLINE __attribute__((noinline))
#define CDG_PRINTF(f, a) __attribute__((format(printf, f, a)))
#define CDG_UNUSED __attribute__((unused))

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the index format is little-endian and read in place; this port is missing"
#endif

CDG_INLINE uint16_t
load_u16(const void *p)
{
	uint16_t v;
	memcpy(&v, p, sizeof v);
	return v;
}

CDG_INLINE uint32_t
load_u32(const void *p)
{
	uint32_t v;
	memcpy(&v, p, sizeof v);
	return v;
}

CDG_INLINE uint64_t
load_u64(const void *p)
{
	uint64_t v;
	memcpy(&v, p, sizeof v);
	return v;
}

CDG_INLINE void
store_u32(void *p, uint32_t v)
{
	memcpy(p, &v, sizeof v);
}

CDG_INLINE void
store_u16(void *p, uint16_t v)
{
	memcpy(p, &v, sizeof v);
}

CDG_INLINE void
store_u64(void *p, uint64_t v)
{
	memcpy(p, &v, sizeof v);
}

CDG_INLINE uint32_t
min_u32(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

CDG_INLINE uint32_t
max_u32(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

CDG_INLINE size_t
min_size(size_t a, size_t b)
{
	return a < b ? a : b;
}

CDG_INLINE size_t
max_size(size_t a, size_t b)
{
	return a > b ? a : b;
}

/* Bits needed to write v: 0 for 0, 32 for 2^31 and above. */
CDG_INLINE unsigned
bits_u32(uint32_t v)
{
	return v ? 32u - (unsigned)__builtin_clz(v) : 0;
}

#endif
