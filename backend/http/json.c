/* json.c - see json.h.  Strings are written anew, each is at most as long as it was. */
#include "backend/http/json.h"

#include <stdlib.h>
#include <string.h>

typedef struct reader {
	arena *mem;
	const char *at;
	unsigned depth;
	size_t values;
} reader;

static json_value *read_value(reader *r);

static void
skip_space(reader *r)
{
	r->at += strspn(r->at, " \t\r\n");
}

static bool
take(reader *r, char c)
{
	skip_space(r);
	if (*r->at != c)
		return false;
	r->at++;
	return true;
}

/* Four hexadecimal digits, or -1. */
static long
read_hex(const char *p)
{
	char digits[5] = "";

	if (strspn(p, "0123456789abcdefABCDEF") < 4)
		return -1;
	memcpy(digits, p, 4);
	return strtol(digits, NULL, 16);
}

static char *
put_utf8(char *to, unsigned long c)
{
	if (c < 0x80) {
		*to++ = (char)c;
	} else if (c < 0x800) {
		*to++ = (char)(0xc0 | c >> 6);
		*to++ = (char)(0x80 | (c & 0x3f));
	} else if (c < 0x10000) {
		*to++ = (char)(0xe0 | c >> 12);
		*to++ = (char)(0x80 | (c >> 6 & 0x3f));
		*to++ = (char)(0x80 | (c & 0x3f));
	} else {
		*to++ = (char)(0xf0 | c >> 18);
		*to++ = (char)(0x80 | (c >> 12 & 0x3f));
		*to++ = (char)(0x80 | (c >> 6 & 0x3f));
		*to++ = (char)(0x80 | (c & 0x3f));
	}
	return to;
}

/* What stands after "\u", perhaps a pair.  A byte 0 and half a pair are U+FFFD. */
static char *
read_unicode(reader *r, char *to)
{
	long c = read_hex(r->at), low;

	if (c < 0)
		return NULL;
	r->at += 4;
	if (c >= 0xd800 && c < 0xdc00 && r->at[0] == '\\' && r->at[1] == 'u' && (low = read_hex(r->at + 2)) >= 0xdc00 &&
	    low < 0xe000) {
		r->at += 6;
		c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
	} else if (!c || (c >= 0xd800 && c < 0xe000)) {
		c = 0xfffd;
	}
	return put_utf8(to, (unsigned long)c);
}

static char *
read_escape(reader *r, char *to)
{
	static const char from[] = "\"\\/bfnrt", is[] = "\"\\/\b\f\n\r\t";
	char c = *r->at;
	const char *known = c ? strchr(from, c) : NULL;

	if (!c)
		return NULL;
	r->at++;
	if (c == 'u')
		return read_unicode(r, to);
	if (!known)
		return NULL;
	*to++ = is[known - from];
	return to;
}

/* NULL: there is none, or memory is out. */
static const char *
read_string(reader *r)
{
	const char *end;
	char *out, *to;

	if (!take(r, '"'))
		return NULL;
	for (end = r->at; *end && *end != '"'; end++)
		if (*end == '\\' && end[1])
			end++;
	if (!*end)
		return NULL;
	to = out = arena_alloc(r->mem, (size_t)(end - r->at) + 1);
	while (to && r->at < end) {
		size_t n = strcspn(r->at, "\\\"");

		memcpy(to, r->at, n);
		to += n;
		r->at += n;
		if (*r->at == '\\') {
			r->at++;
			to = read_escape(r, to);
		}
	}
	if (!to)
		return NULL;
	*to = 0;
	r->at = end + 1;
	return out;
}

/* [ value, ... ] and { "key": value, ... }, after the bracket. */
static bool
read_members(reader *r, json_value *v, char close)
{
	json_value **next = &v->first;

	if (++r->depth > JSON_DEPTH_MAX)
		return false;
	if (!take(r, close)) {
		do {
			const char *key = NULL;

			if (v->type == JSON_OBJECT && (!(key = read_string(r)) || !take(r, ':')))
				return false;
			*next = read_value(r);
			if (!*next)
				return false;
			(*next)->key = key;
			next = &(*next)->next;
			v->count++;
		} while (take(r, ','));
		if (!take(r, close))
			return false;
	}
	r->depth--;
	return true;
}

static bool
read_number(reader *r, json_value *v)
{
	size_t n = strspn(r->at, "+-0123456789.eE");
	char *end;

	v->type = JSON_NUMBER;
	v->text = arena_strndup(r->mem, r->at, n);
	if (!n || !v->text)
		return false;
	strtod(v->text, &end);
	r->at += n;
	return end > v->text && !*end;
}

static bool
read_word(reader *r, json_value *v)
{
	static const char *const words[] = { [JSON_NULL] = "null", [JSON_FALSE] = "false", [JSON_TRUE] = "true" };

	for (unsigned i = JSON_NULL; i <= JSON_TRUE; i++)
		if (!strncmp(r->at, words[i], strlen(words[i]))) {
			v->type = (json_type)i;
			r->at += strlen(words[i]);
			return true;
		}
	return false;
}

static json_value *
read_value(reader *r)
{
	json_value *v = r->values++ < JSON_VALUES_MAX ? arena_zalloc(r->mem, sizeof *v) : NULL;
	bool good;

	if (!v)
		return NULL;
	v->text = "";
	skip_space(r);
	switch (*r->at) {
	case '[':
	case '{':
		v->type = *r->at == '[' ? JSON_ARRAY : JSON_OBJECT;
		r->at++;
		good = read_members(r, v, v->type == JSON_ARRAY ? ']' : '}');
		break;
	case '"':
		v->type = JSON_STRING;
		v->text = read_string(r);
		good = v->text != NULL;
		break;
	case 'n':
	case 't':
	case 'f': good = read_word(r, v); break;
	default: good = read_number(r, v);
	}
	return good ? v : NULL;
}

const json_value *
json_read(arena *mem, const char *text)
{
	reader r = { .mem = mem, .at = text };
	const json_value *v = read_value(&r);

	skip_space(&r);
	return v && !*r.at ? v : NULL;
}

const json_value *
json_get(const json_value *o, const char *key)
{
	static const json_value none = { .type = JSON_NULL, .text = "" };

	if (o->type == JSON_OBJECT)
		for (const json_value *m = o->first; m; m = m->next)
			if (!strcmp(m->key, key))
				return m;
	return &none;
}

const char *
json_text(const json_value *o)
{
	return o->type == JSON_STRING ? o->text : "";
}

uint64_t
json_number(const json_value *o)
{
	return o->type == JSON_NUMBER && *o->text != '-' ? strtoull(o->text, NULL, 10) : 0;
}

bool
json_true(const json_value *o)
{
	return o->type == JSON_TRUE;
}
