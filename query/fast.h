/* fast.h - top-k by score over plain posting lists: one term, OR of terms, an
 * exact phrase, AND of terms with terms that may be there and terms that must not.  They skip what block maxima prove hopeless and return exactly what
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
	float factor;            /* of its ratios, see plan_ratio_factor */
	int32_t max;             /* ceiling for the whole list */
	uint32_t scored;         /* block whose units are in `units`, UINT32_MAX none */
	int32_t *bounds;         /* ceilings of blocks, of those super blocks that are known */
	uint8_t *known;
	uint32_t bound_super;
	int32_t super;
	/* of a list made in memory, else NULL: documents and units; best of a block */
	const uint32_t *mem_docs;
	const int32_t *mem_units, *mem_best;
	uint32_t mem_n;
	int32_t units[POST_BLOCK + 16];
} block_scorer;

typedef enum fast_kind { FAST_NO, FAST_TERM, FAST_OR, FAST_AND, FAST_PHRASE } fast_kind;

/* Which fast path can run this plan in this segment. */
fast_kind fast_pick(const plan *p, size_t segno);
/* Does it count all matches in the same pass, and is that better than apart? */
bool fast_counts(const plan *p, fast_kind kind, size_t segno, uint32_t ndocs);
/* Would the matches of an AND be counted by bits? */
bool fast_count_dense(const plan *p, size_t segno, uint32_t ndocs);
/* Run it, offering documents (numbers in the segment plus base) to top.  total:
 * matches are added, or NULL; only for what fast_counts. */
void fast_run(seg_eval *se, fast_kind kind, topk *top, uint64_t *total);

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
/* Of n documents and their units copy those with units above to where they are to
 * be, which may be the same arrays; returns how many.  There is room for 16 more. */
uint32_t block_keep(const uint32_t *docs, const int32_t *units, uint32_t n, int64_t above, uint32_t *docs_out,
		    int32_t *units_out);
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
 * in both arrays, else all n.  Documents that cannot get above `above` with it may
 * be passed over.  Damage ends the list. */
uint32_t block_probe(block_scorer *b, const seg_eval *se, uint32_t *docs, int32_t *units, uint32_t n, bool only,
		     int64_t above);
/* The block of a list that may have target: the loaded one or a later one; nb, and
 * the cursor at its end, if there is none. */
uint32_t probe_find(post_cursor *c, uint32_t target);
/* How many of n rising documents are not above last, at most a block's worth. */
uint32_t probe_group(const uint32_t *docs, uint32_t n, uint32_t last);
/* Of n rising documents keep those that the list has, or has not. */
uint32_t post_filter(post_cursor *c, uint32_t *docs, uint32_t n, bool has);
/* Units of every document of the loaded block. */
bool block_score(block_scorer *b, const seg_eval *se);
bool block_bounds_init(block_scorer *b, const seg_eval *se);
/* Ceiling for block k. */
int32_t block_bound(block_scorer *b, const plan *p, uint32_t k);
int32_t block_super_bound(block_scorer *b, const plan *p, uint32_t super);
/* Ceiling for documents in [from, to): looks at blocks or super blocks; -1 if
 * the list has none there.  *hint: block to begin at, moved on.  `from`
 * never falls, nor is the cursor sought beyond it before. */
int32_t block_range_bound(block_scorer *b, const plan *p, uint32_t *hint, uint32_t from, uint32_t to);
/* Units that at least k live documents of the list have under it, found cheaply, or
 * -1.  The list is at its beginning, before and after. */
int32_t block_prime(block_scorer *b, const seg_eval *se, uint32_t k);
/* Units for the ratios of n impact words; less: rounded down instead of up.  Writes up to 7 past
 * n (for tests). */
void block_ratios(const uint8_t *words, uint32_t n, float w, float scale, bool less, int32_t *out);

void fast_term(seg_eval *se, topk *top);
/* The same by a scorer over any one list that is at its beginning. */
void fast_list(seg_eval *se, topk *top, block_scorer *b);
void fast_or(seg_eval *se, topk *top);
void fast_and(seg_eval *se, topk *top, uint64_t *total);

/* An exact phrase, or an AND of one and terms; top may have k == 0, to count only. */
void fast_phrase(seg_eval *se, topk *top, uint64_t *total);
bool fast_phrase_fits(const plan_node *n, size_t segno);

/* What part a leaf has in a query of terms that must, may and must not be there. */
typedef enum and_role { AND_MUST, AND_MAY, AND_NOT } and_role;
enum { AND_LEAVES_MAX = 256 };
/* Each leaf with its role; false if the query is not of that kind, or f says so. */
typedef bool (*and_leaf_fn)(void *ctx, const plan_node *leaf, and_role role);
bool and_each(const plan_node *n, and_role role, and_leaf_fn f, void *ctx);
/* Count the matches of such a query (without filters).  False: this is not the
 * way to do it, and nothing was counted.  True with se->failed: no memory. */
bool fast_count(seg_eval *se, uint64_t *total);
/* The same for an OR of terms. */
bool fast_count_or(seg_eval *se, uint64_t *total);
/* The documents of a list as bits of a segment.  Segments of more than FAST_BITS_DOCS go by windows. */
enum { FAST_BITS_DOCS = 1 << 20 };
typedef struct doc_bits {
	uint64_t *words; /* ndocs of them, and what bitpack.h wants behind */
} doc_bits;
/* An empty one; false: no memory (se->failed). */
bool doc_bits_init(doc_bits *b, seg_eval *se);
/* Put a list in. */
void doc_bits_add(doc_bits *b, post_cursor *c);
uint64_t doc_bits_count(const doc_bits *b, uint32_t ndocs);
/* How many documents of a list are in it.  take: these are taken out. */
uint64_t doc_bits_meet(doc_bits *b, post_cursor *c, bool take);
/* Those of block k in `out`, which has room for 16 more; how many. */
uint32_t doc_bits_block(const doc_bits *b, post_cursor *c, uint32_t k, uint32_t *out);

/* Is fast_and the way for this one in this segment? */
bool fast_and_fits(const plan_node *root, size_t segno);

#endif
