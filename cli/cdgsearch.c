/* cdgsearch.c - the search program: options, one query or many, results to
 * standard output, warnings to standard error.
 *
 * Exit status as grep: 0 something was found (by any query of a batch), 1
 * nothing was, 2 an error.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/search_options.h"

typedef struct searcher {
	const search_options *o;
	cdg_index *index;
	cdg_printer *printer;
	bool found, failed;
} searcher;

static bool
wants_color(const search_options *o)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	if (o->color != COLOR_AUTO)
		return o->color == COLOR_ALWAYS;
	return isatty(STDOUT_FILENO) && !(no && *no) && !(term && !strcmp(term, "dumb"));
}

static int
open_printer(searcher *s)
{
	const search_options *o = s->o;
	unsigned width = cli_width(STDOUT_FILENO);
	cdg_error err;

	if (cdg_printer_new(o->format, cli_write, NULL, &s->printer, &err) != CDG_OK)
		return cli_fail(&err);
	if (o->run_id && cdg_printer_set_run_id(s->printer, o->run_id, &err) != CDG_OK)
		return cli_fail(&err);
	cdg_printer_set_color(s->printer, wants_color(o));
	cdg_printer_set_width(s->printer, width > 120 && !o->kwic ? 120 : width);
	cdg_printer_set_batch(s->printer, o->batch != NULL);
	return CLI_OK;
}

static void
say_warning(const searcher *s, const char *text)
{
	if (s->o->quiet || s->o->format == CDG_FORMAT_JSON)
		return;
	cli_flush();
	cli_error("warning: %s", text);
}

/* --view and --kwic: what the library printed, or could not. */
static void
conclude(searcher *s, cdg_status st, const cdg_error *err)
{
	if (st != CDG_OK && st != CDG_E_CANCELLED) {
		cli_fail(err);
		s->failed = true;
	}
}

static void
show_document(searcher *s)
{
	const search_options *o = s->o;
	cdg_view *v;
	cdg_error err;
	cdg_status st = cdg_index_view(s->index, o->request, o->query, strlen(o->query), o->view, strlen(o->view),
				       o->from, o->to, &v, &err);

	if (st == CDG_E_NOTFOUND) { /* nothing was found: as of a query */
		cli_error("%s", err.message);
		return;
	}
	if (st == CDG_OK) {
		s->found = true;
		for (size_t i = 0; cdg_view_warning(v, i); i++)
			say_warning(s, cdg_view_warning(v, i));
		st = cdg_printer_print_view(s->printer, v, &err);
		cdg_view_free(v);
	}
	conclude(s, st, &err);
}

static void
show_lines(searcher *s)
{
	const search_options *o = s->o;
	cdg_lines *x;
	cdg_error err;
	cdg_status st = cdg_concordance(s->index, o->request, o->query, strlen(o->query),
					(cdg_line_order)(o->kwic - 1), (uint32_t)o->context, o->words, &x, &err);

	if (st == CDG_OK) {
		s->found = cdg_lines_get(x, CDG_LINES_TOTAL) > 0;
		for (size_t i = 0; cdg_lines_warning(x, i); i++)
			say_warning(s, cdg_lines_warning(x, i));
		st = cdg_printer_print_lines(s->printer, x, &err);
		cdg_lines_free(x);
	}
	conclude(s, st, &err);
}

/* Warnings stand in JSON themselves. */
static void
say_warnings(const searcher *s, const cdg_results *r, const char *qid)
{
	if (s->o->quiet || s->o->format == CDG_FORMAT_JSON)
		return;
	if (cdg_results_warning_count(r))
		cli_flush();
	for (size_t i = 0; i < cdg_results_warning_count(r); i++)
		cli_error("%s%s%swarning: %s", qid ? "query " : "", qid ? qid : "", qid ? ": " : "",
			  cdg_results_warning(r, i));
}

static void
say_more(const searcher *s, const cdg_results *r)
{
	if (s->o->verbose)
		cli_error("understood as: %s; %zu of %s, %.1f ms", cdg_results_parsed(r),
			  cdg_results_count(r), cli_count(cdg_results_total(r), "hit"),
			  (double)cdg_results_took_us(r) / 1000);
	/* text and JSON have it in place */
	if (s->o->format != CDG_FORMAT_TEXT && s->o->format != CDG_FORMAT_JSON)
		fputs(cdg_results_explain(r), stderr);
}

/* Nothing may be left out where one line is one query. */
static void
print_failure(const searcher *s, const cdg_error *err)
{
	char line[64];

	if (!s->o->batch)
		return;
	if (s->o->format == CDG_FORMAT_COUNT)
		cli_write(NULL, "0\n", 2);
	if (s->o->format == CDG_FORMAT_JSON) {
		int n = snprintf(line, sizeof line, "{\"error\":\"%s\"}\n", cdg_status_name(err->status));

		cli_write(NULL, line, (size_t)n);
	}
}

