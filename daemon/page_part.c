/* page_part.c - a long document in parts, each a page.
 *
 * A part begins near a multiple of PART characters: where a section begins, the outer ones
 * rather than the inner ones; else where a paragraph, a line, a sentence or a word does.  So
 * where it begins depends on the text around there alone, and only the places that a page
 * needs are looked for. */
#include <stdio.h>
#include <stdlib.h>

#include "backend/api.h"
#include "base/err.h"
#include "daemon/page_doc.h"
#include "daemon/site.h"

enum {
	PART = 60000,
	SECTION_NEAR = 20000, /* how far from there a section may begin */
	TEXT_NEAR = 5000,     /* and a paragraph */
	ONE_PART = PART + PART / 2,
	MATCH_NEAR = 1000     /* a match so far after the place that was asked for is what is meant */
};

/* ---- where parts begin ----------------------------------------------------------------- */

/* The first section that begins at or after a character. */
static size_t
section_from(const cdg_view *v, uint64_t at)
{
	size_t lo = 0, hi = cdg_view_section_count(v);

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (cdg_view_section(v, mid).start < at)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static uint64_t
apart(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

/* The outermost section that begins near a character, of these the nearest; UINT64_MAX: none. */
static uint64_t
section_cut(const cdg_view *v, uint64_t near)
{
	uint64_t best = UINT64_MAX;
	unsigned depth = 0;

	for (size_t i = section_from(v, near - SECTION_NEAR); i < cdg_view_section_count(v); i++) {
		cdg_part s = cdg_view_section(v, i);

		if (s.start >= near + SECTION_NEAR)
			break;
		if (best == UINT64_MAX || s.depth < depth || (s.depth == depth && apart(s.start, near) < apart(best, near))) {
			best = s.start;
			depth = s.depth;
		}
	}
	return best;
}

/* How good a place is to begin at: after a blank line, a line, a sentence, a word. */
static int
rank_before(const char *text, const char *at)
{
	size_t n = (size_t)(at - text);

	if (!n || (unsigned char)*at <= ' ')
		return 0;
	if (at[-1] == '\n')
		return n > 1 && at[-2] == '\n' ? 4 : 3;
	if (n > 2 && !memcmp(at - 3, "\xe3\x80\x82", 3)) /* an ideographic full stop */
		return 2;
	if (at[-1] != ' ')
		return 0;
	return n > 1 && strchr(".!?", at[-2]) ? 2 : 1;
}

/* The best place in a text of which the first character is number `first`, near one of them. */
static uint64_t
text_cut(const char *text, uint64_t first, uint64_t near)
{
	uint64_t cp = first, best = near;
	int rank = 0;

	for (const char *at = text; *at; at++) {
		int here;

		if (((unsigned char)*at & 0xc0) == 0x80)
			continue;
		here = rank_before(text, at);
		if (here > rank || (here && here == rank && apart(cp, near) < apart(best, near))) {
			rank = here;
			best = cp;
		}
		cp++;
	}
	return best;
}

/* The document with a range of its text and nothing else that is sure to be there. */
static cdg_status
read_range(const doc_page *d, uint64_t from, uint64_t to, cdg_view **out, cdg_error *err)
{
	const cdg_index *x = d->p->c->index;

	if (x->snap)
		return api_view_part(x, d->v, from, to, out, err);
	return cdg_index_view(x, NULL, "", 0, d->id, strlen(d->id), from, to, out, err);
}

/* Where part number k begins; that after the last one: the end. */
static uint64_t
cut(doc_page *d, uint64_t k)
{
	uint64_t length = cdg_view_get(d->v, CDG_VIEW_LENGTH), near = k * PART, at;
	cdg_view *text;

	if (!k || k >= d->parts)
		return k ? length : 0;
	if (d->cuts[k] != UINT64_MAX)
		return d->cuts[k];
	at = section_cut(d->v, near);
	if (at == UINT64_MAX) {
		if (read_range(d, near - TEXT_NEAR, near + TEXT_NEAR, &text, &d->error) != CDG_OK)
			return near;
		at = text_cut(cdg_view_text(text), cdg_view_get(text, CDG_VIEW_START), near);
		cdg_view_free(text);
	}
	return d->cuts[k] = at;
}

uint64_t
doc_part_of(doc_page *d, uint64_t at)
{
	uint64_t k = (at + PART / 2) / PART; /* the beginning it is nearest to */

	if (k >= d->parts)
		return d->parts - 1;
	return k && (at + SECTION_NEAR < k * PART || (at < k * PART + SECTION_NEAR && at < cut(d, k))) ? k - 1 : k;
}

/* ---- a document, opened ------------------------------------------------------------------ */

/* A view whose matches are not all in its list, or cut short by time, is good for one part alone. */
static bool
is_whole(const cdg_view *v)
{
	for (size_t i = 0; cdg_view_warning(v, i); i++)
		if (!strncmp(cdg_view_warning(v, i), "the time", 8))
			return false;
	return cdg_view_match_count(v) == cdg_view_get(v, CDG_VIEW_MATCHES);
}

static cdg_status
view_range(doc_page *d, uint64_t from, uint64_t to, cdg_view **out, cdg_error *err)
{
	return cdg_index_view(d->p->c->index, d->request, d->q, d->len, d->id, strlen(d->id), from, to, out, err);
}

/* The document and the beginning of its text, or all that is known of it but the text. */
static cdg_status
open_whole(doc_page *d, cdg_error *err)
{
	web_call *c = d->p->c;
	view_cache *kept = c->index->snap && c->at ? site_views(c->site) : NULL;
	view_key key;

	if (kept && !view_cache_key(c, &key))
		kept = NULL;
	d->kept = kept ? view_cache_take(kept, key) : NULL;
	if (!d->kept) {
		CDG_TRY(view_range(d, 0, ONE_PART, &d->whole, err));
		if (cdg_view_get(d->whole, CDG_VIEW_LENGTH) >= VIEW_CACHE_FROM && is_whole(d->whole) && kept &&
		    site_sound(c->at, c->index))
			d->kept = view_cache_put(kept, key, d->whole);
	}
	d->v = d->kept ? view_cache_view(d->kept) : d->whole;
	d->first = d->v;
	if (d->kept)
		d->whole = NULL;
	return CDG_OK;
}

/* The part of the place that was asked for: a passage begins before its match. */
static uint64_t
part_asked(doc_page *d)
{
	size_t lo = 0, hi = cdg_view_match_count(d->v);

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (cdg_view_match_end(d->v, mid) <= d->at)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo < cdg_view_match_count(d->v) && apart(cdg_view_match_start(d->v, lo), d->at) < MATCH_NEAR)
		return doc_part_of(d, cdg_view_match_start(d->v, lo));
	return doc_part_of(d, d->at);
}

static cdg_status
open_part(doc_page *d, uint64_t part, cdg_error *err)
{
	uint64_t length = cdg_view_get(d->v, CDG_VIEW_LENGTH), from, to;

	d->parts = length <= ONE_PART ? 1 : (length + PART / 2) / PART;
	d->cuts = arena_alloc(&d->p->c->mem, (d->parts + 1) * sizeof *d->cuts);
	if (!d->cuts)
		return err_nomem(err);
	memset(d->cuts, 0xff, (d->parts + 1) * sizeof *d->cuts);
	if (part == UINT64_MAX)
		part = d->at == UINT64_MAX ? 0 : part_asked(d);
	d->part = part < d->parts ? part : d->parts - 1;
	if (d->parts == 1)
		return CDG_OK; /* all of it is there */
	from = cut(d, d->part);
	to = cut(d, d->part + 1);
	if (d->p->c->index->snap && is_whole(d->v))
		CDG_TRY(api_view_part(d->p->c->index, d->v, from, to, &d->shown, err));
	else
		CDG_TRY(view_range(d, from, to, &d->shown, err));
	d->v = d->shown;
	return CDG_OK;
}

bool
doc_open(doc_page *d, uint64_t part)
{
	cdg_error err;

	if (open_whole(d, &err) == CDG_OK && open_part(d, part, &err) == CDG_OK)
		return true;
	web_fail(d->p->c, &err);
	return false;
}

void
doc_close(doc_page *d)
{
	if (d->error.status != CDG_OK) /* links may lead to the wrong part */
		web_fail(d->p->c, &d->error);
	cdg_view_free(d->shown);
	cdg_view_free(d->whole);
	if (d->kept)
		view_cache_give(site_views(d->p->c->site), d->kept);
}

/* ---- links from part to part ---------------------------------------------------------------- */

/* What a part is called: the section that begins there, or the innermost one that goes on
 * there; of a document without, the page.  NULL: nothing. */
static const char *
name_of(doc_page *d, uint64_t part, bool *is_page)
{
	uint64_t at = cut(d, part);
	const char *name = NULL;

	*is_page = false;
	for (size_t i = 0; i < cdg_view_section_count(d->v); i++) {
		cdg_part s = cdg_view_section(d->v, i);

		if (s.start > at)
			break;
		if (s.end <= at || !*s.label)
			continue;
		name = s.label;
		if (s.start == at)
			break;
	}
	for (size_t i = 0; !cdg_view_section_count(d->v) && i < cdg_view_page_count(d->v); i++) {
		cdg_part s = cdg_view_page(d->v, i);

		if (s.start <= at && at < s.end && *s.label) {
			name = s.label;
			*is_page = true;
		}
	}
	return name;
}

static void
put_name(doc_page *d, uint64_t part)
{
	const char *lang = cdg_view_lang(d->v);
	bool is_page;
	const char *name = name_of(d, part, &is_page);
	page *p = d->p;

	if (!name)
		return;
	page_put(p, is_page || !*lang ? ": <span class=\"v\">" : ": <span class=\"v\" lang=\"");
	if (!is_page && *lang) {
		page_text(p, lang);
		page_put(p, "\">");
	}
	if (is_page)
		page_say(p, W_PAGE_NO, name, NULL);
	else
		page_text(p, name);
	page_put(p, "</span>");
}

static void
put_link(doc_page *d, uint64_t part, word_id id, const char *rel)
{
	char text[24];
	page *p = d->p;

	snprintf(text, sizeof text, "%llu", (unsigned long long)part);
	page_put(p, "<li><a rel=\"");
	page_put(p, rel);
	page_put(p, "\" href=\"");
	page_put_link(p, &(page_link){ .path = "/doc", .set = { { "part", part ? text : NULL } }, .fragment = "text" });
	page_put(p, "\">");
	page_say(p, id, NULL, NULL);
	put_name(d, part);
	page_put(p, "</a></li>\n");
}

void
doc_put_parts(doc_page *d, bool top)
{
	char now[24], all[24];
	page *p = d->p;

	if (d->parts < 2)
		return;
	page_put(p, top ? "<nav class=\"parts\" aria-labelledby=\"part\"><p id=\"part\">" : "<div class=\"parts\"><p>");
	page_say(p, W_DOC_PART, words_number(p->lang, d->part + 1, now, sizeof now), words_number(p->lang, d->parts, all, sizeof all));
	put_name(d, d->part);
	page_put(p, "</p><ul>\n");
	if (d->part)
		put_link(d, d->part - 1, W_DOC_PART_PREV, "prev");
	if (d->part + 1 < d->parts)
		put_link(d, d->part + 1, W_DOC_PART_NEXT, "next");
	page_put(p, top ? "</ul></nav>\n" : "</ul></div>\n");
}

void
doc_put_running(doc_page *d)
{
	uint64_t start = cdg_view_get(d->v, CDG_VIEW_START);
	const char *lang = cdg_view_lang(d->v);
	unsigned level = 2;
	page *p = d->p;

	for (size_t i = 0; d->part && i < cdg_view_section_count(d->v) && level <= 6; i++) {
		cdg_part s = cdg_view_section(d->v, i);

		if (s.start >= start)
			break;
		if (s.end <= start)
			continue;
		if (level == 2)
			page_put(p, "<div class=\"running\"");
		if (level == 2 && *lang) {
			page_put(p, " lang=\"");
			page_text(p, lang);
			page_put(p, "\"");
		}
		buf_printf(p->o, "%s<h%u>", level == 2 ? ">" : "", level);
		page_text(p, *s.label ? s.label : "\xe2\x80\xa6");
		buf_printf(p->o, "</h%u>", level++);
	}
	page_put(p, level > 2 ? "</div>\n" : "");
}
