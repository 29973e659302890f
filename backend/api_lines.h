/* api_lines.h - what stands behind cdg_lines: shared by api_lines*.c and
 * render_lines.c. */
#ifndef BACKEND_API_LINES_H
#define BACKEND_API_LINES_H

#include "backend/api.h"
#include "query/concord.h"

struct cdg_lines {
	cdg_results r;  /* memory, query, warnings; it has no hits */
	cdg_line *at;
	size_t n;
	cdg_line_order order;
	uint64_t total, documents, sorted, took_us;
	bool total_exact, truncated;
};

/* An occurrence that is to be sorted. */
typedef struct lines_entry {
	uint64_t doc;
	search_span span;
	const char *key;
	uint32_t key_len;
	uint32_t number; /* in order of documents: what decides between equal keys */
} lines_entry;

typedef struct lines_call {
	api_call a;
	cdg_lines *out;
	uint32_t context;
	bool words;
	locator l;
	uint64_t skip;      /* lines before those that are wanted */
	size_t want;        /* lines */
	bool stop;          /* enough was counted */
	uint64_t deadline_ns; /* of what is done now; 0: never */
	bool late;          /* it has passed */
	bool cut;           /* so some places were not looked at, or some lines not made */
	uint32_t work;      /* lines since the clock was looked at */
	lines_entry *entry; /* with an order of its own: what was met so far */
	size_t nentry, entry_cap;
	arena keys;
	api_hit hit;        /* metadata of hit_doc */
	uint64_t hit_doc;   /* UINT64_MAX: none */
	cdg_error *err;
} lines_call;

/* A document that matches, with its places, sorted and joined.  l is at the document
 * if `ready`, else it is moved there when its text is needed. */
cdg_status lines_document(lines_call *c, uint64_t doc, const search_span *spans, size_t n, bool ready);
/* Called for each line or key that is made: is the time up? */
bool lines_late(lines_call *c);
/* Read all documents of an index that is not native (api_lines_whole.c). */
cdg_status lines_each_whole(lines_call *c);
/* Call lines_fill for wanted entries [i, end), all of one document of such an index. */
cdg_status lines_fill_whole(lines_call *c, const lines_entry *e, size_t n, cdg_line *const *to);
/* Make the line of a match in the document that l is at. */
cdg_status lines_fill(lines_call *c, uint64_t doc, const search_span *span, cdg_line *to);

#endif
