/* xapian.cc - Xapian as a peer: indexes the flat documents, answers queries.
 *
 *   xapian index DB DOCS      fresh glass database, English stems, positions
 *   xapian query [-j] [-t] [-r ROUNDS] [-c COUNTS] DB QUERIES
 *
 * Stemming strategy STEM_SOME, the query parser's default: stems without
 * positions and words as written with them, so that plain words match stems and
 * phrases match words as written, which is what cdgsearch means by them too.
 * The only C++ of the measuring programs; nothing of the project links it.
 */
#include <xapian.h>

#include <iostream>

extern "C" {
#include "bench/measure.h"
}

struct peer {
	Xapian::Database db;
	Xapian::QueryParser parser;
	bool total;
};

static int
peer_index(const char *path, const char *docs)
{
	Xapian::WritableDatabase db(path, Xapian::DB_CREATE_OR_OVERWRITE | Xapian::DB_NO_SYNC |
						  Xapian::DB_DANGEROUS);
	Xapian::TermGenerator gen;
	bench_docs d;
	const char *title, *text;
	uint32_t ntitle, ntext;
	double start = bench_now_us(), end;

	bench_docs_open(&d, docs);
	gen.set_stemmer(Xapian::Stem("en"));
	while (bench_docs_next(&d, &title, &ntitle, &text, &ntext)) {
		Xapian::Document doc;

		gen.set_document(doc);
		gen.set_termpos(0);
		gen.index_text(Xapian::Utf8Iterator(title, ntitle));
		gen.increase_termpos();
		gen.index_text(Xapian::Utf8Iterator(text, ntext));
		db.add_document(doc);
	}
	db.commit();
	db.close();
	end = bench_now_us();
	printf("%.1f MB of text in %.2f s, %.1f MB/s\n", (double)d.text_bytes / 1e6, (end - start) / 1e6,
	       (double)d.text_bytes / (end - start));
	return 0;
}

static bool
peer_run(void *ctx, bench_query *q)
{
	peer *p = static_cast<peer *>(ctx);
	Xapian::Enquire enquire(p->db);
	Xapian::MSet set;
	unsigned flags = Xapian::QueryParser::FLAG_BOOLEAN | Xapian::QueryParser::FLAG_PHRASE |
			 Xapian::QueryParser::FLAG_WILDCARD;

	enquire.set_query(p->parser.parse_query(std::string(q->text, q->len), flags));
	set = enquire.get_mset(0, 10, p->total ? p->db.get_doccount() : 0);
	q->hits = set.size();
	q->total = set.get_matches_lower_bound();
	return true;
}

static int
peer_query(int argc, char **argv)
{
	peer p;
	bench_set set;
	const char *counts = NULL;
	bool json = false;
	unsigned rounds = 5;
	int opt;

	p.total = false;
	while ((opt = getopt(argc, argv, "jtr:c:")) != -1) {
		switch (opt) {
		case 'j': json = true; break;
		case 't': p.total = true; break;
		case 'r': rounds = (unsigned)atoi(optarg); break;
		case 'c': counts = optarg; break;
		default: return 2;
		}
	}
	if (argc - optind != 2)
		bench_die("usage", "xapian query [-j] [-t] [-r ROUNDS] [-c COUNTS] DB QUERIES");
	p.db = Xapian::Database(argv[optind]);
	p.parser.set_database(p.db);
	p.parser.set_stemmer(Xapian::Stem("en"));
	p.parser.set_stemming_strategy(Xapian::QueryParser::STEM_SOME);
	p.parser.set_default_op(Xapian::Query::OP_AND);
	bench_load(&set, argv[optind + 1], rounds);
	if (!bench_measure(&set, peer_run, &p))
		return 2;
	bench_report(&set, p.total ? "xapian+total" : "xapian", json);
	if (counts)
		bench_write_counts(&set, counts);
	bench_unload(&set);
	return 0;
}

int
main(int argc, char **argv)
{
	try {
		if (argc == 4 && !strcmp(argv[1], "index"))
			return peer_index(argv[2], argv[3]);
		if (argc >= 4 && !strcmp(argv[1], "query"))
			return peer_query(argc - 1, argv + 1);
	} catch (const Xapian::Error &e) {
		bench_die("xapian", e.get_description().c_str());
	}
	bench_die("usage", "xapian index DB DOCS | query [options] DB QUERIES");
	return 2;
}
