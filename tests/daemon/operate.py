#!/usr/bin/env python3
"""operate.py - cdgsearchd as a service: sockets that systemd hands over, its notices, Unix
sockets, logs, limits of clients, another user, the units and the Dockerfile."""
import glob
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from _server import PROGRAM, Server, end, make_index, nobody, ok, public_program, same, skip, tmp  # noqa: E402

laws = make_index("laws", [{"id": f"d{i}", "text": f"supply chain {i} " * 50} for i in range(300)])

# ---- socket activation, notices ------------------------------------------------------------
notices = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
notices.bind(os.path.join(tmp, "notify"))
notices.settimeout(20)
passed = socket.socket()
passed.bind(("127.0.0.1", 0))
passed.listen(16)
err = open(os.path.join(tmp, "activated"), "wb")


def take_three():
    os.dup2(passed.fileno(), 3)


p = subprocess.Popen(["sh", "-c", f'LISTEN_PID=$$ LISTEN_FDS=1 exec "{PROGRAM}" -d "{laws}" --listen 127.0.0.1:1'], stderr=err, stdout=err,
                     env={**os.environ, "NOTIFY_SOCKET": os.path.join(tmp, "notify")}, close_fds=False, preexec_fn=take_three)
same("READY=1 is told", notices.recv(100), b"READY=1")
s = Server.__new__(Server)
s.process, s.port, s.log = p, passed.getsockname()[1], err.name
same("answers on the socket it was given", s.search("supply").json()["total"], 300)
p.send_signal(signal.SIGHUP)
same("told of a reload", (notices.recv(100), notices.recv(100)), (b"RELOADING=1", b"READY=1"))
p.send_signal(signal.SIGTERM)
same("told of the end", notices.recv(100), b"STOPPING=1")
same("ends", p.wait(60), 0)
passed.close()

# ---- a Unix socket ------------------------------------------------------------------------------
path = os.path.join(tmp, "http")
for turn in ("made", "one that was left behind is replaced"):
    with Server("-d", laws, listen="unix:" + path) as s:
        c = socket.socket(socket.AF_UNIX)
        c.connect(path)
        c.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        got = b""
        while more := c.recv(65536):
            got += more
        ok(f"Unix socket: {turn}", b"200 OK" in got, got)
        other = subprocess.run([PROGRAM, "-d", laws, "--listen", "unix:" + path], capture_output=True, text=True, timeout=60, check=False)
        ok(f"no second server at it ({turn})", other.returncode == 2 and "listen" in other.stderr, other.stderr)
        if turn == "made":
            s.process.kill()
            s.process.wait()
same("removed at the end", os.path.exists(path), False)
with open(path, "w", encoding="ascii") as f:
    f.write("mine")
other = subprocess.run([PROGRAM, "-d", laws, "--listen", "unix:" + path], capture_output=True, text=True, timeout=60, check=False)
ok("a file in its place stays", other.returncode == 2 and open(path, encoding="ascii").read() == "mine", other.stderr)

# ---- logs -------------------------------------------------------------------------------------------
access, slow, zero = (os.path.join(tmp, n) for n in ("access", "slow", "zero"))
with Server("-d", laws, access_log=access, slow_log=slow, zero_log=zero, slow_ms=0, log_queries="yes") as s:
    s.search('supply "chain 7"')
    s.search("nichts-davon")
    s.ask("/no\nsuch?x=1".replace("\n", "%0A"))
    os.rename(access, access + ".1")
    s.process.send_signal(signal.SIGHUP)
    until = time.monotonic() + 20
    while not os.path.exists(access) and time.monotonic() < until:
        time.sleep(0.02)
    until = time.monotonic() + 20
    while not os.path.getsize(access) and time.monotonic() < until:
        s.search("chain")  # until one that begins with the new settings
    s.stop()


def lines(name):
    with open(name, encoding="utf-8") as f:
        return [json.loads(line) for line in f]


first = lines(access + ".1")
ok("access log with queries", [x.get("q") for x in first[:2]] == ['supply "chain 7"', "nichts-davon"] and first[0]["total"] == 1
   and first[0]["status"] == 200, first)
same("a line stays a line", first[2]["path"], "/no\nsuch")
same("a rotated log is left at SIGHUP", {x["q"] for x in lines(access)}, {"chain"})
same("zero log", [x["q"] for x in lines(zero)], ["nichts-davon"])
ok("slow log with the plan", len(lines(slow)) >= 3 and "supply" in lines(slow)[0]["plan"], lines(slow))
if os.path.exists("/dev/full"):
    with Server("-d", laws, access_log="/dev/full") as s:
        same("a full disk stops no request", [s.search("supply").status for _ in range(3)], [200] * 3)
        time.sleep(0.1)
        ok("lost lines are counted", "cdgsearchd_log_lost_total 3" in s.ask("/metrics").text(), "")
else:
    skip("there is no /dev/full")

