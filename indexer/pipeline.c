/* pipeline.c - writer_add_source: items of a source to all workers.
 *
 * There is no thread that only produces: each worker that is free takes the
 * lock, asks the source for the next item, and works on it without the lock.
 * So items are numbered in the order of the input and each is one worker's.
 * When memory is used up, or the source is at its end, all workers come home
 * (the end of the parallel region), and their documents become a segment.
 *
 * Under the lock: the source, the list of sources, statistics of the writer,
 * callbacks, the state of the run.
 */
#ifdef _OPENMP
#include <omp.h>
#else
#define omp_get_thread_num() 0
#endif

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "indexer/writer_internal.h"

enum { REPORT_NS = 100 * 1000 * 1000, HASH_PART = 256 << 10 };

typedef struct run {
	writer *w;
	source *src;
	pthread_mutex_t lock;
	bool at_end, flush, stop;
	uint64_t taken; /* items with documents since the last flush */
	cdg_status status;
	cdg_error err;
	uint64_t reported;
} run;

static void
run_fail(run *r, cdg_status st, const cdg_error *err)
{
	if (r->status == CDG_OK) {
		r->status = st;
		r->err = *err;
	}
	r->stop = true;
}

static void
run_message(run *r, const source_item *item, bool warning)
{
	const writer_options *o = &r->w->options;

	if (!o->message)
		return;
	pthread_mutex_lock(&r->w->shared.names.lock);
	o->message(o->message_ctx, item->path, 0, warning, item->message ? item->message : "");
	pthread_mutex_unlock(&r->w->shared.names.lock);
}

/* Note what the list of sources must know; gives the id of its source. */
static bool
run_note(run *r, const source_item *item, uint32_t *id)
{
	writer *w = r->w;
	bool skipped = item->kind == SOURCE_SKIPPED;
	sources_entry *e = skipped ? sources_db_find(&w->sources, item->path) : sources_db_get(&w->sources, item->path);

	*id = 0;
	/* a folder that something was found in can be read again */
	if (w->sources.failed_total)
		for (sources_entry *f; (f = sources_db_failed_above(&w->sources, item->path, false));)
			sources_db_clear_failures(&w->sources, f->id);
	if (!e)
		return skipped; /* what is not for us is not listed */
	*id = e->id;
	if ((item->kind != SOURCE_RECORDS || item->offset == 0 || !e->seen) && item->kind != SOURCE_UNCHANGED &&
	    !skipped) {
		sources_db_clear_failures(&w->sources, e->id);
		e->complete = e->read = e->hashed = false;
		e->docs = 0;
		w->sources.changed = true;
	}
	e->seen = true;
	e->unreadable = item->kind == SOURCE_FAILED;
	if (item->kind == SOURCE_UNCHANGED && e->mtime_ns != item->mtime_ns) {
		e->mtime_ns = item->mtime_ns; /* so that it need not be read the next time */
		w->sources.changed = true;
	}
	if (item->kind == SOURCE_FILE || (item->kind == SOURCE_RECORDS && item->last)) {
		e->size = item->size;
		e->mtime_ns = item->mtime_ns;
		e->complete = item->mtime_ns != 0;
		e->read = true;
		e->records = item->kind == SOURCE_RECORDS;
	}
	return true;
}

/* Items that hold no documents.  True: it was one. */
static bool
run_note_only(run *r, worker *k, const source_item *item, uint64_t number, uint32_t id, bool *ok)
{
	writer *w = r->w;
	const sources_entry *e;

	*ok = true;
	switch (item->kind) {
	case SOURCE_UNCHANGED:
		e = sources_db_by_id(&w->sources, id);
		w->stats.unchanged_files++;
		w->stats.failed_before += e && e->failure;
		return true;
	case SOURCE_SKIPPED:
		w->stats.skipped++;
		run_message(r, item, true);
		return true;
	case SOURCE_FAILED:
		w->stats.failed++;
		run_message(r, item, false);
		*ok = worker_fail(k, WORKER_ORDER(number, 0), id, 0, item->message ? item->message : "");
		return true;
	default:
		w->stats.files += item->kind == SOURCE_FILE || item->last;
		return false;
	}
}

static void
run_report(run *r)
{
	uint64_t now = clock_ns();

	if (!r->w->progress || now - r->reported < REPORT_NS)
		return;
	r->reported = now;
	source_progress(r->src, &r->w->done, &r->w->total);
	writer_report(r->w, "reading");
}

static bool
run_cancelled(const run *r)
{
	const atomic_bool *c = r->w->options.cancel;
	return c && atomic_load_explicit(c, memory_order_relaxed);
}

/* Is it long since the last commit, and is there something to commit? */
static bool
run_overdue(const run *r)
{
	return r->taken && clock_ns() - r->w->last_commit_ns > (uint64_t)r->w->options.commit_seconds * 1000000000u;
}

