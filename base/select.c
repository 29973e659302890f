/* select.c - see select.h: quickselect. */
#include "base/select.h"

/* What is above the pivot to the front, without a branch on any; returns how many. */
static size_t
select_above(uint64_t *v, size_t n, uint64_t pivot)
{
	size_t at = 0;

	for (size_t i = 0; i < n; i++) {
		uint64_t x = v[i];
		v[i] = v[at];
		v[at] = x;
		at += x > pivot;
	}
	return at;
}

static uint64_t
select_pivot(const uint64_t *v, size_t n)
{
	uint64_t a = v[n / 4], b = v[n / 2], c = v[n - 1 - n / 4];
	uint64_t low = a < b ? a : b, high = a < b ? b : a;

	return c < low ? low : c > high ? high : c;
}

void
select_largest(uint64_t *v, size_t n, size_t k)
{
	while (k < n) {
		uint64_t pivot = select_pivot(v, n);
		size_t above = select_above(v, n, pivot), same;

		if (k <= above) {
			n = above;
			continue;
		}
		same = pivot ? select_above(v + above, n - above, pivot - 1) : n - above;
		if (k <= above + same)
			return;
		v += above + same;
		n -= above + same;
		k -= above + same;
	}
}
