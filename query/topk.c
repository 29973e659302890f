/* topk.c - see topk.h. */
#include "query/topk.h"

#include "base/select.h"

enum { SORT_FEW = 128, SORT_BITS = 8, SORT_PASSES = 8 };

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

/* The k best of what was gathered; the threshold is the worst of these. */
static void
topk_compact(topk *t)
{
	uint64_t least = UINT64_MAX;

	select_largest(t->heap, t->n, t->k);
	t->n = t->k;
	for (uint32_t i = 0; i < t->k; i++)
		least = t->heap[i] < least ? t->heap[i] : least;
	t->threshold = topk_units(least);
}

void
topk_sift(topk *t, uint64_t key)
{
	if (t->k > TOPK_HEAP) {
		t->heap[t->n++] = key;
		if (t->n == t->cap)
			topk_compact(t);
		return;
	}
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

static void
sort_few(uint64_t *v, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		uint64_t x = v[i];
		size_t j = i;
		for (; j && v[j - 1] < x; j--)
			v[j] = v[j - 1];
		v[j] = x;
	}
}

/* Are the documents in rising order, as they were offered? */
static bool
sort_is_rising(const uint64_t *v, size_t n)
{
	bool rising = true;

	for (size_t i = 1; i < n; i++)
		rising &= (uint32_t)v[i] < (uint32_t)v[i - 1]; /* keys hold ~doc */
	return rising;
}

/* By digits, from the last; those that all have in common are passed over.  What is in
 * rising order of documents keeps that among equal units: their digits need no pass. */
static void
sort_many(uint64_t *v, uint64_t *room, size_t n)
{
	uint32_t count[SORT_PASSES][1 << SORT_BITS] = { { 0 } };
	uint64_t *from = v, *to = room, *t;
	const uint32_t mask = (1u << SORT_BITS) - 1;
	unsigned first = sort_is_rising(v, n) ? SORT_PASSES / 2 : 0;

	for (size_t i = 0; i < n; i++)
		for (unsigned p = first; p < SORT_PASSES; p++)
			count[p][v[i] >> (SORT_BITS * p) & mask]++;
	for (unsigned p = first; p < SORT_PASSES; p++) {
		uint32_t *c = count[p], sum = 0;
		unsigned shift = SORT_BITS * p;
		if (c[from[0] >> shift & mask] == n)
			continue;
		for (size_t d = mask + 1; d-- > 0;) {
			uint32_t here = c[d];
			c[d] = sum;
			sum += here;
		}
		for (size_t i = 0; i < n; i++)
			to[c[from[i] >> shift & mask]++] = from[i];
		t = from;
		from = to;
		to = t;
	}
	if (from != v)
		memcpy(v, from, n * sizeof *v);
}

void
topk_sort(topk *t)
{
	if (t->n > t->k)
		topk_compact(t);
	if (t->k <= TOPK_HEAP || t->n <= SORT_FEW)
		sort_few(t->heap, t->n);
	else
		sort_many(t->heap, t->heap + t->cap, t->n);
}
