/* page_doc.h - what the files of the document's page share. */
#ifndef DAEMON_PAGE_DOC_H
#define DAEMON_PAGE_DOC_H

#include "daemon/page.h"

enum { DOC_PART = 60000 }; /* characters of text a page */

typedef struct doc_page {
	page *p;
	const cdg_view *v;
	uint64_t part, parts; /* from 0 */
	uint64_t at;          /* a character, UINT64_MAX: none was named */
} doc_page;

/* The address of a match (from 1), on this part or another. */
void doc_put_match_link(doc_page *d, uint64_t number);
/* page_marked.c: the text, with links from match to match. */
void doc_put_marked(doc_page *d);
/* page_cite.c */
void doc_put_cite(doc_page *d);

#endif
