/* t_view.c - the view of a document and concordances against what a plain search in
 * the texts finds: random documents whose words and their places are known. */
#include "tests/unit/unit.h"

#include <stdbool.h>

#include "backend/api.h"
#include "base/mem.h"
#include "include/cdgsearch.h"

enum { DOCS = 12, WORDS_MAX = 6000, TEXT_MAX = 200000, QUERIES = 60 };

typedef struct known {
	const char *raw, *fold;
	bool cjk;
} known;

static const known words[] = {
	{ "alpha", "alpha", false }, { "Beta", "beta", false },   { "gamma", "gamma", false },
	{ "Größe", "grosse", false }, { "delta", "delta", false }, { "改", "改", true },
	{ "革", "革", true },         { "放", "放", true },
};
enum { NWORDS = sizeof words / sizeof *words, NLATIN = 5 };

typedef struct place {
	uint8_t word;
	bool glued;            /* nothing stands between it and the next */
	uint32_t start, end;   /* code points */
	uint32_t byte;
} place;

typedef struct node {
	uint32_t first, last; /* words [first, last) */
} node;

typedef struct doc {
	char id[16];
	char *text;
	uint32_t n, cps, bytes;
	place *at;
	node node[64];
	uint32_t nnodes;
} doc;

typedef struct query {
	char text[64];
	uint8_t word[2];
	uint32_t n;
	bool phrase, glued;
} query;

static doc docs[DOCS];
static char *dir;

typedef struct text {
	char *p;
	size_t n;
} text;

static int
keep(void *ctx, const char *p, size_t n)
{
	text *t = ctx;

	t->p = realloc(t->p, t->n + n + 1);
	assert_non_null(t->p);
	memcpy(t->p + t->n, p, n);
	t->n += n;
	t->p[t->n] = 0;
	return 0;
}

/* ---- documents ------------------------------------------------------------- */

static uint32_t
count_cps(const char *p, size_t n)
{
	uint32_t c = 0;

	for (size_t i = 0; i < n; i++)
		c += ((uint8_t)p[i] & 0xc0) != 0x80;
	return c;
}

static void
put(doc *d, const char *s)
{
	size_t n = strlen(s);

	memcpy(d->text + d->bytes, s, n);
	d->cps += count_cps(s, n);
	d->bytes += (uint32_t)n;
}

static void
make_sections(doc *d)
{
	uint32_t at = 0;

	while (at < d->n && d->nnodes < 60) { /* outer ones, one after the other, with one inside */
		uint32_t len = 1 + unit_below(d->n / 8 + 2), end = at + len < d->n ? at + len : d->n;

		d->node[d->nnodes++] = (node){ at, end };
		if (unit_below(2))
			d->node[d->nnodes++] = (node){ at + (end - at) / 3, end };
		at = end;
	}
}

static void
make_doc(doc *d, size_t number)
{
	static const char *const between[] = { " ", " ", ", ", "\n", "\n\n", " (<>&\" ", " \t", ". “", " — " };
	uint32_t want = number ? unit_below(number % 4 ? 400 : WORDS_MAX) : WORDS_MAX;

	memset(d, 0, sizeof *d);
	snprintf(d->id, sizeof d->id, "d%03zu", number);
	d->text = calloc(1, TEXT_MAX);
	d->at = calloc(WORDS_MAX + 1, sizeof *d->at);
	assert_non_null(d->text);
	assert_non_null(d->at);
	while (d->n < want && d->bytes < TEXT_MAX - 100) {
		place *p = &d->at[d->n++];
		bool before = d->n > 1 && p[-1].glued;

		p->word = (uint8_t)(before ? NLATIN + unit_below(NWORDS - NLATIN) : unit_below(NWORDS));
		p->byte = d->bytes;
		p->start = d->cps;
		put(d, words[p->word].raw);
		p->end = d->cps;
		p->glued = words[p->word].cjk && d->n < want && unit_below(2);
		if (!p->glued)
			put(d, between[unit_below(sizeof between / sizeof *between)]);
	}
	if (d->n)
		d->at[d->n - 1].glued = false;
	make_sections(d);
}

static void
put_json(char **to, const char *s)
{
	for (; *s; s++) {
		if (*s == '"' || *s == '\n' || *s == '\t')
			*(*to)++ = '\\';
		*(*to)++ = *s == '\n' ? 'n' : *s == '\t' ? 't' : *s;
	}
}

