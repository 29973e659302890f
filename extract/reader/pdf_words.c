/* pdf_words.c - see pdf_words.h. */
#include "extract/reader/pdf_words.h"

#include <unicode/uchar.h>
#include <xxhash.h>

#include "text/text.h"

enum {
	WORDS_MAX = 1 << 20, /* of one document; later ones are not looked at */
	WORD_BYTES = 96,     /* longer ones are not words */
};

static bool
words_is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

/* Lower case as far as ASCII goes. */
static uint64_t
words_hash(const char *a, size_t na, const char *between, const char *b, size_t nb)
{
	char word[2 * WORD_BYTES + 2];
	size_t n = 0;

	for (size_t i = 0; i < na && i < WORD_BYTES; i++)
		word[n++] = a[i] >= 'A' && a[i] <= 'Z' ? (char)(a[i] | 0x20) : a[i];
	if (*between)
		word[n++] = *between;
	for (size_t i = 0; i < nb && i < WORD_BYTES; i++)
		word[n++] = b[i] >= 'A' && b[i] <= 'Z' ? (char)(b[i] | 0x20) : b[i];
	return XXH3_64bits(word, n) | 1;
}

static void
words_put(pdf_words *w, uint64_t hash)
{
	size_t i = (size_t)(hash >> 20) & (w->cap - 1);

	while (w->table[i] && w->table[i] != hash)
		i = (i + 1) & (w->cap - 1);
	w->n += !w->table[i];
	w->table[i] = hash;
}

static bool
words_grow(pdf_words *w)
{
	pdf_words more = { .cap = w->cap ? 2 * w->cap : 4096 };

	if (w->n * 2 < w->cap)
		return true;
	if (w->n >= WORDS_MAX)
		return false;
	more.table = mem_calloc(more.cap, sizeof *more.table);
	if (!more.table) {
		w->failed = true;
		return false;
	}
	for (size_t i = 0; i < w->cap; i++)
		if (w->table[i])
			words_put(&more, w->table[i]);
	mem_free(w->table);
	*w = more;
	return true;
}

static bool
words_has(const pdf_words *w, uint64_t hash)
{
	size_t i = (size_t)(hash >> 20) & (w->cap - 1);

	if (!w->cap)
		return false;
	while (w->table[i] && w->table[i] != hash)
		i = (i + 1) & (w->cap - 1);
	return w->table[i] != 0;
}

/* The words of one line, but for the first and the last, which may be parts. */
static bool
words_line(pdf_words *w, const char *p, size_t n)
{
	const char *before = NULL; /* the word that a hyphen joins to this one */
	size_t nbefore = 0;

	for (size_t i = 0, from; i < n; i++) {
		for (from = i; i < n && words_is_letter(p[i]);)
			i++;
		if (i == from || i - from > WORD_BYTES) {
			before = NULL;
			continue;
		}
		if (!words_grow(w))
			return false;
		if (from && i < n && (p[i] != '-' || i + 1 < n))
			words_put(w, words_hash(p + from, i - from, "", NULL, 0));
		if (before && i < n)
			words_put(w, words_hash(before, nbefore, "-", p + from, i - from));
		before = i < n && p[i] == '-' ? p + from : NULL;
		nbefore = i - from;
	}
	return true;
}

void
pdf_words_init(pdf_words *w, const pdf_text *t)
{
	memset(w, 0, sizeof *w);
	for (size_t i = 0; i < t->nlines; i++)
		if (!words_line(w, pdf_line_text(t, &t->lines[i]), t->lines[i].n))
			return;
}

void
pdf_words_fini(pdf_words *w)
{
	mem_free(w->table);
	memset(w, 0, sizeof *w);
}

/* "Ein- und Ausgaben": a word of which the other half comes later. */
static bool
words_is_and(const char *p, size_t n)
{
	static const char *const and[] = { "und", "oder", "bzw", "sowie", "and", "or", "to", "et", "ou", "y", "o", "e" };

	for (size_t i = 0; i < countof(and); i++)
		if (strlen(and[i]) == n && !memcmp(and[i], p, n))
			return true;
	return false;
}

pdf_hyphen
pdf_words_hyphen(const pdf_words *w, const char *a, size_t na, const char *b, size_t nb, bool soft)
{
	size_t from = na, to = 0;
	const char *p = b;
	uint32_t first = nb ? text_decode(&p, b + nb) : 0;

	while (from && words_is_letter(a[from - 1]))
		from--;
	while (to < nb && words_is_letter(b[to]))
		to++;
	if (soft)
		return PDF_HYPHEN_DROPPED;
	if (nb > to + 2 && memcmp(b + to, "://", 3) == 0) /* a URL below a word that goes on elsewhere */
		return PDF_HYPHEN_SPACE;
	if (from == na || !to || !u_islower((UChar32)first)) /* "2019-2020", "Baden-Württemberg" */
		return u_isalnum((UChar32)first) ? PDF_HYPHEN_KEPT : PDF_HYPHEN_SPACE;
	if (words_has(w, words_hash(a + from, na - from, "", b, to)))
		return PDF_HYPHEN_DROPPED;
	if (words_has(w, words_hash(a + from, na - from, "-", b, to)))
		return PDF_HYPHEN_KEPT;
	if (words_is_and(b, to))
		return PDF_HYPHEN_SPACE;
	if (na - from > 2 && to > 2 && words_has(w, words_hash(a + from, na - from, "", NULL, 0)) &&
	    words_has(w, words_hash(NULL, 0, "", b, to)))
		return PDF_HYPHEN_KEPT;
	return PDF_HYPHEN_DROPPED;
}
