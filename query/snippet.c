/* snippet.c - see snippet.h.
 *
 * 1. choose: windows of about `length` characters that hold the most matches,
 *    greedily, not overlapping;
 * 2. locate: tokens around each, with their byte offsets;
 * 3. cut: from the beginning of the sentence if it is near, as far as the length
 *    allows; 4. render.
 */
#include "query/snippet.h"

#include "base/file.h"

enum { SNIPPET_TOKENS_MAX = 20000 };

typedef struct window {
	size_t first, count; /* spans */
} window;

typedef struct maker {
	locator l;
	const snippet_options *opt;
	const search_span *spans; /* of the text, title left out */
	size_t nspans;
	window *w;
	size_t nw;
	cdg_error *err;
} maker;

/* ---- choosing -------------------------------------------------------- */

/* The window with the most matches among spans that no chosen one has. */
static bool
choose_one(const maker *m, uint32_t tokens, const window *have, size_t nhave, window *best)
{
	size_t j = 0;

	best->count = 0;
	for (size_t i = 0; i < m->nspans; i++) {
		bool taken = false;
		size_t count;
		for (size_t h = 0; h < nhave && !taken; h++) {
			const search_span *a = &m->spans[have[h].first];
			const search_span *b = &m->spans[have[h].first + have[h].count - 1];
			taken = m->spans[i].start + tokens > a->start && m->spans[i].start < b->end + tokens / 2;
		}
		if (taken)
			continue;
		j = max_size(j, i);
		while (j + 1 < m->nspans && m->spans[j + 1].end <= m->spans[i].start + tokens)
			j++;
		count = j + 1 - i;
		if (count > best->count)
			*best = (window){ i, count };
	}
	return best->count > 0;
}

static int
window_cmp(const void *a, const void *b)
{
	const window *x = a, *y = b;
	return (x->first > y->first) - (x->first < y->first);
}

/* ---- cutting and rendering ------------------------------------------- */

void
snippet_escape(buf *b, const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		switch (p[i]) {
		case '<': buf_puts(b, "&lt;"); break;
		case '>': buf_puts(b, "&gt;"); break;
		case '&': buf_puts(b, "&amp;"); break;
		case '"': buf_puts(b, "&quot;"); break;
		default: buf_put_u8(b, (uint8_t)p[i]); break;
		}
	}
}

static void
put_escaped(buf *b, const uint8_t *p, size_t n)
{
	snippet_escape(b, (const char *)p, n);
}

static bool
char_among(uint32_t c, const uint16_t *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == c)
			return true;
	return false;
}

bool
snippet_closes(uint32_t c)
{
	static const uint16_t list[] = { 0xbb, 0x2019, 0x201d, 0x2025, 0x2026, 0x3001, 0x3002, 0x3005, 0x3009,
					 0x300b, 0x300d, 0x300f, 0x3011, 0x3015, 0x3017, 0x3019, 0x301b, 0x30fb,
					 0x30fc, 0xff01, 0xff05, 0xff09, 0xff0c, 0xff0e, 0xff1a, 0xff1b, 0xff1f,
					 0xff3d, 0xff5d };

	return c < 128 ? c > ' ' && strchr(".,;:!?)]}\"'", (int)c) : char_among(c, list, countof(list));
}

bool
snippet_opens(uint32_t c)
{
	static const uint16_t list[] = { 0xab, 0x2018, 0x201c, 0x3008, 0x300a, 0x300c, 0x300e, 0x3010,
					 0x3014, 0x3016, 0x3018, 0x301a, 0xff08, 0xff3b, 0xff5b };

	return c < 128 ? c && strchr("([\"'", (int)c) : char_among(c, list, countof(list));
}

void
snippet_widen(const buf *text, uint32_t *lo, uint32_t *hi)
{
	const char *t = (const char *)text->p, *end = t + text->len, *p;

	while (*hi < text->len) {
		p = t + *hi;
		if (!snippet_closes(text_decode(&p, end)))
			break;
		*hi = (uint32_t)(p - t);
	}
	while (*lo) {
		uint32_t at = *lo - 1;
		while (at && ((uint8_t)t[at] & 0xc0) == 0x80)
			at--;
		p = t + at;
		if (!snippet_opens(text_decode(&p, end)))
			break;
		*lo = at;
	}
}

static char *
take_string(buf *b)
{
	buf_cstr(b);
	if (b->failed) {
		buf_fini(b);
		return NULL;
	}
	return (char *)b->p;
}

/* Token range [a, b) of m->l.places to show for matches up to token `last`. */
static void
cut(maker *m, size_t core, size_t last, size_t *a, size_t *b)
{
	uint32_t s;
	size_t limit = m->opt->length;

	*a = core;
	*b = last + 1;
	if (locate_sentence(&m->l, m->l.first + (uint32_t)core, &s) && s >= m->l.first &&
	    m->l.places[core].start - m->l.places[s - m->l.first].start < limit / 2)
		*a = s - m->l.first;
	else
		while (*a && m->l.places[core].start - m->l.places[*a - 1].start < limit / 4)
			--*a;
	while (*b < m->l.nplaces && m->l.places[*b].end - m->l.places[*a].start <= limit)
		++*b;
}

