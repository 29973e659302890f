/* build.c - see build.h.  One thread calls; flush_terms starts others. */
#include "indexer/build.h"

#include <sys/stat.h>

static const char *const build_exts[] = { "dict", "post", "pos", "docs", "text", "tree", "cols" };

/* Tables by document of the segment. */
typedef struct numbering {
	build *b;
	uint32_t ndocs;
	uint32_t **maps;    /* by worker, by its document */
	uint32_t *worker, *local;
	uint8_t *norms[2], *langs;
	flush_id *ids;
	size_t nids;
} numbering;

static void
numbering_fini(numbering *n)
{
	if (n->maps)
		for (size_t i = 0; i < n->b->nworkers; i++)
			mem_free(n->maps[i]);
	mem_free(n->maps);
	mem_free(n->worker);
	mem_free(n->local);
	mem_free(n->norms[0]);
	mem_free(n->norms[1]);
	mem_free(n->langs);
	mem_free(n->ids);
}

static cdg_status
numbering_alloc(numbering *n, cdg_error *err)
{
	build *b = n->b;
	bool ok;

	n->maps = mem_calloc(b->nworkers, sizeof *n->maps);
	n->worker = mem_alloc(n->ndocs * sizeof *n->worker);
	n->local = mem_alloc(n->ndocs * sizeof *n->local);
	n->norms[0] = mem_alloc(n->ndocs);
	n->norms[1] = mem_alloc(n->ndocs);
	n->langs = mem_alloc(n->ndocs);
	n->ids = mem_alloc(n->ndocs * sizeof *n->ids);
	ok = n->maps && n->worker && n->local && n->norms[0] && n->norms[1] && n->langs && n->ids;
	for (size_t i = 0; ok && i < b->nworkers; i++) {
		n->maps[i] = mem_alloc(b->workers[i].ndocs * sizeof **n->maps);
		ok = n->maps[i] != NULL;
	}
	return ok ? CDG_OK : err_nomem(err);
}

/* All documents in the order of the input; an item is one worker's. */
static cdg_status
numbering_order(numbering *n, cdg_error *err)
{
	build *b = n->b;
	size_t *next = mem_calloc(b->nworkers, sizeof *next);
	uint32_t doc = 0;

	if (!next)
		return err_nomem(err);
	while (doc < n->ndocs) {
		size_t k = SIZE_MAX;
		uint64_t least = UINT64_MAX;
		for (size_t i = 0; i < b->nworkers; i++)
			if (next[i] < b->workers[i].ndocs && b->workers[i].docs[next[i]].order < least) {
				least = b->workers[i].docs[next[i]].order;
				k = i;
			}
		do {
			n->maps[k][next[k]] = doc;
			n->worker[doc] = (uint32_t)k;
			n->local[doc++] = (uint32_t)next[k]++;
		} while (next[k] < b->workers[k].ndocs &&
			 b->workers[k].docs[next[k]].order >> 28 == least >> 28);
	}
	mem_free(next);
	return CDG_OK;
}

static const worker_doc *
numbering_doc(const numbering *n, uint32_t doc)
{
	return &n->b->workers[n->worker[doc]].docs[n->local[doc]];
}

static void
numbering_rows(numbering *n)
{
	for (uint32_t d = 0; d < n->ndocs; d++) {
		const worker *w = &n->b->workers[n->worker[d]];
		doctab_row row = doctab_writer_get(&w->rows, n->local[d]);
		const worker_doc *doc = &w->docs[n->local[d]];
		n->norms[0][d] = row.norm_text;
		n->norms[1][d] = row.norm_title;
		n->langs[d] = row.lang;
		n->ids[d] = (flush_id){ (const char *)w->ids.p + doc->id_at, doc->id_len, d };
	}
}

static int
id_order(const void *a, const void *b)
{
	const flush_id *x = a, *y = b;
	int c = memcmp(x->key, y->key, min_size(x->len, y->len));

	if (!c)
		c = (x->len > y->len) - (x->len < y->len);
	return c ? c : (x->doc > y->doc) - (x->doc < y->doc);
}

static uint32_t
numbering_source(const numbering *n, uint32_t doc)
{
	return doctab_writer_get(&n->b->workers[n->worker[doc]].rows, n->local[doc]).source;
}

