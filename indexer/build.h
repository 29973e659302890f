/* build.h - what the workers hold becomes the files of one segment. */
#ifndef INDEXER_BUILD_H
#define INDEXER_BUILD_H

#include "indexer/flush.h"
#include "indexer/worker.h"

/* A document, and the id that another of this source has taken; id: in the workers. */
typedef struct build_old {
	uint32_t seg, doc;
	uint32_t by;
	uint32_t id_len;
	const char *id;
} build_old;

/* Two documents of one run that have one id: their sources. */
typedef struct build_twice {
	uint32_t before, by;
	uint32_t id_len;
	const char *id;
} build_twice;

enum { BUILD_TWICE = 10 }; /* that are named */

typedef struct build {
	const char *dir;
	worker *workers;
	size_t nworkers;
	unsigned threads;
	bool sync, store;
	const atomic_bool *cancel;
	/* Is it to be told that a document of `by` takes the place of one of `before`, both of this
	 * run?  They are one source where one file has two. */
	bool (*tells)(void *ctx, uint32_t before, uint32_t by);
	void *tells_ctx;
	/* out: valid until build_fini */
	manifest_segment info;  /* docs 0: there was nothing to write */
	live live;              /* dead: superseded within the segment, or broken */
	uint64_t duplicates;
	build_twice twice[BUILD_TWICE];
	uint64_t ntwice;        /* all of them */
	build_old *replaced;    /* documents of older segments that are not live any more */
	size_t nreplaced, replaced_cap;
} build;

/* Number the documents, settle which of those with one id is live, and write
 * all files; on failure none is left.  A document is also dead if its id came
 * again later as a record that is in an older segment as it is. */
cdg_status build_segment(build *b, cdg_error *err);
void build_fini(build *b);
/* If the caller tells of these. */
void build_note_twice(build *b, build_twice twice);

#endif
