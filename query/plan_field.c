/* plan_field.c - leaves on metadata: words of string values are posting lists
 * like any other; numbers, dates, whole values and ranges become bitmaps, by
 * the columns.
 */
#include <math.h>

#include "base/date.h"
#include "query/glob.h"
#include "query/plan.h"

/* A bound or value as typed: it may be a number, a date, or only text. */
typedef struct typed {
	bool is_number, is_date;
	double number;
	int32_t first, last; /* days of the period */
	const char *s;
	size_t n;
} typed;

static typed
typed_parse(const char *s, size_t n)
{
	typed t = { .s = s, .n = n };
	char copy[64], *end;
	cal_date d;

	if (n && n < sizeof copy && strspn(s, "+-.0123456789eE") >= n) {
		memcpy(copy, s, n);
		copy[n] = 0;
		t.number = strtod(copy, &end);
		t.is_number = *end == 0 && isfinite(t.number);
	}
	if (date_parse(s, n, &d)) {
		t.is_date = true;
		t.first = d.day;
		t.last = date_last_day(d);
	}
	return t;
}

/* ---- bitmaps of one segment ------------------------------------------ */

static uint64_t *
field_bits(plan_ctx *c, plan_node *n, size_t seg)
{
	if (!n->sets[seg])
		n->sets[seg] = arena_zalloc(c->p->mem, (live_nwords(c->p->snap->segs[seg].info.docs) + 1) * 8);
	return n->sets[seg];
}

/* Documents with an ordinal in [lo, hi). */
static cdg_status
field_select(plan_ctx *c, plan_node *n, size_t seg, const column *col, uint32_t lo, uint32_t hi)
{
	uint64_t *bits;

	if (lo >= hi)
		return CDG_OK;
	bits = field_bits(c, n, seg);
	if (!bits)
		return err_nomem(c->err);
	if (!column_select_range(col, lo, hi, bits))
		return pfile_error(&col->cols->f, c->err);
	return CDG_OK;
}

static uint32_t
field_bound(const column *col, column_value v, bool upper)
{
	uint32_t ord = 0;
	if (!(upper ? column_upper_bound(col, &v, &ord) : column_lower_bound(col, &v, &ord)))
		return column_nvalues(col);
	return ord;
}

static uint32_t
cut(uint32_t v, uint32_t lo, uint32_t hi)
{
	return v < lo ? lo : v > hi ? hi : v;
}

/* Equality by each type: a number, a day within a period, the bytes. */
static cdg_status
field_equal(plan_ctx *c, plan_node *n, size_t seg, const column *col, const typed *t, bool strings)
{
	uint32_t dates = col->nnumbers, strs = dates + col->ndates, lo, hi;

	if (t->is_number && col->nnumbers) {
		lo = cut(field_bound(col, column_number(t->number), false), 0, dates);
		hi = cut(field_bound(col, column_number(t->number), true), 0, dates);
		CDG_TRY(field_select(c, n, seg, col, lo, hi));
	}
	if (t->is_date && col->ndates) {
		lo = cut(field_bound(col, column_date(t->first, 0), false), dates, strs);
		hi = cut(field_bound(col, column_date(t->last, 255), true), dates, strs);
		CDG_TRY(field_select(c, n, seg, col, lo, hi));
	}
	if (strings && col->nstrings) {
		lo = column_equal(col, t->s, t->n);
		if (lo != COLUMN_NONE)
			CDG_TRY(field_select(c, n, seg, col, lo, lo + 1));
	}
	return CDG_OK;
}

