/* t_part.c - long documents in parts: they begin where sections and paragraphs do, all of the
 * text and each match is in one of them, links lead to the part that has what they name; what
 * is kept of a document is that of its last commit, and asked for by many at once. */
#include "tests/unit/unit.h"

#include <pthread.h>

#include "daemon/log.h"
#include "tests/daemon/call.h"

enum { LENGTH = 400000, PARTS_MAX = 20, THREADS = 4, ROUNDS = 30, MANY = 4000, ENOUGH = 20 };

static const char *const ids[] = { "sections", "paragraphs", "line", "chinese", "solid" };

static char path[4200], *dir, *texts[countof(ids)];
static settings *set;
static site *all;

/* ---- documents ------------------------------------------------------------------------- */

static char *
put_words(char *at, size_t n)
{
	static const char *const words[] = { "water", "supply", "chain", "of", "the", "district", "reform" };

	for (size_t i = 0; i < n; i++)
		at += sprintf(at, "%s%s", words[unit_below(unit_below(20) ? 7 : 1)], i + 1 < n ? " " : ".");
	return at;
}

/* The text of one of the documents; its sections as the record has them go to *sections. */
static char *
make_text(size_t number, char **sections)
{
	char *text = malloc(LENGTH * 2), *at = text, *list = malloc(LENGTH);

	*sections = list;
	*list = 0;
	for (unsigned i = 1; at - text < LENGTH; i++) {
		char *from = at;

		switch (number) {
		case 0:
			at += sprintf(at, "Article %u\n\n", i);
			at = put_words(at, 300 + unit_below(300));
			at += sprintf(at, "\n\n");
			list += sprintf(list, "%s[%d,%d,1,\"article\",\"Article %u\"]", i > 1 ? "," : "", (int)(from - text), (int)(at - text), i);
			break;
		case 1:
			at += sprintf(at, "Paragraph %u is here. ", i);
			at = put_words(at, 20 + unit_below(200));
			at += sprintf(at, "\n\n");
			break;
		case 2:
			at = put_words(at, 30);
			at += sprintf(at, " ");
			break;
		case 3:
			at += sprintf(at, "经济发展进入新常态，改革继续。");
			break;
		default:
			at += sprintf(at, "waterwater%u", i);
		}
	}
	*at = 0;
	return text;
}

static void
add_texts(void)
{
	cdg_writer *w = NULL;
	char *json = malloc(LENGTH * 4);

	assert_int_equal(cdg_writer_open(path, NULL, &w, NULL), CDG_OK);
	for (size_t i = 0; i < countof(ids); i++) {
		char *at = json, *sections;

		free(texts[i]);
		texts[i] = make_text(i, &sections);
		at += sprintf(at, "{\"id\":\"%s\",\"title\":\"%s\",\"lang\":\"%s\",\"text\":\"", ids[i], ids[i], i == 3 ? "zh" : "en");
		for (const char *t = texts[i]; *t; t++)
			at += sprintf(at, *t == '\n' ? "\\n" : "%c", *t);
		at += sprintf(at, "\",\"_sections\":[%s]}", sections);
		free(sections);
		assert_int_equal(cdg_writer_add_record(w, json, (size_t)(at - json), NULL), CDG_OK);
	}
	assert_int_equal(cdg_writer_commit(w, NULL), CDG_OK);
	cdg_writer_close(w);
	free(json);
}

/* ---- pages ------------------------------------------------------------------------------- */

/* A page, NULL if it is none; *status as it is.  Freed by the caller. */
static char *
page(const char *query, unsigned *status)
{
	web_call *c = call_new(set, all, WEB_GET, "/doc", 4);
	char *html = NULL;

	*status = 0;
	if (c && call_params(c, query, strlen(query)) && call_header(c, "Accept", "text/html")) {
		route_call(c);
		mem_fail_after(0, false);
		*status = c->status;
		html = calloc(1, c->out.len + 1);
		if (c->out.len)
			memcpy(html, c->out.p, c->out.len);
	}
	mem_fail_after(0, false);
	web_call_free(c);
	return html;
}

static char *
good_page(const char *id, const char *q, const char *more)
{
	char query[200];
	unsigned status;
	char *html;

	snprintf(query, sizeof query, "id=%s&q=%s%s", id, q, more);
	html = page(query, &status);
	if (status != 200)
		fail_msg("%s: %u", query, status);
	return html;
}

