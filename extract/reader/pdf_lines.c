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

/* Before a character at r: a gap that no space fills, or another row.  What runs up or down
 * the page stays together; narrower gaps are poppler's to tell from wide letters. */
static void
line_gap(line_state *s, const PopplerRectangle *r)
{
	float size = (float)(r->y2 - r->y1), gap = (float)r->x1 - s->last_x;
	bool level = r->y1 < s->line.y2 && r->y2 > s->line.y1;

	if (!s->open || size <= 0)
		return;
	if ((level ? gap > 1.5f * size : gap > 0) || (float)r->x2 < s->line.x1)
		line_close(s);
	else if (level && gap > 0.5f * size)
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

/* ---- numbers that stand apart ------------------------------------------------------- */

/* "(a)", "12", "3.2", a bullet: no words. */
static bool
line_is_number(const pdf_text *t, const pdf_line *l)
{
	const char *p = pdf_line_text(t, l);
	bool paren = l->n && p[0] == '(';

	if (!l->n || l->n > 8)
		return false;
	if (l->n == 3 && (unsigned char)p[0] >= 0xe2)
		return (unsigned char)p[0] == 0xe2 || (unsigned char)p[0] == 0xef; /* a bullet */
	for (uint32_t i = paren; i < l->n; i++)
		if (!((p[i] >= '0' && p[i] <= '9') || p[i] == '.' || p[i] == ')' ||
		      (paren && ((p[i] | 0x20) >= 'a' && (p[i] | 0x20) <= 'z'))))
			return false;
	return true;
}

/* The line that begins right of a number, in its row. */
static uint32_t
line_beside(const pdf_text *t, const pdf_page *page, uint32_t number)
{
	const pdf_line *l = &t->lines[number], *best = NULL;
	float size = l->y2 - l->y1;

	for (uint32_t i = page->first; i < t->nlines; i++) {
		const pdf_line *o = &t->lines[i];
		float middle = (o->y1 + o->y2) / 2;

		if (i != number && middle > l->y1 && middle < l->y2 && o->x1 >= l->x2 - 1 && o->x1 - l->x2 < 6 * size &&
		    (!best || o->x1 < best->x1))
			best = o;
	}
	return best ? (uint32_t)(best - t->lines) : number;
}

/* Where numbers and bullets are a column of their own, poppler gives that column first:
 * each goes to the line that it numbers. */
static void
line_numbers(pdf_text *t, const pdf_page *page)
{
	uint32_t most = 2000; /* looks: no page has so many numbers */

	for (uint32_t i = page->first, k; i < t->nlines && most; i++) {
		pdf_line number = t->lines[i];

		if (!line_is_number(t, &number))
			continue;
		most--;
		k = line_beside(t, page, i);
		if (k == i || k == i + 1)
			continue;
		if (k > i) {
			memmove(t->lines + i, t->lines + i + 1, (k - i - 1) * sizeof number);
			t->lines[k - 1] = number;
			i--; /* another stands here now */
		} else {
			memmove(t->lines + k + 1, t->lines + k, (i - k) * sizeof number);
			t->lines[k] = number;
		}
	}
}

void
pdf_text_page(pdf_text *t, PopplerPage *page)
{
	pdf_page p = { .first = (uint32_t)t->nlines };
	PopplerRectangle *boxes = NULL;
	guint nboxes = 0;
	char *text = page ? poppler_page_get_text(page) : NULL;
	double width, height;
	buf decoded;

	buf_init(&decoded);
	if (text && *text) {
		poppler_page_get_size(page, &width, &height);
		p.height = (float)height;
		poppler_page_get_text_layout(page, &boxes, &nboxes);
		line_page(t, pdf_decode(text, strlen(text), &decoded) ? buf_cstr(&decoded) : text, boxes, nboxes);
		line_numbers(t, &p);
	}
	g_free(boxes);
	g_free(text);
	p.end = (uint32_t)t->nlines;
	if (mem_grow(&t->pages, &t->pages_cap, t->npages + 1, sizeof *t->pages))
		t->pages[t->npages++] = p;
	else
		t->failed = true;
	t->failed |= t->text.failed || decoded.failed;
	buf_fini(&decoded);
}
