/* flush_term.c - the terms of one part: the streams of all workers merged by
 * document, through post_writer and dict_writer.
 */
#include "indexer/flush_internal.h"

/* One thread's working memory for writing terms. */
typedef struct term_merge {
	flush *f;
	post_writer pw;
	dict_writer dw;
	post_ratios ratios[2]; /* for text and title; the first also for metadata */
	inv_reader *readers;   /* one a worker */
	const uint32_t **maps;
	uint32_t *docs;        /* the document of the segment each reader stands at */
	size_t n;
	/* forms of the term, by worker and number: place in the table + 1, 0 not used yet */
	uint32_t *form_new;
	const inv_form **form_ptr;
	size_t form_cap, form_ptr_cap;
	size_t *form_base;     /* of each reader in form_new */
	buf forms;
	uint32_t nforms;
	uint16_t field;
	bool field_set, wide;
} term_merge;

static void
merge_fini(term_merge *m)
{
	post_writer_fini(&m->pw);
	dict_writer_fini(&m->dw);
	mem_free(m->readers);
	mem_free(m->maps);
	mem_free(m->docs);
	mem_free(m->form_base);
	mem_free(m->form_new);
	mem_free(m->form_ptr);
	buf_fini(&m->forms);
}

static cdg_status
merge_init(term_merge *m, flush *f, flush_part *part, cdg_error *err)
{
	size_t n = f->in->nworkers;

	memset(m, 0, sizeof *m);
	m->f = f;
	for (unsigned i = 2; i-- > 0;) {
		post_writer_init(&m->pw, &part->post, &part->pos, f->in->avg_len[i]);
		m->ratios[i] = m->pw.own;
	}
	dict_writer_init(&m->dw, &part->dict, PFILE_HEADER, PFILE_HEADER);
	m->readers = mem_alloc(n * sizeof *m->readers);
	m->maps = mem_alloc(n * sizeof *m->maps);
	m->docs = mem_alloc(n * sizeof *m->docs);
	m->form_base = mem_alloc(n * sizeof *m->form_base);
	if (!m->readers || !m->maps || !m->docs || !m->form_base) {
		merge_fini(m);
		return err_nomem(err);
	}
	return CDG_OK;
}

/* Put the forms of one worker's entry where form_code finds them. */
static bool
forms_open(term_merge *m, size_t reader, const inverter *v, const inv_entry *e)
{
	size_t base = reader ? m->form_base[reader] : 0, n = e->forms ? inverter_form(v, e->forms)->index + 1u : 0;

	m->form_base[reader] = base;
	if (reader + 1 < m->f->in->nworkers)
		m->form_base[reader + 1] = base + n;
	if (!mem_grow(&m->form_new, &m->form_cap, base + n, sizeof *m->form_new) ||
	    !mem_grow(&m->form_ptr, &m->form_ptr_cap, base + n, sizeof *m->form_ptr))
		return false;
	for (uint32_t at = e->forms; at; at = inverter_form(v, at)->before) {
		const inv_form *x = inverter_form(v, at);
		m->form_new[base + x->index] = 0;
		m->form_ptr[base + x->index] = x;
	}
	return true;
}

/* The code in the segment of a worker's code >= POST_CODE_FORMS.  Forms of
 * different workers that are the same get the same number. */
static CDG_NOINLINE uint32_t
form_number(term_merge *m, size_t reader, uint32_t code)
{
	size_t at = m->form_base[reader] + code - POST_CODE_FORMS, p = 0;
	const inv_form *x = m->form_ptr[at];

	if (m->form_new[at])
		return m->form_new[at];
	for (uint32_t i = 0; i < m->nforms; i++) {
		const uint8_t *f = m->forms.p + p;
		if (m->n > 1 && f[0] == x->width && f[1] == x->len && memcmp(f + 2, x->raw, x->len) == 0)
			return m->form_new[at] = POST_CODE_FORMS + i;
		p += 2u + f[1];
	}
	buf_put_u8(&m->forms, x->width);
	buf_put_u8(&m->forms, x->len);
	buf_put(&m->forms, x->raw, x->len);
	m->wide |= x->width > 1;
	return m->form_new[at] = POST_CODE_FORMS + m->nforms++;
}

