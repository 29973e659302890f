/* page_advanced.c - a form that writes the query.  What is filled in becomes the query text,
 * and the browser is sent to the search with it, where it can be read and changed. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/page.h"

enum { VALUES = 60 };

static const char *
given(page *p, const char *name)
{
	const web_pair *v = web_param(p->c, name);

	return v ? v->value : "";
}

/* ---- the query -------------------------------------------------------------------------- */

static bool
is_operator(const char *w, size_t n)
{
	static const char *const all[] = { "AND", "OR", "NOT", "MAYBE", "NEAR", "ADJ", "IN" };

	for (size_t i = 0; i < countof(all); i++)
		if (n == strlen(all[i]) && !memcmp(w, all[i], n))
			return true;
	return n > 2 && (!memcmp(w, "w/", 2) || !memcmp(w, "NEA", 3) || !memcmp(w, "ADJ", 3));
}

/* Words without a sign that the query language would read. */
static bool
is_plain(const char *w, size_t n)
{
	if (is_operator(w, n) || !(isalnum((unsigned char)*w) || (unsigned char)*w >= 0x80))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)w[i]) && (unsigned char)w[i] < 0x80 && !strchr("-.'_", w[i]) && !(w[i] == '*' && i + 1 == n))
			return false;
	return true;
}

static void
put_quoted(buf *q, const char *s, size_t n)
{
	buf_puts(q, "\"");
	for (size_t i = 0; i < n; i++)
		buf_put_u8(q, s[i] == '"' ? ' ' : (uint8_t)s[i]);
	buf_puts(q, "\"");
}

static size_t
next_word(const char **s)
{
	*s += strspn(*s, " \t\r\n");
	return strcspn(*s, " \t\r\n");
}

/* Each word, with `before` in front and `between` them; returns how many. */
static size_t
put_words(buf *q, const char *s, const char *before, const char *between)
{
	size_t n, count = 0;

	for (; (n = next_word(&s)); s += n) {
		buf_puts(q, count++ ? between : "");
		buf_puts(q, before);
		if (is_plain(s, n))
			buf_put(q, s, n);
		else
			put_quoted(q, s, n);
	}
	return count;
}

/* One word as it is, several as a phrase. */
static void
put_one(buf *q, const char *s)
{
	const char *first = s;
	size_t n = next_word(&first), end = strlen(first);

	if (is_plain(first, n) && !first[n + strspn(first + n, " \t\r\n")])
		buf_put(q, first, n);
	else
		put_quoted(q, first, end);
}

static bool
has(const char *s)
{
	return next_word(&s) > 0;
}

static void
apart(buf *q)
{
	if (q->len)
		buf_puts(q, " ");
}

static void
add_group(buf *q, const char *field, const char *s, const char *between)
{
	buf words;
	size_t n;

	if (!has(s))
		return;
	buf_init(&words);
	n = put_words(&words, s, "", between);
	apart(q);
	buf_printf(q, n > 1 ? "%s(%s)" : "%s%s", field, buf_cstr(&words));
	q->failed |= words.failed;
	buf_fini(&words);
}

static void
add_near(page *p, buf *q)
{
	const char *a = given(p, "near_a"), *b = given(p, "near_b");
	int apart_by = atoi(given(p, "near_n"));

	if (!has(a) || !has(b)) {
		add_group(q, "", has(a) ? a : b, " ");
		return;
	}
	apart(q);
	put_one(q, a);
	buf_printf(q, " NEAR/%d ", apart_by >= 1 && apart_by <= 1000 ? apart_by : 10);
	put_one(q, b);
}

/* A date keeps what dates are made of; what is no date then is told by the search. */
static void
put_date(buf *q, const char *s)
{
	for (; *s; s++)
		if (isalnum((unsigned char)*s) || *s == '-')
			buf_put_u8(q, (uint8_t)*s);
}

static void
add_where(page *p, buf *q, const char *kind)
{
	const char *from = given(p, "from"), *to = given(p, "to"), *lang = given(p, "language"), *type = given(p, "kind");

	if (has(from) || has(to)) {
		apart(q);
		buf_puts(q, "date:");
		put_date(q, from);
		buf_puts(q, "..");
		put_date(q, to);
	}
	if (has(lang)) {
		const char *f = page_filter(p, "lang", lang);

		apart(q);
		buf_puts(q, f ? f : "");
	}
	if (has(type) && kind) {
		const char *f = page_filter(p, kind, type);

		apart(q);
		buf_puts(q, f ? f : "");
	}
}

static void
write_query(page *p, buf *q, const char *kind)
{
	if (has(given(p, "all")))
		put_words(q, given(p, "all"), "", " ");
	if (has(given(p, "phrase"))) {
		apart(q);
		put_quoted(q, given(p, "phrase"), strlen(given(p, "phrase")));
	}
	add_group(q, "", given(p, "any"), " OR ");
	add_near(p, q);
	add_group(q, "title:", given(p, "in_title"), " ");
	add_where(p, q, kind);
	if (has(given(p, "none"))) {
		apart(q);
		put_words(q, given(p, "none"), "-", " ");
	}
}

/* ---- the form --------------------------------------------------------------------------- */

static void
put_field(page *p, const char *name, word_id label, word_id hint, const char *more)
{
	buf_printf(p->o, "<div class=\"field\"><label for=\"%s\">", name);
	page_say(p, label, NULL, NULL);
	buf_printf(p->o, "</label><input id=\"%s\" name=\"%s\" value=\"", name, name);
	page_text(p, given(p, name));
	buf_printf(p->o, "\" autocomplete=\"off\"%s", more);
	if (hint != W_SKIP) {
		buf_printf(p->o, " aria-describedby=\"%s-hint\"><p class=\"hint\" id=\"%s-hint\">", name, name);
		page_say(p, hint, NULL, NULL);
		page_put(p, "</p></div>\n");
	} else {
		page_put(p, "></div>\n");
	}
}

