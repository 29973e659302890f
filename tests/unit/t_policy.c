/* t_policy.c - the merge policy on made-up manifests: what it picks, and that
 * over a thousand commits neither the number of segments nor the bytes
 * rewritten grow beyond the bounds that policy.c promises. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

#include "indexer/policy.h"

enum { SEGS = 2048 };

typedef struct sim {
	manifest m;
	manifest_segment segs[SEGS];
	uint64_t added, rewritten;
	size_t most, merges;
	uint64_t rng;
} sim;

static sim sm;

static uint64_t
sim_rand(void)
{
	sm.rng ^= sm.rng << 13;
	sm.rng ^= sm.rng >> 7;
	sm.rng ^= sm.rng << 17;
	return sm.rng;
}

static void
sim_begin(uint64_t seed)
{
	memset(&sm, 0, sizeof sm);
	sm.m.segs = sm.segs;
	sm.rng = seed | 1;
}

static void
sim_add(uint64_t bytes, uint32_t docs, uint32_t live)
{
	assert_true(sm.m.nsegs < SEGS);
	sm.segs[sm.m.nsegs++] = (manifest_segment){ .docs = docs, .live = live, .bytes = bytes };
	sm.added += bytes;
}

/* Do what the policy says until it is content; the merged segment takes the
 * place of its inputs, with their live share of the bytes. */
static void
sim_settle(void)
{
	size_t first, count, steps = 0;

	while (policy_pick(&sm.m, &first, &count)) {
		manifest_segment out = { 0 };
		assert_true(count >= 1 && first + count <= sm.m.nsegs);
		for (size_t i = first; i < first + count; i++) {
			const manifest_segment *s = &sm.segs[i];
			out.docs += s->live;
			out.bytes += s->docs ? s->bytes * s->live / s->docs : 0;
		}
		out.live = out.docs;
		sm.rewritten += out.bytes;
		sm.merges++;
		memmove(sm.segs + first + 1, sm.segs + first + count,
			(sm.m.nsegs - first - count) * sizeof *sm.segs);
		sm.m.nsegs -= count - 1;
		sm.segs[first] = out;
		if (!out.docs) {
			memmove(sm.segs + first, sm.segs + first + 1,
				(sm.m.nsegs - first - 1) * sizeof *sm.segs);
			sm.m.nsegs--;
		}
		assert_true(++steps < 1000);
	}
	if (sm.m.nsegs > sm.most)
		sm.most = sm.m.nsegs;
}

static void
sim_report(const char *what)
{
	print_message("%s: %zu segments at the end, %zu at most, %zu merges, written %.2f times\n", what,
		      sm.m.nsegs, sm.most, sm.merges, 1 + (double)sm.rewritten / (double)sm.added);
}

static void
test_nothing_to_do(void **state)
{
	size_t first, count;
	(void)state;

	sim_begin(1);
	assert_false(policy_pick(&sm.m, &first, &count));
	sim_add(1 << 20, 100, 100);
	assert_false(policy_pick(&sm.m, &first, &count));
	for (int i = 0; i < 6; i++)
		sim_add(1 << 20, 100, 100);
	assert_false(policy_pick(&sm.m, &first, &count));
}

static void
test_eight_of_a_tier(void **state)
{
	size_t first, count;
	(void)state;

	sim_begin(1);
	sim_add(1 << 30, 1000, 1000);
	for (int i = 0; i < 8; i++)
		sim_add((uint64_t)(1 << 20) + (uint64_t)i * 1000, 100, 100);
	assert_true(policy_pick(&sm.m, &first, &count));
	assert_int_equal(first, 1);
	assert_int_equal(count, 8);
}

static void
test_lowest_tier_first(void **state)
{
	size_t first, count;
	(void)state;

	sim_begin(1);
	for (int i = 0; i < 8; i++)
		sim_add(1 << 30, 1000, 1000);
	for (int i = 0; i < 8; i++)
		sim_add(1 << 10, 1, 1);
	assert_true(policy_pick(&sm.m, &first, &count));
	assert_int_equal(first, 8);
	assert_int_equal(count, 8);
}

static void
test_big_one_is_not_dragged_in(void **state)
{
	size_t first, count;
	(void)state;

	/* seven small ones beside a large one are not eight of a size */
	sim_begin(1);
	sim_add(1 << 30, 1000, 1000);
	for (int i = 0; i < 7; i++)
		sim_add(1 << 20, 100, 100);
	assert_false(policy_pick(&sm.m, &first, &count));
}

