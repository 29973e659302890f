/* exec_sort.c - hits in order of fields.  A document sorts by its first value;
 * numbers come before dates before strings; documents without a value come
 * last in either direction; ties by document number.
 */
#include "query/exec_impl.h"

enum { SORT_KEYS_MAX = 8 };

typedef struct sort_item {
	uint32_t seg, doc;
	int32_t units;
	uint32_t ord[SORT_KEYS_MAX]; /* COLUMN_NONE: no value */
} sort_item;

typedef struct sorter {
	exec *x;
	uint32_t nkeys;
	bool by_score;       /* one of the keys is the score; else only hits are scored */
	const column **cols; /* [segment * nkeys + key]; NULL: nobody has the field */
	sort_item *heap;     /* the last of the kept ones on top */
	uint32_t n, k;
	column_cursor values[SORT_KEYS_MAX][2]; /* of the two items compared */
	bool bad;
} sorter;

static int
sort_value_cmp(sorter *s, uint32_t key, const sort_item *a, const sort_item *b)
{
	const column *ca = s->cols[a->seg * s->nkeys + key], *cb = s->cols[b->seg * s->nkeys + key];
	column_value va, vb;

	if (a->seg == b->seg)
		return (a->ord[key] > b->ord[key]) - (a->ord[key] < b->ord[key]);
	if (!column_get(ca, a->ord[key], &va, &s->values[key][0]) ||
	    !column_get(cb, b->ord[key], &vb, &s->values[key][1])) {
		s->bad = true;
		return 0;
	}
	return column_compare(&va, &vb);
}

/* < 0: a comes before b. */
static int
sort_cmp(sorter *s, const sort_item *a, const sort_item *b)
{
	for (uint32_t k = 0; k < s->nkeys; k++) {
		const sort_key *key = &s->x->rq->sort[k];
		int c;
		if (key->kind == SORT_SCORE) {
			c = (a->units > b->units) - (a->units < b->units);
		} else {
			bool na = a->ord[k] == COLUMN_NONE, nb = b->ord[k] == COLUMN_NONE;
			if (na || nb) {
				if (na != nb)
					return na ? 1 : -1;
				continue;
			}
			c = sort_value_cmp(s, k, a, b);
		}
		if (c)
			return key->descending ? -c : c;
	}
	if (a->seg != b->seg)
		return a->seg < b->seg ? -1 : 1;
	return (a->doc > b->doc) - (a->doc < b->doc);
}

static void
sort_down(sorter *s, uint32_t i)
{
	for (;;) {
		uint32_t c = 2 * i + 1;
		sort_item t;
		if (c >= s->n)
			return;
		if (c + 1 < s->n && sort_cmp(s, &s->heap[c + 1], &s->heap[c]) > 0)
			c++;
		if (sort_cmp(s, &s->heap[i], &s->heap[c]) >= 0)
			return;
		t = s->heap[i];
		s->heap[i] = s->heap[c];
		s->heap[c] = t;
		i = c;
	}
}

static void
sort_offer(sorter *s, const sort_item *it)
{
	if (s->n < s->k) {
		uint32_t i = s->n++;
		s->heap[i] = *it;
		while (i && sort_cmp(s, &s->heap[(i - 1) / 2], &s->heap[i]) < 0) {
			sort_item t = s->heap[i];
			s->heap[i] = s->heap[(i - 1) / 2];
			s->heap[(i - 1) / 2] = t;
			i = (i - 1) / 2;
		}
	} else if (s->k && sort_cmp(s, it, &s->heap[0]) < 0) {
		s->heap[0] = *it;
		sort_down(s, 0);
	}
}

static cdg_status
sort_segment(sorter *s, uint32_t seg)
{
	exec *x = s->x;
	const segment *g = &x->snap->segs[seg];
	seg_eval se;
	arena mem;
	iter *it;
	cdg_status st = CDG_OK;

	arena_init(&mem);
	seg_eval_init(&se, &x->plan, seg, &mem);
	it = s->by_score ? iter_make(&se, x->plan.root) : NULL;
	for (size_t w = 0; w < live_nwords(g->info.docs); w++)
		for (uint64_t m = x->bits[seg][w]; m; m &= m - 1) {
			sort_item item = { .seg = seg, .doc = (uint32_t)(64 * w) + (uint32_t)__builtin_ctzll(m) };
			if (it && !seg_eval_step(&se, 64) && it->seek(it, item.doc) == item.doc && iter_confirm(it))
				item.units = exec_score(x, it, g, item.doc);
			for (uint32_t k = 0; k < s->nkeys; k++) {
				const column *c = s->cols[seg * s->nkeys + k];
				item.ord[k] = c ? column_doc_first(c, item.doc) : COLUMN_NONE;
			}
			sort_offer(s, &item);
		}
	exec_late(x);
	if ((s->by_score && !it) || se.failed)
		st = err_nomem(x->err);
	seg_eval_fini(&se);
	arena_fini(&mem);
	return st == CDG_OK ? segment_error(g, x->err) : st;
}

/* ---- scores of the hits ------------------------------------------------------ */

static int
hit_cmp(const void *a, const void *b)
{
	const search_hit *x = *(search_hit *const *)a, *y = *(search_hit *const *)b;

	return (x->doc > y->doc) - (x->doc < y->doc);
}

