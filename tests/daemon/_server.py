"""_server.py - what the tests of cdgsearchd share: an index made of records, a server
on a free port, HTTP by hand where http.client is too well-behaved, and checks that print
"ok ..." or "not ok ...".

Programs come from $CDG_BUILD (build).  Everything is made below a folder of its own.
"""
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse

BUILD = os.path.abspath(os.environ.get("CDG_BUILD", "build"))
PROGRAM = os.path.join(BUILD, "cdgsearchd")
INDEX = os.path.join(BUILD, "cdgindex")
SEARCH = os.path.join(BUILD, "cdgsearch")
for name in list(os.environ):
    if name.startswith(("CDGSEARCHD_", "CDG_INDEX", "LISTEN_", "NOTIFY_")):
        del os.environ[name]

tmp = tempfile.mkdtemp(prefix="cdg-daemon.")
failed = 0


def ok(name, good, why=""):
    """Prints the result of one check; `why` is shown when it failed."""
    global failed
    if good:
        print("ok", name, flush=True)
    else:
        failed += 1
        print("not ok", name + ":", str(why)[:600], flush=True)
    return bool(good)


def same(name, got, wanted):
    return ok(name, got == wanted, f"wanted {wanted!r}, got {got!r}")


def skip(why):
    print("SKIP:", why, flush=True)


def end():
    """To be called last: removes what was made, exits."""
    subprocess.run(["chmod", "-R", "u+rwx", tmp], check=False)
    shutil.rmtree(tmp, ignore_errors=True)
    sys.exit(1 if failed else 0)


def make_index(name, records, *options):
    """An index of records (dicts), or more of them into one that is there."""
    path = os.path.join(tmp, name)
    data = "".join(json.dumps(r) + "\n" for r in records).encode()
    subprocess.run([INDEX, "-q", "-d", path, *options, "--jsonl", "-"], input=data, check=True)
    return path


def free_port():
    """For a program that cannot choose one itself: below those that the system gives to
    clients, of which one may have it a moment later."""
    for i in range(1000):
        port = 20000 + (os.getpid() + 97 * (free_port.tried + i)) % 12000
        with socket.socket() as s:
            try:
                s.bind(("127.0.0.1", port))
            except OSError:
                continue
        free_port.tried += i + 1
        return port
    raise OSError("no port is free")


free_port.tried = 0


def nobody():
    """What a child of root is to do before it runs as a user without rights."""
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)


def public_program():
    """The server where anybody may run it: root's own folders are closed to others."""
    os.chmod(tmp, 0o755)
    path = os.path.join(tmp, "cdgsearchd")
    if not os.path.exists(path):
        shutil.copy(PROGRAM, path)
        os.chmod(path, 0o755)
    return path


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)

    def text(self):
        return self.body.decode("utf-8", "replace")

    def header(self, name):
        return next((v for k, v in self.headers if k.lower() == name.lower()), None)


class Server:
    """cdgsearchd with --NAME=VALUE for each keyword (lists: several), on a free port."""

    def __init__(self, *args, env=None, wait=True, stderr=None, preexec=None, program=PROGRAM, **options):
        command = [program, *args]
        if not any(a.startswith("--listen") for a in args) and "listen" not in options:
            command.append("--listen=127.0.0.1:0")
        for key, value in options.items():
            for one in value if isinstance(value, (list, tuple)) else [value]:
                command.append(f"--{key.replace('_', '-')}={one}")
        self.log = stderr or os.path.join(tmp, f"server.{time.monotonic_ns()}.err")
        with open(self.log, "wb") as err:
            self.process = subprocess.Popen(command, stdout=err, stderr=err, env={**os.environ, **(env or {})},
                                            preexec_fn=preexec)
        self.port = None
        if wait:
            self.await_start()

    def said(self):
        with open(self.log, encoding="utf-8", errors="replace") as f:
            return f.read()

    def await_start(self):
        until = time.monotonic() + 60
        while time.monotonic() < until:
            m = re.search(r"serving at http://(?:\[[^]]*\]|[^:/\s]*):(\d+)", self.said())
            if m or "serving at unix:" in self.said():
                self.port = int(m.group(1)) if m else None
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.01)
        raise RuntimeError(f"the server did not start: {self.said()}")

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.stop()

    def alive(self):
        return self.process.poll() is None

    def stop(self, sig=signal.SIGTERM):
        """Ends it; its exit status (-9: it had to be killed)."""
        if self.process.poll() is None:
            self.process.send_signal(sig)
        try:
            return self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return -9

    def ask(self, path, method="GET", body=None, timeout=60, **headers):
        """One request on a connection of its own; header names with _ for -."""
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            c.request(method, path, body, {k.replace("_", "-"): v for k, v in headers.items()})
            r = c.getresponse()
            return Answer(r.status, r.getheaders(), r.read())
        finally:
            c.close()

    def search(self, q, **params):
        pairs = [("q", q)]
        for key, value in params.items():
            pairs += [(key, v) for v in (value if isinstance(value, (list, tuple)) else [value])]
        return self.ask("/search?" + urllib.parse.urlencode(pairs))

    def connect(self):
        s = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        s.settimeout(60)
        return s

    def raw(self, data, timeout=10):
        """Bytes as they are; all that comes back until the other side closes or is silent."""
        s = self.connect()
        s.settimeout(timeout)
        got = b""
        try:
            s.sendall(data)
            while True:
                more = s.recv(65536)
                if not more:
                    break
                got += more
        except (TimeoutError, ConnectionError):
            pass
        s.close()
        return got

    def resident(self):
        """Memory that is its own, bytes."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as f:
            return int(re.search(r"RssAnon:\s+(\d+)", f.read()).group(1)) * 1024
