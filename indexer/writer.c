/* writer.c - see writer.h: opening, closing, single documents, statistics. */
#include "indexer/writer.h"

#include <malloc.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>
#include <xxhash.h>

#include "indexer/flush.h"
#include "indexer/source.h"
#include "indexer/writer_internal.h"

#define MEMORY_DEFAULT ((uint64_t)1 << 30)
#define MEMORY_LEAST ((uint64_t)16 << 20)
enum { THREADS_MAX = 256, CHECK_BYTES = 1 << 20, RSS_USES = 64 };

/* ---- memory --------------------------------------------------------- */

/* Bytes of the process in memory; 0: unknown. */
uint64_t
writer_rss(void)
{
	unsigned long size = 0, resident = 0;
	FILE *f = fopen("/proc/self/statm", "re");

	if (!f)
		return 0;
	if (fscanf(f, "%lu %lu", &size, &resident) != 2)
		resident = 0;
	fclose(f);
	return (uint64_t)resident * (uint64_t)sysconf(_SC_PAGESIZE);
}

/* What the flush will need on top of what is held, and what is taken in before
 * anyone looks at the memory again: each of the other workers is in a chunk, and a
 * byte of it costs as much as those so far, up to fifteen if all words are new. */
static uint64_t
flush_reserve(const writer *w, const worker_told *all)
{
	uint64_t need, ahead;

	need = all->terms * FLUSH_BYTES_TERM + all->docs * 80;
	/* a token has six bytes of text or more, blank included */
	ahead = (all->bytes + need) * SOURCE_CHUNK / (all->tokens * 6 + SOURCE_CHUNK) * (w->threads - 1);
	/* a part of all for what the allocator keeps and pages not yet given back */
	return need + min_size(ahead, w->memory / 4) + (uint64_t)w->threads * FLUSH_BYTES_THREAD + (2 << 20) +
	       w->memory / 20;
}

/* Pages of the segments that workers look ids up in count as ours while they
 * are mapped; they come back from the page cache when needed. */
void
writer_forget_segments(const writer *w)
{
	for (size_t i = 0; i < w->nsegs; i++) {
		const segment *s = w->segs[i].seg;
		const pfile *const files[] = { &s->dict.file, &s->post, &s->pos, &s->docs.f, &s->store.f,
					       &s->tree.f, &s->cols.f };
		for (size_t k = 0; k < countof(files); k++)
			pfile_forget(files[k], 0, files[k]->map.len);
	}
}

/* The same, without asking the kernel each time, which costs as much as a small file
 * does: what is held has grown by little, and of other things there cannot be much more. */
static uint64_t
rss_about(writer *w, uint64_t held)
{
	if (held < w->rss_held || held - w->rss_held > w->memory / 256 || ++w->rss_used >= RSS_USES) {
		w->rss = writer_rss();
		w->rss_held = held;
		w->rss_used = 0;
	}
	return w->rss + (held - w->rss_held);
}

bool
writer_memory_full(writer *w)
{
	worker_told all = { 0 };
	uint64_t held, reserve, rss;

	for (size_t i = 0; i < w->nworkers; i++) {
		worker_told one = worker_heard(&w->workers[i]);
		all.bytes += one.bytes;
		all.docs += one.docs;
		all.terms += one.terms;
		all.tokens += one.tokens;
		all.something |= one.something;
		all.full |= one.full;
	}
	if (!all.something)
		return false; /* a flush would free nothing */
	if (all.full)
		return true;
	held = all.bytes;
	reserve = flush_reserve(w, &all);
	if (held + reserve > w->memory) {
		writer_forget_segments(w); /* what opening them read would add to the flush */
		return true;
	}
	rss = rss_about(w, held);
	if (rss + reserve > w->memory && w->nsegs) {
		writer_forget_segments(w);
		rss = w->rss = writer_rss();
		w->rss_held = held;
	}
	/* a process that is large for other reasons must not flush all the time */
	return rss + reserve > w->memory && held > w->memory / 8;
}

/* ---- statistics ----------------------------------------------------- */

static void
stats_add(writer_stats *to, const writer_stats *s)
{
	to->documents += s->documents;
	to->replaced += s->replaced;
	to->unchanged += s->unchanged;
	to->failed += s->failed;
	to->warnings += s->warnings;
	to->no_landlock |= s->no_landlock;
	to->text_bytes += s->text_bytes;
	to->tokens += s->tokens;
	to->invalid_utf8 += s->invalid_utf8;
}

