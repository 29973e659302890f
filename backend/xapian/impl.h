/* impl.h - what the files of the Xapian backend share.  See open.h. */
#ifndef BACKEND_XAPIAN_IMPL_H
#define BACKEND_XAPIAN_IMPL_H

#include <pthread.h>

#include "backend/reference_impl.h"
#include "backend/xapian/load.h"
#include "backend/xapian/map.h"
#include "backend/xapian/open.h"
#include "backend/xapian/scheme.h"
#include "backend/xapian/shards.h"
#include "extract/read_build.h"
#include "query/snippet.h"

enum { XAP_SPARES = 8, XAP_TRIES = 16, XAP_NAMES_MAX = 60000 };

/* One open database; one thread at a time. */
typedef struct xap_handle {
	xapc_database *db;
	shards_use use;          /* with shards: what it is made of */
	bool used;               /* has answered before */
	struct xap_told *told;   /* with shards: what was asked before, or NULL */
	struct xap_handle *next; /* spare ones */
} xap_handle;

typedef struct xap_backend {
	backend base;
	xap_calls call;
	char *path;
	shards *shards;           /* NULL: all of it is on this host */
	xap_map map;              /* of a database that others wrote */
	_Atomic bool own;         /* written by cdgindex */
	_Atomic bool positions;   /* it has any */
	_Atomic uint64_t ndocs, langs; /* when it was opened */
	_Atomic size_t missing;   /* shards, then */
	pthread_mutex_t lock;     /* of what follows */
	xap_handle *spare;
	size_t nspare;
	char **names;             /* fields that documents had so far; number = index + REF_FIRST */
	size_t nnames, names_cap;
} xap_backend;

/* Take a handle, run, give it back; again if the database was changed meanwhile, or
 * a shard failed, until the time is over (0: SHARDS_LIMIT_MS; without shards there is
 * no limit here). */
typedef struct xap_call {
	const xap_backend *b;
	xap_handle *h;
	xapc_error err;
} xap_call;
typedef cdg_status xap_fn(xap_call *c, void *ctx, cdg_error *err);
cdg_status xap_with(const backend *b, xap_fn *fn, void *ctx, cdg_error *err);
cdg_status xap_with_limit(const backend *b, uint64_t deadline_ns, xap_fn *fn, void *ctx, cdg_error *err);
void xap_close_handles(xap_backend *b);
/* Handles, and what was learned since, are no part of what callers see of a backend. */
xap_backend *xap_mutable(const xap_backend *b);
/* An xap_fn, ctx the backend: fill it. */
cdg_status xap_look(xap_call *c, void *ctx, cdg_error *err);
/* Is the shard of a document there?  Else CDG_E_NOTFOUND: it was when that was found. */
cdg_status xap_has_shard(const xap_call *c, uint64_t doc, cdg_error *err);
/* CDG_E_IO, naming the first shard that is missing: for what needs all of them. */
cdg_status xap_is_partial(const xap_call *c, cdg_error *err);
/* c->err as ours. */
cdg_status xap_fail(xap_call *c, cdg_error *err);

#define XAP_TRY(c, err_out, expr)                    \
	do {                                         \
		if ((expr) != XAPC_OK)               \
			return xap_fail((c), (err_out)); \
	} while (0)

/* Number of a field's name in stored metadata; 0: no memory, or too many. */
uint16_t xap_name(const backend *b, const char *name, size_t n);
const char *xap_field_name(const backend *b, uint16_t number);

/* ---- a search ------------------------------------------------------------- */

typedef struct xap_text {
	const char *p;
	size_t n;
} xap_text;

/* A term of the database, with those that say where it covers several positions. */
typedef struct xap_wide {
	xap_text key;
	uint8_t width;
} xap_wide;
typedef struct xap_term {
	xap_text key;
	xapc_postings *it;  /* made when needed */
	bool ended;
	xap_wide *wide;
	size_t nwide;
	xapc_count df;
	bool stem;          /* `wide` adds places, instead of saying which are wide */
} xap_term;

/* What makes a word of the query: places of any member. */
typedef struct xap_member {
	xap_term term;      /* without it in a document, nothing matches there */
	xap_term word;      /* of a stem: the word that is like it, key.p NULL: none */
	xap_term foreign;   /* where that word is not its own stem */
} xap_member;

typedef struct xap_leaf {
	buf prefix;         /* of the field; in the arena */
	xap_member *member;
	size_t nmember;
	/* STRICT: the member's places that are also here (raw), or in none of these */
	bool strict, foreign;
	xap_text raw;       /* p NULL: as the term is */
	xap_text *others;   /* foreign: the words that stand for it inside phrases */
	size_t nothers;
	xap_text hyphen;    /* with n->ask_hyphen */
	/* PREFIX: the beginnings of words, and of what they are without accents */
	xap_text begins, accents;
} xap_leaf;

/* A field whose values are needed. */
typedef struct xap_field {
	xap_text name;
	uint32_t number;    /* REF_... */
	uint32_t slot;
	uint8_t type;       /* xap_value_type, of a foreign database */
	xapc_values *it;
	bool ended;
} xap_field;

typedef struct xap_positions {
	uint32_t *p;
	size_t n, cap;
} xap_positions;

typedef struct xap_fetched xap_fetched;

