/* bisect.h - an order of documents in which those with the same terms are near one
 * another, so that the gaps in posting lists are small.
 *
 * Recursive graph bisection: the documents are halved so that the logarithms of the
 * gaps sum up to little, and each half again (Dhulipala, Kabiljo, Karrer, Ottaviano,
 * Pupyrev, Shalita 2016, "Compressing graphs and indexes with recursive graph
 * bisection").  Documents change sides by the gradient of the cost and a selection
 * instead of by sorted gains, and it stops when changes gain little (Mackenzie,
 * Petri, Moffat 2021, "Tradeoff options for bipartite graph partitioning").
 *
 * The result depends on the lists alone, not on the number of threads: all sums are
 * of integers, and equals are told apart by document number.
 */
#ifndef INDEXER_BISECT_H
#define INDEXER_BISECT_H

#include <stdatomic.h>

#include "base/err.h"

enum { BISECT_TERMS = UINT16_MAX };

typedef struct bisect_input {
	uint32_t ndocs;
	uint32_t nterms;       /* BISECT_TERMS at most */
	const uint64_t *begin; /* [ndocs + 1] document d has terms[begin[d]], ... */
	uint16_t *terms;       /* numbers below nterms, none twice in a document; overwritten */
	unsigned threads;
	const _Atomic bool *cancel; /* true: CDG_E_CANCELLED soon after; may be NULL */
	/* Called now and then with what was done of bisect_steps, one thread at a time;
	 * may be NULL. */
	void (*progress)(void *ctx, uint64_t done);
	void *progress_ctx;
} bisect_input;

/* Documents times the times that each is put in a half. */
uint64_t bisect_steps(uint32_t ndocs);
/* Bytes that bisect_order takes beside its input. */
uint64_t bisect_memory(uint32_t ndocs, uint32_t nterms, unsigned threads);
/* order[i] = the document that is to be number i. */
cdg_status bisect_order(const bisect_input *in, uint32_t *order, cdg_error *err);

#endif
