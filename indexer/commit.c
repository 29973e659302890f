/* commit.c - from what workers hold to what readers see: flush, live files,
 * manifest, merges.
 *
 * The segments of the next manifest are open all the time: workers look up ids
 * in them.  A flush appends one.  A commit writes the bitmaps that changed and
 * the list of sources under the number of the next generation, then the
 * manifest, then removes what it does not name.
 */
#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>

#include "indexer/merge.h"
#include "indexer/pairs.h"
#include "indexer/policy.h"
#include "indexer/writer_internal.h"

enum { MERGE_INPUT_BYTES = 512 << 10 }; /* of memory, that an input of a merge takes in a thread */

/* ---- open segments -------------------------------------------------- */

static void
segment_drop(writer_segment *s)
{
	if (s->seg)
		segment_close(s->seg);
	mem_free(s->seg);
	mem_free(s->seen);
	memset(s, 0, sizeof *s);
}

static cdg_status
segment_take(writer *w, const manifest_segment *info, bool seen, writer_segment *s, cdg_error *err)
{
	size_t words = live_nwords(info->docs) + 1;
	cdg_status st;

	memset(s, 0, sizeof *s);
	s->seg = mem_calloc(1, sizeof *s->seg);
	s->seen = mem_calloc(words, sizeof *s->seen);
	st = s->seg && s->seen ? segment_open(s->seg, w->dir, info, err) : err_nomem(err);
	if (st != CDG_OK) {
		mem_free(s->seg);
		s->seg = NULL;
		segment_drop(s);
		return st;
	}
	s->fresh = seen;
	if (seen)
		memset(s->seen, 0xff, words * sizeof *s->seen);
	return CDG_OK;
}

/* What workers look into follows segs. */
static cdg_status
old_update(writer *w, cdg_error *err)
{
	if (!mem_grow(&w->old, &w->old_cap, w->nsegs + 1, sizeof *w->old))
		return err_nomem(err);
	for (size_t i = 0; i < w->nsegs; i++)
		w->old[i] = w->segs[i].seg;
	w->shared.old = w->old;
	w->shared.nold = w->nsegs;
	return CDG_OK;
}

static cdg_status
segment_append(writer *w, const manifest_segment *info, bool seen, cdg_error *err)
{
	writer_segment s;

	if (w->nsegs >= MANIFEST_SEGMENTS_MAX)
		return err_set(err, CDG_E_LIMIT, "%s: too many segments: merge them", w->dir);
	if (!mem_grow(&w->segs, &w->segs_cap, w->nsegs + 1, sizeof *w->segs))
		return err_nomem(err);
	CDG_TRY(segment_take(w, info, seen, &s, err));
	w->segs[w->nsegs++] = s;
	return old_update(w, err);
}

cdg_status
writer_load_segments(writer *w, cdg_error *err)
{
	for (size_t i = 0; i < w->committed.nsegs; i++)
		CDG_TRY(segment_append(w, &w->committed.segs[i], false, err));
	return CDG_OK;
}

void
writer_drop_segments(writer *w)
{
	for (size_t i = 0; i < w->nsegs; i++)
		segment_drop(&w->segs[i]);
	mem_free(w->segs);
	w->segs = NULL;
	w->nsegs = w->segs_cap = 0;
	w->shared.nold = 0;
}

static cdg_status
segment_make_mutable(segment *s, cdg_error *err)
{
	live own;

	if (s->has_deletes && s->live.own)
		return CDG_OK;
	if (s->has_deletes) {
		CDG_TRY(live_clone_mutable(&own, &s->live, err));
		live_fini(&s->live);
	} else {
		CDG_TRY(live_init_full(&own, s->info.docs, err));
	}
	s->live = own;
	s->has_deletes = true;
	return CDG_OK;
}

cdg_status
writer_clear(writer *w, size_t i, uint32_t doc, bool *was_live, cdg_error *err)
{
	writer_segment *s = &w->segs[i];

	*was_live = false;
	if (doc >= s->seg->info.docs || !segment_is_live(s->seg, doc))
		return CDG_OK;
	CDG_TRY(segment_make_mutable(s->seg, err));
	*was_live = live_clear(&s->seg->live, doc);
	s->seg->info.live = s->seg->live.count;
	s->live_changed |= *was_live;
	w->changed |= *was_live;
	return CDG_OK;
}

