/* reference_plan.c - a query tree against the reference index: which field a
 * leaf is in, which tokens it means, and what it weighs.
 *
 * UNITS.  TERM, PREFIX, PHRASE, NEAR, ADJ and SYN below the boolean nodes are
 * units: their spans in a document are counted and scored as one.  Inside a unit
 * OR is SYN, and what has no place (AND, NOT, RANGE ...) matches nothing.  A SYN
 * with a child that is neither a unit nor an OR, or in a metadata field,
 * is an OR.
 *
 * A unit weighs the boosts from the root down to it, times its idf:
 *   TERM, PREFIX       by the most frequent member of the class that is meant
 *   PHRASE, NEAR, ADJ  the sum of the children
 *   SYN                the least of the children
 * Units in metadata fields weigh 0.  Boosts inside a unit do nothing.
 *
 * Document counts and averages include deleted documents.
 */
#include "backend/reference_impl.h"

enum { PLAN_NEAR_MAX = 8 };

static ref_node *
plan_new(ref_search *s, const q_node *q)
{
	ref_node *n = arena_zalloc(&s->mem, sizeof *n);

	if (!n)
		return NULL;
	n->q = q;
	n->type = q->type;
	n->raw = REF_NONE;
	if (q->nchild)
		n->child = arena_zalloc(&s->mem, q->nchild * sizeof *n->child);
	return q->nchild && !n->child ? NULL : n;
}

const ref_tokens *
ref_doc_tokens(const ref_doc *d, uint32_t field)
{
	static const ref_tokens none;

	if (field == REF_TEXT)
		return &d->axis;
	if (field == REF_TITLE)
		return &d->name;
	for (size_t i = 0; i < d->nfields; i++)
		if (d->fields[i].field == field)
			return &d->fields[i];
	return &none;
}

static uint32_t
plan_field_of(ref_search *s, const char *name)
{
	return s->source ? s->source->field(s, name) : ref_field(s->ref, name);
}

/* ---- words: which tokens are meant ---------------------------------------- */

static uint32_t
plan_attr(const ref_token *t, ref_attr attr)
{
	return attr == REF_BY_TERM ? t->term : attr == REF_BY_FOLD ? t->fold : t->stem;
}

static bool
plan_is_cjk(const ref_token *t)
{
	return t->kind == TEXT_CJK || t->kind == TEXT_CJK_LAST;
}

/* Of the same class, whatever the raw form. */
static bool
plan_in_class(const ref_node *n, const ref_token *t)
{
	return n->ids[plan_attr(t, n->attr)] &&
	       !(n->type == Q_PREFIX && n->q->cjk1 && !plan_is_cjk(t));
}

bool
ref_token_matches(const ref_node *n, const ref_token *t)
{
	return plan_in_class(n, t) && (!n->ask_raw || t->raw == n->raw) &&
	       (!n->ask_hyphen || t->hyphen == n->q->hyphen);
}

/* The largest number of documents that any one member of the class is in. */
static bool
plan_count(ref_search *s, ref_node *n)
{
	const ref_index *ref = s->ref;
	uint64_t *count = mem_calloc(ref->pool.n + 1, sizeof *count);
	uint64_t *last = mem_calloc(ref->pool.n + 1, sizeof *last); /* document + 1 */

	for (size_t i = 0; count && last && i < ref->ndocs; i++) {
		const ref_tokens *list = ref_doc_tokens(&ref->docs[i], n->field);

		for (size_t k = 0; k < list->n; k++) {
			uint32_t id = plan_attr(&list->at[k], n->attr);

			if (!plan_in_class(n, &list->at[k]) || last[id] == i + 1)
				continue;
			last[id] = i + 1;
			if (++count[id] > n->df)
				n->df = count[id];
		}
	}
	mem_free(count);
	mem_free(last);
	return count && last;
}

static void
plan_mean(ref_search *s, ref_node *n, const char *p, size_t len)
{
	uint32_t id = ref_pool_find(&s->ref->pool, p, len);

	if (id != REF_NONE)
		n->ids[id] = 1;
}

static void
plan_mean_stems(ref_search *s, ref_node *n, const char *term, size_t len)
{
	char stem[TEXT_TERM_MAX];

	for (unsigned lang = 0; lang < text_lang_count(); lang++)
		if (s->langs >> lang & 1)
			plan_mean(s, n, stem, text_stem(s->an, (text_lang)lang, term, len, stem));
}

/* S(q): the stems, in all the languages, of the word and of every word of the
 * field that differs from it by diacritics only. */
static void
plan_stems(ref_search *s, ref_node *n, const char *fold, size_t fold_len)
{
	const ref_pool *pool = &s->ref->pool;
	uint32_t same = ref_pool_find(pool, fold, fold_len);

	plan_mean_stems(s, n, n->q->term, n->q->term_len);
	for (size_t i = 0; i < pool->n; i++) {
		const ref_string *t = &pool->at[i];

		if ((n->field == REF_TITLE ? t->in_title : t->in_text) && t->fold == same)
			plan_mean_stems(s, n, t->p, t->n);
	}
}

