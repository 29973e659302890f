#!/usr/bin/env python3
"""faults.py - what can befall an index, a shard or memory under a server: a clear status for
those requests, no path of the machine in it, the server stays up, and is well again when the
cause is gone."""
import json
import os
import random
import resource
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.parse

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from _server import BUILD, PROGRAM, Server, end, free_port, make_index, nobody, ok, public_program, same, skip, tmp  # noqa: E402

SLOW = "san" in BUILD
seed = int(os.environ.get("CDG_SEED", random.SystemRandom().randrange(1 << 32)))
rng = random.Random(seed)
print("seed", seed, flush=True)

words = [f"w{i}" for i in range(3000)]
records = [{"id": f"d{i}", "title": f"Document {i}", "type": f"t{i % 5}", "date": f"{2000 + i % 20}-01-01",
            "text": f"own{i} common " + " ".join(rng.choice(words) for _ in range(80))} for i in range(1500)]
good = make_index("good", records)
beside = make_index("beside", [{"id": "b", "text": "steady"}])
PATHS = ["/search?q=common&n=50&snippets=2&facet=type", "/search?q=w1+w2", "/search?q=%22common+w5%22", "/doc?id=d7&q=common", "/docs/concordance?q=common&n=20",
         "/docs/histogram?q=common", "/search?q=w1*&sort=-date", "/docs/facets?q=common&facet=type", "/search?q=w1+NEAR+w2&n=500"]
ALLOWED = {200, 404, 502, 503}


def fresh(name):
    path = os.path.join(tmp, name)
    subprocess.run(["rm", "-rf", path], check=True)
    shutil.copytree(good, path)
    return path


def until(what, test, seconds=20):
    begin = time.monotonic()
    while time.monotonic() - begin < seconds:
        if test():
            return ok(f"{what} ({time.monotonic() - begin:.1f} s)", True)
        time.sleep(0.05)
    return ok(what, False, "not within %d s" % seconds)


def is_well(s):
    r = s.ask("/healthz")
    a = s.ask("/in/x/search?q=common")
    return r.status == 200 and a.status == 200 and a.json()["total"] == 1500


def round_(s, bad):
    """Each path once: a clear answer, no path of the machine in it; the index beside is steady."""
    for path in PATHS:
        r = s.ask("/in/x" + path)
        text = r.text()
        if r.status not in ALLOWED or tmp in text or "/tmp" in text:
            bad.append((path, r.status, text[:300]))
        try:
            body = r.json()
            if r.status != 200 and not (body["status"] == r.status and body["detail"] and body["code"]):
                bad.append((path, text[:300]))
        except (ValueError, KeyError) as e:
            bad.append((path, repr(e), text[:300]))
    r = s.ask("/in/beside/search?q=steady")
    if r.status != 200 or r.json()["total"] != 1:
        bad.append(("beside", r.status, r.text()[:300]))
    for path in ("/healthz", "/metrics"):
        if tmp in s.ask(path).text():
            bad.append((path, "has a path"))


def told(s):
    """Whether health and metrics say that something is wrong with x."""
    h, m = s.ask("/healthz"), s.ask("/metrics").text()
    return h.status == 503 and h.json()["status"] == "degraded" and 'cdgsearchd_index_up{index="x"} 0' in m


def alive(s, name):
    ok(f"{name}: the server lives", s.alive(), s.said()[-1500:])
    return s.alive()


# ---- replaced, deleted, not to be read ------------------------------------------------------
x = fresh("x")
with Server("-d", f"x={x}", index=f"beside={beside}") as s:
    bad = []
    other = make_index("other", [{"id": "n", "text": "common new"}])
    os.rename(x, x + ".old")
    os.rename(other, x)
    until("replaced: the other index is served", lambda: s.ask("/in/x/search?q=common").json().get("total") == 1)
    round_(s, bad)
    os.rename(x, x + ".new")
    until("deleted: it is told", lambda: told(s))
    round_(s, bad)
    os.rename(x + ".old", x)
    until("restored: well again", lambda: is_well(s))
    shutil.rmtree(x)
    until("removed file by file: it is told", lambda: told(s))
    round_(s, bad)
    fresh("x")
    until("copied back: well again", lambda: is_well(s))
    if os.geteuid():
        os.chmod(x, 0)
        until("no permission: it is told", lambda: told(s))
        round_(s, bad)
        os.chmod(x, 0o755)
        until("permitted: well again", lambda: is_well(s))
    else:
        skip("root needs no permission: tried below as another user, if that can be")
    same("answers meanwhile are clear", bad, [])
    alive(s, "replaced and deleted")
