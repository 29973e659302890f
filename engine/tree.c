/* tree.c - see tree.h: the reader, the check and the joining of .tree files.
 * Building is in tree_build.c.
 *
 * A view is opened by verifying the pages of its blob and that its four streams
 * and their indexes fit it; after that every read is bounded by the stream it is
 * in, and every loop by the counts of the blob, which its size bounds.
 */
#include "engine/tree.h"

enum { SENT_ENTRY = 12, SPAN_ENTRY = 8, ANCHOR_ENTRY = 16 };

/* ---- the file ---------------------------------------------------------------- */

cdg_status
tree_open(tree *t, const char *path, const segment_id *id, cdg_error *err)
{
	const uint8_t *p;
	size_t end;

	memset(t, 0, sizeof *t);
	CDG_TRY(pfile_open(&t->f, path, TREE_KIND, id, err));
	end = pfile_end(&t->f);
	p = end >= PFILE_HEADER + TREE_TRAILER ? pfile_at(&t->f, end - TREE_TRAILER, TREE_TRAILER) : NULL;
	if (p) {
		t->data_end = load_u64(p);
		t->nblobs = load_u64(p + 8);
		if (t->data_end < PFILE_HEADER || t->data_end > end - TREE_TRAILER ||
		    end - TREE_TRAILER != ((t->data_end + 7) & ~(uint64_t)7))
			p = NULL;
	}
	if (!p) {
		cdg_status st;
		pfile_damaged(&t->f, end - min_size(end, TREE_TRAILER), "trailer of the structure is wrong");
		st = pfile_error(&t->f, err);
		tree_close(t);
		return st;
	}
	return CDG_OK;
}

void
tree_close(tree *t)
{
	pfile_close(&t->f);
	memset(t, 0, sizeof *t);
}

/* The bytes of the blob at off, after its length; NULL on damage. */
static const uint8_t *
tree_blob(const tree *t, uint64_t off, size_t *n)
{
	const uint8_t *p;
	size_t head, left;
	uint64_t len;
	rd r;

	if (off < PFILE_HEADER || off >= t->data_end) {
		pfile_damaged(&t->f, off, "a document's structure lies outside the file");
		return NULL;
	}
	left = min_size(10, t->data_end - off);
	p = pfile_at(&t->f, off, left);
	if (!p)
		return NULL;
	r = rd_make(p, left);
	len = rd_varint(&r);
	head = (size_t)(r.at - p);
	if (r.bad || len > t->data_end - off - head) {
		pfile_damaged(&t->f, off, "length of a document's structure is wrong");
		return NULL;
	}
	*n = len;
	return pfile_at(&t->f, off + head, len);
}

static bool
tree_bad(const tree_view *v, const uint8_t *at, const char *why)
{
	const pfile *f = &v->t->f;
	pfile_damaged(f, at ? (size_t)(at - f->map.at) : v->off, why);
	return false;
}

/* Index entries of a stream with `n` elements. */
CDG_INLINE uint32_t
tree_entries(uint32_t n, uint32_t step)
{
	return n ? (n - 1) / step : 0;
}

static bool
tree_take(tree_stream *s, rd *r)
{
	s->at = rd_bytes(r, s->bytes);
	return s->at != NULL;
}

/* The index of a stream of n elements, of `entry` bytes each `step` of them. */
static void
tree_take_index(tree_stream *s, rd *r, uint32_t step, size_t entry)
{
	s->index = rd_bytes(r, (size_t)tree_entries(s->n, step) * entry);
}

