/* iter.c - see iter.h: construction, seeking, confirming, scoring.  Windows are
 * in window.c, positions in interval.c. */
#include "query/iter.h"

#include "base/file.h"
#include "query/interval.h"

/* `doc` before the first seek: no document has this number, and it is not
 * POST_END.  (Documents stay below 2^31.) */
#define ITER_FRESH (UINT32_MAX - 1)

/* ---- resources of one segment's evaluation --------------------------- */

typedef struct cursor_link {
	post_cursor c;
	struct cursor_link *next;
} cursor_link;

typedef struct heap_link {
	struct heap_link *next;
	void *p;
} heap_link;

void
seg_eval_init(seg_eval *se, const plan *p, size_t segno, arena *mem)
{
	memset(se, 0, sizeof *se);
	se->p = p;
	se->segno = segno;
	se->seg = &p->snap->segs[segno];
	se->mem = mem;
	se->deadline = p->rq->deadline_ns;
}

bool
seg_eval_look(seg_eval *se)
{
	se->work = 0;
	se->late = se->late || (se->deadline && clock_ns() > se->deadline);
	return se->late;
}

void
seg_eval_fini(seg_eval *se)
{
	for (cursor_link *l = se->cursors; l; l = l->next)
		post_close(&l->c);
	for (heap_link *h = se->heaps; h; h = h->next)
		mem_free(h->p);
	se->cursors = NULL;
	se->heaps = NULL;
}

post_cursor *
seg_eval_cursor(seg_eval *se, const dict_entry *e)
{
	char *room = se->mem->bytes > CURSORS_MEMORY_MAX ? NULL : arena_alloc(se->mem, sizeof(cursor_link) + POST_ALIGN);
	cursor_link *l;

	if (!room) {
		se->failed = true;
		return NULL;
	}
	l = (cursor_link *)(void *)(room + -(uintptr_t)room % POST_ALIGN);
	l->next = se->cursors;
	se->cursors = l;
	segment_cursor(se->seg, e, &l->c);
	return &l->c;
}

void *
seg_eval_zalloc(seg_eval *se, size_t n, size_t size)
{
	heap_link *h = arena_alloc(se->mem, sizeof *h);
	if (!h || !(h->p = mem_calloc(n, size))) {
		se->failed = true;
		return NULL;
	}
	h->next = se->heaps;
	se->heaps = h;
	return h->p;
}

/* ---- seeking --------------------------------------------------------- */

static uint32_t
seek_none(iter *it, uint32_t target)
{
	(void)target;
	return it->doc = POST_END;
}

static uint32_t
seek_all(iter *it, uint32_t target)
{
	return it->doc = target < it->se->seg->info.docs ? target : POST_END;
}

static uint32_t
seek_list(iter *it, uint32_t target)
{
	return it->doc = iter_seek_near(it->c, target);
}

static uint32_t
seek_union(iter *it, uint32_t target)
{
	uint32_t least = POST_END;
	if (seg_eval_step(it->se, it->ncs))
		return it->doc = POST_END;
	for (uint32_t i = 0; i < it->ncs; i++)
		least = min_u32(least, post_seek(it->cs[i], target));
	return it->doc = least;
}

static uint32_t
seek_set(iter *it, uint32_t target)
{
	uint32_t n = it->se->seg->info.docs;
	size_t w = target / 64;
	uint64_t word;

	if (target >= n || !it->set)
		return it->doc = POST_END;
	word = it->set[w] & (UINT64_MAX << (target % 64));
	while (!word) {
		if (++w * 64 >= n)
			return it->doc = POST_END;
		word = it->set[w];
	}
	return it->doc = (uint32_t)(w * 64) + (uint32_t)__builtin_ctzll(word);
}

static uint32_t
seek_approx(iter *it, uint32_t target)
{
	return it->doc = it->approx->seek(it->approx, target);
}

/* Children are in order of cost: the first leads. */
static uint32_t
seek_and(iter *it, uint32_t target)
{
	uint32_t i = 0, doc = target;

	while (i < it->nchild) {
		iter *k = it->child[i];
		uint32_t d = k->doc == doc ? doc : k->seek(k, doc);
		if (d == POST_END)
			return it->doc = POST_END;
		if (d != doc) {
			if (seg_eval_step(it->se, 1))
				return it->doc = POST_END;
			doc = d;
			i = i == 0 ? 1 : 0;
		} else {
			i++;
		}
	}
	return it->doc = doc;
}

