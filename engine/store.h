/* store.h - the stored records of a segment (.text file): per document its meta
 * bytes (whatever the indexer packs: id, title, url, ...) and its text, in
 * independent LZ4 blocks, so that a snippet decompresses one block.
 *
 * LAYOUT (kind "TEXT"; all integers little-endian; offsets are file offsets)
 *
 *   at           size            what
 *   64           data_end - 64   blocks, back to back, nblocks of them:
 *                                  u32   bits 0..30: length when unpacked, 1..131072
 *                                        bit 31: the bytes are not compressed
 *                                  ...   one LZ4 block (raw LZ4 block format, no
 *                                        frame), or the bytes themselves
 *   data_end     0..7            zeros up to a multiple of 8
 *   table_at     8*(nblocks+1)   u64 where block i begins; the last one = data_end
 *   end - 32     8               u64 table_at
 *   end - 24     8               u64 data_end
 *   end - 16     4               u32 nblocks
 *   end - 12     4               u32 block size, 131072
 *   end - 8      8               u64 number of records
 *   (end = payload end: data_len - 64, see pfile.h)
 *
 * The unpacked blocks are cut from byte streams.  A record in the stream is
 *   varint meta_len | varint text_len | meta bytes | text bytes
 * and its ref is block << 32 | offset within the unpacked block.  A record may
 * run through several blocks; then all but the last of them are full (131072).
 * A block that ends a stream may be shorter.
 *
 * Writing: every worker has its store_part, which compresses by itself; groups of
 * blocks of all parts go to one store_sink, the file, as they get ready, so which
 * block has which number depends on who is first.
 * Merging: a store_joiner takes whole segments (store_append) and single
 * records (store_copy_record) in any order.
 *
 * Threads: a store is read by any number of threads, each with its own
 * store_cursor.  A part, joiner or cursor belongs to one thread at a time; a sink is
 * locked by the parts that write to it.
 */
#ifndef ENGINE_STORE_H
#define ENGINE_STORE_H

#include <pthread.h>

#include "engine/pfile.h"

#define STORE_KIND PFILE_KIND('T', 'E', 'X', 'T')

enum {
	STORE_BLOCK = 131072,   /* unpacked bytes of a block */
	STORE_TRAILER = 32
};

#define STORE_REF(block, offset) ((uint64_t)(block) << 32 | (uint32_t)(offset))

/* The ref of a record of a source segment in the joined file. */
CDG_INLINE uint64_t
store_rebase(uint64_t ref, uint32_t base_block)
{
	return ref + ((uint64_t)base_block << 32);
}

/* ---- a private temporary file -------------------------------------------
 * Bytes appended and read back once.  The file gets no name that could stay
 * behind after a crash; nothing is created while all fits the buffer.  Also
 * used by tree_part. */
typedef struct store_spill {
	char *path;       /* where to create it; removed as soon as it is open */
	int fd;           /* -1: not created */
	uint8_t *buf;
	size_t fill, cap;
	uint64_t written; /* bytes in the file */
} store_spill;

cdg_status store_spill_init(store_spill *s, const char *path, size_t cap, cdg_error *err);
void store_spill_fini(store_spill *s);
/* Room for n <= cap bytes at buf + fill; the caller adds what it used to fill. */
cdg_status store_spill_room(store_spill *s, size_t n, cdg_error *err);
cdg_status store_spill_put(store_spill *s, const void *p, size_t n, cdg_error *err);
/* Everything to out, in order; then the spill is empty and may be used again. */
cdg_status store_spill_drain(store_spill *s, pwriter *out, cdg_error *err);

/* ---- writing: one part a worker ------------------------------------------ */

/* The file of the segment that is being made; created when the first blocks come. */
typedef struct store_sink {
	pthread_mutex_t lock;
	pwriter out;
	bool open, sync;
	char *dir;
	segment_id id;    /* of the segment, while it is open */
	buf table;        /* u64 begin of each block */
	uint64_t records;
} store_sink;

typedef struct store_part {
	store_sink *sink;
	uint8_t *raw;     /* the block being filled, STORE_BLOCK bytes */
	uint8_t *packed;  /* blocks that wait for the file */
	uint32_t fill;
	uint32_t blocks;  /* packed since the reset; number of the one being filled */
	uint32_t group;   /* the first of them that is not in the file */
	size_t packed_len;
	buf sizes;        /* u32 stored size (with its 4 byte header) of each that waits */
	buf groups;       /* u32 number here, u32 number in the file, of each group's first */
	uint64_t records; /* since the last group */
	bool owns;        /* the sink is locked */
} store_part;

