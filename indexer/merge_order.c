/* merge_order.c - the order of the documents, where a merge is to choose it: an
 * index the other way round, from documents to the terms they have, made of the
 * lists of the inputs, for bisect.h.
 *
 * Runs in the calling thread before the parts, but for bisect_order, which starts
 * threads.  Documents have the numbers here that they would have without an order.
 * Where that index does not fit the memory, the documents are ordered in stretches
 * of neighbours, each by itself: less is gained, but no more memory is taken.
 *
 * Documents of about the same length share some terms that no one wrote.  So the
 * short ones, which score best, come together, and whole blocks can be passed over;
 * and they have about as many positions, which makes these smaller.
 */
#include "indexer/bisect.h"
#include "indexer/merge_internal.h"

/* Rare terms say little of what belongs together, and are most of the terms: those of
 * fewer documents than a share of all are left out, but not those of DF_LEAST. */
enum {
	DF_SHARE = 256,
	DF_LEAST = 512,
	LENGTH_TERMS = 5,   /* that documents of one length share */
	LENGTH_SHIFT = 3,   /* length codes of one length: about a factor of 2 */
	LENGTHS = 256 >> LENGTH_SHIFT,
	TERMS_MAX = BISECT_TERMS - LENGTHS * LENGTH_TERMS,
	DF_CLASSES = 256,
	STRETCH_LEAST = 1024, /* documents */
	KEY_BYTES = 32,     /* of a dictionary, read for a key */
	ORDER_AROUND = 4096, /* mapped around a list that is read */
	DOC_BYTES = 24      /* of a document in this file, while it is ordered */
};

typedef struct order_state {
	merge *m;
	uint32_t df_min;
	uint32_t *order;
	uint32_t *count;   /* terms of each document */
	uint32_t from, to; /* the stretch */
	uint32_t nterms;   /* met so far in it */
	uint64_t *at;      /* by document of the stretch: where its next term goes */
	uint16_t *terms;
	uint64_t done, total; /* steps of bisect_order */
	size_t touched;    /* bytes read since the last forgetting */
	post_cursor cursor;
} order_state;

/* ---- walking the lists ---------------------------------------------- */

/* Live documents of all inputs before this one. */
static uint32_t
order_before(const merge_input *in, uint32_t doc)
{
	if (!in->alive)
		return in->base + doc;
	return in->base + in->rank[doc / 64] +
	       (uint32_t)__builtin_popcountll(in->alive[doc / 64] & (((uint64_t)1 << (doc % 64)) - 1));
}

/* A document of the stretch has the term that is being met. */
CDG_INLINE void
order_note(order_state *s, uint32_t doc)
{
	if (s->terms)
		s->terms[s->at[doc - s->from]++] = (uint16_t)s->nterms;
	else
		s->count[doc]++;
}

static cdg_status
order_touch(order_state *s, size_t bytes, cdg_error *err)
{
	s->touched += bytes;
	if (s->touched > s->m->window) {
		merge_forget(s->m);
		s->touched = 0;
	}
	return merge_poll(s->m, err);
}

/* One input's list of a term; *any if a document of the stretch has it. */
static cdg_status
order_list(order_state *s, const merge_input *in, const post_meta *meta, bool *any, cdg_error *err)
{
	post_cursor *c = &s->cursor;

	post_open(c, &in->seg.post, &in->seg.pos, meta, in->ndocs);
	for (uint32_t b = 0; b < c->nb; b++) {
		if (order_before(in, min_u32(post_block_last(c, b), in->ndocs - 1)) + 1 < s->from)
			continue;
		if (!post_load(c, b) || order_before(in, c->docs[0]) >= s->to)
			break;
		for (uint32_t i = 0; i < c->n; i++) {
			uint32_t doc = merge_doc(in, c->docs[i]);
			if (doc >= s->from && doc < s->to) {
				order_note(s, doc);
				*any = true;
			}
		}
	}
	if (c->bad)
		return pfile_error(&in->seg.post, err);
	post_close(c);
	return order_touch(s, meta->post_len + ORDER_AROUND, err);
}

/* The next term of the text of any input, and in how many documents it is, deleted
 * ones too; 0: there is none. */
