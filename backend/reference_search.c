/* reference_search.c - which documents a tree matches, with what score, in what
 * order; the fall-back; highlighted places.
 *
 * Every document is looked at and every match is kept; reference_order.c sorts.
 * The Xapian backend evaluates its candidates here, too (struct ref_source).
 */
#include "backend/reference_impl.h"

#include "engine/dict.h"
#include "engine/doctab.h"

/* ---- state -------------------------------------------------------------------- */

static float
search_average_titled(uint64_t text, uint64_t title, uint64_t ndocs, float weight)
{
	double sum = (double)text + ((double)weight - 1.0) * (double)title;
	float avg = ndocs ? (float)(sum / (double)ndocs) : 1.0f;

	return avg > 0 ? avg : 1.0f;
}

cdg_status
ref_search_init(ref_search *s, const ref_index *ref, const search_request *rq, search_result *out,
		cdg_error *err)
{
	uint64_t tokens[2] = { 0 };

	memset(s, 0, sizeof *s);
	s->ref = ref;
	s->ndocs = ref->ndocs;
	s->rq = rq;
	s->out = out;
	s->langs = rq->langs ? rq->langs : ref_langs(ref);
	arena_init(&s->mem);
	arena_init(&s->scratch);
	for (size_t i = 0; i < ref->ndocs; i++) {
		tokens[0] += ref->docs[i].axis.length;
		tokens[1] += ref->docs[i].name.length;
	}
	for (int f = 0; f < 2; f++)
		s->avg[f] = bm25_avg(tokens[f], ref->ndocs);
	s->xapian_average = ref->ndocs ? (double)(tokens[0] + tokens[1]) / (double)ref->ndocs : 0;
	s->avg_titled = search_average_titled(tokens[0], tokens[1], ref->ndocs, rq->title_weight);
	s->an = text_analyzer_new(err);
	return s->an ? CDG_OK : CDG_E_NOMEM;
}

void
ref_search_fini(ref_search *s)
{
	arena_fini(&s->mem);
	arena_fini(&s->scratch);
	if (s->an)
		text_analyzer_free(s->an);
}

/* ---- one document --------------------------------------------------------------- */

static float
search_length(uint32_t tokens)
{
	return (float)norm_decode(norm_encode(tokens));
}

static double
search_xapian_length(const ref_search *s, const ref_doc *d)
{
	return bm25_xapian_length(&s->rq->xbm25, (double)d->axis.length + (double)d->name.length,
				  s->xapian_average);
}

/* What a match gets besides. */
static int32_t
search_xapian_extra(const ref_search *s, const ref_doc *d)
{
	if (!s->rq->xapian || !(s->rq->xbm25.k2 > 0) || !s->xapian_units)
		return 0;
	return (int32_t)lrint(bm25_xapian_extra(&s->rq->xbm25, s->xapian_units, search_xapian_length(s, d)) *
			      (double)s->scale);
}

/* BM25 of a unit that has these spans. */
static int32_t
search_score(ref_search *s, const ref_node *n, const ref_doc *d, const ref_spans *spans)
{
	float tf = (float)spans->n, dl, inv;

	if (n->field >= REF_FIRST || !n->scored)
		return 0;
	if (s->rq->xapian)
		return (int32_t)lrint(bm25_xapian_score(&s->rq->xbm25, (double)n->boost * n->xidf, spans->n,
							search_xapian_length(s, d)) *
				      (double)s->scale);
	if (n->field == REF_TITLE) {
		inv = bm25_inv(s->rq->bm25, search_length(d->name.length), s->avg[1]);
		return bm25_score(n->weight, tf, inv, s->scale);
	}
	dl = search_length(d->axis.length);
	if (s->rq->title_weight != 1.0f) {
		float extra = s->rq->title_weight - 1.0f;
		uint32_t in_title = 0;

		for (size_t i = 0; i < spans->n; i++)
			in_title += spans->at[i].start < d->title_end;
		tf += extra * (float)in_title;
		dl += extra * search_length(d->name.length);
		inv = bm25_inv(s->rq->bm25, dl, s->avg_titled);
	} else {
		inv = bm25_inv(s->rq->bm25, dl, s->avg[0]);
	}
	return bm25_score(n->weight, tf, inv, s->scale);
}

/* A word, a whole value, or alternatives of such, against the values of a
 * metadata field. */
static bool
search_values(const ref_node *n, const ref_doc *d)
{
	const q_node *q = n->q;
	bool whole = q_is_value(q);
	const char *p = whole ? q->raw : q->term;
	size_t len = whole ? q->raw_len : q->term_len;

	if (n->type == Q_SYN)
		for (size_t i = 0; i < n->nchild; i++)
			if (search_values(n->child[i], d))
				return true;
	if (n->type != Q_TERM || n->field < REF_FIRST || n->field == REF_UNKNOWN || !p)
		return false;
	if (q->mode == Q_GLOB) {
		for (size_t i = 0; i < d->nvalues; i++)
			if (d->values[i].field == n->field && ref_value_globs(&d->values[i], q->raw, q->raw_len))
				return true;
		return false;
	}
	if (n->field == REF_ID)
		return q->raw ? !ref_compare_bytes(d->id.p, d->id.n, q->raw, q->raw_len) :
				!ref_compare_bytes(d->id.p, d->id.n, p, len);
	for (size_t i = 0; i < d->nvalues; i++)
		if (d->values[i].field == n->field && ref_value_is(&d->values[i], p, len, whole))
			return true;
	return false;
}

