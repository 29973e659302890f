/* fz_remote.c - any bytes as what a server answers (backend/http): JSON or none, of one request
 * or another.  What is shown of it is as valid as if it had been found here.
 *
 * The first byte says what is asked; the rest is the answer.  fetch.c is not linked. */
#include <stdlib.h>
#include <string.h>

#include "backend/http/remote.h"
#include "include/cdgsearch.h"
#include "text/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t *answer;
static size_t answer_n;
static unsigned answer_status;

struct fetcher {
	char nothing;
};

cdg_status
fetcher_new(fetcher **out, cdg_error *err)
{
	*out = mem_calloc(1, sizeof **out);
	return *out ? CDG_OK : err_nomem(err);
}

void
fetcher_free(fetcher *f)
{
	mem_free(f);
}

cdg_status
fetch(fetcher *f, const char *name, const char *url, uint64_t timeout_ms, buf *body, unsigned *status, bool *json, cdg_error *err)
{
	static const char healthy[] = "{\"version\":\"1\",\"indexes\":[{\"name\":\"a\",\"documents\":7,\"generation\":3}]}";

	(void)f;
	(void)name;
	(void)timeout_ms;
	body->len = 0;
	*json = true;
	*status = 200;
	if (strstr(url, "/healthz") && answer) {
		buf_puts(body, healthy);
		return body->failed ? err_nomem(err) : CDG_OK;
	}
	*status = answer_status;
	buf_put(body, answer, answer_n);
	return body->failed ? err_nomem(err) : CDG_OK;
}

/* ---- what is shown ------------------------------------------------------------------- */

static int
take(void *ctx, const char *data, size_t n)
{
	buf_put(ctx, data, n);
	return 0;
}

static void
require_json(buf *out)
{
	arena mem;

	arena_init(&mem);
	if (!json_read(&mem, buf_cstr(out)))
		abort();
	arena_fini(&mem);
}

static void
print(const cdg_results *r, const cdg_view *v, const cdg_lines *l)
{
	static const char *const formats[] = { "text", "json", "jsonl", "csv", "trec", "ids", "count" };

	for (size_t i = 0; i < countof(formats); i++) {
		cdg_printer *p;
		cdg_format format;
		cdg_error err;
		buf out;

		buf_init(&out);
		if (cdg_format_find(formats[i], &format) != CDG_OK || cdg_printer_new(format, take, &out, &p, &err) != CDG_OK)
			abort();
		cdg_printer_set_color(p, 1);
		if (r && cdg_printer_print(p, r, NULL, &err) == CDG_OK && i == 1)
			require_json(&out);
		if (v && cdg_printer_print_view(p, v, &err) == CDG_OK && i == 1)
			require_json(&out);
		if (l && cdg_printer_print_lines(p, l, &err) == CDG_OK && i == 1)
			require_json(&out);
		cdg_printer_free(p);
		buf_fini(&out);
	}
}

static void
require_utf8(const char *s)
{
	text_clean clean;
	const char *view;
	size_t n;
	buf out;

	buf_init(&out);
	if (!s || text_sanitize(s, strlen(s), &out, &view, &n, &clean, NULL) != CDG_OK || clean.replaced)
		abort();
	buf_fini(&out);
}

static void
search(const cdg_index *index)
{
	cdg_request *rq;
	cdg_results *r;

	if (cdg_request_new(&rq, NULL) != CDG_OK)
		abort();
	cdg_request_set_snippets(rq, 3, 100, NULL);
	cdg_request_add_facet(rq, "lang", 5, NULL);
	if (cdg_search(index, rq, "water", 5, &r, NULL) == CDG_OK) {
		for (size_t i = 0; i < cdg_results_count(r); i++) {
			require_utf8(cdg_hit_id(r, i));
			require_utf8(cdg_hit_title(r, i));
			require_utf8(cdg_hit_title_html(r, i));
			require_utf8(cdg_snippet_html(r, i, 0));
		}
		print(r, NULL, NULL);
		cdg_results_free(r);
	}
	cdg_request_free(rq);
}

static void
look(const cdg_index *index)
{
	cdg_view *v;
	buf out;

	if (cdg_index_view(index, NULL, "water", 5, "a", 1, 0, UINT64_MAX, &v, NULL) != CDG_OK)
		return;
	buf_init(&out);
	if (cdg_view_write_json(v, take, &out, NULL) == CDG_OK)
		require_json(&out);
	out.len = 0;
	cdg_view_write_html(v, take, &out, NULL);
	buf_fini(&out);
	print(NULL, v, NULL);
	cdg_view_free(v);
}

static void
concordance(const cdg_index *index)
{
	cdg_lines *l;

	if (cdg_concordance(index, NULL, "water", 5, CDG_LINES_DOCUMENT, 40, 0, &l, NULL) != CDG_OK)
		return;
	print(NULL, NULL, l);
	cdg_lines_free(l);
}

static void
suggestions_of(const cdg_index *index)
{
	cdg_suggestions *s;

	if (cdg_index_suggest(index, "wat", 3, 10, &s, NULL) != CDG_OK)
		return;
	for (size_t i = 0; i < cdg_suggestions_count(s); i++) {
		require_utf8(cdg_suggestion_kind(s, i));
		require_utf8(cdg_suggestion_text(s, i));
		require_utf8(cdg_suggestion_id(s, i));
	}
	cdg_suggestions_free(s);
}

/* The text as it is, with a zero behind it and nothing else. */
static void
parse(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	arena mem;

	arena_init(&mem);
	memcpy(text, data, size);
	text[size] = 0;
	(void)json_read(&mem, text);
	arena_fini(&mem);
	free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const asks[])(const cdg_index *) = { search, look, concordance, suggestions_of };
	static const uint8_t none[1];
	cdg_index *index;

	if (!size)
		return 0;
	parse(data + 1, size - 1);
	answer = size > 1 ? data + 1 : none;
	answer_n = size - 1;
	answer_status = data[0] & 8 ? 400 : 200;
	if (data[0] & 16)
		answer = NULL, answer_n = 0;
	if (cdg_index_open("http://127.0.0.1:1", &index, NULL) != CDG_OK)
		return 0;
	asks[data[0] & 3](index);
	cdg_index_close(index);
	return 0;
}
