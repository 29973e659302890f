/* pfile.h - a file of the index: pages of 16 KiB, each under a checksum that is
 * verified the first time the page is touched.
 *
 *   0              64               data_len        data_len + 8 * npages
 *   +--------------+----------------+---------------+------------+
 *   | header (64)  | payload, 0-pad | page checksums | footer (64)|
 *   +--------------+----------------+---------------+------------+
 *
 * Page i is bytes [i * 16384, (i+1) * 16384) of header and payload; the last
 * one may be short.  Opening verifies header, footer and the checksum table,
 * nothing else, so it takes the same time for every size.  The payload ends
 * in at least 64 zero bytes that no structure uses: decoders may read past the
 * end of what they decode, by less than that.
 *
 * Threads: an open pfile may be read by any number of threads (the bitmap of
 * verified pages is atomic).  A pwriter belongs to one.
 */
#ifndef ENGINE_PFILE_H
#define ENGINE_PFILE_H

#include <stdatomic.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"

enum {
	PFILE_PAGE = 16384,
	PFILE_HEADER = 64,
	PFILE_FOOTER = 64,
	PFILE_PAD = 64,
	PFILE_FORMAT = 1 /* number of this format; docs/format.md */
};

/* What a file holds; four bytes in its header. */
#define PFILE_KIND(a, b, c, d) \
	((uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(c) << 16 | (uint32_t)(d) << 24)

typedef struct segment_id {
	uint8_t b[16];
} segment_id;

typedef struct pfile {
	char *path;
	file_map map;
	size_t data_len;          /* header + payload + padding */
	size_t npages;
	unsigned variant;         /* which coding of its kind the file has; 0 to pfile_variant(kind) */
	const uint8_t *checksums; /* npages * 8, unaligned */
	_Atomic uint64_t *verified;
	_Atomic uint64_t bad;     /* 1 + offset of the first bad page seen, 0 = none */
	_Atomic(const char *) bad_why; /* static; for structural damage, set before `bad` */
	_Atomic uint64_t nomem;   /* reads that gave up because memory was out: no damage, so
	                           * not sticky; who reads compares it before and after */
} pfile;

/* Codings of a kind are numbered from 0 on, and a file says in its header which one
 * it has.  The newest is written; all are read. */
unsigned pfile_variant(uint32_t kind);

/* CDG_E_NOTFOUND, _VERSION, _CORRUPT, ...  `id` must be the one in the header. */
cdg_status pfile_open(pfile *f, const char *path, uint32_t kind, const segment_id *id, cdg_error *err);
void pfile_close(pfile *f);

bool pfile_verify_slow(const pfile *f, size_t off, size_t len);

/* True if [off, off+len) lies in the payload and its pages are sound.  On false
 * f->bad says where; the caller gives up and reports by pfile_error. */
CDG_INLINE bool
pfile_ok(const pfile *f, size_t off, size_t len)
{
	size_t first = off / PFILE_PAGE;
	if (unlikely(off > f->data_len - PFILE_PAD || len > f->data_len - PFILE_PAD - off))
		return pfile_verify_slow(f, off, len);
	/* one page, or two neighbours, almost always */
	if (likely((off + len) / PFILE_PAGE == first)) {
		uint64_t w = atomic_load_explicit(&f->verified[first / 64], memory_order_relaxed);
		if (likely(w >> (first % 64) & 1))
			return true;
	}
	return pfile_verify_slow(f, off, len);
}

/* A pointer to len sound bytes at off, or NULL. */
CDG_INLINE const uint8_t *
pfile_at(const pfile *f, size_t off, size_t len)
{
	return pfile_ok(f, off, len) ? f->map.at + off : NULL;
}

/* Remember structural damage (a checksum was right, the content is not). */
void pfile_damaged(const pfile *f, size_t off, const char *why);
/* Memory was out while something of f was decoded. */
void pfile_nomem(const pfile *f);
/* CDG_E_CORRUPT with the place that was remembered first. */
cdg_status pfile_error(const pfile *f, cdg_error *err);
/* Verify every page and the padding; CDG_E_CORRUPT names the first bad one. */
cdg_status pfile_check(const pfile *f, cdg_error *err);
/* Tell the kernel that [off, off+len) will not be needed soon (merging keeps
 * its memory small by this). */
void pfile_forget(const pfile *f, size_t off, size_t len);
/* Payload bytes: from PFILE_HEADER to this. */
CDG_INLINE size_t
pfile_end(const pfile *f)
{
	return f->data_len - PFILE_PAD;
}

/* ---- writing -------------------------------------------------------- */

typedef struct pwriter {
	char *path;
	int fd;
	uint8_t *page;      /* the bytes not yet written: a few pages */
	size_t fill;        /* bytes in `page` */
	uint64_t at;        /* bytes in the file so far, `page` included */
	buf sums;
	bool hasten;        /* it will stay and be synced: let the disk begin early */
	cdg_status status;  /* sticky */
	cdg_error err;
} pwriter;

cdg_status pwriter_open(pwriter *w, const char *path, uint32_t kind, const segment_id *id, cdg_error *err);
void pwriter_put_slow(pwriter *w, const void *p, size_t n);
enum { PWRITER_BUF = 16 * PFILE_PAGE, PWRITER_HASTEN = 8 << 20 };
CDG_INLINE void
pwriter_put(pwriter *w, const void *p, size_t n)
{
	if (unlikely(!n)) /* p may be NULL then, which memcpy must not get */
		return;
	if (likely(w->page && n < PWRITER_BUF - w->fill)) {
		if (!n)
			return; /* p may be NULL */
		memcpy(w->page + w->fill, p, n);
		w->fill += n;
		w->at += n;
	} else {
		pwriter_put_slow(w, p, n);
	}
}
/* Where the next byte goes. */
CDG_INLINE uint64_t
pwriter_tell(const pwriter *w)
{
	return w->at;
}
/* The bytes [begin, end) of a file, which are verified, and forgotten behind. */
cdg_status pwriter_copy(pwriter *w, const pfile *from, uint64_t begin, uint64_t end, cdg_error *err);
/* Pad with zeros to a multiple of `align` (a power of two). */
void pwriter_align(pwriter *w, size_t align);
/* Table, footer, close.  fsync when `sync`.  Reports the sticky error. */
cdg_status pwriter_finish(pwriter *w, bool sync, cdg_error *err);
/* Close and remove what was written, after an error.  Safe on a zeroed or
 * finished writer. */
void pwriter_abort(pwriter *w);

#endif
