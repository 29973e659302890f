/* segment.c - see segment.h.  Opening maps files and verifies headers, footers
 * and the length bytes; everything else is verified when touched. */
#include "engine/segment.h"

#include <inttypes.h>
#include <stdio.h>

#define KIND_POST PFILE_KIND('P', 'O', 'S', 'T')
#define KIND_POS PFILE_KIND('P', 'O', 'S', 'N')

static cdg_status
segment_open_file(pfile *f, const char *dir, const segment_id *id, const char *ext, uint32_t kind, cdg_error *err)
{
	char *path = segment_path(dir, id, ext);
	cdg_status st = path ? pfile_open(f, path, kind, id, err) : err_nomem(err);
	mem_free(path);
	return st;
}

#define SEGMENT_OPEN_PART(fn, part, ext)                                        \
	do {                                                                    \
		char *path_ = segment_path(dir, &info->id, ext);                \
		st = path_ ? fn(part, path_, &info->id, err) : err_nomem(err);  \
		mem_free(path_);                                                \
		if (st != CDG_OK)                                               \
			goto fail;                                              \
	} while (0)

static cdg_status
segment_open_live(segment *s, const char *dir, cdg_error *err)
{
	char ext[40], *path;
	cdg_status st;

	if (!s->info.livegen)
		return CDG_OK;
	snprintf(ext, sizeof ext, "live-%" PRIu64, s->info.livegen);
	path = segment_path(dir, &s->info.id, ext);
	st = path ? live_load(&s->live, path, &s->info.id, s->info.docs, err) : err_nomem(err);
	if (st == CDG_OK && s->live.count != s->info.live)
		st = err_corrupt(err, path, 0, "%u live documents, the manifest says %u", s->live.count, s->info.live);
	s->has_deletes = st == CDG_OK;
	mem_free(path);
	return st;
}

cdg_status
segment_open_pairs(segment *s, const char *dir, cdg_error *err)
{
	char *path = segment_path(dir, &s->info.id, "pairs");
	cdg_status st = path ? dict_open(&s->pairs, path, &s->info.id, err) : err_nomem(err);

	mem_free(path);
	if (st == CDG_OK)
		st = segment_open_file(&s->pairpost, dir, &s->info.id, "pairpost", KIND_POST, err);
	if (st != CDG_OK)
		dict_close(&s->pairs);
	s->info.pairs = st == CDG_OK;
	return st;
}

cdg_status
segment_open(segment *s, const char *dir, const manifest_segment *info, cdg_error *err)
{
	cdg_status st;

	memset(s, 0, sizeof *s);
	s->info = *info;
	SEGMENT_OPEN_PART(dict_open, &s->dict, "dict");
	CDG_TRY_GOTO(segment_open_file(&s->post, dir, &info->id, "post", KIND_POST, err), fail);
	CDG_TRY_GOTO(segment_open_file(&s->pos, dir, &info->id, "pos", KIND_POS, err), fail);
	SEGMENT_OPEN_PART(doctab_open, &s->docs, "docs");
	SEGMENT_OPEN_PART(store_open, &s->store, "text");
	SEGMENT_OPEN_PART(tree_open, &s->tree, "tree");
	SEGMENT_OPEN_PART(columns_open, &s->cols, "cols");
	if (info->pairs)
		CDG_TRY_GOTO(segment_open_pairs(s, dir, err), fail);
	CDG_TRY_GOTO(segment_open_live(s, dir, err), fail);
	if (s->docs.ndocs != info->docs || s->cols.ndocs != info->docs) {
		st = err_corrupt(err, s->docs.f.path, PFILE_HEADER, "%u documents, the manifest says %u",
				 s->docs.ndocs, info->docs);
		goto fail;
	}
	s->norms[0] = doctab_norms(&s->docs, DOCTAB_NORM_TEXT);
	s->norms[1] = doctab_norms(&s->docs, DOCTAB_NORM_TITLE);
	if (info->docs && (!s->norms[0] || !s->norms[1])) {
		st = pfile_error(&s->docs.f, err);
		goto fail;
	}
	return CDG_OK;
fail:
	segment_close(s);
	return st;
}

