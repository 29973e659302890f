/* xml_map.c - see xml_map.h. */
#include "extract/xml_map.h"

#include <stdio.h>

#include "base/file.h"
#include "base/mem.h"
#include "engine/kind.h"

struct extract_xml_map {
	arena a;
	xml_map *first;
};

typedef struct map_word {
	const char *p;
	size_t n;
} map_word;

/* The text while it is read. */
typedef struct map_source {
	extract_xml_map *maps;
	xml_map *map, **tail;
	xml_rule **ends[XML_BUCKETS + 1]; /* where the next rule of a bucket goes; the last: of any */
	unsigned line;
	uint16_t order;
	cdg_error *err;
} map_source;

static const struct map_action {
	const char *word;
	uint8_t action;
} map_actions[] = {
	{ "auto", XML_AUTO },	  { "block", XML_BLOCK },   { "cell", XML_CELL },   { "date", XML_DATE },
	{ "day", XML_DAY },	  { "document", XML_DOCUMENT }, { "field", XML_FIELD }, { "heading", XML_HEADING },
	{ "id", XML_ID },	  { "ignore", XML_IGNORE }, { "inline", XML_INLINE }, { "label", XML_LABEL },
	{ "lang", XML_LANG },	  { "line", XML_LINE },	    { "mark", XML_MARK },   { "month", XML_MONTH },
	{ "note", XML_NOTE },	  { "number", XML_NUMBER },
	{ "pre", XML_PRE },	  { "rank", XML_RANK },	    { "row", XML_LINE },    { "section", XML_SECTION },
	{ "title", XML_TITLE },	  { "url", XML_URL },	    { "year", XML_YEAR },
};

static bool
map_is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static map_word
map_trim(map_word w)
{
	while (w.n && map_is_space(w.p[0])) {
		w.p++;
		w.n--;
	}
	while (w.n && map_is_space(w.p[w.n - 1]))
		w.n--;
	return w;
}

/* Takes the first word off. */
static map_word
map_next(map_word *rest)
{
	map_word w;

	*rest = map_trim(*rest);
	w.p = rest->p;
	for (w.n = 0; w.n < rest->n && !map_is_space(w.p[w.n]);)
		w.n++;
	rest->p += w.n;
	rest->n -= w.n;
	return w;
}

static bool
map_is(map_word w, const char *word)
{
	return w.n == strlen(word) && memcmp(w.p, word, w.n) == 0;
}

static bool
map_starts(map_word *w, const char *word)
{
	size_t n = strlen(word);

	if (w->n < n || memcmp(w->p, word, n) != 0)
		return false;
	w->p += n;
	w->n -= n;
	return true;
}

static cdg_status
map_bad(map_source *s, const char *what, map_word w)
{
	return err_set(s->err, CDG_E_INPUT, "line %u: %s: \"%.*s\"", s->line, what, (int)min_size(w.n, 60), w.p);
}

static cdg_status
map_copy(map_source *s, map_word w, const char **out)
{
	*out = arena_strndup(&s->maps->a, w.p, w.n);
	return *out ? CDG_OK : err_nomem(s->err);
}

/* ---- patterns -------------------------------------------------------- */

static bool
map_is_name(map_word w)
{
	for (size_t i = 0; i < w.n; i++)
		if (strchr("/@[]='\"<>&", w.p[i]))
			return false;
	return w.n > 0;
}

/* The [@name] or [@name=value] at the end of a step: taken off. */
static cdg_status
map_condition(map_source *s, xml_step *step, map_word *text)
{
	const char *open = memchr(text->p, '[', text->n), *equals;
	xml_condition *c = &s->map->conditions[s->map->nconditions];
	map_word inner, value;

	if (!open)
		return CDG_OK;
	if (s->map->nconditions == XML_CONDITIONS)
		return map_bad(s, "more than 64 conditions in one mapping", *text);
	inner = (map_word){ open + 1, (size_t)(text->p + text->n - open - 1) };
	if (inner.n < 2 || inner.p[inner.n - 1] != ']' || !map_starts(&inner, "@"))
		return map_bad(s, "a condition is [@name] or [@name=value]", *text);
	inner.n--;
	text->n = (size_t)(open - text->p);
	equals = memchr(inner.p, '=', inner.n);
	if (equals) {
		value = (map_word){ equals + 1, (size_t)(inner.p + inner.n - equals - 1) };
		if (value.n >= 2 && (value.p[0] == '\'' || value.p[0] == '"') && value.p[value.n - 1] == value.p[0])
			value = (map_word){ value.p + 1, value.n - 2 };
		inner.n = (size_t)(equals - inner.p);
		CDG_TRY(map_copy(s, value, &c->value));
	}
	if (!map_is_name(inner))
		return map_bad(s, "not the name of an attribute", inner);
	CDG_TRY(map_copy(s, inner, &c->name));
	step->condition = (uint8_t)++s->map->nconditions;
	return CDG_OK;
}

