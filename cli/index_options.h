/* index_options.h - the command line of cdgindex. */
#ifndef CLI_INDEX_OPTIONS_H
#define CLI_INDEX_OPTIONS_H

#include "base/base.h"

typedef enum index_command {
	INDEX_ADD,
	INDEX_CHECK,
	INDEX_STAT,
	INDEX_DUMP,
	INDEX_MERGE,
	INDEX_SNAPSHOT,
	INDEX_DELETE,
	INDEX_IMPORT
} index_command;

typedef struct index_options {
	const char *index;
	cdg_writer_config *config;
	index_command command;
	bool quiet, done, hidden, watch, prune, dry_run, strict, optimize, reorder, pairs;
	bool failed, skipped, duplicates, json; /* stat */
	bool terms, ids;            /* dump */
	const char *prefix, *term, *doc, *format;
	int verbose;
	uint64_t watch_seconds;     /* watch: look this often; 0: be told by the system */
	const char **args;          /* paths, ids, target: without the command */
	size_t nargs;
} index_options;

/* CLI_OK, or an exit code after a message. */
int index_options_parse(index_options *o, int argc, char **argv);
void index_options_fini(index_options *o);

#endif
