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
	/* of a list made in memory, else NULL: documents and units; best of a block */
	const uint32_t *mem_docs;
	const int32_t *mem_units, *mem_best;
	uint32_t mem_n;
	int32_t units[POST_BLOCK + 16];
} block_scorer;

typedef enum fast_kind { FAST_NO, FAST_TERM, FAST_OR, FAST_AND } fast_kind;

/* Which fast path can run this plan in this segment. */
fast_kind fast_pick(const plan *p, size_t segno);
/* Run it, offering documents (numbers in the segment plus base) to top. */
void fast_run(seg_eval *se, fast_kind kind, topk *top);

/* ---- shared by the fast paths ----------------------------------------- */

/* The lists of one leaf, which together score a document: add up what each that
 * has it gives.  The first nbig have no document in common; the one that may
 * follow corrects them (see fast_leaf.c). */
enum { FAST_LEAF_MAX = 8, FAST_LEAF_LISTS = FAST_LEAF_MAX + 1 };
typedef struct fast_leaf {
	block_scorer *b[FAST_LEAF_LISTS];
	uint32_t nbig, n;
	uint64_t df; /* at least its documents */
} fast_leaf;

/* Can block maxima be used for this leaf in a segment? */
bool fast_leaf_fits(const plan_node *n);
/* Postings that must be read before they can. */
uint64_t fast_leaf_reads(const plan_node *n, size_t segno);
/* False: memory is out (se->failed). */
bool fast_leaf_open(fast_leaf *l, seg_eval *se, const plan_node *n);

bool block_scorer_init(block_scorer *b, seg_eval *se, const plan_node *n, const dict_entry *e);
/* Scores of n <= POST_BLOCK documents; docs and tfs have room for 16 more. */
void block_units(const seg_eval *se, const plan_node *n, const uint32_t *docs, const uint32_t *tfs, uint32_t count,
		 int32_t *out);
/* As post_load and post_seek. */
bool block_load(block_scorer *b, uint32_t k);
uint32_t block_seek_memory(block_scorer *b, uint32_t target);
CDG_INLINE uint32_t
block_seek(block_scorer *b, uint32_t target)
{
	return likely(!b->mem_docs) ? post_seek(b->c, target) : block_seek_memory(b, target);
}
/* Add to units[i] what the list gives documents[i], which rise and are not before
 * the cursor.  Returns how many the list has; with `only`, these alone are left
 * in both arrays, else all n.  Where it has few of a block, only these are
 * scored.  Damage ends the list. */
uint32_t block_probe(block_scorer *b, const seg_eval *se, uint32_t *docs, int32_t *units, uint32_t n, bool only);
/* Units of every document of the loaded block. */
bool block_score(block_scorer *b, const seg_eval *se);
/* Ceiling for block k. */
int32_t block_bound(block_scorer *b, const plan *p, uint32_t k);
int32_t block_super_bound(block_scorer *b, const plan *p, uint32_t super);
/* Ceiling for documents in [from, to): looks at blocks or super blocks; -1 if
 * the list has none there.  *hint: block to begin at, moved on.  `from`
 * never falls, nor is the cursor sought beyond it before. */
int32_t block_range_bound(block_scorer *b, const plan *p, uint32_t *hint, uint32_t from, uint32_t to);

void fast_term(seg_eval *se, topk *top);
void fast_or(seg_eval *se, topk *top);
void fast_and(seg_eval *se, topk *top);

#endif
