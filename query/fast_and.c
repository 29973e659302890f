/* fast_and.c - AND of terms: block-max conjunction.
 *
 * The rarest term leads.  For each of its blocks the ceilings of all terms over
 * the block's range of documents are added up; a hopeless block is not even
 * decoded.  Otherwise its documents are scored together and then filtered by
 * the other terms, rarest first, each time dropping what cannot pass any more.
 *
 * A term is nearly always one list.  One with several has a document if any of
 * them has it, and what they give adds up (fast_leaf.c); leading, its ranges end
 * where the block of any of its lists does.
 */
#include "query/fast.h"

typedef struct and_term {
	fast_leaf leaf;
	uint32_t hint[FAST_LEAF_LISTS];  /* by list: block search starts here */
	bool here[FAST_LEAF_LISTS];      /* it may have something in the range */
	int32_t ceiling;                 /* in the range at hand; -1: nothing there */
} and_term;

enum { AND_ROOM = FAST_LEAF_LISTS * POST_BLOCK + 16 };

typedef struct and_state {
	seg_eval *se;
	topk *top;
	and_term **t; /* by document frequency, rising */
	uint32_t n;
	uint32_t docs[AND_ROOM];
	int32_t units[AND_ROOM];
	uint32_t count;
} and_state;

/* The ceiling of a term in [from, to). */
static int32_t
and_ceiling(const and_state *a, and_term *t, uint32_t from, uint32_t to)
{
	int32_t best[2] = { -1, -1 }; /* lists as they are; the correction */

	for (uint32_t i = 0; i < t->leaf.n; i++) {
		int32_t s = block_range_bound(t->leaf.b[i], a->se->p, &t->hint[i], from, to);
		int32_t *k = &best[i >= t->leaf.nbig];
		t->here[i] = s >= 0;
		*k = s > *k ? s : *k;
	}
	if (best[0] < 0 || best[1] < 0)
		return t->ceiling = best[0] > best[1] ? best[0] : best[1];
	return t->ceiling = best[0] + best[1];
}

/* ---- the leading term ------------------------------------------------- */

/* Where the range from `from` ends: nowhere beyond a block of the lead. */
static uint32_t
and_range(const and_state *a, uint32_t from)
{
	and_term *t = a->t[0];
	uint32_t to = a->se->seg->info.docs;

	for (uint32_t i = 0; i < t->leaf.n; i++) {
		const post_cursor *c = t->leaf.b[i]->c;
		t->hint[i] = post_find_block(c, t->hint[i], from);
		if (t->hint[i] < c->nb && post_block_last(c, t->hint[i]) < to)
			to = post_block_last(c, t->hint[i]) + 1;
	}
	return to;
}

/* Bring the candidates into order after a second list's, which begin at `mid`,
 * were put behind them; a document in both gets the sum. */
static void
and_merge(and_state *a, uint32_t mid)
{
	uint32_t docs[AND_ROOM], n = 0, i = 0, j = mid;
	int32_t units[AND_ROOM];

	while (i < mid || j < a->count) {
		uint32_t x = i < mid ? a->docs[i] : POST_END, y = j < a->count ? a->docs[j] : POST_END;
		docs[n] = min_u32(x, y);
		units[n++] = (x <= y ? a->units[i] : 0) + (y <= x ? a->units[j] : 0);
		i += x <= y;
		j += y <= x;
	}
	memcpy(a->docs, docs, n * sizeof *docs);
	memcpy(a->units, units, n * sizeof *units);
	a->count = n;
}

/* The lead's documents in [from, to) as candidates.  False: damage. */
static bool
and_lead(and_state *a, uint32_t from, uint32_t to, int64_t rest)
{
	and_term *t = a->t[0];
	uint32_t kept = 0;

	a->count = 0;
	for (uint32_t k = 0; k < t->leaf.n; k++) {
		block_scorer *b = t->leaf.b[k];
		uint32_t mid = a->count;
		if (!t->here[k])
			continue;
		if (block_seek(b, from) >= to) {
			if (b->c->bad)
				return false;
			continue;
		}
		if (!block_score(b, a->se))
			return false;
		for (uint32_t i = b->c->i; i < b->c->n && b->c->docs[i] < to; i++) {
			a->docs[a->count] = b->c->docs[i];
			a->units[a->count++] = b->units[i];
		}
		if (mid)
			and_merge(a, mid);
	}
	for (uint32_t i = 0; i < a->count; i++) {
		a->docs[kept] = a->docs[i];
		a->units[kept] = a->units[i];
		kept += a->units[i] + rest > a->top->threshold;
	}
	a->count = kept;
	return true;
}

