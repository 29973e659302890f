/* reap.h - ends connections that take too long over a request or an answer: a client that
 * sends, or reads, a byte now and then (slowloris) is never idle for the library's timeout.
 * And when nearly all connections there may be are open, those that wait for a request
 * longest, so that who has one finds a place. */
#ifndef DAEMON_REAP_H
#define DAEMON_REAP_H

#include "base/base.h"

typedef struct reaper reaper;
typedef struct reaped reaped; /* a connection */

/* most: connections that can be open. */
cdg_status reap_start(size_t most, reaper **out, cdg_error *err);
void reap_stop(reaper *r);
/* A connection with socket fd, which stays open until reap_remove.  NULL: no memory. */
reaped *reap_add(reaper *r, int fd);
/* It is to be over with what it does now within ms; 0: take your time.  NULL does nothing. */
void reap_within(reaper *r, reaped *c, uint64_t ms);
/* It begins to wait for a request, which is to be there within ms; it has the head of one. */
void reap_idle(reaper *r, reaped *c, uint64_t ms);
void reap_busy(reaper *r, reaped *c);
void reap_remove(reaper *r, reaped *c);

#endif
