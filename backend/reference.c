/* reference.c - documents of the reference backend: analysis into arrays of
 * tokens, metadata values, deletion, and the stored document.
 *
 * Strings are interned, so that comparing terms is comparing numbers; nothing
 * leads from a term to its documents.
 */
#include "backend/reference_impl.h"

#include <xxhash.h>

#include "engine/docmeta.h"
#include "extract/section_titles.h"
#include "indexer/analyze.h"

enum { REF_BATCH = 256 };

/* ---- the pool of strings ------------------------------------------------ */

static size_t
pool_slot(const ref_pool *pool, const char *p, size_t n)
{
	size_t i = (size_t)XXH3_64bits(p, n) & (pool->nslots - 1);

	for (; pool->slots[i]; i = (i + 1) & (pool->nslots - 1)) {
		const ref_string *s = &pool->at[pool->slots[i] - 1];
		if (s->n == n && !memcmp(s->p, p, n))
			break;
	}
	return i;
}

uint32_t
ref_pool_find(const ref_pool *pool, const char *p, size_t n)
{
	return pool->nslots ? pool->slots[pool_slot(pool, p, n)] - 1 : REF_NONE;
}

static bool
pool_grow(ref_pool *pool)
{
	size_t old_n = pool->nslots;
	uint32_t *old = pool->slots;

	if (pool->n * 2 < old_n)
		return true;
	pool->nslots = old_n ? old_n * 2 : 1024;
	pool->slots = mem_calloc(pool->nslots, sizeof *pool->slots);
	if (!pool->slots) {
		pool->slots = old;
		pool->nslots = old_n;
		return false;
	}
	for (size_t i = 0; i < pool->n; i++)
		pool->slots[pool_slot(pool, pool->at[i].p, pool->at[i].n)] = (uint32_t)i + 1;
	mem_free(old);
	return true;
}

/* The number of a string, added if it is new; REF_NONE: out of memory. */
static uint32_t
pool_add(ref_pool *pool, const char *p, size_t n)
{
	size_t slot;
	char *copy;

	if (!pool_grow(pool) || !mem_grow(&pool->at, &pool->cap, pool->n + 1, sizeof *pool->at))
		return REF_NONE;
	slot = pool_slot(pool, p, n);
	if (pool->slots[slot])
		return pool->slots[slot] - 1;
	copy = arena_strndup(&pool->mem, p, n);
	if (!copy) {
		pool->mem.failed = false;
		return REF_NONE;
	}
	pool->at[pool->n] = (ref_string){ .p = copy, .n = n, .fold = REF_NONE, .stem = REF_NONE };
	pool->slots[slot] = (uint32_t)++pool->n;
	return (uint32_t)pool->n - 1;
}

/* ---- tokens --------------------------------------------------------------- */

/* Term, fold and stem of a token of a document in this language. */
static bool
ref_intern(ref_index *ref, const text_token *t, text_lang lang, ref_token *out)
{
	char form[TEXT_TERM_MAX];
	ref_string *s;

	out->term = pool_add(&ref->pool, t->term, t->len);
	if (out->term == REF_NONE)
		return false;
	out->fold = ref->pool.at[out->term].fold;
	if (out->fold == REF_NONE)
		out->fold = pool_add(&ref->pool, form, text_fold(t->term, t->len, form));
	s = &ref->pool.at[out->term];
	s->fold = out->fold;
	if (s->stem == REF_NONE || s->stem_lang != lang) {
		size_t n = text_stem(ref->an, lang, t->term, t->len, form);
		out->stem = pool_add(&ref->pool, form, n);
		s = &ref->pool.at[out->term]; /* the pool may have moved */
		s->stem = out->stem;
		s->stem_lang = lang;
	}
	out->stem = s->stem;
	return out->fold != REF_NONE && out->stem != REF_NONE;
}