/* ---- flush ---------------------------------------------------------- */

static int
failure_order(const void *a, const void *b)
{
	const worker_failure *x = *(const worker_failure *const *)a, *y = *(const worker_failure *const *)b;
	return (x->order > y->order) - (x->order < y->order);
}

/* In the order of the input, whoever met them. */
static cdg_status
flush_failures(writer *w, cdg_error *err)
{
	const worker_failure **all;
	size_t n = 0, k = 0;
	bool ok = true;

	for (size_t i = 0; i < w->nworkers; i++)
		n += w->workers[i].nfailures;
	if (!n)
		return CDG_OK;
	all = mem_alloc(n * sizeof *all);
	if (!all)
		return err_nomem(err);
	for (size_t i = 0; i < w->nworkers; i++)
		for (size_t j = 0; j < w->workers[i].nfailures; j++)
			all[k++] = &w->workers[i].failures[j];
	qsort(all, n, sizeof *all, failure_order);
	for (k = 0; k < n && ok; k++)
		ok = sources_db_fail(&w->sources, all[k]->origin, all[k]->line, all[k]->message);
	mem_free(all);
	return ok ? CDG_OK : err_nomem(err);
}

static void
count_document(writer *w, uint32_t origin)
{
	sources_entry *e = sources_db_by_id(&w->sources, origin);

	if (e)
		e->docs++;
}

/* Records that are there already were in the input; and what each source gave. */
static void
flush_seen(writer *w)
{
	for (size_t i = 0; i < w->nworkers; i++) {
		const worker *k = &w->workers[i];
		for (size_t j = 0; j < k->nsame; j++) {
			const worker_same *s = &k->same[j];
			w->segs[s->old_seg].seen[s->old_doc / 64] |= (uint64_t)1 << (s->old_doc % 64);
			count_document(w, s->origin);
		}
		for (size_t j = 0; j < k->rows.n; j++)
			count_document(w, doctab_writer_get(&k->rows, j).source);
	}
}

/* build.tells: where both are of this run; where the earlier one, of the same name, is not there,
 * so that it may be another file; and of one file that is no list of records. */
static bool
flush_tells(void *ctx, uint32_t before, uint32_t by)
{
	writer *w = ctx;
	const sources_entry *e = sources_db_by_id(&w->sources, before), *f = sources_db_by_id(&w->sources, by);

	if (!e || !f || e->renumbered || f->renumbered)
		return false;
	if (e == f)
		return !e->records;
	return e->seen || (!f->by_path && known_same_name(e->path, f->path) && !(e->hashed && f->hashed && e->hash == f->hash));
}

static cdg_status
flush_note_twice(writer *w, build *b, const build_old *old, cdg_error *err)
{
	const segment *s = w->segs[old->seg].seg;
	uint32_t origin;

	if (!doctab_u32(&s->docs, DOCTAB_SOURCE, old->doc, &origin))
		return segment_error(s, err);
	if (origin != old->by)
		build_note_twice(b, (build_twice){ origin, old->by, old->id_len, old->id });
	return CDG_OK;
}

/* Nothing that was read is lost unsaid. */
static void
flush_tell_twice(writer *w, const build *b)
{
	const writer_options *o = &w->options;
	const sources_entry *e = NULL;
	char text[1024];

	for (size_t i = 0; i < b->ntwice && i < BUILD_TWICE; i++) {
		const build_twice *t = &b->twice[i];
		const sources_entry *before = sources_db_by_id(&w->sources, t->before);

		e = sources_db_by_id(&w->sources, t->by);
		if (e == before)
			snprintf(text, sizeof text, "it has more than one document \"%.*s\": the last counts",
				 (int)min_u32(t->id_len, 200), t->id);
		else
			snprintf(text, sizeof text, "its document \"%.*s\" takes the place of that in %.600s",
				 (int)min_u32(t->id_len, 200), t->id, before ? before->path : "?");
		if (o->message && e)
			o->message(o->message_ctx, e->path, 0, true, text);
	}
	w->stats.warnings += b->ntwice;
	if (b->ntwice <= BUILD_TWICE || !o->message || !e)
		return;
	snprintf(text, sizeof text, "and %llu documents more whose id came before", (unsigned long long)(b->ntwice - BUILD_TWICE));
	o->message(o->message_ctx, e->path, 0, true, text);
}

