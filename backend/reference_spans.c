/* reference_spans.c - where a unit matches in a document: sets of spans, that
 * is of position ranges [start, end).
 *
 * TERM     a matching token at p: (p, p + w), w the node's width; a JOINED token
 *          covers as many positions as it has parts
 * PREFIX   the same with w = 1
 * SYN      the spans of all children
 * PHRASE   one span of each slot, in order: slot i + 1 begins where slot i ends
 *          plus the gap between the two as written, plus extra; the extras add
 *          up to the slop at most
 * ADJ      one span of each child, in order: the next begins at or after the end
 *          of the one before, at most n positions after its last position
 * NEAR     as ADJ, in any order of the children
 *
 * Of PHRASE, ADJ and NEAR there is one span for each start: the one that ends
 * first.  An exact phrase that has a span of its own covers at least that.
 */
#include "backend/reference_impl.h"

void
ref_spans_add(ref_search *s, ref_spans *list, uint32_t start, uint32_t end)
{
	if (list->n == list->cap) {
		size_t cap = list->cap ? list->cap * 2 : 16;
		search_span *at = arena_alloc(&s->scratch, cap * sizeof *at);

		if (!at)
			return; /* scratch.failed */
		if (list->n)
			memcpy(at, list->at, list->n * sizeof *at);
		list->at = at;
		list->cap = cap;
	}
	list->at[list->n++] = (search_span){ start, end };
}

static int
spans_compare(const void *a, const void *b)
{
	const search_span *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return (x->end > y->end) - (x->end < y->end);
}

void
ref_spans_sort(ref_spans *list)
{
	size_t n = 0;

	if (list->n > 1)
		qsort(list->at, list->n, sizeof *list->at, spans_compare);
	for (size_t i = 0; i < list->n; i++)
		if (!n || spans_compare(&list->at[n - 1], &list->at[i]) != 0)
			list->at[n++] = list->at[i];
	list->n = n;
}

/* Of each start only the span that ends first. */
static void
spans_shortest(ref_spans *list)
{
	size_t n = 0;

	ref_spans_sort(list);
	for (size_t i = 0; i < list->n; i++)
		if (!n || list->at[n - 1].start != list->at[i].start)
			list->at[n++] = list->at[i];
	list->n = n;
}

static ref_spans
spans_word(ref_search *s, const ref_node *n, const ref_doc *d)
{
	const ref_tokens *list;
	ref_spans out = { 0 };

	if (s->source)
		return s->source->word(s, n, d);
	list = ref_doc_tokens(d, n->field);
	for (size_t i = 0; i < list->n; i++) {
		const ref_token *t = &list->at[i];

		if (ref_token_matches(n, t))
			ref_spans_add(s, &out, t->pos,
				      t->pos + (t->kind == TEXT_JOINED ? t->width : n->ww));
	}
	ref_spans_sort(&out);
	return out;
}

static ref_spans
spans_syn(ref_search *s, const ref_node *n, const ref_doc *d)
{
	ref_spans out = { 0 };

	for (size_t i = 0; i < n->nchild; i++) {
		ref_spans k = ref_find(s, n->child[i], d);

		for (size_t j = 0; j < k.n; j++)
			ref_spans_add(s, &out, k.at[j].start, k.at[j].end);
	}
	ref_spans_sort(&out);
	return out;
}

/* ---- chains: spans that follow one another ---------------------------------- */

/* What has been reached: a span of the current part, and the extra positions
 * that the way there used. */
typedef struct spans_reach {
	search_span span;
	uint64_t used;
} spans_reach;

typedef struct spans_front {
	spans_reach *at;
	size_t n, cap;
} spans_front;

static void
front_add(ref_search *s, spans_front *f, search_span span, uint64_t used)
{
	if (f->n == f->cap) {
		size_t cap = f->cap ? f->cap * 2 : 16;
		spans_reach *at = arena_alloc(&s->scratch, cap * sizeof *at);

		if (!at)
			return;
		if (f->n)
			memcpy(at, f->at, f->n * sizeof *at);
		f->at = at;
		f->cap = cap;
	}
	f->at[f->n++] = (spans_reach){ span, used };
}

static int
front_compare(const void *a, const void *b)
{
	const spans_reach *x = a, *y = b;
	int c = spans_compare(&x->span, &y->span);

	return c ? c : (x->used > y->used) - (x->used < y->used);
}

/* Each span once, with the least that was used. */
static void
front_sort(spans_front *f)
{
	size_t n = 0;

	if (f->n > 1)
		qsort(f->at, f->n, sizeof *f->at, front_compare);
	for (size_t i = 0; i < f->n; i++)
		if (!n || spans_compare(&f->at[n - 1].span, &f->at[i].span) != 0)
			f->at[n++] = f->at[i];
	f->n = n;
}

