/* ocr.c - see ocr.h.
 *
 * The program's two pipes are read without waiting for either; what it says on standard error
 * beyond the first line is thrown away.  When its process has ended, whatever it has left
 * behind in its group is ended too, and then it is reaped: so long its number is nobody else's.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* pidfd, closefrom, pipe2, secure_getenv */
#endif
#include "extract/ocr.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "text/text.h"

extern char **environ;

enum { OCR_TICK_MS = 100, OCR_MERCY_MS = 1000, OCR_TOTAL = 20, OCR_READ = 64 << 10, OCR_SAID = 300, OCR_KEEP = 16 << 20,
       OCR_WANTED = 100000 /* bytes: the kernel takes a little more */ };

struct ocr {
	const ocr_options *options;
	const atomic_bool *cancel;
	uint64_t most; /* bytes of text */
	buf text, clean, wanted; /* OCR_PAGES=..., n 0: all */
	read_build build;
	char **environ; /* that it gets */
	size_t environ_cap;

	/* while it runs */
	pid_t pid;
	int pidfd, out, err; /* -1: none (any more) */
	uint64_t began_ns, heard_ns;
	char said[OCR_SAID + 1]; /* the beginning of what came on standard error */
	size_t nsaid;
};

ocr *
ocr_new(const ocr_options *options, const atomic_bool *cancel, cdg_error *err)
{
	ocr *o = mem_calloc(1, sizeof *o);

	if (!o) {
		err_nomem(err);
		return NULL;
	}
	o->options = options;
	o->cancel = cancel;
	o->most = extract_limits_default.text;
	o->pidfd = o->out = o->err = -1;
	read_build_init(&o->build);
	return o;
}

void
ocr_free(ocr *o)
{
	if (!o)
		return;
	buf_fini(&o->text);
	buf_fini(&o->clean);
	buf_fini(&o->wanted);
	mem_free(o->environ);
	read_build_fini(&o->build);
	mem_free(o);
}

/* ---- the process ------------------------------------------------------------------ */

static void
ocr_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* That of the host, with the pages that are wanted. */
static bool
ocr_environ(ocr *o)
{
	size_t n = 0, k = 0, name = sizeof OCR_PAGES "=" - 1;

	while (environ[n])
		n++;
	if (!mem_grow(&o->environ, &o->environ_cap, n + 2, sizeof *o->environ))
		return false;
	for (size_t i = 0; i < n; i++)
		if (strncmp(environ[i], OCR_PAGES "=", name) != 0)
			o->environ[k++] = environ[i];
	if (o->wanted.len && o->wanted.len < OCR_WANTED)
		o->environ[k++] = (char *)(uintptr_t)buf_cstr(&o->wanted);
	o->environ[k] = NULL;
	return !o->wanted.failed;
}

static int
ocr_spawn(ocr *o, const char *path, int out, int errors)
{
	const char *argv[OCR_WORDS];
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t none, all;
	size_t n = 0;
	int e;

	if (!ocr_environ(o))
		return ENOMEM;
	for (; o->options->words[n]; n++)
		argv[n] = strcmp(o->options->words[n], "{}") == 0 ? path : o->options->words[n];
	argv[n] = NULL;
	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	posix_spawn_file_actions_init(&actions);
	e = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	e = e ? e : posix_spawn_file_actions_adddup2(&actions, out, 1);
	e = e ? e : posix_spawn_file_actions_adddup2(&actions, errors, 2);
	e = e ? e : posix_spawn_file_actions_addclosefrom_np(&actions, 3);
	e = e ? e : posix_spawn(&o->pid, o->options->program, &actions, &attr, (char *const *)(uintptr_t)argv,
				 o->environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attr);
	return e;
}

/* False with why: it cannot be started. */
static bool
ocr_start(ocr *o, const char *path, char *why, size_t cap)
{
	int out[2] = { -1, -1 }, errors[2] = { -1, -1 }, e = 0;

	if (pipe2(out, O_CLOEXEC) || pipe2(errors, O_CLOEXEC))
		e = errno;
	/* above the three that the program gets, so that none of these is written over */
	for (int i = 0; !e && i < 2; i++) {
		int *fd = i ? &errors[1] : &out[1], moved = fcntl(*fd, F_DUPFD_CLOEXEC, 3);

		e = moved < 0 ? errno : 0;
		ocr_close(fd);
		*fd = moved;
	}
	e = e ? e : ocr_spawn(o, path, out[1], errors[1]);
	ocr_close(&out[1]);
	ocr_close(&errors[1]);
	if (e) {
		ocr_close(&out[0]);
		ocr_close(&errors[0]);
		snprintf(why, cap, "OCR: cannot start %.200s: %s", o->options->program, strerror(e));
		return false;
	}
	o->out = out[0];
	o->err = errors[0];
	(void)fcntl(o->out, F_SETFL, O_NONBLOCK);
	(void)fcntl(o->err, F_SETFL, O_NONBLOCK);
	o->pidfd = pidfd_open(o->pid, 0);
	o->began_ns = o->heard_ns = clock_ns();
	o->text.len = o->nsaid = 0;
	return true;
}