/* Those of one segment, in order of documents. */
static cdg_status
score_segment(exec *x, uint32_t seg, search_hit **h, size_t n)
{
	const segment *g = &x->snap->segs[seg];
	seg_eval se;
	arena mem;
	iter *it;
	cdg_status st = CDG_OK;

	arena_init(&mem);
	seg_eval_init(&se, &x->plan, seg, &mem);
	it = iter_make(&se, x->plan.root);
	for (size_t i = 0; it && i < n && !seg_eval_step(&se, 64); i++) {
		uint32_t doc = (uint32_t)(h[i]->doc - g->base);

		if (it->seek(it, doc) == doc && iter_confirm(it))
			h[i]->units = exec_score(x, it, g, doc);
		h[i]->score = (float)((double)h[i]->units / (double)x->plan.scale);
	}
	exec_late(x);
	if (!it || se.failed)
		st = err_nomem(x->err);
	seg_eval_fini(&se);
	arena_fini(&mem);
	return st == CDG_OK ? segment_error(g, x->err) : st;
}

static cdg_status
score_hits(exec *x)
{
	search_result *r = x->out;
	search_hit **h = mem_calloc(r->nhits + 1, sizeof *h);
	cdg_status st = CDG_OK;
	size_t i = 0;

	if (!h)
		return err_nomem(x->err);
	for (size_t k = 0; k < r->nhits; k++)
		h[k] = &r->hits[k];
	if (r->nhits > 1)
		qsort(h, r->nhits, sizeof *h, hit_cmp);
	for (uint32_t seg = 0; seg < x->snap->nsegs && st == CDG_OK && !exec_late(x); seg++) {
		const segment *g = &x->snap->segs[seg];
		size_t from = i;

		while (i < r->nhits && h[i]->doc < g->base + g->info.docs)
			i++;
		if (i > from)
			st = score_segment(x, seg, h + from, i - from);
	}
	mem_free(h);
	return st;
}

static cdg_status
sort_take(sorter *s)
{
	exec *x = s->x;
	search_result *r = x->out;
	uint32_t total = s->n, n = total > x->rq->offset ? total - x->rq->offset : 0;

	r->hits = mem_calloc(n, sizeof *r->hits);
	if (!r->hits)
		return err_nomem(x->err);
	r->nhits = n;
	/* the worst is on top: take from the end */
	while (s->n) {
		sort_item it = s->heap[0];
		s->heap[0] = s->heap[--s->n];
		sort_down(s, 0);
		if (s->n >= x->rq->offset) {
			search_hit *h = &r->hits[s->n - x->rq->offset];
			h->doc = x->snap->segs[it.seg].base + it.doc;
			h->units = it.units;
			h->score = (float)((double)it.units / (double)x->plan.scale);
		}
	}
	return CDG_OK;
}

/* Why a value could not be read. */
static cdg_status
sort_error(const sorter *s)
{
	for (uint32_t k = 0; k < s->nkeys; k++)
		if (s->values[k][0].value.failed || s->values[k][1].value.failed)
			return err_nomem(s->x->err);
	return snapshot_error(s->x->snap, s->x->err);
}

cdg_status
exec_sorted(exec *x)
{
	sorter s = { .x = x, .k = x->top.k };
	cdg_status st = CDG_OK;

	if (x->rq->nsort > SORT_KEYS_MAX)
		search_warn(x->out, "only the first %d sort keys are used", SORT_KEYS_MAX);
	s.nkeys = (uint32_t)min_size(x->rq->nsort, SORT_KEYS_MAX);
	s.cols = arena_zalloc(&x->mem, (x->snap->nsegs * s.nkeys + 1) * sizeof *s.cols);
	s.heap = mem_alloc(((size_t)s.k + 1) * sizeof *s.heap);
	if (!s.cols || !s.heap)
		st = err_nomem(x->err);
	for (uint32_t k = 0; st == CDG_OK && k < s.nkeys; k++) {
		const sort_key *key = &x->rq->sort[k];
		unsigned field = key->kind == SORT_SCORE ? 0 : plan_field_id(&x->plan, key->field);
		s.by_score |= key->kind == SORT_SCORE;
		if (key->kind == SORT_SCORE)
			continue;
		if (field == UINT32_MAX || field < DICT_FIELD_FIRST)
			search_warn(x->out, "cannot sort by '%s': no such field of values", key->field);
		else
			for (size_t i = 0; i < x->snap->nsegs; i++)
				s.cols[i * s.nkeys + k] = column_find(&x->snap->segs[i].cols, (uint16_t)field);
	}
	for (uint32_t i = 0; st == CDG_OK && i < x->snap->nsegs; i++)
		st = sort_segment(&s, i);
	mem_free(x->out->hits);
	x->out->hits = NULL;
	x->out->nhits = 0;
	if (st == CDG_OK)
		st = sort_take(&s);
	if (st == CDG_OK && !s.by_score)
		st = score_hits(x);
	x->out->executor = "all matches, sorted by field";
	mem_free(s.heap);
	if (st == CDG_OK && s.bad)
		st = sort_error(&s);
	for (uint32_t k = 0; k < s.nkeys; k++)
		for (unsigned i = 0; i < 2; i++)
			column_cursor_fini(&s.values[k][i]);
	return st;
}
