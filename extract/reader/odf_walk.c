/* odf_walk.c - see odf_walk.h.
 *
 * Styles, metadata, headers and the body come in this order, in one flat file or in the
 * parts of a package.  What stands aside (notes, remarks, headers) is put together in a
 * text of its own, and written where it belongs later. */
#include "extract/reader/odf_walk.h"

#include <stdio.h>

#include "engine/kind.h"

enum { ODF_REPEAT = 20, ODF_VALUE_MAX = 8000 };

enum {
	/* the first ones are kinds of metadata (meta.h) */
	O_SKIP = 32,
	O_META,
	O_BODY,
	O_KIND,
	O_STYLE,
	O_DEFAULT,
	O_PROPERTIES,
	O_TEXT_PROPERTIES,
	O_LIST_STYLE,
	O_OUTLINE_STYLE,
	O_NUMBER,
	O_BULLET,
	O_HEADER,
	O_FIELD,
	O_P,
	O_H,
	O_S,
	O_TAB,
	O_BR,
	O_PAGE,
	O_NOTE,
	O_REMARK,
	O_LIST,
	O_ITEM,
	O_TABLE,
	O_ROW,
	O_CELL,
	O_SLIDE,
	O_FRAME
};

static const part_word odf_words[] = {
	{ "alphabetical-index-source", ODF_TEXT, O_SKIP },
	{ "annotation", ODF_OFFICE, O_REMARK },
	{ "bibliography-source", ODF_TEXT, O_SKIP },
	{ "binary-data", ODF_OFFICE, O_SKIP },
	{ "body", ODF_OFFICE, O_BODY },
	{ "content-validations", ODF_TABLE, O_SKIP },
	{ "covered-table-cell", ODF_TABLE, O_SKIP },
	{ "creation-date", ODF_META, META_CREATED },
	{ "creator", ODF_META, META_AUTHOR },
	{ "date", ODF_TEXT, O_FIELD },
	{ "date", ODF_META, META_MODIFIED },
	{ "default-style", ODF_STYLE, O_DEFAULT },
	{ "desc", ODF_OTHER, O_S }, /* of an image: words in their place */
	{ "description", ODF_META, META_DESCRIPTION },
	{ "document", ODF_OFFICE, O_KIND },
	{ "document-content", ODF_OFFICE, O_KIND },
	{ "drawing", ODF_OFFICE, O_KIND },
	{ "endnote-body", ODF_TEXT, O_NOTE },
	{ "endnote-citation", ODF_TEXT, O_SKIP },
	{ "file-name", ODF_TEXT, O_FIELD },
	{ "footer", ODF_STYLE, O_HEADER },
	{ "footer-decl", ODF_PRESENTATION, O_HEADER },
	{ "footer-left", ODF_STYLE, O_HEADER },
	{ "footnote-body", ODF_TEXT, O_NOTE },
	{ "footnote-citation", ODF_TEXT, O_SKIP },
	{ "forms", ODF_OFFICE, O_SKIP },
	{ "frame", ODF_DRAW, O_FRAME },
	{ "h", ODF_TEXT, O_H },
	{ "header", ODF_STYLE, O_HEADER },
	{ "header-decl", ODF_PRESENTATION, O_HEADER },
	{ "header-left", ODF_STYLE, O_HEADER },
	{ "illustration-index-source", ODF_TEXT, O_SKIP },
	{ "initial-creator", ODF_META, META_AUTHOR },
	{ "keyword", ODF_META, META_KEYWORDS },
	{ "language", ODF_META, META_LANG },
	{ "line-break", ODF_TEXT, O_BR },
	{ "list", ODF_TEXT, O_LIST },
	{ "list-item", ODF_TEXT, O_ITEM },
	{ "list-level-style-bullet", ODF_TEXT, O_BULLET },
	{ "list-level-style-number", ODF_TEXT, O_NUMBER },
	{ "list-style", ODF_TEXT, O_LIST_STYLE },
	{ "meta", ODF_OFFICE, O_META },
	{ "note-body", ODF_TEXT, O_NOTE },
	{ "note-citation", ODF_TEXT, O_SKIP },
	{ "object", ODF_DRAW, O_SKIP },
	{ "object-index-source", ODF_TEXT, O_SKIP },
	{ "ordered-list", ODF_TEXT, O_LIST },
	{ "outline-level-style", ODF_TEXT, O_NUMBER },
	{ "outline-style", ODF_TEXT, O_OUTLINE_STYLE },
	{ "p", ODF_TEXT, O_P },
	{ "page", ODF_DRAW, O_SLIDE },
	{ "page-count", ODF_TEXT, O_FIELD },
	{ "page-number", ODF_TEXT, O_FIELD },
	{ "paragraph-properties", ODF_STYLE, O_PROPERTIES },
	{ "presentation", ODF_OFFICE, O_KIND },
	{ "properties", ODF_STYLE, O_PROPERTIES },
	{ "publisher", ODF_META, META_PUBLISHER },
	{ "ruby-text", ODF_TEXT, O_SKIP },
	{ "s", ODF_TEXT, O_S },
	{ "script", ODF_TEXT, O_SKIP },
	{ "scripts", ODF_OFFICE, O_SKIP },
	{ "sheet-name", ODF_TEXT, O_FIELD },
	{ "soft-page-break", ODF_TEXT, O_PAGE },
	{ "spreadsheet", ODF_OFFICE, O_KIND },
	{ "style", ODF_STYLE, O_STYLE },
	{ "subject", ODF_META, META_SUBJECT },
	{ "tab", ODF_TEXT, O_TAB },
	{ "tab-stop", ODF_TEXT, O_TAB },
	{ "table", ODF_TABLE, O_TABLE },
	{ "table-cell", ODF_TABLE, O_CELL },
	{ "table-index-source", ODF_TEXT, O_SKIP },
	{ "table-of-content-source", ODF_TEXT, O_SKIP },
	{ "table-row", ODF_TABLE, O_ROW },
	{ "text", ODF_OFFICE, O_KIND },
	{ "text-properties", ODF_STYLE, O_TEXT_PROPERTIES },
	{ "time", ODF_TEXT, O_FIELD },
	{ "title", ODF_TEXT, O_FIELD },
	{ "title", ODF_META, META_TITLE },
	{ "title", ODF_OTHER, O_SKIP },
	{ "tracked-changes", ODF_TEXT, O_SKIP },
	{ "tracked-changes", ODF_TABLE, O_SKIP },
	{ "unordered-list", ODF_TEXT, O_LIST },
	{ "user-index-source", ODF_TEXT, O_SKIP },
};

