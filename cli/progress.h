/* progress.h - how far cdgindex is: a bar on a terminal once work has taken a
 * second, plain lines now and then elsewhere; and messages that do not tear it. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include "base/base.h"

enum { PROGRESS_NAMED = 20 }; /* failures shown by name */

typedef struct progress {
	bool tty, quiet, shown;
	int verbose;
	uint64_t start, last; /* clock_ns */
	uint64_t failures, warnings, named;
	const char *phase;
} progress;

void progress_init(progress *p, bool quiet, int verbose);
/* For cdg_writer_config_on_progress and _on_message; ctx is the progress. */
void progress_update(void *ctx, const char *phase, uint64_t done, uint64_t total, uint64_t documents,
		     uint64_t text_bytes);
void progress_message(void *ctx, const char *path, uint64_t line, int warning, const char *text);
/* Take the bar away; say how many messages were not shown. */
void progress_end(progress *p);

/* "12.3 MB". out holds 32 bytes. */
const char *progress_bytes(double n, char *out);

#endif
