/* iter.h - document-at-a-time evaluation of a plan in one segment.
 *
 * An iter runs over candidates in rising order.  It works in two phases: `seek`
 * finds documents that may match by posting lists alone, `iter_confirm` decides
 * (positions, forms) - and only then are positions read.  iter_bound gives an
 * upper bound of the score of a candidate before it is confirmed.
 *
 * Everything lives in the seg_eval's arena; seg_eval_fini closes the cursors.
 * One thread.
 */
#ifndef QUERY_ITER_H
#define QUERY_ITER_H

#include "query/plan.h"

typedef struct iter iter;
typedef struct interval interval;

typedef struct seg_eval {
	const plan *p;
	const segment *seg;
	size_t segno;
	arena *mem;
	bool failed;         /* memory */
	bool windows;        /* set before iter_make: for iter_window, not for seek */
	bool late;           /* the time is up: nothing more is found, and what was not confirmed before is not */
	uint32_t work;       /* steps since the clock was looked at */
	uint64_t deadline;   /* of the request; 0: never */
	struct cursor_link *cursors;
	struct heap_link *heaps;
} seg_eval;

typedef enum iter_kind {
	ITER_NONE,
	ITER_ALL,
	ITER_LIST,     /* one cursor */
	ITER_UNION,    /* a few cursors of one leaf: tf adds up */
	ITER_DENSE,    /* many lists of one leaf, gathered beforehand */
	ITER_SET,      /* a bitmap */
	ITER_INTERVAL, /* candidates of `approx`, confirmed by positions */
	ITER_AND,
	ITER_OR,
	ITER_NOT,      /* child 0 without the others */
	ITER_MAYBE
} iter_kind;

struct iter {
	uint8_t kind;
	bool two_phase;          /* confirm does something */
	bool rarest_bounds;      /* INTERVAL: no more matches than the rarest slot has occurrences */
	bool matched;            /* result of confirm for confirmed_doc */
	uint32_t doc;            /* candidate; POST_END after the last; start: none */
	uint32_t confirmed_doc;
	uint32_t (*seek)(iter *it, uint32_t target); /* first candidate >= target; target never falls */
	uint64_t cost;
	const plan_node *node;
	seg_eval *se;
	post_cursor *c;          /* LIST */
	post_cursor **cs;        /* UNION */
	post_cursor **titles;    /* cursors of the title field, for BM25F */
	uint32_t ncs, ntitles;
	uint64_t *set;           /* SET, DENSE */
	uint32_t *tfs;           /* DENSE: by document */
	interval *iv;            /* INTERVAL */
	uint32_t freq;           /* INTERVAL: of the confirmed document */
	uint32_t need;           /* INTERVAL: with fewer a document does not count */
	iter *approx;
	iter **child;
	uint32_t nchild;
};

void seg_eval_init(seg_eval *se, const plan *p, size_t segno, arena *mem);
void seg_eval_fini(seg_eval *se);
/* Steps, of some nanoseconds each, between looks at the clock. */
enum { SEG_EVAL_STEPS = 1 << 15 };
bool seg_eval_look(seg_eval *se);
/* So much work was done: is the time up? */
CDG_INLINE bool
seg_eval_step(seg_eval *se, uint32_t steps)
{
	se->work += steps;
	return unlikely(se->work >= SEG_EVAL_STEPS) ? seg_eval_look(se) : se->late;
}
/* A cursor in the arena, closed by seg_eval_fini; NULL: no memory (failed). */
post_cursor *seg_eval_cursor(seg_eval *se, const dict_entry *e);
/* Zeroed heap memory that lives as long as the evaluation; NULL: failed. */
void *seg_eval_zalloc(seg_eval *se, size_t n, size_t size);
/* Many lists: one pass over all of them into a bitmap and an array of tf. */
bool seg_eval_gather(seg_eval *se, const plan_lists *l, uint64_t **set, uint32_t **tfs);
/* Up to so many lists of a leaf are kept apart. */
enum { ITER_UNION_MAX = 12 };

/* post_seek for targets that are mostly among the next documents. */
CDG_INLINE uint32_t
iter_seek_near(post_cursor *c, uint32_t target)
{
	if (c->block < c->nb && c->i + 2 < c->n && c->doc < target && c->docs[c->i + 2] >= target) {
		c->i += 1 + (c->docs[c->i + 1] < target);
		return c->doc = c->docs[c->i];
	}
	return post_seek(c, target);
}

/* The iterator of a plan node; NULL: no memory. */
iter *iter_make(seg_eval *se, const plan_node *n);
/* Does it run over the one list that this leaf has? */
bool iter_is_on(const iter *it, const plan_node *n);
/* An AND of two (the filter); either may be NULL. */
iter *iter_and2(seg_eval *se, iter *a, iter *b);

/* Does the candidate really match?  Asked once or more for the current doc.  No, once the
 * time is up. */
bool iter_confirm(iter *it);
/* Let the next confirm refuse a document that would not score above `threshold`;
 * for one that iter_bound has let pass. */
void iter_demand(iter *it, int32_t threshold);
/* Units of the confirmed document. */
int32_t iter_score(iter *it);
/* At least the units of the candidate, confirmed or not. */
int32_t iter_bound(iter *it);

/* ---- windows --------------------------------------------------------- */

enum { WINDOW = 4096, WINDOW_WORDS = WINDOW / 64 };

/* The matching documents in [base, base + WINDOW), confirmed (none if the time is up
 * meanwhile): bit i is document base + i; base is a multiple of WINDOW.  Windows are asked for in
 * rising order; the iter was made with se->windows and is not used by seek. */
void iter_window(iter *it, uint32_t base, uint64_t *bits);
/* How many bits of a window are set. */
uint64_t window_count(const uint64_t *bits);
/* out |= the documents of a list in the window; the cursor moves on. */
void window_list(post_cursor *c, uint32_t base, uint64_t *out);

#endif
