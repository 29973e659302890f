/* text_utf8.c - bytes in: decoding, encoding, and making any input valid UTF-8.
 *
 * text_sanitize is the only gate: what passes it is valid, so that everything
 * behind may count characters and cut between them.  The valid prefix is found
 * 16 bytes at a time while it is ASCII and a character at a time otherwise; a
 * copy is made only from the first invalid sequence on.  Pure functions, any
 * thread.
 */
#include "text/text_internal.h"

uint32_t
text_decode(const char **at, const char *end)
{
	uint32_t len, c;

	if (*at >= end)
		return 0xfffd;
	c = text_decode_inline((const uint8_t *)*at, (const uint8_t *)end, &len);
	*at += len;
	return c;
}

size_t
text_encode(uint32_t c, char *out)
{
	uint8_t *o = (uint8_t *)out;

	if (c < 0x80) {
		o[0] = (uint8_t)c;
		return 1;
	}
	if (c < 0x800) {
		o[0] = (uint8_t)(0xc0 | c >> 6);
		o[1] = (uint8_t)(0x80 | (c & 0x3f));
		return 2;
	}
	if ((c & 0xfffff800) == 0xd800 || c > 0x10ffff)
		c = 0xfffd;
	if (c < 0x10000) {
		o[0] = (uint8_t)(0xe0 | c >> 12);
		o[1] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
		o[2] = (uint8_t)(0x80 | (c & 0x3f));
		return 3;
	}
	o[0] = (uint8_t)(0xf0 | c >> 18);
	o[1] = (uint8_t)(0x80 | (c >> 12 & 0x3f));
	o[2] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
	o[3] = (uint8_t)(0x80 | (c & 0x3f));
	return 4;
}

/* Length of the valid character at p, or 0 and *skip = length of the maximal
 * subpart (table 3-7 of the standard). */
static size_t
utf8_check(const uint8_t *p, const uint8_t *end, size_t *skip)
{
	size_t left = (size_t)(end - p), need, i;
	uint8_t b = p[0], lo = 0x80, hi = 0xbf;

	*skip = 1;
	if (b < 0x80)
		return 1;
	if (b < 0xc2 || b > 0xf4)
		return 0;
	need = b < 0xe0 ? 2 : b < 0xf0 ? 3 : 4;
	if (b == 0xe0)
		lo = 0xa0;
	else if (b == 0xed)
		hi = 0x9f;
	else if (b == 0xf0)
		lo = 0x90;
	else if (b == 0xf4)
		hi = 0x8f;
	for (i = 1; i < need; i++) {
		if (i >= left || p[i] < lo || p[i] > hi) {
			*skip = i;
			return 0;
		}
		lo = 0x80;
		hi = 0xbf;
	}
	return need;
}

/* Length of the longest valid prefix; *skip as above when it is not all. */
static size_t
utf8_valid_prefix(const uint8_t *s, size_t n, size_t *skip)
{
	const uint8_t *p = s, *end = s + n;

	*skip = 0;
	while (p < end) {
		size_t len;

		while (end - p >= 16 &&
		       !((load_u64(p) | load_u64(p + 8)) & 0x8080808080808080u))
			p += 16;
		if (p == end)
			break;
		if (*p < 0x80) {
			p++;
			continue;
		}
		/* a run of characters that are not ASCII */
		do {
			len = utf8_check(p, end, skip);
			if (!len)
				return (size_t)(p - s);
			p += len;
		} while (p < end && *p >= 0x80);
	}
	*skip = 0;
	return n;
}

static const char utf8_fffd[3] = { (char)0xef, (char)0xbf, (char)0xbd };

static void
utf8_repair(const uint8_t *s, size_t n, size_t good, size_t skip, buf *out, text_clean *clean)
{
	/* U+FFFD is three bytes, the shortest invalid sequence one */
	while (skip && !out->failed) {
		buf_put(out, s, good);
		buf_put(out, utf8_fffd, 3);
		clean->replaced++;
		s += good + skip;
		n -= good + skip;
		good = utf8_valid_prefix(s, n, &skip);
	}
	buf_put(out, s, n);
}

