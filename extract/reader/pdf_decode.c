/* pdf_decode.c - text of fonts that name their characters by the numbers of their glyphs.
 * See pdf.h.
 *
 * Where a program cut a TrueType font to its glyphs and left out which characters they are,
 * poppler can do no better than take numbers of glyphs for characters: "Nach dem" comes as
 * "1DFK", U+0003, "GHP".  The order of glyphs is that of the first 186 in most fonts (that of the
 * Macintosh, Apple's specification of the table `post`), so that these are read all the same.
 *
 * Such a page is known by its spaces, which are glyph 3, and by its letters, of which hardly
 * one is small before, and every third one a vowel after.  Words of other fonts on the page stay: what
 * stands between two true spaces is decoded if it has a control character in it, or else is of
 * capitals and figures alone and most of its line is decoded. */
#include "extract/reader/pdf.h"

#include "text/text.h"

enum { DECODE_SPACES = 4, DECODE_FIRST = 3, DECODE_ASCII = 97, DECODE_END = 186, DECODE_SHIFT = 29 };

/* From glyph 98 on. */
static const uint16_t glyphs[DECODE_END - DECODE_ASCII - 1] = {
	0xc4, 0xc5, 0xc7, 0xc9, 0xd1, 0xd6, 0xdc, 0xe1, 0xe0, 0xe2, 0xe4, 0xe3, 0xe5, 0xe7, 0xe9, 0xe8, 0xea, 0xeb,
	0xed, 0xec, 0xee, 0xef, 0xf1, 0xf3, 0xf2, 0xf4, 0xf6, 0xf5, 0xfa, 0xf9, 0xfb, 0xfc, 0x2020, 0xb0, 0xa2, 0xa3,
	0xa7, 0x2022, 0xb6, 0xdf, 0xae, 0xa9, 0x2122, 0xb4, 0xa8, 0x2260, 0xc6, 0xd8, 0x221e, 0xb1, 0x2264, 0x2265,
	0xa5, 0xb5, 0x2202, 0x2211, 0x220f, 0x3c0, 0x222b, 0xaa, 0xba, 0x3a9, 0xe6, 0xf8, 0xbf, 0xa1, 0xac, 0x221a,
	0x192, 0x2248, 0x2206, 0xab, 0xbb, 0x2026, ' ', 0xc0, 0xc3, 0xd5, 0x152, 0x153, 0x2013, 0x2014, 0x201c, 0x201d,
	0x2018, 0x2019, 0xf7, 0x25ca
};

static uint32_t
decode_glyph(uint32_t c)
{
	if (c >= DECODE_FIRST && c <= DECODE_ASCII)
		return c + DECODE_SHIFT;
	return c > DECODE_ASCII && c < DECODE_END ? glyphs[c - DECODE_ASCII - 1] : c;
}

static bool
decode_is_control(uint32_t c)
{
	return (c >= DECODE_FIRST && c < '\t') || (c > '\r' && c < ' ') || (c >= 0x7f && c < 0xa0);
}

/* What stands between two true spaces. */
typedef struct decode_run {
	size_t chars, controls, small, vowels, letters; /* the last two when it is decoded */
	size_t raw_letters;
	const char *end;
} decode_run;

static bool
decode_is_letter(uint32_t c)
{
	return ((c | 32) >= 'a' && (c | 32) <= 'z') || (c >= 0xc0 && c < 0x180 && c != 0xd7 && c != 0xf7);
}

static bool
decode_is_vowel(uint32_t c)
{
	return decode_is_letter(c) && (c >= 0xc0 || strchr("aeiouy", (char)(c | 32)));
}

static decode_run
decode_look(const char *p, const char *end)
{
	decode_run r = { 0 };

	while (p < end && *p != ' ' && *p != '\n') {
		uint32_t c = text_decode(&p, end), d = decode_glyph(c);

		r.chars++;
		r.controls += decode_is_control(c);
		r.small += c >= 'a' && c <= 'z';
		r.raw_letters += decode_is_letter(c);
		r.letters += decode_is_letter(d);
		r.vowels += decode_is_vowel(d);
	}
	r.end = p;
	return r;
}

static bool
decode_is_page(const char *p, const char *end)
{
	decode_run all = { 0 };
	size_t spaces = 0;

	for (const char *q = p; q < end; q++)
		spaces += *q == DECODE_FIRST;
	if (spaces < DECODE_SPACES)
		return false;
	for (; p < end; p++) {
		decode_run r = decode_look(p, end);

		p = r.end;
		if (!r.controls)
			continue;
		all.raw_letters += r.raw_letters;
		all.small += r.small;
		all.letters += r.letters;
		all.vowels += r.vowels;
	}
	return all.small * 4 < all.raw_letters && all.vowels * 4 > all.letters;
}

/* Does most of the line from p on, of what tells, need it? */
static bool
decode_is_line(const char *p, const char *end)
{
	size_t coded = 0, plain = 0;

	for (; p < end && *p != '\n'; p += p < end && *p == ' ') {
		decode_run r = decode_look(p, end);

		p = r.end;
		if (r.controls)
			coded += r.chars;
		else if (r.small * 2 > r.chars)
			plain += r.chars;
	}
	return coded >= plain;
}

static void
decode_char(buf *out, uint32_t c)
{
	char utf8[4];

	buf_put(out, utf8, text_encode(c, utf8));
}

bool
pdf_decode(const char *text, size_t n, buf *out)
{
	const char *p = text, *end = text + n;
	bool line = true;

	if (!n || !decode_is_page(text, end))
		return false;
	while (p < end) {
		decode_run r = decode_look(p, end);

		if (p == text || p[-1] == '\n')
			line = decode_is_line(p, end);
		/* capitals and figures alone may be either */
		if (r.controls || (line && r.small * 2 <= r.chars))
			while (p < r.end)
				decode_char(out, decode_glyph(text_decode(&p, end)));
		buf_put(out, p, (size_t)(r.end - p));
		p = r.end;
		if (p < end)
			buf_put(out, p++, 1);
	}
	return true;
}
