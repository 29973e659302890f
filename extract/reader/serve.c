/* serve.c - see serve.h.
 *
 * A file that is one document costs one write; in an archive each member is announced
 * before it is looked at.
 *
 * A small file is read, a large one mapped: when somebody cuts a mapped file short, the
 * worker dies of it, which the other side knows how to tell.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "extract/reader/serve.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <xxhash.h>

#include "extract/reader/readers.h"
#include "extract/reader/sandbox.h"
#include "extract/reader/sandbox_memory.h"
#include "extract/reader/warm.h"
#include "extract/wire.h"
#include "extract/xml_map.h"

enum {
	SERVE_JOB = 4096,         /* most jobs are no longer */
	SERVE_READ_MAX = 4 << 20, /* larger files are mapped */
	SERVE_OUT_WAIT = 64 << 10,
	SERVE_OUT_KEEP = 4 << 20,
	SERVE_GROWN = 256 << 20,  /* a worker that has been so large is not kept */
};

typedef struct server {
	int sock;
	buf in, out, file;
	wire_job job;
	int fd; /* of the file; -1: none came */
	uint64_t said; /* of the file */
	extract_job *readers;
	extract_xml_map *map; /* of the user; NULL: none */
} server;

#ifdef __SANITIZE_ADDRESS__
/* Of what AddressSanitizer does when a signal comes, and at the end of the process, the
 * sandbox allows nothing: a crash shall look as it does without it. */
const char *__asan_default_options(void);
const char *
__asan_default_options(void)
{
	return "handle_segv=0:handle_sigbus=0:handle_abort=0:handle_sigfpe=0:detect_leaks=0:symbolize=0";
}
#endif

