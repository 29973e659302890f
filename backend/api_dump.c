/* api_dump.c - what an index holds, as lines of text: for looking into it, and
 * for tests that compare two indexes.
 *
 * Control characters in terms, ids and titles are shown as spaces, so that a
 * line stays a line; the text of a document is given as it is.
 */
#include "backend/api.h"
#include "backend/xapian/care.h"

static void
dump_line(buf *out, const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_put_u8(out, (uint8_t)p[i] < 0x20 || p[i] == 0x7f ? ' ' : (uint8_t)p[i]);
}

static cdg_status
dump_missing(cdg_error *err, const char *what, const char *p, size_t n)
{
	return err_set(err, CDG_E_NOTFOUND, "no %s '%.*s'", what, (int)min_size(n, 300), p);
}

/* ---- terms ---------------------------------------------------------------- */

/* The dictionaries of all segments side by side: the smallest term of each
 * round is taken from all that have it. */
typedef struct dump_terms {
	const snapshot *snap;
	dict_iter *its;
	bool *has;
	const char *prefix;
	size_t len;
} dump_terms;

static void
dump_advance(dump_terms *t, size_t i)
{
	dict_iter *it = &t->its[i];
	const char *p;
	size_t n;

	t->has[i] = dict_next(it) && it->e.kind == DICT_TERM && it->e.field == DICT_FIELD_TEXT;
	if (!t->has[i])
		return;
	p = dict_iter_bytes(it, &n);
	t->has[i] = n >= t->len && !memcmp(p, t->prefix, t->len);
}

static int
dump_compare(const dict_iter *a, const dict_iter *b)
{
	size_t n = min_size(a->key_len, b->key_len);
	int c = memcmp(a->key, b->key, n);

	return c ? c : (a->key_len > b->key_len) - (a->key_len < b->key_len);
}

/* One term with the sums over all segments; false when there is none left. */
static bool
dump_next_term(dump_terms *t, buf *out)
{
	const dict_iter *least = NULL;
	uint64_t df = 0, ttf = 0;
	size_t nsegs = t->snap->nsegs, first = 0, n;
	const char *p;

	for (size_t i = 0; i < nsegs; i++)
		if (t->has[i] && (!least || dump_compare(&t->its[i], least) < 0)) {
			least = &t->its[i];
			first = i;
		}
	if (!least)
		return false;
	p = dict_iter_bytes(least, &n);
	dump_line(out, p, n);
	for (size_t i = nsegs; i-- > 0;) {
		if (!t->has[i] || (i != first && dump_compare(&t->its[i], least)))
			continue;
		df += t->its[i].e.meta.df;
		ttf += t->its[i].e.meta.ttf;
		if (i != first)
			dump_advance(t, i);
	}
	dump_advance(t, first);
	buf_printf(out, "\t%llu\t%llu\n", (unsigned long long)df, (unsigned long long)ttf);
	return true;
}

static cdg_status
dump_terms_run(dump_terms *t, cdg_write_fn write, void *ctx, cdg_error *err)
{
	uint64_t n = 0;
	buf out;
	cdg_status st = CDG_OK;

	buf_init(&out);
	for (size_t i = 0; i < t->snap->nsegs; i++) {
		dict_seek(&t->its[i], &t->snap->segs[i].dict, DICT_TERM, DICT_FIELD_TEXT, t->prefix, t->len);
		dump_advance(t, i);
	}
	while (st == CDG_OK && dump_next_term(t, &out)) {
		n++;
		st = api_flush_large(&out, write, ctx, err);
	}
	if (st == CDG_OK)
		st = api_flush(&out, write, ctx, err);
	if (st == CDG_OK)
		st = snapshot_error(t->snap, err);
	buf_fini(&out);
	if (st == CDG_OK && !n)
		return dump_missing(err, "term begins with", t->prefix, t->len);
	return st;
}

typedef struct dump_sink {
	cdg_write_fn write;
	void *ctx;
} dump_sink;

static cdg_status
dump_flush(void *ctx, buf *out, cdg_error *err)
{
	const dump_sink *s = ctx;

	return api_flush_large(out, s->write, s->ctx, err);
}

static cdg_status
dump_terms_xapian(const cdg_index *index, const char *prefix, size_t len, cdg_write_fn write, void *ctx,
		  cdg_error *err)
{
	dump_sink s = { write, ctx };
	cdg_status st;
	buf out;

	buf_init(&out);
	st = xap_dump_terms(index->be, prefix, len, &out, dump_flush, &s, err);
	if (st == CDG_OK)
		st = api_flush(&out, write, ctx, err);
	buf_fini(&out);
	return st;
}

