/* hostile.c - a worker whose reader does what the file says: the harm that a hostile file
 * could make a real reader do.  Sandbox and protocol are those of cdg-extract.
 *
 * Each line of a file is a command; `members` makes the lines after it files in a file.
 * What does not end the worker is told as the text of a document.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "extract/reader/readers.h"
#include "extract/reader/serve.h"

static bool
is(const char *word, const extract_input *in)
{
	size_t n = strlen(word);

	return in->n >= n && !memcmp(in->data, word, n) && (in->n == n || in->data[n] == '\n' || in->data[n] == ' ');
}

static char *volatile sink;


static long
take_memory(bool touch)
{
	long got = 0;

	for (size_t i = 0; i < 1600; i++) { /* 100 GB */
		char *p = malloc((size_t)64 << 20);

		if (!p)
			return got;
		for (size_t k = 0; touch && k < (size_t)64 << 20; k += 4096)
			p[k] = 1;
		sink = p;
		got += 64;
	}
	return got;
}

static long
shared_memory(void)
{
	void *p = mmap(NULL, (size_t)1 << 20, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? -1 : 0;
}

static long
code_memory(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? -1 : 0;
}

/* What a call gives that should be refused; 1: there is no such command. */
static long
attempt(const extract_input *in)
{
	static const struct timespec second = { 1, 0 };
	struct stat st;

	errno = 0;
	if (is("passwd", in))
		return open("/etc/passwd", O_RDONLY);
	if (is("list", in))
		return open("/", O_RDONLY | O_DIRECTORY);
	if (is("proc", in))
		return open("/proc/self/mem", O_RDONLY);
	if (is("write", in))
		return open("/tmp/cdg-hostile", O_WRONLY | O_CREAT, 0600);
	if (is("socket", in))
		return socket(AF_INET, SOCK_STREAM, 0);
	if (is("unix", in))
		return socket(AF_UNIX, SOCK_DGRAM, 0);
	if (is("fork", in))
		return fork();
	if (is("exec", in))
		return execl("/bin/true", "true", (char *)NULL);
	if (is("signal", in))
		return kill(getppid(), SIGTERM);
	if (is("group", in))
		return kill(0, SIGTERM);
	if (is("trace", in))
		return ptrace(PTRACE_ATTACH, getppid(), NULL, NULL);
	if (is("unlink", in))
		return unlink("/tmp/cdg-hostile");
	if (is("shared", in))
		return shared_memory();
	if (is("code", in))
		return code_memory();
	if (is("stat", in))
		return stat("/etc/passwd", &st);
	if (is("chdir", in))
		return chdir("/tmp");
	if (is("sleep", in))
		return nanosleep(&second, NULL);
	if (is("rlimit", in))
		return syscall(SYS_prlimit64, getppid(), 0, NULL, &st);
	return 1;
}

static int
sink_depth(int n)
{
	volatile char room[4096];

	room[n % 4096] = (char)n;
	return n < 0 ? room[0] : sink_depth(n + 1) + room[n % 4096];
}

static void
babble(const extract_input *in)
{
	uint64_t x = (uint64_t)strtoull(in->data + 6, NULL, 10) * 2654435761u + 1;
	char bytes[4096];

	for (int round = 0; round < 64; round++) {
		for (size_t i = 0; i < sizeof bytes; i++) {
			x = x * 6364136223846793005u + 1442695040888963407u;
			/* heads that look like heads now and then */
			bytes[i] = (char)(i % 8 < 4 && i % 8 ? 0 : i % 8 == 4 ? (x >> 60) % 9 : i % 8 > 4 ? 0 : x >> 56);
		}
		if (write(0, bytes, sizeof bytes) < 0)
			_exit(0);
	}
	_exit(0);
}

/* "swell KIND BYTES": the head of a message of so many, which never come. */
static void
swell(const extract_input *in)
{
	unsigned char bytes[8];
	unsigned kind = 0, n = 0;
	char line[64];

	snprintf(line, sizeof line, "%.*s", (int)in->n, in->data);
	if (sscanf(line, "swell %u %u", &kind, &n) != 2)
		_exit(1);
	for (unsigned i = 0; i < 4; i++) {
		bytes[i] = (unsigned char)(n >> 8 * i);
		bytes[4 + i] = (unsigned char)(kind >> 8 * i);
	}
	if (write(0, bytes, sizeof bytes) < 0)
		_exit(0);
	for (volatile unsigned i = 0;; i++)
		;
}

/* What ends the worker, if it may be done. */
static void
misbehave(const extract_input *in)
{
	if (is("crash", in))
		raise(SIGSEGV);
	if (is("abort", in))
		abort();
	if (is("leave", in))
		exit(3);
	if (is("forever", in))
		for (volatile unsigned i = 0;; i++)
			;
	if (is("deep", in))
		sink_depth(1);
	if (is("memory", in)) {
		take_memory(true);
		abort(); /* as libraries do */
	}
	if (is("last", in)) /* until somebody cuts the file short */
		for (;;)
			(void)*(volatile const char *)(in->data + in->n - 1);
	if (is("babble", in))
		babble(in);
	if (is("swell", in))
		swell(in);
	if (is("killed", in))
		syscall(SYS_tgkill, getpid(), gettid(), SIGKILL);
	if (is("signals", in)) {
		for (int i = 1; i < 32; i++)
			signal(i, SIG_IGN);
		for (volatile unsigned i = 0;; i++)
			;
	}
}

static cdg_status
give_text(extract_job *job, const extract_input *in, const char *text, size_t n, cdg_error *err)
{
	read_build *b = extract_begin(job, in);

	b->doc.text = read_build_copy(b, text, n);
	return extract_give(job, in, "hostile", err);
}

static cdg_status
give_members(extract_job *job, const extract_input *in, cdg_error *err)
{
	const char *at = in->data, *end = in->data + in->n;
	char name[32];

	for (unsigned i = 0; at < end; i++) {
		const char *nl = memchr(at, '\n', (size_t)(end - at));
		extract_input inner = { .data = at, .n = (size_t)((nl ? nl : end) - at) };

		snprintf(name, sizeof name, "m%u", i);
		if (i)
			CDG_TRY(extract_member(job, in, name, &inner, err));
		at = nl ? nl + 1 : end;
	}
	return CDG_OK;
}

/* Instead of that of cdg-extract. */
cdg_status
extract_read(extract_job *job, const extract_input *in, cdg_error *err)
{
	static const char records[] = "{\"text\":\"recordone\"}\n{\"text\":\"recordtwo\",\n{\"id\":\"own\",\"text\":\"recordthree\"}\n";
	static const char table[] = "title,text\nA,\"tableone\nrow\"\nB,tabletwo\n";
	char text[200];
	size_t word = 0;
	long got;

	if (is("members", in))
		return give_members(job, in, err);
	if (is("many", in)) {
		for (unsigned i = 0; i < 10; i++)
			CDG_TRY(give_text(job, in, "many", 4, err));
		misbehave(&(extract_input){ .data = "crash", .n = 5 });
	}
	if (is("problem", in))
		return extract_problem(job, in, false, err, "is no good");
	if (is("skipped", in))
		return extract_problem(job, in, true, err, "is not for us");
	if (is("endless", in))
		for (;;)
			CDG_TRY(give_text(job, in, "endless words", 13, err));
	if (is("jsonl", in))
		return extract_wanted(job) ? job->sink.records(job->sink.ctx, in->name, EXTRACT_JSONL, records, sizeof records - 1, err) : CDG_OK;
	if (is("csv", in))
		return extract_wanted(job) ? job->sink.records(job->sink.ctx, in->name, EXTRACT_CSV, table, sizeof table - 1, err) : CDG_OK;
	misbehave(in);
	got = attempt(in);
	if (got == 1)
		return give_text(job, in, in->data, in->n, err);
	while (word < in->n && in->data[word] != '\n' && in->data[word] != ' ')
		word++;
	snprintf(text, sizeof text, "%.*s %s %s", (int)word, in->data, got < 0 ? "refused" : "ALLOWED",
		 got < 0 ? strerrorname_np(errno) : "");
	return give_text(job, in, text, strlen(text), err);
}

/* As in read.c, which is not linked here. */
cdg_status
extract_member(extract_job *job, const extract_input *in, const char *name, const extract_input *inner, cdg_error *err)
{
	extract_input member = *inner;
	uint64_t number = job->members++;
	char path[4300];

	snprintf(path, sizeof path, "%s/%s", in->name, name);
	member.name = path;
	member.depth = in->depth + 1;
	for (size_t i = 0; i < job->nbad; i++)
		if (job->bad[i] == number)
			return CDG_OK;
	CDG_TRY(job->sink.member(job->sink.ctx, path, err));
	return extract_read(job, &member, err);
}

int
main(int argc, char **argv)
{
	return argc == 3 && !strcmp(argv[1], "--worker") ? serve(STDIN_FILENO, strtoull(argv[2], NULL, 10)) : 2;
}