if os.geteuid() == 0:
    subprocess.run(["chmod", "-R", "a+rX", x, beside], check=True)
    with Server("-d", f"x={x}", index=f"beside={beside}", preexec=nobody, program=public_program()) as s:
        bad = []
        os.chmod(x, 0)
        until("no permission: it is told", lambda: told(s))
        round_(s, bad)
        os.chmod(x, 0o755)
        until("permitted: well again", lambda: is_well(s))
        same("answers without permission are clear", bad, [])

# ---- damaged while it is served ---------------------------------------------------------------


def files(path):
    return [os.path.join(d, f) for d, _, names in os.walk(path) for f in names if os.path.getsize(os.path.join(d, f))]


def restore(path, kept):
    """The bytes as they were, in the same files: they are mapped."""
    for name, data in kept.items():
        with open(name, "r+b" if os.path.exists(name) else "wb") as f:
            f.write(data)
            f.truncate(len(data))


kept = {}
for name in files(x):
    with open(name, "rb") as f:
        kept[name] = f.read()
with Server("-d", f"x={x}", index=f"beside={beside}") as s:
    bad, rounds = [], 4 if SLOW else 8
    for k in range(rounds):
        name = rng.choice(sorted(kept))
        with open(name, "r+b") as f:
            for _ in range(rng.choice((1, 20, 200))):
                f.seek(rng.randrange(len(kept[name])))
                f.write(bytes([rng.randrange(256)]))
        round_(s, bad)
        restore(x, kept)
        if not alive(s, f"bytes changed in {os.path.basename(name)}"):
            break
    same("answers from damaged bytes are clear", bad, [])
    ok("well again", s.alive() and [s.process.send_signal(signal.SIGHUP)] and True)
    until("bytes restored, reloaded: well again", lambda: is_well(s))

# ---- cut short while it is served: reading there would be a SIGBUS ------------------------------------
with Server("-d", f"x={x}", index=f"beside={beside}") as s:
    bad = []
    stop, steady = [], []

    def ask_on():
        while not stop:
            steady.append(s.ask("/in/beside/search?q=steady").status)

    t = threading.Thread(target=ask_on)
    t.start()
    for share in (0, 0.3, 0.9):
        for name in kept:
            with open(name, "r+b") as f:
                f.truncate(int(len(kept[name]) * share))
        for _ in range(3):
            round_(s, bad)
        ok(f"cut to {share:.0%}: no answer from what is not there",
           [s.ask("/in/x" + p).status for p in PATHS[:3]] == [s.ask("/in/x" + p).status for p in PATHS[:3]] and s.ask("/in/x" + PATHS[0]).status in (502, 503),
           s.ask("/in/x" + PATHS[0]).text()[:200])
        until(f"cut to {share:.0%}: it is told", lambda: told(s))
        if not alive(s, f"cut to {share:.0%}"):
            break
        restore(x, kept)
        until(f"restored after {share:.0%}: well again", lambda: is_well(s))
    stop.append(1)
    t.join()
    # the index beside is opened anew after each: a request then may have to come again
    wrong = sum(v != 200 for v in steady)
    ok(f"the index beside: {len(steady)} answers, {wrong} to be asked again", set(steady) <= {200, 502, 503} and wrong <= len(steady) / 10, steady[:20])
    same("answers from cut files are clear", bad, [])
    ok("the operator is told why, with the path", x in s.said(), s.said()[-500:])
    same("ends as it should", s.stop(), 0)

# ---- too little memory -----------------------------------------------------------------------------------
if SLOW:
    skip("an instrumented server needs all addresses: no limit of memory")
