/* places.c - where the words of a query stand in a candidate: positions of their
 * terms become spans, filtered for strict words. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memrchr */
#endif
#include "backend/xapian/impl.h"

/* Does the candidate have the term?  Candidates rise. */
bool
xap_term_here(xap_run *r, xap_term *t)
{
	const xap_calls *call = &r->c->b->call;
	xapc_status st;

	if (t->ended || !t->key.p || r->s.failure)
		return false;
	if (!t->it) {
		if (!mem_grow(&r->terms, &r->terms_cap, r->nterms + 1, sizeof *r->terms))
			return xap_run_nomem(r);
		if (call->database_postings(r->c->h->db, t->key.p, t->key.n, &t->it, &r->c->err) != XAPC_OK)
			return xap_run_fail(r);
		r->terms[r->nterms++] = t;
	}
	st = call->postings_skip_to(t->it, r->did, &r->c->err);
	if (st == XAPC_END) {
		t->ended = true;
		return false;
	}
	if (st != XAPC_OK)
		return xap_run_fail(r);
	return call->postings_docid(t->it) == r->did;
}

void
xap_run_rewind(xap_run *r)
{
	for (size_t i = 0; i < r->nterms; i++) {
		r->c->b->call.postings_free(r->terms[i]->it);
		r->terms[i]->it = NULL;
		r->terms[i]->ended = false;
	}
	r->nterms = 0;
	for (size_t i = 0; i < r->nfields; i++) {
		r->c->b->call.values_free(r->fields[i].it);
		r->fields[i].it = NULL;
		r->fields[i].ended = false;
	}
}

/* Positions of a term in the candidate, none if it is not there. */
bool
xap_read_positions(xap_run *r, xap_text key, xap_positions *out)
{
	const xap_calls *call = &r->c->b->call;
	xapc_positions *it;
	xapc_status st;

	out->n = 0;
	if (call->database_positions(r->c->h->db, r->did, key.p, key.n, &it, &r->c->err) != XAPC_OK)
		return xap_run_fail(r);
	while ((st = call->positions_next(it, &r->c->err)) == XAPC_OK) {
		if (!mem_grow(&out->p, &out->cap, out->n + 1, sizeof *out->p)) {
			call->positions_free(it);
			return xap_run_nomem(r);
		}
		out->p[out->n++] = call->positions_pos(it) - (r->c->b->own ? XAP_POSITION_FIRST : 0);
	}
	call->positions_free(it);
	return st == XAPC_END || xap_run_fail(r);
}

/* Is pos in the list, which rises?  *at moves on. */
static bool
positions_have(const xap_positions *l, size_t *at, uint32_t pos)
{
	while (*at < l->n && l->p[*at] < pos)
		++*at;
	return *at < l->n && l->p[*at] == pos;
}

/* Spans of the positions in r->a. */
static bool
spans_add(xap_run *r, const xap_term *t, uint32_t width, ref_spans *out)
{
	size_t from = out->n;

	for (size_t i = 0; i < r->a.n; i++)
		ref_spans_add(&r->s, out, r->a.p[i], r->a.p[i] + width);
	for (size_t k = 0; k < t->nwide; k++) {
		size_t at = 0;

		if (!xap_read_positions(r, t->wide[k].key, &r->w))
			return false;
		for (size_t i = 0; i < r->w.n && t->stem; i++)
			ref_spans_add(&r->s, out, r->w.p[i], r->w.p[i] + t->wide[k].width);
		for (size_t i = from; i < out->n && !t->stem; i++)
			if (positions_have(&r->w, &at, out->at[i].start))
				out->at[i].end = out->at[i].start + t->wide[k].width;
	}
	return true;
}

/* Leave in r->a what is (or is not) in r->b. */
static void
positions_filter(xap_run *r, bool want)
{
	size_t at = 0, n = 0;

	for (size_t i = 0; i < r->a.n; i++)
		if (positions_have(&r->b, &at, r->a.p[i]) == want)
			r->a.p[n++] = r->a.p[i];
	r->a.n = n;
}

/* Only the places that are written as asked. */
static bool
strict_filter(xap_run *r, const xap_leaf *l, const ref_node *n)
{
	if (l->raw.p) {
		if (!xap_read_positions(r, l->raw, &r->b))
			return false;
		positions_filter(r, true);
	}
	for (size_t i = 0; i < l->nothers && r->a.n; i++) {
		if (!xap_read_positions(r, l->others[i], &r->b))
			return false;
		positions_filter(r, false);
	}
	if (n->ask_hyphen && r->a.n) {
		if (!xap_read_positions(r, l->hyphen, &r->b))
			return false;
		positions_filter(r, n->q->hyphen);
	}
	return true;
}

