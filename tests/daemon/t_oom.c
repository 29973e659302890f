/* t_oom.c - memory that runs out at the n-th request for it, for n = 1, 2, ... until a
 * request gets through: the answer is 503, or the right one; nothing crashes or leaks (under
 * ASan), and no answer is a part of one. */
#include "tests/unit/unit.h"

#include "daemon/log.h"
#include "tests/daemon/call.h"

enum { MANY = 20000, ENOUGH = 50 }; /* right answers one after the other: it got through */

static char *dir;
static settings *set;
static site *all;
static logs *log_files;

static int
setup(void **state)
{
	char path[4200], log[4300];
	cdg_error err = { .status = CDG_OK };

	(void)state;
	dir = unit_mkdir();
	snprintf(path, sizeof path, "%s/index", dir);
	snprintf(log, sizeof log, "%s/log", dir);
	setenv("CDGSEARCHD_ACCESS_LOG", log, 1);
	setenv("CDGSEARCHD_SLOW_LOG", log, 1);
	setenv("CDGSEARCHD_ZERO_LOG", log, 1);
	setenv("CDGSEARCHD_SLOW_MS", "0", 1);
	setenv("CDGSEARCHD_LOG_QUERIES", "yes", 1);
	assert_true(call_index(path));
	assert_non_null(set = call_settings(path));
	assert_int_equal(site_open(set, &all, &err), CDG_OK);
	assert_int_equal(logs_open(set, &log_files, &err), CDG_OK);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	logs_close(log_files);
	site_close(all);
	settings_free(set);
	unit_rmdir(dir);
	return 0;
}

/* The time a search took is another one each time. */
static void
without_time(buf *b)
{
	char *p = strstr((char *)(uintptr_t)buf_cstr(b), "\"took_us\":");

	for (p = p ? p + 10 : p; p && *p >= '0' && *p <= '9'; p++)
		*p = '0';
	if (p && p[-1] == '0') { /* of any number of digits */
		char *begin = strstr((char *)b->p, "\"took_us\":") + 10;
		size_t rest = b->len - (size_t)((uint8_t *)p - b->p);

		memmove(begin, p, rest + 1);
		b->len = (size_t)((uint8_t *)begin - b->p) + rest;
	}
}

/* One request; its status, its body in *body.  0: there was not even memory for the call. */
static unsigned
answer(const char *path, const char *query, const char *accept, buf *body)
{
	web_call *c = call_new(set, all, WEB_GET, path, strlen(path));
	unsigned status = 0;

	if (c && call_params(c, query, strlen(query)) && call_header(c, "Accept", accept)) {
		route_call(c);
		log_call(log_files, c, true);
		mem_fail_after(0, false);
		status = c->status;
		if (c->fixed)
			buf_put(body, c->fixed_body, c->fixed_len);
		else
			buf_put(body, c->out.p, c->out.len);
		if (status == 200)
			assert_true(c->nheads >= 3);
	}
	mem_fail_after(0, false);
	web_call_free(c);
	return status;
}

static void
run_out(const char *path, const char *query, const char *accept, bool sticky)
{
	bool varies = !strcmp(path, "/metrics"); /* figures are others each time */
	buf want, got;
	unsigned good;
	long n, same = 0;

	buf_init(&want);
	buf_init(&got);
	good = answer(path, query, accept, &want);
	without_time(&want);
	for (n = 1; n < MANY; n++) {
		unsigned status;

		got.len = 0;
		mem_fail_after(n, sticky);
		status = answer(path, query, accept, &got);
		without_time(&got);
		if (status == good && (varies || (got.len == want.len && !memcmp(got.p, want.p, want.len)))) {
			if (++same == ENOUGH)
				break;
			continue;
		}
		same = 0;
		if (status != 503 && status != 0)
			fail_msg("%s?%s: %u without memory at request %ld%s: %.*s", path, query, status, n,
				 sticky ? " and after it" : "", (int)(got.len < 300 ? got.len : 300), (char *)got.p);
		if (status == 503 && !strstr(buf_cstr(&got), "\"status\":503,\"code\":1,\"name\":\"out of memory\""))
			fail_msg("%s?%s: %s", path, query, buf_cstr(&got));
	}
	assert_true(good < 500 && want.len);
	buf_fini(&want);
	buf_fini(&got);
}

static const struct asked {
	const char *path, *query, *accept;
} asked[] = {
	{ "/search", "q=supply chain&n=5&facet=type&filter=type:t1&sort=-date", "application/json" },
	{ "/search", "q=\"supply chain\" OR refor*&format=csv", "*/*" },
	{ "/search", "q=supply&n=-1", "application/json" },
	{ "/doc", "id=d3&q=supply", "*/*" },
	{ "/doc", "id=none&q=supply", "*/*" },
	{ "/docs/concordance", "q=supply&context=3w&sort=left", "*/*" },
	{ "/docs/histogram", "q=supply", "*/*" },
	{ "/docs/facets", "q=supply&facet=type,year", "*/*" },
	{ "/docs/facets", "q=supply&facet=type:open,type&filter=type:=\"t1\" OR type:=\"t2\"", "*/*" },
	{ "/opensearch.xml", "", "*/*" },
	{ "/healthz", "", "*/*" },
	{ "/metrics", "", "*/*" },
	{ "/in/index/search", "q=nothing-like-it", "*/*" },
	{ "/nothing", "", "*/*" },
};

static void
test_once(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(asked); i++)
		run_out(asked[i].path, asked[i].query, asked[i].accept, false);
}

static void
test_from_then_on(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(asked); i++)
		run_out(asked[i].path, asked[i].query, asked[i].accept, true);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_once),
		cmocka_unit_test(test_from_then_on),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
