/* pdf_lines.c - the characters of a page, with their boxes, as lines.  See pdf.h.
 *
 * poppler gives the text of a page in reading order, but sets no space between two
 * columns, or a number and its heading, that stand in one row: the gap between the
 * boxes shows them. */
#include "extract/reader/pdf.h"

#include <unicode/uchar.h>

#include "text/text.h"

void
pdf_text_init(pdf_text *t)
{
	memset(t, 0, sizeof *t);
	buf_init(&t->text);
}

void
pdf_text_fini(pdf_text *t)
{
	buf_fini(&t->text);
	mem_free(t->lines);
	mem_free(t->pages);
	memset(t, 0, sizeof *t);
}

/* The line that is being put together. */
typedef struct line_state {
	pdf_text *t;
	pdf_line line;
	bool open, space; /* a space is due */
	float last_x;	  /* right end of the character before */
} line_state;

static void
line_close(line_state *s)
{
	pdf_text *t = s->t;

	if (s->open) {
		s->line.n = (uint32_t)t->text.len - s->line.at;
		if (mem_grow(&t->lines, &t->lines_cap, t->nlines + 1, sizeof *t->lines))
			t->lines[t->nlines++] = s->line;
		else
			t->failed = true;
	}
	s->open = s->space = false;
}

/* Letters that fonts draw as one; as people would type them. */
static const char *
line_ligature(uint32_t c)
{
	static const char *const latin[] = { "ff", "fi", "fl", "ffi", "ffl", "st", "st" };

	return c >= 0xfb00 && c <= 0xfb06 ? latin[c - 0xfb00] : NULL;
}

static void
line_box(line_state *s, const PopplerRectangle *r)
{
	pdf_line *l = &s->line;
	float x1 = (float)r->x1, x2 = (float)r->x2, y1 = (float)r->y1, y2 = (float)r->y2;

	if (!s->open) {
		*l = (pdf_line){ .at = (uint32_t)s->t->text.len, .page = (uint32_t)s->t->npages,
				 .x1 = x1, .x2 = x2, .y1 = y1, .y2 = y2 };
		s->open = true;
		return;
	}
	l->x1 = l->x1 < x1 ? l->x1 : x1;
	l->y1 = l->y1 < y1 ? l->y1 : y1;
	l->x2 = l->x2 > x2 ? l->x2 : x2;
	l->y2 = l->y2 > y2 ? l->y2 : y2;
}

/* Before a character at r: a gap that no space fills.  Rows that run up or down the
 * page have boxes that tell nothing. */
static void
line_gap(line_state *s, const PopplerRectangle *r)
{
	float size = (float)(r->y2 - r->y1), gap = (float)r->x1 - s->last_x;
	bool level = s->open && r->y1 < s->line.y2 && r->y2 > s->line.y1;

	if (!level || size <= 0)
		return;
	if (gap > 1.5f * size || gap < -3 * size)
		line_close(s);
	else if (gap > 0.17f * size)
		s->space = true;
}

static void
line_char(line_state *s, uint32_t c, const char *p, size_t n, const PopplerRectangle *r)
{
	const char *ligature = line_ligature(c);
	buf *text = &s->t->text;

	line_gap(s, r);
	if (s->open && s->space)
		buf_put_u8(text, ' ');
	s->space = false;
	line_box(s, r);
	s->last_x = (float)r->x2;
	if (ligature)
		buf_puts(text, ligature);
	else if (c == 0xfffd)
		buf_puts(text, "\xef\xbf\xbd"); /* perhaps for bytes that were none */
	else
		buf_put(text, p, n);
}

static void
line_page(pdf_text *t, const char *text, const PopplerRectangle *boxes, size_t nboxes)
{
	line_state s = { .t = t };
	const char *p = text, *end = text + strlen(text);

	for (size_t i = 0; p < end; i++) {
		static const PopplerRectangle nowhere;
		const char *from = p;
		uint32_t c = text_decode(&p, end);

		if (c == '\n' || c == '\f' || c == '\r')
			line_close(&s);
		else if (u_isspace((UChar32)c) || c < ' ')
			s.space = true;
		else
			line_char(&s, c, from, (size_t)(p - from), i < nboxes ? &boxes[i] : &nowhere);
	}
	line_close(&s);
}

void
pdf_text_page(pdf_text *t, PopplerPage *page)
{
	pdf_page p = { .first = (uint32_t)t->nlines };
	PopplerRectangle *boxes = NULL;
	guint nboxes = 0;
	char *text = page ? poppler_page_get_text(page) : NULL;
	double width, height;

	if (text && *text) {
		poppler_page_get_size(page, &width, &height);
		p.height = (float)height;
		poppler_page_get_text_layout(page, &boxes, &nboxes);
		line_page(t, text, boxes, nboxes);
	}
	g_free(boxes);
	g_free(text);
	p.end = (uint32_t)t->nlines;
	if (mem_grow(&t->pages, &t->pages_cap, t->npages + 1, sizeof *t->pages))
		t->pages[t->npages++] = p;
	else
		t->failed = true;
	t->failed |= t->text.failed;
}
