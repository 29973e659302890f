/* text.c - plain text, Markdown and HTML in any encoding, as documents. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memmem */
#endif
#include <libxml/uri.h>

#include "extract/format.h"
#include "extract/read_encoding.h"
#include "extract/read_file.h"
#include "extract/reader/readers.h"

/* The canonical address against the one the page came from; without a host it is none. */
static void
text_resolve(read_build *b, const extract_input *in)
{
	document *d = &b->doc;
	xmlChar *full = NULL;
	doc_str url;

	if (!d->url.n || memmem(d->url.p, min_size(d->url.n, 16), "://", 3))
		return;
	url = read_build_copy(b, d->url.p, d->url.n);
	d->url = read_str("", 0);
	if (in->url && !b->failed)
		full = xmlBuildURI((const xmlChar *)url.p, (const xmlChar *)in->url);
	if (full)
		d->url = read_build_copy(b, (const char *)full, strlen((const char *)full));
	if (full)
		xmlFree(full);
}

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
		if (format == EXTRACT_HTML)
			text_resolve(b, in);
		b->doc.replaced += replaced;
		st = ok ? extract_give(job, in, extract_format_name(format), err) : err_nomem(err);
	}
	buf_fini(&clean);
	return st;
}