bool
tree_view_open(const tree *t, uint64_t off, tree_view *v)
{
	uint64_t body, end;
	size_t n = 0;
	const uint8_t *p;
	rd r;

	memset(v, 0, sizeof *v);
	v->t = t;
	v->off = off;
	p = tree_blob(t, off, &n);
	if (!p)
		return false;
	r = rd_make(p, n);
	v->title_len = rd_varint32(&r);
	body = (uint64_t)v->title_len + rd_varint32(&r);
	end = body + rd_varint32(&r);
	v->sents.n = rd_varint32(&r);
	v->pages.n = rd_varint32(&r);
	v->sects.n = rd_varint32(&r);
	v->anchors.n = rd_varint32(&r);
	v->sents.bytes = v->sents.n ? rd_varint32(&r) : 0;
	v->pages.bytes = v->pages.n ? rd_varint32(&r) : 0;
	v->sects.bytes = v->sects.n ? rd_varint32(&r) : 0;
	tree_take_index(&v->sents, &r, TREE_SENT_STEP, SENT_ENTRY);
	tree_take_index(&v->pages, &r, TREE_SPAN_STEP, SPAN_ENTRY);
	tree_take_index(&v->sects, &r, TREE_SPAN_STEP, SPAN_ENTRY);
	tree_take_index(&v->anchors, &r, TREE_ANCHOR_STEP, ANCHOR_ENTRY);
	if (r.bad || end > UINT32_MAX || !tree_take(&v->sents, &r) || !tree_take(&v->pages, &r) ||
	    !tree_take(&v->sects, &r))
		return tree_bad(v, NULL, "a document's structure is cut off");
	v->anchors.bytes = rd_left(&r);
	if (!tree_take(&v->anchors, &r) || v->sents.n > v->sents.bytes || v->pages.n > v->pages.bytes / 6 ||
	    v->sects.n > v->sects.bytes / 6 || v->anchors.n > v->anchors.bytes / 3)
		return tree_bad(v, NULL, "a document's structure has fewer bytes than parts");
	v->body_pos = (uint32_t)body;
	v->end_pos = (uint32_t)end;
	return true;
}

/* Element g * step of a stream begins where entry g - 1 says (its last field);
 * r is set there.  Group 0 begins at the start. */
static bool
tree_group(const tree_view *v, const tree_stream *s, uint32_t g, size_t entry, rd *r)
{
	const uint8_t *e;
	uint32_t off;

	if (g == 0) {
		*r = rd_make(s->at, s->bytes);
		return true;
	}
	e = s->index + (size_t)(g - 1) * entry;
	off = load_u32(e + entry - 4);
	if (off >= s->bytes)
		return tree_bad(v, e, "an index of the structure points past its stream");
	*r = rd_make(s->at + off, s->bytes - off);
	return true;
}

/* The group to look in for pos: of the last entry whose position is <= pos. */
static uint32_t
tree_find_group(const tree_stream *s, uint32_t step, size_t entry, uint32_t pos)
{
	uint32_t lo = 0, hi = tree_entries(s->n, step);

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo + 1) / 2;
		if (load_u32(s->index + (size_t)(mid - 1) * entry) <= pos)
			lo = mid;
		else
			hi = mid - 1;
	}
	return lo;
}

/* ---- sentences --------------------------------------------------------------------- */

/* A walk over the starts: start number i - 1 is at pos. */
typedef struct tree_walk {
	rd r;
	uint32_t i, pos;
	bool para;
} tree_walk;

static bool
tree_walk_group(const tree_view *v, uint32_t g, tree_walk *w)
{
	w->i = g * TREE_SENT_STEP;
	w->pos = 0;
	w->para = false;
	return tree_group(v, &v->sents, g, SENT_ENTRY, &w->r);
}

CDG_INLINE const uint8_t *
tree_sent_entry(const tree_view *v, uint32_t i)
{
	return v->sents.index + (size_t)(i / TREE_SENT_STEP - 1) * SENT_ENTRY;
}

/* False at the end and on damage. */
static bool
tree_walk_next(const tree_view *v, tree_walk *w)
{
	uint64_t d, p;

	if (w->i >= v->sents.n)
		return false;
	d = rd_varint(&w->r);
	p = w->pos + (d >> 1);
	if (w->i && w->i % TREE_SENT_STEP == 0)
		p = load_u32(tree_sent_entry(v, w->i));
	if (unlikely(w->r.bad || d >> 33 || p > UINT32_MAX || (w->i && p <= w->pos)))
		return tree_bad(v, w->r.at, "sentence starts do not ascend");
	w->para = d & 1;
	w->pos = (uint32_t)p;
	w->i++;
	return true;
}

