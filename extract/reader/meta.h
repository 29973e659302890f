/* meta.h - metadata as office formats have it, under the names that all readers use. */
#ifndef EXTRACT_READER_META_H
#define EXTRACT_READER_META_H

#include "extract/read_build.h"

typedef enum meta_key {
	META_NONE,
	META_TITLE,
	META_CREATED, /* the date of the document, unless there is one */
	META_MODIFIED,
	META_LANG,
	META_AUTHOR,
	META_SUBJECT,
	META_KEYWORDS,
	META_DESCRIPTION,
	META_PUBLISHER,
	META_TYPE,
	META_NUMBER,
} meta_key;

/* Blank values are dropped, others trimmed and copied.  Dates up to 1980-01-01 are what
 * programs write who do not know; a date that is none is told in the warning. */
void meta_set(read_build *b, meta_key key, doc_str value);
/* Where no title was set, or one that the program made up ("Document1"): this one. */
void meta_title_else(read_build *b, doc_str value);

/* Which language most of a text says it is in. */
enum { META_LANGS = 8 };
typedef struct meta_langs {
	struct {
		char tag[24];
		size_t n;
	} of[META_LANGS];
	size_t all;
	int now; /* of what follows; -1: not said */
} meta_langs;

void meta_langs_init(meta_langs *l);
/* The text that follows is of this language; n 0: not said. */
void meta_langs_begin(meta_langs *l, doc_str tag);
CDG_INLINE void
meta_langs_count(meta_langs *l, size_t n)
{
	l->all += n;
	if (l->now >= 0)
		l->of[l->now].n += n;
}
/* Sets the language of more than half of the text, otherwise fallback; but not "en-US",
 * which programs write over texts in any language, and which means nothing. */
void meta_langs_end(const meta_langs *l, read_build *b, doc_str fallback);

#endif
