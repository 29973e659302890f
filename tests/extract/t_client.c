/* t_client.c - the client of a worker: what it makes of workers that crash, hang, babble,
 * are killed or are not there, and that a host program does not notice. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "base/file.h"
#include "engine/kind.h"
#include "extract/client.h"

static char hostile[PATH_MAX];

/* ---- messages -------------------------------------------------------------------- */

static void
fill(read_build *b)
{
	static const char text[] = "Part One\nArt. 1 \xc3\xa4\xe6\x94\xbf words\n";

	read_build_reset(b);
	b->doc.id = read_str("id", 2);
	b->doc.title = read_str("T", 1);
	b->doc.lang = read_str("de", 2);
	b->doc.text = read_str(text, sizeof text - 1);
	b->doc.replaced = 3;
	read_build_known(b, READ_KEY_DATE, read_str("2013-11", 7));
	read_build_string(b, read_str("author", 6), read_str("A. B", 4), true);
	read_build_string(b, read_str("modified", 8), read_str("2020-01-02", 10), false);
	read_build_untyped(b, read_str("number", 6), read_str("1.5", 3), false);
	read_build_section(b, 0, 1, tree_kind_name(TREE_PART), read_str("Part One", 8));
	read_build_section(b, 9, 2, tree_kind_name(TREE_ARTICLE), read_str("Art. 1", 6));
	read_build_page(b, 9, read_str("12", 2));
	read_build_close(b, sizeof text - 1);
	read_build_warn(b, "careful");
	assert_true(read_build_finish(b));
}

static bool
same(doc_str a, doc_str b)
{
	return a.n == b.n && (!a.n || !memcmp(a.p, b.p, a.n));
}

static void
test_document(void **state)
{
	read_build a, b;
	buf out;

	(void)state;
	read_build_init(&a);
	read_build_init(&b);
	buf_init(&out);
	fill(&a);
	wire_put_document(&out, &a.doc, a.warning);
	assert_true(wire_get_document(out.p + WIRE_HEAD, out.len - WIRE_HEAD, &b));
	assert_true(same(a.doc.id, b.doc.id) && same(a.doc.title, b.doc.title) && same(a.doc.lang, b.doc.lang) &&
		    same(a.doc.text, b.doc.text) && same(a.doc.url, b.doc.url));
	assert_int_equal(b.doc.date.day, a.doc.date.day);
	assert_int_equal(b.doc.date.precision, DOC_MONTH);
	assert_int_equal(b.doc.replaced, 3);
	assert_string_equal(b.warning, "careful");
	assert_int_equal(b.doc.nfields, 3);
	for (size_t i = 0; i < 3; i++) {
		assert_true(same(a.fields[i].name, b.fields[i].name) && same(a.fields[i].string, b.fields[i].string));
		assert_int_equal(a.fields[i].type, b.fields[i].type);
		assert_int_equal(a.fields[i].list, b.fields[i].list);
		assert_true(a.fields[i].number == b.fields[i].number && a.fields[i].date.day == b.fields[i].date.day);
	}
	assert_int_equal(b.doc.nsections, 3);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(a.sections[i].start, b.sections[i].start);
		assert_int_equal(a.sections[i].end, b.sections[i].end);
		assert_int_equal(a.sections[i].level, b.sections[i].level);
		assert_ptr_equal(a.sections[i].kind, b.sections[i].kind);
		assert_true(same(a.sections[i].label, b.sections[i].label));
	}
	/* cut anywhere, or with any byte changed, it is refused or another document */
	for (size_t n = 0; n < out.len - WIRE_HEAD; n++)
		assert_false(wire_get_document(out.p + WIRE_HEAD, n, &b));
	for (size_t i = WIRE_HEAD; i < out.len; i++)
		for (unsigned bit = 0; bit < 8; bit++) {
			out.p[i] ^= (uint8_t)(1u << bit);
			if (wire_get_document(out.p + WIRE_HEAD, out.len - WIRE_HEAD, &b))
				for (size_t k = 0; k < b.doc.nsections; k++)
					assert_true(b.sections[k].start <= b.sections[k].end &&
						    b.sections[k].end <= b.doc.text.n &&
						    (!k || b.sections[k].start >= b.sections[k - 1].start));
			out.p[i] ^= (uint8_t)(1u << bit);
		}
	buf_fini(&out);
	read_build_fini(&a);
	read_build_fini(&b);
}

