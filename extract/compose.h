/* compose.h - the text of a document that has markup, put together piece by piece:
 * shared by the readers of HTML, XML, office files and PDF.
 *
 * White space is decided late: markup asks for a break (space, tab, line, paragraph),
 * the strongest request wins and is written before the next character, so that empty
 * elements leave no holes.  Headings and sections begin at the first character that
 * follows them, for the same reason.
 *
 * Everything goes to b->text and the sections of b; as b does, compose notes that
 * memory was out and says so at the end (read_build_finish).  One thread.
 */
#ifndef EXTRACT_COMPOSE_H
#define EXTRACT_COMPOSE_H

#include "extract/read_build.h"

typedef enum compose_break {
	COMPOSE_NONE,
	COMPOSE_SPACE,
	COMPOSE_TAB, /* between the cells of a row */
	COMPOSE_LINE,
	COMPOSE_PARAGRAPH
} compose_break;

typedef struct compose {
	read_build *b;
	compose_break pending;
	unsigned rank;        /* of the heading that is open; 0: none */
	const char *kind;     /* of its section; NULL: as its label says */
	size_t heading_start; /* where its first character stands */
	bool heading_begun;
	doc_str first_heading; /* of rank 1; n 0: none yet */
} compose;

CDG_INLINE bool
compose_is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

/* b was reset by the caller, and outlives c. */
void compose_init(compose *c, read_build *b);

/* Before the next character there shall be at least this. */
CDG_INLINE void
compose_ask(compose *c, compose_break how)
{
	if (how > c->pending)
		c->pending = how;
}
/* Text (valid UTF-8) in which any run of white space is one space. */
void compose_text(compose *c, const char *p, size_t n);
/* Text as it is, line ends too. */
void compose_raw(compose *c, const char *p, size_t n);

/* The alternative text of an image, where a person wrote it: nothing if it is one word or
 * the name of a file, as programs write. */
void compose_alt(compose *c, doc_str alt);

/* What is written between begin and end is the label of a section of this rank (1
 * outermost) that starts here and ends with the next of the same or a lower rank.
 * kind: a static word of engine/kind.h; NULL: what the label says ("Chapter 3"), or else
 * section.  A heading inside a heading is its text. */
void compose_heading_begin(compose *c, unsigned rank, const char *kind);
void compose_heading_end(compose *c);
/* A section whose label is known, starting at the next character. */
void compose_section(compose *c, unsigned rank, const char *kind, doc_str label);
/* Ends the sections of this rank and below. */
void compose_section_end(compose *c, unsigned rank);

/* The page before ends, and one with this label (copied; "12", "iv") begins. */
void compose_page(compose *c, doc_str label);

/* A paragraph that another build holds, with its sections. */
void compose_append(compose *c, const read_build *part);

/* Closes everything and sets b->doc.text. */
void compose_end(compose *c);

typedef struct compose_span {
	size_t start, end;
} compose_span;

/* After compose_end: takes these spans (in order, not overlapping; changed) out of the
 * text, and the sections that begin in them. */
void compose_cut(compose *c, compose_span *cuts, size_t n);

/* In place: runs of white space become one space, none at the ends. */
doc_str compose_collapse(char *p, size_t n);

#endif
