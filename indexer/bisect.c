/* bisect.c - see bisect.h.
 *
 * A NODE is a stretch of `order` that is to be halved; within one, documents stand
 * in the order they came in, and so they do in a half: what is not decided stays
 * as it was.  Of its terms only those count that some but not all of its documents
 * have, and in two documents at least: others cannot do so in any node below
 * either, so they are dropped from the lists, and those left are numbered anew, so
 * that the tables by term get small as the nodes do.
 *
 * The nodes at the top are halved one after the other by all threads together, until
 * there are some for each thread.
 */
#include "indexer/bisect.h"

#include <math.h>

#include "base/mem.h"
#include "base/select.h"

enum {
	LEAF = 32,            /* documents that are not halved any more */
	ROUNDS = 20,          /* of changing sides, at most */
	NODES_PER_THREAD = 4, /* before each thread takes nodes of its own */
	LOG_BITS = 12,        /* logarithms of smaller numbers are from a table */
	LOG_ONE = 1 << 10,    /* log2(2) */
	SUM_TERMS = 16384,    /* whose logarithms fit an int32_t, added up */
	DROPPED = -1
};

/* How many documents of the left and of the right half have a term. */
typedef struct degree {
	uint32_t left, right;
} degree;

typedef struct node {
	uint32_t from, n, nterms;
} node;

/* Tables of one thread. */
typedef struct room {
	degree *degrees;     /* by term */
	int32_t *bias;       /* by term; while terms are numbered: the new number */
	uint64_t *keys, *work; /* by document of the node */
	uint32_t *aside;
	uint8_t *right;      /* 1: in the right half */
} room;

typedef struct bisect {
	const bisect_input *in;
	uint32_t *order, *len;
	int32_t log[1 << LOG_BITS];
	_Atomic uint64_t done;
} bisect;

static bool
bisect_cancelled(const bisect *b)
{
	return b->in->cancel && atomic_load_explicit(b->in->cancel, memory_order_relaxed);
}

/* log2(x + 1) in units of 1/LOG_ONE. */
CDG_INLINE int32_t
bisect_log(const bisect *b, uint32_t x)
{
	int shift;

	if (likely(x < (1 << LOG_BITS) - 1))
		return b->log[x + 1];
	shift = 32 - LOG_BITS - __builtin_clz(x);
	return b->log[x >> shift] + shift * LOG_ONE;
}

/* ---- one node ------------------------------------------------------- */

/* Number the terms that count, and drop the others from the lists. */
static uint32_t
node_number_terms(bisect *b, room *r, const node *v)
{
	const uint32_t *docs = b->order + v->from;
	uint32_t *count = (uint32_t *)(void *)r->degrees, n = 0;

	memset(count, 0, v->nterms * sizeof *count);
	for (uint32_t i = 0; i < v->n; i++) {
		const uint16_t *t = b->in->terms + b->in->begin[docs[i]];
		for (uint32_t k = 0; k < b->len[docs[i]]; k++)
			count[t[k]]++;
	}
	for (uint32_t t = 0; t < v->nterms; t++)
		r->bias[t] = count[t] > 1 && count[t] < v->n ? (int32_t)n++ : DROPPED;
	for (uint32_t i = 0; i < v->n; i++) {
		uint16_t *t = b->in->terms + b->in->begin[docs[i]];
		uint32_t left = 0;
		for (uint32_t k = 0; k < b->len[docs[i]]; k++) {
			int32_t number = r->bias[t[k]];
			t[left] = (uint16_t)number;
			left += number != DROPPED;
		}
		b->len[docs[i]] = left;
	}
	return n;
}

static void
node_count_degrees(bisect *b, room *r, const node *v, uint32_t half)
{
	const uint32_t *docs = b->order + v->from;

	memset(r->degrees, 0, v->nterms * sizeof *r->degrees);
	for (uint32_t i = 0; i < v->n; i++) {
		const uint16_t *t = b->in->terms + b->in->begin[docs[i]];
		r->right[i] = i >= half;
		for (uint32_t k = 0; k < b->len[docs[i]]; k++) {
			if (i < half)
				r->degrees[t[k]].left++;
			else
				r->degrees[t[k]].right++;
		}
	}
}

/* The gradient of the cost: how much a document would rather be on the right.  In
 * the high half of the key, above zero for every int32_t; below it the document's place. */
static uint64_t
document_key(const bisect *b, const room *r, uint32_t doc, uint32_t place)
{
	const uint16_t *t = b->in->terms + b->in->begin[doc];
	int64_t sum = 0;

	for (uint32_t k = 0, n = b->len[doc]; k < n;) {
		uint32_t to = min_u32(n, k + SUM_TERMS);
		int32_t part = 0, other = 0;
		for (; k + 1 < to; k += 2) {
			part += r->bias[t[k]];
			other += r->bias[t[k + 1]];
		}
		for (; k < to; k++)
			part += r->bias[t[k]];
		sum += (int64_t)part + other;
	}
	sum = sum < INT32_MIN ? INT32_MIN : sum > INT32_MAX ? INT32_MAX : sum;
	return (uint64_t)(sum - INT32_MIN) << 32 | place;
}

