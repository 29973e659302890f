/* tree_build.c - writing .tree files: the builder of one document's blob, the
 * part of a worker, the joiner.  See tree.h for the layout.
 *
 * The builder keeps everything as it comes and encodes at the end: only then
 * are the counts known, and the sections sorted (a reader of documents may learn
 * where a section ends before it tells of one that began earlier).
 */
#include <xxhash.h>

#include "engine/tree.h"

struct tree_span {
	uint32_t start, end, level;
	uint32_t label_len;
	size_t label_at; /* in b->labels */
	uint32_t order;  /* as given, to keep the sort stable */
	uint8_t kind;
};

enum { PART_BUF = 256 * 1024 };

void
tree_builder_init(tree_builder *b)
{
	memset(b, 0, sizeof *b);
}

void
tree_builder_fini(tree_builder *b)
{
	buf_fini(&b->sents);
	buf_fini(&b->anchors);
	buf_fini(&b->labels);
	buf_fini(&b->work);
	mem_free(b->spans);
	memset(b, 0, sizeof *b);
}

/* Until the end, sentences are u64 (position << 1 | paragraph) and anchors three
 * u32 each. */
void
tree_builder_begin(tree_builder *b)
{
	b->sents.len = b->anchors.len = b->labels.len = b->work.len = 0;
	b->sents.failed = b->anchors.failed = b->labels.failed = b->work.failed = false;
	b->nspans = 0;
	b->status = CDG_OK;
}

void
tree_builder_sentence(tree_builder *b, uint32_t pos, bool paragraph)
{
	uint64_t v = (uint64_t)pos << 1 | paragraph;

	if (b->sents.len) {
		uint64_t prev = load_u64(b->sents.p + b->sents.len - 8);
		if (prev >> 1 == pos) {
			store_u64(b->sents.p + b->sents.len - 8, prev | v);
			return;
		}
		if (prev >> 1 > pos) {
			b->status = CDG_E_ARG;
			return;
		}
	}
	buf_put_u64(&b->sents, v);
}

void
tree_builder_section(tree_builder *b, tree_kind kind, uint32_t level, const char *label,
		     size_t label_len, uint32_t start, uint32_t end)
{
	tree_span s = { .start = start, .end = max_u32(start, end), .level = level,
			.label_len = (uint32_t)label_len, .label_at = b->labels.len,
			.order = (uint32_t)b->nspans, .kind = (uint8_t)kind };

	if (label_len > UINT32_MAX || b->nspans == UINT32_MAX) {
		b->status = CDG_E_ARG;
		return;
	}
	if (!mem_grow(&b->spans, &b->cap_spans, b->nspans + 1, sizeof *b->spans)) {
		b->status = CDG_E_NOMEM;
		return;
	}
	buf_put(&b->labels, label, label_len);
	b->spans[b->nspans++] = s;
}

void
tree_builder_anchor(tree_builder *b, uint32_t pos, uint32_t byte, uint32_t cp)
{
	buf_put_u32(&b->anchors, pos);
	buf_put_u32(&b->anchors, byte);
	buf_put_u32(&b->anchors, cp);
}

/* Pages first, each kind by start, outer before inner. */
static int
tree_span_order(const void *pa, const void *pb)
{
	const tree_span *a = pa, *b = pb;
	bool a_page = a->kind == TREE_PAGE, b_page = b->kind == TREE_PAGE;

	if (a_page != b_page)
		return a_page ? -1 : 1;
	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	if (a->end != b->end)
		return a->end > b->end ? -1 : 1;
	if (a->level != b->level)
		return a->level < b->level ? -1 : 1;
	return a->order < b->order ? -1 : 1;
}

static void
tree_put_sents(tree_builder *b, buf *index, buf *out)
{
	size_t n = b->sents.len / 8, first = out->len;
	uint32_t prev = 0, para = 0;

	for (size_t i = 0; i < n; i++) {
		uint64_t v = load_u64(b->sents.p + 8 * i);
		uint32_t pos = (uint32_t)(v >> 1);
		if (v & 1)
			para = pos;
		if (i && i % TREE_SENT_STEP == 0) {
			buf_put_u32(index, pos);
			buf_put_u32(index, para);
			buf_put_u32(index, (uint32_t)(out->len - first));
		}
		buf_put_varint(out, (uint64_t)(pos - prev) << 1 | (v & 1));
		prev = pos;
	}
}

/* Spans [0, n) of a stream.  The stack of open spans is a chain of parents:
 * `up[i]` leads from each to the one that was open below it. */
