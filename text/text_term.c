/* text_term.c - from raw bytes to the term that is indexed.
 *
 * Term = NFKC case folding of the raw bytes, with ignored characters, an
 * acronym's dots and thousands commas left out, apostrophes as U+0027 and white
 * space that normalisation brings left out.  Three ways, same result: bytes
 * (ASCII), characters that fold one to one (remembered in the analyzer), and
 * ICU's normaliser in chunks.  A term longer than TEXT_TERM_MAX is cut and
 * hashed while it streams through: no buffer grows, time is linear.
 */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/utf16.h>

#include "text/text_internal.h"

enum { TERM_KEPT = TEXT_TERM_MAX - 3 - 16 }; /* bytes kept before U+2026 and the hash */

/* Where a term goes: the first bytes into out, all of them into the hash once
 * there are too many. */
typedef struct term_sink {
	char *out;
	size_t len; /* bytes in out */
	bool long_term;
	XXH3_state_t hash;
} term_sink;

static void
term_put(term_sink *k, uint32_t c)
{
	char tmp[4];
	size_t n = text_encode(c, tmp);

	if (!k->long_term && k->len + n > TEXT_TERM_MAX) {
		k->long_term = true;
		XXH3_64bits_reset(&k->hash);
		XXH3_64bits_update(&k->hash, k->out, k->len);
	}
	if (k->long_term) {
		XXH3_64bits_update(&k->hash, tmp, n);
		return;
	}
	memcpy(k->out + k->len, tmp, n);
	k->len += n;
}

/* Normalise n UTF-16 units of the chunk into the sink. */
static void
term_flush(text_analyzer *an, term_sink *k, int32_t n, bool odd)
{
	UErrorCode st = U_ZERO_ERROR;
	int32_t i = 0, len;

	len = unorm2_normalize(an->casefold, an->chunk, n, an->chunk_out,
			       (int32_t)countof(an->chunk_out), &st);
	if (U_FAILURE(st))
		return;
	while (i < len) {
		UChar32 c;

		U16_NEXT(an->chunk_out, i, len, c);
		if (u_isUWhiteSpace(c))
			continue;
		if (odd && !u_isalnum(c) && c != 0x2044)
			continue;
		term_put(k, c == 0x2019 || c == 0x02bc ? '\'' : (uint32_t)c);
	}
}

/* The character that c of a word stands for, or 0 when it is left out. */
CDG_INLINE uint32_t
term_character(const text_word *w, uint32_t c)
{
	switch (c) {
	case '.':
		return w->acronym ? 0 : c;
	case ',':
		return w->grouped ? 0 : c;
	case 0x2019: case 0x02bc: case 0xff07:
		return '\'';
	case 0x00ad: case ' ': case '\n': case '\r': /* soft hyphen at the end of a line */
		return 0;
	default:
		return c;
	}
}

/* Any word, through ICU. */
static void
term_normalise(text_analyzer *an, const text_word *w, term_sink *k)
{
	const char *p = an->s + w->start, *end = an->s + w->end;
	int32_t n = 0;

	while (p < end) {
		uint32_t c = text_decode(&p, end);

		c = term_character(w, c);
		if (!c || (c >= 0x80 && (c == 0xfffd || u_isUWhiteSpace((UChar32)c))))
			continue;
		/* a full chunk ends where normalisation may be cut */
		if (n >= CHUNK || (n > CHUNK / 2 && unorm2_hasBoundaryBefore(an->casefold, (UChar32)c))) {
			term_flush(an, k, n, w->odd);
			n = 0;
		}
		U16_APPEND_UNSAFE(an->chunk, n, (UChar32)c);
	}
	term_flush(an, k, n, w->odd);
}

/* What c folds to when that is one character below FOLD_CACHE, whatever stands
 * beside it; else FOLD_MANY. */
static uint16_t
term_fold_find(text_analyzer *an, uint32_t c)
{
	UErrorCode st = U_ZERO_ERROR;
	UChar in = (UChar)c, out[32];
	int32_t n;

	if (!unorm2_isInert(an->casefold, (UChar32)c) &&
	    !unorm2_hasBoundaryBefore(an->casefold, (UChar32)c))
		return FOLD_MANY;
	n = unorm2_normalize(an->casefold, &in, 1, out, countof(out), &st);
	if (U_FAILURE(st) || n != 1 || out[0] >= FOLD_CACHE || out[0] == 0)
		return FOLD_MANY;
	return out[0];
}

