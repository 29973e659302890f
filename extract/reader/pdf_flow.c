/* pdf_flow.c - lines become paragraphs.  See pdf.h.
 *
 * A line goes on in the next one unless a gap, another size of letters, or room that the
 * next word would have had at its end says that the break was meant.  A word that was
 * divided at the end of a line is joined; whether its hyphen is its own ("top-level")
 * the other words of the document tell (pdf_words.c). */
#include "extract/reader/pdf.h"

#include <unicode/uchar.h>

#include "extract/compose.h"
#include "extract/reader/pdf_words.h"
#include "text/text.h"

typedef struct flow {
	pdf_text *t;
	compose c;
	pdf_words words;
	float pitch; /* usual distance of the lines of this page; 0: not known */
	float right; /* where the lines of the block around the current one end */
	bool joined; /* the line before ends in the middle of a word */
	size_t waiting; /* the first running head or foot that waits for the end of a paragraph */
} flow;

static float
flow_size(const pdf_line *l)
{
	return l->y2 - l->y1;
}

static uint32_t
flow_first(const flow *f, const pdf_line *l)
{
	const char *p = pdf_line_text(f->t, l);

	return text_decode(&p, p + l->n);
}

static uint32_t
flow_last(const flow *f, const pdf_line *l)
{
	const char *from = pdf_line_text(f->t, l), *p = from + l->n, *end = p;

	do
		p--;
	while (p > from && ((unsigned char)*p & 0xc0) == 0x80);
	return text_decode(&p, end);
}

/* ---- what stands where -------------------------------------------------------- */

/* b is below a, in one column: what a paragraph's lines are. */
static bool
flow_follows(const pdf_line *a, const pdf_line *b)
{
	return a->page == b->page && b->y2 > a->y2 && b->y1 > a->y1 && b->x1 < a->x2 && a->x1 < b->x2;
}

static bool
flow_same_row(const pdf_line *a, const pdf_line *b)
{
	float middle = (b->y1 + b->y2) / 2;

	return a->page == b->page && middle > a->y1 && middle < a->y2 && b->x1 >= a->x2;
}

static int
flow_compare(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;

	return x < y ? -1 : x > y;
}

/* The median of the distances of lines that follow each other. */
static void
flow_measure(flow *f, const pdf_page *page)
{
	float pitch[400];
	size_t n = 0;

	for (uint32_t i = page->first; i + 1 < page->end && n < countof(pitch); i++) {
		const pdf_line *a = &f->t->lines[i], *b = a + 1;

		if (flow_follows(a, b) && b->y2 - a->y2 < 3 * flow_size(a))
			pitch[n++] = b->y2 - a->y2;
	}
	qsort(pitch, n, sizeof *pitch, flow_compare);
	f->pitch = n ? pitch[n / 2] : 0;
}

/* A gap between lines that is more than the usual one, or other letters. */
static bool
flow_gap(const flow *f, const pdf_line *a, const pdf_line *b)
{
	float pitch = b->y2 - a->y2, size = flow_size(a), other = flow_size(b);
	float usual = f->pitch > 0 && f->pitch < 2.5f * size ? f->pitch : 1.2f * size;

	/* lines of larger letters are further apart */
	usual = usual > size ? usual : usual * 0.5f + size * 0.5f;
	return pitch > 1.25f * usual + 1 || other > 1.2f * size || size > 1.2f * other;
}

/* The right edge of the block that line i is in. */
static float
flow_right(const flow *f, uint32_t i, const pdf_page *page)
{
	const pdf_line *l = f->t->lines;
	float right = l[i].x2;

	for (uint32_t k = i; k + 1 < page->end && k - i < 60; k++) {
		if (!flow_follows(&l[k], &l[k + 1]) || flow_gap(f, &l[k], &l[k + 1]))
			break;
		right = right > l[k + 1].x2 ? right : l[k + 1].x2;
	}
	return right;
}

/* The first word of b would have had room at the end of a. */
static bool
flow_had_room(const flow *f, const pdf_line *a, const pdf_line *b)
{
	const char *p = pdf_line_text(f->t, b), *space = memchr(p, ' ', b->n);
	size_t word = space ? (size_t)(space - p) : b->n;
	float width = (b->x2 - b->x1) * (float)(word + 1) / (float)(b->n ? b->n : 1);

	return a->x2 + width + 0.3f * flow_size(a) < f->right;
}

