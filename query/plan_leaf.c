/* plan_leaf.c - what a word or a prefix means in a dictionary.
 *
 * A leaf has, per segment, document lists (for matching and scoring) and the
 * positional lists of the same occurrences (for intervals and highlighting).
 * The two are the same list when the class is one term.
 */
#include "query/plan.h"

/* A list that grows: its first item is in the plan's arena, for most have no other;
 * more are on the heap and moved to the arena when they are complete, as growing there
 * would copy again and again. */
typedef struct list_of {
	arena *mem;
	void *p;
	size_t n, cap;
	bool heap;
} list_of;

static void
list_free(list_of *l)
{
	if (l->heap)
		mem_free(l->p);
	*l = (list_of){ .mem = l->mem };
}

static bool
list_add(list_of *l, const void *item, size_t size)
{
	if (!l->cap) {
		l->p = arena_alloc(l->mem, size);
		l->cap = l->p != NULL;
	} else if (l->n == 1 && !l->heap) {
		list_of many = { 0 };
		if (!mem_grow(&many.p, &many.cap, 2, size))
			return false;
		memcpy(many.p, l->p, size);
		l->p = many.p;
		l->cap = many.cap;
		l->heap = true;
	}
	if (!l->cap || !mem_grow(&l->p, &l->cap, l->n + 1, size))
		return false;
	memcpy((char *)l->p + l->n++ * size, item, size);
	return true;
}

static void *
list_take(list_of *l, size_t size, uint32_t *n)
{
	void *p = l->heap ? arena_alloc(l->mem, l->n * size) : l->p;

	if (p && l->heap)
		memcpy(p, l->p, l->n * size);
	*n = p ? (uint32_t)l->n : 0;
	list_free(l);
	return p;
}

/* A key to look for: a fold class or a stem class. */
typedef struct leaf_key {
	uint8_t kind, len;
	char key[TEXT_TERM_MAX];
} leaf_key;

/* ---- looking up one class in one segment ----------------------------- */

/* The members of a class entry as terms. */
static bool
leaf_members(const segment *s, const dict_entry *e, list_of *terms)
{
	dict_member_iter mi;
	dict_member m;

	dict_members(e, &mi);
	while (dict_member_next(&mi, &m)) {
		plan_term t = { .mask = m.mask };
		dict_iter it;
		dict_seek_ord(&it, &s->dict, m.ord);
		if (!dict_next(&it) || it.e.kind != DICT_TERM || it.e.ord != m.ord) {
			pfile_damaged(&s->dict.file, (size_t)(e->members - s->dict.file.map.at),
				      "a class names a member that is no term");
			return true; /* reported by segment_error */
		}
		t.entry = it.e;
		if (!list_add(terms, &t, sizeof t))
			return false;
	}
	return true;
}

/* Find a class in a segment: its document list in *list, its terms appended.
 * *found false if the segment has none.  False: no memory. */
static bool
leaf_class(const segment *s, unsigned field, const leaf_key *k, dict_entry *list, list_of *terms, bool *found)
{
	dict_entry e;
	size_t before = terms->n;

	*found = false;
	if (dict_find(&s->dict, k->kind, field, k->key, k->len, &e)) {
		if (!leaf_members(s, &e, terms))
			return false;
		if (terms->n == before)
			return true;
		*list = e.alias ? ((plan_term *)terms->p)[before].entry : e;
		*found = true;
		return true;
	}
	if (dict_find(&s->dict, DICT_TERM, field, k->key, k->len, &e) &&
	    (k->kind == DICT_FOLD || e.self_stem)) {
		plan_term t = { .entry = e, .mask = UINT64_MAX };
		*list = e;
		*found = true;
		return list_add(terms, &t, sizeof t);
	}
	return true;
}

/* ---- which classes a word means -------------------------------------- */

static bool
leaf_add_key(list_of *keys, unsigned kind, const char *key, size_t len)
{
	leaf_key k = { .kind = (uint8_t)kind, .len = (uint8_t)len };
	const leaf_key *have = keys->p;

	memcpy(k.key, key, len);
	for (size_t i = 0; i < keys->n; i++)
		if (have[i].len == len && !memcmp(have[i].key, key, len))
			return true;
	return list_add(keys, &k, sizeof k);
}

static bool
leaf_add_stems(plan_ctx *c, const char *term, size_t len, list_of *keys)
{
	char stem[TEXT_TERM_MAX + 1];

	for (uint64_t m = c->p->langs; m; m &= m - 1) {
		text_lang lang = (text_lang)__builtin_ctzll(m);
		size_t n = text_stem(c->an, lang, term, len, stem);
		if (n && !leaf_add_key(keys, DICT_STEM, stem, n))
			return false;
	}
	return true;
}

