/* merge.c - see merge.h; merge_internal.h has the plan.
 *
 *   open the inputs, count            this thread
 *   another order, if asked for       all threads
 *   terms by ranges, and beside them
 *   documents, text, trees, columns   all threads
 *   ordinals and lists together       this thread
 *   classes by ranges                 all threads
 *   dictionary                        this thread
 *
 * Threads tell each other of failure by `stopped`; the first error is kept.
 */
#include "indexer/merge_internal.h"

#include <stdio.h>
#include <sys/stat.h>

enum {
	RANGES_PER_THREAD = 2,
	RANGE_TERMS = 20000,         /* a range has more terms than this */
	WINDOW_MIN = 512 << 10
};
#define MEMORY_DEFAULT ((size_t)256 << 20)
#define ROOM_MOST ((size_t)1 << 30) /* its positions are numbered in 32 bits */

static const char *const merge_exts[] = { "dict", "post", "pos", "docs", "text", "tree", "cols" };

cdg_status
merge_poll(merge *m, cdg_error *err)
{
	if (unlikely(atomic_load_explicit(&m->stopped, memory_order_relaxed)))
		return CDG_E_CANCELLED; /* the error is another thread's */
	if (unlikely(m->opt->cancel && atomic_load_explicit(m->opt->cancel, memory_order_relaxed)))
		return err_set(err, CDG_E_CANCELLED, "merge stopped on request");
	return CDG_OK;
}

void
merge_progress(merge *m, uint64_t bytes)
{
	uint64_t done = atomic_fetch_add(&m->done, bytes) + bytes;

	if (!m->opt->progress)
		return;
#pragma omp critical(merge_progress)
	{
		/* another thread may have told more meanwhile */
		if (done > m->reported) {
			m->reported = done;
			m->opt->progress(m->opt->progress_ctx, "merging", done < m->total ? done : m->total, m->total);
		}
	}
}

static void
merge_fail(merge *m, cdg_status st, const cdg_error *err)
{
#pragma omp critical(merge_fail)
	if (!atomic_exchange(&m->stopped, true)) {
		m->status = st;
		m->err = *err;
	}
}

void
merge_unlink(const merge *m, const char *ext)
{
	char path[4096], name[96], hex[33];

	segment_id_hex(&m->out.id, hex);
	snprintf(name, sizeof name, "%s.%s", hex, ext);
	if (file_join(path, sizeof path, m->dir, name, NULL) == CDG_OK)
		file_unlink(path, NULL);
}

/* ---- tasks ---------------------------------------------------------- */

static void
merge_run_part(merge *m, merge_part *p)
{
	cdg_error err = { 0 };
	cdg_status st = merge_poll(m, &err);

	if (st == CDG_OK)
		st = merge_part_open(m, p, &err);
	if (st == CDG_OK)
		st = p->kind == DICT_TERM ? merge_terms(m, p, &err) : merge_classes(m, p, &err);
	if (st == CDG_OK)
		st = merge_part_close(m, p, &err);
	if (st != CDG_OK)
		merge_fail(m, st, &err);
}

static void
merge_run_docs(merge *m)
{
	cdg_error err = { 0 };
	cdg_status st = merge_docs(m, &err);

	if (st != CDG_OK)
		merge_fail(m, st, &err);
}

static cdg_status
merge_outcome(merge *m, cdg_error *err)
{
	if (!m->stopped)
		return CDG_OK;
	if (err)
		*err = m->err;
	return m->status;
}

static cdg_status
merge_run_terms(merge *m, unsigned threads, cdg_error *err)
{
	size_t n = m->nranges + 1;

#pragma omp parallel for schedule(dynamic, 1) num_threads(threads) if (threads > 1)
	for (size_t i = 0; i < n; i++) {
		if (i == 0)
			merge_run_docs(m);
		else
			merge_run_part(m, &m->parts[i - 1]);
	}
	return merge_outcome(m, err);
}

static cdg_status
merge_run_classes(merge *m, unsigned threads, cdg_error *err)
{
	/* with one range all write to the same file, in turn */
	unsigned use = m->nranges > 1 ? threads : 1;

#pragma omp parallel for schedule(dynamic, 1) num_threads(use) if (use > 1)
	for (size_t k = m->nranges; k < m->nparts; k++)
		merge_run_part(m, &m->parts[k]);
	return merge_outcome(m, err);
}

/* ---- the whole ------------------------------------------------------ */