/* False: going on is senseless. */
static bool
answer(searcher *s, const char *query, size_t len, const char *qid)
{
	cdg_results *r;
	cdg_error err;
	cdg_status st = cdg_search(s->index, s->o->request, query, len, &r, &err);

	if (st != CDG_OK) {
		cli_error("%s%s%s%s", qid ? "query " : "", qid ? qid : "", qid ? ": " : "", err.message);
		s->failed = true;
		print_failure(s, &err);
		return st == CDG_E_QUERY;
	}
	s->found |= cdg_results_total(r) || cdg_results_count(r);
	say_warnings(s, r, qid);
	say_more(s, r);
	st = cdg_printer_print(s->printer, r, qid, &err);
	cdg_results_free(r);
	if (st == CDG_OK)
		return true;
	if (st != CDG_E_CANCELLED) {
		cli_fail(&err);
		s->failed = true;
	}
	return false;
}

/* "id<TAB>query" names the query, else the number of its line does. */
static bool
answer_line(searcher *s, char *line, size_t n, uint64_t number)
{
	char *tab = memchr(line, '\t', n), qid[32];

	if (n && line[n - 1] == '\n')
		n--;
	if (n && line[n - 1] == '\r')
		n--;
	if (tab && tab < line + n && !memchr(line, 0, (size_t)(tab - line))) {
		*tab = 0;
		return answer(s, tab + 1, n - (size_t)(tab + 1 - line), line);
	}
	snprintf(qid, sizeof qid, "%llu", (unsigned long long)number);
	return answer(s, line, n, qid);
}

static void
run_batch(searcher *s)
{
	bool std = !strcmp(s->o->batch, "-");
	FILE *f = std ? stdin : fopen(s->o->batch, "re");
	char *line = NULL;
	size_t cap = 0;
	uint64_t number = 0;
	ssize_t n = -1;

	if (!f) {
		cli_error("cannot open %s: %s", s->o->batch, strerror(errno));
		s->failed = true;
		return;
	}
	errno = 0;
	while ((n = getline(&line, &cap, f)) >= 0) {
		if (!answer_line(s, line, (size_t)n, ++number))
			break;
		/* a program that writes a query and waits for its answer gets it */
		if (std)
			cli_flush();
		errno = 0;
	}
	if (n < 0 && (ferror(f) || errno)) {
		cli_error("cannot read %s: %s", std ? "standard input" : s->o->batch, strerror(errno));
		s->failed = true;
	}
	free(line);
	if (!std)
		fclose(f);
}

/* Texts and values are on one line each as they are: no control characters. */
static void
put_suggestion(const cdg_suggestions *list, size_t i)
{
	char head[64];
	const char *text = cdg_suggestion_text(list, i);
	int n = snprintf(head, sizeof head, "%s\t%llu\t", cdg_suggestion_kind(list, i),
			 (unsigned long long)cdg_suggestion_documents(list, i));

	cli_write(NULL, head, (size_t)n);
	for (; *text; text++)
		cli_write(NULL, (unsigned char)*text < 0x20 || *text == 0x7f ? " " : text, 1);
	cli_write(NULL, "\n", 1);
}

static void
run_suggest(searcher *s)
{
	cdg_suggestions *list;
	cdg_error err;

	if (cdg_index_suggest(s->index, s->o->query, strlen(s->o->query), (uint32_t)s->o->limit, &list, &err) != CDG_OK) {
		cli_fail(&err);
		s->failed = true;
		return;
	}
	s->found = cdg_suggestions_count(list) > 0;
	for (size_t i = 0; i < cdg_suggestions_count(list); i++)
		put_suggestion(list, i);
	cdg_suggestions_free(list);
}

static int
run(searcher *s)
{
	const char *path = cli_index(s->o->index);
	cdg_error err;
	int code;

	if (!path)
		return CLI_ERROR;
	if (cdg_index_open(path, &s->index, &err) != CDG_OK)
		return cli_fail(&err);
	if (s->o->verbose)
		cli_error("index %s: %s", path, cli_count(cdg_index_documents(s->index), "document"));
	code = open_printer(s);
	if (code == CLI_OK) {
		if (s->o->view)
			show_document(s);
		else if (s->o->kwic)
			show_lines(s);
		else if (s->o->suggest)
			run_suggest(s);
		else if (s->o->batch)
			run_batch(s);
		else
			answer(s, s->o->query, strlen(s->o->query), NULL);
		code = s->failed ? CLI_ERROR : s->found ? CLI_OK : CLI_NOTHING;
		if (cli_finish() != CLI_OK)
			code = CLI_ERROR;
	}
	cdg_printer_free(s->printer);
	cdg_index_close(s->index);
	return code;
}

int
main(int argc, char **argv)
{
	search_options o;
	searcher s = { .o = &o };
	int code;

	cli_start("cdgsearch");
	code = search_options_parse(&o, argc, argv);
	if (code == CLI_OK && !o.done)
		code = run(&s);
	search_options_fini(&o);
	return code;
}
