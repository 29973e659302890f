/* settings.c - see settings.h. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memmem */
#endif
#include "indexer/settings.h"

#include <stdatomic.h>
#include <stdio.h>
#include <sys/stat.h>
#include <xxhash.h>

#include "base/file.h"
#include "extract/mirror.h"
#include "extract/xml_map.h"
#include "indexer/settings_date.h"
#include "text/text.h"

enum { SETTINGS_ENTRIES_MAX = 1000 };

typedef enum settings_kind { SET_LANGUAGE, SET_DATE, SET_URL, SET_BASE, SET_FIELD, SET_RENAME } settings_kind;

/* One line that says something. */
typedef struct settings_entry {
	settings_kind kind;
	doc_str name, value; /* name: FIELD, RENAME; the folder of a BASE */
	size_t folder;       /* URL, BASE: bytes of paths before the part that counts */
	bool own;            /* from this file, not from above */
} settings_entry;

struct settings {
	atomic_uint refs;
	arena strings;
	settings_entry *entries;
	size_t n, cap;
	doc_str map;         /* mappings for XML */
	uint64_t hash;
};

/* ---- life ------------------------------------------------------------- */

/* Only the count changes, which is atomic. */
static settings *
settings_mutable(const settings *s)
{
	return (settings *)(uintptr_t)s;
}

const settings *
settings_ref(const settings *s)
{
	if (s)
		atomic_fetch_add_explicit(&settings_mutable(s)->refs, 1, memory_order_relaxed);
	return s;
}

void
settings_unref(const settings *s)
{
	settings *m = settings_mutable(s);

	if (!m || atomic_fetch_sub_explicit(&m->refs, 1, memory_order_acq_rel) != 1)
		return;
	arena_fini(&m->strings);
	mem_free(m->entries);
	mem_free(m);
}

uint64_t
settings_hash(const settings *s)
{
	return s->hash;
}

static settings *
settings_new(void)
{
	settings *s = mem_calloc(1, sizeof *s);

	if (s) {
		atomic_init(&s->refs, 1);
		arena_init(&s->strings);
	}
	return s;
}

doc_str
settings_map(const settings *s)
{
	return s ? s->map : read_str("", 0);
}

/* ---- reading ------------------------------------------------------------ */

typedef struct parse {
	settings *s;
	const char *path; /* of the file */
	size_t folder; /* bytes of that up to its name */
	bool mapped;   /* the file has named mappings */
	unsigned line;
	enum { PART_MAIN, PART_FIELDS, PART_RENAME } part;
	cdg_error *err;
} parse;

static doc_str
parse_keep(parse *p, doc_str s)
{
	char *copy = arena_strndup(&p->s->strings, s.p, s.n);

	return read_str(copy, copy ? s.n : 0);
}

static bool
same_str(doc_str a, doc_str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* What the folder above says of the same thing does not count here. */
static void
parse_replace(settings *s, settings_kind kind, doc_str name)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++) {
		const settings_entry *e = &s->entries[i];
		if (e->own || e->kind != kind || !same_str(e->name, name))
			s->entries[n++] = *e;
	}
	s->n = n;
}

static cdg_status
parse_add(parse *p, settings_kind kind, doc_str name, doc_str value, bool one)
{
	settings *s = p->s;
	settings_entry e = { .kind = kind, .folder = p->folder, .own = true };

	parse_replace(s, kind, name);
	for (size_t i = 0; one && i < s->n; i++)
		if (s->entries[i].kind == kind && same_str(s->entries[i].name, name))
			return err_set(p->err, CDG_E_INPUT, "line %u: '%.*s' is there already: remove one of the two",
				       p->line, (int)min_size(name.n, 60), name.p);
	if (s->n == SETTINGS_ENTRIES_MAX)
		return err_set(p->err, CDG_E_INPUT, "line %u: more than %d settings", p->line, SETTINGS_ENTRIES_MAX);
	if (!value.n) /* only that what is above does not count */
		return CDG_OK;
	if (!mem_grow(&s->entries, &s->cap, s->n + 1, sizeof *s->entries))
		return err_nomem(p->err);
	e.name = parse_keep(p, name);
	e.value = parse_keep(p, value);
	s->entries[s->n++] = e;
	return s->strings.failed ? err_nomem(p->err) : CDG_OK;
}

static bool
is_word(doc_str s, const char *word)
{
	return s.n == strlen(word) && !memcmp(s.p, word, s.n);
}

