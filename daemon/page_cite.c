/* page_cite.c - how to cite a document, or the place in it that was opened, as text and for
 * BibTeX. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/page_doc.h"
#include "daemon/settings.h"

static bool
is_pdf(const cdg_view *v)
{
	for (size_t f = 0; f < cdg_view_field_count(v); f++)
		if (!strcmp(cdg_view_field_name(v, f), "format"))
			return !strcmp(cdg_view_field_value(v, f), "pdf");
	return false;
}

/* The document's own address, else that of its page here, as text. */
static void
put_address(doc_page *d, buf *out)
{
	const char *url = cdg_view_url(d->v), *own = d->p->c->set->public_url;

	if (html_is_web(url)) {
		buf_put(out, url, is_pdf(d->v) ? strcspn(url, "#") : strlen(url));
		return;
	}
	buf_puts(out, own ? own : "http://");
	buf_puts(out, own ? "" : d->p->c->host);
	buf_puts(out, d->p->c->prefix);
	buf_puts(out, "/doc?id=");
	html_query(out, cdg_view_id(d->v));
}

/* What leads from there to the place: in a PDF the page, in our own page the character.  The
 * script changes it when another match is looked at. */
static void
put_anchor(doc_page *d, const char *number)
{
	page *p = d->p;

	if (!html_is_web(cdg_view_url(d->v))) {
		page_put(p, "<span data-cite=\"at\">");
		if (d->at != UINT64_MAX)
			buf_printf(p->o, "&amp;at=%llu#at", (unsigned long long)d->at);
		page_put(p, "</span>");
	} else if (is_pdf(d->v)) {
		page_put(p, "<span data-cite=\"page\">");
		if (number && strspn(number, "0123456789") == strlen(number))
			buf_printf(p->o, "#page=%s", number);
		page_put(p, "</span>");
	}
}

const char *
doc_label_at(cdg_part (*get)(const cdg_view *v, size_t i), size_t n, const cdg_view *v, uint64_t at)
{
	const char *label = NULL;

	for (size_t i = 0; i < n && at != UINT64_MAX; i++) {
		cdg_part s = get(v, i);

		if (s.start <= at && at < s.end && *s.label)
			label = s.label;
	}
	return label;
}

static void
put_plain(doc_page *d, const char *section, const char *number, const char *address)
{
	const char *title = cdg_view_title(d->v), *date = cdg_view_date(d->v);
	page *p = d->p;

	page_text(p, *title ? title : cdg_view_id(d->v));
	if (*date) {
		page_put(p, " (");
		page_text(p, date);
		page_put(p, ")");
	}
	page_put(p, "<span data-cite=\"place\">");
	if (section) {
		page_put(p, ", ");
		page_text(p, section);
	}
	if (number) {
		page_put(p, ", ");
		page_say(p, W_PAGE_NO, number, NULL);
	}
	page_put(p, "</span>. ");
	page_text(p, address);
	put_anchor(d, number);
}

/* What BibTeX and TeX read as signs is escaped; what would end a field is left out. */
static void
put_tex(page *p, const char *s)
{
	for (; *s; s++) {
		char two[3] = { '\\', *s, 0 };

		if (*s == '\\')
			page_put(p, "\\textbackslash ");
		else if (*s == '{' || *s == '}' || (unsigned char)*s < 0x20)
			page_put(p, " ");
		else if (*s == '~' || *s == '^')
			buf_printf(p->o, "\\%c ", *s);
		else if (strchr("&%$#_", *s))
			page_text(p, two);
		else
			html_text_n(p->o, s, 1);
	}
}

static void
put_tex_field(page *p, const char *name, const char *value)
{
	if (!value || !*value)
		return;
	buf_printf(p->o, ",\n  %s = {", name);
	put_tex(p, value);
	page_put(p, "}");
}

static void
put_bibtex(doc_page *d, const char *section, const char *number, const char *address)
{
	const char *title = cdg_view_title(d->v), *date = cdg_view_date(d->v), *id = cdg_view_id(d->v);
	char year[5] = "", month[3] = "";
	page *p = d->p;
	size_t n = 0;

	page_put(p, "@misc{");
	for (; *id && n < 40; id++)
		if (isalnum((unsigned char)*id) && (unsigned char)*id < 0x80) {
			buf_put_u8(p->o, (uint8_t)*id);
			n++;
		}
	page_put(p, n ? "" : "document");
	snprintf(year, sizeof year, "%.4s", date);
	if (strlen(date) >= 7)
		snprintf(month, sizeof month, "%.2s", date + 5);
	put_tex_field(p, "title", *title ? title : cdg_view_id(d->v));
	put_tex_field(p, "year", year);
	put_tex_field(p, "month", month);
	page_put(p, "<span data-cite=\"tex\">");
	put_tex_field(p, "chapter", section);
	put_tex_field(p, "pages", number);
	page_put(p, "</span>");
	/* in \url{} nothing is escaped */
	page_put(p, ",\n  howpublished = {\\url{");
	for (; *address; address++)
		if (*address == '{' || *address == '}' || *address == '\\')
			buf_printf(p->o, "%%%02X", (unsigned)*address);
		else
			html_text_n(p->o, address, 1);
	put_anchor(d, number);
	page_put(p, "}}\n}");
}

void
doc_put_cite(doc_page *d)
{
	const char *section = doc_label_at(cdg_view_section, cdg_view_section_count(d->v), d->v, d->at);
	const char *number = doc_label_at(cdg_view_page, cdg_view_page_count(d->v), d->v, d->at);
	page *p = d->p;
	buf address;

	buf_init(&address);
	put_address(d, &address);
	page_put(p, "<section class=\"cite\" aria-labelledby=\"cite\" data-page=\"");
	page_text(p, page_word(p, W_PAGE_NO));
	page_put(p, "\"><h2 id=\"cite\">");
	page_say(p, W_DOC_CITE, NULL, NULL);
	for (int i = 0; i < 2; i++) {
		page_put(p, i ? "</pre>\n<h3>" : "</h2>\n<h3>");
		page_say(p, i ? W_CITE_BIBTEX : W_CITE_PLAIN, NULL, NULL);
		page_put(p, "</h3><pre tabindex=\"0\" data-copy=\"");
		page_say(p, W_COPY, NULL, NULL);
		page_put(p, "\" data-copied=\"");
		page_say(p, W_COPIED, NULL, NULL);
		page_put(p, "\">");
		if (i)
			put_bibtex(d, section, number, buf_cstr(&address));
		else
			put_plain(d, section, number, buf_cstr(&address));
	}
	page_put(p, "</pre>\n</section>\n");
	p->o->failed |= address.failed;
	buf_fini(&address);
}
