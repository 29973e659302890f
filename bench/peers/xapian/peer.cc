/*
 * peer.cc - Xapian behind the search-benchmark-game's protocol.
 *
 *   peer index CORPUS DIR     one compacted glass database
 *   peer query DIR            COMMAND<TAB>query lines on standard input
 *
 * Words are terms as they are, with positions; a document's data is its id.
 * BM25Weight is set to k1 = 1.2, b = 0.75 and no floor under the normalised
 * length.  Its idf is the Robertson one with a floor of its own for terms of
 * more than half the documents, so scores and the order of hits differ from
 * engines that add one inside the logarithm; counts do not.
 */
#include <xapian.h>

#include <cstring>
#include <string>
#include <vector>

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/peers/common.h"

static unsigned long long
bytes_below(const std::string &dir)
{
	unsigned long long sum = 0;
	DIR *d = opendir(dir.c_str());
	struct stat st;

	if (!d)
		return 0;
	while (struct dirent *entry = readdir(d)) {
		if (!stat((dir + "/" + entry->d_name).c_str(), &st) && S_ISREG(st.st_mode))
			sum += static_cast<unsigned long long>(st.st_size);
	}
	closedir(d);
	return sum;
}

static void
remove_folder(const std::string &dir)
{
	DIR *d = opendir(dir.c_str());

	if (!d)
		return;
	while (struct dirent *entry = readdir(d)) {
		if (entry->d_name[0] != '.')
			unlink((dir + "/" + entry->d_name).c_str());
	}
	closedir(d);
	rmdir(dir.c_str());
}

/* The words of the text, one space between two, as terms from position 1 on. */
static void
add_text(Xapian::Document &doc, const char *text)
{
	Xapian::termpos pos = 0;
	std::string word;

	while (*text) {
		size_t length = strcspn(text, " ");

		if (length > 0 && length <= 240) {
			word.assign(text, length);
			doc.add_posting(word, ++pos);
		} else if (length > 0) {
			++pos;	/* longer than a term may be */
		}
		text += length + (text[length] == ' ');
	}
}

static int
run_index(const char *name, const std::string &dir)
{
	double start = peer_seconds();
	const std::string loose = dir + "/loose", merged = dir + "/glass";
	struct peer_corpus corpus;
	unsigned long documents;

	peer_corpus_open(&corpus, name);
	{
		Xapian::WritableDatabase db(loose, Xapian::DB_CREATE | Xapian::DB_BACKEND_GLASS |
						   Xapian::DB_NO_SYNC | Xapian::DB_DANGEROUS);
		while (peer_corpus_next(&corpus)) {
			Xapian::Document doc;

			doc.set_data(corpus.id);
			add_text(doc, corpus.text);
			db.add_document(doc);
		}
		db.commit();
	}
	documents = corpus.number;
	peer_corpus_close(&corpus);
	Xapian::Database(loose).compact(merged, Xapian::DBCOMPACT_NO_RENUMBER |
						Xapian::Compactor::FULLER);
	remove_folder(loose);
	peer_report((std::string("Xapian ") + Xapian::version_string()).c_str(), documents,
		    peer_seconds() - start, bytes_below(merged));
	return 0;
}

static Xapian::Query
clause_query(const struct peer_query &query, const struct peer_clause &clause)
{
	char *const *word = query.words + clause.first;

	if (clause.count == 1)
		return Xapian::Query(*word);
	return Xapian::Query(Xapian::Query::OP_PHRASE, word, word + clause.count,
			     static_cast<Xapian::termcount>(clause.count));
}

/* All clauses of one kind under one operator. */
static Xapian::Query
gather(const struct peer_query &query, enum peer_occur occur, Xapian::Query::op op)
{
	std::vector<Xapian::Query> parts;

	for (size_t i = 0; i < query.nclauses; i++) {
		if (query.clauses[i].occur == occur)
			parts.push_back(clause_query(query, query.clauses[i]));
	}
	return Xapian::Query(op, parts.begin(), parts.end());
}

static Xapian::Query
whole_query(const struct peer_query &query)
{
	Xapian::Query q;

	if (query.of[PEER_MUST]) {
		q = gather(query, PEER_MUST, Xapian::Query::OP_AND);
		if (query.of[PEER_SHOULD])
			q = Xapian::Query(Xapian::Query::OP_AND_MAYBE, q,
					  gather(query, PEER_SHOULD, Xapian::Query::OP_OR));
	} else {
		q = gather(query, PEER_SHOULD, Xapian::Query::OP_OR);
	}
	if (query.of[PEER_NOT])
		q = Xapian::Query(Xapian::Query::OP_AND_NOT, q,
				  gather(query, PEER_NOT, Xapian::Query::OP_OR));
	return q;
}

static void
print_hits(const Xapian::MSet &hits)
{
	const char *gap = "";

	for (auto hit = hits.begin(); hit != hits.end(); ++hit) {
		printf("%s", gap);
		peer_id_print(hit.get_document().get_data().c_str());
		printf(":%.9g", hit.get_weight());
		gap = " ";
	}
}

static void
answer(Xapian::Enquire &enquire, const Xapian::Database &db, const struct peer_request &request)
{
	static const Xapian::BM25Weight bm25(1.2, 0, 1, 0.75, 0);
	const Xapian::doccount k = static_cast<Xapian::doccount>(request.k);
	const Xapian::doccount all = db.get_doccount();

	enquire.set_query(whole_query(request.query));
	if (request.verb == PEER_COUNT)
		enquire.set_weighting_scheme(Xapian::BoolWeight());
	else
		enquire.set_weighting_scheme(bm25);
	switch (request.verb) {
	case PEER_COUNT:
		printf("%u", enquire.get_mset(0, 1, all).get_matches_lower_bound());
		break;
	case PEER_TOP_COUNT:
		printf("%u", enquire.get_mset(0, k, all).get_matches_lower_bound());
		break;
	case PEER_TOP:
		enquire.get_mset(0, k);
		printf("1");
		break;
	default:
		print_hits(enquire.get_mset(0, k));
		break;
	}
}

static int
run_query(const std::string &dir)
{
	Xapian::Database db(dir + "/glass");
	Xapian::Enquire enquire(db);
	struct peer_request *request = new peer_request();

	while (peer_request_read(request)) {
		if (request->verb == PEER_UNSUPPORTED)
			printf("UNSUPPORTED");
		else
			answer(enquire, db, *request);
		peer_answer_end();
	}
	delete request;
	return 0;
}

int
main(int argc, char **argv)
{
	peer_name = "xapian";
	try {
		if (argc == 4 && !strcmp(argv[1], "index"))
			return run_index(argv[2], argv[3]);
		if (argc == 3 && !strcmp(argv[1], "query"))
			return run_query(argv[2]);
		peer_die("usage: index CORPUS DIR | query DIR");
	} catch (const Xapian::Error &why) {
		peer_die("%s", why.get_description().c_str());
	} catch (const std::exception &why) {
		peer_die("%s", why.what());
	}
}
