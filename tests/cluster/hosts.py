"""hosts.py BUILD - shards on several hosts answer as one database does; and when hosts
die, hang, refuse or come back, there is an answer within the time limit, complete
or marked as a part with what is missing.  Run by hosts.sh."""

import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import net  # noqa: E402

BUILD = os.path.abspath(sys.argv[1])
SEARCH = BUILD + "/cdgsearch"
INDEX = BUILD + "/cdgindex"
DOCS = 600
QUERIES = 500
PAGE = 20
OPENING = 2.0  # seconds that connecting may take, at most
SLACK = 1.5  # of a machine that does other things, too
passed = failed = 0


def check(name, ok, why=""):
    global passed, failed
    if ok:
        passed += 1
        print("ok", name, flush=True)
    else:
        failed += 1
        print("not ok", name, why, flush=True)


# ---- asking ------------------------------------------------------------------------


class Answer:
    def __init__(self, text, seconds, status=None, err=""):
        self.seconds, self.status, self.err = seconds, status, err
        try:
            self.json = json.loads(text) if text.strip() else {}
        except json.JSONDecodeError:
            self.json = {}
        self.total = self.json.get("total")
        self.exact = self.json.get("total_exact")
        self.warnings = self.json.get("warnings", [])
        self.hits = [(h["id"], h["score"]) for h in self.json.get("hits", [])]

    def __str__(self):
        return (f"{self.seconds:.2f} s, status {self.status}, total {self.total}, {self.warnings}, "
                f"{len(self.hits)} hits, {self.err.strip()}")


def ask(where, query, *options):
    """A process of its own for one query."""
    begin = time.monotonic()
    p = subprocess.run([SEARCH, "-d", where, "--format", "json", "--snippets", "1", *options, "--", query],
                       capture_output=True, text=True, timeout=60)
    return Answer(p.stdout, time.monotonic() - begin, p.returncode, p.stderr)


class Session:
    """One process for many queries, as a server has the index open."""

    def __init__(self, where, *options):
        self.p = subprocess.Popen([SEARCH, "-d", where, "--format", "json", "--snippets", "0", *options,
                                   "--batch", "-"],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)

    def send(self, query):
        self.begin = time.monotonic()
        self.p.stdin.write(query + "\n")
        self.p.stdin.flush()

    def receive(self):
        text = self.p.stdout.readline()
        return Answer(text, time.monotonic() - self.begin)

    def ask(self, query):
        self.send(query)
        return self.receive()

    def until_complete(self, query, seconds):
        begin = time.monotonic()
        while time.monotonic() - begin < seconds:
            a = self.ask(query)
            if not a.warnings:
                return a, time.monotonic() - begin
            time.sleep(0.1)
        return a, time.monotonic() - begin

    def close(self):
        self.p.stdin.close()
        self.p.wait(timeout=30)
        return self.p.returncode


def is_partial(a, shard, of, address):
    """Marked as a part, naming what is missing."""
    want = f"partial: shard {shard} of {of} ({address}"
    return a.exact is False and any(w.startswith(want) and "is missing" in w for w in a.warnings)


# ---- queries ----------------------------------------------------------------------------


def random_queries(path, seed):
    rng = random.Random(seed)
    with open(path, encoding="utf-8") as f:
        texts = [json.loads(line).get("text", "") for line in f]
    words = [re.findall(r"[a-z]+", t.lower()) for t in texts]
    words = [w for w in words if len(w) > 20]

    def some(n):
        w = rng.choice(words)
        at = rng.randrange(len(w) - n)
        return w[at:at + n]

    kinds = [
        lambda: some(1)[0],
        lambda: " ".join(some(1) + some(1)),
        lambda: " ".join(some(3)),
        lambda: " OR ".join(some(2) + some(1)),
        lambda: f"{some(1)[0]} AND NOT {some(1)[0]}",
        lambda: '"' + " ".join(some(2)) + '"',
        lambda: '"' + " ".join(some(3)) + '"~2',
        lambda: "{} NEAR/5 {}".format(*some(2)),
        lambda: "({} OR {}) AND {}".format(*some(2), some(1)[0]),
        lambda: some(1)[0][:4] + "*",
        lambda: "=" + some(1)[0],
        lambda: "+{} {}".format(*some(2)),
    ]
    return [kinds[i % len(kinds)]() for i in range(QUERIES)]


def batch(where, queries, *options):
    p = subprocess.run([SEARCH, "-d", where, "--format", "json", "--snippets", "0", "-n", str(PAGE), *options,
                        "--batch", "-"],
                       input="\n".join(queries) + "\n", capture_output=True, text=True, timeout=300)
    return [json.loads(line) for line in p.stdout.splitlines()]


def same(a, b):
    """Equal totals and scores, and the same documents but among equals at the page's end."""
    if a["total"] != b["total"] or a["total_exact"] != b["total_exact"] or a["warnings"] != b["warnings"]:
        return False
    x = [(h["score"], h["id"]) for h in a["hits"]]
    y = [(h["score"], h["id"]) for h in b["hits"]]
    if [s for s, _ in x] != [s for s, _ in y]:
        return False
    last = x[-1][0] if len(x) == PAGE else None
    return {h for h in x if h[0] != last} == {h for h in y if h[0] != last}


