/* corrupt.c - a small index, damaged in every way that fits the time.
 *
 *   flips     every byte of every file, inverted and with one random bit turned
 *   cuts      every length of small files, many lengths of larger ones
 *   sample    random flips and cuts of a larger index (files of many pages)
 *   repaired  random changes with all checksums made right again
 *
 * After a flip or a cut every answer is an error that names the file, or
 * exactly what it was; and snapshot_check finds it.  Repaired damage may give
 * any answer, but no crash, no hang, no read out of bounds: build with
 * -fsanitize=address,undefined.  Merging is tried on repaired damage too.
 *
 * Environment: SEED, SECONDS (60) of repaired, SAMPLE (15) seconds of sample,
 * FULL=1 every question after each flip, ONLY=N one repaired case, PHASE=name.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/stat.h>

#include "indexer/sources_db.h"
#include "tests/corrupt/pool.h"
#include "tests/corrupt/repair.h"
#include "tests/corrupt/victim.h"

enum { FILES_MAX = 64 };

typedef struct image {
	char name[80];
	uint8_t *p;
	size_t n;
	bool sources, manifest;
} image;

/* An index as it should be. */
typedef struct whole {
	image file[FILES_MAX];
	size_t nfiles;
	buf answer[VICTIM_QUERIES];
} whole;

enum { COUNT_TRIED, COUNT_FOUND, COUNT_PER_FILE }; /* counter[file * COUNT_PER_FILE + ...] */

typedef struct job {
	const whole *w;
	pool *pool;
	uint64_t seed, ncases, total;
	bool full, random;
} job;

/* A worker's own copy. */
typedef struct copy {
	const job *j;
	char dir[64];
	text_analyzer *an;
} copy;

/* ---- the index and its copies --------------------------------------------- */

static void
die(const char *what, const cdg_error *err)
{
	fprintf(stderr, "corrupt: %s: %s\n", what, err->message);
	exit(2);
}

static void
whole_load(whole *w, const char *dir)
{
	char **names, path[4096];
	size_t n;
	cdg_error err = { 0 };

	if (file_list(dir, &names, &n, &err) != CDG_OK)
		die(dir, &err);
	for (size_t i = 0; i < n && w->nfiles < FILES_MAX; i++) {
		image *f = &w->file[w->nfiles];
		buf b = { 0 };
		if (!strcmp(names[i], MANIFEST_LOCK))
			continue;
		snprintf(f->name, sizeof f->name, "%s", names[i]);
		snprintf(path, sizeof path, "%s/%s", dir, names[i]);
		if (file_read(path, SIZE_MAX / 2, &b, &err) != CDG_OK)
			die(path, &err);
		f->p = b.p;
		f->n = b.len;
		f->manifest = !strcmp(f->name, MANIFEST_NAME);
		f->sources = !strncmp(f->name, "sources-", 8);
		w->nfiles++;
	}
	file_list_free(names, n);
}

static void
whole_make(whole *w, unsigned docs, unsigned words)
{
	char dir[64];
	cdg_error err = { 0 };
	cdg_index *x;

	victim_folder(dir, "whole");
	if (victim_build(dir, docs, words, &err) != CDG_OK || cdg_index_open(dir, &x, &err) != CDG_OK)
		die("cannot build the index", &err);
	for (size_t i = 0; i < VICTIM_QUERIES; i++)
		if (victim_ask(x, i, &w->answer[i], &err) != CDG_OK)
			die(victim_queries[i].text, &err);
	if (snapshot_check(x->snap, &err) != CDG_OK)
		die("the undamaged index is not sound", &err);
	cdg_index_close(x);
	whole_load(w, dir);
	victim_remove(dir);
}

static void
whole_free(whole *w)
{
	for (size_t i = 0; i < w->nfiles; i++)
		mem_free(w->file[i].p);
	for (size_t i = 0; i < VICTIM_QUERIES; i++)
		buf_fini(&w->answer[i]);
}

static void
copy_write(const copy *c, const char *name, const uint8_t *p, size_t n)
{
	char path[256];
	cdg_error err = { 0 };
	int fd;

	snprintf(path, sizeof path, "%s/%s", c->dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd < 0 || file_write_fd(fd, p, n, path, &err) != CDG_OK) {
		perror(path);
		exit(2);
	}
	close(fd);
}

