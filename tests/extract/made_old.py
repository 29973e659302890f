"""made_old.py - small files of Word, Excel, PowerPoint and Outlook of before 2007:
FILES[ending]() and LOCKED[name]() give bytes."""
import struct

SECTOR, MINI, CUTOFF = 512, 64, 4096
END, NONE, TABLE = 0xfffffffe, 0xffffffff, 0xfffffffd
TEXT = 'Chapter 3 Rivers\rWater bodyword and more of it.\r'


# ---- compound files ------------------------------------------------------------------------------
def chain(data, size, table):
    """Appends the chain of the data to the table; its first sector, and the data filled up."""
    first, n = len(table), -(-len(data) // size)
    table += [first + i + 1 for i in range(n - 1)] + [END] * (n > 0)
    return (first if n else END), data + bytes(n * size - len(data))


def entry(name, kind, right, child, start, size):
    utf16 = name.encode('utf-16-le')
    return struct.pack('<64sHBBIII36xIQ', utf16, len(utf16) + 2 if name else 0, kind, 1, NONE, right, child, start, size)


def ole(streams):
    fat, minifat, body, small, entries = [], [], b'', b'', []
    names = sorted(streams, key=lambda n: (len(n), n.upper()))
    for i, name in enumerate(names):
        data = streams[name]
        if len(data) < CUTOFF:
            start, filled = chain(data, MINI, minifat)
            small += filled
        else:
            start, filled = chain(data, SECTOR, fat)
            body += filled
        entries.append(entry(name, 2, i + 2 if i + 1 < len(names) else NONE, NONE, start, len(data)))
    first_small, filled = chain(small, SECTOR, fat)
    body += filled
    first_mini, filled = chain(struct.pack('<%dI' % len(minifat), *minifat).ljust(-(-len(minifat) // 128) * SECTOR, b'\xff'),
                               SECTOR, fat)
    body += filled
    entries.insert(0, entry('Root Entry', 5, NONE, 1, first_small, len(small)))
    while len(entries) % 4:
        entries.append(entry('', 0, NONE, NONE, 0, 0))
    first_dir, filled = chain(b''.join(entries), SECTOR, fat)
    body += filled
    tables = 1
    while len(fat) + tables > 128 * tables:
        tables += 1
    where = list(range(len(fat), len(fat) + tables))
    fat += [TABLE] * tables
    body += struct.pack('<%dI' % len(fat), *fat).ljust(tables * SECTOR, b'\xff')
    head = struct.pack('<8s16xHHHHH6xIIIIIIIII', b'\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1', 0x3e, 3, 0xfffe, 9, 6, 0, tables,
                       first_dir, 0, CUTOFF, first_mini, -(-len(minifat) // 128), END, 0)
    return head + struct.pack('<109I', *(where + [NONE] * (109 - tables))) + body


# ---- Word ------------------------------------------------------------------------------------------
def doc(flags=0x200):
    text = TEXT.encode('cp1252')
    head = bytearray(0x400)
    struct.pack_into('<HHHHH', head, 0, 0xa5ec, 193, 0, 0x409, 0)
    struct.pack_into('<H', head, 10, flags)
    struct.pack_into('<II', head, 0x18, 0x400, 0x400 + len(text))
    struct.pack_into('<I', head, 0x4c, len(text))
    pieces = struct.pack('<IIHIH', 0, len(text), 0, 0x40000000 | 0x400 * 2, 0)
    clx = b'\2' + struct.pack('<I', len(pieces)) + pieces
    struct.pack_into('<II', head, 0x9a + 8 * 33, 0, len(clx))
    return ole({'WordDocument': (bytes(head) + text).ljust(CUTOFF, b'\0'), '1Table': clx})


# ---- Excel -----------------------------------------------------------------------------------------
def biff(number, data=b''):
    return struct.pack('<HH', number, len(data)) + data


def xls(locked=False):
    begin = biff(0x809, struct.pack('<HHHHII', 0x600, 5, 0, 0, 0, 0))
    before = begin + (biff(0x2f, b'\1\0\1\0\1\0' + bytes(48)) if locked else b'')
    named = struct.pack('<HBB', 0, 6, 0) + b'Rivers'
    at = len(before) + len(biff(0x85, bytes(4) + named)) + len(biff(0x0a))
    cells = b''.join(biff(0x204, struct.pack('<HHHHB', row, col, 0, len(t), 0) + t)
                     for row, cols in enumerate(((b'river', b'length'), (b'cellword', b'bodyword')))
                     for col, t in enumerate(cols))
    sheet = biff(0x809, struct.pack('<HHHHII', 0x600, 16, 0, 0, 0, 0)) + cells + biff(0x0a)
    return ole({'Workbook': before + biff(0x85, struct.pack('<I', at) + named) + biff(0x0a) + sheet})


# ---- PowerPoint ------------------------------------------------------------------------------------
def record(kind, data, head=0):
    return struct.pack('<HHI', head, kind, len(data)) + data


def ppt(locked=False):
    outline = (record(0x3f3, struct.pack('<IIIII', 2, 0, 2, 256, 0)) + record(0xf9f, struct.pack('<I', 0)) +
               record(0xfa8, b'Rivers') + record(0xf9f, struct.pack('<I', 1)) + record(0xfa8, b'Water bodyword'))
    document = record(0x3e8, record(0xff0, outline, 0xf), 0xf)
    slide = record(0x3ee, record(0x3ef, bytes(24), 2), 0xf)
    places = record(0x1772, struct.pack('<III', 2 << 20 | 1, 0, len(document)))
    at = len(document) + len(slide)
    edit = record(0xff5, struct.pack('<IIIIIII', 256, 0x3000000, 0, at, 1, 2, 1))
    user = struct.pack('<HHIIII', 0, 0xff6, 20, 20, 0xf3d1c4df if locked else 0xe391c05f, at + len(places))
    return ole({'PowerPoint Document': document + slide + places + edit, 'Current User': user})


# ---- Outlook ---------------------------------------------------------------------------------------
def msg():
    return ole({'__properties_version1.0': bytes(32),
                **{'__substg1.0_%s001F' % number: text.encode('utf-16-le')
                   for number, text in (('0037', 'Rivers'), ('0C1A', 'Ann'), ('1000', TEXT.replace('\r', '\r\n')))}})


FILES = {f.__name__: f for f in (doc, xls, ppt, msg)}
LOCKED = {'doc': lambda: doc(0x300), 'xls': lambda: xls(True), 'ppt': lambda: ppt(True)}