static void
test_job(void **state)
{
	wire_job a = { .name = read_str("x/y.pdf", 7), .size = 12345, .limits = extract_limits_default, .skip = 7,
		       .bad = { 3, 9 }, .nbad = 2 }, b;
	buf out;

	(void)state;
	buf_init(&out);
	wire_put_job(&out, &a);
	assert_true(wire_get_job(out.p + WIRE_HEAD, out.len - WIRE_HEAD, &b));
	assert_true(same(a.name, b.name) && b.size == a.size && b.skip == 7 && b.nbad == 2 && b.bad[1] == 9);
	assert_true(b.limits.unpacked == a.limits.unpacked && b.limits.text == a.limits.text &&
		    b.limits.documents == a.limits.documents);
	for (size_t n = 0; n < out.len - WIRE_HEAD; n++)
		assert_false(wire_get_job(out.p + WIRE_HEAD, n, &b));
	buf_fini(&out);
}

/* ---- workers ---------------------------------------------------------------------- */

static extract_client *
client(const char *program, unsigned seconds)
{
	extract_client_options o = { .program = program, .seconds = seconds, .memory = (uint64_t)256 << 20 };
	extract_client *c = extract_client_new(&o, NULL);

	assert_non_null(c);
	return c;
}

static int
file_of(const char *content)
{
	int fd = memfd_create("file", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, content, strlen(content)), strlen(content));
	return fd;
}

/* What the worker makes of a file: "text of a document|!problem|...". */
static const char *
ask(extract_client *c, const char *content, char *out, size_t cap)
{
	extract_event e;
	size_t n = 0;

	*out = 0;
	assert_int_equal(extract_client_begin(c, read_str("f", 1), file_of(content), strlen(content), NULL), CDG_OK);
	for (unsigned i = 0; i < 100; i++) {
		assert_int_equal(extract_client_next(c, &e, NULL), CDG_OK);
		if (e.kind == EXTRACT_EVENT_END)
			return out;
		if (e.kind == EXTRACT_EVENT_DOCUMENT)
			n += (size_t)snprintf(out + n, cap - n, "%.*s|", (int)e.doc->text.n, e.doc->text.p);
		else if (e.kind == EXTRACT_EVENT_PROBLEM)
			n += (size_t)snprintf(out + n, cap - n, "!%.*s%s%.*s|", (int)e.problem.name.n, e.problem.name.p,
					      e.problem.name.n ? ": " : "", (int)e.problem.why.n, e.problem.why.p);
		else
			n += (size_t)snprintf(out + n, cap - n, "records|");
		assert_true(n < cap);
	}
	fail_msg("no end comes");
	return out;
}

static void
test_events(void **state)
{
	extract_client *c = client(hostile, 2);
	char out[4096];
	uint64_t hash;
	int pid;

	(void)state;
	assert_int_equal(extract_client_pid(c), 0);
	assert_string_equal(ask(c, "some words", out, sizeof out), "some words|");
	assert_true(extract_client_hash(c, &hash));
	pid = extract_client_pid(c);
	assert_true(pid > 0);
	assert_string_equal(ask(c, "more words", out, sizeof out), "more words|");
	assert_int_equal(extract_client_pid(c), pid); /* one worker, many files */
	assert_string_equal(ask(c, "crash", out, sizeof out), "!the reader crashed (signal 11)|");
	assert_false(extract_client_hash(c, &hash));
	assert_string_equal(ask(c, "words again", out, sizeof out), "words again|");
	assert_int_not_equal(extract_client_pid(c), pid);
	assert_string_equal(ask(c, "forever", out, sizeof out), "!took longer than 2 s|");
	assert_string_equal(ask(c, "signals", out, sizeof out), "!took longer than 2 s|");
	assert_string_equal(ask(c, "problem", out, sizeof out), "!f: is no good|");
	assert_string_equal(ask(c, "members\none\nabort\ncrash\ntwo\nsocket\njsonl\nthree", out, sizeof out),
			    "one|!f/m2: the reader crashed (signal 6)|!f/m3: the reader crashed (signal 11)|two|"
			    "!f/m5: the reader tried what it must not (signal 31)|records|three|");
	extract_client_free(c);
}