/* Terms whose fold begins with the prefix; for one CJK character the terms
 * themselves. */
static void
plan_prefixed(ref_search *s, ref_node *n, const char *fold, size_t fold_len)
{
	const ref_pool *pool = &s->ref->pool;
	const char *prefix = n->q->cjk1 ? n->q->term : fold;
	size_t len = n->q->cjk1 ? n->q->term_len : fold_len;

	for (size_t i = 0; i < pool->n; i++) {
		const ref_string *t = &pool->at[i];
		const ref_string *by;

		if (t->fold == REF_NONE)
			continue; /* not a term */
		by = n->q->cjk1 ? t : &pool->at[t->fold];
		n->ids[i] = by->n >= len && !memcmp(by->p, prefix, len);
	}
}

/* Parts of strict words are compared as they are written, the hyphen that joins
 * to the next word only inside a phrase. */
static void
plan_strict(ref_search *s, ref_node *n, bool slot)
{
	n->attr = REF_BY_TERM;
	plan_mean(s, n, n->q->term, n->q->term_len);
	n->ask_raw = true;
	n->raw = ref_pool_find(&s->ref->pool, n->q->raw ? n->q->raw : "", n->q->raw_len);
	if (n->raw == REF_NONE)
		n->nothing = true; /* nobody wrote it like this; it has its weight though */
	n->ask_hyphen = slot;
}

/* slot: a slot of a phrase, not the last. */
static bool
plan_word(ref_search *s, ref_node *n, bool slot)
{
	const q_node *q = n->q;
	char fold[TEXT_TERM_MAX];
	size_t len = text_fold(q->term ? q->term : "", q->term_len, fold);

	n->ww = q->type == Q_PREFIX ? 1 : max_u32(q->width, 1);
	if (s->source)
		return s->source->plan_word(s, n, slot);
	n->ids = arena_zalloc(&s->mem, s->ref->pool.n + 1);
	if (!n->ids)
		return false;
	if (q_is_value(q)) {
		n->nothing = true; /* no word; reference_search.c looks at the values */
	} else if (q->type == Q_PREFIX) {
		n->attr = REF_BY_TERM;
		plan_prefixed(s, n, fold, len);
	} else if (q->mode == Q_STRICT) {
		plan_strict(s, n, slot);
	} else if (q->mode == Q_STEM && n->field < REF_FIRST) {
		n->attr = REF_BY_STEM;
		plan_stems(s, n, fold, len);
	} else {
		n->attr = REF_BY_FOLD;
		plan_mean(s, n, fold, len);
	}
	if (n->field < REF_FIRST && (!n->nothing || q->mode == Q_STRICT)) {
		if (!plan_count(s, n))
			return false;
		n->idf = bm25_idf(s->ndocs, n->df);
		n->xidf = bm25_xapian_idf(s->ndocs, n->df);
	}
	return true;
}

/* ---- units ------------------------------------------------------------------ */

static bool
plan_is_unit_type(uint8_t type)
{
	return type == Q_TERM || type == Q_PREFIX || type == Q_PHRASE || type == Q_NEAR ||
	       type == Q_ADJ || type == Q_SYN;
}

/* The fields of all words in a unit: *field is the first one's. */
static void
plan_fields(ref_search *s, const q_node *q, uint32_t *field, const char **name, bool *any,
	    bool *mixed)
{
	if (q->type == Q_TERM || q->type == Q_PREFIX) {
		uint32_t f = plan_field_of(s, q->field);

		if (!*any) {
			*field = f;
			*name = q->field;
		} else if (f != *field) {
			*mixed = true;
		} else if (f == REF_UNKNOWN && strcmp(*name, q->field) != 0) {
			*mixed = true;
		}
		*any = true;
	}
	for (size_t i = 0; i < q->nchild; i++)
		plan_fields(s, q->child[i], field, name, any, mixed);
}

static uint32_t
plan_written_width(const ref_node *n)
{
	uint32_t sum = 0;

	if (!n->nchild)
		return 0;
	switch (n->type) {
	case Q_PHRASE:
		return n->q->span ? n->q->span :
				    n->child[n->nchild - 1]->q->offset - n->child[0]->q->offset +
					    n->child[n->nchild - 1]->ww;
	case Q_SYN:
		return n->child[0]->ww;
	default: /* NEAR, ADJ */
		for (size_t i = 0; i < n->nchild; i++)
			sum += n->child[i]->ww;
		return sum;
	}
}

static void
plan_unit_idf(ref_node *n)
{
	for (size_t i = 0; i < n->nchild; i++) {
		float idf = n->child[i]->idf;
		double xidf = n->child[i]->xidf;

		if (n->type != Q_SYN) {
			n->idf += idf;
			n->xidf += xidf;
			continue;
		}
		if (i == 0 || idf < n->idf)
			n->idf = idf;
		if (i == 0 || xidf < n->xidf)
			n->xidf = xidf;
	}
}

