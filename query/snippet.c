/* snippet.c - see snippet.h.
 *
 * 1. choose: windows of about `length` characters that hold the most matches,
 *    greedily, not overlapping;
 * 2. locate: tokens around each, with their byte offsets;
 * 3. cut: from the beginning of the sentence if it is near, as far as the length
 *    allows; 4. render.
 */
#include "query/snippet.h"

enum { SNIPPET_TOKENS_MAX = 20000, SNIPPET_PATH_MAX = 16 };

/* One token of the stretch at hand; consecutive positions. */
typedef struct place {
	uint32_t start, end; /* bytes from the stretch's beginning */
} place;

typedef struct maker {
	const segment *seg;
	const snippet_source *whole; /* instead of seg */
	uint32_t *sentences;         /* of it: positions where one begins */
	size_t nsentences, sentences_cap;
	const snippet_options *opt;
	tree_view tree;
	store_cursor store;
	uint64_t ref;
	uint32_t text_len;
	const search_span *spans; /* of the text, title left out */
	size_t nspans;
	text_analyzer *an;
	buf text;                 /* the stretch */
	tree_anchor anchor;       /* where it begins */
	place *places;
	size_t nplaces, places_cap;
	uint32_t first;           /* position of places[0] */
	cdg_error *err;
} maker;

/* ---- choosing -------------------------------------------------------- */

typedef struct window {
	size_t first, count; /* spans */
} window;

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

/* ---- locating -------------------------------------------------------- */

/* Characters end of a token for one position: a CJK bigram covers two. */
static uint32_t
place_end(const maker *m, const text_token *t)
{
	if (t->kind == TEXT_CJK) {
		const char *p = (const char *)m->text.p + t->start, *q = p;
		text_decode(&q, p + (t->end - t->start));
		return t->start + (uint32_t)(q - p);
	}
	return t->end;
}

static bool
note_sentence(maker *m, uint32_t pos)
{
	if (!mem_grow(&m->sentences, &m->sentences_cap, m->nsentences + 1, sizeof *m->sentences))
		return false;
	m->sentences[m->nsentences++] = pos;
	return true;
}

/* Where the sentence around pos begins. */
static bool
sentence_begins(maker *m, uint32_t pos, uint32_t *start)
{
	uint32_t end;

	if (!m->whole)
		return tree_sentence_bounds(&m->tree, pos, start, &end);
	for (size_t i = m->nsentences; i-- > 0;)
		if (m->sentences[i] <= pos) {
			*start = m->sentences[i];
			return true;
		}
	return false;
}

/* Tokenise the stretch; stop after position `to`. */
static cdg_status
locate_tokens(maker *m, uint32_t to)
{
	text_token tok[256];
	size_t n;

	m->nplaces = 0;
	m->first = m->anchor.pos;
	text_begin(m->an, (const char *)m->text.p, m->text.len, m->anchor.pos);
	while ((n = text_next(m->an, tok, countof(tok)))) {
		for (size_t i = 0; i < n; i++) {
			if (tok[i].kind == TEXT_JOINED)
				continue;
			if (!mem_grow(&m->places, &m->places_cap, m->nplaces + 1, sizeof *m->places))
				return err_nomem(m->err);
			m->places[m->nplaces++] = (place){ tok[i].start, place_end(m, &tok[i]) };
			if (m->whole && tok[i].flags & TEXT_SENTENCE && !note_sentence(m, tok[i].pos))
				return err_nomem(m->err);
		}
		if (m->nplaces > to - m->first + 1)
			break;
	}
	return CDG_OK;
}

