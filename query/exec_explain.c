/* exec_explain.c - a plan in words, and what each leaf gives one document, with
 * all that the formula needs, so that anyone can work out the score again: the
 * scores of the scored lines add up to the document's.
 */
#include "engine/doctab.h"
#include "query/exec_impl.h"
#include "query/interval.h"

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

/* ---- what the formula is fed with ------------------------------------ */

static uint32_t
explain_tf(const iter *it)
{
	uint32_t sum = 0;

	switch (it->kind) {
	case ITER_LIST:
		return post_tf(it->c);
	case ITER_UNION:
		for (uint32_t i = 0; i < it->ncs; i++)
			if (post_seek(it->cs[i], it->doc) == it->doc)
				sum += post_tf(it->cs[i]);
		return sum;
	case ITER_DENSE:
		return it->tfs[it->doc];
	case ITER_INTERVAL:
		return it->freq;
	default:
		return 0;
	}
}

/* How many of them are in the title. */
static uint32_t
explain_tf_title(const iter *it)
{
	uint32_t sum = 0;

	if (it->kind == ITER_INTERVAL) {
		size_t n;
		const search_span *s = interval_spans(it->iv, it->doc, &n);
		uint32_t end = segment_title_end(it->se->seg, it->doc);

		for (size_t i = 0; i < n && s[i].start < end; i++)
			sum++;
		return sum;
	}
	for (uint32_t i = 0; i < it->ntitles; i++)
		if (post_seek(it->titles[i], it->doc) == it->doc)
			sum += post_tf(it->titles[i]);
	return sum;
}

/* tf and length, as the formula takes them. */
static void
explain_inputs(explainer *e, const plan_node *n, const iter *it)
{
	const plan *p = &e->x->plan;
	float extra = p->rq->title_weight - 1.0f;
	uint32_t tf = explain_tf(it), in_title;
	double length = norm_decode(e->s->norms[n->field == DICT_FIELD_TITLE][e->local]);

	if (p->rq->xapian)
		length = plan_xapian_length(e->s, e->local);
	if (p->rq->xapian || n->field == DICT_FIELD_TITLE || !p->with_titles) {
		buf_printf(e->out, "  tf %u  length %.9g", tf, length);
		return;
	}
	in_title = explain_tf_title(it);
	length += (double)extra * norm_decode(e->s->norms[1][e->local]);
	buf_printf(e->out, "  tf %.9g (%u, of which %u in the title)  length %.9g",
		   fmax((double)tf + (double)extra * in_title, 0), tf, in_title, fmax(length, 0));
}

static void
explain_xapian(const plan *p, buf *out)
{
	const bm25_xapian *x = &p->rq->xbm25;

	buf_printf(out,
		   "BM25 as libxapian has it: score = weight * tf / (k1 * (b * L + 1 - b) + tf)\n"
		   "  weight = boost * idf * (k1 + 1), idf = ln(t), t = (N - df + 0.5) / (df + 0.5), t / 2 + 1 if below 2; "
		   "of a phrase, NEAR and ADJ the sum\n"
		   "  L = length / average, at least min_normlen; length: words of the text, those of the title twice\n"
		   "  k1 %.6g, b %.6g, min_normlen %.6g, N %llu, average %.9g\n",
		   x->k1, x->b, x->min_normlen, (unsigned long long)p->snap->ndocs, p->xapian_average);
	if (x->k2 > 0)
		buf_printf(out, "  once a document 2 * k2 * units / (1 + L): k2 %.6g, units %u\n", x->k2, p->xapian_units);
}

/* The formula and what is the same for all lines. */
static void
explain_formula(const plan *p, buf *out)
{
	const snapshot *s = p->snap;
	double average = p->with_titles ? (double)p->avg_titled : (double)bm25_avg(s->tokens[0], s->ndocs);

	buf_printf(out,
		   "BM25: score = weight * (1 - 1 / (1 + tf / (k1 * (1 - b + b * length / average))))\n"
		   "  weight = boost * idf, idf = ln(1 + (N - df + 0.5) / (df + 0.5)); of a phrase, NEAR and ADJ the sum\n"
		   "  k1 %.6g, b %.6g, N %llu, average %.9g, of titles %.9g\n"
		   "  length: words, title included, as its one byte in the index gives it\n",
		   (double)p->rq->bm25.k1, (double)p->rq->bm25.b, (unsigned long long)s->ndocs, average,
		   (double)bm25_avg(s->tokens[1], s->ndocs));
	if (p->with_titles)
		buf_printf(out, "  tf and length count what is in the title %.9g times\n",
			   (double)p->rq->title_weight);
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
	if (!failed && it->seek(it, e->local) == e->local && iter_confirm(it)) {
		int32_t units = iter_score(it);

		explain_inputs(e, n, it);
		buf_printf(e->out, "  score %.9g", (double)units / (double)e->x->plan.scale);
	} else if (!failed) {
		buf_puts(e->out, "  no match");
	}
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
	if (n->idf > 0)
		buf_printf(e->out, "  idf %.9g", (double)n->idf);
	if (n->scored && n->boost != 1)
		buf_printf(e->out, "  boost %.9g", (double)n->boost);
	if (n->scored)
		buf_printf(e->out, "  weight %.9g", (double)n->weight);
	if (n->scored && e->s && !exec_late(e->x))
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
	if (st == CDG_OK && !e.s && rq->xapian)
		explain_xapian(&x.plan, out);
	else if (st == CDG_OK && !e.s)
		explain_formula(&x.plan, out);
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
