/* fast_count.c - counting conjunctions and disjunctions of terms.
 *
 * With a rare member a conjunction's documents are sought in the other lists, a
 * block at a time.  A disjunction with one long list has that list's documents,
 * which the dictionary counts, and those of the others that are not found in it.
 * What is dense is counted by bits (fast_bits.c), of which only those of one list
 * are made: A and not B are those of A less those of both, A or B those of A and
 * of B less those of both.  In very large segments, and where documents are deleted,
 * windows of bits do it (window.c).
 */
#include "query/fast.h"

typedef struct count_state {
	size_t segno;
	uint32_t ndocs;    /* of the segment */
	const dict_entry *must[AND_LEAVES_MAX]; /* by document frequency, rising */
	const dict_entry *not[AND_LEAVES_MAX];
	uint32_t nmust, nnot;
	uint64_t postings; /* of all lists */
} count_state;

static bool
count_leaf(void *ctx, const plan_node *leaf, and_role role)
{
	count_state *k = ctx;
	const plan_lists *l = &leaf->seg[k->segno];
	uint32_t i = k->nmust;

	if (role == AND_MAY)
		return true; /* changes no count */
	if (leaf->strict || (role == AND_MUST && l->nlists != 1) || k->nmust == AND_LEAVES_MAX ||
	    k->nnot + l->nlists > AND_LEAVES_MAX)
		return false;
	for (uint32_t j = 0; j < l->nlists; j++) {
		k->postings += l->lists[j].meta.df;
		if (role == AND_NOT)
			k->not[k->nnot++] = &l->lists[j];
	}
	if (role == AND_NOT)
		return true;
	for (; i && k->must[i - 1]->meta.df > l->lists[0].meta.df; i--)
		k->must[i] = k->must[i - 1];
	k->must[i] = &l->lists[0];
	k->nmust++;
	return true;
}

/* The lists of a query; its arrays are filled as far as they are used.  False: it is not
 * of the kind that is counted here. */
static bool
count_gather(count_state *k, const plan *p, size_t segno, uint32_t ndocs)
{
	k->segno = segno;
	k->ndocs = ndocs;
	k->nmust = k->nnot = 0;
	k->postings = 0;
	return and_each(p->root, AND_MUST, count_leaf, k);
}

static uint32_t
count_live_docs(const segment *s, const uint32_t *docs, uint32_t n)
{
	uint32_t count = 0;

	if (!s->has_deletes)
		return n;
	for (uint32_t i = 0; i < n; i++)
		count += segment_is_live(s, docs[i]);
	return count;
}

static void
count_run(const count_state *k, const seg_eval *se, post_cursor **c, uint64_t *total)
{
	uint32_t docs[POST_BLOCK + 16];
	uint64_t deadline = se->p->rq->deadline_ns;

	for (uint32_t b = 0; post_load(c[0], b); b++) {
		uint32_t n = c[0]->n;
		if (b + 1 < c[0]->nb)
			post_expect_block(c[0], b + 1);
		if (b % 64 == 63 && deadline && clock_ns() > deadline)
			return;
		memcpy(docs, c[0]->docs, n * sizeof *docs);
		for (uint32_t i = 1; i < k->nmust + k->nnot && n; i++)
			n = post_filter(c[i], docs, n, i < k->nmust);
		*total += count_live_docs(se->seg, docs, n);
	}
}

/* Documents in batches through the lists from number i on. */
typedef struct count_batch {
	uint32_t docs[2 * POST_BLOCK + 16], n;
} count_batch;

static uint64_t
batch_count(const count_state *k, post_cursor **c, uint32_t i, count_batch *b)
{
	uint32_t n = b->n;

	for (; i < k->nmust + k->nnot && n; i++)
		n = post_filter(c[i], b->docs, n, i < k->nmust);
	b->n = 0;
	return n;
}

