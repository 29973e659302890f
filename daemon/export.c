/* export.c - a list of results, or of lines, as a table for spreadsheet programs: what the
 * page's link "CSV" gives (`format=csv&sheet=1`).
 *
 * It begins with a byte order mark, without which such programs do not read it as UTF-8; a cell
 * that they would take for a formula begins with an apostrophe.  The columns are those of
 * format=csv, all fields of the index, the passages with their places, and two addresses: the
 * document on this site at its first passage, and the search itself with its filters, by which
 * the table tells what it is of. */
#include <stdio.h>

#include "daemon/handlers.h"
#include "daemon/page.h"
#include "daemon/param.h"

enum { PASSAGES = 3 };

static void
put_cell(buf *out, const char *s, bool last)
{
	buf_puts(out, "\"");
	if (*s && strchr("=+-@\t\r", *s))
		buf_puts(out, "'");
	for (; *s; s++) {
		if (*s == '"')
			buf_puts(out, "\"");
		buf_put_u8(out, (uint8_t)*s);
	}
	buf_puts(out, last ? "\"\r\n" : "\",");
}

/* The address of this search as the page has it. */
static void
search_address(const web_call *c, const char *base, buf *out)
{
	static const char *const kept[] = { "q", "filter", "sort", "op", "hl" };
	char sep = '?';

	buf_printf(out, "%s%s", base, c->path);
	for (size_t i = 0; i < countof(kept); i++) {
		const web_pair *v;

		for (size_t at = 0; (v = web_param_at(c, kept[i], &at));) {
			if (!v->len)
				continue;
			buf_printf(out, "%c%s=", sep, kept[i]);
			html_query(out, v->value);
			sep = '&';
		}
	}
}

/* at UINT64_MAX: nowhere in it. */
static void
document_address(const char *base, const char *id, const char *q, uint64_t at, buf *out)
{
	out->len = 0;
	buf_printf(out, "%s/doc?id=", base);
	html_query(out, id);
	if (*q) {
		buf_puts(out, "&q=");
		html_query(out, q);
	}
	if (at != UINT64_MAX)
		buf_printf(out, "&at=%llu#at", (unsigned long long)at);
}

static const char *
field_of(const cdg_results *r, size_t i, const char *name)
{
	for (size_t f = 0; f < cdg_hit_field_count(r, i); f++)
		if (!strcmp(cdg_hit_field_name(r, i, f), name))
			return cdg_hit_field_value(r, i, f);
	return "";
}

/* What has no column of its own. */
static bool
is_further(const char *field)
{
	static const char *const own[] = { "id", "title", "date", "lang", "url" };

	for (size_t i = 0; i < countof(own); i++)
		if (!strcmp(field, own[i]))
			return false;
	return true;
}

static void
put_passage(buf *out, const cdg_results *r, size_t i, size_t s)
{
	bool is = s < cdg_hit_snippet_count(r, i);
	buf path;

	buf_init(&path);
	for (size_t k = 0; is && k < cdg_snippet_section_count(r, i, s); k++) {
		buf_puts(&path, k ? " > " : "");
		buf_puts(&path, cdg_snippet_section(r, i, s, k));
	}
	put_cell(out, is ? cdg_snippet_text(r, i, s) : "", false);
	put_cell(out, is ? cdg_snippet_page(r, i, s) : "", false);
	put_cell(out, buf_cstr(&path), false);
	out->failed |= path.failed;
	buf_fini(&path);
}

static void
put_names(page *p, const char *const *fields, size_t n)
{
	static const char *const names[] = { "rank", "id", "score", "title", "date", "lang", "url" };
	char name[32];

	buf_puts(p->o, "\xef\xbb\xbf");
	for (size_t i = 0; i < countof(names); i++)
		put_cell(p->o, names[i], false);
	for (size_t i = 0; i < n; i++)
		if (is_further(fields[i]))
			put_cell(p->o, fields[i], false);
	for (int i = 1; i <= PASSAGES; i++) {
		static const char *const of_passage[] = { "passage", "page", "section" };

		for (size_t k = 0; k < countof(of_passage); k++) {
			snprintf(name, sizeof name, "%s %d", of_passage[k], i);
			put_cell(p->o, name, false);
		}
	}
	put_cell(p->o, "link", false);
	put_cell(p->o, "search", true);
}

