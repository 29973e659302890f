/* skipped.h - files that were met and are not for the index, or only a part of them, with the
 * reason, so that a person can ask later: a part of the list of sources.
 *
 * At most SKIPPED_MAX are kept, the others counted.  A run notes what it skips,
 * and then sweeps what it has not met again below its roots.
 * Belongs to the writer; one thread at a time.
 */
#ifndef INDEXER_SKIPPED_H
#define INDEXER_SKIPPED_H

#include "base/base.h"

enum { SKIPPED_MAX = 10000 };

typedef struct skipped_file {
	char *path, *reason;
	bool seen; /* in this run */
} skipped_file;

typedef struct skipped_list {
	skipped_file *p;
	size_t n, cap;
	uint32_t *slots; /* by path: index + 1 */
	size_t nslots;
	uint64_t more;   /* skipped beyond those that are kept, in the last run that met any */
	uint64_t now;    /* the same, of this run */
} skipped_list;

void skipped_fini(skipped_list *l);
/* *changed is set when the list is another one than before.  False: no memory. */
bool skipped_note(skipped_list *l, const char *path, const char *reason, bool *changed);
/* Why it is listed; NULL: it is not. */
const char *skipped_reason(const skipped_list *l, const char *path);
/* A file that has not changed was met: what is listed of it, if anything is, stays. */
void skipped_keep(skipped_list *l, const char *path);
/* Forget what this run has met. */
void skipped_forget_run(skipped_list *l);
/* Drop what this run has not met at or below root (sources_path_below).  *changed as above. */
void skipped_sweep(skipped_list *l, const char *root, bool *changed);

#endif