enum { RECORD_FEW = 7 };

/* Eight bytes at p as numbers, those from n <= RECORD_FEW on 0; returns the bytes. */
CDG_INLINE uint64_t
widen(const uint8_t *p, uint32_t n, uint32_t *out)
{
	typedef uint8_t bytes8 __attribute__((vector_size(8)));
	typedef uint32_t words8 __attribute__((vector_size(32)));
	uint64_t x = load_u64(p) & (((uint64_t)1 << (8 * n)) - 1);
	bytes8 bytes;
	words8 words;

	memcpy(&bytes, &x, 8);
	words = __builtin_convertvector(bytes, words8);
	memcpy(out, &words, 32);
	return x;
}

/* The codes of a record as those of the segment; true: there are others than 0. */
static CDG_NOINLINE bool
record_codes(term_merge *m, size_t reader, uint32_t *out)
{
	const inv_reader *r = &m->readers[reader];
	uint32_t any = 0;

	for (uint32_t i = 0; i < r->n; i++) {
		uint32_t code = inv_reader_code(r, i);
		if (unlikely(code >= POST_CODE_FORMS))
			code = form_number(m, reader, code);
		out[i] = code;
		any |= code;
	}
	return any != 0;
}
/* The same of a usual record, without branches on how many there are. */
CDG_INLINE bool
record_few_codes(term_merge *m, size_t reader, const inv_reader *r, uint32_t *out)
{
	uint64_t x = widen(r->codes, r->n * r->code_bytes, out);

	if (unlikely(((x + (0x80 - POST_CODE_FORMS) * 0x0101010101010101) | x) & 0x8080808080808080)) {
		m->readers[reader] = *r;
		return record_codes(m, reader, out);
	}
	return x != 0;
}

/* The gaps of a record behind its first number. */
static CDG_NOINLINE void
record_gaps(const term_merge *m, size_t reader, uint32_t *out)
{
	const inv_reader *r = &m->readers[reader];

	if (r->gap_bytes == 1)
		for (uint32_t i = 1; i < r->n; i++)
			out[i] = r->gaps[i - 1];
	else
		for (uint32_t i = 1; i < r->n; i++)
			out[i] = load_u16(r->gaps + 2 * (size_t)(i - 1));
}

/* One document of one reader, of which *r may be a copy that stays in registers, to the
 * writer's values; returns its tf, 0: no memory.  *some: there are codes other than 0. */
CDG_INLINE uint32_t
merge_document(term_merge *m, size_t reader, inv_reader *r, bool with_codes, bool *some)
{
	uint32_t tf = 0, before = UINT32_MAX, summed = 0;

	*some = false;
	for (;;) {
		uint32_t *values, n = r->n;
		if (unlikely(!(values = post_reserve(&m->pw, tf + n))))
			return 0;
		for (; unlikely(summed < tf); summed++) /* where the record before ended */
			before += values[summed] + 1;
		values[tf] = r->pos - before - 1;
		if (likely(n <= RECORD_FEW && r->gap_bytes == 1 && r->code_bytes <= 1)) {
			widen(r->gaps, n - 1, values + tf + 1);
			if (with_codes)
				*some |= record_few_codes(m, reader, r, post_reserved_codes(&m->pw) + tf);
		} else {
			m->readers[reader] = *r;
			record_gaps(m, reader, values + tf);
			if (with_codes)
				*some |= record_codes(m, reader, post_reserved_codes(&m->pw) + tf);
		}
		tf += n;
		inv_reader_next(r);
		if (likely(r->first))
			return tf;
	}
}

/* The next document of a reader to the writer. */
CDG_INLINE bool
merge_next(term_merge *m, size_t reader, inv_reader *r, uint32_t doc, const uint8_t *norms, bool with_codes)
{
	bool some;
	uint32_t tf = merge_document(m, reader, r, with_codes, &some);

	if (unlikely(!tf))
		return false;
	post_add_reserved(&m->pw, doc, tf, some, norms ? norms[doc] : 0);
	return true;
}

