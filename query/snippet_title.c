/* snippet_title.c - what matched in a title.
 *
 * Title words stand at the beginning of the text axis, so matches of the text
 * there are among the spans of the document.  Matches of title: are not (they
 * are positions of another field); they are asked for once more as matches of
 * the text, of which those inside the title are the same places.
 *
 * Called by whoever fills hits, on any thread; nothing is kept.
 */
#include "query/snippet.h"

/* ---- the title's part of a query --------------------------------------- */

static bool
title_is_unit(const q_node *q)
{
	return q->type == Q_TERM || q->type == Q_PREFIX || q->type == Q_PHRASE || q->type == Q_NEAR ||
	       q->type == Q_ADJ || q->type == Q_SYN;
}

/* The field of the first word below. */
static bool
title_is_meant(const q_node *q)
{
	if (q->type == Q_TERM || q->type == Q_PREFIX)
		return q->field && !strcmp(q->field, "title") && !q_is_value(q);
	return q->nchild && title_is_meant(q->child[0]);
}

/* A copy of a unit in which the words are of the text. */
static q_node *
title_copy(ast *a, const q_node *q)
{
	q_node *copy = q_new(a, (q_type)q->type, q->nchild), **child;

	if (!copy)
		return NULL;
	child = copy->child;
	*copy = *q;
	copy->child = child;
	copy->field = NULL;
	for (size_t i = 0; i < q->nchild; i++) {
		copy->child[i] = title_copy(a, q->child[i]);
		if (!copy->child[i])
			return NULL;
	}
	return copy;
}

static bool
title_collect(ast *a, const q_node *q, q_node ***list, size_t *n, size_t *cap)
{
	if (title_is_unit(q)) {
		if (!title_is_meant(q))
			return true;
		if (!mem_grow(list, cap, *n + 1, sizeof **list))
			return false;
		(*list)[*n] = title_copy(a, q);
		return (*list)[(*n)++] != NULL;
	}
	for (size_t i = 0; i < (q->type == Q_NOT ? min_size(1, q->nchild) : q->nchild); i++)
		if (!title_collect(a, q->child[i], list, n, cap))
			return false;
	return true;
}

cdg_status
snippet_title_query(ast *a, const q_node *root, const q_node **out, cdg_error *err)
{
	q_node **list = NULL, *or = NULL;
	size_t n = 0, cap = 0;
	bool ok = title_collect(a, root, &list, &n, &cap);

	*out = NULL;
	if (ok && n) {
		or = q_new(a, Q_OR, n);
		ok = or != NULL;
		for (size_t i = 0; ok && i < n; i++)
			or->child[i] = list[i];
		*out = or;
	}
	mem_free(list);
	return ok ? CDG_OK : err_nomem(err);
}

/* ---- marking ------------------------------------------------------------- */

typedef struct title_place {
	uint32_t start, end; /* bytes of one position */
} title_place;

static bool
title_places(const char *title, size_t len, text_analyzer *an, title_place **places, size_t *n)
{
	text_token tok[64];
	size_t got, cap = 0;

	text_begin(an, title, len, 0);
	while ((got = text_next(an, tok, countof(tok)))) {
		for (size_t i = 0; i < got; i++) {
			uint32_t end = tok[i].end;

			if (tok[i].kind == TEXT_JOINED)
				continue;
			if (tok[i].kind == TEXT_CJK) { /* the first of its two characters */
				const char *p = title + tok[i].start;
				text_decode(&p, title + end);
				end = (uint32_t)(p - title);
			}
			if (!mem_grow(places, &cap, *n + 1, sizeof **places))
				return false;
			(*places)[(*n)++] = (title_place){ tok[i].start, end };
		}
	}
	return true;
}

static int
title_compare(const void *a, const void *b)
{
	const search_span *x = a, *y = b;
	return (x->start > y->start) - (x->start < y->start);
}

cdg_status
snippet_title(const char *title, size_t len, search_span *spans, size_t n, text_analyzer *an, char **html,
	      cdg_error *err)
{
	title_place *places = NULL;
	size_t nplaces = 0, at = 0;
	buf out = { 0 };
	bool ok = title_places(title, len, an, &places, &nplaces);

	*html = NULL;
	if (n > 1)
		qsort(spans, n, sizeof *spans, title_compare);
	for (size_t i = 0; ok && i < n && spans[i].start < nplaces;) {
		uint32_t to = spans[i].end;
		size_t from = places[spans[i].start].start, end;

		if (to > nplaces || to <= spans[i].start) { /* goes on in the text: not of the title */
			i++;
			continue;
		}
		for (; i < n && spans[i].start < to; i++) /* with all that overlap it */
			if (spans[i].end > to && spans[i].end <= nplaces)
				to = spans[i].end;
		end = places[to - 1].end;
		snippet_escape(&out, title + at, from - at);
		buf_puts(&out, "<mark>");
		snippet_escape(&out, title + from, end - from);
		buf_puts(&out, "</mark>");
		at = end;
	}
	mem_free(places);
	if (ok && at) {
		snippet_escape(&out, title + at, len - at);
		buf_cstr(&out);
	}
	ok &= !out.failed;
	if (ok && at)
		*html = (char *)out.p;
	else
		buf_fini(&out);
	return ok ? CDG_OK : err_nomem(err);
}