/* Cut [start, end) to the zone of pos: title or text.  False outside both. */
static bool
tree_zone(const tree_view *v, uint32_t pos, uint32_t *start, uint32_t *end)
{
	bool title = pos < v->title_len;
	uint32_t lo = title ? 0 : v->body_pos, hi = title ? v->title_len : v->end_pos;

	if (pos < lo || pos >= hi)
		return false;
	*start = max_u32(*start, lo);
	*end = min_u32(*end, hi);
	return true;
}

/* Make v->last the starts around pos: last.pos <= pos < last.next. */
static bool
tree_sent_seek(tree_view *v, uint32_t pos)
{
	tree_walk w = { 0 };
	uint32_t g, before = 0;

	if (v->last.at && v->last.pos <= pos && pos < v->last.next)
		return true;
	g = tree_find_group(&v->sents, TREE_SENT_STEP, SENT_ENTRY, pos);
	if (v->last.at && v->last.next <= pos && v->last.i / TREE_SENT_STEP >= g) {
		w.r = rd_make(v->last.at, (size_t)(v->sents.at + v->sents.bytes - v->last.at));
		w.i = v->last.i + 1;
		w.pos = before = v->last.next;
	} else if (!tree_walk_group(v, g, &w)) {
		return false;
	}
	v->last.at = NULL;
	while (tree_walk_next(v, &w)) {
		if (w.pos > pos) {
			v->last.at = w.r.at;
			v->last.i = w.i - 1;
			v->last.pos = before;
			v->last.next = w.pos;
			return true;
		}
		before = w.pos;
	}
	if (w.i < v->sents.n)
		return false; /* damage */
	v->last.at = w.r.at;
	v->last.i = v->sents.n;
	v->last.pos = before;
	v->last.next = UINT32_MAX;
	return true;
}

bool
tree_sentence_bounds(tree_view *v, uint32_t pos, uint32_t *start, uint32_t *end)
{
	if (!tree_sent_seek(v, pos))
		return false;
	*start = v->last.pos;
	*end = v->last.next;
	return tree_zone(v, pos, start, end);
}

/* The first paragraph start after pos in the rest of the walk up to start number
 * `stop`: 1 found, 0 none, -1 damage. */
static int
tree_para_after(const tree_view *v, tree_walk *w, uint32_t pos, uint32_t stop, uint32_t *out)
{
	while (w->i < min_u32(stop, v->sents.n)) {
		if (!tree_walk_next(v, w))
			return -1;
		if (w->para && w->pos > pos) {
			*out = w->pos;
			return 1;
		}
	}
	return 0;
}

/* The same in the groups after g: by the index to the group that has it. */
static int
tree_para_far(const tree_view *v, uint32_t g, uint32_t pos, uint32_t *out)
{
	uint32_t n = tree_entries(v->sents.n, TREE_SENT_STEP), lo = g + 1, hi = n + 1;
	tree_walk w;

	while (lo < hi) { /* the first group whose entry knows of a later paragraph */
		uint32_t mid = lo + (hi - lo) / 2;
		if (load_u32(v->sents.index + (size_t)(mid - 1) * SENT_ENTRY + 4) > pos)
			hi = mid;
		else
			lo = mid + 1;
	}
	g = lo - 1;
	if (!tree_walk_group(v, g, &w))
		return -1;
	return tree_para_after(v, &w, pos, (g + 1) * TREE_SENT_STEP + 1, out);
}

bool
tree_paragraph_bounds(tree_view *v, uint32_t pos, uint32_t *start, uint32_t *end)
{
	uint32_t g = tree_find_group(&v->sents, TREE_SENT_STEP, SENT_ENTRY, pos);
	tree_walk w;
	int found = 0;

	*start = g ? load_u32(v->sents.index + (size_t)(g - 1) * SENT_ENTRY + 4) : 0;
	*end = UINT32_MAX;
	if (!tree_walk_group(v, g, &w))
		return false;
	while (w.i < min_u32((g + 1) * TREE_SENT_STEP, v->sents.n)) {
		if (!tree_walk_next(v, &w))
			return false;
		if (w.para && w.pos > pos) {
			*end = w.pos;
			found = 1;
			break;
		}
		if (w.para)
			*start = w.pos;
	}
	if (!found && g < tree_entries(v->sents.n, TREE_SENT_STEP) && tree_para_far(v, g, pos, end) < 0)
		return false;
	if (*start > pos)
		return tree_bad(v, v->sents.index, "the index of paragraphs is wrong");
	return tree_zone(v, pos, start, end);
}

