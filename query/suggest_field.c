/* suggest_field.c - values of metadata fields, identifiers, and titles. */
#include "query/suggest_impl.h"

#include <unicode/uchar.h>

#include "engine/docmeta.h"
#include "query/exec.h"

enum { VALUE_WALK = 256 }; /* values of a field with many that are looked at */

/* ---- values --------------------------------------------------------------- */

typedef struct values {
	suggest_run *r;
	char typed[SUGGEST_LINE_MAX + 1]; /* folded */
	size_t typed_len;
	suggest_word *v;                  /* on the heap, strings in r->out->mem */
	size_t n, cap;
} values;

/* Lower case without accents, of any length.  Returns the bytes, at most cap. */
static size_t
value_fold(const char *p, size_t n, char *out, size_t cap)
{
	size_t len = 0;
	const char *end = p + n;

	while (p < end) {
		char low[8], fold[TEXT_TERM_MAX + 1];
		uint32_t c = text_decode(&p, end);
		size_t k = 1;

		if (c < 0x80) {
			*fold = (char)(c - 'A' < 26 ? c | 0x20 : c);
		} else {
			k = text_encode((uint32_t)u_tolower((UChar32)c), low);
			k = text_fold(low, k, fold);
		}
		if (len + k > cap)
			break;
		memcpy(out + len, fold, k);
		len += k;
	}
	return len;
}

static bool
value_begins(const values *l, const char *p, size_t n)
{
	char fold[SUGGEST_LINE_MAX + 1];
	size_t len = value_fold(p, n, fold, l->typed_len);

	return len >= l->typed_len && !memcmp(fold, l->typed, l->typed_len);
}

static bool
value_add(values *l, const char *p, size_t n, uint64_t documents)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].len == n && !memcmp(l->v[i].term, p, n)) {
			l->v[i].df += documents;
			return true;
		}
	if (!mem_grow(&l->v, &l->cap, l->n + 1, sizeof *l->v))
		return false;
	l->v[l->n] = (suggest_word){ arena_strndup(&l->r->out->mem, p, n), n, documents, 0 };
	return l->v[l->n++].term != NULL;
}

/* The strings [from, to) of a column that begin so; counts NULL: not known. */
static cdg_status
values_take(values *l, const column *c, uint32_t from, uint32_t to, const uint32_t *counts)
{
	column_cursor cur = { 0 };
	cdg_status st = CDG_OK;

	for (uint32_t i = from; i < to && st == CDG_OK; i++) {
		column_value v;

		if (counts && !counts[i])
			continue;
		if (!column_get(c, i, &v, &cur))
			st = column_error(c, &cur, l->r->err);
		else if (v.type == COLUMN_STRING && v.n <= SUGGEST_LINE_MAX && value_begins(l, v.p, v.n) &&
			 !value_add(l, v.p, v.n, counts ? counts[i] : 0))
			st = err_nomem(l->r->err);
	}
	column_cursor_fini(&cur);
	return st;
}

static cdg_status
values_segment(values *l, const segment *s, unsigned field)
{
	const column *c = column_find(&s->cols, (uint16_t)field);
	uint32_t n = c ? column_nvalues(c) : 0, from = n - (c ? c->nstrings : 0), *counts;
	cdg_status st;

	if (!n)
		return CDG_OK;
	if (c->nstrings > SUGGEST_VALUES) {
		column_value v = column_string(l->r->line->value, l->r->line->value_len);

		if (!column_lower_bound(c, &v, &from))
			return pfile_error(&c->cols->f, l->r->err);
		return values_take(l, c, from, min_u32(n, from + VALUE_WALK), NULL);
	}
	counts = mem_calloc(n, sizeof *counts);
	if (!counts)
		return err_nomem(l->r->err);
	st = column_count(c, s->has_deletes ? s->live.words : NULL, counts) ?
		     values_take(l, c, from, n, counts) :
		     pfile_error(&c->cols->f, l->r->err);
	mem_free(counts);
	return st;
}

