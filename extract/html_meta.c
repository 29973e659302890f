/* html_meta.c - what a page says of itself: <html lang>, <meta>, <link rel=canonical>,
 * JSON-LD, <time>.  Where several things name a date, the most telling one is taken. */
#include <libxml/uri.h>

#include "extract/html.h"
#include "extract/read_date.h"
#include "extract/read_file.h"

enum { META_VALUE_MAX = 4000 };

typedef enum meta_what {
	META_DATE,
	META_MODIFIED,
	META_LANG,
	META_TITLE,
	META_URL,
	META_FIELD,
	META_KEYWORDS /* a field, one value between commas */
} meta_what;

/* By name, property, itemprop or http-equiv. order: the smaller the better. */
static const struct meta_name {
	const char *name;
	uint8_t what, order;
	const char *field;
} meta_names[] = {
	{ "article:published_time", META_DATE, 1, NULL },
	{ "datepublished", META_DATE, 1, NULL },
	{ "citation_publication_date", META_DATE, 1, NULL },
	{ "citation_date", META_DATE, 1, NULL },
	{ "dc.date.issued", META_DATE, 1, NULL },
	{ "dcterms.issued", META_DATE, 1, NULL },
	{ "pubdate", META_DATE, 1, NULL },
	{ "publishdate", META_DATE, 1, NULL },
	{ "dc.date", META_DATE, 2, NULL },
	{ "dcterms.date", META_DATE, 2, NULL },
	{ "dcterms.created", META_DATE, 2, NULL },
	{ "dc.date.created", META_DATE, 2, NULL },
	{ "date", META_DATE, 2, NULL },
	{ "article:modified_time", META_MODIFIED, 1, NULL },
	{ "datemodified", META_MODIFIED, 1, NULL },
	{ "dcterms.modified", META_MODIFIED, 1, NULL },
	{ "dc.date.modified", META_MODIFIED, 1, NULL },
	{ "og:updated_time", META_MODIFIED, 2, NULL },
	{ "last-modified", META_MODIFIED, 2, NULL },
	{ "content-language", META_LANG, 2, NULL },
	{ "dc.language", META_LANG, 2, NULL },
	{ "dcterms.language", META_LANG, 2, NULL },
	{ "inlanguage", META_LANG, 3, NULL },
	{ "og:locale", META_LANG, 4, NULL },
	{ "og:title", META_TITLE, 2, NULL },
	{ "dc.title", META_TITLE, 2, NULL },
	{ "dcterms.title", META_TITLE, 2, NULL },
	{ "citation_title", META_TITLE, 2, NULL },
	{ "og:url", META_URL, 2, NULL },
	{ "author", META_FIELD, 0, "author" },
	{ "dc.creator", META_FIELD, 0, "author" },
	{ "dcterms.creator", META_FIELD, 0, "author" },
	{ "citation_author", META_FIELD, 0, "author" },
	{ "article:author", META_FIELD, 0, "author" },
	{ "description", META_FIELD, 1, "description" },
	{ "dc.description", META_FIELD, 1, "description" },
	{ "dcterms.description", META_FIELD, 1, "description" },
	{ "og:description", META_FIELD, 1, "description" },
	{ "dc.subject", META_KEYWORDS, 0, "keywords" },
	{ "dcterms.subject", META_KEYWORDS, 0, "keywords" },
	{ "keywords", META_KEYWORDS, 0, "keywords" },
	{ "article:tag", META_KEYWORDS, 0, "keywords" },
	{ "dc.publisher", META_FIELD, 1, "publisher" },
	{ "dcterms.publisher", META_FIELD, 1, "publisher" },
	{ "citation_publisher", META_FIELD, 1, "publisher" },
	{ "og:site_name", META_FIELD, 1, "publisher" },
	{ "dc.type", META_FIELD, 1, "type" },
	{ "dcterms.type", META_FIELD, 1, "type" },
};

doc_str
html_attribute(const xmlChar **atts, const char *name)
{
	for (; atts && atts[0]; atts += 2)
		if (strcmp((const char *)atts[0], name) == 0 && atts[1])
			return read_str((const char *)atts[1], strlen((const char *)atts[1]));
	return read_str(NULL, 0);
}

/* A better value than the one there is? */
static bool
meta_wins(uint8_t *have, uint8_t order)
{
	if (*have && *have <= order)
		return false;
	*have = order;
	return true;
}

