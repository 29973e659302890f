/* mapped.c - see mapped.h. */
#include "tests/oracle/mapped.h"

#include "engine/docmeta.h"

typedef struct mapped {
	backend base;
	backend *inner;
	uint64_t *to, *from; /* inner to outer, outer to inner */
	uint64_t ninner, nouter;
} mapped;

static const mapped *
mapped_of(const backend *b)
{
	return (const mapped *)(const void *)b;
}

static void
mapped_close(backend *b)
{
	mapped *m = (mapped *)(void *)b;

	m->inner->ops->close(m->inner);
	mem_free(m->to);
	mem_free(m->from);
	mem_free(m);
}

static uint64_t
mapped_ndocs(const backend *b)
{
	return mapped_of(b)->inner->ops->ndocs(mapped_of(b)->inner);
}

static uint64_t
mapped_langs(const backend *b)
{
	return mapped_of(b)->inner->ops->langs(mapped_of(b)->inner);
}

static cdg_status
mapped_search(const backend *b, const search_request *rq, search_result *out, cdg_error *err)
{
	const mapped *m = mapped_of(b);

	CDG_TRY(m->inner->ops->search(m->inner, rq, out, err));
	for (size_t i = 0; i < out->nhits; i++)
		out->hits[i].doc = m->to[out->hits[i].doc];
	return CDG_OK;
}

static cdg_status
mapped_stored(const backend *b, uint64_t doc, buf *meta, buf *text, cdg_error *err)
{
	const mapped *m = mapped_of(b);

	return m->inner->ops->stored(m->inner, m->from[doc], meta, text, err);
}

static cdg_status
mapped_spans(const backend *b, const search_request *rq, uint64_t doc, search_span **spans, size_t *n,
	     cdg_error *err)
{
	const mapped *m = mapped_of(b);

	return m->inner->ops->spans(m->inner, rq, m->from[doc], spans, n, err);
}

static const backend_ops mapped_ops = {
	.name = "xapian",
	.close = mapped_close,
	.ndocs = mapped_ndocs,
	.langs = mapped_langs,
	.search = mapped_search,
	.stored = mapped_stored,
	.spans = mapped_spans,
};

static bool
mapped_id(const backend *b, uint64_t doc, buf *meta, docmeta *m)
{
	meta->len = 0;
	return b->ops->stored(b, doc, meta, NULL, NULL) == CDG_OK && docmeta_parse(m, meta->p, meta->len);
}

static bool
mapped_fill(mapped *m, const backend *outer)
{
	buf a = { 0 }, b = { 0 };
	docmeta x, y;
	bool ok = true;

	for (uint64_t i = 0; i < m->nouter; i++)
		m->from[i] = UINT64_MAX;
	for (uint64_t i = 0; i < m->ninner; i++) {
		m->to[i] = UINT64_MAX;
		if (!mapped_id(m->inner, i, &a, &x))
			continue; /* no such document */
		for (uint64_t k = 0; k < m->nouter && m->to[i] == UINT64_MAX; k++)
			if (m->from[k] == UINT64_MAX && mapped_id(outer, k, &b, &y) && x.id_len == y.id_len &&
			    !memcmp(x.id, y.id, x.id_len))
				m->to[i] = k;
		ok &= m->to[i] != UINT64_MAX;
		if (ok)
			m->from[m->to[i]] = i;
	}
	for (uint64_t i = 0; i < m->nouter; i++)
		ok &= m->from[i] != UINT64_MAX;
	buf_fini(&a);
	buf_fini(&b);
	return ok;
}

backend *
mapped_new(backend *inner, uint64_t numbers, const backend *outer, uint64_t n, bool *rising)
{
	mapped *m = mem_calloc(1, sizeof *m);

	if (!m)
		return NULL;
	m->base.ops = &mapped_ops;
	m->inner = inner;
	m->ninner = numbers;
	m->nouter = n;
	m->to = mem_calloc(numbers + 1, sizeof *m->to);
	m->from = mem_calloc(n + 1, sizeof *m->from);
	if (!m->to || !m->from || !mapped_fill(m, outer)) {
		mem_free(m->to);
		mem_free(m->from);
		mem_free(m);
		return NULL;
	}
	*rising = true;
	for (uint64_t i = 1; i < n; i++)
		*rising &= m->from[i] > m->from[i - 1];
	return &m->base;
}
