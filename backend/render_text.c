/* render_text.c - results for people: a line of summary, per hit its title, where
 * it is, and its passages wrapped with the matches marked, then facets.
 *
 * Documents may hold escape sequences that would take over a terminal: no
 * control character of theirs is ever written.  Widths follow East Asian Width
 * (UAX 11) as far as wide and zero-width characters go.
 */
#include "backend/render.h"

#include <stdio.h>

#include <unicode/uchar.h>

#include "query/snippet.h"

enum { INDENT = 4 };

#define BOLD RENDER_BOLD
#define MATCH RENDER_MATCH
#define DIM RENDER_DIM
#define GREEN "\x1b[32m"
#define PLAIN RENDER_PLAIN

void
render_style(cdg_printer *p, const char *style)
{
	if (p->color)
		buf_puts(&p->out, style);
}

/* Columns that a character takes. */
unsigned
render_width(uint32_t c)
{
	int ea;

	if (c < 0x300)
		return 1;
	if (u_charType((UChar32)c) == U_NON_SPACING_MARK || u_charType((UChar32)c) == U_ENCLOSING_MARK ||
	    u_charType((UChar32)c) == U_FORMAT_CHAR)
		return 0;
	ea = u_getIntPropertyValue((UChar32)c, UCHAR_EAST_ASIAN_WIDTH);
	return ea == U_EA_WIDE || ea == U_EA_FULLWIDTH ? 2 : 1;
}

/* Characters that change how others are shown: controls of C0 and C1, and those
 * that turn the direction of writing. */
bool
render_is_control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x202a && c <= 0x202e) ||
	       (c >= 0x2066 && c <= 0x2069);
}

/* Text on one line, white space and controls as spaces. */
static void
put_line(cdg_printer *p, const char *s)
{
	const char *end = s + strlen(s), *from;

	while (s < end) {
		uint32_t c;

		from = s;
		c = text_decode(&s, end);
		if (render_is_control(c))
			buf_put_u8(&p->out, ' ');
		else
			buf_put(&p->out, from, (size_t)(s - from));
	}
}

/* ---- wrapping -------------------------------------------------------------- */

/* A line being filled.  A word is held back until its end is known; style
 * changes travel with it.  CJK text may break after every character. */
typedef struct wrap {
	cdg_printer *p;
	buf word;
	unsigned column, word_width;
	bool space; /* one is due before the word */
	bool wide;  /* the last character was */
	bool glued; /* to what follows: it opens */
} wrap;

static void
wrap_flush(wrap *w)
{
	buf *out = &w->p->out;

	if (!w->word.len)
		return;
	if (w->column > INDENT && w->column + w->space + w->word_width > w->p->width) {
		buf_puts(out, "\n    ");
		w->column = INDENT;
	} else if (w->space && w->column > INDENT) {
		buf_put_u8(out, ' ');
		w->column++;
	}
	buf_put(out, w->word.p, w->word.len);
	w->p->out.failed |= w->word.failed;
	w->column += w->word_width;
	w->word.len = 0;
	w->word_width = 0;
	w->space = w->wide = w->glued = false;
}

static void
wrap_char(wrap *w, const char *at, size_t n, uint32_t c)
{
	unsigned width = render_width(c);
	bool opens;

	if (c == ' ' || render_is_control(c)) {
		wrap_flush(w);
		w->space = true;
		return;
	}
	/* a line may break before and after a wide character, but not before what
	 * closes nor after what opens; quotes of European width count by their company */
	opens = snippet_opens(c) && (width == 2 || w->wide || !w->word.len);
	if ((width == 2 || opens) && !w->glued && !(snippet_closes(c) && !w->space))
		wrap_flush(w);
	w->wide = width == 2;
	w->glued = opens;
	/* a "word" longer than any line is cut */
	if (w->word_width + width > w->p->width - INDENT)
		wrap_flush(w);
	buf_put(&w->word, at, n);
	w->word_width += width;
}

/* Of the five entities and two tags that a snippet's html has. */
static const struct {
	const char *name, *is;
} html_parts[] = {
	{ "&amp;", "&" }, { "&lt;", "<" }, { "&gt;", ">" }, { "&quot;", "\"" }, { "&#39;", "'" },
};

