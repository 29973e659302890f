"""Hosts on this machine: a network namespace each, on one bridge, and the servers in
them.  To be run inside namespaces that hosts.sh makes."""

import os
import signal
import subprocess
import time


def run(*args, **kw):
    return subprocess.run([str(a) for a in args], check=True, capture_output=True, text=True, **kw)


class Host:
    """Host number i is 10.79.0.(10 + i)."""

    def __init__(self, number):
        self.name = f"h{number}"
        self.address = f"10.79.0.{10 + number}"
        self.link = f"v{number}"
        self.servers = []
        run("ip", "netns", "add", self.name)
        run("ip", "link", "add", self.link, "type", "veth", "peer", "name", "eth0", "netns", self.name)
        run("ip", "link", "set", self.link, "master", "br0", "up")
        for command in (["link", "set", "lo", "up"], ["link", "set", "eth0", "up"],
                        ["addr", "add", self.address + "/24", "dev", "eth0"]):
            run("ip", "-n", self.name, *command)

    def start(self, *command):
        """A server in this host, the leader of a group so that its children end with it."""
        server = subprocess.Popen(["ip", "netns", "exec", self.name, *[str(c) for c in command]],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        self.servers.append(server)
        return server

    def serve(self, database, port=7000):
        self.start("xapian-tcpsrv", "--port", port, "--quiet", database)
        self.wait(port)

    def wait(self, port):
        for _ in range(200):
            out = run("ip", "netns", "exec", self.name, "ss", "-ltnH", f"sport = :{port}").stdout
            if out.strip():
                return
            time.sleep(0.02)
        raise RuntimeError(f"{self.name}: nobody listens on {port}")

    def signal(self, what):
        for server in self.servers:
            try:
                os.killpg(server.pid, what)
            except ProcessLookupError:
                pass

    def stop(self):
        self.signal(signal.SIGSTOP)

    def go_on(self):
        self.signal(signal.SIGCONT)

    def kill(self):
        """As when the machine loses power, but that the kernel says so to the peers."""
        self.signal(signal.SIGKILL)
        for server in self.servers:
            server.wait()
        self.servers.clear()

    def unplug(self):
        run("ip", "link", "set", self.link, "down")

    def plug(self):
        run("ip", "link", "set", self.link, "up")


def make_network():
    os.makedirs("/run/netns", exist_ok=True)
    run("ip", "link", "set", "lo", "up")
    run("ip", "link", "add", "br0", "type", "bridge")
    run("ip", "link", "set", "br0", "up")
    run("ip", "addr", "add", "10.79.0.1/24", "dev", "br0")