static doc_str
meta_copy(html *h, doc_str s)
{
	s = read_build_copy(h->b, s.p, min_size(s.n, META_VALUE_MAX));
	if (h->b->failed)
		return s;
	return compose_collapse((char *)(uintptr_t)s.p, s.n);
}

static void
meta_field(html *h, const char *name, doc_str value, bool once)
{
	for (size_t i = 0; i < h->b->doc.nfields; i++) {
		const doc_field *f = &h->b->fields[i];

		if (f->name.n == strlen(name) && memcmp(f->name.p, name, f->name.n) == 0 &&
		    (once || (f->string.n == value.n && memcmp(f->string.p, value.p, value.n) == 0)))
			return;
	}
	value = meta_copy(h, value);
	if (value.n)
		read_build_string(h->b, read_str(name, strlen(name)), value, false);
}

static void
meta_keywords(html *h, const char *name, doc_str s)
{
	while (s.n) {
		const char *comma = memchr(s.p, ',', s.n);
		size_t n = comma ? (size_t)(comma - s.p) : s.n;
		doc_str word = read_str_trim(read_str(s.p, n));

		if (word.n && h->b->doc.nfields < 200)
			meta_field(h, name, word, false);
		n += comma != NULL;
		s = read_str(s.p + n, s.n - n);
	}
}

static void
meta_date(html *h, doc_str value, uint8_t order)
{
	doc_date date;

	if (!read_date(value.p, value.n, &date)) {
		if (value.n && !h->no_date.n)
			h->no_date = read_build_copy(h->b, value.p, min_size(value.n, 40));
	} else if (meta_wins(&h->date_order, order)) {
		h->b->doc.has_date = true;
		h->b->doc.date = date;
	}
}

/* "en_US.UTF-8", "en, fr": the first, as a tag of a language. */
static void
meta_lang(html *h, doc_str value, uint8_t order)
{
	size_t n = 0;

	while (n < value.n && n < 20 && (value.p[n] == '-' || value.p[n] == '_' || (value.p[n] >= '0' && value.p[n] <= '9') ||
					 ((value.p[n] | 32) >= 'a' && (value.p[n] | 32) <= 'z')))
		n++;
	if (n < 2 || !meta_wins(&h->lang_order, order))
		return;
	value = read_build_copy(h->b, value.p, n);
	for (size_t i = 0; i < value.n; i++)
		if (value.p[i] == '_')
			((char *)(uintptr_t)value.p)[i] = '-';
	h->b->doc.lang = value;
}

static void
meta_value(html *h, const struct meta_name *m, doc_str value)
{
	doc_date date;
	char text[24];

	switch ((meta_what)m->what) {
	case META_DATE:
		meta_date(h, value, m->order);
		break;
	case META_MODIFIED:
		if (read_date(value.p, value.n, &date))
			meta_field(h, "modified", read_str(text, doc_format_date(date, text)), true);
		break;
	case META_LANG:
		meta_lang(h, value, m->order);
		break;
	case META_TITLE:
		if (meta_wins(&h->title_order, m->order))
			h->b->doc.title = meta_copy(h, value);
		break;
	case META_URL:
		if (meta_wins(&h->url_order, m->order))
			h->b->doc.url = meta_copy(h, value);
		break;
	case META_FIELD:
		meta_field(h, m->field, value, m->order != 0);
		break;
	case META_KEYWORDS:
		meta_keywords(h, m->field, value);
		break;
	}
}

static void
meta_meta(html *h, const xmlChar **atts)
{
	static const char *const names[] = { "name", "property", "itemprop", "http-equiv" };
	doc_str name = { NULL, 0 }, content = html_attribute(atts, "content");

	for (size_t i = 0; i < countof(names) && !name.p; i++)
		name = html_attribute(atts, names[i]);
	content = read_str_trim(content);
	if (!name.p || !content.n)
		return;
	for (size_t i = 0; i < countof(meta_names); i++)
		if (word_is(name, meta_names[i].name)) {
			meta_value(h, &meta_names[i], content);
			return;
		}
}

static void
meta_time(html *h, const xmlChar **atts)
{
	doc_str when = html_attribute(atts, "datetime"), prop = html_attribute(atts, "itemprop");
	doc_date date;

	if (!when.n || h->drop || !read_date(when.p, when.n, &date))
		return;
	if (word_is(prop, "datePublished") || html_attribute(atts, "pubdate").p) {
		meta_date(h, when, 1);
	} else if (!h->has_time && h->main) {
		h->has_time = true;
		h->time = date;
	}
}

