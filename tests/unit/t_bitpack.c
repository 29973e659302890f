/* Bit packing: every width, every length, all three implementations equal. */
#include "tests/unit/unit.h"

#include "base/cpu.h"
#include "engine/bitpack.h"

static void
test_widths(void **state)
{
	static uint32_t in[144], out[160], ref[160];
	static uint8_t packed[1024];
	(void)state;
	for (unsigned w = 0; w <= 32; w++)
		for (size_t n = 1; n <= 128; n++) {
			uint32_t mask = w == 32 ? UINT32_MAX : (1u << w) - 1;
			for (size_t i = 0; i < n; i++)
				in[i] = (uint32_t)unit_rand() & mask;
			memset(packed, 0xa5, sizeof packed);
			bitpack_pack(in, n, w, packed);
			for (cpu_level l = CPU_PORTABLE; l <= CPU_AVX512; l++) {
				cpu_limit(l);
				memset(out, 0xee, sizeof out);
				bitpack_unpack(packed, n, w, out);
				assert_memory_equal(in, out, n * 4);
				bitpack_unpack_delta(packed, n, w, 1000, out);
				if (l == CPU_PORTABLE)
					memcpy(ref, out, sizeof ref);
				assert_memory_equal(ref, out, n * 4);
				assert_int_equal(out[0], 1001 + in[0]);
				bitpack_unpack_plus1(packed, n, w, out);
				for (size_t i = 0; i < n; i++)
					assert_int_equal(out[i], in[i] + 1);
				bitpack_plus(in, n, 1000, out);
				for (size_t i = 0; i < n; i++)
					assert_int_equal(out[i], in[i] + 1000);
			}
			cpu_limit(CPU_AVX512);
		}
}

/* Bits above w are cut off; every level gives the same bytes, and leaves alone what is
 * more than 16 behind them. */
static void
test_pack(void **state)
{
	static uint32_t in[144];
	static uint8_t packed[1024], want[1024];
	(void)state;
	for (unsigned w = 0; w <= 32; w++)
		for (size_t n = 0; n <= 128; n++) {
			size_t bytes = bitpack_bytes(n, w);
			for (size_t i = 0; i < countof(in); i++)
				in[i] = (uint32_t)unit_rand();
			memset(want, 0, sizeof want);
			for (size_t i = 0; i < n * w; i++)
				want[i / 8] |= (uint8_t)((in[i / w] >> (i % w) & 1) << (i % 8));
			for (cpu_level l = CPU_PORTABLE; l <= CPU_AVX512; l++) {
				cpu_limit(l);
				memset(packed, 0xa5, sizeof packed);
				bitpack_pack(in, n, w, packed);
				assert_memory_equal(packed, want, bytes);
				for (size_t i = bytes + 16; i < sizeof packed; i++)
					assert_int_equal(packed[i], 0xa5);
			}
			cpu_limit(CPU_AVX512);
		}
}

static void
test_patch(void **state)
{
	static uint32_t out[144], want[144], index[144], high[144];
	static uint8_t indices[256], highs[1024];
	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		unsigned e = unit_below(unit_below(2) ? 20 : 65), h = 1 + unit_below(31), b = unit_below(33 - h), at = 0;
		uint32_t worst = 0;
		for (unsigned i = 0; i < e; i++) {
			index[i] = at += 1 + unit_below(e < 40 ? 3 : 2);
			at = at > 127 - (e - i) ? 127 - (e - i) : at;
			high[i] = (uint32_t)unit_rand() >> (32 - h);
			worst = worst > index[i] ? worst : index[i];
		}
		memset(indices, 0xff, sizeof indices);
		memset(highs, 0xff, sizeof highs);
		bitpack_pack(index, e, 7, indices);
		bitpack_pack(high, e, h, highs);
		for (unsigned i = 0; i < 144; i++)
			want[i] = b ? (uint32_t)unit_rand() >> (32 - b) : 0;
		for (cpu_level l = CPU_PORTABLE; l <= CPU_AVX512; l++) {
			static uint32_t first[144];
			cpu_limit(l);
			memcpy(out, want, sizeof out);
			assert_int_equal(bitpack_patch(indices, highs, e, h, b, out), worst);
			if (l == CPU_PORTABLE)
				memcpy(first, out, sizeof out);
			assert_memory_equal(first, out, sizeof out);
		}
		cpu_limit(CPU_AVX512);
	}
}

