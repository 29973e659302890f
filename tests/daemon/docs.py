#!/usr/bin/env python3
"""docs.py - docs/web.md and the README do what they say: their commands are run in order, what
they print is compared with what stands there, and tables with the program's own.

White space does not count, nor do times; ... is anything.  Servers of the documents listen on a
free port instead of 8642."""
import glob
import os
import re
import shlex
import shutil
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from _server import BUILD, INDEX, PROGRAM, Server, end, make_index, ok, same, skip, tmp  # noqa: E402

ROOT = os.getcwd()
server = None
if not shutil.which("curl"):  # what most examples are
    skip("curl is missing: the examples are not run")
    end()


def read(name):
    with open(os.path.join(ROOT, name), encoding="utf-8") as f:
        return f.read()


def place(name):
    """A folder to stand in."""
    os.makedirs(os.path.join(tmp, name))
    os.chdir(os.path.join(tmp, name))


def plain(s):
    s = re.sub(r'("(?:took_us|us)": ?)\d+', r"\g<1>0", s)
    s = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", "NOW", s)
    s = re.sub(r"\b\d+\.\d ms", "T ms", s)
    return re.sub(r"\s+", "", s)


def missing(got, wanted):
    """None, or the first piece of what is wanted that is not there."""
    got, pieces = plain(got), plain(wanted.replace("...", "…")).split("…")
    if not got.startswith(pieces[0]):
        return pieces[0]
    if not got.endswith(pieces[-1]) or (len(pieces) == 1 and got != pieces[0]):
        return pieces[-1]
    at = len(pieces[0])
    for piece in pieces[1:-1]:
        found = got.find(piece, at)
        if found < 0:
            return piece
        at = found + len(piece)
    return None


def start(command):
    global server
    if server:
        server.stop()
    server = Server(*shlex.split(command)[1:])
    return 0, re.sub(rf":{server.port}\b", ":8642", server.said())


def run(command):
    """Status, and what was said."""
    if command == "make demo":  # as it would leave the folder
        return 0, ""
    if re.match(r"(build/)?cdgsearchd\b(?!.*--check)", command):
        return start(command)
    port = str(server.port) if server else "1"
    until = time.monotonic() + 20
    while True:
        p = subprocess.run(["sh", "-c", command.replace("8642", port) if "curl" in command else command],
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60, check=False)
        # a line of a log is written when the answer is gone
        if p.stdout or not command.startswith(("head", "cat")) or time.monotonic() > until:
            break
        time.sleep(0.05)
    return p.returncode, p.stdout.decode("utf-8", "replace").replace(f":{port}", ":8642")


def blocks(text):
    return re.findall(r"^```[a-z]*\n(.*?)^```$", text, re.S | re.M)


def run_block(block):
    """A file that the first line names, or commands with what they print; how many commands."""
    name = re.match(r"# (\S+)\n", block)
    if name:
        with open(name.group(1), "w", encoding="utf-8") as f:
            f.write(block)
        return 0
    parts = re.findall(r"^\$ .*\n(?:(?!\$ ).*\n)*", block, re.M)
    for part in parts:
        command, _, wanted = part[2:].partition("\n")
        status, got = run(command)
        lack = missing(got, wanted) if wanted or "curl" in command else None
        ok(f"$ {command[:90]}", status == 0 and lack is None, f"status {status}; not there: {lack!r}; it said: {got[:1500]}")
    return len(parts)


# ---- the README ----------------------------------------------------------------------------------
place("own")
os.environ["PATH"] = BUILD + ":" + os.environ["PATH"]
text = read("README.md").split("\n## Your own documents\n")[1]
mine, answer, web = blocks(text.split("\n## ")[0])
same("README: its commands", run_block(mine), 10)
lack = missing(run("cdgsearch -d my.idx 'river'")[1], answer)
ok("README: the first search", lack is None, lack)
same("README: on the web", run_block(web), 2)
source, commands = blocks(text.split("\n## The library\n")[1].split("\n## ")[0])
if os.path.basename(BUILD) in ("asan", "tsan"):
    skip("the example in C is not linked with sanitizers")
else:
    with open("find.c", "w", encoding="utf-8") as f:
        f.write(source)
    flags = f"-I{ROOT}/include -L{BUILD}/lib -Wl,-rpath,{BUILD}/lib -lcdgsearch"
    same("README: the example in C", run_block(re.sub(r"\$\(pkg-config .*\)", flags, commands)), 2)
    got = run("./find my.idx river")[1].split()
    same("it finds what cdgsearch does", got[1::2], run("cdgsearch -d my.idx --format ids river")[1].split())

# ---- docs/web.md ---------------------------------------------------------------------------------
text, described = read("docs/web.md"), read("daemon/openapi.json")
place("web")
os.mkdir("build")
os.symlink(os.path.join(ROOT, "examples"), "examples")
for program in ("cdgindex", "cdgsearch", "cdgsearchd", "cdg-extract"):
    os.symlink(os.path.join(BUILD, program), os.path.join("build", program))
