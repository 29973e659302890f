/* flush_class.c - the fold or stem classes of one part.  The lists of members
 * are read back from the part of .post where their terms were just written:
 * documents and frequencies alone, which is far less than the streams hold.
 */
#include "indexer/flush_internal.h"

typedef struct class_merge {
	flush *f;
	unsigned kind;
	flush_recs *recs;
	post_writer pw;
	post_ratios ratios[2];    /* of text and title */
	dict_writer dw;
	post_cursor cursor;
	uint64_t *pairs, *tmp;   /* document << 32 | tf */
	size_t npairs, pairs_cap, tmp_cap;
	uint32_t *runs;          /* where the pairs of each member begin */
	size_t nruns, runs_cap;
	uint32_t *dense;         /* tf by document */
	dict_member *members;
	size_t nmembers, members_cap;
	bool failed;
} class_merge;

static const flush_part *
part_of(const flush_parts *parts, uint64_t ord)
{
	size_t lo = 0, hi = parts->n;

	while (hi - lo > 1) {
		size_t mid = (lo + hi) / 2;
		if (parts->p[mid].first_ord <= ord)
			lo = mid;
		else
			hi = mid;
	}
	return &parts->p[lo];
}

static bool
lang_in(const flush *f, uint64_t mask, uint32_t doc)
{
	return mask == UINT64_MAX || mask >> (f->in->langs[doc] & 63) & 1;
}

/* The pairs of a member, documents of other languages left out. */
static cdg_status
member_pairs(class_merge *m, const dict_member *member, cdg_error *err)
{
	const flush_place *at = &m->f->places[member->ord];
	const flush_part *part = part_of(&m->f->term_parts, member->ord);
	post_meta meta = { .df = at->df, .post = at->post, .post_len = at->post_len, .has_pos = true };
	post_cursor *c = &m->cursor;

	if (!mem_grow(&m->pairs, &m->pairs_cap, m->npairs + at->df, sizeof *m->pairs) ||
	    !mem_grow(&m->runs, &m->runs_cap, m->nruns + 2, sizeof *m->runs))
		return err_nomem(err);
	m->runs[m->nruns++] = (uint32_t)m->npairs;
	if (at->df == 1) {
		if (lang_in(m->f, member->mask, (uint32_t)at->post))
			m->pairs[m->npairs++] = at->post << 32 | at->post >> 32;
		return CDG_OK;
	}
	post_open(c, &part->post_file, NULL, &meta, m->f->in->ndocs);
	for (uint32_t b = 0; b < c->nb && post_load(c, b) && post_load_tfs(c); b++) {
		uint64_t *out = m->pairs + m->npairs;
		if (likely(member->mask == UINT64_MAX)) {
			for (uint32_t i = 0; i < c->n; i++)
				out[i] = (uint64_t)c->docs[i] << 32 | c->tfs[i];
			m->npairs += c->n;
			continue;
		}
		for (uint32_t i = 0; i < c->n; i++)
			if (lang_in(m->f, member->mask, c->docs[i]))
				m->pairs[m->npairs++] = (uint64_t)c->docs[i] << 32 | c->tfs[i];
	}
	if (c->bad)
		return pfile_error(&part->post_file, err);
	return CDG_OK;
}

static size_t
merge_runs(const uint64_t *a, size_t na, const uint64_t *b, size_t nb, uint64_t *out)
{
	uint64_t *o = out;

	while (na && nb) {
		uint64_t x = *a, y = *b;
		if (x >> 32 == y >> 32) {
			*o++ = x + (uint32_t)y;
			a++, na--, b++, nb--;
		} else if (x < y) {
			*o++ = x;
			a++, na--;
		} else {
			*o++ = y;
			b++, nb--;
		}
	}
	memcpy(o, a, na * sizeof *a);
	memcpy(o + na, b, nb * sizeof *b);
	return (size_t)(o - out) + na + nb;
}

/* Neighbouring runs in pairs until one is left; sums what has one document. */
static bool
merge_all(class_merge *m)
{
	m->runs[m->nruns] = (uint32_t)m->npairs;
	while (m->nruns > 1) {
		size_t out = 0, n = 0;
		uint64_t *p;
		size_t cap;
		if (!mem_grow(&m->tmp, &m->tmp_cap, m->npairs, sizeof *m->tmp))
			return false;
		for (size_t i = 0; i < m->nruns; i += 2) {
			size_t a = m->runs[i], b = m->runs[i + 1], c = i + 2 <= m->nruns ? m->runs[i + 2] : b;
			size_t len = merge_runs(m->pairs + a, b - a, m->pairs + b, c - b, m->tmp + out);
			m->runs[n++] = (uint32_t)out;
			out += len;
		}
		m->runs[n] = (uint32_t)out;
		m->nruns = n;
		m->npairs = out;
		p = m->pairs, cap = m->pairs_cap;
		m->pairs = m->tmp, m->pairs_cap = m->tmp_cap;
		m->tmp = p, m->tmp_cap = cap;
	}
	return true;
}

