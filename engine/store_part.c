/* store_part.c - the workers' side of store.h: records into blocks, blocks into one
 * file that all workers share.
 *
 * The one copy a text makes on its way in is into the block; a text that covers a
 * whole block is compressed from where it is.  Packed blocks wait until there are
 * STORE_GROUP bytes of them, and then go to the file together, at the end of a
 * record, so that the blocks of a record are neighbours.  A record that is longer
 * than that keeps the file to itself until its end.
 */
#include "engine/store_internal.h"

#include "engine/manifest.h"

enum { STORE_GROUP = 4 * STORE_BLOCK, PACKED_MAX = STORE_GROUP + 2 * BLOCK_MAX };

/* ---- the file that is shared ------------------------------------------------- */

cdg_status
store_sink_init(store_sink *s, const char *dir, bool sync, cdg_error *err)
{
	memset(s, 0, sizeof *s);
	s->dir = mem_strdup(dir);
	if (!s->dir)
		return err_nomem(err);
	s->sync = sync;
	pthread_mutex_init(&s->lock, NULL);
	return CDG_OK;
}

void
store_sink_fini(store_sink *s)
{
	if (!s->dir)
		return;
	if (s->open)
		pwriter_abort(&s->out);
	buf_fini(&s->table);
	mem_free(s->dir);
	pthread_mutex_destroy(&s->lock);
	memset(s, 0, sizeof *s);
}

cdg_status
store_sink_open(store_sink *s, cdg_error *err)
{
	char *path;
	cdg_status st;

	if (s->open)
		return CDG_OK;
	CDG_TRY(segment_id_new(&s->id, err));
	path = segment_path(s->dir, &s->id, "text");
	st = path ? pwriter_open(&s->out, path, STORE_KIND, &s->id, err) : err_nomem(err);
	mem_free(path);
	s->out.hasten = s->sync;
	s->open = st == CDG_OK;
	s->records = 0;
	s->table.len = 0;
	return st;
}

cdg_status
store_sink_finish(store_sink *s, store_part **parts, size_t n, cdg_error *err)
{
	CDG_TRY(store_sink_open(s, err));
	for (size_t i = 0; i < n; i++)
		CDG_TRY(store_part_finish(parts[i], err));
	store_trailer(&s->out, &s->table, s->records);
	s->open = false;
	return pwriter_finish(&s->out, s->sync, err);
}

/* ---- a worker's part ---------------------------------------------------------- */

cdg_status
store_part_init(store_part *p, store_sink *sink, cdg_error *err)
{
	memset(p, 0, sizeof *p);
	p->sink = sink;
	p->raw = mem_alloc(STORE_BLOCK);
	p->packed = mem_alloc(PACKED_MAX);
	if (!p->raw || !p->packed) {
		store_part_fini(p);
		return err_nomem(err);
	}
	return CDG_OK;
}

void
store_part_fini(store_part *p)
{
	mem_free(p->raw);
	mem_free(p->packed);
	buf_fini(&p->sizes);
	buf_fini(&p->groups);
	memset(p, 0, sizeof *p);
}

void
store_part_reset(store_part *p)
{
	p->fill = p->blocks = p->group = 0;
	p->packed_len = p->sizes.len = p->groups.len = 0;
	p->records = 0;
}

/* The packed blocks to the file, which is this part's from now on. */
static cdg_status
part_emit(store_part *p, cdg_error *err)
{
	store_sink *s = p->sink;
	uint64_t at;

	if (!p->owns) {
		pthread_mutex_lock(&s->lock);
		p->owns = true;
		CDG_TRY(store_sink_open(s, err));
		buf_put_u32(&p->groups, p->group);
		buf_put_u32(&p->groups, (uint32_t)(s->table.len / 8));
	}
	if (s->table.len / 8 + p->sizes.len / 4 >= UINT32_MAX - 1)
		return store_too_many(err);
	at = pwriter_tell(&s->out);
	for (size_t i = 0; i < p->sizes.len; i += 4) {
		buf_put_u64(&s->table, at);
		at += load_u32(p->sizes.p + i);
	}
	pwriter_put(&s->out, p->packed, p->packed_len);
	p->packed_len = p->sizes.len = 0;
	if (s->table.failed || p->groups.failed)
		return err_nomem(err);
	if (s->out.status == CDG_OK)
		return CDG_OK;
	if (err)
		*err = s->out.err;
	return s->out.status;
}