/* Identifiers that begin so, letter for letter. */
static cdg_status
values_ids(values *l, const segment *s)
{
	const suggest_line *line = l->r->line;
	size_t n, len = min_size(line->value_len, DICT_KEY_MAX);
	dict_iter it;

	dict_seek(&it, &s->dict, DICT_ID, 0, line->value, len);
	for (unsigned i = 0; i < VALUE_WALK && dict_next(&it) && it.e.kind == DICT_ID; i++) {
		const char *p = dict_iter_bytes(&it, &n);

		if (n < len || memcmp(p, line->value, len))
			break;
		/* a longer one is not whole here */
		if (n < DICT_KEY_MAX && !value_add(l, p, n, 1))
			return err_nomem(l->r->err);
	}
	return segment_error(s, l->r->err);
}

/* Needs no quotes: letters, digits and _. */
static bool
value_simple(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!lex_wordish(p, n, i))
			return false;
	return n > 0;
}

/* A value as it is to stand behind what was typed.  False: it cannot. */
static bool
value_put(buf *b, char open, bool id, const char *p, size_t n)
{
	/* where "" stands for a quotation mark */
	bool exact = open == '=' || (!open && !id);

	for (size_t i = 0; i < n; i++)
		if ((uint8_t)p[i] < 0x20 || (p[i] == '"' && !exact))
			return false;
	if (value_simple(p, n) && (!open || open == '(')) {
		buf_put(b, p, n);
		return true;
	}
	buf_puts(b, !open && !id ? "=\"" : "\"");
	for (size_t i = 0; i < n; i++)
		buf_puts(b, p[i] == '"' ? "\"\"" : (char[]){ p[i], 0 });
	buf_put_u8(b, '"');
	return true;
}

cdg_status
suggest_put_values(suggest_run *r, suggest_word *v, size_t n, bool id)
{
	const suggest_line *line = r->line;
	bool ok = true;
	buf b;

	if (n > 1)
		qsort(v, n, sizeof *v, suggest_word_cmp);
	buf_init(&b);
	for (size_t i = 0; i < n && r->out->n < r->limit && ok; i++) {
		b.len = 0;
		if (value_put(&b, line->open, id, v[i].term, v[i].len))
			ok = !b.failed && suggest_add(r, SUGGEST_VALUE, (char *)b.p, b.len, v[i].df);
	}
	ok &= !b.failed;
	buf_fini(&b);
	return ok ? CDG_OK : err_nomem(r->err);
}

cdg_status
suggest_values(suggest_run *r)
{
	const suggest_line *line = r->line;
	bool id = !strcmp(line->field, "id");
	unsigned field = id ? 0 : manifest_field(&r->snap->manifest, line->field, strlen(line->field));
	values *l = mem_calloc(1, sizeof *l);
	cdg_status st = CDG_OK;

	if (!l)
		return err_nomem(r->err);
	l->r = r;
	l->typed_len = value_fold(line->value, line->value_len, l->typed, sizeof l->typed);
	for (size_t i = 0; i < r->snap->nsegs && st == CDG_OK; i++)
		st = id ? values_ids(l, &r->snap->segs[i]) :
		     field ? values_segment(l, &r->snap->segs[i], field) : CDG_OK;
	if (st == CDG_OK)
		st = suggest_put_values(r, l->v, l->n, id);
	mem_free(l->v);
	mem_free(l);
	return st;
}

/* ---- titles --------------------------------------------------------------- */

/* One word of the title; the last, if it is being typed, as a beginning. */
static q_node *
title_word(ast *a, const suggest_token *w, bool prefix)
{
	q_node *q;

	if (!prefix) {
		q = q_word(a, w->term, w->len, Q_FOLD);
	} else if ((q = q_new(a, Q_PREFIX, 0))) {
		char fold[TEXT_TERM_MAX + 1];
		bool cjk = w->kind == TEXT_CJK_LAST;
		size_t n = cjk ? w->len : text_fold(w->term, w->len, fold);

		q->cjk1 = cjk;
		q->term = arena_strndup(&a->mem, cjk ? w->term : fold, n);
		q->term_len = n;
		if (!q->term)
			return NULL;
	}
	if (q) {
		q->field = "title";
		q->offset = w->pos;
		q->width = w->kind == TEXT_CJK ? 2 : 1;
	}
	return q;
}

