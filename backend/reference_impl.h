/* reference_impl.h - what the files of the reference backend share. */
#ifndef BACKEND_REFERENCE_IMPL_H
#define BACKEND_REFERENCE_IMPL_H

#include "backend/reference.h"
#include "base/mem.h"

/* ---- the index -------------------------------------------------------- */

/* Fields: 0 and 1 are inside every document; metadata fields have numbers from 2
 * in order of appearance; those that every document has are at the top. */
enum {
	REF_TEXT = 0,
	REF_TITLE = 1,
	REF_FIRST = 2,
	REF_ID = 0xfff0,
	REF_URL,
	REF_LANG,
	REF_DATE,
	REF_UNKNOWN
};

enum { REF_NONE = UINT32_MAX };

/* Every distinct string that is a term, fold, stem or raw form, numbered. */
typedef struct ref_string {
	const char *p;
	size_t n;
	uint32_t fold;         /* of a term; REF_NONE: never was a term */
	uint32_t stem;         /* in stem_lang, the language asked last */
	text_lang stem_lang;
	bool in_text, in_title; /* is a term there */
} ref_string;

typedef struct ref_pool {
	ref_string *at;
	size_t n, cap;
	uint32_t *slots; /* open addressing: number + 1, 0 = free */
	size_t nslots;   /* a power of two */
	arena mem;
} ref_pool;

/* All strings are numbers of the pool. */
typedef struct ref_token {
	uint32_t term, fold, stem, raw;
	uint32_t pos;
	uint8_t kind;  /* text_kind */
	uint8_t width; /* of a JOINED token, else 1 */
	bool hyphen;   /* one joins it to the next token */
} ref_token;

typedef struct ref_tokens {
	uint32_t field;
	ref_token *at;
	size_t n, cap;
	uint32_t length;   /* tokens that are not JOINED */
	uint32_t next_pos; /* the position after the last */
} ref_tokens;

typedef struct ref_value {
	uint32_t field;
	uint8_t type; /* doc_type */
	bool list;
	doc_str string;
	double number;
	doc_date date;
} ref_value;

typedef struct ref_doc {
	bool dead;
	text_lang lang;
	doc_str id, title, url, text;
	doc_str code;      /* of the language, as the field `lang` shows it */
	ref_value *values; /* metadata, in order of the record, then url, lang, date */
	size_t nvalues;
	size_t nstored;    /* how many of them came as fields of the record */
	ref_tokens axis, name; /* text field, title field */
	ref_tokens *fields;    /* of metadata with strings */
	size_t nfields;
	uint32_t title_end;
} ref_doc;

struct ref_index {
	backend base;
	text_analyzer *an; /* of ref_add */
	ref_pool pool;
	arena mem;         /* strings of documents */
	ref_doc *docs;
	size_t ndocs, docs_cap;
	const char **names; /* of field i + REF_FIRST */
	size_t nnames, names_cap;
};

/* The number of a string, REF_NONE if the index does not have it. */
uint32_t ref_pool_find(const ref_pool *pool, const char *p, size_t n);
/* REF_UNKNOWN if there is no such field; NULL is the text. */
uint32_t ref_field(const ref_index *ref, const char *name);
/* Bit by language, of all documents. */
uint64_t ref_langs(const ref_index *ref);

/* ---- metadata values (reference_field.c) -------------------------------- */

CDG_INLINE int
ref_compare_bytes(const char *a, size_t an, const char *b, size_t bn)
{
	size_t n = min_size(an, bn);
	int c = n ? memcmp(a, b, n) : 0;

	return c ? c : an < bn ? -1 : an > bn;
}
/* A value as someone writes it in a query: equal as a number, inside the period
 * of a date, or (strings, if `whole`) the same bytes. */
bool ref_value_is(const ref_value *v, const char *p, size_t n, bool whole);
/* A string that a pattern of query/glob.h matches. */
bool ref_value_globs(const ref_value *v, const char *pattern, size_t n);
/* Between the bounds of a RANGE. */
bool ref_value_between(const ref_value *v, const q_node *range);
/* numbers < dates < strings */
int ref_value_compare(const ref_value *a, const ref_value *b);
/* As text; out holds REF_VALUE_TEXT bytes, strings are returned as they are. */
enum { REF_VALUE_TEXT = 40 };
doc_str ref_value_text(const ref_value *v, char *out);
/* The first value of a field of a document, or NULL. */
const ref_value *ref_value_first(const ref_doc *d, uint32_t field);

/* ---- one search -------------------------------------------------------- */

typedef enum ref_attr { REF_BY_TERM, REF_BY_FOLD, REF_BY_STEM } ref_attr;

