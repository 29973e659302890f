/* buf.h - growable bytes, and a bounded reader over bytes.
 *
 * buf is sticky: after an allocation failed every put is a no-op and
 * buf.failed is true; a builder checks once, at the end.
 * rd never reads outside [at, end): a short read returns 0 and sets rd.bad.
 * Varints are LEB128, at most 10 bytes for 64 bits.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/base.h"
#include "base/mem.h"

typedef struct buf {
	uint8_t *p;
	size_t len, cap;
	bool failed;
} buf;

CDG_INLINE void
buf_init(buf *b)
{
	memset(b, 0, sizeof *b);
}
void buf_fini(buf *b);
bool buf_reserve_slow(buf *b, size_t more);
/* Room for `more` bytes after len; false (and failed set) when memory is out. */
CDG_INLINE bool
buf_reserve(buf *b, size_t more)
{
	if (likely(b->cap - b->len >= more))
		return true;
	return buf_reserve_slow(b, more);
}
CDG_INLINE void
buf_put_u8(buf *b, uint8_t v)
{
	if (likely(buf_reserve(b, 1)))
		b->p[b->len++] = v;
}
void buf_put(buf *b, const void *p, size_t n);
void buf_puts(buf *b, const char *s);
void buf_printf(buf *b, const char *fmt, ...) CDG_PRINTF(2, 3);
void buf_put_u16(buf *b, uint16_t v);
void buf_put_u32(buf *b, uint32_t v);
void buf_put_u64(buf *b, uint64_t v);
void buf_zero(buf *b, size_t n);
/* NUL-terminate without counting it; returns "" when memory is out. */
const char *buf_cstr(buf *b);

CDG_INLINE uint8_t *
varint_write(uint8_t *p, uint64_t v)
{
	while (v >= 0x80) {
		*p++ = (uint8_t)(v | 0x80);
		v >>= 7;
	}
	*p++ = (uint8_t)v;
	return p;
}
CDG_INLINE void
buf_put_varint(buf *b, uint64_t v)
{
	if (likely(buf_reserve(b, 10)))
		b->len = (size_t)(varint_write(b->p + b->len, v) - b->p);
}

typedef struct rd {
	const uint8_t *at, *end;
	bool bad;
} rd;

CDG_INLINE rd
rd_make(const void *p, size_t n)
{
	rd r = { p, n ? (const uint8_t *)p + n : p, false }; /* NULL with n == 0 is fine */
	return r;
}
CDG_INLINE size_t
rd_left(const rd *r)
{
	return (size_t)(r->end - r->at);
}
CDG_INLINE uint8_t
rd_u8(rd *r)
{
	if (unlikely(r->at >= r->end)) {
		r->bad = true;
		return 0;
	}
	return *r->at++;
}
uint16_t rd_u16(rd *r);
uint32_t rd_u32(rd *r);
uint64_t rd_u64(rd *r);
uint64_t rd_varint_slow(rd *r);
CDG_INLINE uint64_t
rd_varint(rd *r)
{
	if (likely(r->at < r->end && *r->at < 0x80))
		return *r->at++;
	return rd_varint_slow(r);
}
/* A varint that must fit 32 bits; sets bad otherwise. */
uint32_t rd_varint32(rd *r);
/* n bytes borrowed from the input, or NULL and bad. */
const uint8_t *rd_bytes(rd *r, size_t n);

/* Zigzag for signed values. */
CDG_INLINE uint64_t
zigzag(int64_t v)
{
	return ((uint64_t)v << 1) ^ (uint64_t)(v >> 63);
}
CDG_INLINE int64_t
unzigzag(uint64_t v)
{
	return (int64_t)(v >> 1) ^ -(int64_t)(v & 1);
}

#endif
