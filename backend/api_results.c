/* api_results.c - what results can be asked: every accessor gives "" or 0 for
 * what is not there, so that no caller can read outside. */
#include "backend/api.h"

void
cdg_results_free(cdg_results *r)
{
	if (!r)
		return;
	arena_fini(&r->mem);
	mem_free(r->warnings);
	mem_free(r);
}

static const char *
or_empty(const char *s)
{
	return s ? s : "";
}

const char *
cdg_results_query(const cdg_results *r)
{
	return or_empty(r->query);
}

const char *
cdg_results_parsed(const cdg_results *r)
{
	return or_empty(r->parsed);
}

uint64_t
cdg_results_total(const cdg_results *r)
{
	return r->total;
}

int
cdg_results_timed_out(const cdg_results *r)
{
	return r->timed_out;
}

int
cdg_results_total_exact(const cdg_results *r)
{
	return r->total_exact;
}

uint64_t
cdg_results_took_us(const cdg_results *r)
{
	return r->took_us;
}

size_t
cdg_results_warning_count(const cdg_results *r)
{
	return r->nwarnings;
}

const char *
cdg_results_warning(const cdg_results *r, size_t i)
{
	return i < r->nwarnings ? r->warnings[i] : NULL;
}

const char *
cdg_results_suggestion(const cdg_results *r)
{
	return or_empty(r->suggestion);
}

const char *
cdg_results_explain(const cdg_results *r)
{
	return or_empty(r->explain);
}

/* ---- hits --------------------------------------------------------------- */

static const api_hit *
hit_at(const cdg_results *r, size_t i)
{
	static const api_hit none;

	return i < r->nhits ? &r->hits[i] : &none;
}

size_t
cdg_results_count(const cdg_results *r)
{
	return r->nhits;
}

uint64_t
cdg_hit_rank(const cdg_results *r, size_t i)
{
	return hit_at(r, i)->rank;
}

double
cdg_hit_score(const cdg_results *r, size_t i)
{
	return hit_at(r, i)->score;
}

const char *
cdg_hit_id(const cdg_results *r, size_t i)
{
	return or_empty(hit_at(r, i)->id);
}

const char *
cdg_hit_title_html(const cdg_results *r, size_t i)
{
	return or_empty(hit_at(r, i)->title_html);
}

const char *
cdg_hit_title(const cdg_results *r, size_t i)
{
	return or_empty(hit_at(r, i)->title);
}

const char *
cdg_hit_url(const cdg_results *r, size_t i)
{
	return or_empty(hit_at(r, i)->url);
}

const char *
cdg_hit_lang(const cdg_results *r, size_t i)
{
	return or_empty(hit_at(r, i)->lang);
}

const char *
cdg_hit_date(const cdg_results *r, size_t i)
{
	return or_empty(hit_at(r, i)->date);
}

size_t
cdg_hit_field_count(const cdg_results *r, size_t i)
{
	return hit_at(r, i)->nfields;
}

size_t
cdg_hit_copy_count(const cdg_results *r, size_t i)
{
	return hit_at(r, i)->ncopies;
}

const char *
cdg_hit_copy(const cdg_results *r, size_t i, size_t c)
{
	const api_hit *h = hit_at(r, i);

	return c < h->ncopies ? or_empty(h->copies[c]) : "";
}

const char *
cdg_hit_field_name(const cdg_results *r, size_t i, size_t f)
{
	const api_hit *h = hit_at(r, i);

	return f < h->nfields ? or_empty(h->fields[f].name) : "";
}

const char *
cdg_hit_field_value(const cdg_results *r, size_t i, size_t f)
{
	const api_hit *h = hit_at(r, i);

	return f < h->nfields ? or_empty(h->fields[f].value) : "";
}

/* ---- snippets ----------------------------------------------------------- */

static const api_snippet *
snippet_at(const cdg_results *r, size_t i, size_t s)
{
	static const api_snippet none;
	const api_hit *h = hit_at(r, i);

	return s < h->nsnippets ? &h->snippets[s] : &none;
}

size_t
cdg_hit_snippet_count(const cdg_results *r, size_t i)
{
	return hit_at(r, i)->nsnippets;
}

const char *
cdg_snippet_text(const cdg_results *r, size_t i, size_t s)
{
	return or_empty(snippet_at(r, i, s)->text);
}

const char *
cdg_snippet_html(const cdg_results *r, size_t i, size_t s)
{
	return or_empty(snippet_at(r, i, s)->html);
}

uint64_t
cdg_snippet_start(const cdg_results *r, size_t i, size_t s)
{
	return snippet_at(r, i, s)->start;
}

uint64_t
cdg_snippet_end(const cdg_results *r, size_t i, size_t s)
{
	return snippet_at(r, i, s)->end;
}

const char *
cdg_snippet_page(const cdg_results *r, size_t i, size_t s)
{
	return or_empty(snippet_at(r, i, s)->page);
}

const char *
cdg_snippet_link(const cdg_results *r, size_t i, size_t s)
{
	return or_empty(snippet_at(r, i, s)->link);
}

size_t
cdg_snippet_section_count(const cdg_results *r, size_t i, size_t s)
{
	return snippet_at(r, i, s)->nsections;
}

const char *
cdg_snippet_section(const cdg_results *r, size_t i, size_t s, size_t k)
{
	const api_snippet *x = snippet_at(r, i, s);

	return k < x->nsections ? or_empty(x->sections[k]) : "";
}

/* ---- facets --------------------------------------------------------------- */

static const api_facet *
facet_at(const cdg_results *r, size_t f)
{
	static const api_facet none;

	return f < r->nfacets ? &r->facets[f] : &none;
}

size_t
cdg_results_facet_count(const cdg_results *r)
{
	return r->nfacets;
}

const char *
cdg_facet_field(const cdg_results *r, size_t f)
{
	return or_empty(facet_at(r, f)->field);
}

size_t
cdg_facet_value_count(const cdg_results *r, size_t f)
{
	return facet_at(r, f)->n;
}

const char *
cdg_facet_value(const cdg_results *r, size_t f, size_t v)
{
	const api_facet *x = facet_at(r, f);

	return v < x->n ? or_empty(x->values[v].value) : "";
}

uint64_t
cdg_facet_missing(const cdg_results *r, size_t f)
{
	return facet_at(r, f)->missing;
}

uint64_t
cdg_facet_documents(const cdg_results *r, size_t f, size_t v)
{
	const api_facet *x = facet_at(r, f);

	return v < x->n ? x->values[v].count : 0;
}
