/* reader.h - where documents come from, step two: an item of the source
 * becomes documents.  One reader a worker thread; nothing is shared.
 *
 * Usage:
 *   reader_begin(r, item)
 *   for (;;) {
 *           reader_next(r, &doc, &fail)
 *           if (fail.set && !fail.warning)   a record that could not be read
 *           else if (!doc)                   the end of the item
 *           else                             a document, perhaps with a warning
 *   }
 *
 * The item must outlive the documents read from it: their strings may point
 * into it.  Every string of a document is valid UTF-8 and lives until the next
 * reader_next or reader_begin.
 */
#ifndef INDEXER_READER_H
#define INDEXER_READER_H

#include "base/err.h"
#include "extract/client.h"
#include "indexer/source.h"

typedef struct reader_failure {
	bool set;
	bool warning;     /* the document was read, but something in it was not */
	bool skipped;     /* not for us (an image in an archive): no failure */
	bool partly;      /* skipped: a part of a document that is given */
	bool general;     /* not of this file alone: it will be so of all that are read this way */
	const char *path; /* of the item */
	uint64_t line;    /* from 1; 0 for a whole file */
	char message[512];
} reader_failure;

typedef struct reader reader;

/* Formats that hostile files come in are read by a process of their own (extract/client.h),
 * which is started when the first of them comes.  documents may be NULL. */
reader *reader_new(const extract_client_options *documents, cdg_error *err);
void reader_free(reader *r);
/* See extract_client_no_landlock. */
bool reader_no_landlock(const reader *r);
/* Any item; those that are neither RECORDS nor FILE hold no documents. */
cdg_status reader_begin(reader *r, const source_item *item, cdg_error *err);
/* Fails only when memory is out, or with CDG_E_CANCELLED.  fail must not be NULL. */
cdg_status reader_next(reader *r, const document **doc, reader_failure *fail, cdg_error *err);

#endif
