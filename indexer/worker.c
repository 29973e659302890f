/* worker.c - see worker.h. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "indexer/worker.h"

#include <stdio.h>
#include <unistd.h>
#include <xxhash.h>

#include "engine/docmeta.h"
#include "indexer/analyze.h"

enum { ANCHOR_TOKENS = 1000, FIELD_NAME_MAX = 255, TELL_TOKENS = 1 << 14 };

/* ---- life ----------------------------------------------------------- */

static cdg_status
worker_open_parts(worker *w, const char *dir, unsigned number, cdg_error *err)
{
	char path[4096], name[64];

	CDG_TRY(store_part_init(&w->store, &w->shared->text, err));
	snprintf(name, sizeof name, "%032x.w%u.tree", 0, number);
	CDG_TRY(file_join(path, sizeof path, dir, name, err));
	return tree_part_init(&w->tree, path, err);
}

cdg_status
worker_init(worker *w, worker_shared *shared, const char *dir, unsigned number, uint64_t limit, cdg_error *err)
{
	memset(w, 0, sizeof *w);
	pthread_mutex_init(&w->told_lock, NULL);
	w->shared = shared;
	w->number = number;
	tree_builder_init(&w->builder);
	read_build_init(&w->made);
	doctab_writer_init(&w->rows);
	w->reader = reader_new(&shared->options->documents, err);
	if (!w->reader)
		return err_nomem(err);
	w->analyzer = text_analyzer_new(err);
	if (!w->analyzer)
		return err ? err->status : CDG_E_NOMEM;
	w->columns = column_builder_new();
	if (!w->columns)
		return err_nomem(err);
	CDG_TRY(inverter_init(&w->inv, 0, limit < (uint64_t)256 << 20, err));
	worker_tell(w);
	return shared->options->dry_run ? CDG_OK : worker_open_parts(w, dir, number, err);
}

static void
worker_drop_failures(worker *w)
{
	for (size_t i = 0; i < w->nfailures; i++)
		mem_free(w->failures[i].message);
	w->nfailures = 0;
}

void
worker_fini(worker *w)
{
	reader_free(w->reader);
	text_analyzer_free(w->analyzer);
	inverter_fini(&w->inv);
	store_part_fini(&w->store);
	tree_part_fini(&w->tree);
	tree_builder_fini(&w->builder);
	column_builder_free(w->columns);
	doctab_writer_fini(&w->rows);
	worker_drop_failures(w);
	for (size_t i = 0; i < w->nfields; i++)
		mem_free(w->fields[i].name);
	mem_free(w->fields);
	mem_free(w->docs);
	mem_free(w->same);
	mem_free(w->failures);
	mem_free(w->ends);
	mem_free(w->section_pos);
	read_build_fini(&w->made);
	buf_fini(&w->ids);
	buf_fini(&w->meta);
	buf_fini(&w->values);
	pthread_mutex_destroy(&w->told_lock);
	memset(w, 0, sizeof *w);
}

void
worker_reset(worker *w)
{
	inverter_reset(&w->inv);
	column_builder_reset(w->columns);
	doctab_writer_reset(&w->rows);
	store_part_reset(&w->store);
	worker_drop_failures(w);
	w->ndocs = w->nsame = 0;
	buf_fini(&w->ids);
	w->title_tokens = w->text_tokens = w->langs = 0;
	worker_tell(w);
}

/* ---- fields --------------------------------------------------------- */

/* The manifest is lines of text: names with control characters do not fit. */
static size_t
field_name_clean(char *out, const char *p, size_t n)
{
	n = min_size(n, FIELD_NAME_MAX);
	while (n && ((uint8_t)p[n - 1] & 0xc0) == 0x80 && n == FIELD_NAME_MAX)
		n--; /* perhaps in the middle of a character */
	for (size_t i = 0; i < n; i++)
		out[i] = (uint8_t)p[i] < 0x20 || p[i] == 0x7f ? '_' : p[i];
	if (!n)
		out[n++] = '_';
	return n;
}

