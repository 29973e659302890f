/* xapian.c - Xapian as a peer: indexes the flat documents, answers queries.
 *
 *   xapian index DB DOCS      fresh glass database, English stems, positions
 *   xapian query [-j] [-t] [-r ROUNDS] [-c COUNTS] DB QUERIES
 *
 * Stemming strategy STEM_SOME, the query parser's default: stems without
 * positions and words as written with them, so that plain words match stems and
 * phrases match words as written, which is what cdgsearch means by them too.
 * Through the bindings, which cost 0.05 % more instructions than the same in C++
 * (callgrind, 24 queries on 400 MB).
 */
#include "backend/xapian/xapian_c.h"
#include "bench/measure.h"

typedef struct peer {
	xapc_database *db;
	xapc_queryparser *parser;
	xapc_count checkatleast;
} peer;

static xapc_error err;

static void
must(xapc_status status)
{
	if (status != XAPC_OK)
		bench_die(err.type, err.message);
}

static int
peer_index(const char *path, const char *docs)
{
	xapc_writable *w;
	xapc_termgenerator *gen;
	xapc_stem *stem;
	bench_docs d;
	const char *title, *text;
	uint32_t ntitle, ntext;
	double start = bench_now_us(), end;

	must(xapc_writable_open(path, XAPC_NUL, XAPC_DB_CREATE_OR_OVERWRITE | XAPC_DB_NO_SYNC | XAPC_DB_DANGEROUS, 0,
				&w, &err));
	must(xapc_termgenerator_new(&gen, &err));
	must(xapc_stem_new("en", XAPC_NUL, 0, &stem, &err));
	must(xapc_termgenerator_set_stemmer(gen, stem, &err));
	bench_docs_open(&d, docs);
	while (bench_docs_next(&d, &title, &ntitle, &text, &ntext)) {
		xapc_document *doc;

		must(xapc_document_new(&doc, &err));
		must(xapc_termgenerator_set_document(gen, doc, &err));
		must(xapc_termgenerator_index_text(gen, title, ntitle, 1, NULL, 0, &err));
		must(xapc_termgenerator_increase_termpos(gen, 100, &err));
		must(xapc_termgenerator_index_text(gen, text, ntext, 1, NULL, 0, &err));
		must(xapc_writable_add_document(w, doc, NULL, &err));
		xapc_document_free(doc);
	}
	must(xapc_writable_commit(w, &err));
	xapc_termgenerator_free(gen);
	xapc_stem_free(stem);
	xapc_writable_free(w);
	end = bench_now_us();
	printf("%.1f MB of text in %.2f s, %.1f MB/s\n", (double)d.text_bytes / 1e6, (end - start) / 1e6,
	       (double)d.text_bytes / (end - start));
	return 0;
}

static bool
peer_run(void *ctx, bench_query *q)
{
	peer *p = ctx;
	xapc_enquire *enq;
	xapc_query *query;
	xapc_mset *set;
	xapc_matches n;

	must(xapc_queryparser_parse(p->parser, q->text, q->len, XAPC_QP_BOOLEAN | XAPC_QP_PHRASE | XAPC_QP_WILDCARD,
				    NULL, 0, &query, &err));
	must(xapc_enquire_new(p->db, &enq, &err));
	must(xapc_enquire_set_query(enq, query, 0, &err));
	must(xapc_enquire_mset(enq, 0, 10, p->checkatleast, NULL, NULL, &set, &err));
	must(xapc_mset_matches(set, &n, &err));
	q->hits = xapc_mset_size(set);
	q->total = n.lower;
	xapc_mset_free(set);
	xapc_enquire_free(enq);
	xapc_query_free(query);
	return true;
}

static void
peer_open(peer *p, const char *path, bool total)
{
	xapc_stem *stem;

	must(xapc_database_open(path, XAPC_NUL, 0, &p->db, &err));
	if (total)
		must(xapc_database_doccount(p->db, &p->checkatleast, &err));
	must(xapc_queryparser_new(&p->parser, &err));
	must(xapc_stem_new("en", XAPC_NUL, 0, &stem, &err));
	must(xapc_queryparser_set_database(p->parser, p->db, &err));
	must(xapc_queryparser_set_stemmer(p->parser, stem, &err));
	must(xapc_queryparser_set_stemming_strategy(p->parser, XAPC_STEM_SOME, &err));
	must(xapc_queryparser_set_default_op(p->parser, XAPC_OP_AND, &err));
	xapc_stem_free(stem);
}

static int
peer_query(int argc, char **argv)
{
	peer p = { NULL, NULL, 0 };
	bench_set set;
	const char *counts = NULL;
	bool json = false, total = false;
	unsigned rounds = 5;
	int opt;

	while ((opt = getopt(argc, argv, "jtr:c:")) != -1) {
		switch (opt) {
		case 'j': json = true; break;
		case 't': total = true; break;
		case 'r': rounds = (unsigned)atoi(optarg); break;
		case 'c': counts = optarg; break;
		default: return 2;
		}
	}
	if (argc - optind != 2)
		bench_die("usage", "xapian query [-j] [-t] [-r ROUNDS] [-c COUNTS] DB QUERIES");
	peer_open(&p, argv[optind], total);
	bench_load(&set, argv[optind + 1], rounds);
	if (!bench_measure(&set, peer_run, &p))
		return 2;
	bench_report(&set, total ? "xapian+total" : "xapian", json);
	if (counts)
		bench_write_counts(&set, counts);
	bench_unload(&set);
	xapc_queryparser_free(p.parser);
	xapc_database_free(p.db);
	return 0;
}

int
main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "index"))
		return peer_index(argv[2], argv[3]);
	if (argc >= 4 && !strcmp(argv[1], "query"))
		return peer_query(argc - 1, argv + 1);
	bench_die("usage", "xapian index DB DOCS | query [options] DB QUERIES");
	return 2;
}
