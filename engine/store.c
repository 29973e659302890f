/* store.c - see store.h.  From top to bottom: the temporary file, the block
 * packer, the joiner, the reader, the check.  store_part.c has the workers' side.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "engine/store_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum {
	DECODE_MORE = 2048, /* unpacked past what was asked for, on first touch */
	EXPECT_META = 1024  /* what store_expect thinks is before the text */
};

/* ---- the temporary file ------------------------------------------------- */

cdg_status
store_spill_init(store_spill *s, const char *path, size_t cap, cdg_error *err)
{
	memset(s, 0, sizeof *s);
	s->fd = -1;
	s->cap = cap;
	s->path = mem_strdup(path);
	s->buf = mem_alloc(cap);
	if (!s->path || !s->buf) {
		store_spill_fini(s);
		return err_nomem(err);
	}
	return CDG_OK;
}

void
store_spill_fini(store_spill *s)
{
	if (s->buf && s->fd >= 0)
		close(s->fd);
	mem_free(s->buf);
	mem_free(s->path);
	memset(s, 0, sizeof *s);
	s->fd = -1;
}

static cdg_status
store_spill_flush(store_spill *s, cdg_error *err)
{
	if (s->fd < 0) {
		s->fd = open(s->path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
		if (s->fd < 0)
			return err_errno(err, "create", s->path);
		/* nameless from here on: nothing stays behind after a crash */
		if (unlink(s->path) != 0)
			return err_errno(err, "unlink", s->path);
	}
	CDG_TRY(file_write_fd(s->fd, s->buf, s->fill, s->path, err));
	s->written += s->fill;
	s->fill = 0;
	return CDG_OK;
}

cdg_status
store_spill_room(store_spill *s, size_t n, cdg_error *err)
{
	if (likely(s->cap - s->fill >= n))
		return CDG_OK;
	if (n > s->cap)
		return err_set(err, CDG_E_ARG, "%zu bytes do not fit a buffer of %zu", n, s->cap);
	return store_spill_flush(s, err);
}

cdg_status
store_spill_put(store_spill *s, const void *p, size_t n, cdg_error *err)
{
	const uint8_t *at = p;

	while (n) {
		size_t k;
		if (s->fill == s->cap)
			CDG_TRY(store_spill_flush(s, err));
		k = min_size(n, s->cap - s->fill);
		memcpy(s->buf + s->fill, at, k);
		s->fill += k;
		at += k;
		n -= k;
	}
	return CDG_OK;
}

cdg_status
store_spill_drain(store_spill *s, pwriter *out, cdg_error *err)
{
	if (s->written) {
		CDG_TRY(store_spill_flush(s, err)); /* frees the buffer for reading back */
		for (uint64_t at = 0; at < s->written;) {
			ssize_t n = pread(s->fd, s->buf, min_size(s->cap, s->written - at), (off_t)at);
			if (n < 0 && errno == EINTR)
				continue;
			if (n < 0)
				return err_errno(err, "read", s->path);
			if (n == 0)
				return err_set(err, CDG_E_IO, "temporary file %s became shorter", s->path);
			pwriter_put(out, s->buf, (size_t)n);
			at += (uint64_t)n;
		}
		if (ftruncate(s->fd, 0) != 0 || lseek(s->fd, 0, SEEK_SET) != 0)
			return err_errno(err, "truncate", s->path);
		s->written = 0;
	} else {
		pwriter_put(out, s->buf, s->fill);
	}
	s->fill = 0;
	return CDG_OK;
}

/* ---- the packer ----------------------------------------------------------- */

/* One block with its header into dst (BLOCK_MAX bytes); returns its size. */
size_t
store_pack(const uint8_t *src, uint32_t n, uint8_t *dst)
{
	int k = LZ4_compress_default((const char *)src, (char *)dst + BLOCK_HEAD, (int)n,
				     LZ4_COMPRESSBOUND(STORE_BLOCK));
	if (k <= 0 || (uint32_t)k >= n) {
		memcpy(dst + BLOCK_HEAD, src, n);
		store_u32(dst, n | BLOCK_RAW);
		return BLOCK_HEAD + n;
	}
	store_u32(dst, n);
	return BLOCK_HEAD + (size_t)k;
}

/* The varints that begin a record, into p (10 bytes). */
size_t
store_head(uint8_t *p, uint64_t meta_len, uint64_t text_len)
{
	return (size_t)(varint_write(varint_write(p, meta_len), text_len) - p);
}

cdg_status
store_check_lengths(uint64_t meta_len, uint64_t text_len, cdg_error *err)
{
	if (meta_len > UINT32_MAX || text_len > UINT32_MAX)
		return err_set(err, CDG_E_LIMIT,
			       "a document of %llu bytes is too long to store: the limit is %u",
			       (unsigned long long)(meta_len > text_len ? meta_len : text_len), UINT32_MAX);
	return CDG_OK;
}

cdg_status
store_too_many(cdg_error *err)
{
	return err_set(err, CDG_E_LIMIT, "stored text has more than %u blocks", UINT32_MAX - 1);
}

/* ---- joining ------------------------------------------------------------------ */

cdg_status
store_joiner_init(store_joiner *j, pwriter *out, cdg_error *err)
{
	memset(j, 0, sizeof *j);
	j->out = out;
	j->raw = mem_alloc(STORE_BLOCK);
	j->packed = mem_alloc(BLOCK_MAX);
	if (!j->raw || !j->packed) {
		store_joiner_fini(j);
		return err_nomem(err);
	}
	return CDG_OK;
}

void
store_joiner_fini(store_joiner *j)
{
	mem_free(j->raw);
	mem_free(j->packed);
	buf_fini(&j->table);
	memset(j, 0, sizeof *j);
}

/* The next block begins here. */
static cdg_status
store_joiner_mark(store_joiner *j, uint64_t at, cdg_error *err)
{
	if (j->table.len / 8 >= UINT32_MAX - 1)
		return store_too_many(err);
	buf_put_u64(&j->table, at);
	return j->table.failed ? err_nomem(err) : CDG_OK;
}

static cdg_status
store_joiner_block(store_joiner *j, cdg_error *err)
{
	if (!j->fill)
		return CDG_OK;
	CDG_TRY(store_joiner_mark(j, pwriter_tell(j->out), err));
	pwriter_put(j->out, j->packed, store_pack(j->raw, j->fill, j->packed));
	j->fill = 0;
	return CDG_OK;
}

static cdg_status
store_joiner_put(store_joiner *j, const uint8_t *src, size_t n, cdg_error *err)
{
	while (n) {
		size_t k = min_size(n, STORE_BLOCK - j->fill);
		memcpy(j->raw + j->fill, src, k);
		j->fill += (uint32_t)k;
		src += k;
		n -= k;
		if (j->fill == STORE_BLOCK)
			CDG_TRY(store_joiner_block(j, err));
	}
	return CDG_OK;
}

cdg_status
store_append(store_joiner *j, const store *src, uint32_t *base_block, cdg_error *err)
{
	uint64_t shift, prev = PFILE_HEADER;

	CDG_TRY(store_joiner_block(j, err));
	*base_block = (uint32_t)(j->table.len / 8);
	shift = pwriter_tell(j->out) - PFILE_HEADER;
	for (uint32_t i = 0; i < src->nblocks; i++) {
		const uint8_t *t = pfile_at(&src->f, src->table_at + 8 * (uint64_t)i, 8);
		uint64_t begin = t ? load_u64(t) : 0;
		if (!t || begin < prev || begin > src->data_end) {
			pfile_damaged(&src->f, src->table_at + 8 * (uint64_t)i, "block table is wrong");
			return pfile_error(&src->f, err);
		}
		prev = begin;
		CDG_TRY(store_joiner_mark(j, begin + shift, err));
	}
	CDG_TRY(pwriter_copy(j->out, &src->f, PFILE_HEADER, src->data_end, err));
	j->records += src->nrecords;
	return CDG_OK;
}

/* Table and trailer, after the blocks. */
void
store_trailer(pwriter *out, const buf *table, uint64_t records)
{
	uint8_t trailer[STORE_TRAILER] = { 0 };
	uint64_t data_end = pwriter_tell(out), table_at;

	pwriter_align(out, 8);
	table_at = pwriter_tell(out);
	if (table->len)
		pwriter_put(out, table->p, table->len);
	pwriter_put(out, &data_end, 8);
	store_u64(trailer, table_at);
	store_u64(trailer + 8, data_end);
	store_u32(trailer + 16, (uint32_t)(table->len / 8));
	store_u32(trailer + 20, STORE_BLOCK);
	store_u64(trailer + 24, records);
	pwriter_put(out, trailer, sizeof trailer);
}

cdg_status
store_joiner_finish(store_joiner *j, cdg_error *err)
{
	CDG_TRY(store_joiner_block(j, err));
	store_trailer(j->out, &j->table, j->records);
	return CDG_OK;
}

/* ---- reading ------------------------------------------------------------------ */

cdg_status
store_open(store *s, const char *path, const segment_id *id, cdg_error *err)
{
	const uint8_t *t;
	size_t end;

	memset(s, 0, sizeof *s);
	CDG_TRY(pfile_open(&s->f, path, STORE_KIND, id, err));
	end = pfile_end(&s->f);
	t = end >= PFILE_HEADER + 8 + STORE_TRAILER ? pfile_at(&s->f, end - STORE_TRAILER, STORE_TRAILER) : NULL;
	if (t) {
		s->table_at = load_u64(t);
		s->data_end = load_u64(t + 8);
		s->nblocks = load_u32(t + 16);
		s->nrecords = load_u64(t + 24);
		if (s->data_end < PFILE_HEADER || s->data_end > end ||
		    s->table_at != ((s->data_end + 7) & ~(uint64_t)7) || load_u32(t + 20) != STORE_BLOCK ||
		    s->nblocks == UINT32_MAX ||
		    s->table_at + 8 * ((uint64_t)s->nblocks + 1) + STORE_TRAILER != end)
			t = NULL;
	}
	if (!t) {
		cdg_status st;
		pfile_damaged(&s->f, end - min_size(end, STORE_TRAILER), "trailer of the stored text is wrong");
		st = pfile_error(&s->f, err);
		store_close(s);
		return st;
	}
	return CDG_OK;
}

void
store_close(store *s)
{
	pfile_close(&s->f);
	memset(s, 0, sizeof *s);
}

void
store_cursor_init(store_cursor *c, const store *s)
{
	memset(c, 0, sizeof *c);
	store_cursor_use(c, s);
}

void
store_cursor_use(store_cursor *c, const store *s)
{
	c->s = s;
	c->p = NULL;
	c->block = UINT32_MAX;
	c->have = c->full = 0;
	c->ref = UINT64_MAX;
	c->expect_block = UINT64_MAX;
}

void
store_cursor_fini(store_cursor *c)
{
	mem_free(c->own);
	memset(c, 0, sizeof *c);
}

static cdg_status
store_damaged(const store *s, uint64_t at, const char *why, cdg_error *err)
{
	pfile_damaged(&s->f, at, why);
	return pfile_error(&s->f, err);
}

/* Where block b is: its header's place and the bytes after the header. */
static cdg_status
store_block_at(const store *s, uint32_t b, uint64_t *at, const uint8_t **p, size_t *n, cdg_error *err)
{
	uint64_t slot = s->table_at + 8 * (uint64_t)b, lo, hi;
	const uint8_t *t;

	if (b >= s->nblocks)
		return store_damaged(s, s->table_at, "a stored record lies past the last block", err);
	t = pfile_at(&s->f, slot, 16);
	if (!t)
		return pfile_error(&s->f, err);
	lo = load_u64(t);
	hi = load_u64(t + 8);
	if (lo < PFILE_HEADER || hi > s->data_end || lo > hi || hi - lo <= BLOCK_HEAD || hi - lo > BLOCK_MAX)
		return store_damaged(s, slot, "block table is wrong", err);
	*p = pfile_at(&s->f, lo, hi - lo);
	if (!*p)
		return pfile_error(&s->f, err);
	*at = lo;
	*n = hi - lo;
	return CDG_OK;
}

void
store_expect(store_cursor *c, uint64_t ref, uint64_t text)
{
	uint64_t end = (ref & UINT32_MAX) + EXPECT_META + text;

	c->expect_block = (ref >> 32) + end / STORE_BLOCK;
	c->expect = (uint32_t)(end % STORE_BLOCK);
}

/* How much to unpack of a block that has `full` bytes, when `need` are wanted.  What was
 * unpacked in part and did not suffice is unpacked whole. */
static uint32_t
store_want(const store_cursor *c, uint32_t b, bool again, uint32_t need, uint32_t full)
{
	if (again)
		return full;
	if (c->expect_block == b)
		return min_u32(full, max_u32(need, c->expect));
	if (c->expect_block != UINT64_MAX && need >= full / 2) /* a long text: more of it may be wanted */
		return full;
	return min_u32(full, need + DECODE_MORE);
}

/* Unpack block b so far that its first `need` bytes are there, or all of them
 * if it is shorter (c->full says). */
static cdg_status
store_load(store_cursor *c, uint32_t b, uint32_t need, cdg_error *err)
{
	const uint8_t *p;
	uint64_t at;
	uint32_t full, want;
	size_t n;
	bool again = c->block == b;
	int k;

	if (again && c->have >= min_u32(need, c->full))
		return CDG_OK;
	c->block = UINT32_MAX;
	CDG_TRY(store_block_at(c->s, b, &at, &p, &n, err));
	full = load_u32(p) & ~BLOCK_RAW;
	if (full == 0 || full > STORE_BLOCK || (load_u32(p) & BLOCK_RAW && full != n - BLOCK_HEAD))
		return store_damaged(c->s, at, "length of a block is wrong", err);
	if (load_u32(p) & BLOCK_RAW) {
		c->p = p + BLOCK_HEAD;
		c->have = full;
	} else {
		if (!c->own && !(c->own = mem_alloc(STORE_BLOCK)))
			return err_nomem(err);
		want = store_want(c, b, again, need, full);
		if (want == full) /* this one also sees bytes left over */
			k = LZ4_decompress_safe((const char *)p + BLOCK_HEAD, (char *)c->own,
						(int)(n - BLOCK_HEAD), (int)full);
		else
			k = LZ4_decompress_safe_partial((const char *)p + BLOCK_HEAD, (char *)c->own,
							(int)(n - BLOCK_HEAD), (int)want, (int)full);
		if (k < 0 || (uint32_t)k < want)
			return store_damaged(c->s, at, "a block does not decompress", err);
		c->p = c->own;
		c->have = min_u32((uint32_t)k, full);
	}
	c->full = full;
	c->block = b;
	return CDG_OK;
}

/* Append len bytes of the stream, from `skip` after the record's begin. */
static cdg_status
store_stream(store_cursor *c, uint64_t ref, uint64_t skip, uint64_t len, buf *out, cdg_error *err)
{
	uint64_t at = (ref & UINT32_MAX) + skip;
	uint64_t block = (ref >> 32) + at / STORE_BLOCK;
	uint32_t o = (uint32_t)(at % STORE_BLOCK);

	while (len) {
		uint32_t k = (uint32_t)(len < STORE_BLOCK - o ? len : STORE_BLOCK - o);
		if (block >= c->s->nblocks)
			return store_damaged(c->s, c->s->table_at, "a stored record lies past the last block", err);
		CDG_TRY(store_load(c, (uint32_t)block, o + k, err));
		if (c->full < o + k)
			return store_damaged(c->s, c->s->table_at + 8 * block, "a stored record is cut off", err);
		buf_put(out, c->p + o, k);
		if (out->failed)
			return err_nomem(err);
		len -= k;
		block++;
		o = 0;
	}
	return CDG_OK;
}

/* The lengths of a record, remembered in the cursor. */
static cdg_status
store_seek(store_cursor *c, uint64_t ref, cdg_error *err)
{
	uint32_t b = (uint32_t)(ref >> 32), o = (uint32_t)ref;
	uint8_t head[10];
	size_t n = 0;
	rd r;

	if (c->ref == ref)
		return CDG_OK;
	c->ref = UINT64_MAX;
	if (o >= STORE_BLOCK)
		return store_damaged(c->s, c->s->table_at, "a stored record has no such place", err);
	while (n < sizeof head) { /* the head may run over into the next block */
		uint32_t k;
		if (n && b >= c->s->nblocks)
			break;
		CDG_TRY(store_load(c, b, (uint32_t)(o + (sizeof head - n)), err));
		if (o >= c->full)
			break;
		k = min_u32((uint32_t)(sizeof head - n), c->full - o);
		memcpy(head + n, c->p + o, k);
		n += k;
		if (o + k < STORE_BLOCK)
			break;
		b++;
		o = 0;
	}
	r = rd_make(head, n);
	c->meta_len = rd_varint32(&r);
	c->text_len = rd_varint32(&r);
	if (r.bad)
		return store_damaged(c->s, c->s->table_at + 8 * (ref >> 32), "a stored record begins badly", err);
	c->head_len = (uint32_t)(r.at - head);
	c->ref = ref;
	return CDG_OK;
}

cdg_status
store_lengths(store_cursor *c, uint64_t ref, uint32_t *meta_len, uint32_t *text_len, cdg_error *err)
{
	CDG_TRY(store_seek(c, ref, err));
	*meta_len = c->meta_len;
	*text_len = c->text_len;
	return CDG_OK;
}

cdg_status
store_meta(store_cursor *c, uint64_t ref, buf *out, cdg_error *err)
{
	CDG_TRY(store_seek(c, ref, err));
	return store_stream(c, ref, c->head_len, c->meta_len, out, err);
}

cdg_status
store_text(store_cursor *c, uint64_t ref, uint32_t off, uint32_t len, buf *out, cdg_error *err)
{
	CDG_TRY(store_seek(c, ref, err));
	if (off >= c->text_len)
		return CDG_OK;
	return store_stream(c, ref, (uint64_t)c->head_len + c->meta_len + off, min_u32(len, c->text_len - off),
			    out, err);
}

cdg_status
store_copy_record(store_joiner *j, store_cursor *src, uint64_t ref, uint64_t *new_ref, cdg_error *err)
{
	uint64_t at, block, left;
	uint32_t o;

	CDG_TRY(store_seek(src, ref, err));
	*new_ref = STORE_REF(j->table.len / 8, j->fill);
	at = ref & UINT32_MAX;
	block = ref >> 32;
	left = (uint64_t)src->head_len + src->meta_len + src->text_len;
	for (o = (uint32_t)at; left; o = 0, block++) {
		uint32_t k = (uint32_t)(left < STORE_BLOCK - o ? left : STORE_BLOCK - o);
		if (block >= src->s->nblocks)
			return store_damaged(src->s, src->s->table_at, "a stored record lies past the last block", err);
		CDG_TRY(store_load(src, (uint32_t)block, o + k, err));
		if (src->full < o + k)
			return store_damaged(src->s, src->s->table_at + 8 * block, "a stored record is cut off", err);
		CDG_TRY(store_joiner_put(j, src->p + o, k, err));
		left -= k;
	}
	j->records++;
	return CDG_OK;
}

/* ---- check ---------------------------------------------------------------------- */

cdg_status
store_check(const store *s, cdg_error *err)
{
	store_cursor c;
	cdg_status st;
	uint64_t want = PFILE_HEADER, at = 0;

	CDG_TRY(pfile_check(&s->f, err));
	store_cursor_init(&c, s);
	st = CDG_OK;
	for (uint32_t b = 0; b < s->nblocks && st == CDG_OK; b++) {
		const uint8_t *p;
		size_t n = 0;
		st = store_block_at(s, b, &at, &p, &n, err);
		if (st == CDG_OK && at != want)
			st = err_corrupt(err, s->f.path, s->table_at + 8 * (uint64_t)b,
					 "block %u is not where the one before it ends", b);
		if (st == CDG_OK)
			st = store_load(&c, b, STORE_BLOCK, err);
		want = at + n;
	}
	store_cursor_fini(&c);
	if (st != CDG_OK)
		return st;
	if (want != s->data_end || load_u64(s->f.map.at + s->table_at + 8 * (uint64_t)s->nblocks) != want)
		return err_corrupt(err, s->f.path, s->table_at + 8 * (uint64_t)s->nblocks,
				   "blocks do not fill the file");
	for (uint64_t i = s->data_end; i < s->table_at; i++)
		if (s->f.map.at[i])
			return err_corrupt(err, s->f.path, i, "padding is not zero");
	if (s->nrecords && !s->nblocks)
		return err_corrupt(err, s->f.path, s->table_at, "records without blocks");
	return CDG_OK;
}
