/* queries.c - see queries.h.  Strict, for a query that is read wrongly makes a
 * figure that is wrong.
 */
#include "bench/queries.h"

#include "base/file.h"
#include "bench/json.h"
#include "bench/tool.h"

/* ---- tags ----------------------------------------------------------------- */

/* The bit of a tag; later ones than QUERIES_TAGS_MAX are not told apart. */
static uint64_t
tag_bit(queries *s, const char *tag, size_t n)
{
	for (size_t i = 0; i < s->ntags; i++)
		if (strlen(s->tags[i]) == n && !memcmp(s->tags[i], tag, n))
			return 1ULL << i;
	if (s->ntags == QUERIES_TAGS_MAX || !n)
		return 0;
	s->tags[s->ntags] = arena_strndup(&s->mem, tag, n);
	return s->tags[s->ntags] ? 1ULL << s->ntags++ : 0;
}

static bool
json_tags(json *j, queries *s, uint64_t *tags)
{
	const char *tag;
	size_t n;

	if (!json_take(j, '['))
		return json_fail(j, "\"tags\" is not a list of strings");
	if (json_take(j, ']'))
		return true;
	do {
		if (!json_string(j, &tag, &n))
			return json_fail(j, "\"tags\" is not a list of strings");
		*tags |= tag_bit(s, tag, n);
	} while (json_take(j, ','));
	return json_take(j, ']') || json_fail(j, "\"tags\" does not end");
}

static bool
json_query(json *j, queries *s, queries_item *q)
{
	const char *key;
	size_t n;

	if (!json_take(j, '{'))
		return json_fail(j, "not a JSON object");
	do {
		if (!json_string(j, &key, &n) || !json_take(j, ':'))
			return json_fail(j, "not a JSON object");
		json_blank(j);
		if (n == 4 && !memcmp(key, "text", 4)) {
			if (j->at < j->end && *j->at != '"')
				return json_fail(j, "\"text\" is not a string");
			if (!json_string(j, &q->text, &q->len))
				return false;
		} else if (n == 4 && !memcmp(key, "tags", 4)) {
			if (!json_tags(j, s, &q->tags))
				return false;
		} else if (!json_skip(j)) {
			return false;
		}
	} while (json_take(j, ','));
	if (!json_take(j, '}'))
		return json_fail(j, "'}' is missing");
	json_blank(j);
	if (j->at < j->end)
		return json_fail(j, "something follows the object");
	return q->text || json_fail(j, "there is no \"text\"");
}

/* ---- lines ---------------------------------------------------------------- */

static cdg_status
queries_line(queries *s, const char *p, size_t n, bool is_json, const char *path, uint64_t line, cdg_error *err)
{
	queries_item *q;
	const char *tab;

	if (!mem_grow(&s->q, &s->cap, s->n + 1, sizeof *s->q))
		return err_nomem(err);
	q = &s->q[s->n];
	memset(q, 0, sizeof *q);
	if (!tool_is_text(p, n))
		return err_set(err, CDG_E_INPUT, "%s: line %llu: not UTF-8, or with control characters: "
			       "queries must be UTF-8 text", path, (unsigned long long)line);
	if (is_json) {
		json j = { p, p + n, &s->mem, NULL };

		if (!json_query(&j, s, q))
			return s->mem.failed ? err_nomem(err)
					     : err_set(err, CDG_E_INPUT, "%s: line %llu, byte %zu: %s", path,
						       (unsigned long long)line, (size_t)(j.at - p) + 1, j.why);
	} else {
		tab = memchr(p, '\t', n);
		if (tab) {
			q->tags = tag_bit(s, p, (size_t)(tab - p));
			n -= (size_t)(tab + 1 - p);
			p = tab + 1;
		}
		q->len = n;
		q->text = arena_strndup(&s->mem, p, n);
	}
	if (s->mem.failed)
		return err_nomem(err);
	s->n++;
	return CDG_OK;
}

static cdg_status
queries_lines(queries *s, const char *p, const char *end, const char *path, cdg_error *err)
{
	uint64_t line = 1;
	bool is_json = false, first = true;

	if (end - p >= 3 && !memcmp(p, "\xef\xbb\xbf", 3))
		p += 3;
	for (const char *nl; p < end; p = nl + 1, line++) {
		size_t n;

		nl = memchr(p, '\n', (size_t)(end - p));
		nl = nl ? nl : end;
		n = (size_t)(nl - p);
		if (n && p[n - 1] == '\r')
			n--;
		if (!n)
			continue;
		if (first)
			is_json = *p == '{';
		first = false;
		CDG_TRY(queries_line(s, p, n, is_json, path, line, err));
	}
	return CDG_OK;
}

cdg_status
queries_load(queries *s, const char *path, cdg_error *err)
{
	cdg_status st;
	buf in;

	memset(s, 0, sizeof *s);
	arena_init(&s->mem);
	buf_init(&in);
	st = file_read(path, (size_t)1 << 30, &in, err);
	if (st == CDG_OK)
		st = queries_lines(s, (const char *)in.p, (const char *)in.p + in.len, path, err);
	if (st == CDG_OK && !s->n)
		st = err_set(err, CDG_E_INPUT, "%s: there are no queries in it", path);
	buf_fini(&in);
	if (st != CDG_OK)
		queries_free(s);
	return st;
}

void
queries_free(queries *s)
{
	mem_free(s->q);
	arena_fini(&s->mem);
	memset(s, 0, sizeof *s);
}
