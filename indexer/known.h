/* known.h - which files are in the index already, under this path or another.
 *
 * By path, size and time a file is unchanged.  One that is not is looked up by its
 * bytes: their hash, where a file of the same size is listed, or one of the same
 * size and beginning came in this run; a first one of its kind is not read for it.
 *
 * Under the lock of the run (pipeline.c).
 */
#ifndef INDEXER_KNOWN_H
#define INDEXER_KNOWN_H

#include "base/base.h"

/* A number to several ids of sources; open addressing, key and id side by side. */
typedef struct known_map {
	uint64_t *keys;
	uint32_t *ids; /* 0: free */
	size_t n, cap;
} known_map;

typedef struct known_files {
	known_map by_hash; /* of all bytes; may be out of date, the list of sources says */
	known_map by_size; /* listed files */
	known_map by_head; /* of this run: size and first bytes */
	known_map by_name; /* record files that are called by it */
	bool filled, named;
} known_files;

void known_fini(known_files *k);

#endif
