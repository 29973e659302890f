/* route.c - the table of paths, and what all answers have: an index that is held, headers
 * for safety, a tag by snapshot, compression. */
#include "daemon/route.h"

#include <stdio.h>
#include <strings.h>
#include <xxhash.h>
#include <zlib.h>

#include "base/err.h"
#include "daemon/handlers.h"
#include "daemon/page.h"
#include "daemon/settings.h"
#include "daemon/site.h"

enum { GET = 1, POST = 2, DELETE = 4, WHOLE = 8 }; /* WHOLE: of the server, so not below /in/NAME */
enum { ZIP_FROM = 1400, ZIP_LEVEL = 3 };

typedef struct route {
	const char *path;  /* one that ends in a slash answers for all below */
	const char *name;  /* in logs and figures */
	unsigned methods;
	bool index;        /* needs one */
	bool tagged;       /* the same for the same snapshot */
	void (*answer)(web_call *c);
} route;

static const route routes[] = {
	{ "/", "home", GET, true, true, answer_home },
	{ "/advanced", "advanced", GET, true, true, page_advanced },
	{ "/help", "help", GET, true, true, page_help },
	{ "/static/", "static", GET, false, false, answer_static },
	{ "/search", "search", GET, true, true, answer_search },
	{ "/suggest", "suggest", GET, true, true, answer_suggest },
	{ "/doc", "doc", GET, true, true, answer_doc },
	{ "/docs/concordance", "concordance", GET, true, true, answer_concordance },
	{ "/docs/histogram", "histogram", GET, true, true, answer_histogram },
	{ "/docs/facets", "facets", GET, true, true, answer_facets },
	{ "/docs", "add", POST, false, false, answer_add },
	{ "/docs", "delete", DELETE, false, false, answer_delete },
	{ "/docs/", "delete", DELETE, false, false, answer_delete },
	{ "/opensearch.xml", "opensearch", GET, false, false, answer_opensearch },
	{ "/openapi.json", "openapi", GET, false, false, answer_openapi },
	{ "/healthz", "healthz", GET, false, false, answer_health },
	{ "/metrics", "metrics", GET | WHOLE, false, false, answer_metrics },
};

/* What a browser gets from paths that give data to programs. */
static const route pages[] = {
	{ "/search", "search", GET, true, true, page_search },
	{ "/doc", "doc", GET, true, true, page_doc },
	{ "/docs/concordance", "concordance", GET, true, true, page_lines },
};

static bool
matches(const route *r, const char *path)
{
	size_t n = strlen(r->path);

	return n > 1 && r->path[n - 1] == '/' ? !strncmp(path, r->path, n) : !strcmp(path, r->path);
}

static unsigned
bit_of(web_method m)
{
	return m == WEB_GET ? GET : m == WEB_POST ? POST : m == WEB_DELETE ? DELETE : 0;
}

/* /in/NAME/search: the name of the index goes from the path to c->at. */
static bool
find_index(web_call *c)
{
	char name[64];
	const char *end;

	if (strncmp(c->path, "/in/", 4)) {
		c->at = site_find(c->site, NULL);
		return true;
	}
	end = strchr(c->path + 4, '/');
	if (end && (size_t)(end - c->path - 4) < sizeof name) {
		snprintf(name, sizeof name, "%.*s", (int)(end - c->path - 4), c->path + 4);
		c->at = site_find(c->site, name);
	}
	if (!c->at) {
		web_problem(c, 404, CDG_E_NOTFOUND, "there is no such index");
		return false;
	}
	c->prefix = arena_strndup(&c->mem, c->path, (size_t)(end - c->path));
	c->path = end;
	return c->prefix != NULL;
}

/* ---- tags ----------------------------------------------------------------------------- */

/* What the answer depends on, in one number: the snapshot, the settings, all parameters, what is
 * accepted. */
