/* fixture.h - a small synthetic corpus, its queries and its index, for the
 * commands that need something to run on: always the same bytes.
 */
#ifndef BENCH_FIXTURE_H
#define BENCH_FIXTURE_H

#include "base/err.h"

typedef struct fixture {
	char dir[4096], corpus[4200], queries[4200], index[4200];
	uint64_t hash;  /* XXH3-64 of the corpus; 0: it was there already */
	bool temporary; /* dir is removed at the end */
} fixture;

/* In dir, or (NULL) a new folder below $TMPDIR.  With an index that is there
 * already nothing is made.  docs documents, per_kind queries of a kind. */
cdg_status fixture_open(fixture *f, const char *dir, uint64_t docs, uint64_t per_kind, cdg_error *err);
void fixture_close(fixture *f);

#endif
