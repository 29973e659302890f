/* map.c - see map.h. */
#include "backend/xapian/map.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"

enum { MAP_MAX = 1 << 20 };

/* docs/termprefixes and the values of omindex, of xapian-omega 1.4. */
static const char map_omega[] = "stem english\n"
				"text author A\n"
				"text filename F\n"
				"term type T\n"
				"term lang L\n"
				"term ext E\n"
				"term host H\n"
				"term path P\n"
				"term url U\n"
				"term id Q\n"
				"value date 0 time\n"
				"value size 2 number\n"
				"data caption title\n"
				"data sample text\n"
				"data body text\n"
				"data language lang\n"
				"data modtime date\n";

static char *
map_word(char **at)
{
	char *p = *at, *from;

	while (*p == ' ' || *p == '\t' || *p == '\r')
		p++;
	from = p;
	while (*p && *p != ' ' && *p != '\t' && *p != '\r')
		p++;
	if (*p)
		*p++ = 0;
	*at = p;
	return from;
}

const xap_map_field *
xap_map_find(const xap_map *m, const char *name, size_t n)
{
	for (size_t i = 0; i < m->nfields; i++)
		if (strlen(m->fields[i].name) == n && !memcmp(m->fields[i].name, name, n))
			return &m->fields[i];
	return NULL;
}

/* The field of a name, made if it is new. */
static xap_map_field *
map_field(xap_map *m, const char *name)
{
	for (size_t i = 0; i < m->nfields; i++)
		if (!strcmp(m->fields[i].name, name))
			return &m->fields[i];
	if (!mem_grow(&m->fields, &m->fields_cap, m->nfields + 1, sizeof *m->fields))
		return NULL;
	m->fields[m->nfields] = (xap_map_field){ .name = mem_strdup(name) };
	return m->fields[m->nfields].name ? &m->fields[m->nfields++] : NULL;
}

static bool
map_replace(char **to, const char *s)
{
	mem_free(*to);
	*to = mem_strdup(s);
	return *to != NULL;
}

static const char *
map_terms(xap_map *m, const char *name, const char *prefix, bool words, bool *nomem)
{
	xap_map_field *f;

	if (!*name || !*prefix)
		return "a name and a prefix are needed";
	f = map_field(m, name);
	*nomem = !f || !map_replace(&f->prefix, prefix);
	if (!*nomem)
		f->words = words;
	return NULL;
}

static const char *
map_value(xap_map *m, const char *name, const char *slot, const char *type, bool *nomem)
{
	static const char *const types[] = { "", "number", "string", "yyyymmdd", "time" };
	char *end;
	unsigned long number;
	xap_map_field *f;
	size_t i = 1;

	errno = 0;
	number = strtoul(slot, &end, 10);
	while (i < countof(types) && strcmp(types[i], type) != 0)
		i++;
	if (!*name || !*slot || *end || errno || *slot == '-' || number >= UINT32_MAX)
		return "a name and the number of a value are needed";
	if (i == countof(types))
		return "the type of a value is number, string, yyyymmdd or time";
	f = map_field(m, name);
	*nomem = !f;
	if (f) {
		f->slot = (uint32_t)number;
		f->type = (uint8_t)i;
	}
	return NULL;
}

static const char *
map_data(xap_map *m, const char *from, const char *to, bool *nomem)
{
	xap_map_data *d;

	if (!*from || !*to)
		return "two names are needed";
	*nomem = !mem_grow(&m->data, &m->data_cap, m->ndata + 1, sizeof *m->data);
	if (*nomem)
		return NULL;
	d = &m->data[m->ndata];
	*d = (xap_map_data){ mem_strdup(from), mem_strdup(to) };
	*nomem = !d->from || !d->to;
	m->ndata++;
	return NULL;
}

/* What is wrong with a line, or NULL. */
static const char *
map_line(xap_map *m, char *line, bool *nomem)
{
	const char *what = map_word(&line), *a = map_word(&line), *b = map_word(&line), *c = map_word(&line);

	*nomem = false;
	if (!*what || *what == '#')
		return NULL;
	if (!strcmp(what, "stem") && *a) {
		*nomem = !map_replace(&m->stem, a);
		return NULL;
	}
	if (!strcmp(what, "text"))
		return map_terms(m, a, b, true, nomem);
	if (!strcmp(what, "term"))
		return map_terms(m, a, b, false, nomem);
	if (!strcmp(what, "value"))
		return map_value(m, a, b, c, nomem);
	if (!strcmp(what, "data"))
		return map_data(m, a, b, nomem);
	return "a line begins with stem, text, term, value or data";
}

static cdg_status
map_lines(xap_map *m, char *text, const char *path, cdg_error *err)
{
	unsigned number = 1;

	for (char *line = text, *next; line; line = next, number++) {
		bool nomem;
		const char *wrong;

		next = strchr(line, '\n');
		if (next)
			*next++ = 0;
		wrong = map_line(m, line, &nomem);
		if (nomem)
			return err_nomem(err);
		if (wrong)
			return err_set(err, CDG_E_INPUT, "%s, line %u: %s", path, number, wrong);
	}
	return CDG_OK;
}

static cdg_status
map_file(xap_map *m, const char *path, cdg_error *err)
{
	cdg_status st;
	buf b;

	buf_init(&b);
	st = file_read(path, MAP_MAX, &b, err);
	if (st == CDG_OK) {
		buf_cstr(&b);
		st = b.failed ? err_nomem(err) : map_lines(m, (char *)b.p, path, err);
	}
	buf_fini(&b);
	return st;
}

cdg_status
xap_map_load(xap_map *m, const char *path, cdg_error *err)
{
	char text[sizeof map_omega], file[4096];
	size_t n = strlen(path);

	memset(m, 0, sizeof *m);
	memcpy(text, map_omega, sizeof text);
	CDG_TRY(map_lines(m, text, "Omega", err));
	if (file_is_dir(path) && file_join(file, sizeof file, path, "cdgsearch.map", NULL) == CDG_OK && file_exists(file))
		return map_file(m, file, err);
	while (n > 1 && path[n - 1] == '/')
		n--;
	if (snprintf(file, sizeof file, "%.*s.map", (int)n, path) < (int)sizeof file && file_exists(file))
		return map_file(m, file, err);
	return CDG_OK;
}

void
xap_map_fini(xap_map *m)
{
	for (size_t i = 0; i < m->nfields; i++) {
		mem_free(m->fields[i].name);
		mem_free(m->fields[i].prefix);
	}
	for (size_t i = 0; i < m->ndata; i++) {
		mem_free(m->data[i].from);
		mem_free(m->data[i].to);
	}
	mem_free(m->fields);
	mem_free(m->data);
	mem_free(m->stem);
	memset(m, 0, sizeof *m);
}

/* The last that was said counts: a file comes behind Omega's. */
const char *
xap_map_name(const xap_map *m, const char *name, size_t n)
{
	for (size_t i = m->ndata; i-- > 0;)
		if (strlen(m->data[i].from) == n && !memcmp(m->data[i].from, name, n))
			return m->data[i].to;
	return NULL;
}
