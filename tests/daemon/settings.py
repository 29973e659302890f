#!/usr/bin/env python3
"""settings.py - every setting of cdgsearchd by file, environment and flag: its value is taken,
a later place wins, a wrong one is refused with its place; and what settings do that no other
test shows."""
import os
import re
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from _server import PROGRAM, Server, end, make_index, ok, same, tmp  # noqa: E402

laws = make_index("laws", [{"id": f"d{i}", "text": f"supply chain {i}"} for i in range(30)])
conf = os.path.join(tmp, "conf")
token = os.path.join(tmp, "token")
with open(token, "w", encoding="ascii") as f:
    f.write("0123456789abcdef\n")


def run(*args, env=None):
    return subprocess.run([PROGRAM, *args], capture_output=True, timeout=60, check=False,
                          env={**os.environ, **{k: v if isinstance(v, bytes) else v.encode() for k, v in (env or {}).items()}})


def write(text):
    with open(conf, "wb") as file:
        file.write(text if isinstance(text, bytes) else text.encode())


def said(p):
    return p.stderr.decode("utf-8", "replace")


def values(p):
    """What --check prints: a list of values for each name; of what is not set, none."""
    got = {}
    for line in p.stdout.decode("utf-8").splitlines():
        name, _, value = line.partition(" = ")
        got.setdefault(name.lstrip("#"), []).extend([] if line.startswith("#") else [value])
    return got


# ---- the table, as --help prints it -------------------------------------------------------------
help_text = run("--help").stdout.decode()
table = dict(re.findall(r"^ +--([a-z-]+) (\S+) ", help_text, re.M))
table.pop("config", None)
default = values(run("-d", laws, "--check"))
same("--check has the settings of --help", list(default), list(table))
with open("docs/man/cdgsearchd.1", encoding="utf-8") as f:
    manual = re.findall(r"^\.It Fl -([a-z-]+) Ar (\S+)\n(.*)", f.read(), re.M)
same("the manual calls values as --help does", {n: v for n, v, _ in manual}, table)
for name, _, text in manual:
    line = re.search(rf"^ +--{name} .*", help_text, re.M).group(0)
    same(f"{name}: the manual has the default of --help", re.findall(r"\(\d\S*\)", text), re.findall(r"\(\d\S*\)", line))
with open("contrib/cdgsearchd.conf", encoding="utf-8") as f:
    sample = re.sub(r"^#([a-z-]+ = )", r"\1", f.read(), flags=re.M)
write(re.sub(r"^token-file.*", "", sample, flags=re.M))  # a file that is read at once
p = run("-c", conf, "--check")
ok("the sample file with all its lines is taken", p.returncode == 0 and len(re.findall(r"^[a-z-]+ = ", sample, re.M)) > 8, said(p))

# ---- good values, in pairs ----------------------------------------------------------------------
good = {
    "index": (f"a={laws}", f"b={laws}"), "listen": ("127.0.0.1:1", "unix:/run/x"), "title": ("Gesetze – 法", "b"),
    "public-url": ("https://a.example", "http://b.example:8080/search"), "language": ("de", "zh"),
    "cors-origin": ("*", "https://a.example:8080"), "token-file": (token, "/" + token), "trusted-proxy": ("127.0.0.1", "::1"),
    "access-log": ("-", "/tmp/x y"), "slow-log": ("-", "b"), "zero-log": ("-", "b"), "log-queries": ("yes", "no"),
}
bad = {
    "index": ("",), "listen": ("", "nonsense", "127.0.0.1:65536", "127.0.0.1:http", "unix:", "unix:" + "x" * 108, "1.2.3.4:"),
    "title": (b"\xff\xfe", "a\tb"), "public-url": ("search.example", "ftp://a.example", "https://", "https://a b", "https://a/?q="),
    "language": ("xx", "german"), "cors-origin": ("a.example", "https://a.example/", "null"), "token-file": ("a\x1bb",),
    "trusted-proxy": ("localhost", "127.0.0", "::0001", "10.0.0.0/8"), "access-log": ("a\x1bb",), "slow-log": ("a\x1bb",),
    "zero-log": ("a\x1bb",), "log-queries": ("maybe", "", "2", "YES"),
}
for name, kind in table.items():
    if name not in good and kind in ("N", "MS", "S", "BYTES"):
        at = int(default[name][0])
        good[name] = (str(at + 1), str(at + 2))
        bad[name] = ("", "x", "-1", " 1", "1 2", "1x", "1.5", "99999999999999999999999", "17179869184G") + (() if kind == "BYTES" else ("1K",))
same("all have values to try", sorted(good), sorted(table))


def variable(name):
    return "CDGSEARCHD_" + name.upper().replace("-", "_")


def places(name, value, short=True):
    """How a value is given: how it is called in messages, arguments, environment, the file."""
    line = name.encode() + b" = " + (value if isinstance(value, bytes) else value.encode())
    base = [] if name == "index" else ["-d", laws]
    text = value if isinstance(value, str) else os.fsdecode(value)
    yield f"{conf}:3:", [*base, "-c", conf], {}, b"# one\n\n" + line + b"\n"
    yield variable(name) + ":", base, {variable(name): value}, b""
    yield "command line:", [*base, f"--{name}={text}"], {}, b""
    if short:
        yield "command line:", [*base, f"--{name}", text], {}, b""


