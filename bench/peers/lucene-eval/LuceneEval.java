/* LuceneEval - a TREC run of a collection with Lucene's EnglishAnalyzer and BM25,
 * the ranking that cdgbench eval is held against.
 *
 *     LuceneEval DOCUMENTS TOPICS DEPTH K1:B=RUN...
 *
 * DOCUMENTS has lines of id, title, text; TOPICS of id, text; both with tabs between.
 * Title and text are one field, as they are in the published runs of Lucene on such
 * collections.  A query is the disjunction of its tokens, a token that comes twice
 * counting twice.  The index is in memory and of one segment.
 */
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.en.EnglishAnalyzer;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.StoredField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.BoostQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.search.similarities.BM25Similarity;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.apache.lucene.store.Directory;

public final class LuceneEval {
	private static final String FIELD = "contents";

	private LuceneEval() {
	}

	private static List<String[]> read(String path, int columns) throws IOException {
		List<String[]> rows = new ArrayList<>();
		for (String line : Files.readAllLines(Path.of(path), StandardCharsets.UTF_8)) {
			String[] fields = line.split("\t", -1);
			if (fields.length != columns)
				throw new IOException(path + ", line " + (rows.size() + 1) + ": not " + columns + " columns");
			rows.add(fields);
		}
		return rows;
	}

	private static void index(Directory directory, Analyzer analyzer, List<String[]> documents) throws IOException {
		try (IndexWriter writer = new IndexWriter(directory, new IndexWriterConfig(analyzer))) {
			for (String[] row : documents) {
				Document document = new Document();
				document.add(new StoredField("id", row[0]));
				document.add(new TextField(FIELD, row[1] + "\n" + row[2], Field.Store.NO));
				writer.addDocument(document);
			}
			writer.forceMerge(1);
		}
	}

	private static Query disjunction(Analyzer analyzer, String text) throws IOException {
		Map<String, Integer> counts = new LinkedHashMap<>();
		try (TokenStream tokens = analyzer.tokenStream(FIELD, text)) {
			CharTermAttribute term = tokens.addAttribute(CharTermAttribute.class);
			tokens.reset();
			while (tokens.incrementToken())
				counts.merge(term.toString(), 1, Integer::sum);
			tokens.end();
		}
		BooleanQuery.Builder query = new BooleanQuery.Builder();
		for (Map.Entry<String, Integer> e : counts.entrySet()) {
			Query term = new TermQuery(new Term(FIELD, e.getKey()));
			query.add(e.getValue() == 1 ? term : new BoostQuery(term, e.getValue()), BooleanClause.Occur.SHOULD);
		}
		return query.build();
	}

	private static void run(IndexSearcher searcher, Analyzer analyzer, List<String[]> topics, int depth, String path)
			throws IOException {
		try (PrintWriter out = new PrintWriter(path, StandardCharsets.UTF_8)) {
			for (String[] topic : topics) {
				int rank = 0;
				for (ScoreDoc hit : searcher.search(disjunction(analyzer, topic[1]), depth).scoreDocs) {
					String id = searcher.storedFields().document(hit.doc).get("id");
					out.printf(Locale.ROOT, "%s\tQ0\t%s\t%d\t%.9g\tlucene%n", topic[0], id, ++rank, hit.score);
				}
			}
		}
	}

	public static void main(String[] args) throws IOException {
		List<String[]> documents = read(args[0], 3), topics = read(args[1], 2);
		Analyzer analyzer = new EnglishAnalyzer();
		Directory directory = new ByteBuffersDirectory();

		index(directory, analyzer, documents);
		try (DirectoryReader reader = DirectoryReader.open(directory)) {
			for (int i = 3; i < args.length; i++) {
				String[] sides = args[i].split("=", 2), kb = sides[0].split(":");
				IndexSearcher searcher = new IndexSearcher(reader);
				searcher.setSimilarity(new BM25Similarity(Float.parseFloat(kb[0]), Float.parseFloat(kb[1])));
				run(searcher, analyzer, topics, Integer.parseInt(args[2]), sides[1]);
			}
		}
	}
}
