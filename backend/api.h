/* api.h - what stands behind the opaque handles of cdgsearch.h, shared by the
 * files api_*.c and render*.c and by nothing else.
 *
 * A cdg_index is a native snapshot under its backend; it keeps a few analyzers
 * for reuse, each lent to one search at a time.  A cdg_results owns one arena
 * with everything it can be asked, so it outlives its index.
 */
#ifndef BACKEND_API_H
#define BACKEND_API_H

#include <time.h>

#include <stdatomic.h>

#include "backend/backend.h"
#include "base/file.h"
#include "engine/docmeta.h"
#include "engine/segment.h"
#include "query/search.h"

enum { API_WEIGHTING_AUTO, API_WEIGHTING_BM25, API_WEIGHTING_XAPIAN };
enum { API_SPARES = 8, API_FACETS_MAX = 64, API_SORTS_MAX = 16, API_SECTIONS_MAX = 16 };

/* The file that a commit replaces, as it was before the index was opened; ino 0: not known,
 * or so young that a later one could look the same. */
typedef struct api_seen {
	uint64_t dev, ino, size;
	struct timespec changed;
} api_seen;

struct cdg_index {
	char *path;
	api_seen seen;        /* of a snapshot */
	backend *be;          /* NULL: http */
	struct remote *http;  /* of a server (backend/http/remote.h), else NULL */
	const snapshot *snap; /* of be; NULL: another backend */
	_Atomic(text_analyzer *) spare[API_SPARES];
	_Atomic(struct sources_copies *) copies; /* NULL: not read yet */
};

typedef struct api_text {
	char *p;
	size_t n;
} api_text;

struct cdg_request {
	uint64_t limit, offset, time_limit_ms;
	double k1, b, title_weight;
	bool k1_set, b_set;   /* by their setters: then they count for xbm25 too */
	uint8_t weighting;    /* API_WEIGHTING_* */
	bm25_xapian xbm25;
	arena mem; /* strings of the lists below */
	sort_key sort[API_SORTS_MAX];
	size_t nsort;
	facet_request facets[API_FACETS_MAX];
	const char *facet_names[API_FACETS_MAX]; /* as they were asked for */
	bool facet_open[API_FACETS_MAX]; /* as if no filter were about its field alone */
	size_t nfacets;
	api_text *filters;
	size_t nfilters, filters_cap;
	uint64_t langs;
	uint32_t snippets, snippet_length;
	bool default_or, strict, stem_phrases, want_total, exhaustive, explain, suggest;
};

/* ---- results --------------------------------------------------------- */

typedef struct api_field {
	const char *name, *value; /* value as text */
	uint8_t type;             /* DOCMETA_* */
	bool list;
} api_field;

typedef struct api_snippet {
	const char *text, *html, *page;
	uint64_t start, end;
	const char **sections;
	size_t nsections;
	const char *link; /* opens the document there; NULL: there is none */
} api_snippet;

typedef struct api_hit {
	uint64_t rank;
	double score;
	const char *id, *title, *url, *lang, *date;
	api_field *fields;
	size_t nfields;
	api_snippet *snippets;
	size_t nsnippets;
	const char *title_html; /* NULL: nothing in it matched */
	const char *link;       /* of the first snippet that has one; NULL: none */
	const char **copies;    /* other paths with the same bytes */
	size_t ncopies;
} api_hit;

typedef struct api_facet {
	const char *field;
	facet_value *values;
	size_t n;
	uint64_t missing; /* documents without a date, of periods */
} api_facet;

struct cdg_results {
	arena mem;
	const char *query, *parsed, *explain;
	const char *suggestion; /* NULL: none */
	uint64_t total, took_us;
	bool total_exact, timed_out, strict;
	const char **warnings;
	size_t nwarnings, warnings_cap; /* the array is on the heap */
	api_hit *hits;
	size_t nhits;
	api_facet *facets;
	size_t nfacets;
};

/* Bytes into the arena as valid UTF-8 with a NUL; bytes 0 become U+FFFD, for
 * the accessors give C strings.  NULL: no memory (mem->failed). */
const char *api_string(arena *mem, const char *p, size_t n);
void api_warn(cdg_results *r, const char *fmt, ...) CDG_PRINTF(2, 3);

