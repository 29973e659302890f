/* text_window.c - the ASCII path: plain words and numbers at memory speed.
 *
 * A window of the text is classified 16 bytes at a time into bit sets (letters,
 * digits, capitals, anything a token may begin with) and copied in lower case;
 * a term then is a place in that copy and a word's length one count of trailing
 * zeros.  Taken here are only runs of letters or of digits whose next byte
 * cannot continue them under any rule; everything else is left to the general
 * scanner, which would give the same for these (tested).
 */
#include "text/text_internal.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* Longest run one load of a bit set tells the end of. */
enum { RUN_MAX = 56 };

/* May this byte continue a run of letters? of digits? */
enum { MORE_LETTER = 1, MORE_DIGIT = 2, MORE_DIGIT_DOT = 4 };

static const uint8_t window_more[256] = {
	['0' ... '9'] = MORE_LETTER, ['A' ... 'Z'] = MORE_DIGIT, ['a' ... 'z'] = MORE_DIGIT,
	['\''] = MORE_LETTER, ['&'] = MORE_LETTER | MORE_DIGIT, ['_'] = MORE_LETTER | MORE_DIGIT,
	['-'] = MORE_LETTER | MORE_DIGIT, ['.'] = MORE_DIGIT_DOT, [','] = MORE_DIGIT_DOT,
	[0x80 ... 0xff] = MORE_LETTER | MORE_DIGIT,
};

/* 16 bytes of every set from `at` on: what is loaded beyond the text. */
CDG_INLINE void
window_clear(text_analyzer *an, size_t at)
{
	memset(an->win_letter + at, 0, 16);
	memset(an->win_digit + at, 0, 16);
	memset(an->win_upper + at, 0, 16);
	memset(an->win_any + at, 0, 16);
}

#ifndef __SSE2__
CDG_INLINE void
window_byte(text_analyzer *an, size_t i, uint8_t b)
{
	uint8_t bit = (uint8_t)(1u << (i & 7));
	bool upper = b >= 'A' && b <= 'Z';
	bool letter = upper || (b >= 'a' && b <= 'z');
	bool digit = b >= '0' && b <= '9';

	an->win_lower[i] = (char)(upper ? b | 0x20 : b);
	if (letter)
		an->win_letter[i >> 3] |= bit;
	if (digit)
		an->win_digit[i >> 3] |= bit;
	if (upper)
		an->win_upper[i >> 3] |= bit;
	if (letter || digit || b >= 0x80)
		an->win_any[i >> 3] |= bit;
}
#else
/* Bytes in [first, last], both ASCII, as 0xff. */
CDG_INLINE __m128i
window_between(__m128i v, char first, char last)
{
	return _mm_and_si128(_mm_cmpgt_epi8(v, _mm_set1_epi8((char)(first - 1))),
			     _mm_cmplt_epi8(v, _mm_set1_epi8((char)(last + 1))));
}

CDG_INLINE void
window_put16(uint8_t *set, size_t i, unsigned bits)
{
	uint16_t v = (uint16_t)bits;
	memcpy(set + (i >> 3), &v, 2);
}

CDG_INLINE void
window_block(text_analyzer *an, size_t i, const char *s)
{
	__m128i v = _mm_loadu_si128((const __m128i *)(const void *)s);
	__m128i upper = window_between(v, 'A', 'Z');
	__m128i low = _mm_or_si128(v, _mm_and_si128(upper, _mm_set1_epi8(0x20)));
	__m128i letter = window_between(low, 'a', 'z');
	__m128i digit = window_between(v, '0', '9');
	unsigned letters = (unsigned)_mm_movemask_epi8(letter);
	unsigned digits = (unsigned)_mm_movemask_epi8(digit);

	_mm_storeu_si128((__m128i *)(void *)(an->win_lower + i), low);
	window_put16(an->win_letter, i, letters);
	window_put16(an->win_digit, i, digits);
	window_put16(an->win_upper, i, (unsigned)_mm_movemask_epi8(upper));
	window_put16(an->win_any, i, letters | digits | (unsigned)_mm_movemask_epi8(v));
}
#endif