/* A path that is none from the root is one from the folder of the settings. */
static cdg_status
parse_map(parse *p, doc_str value)
{
	cdg_error why = { CDG_OK, "" };
	cdg_status st = CDG_OK;
	buf path = { 0 }, text = { 0 };
	struct stat is;

	if (p->mapped)
		return err_set(p->err, CDG_E_INPUT, "line %u: 'xml-map' is there already: remove one of the two", p->line);
	p->mapped = true;
	p->s->map = read_str("", 0);
	if (!value.n)
		return CDG_OK;
	buf_put(&path, p->path, value.p[0] == '/' ? 0 : p->folder);
	buf_put(&path, value.p, value.n);
	(void)buf_cstr(&path);
	if (!path.failed && !stat(buf_cstr(&path), &is) && !S_ISREG(is.st_mode))
		st = err_set(&why, CDG_E_INPUT, "%s: not a regular file", buf_cstr(&path));
	else if (!path.failed)
		st = extract_xml_map_read(buf_cstr(&path), &text, &why);
	if (st == CDG_OK)
		p->s->map = parse_keep(p, read_str(text.p ? (const char *)text.p : "", text.len));
	if (path.failed || text.failed || p->s->strings.failed || st == CDG_E_NOMEM)
		st = err_nomem(p->err);
	else if (st != CDG_OK)
		st = err_set(p->err, CDG_E_INPUT, "line %u: %s", p->line, why.message);
	buf_fini(&path);
	buf_fini(&text);
	return st;
}

static cdg_status
parse_main(parse *p, doc_str key, doc_str value)
{
	const char *why;

	if (is_word(key, "language")) {
		for (size_t i = 0; i < value.n; i++)
			if (!((value.p[i] | 32) >= 'a' && (value.p[i] | 32) <= 'z') && value.p[i] != '-')
				return err_set(p->err, CDG_E_INPUT, "line %u: '%.*s' is no code of a language: give one such "
					       "as en, de or zh", p->line, (int)min_size(value.n, 60), value.p);
		return parse_add(p, SET_LANGUAGE, key, value, true);
	}
	if (is_word(key, "date")) {
		why = value.n ? settings_date_wrong(value.p, value.n) : NULL;
		if (why)
			return err_set(p->err, CDG_E_INPUT, "line %u: the pattern '%.*s' %s", p->line,
				       (int)min_size(value.n, 60), value.p, why);
		return parse_add(p, SET_DATE, key, value, false);
	}
	if (is_word(key, "url")) {
		if (value.n && (value.n < 4 || !memmem(value.p, value.n, "://", 3)))
			return err_set(p->err, CDG_E_INPUT, "line %u: '%.*s' is no address: give one such as "
				       "https://host/folder/", p->line, (int)min_size(value.n, 60), value.p);
		return parse_add(p, SET_URL, key, value, true);
	}
	if (is_word(key, "mirror")) {
		if (value.n && !is_word(value, "yes") && !is_word(value, "no"))
			return err_set(p->err, CDG_E_INPUT, "line %u: mirror is yes or no, not '%.*s'", p->line,
				       (int)min_size(value.n, 60), value.p);
		return parse_add(p, SET_URL, read_str("url", 3), is_word(value, "yes") ? read_str("mirror", 6) : read_str("", 0),
				 true);
	}
	if (is_word(key, "xml-map"))
		return parse_map(p, value);
	if (is_word(key, "jurisdiction") || is_word(key, "type"))
		return parse_add(p, SET_FIELD, key, value, false);
	return err_set(p->err, CDG_E_INPUT, "line %u: there is no setting '%.*s': known are language, date, url, "
		       "mirror, xml-map, jurisdiction and type; other fields stand below a line [fields]",
		       p->line, (int)min_size(key.n, 60), key.p);
}

static cdg_status
parse_part(parse *p, doc_str line)
{
	if (is_word(line, "[fields]"))
		p->part = PART_FIELDS;
	else if (is_word(line, "[rename]"))
		p->part = PART_RENAME;
	else
		return err_set(p->err, CDG_E_INPUT, "line %u: there is no part %.*s: known are [fields] and [rename]",
			       p->line, (int)min_size(line.n, 60), line.p);
	return CDG_OK;
}

static cdg_status
parse_line(parse *p, doc_str line)
{
	const char *eq;
	doc_str key, value;

	line = read_str_trim(line);
	if (!line.n || line.p[0] == '#' || line.p[0] == ';')
		return CDG_OK;
	if (line.p[0] == '[')
		return parse_part(p, line);
	eq = memchr(line.p, '=', line.n);
	if (!eq)
		return err_set(p->err, CDG_E_INPUT, "line %u: '%.*s' is not of the form NAME = VALUE", p->line,
			       (int)min_size(line.n, 60), line.p);
	key = read_str_trim(read_str(line.p, (size_t)(eq - line.p)));
	value = read_str_trim(read_str(eq + 1, line.n - (size_t)(eq - line.p) - 1));
	if (!key.n)
		return err_set(p->err, CDG_E_INPUT, "line %u: there is no name before the =", p->line);
	switch (p->part) {
	case PART_FIELDS: return parse_add(p, SET_FIELD, key, value, false);
	case PART_RENAME: return parse_add(p, SET_RENAME, key, value, true);
	default: return parse_main(p, key, value);
	}
}

