/* oracle_check.c - see oracle_check.h. */
#include "tests/common/oracle_check.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "base/file.h"

/* ---- requests ------------------------------------------------------------------- */

/* Sorting and facets on what the documents have, and on what they have not. */
static const char *
query_column(const vocab *v, rnd *r)
{
	const vocab_field *f;

	for (int i = 0; i < 8; i++) {
		f = vocab_pick_field(v, r);
		if (f && strcmp(f->name, "id") != 0)
			return f->name;
	}
	return "date";
}

static void
query_order(oracle_query *q, const vocab *v, rnd *r)
{
	if (rnd_chance(r, 70))
		return;
	q->rq.sort = q->sort;
	q->rq.nsort = 1 + rnd_below(r, 2);
	for (size_t i = 0; i < q->rq.nsort; i++) {
		q->sort[i].kind = rnd_chance(r, 35) ? SORT_SCORE : SORT_FIELD;
		q->sort[i].descending = rnd_chance(r, 50);
		q->sort[i].field = q->sort[i].kind == SORT_FIELD ? query_column(v, r) : NULL;
	}
}

static void
query_bm25(oracle_query *q, rnd *r)
{
	static const bm25_params params[] = { { 0.9f, 0.4f }, { 0, 0.75f }, { 2, 0 }, { 1.5f, 1 } };
	static const float weights[] = { 2, 0.5f, 5, 0, 1.7f };

	q->rq.bm25 = (bm25_params){ 1.2f, 0.75f };
	if (rnd_chance(r, 35))
		q->rq.bm25 = params[rnd_below(r, countof(params))];
	q->rq.title_weight = 1;
	if (rnd_chance(r, 20))
		q->rq.title_weight = weights[rnd_below(r, countof(weights))];
}

/* Scores as libxapian's, now and then. */
static void
query_xapian(oracle_query *q, rnd *r)
{
	static const bm25_xapian params[] = { BM25_XAPIAN_DEFAULTS, { 1.3, 0.7, 1, 0.6, 0.5 },
					      { 0, 0, 1, 0.5, 0.5 },  { 2, 0, 3, 1, 0 } };

	q->rq.xapian = rnd_chance(r, 15);
	if (q->rq.xapian)
		q->rq.xbm25 = params[rnd_below(r, countof(params))];
}

static bool
query_options(oracle_query *q, const vocab *v, rnd *r)
{
	static const uint32_t limits[] = { 1, 10, 10, 10, 100, 1000, 100000, 0 };
	static const uint32_t offsets[] = { 1, 5, 50, 5000 };
	search_request *rq = &q->rq;

	rq->limit = limits[rnd_below(r, countof(limits))];
	rq->offset = rnd_chance(r, 20) ? offsets[rnd_below(r, countof(offsets))] : 0;
	rq->want_total = !rq->limit || rnd_chance(r, 50);
	rq->exhaustive = rnd_chance(r, 15);
	query_bm25(q, r);
	query_xapian(q, r);
	query_order(q, v, r);
	if (rnd_chance(r, 15))
		rq->langs = rnd_chance(r, 50) ? (uint64_t)1 << TEXT_LANG_EN : 1 + rnd_below(r, 16);
	if (rnd_chance(r, 20)) {
		rq->filters = q->filters;
		rq->nfilters = 1 + rnd_below(r, 2);
		for (size_t i = 0; i < rq->nfilters; i++)
			if (!(q->filters[i] = random_query_filter(v, r, &q->tree)))
				return false;
	}
	if (rnd_chance(r, 20)) {
		rq->facets = q->facets;
		rq->nfacets = 1 + rnd_below(r, 2);
		for (size_t i = 0; i < rq->nfacets; i++) {
			q->facets[i] = (facet_request){ .field = query_column(v, r), .limit = 1 + rnd_below(r, 50) };
			if (rnd_chance(r, 50))
				q->facets[i].period = (uint8_t)rnd_below(r, 3);
		}
	}
	return true;
}

bool
oracle_query_make(oracle_query *q, const vocab *v, uint64_t seed, uint64_t number, text_analyzer *an)
{
	rnd r = rnd_seed(seed, number + ((uint64_t)1 << 40));
	q_parse_options opt = { 0 };

	memset(q, 0, sizeof *q);
	ast_init(&q->tree);
	if (number % 2) {
		opt.default_or = rnd_chance(&r, 30);
		opt.stem_phrases = rnd_chance(&r, 10);
		opt.langs = (uint64_t)rnd_chance(&r, 50) << TEXT_LANG_EN;
		random_query_text(v, seed, number, &q->text);
		if (q->text.failed || q_parse((const char *)q->text.p, q->text.len, &opt, an,
					      &q->tree, NULL) != CDG_OK)
			return false;
		if (q->tree.relaxable)
			q->rq.relaxed = q_relax(&q->tree, q->tree.root);
	} else {
		if (!random_query_tree(v, seed, number, &q->tree))
			return false;
		if (q->tree.root->type == Q_AND && rnd_chance(&r, 50))
			q->rq.relaxed = q_relax(&q->tree, q->tree.root);
	}
	q->rq.root = q->tree.root;
	return query_options(q, v, &r) && !q->tree.mem.failed;
}