static uint32_t
seek_or(iter *it, uint32_t target)
{
	uint32_t least = POST_END;
	if (seg_eval_step(it->se, it->nchild))
		return it->doc = POST_END;
	for (uint32_t i = 0; i < it->nchild; i++) {
		iter *k = it->child[i];
		least = min_u32(least, k->doc != ITER_FRESH && k->doc >= target ? k->doc : k->seek(k, target));
	}
	return it->doc = least;
}

static uint32_t
seek_first(iter *it, uint32_t target)
{
	return it->doc = it->child[0]->seek(it->child[0], target);
}

/* ---- construction ---------------------------------------------------- */

static iter *
iter_new(seg_eval *se, const plan_node *n, iter_kind kind, uint32_t (*seek)(iter *, uint32_t))
{
	iter *it = arena_zalloc(se->mem, sizeof *it);
	if (!it) {
		se->failed = true;
		return NULL;
	}
	it->kind = (uint8_t)kind;
	it->seek = seek;
	it->node = n;
	it->se = se;
	it->doc = it->confirmed_doc = ITER_FRESH;
	it->need = 1;
	return it;
}

bool
seg_eval_gather(seg_eval *se, const plan_lists *l, uint64_t **set, uint32_t **tfs)
{
	uint32_t n = se->seg->info.docs;
	post_cursor *c = seg_eval_zalloc(se, 1, sizeof *c);

	*set = seg_eval_zalloc(se, n / 64 + 1, sizeof **set);
	*tfs = seg_eval_zalloc(se, n, sizeof **tfs);
	if (!*set || !*tfs || !c)
		return false;
	for (uint32_t i = 0; i < l->nlists && !seg_eval_step(se, 16 + (uint32_t)l->lists[i].meta.df); i++) {
		segment_cursor(se->seg, &l->lists[i], c);
		for (uint32_t b = 0; post_load(c, b); b++) {
			if (!post_load_tfs(c))
				break;
			for (uint32_t j = 0; j < c->n; j++) {
				(*set)[c->docs[j] / 64] |= (uint64_t)1 << (c->docs[j] % 64);
				(*tfs)[c->docs[j]] += c->tfs[j];
			}
		}
		post_close(c);
	}
	return true;
}

static iter *
iter_make_lists(seg_eval *se, const plan_node *n)
{
	const plan_lists *l = &n->seg[se->segno];
	iter *it;

	if (!l->nlists)
		return iter_new(se, n, ITER_NONE, seek_none);
	if (l->nlists == 1) {
		it = iter_new(se, n, ITER_LIST, seek_list);
		if (it)
			it->c = seg_eval_cursor(se, &l->lists[0]);
	} else if (l->nlists <= ITER_UNION_MAX) {
		it = iter_new(se, n, ITER_UNION, seek_union);
		if (it)
			it->cs = arena_alloc(se->mem, l->nlists * sizeof *it->cs);
		for (uint32_t i = 0; it && it->cs && i < l->nlists; i++)
			it->cs[it->ncs++] = seg_eval_cursor(se, &l->lists[i]);
	} else {
		it = iter_new(se, n, ITER_DENSE, seek_set);
		if (it && !seg_eval_gather(se, l, &it->set, &it->tfs))
			return NULL;
	}
	if (it)
		for (uint32_t i = 0; i < l->nlists; i++)
			it->cost += l->lists[i].meta.df;
	if (it && l->ntitles && n->scored) {
		it->titles = arena_alloc(se->mem, l->ntitles * sizeof *it->titles);
		for (uint32_t i = 0; it->titles && i < l->ntitles; i++)
			it->titles[it->ntitles++] = seg_eval_cursor(se, &l->titles[i]);
	}
	return se->failed ? NULL : it;
}

bool
iter_is_on(const iter *it, const plan_node *n)
{
	const plan_lists *a, *b;

	if (it->kind != ITER_LIST || n->type != PLAN_LEAF)
		return false;
	a = &it->node->seg[it->se->segno];
	b = &n->seg[it->se->segno];
	return b->nlists == 1 && a->lists[0].kind == b->lists[0].kind && a->lists[0].ord == b->lists[0].ord;
}