else:
    def little():
        resource.setrlimit(resource.RLIMIT_AS, (420 << 20, 420 << 20))

    with Server("-d", f"x={x}", preexec=little, io_threads=1, workers=2, time_limit=300) as s:
        statuses = {}

        def ask_much(i):
            for k in range(6):
                q = ('"' + "w* " * 30 + '"~500', "w* OR o*", " OR ".join(f"w{j}*" for j in range(1, 99)), "common")[(i + k) % 4]
                try:
                    r = s.ask("/search?" + urllib.parse.urlencode({"q": q, "n": 1000, "snippets": 20}), timeout=60)
                    statuses[r.status] = statuses.get(r.status, 0) + 1
                    json.loads(r.body)
                except OSError:
                    statuses["ended"] = statuses.get("ended", 0) + 1

        threads = [threading.Thread(target=ask_much, args=(i,)) for i in range(8)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        ok(f"little memory: {statuses}", set(statuses) <= {200, 503, 413, "ended"} and statuses.get(200), statuses)
        alive(s, "little memory")
        until("little memory: answers again", lambda: s.ask("/search?q=common").status == 200)

# ---- Xapian: a database, and shards of which one dies ---------------------------------------------------------
MODULE = os.path.join(BUILD, "lib", "libcdgsearch-xapian.so")


def database(name, first, count):
    return make_index(name, [{"id": f"x{i}", "title": f"Shard {i}", "text": f"common shard own{i}"} for i in range(first, first + count)],
                      "--backend", "xapian")


if not os.path.exists(MODULE):
    skip("built without Xapian")
elif not shutil.which("xapian-tcpsrv"):
    skip("xapian-tcpsrv is missing: no shards")
else:
    one, two = database("xa", 0, 50), database("xb", 50, 50)
    with Server("-d", f"db={one}") as s:
        r = s.ask("/search?q=common&n=3")
        ok("a Xapian database: search", r.status == 200 and r.json()["total"] == 50 and len(r.json()["hits"]) == 3, r.text()[:300])
        ident = r.json()["hits"][0]["id"]
        for path in (f"/doc?id={urllib.parse.quote(ident)}&q=common", "/docs/facets?q=common", "/healthz", "/metrics", "/docs/concordance?q=common", "/docs/histogram?q=common"):
            r = s.ask(path)
            ok(f"a Xapian database: {path[:20]}", r.status == 200 or (r.status in (400, 404, 422) and r.json()["detail"]), (r.status, r.text()[:300]))
        database("xa", 200, 1)
        begin = time.monotonic()
        while s.ask("/search?q=own200").json()["total"] != 1 and time.monotonic() - begin < 5:
            time.sleep(0.02)
        took = time.monotonic() - begin
        ok(f"a Xapian database: a commit is seen after {took:.2f} s", took < 1.0 + SLOW)
        same("no tag lets it be taken for the old one", s.ask("/search?q=common").json()["total"], 51)
    ports = [free_port(), free_port()]

    def serve(i):
        p = subprocess.Popen(["xapian-tcpsrv", "--quiet", "--interface", "127.0.0.1", "--port", str(ports[i]), (one, two)[i]], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                             start_new_session=True)
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", ports[i])).close()
                break
            except OSError:
                time.sleep(0.02)
        return p

    def kill(p):
        os.killpg(p.pid, signal.SIGKILL)
        p.wait()

    shards = [serve(0), serve(1)]
    stub = os.path.join(tmp, "stub")
    with open(stub, "w", encoding="ascii") as f:
        f.write("".join(f"remote 127.0.0.1:{p}\n" for p in ports))
    with Server("-d", f"x={good}", index=[f"shards={stub}"], time_limit=2000) as s:
        until("two shards: all documents", lambda: s.ask("/in/shards/search?q=common").json().get("total") == 101)
        kill(shards[1])
        slowest = 0
        bad = []
        for _ in range(20):
            begin = time.monotonic()
            if s.ask("/search?q=common").json()["total"] != 1500:
                bad.append("native")
            slowest = max(slowest, time.monotonic() - begin)
            r = s.ask("/in/shards/search?q=common")
            j = r.json()
            if r.status == 200 and not (j["total"] == 51 and any(w.startswith("partial: shard 2 of 2") for w in j["warnings"])):
                bad.append(j)
            if r.status not in (200, 503) or tmp in r.text() or (r.status == 200 and r.header("ETag")):
                bad.append((r.status, r.text()[:300], r.headers))
        same("a shard is down: a part with a warning and no tag, or a clear status", bad, [])
        ok(f"the index beside is not delayed (at most {slowest * 1e3:.0f} ms)", slowest < (3 if SLOW else 1))
        alive(s, "a shard is down")
        shards[1] = serve(1)
        until("the shard is back: all documents", lambda: s.ask("/in/shards/search?q=common").json().get("total") == 101, 30)
    for p in shards:
        kill(p)
end()