static uint16_t
field_lookup(worker *w, const char *name, size_t len)
{
	worker_names *names = &w->shared->names;
	char clean[FIELD_NAME_MAX + 1];
	size_t n = field_name_clean(clean, name, len);
	unsigned id;

	pthread_mutex_lock(&names->lock);
	id = manifest_add_field(names->manifest, clean, n);
	pthread_mutex_unlock(&names->lock);
	return (uint16_t)id;
}

/* Fields come in the same order again and again: try the next one first. */
static worker_field *
worker_find_field(worker *w, const char *name, size_t len)
{
	worker_field *f;

	for (size_t i = 0; i < w->nfields; i++) {
		size_t at = w->field_next + i;
		at -= at >= w->nfields ? w->nfields : 0;
		f = &w->fields[at];
		if (f->len == len && memcmp(f->name, name, len) == 0) {
			w->field_next = at + 1 < w->nfields ? at + 1 : 0;
			return f;
		}
	}
	if (!mem_grow(&w->fields, &w->fields_cap, w->nfields + 1, sizeof *w->fields))
		return NULL;
	f = &w->fields[w->nfields];
	f->name = mem_strndup(name, len);
	if (!f->name)
		return NULL;
	f->len = len;
	f->doc = UINT32_MAX;
	f->id = field_lookup(w, name, len);
	w->nfields++;
	w->field_next = 0;
	return f;
}

/* ---- tokens --------------------------------------------------------- */

/* A short string from `pos` on, into one field, or two (title).  *tokens grows
 * by their number. */
static uint32_t
invert_string(worker *w, unsigned field, int also, doc_str s, uint32_t pos, uint64_t *tokens)
{
	size_t n;

	text_begin(w->analyzer, s.p, s.n, pos);
	while ((n = text_next(w->analyzer, w->tokens, WORKER_TOKENS)) > 0) {
		inverter_add(&w->inv, field, w->tokens, n, s.p);
		if (also >= 0)
			inverter_add(&w->inv, (unsigned)also, w->tokens, n, s.p);
		for (size_t i = 0; i < n; i++)
			*tokens += w->tokens[i].kind != TEXT_JOINED;
	}
	return text_next_pos(w->analyzer);
}

/* Number of characters of valid UTF-8, 32 bytes at a time. */
static uint32_t
count_characters(const char *p, size_t n)
{
	const uint64_t low = 0x0101010101010101u;
	uint64_t count = 0;
	size_t i = 0;

	for (; i + 32 <= n; i += 32) {
		uint64_t more = 0;
		/* a byte goes on with a character if its top bits are 10 */
		for (size_t k = 0; k < 32; k += 8) {
			uint64_t x = load_u64(p + i + k);
			more += x >> 7 & ~(x >> 6) & low;
		}
		count += 32 - ((more * low) >> 56);
	}
	for (; i < n; i++)
		count += ((uint8_t)p[i] & 0xc0) != 0x80;
	return (uint32_t)count;
}

/* What happens at bytes of the text while its tokens go by. */
typedef struct body {
	worker *w;
	const document *doc;
	uint32_t bound;           /* next byte where a section begins or ends */
	size_t next_start, next_end;
	uint32_t anchor_every;    /* tokens; without the text no one would go there */
	uint32_t anchor_pos, anchor_byte, anchor_cp;
	uint64_t tokens;
} body;

static void
body_next_bound(body *b)
{
	size_t n = b->doc->nsections;
	const doc_section *s = b->doc->sections;

	b->bound = UINT32_MAX;
	if (b->next_start < n)
		b->bound = s[b->next_start].start;
	if (b->next_end < n)
		b->bound = min_u32(b->bound, s[b->w->ends[b->next_end]].end);
}

/* The token at byte `at` is the first at or after some bounds. */
static CDG_NOINLINE void
body_cross(body *b, uint32_t at, uint32_t pos)
{
	const doc_section *s = b->doc->sections;
	size_t n = b->doc->nsections;

	for (; b->next_start < n && s[b->next_start].start <= at; b->next_start++)
		b->w->section_pos[2 * b->next_start] = pos;
	for (; b->next_end < n && s[b->w->ends[b->next_end]].end <= at; b->next_end++)
		b->w->section_pos[2 * b->w->ends[b->next_end] + 1] = pos;
	body_next_bound(b);
}

