/* server.c - libmicrohttpd: from a connection to a web_call and back.
 *
 * Threads.  The library's threads call on_request as a request comes in; when it is
 * complete they suspend the connection and queue the call; a thread of the pool answers
 * it and resumes the connection; one of the library's threads then sends the answer, and
 * calls on_completed, which writes the logs and frees the call.
 *
 * Settings and site travel together as `serving`, counted, so that a reload changes both at
 * once for requests that begin after it.
 */
#include "daemon/server.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <strings.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "backend/api.h"
#include "base/err.h"
#include "base/file.h"
#include "daemon/client.h"
#include "daemon/handlers.h"
#include "daemon/head.h"
#include "daemon/listen.h"
#include "daemon/log.h"
#include "daemon/metrics.h"
#include "daemon/queue.h"
#include "daemon/reap.h"
#include "daemon/route.h"
#include "daemon/serving.h"
#include "daemon/web.h"

enum { MAX_PARAMS = 256, MAX_HEADERS = 100, SPARE_DESCRIPTORS = 256 };
enum { LAST_MS = 1000 }; /* for what was refused at the end to go out, and for what runs to be over */

struct server {
	pthread_mutex_t lock; /* of now */
	serving *now;
	struct MHD_Daemon **daemons;
	listener *listeners;
	size_t n, most; /* most: connections */
	work_queue *queue;
	reaper *reaper;
	client_table *clients;
	buf addresses;
	atomic_size_t active; /* calls that are not freed */
	atomic_bool ending;
};

/* A call and what belongs to its connection. */
typedef struct exchange {
	work work;
	web_call *call;
	server *sv;
	serving *with;
	struct MHD_Connection *connection;
	client *from;
	reaped *slow;
	bool queued, answered, refused;
} exchange;

/* ---- a request comes in ------------------------------------------------------------ */

static enum MHD_Result
take_pair(web_call *c, web_pair **list, size_t *n, size_t *cap, size_t most, const char *name, size_t name_len,
	  const char *value, size_t len)
{
	char *v, *k;

	if (*n >= most)
		return MHD_NO;
	k = arena_strndup(&c->mem, name, name_len);
	v = arena_strndup(&c->mem, value ? value : "", value ? len : 0);
	if (!k || !v || !mem_grow(list, cap, *n + 1, sizeof **list))
		return MHD_NO;
	(*list)[(*n)++] = (web_pair){ .name = k, .value = v, .len = value ? len : 0 };
	return MHD_YES;
}

static enum MHD_Result
on_param(void *cls, enum MHD_ValueKind kind, const char *name, size_t name_len, const char *value, size_t len)
{
	web_call *c = cls;

	(void)kind;
	return take_pair(c, &c->params, &c->nparams, &c->params_cap, MAX_PARAMS, name, name_len, value, len);
}

static enum MHD_Result
on_header(void *cls, enum MHD_ValueKind kind, const char *name, size_t name_len, const char *value, size_t len)
{
	web_call *c = cls;

	(void)kind;
	return take_pair(c, &c->headers, &c->nheaders, &c->headers_cap, MAX_HEADERS, name, name_len, value, len);
}

static web_method
method_of(const char *verb)
{
	if (!strcmp(verb, "GET") || !strcmp(verb, "HEAD"))
		return WEB_GET;
	if (!strcmp(verb, "POST"))
		return WEB_POST;
	if (!strcmp(verb, "DELETE"))
		return WEB_DELETE;
	if (!strcmp(verb, "OPTIONS"))
		return WEB_OPTIONS;
	return WEB_OTHER;
}

static void
exchange_free(exchange *x)
{
	if (x->from)
		client_end(x->sv->clients, x->from);
	web_call_free(x->call);
	serving_unref(x->with);
	atomic_fetch_sub(&x->sv->active, 1);
	mem_free(x);
}

