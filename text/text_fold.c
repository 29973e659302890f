/* text_fold.c - terms without diacritics.
 *
 * Which marks are dropped depends on the script, because a mark is not the same
 * thing everywhere:
 *   Latin, Greek   all of them; and o-slash, l-stroke, d-stroke, eth, thorn, ae,
 *                  oe, dotless i ... become the letters people type instead
 *   Cyrillic       io becomes ie and stress marks go; short i, yi, short u, gje
 *                  and kje are letters of their own and stay
 *   Hebrew         points and accents
 *   Arabic         vowel signs and the tatweel; the forms of alef become alef
 *   others         nothing: kana voicing, Indic vowel signs, Thai tones stay
 * A term of marks only is left as it is.  Folding twice changes nothing (tested
 * over all characters).  Pure functions, any thread.
 */
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>
#include <unicode/utf16.h>

#include "text/text_internal.h"

/* U+00C0 to U+017F: base letters; '*' where it takes two (fold_special), '.'
 * where the character stays. */
static const char fold_latin[] =
	"AAAAAA*CEEEEIIIIDNOOOOO.OUUUUY**"
	"aaaaaa*ceeeeiiiidnooooo.ouuuuy*y"
	"AaAaAaCcCcCcCcDdDdEeEeEeEeEeGgGgGgGgHhHhIiIiIiIiIi**JjKk.LlLlLl."
	".LlNnNnNn.NnOoOoOo**RrRrRrSsSsSsSsTtTtTtUuUuUuUuUuUuWwYyYZzZzZz.";

static const char *
fold_special(uint32_t c)
{
	switch (c) {
	case 0xc6: case 0xe6:
		return "ae";
	case 0xde: case 0xfe:
		return "th";
	case 0xdf: case 0x1e9e:
		return "ss";
	case 0x132: case 0x133:
		return "ij";
	case 0x152: case 0x153:
		return "oe";
	case 0x180: case 0x253:
		return "b";
	case 0x188:
		return "c";
	case 0x18c: case 0x256: case 0x257:
		return "d";
	case 0x192:
		return "f";
	case 0x199:
		return "k";
	case 0x19a: case 0x26b: case 0x26c:
		return "l";
	case 0x1b6:
		return "z";
	case 0x237:
		return "j";
	case 0x268:
		return "i";
	default:
		return NULL;
	}
}

static bool
fold_is_mark(uint32_t c)
{
	if (c < 0x300)
		return false;
	return c <= 0x36f || (c >= 0x483 && c <= 0x487) ||                 /* general, Cyrillic */
	       (c >= 0x591 && c <= 0x5bd) || c == 0x5bf || c == 0x5c1 || c == 0x5c2 ||
	       c == 0x5c4 || c == 0x5c5 || c == 0x5c7 ||                   /* Hebrew */
	       (c >= 0x610 && c <= 0x61a) || c == 0x640 || (c >= 0x64b && c <= 0x65f) ||
	       c == 0x670 || (c >= 0x6d6 && c <= 0x6dc) || (c >= 0x6df && c <= 0x6e4) ||
	       c == 0x6e7 || c == 0x6e8 || (c >= 0x6ea && c <= 0x6ed) ||   /* Arabic */
	       (c >= 0x1ab0 && c <= 0x1aff) || (c >= 0x1dc0 && c <= 0x1dff) ||
	       (c >= 0x20d0 && c <= 0x20f0) || (c >= 0xfe20 && c <= 0xfe2f);
}

/* The bulk of Cyrillic, which stays. */
CDG_INLINE bool
fold_is_plain_cyrillic(uint32_t c)
{
	return c >= 0x402 && c < 0x480 && c != 0x40d && c != 0x450 && c != 0x451 && c != 0x45d;
}

/* The letter under c, without its marks: the first of its canonical
 * decomposition, when that is what the script wants. */
