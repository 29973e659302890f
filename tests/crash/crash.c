/* crash.c - writers that die, and disks that fail: what is left is the last
 * committed state or the one whose commit was under way, whole, and the next
 * writer goes on from there.
 *
 *   kill    a writer with two threads is killed at random moments, COUNT (300) times,
 *           while it opens the index, adds, deletes and merges; of 200 some hit each
 *   points  a writer is killed before, in the middle of and after each call that
 *           changes the disk, one after the other, through commits and merges
 *   fail    each of these calls fails once; and the disk is full from each on
 *   order   with syncing on: nothing is named by a manifest before it was synced
 *   full    a small tmpfs and RLIMIT_FSIZE
 *
 * A writer notes in shared memory what it is going to commit and that it did;
 * so the parent knows the two states that are right.  Environment: SEED, COUNT,
 * PHASE=name.
 */
#define _GNU_SOURCE
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "tests/crash/disk.h"
#include "tests/crash/state.h"

/* What writer and parent share. */
typedef struct shared {
	state s[2];
	_Atomic uint32_t word; /* index of the committed state << 1 | a commit is under way */
	_Atomic uint32_t version;
	_Atomic uint64_t commits;
	_Atomic uint32_t doing; /* state_doing */
	char message[1200];    /* why the writer gave up */
} shared;

typedef struct bench {
	shared *sh;
	char dir[64];
	uint64_t generation, seed;
	unsigned passed, failed;
	bool broken; /* of this case */
	char what[200];
} bench;

static void
fail(bench *b, const char *fmt, ...)
{
	va_list ap;

	if (!b->broken)
		printf("not ok %s: ", b->what);
	else
		printf("    and: ");
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
	fflush(stdout);
	b->broken = true;
}

static void
settle(bench *b)
{
	if (b->broken)
		b->failed++;
	else
		b->passed++;
	b->broken = false;
}

/* ---- the writer's side ------------------------------------------------------ */

/* Commit what `next` says; tells before and after. */
static cdg_status
child_commit(shared *sh, writer *w, const state *next, cdg_error *err)
{
	uint32_t cur = atomic_load(&sh->word) >> 1;

	sh->s[!cur] = *next;
	atomic_store(&sh->word, cur << 1 | 1);
	CDG_TRY(writer_commit(w, NULL, NULL, err));
	atomic_store(&sh->word, (!cur) << 1);
	atomic_fetch_add(&sh->commits, 1);
	return CDG_OK;
}

/* One writer from open to close: a few commits, and now and then a rollback. */
static cdg_status
child_session(const bench *b, uint64_t *r, unsigned threads, cdg_error *err)
{
	shared *sh = b->sh;
	writer_options opt = { .threads = threads, .no_sync = true, .optimize = victim_rand(r) % 3 == 0,
			       .reorder = victim_rand(r) % 2 == 0, .pairs = victim_rand(r) % 2 == 0, .lang_mode = WRITER_LANG_FIXED };
	unsigned n = 1 + (unsigned)(victim_rand(r) % 8);
	writer *w;
	cdg_status st;

	atomic_store(&sh->doing, STATE_OPENING);
	st = writer_open(b->dir, &opt, &w, err);
	CDG_TRY(st);
	for (unsigned i = 0; i < n && st == CDG_OK; i++) {
		state next = sh->s[atomic_load(&sh->word) >> 1];
		st = state_change(w, &next, atomic_fetch_add(&sh->version, 1) + 1, r, &sh->doing, err);
		if (st == CDG_OK && victim_rand(r) % 10 == 0)
			st = writer_rollback(w, err);
		else if (st == CDG_OK)
			st = child_commit(sh, w, &next, err);
		if (st == CDG_OK) {
			manifest m;
			char name[128];
			st = manifest_load(&m, b->dir, err);
			if (st == CDG_E_NOTFOUND && !atomic_load(&sh->commits))
				st = CDG_OK;
			else if (st == CDG_OK && state_strays(b->dir, &m, name))
				st = err_set(err, CDG_E_IO, "%s is left over after a commit", name);
			manifest_fini(&m);
		}
	}
	writer_close(w);
	return st;
}

static shared *kill_shared;

/* Only a merge makes files of this name. */
static void
kill_create(const char *path)
{
	if (strstr(path, ".part-"))
		atomic_store(&kill_shared->doing, STATE_MERGING);
}

