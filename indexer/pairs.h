/* pairs.h - lists of pairs of frequent words, for phrases of them.
 *
 * For two words of the text that very many documents have (SEGMENT_PAIR_SHARE) the list
 * of the documents in which the second stands directly behind the first, and how often
 * there.  A phrase of the two is then one list, as a word is; without it, the positions of
 * nearly all documents must be looked at.  Pairs that a large part of the documents of
 * the rarer word have are left out: their lists are long and spare little.
 *
 * Made from a segment that is complete, which they are added to as two files.
 */
#ifndef INDEXER_PAIRS_H
#define INDEXER_PAIRS_H

#include <stdatomic.h>

#include "engine/segment.h"

typedef struct pairs_options {
	size_t memory;             /* bytes for the postings that are kept before they are written, about */
	bool sync;                 /* fsync the new files */
	const atomic_bool *cancel; /* set from anywhere: CDG_E_CANCELLED soon; may be NULL */
	void (*progress)(void *ctx, uint64_t done, uint64_t total); /* documents; may be NULL */
	void *progress_ctx;
} pairs_options;

/* Write the files of a segment of the folder dir that has none, open them in it and add
 * to its info, which the caller puts into the manifest.  On any error no file is left and
 * the segment is as it was.  One thread; the segment must not be used by others meanwhile. */
cdg_status pairs_make(segment *s, const char *dir, const pairs_options *opt, cdg_error *err);

#endif
