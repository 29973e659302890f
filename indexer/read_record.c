/* read_record.c - a strict JSON reader for one shape: one object, whose members
 * are the fields of a document.  Single pass, recursive descent, no tree.
 *
 * Almost all bytes of a corpus are inside one string of each record, so the
 * loops that look for the end of a string and that undo escapes work on 16 or
 * 32 bytes at a time; everything else is plain code.
 *
 * Strictness: grammar as RFC 8259, with two mercies that lose nothing: raw
 * control characters are allowed inside strings, and a lone surrogate escape
 * becomes U+FFFD (counted in document.replaced).  The input is bounded by
 * [at, end) everywhere; no byte past end is read.
 *
 * Nesting: members of inner objects become "outer.inner", to RECORD_NAME_DEPTH
 * names; what lies deeper is checked and counted, not kept.  RECORD_DEPTH
 * bounds the recursion.
 */
#include "indexer/read_record.h"

#include <stdio.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "text/text.h"

enum {
	RECORD_DEPTH = 128,
	RECORD_NAME_DEPTH = 3,
};

typedef struct record {
	const char *start, *at, *end;
	char *scratch; /* free part; at least end - at bytes */
	read_build *b;
	unsigned seen, repeated;
	uint64_t ignored; /* values nested too deep */
	read_record_error *error;
} record;

static bool CDG_NOINLINE
record_fail(record *r, const char *at, const char *why)
{
	snprintf(r->error->message, sizeof r->error->message, "%s", why);
	r->error->offset = (size_t)(at - r->start);
	return false;
}

CDG_INLINE void
record_space(record *r)
{
	while (r->at < r->end &&
	       (*r->at == ' ' || *r->at == '\t' || *r->at == '\n' || *r->at == '\r'))
		r->at++;
}

/* ---- strings -------------------------------------------------------- */

enum { RECORD_STEP = 32 };

#ifdef __SSE2__
/* One bit a byte that is a quote or a backslash; copies the bytes to d unless
 * that is NULL. */
CDG_INLINE uint32_t
record_special(const char *p, char *d)
{
	const __m128i quote = _mm_set1_epi8('"'), slash = _mm_set1_epi8('\\');
	__m128i a = _mm_loadu_si128((const __m128i *)(const void *)p);
	__m128i b = _mm_loadu_si128((const __m128i *)(const void *)(p + 16));
	__m128i ma = _mm_or_si128(_mm_cmpeq_epi8(a, quote), _mm_cmpeq_epi8(a, slash));
	__m128i mb = _mm_or_si128(_mm_cmpeq_epi8(b, quote), _mm_cmpeq_epi8(b, slash));

	if (d) {
		_mm_storeu_si128((__m128i *)(void *)d, a);
		_mm_storeu_si128((__m128i *)(void *)(d + 16), b);
	}
	return (uint32_t)_mm_movemask_epi8(ma) | (uint32_t)_mm_movemask_epi8(mb) << 16;
}
#else
CDG_INLINE uint32_t
record_special(const char *p, char *d)
{
	uint32_t mask = 0;

	if (d)
		memcpy(d, p, RECORD_STEP);
	for (unsigned i = 0; i < RECORD_STEP; i++)
		mask |= (uint32_t)(p[i] == '"' || p[i] == '\\') << i;
	return mask;
}
#endif

/* The first quote or backslash from p, or end. */
CDG_INLINE const char *
record_find(const char *p, const char *end)
{
	while (end - p >= RECORD_STEP) {
		uint32_t mask = record_special(p, NULL);
		if (mask)
			return p + __builtin_ctz(mask);
		p += RECORD_STEP;
	}
	while (p < end && *p != '"' && *p != '\\')
		p++;
	return p;
}

