#!/usr/bin/env python3
"""serve.py - cdgsearchd answers: the same as cdgsearch, tags, compression, settings, several
indexes, commits that are picked up, an end that waits."""
import gzip
import json
import os
import signal
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from _server import INDEX, PROGRAM, SEARCH, Server, end, make_index, ok, same, tmp  # noqa: E402

records = [
    {"id": f"d{i}", "title": f"Act {i}", "date": f"{2000 + i % 20}-05-01", "type": "law" if i % 3 else "plan",
     "url": f"https://laws.example/{i}", "text": f"Section {i}. The supply chain of article {i} shall be reformed. " * (1 + i % 7)}
    for i in range(200)]
laws = make_index("laws", records)
other = make_index("other", [{"id": "x", "title": "Einzelnes", "text": "Nur ein Dokument über Reformen"}])


def cli(*args):
    out = subprocess.run([SEARCH, "-d", laws, "--format", "json", *args], capture_output=True, check=False).stdout
    answer = json.loads(out)
    answer.pop("took_us")
    return answer


def web(server, q, **params):
    answer = server.search(q, **params).json()
    answer.pop("took_us")
    return answer


# ---- the same answers as the command line ------------------------------------------------
with Server("-d", f"laws={laws}", index=f"more={other}") as s:
    for q in ("supply", '"supply chain" reform*', "title:act article", "nothing-like-this", "type:plan supply", '"open quote'):
        same(f"as the command line: {q}", web(s, q), cli(q))
    same("n and offset", web(s, "supply", n=3, offset=5), cli("-n", "3", "--offset", "5", "supply"))
    same("sort", web(s, "supply", sort="-date"), cli("--sort", "-date", "supply"))
    same("filter and facets", web(s, "supply", filter=["type:law", "date:2003.."], facet=["type", "year:3"]),
         cli("--filter", "type:law", "--filter", "date:2003..", "--facet", "type", "--facet", "year:3", "supply"))
    chosen = 'type:="law" OR type:="plan"'
    same("open facets", web(s, "supply", filter=[chosen, "date:2003.."], facet="type:open,type,date:year:open:5"),
         cli("--filter", chosen, "--filter", "date:2003..", "--facet", "type:open", "--facet", "type", "--facet", "date:year:open:5",
             "supply"))
    same("an open facet is that of the search without the filter", web(s, "supply", filter=chosen, facet="type:open")["facets"]["type:open"],
         web(s, "supply", facet="type")["facets"]["type"])
    same("facets alone have no hits", web(s, "supply", n=0, facet="type"), cli("-n", "0", "--facet", "type", "supply"))
    r = s.ask("/docs/facets?q=supply&facet=type")
    same("/docs/facets", r.json()["facets"], cli("-n", "0", "--facet", "type", "supply")["facets"])
    r = s.ask("/search?q=supply&format=csv&n=4")
    ok("CSV", r.header("Content-Type").startswith("text/csv") and r.text().count("\r\n") == 5, r.text())
    r = s.ask("/search?q=supply&format=jsonl&n=4")
    same("JSON lines", [json.loads(line)["rank"] for line in r.text().splitlines()], [1, 2, 3, 4])
    same("the other index", s.ask("/in/more/search?q=reformen").json()["total"], 1)
    same("the first by its name", s.ask("/in/laws/search?q=supply").json()["total"], s.search("supply").json()["total"])

    # ---- what is wrong is said -------------------------------------------------------------
    for path, status, code in (("/nothing", 404, 10), ("/in/none/search?q=a", 404, 10), ("/in/laws", 404, 10), ("/in/laws/metrics", 404, 10),
                               ("/search?q=a&n=-1", 400, 8), ("/search?q=a&n=1x", 400, 8), ("/search?q=a&n=99999999", 400, 8),
                               ("/search?q=a&offset=10001", 400, 8), ("/search?q=a&sort=date,,", 400, 8),
                               ("/search?q=a&format=pdf", 400, 8), ("/search?q=a&op=xor", 400, 8), ("/search?q=a&op=", 200, None), ("/search?q=a&facet=type:5x", 400, 8),
                               ("/search?q=a&facet=type:0", 400, 8), ("/search?q=supply&fcaet=type", 200, None), ("/search?q=supply&fcaet=type&strict=1", 400, 8),
                               ("/doc?id=d3&n=x", 200, None), ("/docs/facets?q=a&sort=,,", 200, None), ("/docs/histogram?q=a&by=", 200, None),
                               ("/doc?id=d3&format=csv", 400, 8), ("/search?q=supply&strict=1&format=csv&x=", 400, 8),
                               ("/search?q=a&lang=tlh", 400, 8), ("/search?q=a&strict=1&q=b", 200, None),
                               ("/search?q=%22a&strict=1", 400, 6), ("/search?q=" + "a" * 5000, 414, 5)):
        r = s.ask(path)
        same(f"status of {path[:40]}", r.status, status)
        if status >= 400:
            p = r.json()
            ok(f"problem of {path[:40]}", r.header("Content-Type") == "application/problem+json" and p["status"] == status
               and p["code"] == code and p["detail"] and p["title"], p)
    r = s.ask("/search?q=a", method="PUT", body=b"x")
    ok("another method", r.status == 405 and "GET" in r.header("Allow"), r.headers)
    same("no body for HEAD", (s.ask("/search?q=supply", method="HEAD").status, s.ask("/search?q=supply", method="HEAD").body), (200, b""))

    # ---- tags and compression ----------------------------------------------------------------
    r = s.search("supply")
    tag = r.header("ETag")
    same("a tag that is known", s.ask("/search?q=supply", If_None_Match=tag).status, 304)
    ok("another query, another tag", s.search("chain").header("ETag") != tag)
    z = s.ask("/search?q=supply", Accept_Encoding="gzip")
    one, two = json.loads(gzip.decompress(z.body)), r.json()
    ok("compressed", z.header("Content-Encoding") == "gzip" and len(z.body) < len(r.body) and one["hits"] == two["hits"])
    ok("not compressed for q=0", s.ask("/search?q=supply", Accept_Encoding="gzip;q=0").header("Content-Encoding") is None)

    # ---- commits -------------------------------------------------------------------------------
    make_index("laws", [{"id": "new", "title": "New act", "text": "zzyzx supply"}])
    began = time.monotonic()
    while s.search("zzyzx").json()["total"] != 1 and time.monotonic() - began < 5:
        time.sleep(0.02)
    took = time.monotonic() - began
    ok(f"a commit is seen after {took:.2f} s", took < 1.0)
    same("its tag is another one", s.ask("/search?q=supply", If_None_Match=tag).status, 200)
    h = s.ask("/healthz")
    ok("health", h.status == 200 and h.json()["indexes"][0]["documents"] == 201, h.text())
    m = s.ask("/metrics").text()
    ok("metrics", 'cdgsearchd_requests_total{route="search",status="2xx"}' in m and 'cdgsearchd_index_documents{index="laws"} 201' in m, m)
    same("ends on SIGTERM", s.stop(), 0)

