/* client.c - see client.h.
 *
 * Messages are read ahead: one recv mostly brings all of a small file.  While the caller
 * works on a document the worker goes on, until the socket is full.
 *
 * When a worker is lost, what it had given is kept.  If it was busy with a member of an
 * archive, the file is read once more without that member (its number is in `bad`) and
 * without giving again what was given; members are numbered by the worker as it
 * meets them, which is the same each time.
 */
#include "extract/client.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include <xxhash.h>
#include "extract/spawn.h"

enum {
	CLIENT_TICK_MS = 100,
	CLIENT_TOTAL = 20,          /* a file of many documents may take so many times as long */
	CLIENT_READ = 64 << 10,
	CLIENT_KEEP = 16 << 20,     /* a larger buffer is given back after the file */
	CLIENT_FILES = 2000,        /* then a fresh worker */
	CLIENT_STARTS = 3,          /* workers that never got ready: there is no use in more */
};

struct extract_client {
	extract_client_options options;
	spawn_child child;
	bool ready, no_landlock;
	unsigned files;             /* of this worker */
	unsigned starts_failed;     /* in a row */
	char cannot[400];           /* why there is no worker to be had; "": there may be */
	bool cannot_ever;           /* and will not be */

	doc_str map;
	uint64_t map_hash, map_told; /* of the mappings; of those that the worker has; 0: none */

	/* the file */
	bool running, asked;        /* its end has not come; a worker knows of it */
	int fd;                     /* -1: none */
	wire_job job;
	buf name;
	uint64_t items, items_before; /* given, given before the last member was announced */
	uint64_t bytes, began_ns, heard_ns;
	bool member_known, retried, waiting; /* the caller is at work on a scan */
	uint64_t member;            /* number and name of the last one */
	buf member_name;
	bool hashed;
	uint64_t hash;

	buf in;
	size_t at;                  /* of the next message in `in` */
	char why[512];
	read_build build;
};

extract_client *
extract_client_new(const extract_client_options *options, cdg_error *err)
{
	extract_client *c = mem_calloc(1, sizeof *c);

	if (!c) {
		err_nomem(err);
		return NULL;
	}
	if (options)
		c->options = *options;
	if (!c->options.memory)
		c->options.memory = (uint64_t)1 << 30;
	if (!c->options.seconds)
		c->options.seconds = EXTRACT_CLIENT_SECONDS;
	c->child.sock = c->fd = -1;
	read_build_init(&c->build);
	return c;
}

static spawn_status
client_drop_worker(extract_client *c)
{
	c->ready = false;
	c->map_told = 0;
	c->in.len = c->at = 0;
	return spawn_stop(&c->child);
}

static void
client_end_file(extract_client *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
	c->running = false;
}

void
extract_client_free(extract_client *c)
{
	if (!c)
		return;
	client_drop_worker(c);
	client_end_file(c);
	buf_fini(&c->name);
	buf_fini(&c->member_name);
	buf_fini(&c->in);
	read_build_fini(&c->build);
	mem_free(c);
}

bool
extract_client_no_landlock(const extract_client *c)
{
	return c->no_landlock;
}

int
extract_client_pid(const extract_client *c)
{
	return c->child.sock < 0 ? 0 : (int)c->child.pid;
}

bool
extract_client_hash(const extract_client *c, uint64_t *hash)
{
	*hash = c->hash;
	return c->hashed;
}

/* ---- to the worker -------------------------------------------------------------- */

/* What did not fit at once, while the worker starts. */
static bool
client_send_rest(extract_client *c, const uint8_t *p, size_t n)
{
	uint64_t until = clock_ns() + c->options.seconds * UINT64_C(1000000000);

	while (n) {
		ssize_t k = send(c->child.sock, p, n, MSG_NOSIGNAL);

		if (k > 0) {
			p += k;
			n -= (size_t)k;
		} else if (k == 0 || (errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK) || clock_ns() > until) {
			return false;
		}
	}
	return true;
}

/* The job as a message; mappings only for a worker that has not got them.  False: memory is out. */
static bool
client_encode(extract_client *c, buf *out)
{
	c->job.new_map = c->map_hash != c->map_told;
	c->job.map = c->map;
	out->len = 0;
	wire_put_job(out, &c->job);
	return !out->failed;
}

/* A job, with the descriptor. */
static bool
client_send(extract_client *c, const buf *out)
{
	char control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec part = { out->p, out->len };
	struct msghdr m = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = control,
			    .msg_controllen = sizeof control };
	struct cmsghdr *head = CMSG_FIRSTHDR(&m);
	ssize_t n;

	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(head), &c->fd, sizeof c->fd);
	do
		n = sendmsg(c->child.sock, &m, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	if (n <= 0 || !client_send_rest(c, out->p + n, out->len - (size_t)n))
		return false;
	c->map_told = c->map_hash;
	return true;
}