/* The new segment takes its place; what it replaces is deleted. */
static cdg_status
flush_take(writer *w, build *b, cdg_error *err)
{
	bool was_live;

	for (size_t i = 0; i < b->nreplaced; i++) {
		uint32_t seg = b->replaced[i].seg, doc = b->replaced[i].doc;
		/* one that was flushed already counts as one that was not */
		bool ours = w->segs[seg].fresh;
		CDG_TRY(writer_clear(w, seg, doc, &was_live, err));
		w->stats.replaced += was_live && !ours;
		w->stats.duplicates += was_live && ours;
		if (was_live)
			CDG_TRY(flush_note_twice(w, b, &b->replaced[i], err));
	}
	flush_tell_twice(w, b);
	w->stats.duplicates += b->duplicates;
	if (!b->info.docs)
		return CDG_OK;
	b->info.live = b->info.docs;
	CDG_TRY(segment_append(w, &b->info, true, err));
	if (b->live.count < b->info.docs) {
		writer_segment *s = &w->segs[w->nsegs - 1];
		CDG_TRY(live_clone_mutable(&s->seg->live, &b->live, err));
		s->seg->has_deletes = true;
		s->seg->info.live = b->live.count;
		s->live_changed = true;
	}
	w->stats.flushes++;
	w->changed = w->order_due = true;
	return CDG_OK;
}

cdg_status
writer_flush(writer *w, cdg_error *err)
{
	build b = { .dir = w->dir, .workers = w->workers, .nworkers = w->nworkers, .threads = w->threads,
		    .sync = !w->options.no_sync, .store = !w->options.no_store, .cancel = w->options.cancel,
		    .tells = flush_tells, .tells_ctx = w };
	uint64_t start = clock_ns();
	cdg_status st;

	if (!w->nworkers || w->options.dry_run)
		return CDG_OK;
	writer_report(w, "writing");
	st = build_segment(&b, err);
	if (st == CDG_OK)
		st = flush_take(w, &b, err);
	if (st == CDG_OK)
		flush_seen(w);
	if (st == CDG_OK)
		st = flush_failures(w, err);
	build_fini(&b);
	if (st == CDG_OK) {
#pragma omp parallel for schedule(static, 1) num_threads(w->threads)
		for (size_t i = 0; i < w->nworkers; i++)
			worker_reset(&w->workers[i]);
	}
#ifdef __GLIBC__
	malloc_trim(0);
#endif
	w->stats.flush_seconds += (double)(clock_ns() - start) / 1e9;
	w->broken |= st != CDG_OK;
	return st;
}

/* ---- commit --------------------------------------------------------- */

static cdg_status
write_live(writer *w, uint64_t generation, cdg_error *err)
{
	for (size_t i = 0; i < w->nsegs; i++) {
		writer_segment *s = &w->segs[i];
		char ext[40], *path;
		cdg_status st;
		if (!s->live_changed || !s->seg->info.live)
			continue;
		snprintf(ext, sizeof ext, "live-%" PRIu64, generation);
		path = segment_path(w->dir, &s->seg->info.id, ext);
		st = path ? live_write(&s->seg->live, path, &s->seg->info.id, !w->options.no_sync, err)
			  : err_nomem(err);
		mem_free(path);
		CDG_TRY(st);
		s->seg->info.livegen = generation;
		s->live_changed = false;
	}
	return CDG_OK;
}

/* Segments without a live document are left out. */
static cdg_status
drop_empty(writer *w, cdg_error *err)
{
	size_t n = 0;

	for (size_t i = 0; i < w->nsegs; i++) {
		if (w->segs[i].seg->info.live)
			w->segs[n++] = w->segs[i];
		else
			segment_drop(&w->segs[i]);
	}
	w->nsegs = n;
	return old_update(w, err);
}

