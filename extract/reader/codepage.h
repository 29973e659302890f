/* codepage.h - what Windows calls characters and languages by: numbers of code pages, of
 * character sets of fonts and of languages, which old office formats are full of.
 * Converters are ICU's; one thread. */
#ifndef EXTRACT_READER_CODEPAGE_H
#define EXTRACT_READER_CODEPAGE_H

#include <unicode/ucnv.h>

#include "base/buf.h"
#include "extract/document.h"

enum { CODEPAGE_KEPT = 12, CODEPAGE_SYMBOL = 42 /* a code page of signs */, CODEPAGE_MOST = 1 << 20 /* bytes that are converted at once */ };

typedef struct codepages {
	struct {
		unsigned page;
		UConverter *converter; /* NULL: ICU has none */
	} kept[CODEPAGE_KEPT];
	unsigned n;
} codepages;

void codepages_fini(codepages *c);
/* UTF-8 of bytes, behind what `out` holds; an unknown page is taken as 1252. */
void codepages_utf8(codepages *c, unsigned page, const void *p, size_t n, buf *out);
/* The code page of a character set of fonts (\fcharset); 0: unknown. */
unsigned codepage_of_charset(long charset);
/* The tag of a language by its number (LCID); n 0: not known. */
doc_str codepage_language(long id);

/* A character in UTF-8, behind what `out` holds; U+0000 is none. */
void utf16_put(buf *out, uint32_t c);
/* UTF-8 of n units of UTF-16, little-endian, of any alignment; halves of pairs become U+FFFD. */
void utf16_utf8(buf *out, const void *p, size_t n);

#endif
