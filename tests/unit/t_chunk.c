/* Chunks: the shape is the one with the fewest bytes, and every level writes the same. */
#include "tests/unit/unit.h"

#include "base/buf.h"
#include "base/cpu.h"
#include "engine/bitpack.h"
#include "engine/chunk.h"

static chunk_shape
plan_slowly(const uint32_t *v, size_t n, size_t penalty)
{
	unsigned top = 0;
	chunk_shape best;

	for (size_t i = 0; i < n; i++)
		top = max_u32(top, bits_u32(v[i]));
	best = (chunk_shape){ .b = top, .bytes = 1 + bitpack_bytes(n, top) };
	for (unsigned b = top; b-- > 0;) {
		unsigned above = 0;
		size_t cost;
		for (size_t i = 0; i < n; i++)
			above += bits_u32(v[i]) > b;
		if (above > n / 2)
			break;
		cost = 3 + bitpack_bytes(n, b) + bitpack_bytes(above, CHUNK_INDEX_BITS) +
		       bitpack_bytes(above, top - b) + penalty;
		if (cost < best.bytes)
			best = (chunk_shape){ b, top - b, above, cost };
	}
	return best;
}

static void
test_chunks(void **state)
{
	static uint32_t v[CHUNK_MOST], got[CHUNK_MOST + 16], index[CHUNK_MOST + 16], high[CHUNK_MOST + 16];
	buf first = { 0 }, out = { 0 };
	unsigned with = 0;
	(void)state;

	for (unsigned round = 0; round < 40000; round++) {
		size_t n = 1 + unit_below(unit_below(3) ? CHUNK_MOST : 20), penalty = unit_below(2) ? 4 : 0;
		unsigned w = unit_below(33), odd = 1 + unit_below(unit_below(2) ? 8 : 100);
		chunk_shape want;
		for (size_t i = 0; i < n; i++) {
			v[i] = w ? (uint32_t)unit_rand() >> (32 - w) : 0;
			v[i] >>= unit_below(100) < odd ? 0 : w / 2;
		}
		want = plan_slowly(v, n, penalty);
		for (cpu_level l = CPU_PORTABLE; l <= CPU_AVX512; l++) {
			chunk_shape s;
			cpu_limit(l);
			s = chunk_plan(v, n, penalty);
			assert_int_equal(s.b, want.b);
			assert_int_equal(s.high, want.high);
			assert_int_equal(s.exceptions, want.exceptions);
			assert_true(s.bytes == want.bytes);
			out.len = 0;
			chunk_write(v, n, s, &out);
			assert_true(out.len + (s.exceptions ? penalty : 0) == s.bytes);
			if (l == CPU_PORTABLE) {
				first.len = 0;
				buf_put(&first, out.p, out.len);
			}
			assert_int_equal(out.len, first.len);
			assert_memory_equal(out.p, first.p, out.len);
		}
		cpu_limit(CPU_AVX512);
		assert_true(buf_reserve(&out, 64)); /* readers read past the end */
		bitpack_unpack(out.p + (want.exceptions ? 3 : 1), n, want.b, got);
		if (want.exceptions) {
			const uint8_t *p = out.p + 3 + bitpack_bytes(n, want.b);
			bitpack_unpack(p, want.exceptions, CHUNK_INDEX_BITS, index);
			p += bitpack_bytes(want.exceptions, CHUNK_INDEX_BITS);
			bitpack_unpack(p, want.exceptions, want.high, high);
			for (unsigned i = 0; i < want.exceptions; i++)
				got[index[i]] |= high[i] << want.b;
			with++;
		}
		assert_memory_equal(got, v, n * sizeof *v);
	}
	assert_true(with > 1000);
	buf_fini(&first);
	buf_fini(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_chunks) };
	unit_seed("t_chunk");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