/* The stretch that has positions [from, to], and tokens for them. */
static cdg_status
locate(maker *m, uint32_t from, uint32_t to)
{
	uint64_t want;

	if (m->whole)
		return CDG_OK; /* all of it is there */
	if (!tree_anchor_before(&m->tree, from, &m->anchor))
		return pfile_error(&m->seg->tree.f, m->err);
	if (m->anchor.byte > m->text_len)
		return err_corrupt(m->err, m->seg->tree.f.path, 0, "an anchor lies past the end of its text");
	for (want = 64 + (uint64_t)(to - m->anchor.pos + 1) * 12;; want *= 4) {
		uint32_t len = want < m->text_len - m->anchor.byte ? (uint32_t)want : m->text_len - m->anchor.byte;
		m->text.len = 0;
		CDG_TRY(store_text(&m->store, m->ref, m->anchor.byte, len, &m->text, m->err));
		CDG_TRY(locate_tokens(m, to));
		/* the last token may be cut off by the end of the stretch: want one more */
		if (m->nplaces > (size_t)(to - m->first) + 2 || len == m->text_len - m->anchor.byte)
			return CDG_OK;
	}
}

/* ---- cutting and rendering ------------------------------------------- */

static uint64_t
count_chars(const uint8_t *p, size_t n)
{
	uint64_t c = 0;
	for (size_t i = 0; i < n; i++)
		c += (p[i] & 0xc0) != 0x80;
	return c;
}

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

/* Closing punctuation and quotes belong to the passage before them, opening ones
 * to that behind. */
