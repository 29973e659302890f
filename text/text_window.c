/* text_window.c - the ASCII path: plain words and numbers at memory speed.
 *
 * A window of the text is copied in lower case and classified 64 bytes at a time
 * into bit sets.  What a token may not be followed by here is in one of them
 * (win_hard), found once for all bytes from their neighbours; so is what makes a
 * gap worth looking at (win_mark).  Tokens then are taken some 56 bytes at a time:
 * the bits of their starts and of their ends, up to the first hard one, are
 * counted off side by side, and no token waits for the one before it.
 *
 * Taken here are only runs of letters or of digits whose next byte cannot continue
 * them under any rule; everything else is left to the general scanner, which
 * would give the same for these (tested, at every level of the processor).
 */
#include "base/cpu.h"
#include "text/text_internal.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

/* Bits of a set that one load gives from any bit on; tokens that end in them. */
enum { BITS = 57, BITS_TOKENS = BITS / 2 + 1 };

/* What a byte is, for the sets. */
enum {
	IS_LETTER = 1,
	IS_DIGIT = 2,
	IS_UPPER = 4,
	MORE_LETTER = 8, /* may continue a run of letters */
	MORE_DIGIT = 16, /* a run of digits */
	IS_DOT = 32,
	IS_POINT = 64, /* continues a run of digits if a digit follows */
	IS_STOP = 128  /* may end a sentence */
};

static const uint8_t window_is[128] __attribute__((aligned(64))) = {
	['0' ... '9'] = IS_DIGIT | MORE_LETTER,
	['A' ... 'Z'] = IS_LETTER | IS_UPPER | MORE_DIGIT,
	['a' ... 'z'] = IS_LETTER | MORE_DIGIT,
	['\''] = MORE_LETTER,
	['&'] = MORE_LETTER | MORE_DIGIT,
	['_'] = MORE_LETTER | MORE_DIGIT,
	['-'] = MORE_LETTER | MORE_DIGIT,
	['.'] = IS_DOT | IS_POINT | IS_STOP,
	[','] = IS_POINT,
	['!'] = IS_STOP,
	['?'] = IS_STOP,
};

/* 64 bytes, a bit each. */
typedef struct window_block {
	uint64_t letter, digit, upper, more_letter, more_digit, dot, point, stop;
	uint64_t line;  /* carriage return, line feed */
	uint64_t blank; /* and all other control characters, and the space */
	uint64_t wide;  /* not ASCII */
} window_block;

/* ---- classes of 64 bytes -------------------------------------------- */

#ifdef __SSE2__
/* Bytes in [first, last], both ASCII, as 0xff. */
CDG_INLINE __m128i
window_between(__m128i v, char first, char last)
{
	return _mm_and_si128(_mm_cmpgt_epi8(v, _mm_set1_epi8((char)(first - 1))),
			     _mm_cmplt_epi8(v, _mm_set1_epi8((char)(last + 1))));
}

CDG_INLINE __m128i
window_either(__m128i v, char a, char b)
{
	return _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8(a)), _mm_cmpeq_epi8(v, _mm_set1_epi8(b)));
}

CDG_INLINE uint64_t
window_mask(__m128i v, unsigned at)
{
	return (uint64_t)(unsigned)_mm_movemask_epi8(v) << at;
}

