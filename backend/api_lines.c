/* api_lines.c - a concordance: every occurrence of what a query asks of the text.
 *
 * In order of documents the lines that are asked for are made as their documents come
 * by, and the rest is only counted.  In another order each occurrence gives its key
 * first; then they are sorted, and the text of the lines that are asked for is read
 * once more. */
#include "backend/api_lines.h"
#include "backend/http/remote.h"

#include "query/exec.h"

enum { LINES_STEP = 16 }; /* lines between looks at the clock */

/* ---- one line -------------------------------------------------------------- */

static const char *
or_empty(const char *s)
{
	return s ? s : "";
}

static const char *
lines_string(lines_call *c, const char *s)
{
	return s ? api_string(&c->out->r.mem, s, strlen(s)) : "";
}

/* The metadata of a document, once for all its lines. */
static cdg_status
lines_meta(lines_call *c, uint64_t doc)
{
	const cdg_index *index = c->a.index;
	buf meta = { 0 };
	cdg_status st;

	if (c->hit_doc == doc)
		return CDG_OK;
	c->hit_doc = UINT64_MAX;
	memset(&c->hit, 0, sizeof c->hit);
	st = index->be->ops->stored(index->be, doc, &meta, NULL, c->err);
	if (st == CDG_OK)
		st = api_hit_meta(index, &c->out->r, &c->hit, meta.p, meta.len, c->err);
	buf_fini(&meta);
	if (st == CDG_OK)
		c->hit_doc = doc;
	return st;
}

bool
lines_late(lines_call *c)
{
	c->late = c->late || (c->deadline_ns && ++c->work % LINES_STEP == 0 && clock_ns() > c->deadline_ns);
	return c->late;
}

cdg_status
lines_fill(lines_call *c, uint64_t doc, const search_span *span, cdg_line *to)
{
	arena *mem = &c->out->r.mem;
	concord_line line;
	const char **sections;
	cdg_status st = concord_make(&c->l, span, c->context, c->words, &line);

	if (st == CDG_OK)
		st = lines_meta(c, doc);
	sections = st == CDG_OK ? arena_zalloc(mem, line.where.nsection * sizeof *sections + 1) : NULL;
	if (sections) {
		for (size_t i = 0; i < line.where.nsection; i++)
			sections[i] = lines_string(c, line.where.section[i]);
		*to = (cdg_line){ .id = or_empty(c->hit.id), .title = or_empty(c->hit.title),
				  .date = or_empty(c->hit.date), .url = or_empty(c->hit.url),
				  .lang = or_empty(c->hit.lang), .sections = sections,
				  .section_count = line.where.nsection, .start = line.start, .end = line.end };
		to->left = lines_string(c, line.left);
		to->match = lines_string(c, line.match);
		to->right = lines_string(c, line.right);
		to->page = lines_string(c, line.where.page);
		to->link = line.where.page ? or_empty(api_link(mem, &c->hit, line.where.page)) : "";
	}
	concord_line_fini(&line);
	return st == CDG_OK && mem->failed ? err_nomem(c->err) : st;
}

static cdg_status
lines_to(lines_call *c, uint64_t doc)
{
	uint32_t local;
	const segment *seg = snapshot_find(c->a.index->snap, doc, &local);

	return locate_doc(&c->l, seg, local);
}

/* ---- one document ------------------------------------------------------------- */

static cdg_status
lines_keep_keys(lines_call *c, uint64_t doc, const search_span *spans, size_t n)
{
	bool left = c->out->order == CDG_LINES_LEFT;

	for (size_t i = 0; i < n && c->nentry < CDG_LINES_SORT_MAX && !lines_late(c); i++) {
		lines_entry *e;
		char key[CONCORD_KEY_MAX];
		size_t len;

		CDG_TRY(concord_key(&c->l, &spans[i], left, key, &len));
		if (!mem_grow(&c->entry, &c->entry_cap, c->nentry + 1, sizeof *c->entry))
			return err_nomem(c->err);
		e = &c->entry[c->nentry];
		*e = (lines_entry){ doc, spans[i], arena_strndup(&c->keys, key, len), (uint32_t)len,
				    (uint32_t)c->nentry };
		if (!e->key)
			return err_nomem(c->err);
		c->nentry++;
	}
	return CDG_OK;
}

cdg_status
lines_document(lines_call *c, uint64_t doc, const search_span *spans, size_t n, bool ready)
{
	cdg_lines *out = c->out;
	uint64_t skip = c->skip < n ? c->skip : n;

	out->total += n;
	out->documents += n > 0;
	c->stop = out->total >= CDG_LINES_COUNT_MAX;
	if (out->order != CDG_LINES_DOCUMENT) {
		if (!n || c->nentry == CDG_LINES_SORT_MAX)
			return CDG_OK;
		if (!ready)
			CDG_TRY(lines_to(c, doc));
		return lines_keep_keys(c, doc, spans, n);
	}
	c->skip -= skip;
	if (skip == n || out->n == c->want)
		return CDG_OK;
	if (!ready)
		CDG_TRY(lines_to(c, doc));
	for (size_t i = skip; i < n && out->n < c->want && !lines_late(c); i++)
		CDG_TRY(lines_fill(c, doc, &spans[i], &out->at[out->n++]));
	return CDG_OK;
}

