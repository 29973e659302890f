/* param.c - parameters to a request.  What is not understood is an error (400) that names
 * the parameter: a program should hear of its mistake, and a page writes none. */
#include "daemon/param.h"

#include <ctype.h>
#include <stdlib.h>

#include "backend/api.h"
#include "daemon/settings.h"

bool
web_number(web_call *c, const char *name, uint64_t min, uint64_t max, uint64_t otherwise, uint64_t *out)
{
	const web_pair *p = web_param(c, name);
	unsigned long long n;
	char *end;

	*out = otherwise;
	if (!p || !*p->value)
		return true;
	n = strtoull(p->value, &end, 10);
	if (!isdigit((unsigned char)*p->value) || *end || p->len != strlen(p->value) || n < min || n > max) {
		web_problem(c, 400, CDG_E_ARG, "parameter %s: a whole number from %llu to %llu is wanted", name,
			    (unsigned long long)min, (unsigned long long)max);
		return false;
	}
	*out = n;
	return true;
}

bool
web_format(web_call *c, bool lines, const char *csv_name, cdg_format *format)
{
	const web_pair *f = web_param(c, "format");

	*format = CDG_FORMAT_JSON;
	c->type = "application/json";
	if (!f || !*f->value || !strcmp(f->value, "json"))
		return true;
	if (lines && !strcmp(f->value, "jsonl")) {
		*format = CDG_FORMAT_JSONL;
		c->type = "application/jsonl";
		return true;
	}
	if (strcmp(f->value, "csv")) {
		web_problem(c, 400, CDG_E_ARG, "parameter format: json, %scsv", lines ? "jsonl, " : "");
		return false;
	}
	*format = CDG_FORMAT_CSV;
	c->type = "text/csv; charset=utf-8; header=present";
	web_headf(c, "Content-Disposition", "attachment; filename=\"%s\"", csv_name);
	return true;
}

static bool
fail(web_call *c, const char *name, const cdg_error *err)
{
	if (err->status == CDG_E_NOMEM)
		web_no_memory(c);
	else
		web_problem(c, 400, err->status, "parameter %s: %s", name, err->message);
	return false;
}

bool
web_flag(web_call *c, const char *name, bool *on)
{
	const web_pair *p = web_param(c, name);

	*on = p && !strcmp(p->value, "1");
	if (!p || *on || !*p->value || !strcmp(p->value, "0"))
		return true;
	web_problem(c, 400, CDG_E_ARG, "parameter %s: 0, 1", name);
	return false;
}

/* FIELD or FIELD:N, any number of them, also apart by commas. */
static bool
read_facets(web_call *c, search_params *p, cdg_error *err)
{
	const web_pair *f;

	for (size_t at = 0; (f = web_param_at(c, "facet", &at));) {
		for (const char *one = f->value; *one;) {
			size_t n = strcspn(one, ",");
			char field[256], *colon, *end;
			unsigned long limit = 10;

			if (n >= sizeof field) {
				web_problem(c, 400, CDG_E_ARG, "parameter facet: the name of a field is too long");
				return false;
			}
			memcpy(field, one, n);
			field[n] = 0;
			colon = strrchr(field, ':');
			if (colon && isdigit((unsigned char)colon[1])) {
				limit = strtoul(colon + 1, &end, 10);
				limit = *end ? 0 : limit;
				*colon = 0;
			}
			if (limit < 1 || limit > 1000) {
				web_problem(c, 400, CDG_E_ARG, "parameter facet: FIELD or FIELD:N, N values from 1 to 1000");
				return false;
			}
			if (*field && cdg_request_add_facet(p->request, field, (uint32_t)limit, err) != CDG_OK)
				return fail(c, "facet", err);
			one += n + (one[n] == ',');
		}
	}
	return true;
}

static bool
read_filters(web_call *c, search_params *p, cdg_error *err)
{
	const web_pair *f;

	for (size_t at = 0; (f = web_param_at(c, "filter", &at));)
		if (f->len > c->set->max_query) {
			web_problem(c, 414, CDG_E_LIMIT, "parameter filter: at most %llu bytes",
				    (unsigned long long)c->set->max_query);
			return false;
		} else if (f->len && cdg_request_add_filter(p->request, f->value, f->len, err) != CDG_OK) {
			return fail(c, "filter", err);
		}
	return true;
}