static cdg_status
map_step(map_source *s, xml_step *step, map_word text)
{
	CDG_TRY(map_condition(s, step, &text));
	if (!map_is_name(text))
		return map_bad(s, "not the name of an element", text);
	if (!map_is(text, "*"))
		CDG_TRY(map_copy(s, text, &step->name));
	if (step->condition)
		s->map->conditions[step->condition - 1].element = step->name;
	return CDG_OK;
}

/* From the last step to the first. */
static cdg_status
map_steps(map_source *s, xml_rule *r, map_word p)
{
	while (p.n) {
		size_t from = p.n;

		if (r->nsteps == XML_STEPS)
			return map_bad(s, "more than 8 steps", p);
		while (from && p.p[from - 1] != '/')
			from--;
		CDG_TRY(map_step(s, &r->steps[r->nsteps], (map_word){ p.p + from, p.n - from }));
		p.n = from ? from - 1 : 0;
		if (p.n && p.p[p.n - 1] == '/') {
			r->steps[r->nsteps].below = true;
			p.n--;
		} else if (from && !p.n) {
			r->anchored = true;
		}
		r->nsteps++;
	}
	return r->nsteps ? CDG_OK : map_bad(s, "no element", p);
}

static cdg_status
map_pattern(map_source *s, xml_rule *r, map_word pattern)
{
	const char *at = NULL;

	/* the attribute whose value it is, not that of a condition */
	for (size_t i = pattern.n; i && !at && pattern.p[i - 1] != ']'; i--)
		if (pattern.p[i - 1] == '@')
			at = pattern.p + i - 1;
	if (at) {
		map_word name = { at + 1, (size_t)(pattern.p + pattern.n - at - 1) };

		if (r->action < XML_META)
			return map_bad(s, "an attribute can only be metadata", pattern);
		if (!map_is_name(name))
			return map_bad(s, "not the name of an attribute", pattern);
		CDG_TRY(map_copy(s, name, &r->attribute));
		pattern.n = (size_t)(at - pattern.p);
		if (pattern.n && pattern.p[pattern.n - 1] == '/')
			pattern.n--;
	}
	return map_steps(s, r, pattern);
}

/* ---- actions --------------------------------------------------------- */

static cdg_status
map_number(map_source *s, map_word w, uint8_t *out)
{
	unsigned v = 0;

	for (size_t i = 0; i < w.n && v < 100; i++) {
		if (w.p[i] < '0' || w.p[i] > '9')
			return map_bad(s, "not a number of 1 to 31", w);
		v = v * 10 + (unsigned)(w.p[i] - '0');
	}
	if (v < 1 || v > 31)
		return map_bad(s, "not a number of 1 to 31", w);
	*out = (uint8_t)v;
	return CDG_OK;
}

static cdg_status
map_option(map_source *s, xml_rule *r, map_word w)
{
	map_word value = w;
	bool section = r->action == XML_SECTION || r->action == XML_HEADING;

	if (r->action == XML_FIELD && !r->field)
		return map_is_name(w) ? map_copy(s, w, &r->field) : map_bad(s, "not the name of a field", w);
	if (r->action == XML_RANK && !r->rank)
		return map_number(s, w, &r->rank);
	if (map_is(w, "inline") && r->action == XML_LABEL) {
		r->run_in = true;
		return CDG_OK;
	}
	if (map_is(w, "html") && (r->action == XML_BLOCK || r->action == XML_AUTO)) {
		r->html = true;
		return CDG_OK;
	}
	if (section && map_starts(&value, "rank=@"))
		return map_copy(s, value, &r->rank_from);
	if (section && map_starts(&value, "rank="))
		return map_number(s, value, &r->rank);
	if (section && map_starts(&value, "label=@"))
		return map_copy(s, value, &r->label_from);
	if (section && map_is(w, "auto")) {
		r->kind_from_label = true;
		return CDG_OK;
	}
	if (section) {
		r->kind = tree_kind_name(TREE_OTHER);
		for (unsigned k = 0; k < TREE_KINDS; k++)
			if (map_is(w, tree_kind_name(k))) {
				r->kind = tree_kind_name(k);
				return CDG_OK;
			}
		return map_bad(s, "not a kind of section", w);
	}
	return map_bad(s, "what is this", w);
}