/* Of a native index. */
static cdg_status
lines_native(void *ctx, uint64_t doc, search_span *spans, size_t n, bool *stop, cdg_error *err)
{
	lines_call *c = ctx;
	uint32_t local;
	const segment *seg = snapshot_find(c->a.index->snap, doc, &local);
	uint64_t off;
	tree_view v;
	cdg_status st;

	if (!n)
		return CDG_OK;
	if (!doctab_tree(&seg->docs, local, &off) || !tree_view_open(&seg->tree, off, &v))
		return segment_error(seg, err);
	n = search_join(spans, n, v.body_pos);
	st = lines_document(c, doc, spans, n, false);
	*stop = c->stop || c->late;
	return st;
}

/* ---- sorting ------------------------------------------------------------------- */

static int
entry_cmp(const void *a, const void *b)
{
	const lines_entry *x = a, *y = b;
	uint32_t n = min_u32(x->key_len, y->key_len);
	int c = n ? memcmp(x->key, y->key, n) : 0;

	if (c)
		return c;
	if (x->key_len != y->key_len)
		return x->key_len < y->key_len ? -1 : 1;
	return (x->number > y->number) - (x->number < y->number);
}

/* A line that is asked for, to be made in order of documents. */
typedef struct lines_place {
	const lines_entry *e;
	cdg_line *to;
} lines_place;

static int
place_cmp(const void *a, const void *b)
{
	const lines_place *x = a, *y = b;

	return (x->e->number > y->e->number) - (x->e->number < y->e->number);
}

/* Lines [i, end) of one document. */
static cdg_status
lines_same(lines_call *c, const lines_place *p, size_t n)
{
	lines_entry *e;
	cdg_line **to;
	cdg_status st;

	if (c->a.index->snap) {
		CDG_TRY(lines_to(c, p->e->doc));
		for (size_t i = 0; i < n; i++)
			CDG_TRY(lines_fill(c, p[i].e->doc, &p[i].e->span, p[i].to));
		return CDG_OK;
	}
	e = mem_calloc(n, sizeof *e);
	to = mem_calloc(n, sizeof *to);
	for (size_t i = 0; e && to && i < n; i++) {
		e[i] = *p[i].e;
		to[i] = p[i].to;
	}
	st = e && to ? lines_fill_whole(c, e, n, to) : err_nomem(c->err);
	mem_free(e);
	mem_free(to);
	return st;
}

static cdg_status
lines_sorted(lines_call *c)
{
	size_t from = c->skip < c->nentry ? (size_t)c->skip : c->nentry, n = min_size(c->want, c->nentry - from);
	lines_place *p = mem_calloc(n + 1, sizeof *p);
	cdg_status st = CDG_OK;

	if (!p)
		return err_nomem(c->err);
	if (c->nentry > 1)
		qsort(c->entry, c->nentry, sizeof *c->entry, entry_cmp);
	for (size_t i = 0; i < n; i++)
		p[i] = (lines_place){ &c->entry[from + i], &c->out->at[i] };
	if (n > 1)
		qsort(p, n, sizeof *p, place_cmp);
	for (size_t i = 0, j; i < n && st == CDG_OK && !lines_late(c); i = j) {
		for (j = i + 1; j < n && p[j].e->doc == p[i].e->doc;)
			j++;
		st = lines_same(c, p + i, j - i);
	}
	mem_free(p);
	for (size_t i = 0; i < n; i++) /* those that were made */
		if (c->out->at[i].id)
			c->out->at[c->out->n++] = c->out->at[i];
	c->out->sorted = c->nentry;
	return st;
}

/* ---- all of it -------------------------------------------------------------------- */

static void
lines_notes(lines_call *c)
{
	cdg_lines *out = c->out;
	const search_result *f = &c->a.found;

	for (size_t i = 0; i < f->nwarnings; i++)
		api_warn(&out->r, "%s", f->warnings[i]);
	c->cut |= c->late || f->timed_out;
	out->total_exact = out->total_exact && !c->cut && !c->stop;
	if (c->cut)
		api_warn(&out->r, "the time limit passed: these are the occurrences found until then");
	if (c->stop)
		api_warn(&out->r, "more than %d occurrences: the rest was not counted", CDG_LINES_COUNT_MAX);
	if (out->order != CDG_LINES_DOCUMENT && out->sorted < out->total) {
		out->truncated = true;
		api_warn(&out->r, "only the first %llu of %s%llu occurrences were sorted",
			 (unsigned long long)out->sorted, out->total_exact ? "" : "at least ",
			 (unsigned long long)out->total);
	}
	out->truncated |= !out->total_exact;
}

