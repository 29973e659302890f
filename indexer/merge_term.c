/* merge_term.c - the terms of one part: lists with positions and codes, and
 * tables of forms.  Runs in the thread of its part.
 *
 * Forms get their numbers when their first live occurrence is met, so the table
 * of the merged term is in the order of first use and has no unused form, as if
 * the documents had been indexed together.  A term in one document is copied
 * without decoding its positions.
 */
#include <xxhash.h>

#include "indexer/merge_internal.h"

typedef struct merge_form {
	const char *raw;
	uint8_t len, width;
	uint32_t code;      /* in the merged list; 0: not used yet */
} merge_form;

typedef struct merge_terms_state {
	merge *m;
	merge_part *p;
	post_cursor cursor;
	/* forms of the input being read, from forms_from on; before them those of other
	 * inputs, where lists are gathered */
	merge_form *forms;
	size_t nforms, forms_cap, forms_from;
	/* with another order of documents */
	merge_gather gather;
	uint64_t *langs;    /* by place in the group */
	size_t langs_cap;
	/* table of the merged term */
	buf table;
	uint32_t *offsets;  /* of each form in it */
	size_t offsets_cap;
	uint32_t *slots;    /* hash of (1 + form); made when there are many */
	size_t nslots;
	uint32_t ntable;
	bool wide;
	uint32_t *codes;
	size_t codes_cap;
} merge_terms_state;

enum { FORMS_HASHED = 16 };

static cdg_status
merge_term_error(const merge_terms_state *s, const merge_input *in, cdg_error *err)
{
	if (s->cursor.nomem)
		return err_nomem(err);
	if (in->seg.post.bad)
		return pfile_error(&in->seg.post, err);
	return pfile_error(&in->seg.pos, err);
}

/* ---- forms ---------------------------------------------------------- */

static bool
form_equal(const merge_terms_state *s, uint32_t i, const merge_form *f)
{
	const uint8_t *p = s->table.p + s->offsets[i];
	return p[0] == f->width && p[1] == f->len && memcmp(p + 2, f->raw, f->len) == 0;
}

static void
form_slot(merge_terms_state *s, uint32_t i)
{
	const uint8_t *p = s->table.p + s->offsets[i];
	size_t at = XXH3_64bits(p + 2, p[1]) & (s->nslots - 1);
	while (s->slots[at])
		at = (at + 1) & (s->nslots - 1);
	s->slots[at] = i + 1;
}

/* The form in the merged table, or UINT32_MAX. */
static uint32_t
form_find(const merge_terms_state *s, const merge_form *f)
{
	if (s->ntable <= FORMS_HASHED) {
		for (uint32_t i = 0; i < s->ntable; i++)
			if (form_equal(s, i, f))
				return i;
		return UINT32_MAX;
	}
	for (size_t at = XXH3_64bits(f->raw, f->len) & (s->nslots - 1); s->slots[at]; at = (at + 1) & (s->nslots - 1))
		if (form_equal(s, s->slots[at] - 1, f))
			return s->slots[at] - 1;
	return UINT32_MAX;
}

static cdg_status
form_rehash(merge_terms_state *s, cdg_error *err)
{
	size_t want = 64;
	while (want < 2 * (size_t)s->ntable + 2)
		want *= 2;
	if (want > s->nslots) {
		uint32_t *slots = mem_realloc(s->slots, want * sizeof *slots);
		if (!slots)
			return err_nomem(err);
		s->slots = slots;
		s->nslots = want;
	}
	memset(s->slots, 0, s->nslots * sizeof *s->slots);
	for (uint32_t i = 0; i < s->ntable; i++)
		form_slot(s, i);
	return CDG_OK;
}

