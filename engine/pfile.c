/* pfile.c - see pfile.h.
 *
 * header (64 bytes): "CDGINDEX" | format u32 | kind u32 | segment id 16 |
 *                    variant u8 | zero 23 | xxh3 of the 56 before it
 * footer (64 bytes): data_len u64 | npages u64 | xxh3 of the checksum table |
 *                    segment id 16 | kind u32 | format u32 | xxh3 of the 48
 *                    before it | "CDGEND01"
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "engine/pfile.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xxhash.h>

static const char header_magic[8] = "CDGINDEX", footer_magic[8] = "CDGEND01";

unsigned
pfile_variant(uint32_t kind)
{
	return kind == PFILE_KIND('P', 'O', 'S', 'T') ? 1 : 0; /* impacts, see postings.h */
}

static void
pfile_header(uint8_t *h, uint32_t kind, unsigned variant, const segment_id *id)
{
	memset(h, 0, PFILE_HEADER);
	memcpy(h, header_magic, 8);
	store_u32(h + 8, PFILE_FORMAT);
	store_u32(h + 12, kind);
	memcpy(h + 16, id->b, 16);
	h[32] = (uint8_t)variant;
	store_u64(h + 56, XXH3_64bits(h, 56));
}

static void
pfile_footer(uint8_t *f, uint64_t data_len, uint64_t npages, uint64_t table, uint32_t kind,
	     const uint8_t *id)
{
	store_u64(f, data_len);
	store_u64(f + 8, npages);
	store_u64(f + 16, table);
	memcpy(f + 24, id, 16);
	store_u32(f + 40, kind);
	store_u32(f + 44, PFILE_FORMAT);
	store_u64(f + 48, XXH3_64bits(f, 48));
	memcpy(f + 56, footer_magic, 8);
}

static cdg_status
pfile_check_ends(pfile *f, uint32_t kind, const segment_id *id, cdg_error *err)
{
	const uint8_t *h = f->map.at, *t;
	uint8_t want[PFILE_HEADER];
	size_t len = f->map.len;
	uint64_t data_len, npages;

	if (len < PFILE_HEADER + PFILE_PAD + 8 + PFILE_FOOTER)
		return err_corrupt(err, f->path, len, "file is too short (%zu bytes)", len);
	if (memcmp(h, header_magic, 8) != 0)
		return err_corrupt(err, f->path, 0, "not a cdgsearch index file");
	if (XXH3_64bits(h, 56) != load_u64(h + 56))
		return err_corrupt(err, f->path, 0, "header checksum is wrong");
	if (load_u32(h + 8) > PFILE_FORMAT)
		return err_set(err, CDG_E_VERSION,
			       "%s has index format %u; this program reads up to %u: use a newer cdgsearch",
			       f->path, load_u32(h + 8), PFILE_FORMAT);
	f->variant = h[32];
	pfile_header(want, kind, f->variant, id);
	if (memcmp(h, want, PFILE_HEADER) != 0)
		return err_corrupt(err, f->path, 8, "file is of another kind or segment");
	if (f->variant > pfile_variant(kind))
		return err_set(err, CDG_E_VERSION, "%s is coded in a way that this program does not know (%u): "
			       "use a newer cdgsearch", f->path, f->variant);
	t = h + len - PFILE_FOOTER;
	data_len = load_u64(t);
	npages = load_u64(t + 8);
	if (memcmp(t + 56, footer_magic, 8) != 0 || XXH3_64bits(t, 48) != load_u64(t + 48))
		return err_corrupt(err, f->path, len - PFILE_FOOTER, "footer is wrong: truncated or overwritten");
	if (memcmp(t + 24, id->b, 16) != 0 || load_u32(t + 40) != kind || load_u32(t + 44) != load_u32(h + 8))
		return err_corrupt(err, f->path, len - PFILE_FOOTER, "footer is of another file");
	if (data_len < PFILE_HEADER + PFILE_PAD || data_len > len || npages > len / 8 ||
	    npages != (data_len + PFILE_PAGE - 1) / PFILE_PAGE || data_len + 8 * npages + PFILE_FOOTER != len)
		return err_corrupt(err, f->path, len - PFILE_FOOTER, "sizes in the footer do not add up");
	f->data_len = data_len;
	f->npages = npages;
	f->checksums = h + data_len;
	if (XXH3_64bits(f->checksums, 8 * npages) != load_u64(t + 16))
		return err_corrupt(err, f->path, data_len, "checksum table is wrong");
	return CDG_OK;
}

