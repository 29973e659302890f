/* shards_impl.h - what shards.c, shards_list.c and shards_connect.c share. */
#ifndef BACKEND_XAPIAN_SHARDS_IMPL_H
#define BACKEND_XAPIAN_SHARDS_IMPL_H

#include <pthread.h>

#include "backend/xapian/shards.h"

enum { SHARDS_WHY = 200 };

typedef enum shard_kind { SHARD_TCP, SHARD_PROG, SHARD_LOCAL } shard_kind;

/* One way to reach a shard. */
typedef struct shard_replica {
	shard_kind kind;
	char *name;         /* as the list has it */
	char *host;         /* TCP; the program of PROG; the path of LOCAL */
	char *args;         /* of PROG, "" if none */
	unsigned port;
	int flags;          /* of LOCAL: XAPC_DB_... */
	/* under the lock of the list */
	bool down, asked;   /* asked: in the background, now */
	unsigned failures;  /* in a row */
	uint64_t retry_ns;  /* when it may be asked again */
	char why[SHARDS_WHY];
} shard_replica;

typedef struct shard {
	shard_replica *replica;
	size_t n, cap;
} shard;

struct shards {
	xap_calls call;
	shard *at;
	size_t n, cap;
	bool has_prog;
	pthread_mutex_t lock; /* of what follows, and of the replicas' state */
	size_t refs;          /* the owner, and threads that were left behind */
	uint64_t state;       /* counts changes of `down` */
};

/* shards.c: with the lock held */
void shard_up(shards *s, shard_replica *r);
void shard_down(shards *s, shard_replica *r, const char *why);
void shards_ref(shards *s);
void shards_unref(shards *s);

/* What a call said, in few words; after how long it was given up. */
void shard_reason(const xapc_error *why, unsigned timeout_ms, char *out);

/* shards_connect.c: open one, wherever it is */
xapc_status shard_open(const shards *s, const shard_replica *r, unsigned timeout_ms, unsigned connect_ms,
		       xapc_database **out, xapc_error *err);

/* shards_list.c */
cdg_status shards_parse(shards *s, const char *path, cdg_error *err);
bool shards_has_remote(const shards *s);

#endif
