/* numbering_mark.h - one line's beginning as a number of a legal text, for numbering.c. */
#ifndef EXTRACT_NUMBERING_MARK_H
#define EXTRACT_NUMBERING_MARK_H

#include "extract/document.h"

/* What is numbered.  Up to MARK_SIGN they have a name; the rest are paragraphs. */
typedef enum mark_type {
	MARK_NONE,
	MARK_ANNEX, /* schedule, appendix */
	MARK_BOOK,
	MARK_PART,
	MARK_SUBPART,
	MARK_DIVISION,
	MARK_TITLE,
	MARK_SUBTITLE,
	MARK_CHAPTER,
	MARK_SUBCHAPTER,
	MARK_SECTION,
	MARK_SUBSECTION,
	MARK_ARTICLE,
	MARK_PLAIN, /* "12 The Minister may": sections of statutes that have no name */
	MARK_SIGN,  /* the section sign */
	MARK_PAREN_NUMBER, /* (1) */
	MARK_PAREN_LOWER,  /* (a) */
	MARK_PAREN_UPPER,  /* (A) */
	MARK_PAREN_ROMAN,  /* (iv) */
	MARK_PAREN_ROMAN_UPPER,
	MARK_HALF_LOWER, /* a) */
	MARK_DOT_NUMBER, /* 1. */
	MARK_HAN_PAREN,	 /* （一） */
	MARK_HAN_COMMA,	 /* 一、 */
	MARK_TYPES
} mark_type;

/* A number: 12.3a is major 12, minor 3, letter 1. */
typedef struct mark_number {
	uint32_t major, minor, letter;
} mark_number;

typedef struct mark {
	mark_type type;
	mark_number number;
	mark_type other; /* what it may be as well: "(i)" is a letter or a Roman number */
	mark_number other_number;
	uint32_t n;    /* bytes of name and number */
	uint32_t rest; /* where what follows begins: behind separators */
	bool separator; /* a stop, colon or dash behind the number */
	bool spaced;	/* white space, or the end of the line, behind it */
	bool bare;	/* "Annex" without a number */
} mark;

/* The line p[0, n) (without its end, beginning with no white space). MARK_NONE: no number. */
mark mark_parse(const char *p, size_t n);

#endif