static bool
search_unit(ref_search *s, const ref_node *n, const ref_doc *d, int64_t *units)
{
	ref_spans spans = ref_find(s, n, d);

	if (spans.n)
		*units += search_score(s, n, d, &spans);
	return spans.n > 0 || search_values(n, d);
}

/* An identifier is a string; a very long one counts by the key that the index
 * keeps of it. */
static bool
search_id_range(const ref_node *n, const ref_doc *d)
{
	char key[DICT_KEY_MAX];
	ref_value v = { .type = DOC_STRING, .string = { key, 0 } };

	v.string.n = dict_id_key(d->id.p, d->id.n, key);
	return ref_value_between(&v, n->q);
}

static bool
search_range(const ref_node *n, const ref_doc *d)
{
	if (n->nothing)
		return false;
	if (n->field == REF_ID)
		return search_id_range(n, d);
	for (size_t i = 0; i < d->nvalues; i++)
		if (d->values[i].field == n->field && ref_value_between(&d->values[i], n->q))
			return true;
	return false;
}

bool
ref_matches(ref_search *s, const ref_node *n, const ref_doc *d, int64_t *units)
{
	int64_t sum = 0, ignored = 0;
	size_t matched = 0;
	bool yes;

	if (n->unit)
		return search_unit(s, n, d, units);
	switch (n->type) {
	case Q_ALL:
		return true;
	case Q_RANGE:
		return search_range(n, d);
	case Q_AND:
	case Q_OR:
		for (size_t i = 0; i < n->nchild; i++)
			matched += ref_matches(s, n->child[i], d, &sum);
		yes = matched && (n->type == Q_OR || matched == n->nchild);
		break;
	case Q_NOT:
		yes = n->nchild && ref_matches(s, n->child[0], d, &sum);
		for (size_t i = 1; yes && i < n->nchild; i++)
			yes = !ref_matches(s, n->child[i], d, &ignored);
		break;
	case Q_MAYBE:
		yes = n->nchild && ref_matches(s, n->child[0], d, &sum);
		for (size_t i = 1; yes && i < n->nchild; i++)
			ref_matches(s, n->child[i], d, &sum);
		break;
	default:
		return false;
	}
	if (yes)
		*units += sum;
	return yes;
}

/* ---- all documents ---------------------------------------------------------------- */

cdg_status
ref_job_plan(ref_search *s, const q_node *root, ref_job *job, cdg_error *err)
{
	double extra;

	job->n = job->clauses = 0;
	job->any = NULL;
	s->xapian_units = 0;
	job->root = ref_plan(s, root, true);
	job->filters = arena_zalloc(&s->mem, (s->rq->nfilters + 1) * sizeof *job->filters);
	if (!job->root || !job->filters)
		return s->failure ? s->failure : err_nomem(err);
	extra = s->rq->xapian ? bm25_xapian_extra(&s->rq->xbm25, s->xapian_units, s->rq->xbm25.min_normlen) : 0;
	s->scale = bm25_scale(ref_plan_weights(job->root) + extra);
	for (size_t i = 0; i < s->rq->nfilters; i++) {
		job->filters[i] = ref_plan(s, s->rq->filters[i], false);
		if (!job->filters[i])
			return s->failure ? s->failure : err_nomem(err);
	}
	return CDG_OK;
}

static bool
search_filtered(ref_search *s, const ref_job *job, const ref_doc *d)
{
	int64_t ignored = 0;

	for (size_t i = 0; i < s->rq->nfilters; i++)
		if (!ref_matches(s, job->filters[i], d, &ignored))
			return false;
	return true;
}

/* How many alternatives of the fall-back the document has. */
static uint32_t
search_clauses(ref_search *s, const ref_node *any, const ref_doc *d)
{
	uint32_t n = 0;
	int64_t ignored = 0;

	for (size_t i = 0; i < any->nchild; i++)
		n += ref_matches(s, any->child[i], d, &ignored);
	return n;
}

/* With job->any only those stay that match most of its clauses. */
cdg_status
ref_job_offer(ref_search *s, ref_job *job, const ref_doc *d, uint64_t number, cdg_error *err)
{
	int64_t units = 0;
	uint32_t clauses = 0;
	bool yes;

	arena_reset(&s->scratch);
	yes = !d->dead && search_filtered(s, job, d) && ref_matches(s, job->root, d, &units);
	if (yes && job->any)
		clauses = search_clauses(s, job->any, d);
	if (s->failure)
		return s->failure;
	if (s->scratch.failed)
		return err_nomem(err);
	if (!yes || clauses < job->clauses)
		return CDG_OK;
	if (clauses > job->clauses)
		job->n = 0;
	job->clauses = clauses;
	units += search_xapian_extra(s, d);
	if (!mem_grow(&job->at, &job->cap, job->n + 1, sizeof *job->at))
		return err_nomem(err);
	job->at[job->n++] = (ref_matched){ { number, (float)((double)units / (double)s->scale), (int32_t)units }, d };
	return CDG_OK;
}