static void
test_mostly_deleted(void **state)
{
	size_t first, count;
	(void)state;

	sim_begin(1);
	sim_add(1 << 20, 100, 100);
	sim_add(1 << 26, 100, 50);
	assert_false(policy_pick(&sm.m, &first, &count)); /* just half is not more than half */
	sm.segs[1].live = 49;
	assert_true(policy_pick(&sm.m, &first, &count));
	assert_int_equal(first, 1);
	assert_int_equal(count, 1);
	sm.segs[0].live = 0;
	assert_true(policy_pick(&sm.m, &first, &count));
	assert_int_equal(first, 0);
	assert_int_equal(count, 1);
}

static void
test_too_many_segments(void **state)
{
	size_t first, count;
	(void)state;

	/* large and small in turn: no eight of a tier stand together */
	sim_begin(1);
	for (int i = 0; i < 41; i++)
		sim_add(i % 7 == 6 ? (uint64_t)1 << (24 + 3 * (i / 7)) : 1 << 20, 10, 10);
	assert_true(policy_pick(&sm.m, &first, &count));
	assert_int_equal(first, 0);
	assert_int_equal(count, POLICY_SQUEEZE);
}

static void
test_equal_commits(void **state)
{
	(void)state;
	sim_begin(1);
	for (int i = 0; i < 1000; i++) {
		sim_add(1 << 20, 100, 100);
		sim_settle();
		assert_true(sm.m.nsegs <= POLICY_SEGMENTS_MAX);
	}
	sim_report("1000 equal commits of 1 MB");
	/* 8^3 < 1000 < 8^4: at most four tiers, each written once more */
	assert_true(sm.rewritten <= 4 * sm.added);
	assert_true(sm.most <= 7 * 4);
}

static void
test_tiny_commits(void **state)
{
	(void)state;
	sim_begin(1);
	for (int i = 0; i < 1000; i++) {
		sim_add(12 << 10, 1, 1);
		sim_settle();
	}
	sim_report("1000 commits of one document");
	assert_true(sm.rewritten <= 12 * sm.added);
	assert_true(sm.most <= 7 * 4);
}

static void
test_random_commits(void **state)
{
	uint64_t seed = (uint64_t)time(NULL);
	(void)state;

	print_message("seed %llu\n", (unsigned long long)seed);
	sim_begin(seed);
	for (int i = 0; i < 1000; i++) {
		sim_add((uint64_t)1024 << sim_rand() % 18, 100, 100);
		sim_settle();
		assert_true(sm.m.nsegs <= POLICY_SEGMENTS_MAX);
	}
	sim_report("1000 commits of 1 KB to 128 MB");
	assert_true(sm.rewritten <= 8 * sm.added);
}

static void
test_commits_with_deletes(void **state)
{
	uint64_t seed = (uint64_t)time(NULL);
	(void)state;

	print_message("seed %llu\n", (unsigned long long)seed);
	sim_begin(seed);
	for (int i = 0; i < 1000; i++) {
		sim_add(1 << 20, 100, 100);
		for (int k = 0; k < 40; k++) { /* updates: as many die as come, in the long run */
			manifest_segment *s = &sm.segs[sim_rand() % sm.m.nsegs];
			if (s->live)
				s->live--;
		}
		sim_settle();
		for (size_t k = 0; k < sm.m.nsegs; k++)
			assert_true(sm.segs[k].live * 2 >= sm.segs[k].docs);
	}
	sim_report("1000 commits with deletes");
	assert_true(sm.most <= POLICY_SEGMENTS_MAX);
	assert_true(sm.rewritten <= 8 * sm.added);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_to_do),
		cmocka_unit_test(test_eight_of_a_tier),
		cmocka_unit_test(test_lowest_tier_first),
		cmocka_unit_test(test_big_one_is_not_dragged_in),
		cmocka_unit_test(test_mostly_deleted),
		cmocka_unit_test(test_too_many_segments),
		cmocka_unit_test(test_equal_commits),
		cmocka_unit_test(test_tiny_commits),
		cmocka_unit_test(test_random_commits),
		cmocka_unit_test(test_commits_with_deletes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
