/* merge_class.c - the fold or stem classes of one part.  Runs in the thread of
 * its part, after all terms of all parts have their new ordinals.
 *
 * An input holds a class x in one of three ways: an entry with a list; an alias
 * entry, whose list is its one member's; or no entry, when the class is the
 * term x alone (for a stem class the term then says SELF).  The merged list is
 * that of the inputs, one after the other.
 *
 * MEMBERS.  A member counts in an input for the languages of its mask, but the
 * mask is only meaningful for languages that the member's documents there
 * have.  So what is merged is mask & languages of the member's live documents:
 * the union over the inputs says exactly in which languages the term has this
 * stem, and compared with all languages of the merged term, whether it is
 * wholly in the class.  Whatever way an input had, the merged class is then
 * decided anew: nothing (SELF), alias, or a list.
 *
 * For stem classes the terms that are SELF anywhere are walked beside the
 * entries: a term that is SELF in one input and has another stem in a language
 * of another needs an entry that no input has.
 */
#include "indexer/merge_internal.h"

/* Lists are here and there, and a fault maps what stands around a place, too: so many
 * bytes each, beside its own. */
enum { CLASS_AROUND = 4096 };

/* What one input has at the key. */
typedef struct class_source {
	bool has_entry, has_term;
	dict_entry entry, term;
} class_source;

typedef struct class_member {
	uint32_t ord;  /* new */
	uint64_t set;  /* languages */
} class_member;

typedef struct class_state {
	merge *m;
	merge_part *p;
	unsigned field;
	uint8_t key[DICT_KEY_MAX + 1];
	size_t key_len;
	uint32_t key_ord;      /* the term that equals the key, or MERGE_DEAD */
	class_source *src;     /* per input */
	merge_stream *terms;   /* fold: where the terms of each input are read */
	class_member *members;
	size_t nmembers, members_cap;
	dict_member *out;
	size_t out_cap;
	uint64_t bytes;
	post_cursor cursor;
	merge_gather gather;
} class_state;

enum { TERM_STEPS = 48 }; /* terms read in order before searching instead */

static cdg_status
class_damaged(const merge_input *in, cdg_error *err)
{
	pfile_damaged(&in->seg.dict.file, PFILE_HEADER, "a class has a member that is not a term of its field");
	return pfile_error(&in->seg.dict.file, err);
}

/* ---- members -------------------------------------------------------- */

static cdg_status
class_add_member(class_state *s, const merge_input *in, uint64_t ord, uint64_t mask, cdg_error *err)
{
	uint64_t set;

	if (ord >= in->nterms)
		return class_damaged(in, err);
	if (in->ords[ord] == MERGE_DEAD)
		return CDG_OK;
	set = merge_lang_pack(s->m, mask) & merge_lang_get(s->m, in->lang_sets, ord);
	if (!set)
		return CDG_OK;
	if (!mem_grow(&s->members, &s->members_cap, s->nmembers + 1, sizeof *s->members))
		return err_nomem(err);
	s->members[s->nmembers++] = (class_member){ in->ords[ord], set };
	return CDG_OK;
}

static int
class_member_cmp(const void *a, const void *b)
{
	const class_member *x = a, *y = b;
	return (x->ord > y->ord) - (x->ord < y->ord);
}

/* Is the class in this input the one term, without an entry? */
static bool
class_implicit(const class_state *s, const class_source *src)
{
	return !src->has_entry && src->has_term && (s->p->kind == DICT_FOLD || src->term.self_stem);
}

