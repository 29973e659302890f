/* suggest.c - GET /suggest: what a line that is being typed may become, as JSON of ours or
 * as browsers want it (application/x-suggestions+json). */
#include "backend/api.h"
#include "daemon/handlers.h"
#include "daemon/param.h"
#include "daemon/settings.h"

enum { SUGGESTIONS = 8 };

static void
put_string(buf *out, const char *before, const char *s)
{
	buf_puts(out, before);
	api_put_json(out, s, strlen(s));
}

static void
put_own(web_call *c, const cdg_suggestions *s)
{
	put_string(&c->out, "{\"query\":", c->query);
	buf_puts(&c->out, ",\"suggestions\":[");
	for (size_t i = 0; i < cdg_suggestions_count(s); i++) {
		put_string(&c->out, i ? ",{\"kind\":" : "{\"kind\":", cdg_suggestion_kind(s, i));
		put_string(&c->out, ",\"text\":", cdg_suggestion_text(s, i));
		if (cdg_suggestion_documents(s, i))
			buf_printf(&c->out, ",\"documents\":%llu", (unsigned long long)cdg_suggestion_documents(s, i));
		if (*cdg_suggestion_id(s, i))
			put_string(&c->out, ",\"id\":", cdg_suggestion_id(s, i));
		buf_puts(&c->out, "}");
	}
	buf_puts(&c->out, "]}\n");
}

static void
put_opensearch(web_call *c, const cdg_suggestions *s)
{
	put_string(&c->out, "[", c->query);
	buf_puts(&c->out, ",[");
	for (size_t i = 0; i < cdg_suggestions_count(s); i++)
		put_string(&c->out, i ? "," : "", cdg_suggestion_text(s, i));
	buf_puts(&c->out, "]]\n");
}

void
answer_suggest(web_call *c)
{
	const web_pair *q = web_param(c, "q"), *format = web_param(c, "format");
	bool opensearch = format && !strcmp(format->value, "opensearch");
	cdg_suggestions *s;
	cdg_error err;
	uint64_t n;

	if (format && *format->value && !opensearch && strcmp(format->value, "json")) {
		web_problem(c, 400, CDG_E_ARG, "parameter format: json, opensearch");
		return;
	}
	if (!web_number(c, "n", 1, 100, SUGGESTIONS, &n))
		return;
	c->query = api_string(&c->mem, q ? q->value : "", q ? q->len : 0);
	if (!c->query) {
		web_problem(c, 503, CDG_E_NOMEM, "out of memory");
		return;
	}
	if (cdg_index_suggest(c->index, q ? q->value : "", q ? q->len : 0, (uint32_t)n, &s, &err) != CDG_OK) {
		web_fail(c, &err);
		return;
	}
	c->type = opensearch ? "application/x-suggestions+json" : "application/json";
	if (opensearch)
		put_opensearch(c, s);
	else
		put_own(c, s);
	cdg_suggestions_free(s);
}