/* The two rarest by bits, the others sought. */
static void
count_and_bits(const count_state *k, const seg_eval *se, post_cursor **c, doc_bits *bits, uint64_t *total)
{
	uint64_t deadline = se->p->rq->deadline_ns;
	count_batch b = { .n = 0 };

	doc_bits_add(bits, c[0]);
	if (k->nmust + k->nnot == 2) {
		*total += doc_bits_meet(bits, c[1], false);
		return;
	}
	for (uint32_t j = 0; j < c[1]->nb && !c[1]->bad; j++) {
		b.n += doc_bits_block(bits, c[1], j, b.docs + b.n);
		if (b.n >= POST_BLOCK)
			*total += batch_count(k, c, 2, &b);
		if (j % 64 == 63 && deadline && clock_ns() > deadline)
			return;
	}
	*total += batch_count(k, c, 2, &b);
}

/* One that must be there, others that must not: its documents less those that any of
 * them has. */
static void
count_not_bits(const count_state *k, post_cursor **c, doc_bits *bits, uint64_t *total)
{
	uint64_t df = k->must[0]->meta.df, others = k->postings - df, out = 0;

	if (others < df) {
		for (uint32_t i = 1; i <= k->nnot; i++)
			doc_bits_add(bits, c[i]);
		out = doc_bits_meet(bits, c[0], false);
	} else {
		doc_bits_add(bits, c[0]);
		for (uint32_t i = 1; i <= k->nnot; i++)
			out += doc_bits_meet(bits, c[i], i < k->nnot);
	}
	*total += df > out ? df - out : 0; /* it is more in a damaged index */
}

/* Is it better than to seek each document of the rarest? */
static bool
count_bits_worth(const count_state *k)
{
	uint64_t least = k->must[0]->meta.df, next = k->nmust > 1 ? k->must[1]->meta.df : k->postings - least;

	return k->ndocs <= FAST_BITS_DOCS && k->nmust + k->nnot > 1 && least * 32 >= next && least * 256 >= k->ndocs;
}

/* To seek a document in a list costs about as much as to put three of its
 * documents into a window, and a window has costs of its own.  Most are gone after
 * the first lists. */
static bool
count_worth(const count_state *k)
{
	uint64_t seeks = (uint64_t)k->must[0]->meta.df * (k->nmust + k->nnot + 1) / 2;

	return seeks * 3 <= k->postings + k->ndocs / 16;
}

/* Most of an AND's matches are found in the same pass that ranks, unless there are so
 * many that bits find them sooner after it. */
bool
fast_count_dense(const plan *p, size_t segno, uint32_t ndocs)
{
	count_state k;

	return count_gather(&k, p, segno, ndocs) &&
	       (!count_worth(&k) || (k.must[0]->meta.df > ndocs / 24 && count_bits_worth(&k)));
}

bool
fast_count(seg_eval *se, uint64_t *total)
{
	count_state *k = arena_alloc(se->mem, sizeof *k);
	post_cursor **c;
	doc_bits bits;
	bool by_bits;

	if (!k) {
		se->failed = true;
		return true;
	}
	if (!count_gather(k, se->p, se->segno, se->seg->info.docs))
		return false;
	by_bits = !se->seg->has_deletes && count_bits_worth(k);
	if (!by_bits && !count_worth(k))
		return false;
	c = arena_alloc(se->mem, (k->nmust + k->nnot) * sizeof *c);
	for (uint32_t i = 0; c && i < k->nmust + k->nnot; i++)
		if (!(c[i] = seg_eval_cursor(se, i < k->nmust ? k->must[i] : k->not[i - k->nmust])))
			return true; /* se->failed */
	se->failed |= !c;
	if (se->failed || (by_bits && !doc_bits_init(&bits, se)))
		return true;
	if (!by_bits)
		count_run(k, se, c, total);
	else if (k->nmust > 1)
		count_and_bits(k, se, c, &bits, total);
	else
		count_not_bits(k, c, &bits, total);
	return true;
}

