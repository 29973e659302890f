/* policy.h - which neighbouring segments to merge next.  A pure function of
 * the manifest: no files, no state, any thread. */
#ifndef INDEXER_POLICY_H
#define INDEXER_POLICY_H

#include "engine/manifest.h"

enum {
	POLICY_FANOUT = 8,        /* segments of one tier that are merged; also the ratio of tiers */
	POLICY_SEGMENTS_MAX = 40, /* more than this are merged whatever their sizes */
	POLICY_SQUEEZE = 10,      /* how many at a time when there are too many */
	POLICY_FLOOR = 64 << 10   /* segments below this many bytes are all of tier 0 */
};

/* The next merge: segments [*first, *first + *count) of m, count >= 1 (1: a
 * segment that is mostly deleted, to be written anew).  False: nothing to do.
 * Merging what is picked and asking again ends after finitely many steps. */
bool policy_pick(const manifest *m, size_t *first, size_t *count);

#endif
