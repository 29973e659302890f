/* follow.h - cdgindex --watch: what changes below the paths is indexed soon. */
#ifndef CLI_FOLLOW_H
#define CLI_FOLLOW_H

#include "cli/index_options.h"

/* Makes the first run by `first`, with the folders watched already, and goes on
 * until a signal comes.  An exit code. */
int follow(const index_options *o, const char *path, int (*first)(const index_options *o, const char *path));

#endif
