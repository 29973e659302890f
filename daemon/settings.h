/* settings.h - how the server is to work: one table of names for the file, the environment
 * and the command line.
 *
 * A setting `max-query` is `max-query = 4096` in the file, CDGSEARCHD_MAX_QUERY in the
 * environment, --max-query 4096 on the command line; the later wins over the earlier.
 * Settings are read once, and again on SIGHUP; a settings object does not change.
 */
#ifndef DAEMON_SETTINGS_H
#define DAEMON_SETTINGS_H

#include "base/base.h"

typedef struct named_path {
	char *name, *path;
} named_path;

typedef struct settings {
	named_path *indexes;     /* the first is the default one */
	size_t nindexes, indexes_cap;
	char **listen;           /* host:port, [v6]:port, unix:PATH */
	size_t nlisten, listen_cap;
	char *file;              /* the file they came from, NULL: none */
	char *title;             /* of the site */
	char *public_url;        /* what the site is called by outside, no slash at its end; NULL: by Host */
	char *language;          /* of the page when the browser names none we have */
	char *cors_origin;       /* NULL, "*", or one origin */
	char *token_file;        /* NULL: no writes */
	char *token;             /* what is in it */
	char *trusted_proxy;     /* address whose X-Forwarded-For is believed; NULL: nobody's */
	char *access_log, *slow_log, *zero_log; /* paths, "-" standard error; NULL: none */
	bool log_queries;        /* query text in the access log */
	uint64_t workers;        /* threads that search; 0: one a processor */
	uint64_t io_threads;
	uint64_t time_limit_ms;  /* of a query */
	uint64_t slow_ms;        /* of a request for the slow log */
	uint64_t max_query;      /* bytes */
	uint64_t max_body, max_header; /* bytes */
	uint64_t max_hits;       /* of n */
	uint64_t max_offset;
	uint64_t max_connections, max_client_connections;
	uint64_t max_client_rate;    /* requests a second; 0: no limit */
	uint64_t max_queue;          /* requests that wait */
	uint64_t request_timeout_ms; /* from a connection's begin, or an answer's end, to the end of the next request */
	uint64_t answer_timeout_ms;  /* for an answer to be taken */
	uint64_t idle_timeout_s;
	uint64_t drain_s;            /* at the end, for what is going on */
	uint64_t digest;             /* of all of them but where it listens: other settings, another number */
} settings;

/* From the command line, environment and file.  Returns 0, or the exit status with *done
 * (--help, --version, or an error, which is told). */
int settings_read(settings **out, int argc, char **argv, bool *done);
void settings_free(settings *s);

#endif