static cdg_status
merge_make_parts(merge *m, unsigned threads, cdg_error *err)
{
	uint64_t most = 0;

	for (size_t i = 0; i < m->n; i++)
		if (m->in[i].nterms > most)
			most = m->in[i].nterms;
	m->nranges = m->opt->parts;
	if (!m->nranges) {
		m->nranges = threads > 1 ? (size_t)threads * RANGES_PER_THREAD : 1;
		if (m->nranges > most / RANGE_TERMS + 1)
			m->nranges = (size_t)(most / RANGE_TERMS) + 1;
	}
	if (m->nranges > 1024)
		m->nranges = 1024;
	m->nparts = 3 * m->nranges;
	m->parts = mem_calloc(m->nparts, sizeof *m->parts);
	if (!m->parts)
		return err_nomem(err);
	for (size_t k = 0; k < m->nparts; k++) {
		merge_part *p = &m->parts[k];
		p->kind = DICT_TERM + (unsigned)(k / m->nranges);
		p->index = (unsigned)(k % m->nranges);
		p->from = mem_calloc(m->n, sizeof *p->from);
		p->to = mem_calloc(m->n, sizeof *p->to);
		if (!p->from || !p->to)
			return err_nomem(err);
	}
	return merge_plan(m, err);
}

static cdg_status
merge_open_lists(merge *m, cdg_error *err)
{
	char *post = segment_path(m->dir, &m->out.id, "post"), *pos = segment_path(m->dir, &m->out.id, "pos");
	cdg_status st = post && pos ? CDG_OK : err_nomem(err);

	if (st == CDG_OK)
		st = pwriter_open(&m->post, post, MERGE_KIND_POST, &m->out.id, err);
	if (st == CDG_OK)
		st = pwriter_open(&m->pos, pos, MERGE_KIND_POS, &m->out.id, err);
	mem_free(post);
	mem_free(pos);
	return st;
}

static cdg_status
merge_measure(merge *m, cdg_error *err)
{
	m->out.bytes = 0;
	for (size_t i = 0; i < countof(merge_exts); i++) {
		char *path = segment_path(m->dir, &m->out.id, merge_exts[i]);
		struct stat sb;
		cdg_status st = CDG_OK;
		if (!path)
			return err_nomem(err);
		if (stat(path, &sb) == 0)
			m->out.bytes += (uint64_t)sb.st_size;
		else
			st = err_errno(err, "look at", path);
		mem_free(path);
		CDG_TRY(st);
	}
	return CDG_OK;
}

static cdg_status
merge_run(merge *m, const manifest_segment *const *inputs, cdg_error *err)
{
	unsigned threads = m->opt->threads > 1 ? m->opt->threads : 1;

	m->memory = m->opt->memory ? m->opt->memory : MEMORY_DEFAULT;
	m->window = max_size(WINDOW_MIN, m->memory / 16 / threads);
	m->room = min_size(m->memory / 32 / threads, ROOM_MOST);
	CDG_TRY(merge_inputs_open(m, inputs, err));
	if (!m->out.docs)
		return CDG_OK;
	merge_forget(m);
	if (m->opt->reorder)
		CDG_TRY(merge_order(m, err));
	CDG_TRY(merge_make_parts(m, threads, err));
	CDG_TRY(merge_open_lists(m, err));
	CDG_TRY(merge_run_terms(m, threads, err));
	CDG_TRY(merge_join_terms(m, err));
	CDG_TRY(merge_run_classes(m, threads, err));
	CDG_TRY(merge_join(m, err));
	CDG_TRY(merge_measure(m, err));
	if (m->opt->progress)
		m->opt->progress(m->opt->progress_ctx, "merging", m->total, m->total);
	return CDG_OK;
}

cdg_status
merge_segments(const char *dir, const manifest_segment *const *inputs, size_t n, const merge_options *opt,
	       manifest_segment *out, cdg_error *err)
{
	merge m;
	cdg_status st;

	memset(&m, 0, sizeof m);
	memset(out, 0, sizeof *out);
	if (!n || n > UINT32_MAX / 4)
		return err_set(err, CDG_E_ARG, "nothing to merge");
	m.dir = dir;
	m.opt = opt;
	m.n = n;
	m.dict.fd = m.post.fd = m.pos.fd = -1;
	CDG_TRY(segment_id_new(&m.out.id, err));
	st = merge_run(&m, inputs, err);
	for (size_t k = 0; m.parts && k < m.nparts; k++)
		merge_part_discard(&m, &m.parts[k]);
	mem_free(m.parts);
	mem_free(m.self);
	mem_free(m.lang_sets);
	if (opt->order && st == CDG_OK)
		*opt->order = m.order;
	else
		mem_free(m.order);
	merge_inputs_close(&m);
	pwriter_abort(&m.dict);
	pwriter_abort(&m.post);
	pwriter_abort(&m.pos);
	if (st != CDG_OK)
		for (size_t i = 0; i < countof(merge_exts); i++)
			merge_unlink(&m, merge_exts[i]);
	else
		*out = m.out;
	return st;
}
