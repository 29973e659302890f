/* sink.c - see sink.h.
 *
 * Threads: a document is analysed by the worker that read it, with a builder of
 * its own, and written under the lock of its part, which the hash of its id names.
 */
#include "backend/xapian/sink.h"

#include <pthread.h>
#include <stdio.h>
#include <unistd.h>
#include <xxhash.h>

#include "backend/xapian/build.h"
#include "backend/xapian/sink_impl.h"
#include "base/file.h"

/* ---- what was seen in this run ---------------------------------------------- */

static bool
seen_grow(sink_part *p)
{
	size_t n = p->nslots ? p->nslots * 2 : 1024;
	sink_seen *old = p->seen, *slots;

	if (p->nseen * 2 < p->nslots)
		return true;
	slots = mem_calloc(n, sizeof *slots);
	if (!slots)
		return false;
	for (size_t i = 0; i < p->nslots; i++) {
		size_t k = (size_t)old[i].id & (n - 1);
		if (!old[i].id)
			continue;
		while (slots[k].id)
			k = (k + 1) & (n - 1);
		slots[k] = old[i];
	}
	mem_free(old);
	p->seen = slots;
	p->nslots = n;
	return true;
}

/* The entry of an id, made if it is new; NULL: no memory. */
static sink_seen *
seen_get(sink_part *p, uint64_t id)
{
	size_t k;

	if (!seen_grow(p))
		return NULL;
	k = (size_t)id & (p->nslots - 1);
	while (p->seen[k].id && p->seen[k].id != id)
		k = (k + 1) & (p->nslots - 1);
	if (!p->seen[k].id) {
		p->seen[k].id = id;
		p->nseen++;
	}
	return &p->seen[k];
}

/* ---- looking things up --------------------------------------------------------- */

cdg_status
sink_fail(const xap_sink *s, const sink_part *p, cdg_error *err)
{
	return xap_error(&p->err, s->dir, err);
}

/* The document of an id, 0 if there is none. */
static cdg_status
sink_find(const xap_sink *s, sink_part *p, const char *id, size_t n, xapc_docid *did, cdg_error *err)
{
	xapc_postings *it;
	xapc_status st;

	*did = 0;
	xap_id(&p->key, id, n);
	if (p->key.failed)
		return err_nomem(err);
	if (s->call.database_postings(p->db, (const char *)p->key.p, p->key.len, &it, &p->err) != XAPC_OK)
		return sink_fail(s, p, err);
	st = s->call.postings_next(it, &p->err);
	if (st == XAPC_OK)
		*did = s->call.postings_docid(it);
	s->call.postings_free(it);
	return st == XAPC_OK || st == XAPC_END ? CDG_OK : sink_fail(s, p, err);
}

/* Is the document there as it is now? */
static cdg_status
sink_same(const xap_sink *s, sink_part *p, xapc_docid did, uint64_t hash, bool *same, cdg_error *err)
{
	xapc_string value = XAPC_STRING_INIT;
	xapc_document *doc;
	cdg_status st = CDG_OK;

	*same = false;
	if (s->call.database_document(p->db, did, 0, &doc, &p->err) != XAPC_OK)
		return sink_fail(s, p, err);
	if (s->call.document_value(doc, XAP_SLOT_HASH, &value, &p->err) != XAPC_OK)
		st = sink_fail(s, p, err);
	else
		*same = value.len == 8 && load_u64((const uint8_t *)value.data) == hash;
	s->call.string_free(&value);
	s->call.document_free(doc);
	return st;
}

/* ---- adding ---------------------------------------------------------------------- */

static cdg_status
sink_builder(xap_sink *s, unsigned worker, xap_builder **out, cdg_error *err)
{
	if (worker >= SINK_WORKERS_MAX)
		return err_set(err, CDG_E_LIMIT, "more than %d threads", SINK_WORKERS_MAX);
	if (!s->builders[worker])
		s->builders[worker] = xap_builder_new(&s->call, err);
	*out = s->builders[worker];
	return *out ? CDG_OK : CDG_E_NOMEM;
}

