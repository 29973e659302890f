/* bm25.h - the one definition of a score, shared by every executor and by the
 * reference backend.
 *
 * BM25 as Lucene has it (Robertson and Zaragoza 2009, "The Probabilistic
 * Relevance Framework: BM25 and Beyond", without the constant factor k1 + 1):
 *
 *   idf(n)   = ln(1 + (N - n + 0.5) / (n + 0.5))
 *   s(tf,dl) = w - w / (1 + tf * inv(dl)),  w = boost * idf
 *   inv(dl)  = 1 / (k1 * (1 - b + b * dl / avgdl))
 *
 * dl is the length byte of the document decoded (engine/doctab.h); the form
 * with one subtraction rises with tf and falls with dl in float arithmetic
 * too, which block maxima need.
 *
 * EXACT SUMS.  A float sum depends on its order, and fast executors add in
 * another order than slow ones.  So each clause's score is rounded once to a
 * multiple of 1/scale, scale = 2^k chosen for the query so that the sum of all
 * weights stays below 2^30, and added as an integer: the total is the same in
 * every order, on every path, over any number of segments.  The rounding is at
 * most 2^-31 of the query's total weight, below a float's own precision.
 */
#ifndef QUERY_BM25_H
#define QUERY_BM25_H

#include <math.h>

#include "base/base.h"

typedef struct bm25_params {
	float k1, b; /* 1.2, 0.75 */
} bm25_params;

/* ---- as libxapian has it ----------------------------------------------
 *
 * BM25Weight of libxapian 1.4 (xapian/weight.h), without relevance feedback, each
 * word of the query counted once (so that k3 changes nothing):
 *
 *   idf(n)   = ln(t >= 2 ? t : t / 2 + 1),  t = (N - n + 0.5) / (n + 0.5)
 *   L        = max(dl / avgdl, min_normlen)
 *   s(tf,dl) = boost * idf * (k1 + 1) * tf / (k1 * (b * L + 1 - b) + tf)
 *
 * and once a document 2 * k2 * units / (1 + L), `units` the scored parts of the
 * query.  dl is exact: the tokens of the text (title included) plus those of the
 * title; half of what the database that cdgindex writes for libxapian says. */
typedef struct bm25_xapian {
	double k1, k2, k3, b, min_normlen;
} bm25_xapian;

#define BM25_XAPIAN_DEFAULTS { 1, 0, 1, 0.5, 0.5 }

CDG_INLINE double
bm25_xapian_idf(uint64_t ndocs, uint64_t n)
{
	double N = (double)ndocs, d = (double)(n < ndocs ? n : ndocs);
	double t = (N - d + 0.5) / (d + 0.5);

	return log(t < 2 ? t * 0.5 + 1 : t);
}

/* L */
CDG_INLINE double
bm25_xapian_length(const bm25_xapian *p, double dl, double avgdl)
{
	double l = avgdl > 0 ? dl / avgdl : 0;

	return l > p->min_normlen ? l : p->min_normlen;
}

/* One unit's score; weight = boost * idf. */
CDG_INLINE double
bm25_xapian_score(const bm25_xapian *p, double weight, double tf, double l)
{
	return tf > 0 ? weight * (p->k1 + 1) * tf / (p->k1 * (p->b * l + 1 - p->b) + tf) : 0;
}

/* What a document gets once. */
CDG_INLINE double
bm25_xapian_extra(const bm25_xapian *p, uint32_t units, double l)
{
	return 2 * p->k2 * units / (1 + l);
}

/* N documents (deleted ones included), n of them have the term. */
CDG_INLINE float
bm25_idf(uint64_t ndocs, uint64_t n)
{
	double N = (double)ndocs, d = (double)(n < ndocs ? n : ndocs);
	return (float)log(1.0 + (N - d + 0.5) / (d + 0.5));
}

CDG_INLINE float
bm25_avg(uint64_t tokens, uint64_t ndocs)
{
	return ndocs && tokens ? (float)((double)tokens / (double)ndocs) : 1.0f;
}

/* inv(dl) for one length. k1 == 0: 1e30, so that s = w. */
CDG_INLINE float
bm25_inv(bm25_params p, float dl, float avgdl)
{
	float k = p.k1 * ((1.0f - p.b) + p.b * (dl / avgdl));
	return k > 1e-30f ? 1.0f / k : 1e30f;
}

/* The power of two for a query whose weights sum to `sum`. */
CDG_INLINE float
bm25_scale(double sum)
{
	int e;
	if (!(sum > 0) || sum > 1e30)
		return 1.0f;
	frexp(sum, &e); /* sum < 2^e */
	e = 30 - e;
	return (float)ldexp(1.0, e > 100 ? 100 : e);
}

/* The score of one clause in units of 1/scale.  tf is a float: BM25F makes
 * fractions. */
CDG_INLINE int32_t
bm25_score(float w, float tf, float inv, float scale)
{
	float s = w - w / (1.0f + tf * inv);
	return (int32_t)lrintf(s * scale);
}

#endif
