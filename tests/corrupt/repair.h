/* repair.h - makes checksums right again after bytes of an index file were
 * changed, so that damage reaches the code behind them (docs/format.md,
 * sections 2 and 3).  Nothing is trusted: what does not look like a file of the
 * index is left alone.
 */
#ifndef TESTS_CORRUPT_REPAIR_H
#define TESTS_CORRUPT_REPAIR_H

#include <inttypes.h>
#include <stdio.h>
#include <xxhash.h>

#include "engine/pfile.h"

/* Table, footer and header over n bytes at p. */
CDG_UNUSED static void
repair_pages(uint8_t *p, size_t n)
{
	uint8_t *foot = p + n - PFILE_FOOTER;
	uint64_t data_len, npages;

	if (n < PFILE_HEADER + PFILE_PAD + 8 + PFILE_FOOTER)
		return;
	store_u64(p + 56, XXH3_64bits(p, 56));
	data_len = load_u64(foot);
	npages = load_u64(foot + 8);
	if (data_len > n || npages > n / 8 || data_len + npages * 8 + PFILE_FOOTER != n ||
	    npages != (data_len + PFILE_PAGE - 1) / PFILE_PAGE)
		return;
	for (uint64_t i = 0; i < npages; i++) {
		size_t at = i * PFILE_PAGE;
		store_u64(p + data_len + 8 * i, XXH3_64bits(p + at, min_size(PFILE_PAGE, data_len - at)));
	}
	store_u64(foot + 16, XXH3_64bits(p + data_len, 8 * npages));
	store_u64(foot + 48, XXH3_64bits(foot, 48));
}

/* The last line of a manifest. */
CDG_UNUSED static void
repair_manifest(uint8_t *p, size_t n)
{
	char line[32];

	if (n < 26)
		return;
	snprintf(line, sizeof line, "checksum %016" PRIx64 "\n", (uint64_t)XXH3_64bits(p, n - 26));
	memcpy(p + n - 26, line, 26);
}

/* Take `cut` bytes out of the payload at `at` (the zeros after it stay), in
 * place; returns the new length.  Then repair_pages. */
CDG_UNUSED static size_t
repair_cut(uint8_t *p, size_t n, size_t at, size_t cut)
{
	uint64_t data_len = load_u64(p + n - PFILE_FOOTER), npages = load_u64(p + n - PFILE_FOOTER + 8);
	uint8_t foot[PFILE_FOOTER];
	size_t len;

	if (at < PFILE_HEADER || data_len > n || at + cut + PFILE_PAD > data_len)
		return n;
	memcpy(foot, p + n - PFILE_FOOTER, PFILE_FOOTER);
	memmove(p + at, p + at + cut, data_len - at - cut);
	data_len -= cut;
	npages = (data_len + PFILE_PAGE - 1) / PFILE_PAGE;
	len = data_len + 8 * npages + PFILE_FOOTER;
	if (len > n)
		return n;
	store_u64(foot, data_len);
	store_u64(foot + 8, npages);
	memcpy(p + len - PFILE_FOOTER, foot, PFILE_FOOTER);
	return len;
}

#endif
