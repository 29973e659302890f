/* locate.c - see locate.h. */
#include "query/locate.h"

enum { LOCATE_SCAN = 1 << 16, LOCATE_AHEAD = 1000 };

void
locate_init(locator *l, text_analyzer *an, cdg_error *err)
{
	memset(l, 0, sizeof *l);
	store_cursor_init(&l->own, NULL);
	l->store = &l->own;
	l->an = an;
	l->err = err;
}

void
locate_fini(locator *l)
{
	store_cursor_fini(&l->own);
	buf_fini(&l->text);
	mem_free(l->places);
	mem_free(l->sentences);
	memset(l, 0, sizeof *l);
}

/* ---- the stretch ------------------------------------------------------- */

/* Characters end of a token for one position: a CJK bigram covers two. */
static uint32_t
place_end(const locator *l, const text_token *t)
{
	if (t->kind == TEXT_CJK) {
		const char *p = (const char *)l->text.p + t->start, *q = p;
		text_decode(&q, p + (t->end - t->start));
		return t->start + (uint32_t)(q - p);
	}
	return t->end;
}

static bool
note_sentence(locator *l, uint32_t pos)
{
	if (!mem_grow(&l->sentences, &l->sentences_cap, l->nsentences + 1, sizeof *l->sentences))
		return false;
	l->sentences[l->nsentences++] = pos;
	return true;
}

bool
locate_sentence(locator *l, uint32_t pos, uint32_t *start)
{
	uint32_t end;

	if (!l->whole)
		return tree_sentence_bounds(&l->tree, pos, start, &end);
	for (size_t i = l->nsentences; i-- > 0;)
		if (l->sentences[i] <= pos) {
			*start = l->sentences[i];
			return true;
		}
	return false;
}

/* Tokenise the stretch; stop after position `to`. */
static cdg_status
locate_tokens(locator *l, uint32_t to)
{
	text_token tok[256];
	size_t n;

	l->nplaces = 0;
	l->first = l->anchor.pos;
	l->known_byte = 0;
	l->known_cp = 0;
	text_begin(l->an, (const char *)l->text.p, l->text.len, l->anchor.pos);
	while ((n = text_next(l->an, tok, countof(tok)))) {
		for (size_t i = 0; i < n; i++) {
			if (tok[i].kind == TEXT_JOINED)
				continue;
			if (!mem_grow(&l->places, &l->places_cap, l->nplaces + 1, sizeof *l->places))
				return err_nomem(l->err);
			l->places[l->nplaces++] = (locate_token){ tok[i].start, place_end(l, &tok[i]) };
			if (l->whole && tok[i].flags & TEXT_SENTENCE && !note_sentence(l, tok[i].pos))
				return err_nomem(l->err);
		}
		if (l->nplaces > (size_t)(to - l->first) + 2) /* as locate_stretch wants it */
			break;
	}
	return CDG_OK;
}

/* Bytes read at first for positions up to `to`; there are rarely more. */
static uint64_t
stretch_bytes(const tree_anchor *a, uint32_t to)
{
	return 64 + (uint64_t)(to - a->pos + 1) * 12;
}

uint64_t
locate_reach(const locator *l, uint32_t from, uint32_t to)
{
	tree_anchor a;

	return tree_anchor_before(&l->tree, from, &a) ? a.byte + stretch_bytes(&a, to) : 0;
}

cdg_status
locate_stretch(locator *l, uint32_t from, uint32_t to)
{
	uint64_t want;

	if (l->whole)
		return CDG_OK; /* all of it is there */
	if (!tree_anchor_before(&l->tree, from, &l->anchor))
		return pfile_error(&l->seg->tree.f, l->err);
	if (l->anchor.byte > l->text_len)
		return err_corrupt(l->err, l->seg->tree.f.path, 0, "an anchor lies past the end of its text");
	for (want = stretch_bytes(&l->anchor, to);; want *= 4) {
		uint32_t len = want < l->text_len - l->anchor.byte ? (uint32_t)want : l->text_len - l->anchor.byte;
		l->text.len = 0;
		CDG_TRY(store_text(l->store, l->ref, l->anchor.byte, len, &l->text, l->err));
		CDG_TRY(locate_tokens(l, to));
		/* the last token may be cut off by the end of the stretch: want one more */
		if (l->nplaces > (size_t)(to - l->first) + 2 || len == l->text_len - l->anchor.byte)
			return CDG_OK;
	}
}

