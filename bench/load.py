#!/usr/bin/env python3
"""Measure cdgsearchd under load, beside its engine in process and beside Omega.

  load.py --index DIR --queries FILE [--omega DATABASE] [--connections 1,8,64,256]
          [--seconds N] [--rounds N] [--cpus N] [--build DIR] [--json]
  load.py --make-omega DATABASE --records FILE

All servers, and the engine in process, run on the first N processors of this machine (half
of them), with as many threads; the load (wrk) runs on the others.  So what the
client costs takes nothing from either, and the ratio is what HTTP costs.  In process is
`cdgbench answer`: the same search, passages and JSON, a request made and freed for each.
What is measured alternates, round by round, after a warm-up; the table has medians of the
rounds.

Queries are a file of {"text": ...} lines; ten hits, two passages each.  Omega
(apt: xapian-omega fcgiwrap nginx) is its CGI program behind nginx and fcgiwrap, with its
own XML page of ten hits; its database is made of the same records by scriptindex, with
512 bytes of each kept to show.
"""
import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse

OMEGA = "/usr/lib/cgi-bin/omega/omega"
TEMPLATES = "/usr/share/xapian-omega/templates"
SCRIPT = "id : boolean=Q unique=Q field\ntitle : field index=S index\nurl : field\ntext : index truncate=512 field=sample\n"
LUA = """local paths = {}
for l in io.lines(%s) do paths[#paths + 1] = l end
local n = 0
function init(args) n = math.random(#paths) end
request = function() n = n %% #paths + 1; return wrk.format("GET", paths[n]) end
function done(s, l, r)
	io.write(string.format('RESULT {"answers":%%d,"us":%%d,"bytes":%%d,"p50":%%d,"p99":%%d,"p999":%%d,"failed":%%d}\\n', s.requests,
		s.duration, s.bytes, l:percentile(50), l:percentile(99), l:percentile(99.9),
		s.errors.connect + s.errors.read + s.errors.write + s.errors.status + s.errors.timeout))
end
"""
NGINX = """daemon off; worker_processes %d; pid %s/nginx.pid; error_log %s/error.log;
events { worker_connections 2048; }
http { access_log off; client_body_temp_path %s/b; proxy_temp_path %s/p; fastcgi_temp_path %s/f; uwsgi_temp_path %s/u;
scgi_temp_path %s/s; keepalive_requests 1000000;
server { listen 127.0.0.1:%d; location /search {
fastcgi_pass unix:%s/fcgi; fastcgi_param SCRIPT_FILENAME %s; fastcgi_param QUERY_STRING $query_string;
fastcgi_param REQUEST_METHOD GET; fastcgi_param SERVER_PROTOCOL HTTP/1.1; } } }
"""


