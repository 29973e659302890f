/* interval.c - see interval.h.
 *
 * Every node holds the spans of the current document in a growing array.  A
 * leaf reads them from the positions of its terms; PHRASE, NEAR and ADJ search
 * combinations of their children's spans; SYN joins them.  Exact phrases of
 * plain words, nearly all there are, take a path without spans: sorted arrays
 * of positions are intersected, the rarest word leading.
 */
#include "query/interval.h"

#include "query/flat.h"

typedef struct leaf_term {
	const plan_term *term;
	post_cursor *c;
	bool forms; /* codes must be looked at: strict, or wide forms */
	const uint8_t *widths;  /* of a term with wide forms: width by entry of its table */
	uint32_t nwidths;
	uint32_t wide_block;    /* block that wide_docs is for, or UINT32_MAX */
	uint64_t wide_docs[POST_BLOCK / 64]; /* its documents with a wide occurrence, by place */
} leaf_term;

enum { FLAT_MAX = 64 }; /* slots */

struct interval {
	const plan_node *n;
	seg_eval *se;
	search_span *s;
	size_t ns, cap;
	uint32_t doc;         /* the spans are of this document */
	leaf_term *terms;     /* leaf */
	uint32_t nterms;
	interval **child;
	uint32_t nchild;
	uint32_t *starts;     /* flat: candidates */
	uint32_t starts_cap;
	bool flat;            /* exact phrase of plain leaves */
	bool wide;            /* leaf: a term has wide forms; flat: a slot is such a leaf */
	bool failed;
};

/* A leaf whose matches are simply all positions of its terms, one wide but for
 * documents that term_is_wide knows. */
static bool
interval_is_plain(const interval *k)
{
	if (k->n->type != PLAN_LEAF || !k->nterms)
		return false;
	for (uint32_t i = 0; i < k->nterms; i++)
		if (k->terms[i].term->codes || k->terms[i].term->mask != UINT64_MAX)
			return false;
	return true;
}

/* Table of widths: looking up one form reads all before it. */
static bool
term_widths(leaf_term *t, arena *mem)
{
	const dict_entry *e = &t->term->entry;
	uint32_t n = dict_form_count(e);
	uint8_t *widths = arena_alloc(mem, n);
	rd r = rd_make(e->forms, e->forms_len);

	if (!widths)
		return false;
	for (uint32_t i = 0; i < n; i++) {
		widths[i] = rd_u8(&r);
		rd_bytes(&r, rd_u8(&r));
	}
	t->widths = widths;
	t->nwidths = n;
	t->wide_block = UINT32_MAX;
	return true;
}

/* Positions that an occurrence with this code covers, `width` being usual. */
static uint32_t
term_width(const leaf_term *t, uint32_t code, uint32_t width)
{
	if (likely(code < POST_CODE_FORMS) || code - POST_CODE_FORMS >= t->nwidths)
		return width;
	return t->widths[code - POST_CODE_FORMS] > 1 ? t->widths[code - POST_CODE_FORMS] : width;
}

/* Which documents of the loaded block have the term in a wide form: hardly any
 * have, and the others need not be looked at that closely. */
static void
term_find_wide(leaf_term *t)
{
	post_cursor *c = t->c;
	const uint32_t *codes = post_codes(c);

	memset(t->wide_docs, 0, sizeof t->wide_docs);
	t->wide_block = c->block;
	if (!codes)
		return;
	codes -= c->sums[c->i];
	for (uint32_t i = 0; i < c->n; i++) {
		bool wide = false;
		for (uint32_t j = c->sums[i]; j < c->sums[i + 1]; j++)
			wide |= term_width(t, codes[j], 1) > 1;
		t->wide_docs[i / 64] |= (uint64_t)wide << (i % 64);
	}
}

static bool
term_is_wide(leaf_term *t, uint32_t doc)
{
	if (!t->widths || post_seek(t->c, doc) != doc)
		return false;
	if (t->wide_block != t->c->block)
		term_find_wide(t);
	return t->c->doc == doc && t->wide_docs[t->c->i / 64] >> (t->c->i % 64) & 1;
}

/* Does the document have a wide form in one of the first n slots? */
static bool
flat_is_wide(interval *iv, uint32_t doc, uint32_t n)
{
	for (uint32_t i = 0; iv->wide && i < n; i++)
		for (uint32_t j = 0; iv->child[i]->wide && j < iv->child[i]->nterms; j++)
			if (term_is_wide(&iv->child[i]->terms[j], doc))
				return true;
	return false;
}

/* The cursor that an iterator over the candidates has already on the list of the
 * leaf's only term, be it another slot's with the same word. */
