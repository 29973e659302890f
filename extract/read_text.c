/* read_text.c - plain text: the text is the text.  A first line that is short
 * and followed by a blank line is taken as the title (and stays in the text).
 * Numbering as laws have it makes sections. */
#include "extract/numbering.h"
#include "extract/read_file.h"

enum { TEXT_TITLE_MAX = 120 };

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

bool
read_text(read_build *b, const char *path, doc_str text)
{
	const char *at = text.p, *end = text.p + text.n;
	doc_str first = { NULL, 0 };

	b->doc.text = text;
	while (at < end && !first.n)
		first = text_line(&at, end);
	if (first.n && text_characters(first) <= TEXT_TITLE_MAX && at < end &&
	    text_line(&at, end).n == 0)
		b->doc.title = first;
	else
		b->doc.title = read_file_name(path);
	return numbering_sections(b);
}
