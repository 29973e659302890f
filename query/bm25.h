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
