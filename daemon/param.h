/* param.h - parameters of a request to a cdg_request: what /search, its page and its
 * exports have in common. */
#ifndef DAEMON_PARAM_H
#define DAEMON_PARAM_H

#include "daemon/web.h"

typedef struct search_params {
	cdg_request *request;
	const char *q; /* "" if there is none */
	size_t len;
	uint64_t n, offset;
	const char *sort;   /* "" by score */
	bool failed;        /* the answer says why */
} search_params;

/* What is read besides q, filter, op, lang, strict, stem_phrases, time_limit, which all have. */
enum {
	PARAM_PLACE = 1,    /* n, offset */
	PARAM_PASSAGES = 2, /* snippets, snippet_length, did_you_mean, sort */
	PARAM_COUNTS = 4,   /* facet, explain */
	PARAM_ALL = 7
};

/* False: the answer says what is wrong. */
bool search_params_read_some(web_call *c, search_params *p, unsigned which);
bool search_params_read(web_call *c, search_params *p); /* all */
void search_params_free(search_params *p);
/* What the logs and figures want to know of a search. */
void search_note(web_call *c, const search_params *p, const cdg_results *r);
void lines_note(web_call *c, const cdg_lines *x); /* the same of a concordance */
void view_note(web_call *c, const cdg_view *v);   /* and of a document, NULL: none */
/* Results into the answer, or what was wrong. */
void search_print(web_call *c, const cdg_results *r, cdg_format format);
/* The parameter format: json, csv and, with lines, jsonl; sets the answer's type, and the name
 * that a CSV is kept by.  False: the answer says what is wrong. */
bool web_format(web_call *c, bool lines, const char *csv_name, cdg_format *format);
/* A switch: 1 or 0, nothing is 0; false: told. */
bool web_flag(web_call *c, const char *name, bool *on);
/* A whole number within [min, max], or `otherwise` if it is not there; false: told. */
bool web_number(web_call *c, const char *name, uint64_t min, uint64_t max, uint64_t otherwise, uint64_t *out);

#endif
