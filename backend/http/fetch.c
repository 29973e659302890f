/* fetch.c - see fetch.h. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "backend/http/fetch.h"

#include <curl/curl.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>

#include "cdgsearch.h"

#undef curl_easy_setopt
#undef curl_easy_getinfo

/* The functions that are called, without their curl_. */
#define FETCH_CALLS(X)                                                                 \
	X(global_init) X(easy_init) X(easy_cleanup) X(easy_setopt) X(easy_perform)     \
	X(easy_getinfo) X(easy_strerror) X(slist_append) X(slist_free_all)

static struct {
#define FETCH_MEMBER(name) __typeof__(curl_##name) *name;
	FETCH_CALLS(FETCH_MEMBER)
#undef FETCH_MEMBER
	bool good;
} lib;
static pthread_once_t lib_once = PTHREAD_ONCE_INIT;

struct fetcher {
	CURL *curl;
	struct curl_slist *headers;
	buf *body;
	bool large;
	char said[CURL_ERROR_SIZE];
};

/* ISO C knows no cast from a pointer to a function; POSIX says this works. */
static bool
load_symbol(void *module, const char *name, void *slot)
{
	void *p = dlsym(module, name);

	memcpy(slot, &p, sizeof p);
	return p != NULL;
}

static void
load(void)
{
	static const char *const files[] = { "libcurl.so.4", "libcurl-gnutls.so.4" };
	void *m = NULL;

	for (size_t i = 0; !m && i < countof(files); i++)
		m = dlopen(files[i], RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	if (!m)
		return;
	lib.good = true;
#define FETCH_LOAD(name) lib.good &= load_symbol(m, "curl_" #name, (void *)&lib.name);
	FETCH_CALLS(FETCH_LOAD)
#undef FETCH_LOAD
	dlclose(m); /* it stays, by RTLD_NODELETE */
	if (lib.good)
		lib.good = lib.global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

static size_t
take_body(char *p, size_t size, size_t n, void *ctx)
{
	fetcher *f = ctx;

	if (f->body->len + size * n > FETCH_BODY_MAX) {
		f->large = true;
		return 0;
	}
	buf_put(f->body, p, size * n);
	return f->body->failed ? 0 : size * n;
}

/* What is the same for all requests.  The environment (proxies, .netrc) is left alone, as by the
 * rest of the library. */
static void
set_up(fetcher *f)
{
	lib.easy_setopt(f->curl, CURLOPT_NOSIGNAL, 1L);
	lib.easy_setopt(f->curl, CURLOPT_PROXY, "");
	lib.easy_setopt(f->curl, CURLOPT_PROTOCOLS_STR, "http,https");
	lib.easy_setopt(f->curl, CURLOPT_CONNECTTIMEOUT_MS, (long)FETCH_CONNECT_MS);
	lib.easy_setopt(f->curl, CURLOPT_ACCEPT_ENCODING, "gzip");
	lib.easy_setopt(f->curl, CURLOPT_USERAGENT, "cdgsearch/" CDG_VERSION);
	lib.easy_setopt(f->curl, CURLOPT_HTTPHEADER, f->headers);
	lib.easy_setopt(f->curl, CURLOPT_ERRORBUFFER, f->said);
	lib.easy_setopt(f->curl, CURLOPT_WRITEFUNCTION, take_body);
	lib.easy_setopt(f->curl, CURLOPT_WRITEDATA, (void *)f);
}

cdg_status
fetcher_new(fetcher **out, cdg_error *err)
{
	fetcher *f;

	*out = NULL;
	pthread_once(&lib_once, load);
	if (!lib.good)
		return err_set(err, CDG_E_ARG, "servers are searched by libcurl, which is missing: install it (Debian: libcurl4)");
	f = mem_calloc(1, sizeof *f);
	if (!f)
		return err_nomem(err);
	f->curl = lib.easy_init();
	f->headers = lib.slist_append(NULL, "Accept: application/json");
	if (!f->curl || !f->headers) {
		fetcher_free(f);
		return err_nomem(err);
	}
	set_up(f);
	*out = f;
	return CDG_OK;
}

void
fetcher_free(fetcher *f)
{
	if (!f)
		return;
	if (f->curl)
		lib.easy_cleanup(f->curl);
	lib.slist_free_all(f->headers);
	mem_free(f);
}

static cdg_status
fetch_error(const fetcher *f, CURLcode code, const char *name, uint64_t timeout_ms, cdg_error *err)
{
	if (f->body->failed || (code == CURLE_OUT_OF_MEMORY && !*f->said)) /* which it calls too large a head, too */
		return err_nomem(err);
	if (f->large)
		return err_set(err, CDG_E_LIMIT, "%s: the answer has more than %d MiB", name, FETCH_BODY_MAX >> 20);
	if (code == CURLE_OPERATION_TIMEDOUT)
		return err_set(err, CDG_E_TIMEOUT, "%s: no answer within %llu ms", name, (unsigned long long)timeout_ms);
	return err_set(err, CDG_E_IO, "%s: %s", name, *f->said ? f->said : lib.easy_strerror(code));
}

cdg_status
fetch(fetcher *f, const char *name, const char *url, uint64_t timeout_ms, buf *body, unsigned *status, bool *json,
      cdg_error *err)
{
	const char *type = NULL, *to = NULL;
	long code = 0;
	CURLcode got;

	f->body = body;
	f->large = false;
	f->said[0] = 0;
	body->len = 0;
	lib.easy_setopt(f->curl, CURLOPT_URL, url);
	lib.easy_setopt(f->curl, CURLOPT_TIMEOUT_MS, (long)timeout_ms);
	got = lib.easy_perform(f->curl);
	if (got != CURLE_OK)
		return fetch_error(f, got, name, timeout_ms, err);
	lib.easy_getinfo(f->curl, CURLINFO_RESPONSE_CODE, &code);
	lib.easy_getinfo(f->curl, CURLINFO_CONTENT_TYPE, &type);
	lib.easy_getinfo(f->curl, CURLINFO_REDIRECT_URL, &to);
	if (to && *to)
		return err_set(err, CDG_E_IO, "%s: it says to go to %.200s: give that address", name, to);
	*status = (unsigned)code;
	*json = type && (!strncmp(type, "application/json", 16) || !strncmp(type, "application/problem+json", 24));
	return CDG_OK;
}