static serving *
serving_now(server *sv)
{
	serving *s;

	pthread_mutex_lock(&sv->lock);
	s = serving_ref(sv->now);
	pthread_mutex_unlock(&sv->lock);
	return s;
}

/* The address requests are counted by: the peer's, or what a trusted proxy says it is. */
static const char *
client_address(const settings *set, struct MHD_Connection *connection, web_call *c)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	char text[INET6_ADDRSTRLEN];
	const char *said, *last;

	listen_address(info ? info->client_addr : NULL, text, sizeof text);
	said = web_header(c, "X-Forwarded-For");
	if (set->trusted_proxy && said && !strcmp(text, set->trusted_proxy)) {
		struct in6_addr v6;
		struct in_addr v4;

		last = strrchr(said, ',');
		last = last ? last + 1 : said;
		last += strspn(last, " \t");
		if (inet_pton(AF_INET, last, &v4) == 1 || inet_pton(AF_INET6, last, &v6) == 1)
			snprintf(text, sizeof text, "%s", last);
	}
	return arena_strndup(&c->mem, text, strlen(text));
}

/* A target may name the site (RFC 9112, 3.2.2), and then better than Host. */
static const char *
path_of(web_call *c, const char *url)
{
	const char *at = !strncasecmp(url, "http://", 7) ? url + 7 : !strncasecmp(url, "https://", 8) ? url + 8 : NULL;
	size_t n = at ? strcspn(at, "/") : 0;

	if (!at)
		return arena_strndup(&c->mem, url, strlen(url));
	c->host = arena_strndup(&c->mem, at, n);
	return at[n] ? arena_strndup(&c->mem, at + n, strlen(at + n)) : "/";
}

static exchange *
exchange_new(server *sv, struct MHD_Connection *connection, const char *url, const char *verb)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	exchange *x = mem_calloc(1, sizeof *x);
	const char *host, *address;
	web_call *c;
	bool whole, many;

	if (!x)
		return NULL;
	x->sv = sv;
	x->connection = connection;
	x->slow = info ? info->socket_context : NULL;
	x->with = serving_now(sv);
	atomic_fetch_add(&sv->active, 1);
	x->call = c = web_call_new();
	if (!c) {
		exchange_free(x);
		return NULL;
	}
	c->began_ns = clock_ns();
	c->set = x->with->set;
	c->site = x->with->site;
	c->verb = arena_strndup(&c->mem, verb, strlen(verb));
	c->method = method_of(verb);
	whole = MHD_get_connection_values_n(connection, MHD_GET_ARGUMENT_KIND, on_param, c) >= 0 &&
		MHD_get_connection_values_n(connection, MHD_HEADER_KIND, on_header, c) >= 0;
	many = c->nparams >= MAX_PARAMS || c->nheaders >= MAX_HEADERS;
	whole = whole && web_join_headers(c);
	host = web_header(c, "Host");
	c->host = host ? host : "";
	c->path = path_of(c, url);
	address = client_address(c->set, connection, c);
	c->client = address ? address : "";
	if (c->mem.failed || !whole) {
		exchange_free(x);
		return NULL;
	}
	if (many) {
		web_problem(c, 400, CDG_E_LIMIT, "at most %d parameters and %d headers", MAX_PARAMS - 1, MAX_HEADERS - 1);
		x->refused = true;
	}
	info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
	c->head_bytes = info ? info->header_size : 0;
	return x;
}

/* ---- an answer goes out -------------------------------------------------------------- */

static void
free_body(void *p)
{
	mem_free(p);
}

