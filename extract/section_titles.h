/* section_titles.h - what the outer sections of a document are called, without their numbers:
 * the values of the field `section` of a document that has none of its own.
 *
 * Taken level by level from the outermost on, until there are FEW different ones: a document
 * that is one section of its own name has its titles below.  Pages, paragraphs, footnotes,
 * tables and speakers are no sections here.  Pure; any thread. */
#ifndef EXTRACT_SECTION_TITLES_H
#define EXTRACT_SECTION_TITLES_H

#include "extract/document.h"

enum {
	SECTION_TITLES = 32,    /* most of a document */
	SECTION_TITLES_FEW = 8, /* with fewer the next level counts too */
	SECTION_LEVELS = 3,
	SECTION_LABELS = 1000,  /* most that are looked at */
	SECTION_TITLE_MAX = 120 /* bytes; longer ones are cut at a character */
};

typedef struct section_titles {
	doc_str title[SECTION_TITLES]; /* in bytes */
	size_t n;
	char bytes[SECTION_TITLES * SECTION_TITLE_MAX];
} section_titles;

/* "Chapter 3: Definitions" is "Definitions", "§ 12" nothing: bytes of out, which holds
 * SECTION_TITLE_MAX.  White space becomes one blank, points at the end are left out. */
size_t section_title(doc_str label, char *out);
/* In order of the text; what differs by case alone is one, and the document's title none. */
void section_titles_find(const document *doc, section_titles *out);
/* Whether the document is to have them: it has sections, and no field of the name. */
bool section_titles_due(const document *doc);

#endif
