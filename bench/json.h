/* json.h - a strict reader of JSON as it stands in one line (RFC 8259): the
 * caller walks through the members and skips what it does not know.  For files
 * of queries and corpora to be measured; the indexer has a reader of its own.
 *
 * After a function gave false, `why` says what is wrong and `at` is where.
 */
#ifndef BENCH_JSON_H
#define BENCH_JSON_H

#include "base/mem.h"

typedef struct json {
	const char *at, *end;
	arena *mem;      /* strings go there */
	const char *why; /* NULL: all is well; the first complaint stays */
} json;

/* Sets why; false. */
bool json_fail(json *j, const char *why);
void json_blank(json *j);
/* Past the character c, after blanks; false (no complaint) if it is another. */
bool json_take(json *j, char c);
/* A string, NUL-terminated in the arena. */
bool json_string(json *j, const char **out, size_t *n);
/* Past any value. */
bool json_skip(json *j);

#endif
