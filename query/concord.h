/* concord.h - lines of a concordance: a match with the text before and after it, and
 * the key by which such lines are sorted.
 *
 * One locator makes them, which remembers the stretch it has: lines that are near one
 * another cost little.
 */
#ifndef QUERY_CONCORD_H
#define QUERY_CONCORD_H

#include "query/locate.h"

enum { CONCORD_KEY_WORDS = 5, CONCORD_KEY_MAX = 64 };

typedef struct concord_line {
	char *left, *match, *right; /* white space as one space each; left + match + right is the text */
	uint64_t start, end;        /* of the match, in characters of the text */
	locate_where where;
} concord_line;

/* The line of a match in the document that l is at, with `context` characters, or
 * words, on each side; words are not cut.  *out is zeroed before; left NULL: the match
 * is not in the text that is kept. */
cdg_status concord_make(locator *l, const search_span *span, uint32_t context, bool words, concord_line *out);
void concord_line_fini(concord_line *line);

/* Bytes that sort as the words to the left (the nearest first) or right of a match,
 * folded: at most CONCORD_KEY_MAX into key, returns how many. */
cdg_status concord_key(locator *l, const search_span *span, bool left, char *key, size_t *n);

#endif
