/* read_text.c - plain text: the text is the text.  A first line that is short, and followed by a
 * blank line, by lines as short that begin no sentence, or in capitals, is taken as the title (and
 * stays in the text).
 * Numbering as laws have it makes sections. */
#include "extract/compose.h"
#include "extract/numbering.h"
#include "extract/read_file.h"

enum { TEXT_TITLE_MAX = 120, TEXT_TITLE_LINES = 3 };

doc_str
read_file_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	path = slash ? slash + 1 : path;
	return read_str(path, strlen(path));
}

/* The line at *at without its end; *at moves to the next. */
static doc_str
text_line(const char **at, const char *end)
{
	const char *p = *at, *nl = memchr(p, '\n', (size_t)(end - p));

	*at = nl ? nl + 1 : end;
	return read_str_trim(read_str(p, (size_t)((nl ? nl : end) - p)));
}

/* Characters, to compare with a limit that people see. */
static size_t
text_characters(doc_str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}

/* Capitals, as headings are typed: no small letter of ASCII, and some words. */
static bool
text_is_capitals(doc_str s)
{
	size_t letters = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] >= 'a' && s.p[i] <= 'z')
			return false;
		letters += (s.p[i] >= 'A' && s.p[i] <= 'Z');
	}
	return letters >= 8 && letters * 2 > s.n;
}

/* Does a line look like one of a heading: short, not the middle of a sentence? */
static bool
text_is_heading(doc_str s)
{
	char last = s.n ? s.p[s.n - 1] : 0;

	return s.n && text_characters(s) <= TEXT_TITLE_MAX && !(s.p[0] >= 'a' && s.p[0] <= 'z') && last != ',' && last != ';';
}

/* Lines in capitals are a title that goes on; of a short first paragraph (a law, its number and
 * date below it) the first line is.  n 0: none. */
static doc_str
text_title(read_build *b, const char *p, const char *end)
{
	const char *at = p;
	doc_str first = text_line(&at, end), line = first, title = first;
	bool capitals = text_is_capitals(first), heading = text_is_heading(first);
	unsigned lines = 1;

	if (!first.n || text_characters(first) > TEXT_TITLE_MAX)
		return read_str("", 0);
	for (; at < end && lines <= TEXT_TITLE_LINES; lines++) {
		line = text_line(&at, end);
		if (!line.n)
			break;
		if (capitals && text_is_capitals(line))
			title.n = (size_t)(line.p + line.n - first.p);
		else if (capitals)
			break;
		heading &= text_is_heading(line);
	}
	if (at >= end || !(capitals || (!line.n && (heading || lines == 1))) || text_characters(title) > TEXT_TITLE_MAX)
		return read_str("", 0);
	if (lines > 1 && heading && !capitals && first.p[first.n - 1] == '.')
		return read_str("", 0);
	if (title.n > first.n) {
		title = read_build_copy(b, title.p, title.n);
		return title.p ? compose_collapse((char *)(uintptr_t)title.p, title.n) : title;
	}
	return title;
}

bool
read_text(read_build *b, const char *path, doc_str text)
{
	const char *at = text.p, *end = text.p + text.n, *from = at;
	doc_str first = { NULL, 0 };

	b->doc.text = text;
	while (at < end && !first.n) {
		from = at;
		first = text_line(&at, end);
	}
	b->doc.title = text_title(b, from, end);
	if (!b->doc.title.n)
		b->doc.title = read_file_name(path);
	return numbering_sections(b);
}
