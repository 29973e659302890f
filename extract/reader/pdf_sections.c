/* pdf_sections.c - pages and outline, over the text that has been written.
 * See pdf.h. */
#include "extract/reader/pdf.h"

#include <stdio.h>

static void
sections_page(const pdf_text *t, size_t i, read_build *b)
{
	char label[24];
	int n = snprintf(label, sizeof label, "%zu", i + 1);

	read_build_page(b, t->pages[i].out, read_str(label, (size_t)n));
}

void
pdf_sections(PopplerDocument *doc, const pdf_text *t, read_build *b)
{
	pdf_outline outline;
	size_t page = 0;

	pdf_outline_read(&outline, doc, t, b);
	for (size_t i = 0; i < outline.n; i++) {
		const pdf_outline_item *item = &outline.items[i];

		while (page < t->npages && t->pages[page].out <= item->start)
			sections_page(t, page++, b);
		read_build_heading(b, item->start, item->depth, item->label);
	}
	while (page < t->npages)
		sections_page(t, page++, b);
	read_build_close(b, b->text.len);
	pdf_outline_fini(&outline);
}
