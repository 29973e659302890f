/* ocr_pages.c - see ocr.h: pages of recognised text as a document.
 *
 * Lines stay lines, since what is recognised seldom says where a paragraph ends, but a word
 * that was cut at the end of a line is put together. */
#include "extract/compose.h"
#include "extract/numbering.h"
#include "extract/ocr.h"

#include <stdio.h>

static bool
is_letter(char c)
{
	return ((c | 32) >= 'a' && (c | 32) <= 'z') || (unsigned char)c >= 0x80;
}

/* Is the hyphen at the end of line the cut of a word that goes on at next? */
static bool
is_cut(doc_str line, doc_str next)
{
	return line.n > 1 && line.p[line.n - 1] == '-' && is_letter(line.p[line.n - 2]) && next.n &&
	       ((next.p[0] >= 'a' && next.p[0] <= 'z') || (unsigned char)next.p[0] >= 0x80);
}

static doc_str
take_line(const char **at, const char *end)
{
	const char *p = *at, *nl = memchr(p, '\n', (size_t)(end - p));

	*at = nl ? nl + 1 : end;
	return read_str_trim(read_str(p, (size_t)((nl ? nl : end) - p)));
}

static void
put_lines(compose *c, const char *p, const char *end)
{
	while (p < end) {
		doc_str line = take_line(&p, end);
		const char *behind = p;
		bool cut = p < end && is_cut(line, take_line(&behind, end));

		if (!line.n)
			compose_ask(c, COMPOSE_PARAGRAPH);
		compose_raw(c, line.p, line.n - cut);
		if (!cut)
			compose_ask(c, COMPOSE_LINE);
	}
}

void
ocr_page(read_build *b, doc_str page)
{
	compose c;

	page = read_str_trim(page);
	compose_init(&c, b);
	if (page.n)
		put_lines(&c, page.p, page.p + page.n);
}

bool
ocr_pages(read_build *b, doc_str text, bool paged)
{
	const char *p = text.p, *end = text.p + text.n;
	unsigned number = 0;
	char label[16];
	compose c;

	compose_init(&c, b);
	paged |= text.n && memchr(p, '\f', text.n - 1);
	while (p < end) {
		const char *stop = memchr(p, '\f', (size_t)(end - p));
		int n = snprintf(label, sizeof label, "%u", ++number);

		stop = stop ? stop : end;
		if (paged)
			compose_page(&c, read_str(label, (size_t)n));
		put_lines(&c, p, stop);
		p = stop + (stop < end);
	}
	compose_end(&c);
	return numbering_sections(b);
}