/* A word that a phrase repeats is sought once. */
static bool
iter_has_child_on(const iter *it, const plan_node *n)
{
	for (uint32_t i = 0; i < it->nchild; i++)
		if (iter_is_on(it->child[i], n))
			return true;
	return false;
}

static int
iter_cost_cmp(const void *a, const void *b)
{
	const iter *x = *(iter *const *)a, *y = *(iter *const *)b;
	return (x->cost > y->cost) - (x->cost < y->cost);
}

static iter *
iter_make_boolean(seg_eval *se, const plan_node *n, bool candidates);

/* Candidates of an interval tree: AND of the slots, OR of alternatives. */
static iter *
iter_make_candidates(seg_eval *se, const plan_node *n)
{
	if (n->type == PLAN_LEAF)
		return iter_make_lists(se, n);
	if (n->type == PLAN_NONE || !n->nchild)
		return iter_new(se, n, ITER_NONE, seek_none);
	return iter_make_boolean(se, n, true);
}

static iter *
iter_make_boolean(seg_eval *se, const plan_node *n, bool candidates)
{
	bool conj = candidates ? n->interval != Q_SYN : n->type == PLAN_AND;
	bool disj = candidates ? n->interval == Q_SYN : n->type == PLAN_OR;
	iter *it = conj ? iter_new(se, n, ITER_AND, seek_and)
		   : disj ? iter_new(se, n, ITER_OR, seek_or)
			  : iter_new(se, n, n->type == PLAN_NOT ? ITER_NOT : ITER_MAYBE, seek_first);

	if (!it || !(it->child = arena_alloc(se->mem, (n->nchild + 1) * sizeof *it->child))) {
		se->failed = true;
		return NULL;
	}
	for (uint32_t i = 0; i < n->nchild; i++) {
		iter *k;
		if (candidates && conj && iter_has_child_on(it, n->child[i]))
			continue;
		k = candidates ? iter_make_candidates(se, n->child[i]) : iter_make(se, n->child[i]);
		if (!k)
			return NULL;
		it->two_phase |= k->two_phase;
		it->cost = disj || i == 0 ? it->cost + k->cost : it->cost;
		if (conj && k->cost < it->cost)
			it->cost = k->cost;
		it->child[it->nchild++] = k;
	}
	if (conj) {
		if (!it->nchild)
			it->seek = n->type == PLAN_AND ? seek_all : seek_none;
		qsort(it->child, it->nchild, sizeof *it->child, iter_cost_cmp);
	}
	return it;
}

/* Each match of an exact phrase of plain words uses up an occurrence of every
 * word, so the rarest bounds it.  With slop two matches may share one; documents
 * with words of several positions are told by interval_is_wide. */
static bool
iter_rarest_bounds(const plan_node *n)
{
	if (n->type == PLAN_LEAF)
		return true;
	if (n->interval != Q_PHRASE || n->n)
		return false;
	for (uint32_t i = 0; i < n->nchild; i++)
		if (n->child[i]->type != PLAN_LEAF)
			return false;
	return true;
}

/* A leaf whose forms or masks matter, or an interval. */
static iter *
iter_make_interval(seg_eval *se, const plan_node *n)
{
	iter *it = iter_new(se, n, ITER_INTERVAL, seek_approx);

	if (!it || !(it->approx = iter_make_candidates(se, n)))
		return NULL;
	it->iv = interval_make(se, n, se->windows ? NULL : it->approx);
	if (!it->iv)
		return NULL;
	it->two_phase = true;
	it->rarest_bounds = iter_rarest_bounds(n);
	it->cost = it->approx->cost;
	return it;
}

iter *
iter_make(seg_eval *se, const plan_node *n)
{
	iter *it;

	switch (n->type) {
	case PLAN_ALL:
		it = iter_new(se, n, ITER_ALL, seek_all);
		if (it)
			it->cost = se->seg->info.docs;
		return it;
	case PLAN_LEAF:
		return n->strict ? iter_make_interval(se, n) : iter_make_lists(se, n);
	case PLAN_INTERVAL:
		return iter_make_interval(se, n);
	case PLAN_SET:
		it = iter_new(se, n, ITER_SET, seek_set);
		if (it) {
			it->set = n->sets[se->segno];
			it->cost = it->set ? se->seg->info.docs / 2 : 0;
		}
		return it;
	case PLAN_NONE:
		return iter_new(se, n, ITER_NONE, seek_none);
	default:
		return iter_make_boolean(se, n, false);
	}
}