/* One byte in place: much cheaper than the whole file. */
static void
copy_poke(const copy *c, const char *name, size_t at, uint8_t byte)
{
	char path[256];
	int fd;

	snprintf(path, sizeof path, "%s/%s", c->dir, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || pwrite(fd, &byte, 1, (off_t)at) != 1) {
		perror(path);
		exit(2);
	}
	close(fd);
}

static void
copy_reset(const copy *c)
{
	char **names, path[256];
	size_t n;

	if (file_list(c->dir, &names, &n, NULL) == CDG_OK) {
		for (size_t i = 0; i < n; i++) {
			snprintf(path, sizeof path, "%s/%s", c->dir, names[i]);
			unlink(path);
		}
		file_list_free(names, n);
	}
	for (size_t i = 0; i < c->j->w->nfiles; i++)
		copy_write(c, c->j->w->file[i].name, c->j->w->file[i].p, c->j->w->file[i].n);
}

static void *
copy_begin(void *ctx, unsigned worker)
{
	copy *c = mem_calloc(1, sizeof *c);
	cdg_error err = { 0 };

	(void)worker;
	if (!c)
		exit(2);
	c->j = ctx;
	victim_folder(c->dir, "corrupt");
	c->an = text_analyzer_new(&err);
	copy_reset(c);
	return c;
}

static void
copy_end(void *state)
{
	copy *c = state;

	victim_remove(c->dir);
	text_analyzer_free(c->an);
	mem_free(c);
}

/* With the analyzer that the worker keeps. */
static cdg_status
copy_open(copy *c, cdg_index **x, cdg_error *err)
{
	CDG_TRY(cdg_index_open(c->dir, x, err));
	api_analyzer_give(*x, c->an);
	return CDG_OK;
}

static void
copy_close(copy *c, cdg_index *x)
{
	c->an = api_analyzer_take(x, NULL);
	cdg_index_close(x);
}

/* ---- plain damage ------------------------------------------------------------ */

typedef struct damage {
	size_t file, at;
	uint8_t mask; /* 0: cut to `at` bytes */
} damage;

/* Cut lengths of a file: all of a small one, else the ends and every seventh. */
static bool
cut_wanted(const image *f, size_t len)
{
	return f->n <= 1200 || len < 300 || len + 300 > f->n || len % 7 == 0;
}

/* Case i of the exhaustive list: for each file its bytes twice, then its cuts. */
static bool
damage_number(const job *j, uint64_t i, damage *d)
{
	uint64_t r = j->seed ^ i;

	memset(d, 0, sizeof *d);
	if (j->random) {
		uint64_t x = victim_rand(&r);
		d->file = victim_rand(&r) % j->w->nfiles;
		d->at = victim_rand(&r) % j->w->file[d->file].n;
		d->mask = x % 4 ? (uint8_t)(1 + x / 4 % 255) : 0;
		return true;
	}
	for (size_t f = 0; f < j->w->nfiles; f++) {
		size_t n = j->w->file[f].n;
		d->file = f;
		if (i < 2 * n) {
			d->at = (size_t)i / 2;
			d->mask = i % 2 ? (uint8_t)(1u << victim_rand(&r) % 8) : 0xff;
			return true;
		}
		i -= 2 * n;
		if (i < n) {
			d->at = (size_t)i;
			return cut_wanted(&j->w->file[f], d->at);
		}
		i -= n;
	}
	return false;
}

static void
damage_text(const job *j, const damage *d, char *out, size_t cap)
{
	const image *f = &j->w->file[d->file];

	if (d->mask)
		snprintf(out, cap, "%s byte %zu of %zu ^ 0x%02x", f->name, d->at, f->n, d->mask);
	else
		snprintf(out, cap, "%s cut to %zu of %zu", f->name, d->at, f->n);
}

static void
damage_describe(void *ctx, uint64_t i, char *out, size_t cap)
{
	damage d;

	damage_number(ctx, i, &d);
	damage_text(ctx, &d, out, cap);
}

/* An error that damage may give, naming its file. */
static void
judge_error(const copy *c, const damage *d, const char *where, cdg_status st, const cdg_error *err)
{
	char what[300];

	if ((st == CDG_E_CORRUPT || st == CDG_E_VERSION || st == CDG_E_NOTFOUND) &&
	    strstr(err->message, c->j->w->file[d->file].name))
		return;
	damage_text(c->j, d, what, sizeof what);
	pool_find(c->j->pool, "BAD ERROR %s: %s: %s: %s", what, where, cdg_status_name(st), err->message);
}