def parse():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--index")
    p.add_argument("--queries")
    p.add_argument("--omega")
    p.add_argument("--make-omega")
    p.add_argument("--records")
    p.add_argument("--connections", default="1,8,64,256")
    p.add_argument("--seconds", type=int, default=3)
    p.add_argument("--rounds", type=int, default=3)
    p.add_argument("--cpus", type=int, default=max(1, (os.cpu_count() or 2) // 2))
    p.add_argument("--port", type=int, default=7600)
    p.add_argument("--build", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "build"))
    p.add_argument("--daemon", action="append", default=[], help="more options of cdgsearchd (--daemon=--io-threads=2)")
    p.add_argument("--json", action="store_true")
    return p.parse_args()


def make_omega(o):
    """Records (JSON lines, as `cdgindex dump --format jsonl` writes them) to a database for Omega."""
    with tempfile.NamedTemporaryFile("w", suffix=".script") as script:
        script.write(SCRIPT)
        script.flush()
        p = subprocess.Popen(["scriptindex", o.make_omega, script.name], stdin=subprocess.PIPE, text=True)
        with open(o.records, encoding="utf-8") as f:
            for line in f:
                r = json.loads(line)
                fields = {"id": r["id"], "title": " ".join(r.get("title", "").split()), "url": r.get("url", ""),
                          "text": r.get("text", "").replace("\n", "\n=")}
                p.stdin.write("".join(f"{k}={v}\n" for k, v in fields.items()) + "\n")
        p.stdin.close()
        sys.exit(p.wait())


# ---- servers ------------------------------------------------------------------------------


class Server:
    """A server on the first processors; `paths` is a file of what is to be asked."""

    def __init__(self, o, tmp, name, paths):
        self.name, self.port, self.processes = name, o.port, []
        self.lua = os.path.join(tmp, name + ".lua")
        lines = os.path.join(tmp, name + ".paths")
        with open(lines, "w", encoding="ascii") as f:
            f.writelines(p + "\n" for p in paths)
        with open(self.lua, "w", encoding="ascii") as f:
            f.write(LUA % json.dumps(lines))

    def start(self, o, *command, env=None):
        self.processes.append(subprocess.Popen(["taskset", "-c", cpus(0, o.cpus), *command], env={**os.environ, **(env or {})},
                                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))

    def stop(self):
        for p in reversed(self.processes):
            p.terminate()
        for p in self.processes:
            p.wait()


def cpus(first, n):
    return f"{first}-{first + n - 1}"


def start_daemon(o, tmp, texts):
    s = Server(o, tmp, "cdgsearchd", ["/search?" + urllib.parse.urlencode({"q": t}) for t in texts])
    s.start(o, os.path.join(o.build, "cdgsearchd"), "-d", o.index, f"--listen=127.0.0.1:{o.port}", f"--workers={o.cpus}",
            f"--io-threads={(o.cpus + 1) // 2}", "--max-client-connections=4096", *o.daemon)
    return s


def start_omega(o, tmp, texts):
    s = Server(o, tmp, "omega", ["/search?" + urllib.parse.urlencode({"P": t.replace("\n", " "), "DB": "db", "FMT": "xml", "HITSPERPAGE": 10})
                                 for t in texts])
    s.port = o.port + 1
    home = os.path.join(tmp, "omega")
    os.makedirs(os.path.join(home, "log"))
    os.symlink(os.path.abspath(o.omega), os.path.join(home, "db"))
    conf = os.path.join(home, "omega.conf")
    with open(conf, "w", encoding="ascii") as f:
        f.write(f"database_dir {home}\ntemplate_dir {TEMPLATES}\nlog_dir {home}/log\ncdb_dir {home}\n")
    with open(os.path.join(home, "nginx.conf"), "w", encoding="ascii") as f:
        f.write(NGINX % (o.cpus, *[home] * 7, s.port, home, OMEGA))
    s.start(o, "fcgiwrap", "-c", str(max(2, o.cpus)), "-s", f"unix:{home}/fcgi", env={"OMEGA_CONFIG_FILE": conf})
    while not os.path.exists(home + "/fcgi"):
        time.sleep(0.05)
    for entry in (home, tmp, home + "/fcgi"):
        os.chmod(entry, 0o777)  # nginx drops its rights
    s.start(o, "nginx", "-c", os.path.join(home, "nginx.conf"))
    return s


def await_start(s, path):
    for _ in range(200):
        r = subprocess.run(["curl", "-sS", "--fail", f"http://127.0.0.1:{s.port}{path}"], capture_output=True, text=True, check=False)
        if not r.returncode:
            return r.stdout
        time.sleep(0.05)
    sys.exit(f"{s.name} does not answer: {r.stderr}")


# ---- figures ------------------------------------------------------------------------------


def ask(o, s, connections, seconds):
    """wrk: answers a second, and the quantiles of their time in microseconds."""
    total = os.cpu_count() or 2
    where = cpus(o.cpus, total - o.cpus) if total > o.cpus else cpus(0, total)
    threads = min(connections, max(1, total - o.cpus))
    r = subprocess.run(["taskset", "-c", where, "wrk", "-t", str(threads), "-c", str(connections), "-d", f"{seconds}s",
                        "--timeout", "60s", "-s", s.lua, f"http://127.0.0.1:{s.port}"], capture_output=True, text=True, check=False)
    m = re.search(r"RESULT (.*)", r.stdout)
    if not m:
        sys.exit(f"wrk failed: {r.stdout} {r.stderr}")
    f = json.loads(m.group(1))
    if f["failed"]:
        sys.exit(f"{s.name}: {f['failed']} of {f['answers']} requests failed")
    return {"qps": f["answers"] * 1e6 / f["us"], "bytes": f["bytes"] / max(1, f["answers"]), **{k: f[k] for k in ("p50", "p99", "p999")}}


def in_process(o):
    r = subprocess.run(["taskset", "-c", cpus(0, o.cpus), os.path.join(o.build, "cdgbench"), "answer", "-d", o.index, "--threads",
                        str(o.cpus), "--seconds", str(o.seconds), o.queries], capture_output=True, text=True, check=False)
    if r.returncode:
        sys.exit(r.stderr)
    f = json.loads(r.stdout)
    return {"qps": f["qps"], "bytes": f["bytes"], "p50": f["p50_us"], "p99": f["p99_us"], "p999": f["p999_us"]}


def measure(o, servers):
    """{(name, connections): [figures of each round]}; one after the other, again and again."""
    rounds = {}
    for s in servers:
        ask(o, s, 8, 1)  # to warm up
    for _ in range(o.rounds):
        for connections in map(int, o.connections.split(",")):
            rounds.setdefault(("in process", 0), []).append(in_process(o))
            for s in servers:
                rounds.setdefault((s.name, connections), []).append(ask(o, s, connections, o.seconds))
    return rounds


def report(o, rounds):
    rows = [{"what": name, "connections": c, **{k: statistics.median(f[k] for f in all_) for k in all_[0]}}
            for (name, c), all_ in sorted(rounds.items(), key=lambda r: (r[0][0] != "in process", r[0]))]
    base = rows[0]["qps"]
    if o.json:
        for row in rows:
            print(json.dumps(row))
        return
    print(f"{o.cpus} of {os.cpu_count()} processors for each server, {o.rounds} rounds of {o.seconds} s\n")
    print("| | connections | answers/s | of in process | p50 ms | p99 ms | p99.9 ms | KB an answer |\n" + "| --- " * 8 + "|")
    for r in rows:
        print(f"| {r['what']} | {r['connections'] or ''} | {r['qps']:.0f} | {r['qps'] / base:.0%} | {r['p50'] / 1e3:.2f} | "
              f"{r['p99'] / 1e3:.1f} | {r['p999'] / 1e3:.1f} | {r['bytes'] / 1e3:.1f} |")


def main():
    o = parse()
    if o.make_omega:
        make_omega(o)
    if not o.index or not o.queries:
        sys.exit("--index and --queries are wanted; --help says more")
    with open(o.queries, encoding="utf-8") as f:
        texts = [json.loads(line)["text"] for line in f]
    tmp = tempfile.mkdtemp(prefix="cdg-load.")
    servers = []
    try:
        servers.append(start_daemon(o, tmp, texts))
        await_start(servers[0], "/search?q=the")
        if o.omega:
            servers.append(start_omega(o, tmp, texts))
            if "<hit " not in await_start(servers[1], "/search?P=the&DB=db&FMT=xml&HITSPERPAGE=10"):
                sys.exit("omega finds nothing")
        report(o, measure(o, servers))
    finally:
        for s in servers:
            s.stop()
        shutil.rmtree(tmp, ignore_errors=True)


main()
