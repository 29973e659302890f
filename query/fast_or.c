/* fast_or.c - OR of terms: windowed MaxScore (Turtle and Flood 1995, "Query
 * evaluation: strategies and optimizations"; windows as in Lucene's bulk
 * scorer).
 *
 * Documents are taken in windows.  In each, the lists' ceilings come from the
 * block maxima the window touches; lists whose ceilings together cannot lift a
 * document over the threshold are "non-essential": they are only asked about
 * documents that an essential list has brought up.  Scores are integers, so
 * the order of adding is free.
 */
#include "query/fast.h"

typedef struct or_list {
	block_scorer *b;
	uint32_t hint;   /* block search starts here */
	int32_t window;  /* ceiling in this window; -1: nothing in it */
} or_list;

typedef struct or_state {
	seg_eval *se;
	topk *top;
	or_list **lists; /* by ceiling in the window, rising */
	uint32_t n;
	bool zeroed;             /* acc and seen are ready */
	int32_t acc[WINDOW];
	uint64_t seen[WINDOW_WORDS];
	uint32_t docs[WINDOW + 16];
	int32_t units[WINDOW + 16];
	uint32_t count;  /* candidates */
} or_state;

/* Add a list's units for its documents in [base, end) to acc and seen. */
static bool
or_accumulate(or_state *o, or_list *l, uint32_t base, uint32_t end)
{
	post_cursor *c = l->b->c;

	if (block_seek(l->b, base) >= end)
		return true;
	for (;;) {
		uint32_t i = c->i;
		if (!block_score(l->b, o->se))
			return false;
		for (; i < c->n && c->docs[i] < end; i++) {
			uint32_t d = c->docs[i] - base;
			o->acc[d] += l->b->units[i];
			o->seen[d / 64] |= (uint64_t)1 << (d % 64);
		}
		if (i < c->n) {
			c->i = i;
			c->doc = c->docs[i];
			return true;
		}
		if (!block_load(l->b, c->block + 1) || c->doc >= end)
			return true;
	}
}

/* With one essential list its postings are the candidates: no accumulator. */
static bool
or_candidates_single(or_state *o, or_list *l, uint32_t base, uint32_t end, int32_t need)
{
	post_cursor *c = l->b->c;

	if (block_seek(l->b, base) >= end)
		return true;
	for (;;) {
		uint32_t i = c->i;
		if (c->nb > 1 && block_bound(l->b, o->se->p, c->block) <= need && c->docs[c->n - 1] < end) {
			i = c->n; /* hopeless block */
		} else {
			if (!block_score(l->b, o->se))
				return false;
			uint32_t to = c->docs[c->n - 1] < end ? c->n : bitpack_rank(c->docs, c->n, end);
			o->count += block_keep(c->docs + i, l->b->units + i, to - i, need, o->docs + o->count,
					       o->units + o->count);
			i = to;
		}
		if (i < c->n) {
			c->i = i;
			c->doc = c->docs[i];
			return true;
		}
		if (!block_load(l->b, c->block + 1) || c->doc >= end)
			return true;
	}
}

static void
or_drain(or_state *o, uint32_t base, int32_t need)
{
	for (uint32_t w = 0; w < WINDOW_WORDS; w++) {
		for (uint64_t m = o->seen[w]; m; m &= m - 1) {
			uint32_t d = 64 * w + (uint32_t)__builtin_ctzll(m);
			o->docs[o->count] = base + d;
			o->units[o->count] = o->acc[d];
			o->count += o->acc[d] > need;
			o->acc[d] = 0;
		}
		o->seen[w] = 0;
	}
}

/* Ask a non-essential list about the candidates; drop those that can no longer
 * pass with `rest` still to come. */
static void
or_probe(or_state *o, or_list *l, int32_t rest)
{
	int64_t above = (int64_t)o->top->threshold - rest;

	block_probe(l->b, o->se, o->docs, o->units, o->count, false, above);
	o->count = block_keep(o->docs, o->units, o->count, above, o->docs, o->units);
}

static void
or_sort_lists(or_state *o)
{
	for (uint32_t i = 1; i < o->n; i++) { /* nearly sorted from the last window */
		or_list *l = o->lists[i];
		uint32_t j = i;
		for (; j && o->lists[j - 1]->window > l->window; j--)
			o->lists[j] = o->lists[j - 1];
		o->lists[j] = l;
	}
}

static void
or_offer(or_state *o)
{
	for (uint32_t i = 0; i < o->count; i++)
		if (o->units[i] > o->top->threshold && segment_is_live(o->se->seg, o->docs[i]))
			topk_push(o->top, o->units[i], o->se->seg->base + o->docs[i]);
}

static bool
or_late(const or_state *o)
{
	return o->se->p->rq->deadline_ns && clock_ns() > o->se->p->rq->deadline_ns;
}

