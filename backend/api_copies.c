/* api_copies.c - the other paths of a hit's document: files with the same bytes.
 *
 * The table of them is read when the first hit of an index is filled, and kept with it. */
#include "backend/api.h"
#include "indexer/sources_copies.h"

/* NULL: memory is out.  The index is const to its callers; what is kept is not part of its state. */
static const sources_copies *
api_copies(const cdg_index *index)
{
	union {
		const cdg_index *in;
		cdg_index *out;
	} drop = { index };
	sources_copies *had = atomic_load(&drop.out->copies), *made;

	if (had)
		return had;
	made = sources_copies_load(index->path, index->snap->manifest.sources);
	if (made && !atomic_compare_exchange_strong(&drop.out->copies, &had, made)) {
		sources_copies_free(made);
		made = had;
	}
	return made;
}

cdg_status
api_hit_copies(const cdg_index *index, cdg_results *r, api_hit *hit, uint64_t doc, cdg_error *err)
{
	const sources_copies *all = api_copies(index);
	const sources_copied *c = NULL;
	uint32_t local, source;
	const segment *seg;

	if (!all)
		return err_nomem(err);
	if (!all->n)
		return CDG_OK;
	seg = snapshot_find(index->snap, doc, &local);
	if (!doctab_u32(&seg->docs, DOCTAB_SOURCE, local, &source))
		return segment_error(seg, err);
	c = sources_copies_find(all, source);
	if (!c)
		return CDG_OK;
	hit->copies = arena_alloc(&r->mem, c->n * sizeof *hit->copies);
	for (; hit->copies && hit->ncopies < c->n; hit->ncopies++)
		hit->copies[hit->ncopies] = api_string(&r->mem, c->paths[hit->ncopies], strlen(c->paths[hit->ncopies]));
	return r->mem.failed ? err_nomem(err) : CDG_OK;
}

void
api_copies_free(cdg_index *index)
{
	sources_copies_free(atomic_load(&index->copies));
}