static void
tag_of(const web_call *c, char *out, size_t cap)
{
	XXH3_state_t *h = XXH3_createState();
	uint64_t commit = site_commit(c->at, c->index);
	const char *name = site_name(c->at), *accept = web_header(c, "Accept"), *lang = web_header(c, "Accept-Language"),
		   *zip = web_header(c, "Accept-Encoding");
	char style[64], script[64]; /* pages name their files by what is in them */
	const char *strings[] = { cdg_version(), name, c->prefix, c->path, accept, lang, zip, style, script };

	*out = 0;
	if (!h)
		return;
	asset_url("page.css", style, sizeof style);
	asset_url("page.js", script, sizeof script);
	XXH3_128bits_reset(h);
	XXH3_128bits_update(h, &commit, sizeof commit);
	XXH3_128bits_update(h, &c->set->digest, sizeof c->set->digest); /* other settings, other answers */
	for (size_t i = 0; i < countof(strings); i++)
		XXH3_128bits_update(h, strings[i] ? strings[i] : "", strings[i] ? strlen(strings[i]) + 1 : 1);
	for (size_t i = 0; i < c->nparams; i++) {
		XXH3_128bits_update(h, c->params[i].name, strlen(c->params[i].name) + 1);
		XXH3_128bits_update(h, &c->params[i].len, sizeof c->params[i].len);
		XXH3_128bits_update(h, c->params[i].value, c->params[i].len);
	}
	{
		XXH128_hash_t v = XXH3_128bits_digest(h);

		snprintf(out, cap, "W/\"%016llx%016llx\"", (unsigned long long)v.high64, (unsigned long long)v.low64);
	}
	XXH3_freeState(h);
}

/* Whether the client has this answer; if not, the tag is set. */
static bool
has_it(web_call *c)
{
	const char *known = web_header(c, "If-None-Match");
	char tag[64];

	if (!cdg_index_generation(c->index)) /* one that cannot tell its commits */
		return false;
	tag_of(c, tag, sizeof tag);
	if (!*tag)
		return false;
	web_head(c, "ETag", tag);
	web_head(c, "Cache-Control", "no-cache");
	return known && strstr(known, tag + 2);
}

/* If-None-Match: * is any answer there may be. */
static bool
has_any(const web_call *c)
{
	const char *known = web_header(c, "If-None-Match");

	return known && !strcmp(known, "*");
}

/* ---- compression ------------------------------------------------------------------------ */

static bool
accepts_gzip(const web_call *c)
{
	const char *accept = web_header(c, "Accept-Encoding");

	return accept && web_weight(accept, "gzip") > 0;
}