/* A node of the tree, resolved. */
typedef struct ref_node ref_node;
struct ref_node {
	const q_node *q;
	uint8_t type;        /* q_type; an OR inside an interval is a SYN, and a SYN of
	                      * what are no intervals is an OR */
	bool unit;           /* matched and scored as one: TERM .. SYN below the boolean level */
	bool scored;         /* not under the negative side of a NOT, nor a filter */
	bool nothing;        /* matches nothing, whatever its type */
	uint32_t field;      /* of a unit and its parts, and of a RANGE */
	float idf, weight, boost;
	double xidf;         /* with rq->xapian */
	uint32_t ww;         /* written width */
	/* TERM, PREFIX: tokens whose `attr` has its byte set in `ids` */
	ref_attr attr;
	uint8_t *ids;
	bool ask_raw, ask_hyphen;
	uint32_t raw;
	uint64_t df;
	void *own;           /* of another source's word */
	ref_node **child;
	size_t nchild;
};

typedef struct ref_search ref_search;
typedef struct ref_spans ref_spans;

/* Where words and documents come from, if not from the arrays of a ref_index.
 * The same evaluation serves a backend that can say where a word is. */
typedef struct ref_source {
	/* Number of a field, REF_UNKNOWN; stable during the search. */
	uint32_t (*field)(ref_search *s, const char *name);
	/* Fill n->df, n->idf, n->xidf, n->own of a TERM or PREFIX.  slot: inside a phrase,
	 * not the last.  False: s->failure, or memory is out. */
	bool (*plan_word)(ref_search *s, ref_node *n, bool slot);
	/* As ref_find of a word. */
	ref_spans (*word)(ref_search *s, const ref_node *n, const ref_doc *d);
} ref_source;

struct ref_search {
	const ref_index *ref;
	const ref_source *source; /* NULL: ref */
	void *source_ctx;
	cdg_status failure;       /* the source could not be read */
	uint64_t ndocs;           /* N of idf */
	const search_request *rq;
	search_result *out;  /* for warnings */
	text_analyzer *an;
	arena mem;           /* the plan */
	arena scratch;       /* one document's spans */
	float avg[2];        /* text, title */
	float avg_titled;    /* of text + (title_weight - 1) * title */
	float scale;
	double xapian_average;
	uint32_t xapian_units;
	uint64_t langs;
};

cdg_status ref_search_init(ref_search *s, const ref_index *ref, const search_request *rq,
			   search_result *out, cdg_error *err);
void ref_search_fini(ref_search *s);

/* NULL: out of memory.  Sets no scale. */
ref_node *ref_plan(ref_search *s, const q_node *root, bool scored);
/* The sum of the weights of what scores, in the order of the tree. */
double ref_plan_weights(const ref_node *n);

struct ref_spans {
	search_span *at;
	size_t n, cap;
};

/* Distinct spans of a part of a unit in a document, by start and end; in
 * s->scratch, whose `failed` says that memory was out. */
ref_spans ref_find(ref_search *s, const ref_node *n, const ref_doc *d);
void ref_spans_add(ref_search *s, ref_spans *list, uint32_t start, uint32_t end);
/* Sort, and leave one of each. */
void ref_spans_sort(ref_spans *list);
const ref_tokens *ref_doc_tokens(const ref_doc *d, uint32_t field);
bool ref_token_matches(const ref_node *n, const ref_token *t);

/* ---- documents that match (reference_search.c) --------------------------- */

typedef struct ref_matched {
	search_hit hit;
	const ref_doc *doc;
} ref_matched;

/* What a search looks for and has found. */
typedef struct ref_job {
	ref_node *root;
	ref_node **filters;
	const ref_node *any; /* the OR of a fall-back, or NULL */
	ref_matched *at;     /* on the heap */
	size_t n, cap;
	uint32_t clauses;    /* of the fall-back, matched by these */
} ref_job;

/* Plan root and filters; the matches of another plan are forgotten. */
cdg_status ref_job_plan(ref_search *s, const q_node *root, ref_job *job, cdg_error *err);
/* Keep a document if it matches.  number: hit.doc. */
cdg_status ref_job_offer(ref_search *s, ref_job *job, const ref_doc *d, uint64_t number, cdg_error *err);
/* Sort, count facets, take the page: all into s->out. */
cdg_status ref_job_finish(ref_search *s, ref_job *job, cdg_error *err);
/* The alternatives in a relaxed tree, for job->any. */
const ref_node *ref_alternatives(const ref_node *n);
/* The places of all scoring units in the text, sorted. */
void ref_places(ref_search *s, const ref_node *n, const ref_doc *d, ref_spans *out);
/* Does d match?  Then its score is added to *units. */
bool ref_matches(ref_search *s, const ref_node *n, const ref_doc *d, int64_t *units);

/* The vtable's. */
cdg_status ref_run(const backend *b, const search_request *rq, search_result *out, cdg_error *err);
cdg_status ref_run_spans(const backend *b, const search_request *rq, uint64_t doc,
			 search_span **spans, size_t *n, cdg_error *err);

#endif