static cdg_status
manifest_write(writer *w, cdg_error *err)
{
	manifest m;
	cdg_status st = manifest_copy(&m, &w->next, err);

	CDG_TRY(st);
	m.nsegs = 0;
	for (size_t i = 0; i < w->nsegs && st == CDG_OK; i++)
		st = manifest_add_segment(&m, &w->segs[i].seg->info, err);
	if (st == CDG_OK)
		st = manifest_commit(&m, w->dir, err);
	if (st != CDG_OK) {
		manifest_fini(&m);
		return st;
	}
	manifest_fini(&w->committed);
	w->committed = m;
	manifest_collect_garbage(&w->committed, w->dir);
	return CDG_OK;
}

static cdg_status
commit_generation(writer *w, cdg_error *err)
{
	uint64_t generation = w->committed.generation + 1;

	if (w->options.sink)
		CDG_TRY(w->options.sink->commit(w->options.sink_ctx, err));
	CDG_TRY(write_live(w, generation, err));
	CDG_TRY(drop_empty(w, err));
	if (w->sources.n || w->sources.failed_total) {
		CDG_TRY(sources_db_save(&w->sources, w->dir, generation, !w->options.no_sync, err));
		w->next.sources = generation;
	} else {
		w->next.sources = 0;
	}
	w->next.generation = generation;
	CDG_TRY(manifest_write(w, err));
	w->sources.changed = w->changed = false;
	w->last_commit_ns = clock_ns();
	w->stats.commits++;
	return CDG_OK;
}

/* ---- merging -------------------------------------------------------- */

static void
merge_report(void *ctx, const char *phase, uint64_t done, uint64_t total)
{
	writer *w = ctx;

	w->done = done;
	w->total = total;
	writer_report(w, phase);
}

/* The live documents of the inputs are those of the result, in order, or with the
 * numbers that `order` gives them. */
static void
merge_seen(const writer_segment *in, size_t n, const uint32_t *order, writer_segment *out)
{
	uint32_t count = 0;

	for (size_t i = 0; i < n; i++)
		for (uint32_t d = 0; d < in[i].seg->info.docs; d++)
			if (segment_is_live(in[i].seg, d)) {
				uint32_t doc = order ? order[count] : count;
				out->seen[doc / 64] |= (in[i].seen[d / 64] >> (d % 64) & 1) << (doc % 64);
				count++;
			}
}

/* Bytes of the memory that may be taken now: not those that workers keep, nor what a
 * merge has mapped. */
static size_t
merge_left(const writer *w)
{
	uint64_t most = w->memory - w->memory / 8, rss = writer_rss();

	return max_size(rss < most ? (size_t)(most - rss) : 0, (size_t)w->memory / 16);
}

/* Segments [first, first + n), as committed, become one. */
static cdg_status
merge_range(writer *w, size_t first, size_t n, bool reorder, cdg_error *err)
{
	uint32_t *order = NULL;
	merge_options o = { .threads = w->threads, .memory = w->memory, .sync = !w->options.no_sync,
			    .cancel = (_Atomic bool *)(uintptr_t)w->options.cancel, .reorder = reorder,
			    .progress = merge_report, .progress_ctx = w, .order = &order };
	const manifest_segment **in = mem_alloc(n * sizeof *in);
	uint64_t start = clock_ns();
	manifest_segment out;
	writer_segment s = { 0 };
	cdg_status st;

	if (!in)
		return err_nomem(err);
	writer_forget_segments(w);
	if (reorder)
		o.order_memory = merge_left(w);
	for (size_t i = 0; i < n; i++)
		in[i] = &w->segs[first + i].seg->info;
	st = merge_segments(w->dir, in, n, &o, &out, err);
	mem_free(in);
	if (st == CDG_OK && out.docs)
		st = segment_take(w, &out, false, &s, err);
	if (st == CDG_OK && out.docs)
		merge_seen(w->segs + first, n, order, &s);
	mem_free(order);
	if (st != CDG_OK)
		return st;
	for (size_t i = 0; i < n; i++)
		segment_drop(&w->segs[first + i]);
	if (out.docs)
		w->segs[first] = s;
	n -= out.docs ? 1 : 0;
	first += out.docs ? 1 : 0;
	memmove(w->segs + first, w->segs + first + n, (w->nsegs - first - n) * sizeof *w->segs);
	w->nsegs -= n;
	w->stats.merges++;
	w->stats.merge_seconds += (double)(clock_ns() - start) / 1e9;
	return old_update(w, err);
}

