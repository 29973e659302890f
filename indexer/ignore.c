/* ignore.c - see ignore.h. */
#include "indexer/ignore.h"

#include <ctype.h>

#include "base/file.h"
#include "base/mem.h"

typedef struct ignore_rule {
	const char *p;
	size_t n;
	bool back, folder, anchored;
} ignore_rule;

struct ignore_rules {
	arena text;
	ignore_rule *rules;
	size_t n, cap;
};

/* ---- matching --------------------------------------------------------- */

typedef struct span {
	const char *p, *end;
} span;

static bool
class_named(const char *name, size_t n, unsigned char c)
{
	static const struct {
		const char *name;
		int (*is)(int);
	} classes[] = { { "alpha", isalpha }, { "digit", isdigit }, { "alnum", isalnum }, { "upper", isupper },
			{ "lower", islower }, { "space", isspace }, { "punct", ispunct }, { "xdigit", isxdigit } };

	for (size_t i = 0; i < countof(classes); i++)
		if (strlen(classes[i].name) == n && !memcmp(classes[i].name, name, n))
			return c < 0x80 && classes[i].is(c);
	return false;
}

/* A set that begins behind its "["; *after it.  False: there is no "]", so the "["
 * means itself. */
static bool
class_match(span pattern, unsigned char c, const char **after, bool *in)
{
	const char *p = pattern.p;
	bool not = p < pattern.end && (*p == '!' || *p == '^');

	p += not;
	*in = false;
	for (bool first = true; p < pattern.end && (first || *p != ']'); first = false) {
		unsigned char low, high;
		if (p[0] == '[' && pattern.end - p > 3 && p[1] == ':') {
			const char *stop = memchr(p + 2, ':', (size_t)(pattern.end - p - 2));
			if (stop && stop + 1 < pattern.end && stop[1] == ']') {
				*in |= class_named(p + 2, (size_t)(stop - p - 2), c);
				p = stop + 2;
				continue;
			}
		}
		p += *p == '\\' && p + 1 < pattern.end;
		low = high = (unsigned char)*p++;
		if (pattern.end - p >= 2 && *p == '-' && p[1] != ']') {
			p++;
			p += *p == '\\' && p + 1 < pattern.end;
			high = (unsigned char)*p++;
		}
		*in |= low <= c && c <= high;
	}
	if (p >= pattern.end)
		return false;
	*after = p + 1;
	*in = *in != not;
	return true;
}

/* One element of a pattern, no star, against the beginning of the name. */
static bool
match_one(span *pattern, span *name)
{
	unsigned char c = (unsigned char)*name->p, want = (unsigned char)*pattern->p;
	const char *after;
	bool in;

	if (want == '[') {
		span set = { pattern->p + 1, pattern->end };
		if (class_match(set, c, &after, &in)) {
			pattern->p = after;
			name->p++;
			return in;
		}
	}
	if (want == '?') {
		pattern->p++;
		for (name->p++; name->p < name->end && ((unsigned char)*name->p & 0xc0) == 0x80;)
			name->p++;
		return true;
	}
	if (want == '\\' && pattern->end - pattern->p > 1)
		want = (unsigned char)*++pattern->p;
	pattern->p++;
	name->p++;
	return want == c;
}

/* A part between slashes.  Only the last star ever has to take more. */
static bool
match_name(span pattern, span name)
{
	span star = { NULL, NULL }, from = { NULL, NULL };

	while (name.p < name.end || pattern.p < pattern.end) {
		if (pattern.p < pattern.end && *pattern.p == '*') {
			while (pattern.p < pattern.end && *pattern.p == '*')
				pattern.p++;
			star = pattern;
			from = name;
			continue;
		}
		if (pattern.p < pattern.end && name.p < name.end && match_one(&pattern, &name))
			continue;
		if (!star.p || from.p >= from.end)
			return false;
		from.p++;
		pattern = star;
		name = from;
	}
	return true;
}

static span
next_part(span *s)
{
	const char *slash = s->p < s->end ? memchr(s->p, '/', (size_t)(s->end - s->p)) : NULL;
	span part = { s->p, slash ? slash : s->end };

	s->p = slash ? slash + 1 : s->end;
	return part;
}

static bool
is_any_depth(span part)
{
	return part.end - part.p == 2 && part.p[0] == '*' && part.p[1] == '*';
}

