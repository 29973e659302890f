/* plan.c - from tree to plan: types, weights, costs.  See plan.h; leaves are
 * resolved in plan_leaf.c and plan_field.c. */
#include "query/plan.h"

#include "base/cpu.h"
#include "base/file.h"

#if defined(__x86_64__)
#include <emmintrin.h>
#endif

unsigned
plan_field_id(const plan *p, const char *field)
{
	unsigned id;

	if (!field || !strcmp(field, "text"))
		return DICT_FIELD_TEXT;
	if (!strcmp(field, "title"))
		return DICT_FIELD_TITLE;
	id = manifest_field(&p->snap->manifest, field, strlen(field));
	return id ? id : UINT32_MAX;
}

/* 255 means "or more": the limit of the formula is then its weight. */
static float
impact_tf(uint64_t impact)
{
	return (impact & 255) == 255 ? INFINITY : (float)(impact & 255);
}

/* The ratio: one function of it is the score. */
static int32_t
bound_ratio(float w, float scale, float x)
{
	return bm25_score(w, x, 1.0f, scale);
}

static int32_t
bound_portable(float w, float scale, const float *inv, uint64_t impacts)
{
	int32_t best = 0;

	for (unsigned i = 0; i < 4; i++, impacts >>= 16) {
		int32_t s = bm25_score(w, impact_tf(impacts), inv[impacts >> 8 & 255], scale);
		best = s > best ? s : best;
	}
	return best;
}

#if defined(__x86_64__)
/* The four at once (SSE2, which every x86-64 has). */
static int32_t
bound_sse2(float w, float scale, const float *inv, uint64_t impacts)
{
	__m128 tf = _mm_setr_ps(impact_tf(impacts), impact_tf(impacts >> 16), impact_tf(impacts >> 32),
				impact_tf(impacts >> 48));
	__m128 k = _mm_setr_ps(inv[impacts >> 8 & 255], inv[impacts >> 24 & 255], inv[impacts >> 40 & 255],
			       inv[impacts >> 56]);
	__m128 vw = _mm_set1_ps(w);
	__m128 s = _mm_sub_ps(vw, _mm_div_ps(vw, _mm_add_ps(_mm_set1_ps(1.0f), _mm_mul_ps(tf, k))));

	s = _mm_max_ps(s, _mm_movehl_ps(s, s));
	s = _mm_max_ss(s, _mm_shuffle_ps(s, s, 1));
	s = _mm_max_ss(s, _mm_setzero_ps());
	return _mm_cvtss_si32(_mm_mul_ss(s, _mm_set_ss(scale)));
}
#endif

static int32_t
bound_pairs(const plan *p, const plan_node *n, uint64_t impacts)
{
	const float *inv = p->inv[n->field == DICT_FIELD_TITLE];

#if defined(__x86_64__)
	if (likely(cpu_get() >= CPU_AVX2))
		return bound_sse2(n->weight, p->scale, inv, impacts);
#endif
	return bound_portable(n->weight, p->scale, inv, impacts);
}

int32_t
plan_bound(const plan *p, const plan_node *n, float factor, uint64_t impacts)
{
	int32_t a, b;

	if (factor < 0)
		return bound_pairs(p, n, impacts);
	a = bound_ratio(n->weight, p->scale, post_ratio(impacts) * factor);
	if (factor == 1.0f)
		return a;
	b = bound_pairs(p, n, (impacts & 0xffffffffffff) | impacts >> 32 << 48);
	return a < b ? a : b;
}

/* The denominator of a ratio is k1 * (1 - b) + (k1 * b / average) * length, here as
 * there: the quotient of two such is the largest where the length is 0 or without
 * end.  The slack is for the rounding of floats. */
float
plan_ratio_factor(const plan *p, const plan_node *n, const post_cursor *c)
{
	unsigned f = n->field == DICT_FIELD_TITLE;
	double k1 = p->rq->bm25.k1, b = p->rq->bm25.b, least, slope;
	float avg = bm25_avg(p->snap->tokens[f], p->snap->ndocs);

	if (c->avg == 0)
		return -1;
	if (p->rq->bm25.k1 == POST_RATIO_K1 && p->rq->bm25.b == POST_RATIO_B && avg == c->avg)
		return 1;
	least = (double)POST_RATIO_K1 * (1 - (double)POST_RATIO_B) / (k1 * (1 - b));
	slope = (double)POST_RATIO_K1 * (double)POST_RATIO_B / (double)c->avg / (k1 * b / (double)avg);
	if (!(least < 1e30) || !(slope < 1e30))
		return INFINITY;
	return (float)((least > slope ? least : slope) * 1.00001);
}