static size_t
wrap_markup(wrap *w, const char *s)
{
	static const char open[] = "<mark>", close[] = "</mark>";

	if (!strncmp(s, open, sizeof open - 1) || !strncmp(s, close, sizeof close - 1)) {
		bool on = s[1] == 'm';

		if (w->p->color)
			buf_puts(&w->word, on ? MATCH : PLAIN);
		return on ? sizeof open - 1 : sizeof close - 1;
	}
	for (size_t i = 0; i < countof(html_parts); i++)
		if (!strncmp(s, html_parts[i].name, strlen(html_parts[i].name))) {
			wrap_char(w, html_parts[i].is, 1, (uint8_t)html_parts[i].is[0]);
			return strlen(html_parts[i].name);
		}
	return 0;
}

static void
put_wrapped(cdg_printer *p, const char *html)
{
	wrap w = { .p = p, .column = INDENT };
	const char *end = html + strlen(html);

	buf_puts(&p->out, "    ");
	while (html < end) {
		const char *from = html;
		size_t n = *html == '<' || *html == '&' ? wrap_markup(&w, html) : 0;

		if (n) {
			html += n;
		} else {
			uint32_t c = text_decode(&html, end);

			wrap_char(&w, from, (size_t)(html - from), c);
		}
	}
	wrap_flush(&w);
	buf_fini(&w.word);
	render_style(p, PLAIN);
	buf_put_u8(&p->out, '\n');
}

/* ---- the parts ---------------------------------------------------------------- */

static void
put_count(buf *out, uint64_t n)
{
	char digits[24];
	int len = snprintf(digits, sizeof digits, "%llu", (unsigned long long)n);

	for (int i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			buf_put_u8(out, ',');
		buf_put_u8(out, (uint8_t)digits[i]);
	}
}

void
render_text_head(cdg_printer *p, const cdg_results *r)
{
	buf *out = &p->out;

	if (p->batch) {
		if (p->header_done)
			buf_put_u8(out, '\n');
		render_style(p, BOLD);
		buf_puts(out, "query: ");
		put_line(p, r->query);
		render_style(p, PLAIN);
		buf_put_u8(out, '\n');
	}
	if (r->explain && *r->explain)
		buf_puts(out, r->explain);
	render_style(p, DIM);
	if (!r->total_exact)
		buf_puts(out, "at least ");
	put_count(out, r->total);
	buf_printf(out, " document%s, %.1f ms", r->total == 1 ? "" : "s", (double)r->took_us / 1000.0);
	render_style(p, PLAIN);
	buf_put_u8(out, '\n');
	if (r->suggestion) {
		buf_puts(out, "Did you mean: ");
		render_style(p, BOLD);
		put_line(p, r->suggestion);
		render_style(p, PLAIN);
		buf_put_u8(out, '\n');
	}
}

enum { SHOWN_COPIES = 3 };

static void
put_copies(cdg_printer *p, const api_hit *h)
{
	if (!h->ncopies)
		return;
	render_style(p, DIM);
	for (size_t i = 0; i < h->ncopies && i < SHOWN_COPIES; i++) {
		buf_puts(&p->out, i ? ", " : "    also at: ");
		put_line(p, h->copies[i]);
	}
	if (h->ncopies > SHOWN_COPIES)
		buf_printf(&p->out, ", and %zu more", h->ncopies - SHOWN_COPIES);
	render_style(p, PLAIN);
	buf_put_u8(&p->out, '\n');
}

/* Fields that help to tell what kind of thing a hit is. */
static const char *const shown_fields[] = { "type", "jurisdiction", "author", "speaker", "source" };

