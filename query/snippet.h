/* snippet.h - passages of a document that show what matched and where.
 *
 * The places come from the index (exec_spans); only the stretch of text around
 * a passage is unpacked and tokenised again, from the nearest anchor of the
 * structure tree, so a passage costs the same in a page and in a 30 MB code.
 */
#ifndef QUERY_SNIPPET_H
#define QUERY_SNIPPET_H

#include "query/locate.h"

typedef struct snippet_options {
	uint32_t count;      /* passages at most */
	uint32_t length;     /* characters of one, about */
	text_analyzer *an;   /* of the calling thread; NULL: made for the call */
	/* snippet_make: what it unpacks with, for several documents (NULL: its own), and
	 * where the document's metadata are to go as well (NULL: nowhere) */
	store_cursor *store;
	buf *meta;
	uint64_t deadline_ns; /* then no passages but the first; 0: never */
} snippet_options;

typedef struct snippet {
	char *text;          /* the text's own bytes, code points [start, end) of it; NUL-terminated */
	size_t text_len;
	char *html;          /* escaped, <mark>ed, with … where text is left out */
	uint64_t start, end; /* code points from the beginning of the text */
	search_span *marks;  /* matches in code points of the text, rising, disjoint */
	size_t nmarks;
	locate_where where;  /* of its first match */
} snippet;

typedef struct snippet_list {
	snippet *s;          /* in order of the text */
	size_t n;
} snippet_list;

/* Passages for `doc` of a segment, its matches being `spans` (sorted).  With no
 * match in the text the beginning of it.  Nothing when text is not stored. */
cdg_status snippet_make(const segment *seg, uint32_t doc, const search_span *spans, size_t n,
			const snippet_options *opt, snippet_list *out, cdg_error *err);
/* The same from a text that is at hand whole. */
cdg_status snippet_make_text(const snippet_source *from, const search_span *spans, size_t n,
			     const snippet_options *opt, snippet_list *out, cdg_error *err);
void snippet_list_fini(snippet_list *l);

/* ---- titles (snippet_title.c) ------------------------------------------ */

/* What a query asks of the title, as a query of the text (in `a`): its spans that
 * lie inside the title are where it matched there.  *out NULL: nothing. */
cdg_status snippet_title_query(ast *a, const q_node *root, const q_node **out, cdg_error *err);
/* The title as escaped HTML with the matches <mark>ed, for mem_free; *html NULL:
 * none lies in it.  Sorts the spans, which are those of the document. */
cdg_status snippet_title(const char *title, size_t len, search_span *spans, size_t n, text_analyzer *an,
			 char **html, cdg_error *err);

/* ---- shared ------------------------------------------------------------- */

void snippet_escape(buf *b, const char *p, size_t n);
/* Bytes [*lo, *hi) of a text with the punctuation around: what closes belongs to the
 * passage before it, what opens to that behind. */
void snippet_widen(const buf *text, uint32_t *lo, uint32_t *hi);
/* Punctuation that belongs to what is before it: no line begins with it. */
bool snippet_closes(uint32_t c);
/* Punctuation that belongs to what follows: no line ends with it. */
bool snippet_opens(uint32_t c);

#endif
