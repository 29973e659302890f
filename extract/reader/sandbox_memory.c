/* sandbox_memory.c - see sandbox_memory.h: malloc and its family, by glibc's own, which
 * note their failures.  What they give is freed by glibc's free. */
#include "extract/reader/sandbox_memory.h"

static volatile bool memory_out;

bool
sandbox_memory_was_out(void)
{
	return memory_out;
}

void
sandbox_memory_forget(void)
{
	memory_out = false;
}

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define MEMORY_SANITIZED
#endif
#endif
#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && !defined(MEMORY_SANITIZED)

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);

static void *
memory_noted(void *p, size_t n)
{
	if (unlikely(!p && n))
		memory_out = true;
	return p;
}

void *
malloc(size_t n)
{
	return memory_noted(__libc_malloc(n), n);
}

void *
calloc(size_t n, size_t size)
{
	return memory_noted(__libc_calloc(n, size), n && size);
}

void *
realloc(void *p, size_t n)
{
	return memory_noted(__libc_realloc(p, n), n);
}

#endif