static void
body_anchor(body *b, const text_token *t)
{
	b->anchor_cp += count_characters(b->doc->text.p + b->anchor_byte, t->start - b->anchor_byte);
	b->anchor_byte = t->start;
	b->anchor_pos = t->pos;
	tree_builder_anchor(&b->w->builder, t->pos, t->start, b->anchor_cp);
}

static int
end_compare(const void *a, const void *b, void *sections)
{
	const doc_section *s = sections, *x = &s[*(const uint32_t *)a], *y = &s[*(const uint32_t *)b];
	return (x->end > y->end) - (x->end < y->end);
}

static bool
sections_sort(worker *w, const document *doc)
{
	size_t n = doc->nsections;

	if (!n)
		return true;
	if (!mem_grow(&w->ends, &w->ends_cap, n, sizeof *w->ends) ||
	    !mem_grow(&w->section_pos, &w->section_cap, 2 * n, sizeof *w->section_pos))
		return false;
	for (size_t i = 0; i < n; i++)
		w->ends[i] = (uint32_t)i;
	qsort_r(w->ends, n, sizeof *w->ends, end_compare, (void *)(uintptr_t)doc->sections);
	return true;
}

/* The text of a document from position `first` on; returns the end position. */
static uint32_t
invert_text(worker *w, const document *doc, uint32_t first, uint64_t *tokens)
{
	body b = { .w = w, .doc = doc, .anchor_pos = first,
		   .anchor_every = w->shared->options->no_store ? UINT32_MAX : ANCHOR_TOKENS };
	uint64_t tell = TELL_TOKENS;
	size_t n;
	uint32_t end;

	body_next_bound(&b);
	text_begin(w->analyzer, doc->text.p, doc->text.n, first);
	while ((n = text_next(w->analyzer, w->tokens, WORKER_TOKENS)) > 0) {
		for (size_t i = 0; i < n; i++) {
			const text_token *t = &w->tokens[i];
			if (unlikely(t->kind == TEXT_JOINED))
				continue;
			b.tokens++;
			if (t->flags & (TEXT_SENTENCE | TEXT_PARAGRAPH))
				tree_builder_sentence(&w->builder, t->pos, t->flags & TEXT_PARAGRAPH);
			if (unlikely(t->pos - b.anchor_pos >= b.anchor_every) && t->flags & TEXT_RESTART)
				body_anchor(&b, t);
			if (unlikely(t->start >= b.bound))
				body_cross(&b, t->start, t->pos);
		}
		inverter_add(&w->inv, DICT_FIELD_TEXT, w->tokens, n, doc->text.p);
		if (unlikely(b.tokens >= tell)) {
			worker_tell(w);
			tell = b.tokens + TELL_TOKENS;
		}
	}
	end = max_u32(text_next_pos(w->analyzer), first);
	body_cross(&b, UINT32_MAX, end);
	for (size_t i = 0; i < doc->nsections; i++) {
		const doc_section *s = &doc->sections[i];
		tree_builder_section(&w->builder, tree_kind_find(s->kind), s->level, s->label.p, s->label.n,
				     w->section_pos[2 * i], w->section_pos[2 * i + 1]);
	}
	*tokens += b.tokens;
	return end;
}

/* ---- metadata ------------------------------------------------------- */

/* The values of a document's fields: into docmeta bytes (`values`), columns and
 * postings.  They may come in any order, so positions go on by field. */