static void
node_keys(bisect *b, room *r, const node *v, unsigned threads)
{
	const uint32_t *docs = b->order + v->from;

	for (uint32_t t = 0; t < v->nterms; t++)
		r->bias[t] = bisect_log(b, r->degrees[t].right) - bisect_log(b, r->degrees[t].left);
#pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1)
	for (uint32_t i = 0; i < v->n; i++)
		r->keys[i] = document_key(b, r, docs[i], i);
}

/* What the pair gains that gains most by changing places. */
static int64_t
node_gain(const room *r, const node *v)
{
	uint64_t most = 0, least = UINT64_MAX;

	for (uint32_t i = 0; i < v->n; i++) {
		uint64_t key = r->keys[i];
		if (r->right[i])
			least = key < least ? key : least;
		else
			most = key > most ? key : most;
	}
	return (int64_t)(most >> 32) - (int64_t)(least >> 32);
}

/* The `half` documents with the least keys to the left; how many changed. */
static uint32_t
node_change(bisect *b, room *r, const node *v, uint32_t half)
{
	const uint32_t *docs = b->order + v->from;
	uint64_t least = UINT64_MAX;
	uint32_t changed = 0;

	memcpy(r->work, r->keys, v->n * sizeof *r->work);
	select_largest(r->work, v->n, v->n - half);
	for (uint32_t i = 0; i < v->n - half; i++)
		least = r->work[i] < least ? r->work[i] : least;
	for (uint32_t i = 0; i < v->n; i++) {
		const uint16_t *t = b->in->terms + b->in->begin[docs[i]];
		uint8_t right = r->keys[i] >= least;
		uint32_t step = right ? 1 : UINT32_MAX;
		if (right == r->right[i])
			continue;
		for (uint32_t k = 0; k < b->len[docs[i]]; k++) {
			r->degrees[t[k]].right += step;
			r->degrees[t[k]].left -= step;
		}
		r->right[i] = right;
		changed++;
	}
	return changed;
}

/* Both halves have the same of everything, say each document twice, and no one wants to
 * move: then begin with some half.  False: that leads nowhere, it is as it was. */
static bool
node_shake(bisect *b, room *r, const node *v, uint32_t half, unsigned threads)
{
	for (uint32_t i = 1; i < v->n; i++)
		if (r->keys[i] >> 32 != r->keys[0] >> 32)
			return true;
	for (uint32_t i = 0; i < v->n && v->nterms; i++)
		r->keys[i] = (uint64_t)(i * 2654435761u) << 32 | i;
	node_change(b, r, v, half);
	node_keys(b, r, v, threads);
	if (node_gain(r, v) > 0)
		return true;
	for (uint32_t i = 0; i < v->n; i++)
		r->right[i] = i >= half;
	return false;
}

static void
node_part(bisect *b, room *r, const node *v)
{
	uint32_t *docs = b->order + v->from, left = 0, right = 0;

	for (uint32_t i = 0; i < v->n; i++) {
		if (r->right[i])
			r->aside[right++] = docs[i];
		else
			docs[left++] = docs[i];
	}
	memcpy(docs + left, r->aside, right * sizeof *docs);
}

static void
bisect_progress(bisect *b, uint32_t n)
{
	uint64_t done = atomic_fetch_add(&b->done, n) + n;

	if (!b->in->progress || (done >> 16) == ((done - n) >> 16))
		return;
#pragma omp critical(bisect_progress)
	b->in->progress(b->in->progress_ctx, done);
}

/* Halve a node; its terms are those of both halves. */
static uint32_t
node_halve(bisect *b, room *r, node *v, unsigned threads)
{
	uint32_t half = v->n / 2;

	v->nterms = node_number_terms(b, r, v);
	node_count_degrees(b, r, v, half);
	for (int round = 0; round < ROUNDS && !bisect_cancelled(b); round++) {
		node_keys(b, r, v, threads);
		if (!round && !node_shake(b, r, v, half, threads))
			break;
		if (node_gain(r, v) <= (int64_t)round * LOG_ONE || !node_change(b, r, v, half))
			break;
	}
	node_part(b, r, v);
	bisect_progress(b, v->n);
	return half;
}

static void
node_run(bisect *b, room *r, node v)
{
	while (v.n > LEAF && !bisect_cancelled(b)) {
		uint32_t half = node_halve(b, r, &v, 1);
		node_run(b, r, (node){ v.from, half, v.nterms });
		v.from += half;
		v.n -= half;
	}
}

