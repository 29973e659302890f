/* source_chunk.h - a stream of records cut into chunks at record boundaries. */
#ifndef INDEXER_SOURCE_CHUNK_H
#define INDEXER_SOURCE_CHUNK_H

#include "indexer/decompress.h"
#include "indexer/source.h"

typedef struct source_chunk {
	char *data; /* the taker's, mem_free */
	size_t n;
	uint64_t offset, first_line;
	bool last;
} source_chunk;

typedef struct source_chunker source_chunker;

/* Takes the stream in any case.  CSV: finds the separator and takes the header
 * off.  Of the options, chunk_size and record_max count. */
cdg_status source_chunker_open(source_chunker **out, decompress *stream, source_format format,
			       const char *path, const source_options *options, cdg_error *err);
void source_chunker_free(source_chunker *c);

/* The next chunk; n may be 0 with last.  On failure: CDG_E_NOMEM; CDG_E_LIMIT,
 * a record that was too long has been left out, ask again; other: the end. */
cdg_status source_chunker_next(source_chunker *c, source_chunk *chunk, cdg_error *err);

const char *source_chunker_header(const source_chunker *c, size_t *n, char *separator);
uint64_t source_chunker_consumed(const source_chunker *c);
/* XXH3-64 of the bytes consumed: after `last`, of the whole file. */
uint64_t source_chunker_hash(const source_chunker *c);

#endif
