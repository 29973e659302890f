/* numeral.c - see numeral.h. */
#include "extract/reader/numeral.h"

enum { NUMERAL_ROMAN_MAX = 3999, NUMERAL_REPEAT_MAX = 30 };

static void
numeral_roman(buf *out, unsigned n, bool upper)
{
	static const char *const words[2][13] = {
		{ "m", "cm", "d", "cd", "c", "xc", "l", "xl", "x", "ix", "v", "iv", "i" },
		{ "M", "CM", "D", "CD", "C", "XC", "L", "XL", "X", "IX", "V", "IV", "I" },
	};
	static const unsigned values[] = { 1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1 };

	if (n == 0 || n > NUMERAL_ROMAN_MAX) {
		buf_printf(out, "%u", n);
		return;
	}
	for (size_t i = 0; i < countof(values); i++)
		for (; n >= values[i]; n -= values[i])
			buf_puts(out, words[upper][i]);
}

/* z is followed by aa, bb; or, in base 26, by aa, ab. */
static void
numeral_letters(buf *out, unsigned n, char first, bool base26)
{
	char digits[16];
	size_t k = sizeof digits;

	if (n == 0 || (!base26 && (n - 1) / 26 >= NUMERAL_REPEAT_MAX)) {
		buf_printf(out, "%u", n);
		return;
	}
	if (!base26) {
		for (unsigned i = 0; i <= (n - 1) / 26; i++)
			buf_put_u8(out, (uint8_t)(first + (char)((n - 1) % 26)));
		return;
	}
	for (; n; n = (n - 1) / 26)
		digits[--k] = (char)(first + (char)((n - 1) % 26));
	buf_put(out, digits + k, sizeof digits - k);
}

/* The letters that number in Russian: not ё, й, щ, ъ, ы, ь. */
static void
numeral_cyrillic(buf *out, unsigned n, bool upper)
{
	static const char letters[] = "абвгдежзиклмнопрстуфхцчшэюя";
	unsigned count = (sizeof letters - 1) / 2;
	const char *at;
	unsigned code;

	if (n == 0 || n > count) {
		buf_printf(out, "%u", n);
		return;
	}
	at = letters + 2 * (size_t)(n - 1);
	code = ((unsigned)((unsigned char)at[0] & 0x1f) << 6 | ((unsigned char)at[1] & 0x3f)) - (upper ? 0x20 : 0);
	buf_put_u8(out, (uint8_t)(0xc0 | code >> 6));
	buf_put_u8(out, (uint8_t)(0x80 | (code & 0x3f)));
}

static void
numeral_cjk(buf *out, unsigned n, bool legal)
{
	static const char *const digits[2][10] = {
		{ "〇", "一", "二", "三", "四", "五", "六", "七", "八", "九" },
		{ "零", "壹", "贰", "叁", "肆", "伍", "陆", "柒", "捌", "玖" },
	};
	static const char *const tens[2][4] = { { "", "十", "百", "千" }, { "", "拾", "佰", "仟" } };
	static const unsigned powers[] = { 1, 10, 100, 1000 };
	bool begun = false, zero = false;

	if (n == 0 || n > 9999) {
		buf_printf(out, "%u", n);
		return;
	}
	for (int i = 3; i >= 0; i--) {
		unsigned d = n / powers[i] % 10;

		if (d == 0) {
			zero = begun;
			continue;
		}
		if (zero)
			buf_puts(out, "零");
		zero = false;
		if (begun || legal || i != 1 || d != 1) /* 十五, not 一十五 */
			buf_puts(out, digits[legal][d]);
		buf_puts(out, tens[legal][i]);
		begun = true;
	}
}

static void
numeral_cjk_digits(buf *out, unsigned n)
{
	static const char *const digits[] = { "〇", "一", "二", "三", "四", "五", "六", "七", "八", "九" };
	char decimal[16];
	size_t k = sizeof decimal;

	do
		decimal[--k] = (char)(n % 10);
	while ((n /= 10) != 0);
	for (; k < sizeof decimal; k++)
		buf_puts(out, digits[(unsigned char)decimal[k]]);
}

static void
numeral_circled(buf *out, unsigned n)
{
	if (n == 0 || n > 20) {
		buf_printf(out, "%u", n);
		return;
	}
	buf_puts(out, "\xe2\x91");
	buf_put_u8(out, (uint8_t)(0xa0 + n - 1)); /* from U+2460 */
}

void
numeral_write(buf *out, numeral how, unsigned n)
{
	static const char *const ordinals[] = { "th", "st", "nd", "rd" };

	switch (how) {
	case NUMERAL_NONE:
	case NUMERAL_BULLET:
		break;
	case NUMERAL_DECIMAL:
		buf_printf(out, "%u", n);
		break;
	case NUMERAL_DECIMAL_ZERO:
		buf_printf(out, "%02u", n);
		break;
	case NUMERAL_ORDINAL:
		buf_printf(out, "%u%s", n, ordinals[n % 10 < 4 && n / 10 % 10 != 1 ? n % 10 : 0]);
		break;
	case NUMERAL_LETTERS:
	case NUMERAL_BASE26:
		numeral_letters(out, n, 'a', how == NUMERAL_BASE26);
		break;
	case NUMERAL_LETTERS_UPPER:
	case NUMERAL_BASE26_UPPER:
		numeral_letters(out, n, 'A', how == NUMERAL_BASE26_UPPER);
		break;
	case NUMERAL_ROMAN:
	case NUMERAL_ROMAN_UPPER:
		numeral_roman(out, n, how == NUMERAL_ROMAN_UPPER);
		break;
	case NUMERAL_CJK:
	case NUMERAL_CJK_LEGAL:
		numeral_cjk(out, n, how == NUMERAL_CJK_LEGAL);
		break;
	case NUMERAL_CJK_DIGITS:
		numeral_cjk_digits(out, n);
		break;
	case NUMERAL_CYRILLIC:
	case NUMERAL_CYRILLIC_UPPER:
		numeral_cyrillic(out, n, how == NUMERAL_CYRILLIC_UPPER);
		break;
	case NUMERAL_CIRCLED:
		numeral_circled(out, n);
		break;
	}
}
