"""peer.py - PISA behind the protocol of the search-benchmark-game.

    peer.py index CORPUS DIR THREADS MEMORY_MB     an index and block maxima for BM25
    peer.py query DIR                              COMMAND<TAB>query on standard input
    peer.py check                                  can the module be loaded?

PISA comes as the compiled module of the wheel pyterrier-pisa, called directly: PyTerrier
with its data frames is left out, for it would take longer than the queries.  The module
gives ranked lists only: no counts, no positions.  What asks for these, or mixes required
with other words, is UNSUPPORTED.

PISA's reader of plain text takes a line "id words"; an id is written with %XX for blanks,
colons and per cent signs, as HITS_k wants it.  A word that no document has would be left
out of a query in silence, so words are looked up first.
"""
import glob
import importlib.machinery
import importlib.metadata
import importlib.util
import json
import os
import re
import resource
import sys
import threading
import time

ENCODING = "block_simdbp"
BLOCK = 64
COMMAND = re.compile(r"(TOP|HITS)_([1-9][0-9]{0,6})")
WORDS = re.compile(r"[a-z]+( +[a-z]+)*")
ALL_WORDS = re.compile(r"\+[a-z]+( +\+[a-z]+)*")


class Fail(Exception):
    """What ends a run: one line for standard error."""


def load():
    """The wheel's compiled module, without the package around it."""
    spec = importlib.util.find_spec("pyterrier_pisa")
    folders = spec.submodule_search_locations if spec else []
    for folder in folders:
        for path in glob.glob(os.path.join(folder, "_pisathon*.so")):
            loader = importlib.machinery.ExtensionFileLoader("_pisathon", path)
            module = importlib.util.module_from_spec(importlib.util.spec_from_loader("_pisathon", loader))
            loader.exec_module(module)
            return module
    raise Fail("the wheel pyterrier-pisa is not installed")


# ---- indexing -------------------------------------------------------------


def escaped(ident):
    """An id without blanks, colons, per cent signs and control characters."""
    return re.sub(r"[\x00-\x20:%\x7f]", lambda found: f"%{ord(found[0]):02X}", ident)


class Feeder(threading.Thread):
    """Writes the corpus as plain text into the pipe that PISA reads."""

    def __init__(self, corpus, pipe):
        super().__init__(daemon=True)
        self.corpus, self.pipe = corpus, pipe
        self.documents, self.why = 0, None

    def copy(self, out):
        with open(self.corpus, "rb") as lines:
            for number, line in enumerate(lines, 1):
                try:
                    record = json.loads(line)
                    ident, text = record["id"], record["text"]
                    if not isinstance(ident, str) or not isinstance(text, str):
                        raise TypeError
                except (ValueError, KeyError, TypeError):
                    raise Fail(f"{self.corpus}, line {number}: not an object with the strings \"id\" and \"text\"") \
                        from None
                out.write(f"{escaped(ident)} {text}\n")
                self.documents = number

    def run(self):
        try:
            with open(self.pipe, "w", encoding="utf-8") as out:
                self.copy(out)
        except (OSError, Fail) as why:
            self.why = str(why)


def prepare(pisa, folder):
    """The index for queries, made where it is not there yet."""
    context = pisa.RetrievalContext()
    pisa.prepare_index(context, folder, ENCODING, "bm25", "", block_size=BLOCK, bm25_k1=1.2, bm25_b=0.75)
    return context


def say_into(path):
    """Sends what the module prints on its own into a file; the streams for people."""
    out, err = os.fdopen(os.dup(1), "w"), os.fdopen(os.dup(2), "w")
    log = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    os.dup2(log, 1)
    os.dup2(log, 2)
    return out, err