/* Scores rise with tf.  From a guess by the formula solved for it. */
uint32_t
plan_least_tf(const plan *p, const plan_node *n, uint8_t norm, int32_t threshold)
{
	uint32_t need = 1;
	float s, tf;

	if (threshold < 0)
		return 1;
	s = (float)threshold / p->scale;
	tf = s / ((n->weight - s) * p->inv[n->field == DICT_FIELD_TITLE][norm]);
	if (tf > 2 && tf < 1e6f)
		need = (uint32_t)(tf * 0.999f);
	if (need > 1 && plan_score(p, n, (float)(need - 1), norm) > threshold)
		need = 1; /* a bad guess */
	for (unsigned i = 0; i < 64 && plan_score(p, n, (float)need, norm) <= threshold; i++)
		need++;
	return need;
}

enum { PLAN_STEPS = 512, PLAN_ENTRIES = 16 /* read for a node, about */ };

bool
plan_late(plan_ctx *c, uint32_t entries)
{
	uint64_t deadline = c->p->rq->deadline_ns;

	c->work += entries;
	if (c->work >= PLAN_STEPS && deadline && !c->late)
		c->late = clock_ns() > deadline;
	c->work %= PLAN_STEPS;
	return c->late;
}

static cdg_status plan_build(plan_ctx *c, const q_node *q, float boost, bool scored, plan_node **out);

static plan_node *
plan_new(plan_ctx *c, const q_node *q, plan_type type, float boost)
{
	plan_node *n = arena_zalloc(c->p->mem, sizeof *n);
	if (n) {
		n->type = (uint8_t)type;
		n->boost = boost;
		n->source = q;
		n->offset = q ? q->offset : 0;
	}
	return n;
}

static bool
plan_is_interval(const q_node *q)
{
	return q->type == Q_TERM || q->type == Q_PREFIX || q->type == Q_PHRASE || q->type == Q_NEAR ||
	       q->type == Q_ADJ || q->type == Q_SYN;
}

/* ---- intervals ------------------------------------------------------- */

typedef struct field_scan {
	const char *field;
	bool any, mixed;
} field_scan;

static void
plan_scan_fields(const q_node *q, field_scan *f)
{
	if (q->type == Q_TERM || q->type == Q_PREFIX) {
		const char *name = q->field && strcmp(q->field, "text") != 0 ? q->field : NULL;
		if (f->any && (f->field ? !name || strcmp(f->field, name) != 0 : name != NULL))
			f->mixed = true;
		f->field = name;
		f->any = true;
	}
	for (size_t i = 0; i < q->nchild; i++)
		plan_scan_fields(q->child[i], f);
}

static uint32_t
plan_ww(const plan_node *n)
{
	uint32_t sum = 0;

	if (n->type == PLAN_LEAF)
		return n->width;
	if (!n->nchild)
		return 1;
	if (n->interval == Q_SYN)
		return n->child[0]->ww;
	if (n->interval == Q_PHRASE)
		return n->span ? n->span
			       : n->child[n->nchild - 1]->offset - n->child[0]->offset + n->child[n->nchild - 1]->ww;
	for (uint32_t i = 0; i < n->nchild; i++)
		sum += n->child[i]->ww;
	return sum;
}

/* An interval tree: leaves and PHRASE/NEAR/ADJ/SYN (OR counts as SYN) of one
 * dictionary field. */
static cdg_status
plan_interval(plan_ctx *c, const q_node *q, float boost, unsigned field, bool inner_slot, plan_node **out)
{
	plan_node *n = plan_new(c, q, PLAN_INTERVAL, boost);
	bool sum;

	*out = n;
	if (!n)
		return err_nomem(c->err);
	n->field = field;
	if (q->type == Q_TERM || q->type == Q_PREFIX) {
		n->strict = inner_slot; /* a strict word inside a phrase looks at its hyphen */
		CDG_TRY(plan_leaf(c, n, q));
		if (q->mode != Q_STRICT || q->type != Q_TERM)
			n->strict = false;
		n->ww = n->width;
		return CDG_OK;
	}
	if (!plan_is_interval(q) && q->type != Q_OR) {
		search_warn(c->out, "AND, NOT and ranges have no place inside a phrase or NEAR: that part matches nothing");
		n->type = PLAN_NONE;
		n->ww = 1;
		return CDG_OK;
	}
	n->interval = q->type == Q_OR ? Q_SYN : q->type;
	n->n = q->n;
	n->span = q->span;
	n->child = arena_zalloc(c->p->mem, (q->nchild + 1) * sizeof *n->child);
	if (!n->child)
		return err_nomem(c->err);
	sum = n->interval != Q_SYN;
	for (size_t i = 0; i < q->nchild; i++) {
		plan_node *k;
		bool slot = n->interval == Q_PHRASE ? i + 1 < q->nchild : false;
		CDG_TRY(plan_interval(c, q->child[i], boost, field, slot, &k));
		n->child[n->nchild++] = k;
		if (sum)
			n->idf += k->idf;
		else if (i == 0 || k->idf < n->idf)
			n->idf = k->idf;
		if (sum)
			n->xidf += k->xidf;
		else if (i == 0 || k->xidf < n->xidf)
			n->xidf = k->xidf;
		if (n->interval == Q_SYN)
			n->cost += k->cost;
		else if (i == 0 || k->cost < n->cost)
			n->cost = k->cost;
	}
	n->ww = plan_ww(n);
	return CDG_OK;
}

