"""formats_bad.py - see formats_bad.sh: the files, one run of cdgindex over them, and the account
of every path."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import made  # noqa: E402
import made_more  # noqa: E402
import made_old  # noqa: E402

INDEX = os.path.join(os.path.abspath(os.environ.get('CDG_BUILD', 'build')), 'cdgindex')
SECONDS = 20 if 'asan' not in INDEX else 200
REAL = [os.path.abspath('../shared/raw-samples/' + n) for n in ('doc/test.doc', 'pptx-xlsx/testEXCEL-charts.xls',
                                                                'pptx-xlsx/testPPT_embedded2.ppt', 'eml/testMSG.msg')]
# told by their name; and what is called .jsonl is that
PLAIN = ('txt', 'csv', 'md', 'jsonl')
bad = 0
tmp = tempfile.mkdtemp(prefix='cdg-bad.')


def ok(name, good, why=''):
    global bad
    bad += not good
    print(('ok ' if good else 'not ok ') + name + ('' if good else ': %s' % str(why)[:1500]), flush=True)


def skip(why):
    print('SKIP:', why, flush=True)


def put(path, data):
    path = os.path.join(tmp, 'in', path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'wb') as f:
        f.write(data)


def samples():
    out = {ending: made_more.plain(ending) for ending in made.FILES}
    out['xml'] = b'<?xml version="1.0"?>' + out['xml']
    for ending, make in [*made_more.FILES.items(), *made_old.FILES.items()]:
        data = make()
        if data is None:
            skip('no program makes ' + ending)
        else:
            out[ending] = data
    return out


def make_all(files):
    for ending, data in files.items():
        put(f'good/good.{ending}', data)
        put(f'empty/empty.{ending}', b'')
        put(f'unreadable/unreadable.{ending}', data)
        put(f'gone/gone.{ending}', data)
        n = 1
        while n < len(data):
            put(f'cut/{n}.{ending}', data[:n])
            n *= 2
        for other in files:
            if other != ending:
                put(f'renamed/{ending} as.{other}', data)
    real = [path for path in REAL if os.path.exists(path)]
    if len(real) < len(REAL):
        skip('files of programs, cut: there is no ../shared/raw-samples')
    for path in real:
        with open(path, 'rb') as f:
            data = f.read()
        for n in [0, *(2 ** i for i in range(len(data).bit_length())), len(data)]:
            put(f'real/{n}.' + os.path.basename(path), data[:n])
    for name, make in [*made_more.LOCKED.items(), *made_old.LOCKED.items()]:
        data = make()
        if data is not None:
            put('locked/a.' + name, data)
    os.makedirs(os.path.join(tmp, 'in', 'closed'))


# ---- another user for root, who is refused nothing ------------------------------------------------
def become():
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)


def other_user():
    """What to start cdgindex with, so that files may be unreadable; False: they cannot be."""
    if os.geteuid() != 0:
        return None
    os.chmod(tmp, 0o755)
    os.mkdir(os.path.join(tmp, 'home'), 0o755)
    os.chown(os.path.join(tmp, 'home'), 65534, 65534)
    try:
        good = subprocess.run([INDEX, '--version'], preexec_fn=become, capture_output=True, check=False).returncode == 0
    except (OSError, subprocess.SubprocessError):
        good = False
    return become if good else False


def lock():
    folder = os.path.join(tmp, 'in', 'unreadable')
    for name in os.listdir(folder):
        os.chmod(os.path.join(folder, name), 0)
    os.chmod(os.path.join(tmp, 'in', 'closed'), 0)


# ---- running ---------------------------------------------------------------------------------------
def delete_and_make(files, stop):
    while not stop.is_set():
        for ending, data in files.items():
            path = os.path.join(tmp, 'in', 'gone', 'gone.' + ending)
            os.unlink(path)
            time.sleep(0.0005)
            put(f'gone/gone.{ending}', data[:len(data) // 2])
            put(f'gone/gone.{ending}', data)


def cdgindex(user, *args):
    return subprocess.run([INDEX, '-d', os.path.join(tmp, 'home', 'i'), *args], cwd=tmp, capture_output=True, check=False,
                          preexec_fn=user or None, timeout=10 * SECONDS, stdin=subprocess.DEVNULL,
                          env={**os.environ, 'HOME': os.path.join(tmp, 'home')})


def under(known, path):
    """The path, or something in it: a member, a line, a record (which has the name without the folder)."""
    names = (path, os.path.basename(path)) if path.endswith(('.jsonl', '.csv')) else (path,)
    return any(k == n or k.startswith((n + '/', n + ':')) for n in names for k in known)


def listed(user, what):
    out = json.loads(cdgindex(user, 'stat', '--' + what, '--json').stdout)
    for e in out:
        if not e.get('reason'):
            ok('each has a reason', False, e)
    return {e['path']: e['reason'] for e in out}


def account(user):
    paths = sorted(os.path.relpath(os.path.join(d, f), tmp) for d, _, fs in os.walk(os.path.join(tmp, 'in')) for f in fs)
    ids = set(cdgindex(user, 'dump', '--ids').stdout.decode().splitlines())
    failed, skipped = listed(user, 'failed'), listed(user, 'skipped')
    lost = [p for p in paths if not under(ids, p) and not under(failed, p) and not under(skipped, p)]
    ok(f'each of {len(paths)} files is in the index ({len(ids)} documents), failed ({len(failed)}) or skipped ({len(skipped)})',
       not lost, f'{len(lost)} lost: {lost}')
    ok('what is listed was there', not [k for k in (*failed, *skipped) if not k.startswith('in/')])
    return ids, failed, skipped


def main():
    files = samples()
    make_all(files)
    user = other_user()
    os.makedirs(os.path.join(tmp, 'home'), exist_ok=True)
    if user is False:
        skip('root is refused nothing, and another user may not run ' + INDEX)
    else:
        lock()
    stop = threading.Event()
    t = threading.Thread(target=delete_and_make, args=(files, stop))
    t.start()
    before = time.monotonic()
    r = cdgindex(user, '-q', '--keep-duplicates', '--extract-timeout', '10', 'in')
    took = time.monotonic() - before
    stop.set()
    t.join()
    said = r.stderr.decode(errors='replace')
    ok('one run over all of it', r.returncode == 0, f'exit {r.returncode}: {said[-800:]}')
    ok(f'within {SECONDS} s', took < SECONDS, took)
    print(f'# {took:.1f} s')
    ok('no reader crashed, hung or was stopped', not [w for w in ('crashed', 'ended early', 'longer than', 'must not', 'killed')
                                                      if w in said], said)
    r = cdgindex(user, '-q', '--keep-duplicates', '--retry-failed', 'in')
    ok('and again', r.returncode == 0, r.stderr)
    ids, failed, skipped = account(user)
    for ending in files:
        ok(f'{ending} is read', under(ids, f'in/good/good.{ending}'))
        ok(f'{ending} that came back is read', under(ids, f'in/gone/gone.{ending}'))
        if user is not False:
            ok(f'{ending} is unreadable', 'Permission denied' in failed.get(f'in/unreadable/unreadable.{ending}', ''))
        if ending not in PLAIN:
            not_read = [o for o in files if o not in (ending, 'jsonl') and not under(ids, f'in/renamed/{ending} as.{o}')]
            ok(f'{ending} is read by any other name', not not_read, not_read)
    for path in REAL:
        if os.path.exists(path):
            name = '%d.%s' % (os.path.getsize(path), os.path.basename(path))
            ok(f'{name} is read', under(ids, 'in/real/' + name))
    for name in sorted(os.listdir(os.path.join(tmp, 'in', 'locked'))):
        why = [r for p, r in failed.items() if p == f'in/locked/{name}' or p.startswith(f'in/locked/{name}/')]
        ok(f'{name} has a password', why and any(x in w for x in ('password', 'encrypted', 'protected') for w in why), why)
    if user is not False:
        ok('a closed folder is named', 'in/closed' in failed or 'in/closed' in skipped)
    ok('the index is whole', cdgindex(user, 'check').returncode == 0)
    r = cdgindex(user, '-q', 'in/unreadable')
    if user is not False:
        ok('nothing of what was named could be read', r.returncode == 2, r.returncode)


try:
    main()
finally:
    subprocess.run(['chmod', '-R', 'u+rwx', tmp], check=False)
    shutil.rmtree(tmp, ignore_errors=True)
sys.exit(1 if bad else 0)