static cdg_status
add_field_values(worker *w, const document *doc, uint32_t number, uint32_t *stored, cdg_error *err)
{
	uint64_t ignored = 0;

	w->values.len = 0;
	*stored = 0;
	for (size_t i = 0; i < doc->nfields; i++) {
		const doc_field *f = &doc->fields[i];
		docmeta_value v = { .type = f->type, .list = f->list };
		column_value c;
		worker_field *field = worker_find_field(w, f->name.p, f->name.n);
		if (!field)
			return err_nomem(err);
		v.field = field->id;
		if (!v.field) { /* too many names: kept nowhere */
			w->stats.warnings++;
			continue;
		}
		if (f->type == DOC_STRING) {
			v.string = f->string.p;
			v.len = f->string.n;
			c = column_string(v.string, v.len);
			field->end = invert_string(w, v.field, -1, f->string,
						   field->doc == number ? field->end + ANALYZE_VALUE_GAP : 0,
						   &ignored);
			field->doc = number;
		} else if (f->type == DOC_NUMBER) {
			v.number = f->number;
			c = column_number(v.number);
		} else {
			v.day = f->date.day;
			v.precision = f->date.precision;
			c = column_date(v.day, v.precision);
		}
		docmeta_put_value(&w->values, &v);
		++*stored;
		CDG_TRY(column_builder_add(w->columns, number, v.field, &c, f->list, err));
	}
	return w->values.failed ? err_nomem(err) : CDG_OK;
}

/* Titles of sections are searched and counted as values of a field, and not kept among those
 * that are shown: the structure has them.  The same for backend/reference.c. */
static cdg_status
add_section_titles(worker *w, const document *doc, uint32_t number, cdg_error *err)
{
	uint64_t ignored = 0;
	worker_field *field;
	uint32_t end = 0;

	if (w->shared->options->no_titles || !section_titles_due(doc))
		return CDG_OK;
	section_titles_find(doc, &w->titles);
	field = w->titles.n ? worker_find_field(w, "section", 7) : NULL;
	if (w->titles.n && !field)
		return err_nomem(err);
	for (size_t i = 0; i < w->titles.n && field->id; i++) {
		column_value c = column_string(w->titles.title[i].p, w->titles.title[i].n);

		end = invert_string(w, field->id, -1, w->titles.title[i], i ? end + ANALYZE_VALUE_GAP : 0, &ignored);
		CDG_TRY(column_builder_add(w->columns, number, field->id, &c, true, err));
	}
	return CDG_OK;
}

/* A string that every document may have: searchable by its words, sortable. */
static cdg_status
add_known_string(worker *w, uint32_t number, uint16_t field, doc_str s, cdg_error *err)
{
	column_value c = column_string(s.p, s.n);
	uint64_t ignored = 0;

	if (!s.n)
		return CDG_OK;
	invert_string(w, field, -1, s, 0, &ignored);
	return column_builder_add(w->columns, number, field, &c, false, err);
}

static cdg_status
add_known_columns(worker *w, const document *doc, uint32_t number, doc_str lang, cdg_error *err)
{
	if (doc->has_date) {
		column_value c = column_date(doc->date.day, doc->date.precision);
		CDG_TRY(column_builder_add(w->columns, number, w->shared->field_date, &c, false, err));
	}
	CDG_TRY(add_known_string(w, number, w->shared->field_lang, lang, err));
	return add_known_string(w, number, w->shared->field_url, doc->url, err);
}

static text_lang
choose_lang(worker *w, const document *doc, doc_str *shown)
{
	const writer_options *o = w->shared->options;
	text_lang lang = o->lang_mode == WRITER_LANG_NONE ? TEXT_LANG_NONE : text_lang_id(doc->lang.p, doc->lang.n);

	*shown = doc->lang;
	if (lang != TEXT_LANG_NONE || o->lang_mode == WRITER_LANG_NONE)
		goto known;
	if (doc->lang.n)
		return TEXT_LANG_NONE; /* a language without a number: as the document says */
	if (o->lang_mode == WRITER_LANG_FIXED)
		lang = o->lang;
	else
		lang = text_detect(w->analyzer, doc->text.p, doc->text.n);
known:
	if (lang != TEXT_LANG_NONE) {
		shown->p = text_lang_code(lang);
		shown->n = strlen(shown->p);
	}
	return lang;
}

/* ---- identity ------------------------------------------------------- */

static uint64_t
hash_string(uint64_t h, doc_str s)
{
	return XXH3_64bits_withSeed(s.p ? s.p : "", s.n, h * 0x9e3779b97f4a7c15u + s.n + (s.p ? 1 : 0));
}

static uint64_t
hash_u64(uint64_t h, uint64_t x)
{
	return XXH3_64bits_withSeed(&x, sizeof x, h);
}

