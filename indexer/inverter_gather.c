/* inverter_gather.c - from the logs of an inverter to the streams of its terms, and
 * reading these.
 *
 * The terms of a bucket get their places behind one another, and its records are dealt
 * out to them in the order of the log, which is that of the documents.  A bucket is
 * small enough for the nearer caches, which all the records together are not.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <sys/mman.h>

#include "indexer/inverter.h"

typedef struct gather {
	inverter *v;
	uint32_t *entries;          /* addresses, by bucket and number */
	uint32_t first[INV_BUCKETS + 1];
	uint8_t *bytes;             /* of one log in one piece */
	uint32_t *place;            /* where the next record of each term goes, in one bucket */
	uint64_t at;
} gather;

/* ---- reading --------------------------------------------------------- */

void
inv_reader_open(inv_reader *r, const inverter *v, uint32_t entry)
{
	const inv_entry *e = inverter_entry(v, entry);

	r->at = v->streams + e->stream;
	r->limit = r->at + e->bytes;
	r->end = false;
	r->doc = UINT32_MAX;
	inv_reader_next(r);
}

/* ---- gathering --------------------------------------------------------- */

/* The log of bucket b in one piece; its chunks go back to the system. */
static void
gather_log(const gather *g, unsigned b)
{
	inverter *v = g->v;
	const inv_log *l = &v->log[b];
	uint8_t *to = g->bytes;

	for (uint32_t chunk = l->first, next; chunk; chunk = next) {
		bool last = chunk + v->chunk == l->end;
		uint32_t end = last ? l->at : chunk + v->chunk;
		uint32_t from = chunk + (uint32_t)sizeof next;
		/* behind the last one there may be chunks of a record that did not fit */
		next = last ? 0 : load_u32(v->base + chunk);
		memcpy(to, v->base + from, end - from);
		to += end - from;
		madvise(v->base + chunk, v->chunk, MADV_DONTNEED);
	}
}

/* Up to 16 bytes with two stores that may overlap. */
CDG_INLINE void
copy_record(uint8_t *to, const uint8_t *from, size_t n)
{
	if (likely(n >= 8 && n <= 16)) {
		uint64_t a = load_u64(from), b = load_u64(from + n - 8);
		store_u64(to, a);
		store_u64(to + n - 8, b);
	} else if (likely(n >= 4 && n < 8)) {
		uint32_t a = load_u32(from), b = load_u32(from + n - 4);
		store_u32(to, a);
		store_u32(to + n - 4, b);
	} else {
		memcpy(to, from, n);
	}
}

static void
gather_bucket(gather *g, unsigned b)
{
	inverter *v = g->v;
	const uint32_t *entries = g->entries + g->first[b];
	uint32_t n = g->first[b + 1] - g->first[b];
	inv_reader r = { .at = g->bytes, .limit = g->bytes + v->log[b].bytes };

	for (uint32_t i = 0; i < n; i++) {
		inv_entry *e = (inv_entry *)(void *)(v->base + entries[i]);
		e->stream = g->place[i] = (uint32_t)g->at;
		g->at += e->bytes;
	}
	gather_log(g, b);
	while (r.at < r.limit) {
		uint32_t number = (uint32_t)inv_take_varint(&r.at);
		const uint8_t *from = r.at;
		inv_record_parse(&r);
		copy_record(v->streams + g->place[number], from, (size_t)(r.at - from));
		g->place[number] += (uint32_t)(r.at - from);
	}
}

/* Tables of all entries by bucket and number; the most entries and bytes of a bucket. */
static void
gather_index(gather *g, uint32_t *most_entries, uint32_t *most_bytes)
{
	const inverter *v = g->v;

	*most_entries = *most_bytes = 0;
	for (unsigned b = 0; b < INV_BUCKETS; b++) {
		g->first[b + 1] = g->first[b] + v->log[b].entries;
		*most_entries = max_u32(*most_entries, v->log[b].entries);
		*most_bytes = max_u32(*most_bytes, v->log[b].bytes);
	}
	for (uint64_t i = 0; i <= v->mask; i++)
		if (v->slots[i]) {
			uint32_t addr = (uint32_t)v->slots[i];
			g->entries[g->first[v->slots[i] >> 56] + inverter_entry(v, addr)->number] = addr;
		}
}

cdg_status
inverter_gather(inverter *v, cdg_error *err)
{
	gather *g = mem_calloc(1, sizeof *g);
	uint32_t most_entries, most_bytes;
	uint64_t total = 0;
	void *p = MAP_FAILED;

	inverter_finish(v);
	if (!g || !(g->entries = mem_alloc(((size_t)v->count + 1) * sizeof *g->entries)))
		goto done;
	g->v = v;
	gather_index(g, &most_entries, &most_bytes);
	for (uint32_t i = 0; i < v->count; i++)
		total += inverter_entry(v, g->entries[i])->bytes;
	g->bytes = mem_alloc(most_bytes + 64);
	g->place = mem_alloc(((size_t)most_entries + 1) * sizeof *g->place);
	if (!g->bytes || !g->place)
		goto done;
	/* with little memory only as far as logs were given back */
	p = mmap(NULL, total + 4096, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (p == MAP_FAILED)
		goto done;
	v->streams = p;
	v->streams_len = total + 4096;
	for (unsigned b = 0; b < INV_BUCKETS; b++)
		if (v->log[b].entries)
			gather_bucket(g, b);
done:
	if (g) {
		mem_free(g->entries);
		mem_free(g->bytes);
		mem_free(g->place);
	}
	mem_free(g);
	return p == MAP_FAILED ? err_nomem(err) : CDG_OK;
}