/* Marks of the shown range as byte ranges of the stretch, joined. */
static size_t
marks_of(const maker *m, const window *w, size_t a, size_t b, search_span **out)
{
	search_span *s;
	size_t n = 0, room = 0, i = w->first;
	uint32_t from = m->l.first + (uint32_t)a, to = m->l.first + (uint32_t)b;

	while (i && m->spans[i - 1].end > from)
		i--;
	for (size_t k = i; k < m->nspans && m->spans[k].start < to; k++)
		room++;
	s = *out = mem_alloc((room + 1) * sizeof *s);
	if (!s)
		return 0;
	for (; i < m->nspans && m->spans[i].start < to; i++) {
		uint32_t x = max_u32(m->spans[i].start, from), y = min_u32(m->spans[i].end, to), lo, hi;
		if (x >= y)
			continue;
		lo = m->l.places[x - m->l.first].start;
		hi = m->l.places[y - 1 - m->l.first].end;
		if (n && lo <= s[n - 1].end)
			s[n - 1].end = max_u32(s[n - 1].end, hi);
		else
			s[n++] = (search_span){ lo, hi };
	}
	return n;
}

static cdg_status
render(maker *m, const window *w, size_t a, size_t b, snippet *out)
{
	uint32_t lo = m->l.places[a].start, hi = m->l.places[b - 1].end;
	const uint8_t *t = m->l.text.p;
	search_span *marks;
	buf html = { 0 };
	uint32_t at;

	snippet_widen(&m->l.text, &lo, &hi);
	out->nmarks = marks_of(m, w, a, b, &marks);
	if (!marks)
		return err_nomem(m->err);
	if (m->l.anchor.byte + lo > 0)
		buf_puts(&html, "\xe2\x80\xa6 ");
	at = lo;
	for (size_t i = 0; i < out->nmarks; i++) {
		put_escaped(&html, t + at, marks[i].start - at);
		buf_puts(&html, "<mark>");
		put_escaped(&html, t + marks[i].start, marks[i].end - marks[i].start);
		buf_puts(&html, "</mark>");
		at = marks[i].end;
	}
	put_escaped(&html, t + at, hi > at ? hi - at : 0);
	if ((uint64_t)m->l.anchor.byte + hi < m->l.text_len)
		buf_puts(&html, " \xe2\x80\xa6");
	out->marks = marks;
	out->start = locate_cp(&m->l, lo);
	for (size_t i = 0; i < out->nmarks; i++) {
		uint64_t base = locate_cp(&m->l, marks[i].start);

		marks[i] = (search_span){ (uint32_t)base, (uint32_t)locate_cp(&m->l, marks[i].end) };
	}
	out->end = locate_cp(&m->l, hi);
	out->text = mem_strndup((const char *)t + lo, hi - lo);
	out->text_len = hi - lo;
	out->html = take_string(&html);
	if (!out->text || !out->html)
		return err_nomem(m->err);
	return CDG_OK;
}

/* Positions that a passage for a window (none: the beginning of the text) is made of:
 * its matches [*from, *to], and the stretch around them [*lo, *hi].  False: the text is
 * before them. */
static bool
window_places(const maker *m, const window *w, uint32_t *from, uint32_t *to, uint32_t *lo, uint32_t *hi)
{
	uint32_t around = m->opt->length, end = m->l.tree.end_pos;

	*from = *to = m->l.tree.body_pos;
	if (w->count) {
		*from = m->spans[w->first].start;
		*to = m->spans[w->first + w->count - 1].end - 1;
	}
	if (end <= *from)
		return false;
	*to = min_u32(min_u32(*to, end - 1), *from + SNIPPET_TOKENS_MAX);
	*lo = *from - min_u32(*from - m->l.tree.body_pos, around / 2);
	*hi = min_u32(*to + around, end - 1);
	return true;
}

/* A passage for the matches of a window. */
static cdg_status
make_one(maker *m, const window *w, snippet *out)
{
	uint32_t from, to, lo, hi;
	size_t core, last, a, b;

	if (!window_places(m, w, &from, &to, &lo, &hi))
		return CDG_OK;
	CDG_TRY(locate_stretch(&m->l, lo, hi));
	core = from - m->l.first;
	last = to - m->l.first;
	if (m->l.whole && core >= m->l.nplaces)
		return CDG_OK; /* what matched is not in the text that was kept */
	if (!m->l.nplaces || core >= m->l.nplaces)
		return err_corrupt(m->err, m->l.seg->tree.f.path, 0, "the text has fewer tokens than the index says");
	last = min_size(last, m->l.nplaces - 1);
	cut(m, core, last, &a, &b);
	CDG_TRY(render(m, w, a, b, out));
	return locate_describe(&m->l, from, &out->where);
}