/* With the lock: the next item with documents, or NULL to come home. */
static source_item *
run_take(run *r, worker *k, uint64_t *number, uint32_t *id, cdg_error *err)
{
	source_item *item;
	bool ok;

	for (;;) {
		if (run_cancelled(r)) {
			run_fail(r, err_set(err, CDG_E_CANCELLED, "cancelled"), err);
			return NULL;
		}
		if (r->stop || r->flush || r->at_end)
			return NULL;
		if (!r->w->options.dry_run && (writer_memory_full(r->w) || run_overdue(r))) {
			r->flush = true;
			return NULL;
		}
		run_report(r);
		if (source_next(r->src, &item, err) != CDG_OK) {
			run_fail(r, CDG_E_NOMEM, err);
			return NULL;
		}
		if (!item) {
			r->at_end = true;
			return NULL;
		}
		*number = r->w->items++;
		ok = run_note(r, item, id);
		if (ok && !run_note_only(r, k, item, *number, *id, &ok)) {
			r->taken++;
			return item;
		}
		source_item_free(item);
		if (!ok) {
			run_fail(r, err_nomem(err), err);
			return NULL;
		}
	}
}

/* With the lock, when all of an item was read. */
static void
run_note_hash(run *r, const source_item *item, uint32_t id)
{
	sources_entry *e = sources_db_by_id(&r->w->sources, id);

	if (!e || !item->hash || !item->hash->known)
		return;
	e->hashed = true;
	e->hash = item->hash->xxh3;
}

static void
run_worker(run *r, worker *k)
{
	cdg_error err;

	for (;;) {
		uint64_t number = 0;
		uint32_t id = 0;
		source_item *item;
		cdg_status st;
		pthread_mutex_lock(&r->lock);
		item = run_take(r, k, &number, &id, &err);
		pthread_mutex_unlock(&r->lock);
		if (!item)
			return;
		st = worker_item(k, item, number, id, &err);
		pthread_mutex_lock(&r->lock);
		if (st == CDG_OK)
			run_note_hash(r, item, id);
		else
			run_fail(r, st, &err);
		pthread_mutex_unlock(&r->lock);
		source_item_free(item);
		if (st != CDG_OK)
			return;
	}
}

/* Flush, and commit now and then, so that a run that is broken off has not
 * worked for nothing. */
static cdg_status
run_flush(run *r, cdg_error *err)
{
	writer *w = r->w;

	if (!r->at_end && run_overdue(r))
		return writer_commit_now(w, err);
	return writer_flush(w, err);
}

static cdg_status
run_all(run *r, cdg_error *err)
{
	writer *w = r->w;

	do {
		r->flush = false;
		r->taken = 0;
#pragma omp parallel num_threads(w->threads)
		run_worker(r, &w->workers[omp_get_thread_num()]);
		if (r->status != CDG_OK) {
			if (err)
				*err = r->err;
			return r->status;
		}
		/* what is left at the end may share a segment with what comes next */
		if (!r->at_end)
			CDG_TRY(run_flush(r, err));
	} while (!r->at_end);
	return CDG_OK;
}

cdg_status
writer_add_source(writer *w, source *src, writer_progress_fn *progress, void *ctx, cdg_error *err)
{
	run r = { .w = w, .src = src };
	uint64_t start = clock_ns();
	cdg_status st;

	if (w->broken)
		return err_set(err, CDG_E_ARG, "%s: the writer failed before; close it", w->dir);
	CDG_TRY(writer_open_workers(w, err));
	w->progress = progress;
	w->progress_ctx = ctx;
	pthread_mutex_init(&r.lock, NULL);
	st = run_all(&r, err);
	pthread_mutex_destroy(&r.lock);
	source_progress(src, &w->done, &w->total);
	writer_report(w, "reading");
	w->progress = NULL;
	w->broken = st != CDG_OK;
	w->stats.seconds += (double)(clock_ns() - start) / 1e9;
	return st;
}

/* ---- files that are known ------------------------------------------- */

/* Hash of the bytes of a file; false: it cannot be had, which reading it will
 * say. */
static bool
hook_hash(const writer *w, const char *path, uint64_t size, uint64_t *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	char *part = fd < 0 ? NULL : mem_alloc(HASH_PART);
	XXH3_state_t *state = part ? XXH3_createState() : NULL;
	const atomic_bool *cancel = w->options.cancel;
	uint64_t sum = 0;
	ssize_t n = -1;
	struct stat st;

	if (state && !fstat(fd, &st) && S_ISREG(st.st_mode)) {
		XXH3_64bits_reset(state);
		while ((n = read(fd, part, HASH_PART)) > 0 || (n < 0 && errno == EINTR)) {
			if (n > 0)
				XXH3_64bits_update(state, part, (size_t)n);
			sum += n > 0 ? (uint64_t)n : 0;
			if (sum > size || (cancel && atomic_load_explicit(cancel, memory_order_relaxed)))
				break;
		}
		*out = XXH3_64bits_digest(state);
	}
	XXH3_freeState(state);
	mem_free(part);
	if (fd >= 0)
		close(fd);
	return n == 0 && sum == size;
}

static bool
hook_unchanged(void *ctx, const char *path, uint64_t size, int64_t mtime_ns)
{
	writer *w = ctx;
	const sources_entry *e = w->options.force ? NULL : sources_db_find(&w->sources, path);
	uint64_t hash;

	if (!e || !e->complete || e->size != size || (w->options.retry_failed && e->failure))
		return false;
	if (e->mtime_ns == mtime_ns && !w->options.checksum)
		return true;
	return e->hashed && hook_hash(w, path, size, &hash) && hash == e->hash;
}

void
writer_hook(writer *w, source_options *options)
{
	struct stat st;

	if (!stat(w->dir, &st)) {
		options->own_dev = st.st_dev;
		options->own_ino = st.st_ino;
	}
	options->unchanged = hook_unchanged;
	options->unchanged_ctx = w;
}
