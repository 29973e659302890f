/* json.c - see json.h. */
#include "bench/json.h"

#include "query/ast.h"

enum { JSON_DEPTH = 32 };

bool
json_fail(json *j, const char *why)
{
	if (!j->why)
		j->why = why;
	return false;
}

void
json_blank(json *j)
{
	while (j->at < j->end && (*j->at == ' ' || *j->at == '\t' || *j->at == '\r'))
		j->at++;
}

/* The character c, after blanks. */
bool
json_take(json *j, char c)
{
	json_blank(j);
	if (j->at >= j->end || *j->at != c)
		return false;
	j->at++;
	return true;
}

static bool
json_hex4(json *j, uint32_t *out)
{
	*out = 0;
	if (j->end - j->at < 4)
		return json_fail(j, "\\u is cut short");
	for (int i = 0; i < 4; i++, j->at++) {
		char c = *j->at, low = (char)(c | 0x20);

		if (c >= '0' && c <= '9')
			*out = *out << 4 | (uint32_t)(c - '0');
		else if (low >= 'a' && low <= 'f')
			*out = *out << 4 | (uint32_t)(low - 'a' + 10);
		else
			return json_fail(j, "\\u without four hexadecimal digits");
	}
	return true;
}

static bool
json_escape(json *j, char **to)
{
	static const char from[] = "\"\\/bfnrt", what[] = "\"\\/\b\f\n\r\t";
	char c = j->at < j->end ? *j->at++ : 0;
	const char *hit = c ? strchr(from, c) : NULL;
	uint32_t u, low;

	if (hit) {
		*(*to)++ = what[hit - from];
		return true;
	}
	if (c != 'u')
		return json_fail(j, "an unknown escape");
	if (!json_hex4(j, &u))
		return false;
	if (u >= 0xd800 && u < 0xdc00) {
		if (j->end - j->at < 6 || j->at[0] != '\\' || j->at[1] != 'u')
			return json_fail(j, "half a surrogate pair");
		j->at += 2;
		if (!json_hex4(j, &low))
			return false;
		if (low < 0xdc00 || low > 0xdfff)
			return json_fail(j, "half a surrogate pair");
		u = 0x10000 + ((u - 0xd800) << 10) + (low - 0xdc00);
	} else if (u >= 0xdc00 && u < 0xe000) {
		return json_fail(j, "half a surrogate pair");
	}
	if (!u)
		return json_fail(j, "a NUL character");
	*to += text_encode(u, *to);
	return true;
}

/* A string into the arena. */
bool
json_string(json *j, const char **out, size_t *n)
{
	const char *stop = j->at;
	char *to;

	if (!json_take(j, '"'))
		return json_fail(j, "a string is missing");
	for (stop = j->at; stop < j->end && *stop != '"'; stop++)
		stop += *stop == '\\';
	to = arena_alloc(j->mem, (size_t)(j->end - j->at) + 1);
	if (!to)
		return json_fail(j, "out of memory");
	*out = to;
	while (j->at < j->end && *j->at != '"') {
		if ((unsigned char)*j->at < 0x20)
			return json_fail(j, "a control character in a string");
		if (*j->at == '\\') {
			j->at++;
			if (!json_escape(j, &to))
				return false;
		} else {
			*to++ = *j->at++;
		}
	}
	if (!json_take(j, '"'))
		return json_fail(j, "a string does not end");
	*n = (size_t)(to - *out);
	*to = 0;
	return true;
}

static bool json_value(json *j, int depth);

static bool
json_skip_members(json *j, char close, int depth)
{
	const char *s;
	size_t n;

	if (depth >= JSON_DEPTH)
		return json_fail(j, "nested too deeply");
	if (json_take(j, close))
		return true;
	do {
		if (close == '}' && (!json_string(j, &s, &n) || !json_take(j, ':')))
			return json_fail(j, "a member without ':'");
		if (!json_value(j, depth + 1))
			return false;
	} while (json_take(j, ','));
	return json_take(j, close) || json_fail(j, "',' or the end of a list or object is missing");
}

/* Any value. */
static bool
json_value(json *j, int depth)
{
	static const char number[] = "+-.0123456789eE";
	const char *s, *start;
	size_t n;

	json_blank(j);
	if (j->at >= j->end)
		return json_fail(j, "a value is missing");
	if (*j->at == '"')
		return json_string(j, &s, &n);
	if (json_take(j, '{'))
		return json_skip_members(j, '}', depth);
	if (json_take(j, '['))
		return json_skip_members(j, ']', depth);
	for (start = j->at; j->at < j->end && *j->at >= 'a' && *j->at <= 'z';)
		j->at++;
	n = (size_t)(j->at - start);
	if (n)
		return (n == 4 && (!memcmp(start, "true", 4) || !memcmp(start, "null", 4))) ||
		       (n == 5 && !memcmp(start, "false", 5)) || json_fail(j, "an unknown word");
	while (j->at < j->end && *j->at && strchr(number, *j->at))
		j->at++;
	return j->at > start || json_fail(j, "a value is missing");
}

bool
json_skip(json *j)
{
	return json_value(j, 0);
}
