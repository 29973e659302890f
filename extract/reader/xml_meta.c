/* xml_meta.c - see xml_meta.h.  Of several values for one thing, that of the rule that
 * stands first in the mapping is taken; of several of one rule, the first. */
#include "extract/reader/xml_meta.h"

#include <stdio.h>

#include <unicode/uloc.h>

#include "extract/read_date.h"

/* Whether a value of this rule replaces the one there is. */
static bool
meta_wins(xml_writer *w, const xml_rule *r, xml_action what)
{
	if (w->order[what] && w->order[what] <= r->order)
		return false;
	w->order[what] = r->order;
	return true;
}

static void
meta_date(xml_writer *w, const xml_rule *r, doc_str value)
{
	document *d = &w->b->doc;
	doc_date date;

	if (!read_date(value.p, value.n, &date)) {
		if (!d->has_date)
			read_build_warn(w->b, "\"%.*s\" is not a date: left out", (int)min_size(value.n, 40), value.p);
	} else if (meta_wins(w, r, XML_DATE)) {
		d->has_date = true;
		d->date = date;
	}
}

static int
meta_small_number(doc_str s)
{
	int v = 0;

	for (size_t i = 0; i < s.n && i < 5; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return 0;
		v = v * 10 + (s.p[i] - '0');
	}
	return v;
}

static bool
meta_has_field(const read_build *b, const char *name, doc_str value)
{
	for (size_t i = 0; i < b->doc.nfields; i++) {
		const doc_field *f = &b->fields[i];

		if (f->name.n == strlen(name) && memcmp(f->name.p, name, f->name.n) == 0 &&
		    f->string.n == value.n && memcmp(f->string.p, value.p, value.n) == 0)
			return true;
	}
	return false;
}

static void
meta_field(xml_writer *w, const char *name, doc_str value)
{
	if (!meta_has_field(w->b, name, value))
		read_build_string(w->b, read_str(name, strlen(name)), read_build_copy(w->b, value.p, value.n), false);
}

static bool
meta_is_url(doc_str s)
{
	return (s.n > 7 && memcmp(s.p, "http://", 7) == 0) || (s.n > 8 && memcmp(s.p, "https://", 8) == 0);
}

static void
meta_url(xml_writer *w, const xml_rule *r, doc_str value)
{
	if (!meta_is_url(value))
		meta_field(w, "identifier", value);
	else if (meta_wins(w, r, XML_URL))
		w->b->doc.url = read_build_copy(w->b, value.p, value.n);
}

/* The id of a document of several in one file: behind the name of the file. */
static void
meta_id(xml_writer *w, const xml_rule *r, doc_str value)
{
	buf id;

	if (w->document < 2) {
		meta_field(w, "identifier", value);
		return;
	}
	if (!meta_wins(w, r, XML_ID))
		return;
	buf_init(&id);
	buf_printf(&id, "%s#%.*s", w->in->name, (int)min_size(value.n, 500), value.p);
	w->b->doc.id = read_build_copy(w->b, (const char *)id.p, id.len);
	if (id.failed)
		w->b->failed = true;
	buf_fini(&id);
}

/* "eng" is "en" to everyone else. */
static void
meta_lang(xml_writer *w, doc_str value)
{
	char tag[16] = "", two[16];
	UErrorCode st = U_ZERO_ERROR;

	if (value.n == 3) {
		memcpy(tag, value.p, 3);
		if (uloc_getLanguage(tag, two, sizeof two, &st) > 0 && U_SUCCESS(st))
			value = read_str(two, strlen(two));
	}
	w->b->doc.lang = read_build_copy(w->b, value.p, value.n);
}

void
xml_meta_value(xml_writer *w, const xml_rule *r, doc_str value)
{
	document *d = &w->b->doc;

	value = read_str_trim(value);
	value.n = min_size(value.n, XML_VALUE_MAX);
	if (!value.n)
		return;
	switch (r->action) {
	case XML_ID:
		meta_id(w, r, value);
		break;
	case XML_TITLE:
		if (meta_wins(w, r, XML_TITLE))
			d->title = read_build_copy(w->b, value.p, value.n);
		break;
	case XML_DATE:
		meta_date(w, r, value);
		break;
	case XML_YEAR:
	case XML_MONTH:
	case XML_DAY:
		if (meta_wins(w, r, (xml_action)r->action))
			w->ymd[r->action - XML_YEAR] = meta_small_number(value);
		break;
	case XML_LANG:
		if (meta_wins(w, r, XML_LANG))
			meta_lang(w, value);
		break;
	case XML_URL:
		meta_url(w, r, value);
		break;
	case XML_FIELD:
		meta_field(w, r->field, value);
		break;
	case XML_RANK:
		w->next_rank = (unsigned)min_size((value.n + r->rank - 1) / r->rank, READ_BUILD_RANKS - 1);
		break;
	default:
		break;
	}
}

void
xml_meta_finish(xml_writer *w)
{
	document *d = &w->b->doc;
	char text[40];

	if (!d->has_date && w->ymd[0]) {
		int n = snprintf(text, sizeof text, w->ymd[2] ? "%04d-%02d-%02d" : w->ymd[1] ? "%04d-%02d" : "%04d",
				 w->ymd[0], w->ymd[1], w->ymd[2]);

		d->has_date = n > 0 && doc_parse_date(text, (size_t)n, &d->date);
	}
	if (!d->id.n && w->document > 1) {
		buf id;

		buf_init(&id);
		buf_printf(&id, "%s#%llu", w->in->name, (unsigned long long)w->documents + 1);
		d->id = read_build_copy(w->b, (const char *)id.p, id.len);
		if (id.failed)
			w->b->failed = true;
		buf_fini(&id);
	}
}