/* Asks for the file, of a fresh worker if need be.  False with c->cannot: nobody to ask. */
static bool
client_ask(extract_client *c, cdg_status *st, cdg_error *err)
{
	cdg_error why;
	buf out = { 0 };
	bool sent = false;

	*st = CDG_OK;
	c->member_known = false;
	c->items = c->items_before = c->job.skip;
	c->heard_ns = clock_ns();
	if (c->child.sock >= 0 && c->files < CLIENT_FILES && client_encode(c, &out))
		sent = client_send(c, &out);
	if (!sent && !c->cannot[0]) {
		client_drop_worker(c);
		c->files = 0;
		*st = spawn_start(&c->child, c->options.program, c->options.memory, CLIENT_TICK_MS, &why);
		c->cannot_ever = *st == CDG_E_NOTFOUND;
		if (*st != CDG_OK)
			snprintf(c->cannot, sizeof c->cannot, "%.399s", why.message);
		else if (client_encode(c, &out))
			(void)client_send(c, &out); /* one that is dead already is met when it is listened to */
		sent = *st == CDG_OK;
		*st = CDG_OK;
	}
	sent &= !out.failed;
	if (out.failed)
		*st = err_nomem(err);
	buf_fini(&out);
	c->files++;
	return sent;
}

void
extract_client_set_map(extract_client *c, doc_str map)
{
	c->map = map;
	c->map_hash = map.n ? XXH3_64bits(map.p, map.n) | 1 : 0;
}

cdg_status
extract_client_begin(extract_client *c, doc_str name, int fd, uint64_t size, cdg_error *err)
{
	if (c->running) /* the worker is busy with what nobody wants any more */
		client_drop_worker(c);
	client_end_file(c);
	c->fd = fd;
	c->hashed = c->retried = c->waiting = false;
	if (!c->cannot_ever)
		c->cannot[0] = 0;
	c->why[0] = 0;
	c->bytes = 0;
	c->name.len = 0;
	c->began_ns = clock_ns();
	if (c->in.cap > CLIENT_KEEP)
		buf_fini(&c->in);
	buf_put(&c->name, name.p, name.n);
	if (c->name.failed) {
		client_end_file(c);
		return err_nomem(err);
	}
	c->job = (wire_job){ .name = read_str((const char *)c->name.p, c->name.len),
			     .size = size,
			     .limits = extract_limits_default,
			     .scans = c->options.ocr != NULL };
	c->running = true;
	c->asked = false;
	c->items = 0;
	c->in.len = c->at = 0;
	return CDG_OK;
}

/* ---- from the worker ------------------------------------------------------------ */

typedef struct client_message {
	wire_kind kind;
	const uint8_t *p;
	size_t n;
} client_message;

typedef enum client_got {
	CLIENT_GOT,
	CLIENT_GONE,   /* the worker has ended */
	CLIENT_SLOW,
	CLIENT_BABBLE, /* it said what it must not say, or too much */
	CLIENT_STOP    /* *st says why */
} client_got;

/* More bytes behind those that are there. */
static client_got
client_receive(extract_client *c, cdg_status *st, cdg_error *err)
{
	uint64_t limit = (uint64_t)c->options.seconds * 1000000000u, now;
	ssize_t n;

	if (c->at && c->at == c->in.len)
		c->in.len = c->at = 0;
	if (c->at > CLIENT_READ) {
		memmove(c->in.p, c->in.p + c->at, c->in.len - c->at);
		c->in.len -= c->at;
		c->at = 0;
	}
	if (!buf_reserve(&c->in, CLIENT_READ)) {
		*st = err_nomem(err);
		return CLIENT_STOP;
	}
	for (;;) {
		n = recv(c->child.sock, c->in.p + c->in.len, c->in.cap - c->in.len, 0);
		now = clock_ns();
		if (n > 0)
			break;
		if (n == 0 || (errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK))
			return CLIENT_GONE;
		if (c->options.cancel && atomic_load_explicit(c->options.cancel, memory_order_relaxed)) {
			*st = err_set(err, CDG_E_CANCELLED, "cancelled");
			return CLIENT_STOP;
		}
		if (now - c->heard_ns > limit || now - c->began_ns > limit * CLIENT_TOTAL)
			return CLIENT_SLOW;
	}
	c->in.len += (size_t)n;
	c->bytes += (uint64_t)n;
	if (now - c->heard_ns > limit) /* a message in drops */
		return CLIENT_SLOW;
	return c->bytes > 2 * c->job.limits.unpacked ? CLIENT_BABBLE : CLIENT_GOT;
}