static void
put_facts(cdg_printer *p, const api_hit *h)
{
	const char *url = h->link ? h->link : h->url ? h->url : "";
	const char *sep = "";

	buf_puts(&p->out, "    ");
	render_style(p, GREEN);
	put_line(p, *url ? url : h->id ? h->id : "");
	render_style(p, PLAIN);
	render_style(p, DIM);
	if (*url) {
		buf_puts(&p->out, "  ");
		put_line(p, h->id ? h->id : "");
	}
	sep = "  ";
	if (h->date && *h->date) {
		buf_printf(&p->out, "%s%s", sep, h->date);
		sep = ", ";
	}
	if (h->lang && *h->lang) {
		buf_puts(&p->out, sep);
		put_line(p, h->lang);
		sep = ", ";
	}
	for (size_t i = 0; i < h->nfields; i++)
		for (size_t k = 0; k < countof(shown_fields); k++)
			if (h->fields[i].name && h->fields[i].value && !strcmp(h->fields[i].name, shown_fields[k])) {
				buf_puts(&p->out, sep);
				put_line(p, h->fields[i].value);
				sep = ", ";
			}
	render_style(p, PLAIN);
	buf_put_u8(&p->out, '\n');
}

static void
put_place(cdg_printer *p, const api_snippet *s)
{
	if (!s->nsections && (!s->page || !*s->page))
		return;
	buf_puts(&p->out, "    ");
	render_style(p, DIM);
	if (s->page && *s->page) {
		buf_puts(&p->out, "p. ");
		put_line(p, s->page);
		if (s->nsections)
			buf_puts(&p->out, ", ");
	}
	for (size_t i = 0; i < s->nsections; i++) {
		if (i)
			buf_puts(&p->out, " > ");
		put_line(p, s->sections[i] ? s->sections[i] : "");
	}
	buf_puts(&p->out, ":");
	render_style(p, PLAIN);
	buf_put_u8(&p->out, '\n');
}

/* A title with its matches marked, on one line. */
static void
put_marked(cdg_printer *p, const char *html)
{
	wrap w = { .p = p };
	const char *end = html + strlen(html);

	while (html < end) {
		const char *from = html;
		size_t n = *html == '<' || *html == '&' ? wrap_markup(&w, html) : 0;

		if (n) {
			html += n;
			if (p->color && *from == '<' && from[1] == '/')
				buf_puts(&w.word, BOLD);
		} else {
			uint32_t c = text_decode(&html, end);

			if (render_is_control(c))
				buf_put_u8(&w.word, ' ');
			else
				buf_put(&w.word, from, (size_t)(html - from));
		}
	}
	buf_put(&p->out, w.word.p, w.word.len);
	p->out.failed |= w.word.failed;
	buf_fini(&w.word);
}

void
render_text_title(cdg_printer *p, const api_hit *h)
{
	render_style(p, BOLD);
	if (h->title_html)
		put_marked(p, h->title_html);
	else
		put_line(p, h->title && *h->title ? h->title : h->id ? h->id : "");
	render_style(p, PLAIN);
	buf_put_u8(&p->out, '\n');
	put_facts(p, h);
	put_copies(p, h);
}

void
render_text_hit(cdg_printer *p, const api_hit *h)
{
	buf_printf(&p->out, "\n%2llu. ", (unsigned long long)h->rank);
	render_text_title(p, h);
	for (size_t i = 0; i < h->nsnippets; i++) {
		put_place(p, &h->snippets[i]);
		put_wrapped(p, h->snippets[i].html ? h->snippets[i].html : "");
	}
}

void
render_text_tail(cdg_printer *p, const cdg_results *r)
{
	buf *out = &p->out;

	for (size_t i = 0; i < r->nfacets; i++) {
		const api_facet *f = &r->facets[i];

		buf_put_u8(out, '\n');
		render_style(p, BOLD);
		put_line(p, f->field ? f->field : "");
		render_style(p, PLAIN);
		buf_put_u8(out, '\n');
		for (size_t k = 0; k < f->n; k++) {
			buf_printf(out, "%10llu  ", (unsigned long long)f->values[k].count);
			put_line(p, f->values[k].value ? f->values[k].value : "");
			buf_put_u8(out, '\n');
		}
		if (f->missing)
			buf_printf(out, "%10llu  without a date\n", (unsigned long long)f->missing);
		else if (!f->n)
			buf_puts(out, "         -  no document here has it\n");
	}
}
