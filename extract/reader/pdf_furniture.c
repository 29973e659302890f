/* pdf_furniture.c - running heads and feet and page numbers.  See pdf.h.
 *
 * From the outermost row of each page inwards, a row is furniture if the same words (any
 * digits, which count pages) stand in the same place on more than half of the pages, or
 * of those with odd or even numbers, or on several pages close by (the head of a
 * chapter).  Where such words come first they stay, so that none is lost. */
#include "extract/reader/pdf.h"

#include <stdlib.h>
#include <xxhash.h>

#include "extract/word.h"

enum {
	FURNITURE_ROWS = 4,  /* at each end of a page */
	FURNITURE_PAGES = 3, /* on at least so many */
	FURNITURE_NEAR = 4,  /* pages before and behind that are close by */
};

typedef struct furniture_row {
	uint64_t key;
	uint32_t page;
	bool words; /* more than a page number */
} furniture_row;

typedef struct furniture {
	pdf_text *t;
	furniture_row *rows;
	size_t nrows;
	bool foot;
} furniture;

static bool
furniture_is_roman(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strchr("ivxlcIVXLC", p[i]))
			return false;
	return n > 0;
}

/* "Page # of #" and the like say nothing but the number. */
static bool
furniture_counts(const char *p, size_t n)
{
	static const char *const words[] = { "page", "pages", "of", "seite", "von", "sur", "página", "de", "pagina", "di", "p", "#",
					     "第", "页", "共", "/", "-", "–", "—", "|", ".", "(", ")", " " };
	size_t i = 0;

	while (i < n) {
		size_t best = 0;

		for (size_t k = 0; k < countof(words); k++) {
			size_t len = strlen(words[k]);

			if (len > best && word_starts(p + i, p + n, words[k]))
				best = len;
		}
		if (!best)
			return false;
		i += best;
	}
	return true;
}

/* The words of a line with all numbers alike.  False: there is nothing but a number. */
static bool
furniture_words(const char *p, size_t n, char *out, size_t *len)
{
	bool words = false;
	size_t k = 0;

	if (furniture_is_roman(p, n)) {
		out[0] = '#';
		*len = 1;
		return false;
	}
	for (size_t i = 0; i < n && k < 200; i++) {
		bool digit = p[i] >= '0' && p[i] <= '9';

		if (digit && k && out[k - 1] == '#')
			continue;
		out[k++] = digit ? '#' : p[i];
		words |= (p[i] | 0x20) >= 'a' || (unsigned char)p[i] >= 0x80;
	}
	*len = k;
	return words && !furniture_counts(out, k);
}

/* The outermost line of a page that is left; NULL if there is none near the edge. */
static const pdf_line *
furniture_outermost(const furniture *f, const pdf_page *page)
{
	const pdf_line *best = NULL;

	for (uint32_t i = page->first; i < page->end; i++) {
		const pdf_line *l = &f->t->lines[i];

		if (!l->dropped && !l->apart && (!best || (f->foot ? l->y2 > best->y2 : l->y1 < best->y1)))
			best = l;
	}
	if (!best || (f->foot ? best->y1 < page->height * 0.8f : best->y2 > page->height * 0.2f))
		return NULL;
	return best;
}

static bool
furniture_same_row(const pdf_line *a, const pdf_line *b)
{
	float middle = (b->y1 + b->y2) / 2;

	return middle > a->y1 && middle < a->y2;
}

/* The key of a page's outermost row; false: it has none. */
static bool
furniture_key(const furniture *f, uint32_t at, furniture_row *row)
{
	const pdf_page *page = &f->t->pages[at];
	const pdf_line *edge = furniture_outermost(f, page);

	if (!edge)
		return false;
	/* where it stands, coarsely: the sum does not care about order (odd and even pages) */
	*row = (furniture_row){ .key = (uint64_t)(edge->y1 > 0 ? edge->y1 / 6 : 0), .page = at };
	for (uint32_t i = page->first; i < page->end; i++) {
		const pdf_line *l = &f->t->lines[i];
		char words[201];
		size_t n;

		if (l->dropped || l->apart || !furniture_same_row(edge, l))
			continue;
		row->words |= furniture_words(pdf_line_text(f->t, l), l->n, words, &n);
		row->key += XXH3_64bits(words, n);
	}
	return true;
}

static void
furniture_mark(const furniture *f, const furniture_row *row, bool keep)
{
	const pdf_page *page = &f->t->pages[row->page];
	const pdf_line *edge = furniture_outermost(f, page);

	for (uint32_t i = page->first; edge && i < page->end; i++) {
		pdf_line *l = &f->t->lines[i];

		if (l == edge || l->dropped || l->apart || !furniture_same_row(edge, l))
			continue;
		l->dropped = !keep;
		l->apart = keep;
	}
	if (edge) {
		f->t->lines[edge - f->t->lines].dropped = !keep;
		f->t->lines[edge - f->t->lines].apart = keep;
	}
}

static int
furniture_compare(const void *a, const void *b)
{
	const furniture_row *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->page < y->page ? -1 : x->page > y->page;
}

/* Rows [0, n) have one key. */
static void
furniture_group(const furniture *f, const furniture_row *rows, size_t n)
{
	size_t all = f->t->npages, half[2] = { 0, 0 };
	bool kept = false;

	if (n < FURNITURE_PAGES)
		return;
	for (size_t i = 0; i < n; i++)
		half[rows[i].page & 1]++;
	for (size_t i = 0; i < n; i++) {
		size_t from = i, to = i;

		while (from && rows[i].page - rows[from - 1].page <= FURNITURE_NEAR)
			from--;
		while (to + 1 < n && rows[to + 1].page - rows[i].page <= FURNITURE_NEAR)
			to++;
		if (n * 2 > all || half[rows[i].page & 1] * 4 > all || to - from + 1 >= FURNITURE_PAGES) {
			furniture_mark(f, &rows[i], rows[i].words && !kept);
			kept = true;
		}
	}
}

static void
furniture_round(furniture *f)
{
	f->nrows = 0;
	for (uint32_t i = 0; i < f->t->npages; i++)
		f->nrows += furniture_key(f, i, &f->rows[f->nrows]);
	qsort(f->rows, f->nrows, sizeof *f->rows, furniture_compare);
	for (size_t i = 0, n; i < f->nrows; i += n) {
		for (n = 1; i + n < f->nrows && f->rows[i + n].key == f->rows[i].key;)
			n++;
		furniture_group(f, f->rows + i, n);
	}
}

void
pdf_furniture(pdf_text *t)
{
	furniture f = { .t = t };

	if (t->npages < FURNITURE_PAGES || t->failed)
		return;
	f.rows = mem_alloc(t->npages * sizeof *f.rows);
	if (!f.rows) {
		t->failed = true;
		return;
	}
	for (int end = 0; end < 2; end++) {
		f.foot = end;
		for (int i = 0; i < FURNITURE_ROWS; i++)
			furniture_round(&f);
	}
	mem_free(f.rows);
}
