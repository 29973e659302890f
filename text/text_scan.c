/* text_scan.c - the general scanner: words, compounds, numbers, runs of CJK,
 * signs, in any script.
 *
 * It works on classes of characters (text_class.c) and never looks before the
 * start of the token, so that a scan may begin at any token that is not a later
 * part of a compound.  Every look ahead ends in the token or in a gap that is
 * then passed once: linear time on any input.
 */
#include <unicode/uchar.h>

#include "text/text_internal.h"

enum { ELISION_MAX = 8 };

/* What comes before an apostrophe and is a word of its own: French, Italian,
 * Catalan. */
static const char scan_elision[][ELISION_MAX] = {
	"l", "d", "j", "m", "t", "s", "n", "c", "qu", "un", "jusqu", "lorsqu", "puisqu",
	"quoiqu", "presqu", "quelqu", "dell", "nell", "all", "sull", "dall", "coll", "quell",
	"quest", "sant", "bell", "tutt", "mezz", "anch", "com", "dov", "cos", "gl",
};

CDG_INLINE bool
scan_is_alnum(uint8_t cls)
{
	return cls == CLASS_LETTER || cls == CLASS_DIGIT;
}

/* Is the apostrophe at i, after the letters [start,i), an elision?  Then what
 * follows is a word; but one consonant alone is a suffix ("l's"). */
static bool
scan_is_elision(text_analyzer *an, size_t start, size_t i, size_t next)
{
	char low[ELISION_MAX] = { 0 };
	size_t n = i - start, k;
	uint32_t c, len;
	uint8_t cls;

	if (n >= ELISION_MAX)
		return false;
	for (k = 0; k < n; k++)
		low[k] = (char)(an->s[start + k] | 0x20);
	for (k = 0; k < countof(scan_elision); k++)
		if (!strncmp(low, scan_elision[k], ELISION_MAX))
			break;
	if (k == countof(scan_elision))
		return false;
	text_peek(an, next, &c, &len);
	if (c >= 0x80 || strchr("aeiouyAEIOUY", (int)c))
		return true;
	cls = text_peek(an, next + len, &c, &len);
	return cls == CLASS_LETTER || cls == CLASS_MARK;
}

/* Single letters with full stops from `start`: the end, or 0 when there are not
 * two.  Ends after the last stop, or after a last letter without one. */
static size_t
scan_acronym(text_analyzer *an, size_t start)
{
	size_t i = start, end = 0;
	unsigned n = 0;

	for (;;) {
		uint32_t c, len;
		uint8_t cls = text_peek(an, i, &c, &len);
		size_t j = i + len;

		if (cls != CLASS_LETTER)
			break;
		cls = text_peek(an, j, &c, &len);
		if (cls == CLASS_DOT && c == '.') {
			n += n < 2;
			end = i = j + 1;
			continue;
		}
		if (n && !scan_is_alnum(cls) && cls != CLASS_MARK && cls != CLASS_IGNORE &&
		    cls != CLASS_AMP && cls != CLASS_UNDER && cls != CLASS_MID) {
			n += n < 2;
			end = j;
		}
		break;
	}
	return n >= 2 ? end : 0;
}

/* From a newline at i (with spaces before it already passed): behind it and the
 * spaces after it. */
static size_t
scan_past_newline(text_analyzer *an, size_t i)
{
	uint32_t c, len;
	uint8_t cls;

	if (an->s[i] == '\r' && i + 1 < an->n && an->s[i + 1] == '\n')
		i++;
	i++;
	for (;;) {
		cls = text_peek(an, i, &c, &len);
		if (cls != CLASS_SPACE)
			return i;
		i += len;
	}
}

/* After a hyphen that may end a line: the start of the next line's word when the
 * line breaks there, or 0. */
static size_t
scan_line_break(text_analyzer *an, size_t i)
{
	uint32_t c, len;

	while (text_peek(an, i, &c, &len) == CLASS_SPACE)
		i += len;
	if (i >= an->n || (an->s[i] != '\n' && an->s[i] != '\r'))
		return 0;
	i = scan_past_newline(an, i);
	return i < an->n ? i : 0;
}