static cdg_status
field_range(plan_ctx *c, plan_node *n, size_t seg, const column *col, const q_node *q)
{
	typed lo = { 0 }, hi = { 0 };
	uint32_t dates = col->nnumbers, strs = dates + col->ndates, all = column_nvalues(col), from, to;

	if (q->lo)
		lo = typed_parse(q->lo, strlen(q->lo));
	if (q->hi)
		hi = typed_parse(q->hi, strlen(q->hi));
	if (dates && (!q->lo || lo.is_number) && (!q->hi || hi.is_number)) {
		from = q->lo ? cut(field_bound(col, column_number(lo.number), q->lo_open), 0, dates) : 0;
		to = q->hi ? cut(field_bound(col, column_number(hi.number), !q->hi_open), 0, dates) : dates;
		CDG_TRY(field_select(c, n, seg, col, from, to));
	}
	if (col->ndates && (!q->lo || lo.is_date) && (!q->hi || hi.is_date)) {
		/* after the last day of an exclusive lower bound, before the first day
		 * of an exclusive upper one */
		int32_t a = q->lo_open ? lo.last + 1 : lo.first, b = q->hi_open ? hi.first - 1 : hi.last;
		from = q->lo ? cut(field_bound(col, column_date(a, 0), false), dates, strs) : dates;
		to = q->hi ? cut(field_bound(col, column_date(b, 255), true), dates, strs) : strs;
		CDG_TRY(field_select(c, n, seg, col, from, to));
	}
	if (col->nstrings) {
		from = q->lo ? cut(field_bound(col, column_string(lo.s, lo.n), q->lo_open), strs, all) : strs;
		to = q->hi ? cut(field_bound(col, column_string(hi.s, hi.n), !q->hi_open), strs, all) : all;
		CDG_TRY(field_select(c, n, seg, col, from, to));
	}
	return CDG_OK;
}

/* ---- patterns -------------------------------------------------------- */

/* Which strings match: a bit for each.  False: damage or no memory. */
static bool
field_glob_values(const column *col, const q_node *q, uint64_t *yes, column_cursor *cur, bool *any)
{
	for (uint32_t i = 0, first = col->nnumbers + col->ndates; i < col->nstrings; i++) {
		column_value v;

		if (!column_get(col, first + i, &v, cur))
			return false;
		if (glob_match(q->raw, q->raw_len, v.p, v.n)) {
			yes[i / 64] |= (uint64_t)1 << (i % 64);
			*any = true;
		}
	}
	return true;
}

static void
field_glob_docs(const column *col, uint32_t ndocs, const uint64_t *yes, uint64_t *bits)
{
	uint32_t first = col->nnumbers + col->ndates;

	for (uint32_t d = 0; d < ndocs; d++) {
		column_list l;

		column_doc(col, d, &l);
		for (uint32_t i = 0; i < l.n; i++) {
			uint32_t k = column_list_at(&l, i) - first; /* wraps for what is no string */
			if (k < col->nstrings && yes[k / 64] >> (k % 64) & 1)
				bits[d / 64] |= (uint64_t)1 << (d % 64);
		}
	}
}

/* Looks at every value and then at every document: patterns are for filtering. */
static cdg_status
field_glob(plan_ctx *c, plan_node *n, size_t seg, const column *col, const q_node *q)
{
	uint64_t *yes = mem_calloc(col->nstrings / 64 + 1, sizeof *yes);
	column_cursor cur = { 0 };
	bool any = false;
	cdg_status st = CDG_OK;

	if (!yes)
		return err_nomem(c->err);
	if (!field_glob_values(col, q, yes, &cur, &any))
		st = column_error(col, &cur, c->err);
	else if (any && !field_bits(c, n, seg))
		st = err_nomem(c->err);
	else if (any)
		field_glob_docs(col, c->p->snap->segs[seg].info.docs, yes, n->sets[seg]);
	column_cursor_fini(&cur);
	mem_free(yes);
	return st;
}

/* ---- the leaf -------------------------------------------------------- */

/* One document of a segment; the dictionary of ids names it. */
static cdg_status
field_id_add(plan_ctx *c, plan_node *n, size_t seg, uint32_t doc)
{
	uint64_t *bits = field_bits(c, n, seg);

	if (!bits)
		return err_nomem(c->err);
	bits[doc / 64] |= (uint64_t)1 << (doc % 64);
	n->cost++;
	return CDG_OK;
}

static int
field_id_compare(const char *a, size_t an, const char *b)
{
	size_t bn = strlen(b), n = min_size(an, bn);
	int order = memcmp(a, b, n);

	return order ? order : (an > bn) - (an < bn);
}

/* Identifiers between bounds, as the dictionary keeps and orders them: the keys
 * of dict_id_key, by bytes. */
