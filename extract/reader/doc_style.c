/* doc_style.c - styles, paragraphs and runs of Word files: lists of changes ("sprm") to what
 * the style says, kept in pages of 512 bytes by where the text stands. */
#include "extract/reader/doc.h"

#include <stdlib.h>

enum {
	SPRM_IN_TABLE = 0x2416,
	SPRM_ROW_END = 0x2417,
	SPRM_INNER_CELL = 0x244b,
	SPRM_INNER_ROW_END = 0x244c,
	SPRM_OUTLINE = 0x2640,
	SPRM_LIST_LEVEL = 0x260a,
	SPRM_LIST = 0x460b,
	SPRM_DELETED = 0x0800,
	SPRM_VANISH = 0x083c,
	SPRM_LANG = 0x486d,
	SPRM_LANG_NEW = 0x4873,
	SPRM_SYMBOL = 0x6a09,
	SPRM_TABLE_SHORT = 0xd606,
	SPRM_TABLE = 0xd608,
	DOC_BASES = 32 /* styles based on styles */
};

/* The next change: its operand, NULL at the end. */
static const uint8_t *
sprm_next(rd *r, uint16_t *sprm)
{
	static const uint8_t sizes[] = { 1, 1, 2, 4, 2, 2, 0, 3 };
	const uint8_t *at;
	size_t n;

	*sprm = rd_u16(r);
	if (r->bad)
		return NULL;
	n = sizes[*sprm >> 13];
	if (n)
		return rd_bytes(r, n);
	at = r->at;
	if (*sprm == SPRM_TABLE || *sprm == SPRM_TABLE_SHORT)
		n = (size_t)rd_u16(r) - 1; /* 0: goes beyond the end */
	else
		n = rd_u8(r);
	return !r->bad && rd_bytes(r, n) ? at : NULL;
}

static void
sprm_para(doc_para *p, rd r)
{
	const uint8_t *v;
	uint16_t sprm;

	while ((v = sprm_next(&r, &sprm))) {
		switch (sprm) {
		case SPRM_IN_TABLE:
			p->in_table = *v;
			break;
		case SPRM_ROW_END:
			p->row_end = *v;
			break;
		case SPRM_INNER_CELL:
			p->inner_cell = *v;
			break;
		case SPRM_INNER_ROW_END:
			p->inner_row_end = *v;
			break;
		case SPRM_OUTLINE:
			p->outline = (int8_t)(*v < 9 ? *v : 9);
			break;
		case SPRM_LIST_LEVEL:
			p->level = (int8_t)(*v < DOCX_LEVELS ? *v : 0);
			break;
		case SPRM_LIST: /* 2047: the list of the paragraph was taken off */
			p->list = load_u16(v) < 2047 ? load_u16(v) : 0;
			break;
		default:
			break;
		}
	}
}

static void
sprm_chars(doc_chars *c, rd r)
{
	const uint8_t *v;
	uint16_t sprm;

	while ((v = sprm_next(&r, &sprm))) {
		if (sprm == SPRM_VANISH || sprm == SPRM_DELETED)
			c->hidden |= *v & 1;
		else if (sprm == SPRM_LANG || sprm == SPRM_LANG_NEW)
			c->lang = load_u16(v) != 0x400 ? load_u16(v) : c->lang; /* 0x400: none */
		else if (sprm == SPRM_SYMBOL)
			c->symbol = true;
	}
}

/* ---- styles --------------------------------------------------------------------------- */

static rd
style_part(rd *r)
{
	size_t n = rd_u16(r);
	const uint8_t *p = rd_bytes(r, n);

	if ((n & 1) && rd_left(r))
		rd_u8(r);
	return p ? rd_make(p, n) : rd_make("", 0);
}

/* An entry of the sheet: fixed words, the name, then changes of paragraphs and of characters. */
static void
style_read(doc_style *s, rd r, size_t fixed)
{
	const uint8_t *p = r.at;
	unsigned sti, kind;
	rd para;

	*s = (doc_style){ .para = doc_para_none(), .base = 0xfff };
	if (fixed < 8 || !rd_bytes(&r, fixed))
		return;
	sti = load_u16(p) & 0xfff;
	kind = load_u16(p + 2) & 0xf;
	s->base = load_u16(p + 2) >> 4;
	s->kind = (uint16_t)sti;
	s->used = true;
	if (sti >= 1 && sti <= 9)
		s->para.outline = (int8_t)(sti - 1);
	if (!rd_bytes(&r, 2 * ((size_t)rd_u16(&r) + 1)) || (kind != 1 && kind != 2))
		return;
	if (kind == 1) {
		para = style_part(&r);
		rd_u16(&para); /* its own number */
		sprm_para(&s->para, para);
	}
	sprm_chars(&s->chars, style_part(&r));
}

/* What is not said in a style, one says that it is based on. */
static void
style_inherit(const doc *d, doc_style *s)
{
	uint16_t base = s->base;

	for (unsigned i = 0; i < DOC_BASES && base < d->nstyles && d->styles[base].used; i++) {
		const doc_style *b = &d->styles[base];

		if (s->para.outline < 0)
			s->para.outline = b->para.outline;
		if (s->para.list < 0)
			s->para.list = b->para.list;
		if (s->para.level < 0)
			s->para.level = b->para.level;
		if (!s->chars.lang)
			s->chars.lang = b->chars.lang;
		base = b->base;
	}
}