static cdg_status
class_collect(class_state *s, cdg_error *err)
{
	size_t n = 0;

	s->nmembers = 0;
	s->key_ord = MERGE_DEAD;
	for (size_t i = 0; i < s->m->n; i++) {
		const merge_input *in = &s->m->in[i];
		const class_source *src = &s->src[i];
		dict_member_iter it;
		dict_member member;
		if (src->has_term && src->term.ord < in->nterms && in->ords[src->term.ord] != MERGE_DEAD)
			s->key_ord = in->ords[src->term.ord];
		if (class_implicit(s, src))
			CDG_TRY(class_add_member(s, in, src->term.ord, UINT64_MAX, err));
		if (!src->has_entry)
			continue;
		dict_members(&src->entry, &it);
		while (dict_member_next(&it, &member))
			CDG_TRY(class_add_member(s, in, member.ord, member.mask, err));
		if (it.r.bad)
			return class_damaged(in, err);
	}
	if (s->nmembers > 1)
		qsort(s->members, s->nmembers, sizeof *s->members, class_member_cmp);
	for (size_t i = 0; i < s->nmembers; i++) {
		if (n && s->members[n - 1].ord == s->members[i].ord)
			s->members[n - 1].set |= s->members[i].set;
		else
			s->members[n++] = s->members[i];
	}
	s->nmembers = n;
	return CDG_OK;
}

/* Members as the dictionary has them. */
static cdg_status
class_masks(class_state *s, cdg_error *err)
{
	if (!mem_grow(&s->out, &s->out_cap, s->nmembers, sizeof *s->out))
		return err_nomem(err);
	for (size_t i = 0; i < s->nmembers; i++) {
		const class_member *c = &s->members[i];
		bool whole = c->set == merge_lang_get(s->m, s->m->lang_sets, c->ord);
		s->out[i].ord = c->ord;
		s->out[i].mask = whole ? UINT64_MAX : merge_lang_unpack(s->m, c->set);
	}
	return CDG_OK;
}

/* ---- lists ---------------------------------------------------------- */

/* The entry whose list is the class's in this input. */
static cdg_status
class_list_of(const class_state *s, const merge_input *in, const class_source *src, dict_entry *list,
	      cdg_error *err)
{
	const dict *d = &in->seg.dict;
	dict_member_iter mi;
	dict_member member;
	dict_iter it;

	if (!src->has_entry || !src->entry.alias) {
		*list = src->has_entry ? src->entry : src->term;
		return CDG_OK;
	}
	dict_members(&src->entry, &mi);
	if (!dict_member_next(&mi, &member) || member.ord >= in->nterms)
		return class_damaged(in, err);
	dict_seek_ord(&it, d, member.ord);
	if (!dict_next(&it))
		return pfile_error(&d->file, err);
	if (it.e.ord != member.ord || it.e.kind != DICT_TERM || it.e.field != s->field)
		return class_damaged(in, err);
	*list = it.e;
	return CDG_OK;
}

static cdg_status
class_copy_list(class_state *s, const merge_input *in, const dict_entry *list, cdg_error *err)
{
	post_cursor *c = &s->cursor;
	bool bad;

	post_open(c, &in->seg.post, &in->seg.pos, &list->meta, in->ndocs);
	for (uint32_t b = 0; b < c->nb && post_load(c, b) && post_load_tfs(c); b++)
		for (uint32_t i = 0; i < c->n; i++) {
			uint32_t doc = merge_doc(in, c->docs[i]);
			uint8_t norm = merge_norm(in, s->field, c->docs[i]);
			if (doc == MERGE_DEAD)
				continue;
			if (!s->m->order)
				post_add(&s->p->lists, doc, c->tfs[i], NULL, NULL, norm);
			else if (merge_gather_wants(&s->gather, doc) && !merge_gather_add(&s->gather, doc, c->tfs[i], NULL, NULL, norm))
				return err_nomem(err);
		}
	bad = c->bad;
	post_close(c);
	s->bytes += list->meta.post_len;
	s->p->touched += CLASS_AROUND;
	return bad ? pfile_error(&in->seg.post, err) : CDG_OK;
}

/* The list in this input of the class, if it has one. */
static cdg_status
class_input_list(const class_state *s, size_t i, dict_entry *list, bool *has, cdg_error *err)
{
	*has = s->src[i].has_entry || class_implicit(s, &s->src[i]);
	return *has ? class_list_of(s, &s->m->in[i], &s->src[i], list, err) : CDG_OK;
}

