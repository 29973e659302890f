/* indexing.c - see indexing.h. */
#include "bench/indexing.h"

#include <errno.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "engine/segment.h"

const char *const indexing_part_names[INDEXING_PARTS] = {
	"dictionary", "postings", "positions", "documents", "text", "structure", "fields", "deletes",
};

/* What the child hands over. */
typedef struct indexing_message {
	cdg_status st;
	cdg_error err;
	indexing_figures f;
} indexing_message;

/* ---- in the process of its own --------------------------------------------- */

static void
tell(void *ctx, const char *path, uint64_t line, int warning, const char *text)
{
	(void)ctx;
	if (!warning)
		fprintf(stderr, "cdgbench: %s:%llu: %s\n", path, (unsigned long long)line, text);
}

static cdg_status
config_fill(const indexing_plan *p, cdg_writer_config *c, cdg_error *err)
{
	CDG_TRY(cdg_writer_config_set_threads(c, p->threads, err));
	CDG_TRY(cdg_writer_config_set_memory(c, p->memory, err));
	CDG_TRY(cdg_writer_config_set_lang(c, p->lang, err));
	CDG_TRY(cdg_writer_config_set(c, CDG_WRITER_STORE, p->store, err));
	CDG_TRY(cdg_writer_config_set(c, CDG_WRITER_OPTIMIZE, !p->several, err));
	CDG_TRY(cdg_writer_config_set(c, CDG_WRITER_JSONL, p->jsonl, err));
	cdg_writer_config_on_message(c, tell, NULL);
	return CDG_OK;
}

static double
cpu_seconds(void)
{
	struct rusage u;

	if (getrusage(RUSAGE_SELF, &u))
		return 0;
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static cdg_status
indexing_write(const indexing_plan *p, const cdg_writer_config *c, indexing_figures *f, cdg_error *err)
{
	double cpu = cpu_seconds();
	uint64_t start = clock_ns();
	cdg_writer *w;
	cdg_status st;

	CDG_TRY(cdg_writer_open(p->dir, c, &w, err));
	st = cdg_writer_add_paths(w, p->paths, p->npaths, err);
	if (st == CDG_OK)
		st = cdg_writer_commit(w, err);
	f->seconds = (double)(clock_ns() - start) / 1e9;
	f->cpu = cpu_seconds() - cpu;
	f->documents = cdg_writer_get(w, CDG_WRITER_DOCUMENTS);
	f->failed = cdg_writer_get(w, CDG_WRITER_FAILED);
	f->text_bytes = cdg_writer_get(w, CDG_WRITER_TEXT_BYTES);
	f->tokens = cdg_writer_get(w, CDG_WRITER_TOKENS);
	f->peak_memory = cdg_writer_get(w, CDG_WRITER_PEAK_MEMORY);
	cdg_writer_close(w);
	return st;
}

static void
indexing_child(const indexing_plan *p, int fd)
{
	indexing_message m;
	cdg_writer_config *c;

	memset(&m, 0, sizeof m);
	m.st = cdg_writer_config_new(&c, &m.err);
	if (m.st == CDG_OK)
		m.st = config_fill(p, c, &m.err);
	if (m.st == CDG_OK)
		m.st = indexing_write(p, c, &m.f, &m.err);
	_exit(file_write_fd(fd, &m, sizeof m, "pipe", NULL) == CDG_OK ? 0 : 2);
}

/* ---- in ours ----------------------------------------------------------------- */

static bool
read_all(int fd, void *p, size_t n)
{
	size_t at = 0;

	while (at < n) {
		ssize_t got = read(fd, (char *)p + at, n - at);

		if (got > 0)
			at += (size_t)got;
		else if (got == 0 || errno != EINTR)
			return false;
	}
	return true;
}

static cdg_status
indexing_wait(pid_t pid, int fd, indexing_message *m, cdg_error *err)
{
	bool told = read_all(fd, m, sizeof *m);
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_errno(err, "wait for", "indexing");
	if (WIFSIGNALED(status))
		return err_set(err, CDG_E_IO, "indexing was ended by signal %d (9: perhaps for want of memory)",
			       WTERMSIG(status));
	if (!told)
		return err_set(err, CDG_E_IO, "indexing ended without a result (status %d)", WEXITSTATUS(status));
	if (m->st != CDG_OK && err)
		*err = m->err;
	return m->st;
}

static uint64_t
input_bytes(const indexing_plan *p)
{
	struct stat st;
	uint64_t sum = 0;

	for (size_t i = 0; i < p->npaths; i++)
		if (!stat(p->paths[i], &st) && S_ISREG(st.st_mode))
			sum += (uint64_t)st.st_size;
	return sum;
}

cdg_status
indexing_run(const indexing_plan *p, indexing_figures *f, cdg_error *err)
{
	indexing_message m;
	cdg_status st;
	pid_t pid;
	int fds[2];

	memset(f, 0, sizeof *f);
	if (pipe(fds))
		return err_errno(err, "make", "a pipe");
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		close(fds[0]);
		indexing_child(p, fds[1]);
	}
	close(fds[1]);
	st = pid < 0 ? err_errno(err, "start", "a process for indexing") : indexing_wait(pid, fds[0], &m, err);
	close(fds[0]);
	CDG_TRY(st);
	*f = m.f;
	f->input_bytes = input_bytes(p);
	return indexing_survey(p->dir, f, err);
}

