/* rtf_out.c - see rtf_out.h. */
#include "extract/reader/rtf_out.h"

#include <stdio.h>

#include "engine/kind.h"

enum { RTF_RUN = CODEPAGE_MOST }; /* bytes that are converted at once */

void
rtf_out_init(rtf_out *o, read_build *b)
{
	memset(o, 0, sizeof *o);
	o->b = b;
	o->outline = -1;
	read_build_init(&o->scratch);
	compose_init(&o->c, b);
	compose_init(&o->aside, &o->scratch);
	grid_init(&o->grid, &o->c, false);
	meta_langs_init(&o->langs);
	buf_init(&o->bytes);
	buf_init(&o->utf8);
	buf_init(&o->value);
}

void
rtf_out_fini(rtf_out *o)
{
	codepages_fini(&o->pages);
	read_build_fini(&o->scratch);
	buf_fini(&o->bytes);
	buf_fini(&o->utf8);
	buf_fini(&o->value);
	mem_free(o->asides);
}

/* ---- code pages ------------------------------------------------------------------ */

void
rtf_out_byte(rtf_out *o, rtf_sink sink, unsigned page, char c)
{
	if (o->page != page || (o->bytes.len >= RTF_RUN / 2 && !(c & 0x80)) || o->bytes.len == RTF_RUN)
		rtf_out_flush(o, sink);
	o->page = page;
	o->high = 0;
	buf_put_u8(&o->bytes, (uint8_t)c);
}

void
rtf_out_flush(rtf_out *o, rtf_sink sink)
{
	size_t n = o->bytes.len;

	if (!n)
		return;
	if (o->page == CODEPAGE_SYMBOL) {
		rtf_out_text(o, sink, "\xe2\x80\xa2", 3);
	} else {
		o->utf8.len = 0;
		if (!o->bytes.failed)
			codepages_utf8(&o->pages, o->page, o->bytes.p, n, &o->utf8);
		rtf_out_text(o, sink, (const char *)o->utf8.p, o->utf8.len);
	}
	o->bytes.len = 0;
}

void
rtf_out_unit(rtf_out *o, rtf_sink sink, uint16_t unit)
{
	uint32_t c = unit;

	rtf_out_flush(o, sink);
	if (unit >= 0xd800 && unit < 0xdc00) {
		o->high = unit;
		return;
	}
	if (unit >= 0xdc00 && unit < 0xe000) {
		c = o->high ? 0x10000 + ((uint32_t)(o->high - 0xd800) << 10) + (unit - 0xdc00u) : 0xfffd;
	} else if (unit >= 0xf000 && unit < 0xf100) {
		c = 0x2022; /* a sign of a symbol font */
	}
	o->high = 0;
	o->utf8.len = 0;
	utf16_put(&o->utf8, c);
	rtf_out_text(o, sink, (const char *)o->utf8.p, o->utf8.len);
}

/* ---- paragraphs and tables ----------------------------------------------------------- */

/* Before the first character of a paragraph of the body. */
static void
rtf_begin(rtf_out *o)
{
	if (o->in_table && !o->grid.depth) {
		grid_table(&o->grid, read_str("", 0));
		o->row_begun = o->cell_begun = false;
	} else if (!o->in_table && o->grid.depth) {
		grid_table_end(&o->grid);
	}
	if (o->grid.depth && !o->row_begun)
		grid_row(&o->grid);
	if (o->grid.depth && !o->cell_begun)
		grid_cell(&o->grid);
	o->row_begun = o->cell_begun = true;
	grid_paragraph(&o->grid);
	if (o->outline >= 0 && o->outline < 9)
		compose_heading_begin(&o->c, (unsigned)o->outline + 1, NULL);
	o->begun = true;
}

void
rtf_out_text(rtf_out *o, rtf_sink sink, const char *p, size_t n)
{
	if (sink == RTF_VALUE) {
		if (o->value.len + n < 8000)
			buf_put(&o->value, p, n);
	} else if (sink == RTF_ASIDE) {
		compose_text(&o->aside, p, n);
	} else if (sink == RTF_BODY) {
		if (!o->begun && !(n == 1 && *p == ' '))
			rtf_begin(o);
		compose_text(&o->c, p, n);
		meta_langs_count(&o->langs, n);
	}
}

void
rtf_out_break(rtf_out *o, rtf_sink sink, compose_break how)
{
	rtf_out_flush(o, sink);
	if (sink == RTF_ASIDE)
		compose_ask(&o->aside, how);
	else if (sink == RTF_BODY && (o->begun || how > COMPOSE_TAB))
		compose_ask(&o->c, how);
	else if (sink == RTF_VALUE)
		buf_put_u8(&o->value, ' ');
}