static void
window_classes(window_block *b, const char *s, char *low)
{
	memset(b, 0, sizeof *b);
	for (unsigned i = 0; i < 64; i += 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)(s + i));
		__m128i upper = window_between(v, 'A', 'Z');
		__m128i lower = _mm_or_si128(v, _mm_and_si128(upper, _mm_set1_epi8(0x20)));
		__m128i letter = window_between(lower, 'a', 'z');
		__m128i digit = window_between(v, '0', '9');
		__m128i dot = _mm_cmpeq_epi8(v, _mm_set1_epi8('.'));
		__m128i join = _mm_or_si128(window_either(v, '&', '_'), _mm_cmpeq_epi8(v, _mm_set1_epi8('-')));
		__m128i apos = _mm_or_si128(join, _mm_cmpeq_epi8(v, _mm_set1_epi8('\'')));
		__m128i comma = _mm_cmpeq_epi8(v, _mm_set1_epi8(','));

		_mm_storeu_si128((__m128i *)(void *)(low + i), lower);
		b->letter |= window_mask(letter, i);
		b->digit |= window_mask(digit, i);
		b->upper |= window_mask(upper, i);
		b->more_letter |= window_mask(_mm_or_si128(apos, digit), i);
		b->more_digit |= window_mask(_mm_or_si128(join, letter), i);
		b->dot |= window_mask(dot, i);
		b->point |= window_mask(_mm_or_si128(dot, comma), i);
		b->stop |= window_mask(_mm_or_si128(dot, window_either(v, '!', '?')), i);
		b->line |= window_mask(window_either(v, '\n', '\r'), i);
		b->blank |= window_mask(window_between(v, 0, ' '), i);
		b->wide |= window_mask(v, i);
	}
}
#else
static void
window_classes(window_block *b, const char *s, char *low)
{
	memset(b, 0, sizeof *b);
	for (unsigned i = 0; i < 64; i++) {
		uint8_t c = (uint8_t)s[i], is = c < 0x80 ? window_is[c] : 0;

		low[i] = (char)(is & IS_UPPER ? c | 0x20 : c);
		b->letter |= (uint64_t)((is & IS_LETTER) != 0) << i;
		b->digit |= (uint64_t)((is & IS_DIGIT) != 0) << i;
		b->upper |= (uint64_t)((is & IS_UPPER) != 0) << i;
		b->more_letter |= (uint64_t)((is & MORE_LETTER) != 0) << i;
		b->more_digit |= (uint64_t)((is & MORE_DIGIT) != 0) << i;
		b->dot |= (uint64_t)((is & IS_DOT) != 0) << i;
		b->point |= (uint64_t)((is & IS_POINT) != 0) << i;
		b->stop |= (uint64_t)((is & IS_STOP) != 0) << i;
		b->line |= (uint64_t)(c == '\n' || c == '\r') << i;
		b->blank |= (uint64_t)(c <= ' ') << i;
		b->wide |= (uint64_t)(c >= 0x80) << i;
	}
}
#endif

#if defined(__x86_64__)
#define WINDOW_512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi,bmi,bmi2,popcnt")))

WINDOW_512 static inline uint64_t
window_test(__m512i is, char bit)
{
	return _mm512_test_epi8_mask(is, _mm512_set1_epi8(bit));
}

WINDOW_512 static inline void
window_classes_avx512(window_block *b, const char *s, char *low)
{
	__m512i v = _mm512_loadu_si512(s);
	__m512i first = _mm512_load_si512(window_is), second = _mm512_load_si512(window_is + 64);
	__m512i is;

	b->wide = _mm512_movepi8_mask(v);
	is = _mm512_maskz_permutex2var_epi8(~b->wide, first, v, second);
	b->letter = window_test(is, IS_LETTER);
	b->digit = window_test(is, IS_DIGIT);
	b->upper = window_test(is, IS_UPPER);
	b->more_letter = window_test(is, MORE_LETTER);
	b->more_digit = window_test(is, MORE_DIGIT);
	b->dot = window_test(is, IS_DOT);
	b->point = window_test(is, IS_POINT);
	b->stop = _mm512_movepi8_mask(is);
	b->line = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('\n')) |
		  _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('\r'));
	b->blank = _mm512_cmple_epu8_mask(v, _mm512_set1_epi8(' '));
	_mm512_storeu_si512(low, _mm512_mask_add_epi8(v, b->upper, v, _mm512_set1_epi8(0x20)));
}
#endif

/* ---- the window ----------------------------------------------------- */

/* The sets of block b at window offset i.  `before` is the block before it, all
 * zero at the window's beginning, where the gap begins too; `next` is what the
 * byte behind it is. */