/* Over ignored characters at i: where the word goes on, or 0. */
static size_t
scan_ignored(text_analyzer *an, size_t i)
{
	uint32_t c, len, last = 0;
	uint8_t cls;

	while ((cls = text_peek(an, i, &c, &len)) == CLASS_IGNORE) {
		last = c;
		i += len;
	}
	if (last == 0x00ad && (cls == CLASS_SPACE || cls == CLASS_NEWLINE)) {
		i = scan_line_break(an, i);
		if (!i)
			return 0;
		cls = text_peek(an, i, &c, &len);
		return cls == CLASS_LETTER ? i : 0;
	}
	return scan_is_alnum(cls) || cls == CLASS_MARK ? i : 0;
}

/* d{1,3}(,ddd)+ and perhaps .d+, and nothing more of a number: thousands. */
static bool
scan_is_grouped(const char *p, const char *end)
{
	unsigned n = 0, groups = 0;

	while (p < end && *p >= '0' && *p <= '9')
		p++, n++;
	if (n < 1 || n > 3)
		return false;
	for (; p < end && *p == ','; groups = 1) {
		for (p++, n = 0; p < end && *p >= '0' && *p <= '9'; p++)
			n++;
		if (n != 3)
			return false;
	}
	if (!groups)
		return false;
	if (p < end && *p == '.')
		for (p++; p < end && *p >= '0' && *p <= '9'; p++)
			;
	return p == end || (*p != '.' && *p != ',');
}

/* The state of one word's scan. */
typedef struct scan_state {
	text_word *w;
	size_t i;      /* next character */
	uint8_t prev;  /* CLASS_LETTER or CLASS_DIGIT */
	bool plain;    /* only ASCII letters so far: may be an elision */
	bool commas;
} scan_state;

/* Punctuation of class cls (len bytes) inside a word: true and i moved when the
 * word goes on behind it. */
static bool
scan_inside(text_analyzer *an, scan_state *sc, uint8_t cls, uint32_t len)
{
	size_t next = sc->i + len;
	uint32_t c, l;
	uint8_t after = text_peek(an, next, &c, &l);

	switch (cls) {
	case CLASS_APOS:
	case CLASS_MID:
		if (sc->prev != CLASS_LETTER || after != CLASS_LETTER)
			return false;
		if (cls == CLASS_APOS && sc->plain &&
		    scan_is_elision(an, sc->w->start, sc->i, next))
			return false;
		break;
	case CLASS_AMP:
		if (!scan_is_alnum(after))
			return false;
		break;
	case CLASS_UNDER:
		while (after == CLASS_UNDER) {
			next += l;
			after = text_peek(an, next, &c, &l);
		}
		if (!scan_is_alnum(after))
			return false;
		break;
	case CLASS_DOT:
	case CLASS_COMMA:
		if (sc->prev != CLASS_DIGIT || after != CLASS_DIGIT)
			return false;
		if (cls == CLASS_COMMA && sc->w->letter)
			return false;
		sc->commas |= cls == CLASS_COMMA;
		break;
	case CLASS_IGNORE:
		next = scan_ignored(an, sc->i);
		if (!next)
			return false;
		sc->w->complex = true;
		break;
	default:
		return false;
	}
	sc->plain = false;
	if (len > 1)
		sc->w->ascii = false;
	sc->i = next;
	return true;
}

/* One word, or one part of a compound, from `start` (a letter or digit). */
static void
scan_word(text_analyzer *an, size_t start, text_word *w)
{
	scan_state sc = { .w = w, .i = start, .plain = true };

	*w = (text_word){ .start = start, .ascii = true };
	w->end = scan_acronym(an, start);
	if (w->end) {
		w->acronym = w->letter = true;
		w->ascii = false; /* not copied byte for byte */
		return;
	}
	for (;;) {
		uint32_t c, len;
		uint8_t cls = text_peek(an, sc.i, &c, &len);

		if (cls == CLASS_LETTER) {
			w->letter = true;
			sc.prev = cls;
		} else if (cls == CLASS_DIGIT) {
			w->digit |= sc.i == start;
			sc.prev = cls;
			sc.plain = false;
		} else if (cls == CLASS_MARK) {
			w->complex = true;
		} else if (scan_inside(an, &sc, cls, len)) {
			continue;
		} else {
			break;
		}
		if (len > 1)
			w->ascii = sc.plain = false;
		sc.i += len;
	}
	w->end = sc.i;
	w->grouped = sc.commas && scan_is_grouped(an->s + start, an->s + w->end);
}

