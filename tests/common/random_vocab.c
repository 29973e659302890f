/* random_vocab.c - see random_vocab.h. */
#include "tests/common/random_vocab.h"

#include <stdio.h>
#include <xxhash.h>

#include "extract/section_titles.h"

enum {
	VOCAB_BATCH = 256,
	VOCAB_DOC_RUNS = 16,   /* kept of a document */
	VOCAB_VALUES = 400,    /* kept of a field */
	VOCAB_JOINED = 5000,
	VOCAB_TEXT = 400       /* longest bytes of a run */
};

/* ---- random numbers (splitmix64) -------------------------------------------- */

uint64_t
rnd_next(rnd *r)
{
	uint64_t z = r->state += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

rnd
rnd_seed(uint64_t seed, uint64_t stream)
{
	rnd r = { seed ^ (stream + 1) * 0xd1342543de82ef95u };

	rnd_next(&r);
	return r;
}

uint32_t
rnd_below(rnd *r, uint32_t n)
{
	return (uint32_t)((rnd_next(r) >> 32) * n >> 32);
}

bool
rnd_chance(rnd *r, unsigned p)
{
	return rnd_below(r, 100) < p;
}

/* ---- collecting --------------------------------------------------------------- */

bool
vocab_init(vocab *v, uint64_t seed)
{
	memset(v, 0, sizeof *v);
	arena_init(&v->mem);
	v->r = rnd_seed(seed, 0);
	v->an = text_analyzer_new(NULL);
	return v->an != NULL;
}

void
vocab_fini(vocab *v)
{
	for (size_t i = 0; i < v->nfields; i++) {
		mem_free(v->fields[i].values);
		mem_free(v->fields[i].types);
	}
	mem_free(v->fields);
	mem_free(v->runs);
	mem_free(v->docs);
	mem_free(v->words);
	mem_free(v->slots);
	mem_free(v->joined);
	arena_fini(&v->mem);
	if (v->an)
		text_analyzer_free(v->an);
	memset(v, 0, sizeof *v);
}

static doc_str
vocab_copy(vocab *v, const char *p, size_t n)
{
	return (doc_str){ arena_strndup(&v->mem, p ? p : "", n), n };
}

static vocab_token
vocab_token_of(vocab *v, const text_token *t, const char *text)
{
	return (vocab_token){ .term = vocab_copy(v, t->term, t->len),
			      .raw = vocab_copy(v, text + t->start, t->end - t->start),
			      .kind = t->kind,
			      .width = t->kind == TEXT_CJK ? 2 : 1,
			      .hyphen = (t->flags & TEXT_HYPHEN) != 0 };
}

/* Up to VOCAB_RUN tokens of a batch from i on, compounds' own tokens left out. */
static bool
vocab_add_run(vocab *v, const text_token *t, size_t n, const char *text, bool title)
{
	vocab_run *run;
	uint32_t end;

	if (!mem_grow(&v->runs, &v->runs_cap, v->nruns + 1, sizeof *v->runs))
		return false;
	run = &v->runs[v->nruns];
	*run = (vocab_run){ .title = title };
	end = t[0].start;
	for (size_t i = 0; i < n && run->n < VOCAB_RUN; i++) {
		if (t[i].kind == TEXT_JOINED)
			continue;
		if (run->n && t[i].end - t[0].start > VOCAB_TEXT)
			break;
		run->token[run->n++] = vocab_token_of(v, &t[i], text);
		end = t[i].end;
	}
	if (!run->n)
		return true;
	run->text = vocab_copy(v, text + t[0].start, min_size(end - t[0].start, VOCAB_TEXT * 2));
	v->nruns++;
	return !v->mem.failed;
}

static bool
vocab_add_joined(vocab *v, const text_token *t)
{
	size_t at = v->njoined;

	if (at >= VOCAB_JOINED) {
		if (!rnd_chance(&v->r, 2))
			return true;
		at = rnd_below(&v->r, VOCAB_JOINED);
	} else if (!mem_grow(&v->joined, &v->joined_cap, at + 1, sizeof *v->joined)) {
		return false;
	}
	v->joined[at] = vocab_copy(v, t->term, t->len);
	v->njoined += at == v->njoined;
	return !v->mem.failed;
}

/* Runs from random places: each batch gives some, until the document has enough. */
static bool
vocab_add_text(vocab *v, doc_str s, bool title)
{
	text_token t[VOCAB_BATCH];
	size_t n, have = 0;

	text_begin(v->an, s.p ? s.p : "", s.n, 0);
	while ((n = text_next(v->an, t, VOCAB_BATCH))) {
		unsigned tries = 1 + rnd_below(&v->r, 3);

		for (size_t i = 0; i < n; i++)
			if (t[i].kind == TEXT_JOINED && !vocab_add_joined(v, &t[i]))
				return false;
		for (; tries && have < VOCAB_DOC_RUNS; tries--) {
			uint32_t i = rnd_below(&v->r, (uint32_t)n);

			if (t[i].kind == TEXT_JOINED)
				continue;
			if (!vocab_add_run(v, t + i, n - i, s.p, title))
				return false;
			have++;
		}
	}
	return true;
}

static vocab_field *
vocab_field_of(vocab *v, const char *name, size_t n)
{
	vocab_field *f;

	for (size_t i = 0; i < v->nfields; i++)
		if (strlen(v->fields[i].name) == n && !memcmp(v->fields[i].name, name, n))
			return &v->fields[i];
	if (!mem_grow(&v->fields, &v->fields_cap, v->nfields + 1, sizeof *v->fields))
		return NULL;
	f = &v->fields[v->nfields];
	*f = (vocab_field){ .name = vocab_copy(v, name, n).p };
	if (!f->name)
		return NULL;
	v->nfields++;
	return f;
}

static bool
vocab_add_value(vocab *v, const char *name, size_t name_len, uint8_t type, const char *p, size_t n)
{
	vocab_field *f = vocab_field_of(v, name, name_len);
	size_t at;

	if (!f)
		return false;
	at = f->n;
	f->seen++;
	if (at >= VOCAB_VALUES) {
		at = (size_t)(rnd_next(&v->r) % f->seen);
		if (at >= VOCAB_VALUES)
			return true;
	}
	if (!mem_grow(&f->values, &f->values_cap, at + 1, sizeof *f->values) ||
	    !mem_grow(&f->types, &f->types_cap, at + 1, sizeof *f->types))
		return false;
	f->values[at] = vocab_copy(v, p, n);
	f->types[at] = type;
	f->n += at == f->n;
	return !v->mem.failed;
}

static bool
vocab_add_field(vocab *v, const doc_field *f)
{
	char text[40];

	switch (f->type) {
	case DOC_NUMBER:
		snprintf(text, sizeof text, "%.15g", f->number);
		return vocab_add_value(v, f->name.p, f->name.n, f->type, text, strlen(text));
	case DOC_DATE:
		return vocab_add_value(v, f->name.p, f->name.n, f->type, text,
				       doc_format_date(f->date, text));
	default:
		return vocab_add_value(v, f->name.p, f->name.n, f->type, f->string.p, f->string.n);
	}
}

bool
vocab_add(vocab *v, const document *doc, text_lang lang)
{
	vocab_doc *d;
	const char *code = text_lang_code(lang);
	section_titles titles;
	char date[40];

	if (!mem_grow(&v->docs, &v->docs_cap, v->ndocs + 1, sizeof *v->docs))
		return false;
	d = &v->docs[v->ndocs++];
	*d = (vocab_doc){ .first = v->nruns, .id = vocab_copy(v, doc->id.p, doc->id.n) };
	if (!vocab_add_text(v, doc->title, true) || !vocab_add_text(v, doc->text, false))
		return false;
	d->n = v->nruns - d->first;
	for (size_t i = 0; i < doc->nfields; i++)
		if (!vocab_add_field(v, &doc->fields[i]))
			return false;
	if (section_titles_due(doc)) {
		section_titles_find(doc, &titles);
		for (size_t i = 0; i < titles.n; i++)
			if (!vocab_add_value(v, "section", 7, DOC_STRING, titles.title[i].p, titles.title[i].n))
				return false;
	}
	if (doc->has_date && !vocab_add_value(v, "date", 4, DOC_DATE, date, doc_format_date(doc->date, date)))
		return false;
	if (*code && !vocab_add_value(v, "lang", 4, DOC_STRING, code, strlen(code)))
		return false;
	if (doc->url.n && !vocab_add_value(v, "url", 3, DOC_STRING, doc->url.p, doc->url.n))
		return false;
	return vocab_add_value(v, "id", 2, DOC_STRING, doc->id.p, doc->id.n);
}

/* ---- frequency ---------------------------------------------------------------------- */

static bool
vocab_count(vocab *v, const vocab_token *t)
{
	size_t i = (size_t)XXH3_64bits(t->term.p, t->term.n) & (v->nslots - 1);

	for (; v->slots[i]; i = (i + 1) & (v->nslots - 1)) {
		vocab_word *w = &v->words[v->slots[i] - 1];
		if (w->token.term.n == t->term.n && !memcmp(w->token.term.p, t->term.p, t->term.n)) {
			w->count++;
			return true;
		}
	}
	if (!mem_grow(&v->words, &v->words_cap, v->nwords + 1, sizeof *v->words))
		return false;
	v->words[v->nwords++] = (vocab_word){ *t, 1 };
	v->slots[i] = (uint32_t)v->nwords;
	return true;
}

static int
vocab_compare(const void *a, const void *b)
{
	const vocab_word *x = a, *y = b;
	size_t n = min_size(x->token.term.n, y->token.term.n);
	int c;

	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	c = memcmp(x->token.term.p, y->token.term.p, n);
	return c ? c : (x->token.term.n > y->token.term.n) - (x->token.term.n < y->token.term.n);
}

bool
vocab_ready(vocab *v)
{
	for (v->nslots = 1024; v->nslots < v->nruns * VOCAB_RUN * 2;)
		v->nslots *= 2;
	mem_free(v->slots);
	v->slots = mem_calloc(v->nslots, sizeof *v->slots);
	if (!v->slots)
		return false;
	for (size_t i = 0; i < v->nruns; i++)
		for (unsigned k = 0; k < v->runs[i].n; k++)
			if (!vocab_count(v, &v->runs[i].token[k]))
				return false;
	if (v->nwords > 1)
		qsort(v->words, v->nwords, sizeof *v->words, vocab_compare);
	return true;
}

/* ---- picking -------------------------------------------------------------------------- */

size_t
vocab_pick_doc(const vocab *v, rnd *r)
{
	return v->ndocs ? rnd_below(r, (uint32_t)v->ndocs) : SIZE_MAX;
}

const vocab_run *
vocab_pick_run(const vocab *v, rnd *r, size_t doc)
{
	if (doc < v->ndocs && v->docs[doc].n)
		return &v->runs[v->docs[doc].first + rnd_below(r, (uint32_t)v->docs[doc].n)];
	return v->nruns ? &v->runs[rnd_below(r, (uint32_t)v->nruns)] : NULL;
}

const vocab_token *
vocab_pick_word(const vocab *v, rnd *r, size_t doc)
{
	static const unsigned top[VOCAB_BANDS] = { 20, 300, 3000, UINT32_MAX };
	const vocab_run *run = vocab_pick_run(v, r, doc);

	if (!run)
		return NULL;
	if (doc < v->ndocs && rnd_chance(r, 60))
		return &run->token[rnd_below(r, run->n)];
	return &v->words[rnd_below(r, (uint32_t)min_size(v->nwords, top[rnd_below(r, VOCAB_BANDS)]))]
		    .token;
}

const vocab_field *
vocab_pick_field(const vocab *v, rnd *r)
{
	return v->nfields ? &v->fields[rnd_below(r, (uint32_t)v->nfields)] : NULL;
}
