/* interval.c - see interval.h.
 *
 * Every node holds the spans of the current document in a growing array.  A
 * leaf reads them from the positions of its terms; PHRASE, NEAR and ADJ search
 * combinations of their children's spans; SYN joins them.  Exact phrases of
 * plain words, nearly all there are, take a path without spans: sorted arrays
 * of positions are intersected, the rarest word leading.
 */
#include "query/interval.h"

typedef struct leaf_term {
	const plan_term *term;
	post_cursor *c;
	bool forms; /* codes must be looked at: strict, or wide forms */
} leaf_term;

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
	bool failed;
};

/* A leaf whose matches are simply all positions of its terms, one wide. */
static bool
interval_is_plain(const interval *k)
{
	if (k->n->type != PLAN_LEAF || !k->nterms)
		return false;
	for (uint32_t i = 0; i < k->nterms; i++)
		if (k->terms[i].forms || k->terms[i].term->mask != UINT64_MAX)
			return false;
	return true;
}

interval *
interval_make(seg_eval *se, const plan_node *n, post_cursor *shared)
{
	interval *iv = arena_zalloc(se->mem, sizeof *iv);

	if (!iv) {
		se->failed = true;
		return NULL;
	}
	iv->n = n;
	iv->se = se;
	iv->doc = POST_END;
	if (n->type == PLAN_LEAF) {
		const plan_lists *l = &n->seg[se->segno];
		iv->terms = arena_zalloc(se->mem, (l->nterms + 1) * sizeof *iv->terms);
		for (uint32_t i = 0; iv->terms && i < l->nterms; i++) {
			leaf_term *t = &iv->terms[iv->nterms++];
			t->term = &l->terms[i];
			t->c = shared ? shared : seg_eval_cursor(se, &l->terms[i].entry);
			t->forms = t->term->codes || t->term->entry.meta.wide;
		}
	} else {
		iv->child = arena_zalloc(se->mem, (n->nchild + 1) * sizeof *iv->child);
		iv->flat = n->interval == Q_PHRASE && n->n == 0 && n->nchild > 0;
		for (uint32_t i = 0; iv->child && i < n->nchild; i++) {
			interval *k = iv->child[iv->nchild++] = interval_make(se, n->child[i], NULL);
			if (!k)
				return NULL;
			iv->flat = iv->flat && interval_is_plain(k);
		}
	}
	if ((n->type == PLAN_LEAF ? (void *)iv->terms : (void *)iv->child) == NULL)
		se->failed = true;
	return se->failed ? NULL : iv;
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

	if (post_seek(t->c, doc) != doc)
		return;
	if (t->term->mask != UINT64_MAX &&
	    (!doctab_u8(&seg->docs, DOCTAB_LANG, doc, &lang) || lang >= 64 || !(t->term->mask >> lang & 1)))
		return;
	pos = post_positions(t->c, &n);
	if (!pos)
		return;
	if (t->forms)
		codes = post_codes(t->c);
	for (uint32_t i = 0; i < n; i++) {
		uint32_t code = codes ? codes[i] : 0, w = width;
		if (t->term->codes && (code >= t->term->ncodes || !t->term->codes[code]))
			continue;
		if (code >= POST_CODE_FORMS) {
			const char *raw;
			size_t len;
			unsigned form_width;
			if (dict_form(&t->term->entry, code - POST_CODE_FORMS, &raw, &len, &form_width) && form_width > 1)
				w = form_width;
		}
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
		for (size_t j = span_from(k, at); j < k->ns && (int64_t)k->s[j].start - at <= left; j++)
			reach_add(iv, b, k->s[j].end, a->r[x].extra + (uint32_t)((int64_t)k->s[j].start - at));
	}
}

