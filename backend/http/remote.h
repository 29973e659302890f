/* remote.h - an index behind a cdgsearchd: a request becomes parameters of its API
 * (/openapi.json), its JSON becomes results as if they had been found here.
 *
 *   fetch.c    libcurl, loaded when it is needed
 *   json.c     a tree of what was sent
 *   ask.c      requests, errors
 *   answer.c   hits, facets
 *   reading.c  documents, concordances, suggestions
 *
 * Any number of threads may ask at once, each over a connection of its own that is kept.
 * What a server sends is not trusted: it may be anything, and is bounded (fetch.h).
 */
#ifndef BACKEND_HTTP_REMOTE_H
#define BACKEND_HTTP_REMOTE_H

#include "backend/api.h"
#include "backend/http/fetch.h"
#include "backend/http/json.h"
#include "query/suggest.h"

enum {
	REMOTE_SPARES = 8,
	REMOTE_WAIT_MS = 60000, /* for an answer, if the request has no time limit */
	REMOTE_GRACE_MS = 5000  /* on top of a time limit */
};

typedef struct remote {
	char *base; /* the address, without a slash at the end */
	uint64_t documents, generation;
	_Atomic(fetcher *) spare[REMOTE_SPARES];
} remote;

/* Whether a path is the address of a server: http:// or https://. */
bool remote_is_address(const char *path);
/* Asks it whether it is a cdgsearchd.  CDG_E_ARG: not an address, or no libcurl.  CDG_E_IO,
 * CDG_E_TIMEOUT: no answer, or none of a cdgsearchd. */
cdg_status remote_open(const char *address, remote **out, cdg_error *err);
/* NULL is allowed. */
void remote_close(remote *x);

/* "&name=" and len bytes, escaped; the first one is without the sign. */
void remote_put(buf *params, const char *name, const void *value, size_t len);
void remote_put_number(buf *params, const char *name, uint64_t value);
/* What all requests that search have in common.  CDG_E_ARG: it has what no server takes. */
cdg_status remote_put_request(const remote *x, buf *params, const cdg_request *rq, const char *query, size_t len,
			      cdg_error *err);
/* GET path?params, which frees params; *out in mem.  rq (NULL: none) has the time limit.  A problem
 * document is an error of its code, with its text. */
cdg_status remote_ask(const remote *x, const char *path, buf *params, const cdg_request *rq, arena *mem,
		      const json_value **out, cdg_error *err);
/* An answer that no cdgsearchd gives. */
cdg_status remote_nonsense(const remote *x, cdg_error *err);

/* The answer of /search. */
cdg_status remote_read_results(const remote *x, const json_value *from, cdg_results *r, cdg_error *err);
/* Query and warnings, which all answers have. */
cdg_status remote_read_head(const json_value *from, cdg_results *r, cdg_error *err);
/* What a hit and a document have in common. */
void remote_read_hit(const json_value *from, arena *mem, api_hit *hit);
/* A page label, "" if there is none; the strings of an array. */
const char *remote_read_page(const json_value *from);
const char **remote_read_list(const json_value *from, arena *mem, size_t *n);

/* As the functions of cdgsearch.h.  r, v, x have an empty arena; on failure they are still to be
 * freed. */
cdg_status remote_search(const remote *x, const cdg_request *rq, const char *query, size_t len, cdg_results *r,
			 cdg_error *err);
cdg_status remote_view(const remote *x, const cdg_request *rq, const char *query, size_t len, const char *id,
		       size_t idlen, uint64_t from, uint64_t to, cdg_view *v, cdg_error *err);
cdg_status remote_lines(const remote *x, const cdg_request *rq, const char *query, size_t len, cdg_line_order order,
			uint32_t context, bool words, cdg_lines *out, cdg_error *err);
cdg_status remote_suggest(const remote *x, const char *line, size_t len, uint32_t limit, suggestions *out,
			  cdg_error *err);

#endif
