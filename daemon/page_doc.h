/* page_doc.h - what the files of the document's page share. */
#ifndef DAEMON_PAGE_DOC_H
#define DAEMON_PAGE_DOC_H

#include "daemon/page.h"

typedef struct doc_page {
	page *p;
	const char *id;
	const cdg_view *v;    /* the text is that of the part */
	uint64_t part, parts; /* from 0 */
	uint64_t at;          /* a character, UINT64_MAX: none was named */
	uint64_t *cuts;       /* where parts begin, as far as that is known; of parts + 1 */
	/* what is behind v */
	const cdg_request *request;
	const char *q;
	size_t len;
	const cdg_view *first;   /* the one that was made for this query: notes are its */
	cdg_view *whole, *shown; /* to be freed */
	struct kept_view *kept;
	cdg_error error; /* of looking for where parts begin */
} doc_page;

/* page_part.c: opens the document at `at`, or at a part, and tells what is wrong where that
 * cannot be.  doc_close is due in any case; it too may find that the page is none. */
bool doc_open(doc_page *d, uint64_t part);
void doc_close(doc_page *d);
/* The part that a character of the text is in. */
uint64_t doc_part_of(doc_page *d, uint64_t at);
/* Part n of m, and links to those before and after; top: above the text. */
void doc_put_parts(doc_page *d, bool top);
/* Running heads: sections that began in an earlier part, as headings, for those in the text to
 * be below them. */
void doc_put_running(doc_page *d);

/* The address of a match (from 1), on this part or another. */
void doc_put_match_link(doc_page *d, uint64_t number);
/* page_marked.c: the text, with links from match to match. */
void doc_put_marked(doc_page *d);
/* The match at the place that was asked for, or the next one, from 1; 0: none in this part. */
uint64_t doc_match_at(const doc_page *d);
/* page_cite.c */
void doc_put_cite(doc_page *d);
/* The label of the innermost section, or page, of n around a character; NULL: none. */
const char *doc_label_at(cdg_part (*get)(const cdg_view *v, size_t i), size_t n, const cdg_view *v, uint64_t at);

#endif