/* S(q) of the reference: the stems of the word, and of every indexed term that
 * differs from it in diacritics only. */
static bool
leaf_stem_keys(plan_ctx *c, unsigned field, const q_node *q, list_of *keys)
{
	char fold[TEXT_TERM_MAX + 1];
	size_t fold_len = text_fold(q->term, q->term_len, fold);

	if (!leaf_add_stems(c, q->term, q->term_len, keys))
		return false;
	/* a term with this fold that is itself without accents */
	if ((fold_len != q->term_len || memcmp(fold, q->term, fold_len)) != 0) {
		for (size_t i = 0; i < c->p->snap->nsegs; i++) {
			dict_entry e;
			if (dict_find(&c->p->snap->segs[i].dict, DICT_TERM, field, fold, fold_len, &e)) {
				if (!leaf_add_stems(c, fold, fold_len, keys))
					return false;
				break;
			}
		}
	}
	for (size_t i = 0; i < c->p->snap->nsegs; i++) {
		const segment *s = &c->p->snap->segs[i];
		dict_entry e;
		dict_member_iter mi;
		dict_member m;
		if (!dict_find(&s->dict, DICT_FOLD, field, fold, fold_len, &e))
			continue;
		dict_members(&e, &mi);
		while (dict_member_next(&mi, &m)) {
			dict_iter it;
			size_t n;
			const char *t;
			dict_seek_ord(&it, &s->dict, m.ord);
			if (!dict_next(&it))
				break;
			t = dict_iter_bytes(&it, &n);
			if (!leaf_add_stems(c, t, n, keys))
				return false;
		}
	}
	return true;
}

/* ---- forms of a strict word ------------------------------------------ */

/* Which codes of a term's list spell `raw`; hyphen: 1 must, 0 must not join to
 * the next token, -1 do not care. */
static const uint8_t *
leaf_codes(plan_ctx *c, const q_node *q, const dict_entry *e, int hyphen, uint32_t *ncodes)
{
	uint32_t n = POST_CODE_FORMS + dict_form_count(e);
	uint8_t *codes = arena_zalloc(c->p->mem, n);
	char raw[4 * TEXT_TERM_MAX + 4];

	*ncodes = n;
	if (!codes)
		return NULL;
	for (uint32_t code = 0; code < n; code++) {
		const char *form = raw;
		size_t len;
		unsigned width;
		bool joined;
		if (code < POST_CODE_FORMS) {
			len = text_raw_form(q->term, q->term_len, (text_form)(code % 3), raw);
			joined = code >= POST_CODE_HYPHEN;
		} else {
			if (!dict_form(e, code - POST_CODE_FORMS, &form, &len, &width))
				break;
			joined = width == 1 && len && form[len - 1] == '-';
			len -= joined;
		}
		if (hyphen >= 0 && joined != (hyphen == 1))
			continue;
		codes[code] = len == q->raw_len && !memcmp(form, q->raw, len);
	}
	return codes;
}

/* ---- a word ---------------------------------------------------------- */

static cdg_status
leaf_word_segment(plan_ctx *c, plan_node *n, const list_of *keys, size_t seg)
{
	const segment *s = &c->p->snap->segs[seg];
	const leaf_key *k = keys->p;
	const list_of none = { .mem = c->p->mem };
	list_of lists = none, langs = none, terms = none, titles = none, unused = none;
	plan_lists *out = &n->seg[seg];
	uint32_t nlangs;
	bool ok = true;

	for (size_t i = 0; i < keys->n && ok; i++) {
		dict_entry list;
		size_t before = terms.n;
		uint64_t in = 0;
		bool found;
		ok = leaf_class(s, n->field, &k[i], &list, &terms, &found);
		for (size_t j = before; j < terms.n; j++)
			in |= ((const plan_term *)terms.p)[j].mask;
		if (ok && found)
			ok = list_add(&lists, &list, sizeof list) && list_add(&langs, &in, sizeof in);
		if (ok && c->p->with_titles && n->field == DICT_FIELD_TEXT)
			ok = leaf_class(s, DICT_FIELD_TITLE, &k[i], &list, &unused, &found) &&
			     (!found || list_add(&titles, &list, sizeof list));
	}
	out->lists = list_take(&lists, sizeof(dict_entry), &out->nlists);
	out->langs = list_take(&langs, sizeof(uint64_t), &nlangs);
	out->terms = list_take(&terms, sizeof(plan_term), &out->nterms);
	out->titles = list_take(&titles, sizeof(dict_entry), &out->ntitles);
	list_free(&unused);
	if (!ok || c->p->mem->failed)
		return err_nomem(c->err);
	return CDG_OK;
}

/* n of idf: the largest document count of a class, each over all segments.
 * Lists are looked up again by key, since segments need not have all. */