/* Add a token for w; NULL when its term is empty. */
static text_token *
scan_emit(text_analyzer *an, const text_word *w, uint8_t kind)
{
	char *term = an->terms + an->terms_len;
	text_token *t = an->out + an->out_len;
	bool hashed;
	size_t len = text_term_build(an, w, term, &hashed);

	if (!len)
		return NULL;
	*t = (text_token){
		.term = term, .start = (uint32_t)w->start, .end = (uint32_t)w->end,
		.pos = an->pos, .len = (uint8_t)len, .width = 1, .kind = kind,
		.flags = an->pending,
	};
	t->form = hashed ? TEXT_FORM_OTHER
			 : (uint8_t)text_term_form(an->s + w->start, w->end - w->start, term, len);
	if (!w->ascii && text_fold_changes(term, len))
		t->flags |= TEXT_ACCENT;
	an->terms_len += len;
	an->pending = 0;
	an->last_start = w->start;
	an->out_len++;
	an->pos++;
	return t;
}

/* After a part that ends at i: where the next part of the compound begins, or
 * 0 when no hyphen joins one. */
static size_t
scan_hyphen(text_analyzer *an, size_t i)
{
	uint32_t c, len;
	uint8_t cls;

	if (text_peek(an, i, &c, &len) != CLASS_HYPHEN)
		return 0;
	i += len;
	cls = text_peek(an, i, &c, &len);
	if (scan_is_alnum(cls))
		return i;
	if (cls != CLASS_SPACE && cls != CLASS_NEWLINE)
		return 0;
	i = scan_line_break(an, i);
	if (!i || text_peek(an, i, &c, &len) != CLASS_LETTER)
		return 0;
	if (c < 0x80)
		return c >= 'a' ? i : 0;
	return u_islower((UChar32)c) ? i : 0;
}

/* The compound's own token, from its parts' tokens. */
static void
scan_join(text_analyzer *an, size_t first, size_t parts)
{
	const text_token *p = an->out + first;
	char *term = an->terms + an->terms_len;
	size_t len = 0, i;
	uint8_t accent = 0;

	for (i = 0; i < parts; i++) {
		if (len + p[i].len > TEXT_TERM_MAX)
			return;
		memcpy(term + len, p[i].term, p[i].len);
		len += p[i].len;
		accent |= p[i].flags & TEXT_ACCENT;
	}
	an->terms_len += len;
	an->out[an->out_len++] = (text_token){
		.term = term, .start = p[0].start, .end = p[parts - 1].end, .pos = p[0].pos,
		.len = (uint8_t)len, .width = (uint8_t)parts, .kind = TEXT_JOINED,
		.form = TEXT_FORM_OTHER, .flags = accent,
	};
}

/* A word with the words that hyphens join to it. */
static void
scan_compound(text_analyzer *an, size_t i)
{
	size_t first = an->out_len, parts = 0;
	bool letter = false, chained = an->in_chain;

	for (;;) {
		text_word w;
		text_token *t;
		size_t next;

		if (parts == TEXT_JOIN_MAX) { /* too many: the rest one by one */
			an->at = i;
			an->in_chain = true;
			return;
		}
		scan_word(an, i, &w);
		letter |= w.letter;
		t = scan_emit(an, &w, w.digit && !w.letter ? TEXT_NUMBER : TEXT_WORD);
		if (t && !parts && !chained)
			t->flags |= TEXT_RESTART;
		parts += t != NULL;
		next = scan_hyphen(an, w.end);
		if (!next) {
			an->at = w.end;
			break;
		}
		if (t)
			t->flags |= TEXT_HYPHEN;
		i = next;
	}
	an->in_chain = false;
	if (!chained && letter && parts > 1)
		scan_join(an, first, parts);
}