static post_cursor *
shared_cursor(const seg_eval *se, const plan_node *n, const iter *approx)
{
	const plan_lists *l = &n->seg[se->segno];

	if (!approx || l->nterms != 1 || l->nlists != 1 || l->lists[0].kind != DICT_TERM ||
	    l->lists[0].ord != l->terms[0].entry.ord)
		return NULL;
	if (iter_is_on(approx, n))
		return approx->c;
	for (uint32_t i = 0; i < approx->nchild; i++)
		if (iter_is_on(approx->child[i], n))
			return approx->child[i]->c;
	return NULL;
}

static bool
interval_make_leaf(interval *iv, const iter *approx)
{
	const plan_lists *l = &iv->n->seg[iv->se->segno];
	post_cursor *shared = shared_cursor(iv->se, iv->n, approx);

	iv->terms = arena_zalloc(iv->se->mem, (l->nterms + 1) * sizeof *iv->terms);
	for (uint32_t i = 0; iv->terms && i < l->nterms && !seg_eval_step(iv->se, 64); i++) {
		leaf_term *t = &iv->terms[iv->nterms++];
		t->term = &l->terms[i];
		t->c = shared ? shared : seg_eval_cursor(iv->se, &l->terms[i].entry);
		t->forms = t->term->codes || t->term->entry.meta.wide;
		iv->wide |= t->term->entry.meta.wide;
		if (!t->c || (t->term->entry.meta.wide && !term_widths(t, iv->se->mem)))
			return false;
	}
	return iv->terms != NULL;
}

static bool
interval_make_inner(interval *iv, const iter *approx)
{
	const plan_node *n = iv->n;

	iv->child = arena_zalloc(iv->se->mem, (n->nchild + 1) * sizeof *iv->child);
	iv->flat = n->interval == Q_PHRASE && n->n == 0 && n->nchild > 0 && n->nchild <= FLAT_MAX;
	for (uint32_t i = 0; iv->child && i < n->nchild; i++) {
		interval *k = iv->child[iv->nchild++] = interval_make(iv->se, n->child[i], approx);
		if (!k)
			return false;
		iv->flat = iv->flat && interval_is_plain(k);
		iv->wide |= k->wide;
	}
	return iv->child != NULL;
}

interval *
interval_make(seg_eval *se, const plan_node *n, const iter *approx)
{
	interval *iv = arena_zalloc(se->mem, sizeof *iv);
	bool ok = false;

	if (iv) {
		iv->n = n;
		iv->se = se;
		iv->doc = POST_END;
		ok = n->type == PLAN_LEAF ? interval_make_leaf(iv, approx) : interval_make_inner(iv, approx);
	}
	se->failed |= !ok;
	return se->failed ? NULL : iv;
}

bool
interval_is_wide(interval *iv, uint32_t doc)
{
	return iv->wide && (!iv->flat || flat_is_wide(iv, doc, iv->nchild - 1));
}

static void
interval_add(interval *iv, uint32_t start, uint32_t end)
{
	if (iv->ns == iv->cap) {
		size_t cap = iv->cap ? 2 * iv->cap : 32;
		search_span *s = arena_alloc(iv->se->mem, cap * sizeof *s);
		if (!s) {
			iv->failed = iv->se->failed = true;
			return;
		}
		if (iv->ns)
			memcpy(s, iv->s, iv->ns * sizeof *s);
		iv->s = s;
		iv->cap = cap;
	}
	iv->s[iv->ns++] = (search_span){ start, end };
}

static int
span_cmp(const void *a, const void *b)
{
	const search_span *x = a, *y = b;
	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return (x->end > y->end) - (x->end < y->end);
}

static void
interval_sort(interval *iv)
{
	size_t n = 0;
	bool sorted = true;

	if (seg_eval_step(iv->se, (uint32_t)min_size(iv->ns, SEG_EVAL_STEPS)))
		return;
	for (size_t i = 1; i < iv->ns && sorted; i++)
		sorted = span_cmp(&iv->s[i - 1], &iv->s[i]) < 0;
	if (sorted)
		return;
	qsort(iv->s, iv->ns, sizeof *iv->s, span_cmp);
	for (size_t i = 0; i < iv->ns; i++)
		if (!n || span_cmp(&iv->s[n - 1], &iv->s[i]) != 0)
			iv->s[n++] = iv->s[i];
	iv->ns = n;
}

/* ---- leaves ---------------------------------------------------------- */

