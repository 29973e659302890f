/* api_request.c - the request object: defaults, setters and what they refuse.
 * Setters copy; a failed setter leaves the request as it was. */
#include "backend/api.h"
#include "query/lex.h"

#include <math.h>

cdg_status
cdg_request_new(cdg_request **out, cdg_error *err)
{
	cdg_request *rq = mem_calloc(1, sizeof *rq);

	*out = rq;
	if (!rq)
		return err_nomem(err);
	arena_init(&rq->mem);
	rq->limit = 10;
	rq->k1 = 1.2;
	rq->b = 0.75;
	rq->title_weight = 1;
	rq->xbm25 = (bm25_xapian)BM25_XAPIAN_DEFAULTS;
	rq->snippets = 2;
	rq->snippet_length = 200;
	rq->want_total = true;
	return CDG_OK;
}

void
cdg_request_free(cdg_request *rq)
{
	if (!rq)
		return;
	arena_fini(&rq->mem);
	mem_free(rq->filters);
	mem_free(rq);
}

cdg_status
cdg_request_set_limit(cdg_request *rq, uint64_t limit, cdg_error *err)
{
	if (limit > CDG_LIMIT_MAX)
		return err_set(err, CDG_E_ARG, "at most %d hits can be asked for", CDG_LIMIT_MAX);
	rq->limit = limit;
	return CDG_OK;
}

cdg_status
cdg_request_set_offset(cdg_request *rq, uint64_t offset, cdg_error *err)
{
	if (offset > CDG_LIMIT_MAX)
		return err_set(err, CDG_E_ARG, "at most %d hits can be passed over", CDG_LIMIT_MAX);
	rq->offset = offset;
	return CDG_OK;
}

static cdg_status
api_range(double x, double max, const char *what, cdg_error *err)
{
	if (!(x >= 0 && x <= max))
		return err_set(err, CDG_E_ARG, "%s must be from 0 to %g", what, max);
	return CDG_OK;
}

cdg_status
cdg_request_set_k1(cdg_request *rq, double k1, cdg_error *err)
{
	CDG_TRY(api_range(k1, 1000, "k1", err));
	rq->k1 = rq->xbm25.k1 = k1;
	rq->k1_set = true;
	return CDG_OK;
}

cdg_status
cdg_request_set_b(cdg_request *rq, double b, cdg_error *err)
{
	CDG_TRY(api_range(b, 1, "b", err));
	rq->b = rq->xbm25.b = b;
	rq->b_set = true;
	return CDG_OK;
}

/* "NAME=X,NAME=X,..." into p, of which nothing changes on a failure. */
static cdg_status
api_xapian_params(bm25_xapian *p, const char *list, cdg_error *err)
{
	const struct {
		const char *name;
		double *to, max;
	} known[] = { { "k1", &p->k1, 1000 }, { "k2", &p->k2, 1000 }, { "k3", &p->k3, 1000 },
		      { "b", &p->b, 1 },      { "min_normlen", &p->min_normlen, 1000 } };

	while (*list) {
		const char *eq = strchr(list, '=');
		size_t i = 0, n = eq ? (size_t)(eq - list) : 0;
		size_t end;
		double x;

		while (i < countof(known) && (strlen(known[i].name) != n || memcmp(known[i].name, list, n) != 0))
			i++;
		if (!eq || i == countof(known))
			return err_set(err, CDG_E_ARG, "xapian-bm25 has k1, k2, k3, b and min_normlen, not '%.60s'", list);
		end = lex_number(eq, strlen(eq), 1, &x);
		if (end == 1 || (eq[end] && eq[end] != ','))
			return err_set(err, CDG_E_ARG, "'%.60s' is not a number", eq + 1);
		CDG_TRY(api_range(x, known[i].max, known[i].name, err));
		*known[i].to = x;
		list = eq + end + (eq[end] != 0);
	}
	return CDG_OK;
}