/* A unit, or a part of one. */
static ref_node *
plan_unit(ref_search *s, const q_node *q, uint32_t field, bool slot)
{
	ref_node *n = plan_new(s, q);

	if (!n)
		return NULL;
	n->field = field;
	if (q->type == Q_TERM || q->type == Q_PREFIX)
		return plan_word(s, n, slot) ? n : NULL;
	if (q->type == Q_OR)
		n->type = Q_SYN;
	if (!plan_is_unit_type(n->type)) {
		search_warn(s->out, "AND, NOT, MAYBE, ranges and * match nothing inside a phrase, "
				    "NEAR or ADJ");
		n->nothing = true;
		n->ww = 1;
		return n;
	}
	if (q->type == Q_NEAR && q->nchild > PLAN_NEAR_MAX) {
		search_warn(s->out, "NEAR with more than %d parts matches nothing", PLAN_NEAR_MAX);
		n->nothing = true;
	}
	for (size_t i = 0; i < q->nchild; i++) {
		n->child[i] = plan_unit(s, q->child[i], field,
					q->type == Q_PHRASE && i + 1 < q->nchild);
		if (!n->child[i])
			return NULL;
		n->nchild++;
	}
	plan_unit_idf(n);
	n->ww = plan_written_width(n);
	return n;
}

/* ---- the boolean tree --------------------------------------------------------- */

static void
plan_warn_field(ref_search *s, const char *name)
{
	search_warn(s->out, "no field named %s", name ? name : "");
}

/* Is a node below the boolean nodes a unit?  Decided by types: a SYN is one if
 * its children could be (OR stands for SYN), and in the text or title. */
static bool
plan_is_unit(ref_search *s, const q_node *q)
{
	uint32_t field = REF_TEXT;
	const char *name = NULL;
	bool any = false, mixed = false;

	if (!plan_is_unit_type(q->type))
		return false;
	if (q->type != Q_SYN)
		return true;
	for (size_t i = 0; i < q->nchild; i++)
		if (!plan_is_unit_type(q->child[i]->type) && q->child[i]->type != Q_OR)
			return false;
	plan_fields(s, q, &field, &name, &any, &mixed);
	return mixed || field < REF_FIRST;
}

/* A unit below the boolean nodes; boost: the product from the root. */
static ref_node *
plan_root_unit(ref_search *s, const q_node *q, float boost, bool scored)
{
	uint32_t field = REF_TEXT;
	const char *name = NULL;
	bool any = false, mixed = false;
	ref_node *n;

	plan_fields(s, q, &field, &name, &any, &mixed);
	if (mixed || field == REF_UNKNOWN) {
		n = plan_new(s, q);
		if (!n)
			return NULL;
		n->nothing = true;
		n->field = field;
		if (mixed)
			search_warn(s->out, "the words of a phrase, NEAR or ADJ are in different "
					    "fields: it matches nothing");
		else
			plan_warn_field(s, name);
	} else {
		n = plan_unit(s, q, field, false);
		if (!n)
			return NULL;
	}
	n->unit = true;
	n->scored = scored;
	n->weight = scored && field < REF_FIRST ? boost * n->idf : 0;
	n->boost = boost;
	if (s->rq->xapian && scored && field < REF_FIRST) {
		n->weight = (float)((double)boost * n->xidf * (s->rq->xbm25.k1 + 1));
		s->xapian_units += n->xidf > 0;
	}
	return n;
}

static ref_node *
plan_range(ref_search *s, const q_node *q)
{
	ref_node *n = plan_new(s, q);

	if (!n)
		return NULL;
	n->field = plan_field_of(s, q->field);
	if (n->field == REF_UNKNOWN)
		plan_warn_field(s, q->field);
	else if (n->field < REF_FIRST)
		search_warn(s->out, "%s has no ranges", q->field ? q->field : "the text");
	n->nothing = n->field == REF_UNKNOWN || n->field < REF_FIRST;
	return n;
}

static ref_node *
plan_build(ref_search *s, const q_node *q, float boost, bool scored)
{
	ref_node *n;

	boost *= q->boost;
	if (plan_is_unit(s, q))
		return plan_root_unit(s, q, boost, scored);
	if (q->type == Q_RANGE)
		return plan_range(s, q);
	n = plan_new(s, q);
	if (!n)
		return NULL;
	if (q->type == Q_SYN)
		n->type = Q_OR;
	for (size_t i = 0; i < q->nchild; i++) {
		n->child[i] = plan_build(s, q->child[i], boost,
					 scored && !(q->type == Q_NOT && i > 0));
		if (!n->child[i])
			return NULL;
		n->nchild++;
	}
	return n;
}

ref_node *
ref_plan(ref_search *s, const q_node *root, bool scored)
{
	return plan_build(s, root, 1.0f, scored);
}

double
ref_plan_weights(const ref_node *n)
{
	double sum = n->unit && n->scored ? (double)n->weight : 0;

	if (!n->unit)
		for (size_t i = 0; i < n->nchild; i++)
			sum += ref_plan_weights(n->child[i]);
	return sum;
}
