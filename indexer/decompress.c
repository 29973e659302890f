/* decompress.c - see decompress.h.
 *
 * Three layers of bytes: `in`, compressed bytes as they came from the
 * descriptor; `head`, the first decoded bytes, kept so that the type of a pipe
 * can be told without seeking; and the caller's buffer, into which everything
 * after head is decoded straight.  Plain files do not pass through `in` beyond
 * their first bytes.
 *
 * Each codec has one step function: decode from in[at, len) into dst, take
 * what it used, say how much it made.  A step that makes nothing and uses
 * nothing asks for more input; at the end of input that is a truncated file
 * unless the codec is between frames.
 */
#include "indexer/decompress.h"

#include <errno.h>
#include <lz4frame.h>
#include <lzma.h>
#include <unistd.h>
#include <xxhash.h>
#include <zlib.h>
#include <zstd.h>

#include "base/mem.h"

enum {
	DECOMPRESS_IN = 256 << 10,
	DECOMPRESS_HEAD = 4096,
};
/* xz headers can ask for 4 GB; what its command line tool writes needs 65 MB. */
#define DECOMPRESS_XZ_MEMORY ((uint64_t)1 << 30)
/* Text does not shrink like this; a bomb does.  Beyond the first number of
 * bytes made, the second is the most that one byte read may give. */
#define DECOMPRESS_BOMB_FLOOR ((uint64_t)4 << 30)
#define DECOMPRESS_BOMB_RATIO 4000u

struct decompress {
	int fd;
	bool own;
	bool eof;    /* of the descriptor */
	bool done;   /* of the decoded stream */
	bool inside; /* within a frame: the end of input here is damage */
	decompress_codec codec;
	const char *path;
	uint64_t consumed, produced;
	XXH3_state_t *hash; /* of what was consumed */
	uint8_t *in;
	size_t in_at, in_len;
	char head[DECOMPRESS_HEAD];
	size_t head_at, head_len;
	cdg_error failed; /* a stream that failed once fails the same way again */
	union {
		z_stream z;
		lzma_stream xz;
		ZSTD_DCtx *zstd;
		LZ4F_dctx *lz4;
	} u;
};

static cdg_status
decompress_fill(decompress *d, void *dst, size_t cap, size_t *n, cdg_error *err)
{
	*n = 0;
	while (!d->eof) {
		ssize_t got = read(d->fd, dst, min_size(cap, (size_t)1 << 30));
		if (got < 0) {
			if (errno == EINTR)
				continue;
			return err_errno(err, "read", d->path);
		}
		if (got == 0)
			d->eof = true;
		d->consumed += (uint64_t)got;
		XXH3_64bits_update(d->hash, dst, (size_t)got);
		*n = (size_t)got;
		break;
	}
	return CDG_OK;
}

/* More compressed bytes behind those not used yet. */
static cdg_status
decompress_more(decompress *d, cdg_error *err)
{
	size_t n;

	if (d->in_at) {
		memmove(d->in, d->in + d->in_at, d->in_len - d->in_at);
		d->in_len -= d->in_at;
		d->in_at = 0;
	}
	CDG_TRY(decompress_fill(d, d->in + d->in_len, DECOMPRESS_IN - d->in_len, &n, err));
	d->in_len += n;
	return CDG_OK;
}

static bool
decompress_ends_with(const char *s, const char *tail)
{
	size_t n = strlen(s), k = strlen(tail);

	return n >= k && memcmp(s + n - k, tail, k) == 0;
}

