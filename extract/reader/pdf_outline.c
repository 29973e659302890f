/* pdf_outline.c - the outline (bookmarks) of a PDF, each entry at the place in the text
 * where it leads.  See pdf.h.
 *
 * An entry names a page, and perhaps a height on it.  Its section begins at the line that
 * says what the entry says; else at the first line below that height; else with the page. */
#include "extract/reader/pdf.h"

#include <stdlib.h>

enum {
	OUTLINE_MAX = 50000, /* entries */
	OUTLINE_DEPTH = 30,
	OUTLINE_LABEL = 400, /* bytes of a label */
};

void
pdf_outline_fini(pdf_outline *o)
{
	mem_free(o->items);
	memset(o, 0, sizeof *o);
}

static bool
outline_is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80;
}

static char
outline_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

/* The lines from i on begin with the letters and digits of the title. */
static bool
outline_is_at(const pdf_text *t, uint32_t i, uint32_t end, doc_str title)
{
	const char *p = NULL;
	uint32_t left = 0;

	for (size_t k = 0; k < title.n; k++) {
		if (!outline_is_word(title.p[k]))
			continue;
		while (left && !outline_is_word(*p))
			p++, left--;
		while (!left) {
			if (i == end)
				return false;
			p = pdf_line_text(t, &t->lines[i]);
			left = t->lines[i++].n;
			while (left && !outline_is_word(*p))
				p++, left--;
		}
		if (outline_lower(*p) != outline_lower(title.p[k]))
			return false;
		p++, left--;
	}
	return true;
}

/* Where an entry that leads to this page and height (from above; negative: none) begins. */
static uint32_t
outline_place(const pdf_text *t, const pdf_page *page, float height, doc_str title)
{
	const pdf_line *below = NULL;

	for (uint32_t i = page->first; i < page->end; i++) {
		const pdf_line *l = &t->lines[i];

		if (l->dropped || l->apart)
			continue;
		if (title.n && outline_is_at(t, i, page->end, title))
			return l->out;
		if (height >= 0 && l->y2 > height && (!below || l->y1 < below->y1))
			below = l;
	}
	return below && below->out > page->out ? below->out : page->out;
}

static bool
outline_dest(PopplerDocument *doc, const pdf_text *t, const PopplerDest *dest, doc_str title, uint32_t *start)
{
	PopplerDest *named = NULL;
	bool ok = false;

	if (dest && dest->type == POPPLER_DEST_NAMED && dest->named_dest)
		dest = named = poppler_document_find_dest(doc, dest->named_dest);
	if (dest && dest->page_num >= 1 && (size_t)dest->page_num <= t->npages) {
		const pdf_page *page = &t->pages[dest->page_num - 1];

		*start = outline_place(t, page, dest->change_top ? page->height - (float)dest->top : -1, title);
		ok = true;
	}
	if (named)
		poppler_dest_free(named);
	return ok;
}

static void
outline_walk(pdf_outline *o, PopplerDocument *doc, const pdf_text *t, PopplerIndexIter *iter, unsigned depth, read_build *b)
{
	do {
		PopplerAction *action = poppler_index_iter_get_action(iter);
		PopplerIndexIter *child = depth < OUTLINE_DEPTH ? poppler_index_iter_get_child(iter) : NULL;
		const char *s = action && action->any.title ? action->any.title : "";
		doc_str title = read_str_trim(read_str(s, min_size(strlen(s), OUTLINE_LABEL)));
		pdf_outline_item item = { .depth = depth };

		if (title.n && action->type == POPPLER_ACTION_GOTO_DEST &&
		    outline_dest(doc, t, action->goto_dest.dest, title, &item.start)) {
			item.label = read_build_copy(b, title.p, title.n);
			item.order = (uint32_t)o->n;
			if (mem_grow(&o->items, &o->cap, o->n + 1, sizeof *o->items))
				o->items[o->n++] = item;
			else
				b->failed = true;
		}
		if (action)
			poppler_action_free(action);
		if (child) {
			outline_walk(o, doc, t, child, depth + 1, b);
			poppler_index_iter_free(child);
		}
	} while (o->n < OUTLINE_MAX && !b->failed && poppler_index_iter_next(iter));
}

static int
outline_compare(const void *a, const void *b)
{
	const pdf_outline_item *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

void
pdf_outline_read(pdf_outline *o, PopplerDocument *doc, const pdf_text *t, read_build *b)
{
	PopplerIndexIter *iter = poppler_index_iter_new(doc);

	memset(o, 0, sizeof *o);
	if (!iter)
		return;
	outline_walk(o, doc, t, iter, 1, b);
	poppler_index_iter_free(iter);
	if (o->n)
		qsort(o->items, o->n, sizeof *o->items, outline_compare);
}
