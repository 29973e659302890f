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

/* Blank values are dropped, others trimmed and copied.  Dates of before 1980 are what
 * programs write who do not know; a date that is none is told in the warning. */
void meta_set(read_build *b, meta_key key, doc_str value);
/* Where no title was set, or one that the program made up ("Document1"): this one. */
void meta_title_else(read_build *b, doc_str value);

#endif
