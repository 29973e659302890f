/* log.h - the access log, the slow log and the log of queries without a hit: one JSON
 * object a line.
 *
 * No query text is in the access log unless log-queries is on; the other two exist for
 * the query's sake and have it.  A line that cannot be written (disk full) is counted and
 * lost; requests go on.
 */
#ifndef DAEMON_LOG_H
#define DAEMON_LOG_H

#include "daemon/settings.h"
#include "daemon/web.h"

typedef struct logs logs;

cdg_status logs_open(const settings *set, logs **out, cdg_error *err);
void logs_close(logs *l);
/* A call that is over; complete: the client got all of it.  Any thread. */
void log_call(logs *l, const web_call *c, bool complete);
/* A request that the library refused before it was a call; address: "" where nobody knows. */
void log_refused(logs *l, const char *address, unsigned status);
/* Lines that could not be written, since the program began. */
uint64_t logs_lost(void);

#endif