CDG_INLINE void
window_put(text_analyzer *an, size_t i, const window_block *b, const window_block *before, uint8_t next)
{
	uint64_t any = b->letter | b->digit | b->wide;
	uint64_t after_letter = b->letter << 1 | before->letter >> 63;
	uint64_t after_digit = b->digit << 1 | before->digit >> 63;
	uint64_t single = b->letter & ~after_letter; /* a letter after something else */
	uint64_t before_single = before->letter & ~(before->letter << 1);
	uint64_t number_next = (b->digit | b->wide) >> 1;
	uint64_t any_next = any >> 1;
	uint64_t hard, mark;

	if (next & (IS_DIGIT | IS_LETTER))
		any_next |= (uint64_t)1 << 63;
	if (next & IS_DIGIT)
		number_next |= (uint64_t)1 << 63;
	hard = b->wide | (after_letter & b->more_letter) | (after_digit & b->more_digit) |
	       (after_digit & b->point & number_next) | ((single << 1 | before_single >> 63) & b->dot);
	/* white space after a stop, or a second newline, perhaps */
	mark = (b->stop & ~any_next) | (b->line & (b->blank << 1 | before->blank >> 63));
	store_u64(an->win_any + (i >> 3), any);
	store_u64(an->win_digit + (i >> 3), b->digit);
	store_u64(an->win_upper + (i >> 3), b->upper);
	store_u64(an->win_hard + (i >> 3), hard);
	store_u64(an->win_mark + (i >> 3), mark);
}

/* 16 bytes of every set from `at` on: what is loaded beyond the text. */
CDG_INLINE void
window_clear(text_analyzer *an, size_t at)
{
	memset(an->win_any + at, 0, 16);
	memset(an->win_digit + at, 0, 16);
	memset(an->win_upper + at, 0, 16);
	memset(an->win_hard + at, 0, 16);
	memset(an->win_mark + at, 0, 16);
}

CDG_INLINE void
window_classify(text_analyzer *an, bool wide)
{
	window_block block[2] = { 0 };
	const char *s = an->s + an->win_base;
	size_t left = an->n - an->win_base, i;
	unsigned k = 0;

	for (i = 0; i < an->win_len; i += 64, k ^= 1) {
		char rest[64] = { 0 };
		const char *p = s + i;
		uint8_t next = 0;

		if (likely(left - i > 64)) {
			uint8_t c = (uint8_t)p[64];
			next = c < 0x80 ? window_is[c] : IS_DIGIT;
		} else { /* filled up with NUL, which is in no set but `blank` */
			p = memcpy(rest, p, left - i);
		}
#if defined(__x86_64__)
		if (wide)
			window_classes_avx512(&block[k], p, an->win_lower + i);
		else
#endif
			window_classes(&block[k], p, an->win_lower + i);
		window_put(an, i, &block[k], &block[k ^ 1], next);
	}
	window_clear(an, i >> 3);
	(void)wide;
}

/* ---- tokens --------------------------------------------------------- */

/* BITS or more bits of a set from bit i on. */
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

/* The next n starts and ends from window offset `at`; returns where the last ends. */
CDG_INLINE size_t
window_emit(const text_analyzer *an, text_token *t, size_t at, uint32_t pos, uint64_t any, uint64_t starts,
	    uint64_t ends, unsigned n)
{
	uint64_t digit = window_bits(an->win_digit, at), upper = window_bits(an->win_upper, at) & any;
	/* at the end of a token: it has a capital, one behind its first letter, a small letter */
	uint64_t has = any + upper, more = any + (upper & ~starts), small = any + (any & ~upper);
	uint64_t form_low = (has & ~more) | (more & small);
	const char *term = an->win_lower + at;
	uint32_t base = (uint32_t)(an->win_base + at);
	unsigned end = 0;

	for (unsigned i = 0; i < n; i++, t++) {
		unsigned start = (unsigned)__builtin_ctzll(starts), len;
		end = (unsigned)__builtin_ctzll(ends);
		starts &= starts - 1;
		ends &= ends - 1;
		len = end - start;
		t->term = term + start;
		t->start = base + start;
		t->end = base + end;
		t->pos = pos + i;
		t->len = (uint8_t)len;
		t->width = 1;
		t->kind = digit >> start & 1; /* TEXT_WORD or TEXT_NUMBER */
		t->form = (uint8_t)((form_low >> end & 1) + 2 * (more >> end & 1));
		t->flags = TEXT_RESTART;
	}
	return at + end;
}

