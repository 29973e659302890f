/* search_options.h - the command line of cdgsearch. */
#ifndef CLI_SEARCH_OPTIONS_H
#define CLI_SEARCH_OPTIONS_H

#include "base/base.h"

typedef enum search_color { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER } search_color;

typedef struct search_options {
	const char *index, *batch, *run_id;
	cdg_request *request;
	cdg_format format;
	uint64_t limit, snippets, snippet_length;
	search_color color;
	bool quiet, suggest, done; /* done: --help or --version was answered */
	int verbose, spell; /* spell: 1 --did-you-mean, -1 --no-suggest */
	const char *view;  /* an identifier, or NULL */
	uint64_t from, to; /* of its text */
	int kwic;          /* 1 + cdg_line_order; 0: no concordance */
	uint64_t context;
	bool words;        /* context counts these */
	char *query;      /* the arguments joined by spaces, NULL with --batch */
} search_options;

/* CLI_OK, or an exit code after a message. */
int search_options_parse(search_options *o, int argc, char **argv);
void search_options_fini(search_options *o);

#endif