/* Of everything that is indexed. */
static uint64_t
content_hash(const document *doc, uint64_t analysis)
{
	uint64_t h = analysis;

	h = hash_string(h, doc->id);
	h = hash_string(h, doc->title);
	h = hash_string(h, doc->url);
	h = hash_string(h, doc->lang);
	h = hash_string(h, doc->text);
	h = hash_u64(h, doc->has_date ? (uint64_t)(uint32_t)doc->date.day << 8 | doc->date.precision | 4 : 0);
	for (size_t i = 0; i < doc->nfields; i++) {
		const doc_field *f = &doc->fields[i];
		uint64_t bits = (uint64_t)(uint32_t)f->date.day << 8 | f->date.precision;
		if (f->type == DOC_NUMBER)
			memcpy(&bits, &f->number, sizeof bits);
		h = hash_string(h, f->name);
		h = hash_u64(h, f->type | (f->list ? 8u : 0));
		h = f->type == DOC_STRING ? hash_string(h, f->string) : hash_u64(h, bits);
	}
	for (size_t i = 0; i < doc->nsections; i++) {
		const doc_section *s = &doc->sections[i];
		h = hash_u64(h, (uint64_t)s->start << 32 | s->end);
		h = hash_string(hash_u64(h, s->level), s->label);
	}
	return h;
}

/* The live document of an older segment with this key. */
static bool
find_old(const worker *w, const char *key, size_t len, uint32_t *seg, uint32_t *doc)
{
	for (size_t i = w->shared->nold; i-- > 0;) {
		const segment *s = w->shared->old[i];
		dict_entry e;
		if (!s || !dict_find(&s->dict, DICT_ID, 0, key, len, &e))
			continue;
		if (e.meta.df != 1 || e.meta.single_doc >= s->info.docs || !segment_is_live(s, e.meta.single_doc))
			continue;
		*seg = (uint32_t)i;
		*doc = e.meta.single_doc;
		return true;
	}
	return false;
}

/* Note the id; true: the record is there already, as it is. */
static cdg_status
note_identity(worker *w, const document *doc, uint64_t order, uint32_t origin, uint64_t hash, worker_doc *d,
	      bool *same, cdg_error *err)
{
	char key[DICT_KEY_MAX];
	size_t n = dict_id_key(doc->id.p, doc->id.n, key);
	const segment *s;
	uint64_t had;
	uint32_t from;

	*same = false;
	*d = (worker_doc){ .order = order, .id_at = w->ids.len, .id_len = (uint32_t)n, .old_seg = WORKER_NO_OLD };
	if (w->shared->nold && find_old(w, key, n, &d->old_seg, &d->old_doc)) {
		s = w->shared->old[d->old_seg];
		*same = !w->shared->options->force && doctab_u64(&s->docs, DOCTAB_HASH, d->old_doc, &had) &&
			doctab_u32(&s->docs, DOCTAB_SOURCE, d->old_doc, &from) && had == hash && from == origin;
	}
	buf_put(&w->ids, key, n);
	if (w->ids.failed)
		return err_nomem(err);
	if (!*same)
		return CDG_OK;
	if (!mem_grow(&w->same, &w->same_cap, w->nsame + 1, sizeof *w->same))
		return err_nomem(err);
	w->same[w->nsame++] = (worker_same){ order, d->id_at, d->id_len, origin, d->old_seg, d->old_doc };
	w->stats.unchanged++;
	return CDG_OK;
}

/* ---- documents ------------------------------------------------------ */

static cdg_status
put_record(worker *w, const document *doc, doc_str lang, uint32_t nvalues, uint64_t *ref, cdg_error *err)
{
	docmeta m = { .id = doc->id.p, .title = doc->title.p, .url = doc->url.p, .lang = lang.p,
		      .id_len = doc->id.n, .title_len = doc->title.n, .url_len = doc->url.n, .lang_len = lang.n,
		      .has_date = doc->has_date, .day = doc->date.day, .precision = doc->date.precision,
		      .nfields = nvalues };

	w->meta.len = 0;
	docmeta_put(&w->meta, &m);
	buf_put(&w->meta, w->values.p, w->values.len);
	if (w->meta.failed)
		return err_nomem(err);
	return store_part_add(&w->store, w->meta.p, w->meta.len, doc->text.p,
			      w->shared->options->no_store ? 0 : doc->text.n, ref, err);
}

