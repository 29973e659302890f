/* view.c - see view.h.
 *
 * Everything that is known as token positions - matches, sections, pages - is put
 * into one list of wishes, sorted by position, and turned into characters in one
 * walk through the document, which passes over what nobody asked for. */
#include "query/view.h"

#include "query/snippet.h"

enum {
	VIEW_GROUP = 8192, /* positions of one stretch */
	VIEW_GAP = 1024    /* positions that are passed over rather than analysed */
};

/* A position that is to become a character. */
typedef struct wish {
	uint64_t *to;
	uint32_t pos;
	bool end;   /* where the token ends; else where it begins */
	bool mark;  /* of a match: the token itself, without what stands before it */
} wish;

typedef struct wishes {
	wish *at;
	size_t n, cap;
} wishes;

static bool
wish_add(wishes *w, uint32_t pos, bool end, bool mark, uint64_t *to)
{
	if (!mem_grow(&w->at, &w->cap, w->n + 1, sizeof *w->at))
		return false;
	w->at[w->n++] = (wish){ to, pos, end, mark };
	return true;
}

static int
wish_cmp(const void *a, const void *b)
{
	const wish *x = a, *y = b;

	return x->pos != y->pos ? (x->pos < y->pos ? -1 : 1) : 0;
}

/* Where a section begins whose first token is i: at the beginning of that line, if no
 * other token is on it; else opening brackets before the token belong to it. */
static uint32_t
section_start(const locator *l, size_t i)
{
	const char *t = (const char *)l->text.p;
	uint32_t at = l->places[i].start, low = i ? l->places[i - 1].end : 0, x = at;

	if (!i && l->anchor.byte)
		low = at; /* what is before the stretch is not known */
	while (x > low && t[x - 1] != '\n')
		x--;
	if (x > low || (!i && !l->anchor.byte))
		return x;
	for (x = at; x > low;) {
		uint32_t before = x - 1;
		const char *p;
		while (before > low && ((uint8_t)t[before] & 0xc0) == 0x80)
			before--;
		p = t + before;
		if (!snippet_opens(text_decode(&p, t + x)))
			break;
		x = before;
	}
	return x;
}

static void
wish_grant(locator *l, const wish *w)
{
	size_t i = w->pos - l->first;

	if (w->pos < l->first || i >= l->nplaces)
		*w->to = UINT64_MAX; /* the text has fewer tokens: its end */
	else if (w->end)
		*w->to = locate_cp(l, l->places[i].end);
	else
		*w->to = locate_cp(l, w->mark ? l->places[i].start : section_start(l, i));
}

static cdg_status
wishes_grant(locator *l, wishes *w)
{
	if (w->n > 1)
		qsort(w->at, w->n, sizeof *w->at, wish_cmp);
	for (size_t i = 0, j; i < w->n; i = j) {
		uint32_t from = w->at[i].pos, to = from;

		for (j = i + 1; j < w->n && w->at[j].pos - from < VIEW_GROUP && w->at[j].pos - to < VIEW_GAP; j++)
			to = w->at[j].pos;
		/* one more before it, for what stands between them */
		CDG_TRY(locate_stretch(l, from > l->tree.body_pos ? from - 1 : from, to));
		for (size_t k = i; k < j; k++)
			wish_grant(l, &w->at[k]);
	}
	return CDG_OK;
}

/* ---- sections ----------------------------------------------------------- */

/* A section as positions. */
typedef struct raw_node {
	uint32_t start, end, level;
	const char *label;
	uint32_t label_len;
	uint8_t kind;
} raw_node;

typedef struct raw_list {
	raw_node *at;
	size_t n, total;
} raw_list;

static void
raw_add(raw_list *r, const raw_node *node)
{
	if (r->total++ < CDG_VIEW_PARTS_MAX)
		r->at[r->n++] = *node;
}

/* The first position at or after a byte of a whole text. */
static uint32_t
whole_pos(const locator *l, uint32_t byte)
{
	size_t lo = 0, hi = l->nplaces;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (l->places[mid].start < byte)
			lo = mid + 1;
		else
			hi = mid;
	}
	return l->first + (uint32_t)lo;
}

