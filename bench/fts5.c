/* fts5.c - SQLite's FTS5 as a peer: indexes the flat documents, answers queries.
 *
 *   fts5 index DB DOCS        fresh database, contentless, then 'optimize'
 *   fts5 query [-j] [-t] [-r ROUNDS] [-c COUNTS] DB QUERIES
 *
 * As fast as SQLite can be asked to: no journal, no syncing, one transaction, a
 * large page cache, prepared statements, documents from a mapped file.  -t
 * counts the matches too, with a second statement, as its users must.
 */
#include <sqlite3.h>

#include "bench/measure.h"

typedef struct fts5 {
	sqlite3 *db;
	sqlite3_stmt *top, *count;
	bool total;
} fts5;

static void
fts5_check(fts5 *f, int rc)
{
	if (rc != SQLITE_OK && rc != SQLITE_DONE && rc != SQLITE_ROW)
		bench_die("fts5", sqlite3_errmsg(f->db));
}

static void
fts5_exec(fts5 *f, const char *sql)
{
	fts5_check(f, sqlite3_exec(f->db, sql, NULL, NULL, NULL));
}

static void
fts5_open(fts5 *f, const char *path)
{
	fts5_check(f, sqlite3_open(path, &f->db));
	fts5_exec(f, "PRAGMA journal_mode=OFF");
	fts5_exec(f, "PRAGMA synchronous=OFF");
	fts5_exec(f, "PRAGMA cache_size=-1000000");
	fts5_exec(f, "PRAGMA mmap_size=4000000000");
}

static int
fts5_index(const char *path, const char *docs)
{
	fts5 f = {0};
	bench_docs d;
	sqlite3_stmt *insert;
	const char *title, *text;
	uint32_t ntitle, ntext;
	double start = bench_now_us(), end;

	unlink(path);
	bench_docs_open(&d, docs);
	fts5_open(&f, path);
	fts5_exec(&f, "CREATE VIRTUAL TABLE t USING fts5(title, text, content='', tokenize='porter unicode61')");
	fts5_exec(&f, "BEGIN");
	fts5_check(&f, sqlite3_prepare_v2(f.db, "INSERT INTO t(rowid, title, text) VALUES(?, ?, ?)", -1, &insert, NULL));
	for (int64_t id = 1; bench_docs_next(&d, &title, &ntitle, &text, &ntext); id++) {
		sqlite3_bind_int64(insert, 1, id);
		sqlite3_bind_text(insert, 2, title, (int)ntitle, SQLITE_STATIC);
		sqlite3_bind_text(insert, 3, text, (int)ntext, SQLITE_STATIC);
		fts5_check(&f, sqlite3_step(insert));
		fts5_check(&f, sqlite3_reset(insert));
	}
	sqlite3_finalize(insert);
	fts5_exec(&f, "COMMIT");
	fts5_exec(&f, "INSERT INTO t(t) VALUES('optimize')");
	sqlite3_close(f.db);
	end = bench_now_us();
	printf("%.1f MB of text in %.2f s, %.1f MB/s\n", (double)d.text_bytes / 1e6, (end - start) / 1e6,
	       (double)d.text_bytes / (end - start));
	return 0;
}

static bool
fts5_run(void *ctx, bench_query *q)
{
	fts5 *f = ctx;
	int rc;

	q->hits = 0;
	sqlite3_bind_text(f->top, 1, q->text, (int)q->len, SQLITE_STATIC);
	while ((rc = sqlite3_step(f->top)) == SQLITE_ROW)
		q->hits++;
	fts5_check(f, rc);
	sqlite3_reset(f->top);
	q->total = q->hits;
	if (!f->total)
		return true;
	sqlite3_bind_text(f->count, 1, q->text, (int)q->len, SQLITE_STATIC);
	fts5_check(f, sqlite3_step(f->count));
	q->total = (uint64_t)sqlite3_column_int64(f->count, 0);
	sqlite3_reset(f->count);
	return true;
}

static int
fts5_query(int argc, char **argv)
{
	fts5 f = {0};
	bench_set set;
	const char *counts = NULL;
	bool json = false;
	unsigned rounds = 5;
	int opt;

	while ((opt = getopt(argc, argv, "jtr:c:")) != -1) {
		switch (opt) {
		case 'j': json = true; break;
		case 't': f.total = true; break;
		case 'r': rounds = (unsigned)atoi(optarg); break;
		case 'c': counts = optarg; break;
		default: return 2;
		}
	}
	if (argc - optind != 2)
		bench_die("usage", "fts5 query [-j] [-t] [-r ROUNDS] [-c COUNTS] DB QUERIES");
	fts5_open(&f, argv[optind]);
	fts5_check(&f, sqlite3_prepare_v2(f.db, "SELECT rowid FROM t WHERE t MATCH ? ORDER BY rank LIMIT 10", -1,
					  &f.top, NULL));
	fts5_check(&f, sqlite3_prepare_v2(f.db, "SELECT count(*) FROM t WHERE t MATCH ?", -1, &f.count, NULL));
	bench_load(&set, argv[optind + 1], rounds);
	if (!bench_measure(&set, fts5_run, &f))
		return 2;
	bench_report(&set, f.total ? "fts5+total" : "fts5", json);
	if (counts)
		bench_write_counts(&set, counts);
	bench_unload(&set);
	sqlite3_finalize(f.top);
	sqlite3_finalize(f.count);
	sqlite3_close(f.db);
	return 0;
}

int
main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "index"))
		return fts5_index(argv[2], argv[3]);
	if (argc >= 4 && !strcmp(argv[1], "query"))
		return fts5_query(argc - 1, argv + 1);
	bench_die("usage", "fts5 index DB DOCS | query [options] DB QUERIES");
	return 2;
}
