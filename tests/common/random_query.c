/* random_query.c - random trees.  See random_query.h.
 *
 * A query has a document in mind and takes most of its words from there, so that
 * conjunctions and phrases find something.
 */
#include "tests/common/random_query.h"

typedef struct maker {
	const vocab *v;
	rnd *r;
	ast *a;
	size_t doc;        /* in mind */
	const char *field; /* of the words being made */
	int left;          /* nodes until it is enough */
} maker;

static q_node *make_unit(maker *m, unsigned depth);

static q_node *
make_over(maker *m, q_type type, q_node *const *child, size_t n)
{
	q_node *q;

	for (size_t i = 0; i < n; i++)
		if (!child[i])
			return NULL;
	m->left -= (int)n;
	q = q_new(m->a, type, n);
	for (size_t i = 0; q && i < n; i++)
		q->child[i] = child[i];
	return q;
}

/* ---- words ---------------------------------------------------------------------- */

static q_node *
make_strict(maker *m, const vocab_token *t)
{
	q_node *q = q_word(m->a, t->term.p, t->term.n, Q_STRICT);

	if (!q)
		return NULL;
	q->raw = arena_strndup(&m->a->mem, t->raw.p, t->raw.n);
	q->raw_len = t->raw.n;
	q->hyphen = t->hyphen;
	if (rnd_chance(m->r, 10)) { /* one in ten is not written like this */
		q->raw = q->term;
		q->raw_len = q->term_len;
	}
	return q->raw ? q : NULL;
}

static q_node *
make_prefix(maker *m, const vocab_token *t)
{
	const char *at = t->term.p, *end = at + t->term.n;
	uint32_t chars = 1 + rnd_below(m->r, 6);
	bool cjk1 = t->kind == TEXT_CJK || t->kind == TEXT_CJK_LAST;
	q_node *q = q_new(m->a, Q_PREFIX, 0);

	if (chars < 3 && !cjk1 && rnd_chance(m->r, 70))
		chars += 2; /* very short ones are slow to check */
	if (cjk1)
		chars = 1;
	while (chars-- && at < end)
		text_decode(&at, end);
	if (!q || !(q->term = arena_strndup(&m->a->mem, t->term.p, (size_t)(at - t->term.p))))
		return NULL;
	q->term_len = (size_t)(at - t->term.p);
	q->cjk1 = cjk1 && rnd_chance(m->r, 80);
	q->field = m->field;
	return q;
}

static q_node *
make_term(maker *m, const vocab_token *t, q_mode mode)
{
	q_node *q;

	if (!t)
		return q_new(m->a, Q_NONE, 0);
	q = mode == Q_STRICT ? make_strict(m, t) : q_word(m->a, t->term.p, t->term.n, mode);
	if (!q)
		return NULL;
	q->kind = t->kind;
	q->width = t->width;
	q->field = m->field;
	return q;
}

static q_mode
make_mode(maker *m)
{
	uint32_t k = rnd_below(m->r, 10);

	return k < 5 ? Q_STEM : k < 8 ? Q_FOLD : Q_STRICT;
}

static q_node *
make_word(maker *m)
{
	size_t doc = rnd_chance(m->r, 75) ? m->doc : SIZE_MAX;
	const vocab_token *t = vocab_pick_word(m->v, m->r, doc);

	if (t && rnd_chance(m->r, 12))
		return make_prefix(m, t);
	if (m->v->njoined && rnd_chance(m->r, 5)) {
		doc_str s = m->v->joined[rnd_below(m->r, (uint32_t)m->v->njoined)];
		q_node *q = q_word(m->a, s.p, s.n, rnd_chance(m->r, 50) ? Q_STEM : Q_FOLD);
		if (q)
			q->field = m->field;
		return q;
	}
	return make_term(m, t, make_mode(m));
}

/* ---- phrases ----------------------------------------------------------------------- */

/* A slot for a token, sometimes another kind of node. */
static q_node *
make_slot(maker *m, const vocab_token *t, q_mode mode, unsigned depth)
{
	q_node *pair[2];

	switch (rnd_below(m->r, 20)) {
	case 0:
		return make_prefix(m, t);
	case 1: /* (this|another) */
		pair[0] = make_term(m, t, mode);
		pair[1] = depth ? make_unit(m, depth - 1) : make_word(m);
		return make_over(m, rnd_chance(m->r, 80) ? Q_SYN : Q_OR, pair, 2);
	case 2:
		return depth && rnd_chance(m->r, 30) ? make_unit(m, depth - 1) :
						       make_term(m, t, mode);
	default:
		return make_term(m, t, rnd_chance(m->r, 10) ? make_mode(m) : mode);
	}
}