static cdg_status
plan_positional(plan_ctx *c, const q_node *q, float boost, bool scored, plan_node **out)
{
	field_scan f = { 0 };
	unsigned field;

	plan_scan_fields(q, &f);
	if (f.mixed) {
		search_warn(c->out, "a phrase or NEAR cannot span different fields: it matches nothing");
		*out = plan_new(c, q, PLAN_NONE, boost);
		return *out ? CDG_OK : err_nomem(c->err);
	}
	field = plan_field_id(c->p, f.field);
	if (f.field && (field == UINT32_MAX || field >= DICT_FIELD_FIRST)) {
		if (q->type == Q_TERM || (field == UINT32_MAX && strcmp(f.field, "id") != 0)) {
			plan_node *n = *out = plan_new(c, q, PLAN_NONE, boost);
			return n ? plan_field(c, n, q) : err_nomem(c->err);
		}
	}
	if (q_is_value(q) && field < DICT_FIELD_FIRST) {
		search_warn(c->out, "whole values are for metadata fields; for words of the title as written: title:(=\"%s\")",
			    q->raw ? q->raw : "");
		*out = plan_new(c, q, PLAN_NONE, boost);
		return *out ? CDG_OK : err_nomem(c->err);
	}
	CDG_TRY(plan_interval(c, q, boost, field, false, out));
	(*out)->scored = scored && field < DICT_FIELD_FIRST;
	if ((*out)->scored)
		(*out)->weight = boost * (*out)->idf;
	/* a SYN of nothing, a phrase of one slot and the like stay intervals */
	return CDG_OK;
}

/* ---- boolean nodes --------------------------------------------------- */

static cdg_status
plan_children(plan_ctx *c, const q_node *q, float boost, bool scored, plan_node *n)
{
	n->child = arena_zalloc(c->p->mem, (q->nchild + 1) * sizeof *n->child);
	if (!n->child)
		return err_nomem(c->err);
	for (size_t i = 0; i < q->nchild; i++) {
		bool negative = q->type == Q_NOT && i > 0;
		CDG_TRY(plan_build(c, q->child[i], boost, scored && !negative, &n->child[i]));
		n->nchild++;
	}
	return CDG_OK;
}

static void
plan_costs(plan_ctx *c, plan_node *n)
{
	uint64_t all = c->p->snap->ndocs;

	switch (n->type) {
	case PLAN_AND:
		n->cost = all;
		for (uint32_t i = 0; i < n->nchild; i++)
			n->cost = n->child[i]->cost < n->cost ? n->child[i]->cost : n->cost;
		break;
	case PLAN_OR:
		for (uint32_t i = 0; i < n->nchild; i++)
			n->cost += n->child[i]->cost;
		n->cost = n->cost < all ? n->cost : all;
		break;
	case PLAN_NOT:
	case PLAN_MAYBE:
		n->cost = n->nchild ? n->child[0]->cost : 0;
		break;
	case PLAN_ALL:
		n->cost = all;
		break;
	default:
		break;
	}
}

static cdg_status
plan_build(plan_ctx *c, const q_node *q, float boost, bool scored, plan_node **out)
{
	static const uint8_t types[] = {
		[Q_NONE] = PLAN_NONE, [Q_ALL] = PLAN_ALL,   [Q_AND] = PLAN_AND,
		[Q_OR] = PLAN_OR,     [Q_NOT] = PLAN_NOT,   [Q_MAYBE] = PLAN_MAYBE,
	};
	plan_node *n;
	bool syn_of_docs = false;

	boost *= q->boost;
	if (plan_late(c, PLAN_ENTRIES)) {
		*out = plan_new(c, q, PLAN_NONE, boost);
		return *out ? CDG_OK : err_nomem(c->err);
	}
	if (q->type == Q_SYN) {
		/* alternatives of a metadata field may be numbers, dates, whole values */
		field_scan f = { 0 };
		unsigned field;
		plan_scan_fields(q, &f);
		field = plan_field_id(c->p, f.field);
		syn_of_docs = f.any && !f.mixed && field >= DICT_FIELD_FIRST;
		for (size_t i = 0; i < q->nchild; i++)
			syn_of_docs |= !plan_is_interval(q->child[i]) && q->child[i]->type != Q_OR;
	}
	if (plan_is_interval(q) && !syn_of_docs)
		return plan_positional(c, q, boost, scored, out);
	n = *out = plan_new(c, q, q->type == Q_RANGE ? PLAN_NONE : syn_of_docs ? PLAN_OR : (plan_type)types[q->type], boost);
	if (!n)
		return err_nomem(c->err);
	if (q->type == Q_RANGE)
		return plan_field(c, n, q);
	CDG_TRY(plan_children(c, q, boost, scored, n));
	if ((n->type == PLAN_NOT || n->type == PLAN_MAYBE) && !n->nchild)
		n->type = PLAN_NONE;
	plan_costs(c, n);
	return CDG_OK;
}