iter *
iter_and2(seg_eval *se, iter *a, iter *b)
{
	iter *it;

	if (!a || !b)
		return a ? a : b;
	it = iter_new(se, NULL, ITER_AND, seek_and);
	if (!it || !(it->child = arena_alloc(se->mem, 2 * sizeof *it->child))) {
		se->failed = true;
		return NULL;
	}
	it->child[0] = a->cost <= b->cost ? a : b;
	it->child[1] = a->cost <= b->cost ? b : a;
	it->nchild = 2;
	it->two_phase = a->two_phase || b->two_phase;
	it->cost = it->child[0]->cost;
	return it;
}

/* ---- confirming ------------------------------------------------------ */

static bool
confirm_others(iter *it)
{
	bool any = false;

	for (uint32_t i = 1; i < it->nchild; i++) {
		iter *k = it->child[i];
		uint32_t d = k->doc != ITER_FRESH && k->doc >= it->doc ? k->doc : k->seek(k, it->doc);
		if (d == it->doc && iter_confirm(k)) {
			any = true;
			if (it->kind == ITER_NOT)
				break;
		}
	}
	return any;
}

static bool
confirm_now(iter *it)
{
	bool any = false;

	switch (it->kind) {
	case ITER_INTERVAL:
		it->freq = interval_freq(it->iv, it->doc, it->need);
		return it->freq > 0;
	case ITER_AND:
		for (uint32_t i = 0; i < it->nchild; i++)
			if (!iter_confirm(it->child[i]))
				return false;
		return true;
	case ITER_OR: /* every child, since each that matches scores */
		for (uint32_t i = 0; i < it->nchild; i++)
			if (it->child[i]->doc == it->doc && iter_confirm(it->child[i]))
				any = true;
		return any;
	case ITER_NOT:
		return iter_confirm(it->child[0]) && !confirm_others(it);
	case ITER_MAYBE:
		if (!iter_confirm(it->child[0]))
			return false;
		confirm_others(it);
		return true;
	default:
		return true;
	}
}

bool
iter_confirm(iter *it)
{
	if (it->doc == POST_END || it->doc == ITER_FRESH)
		return false;
	if (it->confirmed_doc != it->doc) {
		it->matched = confirm_now(it) && !it->se->late; /* of NOT, too */
		it->confirmed_doc = it->doc;
	}
	return it->matched;
}

/* ---- scoring --------------------------------------------------------- */

static uint32_t
iter_tf(iter *it)
{
	uint32_t tf = 0;

	switch (it->kind) {
	case ITER_LIST:
		return post_tf(it->c);
	case ITER_UNION:
		for (uint32_t i = 0; i < it->ncs; i++)
			if (it->cs[i]->doc == it->doc)
				tf += post_tf(it->cs[i]);
		return tf;
	case ITER_DENSE:
		return it->tfs[it->doc];
	default:
		return it->freq;
	}
}

/* BM25F: occurrences in the title count title_weight times, and so does the
 * title's length (Robertson, Zaragoza, Taylor 2004, "Simple BM25 extension to
 * multiple weighted fields"). */
static int32_t
iter_score_titled(iter *it, uint32_t tf)
{
	const plan *p = it->se->p;
	const segment *s = it->se->seg;
	float extra = p->rq->title_weight - 1.0f, len, sum = (float)tf;
	uint32_t in_title = 0;

	if (it->kind == ITER_INTERVAL) {
		size_t n;
		const search_span *sp = interval_spans(it->iv, it->doc, &n);
		uint32_t end = segment_title_end(s, it->doc);
		for (size_t i = 0; i < n && sp[i].start < end; i++)
			in_title++;
	} else {
		for (uint32_t i = 0; i < it->ntitles; i++)
			if (post_seek(it->titles[i], it->doc) == it->doc)
				in_title += post_tf(it->titles[i]);
	}
	sum += extra * (float)in_title;
	len = (float)norm_decode(s->norms[0][it->doc]) + extra * (float)norm_decode(s->norms[1][it->doc]);
	if (sum < 0)
		sum = 0;
	if (len < 0)
		len = 0;
	return bm25_score(it->node->weight, sum, bm25_inv(p->rq->bm25, len, p->avg_titled), p->scale);
}

