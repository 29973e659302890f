/* policy.c - see policy.h.
 *
 * Documents keep their order, so only neighbours can be merged.  A segment's
 * size is its bytes scaled by its share of live documents; its tier is the
 * power of POLICY_FANOUT that the size reaches over POLICY_FLOOR.
 *
 *   1. A stretch of neighbours, none above tier t, that has POLICY_FANOUT
 *      segments of tier t exactly: merge the stretch.  Lowest t first.  The
 *      largest of it is at most about its FANOUT-th part, so every byte climbs
 *      a tier each time it is rewritten: log8(size) rewrites in all.
 *   2. A segment with more than half of its documents deleted: rewrite it.
 *   3. More than POLICY_SEGMENTS_MAX segments: merge the POLICY_SQUEEZE
 *      neighbours with the fewest bytes.  This happens only when large and
 *      small segments alternate.
 */
#include "indexer/policy.h"

static uint64_t
policy_size(const manifest_segment *s)
{
	if (!s->docs || s->live >= s->docs)
		return s->bytes;
	return (uint64_t)((double)s->bytes * s->live / s->docs);
}

static unsigned
policy_tier(const manifest_segment *s)
{
	uint64_t size = policy_size(s) / POLICY_FLOOR;
	unsigned tier = 0;

	for (; size >= POLICY_FANOUT; size /= POLICY_FANOUT)
		tier++;
	return tier;
}

/* The first stretch of segments not above tier that has enough of that tier. */
static bool
policy_pick_tier(const manifest *m, unsigned tier, unsigned *above, size_t *first, size_t *count)
{
	size_t from = 0, same = 0;

	*above = 0;
	for (size_t i = 0; i <= m->nsegs; i++) {
		unsigned t = i < m->nsegs ? policy_tier(&m->segs[i]) : UINT32_MAX;
		if (t <= tier) {
			same += t == tier;
			continue;
		}
		if (i < m->nsegs && t > *above)
			*above = t;
		if (same >= POLICY_FANOUT) {
			*first = from;
			*count = i - from;
			return true;
		}
		from = i + 1;
		same = 0;
	}
	return false;
}

static bool
policy_pick_deleted(const manifest *m, size_t *first, size_t *count)
{
	for (size_t i = 0; i < m->nsegs; i++) {
		const manifest_segment *s = &m->segs[i];
		if (s->docs && s->docs - min_u32(s->live, s->docs) > s->docs / 2) {
			*first = i;
			*count = 1;
			return true;
		}
	}
	return false;
}

static bool
policy_pick_cheapest(const manifest *m, size_t *first, size_t *count)
{
	uint64_t sum = 0, least = UINT64_MAX;

	if (m->nsegs <= POLICY_SEGMENTS_MAX)
		return false;
	*count = POLICY_SQUEEZE;
	for (size_t i = 0; i < m->nsegs; i++) {
		sum += policy_size(&m->segs[i]);
		if (i + 1 < POLICY_SQUEEZE)
			continue;
		if (sum < least) {
			least = sum;
			*first = i + 1 - POLICY_SQUEEZE;
		}
		sum -= policy_size(&m->segs[i + 1 - POLICY_SQUEEZE]);
	}
	return true;
}

bool
policy_pick(const manifest *m, size_t *first, size_t *count)
{
	unsigned above = 0, tier = 0;

	do {
		if (policy_pick_tier(m, tier, &above, first, count))
			return true;
	} while (tier++ < above);
	return policy_pick_deleted(m, first, count) || policy_pick_cheapest(m, first, count);
}