static bool
member_spans(xap_run *r, const xap_leaf *l, xap_member *m, const ref_node *n, ref_spans *out)
{
	if (!xap_term_here(r, &m->term))
		return !r->s.failure;
	if (!xap_read_positions(r, m->term.key, &r->a) || (l->strict && !strict_filter(r, l, n)) ||
	    !spans_add(r, &m->term, n->ww, out))
		return false;
	if (!m->word.key.p || xap_term_here(r, &m->foreign))
		return !r->s.failure;
	return xap_read_positions(r, m->word.key, &r->a) && spans_add(r, &m->word, n->ww, out);
}

/* One term of the document that begins right. */
static bool
prefix_spans_of(xap_run *r, const xap_leaf *l, xap_text key, ref_spans *out)
{
	xap_term t = { .key = key };

	if (!xap_read_positions(r, key, &r->a))
		return false;
	if (r->a.n && r->c->b->own && !xap_term_wide(r, l, &t))
		return false;
	return spans_add(r, &t, 1, out);
}

/* As many as the term under the iterator has occurrences, wherever they are. */
static bool
prefix_count(xap_run *r, xapc_terms *it, ref_spans *out)
{
	uint32_t at = (uint32_t)out->n;
	xapc_count wdf;

	if (r->c->b->call.terms_wdf(it, &wdf, &r->c->err) != XAPC_OK)
		return xap_run_fail(r);
	for (xapc_count i = 0; i < max_u32(wdf, 1); i++)
		ref_spans_add(&r->s, out, at + i, at + i + 1);
	return true;
}

/* Terms of the document from `begins` on; accents: helper terms, for the words in
 * them.  count: others' databases may have no positions, and a word alone needs none. */
static bool
prefix_spans_from(xap_run *r, const xap_leaf *l, xap_text begins, bool accents, bool count, ref_spans *out)
{
	const xap_calls *call = &r->c->b->call;
	xapc_terms *it;
	xapc_status st;
	bool ok = true;

	if (call->database_terms(r->c->h->db, r->did, &it, &r->c->err) != XAPC_OK)
		return xap_run_fail(r);
	st = call->terms_skip_to(it, begins.p, begins.n, &r->c->err);
	for (; ok && st == XAPC_OK; st = call->terms_next(it, &r->c->err)) {
		size_t n;
		const char *term = call->terms_term(it, &n), *at;

		if (n < begins.n || memcmp(term, begins.p, begins.n) != 0)
			break;
		if (count) {
			ok = prefix_count(r, it, out);
			continue;
		}
		r->scratch.len = 0;
		at = accents ? memrchr(term, XAP_SEPARATOR, n) : NULL;
		if (accents && !at)
			continue;
		if (accents)
			xap_word(&r->scratch, &l->prefix, at + 1, (size_t)(term + n - at - 1));
		else
			buf_put(&r->scratch, term, n);
		ok = !r->scratch.failed || xap_run_nomem(r);
		ok = ok && prefix_spans_of(r, l, (xap_text){ (const char *)r->scratch.p, r->scratch.len }, out);
	}
	call->terms_free(it);
	return ok && (st == XAPC_OK || st == XAPC_END || xap_run_fail(r));
}

ref_spans
xap_leaf_word(ref_search *s, const ref_node *n, const ref_doc *d)
{
	xap_run *r = xap_run_of(s);
	xap_leaf *l = n->own;
	ref_spans out = { 0 };

	(void)d;
	if (s->failure)
		return out;
	if (xap_fetched_spans(r, l, n, &out)) {
		/* no need to ask */
	} else if (l->foreign && !l->begins.p) {
		xap_foreign_spans(r, l, n, &out);
	} else if (l->begins.p) {
		bool count = l->foreign && n->unit;

		if (prefix_spans_from(r, l, l->begins, false, count, &out) && l->accents.p)
			prefix_spans_from(r, l, l->accents, true, count, &out);
	} else {
		for (size_t i = 0; i < l->nmember; i++)
			if (!member_spans(r, l, &l->member[i], n, &out))
				break;
	}
	ref_spans_sort(&out);
	return out;
}
