/* meta.c - see meta.h. */
#include "extract/reader/meta.h"

#include "extract/compose.h"
#include "extract/word.h"

enum { META_MAX = 4000 };

static void
meta_date(read_build *b, bool modified, doc_str value)
{
	doc_date date;

	if (!doc_parse_date(value.p, value.n, &date)) {
		read_build_warn(b, "date \"%.*s\" is none: left out", (int)min_size(value.n, 40), value.p);
		return;
	}
	if (date.day <= doc_day(1980, 1, 1))
		return;
	if (modified) {
		read_build_string(b, read_str("modified", 8), value, false);
	} else if (!b->doc.has_date) {
		b->doc.has_date = true;
		b->doc.date = date;
	}
}

static bool
meta_repeats(const read_build *b, const char *name, doc_str value)
{
	for (size_t i = 0; i < b->doc.nfields; i++) {
		const doc_field *f = &b->fields[i];

		if (f->name.n == strlen(name) && memcmp(f->name.p, name, f->name.n) == 0 && f->string.n == value.n &&
		    memcmp(f->string.p, value.p, value.n) == 0)
			return true;
	}
	return false;
}

void
meta_set(read_build *b, meta_key key, doc_str value)
{
	static const char *const names[] = {
		[META_AUTHOR] = "author",
		[META_SUBJECT] = "subject",
		[META_KEYWORDS] = "keywords",
		[META_DESCRIPTION] = "description",
		[META_PUBLISHER] = "publisher",
		[META_TYPE] = "type",
		[META_NUMBER] = "number",
	};
	doc_str copy = read_build_copy(b, value.p, value.p ? min_size(value.n, META_MAX) : 0);

	if (b->failed)
		return;
	value = compose_collapse((char *)(uintptr_t)copy.p, copy.n);
	if (!value.n || key == META_NONE)
		return;
	if (key == META_TITLE) {
		if (!b->doc.title.n)
			b->doc.title = value;
	} else if (key == META_LANG) {
		if (!b->doc.lang.n)
			b->doc.lang = value;
	} else if (key == META_CREATED || key == META_MODIFIED) {
		meta_date(b, key == META_MODIFIED, value);
	} else if (!meta_repeats(b, names[key], value)) {
		read_build_string(b, read_str(names[key], strlen(names[key])), value, false);
	}
}

/* Names that word processors give of themselves. */
static bool
meta_is_made_up(doc_str title)
{
	static const char *const begins[] = { "Microsoft Word - ", "Microsoft PowerPoint - ", "Document", "PowerPoint Presentation",
					      "Untitled", "Presentation", "Slide 1", "Folie 1", "Dokument" };

	for (size_t i = 0; i < countof(begins); i++) {
		size_t n = strlen(begins[i]);
		size_t k = n;

		if (!word_starts(title.p, title.p + title.n, begins[i]))
			continue;
		if (i == 0 || i == 1)
			return true;
		while (k < title.n && (title.p[k] == ' ' || (title.p[k] >= '0' && title.p[k] <= '9')))
			k++;
		if (k == title.n)
			return true;
	}
	return false;
}

void
meta_title_else(read_build *b, doc_str value)
{
	if (value.n && (!b->doc.title.n || meta_is_made_up(b->doc.title)))
		b->doc.title = value;
}

void
meta_langs_init(meta_langs *l)
{
	memset(l, 0, sizeof *l);
	l->now = -1;
}

void
meta_langs_begin(meta_langs *l, doc_str tag)
{
	int i = 0;

	l->now = -1;
	if (!tag.n || tag.n >= sizeof l->of[0].tag)
		return;
	while (i < META_LANGS && l->of[i].tag[0] && (strncmp(l->of[i].tag, tag.p, tag.n) != 0 || l->of[i].tag[tag.n]))
		i++;
	if (i == META_LANGS)
		return;
	memcpy(l->of[i].tag, tag.p, tag.n);
	l->now = i;
}

void
meta_langs_end(const meta_langs *l, read_build *b, doc_str fallback)
{
	size_t best = 0;
	doc_str lang = fallback;

	for (size_t i = 1; i < META_LANGS; i++)
		if (l->of[i].n > l->of[best].n)
			best = i;
	if (l->of[best].n > l->all / 2)
		lang = read_str(l->of[best].tag, strlen(l->of[best].tag));
	if (!(lang.n == 5 && memcmp(lang.p, "en-US", 5) == 0))
		meta_set(b, META_LANG, lang);
}