static cdg_status
lines_run(lines_call *c, cdg_error *err)
{
	cdg_lines *out = c->out;
	const cdg_index *index = c->a.index;
	uint64_t end = c->a.sr.deadline_ns;
	cdg_status st;

	c->skip = c->a.rq->offset;
	c->want = (size_t)(c->a.rq->limit < CDG_LINES_SORT_MAX ? c->a.rq->limit : CDG_LINES_SORT_MAX);
	out->at = arena_zalloc(&out->r.mem, c->want * sizeof *out->at + 1);
	if (!out->at)
		return err_nomem(err);
	c->a.sr.relaxed = NULL;
	c->a.sr.nsort = c->a.sr.nfacets = 0;
	if (c->a.sr.root->type == Q_NONE)
		return CDG_OK;
	if (out->order != CDG_LINES_DOCUMENT && end) /* a third of the time for the lines themselves */
		c->a.sr.deadline_ns -= c->a.rq->time_limit_ms * 333333;
	c->deadline_ns = c->a.sr.deadline_ns;
	st = index->snap ? exec_places(index->snap, &c->a.sr, lines_native, c, &c->a.found, err) : lines_each_whole(c);
	c->cut = c->late;
	c->late = false;
	c->deadline_ns = end;
	if (st == CDG_OK && out->order != CDG_LINES_DOCUMENT)
		st = lines_sorted(c);
	return st;
}

static cdg_status
lines_here(cdg_lines *x, const cdg_index *index, const cdg_request *request, const char *query, size_t len,
	   uint32_t context, bool words, uint64_t start, cdg_error *err)
{
	lines_call c = { .context = context, .words = words, .out = x, .hit_doc = UINT64_MAX, .err = err };
	cdg_status st;

	x->total_exact = true;
	arena_init(&c.keys);
	st = api_call_begin(&c.a, index, request, &x->r, query, len, start, err);
	locate_init(&c.l, c.a.an, err);
	if (st == CDG_OK)
		st = lines_run(&c, err);
	if (st == CDG_OK)
		lines_notes(&c);
	if (st == CDG_OK && c.a.rq->strict && x->r.nwarnings)
		st = err_set(err, CDG_E_QUERY, "%s", x->r.warnings[0]);
	locate_fini(&c.l);
	api_call_end(&c.a);
	arena_fini(&c.keys);
	mem_free(c.entry);
	return st == CDG_OK && x->r.mem.failed ? err_nomem(err) : st;
}

cdg_status
cdg_concordance(const cdg_index *index, const cdg_request *request, const char *query, size_t len,
		cdg_line_order order, uint32_t context, int words, cdg_lines **out, cdg_error *err)
{
	uint64_t start = clock_ns();
	cdg_lines *x;
	cdg_status st;

	*out = NULL;
	if ((unsigned)order > CDG_LINES_RIGHT || context > 1000)
		return err_set(err, CDG_E_ARG, "a concordance is in order of documents, left or right context, with at most "
					       "1000 characters or words of it");
	x = mem_calloc(1, sizeof *x);
	if (!x)
		return err_nomem(err);
	x->order = order;
	arena_init(&x->r.mem);
	st = index->http ? remote_lines(index->http, request, query, len, order, context, words != 0, x, err)
			 : lines_here(x, index, request, query, len, context, words != 0, start, err);
	if (st != CDG_OK) {
		cdg_lines_free(x);
		return st;
	}
	x->took_us = (clock_ns() - start) / 1000;
	*out = x;
	return CDG_OK;
}

void
cdg_lines_free(cdg_lines *x)
{
	if (!x)
		return;
	arena_fini(&x->r.mem);
	mem_free(x->r.warnings);
	mem_free(x);
}

/* ---- what can be asked -------------------------------------------------------------- */

uint64_t
cdg_lines_get(const cdg_lines *x, cdg_lines_figure which)
{
	switch (which) {
	case CDG_LINES_TOTAL: return x->total;
	case CDG_LINES_TOTAL_EXACT: return x->total_exact;
	case CDG_LINES_DOCUMENTS: return x->documents;
	case CDG_LINES_SORTED: return x->sorted;
	case CDG_LINES_TRUNCATED: return x->truncated;
	case CDG_LINES_MICROSECONDS: return x->took_us;
	}
	return 0;
}

const char *
cdg_lines_query(const cdg_lines *x)
{
	return or_empty(x->r.query);
}

const char *
cdg_lines_parsed(const cdg_lines *x)
{
	return or_empty(x->r.parsed);
}

const char *
cdg_lines_warning(const cdg_lines *x, size_t i)
{
	return i < x->r.nwarnings ? x->r.warnings[i] : NULL;
}

size_t
cdg_lines_count(const cdg_lines *x)
{
	return x->n;
}

cdg_line
cdg_lines_at(const cdg_lines *x, size_t i)
{
	static const cdg_line none = { "", "", "", "", "", "", "", "", "", "", NULL, 0, 0, 0 };

	return i < x->n && x->at[i].id ? x->at[i] : none;
}
