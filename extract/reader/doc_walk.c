/* doc_walk.c - the text of a Word file, paragraph by paragraph: what a paragraph is, its last
 * character tells. */
#include "extract/reader/doc.h"

#include <stdio.h>

enum { FIELD_DEPTH = 64, WALK_HEADERS = 6 /* stories in front of the headers: lines above notes */ };

enum {
	C_NOTE = 2,
	C_CELL = 7,
	C_TAB = 9,
	C_LINE = 11,
	C_PAGE = 12,
	C_PARAGRAPH = 13,
	C_COLUMN = 14,
	C_FIELD = 19,
	C_RESULT = 20,
	C_FIELD_END = 21,
	C_HYPHEN = 30,
	C_SOFT_HYPHEN = 31,
	C_SYMBOL = 40
};

/* Where in the text, and in which piece. */
typedef struct walk_at {
	const doc *d;
	size_t piece;
	uint32_t cp;
} walk_at;

/* References in the body, and where their notes are. */
typedef struct walk_notes {
	rd refs, texts;
	size_t n, next;
	uint32_t base, size, last; /* last: where the note before ended, so that none is read twice */
} walk_notes;

typedef struct walk {
	doc *d;
	rtf_out *o;
	rtf_sink sink;
	bool body;	 /* notes and headings are looked for */
	bool leading;	 /* of what stands aside: nothing came yet */
	unsigned fields; /* that are open */
	bool instruction[FIELD_DEPTH];
	doc_chars chars;
	uint32_t until; /* byte up to which chars holds, in the piece of number run_piece */
	size_t run_piece;
	uint16_t style;
	walk_notes notes[2];
	buf number;
} walk;

/* ---- characters ----------------------------------------------------------------------- */

static walk_at
walk_begin(const doc *d, uint32_t cp)
{
	size_t lo = 0, hi = d->npieces;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (d->pieces[mid].cp + d->pieces[mid].n <= cp)
			lo = mid + 1;
		else
			hi = mid;
	}
	return (walk_at){ d, lo, cp };
}

/* The character, and its byte; -1 behind the last piece. */
static int32_t
walk_char(walk_at *w, uint32_t *at, bool *wide)
{
	const doc_piece *p;

	while (w->piece < w->d->npieces && w->cp >= w->d->pieces[w->piece].cp + w->d->pieces[w->piece].n)
		w->piece++;
	if (w->piece == w->d->npieces)
		return -1;
	p = &w->d->pieces[w->piece];
	*wide = p->wide;
	*at = p->at + (w->cp - p->cp) * (p->wide ? 2 : 1);
	w->cp++;
	return p->wide ? load_u16(w->d->main.p + *at) : w->d->main.p[*at];
}

static bool
walk_hidden(const walk *w)
{
	unsigned n = w->fields < FIELD_DEPTH ? w->fields : FIELD_DEPTH;

	for (unsigned i = 0; i < n; i++)
		if (w->instruction[i])
			return true;
	return false;
}

static void
walk_field(walk *w, int32_t c)
{
	if (c == C_FIELD) {
		if (w->fields < FIELD_DEPTH)
			w->instruction[w->fields] = true;
		w->fields++;
	} else if (w->fields) {
		if (w->fields <= FIELD_DEPTH)
			w->instruction[w->fields - 1] = false;
		w->fields -= c == C_FIELD_END;
	}
}

static void
walk_put(walk *w, int32_t c, bool wide)
{
	if (w->leading && (c == ' ' || c == C_TAB))
		return;
	w->leading = false;
	if (c == C_SYMBOL && w->chars.symbol)
		rtf_out_unit(w->o, w->sink, 0x2022);
	else if (wide)
		rtf_out_unit(w->o, w->sink, (uint16_t)c);
	else
		rtf_out_byte(w->o, w->sink, w->d->page, (char)c);
}

static void
walk_one(walk *w, int32_t c, bool wide)
{
	if (c >= C_FIELD && c <= C_FIELD_END)
		walk_field(w, c);
	else if (walk_hidden(w) || w->chars.hidden)
		return;
	else if (c >= ' ')
		walk_put(w, c, wide);
	else if (c == C_TAB && !w->leading)
		rtf_out_break(w->o, w->sink, COMPOSE_TAB);
	else if (c == C_LINE || c == C_COLUMN)
		rtf_out_break(w->o, w->sink, COMPOSE_LINE);
	else if (c == C_HYPHEN)
		walk_put(w, '-', false);
}

/* ---- paragraphs ----------------------------------------------------------------------- */

