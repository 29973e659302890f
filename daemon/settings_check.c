/* settings_check.c - values that would do harm, or do nothing, silently are refused here. */
#include "daemon/settings_check.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>
#include <sys/un.h>
#include <unicode/ustring.h>

#include "base/base.h"
#include "daemon/words.h"

#define NAME_CHARS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-."

const char *
check_text(const char *value)
{
	for (const char *p = value; *p; p++)
		if (iscntrl((unsigned char)*p))
			return "one line of text without control characters";
	return NULL;
}

const char *
check_title(const char *value)
{
	UErrorCode err = U_ZERO_ERROR;

	u_strFromUTF8(NULL, 0, NULL, value, (int32_t)strlen(value), &err);
	return err == U_INVALID_CHAR_FOUND ? "UTF-8" : check_text(value);
}

const char *
check_language(const char *value)
{
	return words_find(value, strlen(value)) == WORDS_LANGS ? "a language of the page: en, de, zh" : NULL;
}

/* What stands behind the scheme and the host, with its port; NULL: they are not there. */
static const char *
behind_host(const char *url)
{
	const char *host = !strncmp(url, "https://", 8) ? url + 8 : !strncmp(url, "http://", 7) ? url + 7 : NULL;
	size_t n = host ? strspn(host, NAME_CHARS ":[]") : 0;

	return n ? host + n : NULL;
}

const char *
check_url(const char *value)
{
	const char *rest = behind_host(value);
	size_t n = rest ? strspn(rest, NAME_CHARS "/_~%!$&'()*+,;=:@") : 0;

	return rest && (!*rest || *rest == '/') && !rest[n]
		       ? NULL
		       : "an address such as https://search.example.org, without ? and #";
}

const char *
check_origin(const char *value)
{
	const char *rest = behind_host(value);

	return !strcmp(value, "*") || (rest && !*rest) ? NULL : "* or an origin such as https://example.org, without a path";
}

const char *
check_address(const char *value)
{
	static const int families[] = { AF_INET, AF_INET6 };
	struct in6_addr at;
	char text[INET6_ADDRSTRLEN];

	if (!strcmp(value, "local"))
		return NULL;
	for (size_t i = 0; i < countof(families); i++) /* compared as text: only the usual form will do */
		if (inet_pton(families[i], value, &at) == 1 && inet_ntop(families[i], &at, text, sizeof text) &&
		    !strcmp(text, value))
			return NULL;
	return "an address such as 127.0.0.1 or ::1, or local";
}

const char *
check_listen(const char *value)
{
	const char *colon = strrchr(value, ':'), *port = colon ? colon + 1 : value;
	size_t n = strspn(port, "0123456789"), path = strlen(value) - 5;

	if (!strncmp(value, "unix:", 5))
		return path && path < sizeof((struct sockaddr_un *)0)->sun_path
			       ? check_text(value)
			       : "unix: and a path of at most 107 bytes";
	return n && n < 6 && !port[n] && strtoul(port, NULL, 10) < 65536
		       ? check_text(value)
		       : "HOST:PORT (127.0.0.1:8642, *:80) or unix:PATH";
}
