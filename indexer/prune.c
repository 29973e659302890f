/* prune.c - writer_prune: documents whose source is gone.
 *
 * A source below the roots that this run did not see has vanished, and all its
 * documents with it, unless a folder above it could not be read: then nobody
 * knows.  A record file that was read to its end in this run holds
 * exactly what was seen; documents of it that were not are gone from it.
 * Also writer_failures, the other reader of the list of sources.
 */
#include "indexer/source_walk.h"
#include "indexer/writer_internal.h"

/* path is root, or in the folder root, both as the walk writes them. */
static bool
path_below(const char *path, const char *root)
{
	size_t n = strlen(root);

	if (n == 1 && root[0] == '.')
		return path[0] != '/';
	if (strncmp(path, root, n) != 0)
		return false;
	return path[n] == 0 || path[n] == '/' || (n && root[n - 1] == '/');
}

enum { KEEP, DROP_ALL, DROP_UNSEEN };

/* By id, what becomes of a source; false: no memory. */
static bool
source_fates(sources_db *db, const char *const *roots, size_t nroots, uint8_t *fate)
{
	buf root;
	bool ok = true;

	for (size_t k = 0; k < db->n; k++)
		fate[db->p[k].id] = db->p[k].seen && db->p[k].read ? DROP_UNSEEN : KEEP;
	buf_init(&root);
	for (size_t i = 0; i < nroots && ok; i++) {
		source_walk_normalise(&root, roots[i]);
		ok = !root.failed;
		for (size_t k = 0; k < db->n && ok; k++)
			if (!db->p[k].seen && path_below(db->p[k].path, buf_cstr(&root)) &&
			    !sources_db_failed_above(db, db->p[k].path, true))
				fate[db->p[k].id] = DROP_ALL;
	}
	buf_fini(&root);
	return ok;
}

static cdg_status
prune_segment(writer *w, size_t i, const uint8_t *fate, cdg_error *err)
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
		w->stats.deleted += was_live;
	}
	return CDG_OK;
}

static cdg_status
prune_sink(writer *w, const uint8_t *fate, cdg_error *err)
{
	for (size_t i = 0; i < w->sources.n; i++) {
		uint32_t id = w->sources.p[i].id;

		if (fate[id] == KEEP || w->options.dry_run)
			continue;
		CDG_TRY(w->options.sink->prune(w->options.sink_ctx, id, fate[id] == DROP_UNSEEN, &w->stats.deleted,
					       err));
	}
	w->changed = true;
	return CDG_OK;
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
	if (!source_fates(&w->sources, roots, nroots, fate))
		st = err_nomem(err);
	if (st == CDG_OK && w->options.sink)
		st = prune_sink(w, fate, err);
	for (size_t i = 0; i < w->nsegs && st == CDG_OK; i++)
		st = prune_segment(w, i, fate, err);
	if (st == CDG_OK && !w->options.dry_run)
		sources_db_sweep(&w->sources, fate, DROP_ALL);
	mem_free(fate);
	w->broken |= st != CDG_OK;
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
