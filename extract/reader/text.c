/* text.c - plain text, Markdown and HTML in any encoding, as documents. */
#include "extract/format.h"
#include "extract/read_encoding.h"
#include "extract/read_file.h"
#include "extract/reader/readers.h"

cdg_status
extract_text(extract_job *job, const extract_input *in, cdg_error *err)
{
	extract_format format =
		extract_sniff_as(in->name, in->content_type, in->data, min_size(in->n, EXTRACT_HEAD)).format;
	read_build *b = extract_begin(job, in);
	doc_str charset = { "", 0 };
	uint64_t replaced = 0;
	const char *view;
	size_t n;
	cdg_status st;
	bool ok;
	buf clean;

	buf_init(&clean);
	if (in->charset)
		charset = read_str(in->charset, strlen(in->charset));
	else if (format == EXTRACT_HTML)
		charset = read_html_charset(read_str(in->data, in->n));
	st = read_encoding_declared(in->data, in->n, charset.p, charset.n, &clean, &view, &n, &replaced, err);
	if (st == CDG_OK) {
		if (format == EXTRACT_HTML)
			ok = read_html(b, in->name, read_str(view, n));
		else if (format == EXTRACT_MARKDOWN)
			ok = read_md(b, in->name, read_str(view, n));
		else
			ok = read_text(b, in->name, read_str(view, n));
		b->doc.replaced += replaced;
		st = ok ? extract_give(job, in, extract_format_name(format), err) : err_nomem(err);
	}
	buf_fini(&clean);
	return st;
}
