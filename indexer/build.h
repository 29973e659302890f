/* build.h - what the workers hold becomes the files of one segment. */
#ifndef INDEXER_BUILD_H
#define INDEXER_BUILD_H

#include "indexer/flush.h"
#include "indexer/worker.h"

typedef struct build_old {
	uint32_t seg, doc;
} build_old;

typedef struct build {
	const char *dir;
	worker *workers;
	size_t nworkers;
	unsigned threads;
	bool sync, store;
	const atomic_bool *cancel;
	/* out: valid until build_fini */
	manifest_segment info;  /* docs 0: there was nothing to write */
	live live;              /* dead: superseded within the segment, or broken */
	uint64_t duplicates;
	build_old *replaced;    /* documents of older segments that are not live any more */
	size_t nreplaced, replaced_cap;
} build;

/* Number the documents, settle which of those with one id is live, and write
 * all files; on failure none is left.  A document is also dead if its id came
 * again later as a record that is in an older segment as it is. */
cdg_status build_segment(build *b, cdg_error *err);
void build_fini(build *b);

#endif