static void
phrase_spans(interval *iv)
{
	interval *first = iv->child[0];
	reach_set a = { 0 }, b = { 0 };

	for (size_t i = 0; i < first->ns && !iv->failed;) {
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

enum { FLAT_MAX = 64 };

/* Keep of the n candidate starts those that have `off` + start among the m
 * positions; both rise. */
static uint32_t
flat_filter(uint32_t *starts, uint32_t n, const uint32_t *pos, uint32_t m, uint32_t off)
{
	uint32_t kept = 0, p = 0;

	for (uint32_t i = 0; i < n; i++) {
		uint32_t want = starts[i] + off, step = 1;
		if (m - p > 8 * (n - i)) { /* few candidates among many: gallop */
			while (p + step < m && pos[p + step] < want) {
				p += step;
				step *= 2;
			}
			step = min_u32(step, m - p - 1);
			for (uint32_t lo = p, hi = p + step + 1; lo < hi;) {
				uint32_t mid = lo + (hi - lo) / 2;
				if (pos[mid] < want)
					lo = mid + 1;
				else
					hi = mid;
				p = hi;
			}
		} else {
			while (p < m && pos[p] < want)
				p++;
		}
		if (p >= m)
			break;
		starts[kept] = starts[i];
		kept += pos[p] == want;
	}
	return kept;
}

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
		if (post_seek(k->terms[i].c, doc) == doc)
			tf += post_tf(k->terms[i].c);
	return tf;
}

/* All positions of a plain leaf in the document its cursors are on.  A word and
 * its spellings with accents are several terms, but seldom in one document. */
static const uint32_t *
plain_positions(interval *k, uint32_t doc, uint32_t *n)
{
	const uint32_t *pos = NULL;
	uint32_t terms = 0;

	*n = 0;
	k->ns = 0;
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
		for (uint32_t j = 0; terms == 2 && j < *n; j++)
			interval_add(k, pos[j], pos[j] + 1);
		for (uint32_t j = 0; j < m; j++)
			interval_add(k, p[j], p[j] + 1);
	}
	if (terms < 2)
		return pos;
	interval_sort(k);
	if (k->failed || !starts_reserve(k, (uint32_t)k->ns))
		return NULL;
	for (size_t j = 0; j < k->ns; j++)
		k->starts[j] = k->s[j].start;
	*n = (uint32_t)k->ns;
	return k->starts;
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

/* Starts of the phrase into iv->s (or only counted).  The rarest words' positions
 * are read first, and the frequent ones' only while candidates are left: most
 * documents are refused without reading where "the" is. */
static uint32_t
flat_match(interval *iv, uint32_t doc, bool spans)
{
	const plan_node *n = iv->n;
	uint32_t tf[FLAT_MAX], k = iv->nchild, count = 0, m, first = n->child[0]->offset;
	uint32_t end = n->child[k - 1]->offset - first + n->child[k - 1]->width;
	uint8_t order[FLAT_MAX];
	const uint32_t *pos;

	if (!flat_order(iv, doc, order, tf) ||
	    !starts_reserve(iv, tf[order[0]]))
		return 0;
	pos = plain_positions(iv->child[order[0]], doc, &m);
	for (uint32_t i = 0, off = n->child[order[0]]->offset - first; pos && i < m; i++)
		if (pos[i] >= off)
			iv->starts[count++] = pos[i] - off;
	for (uint32_t i = 1; i < k && count; i++) {
		pos = plain_positions(iv->child[order[i]], doc, &m);
		count = pos ? flat_filter(iv->starts, count, pos, m, n->child[order[i]]->offset - first) : 0;
	}
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
		for (size_t x = span_from(c, end); x < c->ns && c->s[x].start - (end - 1) <= iv->n->n; x++)
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
		for (size_t j = 0; j < iv->child[i]->ns; j++) {
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
	if (iv->n->type == PLAN_LEAF) {
		for (uint32_t i = 0; i < iv->nterms; i++)
			leaf_spans_of(iv, &iv->terms[i], doc);
		if (iv->nterms > 1)
			interval_sort(iv);
		return;
	}
	if (iv->flat && iv->nchild <= FLAT_MAX) {
		flat_match(iv, doc, true);
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
	*n = iv->failed ? 0 : iv->ns;
	return iv->s;
}

uint32_t
interval_freq(interval *iv, uint32_t doc)
{
	size_t n;

	if (iv->flat && iv->nchild <= FLAT_MAX && iv->doc != doc)
		return flat_match(iv, doc, false);
	interval_spans(iv, doc, &n);
	return (uint32_t)n;
}