# ---- limits -----------------------------------------------------------------------------------------
with Server("-d", laws, max_client_rate=20) as s:
    got = [s.search("supply").status for _ in range(60)]
    ok("too many requests a second", got.count(200) >= 40 and 429 in got, got)
    r = s.search("supply")
    ok("when to come again", r.status == 200 or r.header("Retry-After") == "1", r.headers)
    time.sleep(1.1)
    same("later it may again", s.search("supply").status, 200)
    # another address is not slowed
    c = socket.create_connection(("127.0.0.1", s.port), source_address=("127.0.0.2", 0))
    for _ in range(60):
        s.search("supply")
    c.sendall(b"GET /search?q=supply HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    ok("another address is answered", b"200 OK" in c.recv(65536))
    c.close()
with Server("-d", laws, max_client_connections=5, trusted_proxy="127.0.0.1", access_log=access) as s:
    held = [s.connect() for _ in range(5)]
    time.sleep(0.3)
    got = s.raw(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", timeout=2)
    ok("a sixth connection of an address is not served", b"200 OK" not in got, got)
    for c in held:
        c.close()
    time.sleep(0.3)
    same("then it is", s.ask("/healthz", X_Forwarded_For="junk, 203.0.113.9").status, 200)
    same("a proxy's word is not taken for any text", s.ask("/healthz", X_Forwarded_For='"><script>').status, 200)
    s.stop()
same("who asked, by the trusted proxy", [x["client"] for x in lines(access)][-2:], ["203.0.113.9", "127.0.0.1"])

# ---- waits for what goes on ----------------------------------------------------------------------------
token = os.path.join(tmp, "token")
with open(token, "w", encoding="ascii") as f:
    f.write("a-token-of-more-than-16")
os.chmod(token, 0o600)
record = b'{"id":"late","text":"supply at the end"}'
with Server("-d", laws, drain=30, token_file=token) as s:
    c = s.connect()
    c.sendall(b"POST /docs HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer a-token-of-more-than-16\r\n"
              b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(record))
    got = c.recv(65536)  # it has the head: the request is under way
    ok("goes on when asked to wait", b" 100 " in got, got)
    s.process.send_signal(signal.SIGTERM)
    time.sleep(0.3)
    c.sendall(record)
    got = b""
    while more := c.recv(65536):
        got += more
    ok("a request is not cut off by SIGTERM", b" 200 OK" in got and b'"total":301' in got and b"Connection: close" in got, got)
    same("ends then", s.stop(), 0)

# ---- another user who can write nothing ------------------------------------------------------------------
if os.geteuid() == 0:
    subprocess.run(["chmod", "-R", "a+rX", laws], check=True)
    with Server("-d", laws, preexec=nobody, program=public_program()) as s:
        same("as nobody", s.search("supply").json()["total"], 301)
        with open(f"/proc/{s.process.pid}/status", encoding="ascii") as f:
            ok("without rights", "CapEff:\t0000000000000000" in f.read())
else:
    skip("another user can only be tried by root")

# ---- what is shipped -----------------------------------------------------------------------------------------
if shutil.which("systemd-analyze"):
    for unit in glob.glob("contrib/systemd/cdgsearchd.*"):
        out = subprocess.run(["systemd-analyze", "verify", "--man=no", unit], capture_output=True, text=True, check=False).stderr
        bad = [x for x in out.splitlines() if "cdgsearchd" in x and "not executable" not in x]
        same(f"{unit} is in order", bad, [])
else:
    skip("systemd-analyze is missing: the units are not looked at")
needs = re.findall(r"^(?:User|Group|SupplementaryGroups)=.*", open("contrib/systemd/cdgsearchd.service", encoding="utf-8").read(), re.M)
same("the unit starts without accounts made before", needs, [])
# the image has what the programs are linked with, by itself or as another's dependency
release = open("/etc/os-release", encoding="utf-8").read() if os.path.exists("/etc/os-release") else ""
image = re.findall(r"^FROM debian:(\w+)", open("contrib/docker/Dockerfile", encoding="utf-8").read(), re.M)
if f"VERSION_CODENAME={image[0]}\n" in release and shutil.which("dpkg-query") and shutil.which("readelf"):
    build = os.path.dirname(PROGRAM)
    files = [os.path.join(build, n) for n in ("cdgindex", "cdgsearch", "cdgsearchd", "cdg-extract")] + glob.glob(f"{build}/lib/*.so")
    needed = set(re.findall(r"NEEDED.*\[(.*)\]", subprocess.run(["readelf", "-d", *files], capture_output=True, text=True, check=True).stdout))
    needed.add("libcurl.so.4")  # opened when a server is searched
    named = set(re.split(r"[\s\\\\]+", open("contrib/docker/Dockerfile", encoding="utf-8").read()))
    also = {"libc6", "libgcc-s1", "libstdc++6", "libglib2.0-0"}
    lost = []
    for name in sorted(n for n in needed if "san.so" not in n):
        found = subprocess.run(["dpkg-query", "-S", f"*/{name}"], capture_output=True, text=True, check=False).stdout
        owners = set(re.findall(r"^([^:,\s]+)", found, re.M))
        if owners and not owners & (named | also):
            lost.append((name, owners))
    same("the Dockerfile names what programs need", lost, [])
else:
    skip("the Dockerfile's packages are looked at on its own release only")
end()
