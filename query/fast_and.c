/* fast_and.c - terms that must be there, terms that may be, terms that must not:
 * block-max conjunction.
 *
 * The rarest term that must be there leads.  For each of its blocks the ceilings of all terms over
 * the block's range of documents are added up; a hopeless block is not even
 * decoded.  Otherwise its documents are scored together and then filtered by
 * the other terms, rarest first, each time dropping what cannot pass any more.
 * Terms that may be there add to what is left, those that must not refuse it.
 *
 * When all matches are to be counted too, nothing is dropped for its score.
 *
 * A term is nearly always one list.  One with several has a document if any of
 * them has it, and what they give adds up (fast_leaf.c); leading, its ranges end
 * where the block of any of its lists does.
 */
#include "query/fast.h"

typedef struct and_term {
	fast_leaf leaf;
	and_role role;
	uint32_t hint[FAST_LEAF_LISTS];  /* by list: block search starts here */
	bool here[FAST_LEAF_LISTS];      /* it may have something in the range */
	int32_t ceiling;                 /* in the range at hand; -1: nothing there */
} and_term;

enum { AND_ROOM = FAST_LEAF_LISTS * POST_BLOCK + 16 };

typedef struct and_state {
	seg_eval *se;
	topk *top;
	uint64_t *total;      /* NULL: not wanted */
	int64_t pass;         /* candidates must be able to get above */
	and_term *t;          /* by role, then document frequency, rising */
	uint32_t n;
	post_cursor **not;    /* lists of what must not be there */
	uint32_t nnot;
	uint32_t docs[AND_ROOM];
	int32_t units[AND_ROOM];
	uint32_t count;
} and_state;

/* ---- the shape of the query ------------------------------------------- */

bool
and_each(const plan_node *n, and_role role, and_leaf_fn f, void *ctx)
{
	switch (n->type) {
	case PLAN_LEAF:
		return f(ctx, n, role);
	case PLAN_AND:
		if (role != AND_MUST)
			return false;
		break;
	case PLAN_OR:
		if (role == AND_MUST)
			return false;
		break;
	case PLAN_MAYBE:
	case PLAN_NOT:
		if (role != AND_MUST)
			return false;
		if (!and_each(n->child[0], AND_MUST, f, ctx))
			return false;
		for (uint32_t i = 1; i < n->nchild; i++)
			if (!and_each(n->child[i], n->type == PLAN_NOT ? AND_NOT : AND_MAY, f, ctx))
				return false;
		return true;
	default:
		return false;
	}
	for (uint32_t i = 0; i < n->nchild; i++)
		if (!and_each(n->child[i], role, f, ctx))
			return false;
	return n->nchild > 0;
}

/* What a query costs by its leaves. */
typedef struct and_costs {
	size_t segno;
	uint64_t least, reads; /* documents of the rarest; postings read beforehand */
	uint32_t leaves;
} and_costs;

static bool
and_cost(void *ctx, const plan_node *leaf, and_role role)
{
	and_costs *k = ctx;
	const plan_lists *l = &leaf->seg[k->segno];
	uint64_t df = 0, reads;

	if (++k->leaves > AND_LEAVES_MAX)
		return false;
	if (role == AND_NOT)
		return leaf->type == PLAN_LEAF && !leaf->strict && l->nlists <= ITER_UNION_MAX;
	if (!fast_leaf_fits(leaf))
		return false;
	for (uint32_t i = 0; i < l->nlists; i++)
		df += l->lists[i].meta.df;
	if (role == AND_MUST) {
		if (!df)
			return false; /* nothing to find */
		k->least = df < k->least ? df : k->least;
	}
	/* so many lists are read as a whole in any case */
	reads = l->nlists <= ITER_UNION_MAX ? fast_leaf_reads(leaf, k->segno) : 0;
	k->reads = reads > k->reads ? reads : k->reads;
	return true;
}