static void
child_forever(const bench *b, uint64_t seed)
{
	cdg_error err = { 0 };

	snprintf(disk.root, sizeof disk.root, "%s", b->dir);
	kill_shared = b->sh;
	disk.on_create = kill_create;
	for (;;)
		if (child_session(b, &seed, 2, &err) != CDG_OK) {
			snprintf(b->sh->message, sizeof b->sh->message, "%s", err.message);
			_exit(3);
		}
}

/* ---- the parent's side ------------------------------------------------------- */

/* Is the index whole, and in one of the states it may be in? */
static void
verify(bench *b, uint64_t *r)
{
	uint32_t word = atomic_load(&b->sh->word), cur = word >> 1;
	cdg_error err = { 0 };
	cdg_index *x;
	state now;
	cdg_status st = cdg_index_open(b->dir, &x, &err);

	if (st == CDG_E_NOTFOUND && !atomic_load(&b->sh->commits)) {
		atomic_store(&b->sh->word, cur << 1);
		return;
	}
	if (st != CDG_OK) {
		fail(b, "open: %s", err.message);
		return;
	}
	if (x->snap->manifest.generation < b->generation)
		fail(b, "generation %" PRIu64 " after %" PRIu64, x->snap->manifest.generation, b->generation);
	b->generation = x->snap->manifest.generation;
	if (snapshot_check(x->snap, &err) != CDG_OK)
		fail(b, "check: %s", err.message);
	if (state_read(x->snap, &now, &err) != CDG_OK)
		fail(b, "documents: %s", err.message);
	else if (x->snap->nlive != state_count(&now))
		fail(b, "%" PRIu64 " live documents, %u read", x->snap->nlive, state_count(&now));
	else if (!memcmp(&now, &b->sh->s[cur], sizeof now))
		word = cur << 1;
	else if ((word & 1) && !memcmp(&now, &b->sh->s[!cur], sizeof now))
		word = (!cur) << 1;
	else
		fail(b, "neither the last committed state nor the next (%u documents)", state_count(&now));
	if (word & 1) /* whatever it is: go on from what is there */
		b->sh->s[(word >> 1) & 1] = now;
	atomic_store(&b->sh->word, word & ~1u);
	if (!b->broken && state_search(x, &now, r, &err) != CDG_OK)
		fail(b, "search: %s", err.message);
	cdg_index_close(x);
}

static void
start(bench *b, const char *name)
{
	if (b->dir[0])
		victim_remove(b->dir);
	victim_folder(b->dir, name);
	memset(b->sh, 0, sizeof *b->sh);
	b->generation = 0;
}

static void
phase_kill(bench *b)
{
	static const char *const doing[STATE_NDOING] = { "opening", "indexing", "deleting", "merging" };
	uint64_t count = victim_env("COUNT", 300), r = b->seed, dead = 0, when[STATE_NDOING] = { 0 };

	start(b, "kill");
	for (uint64_t i = 0; i < count; i++) {
		uint64_t us = victim_rand(&r) % (victim_rand(&r) % 3 ? 150000 : 12000), seed = victim_rand(&r);
		int status;
		pid_t pid;
		snprintf(b->what, sizeof b->what, "kill %" PRIu64, i);
		fflush(stdout);
		pid = fork();
		if (!pid)
			child_forever(b, seed);
		usleep((useconds_t)us);
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
		if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
			fail(b, "the writer ended by itself (%x): %s", (unsigned)status, b->sh->message);
		dead += atomic_load(&b->sh->word) & 1;
		when[atomic_load(&b->sh->doing) % STATE_NDOING]++;
		verify(b, &r);
		settle(b);
	}
	printf("ok kill: %" PRIu64 " kills, %" PRIu64 " of them during a commit, %" PRIu64 " commits, generation %" PRIu64
	       ", %u documents\n", count, dead, atomic_load(&b->sh->commits), b->generation,
	       state_count(&b->sh->s[atomic_load(&b->sh->word) >> 1]));
	snprintf(b->what, sizeof b->what, "kinds of work killed");
	for (unsigned k = 0; k < STATE_NDOING; k++) {
		printf("    killed while %s: %" PRIu64 "\n", doing[k], when[k]);
		if (count >= 200 && !when[k])
			fail(b, "none while %s", doing[k]);
	}
	settle(b);
}

/* ---- every call ----------------------------------------------------------------- */

/* A fixed session: replace, delete, commit; more, so that the policy merges;
 * then everything into one segment. */
