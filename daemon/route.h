/* route.h - which handler answers which path. */
#ifndef DAEMON_ROUTE_H
#define DAEMON_ROUTE_H

#include "daemon/web.h"

/* Answers a call: finds the index and the handler, runs it, and sees to it that there is an
 * answer.  Any thread of the pool. */
void route_call(web_call *c);
/* What all answers have; route_call has done it. */
void route_finish(web_call *c);

#endif
