"""workers.py - see workers.sh: the protocol of extract/wire.h, broken on either side."""
import array
import concurrent.futures
import json
import os
import random
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

BUILD = os.path.abspath(os.environ.get('CDG_BUILD', 'build'))
SLOW = 'asan' in BUILD
MEMORY = 256 << 20
LIMIT = 30     # seconds that a worker may take until it has ended
ANSWER = 64 << 20
JOB, READY, REFUSED, MEMBER, DOCUMENT, RECORDS, PROBLEM, END, SCAN = range(1, 10)
JOB_MAX = 384 << 10
# looking for leaks at the end starts a thread, for which a sandboxed worker is killed
NO_LEAKS = {**os.environ, 'ASAN_OPTIONS': os.environ.get('ASAN_OPTIONS', '') + ':detect_leaks=0'}
seed = int(os.environ.get('CDG_SEED') or time.time())
rng = random.Random(seed)
tmp = tempfile.mkdtemp(prefix='cdg-workers.')
bad = 0


def ok(name, good, why=''):
    global bad
    bad += not good
    print(('ok ' if good else 'not ok ') + name + ('' if good else ': %s' % str(why)[:800]), flush=True)


def varint(n):
    out = b''
    while n > 127:
        out += bytes([n & 127 | 128])
        n >>= 7
    return out + bytes([n])


def string(s):
    return varint(len(s)) + s


def frame(kind, payload, length=None):
    return struct.pack('<II', len(payload) if length is None else length, kind) + payload


PAGE = b'<!DOCTYPE html><title>T</title><p>some words'


def job(name=b'a.html', size=len(PAGE), limits=(1 << 30, 1 << 28, 1 << 28, 1000000), flags=0, xml_map=b'', skip=0, out=()):
    return (string(name) + varint(size) + b''.join(varint(n) for n in limits) + bytes([flags]) + xml_map + varint(skip) +
            varint(len(out)) + b''.join(varint(n) for n in out))


# ---- hostile requests ------------------------------------------------------------------------------
def open_page():
    return os.open(os.path.join(tmp, 'page.html'), os.O_RDONLY)


