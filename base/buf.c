/* buf.c - see buf.h. */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>

void
buf_fini(buf *b)
{
	mem_free(b->p);
	memset(b, 0, sizeof *b);
}

bool
buf_reserve_slow(buf *b, size_t more)
{
	size_t cap = b->cap ? b->cap : 256;
	uint8_t *p;

	if (b->failed || more > SIZE_MAX / 4) {
		b->failed = true;
		return false;
	}
	while (cap - b->len < more)
		cap += cap < ((size_t)64 << 20) ? cap : cap / 4;
	p = mem_realloc(b->p, cap);
	if (!p) {
		b->failed = true;
		return false;
	}
	b->p = p;
	b->cap = cap;
	return true;
}

void
buf_put(buf *b, const void *p, size_t n)
{
	if (n && buf_reserve(b, n)) {
		memcpy(b->p + b->len, p, n);
		b->len += n;
	}
}

void
buf_puts(buf *b, const char *s)
{
	buf_put(b, s, strlen(s));
}

void
buf_printf(buf *b, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0 || !buf_reserve(b, (size_t)n + 1))
		return;
	va_start(ap, fmt);
	vsnprintf((char *)b->p + b->len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)n;
}

void
buf_put_u16(buf *b, uint16_t v)
{
	buf_put(b, &v, sizeof v);
}

void
buf_put_u32(buf *b, uint32_t v)
{
	buf_put(b, &v, sizeof v);
}

void
buf_put_u64(buf *b, uint64_t v)
{
	buf_put(b, &v, sizeof v);
}

void
buf_zero(buf *b, size_t n)
{
	if (n && buf_reserve(b, n)) {
		memset(b->p + b->len, 0, n);
		b->len += n;
	}
}

const char *
buf_cstr(buf *b)
{
	if (!buf_reserve(b, 1))
		return "";
	b->p[b->len] = 0;
	return (const char *)b->p;
}

const uint8_t *
rd_bytes(rd *r, size_t n)
{
	const uint8_t *p = r->at;
	if (unlikely(rd_left(r) < n)) {
		r->bad = true;
		r->at = r->end;
		return NULL;
	}
	if (n) /* a reader of nothing may have no address, to which nothing is added */
		r->at += n;
	return p;
}

uint16_t
rd_u16(rd *r)
{
	const uint8_t *p = rd_bytes(r, 2);
	return p ? load_u16(p) : 0;
}

uint32_t
rd_u32(rd *r)
{
	const uint8_t *p = rd_bytes(r, 4);
	return p ? load_u32(p) : 0;
}

uint64_t
rd_u64(rd *r)
{
	const uint8_t *p = rd_bytes(r, 8);
	return p ? load_u64(p) : 0;
}

uint64_t
rd_varint_slow(rd *r)
{
	uint64_t v = 0;
	for (unsigned shift = 0; shift < 64; shift += 7) {
		uint8_t c = rd_u8(r);
		v |= (uint64_t)(c & 0x7f) << shift;
		if (c < 0x80)
			return v;
	}
	r->bad = true;
	return 0;
}

uint32_t
rd_varint32(rd *r)
{
	uint64_t v = rd_varint(r);
	if (unlikely(v > UINT32_MAX)) {
		r->bad = true;
		return 0;
	}
	return (uint32_t)v;
}