static bool
odf_is_body(const odf_walk *w)
{
	return w->o == &w->out[0];
}

/* ---- pages and asides --------------------------------------------------------------- */

static void
odf_page(odf_walk *w)
{
	char label[16];
	int n;

	if (!odf_is_body(w) || w->b->text.len == w->page_start)
		return;
	n = snprintf(label, sizeof label, "%u", ++w->page);
	compose_page(&w->o->c, read_str(label, (size_t)n));
	w->page_start = w->b->text.len;
}

/* False: nothing stands aside of what stands aside. */
static bool
odf_aside_begin(odf_walk *w, char kind)
{
	odf_out *o = &w->out[1];

	if (!odf_is_body(w) || w->nasides == ODF_ASIDES)
		return false;
	if (!mem_grow(&w->asides, &w->asides_cap, w->nasides + 1, sizeof *w->asides)) {
		w->nomem = true;
		return false;
	}
	w->o = o;
	o->c.pending = COMPOSE_NONE;
	grid_init(&o->grid, &o->c, true);
	o->boxes = 0;
	o->p.open = false;
	w->asides[w->nasides++] = (odf_aside){ kind, w->scratch.text.len, w->scratch.text.len };
	if (kind == 'a') {
		compose_raw(&o->c, "[Comment", 8);
		w->remark_begun = true;
	}
	return true;
}