/* The same, copying what lies before to *d. */
CDG_INLINE const char *
record_find_copy(const char *p, const char *end, char **d)
{
	char *out = *d;

	while (end - p >= RECORD_STEP) {
		uint32_t mask = record_special(p, out);
		if (mask) {
			unsigned n = (unsigned)__builtin_ctz(mask);
			*d = out + n;
			return p + n;
		}
		p += RECORD_STEP;
		out += RECORD_STEP;
	}
	while (p < end && *p != '"' && *p != '\\')
		*out++ = *p++;
	*d = out;
	return p;
}

/* Four hex digits at p; -1 if they are not there. */
static int
record_hex4(const char *p, const char *end)
{
	int v = 0;

	if (end - p < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		char c = p[i];
		int digit = c >= '0' && c <= '9' ? c - '0' :
			    c >= 'a' && c <= 'f' ? c - 'a' + 10 :
			    c >= 'A' && c <= 'F' ? c - 'A' + 10 :
						   -1;
		if (digit < 0)
			return -1;
		v = v << 4 | digit;
	}
	return v;
}

/* q is at "\u".  Returns what follows the escape, NULL if it is none. */
static const char *
record_unicode(record *r, const char *q, char **d)
{
	int v = record_hex4(q + 2, r->end);
	uint32_t c;

	if (v < 0)
		return NULL;
	q += 6;
	c = (uint32_t)v;
	if (c >= 0xd800 && c < 0xdc00 && r->end - q >= 6 && q[0] == '\\' && q[1] == 'u') {
		int low = record_hex4(q + 2, r->end);
		if (low >= 0xdc00 && low < 0xe000) {
			c = 0x10000 + ((c - 0xd800) << 10) + ((uint32_t)low - 0xdc00);
			q += 6;
		}
	}
	if (c >= 0xd800 && c < 0xe000) {
		c = 0xfffd;
		r->b->doc.replaced++;
	}
	*d += text_encode(c, *d);
	return q;
}

/* What a character after a backslash stands for; 0: not simple. */
static const char record_escape[256] = {
	['"'] = '"',  ['\\'] = '\\', ['/'] = '/',  ['b'] = '\b',
	['f'] = '\f', ['n'] = '\n',  ['r'] = '\r', ['t'] = '\t',
};

/* The string that begins at from and has its first backslash at q. */
static bool
record_unescape(record *r, const char *from, const char *q, doc_str *out)
{
	char *d = r->scratch;

	out->p = d;
	memcpy(d, from, (size_t)(q - from));
	d += q - from;
	while (q < r->end && *q == '\\') {
		char c;

		if (r->end - q < 2)
			break;
		c = record_escape[(unsigned char)q[1]];
		if (likely(c)) {
			*d++ = c;
			q += 2;
		} else {
			const char *next = q[1] == 'u' ? record_unicode(r, q, &d) : NULL;
			if (!next)
				return record_fail(r, q, "a bad escape in a string");
			q = next;
		}
		q = record_find_copy(q, r->end, &d);
	}
	if (q == r->end || *q != '"')
		return record_fail(r, from, "the line ends inside a string");
	out->n = (size_t)(d - out->p);
	r->scratch = d;
	r->at = q + 1;
	return true;
}

/* r->at is behind the opening quote. */
static bool
record_string(record *r, doc_str *out)
{
	const char *from = r->at, *q = record_find(from, r->end);

	if (unlikely(q == r->end))
		return record_fail(r, from, "the line ends inside a string");
	if (*q == '\\')
		return record_unescape(r, from, q, out);
	*out = read_str(from, (size_t)(q - from));
	r->at = q + 1;
	return true;
}

/* ---- values --------------------------------------------------------- */

/* A value on its way into the document: its name, how many names that is, how
 * deep the parser is, whether it is part of a list, whether it is kept. */
typedef struct record_place {
	doc_str name;
	uint8_t names, depth;
	bool list, keep;
} record_place;

static bool record_value(record *r, record_place place);

static bool
record_literal(record *r, const char *word)
{
	size_t n = strlen(word);

	if ((size_t)(r->end - r->at) < n || memcmp(r->at, word, n) != 0)
		return record_fail(r, r->at, "not a JSON value");
	r->at += n;
	return true;
}