static void
add_doc(cdg_writer *w, const doc *d)
{
	char *json = malloc(3 * TEXT_MAX), *at = json;
	cdg_error err;

	at += sprintf(at, "{\"id\":\"%s\",\"title\":\"alpha title of %s\",\"text\":\"", d->id, d->id);
	put_json(&at, d->text);
	at += sprintf(at, "\",\"_sections\":[");
	for (uint32_t i = 0; i < d->nnodes; i++)
		at += sprintf(at, "%s[%u,%u,%u,\"%s\",\"<s>&%u\"]", i ? "," : "", d->at[d->node[i].first].byte,
			      d->node[i].last < d->n ? d->at[d->node[i].last].byte : d->bytes,
			      1 + (i && d->node[i].first < d->node[i - 1].last), i % 2 ? "article" : "chapter", i);
	at += sprintf(at, "]}");
	if (cdg_writer_add_record(w, json, (size_t)(at - json), &err) != CDG_OK)
		fail_msg("%s", err.message);
	free(json);
}

static text ids;

/* Put docs in the order in which they stand in the index. */
static void
sort_docs(const cdg_index *x)
{
	doc sorted[DOCS];
	const char *at;
	cdg_error err;

	ids.n = 0;
	assert_int_equal(cdg_index_dump_ids(x, keep, &ids, &err), CDG_OK);
	at = ids.p;
	for (size_t i = 0; i < DOCS; i++, at = strchr(at, '\n') + 1)
		for (size_t k = 0; k < DOCS; k++)
			if (!strncmp(at, docs[k].id, strlen(docs[k].id)))
				sorted[i] = docs[k];
	memcpy(docs, sorted, sizeof docs);
}

/* NULL: this build has no such backend. */
static cdg_index *
make_index(const char *kind)
{
	char path[4200];
	cdg_writer_config *c;
	cdg_writer *w;
	cdg_index *x;
	cdg_error err;
	cdg_status st;

	snprintf(path, sizeof path, "%s/%s", dir, kind);
	assert_int_equal(cdg_writer_config_new(&c, &err), CDG_OK);
	assert_int_equal(cdg_writer_config_set_threads(c, 1, &err), CDG_OK);
	assert_int_equal(cdg_writer_config_set_lang(c, "none", &err), CDG_OK);
	assert_int_equal(cdg_writer_config_set_backend(c, kind, &err), CDG_OK);
	st = cdg_writer_open(path, c, &w, &err);
	cdg_writer_config_free(c);
	if (st == CDG_E_ARG)
		return NULL;
	assert_int_equal(st, CDG_OK);
	for (size_t i = 0; i < DOCS; i++) {
		add_doc(w, &docs[i]);
		if (i == DOCS / 2 && strcmp(kind, "xapian")) /* several segments */
			assert_int_equal(cdg_writer_commit(w, &err), CDG_OK);
	}
	assert_int_equal(cdg_writer_commit(w, &err), CDG_OK);
	cdg_writer_close(w);
	if (cdg_index_open(path, &x, &err) != CDG_OK)
		fail_msg("%s", err.message);
	return x;
}

/* ---- what is to be found ------------------------------------------------------ */

static void
make_query(query *q)
{
	memset(q, 0, sizeof *q);
	q->n = 2;
	switch (unit_below(4)) {
	case 0:
		q->n = 1;
		q->word[0] = (uint8_t)unit_below(NLATIN);
		snprintf(q->text, sizeof q->text, "%s", words[q->word[0]].raw);
		break;
	case 1:
		for (int i = 0; i < 2; i++)
			q->word[i] = (uint8_t)unit_below(NLATIN);
		q->phrase = true;
		snprintf(q->text, sizeof q->text, "\"%s %s\"", words[q->word[0]].raw, words[q->word[1]].raw);
		break;
	case 2:
		for (int i = 0; i < 2; i++)
			q->word[i] = (uint8_t)(NLATIN + unit_below(NWORDS - NLATIN));
		q->phrase = q->glued = true;
		snprintf(q->text, sizeof q->text, "%s%s", words[q->word[0]].raw, words[q->word[1]].raw);
		break;
	default:
		q->word[0] = (uint8_t)unit_below(NLATIN);
		q->word[1] = (uint8_t)unit_below(NLATIN);
		snprintf(q->text, sizeof q->text, "%s OR %s", words[q->word[0]].raw, words[q->word[1]].raw);
	}
}

