/* ole_meta.c - the two summaries of an old office document: sets of properties by number. */
#include "extract/reader/codepage.h"
#include "extract/reader/meta.h"
#include "extract/reader/ole.h"

#include <stdio.h>

#include "base/date.h"

enum { VT_I2 = 2, VT_STRING = 30, VT_WIDE = 31, VT_TIME = 64, META_PAGE = 1, META_PROPERTIES = 1000 };

typedef struct meta_id {
	uint8_t id, key;
} meta_id;

static const meta_id meta_summary[] = { { 2, META_TITLE },	 { 3, META_SUBJECT }, { 4, META_AUTHOR },
					{ 5, META_KEYWORDS },	 { 6, META_DESCRIPTION },
					{ 12, META_CREATED },	 { 13, META_MODIFIED } };
static const meta_id meta_document[] = { { 2, META_TYPE }, { 15, META_PUBLISHER } };

/* A count of 100 ns since 1601. */
static void
ole_meta_time(read_build *b, meta_key key, uint64_t time)
{
	int year, month, day, n;
	char date[32];

	if (time / 864000000000u > 4000000)
		return;
	date_civil(date_day(1601, 1, 1) + (int32_t)(time / 864000000000u), &year, &month, &day);
	n = snprintf(date, sizeof date, "%04d-%02d-%02d", year, month, day);
	if (year > 1601) /* shorter ones are times spent */
		meta_set(b, key, read_str(date, (size_t)n));
}

static void
ole_meta_string(read_build *b, codepages *pages, unsigned page, meta_key key, rd r, bool wide)
{
	size_t n = rd_u32(&r), k = 0;
	const uint8_t *p = r.at;
	buf utf8;

	n = min_size(n, wide ? rd_left(&r) / 2 : rd_left(&r));
	if (page == 1200 && !wide) {
		wide = true;
		n /= 2;
	}
	while (k < n && (wide ? load_u16(p + 2 * k) : p[k]))
		k++;
	buf_init(&utf8);
	if (wide)
		utf16_utf8(&utf8, p, min_size(k, 100000));
	else
		codepages_utf8(pages, page, p, min_size(k, 100000), &utf8);
	if (utf8.failed)
		b->failed = true;
	else
		meta_set(b, key, read_str((const char *)utf8.p, utf8.len));
	buf_fini(&utf8);
}

/* The value of a property at an offset of its section. */
static rd
ole_meta_at(const buf *set, size_t section, uint32_t at)
{
	uint64_t from = (uint64_t)section + at;

	return from < set->len ? rd_make(set->p + from, set->len - (size_t)from) : rd_make("", 0);
}

static unsigned
ole_meta_page(const buf *set, size_t section, uint32_t count, rd list)
{
	for (uint32_t i = 0; i < count; i++) {
		uint32_t id = rd_u32(&list), at = rd_u32(&list);
		rd r = ole_meta_at(set, section, at);

		if (!list.bad && id == META_PAGE && rd_u32(&r) == VT_I2)
			return rd_u16(&r);
	}
	return 1252;
}

static void
ole_meta_set(read_build *b, const buf *set, const meta_id *ids, size_t nids)
{
	codepages pages = { .n = 0 };
	uint32_t count, section;
	unsigned page;
	rd list;

	if (set->len < 48)
		return;
	section = load_u32(set->p + 44);
	list = ole_meta_at(set, section, 4);
	if (section >= set->len - 8)
		return;
	count = min_u32(load_u32(set->p + section + 4), META_PROPERTIES);
	rd_u32(&list);
	page = ole_meta_page(set, section, count, list);
	for (uint32_t i = 0; i < count && !list.bad; i++) {
		uint32_t id = rd_u32(&list), at = rd_u32(&list), type;
		rd r = ole_meta_at(set, section, at);
		size_t k = 0;

		while (k < nids && ids[k].id != id)
			k++;
		type = rd_u32(&r);
		if (k == nids || list.bad || r.bad)
			continue;
		if (type == VT_TIME)
			ole_meta_time(b, (meta_key)ids[k].key, rd_u64(&r));
		else if ((type == VT_STRING || type == VT_WIDE) && ids[k].key != META_CREATED && ids[k].key != META_MODIFIED)
			ole_meta_string(b, &pages, page, (meta_key)ids[k].key, r, type == VT_WIDE);
	}
	codepages_fini(&pages);
}

cdg_status
ole_meta(ole *o, long storage, read_build *b, cdg_error *err)
{
	cdg_status st;
	buf set;

	buf_init(&set);
	st = ole_read(o, ole_find(o, storage, "\5SummaryInformation"), &set, err);
	if (st == CDG_OK)
		ole_meta_set(b, &set, meta_summary, countof(meta_summary));
	if (st == CDG_OK)
		st = ole_read(o, ole_find(o, storage, "\5DocumentSummaryInformation"), &set, err);
	if (st == CDG_OK)
		ole_meta_set(b, &set, meta_document, countof(meta_document));
	buf_fini(&set);
	return st;
}
