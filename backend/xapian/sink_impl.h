/* sink_impl.h - the insides of a sink, for sink.c and sink_parts.c. */
#ifndef BACKEND_XAPIAN_SINK_IMPL_H
#define BACKEND_XAPIAN_SINK_IMPL_H

#include <pthread.h>

#include "backend/xapian/build.h"
#include "backend/xapian/sink.h"

enum { SINK_WORKERS_MAX = 1024 };

/* An id of this run. */
typedef struct sink_seen {
	uint64_t id;     /* hash of it; 0: a free slot */
	uint64_t order;  /* of the document that counts, + 1; 0: deleted */
	xapc_docid did;  /* 0: not written yet */
	bool replaces;   /* did was there before the run */
} sink_seen;

typedef struct sink_part {
	pthread_mutex_t lock;
	xapc_writable *w;
	xapc_database *db; /* w's */
	xapc_error err;
	bool fresh;        /* nothing was in it when it was opened */
	bool changed;      /* since the last commit */
	buf key;
	sink_seen *seen;
	size_t nseen, nslots;
} sink_part;

struct xap_sink {
	xap_calls call;
	char *dir;
	xap_sink_options options;
	sink_part *parts;
	unsigned nparts;
	bool stub;         /* the parts stay apart, behind a stub file */
	bool temporary;    /* the parts are to be compacted into one */
	bool failed;       /* to open the parts again */
	xap_builder *builders[SINK_WORKERS_MAX];
};

cdg_status sink_fail(const xap_sink *s, const sink_part *p, cdg_error *err);
/* Open the parts that a commit has closed. */
cdg_status sink_ready(xap_sink *s, cdg_error *err);
cdg_status sink_begin(xap_sink *s, sink_part *p, cdg_error *err);
cdg_status sink_commit(void *ctx, cdg_error *err);

#endif
