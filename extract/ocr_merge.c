/* ocr_merge.c - see ocr.h: recognised pages in their places among those that have text. */
#include "engine/kind.h"
#include "extract/numbering.h"
#include "extract/ocr.h"

static bool
is_page(const doc_section *s)
{
	return !strcmp(s->kind, tree_kind_name(TREE_PAGE));
}

static bool
is_wanted(const doc_section *s)
{
	return is_page(s) && s->start == s->end;
}

unsigned
ocr_wanted(const document *doc, buf *list)
{
	unsigned page = 0, last = 0;

	for (size_t i = 0; i < doc->nsections; i++) {
		page += is_page(&doc->sections[i]);
		if (!is_wanted(&doc->sections[i]))
			continue;
		buf_printf(list, last ? " %u" : "%u", page);
		last = page;
	}
	return last;
}

/* The next page of the recognised text: false, there is none. */
static bool
take_page(const char **at, const char *end, doc_str *page)
{
	const char *p = *at, *stop;

	if (p == end)
		return false;
	stop = memchr(p, '\f', (size_t)(end - p));
	stop = stop ? stop : end;
	*page = read_str(p, (size_t)(stop - p));
	*at = stop + (stop < end);
	return true;
}

/* Pages stand between paragraphs. */
static void
put_gap(buf *text)
{
	size_t ends = 0;

	while (ends < 2 && ends < text->len && text->p[text->len - 1 - ends] == '\n')
		ends++;
	if (text->len && ends < 2)
		buf_put(text, "\n\n", 2 - ends);
}

/* What was put in, as far as the sections have been gone through. */
typedef struct merging {
	read_build *b;
	const document *doc;
	struct {
		uint32_t at;   /* in the old text */
		uint32_t more; /* bytes in all, with those before */
	} *puts;
	size_t nputs, cap;
	uint32_t copied; /* bytes of the old text */
} merging;

static void
copy_to(merging *m, uint32_t to)
{
	to = min_u32(to, (uint32_t)m->doc->text.n);
	if (to > m->copied)
		buf_put(&m->b->text, m->doc->text.p + m->copied, to - m->copied);
	m->copied = max_u32(m->copied, to);
}

static void
put_page(merging *m, doc_section *s, doc_str page)
{
	buf *text = &m->b->text;
	size_t before, begun;

	copy_to(m, s->start);
	before = text->len;
	put_gap(text);
	begun = text->len;
	ocr_page(m->b, page);
	if (text->len == begun) {
		text->len = before;
		s->start = s->end = (uint32_t)before;
		return; /* a blank page, a photograph */
	}
	s->start = (uint32_t)begun;
	s->end = (uint32_t)text->len;
	if (m->copied < m->doc->text.n)
		put_gap(text);
	if (!mem_grow(&m->puts, &m->cap, m->nputs + 1, sizeof *m->puts)) {
		m->b->failed = true;
		return;
	}
	m->puts[m->nputs].at = m->copied;
	m->puts[m->nputs++].more = (uint32_t)(text->len - m->copied);
}

/* Where an end of the old text is now: what was put in there comes after it. */
static uint32_t
moved_end(const merging *m, uint32_t end)
{
	size_t low = 0, high = m->nputs;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (m->puts[middle].at < end)
			low = middle + 1;
		else
			high = middle;
	}
	return end + (low ? m->puts[low - 1].more : 0);
}

bool
ocr_merge(read_build *b, const document *doc, doc_str text, unsigned *pages)
{
	merging m = { .b = b, .doc = doc };
	const char *at = text.p, *end = text.n ? text.p + text.n : text.p;
	size_t n = doc->nsections;
	doc_str page;

	*pages = 0;
	if (n && !mem_grow(&b->sections, &b->sections_cap, n, sizeof *b->sections))
		return false;
	for (size_t i = 0; i < n; i++) {
		doc_section *s = &b->sections[i];
		bool there;

		*s = doc->sections[i];
		there = is_page(s) && take_page(&at, end, &page);
		*pages += there;
		if (there && is_wanted(s))
			put_page(&m, s, page);
		else
			s->start = s->end = s->start + (m.nputs ? m.puts[m.nputs - 1].more : 0);
	}
	while (take_page(&at, end, &page))
		++*pages;
	*pages += text.n && end[-1] == '\f'; /* perhaps the end of the last, perhaps a blank one behind it */
	copy_to(&m, (uint32_t)doc->text.n);
	for (size_t i = 0; i < n; i++)
		if (doc->sections[i].end > doc->sections[i].start)
			b->sections[i].end = moved_end(&m, doc->sections[i].end);
	mem_free(m.puts);
	b->doc.nsections = n;
	b->doc.text = read_str((char *)b->text.p, b->text.len);
	return !b->failed && !b->text.failed && numbering_sections(b);
}