static cdg_status
search_all(ref_search *s, ref_job *job, cdg_error *err)
{
	for (size_t i = 0; i < s->ref->ndocs; i++)
		CDG_TRY(ref_job_offer(s, job, &s->ref->docs[i], i, err));
	return CDG_OK;
}

/* NOT(AND(OR, ...), ...) or less. */
const ref_node *
ref_alternatives(const ref_node *n)
{
	if (n->type == Q_NOT && n->nchild)
		return ref_alternatives(n->child[0]);
	if (n->type == Q_OR)
		return n;
	if (n->type == Q_AND)
		for (size_t i = 0; i < n->nchild; i++)
			if (n->child[i]->type == Q_OR)
				return n->child[i];
	return NULL;
}

/* ---- search ------------------------------------------------------------------------------ */

/* No document has all: those that have most. */
static cdg_status
search_relaxed(ref_search *s, ref_job *job, cdg_error *err)
{
	CDG_TRY(ref_job_plan(s, s->rq->relaxed, job, err));
	job->any = ref_alternatives(job->root);
	return search_all(s, job, err);
}

static cdg_status
search_run(ref_search *s, ref_job *job, cdg_error *err)
{
	CDG_TRY(ref_job_plan(s, s->rq->root, job, err));
	CDG_TRY(search_all(s, job, err));
	if (!job->n && s->rq->relaxed) {
		CDG_TRY(search_relaxed(s, job, err));
		s->out->relaxed = job->n > 0;
	}
	return ref_job_finish(s, job, err);
}

cdg_status
ref_run(const backend *b, const search_request *rq, search_result *out, cdg_error *err)
{
	const ref_index *ref = (const ref_index *)(const void *)b;
	ref_search s;
	ref_job job = { 0 };
	cdg_status st;

	memset(out, 0, sizeof *out);
	st = ref_search_init(&s, ref, rq, out, err);
	out->executor = "reference";
	if (st == CDG_OK)
		st = search_run(&s, &job, err);
	ref_search_fini(&s);
	mem_free(job.at);
	if (st != CDG_OK)
		search_result_fini(out);
	return st;
}

/* ---- places --------------------------------------------------------------------------------- */

static void
places_collect(ref_search *s, const ref_node *n, const ref_doc *d, ref_spans *out)
{
	if (n->unit && n->scored && n->field == REF_TEXT) {
		ref_spans spans = ref_find(s, n, d);

		for (size_t i = 0; i < spans.n; i++)
			ref_spans_add(s, out, spans.at[i].start, spans.at[i].end);
	}
	if (!n->unit)
		for (size_t i = 0; i < n->nchild; i++)
			places_collect(s, n->child[i], d, out);
}

void
ref_places(ref_search *s, const ref_node *n, const ref_doc *d, ref_spans *out)
{
	places_collect(s, n, d, out);
	ref_spans_sort(out);
}

/* In the tree that the document matches, the relaxed one if not the other. */
static cdg_status
places_run(ref_search *s, const ref_doc *d, ref_spans *places, cdg_error *err)
{
	ref_job job = { 0 };
	int64_t units = 0;

	CDG_TRY(ref_job_plan(s, s->rq->root, &job, err));
	if (s->rq->relaxed && !ref_matches(s, job.root, d, &units))
		CDG_TRY(ref_job_plan(s, s->rq->relaxed, &job, err));
	ref_places(s, job.root, d, places);
	return s->scratch.failed ? err_nomem(err) : CDG_OK;
}

cdg_status
ref_run_spans(const backend *b, const search_request *rq, uint64_t doc, search_span **spans,
	      size_t *n, cdg_error *err)
{
	const ref_index *ref = (const ref_index *)(const void *)b;
	search_result ignored = { 0 };
	ref_spans places = { 0 };
	ref_search s;
	cdg_status st;

	*spans = NULL;
	*n = 0;
	if (doc >= ref->ndocs)
		return err_set(err, CDG_E_NOTFOUND, "no document %llu", (unsigned long long)doc);
	st = ref_search_init(&s, ref, rq, &ignored, err);
	if (st == CDG_OK)
		st = places_run(&s, &ref->docs[doc], &places, err);
	if (st == CDG_OK && places.n) {
		*spans = mem_dup(places.at, places.n * sizeof **spans);
		*n = *spans ? places.n : 0;
		st = *spans ? CDG_OK : err_nomem(err);
	}
	ref_search_fini(&s);
	search_result_fini(&ignored);
	return st;
}
