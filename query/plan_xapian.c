/* plan_xapian.c - a plan scored as libxapian scores (query/bm25.h), for comparing
 * with it and for people who change over.  Slow and simple: every match is
 * scored, in double precision, with exact lengths. */
#include "query/plan.h"

enum { LENGTH_EXACT = 40 }; /* shorter lengths survive norm_encode */

static void
xapian_weights(plan *p, plan_node *n)
{
	if (n->scored) {
		n->idf = (float)n->xidf;
		n->weight = (float)((double)n->boost * n->xidf * (p->rq->xbm25.k1 + 1));
		p->xapian_units += n->xidf > 0;
	}
	if (n->type != PLAN_INTERVAL)
		for (uint32_t i = 0; i < n->nchild; i++)
			xapian_weights(p, n->child[i]);
}

double
plan_xapian(plan *p)
{
	const snapshot *s = p->snap;

	xapian_weights(p, p->root);
	p->xapian_average = s->ndocs ? (double)(s->tokens[0] + s->tokens[1]) / (double)s->ndocs : 0;
	return bm25_xapian_extra(&p->rq->xbm25, p->xapian_units, p->rq->xbm25.min_normlen);
}

/* The structure tree knows the words of a long title. */
double
plan_xapian_length(const segment *s, uint32_t doc)
{
	uint32_t text, title = norm_decode(s->norms[1][doc]);
	uint64_t off;
	tree_view v;

	if (title >= LENGTH_EXACT && doctab_tree(&s->docs, doc, &off) && tree_view_open(&s->tree, off, &v))
		title = v.title_len;
	if (!doctab_u32(&s->docs, DOCTAB_LENGTH, doc, &text))
		text = 0; /* damage: the caller asks segment_error */
	return (double)text + (double)title;
}

static double
xapian_length(const plan *p, const segment *s, uint32_t doc)
{
	return bm25_xapian_length(&p->rq->xbm25, plan_xapian_length(s, doc), p->xapian_average);
}

int32_t
plan_xapian_score(const plan *p, const plan_node *n, const segment *s, uint32_t doc, uint32_t tf)
{
	double weight = (double)n->boost * n->xidf;

	return (int32_t)lrint(bm25_xapian_score(&p->rq->xbm25, weight, tf, xapian_length(p, s, doc)) *
			      (double)p->scale);
}

int32_t
plan_xapian_extra(const plan *p, const segment *s, uint32_t doc)
{
	if (!(p->rq->xbm25.k2 > 0) || !p->xapian_units)
		return 0;
	return (int32_t)lrint(bm25_xapian_extra(&p->rq->xbm25, p->xapian_units, xapian_length(p, s, doc)) *
			      (double)p->scale);
}
