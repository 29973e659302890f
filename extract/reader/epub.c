/* epub.c - EPUB 2 and 3.
 *
 * One document: the chapters in the order of the spine, read as HTML is; their headings
 * are sections, and a chapter without one is a section by its name in the table of
 * contents.  Title, author, publisher, subject, description, type, language and dates are
 * those of the OPF file. */
#include "engine/kind.h"
#include "extract/compose.h"
#include "extract/read_encoding.h"
#include "extract/read_file.h"
#include "extract/reader/meta.h"
#include "extract/reader/office.h"
#include "extract/reader/part.h"

enum {
	EPUB_ITEMS = 50000,
	EPUB_CHAPTER_MAX = 64 << 20,
	EPUB_VALUE_MAX = 8000,
};

enum { E_ANY, E_DC, E_OPF_META };

enum { E_ROOTFILE = 32, E_META, E_ITEM, E_REF, E_CONTENT, E_LABEL, E_LINK };

typedef struct epub_item {
	const char *id;
	long member;
} epub_item;

typedef struct epub {
	package *p;
	read_build *b;
	read_build chapter;
	const char *opf; /* its path */
	long opf_member;
	epub_item *items;
	long *spine;        /* members */
	const char **names; /* by member, of the table of contents */
	size_t nitems, items_cap, nspine, spine_cap;
	long toc; /* member: nav or ncx; -1: none */
	bool nav; /* toc is a page */
	arena strings;
	buf value;
	meta_key key;
	bool in_label;
	long target; /* of the link that is open */
	part_result result;
	bool nomem;
} epub;

static unsigned
epub_space(const char *uri)
{
	return strstr(uri, "purl.org/dc/") ? E_DC : E_ANY;
}

/* ---- the OPF file -------------------------------------------------------------- */

static void
epub_item_add(epub *x, const part_atts *atts)
{
	doc_str id = part_att(atts, PART_ANY, "id"), properties = part_att(atts, PART_ANY, "properties");
	long member = package_resolve(x->p, x->opf, part_att(atts, PART_ANY, "href"));
	epub_item *item;

	if (!id.p || member < 0 || x->nitems == EPUB_ITEMS)
		return;
	if (!mem_grow(&x->items, &x->items_cap, x->nitems + 1, sizeof *x->items)) {
		x->nomem = true;
		return;
	}
	item = &x->items[x->nitems++];
	item->id = arena_strndup(&x->strings, id.p, id.n);
	item->member = member;
	x->nomem |= !item->id;
	if (part_is(properties, "nav")) {
		x->toc = member;
		x->nav = true;
	} else if (!x->nav && part_is(part_att(atts, PART_ANY, "media-type"), "application/x-dtbncx+xml")) {
		x->toc = member;
	}
}

static int
epub_item_order(const void *a, const void *b)
{
	return strcmp(((const epub_item *)a)->id, ((const epub_item *)b)->id);
}

static void
epub_ref(epub *x, doc_str id)
{
	char name[256];
	epub_item key = { name, -1 }, *item;

	if (x->nspine == 0 && x->nitems) /* the manifest is complete */
		qsort(x->items, x->nitems, sizeof *x->items, epub_item_order);
	if (!id.n || id.n >= sizeof name || x->nspine == EPUB_ITEMS)
		return;
	memcpy(name, id.p, id.n);
	name[id.n] = 0;
	item = x->nitems ? bsearch(&key, x->items, x->nitems, sizeof key, epub_item_order) : NULL;
	if (!item)
		return;
	if (!mem_grow(&x->spine, &x->spine_cap, x->nspine + 1, sizeof *x->spine))
		x->nomem = true;
	else
		x->spine[x->nspine++] = item->member;
}