/* ---- from line to line --------------------------------------------------------- */

static bool
flow_is_end(uint32_t c)
{
	switch (c) {
	case '.': case ':': case ';': case '!': case '?':
	case 0x2026: case 0x3002: case 0xff01: case 0xff0e: case 0xff1a: case 0xff1b: case 0xff1f:
		return true;
	default:
		return false;
	}
}

/* Scripts that are written without spaces: a line's end is none either. */
static bool
flow_is_dense(uint32_t c)
{
	return (c >= 0x2e80 && c < 0xa4d0 && c != 0x3000) || (c >= 0xf900 && c < 0xfb00) || (c >= 0xff01 && c < 0xff61) ||
	       (c >= 0x20000 && c < 0x40000);
}

static bool
flow_is_bullet(uint32_t c)
{
	return c == 0x2022 || c == 0x25cf || c == 0x25aa || c == 0x25e6 || c == 0x2219 || c == 0xf0b7 || c == 0x2013;
}

/* "(a)", "1.", "iv)", a bullet: what a list's items begin with. */
static bool
flow_is_item(const flow *f, const pdf_line *l)
{
	const char *p = pdf_line_text(f->t, l);
	uint32_t n = l->n, i = n && p[0] == '(', from = i;

	if (flow_is_bullet(flow_first(f, l)))
		return true;
	while (i < n && i - from < 4 && ((p[i] >= '0' && p[i] <= '9') || (p[i] >= 'a' && p[i] <= 'z')))
		i++;
	return i > from && i < n && (p[i] == ')' || (p[i] == '.' && !from)) && (i + 1 == n || p[i + 1] == ' ');
}

/* Between a and b, which stand in one row: a tab as between a number and its heading, or
 * cells; but where b goes on in lines of its own, there are two columns. */
static compose_break
flow_row(const flow *f, const pdf_line *a, const pdf_line *b)
{
	const pdf_line *next = b + 1;
	bool column = next < f->t->lines + f->t->nlines && flow_follows(b, next) && !flow_gap(f, b, next);

	return column && a->n > 6 ? COMPOSE_PARAGRAPH : COMPOSE_TAB;
}

/* The bytes at the end of a that are the hyphen of a divided word; 0: none. */
static size_t
flow_hyphen(const flow *f, const pdf_line *a)
{
	const char *p = pdf_line_text(f->t, a);

	if (a->n > 2 && !memcmp(p + a->n - 2, "\xc2\xad", 2))
		return 2;
	if (a->n > 3 && !memcmp(p + a->n - 3, "\xe2\x80\x90", 3))
		return 3;
	return a->n > 1 && p[a->n - 1] == '-' && p[a->n - 2] != '-' && p[a->n - 2] != ' ' ? 1 : 0;
}

/* A word of which b has the rest: near to a, whatever the layout says. */
static bool
flow_divided(const flow *f, const pdf_line *a, const pdf_line *b)
{
	float size = flow_size(a);

	if (!flow_hyphen(f, a) || !u_islower((UChar32)flow_first(f, b)))
		return false;
	return flow_same_row(a, b) ? b->x1 - a->x2 < 2 * size : flow_follows(a, b) && b->y2 - a->y2 < 2 * size;
}

/* How b is set off from a, the line before. */
static compose_break
flow_break(const flow *f, const pdf_line *a, const pdf_line *b)
{
	bool ends = flow_is_end(flow_last(f, a));
	uint32_t first = flow_first(f, b);
	bool goes_on = !ends && u_islower((UChar32)first);

	if (flow_divided(f, a, b))
		return COMPOSE_SPACE;
	if (flow_same_row(a, b))
		return flow_row(f, a, b);
	if (!flow_follows(a, b)) /* the next column or page */
		return goes_on || (!ends && flow_is_dense(first) && !flow_is_item(f, b)) ? COMPOSE_SPACE : COMPOSE_PARAGRAPH;
	if (flow_gap(f, a, b))
		return COMPOSE_PARAGRAPH;
	if (flow_is_item(f, b) && (ends || flow_is_end(first) || flow_had_room(f, a, b) || b->x1 < a->x1 - 1 ||
				   flow_last(f, a) == ','))
		return COMPOSE_PARAGRAPH;
	if (ends && (b->x1 > a->x1 + 0.8f * flow_size(b) || flow_had_room(f, a, b)))
		return COMPOSE_PARAGRAPH;
	if (flow_had_room(f, a, b))
		return goes_on ? COMPOSE_SPACE : COMPOSE_LINE;
	return COMPOSE_SPACE;
}

