/* fast.h - top-k by score over plain posting lists: one term, OR of terms, AND
 * of terms.  They skip what block maxima prove hopeless and return exactly what
 * scoring every document returns.
 */
#ifndef QUERY_FAST_H
#define QUERY_FAST_H

#include "query/iter.h"
#include "query/topk.h"

/* One list while it is scored a block at a time. */
typedef struct block_scorer {
	post_cursor *c;
	const plan_node *n;
	int32_t max;             /* ceiling for the whole list */
	uint32_t scored;         /* block whose units are in `units`, UINT32_MAX none */
	uint32_t bound_block;    /* block that `bound` is for */
	int32_t bound;
	uint32_t bound_super;
	int32_t super;
	int32_t units[POST_BLOCK + 16];
} block_scorer;

typedef enum fast_kind { FAST_NO, FAST_TERM, FAST_OR, FAST_AND } fast_kind;

/* Which fast path can run this plan in this segment. */
fast_kind fast_pick(const plan *p, size_t segno);
/* Run it, offering documents (numbers in the segment plus base) to top. */
void fast_run(seg_eval *se, fast_kind kind, topk *top);

/* ---- shared by the fast paths ----------------------------------------- */

bool block_scorer_init(block_scorer *b, seg_eval *se, const plan_node *n);
/* Units of every document of the loaded block. */
bool block_score(block_scorer *b, const seg_eval *se);
/* Ceiling for block k. */
int32_t block_bound(block_scorer *b, const plan *p, uint32_t k);
int32_t block_super_bound(block_scorer *b, const plan *p, uint32_t super);
/* Ceiling for documents in [from, to): looks at blocks or super blocks; -1 if
 * the list has none there.  *hint: block to begin at, moved on. */
int32_t block_range_bound(block_scorer *b, const plan *p, uint32_t *hint, uint32_t from, uint32_t to);

void fast_term(seg_eval *se, topk *top);
void fast_or(seg_eval *se, topk *top);
void fast_and(seg_eval *se, topk *top);

#endif