static q_node *
make_phrase(maker *m, unsigned depth)
{
	const vocab_run *run = vocab_pick_run(m->v, m->r, rnd_chance(m->r, 85) ? m->doc : SIZE_MAX);
	q_node *slot[VOCAB_RUN], *q;
	q_mode mode = rnd_chance(m->r, 60) ? Q_FOLD : make_mode(m);
	unsigned n = 0, first, want;
	bool cjk = false;

	if (!run)
		return q_new(m->a, Q_NONE, 0);
	first = rnd_below(m->r, run->n);
	want = 2 + rnd_below(m->r, VOCAB_RUN - 1);
	for (unsigned i = first; i < run->n && n < want; i++) {
		if (n && rnd_chance(m->r, 8))
			continue; /* a gap: "one * three" */
		slot[n] = make_slot(m, &run->token[i], mode, depth);
		if (!slot[n])
			return NULL;
		slot[n]->offset = i - first;
		cjk |= run->token[i].kind == TEXT_CJK;
		n++;
	}
	q = make_over(m, Q_PHRASE, slot, n);
	if (!q)
		return NULL;
	if (rnd_chance(m->r, 20))
		q->n = rnd_below(m->r, 9);
	if (n > 1 && rnd_chance(m->r, 5)) { /* the words, but not in this order */
		uint32_t i = rnd_below(m->r, n - 1), offset = slot[i]->offset;
		q->child[i] = slot[i + 1];
		q->child[i + 1] = slot[i];
		q->child[i + 1]->offset = slot[i + 1]->offset;
		q->child[i]->offset = offset;
	}
	if (cjk && n)
		q->span = q->child[n - 1]->offset + q_width(q->child[n - 1]);
	return q;
}

/* (top level | toplevel), as the parser makes it of top-level. */
static q_node *
make_compound(maker *m)
{
	const vocab_run *run = vocab_pick_run(m->v, m->r, m->doc);
	q_node *pair[2], *slot[2];
	char joined[2 * TEXT_TERM_MAX];
	const vocab_token *t;
	uint32_t i;

	if (!run || run->n < 2)
		return make_word(m);
	i = rnd_below(m->r, run->n - 1);
	for (unsigned k = 0; k + 1 < run->n; k++)
		if (run->token[k].hyphen)
			i = k;
	t = &run->token[i];
	if (t[0].term.n + t[1].term.n > TEXT_TERM_MAX)
		return make_word(m);
	slot[0] = make_term(m, &t[0], Q_STEM);
	slot[1] = make_term(m, &t[1], Q_STEM);
	pair[0] = make_over(m, Q_PHRASE, slot, 2);
	if (!pair[0])
		return NULL;
	slot[1]->offset = slot[0]->width;
	memcpy(joined, t[0].term.p, t[0].term.n);
	memcpy(joined + t[0].term.n, t[1].term.p, t[1].term.n);
	pair[1] = q_word(m->a, joined, t[0].term.n + t[1].term.n, Q_STEM);
	if (pair[1])
		pair[1]->field = m->field;
	return make_over(m, Q_SYN, pair, 2);
}

/* ---- units ---------------------------------------------------------------------------- */

static q_node *
make_several(maker *m, q_type type, unsigned n, unsigned depth)
{
	q_node *child[8];

	for (unsigned i = 0; i < n; i++) {
		bool deep = depth && rnd_chance(m->r, 35);

		if (i && rnd_chance(m->r, 4))
			child[i] = child[i - 1]; /* the same twice */
		else
			child[i] = deep ? make_unit(m, depth - 1) : make_word(m);
	}
	if (type != Q_SYN && rnd_chance(m->r, 2)) /* has no place here */
		child[0] = q_new(m->a, rnd_chance(m->r, 50) ? Q_ALL : Q_RANGE, 0);
	if (n > 1 && rnd_chance(m->r, 8) && child[0] && child[1]) {
		q_node *pair[2] = { child[0], child[1] };
		child[0] = make_over(m, Q_OR, pair, 2);
	}
	return make_over(m, type, child, n);
}

static q_node *
make_near(maker *m, unsigned depth)
{
	q_node *q = make_several(m, rnd_chance(m->r, 60) ? Q_NEAR : Q_ADJ, 2 + rnd_below(m->r, 3), depth);

	if (q)
		q->n = rnd_chance(m->r, 70) ? 1 + rnd_below(m->r, 10) : rnd_below(m->r, 40);
	return q;
}

