/* fast_and.c - AND of terms: block-max conjunction.
 *
 * The rarest list leads.  For each of its blocks the ceilings of all lists over
 * the block's range of documents are added up; a hopeless block is not even
 * decoded.  Otherwise its documents are scored together and then filtered by
 * the other lists, rarest first, each time dropping what cannot pass any more.
 */
#include "query/fast.h"

typedef struct and_state {
	seg_eval *se;
	topk *top;
	block_scorer **b; /* by document frequency, rising */
	uint32_t *hint;
	int32_t *ceiling; /* of list i in the range at hand */
	uint32_t n;
	uint32_t docs[POST_BLOCK + 16];
	int32_t units[POST_BLOCK + 16];
	uint32_t count;
} and_state;

/* Keep the candidates that list i has too, and that may still pass. */
static void
and_filter(and_state *a, uint32_t i, int64_t rest)
{
	block_scorer *b = a->b[i];
	post_cursor *c = b->c;
	uint32_t kept = 0;

	for (uint32_t j = 0; j < a->count; j++) {
		int32_t u;
		if (post_seek(c, a->docs[j]) != a->docs[j])
			continue;
		if (!block_score(b, a->se))
			break;
		u = a->units[j] + b->units[c->i];
		a->docs[kept] = a->docs[j];
		a->units[kept] = u;
		kept += u + rest > a->top->threshold;
	}
	a->count = kept;
}

/* False when a file is damaged. */
static bool
and_block(and_state *a, uint32_t k, uint32_t from)
{
	block_scorer *lead = a->b[0];
	post_cursor *c = lead->c;
	uint32_t to = post_block_last(c, k) + 1;
	int64_t rest = 0;
	int32_t own = block_bound(lead, a->se->p, k);

	for (uint32_t i = 1; i < a->n; i++) {
		a->ceiling[i] = block_range_bound(a->b[i], a->se->p, &a->hint[i], from, to);
		if (a->ceiling[i] < 0)
			return true; /* that list has nothing there */
		rest += a->ceiling[i];
	}
	if (own + rest <= a->top->threshold)
		return true;
	if ((c->block != k && !post_load(c, k)) || !block_score(lead, a->se))
		return false;
	a->count = 0;
	for (uint32_t i = 0; i < c->n; i++) {
		a->docs[a->count] = c->docs[i];
		a->units[a->count] = lead->units[i];
		a->count += lead->units[i] + rest > a->top->threshold;
	}
	for (uint32_t i = 1; i < a->n && a->count; i++) {
		rest -= a->ceiling[i];
		and_filter(a, i, rest);
		if (a->b[i]->c->bad)
			return false;
	}
	for (uint32_t i = 0; i < a->count; i++)
		if (a->units[i] > a->top->threshold && segment_is_live(a->se->seg, a->docs[i]))
			topk_push(a->top, a->units[i], a->se->seg->base + a->docs[i]);
	return true;
}

static int
and_df_cmp(const void *x, const void *y)
{
	const block_scorer *a = *(block_scorer *const *)x, *b = *(block_scorer *const *)y;
	return (a->c->meta.df > b->c->meta.df) - (a->c->meta.df < b->c->meta.df);
}

void
fast_and(seg_eval *se, topk *top)
{
	const plan_node *r = se->p->root;
	and_state *a = arena_alloc(se->mem, sizeof *a);
	uint32_t from = 0;

	if (!a || !(a->b = arena_alloc(se->mem, r->nchild * sizeof *a->b)) ||
	    !(a->hint = arena_zalloc(se->mem, r->nchild * sizeof *a->hint)) ||
	    !(a->ceiling = arena_alloc(se->mem, r->nchild * sizeof *a->ceiling))) {
		se->failed = true;
		return;
	}
	a->se = se;
	a->top = top;
	a->n = r->nchild;
	for (uint32_t i = 0; i < a->n; i++) {
		a->b[i] = arena_alloc(se->mem, sizeof *a->b[i]);
		if (!a->b[i] || !block_scorer_init(a->b[i], se, r->child[i])) {
			se->failed = true;
			return;
		}
	}
	qsort(a->b, a->n, sizeof *a->b, and_df_cmp);
	for (uint32_t k = 0; k < a->b[0]->c->nb; k++) {
		if (k % 32 == 0 && se->p->rq->deadline_ns && clock_ns() > se->p->rq->deadline_ns)
			return;
		if (!and_block(a, k, from))
			return;
		from = post_block_last(a->b[0]->c, k) + 1;
	}
}
