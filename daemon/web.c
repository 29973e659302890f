/* web.c - parameters, headers, and answers that say what is wrong. */
#include "daemon/web.h"

#include <stdio.h>
#include <strings.h>

#include "backend/api.h"
#include "base/err.h"
#include "daemon/page.h"
#include "daemon/settings.h"
#include "daemon/site.h"
#include "daemon/trouble.h"

web_call *
web_call_new(void)
{
	web_call *c = mem_calloc(1, sizeof *c);

	if (!c)
		return NULL;
	arena_init(&c->mem);
	buf_init(&c->out);
	buf_init(&c->body);
	c->prefix = "";
	c->host = "";
	c->client = "";
	c->route = "none";
	c->status = 200;
	return c;
}

void
web_call_free(web_call *c)
{
	if (!c)
		return;
	if (c->index)
		site_give(c->at, c->index);
	buf_fini(&c->out);
	buf_fini(&c->body);
	mem_free(c->params);
	mem_free(c->headers);
	mem_free(c->heads);
	arena_fini(&c->mem);
	mem_free(c);
}

const web_pair *
web_param_at(const web_call *c, const char *name, size_t *at)
{
	while (*at < c->nparams) {
		web_pair *p = &c->params[(*at)++];

		if (!strcmp(p->name, name)) {
			p->heard = true;
			return p;
		}
	}
	return NULL;
}

const web_pair *
web_param(const web_call *c, const char *name)
{
	size_t at = 0;
	const web_pair *first = web_param_at(c, name, &at);

	while (web_param_at(c, name, &at)) /* of several the first one counts */
		;
	return first;
}

bool
web_has_param(const web_call *c, const char *name)
{
	for (size_t i = 0; i < c->nparams; i++)
		if (!strcmp(c->params[i].name, name))
			return true;
	return false;
}

const char *
web_unheard(const web_call *c)
{
	for (size_t i = 0; i < c->nparams; i++)
		if (!c->params[i].heard)
			return c->params[i].name;
	return NULL;
}

const char *
web_header(const web_call *c, const char *name)
{
	for (size_t i = 0; i < c->nheaders; i++)
		if (!strcasecmp(c->headers[i].name, name))
			return c->headers[i].value;
	return NULL;
}

/* Whether what is said in several lines may be read as one list (RFC 9110, 5.3). */
static bool
is_list(const char *name)
{
	return strcasecmp(name, "Host") && strcasecmp(name, "Content-Length");
}

bool
web_join_headers(web_call *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->nheaders; i++) {
		web_pair *h = &c->headers[i], *same = NULL;

		for (size_t k = 0; !same && k < n && is_list(h->name); k++)
			if (!strcasecmp(c->headers[k].name, h->name))
				same = &c->headers[k];
		if (!same) {
			c->headers[n++] = *h;
		} else {
			size_t len = same->len + 2 + h->len;
			char *both = arena_alloc(&c->mem, len + 1);

			if (!both)
				return false;
			memcpy(both, same->value, same->len);
			memcpy(both + same->len, ", ", 2);
			memcpy(both + same->len + 2, h->value, h->len + 1);
			same->value = both;
			same->len = len;
		}
	}
	c->nheaders = n;
	return true;
}

/* q of a range that ends before end, in thousandths. */
static int
range_weight(const char *range, const char *end)
{
	int weight = 1000;

	while ((range = memchr(range, ';', (size_t)(end - range)))) {
		range++;
		range += strspn(range, " \t");
		if ((*range == 'q' || *range == 'Q') && range[1] == '=') {
			double q = strtod(range + 2, NULL);

			weight = q >= 1 ? 1000 : q > 0 ? (int)(q * 1000 + 0.5) : 0;
		}
	}
	return weight;
}

/* How precisely a range of n bytes names what: 2 itself, 1 its kind, 0 all, -1 not. */
static int
range_names(const char *range, size_t n, const char *what)
{
	const char *slash = strchr(what, '/');
	size_t kind = slash ? (size_t)(slash - what) + 1 : 0;

	if (n == strlen(what) && !strncasecmp(range, what, n))
		return 2;
	if (kind && n == kind + 1 && !strncasecmp(range, what, kind) && range[kind] == '*')
		return 1;
	return (kind && n == 3 && !strncmp(range, "*/*", 3)) || (!kind && n == 1 && *range == '*') ? 0 : -1;
}

/* The most precise range wins. */
int
web_weight(const char *accept, const char *what)
{
	int best = 0, precision = -1;

	for (accept += strspn(accept, ", \t"); *accept; accept += strspn(accept, ", \t")) {
		size_t n = strcspn(accept, ",");
		int names = range_names(accept, strcspn(accept, ",; \t"), what);

		if (names > precision) {
			precision = names;
			best = range_weight(accept, accept + n);
		}
		accept += n;
	}
	return best;
}

bool
web_wants_html(const web_call *c)
{
	const char *accept = web_header(c, "Accept");

	return accept && web_weight(accept, "text/html") > web_weight(accept, "application/json");
}