static void
rtf_notes(rtf_out *o)
{
	char label[24];

	for (; o->shown < o->nasides; o->shown++) {
		const rtf_aside *a = &o->asides[o->shown];
		int n;

		if (a->kind != 'n' || a->end <= a->start || o->scratch.text.failed)
			continue;
		n = snprintf(label, sizeof label, "%u", ++o->notes);
		compose_ask(&o->c, COMPOSE_PARAGRAPH);
		compose_section(&o->c, GRID_RANK_NOTE, tree_kind_name(TREE_FOOTNOTE), read_str(label, (size_t)n));
		compose_raw(&o->c, (const char *)o->scratch.text.p + a->start, a->end - a->start);
		compose_section_end(&o->c, GRID_RANK_NOTE);
		compose_ask(&o->c, COMPOSE_PARAGRAPH);
	}
}

void
rtf_out_paragraph(rtf_out *o, rtf_sink sink)
{
	rtf_out_flush(o, sink);
	if (sink != RTF_BODY) {
		rtf_out_break(o, sink, COMPOSE_LINE);
		return;
	}
	compose_heading_end(&o->c);
	o->begun = false;
	if (!o->in_table && !o->open)
		rtf_notes(o);
}

void
rtf_out_cell(rtf_out *o, rtf_sink sink)
{
	if (sink != RTF_BODY) {
		rtf_out_break(o, sink, COMPOSE_TAB);
		return;
	}
	o->in_table = true;
	rtf_out_flush(o, sink);
	if (!o->cell_begun) /* an empty one */
		rtf_begin(o);
	rtf_out_paragraph(o, sink);
	o->cell_begun = false;
}

void
rtf_out_row(rtf_out *o, rtf_sink sink)
{
	rtf_out_flush(o, sink);
	if (sink != RTF_BODY) {
		rtf_out_break(o, sink, COMPOSE_LINE);
		return;
	}
	o->row_begun = o->cell_begun = o->begun = false;
}

static const char rtf_remark[] = "[Comment] ";

/* ---- what stands aside ------------------------------------------------------------------ */

bool
rtf_out_aside(rtf_out *o, char kind)
{
	if (o->open || o->nasides == RTF_ASIDES)
		return false;
	if (!mem_grow(&o->asides, &o->asides_cap, o->nasides + 1, sizeof *o->asides)) {
		o->nomem = true;
		return false;
	}
	o->asides[o->nasides++] = (rtf_aside){ kind, o->scratch.text.len, o->scratch.text.len };
	o->open = o->nasides;
	o->aside.pending = COMPOSE_NONE;
	if (kind == 'c')
		compose_raw(&o->aside, rtf_remark, sizeof rtf_remark - 1);
	return true;
}

void
rtf_out_aside_end(rtf_out *o)
{
	rtf_out_flush(o, RTF_ASIDE);
	if (o->open) {
		rtf_aside *a = &o->asides[o->open - 1];

		a->end = o->scratch.text.len;
		if (a->kind == 'c' && a->end - a->start <= sizeof rtf_remark - 1) /* nothing in it */
			a->end = a->start;
	}
	o->open = 0;
}

static bool
rtf_repeats(const rtf_out *o, const rtf_aside *a)
{
	const uint8_t *text = o->scratch.text.p;

	for (const rtf_aside *e = o->asides; e < a; e++)
		if (e->kind == a->kind && e->end - e->start == a->end - a->start &&
		    memcmp(text + e->start, text + a->start, a->end - a->start) == 0)
			return true;
	return false;
}

void
rtf_out_end(rtf_out *o)
{
	size_t headers = 0;

	rtf_out_aside_end(o);
	rtf_out_flush(o, RTF_BODY);
	compose_heading_end(&o->c);
	while (o->grid.depth)
		grid_table_end(&o->grid);
	rtf_notes(o);
	compose_section_end(&o->c, 0);
	for (size_t i = 0; i < o->nasides && !o->scratch.text.failed; i++) {
		const rtf_aside *a = &o->asides[i];

		if (a->kind == 'n' || a->end <= a->start || (a->kind == 'h' && (headers++ > 100 || rtf_repeats(o, a))))
			continue;
		compose_ask(&o->c, COMPOSE_PARAGRAPH);
		compose_raw(&o->c, (const char *)o->scratch.text.p + a->start, a->end - a->start);
	}
	grid_finish(o->b);
	compose_end(&o->c);
	if (o->nomem || o->scratch.failed || o->scratch.text.failed || o->bytes.failed || o->utf8.failed || o->value.failed)
		o->b->failed = true;
}
