/* numbering.c - see numbering.h.
 *
 * First all lines that begin with a number are noted with what stands around them
 * (numbering_scan); a table of contents is told by entries that nothing follows and that
 * come again (numbering_contents); then they are gone through in order with what is open:
 * a number is taken if it goes on from the one before it, begins again below something
 * new, or stands as a heading does. */
#include "extract/numbering.h"

#include "engine/kind.h"
#include "extract/compose.h"
#include "extract/numbering_line.h"

#include <xxhash.h>

enum {
	NUMBERING_GAP = 30,	/* numbers that may be missing between two headings */
	NUMBERING_AHEAD = 64,	/* lines that are looked at ahead */
	CONTENTS_RUN = 3,	/* entries that make a table of contents */
	NUMBERING_ALONE = 2000, /* bytes: a single number this near the beginning may be any */
	NUMBERING_BEGIN = 20000, /* bytes: the first heading comes before, or in the first quarter */
	NUMBERING_APART = 20000, /* bytes between two items of one list */
};

typedef struct numbering_level {
	mark_number last;
	uint32_t start; /* of the last */
	bool open, seen;
} numbering_level;

typedef struct numbering_state {
	doc_str text;
	const numbering_line *lines;
	size_t nlines;
	numbering_list *out;
	mark_type order[MARK_TYPES]; /* outermost first */
	size_t norder;
	numbering_level levels[MARK_TYPES];
	size_t named; /* items that are not paragraphs */
	bool failed;
} numbering_state;

static bool
numbering_is_named(mark_type t)
{
	return t <= MARK_SIGN;
}

/* Directly behind the number before. */
static bool
numbering_next(mark_number a, mark_number b)
{
	if (b.major != a.major)
		return b.major == a.major + 1;
	return b.minor > a.minor || (b.minor == a.minor && b.letter > a.letter);
}

/* ---- levels --------------------------------------------------------------------- */

static size_t
numbering_index(const numbering_state *s, mark_type t)
{
	size_t i = 0;

	while (i < s->norder && s->order[i] != t)
		i++;
	return i;
}

/* Does line i, a Section seen for the first time below an Article, hold Articles? */
static bool
numbering_holds_articles(const numbering_state *s, size_t i)
{
	for (size_t k = i + 1; k < s->nlines && k - i < NUMBERING_AHEAD; k++)
		if (numbering_is_named(s->lines[k].m.type))
			return s->lines[k].m.type == MARK_ARTICLE || s->lines[k].m.type == MARK_SIGN;
	return false;
}

/* Where a type that was not seen before belongs: below the last of the open ones, though
 * no Chapter is below an Article. */
static size_t
numbering_place(const numbering_state *s, mark_type t, size_t line)
{
	mark_type most = t == MARK_ANNEX ? MARK_NONE : t < MARK_SECTION ? MARK_SUBCHAPTER : MARK_TYPES;
	size_t at = 0;

	if ((t == MARK_SECTION || t == MARK_SUBSECTION) && numbering_holds_articles(s, line))
		most = MARK_SUBSECTION;
	for (size_t i = 0; i < s->norder; i++) {
		mark_type o = s->order[i];

		if (s->levels[o].open && o <= most && (numbering_is_named(o) || !numbering_is_named(t)))
			at = i + 1;
	}
	return at;
}

static size_t
numbering_enter(numbering_state *s, mark_type t, size_t line)
{
	size_t at = numbering_index(s, t);

	if (at == s->norder) {
		at = numbering_place(s, t, line);
		memmove(s->order + at + 1, s->order + at, (s->norder - at) * sizeof *s->order);
		s->order[at] = t;
		s->norder++;
	}
	for (size_t i = at + 1; i < s->norder; i++)
		s->levels[s->order[i]].open = false;
	if (numbering_is_named(t)) /* how paragraphs nest is for each article to say */
		for (size_t i = s->norder; i-- > 0;)
			if (!numbering_is_named(s->order[i])) {
				memmove(s->order + i, s->order + i + 1, (s->norder - i - 1) * sizeof *s->order);
				s->norder--;
			}
	return numbering_index(s, t);
}

