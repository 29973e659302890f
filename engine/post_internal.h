/* post_internal.h - what the readers of documents and of positions share. */
#ifndef ENGINE_POST_INTERNAL_H
#define ENGINE_POST_INTERNAL_H

#include "engine/postings.h"

/* Mark damage at a place in a file (NULL: the list's in .post) and end the cursor; false. */
bool post_damage(post_cursor *c, const pfile *f, const uint8_t *at, const char *why);
/* Make the position state that of the loaded block.  False on damage. */
bool post_load_sums(post_cursor *c);
/* Decode chunk k of the block into runs: sums, or if those could wrap the numbers
 * themselves.  False on damage. */
bool post_decode_chunk(post_cursor *c, uint32_t k);
CDG_INLINE bool
post_load_chunk(post_cursor *c, uint32_t k)
{
	return likely(c->chunk == k) || post_decode_chunk(c, k);
}

/* The head of a chunk. */
typedef struct chunk_head {
	const uint8_t *low; /* its packed low parts */
	unsigned b, high, exceptions;
} chunk_head;

/* Length of the chunk at p, or 0 if it does not fit before end. */
CDG_INLINE size_t
chunk_parse(const uint8_t *p, const uint8_t *end, size_t n, chunk_head *h)
{
	size_t len;

	if (p >= end)
		return 0;
	h->b = *p & 0x7f;
	h->high = h->exceptions = 0;
	h->low = p + 1;
	if (*p & 0x80) {
		if (end - p < 3)
			return 0;
		h->exceptions = p[1];
		h->high = p[2];
		h->low = p + 3;
	}
	if (h->b + h->high > 32 || h->exceptions > n)
		return 0;
	len = (size_t)(h->low - p) + bitpack_bytes(n, h->b) + bitpack_bytes(h->exceptions, POST_INDEX_BITS) +
	      bitpack_bytes(h->exceptions, h->high);
	return len <= (size_t)(end - p) ? len : 0;
}

CDG_INLINE bitpack_chunk
chunk_of(const chunk_head *h, size_t n)
{
	const uint8_t *p = h->low + bitpack_bytes(n, h->b);

	return (bitpack_chunk){ .low = h->low, .indices = p, .highs = p + bitpack_bytes(h->exceptions, POST_INDEX_BITS),
				.b = h->b, .h = h->high, .exceptions = h->exceptions };
}

/* Put the high parts in place; false if an index is not one.  Doing so twice does
 * no harm. */
CDG_INLINE bool
chunk_patch(const chunk_head *h, size_t n, uint32_t *out)
{
	bitpack_chunk k = chunk_of(h, n);

	return bitpack_patch(k.indices, k.highs, k.exceptions, k.h, k.b, out) < n;
}

/* Decode a chunk; returns its length or 0 on damage.  out: POST_BLOCK + 16. */
CDG_INLINE size_t
chunk_read(const uint8_t *p, const uint8_t *end, size_t n, uint32_t *out)
{
	chunk_head h;
	size_t len = chunk_parse(p, end, n, &h);

	if (!len)
		return 0;
	bitpack_unpack(h.low, n, h.b, out);
	if (h.exceptions && !chunk_patch(&h, n, out))
		return 0;
	return len;
}

#endif
