/* log.c - lines of the logs.  Each is one write on a descriptor opened to append, so that
 * lines of several threads do not mix and a rotated file is left at SIGHUP. */
#include "daemon/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#include "backend/api.h"
#include "base/err.h"
#include "daemon/site.h"

struct logs {
	const settings *set;
	int access, slow, zero; /* -1: none */
};

static atomic_uint_fast64_t lost;

static cdg_status
log_open(const char *path, int *fd, cdg_error *err)
{
	*fd = -1;
	if (!path)
		return CDG_OK;
	if (!strcmp(path, "-"))
		*fd = dup(STDERR_FILENO);
	else
		*fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0640);
	return *fd < 0 ? err_errno(err, "open log", path) : CDG_OK;
}

cdg_status
logs_open(const settings *set, logs **out, cdg_error *err)
{
	logs *l = mem_calloc(1, sizeof *l);
	cdg_status st;

	*out = NULL;
	if (!l)
		return err_nomem(err);
	l->set = set;
	l->access = l->slow = l->zero = -1;
	st = log_open(set->access_log, &l->access, err);
	if (st == CDG_OK)
		st = log_open(set->slow_log, &l->slow, err);
	if (st == CDG_OK)
		st = log_open(set->zero_log, &l->zero, err);
	if (st != CDG_OK) {
		logs_close(l);
		return st;
	}
	*out = l;
	return CDG_OK;
}

void
logs_close(logs *l)
{
	if (!l)
		return;
	if (l->access >= 0)
		close(l->access);
	if (l->slow >= 0)
		close(l->slow);
	if (l->zero >= 0)
		close(l->zero);
	mem_free(l);
}

uint64_t
logs_lost(void)
{
	return atomic_load(&lost);
}

static void
put_time(buf *b)
{
	struct timespec now;
	struct tm utc;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	buf_printf(b, "{\"time\":\"%04d-%02d-%02dT%02d:%02d:%02d.%03ldZ\"", utc.tm_year + 1900, utc.tm_mon + 1,
		   utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, now.tv_nsec / 1000000);
}

static void
put_text(buf *b, const char *name, const char *text)
{
	buf_printf(b, ",\"%s\":", name);
	api_put_json(b, text, strlen(text));
}

static void
put_query(buf *b, const web_call *c)
{
	if (c->at)
		put_text(b, "index", site_name(c->at));
	if (c->query)
		put_text(b, "q", c->query);
}

static void
line_out(buf *b, int fd)
{
	buf_puts(b, "}\n");
	if (b->failed || write(fd, b->p, b->len) != (ssize_t)b->len)
		atomic_fetch_add(&lost, 1);
	b->len = 0;
}

static void
log_access(const logs *l, const web_call *c, bool complete, buf *b)
{
	arena names;
	const char *verb, *path;

	arena_init(&names);
	verb = api_string(&names, c->verb ? c->verb : "", c->verb ? strlen(c->verb) : 0);
	path = api_string(&names, c->path ? c->path : "", c->path ? strlen(c->path) : 0);
	put_time(b);
	put_text(b, "client", c->client);
	put_text(b, "method", verb ? verb : "");
	put_text(b, "path", path ? path : "");
	buf_printf(b, ",\"route\":\"%s\",\"status\":%u,\"bytes\":%llu,\"us\":%llu", c->route, c->status,
		   (unsigned long long)c->sent, (unsigned long long)(c->taken_ns / 1000));
	if (c->searched)
		buf_printf(b, ",\"total\":%llu", (unsigned long long)c->total);
	if (c->timed_out)
		buf_puts(b, ",\"timed_out\":true");
	if (!complete)
		buf_puts(b, ",\"aborted\":true");
	if (l->set->log_queries)
		put_query(b, c);
	else if (c->at)
		put_text(b, "index", site_name(c->at));
	arena_fini(&names);
	line_out(b, l->access);
}

void
log_refused(logs *l, const char *address, unsigned status)
{
	buf b;

	if (l->access < 0)
		return;
	buf_init(&b);
	put_time(&b);
	put_text(&b, "client", address);
	buf_printf(&b, ",\"method\":\"\",\"path\":\"\",\"route\":\"refused\",\"status\":%u,\"bytes\":0,\"us\":0", status);
	line_out(&b, l->access);
	buf_fini(&b);
}

void
log_call(logs *l, const web_call *c, bool complete)
{
	buf b;

	buf_init(&b);
	if (l->access >= 0)
		log_access(l, c, complete, &b);
	if (l->slow >= 0 && c->searched && c->taken_ns >= l->set->slow_ms * 1000000) {
		put_time(&b);
		buf_printf(&b, ",\"us\":%llu,\"total\":%llu", (unsigned long long)(c->taken_ns / 1000),
			   (unsigned long long)c->total);
		put_query(&b, c);
		if (c->plan)
			put_text(&b, "plan", c->plan);
		line_out(&b, l->slow);
	}
	if (l->zero >= 0 && c->searched && c->status == 200 && !c->total && c->query && *c->query) {
		put_time(&b);
		put_query(&b, c);
		line_out(&b, l->zero);
	}
	buf_fini(&b);
}