static bool
record_number(record *r, doc_str *written)
{
	const char *from = r->at;

	while (r->at < r->end && ((*r->at >= '0' && *r->at <= '9') || *r->at == '-' ||
				  *r->at == '+' || *r->at == '.' || *r->at == 'e' || *r->at == 'E'))
		r->at++;
	*written = read_str(from, (size_t)(r->at - from));
	return written->n || record_fail(r, from, "not a JSON value");
}

static bool
record_keep_number(record *r, const record_place *place)
{
	const char *from = r->at;
	doc_str written;
	double v;

	if (!record_number(r, &written))
		return false;
	switch (read_build_parse_number(written.p, written.n, &v)) {
	case READ_NUMBER_NONE:
		return record_fail(r, from, "a malformed number");
	case READ_NUMBER_HUGE: /* kept as it is written */
		if (place->keep)
			read_build_string(r->b, place->name, written, place->list);
		return true;
	case READ_NUMBER_OK:
		break;
	}
	if (place->keep)
		read_build_number(r->b, place->name, written, v, place->list);
	return true;
}

static bool
record_array(record *r, record_place place)
{
	r->at++;
	place.list = true;
	record_space(r);
	if (r->at < r->end && *r->at == ']') {
		r->at++;
		return true;
	}
	for (;;) {
		if (!record_value(r, place))
			return false;
		record_space(r);
		if (r->at < r->end && *r->at == ']')
			break;
		if (r->at == r->end || *r->at != ',')
			return record_fail(r, r->at, "expected , or ] in a list");
		r->at++;
	}
	r->at++;
	return true;
}

/* "outer.inner" */
static doc_str
record_join(record *r, doc_str outer, doc_str inner)
{
	char *p = arena_alloc(&r->b->strings, outer.n + 1 + inner.n);

	if (!p) {
		r->b->failed = true;
		return outer;
	}
	memcpy(p, outer.p, outer.n);
	p[outer.n] = '.';
	memcpy(p + outer.n + 1, inner.p, inner.n);
	return read_str(p, outer.n + 1 + inner.n);
}

/* A key and its colon. */
static bool
record_key(record *r, doc_str *key)
{
	record_space(r);
	if (r->at == r->end || *r->at != '"')
		return record_fail(r, r->at, "expected a key in quotes");
	r->at++;
	if (!record_string(r, key))
		return false;
	record_space(r);
	if (r->at == r->end || *r->at != ':')
		return record_fail(r, r->at, "expected : after a key");
	r->at++;
	record_space(r);
	return true;
}

/* Behind a member: true in *more for a comma. */
CDG_INLINE bool
record_more(record *r, bool *more)
{
	record_space(r);
	if (r->at < r->end && (*r->at == ',' || *r->at == '}')) {
		*more = *r->at++ == ',';
		return true;
	}
	return record_fail(r, r->at,
			   r->at == r->end ? "the line ends inside the object" :
					     "expected , or } after a value");
}

static bool
record_inner_object(record *r, record_place outer)
{
	record_place place = outer;
	bool more = true;

	r->at++;
	record_space(r);
	if (r->at < r->end && *r->at == '}') {
		r->at++;
		return true;
	}
	place.names++;
	if (place.names > RECORD_NAME_DEPTH)
		place.keep = false;
	while (more) {
		doc_str key;

		if (!record_key(r, &key))
			return false;
		if (place.keep)
			place.name = record_join(r, outer.name, key);
		else if (outer.keep || place.names > RECORD_NAME_DEPTH)
			r->ignored++;
		if (!record_value(r, place) || !record_more(r, &more))
			return false;
	}
	return true;
}