/* Analyse s into `to`, positions from `pos` on. */
static bool
ref_analyse(ref_index *ref, doc_str s, text_lang lang, uint32_t pos, ref_tokens *to)
{
	text_token batch[REF_BATCH];
	size_t n;

	text_begin(ref->an, s.p ? s.p : "", s.n, pos);
	while ((n = text_next(ref->an, batch, REF_BATCH))) {
		if (!mem_grow(&to->at, &to->cap, to->n + n, sizeof *to->at))
			return false;
		for (size_t i = 0; i < n; i++) {
			const text_token *t = &batch[i];
			ref_token k = { .pos = t->pos, .kind = t->kind, .width = 1 };

			k.hyphen = t->flags & TEXT_HYPHEN;
			if (t->kind == TEXT_JOINED)
				k.width = t->width;
			else
				to->length++;
			k.raw = pool_add(&ref->pool, s.p + t->start, t->end - t->start);
			if (k.raw == REF_NONE || !ref_intern(ref, t, lang, &k))
				return false;
			to->at[to->n++] = k;
		}
	}
	to->next_pos = text_next_pos(ref->an);
	return true;
}

static void
ref_note_terms(ref_index *ref, const ref_doc *d)
{
	for (size_t i = 0; i < d->axis.n; i++)
		ref->pool.at[d->axis.at[i].term].in_text = true;
	for (size_t i = 0; i < d->name.n; i++)
		ref->pool.at[d->name.at[i].term].in_title = true;
}

/* ---- metadata ------------------------------------------------------------- */

uint32_t
ref_field(const ref_index *ref, const char *name)
{
	static const struct {
		const char *name;
		uint32_t field;
	} fixed[] = { { "text", REF_TEXT }, { "title", REF_TITLE }, { "id", REF_ID },
		      { "url", REF_URL },   { "lang", REF_LANG },   { "date", REF_DATE } };

	if (!name)
		return REF_TEXT;
	for (size_t i = 0; i < countof(fixed); i++)
		if (!strcmp(name, fixed[i].name))
			return fixed[i].field;
	for (size_t i = 0; i < ref->nnames; i++)
		if (!strcmp(name, ref->names[i]))
			return (uint32_t)i + REF_FIRST;
	return REF_UNKNOWN;
}

const char *
ref_field_name(const ref_index *ref, uint16_t field)
{
	return field >= REF_FIRST && (size_t)field - REF_FIRST < ref->nnames ?
		       ref->names[field - REF_FIRST] :
		       NULL;
}

/* The number of a field, made if it is new; REF_UNKNOWN: out of memory. */
static uint32_t
ref_add_field(ref_index *ref, doc_str name)
{
	char *copy = arena_strndup(&ref->mem, name.p, name.n);
	uint32_t field = copy ? ref_field(ref, copy) : REF_UNKNOWN;

	if (!copy || field != REF_UNKNOWN)
		return field;
	if (!mem_grow(&ref->names, &ref->names_cap, ref->nnames + 1, sizeof *ref->names))
		return REF_UNKNOWN;
	ref->names[ref->nnames++] = copy;
	return (uint32_t)ref->nnames - 1 + REF_FIRST;
}

static doc_str
ref_copy(ref_index *ref, doc_str s)
{
	return (doc_str){ arena_strndup(&ref->mem, s.p ? s.p : "", s.n), s.n };
}

/* What its sections are called, which is not kept among the fields to be shown. */
static bool
ref_add_titles(ref_index *ref, ref_doc *d, const document *doc)
{
	section_titles titles;

	section_titles_find(doc, &titles);
	for (size_t i = 0; i < titles.n; i++) {
		uint32_t field = ref_add_field(ref, (doc_str){ "section", 7 });

		if (field == REF_UNKNOWN)
			return false;
		d->values[d->nvalues++] = (ref_value){ .type = DOC_STRING, .list = true, .field = field,
						       .string = ref_copy(ref, titles.title[i]) };
	}
	return true;
}

static bool
ref_add_values(ref_index *ref, ref_doc *d, const document *doc)
{
	d->values = arena_zalloc(&ref->mem, (doc->nfields + 3 + SECTION_TITLES) * sizeof *d->values);
	if (!d->values)
		return false;
	for (size_t i = 0; i < doc->nfields; i++) {
		const doc_field *f = &doc->fields[i];
		ref_value *v = &d->values[d->nvalues++];

		*v = (ref_value){ .type = f->type, .list = f->list, .number = f->number,
				  .date = f->date };
		v->field = ref_add_field(ref, f->name);
		if (f->type == DOC_STRING)
			v->string = ref_copy(ref, f->string);
		if (v->field == REF_UNKNOWN)
			return false;
	}
	d->nstored = d->nvalues;
	if (section_titles_due(doc) && !ref_add_titles(ref, d, doc))
		return false;
	if (d->url.n)
		d->values[d->nvalues++] =
		    (ref_value){ .field = REF_URL, .type = DOC_STRING, .string = d->url };
	if (d->code.n)
		d->values[d->nvalues++] =
		    (ref_value){ .field = REF_LANG, .type = DOC_STRING, .string = d->code };
	if (doc->has_date)
		d->values[d->nvalues++] =
		    (ref_value){ .field = REF_DATE, .type = DOC_DATE, .date = doc->date };
	return true;
}