static void
test_totals(void **state)
{
	static uint32_t v[144], sums[160];
	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		size_t n = 1 + unit_below(128);
		unsigned w = unit_below(33);
		for (size_t i = 0; i < countof(v); i++)
			v[i] = w ? (uint32_t)unit_rand() >> (32 - w) : 0;
		for (cpu_level l = CPU_PORTABLE; l <= CPU_AVX512; l++) {
			uint64_t want = 0, got;
			cpu_limit(l);
			got = bitpack_totals(v, n, sums);
			for (size_t i = 0; i < n; i++) {
				assert_int_equal(sums[i], (uint32_t)want);
				want += v[i];
			}
			assert_int_equal(sums[n], (uint32_t)want);
			assert_true(got == want);
		}
		cpu_limit(CPU_AVX512);
	}
}

static void
test_rank(void **state)
{
	static uint32_t v[144];
	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		uint32_t n = unit_below(129), target, want = 0, at = unit_below(1000);
		for (uint32_t i = 0; i < n; i++)
			v[i] = at += 1 + (((uint32_t)unit_rand() & 0xffffff) >> unit_below(25));
		for (uint32_t i = n; i < countof(v); i++)
			v[i] = 0; /* not to be looked at */
		target = n && unit_below(4) ? v[unit_below(n)] + unit_below(3) - 1 : (uint32_t)unit_rand();
		for (uint32_t i = 0; i < n; i++)
			want += v[i] < target;
		for (cpu_level l = CPU_PORTABLE; l <= CPU_AVX512; l++) {
			cpu_limit(l);
			assert_int_equal(bitpack_rank(v, n, target), want);
		}
		cpu_limit(CPU_AVX512);
	}
}

static void
test_bits(void **state)
{
	static uint32_t out[160], want[4096];
	static uint8_t set[600];
	(void)state;
	for (unsigned round = 0; round < 3000; round++) {
		size_t nbytes = 1 + unit_below(200), k = 0;
		uint32_t density = 1 + unit_below(16), base = unit_below(1000000);
		memset(set, 0xff, sizeof set); /* what follows must not be read as set */
		memset(set, 0, nbytes);
		for (uint32_t i = 0; i < 8 * nbytes && k < 128; i++)
			if (unit_below(16) < density) {
				set[i / 8] |= (uint8_t)(1u << (i % 8));
				want[k++] = base + 1 + i;
			}
		for (cpu_level l = CPU_PORTABLE; l <= CPU_AVX512; l++) {
			cpu_limit(l);
			assert_int_equal(bitpack_bits(set, nbytes, base, out, 128), k);
			assert_memory_equal(out, want, k * 4);
		}
		cpu_limit(CPU_AVX512);
	}
}

static void
test_match(void **state)
{
	static uint32_t v[144], t[144];
	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		uint32_t n = 1 + unit_below(128), m = 0, at = unit_below(1000), gap = unit_below(25);
		for (uint32_t i = 0; i < n; i++)
			v[i] = at += 1 + (((uint32_t)unit_rand() & 0xffffff) >> gap);
		for (uint32_t i = n; i < countof(v); i++)
			v[i] = v[unit_below(n)]; /* not to be found */
		for (uint32_t i = 0; i < n && m < 127; i++) {
			if (unit_below(4) == 0)
				t[m++] = v[i];
			if (i + 1 < n && v[i] + 1 < v[i + 1] && unit_below(3) == 0)
				t[m++] = v[i] + 1;
		}
		for (cpu_level l = CPU_PORTABLE; l <= CPU_AVX512; l++) {
			uint8_t which[144], place[144];
			uint32_t got, k = 0;
			cpu_limit(l);
			got = bitpack_match(v, n, t, m, which, place);
			for (uint32_t i = 0; i < m; i++) {
				uint32_t j = 0;
				while (j < n && v[j] != t[i])
					j++;
				if (j == n)
					continue;
				assert_true(k < got);
				assert_int_equal(which[k], i);
				assert_int_equal(place[k], j);
				k++;
			}
			assert_int_equal(k, got);
		}
		cpu_limit(CPU_AVX512);
	}
}