static cdg_status
scripted(const bench *b, bool sync, cdg_error *err)
{
	uint64_t r = b->seed;
	cdg_status st = CDG_OK;

	for (unsigned k = 0; k < 2 && st == CDG_OK; k++) {
		writer_options opt = { .threads = 1, .no_sync = !sync, .optimize = k == 1, .reorder = k == 1, .pairs = k == 1,
				       .lang_mode = WRITER_LANG_FIXED };
		writer *w;
		CDG_TRY(writer_open(b->dir, &opt, &w, err));
		for (unsigned i = 0; i < 2 && st == CDG_OK; i++) {
			state next = b->sh->s[atomic_load(&b->sh->word) >> 1];
			st = state_change(w, &next, 100 + k * 10 + i, &r, &b->sh->doing, err);
			if (st == CDG_OK)
				st = child_commit(b->sh, w, &next, err);
		}
		writer_close(w);
	}
	return st;
}

/* An index of eight segments, one short of a merge; files kept in memory. */
typedef struct prepared {
	buf file[128];
	char name[128][80];
	size_t n;
	shared sh;
	uint64_t generation;
} prepared;

static bool
prepare(bench *b, prepared *p)
{
	writer_options opt = { .threads = 1, .no_sync = true, .lang_mode = WRITER_LANG_FIXED };
	uint64_t r = b->seed + 1;
	cdg_error err = { 0 };
	cdg_status st = CDG_OK;
	char **names, path[4096];
	size_t n;
	writer *w;

	start(b, "points");
	for (uint32_t i = 0; i < 7 && st == CDG_OK; i++) {
		state next = b->sh->s[atomic_load(&b->sh->word) >> 1];
		st = writer_open(b->dir, &opt, &w, &err);
		if (st == CDG_OK)
			st = state_change(w, &next, i + 1, &r, &b->sh->doing, &err);
		if (st == CDG_OK)
			st = child_commit(b->sh, w, &next, &err);
		writer_close(w);
	}
	if (st != CDG_OK || file_list(b->dir, &names, &n, &err) != CDG_OK) {
		fail(b, "cannot prepare: %s", err.message);
		return false;
	}
	for (size_t i = 0; i < n && i < countof(p->file); i++, p->n++) {
		snprintf(p->name[i], sizeof p->name[i], "%s", names[i]);
		snprintf(path, sizeof path, "%s/%s", b->dir, names[i]);
		file_read(path, SIZE_MAX / 2, &p->file[i], &err);
	}
	file_list_free(names, n);
	p->sh = *b->sh;
	return true;
}

static void
restore(bench *b, const prepared *p)
{
	char path[4096], **names;
	size_t n;

	if (file_list(b->dir, &names, &n, NULL) == CDG_OK) {
		for (size_t i = 0; i < n; i++) {
			snprintf(path, sizeof path, "%s/%s", b->dir, names[i]);
			unlink(path);
		}
		file_list_free(names, n);
	}
	for (size_t i = 0; i < p->n; i++) {
		snprintf(path, sizeof path, "%s/%s", b->dir, p->name[i]);
		int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
		if (fd < 0 || write(fd, p->file[i].p, p->file[i].len) < 0)
			perror(path);
		close(fd);
	}
	memcpy(b->sh, &p->sh, sizeof *b->sh);
	b->generation = 0;
}

/* The scripted session with one call of the disk changed; its exit status. */
static int
run_point(bench *b, disk_mode mode, long at, int error, long *calls)
{
	int status;
	pid_t pid;
	long *n = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	fflush(stdout);
	pid = fork();
	if (!pid) {
		cdg_error err = { 0 };
		cdg_status st;
		snprintf(disk.root, sizeof disk.root, "%s", b->dir);
		disk_set(mode, at, error);
		st = scripted(b, false, &err);
		*n = atomic_load(&disk.calls);
		snprintf(b->sh->message, sizeof b->sh->message, "%d %s", st, st ? err.message : "");
		_exit(st == CDG_OK ? 0 : 4);
	}
	waitpid(pid, &status, 0);
	if (calls)
		*calls = *n;
	munmap(n, 4096);
	return status;
}

