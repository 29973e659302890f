/* scheme.c - see scheme.h.  Pure functions over bytes. */
#include "backend/xapian/scheme.h"

#include <stdio.h>
#include <xxhash.h>

enum { NAME_MAX_BYTES = 80 };

static void
scheme_hash(buf *out, const void *p, size_t n)
{
	buf_printf(out, "%016llx", (unsigned long long)XXH3_64bits(p, n));
}

/* Lower case becomes upper case, as prefixes are; all else but digits is escaped,
 * so that different names stay different. */
void
xap_put_prefix(buf *out, const char *name, size_t n)
{
	size_t from = out->len;

	if (!name || (n == 4 && !memcmp(name, "text", 4)))
		return;
	if (n == 5 && !memcmp(name, "title", 5)) {
		buf_put_u8(out, 'S');
		return;
	}
	buf_put_u8(out, 'X');
	for (size_t i = 0; i < n; i++)
		if (name[i] >= 'a' && name[i] <= 'z')
			buf_put_u8(out, (uint8_t)(name[i] - 'a' + 'A'));
		else if ((name[i] >= '0' && name[i] <= '9' && i) || name[i] == '_')
			buf_put_u8(out, (uint8_t)name[i]);
		else
			buf_printf(out, "%%%02X", (uint8_t)name[i]);
	if (out->len - from > NAME_MAX_BYTES) {
		out->len = from + NAME_MAX_BYTES;
		buf_put_u8(out, '-');
		scheme_hash(out, name, n);
	}
	buf_put_u8(out, ':');
}

uint32_t
xap_slot(const char *name, size_t n)
{
	return XAP_SLOT_FIELDS + (uint32_t)(XXH3_64bits(name, n) & 0x3fffffff);
}

bool
xap_close(buf *out, size_t from)
{
	size_t n = out->len - from, cut = XAP_TERM_CUT;
	const uint8_t *p = out->p + from;
	uint64_t hash;

	if (out->failed)
		return false;
	for (size_t i = from; i < out->len; i++)
		n += !out->p[i];
	if (n <= XAP_TERM_MAX)
		return false;
	hash = XXH3_64bits(p, out->len - from);
	n = 0; /* bytes 0 count twice in what is left, too */
	for (size_t i = 0; i < cut; i++) {
		n += 1 + !p[i];
		if (n > XAP_TERM_CUT)
			cut = i;
	}
	while (cut && (p[cut] & 0xc0) == 0x80)
		cut--;
	out->len = from + cut;
	buf_printf(out, "\x1e%016llx", (unsigned long long)hash);
	return true;
}

void
xap_word(buf *out, const buf *prefix, const char *term, size_t n)
{
	out->len = 0;
	buf_put(out, prefix->p, prefix->len);
	buf_put(out, term, n);
	xap_close(out, 0);
}

void
xap_stem(buf *out, const buf *prefix, const char *stem, size_t n)
{
	out->len = 0;
	buf_put_u8(out, 'Z');
	buf_put(out, prefix->p, prefix->len);
	buf_put(out, stem, n);
	xap_close(out, 0);
}

void
xap_id(buf *out, const char *id, size_t n)
{
	out->len = 0;
	buf_put_u8(out, 'Q');
	buf_put(out, id, n);
	xap_close(out, 0);
}

void
xap_helper(buf *out, const char *kind, const buf *prefix, const char *first, size_t n, const char *second,
	   size_t nsecond)
{
	out->len = 0;
	buf_puts(out, kind);
	if (prefix)
		buf_put(out, prefix->p, prefix->len);
	buf_put_u8(out, ':');
	buf_put(out, first, n);
	if (second) {
		buf_put_u8(out, XAP_SEPARATOR);
		buf_put(out, second, nsecond);
	}
	xap_close(out, 0);
}

/* ---- values -------------------------------------------------------------- */

static void
put_big(buf *out, uint64_t v, unsigned bytes)
{
	while (bytes--)
		buf_put_u8(out, (uint8_t)(v >> (8 * bytes)));
}

static uint64_t
take_big(rd *r, unsigned bytes)
{
	uint64_t v = 0;

	while (bytes--)
		v = v << 8 | rd_u8(r);
	return v;
}

void
xap_put_number(buf *out, double x)
{
	uint64_t bits;

	x = x == 0 ? 0 : x; /* one zero */
	memcpy(&bits, &x, sizeof bits);
	bits = bits >> 63 ? ~bits : bits | (uint64_t)1 << 63;
	buf_put_u8(out, XAP_NUMBER);
	put_big(out, bits, 8);
}

void
xap_put_date(buf *out, int32_t day, uint8_t precision)
{
	buf_put_u8(out, XAP_DATE);
	put_big(out, (uint32_t)day ^ 0x80000000u, 4);
	buf_put_u8(out, precision);
}

void
xap_put_string(buf *out, const char *p, size_t n)
{
	buf_put_u8(out, XAP_STRING);
	for (size_t i = 0; i < n; i++) {
		buf_put_u8(out, (uint8_t)p[i]);
		if (!p[i])
			buf_put_u8(out, 0xff);
	}
	buf_put_u8(out, 0);
	buf_put_u8(out, 1);
}

static bool
take_string(rd *r, buf *scratch, xap_value *out)
{
	scratch->len = 0;
	for (;;) {
		uint8_t c = rd_u8(r);

		if (r->bad || scratch->failed)
			return false;
		if (c) {
			buf_put_u8(scratch, c);
			continue;
		}
		c = rd_u8(r);
		if (c != 0xff)
			break;
		buf_put_u8(scratch, 0);
	}
	out->n = scratch->len;
	out->string = buf_cstr(scratch);
	return !r->bad;
}

bool
xap_value_next(rd *r, buf *scratch, xap_value *out)
{
	uint64_t bits;

	memset(out, 0, sizeof *out);
	if (!rd_left(r))
		return false;
	out->type = rd_u8(r);
	switch (out->type) {
	case XAP_NUMBER:
		bits = take_big(r, 8);
		bits = bits >> 63 ? bits & ~((uint64_t)1 << 63) : ~bits;
		memcpy(&out->number, &bits, sizeof bits);
		return !r->bad;
	case XAP_DATE:
		out->day = (int32_t)((uint32_t)take_big(r, 4) ^ 0x80000000u);
		out->precision = rd_u8(r);
		return !r->bad;
	case XAP_STRING:
		return take_string(r, scratch, out);
	default:
		r->bad = true;
		return false;
	}
}