/* The words: in quotes one after the other, else anywhere in the title, but for those
 * that were written as one. */
static q_node *
title_query(ast *a, const suggest_line *l)
{
	/* one letter more is the beginning of too much */
	bool letter = l->typing && l->nwords > 1 && l->words[l->nwords - 1].len == 1;
	size_t n = l->nwords - letter, k = 0;
	q_node *all = q_new(a, Q_AND, n);

	for (size_t i = 0, end; all && i < n; i = end) {
		q_node *phrase;

		for (end = i + 1; end < n && (l->quoted || l->words[end].at <= l->words[end - 1].end + 1) &&
				  (l->quoted || l->s[l->words[end - 1].end] != ' ');)
			end++;
		phrase = q_new(a, Q_PHRASE, end - i);
		if (!phrase)
			return NULL;
		phrase->field = "title";
		for (size_t j = i; j < end; j++) {
			q_node *q = title_word(a, &l->words[j], l->typing && j + 1 == l->nwords);

			if (!q)
				return NULL;
			q->offset -= l->words[i].pos;
			phrase->child[j - i] = q;
		}
		all->child[k++] = end - i > 1 ? phrase : phrase->child[0];
	}
	if (all)
		all->nchild = k;
	return k == 1 ? all->child[0] : all;
}

/* The title and the identifier of a document as a suggestion. */
static cdg_status
title_add(suggest_run *r, store_cursor *c, uint64_t doc, buf *meta)
{
	uint32_t local;
	const segment *s = snapshot_find(r->snap, doc, &local);
	suggestion *x = &r->out->s[r->out->n];
	uint64_t ref;
	docmeta m;

	if (!s || !doctab_store(&s->docs, local, &ref))
		return snapshot_error(r->snap, r->err);
	store_cursor_use(c, &s->store);
	meta->len = 0;
	CDG_TRY(store_meta(c, ref, meta, r->err));
	if (!docmeta_parse(&m, meta->p, meta->len))
		return err_corrupt(r->err, s->store.f.path, 0, "the metadata of document %u is damaged", local);
	for (size_t i = 0; i < r->out->n; i++)
		if (r->out->s[i].kind == SUGGEST_TITLE && r->out->s[i].len == m.title_len &&
		    !memcmp(r->out->s[i].text, m.title, m.title_len))
			return CDG_OK; /* laws have a hundred sections that are called "Definitions" */
	*x = (suggestion){ .kind = SUGGEST_TITLE, .documents = 1, .len = m.title_len, .id_len = m.id_len };
	x->text = arena_strndup(&r->out->mem, m.title, m.title_len);
	x->id = arena_strndup(&r->out->mem, m.id, m.id_len);
	r->out->n += m.title_len > 0;
	return r->out->mem.failed ? err_nomem(r->err) : CDG_OK;
}

cdg_status
suggest_titles(suggest_run *r, uint32_t want)
{
	search_request rq = { .bm25 = { 1.2f, 0.75f }, .title_weight = 1, .limit = 4 * want, .an = r->an };
	search_result found = { 0 };
	uint32_t full = min_u32(r->limit, (uint32_t)r->out->n + want);
	store_cursor c;
	buf meta;
	ast a;
	cdg_status st;

	if (!r->line->nwords || !r->snap->nsegs)
		return CDG_OK;
	ast_init(&a);
	buf_init(&meta);
	store_cursor_init(&c, &r->snap->segs[0].store);
	rq.root = title_query(&a, r->line);
	st = rq.root ? exec_search(r->snap, &rq, &found, r->err) : err_nomem(r->err);
	for (size_t i = 0; st == CDG_OK && i < found.nhits && r->out->n < full; i++)
		st = title_add(r, &c, found.hits[i].doc, &meta);
	search_result_fini(&found);
	store_cursor_fini(&c);
	buf_fini(&meta);
	ast_fini(&a);
	return st;
}