/* ---- disjunctions ------------------------------------------------------ */

/* Documents of the lists of all leaves but `most` that are not in it: a window at a
 * time if these are several lists. */
static void
count_beside(seg_eval *se, post_cursor **c, uint32_t n, post_cursor *most, uint64_t *total)
{
	uint64_t bits[WINDOW_WORDS], deadline = se->p->rq->deadline_ns;
	uint32_t *docs = arena_alloc(se->mem, (WINDOW + 16) * sizeof *docs), k;

	if (!docs) {
		se->failed = true;
		return;
	}
	for (uint32_t b = 0; n == 1 && post_load(c[0], b); b++) {
		k = c[0]->n;
		memcpy(docs, c[0]->docs, k * sizeof *docs);
		*total += post_filter(most, docs, k, false);
		if (b % 64 == 63 && deadline && clock_ns() > deadline)
			return;
	}
	for (uint32_t base = 0; n > 1 && base < se->seg->info.docs; base += WINDOW) {
		if (deadline && clock_ns() > deadline)
			return;
		memset(bits, 0, sizeof bits);
		for (uint32_t i = 0; i < n; i++)
			window_list(c[i], base, bits);
		k = 0;
		for (uint32_t w = 0; w < WINDOW_WORDS; w++)
			for (uint64_t m = bits[w]; m; m &= m - 1)
				docs[k++] = base + 64 * w + (uint32_t)__builtin_ctzll(m);
		*total += post_filter(most, docs, k, false);
	}
}

/* The same by bits. */
static void
count_or_bits(seg_eval *se, post_cursor **c, uint32_t n, post_cursor *most, uint64_t *total)
{
	uint64_t some, both;
	doc_bits bits;

	if (!doc_bits_init(&bits, se))
		return;
	for (uint32_t i = 0; i < n; i++)
		doc_bits_add(&bits, c[i]);
	some = n > 1 ? doc_bits_count(&bits, se->seg->info.docs) : c[0]->meta.df;
	both = doc_bits_meet(&bits, most, false);
	*total += some > both ? some - both : 0;
}

bool
fast_count_or(seg_eval *se, uint64_t *total)
{
	const plan_node *r = se->p->root;
	const dict_entry *most = NULL;
	post_cursor **c = NULL, *last;
	uint64_t all = 0;
	uint32_t n = 0;
	bool beside;

	if (r->type != PLAN_OR || r->nchild > AND_LEAVES_MAX || se->seg->has_deletes)
		return false;
	for (uint32_t i = 0; i < r->nchild; i++) {
		const plan_lists *l = r->child[i]->type == PLAN_LEAF ? &r->child[i]->seg[se->segno] : NULL;
		if (!l || r->child[i]->strict || l->nlists > 1)
			return false;
		if (!l->nlists)
			continue;
		all += l->lists[0].meta.df;
		if (!most || l->lists[0].meta.df > most->meta.df)
			most = &l->lists[0];
	}
	if (!most)
		return false;
	/* to seek one costs less where few blocks of the long list are touched */
	beside = (all - most->meta.df) * (r->nchild > 2 ? 40 : 16) <= most->meta.df + se->seg->info.docs / 32;
	if (!beside && se->seg->info.docs > FAST_BITS_DOCS)
		return false;
	*total += most->meta.df;
	c = arena_alloc(se->mem, r->nchild * sizeof *c);
	last = seg_eval_cursor(se, most);
	se->failed |= !c;
	for (uint32_t i = 0; !se->failed && i < r->nchild; i++) {
		const plan_lists *l = &r->child[i]->seg[se->segno];
		if (l->nlists && &l->lists[0] != most)
			c[n++] = seg_eval_cursor(se, &l->lists[0]);
	}
	if (!se->failed && n && beside)
		count_beside(se, c, n, last, total);
	else if (!se->failed && n)
		count_or_bits(se, c, n, last, total);
	return true;
}