static void
judge_answers(copy *c, const damage *d, const cdg_index *x, uint64_t i)
{
	size_t n = c->j->full || i % 61 == 0 ? VICTIM_QUERIES : 2;
	char what[300];

	for (size_t k = 0; k < n; k++) {
		size_t q = (size_t)((i / 2 * 5 + k) % VICTIM_QUERIES);
		const buf *want = &c->j->w->answer[q];
		cdg_error err = { 0 };
		buf got = { 0 };
		cdg_status st = victim_ask(x, q, &got, &err);
		if (st != CDG_OK) {
			judge_error(c, d, victim_queries[q].text, st, &err);
		} else if (got.len != want->len || memcmp(got.p, want->p, got.len) != 0) {
			damage_text(c->j, d, what, sizeof what);
			pool_find(c->j->pool, "WRONG ANSWER %s: %s", what, victim_queries[q].text);
		}
		buf_fini(&got);
	}
}

/* snapshot_check, or for sources-N, which no reader opens, its loader. */
static bool
judge_check(const copy *c, const damage *d, const cdg_index *x)
{
	cdg_error err = { 0 };
	cdg_status st;

	if (c->j->w->file[d->file].sources) {
		sources_db db;
		sources_db_init(&db);
		st = sources_db_load(&db, c->dir, x->snap->manifest.sources, &err);
		sources_db_fini(&db);
	} else {
		st = snapshot_check(x->snap, &err);
	}
	if (st != CDG_OK)
		judge_error(c, d, "check", st, &err);
	return st != CDG_OK;
}

static void
damage_run(void *state, uint64_t i)
{
	copy *c = state;
	damage d;
	const image *f;
	cdg_index *x;
	cdg_error err = { 0 };
	cdg_status st;
	bool found = true;

	if (!damage_number(c->j, i, &d))
		return;
	f = &c->j->w->file[d.file];
	if (d.mask)
		copy_poke(c, f->name, d.at, f->p[d.at] ^ d.mask);
	else
		copy_write(c, f->name, f->p, d.at);
	st = copy_open(c, &x, &err);
	if (st != CDG_OK) {
		judge_error(c, &d, "open", st, &err);
	} else {
		if (i & 2)
			found = judge_check(c, &d, x);
		judge_answers(c, &d, x, i);
		if (!(i & 2))
			found = judge_check(c, &d, x);
		copy_close(c, x);
	}
	atomic_fetch_add(&c->j->pool->counter[d.file * COUNT_PER_FILE + COUNT_TRIED], 1);
	atomic_fetch_add(&c->j->pool->counter[d.file * COUNT_PER_FILE + COUNT_FOUND], found);
	if (!found) {
		char what[300];
		damage_text(c->j, &d, what, sizeof what);
		pool_find(c->j->pool, "NOT FOUND BY CHECK %s", what);
	}
	if (d.mask)
		copy_poke(c, f->name, d.at, f->p[d.at]);
	else
		copy_write(c, f->name, f->p, f->n);
}

static uint64_t
damage_count(const whole *w)
{
	uint64_t n = 0;

	for (size_t i = 0; i < w->nfiles; i++)
		n += 3 * (uint64_t)w->file[i].n;
	return n;
}

/* ---- repaired damage --------------------------------------------------------- */

static uint64_t
wild_value(uint64_t *r)
{
	static const uint64_t some[] = { 0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff,
					 0x7fffffffffffffff, UINT64_MAX, UINT64_MAX - 63, 64, 128, 16384 };
	uint64_t x = victim_rand(r);
	return x % 4 ? some[x / 4 % countof(some)] : victim_rand(r) >> victim_rand(r) % 64;
}

/* A place in the payload: its ends hold trailers, where damage reaches far. */
static size_t
wild_place(uint64_t *r, size_t n)
{
	uint64_t x = victim_rand(r);
	size_t tail = PFILE_FOOTER + PFILE_PAD + 8, lo = PFILE_HEADER, room;

	if (n <= lo + tail + 8)
		return lo;
	room = n - lo - tail;
	if (x % 4 == 0 && room > 80)
		return n - tail - 1 - (size_t)(victim_rand(r) % 80);
	if (x % 4 == 1 && room > 200)
		return lo + (size_t)(victim_rand(r) % 200);
	return lo + (size_t)(victim_rand(r) % room);
}