/* The first use of a form of the input. */
static cdg_status
form_use(merge_terms_state *s, merge_form *f, cdg_error *err)
{
	uint32_t i = form_find(s, f);

	if (i == UINT32_MAX) {
		if (s->ntable >= UINT32_MAX - POST_CODE_FORMS - 1 || s->table.len > UINT32_MAX - 512)
			return err_set(err, CDG_E_LIMIT, "a term has too many written forms");
		i = s->ntable;
		if (!mem_grow(&s->offsets, &s->offsets_cap, (size_t)i + 1, sizeof *s->offsets))
			return err_nomem(err);
		s->offsets[i] = (uint32_t)s->table.len;
		buf_put_u8(&s->table, f->width);
		buf_put_u8(&s->table, f->len);
		buf_put(&s->table, f->raw, f->len);
		if (s->table.failed)
			return err_nomem(err);
		s->ntable++;
		s->wide |= f->width > 1;
		if (s->ntable == FORMS_HASHED + 1 || (s->ntable > FORMS_HASHED && 2 * (size_t)s->ntable > s->nslots))
			CDG_TRY(form_rehash(s, err));
		else if (s->ntable > FORMS_HASHED)
			form_slot(s, i);
	}
	f->code = POST_CODE_FORMS + i;
	return CDG_OK;
}

static cdg_status
forms_read(merge_terms_state *s, const merge_input *in, const dict_entry *e, cdg_error *err)
{
	rd r = rd_make(e->forms, e->forms_len);

	s->forms_from = s->nforms;
	while (e->forms && rd_left(&r)) {
		merge_form f = { .code = 0 };
		f.width = rd_u8(&r);
		f.len = rd_u8(&r);
		f.raw = (const char *)rd_bytes(&r, f.len);
		if (r.bad) {
			pfile_damaged(&in->seg.dict.file, (size_t)(e->forms - in->seg.dict.file.map.at),
				      "a table of forms is unreadable");
			return pfile_error(&in->seg.dict.file, err);
		}
		if (!mem_grow(&s->forms, &s->forms_cap, s->nforms + 1, sizeof *s->forms))
			return err_nomem(err);
		s->forms[s->nforms++] = f;
	}
	return CDG_OK;
}

static cdg_status
codes_check(merge_terms_state *s, const merge_input *in, const uint32_t *codes, uint32_t n, bool *any,
	    bool *forms, cdg_error *err)
{
	uint32_t most = 0;

	for (uint32_t i = 0; i < n; i++)
		most = max_u32(most, codes[i]);
	*any = most > 0;
	*forms = most >= POST_CODE_FORMS;
	if (*forms && most - POST_CODE_FORMS >= s->nforms - s->forms_from) {
		pfile_damaged(&in->seg.pos, (size_t)s->cursor.meta.pos, "a form is not in the table of its term");
		return pfile_error(&in->seg.pos, err);
	}
	return mem_grow(&s->codes, &s->codes_cap, n, sizeof *s->codes) ? CDG_OK : err_nomem(err);
}

/* n codes of the input as those of the merged term; *out is NULL if all are 0. */
static cdg_status
codes_map(merge_terms_state *s, const merge_input *in, const uint32_t *codes, uint32_t n,
	  const uint32_t **out, cdg_error *err)
{
	bool any, forms;

	CDG_TRY(codes_check(s, in, codes, n, &any, &forms, err));
	*out = any ? codes : NULL;
	if (!forms)
		return CDG_OK;
	for (uint32_t i = 0; i < n; i++) {
		merge_form *f = s->forms + s->forms_from +
				(codes[i] >= POST_CODE_FORMS ? codes[i] - POST_CODE_FORMS : 0);
		s->codes[i] = codes[i];
		if (codes[i] < POST_CODE_FORMS)
			continue;
		if (!f->code)
			CDG_TRY(form_use(s, f, err));
		s->codes[i] = f->code;
	}
	*out = s->codes;
	return CDG_OK;
}

/* The same before it is known which form is used first: their places in s->forms. */
static cdg_status
codes_number(merge_terms_state *s, const merge_input *in, const uint32_t *codes, uint32_t n,
	     const uint32_t **out, cdg_error *err)
{
	bool any, forms;

	CDG_TRY(codes_check(s, in, codes, n, &any, &forms, err));
	*out = any ? codes : NULL;
	if (!forms || !s->forms_from)
		return CDG_OK;
	for (uint32_t i = 0; i < n; i++)
		s->codes[i] = codes[i] + (codes[i] >= POST_CODE_FORMS ? (uint32_t)s->forms_from : 0);
	*out = s->codes;
	return CDG_OK;
}

/* ---- lists ---------------------------------------------------------- */