cdg_status
pfile_open(pfile *f, const char *path, uint32_t kind, const segment_id *id, cdg_error *err)
{
	cdg_status st;

	memset(f, 0, sizeof *f);
	f->path = mem_strdup(path);
	if (!f->path)
		return err_nomem(err);
	st = file_map_open(path, &f->map, err);
	if (st == CDG_OK)
		st = pfile_check_ends(f, kind, id, err);
	if (st == CDG_OK) {
		f->verified = mem_calloc((f->npages + 63) / 64, sizeof *f->verified);
		if (!f->verified)
			st = err_nomem(err);
	}
	if (st != CDG_OK)
		pfile_close(f);
	return st;
}

void
pfile_close(pfile *f)
{
	file_map_close(&f->map);
	mem_free(f->verified);
	mem_free(f->path);
	memset(f, 0, sizeof *f);
}

void
pfile_damaged(const pfile *cf, size_t off, const char *why)
{
	pfile *f = (pfile *)(uintptr_t)cf; /* the sticky mark is the one mutable thing */
	uint64_t none = 0;
	const char *nothing = NULL;

	/* two threads may meet different damage at once: then the reason of one may
	 * stand with the place of the other, both of this file */
	atomic_compare_exchange_strong(&f->bad_why, &nothing, why);
	atomic_compare_exchange_strong(&f->bad, &none, (uint64_t)off + 1);
}

bool
pfile_verify_slow(const pfile *f, size_t off, size_t len)
{
	if (off > pfile_end(f) || len > pfile_end(f) - off) {
		pfile_damaged(f, off, "a structure reaches past the end of the file");
		return false;
	}
	for (size_t p = off / PFILE_PAGE, last = (off + (len ? len - 1 : 0)) / PFILE_PAGE; p <= last; p++) {
		uint64_t bit = (uint64_t)1 << (p % 64);
		size_t at = p * PFILE_PAGE, n;
		if (atomic_load_explicit(&f->verified[p / 64], memory_order_relaxed) & bit)
			continue;
		n = min_size(PFILE_PAGE, f->data_len - at);
		if (XXH3_64bits(f->map.at + at, n) != load_u64(f->checksums + 8 * p)) {
			pfile_damaged(f, at, "page checksum is wrong");
			return false;
		}
		atomic_fetch_or_explicit(&f->verified[p / 64], bit, memory_order_relaxed);
	}
	return true;
}

void
pfile_nomem(const pfile *cf)
{
	pfile *f = (pfile *)(uintptr_t)cf;
	atomic_fetch_add_explicit(&f->nomem, 1, memory_order_relaxed);
}

cdg_status
pfile_error(const pfile *f, cdg_error *err)
{
	uint64_t bad = atomic_load(&f->bad);
	const char *why = atomic_load(&f->bad_why);
	if (!bad)
		return err_corrupt(err, f->path ? f->path : "?", 0, "structure is inconsistent");
	return err_corrupt(err, f->path, bad - 1, "%s", why ? why : "structure is inconsistent");
}

cdg_status
pfile_check(const pfile *f, cdg_error *err)
{
	for (size_t p = 0; p < f->npages; p++) {
		size_t at = p * PFILE_PAGE, n = min_size(PFILE_PAGE, f->data_len - at);
		if (XXH3_64bits(f->map.at + at, n) != load_u64(f->checksums + 8 * p))
			return err_corrupt(err, f->path, at, "page checksum is wrong");
	}
	for (size_t i = pfile_end(f); i < f->data_len; i++)
		if (f->map.at[i])
			return err_corrupt(err, f->path, i, "padding is not zero");
	return CDG_OK;
}

void
pfile_forget(const pfile *f, size_t off, size_t len)
{
	size_t first = (off + 4095) & ~(size_t)4095, end = (off + len) & ~(size_t)4095;
	if (end > first && end <= f->map.len)
		madvise((void *)(uintptr_t)(f->map.at + first), end - first, MADV_DONTNEED);
}

/* ---- writing -------------------------------------------------------- */

cdg_status
pwriter_open(pwriter *w, const char *path, uint32_t kind, const segment_id *id, cdg_error *err)
{
	uint8_t h[PFILE_HEADER];

	memset(w, 0, sizeof *w);
	w->fd = -1;
	w->path = mem_strdup(path);
	w->page = mem_alloc(PWRITER_BUF);
	if (!w->path || !w->page) {
		pwriter_abort(w);
		return err_nomem(err);
	}
	w->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (w->fd < 0) {
		cdg_status st = err_errno(err, "create", path);
		pwriter_abort(w);
		return st;
	}
	pfile_header(h, kind, pfile_variant(kind), id);
	pwriter_put(w, h, sizeof h);
	return CDG_OK;
}