subprocess.run([INDEX, "-q", "-d", "build/demo.idx", "--exclude", "README.md", "examples/demo"], check=True)
same("web.md: all blocks were read", sum(run_block(block) for block in blocks(text)) >= 25, True)
paths = set(re.findall(r'^    "(/[^"]*)": \{', described, re.M)) - {"/docs/{id}"}
same("each path is told of", sorted(p for p in paths if p not in text), [])

# ---- tables --------------------------------------------------------------------------------------


def table(section):
    part = text[text.index(f"\n## {section}\n"):].split("\n## ")[1]
    return [[c.strip() for c in row.strip("|").split(" | ")] for row in re.findall(r"^\|.*\|$", part, re.M)[2:]]


def number(s):
    return int(s[:-1]) << {"K": 10, "M": 20, "G": 30}[s[-1]] if s[-1] in "KMG" else int(s)


def check(*args):
    return subprocess.run([PROGRAM, "-d", "build/demo.idx", "--check", *args], capture_output=True, text=True, timeout=60, check=False)


rows = {re.match(r"`([a-z-]+)`", r[0]).group(1): r for r in table("Settings")}
default = dict(re.findall(r"^#?([a-z-]+) = (.*)$", check().stdout, re.M))
same("the settings are those of the program", sorted(rows), sorted(default))
for name, row in rows.items():
    limits = re.fullmatch(r"(\d+[KMG]?) – (\d+[KMG]?)", row[2])
    if limits:
        same(f"{name}: if not set", number(row[1]), int(default[name]))
        low, high = (number(x) for x in limits.groups())
        same(f"{name}: its limits are taken", [check(f"--{name}={n}").returncode for n in (low, high)], [0, 0])
        same(f"{name}: nothing beyond", [check(f"--{name}={n}").returncode for n in (low - 1, high + 1)], [2, 2])
shown = server.ask("/metrics").text()
named = [x for r in table("Metrics") for x in re.findall(r"`([a-z_]+)`", r[0])]
same("metrics", sorted(named), sorted(x.removeprefix("cdgsearchd_") for x in re.findall(r"^# TYPE (\S+)", shown, re.M)))
for r in table("Metrics"):
    for name in re.findall(r"`([a-z_]+)`", r[0]):
        labels = set(re.findall(r'([a-z]+)="', "".join(re.findall(rf"^cdgsearchd_{name}(?:_bucket)?\{{.*", shown, re.M))))
        same(f"{name}: labels", sorted(labels), sorted(re.findall(r"`([a-z]+)`", r[1])))
statuses = {s for r in table("Errors") for s in re.findall(r"\d{3}", r[0])}
same("errors that the description has", sorted(set(re.findall(r'"([45]\d\d)": \{', described)) - statuses), [])
server.stop()

# ---- limits that cannot be set -------------------------------------------------------------------
many = make_index("many", [{"id": f"d{i}", "text": "water " * 500} for i in range(3)])
with Server("-d", many) as s:
    same("parameters", [s.ask("/search?q=water" + "&x=1" * n).status for n in (254, 255)], [200, 400])
    same("headers", [s.ask("/healthz", **{f"x{i}": "1" for i in range(n)}).status for n in (97, 98)], [200, 400])
    for path, most in (("/suggest?q=w&n=", 100), ("/search?q=water&snippets=", 20), ("/search?q=water&snippet_length=", 2000)):
        same(f"{path}{most}", [s.ask(path + str(n)).status for n in (most, most + 1)], [200, 400])
    r = s.ask("/search?q=water&strict=1&n=1")
    same("strict", [r.status, s.ask("/search?q=%28water&strict=1").status], [200, 400])
# ---- all documents: what they point at is there ----------------------------------------------------
os.chdir(ROOT)


def anchors(text):
    heads = re.findall(r"^#+ (.*)$", text, re.M)
    return {re.sub(r"[^\w -]", "", h.lower()).replace(" ", "-") for h in heads}


for doc in sorted(["README.md", "CONTRIBUTING.md", *glob.glob("docs/**/*.md", recursive=True), *glob.glob("bench/**/*.md", recursive=True)]):
    text, lost = read(doc), []
    for link in re.findall(r"\]\((?![a-z]+:)([^)\s]+)\)", text):
        path, _, anchor = link.partition("#")
        target = os.path.normpath(os.path.join(os.path.dirname(doc), path)) if path else doc
        if not os.path.exists(target) or (anchor and anchor not in anchors(read(target))):
            lost.append(link)
    for words in re.findall(r"`([^`\n]+)`", text):
        for path in re.findall(r"(?<![\w./-])(?:base|text|engine|extract|indexer|query|backend|cli|daemon|bench|tests|tools|docs|contrib|include)/[\w./-]+"
                               r"\.(?:c|h|py|sh|md|json|conf|mk)\b", words):
            if not os.path.exists(path):
                lost.append(path)
    same(f"{doc}: nothing that is not there", lost, [])
end()