/* After whatever happened another writer works and leaves nothing lying about. */
static void
go_on(bench *b, uint64_t *r)
{
	writer_options opt = { .threads = 1, .no_sync = true, .lang_mode = WRITER_LANG_FIXED };
	state next = b->sh->s[atomic_load(&b->sh->word) >> 1];
	cdg_error err = { 0 };
	char name[128];
	manifest m;
	writer *w;

	if (writer_open(b->dir, &opt, &w, &err) != CDG_OK) {
		fail(b, "the next writer: %s", err.message);
		return;
	}
	if (state_change(w, &next, 900, r, &b->sh->doing, &err) != CDG_OK || child_commit(b->sh, w, &next, &err) != CDG_OK)
		fail(b, "the next commit: %s", err.message);
	writer_close(w);
	verify(b, r);
	if (manifest_load(&m, b->dir, &err) == CDG_OK && state_strays(b->dir, &m, name))
		fail(b, "%s is left over", name);
	manifest_fini(&m);
}

static void
one_point(bench *b, const prepared *p, disk_mode mode, long at, int error, const char *name)
{
	uint64_t r = b->seed + (uint64_t)at;
	int status;

	snprintf(b->what, sizeof b->what, "%s at call %ld", name, at);
	restore(b, p);
	status = run_point(b, mode, at, error, NULL);
	if (mode <= DISK_KILL_SHORT && !(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL))
		fail(b, "was not killed (%x)", (unsigned)status);
	if (mode > DISK_KILL_SHORT && !WIFEXITED(status))
		fail(b, "died of signal %d", WTERMSIG(status));
	else if (mode > DISK_KILL_SHORT && WEXITSTATUS(status) == 4 && strlen(b->sh->message) < 12)
		fail(b, "an error without a message: %s", b->sh->message);
	else if (mode == DISK_FULL && WEXITSTATUS(status) == 4 && !strstr(b->sh->message, strerror(error)))
		fail(b, "the message does not say why: %s", b->sh->message);
	verify(b, &r);
	if (!b->broken)
		go_on(b, &r);
	settle(b);
}

static void
phase_points(bench *b, bool kills)
{
	static prepared p;
	long calls = 0, step;
	unsigned before = b->failed;

	snprintf(b->what, sizeof b->what, "points");
	p.n = 0;
	if (!prepare(b, &p)) {
		settle(b);
		return;
	}
	restore(b, &p);
	if (run_point(b, DISK_COUNT, 0, 0, &calls) != 0)
		fail(b, "the session does not work undisturbed: %s", b->sh->message);
	step = (long)victim_env("STEP", 1);
	for (long at = 1; at <= calls; at += step) {
		if (kills) {
			one_point(b, &p, DISK_KILL, at, 0, "killed before");
			one_point(b, &p, DISK_KILL_SHORT, at, 0, "killed after");
		} else {
			one_point(b, &p, DISK_FAIL, at, EIO, "EIO");
			one_point(b, &p, DISK_FULL, at, ENOSPC, "disk full");
		}
	}
	printf("%s %s: 2 x %ld calls of the disk\n", b->failed == before ? "ok" : "not ok", kills ? "points" : "fail", calls);
	for (size_t i = 0; i < countof(p.file); i++)
		buf_fini(&p.file[i]);
	memset(&p, 0, sizeof p);
}

/* ---- the order of syncs ------------------------------------------------------------ */

static bench *order_bench;
static unsigned order_renames;

/* A manifest becomes current: all it names must be on the disk, the names too. */
static void
order_rename(const char *from, const char *to)
{
	buf text = { 0 };

	if (!strstr(to, MANIFEST_NAME))
		return;
	order_renames++;
	file_read(from, 1 << 20, &text, NULL);
	for (size_t i = 0; i < disk.nfiles; i++) {
		const char *base = strrchr(disk.file[i].path, '/');
		char stem[64];
		if (!base || !disk.file[i].dirty)
			continue;
		snprintf(stem, sizeof stem, "%.32s", base + 1);
		if (!strcmp(disk.file[i].path, from))
			fail(order_bench, "%s is renamed before it is synced", from);
		else if (strlen(stem) == 32 && strchr(base, '.') && memmem(text.p, text.len, stem, 32) &&
			 !strstr(base, ".tmp") && access(disk.file[i].path, F_OK) == 0)
			fail(order_bench, "%s is named by a manifest before it is synced", base + 1);
	}
	buf_fini(&text);
}