static cdg_status
order_next(merge_heap *h, uint64_t *df, cdg_error *err)
{
	bool more;

	*df = 0;
	CDG_TRY(merge_heap_next(h, &more, err));
	if (!more || h->streams[h->group[0]].it.e.field != DICT_FIELD_TEXT)
		return CDG_OK;
	for (size_t g = 0; g < h->ngroup; g++)
		*df += h->streams[h->group[g]].it.e.meta.df;
	return CDG_OK;
}

static cdg_status
order_begin(const order_state *s, merge_heap *h, cdg_error *err)
{
	cdg_status st = merge_heap_init(h, s->m->n, err);

	for (size_t i = 0; st == CDG_OK && i < s->m->n; i++)
		st = merge_heap_add(h, s->m, (uint32_t)i, 0, s->m->in[i].nterms, err);
	return st;
}

/* Note the terms of documents [from, to). */
static cdg_status
order_walk(order_state *s, uint32_t from, uint32_t to, cdg_error *err)
{
	merge_heap h = { 0 };
	uint64_t df = 1;
	cdg_status st = order_begin(s, &h, err);

	s->from = from;
	s->to = to;
	s->nterms = 0;
	while (st == CDG_OK && (st = order_next(&h, &df, err)) == CDG_OK && df) {
		bool any = false;
		st = order_touch(s, KEY_BYTES * h.ngroup, err);
		for (size_t g = 0; st == CDG_OK && df >= s->df_min && g < h.ngroup; g++) {
			const merge_stream *t = &h.streams[h.group[g]];
			st = order_list(s, &s->m->in[t->input], &t->it.e.meta, &any, err);
		}
		s->nterms += any;
	}
	merge_heap_fini(&h);
	return st;
}

/* ---- which terms ---------------------------------------------------- */

/* Numbers of documents in classes: an exponent and three bits. */
static unsigned
df_class(uint64_t df)
{
	unsigned shift;

	if (df < 8)
		return (unsigned)df;
	shift = 60 - (unsigned)__builtin_clzll(df);
	return min_u32(8 * shift + (unsigned)(df >> shift), DF_CLASSES - 1);
}

static uint32_t
df_class_least(unsigned c)
{
	return c < 16 ? c : (8 | (c & 7)) << (c / 8 - 1);
}

/* Choose df_min so that no more than TERMS_MAX terms are left. */
static cdg_status
order_choose(order_state *s, cdg_error *err)
{
	uint32_t terms[DF_CLASSES] = { 0 }, least = max_u32(2, min_u32(s->m->out.docs / DF_SHARE, DF_LEAST));
	unsigned c = DF_CLASSES;
	merge_heap h = { 0 };
	uint64_t df = 1, n = 0;
	cdg_status st = order_begin(s, &h, err);

	while (st == CDG_OK && (st = order_next(&h, &df, err)) == CDG_OK && df) {
		terms[df_class(df)]++;
		st = order_touch(s, KEY_BYTES * h.ngroup, err);
	}
	merge_heap_fini(&h);
	while (c && n + terms[c - 1] <= TERMS_MAX)
		n += terms[--c];
	s->df_min = max_u32(least, df_class_least(c));
	return st;
}

/* ---- ordering ------------------------------------------------------- */

static void
order_progress(void *ctx, uint64_t done)
{
	const order_state *s = ctx;

	s->m->opt->progress(s->m->opt->progress_ctx, "reordering", s->done + done, s->total);
}

/* What documents of one length share. */
static void
order_lengths(order_state *s)
{
	for (size_t i = 0; i < s->m->n; i++) {
		const merge_input *in = &s->m->in[i];
		for (uint32_t d = 0; d < in->ndocs; d++) {
			uint32_t doc = merge_doc(in, d);
			uint32_t first = s->nterms + (merge_norm(in, DICT_FIELD_TEXT, d) >> LENGTH_SHIFT) * LENGTH_TERMS;
			for (uint32_t k = 0; doc >= s->from && doc < s->to && k < LENGTH_TERMS; k++)
				s->terms[s->at[doc - s->from]++] = (uint16_t)(first + k);
		}
	}
	s->nterms += LENGTHS * LENGTH_TERMS;
}