static int32_t
iter_score_leaf(iter *it, uint32_t tf)
{
	const plan_node *n = it->node;
	unsigned f = n->field == DICT_FIELD_TITLE;

	if (!n->scored)
		return 0;
	if (unlikely(it->se->p->rq->xapian))
		return plan_xapian_score(it->se->p, n, it->se->seg, it->doc, tf);
	if (unlikely(it->se->p->with_titles) && n->field == DICT_FIELD_TEXT)
		return iter_score_titled(it, tf);
	return plan_score(it->se->p, n, (float)tf, it->se->seg->norms[f][it->doc]);
}

int32_t
iter_score(iter *it)
{
	int32_t sum = 0;

	switch (it->kind) {
	case ITER_LIST:
	case ITER_UNION:
	case ITER_DENSE:
	case ITER_INTERVAL:
		return iter_score_leaf(it, iter_tf(it));
	case ITER_AND:
		for (uint32_t i = 0; i < it->nchild; i++)
			sum += iter_score(it->child[i]);
		return sum;
	case ITER_OR:
	case ITER_MAYBE:
		for (uint32_t i = 0; i < it->nchild; i++) {
			iter *k = it->child[i];
			if (k->doc == it->doc && k->confirmed_doc == it->doc && k->matched)
				sum += iter_score(k);
		}
		return sum;
	case ITER_NOT:
		return iter_score(it->child[0]);
	default:
		return 0;
	}
}

/* The most a leaf or interval can score at all. */
static int32_t
iter_ceiling(const iter *it)
{
	return it->node && it->node->scored ? (int32_t)lrintf(it->node->weight * it->se->p->scale) : 0;
}

/* Occurrences an interval can have at most at the candidate. */
static uint32_t
iter_bound_tf(iter *it)
{
	uint32_t tf;

	switch (it->kind) {
	case ITER_AND:
		tf = UINT32_MAX;
		for (uint32_t i = 0; i < it->nchild; i++)
			tf = min_u32(tf, iter_bound_tf(it->child[i]));
		return tf;
	case ITER_OR:
		tf = 0;
		for (uint32_t i = 0; i < it->nchild; i++)
			if (it->child[i]->doc == it->doc)
				tf += iter_bound_tf(it->child[i]);
		return tf;
	default:
		return iter_tf(it);
	}
}

int32_t
iter_bound(iter *it)
{
	int32_t sum = 0;

	switch (it->kind) {
	case ITER_LIST:
	case ITER_UNION:
	case ITER_DENSE:
		return iter_score_leaf(it, iter_tf(it));
	case ITER_INTERVAL:
		if (!it->node->scored)
			return 0;
		if (it->se->p->with_titles || !it->rarest_bounds ||
		    (it->node->type == PLAN_INTERVAL && interval_is_wide(it->iv, it->doc)))
			return iter_ceiling(it);
		return iter_score_leaf(it, iter_bound_tf(it->approx));
	case ITER_AND:
	case ITER_NOT:
		for (uint32_t i = 0; i < (it->kind == ITER_NOT ? 1 : it->nchild); i++)
			sum += iter_bound(it->child[i]);
		return sum;
	case ITER_OR:
		for (uint32_t i = 0; i < it->nchild; i++)
			if (it->child[i]->doc == it->doc)
				sum += iter_bound(it->child[i]);
		return sum;
	case ITER_MAYBE:
		sum = iter_bound(it->child[0]);
		for (uint32_t i = 1; i < it->nchild; i++) {
			iter *k = it->child[i];
			uint32_t d = k->doc != ITER_FRESH && k->doc >= it->doc ? k->doc : k->seek(k, it->doc);
			if (d == it->doc)
				sum += iter_bound(k);
		}
		return sum;
	default:
		return 0;
	}
}

void
iter_demand(iter *it, int32_t threshold)
{
	const plan *p = it->se->p;
	const plan_node *n = it->node;

	if (it->kind == ITER_INTERVAL && n->scored && !p->with_titles)
		it->need = plan_least_tf(p, n, it->se->seg->norms[n->field == DICT_FIELD_TITLE][it->doc], threshold);
}