/* The values of a field that there are, to choose from. */
static void
put_choices(page *p, const cdg_results *r, const char *field, const char *name)
{
	for (size_t f = 0; r && f < cdg_results_facet_count(r); f++) {
		if (strcmp(cdg_facet_field(r, f), field))
			continue;
		buf_printf(p->o, "<div class=\"field\"><label for=\"%s\">", name);
		page_field(p, field);
		buf_printf(p->o, "</label><select id=\"%s\" name=\"%s\"><option value=\"\">", name, name);
		page_say(p, W_ADV_ANY_VALUE, NULL, NULL);
		page_put(p, "</option>\n");
		for (size_t v = 0; v < cdg_facet_value_count(r, f); v++) {
			const char *value = cdg_facet_value(r, f, v);

			page_put(p, "<option value=\"");
			page_text(p, value);
			page_put(p, strcmp(value, given(p, name)) ? "\">" : "\" selected>");
			page_value(p, field, value);
			page_put(p, "</option>\n");
		}
		page_put(p, "</select></div>\n");
	}
}

static cdg_results *
find_values(page *p, const char *kind)
{
	cdg_request *rq;
	cdg_results *r = NULL;

	if (cdg_request_new(&rq, NULL) != CDG_OK)
		return NULL;
	cdg_request_set_limit(rq, 0, NULL);
	cdg_request_add_facet(rq, "lang", VALUES, NULL);
	if (kind)
		cdg_request_add_facet(rq, kind, VALUES, NULL);
	if (cdg_search(p->c->index, rq, "*", 1, &r, NULL) != CDG_OK)
		r = NULL;
	cdg_request_free(rq);
	return r;
}

static void
put_legend(page *p, word_id id)
{
	page_put(p, "<fieldset><legend>");
	page_say(p, id, NULL, NULL);
	page_put(p, "</legend>\n");
}

static void
put_form(page *p, const char *kind)
{
	cdg_results *r = find_values(p, kind);

	page_begin(p, page_word(p, W_ADVANCED), false);
	page_put(p, "<div class=\"advanced\">\n<h1>");
	page_say(p, W_ADVANCED, NULL, NULL);
	page_put(p, "</h1>\n<p class=\"intro\">");
	page_say(p, W_ADV_INTRO, NULL, NULL);
	page_put(p, "</p>\n<form method=\"get\" action=\"");
	page_text(p, p->c->prefix);
	page_put(p, "/advanced\">\n");
	page_hidden(p, "hl");
	put_legend(p, W_ADV_WORDS);
	put_field(p, "all", W_ADV_ALL, W_ADV_ALL_HINT, "");
	put_field(p, "phrase", W_ADV_PHRASE, W_ADV_PHRASE_HINT, "");
	put_field(p, "any", W_ADV_ANY, W_ADV_ANY_HINT, "");
	put_field(p, "none", W_ADV_NONE, W_ADV_NONE_HINT, "");
	page_put(p, "</fieldset>\n");
	put_legend(p, W_ADV_NEAR);
	put_field(p, "near_a", W_ADV_NEAR_A, W_SKIP, "");
	put_field(p, "near_b", W_ADV_NEAR_B, W_SKIP, "");
	put_field(p, "near_n", W_ADV_NEAR_N, W_SKIP, " type=\"number\" min=\"1\" max=\"1000\" placeholder=\"10\"");
	page_put(p, "</fieldset>\n");
	put_legend(p, W_ADV_WHERE);
	put_field(p, "in_title", W_ADV_TITLE, W_SKIP, "");
	put_choices(p, r, "lang", "language");
	if (page_has_field(p, "date")) {
		put_field(p, "from", W_ADV_FROM, W_ADV_DATE_HINT, " inputmode=\"numeric\" pattern=\"\\d{4}(-\\d\\d){0,2}\"");
		put_field(p, "to", W_ADV_TO, W_SKIP, " inputmode=\"numeric\" pattern=\"\\d{4}(-\\d\\d){0,2}\"");
	}
	if (kind)
		put_choices(p, r, kind, "kind");
	page_put(p, "</fieldset>\n<p><button>");
	page_say(p, W_ADV_GO, NULL, NULL);
	page_put(p, "</button></p>\n</form>\n</div>\n");
	page_end(p);
	cdg_results_free(r);
}

void
page_advanced(web_call *c)
{
	static const char *const kinds[] = { "type", "collection", "category", "format" };
	const char *kind = NULL;
	page p;
	buf q, to;

	page_init(&p, c);
	for (size_t i = 0; i < countof(kinds) && !kind; i++)
		if (page_has_field(&p, kinds[i]))
			kind = kinds[i];
	buf_init(&q);
	write_query(&p, &q, kind);
	if (q.len) {
		buf_init(&to);
		buf_printf(&to, "%s/search?q=", c->prefix);
		html_query(&to, buf_cstr(&q));
		if (web_param(c, "hl"))
			buf_printf(&to, "&hl=%s", words_code(p.lang));
		c->status = 303;
		web_head(c, "Location", buf_cstr(&to));
		c->out.failed |= to.failed;
		buf_fini(&to);
	} else {
		put_form(&p, kind);
	}
	buf_fini(&q);
}