static void
part_release(store_part *p)
{
	if (!p->owns)
		return;
	p->owns = false;
	pthread_mutex_unlock(&p->sink->lock);
}

static cdg_status
part_block(store_part *p, const uint8_t *src, uint32_t n, cdg_error *err)
{
	size_t k;

	if (PACKED_MAX - p->packed_len < BLOCK_MAX)
		CDG_TRY(part_emit(p, err));
	k = store_pack(src, n, p->packed + p->packed_len);
	p->packed_len += k;
	p->blocks++;
	buf_put_u32(&p->sizes, (uint32_t)k);
	return p->sizes.failed ? err_nomem(err) : CDG_OK;
}

/* At the end of a record: everything so far. */
static cdg_status
part_group(store_part *p, cdg_error *err)
{
	if (p->fill) {
		CDG_TRY(part_block(p, p->raw, p->fill, err));
		p->fill = 0;
	}
	if (p->packed_len || p->owns)
		CDG_TRY(part_emit(p, err));
	if (p->owns)
		p->sink->records += p->records;
	p->records = 0;
	p->group = p->blocks;
	return CDG_OK;
}

static cdg_status
part_put(store_part *p, const uint8_t *src, size_t n, cdg_error *err)
{
	if (likely(n && n < STORE_BLOCK - p->fill)) {
		memcpy(p->raw + p->fill, src, n);
		p->fill += (uint32_t)n;
		return CDG_OK;
	}
	while (n) {
		size_t k = min_size(n, STORE_BLOCK - p->fill);
		if (k == STORE_BLOCK) {
			CDG_TRY(part_block(p, src, STORE_BLOCK, err));
		} else {
			memcpy(p->raw + p->fill, src, k);
			p->fill += (uint32_t)k;
			if (p->fill == STORE_BLOCK) {
				CDG_TRY(part_block(p, p->raw, STORE_BLOCK, err));
				p->fill = 0;
			}
		}
		src += k;
		n -= k;
	}
	return CDG_OK;
}

static cdg_status
part_add(store_part *p, const void *meta, size_t meta_len, const void *text, size_t text_len, cdg_error *err)
{
	uint8_t head[20];

	CDG_TRY(part_put(p, head, store_head(head, meta_len, text_len), err));
	CDG_TRY(part_put(p, meta, meta_len, err));
	CDG_TRY(part_put(p, text, text_len, err));
	p->records++;
	return p->owns || p->packed_len >= STORE_GROUP ? part_group(p, err) : CDG_OK;
}

cdg_status
store_part_add(store_part *p, const void *meta, size_t meta_len, const void *text, size_t text_len,
	       uint64_t *ref, cdg_error *err)
{
	cdg_status st;

	CDG_TRY(store_check_lengths(meta_len, text_len, err));
	*ref = STORE_REF(p->blocks, p->fill);
	st = part_add(p, meta, meta_len, text, text_len, err);
	part_release(p);
	return st;
}

cdg_status
store_part_finish(store_part *p, cdg_error *err)
{
	cdg_status st = part_group(p, err);

	part_release(p);
	return st;
}

/* Groups begin at rising blocks of the part, the first at 0. */
uint64_t
store_part_ref(const store_part *p, uint64_t ref)
{
	uint32_t block = (uint32_t)(ref >> 32), first;
	size_t lo = 0, hi = p->groups.len / 8;

	while (hi - lo > 1) {
		size_t mid = lo + (hi - lo) / 2;
		if (load_u32(p->groups.p + 8 * mid) <= block)
			lo = mid;
		else
			hi = mid;
	}
	first = load_u32(p->groups.p + 8 * lo);
	return STORE_REF(load_u32(p->groups.p + 8 * lo + 4) + (block - first), (uint32_t)ref);
}
