/* part.h - what the tests of an index's parts share: random numbers whose seed is printed
 * (SEED=n repeats them), a folder for files, and damage to a file. */
#ifndef TESTS_UNIT_PART_H
#define TESTS_UNIT_PART_H

#include "engine/pfile.h"
#include "tests/unit/unit.h"

static char *dir;
static uint64_t seed;

static inline uint32_t
rnd(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 16);
}

/* Before the tests: a seed and `dir`; after them part_end. */
static inline void
part_begin(void)
{
	seed = getenv("SEED") ? strtoull(getenv("SEED"), NULL, 10) : (uint64_t)time(NULL) | 1;
	printf("seed %llu\n", (unsigned long long)seed);
	dir = unit_mkdir();
}

static inline void
part_end(void)
{
	unit_rmdir(dir);
}

/* A path in `dir`. */
static inline void
part_path(char to[128], const char *name)
{
	snprintf(to, 128, "%.100s/%s", dir, name);
}

/* n bytes as all that is in a file, under right checksums. */
static inline void
part_write(const char *to, uint32_t kind, const segment_id *id, const void *p, size_t n)
{
	pwriter w;

	assert_int_equal(pwriter_open(&w, to, kind, id, NULL), CDG_OK);
	pwriter_put(&w, p, n);
	assert_int_equal(pwriter_finish(&w, false, NULL), CDG_OK);
}

/* `to` is the file with a bit or more of one byte changed, its checksums as they were. */
static inline void
part_flip(const char *to, buf *file, uint8_t bits)
{
	size_t at = rnd() % file->len;

	file->p[at] ^= bits;
	assert_int_equal(file_replace(to, file->p, file->len, NULL), CDG_OK);
	file->p[at] ^= bits;
}

#endif
