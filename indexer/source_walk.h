/* source_walk.h - files below the paths that were added, in a fixed order. */
#ifndef INDEXER_SOURCE_WALK_H
#define INDEXER_SOURCE_WALK_H

#include "base/buf.h"
#include "indexer/settings.h"
#include "indexer/source.h"

typedef struct source_walk source_walk;

typedef struct source_walk_entry {
	const char *path;    /* borrowed until the next call; NULL at the end */
	const char *message; /* not NULL: could not be read, or skipped (skip) */
	bool skip;
	bool named;   /* added itself, not found in a folder */
	bool regular; /* else a pipe or a device that was named */
	uint64_t size;
	int64_t mtime_ns;
	const settings *settings; /* of its folder, borrowed as path is; NULL: none */
	bool doubtful;            /* there are others, which cannot be read */
} source_walk_entry;

/* A path without "." parts and doubled slashes: what "./" and "//" would add to
 * every document id.  The current folder is ".". */
void source_walk_normalise(buf *out, const char *path);
/* options is borrowed. */
source_walk *source_walk_new(const source_options *options);
void source_walk_free(source_walk *w);
/* Start on a path; the walk of the one before must be at its end.  False when
 * memory is out, as for all that follow. */
bool source_walk_begin(source_walk *w, const char *path);
bool source_walk_next(source_walk *w, source_walk_entry *entry);

#endif
