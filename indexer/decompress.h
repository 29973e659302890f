/* decompress.h - a file descriptor as a stream of plain bytes: as it is, or
 * through gzip, zstd, lz4 or xz, recognised by its first bytes.
 *
 * Several compressed members or frames in a row are one stream.  Memory is the
 * decoder's window and one input buffer.  One thread.
 */
#ifndef INDEXER_DECOMPRESS_H
#define INDEXER_DECOMPRESS_H

#include "base/err.h"

typedef enum decompress_codec {
	DECOMPRESS_PLAIN,
	DECOMPRESS_GZIP,
	DECOMPRESS_ZSTD,
	DECOMPRESS_LZ4,
	DECOMPRESS_XZ
} decompress_codec;

typedef struct decompress decompress;

/* Takes the descriptor (closed by decompress_free if own).  path is for
 * messages and must outlive the stream.  Reads the first bytes. */
cdg_status decompress_open(decompress **out, int fd, bool own, const char *path, cdg_error *err);
void decompress_free(decompress *d);

decompress_codec decompress_which(const decompress *d);
/* The first decoded bytes (up to 4096), without taking them.  After a failure
 * what could be decoded is still given. */
cdg_status decompress_peek(decompress *d, const char **head, size_t *n, cdg_error *err);
/* Up to cap bytes; *n is 0 at the end only.  CDG_E_INPUT: damaged data. */
cdg_status decompress_read(decompress *d, void *dst, size_t cap, size_t *n, cdg_error *err);
/* Bytes read from the descriptor so far. */
uint64_t decompress_consumed(const decompress *d);
/* XXH3-64 of those bytes. */
uint64_t decompress_hash(const decompress *d);

#endif
