/* codepage.c - see codepage.h. */
#include "extract/reader/codepage.h"

#include <stdio.h>

#include "extract/read_build.h"

void
codepages_fini(codepages *c)
{
	for (unsigned i = 0; i < c->n; i++)
		if (c->kept[i].converter)
			ucnv_close(c->kept[i].converter);
	c->n = 0;
}

static UConverter *
codepages_find(codepages *c, unsigned page)
{
	char name[32];
	UErrorCode status = U_ZERO_ERROR;
	unsigned i;

	for (i = 0; i < c->n; i++)
		if (c->kept[i].page == page)
			return c->kept[i].converter;
	if (i == CODEPAGE_KEPT)
		return c->kept[0].converter;
	if (page == 10000)
		snprintf(name, sizeof name, "macintosh");
	else if (page == 65001)
		snprintf(name, sizeof name, "UTF-8");
	else if (page == 1361)
		snprintf(name, sizeof name, "windows-949");
	else
		snprintf(name, sizeof name, page < 1000 && page != 874 && page != 932 && page != 936 && page != 949 && page != 950
						? "ibm-%u" : "windows-%u", page);
	c->kept[i].page = page;
	c->kept[i].converter = ucnv_open(name, &status);
	if (!c->kept[i].converter) {
		status = U_ZERO_ERROR;
		c->kept[i].converter = ucnv_open("windows-1252", &status);
	}
	c->n++;
	return c->kept[i].converter;
}

static bool
codepage_is_ascii(const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] & 0x80)
			return false;
	return true;
}

static void
codepages_piece(codepages *c, unsigned page, const void *p, size_t n, buf *out)
{
	UConverter *converter;
	UErrorCode status = U_ZERO_ERROR;
	size_t room;
	int32_t k;

	if (codepage_is_ascii(p, n)) {
		buf_put(out, p, n);
		return;
	}
	converter = codepages_find(c, page);
	room = 4 * n + 16;
	if (!converter || !buf_reserve(out, room))
		return;
	k = ucnv_toAlgorithmic(UCNV_UTF8, converter, (char *)out->p + out->len, (int32_t)room, p, (int32_t)n, &status);
	if (U_SUCCESS(status) && k > 0)
		out->len += min_size((size_t)k, room);
}

void
codepages_utf8(codepages *c, unsigned page, const void *p, size_t n, buf *out)
{
	const uint8_t *s = p;

	while (n) {
		size_t k = min_size(n, CODEPAGE_MOST);

		/* not between the bytes of a character: those below '0' are always alone */
		for (size_t back = 0; k < n && back < 4096; back++)
			if (s[k - 1 - back] < '0') {
				k -= back;
				break;
			}
		codepages_piece(c, page, s, k, out);
		s += k;
		n -= k;
	}
}

unsigned
codepage_of_charset(long charset)
{
	static const uint16_t pages[][2] = {
		{ 0, 1252 },  { 2, CODEPAGE_SYMBOL }, { 77, 10000 }, { 128, 932 },  { 129, 949 },  { 130, 1361 },
		{ 134, 936 }, { 136, 950 },	 { 161, 1253 }, { 162, 1254 }, { 163, 1258 }, { 177, 1255 },
		{ 178, 1256 }, { 186, 1257 },	 { 204, 1251 }, { 222, 874 },  { 238, 1250 }, { 254, 437 },
		{ 255, 850 },
	};

	for (size_t i = 0; i < countof(pages); i++)
		if (pages[i][0] == charset)
			return pages[i][1];
	return 0;
}

doc_str
codepage_language(long id)
{
	static const struct {
		uint16_t id;
		const char *tag;
	} known[] = {
		{ 1025, "ar" },	   { 1028, "zh-TW" }, { 1029, "cs" }, { 1030, "da" },	{ 1031, "de-DE" }, { 1032, "el" },
		{ 1033, "en-US" }, { 1034, "es-ES" }, { 1035, "fi" }, { 1036, "fr-FR" }, { 1038, "hu" },   { 1040, "it" },
		{ 1041, "ja" },	   { 1042, "ko" },    { 1043, "nl" }, { 1044, "nb" },	{ 1045, "pl" },	   { 1046, "pt-BR" },
		{ 1048, "ro" },	   { 1049, "ru" },    { 1053, "sv" }, { 1055, "tr" },	{ 1058, "uk" },	   { 2052, "zh-CN" },
		{ 2055, "de-CH" }, { 2057, "en-GB" }, { 2060, "fr-BE" }, { 2070, "pt-PT" }, { 3079, "de-AT" }, { 3082, "es-ES" },
		{ 3084, "fr-CA" }, { 4105, "en-CA" }, { 3081, "en-AU" }, { 4108, "fr-CH" }, { 5129, "en-NZ" },
	};

	for (size_t i = 0; i < countof(known); i++)
		if (known[i].id == id)
			return read_str(known[i].tag, strlen(known[i].tag));
	return read_str("", 0);
}

void
utf16_put(buf *out, uint32_t c)
{
	char utf8[4];
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const uint8_t lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };

	if (n == 1) {
		if (c)
			buf_put_u8(out, (uint8_t)c);
		return;
	}
	utf8[0] = (char)(lead[n] | c >> 6 * (n - 1));
	for (size_t i = 1; i < n; i++)
		utf8[i] = (char)(0x80 | (c >> 6 * (n - 1 - i) & 0x3f));
	buf_put(out, utf8, n);
}

void
utf16_utf8(buf *out, const void *p, size_t n)
{
	const uint8_t *s = p;

	for (size_t i = 0; i < n; i++) {
		uint32_t c = load_u16(s + 2 * i), low = i + 1 < n ? load_u16(s + 2 * i + 2) : 0;

		if (c >= 0xd800 && c < 0xdc00 && low >= 0xdc00 && low < 0xe000) {
			c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
			i++;
		} else if (c >= 0xd800 && c < 0xe000) {
			c = 0xfffd;
		}
		utf16_put(out, c);
	}
}