static uint64_t
leaf_count_keys(plan_ctx *c, unsigned field, const list_of *keys)
{
	const leaf_key *k = keys->p;
	uint64_t most = 0;

	for (size_t i = 0; i < keys->n; i++) {
		uint64_t sum = 0;
		for (size_t j = 0; j < c->p->snap->nsegs; j++) {
			list_of terms = { .mem = c->p->mem };
			dict_entry list;
			bool found;
			if (!leaf_class(&c->p->snap->segs[j], field, &k[i], &list, &terms, &found))
				c->p->mem->failed = true;
			else if (found)
				sum += list.meta.df;
			list_free(&terms);
		}
		most = sum > most ? sum : most;
	}
	return most;
}

static cdg_status
leaf_strict(plan_ctx *c, plan_node *n, const q_node *q)
{
	int hyphen = n->strict ? (q->hyphen ? 1 : 0) : -1;

	n->strict = true;
	for (size_t i = 0; i < c->p->snap->nsegs; i++) {
		plan_lists *out = &n->seg[i];
		dict_entry e;
		if (!dict_find(&c->p->snap->segs[i].dict, DICT_TERM, n->field, q->term, q->term_len, &e))
			continue;
		out->lists = arena_alloc(c->p->mem, sizeof *out->lists);
		out->terms = arena_zalloc(c->p->mem, sizeof *out->terms);
		if (!out->lists || !out->terms)
			return err_nomem(c->err);
		out->lists[0] = out->terms[0].entry = e;
		out->terms[0].mask = UINT64_MAX;
		out->terms[0].codes = leaf_codes(c, q, &e, hyphen, &out->terms[0].ncodes);
		if (!out->terms[0].codes)
			return err_nomem(c->err);
		out->nlists = out->nterms = 1;
		if (c->p->with_titles && n->field == DICT_FIELD_TEXT)
			n->strict = true; /* titles are counted by position */
		n->df += e.meta.df;
	}
	return CDG_OK;
}

static cdg_status
leaf_word(plan_ctx *c, plan_node *n, const q_node *q)
{
	char fold[TEXT_TERM_MAX + 1];
	list_of keys = { .mem = c->p->mem };
	cdg_status st = CDG_OK;
	bool ok;

	if (q->mode == Q_STRICT)
		return leaf_strict(c, n, q);
	if (q->mode == Q_STEM && n->field < DICT_FIELD_FIRST)
		ok = leaf_stem_keys(c, n->field, q, &keys);
	else
		ok = leaf_add_key(&keys, DICT_FOLD, fold, text_fold(q->term, q->term_len, fold));
	if (!ok)
		st = err_nomem(c->err);
	for (size_t i = 0; st == CDG_OK && i < c->p->snap->nsegs; i++)
		st = leaf_word_segment(c, n, &keys, i);
	if (st == CDG_OK && c->p->snap->nsegs == 1) {
		for (uint32_t i = 0; i < n->seg[0].nlists; i++)
			n->df = n->seg[0].lists[i].meta.df > n->df ? n->seg[0].lists[i].meta.df : n->df;
	} else if (st == CDG_OK) {
		n->df = leaf_count_keys(c, n->field, &keys);
		if (c->p->mem->failed)
			st = err_nomem(c->err);
	}
	list_free(&keys);
	return st;
}

/* ---- a prefix -------------------------------------------------------- */

static int
leaf_ord_cmp(const void *a, const void *b)
{
	uint64_t x = ((const plan_term *)a)->entry.ord, y = ((const plan_term *)b)->entry.ord;
	return (x > y) - (x < y);
}

/* All terms of one kind of key that begins with the prefix. */
static bool
leaf_scan(plan_ctx *c, const segment *s, unsigned kind, unsigned field, const char *prefix, size_t len,
	  list_of *terms)
{
	dict_iter it;

	dict_seek(&it, &s->dict, kind, field, prefix, len);
	while (!plan_late(c, 1) && dict_next(&it)) {
		size_t n;
		const char *key = dict_iter_bytes(&it, &n);
		if (it.e.kind != kind || it.e.field != field || n < len || memcmp(key, prefix, len) != 0)
			break;
		if (kind == DICT_FOLD) {
			if (!leaf_members(s, &it.e, terms))
				return false;
		} else {
			plan_term t = { .entry = it.e, .mask = UINT64_MAX };
			if (!list_add(terms, &t, sizeof t))
				return false;
		}
	}
	return true;
}

/* Terms whose own bytes begin with the prefix but whose fold does not cannot
 * be (folding a prefix of plain letters changes nothing); terms reached both
 * ways are kept once. */