static void
raw_whole(const locator *l, bool pages, raw_list *r)
{
	for (size_t i = 0; i < l->whole->nsections; i++) {
		const snippet_section *s = &l->whole->sections[i];
		raw_node node = { whole_pos(l, s->start), whole_pos(l, s->end), s->level,
				  s->label, (uint32_t)s->label_len, s->kind };
		if (s->page == pages)
			raw_add(r, &node);
	}
}

static cdg_status
raw_collect(const locator *l, bool pages, raw_list *r)
{
	tree_section_iter it;
	tree_section s;

	r->at = mem_alloc(CDG_VIEW_PARTS_MAX * sizeof *r->at);
	if (!r->at)
		return err_nomem(l->err);
	if (l->whole) {
		raw_whole(l, pages, r);
		return CDG_OK;
	}
	for (tree_sections(&l->tree, pages, &it); tree_section_next(&it, &s);) {
		raw_node node = { s.start, s.end, s.level, s.label, s.label_len, s.kind };
		raw_add(r, &node);
	}
	return l->seg->tree.f.bad ? pfile_error(&l->seg->tree.f, l->err) : CDG_OK;
}

/* Matches that begin in [start, end): spans are sorted and disjoint. */
static uint64_t
count_matches(const search_span *spans, size_t n, uint32_t start, uint32_t end)
{
	size_t at[2] = { 0, 0 };
	uint32_t bound[2] = { start, end };

	for (int k = 0; k < 2; k++) {
		size_t lo = 0, hi = n;
		while (lo < hi) {
			size_t mid = lo + (hi - lo) / 2;
			if (spans[mid].start < bound[k])
				lo = mid + 1;
			else
				hi = mid;
		}
		at[k] = lo;
	}
	return at[1] > at[0] ? at[1] - at[0] : 0;
}

/* The innermost page around a position: pages follow one another. */
static const raw_node *
page_at(const raw_list *pages, uint32_t pos)
{
	size_t lo = 0, hi = pages->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (pages->at[mid].start <= pos)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo && pos < pages->at[lo - 1].end ? &pages->at[lo - 1] : NULL;
}

/* How many nodes are open around each. */
static bool
nodes_depths(const raw_list *r, view_nodes *out)
{
	uint32_t *open = mem_alloc((r->n + 1) * sizeof *open), n = 0;

	if (!open)
		return false;
	for (size_t i = 0; i < r->n; i++) {
		while (n && r->at[open[n - 1]].end <= r->at[i].start)
			n--;
		out->at[i].depth = n;
		open[n++] = (uint32_t)i;
	}
	mem_free(open);
	return true;
}

static cdg_status
nodes_make(locator *l, const raw_list *r, const raw_list *pages, const search_span *spans, size_t n, wishes *w,
	   view_nodes *out)
{
	out->at = mem_calloc(r->n + 1, sizeof *out->at);
	if (!out->at)
		return err_nomem(l->err);
	out->total = r->total;
	for (size_t i = 0; i < r->n; i++) {
		const raw_node *from = &r->at[i];
		const raw_node *page = pages ? page_at(pages, from->start) : NULL;
		view_node *to = &out->at[i];

		out->n = i + 1;
		to->kind = from->kind;
		to->matches = count_matches(spans, n, from->start, from->end);
		to->label = mem_strndup(from->label ? from->label : "", from->label_len);
		to->page = page ? mem_strndup(page->label, page->label_len) : NULL;
		if (!to->label || (page && !to->page))
			return err_nomem(l->err);
		to->start = to->end = UINT64_MAX;
		if (from->start < l->tree.end_pos && !wish_add(w, from->start, false, false, &to->start))
			return err_nomem(l->err);
		if (from->end < l->tree.end_pos && !wish_add(w, from->end, false, false, &to->end))
			return err_nomem(l->err);
	}
	return nodes_depths(r, out) ? CDG_OK : err_nomem(l->err);
}

/* ---- matches --------------------------------------------------------------- */

/* The first match that begins at or after a character; *lo: its number. */
static cdg_status
first_match(locator *l, const search_span *spans, size_t n, uint64_t from, size_t *lo)
{
	size_t hi = n;

	*lo = 0;
	while (*lo < hi) {
		size_t mid = *lo + (hi - *lo) / 2;
		uint64_t at;
		wish w = { &at, spans[mid].start, false, true };
		CDG_TRY(locate_stretch(l, w.pos, w.pos));
		wish_grant(l, &w);
		if (at < from)
			*lo = mid + 1;
		else
			hi = mid;
	}
	return CDG_OK;
}