/* ---- sections and pages ---------------------------------------------------------------- */

/* Span number i from r; *start is the start of the one before.  `up` as stored. */
static bool
tree_span_next(const tree_view *v, const tree_stream *s, uint32_t i, rd *r, uint32_t *start,
	       tree_section *out, uint32_t *up)
{
	uint64_t at = (uint64_t)*start + rd_varint32(r);

	if (i && i % TREE_SPAN_STEP == 0)
		at = load_u32(s->index + (size_t)(i / TREE_SPAN_STEP - 1) * SPAN_ENTRY);
	out->start = (uint32_t)at;
	out->index = i;
	at += rd_varint32(r);
	out->end = (uint32_t)at;
	*up = rd_varint32(r);
	out->kind = rd_u8(r);
	out->level = rd_varint32(r);
	out->label_len = rd_varint32(r);
	out->label = (const char *)rd_bytes(r, out->label_len);
	if (r->bad || at > UINT32_MAX || *up > i)
		return tree_bad(v, r->at, "a section is malformed");
	*start = out->start;
	return true;
}

static bool
tree_span_get(const tree_view *v, const tree_stream *s, uint32_t i, tree_section *out, uint32_t *up)
{
	uint32_t at = i / TREE_SPAN_STEP * TREE_SPAN_STEP, start = 0;
	rd r;

	if (!tree_group(v, s, i / TREE_SPAN_STEP, SPAN_ENTRY, &r))
		return false;
	for (; at <= i; at++)
		if (!tree_span_next(v, s, at, &r, &start, out, up))
			return false;
	return true;
}

/* The last span that starts at or before pos. */
static bool
tree_span_before(const tree_view *v, const tree_stream *s, uint32_t pos, tree_section *out, uint32_t *up)
{
	uint32_t g = tree_find_group(s, TREE_SPAN_STEP, SPAN_ENTRY, pos), start = 0, u = 0;
	uint32_t i = g * TREE_SPAN_STEP, stop = min_u32(i + TREE_SPAN_STEP, s->n);
	tree_section t;
	bool any = false;
	rd r;

	if (!tree_group(v, s, g, SPAN_ENTRY, &r))
		return false;
	for (; i < stop; i++) {
		if (!tree_span_next(v, s, i, &r, &start, &t, &u))
			return false;
		if (t.start > pos)
			break;
		*out = t;
		*up = u;
		any = true;
	}
	return any;
}

/* Every span open at pos is that one or among its ancestors: whatever is open
 * at pos was open where the last one started.  Inner to outer; ancestors that
 * have ended (spans that cross) are passed over. */
static size_t
tree_chain(const tree_view *v, const tree_stream *s, uint32_t pos, tree_section *out, size_t cap)
{
	tree_section t;
	uint32_t up;
	size_t n = 0;

	if (!s->n || !cap || !tree_span_before(v, s, pos, &t, &up))
		return 0;
	for (;;) {
		if (t.end > pos) {
			out[n++] = t;
			if (n == cap)
				return n;
		}
		if (!up || !tree_span_get(v, s, t.index - up, &t, &up))
			return n;
	}
}

size_t
tree_section_path(const tree_view *v, uint32_t pos, tree_section *out, size_t cap)
{
	size_t n = tree_chain(v, &v->sects, pos, out, cap);

	for (size_t i = 0; i < n / 2; i++) {
		tree_section t = out[i];
		out[i] = out[n - 1 - i];
		out[n - 1 - i] = t;
	}
	return n;
}

bool
tree_page(const tree_view *v, uint32_t pos, tree_section *out)
{
	return tree_chain(v, &v->pages, pos, out, 1) == 1;
}

void
tree_sections(const tree_view *v, bool pages, tree_section_iter *it)
{
	const tree_stream *s = pages ? &v->pages : &v->sects;

	it->v = v;
	it->s = s;
	it->r = rd_make(s->at, s->bytes);
	it->i = 0;
	it->start = 0;
}

