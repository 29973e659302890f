/* select.h - the largest of many numbers.  No state; any thread. */
#ifndef BASE_SELECT_H
#define BASE_SELECT_H

#include "base/base.h"

/* The k largest of n values to the front, in no order; 0 < k <= n. */
void select_largest(uint64_t *v, size_t n, size_t k);

#endif
