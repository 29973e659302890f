/* flush.c - see flush.h.  The order of work:
 *
 *   sort the entries of all inverters                      flush_sort.c
 *   find the classes the terms are in                      flush_stem.c
 *   write terms, then classes, in parts by ranges of keys  flush_term.c, flush_class.c
 *   put the parts one behind the other                     here
 *
 * Parts are files HEX.tN.dict and so on; the positions of the first part of the
 * terms go directly to where they will stay.
 */
#include "indexer/flush.h"

#include <stdio.h>

#include "engine/manifest.h"
#include "indexer/flush_internal.h"

enum { PARTS_PER_THREAD = 8, JOIN_STEP = 1 << 20 };
#define FLUSH_KIND_DICT PFILE_KIND('D', 'I', 'C', 'T')
#define FLUSH_KIND_POST PFILE_KIND('P', 'O', 'S', 'T')
#define FLUSH_KIND_POS PFILE_KIND('P', 'O', 'S', 'N')

/* ---- parts ---------------------------------------------------------- */

static char *
part_path(const flush *f, char set, unsigned number, const char *ext)
{
	char name[40];

	if (set == 't' && number == 0 && !strcmp(ext, "pos"))
		return segment_path(f->in->dir, &f->in->id, ext);
	snprintf(name, sizeof name, "%c%u.%s", set, number, ext);
	return segment_path(f->in->dir, &f->in->id, name);
}

static cdg_status
part_open(flush *f, flush_part *p, char set, cdg_error *err)
{
	p->dict_path = part_path(f, set, p->number, "dict");
	p->post_path = part_path(f, set, p->number, "post");
	p->pos_path = part_path(f, set, p->number, "pos");
	if (!p->dict_path || !p->post_path || !p->pos_path)
		return err_nomem(err);
	CDG_TRY(pwriter_open(&p->dict, p->dict_path, FLUSH_KIND_DICT, &f->in->id, err));
	CDG_TRY(pwriter_open(&p->post, p->post_path, FLUSH_KIND_POST, &f->in->id, err));
	p->has_pos = set == 't';
	if (p->has_pos)
		CDG_TRY(pwriter_open(&p->pos, p->pos_path, FLUSH_KIND_POS, &f->in->id, err));
	p->pos.hasten = p->number == 0 && f->in->sync;
	return CDG_OK;
}

/* Write one part from its opening to its files. */
static cdg_status
part_write(flush *f, flush_part *p, char set, cdg_error *err)
{
	CDG_TRY(part_open(f, p, set, err));
	if (set == 't')
		CDG_TRY(flush_write_terms(f, p, err));
	else if (set == 'f')
		CDG_TRY(flush_write_classes(f, p, DICT_FOLD, &f->fold, err));
	else
		CDG_TRY(flush_write_classes(f, p, DICT_STEM, &f->stem, err));
	CDG_TRY(pwriter_finish(&p->dict, false, err));
	CDG_TRY(pwriter_finish(&p->post, false, err));
	if (p->has_pos && p->number)
		CDG_TRY(pwriter_finish(&p->pos, false, err));
	return pfile_open(&p->post_file, p->post_path, FLUSH_KIND_POST, &f->in->id, err);
}

static cdg_status
parts_write(flush *f, flush_parts *parts, char set, cdg_error *err)
{
#pragma omp parallel for schedule(dynamic, 1) num_threads(f->in->threads)
	for (size_t i = 0; i < parts->n; i++)
		parts->p[i].status = part_write(f, &parts->p[i], set, &parts->p[i].err);
	for (size_t i = 0; i < parts->n; i++)
		if (parts->p[i].status != CDG_OK) {
			if (err)
				*err = parts->p[i].err;
			return parts->p[i].status;
		}
	return CDG_OK;
}

static void
parts_fini(flush_parts *parts, bool failed)
{
	for (size_t i = 0; i < parts->n; i++) {
		flush_part *p = &parts->p[i];
		pfile_close(&p->post_file);
		pwriter_abort(&p->dict);
		pwriter_abort(&p->post);
		pwriter_abort(&p->pos);
		if (p->dict_path)
			file_unlink(p->dict_path, NULL);
		if (p->post_path)
			file_unlink(p->post_path, NULL);
		if (p->pos_path && p->has_pos && (p->number || failed))
			file_unlink(p->pos_path, NULL);
		mem_free(p->dict_path);
		mem_free(p->post_path);
		mem_free(p->pos_path);
	}
	mem_free(parts->p);
}

