/* compose_cut.c - parts taken out of a text that is already written. */
#include "extract/compose.h"

static size_t
cut_blank_end(const uint8_t *p, size_t n)
{
	size_t k = n;

	while (k && compose_is_space((char)p[k - 1]))
		k--;
	return n - k;
}

/* Where an offset of the old text is in the new one; *gone: it was in a cut. */
static size_t
cut_moved(const compose_span *cuts, const size_t *shift, size_t n, size_t at, bool *gone)
{
	size_t lo = 0, hi = n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (cuts[mid].end <= at)
			lo = mid + 1;
		else
			hi = mid;
	}
	*gone = lo < n && at >= cuts[lo].start;
	return (*gone ? cuts[lo].start : at) - shift[lo];
}

/* A cut takes the break before it or the one behind it along: the smaller. */
static void
cut_breaks(const buf *text, compose_span *c)
{
	size_t before, behind = 0;

	c->end = min_size(c->end, text->len);
	while (c->start < c->end && compose_is_space((char)text->p[c->start]))
		c->start++;
	before = cut_blank_end(text->p, c->start);
	while (c->end + behind < text->len && compose_is_space((char)text->p[c->end + behind]))
		behind++;
	if (c->start >= c->end)
		return;
	if (before >= behind || before == c->start)
		c->end += behind;
	if (before < behind || before == c->start)
		c->start -= before;
}

void
compose_cut(compose *c, compose_span *cuts, size_t n)
{
	read_build *b = c->b;
	size_t *shift = mem_calloc(n + 1, sizeof *shift);
	size_t kept = 0, at = 0;
	bool gone;

	if (!shift) {
		b->failed = true;
		return;
	}
	for (size_t i = 0; i < n; i++) {
		cut_breaks(&b->text, &cuts[i]);
		cuts[i].start = max_size(cuts[i].start, at);
		cuts[i].end = max_size(cuts[i].end, cuts[i].start);
		memmove(b->text.p + kept, b->text.p + at, cuts[i].start - at);
		kept += cuts[i].start - at;
		at = cuts[i].end;
		shift[i + 1] = at - kept;
	}
	memmove(b->text.p + kept, b->text.p + at, b->text.len - at);
	for (size_t i = 0; i < b->doc.nsections; i++) {
		doc_section *s = &b->sections[i];
		size_t start = cut_moved(cuts, shift, n, s->start, &gone);

		if (gone)
			s->label.n = 0;
		s->start = (uint32_t)start;
		s->end = (uint32_t)cut_moved(cuts, shift, n, s->end, &gone);
	}
	b->text.len = kept + b->text.len - at;
	while (b->text.len && compose_is_space((char)b->text.p[b->text.len - 1]))
		b->text.len--;
	read_build_prune(b);
	for (size_t i = 0; i < b->doc.nsections; i++) {
		b->sections[i].end = min_u32(b->sections[i].end, (uint32_t)b->text.len);
		b->sections[i].start = min_u32(b->sections[i].start, b->sections[i].end);
	}
	b->doc.text = read_str(b->text.p ? (const char *)b->text.p : "", b->text.len);
	mem_free(shift);
}