/* What is left of a file when the next one comes is given up. */
static void
test_left_early(void **state)
{
	extract_client *c = client(hostile, 5);
	extract_event e;
	char out[100];

	(void)state;
	assert_int_equal(extract_client_begin(c, read_str("f", 1), file_of("endless"), 7, NULL), CDG_OK);
	for (unsigned i = 0; i < 10; i++) {
		assert_int_equal(extract_client_next(c, &e, NULL), CDG_OK);
		assert_int_equal(e.kind, EXTRACT_EVENT_DOCUMENT);
	}
	assert_string_equal(ask(c, "next", out, sizeof out), "next|");
	/* larger than said: the first bytes; smaller: it changed */
	assert_int_equal(extract_client_begin(c, read_str("f", 1), file_of("abc"), 2, NULL), CDG_OK);
	assert_int_equal(extract_client_next(c, &e, NULL), CDG_OK);
	assert_true(e.kind == EXTRACT_EVENT_DOCUMENT && same(e.doc->text, read_str("ab", 2)));
	assert_int_equal(extract_client_begin(c, read_str("f", 1), file_of("abc"), 4, NULL), CDG_OK);
	assert_int_equal(extract_client_next(c, &e, NULL), CDG_OK);
	assert_true(e.kind == EXTRACT_EVENT_PROBLEM && same(e.problem.why, read_str("changed while it was read", 25)));
	extract_client_free(c);
}

static void
test_babble(void **state)
{
	extract_client *c = client(hostile, 2);
	char in[64], out[4096];

	(void)state;
	for (unsigned i = 0; i < 50; i++) {
		snprintf(in, sizeof in, "babble %u", unit_below(1000000));
		ask(c, in, out, sizeof out);
		if (strcmp(out, "!the reader answered what it must not|") != 0)
			print_message("%s: %s\n", in, out);
		assert_non_null(strchr(out, '!'));
		assert_string_equal(ask(c, "sane", out, sizeof out), "sane|");
	}
	extract_client_free(c);
}

/* Messages that are larger than any could be: refused by their heads. */
static void
test_swell(void **state)
{
	static const struct {
		wire_kind kind;
		unsigned mib;
	} cases[] = { { WIRE_READY, 1 },      { WIRE_MEMBER, 17 },  { WIRE_DOCUMENT, 193 }, { WIRE_RECORDS, 97 },
		      { WIRE_PROBLEM, 17 },   { WIRE_END, 17 },     { WIRE_SCAN, 97 },	    { WIRE_DOCUMENT, 4000 },
		      { WIRE_JOB, 1 },	      { (wire_kind)99, 17 } };
	extract_client *c = client(hostile, 10);
	char in[64], out[4096];

	(void)state;
	for (unsigned i = 0; i < countof(cases); i++) {
		snprintf(in, sizeof in, "swell %u %u", (unsigned)cases[i].kind, cases[i].mib << 20);
		assert_string_equal(ask(c, in, out, sizeof out), "!the reader answered what it must not|");
		assert_string_equal(ask(c, "sane", out, sizeof out), "sane|");
	}
	extract_client_free(c);
}

static void
test_most(void **state)
{
	const extract_limits *l = &extract_limits_default;
	extract_limits small = { .unpacked = 1 << 20, .member = 1 << 20, .text = 1 << 20, .documents = 1 };
	static const wire_kind kinds[] = { WIRE_JOB, WIRE_READY, WIRE_MEMBER, WIRE_DOCUMENT, WIRE_RECORDS, WIRE_END, WIRE_SCAN };

	(void)state;
	for (size_t i = 0; i < countof(kinds); i++)
		for (unsigned bit = 0; bit < 64; bit++) {
			uint64_t n = wire_most(kinds[i], l, (uint64_t)1 << bit);

			assert_true(n > 0 && n <= WIRE_MAX);
			assert_true(n >= wire_most(kinds[i], l, (uint64_t)1 << bit >> 1));
			assert_true(n >= wire_most(kinds[i], &small, (uint64_t)1 << bit));
		}
	assert_true(wire_most(WIRE_RECORDS, l, UINT64_MAX) >= l->member);
	assert_true(wire_most(WIRE_DOCUMENT, l, UINT64_MAX) >= 2 * l->text);
	assert_true(wire_most(WIRE_DOCUMENT, &small, UINT64_MAX) < 128 << 20);
}

