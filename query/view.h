/* view.h - a document to be read: a range of its text, every match in it, its
 * sections and pages with the matches in each.
 *
 * Positions become characters a stretch of text at a time (locate.h), so memory is
 * bounded by the range that is asked for and by CDG_VIEW_*_MAX, not by the document.
 */
#ifndef QUERY_VIEW_H
#define QUERY_VIEW_H

#include "query/locate.h"

typedef struct view_match {
	uint64_t start, end; /* characters of the text */
} view_match;

typedef struct view_node {
	uint64_t start, end; /* characters of the text */
	uint64_t matches;    /* that begin in it */
	char *label;
	char *page;          /* of a section: the page it begins on, NULL = none known */
	uint32_t depth;      /* nodes around it */
	uint8_t kind;        /* tree_kind */
} view_node;

typedef struct view_nodes {
	view_node *at;
	size_t n, total; /* total: with those past the limit */
} view_nodes;

typedef struct view {
	buf text;
	uint64_t start, end;   /* what `text` is, in characters */
	uint64_t length;       /* of the whole text */
	bool cut;              /* less than was asked for, because of CDG_VIEW_TEXT_MAX */
	view_match *matches;   /* one after the other, without overlaps */
	size_t nmatches;
	uint64_t first, total; /* number of matches[0] among all, from 0 */
	view_nodes sections, pages;
} view;

/* Fill *out, which is zeroed before, for the document that l is at.  spans: sorted, of
 * the index; joined here.  [from, to) in characters, cut at the end of the text.  On
 * failure view_fini is still due. */
cdg_status view_make(locator *l, search_span *spans, size_t n, uint64_t from, uint64_t to, view *out);
/* Only the text of the range: text, start, end, length and cut of *out. */
cdg_status view_text(locator *l, uint64_t from, uint64_t to, view *out);
void view_fini(view *v);

#endif
