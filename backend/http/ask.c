/* ask.c - opening a server, requests to it, and what goes wrong. */
#include "backend/http/remote.h"

#include <stdio.h>
#include <strings.h>

enum { FACET_MOST = 1000 }; /* values of a facet that a server gives */

bool
remote_is_address(const char *path)
{
	return !strncasecmp(path, "http://", 7) || !strncasecmp(path, "https://", 8);
}

/* ---- fetchers, each lent to one request at a time ------------------------------------- */

/* The spares are no part of what a remote is to its callers. */
static _Atomic(fetcher *) *
spares(const remote *x)
{
	union {
		const remote *in;
		remote *out;
	} drop = { x };

	return drop.out->spare;
}

static cdg_status
take_fetcher(const remote *x, fetcher **out, cdg_error *err)
{
	for (size_t i = 0; i < REMOTE_SPARES; i++)
		if ((*out = atomic_exchange(&spares(x)[i], NULL)))
			return CDG_OK;
	return fetcher_new(out, err);
}

static void
give_fetcher(const remote *x, fetcher *f)
{
	for (size_t i = 0; i < REMOTE_SPARES; i++) {
		fetcher *none = NULL;

		if (atomic_compare_exchange_strong(&spares(x)[i], &none, f))
			return;
	}
	fetcher_free(f);
}

/* ---- parameters ----------------------------------------------------------------------- */

void
remote_put(buf *params, const char *name, const void *value, size_t len)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
	const uint8_t *p = value;

	buf_puts(params, params->len ? "&" : "");
	buf_puts(params, name);
	buf_put_u8(params, '=');
	for (size_t i = 0; i < len; i++)
		if (p[i] && strchr(plain, p[i]))
			buf_put_u8(params, p[i]);
		else
			buf_printf(params, "%%%02X", p[i]);
}

void
remote_put_number(buf *params, const char *name, uint64_t value)
{
	char text[24];

	remote_put(params, name, text, (size_t)snprintf(text, sizeof text, "%llu", (unsigned long long)value));
}

static void
put_string(buf *params, const char *name, const char *value)
{
	remote_put(params, name, value, strlen(value));
}

/* A timeline that is wanted whole is asked for as far as a server gives it. */
static cdg_status
put_facets(const remote *x, buf *params, const cdg_request *rq, cdg_error *err)
{
	for (size_t i = 0; i < rq->nfacets; i++) {
		bool whole = rq->facets[i].period && rq->facets[i].limit == CDG_LIMIT_MAX;
		buf one;

		if (strchr(rq->facet_names[i], ','))
			return err_set(err, CDG_E_ARG, "%s: a server gives no facet of a field with a comma in its name", x->base);
		buf_init(&one);
		buf_printf(&one, "%s:%u", rq->facet_names[i], whole ? FACET_MOST : (unsigned)rq->facets[i].limit);
		remote_put(params, "facet", one.p, one.len);
		params->failed |= one.failed;
		buf_fini(&one);
	}
	return CDG_OK;
}

cdg_status
remote_put_request(const remote *x, buf *params, const cdg_request *rq, const char *query, size_t len, cdg_error *err)
{
	remote_put(params, "q", query, len);
	if (!rq) /* the defaults are a server's too */
		return CDG_OK;
	if (rq->k1_set || rq->b_set || rq->title_weight != 1 || rq->weighting != API_WEIGHTING_AUTO)
		return err_set(err, CDG_E_ARG, "%s: how matches are weighed is the server's to say", x->base);
	for (size_t i = 0; i < rq->nfilters; i++)
		remote_put(params, "filter", rq->filters[i].p, rq->filters[i].n);
	if (rq->default_or)
		put_string(params, "op", "or");
	if (rq->strict)
		put_string(params, "strict", "1");
	if (rq->stem_phrases)
		put_string(params, "stem_phrases", "1");
	for (unsigned lang = 0; lang < 64; lang++)
		if (rq->langs >> lang & 1)
			put_string(params, "lang", lang ? text_lang_code((text_lang)lang) : "none");
	if (rq->time_limit_ms)
		remote_put_number(params, "time_limit", rq->time_limit_ms);
	return CDG_OK;
}

/* What only a search has. */
static cdg_status
put_search(const remote *x, buf *params, const cdg_request *rq, cdg_error *err)
{
	buf sort;

	remote_put_number(params, "n", rq->limit);
	remote_put_number(params, "offset", rq->offset);
	remote_put_number(params, "snippets", rq->snippets);
	remote_put_number(params, "snippet_length", rq->snippet_length);
	if (rq->explain)
		put_string(params, "explain", "1");
	if (rq->suggest)
		put_string(params, "did_you_mean", "1");
	buf_init(&sort);
	for (size_t i = 0; i < rq->nsort; i++)
		buf_printf(&sort, "%s%s%s", i ? "," : "", rq->sort[i].kind == SORT_FIELD && rq->sort[i].descending ? "-" : "",
			   rq->sort[i].kind == SORT_FIELD ? rq->sort[i].field : "score");
	if (sort.len)
		remote_put(params, "sort", sort.p, sort.len);
	params->failed |= sort.failed;
	buf_fini(&sort);
	return put_facets(x, params, rq, err);
}

/* ---- asking --------------------------------------------------------------------------- */

cdg_status
remote_nonsense(const remote *x, cdg_error *err)
{
	return err_set(err, CDG_E_IO, "%s: this is not the answer of a cdgsearchd", x->base);
}

