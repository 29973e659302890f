/* fault.c - memory that runs out at the n-th request, for n = 1, 2, ... until
 * the work gets through: opening and checking an index, each question of
 * tests/corrupt/victim.h with its snippets, adding and committing, merging.
 *
 * Each failure is CDG_E_NOMEM and leaks nothing (build with
 * -fsanitize=address: leaks are looked for as it runs); a right answer in spite
 * of it is right to the byte; after a writer's failure the index is as it was
 * and its folder is clean.  Twice: once only the n-th request fails, once all
 * from it on.  Only our own requests are counted: libraries ask by themselves.
 *
 * Environment: PHASE=name, STEP (1; the default of commit and merge is 3).
 */
#define _GNU_SOURCE
#include "tests/corrupt/victim.h"

#if defined(__SANITIZE_ADDRESS__)
#define FAULT_LEAKS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define FAULT_LEAKS 1
#endif
#endif

#ifdef FAULT_LEAKS
int __lsan_do_recoverable_leak_check(void);
#else
#define __lsan_do_recoverable_leak_check() 0
#endif

enum { LEAK_EVERY = 64, PRINT_MAX = 30 };

typedef struct fault {
	char dir[64];
	cdg_index *x;
	buf want[VICTIM_QUERIES];
	size_t query;
	long n, last_leak_check;
	bool sticky;
	const char *what;
	unsigned passed, failed, printed;
} fault;

static void
fail(fault *f, const char *why, const char *more)
{
	f->failed++;
	if (f->printed++ < PRINT_MAX)
		printf("not ok %s, request %ld%s: %s %s\n", f->what, f->n, f->sticky ? " and all after it" : "", why, more);
	fflush(stdout);
}

static void
leaks(fault *f, long n)
{
	if (__lsan_do_recoverable_leak_check()) {
		char more[64];
		snprintf(more, sizeof more, "between request %ld and %ld", f->last_leak_check, n);
		fail(f, "leaks", more);
	}
	f->last_leak_check = n;
}

/* ---- the works: each returns what it got -------------------------------------- */

static cdg_status
work_open(fault *f, cdg_error *err)
{
	cdg_index *x;
	cdg_status st = cdg_index_open(f->dir, &x, err);

	if (st == CDG_OK)
		cdg_index_close(x);
	return st;
}

static cdg_status
work_check(fault *f, cdg_error *err)
{
	cdg_index *x;
	cdg_status st = cdg_index_open(f->dir, &x, err);

	if (st != CDG_OK)
		return st;
	st = snapshot_check(x->snap, err);
	cdg_index_close(x);
	return st;
}

static cdg_status
work_ask(fault *f, cdg_error *err)
{
	buf got = { 0 };
	cdg_status st = victim_ask(f->x, f->query, &got, err);

	if (st == CDG_OK && (got.len != f->want[f->query].len || memcmp(got.p, f->want[f->query].p, got.len) != 0))
		st = err_set(err, CDG_E_ARG, "another answer without an error: %.400s", buf_cstr(&got));
	buf_fini(&got);
	return st;
}

static cdg_status
work_write(fault *f, bool optimize, cdg_error *err)
{
	writer_options opt = { .threads = 1, .no_sync = true, .no_merge = !optimize, .optimize = optimize,
			       .reorder = optimize, .pairs = optimize, .lang_mode = WRITER_LANG_FIXED };
	writer *w;
	bool found;
	cdg_status st = writer_open(f->dir, &opt, &w, err);

	if (st != CDG_OK)
		return st;
	st = victim_add(w, 3, 9, err);
	if (st == CDG_OK)
		st = victim_add(w, 200000, 30, err);
	if (st == CDG_OK)
		st = writer_delete_id(w, "doc-4", 5, &found, err);
	if (st == CDG_OK)
		st = writer_commit(w, NULL, NULL, err);
	writer_close(w);
	return st;
}

static cdg_status
work_commit(fault *f, cdg_error *err)
{
	return work_write(f, false, err);
}

static cdg_status
work_merge(fault *f, cdg_error *err)
{
	return work_write(f, true, err);
}

/* ---- after a failure ------------------------------------------------------------- */

static uint64_t
generation(const char *dir)
{
	manifest m;
	uint64_t g = manifest_load(&m, dir, NULL) == CDG_OK ? m.generation : 0;

	manifest_fini(&m);
	return g;
}

static size_t
count_files(const char *dir)
{
	char **names;
	size_t n = 0;

	if (file_list(dir, &names, &n, NULL) == CDG_OK)
		file_list_free(names, n);
	return n;
}

