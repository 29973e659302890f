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

#include "indexer/source_walk.h"
#include "indexer/writer_internal.h"

enum { REPORT_NS = 100 * 1000 * 1000 };

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

/* A record file that has another path, and nothing else: so has its source. */
static bool
run_rename(writer *w, const source_item *item)
{
	sources_entry *e = sources_db_find(&w->sources, item->other);

	w->stats.renamed++;
	return e && sources_db_rename(&w->sources, e->id, item->path);
}

/* The documents of a file that is a copy now are those of the other. */
static void
run_note_copy(writer *w, const source_item *item, sources_entry *e)
{
	const sources_entry *of = sources_db_find(&w->sources, item->other);

	e->copy = of != NULL;
	e->of = of ? of->id : 0;
	e->size = item->size;
	e->mtime_ns = item->mtime_ns;
	e->complete = e->hashed = of != NULL;
	e->hash = item->hash->xxh3;
}

/* Note what the list of sources must know; gives the id of its source. */
static bool
run_note(run *r, source_item *item, uint32_t *id)
{
	writer *w = r->w;
	bool skipped = item->kind == SOURCE_SKIPPED;
	sources_entry *e;

	*id = 0;
	if (item->kind == SOURCE_UNCHANGED && item->other && !run_rename(w, item))
		return false;
	e = skipped ? sources_db_find(&w->sources, item->path) : sources_db_get(&w->sources, item->path);
	/* a folder that something was found in can be read again */
	if (w->sources.failed_total)
		for (sources_entry *f; (f = sources_db_failed_above(&w->sources, item->path, false));)
			sources_db_clear_failures(&w->sources, f->id);
	if (skipped && !skipped_note(&w->sources.skipped, item->path, item->message, &w->sources.changed))
		return false;
	if (!e)
		return skipped; /* what is not for us is no source */
	*id = e->id;
	if ((item->kind != SOURCE_RECORDS || item->offset == 0 || !e->seen) && item->kind != SOURCE_UNCHANGED &&
	    !skipped) {
		sources_db_clear_failures(&w->sources, e->id);
		e->stale = item->kind == SOURCE_COPY && e->docs; /* those are the other's now */
		e->complete = e->read = e->hashed = e->copy = false;
		e->settings = item->settings ? settings_hash(item->settings) : 0;
		e->docs = 0;
		w->sources.changed = true;
		if (item->kind == SOURCE_RECORDS && strcmp(item->path, "-") != 0)
			known_name(w, e);
	}
	item->by_path = item->kind == SOURCE_RECORDS && e->by_path;
	e->seen = true;
	e->unreadable = item->kind == SOURCE_FAILED;
	if (item->kind == SOURCE_UNCHANGED && e->mtime_ns != item->mtime_ns) {
		e->mtime_ns = item->mtime_ns; /* so that it need not be read the next time */
		w->sources.changed = true;
	}
	if (item->kind == SOURCE_COPY)
		run_note_copy(w, item, e);
	if (item->kind == SOURCE_FILE || (item->kind == SOURCE_RECORDS && item->last)) {
		e->size = item->size;
		e->mtime_ns = item->mtime_ns;
		e->complete = item->mtime_ns != 0;
		e->read = true;
		e->records = item->kind == SOURCE_RECORDS;
	}
	return true;
}

static void
run_tell(const writer *w, const char *what, const char *path, const char *note)
{
	if (w->options.file)
		w->options.file(w->options.file_ctx, what, path, note ? note : "");
}

/* What has become of a file that was read, by the figures before and after. */
static void
run_tell_read(const writer *w, const source_item *item, const writer_stats *before, const worker *k)
{
	const writer_stats *after = &k->stats;

	if (k->nothing[0]) {
		run_tell(w, "skipped", item->path, k->nothing);
	} else if (item->kind == SOURCE_RECORDS) {
		if (item->last)
			run_tell(w, "records", item->path, "");
	} else if (after->failed > before->failed) {
		run_tell(w, "failed", item->path, "");
	} else if (item->other) {
		run_tell(w, "renamed", item->path, item->other);
	} else {
		run_tell(w, after->replaced > before->replaced	 ? "replace" :
			    after->documents > before->documents ? "add" :
								   "unchanged", item->path, "");
	}
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
		skipped_keep(&w->sources.skipped, item->path);
		w->stats.failed_before += e && e->failure;
		w->stats.copies += e && e->copy;
		run_tell(w, item->other ? "renamed" : "unchanged", item->path, item->other);
		return true;
	case SOURCE_COPY:
		w->stats.copies++;
		run_tell(w, "duplicate", item->path, item->other);
		return true;
	case SOURCE_SKIPPED:
		w->stats.skipped++;
		run_message(r, item, true);
		run_tell(w, "skipped", item->path, item->message);
		return true;
	case SOURCE_FAILED:
		w->stats.failed++;
		run_message(r, item, false);
		run_tell(w, "failed", item->path, item->message);
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

/* With the lock: a file that was read and is not for us, or holds nothing, or more than could
 * be read, is listed. */
static bool
run_note_lacking(run *r, const source_item *item, const worker *k)
{
	const char *why = k->nothing[0] ? k->nothing : k->partly;

	r->w->stats.skipped += k->nothing[0] != 0;
	return !why[0] || skipped_note(&r->w->sources.skipped, item->path, why, &r->w->sources.changed);
}

static void
run_worker(run *r, worker *k)
{
	writer_stats before = { 0 };
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
		if (r->w->options.file)
			before = k->stats;
		st = worker_item(k, item, number, id, &err);
		pthread_mutex_lock(&r->lock);
		if (st == CDG_OK && !run_note_lacking(r, item, k))
			st = err_nomem(&err);
		if (st == CDG_OK && r->w->options.file)
			run_tell_read(r->w, item, &before, k);
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

/* Settings that were wrong and are not any more: files are all that is listed else. */
static void
run_forget_settings(writer *w, const char *root)
{
	for (size_t i = 0; w->sources.failed_total && i < w->sources.n; i++) {
		const sources_entry *e = &w->sources.p[i];
		const char *base = strrchr(e->path, '/');
		if (!e->seen && e->failure && !strcmp(base ? base + 1 : e->path, SETTINGS_NAME) &&
		    sources_path_below(e->path, root))
			sources_db_clear_failures(&w->sources, e->id);
	}
}

/* Of files that are not skipped any more nothing is to be listed. */
static cdg_status
run_sweep_skipped(writer *w, const source *src, cdg_error *err)
{
	cdg_status st = CDG_OK;
	const char *path;
	buf root;

	buf_init(&root);
	for (size_t i = 0; st == CDG_OK && (path = source_root_path(src, i)) != NULL; i++) {
		source_walk_normalise(&root, path);
		st = root.failed ? err_nomem(err) : CDG_OK;
		if (st == CDG_OK)
			skipped_sweep(&w->sources.skipped, buf_cstr(&root), &w->sources.changed);
		if (st == CDG_OK)
			run_forget_settings(w, buf_cstr(&root));
	}
	skipped_forget_run(&w->sources.skipped);
	buf_fini(&root);
	return st;
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
	if (st == CDG_OK)
		st = writer_drop_moved(w, err);
	if (st == CDG_OK)
		st = run_sweep_skipped(w, src, err);
	pthread_mutex_destroy(&r.lock);
	source_progress(src, &w->done, &w->total);
	writer_report(w, "reading");
	w->progress = NULL;
	w->broken = st != CDG_OK;
	w->stats.seconds += (double)(clock_ns() - start) / 1e9;
	return st;
}
