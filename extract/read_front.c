/* read_front.c - front matter: the block between two --- lines that many
 * Markdown files begin with.  Not YAML but the part of it that people write
 * there: `key: value`, `key: [a, b]`, and `key:` followed by `- item` lines;
 * values bare or in quotes; # comments.  Indented lines of deeper structure
 * are passed over.  A block that is never closed is text.
 */
#include "extract/read_file.h"

typedef struct front {
	read_build *b;
	doc_str key; /* of the list that `- item` lines belong to; n 0: none */
} front;

static doc_str
front_line(const char **at, const char *end)
{
	const char *p = *at, *nl = memchr(p, '\n', (size_t)(end - p));
	size_t n = (size_t)((nl ? nl : end) - p);

	*at = nl ? nl + 1 : end;
	while (n && (p[n - 1] == '\r' || p[n - 1] == ' ' || p[n - 1] == '\t'))
		n--;
	return read_str(p, n);
}

static bool
front_is_fence(doc_str line)
{
	return line.n == 3 && (memcmp(line.p, "---", 3) == 0 || memcmp(line.p, "...", 3) == 0);
}

/* A scalar without its quotes, escapes of double quotes undone. */
static doc_str
front_scalar(front *f, doc_str s)
{
	char *p;
	size_t n = 0;
	char quote;

	s = read_str_trim(s);
	if (s.n >= 2 && (s.p[0] == '"' || s.p[0] == '\'') && s.p[s.n - 1] == s.p[0]) {
		quote = s.p[0];
		s = read_str(s.p + 1, s.n - 2);
		if (!memchr(s.p, quote == '"' ? '\\' : '\'', s.n))
			return s;
		p = arena_alloc(&f->b->strings, s.n);
		if (!p) {
			f->b->failed = true;
			return s;
		}
		for (size_t i = 0; i < s.n; i++) {
			char c = s.p[i];
			if (i + 1 < s.n && quote == '\'' && c == '\'' && s.p[i + 1] == '\'') {
				i++;
			} else if (i + 1 < s.n && quote == '"' && c == '\\') {
				c = s.p[++i];
				c = (char)(c == 'n' ? '\n' : c == 't' ? '\t' : c);
			}
			p[n++] = c;
		}
		return read_str(p, n);
	}
	for (size_t i = 1; i < s.n; i++) /* a comment needs a space before it */
		if (s.p[i] == '#' && (s.p[i - 1] == ' ' || s.p[i - 1] == '\t'))
			return read_str_trim(read_str(s.p, i));
	return s;
}

static void
front_store(front *f, doc_str key, doc_str value, bool list)
{
	read_key known = read_build_key(key.p, key.n);
	bool quoted = value.n && (value.p[0] == '"' || value.p[0] == '\'');

	value = front_scalar(f, value);
	if (value.n == 0 || (!quoted && ((value.n == 1 && value.p[0] == '~') ||
					 (value.n == 4 && memcmp(value.p, "null", 4) == 0))))
		return;
	if (known != READ_KEY_OTHER && known != READ_KEY_TEXT && !list)
		read_build_known(f->b, known, value);
	else if (quoted)
		read_build_string(f->b, key, value, list);
	else
		read_build_untyped(f->b, key, value, list);
}

/* [a, "b, c"] without the brackets. */
static void
front_inline_list(front *f, doc_str key, doc_str s)
{
	size_t from = 0;
	char quote = 0;

	for (size_t i = 0; i <= s.n; i++) {
		char c = i < s.n ? s.p[i] : ',';

		if (quote && i < s.n) {
			if (c == quote)
				quote = 0;
		} else if (c == '"' || c == '\'') {
			quote = c;
		} else if (c == ',') {
			front_store(f, key, read_str_trim(read_str(s.p + from, i - from)), true);
			from = i + 1;
		}
	}
}

static void
front_entry(front *f, doc_str line)
{
	doc_str value, trimmed = read_str_trim(line);
	const char *colon = trimmed.n ? memchr(line.p, ':', line.n) : NULL;

	if (trimmed.n == 0 || trimmed.p[0] == '#')
		return;
	if (f->key.n && trimmed.p[0] == '-' && (trimmed.n == 1 || trimmed.p[1] == ' ')) {
		front_store(f, f->key, read_str_trim(read_str(trimmed.p + 1, trimmed.n - 1)), true);
		return;
	}
	if (line.p[0] == ' ' || line.p[0] == '\t') /* structure below a key */
		return;
	f->key.n = 0;
	if (!colon || colon == line.p ||
	    (colon + 1 < line.p + line.n && colon[1] != ' ' && colon[1] != '\t'))
		return;
	f->key = front_scalar(f, read_str(line.p, (size_t)(colon - line.p)));
	value = read_str_trim(read_str(colon + 1, (size_t)(line.p + line.n - colon - 1)));
	if (value.n == 0)
		return; /* a list may follow */
	if (value.n >= 2 && value.p[0] == '[' && value.p[value.n - 1] == ']')
		front_inline_list(f, f->key, read_str(value.p + 1, value.n - 2));
	else
		front_store(f, f->key, value, false);
	f->key.n = 0;
}

doc_str
read_front(read_build *b, doc_str text)
{
	front f = { .b = b };
	const char *at = text.p, *end = text.p + text.n, *body;
	doc_str line;

	if (text.n < 4 || memcmp(text.p, "---", 3) != 0)
		return text;
	line = front_line(&at, end);
	if (line.n != 3)
		return text;
	body = at;
	do {
		if (at >= end)
			return text;
		line = front_line(&at, end);
	} while (!front_is_fence(line));
	for (const char *stop = line.p; body < stop;)
		front_entry(&f, front_line(&body, stop));
	return read_str(at, (size_t)(end - at));
}