static void
odf_aside_end(odf_walk *w)
{
	const buf *text = &w->scratch.text;
	odf_aside *a;

	if (odf_is_body(w))
		return;
	a = &w->asides[w->nasides - 1];
	a->end = text->len;
	while (a->start < a->end && compose_is_space((char)text->p[a->start]))
		a->start++;
	w->o = &w->out[0];
	w->remark_begun = w->in_author = false;
}

static void
odf_write_aside(odf_walk *w, const odf_aside *a)
{
	compose_ask(&w->o->c, COMPOSE_PARAGRAPH);
	compose_raw(&w->o->c, (const char *)w->scratch.text.p + a->start, a->end - a->start);
	compose_ask(&w->o->c, COMPOSE_PARAGRAPH);
}

/* Notes of the paragraph that has ended. */
static void
odf_notes(odf_walk *w)
{
	compose *c = &w->o->c;
	char label[24];

	for (; w->shown < w->nasides; w->shown++) {
		const odf_aside *a = &w->asides[w->shown];
		int n;

		if (a->kind != 'n' || a->end <= a->start || w->scratch.text.failed)
			continue;
		n = snprintf(label, sizeof label, "%u", ++w->notes);
		compose_ask(c, COMPOSE_PARAGRAPH);
		compose_section(c, GRID_RANK_NOTE, tree_kind_name(TREE_FOOTNOTE), read_str(label, (size_t)n));
		odf_write_aside(w, a);
		compose_section_end(c, GRID_RANK_NOTE);
	}
}

/* ---- paragraphs ------------------------------------------------------------------------ */

static bool
odf_is_title(const odf_walk *w, const odf_style *style)
{
	for (unsigned i = 0; style && i < 8; i++) {
		if (strcmp(style->name, "Title") == 0 || strcmp(style->parent, "Title") == 0)
			return true;
		style = odf_style_find(&w->styles, read_str(style->parent, strlen(style->parent)));
	}
	return false;
}

static void
odf_number(odf_walk *w, long heading, bool unnumbered)
{
	unsigned i = w->depth - 1;

	w->value.len = 0;
	if (w->depth && w->depth <= ODF_LEVELS && w->lists[i].pending) {
		w->lists[i].pending = false;
		if (w->lists[i].style)
			odf_list_count(w->lists[i].style, w->counts, i, w->lists[i].start, &w->value);
		w->lists[i].start = 0;
	} else if (heading && !unnumbered && !w->depth) {
		odf_list_style *list = odf_list_find(&w->styles, read_str("", 0));

		if (list && heading <= ODF_LEVELS)
			odf_list_count(list, w->headings, (unsigned)heading - 1, 0, &w->value);
	}
	compose_text(&w->o->c, (const char *)w->value.p, w->value.len);
	if (w->value.len)
		compose_ask(&w->o->c, COMPOSE_SPACE);
	w->nomem |= w->value.failed;
}

static bool
odf_paragraph_begin(odf_walk *w, const part_atts *atts, bool heading)
{
	odf_out *o = w->o;
	const odf_style *style = odf_style_find(&w->styles, part_att(atts, ODF_TEXT, "style-name"));
	long level = heading ? part_att_number(atts, ODF_TEXT, "outline-level", part_att_number(atts, ODF_TEXT, "level", 1)) : 0;

	if (!w->in_body && odf_is_body(w))
		return false;
	if (o->p.open) {
		if (o->boxes == ODF_BOXES)
			return false;
		o->outer[o->boxes++] = o->p;
	}
	if (style && style->page && !w->slides && !w->sheets && !o->grid.depth && !o->p.open)
		odf_page(w);
	if (w->remark_begun)
		compose_raw(&o->c, "] ", 2);
	else if (w->depth && !o->grid.depth)
		compose_ask(&o->c, COMPOSE_LINE);
	else
		grid_paragraph(&o->grid);
	w->remark_begun = false;
	o->p = (odf_paragraph){ .start = o->c.b->text.len, .open = true, .title = odf_is_body(w) && odf_is_title(w, style) };
	if (level > 0 && odf_is_body(w) && !o->boxes)
		compose_heading_begin(&o->c, (unsigned)level, NULL);
	odf_number(w, level > 0 ? level : 0, part_is(part_att(atts, ODF_TEXT, "is-list-header"), "true"));
	return true;
}