static decompress_codec
decompress_detect(const decompress *d)
{
	const uint8_t *p = d->in;
	size_t n = d->in_len;
	uint32_t magic;

	if (n >= 3 && p[0] == 0x1f && p[1] == 0x8b && p[2] == 8)
		return DECOMPRESS_GZIP;
	if (n >= 6 && memcmp(p, "\xfd" "7zXZ\0", 6) == 0)
		return DECOMPRESS_XZ;
	if (n < 4)
		return DECOMPRESS_PLAIN;
	magic = load_u32(p);
	if (magic == 0xfd2fb528)
		return DECOMPRESS_ZSTD;
	if (magic == 0x184d2204)
		return DECOMPRESS_LZ4;
	if ((magic & ~0xfu) == 0x184d2a50) /* skippable frame: both have it */
		return decompress_ends_with(d->path, ".lz4") ? DECOMPRESS_LZ4 : DECOMPRESS_ZSTD;
	return DECOMPRESS_PLAIN;
}

static cdg_status
decompress_start(decompress *d, cdg_error *err)
{
	switch (d->codec) {
	case DECOMPRESS_PLAIN:
		return CDG_OK;
	case DECOMPRESS_GZIP:
		return inflateInit2(&d->u.z, 15 + 16) == Z_OK ? CDG_OK : err_nomem(err);
	case DECOMPRESS_ZSTD:
		d->u.zstd = ZSTD_createDCtx();
		if (!d->u.zstd)
			return err_nomem(err);
		ZSTD_DCtx_setParameter(d->u.zstd, ZSTD_d_windowLogMax, 31);
		return CDG_OK;
	case DECOMPRESS_LZ4:
		if (LZ4F_isError(LZ4F_createDecompressionContext(&d->u.lz4, LZ4F_VERSION)))
			return err_nomem(err);
		return CDG_OK;
	case DECOMPRESS_XZ: {
		lzma_stream init = LZMA_STREAM_INIT;
		d->u.xz = init;
		if (lzma_stream_decoder(&d->u.xz, DECOMPRESS_XZ_MEMORY, LZMA_CONCATENATED) != LZMA_OK)
			return err_nomem(err);
		d->inside = true; /* liblzma itself finds the end */
		return CDG_OK;
	}
	}
	return CDG_OK;
}

cdg_status
decompress_open(decompress **out, int fd, bool own, const char *path, cdg_error *err)
{
	decompress *d = mem_calloc(1, sizeof *d);
	cdg_status st;

	*out = NULL;
	if (d) {
		d->in = mem_alloc(DECOMPRESS_IN);
		d->hash = XXH3_createState();
	}
	if (!d || !d->in || !d->hash) {
		if (d) {
			XXH3_freeState(d->hash);
			mem_free(d->in);
		}
		mem_free(d);
		if (own)
			close(fd);
		return err_nomem(err);
	}
	XXH3_64bits_reset(d->hash);
	d->fd = fd;
	d->own = own;
	d->path = path;
	do { /* a pipe may give its first bytes in crumbs */
		st = decompress_more(d, err);
	} while (st == CDG_OK && !d->eof && d->in_len < 6);
	if (st == CDG_OK) {
		decompress_codec codec = decompress_detect(d);
		d->codec = codec;
		st = decompress_start(d, err);
		if (st != CDG_OK)
			d->codec = DECOMPRESS_PLAIN; /* nothing to end */
	}
	if (st != CDG_OK) {
		decompress_free(d);
		return st;
	}
	*out = d;
	return CDG_OK;
}

void
decompress_free(decompress *d)
{
	if (!d)
		return;
	if (d->codec == DECOMPRESS_GZIP)
		inflateEnd(&d->u.z);
	else if (d->codec == DECOMPRESS_ZSTD)
		ZSTD_freeDCtx(d->u.zstd);
	else if (d->codec == DECOMPRESS_LZ4)
		LZ4F_freeDecompressionContext(d->u.lz4);
	else if (d->codec == DECOMPRESS_XZ)
		lzma_end(&d->u.xz);
	if (d->own)
		close(d->fd);
	XXH3_freeState(d->hash);
	mem_free(d->in);
	mem_free(d);
}

decompress_codec
decompress_which(const decompress *d)
{
	return d->codec;
}

