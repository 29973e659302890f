/* oracle_check.h - random requests, and whether two backends answer one alike. */
#ifndef TESTS_COMMON_ORACLE_CHECK_H
#define TESTS_COMMON_ORACLE_CHECK_H

#include "backend/backend.h"
#include "tests/common/random_query.h"

/* A query with all its options; owns its memory. */
typedef struct oracle_query {
	ast tree;
	buf text;             /* as typed; empty for a random tree */
	search_request rq;
	const q_node *filters[2];
	sort_key sort[2];
	facet_request facets[2];
	double tolerance;     /* of scores; 0: equal to the last bit */
} oracle_query;

/* Number `number` of a seed.  False: no memory, or nothing to make it of. */
bool oracle_query_make(oracle_query *q, const vocab *v, uint64_t seed, uint64_t number,
		       text_analyzer *an);
void oracle_query_fini(oracle_query *q);
/* For people, to standard output. */
void oracle_query_print(const oracle_query *q);

typedef struct oracle_counts {
	uint64_t queries, found, relaxed, hits, places;
	uint64_t want_ns, got_ns; /* in search */
} oracle_counts;

/* Ask both; false (and the difference printed) if they differ. */
bool oracle_compare(const oracle_query *q, const backend *want, const backend *got,
		    oracle_counts *counts);
/* Make a query that differs as small as it can be and still differ. */
void oracle_shrink(oracle_query *q, const backend *want, const backend *got);

#endif