/* String values as words: the tokens of each field of the document. */
static bool
ref_analyse_values(ref_index *ref, ref_doc *d)
{
	d->fields = arena_zalloc(&ref->mem, (d->nvalues + 1) * sizeof *d->fields);
	if (!d->fields)
		return false;
	for (size_t i = 0; i < d->nvalues; i++) {
		const ref_value *v = &d->values[i];
		size_t k = 0;
		uint32_t pos = 0;

		if (v->type != DOC_STRING)
			continue;
		while (k < d->nfields && d->fields[k].field != v->field)
			k++;
		if (k == d->nfields)
			d->fields[d->nfields++].field = v->field;
		else
			pos = d->fields[k].next_pos + ANALYZE_VALUE_GAP;
		if (!ref_analyse(ref, v->string, d->lang, pos, &d->fields[k]))
			return false;
	}
	return true;
}

/* ---- documents -------------------------------------------------------------- */

static void
ref_doc_fini(ref_doc *d)
{
	mem_free(d->axis.at);
	mem_free(d->name.at);
	for (size_t i = 0; i < d->nfields; i++)
		mem_free(d->fields[i].at);
}

/* What the field `lang` says: the code, or the document's own word for a language
 * that has no number. */
static doc_str
ref_code(ref_index *ref, const document *doc, text_lang lang)
{
	const char *code = text_lang_code(lang);

	return lang == TEXT_LANG_NONE ? ref_copy(ref, doc->lang) : (doc_str){ code, strlen(code) };
}

static bool
ref_fill(ref_index *ref, ref_doc *d, const document *doc)
{
	d->id = ref_copy(ref, doc->id);
	d->title = ref_copy(ref, doc->title);
	d->url = ref_copy(ref, doc->url);
	d->text = ref_copy(ref, doc->text);
	d->code = ref_code(ref, doc, d->lang);
	if (ref->mem.failed)
		return false;
	d->name.field = REF_TITLE;
	return ref_add_values(ref, d, doc) && !ref->mem.failed &&
	       ref_analyse(ref, d->title, d->lang, 0, &d->name) &&
	       ref_analyse(ref, d->title, d->lang, 0, &d->axis) &&
	       (d->title_end = d->axis.next_pos, true) &&
	       ref_analyse(ref, d->text, d->lang, analyze_body_pos(d->title_end), &d->axis) &&
	       ref_analyse_values(ref, d);
}

cdg_status
ref_add(ref_index *ref, const document *doc, text_lang lang, cdg_error *err)
{
	ref_doc d = { .lang = lang };

	if (!mem_grow(&ref->docs, &ref->docs_cap, ref->ndocs + 1, sizeof *ref->docs) ||
	    !ref_fill(ref, &d, doc)) {
		ref_doc_fini(&d);
		ref->mem.failed = false;
		return err_nomem(err);
	}
	ref_note_terms(ref, &d);
	ref->docs[ref->ndocs++] = d;
	return CDG_OK;
}

void
ref_kill(ref_index *ref, uint64_t doc)
{
	if (doc < ref->ndocs)
		ref->docs[doc].dead = true;
}

void
ref_compact(ref_index *ref)
{
	size_t n = 0;

	for (size_t i = 0; i < ref->pool.n; i++)
		ref->pool.at[i].in_text = ref->pool.at[i].in_title = false;
	for (size_t i = 0; i < ref->ndocs; i++) {
		if (ref->docs[i].dead) {
			ref_doc_fini(&ref->docs[i]);
			continue;
		}
		ref_note_terms(ref, &ref->docs[i]);
		ref->docs[n++] = ref->docs[i];
	}
	ref->ndocs = n;
}

