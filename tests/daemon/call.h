/* call.h - requests made in memory and answered by route_call, without a server. */
#ifndef TESTS_DAEMON_CALL_H
#define TESTS_DAEMON_CALL_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cdgsearch.h"
#include "daemon/route.h"
#include "daemon/site.h"
#include "daemon/web.h"

/* A few documents at path.  True if all went well. */
static inline bool
call_index(const char *path)
{
	cdg_writer *w = NULL;
	bool good = cdg_writer_open(path, NULL, &w, NULL) == CDG_OK;

	for (int i = 0; good && i < 40; i++) {
		char text[400];
		int n = snprintf(text, sizeof text,
				 "{\"id\":\"d%d\",\"title\":\"Act %d\",\"type\":\"t%d\",\"date\":\"%d-01-01\","
				 "\"text\":\"Section %d. The supply chain of article %d shall be reformed. Common words.\"}",
				 i, i, i % 3, 2000 + i % 9, i, i * 7);

		good = cdg_writer_add_record(w, text, (size_t)n, NULL) == CDG_OK;
	}
	good = good && cdg_writer_commit(w, NULL) == CDG_OK;
	cdg_writer_close(w);
	return good;
}

/* Settings for the index at path. */
static inline settings *
call_settings(const char *path)
{
	char *argv[] = { (char *)(uintptr_t)"t", (char *)(uintptr_t)"-d", (char *)(uintptr_t)path, NULL };
	settings *set = NULL;
	bool done;

	settings_read(&set, 3, argv, &done);
	return set;
}

static inline bool
call_pair(web_call *c, web_pair **list, size_t *n, size_t *cap, const char *name, size_t nn, const char *value, size_t nv)
{
	char *k = arena_strndup(&c->mem, name, nn), *v = arena_strndup(&c->mem, value, nv);

	if (!k || !v || !mem_grow(list, cap, *n + 1, sizeof **list))
		return false;
	(*list)[(*n)++] = (web_pair){ .name = k, .value = v, .len = nv };
	return true;
}

/* "a=b&c=d", nothing decoded. */
static inline bool
call_params(web_call *c, const char *p, size_t n)
{
	for (const char *end = p + n; p < end;) {
		const char *amp = memchr(p, '&', (size_t)(end - p)), *stop = amp ? amp : end;
		const char *eq = memchr(p, '=', (size_t)(stop - p)), *name = eq ? eq : stop;
		const char *value = eq ? eq + 1 : stop;

		if (!call_pair(c, &c->params, &c->nparams, &c->params_cap, p, (size_t)(name - p), value, (size_t)(stop - value)))
			return false;
		p = stop + 1;
	}
	return true;
}

static inline bool
call_header(web_call *c, const char *name, const char *value)
{
	return call_pair(c, &c->headers, &c->nheaders, &c->headers_cap, name, strlen(name), value, strlen(value));
}

static inline web_call *
call_new(const settings *set, site *s, web_method method, const char *path, size_t n)
{
	web_call *c = web_call_new();

	if (!c)
		return NULL;
	c->set = set;
	c->site = s;
	c->method = method;
	c->verb = "GET";
	c->path = arena_strndup(&c->mem, path, n);
	if (c->path)
		return c;
	web_call_free(c);
	return NULL;
}

#endif