static bool
record_value(record *r, record_place place)
{
	doc_str s;

	record_space(r);
	if (r->at == r->end)
		return record_fail(r, r->at, "the line ends before a value");
	if (++place.depth > RECORD_DEPTH)
		return record_fail(r, r->at, "nested too deep (more than 128 levels)");
	switch (*r->at) {
	case '"':
		r->at++;
		if (!record_string(r, &s))
			return false;
		if (place.keep)
			read_build_string(r->b, place.name, s, place.list);
		return true;
	case '{':
		return record_inner_object(r, place);
	case '[':
		return record_array(r, place);
	case 'n':
		return record_literal(r, "null");
	case 't':
		if (place.keep)
			read_build_string(r->b, place.name, read_str("true", 4), place.list);
		return record_literal(r, "true");
	case 'f':
		if (place.keep)
			read_build_string(r->b, place.name, read_str("false", 5), place.list);
		return record_literal(r, "false");
	default:
		return record_keep_number(r, &place);
	}
}

/* ---- "_sections", as write_record.c writes them ---------------------------- */

static bool
record_expect(record *r, char c)
{
	record_space(r);
	if (r->at == r->end || *r->at != c)
		return false;
	r->at++;
	return true;
}

static bool
record_u32(record *r, uint32_t max, uint32_t *out)
{
	uint64_t v = 0;
	const char *from;

	record_space(r);
	from = r->at;
	while (r->at < r->end && *r->at >= '0' && *r->at <= '9' && v <= max)
		v = v * 10 + (uint64_t)(*r->at++ - '0');
	*out = (uint32_t)v;
	return r->at > from && v <= max;
}

static bool
record_section(record *r, doc_section *s)
{
	uint32_t level;
	doc_str kind;

	if (!record_expect(r, '[') || !record_u32(r, UINT32_MAX - 1, &s->start) || !record_expect(r, ',') ||
	    !record_u32(r, UINT32_MAX - 1, &s->end) || !record_expect(r, ',') ||
	    !record_u32(r, UINT16_MAX, &level) || !record_expect(r, ',') || !record_expect(r, '"') ||
	    !record_string(r, &kind) || !record_expect(r, ',') || !record_expect(r, '"') ||
	    !record_string(r, &s->label) || !record_expect(r, ']'))
		return false;
	s->level = (uint16_t)level;
	s->kind = read_build_kind(kind.p, kind.n);
	return true;
}

static bool
record_section_list(record *r)
{
	read_build *b = r->b;

	if (!record_expect(r, '['))
		return false;
	if (record_expect(r, ']'))
		return true;
	do {
		if (!mem_grow(&b->sections, &b->sections_cap, b->doc.nsections + 1, sizeof *b->sections)) {
			b->failed = true;
			return false;
		}
		if (!record_section(r, &b->sections[b->doc.nsections]))
			return false;
		b->doc.nsections++;
	} while (record_expect(r, ','));
	return record_expect(r, ']');
}

static bool record_skip(record *r);

static bool
record_sections(record *r)
{
	const char *from = r->at;

	r->b->doc.nsections = 0;
	if (record_section_list(r))
		return true;
	r->b->doc.nsections = 0;
	read_build_warn(r->b, "\"_sections\" is no list of [start, end, level, kind, label]: left out");
	r->error->message[0] = 0;
	r->at = from;
	return record_skip(r);
}

/* Inside the text, and in order; else they are of another text. */
static void
record_check_sections(read_build *b)
{
	for (size_t i = 0; i < b->doc.nsections; i++) {
		const doc_section *s = &b->sections[i];

		if (s->start <= s->end && s->end <= b->doc.text.n && (!i || s->start >= s[-1].start))
			continue;
		read_build_warn(b, "\"_sections\" does not fit the text: left out");
		b->doc.nsections = 0;
	}
}

/* ---- members of the record ------------------------------------------ */

static const char *
record_type_name(char c)
{
	switch (c) {
	case '"':
		return "a string";
	case '{':
		return "an object";
	case '[':
		return "a list";
	case 't':
	case 'f':
		return "true or false";
	case 'n':
		return "null";
	default:
		return "a number";
	}
}

