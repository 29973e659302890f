#!/usr/bin/env python3
"""Read an index of cdgsearch without cdgsearch.

This is the second reader of the format, written from docs/format.md and from
nothing else, so that the document is proven to be enough and so that the
engine is compared with something that does not share its mistakes
(tests/format/run.sh).  It is for people as well: what does the index hold for
this word, this document?

Everything is plain Python with the standard library: XXH3-64 and the LZ4
block decoder are below.  If python3-xxhash or python3-lz4 are there they are
used, for they are faster; the result is the same.

Whatever the bytes, the answer is a dump or a FormatError that names file and
offset.  All checksums of a file are verified when it is opened, and what the
document says must hold (order, sums, bounds, classes, impacts) is verified as
it is read; --all reads everything.

Exit codes: 0 printed something, 1 nothing matched, 2 wrong usage or damage.
"""

import argparse
import mmap
import os
import struct
import sys
from operator import xor

FORMAT = 1
FEATURES = ('forms', 'classes', 'tree', 'columns', 'impacts', 'pairs')
PAGE = 16384
PAD = 64
STORE_BLOCK_MAX = 1 << 24
STORE_CACHE = 64 # unpacked blocks
M64 = (1 << 64) - 1
M32 = (1 << 32) - 1

K_TERM, K_FOLD, K_STEM, K_ID, K_PAIR = 1, 2, 3, 4, 5
F_SINGLE, F_POS, F_CODES, F_WIDE = 1, 2, 4, 8
F_FORMS, F_CLASS, F_ALIAS, F_INLINE = 16, 32, 64, 128


class FormatError(Exception):
	"""The index is damaged or does not keep to the document."""


# ---- XXH3-64, seed 0 ----------------------------------------------------

P32_1, P32_2, P32_3 = 0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D
P64_1, P64_2, P64_3 = 0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9
P64_4, P64_5 = 0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5
SECRET = bytes.fromhex(
	'b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671f'
	'cb79e64eccc0e578825ad07dccff7221b8084674f743248ee03590e6813a264c'
	'3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8'
	'a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364'
	'eac5ac8334d3ebc3c581a0fffa1363eb170ddd51b7f0da49d316552629d4689e'
	'2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e')


def _s64(at):
	return int.from_bytes(SECRET[at:at + 8], 'little')


def _swap64(v):
	return int.from_bytes(v.to_bytes(8, 'little'), 'big')


def _fold(a, b):
	p = a * b
	return (p & M64) ^ (p >> 64)


def _avalanche(h):
	h &= M64
	h ^= h >> 37
	h = h * 0x165667919E3779F9 & M64
	return h ^ h >> 32


def _avalanche_64(h):
	h ^= h >> 33
	h = h * P64_2 & M64
	h ^= h >> 29
	h = h * P64_3 & M64
	return h ^ h >> 32


def _rotl(v, n):
	return (v << n | v >> (64 - n)) & M64


def _xxh3_upto16(d):
	n = len(d)
	if n > 8:
		lo = int.from_bytes(d[:8], 'little') ^ _s64(24) ^ _s64(32)
		hi = int.from_bytes(d[-8:], 'little') ^ _s64(40) ^ _s64(48)
		return _avalanche(n + _swap64(lo) + hi + _fold(lo, hi))
	if n >= 4:
		first = int.from_bytes(d[:4], 'little')
		last = int.from_bytes(d[-4:], 'little')
		h = (last + (first << 32)) ^ _s64(8) ^ _s64(16)
		h ^= _rotl(h, 49) ^ _rotl(h, 24)
		h = h * 0x9FB21C651E98DF25 & M64
		h ^= (h >> 35) + n
		h = h * 0x9FB21C651E98DF25 & M64
		return h ^ h >> 28
	if n:
		word = d[0] << 16 | d[n >> 1] << 24 | d[n - 1] | n << 8
		flip = int.from_bytes(SECRET[:4], 'little') ^ int.from_bytes(SECRET[4:8], 'little')
		return _avalanche_64(word ^ flip)
	return _avalanche_64(_s64(56) ^ _s64(64))


def _mix16(d, at, s):
	return _fold(int.from_bytes(d[at:at + 8], 'little') ^ _s64(s),
		int.from_bytes(d[at + 8:at + 16], 'little') ^ _s64(s + 8))