static enum MHD_Result
send_answer(exchange *x)
{
	web_call *c = x->call;
	struct MHD_Response *r;
	enum MHD_Result ok;
	bool head = !strcmp(c->verb, "HEAD");

	if (c->out.failed || c->mem.failed)
		web_no_memory(c);
	if (c->fixed) {
		c->sent = head ? 0 : c->fixed_len;
		r = MHD_create_response_from_buffer(c->fixed_len, (void *)(uintptr_t)c->fixed_body, MHD_RESPMEM_PERSISTENT);
	} else {
		c->sent = head ? 0 : c->out.len;
		r = MHD_create_response_from_buffer_with_free_callback(c->out.len, c->out.p, free_body);
		if (r)
			buf_init(&c->out);
	}
	if (!r)
		return MHD_NO;
	ok = c->type ? MHD_add_response_header(r, "Content-Type", c->type) : MHD_YES;
	for (size_t i = 0; ok && i < c->nheads; i++)
		ok = MHD_add_response_header(r, c->heads[i].name, c->heads[i].value);
	if (ok && (x->refused || c->too_large || c->chunked || atomic_load(&x->sv->ending)))
		ok = MHD_add_response_header(r, "Connection", "close");
	reap_within(x->sv->reaper, x->slow, c->set->answer_timeout_ms);
	if (ok)
		ok = MHD_queue_response(x->connection, c->status, r);
	MHD_destroy_response(r);
	return ok;
}

/* In a thread of the pool. */
static void
run_exchange(work *w)
{
	exchange *x = (exchange *)w;

	route_call(x->call);
	x->answered = true;
	MHD_resume_connection(x->connection);
}

static uint64_t
hash_text(const char *s)
{
	uint64_t h = 0xcbf29ce484222325; /* FNV-1a */

	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * 0x100000001b3;
	return h ^ h >> 29;
}

/* The queue is full, or ends. */
static void
refuse_exchange(work *w)
{
	exchange *x = (exchange *)w;

	web_problem(x->call, 503, CDG_E_BUSY, atomic_load(&x->sv->ending) ? "the server ends; try again in a second"
			: "too many requests are waiting; try again in a second");
	web_head(x->call, "Retry-After", "1");
	route_finish(x->call);
	x->answered = true;
	MHD_resume_connection(x->connection);
}

static enum MHD_Result
hand_over(exchange *x)
{
	x->work.client = hash_text(x->call->client);
	x->work.alone = x->call->wants_body; /* a change, which would hold a thread until the one before it is done */
	x->work.run = run_exchange;
	x->work.refuse = refuse_exchange;
	x->queued = true;
	MHD_suspend_connection(x->connection);
	if (!queue_push(x->sv->queue, &x->work))
		refuse_exchange(&x->work);
	return MHD_YES;
}

/* False: enough of it. */
static bool
take_body(exchange *x, const char *p, size_t n)
{
	web_call *c = x->call;

	c->received += n;
	if (c->too_large || c->received > c->set->max_body) {
		c->too_large = true;
		buf_fini(&c->body);
		buf_init(&c->body);
	} else if (c->wants_body) { /* what nobody reads takes no memory, however many send it */
		buf_put(&c->body, p, n);
	}
	if (!c->chunked || c->received <= 2 * c->set->max_body)
		return true;
	/* It has no end that could be waited for, and before that no answer can be sent. */
	web_problem(c, 413, CDG_E_LIMIT, "a body may have %llu bytes", (unsigned long long)c->set->max_body);
	return false;
}

static bool
refused_by_limit(exchange *x)
{
	web_call *c = x->call;

	switch (client_begin(x->sv->clients, c->client, c->set->max_client_rate, &x->from)) {
	case CLIENT_OK: return false;
	case CLIENT_TOO_FAST:
		web_problem(c, 429, CDG_E_LIMIT, "more than %llu requests a second from one address; try again in a second",
			    (unsigned long long)c->set->max_client_rate);
		web_head(c, "Retry-After", "1");
		return true;
	default: web_problem(c, 503, CDG_E_NOMEM, "out of memory"); return true;
	}
}