void
text_window_fill(text_analyzer *an)
{
	size_t len = min_size(WINDOW, an->n - an->at), i = 0;
	const char *s = an->s + an->at;

	an->win_base = an->at;
	an->win_len = len;
#ifdef __SSE2__
	for (; i + 16 <= len; i += 16)
		window_block(an, i, s + i);
	if (i < len) { /* the rest, filled up with NUL, which is in no set */
		char rest[16] = { 0 };
		memcpy(rest, s + i, len - i);
		window_block(an, i, rest);
		i += 16;
	}
	window_clear(an, i >> 3);
#else
	for (size_t k = 0; k <= len >> 3; k += 8)
		window_clear(an, k);
	for (; i < len; i++)
		window_byte(an, i, (uint8_t)s[i]);
#endif
}

/* The 57 or more bits of a set from bit i on. */
CDG_INLINE uint64_t
window_bits(const uint8_t *set, size_t i)
{
	return load_u64(set + (i >> 3)) >> (i & 7);
}

CDG_INLINE uint64_t
window_low(unsigned n)
{
	return ((uint64_t)1 << n) - 1;
}

/* How a run of letters with these capitals differs from its lower case. */
CDG_INLINE uint8_t
window_form(uint64_t upper, uint64_t all)
{
	if (!upper)
		return TEXT_FORM_LOWER;
	if (upper == 1)
		return TEXT_FORM_TITLE;
	return upper == all ? TEXT_FORM_UPPER : TEXT_FORM_OTHER;
}

/* Length of the run at window offset i that can be taken here, or 0. */
CDG_INLINE unsigned
window_word(const text_analyzer *an, size_t i)
{
	unsigned len = (unsigned)__builtin_ctzll(~window_bits(an->win_letter, i) | 1ull << 63);
	size_t end = an->win_base + i + len;
	uint8_t next;

	if (unlikely(len > RUN_MAX))
		return 0;
	if (unlikely(end >= an->n))
		return len;
	next = (uint8_t)an->s[end];
	if (unlikely(window_more[next] & MORE_LETTER) || unlikely(next == '.' && len == 1))
		return 0;
	return len;
}

CDG_INLINE unsigned
window_number(const text_analyzer *an, size_t i)
{
	unsigned len = (unsigned)__builtin_ctzll(~window_bits(an->win_digit, i) | 1ull << 63);
	size_t end = an->win_base + i + len;
	uint8_t more;

	if (unlikely(len > RUN_MAX))
		return 0;
	if (unlikely(end >= an->n))
		return len;
	more = window_more[(uint8_t)an->s[end]];
	if (likely(!more))
		return len;
	if (more == MORE_DIGIT_DOT && end + 1 < an->n) {
		uint8_t b = (uint8_t)an->s[end + 1];
		return b >= 0x80 || (b >= '0' && b <= '9') ? 0 : len;
	}
	return more == MORE_DIGIT_DOT ? len : 0;
}

void
text_window_run(text_analyzer *an)
{
	bool last = an->win_base + an->win_len == an->n;
	size_t limit = last ? an->win_len : an->win_len - 64;
	size_t at = an->at - an->win_base;
	text_token *t = an->out + an->out_len, *stop = an->out + an->out_cap;
	uint32_t pos = an->pos;

	while (t < stop && at < limit) {
		uint64_t any = window_bits(an->win_any, at);
		unsigned gap, len;
		uint8_t flags = TEXT_RESTART, kind = TEXT_WORD;
		size_t i;

		if (unlikely(!(any & window_low(RUN_MAX))))
			break;
		gap = (unsigned)__builtin_ctzll(any);
		i = at + gap;
		if (unlikely(i >= limit))
			break;
		if (likely(window_bits(an->win_letter, i) & 1)) {
			len = window_word(an, i);
		} else {
			if (!(window_bits(an->win_digit, i) & 1))
				break;
			len = window_number(an, i);
			kind = TEXT_NUMBER;
		}
		if (unlikely(!len))
			break;
		if (gap > 1) {
			an->at = an->win_base + at;
			flags |= text_gap_flags(an, an->win_base + i);
		}
		flags |= an->pending;
		an->pending = 0;
		t->term = an->win_lower + i;
		t->start = (uint32_t)(an->win_base + i);
		t->end = t->start + len;
		t->pos = pos++;
		t->len = (uint8_t)len;
		t->width = 1;
		t->kind = kind;
		t->form = window_form(window_bits(an->win_upper, i) & window_low(len),
				      window_low(len));
		t->flags = flags;
		t++;
		at = i + len;
		an->last_start = an->win_base + i;
	}
	an->at = an->win_base + at;
	an->pos = pos;
	an->out_len = (size_t)(t - an->out);
}
