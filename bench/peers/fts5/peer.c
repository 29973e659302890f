/*
 * peer.c - SQLite FTS5 behind the search-benchmark-game's protocol.
 *
 *   peer index CORPUS DIR     DIR/fts5.db, a contentless table, optimised
 *   peer query DIR            COMMAND<TAB>query lines on standard input
 *
 * The table has detail=full (positions) and the unicode61 tokenizer, which
 * leaves words of a-z as they are; a second table maps a rowid to the id.  FTS5's
 * bm25() has k1 = 1.2 and b = 0.75 built in and an idf floored at nearly zero, so
 * the order of hits differs from engines with another idf; counts do not.
 * "Must have a, better with b" has no counterpart in FTS5's syntax: its set is
 * that of a alone, which is what COUNT asks; ranked, it is UNSUPPORTED.
 */
#include <sqlite3.h>

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "bench/peers/common.h"

static sqlite3 *db;

static void
check(int rc, int wanted)
{
	if (rc != wanted)
		peer_die("%s", sqlite3_errmsg(db));
}

static void
run_sql(const char *sql)
{
	check(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
}

static sqlite3_stmt *
prepare(const char *sql)
{
	sqlite3_stmt *statement;

	check(sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL),
	      SQLITE_OK);
	return statement;
}

static void
open_db(const char *dir, int flags)
{
	char *path = sqlite3_mprintf("%s/fts5.db", dir);

	if (!path)
		peer_die("out of memory");
	if (sqlite3_open_v2(path, &db, flags | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
		peer_die("%s: %s", path, db ? sqlite3_errmsg(db) : "out of memory");
	sqlite3_free(path);
}

static void
insert(sqlite3_stmt *statement, unsigned long rowid, const char *value)
{
	check(sqlite3_bind_int64(statement, 1, (sqlite3_int64)rowid), SQLITE_OK);
	check(sqlite3_bind_text(statement, 2, value, -1, SQLITE_STATIC), SQLITE_OK);
	check(sqlite3_step(statement), SQLITE_DONE);
	check(sqlite3_reset(statement), SQLITE_OK);
}

static void
fill(struct peer_corpus *corpus)
{
	sqlite3_stmt *text = prepare("INSERT INTO t(rowid, text) VALUES (?, ?)");
	sqlite3_stmt *id = prepare("INSERT INTO ids(rowid, id) VALUES (?, ?)");

	run_sql("BEGIN");
	while (peer_corpus_next(corpus)) {
		insert(text, corpus->number, corpus->text);
		insert(id, corpus->number, corpus->id);
	}
	run_sql("COMMIT");
	sqlite3_finalize(text);
	sqlite3_finalize(id);
}

static long long
one_number(const char *sql)
{
	sqlite3_stmt *statement = prepare(sql);
	long long value;

	check(sqlite3_step(statement), SQLITE_ROW);
	value = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return value;
}

static int
run_index(const char *name, const char *dir, const char *memory_mb)
{
	double start = peer_seconds();
	struct peer_corpus corpus;
	unsigned long documents;
	long long bytes, hash = strtoll(memory_mb, NULL, 10) << 20;
	char *sql;

	peer_corpus_open(&corpus, name);
	open_db(dir, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
	run_sql("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
		"PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = -262144;"
		"CREATE TABLE ids(rowid INTEGER PRIMARY KEY, id TEXT NOT NULL);"
		"CREATE VIRTUAL TABLE t USING fts5(text, content='', detail=full, "
		"tokenize='unicode61');");
	sql = sqlite3_mprintf("INSERT INTO t(t, rank) VALUES ('hashsize', %lld)",
			      hash < 2000000000 ? hash : 2000000000);
	if (!sql)
		peer_die("out of memory");
	run_sql(sql);
	sqlite3_free(sql);
	fill(&corpus);
	run_sql("INSERT INTO t(t) VALUES ('optimize'); VACUUM;");
	bytes = one_number("PRAGMA page_count") * one_number("PRAGMA page_size");
	documents = corpus.number;
	peer_corpus_close(&corpus);
	check(sqlite3_close(db), SQLITE_OK);
	peer_report("SQLite " SQLITE_VERSION, documents, peer_seconds() - start,
		    (unsigned long long)bytes);
	return 0;
}

/* A growing FTS5 expression. */
static sqlite3_str *expression;

/* The clauses of one kind, joined by the operator, in parentheses. */
static void
put_clauses(const struct peer_query *query, enum peer_occur occur, const char *op)
{
	const char *before = "(";

	for (size_t i = 0; i < query->nclauses; i++) {
		const struct peer_clause *clause = &query->clauses[i];

		if (clause->occur != occur)
			continue;
		sqlite3_str_appendf(expression, "%s\"", before);
		for (size_t w = 0; w < clause->count; w++)
			sqlite3_str_appendf(expression, "%s%s", w ? " " : "",
					    query->words[clause->first + w]);
		sqlite3_str_appendall(expression, "\"");
		before = op;
	}
	sqlite3_str_appendall(expression, ")");
}

static char *
put_query(const struct peer_query *query)
{
	char *text;

	expression = sqlite3_str_new(db);
	if (query->of[PEER_MUST])
		put_clauses(query, PEER_MUST, " AND ");
	else
		put_clauses(query, PEER_SHOULD, " OR ");
	if (query->of[PEER_NOT]) {
		sqlite3_str_appendall(expression, " NOT ");
		put_clauses(query, PEER_NOT, " OR ");
	}
	text = sqlite3_str_finish(expression);
	if (!text)
		peer_die("out of memory");
	return text;
}

static void
print_count(sqlite3_stmt *count, const char *match)
{
	check(sqlite3_bind_text(count, 1, match, -1, SQLITE_STATIC), SQLITE_OK);
	check(sqlite3_step(count), SQLITE_ROW);
	printf("%lld", (long long)sqlite3_column_int64(count, 0));
	check(sqlite3_reset(count), SQLITE_OK);
}

static void
print_id(sqlite3_stmt *id, sqlite3_int64 rowid)
{
	check(sqlite3_bind_int64(id, 1, rowid), SQLITE_OK);
	check(sqlite3_step(id), SQLITE_ROW);
	peer_id_print((const char *)sqlite3_column_text(id, 0));
	check(sqlite3_reset(id), SQLITE_OK);
}

/* Fetches the k best; prints them where id is given.  rank is negated BM25. */
static void
run_top(sqlite3_stmt *top, const char *match, size_t k, sqlite3_stmt *id)
{
	const char *gap = "";
	int rc;

	check(sqlite3_bind_text(top, 1, match, -1, SQLITE_STATIC), SQLITE_OK);
	check(sqlite3_bind_int64(top, 2, (sqlite3_int64)k), SQLITE_OK);
	while ((rc = sqlite3_step(top)) == SQLITE_ROW) {
		if (!id)
			continue;
		printf("%s", gap);
		print_id(id, sqlite3_column_int64(top, 0));
		printf(":%.9g", -sqlite3_column_double(top, 1));
		gap = " ";
	}
	check(rc, SQLITE_DONE);
	check(sqlite3_reset(top), SQLITE_OK);
}

static int
run_query(const char *dir)
{
	struct peer_request *request = calloc(1, sizeof(*request));
	sqlite3_stmt *count, *top, *id;
	char *match;

	if (!request)
		peer_die("out of memory");
	open_db(dir, SQLITE_OPEN_READONLY);
	run_sql("PRAGMA mmap_size = 8589934592; PRAGMA cache_size = -1048576;"
		"PRAGMA locking_mode = EXCLUSIVE;");
	count = prepare("SELECT count(*) FROM t WHERE t MATCH ?");
	top = prepare("SELECT rowid, rank FROM t WHERE t MATCH ? ORDER BY rank LIMIT ?");
	id = prepare("SELECT id FROM ids WHERE rowid = ?");
	while (peer_request_read(request)) {
		if (request->verb == PEER_UNSUPPORTED ||
		    (request->verb != PEER_COUNT && request->query.of[PEER_MUST] &&
		     request->query.of[PEER_SHOULD])) {
			printf("UNSUPPORTED");
			peer_answer_end();
			continue;
		}
		match = put_query(&request->query);
		if (request->verb != PEER_COUNT)
			run_top(top, match, request->k, request->verb == PEER_HITS ? id : NULL);
		if (request->verb == PEER_COUNT || request->verb == PEER_TOP_COUNT)
			print_count(count, match);
		else if (request->verb == PEER_TOP)
			printf("1");
		peer_answer_end();
		sqlite3_free(match);
	}
	sqlite3_finalize(count);
	sqlite3_finalize(top);
	sqlite3_finalize(id);
	sqlite3_close(db);
	free(request);
	return 0;
}

int
main(int argc, char **argv)
{
	peer_name = "fts5";
	if (argc == 5 && !strcmp(argv[1], "index"))
		return run_index(argv[2], argv[3], argv[4]);
	if (argc == 3 && !strcmp(argv[1], "query"))
		return run_query(argv[2]);
	peer_die("usage: index CORPUS DIR MEMORY_MB | query DIR");
}