/* ---- the whole ------------------------------------------------------- */

static double
plan_weights(const plan_node *n)
{
	double sum = n->scored ? (double)n->weight : 0;
	if (n->type != PLAN_INTERVAL)
		for (uint32_t i = 0; i < n->nchild; i++)
			sum += plan_weights(n->child[i]);
	return sum;
}

/* bm25_inv of every length byte under these parameters. */
typedef struct plan_inv {
	bm25_params bm25;
	float inv[2][256];
} plan_inv;

static void
plan_inv_make(plan_inv *t, const snapshot *s, bm25_params bm25)
{
	t->bm25 = bm25;
	for (unsigned f = 0; f < 2; f++) {
		float avg = bm25_avg(s->tokens[f], s->ndocs);
		for (unsigned i = 0; i < 256; i++)
			t->inv[f][i] = bm25_inv(bm25, (float)norm_decode((uint8_t)i), avg);
	}
}

/* 512 divisions cost more than a rare word's whole search.  So the snapshot keeps
 * the table of the first search; one with other parameters makes its own. */
static bool
plan_tables(plan *p)
{
	const snapshot *s = p->snap;
	const plan_inv *kept = snapshot_kept(s, SNAPSHOT_KEPT_PLAN);
	plan_inv *own;

	if (unlikely(!kept)) {
		own = mem_alloc(sizeof *own);
		if (!own)
			return false;
		plan_inv_make(own, s, p->rq->bm25);
		kept = snapshot_keep(s, SNAPSHOT_KEPT_PLAN, own);
	}
	if (unlikely(memcmp(&kept->bm25, &p->rq->bm25, sizeof kept->bm25) != 0)) {
		own = arena_alloc(p->mem, sizeof *own);
		if (!own)
			return false;
		plan_inv_make(own, s, p->rq->bm25);
		kept = own;
	}
	p->inv = kept->inv;
	p->with_titles = p->rq->title_weight != 1.0f && !p->rq->xapian;
	if (p->with_titles && s->ndocs) {
		double extra = (double)p->rq->title_weight - 1.0;
		p->avg_titled = (float)(((double)s->tokens[0] + extra * (double)s->tokens[1]) / (double)s->ndocs);
		if (!(p->avg_titled > 0))
			p->avg_titled = 1.0f;
	}
	return true;
}

cdg_status
plan_make(plan *p, arena *mem, const snapshot *snap, const search_request *rq, const q_node *root,
	  search_result *out, cdg_error *err)
{
	plan_ctx c = { .p = p, .out = out, .err = err };
	cdg_status st;

	memset(p, 0, sizeof *p);
	p->mem = mem;
	p->snap = snap;
	p->rq = rq;
	p->langs = rq->langs ? rq->langs : snap->langs;
	if (!plan_tables(p))
		return err_nomem(err);
	c.an = rq->an ? rq->an : text_analyzer_new(err);
	if (!c.an)
		return CDG_E_NOMEM;
	st = plan_build(&c, root, 1.0f, true, &p->root);
	if (st == CDG_OK) {
		double extra = rq->xapian ? plan_xapian(p) : 0;
		p->scale = bm25_scale(plan_weights(p->root) + extra);
	}
	if (st == CDG_OK && rq->nfilters) {
		plan_node *f = p->filter = plan_new(&c, NULL, PLAN_AND, 1.0f);
		if (f)
			f->child = arena_zalloc(mem, rq->nfilters * sizeof *f->child);
		if (!f || !f->child)
			st = err_nomem(err);
		for (size_t i = 0; st == CDG_OK && i < rq->nfilters; i++, f->nchild++)
			st = plan_build(&c, rq->filters[i], 1.0f, false, &f->child[i]);
		if (st == CDG_OK)
			plan_costs(&c, f);
	}
	if (!rq->an)
		text_analyzer_free(c.an);
	if (st == CDG_OK)
		st = snapshot_error(snap, err);
	return st;
}