cdg_status
sink_begin(xap_sink *s, sink_part *p, cdg_error *err)
{
	if (p->changed)
		return CDG_OK;
	if (!s->temporary && s->call.writable_begin_transaction(p->w, 1, &p->err) != XAPC_OK)
		return sink_fail(s, p, err);
	p->changed = true;
	return CDG_OK;
}

/* With the part's lock: what the document would replace, and whether it need not
 * be written. */
static cdg_status
sink_look(xap_sink *s, sink_part *p, const document *doc, uint64_t hash, uint64_t order, sink_seen **seen,
	  bool *skip, cdg_error *err)
{
	bool first;

	*skip = false;
	*seen = seen_get(p, XXH3_64bits(doc->id.p, doc->id.n) | 1);
	if (!*seen)
		return err_nomem(err);
	first = !(*seen)->order;
	if (!first && (*seen)->order > order + 1) {
		*skip = true; /* a later one with this id is there already */
		return CDG_OK;
	}
	(*seen)->order = order + 1;
	if (!first || p->fresh)
		return CDG_OK;
	CDG_TRY(sink_find(s, p, doc->id.p, doc->id.n, &(*seen)->did, err));
	if ((*seen)->did && !s->options.force)
		CDG_TRY(sink_same(s, p, (*seen)->did, hash, skip, err));
	(*seen)->replaces = (*seen)->did && !*skip;
	return CDG_OK;
}

/* With the lock. */
static cdg_status
sink_write(xap_sink *s, sink_part *p, const xapc_document *doc, uint64_t id, uint64_t order, int *what,
	   cdg_error *err)
{
	sink_seen *seen = seen_get(p, id);
	xapc_status st;

	if (!seen)
		return err_nomem(err);
	if (seen->order > order + 1)
		return CDG_OK; /* another thread was faster with a later one */
	CDG_TRY(sink_begin(s, p, err));
	*what = seen->replaces ? WRITER_REPLACED : WRITER_ADDED;
	seen->replaces = false;
	st = seen->did ? s->call.writable_replace_document(p->w, seen->did, doc, &p->err) :
			 s->call.writable_add_document(p->w, doc, &seen->did, &p->err);
	return st == XAPC_OK ? CDG_OK : sink_fail(s, p, err);
}

static cdg_status
sink_add(void *ctx, unsigned worker, const document *doc, text_lang lang, uint64_t hash, uint64_t order,
	 uint32_t origin, int *what, cdg_error *err)
{
	xap_sink *s = ctx;
	uint64_t id = XXH3_64bits(doc->id.p, doc->id.n) | 1;
	sink_part *p;
	xap_origin from = { .lang = lang, .source = origin, .no_store = s->options.no_store,
			    .hash = hash + origin * UINT64_C(0x9e3779b97f4a7c15) };
	xapc_document *made = NULL;
	xap_builder *builder = NULL;
	sink_seen *seen;
	bool skip;
	cdg_status st = sink_ready(s, err);

	if (st == CDG_OK)
		st = sink_builder(s, worker, &builder, err);
	if (st != CDG_OK)
		return st;
	p = &s->parts[(id >> 1) % s->nparts];
	pthread_mutex_lock(&p->lock);
	st = sink_look(s, p, doc, from.hash, order, &seen, &skip, err);
	pthread_mutex_unlock(&p->lock);
	if (st == CDG_OK && skip)
		*what = WRITER_SAME;
	if (st != CDG_OK || skip)
		return st;
	CDG_TRY(xap_build(builder, doc, &from, &made, err));
	pthread_mutex_lock(&p->lock);
	st = sink_write(s, p, made, id, order, what, err);
	pthread_mutex_unlock(&p->lock);
	s->call.document_free(made);
	return st;
}

/* ---- deleting ---------------------------------------------------------------------- */

