/* shards.h - a database whose parts are on several hosts: the list of them, how
 * each is reached, which of them answer.
 *
 * A LIST names shards by commas and the replicas of each by bars:
 *
 *     a.example:7000|d.example:7000,b.example:7000,[2001:db8::7]:7000
 *
 * or is a stub file, one shard a line: "remote a.example:7000|d.example:7000",
 * "remote :ssh b.example xapian-progsrv /srv/db" (a program; bars part replicas
 * here too), "auto folder" for one on this host.  A replica is a copy: it has the
 * documents of the shard under the same numbers (xapian-replicate makes those).
 *
 * Opening asks all shards at once, the replicas of each in their order: the next
 * is asked when one refuses, or says nothing for a part of the time.  Whatever
 * hangs (a name server, a stopped host) hangs a thread of its own, which is left
 * behind.  A shard that nobody answers for is MISSING: an empty database stands
 * in its place, so that the numbers of all other documents stay as they are.
 *
 * What failed is left alone for a while, then asked in the background, so that no
 * search waits for a host that is known to be down.
 *
 * Threads: any, at any time; a database that shards_connect gave is its caller's.
 */
#ifndef BACKEND_XAPIAN_SHARDS_H
#define BACKEND_XAPIAN_SHARDS_H

#include "backend/xapian/load.h"

enum {
	SHARDS_MAX = 1024,
	SHARDS_REPLICAS_MAX = 16,
	SHARDS_LIMIT_MS = 10000 /* of a search that has no time limit of its own */
};

typedef struct shards shards;

/* Is it host:port, or a list of such?  The file system is not asked. */
bool shards_is_list(const char *path);

/* From a list, a stub file or a folder with one.  *out NULL: all of it is on this
 * host, and libxapian opens it by itself.  CDG_E_ARG names a line that is wrong. */
cdg_status shards_read(const char *path, const xap_calls *call, shards **out, cdg_error *err);
void shards_free(shards *s);

/* ---- one connection to all of them ---------------------------------------- */

/* Which replica of each shard a database is made of. */
typedef struct shards_use {
	int8_t *replica;     /* of shard i; below 0: it is missing */
	size_t missing;
	unsigned timeout_ms; /* after which an answer is not waited for */
	uint64_t seen;       /* state of the list that it was made in */
} shards_use;

void shards_use_fini(shards_use *u);

/* Connect within `limit_ms` in all, half of which a later answer may take.
 * CDG_E_IO: no shard answers. */
cdg_status shards_connect(shards *s, unsigned limit_ms, shards_use *use, xapc_database **out, cdg_error *err);
/* Close it; never waits for a host. */
void shards_disconnect(const shards *s, xapc_database *db);

/* Is nothing better to be had by now: nothing of it down, nothing missing up again?
 * Starts to ask those whose time has come. */
bool shards_is_current(shards *s, shards_use *u);

/* A call failed so: whose fault was it?  used: the connection had answered before,
 * so that its end may only mean that the server is another one now. */
void shards_failed(shards *s, const shards_use *u, const xapc_error *why, bool used);

/* The text for missing shard i, into `out`: "shard 2 of 3 (b.example:7000) is missing: ...". */
void shards_describe(shards *s, size_t i, char *out, size_t size);
size_t shards_count(const shards *s);

#endif
