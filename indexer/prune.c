/* prune.c - writer_prune: documents whose source is gone.
 *
 * A source below the roots that this run did not see has vanished, and all its
 * documents with it, unless a folder above it could not be read: then nobody
 * knows.  A record file that was read to its end in this run holds
 * exactly what was seen; documents of it that were not are gone from it.
 * Documents of files that were renamed, or are copies of others now, go by the same
 * way.  Also writer_failures, the other reader of the list of sources.
 */
#include "indexer/source_walk.h"
#include "indexer/writer_internal.h"

enum { KEEP, DROP_ALL, DROP_UNSEEN };
enum { PRUNE_FEW = 10 }; /* files fewer than these may be most of a folder */

/* A folder in which most is missing may be one that is not mounted, or a copy of it
 * that has just begun: not for a program to decide. */
static cdg_status
refuse_most(const writer *w, const char *root, const uint8_t *fate, cdg_error *err)
{
	size_t all = 0, gone = 0;

	for (size_t i = 0; i < w->sources.n; i++) {
		const sources_entry *e = &w->sources.p[i];
		if (!sources_path_below(e->path, root) || e->unreadable)
			continue;
		all++;
		gone += fate[e->id] == DROP_ALL;
	}
	if (gone * 2 <= all || (gone < PRUNE_FEW && gone < all))
		return CDG_OK;
	return err_set(err, CDG_E_LIMIT,
		       "%zu of the %zu files that were indexed from %s are not there: nothing was pruned. Is all of it "
		       "mounted? If they are gone for good: --prune=force", gone, all, root);
}

/* By id, what becomes of a source. */
static cdg_status
source_fates(writer *w, const char *const *roots, size_t nroots, uint8_t *fate, cdg_error *err)
{
	sources_db *db = &w->sources;
	cdg_status st = CDG_OK;
	buf root;

	for (size_t k = 0; k < db->n; k++)
		fate[db->p[k].id] = db->p[k].seen && db->p[k].read ? DROP_UNSEEN : KEEP;
	buf_init(&root);
	for (size_t i = 0; i < nroots && st == CDG_OK; i++) {
		source_walk_normalise(&root, roots[i]);
		st = root.failed ? err_nomem(err) : CDG_OK;
		for (size_t k = 0; k < db->n && st == CDG_OK; k++)
			if (!db->p[k].seen && sources_path_below(db->p[k].path, buf_cstr(&root)) &&
			    !sources_db_failed_above(db, db->p[k].path, true))
				fate[db->p[k].id] = DROP_ALL;
		if (st == CDG_OK && !w->options.prune_most)
			st = refuse_most(w, buf_cstr(&root), fate, err);
	}
	buf_fini(&root);
	/* of what nobody has seen, the bytes stay where they are */
	for (size_t k = 0; k < db->n; k++)
		if (db->p[k].copy && !db->p[k].seen && fate[db->p[k].id] == KEEP)
			fate[db->p[k].of] = KEEP;
	return st;
}

static cdg_status
prune_segment(writer *w, size_t i, const uint8_t *fate, uint64_t *deleted, cdg_error *err)
{
	const segment *s = w->segs[i].seg;

	for (uint32_t d = 0; d < s->info.docs; d++) {
		uint32_t origin;
		bool seen = w->segs[i].seen[d / 64] >> (d % 64) & 1, was_live;
		if (!doctab_u32(&s->docs, DOCTAB_SOURCE, d, &origin))
			return segment_error(s, err);
		if (origin >= w->sources.next_id || fate[origin] == KEEP ||
		    (fate[origin] == DROP_UNSEEN && (seen || w->options.dry_run)))
			continue; /* a dry run does not know what it has seen */
		CDG_TRY(writer_clear(w, i, d, &was_live, err));
		*deleted += was_live;
	}
	return CDG_OK;
}

static cdg_status
prune_sink(writer *w, const uint8_t *fate, uint64_t *deleted, cdg_error *err)
{
	for (size_t i = 0; i < w->sources.n; i++) {
		uint32_t id = w->sources.p[i].id;

		if (fate[id] == KEEP || w->options.dry_run)
			continue;
		CDG_TRY(w->options.sink->prune(w->options.sink_ctx, id, fate[id] == DROP_UNSEEN, deleted, err));
	}
	w->changed = true;
	return CDG_OK;
}

