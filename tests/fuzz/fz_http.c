/* fz_http.c - any bytes as a request to route_call: a path, parameters and headers, a line
 * each, on a small index.  The answer has a status, headers of one line, and JSON answers end
 * as JSON does; nothing but the token's holder may change the index.
 */
#include <unistd.h>

#include "tests/daemon/call.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static settings *set;
static site *all;
static char dir[64] = "/tmp/cdg-fuzz.XXXXXX";

static void
remove_all(void)
{
	char command[128];

	site_close(all);
	settings_free(set);
	snprintf(command, sizeof command, "rm -rf '%s'", dir);
	if (system(command))
		fprintf(stderr, "%s is left behind\n", dir);
}

static void
open_all(void)
{
	char path[128];
	cdg_error err;

	if (!mkdtemp(dir))
		abort();
	snprintf(path, sizeof path, "%s/index", dir);
	setenv("CDGSEARCHD_TIME_LIMIT", "300", 1);
	setenv("CDGSEARCHD_CORS_ORIGIN", "https://a.example", 1);
	if (!call_index(path) || !(set = call_settings(path)) || site_open(set, &all, &err) != CDG_OK)
		abort();
	atexit(remove_all);
}

static void
check(const web_call *c)
{
	if (c->status < 200 || c->status > 599 || c->status == 500)
		abort();
	for (size_t i = 0; i < c->nheads; i++)
		if (strpbrk(c->heads[i].value, "\r\n") || strlen(c->heads[i].value) != c->heads[i].len)
			abort();
	if (c->type && strstr(c->type, "json") && !strstr(c->type, "jsonl") && c->status != 304 && !c->fixed) {
		if (c->out.len < 3)
			abort();
		if (c->out.p[0] != 0x1f && (c->out.p[0] != '{' || c->out.p[c->out.len - 2] != '}'))
			abort();
	}
	if (c->index && cdg_index_documents(c->index) != 40)
		abort();
}

/* Up to the next end of line. */
static const char *
take_line(const char **p, size_t *left, size_t *n)
{
	const char *line = *p, *end = memchr(line, '\n', *left);

	*n = end ? (size_t)(end - line) : *left;
	*p += *n + (end != NULL);
	*left -= *n + (end != NULL);
	return line;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "Accept", "Accept-Encoding", "If-None-Match", "Authorization", "Accept-Language", "Host" };
	const char *p = (const char *)data, *line;
	web_call *c;
	size_t n;

	if (!set)
		open_all();
	if (!size)
		return 0;
	size--;
	p++;
	line = take_line(&p, &size, &n);
	if (memchr(line, 0, n) || !(c = call_new(set, all, (web_method)(data[0] % 5), line, n)))
		return 0;
	line = take_line(&p, &size, &n);
	call_params(c, line, n);
	for (size_t i = 0; size && i < countof(names); i++) {
		char value[1000];

		line = take_line(&p, &size, &n);
		snprintf(value, sizeof value, "%.*s", (int)(n < sizeof value ? n : sizeof value - 1), line);
		call_header(c, names[i], value);
	}
	buf_put(&c->body, p, size);
	route_call(c);
	check(c);
	web_call_free(c);
	return 0;
}