/* The live documents of the loaded block that are wanted. */
static cdg_status
list_block(merge_terms_state *s, const merge_input *in, unsigned field, uint64_t *langs, cdg_error *err)
{
	post_cursor *c = &s->cursor;

	for (uint32_t i = 0; i < c->n; i++) {
		uint32_t doc = merge_doc(in, c->docs[i]), n;
		const uint32_t *pos, *codes = NULL;
		if (doc == MERGE_DEAD || (s->m->order && !merge_gather_wants(&s->gather, doc)))
			continue;
		c->i = i;
		c->doc = c->docs[i];
		pos = post_positions(c, &n);
		if (pos && c->meta.has_codes)
			codes = post_codes(c);
		if (!pos || c->bad)
			return merge_term_error(s, in, err);
		if (codes)
			CDG_TRY(s->m->order ? codes_number(s, in, codes, n, &codes, err)
					    : codes_map(s, in, codes, n, &codes, err));
		if (!s->m->order)
			post_add(&s->p->lists, doc, n, pos, codes, merge_norm(in, field, c->doc));
		else if (!merge_gather_add(&s->gather, doc, n, pos, codes, merge_norm(in, field, c->doc)))
			return err_nomem(err);
		*langs |= merge_doc_langs(in, c->doc);
	}
	return CDG_OK;
}

static cdg_status
list_add(merge_terms_state *s, const merge_input *in, const dict_entry *e, uint64_t *langs, cdg_error *err)
{
	post_cursor *c = &s->cursor;
	cdg_status st = CDG_OK;

	post_open(c, &in->seg.post, &in->seg.pos, &e->meta, in->ndocs);
	for (uint32_t b = 0; st == CDG_OK && b < c->nb && !c->bad; b++) {
		if (!post_load(c, b) || !post_load_tfs(c))
			break;
		st = list_block(s, in, e->field, langs, err);
		if (b % 64 == 63 && st == CDG_OK)
			st = merge_poll(s->m, err);
	}
	if (st == CDG_OK && c->bad)
		st = merge_term_error(s, in, err);
	post_close(c);
	return st;
}

/* Has any live occurrence a code?  Stops at the first. */
static cdg_status
list_has_code(merge_terms_state *s, const merge_input *in, const dict_entry *e, bool *found, cdg_error *err)
{
	post_cursor *c = &s->cursor;

	if (!e->meta.has_codes || *found)
		return CDG_OK;
	if (!in->alive) {
		*found = true;
		return CDG_OK;
	}
	post_open(c, &in->seg.post, &in->seg.pos, &e->meta, in->ndocs);
	while (!*found && post_next(c) != POST_END) {
		const uint32_t *codes;
		uint32_t n;
		if (merge_doc(in, c->doc) == MERGE_DEAD)
			continue;
		if (!post_positions(c, &n) || !(codes = post_codes(c)))
			break;
		for (uint32_t i = 0; i < n && !*found; i++)
			*found = codes[i] != 0;
	}
	post_close(c);
	return c->bad ? merge_term_error(s, in, err) : CDG_OK;
}

/* A term of one document: its positions are copied as they are. */
static cdg_status
list_copy_single(merge_terms_state *s, const merge_input *in, const dict_entry *e, post_meta *meta,
		 cdg_error *err)
{
	uint32_t doc;

	if (e->meta.single_doc >= in->ndocs) {
		pfile_damaged(&in->seg.dict.file, (size_t)PFILE_HEADER, "a document of a term is out of range");
		return pfile_error(&in->seg.dict.file, err);
	}
	*meta = e->meta;
	doc = merge_doc(in, e->meta.single_doc);
	if (doc == MERGE_DEAD) {
		meta->df = 0;
		return CDG_OK;
	}
	meta->single_doc = doc;
	meta->pos = pwriter_tell(s->p->pos);
	if (meta->pos_len) {
		const uint8_t *p = pfile_at(&in->seg.pos, (size_t)e->meta.pos, (size_t)meta->pos_len);
		if (!p)
			return pfile_error(&in->seg.pos, err);
		pwriter_put(s->p->pos, p, (size_t)meta->pos_len);
	}
	return CDG_OK;
}

/* ---- terms ---------------------------------------------------------- */