/* The words of the document on a page, without white space, appended to `to`. */
static char *
put_shown(char *to, const char *html)
{
	const char *s = strstr(html, "<article id=\"text\""), *end = strstr(html, "</article>");

	assert_true(s && end);
	while (s < end) {
		if (!strncmp(s, "<span class=\"step\"", 18))
			s = strstr(s, "</span>");
		if (*s == '<')
			s = strchr(s, '>');
		else if (*s != ' ' && *s != '\n')
			*to++ = *s;
		s++;
	}
	*to = 0;
	return to;
}

/* Every link to another part leads to one that has what it names. */
static size_t
follow(const char *html, size_t own, char **pages, size_t parts)
{
	size_t n = 0;

	for (const char *s = html; (s = strstr(s, "href=\"/doc?"));) {
		const char *end = strchr(s += 6, '"'), *hash = memchr(s, '#', (size_t)(end - s)), *part = strstr(s, "part=");
		size_t to = part && part < end ? (size_t)atoi(part + 5) : 0;
		char anchor[64];

		if (!hash)
			continue;
		snprintf(anchor, sizeof anchor, "id=\"%.*s\"", (int)(end - hash - 1), hash + 1);
		assert_true(to < parts);
		if (!strstr(pages[to], anchor))
			fail_msg("part %zu says that part %zu has %s", own, to, anchor);
		n++;
	}
	return n;
}

static void
read_parts(size_t number, const char *q, const char *begin)
{
	char *pages[PARTS_MAX], more[40], *shown = malloc(LENGTH * 2), *at = shown, *want = malloc(LENGTH * 2), *to = want;
	size_t parts = 0, marks = 0, links = 0, total = 0;
	const char *said;

	for (size_t k = 0; !k || k < parts; k++) {
		char *from = at;

		snprintf(more, sizeof more, "&part=%zu", k);
		pages[k] = good_page(ids[number], q, more);
		said = strstr(pages[k], "<p id=\"part\">Part ");
		assert_non_null(said);
		assert_int_equal(atoi(said + 18), k + 1);
		parts = (size_t)atoi(strstr(said, " of ") + 4);
		assert_true(parts >= 2 && parts <= 8);
		at = put_shown(at, pages[k]);
		if (strncmp(from, begin, strlen(begin)))
			fail_msg("%s: part %zu begins with %.40s", ids[number], k, from);
		assert_true(strlen(from) > 15000 && strlen(from) < 240000);
		for (const char *m = pages[k]; (m = strstr(m, "<mark id=\"m")); m++) {
			if (marks && (size_t)atoi(m + 11) == marks && m == strstr(pages[k], "<mark id=\"m"))
				continue; /* the end of one that began in the part before */
			assert_int_equal(atoi(m + 11), ++marks);
		}
	}
	for (size_t k = 0; k < parts; k++)
		links += follow(pages[k], k, pages, parts);
	for (const char *t = texts[number]; *t; t++)
		if (*t != ' ' && *t != '\n')
			*to++ = *t;
	*to = 0;
	assert_string_equal(shown, want);
	said = strstr(pages[0], "data-total=\"");
	total = said ? (size_t)atoi(said + 12) : 0;
	assert_int_equal(marks, total);
	assert_true(links >= 4 * (parts - 1));
	for (size_t k = 0; k < parts; k++)
		free(pages[k]);
	free(shown);
	free(want);
}

static void
all_parts(void **state)
{
	(void)state;
	for (int round = 0; round < 2; round++) { /* the second time it is kept */
		read_parts(0, "water", "Article");
		read_parts(1, "supply", "Paragraph");
		read_parts(2, "\"water supply\"", "");
		read_parts(3, "改革", "经");
		read_parts(4, "waterwater77*", "");
	}
}

/* A part that there is not is the last one; a character leads to its part. */
static void
places(void **state)
{
	char *last = good_page("sections", "water", "&part=99999"), more[40];

	(void)state;
	assert_null(strstr(last, "rel=\"next\""));
	assert_non_null(strstr(last, "rel=\"prev\""));
	free(last);
	for (int i = 0; i < 60; i++) {
		char *html;

		snprintf(more, sizeof more, "&at=%u", i % 2 ? unit_below(LENGTH - 5000) : (unsigned)i / 2 % 7 * 60000 + unit_below(2));
		html = good_page(ids[i % 3], "water", more);
		if (!strstr(html, "<span id=\"at\"></span>"))
			fail_msg("%s%s: no place is marked", ids[i % 3], more);
		free(html);
	}
}