static void
tree_put_spans(const tree_builder *b, const tree_span *s, size_t n, uint32_t end_pos, uint32_t *up,
	       buf *index, buf *out)
{
	size_t first = out->len, top = SIZE_MAX;
	uint32_t prev = 0;

	for (size_t i = 0; i < n; i++) {
		uint32_t start = min_u32(s[i].start, end_pos), end = min_u32(s[i].end, end_pos);
		while (top != SIZE_MAX && s[top].end <= s[i].start)
			top = up[top] ? top - up[top] : SIZE_MAX;
		up[i] = top == SIZE_MAX || min_u32(s[top].end, end_pos) <= start ? 0 : (uint32_t)(i - top);
		top = i;
		if (i && i % TREE_SPAN_STEP == 0) {
			buf_put_u32(index, start);
			buf_put_u32(index, (uint32_t)(out->len - first));
		}
		buf_put_varint(out, start - prev);
		buf_put_varint(out, end - start);
		buf_put_varint(out, up[i]);
		buf_put_u8(out, s[i].kind);
		buf_put_varint(out, s[i].level);
		buf_put_varint(out, s[i].label_len);
		if (s[i].label_len)
			buf_put(out, b->labels.p + s[i].label_at, s[i].label_len);
		prev = start;
	}
}

static bool
tree_put_anchors(const tree_builder *b, uint32_t body_pos, buf *index, buf *out)
{
	size_t n = b->anchors.len / 12, first = out->len;
	tree_anchor prev = { body_pos, 0, 0 };

	for (size_t i = 0; i < n; i++) {
		const uint8_t *p = b->anchors.p + 12 * i;
		tree_anchor a = { load_u32(p), load_u32(p + 4), load_u32(p + 8) };
		if (a.pos < prev.pos || a.byte < prev.byte || a.cp < prev.cp ||
		    a.byte - prev.byte < a.cp - prev.cp)
			return false;
		if (i && i % TREE_ANCHOR_STEP == 0) {
			buf_put(index, p, 12);
			buf_put_u32(index, (uint32_t)(out->len - first));
		}
		buf_put_varint(out, a.pos - prev.pos);
		buf_put_varint(out, a.byte - prev.byte);
		buf_put_varint(out, (a.byte - prev.byte) - (a.cp - prev.cp));
		prev = a;
	}
	return true;
}

/* The four indexes into `index`, the four streams into b->work; the lengths of
 * the first three streams into len. */
static cdg_status
tree_encode(tree_builder *b, uint32_t body_pos, uint32_t end_pos, size_t npages, buf *index,
	    size_t len[3], cdg_error *err)
{
	buf *out = &b->work;
	uint32_t *up = mem_alloc(b->nspans * sizeof *up);
	bool ok;

	if (!up)
		return err_nomem(err);
	out->len = 0;
	tree_put_sents(b, index, out);
	len[0] = out->len;
	tree_put_spans(b, b->spans, npages, end_pos, up, index, out);
	len[1] = out->len - len[0];
	if (b->nspans > npages)
		tree_put_spans(b, b->spans + npages, b->nspans - npages, end_pos, up, index, out);
	len[2] = out->len - len[0] - len[1];
	ok = tree_put_anchors(b, body_pos, index, out);
	mem_free(up);
	if (!ok)
		return err_set(err, CDG_E_ARG, "anchors of a document do not ascend");
	if (len[0] > UINT32_MAX || len[1] > UINT32_MAX || len[2] > UINT32_MAX)
		return err_set(err, CDG_E_LIMIT, "the sections of a document take more than 4 GB");
	return out->failed || index->failed ? err_nomem(err) : CDG_OK;
}

static size_t
tree_pages(const tree_builder *b)
{
	size_t n = 0;
	while (n < b->nspans && b->spans[n].kind == TREE_PAGE)
		n++;
	return n;
}

cdg_status
tree_builder_end(tree_builder *b, uint32_t title_len, uint32_t body_pos, uint32_t end_pos, buf *out,
		 cdg_error *err)
{
	size_t nsent = b->sents.len / 8, npages, len[3] = { 0 };
	uint8_t head[100], *h = head;
	buf index;
	cdg_status st;

	if (b->status == CDG_E_NOMEM || b->sents.failed || b->anchors.failed || b->labels.failed)
		return err_nomem(err);
	if (b->status != CDG_OK || title_len > body_pos || body_pos > end_pos)
		return err_set(err, CDG_E_ARG, "the structure of a document is inconsistent");
	if (b->nspans > 1)
		qsort(b->spans, b->nspans, sizeof *b->spans, tree_span_order);
	npages = tree_pages(b);
	buf_init(&index);
	st = tree_encode(b, body_pos, end_pos, npages, &index, len, err);
	if (st == CDG_OK) {
		h = varint_write(h, title_len);
		h = varint_write(h, body_pos - title_len);
		h = varint_write(h, end_pos - body_pos);
		h = varint_write(h, nsent);
		h = varint_write(h, npages);
		h = varint_write(h, b->nspans - npages);
		h = varint_write(h, b->anchors.len / 12);
		if (nsent)
			h = varint_write(h, len[0]);
		if (npages)
			h = varint_write(h, len[1]);
		if (b->nspans > npages)
			h = varint_write(h, len[2]);
		buf_put_varint(out, (uint64_t)(h - head) + index.len + b->work.len);
		buf_put(out, head, (size_t)(h - head));
		buf_put(out, index.p, index.len);
		buf_put(out, b->work.p, b->work.len);
		if (out->failed)
			st = err_nomem(err);
	}
	buf_fini(&index);
	return st;
}

/* ---- blobs that documents share ------------------------------------------------------ */

static void
tree_forget_shared(tree_shared *shared)
{
	for (size_t i = 0; shared && i < TREE_SHARED; i++)
		shared[i].at = 0;
}

