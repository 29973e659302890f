/* worker_told.c - what a worker says of itself while it works. */
#include "indexer/worker.h"

enum { INVERTER_MAX_TERMS = 1 << 28 };
static const uint64_t INVERTER_MAX_BYTES = (uint64_t)3 << 30;

static uint64_t
bytes_held(const worker *w)
{
	return inverter_bytes(&w->inv) + column_builder_bytes(w->columns) + w->rows.cap * 32 +
	       w->docs_cap * sizeof *w->docs + w->same_cap * sizeof *w->same + w->ids.cap +
	       w->store.groups.cap + (8 * STORE_BLOCK) + w->tree.blob.cap;
}

void
worker_tell(worker *w)
{
	worker_told t = {
		.bytes = bytes_held(w),
		.docs = w->ndocs,
		.terms = w->inv.count,
		.tokens = w->title_tokens + w->text_tokens,
		.something = w->ndocs + w->nsame + w->nfailures > 0,
		.full = w->inv.full || inverter_bytes(&w->inv) > INVERTER_MAX_BYTES || w->inv.count > INVERTER_MAX_TERMS,
		.stats = w->stats,
	};

	pthread_mutex_lock(&w->told_lock);
	w->told = t;
	pthread_mutex_unlock(&w->told_lock);
}

worker_told
worker_heard(worker *w)
{
	worker_told t;

	pthread_mutex_lock(&w->told_lock);
	t = w->told;
	pthread_mutex_unlock(&w->told_lock);
	return t;
}