bool
ref_reorder(ref_index *ref, const uint32_t *order)
{
	ref_doc *docs = mem_alloc((ref->ndocs + 1) * sizeof *docs);

	if (!docs)
		return false;
	for (size_t i = 0; i < ref->ndocs; i++)
		docs[i] = ref->docs[order[i]];
	memcpy(ref->docs, docs, ref->ndocs * sizeof *docs);
	mem_free(docs);
	return true;
}

uint64_t
ref_ndocs(const ref_index *ref)
{
	return ref->ndocs;
}

uint64_t
ref_langs(const ref_index *ref)
{
	uint64_t langs = 0;

	for (size_t i = 0; i < ref->ndocs; i++)
		langs |= (uint64_t)1 << (ref->docs[i].lang & 63);
	return langs;
}

/* ---- the vtable --------------------------------------------------------------- */

static const ref_index *
ref_of(const backend *b)
{
	return (const ref_index *)(const void *)b; /* base is the first member */
}

static void
ref_close(backend *b)
{
	ref_free((ref_index *)(void *)b);
}

static uint64_t
ref_live(const backend *b)
{
	const ref_index *ref = ref_of(b);
	uint64_t n = 0;

	for (size_t i = 0; i < ref->ndocs; i++)
		n += !ref->docs[i].dead;
	return n;
}

static uint64_t
ref_backend_langs(const backend *b)
{
	return ref_langs(ref_of(b));
}

static void
ref_put_meta(const ref_doc *d, buf *meta)
{
	docmeta m = { .id = d->id.p, .id_len = d->id.n, .title = d->title.p, .title_len = d->title.n,
		      .url = d->url.p, .url_len = d->url.n, .lang = d->code.p, .lang_len = d->code.n };
	const ref_value *dated = ref_value_first(d, REF_DATE);

	if (dated) {
		m.has_date = true;
		m.day = dated->date.day;
		m.precision = dated->date.precision;
	}
	m.nfields = (uint32_t)d->nstored;
	docmeta_put(meta, &m);
	for (size_t i = 0; i < d->nstored; i++) {
		const ref_value *v = &d->values[i];
		docmeta_value out = { .field = (uint16_t)v->field, .type = v->type, .list = v->list,
				      .string = v->string.p, .len = v->string.n,
				      .number = v->number, .day = v->date.day,
				      .precision = v->date.precision };
		docmeta_put_value(meta, &out);
	}
}

static cdg_status
ref_stored(const backend *b, uint64_t doc, buf *meta, buf *text, cdg_error *err)
{
	const ref_index *ref = ref_of(b);

	if (doc >= ref->ndocs)
		return err_set(err, CDG_E_NOTFOUND, "no document %llu", (unsigned long long)doc);
	if (meta)
		ref_put_meta(&ref->docs[doc], meta);
	if (text)
		buf_put(text, ref->docs[doc].text.p, ref->docs[doc].text.n);
	return (meta && meta->failed) || (text && text->failed) ? err_nomem(err) : CDG_OK;
}

static const backend_ops ref_ops = {
	.name = "reference",
	.close = ref_close,
	.ndocs = ref_live,
	.langs = ref_backend_langs,
	.search = ref_run,
	.stored = ref_stored,
	.spans = ref_run_spans,
};

ref_index *
ref_new(cdg_error *err)
{
	ref_index *ref = mem_calloc(1, sizeof *ref);

	if (!ref) {
		err_nomem(err);
		return NULL;
	}
	ref->base.ops = &ref_ops;
	arena_init(&ref->mem);
	arena_init(&ref->pool.mem);
	ref->an = text_analyzer_new(err);
	if (!ref->an) {
		ref_free(ref);
		return NULL;
	}
	return ref;
}

void
ref_free(ref_index *ref)
{
	if (!ref)
		return;
	for (size_t i = 0; i < ref->ndocs; i++)
		ref_doc_fini(&ref->docs[i]);
	mem_free(ref->docs);
	mem_free(ref->names);
	mem_free(ref->pool.at);
	mem_free(ref->pool.slots);
	arena_fini(&ref->pool.mem);
	arena_fini(&ref->mem);
	if (ref->an)
		text_analyzer_free(ref->an);
	mem_free(ref);
}

backend *
ref_backend(ref_index *ref)
{
	return &ref->base;
}
