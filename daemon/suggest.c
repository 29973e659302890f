/* suggest.c - GET /suggest: what a line that is being typed may become, as an object for
 * programs and the page, or as browsers want it (OpenSearch Suggestions 1.1). */
#include "backend/api.h"
#include "daemon/handlers.h"
#include "daemon/param.h"
#include "daemon/settings.h"

enum { SUGGESTIONS = 10, SUGGESTIONS_MAX = 100 };

static void
put_string(buf *out, const char *s)
{
	api_put_json(out, s, strlen(s));
}

static void
put_objects(buf *out, const char *query, const cdg_suggestions *list)
{
	buf_puts(out, "{\"query\":");
	put_string(out, query);
	buf_puts(out, ",\"suggestions\":[");
	for (size_t i = 0; i < cdg_suggestions_count(list); i++) {
		buf_puts(out, i ? ",{\"text\":" : "{\"text\":");
		put_string(out, cdg_suggestion_text(list, i));
		buf_printf(out, ",\"kind\":\"%s\",\"documents\":%llu,\"id\":", cdg_suggestion_kind(list, i),
			   (unsigned long long)cdg_suggestion_documents(list, i));
		put_string(out, cdg_suggestion_id(list, i));
		buf_puts(out, "}");
	}
	buf_puts(out, "]}\n");
}

/* "word, 12 documents" */
static void
put_description(buf *out, const cdg_suggestions *list, size_t i)
{
	uint64_t n = cdg_suggestion_documents(list, i);

	buf_printf(out, "\"%s", cdg_suggestion_kind(list, i));
	if (n)
		buf_printf(out, ", %llu document%s", (unsigned long long)n, n == 1 ? "" : "s");
	buf_puts(out, "\"");
}

/* A title leads to its document, the rest to a search. */
static void
put_address(buf *out, const char *base, const cdg_suggestions *list, size_t i)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
	const char *id = cdg_suggestion_id(list, i), *value = *id ? id : cdg_suggestion_text(list, i);
	buf url;

	buf_init(&url);
	buf_puts(&url, base);
	buf_puts(&url, *id ? "/doc?id=" : "/search?q=");
	for (; *value; value++)
		if (strchr(plain, *value))
			buf_put_u8(&url, (uint8_t)*value);
		else
			buf_printf(&url, "%%%02X", (unsigned char)*value);
	api_put_json(out, (const char *)url.p, url.len);
	out->failed |= url.failed;
	buf_fini(&url);
}

static void
put_arrays(buf *out, const char *query, const char *base, const cdg_suggestions *list)
{
	size_t n = cdg_suggestions_count(list);

	buf_puts(out, "[");
	put_string(out, query);
	buf_puts(out, ",[");
	for (size_t i = 0; i < n; i++) {
		buf_puts(out, i ? "," : "");
		put_string(out, cdg_suggestion_text(list, i));
	}
	buf_puts(out, "],[");
	for (size_t i = 0; i < n; i++) {
		buf_puts(out, i ? "," : "");
		put_description(out, list, i);
	}
	buf_puts(out, "],[");
	for (size_t i = 0; i < n; i++) {
		buf_puts(out, i ? "," : "");
		put_address(out, base, list, i);
	}
	buf_puts(out, "]]\n");
}

static bool
read_format(web_call *c, const char **base)
{
	const web_pair *f = web_param(c, "format");

	*base = NULL;
	c->type = "application/json";
	if (!f || !*f->value || !strcmp(f->value, "json"))
		return true;
	if (strcmp(f->value, "opensearch")) {
		web_problem(c, 400, CDG_E_ARG, "parameter format: json, opensearch");
		return false;
	}
	c->type = "application/x-suggestions+json";
	*base = web_base(c);
	return *base != NULL;
}

void
answer_suggest(web_call *c)
{
	const web_pair *q = web_param(c, "q");
	const char *base;
	cdg_suggestions *list;
	cdg_error err;
	uint64_t n;

	c->query = q ? api_string(&c->mem, q->value, q->len) : "";
	if (q && q->len > c->set->max_query) {
		web_problem(c, 414, CDG_E_LIMIT, "a query may have %llu bytes; this one has %zu",
			    (unsigned long long)c->set->max_query, q->len);
		return;
	}
	if (!web_number(c, "n", 1, SUGGESTIONS_MAX, SUGGESTIONS, &n) || !read_format(c, &base))
		return;
	if (!c->query) {
		web_problem(c, 503, CDG_E_NOMEM, "out of memory");
	} else if (cdg_index_suggest(c->index, q ? q->value : "", q ? q->len : 0, (uint32_t)n, &list, &err) != CDG_OK) {
		web_fail(c, &err);
	} else {
		if (base)
			put_arrays(&c->out, c->query, base, list);
		else
			put_objects(&c->out, c->query, list);
		cdg_suggestions_free(list);
	}
}
