/* read_md.c - Markdown to readable text: structure by lines here, markup inside
 * a line in read_md_inline.c.
 *
 * The text keeps its lines and paragraphs (one blank line between them) and
 * loses what is only markup: heading signs, emphasis, link targets, fences,
 * rules, table lines, comments.  It is a reader, not a renderer: where a
 * construction is unclear, the bytes stay.  Work is linear in the input.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memmem */
#endif
#include "extract/numbering.h"
#include "extract/read_file.h"
#include "extract/read_md_inline.h"

typedef struct md {
	read_build *b;
	char fence;	   /* '`' or '~' within a fenced block, else 0 */
	size_t fence_n;
	bool comment;	   /* within <!-- --> over lines */
	bool blank;	   /* a blank line is due before the next text */
	unsigned title_rank; /* of the heading the title came from; 0: none */
	bool title_given;
} md;

static doc_str
md_line(const char **at, const char *end)
{
	const char *p = *at, *nl = memchr(p, '\n', (size_t)(end - p));
	size_t n = (size_t)((nl ? nl : end) - p);

	*at = nl ? nl + 1 : end;
	if (n && p[n - 1] == '\r')
		n--;
	return read_str(p, n);
}

static size_t
md_indent(doc_str s)
{
	size_t i = 0;

	while (i < s.n && s.p[i] == ' ')
		i++;
	return i;
}

static size_t
md_run(doc_str s, char c)
{
	size_t i = 0;

	while (i < s.n && s.p[i] == c)
		i++;
	return i;
}

/* The line, trimmed, is nothing but at least min of one of these and spaces. */
static char
md_only(doc_str s, const char *set, size_t min)
{
	size_t count = 0;
	char c;

	s = read_str_trim(s);
	if (!s.n || !strchr(set, s.p[0]) || !s.p[0])
		return 0;
	c = s.p[0];
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == c)
			count++;
		else if (s.p[i] != ' ')
			return 0;
	}
	return count >= min ? c : 0;
}

static bool
md_table_rule(doc_str s)
{
	bool dash = false, bar = false;

	for (size_t i = 0; i < s.n; i++) {
		dash |= s.p[i] == '-';
		bar |= s.p[i] == '|';
		if (!strchr(" \t|:-+", s.p[i]) || !s.p[i])
			return false;
	}
	return dash && bar;
}

/* Where the next text goes: after a blank line if one is due. */
static void
md_begin_line(md *m)
{
	if (m->blank && m->b->text.len)
		buf_put_u8(&m->b->text, '\n');
	m->blank = false;
}

static void
md_heading(md *m, unsigned rank, doc_str s)
{
	buf *text = &m->b->text;
	size_t start;
	doc_str label;

	s = read_str_trim(s);
	m->blank = true;
	md_begin_line(m);
	start = text->len;
	read_md_inline(text, s, false);
	if (text->failed)
		return;
	label = read_str_trim(read_str((const char *)text->p + start, text->len - start));
	if (label.n == 0) {
		text->len = start;
		return;
	}
	if (!m->title_given && (m->title_rank == 0 || (rank == 1 && m->title_rank > 1))) {
		m->b->doc.title = read_build_copy(m->b, label.p, label.n);
		m->title_rank = rank;
	}
	read_build_heading(m->b, start, rank, label);
	buf_put_u8(text, '\n');
	m->blank = true;
}

/* "## Text ##"; false if the line is no such heading. */
static bool
md_atx(md *m, doc_str s)
{
	size_t n = md_run(s, '#');

	if (n == 0 || n > 6 || (n < s.n && s.p[n] != ' ' && s.p[n] != '\t'))
		return false;
	s = read_str_trim(read_str(s.p + n, s.n - n));
	while (s.n && s.p[s.n - 1] == '#')
		s.n--;
	md_heading(m, (unsigned)n, s);
	return true;
}

/* Opens or closes a fence; true if the line is one. */
static bool
md_fence(md *m, doc_str s)
{
	char c = s.n ? s.p[0] : 0;
	size_t n = c == '`' || c == '~' ? md_run(s, c) : 0;

	if (m->fence) {
		if (c != m->fence || n < m->fence_n ||
		    read_str_trim(read_str(s.p + n, s.n - n)).n)
			return false;
		m->fence = 0;
		m->blank = true;
		return true;
	}
	if (n < 3 || (c == '`' && memchr(s.p + n, '`', s.n - n)))
		return false;
	m->fence = c;
	m->fence_n = n;
	m->blank = true;
	return true;
}

