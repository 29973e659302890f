/* biff.c - see biff.h. */
#include "extract/reader/biff.h"

#include "extract/read_build.h"

enum { STRING_WIDE = 1, STRING_EXTENDED = 4, STRING_RICH = 8 };

bool
biff_next(biff *b, biff_record *r)
{
	if (b->at > b->n || b->n - b->at < 4)
		return false;
	*r = (biff_record){ .b = b, .id = load_u16(b->data + b->at), .at = b->at + 4 };
	r->end = r->at + min_size(load_u16(b->data + b->at + 2), b->n - r->at);
	b->at = r->end;
	return true;
}

bool
biff_more(biff_record *r)
{
	biff_record next;
	size_t before = r->b->at;

	if (r->end != before || !biff_next(r->b, &next))
		return false;
	if (next.id != BIFF_CONTINUE) {
		r->b->at = before;
		return false;
	}
	r->at = next.at;
	r->end = next.end;
	return true;
}

uint8_t
biff_u8(biff_record *r)
{
	while (r->at == r->end)
		if (!biff_more(r)) {
			r->bad = true;
			return 0;
		}
	return r->b->data[r->at++];
}

uint16_t
biff_u16(biff_record *r)
{
	uint16_t low = biff_u8(r);

	return (uint16_t)(low | biff_u8(r) << 8);
}

uint32_t
biff_u32(biff_record *r)
{
	uint32_t low = biff_u16(r);

	return low | (uint32_t)biff_u16(r) << 16;
}

uint64_t
biff_u64(biff_record *r)
{
	uint64_t low = biff_u32(r);

	return low | (uint64_t)biff_u32(r) << 32;
}

void
biff_skip(biff_record *r, size_t n)
{
	while (n && !r->bad) {
		size_t k = min_size(n, r->end - r->at);

		r->at += k;
		n -= k;
		if (n && !biff_more(r))
			r->bad = true;
	}
}

void
biff_chars(biff_record *r, size_t n, bool wide, buf *out)
{
	while (n && !r->bad) {
		size_t k = min_size(n, (r->end - r->at) / (wide ? 2 : 1));

		if (!r->b->wide)
			codepages_utf8(r->b->pages, r->b->page, r->b->data + r->at, k, out);
		else if (wide)
			utf16_utf8(out, r->b->data + r->at, k);
		else
			for (size_t i = 0; i < k; i++)
				utf16_put(out, r->b->data[r->at + i]);
		r->at += k * (wide ? 2 : 1);
		n -= k;
		if (n && !biff_more(r))
			r->bad = true;
		else if (n && r->b->wide)
			wide = biff_u8(r) & STRING_WIDE;
	}
}

void
biff_string(biff_record *r, bool short_length, buf *out)
{
	size_t n = short_length ? biff_u8(r) : biff_u16(r), runs = 0, extended = 0;
	uint8_t flags = 0;

	if (r->b->wide) {
		flags = biff_u8(r);
		if (flags & STRING_RICH)
			runs = biff_u16(r);
		if (flags & STRING_EXTENDED)
			extended = biff_u32(r);
	}
	biff_chars(r, n, flags & STRING_WIDE, out);
	biff_skip(r, 4 * runs);
	biff_skip(r, extended);
}