static void
pwriter_fail(pwriter *w, cdg_status st)
{
	if (w->status == CDG_OK)
		w->status = st;
}

/* Write out the full pages of the buffer (all of it when `last`). */
static void
pwriter_flush(pwriter *w, bool last)
{
	size_t full = last ? w->fill : w->fill / PFILE_PAGE * PFILE_PAGE;

	if (w->status != CDG_OK || !full) {
		if (w->status != CDG_OK)
			w->fill = 0;
		return;
	}
	for (size_t at = 0; at < full; at += PFILE_PAGE)
		buf_put_u64(&w->sums, XXH3_64bits(w->page + at, min_size(PFILE_PAGE, full - at)));
	pwriter_fail(w, file_write_fd(w->fd, w->page, full, w->path, &w->err));
	memmove(w->page, w->page + full, w->fill - full);
	w->fill -= full;
	if (w->hasten && (w->at - w->fill) / PWRITER_HASTEN != (w->at - w->fill - full) / PWRITER_HASTEN)
		file_begin_sync(w->fd);
}

void
pwriter_put_slow(pwriter *w, const void *p, size_t n)
{
	const uint8_t *at = p;
	if (!w->page)
		return;
	w->at += n;
	while (n) {
		size_t k = min_size(n, PWRITER_BUF - w->fill);
		memcpy(w->page + w->fill, at, k);
		w->fill += k;
		at += k;
		n -= k;
		if (w->fill == PWRITER_BUF)
			pwriter_flush(w, false);
	}
}

cdg_status
pwriter_copy(pwriter *w, const pfile *from, uint64_t begin, uint64_t end, cdg_error *err)
{
	while (begin < end) {
		size_t n = min_size(PWRITER_BUF, end - begin);
		const uint8_t *p = pfile_at(from, begin, n);

		if (!p)
			return pfile_error(from, err);
		pwriter_put(w, p, n);
		pfile_forget(from, begin, n);
		begin += n;
	}
	return CDG_OK;
}

void
pwriter_align(pwriter *w, size_t align)
{
	static const uint8_t zero[64];
	while (w->at & (align - 1)) {
		size_t n = min_size(sizeof zero, align - (w->at & (align - 1)));
		pwriter_put(w, zero, n);
	}
}

cdg_status
pwriter_finish(pwriter *w, bool sync, cdg_error *err)
{
	static const uint8_t zero[PFILE_PAD];
	uint8_t foot[PFILE_FOOTER], head[PFILE_HEADER];
	uint64_t data_len;
	cdg_status st;

	pwriter_put(w, zero, sizeof zero);
	data_len = w->at;
	pwriter_flush(w, true);
	if (w->sums.failed)
		pwriter_fail(w, err_nomem(&w->err));
	if (w->status == CDG_OK) {
		/* the header on disk has the id and the kind the footer repeats */
		int fd = open(w->path, O_RDONLY | O_CLOEXEC);
		if (fd < 0 || pread(fd, head, sizeof head, 0) != (ssize_t)sizeof head)
			pwriter_fail(w, err_errno(&w->err, "read back", w->path));
		if (fd >= 0)
			close(fd);
	}
	if (w->status == CDG_OK) {
		pfile_footer(foot, data_len, w->sums.len / 8, XXH3_64bits(w->sums.p, w->sums.len),
			     load_u32(head + 12), head + 16);
		pwriter_fail(w, file_write_fd(w->fd, w->sums.p, w->sums.len, w->path, &w->err));
	}
	if (w->status == CDG_OK)
		pwriter_fail(w, file_write_fd(w->fd, foot, sizeof foot, w->path, &w->err));
	if (w->status == CDG_OK && sync && fsync(w->fd) != 0)
		pwriter_fail(w, err_errno(&w->err, "sync", w->path));
	st = w->status;
	if (st != CDG_OK) {
		if (err)
			*err = w->err;
		pwriter_abort(w);
		return st;
	}
	if (close(w->fd) != 0)
		st = err_errno(err, "close", w->path);
	w->fd = -1;
	mem_free(w->page);
	w->page = NULL;
	buf_fini(&w->sums);
	mem_free(w->path);
	w->path = NULL;
	return st;
}

void
pwriter_abort(pwriter *w)
{
	if (w->fd > 0)
		close(w->fd);
	w->fd = -1;
	if (w->path && w->page)
		unlink(w->path);
	mem_free(w->page);
	mem_free(w->path);
	buf_fini(&w->sums);
	w->page = NULL;
	w->path = NULL;
}