/* "[label]: target" is no text. */
static bool
md_is_definition(doc_str s)
{
	const char *close;

	if (s.n < 4 || s.p[0] != '[' || s.p[1] == '^')
		return false;
	close = memchr(s.p, ']', s.n);
	return close && close + 1 < s.p + s.n && close[1] == ':' && close > s.p + 1;
}

/* Take out comments; true while something of the line is left. */
static bool
md_uncomment(md *m, doc_str *s)
{
	static const char open[] = "<!--", close[] = "-->";
	const char *q;

	if (m->comment) {
		q = s->n ? memmem(s->p, s->n, close, 3) : NULL;
		if (!q)
			return false;
		m->comment = false;
		s->n -= (size_t)(q + 3 - s->p);
		s->p = q + 3;
	}
	if (md_indent(*s) < 4 && s->n - md_indent(*s) >= 4 &&
	    memcmp(s->p + md_indent(*s), open, 4) == 0 && !memmem(s->p, s->n, close, 3)) {
		m->comment = true;
		return false;
	}
	return true;
}

static void
md_text(md *m, doc_str s)
{
	buf *text = &m->b->text;
	bool table = s.n > 1 && s.p[0] == '|';

	size_t start;

	md_begin_line(m);
	start = text->len;
	if (table) {
		s = read_str(s.p + 1, s.n - 1);
		if (s.n && s.p[s.n - 1] == '|')
			s.n--;
		s = read_str_trim(s);
	}
	read_md_inline(text, s, table);
	if (text->len == start) { /* nothing but markup */
		m->blank = true;
		if (start && text->p[start - 1] == '\n' && start > 1 && text->p[start - 2] == '\n')
			text->len--; /* the blank line is due again */
		return;
	}
	buf_put_u8(text, '\n');
}

/* One line; *at is where the next begins (a line of === makes this a heading). */
static void
md_block(md *m, doc_str line, const char **at, const char *end)
{
	doc_str s, next;
	const char *after = *at;
	size_t indent = md_indent(line);
	char under;

	s = read_str(line.p + indent, line.n - indent);
	while (s.n && s.p[0] == '>') { /* quotations, nested ones too */
		s = read_str(s.p + 1, s.n - 1);
		indent = md_indent(s);
		s = read_str(s.p + indent, s.n - indent);
	}
	if (md_fence(m, s))
		return;
	if (m->fence) {
		md_begin_line(m);
		buf_put(&m->b->text, line.p, line.n);
		buf_put_u8(&m->b->text, '\n');
		return;
	}
	if (read_str_trim(s).n == 0) {
		m->blank = true;
		return;
	}
	if (indent < 4 && md_atx(m, s))
		return;
	if (md_only(s, "*-_", 3) || md_table_rule(s) || md_is_definition(s)) {
		m->blank |= !md_table_rule(s);
		return;
	}
	next = after < end ? md_line(&after, end) : read_str("", 0);
	under = indent < 4 && s.p[0] != '|' && !(next.n && strchr(" \t", next.p[0])) ?
		    md_only(next, "=-", 2) :
		    0;
	if (under && !memchr(next.p, ' ', read_str_trim(next).n) &&
	    (m->blank || !m->b->text.len)) {
		md_heading(m, under == '=' ? 1 : 2, s);
		*at = after;
		return;
	}
	md_text(m, s.p[0] == '|' ? s : read_str_trim(s));
}

bool
read_md(read_build *b, const char *path, doc_str text)
{
	md m = { .b = b };
	const char *at, *end = text.p + text.n;
	buf *out = &b->text;

	text = read_front(b, text);
	m.title_given = b->doc.title.n != 0;
	/* Markup only shrinks; blank lines before headings are the exception. */
	if (!buf_reserve(out, text.n + text.n / 8 + 64))
		return false;
	for (at = text.p; at < end;) {
		doc_str line = md_line(&at, end);
		if (md_uncomment(&m, &line))
			md_block(&m, line, &at, end);
	}
	while (out->len && out->p[out->len - 1] == '\n')
		out->len--;
	read_build_close(b, out->len);
	if (!b->doc.title.n)
		b->doc.title = read_file_name(path);
	b->doc.text = read_str(out->p ? (const char *)out->p : "", out->len);
	return !b->failed && !out->failed && numbering_sections(b);
}