static void
settings_finish(settings *s)
{
	uint64_t h = 1;

	for (size_t i = 0; i < s->n; i++) {
		const settings_entry *e = &s->entries[i];
		h = XXH3_64bits_withSeed(e->name.p ? e->name.p : "", e->name.n, h * 31 + e->kind);
		h = XXH3_64bits_withSeed(e->value.p ? e->value.p : "", e->value.n, h * 31 + e->folder);
	}
	h = s->map.n ? XXH3_64bits_withSeed(s->map.p, s->map.n, h) : h;
	s->hash = h ? h : 1;
}

/* Begins as the one above; only the entries are copied, with their strings. */
static bool
settings_inherit(settings *s, const settings *above)
{
	if (above && above->map.n)
		s->map = read_str(arena_strndup(&s->strings, above->map.p, above->map.n), above->map.n);
	for (size_t i = 0; above && i < above->n; i++) {
		settings_entry e = above->entries[i];
		e.name.p = arena_strndup(&s->strings, e.name.p, e.name.n);
		e.value.p = arena_strndup(&s->strings, e.value.p, e.value.n);
		e.own = false;
		if (!mem_grow(&s->entries, &s->cap, s->n + 1, sizeof *s->entries))
			return false;
		s->entries[s->n++] = e;
	}
	return !s->strings.failed;
}

static size_t
folder_length(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? (size_t)(slash + 1 - path) : 0;
}

cdg_status
settings_parse(const char *path, const char *text, size_t n, const settings *above, const settings **out,
	       cdg_error *err)
{
	parse p = { .s = settings_new(), .path = path, .folder = folder_length(path), .err = err };
	const char *end = text;
	text_clean clean = { 0 };
	cdg_status st = CDG_OK;
	buf utf8 = { 0 };

	*out = NULL;
	if (!p.s)
		return err_nomem(err);
	if (!settings_inherit(p.s, above))
		st = err_nomem(err);
	if (st == CDG_OK)
		st = text_sanitize(text, n, &utf8, &text, &n, &clean, err);
	if (st == CDG_OK && clean.replaced)
		st = err_set(err, CDG_E_INPUT, "it is not valid UTF-8: save it as such");
	end = text + n;
	while (st == CDG_OK && text < end) {
		const char *nl = memchr(text, '\n', (size_t)(end - text));
		p.line++;
		st = parse_line(&p, read_str(text, (size_t)((nl ? nl : end) - text)));
		text = nl ? nl + 1 : end;
	}
	buf_fini(&utf8);
	if (st != CDG_OK) {
		settings_unref(p.s);
		return st;
	}
	settings_finish(p.s);
	*out = p.s;
	return CDG_OK;
}

cdg_status
settings_global(doc_str map, const settings_base *bases, size_t n, const settings **out, cdg_error *err)
{
	settings *s;

	*out = NULL;
	if (!map.n && !n)
		return CDG_OK;
	s = settings_new();
	if (!s)
		return err_nomem(err);
	s->map = read_str(arena_strndup(&s->strings, map.p ? map.p : "", map.n), map.n);
	for (size_t i = 0; i < n && mem_grow(&s->entries, &s->cap, i + 1, sizeof *s->entries); i++) {
		const char *dir = bases[i].dir, *url = bases[i].url ? bases[i].url : "mirror";
		size_t length = strlen(dir);
		bool here = length == 1 && dir[0] == '.', slash = length && dir[length - 1] == '/';

		s->entries[s->n++] = (settings_entry){ .kind = SET_BASE, .folder = here ? 0 : length + !slash,
			.name = read_str(arena_strndup(&s->strings, dir, length), length),
			.value = read_str(arena_strndup(&s->strings, url, strlen(url)), strlen(url)) };
	}
	if (s->n < n || s->strings.failed) {
		settings_unref(s);
		return err_nomem(err);
	}
	settings_finish(s);
	*out = s;
	return CDG_OK;
}

cdg_status
settings_load(const char *path, const settings *above, const settings **out, cdg_error *err)
{
	buf text = { 0 };
	cdg_status st = file_read(path, SETTINGS_FILE_MAX, &text, err);

	*out = NULL;
	if (st == CDG_OK)
		st = settings_parse(path, text.len ? (const char *)text.p : "", text.len, above, out, err);
	buf_fini(&text);
	return st;
}