void
segment_close(segment *s)
{
	dict_close(&s->dict);
	pfile_close(&s->post);
	pfile_close(&s->pos);
	doctab_close(&s->docs);
	store_close(&s->store);
	tree_close(&s->tree);
	columns_close(&s->cols);
	dict_close(&s->pairs);
	pfile_close(&s->pairpost);
	live_fini(&s->live);
	memset(s, 0, sizeof *s);
}

static cdg_status
snapshot_open_segments(snapshot *s, const char *dir, cdg_error *err)
{
	const manifest *m = &s->manifest;

	s->segs = mem_calloc(m->nsegs, sizeof *s->segs);
	if (!s->segs)
		return err_nomem(err);
	for (size_t i = 0; i < m->nsegs; i++) {
		segment *g = &s->segs[i];
		CDG_TRY(segment_open(g, dir, &m->segs[i], err));
		s->nsegs++;
		g->base = (uint32_t)s->ndocs;
		s->ndocs += g->info.docs;
		s->nlive += g->info.live;
		s->langs |= g->info.langs;
		for (unsigned f = 0; f < 2; f++)
			s->tokens[f] += g->info.tokens[f];
		if (s->ndocs > INT32_MAX)
			return err_set(err, CDG_E_LIMIT, "%s: more than %d documents", dir, INT32_MAX);
	}
	return CDG_OK;
}

static void
snapshot_free(snapshot *s)
{
	for (size_t i = 0; i < s->nsegs; i++)
		segment_close(&s->segs[i]);
	mem_free(s->segs);
	for (unsigned i = 0; i < SNAPSHOT_KEPT; i++)
		mem_free(atomic_load_explicit(&s->kept[i], memory_order_relaxed));
	manifest_fini(&s->manifest);
	mem_free(s->dir);
	mem_free(s);
}

static cdg_status
snapshot_try(const char *dir, snapshot **out, cdg_error *err)
{
	snapshot *s = mem_calloc(1, sizeof *s);
	cdg_status st;

	if (!s)
		return err_nomem(err);
	s->refs = 1;
	s->dir = mem_strdup(dir);
	st = s->dir ? manifest_load(&s->manifest, dir, err) : err_nomem(err);
	if (st == CDG_OK)
		st = snapshot_open_segments(s, dir, err);
	if (st != CDG_OK) {
		snapshot_free(s);
		return st;
	}
	*out = s;
	return CDG_OK;
}

/* A writer may replace the manifest and remove old segments between our reading
 * the one and opening the others: then there is a newer manifest. */
cdg_status
snapshot_open(const char *dir, snapshot **out, cdg_error *err)
{
	cdg_status st = CDG_OK;
	char path[4096];

	CDG_TRY(file_join(path, sizeof path, dir, MANIFEST_NAME, err));
	for (int tries = 0; tries < 100; tries++) {
		st = snapshot_try(dir, out, err);
		if (st != CDG_E_NOTFOUND || !file_exists(path))
			return st;
	}
	return err_set(err, CDG_E_CORRUPT, "%s: a file that %s names is missing", dir, MANIFEST_NAME);
}

snapshot *
snapshot_ref(snapshot *s)
{
	atomic_fetch_add(&s->refs, 1);
	return s;
}

void
snapshot_unref(snapshot *s)
{
	if (s && atomic_fetch_sub(&s->refs, 1) == 1)
		snapshot_free(s);
}

cdg_status
segment_error(const segment *s, cdg_error *err)
{
	const pfile *files[] = { &s->dict.file, &s->post, &s->pos, &s->docs.f, &s->store.f,
				 &s->tree.f, &s->cols.f, &s->pairs.file, &s->pairpost };

	for (size_t i = 0; i < countof(files); i++)
		if (unlikely(atomic_load_explicit(&files[i]->bad, memory_order_relaxed)))
			return pfile_error(files[i], err);
	return CDG_OK;
}

