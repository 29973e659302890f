/* fast_leaf.c - the lists of a leaf made ready for block maxima (see fast.h).
 *
 * A word has several lists in a segment when its stems under the languages of
 * the index differ, and a prefix has one for each term.  A document's tf is then
 * the sum over the lists, and the score of a sum is not the sum of the scores,
 * unless only one of the lists has the document.
 *
 * Lists whose documents are in different languages never share one.  Of the
 * others the longest stays as it is and the short ones become a correction: for
 * each of their documents, what the score is with them less what it is without
 * them.  Units are integers and rise with tf, so adding the correction gives the
 * exact score, and corrections are not negative.  When what is left is not short,
 * or lists are many, all are read and their sum is a list of its own.
 *
 * Corrections and sums are lists in memory (block_scorer's mem_docs), whose
 * block maxima are exact.
 *
 * Called by the fast paths, in the thread of the search.
 */
#include "query/fast.h"

enum { SMALL_MAX = 1024 };

typedef enum leaf_way { LEAF_APART, LEAF_CORRECTED, LEAF_SUMMED } leaf_way;

/* Lists by what becomes of them. */
typedef struct leaf_split {
	const dict_entry *big[FAST_LEAF_MAX], *small[FAST_LEAF_MAX];
	uint32_t nbig, nsmall;
	uint64_t small_df;
} leaf_split;

/* Longest first: the first stays, and each that shares no language with those
 * that stay. */
static leaf_way
leaf_divide(const plan_lists *l, leaf_split *s)
{
	uint8_t order[FAST_LEAF_MAX];
	uint64_t langs = 0;

	memset(s, 0, sizeof *s);
	if (l->nlists > FAST_LEAF_MAX)
		return LEAF_SUMMED;
	for (uint32_t i = 0; i < l->nlists; i++) {
		uint32_t j = i;
		for (; j && l->lists[order[j - 1]].meta.df < l->lists[i].meta.df; j--)
			order[j] = order[j - 1];
		order[j] = (uint8_t)i;
	}
	for (uint32_t i = 0; i < l->nlists; i++) {
		const dict_entry *e = &l->lists[order[i]];
		uint64_t in = l->langs ? l->langs[order[i]] : UINT64_MAX;
		if (!s->nbig || !(langs & in)) {
			s->big[s->nbig++] = e;
			langs |= in;
		} else {
			s->small[s->nsmall++] = e;
			s->small_df += e->meta.df;
		}
	}
	if (s->small_df > SMALL_MAX)
		return LEAF_SUMMED;
	return s->nsmall ? LEAF_CORRECTED : LEAF_APART;
}

bool
fast_leaf_fits(const plan_node *n)
{
	return n->type == PLAN_LEAF && n->scored && !n->strict;
}

uint64_t
fast_leaf_reads(const plan_node *n, size_t segno)
{
	const plan_lists *l = &n->seg[segno];
	leaf_split s;
	uint64_t sum = 0;

	if (leaf_divide(l, &s) == LEAF_SUMMED)
		for (uint32_t i = 0; i < l->nlists; i++)
			sum += l->lists[i].meta.df;
	return sum;
}

/* ---- lists in memory --------------------------------------------------- */

/* Room for n documents, their units and the 16 past them that are written. */
typedef struct leaf_memory {
	uint32_t *docs;
	int32_t *units;
	uint32_t n;
} leaf_memory;

static bool
memory_init(leaf_memory *m, seg_eval *se, uint64_t n)
{
	m->docs = seg_eval_zalloc(se, n + 16, sizeof *m->docs);
	m->units = seg_eval_zalloc(se, n + 16, sizeof *m->units);
	m->n = 0;
	return m->docs && m->units;
}

/* A scorer over it, as the leaf's next; nothing if it is empty. */
static bool
memory_scorer(const leaf_memory *m, fast_leaf *l, seg_eval *se, const plan_node *n)
{
	uint32_t nb = (m->n + POST_BLOCK - 1) / POST_BLOCK;
	block_scorer *b = arena_zalloc(se->mem, sizeof *b);
	post_cursor *c = arena_zalloc(se->mem, sizeof *c);
	int32_t *best = arena_zalloc(se->mem, nb * sizeof *best);
	uint8_t *last = arena_alloc(se->mem, nb * sizeof(uint32_t));

	if (!nb)
		return true;
	if (!b || !c || !best || !last)
		return false;
	for (uint32_t i = 0; i < m->n; i++)
		if (m->units[i] > best[i / POST_BLOCK])
			best[i / POST_BLOCK] = m->units[i];
	for (uint32_t k = 0; k < nb; k++) {
		store_u32(last + 4 * (size_t)k, m->docs[min_u32(m->n, (k + 1) * POST_BLOCK) - 1]);
		b->max = best[k] > b->max ? best[k] : b->max;
	}
	c->ndocs = se->seg->info.docs;
	c->nb = nb;
	c->block = UINT32_MAX;
	c->skip_last = last;
	c->tf_loaded = true;
	b->c = c;
	b->n = n;
	b->scored = b->bound_super = UINT32_MAX;
	b->mem_docs = m->docs;
	b->mem_units = m->units;
	b->mem_best = best;
	b->mem_n = m->n;
	l->b[l->n++] = b;
	return true;
}