/* The lists of the inputs one after the other: written, or gathered. */
static cdg_status
class_copy_lists(class_state *s, cdg_error *err)
{
	for (size_t i = 0; i < s->m->n; i++) {
		dict_entry list;
		bool has;
		CDG_TRY(class_input_list(s, i, &list, &has, err));
		if (has)
			CDG_TRY(class_copy_list(s, &s->m->in[i], &list, err));
		CDG_TRY(merge_poll(s->m, err));
	}
	return CDG_OK;
}

/* The lists of the inputs in the new order of documents. */
static cdg_status
class_reorder_lists(class_state *s, cdg_error *err)
{
	merge_gather *g = &s->gather;
	uint64_t df = 0;
	dict_entry list;
	bool has, weigh;

	for (size_t i = 0; i < s->m->n; i++) {
		CDG_TRY(class_input_list(s, i, &list, &has, err));
		df += has ? list.meta.df : 0;
	}
	weigh = merge_gather_plan(g, s->m, df, 0, 0);
	for (size_t i = 0; weigh && i < s->m->n; i++) {
		CDG_TRY(class_input_list(s, i, &list, &has, err));
		if (has)
			CDG_TRY(merge_gather_weigh(g, s->m, &s->m->in[i], &list.meta, &s->cursor, err));
	}
	while (merge_gather_next(g, s->m)) {
		CDG_TRY(class_copy_lists(s, err));
		if (!merge_gather_sort(g, s->m->out.docs))
			return err_nomem(err);
		for (size_t i = 0; i < g->n; i++) {
			uint32_t doc;
			const merge_posting *p = merge_gathered(g, i, &doc);
			post_add(&s->p->lists, doc, p->tf, NULL, NULL, p->norm);
		}
	}
	return CDG_OK;
}

static cdg_status
class_write_list(class_state *s, cdg_error *err)
{
	post_meta meta;

	s->p->lists.ratios = s->field == DICT_FIELD_TITLE ? &s->p->titles : &s->p->lists.own;
	post_begin(&s->p->lists, false, false);
	CDG_TRY(s->m->order ? class_reorder_lists(s, err) : class_copy_lists(s, err));
	CDG_TRY(merge_part_end(s->p, &meta, err));
	if (!meta.df) {
		pfile_damaged(&s->m->in[0].seg.dict.file, PFILE_HEADER, "a class has members but no documents");
		return pfile_error(&s->m->in[0].seg.dict.file, err);
	}
	dict_writer_class(&s->p->dict, s->p->kind, s->field, s->key, s->key_len, &meta, s->out, s->nmembers);
	return CDG_OK;
}

/* ---- one class ------------------------------------------------------ */

static cdg_status
class_decide(class_state *s, cdg_error *err)
{
	CDG_TRY(class_collect(s, err));
	if (!s->nmembers)
		return CDG_OK;
	CDG_TRY(class_masks(s, err));
	if (s->nmembers > 1 || s->out[0].mask != UINT64_MAX)
		return class_write_list(s, err);
	if (s->out[0].ord != s->key_ord) {
		dict_writer_class(&s->p->dict, s->p->kind, s->field, s->key, s->key_len, NULL, s->out, 1);
	} else if (s->p->kind == DICT_STEM) {
		atomic_fetch_or_explicit(&s->m->self[s->key_ord / 64], (uint64_t)1 << (s->key_ord % 64),
					 memory_order_relaxed);
	}
	return CDG_OK;
}

