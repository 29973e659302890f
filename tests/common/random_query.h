/* random_query.h - random queries, as trees and as texts, of every kind of node
 * and nested up to five deep, from the words of real documents.
 *
 * A query is a function of the vocabulary and its two numbers.
 */
#ifndef TESTS_COMMON_RANDOM_QUERY_H
#define TESTS_COMMON_RANDOM_QUERY_H

#include "base/buf.h"
#include "query/ast.h"
#include "tests/common/random_vocab.h"

/* A tree in `out` (initialised by the caller); NULL: no memory or no words. */
q_node *random_query_tree(const vocab *v, uint64_t seed, uint64_t number, ast *out);
/* A filter: a small tree, mostly of metadata. */
q_node *random_query_filter(const vocab *v, rnd *r, ast *out);
/* What a person, or a cat, could type; appended. */
void random_query_text(const vocab *v, uint64_t seed, uint64_t number, buf *out);

#endif
