/* chunk.h - writing chunks: up to CHUNK_MOST numbers bit-packed, the few that are large
 * as exceptions (the format: postings.h, A CHUNK).  No state; any thread. */
#ifndef ENGINE_CHUNK_H
#define ENGINE_CHUNK_H

#include "base/base.h"
#include "base/buf.h"

enum { CHUNK_MOST = 128, CHUNK_INDEX_BITS = 7 };

/* How a chunk is packed: b low bits of every value; `exceptions` values have up
 * to `high` bits more. */
typedef struct chunk_shape {
	unsigned b, high, exceptions;
	size_t bytes;
} chunk_shape;

/* The shape with the fewest bytes; exceptions must save more than `penalty`. */
chunk_shape chunk_plan(const uint32_t *v, size_t n, size_t penalty);
/* Append a chunk of that shape.  On lack of memory out->failed. */
void chunk_write(const uint32_t *v, size_t n, chunk_shape s, buf *out);

#endif