/* The index is sound, and has a state that was committed. */
static void
look(fault *f, uint64_t before, size_t files)
{
	cdg_error err = { 0 };
	cdg_index *x;
	buf got = { 0 };

	if (cdg_index_open(f->dir, &x, &err) != CDG_OK) {
		fail(f, "cannot open afterwards:", err.message);
		return;
	}
	if (snapshot_check(x->snap, &err) != CDG_OK)
		fail(f, "not sound afterwards:", err.message);
	/* a merge that fails comes after a commit that did not */
	if (x->snap->manifest.generation == before) {
		f->query = 0;
		if (victim_ask(x, 0, &got, &err) != CDG_OK)
			fail(f, "cannot search afterwards:", err.message);
		else if (got.len != f->want[0].len || memcmp(got.p, f->want[0].p, got.len) != 0)
			fail(f, "another state afterwards", "");
		/* cleaning up takes memory too: where there is none at all, the next
		 * writer does it */
		if (!f->sticky && count_files(f->dir) != files)
			fail(f, "files are left over", "");
	}
	buf_fini(&got);
	cdg_index_close(x);
}

static void
rebuild(fault *f)
{
	cdg_error err = { 0 };

	if (f->x)
		cdg_index_close(f->x);
	f->x = NULL;
	if (f->dir[0])
		victim_remove(f->dir);
	victim_folder(f->dir, "fault");
	if (victim_build(f->dir, 150, 6, &err) != CDG_OK || cdg_index_open(f->dir, &f->x, &err) != CDG_OK) {
		fprintf(stderr, "fault: cannot build the index: %s\n", err.message);
		exit(2);
	}
	for (size_t i = 0; i < VICTIM_QUERIES; i++) {
		f->want[i].len = 0;
		if (victim_ask(f->x, i, &f->want[i], &err) != CDG_OK) {
			fprintf(stderr, "fault: %s: %s\n", victim_queries[i].text, err.message);
			exit(2);
		}
	}
}

/* How many requests the work makes: as many of a known number as are not left
 * after it.  Few work differently the next time. */
static long
count_requests(fault *f, cdg_status (*work)(fault *, cdg_error *))
{
	enum { PLENTY = 300000 };
	cdg_error err = { 0 };
	long left = 0;
	void *p;

	mem_fail_after(PLENTY, true);
	if (work(f, &err) != CDG_OK) {
		mem_fail_after(0, false);
		fail(f, "does not work undisturbed:", err.message);
		return 0;
	}
	while ((p = mem_alloc(1))) {
		left++;
		mem_free(p);
	}
	mem_fail_after(0, false);
	return PLENTY - 1 - left;
}

/* One way of failing, at every place. */
static void
run(fault *f, const char *what, cdg_status (*work)(fault *, cdg_error *), bool writes, long step)
{
	unsigned before_failed = f->failed;
	long total;

	f->what = what;
	f->last_leak_check = 1;
	f->n = 0;
	total = count_requests(f, work);
	if (writes)
		rebuild(f);
	for (f->n = 1; f->n <= total; f->n += step) {
		cdg_error err = { 0 };
		uint64_t gen = writes ? generation(f->dir) : 0;
		size_t files = writes ? count_files(f->dir) : 0;
		cdg_status st;
		mem_fail_after(f->n, f->sticky);
		st = work(f, &err);
		mem_fail_after(0, false);
		if (st != CDG_OK && st != CDG_E_NOMEM)
			fail(f, cdg_status_name(st), err.message);
		else if (st != CDG_OK && !err.message[0])
			fail(f, "an error without a message", "");
		if (writes)
			look(f, gen, files);
		if (writes && generation(f->dir) != gen)
			rebuild(f);
		if (f->n - f->last_leak_check >= LEAK_EVERY * step)
			leaks(f, f->n);
	}
	leaks(f, f->n);
	f->passed += f->failed == before_failed;
	printf("%s %s%s: %ld requests\n", f->failed == before_failed ? "ok" : "not ok", what,
	       f->sticky ? ", all fail from one on" : "", total);
	fflush(stdout);
}

static bool
wanted(const char *name)
{
	const char *only = getenv("PHASE");
	return !only || !*only || !strcmp(only, name);
}

int
main(void)
{
	static fault f;
	long step = (long)victim_env("STEP", 1), wstep = (long)victim_env("STEP", 3);

	rebuild(&f);
	for (int sticky = 0; sticky < 2; sticky++) {
		f.sticky = sticky;
		if (wanted("open"))
			run(&f, "open", work_open, false, step);
		if (wanted("check"))
			run(&f, "check", work_check, false, step);
		for (size_t i = 0; wanted("ask") && i < VICTIM_QUERIES; i++) {
			f.query = i;
			run(&f, victim_queries[i].text, work_ask, false, step);
		}
		if (wanted("commit"))
			run(&f, "commit", work_commit, true, wstep);
		if (wanted("merge"))
			run(&f, "merge", work_merge, true, wstep);
	}
	cdg_index_close(f.x);
	victim_remove(f.dir);
	for (size_t i = 0; i < VICTIM_QUERIES; i++)
		buf_fini(&f.want[i]);
	printf("%u passed, %u failed\n", f.passed, f.failed);
	return f.failed != 0;
}
