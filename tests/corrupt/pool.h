/* pool.h - many small cases over a few processes that may die of them: each
 * case has a number, a process takes the next one, and when it crashes or hangs
 * the case is written down and another process goes on.
 *
 * The memory that processes share holds counters and findings.  A worker ends
 * by exit, so that the leak checker of the sanitizers runs in each.
 */
#ifndef TESTS_CORRUPT_POOL_H
#define TESTS_CORRUPT_POOL_H

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"

enum { POOL_WORKERS = 16, POOL_FINDINGS = 200, POOL_COUNTERS = 256, POOL_HANG = 30, POOL_DEATHS = 500 };
#define POOL_IDLE UINT64_MAX

typedef struct pool {
	_Atomic uint64_t next, done, nfindings, nwrong;
	_Atomic uint64_t current[POOL_WORKERS];
	_Atomic uint64_t counter[POOL_COUNTERS];
	char finding[POOL_FINDINGS][512];
} pool;

CDG_UNUSED static pool *
pool_new(void)
{
	pool *p = mmap(NULL, sizeof *p, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED) {
		perror("mmap");
		exit(2);
	}
	return p;
}

/* Any process: something is wrong. */
CDG_UNUSED CDG_PRINTF(2, 3) static void
pool_find(pool *p, const char *fmt, ...)
{
	uint64_t i = atomic_fetch_add(&p->nfindings, 1);
	va_list ap;

	if (i >= POOL_FINDINGS)
		return;
	va_start(ap, fmt);
	vsnprintf(p->finding[i], sizeof p->finding[i], fmt, ap);
	va_end(ap);
}

typedef struct pool_job {
	pool *pool;
	uint64_t ncases;       /* UINT64_MAX: until the deadline */
	uint64_t deadline_ns;  /* 0: none */
	void *(*begin)(void *ctx, unsigned worker); /* in the new process */
	void (*end)(void *state);
	void (*run)(void *state, uint64_t i);
	void (*describe)(void *ctx, uint64_t i, char *out, size_t cap);
	void *ctx;
} pool_job;

static void
pool_work(const pool_job *j, unsigned worker)
{
	pool *p = j->pool;
	void *state = j->begin(j->ctx, worker);

	for (;;) {
		uint64_t i = atomic_fetch_add(&p->next, 1);
		if (i >= j->ncases || (j->deadline_ns && clock_ns() > j->deadline_ns))
			break;
		atomic_store(&p->current[worker], i);
		alarm(POOL_HANG);
		j->run(state, i);
		atomic_fetch_add(&p->done, 1);
		atomic_store(&p->current[worker], POOL_IDLE);
	}
	alarm(POOL_HANG * 4);
	j->end(state);
	exit(0);
}

static pid_t
pool_fork(const pool_job *j, unsigned worker)
{
	pid_t pid;

	fflush(stdout);
	fflush(stderr);
	atomic_store(&j->pool->current[worker], POOL_IDLE);
	pid = fork();
	if (pid < 0) {
		perror("fork");
		exit(2);
	}
	if (!pid)
		pool_work(j, worker);
	return pid;
}

static void
pool_died(const pool_job *j, unsigned worker, int status)
{
	uint64_t i = atomic_load(&j->pool->current[worker]);
	char what[300] = "at the end of a worker (a leak?)", how[64];

	if (i != POOL_IDLE)
		j->describe(j->ctx, i, what, sizeof what);
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
		snprintf(how, sizeof how, "hangs (%d s)", POOL_HANG);
	else if (WIFSIGNALED(status))
		snprintf(how, sizeof how, "signal %d", WTERMSIG(status));
	else
		snprintf(how, sizeof how, "exit %d", WEXITSTATUS(status));
	pool_find(j->pool, "CRASH %s: %s", how, what);
	atomic_fetch_add(&j->pool->done, 1);
}

/* All cases; returns how many were done. */
CDG_UNUSED static uint64_t
pool_run(const pool_job *j, unsigned nworkers)
{
	pid_t pid[POOL_WORKERS];
	unsigned left = nworkers, deaths = 0;

	atomic_store(&j->pool->next, 0);
	atomic_store(&j->pool->done, 0);
	for (unsigned w = 0; w < nworkers; w++)
		pid[w] = pool_fork(j, w);
	while (left) {
		int status;
		pid_t who = wait(&status);
		unsigned w = 0;
		if (who < 0 && errno == EINTR)
			continue;
		while (w < nworkers && pid[w] != who)
			w++;
		if (w == nworkers)
			continue;
		if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
			left--;
			continue;
		}
		bool at_end = atomic_load(&j->pool->current[w]) == POOL_IDLE;
		pool_died(j, w, status);
		if (at_end || ++deaths > POOL_DEATHS)
			left--;
		else
			pid[w] = pool_fork(j, w);
	}
	return atomic_load(&j->pool->done);
}

/* Print what was found since `from` and forget nothing. */
CDG_UNUSED static void
pool_print(const pool *p, uint64_t from)
{
	uint64_t n = atomic_load(&p->nfindings);

	for (uint64_t i = from; i < n && i < POOL_FINDINGS && i < from + 40; i++)
		printf("  %s\n", p->finding[i]);
	if (n > from + 40)
		printf("  ... %llu in all\n", (unsigned long long)(n - from));
}

#endif
