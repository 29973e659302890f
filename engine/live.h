/* live.h - which documents of a segment are live (.live-N file): a bitmap.  A
 * segment without such a file has no deletes.  A file is never changed: deletes
 * make a mutable copy, which is written as the next generation.
 *
 * LAYOUT (kind "LIVE"; little-endian)
 *
 *   at    size               what
 *   64    4                  u32 ndocs
 *   68    4                  u32 number of live documents (bits that are 1)
 *   72    56                 zero
 *   128   8*ceil(ndocs/64)   u64 words; document d is live if bit d % 64 of word
 *                            d / 64 is 1; bits at ndocs and above are 0
 *   ...                      the payload ends here
 *
 * Loading verifies every page and the count, so live_test needs no checks.
 *
 * Threads: a live that nobody clears is read by any number of threads.
 */
#ifndef ENGINE_LIVE_H
#define ENGINE_LIVE_H

#include "engine/pfile.h"

#define LIVE_KIND PFILE_KIND('L', 'I', 'V', 'E')

typedef struct live {
	const uint64_t *words; /* mapped, or == own */
	uint64_t *own;         /* NULL: read-only, from a file */
	uint32_t ndocs, count; /* count: live ones */
	pfile f;               /* when mapped */
} live;

CDG_INLINE size_t
live_nwords(uint32_t ndocs)
{
	return ((size_t)ndocs + 63) / 64;
}

/* ndocs: what the segment has; a file with another number is damaged. */
cdg_status live_load(live *l, const char *path, const segment_id *id, uint32_t ndocs, cdg_error *err);
/* A mutable one with every document live. */
cdg_status live_init_full(live *l, uint32_t ndocs, cdg_error *err);
/* A mutable copy. */
cdg_status live_clone_mutable(live *l, const live *from, cdg_error *err);
void live_fini(live *l); /* safe on a zeroed live */

/* doc < ndocs is the caller's duty (live_test_safe checks). */
CDG_INLINE bool
live_test(const live *l, uint32_t doc)
{
	return l->words[doc / 64] >> (doc % 64) & 1;
}
CDG_INLINE bool
live_test_safe(const live *l, uint32_t doc)
{
	return doc < l->ndocs && live_test(l, doc);
}
/* Delete; true if it was live.  Only on a mutable one; false past ndocs. */
bool live_clear(live *l, uint32_t doc);

cdg_status live_write(const live *l, const char *path, const segment_id *id, bool sync, cdg_error *err);
/* Everything about a loaded one again: pages, count, bits past the end. */
cdg_status live_check(const live *l, cdg_error *err);

#endif
