/* live.c - see live.h.  A loaded bitmap stays in its mapping; a mutable one is
 * on the heap.
 */
#include "engine/live.h"

enum { WORDS = PFILE_HEADER + 64 };

static uint64_t
live_popcount(const uint64_t *words, size_t n)
{
	uint64_t count = 0;
	for (size_t i = 0; i < n; i++)
		count += (unsigned)__builtin_popcountll(words[i]);
	return count;
}

/* The bits of the last word that are documents. */
static uint64_t
live_last_mask(uint32_t ndocs)
{
	return ndocs % 64 ? ((uint64_t)1 << (ndocs % 64)) - 1 : UINT64_MAX;
}

static const char *
live_wrong(const live *l, const uint8_t *head)
{
	size_t n = live_nwords(l->ndocs);

	if (load_u32(head) != l->ndocs)
		return "number of documents is another one than the segment has";
	if (pfile_end(&l->f) != WORDS + 8 * n)
		return "number of documents does not fit the file";
	for (size_t i = 8; i < WORDS - PFILE_HEADER; i++)
		if (head[i])
			return "reserved bytes are not zero";
	if (!pfile_ok(&l->f, WORDS, 8 * n))
		return "page checksum is wrong";
	if (n && l->words[n - 1] & ~live_last_mask(l->ndocs))
		return "documents past the last one are live";
	if (live_popcount(l->words, n) != load_u32(head + 4))
		return "number of live documents is wrong";
	return NULL;
}

cdg_status
live_load(live *l, const char *path, const segment_id *id, uint32_t ndocs, cdg_error *err)
{
	const uint8_t *head;
	const char *why = NULL;
	cdg_status st;

	memset(l, 0, sizeof *l);
	CDG_TRY(pfile_open(&l->f, path, LIVE_KIND, id, err));
	head = pfile_at(&l->f, PFILE_HEADER, WORDS - PFILE_HEADER);
	if (head) {
		l->ndocs = ndocs;
		l->words = (const uint64_t *)(const void *)(l->f.map.at + WORDS);
		l->count = load_u32(head + 4);
		why = live_wrong(l, head);
	}
	if (head && !why)
		return CDG_OK;
	pfile_damaged(&l->f, PFILE_HEADER, why ? why : "bitmap is cut off");
	st = pfile_error(&l->f, err);
	live_fini(l);
	return st;
}

cdg_status
live_init_full(live *l, uint32_t ndocs, cdg_error *err)
{
	size_t n = live_nwords(ndocs);

	memset(l, 0, sizeof *l);
	l->own = mem_alloc(8 * n);
	if (!l->own)
		return err_nomem(err);
	memset(l->own, 0xff, 8 * n);
	if (n)
		l->own[n - 1] = live_last_mask(ndocs);
	l->words = l->own;
	l->ndocs = l->count = ndocs;
	return CDG_OK;
}

cdg_status
live_clone_mutable(live *l, const live *from, cdg_error *err)
{
	memset(l, 0, sizeof *l);
	l->own = mem_dup(from->words, 8 * live_nwords(from->ndocs));
	if (!l->own)
		return err_nomem(err);
	l->words = l->own;
	l->ndocs = from->ndocs;
	l->count = from->count;
	return CDG_OK;
}

void
live_fini(live *l)
{
	mem_free(l->own);
	if (l->f.path)
		pfile_close(&l->f);
	memset(l, 0, sizeof *l);
}

bool
live_clear(live *l, uint32_t doc)
{
	if (!l->own || !live_test_safe(l, doc))
		return false;
	l->own[doc / 64] &= ~((uint64_t)1 << (doc % 64));
	l->count--;
	return true;
}

cdg_status
live_write(const live *l, const char *path, const segment_id *id, bool sync, cdg_error *err)
{
	uint8_t head[WORDS - PFILE_HEADER] = { 0 };
	pwriter w;

	CDG_TRY(pwriter_open(&w, path, LIVE_KIND, id, err));
	store_u32(head, l->ndocs);
	store_u32(head + 4, l->count);
	pwriter_put(&w, head, sizeof head);
	pwriter_put(&w, l->words, 8 * live_nwords(l->ndocs));
	return pwriter_finish(&w, sync, err);
}

cdg_status
live_check(const live *l, cdg_error *err)
{
	const char *why;

	if (l->own)
		return CDG_OK;
	CDG_TRY(pfile_check(&l->f, err));
	why = live_wrong(l, l->f.map.at + PFILE_HEADER);
	return why ? err_corrupt(err, l->f.path, PFILE_HEADER, "%s", why) : CDG_OK;
}