static cdg_status
order_bisect(order_state *s, const uint64_t *begin, cdg_error *err)
{
	uint32_t n = s->to - s->from, *docs = mem_alloc(((size_t)n + 1) * sizeof *docs);
	bisect_input in = { .ndocs = n, .nterms = s->nterms, .begin = begin, .terms = s->terms,
			    .threads = s->m->opt->threads, .cancel = s->m->opt->cancel,
			    .progress = s->m->opt->progress ? order_progress : NULL, .progress_ctx = s };
	cdg_status st = docs ? bisect_order(&in, docs, err) : err_nomem(err);

	for (uint32_t i = 0; st == CDG_OK && i < n; i++)
		s->order[s->from + docs[i]] = s->from + i;
	mem_free(docs);
	s->done += bisect_steps(n);
	return st;
}

/* Documents [from, to) among themselves. */
static cdg_status
order_stretch(order_state *s, uint32_t from, uint32_t to, cdg_error *err)
{
	size_t n = to - from;
	uint64_t *begin = mem_alloc((n + 1) * sizeof *begin), sum = 0;
	cdg_status st = CDG_OK;

	s->at = mem_alloc((n + 1) * sizeof *s->at);
	if (!begin || !s->at)
		st = err_nomem(err);
	for (size_t d = 0; st == CDG_OK && d <= n; d++) {
		begin[d] = s->at[d] = sum;
		sum += d < n ? s->count[from + d] + LENGTH_TERMS : 0;
	}
	if (st == CDG_OK && !(s->terms = mem_alloc((size_t)(sum + 1) * sizeof *s->terms)))
		st = err_nomem(err);
	if (st == CDG_OK)
		st = order_walk(s, from, to, err);
	if (st == CDG_OK)
		order_lengths(s);
	mem_free(s->at);
	s->at = NULL;
	if (st == CDG_OK)
		st = order_bisect(s, begin, err);
	mem_free(begin);
	mem_free(s->terms);
	s->terms = NULL;
	return st;
}

/* Bytes of the documents up to `to`, from `from` on, but no more than `most`, if it is
 * not for STRETCH_LEAST of them; *to is moved to where they end. */
static uint64_t
order_bytes(const order_state *s, uint32_t from, uint32_t *to, uint64_t most)
{
	uint64_t each = DOC_BYTES + LENGTH_TERMS * sizeof *s->terms +
			bisect_memory(STRETCH_LEAST, 0, s->m->opt->threads) / STRETCH_LEAST;
	uint64_t sum = 0;
	uint32_t d = from;

	for (; d < *to && (sum <= most || d - from < STRETCH_LEAST); d++)
		sum += each + s->count[d] * sizeof *s->terms;
	*to = d;
	return sum;
}

static cdg_status
order_run(order_state *s, cdg_error *err)
{
	uint32_t ndocs = s->m->out.docs, to = ndocs;
	uint64_t memory = s->m->opt->order_memory ? s->m->opt->order_memory : s->m->memory / 2, fixed, all;

	CDG_TRY(order_choose(s, err));
	CDG_TRY(order_walk(s, 0, ndocs, err));
	fixed = bisect_memory(0, s->nterms + LENGTHS * LENGTH_TERMS, s->m->opt->threads) + 8 * (uint64_t)ndocs;
	memory -= fixed < memory ? fixed : memory;
	all = order_bytes(s, 0, &to, UINT64_MAX);
	if (all > memory) /* all stretches alike */
		memory = all / (all / max_size(memory, 1) + 1);
	for (int plan = 1; plan >= 0; plan--)
		for (uint32_t from = 0; from < ndocs; from = to) {
			to = ndocs;
			order_bytes(s, from, &to, memory);
			if (plan)
				s->total += bisect_steps(to - from);
			else
				CDG_TRY(order_stretch(s, from, to, err));
		}
	return CDG_OK;
}

cdg_status
merge_order(merge *m, cdg_error *err)
{
	order_state *s = mem_calloc(1, sizeof *s);
	cdg_status st;

	if (!s)
		return err_nomem(err);
	s->m = m;
	s->order = mem_alloc((size_t)m->out.docs * sizeof *s->order);
	s->count = mem_calloc(m->out.docs, sizeof *s->count);
	st = s->order && s->count ? order_run(s, err) : err_nomem(err);
	mem_free(s->count);
	if (st == CDG_OK) {
		m->order = s->order;
		for (size_t i = 0; i < m->n; i++)
			m->in[i].order = m->order;
	} else {
		mem_free(s->order);
	}
	mem_free(s);
	return st;
}
