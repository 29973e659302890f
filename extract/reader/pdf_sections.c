/* pdf_sections.c - pages, outline and numbering, over the text that has been written.
 * See pdf.h.
 *
 * The outline goes first: an entry that stands where a number does is that heading, and
 * only numbers below the levels that the outline has make sections of their own. */
#include "extract/reader/pdf.h"

#include <stdio.h>

#include "engine/kind.h"
#include "extract/numbering.h"

typedef struct sections {
	const pdf_text *t;
	read_build *b;
	pdf_outline outline;
	numbering_list numbers;
	size_t page, entry; /* next ones */
	unsigned depth;	    /* of the outline */
	unsigned told;	    /* rank of numbers that the outline has */
} sections;

static void
sections_page(sections *s)
{
	char label[24];
	int n = snprintf(label, sizeof label, "%zu", s->page + 1);

	read_build_page(s->b, s->t->pages[s->page++].out, read_str(label, (size_t)n));
}

/* The number that stands where an entry leads to: items from *at on. */
static const numbering_item *
sections_number(const sections *s, const pdf_outline_item *entry, size_t *at)
{
	const numbering_list *list = &s->numbers;

	while (*at < list->n && list->items[*at].start < entry->start)
		(*at)++;
	return *at < list->n && list->items[*at].start == entry->start ? &list->items[*at] : NULL;
}

static void
sections_measure(sections *s)
{
	size_t at = 0;

	for (size_t i = 0; i < s->outline.n; i++) {
		const numbering_item *item = sections_number(s, &s->outline.items[i], &at);

		if (s->outline.items[i].depth > s->depth)
			s->depth = s->outline.items[i].depth;
		if (item && item->rank > s->told)
			s->told = item->rank;
	}
}

/* Pages and entries that begin up to here. */
static void
sections_before(sections *s, uint32_t start, size_t *at)
{
	for (;;) {
		const pdf_outline_item *entry = s->entry < s->outline.n ? &s->outline.items[s->entry] : NULL;
		uint32_t page = s->page < s->t->npages ? s->t->pages[s->page].out : UINT32_MAX;

		if (page <= start && (!entry || page <= entry->start)) {
			if (s->page == s->t->npages)
				return;
			sections_page(s);
		} else if (entry && entry->start <= start) {
			const numbering_item *item = sections_number(s, entry, at);

			read_build_section(s->b, entry->start, entry->depth,
					   item ? item->kind : tree_kind_name(TREE_SECTION), entry->label);
			s->entry++;
		} else {
			return;
		}
	}
}

void
pdf_sections(PopplerDocument *doc, const pdf_text *t, read_build *b)
{
	sections s = { .t = t, .b = b };
	size_t at = 0;

	pdf_outline_read(&s.outline, doc, t, b);
	b->failed |= !numbering_find(b->doc.text, &s.numbers);
	sections_measure(&s);
	for (size_t i = 0; i < s.numbers.n && !b->failed; i++) {
		const numbering_item *item = &s.numbers.items[i];

		sections_before(&s, item->start, &at);
		if (item->rank > s.told)
			read_build_section(b, item->start, s.depth + item->rank, item->kind,
					   numbering_label(b, b->doc.text, item));
	}
	sections_before(&s, UINT32_MAX, &at);
	read_build_close(b, b->text.len);
	numbering_list_fini(&s.numbers);
	pdf_outline_fini(&s.outline);
}