void
oracle_query_fini(oracle_query *q)
{
	ast_fini(&q->tree);
	buf_fini(&q->text);
}

/* ---- printing ---------------------------------------------------------------------- */

static void
print_tree(const q_node *q, unsigned depth)
{
	static const char *const types[] = { "NONE", "ALL", "TERM", "PREFIX", "PHRASE", "NEAR", "ADJ",
					     "SYN", "AND", "OR", "NOT", "MAYBE", "RANGE" };
	static const char *const modes[] = { "stem", "fold", "strict", "value", "glob" };

	printf("%*s%s", (int)depth * 2 + 2, "", types[q->type]);
	if (q->type == Q_TERM)
		printf(" %s width %u", modes[q->mode], q->width);
	if (q->term)
		printf(" '%.*s'", (int)q->term_len, q->term);
	if (q->raw)
		printf(" raw '%.*s'%s", (int)q->raw_len, q->raw, q->hyphen ? " hyphen" : "");
	if (q->field)
		printf(" in %s", q->field);
	if (q->type == Q_RANGE)
		printf(" %c%s .. %s%c", q->lo_open ? '{' : '[', q->lo ? q->lo : "*",
		       q->hi ? q->hi : "*", q->hi_open ? '}' : ']');
	printf("%s offset %u n %u span %u boost %g\n", q->cjk1 ? " cjk1" : "", q->offset, q->n,
	       q->span, (double)q->boost);
	for (size_t i = 0; i < q->nchild; i++)
		print_tree(q->child[i], depth + 1);
}

static void
print_query(const char *what, const q_node *q)
{
	buf b = { 0 };

	q_print(q, &b);
	printf("%s: %s\n", what, buf_cstr(&b));
	buf_fini(&b);
	print_tree(q, 0);
}

void
oracle_query_print(const oracle_query *q)
{
	const search_request *rq = &q->rq;

	if (q->text.len)
		printf("typed: %.*s\n", (int)q->text.len, (const char *)q->text.p);
	print_query("query", rq->root);
	if (rq->relaxed)
		print_query("relaxed", rq->relaxed);
	for (size_t i = 0; i < rq->nfilters; i++)
		print_query("filter", rq->filters[i]);
	printf("offset %u limit %u k1 %g b %g title_weight %g langs %" PRIx64 "%s%s\n", rq->offset,
	       rq->limit, (double)rq->bm25.k1, (double)rq->bm25.b, (double)rq->title_weight, rq->langs,
	       rq->want_total ? " want_total" : "", rq->exhaustive ? " exhaustive" : "");
	if (rq->xapian)
		printf("as libxapian: k1 %g k2 %g k3 %g b %g min_normlen %g\n", rq->xbm25.k1, rq->xbm25.k2,
		       rq->xbm25.k3, rq->xbm25.b, rq->xbm25.min_normlen);
	for (size_t i = 0; i < rq->nsort; i++)
		printf("sort %s %s\n", rq->sort[i].kind == SORT_SCORE ? "score" : rq->sort[i].field,
		       rq->sort[i].descending ? "descending" : "ascending");
	for (size_t i = 0; i < rq->nfacets; i++)
		printf("facet %s limit %u period %u\n", rq->facets[i].field, rq->facets[i].limit,
		       rq->facets[i].period);
}

/* ---- comparing ------------------------------------------------------------------------ */

static bool
compare_total(FILE *out, const search_result *want, const search_result *got, bool exact)
{
	if (want->relaxed != got->relaxed ||
	    (want->relaxed && want->relaxed_matched != got->relaxed_matched)) {
		fprintf(out, "relaxed: want %d with %u clauses, got %d with %u\n", want->relaxed,
		       want->relaxed_matched, got->relaxed, got->relaxed_matched);
		return false;
	}
	if (exact && !got->total_exact) {
		fprintf(out, "total: asked for exactly, got a bound\n");
		return false;
	}
	if (got->total_exact ? got->total != want->total : got->total > want->total) {
		fprintf(out, "total: want %" PRIu64 ", got %" PRIu64 "%s\n", want->total, got->total,
		       got->total_exact ? "" : " or more");
		return false;
	}
	return true;
}

static bool
close_scores(const search_hit *a, const search_hit *b, double tolerance)
{
	double x = (double)a->score, y = (double)b->score;

	return fabs(x - y) <= tolerance * fmax(1, fabs(x));
}

