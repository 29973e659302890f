/* suggest_word.c - words of the dictionaries that begin with what was typed.
 *
 * Segments are merged by term, so that counts are those of the index.  A word whose
 * bytes do not begin so but whose fold does (an accent at its beginning) is a member of
 * a fold class; classes are read after the terms.
 */
#include "query/suggest_impl.h"

/* The best so far: a heap whose top is the worst. */
typedef struct best {
	arena *mem;
	suggest_word *w;
	size_t n, cap;
} best;

int
suggest_word_cmp(const void *a, const void *b)
{
	const suggest_word *x = a, *y = b;
	int c;

	if (x->df != y->df)
		return x->df < y->df ? 1 : -1;
	c = memcmp(x->term, y->term, min_size(x->len, y->len));
	return c ? c : (x->len > y->len) - (x->len < y->len);
}

static void
best_sink(best *b, size_t i)
{
	for (size_t k; (k = 2 * i + 1) < b->n; i = k) {
		suggest_word t = b->w[i];

		k += k + 1 < b->n && suggest_word_cmp(&b->w[k + 1], &b->w[k]) > 0;
		if (suggest_word_cmp(&b->w[k], &t) <= 0)
			break;
		b->w[i] = b->w[k];
		b->w[k] = t;
	}
}

static void
best_offer(best *b, const char *term, size_t len, uint64_t df)
{
	suggest_word w = { term, len, df, 0 };

	if (b->n == b->cap && suggest_word_cmp(&w, &b->w[0]) >= 0)
		return;
	w.term = arena_strndup(b->mem, term, len);
	if (!w.term)
		return;
	if (b->n == b->cap) {
		b->w[0] = w;
		best_sink(b, 0);
		return;
	}
	b->w[b->n++] = w;
	if (b->n == b->cap)
		for (size_t i = b->n / 2; i-- > 0;)
			best_sink(b, i);
}

/* ---- one range of every dictionary --------------------------------------- */

typedef struct source {
	dict_iter it;
	uint64_t left; /* to be read */
	uint64_t from, to; /* ordinals that were read */
	bool has;
} source;

typedef struct range {
	unsigned kind, field;
	const char *prefix;
	size_t len;
} range;

static void
source_next(source *s, const range *r)
{
	const char *p;
	size_t n;

	s->has = s->left-- && dict_next(&s->it) && s->it.e.kind == r->kind && s->it.e.field == r->field;
	if (!s->has)
		return;
	p = dict_iter_bytes(&s->it, &n);
	s->has = n >= r->len && !memcmp(p, r->prefix, r->len);
	if (s->has)
		s->to = s->it.e.ord + 1;
}

static int
source_cmp(const source *a, const source *b)
{
	int c = memcmp(a->it.key, b->it.key, min_size(a->it.key_len, b->it.key_len));

	return c ? c : (a->it.key_len > b->it.key_len) - (a->it.key_len < b->it.key_len);
}

static source *
sources_open(const snapshot *snap, const range *r)
{
	source *s = mem_calloc(snap->nsegs + 1, sizeof *s);

	for (size_t i = 0; s && i < snap->nsegs; i++) {
		dict_seek(&s[i].it, &snap->segs[i].dict, r->kind, r->field, r->prefix, r->len);
		s[i].left = SUGGEST_SCAN;
		source_next(&s[i], r);
		s[i].from = s[i].has ? s[i].it.e.ord : 0;
	}
	return s;
}

/* The terms of a range. */
static void
scan_terms(const snapshot *snap, const range *r, source *s, best *b)
{
	for (size_t first = 0; first < snap->nsegs && !b->mem->failed;) {
		uint64_t df;
		const char *term;
		size_t n, least = first;

		if (!s[first].has) {
			first++; /* those before it are at their ends */
			continue;
		}
		for (size_t i = first + 1; i < snap->nsegs; i++)
			if (s[i].has && source_cmp(&s[i], &s[least]) < 0)
				least = i;
		df = s[least].it.e.meta.df;
		for (size_t i = first; i < snap->nsegs; i++)
			if (i != least && s[i].has && !source_cmp(&s[i], &s[least])) {
				df += s[i].it.e.meta.df;
				source_next(&s[i], r);
			}
		term = dict_iter_bytes(&s[least].it, &n);
		best_offer(b, term, n, df);
		source_next(&s[least], r);
	}
}

uint64_t
suggest_documents(const snapshot *snap, unsigned field, const char *term, size_t len)
{
	uint64_t df = 0;
	dict_entry e;

	for (size_t i = 0; i < snap->nsegs; i++)
		if (dict_find(&snap->segs[i].dict, DICT_TERM, field, term, len, &e))
			df += e.meta.df;
	return df;
}

static bool
best_has(const best *b, const char *term, size_t len)
{
	for (size_t i = 0; i < b->n; i++)
		if (b->w[i].len == len && !memcmp(b->w[i].term, term, len))
			return true;
	return false;
}

/* A member of a class whose bytes do not begin as the class does. */
static void
scan_member(const snapshot *snap, size_t seg, const range *r, uint64_t ord, best *b)
{
	dict_iter it;
	const char *p;
	size_t n;

	dict_seek_ord(&it, &snap->segs[seg].dict, ord);
	if (!dict_next(&it) || it.e.kind != DICT_TERM)
		return;
	p = dict_iter_bytes(&it, &n);
	if ((n < r->len || memcmp(p, r->prefix, r->len)) && !best_has(b, p, n))
		best_offer(b, p, n, suggest_documents(snap, r->field, p, n));
}