static void
utf8_put(buf *out, uint32_t c)
{
	char tmp[4];
	size_t n = text_encode(c, tmp);

	buf_put(out, tmp, n);
}

static void
utf8_from_utf16(const uint8_t *s, size_t n, bool big, buf *out, text_clean *clean)
{
	size_t i = 0;

	while (i + 2 <= n && !out->failed) {
		uint32_t u = big ? (uint32_t)s[i] << 8 | s[i + 1] : (uint32_t)s[i + 1] << 8 | s[i];

		i += 2;
		if ((u & 0xfc00) == 0xd800 && i + 2 <= n) {
			uint32_t v = big ? (uint32_t)s[i] << 8 | s[i + 1]
					 : (uint32_t)s[i + 1] << 8 | s[i];
			if ((v & 0xfc00) == 0xdc00) {
				i += 2;
				u = 0x10000 + ((u & 0x3ff) << 10) + (v & 0x3ff);
			}
		}
		if ((u & 0xfffff800) == 0xd800) {
			u = 0xfffd;
			clean->replaced++;
		}
		utf8_put(out, u);
	}
	if (i < n) {
		clean->replaced++;
		utf8_put(out, 0xfffd);
	}
}

static void
utf8_from_utf32(const uint8_t *s, size_t n, bool big, buf *out, text_clean *clean)
{
	size_t i = 0;

	for (; i + 4 <= n && !out->failed; i += 4) {
		uint32_t u = load_u32(s + i);

		if (big)
			u = __builtin_bswap32(u);
		if (u > 0x10ffff || (u & 0xfffff800) == 0xd800) {
			u = 0xfffd;
			clean->replaced++;
		}
		utf8_put(out, u);
	}
	if (i < n) {
		clean->replaced++;
		utf8_put(out, 0xfffd);
	}
}

/* Transcode by byte order mark; false when there is none of UTF-16/32. */
static bool
utf8_transcode(const uint8_t *p, size_t n, buf *out, text_clean *clean)
{
	if (n >= 4 && n % 4 == 0 && p[0] == 0xff && p[1] == 0xfe && !p[2] && !p[3])
		utf8_from_utf32(p + 4, n - 4, false, out, clean);
	else if (n >= 4 && !p[0] && !p[1] && p[2] == 0xfe && p[3] == 0xff)
		utf8_from_utf32(p + 4, n - 4, true, out, clean);
	else if (n >= 2 && p[0] == 0xff && p[1] == 0xfe)
		utf8_from_utf16(p + 2, n - 2, false, out, clean);
	else if (n >= 2 && p[0] == 0xfe && p[1] == 0xff)
		utf8_from_utf16(p + 2, n - 2, true, out, clean);
	else
		return false;
	clean->bom = clean->transcoded = true;
	return true;
}

cdg_status
text_sanitize(const char *s, size_t n, buf *out, const char **view, size_t *view_len,
	      text_clean *clean, cdg_error *err)
{
	size_t base = out->len, good, skip;

	memset(clean, 0, sizeof *clean);
	*view = s;
	*view_len = n;
	if (!n)
		return CDG_OK;
	if (!utf8_transcode((const uint8_t *)s, n, out, clean)) {
		if (n >= 3 && !memcmp(s, "\xef\xbb\xbf", 3)) {
			clean->bom = true;
			s += 3;
			n -= 3;
		}
		good = utf8_valid_prefix((const uint8_t *)s, n, &skip);
		if (!skip) {
			*view = s;
			*view_len = n;
			return CDG_OK;
		}
		buf_reserve(out, n + 64);
		utf8_repair((const uint8_t *)s, n, good, skip, out, clean);
	}
	if (out->failed)
		return err_nomem(err);
	*view = out->p ? (const char *)out->p + base : "";
	*view_len = out->len - base;
	return CDG_OK;
}