static void
odf_paragraph_end(odf_walk *w)
{
	odf_out *o = w->o;
	const buf *text = &o->c.b->text;

	if (o->p.title && !w->title.n && !text->failed && text->len > o->p.start) {
		w->title = read_build_copy(w->b, (char *)text->p + o->p.start, text->len - o->p.start);
		if (!w->b->failed)
			w->title = compose_collapse((char *)(uintptr_t)w->title.p, w->title.n);
	}
	o->p.open = false;
	if (o->boxes) {
		o->p = o->outer[--o->boxes];
		compose_ask(&o->c, COMPOSE_PARAGRAPH);
		return;
	}
	if (!w->title_frame)
		compose_heading_end(&o->c);
	if (odf_is_body(w) && !o->grid.depth)
		odf_notes(w);
}

/* ---- lists ------------------------------------------------------------------------------- */

static void
odf_list_open(odf_walk *w, const part_atts *atts)
{
	doc_str name = part_att(atts, ODF_TEXT, "style-name");
	bool goes_on = part_is(part_att(atts, ODF_TEXT, "continue-numbering"), "true") ||
		       part_att(atts, ODF_TEXT, "continue-list").n > 0;
	unsigned i = w->depth++;
	odf_list_style *style;

	if (i == 0)
		compose_ask(&w->o->c, w->o->grid.depth ? COMPOSE_NONE : COMPOSE_PARAGRAPH);
	if (i >= ODF_LEVELS)
		return;
	style = name.n ? odf_list_find(&w->styles, name) : i ? w->lists[i - 1].style : NULL;
	w->lists[i].style = style;
	w->lists[i].pending = false;
	w->lists[i].start = 0;
	w->lists[i].goes_on = goes_on || (i && w->lists[i - 1].goes_on);
	if (i == 0 && goes_on && style)
		memcpy(w->counts, style->counts, sizeof w->counts);
	else if (i == 0)
		memset(w->counts, 0, sizeof w->counts);
	else if (!w->lists[i].goes_on)
		w->counts[i] = 0;
}

static void
odf_list_close(odf_walk *w)
{
	if (!w->depth || --w->depth)
		return;
	if (w->lists[0].style)
		memcpy(w->lists[0].style->counts, w->counts, sizeof w->counts);
	compose_ask(&w->o->c, w->o->grid.depth ? COMPOSE_NONE : COMPOSE_PARAGRAPH);
}

static void
odf_item(odf_walk *w, const part_atts *atts)
{
	if (!w->depth || w->depth > ODF_LEVELS)
		return;
	w->lists[w->depth - 1].pending = true;
	w->lists[w->depth - 1].start = (unsigned)(part_att_number(atts, ODF_TEXT, "start-value", 0) & 0x3fffffff);
}

/* ---- tables -------------------------------------------------------------------------------- */

static void
odf_table(odf_walk *w, const part_atts *atts)
{
	doc_str name = part_att(atts, ODF_TABLE, "name");
	odf_out *o = w->o;

	if (w->sheets && !o->grid.depth && odf_is_body(w)) {
		compose_ask(&o->c, COMPOSE_PARAGRAPH);
		compose_heading_begin(&o->c, 1, tree_kind_name(TREE_SECTION));
		compose_text(&o->c, name.p ? name.p : "", name.n);
		compose_heading_end(&o->c);
	}
	o->grid.silent = w->sheets || !odf_is_body(w);
	grid_table(&o->grid, read_str("", 0));
}

