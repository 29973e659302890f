#!/usr/bin/env python3
"""full.py - changes when the disk of the index is full: a clear status, nothing lost or half
done, searches go on, and changes again when there is room."""
import json
import os
import random
import signal
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from _server import INDEX, Server, end, ok, same, skip, tmp  # noqa: E402

SECRET = "0123456789abcdef-secret"
bearer = {"Authorization": "Bearer " + SECRET}
token = os.path.join(tmp, "token")
with open(token, "w", encoding="ascii") as f:
    f.write(SECRET)
disk = os.path.join(tmp, "disk")
os.mkdir(disk)
mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", disk], capture_output=True, text=True, check=False)
if mounted.returncode:
    skip(f"a small disk cannot be mounted: {mounted.stderr.strip()}")
    end()
signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
seed = int(os.environ.get("CDG_SEED", random.SystemRandom().randrange(1 << 32)))
rng = random.Random(seed)
print("seed", seed, flush=True)


def records(first, count, size):
    """Of words that no other has, so that they take room."""
    return "".join(json.dumps({"id": f"d{i}", "text": "common " + " ".join(f"{rng.randrange(1 << 60):x}" for _ in range(size))}) + "\n"
                   for i in range(first, first + count)).encode()


try:
    idx = os.path.join(disk, "idx")
    subprocess.run([INDEX, "-q", "-d", idx, "--jsonl", "-"], input=records(0, 20, 50), check=True)
    ballast = os.open(os.path.join(disk, "ballast"), os.O_CREAT | os.O_RDWR)
    with Server("-d", idx, token_file=token) as s:
        total, refused = 20, []

        def add(body, count):
            global total
            r = s.ask("/docs", "POST", body, **bearer)
            if r.status == 200:
                total += count
            else:
                refused.append((r.status, r.json().get("code"), r.json().get("detail")))
            return r

        def is_whole(when):
            got = s.search("common", n=1)
            same(f"{when}: searches go on, all that was committed is there", (got.status, got.json()["total"]), (200, total))

        same("with room", add(records(total, 20, 50), 20).status, 200)
        r = add(records(total, 2000, 200), 2000)
        ok("more than the disk holds", r.status == 507 and r.header("Content-Type") == "application/problem+json" and "full" in r.json()["detail"]
           and tmp not in r.text(), (r.status, r.text(), s.said()))
        is_whole("too much at once")
        same("a little still goes in", add(records(total, 1, 20), 1).status, 200)
        # to the last page: each commit has less room than the one before
        for i in range(2000):
            if len(refused) > 3:
                break
            try:
                os.posix_fallocate(ballast, i * 32768, 32768)
            except OSError:
                pass
            add(records(total, 1, 10), 1)
        same("on a full disk", set(refused), {(507, 2, refused[0][2])})
        is_whole("on a full disk")
        r = s.ask("/docs/d1", "DELETE", **bearer)
        ok("nothing is deleted by half", r.status == 507 or (r.status == 200 and r.json()["deleted"] == 1), (r.status, r.text()))
        total -= r.status == 200
        is_whole("after it")
        ok("the operator is told", "No space left" in s.said() and idx in s.said(), s.said()[-300:])
        left = {n for n in os.listdir(idx)}
        os.ftruncate(ballast, 0)
        same("there is room again", add(records(total + 1, 5, 20), 5).status, 200)
        is_whole("there is room again")
        ok("nothing is left of what failed", len(os.listdir(idx)) <= len(left) + 20, sorted(os.listdir(idx)))
        same("is alive", s.ask("/healthz").status, 200)
    check = subprocess.run([INDEX, "check", "-d", idx], capture_output=True, text=True, check=False)
    same("the index is sound", (check.returncode, check.stderr), (0, ""))
    os.close(ballast)
finally:
    subprocess.run(["umount", "-l", disk], check=False)
end()