static void
map_add(map_source *s, xml_rule *r)
{
	const char *name = r->steps[0].name;
	size_t bucket = XML_BUCKETS;

	if (name)
		bucket = ((unsigned char)name[0] * 5u + (unsigned char)name[strlen(name) - 1] + strlen(name)) %
			 XML_BUCKETS;
	*s->ends[bucket] = r;
	s->ends[bucket] = &r->next;
	s->map->has_documents |= r->action == XML_DOCUMENT;
}

static cdg_status
map_rule(map_source *s, map_word pattern, map_word action)
{
	xml_rule *r = arena_zalloc(&s->maps->a, sizeof *r);
	map_word word = map_next(&action);
	size_t i;

	if (!r)
		return err_nomem(s->err);
	for (i = 0; i < countof(map_actions) && !map_is(word, map_actions[i].word);)
		i++;
	if (i == countof(map_actions))
		return map_bad(s, "unknown action", word);
	r->action = map_actions[i].action;
	r->kind = tree_kind_name(TREE_SECTION);
	r->order = ++s->order;
	if (r->order == UINT16_MAX)
		return map_bad(s, "too many rules", pattern);
	for (word = map_next(&action); word.n; word = map_next(&action))
		CDG_TRY(map_option(s, r, word));
	if ((r->action == XML_FIELD && !r->field) || (r->action == XML_RANK && !r->rank))
		return map_bad(s, "something is missing behind the action", pattern);
	CDG_TRY(map_pattern(s, r, map_trim(pattern)));
	map_add(s, r);
	return CDG_OK;
}

/* ---- lines ------------------------------------------------------------ */

static cdg_status
map_begin(map_source *s, map_word name)
{
	xml_map *m = arena_zalloc(&s->maps->a, sizeof *m);

	if (!m)
		return err_nomem(s->err);
	m->otherwise = XML_AUTO;
	*s->tail = s->map = m;
	s->tail = &m->next;
	for (size_t i = 0; i < XML_BUCKETS; i++)
		s->ends[i] = &m->bucket[i];
	s->ends[XML_BUCKETS] = &m->any;
	return map_copy(s, map_trim(name), &m->name);
}

static cdg_status
map_roots(map_source *s, map_word rest)
{
	map_word count = rest;
	size_t n = 0;

	while (map_next(&count).n)
		n++;
	s->map->roots = arena_zalloc(&s->maps->a, (n + 1) * sizeof *s->map->roots);
	if (!s->map->roots)
		return err_nomem(s->err);
	for (size_t i = 0; i < n; i++)
		CDG_TRY(map_copy(s, map_next(&rest), &s->map->roots[i]));
	return CDG_OK;
}

static cdg_status
map_constant(map_source *s, map_word rest)
{
	xml_constant *c = arena_zalloc(&s->maps->a, sizeof *c);
	map_word field = map_next(&rest);

	if (!c)
		return err_nomem(s->err);
	rest = map_trim(rest);
	if (!field.n || !rest.n)
		return map_bad(s, "set: needs a field and its value", field);
	CDG_TRY(map_copy(s, field, &c->field));
	CDG_TRY(map_copy(s, rest, &c->value));
	c->next = s->map->constants;
	s->map->constants = c;
	return CDG_OK;
}

/* A mapping of the same text, above or below: found at the end. */
static cdg_status
map_like(map_source *s, map_word name)
{
	return map_copy(s, name, &s->map->like_name);
}

static cdg_status
map_resolve(map_source *s)
{
	for (xml_map *m = s->maps->first; m; m = m->next) {
		if (!m->like_name)
			continue;
		m->like = extract_xml_map_named(s->maps, m->like_name);
		if (!m->like || m->like == m || m->like->like_name)
			return err_set(s->err, CDG_E_INPUT, "[%s]: like: there is no mapping \"%s\" of its own rules", m->name,
				       m->like_name);
	}
	return CDG_OK;
}