# ---- settings ---------------------------------------------------------------------------------
conf = os.path.join(tmp, "conf")
with open(conf, "w", encoding="utf-8") as f:
    f.write(f"# a comment\nindex = a={laws}\nindex = b={other}\nmax-hits = 7\n\nmax-query = 2K\nlisten = 127.0.0.1:0\n")
log = os.path.join(tmp, "access.log")
with Server("-c", conf, "--listen=127.0.0.1:0", env={"CDGSEARCHD_MAX_HITS": "5", "CDGSEARCHD_ACCESS_LOG": log}) as s:
    same("the environment wins over the file", (s.ask("/search?q=supply&n=6").status, s.ask("/search?q=supply&n=5").status), (400, 200))
    same("the file's list", [i["name"] for i in s.ask("/healthz").json()["indexes"]], ["a", "b"])
    s.search("supply")
    same("status with a signal", s.stop(signal.SIGINT), 0)
with open(log, encoding="utf-8") as f:
    lines = [json.loads(line) for line in f]
ok("access log without queries", len(lines) == 4 and all("q" not in x and x["us"] >= 0 for x in lines), lines)
for args, want in ((["-d", os.path.join(tmp, "none")], "none"), (["-d", laws, "--max-hits", "x"], "--max-hits|max-hits"),
                   (["-d", laws, "--nix"], "--nix"), (["-c", os.path.join(tmp, "no.conf")], "no.conf"),
                   (["-d", laws, "--listen", "300.1.1.1:x"], "300.1.1.1"), ([], "-d INDEX"), (["-d", laws, "-d", laws], "NAME=PATH")):
    p = subprocess.run([PROGRAM, *args], capture_output=True, text=True, cwd=tmp, timeout=60, check=False)
    ok(f"wrong: {' '.join(args)[-30:]}", p.returncode == 2 and any(w in p.stderr for w in want.split("|")), p.stderr)
with open(conf, "a", encoding="utf-8") as f:
    f.write("max-hits = many\n")
p = subprocess.run([PROGRAM, "-c", conf], capture_output=True, text=True, timeout=60, check=False)
ok("a mistake in the file has its line", p.returncode == 2 and f"{conf}:8: max-hits" in p.stderr, p.stderr)
p = subprocess.run([PROGRAM, "--help"], capture_output=True, text=True, check=False)
ok("help", p.returncode == 0 and "--max-hits N" in p.stdout)

# ---- reload ------------------------------------------------------------------------------------
with open(conf, "w", encoding="utf-8") as f:
    f.write(f"index = a={laws}\nmax-hits = 7\n")
with Server("-c", conf) as s:
    same("before the reload", s.ask("/search?q=supply&n=8").status, 400)
    with open(conf, "w", encoding="utf-8") as f:
        f.write(f"index = a={laws}\nindex = b={other}\nmax-hits = 9\n")
    s.process.send_signal(signal.SIGHUP)
    began = time.monotonic()
    while s.ask("/search?q=supply&n=8").status != 200 and time.monotonic() - began < 10:
        time.sleep(0.02)
    same("after it", (s.ask("/search?q=supply&n=8").status, s.ask("/in/b/search?q=reformen").status), (200, 200))
    with open(conf, "w", encoding="utf-8") as f:
        f.write("max-hits = 0\n")
    s.process.send_signal(signal.SIGHUP)
    began = time.monotonic()
    while "stay as they were" not in s.said() and time.monotonic() - began < 10:
        time.sleep(0.02)
    ok("a mistake leaves all as it was", s.ask("/search?q=supply&n=8").status == 200 and "stay as they were" in s.said(), s.said())

# ---- requests that go on while it ends -----------------------------------------------------------
with Server("-d", laws, time_limit=3000) as s:
    answers = []

    def many():
        for _ in range(50):
            try:
                answers.append(s.search("supply OR chain OR section").status)
            except OSError:
                answers.append(0)  # refused: it takes no more connections
                return

    threads = [threading.Thread(target=many) for _ in range(4)]
    for t in threads:
        t.start()
    time.sleep(0.05)
    status = s.stop()
    for t in threads:
        t.join()
    ok("what was begun is answered", status == 0 and set(answers) <= {200, 0} and 200 in answers, (status, answers[-10:]))
end()