static cdg_status
survey_segment(const segment *s, indexing_figures *f, cdg_error *err)
{
	const pfile *files[INDEXING_PARTS] = { &s->dict.file, &s->post, &s->pos, &s->docs.f, &s->store.f,
					       &s->tree.f,    &s->cols.f, &s->live.f };
	dict_iter it;

	for (size_t i = 0; i < INDEXING_PARTS; i++) {
		f->parts[i] += files[i]->map.len;
		f->bytes += files[i]->map.len;
	}
	f->terms += s->dict.kind_count[DICT_TERM];
	dict_seek_ord(&it, &s->dict, 0);
	while (dict_next(&it) && it.e.kind != DICT_ID) {
		if (it.e.alias)
			continue;
		f->postings += it.e.meta.df;
		if (it.e.kind == DICT_TERM)
			f->occurrences += it.e.meta.ttf;
	}
	return segment_error(s, err);
}

cdg_status
indexing_survey(const char *dir, indexing_figures *f, cdg_error *err)
{
	snapshot *snap;
	cdg_status st = CDG_OK;

	CDG_TRY(snapshot_open(dir, &snap, err));
	f->segments = snap->nsegs;
	f->terms = f->postings = f->occurrences = f->bytes = 0;
	memset(f->parts, 0, sizeof f->parts);
	for (size_t i = 0; i < snap->nsegs && st == CDG_OK; i++)
		st = survey_segment(&snap->segs[i], f, err);
	snapshot_unref(snap);
	return st;
}

/* ---- the folder ---------------------------------------------------------------- */

bool
indexing_taken(const char *path)
{
	char **names;
	size_t n;

	if (!file_exists(path))
		return false;
	if (!file_is_dir(path) || file_list(path, &names, &n, NULL) != CDG_OK)
		return true;
	file_list_free(names, n);
	return n > 0;
}

cdg_status
indexing_remove(const char *dir, cdg_error *err)
{
	char path[4096], **names;
	size_t n;
	cdg_status st = CDG_OK;

	CDG_TRY(file_join(path, sizeof path, dir, MANIFEST_NAME, err));
	if (!file_exists(path))
		return err_set(err, CDG_E_ARG, "%s: not an index: it is left alone", dir);
	CDG_TRY(file_list(dir, &names, &n, err));
	for (size_t i = 0; i < n && st == CDG_OK; i++) {
		st = file_join(path, sizeof path, dir, names[i], err);
		if (st == CDG_OK)
			st = file_unlink(path, err);
	}
	file_list_free(names, n);
	CDG_TRY(st);
	return rmdir(dir) ? err_errno(err, "remove", dir) : CDG_OK;
}
