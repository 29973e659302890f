/* text_class.c - what each character is to the tokenizer.
 *
 * Unicode's word-break rules (UAX #29) work on properties of characters; so do
 * these, with the tailoring for policy texts that text.h describes.  The ASCII
 * table is written out; everything else is asked from ICU.  Pure functions,
 * any thread.
 */
#include <unicode/uchar.h>
#include <unicode/unorm2.h>

#include "text/text_internal.h"

#define O CLASS_OTHER
#define L CLASS_LETTER
#define D CLASS_DIGIT
#define S CLASS_SPACE

const uint8_t text_class_ascii[128] = {
	/* 00 */ O, O, O, O, O, O, O, O, O, S, CLASS_NEWLINE, S, S, CLASS_NEWLINE, O, O,
	/* 10 */ O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, O,
	/* 20 */ S, CLASS_BANG, CLASS_QUOTE, O, O, O, CLASS_AMP, CLASS_APOS,
	/* 28 */ CLASS_OPEN, CLASS_CLOSE, O, O, CLASS_COMMA, CLASS_HYPHEN, CLASS_DOT, O,
	/* 30 */ D, D, D, D, D, D, D, D, D, D, O, O, O, O, O, CLASS_BANG,
	/* 40 */ O, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L,
	/* 50 */ L, L, L, L, L, L, L, L, L, L, L, CLASS_OPEN, O, CLASS_CLOSE, O, CLASS_UNDER,
	/* 60 */ O, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L,
	/* 70 */ L, L, L, L, L, L, L, L, L, L, L, CLASS_OPEN, O, CLASS_CLOSE, O, O,
};

#undef O
#undef L
#undef D
#undef S

typedef struct class_range {
	uint32_t first, last;
} class_range;

/* Scripts indexed by bigrams: letters and marks, without digits and
 * punctuation.  Sorted. */
static const class_range class_cjk[] = {
	{ 0x0e01, 0x0e3a }, { 0x0e40, 0x0e4e }, /* Thai */
	{ 0x0e81, 0x0ebd }, { 0x0ec0, 0x0ece }, { 0x0edc, 0x0edf }, /* Lao */
	{ 0x1000, 0x103f }, { 0x1050, 0x108f }, { 0x109a, 0x109d }, /* Myanmar */
	{ 0x1100, 0x115e }, { 0x1161, 0x11ff },                     /* Hangul jamo, no fillers */
	{ 0x1780, 0x17b3 }, { 0x17b6, 0x17d3 }, { 0x17d7, 0x17d7 }, { 0x17dc, 0x17dd }, /* Khmer */
	{ 0x2e80, 0x2fd5 },                                         /* radicals */
	{ 0x3005, 0x3007 }, { 0x3021, 0x3029 }, { 0x3031, 0x3035 }, { 0x3038, 0x303c },
	{ 0x3041, 0x3096 }, { 0x3099, 0x309a }, { 0x309d, 0x309f }, /* Hiragana */
	{ 0x30a1, 0x30fa }, { 0x30fc, 0x30ff },                     /* Katakana */
	{ 0x3105, 0x312f }, { 0x3131, 0x3163 }, { 0x3165, 0x318e },
	{ 0x31a0, 0x31bf }, { 0x31f0, 0x31ff }, { 0x3400, 0x4dbf }, { 0x4e00, 0x9fff },
	{ 0xa000, 0xa48c },                                         /* Yi */
	{ 0xa960, 0xa97c }, { 0xa9e0, 0xa9ef }, { 0xa9fa, 0xa9fe }, { 0xaa60, 0xaa76 },
	{ 0xaa7a, 0xaa7f }, { 0xac00, 0xd7a3 }, { 0xd7b0, 0xd7fb }, { 0xf900, 0xfad9 },
	{ 0xff66, 0xff9f }, { 0xffa1, 0xffdc },                     /* half-width */
	{ 0x1aff0, 0x1affe }, { 0x1b000, 0x1b16f }, { 0x20000, 0x3fffd },
};

bool
text_is_cjk(uint32_t c)
{
	size_t lo = 0, hi = countof(class_cjk);

	if (c < 0x0e01)
		return false;
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		if (c > class_cjk[mid].last)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < countof(class_cjk) && c >= class_cjk[lo].first;
}