static cdg_status
problem(const remote *x, unsigned status, const json_value *said, cdg_error *err)
{
	uint64_t code = json_number(json_get(said, "code"));
	const char *detail = json_text(json_get(said, "detail"));

	if (!*detail)
		return err_set(err, CDG_E_IO, "%s: status %u, and not by a cdgsearchd", x->base, status);
	return err_set(err, code > CDG_OK && code <= CDG_E_CANCELLED ? (cdg_status)code : CDG_E_IO, "%s: %s", x->base,
		       detail);
}

static cdg_status
understand(const remote *x, const buf *body, unsigned status, bool is_json, bool healthy, arena *mem, const json_value **out,
	   cdg_error *err)
{
	const char *text = is_json ? api_string(mem, (const char *)body->p, body->len) : NULL;
	const json_value *said = text ? json_read(mem, text) : NULL;

	if (mem->failed)
		return err_nomem(err);
	if (status != 200 && !healthy)
		return problem(x, status, said ? said : &(const json_value){ .text = "" }, err);
	if (!said || said->type != JSON_OBJECT)
		return remote_nonsense(x, err);
	*out = said;
	return CDG_OK;
}

cdg_status
remote_ask(const remote *x, const char *path, buf *params, const cdg_request *rq, arena *mem, const json_value **out,
	   cdg_error *err)
{
	uint64_t wait = rq && rq->time_limit_ms ? rq->time_limit_ms + REMOTE_GRACE_MS : REMOTE_WAIT_MS;
	unsigned status = 0;
	bool is_json = false;
	fetcher *f = NULL;
	buf url, body;
	cdg_status st;

	buf_init(&url);
	buf_init(&body);
	buf_puts(&url, x->base);
	buf_puts(&url, path);
	buf_puts(&url, params->len ? "?" : "");
	buf_put(&url, params->p, params->len);
	st = url.failed || params->failed ? err_nomem(err) : take_fetcher(x, &f, err);
	if (st == CDG_OK) {
		st = fetch(f, x->base, buf_cstr(&url), wait, &body, &status, &is_json, err);
		give_fetcher(x, f);
	}
	if (st == CDG_OK) /* a site with an index that is not well is a cdgsearchd all the same */
		st = understand(x, &body, status, is_json, status == 503 && !strcmp(path, "/healthz"), mem, out, err);
	buf_fini(&url);
	buf_fini(&body);
	buf_fini(params);
	return st;
}

cdg_status
remote_search(const remote *x, const cdg_request *rq, const char *query, size_t len, cdg_results *r, cdg_error *err)
{
	const json_value *answer;
	buf params;
	cdg_status st;

	buf_init(&params);
	st = remote_put_request(x, &params, rq, query, len, err);
	if (st == CDG_OK && rq)
		st = put_search(x, &params, rq, err);
	if (st != CDG_OK) {
		buf_fini(&params);
		return st;
	}
	CDG_TRY(remote_ask(x, "/search", &params, rq, &r->mem, &answer, err));
	r->strict = rq && rq->strict;
	return remote_read_results(x, answer, r, err);
}

/* ---- opening -------------------------------------------------------------------------- */

/* Of the sites's indexes the one that the address names (/in/NAME), else the first. */
static cdg_status
read_health(remote *x, const json_value *said, cdg_error *err)
{
	const char *slash = strrchr(x->base, '/'), *name = slash - x->base > 3 && !strncmp(slash - 3, "/in", 3) ? slash + 1 : NULL;
	const json_value *list = json_get(said, "indexes");

	if (list->type != JSON_ARRAY || !*json_text(json_get(said, "version")))
		return remote_nonsense(x, err);
	for (const json_value *i = list->first; i; i = i->next)
		if (!name || !strcmp(name, json_text(json_get(i, "name")))) {
			x->documents = json_number(json_get(i, "documents"));
			x->generation = json_number(json_get(i, "generation"));
			return CDG_OK;
		}
	return err_set(err, CDG_E_NOTFOUND, "%s: there is no such index", x->base);
}

static cdg_status
check_address(const char *address, cdg_error *err)
{
	const char *host = strstr(address, "://") + 3;
	size_t n = strcspn(host, "/");

	if (memchr(host, '@', n))
		return err_set(err, CDG_E_ARG, "a server's address has no user and password in it");
	if (!n || strpbrk(address, "?# \t\r\n"))
		return err_set(err, CDG_E_ARG, "%s: write http://HOST:PORT, or http://HOST:PORT/in/NAME", address);
	return CDG_OK;
}

cdg_status
remote_open(const char *address, remote **out, cdg_error *err)
{
	remote *x;
	arena mem;
	const json_value *said;
	buf none;
	cdg_status st;

	*out = NULL;
	CDG_TRY(check_address(address, err));
	x = mem_calloc(1, sizeof *x);
	if (!x || !(x->base = mem_strdup(address))) {
		mem_free(x);
		return err_nomem(err);
	}
	for (size_t n = strlen(x->base); n && x->base[n - 1] == '/'; n--)
		x->base[n - 1] = 0;
	arena_init(&mem);
	buf_init(&none);
	st = remote_ask(x, "/healthz", &none, NULL, &mem, &said, err);
	if (st == CDG_OK)
		st = read_health(x, said, err);
	arena_fini(&mem);
	if (st != CDG_OK) {
		remote_close(x);
		return st;
	}
	*out = x;
	return CDG_OK;
}

void
remote_close(remote *x)
{
	if (!x)
		return;
	for (size_t i = 0; i < REMOTE_SPARES; i++)
		fetcher_free(atomic_load(&x->spare[i]));
	mem_free(x->base);
	mem_free(x);
}