/* Tokens and structure; lengths into the row. */
static cdg_status
put_tokens(worker *w, const document *doc, text_lang lang, doctab_row *row, cdg_error *err)
{
	uint64_t title = 0, text = 0;
	uint32_t title_end, body_pos, end;

	tree_builder_begin(&w->builder);
	if (!sections_sort(w, doc))
		return err_nomem(err);
	inverter_begin(&w->inv, (uint32_t)w->ndocs, lang);
	title_end = invert_string(w, DICT_FIELD_TEXT, DICT_FIELD_TITLE, doc->title, 0, &title);
	body_pos = analyze_body_pos(title_end);
	end = invert_text(w, doc, body_pos, &text);
	CDG_TRY(tree_part_add(&w->tree, &w->builder, title_end, body_pos, end, &row->tree, err));
	text += title;
	row->length = text > UINT32_MAX ? UINT32_MAX : (uint32_t)text;
	row->norm_text = norm_encode(row->length);
	row->norm_title = norm_encode((uint32_t)title);
	row->lang = lang;
	w->title_tokens += title;
	w->text_tokens += text;
	w->langs |= (uint64_t)1 << (lang & 63);
	w->stats.tokens += text;
	return CDG_OK;
}

/* To the sink instead of a segment. */
static cdg_status
worker_pass(worker *w, const document *doc, uint64_t hash, uint64_t order, uint32_t origin, cdg_error *err)
{
	const writer_options *o = w->shared->options;
	document shown = *doc;
	text_lang lang = choose_lang(w, doc, &shown.lang);
	int what = WRITER_ADDED;

	if (o->dry_run) {
		w->stats.documents++;
		return CDG_OK;
	}
	CDG_TRY(o->sink->add(o->sink_ctx, w->number, &shown, lang, hash, order, origin, &what, err));
	w->stats.documents += what != WRITER_SAME;
	w->stats.replaced += what == WRITER_REPLACED;
	w->stats.unchanged += what == WRITER_SAME;
	return CDG_OK;
}

static cdg_status
take_document(worker *w, const document *doc, uint64_t order, uint32_t origin, cdg_error *err)
{
	doctab_row row = { .source = origin };
	uint32_t number = (uint32_t)w->ndocs, nvalues;
	worker_doc d;
	doc_str shown;
	text_lang lang;
	bool same;

	w->stats.text_bytes += doc->text.n;
	w->stats.invalid_utf8 += doc->replaced;
	row.hash = content_hash(doc, w->shared->analysis + (doc->nsections && !w->shared->options->no_titles));
	if (w->shared->options->sink)
		return worker_pass(w, doc, row.hash, order, origin, err);
	CDG_TRY(note_identity(w, doc, order, origin, row.hash, &d, &same, err));
	if (w->shared->options->dry_run) {
		w->ids.len = w->nsame = 0;
		w->stats.documents += !same;
		w->stats.replaced += !same && d.old_seg != WORKER_NO_OLD;
		return CDG_OK;
	}
	if (same)
		return CDG_OK;
	if (!mem_grow(&w->docs, &w->docs_cap, w->ndocs + 1, sizeof *w->docs))
		return err_nomem(err);
	lang = choose_lang(w, doc, &shown);
	CDG_TRY(put_tokens(w, doc, lang, &row, err));
	CDG_TRY(add_field_values(w, doc, number, &nvalues, err));
	CDG_TRY(add_section_titles(w, doc, number, err));
	CDG_TRY(add_known_columns(w, doc, number, shown, err));
	inverter_end(&w->inv);
	CDG_TRY(put_record(w, doc, shown, nvalues, &row.store, err));
	CDG_TRY(doctab_writer_add(&w->rows, &row, err));
	d.broken = w->inv.full;
	w->docs[w->ndocs++] = d;
	w->stats.documents++;
	return CDG_OK;
}

