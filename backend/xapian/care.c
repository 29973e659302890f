/* care.c - looking into a Xapian database: verified by libxapian, numbers, terms. */
#include "backend/xapian/care.h"

#include <stdio.h>

#include "backend/xapian/impl.h"
#include "base/file.h"
#include "extract/write_record.h"

/* ---- check -------------------------------------------------------------------- */

cdg_status
xap_check(const backend *be, buf *report, cdg_error *err)
{
	const xap_backend *b = (const xap_backend *)(const void *)be;
	xapc_string text = XAPC_STRING_INIT;
	xapc_error why = { 0 };
	size_t faults = 0;
	char path[4096];
	xapc_status st;

	if (b->shards)
		return err_set(err, CDG_E_ARG, "%s is on servers: check each database where it is", b->path);
	/* libxapian's check knows stub files, but not the folder of one */
	if (file_join(path, sizeof path, b->path, "XAPIANDB", NULL) != CDG_OK || !file_exists(path))
		snprintf(path, sizeof path, "%s", b->path);
	st = b->call.database_check(path, XAPC_NUL, 0, &faults, &text, &why);
	buf_put(report, text.data, text.len);
	b->call.string_free(&text);
	if (st != XAPC_OK)
		return xap_error(&why, b->path, err);
	if (faults)
		return err_set(err, CDG_E_CORRUPT, "%s: libxapian found %zu faults", b->path, faults);
	return report->failed ? err_nomem(err) : CDG_OK;
}

/* ---- numbers ------------------------------------------------------------------- */

typedef struct stat_args {
	bool json;
	buf *out;
} stat_args;

static void
stat_langs(uint64_t langs, buf *out)
{
	for (unsigned i = 1; i < text_lang_count(); i++)
		if (langs >> i & 1)
			buf_printf(out, " %s", text_lang_code((text_lang)i));
}

static cdg_status
stat_on(xap_call *c, void *ctx, cdg_error *err)
{
	const stat_args *a = ctx;
	const xap_calls *call = &c->b->call;
	xapc_string uuid = XAPC_STRING_INIT;
	uint64_t length;
	double average;
	xapc_count docs;
	int positions;

	if (c->h->use.missing)
		return xap_is_partial(c, err);
	a->out->len = 0;
	XAP_TRY(c, err, call->database_doccount(c->h->db, &docs, &c->err));
	XAP_TRY(c, err, call->database_total_length(c->h->db, &length, &c->err));
	XAP_TRY(c, err, call->database_average_length(c->h->db, &average, &c->err));
	XAP_TRY(c, err, call->database_has_positions(c->h->db, &positions, &c->err));
	XAP_TRY(c, err, call->database_uuid(c->h->db, &uuid, &c->err));
	if (a->json) {
		buf_printf(a->out, "{\"backend\":\"xapian\",\"libxapian\":\"%s\",\"documents\":%u,\"shards\":%zu,"
			   "\"length\":%llu,\"average_length\":%.6g,\"positions\":%s,\"by_cdgindex\":%s,\"uuid\":",
			   call->version(), docs, call->database_size(c->h->db), (unsigned long long)length, average,
			   positions ? "true" : "false", c->b->own ? "true" : "false");
		write_record_string(a->out, uuid.data ? uuid.data : "", uuid.len);
		buf_puts(a->out, "}\n");
	} else {
		buf_printf(a->out, "Xapian database %s (libxapian %s)\n  documents       %u\n  shards          %zu\n"
			   "  average length  %.6g\n  positions       %s\n  made by         %s\n  languages      ",
			   c->b->path, call->version(), docs, call->database_size(c->h->db), average,
			   positions ? "yes" : "no", c->b->own ? "cdgindex" : "another program");
		stat_langs(c->b->langs, a->out);
		buf_puts(a->out, "\n");
	}
	call->string_free(&uuid);
	return a->out->failed ? err_nomem(err) : CDG_OK;
}

cdg_status
xap_stat(const backend *b, bool json, buf *out, cdg_error *err)
{
	stat_args a = { json, out };

	return xap_with(b, stat_on, &a, err);
}

/* ---- terms ------------------------------------------------------------------------ */

typedef struct terms_args {
	const char *prefix;
	size_t len;
	buf *out;
	xap_flush_fn *flush;
	void *ctx;
	uint64_t n;
} terms_args;

