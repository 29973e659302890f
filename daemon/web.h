/* web.h - a request and its answer, without a socket.
 *
 * A web_call is made by server.c when the head of a request is there, worked on by one
 * thread of the pool (queue.c), and freed when the answer has gone out.  Handlers see
 * web_call alone: they can be tested without a server.
 *
 * Nothing in a request is trusted.  Names and values are bytes with their length kept; all
 * that goes back is escaped by what writes it (html.h, api_put_json, web_head).
 */
#ifndef DAEMON_WEB_H
#define DAEMON_WEB_H

#include "base/buf.h"

struct site;
struct site_index;
struct settings;

typedef struct web_pair {
	const char *name, *value; /* NUL-terminated copies; value is never NULL */
	size_t len;               /* of value, which may hold NULs */
	bool heard;               /* a parameter that was asked for */
} web_pair;

typedef enum web_method {
	WEB_GET, /* HEAD is answered as GET, without the body */
	WEB_POST,
	WEB_DELETE,
	WEB_OPTIONS,
	WEB_OTHER
} web_method;

typedef struct web_call {
	/* what was asked */
	arena mem;
	web_method method;
	const char *verb;    /* as sent */
	const char *path;    /* decoded, begins with a slash; without the name of the index */
	const char *prefix;  /* "" or "/in/NAME": what links begin with */
	const char *host;    /* the header, "" if it is none */
	const char *client;  /* its address, as text */
	web_pair *params;    /* of the query string, in order */
	size_t nparams, params_cap;
	web_pair *headers;
	size_t nheaders, headers_cap;
	size_t head_bytes;   /* of the request, its first line included; 0: not known */
	buf body;
	bool old;            /* HTTP/1.0 */
	bool chunked;        /* the body comes in chunks: how long it is, it says at its end */
	bool wants_body;     /* it is kept; else only counted */
	uint64_t received;   /* bytes of it */
	bool too_large;      /* body past the limit: not kept */
	bool strict;         /* what is not understood is an error */
	uint64_t began_ns, taken_ns;

	/* where it is answered */
	const struct settings *set;
	struct site *site;
	struct site_index *at;   /* NULL before it is found */
	const cdg_index *index;  /* held until the answer is complete */

	/* the answer */
	unsigned status;
	const char *type;        /* Content-Type */
	buf out;
	web_pair *heads;         /* further headers */
	size_t nheads, heads_cap;
	bool fixed;              /* asset: the body is static, not in out */
	const uint8_t *fixed_body;
	size_t fixed_len;

	/* for logs and figures */
	const char *route;       /* a constant: "search" */
	const char *query;       /* as given, NULL if there is none */
	uint64_t total;          /* documents found */
	bool searched, timed_out;
	bool partial;            /* a shard did not answer, or not all was counted */
	const char *plan;        /* for the slow log */
	uint64_t sent;
} web_call;

web_call *web_call_new(void);
void web_call_free(web_call *c);

/* The first value of a parameter, NULL if it is not there; web_param_at goes through all of
 * one name, *at being 0 at first. */
const web_pair *web_param(const web_call *c, const char *name);
const web_pair *web_param_at(const web_call *c, const char *name, size_t *at);
/* Whether it is there, without hearing it. */
bool web_has_param(const web_call *c, const char *name);
/* The name of a parameter that nothing asked for, NULL if there is none. */
const char *web_unheard(const web_call *c);
/* A header by its name in any case, NULL if it is not there. */
const char *web_header(const web_call *c, const char *name);
/* Headers of one name become one, their values apart by commas.  False: no memory. */
bool web_join_headers(web_call *c);
/* The weight that Accept gives a type, or Accept-Encoding a coding, in thousandths; 0 for none
 * (RFC 9110, 12.5). */
int web_weight(const char *accept, const char *what);
/* The better of two kinds by Accept: whether HTML is wanted rather than JSON. */
bool web_wants_html(const web_call *c);

/* Where the site and this index of it are, without a slash at the end: as the operator says,
 * or else as the client calls it.  NULL: the answer says what is wrong. */
const char *web_base(web_call *c);

/* A header of the answer.  What would end the line is refused, and the header left out: the
 * value is the caller's and is copied. */
void web_head(web_call *c, const char *name, const char *value);
void web_unhead(web_call *c, const char *name); /* takes it back */
void web_headf(web_call *c, const char *name, const char *fmt, ...) CDG_PRINTF(3, 4);

/* An answer that says what is wrong, RFC 9457: status, the library's number and
 * name of it as `code` and `name`, the text as `detail`.  For a page where HTML is wanted (page.h gives the look).  What was
 * written to out before is dropped. */
void web_problem(web_call *c, unsigned status, cdg_status code, const char *fmt, ...) CDG_PRINTF(4, 5);
/* The same for want of memory: asks for none. */
void web_no_memory(web_call *c);
/* The same from an error of the library; paths of the machine go to the operator alone. */
void web_fail(web_call *c, const cdg_error *err);

/* A cdg_write_fn into the answer; ctx is the call. */
int web_write(void *ctx, const char *p, size_t n);

#endif
