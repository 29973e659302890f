import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;

import org.apache.lucene.analysis.core.WhitespaceAnalyzer;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.StoredField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.ConcurrentMergeScheduler;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.MergePolicy;
import org.apache.lucene.index.SegmentInfos;
import org.apache.lucene.index.SerialMergeScheduler;
import org.apache.lucene.index.TieredMergePolicy;
import org.apache.lucene.misc.index.BPIndexReorderer;
import org.apache.lucene.misc.index.BPReorderingMergePolicy;
import org.apache.lucene.search.similarities.BM25Similarity;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.util.Version;

/**
 * Builds one merged segment from JSON lines, plain or with the documents put in
 * the order of recursive graph bisection, and prints a JSON line about it.
 *
 * <p>The text is split at spaces and indexed with frequencies, positions and
 * norms; nothing but the id is stored. With one thread all work, merges too,
 * happens in this thread; with more, this thread parses and the others index.
 */
public final class BuildIndex {
    /** What one document is made of, between the parser and an indexing thread. */
    private record Line(String id, String text) {
    }

    private static final Line END = new Line(null, null);
    /** The diagnostic that BPReorderingMergePolicy leaves in a segment (not public there). */
    private static final String REORDERED = "bp.reordered";

    private final IndexWriter writer;
    private final boolean reorder;
    private long documents;

    private BuildIndex(IndexWriter writer, boolean reorder) {
        this.writer = writer;
        this.reorder = reorder;
    }

    /** Takes one line, in the order of the corpus. */
    private interface Sink {
        void take(Line line) throws Exception;
    }

    /** An indexing thread's document, whose two values are set anew for each line. */
    private final class Adder implements Sink {
        private final StoredField id = new StoredField("id", "");
        private final TextField text = new TextField("text", "", Field.Store.NO);
        private final Document document = new Document();

        Adder() {
            document.add(id);
            document.add(text);
        }

        @Override
        public void take(Line line) throws IOException {
            id.setStringValue(line.id);
            text.setStringValue(line.text);
            writer.addDocument(document);
        }
    }