def index(corpus, folder, threads, memory_mb):
    start = time.monotonic()
    pisa = load()
    out, sys.stderr = say_into(os.path.join(folder, "build.log"))
    pipe = os.path.join(folder, "pipe")
    os.mkfifo(pipe)
    feeder = Feeder(corpus, pipe)
    feeder.start()
    # How many documents a batch has is the only measure of memory PISA takes.
    pisa.index(pipe, folder, "", 100 * memory_mb, threads)
    feeder.join()
    if feeder.why:
        raise Fail(feeder.why)
    prepare(pisa, folder)
    # What only the building needed: the forward index and the plain lists.
    for name in ["pipe", "fwd", "inv.docs", "inv.freqs", "inv.sizes"]:
        os.remove(os.path.join(folder, name))
    use = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps({
        "peer": "pisa", "version": f"pyterrier-pisa {importlib.metadata.version('pyterrier-pisa')}",
        "documents": feeder.documents, "threads": threads, "seconds": round(time.monotonic() - start, 3),
        "cpu_seconds": round(use.ru_utime + use.ru_stime, 2),
        "bytes": sum(os.path.getsize(os.path.join(folder, name)) for name in os.listdir(folder)),
        "peak_kib": use.ru_maxrss}, separators=(",", ":")), file=out, flush=True)


# ---- queries --------------------------------------------------------------


class Engine:
    """An open index and the room for the best documents of a query."""

    def __init__(self, folder):
        import numpy
        self.numpy = numpy
        self.pisa = load()
        with open(os.path.join(folder, "fwd.terms"), encoding="utf-8") as terms:
            self.known = set(terms.read().split("\n"))
        self.context = prepare(self.pisa, folder)
        self.room = 0
        self.found = 0
        self.make_room(1000)

    def make_room(self, k):
        self.where = self.numpy.empty(k, dtype=self.numpy.int32)
        self.ids = self.numpy.empty(k, dtype=object)
        self.ranks = self.numpy.empty(k, dtype=self.numpy.int32)
        self.scores = self.numpy.empty(k, dtype=self.numpy.float32)
        self.room = k

    def forget(self):
        """Frees the ids of the last query, which the module would write over."""
        self.ids[:self.found].fill(None)
        self.found = 0

    def rank(self, algorithm, text, k):
        self.found = self.pisa.retrieve(self.context, algorithm, [(0, text)], k=k, threads=1,
                                        result_qidxs=self.where, result_docnos=self.ids,
                                        result_ranks=self.ranks, result_scores=self.scores)

    def top(self, query, k):
        """True when the module has ranked the query, or no document can match."""
        every = query.startswith("+")
        if not (ALL_WORDS if every else WORDS).fullmatch(query):
            return False
        words = query.replace("+", "").split()
        unknown = [w for w in words if w not in self.known]
        if len(unknown) == len(words) or every and unknown:
            return True
        if k > self.room:
            self.make_room(k)
        self.rank("block_max_ranked_and" if every and len(words) > 1 else "block_max_wand", " ".join(words), k)
        return True

    def answer(self, line):
        command, tab, query = line.partition("\t")
        if not tab or not command or not query.strip() or "\t" in query:
            raise Fail("not of the form COMMAND<TAB>query")
        parts = COMMAND.fullmatch(command)
        if not parts or not self.top(query.strip(" "), int(parts[2])):
            return "UNSUPPORTED"
        if parts[1] == "TOP":
            return "1"
        return " ".join(f"{self.ids[i]}:{self.scores[i]:.7g}" for i in range(self.found))


def query(folder):
    engine = Engine(folder)
    for number, line in enumerate(sys.stdin.buffer, 1):
        try:
            answer = engine.answer(line.decode("utf-8").rstrip("\r\n"))
        except (Fail, UnicodeDecodeError) as why:
            raise Fail(f"line {number}: {why}") from None
        sys.stdout.write(answer + "\n")
        sys.stdout.flush()
        engine.forget()


def main(arguments):
    if arguments == ["check"]:
        load()
        import numpy  # noqa: F401
    elif len(arguments) == 5 and arguments[0] == "index":
        index(arguments[1], arguments[2], int(arguments[3]), int(arguments[4]))
    elif len(arguments) == 2 and arguments[0] == "query":
        query(arguments[1])
    else:
        raise Fail("usage: peer.py index CORPUS DIR THREADS MEMORY_MB | query DIR | check")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except (Fail, OSError, ImportError) as problem:
        print(f"pisa: {problem}", file=sys.stderr)
        sys.exit(1)
