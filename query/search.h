/* search.h - a request and its result, whatever evaluates it. */
#ifndef QUERY_SEARCH_H
#define QUERY_SEARCH_H

#include "base/err.h"
#include "query/ast.h"
#include "query/bm25.h"

typedef enum sort_kind {
	SORT_SCORE,
	SORT_FIELD /* "date" is one too */
} sort_kind;

typedef struct sort_key {
	uint8_t kind;
	bool descending; /* score: descending is best first */
	const char *field;
} sort_key;

typedef enum facet_period { FACET_VALUES, FACET_YEAR, FACET_MONTH } facet_period;

typedef struct facet_request {
	const char *field;
	uint32_t limit;
	uint8_t period; /* facet_period: not by values, but by the years or months of dates */
	bool bare;      /* the field is named year or month: if there is none, that period of date */
} facet_request;

typedef struct search_request {
	const q_node *root;
	const q_node *relaxed;        /* q_relax(root), or NULL: tried when root finds nothing */
	const q_node *const *filters; /* must match, do not score */
	size_t nfilters;
	uint32_t offset, limit;
	bm25_params bm25;
	bool xapian;                  /* scores by `xbm25` instead, without title_weight */
	bm25_xapian xbm25;
	float title_weight;           /* 1: plain BM25 over title and text together */
	uint64_t langs;               /* languages whose stemmers apply to the query; 0 = all of the index */
	const sort_key *sort;         /* none: by score */
	size_t nsort;
	const facet_request *facets;
	size_t nfacets;
	bool want_total;              /* count all matches exactly */
	bool exhaustive;              /* score every match: the slow twin of the fast paths (tests) */
	text_analyzer *an;            /* of the calling thread, for stems; NULL: made when needed */
	uint64_t deadline_ns;         /* clock_ns() at which to stop with the best so far; 0 = never */
} search_request;

typedef struct search_hit {
	uint64_t doc;   /* number in the snapshot */
	float score;
	int32_t units;  /* score * scale, exact */
} search_hit;

typedef struct facet_value {
	char *value;    /* as text */
	uint64_t count;
} facet_value;

typedef struct facet_result {
	facet_value *values; /* by count descending, then value ascending; periods by time */
	size_t n;
	uint64_t missing;    /* periods: matching documents without a date */
	bool by_time;
} facet_result;

typedef struct search_result {
	search_hit *hits; /* ranks offset+1 .. */
	size_t nhits;
	uint64_t total;
	bool total_exact; /* false: a lower bound (want_total off, or time ran out) */
	bool relaxed;     /* hits are of the relaxed tree */
	uint32_t relaxed_matched, relaxed_of; /* clauses matched, of how many */
	bool timed_out;
	facet_result *facets;
	size_t nfacets;
	char **warnings;  /* unknown fields and the like */
	size_t nwarnings;
	const char *executor; /* static: which way it was evaluated (explain) */
} search_result;

/* Frees what is in it. */
void search_result_fini(search_result *r);
void search_warn(search_result *r, const char *fmt, ...) CDG_PRINTF(2, 3);

/* The period of a date as text, "2013" or "2013-05" (a date that is known by its year
 * only is "2013" among months, too); in order of bytes they are in order of time.
 * out holds 24 bytes. */
size_t search_period(int32_t day, uint8_t precision, facet_period period, char *out);
/* The request as it is for an index that has, or has not, a field of its name. */
facet_request search_facet(const facet_request *fr, bool has_field);

/* A matched place: token positions [start, end) on the document's text axis
 * (title from 0; field DICT_FIELD_TITLE and metadata matches are not listed). */
typedef struct search_span {
	uint32_t start, end;
} search_span;

/* A copy to be mem_free'd, not NULL also of none; NULL: no memory. */
search_span *search_copy(const search_span *spans, size_t n);
/* Sorted spans of [from, end of text): those that overlap become one.  Returns how many. */
size_t search_join(search_span *spans, size_t n, uint32_t from);

#endif
