/* trouble.h - what the operator is to know and no client: errors with paths of the machine. */
#ifndef DAEMON_TROUBLE_H
#define DAEMON_TROUBLE_H

#include "base/base.h"

/* A line to standard error: "cdgsearchd: INDEX: MESSAGE"; at most a few a second.  Any thread. */
void trouble(const char *index, const cdg_error *err);

#endif