static bool
walk_ends(int32_t c)
{
	return c == C_PARAGRAPH || c == C_CELL || c == C_PAGE;
}

/* Of the paragraph that begins here: the end of it, and what it is. */
static doc_para
walk_paragraph_of(walk_at w, uint32_t end, uint32_t *next)
{
	const doc *d = w.d;
	uint32_t at = 0;
	int32_t c = 0;
	bool wide;

	while (w.cp < end && c >= 0 && !walk_ends(c))
		c = walk_char(&w, &at, &wide);
	*next = c < 0 ? end : w.cp;
	return doc_para_at(d, at);
}

static void
walk_end(walk *w, int32_t c, const doc_para *p)
{
	if (w->sink == RTF_BODY && c == C_CELL && w->d->old)
		rtf_out_break(w->o, w->sink, COMPOSE_TAB);
	else if (c == C_CELL && p->row_end)
		rtf_out_row(w->o, w->sink);
	else if (c == C_CELL)
		rtf_out_cell(w->o, w->sink);
	else if (p->inner_row_end)
		rtf_out_break(w->o, w->sink, COMPOSE_LINE);
	else if (p->inner_cell)
		rtf_out_break(w->o, w->sink, COMPOSE_TAB);
	else
		rtf_out_paragraph(w->o, w->sink);
}

static void
walk_number(walk *w, const doc_para *p)
{
	docx_props props = { p->outline, p->list, p->level };

	if (p->list <= 0 || p->row_end || p->inner_row_end)
		return;
	w->number.len = 0;
	docx_lists_number(&w->d->lists, NULL, props, NULL, &w->number);
	w->d->nomem |= w->number.failed;
	if (!w->number.len || w->number.failed)
		return;
	rtf_out_text(w->o, w->sink, (const char *)w->number.p, w->number.len);
	rtf_out_text(w->o, w->sink, " ", 1);
}

static void
walk_begin_paragraph(walk *w, const doc_para *p, bool empty)
{
	w->style = p->style;
	w->until = 0;
	if (w->sink == RTF_BODY) {
		w->o->outline = w->body && p->outline < 9 ? p->outline : -1;
		if (!w->o->begun)
			w->o->in_table = p->in_table;
	}
	if (!empty)
		walk_number(w, p);
}

static void
walk_title(walk *w, const doc_para *p, size_t from)
{
	read_build *b = w->o->b;
	doc_str copy;

	if (w->d->title.n || !w->body || p->style >= w->d->nstyles || w->d->styles[p->style].kind != DOC_TITLE)
		return;
	rtf_out_flush(w->o, w->sink);
	if (b->text.failed || b->text.len <= from)
		return;
	copy = read_build_copy(b, (const char *)b->text.p + from, b->text.len - from);
	if (!b->failed)
		w->d->title = compose_collapse((char *)(uintptr_t)copy.p, copy.n);
}

static void walk_note(walk *w, uint32_t cp);

static void
walk_paragraph(walk *w, walk_at *at, uint32_t next, const doc_para *p)
{
	size_t from = w->o->b->text.len;
	int32_t c = 0;

	while (at->cp < next) {
		uint32_t cp = at->cp, byte;
		bool wide;

		c = walk_char(at, &byte, &wide);
		if (c < 0)
			break;
		if (at->piece != w->run_piece || byte >= w->until || !w->until) {
			w->chars = doc_chars_at(w->d, byte, w->style, &w->until);
			w->run_piece = at->piece;
			if (w->sink == RTF_BODY) {
				rtf_out_flush(w->o, w->sink);
				meta_langs_begin(&w->o->langs, codepage_language(w->chars.lang));
			}
		}
		if (walk_ends(c)) {
			walk_title(w, p, from);
			walk_end(w, c, p);
		} else {
			walk_one(w, c, wide);
		}
		if (w->body)
			walk_note(w, cp);
	}
}

/* Characters from one position to another. */
static void
walk_range(walk *w, uint32_t from, uint32_t to)
{
	walk_at at = walk_begin(w->d, from);

	to = min_u32(to, w->d->total);
	while (at.cp < to && !w->o->b->text.failed) {
		uint32_t next;
		doc_para p = walk_paragraph_of(at, to, &next);

		if (next <= at.cp)
			break;
		walk_begin_paragraph(w, &p, next - at.cp <= 1);
		walk_paragraph(w, &at, next, &p);
	}
	w->fields = 0;
}

/* ---- what stands aside ---------------------------------------------------------------- */

