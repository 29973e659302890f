/* ocr.h - the text of scanned pages, by a program that the user has named: it is given the
 * path of a file, and writes UTF-8 to standard output, a form feed between pages.  Where only
 * some pages of a PDF are pictures, their numbers are in the environment (OCR_PAGES): of the others it
 * may leave nothing but the form feed, for they are not looked at.
 *
 * The program runs outside of the sandbox, as the user, in a process group of its own with
 * an end: of time, of output, or because the run was cancelled.  Nothing of it is left then.
 * No shell is asked, so that nothing in the name of a file means anything.
 *
 * Signals of the host play no part, as in client.h.  An ocr belongs to one thread.
 */
#ifndef EXTRACT_OCR_H
#define EXTRACT_OCR_H

#include <stdatomic.h>

#include "base/err.h"
#include "base/mem.h"
#include "extract/wire.h"

#define OCR_PAGES "CDG_OCR_PAGES"
enum { OCR_SECONDS = 600, OCR_WORDS = 64 };

typedef struct ocr_options {
	const char *program;           /* the path of what is run */
	const char *words[OCR_WORDS];  /* NULL-terminated; the path of the file takes the place of {} */
	unsigned seconds;              /* without a word of output; 20 times as long in all; 0: OCR_SECONDS */
} ocr_options;

/* Cuts `line` at white space, but for what stands in '...' and "..." or behind a backslash, and
 * finds the program.  Where no word is {} it is put at the end.  Strings live in mem.
 * CDG_E_ARG: a quote is not closed, there are no words or too many; CDG_E_NOTFOUND. */
cdg_status ocr_parse(arena *mem, const char *line, ocr_options *out, cdg_error *err);

typedef struct ocr ocr;

/* options and *cancel are borrowed; cancel may be NULL. */
ocr *ocr_new(const ocr_options *options, const atomic_bool *cancel, cdg_error *err);
void ocr_free(ocr *o);
/* The document `meta` with the text of its pages, or of those that have none.  path: of the
 * file on disk; where scan has data a file of them is made, which is gone afterwards.  why (in
 * [cap]), unless it is empty, says what is wrong: then *doc is NULL, or has the text that meta
 * has.  *doc lives until the next call, and as long as the strings of meta.
 * CDG_E_NOMEM, CDG_E_CANCELLED. */
cdg_status ocr_read(ocr *o, const char *path, const wire_scan *scan, const document *meta, const document **doc, char *why,
		    size_t cap, cdg_error *err);

/* The text of pages as the text of b, which has all else.  One page is only made a section
 * where paged says so.  False: memory is out. */
bool ocr_pages(read_build *b, doc_str text, bool paged);
/* The text of one page, at the end of that of b. */
void ocr_page(read_build *b, doc_str page);
/* doc as the text and sections of b, and in the places of its pages without text those of
 * `text`; numbers of all of it become sections.  *pages: of `text`.  False: memory is out. */
bool ocr_merge(read_build *b, const document *doc, doc_str text, unsigned *pages);
/* The numbers of the pages of doc without text, with spaces; the last one, 0: none. */
unsigned ocr_wanted(const document *doc, buf *list);

#endif