for name in table:
    for value in good[name][:1]:
        if name in ("index", "listen") or " " not in value:
            for where, args, env, text in places(name, value):
                write(text)
                p = run(*args, "--check", env=env)
                got = values(p)
                ok(f"{where.split('/')[-1]} {name} {value[:30]}", p.returncode == 0 and got.get(name) == [value] and
                   all(got[n] == default[n] for n in table if n not in (name, "index")), said(p) + str(got.get(name)))
    first, second = good[name]
    base = [] if name == "index" else ["-d", laws]
    write(f"{name} = {first}\n{name} = {second}\n" if name not in ("index", "listen") else f"{name} = {second}\n")
    same(f"{name}: the last line counts", values(run(*base, "-c", conf, "--check"))[name], [second])
    same(f"{name}: the environment wins", values(run(*base, "-c", conf, "--check", env={variable(name): first}))[name], [first])
    write(f"{name} = {first}\n")
    same(f"{name}: the command line wins", values(run(*base, "-c", conf, "--check", f"--{name}={second}", env={variable(name): first}))[name], [second])
    for n, value in enumerate(bad[name]):
        for where, args, env, text in places(name, value, False):
            if n > 1 and (text or env):
                continue  # in each place values are read by the same function
            if where.startswith("CDG") and name in ("index", "listen") and not value:
                continue  # an empty list in the environment is none
            if text and value == " 1":
                continue  # of a line, blanks around the value are cut
            write(text)
            p = run(*args, "--check", env=env)
            ok(f"{where.split('/')[-1]} {name} {str(value)[:30]} is refused",
               p.returncode == 2 and not p.stdout and f"cdgsearchd: {where} {name}: " in said(p), f"{p.returncode} {said(p)}")

# lists, and what is printed
env = {"CDGSEARCHD_INDEX": f"a={laws}\n  b={laws} ", "CDGSEARCHD_LISTEN": "127.0.0.1:0 unix:/run/x"}
same("lists of the environment", {n: values(run("--check", env=env))[n] for n in ("index", "listen")},
     {"index": [f"a={laws}", f"b={laws}"], "listen": ["127.0.0.1:0", "unix:/run/x"]})
for pick in (0, 1):
    write("".join(f"{n} = {v[pick]}\n" for n, v in good.items()))
    first = run("-c", conf, "--check")
    write(first.stdout)
    same(f"what --check prints is read as the same ({pick})", run("--check", env={"CDGSEARCHD_CONFIG": conf}).stdout, first.stdout)
    same("and is what was written", values(first), {n: [v[pick]] for n, v in good.items()})
write("title =\n")
same("an empty title is none", values(run("-d", laws, "-c", conf, "--check"))["title"], ["cdgsearch"])
for text, wanted in (("nonsense = 1\n", "no setting 'nonsense'"), ("title\n", "NAME = VALUE"), ("= x\n", "no setting ''"),
                     ("Title = x\n", "no setting 'Title'"), ("max_query = 100\n", "no setting 'max_query'")):
    write("\n" + text)
    p = run("-d", laws, "-c", conf, "--check")
    ok(f"in a file: {text.strip()}", p.returncode == 2 and f"{conf}:2: " in said(p) and wanted in said(p), said(p))
p = run("-d", laws, "--check", env={"CDGSEARCHD_MAX_QUERRY": "1"})
ok("a variable that is no setting is told", p.returncode == 0 and "CDGSEARCHD_MAX_QUERRY is no setting" in said(p), said(p))
ok("and no other is", "is no setting" not in said(run("-d", laws, "--check", env={"CDGSEARCHD_CONFIG": "", "CDGSEARCHD_MAX_QUERY": "99"})))
for args in (["-x"], ["file"], ["--nonsense", "1"], ["--max-hits"], ["-c"]):
    p = run("-d", laws, *args)
    ok(f"refused: {args}", p.returncode == 2 and "cdgsearchd: " in said(p), said(p))
with open(token, "w", encoding="ascii") as f:
    f.write("short\n")
p = run("-d", laws, "--check", "--token-file", token)
ok("a short token is refused", p.returncode == 2 and "16 characters" in said(p), said(p))

# ---- what they do ----------------------------------------------------------------------------------
with Server("-d", laws, max_query=16, max_offset=20, max_hits=7, max_header=1024, title="Law & order", language="de") as s:
    same("max-query", [s.search("a" * n).status for n in (16, 17)], [200, 414])
    same("max-offset", [s.search("supply", offset=n).status for n in (20, 21)], [200, 400])
    same("max-hits", [s.search("supply", n=n).status for n in (7, 8)], [200, 400])
    fixed = len("GET /healthz HTTP/1.1\r\nHost: x\r\nX: \r\n\r\n")
    got = [s.raw(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: " + b"x" * (n - fixed) + b"\r\n\r\n", timeout=2)[9:12] for n in (1024, 1025)]
    same("max-header", got, [b"200", b"431"])
    same("a first line past it", s.ask("/healthz?x=" + "x" * 1100).status, 414)
    page = s.ask("/", Accept="text/html").text()
    ok("title, language", "Law &amp; order" in page and '<html lang="de"' in page, page[:300])
    ok("what the browser asks for wins", '<html lang="zh"' in s.ask("/", Accept="text/html", Accept_Language="fr, zh").text())
with Server("-d", laws, idle_timeout=1) as s:
    c = s.connect()
    c.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
    began = time.monotonic()
    while c.recv(65536):
        pass
    took = time.monotonic() - began
    ok(f"idle-timeout ends a silent connection ({took:.1f} s)", took > 0.5)
    c.close()
end()