static const char *
numbering_kind(mark_type t)
{
	if (t <= MARK_SUBTITLE)
		return tree_kind_name(TREE_PART);
	if (t <= MARK_SUBCHAPTER)
		return tree_kind_name(TREE_CHAPTER);
	if (t <= MARK_SUBSECTION || t == MARK_HAN_COMMA)
		return tree_kind_name(TREE_SECTION);
	return tree_kind_name(t <= MARK_SIGN ? TREE_ARTICLE : TREE_PARAGRAPH);
}

const char *
numbering_heading_kind(doc_str heading)
{
	mark m = mark_parse(heading.p, heading.n);

	/* "2.1 Scope" and "(a) Scope" are headings as any */
	return m.type && m.type <= MARK_SIGN && m.type != MARK_PLAIN ? numbering_kind(m.type) : tree_kind_name(TREE_SECTION);
}

static void
numbering_take(numbering_state *s, size_t line, mark_type t, mark_number number)
{
	const numbering_line *l = &s->lines[line];
	numbering_list *out = s->out;
	numbering_item item = { .start = l->start, .label_n = l->m.n, .kind = numbering_kind(t) };

	item.rank = (unsigned)numbering_enter(s, t, line) + 1;
	s->levels[t] = (numbering_level){ .last = number, .start = l->start, .open = true, .seen = true };
	if (numbering_is_named(t)) {
		s->named++;
		item.head = l->head;
		item.head_n = l->head_n;
	}
	if (!mem_grow(&out->items, &out->cap, out->n + 1, sizeof *out->items)) {
		s->failed = true;
		return;
	}
	out->items[out->n++] = item;
}

/* ---- headings ------------------------------------------------------------------- */

/* Among the next lines of this type is one with the number that is due: then one that
 * skips it is something else. */
static bool
numbering_comes(const numbering_state *s, size_t line, const numbering_level *level)
{
	mark_type t = s->lines[line].m.type;
	unsigned seen = 0;

	for (size_t k = line + 1; k < s->nlines && k - line < NUMBERING_AHEAD && seen < 5; k++) {
		const mark *m = &s->lines[k].m;

		if (m->type != t || s->lines[k].contents)
			continue;
		seen++;
		if (level->seen ? m->number.major == level->last.major + 1 : m->number.major == 1)
			return true;
	}
	return false;
}

/* A list has more than one item: after line there is one of this type with this number,
 * before the next heading. */
static bool
numbering_has(const numbering_state *s, size_t line, mark_type t, uint32_t number)
{
	for (size_t k = line + 1; k < s->nlines && k - line < 4 * NUMBERING_AHEAD; k++) {
		const numbering_line *l = &s->lines[k];

		if (numbering_is_named(l->m.type) && l->m.type != t) {
			if (l->strong && l->m.type != MARK_PLAIN)
				return false;
			continue;
		}
		if ((l->m.type == t && l->m.number.major == number) || (l->m.other == t && l->m.other_number.major == number))
			return true;
	}
	return false;
}

/* Numbers without a name are sections if there are a row of them, from 1 on, and nothing
 * else is. */
static bool
numbering_plain(const numbering_state *s, size_t line)
{
	const numbering_level *level = &s->levels[MARK_PLAIN];
	mark_number n = s->lines[line].m.number;

	if (s->levels[MARK_ARTICLE].seen || s->levels[MARK_SECTION].seen || s->levels[MARK_SIGN].seen)
		return false;
	if (level->seen)
		return numbering_next(level->last, n) || (n.major > level->last.major && n.major <= level->last.major + 3);
	return n.major == 1 && !n.minor && numbering_has(s, line, MARK_PLAIN, 2) && numbering_has(s, line, MARK_PLAIN, 3);
}