const writer_stats *
writer_get_stats(writer *w)
{
	struct rusage ru;

	w->shown = w->stats;
	for (size_t i = 0; i < w->nworkers; i++) {
		worker_told one = worker_heard(&w->workers[i]);
		stats_add(&w->shown, &one.stats);
	}
	if (getrusage(RUSAGE_SELF, &ru) == 0)
		w->shown.peak_rss = (uint64_t)ru.ru_maxrss << 10;
	return &w->shown;
}

void
writer_report(writer *w, const char *phase)
{
	writer_progress p = { .done = w->done, .total = w->total, .phase = phase };

	if (!w->progress)
		return;
	p.stats = writer_get_stats(w);
	w->progress(w->progress_ctx, &p);
}

/* ---- opening and closing -------------------------------------------- */

cdg_status
writer_open_workers(writer *w, cdg_error *err)
{
	const writer_options *o = &w->options;
	uint64_t analysis[4] = { 1, o->lang_mode, o->lang, o->no_store };

	if (w->nworkers)
		return CDG_OK;
	w->order_due = false; /* only documents that get in make it due */
	w->shared.options = o;
	w->shared.analysis = XXH3_64bits(analysis, sizeof analysis);
	w->shared.names.manifest = &w->next;
	w->shared.field_date = (uint16_t)manifest_add_field(&w->next, "date", 4);
	w->shared.field_lang = (uint16_t)manifest_add_field(&w->next, "lang", 4);
	w->shared.field_url = (uint16_t)manifest_add_field(&w->next, "url", 3);
	w->workers = mem_calloc(w->threads, sizeof *w->workers);
	if (!w->workers || !w->shared.field_date || !w->shared.field_lang || !w->shared.field_url)
		return err_nomem(err);
	CDG_TRY(store_sink_init(&w->shared.text, w->dir, !o->no_sync, err));
	for (unsigned i = 0; i < w->threads; i++) {
		w->nworkers = i + 1;
		CDG_TRY(worker_init(&w->workers[i], &w->shared, w->dir, i, w->memory, err));
	}
	return CDG_OK;
}

static void
writer_close_workers(writer *w)
{
	for (size_t i = 0; i < w->nworkers; i++)
		stats_add(&w->stats, &w->workers[i].stats);
	/* to give large memory back takes time, too */
#pragma omp parallel for schedule(static, 1) num_threads(w->nworkers ? (int)w->nworkers : 1)
	for (size_t i = 0; i < w->nworkers; i++)
		worker_fini(&w->workers[i]);
	mem_free(w->workers);
	store_sink_fini(&w->shared.text);
	w->workers = NULL;
	w->nworkers = 0;
}

static void
writer_defaults(writer *w, const writer_options *options)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	if (options)
		w->options = *options;
	w->options.documents.cancel = w->options.cancel;
	w->threads = w->options.threads ? w->options.threads : n > 0 ? (unsigned)n : 1;
	if (w->threads > THREADS_MAX)
		w->threads = THREADS_MAX;
	w->memory = w->options.memory ? w->options.memory : MEMORY_DEFAULT;
	if (w->memory < MEMORY_LEAST)
		w->memory = MEMORY_LEAST;
	if (!w->options.commit_seconds)
		w->options.commit_seconds = 60;
}

static cdg_status
writer_load(writer *w, cdg_error *err)
{
	cdg_status st = manifest_load(&w->committed, w->dir, err);

	if (st == CDG_E_NOTFOUND) {
		manifest_init(&w->committed);
		st = CDG_OK;
	}
	CDG_TRY(st);
	if (w->lock >= 0)
		manifest_collect_garbage(&w->committed, w->dir);
	CDG_TRY(manifest_copy(&w->next, &w->committed, err));
	w->next.nsegs = 0;
	CDG_TRY(sources_db_load(&w->sources, w->dir, w->committed.sources, err));
	return writer_load_segments(w, err);
}

static cdg_status
writer_open_dir(writer *w, cdg_error *err)
{
	char path[4096];

	if (w->options.dry_run)
		return writer_load(w, err);
	CDG_TRY(file_mkdirs(w->dir, err));
	CDG_TRY(file_join(path, sizeof path, w->dir, MANIFEST_LOCK, err));
	CDG_TRY(file_lock(path, &w->lock, err));
	return writer_load(w, err);
}