/* A few picked out are what unpacking all gives. */
static void
test_pick(void **state)
{
	static uint32_t all[144], index[144], high[144], out[160];
	static uint8_t low[1024], indices[256], highs[1024];
	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		unsigned h = 1 + unit_below(31), b = unit_below(33 - h), e = 0, n = 1 + unit_below(128), m = 0;
		unsigned some = unit_below(4) ? 8 : 1;
		uint32_t plus = unit_below(3);
		uint8_t at[144];
		memset(low, 0xff, sizeof low);
		memset(indices, 0xff, sizeof indices);
		memset(highs, 0xff, sizeof highs);
		for (unsigned i = 0; i < n; i++)
			all[i] = b ? (uint32_t)unit_rand() >> (32 - b) : 0;
		bitpack_pack(all, n, b, low);
		for (unsigned i = 0; i < n; i++) {
			if (!unit_below(some)) {
				index[e] = i;
				high[e++] = (uint32_t)unit_rand() >> (32 - h);
			}
			if (!unit_below(some))
				at[m++] = (uint8_t)i;
		}
		bitpack_pack(index, e, 7, indices);
		bitpack_pack(high, e, h, highs);
		for (unsigned i = 0; i < e; i++)
			all[index[i]] |= high[i] << b;
		for (cpu_level l = CPU_PORTABLE; l <= CPU_AVX512; l++) {
			bitpack_chunk c = { low, indices, highs, b, h, e };
			cpu_limit(l);
			bitpack_pick(&c, at, m, plus, out);
			for (unsigned i = 0; i < m; i++)
				assert_int_equal(out[i], all[at[i]] + plus);
		}
		cpu_limit(CPU_AVX512);
	}
}

/* Adding high parts to low parts that have something added. */
static void
test_patch_add(void **state)
{
	static uint32_t v[144], out[160], index[144], high[144];
	static uint8_t low[1024], indices[256], highs[1024];
	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		unsigned h = 1 + unit_below(31), b = unit_below(33 - h), e = 0, n = 1 + unit_below(128);
		for (unsigned i = 0; i < n; i++)
			v[i] = b ? (uint32_t)unit_rand() >> (32 - b) : 0;
		bitpack_pack(v, n, b, low);
		for (unsigned i = 0; i < n; i++)
			if (!unit_below(7)) {
				index[e] = i;
				high[e] = (uint32_t)unit_rand() >> (32 - h);
				v[i] |= high[e++] << b;
			}
		bitpack_pack(index, e, 7, indices);
		bitpack_pack(high, e, h, highs);
		for (cpu_level l = CPU_PORTABLE; l <= CPU_AVX512; l++) {
			cpu_limit(l);
			bitpack_unpack_plus1(low, n, b, out);
			assert_int_equal(bitpack_patch_add(indices, highs, e, h, b, out), e ? index[e - 1] : 0);
			for (unsigned i = 0; i < n; i++)
				assert_int_equal(out[i], v[i] + 1);
		}
		cpu_limit(CPU_AVX512);
	}
}

static void
test_filter(void **state)
{
	static uint32_t v[144], t[200], want[2][200], out[200];
	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		uint32_t n = 1 + unit_below(128), m = 0, kept[2] = { 0 }, at = unit_below(1000), gap = unit_below(25);
		for (uint32_t i = 0; i < n; i++)
			v[i] = at += 1 + (((uint32_t)unit_rand() & 0xffffff) >> gap);
		for (uint32_t i = n; i < countof(v); i++)
			v[i] = v[unit_below(n)] + unit_below(2); /* not to be found */
		for (uint32_t i = 0; i < n && m < 190; i++)
			for (uint32_t d = 0; d < 2; d++) {
				bool in = !d;
				if (unit_below(3) || v[i] + d > v[n - 1] || (d && v[i] + 1 == v[i + 1]))
					continue;
				t[m++] = v[i] + d;
				want[in][kept[in]++] = v[i] + d;
			}
		for (cpu_level l = CPU_PORTABLE; l <= CPU_AVX512; l++)
			for (unsigned has = 0; has < 2; has++) {
				cpu_limit(l);
				memcpy(out, t, sizeof t);
				assert_int_equal(bitpack_filter(v, n, out, m, has, out), kept[has]);
				assert_memory_equal(out, want[has], kept[has] * 4);
			}
		cpu_limit(CPU_AVX512);
	}
}