/* What lives as long as one search: the trees, and what was found. */
typedef struct api_call {
	const cdg_index *index;
	const cdg_request *rq;
	cdg_request *own;    /* rq, if the caller gave none */
	text_analyzer *an;
	ast query;
	ast *filters;        /* one each */
	const q_node **trees;
	size_t nfilters;
	search_request sr;
	search_result found;
	cdg_results *r;
} api_call;
/* Parse the query and all that goes with it, into a request for a backend; warnings go
 * to r, which has an arena.  api_call_end is due also after a failure. */
cdg_status api_call_begin(api_call *c, const cdg_index *index, const cdg_request *request, cdg_results *r,
			  const char *query, size_t len, uint64_t start, cdg_error *err);
void api_call_end(api_call *c);
/* The facets that are counted by the search itself, into its request; all facets into the
 * results once it has run (api_facets.c). */
cdg_status api_facets_ask(api_call *c, cdg_error *err);
cdg_status api_facets(api_call *c, cdg_error *err);
/* The number of the document of an identifier; its stored metadata are appended to
 * meta.  CDG_E_NOTFOUND: there is none. */
cdg_status api_find(const cdg_index *index, const char *id, size_t len, uint64_t *doc, buf *meta, cdg_error *err);

/* Another range of the text of a document that is known: *out has that text, and borrows all
 * else from `whole`, which must outlive it.  `whole` was made by this snapshot of a native
 * index, and lists all matches there are (CDG_VIEW_MATCHES_MAX); it is only read, so several
 * threads may do so. */
cdg_status api_view_part(const cdg_index *index, const cdg_view *whole, uint64_t from, uint64_t to, cdg_view **out,
			 cdg_error *err);

/* One lent analyzer. */
text_analyzer *api_analyzer_take(const cdg_index *index, cdg_error *err);
void api_analyzer_give(const cdg_index *index, text_analyzer *an);

/* A hit's metadata from its stored bytes (api_hit.c). */
cdg_status api_hit_meta(const cdg_index *index, cdg_results *r, api_hit *hit, const void *meta, size_t n,
			cdg_error *err);
/* The name of a field in stored metadata, "" if there is none. */
const char *api_field_name(const cdg_index *index, uint16_t field);
/* The other paths of the document, of a native index (api_copies.c). */
cdg_status api_hit_copies(const cdg_index *index, cdg_results *r, api_hit *hit, uint64_t doc, cdg_error *err);
void api_copies_free(cdg_index *index);
/* Of a request's time limit, what is kept for filling its hits. */
uint64_t api_reserve_ns(const cdg_request *rq);
/* Fill all hits: metadata and snippets. */
cdg_status api_hits_fill(const cdg_index *index, const cdg_request *rq, const search_request *sr,
			 const search_result *found, cdg_results *r, text_analyzer *an, cdg_error *err);
/* The title with the matches of a query in it; spans: of the document, as the op has
 * them. */
cdg_status api_title(const cdg_index *index, const search_request *sr, cdg_results *r, api_hit *hit, uint64_t doc,
		     const search_span *spans, size_t n, text_analyzer *an, cdg_error *err);
/* How the query was planned, and the parts of each score (api_explain.c). */
cdg_status api_explain(const cdg_index *index, const search_request *sr, const search_result *found,
		       cdg_results *r, cdg_error *err);

/* A number as JSON and people write it: integers without a point, else up to
 * `digits` significant digits; never inf or nan (null). */
void api_put_number(buf *out, double x, int digits);
/* A JSON string with its quotes; p is valid UTF-8. */
void api_put_json(buf *out, const char *p, size_t n);
/* A URL that opens the hit's document at this page (its label); NULL: none does. */
const char *api_link(arena *mem, const api_hit *hit, const char *page);
/* Hand the buf over and empty it. */
cdg_status api_flush(buf *b, cdg_write_fn write, void *ctx, cdg_error *err);
/* The same once it is large. */
cdg_status api_flush_large(buf *b, cdg_write_fn write, void *ctx, cdg_error *err);
/* Error if the index is a server's, of which only what its API has can be asked. */
cdg_status api_here(const cdg_index *index, cdg_error *err);
/* Error unless the index is a native one. */
cdg_status api_native(const cdg_index *index, cdg_error *err);

#endif