def _xxh3_upto240(d):
	n = len(d)
	acc = n * P64_1
	if n <= 128:
		for i in range((n - 1) // 32, -1, -1):
			acc += _mix16(d, 16 * i, 32 * i) + _mix16(d, n - 16 * (i + 1), 32 * i + 16)
		return _avalanche(acc)
	for i in range(8):
		acc += _mix16(d, 16 * i, 16 * i)
	acc = _avalanche(acc)
	for i in range(8, n // 16):
		acc += _mix16(d, 16 * i, 16 * (i - 8) + 3)
	acc += _mix16(d, n - 16, 136 - 17)
	return _avalanche(acc)


# The secret as the accumulators meet it: lane by lane, 16 stripes on.
LANES = [[_s64(8 * (i + lane)) for i in range(16)] for lane in range(8)]
SCRAMBLE = [_s64(128 + 8 * i) for i in range(8)]
LAST = [_s64(192 - 64 - 7 + 8 * i) for i in range(8)]


def _accumulate(acc, words, keys):
	"""Add stripes to the eight sums; they are cut to 64 bits when read."""
	for lane in range(8):
		column = words[lane::8]
		acc[lane ^ 1] += sum(column)
		acc[lane] += sum([(k & M32) * (k >> 32) for k in map(xor, column, keys[lane])])


def xxh3_pure(d):
	n = len(d)
	if n <= 16:
		return _xxh3_upto16(d)
	if n <= 240:
		return _xxh3_upto240(d)
	acc = [P32_3, P64_1, P64_2, P64_3, P64_4, P32_2, P64_5, P32_1]
	blocks = (n - 1) // 1024
	for b in range(blocks):
		_accumulate(acc, struct.unpack_from('<128Q', d, 1024 * b), LANES)
		for i in range(8):
			v = acc[i] & M64
			acc[i] = (v ^ v >> 47 ^ SCRAMBLE[i]) * P32_1 & M64
	stripes = (n - 1 - 1024 * blocks) // 64
	_accumulate(acc, struct.unpack_from('<%dQ' % (8 * stripes), d, 1024 * blocks), LANES)
	_accumulate(acc, struct.unpack_from('<8Q', d, n - 64), [[k] for k in LAST])
	h = n * P64_1
	for i in range(4):
		h += _fold(acc[2 * i] & M64 ^ _s64(11 + 16 * i), acc[2 * i + 1] & M64 ^ _s64(19 + 16 * i))
	return _avalanche(h)


try:
	from xxhash import xxh3_64_intdigest as xxh3
except ImportError:
	xxh3 = xxh3_pure


# ---- LZ4 block ----------------------------------------------------------

def _lz4_length(src, at, n):
	"""A length of 15 goes on in the bytes that follow."""
	if n == 15:
		while True:
			b = src[at]
			at += 1
			n += b
			if b != 255:
				break
	return n, at


def lz4_pure(src, size):
	out = bytearray()
	at, end = 0, len(src)
	while True:
		token = src[at]
		n, at = _lz4_length(src, at + 1, token >> 4)
		if at + n > end:
			raise ValueError('literals run past the end')
		out += src[at:at + n]
		at += n
		if at == end:
			break
		back = src[at] | src[at + 1] << 8
		n, at = _lz4_length(src, at + 2, token & 15)
		n += 4
		start = len(out) - back
		if back == 0 or start < 0 or len(out) + n > size:
			raise ValueError('a match outside the block')
		if back >= n:
			out += out[start:start + n]
		else:
			out += (bytes(out[start:]) * (n // back + 1))[:n]
	if len(out) != size:
		raise ValueError('%d bytes where %d were promised' % (len(out), size))
	return bytes(out)


try:
	from lz4.block import decompress as _lz4_fast

	def lz4(src, size):
		out = _lz4_fast(src, uncompressed_size=size)
		if len(out) != size:
			raise ValueError('%d bytes where %d were promised' % (len(out), size))
		return out
except ImportError:
	lz4 = lz4_pure


# ---- bytes --------------------------------------------------------------

class Cursor:
	"""Takes numbers from bytes [at, end) of a buffer; never past the end."""

	def __init__(self, name, buf, at, end):
		self.name, self.buf, self.at, self.end = name, buf, at, end

	def fail(self, what, at=None):
		raise FormatError('%s: offset %d: %s' % (self.name, self.at if at is None else at, what))

	def need(self, n):
		if n < 0 or self.at < 0 or self.at + n > self.end:
			self.fail('%d bytes wanted, %d are left' % (n, self.end - self.at))

	def take(self, n):
		self.need(n)
		self.at += n
		return self.buf[self.at - n:self.at]

	def uint(self, n):
		return int.from_bytes(self.take(n), 'little')

	def u8(self):
		self.need(1)
		self.at += 1
		return self.buf[self.at - 1]

	def u16(self):
		return self.uint(2)

	def u32(self):
		return self.uint(4)

	def u64(self):
		return self.uint(8)

	def f64(self):
		return struct.unpack('<d', self.take(8))[0]

	def array(self, letter, n):
		size = n * struct.calcsize('<' + letter)
		return struct.unpack('<%d%s' % (n, letter), self.take(size))

	def varint(self):
		v = shift = 0
		while True:
			b = self.u8()
			v |= (b & 127) << shift
			if b < 128:
				break
			shift += 7
			if shift > 63:
				self.fail('a varint of more than ten bytes')
		if v > M64:
			self.fail('a varint of more than 64 bits')
		return v

	def zigzag(self):
		v = self.varint()
		return v >> 1 ^ -(v & 1)

	def counted(self):
		return self.take(self.varint())

	def packed(self, n, width):
		"""n numbers of `width` bits, lowest bit first."""
		if width == 0:
			return [0] * n
		word = int.from_bytes(self.take((n * width + 7) // 8), 'little')
		mask = (1 << width) - 1
		return [word >> i & mask for i in range(0, n * width, width)]

	def chunk(self, n):
		"""A chunk of at most 128 numbers, with its exceptions."""
		b = self.u8()
		e = h = 0
		if b & 128:
			e, h = self.u8(), self.u8()
		b &= 127
		if b > 32 or h > 32 or e > n:
			self.fail('a chunk of width %d, %d exceptions of width %d' % (b, e, h))
		out = self.packed(n, b)
		if e:
			where = self.packed(e, 7)
			for i, high in zip(where, self.packed(e, h)):
				if i >= n:
					self.fail('exception %d of %d numbers' % (i, n))
				out[i] |= high << b
		return out

	def chunks(self, n):
		out = []
		while n > 0:
			out += self.chunk(min(n, 128))
			n -= 128
		return out


class PagedFile:
	"""A file of section 3; everything is verified here."""

	def __init__(self, folder, name, kind, segment):
		self.name = name
		path = os.path.join(folder, name)
		try:
			with open(path, 'rb') as f:
				size = os.fstat(f.fileno()).st_size
				self.buf = mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ) if size else b''
		except OSError as e:
			raise FormatError('%s: %s' % (name, e.strerror))
		self.verify(kind, bytes.fromhex(segment))

	def fail(self, what, at):
		raise FormatError('%s: offset %d: %s' % (self.name, at, what))

	def verify(self, kind, segment):
		buf = self.buf
		if len(buf) < 64 + PAD + 8 + 64:
			self.fail('the file is too short', len(buf))
		foot = len(buf) - 64
		magic, fmt, k, seg = struct.unpack_from('<8sI4s16s', buf, 0)
		if magic != b'CDGINDEX':
			self.fail('not a file of an index', 0)
		if fmt > FORMAT:
			self.fail('format %d, and only %d is known' % (fmt, FORMAT), 8)
		if fmt != FORMAT or k != kind or seg != segment or any(buf[33:56]):
			self.fail('the header is of another file', 8)
		if xxh3(buf[:56]) != int.from_bytes(buf[56:64], 'little'):
			self.fail('checksum of the header', 56)
		self.variant = buf[32]
		if self.variant > (kind == b'POST'):
			self.fail('variant %d is not known' % self.variant, 32)
		if buf[foot + 56:] != b'CDGEND01':
			self.fail('no footer', foot + 56)
		if xxh3(buf[foot:foot + 48]) != int.from_bytes(buf[foot + 48:foot + 56], 'little'):
			self.fail('checksum of the footer', foot + 48)
		data, pages, table, seg, k, fmt = struct.unpack_from('<QQQ16s4sI', buf, foot)
		if seg != segment or k != kind or fmt != FORMAT:
			self.fail('the footer is of another file', foot + 24)
		if pages != -(-data // PAGE) or data + 8 * pages != foot or data < 64 + PAD:
			self.fail('%d bytes in %d pages' % (data, pages), foot)
		if xxh3(buf[data:foot]) != table:
			self.fail('checksum of the page checksums', data)
		for i, sum_ in enumerate(struct.unpack_from('<%dQ' % pages, buf, data)):
			if xxh3(buf[PAGE * i:min(PAGE * (i + 1), data)]) != sum_:
				self.fail('checksum of page %d' % i, PAGE * i)
		self.end = data - PAD
		if any(buf[self.end:data]):
			self.fail('the padding is not zero', self.end)

	def cursor(self, at, end=None):
		end = self.end if end is None else end
		if not 0 <= at <= end <= self.end:
			self.fail('an offset outside the payload', at)
		return Cursor(self.name, self.buf, at, end)


def quote(raw):
	"""Bytes between quotes; control characters, quotes and backslashes escaped."""
	if isinstance(raw, str):
		raw = raw.encode()
	text = bytes(raw).decode('utf-8', 'surrogateescape')
	return '"' + ''.join([c if c not in ESCAPE else ESCAPE[c] for c in text]) + '"'


ESCAPE = {chr(i): '\\x%02x' % i for i in list(range(32)) + [127]}
ESCAPE['"'] = '\\"'
ESCAPE['\\'] = '\\\\'


def length_of_code(code):
	"""The shortest length that has this code."""
	if code < 24:
		return code
	bits, shift = (code - 24) & 7, ((code - 24) >> 3) - 1
	return 24 + (bits if shift == -1 else (bits | 8) << shift)


# ---- MANIFEST -----------------------------------------------------------

class SegmentLine:
	"""One `segment` line of the manifest."""

	NAMES = ('docs', 'live', 'livegen', 'text-tokens', 'title-tokens', 'langs', 'store', 'bytes')

	def __init__(self, words):
		self.pairs = words[18:] == ['pairs', '1']
		if self.pairs:
			words = words[:18]
		if len(words) != 18 or tuple(words[2::2]) != self.NAMES:
			raise FormatError('MANIFEST: a segment line that is not as documented: ' + ' '.join(words))
		self.id = words[1]
		if len(self.id) != 32:
			raise FormatError('MANIFEST: a segment id of %d digits' % len(self.id))
		values = [int(w, 16 if n == 'langs' else 10) for n, w in zip(self.NAMES, words[3::2])]
		(self.docs, self.live, self.livegen, self.text_tokens, self.title_tokens,
			self.langs, self.store, self.bytes) = values


class Manifest:
	def __init__(self, folder):
		try:
			with open(os.path.join(folder, 'MANIFEST'), 'rb') as f:
				raw = f.read()
		except OSError as e:
			raise FormatError('%s: MANIFEST: %s' % (folder, e.strerror))
		cut = raw.rfind(b'checksum ')
		if not raw.startswith(b'cdgsearch-index '):
			raise FormatError('MANIFEST: not an index')
		self.format = int(raw[16:raw.index(b'\n')])
		if self.format > FORMAT:
			raise FormatError('MANIFEST: format %d, and only %d is known' % (self.format, FORMAT))
		if cut < 0 or len(raw) != cut + 26 or xxh3(raw[:cut]) != int(raw[cut + 9:], 16):
			raise FormatError('MANIFEST: checksum')
		self.features, self.fields, self.segments = [], {}, []
		self.generation = self.sources = 0
		try:
			for line in raw[:cut].decode().split('\n')[1:-1]:
				self.line(line)
		except ValueError as e:
			raise FormatError('MANIFEST: %s' % e)
		for name in self.features:
			if name not in FEATURES:
				raise FormatError('MANIFEST: needs the unknown feature %s' % name)
		if list(self.fields) != list(range(2, 2 + len(self.fields))):
			raise FormatError('MANIFEST: the fields are not numbered from 2 without gaps')

	def line(self, line):
		words = line.split(' ')
		if words[0] == 'features':
			self.features = [w for w in words[1:] if w]
		elif words[0] in ('generation', 'sources'):
			setattr(self, words[0], int(words[1]))
		elif words[0] == 'field':
			self.fields[int(words[1])] = line.split(' ', 2)[2]
		elif words[0] == 'segment':
			self.segments.append(SegmentLine(words))
		else:
			raise FormatError('MANIFEST: an unknown line: ' + line)


# ---- ID.dict ------------------------------------------------------------

class Key:
	"""A key of the dictionary and where its list is."""

	__slots__ = ('ord', 'kind', 'field', 'text', 'flags', 'df', 'ttf', 'doc', 'position',
		'post', 'post_len', 'pos', 'pos_len', 'forms', 'members')


class Dict:
	def __init__(self, file, pairs=False):
		self.file = file
		c = file.cursor(file.end - 64)
		self.count, self.blocks, self.index_at = c.u64(), c.u64(), c.u64()
		self.by_kind = [c.u64() for _ in range(4)]
		if self.blocks > self.count or c.u64() != 0 or sum(self.by_kind) != (0 if pairs else self.count):
			c.fail('the trailer', file.end - 64)
		index = file.cursor(self.index_at, file.end - 64)
		self.index = [(index.u64(), index.u64()) for _ in range(self.blocks)]
		if index.at != index.end:
			index.fail('bytes between index and trailer')

	def keys(self, first=0):
		"""All keys from block `first` on, in order."""
		before, ordinal = b'', self.index[first][1] if first < self.blocks else 0
		for i in range(first, self.blocks):
			at, number = self.index[i]
			end = self.index[i + 1][0] if i + 1 < self.blocks else self.index_at
			c = self.file.cursor(at, end)
			post, pos, block_first, n = c.u64(), c.u64(), c.u64(), c.u8()
			if block_first != number or number != ordinal or not 0 < n <= 64:
				c.fail('the head of a block of keys', at)
			raw = b''
			for _ in range(n):
				k, raw = self.entry(c, raw, ordinal)
				if raw <= before and ordinal and before:
					c.fail('a key that is not greater than the one before')
				before = raw
				k.post, k.pos = post, pos
				post, pos = post + k.post_len, pos + k.pos_len
				ordinal += 1
				yield k
			if c.at != end:
				c.fail('bytes between blocks of keys')
		if ordinal != self.count:
			self.file.fail('%d keys, and the trailer says %d' % (ordinal, self.count), self.file.end - 64)

	def entry(self, c, raw, ordinal):
		shared = c.varint()
		if shared > len(raw):
			c.fail('a key that shares more than the one before has')
		raw = raw[:shared] + c.take(c.varint())
		if not 3 <= len(raw) <= 258:
			c.fail('a key of %d bytes' % len(raw))
		k = Key()
		k.ord, k.kind, k.field, k.text = ordinal, raw[0], raw[1] << 8 | raw[2], raw[3:]
		k.flags = f = c.u8()
		k.df = k.ttf = k.post_len = k.pos_len = 0
		k.doc = k.position = None
		k.forms, k.members = [], []
		if not f & F_ALIAS:
			self.numbers(c, k)
		if f & F_FORMS:
			self.forms(c, k)
		if f & F_ALIAS or (f & F_CLASS and k.kind in (K_FOLD, K_STEM)):
			self.members(c, k)
		return k, raw

	@staticmethod
	def numbers(c, k):
		f = k.flags
		if f & F_SINGLE:
			k.df, k.doc = 1, c.varint()
			k.ttf = 1 if f & F_INLINE else c.varint() + 1
		else:
			k.df = c.varint()
			k.ttf = k.df + c.varint()
			k.post_len = c.varint()
			if k.df < 2:
				c.fail('a list of %d documents that is not SINGLE' % k.df)
		if f & F_POS:
			if f & F_INLINE:
				k.position = c.varint()
			else:
				k.pos_len = c.varint()

	def forms(self, c, k):
		n = c.varint()
		sub = Cursor(c.name, c.buf, c.at, c.at + n)
		c.take(n)
		while sub.at < sub.end:
			width = sub.u8()
			k.forms.append((width, sub.take(sub.u8())))

	@staticmethod
	def members(c, k):
		ordinal = 0
		for _ in range(c.varint()):
			v = c.varint()
			ordinal += v >> 1
			k.members.append((ordinal, c.varint() if v & 1 else None))


# ---- ID.post, ID.pos ----------------------------------------------------

class Postings:
	"""One list: blocks of (documents, frequencies, positions, codes)."""

	def __init__(self, segment, key):
		self.segment, self.key = segment, key
		self.post = segment.pairpost if key.kind == K_PAIR else segment.post
		self.impacts = self.block_impacts = self.super_impacts = None

	def read(self):
		k = self.key
		if k.df == 1:
			positions = codes = None
			if k.flags & F_INLINE:
				positions = [k.position] if k.flags & F_POS else None
				codes = [0] if k.flags & F_CODES else None
			elif k.flags & F_POS:
				c = self.segment.pos.cursor(k.pos, k.pos + k.pos_len)
				positions, codes = self.positions(c, [k.ttf])
				self.spent(c)
			return [([k.doc], [k.ttf], positions, codes)]
		c = self.post.cursor(k.post, k.post + k.post_len)
		offsets = pos_offsets = lasts = None
		blocks = -(-k.df // 128)
		if blocks > 1:
			self.average = struct.unpack('<f', c.take(4))[0] if self.post.variant else 0
			self.impacts = c.u64()
			lasts, offsets = c.array('I', blocks), c.array('I', blocks)
			pos_offsets = c.array('I', blocks) if k.flags & F_POS else None
			self.block_impacts = c.array('Q', blocks)
			self.super_impacts = c.array('Q', -(-blocks // 32))
		start, base, out = c.at, -1, []
		p = self.segment.pos.cursor(k.pos, k.pos + k.pos_len) if k.flags & F_POS else None
		for b in range(blocks):
			if offsets and offsets[b] != c.at - start:
				c.fail('block %d is not where the skip data says' % b)
			n = min(128, k.df - 128 * b)
			docs = self.documents(c, base, n)
			tfs = [v + 1 for v in c.chunk(n)]
			base = docs[-1]
			if lasts and lasts[b] != base:
				c.fail('last document of block %d' % b)
			positions = codes = None
			if p:
				if pos_offsets and pos_offsets[b] != p.at - k.pos:
					p.fail('positions of block %d are not where the skip data says' % b)
				positions, codes = self.positions(p, tfs)
			out.append((docs, tfs, positions, codes))
		self.spent(c)
		if p:
			self.spent(p)
		self.check(c, out)
		return out

	@staticmethod
	def spent(c):
		if c.at != c.end:
			c.fail('%d bytes after a list' % (c.end - c.at))

	@staticmethod
	def documents(c, base, n):
		if c.buf[c.at] == 64:
			c.u8()
			bits = int.from_bytes(c.take(c.u16()), 'little')
			docs = [base + 1 + i for i, b in enumerate(bin(bits)[:1:-1]) if b == '1']
			if len(docs) != n:
				c.fail('%d bits where %d documents were promised' % (len(docs), n))
			return docs
		docs, doc = [], base
		for v in c.chunk(n):
			doc += v + 1
			docs.append(doc)
		return docs

	def positions(self, c, tfs):
		total = sum(tfs)
		numbers, out, i = c.chunks(total), [], 0
		for tf in tfs:
			at = -1
			for v in numbers[i:i + tf]:
				at += v + 1
				out.append(at)
			i += tf
		codes = self.codes(c, total) if self.key.flags & F_CODES else None
		if codes and max(codes) >= 6 + len(self.key.forms):
			c.fail('code %d of a term with %d forms' % (max(codes), len(self.key.forms)))
		return out, codes

	@staticmethod
	def codes(c, n):
		how = c.u8()
		if how == 0:
			return [0] * n
		if how == 1:
			return [c.varint()] * n
		if how != 2:
			c.fail('codes of kind %d' % how)
		return c.chunks(n)

	def check(self, c, blocks):
		k, docs = self.key, self.segment.docs
		if sum(sum(b[1]) for b in blocks) != k.ttf:
			c.fail('the frequencies do not sum up to %d' % k.ttf, k.post)
		if blocks[-1][0][-1] >= docs.count:
			c.fail('document %d of %d' % (blocks[-1][0][-1], docs.count), k.post)
		if self.impacts is None:
			return
		codes = docs.text_code if k.field == 0 else docs.title_code if k.field == 1 else [0] * docs.count
		for i, (ds, tfs, _, _) in enumerate(blocks):
			for imp in (self.impacts, self.block_impacts[i], self.super_impacts[i // 32]):
				pairs = [(imp >> s & 255, imp >> s + 8 & 255) for s in (0, 16, 32, 48)[:3 if self.average else 4]]
				limit = float('inf')
				if self.average and imp >> 48 < 65535:
					limit, = struct.unpack('<f', struct.pack('<I', ((imp >> 48) + 229376) << 12))
				seen = set(zip(tfs, [codes[d] for d in ds]))
				for tf, norm in seen:
					ratio = self.average and tf / (1.2 * (0.25 + 0.75 * length_of_code(norm) / self.average))
					if ratio > limit * 1.000001 or not any((tf <= t or t == 255) and norm >= m for t, m in pairs):
						c.fail('frequency %d, length %d above the impacts %016x' % (tf, norm, imp), k.post)


# ---- ID.docs, ID.text ---------------------------------------------------

class Docs:
	def __init__(self, file):
		c = file.cursor(64)
		self.count = n = c.u32()
		same = c.u32()
		if any(c.take(56)) or same & ~0x1dc or (same and not n):
			c.fail('the head')

		def next_array(i, letter):
			gap = -c.at % 64
			if any(c.take(gap)):
				c.fail('the gap is not zero')
			return c.array(letter, 1) * n if same >> i & 1 else c.array(letter, n)

		arrays = [next_array(i, letter) for i, letter in enumerate('BBBBIIIQQ')]
		(self.text_code, self.title_code, self.lang, high, low,
			self.length, self.source, self.ref, self.hash) = arrays
		self.tree = [h << 32 | l for h, l in zip(high, low)]


class Meta:
	"""Stored metadata of a document."""

	def __init__(self, c):
		self.id, self.title, self.url, self.lang = (c.counted() for _ in range(4))
		precision = c.u8()
		self.date = (c.zigzag(), precision - 1) if precision else None
		self.values = []
		for _ in range(c.varint()):
			field, kind = c.varint(), c.u8()
			self.values.append((field, kind >> 7, kind & 127, self.value(c, kind & 127)))
		if c.at != c.end:
			c.fail('bytes after the metadata')

	@staticmethod
	def value(c, kind):
		if kind == 0:
			return c.counted()
		if kind == 1:
			return c.f64()
		if kind == 2:
			precision = c.u8()
			return c.zigzag(), precision
		c.fail('a value of type %d' % kind)


class Store:
	def __init__(self, file):
		self.file = file
		c = file.cursor(file.end - 32)
		self.table_at, self.data_end = c.u64(), c.u64()
		self.blocks, self.size, self.records = c.u32(), c.u32(), c.u64()
		if self.table_at != -(-self.data_end // 8) * 8 or not 0 < self.size <= STORE_BLOCK_MAX:
			c.fail('the trailer', file.end - 32)
		t = file.cursor(self.table_at, file.end - 32)
		self.table = t.array('Q', self.blocks + 1)
		if t.at != t.end or self.table[-1] != self.data_end:
			t.fail('the table of blocks')
		self.cache = {}

	def block(self, i):
		if i not in self.cache:
			if i >= self.blocks:
				self.file.fail('block %d of %d' % (i, self.blocks), self.table_at)
			c = self.file.cursor(self.table[i], self.table[i + 1])
			head = c.u32()
			size, raw = head & 0x7fffffff, c.take(c.end - c.at)
			if not 0 < size <= self.size:
				c.fail('a block of %d bytes' % size)
			if head >> 31:
				if len(raw) != size:
					c.fail('a block of %d bytes in %d' % (size, len(raw)))
			else:
				try:
					raw = lz4(raw, size)
				except (ValueError, IndexError, RuntimeError) as e:
					c.fail('a compressed block: %s' % e)
			if len(self.cache) >= STORE_CACHE: # the documents of a reordered segment are all over it
				del self.cache[next(iter(self.cache))]
			self.cache[i] = raw
		return self.cache[i]

	def bytes(self, block, at, n):
		"""n bytes of the stream of unpacked blocks."""
		block, at = block + at // self.size, at % self.size
		parts = []
		while n > 0:
			part = self.block(block)[at:at + n]
			if not part:
				self.file.fail('a record runs past block %d' % block, self.table_at)
			parts.append(part)
			n -= len(part)
			if n and len(self.block(block)) != self.size:
				self.file.fail('a record runs past block %d, which is not full' % block, self.table[block])
			block, at = block + 1, 0
		return b''.join(parts)

	def record(self, ref):
		block, at = ref >> 32, ref & M32
		head = self.block(block)[at:at + 20]
		if len(self.block(block)) == self.size and len(head) < 20 and block + 1 < self.blocks:
			head += self.block(block + 1)[:20 - len(head)]
		c = Cursor('%s: block %d' % (self.file.name, block), head, 0, len(head))
		meta_len, text_len = c.varint(), c.varint()
		raw = self.bytes(block, at + c.at, meta_len + text_len)
		name = '%s: record at %d of block %d' % (self.file.name, at, block)
		return Meta(Cursor(name, raw, 0, meta_len)), raw[meta_len:]


# ---- ID.tree ------------------------------------------------------------

class Tree:
	"""The structure of one document."""

	def __init__(self, file, at):
		c = file.cursor(at)
		n = c.varint()
		c = file.cursor(c.at, c.at + n)
		self.title_len = c.varint()
		self.body_pos = self.title_len + c.varint()
		self.end_pos = self.body_pos + c.varint()
		if self.body_pos != (self.title_len + 16 if self.title_len else 0):
			c.fail('a title of %d and a text that begins at %d' % (self.title_len, self.body_pos))
		nsent, npage, nsect, nanchor = (c.varint() for _ in range(4))
		sizes = [c.varint() if k else 0 for k in (nsent, npage, nsect)]

		def index(count, step, words):
			return [c.array('I', words) for _ in range((count - 1) // step if count else 0)]

		sent_index, page_index = index(nsent, 128, 3), index(npage, 16, 2)
		sect_index, anchor_index = index(nsect, 16, 2), index(nanchor, 64, 4)

		def stream(size):
			c.take(size)
			return Cursor(c.name, c.buf, c.at - size, c.at)

		self.sentences = self.read_sentences(stream(sizes[0]), nsent, sent_index)
		self.pages = self.read_spans(stream(sizes[1]), npage, page_index)
		self.sections = self.read_spans(stream(sizes[2]), nsect, sect_index)
		self.anchors = self.read_anchors(stream(c.end - c.at), nanchor, anchor_index)
		self.begin, self.end = at, c.end

	@staticmethod
	def done(c):
		if c.at != c.end:
			c.fail('bytes after a stream of the tree')

	def read_sentences(self, c, n, index):
		out, at, paragraph, begin = [], 0, 0, c.at
		for i in range(n):
			place = c.at - begin
			v = c.varint()
			at += v >> 1
			if v & 1:
				paragraph = at
			if i and i % 128 == 0 and index[i // 128 - 1] != (at, paragraph, place):
				c.fail('index entry of sentence %d: %s' % (i, (index[i // 128 - 1], at, paragraph, place)))
			out.append((at, v & 1))
		self.done(c)
		return out

	def read_spans(self, c, n, index):
		out, at, begin = [], 0, c.at
		for i in range(n):
			place = c.at - begin
			at += c.varint()
			if i and i % 16 == 0 and index[i // 16 - 1] != (at, place):
				c.fail('index entry of span %d' % i)
			end, up, kind, level = at + c.varint(), c.varint(), c.u8(), c.varint()
			if up > i or kind > 10 or end > self.end_pos:
				c.fail('a span of kind %d whose parent is %d spans before %d' % (kind, up, i))
			out.append((at, end, kind, level, i - up if up else -1, c.counted()))
		self.done(c)
		return out

	def read_anchors(self, c, n, index):
		out, at, byte, point, begin = [], self.body_pos, 0, 0, c.at
		for i in range(n):
			place = c.at - begin
			at += c.varint()
			delta = c.varint()
			byte += delta
			point += delta - c.varint()
			if i and i % 64 == 0 and index[i // 64 - 1] != (at, byte, point, place):
				c.fail('index entry of anchor %d' % i)
			out.append((at, byte, point))
		self.done(c)
		return out


# ---- ID.cols, ID.live-N -------------------------------------------------

class Column:
	"""Distinct values of a field, and the ordinals each document has."""

	def __init__(self, file, c, docs):
		self.field, self.width, self.list = c.u16(), c.u8(), c.u8()
		nnum, ndate, nstr = c.u32(), c.u32(), c.u32()
		num_at, date_at, str_at, doc_at = (c.u64() for _ in range(4))
		self.pairs = c.u64()
		if c.u64() != 0 or self.width not in (0, 1, 2, 4) or self.list > 1:
			c.fail('an entry of the directory of columns')
		self.numbers = file.cursor(num_at).array('d', nnum)
		d = file.cursor(date_at)
		self.dates = list(zip(d.array('i', ndate), d.array('B', ndate)))
		self.strings = self.read_strings(file, str_at, nstr)
		d = file.cursor(doc_at)
		if self.width:
			cells = d.array({1: 'B', 2: 'H', 4: 'I'}[self.width], docs)
			self.cells = [(v - 1,) if v else () for v in cells]
		else:
			begin = d.array('I', docs + 1)
			ords = d.array('I', begin[-1])
			self.cells = [ords[a:b] for a, b in zip(begin, begin[1:])]
		self.check(d, nnum + ndate + nstr)

	@staticmethod
	def read_strings(file, at, n):
		groups = -(-n // 16)
		offsets = file.cursor(at).array('Q', groups + 1)
		if offsets[0] != 8 * (groups + 1):
			file.fail('strings that begin at %d' % offsets[0], at)
		out = []
		for g in range(groups):
			c, before = file.cursor(at + offsets[g], at + offsets[g + 1]), b''
			for i in range(min(16, n - 16 * g)):
				shared = c.varint() if i else 0
				if shared > len(before):
					c.fail('a string that shares more than the one before has')
				before = before[:shared] + c.counted()
				out.append(before)
			if c.at != c.end:
				c.fail('bytes after a group of strings')
		return out

	def check(self, c, values):
		if sum(map(len, self.cells)) != self.pairs:
			c.fail('field %d: %d pairs' % (self.field, self.pairs))
		if any(o >= values for cell in self.cells for o in cell):
			c.fail('field %d: an ordinal past its %d values' % (self.field, values))
		for what in (self.numbers, self.dates, self.strings):
			if any(a >= b for a, b in zip(what, what[1:])):
				c.fail('field %d: values not in order' % self.field)


def read_columns(file, docs):
	c = file.cursor(file.end - 16)
	at, fields, n = c.u64(), c.u32(), c.u32()
	if n != docs:
		c.fail('columns of %d documents, not %d' % (n, docs))
	c = file.cursor(at, file.end - 16)
	columns = [Column(file, c, docs) for _ in range(fields)]
	if c.at != c.end or any(a.field >= b.field for a, b in zip(columns, columns[1:])):
		c.fail('the directory of columns')
	return columns


def read_live(file, docs, live):
	c = file.cursor(64)
	n, count = c.u32(), c.u32()
	if any(c.take(56)) or n != docs or count != live:
		c.fail('%d live documents of %d, and the manifest says %d of %d' % (count, n, live, docs), 64)
	bits = int.from_bytes(c.take(8 * (-(-docs // 64))), 'little')
	if bin(bits).count('1') != count or bits >> docs:
		c.fail('the bitmap has other than %d bits' % count, 128)
	return [bits >> d & 1 for d in range(docs)]


# ---- a segment ----------------------------------------------------------

class Segment:
	def __init__(self, folder, line):
		def part(name, kind):
			return PagedFile(folder, line.id + '.' + name, kind, line.id)

		self.line = line
		self.post, self.pos = part('post', b'POST'), part('pos', b'POSN')
		self.docs = Docs(part('docs', b'DOCS'))
		if self.docs.count != line.docs:
			raise FormatError('%s.docs: %d documents, and the manifest says %d'
				% (line.id, self.docs.count, line.docs))
		self.dict = Dict(part('dict', b'DICT'))
		self.store, self.tree_file = Store(part('text', b'TEXT')), part('tree', b'TREE')
		self.columns = read_columns(part('cols', b'COLS'), line.docs)
		if line.pairs:
			self.pairs, self.pairpost = Dict(part('pairs', b'DICT'), True), part('pairpost', b'POST')
		self.live = [1] * line.docs
		if line.livegen:
			live = part('live-%d' % line.livegen, b'LIVE')
			self.live = read_live(live, line.docs, line.live)
		elif line.live != line.docs:
			raise FormatError('MANIFEST: %s: %d of %d live and no file that says which'
				% (line.id, line.live, line.docs))

	def lists(self, key):
		return Postings(self, key)

	def check_trees(self, extents):
		"""Blobs may be in any order and shared, but must fill the file without gaps."""
		extents = set(extents)
		f = self.tree_file
		c = f.cursor(f.end - 16)
		data_end, blobs = c.u64(), c.u64()
		ends = [64] + [end for _, end in sorted(extents)]
		if blobs != len(extents) or ends[-1] != data_end:
			c.fail('%d trees that end at %d, not %d' % (blobs, data_end, ends[-1]))
		for (begin, _), end in zip(sorted(extents), ends):
			if begin != end:
				f.fail('a gap between trees', end)

	def check_lengths(self):
		"""Codes are those of the lengths, and the manifest has their sum."""
		t = self.docs
		for d, (code, length) in enumerate(zip(t.text_code, t.length)):
			if not length_of_code(code) <= length or (code < 255 and length >= length_of_code(code + 1)):
				raise FormatError('%s.docs: document %d: length %d has not code %d'
					% (self.line.id, d, length, code))
		langs = 0
		for lang in t.lang:
			langs |= 1 << lang
		if sum(t.length) != self.line.text_tokens or langs != self.line.langs:
			raise FormatError('MANIFEST: %s: sum of lengths %d, languages %x'
				% (self.line.id, sum(t.length), langs))


# ---- the dump -----------------------------------------------------------

def g17(v):
	return '%.17g' % v


class Dump:
	"""Writes lines; counts keys and postings."""

	def __init__(self, out):
		self.out, self.keys, self.postings, self.classes = out, 0, 0, 0

	def line(self, *words):
		self.out.write((' '.join([str(w) for w in words]) + '\n').encode('utf-8', 'surrogateescape'))

	def manifest(self, m):
		self.line('format', m.format)
		self.line('features', *m.features)
		self.line('generation', m.generation)
		for number, name in m.fields.items():
			self.line('field', number, quote(name))
		self.line('sources', m.sources)

	def segment(self, s):
		i = s.line
		self.line('segment', i.id, 'docs', i.docs, 'live', i.live, 'livegen', i.livegen,
			'text-tokens', i.text_tokens, 'title-tokens', i.title_tokens,
			'langs', '%x' % i.langs, 'store', i.store, 'bytes', i.bytes, *(('pairs', 1) if i.pairs else ()))
		self.line('keys', s.dict.count, *s.dict.by_kind)

	def document(self, s, d):
		t = s.docs
		self.line('doc', d, 'codes', t.text_code[d], t.title_code[d], 'lang', t.lang[d],
			'length', t.length[d], 'source', t.source[d], 'hash', '%016x' % t.hash[d],
			'live', s.live[d])
		meta, text = s.store.record(t.ref[d])
		self.line('meta', quote(meta.id), quote(meta.title), quote(meta.url), quote(meta.lang),
			*(('date',) + meta.date if meta.date else ('undated',)))
		for field, is_list, kind, value in meta.values:
			words = (quote(value),) if kind == 0 else (g17(value),) if kind == 1 else value
			self.line('value', field, 'list' if is_list else 'one', 'snd'[kind], *words)
		self.line('text', len(text), quote(text))
		tree = Tree(s.tree_file, t.tree[d])
		self.tree(tree)
		return meta.id, (tree.begin, tree.end)

	def tree(self, t):
		self.line('tree', t.title_len, t.body_pos, t.end_pos, len(t.sentences), len(t.pages),
			len(t.sections), len(t.anchors))
		for at, begins in t.sentences:
			self.line('sentence', at, begins)
		for name, spans in (('page', t.pages), ('section', t.sections)):
			for at, end, kind, level, parent, label in spans:
				self.line(name, at, end, kind, level, parent, quote(label))
		for a in t.anchors:
			self.line('anchor', *a)

	def column(self, c):
		self.line('column', c.field, 'width', c.width, 'list', c.list, 'numbers', len(c.numbers),
			'dates', len(c.dates), 'strings', len(c.strings), 'pairs', c.pairs)
		for v in c.numbers:
			self.line('number', g17(v))
		for v in c.dates:
			self.line('date', *v)
		for v in c.strings:
			self.line('string', quote(v))
		for d, cell in enumerate(c.cells):
			if cell:
				self.line('cell', d, *cell)

	def key(self, k):
		self.keys += 1
		text = pair_of(k) if k.kind == K_PAIR else [quote(k.text)]
		self.line('key', k.ord, 'kind', k.kind, 'field', k.field, *text, 'flags', '%02x' % k.flags, 'df', k.df, 'ttf', k.ttf)
		for width, raw in k.forms:
			self.line('form', width, quote(raw))
		for ordinal, mask in k.members:
			self.line('member', ordinal, 'all' if mask is None else '%x' % mask)

	def impacts(self, p):
		if p.impacts is not None:
			self.line('impacts', '%016x' % p.impacts)
			self.line('super', *['%016x' % v for v in p.super_impacts])
			self.line('blocks', *['%016x' % v for v in p.block_impacts])

	def postings_of(self, s, k):
		"""The list of a key; returns its blocks for those who check classes."""
		if k.flags & F_ALIAS:
			return None
		p = s.lists(k)
		blocks = p.read()
		self.impacts(p)
		lines = []
		for docs, tfs, positions, codes in blocks:
			self.postings += len(docs)
			words = list(map(str, positions)) if positions else None
			if codes and any(codes):
				words = [w + '/%d' % c if c else w for w, c in zip(words, codes)]
			i = 0
			for d, tf in zip(docs, tfs):
				if words:
					lines.append('%d %d: %s\n' % (d, tf, ' '.join(words[i:i + tf])))
				else:
					lines.append('%d %d\n' % (d, tf))
				i += tf
		self.out.write(''.join(lines).encode())
		return blocks


def pair_of(k):
	"""The two terms of a pair, by ordinal."""
	if len(k.text) != 8:
		raise FormatError('a pair with a key of %d bytes' % len(k.text))
	return struct.unpack('>II', k.text)


def id_key(raw):
	"""The key of a document id."""
	return raw if len(raw) <= 255 else raw[:239] + b'%016x' % xxh3(raw)


def dump_segment(out, s):
	out.segment(s)
	facts = [out.document(s, d) for d in range(s.line.docs)]
	s.check_trees([extent for _, extent in facts])
	s.check_lengths()
	for c in s.columns:
		out.column(c)
	at = [64, 64]
	check, pairs = ClassCheck(s), PairCheck(s)
	for k in s.dict.keys():
		if (k.post_len and k.post != at[0]) or (k.pos_len and k.pos != at[1]):
			raise FormatError('%s: key %d: lists are not one after the other' % (s.line.id, k.ord))
		at = [k.post + k.post_len, k.pos + k.pos_len]
		out.key(k)
		blocks = out.postings_of(s, k)
		check.see(k, blocks)
		pairs.see(k, blocks)
		if k.kind == K_ID and k.text != id_key(facts[k.doc][0]):
			raise FormatError('%s: id %s is not that of document %d' % (s.line.id, quote(k.text), k.doc))
	if at != [s.post.end, s.pos.end]:
		raise FormatError('%s: lists end at %d and %d, the files at %d and %d'
			% (s.line.id, at[0], at[1], s.post.end, s.pos.end))
	out.classes += check.classes
	if s.line.pairs:
		dump_pairs(out, s, pairs)


def dump_pairs(out, s, check):
	at = 64
	for k in s.pairs.keys():
		if k.kind != K_PAIR or k.field or k.flags & ~F_SINGLE or (k.post_len and k.post != at):
			raise FormatError('%s.pairs: key %d' % (s.line.id, k.ord))
		at = k.post + k.post_len
		out.key(k)
		check.compare(k, out.postings_of(s, k))
	if at != s.pairpost.end:
		raise FormatError('%s: lists of pairs end at %d, the file at %d' % (s.line.id, at, s.pairpost.end))


class PairCheck:
	"""Does a pair hold exactly the places where one term follows the other?

	Places of frequent terms are kept, if there are pairs, by document."""

	def __init__(self, segment):
		self.s, self.places = segment, {}

	def see(self, k, blocks):
		if not self.s.line.pairs or k.kind != K_TERM or k.field or k.df <= self.s.line.docs // 8:
			return
		self.places[k.ord] = places = {}
		for docs, tfs, positions, _ in blocks:
			i = 0
			for d, tf in zip(docs, tfs):
				places[d] = set(positions[i:i + tf])
				i += tf

	def compare(self, k, blocks):
		first, second = [self.places.get(o) for o in pair_of(k)]
		if first is None or second is None:
			raise FormatError('%s.pairs: key %d: of a term that is not frequent' % (self.s.line.id, k.ord))
		want = {d: len({p + 1 for p in ps} & second.get(d, set())) for d, ps in first.items()}
		have = {d: tf for b in blocks for d, tf in zip(b[0], b[1])}
		if have != {d: n for d, n in want.items() if n}:
			raise FormatError('%s.pairs: key %d: not where one term follows the other' % (self.s.line.id, k.ord))


class ClassCheck:
	"""Does a class hold exactly what its members hold?

	Lists of terms are kept as doc -> frequency until the classes come, which
	are after the terms in the order of keys.  A class whose members are
	masked counts them in documents of those languages only."""

	def __init__(self, segment):
		self.s, self.lists, self.classes = segment, {}, 0

	def see(self, k, blocks):
		if k.kind == K_TERM:
			self.lists[k.ord] = [(b[0], b[1]) for b in blocks] if blocks else None
		elif k.kind in (K_FOLD, K_STEM):
			self.classes += 1
			self.compare(k, blocks)

	def compare(self, k, blocks):
		if any(o not in self.lists for o, _ in k.members) or not k.members:
			raise FormatError('%s: class %s has members that are no terms' % (self.s.line.id, quote(k.text)))
		if k.flags & F_ALIAS:
			if len(k.members) != 1 or k.members[0][1] is not None:
				raise FormatError('%s: alias %s of other than one whole term' % (self.s.line.id, quote(k.text)))
			return
		want, lang = {}, self.s.docs.lang
		for ordinal, mask in k.members:
			for docs, tfs in self.lists[ordinal]:
				for d, tf in zip(docs, tfs):
					if mask is None or mask >> lang[d] & 1:
						want[d] = want.get(d, 0) + tf
		have = {d: tf for b in blocks for d, tf in zip(b[0], b[1])}
		if want != have:
			raise FormatError('%s: class %s is not the union of its members' % (self.s.line.id, quote(k.text)))


def dump_terms(out, segments, prefix):
	for s in segments:
		out.segment(s)
		for k in s.dict.keys():
			if k.text.startswith(prefix):
				out.key(k)


def dump_term(out, segments, term):
	for s in segments:
		out.segment(s)
		wanted = [k for k in s.dict.keys() if k.text == term]
		aliased = {o for k in wanted if k.flags & F_ALIAS for o, _ in k.members}
		wanted += [k for k in s.dict.keys() if k.ord in aliased - {w.ord for w in wanted}] if aliased else []
		for k in wanted:
			out.key(k)
			out.postings_of(s, k)


def dump_doc(out, segments, number):
	"""Documents are numbered through the segments; deleted ones count."""
	for s in segments:
		if number < s.line.docs:
			out.segment(s)
			out.document(s, number)
			for c in s.columns:
				if c.cells[number]:
					out.line('cell', c.field, *c.cells[number])
			return True
		number -= s.line.docs
	return False


def main():
	ap = argparse.ArgumentParser(description='Print what an index of cdgsearch holds.')
	ap.add_argument('index', help='folder of the index')
	ap.add_argument('--terms', metavar='PREFIX', help='keys that begin so, with their counts')
	ap.add_argument('--term', metavar='T', help='all keys T with their lists')
	ap.add_argument('--doc', metavar='N', type=int, help='document N with its structure and text')
	ap.add_argument('--all', action='store_true', help='everything, and check all that the format promises')
	args = ap.parse_args()
	out = Dump(sys.stdout.buffer)
	try:
		m = Manifest(args.index)
		segments = [Segment(args.index, line) for line in m.segments]
		sources = 'sources-%d' % m.sources
		if m.sources and os.path.exists(os.path.join(args.index, sources)):
			PagedFile(args.index, sources, b'SRCS', '00' * 16)
		out.manifest(m)
		found = True
		if args.all:
			for s in segments:
				dump_segment(out, s)
		elif args.terms is not None:
			dump_terms(out, segments, os.fsencode(args.terms))
			found = out.keys > 0
		elif args.term is not None:
			dump_term(out, segments, os.fsencode(args.term))
			found = out.keys > 0
		elif args.doc is not None:
			found = args.doc >= 0 and dump_doc(out, segments, args.doc)
		else:
			for s in segments:
				out.segment(s)
		sys.stdout.buffer.flush()
	except BrokenPipeError:
		os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
		return 0
	except (FormatError, IndexError, ValueError, OverflowError, MemoryError, struct.error) as e:
		sys.stdout.buffer.flush()
		print('cdgdump: %s' % e, file=sys.stderr)
		return 2
	if args.all:
		print('%d keys, %d postings, %d classes' % (out.keys, out.postings, out.classes), file=sys.stderr)
	return 0 if found else 1


if __name__ == '__main__':
	sys.exit(main())