/* Equal scores by rank, within the tolerance; among those that are equal so, any
 * order, and at the ends of the page any document. */
static bool
compare_close(FILE *out, const search_result *want, const search_result *got, double tolerance)
{
	size_t n = min_size(want->nhits, got->nhits);

	for (size_t i = 0; i < n; i++) {
		const search_hit *w = &want->hits[i], *g = &got->hits[i];
		bool there = w->doc == g->doc || close_scores(w, &want->hits[0], tolerance) ||
			     close_scores(w, &want->hits[want->nhits - 1], tolerance);

		for (size_t k = 0; k < want->nhits && !there; k++)
			there = want->hits[k].doc == g->doc && close_scores(w, &want->hits[k], tolerance);
		if (there && close_scores(w, g, tolerance))
			continue;
		fprintf(out, "hit %zu: want document %" PRIu64 " with %.9g, got %" PRIu64 " with %.9g; executor %s\n", i,
			w->doc, (double)w->score, g->doc, (double)g->score, got->executor ? got->executor : "?");
		return false;
	}
	if (want->nhits != got->nhits)
		fprintf(out, "hits: want %zu, got %zu; executor %s\n", want->nhits, got->nhits,
			got->executor ? got->executor : "?");
	return want->nhits == got->nhits;
}

/* Units matter where the score has a say in the order. */
static bool
compare_hits(FILE *out, const search_request *rq, const search_result *want,
	     const search_result *got)
{
	bool scores = rq->nsort == 0;

	for (size_t i = 0; i < rq->nsort; i++)
		scores |= rq->sort[i].kind == SORT_SCORE;
	for (size_t i = 0; i < want->nhits && i < got->nhits; i++) {
		const search_hit *w = &want->hits[i], *g = &got->hits[i];
		if (w->doc == g->doc && (!scores || (w->units == g->units && w->score == g->score)))
			continue;
		fprintf(out, "hit %zu: want document %" PRIu64 " with %d (%.9g), got %" PRIu64
		       " with %d (%.9g); executor %s\n",
		       i, w->doc, w->units, (double)w->score, g->doc, g->units, (double)g->score,
		       got->executor ? got->executor : "?");
		return false;
	}
	if (want->nhits != got->nhits) {
		fprintf(out, "hits: want %zu, got %zu; executor %s\n", want->nhits, got->nhits,
		       got->executor ? got->executor : "?");
		return false;
	}
	return true;
}

static bool
compare_facets(FILE *out, const search_result *want, const search_result *got)
{
	if (want->nfacets != got->nfacets) {
		fprintf(out, "facets: want %zu, got %zu\n", want->nfacets, got->nfacets);
		return false;
	}
	for (size_t i = 0; i < want->nfacets; i++) {
		const facet_result *w = &want->facets[i], *g = &got->facets[i];
		for (size_t k = 0; k < w->n && k < g->n; k++) {
			if (w->values[k].count == g->values[k].count &&
			    !strcmp(w->values[k].value, g->values[k].value))
				continue;
			fprintf(out, "facet %zu value %zu: want '%s' %" PRIu64 ", got '%s' %" PRIu64 "\n", i, k,
			       w->values[k].value, w->values[k].count, g->values[k].value,
			       g->values[k].count);
			return false;
		}
		if (w->missing != g->missing || w->by_time != g->by_time) {
			fprintf(out, "facet %zu: want %" PRIu64 " without a date, got %" PRIu64 "\n", i, w->missing,
				g->missing);
			return false;
		}
		if (w->n != g->n) {
			fprintf(out, "facet %zu: want %zu values, got %zu\n", i, w->n, g->n);
			return false;
		}
	}
	return true;
}

static bool
compare_places(FILE *out, const search_request *rq, const backend *want, const backend *got,
	       uint64_t doc, oracle_counts *counts)
{
	search_span *w = NULL, *g = NULL;
	size_t nw = 0, ng = 0, i = 0;
	cdg_error err = { 0 };
	bool same;

	if (want->ops->spans(want, rq, doc, &w, &nw, &err) != CDG_OK ||
	    got->ops->spans(got, rq, doc, &g, &ng, &err) != CDG_OK) {
		fprintf(out, "places of document %" PRIu64 ": %s\n", doc, err.message);
		mem_free(w);
		mem_free(g);
		return false;
	}
	while (i < nw && i < ng && w[i].start == g[i].start && w[i].end == g[i].end)
		i++;
	same = i == nw && i == ng;
	if (!same) {
		fprintf(out, "places of document %" PRIu64 ": want %zu, got %zu; from %zu on", doc, nw, ng, i);
		if (i < nw)
			fprintf(out, " want %u-%u", w[i].start, w[i].end);
		if (i < ng)
			fprintf(out, " got %u-%u", g[i].start, g[i].end);
		fprintf(out, "\n");
	}
	counts->places += nw;
	mem_free(w);
	mem_free(g);
	return same;
}

