/* numbering_line.c - see numbering_line.h. */
#include "extract/numbering_line.h"

enum {
	LINE_HEADING = 120, /* bytes of a heading, at most (of Chinese a third as many letters) */
	LINE_SHORT = 60,
};

typedef struct line_span {
	const char *p; /* without white space at the ends */
	size_t n;
	const char *next; /* the next line */
} line_span;

/* Spaces at p, ideographic ones and byte order marks too. */
static size_t
line_spaces(const char *p, const char *end)
{
	const char *from = p;

	for (;;)
		if (p < end && (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\f'))
			p++;
		else if (end - p >= 3 && (!memcmp(p, "\xe3\x80\x80", 3) || !memcmp(p, "\xef\xbb\xbf", 3)))
			p += 3;
		else if (end - p >= 2 && !memcmp(p, "\xc2\xa0", 2))
			p += 2;
		else
			return (size_t)(p - from);
}

static line_span
line_at(const char *p, const char *end)
{
	const char *nl = memchr(p, '\n', (size_t)(end - p));
	line_span s = { .next = nl ? nl + 1 : end };

	end = nl ? nl : end;
	p += line_spaces(p, end);
	while (end > p && (unsigned char)end[-1] <= ' ')
		end--;
	s.p = p;
	s.n = (size_t)(end - p);
	return s;
}

static bool
line_ends_with(line_span s, const char *what)
{
	size_t n = strlen(what);

	return s.n >= n && !memcmp(s.p + s.n - n, what, n);
}

static bool
line_ends_with_any(line_span s, const char *const *what, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (line_ends_with(s, what[i]))
			return true;
	return false;
}

static bool
line_ends_sentence(line_span s)
{
	static const char *const ends[] = { ".", ":", ";", "!", "?", "。", "；", "：", "！", "？", ".)", "”", ".\"", "…", "»" };

	return line_ends_with_any(s, ends, countof(ends));
}

static bool
line_is_lower(const char *p, size_t n)
{
	if (n && (unsigned char)p[0] < 0x80)
		return p[0] >= 'a' && p[0] <= 'z';
	return n > 1 && (unsigned char)p[0] == 0xc3 && (unsigned char)p[1] >= 0x9f;
}

/* Goes on in the next line, surely. */
static bool
line_is_open(line_span s)
{
	static const char *const open[] = { " of", " in", " to", " and", " or", " the", " by", " under", " with", " see", " from",
					    " der", " des", " nach", " und", " oder", " von", " du", " de", " la", " le", " et",
					    " ou", " y", " e", " del", " per", " für", ",", "、", "，", "paragraph", "paragraphs",
					    "section", "sections", "article", "articles", "clause", "clauses", "Absatz", "Nr." };

	return line_ends_with_any(s, open, countof(open));
}

/* The sentence of this line may have ended: a number below it is at a beginning. */
static bool
line_allows(line_span s, bool paragraph)
{
	static const char *const item[] = { ",", "—", "–", "-", " and", " or", " und", " oder", " et", " ou", " y", " e", "，" };

	if (line_ends_sentence(s) || (paragraph && line_ends_with_any(s, item, countof(item))))
		return true;
	return s.n <= LINE_SHORT && !line_is_lower(s.p, s.n) && !line_is_open(s);
}

/* "Definitions ........ 12", "Definitions<tab>12": an entry of a table of contents. */
static bool
line_is_entry(line_span s)
{
	size_t i = s.n, dots = 0, spaces = 0;

	while (i && s.p[i - 1] >= '0' && s.p[i - 1] <= '9')
		i--;
	if (i == s.n || s.n - i > 4)
		return false;
	for (; i; i--)
		if (s.p[i - 1] == '.')
			dots++;
		else if (s.p[i - 1] == ' ')
			spaces++;
		else if (s.p[i - 1] == '\t')
			spaces += 3;
		else if (i > 2 && !memcmp(s.p + i - 3, "…", 3))
			dots += 3, i -= 2;
		else
			break;
	return i > 0 && (dots > 2 || spaces > 2);
}

/* What stands behind the number does not go on as a sentence that only refers to it. */
static bool
line_rest_allows(line_span s, const mark *m)
{
	static const char *const refers[] = { "的", "规", "第", "至", "和", "及", "或", "与", "所", "中", "之", "已", "应",
					      "，", "、", "）", "】", "》", "”", "內", "内", "前", "以", "並", "并", "款" };
	const char *rest = s.p + m->rest;
	size_t n = s.n - m->rest;

	if (!n || m->separator)
		return true;
	if (line_is_lower(rest, n) || strchr(",;)]/%&+", rest[0]))
		return false;
	if (!m->spaced) {
		if ((unsigned char)rest[0] < 0xe0)
			return rest[0] == '(' || rest[0] == '[' || rest[0] == '*';
		for (size_t i = 0; i < countof(refers); i++)
			if (n >= 3 && !memcmp(rest, refers[i], 3))
				return false;
	}
	return true;
}

/* The heading: what is left of a short line, or the next line that has something. */
static void
line_heading(numbering_line *l, line_span s, const char *text, const char *end)
{
	const char *rest = s.p + l->m.rest;
	size_t n = s.n - l->m.rest;
	line_span next = { .p = s.p };

	if (n) {
		line_span r = { .p = rest, .n = n };

		if (n <= LINE_HEADING && (!line_ends_sentence(r) || (n <= LINE_SHORT && line_ends_with(r, ".") &&
								     !memchr(rest, ',', n) && (unsigned char)rest[0] < 0xe3)) &&
		    !(l->m.type == MARK_ARTICLE && (unsigned char)s.p[0] >= 0xe0)) {
			l->head = (uint32_t)(rest - text);
			l->head_n = (uint32_t)n;
		}
		return;
	}
	next.next = s.next;
	for (int i = 0; i < 2 && !next.n && next.next < end; i++)
		next = line_at(next.next, end);
	if (!next.n || next.n > LINE_HEADING || line_ends_sentence(next) || line_is_open(next) ||
	    line_is_lower(next.p, next.n) || next.p[0] == '(' || mark_parse(next.p, next.n).type)
		return;
	l->head = (uint32_t)(next.p - text);
	l->head_n = (uint32_t)next.n;
}

/* Is line s, below the line before, a number that counts? */
static bool
line_take(numbering_line *l, line_span s, line_span before, bool blank, bool marked, const char *text, const char *end)
{
	bool paragraph, open, han;

	l->m = mark_parse(s.p, s.n);
	if (!l->m.type)
		return false;
	paragraph = l->m.type > MARK_SIGN;
	open = blank || marked || line_allows(before, paragraph);
	if (!open || (!paragraph && !line_rest_allows(s, &l->m)))
		return false;
	l->start = (uint32_t)(s.p - text);
	l->contents = line_is_entry(s);
	if (paragraph)
		return !l->contents;
	if (l->m.type == MARK_PLAIN)
		return l->strong = blank;
	line_heading(l, s, text, end);
	han = (unsigned char)s.p[0] >= 0xe3 && l->m.spaced;
	l->strong = han || (blank && (l->m.rest == s.n || l->m.separator || l->head_n));
	return true;
}

/* Whether there is text between the number (with its heading) and the next number. */
static bool
line_is_dense(const numbering_line *l, line_span s, const char *text, const char *next)
{
	const char *p = l->head_n ? text + l->head + l->head_n : s.p + s.n;

	if (s.p + l->m.rest < s.p + s.n && !l->head_n && s.n > LINE_SHORT)
		return false;
	while (p < next && (*p == '\n' || line_spaces(p, next)))
		p += *p == '\n' ? 1 : line_spaces(p, next);
	return p >= next;
}

/* "3 (1) Subject to ...": the item that begins on the line of another, behind it. */
static bool
line_nested(const numbering_line *outer, const char *text, const char *end, numbering_line *l)
{
	const char *p = text + outer->start + outer->m.rest;

	if (p >= end || *p != '(' || !outer->m.spaced)
		return false;
	*l = (numbering_line){ .m = mark_parse(p, (size_t)(end - p)), .start = (uint32_t)(p - text) };
	return l->m.type > MARK_SIGN;
}

bool
numbering_scan(doc_str text, numbering_line **lines, size_t *n)
{
	const char *p = text.p, *end = p + text.n;
	line_span before = { .p = p }, last = { .p = p };
	bool blank = true, marked = false;
	numbering_line *out = NULL;
	size_t cap = 0;

	for (*n = 0; p < end;) {
		line_span s = line_at(p, end);
		numbering_line l = { 0 }, inner;
		bool taken = s.n && line_take(&l, s, before, blank, marked, text.p, end);

		if (taken) {
			if (*n)
				out[*n - 1].dense = line_is_dense(&out[*n - 1], last, text.p, s.p);
			if (!mem_grow(&out, &cap, *n + 1, sizeof *out)) {
				mem_free(out);
				return false;
			}
			out[(*n)++] = l;
			last = s;
			if (line_nested(&l, text.p, s.p + s.n, &inner) &&
			    mem_grow(&out, &cap, *n + 1, sizeof *out)) {
				out[*n - 1].head_n = 0;
				out[(*n)++] = inner;
			}
		}
		blank = s.n == 0;
		marked = s.n ? taken && s.n <= LINE_HEADING : marked;
		if (s.n)
			before = s;
		p = s.next;
	}
	*lines = out;
	return true;
}