static q_node *
make_unit(maker *m, unsigned depth)
{
	uint32_t k = rnd_below(m->r, 100);

	if (m->left <= 0)
		return make_word(m);
	if (k < 45)
		return make_word(m);
	if (k < 70)
		return make_phrase(m, depth);
	if (k < 82)
		return make_near(m, depth);
	if (k < 92)
		return make_several(m, Q_SYN, 2 + rnd_below(m->r, 3), depth);
	return make_compound(m);
}

/* ---- metadata ----------------------------------------------------------------------------- */

static const char *
make_string(maker *m, doc_str s)
{
	return arena_strndup(&m->a->mem, s.p, s.n);
}

/* A value as a bound: whole, or a date's year or month. */
static const char *
make_bound(maker *m, const vocab_field *f)
{
	uint32_t i = rnd_below(m->r, (uint32_t)f->n);
	doc_str s = f->values[i];

	if (f->types[i] == DOC_DATE && rnd_chance(m->r, 50))
		s.n = min_size(s.n, rnd_chance(m->r, 50) ? 4 : 7);
	else if (f->types[i] == DOC_STRING && rnd_chance(m->r, 50))
		s.n = min_size(s.n, 1 + rnd_below(m->r, 8));
	if (memchr(s.p, 0, s.n))
		s.n = strlen(s.p);
	return make_string(m, s);
}

static q_node *
make_range(maker *m, const vocab_field *f)
{
	q_node *q = q_new(m->a, Q_RANGE, 0);

	if (!q)
		return NULL;
	q->field = f->name;
	q->lo = rnd_chance(m->r, 70) ? make_bound(m, f) : NULL;
	q->hi = rnd_chance(m->r, 70) ? make_bound(m, f) : NULL;
	if (q->lo && rnd_chance(m->r, 10))
		q->hi = q->lo;
	q->lo_open = q->lo && rnd_chance(m->r, 25);
	q->hi_open = q->hi && rnd_chance(m->r, 25);
	return q;
}

/* Words of a value: one, or a phrase of the first few. */
static q_node *
make_value_words(maker *m, const vocab_field *f, doc_str s)
{
	text_analyzer *an = text_analyzer_new(NULL);
	text_token t[2 * TEXT_JOIN_MAX];
	q_node *slot[4], *q = NULL;
	size_t n, k = 0, want = 1 + rnd_below(m->r, 3);

	if (!an)
		return NULL;
	text_begin(an, s.p, s.n, 0);
	n = text_next(an, t, countof(t));
	for (size_t i = 0; i < n && k < want; i++) {
		if (t[i].kind == TEXT_JOINED)
			continue;
		q = q_word(m->a, t[i].term, t[i].len, rnd_chance(m->r, 50) ? Q_FOLD : Q_STEM);
		if (!q)
			break;
		q->field = f->name;
		q->offset = t[i].pos;
		slot[k++] = q;
	}
	text_analyzer_free(an);
	if (k > 1)
		return make_over(m, Q_PHRASE, slot, k);
	return k ? slot[0] : q_new(m->a, Q_NONE, 0);
}

/* The id of some document, perhaps only its first bytes. */
static const char *
make_id_bound(maker *m)
{
	doc_str id = m->v->docs[vocab_pick_doc(m->v, m->r)].id;

	if (rnd_chance(m->r, 50))
		id.n = min_size(id.n, 1 + rnd_below(m->r, 12));
	while (id.n && id.n < strlen(id.p) && ((uint8_t)id.p[id.n] & 0xc0) == 0x80)
		id.n--;
	return make_string(m, id);
}

/* One document by its id, or those between two. */
static q_node *
make_id(maker *m)
{
	doc_str id = m->v->docs[vocab_pick_doc(m->v, m->r)].id;
	bool value = rnd_chance(m->r, 50);
	q_node *q = value ? q_word(m->a, id.p, id.n, Q_VALUE) : q_new(m->a, Q_RANGE, 0);

	if (!q)
		return NULL;
	q->field = "id";
	if (value)
		return q;
	q->lo = rnd_chance(m->r, 80) ? make_id_bound(m) : NULL;
	q->hi = rnd_chance(m->r, 80) ? make_id_bound(m) : NULL;
	q->lo_open = q->lo && rnd_chance(m->r, 25);
	q->hi_open = q->hi && rnd_chance(m->r, 50);
	return q;
}

