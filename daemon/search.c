/* search.c - GET /search: hits as JSON, JSON lines or CSV, or as the page where HTML is
 * wanted; GET /docs/facets and /docs/histogram: counts alone. */
#include "backend/api.h"
#include "daemon/handlers.h"
#include "daemon/param.h"
#include "daemon/settings.h"

enum { PERIODS = 1000, PLAN_MS = 50 };

/* How a slow search was evaluated: found out once more, without hits and in little time, for
 * to explain each search would slow them all. */
static void
note_plan(web_call *c, const search_params *p)
{
	cdg_results *r;

	cdg_request_set_explain(p->request, 1);
	cdg_request_set_time_limit(p->request, PLAN_MS);
	if (cdg_request_set_limit(p->request, 0, NULL) == CDG_OK &&
	    cdg_search(c->index, p->request, p->q, p->len, &r, NULL) == CDG_OK) {
		c->plan = arena_strndup(&c->mem, cdg_results_explain(r), strlen(cdg_results_explain(r)));
		cdg_results_free(r);
	}
}

void
search_note(web_call *c, const search_params *p, const cdg_results *r)
{
	c->searched = true;
	c->total = cdg_results_total(r);
	c->timed_out = cdg_results_timed_out(r) != 0;
	for (size_t i = 0; i < cdg_results_warning_count(r); i++)
		c->partial |= !strncmp(cdg_results_warning(r, i), "partial:", 8);
	if (c->set->slow_log && cdg_results_took_us(r) >= c->set->slow_ms * 1000)
		note_plan(c, p);
}

void
search_print(web_call *c, const cdg_results *r, cdg_format format)
{
	cdg_printer *printer;
	cdg_error err;

	if (cdg_printer_new(format, web_write, c, &printer, &err) != CDG_OK) {
		web_fail(c, &err);
		return;
	}
	if (cdg_printer_print(printer, r, NULL, &err) != CDG_OK)
		web_fail(c, &err);
	cdg_printer_free(printer);
}

void
answer_search(web_call *c)
{
	search_params p;
	cdg_results *r;
	cdg_format format;
	cdg_error err;
	bool sheet;

	if (search_params_read(c, &p) && web_format(c, true, "results.csv", &format) && web_flag(c, "sheet", &sheet)) {
		if (cdg_search(c->index, p.request, p.q, p.len, &r, &err) != CDG_OK) {
			web_fail(c, &err);
		} else {
			search_note(c, &p, r);
			if (sheet && format == CDG_FORMAT_CSV)
				export_hits(c, r);
			else
				search_print(c, r, format);
			cdg_results_free(r);
		}
	}
	search_params_free(&p);
}

/* As /search without hits; field NULL, or a facet more. */
static void
answer_counts(web_call *c, const char *field)
{
	search_params p;
	cdg_results *r;
	cdg_error err;

	if (search_params_read_some(c, &p, PARAM_COUNTS)) {
		c->type = "application/json";
		if ((field && cdg_request_add_facet(p.request, field, PERIODS, &err) != CDG_OK) ||
		    cdg_request_set_limit(p.request, 0, &err) != CDG_OK ||
		    cdg_search(c->index, p.request, p.q, p.len, &r, &err) != CDG_OK) {
			web_fail(c, &err);
		} else {
			search_note(c, &p, r);
			search_print(c, r, CDG_FORMAT_JSON);
			cdg_results_free(r);
		}
	}
	search_params_free(&p);
}

void
answer_facets(web_call *c)
{
	answer_counts(c, NULL);
}

void
answer_histogram(web_call *c)
{
	const web_pair *by = web_param(c, "by");

	if (by && *by->value && strcmp(by->value, "year") && strcmp(by->value, "month"))
		web_problem(c, 400, CDG_E_ARG, "parameter by: year, month");
	else
		answer_counts(c, by && *by->value ? by->value : "year");
}
