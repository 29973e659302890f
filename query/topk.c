/* topk.c - see topk.h. */
#include "query/topk.h"

#include <stdlib.h>

static void
topk_down(uint64_t *heap, uint32_t n, uint64_t key)
{
	uint32_t i = 0;
	for (;;) {
		uint32_t c = 2 * i + 1;
		if (c >= n)
			break;
		if (c + 1 < n && heap[c + 1] < heap[c])
			c++;
		if (heap[c] >= key)
			break;
		heap[i] = heap[c];
		i = c;
	}
	heap[i] = key;
}

void
topk_sift(topk *t, uint64_t key)
{
	if (t->n < t->k) {
		uint32_t i = t->n++;
		while (i && t->heap[(i - 1) / 2] > key) {
			t->heap[i] = t->heap[(i - 1) / 2];
			i = (i - 1) / 2;
		}
		t->heap[i] = key;
	} else if (key > t->heap[0]) {
		topk_down(t->heap, t->n, key);
	}
	if (t->n == t->k)
		t->threshold = topk_units(t->heap[0]);
}

static int
topk_cmp(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return (x < y) - (x > y);
}

void
topk_sort(topk *t)
{
	if (t->n > 1)
		qsort(t->heap, t->n, sizeof *t->heap, topk_cmp);
}