cdg_status
cdg_request_set_weighting(cdg_request *rq, const char *name, cdg_error *err)
{
	static const char xapian[] = "xapian-bm25";
	bm25_xapian p = rq->xbm25;

	if (!strcmp(name, "bm25")) {
		rq->weighting = API_WEIGHTING_BM25;
		return CDG_OK;
	}
	if (strncmp(name, xapian, sizeof xapian - 1) != 0 ||
	    (name[sizeof xapian - 1] && name[sizeof xapian - 1] != ':'))
		return err_set(err, CDG_E_ARG, "there is no weighting '%.60s': give bm25 or xapian-bm25", name);
	if (name[sizeof xapian - 1])
		CDG_TRY(api_xapian_params(&p, name + sizeof xapian, err));
	rq->xbm25 = p;
	rq->weighting = API_WEIGHTING_XAPIAN;
	return CDG_OK;
}

cdg_status
cdg_request_set_weight(cdg_request *rq, const char *field, double weight, cdg_error *err)
{
	if (!field || strcmp(field, "title"))
		return err_set(err, CDG_E_ARG, "only the field title can have a weight, not '%s'",
			       field ? field : "");
	CDG_TRY(api_range(weight, 1000, "a weight", err));
	rq->title_weight = weight;
	return CDG_OK;
}

/* One key of a list: "score", "-score", "FIELD" or "-FIELD". */
static cdg_status
api_sort_key(cdg_request *rq, const char *p, size_t n, sort_key *key, cdg_error *err)
{
	bool minus = n && *p == '-';

	p += minus;
	n -= minus;
	if (!n)
		return err_set(err, CDG_E_ARG, "a sort key is empty: give score, or a field");
	if (n == 5 && !memcmp(p, "score", 5)) {
		/* best first is how scores are sorted, with or without a minus sign */
		key->kind = SORT_SCORE;
		key->descending = true;
		key->field = NULL;
		return CDG_OK;
	}
	key->kind = SORT_FIELD;
	key->descending = minus;
	key->field = arena_strndup(&rq->mem, p, n);
	return key->field ? CDG_OK : err_nomem(err);
}

cdg_status
cdg_request_set_sort(cdg_request *rq, const char *keys, cdg_error *err)
{
	sort_key sort[API_SORTS_MAX];
	size_t n = 0;

	for (const char *p = keys; p && *p;) {
		size_t len = strcspn(p, ",");

		if (n == API_SORTS_MAX)
			return err_set(err, CDG_E_LIMIT, "more than %d sort keys", API_SORTS_MAX);
		CDG_TRY(api_sort_key(rq, p, len, &sort[n++], err));
		p += len;
		if (*p == ',' && !*++p)
			return err_set(err, CDG_E_ARG, "a sort key is missing after the last comma");
	}
	memcpy(rq->sort, sort, n * sizeof *sort);
	/* by score alone is what happens without keys, and faster */
	rq->nsort = n == 1 && sort[0].kind == SORT_SCORE ? 0 : n;
	return CDG_OK;
}

cdg_status
cdg_request_add_filter(cdg_request *rq, const char *query, size_t len, cdg_error *err)
{
	api_text f = { NULL, len };
	size_t blank = 0;

	while (blank < len && (uint8_t)query[blank] <= ' ')
		blank++;
	if (blank == len)
		return err_set(err, CDG_E_ARG, "an empty filter would let nothing through");
	f.p = arena_strndup(&rq->mem, query, len);
	if (rq->nfilters >= 1000)
		return err_set(err, CDG_E_LIMIT, "more than 1000 filters");
	if (!f.p || !mem_grow(&rq->filters, &rq->filters_cap, rq->nfilters + 1, sizeof *rq->filters))
		return err_nomem(err);
	rq->filters[rq->nfilters++] = f;
	return CDG_OK;
}

