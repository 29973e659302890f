/* html_cut.c - navigation, banners and footers are found while the page is read and cut
 * out at its end, when it is known how much of the page they are: a page that is nothing
 * but links is kept as it is, and nothing that is most of a page is ever taken for its
 * frame. */

#include "extract/html.h"

enum {
	CUT_SENTENCE = 80, /* characters of a block that is text */
	CUT_LINKS = 3,     /* links at least, of what is mostly links */
	CUT_ABOVE = 2000,  /* bytes between a heading and the main part that it may belong to */
};

static bool
cut_has_word(doc_str s, const char *word)
{
	size_t n = strlen(word);

	for (size_t i = 0; i + n <= s.n; i++)
		if ((i == 0 || s.p[i - 1] == ' ') && (i + n == s.n || s.p[i + n] == ' ') &&
		    word_starts(s.p + i, s.p + s.n, word))
			return true;
	return false;
}

static bool
cut_contains(doc_str s, const char *word)
{
	for (size_t i = 0; i < s.n; i++)
		if (word_starts(s.p + i, s.p + s.n, word))
			return true;
	return false;
}

static html_why
cut_role(doc_str role)
{
	if (cut_has_word(role, "navigation") || cut_has_word(role, "search") || cut_has_word(role, "menu") ||
	    cut_has_word(role, "menubar"))
		return SPAN_NAV;
	if (cut_has_word(role, "contentinfo"))
		return SPAN_FOOTER;
	if (cut_has_word(role, "banner") || cut_has_word(role, "complementary"))
		return SPAN_ASIDE;
	if (cut_has_word(role, "dialog") || cut_has_word(role, "alertdialog"))
		return SPAN_NAMED;
	if (cut_has_word(role, "main"))
		return SPAN_MAIN;
	return cut_has_word(role, "article") ? SPAN_ARTICLE : SPAN_NONE;
}

static bool
cut_is_hidden(const char *attribute, doc_str value)
{
	if (strcmp(attribute, "hidden") == 0)
		return true;
	if (strcmp(attribute, "aria-hidden") == 0)
		return word_is(value, "true");
	return strcmp(attribute, "style") == 0 &&
	       (cut_contains(value, "display:none") || cut_contains(value, "display: none") ||
		cut_contains(value, "visibility:hidden") || cut_contains(value, "visibility: hidden"));
}

/* Names that pages give to what is around their text: in order of the first letter. */
static bool
cut_is_named(doc_str s)
{
	static const char *const words[] = { "addtoany",     "breadcrumb", "consent-banner", "cookie",
					     "gdpr",	     "newsletter-signup", "page-footer", "share-button",
					     "share-links",  "sharebutton", "sharethis",     "site-footer",
					     "skip-link",    "skip-nav",    "skip-to",	      "skiplink",
					     "social-share" };
	static const uint32_t first = 1u << ('a' - 'a') | 1u << ('b' - 'a') | 1u << ('c' - 'a') | 1u << ('g' - 'a') |
				      1u << ('n' - 'a') | 1u << ('p' - 'a') | 1u << ('s' - 'a');

	for (size_t i = 0; i + 4 <= s.n; i++) {
		unsigned letter = ((unsigned char)s.p[i] | 32u) - 'a';

		if (letter > 'z' - 'a' || !(first >> letter & 1))
			continue;
		for (size_t k = 0; k < countof(words); k++)
			if (words[k][0] == (s.p[i] | 32) && word_starts(s.p + i, s.p + s.n, words[k]))
				return true;
	}
	return false;
}

html_why
html_cut_why(html_why why, const xmlChar **atts)
{
	bool named = false;

	for (const xmlChar **a = atts; a && a[0]; a += 2) {
		const char *name = (const char *)a[0];
		doc_str value = { (const char *)a[1], a[1] ? strlen((const char *)a[1]) : 0 };

		if (strcmp(name, "role") == 0) {
			html_why role = cut_role(value);

			why = role != SPAN_NONE ? role : why;
		} else if (strcmp(name, "class") == 0 || strcmp(name, "id") == 0) {
			named |= cut_is_named(value);
		} else if (cut_is_hidden(name, value)) {
			return SPAN_HIDDEN;
		}
	}
	return why == SPAN_NONE && named ? SPAN_NAMED : why;
}

static html_count
cut_since(const html_count *now, const html_count *then)
{
	return (html_count){ now->text - then->text, now->links - then->links, now->count - then->count };
}

/* Most of it is short links to other pages. */
static bool
cut_is_dense(const html_count *c)
{
	return c->count >= CUT_LINKS && c->links * 4 >= c->text * 3 && c->links < c->count * 40;
}

void
html_cut_close(html *h, const html_open *o)
{
	html_count in = cut_since(&h->seen, &o->before);
	html_why why = (html_why)o->why;

	if (why == SPAN_NONE && in.count >= CUT_LINKS && o->e && o->e->after >= COMPOSE_LINE && cut_is_dense(&in))
		why = SPAN_DENSE;
	if (why == SPAN_NONE || (in.text == 0 && why != SPAN_MAIN))
		return;
	/* what is dense within what is dense says nothing new */
	while (why == SPAN_DENSE && h->nspans && h->spans[h->nspans - 1].why == SPAN_DENSE &&
	       h->spans[h->nspans - 1].start >= o->start)
		h->nspans--;
	if (!mem_grow(&h->spans, &h->spans_cap, h->nspans + 1, sizeof *h->spans)) {
		h->b->failed = true;
		return;
	}
	h->spans[h->nspans++] = (html_span){ o->start, h->b->text.len, in, why, h->main > (why == SPAN_MAIN) };
}

