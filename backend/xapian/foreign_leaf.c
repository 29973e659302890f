/* foreign_leaf.c - words of a query in a database that others wrote: by Omega's
 * conventions, stems with Z and words with positions, and by the mapping file.
 *
 * A stem there has no positions, so inside a phrase or NEAR a word counts as it
 * is written, which is said.  Capitals, hyphens and accents are not kept apart.
 */
#include <stdio.h>

#include "backend/xapian/impl.h"

/* The prefix of a field's terms; NULL: it has none. */
static const char *
foreign_prefix(const xap_run *r, const ref_node *n, bool *words)
{
	const xap_map_field *f;

	*words = true;
	if (n->field == REF_TEXT)
		return "";
	if (n->field == REF_TITLE)
		return "S";
	f = n->field == REF_ID ? xap_map_find(&r->c->b->map, "id", 2) :
				 xap_map_find(&r->c->b->map, n->q->field, strlen(n->q->field));
	*words = f && f->words;
	return f ? f->prefix : NULL;
}

/* Prefixes of several letters end with a colon before a capital. */
static void
foreign_key(buf *out, const char *stem, const char *prefix, const char *p, size_t n)
{
	out->len = 0;
	buf_puts(out, stem);
	buf_puts(out, prefix);
	if (strlen(prefix) > 1 && n && ((*p >= 'A' && *p <= 'Z') || *p == ':') && prefix[strlen(prefix) - 1] != ':')
		buf_put_u8(out, ':');
	buf_put(out, p, n);
}

static bool
foreign_inner(xap_run *r, xap_leaf *l)
{
	xap_text *more = arena_alloc(&r->s.mem, (l->nothers + 1) * sizeof *more);
	xap_text key = xap_keep(r, &r->key);

	if (!more || !key.p)
		return false;
	if (l->nothers)
		memcpy(more, l->others, l->nothers * sizeof *more);
	more[l->nothers++] = key;
	l->others = more;
	return true;
}

/* The word as it is written, and without its accents. */
static bool
foreign_word(xap_run *r, xap_leaf *l, const q_node *q, const char *prefix, bool member)
{
	char fold[TEXT_TERM_MAX];
	size_t n = text_fold(q->term, q->term_len, fold);

	foreign_key(&r->key, "", prefix, q->term, q->term_len);
	if (!foreign_inner(r, l) || (member && !xap_leaf_add(r, l)))
		return false;
	if (n == q->term_len && !memcmp(fold, q->term, n))
		return true;
	foreign_key(&r->key, "", prefix, fold, n);
	return foreign_inner(r, l) && (!member || xap_leaf_add(r, l));
}

/* libxapian's own stemmer, of the request's language or the mapping's. */
static bool
foreign_stem(xap_run *r, const q_node *q, xapc_string *out)
{
	const xap_calls *call = &r->c->b->call;
	const char *name = r->c->b->map.stem;
	uint64_t langs = r->s.rq->langs;

	if (langs && !(langs & (langs - 1)))
		name = text_lang_code((text_lang)__builtin_ctzll(langs));
	if (!r->stem && call->stem_new(name, XAPC_NUL, 1, &r->stem, &r->c->err) != XAPC_OK)
		return xap_run_fail(r);
	return call->stem_word(r->stem, q->term, q->term_len, out, &r->c->err) == XAPC_OK || xap_run_fail(r);
}

static bool
foreign_stems(xap_run *r, xap_leaf *l, const q_node *q, const char *prefix)
{
	xapc_string stem = XAPC_STRING_INIT;
	bool ok = foreign_stem(r, q, &stem);

	foreign_key(&r->key, "Z", prefix, stem.data ? stem.data : "", stem.len);
	r->c->b->call.string_free(&stem);
	ok = ok && xap_leaf_add(r, l);
	/* a database without stems, or a word that has none */
	return ok && foreign_word(r, l, q, prefix, !l->nmember);
}

/* A whole value as a term. */
static bool
foreign_value(xap_run *r, xap_leaf *l, ref_node *n, const char *prefix)
{
	const q_node *q = n->q;
	const char *p = q_is_value(q) ? q->raw : q->term;
	size_t len = q_is_value(q) ? q->raw_len : q->term_len;

	if (q->mode == Q_GLOB) {
		search_warn(r->s.out, "patterns are not possible in %s of this database: nothing matches them", q->field);
		n->nothing = true;
		return true;
	}
	foreign_key(&r->key, "", prefix, p ? p : "", p ? len : 0);
	xap_close(&r->key, 0);
	return xap_leaf_add(r, l);
}

static void
foreign_warn(xap_run *r, const q_node *q)
{
	if (q->mode == Q_STRICT && q->type == Q_TERM)
		search_warn(r->s.out, "this database does not keep capitals and hyphens: =%.*s is searched as a word in quotes",
			    (int)min_size(q->raw_len, 100), q->raw ? q->raw : "");
	if (q->kind == TEXT_CJK || q->kind == TEXT_CJK_LAST || q->cjk1)
		search_warn(r->s.out, "this database was not made for text without spaces: Chinese and the like may not be found");
}

