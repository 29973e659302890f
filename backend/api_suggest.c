/* api_suggest.c - suggestions while typing, as the public interface shows them. */
#include "backend/api.h"
#include "backend/http/remote.h"
#include "query/suggest.h"

struct cdg_suggestions {
	suggestions list;
	const char **texts, **ids; /* as C strings */
};

static cdg_status
suggest_run_on(const cdg_index *index, const char *line, size_t len, uint32_t limit, cdg_suggestions *s,
	       cdg_error *err)
{
	text_analyzer *an;
	const char *view;
	size_t n;
	buf clean;
	cdg_status st;

	if (len > SUGGEST_LINE_MAX)
		return CDG_OK;
	if (index->http)
		return remote_suggest(index->http, line, len, limit, &s->list, err);
	if (!index->snap && !index->be->ops->suggest)
		return CDG_OK;
	an = api_analyzer_take(index, err);
	if (!an)
		return CDG_E_NOMEM;
	buf_init(&clean);
	st = text_sanitize(line, len, &clean, &view, &n, &(text_clean){ 0 }, err);
	if (st == CDG_OK)
		st = index->snap ? suggest(index->snap, an, view, n, limit, &s->list, err) :
				   index->be->ops->suggest(index->be, an, view, n, limit, &s->list, err);
	buf_fini(&clean);
	api_analyzer_give(index, an);
	return st;
}

static cdg_status
suggest_strings(cdg_suggestions *s, cdg_error *err)
{
	arena *mem = &s->list.mem;

	s->texts = mem_calloc(2 * s->list.n + 1, sizeof *s->texts);
	if (!s->texts)
		return err_nomem(err);
	s->ids = s->texts + s->list.n;
	for (size_t i = 0; i < s->list.n; i++) {
		s->texts[i] = api_string(mem, s->list.s[i].text, s->list.s[i].len);
		s->ids[i] = s->list.s[i].id ? api_string(mem, s->list.s[i].id, s->list.s[i].id_len) : "";
	}
	return mem->failed ? err_nomem(err) : CDG_OK;
}

cdg_status
cdg_index_suggest(const cdg_index *index, const char *line, size_t len, uint32_t limit, cdg_suggestions **out,
		  cdg_error *err)
{
	cdg_suggestions *s;
	cdg_status st;

	*out = NULL;
	if (!limit || limit > SUGGEST_MAX)
		return err_set(err, CDG_E_ARG, "from 1 to %d suggestions can be asked for", SUGGEST_MAX);
	s = mem_calloc(1, sizeof *s);
	if (!s)
		return err_nomem(err);
	st = suggest_run_on(index, line, len, limit, s, err);
	if (st == CDG_OK)
		st = suggest_strings(s, err);
	if (st != CDG_OK) {
		cdg_suggestions_free(s);
		return st;
	}
	*out = s;
	return CDG_OK;
}

void
cdg_suggestions_free(cdg_suggestions *s)
{
	if (!s)
		return;
	suggestions_fini(&s->list);
	mem_free(s->texts);
	mem_free(s);
}

size_t
cdg_suggestions_count(const cdg_suggestions *s)
{
	return s->list.n;
}

const char *
cdg_suggestion_kind(const cdg_suggestions *s, size_t i)
{
	static const char *const names[] = { "word", "phrase", "value", "title" };

	return i < s->list.n ? names[s->list.s[i].kind] : "";
}

const char *
cdg_suggestion_text(const cdg_suggestions *s, size_t i)
{
	return i < s->list.n ? s->texts[i] : "";
}

uint64_t
cdg_suggestion_documents(const cdg_suggestions *s, size_t i)
{
	return i < s->list.n ? s->list.s[i].documents : 0;
}

const char *
cdg_suggestion_id(const cdg_suggestions *s, size_t i)
{
	return i < s->list.n ? s->ids[i] : "";
}
