/* word.h - what a text begins with, is or ends with, whatever the case of ASCII letters.  The
 * texts are not NUL-terminated, and no byte behind their ends is read. */
#ifndef EXTRACT_WORD_H
#define EXTRACT_WORD_H

#include <string.h>
#include <strings.h>

#include "extract/document.h"

CDG_INLINE bool
word_starts(const char *p, const char *end, const char *word)
{
	size_t n = strlen(word);

	return (size_t)(end - p) >= n && strncasecmp(p, word, n) == 0;
}

CDG_INLINE bool
word_is(doc_str s, const char *word)
{
	return s.n == strlen(word) && strncasecmp(s.p, word, s.n) == 0;
}

CDG_INLINE bool
word_ends(doc_str s, const char *word)
{
	size_t n = strlen(word);

	return s.n >= n && strncasecmp(s.p + s.n - n, word, n) == 0;
}

#endif
