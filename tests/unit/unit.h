/* unit.h - what the unit tests share: cmocka, a seeded random generator, a
 * temporary folder. */
#ifndef TESTS_UNIT_UNIT_H
#define TESTS_UNIT_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/base.h"

/* A call that must go well; `err` in it is an error whose message is shown. */
#define OK(expr)                                                              \
	do {                                                                  \
		cdg_error err_ = { 0 };                                       \
		cdg_error *err = &err_;                                       \
		if ((expr) != CDG_OK)                                         \
			fail_msg("%s: %s", #expr, err_.message);              \
	} while (0)

/* xorshift64*; the seed is printed by unit_seed so that a failure repeats with
 * CDG_SEED=n. */
static uint64_t unit_state;

static inline uint64_t
unit_rand(void)
{
	unit_state ^= unit_state >> 12;
	unit_state ^= unit_state << 25;
	unit_state ^= unit_state >> 27;
	return unit_state * 2685821657736338717u;
}

static inline uint32_t
unit_below(uint32_t n)
{
	return n ? (uint32_t)(unit_rand() >> 32) % n : 0;
}

static inline void
unit_seed(const char *name)
{
	const char *s = getenv("CDG_SEED");
	uint64_t seed = s ? strtoull(s, NULL, 10) : (uint64_t)time(NULL) * 1000003u + (uint64_t)getpid();
	unit_state = seed * 2862933555777941757u + 3037000493u;
	if (!unit_state)
		unit_state = 1;
	printf("%s: CDG_SEED=%llu\n", name, (unsigned long long)seed);
}

/* A new folder below $TMPDIR; removed by unit_rmdir. */
static inline char *
unit_mkdir(void)
{
	const char *base = getenv("TMPDIR");
	char *path = malloc(4096);
	snprintf(path, 4096, "%s/cdg-unit-XXXXXX", base ? base : "/tmp");
	assert_non_null(mkdtemp(path));
	return path;
}

static inline void
unit_rmdir(char *path)
{
	char cmd[4200];
	snprintf(cmd, sizeof cmd, "rm -rf '%s'", path);
	if (system(cmd) != 0)
		fprintf(stderr, "could not remove %s\n", path);
	free(path);
}

#endif
