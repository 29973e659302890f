/* runner.c - see runner.h. */
#include "bench/runner.h"

#include "backend/native.h"
#include "bench/game_query.h"
#include "engine/docmeta.h"

static cdg_status
runner_start(runner *r)
{
	r->snap = native_snapshot(r->be);
	r->bm25 = (bm25_params){ 1.2f, 0.75f };
	r->an = text_analyzer_new(&r->err);
	ast_init(&r->query);
	return r->an ? CDG_OK : CDG_E_NOMEM;
}

cdg_status
runner_open(runner *r, const char *dir)
{
	cdg_status st;

	memset(r, 0, sizeof *r);
	CDG_TRY(native_open(dir, &r->be, &r->err));
	st = runner_start(r);
	if (st != CDG_OK)
		runner_close(r, false);
	return st;
}

cdg_status
runner_share(runner *r, const runner *first)
{
	memset(r, 0, sizeof *r);
	r->be = first->be;
	CDG_TRY(runner_start(r));
	r->bm25 = first->bm25;
	r->exhaustive = first->exhaustive;
	return CDG_OK;
}

void
runner_close(runner *r, bool shared)
{
	search_result_fini(&r->found);
	ast_fini(&r->query);
	text_analyzer_free(r->an);
	if (r->be && !shared)
		r->be->ops->close(r->be);
	r->be = NULL;
	r->an = NULL;
}

cdg_status
runner_parse_game(runner *r, const char *text, size_t n)
{
	ast_reset(&r->query);
	return game_parse(&r->query, r->an, text, n, &r->err);
}

cdg_status
runner_parse(runner *r, const char *text, size_t n, bool default_or)
{
	q_parse_options opt = { .default_or = default_or };

	ast_reset(&r->query);
	return q_parse(text, n, &opt, r->an, &r->query, &r->err);
}

cdg_status
runner_search(runner *r, runner_ask ask)
{
	search_request rq = {
		.root = r->query.root, .limit = ask.k, .bm25 = r->bm25, .title_weight = 1,
		.want_total = ask.total, .exhaustive = r->exhaustive, .an = r->an,
	};

	search_result_fini(&r->found);
	return r->be->ops->search(r->be, &rq, &r->found, &r->err);
}

cdg_status
runner_id(runner *r, uint64_t doc, buf *meta, buf *out)
{
	docmeta m;

	meta->len = 0;
	CDG_TRY(r->be->ops->stored(r->be, doc, meta, NULL, &r->err));
	if (meta->failed || !docmeta_parse(&m, meta->p, meta->len))
		return err_set(&r->err, CDG_E_CORRUPT, "document %llu has no metadata", (unsigned long long)doc);
	buf_put(out, m.id, m.id_len);
	return CDG_OK;
}