static cdg_status
map_setting(map_source *s, map_word line)
{
	map_word rest = line;

	if (map_starts(&rest, "root:"))
		return map_roots(s, rest);
	if (map_starts(&rest, "namespace:"))
		return map_copy(s, map_trim(rest), &s->map->ns);
	if (map_starts(&rest, "like:"))
		return map_like(s, map_trim(rest));
	if (map_starts(&rest, "set:"))
		return map_constant(s, rest);
	if (map_starts(&rest, "otherwise:")) {
		rest = map_trim(rest);
		for (size_t i = 0; i < countof(map_actions); i++)
			if (map_actions[i].action <= XML_IGNORE && map_is(rest, map_actions[i].word)) {
				s->map->otherwise = map_actions[i].action;
				return CDG_OK;
			}
		return map_bad(s, "otherwise: auto, inline, block, line or ignore", rest);
	}
	return map_bad(s, "neither \"PATTERN = ACTION\" nor a setting", line);
}

static cdg_status
map_line(map_source *s, map_word line)
{
	line = map_trim(line);
	if (!line.n || line.p[0] == '#')
		return CDG_OK;
	if (line.p[0] == '[') {
		if (line.n < 3 || line.p[line.n - 1] != ']')
			return map_bad(s, "a mapping begins with [NAME]", line);
		return map_begin(s, (map_word){ line.p + 1, line.n - 2 });
	}
	if (!s->map)
		return map_bad(s, "a mapping begins with [NAME]", line);
	for (size_t i = 1; i + 1 < line.n; i++)
		if (line.p[i] == '=' && map_is_space(line.p[i - 1]) && map_is_space(line.p[i + 1]))
			return map_rule(s, (map_word){ line.p, i - 1 },
					(map_word){ line.p + i + 1, line.n - i - 1 });
	return map_setting(s, line);
}

extract_xml_map *
extract_xml_map_load(const char *text, size_t n, cdg_error *err)
{
	extract_xml_map *maps = mem_calloc(1, sizeof *maps);
	map_source s = { .maps = maps, .err = err };
	const char *end = text + n;
	cdg_status st = CDG_OK;

	if (!maps) {
		err_nomem(err);
		return NULL;
	}
	arena_init(&maps->a);
	s.tail = &maps->first;
	while (text < end && st == CDG_OK) {
		const char *nl = memchr(text, '\n', (size_t)(end - text));
		const char *stop = nl ? nl : end;

		s.line++;
		st = map_line(&s, (map_word){ text, (size_t)(stop - text) });
		text = nl ? nl + 1 : end;
	}
	if (st == CDG_OK)
		st = map_resolve(&s);
	if (st == CDG_OK)
		return maps;
	extract_xml_map_free(maps);
	return NULL;
}

cdg_status
extract_xml_map_read(const char *path, buf *text, cdg_error *err)
{
	extract_xml_map *maps;
	cdg_error why = { CDG_OK, "" };
	unsigned line = 0;
	int after = 0;

	CDG_TRY(file_read(path, EXTRACT_XML_MAP_MAX, text, err));
	maps = extract_xml_map_load(text->p ? (const char *)text->p : "", text->len, &why);
	extract_xml_map_free(maps);
	if (maps || why.status == CDG_E_NOMEM)
		return maps ? CDG_OK : err_nomem(err);
	if (sscanf(why.message, "line %u: %n", &line, &after) < 1 || !after)
		return err_set(err, CDG_E_INPUT, "%s: %s", path, why.message);
	return err_set(err, CDG_E_INPUT, "%s:%u: %s", path, line, why.message + after);
}

void
extract_xml_map_free(extract_xml_map *maps)
{
	if (maps)
		arena_fini(&maps->a);
	mem_free(maps);
}

static bool
map_has_root(const xml_map *m, const char *root, const char *ns)
{
	if (!m->roots || (m->ns && (!ns || !strstr(ns, m->ns))))
		return false;
	for (size_t i = 0; m->roots[i]; i++)
		if (strcmp(m->roots[i], root) == 0 || strcmp(m->roots[i], "*") == 0)
			return true;
	return false;
}

const xml_map *
extract_xml_map_find(const extract_xml_map *maps, const char *root, const char *ns)
{
	for (const xml_map *m = maps ? maps->first : NULL; m; m = m->next)
		if (map_has_root(m, root, ns))
			return m;
	return NULL;
}

const xml_map *
extract_xml_map_named(const extract_xml_map *maps, const char *name)
{
	for (const xml_map *m = maps ? maps->first : NULL; m; m = m->next)
		if (strcmp(m->name, name) == 0)
			return m;
	return NULL;
}
