/* merge_join.c - parts: their files, and how they become the files of the
 * segment.  merge_join_* run in the calling thread while no other does.
 *
 * Lists of the first term part (and, when there is one range only, of all
 * parts) are written in place; others are copied behind.  The terms of the
 * dictionary are written again, because only after the stem classes is it known
 * which of them are SELF; the blocks of the classes are copied.
 */
#include <stdio.h>

#include "indexer/merge_internal.h"

enum {
	JOIN_STEP = 1 << 20,
	DICT_RESERVE = 16384 /* had before the first key, so that a writer that fails later has a block */
};

static void
part_ext(const merge_part *p, const char *ext, char out[48])
{
	snprintf(out, 48, "part-%u-%u.%s", p->kind, p->index, ext);
}

static char *
part_path(const merge *m, const merge_part *p, const char *ext)
{
	char name[48];
	part_ext(p, ext, name);
	return segment_path(m->dir, &m->out.id, name);
}

static void
part_unlink(const merge *m, const merge_part *p, const char *ext)
{
	char name[48];
	part_ext(p, ext, name);
	merge_unlink(m, name);
}

static cdg_status
part_open_file(merge *m, merge_part *p, pwriter *w, const char *ext, uint32_t kind, cdg_error *err)
{
	char *path = part_path(m, p, ext);
	cdg_status st = path ? pwriter_open(w, path, kind, &m->out.id, err) : err_nomem(err);

	mem_free(path);
	return st;
}

cdg_status
merge_part_open(merge *m, merge_part *p, cdg_error *err)
{
	uint64_t post = PFILE_HEADER, pos = PFILE_HEADER;

	p->own_lists = m->nranges > 1 && (p->kind != DICT_TERM || p->index > 0);
	p->post = p->own_lists ? &p->post_out : &m->post;
	p->pos = p->own_lists ? &p->pos_out : &m->pos;
	CDG_TRY(part_open_file(m, p, &p->dict_out, "dict", MERGE_KIND_DICT, err));
	if (p->own_lists) {
		CDG_TRY(part_open_file(m, p, &p->post_out, "post", MERGE_KIND_POST, err));
		CDG_TRY(part_open_file(m, p, &p->pos_out, "pos", MERGE_KIND_POS, err));
	} else {
		post = pwriter_tell(&m->post);
		pos = pwriter_tell(&m->pos);
	}
	dict_writer_init(&p->dict, &p->dict_out, post, pos);
	if (!buf_reserve(&p->dict.block, DICT_RESERVE) || !buf_reserve(&p->dict.index, 64))
		return err_nomem(err);
	for (unsigned f = 2; f-- > 0;) {
		post_writer_init(&p->lists, p->post, p->pos, (float)((double)m->out.tokens[f] / (double)m->out.docs));
		if (f == DICT_FIELD_TITLE)
			p->titles = p->lists.own;
	}
	return buf_reserve(&p->lists.skip_pos, 64) ? CDG_OK : err_nomem(err);
}

cdg_status
merge_part_close(merge *m, merge_part *p, cdg_error *err)
{
	(void)m;
	CDG_TRY(dict_writer_finish(&p->dict, err));
	CDG_TRY(pwriter_finish(&p->dict_out, false, err));
	if (p->own_lists) {
		CDG_TRY(pwriter_finish(&p->post_out, false, err));
		CDG_TRY(pwriter_finish(&p->pos_out, false, err));
	}
	dict_writer_fini(&p->dict);
	post_writer_fini(&p->lists);
	return CDG_OK;
}

void
merge_part_discard(merge *m, merge_part *p)
{
	if (p->post) { /* it was opened */
		pwriter_abort(&p->dict_out);
		pwriter_abort(&p->post_out);
		pwriter_abort(&p->pos_out);
		dict_writer_fini(&p->dict);
		post_writer_fini(&p->lists);
		part_unlink(m, p, "dict");
		if (p->own_lists) {
			part_unlink(m, p, "post");
			part_unlink(m, p, "pos");
		}
	}
	mem_free(p->from);
	mem_free(p->to);
	mem_free(p->lang_sets);
	memset(p, 0, sizeof *p);
}

cdg_status
merge_part_end(merge_part *p, post_meta *meta, cdg_error *err)
{
	if (p->lists.status == CDG_OK) /* else what it holds is not complete */
		return post_end(&p->lists, meta, err);
	if (err)
		*err = p->lists.err;
	return p->lists.status;
}

