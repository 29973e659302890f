/* read_record.h - one JSON object, a record, into a document.
 *
 * Strings without escapes are borrowed from the input; the others are written
 * into scratch, which is reserved once a record. */
#ifndef INDEXER_READ_RECORD_H
#define INDEXER_READ_RECORD_H

#include "extract/read_build.h"

typedef struct read_record_error {
	char message[200];
	size_t offset; /* where in the record */
} read_record_error;

/* Parses p[0, n), valid UTF-8, one object and nothing else, into b (reset by
 * the caller).  scratch is emptied.  *repeated: bits 1 << read_key of known
 * keys that came twice.  False: error->message says why, or memory is out
 * (b->failed). */
bool read_record_parse(read_build *b, buf *scratch, const char *p, size_t n, unsigned *repeated,
		       read_record_error *error);

#endif