/* Of up to three hits, in the tree that found them. */
static bool
compare_hit_places(FILE *out, const search_request *asked, const search_result *r,
		   const backend *want, const backend *got, oracle_counts *counts)
{
	search_request rq = *asked;

	if (r->relaxed)
		rq.root = rq.relaxed;
	rq.relaxed = NULL;
	for (size_t i = 0; i < 3 && i < r->nhits; i++)
		if (!compare_places(out, &rq, want, got, r->hits[i].doc, counts))
			return false;
	return true;
}

static bool
compare_search(FILE *out, const search_request *rq, double tolerance, const backend *want, const backend *got,
	       oracle_counts *counts)
{
	search_result w = { 0 }, g = { 0 };
	cdg_error err = { 0 };
	uint64_t start = clock_ns(), middle, end;
	cdg_status ws = want->ops->search(want, rq, &w, &err), gs;
	bool same;

	middle = clock_ns();
	gs = got->ops->search(got, rq, &g, &err);
	end = clock_ns();
	counts->want_ns += middle - start;
	counts->got_ns += end - middle;
	counts->queries++;
	if (ws != CDG_OK || gs != CDG_OK) {
		fprintf(out, "error: want %s, got %s: %s\n", cdg_status_name(ws), cdg_status_name(gs), err.message);
		same = false;
	} else {
		counts->found += w.total > 0;
		counts->relaxed += w.relaxed;
		counts->hits += w.nhits;
		same = compare_total(out, &w, &g, rq->want_total) &&
		       (tolerance > 0 && !rq->nsort ? compare_close(out, &w, &g, tolerance) :
						      compare_hits(out, rq, &w, &g)) &&
		       compare_facets(out, &w, &g) &&
		       compare_hit_places(out, rq, &w, want, got, counts);
	}
	search_result_fini(&w);
	search_result_fini(&g);
	return same;
}

bool
oracle_compare(const oracle_query *q, const backend *want, const backend *got, oracle_counts *counts)
{
	return compare_search(stdout, &q->rq, q->tolerance, want, got, counts);
}

/* ---- the smallest query that still differs ------------------------------------------------ */

typedef struct shrinker {
	oracle_query *q;
	const backend *want, *got;
	FILE *null;
} shrinker;

/* A copy of the tree with edit *k done, counted in the order of the walk: a node
 * is replaced by its child, or loses a child.  *k < 0 afterwards if there was
 * such an edit. */
static q_node *
shrink_edit(ast *a, const q_node *from, long *k)
{
	q_node *q;
	size_t n = 0;

	for (size_t i = 0; i < from->nchild; i++)
		if ((*k)-- == 0)
			return shrink_edit(a, from->child[i], k);
	q = q_new(a, from->type, from->nchild);
	if (!q)
		return NULL;
	{
		q_node **child = q->child;
		*q = *from;
		q->child = child;
	}
	for (size_t i = 0; i < from->nchild; i++) {
		if (from->nchild > 1 && (*k)-- == 0)
			continue;
		q->child[n] = shrink_edit(a, from->child[i], k);
		if (!q->child[n++])
			return NULL;
	}
	q->nchild = n;
	return q;
}

static bool
shrink_try(shrinker *s, const search_request *rq)
{
	oracle_counts ignored = { 0 };

	if (compare_search(s->null, rq, s->q->tolerance, s->want, s->got, &ignored))
		return false;
	s->q->rq = *rq;
	return true;
}

/* Plainer options, one after the other. */
static void
shrink_options(shrinker *s)
{
	for (int i = 0; i < 10; i++) {
		search_request rq = s->q->rq;

		switch (i) {
		case 0: rq.nsort = 0; break;
		case 1: rq.nfacets = 0; break;
		case 2: rq.relaxed = NULL; break;
		case 3: rq.title_weight = 1; break;
		case 4: rq.langs = 0; break;
		case 5: rq.bm25 = (bm25_params){ 1.2f, 0.75f }; break;
		case 6: rq.offset = 0; break;
		case 7: rq.exhaustive = false; break;
		case 8: rq.xapian &= s->q->tolerance > 0; break;
		default: rq.nfilters = 0;
		}
		shrink_try(s, &rq);
	}
}

void
oracle_shrink(oracle_query *q, const backend *want, const backend *got)
{
	shrinker s = { q, want, got, fopen("/dev/null", "w") };

	if (!s.null)
		return;
	shrink_options(&s);
	for (long k = 0;; k++) {
		search_request rq = q->rq;
		long left = k;

		rq.root = shrink_edit(&q->tree, q->rq.root, &left);
		if (left >= 0 || !rq.root)
			break; /* no such edit */
		if (shrink_try(&s, &rq))
			k = -1; /* again from the start */
	}
	shrink_options(&s);
	fclose(s.null);
}