/* What is there now of a pipe; closed at its end.  False: memory is out. */
static bool
ocr_take(ocr *o, int *fd)
{
	char part[OCR_READ];
	ssize_t n;

	/* one that never stops is left at the limit, or for the clock to see */
	for (unsigned i = 0; *fd >= 0 && i < 16 && o->text.len <= o->most; i++) {
		n = read(*fd, part, sizeof part);
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			return true;
		if (n <= 0) {
			ocr_close(fd);
		} else if (fd == &o->out) {
			o->heard_ns = clock_ns();
			buf_put(&o->text, part, (size_t)n);
		} else {
			size_t keep = min_size((size_t)n, OCR_SAID - o->nsaid);

			memcpy(o->said + o->nsaid, part, keep);
			o->nsaid += keep;
		}
	}
	return !o->text.failed;
}

static bool
ocr_ended(const ocr *o)
{
	siginfo_t info = { 0 };

	return waitid(P_PID, (id_t)o->pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid;
}

/* Until it has ended, or must. */
static cdg_status
ocr_listen(ocr *o, char *why, size_t cap, cdg_error *err)
{
	unsigned seconds = o->options->seconds ? o->options->seconds : OCR_SECONDS;
	uint64_t limit = seconds * UINT64_C(1000000000), now;

	for (;;) {
		struct pollfd fds[3] = { { o->out, POLLIN, 0 }, { o->err, POLLIN, 0 }, { o->pidfd, POLLIN, 0 } };
		bool ended;

		(void)poll(fds, 3, OCR_TICK_MS);
		ended = ocr_ended(o);
		if (!ocr_take(o, &o->out) || !ocr_take(o, &o->err))
			return err_nomem(err);
		if (o->text.len > o->most) {
			snprintf(why, cap, "OCR gave more than %llu MiB", (unsigned long long)(o->most >> 20));
			return CDG_OK;
		}
		if (ended) /* all that it wrote was in the pipe by then */
			return CDG_OK;
		if (o->cancel && atomic_load_explicit(o->cancel, memory_order_relaxed))
			return err_set(err, CDG_E_CANCELLED, "cancelled");
		now = clock_ns();
		if (now - o->heard_ns > limit || now - o->began_ns > limit * OCR_TOTAL) {
			snprintf(why, cap, "OCR took longer than %u s", now - o->heard_ns > limit ? seconds : seconds * OCR_TOTAL);
			return CDG_OK;
		}
	}
}

/* ---- what came of it ---------------------------------------------------------------- */

/* The first line of standard error behind ": ", fit to be shown. */
static void
ocr_complaint(ocr *o, char *out, size_t cap)
{
	text_clean clean = { 0 };
	const char *view;
	size_t n, from = 0, k;

	out[0] = 0;
	while (from < o->nsaid && (o->said[from] == '\n' || o->said[from] == ' '))
		from++;
	n = from;
	while (n < o->nsaid && o->said[n] != '\n')
		n++;
	o->clean.len = 0;
	if (n == from || text_sanitize(o->said + from, n - from, &o->clean, &view, &n, &clean, NULL) != CDG_OK)
		return;
	for (size_t most = cap - 3; n > most && most; most--)
		if (((unsigned char)view[most] & 0xc0) != 0x80)
			n = most; /* no half of a character at the cut */
	memcpy(out, ": ", 2);
	for (k = 0; k < n; k++)
		out[k + 2] = (unsigned char)view[k] < ' ' || view[k] == 127 ? ' ' : view[k];
	out[k + 2] = 0;
}

/* Ends and reaps it; unless something was said of it, whether it went well. */
static void
ocr_finish(ocr *o, char *why, size_t cap)
{
	char complaint[OCR_SAID + 3];
	siginfo_t info = { 0 };
	int e;

	/* one that is stopped before its end may want to remove its files */
	for (int left = OCR_MERCY_MS; !ocr_ended(o) && left > 0; left -= OCR_TICK_MS / 4) {
		if (left == OCR_MERCY_MS)
			kill(-o->pid, SIGTERM);
		(void)poll(NULL, 0, OCR_TICK_MS / 4);
	}
	/* unless the host has reaped it, so that its number may be another's by now */
	if (waitid(P_PID, (id_t)o->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0)
		kill(-o->pid, SIGKILL);
	do
		e = waitid(P_PID, (id_t)o->pid, &info, WEXITED);
	while (e < 0 && errno == EINTR);
	ocr_close(&o->out);
	ocr_close(&o->err);
	ocr_close(&o->pidfd);
	if (why[0])
		return;
	ocr_complaint(o, complaint, sizeof complaint);
	if (e == 0 && info.si_code != CLD_EXITED)
		snprintf(why, cap, "OCR failed (signal %d)%s", info.si_status, complaint);
	else if (e == 0 && info.si_status != 0)
		snprintf(why, cap, "OCR failed (exit %d)%s", info.si_status, complaint);
}

static cdg_status
ocr_run(ocr *o, const char *path, char *why, size_t cap, cdg_error *err)
{
	char plain[PATH_MAX + 3];
	cdg_status st;

	/* a path that begins with a dash is no option */
	if (path[0] == '-' && (size_t)snprintf(plain, sizeof plain, "./%s", path) < sizeof plain)
		path = plain;
	if (!ocr_start(o, path, why, cap))
		return CDG_OK;
	st = ocr_listen(o, why, cap, err);
	ocr_finish(o, why, cap);
	return st;
}

/* ---- files in files ------------------------------------------------------------------ */

static bool
ocr_write(int fd, const char *p, size_t n)
{
	while (n) {
		ssize_t k = write(fd, p, n);

		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return false;
		p += k;
		n -= (size_t)k;
	}
	return true;
}

/* A member as a file that only the user may read. */
static cdg_status
ocr_run_member(ocr *o, const wire_scan *scan, char *why, size_t cap, cdg_error *err)
{
	const char *dir = secure_getenv("TMPDIR");
	char path[PATH_MAX];
	cdg_status st = CDG_OK;
	int fd, n;

	n = snprintf(path, sizeof path, "%s/cdg-ocr-XXXXXX%.*s", dir && *dir ? dir : "/tmp", (int)scan->suffix.n,
		     scan->suffix.p);
	fd = n > 0 && (size_t)n < sizeof path ? mkostemps(path, (int)scan->suffix.n, O_CLOEXEC) : -1;
	if (fd < 0) {
		snprintf(why, cap, "OCR: cannot make a file in %.200s: %s", dir && *dir ? dir : "/tmp", strerror(errno));
		return CDG_OK;
	}
	if (!ocr_write(fd, scan->data.p, scan->data.n))
		snprintf(why, cap, "OCR: cannot write %.200s: %s", path, strerror(errno));
	if (close(fd) && !why[0])
		snprintf(why, cap, "OCR: cannot write %.200s: %s", path, strerror(errno));
	if (!why[0])
		st = ocr_run(o, path, why, cap, err);
	unlink(path);
	return st;
}

/* ---- the document -------------------------------------------------------------------- */

static bool
ocr_copy_fields(read_build *b, const document *meta)
{
	b->doc = *meta;
	b->doc.nsections = 0;
	if (meta->nfields && !mem_grow(&b->fields, &b->fields_cap, meta->nfields, sizeof *b->fields))
		return false;
	if (meta->nfields)
		memcpy(b->fields, meta->fields, meta->nfields * sizeof *b->fields);
	return true;
}

/* What was recognised, if anything was, as the document: pages in their places, or all of it. */
static cdg_status
ocr_document(ocr *o, const wire_scan *scan, const document *meta, unsigned last, char *why, size_t cap, cdg_error *err)
{
	read_build *b = &o->build;
	text_clean clean = { 0 };
	const char *view;
	unsigned pages;
	size_t n;
	bool ok;

	o->clean.len = 0;
	if (why[0])
		o->text.len = 0;
	CDG_TRY(text_sanitize(o->text.p ? (char *)o->text.p : "", o->text.len, &o->clean, &view, &n, &clean, err));
	read_build_reset(b);
	ok = ocr_copy_fields(b, meta);
	if (last) {
		ok = ok && ocr_merge(b, meta, read_str(view, n), &pages);
		if (ok && !why[0] && pages < last)
			snprintf(why, cap, "OCR gave %u pages: page %u is lacking", pages, last);
	} else {
		ok = ok && ocr_pages(b, read_str(view, n), scan->suffix.n == 4 && memcmp(scan->suffix.p, ".pdf", 4) == 0);
	}
	b->doc.replaced += clean.replaced;
	return ok && read_build_finish(b) ? CDG_OK : err_nomem(err);
}

cdg_status
ocr_read(ocr *o, const char *path, const wire_scan *scan, const document *meta, const document **doc, char *why,
	 size_t cap, cdg_error *err)
{
	char complaint[OCR_SAID + 3];
	unsigned last = 0;

	*doc = NULL;
	why[0] = 0;
	if (o->text.cap > OCR_KEEP)
		buf_fini(&o->text);
	o->wanted.len = 0;
	if (meta->text.n) {
		buf_puts(&o->wanted, OCR_PAGES "=");
		last = ocr_wanted(meta, &o->wanted);
	}
	CDG_TRY(scan->data.n ? ocr_run_member(o, scan, why, cap, err) : ocr_run(o, path, why, cap, err));
	if (why[0] && !last)
		return CDG_OK;
	CDG_TRY(ocr_document(o, scan, meta, last, why, cap, err));
	if (o->build.doc.text.n) {
		*doc = &o->build.doc;
		return CDG_OK;
	}
	ocr_complaint(o, complaint, sizeof complaint);
	snprintf(why, cap, "OCR found no text%s", complaint);
	return CDG_OK;
}