/* ---- what is kept --------------------------------------------------------------------------- */

static char *expected[countof(ids) * 4];

static void
ask(char *query, size_t cap, size_t k)
{
	static const char *const words[] = { "water", "supply", "chain", "reform" };

	snprintf(query, cap, "id=%s&q=%s&part=%zu", ids[k % countof(ids)], words[k / countof(ids)], k % 6);
}

static void *
ask_many(void *seed)
{
	unsigned x = *(unsigned *)seed;

	for (int i = 0; i < ROUNDS; i++) {
		size_t k = (x = x * 1103515245 + 12345) / 65536 % countof(expected);
		char query[200], *html;
		unsigned status;

		ask(query, sizeof query, k);
		html = page(query, &status);
		if (status != 200 || strcmp(html, expected[k])) {
			free(html);
			return seed;
		}
		free(html);
	}
	return NULL;
}

/* More views than are kept, by several at once. */
static void
many_at_once(void **state)
{
	pthread_t threads[THREADS];
	unsigned seeds[THREADS], status;
	void *bad, *any = NULL;

	(void)state;
	for (size_t k = 0; k < countof(expected); k++) {
		char query[200];

		ask(query, sizeof query, k);
		expected[k] = page(query, &status);
		assert_int_equal(status, 200);
	}
	for (int i = 0; i < THREADS; i++) {
		seeds[i] = unit_below(1 << 30);
		assert_int_equal(pthread_create(&threads[i], NULL, ask_many, &seeds[i]), 0);
	}
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], &bad);
		any = bad ? bad : any;
	}
	assert_null(any);
	for (size_t k = 0; k < countof(expected); k++)
		free(expected[k]);
}

static void
after_a_commit(void **state)
{
	char *before = good_page("paragraphs", "water", "&part=2"), *after;

	(void)state;
	add_texts();
	site_look(site_at(all, 0));
	after = good_page("paragraphs", "water", "&part=2");
	assert_string_not_equal(before, after);
	free(before);
	free(after);
	read_parts(1, "water", "Paragraph");
}

static size_t
differ(const char *a, const char *b)
{
	size_t i = 0;

	while (a[i] && a[i] == b[i])
		i++;
	return i;
}

/* Memory that runs out at any request for it: no page, or the right one. */
static void
without_memory(void **state)
{
	static const char *const asked[] = { "id=paragraphs&q=district&part=3", "id=sections&q=nothing&at=200000" };

	(void)state;
	for (size_t i = 0; i < countof(asked); i++)
		for (int kept = 0; kept < 2; kept++) {
			char query[200], *want, *got;
			unsigned status, same = 0;

			want = page(asked[i], &status);
			assert_int_equal(status, 200);
			for (long n = 1; n < MANY && same < ENOUGH; n++) {
				/* a parameter that nobody knows makes it another question */
				snprintf(query, sizeof query, kept ? "%s" : "%s&x=%ld", asked[i], n);
				mem_fail_after(n, false);
				got = page(query, &status);
				if (status == 200 && !strcmp(got, want))
					same++;
				else if (status != 503 && status != 0)
					fail_msg("%s: %u at request %ld: %.80s", query, status, n, got + differ(got, want));
				else
					same = 0;
				free(got);
			}
			assert_int_equal(same, ENOUGH);
			free(want);
		}
}

static int
setup(void **state)
{
	cdg_error err = { .status = CDG_OK };

	(void)state;
	unit_seed("t_part");
	dir = unit_mkdir();
	snprintf(path, sizeof path, "%s/index", dir);
	add_texts();
	assert_non_null(set = call_settings(path));
	assert_int_equal(site_open(set, &all, &err), CDG_OK);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	site_close(all);
	settings_free(set);
	for (size_t i = 0; i < countof(texts); i++)
		free(texts[i]);
	unit_rmdir(dir);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_parts),
		cmocka_unit_test(places),
		cmocka_unit_test(many_at_once),
		cmocka_unit_test(after_a_commit),
		cmocka_unit_test(without_memory),
	};

	return cmocka_run_group_tests_name("part", tests, setup, teardown);
}
