/* page_link.c - addresses that keep the state of a page, and the names of fields. */
#include <ctype.h>
#include <strings.h>

#include "backend/api.h"
#include "daemon/page.h"

static const char *const carried[] = { "q", "id", "at", "part", "filter", "sort", "n", "view", "by", "more", "op", "hl", "offset" };

/* Whether a parameter goes with links from page to page: what is about one document, or
 * about one part of a list, only when it is asked for. */
static bool
is_kept(const page_link *l, const char *name)
{
	bool doc = !strcmp(l->path, "/doc");

	if (!strcmp(name, "at") || !strcmp(name, "part"))
		return false;
	if (!strcmp(name, "id") || !strcmp(name, "offset") || !strcmp(name, "view")) /* a document's way back */
		return doc;
	if (!strcmp(name, "filter"))
		return !l->no_filters;
	return true;
}

static void
put_param(page *p, char *sep, const char *name, const char *value)
{
	buf_puts(p->o, *sep == '?' ? "?" : "&amp;");
	buf_puts(p->o, name);
	buf_puts(p->o, "=");
	html_query(p->o, value);
	*sep = '&';
}

void
page_put_link(page *p, const page_link *l)
{
	char sep = '?';

	html_text(p->o, p->c->prefix);
	html_text(p->o, l->path);
	for (size_t i = 0; i < countof(carried); i++) {
		const char *name = carried[i];
		const web_pair *v;
		bool is_set = false;

		for (size_t k = 0; k < countof(l->set) && l->set[k][0]; k++)
			if (!strcmp(l->set[k][0], name)) {
				is_set = true;
				if (l->set[k][1] && *l->set[k][1])
					put_param(p, &sep, name, l->set[k][1]);
			}
		for (size_t at = 0; !is_set && is_kept(l, name) && (v = web_param_at(p->c, name, &at));)
			if (v->len && !(l->drop && !strcmp(name, "filter") && !strcmp(v->value, l->drop)))
				put_param(p, &sep, name, v->value);
		if (l->add && !strcmp(name, "filter"))
			put_param(p, &sep, name, l->add);
	}
	if (l->fragment) {
		buf_puts(p->o, "#");
		html_query(p->o, l->fragment);
	}
}

/* ---- fields ---------------------------------------------------------------------------- */

/* In the order they are shown in; those without a label have their own name. */
static const struct {
	const char *name;
	word_id label;
} labels[] = {
	{ "type", W_F_TYPE },             { "lang", W_F_LANG },         { "jurisdiction", W_F_JURISDICTION },
	{ "country", W_F_COUNTRY },       { "agency", W_F_AGENCY },     { "collection", W_F_COLLECTION },
	{ "category", W_F_CATEGORY },     { "status", W_F_STATUS },     { "section", W_F_SECTION },
	{ "speaker", W_F_SPEAKER },       { "author", W_F_AUTHOR },     { "source", W_F_SOURCE },
	{ "format", W_F_FORMAT },         { "hierarchy", W_F_HIERARCHY }, { "date", W_F_DATE },
	{ "date:year", W_F_YEAR },        { "year", W_F_YEAR },         { "number", W_F_NUMBER },
	{ "pages", W_F_PAGES },           { "path", W_F_PATH },         { "url", W_F_URL },
	{ "id", W_F_ID },                 { "description", W_F_DESCRIPTION },
};

void
page_field(page *p, const char *field)
{
	char first[2] = { 0 };

	for (size_t i = 0; i < countof(labels); i++)
		if (!strcasecmp(labels[i].name, field)) {
			page_say(p, labels[i].label, NULL, NULL);
			return;
		}
	if ((unsigned char)*field < 0x80 && *field) {
		first[0] = (char)toupper((unsigned char)*field++);
		page_text(p, first);
	}
	for (; *field; field++)
		html_text_n(p->o, *field == '_' ? " " : field, 1);
}

void
page_value(page *p, const char *field, const char *value)
{
	char name[128];

	if (!strcmp(field, "lang"))
		page_text(p, words_language(p->lang, value, name, sizeof name));
	else
		page_text(p, value);
}

static size_t
rank_of(const char *field)
{
	for (size_t i = 0; i < countof(labels); i++)
		if (!strcasecmp(labels[i].name, field))
			return i;
	return countof(labels);
}

const char *const *
page_fields(page *p, size_t *n)
{
	static const char *const least[] = { "lang" };
	const cdg_index *x = p->c->index;
	const char **list;
	size_t count = 0;

	*n = 0;
	if (!x)
		return least;
	if (!x->snap) { /* one that keeps no list of them */
		*n = 1;
		return least;
	}
	list = arena_alloc(&p->c->mem, (x->snap->manifest.nfields + 1) * sizeof *list);
	if (!list)
		return least;
	for (size_t i = 0; i < x->snap->manifest.nfields; i++) {
		size_t at = count++;

		for (; at && rank_of(list[at - 1]) > rank_of(x->snap->manifest.fields[i]); at--)
			list[at] = list[at - 1];
		list[at] = x->snap->manifest.fields[i];
	}
	*n = count;
	return list;
}

bool
page_has_field(page *p, const char *field)
{
	size_t n;
	const char *const *fields = page_fields(p, &n);

	for (size_t i = 0; i < n; i++)
		if (!strcmp(fields[i], field))
			return true;
	return false;
}