static cdg_status
terms_on(xap_call *c, void *ctx, cdg_error *err)
{
	terms_args *a = ctx;
	const xap_calls *call = &c->b->call;
	xapc_terms *it;
	xapc_status xs;
	cdg_status st = CDG_OK;

	if (c->h->use.missing)
		return xap_is_partial(c, err);
	XAP_TRY(c, err, call->database_all_terms(c->h->db, a->prefix, a->len, &it, &c->err));
	while (st == CDG_OK && (xs = call->terms_next(it, &c->err)) != XAPC_END) {
		xapc_count df = 0, cf = 0;
		size_t n = 0;
		const char *term = xs == XAPC_OK ? call->terms_term(it, &n) : NULL;

		if (!term || call->terms_termfreq(it, &df, &c->err) != XAPC_OK ||
		    call->database_collection_freq(c->h->db, term, n, &cf, &c->err) != XAPC_OK) {
			st = xap_fail(c, err);
			break;
		}
		for (size_t i = 0; i < n; i++)
			buf_put_u8(a->out, (uint8_t)term[i] < 0x20 ? ' ' : (uint8_t)term[i]);
		buf_printf(a->out, "\t%u\t%u\n", df, cf);
		a->n++;
		st = a->flush(a->ctx, a->out, err);
	}
	call->terms_free(it);
	return st;
}

cdg_status
xap_dump_terms(const backend *b, const char *prefix, size_t len, buf *out, xap_flush_fn *flush, void *ctx,
	       cdg_error *err)
{
	terms_args a = { prefix, len, out, flush, ctx, 0 };

	CDG_TRY(xap_with(b, terms_on, &a, err));
	if (!a.n)
		return err_set(err, CDG_E_NOTFOUND, "no term begins with '%.*s'", (int)min_size(len, 300), prefix);
	return CDG_OK;
}

/* ---- how a search was understood ---------------------------------------------------- */

typedef struct explain_args {
	const search_request *rq;
	buf *out;
} explain_args;

static void
explain_node(const ref_node *n, unsigned depth, buf *out)
{
	const xap_leaf *l = n->own;

	buf_printf(out, "%*s", (int)(2 * depth), "");
	q_print(n->q, out);
	if (l && n->field < REF_FIRST)
		buf_printf(out, "  df %llu  idf %.9g", (unsigned long long)n->df, n->xidf);
	if (n->unit && n->scored && n->field < REF_FIRST)
		buf_printf(out, "  boost %.9g  weight %.9g", (double)n->boost, (double)n->weight);
	for (size_t i = 0; l && i < l->nmember && i < 10; i++) {
		buf_puts(out, i ? ", " : "  terms ");
		for (size_t k = 0; k < l->member[i].term.key.n; k++)
			buf_put_u8(out, max_u32((uint8_t)l->member[i].term.key.p[k], ' '));
	}
	if (l && l->begins.p)
		buf_printf(out, "  terms %.*s*", (int)l->begins.n, l->begins.p);
	buf_puts(out, "\n");
	for (size_t i = 0; i < n->nchild; i++)
		explain_node(n->child[i], depth + 1, out);
}

static cdg_status
explain_on(xap_call *c, void *ctx, cdg_error *err)
{
	const explain_args *a = ctx;
	const bm25_xapian *p = &a->rq->xbm25;
	search_result ignored = { 0 };
	size_t from = a->out->len;
	xap_run r;
	cdg_status st = xap_run_init(&r, c, a->rq, &ignored, err);

	if (st == CDG_OK)
		st = ref_job_plan(&r.s, a->rq->root, &r.job, err);
	a->out->len = from;
	if (st == CDG_OK) {
		buf_printf(a->out, "BM25 of libxapian: k1 %.6g, k2 %.6g, k3 %.6g, b %.6g, min_normlen %.6g; documents %llu, "
			   "average length %.9g\n", p->k1, p->k2, p->k3, p->b, p->min_normlen,
			   (unsigned long long)r.s.ndocs, r.s.xapian_average);
		explain_node(r.job.root, 0, a->out);
	}
	xap_run_fini(&r);
	search_result_fini(&ignored);
	return st;
}

cdg_status
xap_explain(const backend *b, const search_request *rq, buf *out, cdg_error *err)
{
	explain_args a = { rq, out };

	return xap_with(b, explain_on, &a, err);
}