/* ---- corrections ------------------------------------------------------ */

typedef struct small_post {
	uint32_t doc, tf;
} small_post;

static int
small_cmp(const void *a, const void *b)
{
	const small_post *x = a, *y = b;
	return (x->doc > y->doc) - (x->doc < y->doc);
}

/* All postings of the short lists, a document once.  Damage cuts a list short
 * and is reported by the segment. */
static uint32_t
leaf_gather(seg_eval *se, const leaf_split *s, small_post *out)
{
	uint32_t n = 0, kept = 0;

	for (uint32_t i = 0; i < s->nsmall; i++) {
		post_cursor *c = seg_eval_cursor(se, s->small[i]);
		if (!c)
			return 0; /* se->failed */
		for (uint32_t b = 0; post_load(c, b) && post_load_tfs(c); b++)
			for (uint32_t j = 0; j < c->n && n < s->small_df; j++)
				out[n++] = (small_post){ c->docs[j], c->tfs[j] };
	}
	if (s->nsmall > 1)
		qsort(out, n, sizeof *out, small_cmp);
	for (uint32_t i = 0; i < n; i++) {
		if (kept && out[kept - 1].doc == out[i].doc)
			out[kept - 1].tf += out[i].tf;
		else
			out[kept++] = out[i];
	}
	return kept;
}

/* tfs[i]: occurrences of posting i's document in the long lists. */
static bool
leaf_look_up(seg_eval *se, const leaf_split *s, const small_post *p, uint32_t n, uint32_t *tfs)
{
	for (uint32_t i = 0; i < s->nbig; i++) {
		post_cursor *c = seg_eval_cursor(se, s->big[i]);
		if (!c)
			return false;
		for (uint32_t j = 0; j < n; j++)
			if (post_seek(c, p[j].doc) == p[j].doc)
				tfs[j] += post_tf(c);
	}
	return true;
}

static bool
leaf_correct(fast_leaf *l, seg_eval *se, const plan_node *n, const leaf_split *s)
{
	const uint8_t *norms = se->seg->norms[n->field == DICT_FIELD_TITLE];
	small_post *p = arena_alloc(se->mem, s->small_df * sizeof *p);
	uint32_t *without = arena_zalloc(se->mem, s->small_df * sizeof *without);
	leaf_memory m;

	if (!p || !without || !memory_init(&m, se, s->small_df))
		return false;
	m.n = leaf_gather(se, s, p);
	if (se->failed || !leaf_look_up(se, s, p, m.n, without))
		return false;
	for (uint32_t i = 0; i < m.n; i++) {
		uint8_t norm = norms[p[i].doc];
		m.docs[i] = p[i].doc;
		m.units[i] = plan_score(se->p, n, (float)(p[i].tf + without[i]), norm) -
			     plan_score(se->p, n, (float)without[i], norm);
	}
	return memory_scorer(&m, l, se, n);
}

/* ---- sums ------------------------------------------------------------- */

static bool
leaf_sum(fast_leaf *l, seg_eval *se, const plan_node *n)
{
	uint32_t ndocs = se->seg->info.docs, tf[POST_BLOCK + 16] = { 0 }, count = 0, *tfs;
	uint64_t *set, all = 0;
	leaf_memory m;

	if (!seg_eval_gather(se, &n->seg[se->segno], &set, &tfs))
		return false;
	for (size_t w = 0; w < live_nwords(ndocs); w++)
		all += (uint64_t)__builtin_popcountll(set[w]);
	if (!memory_init(&m, se, all))
		return false;
	for (size_t w = 0; w < live_nwords(ndocs); w++)
		for (uint64_t left = set[w]; left; left &= left - 1) {
			uint32_t doc = (uint32_t)(64 * w) + (uint32_t)__builtin_ctzll(left);
			m.docs[m.n++] = doc;
			tf[count++] = tfs[doc];
			if (count == POST_BLOCK || m.n == all) {
				block_units(se, n, m.docs + m.n - count, tf, count, m.units + m.n - count);
				count = 0;
			}
		}
	l->df += all;
	return memory_scorer(&m, l, se, n);
}

/* ---- the whole -------------------------------------------------------- */

bool
fast_leaf_open(fast_leaf *l, seg_eval *se, const plan_node *n)
{
	leaf_split s;
	leaf_way way = leaf_divide(&n->seg[se->segno], &s);
	bool ok = true;

	memset(l, 0, sizeof *l);
	if (way == LEAF_SUMMED) {
		ok = leaf_sum(l, se, n);
		l->nbig = l->n;
	}
	for (uint32_t i = 0; ok && way != LEAF_SUMMED && i < s.nbig; i++) {
		block_scorer *b = l->b[l->n] = arena_alloc(se->mem, sizeof *b);
		ok = b && block_scorer_init(b, se, n, s.big[i]);
		l->df += s.big[i]->meta.df;
		l->nbig = ++l->n;
	}
	if (ok && way == LEAF_CORRECTED) {
		ok = leaf_correct(l, se, n, &s);
		l->df += s.small_df;
	}
	se->failed |= !ok;
	return ok;
}