void
build_note_twice(build *b, build_twice twice)
{
	if (!b->tells(b->tells_ctx, twice.before, twice.by))
		return;
	if (b->ntwice < BUILD_TWICE)
		b->twice[b->ntwice] = twice;
	b->ntwice++;
}

/* The id of the dead one is that of `by`. */
static void
numbering_twice(numbering *n, const flush_id *dead, uint32_t by, uint64_t order)
{
	uint32_t before = numbering_source(n, dead->doc);

	/* a file that was read twice has not two of them */
	if (before != by || numbering_doc(n, dead->doc)->order >> 28 == order >> 28)
		build_note_twice(n->b, (build_twice){ before, by, dead->len, dead->key });
}

/* Of documents with one id the last is live. */
static void
numbering_ids(numbering *n)
{
	build *b = n->b;

	qsort(n->ids, n->ndocs, sizeof *n->ids, id_order);
	for (size_t i = 0; i < n->ndocs; i++) {
		const flush_id *x = &n->ids[i], *y = x + 1;
		if (i + 1 < n->ndocs && x->len == y->len && memcmp(x->key, y->key, x->len) == 0) {
			live_clear(&b->live, x->doc);
			b->duplicates++;
			numbering_twice(n, x, numbering_source(n, y->doc), numbering_doc(n, y->doc)->order);
			continue;
		}
		n->ids[n->nids++] = *x;
	}
	for (uint32_t d = 0; d < n->ndocs; d++)
		if (numbering_doc(n, d)->broken)
			live_clear(&b->live, d);
}

