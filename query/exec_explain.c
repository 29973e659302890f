/* exec_explain.c - a plan in words, and what each leaf gives one document. */
#include "query/exec_impl.h"

typedef struct explainer {
	exec *x;
	buf *out;
	uint64_t doc;      /* UINT64_MAX: none */
	const segment *s;
	uint32_t local;
} explainer;

static const char *
explain_name(const plan_node *n)
{
	static const char *const types[] = { "nothing", "all documents", "term", "interval", "values",
					     "AND", "OR", "NOT", "MAYBE" };

	if (n->type != PLAN_INTERVAL)
		return types[n->type];
	switch (n->interval) {
	case Q_PHRASE: return "phrase";
	case Q_NEAR: return "NEAR";
	case Q_ADJ: return "ADJ";
	default: return "alternatives";
	}
}

/* What a scored leaf or interval gives the document. */
static cdg_status
explain_document(explainer *e, const plan_node *n)
{
	seg_eval se;
	arena mem;
	iter *it;
	bool failed;

	arena_init(&mem);
	seg_eval_init(&se, &e->x->plan, (size_t)(e->s - e->x->snap->segs), &mem);
	it = iter_make(&se, n);
	failed = !it || se.failed;
	if (!failed && it->seek(it, e->local) == e->local && iter_confirm(it))
		buf_printf(e->out, "  score %.6g", (double)iter_score(it) / (double)e->x->plan.scale);
	else if (!failed)
		buf_puts(e->out, "  no match");
	seg_eval_fini(&se);
	arena_fini(&mem);
	return failed ? err_nomem(e->x->err) : segment_error(e->s, e->x->err);
}

static cdg_status
explain_node(explainer *e, const plan_node *n, unsigned depth)
{
	uint32_t lists = 0;

	buf_printf(e->out, "%*s%s", (int)(2 * depth), "", explain_name(n));
	if (n->source && (n->type == PLAN_LEAF || n->type == PLAN_INTERVAL || n->type == PLAN_SET)) {
		buf_puts(e->out, " ");
		q_print(n->source, e->out);
	}
	if (n->type == PLAN_LEAF) {
		for (size_t i = 0; i < e->x->snap->nsegs; i++)
			lists += n->seg[i].nlists;
		buf_printf(e->out, "  df %llu  lists %u", (unsigned long long)n->df, lists);
	}
	buf_printf(e->out, "  cost %llu", (unsigned long long)n->cost);
	if (n->scored)
		buf_printf(e->out, "  idf %.6g  weight %.6g", (double)n->idf, (double)n->weight);
	if (n->scored && e->s)
		CDG_TRY(explain_document(e, n));
	buf_puts(e->out, "\n");
	for (uint32_t i = 0; i < n->nchild; i++)
		CDG_TRY(explain_node(e, n->child[i], depth + 1));
	return CDG_OK;
}

cdg_status
exec_explain(const snapshot *snap, const search_request *rq, uint64_t doc, buf *out, cdg_error *err)
{
	search_result notes = { 0 };
	exec x = { .snap = snap, .rq = rq, .out = &notes, .err = err };
	explainer e = { .x = &x, .out = out, .doc = doc };
	uint64_t nomem = snapshot_nomem(snap);
	cdg_status st;

	arena_init(&x.mem);
	if (doc != UINT64_MAX)
		e.s = snapshot_find(snap, doc, &e.local);
	st = plan_make(&x.plan, &x.mem, snap, rq, rq->root, &notes, err);
	if (st == CDG_OK)
		st = explain_node(&e, x.plan.root, 0);
	if (st == CDG_OK && x.plan.filter) {
		buf_puts(out, "filter\n");
		st = explain_node(&e, x.plan.filter, 1);
	}
	search_result_fini(&notes);
	arena_fini(&x.mem);
	if (st == CDG_OK && (out->failed || snapshot_nomem(snap) != nomem))
		st = err_nomem(err);
	return st;
}