static bool
epub_start(void *ctx, unsigned id, const part_atts *atts)
{
	epub *x = ctx;

	if (id && id < E_ROOTFILE) {
		x->key = (meta_key)id;
		x->value.len = 0;
		if (id == META_CREATED && part_is(part_att(atts, PART_ANY, "event"), "modification"))
			x->key = META_MODIFIED;
	} else if (id == E_META) {
		x->value.len = 0;
		x->key = part_is(part_att(atts, PART_ANY, "property"), "dcterms:modified") ? META_MODIFIED : META_NONE;
	} else if (id == E_ROOTFILE && x->opf_member < 0) {
		x->opf_member = package_resolve(x->p, "", part_att(atts, PART_ANY, "full-path"));
	} else if (id == E_ITEM && x->opf) { /* container.xml may say anything */
		epub_item_add(x, atts);
	} else if (id == E_REF) {
		epub_ref(x, part_att(atts, PART_ANY, "idref"));
	}
	return true;
}

static void
epub_end(void *ctx, unsigned id)
{
	epub *x = ctx;

	if (id && x->key && x->value.len && !x->value.failed)
		meta_set(x->b, x->key, read_str((const char *)x->value.p, x->value.len));
	x->key = META_NONE;
}

static void
epub_text(void *ctx, const char *p, size_t n)
{
	epub *x = ctx;

	if (x->key && x->value.len + n < EPUB_VALUE_MAX)
		buf_put(&x->value, p, n);
}

/* ---- the table of contents ----------------------------------------------------------- */

static void
epub_toc_name(epub *x)
{
	doc_str s = compose_collapse((char *)x->value.p, x->value.len);

	if (x->target >= 0 && s.n && !x->value.failed && !x->names[x->target]) {
		x->names[x->target] = arena_strndup(&x->strings, s.p, s.n);
		x->nomem |= !x->names[x->target];
	}
	x->target = -1;
}

static bool
epub_toc_start(void *ctx, unsigned id, const part_atts *atts)
{
	epub *x = ctx;

	if (id == E_LABEL || id == E_LINK) {
		x->value.len = 0;
		x->in_label = true;
	}
	if (id == E_LINK)
		x->target = package_resolve(x->p, package_at(x->p, (size_t)x->toc)->name, part_att(atts, PART_ANY, "href"));
	if (id == E_CONTENT) { /* follows the label */
		x->target = package_resolve(x->p, package_at(x->p, (size_t)x->toc)->name, part_att(atts, PART_ANY, "src"));
		epub_toc_name(x);
	}
	return true;
}

static void
epub_toc_end(void *ctx, unsigned id)
{
	epub *x = ctx;

	if (id == E_LINK)
		epub_toc_name(x);
	if (id == E_LINK || id == E_LABEL)
		x->in_label = false;
}

static void
epub_toc_text(void *ctx, const char *p, size_t n)
{
	epub *x = ctx;

	if (x->in_label && x->value.len + n < EPUB_VALUE_MAX)
		buf_put(&x->value, p, n);
}

/* ---- chapters ---------------------------------------------------------------------------- */

/* A chapter was read by itself; its text and sections go behind what there is. */
static void
epub_append(epub *x, const char *name)
{
	read_build *b = x->b, *c = &x->chapter;
	const document *d = &c->doc;
	size_t at;

	if (!d->text.n || b->text.len + d->text.n > UINT32_MAX)
		return;
	if (b->text.len)
		buf_puts(&b->text, "\n\n");
	at = b->text.len;
	if (name && (!d->nsections || c->sections[0].start > 200))
		read_build_section(b, at, 1, tree_kind_name(TREE_CHAPTER), read_str(name, strlen(name)));
	for (size_t i = 0; i < d->nsections; i++) {
		const doc_section *s = &c->sections[i];

		if (s->level < READ_BUILD_RANKS && s->kind != tree_kind_name(TREE_PAGE))
			read_build_section(b, at + s->start, s->level, s->kind, s->label);
	}
	buf_put(&b->text, d->text.p, d->text.n);
	if (!b->doc.lang.n && d->lang.n)
		meta_set(b, META_LANG, d->lang);
}