/* Documents sought in a set of any number of bits, from before it to behind it. */
static void
test_sets(void **state)
{
	static uint8_t bits[300], which[144], at[144], want_which[144], want_at[144];
	static uint32_t t[616], want[2][616], out[616];
	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		uint32_t nbits = 1 + unit_below(unit_below(3) ? 1024 : 2048), first = unit_below(500), n = 0, hits = 0;
		uint32_t m = unit_below(round % 8 ? 129 : 600), kept[2] = { 0 }, doc = unit_below(500), thin = unit_below(3), rank = 0;
		for (uint32_t i = 0; i < sizeof bits; i++)
			bits[i] = (uint8_t)(unit_rand() & (thin ? unit_rand() : 255) & (thin > 1 ? unit_rand() : 255));
		for (uint32_t i = 0; n < m; doc += 1 + unit_below(unit_below(20) ? 8 : 600)) {
			bool in = doc >= first && doc - first < nbits && bits[(doc - first) / 8] >> ((doc - first) % 8) & 1;
			for (; i + first < doc && i < nbits; i++)
				rank += bits[i / 8] >> (i % 8) & 1;
			if (in && n < 128) {
				want_which[hits] = (uint8_t)n;
				want_at[hits++] = (uint8_t)(rank % 128);
			}
			t[n++] = want[in][kept[in]++] = doc;
		}
		for (cpu_level l = CPU_PORTABLE; l <= CPU_AVX512; l++) {
			cpu_limit(l);
			for (unsigned has = 0; has < 2; has++) {
				memcpy(out, t, sizeof t);
				assert_int_equal(bitpack_filter_set(bits, nbits, first, out, m, has, out), kept[has]);
				assert_memory_equal(out, want[has], kept[has] * 4);
				assert_memory_equal(out + m, t + m, (countof(t) - m) * 4);
			}
			assert_int_equal(bitpack_match_set(bits, nbits, first, t, min_u32(m, 128), which, at), hits);
			assert_memory_equal(which, want_which, hits);
			assert_memory_equal(at, want_at, hits);
		}
		cpu_limit(CPU_AVX512);
	}
}

/* Rising values put into a set and sought in it, near one another or far. */
static void
test_many(void **state)
{
	enum { ALL = 1 << 16, WORDS = ALL / 64 + BITPACK_SET_PAD };
	static uint64_t bits[WORDS], want[WORDS];
	static uint32_t v[144], kept[144], out[144];
	(void)state;
	for (unsigned round = 0; round < 5000; round++) {
		uint32_t n = unit_below(129), at = unit_below(5000), near = 1u << unit_below(9), hits = 0;
		for (uint32_t i = 0; i < WORDS; i++)
			bits[i] = unit_rand() & unit_rand();
		for (uint32_t i = 0; i < n; i++, at += 1 + (unit_below(30) ? unit_below(near) : unit_below(1500)))
			v[i] = at % ALL;
		for (uint32_t i = 1; i < n; i++)
			n = v[i] > v[i - 1] ? n : i;
		for (uint32_t i = 0; i < n; i++)
			if (bits[v[i] / 64] >> (v[i] % 64) & 1)
				kept[hits++] = v[i];
		for (cpu_level l = CPU_PORTABLE; l <= CPU_AVX512; l++) {
			cpu_limit(l);
			assert_int_equal(bitpack_among(bits, v, n, out), hits);
			assert_memory_equal(out, kept, hits * 4);
		}
		cpu_limit(CPU_AVX512);
		memcpy(want, bits, sizeof bits);
		for (uint32_t i = 0; i < n; i++)
			want[v[i] / 64] |= (uint64_t)1 << (v[i] % 64);
		for (cpu_level l = CPU_PORTABLE; l <= CPU_AVX512; l++) {
			static uint64_t got[WORDS];
			memcpy(got, bits, sizeof bits);
			cpu_limit(l);
			bitpack_put(got, v, n);
			assert_memory_equal(got, want, sizeof want);
		}
		cpu_limit(CPU_AVX512);
	}
}

static void
test_near(void **state)
{
	static uint32_t v[300];
	static uint8_t bytes[4 * 16 + 1];
	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		uint32_t n = unit_below(200), few = unit_below(17), target, upto = 0, before = 0, at = unit_below(1000);
		for (uint32_t i = 0; i < countof(v); i++)
			v[i] = at += 1 + (((uint32_t)unit_rand() & 0xffffff) >> unit_below(25));
		target = unit_below(8) ? v[unit_below(n + 2)] + unit_below(3) - 1 : (uint32_t)unit_rand();
		for (uint32_t i = 0; i < n; i++)
			upto += v[i] <= target;
		for (uint32_t i = 0; i < few; i++)
			before += v[i] < target;
		memcpy(bytes + 1, v, 4 * (size_t)few);
		for (cpu_level l = CPU_PORTABLE; l <= CPU_AVX512; l++) {
			cpu_limit(l);
			assert_int_equal(bitpack_upto(v, n, target), upto);
			assert_int_equal(bitpack_before(bytes + 1, few, target), before);
		}
		cpu_limit(CPU_AVX512);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_widths),
		cmocka_unit_test(test_pack),
		cmocka_unit_test(test_totals), cmocka_unit_test(test_patch),
		cmocka_unit_test(test_rank), cmocka_unit_test(test_match),
		cmocka_unit_test(test_bits), cmocka_unit_test(test_pick),
		cmocka_unit_test(test_patch_add), cmocka_unit_test(test_filter),
		cmocka_unit_test(test_near), cmocka_unit_test(test_sets), cmocka_unit_test(test_many),
	};
	unit_seed("t_bitpack");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