/* Flags for those of the tokens at t, with these starts from window offset `at`,
 * whose gap has a mark in it. */
CDG_INLINE void
window_flag(text_analyzer *an, const text_token *first, text_token *t, uint64_t starts, uint64_t marked)
{
	for (; marked; marked &= marked - 1) {
		text_token *x = t + __builtin_popcountll(starts & (marked ^ (marked - 1)) >> 1);

		if (x > first) {
			an->last_start = x[-1].start;
			an->at = x[-1].end;
		}
		x->flags |= text_gap_flags(an, x->start);
	}
}

CDG_INLINE void
window_take(text_analyzer *an)
{
	bool last = an->win_base + an->win_len == an->n;
	size_t limit = last ? an->win_len : an->win_len - 64;
	size_t at = an->at - an->win_base;
	text_token *first = an->out + an->out_len, *t = first, *stop = an->out + an->out_cap;

	while (at < limit && t < stop) {
		uint64_t any = window_bits(an->win_any, at) & window_low(BITS);
		/* a hard bit speaks of the byte before it: not of one before `at` */
		uint64_t hard = window_bits(an->win_hard, at) & (any | (window_low(BITS) ^ 1));
		uint64_t starts = any & ~(any << 1);
		uint64_t ends = ~any & any << 1 & window_low(BITS) & (hard ^ (hard - 1)) >> 1;
		uint64_t gap = ~any & window_low(BITS), marked;
		unsigned n = (unsigned)__builtin_popcountll(ends);

		if (unlikely(stop - t < BITS_TOKENS))
			n = min_u32(n, (uint32_t)(stop - t));
		if (unlikely(!n))
			break;
		/* a mark carries through the rest of its gap to the start behind */
		marked = (gap + (gap & window_bits(an->win_mark, at))) & starts;
		at = window_emit(an, t, at, an->pos, any, starts, ends, n);
		if (unlikely(marked)) {
			size_t behind = t[n - 1].start - (size_t)(t[0].start - __builtin_ctzll(starts));
			marked &= window_low((unsigned)behind + 1);
			if (marked)
				window_flag(an, first, t, starts, marked);
		}
		t += n;
		an->pos += n;
		if (hard)
			break;
	}
	if (t == first)
		return;
	first->flags |= an->pending;
	an->pending = 0;
	an->at = an->win_base + at;
	an->last_start = t[-1].start;
	an->out_len = (size_t)(t - an->out);
}

/* ---- by processor --------------------------------------------------- */

static void
window_fill_plain(text_analyzer *an)
{
	window_classify(an, false);
}

static void
window_run_plain(text_analyzer *an)
{
	window_take(an);
}

#if defined(__x86_64__)
WINDOW_512 static void
window_fill_avx512(text_analyzer *an)
{
	window_classify(an, true);
}

/* Every processor with AVX2 has these. */
__attribute__((target("bmi,bmi2,lzcnt,popcnt"))) static void
window_run_bmi(text_analyzer *an)
{
	window_take(an);
}
#endif

void
text_window_fill(text_analyzer *an)
{
	an->win_base = an->at;
	an->win_len = min_size(WINDOW, an->n - an->at);
#if defined(__x86_64__)
	if (likely(cpu_get() >= CPU_AVX512)) {
		window_fill_avx512(an);
		return;
	}
#endif
	window_fill_plain(an);
}

/* A run of letters that the last token was cut from is the general scanner's. */
static bool
window_inside(const text_analyzer *an)
{
	uint8_t before = an->at ? (uint8_t)an->s[an->at - 1] : 0, c = (uint8_t)an->s[an->at];

	return before < 0x80 && c < 0x80 && window_is[before] & window_is[c] & IS_LETTER;
}

void
text_window_run(text_analyzer *an)
{
	if (unlikely(window_inside(an)))
		return;
#if defined(__x86_64__)
	if (likely(cpu_get() >= CPU_AVX2)) {
		window_run_bmi(an);
		return;
	}
#endif
	window_run_plain(an);
}