static uint32_t
fold_base(uint32_t c)
{
	UErrorCode st = U_ZERO_ERROR;
	const UNormalizer2 *nfd;
	UChar out[32];
	UScriptCode script;
	UChar32 base;
	int32_t n;

	if (c >= 0x400 && c < 0x530) /* Cyrillic */
		return c == 0x451 || c == 0x450 ? 0x435 : c == 0x45d ? 0x438 :
		       c == 0x401 || c == 0x400 ? 0x415 : c == 0x40d ? 0x418 : c;
	if (c >= 0x622 && c <= 0x627) /* Arabic: alef with something; not waw or yeh */
		return c == 0x622 || c == 0x623 || c == 0x625 ? 0x627 : c;
	if (c == 0x671)
		return 0x627;
	script = uscript_getScript((UChar32)c, &st);
	if (U_FAILURE(st) ||
	    (script != USCRIPT_LATIN && script != USCRIPT_GREEK && script != USCRIPT_HEBREW))
		return c;
	nfd = unorm2_getNFDInstance(&st);
	if (U_FAILURE(st))
		return c;
	n = unorm2_getDecomposition(nfd, (UChar32)c, out, countof(out), &st);
	if (U_FAILURE(st) || n <= 0)
		return c;
	U16_GET(out, 0, 0, n, base);
	return (uint32_t)base;
}

/* What the tables say of c: its length in out, or 0 when they say nothing. */
static size_t
fold_by_table(uint32_t c, char *out)
{
	const char *special;
	size_t n;

	if (c >= 0xc0 && c < 0x180 && fold_latin[c - 0xc0] >= 'A') {
		*out = fold_latin[c - 0xc0];
		return 1;
	}
	special = fold_special(c);
	if (!special)
		return 0;
	n = strlen(special);
	memcpy(out, special, n);
	return n;
}

/* May c, for which the tables have nothing, be a letter with marks? */
static bool
fold_may_decompose(uint32_t c)
{
	return (c >= 0xc0 && c < 0xe00) || (c >= 0x1e00 && c < 0x2c00) ||
	       (c >= 0xfb1d && c <= 0xfb4e);
}

static size_t
fold_character(uint32_t c, char *out)
{
	size_t n;

	if (fold_is_plain_cyrillic(c))
		return text_encode(c, out);
	n = fold_by_table(c, out);
	if (n || fold_is_mark(c))
		return n;
	if (fold_may_decompose(c)) {
		c = fold_base(c);
		n = fold_by_table(c, out); /* ae with an accent */
	}
	return n ? n : text_encode(c, out);
}

size_t
text_fold(const char *term, size_t len, char *out)
{
	const char *p = term, *end;
	size_t n = 0;

	len = min_size(len, TEXT_TERM_MAX);
	end = term + len;
	while (p < end && (uint8_t)*p < 0x80)
		out[n++] = *p++;
	while (p < end) {
		char one[8];
		size_t k, i;

		if ((uint8_t)*p < 0x80) {
			one[0] = *p++;
			k = 1;
		} else {
			k = fold_character(text_decode(&p, end), one);
		}
		if (n + k > TEXT_TERM_MAX) /* only invalid bytes grow */
			break;
		for (i = 0; i < k; i++)
			out[n++] = one[i];
	}
	if (!n) {
		memcpy(out, term, len);
		n = len;
	}
	return n;
}

bool
text_fold_changes(const char *term, size_t len)
{
	const uint8_t *p = (const uint8_t *)term, *end = p + len;
	char fold[TEXT_TERM_MAX];
	size_t n;

	while (p < end) {
		if (*p < 0x80) {
			p++;
		} else if (*p == 0xc3 && end - p >= 2 && p[1] != 0x97 && p[1] != 0xb7) {
			return true; /* U+00C0 to U+00FF: all letters fold */
		} else if ((*p == 0xd0 || *p == 0xd1) && end - p >= 2 &&
			   fold_is_plain_cyrillic((*p & 0x1fu) << 6 | (p[1] & 0x3fu))) {
			p += 2;
		} else {
			break;
		}
	}
	if (p == end)
		return false;
	n = text_fold(term, len, fold);
	return n != len || memcmp(fold, term, len) != 0;
}
