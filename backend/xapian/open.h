/* open.h - Xapian databases as a backend: told by their files, opened, searched.
 *
 * Handles of libxapian belong to one thread at a time, so each search takes one
 * of its own (a spare one, or a new one).  A handle shows the state it was opened
 * in; when a writer has changed the database twice since, libxapian may find old
 * blocks overwritten, and the search is run again on the newest state; and so when a
 * connection to another host fails, on what is left.
 *
 *   open.c       which paths are databases
 *   handle.c     handles: taken, given back, thrown away
 *   shards*.c    databases on several hosts (shards.h)
 *   leaf.c       words of a query: their terms
 *   places.c     where they stand in a document
 *   search.c     candidates by libxapian, evaluation by backend/reference_search.c
 *   direct.c     queries that libxapian answers alone
 *   stored.c     documents: data and values
 *   foreign*.c, map.c   databases that others wrote
 *   care.c       check, stat, terms, --explain
 *   scheme.h, build.c, sink*.c   writing one
 */
#ifndef BACKEND_XAPIAN_OPEN_H
#define BACKEND_XAPIAN_OPEN_H

#include "backend/backend.h"
#include "extract/document.h"

/* Does the path name a Xapian database: a folder, a single file, a stub file, or
 * (if nothing is there) host:port?  Reads names and a few bytes. */
bool xap_is_database(const char *path);

/* Open it.  CDG_E_ARG: no module; what libxapian says comes as xap_error has it. */
cdg_status xap_open(const char *path, backend **out, cdg_error *err);

/* Every document of an open one, in order of their numbers. */
typedef cdg_status xap_document_fn(void *ctx, const document *doc, cdg_error *err);
cdg_status xap_each_document(const backend *b, xap_document_fn *fn, void *ctx, cdg_error *err);

#endif
