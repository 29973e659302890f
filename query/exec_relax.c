/* exec_relax.c - when no document has all the words: those that have most.
 *
 * The relaxed tree is an OR over the clauses, perhaps below parts that stay
 * mandatory.  Matches of every clause are counted by windows; the documents
 * with the highest count are then scored.
 */
#include "query/exec_impl.h"

/* The OR that stands for the words. */
static const plan_node *
relax_find(const plan_node *n)
{
	const plan_node *found = NULL;

	if (n->type == PLAN_OR && n->source && n->source->type == Q_OR)
		return n;
	if (n->type == PLAN_AND || n->type == PLAN_NOT)
		for (uint32_t i = 0; i < (n->type == PLAN_NOT ? 1 : n->nchild) && !found; i++)
			found = relax_find(n->child[i]);
	return found;
}

/* counts[d] = clauses of document d, for documents of x->bits; the most seen. */
static cdg_status
relax_count(exec *x, const plan_node *any, size_t seg, uint16_t *counts, uint16_t *most)
{
	const segment *s = &x->snap->segs[seg];
	uint64_t bits[WINDOW_WORDS];

	for (uint32_t k = 0; k < any->nchild && k < UINT16_MAX; k++) {
		seg_eval se;
		arena mem;
		iter *it;
		bool failed;

		arena_init(&mem);
		seg_eval_init(&se, &x->plan, seg, &mem);
		se.windows = true;
		it = iter_make(&se, any->child[k]);
		for (uint32_t base = 0; it && base < s->info.docs && !exec_late(x); base += WINDOW) {
			iter_window(it, base, bits);
			for (uint32_t w = 0; w < WINDOW_WORDS && base / 64 + w < live_nwords(s->info.docs); w++)
				for (uint64_t m = bits[w] & x->bits[seg][base / 64 + w]; m; m &= m - 1) {
					uint16_t *c = &counts[base + 64 * w + (uint32_t)__builtin_ctzll(m)];
					if (++*c > *most)
						*most = *c;
				}
		}
		failed = !it || se.failed;
		seg_eval_fini(&se);
		arena_fini(&mem);
		if (failed)
			return err_nomem(x->err);
	}
	return segment_error(s, x->err);
}

/* Keep in x->bits only documents with `most` clauses. */
static void
relax_keep(exec *x, size_t seg, const uint16_t *counts, uint16_t most)
{
	size_t words = live_nwords(x->snap->segs[seg].info.docs);

	for (size_t w = 0; w < words; w++)
		for (uint64_t m = x->bits[seg][w]; m; m &= m - 1) {
			unsigned bit = (unsigned)__builtin_ctzll(m);
			if (counts[64 * w + bit] == most)
				x->out->total++;
			else
				x->bits[seg][w] &= ~((uint64_t)1 << bit);
		}
}

static cdg_status
relax_run(exec *x, const plan_node *any, uint16_t **counts)
{
	uint16_t most = 0;

	for (size_t i = 0; i < x->snap->nsegs; i++) {
		counts[i] = mem_calloc(x->snap->segs[i].info.docs + 64, sizeof **counts);
		if (!counts[i])
			return err_nomem(x->err);
		CDG_TRY(relax_count(x, any, i, counts[i], &most));
	}
	x->out->total = 0;
	if (!most)
		return CDG_OK;
	for (size_t i = 0; i < x->snap->nsegs; i++)
		relax_keep(x, i, counts[i], most);
	x->out->relaxed = true;
	x->out->relaxed_matched = most;
	x->out->relaxed_of = any->nchild;
	x->out->executor = "most clauses";
	x->out->total_exact = true;
	topk_init(&x->top, x->heap, x->top.k);
	if (x->rq->nsort) {
		CDG_TRY(exec_sorted(x));
	} else {
		CDG_TRY(exec_score_bits(x));
		CDG_TRY(exec_take(x));
	}
	return x->rq->nfacets ? exec_facets(x) : CDG_OK;
}

cdg_status
exec_relaxed(exec *x)
{
	const plan_node *any;
	uint16_t **counts;
	cdg_status st;

	CDG_TRY(plan_make(&x->plan, &x->mem, x->snap, x->rq, x->rq->relaxed, x->out, x->err));
	any = relax_find(x->plan.root);
	if (!any)
		return CDG_OK;
	CDG_TRY(exec_collect(x));
	counts = mem_calloc(x->snap->nsegs + 1, sizeof *counts);
	st = counts ? relax_run(x, any, counts) : err_nomem(x->err);
	for (size_t i = 0; counts && i < x->snap->nsegs; i++)
		mem_free(counts[i]);
	mem_free(counts);
	return st;
}
