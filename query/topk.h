/* topk.h - the k best (units, document) pairs: more units first, then the
 * smaller document number.  One u64 a pair, ordered as such.  Documents must be
 * offered in rising order, so a pair that only equals the worst never enters.
 *
 * A few are kept in a binary heap with the worst on top.  Many are only gathered,
 * and when half as many again are there, the k best of them are picked out: the
 * threshold then lags behind, but to put one among a thousand costs far less.
 */
#ifndef QUERY_TOPK_H
#define QUERY_TOPK_H

#include "base/base.h"

enum { TOPK_HEAP = 48 }; /* up to so many are a heap */

typedef struct topk {
	uint64_t *heap; /* caller's array of topk_room(k) */
	uint32_t k, n;  /* n may be above k until topk_sort */
	uint32_t cap;
	int32_t threshold; /* units must be above this to enter; -1 until full */
} topk;

/* Pairs the array must have room for. */
CDG_INLINE size_t
topk_room(size_t k)
{
	return k <= TOPK_HEAP ? k + 1 : 5 * k / 2 + 1; /* half as many more, and room to sort */
}

CDG_INLINE void
topk_init(topk *t, uint64_t *heap, uint32_t k)
{
	t->heap = heap;
	t->k = k;
	t->n = 0;
	t->cap = k <= TOPK_HEAP ? k : k + k / 2;
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

/* At least k documents, not yet offered, have so many units or more: from now on
 * only such are taken. */
CDG_INLINE void
topk_expect(topk *t, int32_t units)
{
	if (units - 1 > t->threshold)
		t->threshold = units - 1;
}

/* Best first, k at most. */
void topk_sort(topk *t);

#endif
