/* api_index.c - an index as the public interface sees it: open, reopen, close,
 * and the analyzers that are kept with it.
 *
 * A cdg_index is immutable but for its spare analyzers, which are exchanged
 * atomically; any thread may take one.
 */
#include <limits.h>
#include <sys/stat.h>
#include <time.h>

#include "backend/api.h"
#include "backend/http/remote.h"
#include "backend/native.h"
#include "backend/xapian/open.h"

/* A path that is neither the folder of an index nor a Xapian database. */
static cdg_status
api_refuse(const char *path, cdg_error *err)
{
	if (file_exists(path) && !file_is_dir(path))
		return err_set(err, CDG_E_ARG, "%s is a file, neither the folder of an index nor a Xapian database", path);
	return CDG_OK;
}

enum { TICK_NS = 20000000 }; /* clocks of file systems go by steps shorter than this */

static api_seen
api_look(const char *dir)
{
	char path[PATH_MAX];
	struct timespec now;
	struct stat st;

	if (file_join(path, sizeof path, dir, MANIFEST_NAME, NULL) != CDG_OK || stat(path, &st) != 0 ||
	    clock_gettime(CLOCK_REALTIME, &now) != 0)
		return (api_seen){ 0 };
	/* within one step two files can have the same time and, one freed, the same number */
	if (!st.st_ctim.tv_nsec || (now.tv_sec - st.st_ctim.tv_sec) * 1000000000LL + now.tv_nsec - st.st_ctim.tv_nsec < TICK_NS)
		return (api_seen){ 0 };
	return (api_seen){ st.st_dev, st.st_ino, (uint64_t)st.st_size, st.st_ctim };
}

static bool
api_seen_same(const api_seen *a, const api_seen *b)
{
	return a->ino && a->ino == b->ino && a->dev == b->dev && a->size == b->size &&
	       a->changed.tv_sec == b->changed.tv_sec && a->changed.tv_nsec == b->changed.tv_nsec;
}

cdg_status
cdg_index_open(const char *path, cdg_index **out, cdg_error *err)
{
	cdg_index *x;
	cdg_status st;

	if (!path || !out)
		return err_set(err, CDG_E_ARG, "cdg_index_open: path and out must not be NULL");
	*out = NULL;
	x = mem_calloc(1, sizeof *x);
	if (!x || !(x->path = mem_strdup(path))) {
		mem_free(x);
		return err_nomem(err);
	}
	x->seen = api_look(path);
	if (remote_is_address(path)) {
		st = remote_open(path, &x->http, err);
	} else if (xap_is_database(path)) {
		st = xap_open(path, &x->be, err);
	} else {
		st = api_refuse(path, err);
		if (st == CDG_OK)
			st = native_open(path, &x->be, err);
		if (st == CDG_OK)
			x->snap = native_snapshot(x->be);
	}
	if (st != CDG_OK) {
		mem_free(x->path);
		mem_free(x);
		return st;
	}
	*out = x;
	return CDG_OK;
}

/* Whether two manifests are of one commit.  An index made anew counts its commits from one again. */
static bool
is_same_commit(const manifest *a, const manifest *b)
{
	bool same = a->generation == b->generation && a->nsegs == b->nsegs;

	for (size_t i = 0; same && i < a->nsegs; i++)
		same = !memcmp(&a->segs[i].id, &b->segs[i].id, sizeof a->segs[i].id) && a->segs[i].livegen == b->segs[i].livegen;
	return same;
}

cdg_status
cdg_index_reopen(const cdg_index *index, cdg_index **out, cdg_error *err)
{
	api_seen seen = api_look(index->path);
	manifest now;
	cdg_status st;
	bool same;

	*out = NULL;
	if (index->snap && api_seen_same(&index->seen, &seen))
		return CDG_OK;
	if (!index->snap)
		return cdg_index_open(index->path, out, err); /* whether it has changed is not known */
	manifest_init(&now);
	st = manifest_load(&now, index->path, err);
	same = st == CDG_OK && is_same_commit(&now, &index->snap->manifest);
	manifest_fini(&now);
	if (st != CDG_OK || same)
		return st;
	return cdg_index_open(index->path, out, err);
}

void
cdg_index_close(cdg_index *index)
{
	if (!index)
		return;
	for (size_t i = 0; i < API_SPARES; i++)
		text_analyzer_free(atomic_load(&index->spare[i]));
	api_copies_free(index);
	remote_close(index->http);
	if (index->be)
		index->be->ops->close(index->be);
	mem_free(index->path);
	mem_free(index);
}

const char *
cdg_index_path(const cdg_index *index)
{
	return index->path;
}

uint64_t
cdg_index_documents(const cdg_index *index)
{
	return index->http ? index->http->documents : index->be->ops->ndocs(index->be);
}

uint64_t
cdg_index_generation(const cdg_index *index)
{
	return index->http ? index->http->generation : index->snap ? index->snap->manifest.generation : 0;
}

/* The index is const to its callers; what is kept is not part of its state. */
static _Atomic(text_analyzer *) *
api_spares(const cdg_index *index)
{
	union {
		const cdg_index *in;
		cdg_index *out;
	} drop = { index };

	return drop.out->spare;
}

text_analyzer *
api_analyzer_take(const cdg_index *index, cdg_error *err)
{
	_Atomic(text_analyzer *) *spare = api_spares(index);

	for (size_t i = 0; i < API_SPARES; i++) {
		text_analyzer *an = atomic_exchange(&spare[i], NULL);

		if (an)
			return an;
	}
	return text_analyzer_new(err);
}

void
api_analyzer_give(const cdg_index *index, text_analyzer *an)
{
	_Atomic(text_analyzer *) *spare = api_spares(index);

	for (size_t i = 0; an && i < API_SPARES; i++) {
		text_analyzer *none = NULL;

		if (atomic_compare_exchange_strong(&spare[i], &none, an))
			return;
	}
	text_analyzer_free(an);
}

cdg_status
api_here(const cdg_index *index, cdg_error *err)
{
	return index->http ? err_set(err, CDG_E_ARG, "%s is a server, of which this cannot be shown", index->path) : CDG_OK;
}

cdg_status
api_native(const cdg_index *index, cdg_error *err)
{
	CDG_TRY(api_here(index, err));
	if (!index->snap)
		return err_set(err, CDG_E_ARG, "%s is a Xapian database, of which this cannot be shown (xapian-delve can)",
			       index->path);
	return CDG_OK;
}