static enum MHD_Result
on_request(void *cls, struct MHD_Connection *connection, const char *url, const char *verb, const char *version,
	   const char *upload, size_t *upload_size, void **slot)
{
	server *sv = cls;
	exchange *x = *slot;

	if (!x) {
		*slot = x = exchange_new(sv, connection, url, verb);
		if (!x)
			return MHD_NO;
		x->call->old = !strcmp(version, "HTTP/1.0");
		if (!x->refused)
			x->refused = !head_is_clear(x->call) || refused_by_limit(x);
		if (x->refused) {
			route_finish(x->call);
			return send_answer(x);
		}
		x->call->wants_body = write_is_allowed(x->call);
		reap_busy(sv->reaper, x->slow);
		return MHD_YES;
	}
	if (x->answered)
		return send_answer(x);
	if (x->queued)
		return MHD_YES;
	if (*upload_size) {
		if (!take_body(x, upload, *upload_size))
			return MHD_NO;
		*upload_size = 0;
		return MHD_YES;
	}
	reap_within(sv->reaper, x->slow, 0);
	return hand_over(x);
}

/* ---- what the library refuses itself ---------------------------------------------------- */

/* It answers a head it cannot read, or has no memory for, without a call, and says so in a
 * message that names no connection.  Where it had read the first line, on_completed tells whose it
 * was; else only the connection's end does, and not for certain: then it is nobody's. */
static _Thread_local unsigned unclaimed; /* the status of one, 0: none */

static void
refused(server *sv, const char *address, unsigned status)
{
	serving *with = serving_now(sv);

	metrics_refused(status);
	log_refused(with->logs, address, status);
	serving_unref(with);
}

static void
refused_by_nobody(server *sv)
{
	if (unclaimed)
		refused(sv, "", unclaimed);
	unclaimed = 0;
}

/* The library's messages: but for that they are of clients' doing, and not told. */
static void
on_message(void *cls, const char *fmt, va_list ap)
{
	static const char before[] = "response code is ";
	char text[256];
	const char *at;
	unsigned status;

	vsnprintf(text, sizeof text, fmt, ap);
	at = strstr(text, before);
	if (!at || sscanf(at + sizeof before - 1, "%3u", &status) != 1)
		return;
	refused_by_nobody(cls);
	unclaimed = status;
}

/* What the library answered on this connection, 0: nothing. */
static unsigned
status_sent(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_HTTP_STATUS);
	unsigned status = info ? info->http_status : 0;

	if (status == unclaimed)
		unclaimed = 0;
	return status;
}

/* A request of which no call was made. */
static void
on_refused(server *sv, struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	unsigned status = status_sent(connection);
	char address[INET6_ADDRSTRLEN];

	if (!status)
		return;
	listen_address(info ? info->client_addr : NULL, address, sizeof address);
	refused(sv, address, status);
}

static void
on_completed(void *cls, struct MHD_Connection *connection, void **slot, enum MHD_RequestTerminationCode how)
{
	server *sv = cls;
	exchange *x = *slot;

	if (!x) {
		on_refused(sv, connection);
		return;
	}
	*slot = NULL;
	if (!x->answered && !x->refused && how == MHD_REQUEST_TERMINATED_WITH_ERROR) { /* by the library, in the body */
		unsigned status = status_sent(connection);

		x->call->status = status ? status : x->call->status;
	}
	x->call->taken_ns = clock_ns() - x->call->began_ns;
	metrics_call(x->call, how == MHD_REQUEST_TERMINATED_COMPLETED_OK);
	log_call(x->with->logs, x->call, how == MHD_REQUEST_TERMINATED_COMPLETED_OK);
	reap_idle(sv->reaper, x->slow, x->with->set->request_timeout_ms);
	exchange_free(x);
}

static void
on_connection(void *cls, struct MHD_Connection *connection, void **context, enum MHD_ConnectionNotificationCode what)
{
	server *sv = cls;

	if (what == MHD_CONNECTION_NOTIFY_STARTED) {
		const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
		serving *with = serving_now(sv);

		metrics_connections(1);
		*context = info ? reap_add(sv->reaper, info->connect_fd) : NULL;
		reap_idle(sv->reaper, *context, with->set->request_timeout_ms);
		serving_unref(with);
	} else {
		refused_by_nobody(sv);
		metrics_connections(-1);
		reap_remove(sv->reaper, *context);
		*context = NULL;
	}
}