cdg_status
worker_add(worker *w, const document *doc, uint64_t order, uint32_t origin, cdg_error *err)
{
	cdg_status st = take_document(w, doc, order, origin, err);

	worker_tell(w);
	return st;
}

bool
worker_fail(worker *w, uint64_t order, uint32_t origin, uint64_t line, const char *message)
{
	char *copy;

	if (!mem_grow(&w->failures, &w->failures_cap, w->nfailures + 1, sizeof *w->failures))
		return false;
	copy = mem_strdup(message);
	if (!copy)
		return false;
	w->failures[w->nfailures++] = (worker_failure){ order, origin, line, copy };
	return true;
}

/* Report what the reader says of one document or failure. */
static cdg_status
note_failure(worker *w, const reader_failure *fail, uint64_t order, uint32_t origin, cdg_error *err)
{
	const writer_options *o = w->shared->options;

	w->stats.failed += !fail->warning;
	w->stats.warnings += fail->warning && (!fail->skipped || fail->partly);
	if (o->message) {
		pthread_mutex_lock(&w->shared->names.lock);
		if (!fail->general || !w->shared->told_general)
			o->message(o->message_ctx, fail->path, fail->line, fail->warning, fail->message);
		w->shared->told_general |= fail->general;
		pthread_mutex_unlock(&w->shared->names.lock);
	}
	if (fail->warning || worker_fail(w, order, origin, fail->line, fail->message))
		return CDG_OK;
	return err_nomem(err);
}

static cdg_status
note_broken(worker *w, const source_item *item, const document *doc, uint64_t order, uint32_t origin,
	    cdg_error *err)
{
	reader_failure fail = { .set = true, .path = item->path };

	w->stats.documents--;
	snprintf(fail.message, sizeof fail.message, "document %.*s has too many different words for one segment",
		 (int)min_size(doc->id.n, 200), doc->id.p);
	return note_failure(w, &fail, order, origin, err);
}

/* What is to be said of an item that gave nothing, which may be part of a record file. */
static void
note_nothing(worker *w, const source_item *item, const char *skipped)
{
	bool whole = item->kind == SOURCE_FILE || (item->kind == SOURCE_RECORDS && item->offset == 0 && item->last);

	if (whole)
		snprintf(w->nothing, sizeof w->nothing, "%s", skipped[0] ? skipped : "there is no document in it");
}

cdg_status
worker_item(worker *w, const source_item *item, uint64_t number, uint32_t origin, cdg_error *err)
{
	const writer_options *o = w->shared->options;
	char skipped[sizeof w->nothing] = "";
	reader_failure fail;
	const document *doc;
	uint32_t index = 0;
	bool any = false;

	w->nothing[0] = w->partly[0] = 0;
	CDG_TRY(reader_begin(w->reader, item, err));
	for (;; index++) {
		uint64_t order = WORKER_ORDER(number, index);
		memset(&fail, 0, offsetof(reader_failure, message));
		doc = NULL;
		CDG_TRY(reader_next(w->reader, &doc, &fail, err));
		if (fail.set)
			CDG_TRY(note_failure(w, &fail, order, origin, err));
		any |= doc || (fail.set && !fail.skipped);
		if (fail.skipped && !skipped[0])
			memcpy(skipped, fail.message, sizeof skipped);
		if (fail.partly && !w->partly[0])
			memcpy(w->partly, fail.message, sizeof w->partly);
		if (!doc && !fail.set)
			break;
		if (!doc)
			continue;
		if (!settings_apply(item->settings, item->path, item->kind == SOURCE_RECORDS, doc, &w->made, &doc))
			return err_nomem(err);
		CDG_TRY(worker_add(w, doc, order, origin, err));
		if (unlikely(w->inv.full))
			CDG_TRY(note_broken(w, item, doc, order, origin, err));
		if (o->cancel && atomic_load_explicit(o->cancel, memory_order_relaxed))
			return err_set(err, CDG_E_CANCELLED, "cancelled");
	}
	w->stats.no_landlock |= reader_no_landlock(w->reader);
	if (!any)
		note_nothing(w, item, skipped);
	worker_tell(w); /* of failures, too */
	return CDG_OK;
}