void
doc_styles_read(doc *d)
{
	rd r = doc_table_at(d, DOC_STSH);
	size_t head = rd_u16(&r), fixed, count;
	const uint8_t *p = rd_bytes(&r, head);

	if (!p || head < 4)
		return;
	count = min_size(load_u16(p), DOC_STYLES);
	fixed = load_u16(p + 2);
	d->styles = mem_calloc(count ? count : 1, sizeof *d->styles);
	if (!d->styles) {
		d->nomem = true;
		return;
	}
	for (; d->nstyles < count && !r.bad; d->nstyles++) {
		size_t n = rd_u16(&r);
		const uint8_t *std = rd_bytes(&r, n);

		style_read(&d->styles[d->nstyles], std ? rd_make(std, n) : rd_make("", 0), fixed);
	}
	for (size_t i = 0; i < d->nstyles; i++)
		style_inherit(d, &d->styles[i]);
}

/* ---- pages of runs -------------------------------------------------------------------- */

static void
run_add(doc *d, doc_runs *runs, const doc_run *run)
{
	if (!mem_grow(&runs->runs, &runs->cap, runs->n + 1, sizeof *runs->runs))
		d->nomem = true;
	else
		runs->runs[runs->n++] = *run;
}

/* The changes at twice this offset of a page. */
static rd
run_changes(const uint8_t *page, size_t word, bool para)
{
	rd r = rd_make(page + 2 * word, DOC_PAGE - 2 * word);
	size_t n;

	if (!word)
		return rd_make("", 0);
	n = rd_u8(&r);
	if (para)
		n = n ? 2 * n - 1 : 2 * (size_t)rd_u8(&r);
	return rd_make(r.at, min_size(n, rd_left(&r)));
}

static void
run_page(doc *d, doc_runs *runs, const uint8_t *page, bool para)
{
	size_t n = page[DOC_PAGE - 1], each = para ? 13 : 1;

	if (4 * (n + 1) + each * n >= DOC_PAGE)
		return;
	for (size_t i = 0; i < n && !d->nomem; i++) {
		doc_run run = { .from = load_u32(page + 4 * i), .to = load_u32(page + 4 * i + 4) };
		rd r = run_changes(page, page[4 * (n + 1) + each * i], para);

		if (para) {
			run.u.para = doc_para_none();
			run.u.para.style = rd_u16(&r);
			sprm_para(&run.u.para, r);
		} else {
			run.u.chars = (doc_chars){ .lang = 0 };
			sprm_chars(&run.u.chars, r);
		}
		run_add(d, runs, &run);
	}
}

static int
run_order(const void *a, const void *b)
{
	const doc_run *x = a, *y = b;

	return (x->from > y->from) - (x->from < y->from);
}

/* Where each page begins in the text, one more than there are, then their numbers. */
static void
runs_read(doc *d, doc_runs *runs, rd table, bool para)
{
	size_t count = rd_left(&table) >= 12 ? (rd_left(&table) - 4) / 8 : 0;
	const uint8_t *numbers = table.at + 4 * (count + 1);

	count = min_size(count, d->main.len / DOC_PAGE);
	for (size_t i = 0; i < count && !d->nomem; i++) {
		uint64_t at = (uint64_t)(load_u32(numbers + 4 * i) & 0x3fffff) * DOC_PAGE;

		if (at + DOC_PAGE <= d->main.len)
			run_page(d, runs, d->main.p + at, para);
	}
	if (runs->n)
		qsort(runs->runs, runs->n, sizeof *runs->runs, run_order);
}

void
doc_runs_read(doc *d)
{
	if (d->old)
		return;
	runs_read(d, &d->paras, doc_table_at(d, DOC_PARAGRAPHS), true);
	runs_read(d, &d->chars, doc_table_at(d, DOC_CHARACTERS), false);
}

/* The run that a byte is in, else NULL; *until: where another may begin. */
static const doc_run *
run_find(const doc_runs *runs, uint32_t at, uint32_t *until)
{
	size_t lo = 0, hi = runs->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (runs->runs[mid].from <= at)
			lo = mid + 1;
		else
			hi = mid;
	}
	*until = lo < runs->n ? runs->runs[lo].from : UINT32_MAX;
	if (!lo || at >= runs->runs[lo - 1].to)
		return NULL;
	*until = min_u32(*until, runs->runs[lo - 1].to);
	return &runs->runs[lo - 1];
}

doc_para
doc_para_at(const doc *d, uint32_t at)
{
	uint32_t until;
	const doc_run *run = run_find(&d->paras, at, &until);
	doc_para p = run ? run->u.para : doc_para_none();

	if (p.style < d->nstyles) {
		const doc_para *s = &d->styles[p.style].para;

		p.outline = p.outline < 0 ? s->outline : p.outline;
		p.level = p.level < 0 ? s->level : p.level;
		p.list = p.list < 0 ? s->list : p.list;
	}
	return p;
}

doc_chars
doc_chars_at(const doc *d, uint32_t at, uint16_t style, uint32_t *until)
{
	const doc_run *run = run_find(&d->chars, at, until);
	doc_chars c = run ? run->u.chars : (doc_chars){ .lang = 0 };

	if (style < d->nstyles) {
		c.lang = c.lang ? c.lang : d->styles[style].chars.lang;
		c.hidden |= d->styles[style].chars.hidden;
	}
	return c;
}