/* ---- the whole ------------------------------------------------------ */

static void
room_fini(room *r)
{
	mem_free(r->degrees);
	mem_free(r->bias);
	mem_free(r->keys);
	mem_free(r->work);
	mem_free(r->aside);
	mem_free(r->right);
}

static bool
room_init(room *r, size_t ndocs, size_t nterms)
{
	r->degrees = mem_alloc((nterms + 1) * sizeof *r->degrees);
	r->bias = mem_alloc((nterms + 1) * sizeof *r->bias);
	r->keys = mem_alloc((ndocs + 1) * sizeof *r->keys);
	r->work = mem_alloc((ndocs + 1) * sizeof *r->work);
	r->aside = mem_alloc((ndocs + 1) * sizeof *r->aside);
	r->right = mem_alloc(ndocs + 1);
	return r->degrees && r->bias && r->keys && r->work && r->aside && r->right;
}

/* How often the whole is halved before the threads part. */
static unsigned
bisect_depth(unsigned threads)
{
	unsigned depth = 0;

	while (threads > 1 && 1u << depth < threads * NODES_PER_THREAD)
		depth++;
	return depth;
}

uint64_t
bisect_steps(uint32_t ndocs)
{
	uint64_t depth = 0;

	for (uint32_t n = ndocs; n > LEAF; n -= n / 2)
		depth++;
	return depth * ndocs;
}

uint64_t
bisect_memory(uint32_t ndocs, uint32_t nterms, unsigned threads)
{
	enum { BY_DOC = 8 + 8 + 4 + 1, BY_TERM = sizeof(degree) + 4 };
	unsigned rooms = threads > 1 ? threads : 0;

	return (uint64_t)ndocs * (4 + BY_DOC) + (uint64_t)nterms * BY_TERM +
	       rooms * ((uint64_t)(ndocs >> bisect_depth(threads)) * BY_DOC + (uint64_t)nterms * BY_TERM);
}

/* The nodes of the tree at a depth, all above them halved; with depth 0 all below, too.
 * How many; 0: out of memory. */
static size_t
bisect_top(bisect *b, node *nodes, unsigned depth, unsigned threads)
{
	room r = { 0 };
	size_t n = room_init(&r, b->in->ndocs, b->in->nterms) ? 1 : 0;

	nodes[0] = (node){ 0, b->in->ndocs, b->in->nterms };
	for (unsigned d = 0; n && d < depth; d++) {
		for (size_t i = n; i-- > 0;) {
			node v = nodes[i];
			uint32_t half = v.n > LEAF ? node_halve(b, &r, &v, threads) : v.n / 2;
			nodes[2 * i] = (node){ v.from, half, v.nterms };
			nodes[2 * i + 1] = (node){ v.from + half, v.n - half, v.nterms };
		}
		n *= 2;
	}
	if (n && !depth)
		node_run(b, &r, nodes[0]);
	room_fini(&r);
	return n;
}

static cdg_status
bisect_run(bisect *b, cdg_error *err)
{
	unsigned threads = max_u32(b->in->threads, 1), depth = bisect_depth(threads);
	node *nodes = mem_calloc((size_t)1 << depth, sizeof *nodes);
	size_t n = nodes ? bisect_top(b, nodes, depth, threads) : 0;
	bool failed = !n;

	if (depth && n) {
#pragma omp parallel num_threads(threads) reduction(|| : failed)
		{
			room r = { 0 };
			failed = !room_init(&r, b->in->ndocs / n + 1, b->in->nterms);
#pragma omp for schedule(dynamic, 1)
			for (size_t i = 0; i < n; i++)
				if (!failed)
					node_run(b, &r, nodes[i]);
			room_fini(&r);
		}
	}
	mem_free(nodes);
	if (failed)
		return err_nomem(err);
	return bisect_cancelled(b) ? err_set(err, CDG_E_CANCELLED, "reordering stopped on request") : CDG_OK;
}

cdg_status
bisect_order(const bisect_input *in, uint32_t *order, cdg_error *err)
{
	bisect *b = mem_calloc(1, sizeof *b);
	cdg_status st = CDG_OK;

	if (b)
		b->len = mem_alloc(((size_t)in->ndocs + 1) * sizeof *b->len);
	if (!b || !b->len) {
		mem_free(b);
		return err_nomem(err);
	}
	b->in = in;
	b->order = order;
	for (uint32_t x = 1; x < 1 << LOG_BITS; x++)
		b->log[x] = (int32_t)lround(log2(x) * LOG_ONE);
	for (uint32_t d = 0; d < in->ndocs; d++) {
		order[d] = d;
		b->len[d] = (uint32_t)(in->begin[d + 1] - in->begin[d]);
	}
	if (in->ndocs > LEAF)
		st = bisect_run(b, err);
	mem_free(b->len);
	mem_free(b);
	return st;
}