def compare(name, a, b, queries):
    bad = [q for q, x, y in zip(queries, a, b) if not same(x, y)]
    found = sum(1 for x in a if x["total"])
    check(f"{name}: {len(queries)} queries, {found} with hits",
          not bad and len(a) == len(b) == len(queries) and found > len(queries) // 2,
          f"{len(bad)} differ, {len(a)} and {len(b)} answers; the first is {bad[:1]}")


# ---- the tests ---------------------------------------------------------------------------


class Cluster:
    def __init__(self, work):
        net.make_network()
        self.h = [net.Host(i) for i in range(1, 5)]
        self.db = [f"{work}/shards/shard-{i}" for i in range(3)]
        for i in range(3):
            self.h[i].serve(self.db[i])
        self.list = ",".join(f"{h.address}:7000" for h in self.h[:3])
        # the replica of the second shard is on the fourth host
        self.replicated = self.list.replace(f"{self.h[1].address}:7000",
                                            f"{self.h[1].address}:7000|{self.h[3].address}:7000")


def test_equal(c, work, queries):
    one = batch(f"{work}/one", queries)
    compare("three hosts as one database", batch(c.list, queries), one, queries)
    stub = f"{work}/stub"
    with open(stub, "w") as f:
        f.write("# three hosts\n")
        f.writelines(f"remote {h.address}:7000\n" for h in c.h[:3])
    compare("through a stub file", batch(stub, queries[:60]), one[:60], queries[:60])
    with open(stub, "w") as f:
        f.write(f"auto {c.db[0]}\nremote {c.h[1].address}:7000\nremote :xapian-progsrv {c.db[2]}\n")
    compare("a folder, a host and a program", batch(stub, queries[:60]), one[:60], queries[:60])
    sort = ["--sort", "date,-score", "--facet", "type"]
    a, b = batch(c.list, queries[:40], *sort), batch(f"{work}/one", queries[:40], *sort)
    check("facets", [x["facets"] for x in a] == [x["facets"] for x in b])
    return one


def test_replicate(c, work, one, queries):
    c.h[1].start("xapian-replicate-server", "--port", 7010, f"{work}/shards")
    c.h[1].wait(7010)
    os.mkdir(f"{work}/copy")
    copy = f"{work}/copy/shard-1"
    net.run("ip", "netns", "exec", c.h[3].name, "xapian-replicate", "--host", c.h[1].address, "--port", 7010,
            "--master", "shard-1", "--one-shot", "--quiet", copy, timeout=60)
    c.h[3].serve(copy)
    swapped = c.replicated.replace(f"{c.h[1].address}:7000|", "")
    compare("a replica instead of its master", batch(swapped, queries[:100]), one[:100], queries[:100])


def test_refused(c, query, whole):
    c.h[1].kill()
    a = ask(c.list, query)
    check("refused: at once, a part, named", a.seconds < SLACK and a.status == 0 and a.total < whole.total
          and is_partial(a, 2, 3, c.h[1].address) and "refused" in a.warnings[0], a)
    a = ask(c.list, query, "--strict")
    check("refused: --strict is an error", a.status == 2 and "shard 2 of 3" in a.err, a)
    a = ask(c.replicated, query)
    check("refused: the replica answers, all of it", a.seconds < SLACK and not a.warnings and a.hits == whole.hits
          and a.total == whole.total, a)
    c.h[1].serve(c.db[1])
    a = ask(c.list, query)
    check("back again: all of it", not a.warnings and a.total == whole.total, a)


def test_hangs(c, query, whole):
    c.h[1].stop()
    a = ask(c.list, query)
    check("hangs: a part within the time of connecting", OPENING - 0.1 < a.seconds < OPENING + SLACK and a.status == 0
          and is_partial(a, 2, 3, c.h[1].address) and "no answer within" in a.warnings[0], a)
    a = ask(c.list, query, "--time-limit", "1000", "--strict")
    check("hangs: --strict is an error in time", a.seconds < OPENING + SLACK and a.status == 2, a)
    a = ask(c.replicated, query)
    check("hangs: the replica answers before the time is up", a.seconds < OPENING + SLACK and not a.warnings
          and a.total == whole.total, a)
    c.h[1].go_on()