/* Fold: the term that equals the key, in an input that has no entry. */
static cdg_status
class_find_term(class_state *s, size_t input, cdg_error *err)
{
	const merge_input *in = &s->m->in[input];
	const dict *d = &in->seg.dict;
	merge_stream *t = &s->terms[input];
	int c = 0;

	for (unsigned steps = 0;; steps++) {
		if (t->more) {
			size_t len = t->it.key_len - DICT_KEY_HEAD;
			c = (t->it.e.field > s->field) - (t->it.e.field < s->field);
			if (!c)
				c = memcmp(t->it.key + DICT_KEY_HEAD, s->key, min_size(len, s->key_len));
			if (!c)
				c = (len > s->key_len) - (len < s->key_len);
			if (c >= 0)
				break;
		}
		if (!t->it.d || steps == TERM_STEPS)
			dict_seek(&t->it, d, DICT_TERM, s->field, s->key, s->key_len);
		t->more = dict_next(&t->it) && t->it.e.kind == DICT_TERM;
		if (d->file.bad)
			return pfile_error(&d->file, err);
		if (!t->more)
			return CDG_OK;
	}
	s->src[input].has_term = c == 0;
	if (c == 0)
		s->src[input].term = t->it.e;
	return CDG_OK;
}

/* Take the group of the heap apart; false: nothing of it is a class. */
static bool
class_sources(class_state *s, const merge_heap *h)
{
	const dict_iter *first = &h->streams[h->group[0]].it;
	bool wanted = false;

	for (size_t i = 0; i < s->m->n; i++)
		s->src[i].has_entry = s->src[i].has_term = false;
	for (size_t g = 0; g < h->ngroup; g++) {
		const merge_stream *from = &h->streams[h->group[g]];
		class_source *src = &s->src[from->input];
		if (from->it.e.kind == DICT_TERM) {
			src->has_term = true;
			src->term = from->it.e;
			wanted |= from->it.e.self_stem;
		} else {
			src->has_entry = true;
			src->entry = from->it.e;
			wanted = true;
		}
	}
	s->field = first->e.field;
	s->key_len = first->key_len - DICT_KEY_HEAD;
	memcpy(s->key, first->key + DICT_KEY_HEAD, s->key_len);
	return wanted;
}

static cdg_status
class_group(class_state *s, const merge_heap *h, cdg_error *err)
{
	s->bytes = 0;
	if (class_sources(s, h)) {
		for (size_t i = 0; s->p->kind == DICT_FOLD && i < s->m->n; i++)
			CDG_TRY(class_find_term(s, i, err));
		CDG_TRY(class_decide(s, err));
	}
	return merge_part_step(s->m, s->p, s->bytes, err);
}

static cdg_status
class_begin(class_state *s, merge_heap *h, cdg_error *err)
{
	merge *m = s->m;
	const merge_part *terms = &m->parts[s->p->index];
	bool stem = s->p->kind == DICT_STEM;

	s->src = mem_calloc(m->n, sizeof *s->src);
	s->terms = mem_calloc(m->n, sizeof *s->terms);
	if (!s->src || !s->terms)
		return err_nomem(err);
	CDG_TRY(merge_heap_init(h, m->n * (stem ? 2 : 1), err));
	for (size_t i = 0; i < m->n; i++) {
		CDG_TRY(merge_heap_add(h, m, (uint32_t)i, s->p->from[i], s->p->to[i], err));
		if (stem)
			CDG_TRY(merge_heap_add(h, m, (uint32_t)i, terms->from[i], terms->to[i], err));
	}
	return CDG_OK;
}

cdg_status
merge_classes(merge *m, merge_part *p, cdg_error *err)
{
	class_state s;
	merge_heap h;
	bool more = true;
	cdg_status st;

	memset(&s, 0, sizeof s);
	memset(&h, 0, sizeof h);
	s.m = m;
	s.p = p;
	st = class_begin(&s, &h, err);
	while (st == CDG_OK && (st = merge_heap_next(&h, &more, err)) == CDG_OK && more)
		st = class_group(&s, &h, err);
	merge_heap_fini(&h);
	mem_free(s.src);
	mem_free(s.terms);
	mem_free(s.members);
	mem_free(s.out);
	merge_gather_fini(&s.gather);
	return st;
}