cdg_status
merge_part_step(merge *m, merge_part *p, uint64_t bytes, cdg_error *err)
{
	p->touched += (size_t)bytes + 32; /* 32: a key of the dictionary */
	p->progress += bytes;
	if (p->touched > m->window) {
		merge_forget(m);
		p->touched = 0;
	}
	if (p->progress >= JOIN_STEP) {
		merge_progress(m, p->progress);
		p->progress = 0;
	}
	return merge_poll(m, err);
}

/* Append the payload of a part's file to the segment's. */
static cdg_status
part_copy(merge *m, merge_part *p, const char *ext, uint32_t kind, pwriter *to, cdg_error *err)
{
	char *path = part_path(m, p, ext);
	cdg_status st;
	pfile f;

	if (!path)
		return err_nomem(err);
	st = pfile_open(&f, path, kind, &m->out.id, err);
	for (size_t at = PFILE_HEADER; st == CDG_OK && at < pfile_end(&f);) {
		size_t n = min_size(JOIN_STEP, pfile_end(&f) - at);
		const uint8_t *bytes = pfile_at(&f, at, n);
		if (!bytes) {
			st = pfile_error(&f, err);
			break;
		}
		pwriter_put(to, bytes, n);
		pfile_forget(&f, 0, f.map.len);
		at += n;
		st = merge_poll(m, err);
	}
	if (st == CDG_OK)
		st = to->status == CDG_OK ? CDG_OK : err_set(err, to->status, "%s", to->err.message);
	pfile_close(&f);
	part_unlink(m, p, ext);
	mem_free(path);
	return st;
}

/* Add the number of the first term of a part to the ordinals it gave out. */
static void
part_rebase(merge *m, const merge_part *p, uint32_t base)
{
	for (size_t i = 0; base && i < m->n; i++)
		for (uint64_t ord = p->from[i]; ord < p->to[i] && ord < m->in[i].nterms; ord++)
			if (m->in[i].ords[ord] != MERGE_DEAD)
				m->in[i].ords[ord] += base;
}

cdg_status
merge_join_terms(merge *m, cdg_error *err)
{
	uint64_t base = 0;

	for (size_t r = 0; r < m->nranges; r++)
		m->nterms += m->parts[r].nkeys;
	if (m->nterms >= UINT32_MAX)
		return err_set(err, CDG_E_LIMIT, "too many different terms for one segment");
	m->self = mem_calloc((size_t)m->nterms / 64 + 1, sizeof *m->self);
	m->lang_sets = mem_alloc((size_t)m->nterms * m->lang_width + 1);
	if (!m->self || !m->lang_sets)
		return err_nomem(err);
	for (size_t r = 0; r < m->nranges; r++) {
		merge_part *p = &m->parts[r];
		part_rebase(m, p, (uint32_t)base);
		if (m->lang_width && p->nkeys)
			memcpy(m->lang_sets + base * m->lang_width, p->lang_sets, p->nkeys * m->lang_width);
		mem_free(p->lang_sets);
		p->lang_sets = NULL;
		base += p->nkeys;
		if (!p->own_lists)
			continue;
		CDG_TRY(part_copy(m, p, "post", MERGE_KIND_POST, &m->post, err));
		CDG_TRY(part_copy(m, p, "pos", MERGE_KIND_POS, &m->pos, err));
	}
	return CDG_OK;
}

/* ---- the dictionary ------------------------------------------------- */

static cdg_status
part_open_dict(merge *m, merge_part *p, dict *d, cdg_error *err)
{
	char *path = part_path(m, p, "dict");
	cdg_status st = path ? dict_open(d, path, &m->out.id, err) : err_nomem(err);

	mem_free(path);
	return st;
}

/* The terms of a part again, with what is now known of SELF. */
static cdg_status
join_term_keys(merge *m, merge_part *p, dict_writer *w, uint64_t *ord, cdg_error *err)
{
	cdg_status st = CDG_OK;
	dict_iter it;
	dict d;

	CDG_TRY(part_open_dict(m, p, &d, err));
	dict_seek_ord(&it, &d, 0);
	while (st == CDG_OK && dict_next(&it)) {
		size_t len;
		const char *key = dict_iter_bytes(&it, &len);
		bool self = m->self[*ord / 64] >> (*ord % 64) & 1;
		dict_writer_term(w, DICT_TERM, it.e.field, key, len, &it.e.meta, self, it.e.forms,
				 it.e.forms_len);
		if (++*ord % 16384 == 0) {
			pfile_forget(&d.file, 0, d.file.map.len);
			st = merge_poll(m, err);
		}
	}
	if (st == CDG_OK && d.file.bad)
		st = pfile_error(&d.file, err);
	dict_close(&d);
	return st;
}

