/* page_filter.c - filters as they stand in addresses: `lang:="en" OR lang:="de"`, values of
 * one field of which any will do, and `date:2013..2018`. */
#include <ctype.h>

#include "daemon/page.h"

static void
put_one(buf *b, const char *field, const char *value)
{
	buf_printf(b, "%s:=\"", field);
	for (; *value; value++) {
		if (*value == '"')
			buf_put_u8(b, '"');
		buf_put_u8(b, (uint8_t)*value);
	}
	buf_put_u8(b, '"');
}

const char *
page_choice_filter(page *p, const page_choice *c)
{
	const char *s = NULL;
	buf b;

	buf_init(&b);
	for (size_t i = 0; i < c->n; i++) {
		buf_puts(&b, i ? " OR " : "");
		put_one(&b, c->field, c->values[i]);
	}
	if (c->n && !b.failed)
		s = arena_strndup(&p->c->mem, (const char *)b.p, b.len);
	p->o->failed |= b.failed;
	buf_fini(&b);
	return s;
}

const char *
page_filter(page *p, const char *field, const char *value)
{
	return page_choice_filter(p, &(page_choice){ .field = field, .values = { value }, .n = 1 });
}

/* The name before the colon that filter begins with; NULL: none. */
static const char *
read_field(page *p, const char *filter, size_t *n)
{
	*n = strcspn(filter, ":");
	for (size_t i = 0; i < *n; i++)
		if (!isalnum((unsigned char)filter[i]) && !strchr("_-.", filter[i]) && (unsigned char)filter[i] < 0x80)
			return NULL;
	return *n && filter[*n] ? arena_strndup(&p->c->mem, filter, *n) : NULL;
}

/* The inside of "..." where each quotation mark is written twice; *at goes behind it.  NULL:
 * not that. */
static const char *
read_quoted(page *p, const char **at)
{
	const char *s = *at;
	char *to = arena_alloc(&p->c->mem, strlen(s) + 1), *end = to;

	if (!to || *s++ != '"')
		return NULL;
	for (; *s && (*s != '"' || s[1] == '"'); s++) {
		s += *s == '"';
		*end++ = *s;
	}
	*end = 0;
	*at = s + 1;
	return *s ? to : NULL;
}

bool
page_choice_read(page *p, const char *filter, page_choice *out)
{
	size_t len;

	out->n = 0;
	out->field = read_field(p, filter, &len);
	for (const char *at = filter; out->field; at += 4) {
		if (out->n == PAGE_CHOICES || strncmp(at, filter, len) || strncmp(at + len, ":=", 2))
			return false;
		at += len + 2;
		out->values[out->n] = read_quoted(p, &at);
		if (!out->values[out->n++])
			return false;
		if (!*at)
			return true;
		if (strncmp(at, " OR ", 4))
			return false;
	}
	return false;
}

bool
page_filter_read(page *p, const char *filter, const char **field, const char **value)
{
	page_choice c;
	size_t n;

	if (page_choice_read(p, filter, &c)) {
		*field = c.field;
		*value = c.values[0];
		return c.n == 1;
	}
	*field = read_field(p, filter, &n);
	*value = filter + n + (*field != NULL);
	return *field && !(*value)[strspn(*value, "0123456789-.")];
}

bool
page_choice_has(const page_choice *c, const char *value)
{
	for (size_t i = 0; i < c->n; i++)
		if (!strcmp(c->values[i], value))
			return true;
	return false;
}

const char *
page_choice_of(page *p, const char *field, page_choice *out)
{
	const web_pair *f;

	for (size_t at = 0; (f = web_param_at(p->c, "filter", &at));)
		if (page_choice_read(p, f->value, out) && !strcmp(out->field, field))
			return f->value;
	*out = (page_choice){ .field = field };
	return NULL;
}

void
page_put_choice(page *p, const char *filter, const page_choice *c, const char *value)
{
	page_choice next = { .field = c->field };

	for (size_t i = 0; i < c->n; i++)
		if (strcmp(c->values[i], value))
			next.values[next.n++] = c->values[i];
	if (next.n == c->n && next.n < PAGE_CHOICES)
		next.values[next.n++] = value;
	page_put_link(p, &(page_link){ .path = "/search", .add = page_choice_filter(p, &next), .drop = filter });
}
