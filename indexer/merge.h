/* merge.h - several segments into one.
 *
 * The new segment is what indexing the live documents of the inputs, in their
 * order or in another that makes it smaller and faster, into one segment would have given: the same dictionary, lists,
 * statistics and classes.  Deleted documents and everything that only they
 * had are gone.
 *
 * Any number of merges may run at once, also of the same inputs; each call
 * starts its own threads and has ended them when it returns.
 */
#ifndef INDEXER_MERGE_H
#define INDEXER_MERGE_H

#include <stdatomic.h>

#include "engine/manifest.h"

typedef struct merge_options {
	unsigned threads;      /* 0 and 1: only the calling thread */
	unsigned parts;        /* ranges of the term space; 0: chosen by threads and size */
	size_t memory;         /* bytes to stay below, mapped pages included; 0: 256 MiB */
	size_t order_memory;   /* of these, for choosing an order; 0: half */
	bool sync;             /* fsync the new files */
	bool reorder;          /* put documents with the same terms near one another (bisect.h) */
	_Atomic bool *cancel;  /* set to true to stop (CDG_E_CANCELLED); may be NULL */
	/* Called now and then, by one thread at a time but not always the same.  phase:
	 * "reordering", then "merging"; static.  Each begins from 0. */
	void (*progress)(void *ctx, const char *phase, uint64_t done, uint64_t total);
	void *progress_ctx;
	uint32_t **order;      /* with reorder, if not NULL: gets the new number of each live document,
	                        * counted through the inputs, for the caller to mem_free; or NULL */
} merge_options;

/* Merge n >= 1 segments of the folder dir, given in the order of their
 * documents, and describe the result in *out.  If no document is live, nothing
 * is written and out->docs is 0.  On any error all files of the new segment
 * are removed.  The inputs stay as they are; the caller puts *out in their
 * place in the manifest. */
cdg_status merge_segments(const char *dir, const manifest_segment *const *inputs, size_t n,
			  const merge_options *opt, manifest_segment *out, cdg_error *err);

#endif