/* sync: the file will be synced when it is finished. */
cdg_status store_sink_init(store_sink *s, const char *dir, bool sync, cdg_error *err);
/* Safe on a zeroed sink.  A file that was not finished is removed. */
void store_sink_fini(store_sink *s);
/* Give it an id and its file, if it has none yet. */
cdg_status store_sink_open(store_sink *s, cdg_error *err);
/* What is left of the parts, table, trailer.  The sink may then be opened for another
 * segment; the parts keep what store_part_ref needs until their reset. */
cdg_status store_sink_finish(store_sink *s, store_part **parts, size_t n, cdg_error *err);

cdg_status store_part_init(store_part *p, store_sink *sink, cdg_error *err);
void store_part_fini(store_part *p); /* safe on a zeroed part */
void store_part_reset(store_part *p);
/* Append one record; *ref counts blocks from the part's own first one.
 * CDG_E_LIMIT past UINT32_MAX bytes of meta or text. */
cdg_status store_part_add(store_part *p, const void *meta, size_t meta_len, const void *text,
			  size_t text_len, uint64_t *ref, cdg_error *err);
cdg_status store_part_finish(store_part *p, cdg_error *err);
/* Where a record is in the file, when that is finished. */
uint64_t store_part_ref(const store_part *p, uint64_t ref);

/* ---- reading ------------------------------------------------------------- */

typedef struct store {
	pfile f;
	uint64_t table_at, data_end;
	uint64_t nrecords;
	uint32_t nblocks;
} store;

cdg_status store_open(store *s, const char *path, const segment_id *id, cdg_error *err);
void store_close(store *s); /* safe on a zeroed store */
/* Every block unpacks, the table and trailer are consistent. */
cdg_status store_check(const store *s, cdg_error *err);

/* The last block unpacked, and the lengths of the last record asked for. */
typedef struct store_cursor {
	const store *s;
	const uint8_t *p;   /* unpacked bytes: `own`, or the file when stored raw */
	uint8_t *own;       /* STORE_BLOCK bytes, made on first use */
	uint32_t block;     /* UINT32_MAX: none */
	uint32_t have, full; /* unpacked so far; length of the block */
	uint64_t ref;       /* UINT64_MAX: none */
	uint32_t meta_len, text_len, head_len;
	uint64_t expect_block; /* store_expect: the block, and how much of it */
	uint32_t expect;
} store_cursor;

void store_cursor_init(store_cursor *c, const store *s);
void store_cursor_fini(store_cursor *c);
/* Point it at another segment, keeping its memory. */
void store_cursor_use(store_cursor *c, const store *s);

/* A hint: of this record about the first `text` bytes of its text will be asked for,
 * so that they are unpacked with its beginning, once. */
void store_expect(store_cursor *c, uint64_t ref, uint64_t text);
cdg_status store_lengths(store_cursor *c, uint64_t ref, uint32_t *meta_len, uint32_t *text_len,
			 cdg_error *err);
/* Append the meta bytes, or bytes [off, off + len) of the text (len is cut at
 * its end; off past the end gives nothing), to out. */
cdg_status store_meta(store_cursor *c, uint64_t ref, buf *out, cdg_error *err);
cdg_status store_text(store_cursor *c, uint64_t ref, uint32_t off, uint32_t len, buf *out, cdg_error *err);

/* ---- merging --------------------------------------------------------------- */

typedef struct store_joiner {
	pwriter *out;
	buf table;        /* u64 begin of each block */
	uint8_t *raw;     /* block of copied records being filled */
	uint8_t *packed;
	uint32_t fill;
	uint64_t records;
} store_joiner;

cdg_status store_joiner_init(store_joiner *j, pwriter *out, cdg_error *err);
void store_joiner_fini(store_joiner *j); /* safe on a zeroed joiner */
/* All blocks of a segment, verbatim (their pages are verified). */
cdg_status store_append(store_joiner *j, const store *src, uint32_t *base_block, cdg_error *err);
/* One record of the cursor's store; *new_ref is its final ref. */
cdg_status store_copy_record(store_joiner *j, store_cursor *src, uint64_t ref, uint64_t *new_ref,
			     cdg_error *err);
/* Last block, table, trailer.  The caller then finishes the pwriter. */
cdg_status store_joiner_finish(store_joiner *j, cdg_error *err);

#endif
