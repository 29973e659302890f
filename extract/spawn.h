/* spawn.h - a process of cdg-extract at the other end of a socket. */
#ifndef EXTRACT_SPAWN_H
#define EXTRACT_SPAWN_H

#include <sys/types.h>

#include "base/err.h"

typedef struct spawn_child {
	int sock;  /* -1: there is no process */
	int pidfd; /* -1: the kernel has none */
	pid_t pid;
} spawn_child;

typedef struct spawn_status {
	bool known;   /* false: someone else has reaped it */
	int code;     /* exit status, 0 when a signal ended it */
	int signal;
} spawn_status;

/* program NULL: looked for as client.h says.  memory: bytes.  CDG_E_NOTFOUND: there is no
 * such program.  tick_ms: no call on the socket waits for longer. */
cdg_status spawn_start(spawn_child *child, const char *program, uint64_t memory, unsigned tick_ms, cdg_error *err);
/* Closes the socket, ends the process unless it has ended, and reaps it: how it ended
 * (a signal of ours changes nothing for one that is on its way out). */
spawn_status spawn_stop(spawn_child *child);

#endif