/* The members of fold classes that are outside the ranges of terms that were read. */
static void
scan_classes(const snapshot *snap, const range *terms, const source *read, best *b)
{
	range r = *terms;
	source *s;

	r.kind = DICT_FOLD;
	s = sources_open(snap, &r);
	if (!s)
		b->mem->failed = true;
	for (size_t i = 0; s && i < snap->nsegs; i++)
		for (; s[i].has && !b->mem->failed; source_next(&s[i], &r)) {
			dict_member_iter mi;
			dict_member m;

			dict_members(&s[i].it.e, &mi);
			while (dict_member_next(&mi, &m))
				if (m.ord < read[i].from || m.ord >= read[i].to)
					scan_member(snap, i, &r, m.ord, b);
		}
	mem_free(s);
}

static void
words_scan(const snapshot *snap, unsigned field, const char *prefix, size_t len, bool cjk, arena *mem,
	   suggest_word *out, size_t cap, size_t *n)
{
	best b = { .mem = mem, .w = out, .cap = cap };
	range r = { DICT_TERM, field, prefix, len };
	source *s = sources_open(snap, &r);

	*n = 0;
	if (!s) {
		mem->failed = true;
		return;
	}
	scan_terms(snap, &r, s, &b);
	if (!cjk)
		scan_classes(snap, &r, s, &b);
	mem_free(s);
	if (b.n > 1)
		qsort(out, b.n, sizeof *out, suggest_word_cmp);
	*n = b.n;
}

/* ---- words of one letter ---------------------------------------------------- */

/* As many begin with one letter as take milliseconds to read: the best of each are kept with
 * the snapshot. */
typedef struct letter {
	size_t n;
	suggest_word w[SUGGEST_WORDS]; /* terms behind it */
} letter;

static letter *
letter_make(const snapshot *snap, unsigned field, char c, arena *mem)
{
	suggest_word w[SUGGEST_WORDS];
	size_t n, bytes = 0;
	letter *l;
	char *to;

	words_scan(snap, field, &c, 1, false, mem, w, countof(w), &n);
	for (size_t i = 0; i < n; i++)
		bytes += w[i].len;
	l = mem->failed ? NULL : mem_alloc(sizeof *l + bytes + 1);
	if (!l)
		return NULL;
	l->n = n;
	to = (char *)(l + 1);
	for (size_t i = 0; i < n; i++) {
		l->w[i] = w[i];
		l->w[i].term = memcpy(to, w[i].term, w[i].len);
		to += w[i].len;
	}
	return l;
}

void
suggest_words(const snapshot *snap, unsigned field, const char *prefix, size_t len, bool cjk, arena *mem,
	      suggest_word *out, size_t cap, size_t *n)
{
	unsigned slot = SNAPSHOT_KEPT_LETTER + 128 * (field == DICT_FIELD_TITLE);
	const letter *l;

	if (len != 1 || cjk || (uint8_t)*prefix >= 128) {
		words_scan(snap, field, prefix, len, cjk, mem, out, cap, n);
		return;
	}
	slot += (uint8_t)*prefix;
	l = snapshot_kept(snap, slot);
	if (!l) {
		letter *own = letter_make(snap, field, *prefix, mem);

		l = own ? snapshot_keep(snap, slot, own) : NULL;
	}
	mem->failed |= !l;
	*n = l ? min_size(l->n, cap) : 0;
	if (*n)
		memcpy(out, l->w, *n * sizeof *out);
}

/* ---- how it is written ----------------------------------------------------- */

/* The parts of a compound with hyphens between, in lower case: into mem. */
static void
written_parts(suggest_run *r, const char *raw, size_t n, suggest_word *w)
{
	text_token tok[4 * TEXT_JOIN_MAX];
	size_t got, len = 0;
	char *text = arena_alloc(&r->out->mem, 2 * n + 4 * TEXT_JOIN_MAX);

	if (!text)
		return;
	text_begin(r->an, raw, n, 0);
	got = text_next(r->an, tok, countof(tok));
	for (size_t i = 0; i < got; i++) {
		if (tok[i].kind == TEXT_JOINED)
			continue;
		if (len + tok[i].len + 1 > 2 * n)
			return;
		if (len)
			text[len++] = '-';
		memcpy(text + len, tok[i].term, tok[i].len);
		len += tok[i].len;
	}
	if (len) {
		w->term = text;
		w->len = len;
	}
}

void
suggest_written(suggest_run *r, unsigned field, suggest_word *w)
{
	for (size_t i = 0; i < r->snap->nsegs; i++) {
		const segment *s = &r->snap->segs[i];
		const uint32_t *codes;
		uint32_t n, wide = 0, plain = 0, code = 0;
		dict_entry e;
		post_cursor c;
		const char *raw;
		size_t len;
		unsigned width = 1;

		if (!dict_find(&s->dict, DICT_TERM, field, w->term, w->len, &e))
			continue;
		if (!e.meta.wide)
			return; /* in this segment it is one word */
		segment_cursor(s, &e, &c);
		for (unsigned docs = 0; docs < 16 && post_next(&c) != POST_END; docs++) {
			if (!post_positions(&c, &n))
				n = 0;
			codes = n ? post_codes(&c) : NULL;
			for (uint32_t k = 0; k < n; k++) {
				width = 1;
				if (!codes || codes[k] < POST_CODE_FORMS || !dict_form(&e, codes[k] - POST_CODE_FORMS, &raw, &len, &width) ||
				    width < 2) {
					plain++;
				} else if (!memchr(raw, '\n', len) && !memchr(raw, '\r', len)) {
					wide++;
					code = codes[k];
				}
			}
		}
		post_close(&c);
		if (wide > plain && dict_form(&e, code - POST_CODE_FORMS, &raw, &len, &width))
			written_parts(r, raw, len, w);
		return;
	}
}
