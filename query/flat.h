/* flat.h - exact phrases on plain arrays of positions. */
#ifndef QUERY_FLAT_H
#define QUERY_FLAT_H

#include "base/base.h"

/* Keep of the n candidate starts those that have `off` + start among the m
 * positions; both rise.  Returns how many were kept; 0 will do when fewer than
 * `need` are. */
uint32_t flat_filter(uint32_t *starts, uint32_t n, const uint32_t *pos, uint32_t m, uint32_t off, uint32_t need);

#endif