static cdg_status
join_class_keys(merge *m, merge_part *p, dict_writer *w, cdg_error *err)
{
	uint64_t post_base = PFILE_HEADER;
	cdg_status st;
	dict d;

	if (p->own_lists) {
		post_base = pwriter_tell(&m->post);
		CDG_TRY(part_copy(m, p, "post", MERGE_KIND_POST, &m->post, err));
	}
	CDG_TRY(part_open_dict(m, p, &d, err));
	st = dict_writer_append(w, &d, post_base, p->own_lists ? pwriter_tell(&m->pos) : PFILE_HEADER, err);
	dict_close(&d);
	return st;
}

/* Document ids: those of live documents, with their new numbers. */
static cdg_status
join_ids(merge *m, dict_writer *w, merge_heap *h, cdg_error *err)
{
	uint64_t n = 0;
	bool more = true;

	CDG_TRY(merge_heap_init(h, m->n, err));
	for (size_t i = 0; i < m->n; i++) {
		const dict *d = &m->in[i].seg.dict;
		CDG_TRY(merge_heap_add(h, m, (uint32_t)i, d->nkeys - d->kind_count[DICT_ID], d->nkeys, err));
	}
	for (;;) {
		const dict_iter *last = NULL;
		post_meta meta = { 0 };
		size_t len;
		const char *key;
		CDG_TRY(merge_heap_next(h, &more, err));
		if (!more)
			return CDG_OK;
		for (size_t g = 0; g < h->ngroup; g++) {
			const merge_stream *s = &h->streams[h->group[g]];
			uint32_t doc = s->it.e.meta.single_doc;
			if (s->it.e.kind != DICT_ID || doc >= m->in[s->input].ndocs) {
				pfile_damaged(&s->it.d->file, PFILE_HEADER, "a document id is out of range");
				return pfile_error(&s->it.d->file, err);
			}
			doc = merge_doc(&m->in[s->input], doc);
			if (doc == MERGE_DEAD)
				continue;
			last = &s->it;
			meta = s->it.e.meta;
			meta.single_doc = doc;
		}
		if (last) {
			key = dict_iter_bytes(last, &len);
			dict_writer_term(w, DICT_ID, last->e.field, key, len, &meta, false, NULL, 0);
		}
		if (++n % 4096 == 0)
			CDG_TRY(merge_poll(m, err));
	}
}

static cdg_status
join_dict(merge *m, dict_writer *w, cdg_error *err)
{
	uint64_t ord = 0;
	merge_heap h;
	cdg_status st;

	for (size_t r = 0; r < m->nranges; r++)
		CDG_TRY(join_term_keys(m, &m->parts[r], w, &ord, err));
	for (size_t k = m->nranges; k < m->nparts; k++)
		CDG_TRY(join_class_keys(m, &m->parts[k], w, err));
	w->post = pwriter_tell(&m->post); /* for the blocks of ids, which have no lists */
	w->pos = pwriter_tell(&m->pos);
	memset(&h, 0, sizeof h);
	st = join_ids(m, w, &h, err);
	merge_heap_fini(&h);
	CDG_TRY(st);
	return dict_writer_finish(w, err);
}

cdg_status
merge_join(merge *m, cdg_error *err)
{
	char *path = segment_path(m->dir, &m->out.id, "dict");
	cdg_status st = path ? pwriter_open(&m->dict, path, MERGE_KIND_DICT, &m->out.id, err) : err_nomem(err);
	dict_writer w;

	mem_free(path);
	CDG_TRY(st);
	dict_writer_init(&w, &m->dict, PFILE_HEADER, PFILE_HEADER);
	st = buf_reserve(&w.block, DICT_RESERVE) ? join_dict(m, &w, err) : err_nomem(err);
	dict_writer_fini(&w);
	CDG_TRY(st);
	CDG_TRY(pwriter_finish(&m->dict, m->opt->sync, err));
	CDG_TRY(pwriter_finish(&m->post, m->opt->sync, err));
	return pwriter_finish(&m->pos, m->opt->sync, err);
}
