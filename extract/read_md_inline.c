/* read_md_inline.c - see read_md_inline.h.
 *
 * One pass from left to right.  An opening bracket is written out and its place
 * remembered; when its closing bracket proves to begin a link target, the
 * opening one is taken back.  Searches that fail remember how far they looked,
 * so that a line of a million brackets costs no more than it is long.
 */
#include "extract/read_md_inline.h"

enum {
	MD_BRACKETS = 16,	/* nested brackets that are followed */
	MD_TARGET_MAX = 4096,	/* bytes of a link target */
};

typedef struct md_inline {
	buf *out;
	const char *p, *at, *end;
	struct {
		size_t out; /* where the bracket was written */
		bool image;
	} open[MD_BRACKETS];
	unsigned nopen;
	const char *no_target; /* a search for ) from before here fails */
	const char *no_tag;    /* the same for > */
	size_t no_ticks;       /* no run of this many backticks follows */
	bool table;
} md_inline;

static const bool md_marks[256] = { ['\\'] = true, ['`'] = true, ['*'] = true, ['_'] = true,
				    ['~'] = true,  ['['] = true, [']'] = true, ['!'] = true,
				    ['<'] = true,  ['&'] = true, ['|'] = true };

static bool
md_is_word(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       c >= 0x80;
}

static bool
md_is_space(unsigned char c)
{
	return c == ' ' || c == '\t';
}

static bool
md_is_punct(unsigned char c)
{
	return c > ' ' && c < 0x7f && !md_is_word(c);
}

/* Behind the ")" that closes the target which opens at p, or NULL. */
static const char *
md_target_end(md_inline *m, const char *p)
{
	const char *stop = m->end - p > MD_TARGET_MAX ? p + MD_TARGET_MAX : m->end;
	unsigned depth = 0;

	if (p < m->no_target)
		return NULL;
	for (const char *q = p; q < stop; q++) {
		if (*q == '\\' && q + 1 < stop)
			q++;
		else if (*q == '(')
			depth++;
		else if (*q == ')' && --depth == 0)
			return q + 1;
	}
	m->no_target = stop;
	return NULL;
}

/* At "]": a target behind it makes the bracket a link. */
static void
md_close_bracket(md_inline *m)
{
	const char *after = NULL;
	size_t at;
	unsigned cut;

	if (m->nopen && m->at + 1 < m->end) {
		if (m->at[1] == '(') {
			after = md_target_end(m, m->at + 1);
		} else if (m->at[1] == '[') {
			size_t left = min_size((size_t)(m->end - m->at) - 2, 200);
			const char *close = memchr(m->at + 2, ']', left);
			after = close ? close + 1 : NULL;
		}
	}
	if (m->nopen)
		m->nopen--;
	if (!after) {
		buf_put_u8(m->out, ']');
		m->at++;
		return;
	}
	at = m->open[m->nopen].out;
	cut = m->open[m->nopen].image ? 2 : 1;
	if (!m->out->failed) {
		memmove(m->out->p + at, m->out->p + at + cut, m->out->len - at - cut);
		m->out->len -= cut;
	}
	m->at = after;
}

static void
md_open_bracket(md_inline *m, bool image)
{
	if (m->nopen == MD_BRACKETS) { /* forget the outermost */
		memmove(m->open, m->open + 1, (MD_BRACKETS - 1) * sizeof *m->open);
		m->nopen--;
	}
	m->open[m->nopen].out = m->out->len;
	m->open[m->nopen++].image = image;
	buf_puts(m->out, image ? "![" : "[");
	m->at += image ? 2 : 1;
}

/* `code`: what is inside stays as it is. */
static void
md_code(md_inline *m)
{
	const char *p = m->at, *q;
	size_t n = 0, run;

	while (p < m->end && *p == '`') {
		p++;
		n++;
	}
	for (q = p; q < m->end && n != m->no_ticks; q += run) {
		q = memchr(q, '`', (size_t)(m->end - q));
		if (!q)
			break;
		for (run = 0; q + run < m->end && q[run] == '`';)
			run++;
		if (run == n) {
			doc_str code = read_str_trim(read_str(p, (size_t)(q - p)));
			buf_put(m->out, code.p, code.n);
			m->at = q + n;
			return;
		}
	}
	m->no_ticks = n;
	buf_put(m->out, m->at, n);
	m->at = p;
}

