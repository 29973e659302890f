/* head.h - heads of requests that two programs could read in two ways: what a proxy takes for
 * a body must not be a second request here (request smuggling). */
#ifndef DAEMON_HEAD_H
#define DAEMON_HEAD_H

#include "daemon/web.h"

/* False: the head is not clear, or too large, and the answer says why; the connection must be closed. */
bool head_is_clear(web_call *c);

#endif
