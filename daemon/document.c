/* document.c - GET /doc: one document, where the query matches in it; GET
 * /docs/concordance: every match in its context. */
#include "backend/api.h"
#include "daemon/handlers.h"
#include "daemon/param.h"
#include "daemon/settings.h"

enum { CONTEXT = 60, LINES = 50 };

/* Prints by a printer of this format, or tells why not. */
static void
print_by(web_call *c, cdg_format format, cdg_status (*print)(cdg_printer *p, const void *what, cdg_error *err),
	 const void *what)
{
	cdg_printer *printer = NULL;
	cdg_error err;

	if (cdg_printer_new(format, web_write, c, &printer, &err) != CDG_OK || print(printer, what, &err) != CDG_OK)
		web_fail(c, &err);
	cdg_printer_free(printer);
}

static cdg_status
print_view(cdg_printer *p, const void *view, cdg_error *err)
{
	return cdg_printer_print_view(p, view, err);
}

static cdg_status
print_lines(cdg_printer *p, const void *lines, cdg_error *err)
{
	return cdg_printer_print_lines(p, lines, err);
}

static void
note_warning(web_call *c, const char *text)
{
	c->timed_out |= !strncmp(text, "the time limit", 14);
	c->partial |= !strncmp(text, "partial:", 8);
}

void
view_note(web_call *c, const cdg_view *v)
{
	for (size_t i = 0; v && cdg_view_warning(v, i); i++)
		note_warning(c, cdg_view_warning(v, i));
}

/* A document has one format; to name it gives a browser the data, not the page. */
static bool
is_json(web_call *c)
{
	const web_pair *f = web_param(c, "format");

	if (!f || !*f->value || !strcmp(f->value, "json"))
		return true;
	web_problem(c, 400, CDG_E_ARG, "parameter format: json");
	return false;
}

void
answer_doc(web_call *c)
{
	const web_pair *id = web_param(c, "id");
	uint64_t from, to;
	search_params p;
	cdg_view *v;
	cdg_error err;

	if (!search_params_read_some(c, &p, 0) || !is_json(c) || !web_number(c, "from", 0, UINT32_MAX, 0, &from) ||
	    !web_number(c, "to", 0, UINT32_MAX, UINT64_MAX, &to)) {
		search_params_free(&p);
		return;
	}
	if (!id || !id->len) {
		web_problem(c, 400, CDG_E_ARG, "parameter id: which document?");
	} else if (cdg_index_view(c->index, p.request, p.q, p.len, id->value, id->len, from, to, &v, &err) != CDG_OK) {
		web_fail(c, &err);
	} else {
		c->type = "application/json";
		view_note(c, v);
		print_by(c, CDG_FORMAT_JSON, print_view, v);
		cdg_view_free(v);
	}
	search_params_free(&p);
}

/* sort: document, left, right; context: characters, or words ("5w"). */
static bool
read_context(web_call *c, cdg_line_order *order, uint32_t *context, int *words)
{
	const web_pair *s = web_param(c, "sort"), *x = web_param(c, "context");
	uint64_t n = CONTEXT;
	char *end;

	*order = CDG_LINES_DOCUMENT;
	if (s && !strcmp(s->value, "left")) {
		*order = CDG_LINES_LEFT;
	} else if (s && !strcmp(s->value, "right")) {
		*order = CDG_LINES_RIGHT;
	} else if (s && *s->value && strcmp(s->value, "document")) {
		web_problem(c, 400, CDG_E_ARG, "parameter sort: document, left, right");
		return false;
	}
	*words = 0;
	if (x && *x->value) {
		n = strtoul(x->value, &end, 10);
		*words = *end == 'w';
		if (end == x->value || *x->value < '0' || *x->value > '9' || end[*words] || n > 500) {
			web_problem(c, 400, CDG_E_ARG, "parameter context: characters, 60, or words, 8w; at most 500");
			return false;
		}
	}
	*context = (uint32_t)n;
	return true;
}

/* In a concordance `sort` is another thing than in a search. */
static bool
read_lines_params(web_call *c, search_params *p, cdg_format *format, cdg_error *err)
{
	if (!search_params_read_some(c, p, PARAM_PLACE) || !web_number(c, "n", 1, c->set->max_hits, LINES, &p->n))
		return false;
	if (cdg_request_set_limit(p->request, p->n, err) != CDG_OK) {
		web_fail(c, err);
		return false;
	}
	return web_format(c, false, "concordance.csv", format);
}

void
lines_note(web_call *c, const cdg_lines *x)
{
	for (size_t i = 0; cdg_lines_warning(x, i); i++)
		note_warning(c, cdg_lines_warning(x, i));
	c->searched = true;
	c->total = cdg_lines_get(x, CDG_LINES_TOTAL);
	c->partial |= !cdg_lines_get(x, CDG_LINES_TOTAL_EXACT);
}

void
answer_concordance(web_call *c)
{
	cdg_line_order order;
	uint32_t context;
	search_params p;
	cdg_format format;
	cdg_lines *x;
	cdg_error err;
	bool sheet;
	int words;

	if (read_lines_params(c, &p, &format, &err) && read_context(c, &order, &context, &words) && web_flag(c, "sheet", &sheet)) {
		if (cdg_concordance(c->index, p.request, p.q, p.len, order, context, words, &x, &err) != CDG_OK) {
			web_fail(c, &err);
		} else {
			lines_note(c, x);
			if (sheet && format == CDG_FORMAT_CSV)
				export_lines(c, x);
			else
				print_by(c, format, print_lines, x);
			cdg_lines_free(x);
		}
	}
	search_params_free(&p);
}