/* A word whose characters each fold to one; 0 when it is not, or too long. */
static size_t
term_simple(text_analyzer *an, const text_word *w, char *out)
{
	const char *p = an->s + w->start, *end = an->s + w->end;
	char *o = out, *stop = out + TEXT_TERM_MAX - 1;

	while (p < end) {
		uint32_t len, f;
		uint32_t c = text_decode_inline((const uint8_t *)p, (const uint8_t *)end, &len);

		p += len;
		c = term_character(w, c);
		if (!c)
			continue;
		if (c >= FOLD_CACHE || o >= stop)
			return 0;
		f = an->fold_cache[c];
		if (unlikely(!f))
			f = an->fold_cache[c] = term_fold_find(an, c);
		if (f == FOLD_MANY)
			return 0;
		if (f < 0x80) {
			*o++ = (char)f;
		} else { /* below FOLD_CACHE: two bytes */
			*o++ = (char)(0xc0 | f >> 6);
			*o++ = (char)(0x80 | (f & 0x3f));
		}
	}
	return (size_t)(o - out);
}

/* An ASCII word of at most TEXT_TERM_MAX bytes. */
static size_t
term_ascii(const text_analyzer *an, const text_word *w, char *out)
{
	const char *p = an->s + w->start;
	size_t n = w->end - w->start, i;

	for (i = 0; i < n; i++) {
		uint8_t b = (uint8_t)p[i];
		out[i] = (char)(b >= 'A' && b <= 'Z' ? b | 0x20 : b);
	}
	return n;
}

static size_t
term_finish(term_sink *k)
{
	static const char digits[] = "0123456789abcdef";
	uint64_t h;
	size_t cut = TERM_KEPT, i;

	if (!k->long_term)
		return k->len;
	h = XXH3_64bits_digest(&k->hash);
	while (((uint8_t)k->out[cut] & 0xc0) == 0x80)
		cut--;
	cut += text_encode(0x2026, k->out + cut);
	for (i = 0; i < 16; i++)
		k->out[cut++] = digits[h >> (60 - 4 * i) & 15];
	return cut;
}

size_t
text_term_build(text_analyzer *an, const text_word *w, char *out, bool *hashed)
{
	term_sink k;
	size_t n;

	*hashed = false;
	if (!an->forced) {
		if (w->ascii && !w->grouped && w->end - w->start <= TEXT_TERM_MAX)
			return term_ascii(an, w, out);
		if (!w->complex && (n = term_simple(an, w, out)) != 0)
			return n;
	}
	k.out = out;
	k.len = 0;
	k.long_term = false;
	term_normalise(an, w, &k);
	*hashed = k.long_term;
	return term_finish(&k);
}

uint32_t
text_term_fold_one(text_analyzer *an, const uint32_t *c, size_t n)
{
	UErrorCode st = U_ZERO_ERROR;
	UChar in[16], out[16 * CHUNK_GROWTH];
	int32_t len = 0, i = 0;
	UChar32 f;
	size_t k;

	for (k = 0; k < n && k < 4; k++)
		U16_APPEND_UNSAFE(in, len, (UChar32)c[k]);
	if (n == 1 && unorm2_isInert(an->casefold, (UChar32)c[0]))
		return c[0];
	len = unorm2_normalize(an->casefold, in, len, out, countof(out), &st);
	if (U_FAILURE(st) || len < 1)
		return c[0];
	U16_NEXT(out, i, len, f);
	return i == len ? (uint32_t)f : c[0];
}

/* ---- forms ---------------------------------------------------------- */

size_t
text_raw_form(const char *term, size_t len, text_form form, char *out)
{
	const char *p = term, *end = term + len;
	char *o = out;

	while (p < end) {
		uint32_t c = text_decode(&p, end);

		if (form == TEXT_FORM_UPPER || (form == TEXT_FORM_TITLE && o == out))
			c = c < 0x80 ? c - 32u * (c - 'a' < 26u) : (uint32_t)u_toupper((UChar32)c);
		o += text_encode(c, o);
	}
	return (size_t)(o - out);
}

static bool
term_is_form(const char *raw, size_t raw_len, const char *term, size_t len, text_form form)
{
	char tmp[2 * TEXT_TERM_MAX];

	return text_raw_form(term, len, form, tmp) == raw_len && !memcmp(tmp, raw, raw_len);
}

text_form
text_term_form(const char *raw, size_t raw_len, const char *term, size_t len)
{
	const char *p = term, *end = term + len;

	if (raw_len == len && !memcmp(raw, term, len))
		return TEXT_FORM_LOWER;
	if (raw_len > 2 * TEXT_TERM_MAX)
		return TEXT_FORM_OTHER;
	if (term_is_form(raw, raw_len, term, len, TEXT_FORM_TITLE))
		return TEXT_FORM_TITLE;
	text_decode(&p, end);
	if (p < end && term_is_form(raw, raw_len, term, len, TEXT_FORM_UPPER))
		return TEXT_FORM_UPPER;
	return TEXT_FORM_OTHER;
}
