/* mem.h - the allocation calls of the whole project, so that a test can make
 * the n-th one fail.  All return NULL when memory is out; none zeroes unless
 * it says so.  Thread-safe. */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stdlib.h>

#include "base/base.h"

void *mem_alloc(size_t size);
void *mem_calloc(size_t n, size_t size);
void *mem_realloc(void *p, size_t size);
void *mem_dup(const void *p, size_t size);
char *mem_strdup(const char *s);
char *mem_strndup(const char *s, size_t n); /* copies n bytes and adds a NUL */
CDG_INLINE void
mem_free(void *p)
{
	free(p);
}

/* Grow *array (elements of `size` bytes, capacity *cap) to hold at least
 * `need` elements, doubling.  False when memory is out; *array is then
 * unchanged. */
bool mem_grow(void *array, size_t *cap, size_t need, size_t size);

/* Fault injection for tests: the n-th call from now (1-based) fails, and all
 * after it too when `sticky`; 0 switches it off. */
void mem_fail_after(long n, bool sticky);

/* Arena: many small allocations, freed at once.  Aligned to 8.  Sticky: once
 * memory was out, arena_alloc keeps returning NULL and arena.failed stays. */
typedef struct arena_chunk arena_chunk;
typedef struct arena {
	arena_chunk *head;
	char *at, *end;
	size_t bytes; /* held from the system */
	bool failed;
} arena;

void arena_init(arena *a);
/* The first `size` bytes come from room, which is aligned to 8 and the caller's: nothing
 * is asked of the system while they last. */
void arena_init_room(arena *a, void *room, size_t size);
void arena_fini(arena *a);
/* Forget all allocations but keep the newest chunk for reuse.  Not with a room. */
void arena_reset(arena *a);
void *arena_slow(arena *a, size_t size);

CDG_INLINE void *
arena_alloc(arena *a, size_t size)
{
	size_t n = (size + 7) & ~(size_t)7;
	if (likely(n >= size && (size_t)(a->end - a->at) >= n && a->at)) {
		void *p = a->at;
		a->at += n;
		return p;
	}
	return arena_slow(a, size);
}
void *arena_zalloc(arena *a, size_t size);
char *arena_strndup(arena *a, const char *s, size_t n); /* NUL added */

#endif
