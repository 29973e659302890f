/* source_sniff.h - which kind of document a file holds, from its first bytes
 * and its name. */
#ifndef INDEXER_SOURCE_SNIFF_H
#define INDEXER_SOURCE_SNIFF_H

#include "indexer/source.h"

typedef struct source_sniff {
	source_format format; /* SOURCE_AUTO: not for us, see why */
	const char *why;      /* static */
	bool failed;          /* it should have been for us: FAILED, not SKIPPED */
} source_sniff;

/* named: the user gave this path itself, so plain text will do.  images: those are read too. */
source_sniff source_sniff_format(const char *path, bool compressed, bool named, const char *head,
				 size_t n, bool images);
/* Helpful text when record file content is none (a JSON array, one object over
 * many lines), else NULL. */
const char *source_sniff_records(const char *head, size_t n);

#endif
