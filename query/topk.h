/* topk.h - the k best (units, document) pairs: more units first, then the
 * smaller document number.  One u64 a pair, ordered as such, in a binary heap
 * with the worst on top.  Documents must be offered in rising order, so a pair
 * that only equals the worst never enters.
 */
#ifndef QUERY_TOPK_H
#define QUERY_TOPK_H

#include "base/base.h"

typedef struct topk {
	uint64_t *heap; /* caller's array of k */
	uint32_t k, n;
	int32_t threshold; /* units must be above this to enter; -1 until full */
} topk;

CDG_INLINE void
topk_init(topk *t, uint64_t *heap, uint32_t k)
{
	t->heap = heap;
	t->k = k;
	t->n = 0;
	t->threshold = k ? -1 : INT32_MAX;
}

CDG_INLINE uint64_t
topk_key(int32_t units, uint32_t doc)
{
	return (uint64_t)(uint32_t)units << 32 | (uint32_t)~doc;
}
CDG_INLINE int32_t
topk_units(uint64_t key)
{
	return (int32_t)(key >> 32);
}
CDG_INLINE uint32_t
topk_doc(uint64_t key)
{
	return ~(uint32_t)key;
}

void topk_sift(topk *t, uint64_t key);

CDG_INLINE void
topk_push(topk *t, int32_t units, uint32_t doc)
{
	if (units > t->threshold)
		topk_sift(t, topk_key(units, doc));
}

/* Best first. */
void topk_sort(topk *t);

#endif