static void
leaf_spans_of(interval *iv, leaf_term *t, uint32_t doc)
{
	const segment *seg = iv->se->seg;
	const uint32_t *pos, *codes = NULL;
	uint32_t n, width = iv->n->width;
	uint8_t lang;

	if (seg_eval_step(iv->se, 4) || post_seek(t->c, doc) != doc)
		return;
	if (t->term->mask != UINT64_MAX &&
	    (!doctab_u8(&seg->docs, DOCTAB_LANG, doc, &lang) || lang >= 64 || !(t->term->mask >> lang & 1)))
		return;
	pos = post_positions(t->c, &n);
	if (!pos)
		return;
	if (t->forms)
		codes = post_codes(t->c);
	seg_eval_step(iv->se, n);
	for (uint32_t i = 0; i < n; i++) {
		uint32_t code = codes ? codes[i] : 0, w = term_width(t, code, width);
		if (t->term->codes && (code >= t->term->ncodes || !t->term->codes[code]))
			continue;
		interval_add(iv, pos[i], pos[i] + w);
	}
}

/* ---- phrases --------------------------------------------------------- */

/* Where the next slot must start when this one ends at `end`, before slop. */
static int64_t
slot_gap(const plan_node *n, uint32_t i)
{
	const plan_node *a = n->child[i], *b = n->child[i + 1];
	return (int64_t)b->offset - (int64_t)a->offset - (int64_t)a->ww;
}

