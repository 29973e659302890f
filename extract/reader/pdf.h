/* pdf.h - what the files of the PDF reader share.
 *
 * A PDF says where glyphs stand, not what a paragraph is.  pdf_lines.c takes from
 * poppler the characters in reading order with their boxes and cuts them into lines (pdf_decode.c
 * puts right what is wrong of them);
 * pdf_furniture.c finds running heads, feet and page numbers; pdf_flow.c joins the
 * other lines to paragraphs; pdf_sections.c sets pages and outline over the
 * text; pdf_meta.c reads title, dates and the like; pdf.c is the reader itself.
 *
 * One thread; everything lives while a file is read.
 */
#ifndef EXTRACT_READER_PDF_H
#define EXTRACT_READER_PDF_H

#include <poppler.h>

#include "extract/job.h"

/* A piece of one line: its row goes on elsewhere if there is a wide gap behind it.
 * Boxes are in points, from the upper left corner of the page. */
typedef struct pdf_line {
	uint32_t at, n; /* bytes of pdf_text.text: valid UTF-8, single spaces, no ligatures */
	uint32_t out;   /* where it begins in the document's text, once it is written */
	uint32_t page;  /* from 0 */
	float x1, y1, x2, y2;
	bool dropped; /* a running head or foot, had before */
	bool apart;   /* one that is kept: it is no part of the paragraphs around it */
} pdf_line;

typedef struct pdf_page {
	uint32_t first, end; /* its lines */
	uint32_t out;	     /* where it begins in the document's text */
	float height;
} pdf_page;

typedef struct pdf_text {
	buf text;
	pdf_line *lines;
	pdf_page *pages;
	size_t nlines, lines_cap, npages, pages_cap;
	bool failed; /* memory was out */
} pdf_text;

CDG_INLINE const char *
pdf_line_text(const pdf_text *t, const pdf_line *l)
{
	return (const char *)t->text.p + l->at;
}

void pdf_text_init(pdf_text *t);
void pdf_text_fini(pdf_text *t);
/* Adds the next page; NULL: one that cannot be read. */
void pdf_text_page(pdf_text *t, PopplerPage *page);
/* The text of a page whose characters are numbers of glyphs as what these show, a character
 * for a character; false: it is none. */
bool pdf_decode(const char *text, size_t n, buf *out);
/* Marks what repeats at the head and foot of pages. */
void pdf_furniture(pdf_text *t);
/* The number of pages whose text means nothing. */
size_t pdf_garbled(const pdf_text *t);
/* Writes the lines to b->text as paragraphs; sets `out` of lines and pages. */
void pdf_flow(pdf_text *t, read_build *b);
/* An entry of the outline. */
typedef struct pdf_outline_item {
	uint32_t start; /* in the document's text */
	uint32_t order; /* in the outline */
	unsigned depth; /* 1 outermost */
	doc_str label;
} pdf_outline_item;

typedef struct pdf_outline {
	pdf_outline_item *items; /* by start */
	size_t n, cap;
} pdf_outline;

/* The entries that lead to a page; labels live in b. */
void pdf_outline_read(pdf_outline *o, PopplerDocument *doc, const pdf_text *t, read_build *b);
void pdf_outline_fini(pdf_outline *o);
/* Pages and the outline. */
void pdf_sections(PopplerDocument *doc, const pdf_text *t, read_build *b);
/* Title, dates, author and so on; the name is that of the file. */
void pdf_meta(PopplerDocument *doc, const extract_input *in, const pdf_text *t, read_build *b);

#endif
