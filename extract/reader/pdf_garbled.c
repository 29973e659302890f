/* pdf_garbled.c - pages whose fonts do not say, or say wrongly, which characters they have.
 * See pdf.h.
 *
 * Two signs: characters that no text has (private ones, controls, such as are not assigned),
 * and Latin letters of which hardly one is a vowel, as letters look that stand for others. */
#include "extract/reader/pdf.h"

#include <unicode/uchar.h>
#include <unicode/uscript.h>

#include "text/text.h"

enum {
	GARBLED_CHARS = 100,   /* fewer say nothing */
	GARBLED_LETTERS = 200,
	GARBLED_ODD = 5,       /* one of so many characters */
	GARBLED_VOWELS = 5,    /* fewer than one of so many letters; languages have two */
};

typedef struct counts {
	size_t chars, odd, letters, vowels;
} counts;

static bool
is_odd(UChar32 c)
{
	int8_t type = u_charType(c);

	return type == U_PRIVATE_USE_CHAR || type == U_UNASSIGNED || type == U_CONTROL_CHAR || c == 0xfffd;
}

static void
count_char(counts *n, UChar32 c)
{
	bool ascii = c < 0x80;
	UErrorCode code = U_ZERO_ERROR;

	if (u_isUWhiteSpace(c))
		return;
	n->chars++;
	n->odd += is_odd(c);
	if (ascii ? !((c | 32) >= 'a' && (c | 32) <= 'z') : uscript_getScript(c, &code) != USCRIPT_LATIN)
		return;
	n->letters++;
	n->vowels += !ascii || strchr("aeiouy", (char)(c | 32)) != NULL; /* marks stand on vowels mostly */
}

static bool
is_garbled(const pdf_text *t, const pdf_page *page)
{
	counts n = { 0 };

	for (uint32_t i = page->first; i < page->end; i++) {
		const char *p = pdf_line_text(t, &t->lines[i]), *end = p + t->lines[i].n;

		while (p < end)
			count_char(&n, (UChar32)text_decode(&p, end));
	}
	return (n.chars >= GARBLED_CHARS && n.odd * GARBLED_ODD >= n.chars) ||
	       (n.letters >= GARBLED_LETTERS && n.vowels * GARBLED_VOWELS < n.letters);
}

size_t
pdf_garbled(const pdf_text *t)
{
	size_t n = 0;

	for (size_t i = 0; i < t->npages; i++)
		n += is_garbled(t, &t->pages[i]);
	return n;
}