/* A pattern that mostly fits a value: pieces of it, some as * or ?. */
static q_node *
make_glob(maker *m, const vocab_field *f, doc_str s)
{
	buf b;
	q_node *q;

	buf_init(&b);
	if (rnd_chance(m->r, 20))
		buf_put_u8(&b, '/');
	else
		while (s.n && rnd_chance(m->r, 30)) /* begin somewhere behind a slash */
			do {
				s.p++;
				s.n--;
			} while (s.n && s.p[-1] != '/');
	for (size_t i = 0; i < s.n && b.len < 200;) {
		uint32_t k = rnd_below(m->r, 20);

		if (k < 2) {
			size_t skip = rnd_below(m->r, 6);
			buf_puts(&b, k ? "*" : "**");
			i += skip;
		} else if (k == 2) {
			buf_put_u8(&b, '?');
			for (i++; i < s.n && ((uint8_t)s.p[i] & 0xc0) == 0x80; i++)
				;
		} else if (k == 3 && i && s.p[i - 1] == '/') {
			buf_puts(&b, "**/");
		} else if (k == 4 && rnd_chance(m->r, 20)) {
			break;
		} else {
			buf_put_u8(&b, (uint8_t)s.p[i++]);
		}
	}
	q = b.failed ? NULL : q_word(m->a, b.len ? buf_cstr(&b) : "*", b.len ? b.len : 1, Q_GLOB);
	buf_fini(&b);
	if (q)
		q->field = f->name;
	return q;
}

static q_node *
make_meta(maker *m)
{
	const vocab_field *f = vocab_pick_field(m->v, m->r);
	const char *outer = m->field;
	doc_str s;
	q_node *q;

	if (rnd_chance(m->r, 5))
		return make_id(m);
	if (!f || !f->n)
		return make_word(m);
	if (rnd_chance(m->r, 3)) { /* words in a field that may not exist */
		m->field = rnd_chance(m->r, 50) ? "nosuchfield" : f->name;
		q = make_unit(m, 1);
		m->field = outer;
		return q;
	}
	if (rnd_chance(m->r, 50))
		return make_range(m, f);
	s = f->values[rnd_below(m->r, (uint32_t)f->n)];
	if (rnd_chance(m->r, 15) && strcmp(f->name, "id") != 0) /* ids are not asked by pattern */
		return make_glob(m, f, s);
	if (rnd_chance(m->r, 50))
		return make_value_words(m, f, s);
	q = q_word(m->a, s.p, s.n, Q_VALUE);
	if (q)
		q->field = f->name;
	return q;
}

q_node *
random_query_filter(const vocab *v, rnd *r, ast *out)
{
	maker m = { v, r, out, vocab_pick_doc(v, r), NULL, 20 };

	return rnd_chance(r, 70) ? make_meta(&m) : make_unit(&m, 1);
}

/* ---- the boolean tree ------------------------------------------------------------------------ */

static q_node *
make_leaf(maker *m, unsigned depth)
{
	uint32_t k = rnd_below(m->r, 100);
	q_node *q;

	if (k < 80)
		return make_unit(m, depth);
	if (k < 88) {
		m->field = "title";
		q = make_unit(m, depth);
		m->field = NULL;
		return q;
	}
	if (k < 98)
		return make_meta(m);
	return q_new(m->a, k == 98 ? Q_ALL : Q_NONE, 0);
}

static q_node *
make_tree(maker *m, unsigned depth)
{
	static const uint8_t types[] = { Q_AND, Q_AND, Q_AND, Q_OR, Q_OR, Q_OR,
					 Q_OR,	Q_NOT, Q_NOT, Q_MAYBE, Q_SYN };
	static const float boosts[] = { 0.5f, 2, 3.7f, 10, 0, 1e-3f };
	q_node *child[6], *q;
	unsigned n;

	if (!depth || m->left <= 0 || rnd_chance(m->r, 25)) {
		q = make_leaf(m, depth);
	} else {
		q_type type = types[rnd_below(m->r, countof(types))];

		n = 2 + rnd_below(m->r, type == Q_OR ? 5 : 2);
		for (unsigned i = 0; i < n; i++)
			child[i] = make_tree(m, depth - 1);
		q = make_over(m, type, child, n);
	}
	if (q && rnd_chance(m->r, 15))
		q->boost = boosts[rnd_below(m->r, countof(boosts))];
	return q;
}

q_node *
random_query_tree(const vocab *v, uint64_t seed, uint64_t number, ast *out)
{
	rnd r = rnd_seed(seed, number);
	maker m = { v, &r, out, vocab_pick_doc(v, &r), NULL, 5 + (int)rnd_below(&r, 60) };

	if (!v->nruns)
		return NULL;
	out->root = make_tree(&m, rnd_below(&r, 6));
	return out->root;
}