static size_t
wild_binary(uint64_t *r, uint8_t *p, size_t n)
{
	uint64_t times = 1 + victim_rand(r) % 4;

	for (uint64_t k = 0; k < times; k++) {
		size_t at = wild_place(r, n), m = 1 + (size_t)(victim_rand(r) % 16);
		uint64_t v = wild_value(r);
		switch (victim_rand(r) % 8) {
		case 0: p[at] ^= (uint8_t)(1u << v % 8); break;
		case 1: p[at] = (uint8_t)v; break;
		case 2: p[at]++; break;
		case 3: p[at]--; break;
		case 4: memcpy(p + at, &v, min_size(4, n - at)); break;
		case 5: memcpy(p + at, &v, min_size(8, n - at)); break;
		case 6: memmove(p + at, p + wild_place(r, n - m), min_size(m, n - at)); break;
		default: n = repair_cut(p, n, at, m); break;
		}
	}
	repair_pages(p, n);
	return n;
}

/* Digits of the manifest become others. */
static size_t
wild_manifest(uint64_t *r, uint8_t *p, size_t n)
{
	uint64_t times = 1 + victim_rand(r) % 3;

	for (uint64_t k = 0; k < times; k++) {
		size_t at = (size_t)(victim_rand(r) % (n - 26));
		while (at + 27 < n && !(p[at] >= '0' && p[at] <= '9'))
			at++;
		p[at] = victim_rand(r) % 8 ? (uint8_t)('0' + victim_rand(r) % 10) : (uint8_t)victim_rand(r);
	}
	repair_manifest(p, n);
	return n;
}

static int
wild_discard(void *ctx, const char *bytes, size_t n)
{
	uint64_t *sum = ctx;

	for (size_t i = 0; i < n; i++)
		*sum += (uint8_t)bytes[i];
	return 0;
}

/* Everything that reads. */
static void
wild_read(copy *c, uint64_t *r)
{
	cdg_index *x;
	cdg_error err = { 0 };
	uint64_t sum = 0;
	sources_db db;

	if (copy_open(c, &x, &err) != CDG_OK)
		return;
	if (victim_rand(r) % 2)
		snapshot_check(x->snap, &err);
	for (unsigned k = 0; k < 5; k++) {
		buf b = { 0 };
		victim_ask(x, victim_rand(r) % VICTIM_QUERIES, &b, &err);
		buf_fini(&b);
	}
	if (victim_rand(r) % 4 == 0) {
		cdg_index_dump_terms(x, "", 0, wild_discard, &sum, &err);
		cdg_index_dump_term(x, "reform", 6, wild_discard, &sum, &err);
		cdg_index_dump_document(x, "doc-7", 5, wild_discard, &sum, &err);
		cdg_index_dump_document(x, "doc-100000", 10, wild_discard, &sum, &err);
		cdg_index_dump_ids(x, wild_discard, &sum, &err);
		cdg_index_stat(x, 1, wild_discard, &sum, &err);
	}
	sources_db_init(&db);
	sources_db_load(&db, c->dir, x->snap->manifest.sources, &err);
	sources_db_fini(&db);
	copy_close(c, x);
}

/* And what writes from what it reads. */
static void
wild_write(const copy *c, uint64_t *r)
{
	writer_options opt = { .threads = 1, .optimize = true, .reorder = victim_rand(r) % 2 == 0, .pairs = true, .no_sync = true };
	cdg_error err = { 0 };
	writer *w;
	bool found;

	if (writer_open(c->dir, &opt, &w, &err) != CDG_OK)
		return;
	if (victim_rand(r) % 2 == 0)
		victim_add(w, victim_rand(r) % 40, 5, &err);
	if (victim_rand(r) % 2 == 0)
		writer_delete_id(w, "doc-7", 5, &found, &err);
	writer_commit(w, NULL, NULL, &err);
	writer_close(w);
}

static void
repaired_run(void *state, uint64_t i)
{
	copy *c = state;
	const whole *w = c->j->w;
	uint64_t r = c->j->seed * 1000003 + i;
	size_t files = 1 + (victim_rand(&r) % 4 == 0);
	bool wrote;

	for (size_t k = 0; k < files; k++) {
		const image *f = &w->file[victim_rand(&r) % w->nfiles];
		uint8_t *p = mem_dup(f->p, f->n);
		if (!p)
			exit(2);
		copy_write(c, f->name, p, f->manifest ? wild_manifest(&r, p, f->n) : wild_binary(&r, p, f->n));
		mem_free(p);
	}
	wild_read(c, &r);
	wrote = victim_rand(&r) % 4 == 0;
	if (wrote)
		wild_write(c, &r);
	copy_reset(c);
}