/* Characters whose part in words or sentences no property tells. */
static uint8_t
class_special(uint32_t c)
{
	switch (c) {
	case '.':
		return CLASS_DOT;
	case ',':
		return CLASS_COMMA;
	case '&':
		return CLASS_AMP;
	case '"':
		return CLASS_QUOTE;
	case '\n': case '\r': case 0x85: case 0x2028:
		return CLASS_NEWLINE;
	case 0x2029:
		return CLASS_PARA;
	case '!': case '?': case 0x203c: case 0x2047: case 0x2048: case 0x2049: case 0x2026:
	case 0x061f: case 0x06d4: case 0x0964: case 0x0965:
		return CLASS_BANG;
	case 0x3002: case 0xff01: case 0xff0e: case 0xff1b: case 0xff1f: case 0xff61:
		return CLASS_STOP;
	case '\'': case 0x2019: case 0x02bc: case 0xff07:
		return CLASS_APOS;
	case 0x00b7: case 0x0387: case 0x05f3: case 0x05f4: case 0x2027:
		return CLASS_MID;
	case '-': case 0x2010: case 0x2011:
		return CLASS_HYPHEN;
	case 0x00a7: case 0x00b6:
		return CLASS_SYMBOL;
	case 0x200b: /* zero width space: a place to break */
		return CLASS_SPACE;
	case 0x00b9: case 0x00b2: case 0x00b3: case 0x2070:
	case 0x2074: case 0x2075: case 0x2076: case 0x2077: case 0x2078: case 0x2079:
		return CLASS_SUPER;
	case 0x2080: case 0x2081: case 0x2082: case 0x2083: case 0x2084:
	case 0x2085: case 0x2086: case 0x2087: case 0x2088: case 0x2089:
		return CLASS_DIGIT; /* CO2 */
	case 0x2120: case 0x2122: /* service mark, trade mark: not read */
		return CLASS_OTHER;
	case 0x115f: case 0x1160: case 0x3164: case 0xffa0: /* Hangul fillers */
		return CLASS_IGNORE;
	default:
		return CLASS_UNKNOWN;
	}
}

/* A symbol or number that compatibility folding makes readable: one half, the
 * circled one, the square kg. */
static bool
class_is_odd(const struct UNormalizer2 *casefold, uint32_t c)
{
	UErrorCode st = U_ZERO_ERROR;
	UChar text[32];
	int32_t n = unorm2_getRawDecomposition(casefold, (UChar32)c, text, countof(text), &st);
	UChar32 first;

	if (U_FAILURE(st) || n <= 0)
		return u_charType((UChar32)c) == U_OTHER_NUMBER;
	U16_GET(text, 0, 0, n, first);
	if (first == '(' && n > 1)
		U16_GET(text, 0, 1, n, first);
	return u_isalnum(first);
}

static uint8_t
class_by_category(const struct UNormalizer2 *casefold, uint32_t c)
{
	switch (u_charType((UChar32)c)) {
	case U_UPPERCASE_LETTER: case U_LOWERCASE_LETTER: case U_TITLECASE_LETTER:
	case U_MODIFIER_LETTER: case U_OTHER_LETTER: case U_LETTER_NUMBER:
		return CLASS_LETTER;
	case U_DECIMAL_DIGIT_NUMBER:
		return CLASS_DIGIT;
	case U_NON_SPACING_MARK: case U_ENCLOSING_MARK: case U_COMBINING_SPACING_MARK:
		return CLASS_MARK;
	case U_FORMAT_CHAR:
		return CLASS_IGNORE;
	case U_CONNECTOR_PUNCTUATION:
		return CLASS_UNDER;
	case U_START_PUNCTUATION: case U_INITIAL_PUNCTUATION:
		return CLASS_OPEN;
	case U_END_PUNCTUATION: case U_FINAL_PUNCTUATION:
		return CLASS_CLOSE;
	case U_SPACE_SEPARATOR:
		return CLASS_SPACE;
	case U_OTHER_NUMBER: case U_OTHER_SYMBOL:
		return class_is_odd(casefold, c) ? CLASS_ODD : CLASS_OTHER;
	default:
		return u_isspace((UChar32)c) && (c == '\t' || c == '\v' || c == '\f')
			? CLASS_SPACE : CLASS_OTHER;
	}
}

uint8_t
text_class_find(const struct UNormalizer2 *casefold, uint32_t c)
{
	uint8_t cls = class_special(c);

	if (cls != CLASS_UNKNOWN)
		return cls;
	if (text_is_cjk(c))
		return CLASS_CJK;
	return class_by_category(casefold, c);
}