static void
compress_answer(web_call *c)
{
	z_stream z = { 0 };
	buf packed;

	if (c->fixed || c->out.failed || c->out.len < ZIP_FROM || !accepts_gzip(c))
		return;
	if (deflateInit2(&z, ZIP_LEVEL, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		return;
	buf_init(&packed);
	if (c->out.len < UINT32_MAX && buf_reserve(&packed, deflateBound(&z, (uLong)c->out.len))) {
		z.next_in = c->out.p;
		z.avail_in = (uInt)c->out.len;
		z.next_out = packed.p;
		z.avail_out = (uInt)packed.cap;
		if (deflate(&z, Z_FINISH) == Z_STREAM_END) {
			buf swap = c->out;

			packed.len = z.total_out;
			c->out = packed;
			packed = swap;
			web_head(c, "Content-Encoding", "gzip");
		}
	}
	deflateEnd(&z);
	buf_fini(&packed);
}

/* ---- one call ------------------------------------------------------------------------------ */

static void
allow(web_call *c, unsigned methods)
{
	char text[64];

	snprintf(text, sizeof text, "%s%s%sOPTIONS", methods & GET ? "GET, HEAD, " : "", methods & POST ? "POST, " : "",
		 methods & DELETE ? "DELETE, " : "");
	web_head(c, "Allow", text);
	if (c->set->cors_origin)
		web_head(c, "Access-Control-Allow-Methods", text);
}

static void
tell_methods(web_call *c, unsigned methods)
{
	c->status = 204;
	allow(c, methods);
	if (c->set->cors_origin) {
		web_head(c, "Access-Control-Allow-Headers", "Authorization, Content-Type, If-None-Match");
		web_head(c, "Access-Control-Max-Age", "86400");
	}
}

static bool
take_index(web_call *c)
{
	cdg_error err;

	c->index = site_take(c->at, &err);
	if (!c->index) /* its text has paths of the machine; standard error has them */
		web_problem(c, 503, err.status, "this index cannot be opened");
	return c->index != NULL;
}

/* Something that was mapped could not be read while c was answered, maybe of this index: what
 * was written is not to be trusted.  Whether it can be answered once more. */
static bool
begin_again(web_call *c)
{
	site_give(c->at, c->index);
	c->nheads = 0;
	c->out.len = 0;
	c->status = 200;
	c->timed_out = c->partial = false;
	return take_index(c);
}

/* With strict=1 a parameter that the route does not have is an error, else it is passed over. */
static void
refuse_unheard(web_call *c, const route *r)
{
	const char *name = c->strict && c->status == 200 ? web_unheard(c) : NULL;

	if (name)
		web_problem(c, 400, CDG_E_ARG, "parameter %.100s: %s has none of this name", name, r->path);
}

static void
run(web_call *c, const route *r, bool data)
{
	c->route = r->name;
	if (r->index && !take_index(c))
		return;
	for (int tries = 0; tries < 2; tries++) {
		if (r->tagged && has_it(c)) {
			c->status = 304;
			return;
		}
		r->answer(c);
		if (!r->index || site_sound(c->at, c->index))
			break;
		if (tries)
			web_problem(c, 502, CDG_E_CORRUPT, "the index cannot be read");
		else if (!begin_again(c))
			break;
	}
	if (data)
		refuse_unheard(c, r);
	if (c->status != 200 || c->timed_out || c->partial) { /* the next answer may be a better one */
		web_unhead(c, "ETag");
	} else if (r->tagged && has_any(c)) {
		c->status = 304;
		c->out.len = 0;
	}
}

static void
answer_call(web_call *c)
{
	unsigned methods = 0;

	if (c->too_large) {
		web_problem(c, 413, CDG_E_LIMIT, "a body may have %llu bytes", (unsigned long long)c->set->max_body);
		return;
	}
	if (c->method == WEB_OPTIONS && !strcmp(c->path, "*")) { /* the server, not a path of it */
		tell_methods(c, GET | POST | DELETE);
		return;
	}
	if (!find_index(c))
		return;
	for (size_t i = 0; i < countof(pages) && c->method == WEB_GET && web_wants_html(c) && !web_has_param(c, "format"); i++)
		if (matches(&pages[i], c->path)) {
			run(c, &pages[i], false);
			return;
		}
	for (size_t i = 0; i < countof(routes); i++) {
		if (!matches(&routes[i], c->path) || (routes[i].methods & WHOLE && *c->prefix))
			continue;
		if (routes[i].methods & bit_of(c->method)) {
			run(c, &routes[i], true);
			return;
		}
		methods |= routes[i].methods;
	}
	if (!methods) {
		web_problem(c, 404, CDG_E_NOTFOUND, "there is nothing here");
	} else if (c->method == WEB_OPTIONS) {
		tell_methods(c, methods);
	} else {
		web_problem(c, 405, CDG_E_ARG, "this method is not for this path");
		allow(c, methods);
	}
}

void
route_call(web_call *c)
{
	answer_call(c);
	route_finish(c);
}

void
route_finish(web_call *c)
{
	web_head(c, "X-Content-Type-Options", "nosniff");
	web_head(c, "Referrer-Policy", "same-origin");
	web_head(c, "Vary", c->set->cors_origin ? "Accept, Accept-Encoding, Accept-Language, Origin"
						: "Accept, Accept-Encoding, Accept-Language");
	if (c->set->cors_origin) {
		web_head(c, "Access-Control-Allow-Origin", c->set->cors_origin);
		web_head(c, "Access-Control-Expose-Headers", "ETag, Retry-After");
	}
	if (c->status != 304 && c->status != 204)
		compress_answer(c);
	if (c->mem.failed || c->out.failed)
		web_no_memory(c);
}