typedef struct xap_run {
	xap_call *c;
	cdg_error *err;
	ref_search s;
	ref_job job;
	xapc_docid did;          /* of the candidate */
	arena temp;              /* of the candidate */
	buf key, scratch, data;
	xap_field *fields;
	size_t nfields, fields_cap;
	bool need_id;
	xap_fetched *fetched;    /* of candidates on other hosts */
	xap_positions a, b, w;
	xapc_stem *stem;         /* libxapian's, for a foreign database */
	xap_text *split;         /* direct.c: terms whose documents libxapian weighs otherwise */
	size_t nsplit;
	xap_term **terms;        /* whose iterators are to be freed */
	size_t nterms, terms_cap;
} xap_run;

/* leaf.c */
extern const ref_source xap_source;
/* Note a failure of libxapian in the run: false, for callers that give up then. */
bool xap_run_fail(xap_run *r);
xap_text xap_keep(xap_run *r, const buf *b);
bool xap_termfreq(xap_run *r, xap_text key, xapc_count *out);
/* The term in r->key as a member, if the database has it. */
bool xap_leaf_add(xap_run *r, xap_leaf *l);
/* The word is a beginning: of terms like r->key. */
bool xap_leaf_begins(xap_run *r, xap_leaf *l, ref_node *n);

/* Memory is out: false. */
bool xap_run_nomem(xap_run *r);
xap_run *xap_run_of(ref_search *s);
/* Where the term in t->key covers several positions. */
bool xap_term_wide(xap_run *r, const xap_leaf *l, xap_term *t);

/* places.c */
/* Does the candidate have the term?  Candidates rise. */
bool xap_term_here(xap_run *r, xap_term *t);
bool xap_read_positions(xap_run *r, xap_text key, xap_positions *out);
/* Forget where iterators stand: candidates begin anew. */
void xap_run_rewind(xap_run *r);
ref_spans xap_leaf_word(ref_search *s, const ref_node *n, const ref_doc *d);

/* foreign_leaf.c */
bool xap_foreign_plan(xap_run *r, ref_node *n, xap_leaf *l);
void xap_foreign_spans(xap_run *r, xap_leaf *l, const ref_node *n, ref_spans *out);
/* A value as the mapping says; false (and a warning): it is none. */
bool xap_foreign_value(xap_run *r, const xap_field *f, const char *p, size_t n, xap_value *out);

/* search.c */
/* Evaluate the candidates, of those that `also` finds (NULL: all), into r->job. */
cdg_status xap_candidates(xap_run *r, const xapc_query *also, bool *late);
cdg_status xap_run_init(xap_run *r, xap_call *c, const search_request *rq, search_result *out, cdg_error *err);
void xap_run_fini(xap_run *r); /* also after a failed init */
cdg_status xap_search(const backend *b, const search_request *rq, search_result *out, cdg_error *err);
cdg_status xap_spans(const backend *b, const search_request *rq, uint64_t doc, search_span **spans, size_t *n,
		     cdg_error *err);

/* A document as its data have it. */
typedef struct xap_document {
	xapc_string data;
	buf scratch;
	read_build build;
} xap_document;

/* foreign.c: from the data of a database that others wrote, in d->data. */
cdg_status xap_foreign_document(xap_call *c, const xapc_document *from, xap_document *d, cdg_error *err);
/* Its text, from the words that the database knows. */
cdg_status xap_foreign_words(xap_call *c, xapc_docid did, xap_document *d, cdg_error *err);

/* told.c: with shards, what the handle's database has said before */
typedef struct xap_told xap_told;
typedef struct xap_told_term {
	const char *p;
	size_t n;
	xapc_count df;
} xap_told_term;
/* A term; it NULL: `df` is its number of documents. */
typedef bool xap_terms_fn(xap_run *r, void *ctx, const char *term, size_t n, xapc_terms *it, xapc_count df);
void xap_told_free(xap_told *t);
/* Between searches: forget all if it is much. */
void xap_told_trim(xap_handle *h);
bool xap_told_df(xap_run *r, xap_text key, xapc_count *df);
void xap_told_keep_df(xap_run *r, xap_text key, xapc_count df);
/* fn for each term that begins so. */
bool xap_told_terms(xap_run *r, xap_text prefix, xap_terms_fn *fn, void *ctx);

/* fetched.c: the candidate by its record, if its database is elsewhere and ours */
cdg_status xap_fetch(xap_run *r, uint32_t *length);
bool xap_is_fetched(const xap_run *r);
/* False: it has no text there; ask the database. */
bool xap_fetched_spans(xap_run *r, const xap_leaf *l, const ref_node *n, ref_spans *out);
/* NULL: none.  Valid until the next call. */
const char *xap_fetched_value(xap_run *r, uint32_t slot, size_t *n);
doc_str xap_fetched_id(const xap_run *r);
void xap_fetched_free(xap_run *r);

/* stored.c */
/* The record in d->data into d->build, which was reset. */
cdg_status xap_stored_record(xap_call *c, uint64_t doc, xap_document *d, cdg_error *err);
cdg_status xap_stored(const backend *b, uint64_t doc, buf *meta, buf *text, cdg_error *err);
cdg_status xap_whole(const backend *b, const search_request *rq, uint64_t doc, const search_span *spans, size_t n,
		     text_analyzer *an, backend_whole_fn *fn, void *ctx, cdg_error *err);
/* suggest.c */
struct suggestions;
cdg_status xap_suggest(const backend *b, text_analyzer *an, const char *line, size_t n, uint32_t limit,
		       struct suggestions *out, cdg_error *err);

/* The values of the run's needed fields in its candidate, and its id if needed. */
cdg_status xap_values(xap_run *r, ref_doc *d);

#endif