/* The same by a table of all documents, for many pairs in many runs. */
static bool
merge_dense(class_merge *m)
{
	uint32_t ndocs = m->f->in->ndocs;
	size_t n = 0;

	if (!m->dense && !(m->dense = mem_calloc(ndocs, sizeof *m->dense)))
		return false;
	for (size_t i = 0; i < m->npairs; i++)
		m->dense[m->pairs[i] >> 32] += (uint32_t)m->pairs[i];
	for (uint32_t d = 0; d < ndocs; d++)
		if (m->dense[d]) {
			m->pairs[n++] = (uint64_t)d << 32 | m->dense[d];
			m->dense[d] = 0;
		}
	m->npairs = n;
	return true;
}

static cdg_status
class_list(class_merge *m, unsigned field, const uint8_t *key, size_t len, cdg_error *err)
{
	const uint8_t *norms = field < DICT_FIELD_FIRST ? m->f->in->norms[field] : NULL;
	bool ok;
	post_meta meta;

	m->npairs = m->nruns = 0;
	for (size_t i = 0; i < m->nmembers; i++)
		CDG_TRY(member_pairs(m, &m->members[i], err));
	if (m->npairs > UINT32_MAX)
		return err_set(err, CDG_E_LIMIT, "too many postings in one class");
	ok = m->nruns > 2 && m->npairs > m->f->in->ndocs / 2 ? merge_dense(m) : merge_all(m);
	if (!ok)
		return err_nomem(err);
	if (!m->npairs)
		return CDG_OK;
	m->pw.ratios = &m->ratios[field == DICT_FIELD_TITLE];
	post_begin(&m->pw, false, false);
	for (size_t i = 0; i < m->npairs; i++) {
		uint32_t doc = (uint32_t)(m->pairs[i] >> 32);
		post_add(&m->pw, doc, (uint32_t)m->pairs[i], NULL, NULL, norms ? norms[doc] : 0);
	}
	CDG_TRY(post_end(&m->pw, &meta, err));
	dict_writer_class(&m->dw, m->kind, field, key, len, &meta, m->members, m->nmembers);
	return CDG_OK;
}

/* Records [first, end) are one class. */
static cdg_status
class_write(class_merge *m, size_t first, size_t end, cdg_error *err)
{
	const flush_rec *r = &m->recs->p[first];
	unsigned field = (unsigned)(r->key >> 48);
	size_t len;
	const uint8_t *key = flush_rec_bytes(m->f, m->recs, r, &len);

	if (!mem_grow(&m->members, &m->members_cap, end - first, sizeof *m->members))
		return err_nomem(err);
	m->nmembers = end - first;
	for (size_t i = first; i < end; i++)
		m->members[i - first] = (dict_member){ m->recs->p[i].ord,
						       flush_rec_mask(m->recs, &m->recs->p[i]) };
	if (m->nmembers == 1 && m->members[0].mask == UINT64_MAX) {
		if (m->kind == DICT_STEM && r->str == FLUSH_SAME)
			return CDG_OK; /* SELF */
		dict_writer_class(&m->dw, m->kind, field, key, len, NULL, m->members, 1);
		return CDG_OK;
	}
	return class_list(m, field, key, len, err);
}

cdg_status
flush_write_classes(flush *f, flush_part *part, unsigned kind, flush_recs *r, cdg_error *err)
{
	class_merge *m = mem_calloc(1, sizeof *m);
	cdg_status st = CDG_OK;

	if (!m)
		return err_nomem(err);
	m->f = f;
	m->kind = kind;
	m->recs = r;
	for (unsigned i = 2; i-- > 0;) {
		post_writer_init(&m->pw, &part->post, NULL, f->in->avg_len[i]);
		m->ratios[i] = m->pw.own;
	}
	dict_writer_init(&m->dw, &part->dict, PFILE_HEADER, PFILE_HEADER);
	for (size_t i = part->first, end; i < part->end && st == CDG_OK; i = end) {
		for (end = i + 1; end < part->end && flush_rec_same(f, r, &r->p[i], &r->p[end]); end++)
			;
		st = class_write(m, i, end, err);
		if (st == CDG_OK && flush_cancelled(f))
			st = err_set(err, CDG_E_CANCELLED, "cancelled");
	}
	if (st == CDG_OK)
		st = dict_writer_finish(&m->dw, err);
	post_close(&m->cursor);
	post_writer_fini(&m->pw);
	dict_writer_fini(&m->dw);
	mem_free(m->pairs);
	mem_free(m->tmp);
	mem_free(m->runs);
	mem_free(m->dense);
	mem_free(m->members);
	mem_free(m);
	return st;
}
