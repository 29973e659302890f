/* numbering.h - the numbering of legal texts, found in plain text: "Part II", "Article 5",
 * "§ 12", "Sec. 102(b)", "第十五条", "(a)" at the beginnings of lines become sections.
 *
 * Few false ones matter more than all: a line counts only if what follows its number, the
 * line before and the numbers before it make a heading likely (numbering.c says how).
 * Levels are those of the text itself: what is first seen below something is below it,
 * so that a Part may hold Titles or a Chapter Parts.  Pure; any thread. */
#ifndef EXTRACT_NUMBERING_H
#define EXTRACT_NUMBERING_H

#include "extract/read_build.h"

typedef struct numbering_item {
	uint32_t start;	  /* byte of the text */
	uint32_t label_n; /* bytes of the number as written, from start: "Article 5" */
	uint32_t head, head_n; /* its heading, on the same or the next line; head_n 0: none */
	unsigned rank;	  /* 1 outermost: as for read_build_section */
	const char *kind; /* a static word of engine/kind.h */
} numbering_item;

typedef struct numbering_list {
	numbering_item *items; /* by start */
	size_t n, cap;
} numbering_list;

/* All items of a text (valid UTF-8).  False: memory is out.  The caller ends with
 * numbering_list_fini in any case. */
bool numbering_find(doc_str text, numbering_list *out);
void numbering_list_fini(numbering_list *list);
/* What a heading is by its beginning ("Chapter 3", "§ 12", "第三章"): a static word of
 * engine/kind.h, "section" where it says nothing. */
const char *numbering_heading_kind(doc_str heading);
/* "Article 5 Definitions": number and heading as one line, made in b. */
doc_str numbering_label(read_build *b, doc_str text, const numbering_item *item);
/* The items as sections of b->doc.text, below those that it has, which are complete (closed).
 * False: memory is out. */
bool numbering_sections(read_build *b);

#endif