/* What became of an input's part of a term. */
static void
term_note(merge_terms_state *s, merge_input *in, uint64_t ord, uint64_t langs)
{
	if (ord >= in->nterms || !langs)
		return;
	in->ords[ord] = (uint32_t)s->p->nkeys;
	if (s->m->lang_width)
		merge_lang_set(s->m, in->lang_sets, ord, langs);
}

static cdg_status
term_write(merge_terms_state *s, const dict_iter *it, const post_meta *meta, uint64_t langs,
	   const uint8_t *forms, size_t forms_len, cdg_error *err)
{
	merge_part *p = s->p;
	size_t len;
	const char *key = dict_iter_bytes(it, &len);

	dict_writer_term(&p->dict, DICT_TERM, it->e.field, key, len, meta, false, forms, forms_len);
	if (s->m->lang_width) {
		if (!mem_grow(&p->lang_sets, &p->lang_cap, ((size_t)p->nkeys + 1) * s->m->lang_width, 1))
			return err_nomem(err);
		merge_lang_set(s->m, p->lang_sets, p->nkeys, langs);
	}
	p->nkeys++;
	return CDG_OK;
}

static cdg_status
term_single(merge_terms_state *s, const merge_stream *from, cdg_error *err)
{
	const dict_entry *e = &from->it.e;
	merge_input *in = &s->m->in[from->input];
	post_meta meta;
	uint64_t langs;

	CDG_TRY(list_copy_single(s, in, e, &meta, err));
	if (!meta.df)
		return CDG_OK;
	langs = merge_doc_langs(in, e->meta.single_doc);
	term_note(s, in, e->ord, langs);
	return term_write(s, &from->it, &meta, langs, e->forms, e->forms_len, err);
}

/* The lists of a group one after the other. */
static cdg_status
term_join(merge_terms_state *s, const merge_heap *h, cdg_error *err)
{
	for (size_t g = 0; g < h->ngroup; g++) {
		const merge_stream *from = &h->streams[h->group[g]];
		const merge_input *in = &s->m->in[from->input];
		s->nforms = 0;
		CDG_TRY(forms_read(s, in, &from->it.e, err));
		CDG_TRY(list_add(s, in, &from->it.e, &s->langs[g], err));
	}
	return CDG_OK;
}

/* ---- another order -------------------------------------------------- */

/* The postings of a group in the slice. */
static cdg_status
term_gather(merge_terms_state *s, const merge_heap *h, cdg_error *err)
{
	size_t forms = 0;

	for (size_t g = 0; g < h->ngroup; g++) {
		const merge_stream *from = &h->streams[h->group[g]];
		s->forms_from = forms;
		forms += dict_form_count(&from->it.e);
		CDG_TRY(list_add(s, &s->m->in[from->input], &from->it.e, &s->langs[g], err));
	}
	return merge_gather_sort(&s->gather, s->m->out.docs) ? CDG_OK : err_nomem(err);
}

static cdg_status
term_write_gathered(merge_terms_state *s, cdg_error *err)
{
	const merge_gather *g = &s->gather;
	post_writer *w = &s->p->lists;

	s->forms_from = 0;
	for (size_t i = 0; i < g->n; i++) {
		uint32_t doc;
		const merge_posting *p = merge_gathered(g, i, &doc);
		const uint32_t *codes = NULL;
		uint32_t *to = post_reserve(w, p->tf);
		if (!to)
			return CDG_OK; /* the writer says why */
		memcpy(to, g->values + p->at, p->tf * sizeof *to);
		if (p->coded)
			CDG_TRY(codes_map(s, &s->m->in[0], g->codes + p->at, p->tf, &codes, err));
		if (codes)
			memcpy(post_reserved_codes(w), codes, p->tf * sizeof *codes);
		else if (w->has_codes)
			memset(post_reserved_codes(w), 0, p->tf * sizeof *codes);
		post_add_reserved(w, doc, p->tf, codes != NULL, p->norm);
	}
	return CDG_OK;
}