cdg_status
locate_cover(locator *l, uint32_t from, uint32_t to)
{
	if (l->nplaces && from >= l->first) {
		if (l->nplaces > (size_t)(to - l->first) + 2)
			return CDG_OK;
		if (from - l->first < l->nplaces + LOCATE_AHEAD) /* the next one will be near as well */
			to += min_u32(l->tree.end_pos - 1 - min_u32(to, l->tree.end_pos - 1), LOCATE_AHEAD);
	}
	return locate_stretch(l, from, to);
}

/* ---- documents ---------------------------------------------------------- */

cdg_status
locate_open(locator *l, const segment *seg, uint32_t doc)
{
	uint64_t off;

	l->seg = seg;
	l->whole = NULL;
	l->nplaces = 0;
	l->text.len = 0;
	if (l->store->s != &seg->store)
		store_cursor_use(l->store, &seg->store);
	if (!doctab_store(&seg->docs, doc, &l->ref) || !doctab_tree(&seg->docs, doc, &off))
		return pfile_error(&seg->docs.f, l->err);
	if (!tree_view_open(&seg->tree, off, &l->tree))
		return pfile_error(&seg->tree.f, l->err);
	return CDG_OK;
}

cdg_status
locate_lengths(locator *l)
{
	uint32_t meta_len;

	return store_lengths(l->store, l->ref, &meta_len, &l->text_len, l->err);
}

cdg_status
locate_doc(locator *l, const segment *seg, uint32_t doc)
{
	CDG_TRY(locate_open(l, seg, doc));
	return locate_lengths(l);
}

cdg_status
locate_whole(locator *l, const snippet_source *from)
{
	l->whole = from;
	l->seg = NULL;
	memset(&l->tree, 0, sizeof l->tree);
	l->text_len = (uint32_t)from->n;
	l->tree.body_pos = from->body_pos;
	l->anchor = (tree_anchor){ from->body_pos, 0, 0 };
	l->nsentences = 0;
	l->text.len = 0;
	buf_put(&l->text, from->text, from->n);
	if (l->text.failed)
		return err_nomem(l->err);
	CDG_TRY(locate_tokens(l, UINT32_MAX - 1));
	l->tree.end_pos = from->body_pos + (uint32_t)l->nplaces;
	return CDG_OK;
}

/* ---- characters --------------------------------------------------------- */

uint64_t
locate_chars(const uint8_t *p, size_t n)
{
	uint64_t c = 0;
	for (size_t i = 0; i < n; i++)
		c += (p[i] & 0xc0) != 0x80;
	return c;
}

uint64_t
locate_cp(locator *l, uint32_t byte)
{
	if (byte < l->known_byte)
		l->known_cp -= (uint32_t)locate_chars(l->text.p + byte, l->known_byte - byte);
	else
		l->known_cp += (uint32_t)locate_chars(l->text.p + l->known_byte, byte - l->known_byte);
	l->known_byte = byte;
	return (uint64_t)l->anchor.cp + l->known_cp;
}

cdg_status
locate_text(locator *l, uint32_t from, uint32_t to, buf *out)
{
	if (to <= from)
		return CDG_OK;
	if (!l->whole)
		return store_text(l->store, l->ref, from, to - from, out, l->err);
	from = min_u32(from, l->text_len);
	buf_put(out, l->text.p + from, min_u32(to, l->text_len) - from);
	return out->failed ? err_nomem(l->err) : CDG_OK;
}

