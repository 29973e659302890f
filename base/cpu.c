/* cpu.c - see cpu.h. */
#include "base/cpu.h"

#include <stdatomic.h>

static atomic_int cpu_level_now = -1;

static cpu_level
cpu_detect(void)
{
#if defined(__x86_64__)
	__builtin_cpu_init();
	if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
	    __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
	    __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512vbmi") &&
	    __builtin_cpu_supports("bmi2"))
		return CPU_AVX512;
	if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2"))
		return CPU_AVX2;
#endif
	return CPU_PORTABLE;
}

cpu_level
cpu_get(void)
{
	int v = atomic_load_explicit(&cpu_level_now, memory_order_relaxed);
	if (unlikely(v < 0)) {
		v = cpu_detect();
		atomic_store_explicit(&cpu_level_now, v, memory_order_relaxed);
	}
	return (cpu_level)v;
}

cpu_level
cpu_limit(cpu_level max)
{
	cpu_level best = cpu_detect();
	atomic_store(&cpu_level_now, best < max ? best : max);
	return cpu_get();
}