/* A conjunction with a rare term should not read all of a frequent one. */
bool
fast_and_fits(const plan_node *root, size_t segno)
{
	and_costs k = { .segno = segno, .least = UINT64_MAX };

	return and_each(root, AND_MUST, and_cost, &k) && k.reads <= 16 * k.least;
}

/* ---- ceilings ---------------------------------------------------------- */

/* The ceiling of a term in [from, to). */
static int32_t
and_ceiling(const and_state *a, and_term *t, uint32_t from, uint32_t to)
{
	int32_t best[2] = { -1, -1 }; /* lists as they are; the correction */

	if (a->total) { /* all matches count: no ceiling rules out any */
		memset(t->here, true, t->leaf.n * sizeof *t->here);
		return t->ceiling = 0;
	}
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
	and_term *t = &a->t[0];
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

/* The lead's documents in [from, to) as candidates.  late: they are scored when
 * the others are done with them.  False: damage. */
static bool
and_lead(and_state *a, uint32_t from, uint32_t to, int64_t rest, bool late)
{
	and_term *t = &a->t[0];

	a->count = 0;
	for (uint32_t k = 0; k < t->leaf.n; k++) {
		block_scorer *b = t->leaf.b[k];
		uint32_t mid = a->count, at, n;
		if (!t->here[k])
			continue;
		if (block_seek(b, from) >= to) {
			if (b->c->bad)
				return false;
			continue;
		}
		if (!late && !block_score(b, a->se))
			return false;
		at = b->c->i;
		n = (b->c->docs[b->c->n - 1] < to ? b->c->n : bitpack_rank(b->c->docs, b->c->n, to)) - at;
		memcpy(a->docs + mid, b->c->docs + at, n * sizeof *a->docs);
		if (late)
			memset(a->units + mid, 0, n * sizeof *a->units);
		else
			memcpy(a->units + mid, b->units + at, n * sizeof *a->units);
		a->count += n;
		if (mid)
			and_merge(a, mid);
	}
	if (!a->total)
		a->count = block_keep(a->docs, a->units, a->count, a->pass - rest, a->docs, a->units);
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

/* Drop the candidates that cannot pass with `rest` still to come. */
static void
and_prune(and_state *a, int64_t rest)
{
	if (!a->total)
		a->count = block_keep(a->docs, a->units, a->count, a->pass - rest, a->docs, a->units);
}

/* Add what term t gives the candidates; if they must have it, keep only those. */
static void
and_apply(and_state *a, const and_term *t, int64_t rest)
{
	bool must = t->role == AND_MUST;
	uint32_t kept = 0;

	if (t->leaf.n == 1) {
		kept = block_probe(t->leaf.b[0], a->se, a->docs, a->units, a->count, must,
				   a->total ? -1 : a->pass - rest);
		a->count = must ? kept : a->count;
	} else {
		for (uint32_t j = 0; j < a->count; j++) {
			int32_t u = and_units(a, t, a->docs[j]);
			if (u < 0 && must)
				continue;
			a->docs[kept] = a->docs[j];
			a->units[kept++] = a->units[j] + (u < 0 ? 0 : u);
		}
		a->count = kept;
	}
	and_prune(a, rest);
}

/* Drop the candidates that a list has. */
static void
and_refuse(and_state *a, post_cursor *c)
{
	uint32_t docs[AND_ROOM], n, kept = 0;

	memcpy(docs, a->docs, a->count * sizeof *docs);
	n = post_filter(c, docs, a->count, false);
	for (uint32_t i = 0, j = 0; j < n; i++) { /* their units */
		a->units[kept] = a->units[i];
		if (a->docs[i] == docs[j])
			kept++, j++;
	}
	memcpy(a->docs, docs, n * sizeof *docs);
	a->count = n;
}

static void
and_offer(and_state *a)
{
	for (uint32_t i = 0; i < a->count; i++) {
		if (!a->total && a->units[i] <= a->top->threshold)
			continue;
		if (!segment_is_live(a->se->seg, a->docs[i]))
			continue;
		if (a->total)
			++*a->total;
		topk_push(a->top, a->units[i], a->se->seg->base + a->docs[i]);
	}
}

/* False when a file is damaged. */
static bool
and_block(and_state *a, uint32_t from, uint32_t to)
{
	bool late = a->total && a->t[0].leaf.n == 1 && ((a->n > 1 && a->t[1].role == AND_MUST) || a->nnot);
	int64_t rest = 0;

	for (uint32_t i = 0; i < a->n; i++) {
		and_term *t = &a->t[i];
		if (and_ceiling(a, t, from, to) < 0 && t->role == AND_MUST)
			return true; /* that term has nothing there */
		rest += t->ceiling > 0 ? t->ceiling : 0;
	}
	a->pass = a->total ? INT64_MIN : a->top->threshold;
	if (rest <= a->pass)
		return true;
	rest -= a->t[0].ceiling;
	if (!and_lead(a, from, to, rest, late))
		return false;
	for (uint32_t i = 1; i < a->n && a->count; i++) {
		if (a->t[i].ceiling < 0)
			continue; /* a term that may be there */
		rest -= a->t[i].ceiling;
		and_apply(a, &a->t[i], rest);
	}
	for (uint32_t i = 0; i < a->nnot && a->count; i++)
		and_refuse(a, a->not[i]);
	if (late && a->count)
		and_apply(a, &a->t[0], 0);
	and_offer(a);
	return true;
}

/* ---- opening ----------------------------------------------------------- */

static int
and_term_cmp(const void *x, const void *y)
{
	const and_term *a = x, *b = y;
	if (a->role != b->role)
		return a->role < b->role ? -1 : 1;
	return (a->leaf.df > b->leaf.df) - (a->leaf.df < b->leaf.df);
}

/* False: no memory (se->failed). */
static bool
and_open_leaf(void *ctx, const plan_node *leaf, and_role role)
{
	and_state *a = ctx;
	const plan_lists *l = &leaf->seg[a->se->segno];
	and_term *t;

	if (role == AND_NOT) {
		for (uint32_t i = 0; i < l->nlists; i++)
			if (!(a->not[a->nnot++] = seg_eval_cursor(a->se, &l->lists[i])))
				return false;
		return true;
	}
	t = &a->t[a->n++];
	memset(t, 0, sizeof *t);
	t->role = role;
	return fast_leaf_open(&t->leaf, a->se, leaf);
}

/* Room that the leaves need: terms in n, lists of what must not be there in nnot. */
static bool
and_room(void *ctx, const plan_node *leaf, and_role role)
{
	and_state *a = ctx;

	a->n += role != AND_NOT;
	a->nnot += role == AND_NOT ? leaf->seg[a->se->segno].nlists : 0;
	return true;
}

static and_state *
and_open(seg_eval *se, topk *top, uint64_t *total)
{
	and_state *a = arena_alloc(se->mem, sizeof *a);

	if (!a)
		return NULL;
	memset(a, 0, offsetof(and_state, docs));
	a->se = se;
	a->top = top;
	a->total = total;
	and_each(se->p->root, AND_MUST, and_room, a);
	a->t = arena_alloc(se->mem, a->n * sizeof *a->t);
	a->not = arena_alloc(se->mem, a->nnot * sizeof *a->not);
	a->n = a->nnot = 0;
	if (!a->t || !a->not || !and_each(se->p->root, AND_MUST, and_open_leaf, a))
		return NULL;
	qsort(a->t, a->n, sizeof *a->t, and_term_cmp);
	return a;
}

void
fast_and(seg_eval *se, topk *top, uint64_t *total)
{
	uint32_t ndocs = se->seg->info.docs, from = 0, to;
	and_state *a = and_open(se, top, total);

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