static cdg_status
prune_all(writer *w, const uint8_t *fate, uint64_t *deleted, cdg_error *err)
{
	if (w->options.sink)
		CDG_TRY(prune_sink(w, fate, deleted, err));
	for (size_t i = 0; i < w->nsegs; i++)
		CDG_TRY(prune_segment(w, i, fate, deleted, err));
	return CDG_OK;
}

/* By id, the files whose documents go away although they are not deleted. */
static bool
moved_fates(writer *w, uint8_t *fate)
{
	bool any = known_moved(w, fate);

	for (size_t i = 0; i < w->sources.n; i++) {
		const sources_entry *e = &w->sources.p[i];
		fate[e->id] = fate[e->id] || e->stale ? DROP_ALL : e->renumbered && e->read ? DROP_UNSEEN : KEEP;
		any |= fate[e->id] != KEEP;
	}
	return any;
}

cdg_status
writer_drop_moved(writer *w, cdg_error *err)
{
	uint64_t ignored = 0;
	cdg_status st = CDG_OK;
	uint8_t *fate = mem_calloc(w->sources.next_id, 1);

	if (!fate)
		return err_nomem(err);
	if (moved_fates(w, fate)) {
		st = writer_flush(w, err);
		if (st == CDG_OK)
			st = prune_all(w, fate, &ignored, err);
		for (size_t i = 0; i < w->sources.n; i++) {
			sources_entry *e = &w->sources.p[i];
			if (e->stale)
				fate[e->id] = KEEP; /* the file itself is there */
			e->stale = e->renumbered = false;
		}
		if (st == CDG_OK)
			sources_db_sweep(&w->sources, fate, DROP_ALL);
	}
	mem_free(fate);
	return st;
}

/* Copies that stay of a file that goes have to be read in its place. */
static void
orphan_copies(writer *w, const uint8_t *fate)
{
	for (size_t i = 0; i < w->sources.n; i++) {
		sources_entry *e = &w->sources.p[i];
		if (!e->copy || fate[e->id] == DROP_ALL || fate[e->of] != DROP_ALL)
			continue;
		e->complete = false;
		w->stats.orphans++;
	}
}

cdg_status
writer_prune(writer *w, const char *const *roots, size_t nroots, cdg_error *err)
{
	uint8_t *fate;
	cdg_status st = CDG_OK;

	if (w->broken)
		return err_set(err, CDG_E_ARG, "%s: the writer failed before; close it", w->dir);
	CDG_TRY(writer_flush(w, err));
	fate = mem_calloc(w->sources.next_id, 1);
	if (!fate)
		return err_nomem(err);
	st = source_fates(w, roots, nroots, fate, err);
	for (size_t i = 0; st == CDG_OK && w->options.file && i < w->sources.n; i++)
		if (fate[w->sources.p[i].id] == DROP_ALL)
			w->options.file(w->options.file_ctx, "delete", w->sources.p[i].path, "");
	if (st == CDG_OK)
		st = prune_all(w, fate, &w->stats.deleted, err);
	if (st == CDG_OK && !w->options.dry_run) {
		orphan_copies(w, fate);
		sources_db_sweep(&w->sources, fate, DROP_ALL);
	}
	mem_free(fate);
	w->broken |= st != CDG_OK && st != CDG_E_LIMIT;
	return st;
}

cdg_status
writer_failures(const char *dir, void (*fn)(void *ctx, const writer_failure *f), void *ctx, uint64_t *total,
		cdg_error *err)
{
	sources_db db;
	manifest m;
	cdg_status st;

	*total = 0;
	CDG_TRY(manifest_load(&m, dir, err));
	st = sources_db_load(&db, dir, m.sources, err);
	manifest_fini(&m);
	CDG_TRY(st);
	*total = db.failed_total;
	for (size_t i = 0; i < db.nfailures; i++) {
		const sources_entry *e = sources_db_by_id(&db, db.failures[i].source);
		writer_failure f = { e ? e->path : "?", db.failures[i].line, db.failures[i].message };
		fn(ctx, &f);
	}
	sources_db_fini(&db);
	return CDG_OK;
}