static bool
serve_flush(server *s)
{
	size_t at = 0;

	while (at < s->out.len) {
		ssize_t n = send(s->sock, s->out.p + at, s->out.len - at, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		at += (size_t)n;
	}
	s->out.len = 0;
	if (s->out.cap > SERVE_OUT_KEEP)
		buf_fini(&s->out);
	return true;
}

/* ---- the sink ---------------------------------------------------------------------- */

/* Nobody listens any more, or memory is out. */
static cdg_status
serve_send(server *s, cdg_error *err)
{
	if (s->out.failed)
		return err_nomem(err);
	return serve_flush(s) ? CDG_OK : err_set(err, CDG_E_IO, "the other side is gone");
}

/* The first thing that is said of a file waits, since it is mostly the only one; what comes
 * then leaves at once, so that it is there when the worker crashes later on. */
static cdg_status
serve_said(server *s, cdg_error *err)
{
	if (s->said++ == 0 && s->out.len < SERVE_OUT_WAIT)
		return s->out.failed ? err_nomem(err) : CDG_OK;
	return serve_send(s, err);
}

/* A message that the other side would not take is not sent: the file ends with it. */
static cdg_status
serve_put(server *s, size_t begun, wire_kind kind, const char *what, cdg_error *err)
{
	size_t n = s->out.failed ? 0 : s->out.len - begun - WIRE_HEAD;

	if (n <= wire_most(kind, &s->job.limits, s->job.size))
		return serve_said(s, err);
	s->out.len = begun;
	return err_set(err, CDG_E_LIMIT, "%s of %zu bytes", what, n);
}

static cdg_status
serve_document(void *ctx, const document *doc, const char *warning, cdg_error *err)
{
	server *s = ctx;
	size_t begun = s->out.len;

	if (doc->text.n > WIRE_MAX / 2 || !wire_may_put(doc))
		return err_set(err, CDG_E_LIMIT, "a document of %zu bytes, %zu fields and %zu sections", doc->text.n, doc->nfields,
			       doc->nsections);
	wire_put_document(&s->out, doc, warning);
	return serve_put(s, begun, WIRE_DOCUMENT, "a document", err);
}

static cdg_status
serve_scan(void *ctx, const document *doc, const char *warning, const extract_scan *scan, cdg_error *err)
{
	server *s = ctx;
	size_t begun = s->out.len;

	if (scan->n > WIRE_MAX / 2 || !wire_may_put(doc))
		return err_set(err, CDG_E_LIMIT, "a scanned document of %zu bytes", scan->n);
	wire_put_scan(&s->out, scan, doc, warning);
	return serve_put(s, begun, WIRE_SCAN, "a scanned document", err);
}

static cdg_status
serve_records(void *ctx, const char *name, extract_format format, const char *data, size_t n, cdg_error *err)
{
	server *s = ctx;
	size_t begun = s->out.len;
	wire_records r = { .name = read_str(name, strlen(name)), .format = format, .data = read_str(data, n) };

	if (n > WIRE_MAX / 2)
		return err_set(err, CDG_E_LIMIT, "%s: records of %zu bytes", name, n);
	wire_put_records(&s->out, &r);
	return serve_put(s, begun, WIRE_RECORDS, "records", err);
}

static cdg_status
serve_problem(void *ctx, const char *name, bool skipped, const char *why, cdg_error *err)
{
	server *s = ctx;
	size_t begun = s->out.len;
	wire_problem p = { .name = read_str(name, strlen(name)), .why = read_str(why, strlen(why)), .skipped = skipped };

	wire_put_problem(&s->out, &p);
	return serve_put(s, begun, WIRE_PROBLEM, "a name", err);
}

static cdg_status
serve_member(void *ctx, const char *name, cdg_error *err)
{
	server *s = ctx;

	if (strlen(name) > WIRE_BESIDE / 2)
		return err_set(err, CDG_E_LIMIT, "a name of %zu bytes", strlen(name));
	wire_put_member(&s->out, s->readers->members - 1, read_str(name, strlen(name)));
	return serve_send(s, err);
}

/* ---- jobs -------------------------------------------------------------------------- */

/* At least n bytes into s->in, and a descriptor if one comes.  What was sent with a
 * descriptor never comes together with what was sent after it, so no job can begin in
 * what is read here of another.  False: hung up. */
static bool
serve_receive(server *s, size_t n)
{
	while (s->in.len < n) {
		char control[CMSG_SPACE(sizeof(int))];
		struct iovec part;
		struct msghdr m = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = control,
				    .msg_controllen = sizeof control };
		struct cmsghdr *head;
		ssize_t got;

		if (!buf_reserve(&s->in, max_size(n - s->in.len, SERVE_JOB)))
			return false;
		part = (struct iovec){ s->in.p + s->in.len, s->in.cap - s->in.len };
		got = recvmsg(s->sock, &m, MSG_CMSG_CLOEXEC);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		head = CMSG_FIRSTHDR(&m);
		if (head && head->cmsg_level == SOL_SOCKET && head->cmsg_type == SCM_RIGHTS && s->fd < 0)
			memcpy(&s->fd, CMSG_DATA(head), sizeof s->fd);
		s->in.len += (size_t)got;
	}
	return true;
}

static bool
serve_next_job(server *s)
{
	rd head;
	uint32_t n, kind;

	s->in.len = 0;
	if (!serve_receive(s, WIRE_HEAD))
		return false;
	head = rd_make(s->in.p, WIRE_HEAD);
	n = rd_u32(&head);
	kind = rd_u32(&head);
	if (kind != WIRE_JOB || n > WIRE_JOB_MAX || !serve_receive(s, WIRE_HEAD + n))
		return false;
	return wire_get_job(s->in.p + WIRE_HEAD, n, &s->job) && s->fd >= 0;
}

/* The file's bytes; false with *why. */
static bool
serve_load(server *s, const char **data, void **map, const char **why)
{
	size_t n = (size_t)s->job.size;

	*map = NULL;
	*data = "";
	*why = "cannot be read";
	if (n > SERVE_READ_MAX) {
		*map = mmap(NULL, n, PROT_READ, MAP_PRIVATE, s->fd, 0);
		if (*map == MAP_FAILED) {
			*map = NULL;
			return false;
		}
		*data = *map;
		return true;
	}
	s->file.len = 0;
	while (buf_reserve(&s->file, n + 1) && s->file.len < n) {
		ssize_t got = pread(s->fd, s->file.p + s->file.len, n - s->file.len, (off_t)s->file.len);

		if (got < 0 && errno == EINTR)
			continue;
		if (got == 0)
			*why = "changed while it was read";
		if (got <= 0)
			return false;
		s->file.len += (size_t)got;
	}
	*data = (const char *)s->file.p;
	return !s->file.failed;
}