def test_hangs_later(c, query, whole):
    """A host that hangs under an open connection."""
    limit = 2.0
    s = Session(c.list, "--time-limit", str(int(limit * 1000)))
    r = Session(c.replicated, "--time-limit", str(int(limit * 1000)))
    a, b = s.ask(query), r.ask(query)
    check("before: all of it", not a.warnings and not b.warnings and a.total == b.total == whole.total, f"{a}; {b}")
    c.h[1].stop()
    a = s.ask(query)
    check("hangs under a connection: a part in time", a.seconds < limit + SLACK and is_partial(a, 2, 3, c.h[1].address), a)
    a = s.ask(query)
    check("then nobody waits for it", a.seconds < SLACK and is_partial(a, 2, 3, c.h[1].address), a)
    b = r.ask(query)
    check("its replica takes over in time", b.seconds < limit + SLACK and not b.warnings and b.total == whole.total, b)
    c.h[1].go_on()
    a, took = s.until_complete(query, 15)
    check("goes on: all of it again", not a.warnings and a.total == whole.total, f"after {took:.1f} s: {a}")
    check("the sessions end well", s.close() == 0 and r.close() == 0)


def test_killed(c, query, whole):
    """A host that dies: between two queries, and in the middle of one."""
    s = Session(c.list)
    s.ask(query)
    c.h[1].kill()
    a = s.ask(query)
    check("killed between queries: a part, at once", a.seconds < SLACK and is_partial(a, 2, 3, c.h[1].address)
          and 0 < a.total < whole.total, a)
    c.h[1].serve(c.db[1])
    a, took = s.until_complete(query, 15)
    check("started again: all of it, soon", not a.warnings and a.total == whole.total and took < 10,
          f"after {took:.1f} s: {a}")
    c.h[1].stop()
    s.send(query)
    time.sleep(0.5)
    c.h[1].kill()
    a = s.receive()
    check("killed in the middle of a query: a part", a.seconds < SLACK and is_partial(a, 2, 3, c.h[1].address)
          and 0 < a.total < whole.total, a)
    c.h[1].serve(c.db[1])
    s.close()
    r = Session(c.replicated)
    r.ask(query)
    c.h[1].stop()
    r.send(query)
    time.sleep(0.5)
    c.h[1].kill()
    a = r.receive()
    check("killed in the middle: the replica answers all", a.seconds < SLACK and not a.warnings
          and a.total == whole.total and a.hits == whole.hits, a)
    r.close()
    c.h[1].serve(c.db[1])


def test_unplugged(c, query, whole):
    s = Session(c.list, "--time-limit", "2000")
    s.ask(query)
    c.h[2].unplug()
    a = s.ask(query)
    check("cable out: a part in time", a.seconds < SLACK + SLACK and is_partial(a, 3, 3, c.h[2].address), a)
    a = ask(c.list, query)
    check("cable out, a new process: a part in time", a.seconds < OPENING + SLACK
          and is_partial(a, 3, 3, c.h[2].address), a)
    c.h[2].plug()
    a, took = s.until_complete(query, 20)
    check("cable in: all of it again", not a.warnings and a.total == whole.total, f"after {took:.1f} s: {a}")
    s.close()


def test_others(c, query):
    """What listens there is no server of ours; nobody is there at all."""
    c.h[3].start("python3", "-m", "http.server", "8000", "--bind", "0.0.0.0")
    c.h[3].wait(8000)
    a = ask(f"{c.list},{c.h[3].address}:8000", query)
    check("another protocol: a part in time", a.seconds < OPENING + SLACK and is_partial(a, 4, 4, c.h[3].address), a)
    a = ask(f"{c.h[0].address}:7999,{c.h[1].address}:7999", query)
    check("nobody anywhere: an error in time", a.seconds < SLACK and a.status == 2 and "none of the 2 shards" in a.err, a)
    a = ask("no-such-host.invalid:7000," + c.list, query)
    check("a name that is none: a part in time", a.seconds < OPENING + SLACK and is_partial(a, 1, 4, "no-such-host"), a)


def main():
    seed = int(os.environ.get("SEED", time.time()))
    print("seed", seed)
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="cdg-cluster.") as work:
        records = f"{work}/records.jsonl"
        subprocess.run([BUILD + "/cdgbench", "generate", "--docs", str(DOCS), "--seed", str(seed % 1000), "-o", records,
                        "--length", "80"], check=True)
        for where, more in (("one", []), ("shards", ["--shards", "3"])):
            net.run(INDEX, "-q", "-d", f"{work}/{where}", "--backend", "xapian", *more, "--jsonl", records)
        queries = random_queries(records, seed)
        print(f"# indexes: {time.monotonic() - begin:.1f} s", flush=True)
        c = Cluster(work)
        begin = time.monotonic()
        one = test_equal(c, work, queries)
        test_replicate(c, work, one, queries)
        print(f"# agreement: {time.monotonic() - begin:.1f} s", flush=True)
        query = max(zip(queries, one), key=lambda x: x[1]["total"])[0]
        whole = ask(c.list, query)
        check("a query that all hosts have something for", whole.total > 30 and not whole.warnings, whole)
        for test in (test_refused, test_hangs, test_hangs_later, test_killed, test_unplugged):
            begin = time.monotonic()
            test(c, query, whole)
            print(f"# {test.__name__}: {time.monotonic() - begin:.1f} s", flush=True)
        test_others(c, query)
        for h in c.h:
            h.kill()
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(main())