static bool
leaf_prefix_terms(plan_ctx *c, const segment *s, unsigned field, const q_node *q, list_of *terms)
{
	char fold[TEXT_TERM_MAX + 1];
	size_t len = q->cjk1 ? q->term_len : text_fold(q->term, q->term_len, fold), n = 0;
	const char *prefix = q->cjk1 ? q->term : fold;
	plan_term *t;

	if (!leaf_scan(c, s, DICT_TERM, field, prefix, len, terms))
		return false;
	if (!q->cjk1 && !leaf_scan(c, s, DICT_FOLD, field, prefix, len, terms))
		return false;
	t = terms->p;
	if (terms->n > 1)
		qsort(t, terms->n, sizeof *t, leaf_ord_cmp);
	for (size_t i = 0; i < terms->n; i++)
		if (!n || t[n - 1].entry.ord != t[i].entry.ord)
			t[n++] = t[i];
	terms->n = n;
	return true;
}

static dict_entry *
leaf_entries(plan_ctx *c, const plan_term *t, uint32_t n)
{
	dict_entry *e = n ? arena_alloc(c->p->mem, n * sizeof *e) : NULL;
	for (uint32_t i = 0; e && i < n; i++)
		e[i] = t[i].entry;
	return e;
}

/* n of a prefix's idf: the largest document count of one term, over all
 * segments.  With one segment that is at hand. */
static uint64_t
leaf_count_prefix(plan_ctx *c, plan_node *n)
{
	const snapshot *snap = c->p->snap;
	uint64_t most = 0;

	for (size_t i = 0; i < snap->nsegs; i++) {
		for (uint32_t j = 0; j < n->seg[i].nterms; j++) {
			uint64_t sum = n->seg[i].terms[j].entry.meta.df;
			if (snap->nsegs > 1 && !plan_late(c, 1)) {
				dict_iter it;
				dict_entry e;
				size_t len;
				const char *key;
				dict_seek_ord(&it, &snap->segs[i].dict, n->seg[i].terms[j].entry.ord);
				if (!dict_next(&it))
					continue;
				key = dict_iter_bytes(&it, &len);
				for (size_t k = 0; k < snap->nsegs; k++)
					if (k != i && dict_find(&snap->segs[k].dict, DICT_TERM, n->field, key, len, &e))
						sum += e.meta.df;
			}
			most = sum > most ? sum : most;
		}
	}
	return most;
}

static cdg_status
leaf_prefix(plan_ctx *c, plan_node *n, const q_node *q)
{
	if (c->p->mem->bytes > PLAN_MEMORY_MAX)
		return err_set(c->err, CDG_E_LIMIT, "the words that begin so need more than %d MB: ask for fewer or longer ones",
			       PLAN_MEMORY_MAX >> 20);
	for (size_t i = 0; i < c->p->snap->nsegs; i++) {
		const segment *s = &c->p->snap->segs[i];
		plan_lists *out = &n->seg[i];
		list_of terms = { .mem = c->p->mem }, titles = terms;
		uint32_t ntitles = 0;
		plan_term *t;
		bool ok = leaf_prefix_terms(c, s, n->field, q, &terms);

		out->terms = list_take(&terms, sizeof(plan_term), &out->nterms);
		out->lists = leaf_entries(c, out->terms, out->nterms);
		out->nlists = out->nterms;
		if (ok && c->p->with_titles && n->field == DICT_FIELD_TEXT) {
			ok = leaf_prefix_terms(c, s, DICT_FIELD_TITLE, q, &titles);
			t = list_take(&titles, sizeof(plan_term), &ntitles);
			out->titles = leaf_entries(c, t, ntitles);
			out->ntitles = ntitles;
		}
		if (!ok || c->p->mem->failed)
			return err_nomem(c->err);
	}
	n->df = leaf_count_prefix(c, n);
	return CDG_OK;
}

cdg_status
plan_leaf(plan_ctx *c, plan_node *n, const q_node *q)
{
	cdg_status st;

	n->type = PLAN_LEAF;
	n->width = q->type == Q_PREFIX ? 1 : max_u32(q->width, 1);
	n->seg = arena_zalloc(c->p->mem, c->p->snap->nsegs * sizeof *n->seg);
	if (!n->seg)
		return err_nomem(c->err);
	st = q->type == Q_PREFIX ? leaf_prefix(c, n, q) : leaf_word(c, n, q);
	if (st != CDG_OK)
		return st;
	n->idf = bm25_idf(c->p->snap->ndocs, n->df);
	n->xidf = bm25_xapian_idf(c->p->snap->ndocs, n->df);
	for (size_t i = 0; i < c->p->snap->nsegs; i++) {
		uint64_t sum = 0;
		for (uint32_t j = 0; j < n->seg[i].nlists; j++)
			sum += n->seg[i].lists[j].meta.df;
		n->cost += sum < c->p->snap->segs[i].info.docs ? sum : c->p->snap->segs[i].info.docs;
	}
	return snapshot_error(c->p->snap, c->err);
}