static void
test_no_worker(void **state)
{
	static const struct {
		const char *program, *want;
	} cases[] = {
		{ "/nowhere/cdg-extract", "cannot start /nowhere/cdg-extract: No such file or directory" },
		{ "/etc/passwd", "cannot start /etc/passwd: Permission denied" },
		{ "/bin/true", "cdg-extract cannot start (exit 0)" },
		{ "/bin/false", "cdg-extract cannot start (exit 1)" },
		{ "./silent", "took longer than 1 s" },
	};
	static const char silent[] = "#!/bin/sh\nexec sleep 100\n";
	char out[1000], *dir = unit_mkdir(), *old = getcwd(NULL, 0);
	int fd;

	(void)state;
	assert_int_equal(chdir(dir), 0);
	fd = open("silent", O_WRONLY | O_CREAT | O_CLOEXEC, 0700);
	assert_int_equal(write(fd, silent, sizeof silent - 1), sizeof silent - 1);
	close(fd);
	for (size_t i = 0; i < countof(cases); i++) {
		extract_client *c = client(cases[i].program, 1);

		for (unsigned round = 0; round < 2; round++) {
			ask(c, "words", out, sizeof out);
			assert_memory_equal(out, "!", 1);
			out[strlen(out) - 1] = 0;
			assert_string_equal(out + 1, cases[i].want);
		}
		extract_client_free(c);
	}
	assert_int_equal(chdir(old), 0);
	free(old);
	unit_rmdir(dir);
}

static void
test_cancel(void **state)
{
	atomic_bool cancel = true;
	extract_client_options o = { .program = hostile, .cancel = &cancel };
	extract_client *c = extract_client_new(&o, NULL);
	extract_event e;
	uint64_t start = clock_ns();

	(void)state;
	assert_int_equal(extract_client_begin(c, read_str("f", 1), file_of("forever"), 7, NULL), CDG_OK);
	assert_int_equal(extract_client_next(c, &e, NULL), CDG_E_CANCELLED);
	extract_client_free(c);
	assert_true(clock_ns() - start < 5000000000u);
}

/* ---- the host ----------------------------------------------------------------------- */

static volatile sig_atomic_t children;

static void
on_child(int sig)
{
	(void)sig;
	children++;
}