/* The lists of a group in the new order. */
static cdg_status
term_reorder(merge_terms_state *s, const merge_heap *h, bool codes, cdg_error *err)
{
	uint64_t df = 0, ttf = 0;
	bool weigh;

	s->nforms = 0;
	for (size_t g = 0; g < h->ngroup; g++) {
		const merge_stream *from = &h->streams[h->group[g]];
		CDG_TRY(forms_read(s, &s->m->in[from->input], &from->it.e, err));
		df += from->it.e.meta.df;
		ttf += from->it.e.meta.ttf;
	}
	weigh = merge_gather_plan(&s->gather, s->m, df, ttf, codes ? 8 : 4);
	for (size_t g = 0; weigh && g < h->ngroup; g++) {
		const merge_stream *from = &h->streams[h->group[g]];
		CDG_TRY(merge_gather_weigh(&s->gather, s->m, &s->m->in[from->input], &from->it.e.meta, &s->cursor, err));
	}
	while (merge_gather_next(&s->gather, s->m)) {
		CDG_TRY(term_gather(s, h, err));
		CDG_TRY(term_write_gathered(s, err));
	}
	return CDG_OK;
}

static cdg_status
term_merge(merge_terms_state *s, const merge_heap *h, cdg_error *err)
{
	post_writer *w = &s->p->lists;
	const dict_iter *first = &h->streams[h->group[0]].it;
	uint64_t all = 0;
	bool codes = false;
	post_meta meta;

	for (size_t g = 0; g < h->ngroup; g++) {
		const merge_stream *from = &h->streams[h->group[g]];
		CDG_TRY(list_has_code(s, &s->m->in[from->input], &from->it.e, &codes, err));
	}
	if (!mem_grow(&s->langs, &s->langs_cap, h->ngroup, sizeof *s->langs))
		return err_nomem(err);
	memset(s->langs, 0, h->ngroup * sizeof *s->langs);
	s->table.len = 0;
	s->ntable = 0;
	s->wide = false;
	w->ratios = first->e.field == DICT_FIELD_TITLE ? &s->p->titles : &w->own;
	post_begin(w, true, codes);
	CDG_TRY(s->m->order ? term_reorder(s, h, codes, err) : term_join(s, h, err));
	for (size_t g = 0; g < h->ngroup; g++) {
		const merge_stream *from = &h->streams[h->group[g]];
		term_note(s, &s->m->in[from->input], from->it.e.ord, s->langs[g]);
		all |= s->langs[g];
	}
	CDG_TRY(merge_part_end(s->p, &meta, err));
	if (!meta.df)
		return CDG_OK;
	meta.wide = s->wide;
	return term_write(s, first, &meta, all, s->table.p, s->table.len, err);
}

static cdg_status
term_group(merge_terms_state *s, const merge_heap *h, cdg_error *err)
{
	uint64_t bytes = 0;

	for (size_t g = 0; g < h->ngroup; g++) {
		const merge_stream *from = &h->streams[h->group[g]];
		const merge_input *in = &s->m->in[from->input];
		bytes += from->it.e.meta.post_len + from->it.e.meta.pos_len;
		if (from->it.e.kind != DICT_TERM || !from->it.e.meta.has_pos) {
			pfile_damaged(&in->seg.dict.file, PFILE_HEADER, "a term has no positions");
			return pfile_error(&in->seg.dict.file, err);
		}
	}
	if (h->ngroup == 1 && h->streams[h->group[0]].it.e.meta.df == 1)
		CDG_TRY(term_single(s, &h->streams[h->group[0]], err));
	else
		CDG_TRY(term_merge(s, h, err));
	return merge_part_step(s->m, s->p, bytes, err);
}

cdg_status
merge_terms(merge *m, merge_part *p, cdg_error *err)
{
	merge_terms_state s;
	merge_heap h;
	bool more = true;
	cdg_status st;

	memset(&s, 0, sizeof s);
	s.m = m;
	s.p = p;
	st = merge_heap_init(&h, m->n, err);
	for (size_t i = 0; st == CDG_OK && i < m->n; i++)
		st = merge_heap_add(&h, m, (uint32_t)i, p->from[i], p->to[i], err);
	while (st == CDG_OK && (st = merge_heap_next(&h, &more, err)) == CDG_OK && more)
		st = term_group(&s, &h, err);
	merge_heap_fini(&h);
	buf_fini(&s.table);
	mem_free(s.forms);
	mem_free(s.offsets);
	mem_free(s.slots);
	mem_free(s.codes);
	mem_free(s.langs);
	merge_gather_fini(&s.gather);
	return st;
}
