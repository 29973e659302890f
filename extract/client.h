/* client.h - reading files through a worker process: `cdg-extract --worker`, in which
 * hostile bytes can do no harm.
 *
 * A client has at most one worker, starts it when the first file comes, and starts
 * another when it crashed, hung, took too much or has grown old.  Whatever a file does, it
 * costs that file (or that member of an archive) and gives a problem that says so:
 * the others are read.
 *
 *   extract_client_begin(c, name, fd, size, err)
 *   do extract_client_next(c, &event, err) while (event.kind != EXTRACT_EVENT_END)
 *
 * Library users: no signal handler or disposition is touched, SIGCHLD and SIGPIPE play no
 * part, no descriptor is inherited by others, no child is left when the client is freed.
 * One thread at a time.
 */
#ifndef EXTRACT_CLIENT_H
#define EXTRACT_CLIENT_H

#include <stdatomic.h>

#include "base/err.h"
#include "extract/wire.h"

/* Zero is a good default for each. */
typedef struct extract_client_options {
	const char *program;       /* NULL: $CDG_EXTRACT, beside the running program, where it was installed, $PATH */
	uint64_t memory;           /* bytes a worker may use; 0: 1 GiB */
	unsigned seconds;          /* a file may take, or one of the documents in it; 0: 60 */
	const struct ocr_options *ocr; /* NULL: what has only pictures of pages is a problem, else a SCAN */
	const atomic_bool *cancel; /* set from anywhere: CDG_E_CANCELLED soon after */
} extract_client_options;

enum { EXTRACT_CLIENT_SECONDS = 60 };

typedef enum extract_event_kind {
	EXTRACT_EVENT_END,
	EXTRACT_EVENT_DOCUMENT,
	EXTRACT_EVENT_SCAN, /* a document without its text: ocr.h */
	EXTRACT_EVENT_RECORDS,
	EXTRACT_EVENT_PROBLEM
} extract_event_kind;

/* All is borrowed until the next call. */
typedef struct extract_event {
	extract_event_kind kind;
	const document *doc;
	const char *warning; /* of doc; "" if there is none */
	wire_scan scan;
	wire_records records;
	wire_problem problem; /* name n 0: the file itself */
	bool nobody;          /* a problem of all files: there is no worker to be had */
} extract_event;

typedef struct extract_client extract_client;

/* Copies options.  Starts nothing. */
extract_client *extract_client_new(const extract_client_options *options, cdg_error *err);
void extract_client_free(extract_client *c);

/* Mappings (xml_map.h) for XML in the files that begin from now on, n 0: none.  Borrowed, of
 * EXTRACT_XML_MAP_MAX bytes at most.  A worker is told once. */
void extract_client_set_map(extract_client *c, doc_str map);
/* What is left of the file before is given up.  Takes fd in any case: a regular file that
 * is open for reading, of this size.  Fails only when memory is out. */
cdg_status extract_client_begin(extract_client *c, doc_str name, int fd, uint64_t size, cdg_error *err);
/* Fails only when memory is out, or with CDG_E_CANCELLED. */
cdg_status extract_client_next(extract_client *c, extract_event *event, cdg_error *err);
/* After END: the hash of the file (XXH3-64), if the worker had all of it. */
bool extract_client_hash(const extract_client *c, uint64_t *hash);

/* Has the kernel no Landlock, as the last worker has found?  It is refused all files then, by
 * its filter of system calls alone. */
bool extract_client_no_landlock(const extract_client *c);
/* The worker's process, 0 if there is none now (tests). */
int extract_client_pid(const extract_client *c);

#endif
