/* exec_impl.h - between exec.c, exec_sort.c, exec_facet.c and exec_relax.c. */
#ifndef QUERY_EXEC_IMPL_H
#define QUERY_EXEC_IMPL_H

#include "query/exec.h"
#include "query/fast.h"

typedef struct exec {
	const snapshot *snap;
	const search_request *rq;
	search_result *out;
	cdg_error *err;
	arena mem;        /* the plan */
	plan plan;
	topk top;
	uint64_t *heap;
	uint64_t **bits;  /* by segment: matching live documents, when collected */
	bool timed_out;
} exec;

/* True once the deadline has passed. */
bool exec_late(exec *x);
/* A segment's evaluation begun: iters of root and filter joined.  NULL: memory. */
iter *exec_begin(exec *x, seg_eval *se, arena *mem, size_t seg, bool windows);
/* Matching live documents of every segment into x->bits; total counted. */
cdg_status exec_collect(exec *x);
/* Take the heap's documents as hits. */
cdg_status exec_take(exec *x);
/* Hits by the request's sort keys, from x->bits. */
cdg_status exec_sorted(exec *x);
/* Facets from x->bits. */
cdg_status exec_facets(exec *x);
/* The fall-back of an AND that found nothing. */
cdg_status exec_relaxed(exec *x);
/* Units of the confirmed document. */
int32_t exec_score(const exec *x, iter *it, const segment *s, uint32_t doc);
/* Score the documents of x->bits into the heap. */
cdg_status exec_score_bits(exec *x);

#endif