/* Only what a host may look like goes into an address: the header is the client's. */
static bool
good_host(const char *host)
{
	size_t n = strspn(host, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-:[]");

	return n && !host[n] && n < 256;
}

const char *
web_base(web_call *c)
{
	const char *where = c->set->public_url, *scheme = where ? "" : "http://";
	size_t n;
	char *base;

	if (!where && !good_host(c->host)) {
		web_problem(c, 400, CDG_E_ARG, "the Host header is not one");
		return NULL;
	}
	where = where ? where : c->host;
	n = strlen(scheme) + strlen(where) + strlen(c->prefix) + 1;
	base = arena_alloc(&c->mem, n);
	if (base)
		snprintf(base, n, "%s%s%s", scheme, where, c->prefix);
	else
		web_problem(c, 503, CDG_E_NOMEM, "out of memory");
	return base;
}

void
web_head(web_call *c, const char *name, const char *value)
{
	char *copy;

	for (const unsigned char *p = (const unsigned char *)value; *p; p++)
		if (*p < 0x20 || *p == 0x7f)
			return;
	copy = arena_strndup(&c->mem, value, strlen(value));
	if (!copy || !mem_grow(&c->heads, &c->heads_cap, c->nheads + 1, sizeof *c->heads)) {
		c->mem.failed = true; /* without it the answer could mean another thing */
		return;
	}
	c->heads[c->nheads++] = (web_pair){ .name = name, .value = copy, .len = strlen(copy) };
}

void
web_unhead(web_call *c, const char *name)
{
	size_t n = 0;

	for (size_t i = 0; i < c->nheads; i++)
		if (strcmp(c->heads[i].name, name))
			c->heads[n++] = c->heads[i];
	c->nheads = n;
}

void
web_headf(web_call *c, const char *name, const char *fmt, ...)
{
	char text[1024];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	if (n >= 0 && (size_t)n < sizeof text)
		web_head(c, name, text);
}

void
web_no_memory(web_call *c)
{
	static const char text[] = "{\"type\":\"about:blank\",\"title\":\"Not available\",\"status\":503,\"code\":1,"
				   "\"name\":\"out of memory\",\"detail\":\"out of memory\"}\n";

	c->status = 503;
	c->type = "application/problem+json";
	c->nheads = 0;
	c->fixed = true;
	c->fixed_body = (const uint8_t *)text;
	c->fixed_len = sizeof text - 1;
}

int
web_write(void *ctx, const char *p, size_t n)
{
	web_call *c = ctx;

	buf_put(&c->out, p, n);
	return c->out.failed;
}

static const char *
status_title(unsigned status)
{
	switch (status) {
	case 400: return "Bad request";
	case 401: return "Not authorized";
	case 403: return "Forbidden";
	case 404: return "Not found";
	case 405: return "Method not allowed";
	case 406: return "Not acceptable";
	case 411: return "Length required";
	case 413: return "Too large";
	case 414: return "Query too long";
	case 415: return "Unsupported type";
	case 422: return "Cannot be processed";
	case 429: return "Too many requests";
	case 431: return "Head too large";
	case 500: return "Internal error";
	case 502: return "An index is damaged";
	case 503: return "Not available";
	case 504: return "Time limit passed";
	case 507: return "Disk full";
	default: return "Error";
	}
}

void
web_problem(web_call *c, unsigned status, cdg_status code, const char *fmt, ...)
{
	char text[1200];
	const char *safe;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	c->status = status;
	c->fixed = false;
	c->out.len = 0;
	c->out.failed = false;
	web_unhead(c, "Content-Disposition"); /* of the export it was to be */
	if (web_wants_html(c)) {
		page_problem(c, status, text);
		return;
	}
	c->type = "application/problem+json";
	safe = api_string(&c->mem, text, strlen(text));
	buf_printf(&c->out, "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%u,\"code\":%d,\"name\":\"%s\",\"detail\":",
		   status_title(status), status, (int)code, cdg_status_name(code));
	api_put_json(&c->out, safe ? safe : "", safe ? strlen(safe) : 0);
	buf_puts(&c->out, "}\n");
}

/* Where the index is, another server perhaps, is not for clients to know. */
static const char *
without_place(const web_call *c, const char *text)
{
	const char *place = c->at ? site_path(c->at) : "";
	size_t n = strlen(place);

	while (n && place[n - 1] == '/')
		n--;
	return n && !strncmp(text, place, n) && !strncmp(text + n, ": ", 2) ? text + n + 2 : text;
}

void
web_fail(web_call *c, const cdg_error *err)
{
	static const unsigned statuses[] = {
		[CDG_E_NOMEM] = 503, [CDG_E_IO] = 503, [CDG_E_CORRUPT] = 502, [CDG_E_VERSION] = 502,
		[CDG_E_LIMIT] = 413, [CDG_E_QUERY] = 400, [CDG_E_BUSY] = 503, [CDG_E_ARG] = 400,
		[CDG_E_TIMEOUT] = 504, [CDG_E_NOTFOUND] = 404, [CDG_E_INPUT] = 422, [CDG_E_CANCELLED] = 503,
	};
	unsigned status = (unsigned)err->status < countof(statuses) ? statuses[err->status] : 500;
	const char *text = without_place(c, err->message);

	if (c->out.failed) { /* who stopped the output was want of memory */
		web_no_memory(c);
		return;
	}
	if (err->status == CDG_E_IO || err->status == CDG_E_CORRUPT || err->status == CDG_E_VERSION) {
		trouble(c->at ? site_name(c->at) : c->route, err);
		text = "the index cannot be read";
	}
	web_problem(c, status ? status : 500, err->status, "%s", text);
	if (status == 503)
		web_head(c, "Retry-After", "1");
}