static void
widen(const maker *m, uint32_t *lo, uint32_t *hi)
{
	const char *t = (const char *)m->text.p, *end = t + m->text.len, *p;

	while (*hi < m->text.len) {
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

/* Token range [a, b) of m->places to show for matches up to token `last`. */
static void
cut(maker *m, size_t core, size_t last, size_t *a, size_t *b)
{
	uint32_t s;
	size_t limit = m->opt->length;

	*a = core;
	*b = last + 1;
	if (sentence_begins(m, m->first + (uint32_t)core, &s) && s >= m->first &&
	    m->places[core].start - m->places[s - m->first].start < limit / 2)
		*a = s - m->first;
	else
		while (*a && m->places[core].start - m->places[*a - 1].start < limit / 4)
			--*a;
	while (*b < m->nplaces && m->places[*b].end - m->places[*a].start <= limit)
		++*b;
}

/* Marks of the shown range as byte ranges of the stretch, joined. */
static size_t
marks_of(const maker *m, const window *w, size_t a, size_t b, search_span **out)
{
	search_span *s;
	size_t n = 0, room = 0, i = w->first;
	uint32_t from = m->first + (uint32_t)a, to = m->first + (uint32_t)b;

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
		lo = m->places[x - m->first].start;
		hi = m->places[y - 1 - m->first].end;
		if (n && lo <= s[n - 1].end)
			s[n - 1].end = max_u32(s[n - 1].end, hi);
		else
			s[n++] = (search_span){ lo, hi };
	}
	return n;
}

/* Sections that hold the token at pos. */
static cdg_status
describe_whole(const maker *m, uint32_t pos, snippet *out)
{
	const snippet_source *w = m->whole;
	uint32_t at = m->places[pos - m->first].start;

	out->section = mem_calloc(SNIPPET_PATH_MAX, sizeof *out->section);
	if (!out->section)
		return err_nomem(m->err);
	for (size_t i = 0; i < w->nsections; i++) {
		const snippet_section *s = &w->sections[i];
		char *label;

		if (at < s->start || at >= s->end || (!s->page && out->nsection == SNIPPET_PATH_MAX))
			continue;
		label = mem_strndup(s->label ? s->label : "", s->label_len);
		if (!label)
			return err_nomem(m->err);
		if (s->page) {
			mem_free(out->page);
			out->page = label;
		} else {
			out->section[out->nsection++] = label;
		}
	}
	return CDG_OK;
}

static cdg_status
describe_place(maker *m, uint32_t pos, snippet *out)
{
	tree_section path[SNIPPET_PATH_MAX], page;
	size_t n;

	if (m->whole)
		return describe_whole(m, pos, out);
	n = tree_section_path(&m->tree, pos, path, countof(path));
	n = min_size(n, countof(path));
	if (tree_page(&m->tree, pos, &page)) {
		out->page = mem_strndup(page.label, page.label_len);
		if (!out->page)
			return err_nomem(m->err);
	}
	out->section = mem_calloc(n + 1, sizeof *out->section);
	if (!out->section)
		return err_nomem(m->err);
	for (size_t i = 0; i < n; i++) {
		out->section[out->nsection] = mem_strndup(path[i].label, path[i].label_len);
		if (!out->section[out->nsection])
			return err_nomem(m->err);
		out->nsection++;
	}
	return CDG_OK;
}

static cdg_status
render(maker *m, const window *w, size_t a, size_t b, snippet *out)
{
	uint32_t lo = m->places[a].start, hi = m->places[b - 1].end;
	const uint8_t *t = m->text.p;
	search_span *marks;
	buf html = { 0 };
	uint32_t at;

	widen(m, &lo, &hi);
	out->nmarks = marks_of(m, w, a, b, &marks);
	if (!marks)
		return err_nomem(m->err);
	if (m->anchor.byte + lo > 0)
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
	if ((uint64_t)m->anchor.byte + hi < m->text_len)
		buf_puts(&html, " \xe2\x80\xa6");
	out->marks = marks;
	for (size_t i = 0; i < out->nmarks; i++) {
		uint64_t base = m->anchor.cp + count_chars(t, marks[i].start);
		uint64_t len = count_chars(t + marks[i].start, marks[i].end - marks[i].start);
		marks[i] = (search_span){ (uint32_t)base, (uint32_t)(base + len) };
	}
	out->start = m->anchor.cp + count_chars(t, lo);
	out->end = out->start + count_chars(t + lo, hi - lo);
	out->text = mem_strndup((const char *)t + lo, hi - lo);
	out->text_len = hi - lo;
	out->html = take_string(&html);
	if (!out->text || !out->html)
		return err_nomem(m->err);
	return CDG_OK;
}

/* A passage for the matches of a window (none: the beginning of the text). */
static cdg_status
make_one(maker *m, const window *w, snippet *out)
{
	uint32_t from = m->tree.body_pos, to = from, around = m->opt->length;
	size_t core, last, a, b;

	if (w->count) {
		from = m->spans[w->first].start;
		to = m->spans[w->first + w->count - 1].end - 1;
	}
	if (m->tree.end_pos <= from)
		return CDG_OK;
	to = min_u32(to, m->tree.end_pos - 1);
	to = min_u32(to, from + SNIPPET_TOKENS_MAX);
	CDG_TRY(locate(m, from - min_u32(from - m->tree.body_pos, around / 2), min_u32(to + around, m->tree.end_pos - 1)));
	core = from - m->first;
	last = to - m->first;
	if (m->whole && core >= m->nplaces)
		return CDG_OK; /* what matched is not in the text that was kept */
	if (!m->nplaces || core >= m->nplaces)
		return err_corrupt(m->err, m->seg->tree.f.path, 0, "the text has fewer tokens than the index says");
	last = min_size(last, m->nplaces - 1);
	cut(m, core, last, &a, &b);
	CDG_TRY(render(m, w, a, b, out));
	return describe_place(m, from, out);
}

static cdg_status
make_all(maker *m, snippet_list *out)
{
	/* words are about six characters with the space; CJK ones are one, and get
	 * a longer window than is shown, which does no harm */
	uint32_t tokens = max_u32(m->opt->length / 6, 4);
	window *w = mem_calloc(m->opt->count + 1, sizeof *w);
	size_t n = 0;
	cdg_status st = CDG_OK;

	out->s = mem_calloc(m->opt->count + 1, sizeof *out->s);
	if (!w || !out->s) {
		mem_free(w);
		return err_nomem(m->err);
	}
	while (n < m->opt->count && choose_one(m, tokens, w, n, &w[n]))
		n++;
	if (n > 1)
		qsort(w, n, sizeof *w, window_cmp);
	if (!n)
		n = 1; /* w[0] is empty: the beginning */
	for (size_t i = 0; i < n && st == CDG_OK; i++) {
		st = make_one(m, &w[i], &out->s[out->n]);
		out->n += st != CDG_OK || out->s[out->n].text != NULL;
	}
	mem_free(w);
	return st;
}

static cdg_status
make_begin(maker *m, uint32_t doc)
{
	uint64_t off;
	uint32_t meta_len;

	if (!doctab_store(&m->seg->docs, doc, &m->ref) || !doctab_tree(&m->seg->docs, doc, &off))
		return pfile_error(&m->seg->docs.f, m->err);
	if (!tree_view_open(&m->seg->tree, off, &m->tree))
		return pfile_error(&m->seg->tree.f, m->err);
	return store_lengths(&m->store, m->ref, &meta_len, &m->text_len, m->err);
}

cdg_status
snippet_make(const segment *seg, uint32_t doc, const search_span *spans, size_t n, const snippet_options *opt,
	     snippet_list *out, cdg_error *err)
{
	maker m = { .seg = seg, .opt = opt, .err = err };
	cdg_status st;

	memset(out, 0, sizeof *out);
	if (!opt->count)
		return CDG_OK;
	store_cursor_init(&m.store, &seg->store);
	m.an = opt->an ? opt->an : text_analyzer_new(err);
	st = m.an ? make_begin(&m, doc) : CDG_E_NOMEM;
	if (st == CDG_OK && m.text_len) {
		while (n && spans->start < m.tree.body_pos) {
			spans++;
			n--;
		}
		m.spans = spans;
		m.nspans = n;
		st = make_all(&m, out);
	}
	if (!opt->an)
		text_analyzer_free(m.an);
	store_cursor_fini(&m.store);
	buf_fini(&m.text);
	mem_free(m.places);
	if (st != CDG_OK)
		snippet_list_fini(out);
	return st;
}

static cdg_status
make_begin_whole(maker *m)
{
	const snippet_source *w = m->whole;

	m->text_len = (uint32_t)w->n;
	m->tree.body_pos = w->body_pos;
	m->anchor.pos = w->body_pos;
	buf_put(&m->text, w->text, w->n);
	if (m->text.failed)
		return err_nomem(m->err);
	CDG_TRY(locate_tokens(m, UINT32_MAX - 1));
	m->tree.end_pos = w->body_pos + (uint32_t)m->nplaces;
	return CDG_OK;
}

cdg_status
snippet_make_text(const snippet_source *from, const search_span *spans, size_t n, const snippet_options *opt,
		  snippet_list *out, cdg_error *err)
{
	maker m = { .whole = from, .opt = opt, .err = err };
	cdg_status st;

	memset(out, 0, sizeof *out);
	if (!opt->count || !from->n)
		return CDG_OK;
	m.an = opt->an ? opt->an : text_analyzer_new(err);
	st = m.an ? make_begin_whole(&m) : CDG_E_NOMEM;
	if (st == CDG_OK) {
		while (n && spans->start < from->body_pos) {
			spans++;
			n--;
		}
		m.spans = spans;
		m.nspans = n;
		st = make_all(&m, out);
	}
	if (!opt->an)
		text_analyzer_free(m.an);
	buf_fini(&m.text);
	mem_free(m.places);
	mem_free(m.sentences);
	if (st != CDG_OK)
		snippet_list_fini(out);
	return st;
}

void
snippet_list_fini(snippet_list *l)
{
	for (size_t i = 0; i < l->n; i++) {
		snippet *s = &l->s[i];
		mem_free(s->text);
		mem_free(s->html);
		mem_free(s->marks);
		mem_free(s->page);
		for (size_t k = 0; k < s->nsection; k++)
			mem_free(s->section[k]);
		mem_free(s->section);
	}
	mem_free(l->s);
	memset(l, 0, sizeof *l);
}
