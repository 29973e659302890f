/* mapped.h - a backend whose documents are numbered otherwise, under the numbers
 * of another: documents with the same identifier are the same. */
#ifndef TESTS_ORACLE_MAPPED_H
#define TESTS_ORACLE_MAPPED_H

#include "backend/backend.h"

/* `inner` is closed with it.  numbers: of inner's documents at most, n of `outer`'s.
 * *rising: the order is the same.  NULL: a document has no twin, or memory is out. */
backend *mapped_new(backend *inner, uint64_t numbers, const backend *outer, uint64_t n, bool *rising);

#endif