/* First span with start >= at. */
static size_t
span_from(const interval *iv, int64_t at)
{
	size_t lo = 0, hi = iv->ns;
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		if ((int64_t)iv->s[mid].start < at)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* A place some slots of a phrase can have reached: the last of them ends at
 * `end`, `extra` words of slop used so far (the fewest possible). */
typedef struct reach {
	uint32_t end, extra;
} reach;

typedef struct reach_set {
	reach *r;
	size_t n, cap;
} reach_set;

static void
reach_add(interval *iv, reach_set *set, uint32_t end, uint32_t extra)
{
	for (size_t i = set->n; i-- > 0;) /* newest first: ends mostly rise */
		if (set->r[i].end == end) {
			set->r[i].extra = min_u32(set->r[i].extra, extra);
			return;
		}
	if (set->n == set->cap) {
		size_t cap = set->cap ? 2 * set->cap : 16;
		reach *r = arena_alloc(iv->se->mem, cap * sizeof *r);
		if (!r) {
			iv->failed = iv->se->failed = true;
			return;
		}
		if (set->n)
			memcpy(r, set->r, set->n * sizeof *r);
		set->r = r;
		set->cap = cap;
	}
	set->r[set->n++] = (reach){ end, extra };
}

/* From the places in a to those after slot i, in b. */
static void
phrase_step(interval *iv, uint32_t i, const reach_set *a, reach_set *b)
{
	interval *k = iv->child[i];
	int64_t gap = slot_gap(iv->n, i - 1);

	b->n = 0;
	for (size_t x = 0; x < a->n; x++) {
		int64_t at = (int64_t)a->r[x].end + gap, left = (int64_t)iv->n->n - a->r[x].extra;
		for (size_t j = span_from(k, at); j < k->ns && (int64_t)k->s[j].start - at <= left && !seg_eval_step(iv->se, 8); j++)
			reach_add(iv, b, k->s[j].end, a->r[x].extra + (uint32_t)((int64_t)k->s[j].start - at));
	}
}

static void
phrase_spans(interval *iv)
{
	interval *first = iv->child[0];
	reach_set a = { 0 }, b = { 0 };

	for (size_t i = 0; i < first->ns && !iv->failed && !seg_eval_step(iv->se, 8);) {
		uint32_t start = first->s[i].start, best = UINT32_MAX;
		for (a.n = 0; i < first->ns && first->s[i].start == start; i++)
			reach_add(iv, &a, first->s[i].end, 0);
		for (uint32_t k = 1; k < iv->nchild && a.n; k++) {
			reach_set t = b;
			phrase_step(iv, k, &a, &t);
			b = a;
			a = t;
		}
		if (!a.n)
			continue;
		for (size_t x = 0; x < a.n; x++)
			best = min_u32(best, a.r[x].end);
		if (iv->n->span && !iv->n->n)
			best = max_u32(best, start + iv->n->span);
		interval_add(iv, start, best);
	}
}

/* ---- exact phrases of plain words ------------------------------------ */

static bool
starts_reserve(interval *iv, uint32_t n)
{
	if (n <= iv->starts_cap)
		return true;
	iv->starts_cap = max_u32(2 * n, 64);
	iv->starts = arena_alloc(iv->se->mem, iv->starts_cap * sizeof *iv->starts);
	if (!iv->starts) {
		iv->starts_cap = 0;
		iv->failed = iv->se->failed = true;
	}
	return iv->starts != NULL;
}

/* Occurrences of a plain leaf in a document; 0: it is not in it. */
static uint32_t
plain_tf(interval *k, uint32_t doc)
{
	uint32_t tf = 0;

	for (uint32_t i = 0; i < k->nterms; i++)
		if (iter_seek_near(k->terms[i].c, doc) == doc)
			tf += post_tf(k->terms[i].c);
	return tf;
}

/* Merge m rising positions into the n of k->starts, which has room for them. */
static uint32_t
plain_merge(interval *k, uint32_t n, const uint32_t *pos, uint32_t m)
{
	uint32_t *s = k->starts, at = n + m, kept = 0, total = n + m;

	while (m) { /* from the end: in place */
		bool old = n && s[n - 1] > pos[m - 1];
		s[--at] = old ? s[n - 1] : pos[m - 1];
		n -= old;
		m -= !old;
	}
	for (uint32_t i = 0; i < total; i++) {
		s[kept] = s[i];
		kept += i + 1 == total || s[i] != s[i + 1];
	}
	return kept;
}

/* All `tf` positions of a plain leaf in the document its cursors are on.  A word
 * and its spellings with accents are several terms. */
static const uint32_t *
plain_positions(interval *k, uint32_t doc, uint32_t tf, uint32_t *n)
{
	const uint32_t *pos = NULL;
	uint32_t terms = 0;

	*n = 0;
	for (uint32_t i = 0; i < k->nterms; i++) {
		const uint32_t *p;
		uint32_t m;
		if (k->terms[i].c->doc != doc)
			continue;
		p = post_positions(k->terms[i].c, &m);
		if (!p)
			return NULL;
		if (terms++ == 0) {
			pos = p;
			*n = m;
			continue;
		}
		if (terms == 2) {
			if (!starts_reserve(k, tf))
				return NULL;
			memcpy(k->starts, pos, *n * sizeof *pos);
			pos = k->starts;
		}
		if (*n + m > k->starts_cap || seg_eval_step(k->se, *n + m)) /* damage: more than tf said */
			return NULL;
		*n = plain_merge(k, *n, p, m);
	}
	return pos;
}

/* Order the slots by their frequency in the document on hand.  False if one of
 * them is not in it. */
static bool
flat_order(interval *iv, uint32_t doc, uint8_t *order, uint32_t *tf)
{
	for (uint32_t i = 0; i < iv->nchild; i++) {
		uint32_t j = i;
		tf[i] = plain_tf(iv->child[i], doc);
		if (!tf[i])
			return false;
		for (; j && tf[order[j - 1]] > tf[i]; j--)
			order[j] = order[j - 1];
		order[j] = (uint8_t)i;
	}
	return true;
}

/* Starts of the phrase into iv->s (or only counted); 0 once they cannot be `need`.  The rarest words' positions
 * are read first, and the frequent ones' only while candidates are left: most
 * documents are refused without reading where "the" is. */
static uint32_t
flat_match(interval *iv, uint32_t doc, bool spans, uint32_t need)
{
	const plan_node *n = iv->n;
	uint32_t tf[FLAT_MAX], k = iv->nchild, count = 0, m, first = n->child[0]->offset;
	uint32_t end = n->child[k - 1]->offset - first + n->child[k - 1]->width;
	uint8_t order[FLAT_MAX];
	const uint32_t *pos;

	if (!flat_order(iv, doc, order, tf) || tf[order[0]] < need || seg_eval_step(iv->se, 8 + tf[order[0]]) ||
	    !starts_reserve(iv, tf[order[0]]))
		return 0;
	pos = plain_positions(iv->child[order[0]], doc, tf[order[0]], &m);
	for (uint32_t i = 0, off = n->child[order[0]]->offset - first; pos && i < m; i++)
		if (pos[i] >= off)
			iv->starts[count++] = pos[i] - off;
	for (uint32_t i = 1; i < k && count >= need; i++) {
		pos = plain_positions(iv->child[order[i]], doc, tf[order[i]], &m);
		count = pos ? flat_filter(iv->starts, count, pos, m, n->child[order[i]]->offset - first, need) : 0;
	}
	if (count < need)
		return 0;
	for (uint32_t i = 0; spans && i < count; i++)
		interval_add(iv, iv->starts[i], iv->starts[i] + (n->span ? max_u32(n->span, end) : end));
	return count;
}

/* ---- NEAR and ADJ ---------------------------------------------------- */

/* Answers of near_rest by (children used, span of the last one); 0 = not yet
 * known.  Without it the search would be exponential in dense documents. */
typedef struct near_memo {
	uint32_t *end;
	size_t spans;     /* of all children */
	size_t first[16]; /* number of a child's first span */
} near_memo;

enum { NEAR_MEMO_MAX = 1 << 26 };
#define NEAR_NO UINT32_MAX

/* The smallest end of a match that has used the children in `used`, the last
 * being span j of child i; the rest in any order (NEAR) or the next (ADJ). */
static uint32_t
near_rest(interval *iv, near_memo *m, uint32_t used, uint32_t i, size_t j)
{
	uint32_t best = NEAR_NO, end = iv->child[i]->s[j].end, *slot = NULL;

	if (used == (1u << iv->nchild) - 1)
		return end;
	if (m->end) {
		slot = &m->end[used * m->spans + m->first[i] + j];
		if (*slot)
			return *slot;
	}
	for (uint32_t k = 0; k < iv->nchild; k++) {
		interval *c = iv->child[k];
		if (used >> k & 1)
			continue;
		for (size_t x = span_from(c, end); x < c->ns && c->s[x].start - (end - 1) <= iv->n->n &&
						   !seg_eval_step(iv->se, 4); x++)
			best = min_u32(best, near_rest(iv, m, used | 1u << k, k, x));
		if (iv->n->interval == Q_ADJ)
			break;
	}
	if (slot)
		*slot = best;
	return best;
}

static void
near_spans(interval *iv)
{
	near_memo m = { 0 };
	size_t n = 0;

	if (!iv->nchild || iv->nchild > (iv->n->interval == Q_NEAR ? 8 : 16))
		return;
	for (uint32_t i = 0; i < iv->nchild; i++) {
		m.first[i] = m.spans;
		m.spans += iv->child[i]->ns;
	}
	if (iv->nchild > 2 && m.spans <= (size_t)NEAR_MEMO_MAX >> iv->nchild)
		m.end = mem_calloc(m.spans << iv->nchild, sizeof *m.end);
	for (uint32_t i = 0; i < (iv->n->interval == Q_ADJ ? 1 : iv->nchild); i++)
		for (size_t j = 0; j < iv->child[i]->ns && !seg_eval_step(iv->se, 4); j++) {
			uint32_t e = near_rest(iv, &m, 1u << i, i, j);
			if (e != NEAR_NO)
				interval_add(iv, iv->child[i]->s[j].start, e);
		}
	mem_free(m.end);
	/* one a start: the smallest end */
	interval_sort(iv);
	for (size_t j = 0; j < iv->ns; j++)
		if (!n || iv->s[j].start != iv->s[n - 1].start)
			iv->s[n++] = iv->s[j];
	iv->ns = n;
}

/* ---- any node -------------------------------------------------------- */

static void
interval_fill(interval *iv, uint32_t doc)
{
	iv->ns = 0;
	iv->doc = doc;
	if (iv->se->late)
		return;
	if (iv->n->type == PLAN_LEAF) {
		for (uint32_t i = 0; i < iv->nterms; i++)
			leaf_spans_of(iv, &iv->terms[i], doc);
		if (iv->nterms > 1)
			interval_sort(iv);
		return;
	}
	if (iv->flat && !flat_is_wide(iv, doc, iv->nchild)) {
		flat_match(iv, doc, true, 1);
		return;
	}
	for (uint32_t i = 0; i < iv->nchild; i++) {
		interval_fill(iv->child[i], doc);
		if (!iv->child[i]->ns && iv->n->interval != Q_SYN)
			return;
	}
	switch (iv->n->interval) {
	case Q_PHRASE:
		if (iv->nchild)
			phrase_spans(iv);
		break;
	case Q_SYN:
		for (uint32_t i = 0; i < iv->nchild; i++)
			for (size_t j = 0; j < iv->child[i]->ns; j++)
				interval_add(iv, iv->child[i]->s[j].start, iv->child[i]->s[j].end);
		interval_sort(iv);
		break;
	default:
		near_spans(iv);
		break;
	}
}

const search_span *
interval_spans(interval *iv, uint32_t doc, size_t *n)
{
	if (iv->doc != doc)
		interval_fill(iv, doc);
	*n = iv->failed || iv->se->late ? 0 : iv->ns; /* late: perhaps in part */
	return iv->s;
}

uint32_t
interval_freq(interval *iv, uint32_t doc, uint32_t need)
{
	size_t n;

	/* how wide the last slot is does not matter for how many there are */
	if (iv->flat && iv->doc != doc && !flat_is_wide(iv, doc, iv->nchild - 1))
		return flat_match(iv, doc, false, need);
	interval_spans(iv, doc, &n);
	return (uint32_t)n;
}