/* Matches as words [first, last), joined; returns how many. */
static uint32_t
find(const doc *d, const query *q, node *out)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < d->n; i++) {
		uint32_t end = 0;

		if (q->phrase) {
			if (i + 1 < d->n && d->at[i].word == q->word[0] && d->at[i + 1].word == q->word[1] &&
			    (!q->glued || d->at[i].glued))
				end = i + 2;
		} else if (d->at[i].word == q->word[0] || (q->n == 2 && d->at[i].word == q->word[1])) {
			end = i + 1;
		}
		if (!end)
			continue;
		if (n && i < out[n - 1].last)
			out[n - 1].last = end;
		else
			out[n++] = (node){ i, end };
	}
	return n;
}

static uint32_t
byte_of(const char *s, uint32_t cp)
{
	uint32_t i = 0;

	for (; s[i]; i++)
		if (((uint8_t)s[i] & 0xc0) != 0x80 && !cp--)
			break;
	return i;
}

/* ---- HTML ------------------------------------------------------------------------ */

/* Without white space, in place. */
static void
squeeze(char *s)
{
	char *to = s;

	for (; *s; s++)
		if (*s != ' ' && *s != '\n' && *s != '\t')
			*to++ = *s;
	*to = 0;
}

/* Elements nest, and only known ones are there; what is left is the text.  Counts
 * marks that have an id. */
static uint32_t
strip(char *html)
{
	static const char *const known_tags[] = { "section", "p", "mark", "span", "h2", "h3", "h4" };
	static const struct {
		const char *name;
		char c;
	} escapes[] = { { "&lt;", '<' }, { "&gt;", '>' }, { "&amp;", '&' }, { "&quot;", '"' } };
	char *to = html;
	size_t open[64], depth = 0;
	uint32_t marks = 0;

	while (*html) {
		if (*html == '<') {
			bool end = html[1] == '/';
			const char *name = html + 1 + end;
			size_t n = strcspn(name, " >"), k = 0;

			while (k < 7 && (strlen(known_tags[k]) != n || memcmp(known_tags[k], name, n)))
				k++;
			if (k == 7)
				fail_msg("an element nobody made: %.40s", html);
			if (end) {
				assert_true(depth > 0);
				assert_int_equal(open[--depth], k);
			} else {
				assert_true(depth < 64);
				open[depth++] = k;
				marks += !strncmp(html, "<mark id=\"m", 11);
			}
			html = strchr(html, '>') + 1;
		} else if (*html == '&') {
			size_t k = 0;

			while (k < 4 && strncmp(html, escapes[k].name, strlen(escapes[k].name)))
				k++;
			assert_true(k < 4);
			*to++ = escapes[k].c;
			html += strlen(escapes[k].name);
		} else {
			assert_true(*html != '>');
			*to++ = *html++;
		}
	}
	*to = 0;
	assert_int_equal(depth, 0);
	return marks;
}

/* ---- views -------------------------------------------------------------------------- */

static void
check_parts(const doc *d, const cdg_view *v, const node *m, uint32_t n)
{
	assert_int_equal(cdg_view_section_count(v), d->nnodes);
	for (uint32_t i = 0; i < d->nnodes; i++) {
		cdg_part p = cdg_view_section(v, i);
		const node *s = &d->node[i];
		uint32_t want = 0;

		for (uint32_t k = 0; k < n; k++)
			want += m[k].first >= s->first && m[k].first < s->last;
		assert_int_equal(p.matches, want);
		/* up to the first word, and after the word before */
		assert_true(p.start <= d->at[s->first].start);
		assert_true(!s->first || p.start >= d->at[s->first - 1].end);
		if (s->last < d->n)
			assert_true(p.end >= d->at[s->last - 1].end && p.end <= d->at[s->last].start);
		else
			assert_int_equal(p.end, d->cps);
		assert_string_equal(p.kind, i % 2 ? "article" : "chapter");
		assert_int_equal(p.depth, i && s->first < d->node[i - 1].last);
	}
}

static void
check_html(const cdg_view *v, uint32_t marks)
{
	text t = { NULL, 0 };
	char *want = strdup(cdg_view_text(v));

	assert_int_equal(cdg_view_write_html(v, keep, &t, NULL), CDG_OK);
	if (!t.p)
		keep(&t, "", 0);
	assert_int_equal(strip(t.p), marks);
	squeeze(t.p);
	squeeze(want);
	assert_string_equal(t.p, want);
	free(want);
	free(t.p);
}

