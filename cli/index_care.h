/* index_care.h - the commands of cdgindex besides adding.  Each returns the exit
 * code, after a message if it is CLI_ERROR. */
#ifndef CLI_INDEX_CARE_H
#define CLI_INDEX_CARE_H

#include "cli/index_options.h"

int care_check(const index_options *o, const char *path);
int care_stat(const index_options *o, const char *path);
int care_dump(const index_options *o, const char *path);
int care_merge(const index_options *o, const char *path);
int care_snapshot(const index_options *o, const char *path);
int care_import(const index_options *o, const char *path);
int care_delete(const index_options *o, const char *path);

#endif
