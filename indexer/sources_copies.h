/* sources_copies.h - the paths of copies, by the source whose documents they have: for hits, which
 * know the number of their source.  The end of the sources-N file (sources_db.h), which is read
 * without the rest of it.
 *
 * Unchanging once it is loaded: any thread may look into it.
 */
#ifndef INDEXER_SOURCES_COPIES_H
#define INDEXER_SOURCES_COPIES_H

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"

struct sources_db;

typedef struct sources_copied {
	uint32_t source;
	size_t n;
	const char **paths;
} sources_copied;

typedef struct sources_copies {
	arena mem;
	sources_copied *p; /* by source */
	size_t n, cap;
} sources_copies;

/* Any file but one that cannot be read, or has been removed by a commit since, gives a table, which
 * is mostly empty.  NULL: memory is out. */
sources_copies *sources_copies_load(const char *dir, uint64_t generation);
void sources_copies_free(sources_copies *c);
/* NULL: there are none of this source. */
const sources_copied *sources_copies_find(const sources_copies *c, uint32_t source);

/* Writing: are there any?  Then all, at the end of the file. */
bool sources_copies_any(const struct sources_db *db);
void sources_copies_put(buf *out, const struct sources_db *db);
/* What is left of the file is the table, or nothing. */
bool sources_copies_skip(rd *r);

#endif
