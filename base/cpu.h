/* cpu.h - what this processor can do, found once.  The only mutable global of
 * the library besides the fault counter of mem.c. */
#ifndef BASE_CPU_H
#define BASE_CPU_H

#include "base/base.h"

typedef enum cpu_level {
	CPU_PORTABLE = 0,
	CPU_AVX2 = 1,
	CPU_AVX512 = 2 /* F, BW, CD, DQ, VL, VBMI; BMI2 */
} cpu_level;

/* The level in use.  Thread-safe. */
cpu_level cpu_get(void);
/* Lower it (tests run every level); CPU_AVX512 restores the best. Returns the
 * level now in use. Call while no other thread uses the library. */
cpu_level cpu_limit(cpu_level max);

#endif