/* Another range of the same view is what a view of that range is. */
static void
check_range(const cdg_index *x, const doc *d, const query *q, const cdg_view *whole)
{
	uint64_t from = unit_below(d->cps + 2), to = from + unit_below(d->cps + 2);
	text html[2] = { { NULL, 0 }, { NULL, 0 } };
	cdg_view *v[2];
	cdg_error err;

	if (!x->snap)
		return;
	assert_int_equal(api_view_part(x, whole, from, to, &v[0], &err), CDG_OK);
	assert_int_equal(cdg_index_view(x, NULL, q->text, strlen(q->text), d->id, strlen(d->id), from, to, &v[1], &err), CDG_OK);
	assert_string_equal(cdg_view_text(v[0]), cdg_view_text(v[1]));
	for (int k = CDG_VIEW_LENGTH; k <= CDG_VIEW_PAGES; k++)
		assert_int_equal(cdg_view_get(v[0], (cdg_view_figure)k), cdg_view_get(v[1], (cdg_view_figure)k));
	for (int i = 0; i < 2; i++) {
		keep(&html[i], "", 0);
		assert_int_equal(cdg_view_write_html(v[i], keep, &html[i], &err), CDG_OK);
		cdg_view_free(v[i]);
	}
	assert_string_equal(html[0].p, html[1].p);
	free(html[0].p);
	free(html[1].p);
}

static void
check_view(const cdg_index *x, const doc *d, const query *q)
{
	node *m = calloc(d->n + 1, sizeof *m);
	uint32_t n = find(d, q, m), marks = 0, lo, hi;
	uint64_t from = unit_below(3) ? 0 : unit_below(d->cps + 2);
	uint64_t to = unit_below(3) ? UINT64_MAX : from + unit_below(d->cps + 2);
	cdg_view *v;
	cdg_error err;

	if (cdg_index_view(x, NULL, q->text, strlen(q->text), d->id, strlen(d->id), from, to, &v, &err) != CDG_OK)
		fail_msg("%s", err.message);
	from = from < d->cps ? from : d->cps;
	to = to < d->cps ? to : d->cps;
	assert_int_equal(cdg_view_get(v, CDG_VIEW_LENGTH), d->cps);
	assert_int_equal(cdg_view_get(v, CDG_VIEW_START), from);
	assert_int_equal(cdg_view_get(v, CDG_VIEW_END), to);
	assert_int_equal(cdg_view_get(v, CDG_VIEW_CUT), 0);
	lo = byte_of(d->text, (uint32_t)from);
	hi = byte_of(d->text, (uint32_t)to);
	assert_int_equal(strlen(cdg_view_text(v)), hi - lo);
	assert_memory_equal(cdg_view_text(v), d->text + lo, hi - lo);
	if (cdg_view_get(v, CDG_VIEW_MATCHES) != n)
		fail_msg("%s in %s: %llu matches, not %u", q->text, d->id,
			 (unsigned long long)cdg_view_get(v, CDG_VIEW_MATCHES), n);
	assert_int_equal(cdg_view_match_count(v), n);
	for (uint32_t i = 0; i < n; i++) {
		assert_int_equal(cdg_view_match_start(v, i), d->at[m[i].first].start);
		assert_int_equal(cdg_view_match_end(v, i), d->at[m[i].last - 1].end);
		marks += cdg_view_match_start(v, i) < to && cdg_view_match_end(v, i) > from;
	}
	check_parts(d, v, m, n);
	check_html(v, marks);
	check_range(x, d, q, v);
	cdg_view_free(v);
	free(m);
}

/* ---- concordances --------------------------------------------------------------------- */

typedef struct line {
	const doc *d;
	node m;
	uint32_t number;
} line;

static bool order_left;

static int
line_cmp(const void *a, const void *b)
{
	const line *x = a, *y = b;

	for (uint32_t i = 0; i < 5; i++) {
		bool has[2];
		const char *word[2] = { "", "" };
		const line *l[2] = { x, y };

		for (int k = 0; k < 2; k++) {
			const node *m = &l[k]->m;
			has[k] = order_left ? m->first > i : m->last + i < l[k]->d->n;
			if (has[k])
				word[k] = words[l[k]->d->at[order_left ? m->first - 1 - i : m->last + i].word].fold;
		}
		if (has[0] != has[1])
			return has[0] ? 1 : -1;
		if (strcmp(word[0], word[1]))
			return strcmp(word[0], word[1]);
	}
	return x->number < y->number ? -1 : 1;
}