/* Whether name[0, *len) ends in ":word"; then that is taken off. */
static bool
api_ends_in(const char *name, size_t *len, const char *word)
{
	size_t n = strlen(word);

	if (*len < n + 2 || name[*len - n - 1] != ':' || memcmp(name + *len - n, word, n) != 0)
		return false;
	*len -= n + 1;
	return true;
}

/* "FIELD:year", "FIELD:month", "year" or "month": that period, and how much of it is
 * the field's name. */
static facet_period
api_period(const char *name, size_t *len)
{
	static const char *const names[] = { [FACET_YEAR] = "year", [FACET_MONTH] = "month" };

	for (int p = FACET_YEAR; p <= FACET_MONTH; p++)
		if (api_ends_in(name, len, names[p]) || (*len == strlen(names[p]) && !memcmp(name, names[p], *len)))
			return (facet_period)p;
	return FACET_VALUES;
}

cdg_status
cdg_request_add_facet(cdg_request *rq, const char *field, uint32_t limit, cdg_error *err)
{
	facet_request fr = { 0 };
	size_t len, whole;
	bool open;

	if (!field || !*field)
		return err_set(err, CDG_E_ARG, "a facet needs the name of a field");
	if (!limit || limit > CDG_LIMIT_MAX)
		return err_set(err, CDG_E_ARG, "a facet can have from 1 to %d values", CDG_LIMIT_MAX);
	if (rq->nfacets == API_FACETS_MAX)
		return err_set(err, CDG_E_LIMIT, "more than %d facets", API_FACETS_MAX);
	len = strlen(field);
	open = api_ends_in(field, &len, "open");
	whole = len;
	fr.period = api_period(field, &len);
	fr.bare = fr.period && len == whole && !open;
	fr.limit = limit;
	fr.field = fr.period && len == whole && open ? "date" : arena_strndup(&rq->mem, field, len);
	rq->facet_open[rq->nfacets] = open;
	rq->facet_names[rq->nfacets] = arena_strndup(&rq->mem, field, strlen(field));
	if (rq->mem.failed)
		return err_nomem(err);
	rq->facets[rq->nfacets++] = fr;
	return CDG_OK;
}

void
cdg_request_set_default_or(cdg_request *rq, int on)
{
	rq->default_or = on != 0;
}

void
cdg_request_set_strict(cdg_request *rq, int on)
{
	rq->strict = on != 0;
}

void
cdg_request_set_stem_phrases(cdg_request *rq, int on)
{
	rq->stem_phrases = on != 0;
}

cdg_status
cdg_request_set_lang(cdg_request *rq, const char *code, cdg_error *err)
{
	text_lang lang;

	if (!code) {
		rq->langs = 0;
		return CDG_OK;
	}
	lang = text_lang_id(code, strlen(code));
	if (lang == TEXT_LANG_NONE && strcmp(code, "none"))
		return err_set(err, CDG_E_ARG,
			       "'%s' is not a language I know: give a code such as en, de or zh", code);
	rq->langs = (uint64_t)1 << lang;
	return CDG_OK;
}

cdg_status
cdg_request_set_snippets(cdg_request *rq, uint32_t count, uint32_t length, cdg_error *err)
{
	if (count > 100)
		return err_set(err, CDG_E_ARG, "at most 100 snippets a hit");
	if (length < 20 || length > 100000)
		return err_set(err, CDG_E_ARG, "a snippet's length must be from 20 to 100000 characters");
	rq->snippets = count;
	rq->snippet_length = length;
	return CDG_OK;
}

void
cdg_request_set_time_limit(cdg_request *rq, uint64_t ms)
{
	rq->time_limit_ms = ms;
}

void
cdg_request_set_total(cdg_request *rq, int on)
{
	rq->want_total = on != 0;
}

void
cdg_request_set_exhaustive(cdg_request *rq, int on)
{
	rq->exhaustive = on != 0;
}

void
cdg_request_set_explain(cdg_request *rq, int on)
{
	rq->explain = on != 0;
}

void
cdg_request_set_suggest(cdg_request *rq, int on)
{
	rq->suggest = on != 0;
}
