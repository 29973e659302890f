/* metrics.c - counters and a histogram of times. */
#include "daemon/metrics.h"

#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "daemon/log.h"
#include "daemon/site.h"

enum { ROUTES = 32, BUCKETS = 12 };

/* upper bounds, microseconds */
static const uint64_t bounds[BUCKETS] = { 100, 250, 500, 1000, 2500, 5000, 10000, 50000, 250000, 1000000, 5000000, 0 };
static const char *const classes[] = { "2xx", "3xx", "4xx", "5xx" };

typedef struct route_figures {
	_Atomic(const char *) name; /* a constant; taken by the first that needs it */
	atomic_uint_fast64_t answers[countof(classes)];
	atomic_uint_fast64_t bucket[BUCKETS], sum_us;
} route_figures;

static route_figures routes[ROUTES];
static atomic_uint_fast64_t bytes_sent, aborted, timed_out, zero_hits;
static atomic_int_fast64_t connections;
static _Atomic(work_queue *) queue;

static route_figures *
route_of(const char *name)
{
	for (size_t i = 0; i < ROUTES; i++) {
		const char *known = atomic_load(&routes[i].name);

		if (known ? !strcmp(known, name)
			  : atomic_compare_exchange_strong(&routes[i].name, &known, name) || !strcmp(known, name))
			return &routes[i];
	}
	return &routes[ROUTES - 1];
}

static void
count_answer(route_figures *r, unsigned status)
{
	atomic_fetch_add(&r->answers[status >= 500 ? 3 : status >= 400 ? 2 : status >= 300 ? 1 : 0], 1);
}

void
metrics_refused(unsigned status)
{
	count_answer(route_of("refused"), status);
}

void
metrics_call(const web_call *c, bool complete)
{
	route_figures *r = route_of(c->route);
	uint64_t us = c->taken_ns / 1000;
	size_t i = 0;

	count_answer(r, c->status);
	while (bounds[i] && us > bounds[i])
		i++;
	atomic_fetch_add(&r->bucket[i], 1);
	atomic_fetch_add(&r->sum_us, us);
	atomic_fetch_add(&bytes_sent, c->sent);
	if (!complete)
		atomic_fetch_add(&aborted, 1);
	if (c->timed_out)
		atomic_fetch_add(&timed_out, 1);
	if (c->searched && !c->total && c->status == 200)
		atomic_fetch_add(&zero_hits, 1);
}

void
metrics_connections(int more)
{
	atomic_fetch_add(&connections, more);
}

void
metrics_queue(work_queue *q)
{
	atomic_store(&queue, q);
}

static void
put_one(buf *out, const char *name, const char *type, const char *help, uint64_t value)
{
	buf_printf(out, "# HELP cdgsearchd_%s %s\n# TYPE cdgsearchd_%s %s\ncdgsearchd_%s %llu\n", name, help, name, type, name,
		   (unsigned long long)value);
}

static void
put_times(buf *out)
{
	buf_puts(out, "# HELP cdgsearchd_request_seconds time from the request's head to the answer's last byte\n"
		      "# TYPE cdgsearchd_request_seconds histogram\n");
	for (size_t i = 0; i < ROUTES && atomic_load(&routes[i].name); i++) {
		const char *name = atomic_load(&routes[i].name);
		uint64_t below = 0;

		for (size_t k = 0; k < BUCKETS; k++) {
			char le[32] = "+Inf";

			below += atomic_load(&routes[i].bucket[k]);
			if (bounds[k])
				snprintf(le, sizeof le, "%g", (double)bounds[k] * 1e-6);
			buf_printf(out, "cdgsearchd_request_seconds_bucket{route=\"%s\",le=\"%s\"} %llu\n", name, le,
				   (unsigned long long)below);
		}
		buf_printf(out,
			   "cdgsearchd_request_seconds_sum{route=\"%s\"} %.6f\n"
			   "cdgsearchd_request_seconds_count{route=\"%s\"} %llu\n",
			   name, (double)atomic_load(&routes[i].sum_us) * 1e-6, name, (unsigned long long)below);
	}
}

static void
put_label(buf *out, const char *s)
{
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			buf_put_u8(out, '\\');
		if (*s == '\n')
			buf_puts(out, "\\n");
		else
			buf_put_u8(out, (uint8_t)*s);
	}
}

static void
put_indexes(const web_call *c, buf *out)
{
	static const char *const names[] = { "index_documents", "index_generation", "index_up", "index_opened_total" };
	static const char *const helps[] = { "documents that can be found", "number of the commit that is served",
					     "1 if the last look at the index went well", "snapshots opened" };

	for (size_t k = 0; k < countof(names); k++) {
		buf_printf(out, "# HELP cdgsearchd_%s %s\n# TYPE cdgsearchd_%s %s\n", names[k], helps[k], names[k],
			   k == 3 ? "counter" : "gauge");
		for (size_t i = 0; i < site_count(c->site); i++) {
			site_index *x = site_at(c->site, i);
			const cdg_index *index = site_take(x, NULL);
			uint64_t v = k == 0   ? (index ? cdg_index_documents(index) : 0)
				     : k == 1 ? (index ? cdg_index_generation(index) : 0)
				     : k == 2 ? site_error(x, NULL) == CDG_OK
					      : site_opened(x);

			site_give(x, index);
			buf_printf(out, "cdgsearchd_%s{index=\"", names[k]);
			put_label(out, site_name(x));
			buf_printf(out, "\"} %llu\n", (unsigned long long)v);
		}
	}
}

static uint64_t
resident_bytes(void)
{
	unsigned long long size = 0, resident = 0;
	FILE *f = fopen("/proc/self/statm", "r");

	if (f && fscanf(f, "%llu %llu", &size, &resident) != 2)
		resident = 0;
	if (f)
		fclose(f);
	return resident * (uint64_t)sysconf(_SC_PAGESIZE);
}

void
metrics_write(const web_call *c, buf *out)
{
	int64_t open = atomic_load(&connections);
	work_queue *q = atomic_load(&queue);

	buf_puts(out, "# HELP cdgsearchd_requests_total answers by route and class of status\n"
		      "# TYPE cdgsearchd_requests_total counter\n");
	for (size_t i = 0; i < ROUTES && atomic_load(&routes[i].name); i++)
		for (size_t k = 0; k < countof(classes); k++)
			buf_printf(out, "cdgsearchd_requests_total{route=\"%s\",status=\"%s\"} %llu\n",
				   atomic_load(&routes[i].name), classes[k],
				   (unsigned long long)atomic_load(&routes[i].answers[k]));
	put_times(out);
	put_one(out, "sent_bytes_total", "counter", "bytes of bodies sent", atomic_load(&bytes_sent));
	put_one(out, "aborted_total", "counter", "answers that the client did not take", atomic_load(&aborted));
	put_one(out, "timed_out_total", "counter", "searches that ended at their time limit", atomic_load(&timed_out));
	put_one(out, "zero_hits_total", "counter", "searches that found nothing", atomic_load(&zero_hits));
	put_one(out, "log_lost_total", "counter", "lines of logs that could not be written", logs_lost());
	put_one(out, "connections", "gauge", "open connections", open > 0 ? (uint64_t)open : 0);
	put_one(out, "queue_length", "gauge", "requests that wait for a thread", q ? queue_length(q) : 0);
	put_one(out, "resident_bytes", "gauge", "memory of the process, mapped index pages included", resident_bytes());
	put_indexes(c, out);
}