/* White space as one space each, as lines have it. */
static void
collapse(const char *s, size_t n, char *to)
{
	char *begin = to;

	for (size_t i = 0; i < n; i++)
		if (s[i] > ' ' || s[i] < 0)
			*to++ = s[i];
		else if (to == begin || to[-1] != ' ')
			*to++ = ' ';
	*to = 0;
}

static void
check_line(const line *want, const cdg_line *got)
{
	static char before[TEXT_MAX], match[TEXT_MAX], after[TEXT_MAX];
	const doc *d = want->d;
	const place *a = &d->at[want->m.first], *z = &d->at[want->m.last - 1];
	uint32_t lo = byte_of(d->text, a->start), hi = byte_of(d->text, z->end);
	size_t n = strlen(got->left);

	assert_string_equal(got->id, d->id);
	assert_int_equal(got->start, a->start);
	assert_int_equal(got->end, z->end);
	collapse(d->text, lo, before);
	collapse(d->text + lo, hi - lo, match);
	collapse(d->text + hi, d->bytes - hi, after);
	assert_string_equal(got->match, match);
	assert_true(strlen(before) >= n);
	assert_string_equal(before + strlen(before) - n, got->left);
	assert_memory_equal(after, got->right, strlen(got->right));
}

static void
check_lines(const cdg_index *x, const query *q, cdg_line_order order)
{
	static line want[DOCS * WORDS_MAX];
	uint32_t n = 0, with = 0, from, limit = 1 + unit_below(40), context = unit_below(2) ? 60 : 3;
	cdg_request *rq;
	cdg_lines *got;
	cdg_error err;

	for (size_t i = 0; i < DOCS; i++) {
		node *m = calloc(docs[i].n + 1, sizeof *m);
		uint32_t k = find(&docs[i], q, m);

		with += k > 0;
		for (uint32_t j = 0; j < k; j++, n++)
			want[n] = (line){ &docs[i], m[j], n };
		free(m);
	}
	order_left = order == CDG_LINES_LEFT;
	if (order != CDG_LINES_DOCUMENT)
		qsort(want, n, sizeof *want, line_cmp);
	from = unit_below(n + 2);
	assert_int_equal(cdg_request_new(&rq, &err), CDG_OK);
	cdg_request_set_offset(rq, from, NULL);
	cdg_request_set_limit(rq, limit, NULL);
	if (cdg_concordance(x, rq, q->text, strlen(q->text), order, context, context == 3, &got, &err) != CDG_OK)
		fail_msg("%s", err.message);
	if (cdg_lines_get(got, CDG_LINES_TOTAL) != n)
		fail_msg("%s: %llu occurrences, not %u", q->text,
			 (unsigned long long)cdg_lines_get(got, CDG_LINES_TOTAL), n);
	assert_int_equal(cdg_lines_get(got, CDG_LINES_TOTAL_EXACT), 1);
	assert_int_equal(cdg_lines_get(got, CDG_LINES_DOCUMENTS), with);
	assert_int_equal(cdg_lines_count(got), from >= n ? 0 : n - from < limit ? n - from : limit);
	for (size_t i = 0; i < cdg_lines_count(got); i++) {
		cdg_line l = cdg_lines_at(got, i);

		check_line(&want[from + i], &l);
	}
	cdg_lines_free(got);
	cdg_request_free(rq);
}

/* ---- tests ------------------------------------------------------------------------------- */

static void
check_backend(const char *kind, int queries)
{
	cdg_index *x = make_index(kind);

	if (!x) {
		printf("SKIP: no backend %s here\n", kind);
		return;
	}
	sort_docs(x);
	for (int i = 0; i < queries; i++) {
		query q;

		make_query(&q);
		check_view(x, &docs[i % DOCS], &q);
		check_lines(x, &q, (cdg_line_order)(i % 3));
	}
	cdg_index_close(x);
}

static void
t_native(void **state)
{
	(void)state;
	check_backend("native", QUERIES);
}

static void
t_xapian(void **state)
{
	(void)state;
	check_backend("xapian", 24);
}