cdg_status
snapshot_error(const snapshot *s, cdg_error *err)
{
	for (size_t i = 0; i < s->nsegs; i++)
		CDG_TRY(segment_error(&s->segs[i], err));
	return CDG_OK;
}

uint64_t
snapshot_nomem(const snapshot *s)
{
	uint64_t n = 0;

	for (size_t i = 0; i < s->nsegs; i++)
		n += atomic_load_explicit(&s->segs[i].pos.nomem, memory_order_relaxed);
	return n;
}

void *
snapshot_kept(const snapshot *s, unsigned slot)
{
	return atomic_load_explicit(&s->kept[slot], memory_order_acquire);
}

void *
snapshot_keep(const snapshot *cs, unsigned slot, void *p)
{
	snapshot *s = (snapshot *)(uintptr_t)cs; /* a cache: no change that can be seen */
	void *first = NULL;

	if (atomic_compare_exchange_strong_explicit(&s->kept[slot], &first, p, memory_order_acq_rel, memory_order_acquire))
		return p;
	mem_free(p);
	return first;
}

const segment *
snapshot_find(const snapshot *s, uint64_t doc, uint32_t *local)
{
	size_t lo = 0, hi = s->nsegs;

	if (doc >= s->ndocs)
		return NULL;
	while (lo + 1 < hi) {
		size_t mid = (lo + hi) / 2;
		if (s->segs[mid].base <= doc)
			lo = mid;
		else
			hi = mid;
	}
	*local = (uint32_t)(doc - s->segs[lo].base);
	return &s->segs[lo];
}

uint32_t
segment_by_id(const segment *s, const char *id, size_t len)
{
	char key[DICT_KEY_MAX];
	size_t n = dict_id_key(id, len, key);
	dict_entry e;

	if (!dict_find(&s->dict, DICT_ID, 0, key, n, &e))
		return UINT32_MAX;
	if (e.meta.df == 1 && e.meta.single_doc < s->info.docs)
		return e.meta.single_doc;
	pfile_damaged(&s->dict.file, 0, "a document id names no document");
	return UINT32_MAX;
}

uint64_t
snapshot_by_id(const snapshot *s, const char *id, size_t len)
{
	for (size_t i = s->nsegs; i-- > 0;) {
		uint32_t doc = segment_by_id(&s->segs[i], id, len);
		if (doc != UINT32_MAX && segment_is_live(&s->segs[i], doc))
			return (uint64_t)s->segs[i].base + doc;
	}
	return UINT64_MAX;
}

bool
segment_pair(const segment *s, const dict_entry *a, const dict_entry *b, dict_entry *e)
{
	uint32_t least = s->info.docs / SEGMENT_PAIR_SHARE;
	uint8_t key[DICT_PAIR_KEY];

	if (!s->info.pairs || a->kind != DICT_TERM || b->kind != DICT_TERM || a->field != DICT_FIELD_TEXT ||
	    b->field != DICT_FIELD_TEXT || a->meta.df <= least || b->meta.df <= least)
		return false;
	dict_pair_key(a->ord, b->ord, key);
	if (!dict_find(&s->pairs, DICT_PAIR, DICT_FIELD_TEXT, key, sizeof key, e))
		return false;
	if (!e->alias && !e->meta.has_pos)
		return true;
	pfile_damaged(&s->pairs.file, PFILE_HEADER, "a pair has no list of documents");
	return false;
}

void
segment_cursor(const segment *s, const dict_entry *list, post_cursor *c)
{
	post_open(c, list->kind == DICT_PAIR ? &s->pairpost : &s->post, &s->pos, &list->meta, s->info.docs);
}

uint32_t
segment_title_end(const segment *s, uint32_t doc)
{
	uint64_t off;
	tree_view v;

	if (!doctab_tree(&s->docs, doc, &off) || !tree_view_open(&s->tree, off, &v))
		return 0;
	return v.title_len;
}