uint64_t
decompress_consumed(const decompress *d)
{
	return d->consumed;
}

uint64_t
decompress_hash(const decompress *d)
{
	return XXH3_64bits_digest(d->hash);
}

static cdg_status
decompress_damaged(const decompress *d, cdg_error *err, const char *why)
{
	static const char *const names[] = { "plain", "gzip", "zstd", "lz4", "xz" };

	return err_set(err, CDG_E_INPUT, "%s: damaged %s data near byte %llu: %s", d->path,
		       names[d->codec], (unsigned long long)(d->consumed - (d->in_len - d->in_at)),
		       why);
}

/* ---- one step of each codec: *n bytes made, *used says if input was taken -- */

static cdg_status
decompress_step_gzip(decompress *d, uint8_t *dst, size_t cap, size_t *n, cdg_error *err)
{
	z_stream *z = &d->u.z;
	int rc;

	if (!d->inside) {
		/* Tape-like padding with zeros after a member is customary. */
		while (d->in_at < d->in_len && d->in[d->in_at] == 0)
			d->in_at++;
		if (d->in_at == d->in_len)
			return CDG_OK;
		inflateReset(z);
		d->inside = true;
	}
	z->next_in = d->in + d->in_at;
	z->avail_in = (uInt)(d->in_len - d->in_at);
	z->next_out = dst;
	z->avail_out = (uInt)min_size(cap, (size_t)1 << 30);
	rc = inflate(z, Z_NO_FLUSH);
	*n = (size_t)(z->next_out - dst);
	d->in_at = d->in_len - z->avail_in;
	if (rc == Z_STREAM_END)
		d->inside = false;
	else if (rc == Z_MEM_ERROR)
		return err_nomem(err);
	else if (rc != Z_OK && rc != Z_BUF_ERROR)
		return decompress_damaged(d, err, z->msg ? z->msg : "bad stream");
	return CDG_OK;
}

static cdg_status
decompress_step_zstd(decompress *d, uint8_t *dst, size_t cap, size_t *n, cdg_error *err)
{
	ZSTD_inBuffer in = { d->in, d->in_len, d->in_at };
	ZSTD_outBuffer out = { dst, cap, 0 };
	size_t rc;

	if (d->in_at == d->in_len && !d->inside)
		return CDG_OK;
	rc = ZSTD_decompressStream(d->u.zstd, &out, &in);
	d->in_at = in.pos;
	*n = out.pos;
	if (ZSTD_isError(rc))
		return decompress_damaged(d, err, ZSTD_getErrorName(rc));
	d->inside = rc != 0;
	return CDG_OK;
}

static cdg_status
decompress_step_lz4(decompress *d, uint8_t *dst, size_t cap, size_t *n, cdg_error *err)
{
	size_t in = d->in_len - d->in_at, out = cap, rc;

	if (in == 0 && !d->inside)
		return CDG_OK;
	rc = LZ4F_decompress(d->u.lz4, dst, &out, d->in + d->in_at, &in, NULL);
	if (LZ4F_isError(rc))
		return decompress_damaged(d, err, LZ4F_getErrorName(rc));
	d->in_at += in;
	*n = out;
	d->inside = rc != 0;
	return CDG_OK;
}

static cdg_status
decompress_step_xz(decompress *d, uint8_t *dst, size_t cap, size_t *n, cdg_error *err)
{
	lzma_stream *x = &d->u.xz;
	lzma_ret rc;

	x->next_in = d->in + d->in_at;
	x->avail_in = d->in_len - d->in_at;
	x->next_out = dst;
	x->avail_out = cap;
	rc = lzma_code(x, d->eof ? LZMA_FINISH : LZMA_RUN);
	*n = (size_t)(x->next_out - dst);
	d->in_at = d->in_len - x->avail_in;
	switch (rc) {
	case LZMA_OK:
	case LZMA_BUF_ERROR:
		return CDG_OK;
	case LZMA_STREAM_END:
		d->inside = false;
		d->done = true;
		return CDG_OK;
	case LZMA_MEM_ERROR:
		return err_nomem(err);
	case LZMA_MEMLIMIT_ERROR:
		return decompress_damaged(d, err, "its dictionary needs more than 1 GB");
	default:
		return decompress_damaged(d, err, "bad stream");
	}
}