/* Percent signs to bytes, but for %00, which would end a C string: it stays what it is. */
static size_t
on_unescape(void *cls, struct MHD_Connection *connection, char *s)
{
	char *to = s;

	(void)cls;
	(void)connection;
	for (const char *p = s; *p; p++) {
		unsigned byte = 0;

		if (*p == '%' && isxdigit((unsigned char)p[1]) && isxdigit((unsigned char)p[2]) &&
		    sscanf(p + 1, "%2x", &byte) == 1 && byte) {
			*to++ = (char)byte;
			p += 2;
		} else {
			*to++ = *p;
		}
	}
	*to = 0;
	return (size_t)(to - s);
}

/* The library waits for ever once its memory for parameters is used up: who sends so many is
 * told here, where the first line has come in and nothing else is under way. */
static void *
on_first_line(void *cls, const char *uri, struct MHD_Connection *connection)
{
	static const char answer[] = "HTTP/1.1 414 URI Too Long\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	size_t n = 1;

	(void)cls;
	for (; *uri; uri++)
		n += *uri == '&';
	if (n > MAX_PARAMS && info) {
		send(info->connect_fd, answer, sizeof answer - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
		shutdown(info->connect_fd, SHUT_RDWR);
	}
	return NULL;
}

/* ---- start and stop ------------------------------------------------------------------ */

static unsigned
processors(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n < 1 ? 1 : (unsigned)n;
}

/* So many that descriptors are left for indexes and logs. */
static size_t
connections_most(const settings *set)
{
	struct rlimit l;
	size_t most = (size_t)set->max_connections;

	if (!getrlimit(RLIMIT_NOFILE, &l) && l.rlim_cur < most + SPARE_DESCRIPTORS) {
		most = l.rlim_cur > 2 * SPARE_DESCRIPTORS ? l.rlim_cur - SPARE_DESCRIPTORS : l.rlim_cur / 2;
		fprintf(stderr, "cdgsearchd: max-connections is %zu: the process may have %llu descriptors\n", most,
			(unsigned long long)l.rlim_cur);
	}
	return most;
}

static cdg_status
start_one(server *sv, size_t i, cdg_error *err)
{
	const settings *set = sv->now->set;
	unsigned threads = set->io_threads ? (unsigned)set->io_threads : (processors() + 1) / 2;
	struct MHD_OptionItem options[] = {
		{ MHD_OPTION_LISTEN_SOCKET, sv->listeners[i].fd, NULL },
		{ MHD_OPTION_CONNECTION_LIMIT, (intptr_t)sv->most, NULL },
		{ MHD_OPTION_CONNECTION_TIMEOUT, (intptr_t)set->idle_timeout_s, NULL },
		{ MHD_OPTION_CONNECTION_MEMORY_LIMIT, (intptr_t)(set->max_header * 2 + 8192), NULL },
		{ MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL },
		{ threads > 1 ? MHD_OPTION_THREAD_POOL_SIZE : MHD_OPTION_END, (intptr_t)threads, NULL },
		{ MHD_OPTION_END, 0, NULL },
	};
	struct MHD_OptionItem more[] = {
		/* connections of a Unix socket are all the proxy's */
		{ sv->listeners[i].local ? MHD_OPTION_END : MHD_OPTION_PER_IP_CONNECTION_LIMIT,
		  (intptr_t)set->max_client_connections, NULL },
		{ MHD_OPTION_END, 0, NULL },
	};

	sv->daemons[i] = MHD_start_daemon(
		MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0, NULL, NULL, on_request, sv,
		MHD_OPTION_EXTERNAL_LOGGER, on_message, sv, MHD_OPTION_NOTIFY_COMPLETED, on_completed, sv,
		MHD_OPTION_UNESCAPE_CALLBACK, on_unescape, NULL,
		MHD_OPTION_URI_LOG_CALLBACK, on_first_line, NULL, MHD_OPTION_NOTIFY_CONNECTION, on_connection, sv, MHD_OPTION_ARRAY, options, MHD_OPTION_ARRAY, more,
		MHD_OPTION_END);
	if (!sv->daemons[i])
		return err_set(err, CDG_E_IO, "cannot serve at %s", sv->listeners[i].name);
	sv->listeners[i].fd = -1; /* the library's now */
	buf_printf(&sv->addresses, "%s\n", sv->listeners[i].name);
	return CDG_OK;
}

cdg_status
server_start(serving *with, server **out, cdg_error *err)
{
	server *sv = mem_calloc(1, sizeof *sv);
	const settings *set = with->set;
	cdg_status st = CDG_E_NOMEM;

	*out = NULL;
	if (!sv) {
		serving_unref(with);
		return err_nomem(err);
	}
	pthread_mutex_init(&sv->lock, NULL);
	buf_init(&sv->addresses);
	sv->now = with;
	sv->most = connections_most(set);
	CDG_TRY_GOTO(client_table_new(&sv->clients, err), fail);
	CDG_TRY_GOTO(reap_start(sv->most, &sv->reaper, err), fail);
	CDG_TRY_GOTO(queue_open(set->workers ? (unsigned)set->workers : processors(), set->max_queue, &sv->queue, err), fail);
	CDG_TRY_GOTO(listen_open(set, &sv->listeners, &sv->n, err), fail);
	sv->daemons = mem_calloc(sv->n, sizeof(struct MHD_Daemon *));
	if (!sv->daemons) {
		st = err_nomem(err);
		goto fail;
	}
	for (size_t i = 0; i < sv->n; i++)
		CDG_TRY_GOTO(start_one(sv, i, err), fail);
	metrics_queue(sv->queue);
	*out = sv;
	return CDG_OK;
fail:
	server_stop(sv);
	return st;
}

const char *
server_addresses(server *sv)
{
	return buf_cstr(&sv->addresses);
}

void
server_reload(server *sv, serving *with)
{
	serving *old;

	pthread_mutex_lock(&sv->lock);
	old = sv->now;
	sv->now = with;
	pthread_mutex_unlock(&sv->lock);
	serving_unref(old);
}

static void
await_calls(server *sv, uint64_t until)
{
	const struct timespec tick = { .tv_nsec = 10000000 };

	while (sv->daemons && atomic_load(&sv->active) && clock_ns() < until)
		nanosleep(&tick, NULL);
}

bool
server_stop(server *sv)
{
	uint64_t until = clock_ns() + sv->now->set->drain_s * 1000000000;

	atomic_store(&sv->ending, true);
	for (size_t i = 0; sv->daemons && i < sv->n; i++)
		if (sv->daemons[i])
			sv->listeners[i].fd = MHD_quiesce_daemon(sv->daemons[i]);
	await_calls(sv, until);
	/* Nothing may be suspended when the library's threads end.  Until then requests come in on
	 * connections that are open, to a queue that refuses them. */
	until = clock_ns() + LAST_MS * 1000000;
	if (!queue_stop(sv->queue, until)) {
		await_calls(sv, until);
		return false;
	}
	await_calls(sv, until);
	for (size_t i = 0; sv->daemons && i < sv->n; i++)
		if (sv->daemons[i])
			MHD_stop_daemon(sv->daemons[i]);
	metrics_queue(NULL);
	queue_free(sv->queue);
	listen_close(sv->listeners, sv->n);
	reap_stop(sv->reaper);
	client_table_free(sv->clients);
	mem_free(sv->daemons);
	serving_unref(sv->now);
	buf_fini(&sv->addresses);
	pthread_mutex_destroy(&sv->lock);
	mem_free(sv);
	return true;
}