static cdg_status
matches_make(locator *l, const search_span *spans, size_t n, uint64_t from, wishes *w, view *out)
{
	size_t first = 0;

	out->total = n;
	if (n > CDG_VIEW_MATCHES_MAX) {
		CDG_TRY(first_match(l, spans, n, from, &first));
		first = min_size(first, n - CDG_VIEW_MATCHES_MAX);
		n = CDG_VIEW_MATCHES_MAX;
	}
	out->first = first;
	out->matches = mem_calloc(n + 1, sizeof *out->matches);
	if (!out->matches)
		return err_nomem(l->err);
	for (size_t i = 0; i < n; i++) {
		const search_span *s = &spans[first + i];
		if (!wish_add(w, s->start, false, true, &out->matches[i].start) ||
		    !wish_add(w, s->end - 1, true, true, &out->matches[i].end))
			return err_nomem(l->err);
	}
	out->nmatches = n;
	return CDG_OK;
}

/* What is not in the text that was kept is left out. */
static void
matches_trim(view *v)
{
	while (v->nmatches && v->matches[v->nmatches - 1].end == UINT64_MAX)
		v->nmatches--;
}

/* ---- all of it ----------------------------------------------------------------- */

static void
nodes_clip(view_nodes *nodes, uint64_t length)
{
	for (size_t i = 0; i < nodes->n; i++) {
		view_node *n = &nodes->at[i];
		n->start = n->start < length ? n->start : length;
		n->end = n->end < length ? n->end : length;
		n->end = n->end > n->start ? n->end : n->start;
	}
}

cdg_status
view_text(locator *l, uint64_t from, uint64_t to, view *out)
{
	uint32_t lo, hi;
	uint64_t end;

	CDG_TRY(locate_byte(l, UINT64_MAX >> 1, &hi, &out->length));
	CDG_TRY(locate_byte(l, from, &lo, &out->start));
	end = to > out->start ? to : out->start;
	if (end - out->start > CDG_VIEW_TEXT_MAX)
		end = out->start + CDG_VIEW_TEXT_MAX;
	CDG_TRY(locate_byte(l, end, &hi, &out->end));
	out->cut = out->end < to && out->end < out->length;
	return locate_text(l, lo, hi, &out->text);
}

static cdg_status
view_places(locator *l, search_span *spans, size_t n, uint64_t from, wishes *w, view *out)
{
	raw_list sections = { 0 }, pages = { 0 };
	cdg_status st = matches_make(l, spans, n, from, w, out);

	if (st == CDG_OK)
		st = raw_collect(l, true, &pages);
	if (st == CDG_OK)
		st = raw_collect(l, false, &sections);
	if (st == CDG_OK)
		st = nodes_make(l, &pages, NULL, spans, n, w, &out->pages);
	if (st == CDG_OK)
		st = nodes_make(l, &sections, &pages, spans, n, w, &out->sections);
	if (st == CDG_OK)
		st = wishes_grant(l, w);
	mem_free(sections.at);
	mem_free(pages.at);
	return st;
}

cdg_status
view_make(locator *l, search_span *spans, size_t n, uint64_t from, uint64_t to, view *out)
{
	wishes w = { 0 };
	cdg_status st;

	memset(out, 0, sizeof *out);
	n = search_join(spans, n, l->tree.body_pos);
	if (!l->text_len) { /* it is not kept */
		out->total = n;
		return CDG_OK;
	}
	while (n && spans[n - 1].end > l->tree.end_pos) /* nor are these in it */
		n--;
	st = view_text(l, from, to, out);
	if (st == CDG_OK)
		st = view_places(l, spans, n, from, &w, out);
	mem_free(w.at);
	matches_trim(out);
	nodes_clip(&out->sections, out->length);
	nodes_clip(&out->pages, out->length);
	return st;
}

static void
nodes_fini(view_nodes *n)
{
	for (size_t i = 0; i < n->n; i++) {
		mem_free(n->at[i].label);
		mem_free(n->at[i].page);
	}
	mem_free(n->at);
}

void
view_fini(view *v)
{
	buf_fini(&v->text);
	mem_free(v->matches);
	nodes_fini(&v->sections);
	nodes_fini(&v->pages);
	memset(v, 0, sizeof *v);
}
