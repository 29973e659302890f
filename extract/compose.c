/* compose.c - see compose.h. */
#include "extract/compose.h"

#include <strings.h>

#include "engine/kind.h"
#include "extract/numbering.h"

void
compose_init(compose *c, read_build *b)
{
	*c = (compose){ .b = b };
}

/* The break that is due, before a character. */
static void
compose_flush(compose *c)
{
	static const char *const breaks[] = { "", " ", "\t", "\n", "\n\n" };

	if (c->b->text.len)
		buf_puts(&c->b->text, breaks[c->pending]);
	c->pending = COMPOSE_NONE;
	if (c->rank && !c->heading_begun) {
		c->heading_begun = true;
		c->heading_start = c->b->text.len;
	}
}

void
compose_raw(compose *c, const char *p, size_t n)
{
	const char *end = n ? p + n : p; /* p may be NULL then */

	while (p < end && c->pending >= COMPOSE_LINE && compose_is_space(*p) && *p != ' ')
		p++;
	if (p == end)
		return;
	compose_flush(c);
	buf_put(&c->b->text, p, (size_t)(end - p));
}

void
compose_text(compose *c, const char *p, size_t n)
{
	const char *end = n ? p + n : p;

	while (p < end) {
		const char *q = p;

		/* single spaces between words are part of the run */
		while (q < end && ((unsigned char)*q > ' ' || !compose_is_space(*q) ||
				   (*q == ' ' && q > p && q + 1 < end && !compose_is_space(q[1]))))
			q++;
		if (q > p) {
			compose_flush(c);
			buf_put(&c->b->text, p, (size_t)(q - p));
		}
		if (q < end)
			compose_ask(c, COMPOSE_SPACE);
		for (p = q; p < end && compose_is_space(*p);)
			p++;
	}
}

/* "Picture 2.png", "C:\\a\\b.jpg", "https://..." */
static bool
compose_is_file(doc_str s)
{
	static const char *const ends[] = { "jpg", "jpeg", "png", "gif", "svg", "webp", "bmp", "tif", "tiff", "emf", "wmf" };
	size_t dot = s.n;

	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '\\' || (s.n - i > 2 && memcmp(s.p + i, "://", 3) == 0))
			return true;
	while (dot && s.p[dot - 1] != '.')
		dot--;
	for (size_t i = 0; dot && i < countof(ends); i++)
		if (strlen(ends[i]) == s.n - dot && strncasecmp(s.p + dot, ends[i], s.n - dot) == 0)
			return true;
	return false;
}

void
compose_alt(compose *c, doc_str alt)
{
	bool words = false;

	alt = read_str_trim(alt);
	for (size_t i = 0; i < alt.n; i++)
		words |= compose_is_space(alt.p[i]) || (unsigned char)alt.p[i] >= 0xe0;
	if (!words || compose_is_file(alt))
		return;
	compose_ask(c, COMPOSE_SPACE);
	compose_text(c, alt.p, alt.n);
	compose_ask(c, COMPOSE_SPACE);
}

doc_str
compose_collapse(char *p, size_t n)
{
	size_t k = 0;

	for (size_t i = 0; i < n; i++) {
		char c = compose_is_space(p[i]) ? ' ' : p[i];

		if (c != ' ' || (k && p[k - 1] != ' '))
			p[k++] = c;
	}
	while (k && p[k - 1] == ' ')
		k--;
	return read_str(p, k);
}

void
compose_heading_begin(compose *c, unsigned rank, const char *kind)
{
	if (c->rank)
		return;
	c->rank = rank;
	c->kind = kind;
	c->heading_begun = false;
}

void
compose_heading_end(compose *c)
{
	buf *text = &c->b->text;
	doc_str label;

	if (c->rank && c->heading_begun && !text->failed) {
		label = read_build_copy(c->b, (char *)text->p + c->heading_start, text->len - c->heading_start);
		if (!c->b->failed)
			label = compose_collapse((char *)(uintptr_t)label.p, label.n);
		read_build_section(c->b, c->heading_start, c->rank, c->kind ? c->kind : numbering_heading_kind(label), label);
		if (c->rank == 1 && !c->first_heading.n)
			c->first_heading = label;
	}
	c->rank = 0;
}

/* What starts at the next character starts behind the break that is due. */
static size_t
compose_next(const compose *c)
{
	static const uint8_t length[] = { 0, 1, 1, 1, 2 };

	return c->b->text.len + (c->b->text.len ? length[c->pending] : 0);
}

void
compose_section(compose *c, unsigned rank, const char *kind, doc_str label)
{
	compose_ask(c, COMPOSE_LINE);
	read_build_section(c->b, compose_next(c), rank, kind, label);
}

void
compose_section_end(compose *c, unsigned rank)
{
	read_build_end(c->b, c->b->text.len, rank);
}

void
compose_page(compose *c, doc_str label)
{
	compose_ask(c, COMPOSE_LINE);
	read_build_page(c->b, compose_next(c), label);
}

void
compose_append(compose *c, const read_build *part)
{
	size_t base;

	if (!part->doc.text.n)
		return;
	compose_ask(c, COMPOSE_PARAGRAPH);
	base = compose_next(c);
	for (size_t i = 0; i < part->doc.nsections; i++) {
		const doc_section *s = &part->sections[i];

		read_build_section(c->b, base + s->start, s->level, s->kind, s->label);
	}
	compose_raw(c, part->doc.text.p, part->doc.text.n);
}

/* Sections that began behind the last character have none. */
static void
compose_clip(compose *c)
{
	document *d = &c->b->doc;
	uint32_t end = (uint32_t)c->b->text.len;

	for (size_t i = 0; i < d->nsections; i++) {
		doc_section *s = &c->b->sections[i];

		s->start = s->start < end ? s->start : end;
		s->end = s->end < end ? s->end : end;
		s->end = s->end < s->start ? s->start : s->end;
	}
}

void
compose_end(compose *c)
{
	buf *text = &c->b->text;

	compose_heading_end(c);
	while (text->len && compose_is_space((char)text->p[text->len - 1]))
		text->len--;
	read_build_close(c->b, text->len);
	compose_clip(c);
	c->b->doc.text = read_str(text->p ? (const char *)text->p : "", text->len);
}