/* The last anchor that is not past character cp. */
static cdg_status
anchor_of_cp(locator *l, uint64_t cp, tree_anchor *out)
{
	uint32_t lo = l->tree.body_pos, hi = l->tree.end_pos;
	tree_anchor a;

	*out = (tree_anchor){ l->tree.body_pos, 0, 0 };
	if (l->whole)
		return CDG_OK;
	while (lo < hi) { /* anchors of positions before lo are not past it */
		uint32_t mid = lo + (hi - lo) / 2;
		if (!tree_anchor_before(&l->tree, mid, &a))
			return pfile_error(&l->seg->tree.f, l->err);
		if (a.cp <= cp && a.byte <= l->text_len) {
			*out = a;
			lo = mid + 1;
		} else {
			hi = mid;
		}
	}
	return CDG_OK;
}

/* How many of n bytes the first `chars` characters are; fewer are left in *chars. */
static size_t
bytes_of_chars(const uint8_t *p, size_t n, uint64_t *chars)
{
	size_t i = 0;

	for (; i < n; i++) {
		if ((p[i] & 0xc0) == 0x80)
			continue;
		if (!*chars)
			break;
		--*chars;
	}
	return i;
}

cdg_status
locate_byte(locator *l, uint64_t cp, uint32_t *byte, uint64_t *reached)
{
	tree_anchor a;
	uint64_t left;
	buf part = { 0 };
	cdg_status st = CDG_OK;

	CDG_TRY(anchor_of_cp(l, cp, &a));
	left = cp - a.cp;
	*byte = a.byte;
	while (st == CDG_OK && *byte < l->text_len) {
		uint32_t n = min_u32(LOCATE_SCAN, l->text_len - *byte);
		size_t used;
		part.len = 0;
		st = locate_text(l, *byte, *byte + n, &part);
		if (st != CDG_OK)
			break;
		used = bytes_of_chars(part.p, part.len, &left);
		*byte += (uint32_t)used;
		if (used < n) /* the character begins here */
			break;
	}
	buf_fini(&part);
	*reached = cp - left;
	return st;
}

/* ---- page and sections ---------------------------------------------------- */

/* Sections that hold the token at pos; those without a label (tables) say nothing. */
static cdg_status
describe_whole(const locator *l, uint32_t pos, locate_where *out)
{
	const snippet_source *w = l->whole;
	uint32_t at = l->places[pos - l->first].start;

	out->section = mem_calloc(LOCATE_PATH_MAX, sizeof *out->section);
	if (!out->section)
		return err_nomem(l->err);
	for (size_t i = 0; i < w->nsections; i++) {
		const snippet_section *s = &w->sections[i];
		char *label;

		if (at < s->start || at >= s->end || (!s->page && (!s->label_len || out->nsection == LOCATE_PATH_MAX)))
			continue;
		label = mem_strndup(s->label ? s->label : "", s->label_len);
		if (!label)
			return err_nomem(l->err);
		if (s->page) {
			mem_free(out->page);
			out->page = label;
		} else {
			out->section[out->nsection++] = label;
		}
	}
	return CDG_OK;
}

cdg_status
locate_describe(locator *l, uint32_t pos, locate_where *out)
{
	tree_section path[LOCATE_PATH_MAX], page;
	size_t n;

	memset(out, 0, sizeof *out);
	if (l->whole)
		return describe_whole(l, pos, out);
	n = tree_section_path(&l->tree, pos, path, countof(path));
	n = min_size(n, countof(path));
	if (tree_page(&l->tree, pos, &page)) {
		out->page = mem_strndup(page.label, page.label_len);
		if (!out->page)
			return err_nomem(l->err);
	}
	out->section = mem_calloc(n + 1, sizeof *out->section);
	if (!out->section)
		return err_nomem(l->err);
	for (size_t i = 0; i < n; i++) {
		if (!path[i].label_len)
			continue;
		out->section[out->nsection] = mem_strndup(path[i].label, path[i].label_len);
		if (!out->section[out->nsection])
			return err_nomem(l->err);
		out->nsection++;
	}
	return CDG_OK;
}

void
locate_where_fini(locate_where *w)
{
	mem_free(w->page);
	for (size_t i = 0; i < w->nsection; i++)
		mem_free(w->section[i]);
	mem_free(w->section);
	memset(w, 0, sizeof *w);
}
