import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.apache.lucene.analysis.core.WhitespaceAnalyzer;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.index.StoredFields;
import org.apache.lucene.queryparser.classic.QueryParser;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TopDocs;
import org.apache.lucene.search.TopScoreDocCollectorManager;
import org.apache.lucene.search.similarities.BM25Similarity;
import org.apache.lucene.store.MMapDirectory;

/**
 * Answers the game's lines with Lucene's classic query parser and its own
 * collectors: no query cache, one thread, the index mapped and preloaded.
 */
public final class DoQuery {
    private static final Pattern COMMAND = Pattern.compile("(TOP|HITS)_([1-9][0-9]{0,6})(_COUNT)?");
    /** What the game's syntax has: words of a-z, quotes, plus and minus. */
    private static final Pattern EXPRESSIBLE = Pattern.compile("[a-z \"+-]+");

    private final IndexSearcher searcher;
    private final QueryParser parser = new QueryParser("text", new WhitespaceAnalyzer());

    private DoQuery(IndexReader reader) {
        searcher = new IndexSearcher(reader);
        searcher.setQueryCache(null);
        searcher.setSimilarity(new BM25Similarity(1.2f, 0.75f));
    }

    private TopDocs top(Query query, int k, int threshold) throws IOException {
        return searcher.search(query, new TopScoreDocCollectorManager(k, null, threshold));
    }

    /** An id with %XX for blanks, control characters, colons and per cent signs. */
    private static String escaped(String id) {
        StringBuilder out = new StringBuilder(id.length());
        for (char c : id.toCharArray()) {
            if (c <= ' ' || c == ':' || c == '%' || c == 0x7f) {
                out.append(String.format("%%%02X", (int) c));
            } else {
                out.append(c);
            }
        }
        return out.toString();
    }

    private String hits(Query query, int k) throws IOException {
        StoredFields stored = searcher.storedFields();
        StringBuilder out = new StringBuilder();
        for (ScoreDoc hit : top(query, k, k).scoreDocs) {
            out.append(out.isEmpty() ? "" : " ")
                    .append(escaped(stored.document(hit.doc).get("id"))).append(':').append(hit.score);
        }
        return out.toString();
    }

    private String answer(String line) throws Exception {
        String[] part = line.split("\t", -1);
        if (part.length != 2 || part[0].isEmpty() || part[1].isBlank()) {
            throw new IOException("not of the form COMMAND<TAB>query");
        }
        Matcher command = COMMAND.matcher(part[0]);
        boolean count = part[0].equals("COUNT");
        if (!count && !command.matches() || !EXPRESSIBLE.matcher(part[1]).matches()) {
            return "UNSUPPORTED";
        }
        if (!count && command.group(1).equals("HITS") && command.group(3) != null) {
            return "UNSUPPORTED";
        }
        Query query = parser.parse(part[1]);
        if (count) {
            return Integer.toString(searcher.count(query));
        }
        int k = Integer.parseInt(command.group(2));
        if (command.group(1).equals("HITS")) {
            return hits(query, k);
        }
        if (command.group(3) != null) {
            return Long.toString(top(query, k, Integer.MAX_VALUE).totalHits.value());
        }
        top(query, k, k);
        return "1";
    }

    private static void run(String dir) throws Exception {
        MMapDirectory directory = new MMapDirectory(Path.of(dir));
        directory.setPreload(MMapDirectory.ALL_FILES);
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        var out = new BufferedWriter(new OutputStreamWriter(System.out, StandardCharsets.UTF_8));
        try (IndexReader reader = DirectoryReader.open(directory)) {
            DoQuery engine = new DoQuery(reader);
            long number = 0;
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                number++;
                try {
                    out.write(engine.answer(line));
                } catch (Exception why) {
                    String said = String.valueOf(why.getMessage()).lines().findFirst().orElse("");
                    throw new IOException("line " + number + ": " + said);
                }
                out.write('\n');
                out.flush();
            }
        }
    }

    public static void main(String[] args) {
        try {
            run(args[0]);
        } catch (Throwable why) {
            System.err.println("lucene: " + (why.getMessage() == null ? why : why.getMessage()));
            System.exit(1);
        }
    }
}