/* A cell that is there several times: a line of a thousand zeros is not worth it. */
static void
odf_cell_end(odf_walk *w)
{
	buf *text = &w->o->c.b->text;
	unsigned repeat = min_u32(w->repeat, ODF_REPEAT);
	size_t from = w->cell_start, n;

	w->repeat = 1;
	while (from < text->len && compose_is_space((char)text->p[from]))
		from++;
	n = text->len - from;
	if (!n || w->o->grid.depth != 1 || text->failed)
		return;
	for (; repeat > 1 && text->len < w->most && buf_reserve(text, n + 1); repeat--) {
		buf_put_u8(text, '\t');
		buf_put(text, text->p + from, n);
	}
}

static void
odf_cell(odf_walk *w, const part_atts *atts)
{
	grid_cell(&w->o->grid);
	w->repeat = (unsigned)(part_att_number(atts, ODF_TABLE, "number-columns-repeated", 1) & 0x3fffffff);
	w->cell_start = w->o->c.b->text.len;
}

/* ---- slides ---------------------------------------------------------------------------------- */

static void
odf_slide(odf_walk *w)
{
	compose *c = &w->o->c;
	char label[16];
	int n = snprintf(label, sizeof label, "%u", w->page++);

	if (!odf_is_body(w))
		return;
	compose_section_end(c, 1);
	compose_ask(c, COMPOSE_PARAGRAPH);
	compose_page(c, read_str(label, (size_t)n));
}

static bool
odf_frame(odf_walk *w, const part_atts *atts)
{
	static const char *const everywhere[] = { "date-time", "footer", "header", "page-number", "page" };
	doc_str class = part_att(atts, ODF_PRESENTATION, "class");

	for (size_t i = 0; i < countof(everywhere); i++)
		if (part_is(class, everywhere[i]))
			return false;
	if (part_is(class, "title") && odf_is_body(w) && !w->title_frame) {
		compose_ask(&w->o->c, COMPOSE_PARAGRAPH);
		compose_heading_begin(&w->o->c, 1, NULL);
		w->title_frame = true;
	}
	return true;
}

/* ---- the document ------------------------------------------------------------------------------ */

/* What the body is; the root of OpenOffice.org 1 says it in an attribute. */
static void
odf_kind(odf_walk *w, const part_atts *atts)
{
	static const char *const kinds[][2] = {
		{ "text", "odt" }, { "spreadsheet", "ods" }, { "presentation", "odp" }, { "drawing", "odg" }
	};
	doc_str class = part_att(atts, ODF_OFFICE, "class");

	for (size_t i = 0; i < countof(kinds); i++)
		if (strcmp(part_name(atts), kinds[i][0]) == 0 || part_is(class, kinds[i][0])) {
			memcpy(w->format, kinds[i][1], 4);
			w->sheets = i == 1;
			w->slides = i > 1;
		}
	if (w->in_body && !w->sheets && !w->slides && w->page == 1 && !w->b->doc.nsections)
		compose_page(&w->out[0].c, read_str("1", 1));
}

static void
odf_lang(odf_walk *w, const part_atts *atts)
{
	doc_str lang = part_att(atts, ODF_FO, "language"), country = part_att(atts, ODF_FO, "country");

	if (!w->in_default || w->lang[0] || lang.n < 2 || lang.n > 8 || country.n > 8 || part_is(lang, "none") ||
	    part_is(lang, "zxx"))
		return;
	snprintf(w->lang, sizeof w->lang, country.n && !part_is(country, "none") ? "%.*s-%.*s" : "%.*s", (int)lang.n,
		 lang.p, (int)country.n, country.p ? country.p : "");
}