/* ---- the others ------------------------------------------------------- */

/* Units of a document under a term; -1 if it has it not, -2 on damage. */
static int32_t
and_units(const and_state *a, const and_term *t, uint32_t doc)
{
	int32_t sum = -1;

	for (uint32_t i = 0; i < t->leaf.n; i++) {
		block_scorer *b = t->leaf.b[i];
		if (!t->here[i] || block_seek(b, doc) != doc)
			continue;
		if (!block_score(b, a->se))
			return -2;
		sum = (sum < 0 ? 0 : sum) + b->units[b->c->i];
	}
	return sum;
}

/* Keep the candidates that term t has too, and that may still pass. */
static void
and_filter(and_state *a, const and_term *t, int64_t rest)
{
	uint32_t kept = 0;

	if (t->leaf.n == 1) {
		a->count = block_probe(t->leaf.b[0], a->se, a->docs, a->units, a->count, true);
		for (uint32_t j = 0; j < a->count; j++) {
			a->docs[kept] = a->docs[j];
			a->units[kept] = a->units[j];
			kept += a->units[j] + rest > a->top->threshold;
		}
		a->count = kept;
		return;
	}
	for (uint32_t j = 0; j < a->count; j++) {
		int32_t u = and_units(a, t, a->docs[j]);
		if (u < 0)
			continue;
		u += a->units[j];
		a->docs[kept] = a->docs[j];
		a->units[kept] = u;
		kept += u + rest > a->top->threshold;
	}
	a->count = kept;
}

/* False when a file is damaged. */
static bool
and_block(and_state *a, uint32_t from, uint32_t to)
{
	int64_t rest = 0;

	for (uint32_t i = 0; i < a->n; i++) {
		if (and_ceiling(a, a->t[i], from, to) < 0)
			return true; /* that term has nothing there */
		rest += a->t[i]->ceiling;
	}
	if (rest <= a->top->threshold)
		return true;
	rest -= a->t[0]->ceiling;
	if (!and_lead(a, from, to, rest))
		return false;
	for (uint32_t i = 1; i < a->n && a->count; i++) {
		rest -= a->t[i]->ceiling;
		and_filter(a, a->t[i], rest);
	}
	for (uint32_t i = 0; i < a->count; i++)
		if (a->units[i] > a->top->threshold && segment_is_live(a->se->seg, a->docs[i]))
			topk_push(a->top, a->units[i], a->se->seg->base + a->docs[i]);
	return true;
}

static int
and_df_cmp(const void *x, const void *y)
{
	const and_term *a = *(and_term *const *)x, *b = *(and_term *const *)y;
	return (a->leaf.df > b->leaf.df) - (a->leaf.df < b->leaf.df);
}

static and_state *
and_open(seg_eval *se, topk *top)
{
	const plan_node *r = se->p->root;
	and_state *a = arena_alloc(se->mem, sizeof *a);

	if (!a || !(a->t = arena_alloc(se->mem, r->nchild * sizeof *a->t)))
		return NULL;
	a->se = se;
	a->top = top;
	a->n = r->nchild;
	for (uint32_t i = 0; i < a->n; i++) {
		a->t[i] = arena_zalloc(se->mem, sizeof *a->t[i]);
		if (!a->t[i] || !fast_leaf_open(&a->t[i]->leaf, se, r->child[i]))
			return NULL;
	}
	qsort(a->t, a->n, sizeof *a->t, and_df_cmp);
	return a;
}

void
fast_and(seg_eval *se, topk *top)
{
	uint32_t ndocs = se->seg->info.docs, from = 0, to;
	and_state *a = and_open(se, top);

	if (!a) {
		se->failed = true;
		return;
	}
	for (uint32_t k = 0; from < ndocs; k++, from = to) {
		if (k % 32 == 0 && se->p->rq->deadline_ns && clock_ns() > se->p->rq->deadline_ns)
			return;
		to = and_range(a, from);
		if (!and_block(a, from, to))
			return;
	}
}