static cdg_status
merge_postings(term_merge *m, const uint8_t *norms, bool with_codes, cdg_error *err)
{
	size_t left = m->n;

	if (left == 1) {
		const uint32_t *map = m->maps[0];
		inv_reader r = m->readers[0];
		while (!r.end)
			if (unlikely(!merge_next(m, 0, &r, map[r.doc], norms, with_codes)))
				return err_nomem(err);
		return CDG_OK;
	}
	for (size_t i = 0; i < m->n; i++)
		m->docs[i] = m->maps[i][m->readers[i].doc];
	while (left) {
		size_t k = 0;
		for (size_t i = 1; i < m->n; i++)
			if (m->docs[i] < m->docs[k])
				k = i;
		if (unlikely(!merge_next(m, k, &m->readers[k], m->docs[k], norms, with_codes)))
			return err_nomem(err);
		if (m->readers[k].end) {
			m->docs[k] = UINT32_MAX;
			left--;
		} else {
			m->docs[k] = m->maps[k][m->readers[k].doc];
		}
	}
	return CDG_OK;
}

/* terms[first, end) are one term in different workers. */
static cdg_status
merge_term(term_merge *m, size_t first, size_t end, uint64_t ord, cdg_error *err)
{
	flush *f = m->f;
	const inv_entry *e = NULL;
	bool with_codes = false, self;
	post_meta meta;

	m->n = end - first;
	m->forms.len = 0;
	m->nforms = 0;
	m->wide = false;
	for (size_t i = 0; i < m->n; i++) {
		const flush_term *t = &f->terms[first + i];
		const inverter *v = f->in->workers[t->worker].inv;
		e = flush_entry(f, t);
		with_codes |= e->coded;
		m->maps[i] = f->in->workers[t->worker].map;
		inv_reader_open(&m->readers[i], v, t->addr);
		if (!forms_open(m, i, v, e))
			return err_nomem(err);
	}
	if (!m->field_set || m->field != e->field) {
		m->pw.ratios = &m->ratios[e->field == DICT_FIELD_TITLE];
		m->field_set = true;
		m->field = e->field;
	}
	post_begin(&m->pw, true, with_codes);
	CDG_TRY(merge_postings(m, e->field < DICT_FIELD_FIRST ? f->in->norms[e->field] : NULL, with_codes, err));
	CDG_TRY(post_end(&m->pw, &meta, err));
	meta.wide = m->wide;
	if (m->forms.failed)
		return err_nomem(err);
	f->places[ord] = (flush_place){ meta.df == 1 ? meta.single_doc | meta.ttf << 32 : meta.post, meta.df,
					meta.post_len };
	self = f->self[ord / 64] >> (ord % 64) & 1;
	dict_writer_term(&m->dw, DICT_TERM, e->field, e->term, e->len, &meta, self, m->forms.p, m->forms.len);
	return CDG_OK;
}

/* Terms that come soon: their entries and streams lie anywhere in memory. */
CDG_INLINE void
merge_prefetch(const flush *f, size_t i, size_t end)
{
	enum { ENTRY = 16, STREAM = 8 };

	if (likely(i + ENTRY < end)) {
		const inv_entry *e = flush_entry(f, &f->terms[i + ENTRY]);
		const flush_term *t = &f->terms[i + STREAM];
		__builtin_prefetch(e);
		__builtin_prefetch((const char *)(const void *)e + 63);
		__builtin_prefetch(f->in->workers[t->worker].inv->streams + flush_entry(f, t)->stream);
	}
}

cdg_status
flush_write_terms(flush *f, flush_part *part, cdg_error *err)
{
	uint64_t ord = part->first_ord;
	cdg_status st = CDG_OK;
	term_merge m;

	CDG_TRY(merge_init(&m, f, part, err));
	for (size_t i = part->first, end; i < part->end && st == CDG_OK; i = end) {
		end = ord + 1 < f->nords ? flush_head(f, ord + 1) : f->nterms;
		merge_prefetch(f, i, part->end);
		st = merge_term(&m, i, end, ord++, err);
		if (st == CDG_OK && ord % 1024 == 0 && flush_cancelled(f))
			st = err_set(err, CDG_E_CANCELLED, "cancelled");
	}
	if (st == CDG_OK)
		st = dict_writer_finish(&m.dw, err);
	merge_fini(&m);
	return st;
}