def send(s, data, fds):
    """As much as the worker takes."""
    try:
        if fds:
            data = data[s.sendmsg([data], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', fds))]):]
        s.sendall(data)
    except OSError:
        pass


def listen(s, until):
    """All that comes until the worker hangs up: (bytes or None for too much or too late)."""
    out = b''
    while len(out) < ANSWER:
        s.settimeout(max(0.01, until - time.monotonic()))
        try:
            got = s.recv(1 << 16)
        except ConnectionResetError:
            return out
        except TimeoutError:
            return None
        if not got:
            return out
        out += got
    return None


def peak(pid):
    """Bytes of memory it had at most; 0: it has ended."""
    try:
        with open(f'/proc/{pid}/status', encoding='ascii') as f:
            return next((int(line.split()[1]) << 10 for line in f if line.startswith('VmHWM')), 0)
    except OSError:
        return 0


def frames(data):
    out = []
    while len(data) >= 8:
        n, kind = struct.unpack('<II', data[:8])
        out.append((kind, data[8:8 + n]))
        data = data[8 + n:]
    return out


def ask(case):
    """Sends what the case says and hangs up: (name, what went wrong or '', kinds of answer, bytes of memory)."""
    name, parts, open_file = case
    ours, theirs = socket.socketpair()
    with subprocess.Popen([os.path.join(BUILD, 'cdg-extract'), '--worker', str(MEMORY)], stdin=theirs, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, env=NO_LEAKS) as p:
        theirs.close()
        until = time.monotonic() + LIMIT
        fd = open_file() if open_file else None
        ours.settimeout(LIMIT)
        for part in parts:
            send(ours, part, [] if fd is None else [fd])
        if fd is not None:
            os.close(fd)
        memory = peak(p.pid)
        try:
            ours.shutdown(socket.SHUT_WR)
        except OSError: # it has gone
            pass
        said = listen(ours, until)
        memory = max(memory, peak(p.pid))
        ours.close()
        try:
            code = p.wait(max(0.01, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            p.kill()
            code = None
    got = frames(said or b'')
    why = ''
    if said is None or code is None:
        why = 'does not end'
    elif code not in (0, 1, 77) and not (code == -signal.SIGBUS and 'cut short' in name):
        why = f'exit {code}'
    elif not got or got[0][0] != READY:
        why = f'did not get ready: {got[:2]}'
    elif memory > MEMORY * 2 and not SLOW:
        why = f'{memory >> 20} MiB of memory'
    elif any(kind not in (READY, MEMBER, DOCUMENT, RECORDS, PROBLEM, END) for kind, _ in got):
        why = f'answers {[k for k, _ in got]}'
    return name, why, [k for k, _ in got], memory


def special(path, flags=os.O_RDONLY):
    return lambda: os.open(path, flags)


def pipe():
    r, w = os.pipe()
    os.close(w)
    return r


def large():
    path = os.path.join(tmp, 'large.html')
    if not os.path.exists(path):
        with open(path, 'wb') as f:
            f.write(PAGE * 200000)
    return os.open(path, os.O_RDONLY)


def chosen():
    """(name, what is sent, what opens the file, kinds of the answer or None for any)."""
    good, one = frame(JOB, job()), [READY, DOCUMENT, END]
    refused = [READY]
    yield 'a good job', [good], open_page, one
    yield 'three of them', [good, good, good], open_page, [READY] + one[1:] * 3
    yield 'in single bytes', [good[:1], good[1:2], good[2:9], good[9:]], open_page, one
    yield 'nothing', [], None, refused
    yield 'no descriptor', [good], None, refused
    yield 'half a head', [good[:5]], open_page, refused
    yield 'half a job', [good[:-3]], open_page, refused
    yield 'length too short', [frame(JOB, job(), len(job()) - 2)], open_page, refused
    yield 'length too long', [frame(JOB, job(), len(job()) + 1) + b'x'], open_page, refused
    for n in (JOB_MAX, JOB_MAX + 1, 1 << 30, (1 << 32) - 1):
        yield f'length {n} of what does not come', [frame(JOB, job(), n)], open_page, refused
        yield f'length {n} of noise', [frame(JOB, rng.randbytes(min(n, 8 << 20)), n)], open_page, refused
    yield 'length 0', [frame(JOB, b'')], open_page, refused
    for kind in (0, READY, REFUSED, MEMBER, DOCUMENT, RECORDS, PROBLEM, END, SCAN, 10, 255, 1 << 31):
        yield f'kind {kind}', [frame(kind, job())], open_page, refused
    yield 'noise without end', [rng.randbytes(32 << 20)], open_page, refused
    yield 'zeros without end', [bytes(32 << 20)], open_page, refused
    yield 'a name that is no UTF-8', [frame(JOB, job(name=b'\xff\xfe.html'))], open_page, refused
    yield 'a name of 300,000 bytes', [frame(JOB, job(name=b'a' * 300000 + b'.html'))], open_page, None
    yield 'a name with a zero', [frame(JOB, job(name=b'a\0b.html'))], open_page, None
    for n in (1 << 63, (1 << 64) - 1):
        yield f'size {n}', [frame(JOB, job(size=n))], open_page, refused
    for n in ((1 << 63) - 1, 1 << 62, 1 << 47, 1 << 50):
        yield f'size {n}', [frame(JOB, job(size=n))], open_page, [READY, END]
    yield 'cut short: size 1 more', [frame(JOB, job(size=len(PAGE) + 1))], open_page, [READY, END]
    yield 'cut short: size 100 MB', [frame(JOB, job(size=100 << 20))], open_page, None
    yield 'limits of 0', [frame(JOB, job(limits=(0, 0, 0, 0)))], open_page, None
    yield 'limits without end', [frame(JOB, job(limits=((1 << 64) - 1,) * 4))], open_page, one
    yield 'flags', [frame(JOB, job(flags=4))], open_page, refused
    yield 'mappings of noise', [frame(JOB, job(flags=2, xml_map=string(rng.randbytes(100000))))], open_page, None
    yield 'mappings longer than the job', [frame(JOB, job(flags=2, xml_map=varint(1 << 40)))], open_page, refused
    yield 'skip without end', [frame(JOB, job(skip=(1 << 64) - 1))], open_page, None
    yield 'too many left out', [frame(JOB, job(out=range(65)))], open_page, refused
    yield 'left out, in no order', [frame(JOB, job(out=[9, 3, 3, (1 << 64) - 1]))], open_page, None
    yield 'a folder', [good], special('/'), [READY, END]
    yield 'a pipe', [good], pipe, [READY, END]
    yield '/dev/null', [good], special('/dev/null'), [READY, END]
    yield '/dev/zero', [frame(JOB, job(size=1 << 20))], special('/dev/zero'), None
    yield 'a file that is open for writing', [good], special(os.path.join(tmp, 'out'), os.O_WRONLY | os.O_CREAT), [READY, END]
    yield 'a path without a file', [good], special(tmp, os.O_PATH), [READY, END]
    yield 'size larger than what is mapped', [frame(JOB, job(size=5 << 20))], large, None


def mutated():
    data = bytearray(frame(JOB, job(out=[1, 2])))
    for _ in range(rng.randrange(1, 6)):
        at = rng.randrange(len(data))
        how = rng.randrange(4)
        if how == 0:
            data[at] = rng.choice((0, 1, 127, 128, 255, rng.randrange(256)))
        elif how == 1:
            data[at:at] = rng.randbytes(rng.randrange(1, 20))
        elif how == 2:
            del data[at:at + rng.randrange(1, 5)]
        else:
            data[at] ^= 1 << rng.randrange(8)
    if rng.random() < 0.7: # so that more than the length is looked at
        data[:4] = struct.pack('<I', max(0, len(data) - 8))
    return bytes(data)


def requests():
    cases = list(chosen())
    noise = [(f'cut short or else: mutation {i}', [mutated() for _ in range(rng.randrange(1, 4))], open_page)
             for i in range(40 if SLOW else 150)]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(ask, [c[:3] for c in cases]))
        wild = list(pool.map(ask, noise))
    for (name, why, kinds, _), case in zip(answers, cases):
        if not why and case[3] is not None and kinds != case[3]:
            why = f'answers {kinds}, not {case[3]}'
        ok('asked: ' + name, not why, why)
    wrong = [(case[1], why) for case, (_, why, _, _) in zip(noise, wild) if why]
    ok(f'asked: {len(noise)} mutations of a job', not wrong, wrong)
    print(f'# a worker took {max(a[3] for a in answers + wild) >> 20} MiB at most')


# ---- hostile answers -----------------------------------------------------------------------------------
FAKE = '''#!%s -IS
import os, socket, struct, sys, time
s = socket.socket(fileno=0)
def frame(kind, payload=b'', length=None):
    return struct.pack('<II', len(payload) if length is None else length, kind) + payload
def say(data):
    s.sendall(data)
def flood(make):
    while True:
        s.sendall(make)
ready = frame(2, bytes([4, 0]))
member = lambda i: frame(4, bytes([i, 1]) + b'm')
end = frame(8, bytes(10))
problem = frame(7, bytes([1]) + b'p' + bytes([1]) + b'w' + bytes([0]))
try:
    %s
except OSError:
    pass
'''

# what it does; the reason that the index keeps; whether it was ready, so that the next file is tried too
FAKES = {
    'nothing': ('time.sleep(1000)', 'took longer than'),
    'exits at once': ('pass', 'cannot start'),
    'exits with 7': ('os._exit(7)', 'cannot start (exit 7)'),
    'is not of this version': ('say(frame(2, bytes([3, 0]))); time.sleep(1000)', 'answered what it must not'),
    'refuses': ('say(frame(3, b"not on Sundays"))', 'not on Sundays'),
    'refuses at length': ('say(frame(3, b"x" * 100000)); time.sleep(1000)', 'answered what it must not'),
    'zeros': ('flood(bytes(1 << 16))', 'answered what it must not'),
    'noise': ('flood(os.urandom(1 << 16))', 'answered what it must not'),
    'ready, and nothing': ('say(ready); time.sleep(1000)', 'took longer than'),
    'ready, and exits': ('say(ready); s.recv(1); os._exit(3)', 'ended early'),
    'ready, and noise': ('say(ready); flood(os.urandom(1 << 16))', 'answered what it must not'),
    'ready twice': ('say(ready + ready); time.sleep(1000)', 'answered what it must not'),
    'a document before ready': ('say(frame(5, bytes(20))); time.sleep(1000)', 'answered what it must not'),
    'the end before ready': ('say(end); time.sleep(1000)', 'answered what it must not'),
    'a job': ('say(ready + frame(1, b"x" * 20)); time.sleep(1000)', 'answered what it must not'),
    'a scan that nobody asked for': ('say(ready + frame(9, bytes(30))); time.sleep(1000)', 'answered what it must not'),
    'length 2^32 - 1': ('say(ready + frame(5, b"", 0xffffffff)); flood(bytes(1 << 16))', 'answered what it must not'),
    'a byte now and then': ('say(ready + frame(5, b"", 1000))\n    while True: say(b"x"); time.sleep(0.05)', 'took longer than'),
    'members in no order': ('say(ready + member(5) + member(4)); time.sleep(1000)', 'answered what it must not'),
    'members without end': ('say(ready + b"".join(frame(4, struct.pack("<B", 128 | i & 127) + bytes([128 | i >> 7 & 127, i >> 14]) '
                            '+ bytes([1]) + b"m") for i in range(1 << 16)) + frame(4)); time.sleep(1000)', 'answered what it must not'),
    'half a document': ('say(ready + frame(5, b"x" * 100)[:50]); time.sleep(1000)', 'took longer than'),
    'half a document, and exits': ('say(ready + frame(5, b"x" * 100)[:50]); s.recv(1); os._exit(3)', 'ended early'),
    'problems, and no end': ('say(ready + problem * 100); time.sleep(1000)', 'took longer than'),
    'ends twice': ('say(ready + problem + end + end); time.sleep(1000)', 'w'),
    'what it was asked': ('say(ready)\n    while True: say(s.recv(4096))', 'answered what it must not'),
}


def fake(name):
    does, reason = FAKES[name]
    folder = os.path.join(tmp, name.replace(' ', '-').replace('/', '-'))
    os.makedirs(os.path.join(folder, 'in'))
    program = os.path.join(folder, 'fake')
    with open(program, 'w', encoding='utf-8') as f:
        f.write(FAKE % (sys.executable, does))
    os.chmod(program, 0o755)
    for path, data in (('a.html', PAGE), ('b.txt', b'plain words'), ('c.html', PAGE + b' more')):
        with open(os.path.join(folder, 'in', path), 'wb') as f:
            f.write(data)
    before = time.monotonic()
    index = [os.path.join(BUILD, 'cdgindex'), '-d', 'i']
    try:
        r = subprocess.run([*index, '-q', '--threads', '1', '--extract-timeout', '3', 'in'], cwd=folder, capture_output=True,
                           check=False, timeout=LIMIT, env={**os.environ, 'CDG_EXTRACT': program, 'HOME': folder},
                           stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        return name, f'not done in {LIMIT} s'
    took = time.monotonic() - before
    failed = json.loads(subprocess.run([*index, 'stat', '--failed', '--json'], cwd=folder, capture_output=True, check=False).stdout)
    ids = subprocess.run([*index, 'dump', '--ids'], cwd=folder, capture_output=True, check=False).stdout.split()
    why = ''
    if r.returncode != 0:
        why = f'exit {r.returncode}: {r.stderr}'
    elif ids != [b'in/b.txt']:
        why = f'in the index: {ids}'
    elif {e['path'] for e in failed} != {'in/a.html', 'in/c.html'}:
        why = f'failed: {failed}'
    elif not any(reason in e['reason'] for e in failed):
        why = f'reasons: {failed}'
    return name, why


def answers():
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for name, why in pool.map(fake, FAKES):
            ok('answered: ' + name, not why, why)


try:
    print(f'# CDG_SEED={seed}', flush=True)
    with open(os.path.join(tmp, 'page.html'), 'wb') as f:
        f.write(PAGE)
    requests()
    answers()
finally:
    shutil.rmtree(tmp, ignore_errors=True)
sys.exit(1 if bad else 0)