/* Is the time up?  There is one passage in any case. */
static bool
is_late(const maker *m, size_t have)
{
	return have && m->opt->deadline_ns && clock_ns() > m->opt->deadline_ns;
}

/* The windows, in order of the text, in m->w; spans of the title are left out. */
static cdg_status
choose(maker *m, const search_span *spans, size_t n)
{
	/* words are about six characters with the space; CJK ones are one, and get
	 * a longer window than is shown, which does no harm */
	uint32_t tokens = max_u32(m->opt->length / 6, 4);

	while (n && spans->start < m->l.tree.body_pos) {
		spans++;
		n--;
	}
	m->spans = spans;
	m->nspans = n;
	m->w = mem_calloc(m->opt->count + 1, sizeof *m->w);
	if (!m->w)
		return err_nomem(m->err);
	while (m->nw < m->opt->count && !is_late(m, m->nw) && choose_one(m, tokens, m->w, m->nw, &m->w[m->nw]))
		m->nw++;
	if (m->nw > 1)
		qsort(m->w, m->nw, sizeof *m->w, window_cmp);
	if (!m->nw)
		m->nw = 1; /* w[0] is empty: the beginning */
	return CDG_OK;
}

static cdg_status
make_all(maker *m, snippet_list *out)
{
	out->s = mem_calloc(m->nw, sizeof *out->s);
	if (!out->s)
		return err_nomem(m->err);
	for (size_t i = 0; i < m->nw && !is_late(m, i); i++) {
		cdg_status st = make_one(m, &m->w[i], &out->s[out->n]);

		out->n += st != CDG_OK || out->s[out->n].text != NULL;
		CDG_TRY(st);
	}
	return CDG_OK;
}

/* Of a document of a segment: windows are chosen before its text is touched, so that what
 * they need of it is unpacked at once, with its metadata. */
static cdg_status
make_doc(maker *m, const segment *seg, uint32_t doc, const search_span *spans, size_t n, snippet_list *out)
{
	uint32_t from, to, lo, hi;

	if (m->opt->store)
		m->l.store = m->opt->store;
	CDG_TRY(locate_open(&m->l, seg, doc));
	CDG_TRY(choose(m, spans, n));
	if (window_places(m, &m->w[m->nw - 1], &from, &to, &lo, &hi))
		store_expect(m->l.store, m->l.ref, locate_reach(&m->l, lo, hi));
	CDG_TRY(locate_lengths(&m->l));
	if (m->opt->meta)
		CDG_TRY(store_meta(m->l.store, m->l.ref, m->opt->meta, m->err));
	return m->l.text_len ? make_all(m, out) : CDG_OK;
}

static cdg_status
make_whole(maker *m, const snippet_source *whole, const search_span *spans, size_t n, snippet_list *out)
{
	CDG_TRY(locate_whole(&m->l, whole));
	CDG_TRY(choose(m, spans, n));
	return m->l.text_len ? make_all(m, out) : CDG_OK;
}

/* From a document of a segment, or a text. */
static cdg_status
make_from(const segment *seg, uint32_t doc, const snippet_source *whole, const search_span *spans, size_t n,
	  const snippet_options *opt, snippet_list *out, cdg_error *err)
{
	maker m = { .opt = opt, .err = err };
	text_analyzer *an = opt->an ? opt->an : text_analyzer_new(err);
	cdg_status st;

	if (!an)
		return CDG_E_NOMEM;
	locate_init(&m.l, an, err);
	st = whole ? make_whole(&m, whole, spans, n, out) : make_doc(&m, seg, doc, spans, n, out);
	locate_fini(&m.l);
	mem_free(m.w);
	if (!opt->an)
		text_analyzer_free(an);
	if (st != CDG_OK)
		snippet_list_fini(out);
	return st;
}

cdg_status
snippet_make(const segment *seg, uint32_t doc, const search_span *spans, size_t n, const snippet_options *opt,
	     snippet_list *out, cdg_error *err)
{
	memset(out, 0, sizeof *out);
	return opt->count ? make_from(seg, doc, NULL, spans, n, opt, out, err) : CDG_OK;
}

cdg_status
snippet_make_text(const snippet_source *from, const search_span *spans, size_t n, const snippet_options *opt,
		  snippet_list *out, cdg_error *err)
{
	memset(out, 0, sizeof *out);
	return opt->count && from->n ? make_from(NULL, 0, from, spans, n, opt, out, err) : CDG_OK;
}

void
snippet_list_fini(snippet_list *l)
{
	for (size_t i = 0; i < l->n; i++) {
		snippet *s = &l->s[i];
		mem_free(s->text);
		mem_free(s->html);
		mem_free(s->marks);
		locate_where_fini(&s->where);
	}
	mem_free(l->s);
	memset(l, 0, sizeof *l);
}