bool
xap_foreign_plan(xap_run *r, ref_node *n, xap_leaf *l)
{
	const q_node *q = n->q;
	bool words, ok;
	const char *prefix = foreign_prefix(r, n, &words);

	l->foreign = true;
	if (!prefix || n->nothing)
		return true;
	foreign_warn(r, q);
	if (q->type == Q_PREFIX) {
		foreign_key(&r->key, "", prefix, q->term, q->term_len);
		return xap_leaf_begins(r, l, n);
	}
	if (!words)
		return foreign_value(r, l, n, prefix);
	if (q_is_value(q)) {
		n->nothing = true;
		return true;
	}
	ok = q->mode == Q_STEM ? foreign_stems(r, l, q, prefix) : foreign_word(r, l, q, prefix, true);
	if (ok && !r->c->b->positions)
		search_warn(r->s.out, "this database keeps no positions: phrases and NEAR match nothing");
	return ok;
}

/* As many places as the term occurs; which they are nobody asks. */
static void
foreign_count(xap_run *r, xap_term *t, ref_spans *out)
{
	xapc_count wdf;
	uint32_t at = (uint32_t)out->n;

	if (!xap_term_here(r, t))
		return;
	if (r->c->b->call.postings_wdf(t->it, &wdf, &r->c->err) != XAPC_OK) {
		xap_run_fail(r);
		return;
	}
	for (xapc_count i = 0; i < max_u32(wdf, 1); i++)
		ref_spans_add(&r->s, out, at + i, at + i + 1);
}

void
xap_foreign_spans(xap_run *r, xap_leaf *l, const ref_node *n, ref_spans *out)
{
	if (n->unit) {
		for (size_t i = 0; i < l->nmember && !r->s.failure; i++)
			foreign_count(r, &l->member[i].term, out);
		return;
	}
	for (size_t i = 0; i < l->nothers; i++) {
		if (!xap_read_positions(r, l->others[i], &r->a))
			return;
		for (size_t k = 0; k < r->a.n; k++)
			ref_spans_add(&r->s, out, r->a.p[k], r->a.p[k] + n->ww);
	}
	if (n->q->mode == Q_STEM)
		search_warn(r->s.out, "stems have no places in this database: inside phrases and NEAR words match as written");
}

/* ---- values ------------------------------------------------------------------- */

static bool
foreign_time(const char *p, size_t n, xap_value *out)
{
	uint64_t seconds = 0;

	if (n == 4 && ((uint8_t)p[0] < '0' || (uint8_t)p[0] > '9')) {
		for (size_t i = 0; i < 4; i++)
			seconds = seconds << 8 | (uint8_t)p[i];
	} else {
		for (size_t i = 0; i < n; i++) {
			if (p[i] < '0' || p[i] > '9' || seconds > UINT64_MAX / 100)
				return false;
			seconds = seconds * 10 + (uint64_t)(p[i] - '0');
		}
	}
	*out = (xap_value){ .type = XAP_DATE, .precision = DOC_DAY };
	out->day = (int32_t)(seconds / 86400);
	return seconds < 253402300800u;
}

static bool
foreign_yyyymmdd(const char *p, size_t n, xap_value *out)
{
	char text[16];
	doc_date d;

	for (size_t i = 0; i < min_size(n, 8); i++)
		if (p[i] < '0' || p[i] > '9')
			return false;
	if (n == 4)
		snprintf(text, sizeof text, "%.4s", p);
	else if (n == 6)
		snprintf(text, sizeof text, "%.4s-%.2s", p, p + 4);
	else if (n >= 8)
		snprintf(text, sizeof text, "%.4s-%.2s-%.2s", p, p + 4, p + 6);
	else
		return false;
	if (!doc_parse_date(text, n == 4 ? 4 : n == 6 ? 7 : 10, &d))
		return false;
	*out = (xap_value){ .type = XAP_DATE, .day = d.day, .precision = d.precision };
	return true;
}

bool
xap_foreign_value(xap_run *r, const xap_field *f, const char *p, size_t n, xap_value *out)
{
	bool ok = true;
	char again[9];

	*out = (xap_value){ .type = XAP_STRING, .string = p, .n = n };
	switch (f->type) {
	case XAP_VALUE_NUMBER:
		out->number = r->c->b->call.sortable_unserialise(p, n);
		out->type = XAP_NUMBER;
		/* any bytes give a number, but only those of one come back */
		ok = n <= sizeof again && r->c->b->call.sortable_serialise(out->number, again) == n &&
		     !memcmp(again, p, n);
		break;
	case XAP_VALUE_YYYYMMDD: ok = foreign_yyyymmdd(p, n, out); break;
	case XAP_VALUE_TIME: ok = foreign_time(p, n, out); break;
	default: break;
	}
	if (!ok)
		search_warn(r->s.out, "values of %s are not what the mapping says: those that cannot be read are left out",
			    f->name.p);
	return ok;
}
