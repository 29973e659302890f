/* watch.h - SIGINT and SIGTERM ask the writer to end, which leaves the index at
 * its last commit; a second one ends the process at once, which does so too. */
#ifndef CLI_WATCH_H
#define CLI_WATCH_H

#include "base/base.h"

/* Signals cancel this writer from here on; until watch_end. */
void watch_begin(cdg_writer *w);
void watch_end(void);

#endif