static void
walk_aside(walk *w, char kind, uint32_t from, uint32_t to)
{
	walk inner = { .d = w->d, .o = w->o, .sink = RTF_ASIDE, .leading = true };
	int outline = w->o->outline;

	rtf_out_flush(w->o, w->sink);
	if (!rtf_out_aside(w->o, kind))
		return;
	buf_init(&inner.number);
	walk_range(&inner, from, to);
	buf_fini(&inner.number);
	rtf_out_aside_end(w->o);
	w->o->outline = outline;
}

static void
walk_notes_init(walk_notes *n, const doc *d, unsigned refs, unsigned texts, enum doc_part part)
{
	n->refs = doc_table_at(d, refs);
	n->texts = doc_table_at(d, texts);
	n->n = rd_left(&n->refs) >= 10 ? (rd_left(&n->refs) - 4) / 6 : 0;
	n->n = min_size(n->n, rd_left(&n->texts) >= 8 ? rd_left(&n->texts) / 4 - 1 : 0);
	for (unsigned i = 0; i < part; i++)
		n->base += d->part[i];
	n->size = d->part[part];
}

/* The note that is referred to at this character, if there is one. */
static void
walk_note(walk *w, uint32_t cp)
{
	for (size_t i = 0; i < countof(w->notes); i++) {
		walk_notes *n = &w->notes[i];

		while (n->next < n->n && load_u32(n->refs.at + 4 * n->next) < cp)
			n->next++;
		for (; n->next < n->n && load_u32(n->refs.at + 4 * n->next) == cp; n->next++) {
			uint32_t from = load_u32(n->texts.at + 4 * n->next), to = load_u32(n->texts.at + 4 * n->next + 4);

			to = min_u32(to, n->size);
			if (from < n->last || from >= to)
				continue;
			n->last = to;
			walk_aside(w, 'n', n->base + from, n->base + to);
		}
	}
}

/* Stories of a part, by a table of where they begin. */
static void
walk_stories(walk *w, char kind, rd table, size_t first, enum doc_part part)
{
	size_t n = rd_left(&table) / 4;
	uint32_t base = 0, last = 0;

	for (unsigned i = 0; i < part; i++)
		base += w->d->part[i];
	for (size_t i = first; i + 2 < n; i++) { /* the last one is the end of the part */
		uint32_t from = load_u32(table.at + 4 * i), to = min_u32(load_u32(table.at + 4 * i + 4), w->d->part[part]);

		if (from < last || from >= to)
			continue;
		last = to;
		walk_aside(w, kind, base + from, base + to);
	}
}

static uint32_t
walk_part(const doc *d, enum doc_part part)
{
	uint32_t at = 0;

	for (unsigned i = 0; i < part; i++)
		at += d->part[i];
	return at;
}

/* Of notes and headers without a table (Word 6 and 95) all the text. */
static void
walk_asides(walk *w)
{
	doc *d = w->d;

	walk_stories(w, 'h', doc_table_at(d, DOC_HEADERS), WALK_HEADERS, DOC_HEADS);
	walk_stories(w, 'c', doc_table_at(d, DOC_REMARK_TEXT), 0, DOC_REMARKS);
	if (d->part[DOC_HEAD_BOXES])
		walk_aside(w, 'h', walk_part(d, DOC_HEAD_BOXES), walk_part(d, DOC_PARTS));
	if (d->old && d->part[DOC_NOTES])
		walk_aside(w, 'h', walk_part(d, DOC_NOTES), walk_part(d, DOC_HEADS));
}

void
doc_walk(doc *d)
{
	walk w = { .d = d, .o = &d->out, .sink = RTF_BODY, .body = true };
	uint32_t boxes = walk_part(d, DOC_BOXES);

	buf_init(&w.number);
	walk_notes_init(&w.notes[0], d, DOC_NOTE_REF, DOC_NOTE_TEXT, DOC_NOTES);
	walk_notes_init(&w.notes[1], d, DOC_ENDNOTE_REF, DOC_ENDNOTE_TEXT, DOC_ENDNOTES);
	walk_range(&w, 0, d->part[DOC_BODY]);
	rtf_out_paragraph(w.o, RTF_BODY);
	w.body = false;
	if (d->part[DOC_BOXES]) {
		w.o->in_table = false;
		compose_section_end(&w.o->c, 0);
		walk_range(&w, boxes, boxes + d->part[DOC_BOXES]);
		rtf_out_paragraph(w.o, RTF_BODY);
	}
	walk_asides(&w);
	buf_fini(&w.number);
}