static cdg_status
parts_new(flush_parts *parts, size_t n, cdg_error *err)
{
	parts->p = mem_calloc(n, sizeof *parts->p);
	if (!parts->p)
		return err_nomem(err);
	parts->n = n;
	for (size_t i = 0; i < n; i++)
		parts->p[i].number = (unsigned)i;
	return CDG_OK;
}

/* Bytes of the streams of a term, about, and what a term costs anyway. */
static uint64_t
term_weight(const flush *f, uint64_t ord)
{
	size_t i = flush_head(f, ord), end = ord + 1 < f->nords ? flush_head(f, ord + 1) : f->nterms;
	uint64_t w = 64;

	for (; i < end; i++)
		w += flush_entry(f, &f->terms[i])->bytes;
	return w;
}

static cdg_status
split_terms(flush *f, cdg_error *err)
{
	size_t n = f->in->threads > 1 && f->nords > 1000 ? f->in->threads * PARTS_PER_THREAD : 1, k = 0;
	uint64_t total = 0, sum = 0;

	CDG_TRY(parts_new(&f->term_parts, n, err));
	f->term_parts.p[0].end = f->nterms;
	if (n == 1)
		return CDG_OK;
#pragma omp parallel for schedule(static) num_threads(f->in->threads) reduction(+ : total)
	for (uint64_t ord = 0; ord < f->nords; ord++)
		total += term_weight(f, ord);
	for (uint64_t ord = 0; ord < f->nords && k + 1 < n; ord++) {
		while (k + 1 < n && sum >= total * (k + 1) / n) {
			size_t at = flush_head(f, ord);
			f->term_parts.p[k++].end = at;
			f->term_parts.p[k].first = at;
			f->term_parts.p[k].first_ord = ord;
		}
		sum += term_weight(f, ord);
	}
	/* parts that found no terms come last and are empty */
	for (f->term_parts.p[k].end = f->nterms; ++k < n;) {
		f->term_parts.p[k].first = f->term_parts.p[k].end = f->nterms;
		f->term_parts.p[k].first_ord = f->nords;
	}
	return CDG_OK;
}

static cdg_status
split_recs(flush *f, flush_parts *parts, const flush_recs *r, cdg_error *err)
{
	size_t n = f->in->threads > 1 && r->n > 1000 ? f->in->threads * PARTS_PER_THREAD : 1, at = 0;

	CDG_TRY(parts_new(parts, n, err));
	for (size_t k = 0; k < n; k++) {
		size_t end = r->n / n * (k + 1);
		if (k + 1 == n)
			end = r->n;
		while (end > at && end < r->n && flush_rec_same(f, r, &r->p[end - 1], &r->p[end]))
			end++;
		parts->p[k].first = at;
		parts->p[k].end = at = max_size(at, end);
	}
	return CDG_OK;
}

/* ---- joining -------------------------------------------------------- */

typedef struct join {
	pwriter dict, post, *pos;
	dict_writer dw;
} join;

/* The payload of a part behind what is there. */
static cdg_status
join_copy(pwriter *to, const pfile *from, cdg_error *err)
{
	for (size_t at = PFILE_HEADER; at < pfile_end(from);) {
		size_t n = min_size(JOIN_STEP, pfile_end(from) - at);
		const uint8_t *p = pfile_at(from, at, n);
		if (!p)
			return pfile_error(from, err);
		pwriter_put(to, p, n);
		pfile_forget(from, at, n);
		at += n;
	}
	return CDG_OK;
}

static cdg_status
join_pos(flush *f, join *j, const flush_part *p, cdg_error *err)
{
	cdg_status st;
	pfile pos;

	CDG_TRY(pfile_open(&pos, p->pos_path, FLUSH_KIND_POS, &f->in->id, err));
	st = join_copy(j->pos, &pos, err);
	pfile_close(&pos);
	return st;
}

static cdg_status
join_part(flush *f, join *j, const flush_part *p, cdg_error *err)
{
	uint64_t post_base = pwriter_tell(&j->post);
	uint64_t pos_base = p->has_pos && p->number == 0 ? PFILE_HEADER : pwriter_tell(j->pos);
	cdg_status st;
	dict d;

	CDG_TRY(join_copy(&j->post, &p->post_file, err));
	if (p->has_pos && p->number)
		CDG_TRY(join_pos(f, j, p, err));
	CDG_TRY(dict_open(&d, p->dict_path, &f->in->id, err));
	st = dict_writer_append(&j->dw, &d, post_base, pos_base, err);
	dict_close(&d);
	return st;
}

