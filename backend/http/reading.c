/* reading.c - documents, concordances and suggestions of a server. */
#include "backend/http/remote.h"

#include <stdio.h>

#include "backend/api_lines.h"
#include "backend/api_view.h"
#include "engine/kind.h"

/* ---- a document ----------------------------------------------------------------------- */

/* Places rise and lie in the text, as those who show them rely on. */
static bool
read_matches(const json_value *from, view *v)
{
	uint64_t at = 0;

	v->matches = mem_calloc(from->count + 1, sizeof *v->matches);
	if (!v->matches)
		return true;
	for (const json_value *m = from->first; m; m = m->next) {
		view_match *to = &v->matches[v->nmatches++];

		to->start = json_number(json_get(m, "start"));
		to->end = json_number(json_get(m, "end"));
		if (to->start < at || to->end <= to->start || to->end > v->length)
			return false;
		at = to->end;
	}
	return true;
}

static bool
read_nodes(const json_value *from, const json_value *total, uint64_t length, view_nodes *nodes)
{
	uint64_t at = 0;

	nodes->total = json_number(total);
	nodes->at = mem_calloc(from->count + 1, sizeof *nodes->at);
	for (const json_value *p = from->first; nodes->at && p; p = p->next) {
		view_node *to = &nodes->at[nodes->n++];
		const char *page = remote_read_page(p);

		to->kind = (uint8_t)tree_kind_find(json_text(json_get(p, "kind")));
		to->label = mem_strdup(json_text(json_get(p, "label")));
		to->page = *page ? mem_strdup(page) : NULL;
		to->depth = (uint32_t)json_number(json_get(p, "depth"));
		to->start = json_number(json_get(p, "start"));
		to->end = json_number(json_get(p, "end"));
		to->matches = json_number(json_get(p, "matches"));
		if (!to->label || (*page && !to->page)) {
			mem_free(nodes->at[--nodes->n].label);
			mem_free(nodes->at[nodes->n].page);
			mem_free(nodes->at);
			*nodes = (view_nodes){ 0 };
			break;
		}
		if (to->start < at || to->end < to->start || to->end > length)
			return false;
		at = to->start;
	}
	return true;
}

/* Code points of valid UTF-8. */
static uint64_t
characters(const char *s)
{
	uint64_t n = 0;

	for (; *s; s++)
		n += ((uint8_t)*s & 0xc0) != 0x80;
	return n;
}

static cdg_status
read_view(const remote *x, const json_value *from, cdg_view *v, cdg_error *err)
{
	const json_value *sections = json_get(from, "outline"), *pages = json_get(from, "pages");

	CDG_TRY(remote_read_head(from, &v->r, err));
	remote_read_hit(from, &v->r.mem, &v->hit);
	v->text = json_text(json_get(from, "text"));
	v->v.length = json_number(json_get(from, "length"));
	v->v.start = json_number(json_get(from, "start"));
	v->v.end = json_number(json_get(from, "end"));
	v->v.cut = json_true(json_get(from, "cut"));
	v->v.total = json_number(json_get(from, "matches_total"));
	v->v.first = json_number(json_get(from, "matches_first"));
	v->v.first -= v->v.first > 0;
	if (json_get(from, "text")->type != JSON_STRING || v->v.start > v->v.length ||
	    v->v.end - v->v.start != characters(v->text) || v->v.end > v->v.length ||
	    !read_matches(json_get(from, "matches"), &v->v) ||
	    !read_nodes(sections, json_get(from, "outline_total"), v->v.length, &v->v.sections) ||
	    !read_nodes(pages, json_get(from, "pages_total"), v->v.length, &v->v.pages))
		return remote_nonsense(x, err);
	return v->v.matches && v->v.sections.at && v->v.pages.at && !v->r.mem.failed ? CDG_OK : err_nomem(err);
}

cdg_status
remote_view(const remote *x, const cdg_request *rq, const char *query, size_t len, const char *id, size_t idlen,
	    uint64_t from, uint64_t to, cdg_view *v, cdg_error *err)
{
	const json_value *answer;
	buf params;
	cdg_status st;

	buf_init(&params);
	st = remote_put_request(x, &params, rq, query, len, err);
	if (st != CDG_OK) {
		buf_fini(&params);
		return st;
	}
	remote_put(&params, "id", id, idlen);
	if (from)
		remote_put_number(&params, "from", from);
	if (to != UINT64_MAX)
		remote_put_number(&params, "to", to);
	CDG_TRY(remote_ask(x, "/doc", &params, rq, &v->r.mem, &answer, err));
	return read_view(x, answer, v, err);
}

