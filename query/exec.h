/* exec.h - a request evaluated on a snapshot: the query layer's front door.
 *
 * Which way a segment is evaluated depends on the plan (fast.h, iter.h,
 * window.h); the answer does not.  Any number of threads may search one
 * snapshot at once.
 */
#ifndef QUERY_EXEC_H
#define QUERY_EXEC_H

#include "query/plan.h"

/* Run rq on snap.  On success *out is to be freed by search_result_fini; on
 * failure it is empty.  CDG_E_CORRUPT names the damaged file. */
cdg_status exec_search(const snapshot *snap, const search_request *rq, search_result *out, cdg_error *err);

/* Where rq->root matches in a document; *spans is mem_free'd by the caller. */
cdg_status exec_spans(const snapshot *snap, const search_request *rq, uint64_t doc, search_span **spans, size_t *n,
		      cdg_error *err);

/* Where rq->root matches, in every document that it and the filters match, in order of
 * their numbers: fn for each, also where it has no place in the text.  Spans are
 * fn's until it returns; *stop = true ends the work.  Warnings, and whether the time
 * was up, go to `notes`, which was zeroed. */
typedef cdg_status exec_places_fn(void *ctx, uint64_t doc, search_span *spans, size_t n, bool *stop, cdg_error *err);
cdg_status exec_places(const snapshot *snap, const search_request *rq, exec_places_fn *fn, void *ctx,
		       search_result *notes, cdg_error *err);

/* What the plan is, a line a node: for --explain.  With doc != UINT64_MAX also
 * what each leaf contributes there. */
cdg_status exec_explain(const snapshot *snap, const search_request *rq, uint64_t doc, buf *out, cdg_error *err);

#endif