/* ---- applying ----------------------------------------------------------- */

/* A field under another name: one of those that every document has, unless it has
 * it, or another field. */
static void
apply_field(const settings *s, read_build *b, const doc_field *f)
{
	char date[24];
	doc_str name = f->name, value = f->string;
	read_key key = READ_KEY_OTHER;

	for (size_t i = 0; i < s->n; i++)
		if (s->entries[i].kind == SET_RENAME && same_str(s->entries[i].name, f->name)) {
			name = s->entries[i].value;
			key = read_build_key(name.p, name.n);
		}
	if (key == READ_KEY_ID || key == READ_KEY_TEXT)
		key = READ_KEY_OTHER;
	if (f->type == DOC_DATE && key != READ_KEY_OTHER)
		value = read_build_copy(b, date, doc_format_date(f->date, date));
	if (key != READ_KEY_OTHER && f->type != DOC_NUMBER) {
		bool has = key == READ_KEY_TITLE ? b->doc.title.n != 0 : key == READ_KEY_DATE ? b->doc.has_date :
			   key == READ_KEY_LANG ? b->doc.lang.n != 0 : b->doc.url.n != 0;
		if (!has)
			read_build_known(b, key, value);
		return;
	}
	if (!mem_grow(&b->fields, &b->fields_cap, b->doc.nfields + 1, sizeof *b->fields)) {
		b->failed = true;
		return;
	}
	b->fields[b->doc.nfields] = *f;
	b->fields[b->doc.nfields++].name = name;
}

static bool
has_field(const read_build *b, size_t n, doc_str name)
{
	for (size_t i = 0; i < n; i++)
		if (same_str(b->fields[i].name, name))
			return true;
	return false;
}

/* Is this name set more than once? */
static bool
is_list(const settings *s, doc_str name)
{
	unsigned n = 0;

	for (size_t i = 0; i < s->n; i++)
		n += s->entries[i].kind == SET_FIELD && same_str(s->entries[i].name, name);
	return n > 1;
}

/* Does the address of e count for the file? */
static bool
is_below(const settings_entry *e, const char *path)
{
	size_t n = e->name.n;

	if (e->kind != SET_BASE)
		return e->kind == SET_URL;
	return e->folder == 0 ? path[0] != '/' : strncmp(path, e->name.p, n) == 0 && path[e->folder - 1] == '/';
}

/* The address of a file of a mirror, by the innermost folder that has one. */
static void
apply_url(const settings *s, read_build *b, const char *path)
{
	const settings_entry *best = NULL;
	buf url = { 0 };
	bool named;

	for (size_t i = 0; i < s->n; i++)
		if (is_below(&s->entries[i], path) && (!best || s->entries[i].folder >= best->folder))
			best = &s->entries[i];
	if (!best)
		return;
	named = memmem(best->value.p, best->value.n, "://", 3) != NULL;
	if (mirror_url(named ? best->value.p : NULL, path + min_size(best->folder, strlen(path)), &url))
		b->doc.url = read_build_copy(b, (const char *)url.p, url.len);
	b->failed |= url.failed;
	buf_fini(&url);
}

/* What the document has not said. */
static void
apply_entry(const settings *s, const settings_entry *e, const char *path, size_t had, read_build *b)
{
	const char *base = path + folder_length(path);

	switch (e->kind) {
	case SET_LANGUAGE:
		if (!b->doc.lang.n)
			b->doc.lang = e->value;
		break;
	case SET_DATE:
		if (!b->doc.has_date)
			b->doc.has_date = settings_date_match(e->value.p, e->value.n, base, &b->doc.date);
		break;
	case SET_URL:
	case SET_BASE:
		break;
	case SET_FIELD:
		if (!has_field(b, had, e->name))
			read_build_untyped(b, e->name, e->value, is_list(s, e->name));
		break;
	case SET_RENAME:
		break;
	}
}

bool
settings_apply(const settings *s, const char *path, bool record, const document *doc, read_build *room,
	       const document **out)
{
	size_t had;

	*out = doc;
	if (!s || !s->n)
		return true;
	read_build_reset(room);
	room->doc = *doc;
	room->doc.nfields = 0;
	for (size_t i = 0; i < doc->nfields; i++)
		apply_field(s, room, &doc->fields[i]);
	had = room->doc.nfields;
	for (size_t i = 0; i < s->n; i++)
		apply_entry(s, &s->entries[i], path, had, room);
	if (!room->doc.url.n && !record)
		apply_url(s, room, path);
	if (!read_build_finish(room))
		return false;
	room->doc.sections = doc->sections;
	*out = &room->doc;
	return true;
}