static client_got
client_message_next(extract_client *c, client_message *m, cdg_status *st, cdg_error *err)
{
	client_got got;

	for (;;) {
		size_t have = c->in.len - c->at;

		if (have >= WIRE_HEAD) {
			rd head = rd_make(c->in.p + c->at, WIRE_HEAD);
			uint32_t n = rd_u32(&head);

			m->kind = rd_u32(&head);
			/* what it has not got itself it cannot send */
			if (n > wire_most(m->kind, &c->job.limits, c->job.size) || n > c->options.memory)
				return CLIENT_BABBLE;
			m->n = n;
			m->p = c->in.p + c->at + WIRE_HEAD;
			if (have - WIRE_HEAD >= n) {
				c->at += WIRE_HEAD + (size_t)n;
				return CLIENT_GOT;
			}
		}
		got = client_receive(c, st, err);
		if (got != CLIENT_GOT)
			return got;
	}
}

/* ---- a worker is lost ------------------------------------------------------------ */

static void
client_say_size(char *out, size_t cap, uint64_t bytes)
{
	if (bytes % (1u << 30) == 0)
		snprintf(out, cap, "%llu GiB", (unsigned long long)(bytes >> 30));
	else
		snprintf(out, cap, "%llu MiB", (unsigned long long)(bytes >> 20));
}

/* Cut short under the worker? */
static bool
client_shrunk(const extract_client *c)
{
	struct stat now;

	return c->fd >= 0 && fstat(c->fd, &now) == 0 && (uint64_t)now.st_size < c->job.size;
}

static void
client_explain(extract_client *c, client_got got, const spawn_status *s, char *why, size_t cap)
{
	char size[32];

	client_say_size(size, sizeof size, c->options.memory);
	if (got == CLIENT_SLOW)
		snprintf(why, cap, "took longer than %u s", c->options.seconds);
	else if (got == CLIENT_BABBLE)
		snprintf(why, cap, "the reader answered what it must not");
	else if (s->code == WIRE_EXIT_MEMORY)
		snprintf(why, cap, "needed more memory than %s", size);
	else if (s->signal == SIGBUS && client_shrunk(c))
		snprintf(why, cap, "changed while it was read");
	else if (s->signal == SIGSYS)
		snprintf(why, cap, "the reader tried what it must not (signal %d)", s->signal);
	else if (s->signal == SIGKILL)
		snprintf(why, cap, "the reader was killed twice (signal 9): is the machine out of memory?");
	else if (s->signal)
		snprintf(why, cap, "the reader crashed (signal %d)", s->signal);
	else
		snprintf(why, cap, "the reader ended early (exit %d)", s->code);
}

static void
client_problem(extract_client *c, extract_event *event, const char *why)
{
	if (why != c->why)
		snprintf(c->why, sizeof c->why, "%s", why);
	event->kind = EXTRACT_EVENT_PROBLEM;
	event->problem = (wire_problem){ .name = c->member_known ? read_str((char *)c->member_name.p, c->member_name.len) :
								   read_str("", 0),
					 .why = read_str(c->why, strlen(c->why)) };
}

/* May the file be read again without the member that was being read? */
static bool
client_leave_out(extract_client *c)
{
	wire_job *j = &c->job;

	if (!c->member_known || j->nbad == WIRE_BAD_MAX || (j->nbad && j->bad[j->nbad - 1] >= c->member))
		return false;
	if (clock_ns() - c->began_ns > (uint64_t)c->options.seconds * 1000000000u * CLIENT_TOTAL)
		return false;
	j->bad[j->nbad++] = c->member;
	j->skip = c->items_before;
	return true;
}

/* False: try again, nothing to say. */
static bool
client_lost(extract_client *c, client_got got, extract_event *event)
{
	spawn_status s;
	bool was_ready = c->ready;

	s = client_drop_worker(c);
	if (!was_ready && got == CLIENT_GONE && ++c->starts_failed < CLIENT_STARTS)
		return false;
	if (!was_ready && got == CLIENT_GONE && !c->cannot[0])
		snprintf(c->cannot, sizeof c->cannot, "cdg-extract cannot start (%s %d)", s.signal ? "signal" : "exit",
			 s.signal ? s.signal : s.code);
	if (!was_ready && got == CLIENT_SLOW && ++c->starts_failed >= CLIENT_STARTS) /* not each file its time */
		snprintf(c->cannot, sizeof c->cannot, "cdg-extract does not get ready in %u s", c->options.seconds);
	if (c->cannot[0]) {
		c->cannot_ever = true;
		return false;
	}
	/* Nobody here has killed it: the machine may be out of memory, or a person did it. */
	if (got == CLIENT_GONE && s.signal == SIGKILL && !c->retried) {
		c->retried = true;
		c->job.skip = c->items;
		return false;
	}
	client_explain(c, got, &s, c->why, sizeof c->why);
	client_problem(c, event, c->why);
	if (client_leave_out(c))
		return true;
	client_end_file(c);
	return true;
}

/* ---- events ---------------------------------------------------------------------- */

