/* metrics.h - figures for Prometheus.  Counters of the process, without a lock. */
#ifndef DAEMON_METRICS_H
#define DAEMON_METRICS_H

#include "daemon/queue.h"
#include "daemon/web.h"

void metrics_call(const web_call *c, bool complete);
/* A request that the library refused before it was a call. */
void metrics_refused(unsigned status);
void metrics_connections(int more);
/* The queue whose length is told; NULL: none. */
void metrics_queue(work_queue *q);
/* All of them in the text format, version 0.0.4. */
void metrics_write(const web_call *c, buf *out);

#endif