static cdg_status
epub_chapter(epub *x, size_t member, cdg_error *err)
{
	const char *view;
	uint64_t replaced = 0;
	size_t n;
	buf raw, clean;
	cdg_status st;

	buf_init(&raw);
	buf_init(&clean);
	read_build_reset(&x->chapter);
	st = package_read(x->p, member, EPUB_CHAPTER_MAX, &raw, err);
	if (st == CDG_OK && raw.len)
		st = read_encoding((const char *)raw.p, raw.len, &clean, &view, &n, &replaced, err);
	if (st == CDG_OK && raw.len) {
		if (!read_html(&x->chapter, "", read_str(view, n)))
			st = err_nomem(err);
		else
			epub_append(x, x->names[member]);
		x->b->doc.replaced += replaced;
	}
	buf_fini(&raw);
	buf_fini(&clean);
	return st;
}

static cdg_status
epub_read(epub *x, size_t container, uint64_t most, cdg_error *err)
{
	static const part_word words[] = {
		{ "creator", E_DC, META_AUTHOR },     { "date", E_DC, META_CREATED },	  { "description", E_DC, META_DESCRIPTION },
		{ "item", E_ANY, E_ITEM },	      { "itemref", E_ANY, E_REF },	  { "language", E_DC, META_LANG },
		{ "meta", E_ANY, E_META },	      { "publisher", E_DC, META_PUBLISHER }, { "rootfile", E_ANY, E_ROOTFILE },
		{ "subject", E_DC, META_SUBJECT },    { "title", E_DC, META_TITLE },	  { "type", E_DC, META_TYPE },
	};
	static const part_word toc_words[] = {
		{ "a", E_ANY, E_LINK },
		{ "content", E_ANY, E_CONTENT },
		{ "navLabel", E_ANY, E_LABEL },
	};
	static const part_reader opf = { words, countof(words), epub_space, epub_start, epub_end, epub_text };
	static const part_reader toc = { toc_words, countof(toc_words), epub_space, epub_toc_start, epub_toc_end, epub_toc_text };

	CDG_TRY(part_parse(x->p, container, &opf, x, &x->result, err));
	if (x->opf_member < 0)
		return CDG_OK;
	x->opf = package_at(x->p, (size_t)x->opf_member)->name;
	CDG_TRY(part_parse(x->p, (size_t)x->opf_member, &opf, x, &x->result, err));
	x->target = -1;
	if (x->toc >= 0)
		CDG_TRY(part_parse(x->p, (size_t)x->toc, &toc, x, &x->result, err));
	for (size_t i = 0; i < x->nspine && x->b->text.len < most; i++)
		if (x->spine[i] != x->toc)
			CDG_TRY(epub_chapter(x, (size_t)x->spine[i], err));
	return x->nomem || x->value.failed ? err_nomem(err) : CDG_OK;
}

cdg_status
office_epub(extract_job *job, const extract_input *in, package *p, const char *main_part, cdg_error *err)
{
	long container = package_find(p, main_part);
	read_build *b = extract_begin(job, in);
	epub x = { .p = p, .b = b, .opf_member = -1, .toc = -1, .target = -1 };
	compose end;
	cdg_status st;

	if (container < 0)
		return extract_problem(job, in, false, err, "an e-book without META-INF/container.xml");
	arena_init(&x.strings);
	buf_init(&x.value);
	read_build_init(&x.chapter);
	x.names = mem_calloc(package_count(p), sizeof *x.names);
	st = x.names ? epub_read(&x, (size_t)container, job->limits.text, err) : err_nomem(err);
	if (st == CDG_OK && x.opf_member < 0) {
		st = extract_problem(job, in, false, err, "an e-book without its OPF file");
	} else if (st == CDG_OK) {
		compose_init(&end, b);
		compose_end(&end);
		meta_title_else(b, read_file_name(in->name));
		part_warn(b, x.result);
		st = office_give(job, in, p, "epub", err);
	}
	mem_free(x.items);
	mem_free(x.spine);
	mem_free(x.names);
	arena_fini(&x.strings);
	buf_fini(&x.value);
	read_build_fini(&x.chapter);
	return st;
}