/* <tag>, </tag>, <!-- -->: left out; <http://...>: its address. */
static bool
md_tag(md_inline *m)
{
	const char *p = m->at + 1, *close;
	size_t n;

	if (p >= m->end || m->at < m->no_tag)
		return false;
	if (!(*p == '/' || *p == '!' || (md_is_word((unsigned char)*p) && (unsigned char)*p < 0x80)))
		return false;
	close = memchr(p, '>', min_size((size_t)(m->end - p), MD_TARGET_MAX));
	if (!close) {
		m->no_tag = p + min_size((size_t)(m->end - p), MD_TARGET_MAX);
		return false;
	}
	n = (size_t)(close - p);
	if (*p >= '0' && *p <= '9') /* "a <5 and b> 3" */
		return false;
	if (memchr(p, '@', n) || (n > 7 && (memcmp(p, "http://", 7) == 0 ||
					    memcmp(p, "https:/", 7) == 0)))
		buf_put(m->out, p, n);
	else if (n >= 2 && (memcmp(p, "br", 2) == 0 || memcmp(p, "td", 2) == 0))
		buf_put_u8(m->out, ' ');
	m->at = close + 1;
	return true;
}

static bool
md_entity(md_inline *m)
{
	static const struct {
		const char *name, *text;
	} entities[] = { { "&amp;", "&" },   { "&lt;", "<" },	 { "&gt;", ">" },
			 { "&quot;", "\"" }, { "&#39;", "'" },	 { "&apos;", "'" },
			 { "&nbsp;", " " },  { "&mdash;", "\xe2\x80\x94" },
			 { "&ndash;", "\xe2\x80\x93" }, { "&sect;", "\xc2\xa7" } };

	for (size_t i = 0; i < countof(entities); i++) {
		size_t n = strlen(entities[i].name);
		if ((size_t)(m->end - m->at) >= n && memcmp(m->at, entities[i].name, n) == 0) {
			buf_puts(m->out, entities[i].text);
			m->at += n;
			return true;
		}
	}
	return false;
}

/* A run of * or _ or ~: emphasis unless it stands alone or inside a word. */
static void
md_emphasis(md_inline *m)
{
	char c = *m->at;
	const char *q = m->at;
	unsigned char before = m->at > m->p ? (unsigned char)m->at[-1] : ' ', after;
	bool keep;

	while (q < m->end && *q == c)
		q++;
	after = q < m->end ? (unsigned char)*q : ' ';
	keep = md_is_space(before) && md_is_space(after);
	if (c == '_')
		keep |= md_is_word(before) && md_is_word(after);
	else if (c == '*')
		keep |= before >= '0' && before <= '9' && after >= '0' && after <= '9';
	else
		keep |= q - m->at != 2;
	if (keep)
		buf_put(m->out, m->at, (size_t)(q - m->at));
	m->at = q;
}

static void
md_special(md_inline *m)
{
	char c = *m->at;
	char next = m->at + 1 < m->end ? m->at[1] : 0;

	switch (c) {
	case '\\':
		if (md_is_punct((unsigned char)next))
			m->at++;
		buf_put_u8(m->out, (uint8_t)*m->at++);
		return;
	case '`':
		md_code(m);
		return;
	case '*':
	case '_':
	case '~':
		md_emphasis(m);
		return;
	case '[':
		md_open_bracket(m, false);
		return;
	case ']':
		md_close_bracket(m);
		return;
	case '!':
		if (next == '[') {
			md_open_bracket(m, true);
			return;
		}
		break;
	case '<':
		if (md_tag(m))
			return;
		break;
	case '&':
		if (md_entity(m))
			return;
		break;
	case '|':
		if (m->table)
			c = '\t';
		break;
	}
	buf_put_u8(m->out, (uint8_t)c);
	m->at++;
}

void
read_md_inline(buf *out, doc_str s, bool table)
{
	md_inline m = { .out = out, .p = s.p, .at = s.p, .end = s.p + s.n, .table = table };

	while (m.at < m.end) {
		const char *q = m.at;

		while (q < m.end && !md_marks[(unsigned char)*q])
			q++;
		buf_put(out, m.at, (size_t)(q - m.at));
		m.at = q;
		if (q < m.end)
			md_special(&m);
	}
}