static bool
serve_grown(void)
{
	struct rusage use;

	return getrusage(RUSAGE_SELF, &use) == 0 && use.ru_maxrss > SERVE_GROWN / 1024;
}

/* The mappings that came with the job, which the other side has found right. */
static cdg_status
serve_map(server *s, cdg_error *err)
{
	if (!s->job.new_map)
		return CDG_OK;
	extract_xml_map_free(s->map);
	s->map = s->job.map.n ? extract_xml_map_load(s->job.map.p, s->job.map.n, err) : NULL;
	s->readers->xml_map = s->map;
	return s->map || !s->job.map.n ? CDG_OK : err->status;
}

static bool
serve_job(server *s)
{
	extract_input in = { .n = (size_t)s->job.size };
	wire_end end = { .hashed = false };
	cdg_error err = { CDG_OK, "" };
	cdg_status st = CDG_OK;
	const char *why;
	buf name;
	void *map;

	sandbox_memory_forget();
	s->said = 0;
	buf_init(&name);
	buf_put(&name, s->job.name.p, s->job.name.n);
	in.name = buf_cstr(&name);
	extract_job_reset(s->readers);
	s->readers->limits = s->job.limits;
	s->readers->scans = s->job.scans;
	s->readers->skip = s->job.skip;
	s->readers->bad = s->job.bad;
	s->readers->nbad = s->job.nbad;
	st = serve_map(s, &err);
	if (!serve_load(s, &in.data, &map, &why)) {
		st = err_set(&err, CDG_E_IO, "%s", why);
	} else if (st == CDG_OK) {
		st = extract_read(s->readers, &in, &err);
		end.hashed = true;
		end.hash = XXH3_64bits(in.data, in.n);
	}
	if (map)
		munmap(map, in.n);
	close(s->fd);
	s->fd = -1;
	end.no_memory = st == CDG_E_NOMEM;
	if (st != CDG_OK && st != CDG_E_NOMEM)
		end.failure = read_str(err.message, strlen(err.message));
	end.retire = end.no_memory || serve_grown();
	buf_fini(&name);
	if (s->out.failed) {
		buf_fini(&s->out);
		end.no_memory = true;
	}
	wire_put_end(&s->out, &end);
	return !s->out.failed && serve_flush(s);
}

static bool
serve_greet(server *s, uint64_t memory)
{
	cdg_error err = { CDG_OK, "" };
	bool landlock = false;
	cdg_status st;
	size_t at;

	warm_up();
	st = sandbox_close(memory, &landlock, &err);
	at = wire_begin(&s->out, st == CDG_OK ? WIRE_READY : WIRE_REFUSED);
	if (st == CDG_OK) {
		buf_put_u8(&s->out, WIRE_VERSION);
		buf_put_u8(&s->out, !landlock);
	} else {
		buf_puts(&s->out, err.message);
	}
	wire_finish(&s->out, at);
	return serve_flush(s) && st == CDG_OK;
}

int
serve(int sock, uint64_t memory)
{
	extract_sink sink = { .document = serve_document, .records = serve_records, .problem = serve_problem,
			      .member = serve_member, .scan = serve_scan };
	server *s = mem_calloc(1, sizeof *s);
	extract_job *job = mem_calloc(1, sizeof *job);

	if (!s || !job)
		return WIRE_EXIT_MEMORY;
	s->sock = sock;
	s->fd = -1;
	s->readers = job;
	sink.ctx = s;
	extract_job_init(job, &sink);
	if (!serve_greet(s, memory))
		return 1;
	while (serve_next_job(s))
		if (!serve_job(s))
			break;
	return 0;
}