static void
numbering_heading(numbering_state *s, size_t line)
{
	const numbering_line *l = &s->lines[line];
	const numbering_level *level = &s->levels[l->m.type];
	mark_number n = l->m.number;
	bool ok;

	if (l->m.type == MARK_PLAIN)
		ok = numbering_plain(s, line);
	else if (l->m.bare) /* "Schedule" may be one of trains; "SCHEDULE" is not */
		ok = l->strong && (s->named || (s->text.p[l->start + 1] >= 'A' && s->text.p[l->start + 1] <= 'Z'));
	else if (!level->seen)
		ok = n.major == 1 || (l->strong && !numbering_comes(s, line, level));
	else
		ok = numbering_next(level->last, n) || (!level->open && n.major == 1) ||
		     (l->strong && n.major > level->last.major && n.major - level->last.major <= NUMBERING_GAP &&
		      !numbering_comes(s, line, level));
	if (ok)
		numbering_take(s, line, l->m.type, n);
}

/* ---- paragraphs ----------------------------------------------------------------- */

static bool
numbering_in_article(const numbering_state *s)
{
	for (size_t i = 0; i < s->norder; i++)
		if (s->order[i] >= MARK_SECTION && numbering_is_named(s->order[i]) && s->levels[s->order[i]].open)
			return true;
	return false;
}

/* How well a line goes on as an item of this type: 0 not at all, 1 begins a list, more:
 * goes on in one, the deeper the more. */
static size_t
numbering_fit(const numbering_state *s, size_t line, mark_type t, mark_number n)
{
	const numbering_level *level = &s->levels[t];
	size_t at = numbering_index(s, t);

	if (!t)
		return 0;
	if (at < s->norder && level->open && s->lines[line].start - level->start < NUMBERING_APART)
		return numbering_next(level->last, n) || n.major == level->last.major + 2 ? at + 2 : 0;
	if (n.major != 1 || n.letter || ((t == MARK_DOT_NUMBER || t == MARK_HALF_LOWER) && !numbering_in_article(s)))
		return 0;
	return numbering_has(s, line, t, 2);
}

static void
numbering_paragraph(numbering_state *s, size_t line)
{
	const mark *m = &s->lines[line].m;
	size_t fit = numbering_fit(s, line, m->type, m->number), other = numbering_fit(s, line, m->other, m->other_number);

	if (fit >= other && fit)
		numbering_take(s, line, m->type, m->number);
	else if (other)
		numbering_take(s, line, m->other, m->other_number);
}

/* ---- contents ------------------------------------------------------------------- */

static uint64_t
numbering_key(const mark *m)
{
	uint64_t key[4] = { m->type, m->number.major, m->number.minor, m->number.letter };

	return XXH3_64bits(key, sizeof key) | 1;
}

/* Three headings or more in a row with nothing between, all of which come again. */
static bool
numbering_contents(numbering_line *lines, size_t n)
{
	size_t cap = 16, run = 0;
	uint64_t *seen;

	while (cap < 2 * n)
		cap *= 2;
	seen = mem_calloc(cap, sizeof *seen);
	if (!seen)
		return false;
	for (size_t i = n; i-- > 0;) {
		numbering_line *l = &lines[i];
		uint64_t key = numbering_key(&l->m);
		size_t at = (size_t)(key >> 20) & (cap - 1);

		if (!numbering_is_named(l->m.type))
			continue;
		while (seen[at] && seen[at] != key)
			at = (at + 1) & (cap - 1);
		l->again = seen[at] != 0;
		seen[at] = key;
		run = l->dense && l->again && i + 1 < n && numbering_is_named(lines[i + 1].m.type) ? run + 1 : 0;
		for (size_t k = i; run >= CONTENTS_RUN && k < i + CONTENTS_RUN; k++)
			lines[k].contents = true;
	}
	mem_free(seen);
	return true;
}

/* ---- all ------------------------------------------------------------------------ */

/* Headings that come late, or stop long before the end, are of something that the text
 * holds or tells of, and not its own. */