static void
repaired_describe(void *ctx, uint64_t i, char *out, size_t cap)
{
	const job *j = ctx;

	snprintf(out, cap, "repaired case: SEED=%llu PHASE=repaired ONLY=%llu", (unsigned long long)j->seed,
		 (unsigned long long)i);
}

/* ---- phases ----------------------------------------------------------------- */

static unsigned passed, failed;

static void
phase_end(const char *name, const pool *p, uint64_t before, uint64_t done, uint64_t start)
{
	bool ok = atomic_load(&p->nfindings) == before;

	printf("%s %s: %llu cases in %.1f s\n", ok ? "ok" : "not ok", name, (unsigned long long)done,
	       (double)(clock_ns() - start) / 1e9);
	pool_print(p, before);
	passed += ok;
	failed += !ok;
	fflush(stdout);
}

static void
print_coverage(const job *j)
{
	for (size_t i = 0; i < j->w->nfiles; i++) {
		uint64_t n = atomic_load(&j->pool->counter[i * COUNT_PER_FILE + COUNT_TRIED]);
		uint64_t k = atomic_load(&j->pool->counter[i * COUNT_PER_FILE + COUNT_FOUND]);
		const char *dot = strchr(j->w->file[i].name, '.');
		printf("    %-12s %6zu bytes: %llu of %llu found by %s\n", dot ? dot + 1 : j->w->file[i].name,
		       j->w->file[i].n, (unsigned long long)k, (unsigned long long)n,
		       j->w->file[i].sources ? "its loader (no reader opens it)" : "open and check");
		atomic_store(&j->pool->counter[i * COUNT_PER_FILE + COUNT_TRIED], 0);
		atomic_store(&j->pool->counter[i * COUNT_PER_FILE + COUNT_FOUND], 0);
	}
}

static bool
phase_wanted(const char *name)
{
	const char *only = getenv("PHASE");
	return !only || !*only || !strcmp(only, name);
}

static void
phase_damage(job *j, const char *name, uint64_t seconds, unsigned workers)
{
	uint64_t start = clock_ns(), before = atomic_load(&j->pool->nfindings), done;
	pool_job pj = { .pool = j->pool, .ncases = seconds ? UINT64_MAX : damage_count(j->w),
			.deadline_ns = seconds ? start + seconds * 1000000000u : 0, .begin = copy_begin,
			.end = copy_end, .run = damage_run, .describe = damage_describe, .ctx = j };

	done = pool_run(&pj, workers);
	phase_end(name, j->pool, before, done, start);
	print_coverage(j);
}

static void
phase_repaired(job *j, uint64_t seconds, unsigned workers)
{
	uint64_t start = clock_ns(), before = atomic_load(&j->pool->nfindings), done;
	pool_job pj = { .pool = j->pool, .ncases = UINT64_MAX, .deadline_ns = start + seconds * 1000000000u,
			.begin = copy_begin, .end = copy_end, .run = repaired_run, .describe = repaired_describe,
			.ctx = j };

	if (getenv("ONLY")) {
		copy *c = copy_begin(j, 0);
		repaired_run(c, victim_env("ONLY", 0));
		copy_end(c);
		return;
	}
	done = pool_run(&pj, workers);
	phase_end("repaired", j->pool, before, done, start);
}

int
main(void)
{
	static whole small, large;
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	unsigned workers = (unsigned)victim_env("WORKERS", cpus > 0 && cpus < POOL_WORKERS ? (uint64_t)cpus : 2);
	job j = { .w = &small, .pool = pool_new(), .seed = victim_seed(), .full = victim_env("FULL", 0) };

	printf("corrupt: SEED=%llu\n", (unsigned long long)j.seed);
	fflush(stdout);
	whole_make(&small, (unsigned)victim_env("DOCS", 300), 6);
	whole_make(&large, 1200, 12);
	if (phase_wanted("flips"))
		phase_damage(&j, "flips and cuts", 0, workers);
	j.w = &large;
	j.random = true;
	if (phase_wanted("sample"))
		phase_damage(&j, "sample", victim_env("SAMPLE", 15), workers);
	whole_free(&small);
	memset(&small, 0, sizeof small);
	whole_make(&small, 340, 8);
	j.w = &small;
	if (phase_wanted("repaired"))
		phase_repaired(&j, victim_env("SECONDS", 60), workers);
	whole_free(&small);
	whole_free(&large);
	printf("%u passed, %u failed\n", passed, failed);
	return failed != 0;
}