/* As many segments as can be merged at once: of each, pages of several files are
 * mapped all the time, more of them than are asked for. */
static size_t
merge_most(const writer *w)
{
	return max_size(POLICY_FANOUT, w->memory / MERGE_INPUT_BYTES / max_u32(w->threads, 1));
}

/* The `count` neighbours with the fewest bytes. */
static size_t
merge_cheapest(const writer *w, size_t count)
{
	uint64_t sum = 0, least = UINT64_MAX;
	size_t first = 0;

	for (size_t i = 0; i < w->nsegs; i++) {
		sum += w->segs[i].seg->info.bytes;
		if (i + 1 < count)
			continue;
		if (sum < least) {
			least = sum;
			first = i + 1 - count;
		}
		sum -= w->segs[i + 1 - count].seg->info.bytes;
	}
	return first;
}

static bool
merge_wanted(const writer *w, bool all, size_t *first, size_t *n)
{
	size_t most = merge_most(w);

	if (!all) {
		/* what is going to be one segment at the end need not be merged twice */
		if (w->options.no_merge || (w->options.optimize && w->nsegs <= POLICY_SEGMENTS_MAX) ||
		    !policy_pick(&w->committed, first, n))
			return false;
		*n = min_size(*n, most); /* and the rest of them the next time */
		return true;
	}
	*n = min_size(w->nsegs, most);
	*first = merge_cheapest(w, *n);
	if (w->nsegs == 1)
		return w->segs[0].seg->info.live < w->segs[0].seg->info.docs || (w->options.reorder && w->order_due);
	return w->nsegs > 1;
}

/* Merges see committed segments, and each is committed. */
static cdg_status
merge_all(writer *w, bool all, cdg_error *err)
{
	size_t first, n;

	while (merge_wanted(w, all, &first, &n)) {
		bool whole = n == w->nsegs, reorder = all && whole && w->options.reorder;

		CDG_TRY(merge_range(w, first, n, reorder, err));
		w->order_due = w->order_due && !reorder;
		CDG_TRY(commit_generation(w, err));
		if (all && whole)
			break;
	}
	return CDG_OK;
}

/* ---- pairs ---------------------------------------------------------- */

static void
pairs_report(void *ctx, uint64_t done, uint64_t total)
{
	merge_report(ctx, "pairing", done, total);
}

/* Lists of pairs for the committed segments that have none. */
static cdg_status
pairs_all(writer *w, cdg_error *err)
{
	pairs_options o = { .memory = w->memory / 4, .sync = !w->options.no_sync, .cancel = w->options.cancel,
			    .progress = pairs_report, .progress_ctx = w };
	bool made = false;

	for (size_t i = 0; i < w->nsegs; i++) {
		if (w->segs[i].seg->info.pairs)
			continue;
		CDG_TRY(pairs_make(w->segs[i].seg, w->dir, &o, err));
		made = true;
	}
	return made ? commit_generation(w, err) : CDG_OK;
}

cdg_status
writer_commit_now(writer *w, cdg_error *err)
{
	CDG_TRY(writer_flush(w, err));
	/* an index that was only opened gets its manifest too */
	if (w->changed || w->sources.changed || !w->committed.generation)
		CDG_TRY(commit_generation(w, err));
	return merge_all(w, false, err);
}

cdg_status
writer_commit(writer *w, writer_progress_fn *progress, void *ctx, cdg_error *err)
{
	uint64_t start = clock_ns();
	cdg_status st;

	if (w->broken)
		return err_set(err, CDG_E_ARG, "%s: the writer failed before; close it", w->dir);
	if (w->options.dry_run)
		return CDG_OK;
	w->progress = progress;
	w->progress_ctx = ctx;
	st = writer_flush(w, err);
	if (st == CDG_OK && (w->changed || w->sources.changed || !w->committed.generation))
		st = commit_generation(w, err);
	if (st == CDG_OK)
		st = merge_all(w, w->options.optimize, err);
	if (st == CDG_OK && w->options.pairs)
		st = pairs_all(w, err);
	for (size_t i = 0; i < w->nsegs; i++)
		w->segs[i].fresh = false;
	w->progress = NULL;
	w->broken = st != CDG_OK;
	w->stats.seconds += (double)(clock_ns() - start) / 1e9;
	return st;
}