bool
tree_section_next(tree_section_iter *it, tree_section *out)
{
	uint32_t up;

	if (it->i >= it->s->n)
		return false;
	if (!tree_span_next(it->v, it->s, it->i, &it->r, &it->start, out, &up)) {
		it->i = it->s->n;
		return false;
	}
	it->i++;
	return true;
}

/* ---- anchors --------------------------------------------------------------------------- */

static bool
tree_anchor_next(const tree_view *v, uint32_t i, rd *r, tree_anchor *a)
{
	uint64_t pos = (uint64_t)a->pos + rd_varint32(r), bytes = rd_varint32(r), more = rd_varint32(r);
	uint64_t byte = a->byte + bytes, cp = a->cp + bytes - more;

	if (r->bad || more > bytes)
		return tree_bad(v, r->at, "an anchor is malformed");
	if (i && i % TREE_ANCHOR_STEP == 0) {
		const uint8_t *e = v->anchors.index + (size_t)(i / TREE_ANCHOR_STEP - 1) * ANCHOR_ENTRY;
		pos = load_u32(e);
		byte = load_u32(e + 4);
		cp = load_u32(e + 8);
	}
	if (pos > UINT32_MAX || byte > UINT32_MAX)
		return tree_bad(v, r->at, "an anchor is out of range");
	a->pos = (uint32_t)pos;
	a->byte = (uint32_t)byte;
	a->cp = (uint32_t)cp;
	return true;
}

/* The anchors before and after pos; *after has no anchor if has_after is false. */
static bool
tree_anchors_around(const tree_view *v, uint32_t pos, tree_anchor *before, tree_anchor *after,
		    bool *has_after)
{
	uint32_t g = tree_find_group(&v->anchors, TREE_ANCHOR_STEP, ANCHOR_ENTRY, pos);
	tree_anchor a = { v->body_pos, 0, 0 };
	rd r;

	*before = a;
	*has_after = false;
	if (!v->anchors.n)
		return true;
	if (!tree_group(v, &v->anchors, g, ANCHOR_ENTRY, &r))
		return false;
	for (uint32_t i = g * TREE_ANCHOR_STEP; i < v->anchors.n; i++) {
		if (!tree_anchor_next(v, i, &r, &a))
			return false;
		if (a.pos > pos) {
			*after = a;
			*has_after = true;
			return true;
		}
		*before = a;
	}
	return true;
}

bool
tree_anchor_before(const tree_view *v, uint32_t pos, tree_anchor *out)
{
	tree_anchor after;
	bool has;
	return pos >= v->body_pos && tree_anchors_around(v, pos, out, &after, &has);
}

bool
tree_anchor_after(const tree_view *v, uint32_t pos, tree_anchor *out)
{
	tree_anchor before;
	bool has;
	return tree_anchors_around(v, pos, &before, out, &has) && has;
}

/* ---- check ------------------------------------------------------------------------------ */

static cdg_status
tree_wrong(const tree_view *v, const char *why, cdg_error *err)
{
	if (atomic_load(&v->t->f.bad))
		return pfile_error(&v->t->f, err);
	return err_corrupt(err, v->t->f.path, v->off, "%s", why);
}

static cdg_status
tree_check_sents(const tree_view *v, cdg_error *err)
{
	tree_walk w = { .r = rd_make(v->sents.at, v->sents.bytes) };
	uint32_t para = 0;

	for (uint32_t i = 0; i < v->sents.n; i++) {
		rd peek = w.r;
		uint32_t prev = w.pos;
		size_t off = (size_t)(w.r.at - v->sents.at);
		if (!tree_walk_next(v, &w))
			return tree_wrong(v, "sentence starts are malformed", err);
		if (w.pos != prev + (rd_varint(&peek) >> 1))
			return tree_wrong(v, "the index of sentences has another position", err);
		if (w.para)
			para = w.pos;
		if (i && i % TREE_SENT_STEP == 0) {
			const uint8_t *e = tree_sent_entry(v, i);
			if (load_u32(e + 4) != para || load_u32(e + 8) != off)
				return tree_wrong(v, "the index of sentences is wrong", err);
		}
	}
	return rd_left(&w.r) ? tree_wrong(v, "bytes after the last sentence", err) : CDG_OK;
}