/* Does c continue the CJK character before it (voicing marks, jamo, variation
 * selectors)?  Such a group is one position. */
CDG_INLINE bool
scan_cjk_continues(uint32_t c)
{
	if (c < 0x1161 || (c > 0x11ff && c < 0x3099))
		return false;
	return c <= 0x11ff || c == 0x3099 || c == 0x309a || c == 0xff9e || c == 0xff9f ||
	       (c >= 0xfe00 && c <= 0xfe0f) || (c >= 0xe0100 && c <= 0xe01ef) ||
	       (c >= 0xd7b0 && c <= 0xd7fb);
}

/* One position of a CJK run. */
typedef struct scan_cell {
	size_t start, end;
	uint32_t c; /* folded */
	bool same;  /* its bytes are c */
} scan_cell;

/* Characters that fold to themselves, given that nothing continues them. */
CDG_INLINE bool
scan_cjk_is_plain(uint32_t c)
{
	return (c >= 0x3400 && c <= 0x9fff) || (c >= 0x3041 && c <= 0x30fe && c != 0x309f) ||
	       (c >= 0xac00 && c <= 0xd7a3);
}

/* The next cell, from the character at the end of the one before (*c of class
 * *cls, *len bytes), which is moved on; false when it is not CJK. */
CDG_INLINE bool
scan_cell_next(text_analyzer *an, size_t i, scan_cell *cell, uint8_t *cls, uint32_t *c,
	       uint32_t *len)
{
	uint32_t group[4];
	size_t n = 1;

	if (*cls != CLASS_CJK)
		return false;
	group[0] = cell->c = *c;
	cell->start = i;
	i += *len;
	*cls = text_peek(an, i, c, len);
	while (unlikely(scan_cjk_continues(*c))) {
		if (n < countof(group))
			group[n++] = *c;
		i += *len;
		*cls = text_peek(an, i, c, len);
	}
	cell->end = i;
	cell->same = true;
	if (unlikely(n > 1 || !scan_cjk_is_plain(group[0]))) {
		cell->c = text_term_fold_one(an, group, n);
		cell->same = n == 1 && cell->c == group[0];
	}
	return true;
}

static void
scan_cjk_emit(text_analyzer *an, const scan_cell *a, const scan_cell *b)
{
	text_token *t = an->out + an->out_len++;
	const scan_cell *end = b ? b : a;

	*t = (text_token){
		.start = (uint32_t)a->start, .end = (uint32_t)end->end, .pos = an->pos++,
		.width = b ? 2 : 1, .kind = b ? TEXT_CJK : TEXT_CJK_LAST,
		.flags = an->pending | TEXT_RESTART,
	};
	an->pending = 0;
	if (a->same && end->same) {
		t->term = an->s + a->start;
		t->len = (uint8_t)(end->end - a->start);
		t->form = TEXT_FORM_LOWER;
	} else {
		char *term = an->terms + an->terms_len;
		size_t len = text_encode(a->c, term);
		if (b)
			len += text_encode(b->c, term + len);
		t->term = term;
		t->len = (uint8_t)len;
		t->form = TEXT_FORM_OTHER;
		an->terms_len += len;
	}
	an->last_start = a->start;
	an->at = a->end;
}

/* Three bytes as a character, or 0 when they are not surely one. */
CDG_INLINE uint32_t
scan_three(const text_analyzer *an, size_t i)
{
	const uint8_t *p = (const uint8_t *)an->s + i;

	if (i + 3 > an->n || p[0] < 0xe3 || p[0] > 0xec || (p[1] & 0xc0) != 0x80 ||
	    (p[2] & 0xc0) != 0x80)
		return 0;
	return (p[0] & 0x0fu) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3fu);
}

/* Surely of class CJK and folded to itself: the ideographs without the hexagram
 * symbols between them, the syllables and the kana. */
CDG_INLINE bool
scan_is_simple(uint32_t c)
{
	return (c >= 0x4e00 && c <= 0x9fef) || (c >= 0x3400 && c <= 0x4db5) ||
	       (c >= 0xac00 && c <= 0xcfff) || (c >= 0x3041 && c <= 0x3096) || (c >= 0x30a1 && c <= 0x30fa);
}