static void
odf_styles_start(odf_walk *w, unsigned id, const part_atts *atts)
{
	if (id == O_STYLE)
		odf_style_begin(&w->styles, atts);
	else if (id == O_DEFAULT)
		w->in_default = part_is(part_att(atts, ODF_STYLE, "family"), "paragraph");
	else if (id == O_PROPERTIES)
		odf_style_properties(&w->styles, atts);
	else if (id == O_LIST_STYLE || id == O_OUTLINE_STYLE)
		odf_list_begin(&w->styles, atts, id == O_OUTLINE_STYLE);
	else if (id == O_NUMBER || id == O_BULLET)
		odf_list_level(&w->styles, atts, id == O_BULLET);
	if (id == O_TEXT_PROPERTIES || id == O_PROPERTIES)
		odf_lang(w, atts);
}

static bool
odf_meta_start(odf_walk *w, unsigned id)
{
	w->value.len = 0;
	w->key = w->in_meta ? (meta_key)id : META_NONE;
	if (id == META_AUTHOR && w->remark_begun) {
		compose_raw(&w->o->c, ", ", 2);
		w->in_author = true;
	}
	return true;
}

static bool
odf_text_start(odf_walk *w, unsigned id, const part_atts *atts)
{
	switch (id) {
	case O_P:
	case O_H:
		return odf_paragraph_begin(w, atts, id == O_H);
	case O_S:
		compose_ask(&w->o->c, COMPOSE_SPACE);
		break;
	case O_TAB:
		compose_ask(&w->o->c, COMPOSE_TAB);
		break;
	case O_BR:
		compose_ask(&w->o->c, COMPOSE_LINE);
		break;
	case O_PAGE:
		w->shown_pages = true;
		odf_page(w);
		break;
	case O_LIST:
		odf_list_open(w, atts);
		break;
	case O_ITEM:
		odf_item(w, atts);
		break;
	case O_TABLE:
		odf_table(w, atts);
		break;
	case O_ROW:
		grid_row(&w->o->grid);
		break;
	case O_CELL:
		odf_cell(w, atts);
		break;
	case O_SLIDE:
		odf_slide(w);
		break;
	case O_FRAME:
		return odf_frame(w, atts);
	default:
		break;
	}
	return true;
}

static bool
odf_start(void *ctx, unsigned id, const part_atts *atts)
{
	odf_walk *w = ctx;

	if (id == O_SKIP || w->b->text.len > w->most)
		return false;
	if (id && id < O_SKIP)
		return odf_meta_start(w, id);
	if (id >= O_STYLE && id <= O_BULLET)
		odf_styles_start(w, id, atts);
	else if (id == O_META)
		w->in_meta = true;
	else if (id == O_BODY)
		w->in_body = true;
	else if (id == O_KIND)
		odf_kind(w, atts);
	else if (id == O_HEADER)
		return !part_is(part_att(atts, ODF_STYLE, "display"), "false") && odf_aside_begin(w, 'h');
	else if (id == O_NOTE)
		return odf_aside_begin(w, 'n');
	else if (id == O_REMARK)
		return odf_aside_begin(w, 'a');
	else if (id == O_FIELD)
		return odf_is_body(w);
	else if (id && (w->in_body || !odf_is_body(w)))
		return odf_text_start(w, id, atts);
	return true;
}