/* ---- a concordance -------------------------------------------------------------------- */

static void
read_line(const json_value *from, arena *mem, cdg_line *l)
{
	l->id = json_text(json_get(from, "id"));
	l->title = json_text(json_get(from, "title"));
	l->date = json_text(json_get(from, "date"));
	l->url = json_text(json_get(from, "url"));
	l->lang = json_text(json_get(from, "lang"));
	l->left = json_text(json_get(from, "left"));
	l->match = json_text(json_get(from, "match"));
	l->right = json_text(json_get(from, "right"));
	l->page = remote_read_page(from);
	l->link = json_text(json_get(from, "link"));
	l->sections = remote_read_list(json_get(from, "section"), mem, &l->section_count);
	l->start = json_number(json_get(from, "start"));
	l->end = json_number(json_get(from, "end"));
}

static cdg_status
read_lines(const remote *x, const json_value *from, uint64_t limit, cdg_lines *out, cdg_error *err)
{
	const json_value *lines = json_get(from, "lines");

	if (lines->type != JSON_ARRAY)
		return remote_nonsense(x, err);
	CDG_TRY(remote_read_head(from, &out->r, err));
	out->total = json_number(json_get(from, "total"));
	out->total_exact = json_true(json_get(from, "total_exact"));
	out->documents = json_number(json_get(from, "documents"));
	out->sorted = json_number(json_get(from, "sorted"));
	out->truncated = json_true(json_get(from, "truncated"));
	out->at = arena_zalloc(&out->r.mem, (lines->count + 1) * sizeof *out->at);
	if (out->at)
		for (const json_value *l = lines->first; l && out->n < limit; l = l->next)
			read_line(l, &out->r.mem, &out->at[out->n++]);
	return out->r.mem.failed ? err_nomem(err) : CDG_OK;
}

cdg_status
remote_lines(const remote *x, const cdg_request *rq, const char *query, size_t len, cdg_line_order order,
	     uint32_t context, bool words, cdg_lines *out, cdg_error *err)
{
	static const char *const orders[] = { "document", "left", "right" };
	uint64_t limit = rq ? rq->limit : 10;
	const json_value *answer;
	char wide[16];
	buf params;
	cdg_status st;

	buf_init(&params);
	st = remote_put_request(x, &params, rq, query, len, err);
	if (st != CDG_OK) {
		buf_fini(&params);
		return st;
	}
	remote_put_number(&params, "n", limit ? limit : 1); /* a server gives no fewer */
	remote_put_number(&params, "offset", rq ? rq->offset : 0);
	remote_put(&params, "sort", orders[order], strlen(orders[order]));
	snprintf(wide, sizeof wide, "%u%s", context, words ? "w" : "");
	remote_put(&params, "context", wide, strlen(wide));
	CDG_TRY(remote_ask(x, "/docs/concordance", &params, rq, &out->r.mem, &answer, err));
	return read_lines(x, answer, limit, out, err);
}

/* ---- suggestions ---------------------------------------------------------------------- */

static bool
read_suggestion(const json_value *from, suggestion *s)
{
	static const char *const kinds[] = { "word", "phrase", "value", "title" };
	const char *kind = json_text(json_get(from, "kind"));

	s->text = json_text(json_get(from, "text"));
	s->len = strlen(s->text);
	s->documents = json_number(json_get(from, "documents"));
	s->id = json_text(json_get(from, "id"));
	s->id_len = strlen(s->id);
	for (s->kind = 0; s->kind < countof(kinds); s->kind++)
		if (!strcmp(kind, kinds[s->kind]))
			return true;
	return false; /* of a later version */
}

cdg_status
remote_suggest(const remote *x, const char *line, size_t len, uint32_t limit, suggestions *out, cdg_error *err)
{
	const json_value *answer, *list;
	buf params;

	buf_init(&params);
	remote_put(&params, "q", line, len);
	remote_put_number(&params, "n", limit);
	CDG_TRY(remote_ask(x, "/suggest", &params, NULL, &out->mem, &answer, err));
	list = json_get(answer, "suggestions");
	if (list->type != JSON_ARRAY)
		return remote_nonsense(x, err);
	out->s = arena_zalloc(&out->mem, (list->count + 1) * sizeof *out->s);
	if (!out->s)
		return err_nomem(err);
	for (const json_value *s = list->first; s && out->n < limit; s = s->next)
		out->n += read_suggestion(s, &out->s[out->n]);
	return CDG_OK;
}