static unsigned
open_files(void)
{
	unsigned n = 0;

	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

/* With a handler of its own for SIGCHLD, and with one that reaps everything. */
static void
test_host(void **state)
{
	struct sigaction own = { .sa_handler = on_child }, auto_reap = { .sa_handler = SIG_IGN }, now;
	unsigned files = open_files();
	bool before[256];
	char out[1000];

	(void)state;
	for (int fd = 0; fd < 256; fd++)
		before[fd] = fcntl(fd, F_GETFD) >= 0;
	for (unsigned round = 0; round < 2; round++) {
		extract_client *c = client(hostile, 5);

		sigaction(SIGCHLD, round ? &auto_reap : &own, NULL);
		assert_string_equal(ask(c, "words", out, sizeof out), "words|");
		assert_memory_equal(ask(c, "crash", out, sizeof out), "!the reader ", 12);
		assert_string_equal(ask(c, "words", out, sizeof out), "words|");
		for (int fd = 3; fd < 256; fd++)
			assert_true(before[fd] || fcntl(fd, F_GETFD) < 0 || fcntl(fd, F_GETFD) & FD_CLOEXEC);
		extract_client_free(c);
		sigaction(SIGCHLD, NULL, &now);
		assert_ptr_equal(now.sa_handler, round ? SIG_IGN : on_child);
		assert_true(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD); /* no zombie, no child */
		assert_int_equal(open_files(), files);
	}
	signal(SIGCHLD, SIG_DFL);
}

/* A descriptor that the host forgot to mark is not the worker's. */
static void
test_nothing_inherited(void **state)
{
	int leak = open("/etc/passwd", O_RDONLY), tty = dup2(leak, 77);
	extract_client *c = client(hostile, 5);
	char path[64], out[100];

	(void)state;
	assert_int_equal(tty, 77);
	assert_string_equal(ask(c, "words", out, sizeof out), "words|");
	snprintf(path, sizeof path, "/proc/%d/fd/77", extract_client_pid(c));
	assert_true(access(path, F_OK) < 0);
	snprintf(path, sizeof path, "/proc/%d/fd/%d", extract_client_pid(c), leak);
	assert_true(access(path, F_OK) < 0);
	extract_client_free(c);
	close(leak);
	close(tty);
}

/* ---- many at once ------------------------------------------------------------------- */

enum { THREADS = 6, FILES = 60 };

static struct {
	pthread_mutex_t lock;
	int pids[THREADS];
	bool over;
	uint64_t seed;
} killing = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void *
read_many(void *arg)
{
	unsigned t = *(unsigned *)arg;
	extract_client *c = client(hostile, 10);
	char in[100], out[1000], want[120];
	uintptr_t bad = 0;

	for (unsigned i = 0; i < FILES; i++) {
		if (i % 7 == 3) {
			ask(c, "crash", out, sizeof out);
			continue;
		}
		snprintf(in, sizeof in, "members\nwords %u of %u\nmore of it", i, t);
		snprintf(want, sizeof want, "words %u of %u|more of it|", i, t);
		bad += strcmp(ask(c, in, out, sizeof out), want) != 0;
		pthread_mutex_lock(&killing.lock);
		killing.pids[t] = extract_client_pid(c);
		pthread_mutex_unlock(&killing.lock);
	}
	pthread_mutex_lock(&killing.lock);
	killing.pids[t] = 0;
	pthread_mutex_unlock(&killing.lock);
	extract_client_free(c);
	return (void *)bad;
}

/* At most every 20 ms, so that no file is met twice. */
static void *
kill_some(void *arg)
{
	struct timespec pause = { 0, 20000000 };

	(void)arg;
	for (unsigned i = 0; !killing.over; i++) {
		pthread_mutex_lock(&killing.lock);
		/* a child of ours that is not reaped yet: the thread would have taken it out of the list */
		if (killing.pids[i % THREADS] > 0) {
			kill(killing.pids[i % THREADS], SIGKILL);
			killing.pids[i % THREADS] = 0;
		}
		pthread_mutex_unlock(&killing.lock);
		nanosleep(&pause, NULL);
	}
	return NULL;
}

static void
test_killed(void **state)
{
	pthread_t threads[THREADS], killer;
	unsigned numbers[THREADS], bad = 0;
	void *got;

	(void)state;
	assert_int_equal(pthread_create(&killer, NULL, kill_some, NULL), 0);
	for (unsigned t = 0; t < THREADS; t++) {
		numbers[t] = t;
		assert_int_equal(pthread_create(&threads[t], NULL, read_many, &numbers[t]), 0);
	}
	for (unsigned t = 0; t < THREADS; t++) {
		pthread_join(threads[t], &got);
		bad += (unsigned)(uintptr_t)got;
	}
	killing.over = true;
	pthread_join(killer, NULL);
	assert_int_equal(bad, 0);
	assert_true(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD);
}

static void
find_hostile(void)
{
	ssize_t n = readlink("/proc/self/exe", hostile, sizeof hostile - 20);

	while (n > 0 && hostile[n - 1] != '/')
		n--;
	snprintf(hostile + n, 20, "extract/hostile");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_document),  cmocka_unit_test(test_job),	 cmocka_unit_test(test_events),
		cmocka_unit_test(test_left_early), cmocka_unit_test(test_babble), cmocka_unit_test(test_swell), cmocka_unit_test(test_most), cmocka_unit_test(test_no_worker),
		cmocka_unit_test(test_cancel),	  cmocka_unit_test(test_host),	 cmocka_unit_test(test_nothing_inherited),
		cmocka_unit_test(test_killed),
	};

	unit_seed("t_client");
	find_hostile();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