/* One window.  False when a file is damaged. */
static bool
or_window(or_state *o, uint32_t base, uint32_t end)
{
	int64_t sum = 0;
	int32_t rest = 0;
	uint32_t first = 0;

	for (uint32_t i = 0; i < o->n; i++) {
		or_list *l = o->lists[i];
		l->window = block_range_bound(l->b, o->se->p, &l->hint, base, end);
		sum += l->window < 0 ? 0 : l->window;
	}
	if (sum <= o->top->threshold)
		return true;
	or_sort_lists(o);
	/* lists[0..first) are not essential: together they reach at most `rest` */
	for (; first < o->n; first++) {
		int32_t w = o->lists[first]->window;
		if (w >= 0 && rest + w > o->top->threshold)
			break;
		rest += w < 0 ? 0 : w;
	}
	o->count = 0;
	if (first + 1 == o->n) {
		if (!or_candidates_single(o, o->lists[first], base, end, o->top->threshold - rest))
			return false;
	} else {
		if (!o->zeroed) {
			memset(o->acc, 0, sizeof o->acc);
			memset(o->seen, 0, sizeof o->seen);
			o->zeroed = true;
		}
		for (uint32_t i = first; i < o->n; i++)
			if (!or_accumulate(o, o->lists[i], base, end))
				return false;
		or_drain(o, base, o->top->threshold - rest);
	}
	for (uint32_t i = first; i-- > 0 && o->count;) {
		if (o->lists[i]->window < 0)
			continue;
		rest -= o->lists[i]->window;
		if (o->lists[i]->window)
			or_probe(o, o->lists[i], rest);
	}
	or_offer(o);
	return true;
}

/* ---- one list that must be there --------------------------------------- */

/* By ceiling of the whole list.  True: without the last list nothing gets in. */
static bool
or_has_lead(or_state *o)
{
	int64_t all = 0, most = 0;

	for (uint32_t i = 0; i < o->n; i++) {
		all += o->lists[i]->b->max;
		most = o->lists[i]->b->max > most ? o->lists[i]->b->max : most;
	}
	return all - most <= o->top->threshold;
}

/* From base on.  Only documents of one list can get in: its blocks are the windows.
 * False: damage. */
static bool
or_lead(or_state *o, uint32_t base)
{
	block_scorer *lead;
	post_cursor *c;
	int64_t others = 0;

	for (uint32_t i = 0; i < o->n; i++)
		o->lists[i]->window = o->lists[i]->b->max;
	or_sort_lists(o);
	lead = o->lists[o->n - 1]->b;
	c = lead->c;
	for (uint32_t i = 0; i + 1 < o->n; i++)
		others += o->lists[i]->b->max;
	for (uint32_t k = post_find_block(c, 0, base); k < c->nb; k++) {
		int64_t rest = others;
		uint32_t at;
		if (c->nb > 1 && k % POST_SUPER == 0 &&
		    block_super_bound(lead, o->se->p, k / POST_SUPER) + rest <= o->top->threshold) {
			k += POST_SUPER - 1;
			continue;
		}
		if (block_bound(lead, o->se->p, k) + rest <= o->top->threshold)
			continue;
		if (k % 64 == 0 && or_late(o))
			return true;
		if ((c->block != k && !block_load(lead, k)) || !block_score(lead, o->se))
			return !c->bad;
		at = base ? bitpack_rank(c->docs, c->n, base) : 0;
		o->count = block_keep(c->docs + at, lead->units + at, c->n - at, o->top->threshold - rest, o->docs, o->units);
		for (uint32_t i = o->n - 1; i-- > 0 && o->count;) {
			rest -= o->lists[i]->b->max;
			or_probe(o, o->lists[i], (int32_t)rest);
		}
		or_offer(o);
	}
	return true;
}

/* Every list of every leaf is a list here: a document's score is the sum. */
static bool
or_open(or_state *o, const plan_node *const *leaf, uint32_t n)
{
	fast_leaf *f = arena_alloc(o->se->mem, n * sizeof *f);
	size_t all = 0;

	for (uint32_t i = 0; i < n; i++) {
		if (!f || !fast_leaf_open(&f[i], o->se, leaf[i]))
			return false;
		all += f[i].n;
	}
	o->lists = arena_alloc(o->se->mem, (all + 1) * sizeof *o->lists);
	for (uint32_t i = 0; o->lists && i < n; i++)
		for (uint32_t j = 0; j < f[i].n; j++) {
			or_list *l = o->lists[o->n++] = arena_zalloc(o->se->mem, sizeof *l);
			if (!l)
				return false;
			l->b = f[i].b[j];
		}
	return o->lists != NULL;
}

void
fast_or(seg_eval *se, topk *top)
{
	const plan_node *r = se->p->root;
	bool single = r->type == PLAN_LEAF;
	or_state *o = arena_alloc(se->mem, sizeof *o);
	uint32_t ndocs = se->seg->info.docs;

	if (o) {
		o->se = se;
		o->top = top;
		o->n = 0;
		o->zeroed = false;
	}
	if (!o || !or_open(o, single ? &r : (const plan_node *const *)r->child, single ? 1 : r->nchild)) {
		se->failed = true;
		return;
	}
	for (uint32_t i = 0; i < o->n && (i % 16 || !or_late(o)); i++)
		topk_expect(top, block_prime(o->lists[i]->b, se, top->k));
	for (uint32_t base = 0; base < ndocs && !or_late(o); base += WINDOW) {
		if (or_has_lead(o)) {
			or_lead(o, base);
			return;
		}
		if (!or_window(o, base, base + WINDOW))
			return;
	}
}
