/* watch.h - SIGINT and SIGTERM ask the writer to end, which leaves the index at
 * its last commit; a second one ends the process at once, which does so too. */
#ifndef CLI_WATCH_H
#define CLI_WATCH_H

#include "base/base.h"

/* Signals cancel this writer from here on; until watch_end. */
void watch_begin(cdg_writer *w);
void watch_end(void);

/* For a program that goes on between writers: the first signal then makes watch_fd
 * readable and watch_asked true.  False, with errno: it cannot be. */
bool watch_lasting(void);
int watch_fd(void);
bool watch_asked(void);

#endif