static cdg_status
decompress_step(decompress *d, uint8_t *dst, size_t cap, size_t *n, cdg_error *err)
{
	switch (d->codec) {
	case DECOMPRESS_GZIP:
		return decompress_step_gzip(d, dst, cap, n, err);
	case DECOMPRESS_ZSTD:
		return decompress_step_zstd(d, dst, cap, n, err);
	case DECOMPRESS_LZ4:
		return decompress_step_lz4(d, dst, cap, n, err);
	default:
		return decompress_step_xz(d, dst, cap, n, err);
	}
}

static cdg_status
decompress_decode(decompress *d, uint8_t *dst, size_t cap, size_t *n, cdg_error *err)
{
	*n = 0;
	while (*n == 0 && !d->done) {
		size_t before = d->in_at, held = d->in_len;
		bool was_inside = d->inside;

		CDG_TRY(decompress_step(d, dst, cap, n, err));
		d->produced += *n;
		if (d->produced > DECOMPRESS_BOMB_FLOOR &&
		    d->produced / DECOMPRESS_BOMB_RATIO > d->consumed)
			return decompress_damaged(d, err, "it expands beyond all measure");
		if (*n || d->done || d->in_at != before || d->inside != was_inside)
			continue;
		if (!d->eof) {
			CDG_TRY(decompress_more(d, err));
			continue;
		}
		if (d->inside)
			return decompress_damaged(d, err, "it ends too early");
		if (d->in_at == held)
			d->done = true;
		else
			return decompress_damaged(d, err, "foreign bytes after its end");
	}
	return CDG_OK;
}

static cdg_status
decompress_plain(decompress *d, uint8_t *dst, size_t cap, size_t *n, cdg_error *err)
{
	size_t left = d->in_len - d->in_at;

	if (left) {
		*n = min_size(left, cap);
		memcpy(dst, d->in + d->in_at, *n);
		d->in_at += *n;
		return CDG_OK;
	}
	return decompress_fill(d, dst, cap, n, err);
}

static cdg_status
decompress_next(decompress *d, void *dst, size_t cap, size_t *n, cdg_error *err)
{
	cdg_status st;

	*n = 0;
	if (d->failed.status != CDG_OK)
		return err_set(err, d->failed.status, "%s", d->failed.message);
	if (d->codec == DECOMPRESS_PLAIN)
		st = decompress_plain(d, dst, cap, n, &d->failed);
	else
		st = decompress_decode(d, dst, cap, n, &d->failed);
	if (unlikely(st != CDG_OK) && err)
		*err = d->failed;
	return st;
}

cdg_status
decompress_peek(decompress *d, const char **head, size_t *n, cdg_error *err)
{
	cdg_status st = CDG_OK;

	while (d->head_len < DECOMPRESS_HEAD) {
		size_t got;
		st = decompress_next(d, d->head + d->head_len, DECOMPRESS_HEAD - d->head_len, &got,
				     err);
		if (st != CDG_OK || got == 0)
			break;
		d->head_len += got;
	}
	*head = d->head;
	*n = d->head_len;
	return st;
}

cdg_status
decompress_read(decompress *d, void *dst, size_t cap, size_t *n, cdg_error *err)
{
	size_t left = d->head_len - d->head_at;

	if (left) {
		*n = min_size(left, cap);
		memcpy(dst, d->head + d->head_at, *n);
		d->head_at += *n;
		return CDG_OK;
	}
	return decompress_next(d, dst, cap, n, err);
}