/* The bulk of a run: pairs of characters that fold to themselves, as long as
 * three of them follow each other (the third cannot continue the second).
 * Returns where the general way goes on. */
static size_t
scan_cjk_simple(text_analyzer *an, size_t i)
{
	uint32_t a = scan_three(an, i), b = scan_three(an, i + 3);
	text_token *t = an->out + an->out_len, *stop = an->out + an->out_cap;
	uint8_t flags = an->pending | TEXT_RESTART;
	size_t first = i;

	if (an->forced || !scan_is_simple(a) || !scan_is_simple(b))
		return i;
	for (; t < stop; t++, i += 3) {
		uint32_t c = scan_three(an, i + 6);

		if (!scan_is_simple(c))
			break;
		*t = (text_token){
			.term = an->s + i, .start = (uint32_t)i, .end = (uint32_t)i + 6,
			.pos = an->pos++, .len = 6, .width = 2, .kind = TEXT_CJK,
			.form = TEXT_FORM_LOWER, .flags = flags,
		};
		flags = TEXT_RESTART;
	}
	if (i > first) {
		an->pending = 0;
		an->last_start = i - 3;
		an->at = i;
		an->out_len = (size_t)(t - an->out);
	}
	return i;
}

/* As much of a CJK run as the batch has room for. */
static void
scan_cjk(text_analyzer *an, size_t i)
{
	uint32_t c, len;
	uint8_t cls;
	scan_cell a, b;

	i = scan_cjk_simple(an, i);
	cls = text_peek(an, i, &c, &len);
	scan_cell_next(an, i, &a, &cls, &c, &len);
	while (an->out_len < an->out_cap && TERM_ROOM - an->terms_len >= 16) {
		bool more = scan_cell_next(an, a.end, &b, &cls, &c, &len);

		scan_cjk_emit(an, &a, more ? &b : NULL);
		if (!more)
			break;
		a = b;
	}
}

/* Behind the run of c's, or of any characters of class cls when c is 0. */
static size_t
scan_same(text_analyzer *an, size_t i, uint8_t cls, uint32_t c)
{
	uint32_t d, len;

	while (text_peek(an, i, &d, &len) == cls && (!c || c == d))
		i += len;
	return i;
}

/* A doubled section sign is one token, with the term of one. */
static void
scan_symbol(text_analyzer *an, size_t i)
{
	text_word w = { .start = i, .complex = true };
	uint32_t c, len;
	uint8_t cls = text_peek(an, i, &c, &len);
	size_t end = scan_same(an, i, cls, c);
	text_token *t;

	w.end = i + len;
	t = scan_emit(an, &w, TEXT_SYMBOL);
	if (t) {
		t->flags |= TEXT_RESTART;
		if (end != w.end)
			t->form = TEXT_FORM_OTHER;
		t->end = (uint32_t)end;
	}
	an->at = end;
}

/* Superscript digits; or one character that reads as several. */
static void
scan_odd(text_analyzer *an, size_t i)
{
	text_word w = { .start = i, .complex = true };
	uint32_t c, len;
	uint8_t cls = text_peek(an, i, &c, &len);
	text_token *t;

	w.odd = cls == CLASS_ODD;
	w.end = w.odd ? i + len : scan_same(an, i, cls, 0);
	t = scan_emit(an, &w, TEXT_WORD);
	if (t) {
		const char *p = t->term;

		t->flags |= TEXT_RESTART;
		if (u_charType((UChar32)text_decode(&p, p + t->len)) == U_DECIMAL_DIGIT_NUMBER)
			t->kind = TEXT_NUMBER;
	}
	an->at = w.end;
}

void
text_scan_token(text_analyzer *an, size_t i)
{
	uint32_t c, len;
	uint8_t cls = text_peek(an, i, &c, &len);

	switch (cls) {
	case CLASS_CJK:
		scan_cjk(an, i);
		break;
	case CLASS_SYMBOL:
		scan_symbol(an, i);
		break;
	case CLASS_SUPER:
	case CLASS_ODD:
		scan_odd(an, i);
		break;
	default:
		scan_compound(an, i);
	}
}
