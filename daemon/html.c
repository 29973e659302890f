/* html.c - escaping. */
#include "daemon/html.h"

#include <ctype.h>
#include <strings.h>

void
html_text_n(buf *out, const char *s, size_t n)
{
	size_t from = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned char b = (unsigned char)s[i];
		const char *as = NULL;

		switch (b) {
		case '<': as = "&lt;"; break;
		case '>': as = "&gt;"; break;
		case '&': as = "&amp;"; break;
		case '"': as = "&quot;"; break;
		case '\'': as = "&#39;"; break;
		default:
			if ((b < 0x20 && b != '\t' && b != '\n' && b != '\r') || b == 0x7f)
				as = "\xef\xbf\xbd";
		}
		if (!as)
			continue;
		buf_put(out, s + from, i - from);
		buf_puts(out, as);
		from = i + 1;
	}
	buf_put(out, s + from, n - from);
}

void
html_text(buf *out, const char *s)
{
	html_text_n(out, s, strlen(s));
}

void
html_query(buf *out, const char *s)
{
	for (; *s; s++) {
		unsigned char b = (unsigned char)*s;

		if ((b < 0x80 && isalnum(b)) || strchr("-._~", b))
			buf_put_u8(out, b);
		else if (b == ' ')
			buf_put_u8(out, '+');
		else
			buf_printf(out, "%%%02X", b);
	}
}

/* Browsers drop control characters inside a URL and read \ as /: nothing with them is followed. */
static bool
is_clean(const char *url)
{
	for (; *url; url++)
		if ((unsigned char)*url < 0x20 || *url == 0x7f || *url == '\\')
			return false;
	return true;
}

bool
html_is_web(const char *url)
{
	return is_clean(url) && (!strncasecmp(url, "http://", 7) || !strncasecmp(url, "https://", 8));
}

bool
html_href(buf *out, const char *url)
{
	size_t plain = strcspn(url, ":/?#");

	if (!*url || *url == ' ' || !is_clean(url))
		return false;
	if (!html_is_web(url) && (url[plain] == ':' || !strncmp(url, "//", 2)))
		return false;
	for (; *url; url++)
		if (*url == ' ')
			buf_puts(out, "%20");
		else
			html_text_n(out, url, 1);
	return true;
}
