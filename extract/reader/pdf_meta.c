/* pdf_meta.c - what a PDF says of itself.  See pdf.h. */
#include "extract/reader/pdf.h"

#include "extract/read_file.h"

enum { META_MAX = 4000 }; /* bytes of one value */

/* A string of poppler's, taken: trimmed, white space collapsed, as long as b. */
static doc_str
meta_take(read_build *b, gchar *s)
{
	doc_str out = { "", 0 };

	if (s) {
		out = read_build_copy(b, s, min_size(strlen(s), META_MAX));
		out = read_str_trim(out);
	}
	g_free(s);
	return out;
}

static void
meta_field(read_build *b, const char *name, gchar *value)
{
	doc_str s = meta_take(b, value);

	if (s.n)
		read_build_string(b, read_str(name, strlen(name)), s, false);
}

void
pdf_meta(PopplerDocument *doc, const extract_input *in, const pdf_text *t, read_build *b)
{
	doc_str title = meta_take(b, poppler_document_get_title(doc));

	(void)t;
	b->doc.title = title.n ? title : read_file_name(in->name);
	meta_field(b, "author", poppler_document_get_author(doc));
	meta_field(b, "subject", poppler_document_get_subject(doc));
}