static bool
numbering_covers(const numbering_state *s, const uint8_t *types)
{
	size_t last = 0, gap = 0;
	bool any = false;

	for (size_t i = 0; i < s->out->n; i++) {
		uint32_t start = s->out->items[i].start;

		if (!numbering_is_named(types[i]))
			continue;
		if (!any && types[i] != MARK_ANNEX && start > NUMBERING_BEGIN && start > s->text.n / 4)
			return false;
		gap = any && start - last > gap ? start - last : gap;
		any |= types[i] != MARK_ANNEX;
		last = start;
		if (types[i] == MARK_ANNEX)
			return true; /* what is annexed may be of any length */
	}
	gap = any && s->text.n - last > gap ? s->text.n - last : gap;
	return gap <= 4 * NUMBERING_BEGIN || gap <= s->text.n / 2;
}

/* A type of which there is a single item, far from 1 and from the beginning, is no numbering. */
static void
numbering_lonely(numbering_state *s, const uint8_t *types, const mark_number *numbers)
{
	size_t count[MARK_TYPES] = { 0 }, n = 0;

	if (!numbering_covers(s, types))
		s->out->n = 0;
	for (size_t i = 0; i < s->out->n; i++)
		count[types[i]]++;
	for (size_t i = 0; i < s->out->n; i++)
		if (count[types[i]] > 1 || numbers[i].major <= 1 || s->out->items[i].start < NUMBERING_ALONE)
			s->out->items[n++] = s->out->items[i];
	s->out->n = n;
}

bool
numbering_find(doc_str text, numbering_list *out)
{
	numbering_state s = { .text = text, .out = out };
	numbering_line *lines = NULL;
	mark_number *numbers;
	uint8_t *types;

	memset(out, 0, sizeof *out);
	if (text.n > UINT32_MAX)
		return true;
	if (!numbering_scan(text, &lines, &s.nlines) || (s.nlines && !numbering_contents(lines, s.nlines))) {
		mem_free(lines);
		return false;
	}
	s.lines = lines;
	types = mem_alloc(s.nlines + 1);
	numbers = mem_alloc((s.nlines + 1) * sizeof *numbers);
	s.failed = !types || !numbers;
	for (size_t i = 0; i < s.nlines && !s.failed; i++) {
		size_t before = out->n;

		if (lines[i].contents)
			continue;
		if (numbering_is_named(lines[i].m.type))
			numbering_heading(&s, i);
		else
			numbering_paragraph(&s, i);
		if (out->n > before) {
			types[before] = (uint8_t)lines[i].m.type;
			numbers[before] = lines[i].m.number;
		}
	}
	if (!s.failed)
		numbering_lonely(&s, types, numbers);
	mem_free(numbers);
	mem_free(types);
	mem_free(lines);
	return !s.failed;
}

void
numbering_list_fini(numbering_list *list)
{
	mem_free(list->items);
	memset(list, 0, sizeof *list);
}

/* One line of it, with plain spaces. */
static doc_str
numbering_line_up(char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (i + 3 <= n && !memcmp(p + i, "\xe3\x80\x80", 3))
			memset(p + i, ' ', 3);
		else if (i + 2 <= n && !memcmp(p + i, "\xc2\xa0", 2))
			memset(p + i, ' ', 2);
	return compose_collapse(p, n);
}

doc_str
numbering_label(read_build *b, doc_str text, const numbering_item *item)
{
	bool together = item->head_n && item->head < item->start + item->label_n + 8; /* with what is between them */
	size_t n = together ? item->head + item->head_n - item->start : item->label_n;
	char *p = arena_alloc(&b->strings, n + item->head_n + 1);

	if (!p) {
		b->failed = true;
		return read_str("", 0);
	}
	memcpy(p, text.p + item->start, n);
	if (item->head_n && !together) {
		p[n] = ' ';
		memcpy(p + n + 1, text.p + item->head, item->head_n);
		n += 1 + item->head_n;
	}
	return numbering_line_up(p, n);
}