/* Where a blob is already, or 0; then it is noted to be at `at`, which is not 0. */
static uint64_t
tree_share(tree_shared *shared, const uint8_t *blob, size_t n, uint64_t at)
{
	tree_shared *set, found = { .at = 0 };
	unsigned i = 0;

	if (n > TREE_SMALL)
		return 0;
	set = shared + XXH3_64bits(blob, n) % (TREE_SHARED / TREE_WAYS) * TREE_WAYS;
	while (i < TREE_WAYS && !(set[i].at && set[i].n == n && !memcmp(set[i].bytes, blob, n)))
		i++;
	if (i < TREE_WAYS)
		found = set[i];
	else
		i = TREE_WAYS - 1;
	memmove(set + 1, set, i * sizeof *set); /* the one used last comes first */
	set[0].at = found.at ? found.at : at;
	set[0].n = (uint8_t)n;
	memcpy(set[0].bytes, blob, n);
	return found.at;
}

/* ---- the part of a worker --------------------------------------------------------- */

cdg_status
tree_part_init(tree_part *p, const char *tmp_path, cdg_error *err)
{
	memset(p, 0, sizeof *p);
	p->shared = mem_calloc(TREE_SHARED, sizeof *p->shared);
	if (!p->shared)
		return err_nomem(err);
	return store_spill_init(&p->spill, tmp_path, PART_BUF, err);
}

void
tree_part_fini(tree_part *p)
{
	store_spill_fini(&p->spill);
	buf_fini(&p->blob);
	mem_free(p->shared);
	memset(p, 0, sizeof *p);
}

cdg_status
tree_part_add(tree_part *p, tree_builder *b, uint32_t title_len, uint32_t body_pos, uint32_t end_pos,
	      uint64_t *off, cdg_error *err)
{
	uint64_t found;

	p->blob.len = 0;
	p->blob.failed = false;
	CDG_TRY(tree_builder_end(b, title_len, body_pos, end_pos, &p->blob, err));
	*off = p->spill.written + p->spill.fill;
	found = tree_share(p->shared, p->blob.p, p->blob.len, *off + 1);
	if (found) {
		*off = found - 1;
		return CDG_OK;
	}
	CDG_TRY(store_spill_put(&p->spill, p->blob.p, p->blob.len, err));
	p->nblobs++;
	return CDG_OK;
}

/* ---- joining ------------------------------------------------------------------------ */

void
tree_joiner_init(tree_joiner *j, pwriter *out)
{
	memset(j, 0, sizeof *j);
	j->out = out;
}

void
tree_joiner_fini(tree_joiner *j)
{
	mem_free(j->shared);
	memset(j, 0, sizeof *j);
}

cdg_status
tree_append_part(tree_joiner *j, tree_part *p, uint64_t *base, cdg_error *err)
{
	*base = pwriter_tell(j->out);
	CDG_TRY(store_spill_drain(&p->spill, j->out, err));
	j->nblobs += p->nblobs;
	p->nblobs = 0;
	tree_forget_shared(p->shared);
	return CDG_OK;
}

cdg_status
tree_append(tree_joiner *j, const tree *src, uint64_t *shift, cdg_error *err)
{
	*shift = pwriter_tell(j->out) - PFILE_HEADER;
	CDG_TRY(pwriter_copy(j->out, &src->f, PFILE_HEADER, src->data_end, err));
	j->nblobs += src->nblobs;
	return CDG_OK;
}

cdg_status
tree_copy(tree_joiner *j, const tree *src, uint64_t off, uint64_t *new_off, cdg_error *err)
{
	const uint8_t *blob = src->f.map.at + off;
	tree_view v;
	size_t n;

	if (!j->shared && !(j->shared = mem_calloc(TREE_SHARED, sizeof *j->shared)))
		return err_nomem(err);
	if (!tree_view_open(src, off, &v))
		return pfile_error(&src->f, err);
	n = (size_t)(v.anchors.at + v.anchors.bytes - blob); /* the anchors are last in a blob */
	*new_off = tree_share(j->shared, blob, n, pwriter_tell(j->out));
	if (*new_off)
		return CDG_OK;
	*new_off = pwriter_tell(j->out);
	pwriter_put(j->out, blob, n);
	j->nblobs++;
	return CDG_OK;
}

cdg_status
tree_joiner_finish(tree_joiner *j, cdg_error *err)
{
	uint64_t data_end = pwriter_tell(j->out);

	(void)err;
	pwriter_align(j->out, 8);
	pwriter_put(j->out, &data_end, 8);
	pwriter_put(j->out, &j->nblobs, 8);
	return CDG_OK;
}

cdg_status
tree_join(pwriter *out, tree_part **parts, size_t n, uint64_t *base, cdg_error *err)
{
	tree_joiner j;

	tree_joiner_init(&j, out);
	for (size_t i = 0; i < n; i++) {
		base[i] = pwriter_tell(out);
		if (parts[i])
			CDG_TRY(tree_append_part(&j, parts[i], &base[i], err));
	}
	return tree_joiner_finish(&j, err);
}
