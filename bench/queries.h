/* queries.h - a file of queries in memory.
 *
 * Three forms, told apart by the first byte and by tabs:
 *   {"text": "...", "tags": ["class", ...]}    JSON, one object a line
 *   class <TAB> query                          a line each
 *   query                                      a line each
 * UTF-8, perhaps with a byte order mark; empty lines do not count.
 */
#ifndef BENCH_QUERIES_H
#define BENCH_QUERIES_H

#include "base/buf.h"
#include "base/err.h"

enum { QUERIES_TAGS_MAX = 64 }; /* distinct ones in a file; query.tags is a mask */

typedef struct queries_item {
	const char *text; /* NUL-terminated */
	size_t len;
	uint64_t tags;
} queries_item;

typedef struct queries {
	arena mem;
	queries_item *q;
	size_t n, cap;
	const char *tags[QUERIES_TAGS_MAX];
	size_t ntags;
} queries;

/* CDG_E_INPUT names the file and the line. */
cdg_status queries_load(queries *s, const char *path, cdg_error *err);
void queries_free(queries *s);

#endif