    private static Line nextLine(JsonParser json) throws IOException {
        String id = null;
        String text = null;
        JsonToken token = json.nextToken();
        if (token == null) {
            return END;
        }
        if (token != JsonToken.START_OBJECT) {
            throw new IOException("not an object");
        }
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String name = json.currentName();
            token = json.nextToken();
            if (name.equals("id") && token == JsonToken.VALUE_STRING) {
                id = json.getText();
            } else if (name.equals("text") && token == JsonToken.VALUE_STRING) {
                text = json.getText();
            } else {
                json.skipChildren();
            }
        }
        if (id == null || text == null) {
            throw new IOException("no \"id\" or no \"text\"");
        }
        return new Line(id, text);
    }

    private void parse(String corpus, Sink sink) throws Exception {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(Path.of(corpus)), 1 << 20);
                JsonParser json = new JsonFactory().createParser(in)) {
            while (true) {
                Line line;
                try {
                    line = nextLine(json);
                } catch (IOException why) {
                    int at = json.currentLocation().getLineNr();
                    String said = why.getMessage().lines().findFirst().orElse("");
                    throw new IOException(corpus + ", line " + at + ": " + said);
                }
                if (line == END) {
                    return;
                }
                sink.take(line);
                documents++;
                // A lone segment would never be merged, and only merges reorder.
                if (reorder && documents == 1) {
                    writer.flush();
                }
            }
        }
    }

    private void feedWith(int threads, String corpus) throws Exception {
        if (threads == 1) {
            parse(corpus, new Adder());
            return;
        }
        BlockingQueue<Line> queue = new ArrayBlockingQueue<>(1024);
        AtomicReference<Throwable> broken = new AtomicReference<>();
        Thread[] workers = new Thread[threads];
        for (int i = 0; i < threads; i++) {
            workers[i] = new Thread(() -> drain(queue, broken));
            workers[i].start();
        }
        Sink sink = line -> {
            while (!queue.offer(line, 100, TimeUnit.MILLISECONDS)) {
                if (broken.get() != null) {
                    throw new IOException("an indexing thread died", broken.get());
                }
            }
        };
        try {
            parse(corpus, sink);
        } finally {
            for (Thread worker : workers) {
                sink.take(END);
            }
            for (Thread worker : workers) {
                worker.join();
            }
        }
        if (broken.get() != null) {
            throw new IOException("an indexing thread died", broken.get());
        }
    }

    private void drain(BlockingQueue<Line> queue, AtomicReference<Throwable> broken) {
        try {
            Adder adder = new Adder();
            for (Line line = queue.take(); line != END; line = queue.take()) {
                adder.take(line);
            }
        } catch (Throwable why) {
            broken.compareAndSet(null, why);
        }
    }

    private static IndexWriterConfig config(int threads, double memory, boolean reorder) {
        TieredMergePolicy tiered = new TieredMergePolicy();
        tiered.setNoCFSRatio(0);
        tiered.setMaxMergedSegmentMB(1 << 20);
        MergePolicy policy = tiered;
        if (reorder) {
            BPIndexReorderer reorderer = new BPIndexReorderer();
            reorderer.setRAMBudgetMB(256);
            BPReorderingMergePolicy bp = new BPReorderingMergePolicy(tiered, reorderer);
            bp.setMinNaturalMergeNumDocs(Integer.MAX_VALUE);
            policy = bp;
        }
        return new IndexWriterConfig(new WhitespaceAnalyzer())
                .setOpenMode(IndexWriterConfig.OpenMode.CREATE)
                .setSimilarity(new BM25Similarity(1.2f, 0.75f))
                .setRAMBufferSizeMB(Math.min(memory, 2047))
                .setUseCompoundFile(false)
                .setMergePolicy(policy)
                .setMergeScheduler(threads == 1 ? new SerialMergeScheduler() : new ConcurrentMergeScheduler());
    }

    private static void check(Directory dir, boolean reorder) throws IOException {
        SegmentInfos infos = SegmentInfos.readLatestCommit(dir);
        if (infos.size() > 1) {
            throw new IOException(infos.size() + " segments are left after the merge");
        }
        if (reorder && infos.size() == 1
                && !"true".equals(infos.info(0).info.getDiagnostics().get(REORDERED))) {
            throw new IOException("the segment was not reordered");
        }
    }

    private static long bytesBelow(Path dir) throws IOException {
        long sum = 0;
        try (Stream<Path> files = Files.list(dir)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                sum += Files.size(file);
            }
        }
        return sum;
    }

    private static long peakKib() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmHWM:")) {
                return Long.parseLong(line.replaceAll("[^0-9]", ""));
            }
        }
        return 0;
    }

    private static double cpuSeconds() {
        var os = (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        return os.getProcessCpuTime() / 1e9;
    }

    private static void run(String[] args) throws Exception {
        Path path = Path.of(args[1]);
        int threads = Integer.parseInt(args[2]);
        boolean reorder = args[4].equals("reorder");
        long start = System.nanoTime();
        long documents;
        try (Directory dir = FSDirectory.open(path)) {
            try (IndexWriter writer = new IndexWriter(dir, config(threads, Double.parseDouble(args[3]), reorder))) {
                BuildIndex build = new BuildIndex(writer, reorder);
                build.feedWith(threads, args[0]);
                writer.forceMerge(1, true);
                documents = build.documents;
            }
            check(dir, reorder);
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        System.out.printf(Locale.ROOT,
                "{\"peer\":\"%s\",\"version\":\"Lucene %s, Java %s\",\"documents\":%d,\"threads\":%d,"
                        + "\"seconds\":%.3f,\"cpu_seconds\":%.2f,\"bytes\":%d,\"peak_kib\":%d}%n",
                reorder ? "lucene-bp" : "lucene", Version.LATEST, Runtime.version(), documents, threads,
                seconds, cpuSeconds(), bytesBelow(path), peakKib());
    }

    public static void main(String[] args) {
        try {
            run(args);
        } catch (Throwable why) {
            System.err.println("lucene: " + (why.getMessage() == null ? why : why.getMessage()));
            System.exit(1);
        }
    }
}
