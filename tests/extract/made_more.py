"""made_more.py - small files of the formats that made.py has none of, and of each that can
have a password one with it: FILES[ending]() and LOCKED[name]() give bytes."""
import bz2
import gzip
import io
import lzma
import os
import shutil
import struct
import subprocess
import tarfile
import tempfile
import zipfile

import made

TEXT = b'Chapter 3 Rivers\n\nWater bodyword and more of it.\n'
HTML = ('<!DOCTYPE html><title>T</title>' + made.page()).encode()
MAIL = b'From: Ann <a@x.example>\nSubject: s\nDate: Tue, 3 Feb 2004 05:06:07 +0000\nMessage-ID: <1@x.example>\n'


def pack(members):
    out = io.BytesIO()
    made.pack(out, members)
    return out.getvalue()


def plain(ending):
    """What made.py makes."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'a')
        made.FILES[ending](path, '2004-02-03')
        with open(path, 'rb') as f:
            return f.read()


def tar():
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode='w') as t:
        for name, data in (('a.txt', TEXT), ('b/c.html', HTML)):
            head = tarfile.TarInfo(name)
            head.size = len(data)
            t.addfile(head, io.BytesIO(data))
    return out.getvalue()


def zipped():
    return pack({'a.txt': TEXT, 'b/c.html': HTML})


def seven(*options):
    """None where there is no 7z."""
    program = shutil.which('7z') or shutil.which('7zz') or shutil.which('7zr')
    if not program:
        return None
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, 'a.txt'), 'wb') as f:
            f.write(TEXT)
        subprocess.run([program, 'a', '-bd', *options, 'x.7z', 'a.txt'], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        with open(os.path.join(folder, 'x.7z'), 'rb') as f:
            return f.read()


def fodt():
    return ('<?xml version="1.0"?><office:document %s office:mimetype="application/vnd.oasis.opendocument.text"><office:body>'
            '<office:text><text:h text:outline-level="1">Rivers</text:h><text:p>Water bodyword</text:p></office:text>'
            '</office:body></office:document>' % made.ODF).encode()


def mhtml():
    return (MAIL + b'MIME-Version: 1.0\nContent-Type: multipart/related; boundary="b"; type="text/html"\n\n--b\n'
            b'Content-Type: text/html\nContent-Location: http://x.example/\n\n' + HTML + b'\n--b--\n')


def warc():
    http = b'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n' + HTML
    return (b'WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-000000000001>\r\n'
            b'WARC-Date: 2004-02-03T05:06:07Z\r\nWARC-Target-URI: http://x.example/\r\n'
            b'Content-Type: application/http; msgtype=response\r\nContent-Length: %d\r\n\r\n' % len(http) + http + b'\r\n\r\n')


# ---- compound files --------------------------------------------------------------------------
END, NONE = 0xfffffffe, 0xffffffff


def ole(streams):
    """Streams at the root, in sectors of 512 bytes; padded, so that none of them is a small one."""
    streams = [(name, data.ljust(4096, b'\0')) for name, data in streams]
    body, table, names = b'', [], []

    def chain(data):
        nonlocal body
        first, count = len(table), -(-len(data) // 512)
        body += data.ljust(count * 512, b'\0')
        table.extend([*range(first + 1, first + count), END])
        return first

    def entry(name, kind, right, child, start, size):
        wide = name.encode('utf-16-le')
        return (wide.ljust(64, b'\0') + struct.pack('<HBBIII', len(wide) + 2, kind, 1, NONE, right, child) + bytes(36) +
                struct.pack('<II', start, size) + bytes(4))

    for i, (name, data) in enumerate(streams):
        names.append(entry(name, 2, i + 2 if i + 1 < len(streams) else NONE, NONE, chain(data), len(data)))
    start = chain(b''.join([entry('Root Entry', 5, NONE, 1, END, 0), *names]))
    at = len(table)
    body += struct.pack('<128I', *(table + [0xfffffffd] + [NONE] * (127 - len(table))))
    return (b'\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1' + bytes(16) + struct.pack('<HHHHH6x', 0x3e, 3, 0xfffe, 9, 6) +
            struct.pack('<IIIIIIIIII', 0, 1, start, 0, 4096, END, 0, END, 0, at) + struct.pack('<108I', *[NONE] * 108) + body)


def record(kind, data=b''):
    return struct.pack('<HH', kind, len(data)) + data


def xls(*more):
    label = struct.pack('<HHHHB', 0, 0, 0, 8, 0) + b'bodyword'
    sheet = record(0x809, struct.pack('<HHHHII', 0x600, 0x10, 0, 0, 0, 0)) + record(0x204, label) + record(0xa)
    head = record(0x809, struct.pack('<HHHHII', 0x600, 5, 0, 0, 0, 0)) + b''.join(more)
    at = len(head) + 4 + 8 + 6 + 4
    return ole([('Workbook', head + record(0x85, struct.pack('<IHBB', at, 0, 6, 0) + b'Rivers') + record(0xa) + sheet)])


def msg():
    return ole([('__properties_version1.0', bytes(32)), ('__substg1.0_0037001F', 'Rivers'.encode('utf-16-le')),
                ('__substg1.0_1000001E', TEXT)])


FILES = {
    'zip': zipped, 'tar': tar, 'tar.gz': lambda: gzip.compress(tar(), mtime=0), 'html.bz2': lambda: bz2.compress(HTML),
    'html.xz': lambda: lzma.compress(HTML), '7z': seven, 'fodt': fodt, 'mhtml': mhtml, 'warc': warc, 'xls': xls, 'msg': msg,
    'mbox': lambda: b'From a@x Tue Feb  3 05:06:07 2004\n' + MAIL + b'\n' + TEXT + b'\nFrom b@x Tue Feb  3 05:06:08 2004\n' +
            MAIL.replace(b'<1@', b'<2@') + b'\nbodyword again\n',
    'csv': lambda: b'river,length\nbodyword,12\nRhine,1230\n', 'txt': lambda: TEXT,
    'jsonl': lambda: b'{"text":"Water bodyword"}\n{"text":"bodyword again"}\n',
}


# ---- with a password -------------------------------------------------------------------------
def locked_zip():
    """The mark of encryption in the heads of both members; what they hold is noise then."""
    data = bytearray(zipped())
    for mark, flags in ((b'PK\3\4', 6), (b'PK\1\2', 8)):
        at = data.find(mark)
        while at >= 0:
            data[at + flags] |= 1
            at = data.find(mark, at + 4)
    return bytes(data)


def locked_pdf():
    """No password gives this /U."""
    number = b'00112233445566778899aabbccddeeff'
    return plain('pdf').replace(b'/Size 7', b'/Size 7/ID[<%s><%s>]/Encrypt<</Filter/Standard/V 1/R 2/P -4/O<%s>/U<%s>>>' %
                                (number, number, b'ab' * 32, b'cd' * 32))


def locked_odt():
    lock = ('<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><manifest:file-entry '
            'manifest:full-path="content.xml"><manifest:encryption-data manifest:checksum="x"/></manifest:file-entry>'
            '</manifest:manifest>')
    return pack({'mimetype': 'application/vnd.oasis.opendocument.text', 'content.xml': '\x7f\x01noise',
                 'META-INF/manifest.xml': lock})


def locked_epub():
    lock = ('<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><EncryptedData '
            'xmlns="http://www.w3.org/2001/04/xmlenc#"><EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/>'
            '<CipherData><CipherReference URI="a.xhtml"/></CipherData>'
            '</EncryptedData></encryption>')
    out = io.BytesIO(plain('epub'))
    with zipfile.ZipFile(out, 'a') as z:
        z.writestr('META-INF/encryption.xml', lock)
    return out.getvalue()


def locked_package():
    return ole([('EncryptionInfo', b'\4\0\4\0'), ('EncryptedPackage', b'noise' * 1000)])


LOCKED = {
    'zip': locked_zip, 'pdf': locked_pdf, 'odt': locked_odt, 'epub': locked_epub, 'docx': locked_package,
    'xlsx': locked_package, 'pptx': locked_package, 'xls': lambda: xls(record(0x2f, b'\0\0' + b'noise')),
    'names.7z': lambda: seven('-psecret', '-mhe=on'), 'only.7z': lambda: seven('-psecret'),
}
