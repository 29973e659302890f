/* answer.c - the JSON of /search as results (backend/render.c writes it). */
#include "backend/http/remote.h"

#include <stdlib.h>

enum { FACETS_MAX = 4096 }; /* each looks for its number of documents without it */

/* NULL where the member is not there, as results have it. */
static const char *
optional(const json_value *from, const char *key)
{
	const json_value *v = json_get(from, key);

	return v->type == JSON_STRING ? v->text : NULL;
}

const char *
remote_read_page(const json_value *from)
{
	const json_value *page = json_get(from, "page");

	return page->type == JSON_NUMBER || page->type == JSON_STRING ? page->text : "";
}

const char **
remote_read_list(const json_value *from, arena *mem, size_t *n)
{
	const char **list = from->type == JSON_ARRAY ? arena_alloc(mem, (from->count + 1) * sizeof *list) : NULL;

	*n = 0;
	if (list)
		for (const json_value *v = from->first; v; v = v->next)
			list[(*n)++] = json_text(v);
	return list;
}

cdg_status
remote_read_head(const json_value *from, cdg_results *r, cdg_error *err)
{
	const json_value *warnings = json_get(from, "warnings");

	r->query = json_text(json_get(from, "query"));
	r->parsed = json_text(json_get(from, "parsed"));
	if (warnings->type != JSON_ARRAY || !mem_grow(&r->warnings, &r->warnings_cap, warnings->count + 1, sizeof *r->warnings))
		return warnings->type == JSON_ARRAY ? err_nomem(err) : CDG_OK;
	for (const json_value *w = warnings->first; w; w = w->next)
		r->warnings[r->nwarnings++] = json_text(w);
	return CDG_OK;
}

/* ---- hits ----------------------------------------------------------------------------- */

static void
read_value(const json_value *v, const char *name, bool list, api_field *to)
{
	to->name = name;
	to->value = v->type == JSON_NUMBER || v->type == JSON_STRING ? v->text : NULL;
	to->type = v->type == JSON_STRING ? DOCMETA_STRING : DOCMETA_NUMBER;
	to->list = list;
}

static void
read_fields(const json_value *from, arena *mem, api_hit *hit)
{
	size_t n = 0;

	for (const json_value *f = from->first; f; f = f->next)
		n += f->type == JSON_ARRAY ? f->count : 1;
	hit->fields = arena_zalloc(mem, (n + 1) * sizeof *hit->fields);
	if (!hit->fields || from->type != JSON_OBJECT)
		return;
	for (const json_value *f = from->first; f; f = f->next)
		if (f->type == JSON_ARRAY)
			for (const json_value *v = f->first; v; v = v->next)
				read_value(v, f->key, true, &hit->fields[hit->nfields++]);
		else
			read_value(f, f->key, false, &hit->fields[hit->nfields++]);
}

void
remote_read_hit(const json_value *from, arena *mem, api_hit *hit)
{
	hit->id = json_text(json_get(from, "id"));
	hit->title = json_text(json_get(from, "title"));
	hit->title_html = optional(from, "title_html");
	hit->date = json_text(json_get(from, "date"));
	hit->url = json_text(json_get(from, "url"));
	hit->lang = json_text(json_get(from, "lang"));
	read_fields(json_get(from, "fields"), mem, hit);
}

static void
read_snippet(const json_value *from, arena *mem, api_snippet *s)
{
	s->html = json_text(json_get(from, "html"));
	s->text = json_text(json_get(from, "text"));
	s->start = json_number(json_get(from, "start"));
	s->end = json_number(json_get(from, "end"));
	s->page = remote_read_page(from);
	s->sections = remote_read_list(json_get(from, "section"), mem, &s->nsections);
	s->link = optional(from, "link");
}

static void
read_hit(const json_value *from, arena *mem, api_hit *hit)
{
	const json_value *snippets = json_get(from, "snippets"), *score = json_get(from, "score");

	remote_read_hit(from, mem, hit);
	hit->rank = json_number(json_get(from, "rank"));
	hit->score = score->type == JSON_NUMBER ? strtod(score->text, NULL) : 0;
	hit->link = optional(from, "link");
	hit->copies = remote_read_list(json_get(from, "copies"), mem, &hit->ncopies);
	hit->snippets = arena_zalloc(mem, (snippets->count + 1) * sizeof *hit->snippets);
	if (hit->snippets && snippets->type == JSON_ARRAY)
		for (const json_value *s = snippets->first; s; s = s->next)
			read_snippet(s, mem, &hit->snippets[hit->nsnippets++]);
}

/* ---- facets --------------------------------------------------------------------------- */

static void
read_facet(const json_value *from, const json_value *missing, arena *mem, api_facet *f)
{
	f->field = from->key;
	f->missing = json_number(json_get(missing, from->key));
	f->values = arena_zalloc(mem, (from->count + 1) * sizeof *f->values);
	if (!f->values || from->type != JSON_ARRAY)
		return;
	for (const json_value *v = from->first; v; v = v->next, f->n++) {
		const char *text = json_text(json_get(v, "value"));

		f->values[f->n].value = arena_strndup(mem, text, strlen(text));
		f->values[f->n].count = json_number(json_get(v, "count"));
	}
}

static void
read_facets(const json_value *from, cdg_results *r)
{
	const json_value *facets = json_get(from, "facets"), *missing = json_get(from, "facets_missing");

	r->facets = arena_zalloc(&r->mem, (facets->count + 1) * sizeof *r->facets);
	if (r->facets && facets->type == JSON_OBJECT)
		for (const json_value *f = facets->first; f; f = f->next)
			read_facet(f, missing, &r->mem, &r->facets[r->nfacets++]);
}

cdg_status
remote_read_results(const remote *x, const json_value *from, cdg_results *r, cdg_error *err)
{
	const json_value *hits = json_get(from, "hits");

	if (hits->type != JSON_ARRAY || json_get(from, "total")->type != JSON_NUMBER ||
	    json_get(from, "facets")->count > FACETS_MAX || json_get(from, "facets_missing")->count > FACETS_MAX)
		return remote_nonsense(x, err);
	CDG_TRY(remote_read_head(from, r, err));
	r->total = json_number(json_get(from, "total"));
	r->total_exact = json_true(json_get(from, "total_exact"));
	r->timed_out = json_true(json_get(from, "timed_out"));
	r->explain = json_text(json_get(from, "explain"));
	r->suggestion = optional(from, "suggestion");
	read_facets(from, r);
	r->hits = arena_zalloc(&r->mem, (hits->count + 1) * sizeof *r->hits);
	if (r->hits)
		for (const json_value *h = hits->first; h; h = h->next)
			read_hit(h, &r->mem, &r->hits[r->nhits++]);
	return r->mem.failed ? err_nomem(err) : CDG_OK;
}
