/* native.c - see native.h: a thin coat over query/exec.h and the store. */
#include "backend/native.h"

#include "query/exec.h"

typedef struct native {
	backend base;
	snapshot *snap;
} native;

const snapshot *
native_snapshot(const backend *b)
{
	return ((const native *)b)->snap;
}

static void
native_close(backend *b)
{
	native *n = (native *)b;
	snapshot_unref(n->snap);
	mem_free(n);
}

static uint64_t
native_ndocs(const backend *b)
{
	return native_snapshot(b)->nlive;
}

static uint64_t
native_langs(const backend *b)
{
	return native_snapshot(b)->langs;
}

static cdg_status
native_search(const backend *b, const search_request *rq, search_result *out, cdg_error *err)
{
	return exec_search(native_snapshot(b), rq, out, err);
}

static cdg_status
native_stored(const backend *b, uint64_t doc, buf *meta, buf *text, cdg_error *err)
{
	uint32_t local, meta_len, text_len;
	const segment *s = snapshot_find(native_snapshot(b), doc, &local);
	store_cursor c;
	uint64_t ref;
	cdg_status st;

	if (!s)
		return err_set(err, CDG_E_ARG, "no document number %llu", (unsigned long long)doc);
	if (!doctab_store(&s->docs, local, &ref))
		return pfile_error(&s->docs.f, err);
	store_cursor_init(&c, &s->store);
	st = store_lengths(&c, ref, &meta_len, &text_len, err);
	if (st == CDG_OK)
		st = store_meta(&c, ref, meta, err);
	if (st == CDG_OK && text)
		st = store_text(&c, ref, 0, text_len, text, err);
	store_cursor_fini(&c);
	return st;
}

static cdg_status
native_spans(const backend *b, const search_request *rq, uint64_t doc, search_span **spans, size_t *n,
	     cdg_error *err)
{
	return exec_spans(native_snapshot(b), rq, doc, spans, n, err);
}

static const backend_ops native_ops = {
	.name = "native",
	.close = native_close,
	.ndocs = native_ndocs,
	.langs = native_langs,
	.search = native_search,
	.stored = native_stored,
	.spans = native_spans,
};

cdg_status
native_wrap(snapshot *snap, backend **out, cdg_error *err)
{
	native *n = mem_calloc(1, sizeof *n);

	if (!n)
		return err_nomem(err);
	n->base.ops = &native_ops;
	n->snap = snapshot_ref(snap);
	*out = &n->base;
	return CDG_OK;
}

cdg_status
native_open(const char *dir, backend **out, cdg_error *err)
{
	snapshot *snap;
	cdg_status st;

	CDG_TRY(snapshot_open(dir, &snap, err));
	st = native_wrap(snap, out, err);
	snapshot_unref(snap);
	return st;
}
