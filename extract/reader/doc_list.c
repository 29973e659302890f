/* doc_list.c - the lists of a Word file: those that are defined, and the uses of them that
 * paragraphs name. */
#include "extract/reader/doc.h"

#include <stdlib.h>

enum { LISTS_MAX = 5000, LIST_FIXED = 28 };

static numeral
list_numeral(uint8_t nfc)
{
	static const uint8_t kinds[] = { NUMERAL_DECIMAL, NUMERAL_ROMAN_UPPER, NUMERAL_ROMAN, NUMERAL_LETTERS_UPPER,
					 NUMERAL_LETTERS, NUMERAL_ORDINAL };

	if (nfc < countof(kinds))
		return (numeral)kinds[nfc];
	switch (nfc) {
	case 10:
	case 11:
		return NUMERAL_CJK_DIGITS;
	case 18:
		return NUMERAL_CIRCLED;
	case 22:
		return NUMERAL_DECIMAL_ZERO;
	case 23:
		return NUMERAL_BULLET;
	case 34:
	case 38:
		return NUMERAL_CJK_LEGAL;
	case 33:
	case 35:
	case 37:
	case 39:
		return NUMERAL_CJK;
	case 255:
		return NUMERAL_NONE;
	default:
		return NUMERAL_DECIMAL;
	}
}

/* The text of a level, in which a character below 9 stands for the number of that level. */
static const char *
list_text(doc *d, const uint8_t *p, size_t n)
{
	const char *copy;
	buf text;

	buf_init(&text);
	for (size_t i = 0; i < n; i++) {
		uint16_t c = load_u16(p + 2 * i);

		if (c < DOCX_LEVELS)
			buf_printf(&text, "%%%u", c + 1u);
		else
			utf16_utf8(&text, p + 2 * i, 1);
	}
	copy = text.failed ? NULL : arena_strndup(&d->lists.strings, (const char *)(text.p ? text.p : (uint8_t *)""), text.len);
	buf_fini(&text);
	d->nomem |= !copy;
	return copy ? copy : "";
}

static void
list_level(doc *d, rd *r, docx_level *level)
{
	const uint8_t *p = rd_bytes(r, LIST_FIXED);
	size_t changes, n;
	const uint8_t *text;

	*level = (docx_level){ .how = NUMERAL_DECIMAL, .start = 1, .restart = -1, .text = "", .style = "" };
	if (!p)
		return;
	level->start = min_u32(load_u32(p), 1000000);
	level->how = list_numeral(p[4]);
	level->legal = p[5] & 4;
	if (p[5] & 8)
		level->restart = p[26];
	changes = (size_t)p[24] + p[25];
	rd_bytes(r, changes);
	n = rd_u16(r);
	text = rd_bytes(r, 2 * n);
	if (text)
		level->text = list_text(d, text, min_size(n, 64));
}

static int
list_abstract_order(const void *a, const void *b)
{
	long x = ((const docx_abstract *)a)->id, y = ((const docx_abstract *)b)->id;

	return (x > y) - (x < y);
}

static void
lists_defined(doc *d)
{
	docx_lists *l = &d->lists;
	rd r = doc_table_at(d, DOC_LISTS), levels;
	size_t count = rd_u16(&r);
	const uint8_t *p = r.at;

	count = min_size(min_size(count, LISTS_MAX), rd_left(&r) / LIST_FIXED);
	if (!count || !mem_grow(&l->abstracts, &l->abstracts_cap, count, sizeof *l->abstracts)) {
		d->nomem |= count != 0;
		return;
	}
	/* levels stand behind the table, in the order of the lists */
	levels = rd_make(p + count * LIST_FIXED, (size_t)(d->table.p + d->table.len - p) - count * LIST_FIXED);
	for (size_t i = 0; i < count && !d->nomem; i++, p += LIST_FIXED) {
		docx_abstract *a = &l->abstracts[l->nabstracts++];
		bool simple = p[26] & 1;

		memset(a, 0, sizeof *a);
		a->id = (long)load_u32(p);
		a->link = "";
		for (int k = 0; k < DOCX_LEVELS; k++) {
			a->counts[k] = -1;
			if (simple && k)
				a->levels[k] = a->levels[0];
			else
				list_level(d, &levels, &a->levels[k]);
		}
	}
	qsort(l->abstracts, l->nabstracts, sizeof *l->abstracts, list_abstract_order);
}

/* What a use of a list has of its own: starts, or whole levels. */
static void
list_overrides(doc *d, rd *r, docx_num *num, unsigned count)
{
	rd_u32(r);
	for (unsigned i = 0; i < count && i < DOCX_LEVELS && !r->bad; i++) {
		uint32_t start = rd_u32(r), flags = rd_u32(r);
		unsigned at = flags & 0xf;
		docx_level *level;

		if (flags & 0x20) {
			level = arena_zalloc(&d->lists.strings, sizeof *level);
			if (!level) {
				d->nomem = true;
				return;
			}
			list_level(d, r, level);
			if (at < DOCX_LEVELS)
				num->levels[at] = level;
		}
		if ((flags & 0x10) && at < DOCX_LEVELS)
			num->start[at] = (long)(flags & 0x20 ? num->levels[at]->start : min_u32(start, 1000000));
	}
}

static void
lists_used(doc *d)
{
	docx_lists *l = &d->lists;
	rd r = doc_table_at(d, DOC_LIST_USES);
	size_t count = rd_u32(&r);
	const uint8_t *p = r.at;

	count = min_size(min_size(count, LISTS_MAX), rd_left(&r) / 16);
	rd_bytes(&r, 16 * count);
	if (!count || !mem_grow(&l->nums, &l->nums_cap, count, sizeof *l->nums)) {
		d->nomem |= count != 0;
		return;
	}
	for (size_t i = 0; i < count; i++, p += 16) {
		docx_num *num = &l->nums[l->nnums++];

		memset(num, 0, sizeof *num);
		num->id = (long)i + 1;
		num->abstract_id = (long)load_u32(p);
		for (int k = 0; k < DOCX_LEVELS; k++)
			num->start[k] = -1;
		list_overrides(d, &r, num, p[12]);
	}
}

void
doc_lists_read(doc *d)
{
	lists_defined(d);
	lists_used(d);
}