static void
put_hit(page *p, const cdg_results *r, size_t i, const char *const *fields, size_t n, const char *link, const char *search)
{
	char number[48];

	snprintf(number, sizeof number, "%llu,", (unsigned long long)cdg_hit_rank(r, i));
	buf_puts(p->o, number);
	put_cell(p->o, cdg_hit_id(r, i), false);
	snprintf(number, sizeof number, "%.9g,", cdg_hit_score(r, i));
	buf_puts(p->o, number);
	put_cell(p->o, cdg_hit_title(r, i), false);
	put_cell(p->o, cdg_hit_date(r, i), false);
	put_cell(p->o, cdg_hit_lang(r, i), false);
	put_cell(p->o, cdg_hit_url(r, i), false);
	for (size_t f = 0; f < n; f++)
		if (is_further(fields[f]))
			put_cell(p->o, field_of(r, i, fields[f]), false);
	for (size_t s = 0; s < PASSAGES; s++)
		put_passage(p->o, r, i, s);
	put_cell(p->o, link, false);
	put_cell(p->o, search, true);
}

void
export_hits(web_call *c, const cdg_results *r)
{
	const web_pair *q = web_param(c, "q");
	const char *base = web_base(c);
	page p = { .c = c, .o = &c->out, .q = q ? q->value : "" };
	const char *const *fields;
	buf search, link;
	size_t n;

	if (!base)
		return;
	fields = page_fields(&p, &n);
	buf_init(&search);
	buf_init(&link);
	search_address(c, base, &search);
	put_names(&p, fields, n);
	for (size_t i = 0; i < cdg_results_count(r); i++) {
		document_address(base, cdg_hit_id(r, i), p.q, cdg_hit_snippet_count(r, i) ? cdg_snippet_start(r, i, 0) : UINT64_MAX, &link);
		put_hit(&p, r, i, fields, n, buf_cstr(&link), buf_cstr(&search));
	}
	c->out.failed |= search.failed || link.failed;
	buf_fini(&search);
	buf_fini(&link);
}

static void
put_line(buf *out, const cdg_line *l, const char *link, const char *search)
{
	const char *const texts[] = { l->id, l->title, l->date, l->left, l->match, l->right, l->page };
	buf path;

	buf_init(&path);
	for (size_t k = 0; k < l->section_count; k++) {
		buf_puts(&path, k ? " > " : "");
		buf_puts(&path, l->sections[k]);
	}
	for (size_t i = 0; i < countof(texts); i++)
		put_cell(out, texts[i], false);
	put_cell(out, buf_cstr(&path), false);
	put_cell(out, l->url, false);
	put_cell(out, link, false);
	put_cell(out, search, true);
	out->failed |= path.failed;
	buf_fini(&path);
}

void
export_lines(web_call *c, const cdg_lines *x)
{
	const web_pair *q = web_param(c, "q");
	const char *base = web_base(c);
	buf search, link;

	if (!base)
		return;
	buf_init(&search);
	buf_init(&link);
	search_address(c, base, &search);
	buf_puts(&c->out, "\xef\xbb\xbf\"id\",\"title\",\"date\",\"left\",\"match\",\"right\",\"page\",\"section\",\"url\",\"link\",\"search\"\r\n");
	for (size_t i = 0; i < cdg_lines_count(x); i++) {
		cdg_line l = cdg_lines_at(x, i);

		document_address(base, l.id, q ? q->value : "", l.start, &link);
		put_line(&c->out, &l, buf_cstr(&link), buf_cstr(&search));
	}
	c->out.failed |= search.failed || link.failed;
	buf_fini(&search);
	buf_fini(&link);
}