cdg_status
writer_open(const char *dir, const writer_options *options, writer **out, cdg_error *err)
{
	writer *w = mem_calloc(1, sizeof *w);
	cdg_status st;

	*out = NULL;
	if (!w)
		return err_nomem(err);
	w->lock = -1;
	w->order_due = true;
	manifest_init(&w->committed);
	manifest_init(&w->next);
	sources_db_init(&w->sources);
	pthread_mutex_init(&w->shared.names.lock, NULL);
	writer_defaults(w, options);
	w->last_commit_ns = clock_ns();
	w->dir = mem_strdup(dir);
	st = w->dir ? writer_open_dir(w, err) : err_nomem(err);
	if (st != CDG_OK) {
		writer_close(w);
		return st;
	}
	*out = w;
	return CDG_OK;
}

static void
writer_unload(writer *w)
{
	writer_close_workers(w);
	writer_drop_segments(w);
	sources_db_fini(&w->sources);
	known_fini(&w->known);
	manifest_fini(&w->next);
	manifest_fini(&w->committed);
}

void
writer_close(writer *w)
{
	if (!w)
		return;
	writer_close_workers(w);
	writer_drop_segments(w);
	if (w->lock >= 0) {
		/* a commit that failed half-way may have been made: the disk knows */
		manifest m;
		if (w->dir && manifest_load(&m, w->dir, NULL) == CDG_OK) {
			manifest_collect_garbage(&m, w->dir);
			manifest_fini(&m);
		} else if (w->dir && !w->committed.generation) {
			manifest_collect_garbage(&w->committed, w->dir);
		}
		file_unlock(w->lock);
	}
	writer_unload(w);
	pthread_mutex_destroy(&w->shared.names.lock);
	mem_free(w->old);
	mem_free(w->dir);
	mem_free(w);
}

cdg_status
writer_rollback(writer *w, cdg_error *err)
{
	cdg_status st;

	writer_unload(w);
	manifest_init(&w->committed);
	manifest_init(&w->next);
	sources_db_init(&w->sources);
	w->changed = false;
	st = writer_load(w, err);
	w->broken = st != CDG_OK;
	return st;
}

/* ---- single documents ----------------------------------------------- */

static cdg_status
writer_ready(writer *w, cdg_error *err)
{
	if (w->broken)
		return err_set(err, CDG_E_ARG, "%s: the writer failed before; close it", w->dir);
	return writer_open_workers(w, err);
}

cdg_status
writer_add_document(writer *w, const document *doc, cdg_error *err)
{
	cdg_status st;

	if (!doc->id.n)
		return err_set(err, CDG_E_ARG, "a document needs an id");
	CDG_TRY(writer_ready(w, err));
	w->changed = true;
	st = worker_add(&w->workers[0], doc, WORKER_ORDER(w->items++, 0), 0, err);
	if (st == CDG_OK && w->workers[0].inv.full)
		st = err_set(err, CDG_E_LIMIT, "too many different words for one segment");
	/* looking at the memory costs a system call: not for each small one */
	w->run_bytes += doc->text.n + 256;
	if (st == CDG_OK && w->run_bytes > CHECK_BYTES) {
		w->run_bytes = 0;
		if (writer_memory_full(w))
			st = writer_flush(w, err);
	}
	w->broken = st != CDG_OK;
	return st;
}

cdg_status
writer_delete_id(writer *w, const char *id, size_t len, bool *found, cdg_error *err)
{
	char key[DICT_KEY_MAX];
	size_t n = dict_id_key(id, len, key);

	*found = false;
	CDG_TRY(writer_ready(w, err));
	if (w->options.sink) {
		CDG_TRY(w->options.sink->delete_id(w->options.sink_ctx, id, len, found, err));
		w->stats.deleted += *found;
		w->changed |= *found;
		return CDG_OK;
	}
	CDG_TRY(writer_flush(w, err));
	for (size_t i = 0; i < w->nsegs; i++) {
		dict_entry e;
		bool was_live = false;
		if (!dict_find(&w->segs[i].seg->dict, DICT_ID, 0, key, n, &e)) {
			CDG_TRY(segment_error(w->segs[i].seg, err));
			continue;
		}
		CDG_TRY(writer_clear(w, i, e.meta.single_doc, &was_live, err));
		if (was_live) {
			w->stats.deleted++;
			*found = true;
		}
	}
	return CDG_OK;
}