static bool
record_skip(record *r)
{
	record_place nowhere = { .depth = 1 };

	return record_value(r, nowhere);
}

/* A known key whose value is not a string. */
static bool
record_known_other(record *r, read_key key, doc_str name)
{
	const char *from = r->at;
	char c = *from;
	double v;

	if (c == 'n')
		return record_literal(r, "null");
	if (!record_skip(r))
		return false;
	if (key == READ_KEY_TEXT) {
		record_fail(r, from, "");
		snprintf(r->error->message, sizeof r->error->message,
			 "\"text\" is %s, not a string", record_type_name(c));
		return false;
	}
	if (c == '-' || (c >= '0' && c <= '9')) {
		doc_str written = read_str(from, (size_t)(r->at - from));
		if (key == READ_KEY_ID) {
			read_build_known(r->b, key, written);
			return true;
		}
		if (key == READ_KEY_DATE &&
		    read_build_parse_number(written.p, written.n, &v) == READ_NUMBER_OK && v >= 1 && v <= 9999 && v == (int)v) {
			r->b->doc.has_date = true;
			r->b->doc.date.day = doc_day((int)v, 1, 1);
			r->b->doc.date.precision = DOC_YEAR;
			return true;
		}
	}
	read_build_warn(r->b, "\"%.*s\" is %s, not a string: left out", (int)name.n, name.p,
			record_type_name(c));
	return true;
}

static bool
record_member(record *r)
{
	doc_str name, value;
	read_key key;

	if (!record_key(r, &name))
		return false;
	key = read_build_key(name.p, name.n);
	if (key == READ_KEY_OTHER && name.n == 9 && !memcmp(name.p, "_sections", 9))
		return record_sections(r);
	if (key == READ_KEY_OTHER) {
		record_place place = { name, 1, 1, false, name.n != 0 };
		if (name.n == 0)
			read_build_warn(r->b, "a value with an empty name: left out");
		return record_value(r, place);
	}
	r->repeated |= r->seen & (1u << key);
	r->seen |= 1u << key;
	if (r->at == r->end)
		return record_fail(r, r->at, "the line ends before a value");
	if (*r->at != '"')
		return record_known_other(r, key, name);
	r->at++;
	if (!record_string(r, &value))
		return false;
	read_build_known(r->b, key, value);
	return true;
}

static bool
record_object(record *r)
{
	bool more = true;

	record_space(r);
	if (r->at == r->end || *r->at != '{')
		return record_fail(r, r->at, r->at < r->end && *r->at == '[' ?
						 "a list, not an object: one object a line is a record" :
						 "not a JSON object");
	r->at++;
	record_space(r);
	if (r->at < r->end && *r->at == '}') {
		r->at++;
		more = false;
	}
	while (more)
		if (!record_member(r) || !record_more(r, &more))
			return false;
	record_space(r);
	if (r->at != r->end)
		return record_fail(r, r->at, "something follows the object on its line");
	if (!r->b->doc.text.p)
		return record_fail(r, r->start, "no \"text\"");
	record_check_sections(r->b);
	return true;
}

bool
read_record_parse(read_build *b, buf *scratch, const char *p, size_t n, unsigned *repeated,
		  read_record_error *error)
{
	record r = { .start = p, .at = p, .end = p + n, .b = b, .error = error };
	bool ok;

	*repeated = 0;
	error->message[0] = 0;
	error->offset = 0;
	scratch->len = 0;
	/* Escapes only shrink, so the record's own size is always enough. */
	if (!buf_reserve(scratch, n + 1)) {
		b->failed = true;
		return false;
	}
	r.scratch = (char *)scratch->p;
	ok = record_object(&r);
	if (r.ignored)
		read_build_warn(b, "%llu values nested more than %d deep: left out",
				(unsigned long long)r.ignored, RECORD_NAME_DEPTH);
	*repeated = r.repeated;
	return ok && !b->failed;
}