static bool
client_member(extract_client *c, const client_message *m)
{
	uint64_t number;
	doc_str name;

	if (!wire_get_member(m->p, m->n, &number, &name) || (c->member_known && number <= c->member))
		return false;
	c->member = number;
	c->member_name.len = 0;
	buf_put(&c->member_name, name.p, name.n);
	c->items_before = c->items;
	c->member_known = !c->member_name.failed;
	return true;
}

static bool
client_end(extract_client *c, const client_message *m, extract_event *event)
{
	wire_end e;
	char size[32], why[64];

	if (!wire_get_end(m->p, m->n, &e))
		return false;
	event->kind = EXTRACT_EVENT_END;
	c->hashed = e.hashed;
	c->hash = e.hash;
	if (e.no_memory) {
		client_say_size(size, sizeof size, c->options.memory);
		snprintf(why, sizeof why, "needed more memory than %s", size);
		client_problem(c, event, why);
	} else if (e.failure.n) {
		snprintf(c->why, sizeof c->why, "%.*s", (int)min_size(e.failure.n, sizeof c->why - 1), e.failure.p);
		client_problem(c, event, c->why);
		event->problem.name = read_str("", 0);
	}
	client_end_file(c);
	if (e.retire || c->at != c->in.len)
		client_drop_worker(c);
	return true;
}

/* What a message means; GOT with event->kind END: nothing to tell, and not the end while
 * c->running. */
static client_got
client_take(extract_client *c, const client_message *m, extract_event *event)
{
	bool ok = false;

	if (!c->ready) {
		if (m->kind == WIRE_REFUSED && m->n < 300) {
			snprintf(c->cannot, sizeof c->cannot, "cdg-extract cannot work here: %.*s", (int)m->n,
				 (const char *)m->p);
			return CLIENT_GONE;
		}
		c->ready = m->kind == WIRE_READY && m->n == 2 && m->p[0] == WIRE_VERSION && m->p[1] <= 1;
		c->no_landlock = c->ready && m->p[1] == 1;
		c->starts_failed = 0;
		return c->ready ? CLIENT_GOT : CLIENT_BABBLE;
	}
	switch (m->kind) {
	case WIRE_MEMBER:
		ok = client_member(c, m);
		break;
	case WIRE_DOCUMENT:
		ok = wire_get_document(m->p, m->n, &c->build);
		event->kind = EXTRACT_EVENT_DOCUMENT;
		event->doc = &c->build.doc;
		event->warning = c->build.warning;
		break;
	case WIRE_SCAN:
		ok = c->job.scans && wire_get_scan(m->p, m->n, &event->scan, &c->build);
		event->kind = EXTRACT_EVENT_SCAN;
		event->doc = &c->build.doc;
		event->warning = c->build.warning;
		c->waiting = true;
		break;
	case WIRE_RECORDS:
		ok = wire_get_records(m->p, m->n, &event->records);
		event->kind = EXTRACT_EVENT_RECORDS;
		break;
	case WIRE_PROBLEM:
		ok = wire_get_problem(m->p, m->n, &event->problem);
		event->kind = EXTRACT_EVENT_PROBLEM;
		break;
	case WIRE_END:
		ok = client_end(c, m, event);
		return ok ? CLIENT_GOT : CLIENT_BABBLE;
	default:
		break;
	}
	if (event->kind != EXTRACT_EVENT_END && ++c->items > c->job.limits.documents + 1)
		return CLIENT_BABBLE;
	return ok ? CLIENT_GOT : CLIENT_BABBLE;
}

cdg_status
extract_client_next(extract_client *c, extract_event *event, cdg_error *err)
{
	cdg_status st = CDG_OK;
	client_message m;
	client_got got;

	for (;;) {
		*event = (extract_event){ .kind = EXTRACT_EVENT_END };
		if (!c->running)
			return CDG_OK;
		c->began_ns += c->waiting ? clock_ns() - c->heard_ns : 0; /* the worker did nothing in that time */
		c->waiting = false;
		c->heard_ns = clock_ns();
		if (!c->asked && !client_ask(c, &st, err)) {
			if (st != CDG_OK)
				return st;
			client_problem(c, event, c->cannot);
			event->nobody = true;
			client_end_file(c);
			return CDG_OK;
		}
		c->asked = true;
		got = client_message_next(c, &m, &st, err);
		if (got == CLIENT_GOT)
			got = client_take(c, &m, event);
		if (got == CLIENT_BABBLE && event->doc && c->build.failed)
			return err_nomem(err);
		if (got == CLIENT_STOP)
			return st;
		if (got == CLIENT_GOT && event->kind != EXTRACT_EVENT_END)
			return CDG_OK;
		if (got == CLIENT_GOT)
			continue;
		c->asked = false;
		if (client_lost(c, got, event))
			return CDG_OK;
	}
}
