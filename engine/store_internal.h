/* store_internal.h - what the writers of stored text share. */
#ifndef ENGINE_STORE_INTERNAL_H
#define ENGINE_STORE_INTERNAL_H

#include <lz4.h>

#include "engine/store.h"

enum {
	BLOCK_HEAD = 4,
	BLOCK_MAX = BLOCK_HEAD + LZ4_COMPRESSBOUND(STORE_BLOCK) /* what packing may need */
};
#define BLOCK_RAW 0x80000000u

/* One block with its header into dst (BLOCK_MAX bytes); returns its size. */
size_t store_pack(const uint8_t *src, uint32_t n, uint8_t *dst);
/* The varints that begin a record, into p (20 bytes); returns how many bytes. */
size_t store_head(uint8_t *p, uint64_t meta_len, uint64_t text_len);
cdg_status store_check_lengths(uint64_t meta_len, uint64_t text_len, cdg_error *err);
cdg_status store_too_many(cdg_error *err);
/* Table (u64 begin of each block) and trailer, after the last block. */
void store_trailer(pwriter *out, const buf *table, uint64_t records);

#endif