cdg_status
cdg_index_dump_terms(const cdg_index *index, const char *prefix, size_t len, cdg_write_fn write, void *ctx,
		     cdg_error *err)
{
	dump_terms t = { .prefix = prefix ? prefix : "", .len = prefix ? len : 0 };
	cdg_status st;

	CDG_TRY(api_here(index, err));
	if (!index->snap)
		return dump_terms_xapian(index, t.prefix, t.len, write, ctx, err);
	t.snap = index->snap;
	if (t.len > DICT_KEY_MAX)
		return dump_missing(err, "term begins with", prefix, len);
	t.its = mem_calloc(t.snap->nsegs + 1, sizeof *t.its);
	t.has = mem_calloc(t.snap->nsegs + 1, sizeof *t.has);
	st = t.its && t.has ? dump_terms_run(&t, write, ctx, err) : err_nomem(err);
	mem_free(t.its);
	mem_free(t.has);
	return st;
}

/* ---- one term --------------------------------------------------------------- */

typedef struct dump_term_run {
	const cdg_index *index;
	store_cursor store;
	buf meta, out;
	cdg_write_fn write;
	void *ctx;
} dump_term_run;

static cdg_status
dump_put_id(dump_term_run *d, const segment *s, uint32_t doc, cdg_error *err)
{
	uint64_t ref;
	docmeta m;

	d->meta.len = 0;
	if (!doctab_store(&s->docs, doc, &ref))
		return segment_error(s, err);
	store_cursor_use(&d->store, &s->store);
	CDG_TRY(store_meta(&d->store, ref, &d->meta, err));
	if (!docmeta_parse(&m, d->meta.p, d->meta.len))
		return err_corrupt(err, s->store.f.path, 0, "the metadata of document %u is damaged", doc);
	dump_line(&d->out, m.id, m.id_len);
	return CDG_OK;
}

static cdg_status
dump_posting(dump_term_run *d, const segment *s, post_cursor *c, cdg_error *err)
{
	const uint32_t *pos, *codes;
	uint32_t doc = c->doc, tf = post_tf(c), n = 0; /* damage moves the cursor: the document first */

	buf_printf(&d->out, "%llu\t", (unsigned long long)s->base + doc);
	CDG_TRY(dump_put_id(d, s, doc, err));
	buf_printf(&d->out, "%s\ttf %u", segment_is_live(s, doc) ? "" : " (deleted)", tf);
	if (c->meta.has_pos) {
		pos = post_positions(c, &n);
		codes = pos ? post_codes(c) : NULL;
		buf_puts(&d->out, "\tat");
		for (uint32_t i = 0; pos && i < n; i++) {
			buf_printf(&d->out, " %u", pos[i]);
			if (codes && codes[i])
				buf_printf(&d->out, "/%u", codes[i]);
		}
	}
	buf_puts(&d->out, "\n");
	return api_flush_large(&d->out, d->write, d->ctx, err);
}

static cdg_status
dump_segment_term(dump_term_run *d, const segment *s, const dict_entry *e, cdg_error *err)
{
	post_cursor *c = mem_alloc(sizeof *c);
	cdg_status st = CDG_OK;
	char hex[33];

	if (!c)
		return err_nomem(err);
	segment_id_hex(&s->info.id, hex);
	buf_printf(&d->out, "segment %s: df %u, ttf %llu\n", hex, e->meta.df, (unsigned long long)e->meta.ttf);
	for (uint32_t i = 0, n = dict_form_count(e); i < n; i++) {
		const char *raw;
		size_t len;
		unsigned width;

		if (!dict_form(e, i, &raw, &len, &width))
			break;
		buf_printf(&d->out, "form %u\t", POST_CODE_FORMS + i);
		dump_line(&d->out, raw, len);
		buf_printf(&d->out, width > 1 ? "\twidth %u\n" : "\n", width);
	}
	segment_cursor(s, e, c);
	while (st == CDG_OK && post_next(c) != POST_END)
		st = dump_posting(d, s, c, err);
	if (st == CDG_OK && c->bad)
		st = c->nomem ? err_nomem(err) : segment_error(s, err);
	post_close(c);
	mem_free(c);
	return st;
}

static cdg_status
dump_term_segments(dump_term_run *d, const char *term, size_t len, cdg_error *err)
{
	const snapshot *snap = d->index->snap;
	bool any = false;
	dict_entry e;

	for (size_t i = 0; i < snap->nsegs; i++) {
		const segment *s = &snap->segs[i];

		if (!dict_find(&s->dict, DICT_TERM, DICT_FIELD_TEXT, term, len, &e))
			continue;
		any = true;
		CDG_TRY(dump_segment_term(d, s, &e, err));
	}
	CDG_TRY(api_flush(&d->out, d->write, d->ctx, err));
	CDG_TRY(snapshot_error(snap, err));
	return any ? CDG_OK : dump_missing(err, "term", term, len);
}

cdg_status
cdg_index_dump_term(const cdg_index *index, const char *term, size_t len, cdg_write_fn write, void *ctx,
		    cdg_error *err)
{
	dump_term_run d = { .index = index, .write = write, .ctx = ctx };
	cdg_status st;

	CDG_TRY(api_native(index, err));
	if (!len || len > DICT_KEY_MAX)
		return dump_missing(err, "term", term, len);
	store_cursor_init(&d.store, NULL);
	st = dump_term_segments(&d, term, len, err);
	store_cursor_fini(&d.store);
	buf_fini(&d.meta);
	buf_fini(&d.out);
	return st;
}
