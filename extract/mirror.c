/* mirror.c - see mirror.h. */
#include "extract/mirror.h"

#include "extract/word.h"

static bool
mirror_alnum(char c)
{
	return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
}

/* www.example.org, 192.0.2.1, localhost:8080: labels, and a port behind ':' or '+'. */
static bool
mirror_is_host(const char *p, size_t n)
{
	bool dot = false, port = false;

	for (size_t i = 0; i < n; i++) {
		if ((p[i] == ':' || p[i] == '+') && i && i + 1 < n && !port) {
			port = true;
		} else if (port) {
			if (p[i] < '0' || p[i] > '9')
				return false;
		} else if (p[i] == '.') {
			if (!i || i + 1 == n || !mirror_alnum(p[i - 1]) || !mirror_alnum(p[i + 1]))
				return false;
			dot = true;
		} else if (!mirror_alnum(p[i]) && p[i] != '-') {
			return false;
		}
	}
	return n && (dot || port) && mirror_alnum(p[0]);
}

static size_t
mirror_part(const char *p)
{
	return strcspn(p, "/");
}

/* "scheme://host" in out, and what is behind the host; NULL: no host. */
static const char *
mirror_host(const char *path, buf *out)
{
	size_t n = mirror_part(path);
	bool http = n == 4 && strncmp(path, "http", 4) == 0, https = n == 5 && strncmp(path, "https", 5) == 0;

	if ((http || https) && path[n]) {
		path += n + 1;
		n = mirror_part(path);
	}
	if (!mirror_is_host(path, n) || !path[n])
		return NULL;
	buf_puts(out, http ? "http://" : "https://");
	for (size_t i = 0; i < n; i++)
		buf_put_u8(out, (uint8_t)(path[i] == '+' ? ':' : path[i]));
	buf_put_u8(out, '/');
	return path + n + 1;
}

static bool
mirror_ends(const char *p, size_t n, const char *suffix)
{
	return n > strlen(suffix) && word_ends((doc_str){ p, n }, suffix);
}

/* How much of the name stood in the URL. */
static size_t
mirror_adjusted(const char *name, size_t n)
{
	static const char *const scripts[] = { ".php", ".asp", ".aspx", ".jsp", ".cgi", ".cfm", ".do", ".pl" };
	size_t less = mirror_ends(name, n, ".html") ? n - 5 : mirror_ends(name, n, ".htm") ? n - 4 : n;

	if (less == n || memchr(name, '?', less))
		return less;
	for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++)
		if (mirror_ends(name, less, scripts[i]))
			return less;
	return n;
}

static void
mirror_escape(const char *p, size_t n, buf *out)
{
	static const char hex[] = "0123456789ABCDEF";

	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)p[i];
		bool coded = c == '%' && i + 2 < n && strspn(p + i + 1, "0123456789abcdefABCDEF") >= 2;

		if (c > ' ' && c < 127 && !strchr("\"#<>\\^`{|}", c) && (c != '%' || coded)) {
			buf_put_u8(out, c);
		} else {
			buf_put_u8(out, '%');
			buf_put_u8(out, (uint8_t)hex[c >> 4]);
			buf_put_u8(out, (uint8_t)hex[c & 15]);
		}
	}
}

bool
mirror_url(const char *base, const char *path, buf *out)
{
	const char *name, *slash, *rest = path;
	size_t n;

	out->len = 0;
	while (strncmp(rest, "./", 2) == 0)
		rest += 2;
	if (!base) {
		rest = mirror_host(rest, out);
		if (!rest)
			return false;
	} else {
		buf_puts(out, base);
		if (out->len && out->p[out->len - 1] != '/')
			buf_put_u8(out, '/');
	}
	slash = strrchr(rest, '/');
	/* a query may have slashes of its own */
	name = strchr(rest, '?');
	if (name && slash > name)
		for (slash = name; slash > rest && *slash != '/';)
			slash--;
	name = slash && *slash == '/' ? slash + 1 : rest;
	n = mirror_adjusted(name, strlen(name));
	mirror_escape(rest, (size_t)(name - rest), out);
	if (word_starts(name, name + n, "index.html") && (n == 10 || name[10] == '?')) {
		name += 10;
		n -= 10;
	}
	mirror_escape(name, n, out);
	(void)buf_cstr(out);
	return !out->failed;
}
