/* doc.h - what the files of the reader of Word 97 to 2003 share. */
#ifndef EXTRACT_READER_DOC_H
#define EXTRACT_READER_DOC_H

#include "extract/reader/docx.h"
#include "extract/reader/ole.h"
#include "extract/reader/rtf_out.h"

enum { DOC_STYLES = 4096, DOC_PAGE = 512, DOC_TITLE = 62 /* the built-in style "Title" */ };

/* Tables that the head of the file points to, by their number there. */
enum doc_table {
	DOC_STSH = 1,
	DOC_NOTE_REF = 2,
	DOC_NOTE_TEXT = 3,
	DOC_REMARK_TEXT = 5,
	DOC_HEADERS = 11,
	DOC_CHARACTERS = 12,
	DOC_PARAGRAPHS = 13,
	DOC_CLX = 33,
	DOC_ENDNOTE_REF = 46,
	DOC_ENDNOTE_TEXT = 47,
	DOC_LISTS = 73,
	DOC_LIST_USES = 74,
};

/* The parts that the characters of a file are in, one behind the other. */
enum doc_part { DOC_BODY, DOC_NOTES, DOC_HEADS, DOC_MACROS, DOC_REMARKS, DOC_ENDNOTES, DOC_BOXES, DOC_HEAD_BOXES, DOC_PARTS };

typedef struct doc_piece {
	uint32_t cp, n; /* characters */
	uint32_t at;	/* in the stream */
	bool wide;
} doc_piece;

/* Of a paragraph or a style. */
typedef struct doc_para {
	int8_t outline; /* -1: not said; 9: body text */
	int8_t level;	/* of the list; -1: not said */
	int32_t list;	/* -1: not said, 0: none */
	uint16_t style;
	bool in_table, row_end, inner_cell, inner_row_end;
} doc_para;

typedef struct doc_chars {
	bool hidden, symbol;
	uint16_t lang; /* 0: not said */
} doc_chars;

typedef struct doc_style {
	doc_para para;
	doc_chars chars;
	uint16_t base, kind;
	bool used;
} doc_style;

/* Paragraphs or runs of characters: where in the stream, and what they are. */
typedef struct doc_run {
	uint32_t from, to;
	union {
		doc_para para;
		doc_chars chars;
	} u;
} doc_run;

typedef struct doc_runs {
	doc_run *runs;
	size_t n, cap;
} doc_runs;

typedef struct doc {
	ole *o;
	buf main, table; /* streams */
	bool old;	 /* Word 6 and 95 */
	uint16_t lid;
	unsigned page; /* code page of pieces of 8 bits */
	uint32_t part[DOC_PARTS]; /* characters in each */
	doc_piece *pieces;
	size_t npieces, pieces_cap;
	uint32_t total; /* characters in the pieces */
	doc_style *styles;
	size_t nstyles;
	doc_runs paras, chars;
	docx_lists lists;
	rtf_out out;
	doc_str title; /* the first paragraph that is styled so */
	bool nomem;
} doc;

CDG_INLINE doc_para
doc_para_none(void)
{
	return (doc_para){ .outline = -1, .level = -1, .list = -1 };
}

/* A table of doc_table, as far as it is in the file; empty where it is not. */
rd doc_table_at(const doc *d, unsigned which);

/* doc_style.c: styles and runs. */
void doc_styles_read(doc *d);
void doc_runs_read(doc *d);
/* At a byte of the stream: what the paragraph, the run is there, with what its style says. */
doc_para doc_para_at(const doc *d, uint32_t at);
doc_chars doc_chars_at(const doc *d, uint32_t at, uint16_t style, uint32_t *until);

/* doc_list.c: the lists of the file, as docx_lists. */
void doc_lists_read(doc *d);

/* doc_walk.c: the text in order, into d->out. */
void doc_walk(doc *d);

#endif