static void
odf_end(void *ctx, unsigned id)
{
	odf_walk *w = ctx;

	if (id && id < O_SKIP) {
		if (w->key && w->value.len && !w->value.failed)
			meta_set(w->b, w->key, read_str((const char *)w->value.p, w->value.len));
		w->key = META_NONE;
		w->in_author = false;
	} else if (id == O_META) {
		w->in_meta = false;
	} else if (id == O_S) {
		compose_ask(&w->o->c, COMPOSE_SPACE);
	} else if (id == O_BODY) {
		w->in_body = false;
	} else if (id == O_DEFAULT) {
		w->in_default = false;
	} else if (id == O_STYLE) {
		w->styles.style = NULL;
	} else if (id == O_HEADER || id == O_NOTE || id == O_REMARK) {
		odf_aside_end(w);
	} else if (id == O_P || id == O_H) {
		odf_paragraph_end(w);
	} else if (id == O_LIST && (w->in_body || !odf_is_body(w))) {
		odf_list_close(w);
	} else if (id == O_CELL) {
		odf_cell_end(w);
	} else if (id == O_TABLE && (w->in_body || !odf_is_body(w))) {
		grid_table_end(&w->o->grid);
		if (odf_is_body(w) && !w->o->grid.depth)
			odf_notes(w);
	} else if (id == O_FRAME && w->title_frame) {
		w->title_frame = false;
		compose_heading_end(&w->o->c);
	}
}

static void
odf_text(void *ctx, const char *p, size_t n)
{
	odf_walk *w = ctx;

	if (w->key && w->value.len + n < ODF_VALUE_MAX)
		buf_put(&w->value, p, n);
	else if (w->o->p.open || w->in_author || (!odf_is_body(w) && w->asides[w->nasides - 1].kind == 'h'))
		compose_text(&w->o->c, p, n);
}

const part_reader odf_walk_reader = { odf_words, countof(odf_words), odf_space, odf_start, odf_end, odf_text };

void
odf_walk_init(odf_walk *w, read_build *b, uint64_t most)
{
	memset(w, 0, sizeof *w);
	w->b = b;
	w->most = most;
	w->page = 1;
	read_build_init(&w->scratch);
	odf_styles_init(&w->styles);
	compose_init(&w->out[0].c, b);
	compose_init(&w->out[1].c, &w->scratch);
	grid_init(&w->out[0].grid, &w->out[0].c, false);
	grid_init(&w->out[1].grid, &w->out[1].c, true);
	w->o = &w->out[0];
	buf_init(&w->value);
}

void
odf_walk_fini(odf_walk *w)
{
	odf_styles_fini(&w->styles);
	read_build_fini(&w->scratch);
	mem_free(w->asides);
	buf_fini(&w->value);
}

/* "Page" is what is left of most headers. */
static bool
odf_is_worth(const odf_walk *w, const odf_aside *a)
{
	const char *p = (const char *)w->scratch.text.p;
	unsigned words = 0, letters = 0;

	if (a->kind != 'h')
		return true;
	for (size_t i = a->start; i < a->end; i++) {
		letters = (p[i] | 0x20) >= 'a' || p[i] < 0 ? letters + 1 : 0;
		words += letters == 2;
	}
	if (words < 2)
		return false;
	for (const odf_aside *o = w->asides; o < a; o++)
		if (o->kind == 'h' && o->end - o->start == a->end - a->start &&
		    memcmp(p + o->start, p + a->start, a->end - a->start) == 0)
			return false;
	return true;
}

void
odf_walk_end(odf_walk *w)
{
	read_build *b = w->b;

	while (!odf_is_body(w))
		odf_aside_end(w);
	compose_heading_end(&w->o->c);
	odf_notes(w);
	compose_section_end(&w->o->c, 0);
	for (size_t i = 0; i < w->nasides && !w->scratch.text.failed; i++) {
		const odf_aside *a = &w->asides[i];

		if (a->kind != 'n' && a->end > a->start && odf_is_worth(w, a))
			odf_write_aside(w, a);
	}
	grid_finish(b);
	compose_end(&w->o->c);
	if (!w->slides && !w->shown_pages)
		grid_without_pages(b);
	if (strcmp(w->lang, "en-US") != 0)
		meta_set(b, META_LANG, read_str(w->lang, strlen(w->lang)));
	if (w->nomem || w->styles.nomem || w->scratch.failed || w->scratch.text.failed)
		b->failed = true;
}