static cdg_status
field_id_range(plan_ctx *c, plan_node *n, const q_node *q, size_t seg)
{
	const segment *s = &c->p->snap->segs[seg];
	const char *lo = q->lo ? q->lo : "";
	dict_iter it;

	dict_seek(&it, &s->dict, DICT_ID, 0, lo, min_size(strlen(lo), DICT_KEY_MAX));
	while (dict_next(&it)) {
		size_t len;
		const char *key = dict_iter_bytes(&it, &len);
		int order;

		if (it.e.kind != DICT_ID)
			break;
		order = field_id_compare(key, len, lo);
		if (q->lo && (order < 0 || (q->lo_open && !order)))
			continue;
		order = q->hi ? field_id_compare(key, len, q->hi) : -1;
		if (order > 0 || (q->hi_open && !order))
			break;
		if (it.e.meta.df != 1 || it.e.meta.single_doc >= s->info.docs) {
			pfile_damaged(&s->dict.file, 0, "a document id names no document");
			break;
		}
		CDG_TRY(field_id_add(c, n, seg, it.e.meta.single_doc));
	}
	return segment_error(s, c->err);
}

static cdg_status
field_id_set(plan_ctx *c, plan_node *n, const q_node *q)
{
	const char *id = q->raw ? q->raw : q->term;
	size_t len = q->raw ? q->raw_len : q->term_len;

	for (size_t i = 0; i < c->p->snap->nsegs; i++) {
		uint32_t doc;

		if (q->type == Q_RANGE) {
			CDG_TRY(field_id_range(c, n, q, i));
			continue;
		}
		doc = id ? segment_by_id(&c->p->snap->segs[i], id, len) : UINT32_MAX;
		if (doc != UINT32_MAX)
			CDG_TRY(field_id_add(c, n, i, doc));
	}
	return CDG_OK;
}

/* The bitmap part of a leaf; *any: some segment has one. */
static cdg_status
field_sets(plan_ctx *c, plan_node *n, const q_node *q, unsigned field, bool *any)
{
	typed t = { 0 };

	if (q->type == Q_TERM && q->mode == Q_VALUE && q->raw)
		t = typed_parse(q->raw, q->raw_len);
	else if (q->term)
		t = typed_parse(q->term, q->term_len);
	for (size_t i = 0; i < c->p->snap->nsegs; i++) {
		const column *col = column_find(&c->p->snap->segs[i].cols, (uint16_t)field);
		if (!col)
			continue;
		if (q->type == Q_RANGE)
			CDG_TRY(field_range(c, n, i, col, q));
		else if (q->mode == Q_GLOB)
			CDG_TRY(field_glob(c, n, i, col, q));
		else
			CDG_TRY(field_equal(c, n, i, col, &t, q->mode == Q_VALUE));
		*any |= n->sets[i] != NULL;
		n->cost += n->sets[i] ? c->p->snap->segs[i].info.docs / 2 : 0;
	}
	return CDG_OK;
}

cdg_status
plan_field(plan_ctx *c, plan_node *n, const q_node *q)
{
	unsigned field = plan_field_id(c->p, q->field);
	plan_node *words, *set;
	bool any = false;

	n->type = PLAN_SET;
	n->sets = arena_zalloc(c->p->mem, (c->p->snap->nsegs + 1) * sizeof *n->sets);
	if (!n->sets)
		return err_nomem(c->err);
	if (q->field && !strcmp(q->field, "id"))
		return field_id_set(c, n, q);
	if (field == UINT32_MAX || (field < DICT_FIELD_FIRST && q->type == Q_RANGE)) {
		search_warn(c->out, field == UINT32_MAX ? "no field named '%s' in this index"
							: "field '%s' has no order: a range on it matches nothing", q->field ? q->field : "text");
		n->type = PLAN_NONE;
		return CDG_OK;
	}
	CDG_TRY(field_sets(c, n, q, field, &any));
	if (q->type != Q_TERM || q_is_value(q))
		return CDG_OK;
	/* a word: the string values' tokens, or a number or date that equals it */
	words = any ? arena_zalloc(c->p->mem, sizeof *words) : n;
	if (!words)
		return err_nomem(c->err);
	set = any ? arena_alloc(c->p->mem, sizeof *set) : NULL;
	if (any && !set)
		return err_nomem(c->err);
	if (set)
		*set = *n;
	words->field = field;
	words->boost = n->boost;
	words->source = q;
	CDG_TRY(plan_leaf(c, words, q));
	if (!any)
		return CDG_OK;
	n->type = PLAN_OR;
	n->child = arena_alloc(c->p->mem, 2 * sizeof *n->child);
	if (!n->child)
		return err_nomem(c->err);
	n->child[0] = words;
	n->child[1] = set;
	n->nchild = 2;
	n->cost += words->cost;
	return CDG_OK;
}