/* The same one level up: parts for characters, "**" for the star. */
static bool
match_path(span pattern, span path)
{
	span star = { NULL, NULL }, from = { NULL, NULL };

	while (path.p < path.end || pattern.p < pattern.end) {
		span p = pattern, n = path, part = next_part(&p);
		if (pattern.p < pattern.end && is_any_depth(part)) {
			if (p.p >= p.end)
				return path.p < path.end; /* all that is inside */
			star = p;
			from = path;
			pattern = p;
			continue;
		}
		if (pattern.p < pattern.end && path.p < path.end && match_name(part, next_part(&n))) {
			pattern = p;
			path = n;
			continue;
		}
		if (!star.p || from.p >= from.end)
			return false;
		next_part(&from);
		pattern = star;
		path = from;
	}
	return true;
}

static bool
rule_matches(const ignore_rule *r, const char *path, bool folder)
{
	const char *base = strrchr(path, '/');
	span whole = { path, path + strlen(path) }, pattern = { r->p, r->p + r->n };

	if (r->folder && !folder)
		return false;
	if (r->anchored)
		return match_path(pattern, whole);
	whole.p = base ? base + 1 : path;
	return match_name(pattern, whole);
}

ignore_verdict
ignore_match(const ignore_rules *r, const char *path, bool folder)
{
	for (size_t i = r->n; i-- > 0;)
		if (rule_matches(&r->rules[i], path, folder))
			return r->rules[i].back ? IGNORE_IN : IGNORE_OUT;
	return IGNORE_UNDECIDED;
}

/* ---- reading ------------------------------------------------------------ */

/* A line without its end; false: it says nothing. */
static bool
rule_read(const char *p, size_t n, ignore_rule *r)
{
	memset(r, 0, sizeof *r);
	if (n && p[n - 1] == '\r')
		n--;
	/* blanks at the end do not count, unless there is a backslash before */
	while (n && (p[n - 1] == ' ' || p[n - 1] == '\t') && !(n > 1 && p[n - 2] == '\\'))
		n--;
	if (n == 0 || *p == '#')
		return false;
	if (*p == '!') {
		r->back = true;
		p++;
		n--;
	}
	while (n && p[n - 1] == '/') {
		r->folder = true;
		n--;
	}
	r->anchored = n && memchr(p, '/', n) != NULL;
	if (n && *p == '/') {
		p++;
		n--;
	}
	r->p = p;
	r->n = n;
	return n != 0;
}

ignore_rules *
ignore_parse(const char *text, size_t n)
{
	ignore_rules *r = mem_calloc(1, sizeof *r);
	const char *p, *end;

	if (!r)
		return NULL;
	arena_init(&r->text);
	p = arena_strndup(&r->text, text, n);
	if (!p) {
		ignore_free(r);
		return NULL;
	}
	end = p + n;
	if (n >= 3 && !memcmp(p, "\xef\xbb\xbf", 3))
		p += 3;
	while (p < end) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		ignore_rule rule;
		bool says = rule_read(p, (size_t)((nl ? nl : end) - p), &rule);
		p = nl ? nl + 1 : end;
		if (!says)
			continue;
		if (!mem_grow(&r->rules, &r->cap, r->n + 1, sizeof *r->rules)) {
			ignore_free(r);
			return NULL;
		}
		r->rules[r->n++] = rule;
	}
	return r;
}

cdg_status
ignore_load(const char *path, ignore_rules **out, cdg_error *err)
{
	buf text = { 0 };
	cdg_status st = file_read(path, IGNORE_FILE_MAX, &text, err);

	*out = NULL;
	if (st == CDG_OK) {
		*out = ignore_parse(text.len ? (const char *)text.p : "", text.len);
		st = *out ? CDG_OK : err_nomem(err);
	}
	buf_fini(&text);
	return st;
}

void
ignore_free(ignore_rules *r)
{
	if (!r)
		return;
	arena_fini(&r->text);
	mem_free(r->rules);
	mem_free(r);
}

bool
ignore_pattern_matches(const char *pattern, const char *path, bool folder)
{
	ignore_rule r;

	if (!rule_read(pattern, strlen(pattern), &r) || r.back)
		return false;
	return rule_matches(&r, path, folder);
}