void
html_meta_element(html *h, const char *name, const xmlChar **atts)
{
	doc_str s;

	if (strcmp(name, "html") == 0) {
		s = html_attribute(atts, "lang");
		if (!s.n)
			s = html_attribute(atts, "xml:lang");
		meta_lang(h, s, 1);
	} else if (strcmp(name, "meta") == 0) {
		meta_meta(h, atts);
	} else if (strcmp(name, "link") == 0 && word_is(html_attribute(atts, "rel"), "canonical")) {
		s = read_str_trim(html_attribute(atts, "href"));
		if (s.n && meta_wins(&h->url_order, 1))
			h->b->doc.url = meta_copy(h, s);
	} else if (strcmp(name, "base") == 0 && !h->base.n) {
		s = read_str_trim(html_attribute(atts, "href"));
		h->base = meta_copy(h, s);
	} else if (strcmp(name, "time") == 0) {
		meta_time(h, atts);
	}
}

/* ---- JSON-LD ------------------------------------------------------------ */

/* The string that stands behind the first "key": , as it is written; n 0: none.  No parser
 * of JSON: what is looked for are dates and tags of languages, which need none. */
static doc_str
meta_json_string(const buf *json, const char *key)
{
	const char *p = (const char *)json->p, *end = p + json->len;
	size_t n = strlen(key);

	for (; p && p < end && (p = memchr(p, '"', (size_t)(end - p))); p++) {
		const char *q = p + 1, *from;

		if ((size_t)(end - q) <= n || memcmp(q, key, n) != 0 || q[n] != '"')
			continue;
		for (q += n + 1; q < end && (compose_is_space(*q) || *q == ':');)
			q++;
		if (q == end || *q != '"')
			continue;
		for (from = ++q; q < end && *q != '"' && *q != '\\';)
			q++;
		return read_str(from, q < end && *q == '"' ? (size_t)(q - from) : 0);
	}
	return read_str("", 0);
}

static void
meta_jsonld(html *h)
{
	static const char *const dates[] = { "datePublished", "legislationDate", "dateCreated" };
	doc_str modified = meta_json_string(&h->jsonld, "dateModified"), number, type;
	doc_date date;
	char text[24];

	for (size_t i = 0; i < countof(dates); i++) {
		doc_str when = meta_json_string(&h->jsonld, dates[i]);

		meta_date(h, when, 2);
	}
	if (read_date(modified.p, modified.n, &date))
		meta_field(h, "modified", read_str(text, doc_format_date(date, text)), true);
	meta_lang(h, meta_json_string(&h->jsonld, "inLanguage"), 3);
	if (!h->title_order) {
		doc_str headline = meta_json_string(&h->jsonld, "headline");

		if (headline.n && meta_wins(&h->title_order, 3))
			h->b->doc.title = meta_copy(h, headline);
	}
	number = meta_json_string(&h->jsonld, "legislationIdentifier");
	type = meta_json_string(&h->jsonld, "legislationType");
	if (number.n)
		meta_field(h, "number", number, true);
	if (type.n)
		meta_field(h, "type", type, true);
}

/* The address against that of <base>; one without a host is left to the caller. */
static void
meta_resolve(html *h)
{
	document *d = &h->b->doc;
	doc_str url, base;
	xmlChar *full;

	if (!d->url.n || !h->base.n)
		return;
	url = read_build_copy(h->b, d->url.p, d->url.n); /* with a NUL behind it */
	base = read_build_copy(h->b, h->base.p, h->base.n);
	if (h->b->failed)
		return;
	full = xmlBuildURI((const xmlChar *)url.p, (const xmlChar *)base.p);
	if (full)
		d->url = read_build_copy(h->b, (const char *)full, strlen((const char *)full));
	if (full)
		xmlFree(full);
}

void
html_meta_finish(html *h, const char *path)
{
	document *d = &h->b->doc;
	doc_str title = compose_collapse((char *)h->title.p, h->title.len);

	if (h->jsonld.len)
		meta_jsonld(h);
	if (!d->has_date && h->has_time) {
		d->has_date = true;
		d->date = h->time;
	}
	if (!d->has_date && h->no_date.n)
		read_build_warn(h->b, "\"%.*s\" is not a date: left out", (int)h->no_date.n, h->no_date.p);
	if (title.n)
		d->title = read_build_copy(h->b, title.p, title.n);
	else if (!d->title.n)
		d->title = h->c.first_heading.n ? h->c.first_heading : read_file_name(path);
	meta_resolve(h);
	if (h->title.failed || h->jsonld.failed)
		h->b->failed = true;
}