static const flush_id *
numbering_find(const numbering *n, const char *key, uint32_t len)
{
	size_t lo = 0, hi = n->nids;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		const flush_id *x = &n->ids[mid];
		int c = memcmp(x->key, key, min_size(x->len, len));
		if (!c)
			c = (x->len > len) - (x->len < len);
		if (!c)
			return x;
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

/* Records that were found as they are, after another version of them. */
static void
numbering_same(numbering *n)
{
	build *b = n->b;

	for (size_t i = 0; i < b->nworkers; i++) {
		const worker *w = &b->workers[i];
		for (size_t k = 0; k < w->nsame; k++) {
			const worker_same *s = &w->same[k];
			const flush_id *x = numbering_find(n, (const char *)w->ids.p + s->id_at, s->id_len);
			if (!x || numbering_doc(n, x->doc)->order > s->order)
				continue;
			if (!live_clear(&b->live, x->doc))
				continue;
			b->duplicates++;
			numbering_twice(n, x, s->origin, s->order);
		}
	}
}

/* What the live ones take the place of. */
static cdg_status
numbering_replaced(numbering *n, cdg_error *err)
{
	build *b = n->b;

	for (uint32_t d = 0; d < n->ndocs; d++) {
		const worker_doc *doc = numbering_doc(n, d);
		if (doc->old_seg == WORKER_NO_OLD || !live_test(&b->live, d))
			continue;
		if (!mem_grow(&b->replaced, &b->replaced_cap, b->nreplaced + 1, sizeof *b->replaced))
			return err_nomem(err);
		b->replaced[b->nreplaced++] =
			(build_old){ doc->old_seg, doc->old_doc, numbering_source(n, d), doc->id_len,
				     (const char *)n->b->workers[n->worker[d]].ids.p + doc->id_at };
	}
	return CDG_OK;
}

/* ---- files ---------------------------------------------------------- */

static cdg_status
build_open(const build *b, pwriter *w, const char *ext, uint32_t kind, cdg_error *err)
{
	char *path = segment_path(b->dir, &b->info.id, ext);
	cdg_status st = path ? pwriter_open(w, path, kind, &b->info.id, err) : err_nomem(err);

	mem_free(path);
	w->hasten = b->sync;
	return st;
}

static cdg_status
build_close(const build *b, pwriter *w, cdg_status st, cdg_error *err)
{
	if (st == CDG_OK)
		return pwriter_finish(w, b->sync, err);
	pwriter_abort(w);
	return st;
}

static cdg_status
write_store(build *b, store_part **parts, cdg_error *err)
{
	CDG_TRY(store_sink_finish(&b->workers[0].shared->text, parts, b->nworkers, err));
	for (size_t i = 0; i < b->nworkers; i++) {
		worker *w = &b->workers[i];
		for (size_t r = 0; r < w->rows.n; r++)
			doctab_writer_set_store(&w->rows, r,
						store_part_ref(&w->store, doctab_writer_get(&w->rows, r).store));
	}
	return CDG_OK;
}

static cdg_status
write_tree(build *b, tree_part **parts, uint64_t *base, cdg_error *err)
{
	pwriter w;

	CDG_TRY(build_open(b, &w, "tree", TREE_KIND, err));
	return build_close(b, &w, tree_join(&w, parts, b->nworkers, base, err), err);
}

static cdg_status
write_docs(build *b, const numbering *n, const doctab_input *in, cdg_error *err)
{
	pwriter w;

	CDG_TRY(build_open(b, &w, "docs", DOCTAB_KIND, err));
	return build_close(b, &w, doctab_write(&w, in, b->nworkers, n->ndocs, err), err);
}

static cdg_status
write_columns(build *b, const numbering *n, column_builder **builders, const uint32_t *nmap, cdg_error *err)
{
	pwriter w;

	CDG_TRY(build_open(b, &w, "cols", COLUMN_KIND, err));
	return build_close(b, &w,
			   column_write(&w, builders, b->nworkers, (const uint32_t *const *)n->maps, nmap, n->ndocs,
					err),
			   err);
}

/* Arrays by worker that the joins want. */
typedef struct build_parts {
	store_part **stores;
	tree_part **trees;
	column_builder **columns;
	doctab_input *rows;
	uint32_t *nmap;
	uint64_t *base_tree;
	flush_worker *flush;
	text_analyzer **analyzers;
} build_parts;

static bool
parts_alloc(build_parts *p, size_t n)
{
	p->stores = mem_calloc(n, sizeof *p->stores);
	p->trees = mem_calloc(n, sizeof *p->trees);
	p->columns = mem_calloc(n, sizeof *p->columns);
	p->rows = mem_calloc(n, sizeof *p->rows);
	p->nmap = mem_calloc(n, sizeof *p->nmap);
	p->base_tree = mem_calloc(n, sizeof *p->base_tree);
	p->flush = mem_calloc(n, sizeof *p->flush);
	p->analyzers = mem_calloc(n, sizeof *p->analyzers);
	return p->stores && p->trees && p->columns && p->rows && p->nmap && p->base_tree &&
	       p->flush && p->analyzers;
}

static void
parts_free(build_parts *p)
{
	mem_free(p->stores);
	mem_free(p->trees);
	mem_free(p->columns);
	mem_free(p->rows);
	mem_free(p->nmap);
	mem_free(p->base_tree);
	mem_free(p->flush);
	mem_free(p->analyzers);
}

static void
parts_fill(build_parts *p, build *b, const numbering *n)
{
	for (size_t i = 0; i < b->nworkers; i++) {
		worker *w = &b->workers[i];
		p->stores[i] = &w->store;
		p->trees[i] = &w->tree;
		p->columns[i] = w->columns;
		p->rows[i] = (doctab_input){ .w = &w->rows, .map = n->maps[i] };
		p->nmap[i] = (uint32_t)w->ndocs;
		p->flush[i] = (flush_worker){ &w->inv, n->maps[i] };
		p->analyzers[i] = w->analyzer;
	}
}

typedef struct build_beside {
	build *b;
	const numbering *n;
	build_parts *p;
} build_beside;

/* What does not wait for the postings. */
static cdg_status
write_beside(void *arg, cdg_error *err)
{
	const build_beside *x = arg;

	CDG_TRY(write_store(x->b, x->p->stores, err));
	CDG_TRY(write_tree(x->b, x->p->trees, x->p->base_tree, err));
	return write_columns(x->b, x->n, x->p->columns, x->p->nmap, err);
}

static cdg_status
write_all(build *b, numbering *n, build_parts *p, cdg_error *err)
{
	build_beside beside = { b, n, p };
	flush_input in = { .dir = b->dir, .id = b->info.id, .workers = p->flush, .nworkers = b->nworkers,
			   .ndocs = n->ndocs, .norms = { n->norms[0], n->norms[1] }, .langs = n->langs,
			   .ids = n->ids, .nids = n->nids, .threads = b->threads, .analyzers = p->analyzers,
			   .sync = b->sync, .cancel = b->cancel, .beside = write_beside,
			   .beside_arg = &beside };

	for (unsigned f = 0; f < 2; f++)
		in.avg_len[f] = (float)((double)b->info.tokens[f] / (double)n->ndocs);
	CDG_TRY(flush_terms(&in, err));
	for (size_t i = 0; i < b->nworkers; i++)
		p->rows[i].base_tree = p->base_tree[i];
	return write_docs(b, n, p->rows, err);
}

/* Sum of the sizes of the files. */
static void
build_size(build *b)
{
	for (size_t i = 0; i < countof(build_exts); i++) {
		char *path = segment_path(b->dir, &b->info.id, build_exts[i]);
		struct stat st;
		if (path && stat(path, &st) == 0)
			b->info.bytes += (uint64_t)st.st_size;
		mem_free(path);
	}
}

static void
build_remove(const build *b)
{
	for (size_t i = 0; i < countof(build_exts); i++) {
		char *path = segment_path(b->dir, &b->info.id, build_exts[i]);
		if (path)
			file_unlink(path, NULL);
		mem_free(path);
	}
}

/* The postings of all workers from the order of the documents to that of the terms. */
static cdg_status
build_gather(build *b, cdg_error *err)
{
	bool failed = false;

#pragma omp parallel for schedule(dynamic, 1) num_threads(b->threads) reduction(|| : failed)
	for (size_t i = 0; i < b->nworkers; i++)
		failed = inverter_gather(&b->workers[i].inv, NULL) != CDG_OK || failed;
	return failed ? err_nomem(err) : CDG_OK;
}

static cdg_status
build_files(build *b, numbering *n, cdg_error *err)
{
	build_parts p;
	cdg_status st;

	memset(&p, 0, sizeof p);
	if (parts_alloc(&p, b->nworkers)) {
		parts_fill(&p, b, n);
		st = build_gather(b, err);
		if (st == CDG_OK)
			st = write_all(b, n, &p, err);
	} else {
		st = err_nomem(err);
	}
	parts_free(&p);
	if (st == CDG_OK)
		build_size(b);
	else
		build_remove(b);
	return st;
}

static cdg_status
build_number(build *b, numbering *n, cdg_error *err)
{
	CDG_TRY(numbering_alloc(n, err));
	CDG_TRY(numbering_order(n, err));
	CDG_TRY(live_init_full(&b->live, n->ndocs, err));
	numbering_rows(n);
	numbering_ids(n);
	numbering_same(n);
	return numbering_replaced(n, err);
}

cdg_status
build_segment(build *b, cdg_error *err)
{
	uint64_t total = 0;
	numbering n;
	cdg_status st;

	memset(&b->info, 0, sizeof b->info);
	memset(&b->live, 0, sizeof b->live);
	b->duplicates = 0;
	b->replaced = NULL;
	b->nreplaced = b->replaced_cap = 0;
	for (size_t i = 0; i < b->nworkers; i++) {
		total += b->workers[i].ndocs;
		b->info.tokens[0] += b->workers[i].text_tokens;
		b->info.tokens[1] += b->workers[i].title_tokens;
		b->info.langs |= b->workers[i].langs;
	}
	if (total > INT32_MAX)
		return err_set(err, CDG_E_LIMIT, "more than %d documents in one segment", INT32_MAX);
	if (!total)
		return CDG_OK;
	memset(&n, 0, sizeof n);
	n.b = b;
	n.ndocs = (uint32_t)total;
	CDG_TRY(store_sink_open(&b->workers[0].shared->text, err));
	b->info.id = b->workers[0].shared->text.id;
	b->info.store = b->store;
	b->info.docs = n.ndocs;
	st = build_number(b, &n, err);
	if (st == CDG_OK)
		st = build_files(b, &n, err);
	b->info.live = b->live.count;
	numbering_fini(&n);
	return st;
}

void
build_fini(build *b)
{
	live_fini(&b->live);
	mem_free(b->replaced);
	b->replaced = NULL;
}
