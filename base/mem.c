/* mem.c - see mem.h.  The fault counter is the only global state here; it is
 * zero outside tests and costs one relaxed load per allocation. */
#include "base/mem.h"

#include <stdatomic.h>

static atomic_long fail_countdown;
static atomic_bool fail_sticky;

static bool
mem_must_fail(void)
{
	long n = atomic_load_explicit(&fail_countdown, memory_order_relaxed);
	if (likely(n == 0))
		return false;
	if (n < 0) /* the moment has passed */
		return atomic_load_explicit(&fail_sticky, memory_order_relaxed);
	n = atomic_fetch_sub_explicit(&fail_countdown, 1, memory_order_relaxed);
	if (n == 1) {
		atomic_store_explicit(&fail_countdown, -1, memory_order_relaxed);
		return true;
	}
	return false;
}

void
mem_fail_after(long n, bool sticky)
{
	atomic_store(&fail_sticky, sticky);
	atomic_store(&fail_countdown, n);
}

void *
mem_alloc(size_t size)
{
	return mem_must_fail() ? NULL : malloc(size ? size : 1);
}

void *
mem_calloc(size_t n, size_t size)
{
	return mem_must_fail() ? NULL : calloc(n ? n : 1, size ? size : 1);
}

void *
mem_realloc(void *p, size_t size)
{
	return mem_must_fail() ? NULL : realloc(p, size ? size : 1);
}

void *
mem_dup(const void *p, size_t size)
{
	void *q = mem_alloc(size);
	if (q && size)
		memcpy(q, p, size);
	return q;
}

char *
mem_strndup(const char *s, size_t n)
{
	char *q = mem_alloc(n + 1);
	if (q) {
		memcpy(q, s, n);
		q[n] = 0;
	}
	return q;
}

char *
mem_strdup(const char *s)
{
	return mem_strndup(s, strlen(s));
}

bool
mem_grow(void *array, size_t *cap, size_t need, size_t size)
{
	void **slot = array;
	size_t n = *cap ? *cap : 16;
	void *p;

	if (need <= *cap)
		return true;
	while (n < need) {
		if (n > SIZE_MAX / 2)
			return false;
		n *= 2;
	}
	if (n > SIZE_MAX / size)
		return false;
	p = mem_realloc(*slot, n * size);
	if (!p)
		return false;
	*slot = p;
	*cap = n;
	return true;
}

struct arena_chunk {
	arena_chunk *next;
	size_t size;
	_Alignas(16) char data[];
};

enum { ARENA_FIRST = 4096, ARENA_MAX_STEP = 1 << 20 };

void
arena_init(arena *a)
{
	memset(a, 0, sizeof *a);
}

void
arena_init_room(arena *a, void *room, size_t size)
{
	arena_init(a);
	a->at = room;
	a->end = a->at + size;
}

void
arena_fini(arena *a)
{
	arena_chunk *c = a->head;
	while (c) {
		arena_chunk *next = c->next;
		mem_free(c);
		c = next;
	}
	memset(a, 0, sizeof *a);
}

void
arena_reset(arena *a)
{
	arena_chunk *keep = a->head;
	if (!keep)
		return;
	a->head = keep->next;
	keep->next = NULL;
	while (a->head) {
		arena_chunk *next = a->head->next;
		a->bytes -= a->head->size;
		mem_free(a->head);
		a->head = next;
	}
	a->head = keep;
	a->at = keep->data;
	a->end = keep->data + keep->size;
	a->failed = false;
}

void *
arena_slow(arena *a, size_t size)
{
	size_t step = a->bytes ? a->bytes : ARENA_FIRST;
	arena_chunk *c;
	void *p;

	size = (size + 7) & ~(size_t)7;
	if (step > ARENA_MAX_STEP)
		step = ARENA_MAX_STEP;
	if (step < size)
		step = size;
	c = a->failed ? NULL : mem_alloc(sizeof *c + step);
	if (!c) {
		a->failed = true;
		return NULL;
	}
	c->size = step;
	c->next = a->head;
	a->head = c;
	a->bytes += step;
	p = c->data;
	a->at = c->data + size;
	a->end = c->data + step;
	return p;
}

void *
arena_zalloc(arena *a, size_t size)
{
	void *p = arena_alloc(a, size);
	if (p)
		memset(p, 0, size);
	return p;
}

char *
arena_strndup(arena *a, const char *s, size_t n)
{
	char *p = arena_alloc(a, n + 1);
	if (p) {
		if (n) /* an empty string may stand nowhere */
			memcpy(p, s, n);
		p[n] = 0;
	}
	return p;
}