/* The first span that starts at `start` or later. */
static size_t
spans_from(const ref_spans *list, int64_t start)
{
	size_t lo = 0, hi = list->n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		if ((int64_t)list->at[mid].start < start)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* From what is reached of one part to the next: it begins `gap` after the end,
 * at most `room` later; with `spend` room is what is left of a common budget. */
static void
front_step(ref_search *s, const spans_front *from, const ref_spans *next, int64_t gap,
	   uint64_t room, bool spend, spans_front *to)
{
	to->n = 0;
	for (size_t i = 0; i < from->n; i++) {
		int64_t want = (int64_t)from->at[i].span.end + gap;
		uint64_t left = spend ? room - from->at[i].used : room;

		for (size_t k = spans_from(next, want); k < next->n; k++) {
			uint64_t extra = (uint64_t)((int64_t)next->at[k].start - want);
			if (extra > left)
				break;
			front_add(s, to, next->at[k], spend ? from->at[i].used + extra : 0);
		}
	}
	front_sort(to);
}

/* For each start of the first part from which the others can be reached, in
 * this order, the span to the earliest end.  gap[i] lies before part i. */
static void
spans_chained(ref_search *s, const ref_spans *part, const int64_t *gap, size_t n, uint64_t room,
	      bool spend, ref_spans *out)
{
	spans_front front[2] = { { 0 }, { 0 } };

	for (size_t i = 0; i < part[0].n && !s->scratch.failed;) {
		uint32_t start = part[0].at[i].start, end;
		unsigned now = 0;

		front[0].n = 0;
		for (; i < part[0].n && part[0].at[i].start == start; i++)
			front_add(s, &front[0], part[0].at[i], 0);
		for (size_t k = 1; k < n; k++, now ^= 1)
			front_step(s, &front[now], &part[k], gap[k], room, spend, &front[now ^ 1]);
		if (!front[now].n)
			continue;
		end = front[now].at[0].span.end;
		for (size_t k = 1; k < front[now].n; k++)
			end = min_u32(end, front[now].at[k].span.end);
		ref_spans_add(s, out, start, end);
	}
}

/* The spans of each child; NULL if one has none, or memory is out. */
static ref_spans *
spans_parts(ref_search *s, const ref_node *n, const ref_doc *d)
{
	ref_spans *part = n->nchild ? arena_alloc(&s->scratch, n->nchild * sizeof *part) : NULL;

	for (size_t i = 0; part && i < n->nchild; i++) {
		part[i] = ref_find(s, n->child[i], d);
		if (!part[i].n)
			return NULL;
	}
	return part;
}

static ref_spans
spans_phrase(ref_search *s, const ref_node *n, const ref_doc *d)
{
	ref_spans out = { 0 }, *part = spans_parts(s, n, d);
	int64_t *gap = part ? arena_zalloc(&s->scratch, n->nchild * sizeof *gap) : NULL;

	if (!gap)
		return out;
	for (size_t i = 1; i < n->nchild; i++)
		gap[i] = (int64_t)n->child[i]->q->offset - (int64_t)n->child[i - 1]->q->offset -
			 (int64_t)n->child[i - 1]->ww;
	spans_chained(s, part, gap, n->nchild, n->q->n, true, &out);
	if (n->q->span && !n->q->n)
		for (size_t i = 0; i < out.n; i++)
			out.at[i].end = max_u32(out.at[i].end, out.at[i].start + n->q->span);
	spans_shortest(&out);
	return out;
}

/* Parts in this order, the next at most `distance` after the last position. */
static void
spans_in_order(ref_search *s, const ref_spans *part, const int64_t *gap, size_t n,
	       uint32_t distance, ref_spans *out)
{
	if (n == 1 || distance > 0) /* they cannot begin where the last position is */
		spans_chained(s, part, gap, n, (uint64_t)distance - 1, false, out);
}

/* All orders of part[k..n). */
static void
spans_any_order(ref_search *s, ref_spans *part, const int64_t *gap, size_t k, size_t n,
		uint32_t distance, ref_spans *out)
{
	if (k + 1 >= n) {
		spans_in_order(s, part, gap, n, distance, out);
		return;
	}
	for (size_t i = k; i < n; i++) {
		ref_spans swap = part[k];

		part[k] = part[i];
		part[i] = swap;
		spans_any_order(s, part, gap, k + 1, n, distance, out);
		part[i] = part[k];
		part[k] = swap;
	}
}

static ref_spans
spans_near(ref_search *s, const ref_node *n, const ref_doc *d)
{
	ref_spans out = { 0 }, *part = spans_parts(s, n, d);
	int64_t *gap = part ? arena_zalloc(&s->scratch, n->nchild * sizeof *gap) : NULL;

	if (!gap)
		return out;
	if (n->type == Q_ADJ)
		spans_in_order(s, part, gap, n->nchild, n->q->n, &out);
	else
		spans_any_order(s, part, gap, 0, n->nchild, n->q->n, &out);
	spans_shortest(&out);
	return out;
}

ref_spans
ref_find(ref_search *s, const ref_node *n, const ref_doc *d)
{
	if (n->nothing)
		return (ref_spans){ 0 };
	switch (n->type) {
	case Q_TERM:
	case Q_PREFIX:
		return spans_word(s, n, d);
	case Q_SYN:
		return spans_syn(s, n, d);
	case Q_PHRASE:
		return spans_phrase(s, n, d);
	default:
		return spans_near(s, n, d);
	}
}
