/*
 * common.h - what the drivers in C and C++ share: reading JSON lines, the
 * game's query syntax, its commands, and figures about this process.
 *
 * Single-threaded programs; every failure goes through peer_die(), one line on
 * standard error and status 1.  Nothing here is part of cdgsearch's library.
 */
#ifndef CDG_BENCH_PEERS_COMMON_H
#define CDG_BENCH_PEERS_COMMON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Set by main before anything else: the name at the front of every message. */
extern const char *peer_name;

#if defined(__GNUC__)
__attribute__((noreturn, format(printf, 1, 2)))
#endif
void peer_die(const char *format, ...);

/* A corpus being read; `id` and `text` are valid until the next line is read. */
struct peer_corpus {
	FILE *file;
	const char *name;
	char *line;
	size_t room;
	unsigned long number;
	char *id, *text;
};

void peer_corpus_open(struct peer_corpus *corpus, const char *name);

/* False at the end of the corpus. */
bool peer_corpus_next(struct peer_corpus *corpus);

void peer_corpus_close(struct peer_corpus *corpus);

/*
 * A query of the game: clauses, each a word or a phrase of several.
 */
enum peer_occur { PEER_SHOULD, PEER_MUST, PEER_NOT };

enum { PEER_MAX_CLAUSES = 1024, PEER_MAX_WORDS = 4096 };

struct peer_clause {
	enum peer_occur occur;
	size_t first, count;	/* its words, in peer_query.words */
};

struct peer_query {
	size_t nclauses, nwords;
	size_t of[3];		/* how many clauses of each peer_occur */
	struct peer_clause clauses[PEER_MAX_CLAUSES];
	char *words[PEER_MAX_WORDS];
};

enum peer_verb { PEER_COUNT, PEER_TOP, PEER_TOP_COUNT, PEER_HITS, PEER_UNSUPPORTED };

struct peer_request {
	unsigned long number;	/* of the line */
	enum peer_verb verb;
	size_t k;
	struct peer_query query;
};

/*
 * Reads the next line of standard input and takes it apart; false at the end.
 * A malformed line ends the program.  A command or a query that no peer with a
 * parser of ours can express is PEER_UNSUPPORTED.
 */
bool peer_request_read(struct peer_request *request);

/* Prints an id of a hit, with %XX for blanks, control characters, colons and per
 * cent signs. */
void peer_id_print(const char *id);

/* Ends an answer: a newline, and out with it. */
void peer_answer_end(void);

double peer_seconds(void);
double peer_cpu_seconds(void);
unsigned long peer_peak_kib(void);

/* Prints the JSON line that ends `index`. */
void peer_report(const char *version, unsigned long documents, double seconds,
		 unsigned long long bytes);

#ifdef __cplusplus
}
#endif

#endif