void
html_cut_block(html *h)
{
	html_count in = cut_since(&h->seen, &h->block);

	if (in.text >= CUT_SENTENCE && in.links * 3 < in.text) {
		if (!h->last)
			h->first = min_size(h->first, h->block_start);
		h->last = h->b->text.len;
	}
	h->block = h->seen;
	h->block_start = h->b->text.len;
}

/* ---- at the end of the page ---------------------------------------------- */

static int
cut_by_start(const void *a, const void *b)
{
	const html_span *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return x->end > y->end ? -1 : x->end < y->end;
}

/* Adds [start, end) to the cuts, which are in order and do not touch. */
static void
cut_add(compose_span *cuts, size_t *n, size_t start, size_t end)
{
	if (*n && start <= cuts[*n - 1].end) {
		cuts[*n - 1].end = max_size(cuts[*n - 1].end, end);
		return;
	}
	if (start < end)
		cuts[(*n)++] = (compose_span){ start, end };
}

/* Whether the span goes. all: characters of the page. */
static bool
cut_goes(const html *h, const html_span *s, size_t all)
{
	bool links = s->in.links * 2 >= s->in.text;
	bool titled = h->h1 && !h->main_h1 && h->h1 > s->start && h->h1 <= s->end; /* by the page's own heading */

	switch (s->why) {
	case SPAN_NAV:
		return (!s->in_main && !titled) || links;
	case SPAN_FOOTER:
		return !s->in_main || s->in.links * 3 >= s->in.text;
	case SPAN_ASIDE:
		return s->in_main ? links : s->in.text * 4 < all || links;
	case SPAN_HIDDEN:
		return s->in.text * 2 < all;
	case SPAN_NAMED:
		return s->in.text * 10 < all || (links && s->in.text * 3 < all);
	case SPAN_DENSE:
		return !s->in_main && h->last && (s->end <= h->first || s->start >= h->last);
	default:
		return false;
	}
}

/* Where what stands below the first heading, and above the main part, ends. */
static size_t
cut_heading_end(const html *h, size_t main)
{
	for (size_t i = 0; i < h->nspans; i++)
		if (h->spans[i].why >= SPAN_DENSE && h->spans[i].start >= h->h1)
			return min_size(h->spans[i].start, main);
	return main;
}

/* What is outside of the main part goes, if that is at least half of all there would be without it. */
static bool
cut_to_main(html *h, html_why main, size_t all, compose_span *cuts, size_t *n)
{
	size_t inside = 0, frame = 0, covered = 0, at = 0;

	for (size_t i = 0; i < h->nspans; i++) {
		const html_span *s = &h->spans[i];

		if (s->start < covered && i)
			continue; /* in one that was counted */
		if (s->why == main)
			inside += s->in.text;
		else if (s->why >= SPAN_NAMED && cut_goes(h, s, all))
			frame += s->in.text;
		else
			continue;
		covered = s->end;
	}
	if (!inside || inside * 2 < all - frame)
		return false;
	for (size_t i = 0; i < h->nspans; i++) {
		const html_span *s = &h->spans[i];
		size_t start = s->start;

		if (s->why != main || start < at)
			continue;
		if (at == 0 && h->h1 && !h->main_h1 && h->h1 <= start && start - h->h1 < CUT_ABOVE) {
			cut_add(cuts, n, 0, h->h1 - 1);
			at = cut_heading_end(h, start);
		}
		cut_add(cuts, n, at, start);
		at = s->end;
	}
	cut_add(cuts, n, at, h->b->text.len);
	return true;
}

/* Two lists of cuts, both in order, as one. */
static size_t
cut_join(const compose_span *a, size_t na, const compose_span *b, size_t nb, compose_span *out)
{
	size_t n = 0;

	for (size_t i = 0, j = 0; i < na || j < nb;) {
		if (j == nb || (i < na && a[i].start <= b[j].start)) {
			cut_add(out, &n, a[i].start, a[i].end);
			i++;
		} else {
			cut_add(out, &n, b[j].start, b[j].end);
			j++;
		}
	}
	return n;
}

void
html_cut_finish(html *h)
{
	compose_span *outside, *spans, *cuts;
	size_t noutside = 0, nspans = 0, ncuts, all = h->seen.text, left = h->b->text.len;

	html_cut_block(h);
	if (!h->nspans || h->b->failed)
		return;
	qsort(h->spans, h->nspans, sizeof *h->spans, cut_by_start);
	outside = mem_calloc(4 * (h->nspans + 2), sizeof *outside);
	if (!outside) {
		h->b->failed = true;
		return;
	}
	spans = outside + h->nspans + 2;
	cuts = spans + h->nspans;
	if (!cut_to_main(h, SPAN_MAIN, all, outside, &noutside))
		(void)cut_to_main(h, SPAN_ARTICLE, all, outside, &noutside);
	for (size_t i = 0; i < h->nspans; i++)
		if (cut_goes(h, &h->spans[i], all))
			cut_add(spans, &nspans, h->spans[i].start, h->spans[i].end);
	ncuts = cut_join(outside, noutside, spans, nspans, cuts);
	for (size_t i = 0; i < ncuts; i++)
		left -= min_size(cuts[i].end, h->b->text.len) - cuts[i].start;
	/* a page that would be nearly empty is one of links: it stays */
	if (left * 12 > h->b->text.len)
		compose_cut(&h->c, cuts, ncuts);
	mem_free(outside);
}