static void
phase_order(bench *b)
{
	cdg_error err = { 0 };
	uint64_t r = b->seed;

	snprintf(b->what, sizeof b->what, "order");
	start(b, "order");
	order_bench = b;
	snprintf(disk.root, sizeof disk.root, "%s", b->dir);
	disk_set(DISK_COUNT, 0, 0);
	disk.on_rename = order_rename;
	disk.nfiles = 0;
	if (scripted(b, true, &err) != CDG_OK)
		fail(b, "%s", err.message);
	if (disk.dir_dirty)
		fail(b, "the folder is not synced after the last rename");
	disk.on_rename = NULL;
	disk.root[0] = 0;
	verify(b, &r);
	if (!b->broken)
		printf("ok order: %u manifests, %zu files\n", order_renames, disk.nfiles);
	settle(b);
}

/* ---- a disk that is really full ------------------------------------------------------ */

/* Take a page of the disk that b->dir is on, for as long as fd is open.  What
 * is added and deleted at random may stay small for ever: this does not. */
static void
take_page(int fd, unsigned i)
{
	if (fd >= 0 && pwrite(fd, "x", 1, (off_t)i * 4096) != 1 && errno != ENOSPC)
		printf("    a page of ballast: %s\n", strerror(errno));
}

/* Add and commit until it fails; true if it did, as it should.  ballast: a
 * file that grows beside, or -1. */
static bool
fill(bench *b, bool optimize, int ballast, const char *why)
{
	writer_options opt = { .threads = 2, .no_sync = true, .optimize = optimize, .lang_mode = WRITER_LANG_FIXED };
	cdg_error err = { 0 };
	cdg_status st = CDG_OK;
	uint64_t r = b->seed;

	for (unsigned i = 0; i < 400 && st == CDG_OK; i++) {
		state next = b->sh->s[atomic_load(&b->sh->word) >> 1];
		writer *w;
		take_page(ballast, i);
		st = writer_open(b->dir, &opt, &w, &err);
		if (st != CDG_OK)
			break;
		for (unsigned k = 0; k < 4 && st == CDG_OK; k++)
			st = state_change(w, &next, i + 1, &r, &b->sh->doing, &err);
		if (st == CDG_OK)
			st = child_commit(b->sh, w, &next, &err);
		writer_close(w);
		if (st == CDG_OK)
			b->generation++;
	}
	if (st == CDG_OK)
		fail(b, "400 commits did not fill it");
	else if (st != CDG_E_IO || !strstr(err.message, why))
		fail(b, "%s: %s", cdg_status_name(st), err.message);
	else
		printf("    %s\n", err.message);
	b->generation = 0;
	verify(b, &r);
	return !b->broken;
}

static void
phase_full(bench *b)
{
	struct rlimit old, small;

	for (int optimize = 0; optimize < 2; optimize++) {
		start(b, "full");
		snprintf(b->what, sizeof b->what, "full tmpfs%s", optimize ? " while merging" : "");
		if (mount("tmpfs", b->dir, "tmpfs", 0, optimize ? "size=160k" : "size=400k") != 0) {
			printf("SKIP: %s: cannot mount a tmpfs: %s\n", b->what, strerror(errno));
		} else {
			int ballast = open(b->dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
			if (ballast < 0)
				fail(b, "no ballast: %s", strerror(errno));
			else if (fill(b, optimize, ballast, strerror(ENOSPC)))
				printf("ok %s\n", b->what);
			if (ballast >= 0)
				close(ballast);
			umount(b->dir);
			settle(b);
		}
	}
	start(b, "limit");
	snprintf(b->what, sizeof b->what, "limited file size");
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	small = (struct rlimit){ .rlim_cur = 12000, .rlim_max = old.rlim_max };
	setrlimit(RLIMIT_FSIZE, &small);
	if (fill(b, true, -1, strerror(EFBIG)))
		printf("ok %s\n", b->what);
	setrlimit(RLIMIT_FSIZE, &old);
	settle(b);
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
	bench b = { .seed = victim_seed() };

	b.sh = mmap(NULL, sizeof *b.sh, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (b.sh == MAP_FAILED) {
		perror("mmap");
		return 2;
	}
	printf("crash: SEED=%" PRIu64 "\n", b.seed);
	if (wanted("kill"))
		phase_kill(&b);
	if (wanted("points"))
		phase_points(&b, true);
	if (wanted("fail"))
		phase_points(&b, false);
	if (wanted("order"))
		phase_order(&b);
	if (wanted("full"))
		phase_full(&b);
	if (b.dir[0])
		victim_remove(b.dir);
	printf("%u passed, %u failed\n", b.passed, b.failed);
	return b.failed != 0;
}
