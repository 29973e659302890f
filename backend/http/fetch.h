/* fetch.h - one GET after the other over connections that are kept.
 *
 * libcurl is opened when the first fetcher is made and not before: whoever asks no server
 * needs none, and nothing is linked with it.
 */
#ifndef BACKEND_HTTP_FETCH_H
#define BACKEND_HTTP_FETCH_H

#include "base/buf.h"
#include "base/err.h"

enum {
	FETCH_CONNECT_MS = 10000,
	FETCH_BODY_MAX = 256 << 20 /* bytes of an answer, unpacked */
};

/* Belongs to one thread at a time. */
typedef struct fetcher fetcher;

/* CDG_E_ARG: there is no libcurl; the message says what to install. */
cdg_status fetcher_new(fetcher **out, cdg_error *err);
/* NULL is allowed. */
void fetcher_free(fetcher *f);

/* The answer of url, http or https, whatever its status: *status, and body, which is
 * emptied before.  name: of the server, for messages.  json: its type is JSON or a kind of it.
 * Redirections are not followed.  CDG_E_TIMEOUT: not within timeout_ms.  CDG_E_LIMIT: the
 * body is too large.  CDG_E_IO: no connection, or what libcurl says. */
cdg_status fetch(fetcher *f, const char *name, const char *url, uint64_t timeout_ms, buf *body, unsigned *status,
		 bool *json, cdg_error *err);

#endif
