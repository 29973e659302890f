/* sink.h - documents into a Xapian database: the writer_sink that indexer/writer.h
 * feeds, so that sources, readers, threads, failures and what has not changed are
 * handled as for an index of our own.
 *
 * FOLDER  a database of one part is the folder itself; one of several has a
 * folder a part, shard-0 and on, and the stub file XAPIANDB, which libxapian
 * follows.  cdgsearch/ in it holds the list of sources and the lock.
 *
 * A new database is made by several threads in parts of their own, which are
 * compacted into one at the commit.  Else one transaction a part holds all
 * changes until then: readers see all of them or none (of each part).
 */
#ifndef BACKEND_XAPIAN_SINK_H
#define BACKEND_XAPIAN_SINK_H

#include "indexer/writer.h"

/* Name of the folder in the database's for writer_open. */
#define XAP_SOURCES "cdgsearch"

enum { XAP_SHARDS_MAX = 1024 };

typedef struct xap_sink xap_sink;

typedef struct xap_sink_options {
	unsigned threads;
	unsigned shards;   /* parts that stay; 0: as the database has it, one for a new one */
	bool no_store, force, no_sync;
} xap_sink_options;

/* CDG_E_ARG: dir is something else, or a database that others wrote. */
cdg_status xap_sink_open(const char *dir, const xap_sink_options *options, xap_sink **out, cdg_error *err);
/* What was not committed is gone.  NULL is allowed. */
void xap_sink_close(xap_sink *s);

/* With the xap_sink as ctx. */
extern const writer_sink xap_sink_ops;

#endif
