/* pdf_sections.c - pages and the outline, over the text that has been written.  See
 * pdf.h. */
#include "extract/reader/pdf.h"

#include <stdio.h>

#include "engine/kind.h"
#include "extract/compose.h"

void
pdf_sections(PopplerDocument *doc, const pdf_text *t, read_build *b)
{
	(void)doc;
	for (size_t i = 0; i < t->npages; i++) {
		char label[24];
		int n = snprintf(label, sizeof label, "%zu", i + 1);

		read_build_page(b, t->pages[i].out, read_str(label, (size_t)n));
	}
	read_build_close(b, b->text.len);
}