static cdg_status
sink_delete(void *ctx, const char *id, size_t len, bool *found, cdg_error *err)
{
	xap_sink *s = ctx;
	uint64_t hash = XXH3_64bits(id, len) | 1;
	sink_part *p;
	sink_seen *seen;
	xapc_docid did;

	CDG_TRY(sink_ready(s, err));
	p = &s->parts[(hash >> 1) % s->nparts];
	CDG_TRY(sink_find(s, p, id, len, &did, err));
	*found = did != 0;
	if (!did)
		return CDG_OK;
	CDG_TRY(sink_begin(s, p, err));
	seen = seen_get(p, hash);
	if (!seen)
		return err_nomem(err);
	seen->did = 0;
	seen->order = 0;
	return s->call.writable_delete_document(p->w, did, &p->err) == XAPC_OK ? CDG_OK : sink_fail(s, p, err);
}

/* All numbers of a term; they are deleted afterwards. */
static cdg_status
prune_collect(xap_sink *s, sink_part *p, xapc_docid **list, size_t *n, cdg_error *err)
{
	xapc_postings *it;
	xapc_status st;
	size_t cap = 0;

	if (s->call.database_postings(p->db, (const char *)p->key.p, p->key.len, &it, &p->err) != XAPC_OK)
		return sink_fail(s, p, err);
	while ((st = s->call.postings_next(it, &p->err)) == XAPC_OK) {
		if (!mem_grow(list, &cap, *n + 1, sizeof **list))
			break;
		(*list)[(*n)++] = s->call.postings_docid(it);
	}
	s->call.postings_free(it);
	return st == XAPC_END ? CDG_OK : st == XAPC_OK ? err_nomem(err) : sink_fail(s, p, err);
}

/* Bytes by document: what this run has met; NULL: no memory. */
static uint8_t *
prune_marks(const sink_part *p, const xapc_docid *list, size_t n, xapc_docid *max)
{
	uint8_t *marks;

	*max = n ? list[n - 1] : 0; /* lists rise */
	marks = mem_calloc((size_t)*max + 1, 1);
	for (size_t i = 0; marks && i < p->nslots; i++)
		if (p->seen[i].id && p->seen[i].order && p->seen[i].did <= *max)
			marks[p->seen[i].did] = 1;
	return marks;
}

static cdg_status
prune_list(xap_sink *s, sink_part *p, const xapc_docid *list, size_t n, bool unseen, uint64_t *deleted,
	   cdg_error *err)
{
	xapc_docid max;
	uint8_t *marks = prune_marks(p, list, n, &max);
	cdg_status st = marks ? CDG_OK : err_nomem(err);

	for (size_t i = 0; i < n && st == CDG_OK; i++) {
		if (unseen && marks[list[i]])
			continue;
		st = sink_begin(s, p, err);
		if (st == CDG_OK && s->call.writable_delete_document(p->w, list[i], &p->err) != XAPC_OK)
			st = sink_fail(s, p, err);
		*deleted += st == CDG_OK;
	}
	mem_free(marks);
	return st;
}

static cdg_status
prune_part(xap_sink *s, sink_part *p, uint32_t origin, bool unseen, uint64_t *deleted, cdg_error *err)
{
	xapc_docid *list = NULL;
	size_t n = 0;
	char text[16];
	cdg_status st;

	snprintf(text, sizeof text, "%u", origin);
	xap_helper(&p->key, "X-O", NULL, text, strlen(text), NULL, 0);
	st = p->key.failed ? err_nomem(err) : prune_collect(s, p, &list, &n, err);
	if (st == CDG_OK)
		st = prune_list(s, p, list, n, unseen, deleted, err);
	mem_free(list);
	return st;
}

static cdg_status
sink_prune(void *ctx, uint32_t origin, bool unseen, uint64_t *deleted, cdg_error *err)
{
	xap_sink *s = ctx;

	CDG_TRY(sink_ready(s, err));
	for (unsigned i = 0; i < s->nparts; i++)
		CDG_TRY(prune_part(s, &s->parts[i], origin, unseen, deleted, err));
	return CDG_OK;
}

const writer_sink xap_sink_ops = {
	.add = sink_add,
	.delete_id = sink_delete,
	.prune = sink_prune,
	.commit = sink_commit,
};