static bool
read_ways(web_call *c, search_params *p, cdg_error *err)
{
	const web_pair *op = web_param(c, "op"), *lang = web_param(c, "lang");
	cdg_request *rq = p->request;
	uint64_t limit;
	bool strict, stems;

	if (op && *op->value && strcmp(op->value, "and") && strcmp(op->value, "or")) {
		web_problem(c, 400, CDG_E_ARG, "parameter op: and, or");
		return false;
	}
	if (!web_flag(c, "strict", &strict) || !web_flag(c, "stem_phrases", &stems) ||
	    !web_number(c, "time_limit", 1, c->set->time_limit_ms, c->set->time_limit_ms, &limit))
		return false;
	c->strict = strict;
	cdg_request_set_default_or(rq, op && !strcmp(op->value, "or"));
	cdg_request_set_strict(rq, strict);
	cdg_request_set_stem_phrases(rq, stems);
	cdg_request_set_time_limit(rq, limit);
	if (lang && *lang->value && cdg_request_set_lang(rq, lang->value, err) != CDG_OK)
		return fail(c, "lang", err);
	return true;
}

static bool
read_place(web_call *c, search_params *p, cdg_error *err)
{
	const struct settings *set = c->set;

	if (!web_number(c, "n", 0, set->max_hits, set->max_hits < 10 ? set->max_hits : 10, &p->n) ||
	    !web_number(c, "offset", 0, set->max_offset, 0, &p->offset))
		return false;
	if (cdg_request_set_limit(p->request, p->n, err) != CDG_OK)
		return fail(c, "n", err);
	if (cdg_request_set_offset(p->request, p->offset, err) != CDG_OK)
		return fail(c, "offset", err);
	return true;
}

static bool
read_passages(web_call *c, search_params *p, cdg_error *err)
{
	const web_pair *sort = web_param(c, "sort");
	uint64_t snippets, length;
	bool suggest;

	if (!web_number(c, "snippets", 0, 20, 2, &snippets) || !web_number(c, "snippet_length", 20, 2000, 200, &length) ||
	    !web_flag(c, "did_you_mean", &suggest))
		return false;
	cdg_request_set_suggest(p->request, suggest);
	p->sort = sort ? sort->value : "";
	if (*p->sort && cdg_request_set_sort(p->request, p->sort, err) != CDG_OK)
		return fail(c, "sort", err);
	if (cdg_request_set_snippets(p->request, (uint32_t)snippets, (uint32_t)length, err) != CDG_OK)
		return fail(c, "snippets", err);
	return true;
}

static bool
read_counts(web_call *c, search_params *p, cdg_error *err)
{
	bool explain;

	if (!web_flag(c, "explain", &explain))
		return false;
	cdg_request_set_explain(p->request, explain);
	return read_facets(c, p, err);
}

bool
search_params_read_some(web_call *c, search_params *p, unsigned which)
{
	const web_pair *q = web_param(c, "q");
	cdg_error err;

	memset(p, 0, sizeof *p);
	p->sort = "";
	p->q = q ? q->value : "";
	p->len = q ? q->len : 0;
	c->query = api_string(&c->mem, p->q, p->len);
	if (p->len > c->set->max_query) {
		web_problem(c, 414, CDG_E_LIMIT, "a query may have %llu bytes; this one has %zu",
			    (unsigned long long)c->set->max_query, p->len);
		return false;
	}
	if (cdg_request_new(&p->request, &err) != CDG_OK) {
		web_fail(c, &err);
		return false;
	}
	return read_ways(c, p, &err) && read_filters(c, p, &err) && (!(which & PARAM_PLACE) || read_place(c, p, &err)) &&
	       (!(which & PARAM_PASSAGES) || read_passages(c, p, &err)) && (!(which & PARAM_COUNTS) || read_counts(c, p, &err));
}

bool
search_params_read(web_call *c, search_params *p)
{
	return search_params_read_some(c, p, PARAM_ALL);
}

void
search_params_free(search_params *p)
{
	cdg_request_free(p->request);
	p->request = NULL;
}
