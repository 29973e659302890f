/* plan.h - a query tree resolved against one snapshot: what each leaf means in
 * each segment, its statistics and weight, and how the pieces combine.
 *
 * A plan lives in one arena and belongs to one search.  Built once per search
 * (plan_make: reads dictionaries, no postings); then each segment is evaluated
 * with the iterators of iter.h, the windows of window.h or a fast path.
 */
#ifndef QUERY_PLAN_H
#define QUERY_PLAN_H

#include "engine/segment.h"
#include "query/search.h"

/* Memory of a plan, and of a segment's cursors, at most (one leaf or cursor more):
 * hundreds of prefixes are not to be the end of a server. */
enum { PLAN_MEMORY_MAX = 1 << 30, CURSORS_MEMORY_MAX = 1 << 29 };

typedef enum plan_type {
	PLAN_NONE,
	PLAN_ALL,
	PLAN_LEAF,     /* a term, a class of terms, or several: postings */
	PLAN_INTERVAL, /* PHRASE, NEAR, ADJ, SYN over leaves: postings, then positions */
	PLAN_SET,      /* documents by metadata values: a bitmap a segment */
	PLAN_AND,
	PLAN_OR,
	PLAN_NOT,
	PLAN_MAYBE
} plan_type;

/* One term of a leaf in one segment: for positions and forms. */
typedef struct plan_term {
	dict_entry entry;     /* DICT_TERM */
	uint64_t mask;        /* counts in documents of these languages */
	const uint8_t *codes; /* STRICT: codes[c] != 0 if form c is meant; NULL = every form */
	uint32_t ncodes;
} plan_term;

/* A leaf in one segment. */
typedef struct plan_lists {
	dict_entry *lists;    /* document lists; several: a document's tf is their sum */
	uint64_t *langs;      /* by list: languages of the documents it may have; NULL: any */
	uint32_t nlists;
	plan_term *terms;     /* the same occurrences as positional lists */
	uint32_t nterms;
	dict_entry *titles;   /* with title_weight: the lists of the title field */
	uint32_t ntitles;
} plan_lists;

typedef struct plan_node plan_node;
struct plan_node {
	uint8_t type;          /* plan_type */
	uint8_t interval;      /* INTERVAL: Q_PHRASE, Q_NEAR, Q_ADJ or Q_SYN */
	bool scored;           /* leaf or interval that adds to the score */
	bool strict;           /* LEAF: forms must be looked at: not just documents */
	unsigned field;        /* of a leaf or interval: dictionary field */
	uint32_t width;        /* positions a match of the leaf covers (wide forms: their own) */
	uint32_t ww;           /* written width, see plan_interval.c */
	uint32_t offset;       /* as a slot */
	uint32_t n, span;
	float boost;           /* product from the root */
	float idf, weight;     /* weight = boost * idf */
	double xidf;           /* with rq->xapian: libxapian's idf */
	uint64_t df;           /* the n of idf (leaf) */
	uint64_t cost;         /* upper bound of matching documents */
	plan_lists *seg;       /* LEAF: by segment */
	uint64_t **sets;       /* SET: by segment, a bitmap or NULL for nothing */
	plan_node **child;
	uint32_t nchild;
	const q_node *source;
};

typedef struct plan {
	arena *mem;
	const snapshot *snap;
	const search_request *rq;
	plan_node *root;
	plan_node *filter;        /* AND of the filters, or NULL */
	const float (*inv)[256];  /* bm25_inv by length byte: text, title */
	float scale;
	bool with_titles;         /* title_weight != 1 */
	float avg_titled;         /* average of text + (w-1) title lengths */
	uint64_t langs;
	double xapian_average;    /* with rq->xapian: the length of a document */
	uint32_t xapian_units;    /* scored leaves and intervals */
} plan;

/* Resolve root (and the request's filters).  Warnings go to `out`.  Damage in
 * dictionaries is reported as CDG_E_CORRUPT. */
cdg_status plan_make(plan *p, arena *mem, const snapshot *snap, const search_request *rq, const q_node *root,
		     search_result *out, cdg_error *err);

/* ---- between the files of the planner -------------------------------- */

typedef struct plan_ctx {
	plan *p;
	search_result *out;
	text_analyzer *an;
	cdg_error *err;
	bool nomem, late;
	uint32_t work; /* entries read since the clock was looked at */
} plan_ctx;

/* So many more entries of dictionaries are read: is the time up?  Then the rest is left out,
 * and the search, which sees that too, says so. */
bool plan_late(plan_ctx *c, uint32_t entries);
/* Fill a TERM or PREFIX leaf (plan_leaf.c). */
cdg_status plan_leaf(plan_ctx *c, plan_node *n, const q_node *q);
/* A leaf on a metadata field, a VALUE or a RANGE: a SET or LEAF or OR of both
 * (plan_field.c). */
cdg_status plan_field(plan_ctx *c, plan_node *n, const q_node *q);
/* Dictionary field of a query field: 0 text, 1 title, else metadata; UINT32_MAX
 * unknown. */
unsigned plan_field_id(const plan *p, const char *field);

/* ---- leaves on documents --------------------------------------------- */

/* Units of a leaf's or interval's score for tf occurrences. */
CDG_INLINE int32_t
plan_score(const plan *p, const plan_node *n, float tf, uint8_t norm)
{
	return bm25_score(n->weight, tf, p->inv[n->field == DICT_FIELD_TITLE][norm], p->scale);
}

/* ---- as libxapian scores (plan_xapian.c) ------------------------------ */

/* The planned tree's weights; returns the most that a document gets besides. */
double plan_xapian(plan *p);
/* Units of a leaf or interval in a document of a segment. */
int32_t plan_xapian_score(const plan *p, const plan_node *n, const segment *s, uint32_t doc, uint32_t tf);
/* Units that a matching document gets besides. */
int32_t plan_xapian_extra(const plan *p, const segment *s, uint32_t doc);
/* The length the formula takes. */
double plan_xapian_length(const segment *s, uint32_t doc);

/* No document of this length with fewer occurrences scores above the threshold. */
uint32_t plan_least_tf(const plan *p, const plan_node *n, uint8_t norm, int32_t threshold);

/* By what the ratios of a list (engine/postings.h) are to be multiplied under the
 * parameters of this search; below 0: it has none. */
float plan_ratio_factor(const plan *p, const plan_node *n, const post_cursor *c);

/* An upper bound for every document an impact word covers. */
int32_t plan_bound(const plan *p, const plan_node *n, float factor, uint64_t impacts);

#endif
