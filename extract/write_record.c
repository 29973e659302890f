/* write_record.c - see write_record.h.  Pure functions. */
#include "extract/write_record.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

void
write_record_string(buf *out, const char *p, size_t n)
{
	size_t from = 0;

	buf_put_u8(out, '"');
	for (size_t i = 0; i < n; i++) {
		uint8_t c = (uint8_t)p[i];

		if (likely(c >= 0x20 && c != '"' && c != '\\' && c != 0x7f))
			continue;
		buf_put(out, p + from, i - from);
		from = i + 1;
		switch (c) {
		case '"':
		case '\\':
			buf_put_u8(out, '\\');
			buf_put_u8(out, c);
			break;
		case '\n': buf_puts(out, "\\n"); break;
		case '\r': buf_puts(out, "\\r"); break;
		case '\t': buf_puts(out, "\\t"); break;
		default: buf_printf(out, "\\u%04x", c);
		}
	}
	buf_put(out, p + from, n - from);
	buf_put_u8(out, '"');
}

void
write_record_number(buf *out, double x)
{
	char text[40];

	for (int digits = 15; digits <= 17; digits++) {
		snprintf(text, sizeof text, "%.*g", digits, x);
		if (strtod(text, NULL) == x)
			break;
	}
	buf_puts(out, isfinite(x) ? text : "null");
}

static void
put_string(buf *out, const char *key, doc_str s)
{
	if (!s.p)
		return;
	buf_printf(out, ",\"%s\":", key);
	write_record_string(out, s.p, s.n);
}

static void
put_date(buf *out, doc_date d)
{
	char text[32];
	size_t n = doc_format_date(d, text);

	write_record_string(out, text, n);
}

static void
put_value(buf *out, const doc_field *f)
{
	if (f->type == DOC_STRING)
		write_record_string(out, f->string.p ? f->string.p : "", f->string.n);
	else if (f->type == DOC_NUMBER)
		write_record_number(out, f->number);
	else
		put_date(out, f->date);
}

static bool
same_name(const doc_field *a, const doc_field *b)
{
	return a->name.n == b->name.n && !memcmp(a->name.p, b->name.p, a->name.n);
}

/* Values of one name become one member, where the first of them stands. */
void
write_record_fields(buf *out, const document *doc)
{
	for (size_t i = 0; i < doc->nfields; i++) {
		const doc_field *f = &doc->fields[i];
		bool again = false, list = f->list;

		for (size_t k = 0; k < i && !again; k++)
			again = same_name(&doc->fields[k], f);
		if (again)
			continue;
		for (size_t k = i + 1; k < doc->nfields && !list; k++)
			list = same_name(&doc->fields[k], f);
		buf_put_u8(out, ',');
		write_record_string(out, f->name.p, f->name.n);
		buf_puts(out, list ? ":[" : ":");
		put_value(out, f);
		for (size_t k = i + 1; k < doc->nfields && list; k++)
			if (same_name(&doc->fields[k], f)) {
				buf_put_u8(out, ',');
				put_value(out, &doc->fields[k]);
			}
		if (list)
			buf_put_u8(out, ']');
	}
}

static void
put_sections(buf *out, const document *doc)
{
	if (!doc->nsections)
		return;
	buf_puts(out, ",\"_sections\":[");
	for (size_t i = 0; i < doc->nsections; i++) {
		const doc_section *s = &doc->sections[i];

		buf_printf(out, "%s[%u,%u,%u,", i ? "," : "", s->start, s->end, s->level);
		write_record_string(out, s->kind, strlen(s->kind));
		buf_put_u8(out, ',');
		write_record_string(out, s->label.p ? s->label.p : "", s->label.n);
		buf_put_u8(out, ']');
	}
	buf_put_u8(out, ']');
}

void
write_record(buf *out, const document *doc)
{
	buf_puts(out, "{\"id\":");
	write_record_string(out, doc->id.p ? doc->id.p : "", doc->id.n);
	put_string(out, "title", doc->title);
	if (doc->has_date) {
		buf_puts(out, ",\"date\":");
		put_date(out, doc->date);
	}
	put_string(out, "lang", doc->lang);
	put_string(out, "url", doc->url);
	write_record_fields(out, doc);
	put_sections(out, doc);
	buf_puts(out, ",\"text\":");
	write_record_string(out, doc->text.p ? doc->text.p : "", doc->text.n);
	buf_put_u8(out, '}');
}