/* Nothing that is asked makes it fail but what is said to. */
static void
t_hostile(void **state)
{
	static const char *const queries[] = { "", " ", "\"", "(((", "NOT alpha", "*", "a*", "/al.*/", "\xff\xfe",
					       "title:alpha", "alpha NEAR/3 beta", "-", "date:2013", "alpha nowhereword" };
	cdg_index *x = make_index("native");
	const doc *first = &docs[0];
	cdg_view *v;
	cdg_lines *l;
	cdg_error err;
	char noise[64];

	(void)state;
	while (strcmp(first->id, "d000"))
		first++;
	for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
		size_t n = strlen(queries[i]);

		assert_int_equal(cdg_index_view(x, NULL, queries[i], n, "d000", 4, 0, UINT64_MAX, &v, &err), CDG_OK);
		assert_string_equal(cdg_view_text(v), first->text);
		if (!n)
			assert_int_equal(cdg_view_get(v, CDG_VIEW_MATCHES), 0);
		cdg_view_free(v);
		for (int order = 0; order < 3; order++) {
			assert_int_equal(cdg_concordance(x, NULL, queries[i], n, (cdg_line_order)order, 0, 0, &l, &err), CDG_OK);
			cdg_lines_free(l);
		}
	}
	assert_int_equal(cdg_index_view(x, NULL, "title:alpha", 11, "d000", 4, 0, 0, &v, &err), CDG_OK);
	assert_string_equal(cdg_view_title_html(v), "<mark>alpha</mark> title of d000");
	assert_string_equal(cdg_view_text(v), "");
	cdg_view_free(v);
	for (int i = 0; i < 200; i++) {
		size_t n = unit_below(sizeof noise);

		for (size_t k = 0; k < n; k++)
			noise[k] = (char)unit_below(256);
		assert_int_equal(cdg_index_view(x, NULL, "alpha", 5, noise, n, 0, 1, &v, &err), CDG_E_NOTFOUND);
		assert_null(v);
	}
	assert_int_equal(cdg_index_view(x, NULL, NULL, 0, NULL, 0, 0, 1, &v, &err), CDG_E_NOTFOUND);
	assert_int_equal(cdg_index_view(x, NULL, "a", 1, "d000", 4, 2, 1, &v, &err), CDG_E_ARG);
	assert_int_equal(cdg_index_view(x, NULL, "a", 1, "d000", 4, UINT64_MAX, UINT64_MAX, &v, &err), CDG_OK);
	assert_int_equal(cdg_view_get(v, CDG_VIEW_START), first->cps);
	cdg_view_free(v);
	assert_int_equal(cdg_concordance(x, NULL, "a", 1, CDG_LINES_LEFT, 1001, 0, &l, &err), CDG_E_ARG);
	assert_int_equal(cdg_concordance(x, NULL, "a", 1, (cdg_line_order)7, 10, 0, &l, &err), CDG_E_ARG);
	cdg_index_close(x);
}

/* Every request for memory fails once: an error, no crash, no part of an answer. */
static void
t_memory(void **state)
{
	cdg_index *x = make_index("native");
	cdg_error err;
	cdg_status st = CDG_E_NOMEM;

	(void)state;
	for (long n = 1; st != CDG_OK; n++) {
		cdg_view *v = NULL;
		text html = { NULL, 0 };

		mem_fail_after(n, false);
		st = cdg_index_view(x, NULL, "alpha title:alpha", 17, "d001", 4, 0, 500, &v, &err);
		mem_fail_after(0, false);
		if (st == CDG_OK)
			assert_int_equal(cdg_view_write_html(v, keep, &html, &err), CDG_OK);
		else
			assert_int_equal(st, CDG_E_NOMEM);
		cdg_view_free(v);
		free(html.p);
	}
	for (int order = 0; order < 3; order++) {
		st = CDG_E_NOMEM;
		for (long n = 1; st != CDG_OK; n++) {
			cdg_lines *l = NULL;

			mem_fail_after(n, false);
			st = cdg_concordance(x, NULL, "\"alpha beta\"", 12, (cdg_line_order)order, 20, 0, &l, &err);
			mem_fail_after(0, false);
			assert_true(st == CDG_OK || st == CDG_E_NOMEM);
			cdg_lines_free(l);
		}
	}
	cdg_index_close(x);
}

static int
set_up(void **state)
{
	(void)state;
	unit_seed("t_view");
	dir = unit_mkdir();
	for (size_t i = 0; i < DOCS; i++)
		make_doc(&docs[i], i);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	for (size_t i = 0; i < DOCS; i++) {
		free(docs[i].text);
		free(docs[i].at);
	}
	free(ids.p);
	unit_rmdir(dir);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(t_native),
		cmocka_unit_test(t_xapian),
		cmocka_unit_test(t_hostile),
		cmocka_unit_test(t_memory),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