static void
join_ids(flush *f, join *j)
{
	post_meta meta = { .df = 1, .ttf = 1 };

	j->dw.post = pwriter_tell(&j->post);
	j->dw.pos = pwriter_tell(j->pos);
	for (size_t i = 0; i < f->in->nids; i++) {
		const flush_id *x = &f->in->ids[i];
		meta.single_doc = x->doc;
		dict_writer_term(&j->dw, DICT_ID, 0, x->key, x->len, &meta, false, NULL, 0);
	}
}

static cdg_status
join_open(const flush *f, const char *ext, uint32_t kind, pwriter *w, cdg_error *err)
{
	char *path = segment_path(f->in->dir, &f->in->id, ext);
	cdg_status st = path ? pwriter_open(w, path, kind, &f->in->id, err) : err_nomem(err);

	mem_free(path);
	w->hasten = f->in->sync;
	return st;
}

static cdg_status
join_all(flush *f, join *j, cdg_error *err)
{
	flush_parts *const sets[] = { &f->term_parts, &f->fold_parts, &f->stem_parts };

	CDG_TRY(join_open(f, "dict", FLUSH_KIND_DICT, &j->dict, err));
	CDG_TRY(join_open(f, "post", FLUSH_KIND_POST, &j->post, err));
	dict_writer_init(&j->dw, &j->dict, PFILE_HEADER, PFILE_HEADER);
	for (size_t s = 0; s < countof(sets); s++)
		for (size_t i = 0; i < sets[s]->n; i++)
			CDG_TRY(join_part(f, j, &sets[s]->p[i], err));
	join_ids(f, j);
	CDG_TRY(dict_writer_finish(&j->dw, err));
	CDG_TRY(pwriter_finish(&j->dict, f->in->sync, err));
	CDG_TRY(pwriter_finish(&j->post, f->in->sync, err));
	return pwriter_finish(j->pos, f->in->sync, err);
}

static cdg_status
join_files(flush *f, cdg_error *err)
{
	join j;
	cdg_status st;

	memset(&j, 0, sizeof j);
	j.pos = &f->term_parts.p[0].pos;
	st = join_all(f, &j, err);
	dict_writer_fini(&j.dw);
	pwriter_abort(&j.dict);
	pwriter_abort(&j.post);
	return st;
}

/* The joins copy more than they compute: two of them go on at the same time. */
static cdg_status
join_beside(flush *f, cdg_error *err)
{
	const flush_input *in = f->in;
	cdg_status st = CDG_OK, st_beside = CDG_OK;
	cdg_error err_beside;

#pragma omp parallel sections num_threads(in->threads > 1 && in->beside ? 2 : 1)
	{
#pragma omp section
		st = join_files(f, err);
#pragma omp section
		if (in->beside)
			st_beside = in->beside(in->beside_arg, &err_beside);
	}
	if (st == CDG_OK && st_beside != CDG_OK && err)
		*err = err_beside;
	return st != CDG_OK ? st : st_beside;
}

/* ---- all of it ------------------------------------------------------ */

static cdg_status
flush_run(flush *f, cdg_error *err)
{
	CDG_TRY(flush_sort_terms(f, err));
	CDG_TRY(flush_collect_classes(f, err));
	f->places = mem_alloc(f->nords * sizeof *f->places);
	if (!f->places)
		return err_nomem(err);
	CDG_TRY(split_terms(f, err));
	CDG_TRY(split_recs(f, &f->fold_parts, &f->fold, err));
	CDG_TRY(split_recs(f, &f->stem_parts, &f->stem, err));
	CDG_TRY(parts_write(f, &f->term_parts, 't', err));
	CDG_TRY(parts_write(f, &f->fold_parts, 'f', err));
	CDG_TRY(parts_write(f, &f->stem_parts, 's', err));
	return join_beside(f, err);
}

cdg_status
flush_terms(const flush_input *in, cdg_error *err)
{
	flush f;
	cdg_status st;

	memset(&f, 0, sizeof f);
	f.in = in;
	st = flush_run(&f, err);
	parts_fini(&f.term_parts, st != CDG_OK);
	parts_fini(&f.fold_parts, true);
	parts_fini(&f.stem_parts, true);
	mem_free(f.terms);
	mem_free(f.heads);
	mem_free(f.places);
	mem_free(f.self);
	mem_free(f.fold.p);
	buf_fini(&f.fold.pool);
	mem_free(f.stem.p);
	buf_fini(&f.stem.pool);
	if (st != CDG_OK)
		for (size_t i = 0; i < 3; i++) {
			static const char *const exts[] = { "dict", "post", "pos" };
			char *path = segment_path(in->dir, &in->id, exts[i]);
			if (path)
				file_unlink(path, NULL);
			mem_free(path);
		}
	return st;
}
