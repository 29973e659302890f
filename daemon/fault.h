/* fault.h - a mapped file that lost its end, or a disk that cannot be read, under the server.
 *
 * Reading there is a SIGBUS.  It must not end the server: the page becomes zeros, which the
 * engine can read as it can any damaged bytes, and the fault is counted.  A snapshot that was
 * opened before the last fault is not to be trusted any more (site.c).
 */
#ifndef DAEMON_FAULT_H
#define DAEMON_FAULT_H

#include "base/base.h"

void fault_catch(void);
/* Faults so far. */
uint64_t fault_count(void);

#endif
