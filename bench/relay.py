#!/usr/bin/env python3
"""relay.py PORT TO RTT: pass TCP on from PORT to port TO of this machine, each way
RTT / 2 milliseconds later.  For cluster.py --rtt; the order and the spacing of what
comes stay as they are, only later."""
import queue
import socket
import sys
import threading
import time


def receive(source, waiting, delay):
    while True:
        try:
            data = source.recv(65536)
        except OSError:
            data = b""
        waiting.put((time.monotonic() + delay, data))
        if not data:
            return


def send(waiting, target):
    while True:
        due, data = waiting.get()
        time.sleep(max(0, due - time.monotonic()))
        try:
            if not data:
                target.shutdown(socket.SHUT_WR)
                return
            target.sendall(data)
        except OSError:
            return


def main():
    port, to, delay = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]) / 2000
    server = socket.create_server(("127.0.0.1", port))
    while True:
        near, _ = server.accept()
        far = socket.create_connection(("127.0.0.1", to))
        for a, b in ((near, far), (far, near)):
            a.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            waiting = queue.Queue()
            threading.Thread(target=receive, args=(a, waiting, delay), daemon=True).start()
            threading.Thread(target=send, args=(waiting, b), daemon=True).start()


main()
