/* head.c - stricter than the library that reads the head (RFC 9112, 2.2, 5 and 6): it would
 * take the first of two lengths, and a name with a space behind it for another name. */
#include "daemon/head.h"

#include <string.h>
#include <strings.h>

#include "daemon/handlers.h"
#include "daemon/settings.h"

/* Characters of a token, RFC 9110, 5.6.2. */
static bool
is_token(const char *s)
{
	size_t n = strspn(s, "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

	return n && !s[n];
}

static bool
has_control(const web_pair *h)
{
	for (size_t i = 0; i < h->len; i++) {
		unsigned char b = (unsigned char)h->value[i];

		if ((b < 0x20 && b != '\t') || b == 0x7f)
			return true;
	}
	return false;
}

/* Whether a name is more than one that says where a body ends: the library appends a folded
 * line to the name before it. */
static bool
is_longer(const char *name, const char *than)
{
	return !strncasecmp(name, than, strlen(than)) && name[strlen(than)];
}

static bool
is_unclear(web_call *c)
{
	size_t lengths = 0, hosts = 0;

	for (size_t i = 0; i < c->nheaders; i++) {
		const web_pair *h = &c->headers[i];

		if (!is_token(h->name) || has_control(h) || is_longer(h->name, "Content-Length") ||
		    is_longer(h->name, "Transfer-Encoding") || is_longer(h->name, "Host"))
			return true;
		hosts += !strcasecmp(h->name, "Host");
		if (!strcasecmp(h->name, "Content-Length")) {
			lengths++;
			if (!h->len || strspn(h->value, "0123456789") != h->len || (h->len > 1 && *h->value == '0'))
				return true;
		}
	}
	return lengths > 1 || hosts > 1;
}

/* The first line: what is not headers, each with ": " and a line end. */
static size_t
line_bytes(const web_call *c)
{
	size_t headers = 0;

	for (size_t i = 0; i < c->nheaders; i++)
		headers += strlen(c->headers[i].name) + c->headers[i].len + 4;
	return c->head_bytes > headers ? c->head_bytes - headers : 0;
}

/* A body in chunks is taken from who may change documents, for that, and where nobody can see
 * another end of it; the connection is closed behind it. */
static bool
may_come_in_chunks(const web_call *c)
{
	size_t n = strlen(c->path);

	return !strcasecmp(web_header(c, "Transfer-Encoding"), "chunked") && !web_header(c, "Content-Length") && !c->old &&
	       c->method == WEB_POST && n >= 5 && !strcmp(c->path + n - 5, "/docs") && write_is_allowed(c);
}

bool
head_is_clear(web_call *c)
{
	const char *length = web_header(c, "Content-Length");

	c->chunked = web_header(c, "Transfer-Encoding") != NULL;
	if (c->head_bytes > c->set->max_header) /* the library takes more than that */
		web_problem(c, line_bytes(c) > c->set->max_header ? 414 : 431, CDG_E_LIMIT, "a head may have %llu bytes",
			    (unsigned long long)c->set->max_header);
	else if (is_unclear(c))
		web_problem(c, 400, CDG_E_ARG, "the head of this request can be read in more than one way");
	else if (c->chunked && !may_come_in_chunks(c))
		web_problem(c, 411, CDG_E_ARG, "a body must have a Content-Length; only documents, with the token, may come in chunks");
	else if (length && strtoull(length, NULL, 10) > c->set->max_body) /* not waited for */
		web_problem(c, 413, CDG_E_LIMIT, "a body may have %llu bytes", (unsigned long long)c->set->max_body);
	else
		return true;
	return false;
}