/* Writes a line, and its hyphen only if it is to stay. */
static void
flow_write(flow *f, pdf_line *l, const pdf_line *next, bool goes_on)
{
	const char *p = pdf_line_text(f->t, l);
	size_t hyphen = goes_on ? flow_hyphen(f, l) : 0;
	pdf_hyphen is = PDF_HYPHEN_SPACE;

	if (hyphen)
		is = pdf_words_hyphen(&f->words, p, l->n - hyphen, pdf_line_text(f->t, next), next->n, hyphen == 2);
	f->joined = is != PDF_HYPHEN_SPACE;
	compose_raw(&f->c, p, is == PDF_HYPHEN_DROPPED ? l->n - hyphen : l->n);
	l->out = (uint32_t)(f->c.b->text.len - (is == PDF_HYPHEN_DROPPED ? l->n - hyphen : l->n));
	if (goes_on && !hyphen && flow_is_dense(flow_last(f, l)) && flow_is_dense(flow_first(f, next)))
		f->joined = true;
}

/* The line that follows i and is not left out; NULL: none. */
static pdf_line *
flow_next(const flow *f, size_t i)
{
	while (++i < f->t->nlines)
		if (!f->t->lines[i].dropped && !f->t->lines[i].apart)
			return &f->t->lines[i];
	return NULL;
}

/* Running heads and feet before line i, between paragraphs. */
static void
flow_apart(flow *f, size_t i)
{
	for (; f->waiting < i; f->waiting++) {
		pdf_line *l = &f->t->lines[f->waiting];

		if (!l->apart)
			continue;
		compose_ask(&f->c, COMPOSE_PARAGRAPH);
		compose_raw(&f->c, pdf_line_text(f->t, l), l->n);
		l->out = (uint32_t)f->c.b->text.len - l->n;
		compose_ask(&f->c, COMPOSE_PARAGRAPH);
	}
}

/* Pages without a line begin where the next one with a line does. */
static void
flow_pages(const flow *f)
{
	uint32_t next = (uint32_t)f->c.b->text.len;

	for (size_t i = f->t->npages; i-- > 0;) {
		pdf_page *p = &f->t->pages[i];

		for (uint32_t k = p->end; k-- > p->first;)
			if (!f->t->lines[k].dropped && !f->t->lines[k].apart)
				next = f->t->lines[k].out;
		p->out = next;
	}
}

void
pdf_flow(pdf_text *t, read_build *b)
{
	flow f = { .t = t };
	const pdf_page *page = NULL;

	compose_init(&f.c, b);
	pdf_words_init(&f.words, t);
	for (size_t i = 0; i < t->nlines; i++) {
		pdf_line *l = &t->lines[i], *next;
		compose_break gap;

		if (page != &t->pages[l->page]) {
			page = &t->pages[l->page];
			flow_measure(&f, page);
		}
		l->out = (uint32_t)b->text.len;
		if (!b->text.len || f.c.pending == COMPOSE_PARAGRAPH)
			flow_apart(&f, i + 1);
		if (l->dropped || l->apart)
			continue;
		if (!i || !flow_follows(l - 1, l) || flow_gap(&f, l - 1, l))
			f.right = flow_right(&f, (uint32_t)i, page);
		next = flow_next(&f, i);
		gap = next ? flow_break(&f, l, next) : COMPOSE_NONE;
		flow_write(&f, l, next, gap == COMPOSE_SPACE);
		compose_ask(&f.c, f.joined ? COMPOSE_NONE : gap);
	}
	flow_apart(&f, t->nlines);
	compose_end(&f.c);
	flow_pages(&f);
	t->failed |= f.words.failed;
	pdf_words_fini(&f.words);
}