static cdg_status
tree_check_spans(const tree_view *v, const tree_stream *s, bool pages, cdg_error *err)
{
	rd r = rd_make(s->at, s->bytes);
	uint32_t start = 0, up = 0;
	tree_section t, parent;

	for (uint32_t i = 0; i < s->n; i++) {
		rd peek = r;
		uint32_t prev = start, unused;
		size_t off = (size_t)(r.at - s->at);
		if (!tree_span_next(v, s, i, &r, &start, &t, &up))
			return tree_wrong(v, "a section is malformed", err);
		if (t.start != (uint64_t)prev + rd_varint32(&peek))
			return tree_wrong(v, "the index of sections has another position", err);
		if (i && i % TREE_SPAN_STEP == 0 &&
		    load_u32(s->index + (size_t)(i / TREE_SPAN_STEP - 1) * SPAN_ENTRY + 4) != off)
			return tree_wrong(v, "the index of sections is wrong", err);
		if (t.end > v->end_pos)
			return tree_wrong(v, "a section ends after the document", err);
		if ((t.kind == TREE_PAGE) != pages)
			return tree_wrong(v, "a section is in the wrong stream", err);
		if (up && (!tree_span_get(v, s, i - up, &parent, &unused) || parent.end <= t.start))
			return tree_wrong(v, "a section lies outside its parent", err);
	}
	return rd_left(&r) ? tree_wrong(v, "bytes after the last section", err) : CDG_OK;
}

static cdg_status
tree_check_anchors(const tree_view *v, cdg_error *err)
{
	rd r = rd_make(v->anchors.at, v->anchors.bytes);
	tree_anchor a = { v->body_pos, 0, 0 };

	for (uint32_t i = 0; i < v->anchors.n; i++) {
		rd peek = r;
		tree_anchor prev = a;
		size_t off = (size_t)(r.at - v->anchors.at);
		uint32_t pos, bytes, more;
		if (!tree_anchor_next(v, i, &r, &a))
			return tree_wrong(v, "an anchor is malformed", err);
		pos = rd_varint32(&peek);
		bytes = rd_varint32(&peek);
		more = rd_varint32(&peek);
		if (a.pos != prev.pos + pos || a.byte != prev.byte + bytes || a.cp != prev.cp + bytes - more)
			return tree_wrong(v, "the index of anchors has other values", err);
		if (i && i % TREE_ANCHOR_STEP == 0 &&
		    load_u32(v->anchors.index + (size_t)(i / TREE_ANCHOR_STEP - 1) * ANCHOR_ENTRY + 12) != off)
			return tree_wrong(v, "the index of anchors is wrong", err);
	}
	return rd_left(&r) ? tree_wrong(v, "bytes after the last anchor", err) : CDG_OK;
}

cdg_status
tree_check(const tree *t, cdg_error *err)
{
	uint64_t off = PFILE_HEADER, n = 0;

	CDG_TRY(pfile_check(&t->f, err));
	for (; off < t->data_end; n++) {
		tree_view v;
		size_t len = 0;
		const uint8_t *p = tree_blob(t, off, &len);
		if (!p || !tree_view_open(t, off, &v))
			return pfile_error(&t->f, err);
		CDG_TRY(tree_check_sents(&v, err));
		CDG_TRY(tree_check_spans(&v, &v.pages, true, err));
		CDG_TRY(tree_check_spans(&v, &v.sects, false, err));
		CDG_TRY(tree_check_anchors(&v, err));
		off = (uint64_t)(p - t->f.map.at) + len;
	}
	if (n != t->nblobs)
		return err_corrupt(err, t->f.path, pfile_end(&t->f) - 8, "number of documents is %llu, not %llu",
				   (unsigned long long)n, (unsigned long long)t->nblobs);
	for (; off < pfile_end(&t->f) - TREE_TRAILER; off++)
		if (t->f.map.at[off])
			return err_corrupt(err, t->f.path, off, "padding is not zero");
	return CDG_OK;
}
