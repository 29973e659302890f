/* trouble.c - lines to standard error, so few that a client who finds a damaged index cannot
 * fill the journal with them. */
#include "daemon/trouble.h"

#include <stdatomic.h>
#include <stdio.h>

#include "base/file.h"

enum { A_SECOND = 4 };

void
trouble(const char *index, const cdg_error *err)
{
	static atomic_uint_fast64_t second, lines;
	uint64_t now = clock_ns() / 1000000000 + 1;

	if (atomic_exchange(&second, now) != now)
		atomic_store(&lines, 0);
	if (atomic_fetch_add(&lines, 1) < A_SECOND)
		fprintf(stderr, "cdgsearchd: %s: %s\n", index, err->message);
}
