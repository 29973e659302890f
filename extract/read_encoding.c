/* read_encoding.c - see read_encoding.h.  Pure but for ICU's tables. */
#include "extract/read_encoding.h"

#include <strings.h>
#include <unicode/ucnv.h>
#include <unicode/ucsdet.h>

#include "base/mem.h"
#include "text/text.h"

enum { ENCODING_LOOK = 64 << 10 };

/* UTF-16 without a mark: text has zeros in every other byte, on one side. */
static const char *
encoding_utf16(const char *s, size_t n)
{
	size_t zeros[2] = { 0, 0 };

	n = min_size(n, ENCODING_LOOK) & ~(size_t)1;
	for (size_t i = 0; i < n; i++)
		zeros[i & 1] += s[i] == 0;
	if (n < 8)
		return NULL;
	if (zeros[1] > n / 8 && zeros[0] < zeros[1] / 16 + 1)
		return "UTF-16LE";
	if (zeros[0] > n / 8 && zeros[1] < zeros[0] / 16 + 1)
		return "UTF-16BE";
	return NULL;
}

static size_t
encoding_count_valid(const char *s, size_t n)
{
	const char *at = s, *end = s + n;
	size_t good = 0;

	while (at < end) {
		const char *from = at;
		(void)text_decode(&at, end);
		good += at - from > 1;
	}
	return good;
}

/* Names that ICU gives for text that is nearly always something wider: real
 * pages in ISO-8859-1 use the quotes and dashes of Windows-1252. */
static const char *
encoding_widen(const char *name)
{
	if (strcmp(name, "ISO-8859-1") == 0)
		return "windows-1252";
	if (strcmp(name, "ISO-8859-9") == 0)
		return "windows-1254";
	if (strcmp(name, "GB2312") == 0 || strcmp(name, "GBK") == 0)
		return "GB18030";
	return name;
}

const char *
read_encoding_guess(const char *s, size_t n)
{
	static const char *const known[] = { "GB18030",	 "Big5",	 "EUC-JP",	 "EUC-KR",
					     "Shift_JIS", "ISO-2022-JP", "ISO-2022-CN", "ISO-2022-KR",
					     "ISO-8859-1", "ISO-8859-2", "ISO-8859-5",	"ISO-8859-6",
					     "ISO-8859-7", "ISO-8859-8", "ISO-8859-9",	"windows-1250",
					     "windows-1251", "windows-1252", "windows-1253",
					     "windows-1254", "windows-1255", "windows-1256", "KOI8-R" };
	UErrorCode st = U_ZERO_ERROR;
	UCharsetDetector *det = ucsdet_open(&st);
	const char *name = "windows-1252";

	if (U_FAILURE(st))
		return name;
	ucsdet_enableInputFilter(det, true); /* markup is ASCII in any encoding */
	ucsdet_setText(det, s, (int32_t)min_size(n, ENCODING_LOOK), &st);
	if (U_SUCCESS(st)) {
		const UCharsetMatch *match = ucsdet_detect(det, &st);
		const char *found = U_SUCCESS(st) && match ? ucsdet_getName(match, &st) : NULL;
		int32_t sure = U_SUCCESS(st) && match ? ucsdet_getConfidence(match, &st) : 0;

		/* ICU's names live as long as the detector: give our own. */
		for (size_t i = 0; found && sure >= 10 && i < countof(known); i++)
			if (strcmp(known[i], found) == 0)
				name = encoding_widen(known[i]);
	}
	ucsdet_close(det);
	return name;
}

/* By way of ICU's pivot, in pieces, so that the size is not bounded by int32. */
static cdg_status
encoding_convert(const char *name, const char *s, size_t n, buf *out, cdg_error *err)
{
	UErrorCode st = U_ZERO_ERROR;
	UConverter *from = ucnv_open(name, &st), *to = ucnv_open("UTF-8", &st);
	UChar pivot[4096], *pivot_source = pivot, *pivot_target = pivot;
	const char *source = s, *end = s + n;
	bool reset = true;

	out->len = 0;
	while (U_SUCCESS(st)) {
		char *target, *start;

		if (!buf_reserve(out, 64 << 10))
			break;
		start = target = (char *)out->p + out->len;
		ucnv_convertEx(to, from, &target, (char *)out->p + out->cap, &source, end, pivot,
			       &pivot_source, &pivot_target, pivot + countof(pivot), reset, true,
			       &st);
		out->len += (size_t)(target - start);
		reset = false;
		if (st != U_BUFFER_OVERFLOW_ERROR)
			break;
		st = U_ZERO_ERROR;
	}
	ucnv_close(from);
	ucnv_close(to);
	if (out->failed || st == U_MEMORY_ALLOCATION_ERROR)
		return err_nomem(err);
	if (U_FAILURE(st))
		return err_set(err, CDG_E_INPUT, "cannot convert from %s: %s", name, u_errorName(st));
	return CDG_OK;
}

/* A declared name that ICU has a converter for; copied to out. */
static const char *
encoding_declared(const char *name, size_t n, char *out, size_t cap)
{
	UErrorCode st = U_ZERO_ERROR;
	UConverter *c;
	const char *wide;

	if (n == 0 || n >= cap)
		return NULL;
	memcpy(out, name, n);
	out[n] = 0;
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)out[i] <= ' ' || (unsigned char)out[i] > '~')
			return NULL;
	if (strcasecmp(out, "gb2312") == 0 || strcasecmp(out, "gbk") == 0)
		return "GB18030";
	if (strcasecmp(out, "iso-8859-1") == 0 || strcasecmp(out, "latin1") == 0 ||
	    strcasecmp(out, "us-ascii") == 0)
		return "windows-1252";
	c = ucnv_open(out, &st);
	wide = U_SUCCESS(st) && ucnv_getType(c) != UCNV_UTF16 && ucnv_getType(c) != UCNV_UTF32 &&
			       ucnv_getType(c) != UCNV_UTF8 ?
		   out :
		   NULL;
	ucnv_close(c);
	return wide;
}

/* ISO-2022-JP, which is ASCII but for the escapes to Japanese. */
static bool
encoding_is_escaped(const char *s, size_t n)
{
	const char *end = s + min_size(n, 4096), *p = s;

	while (n && p < end && (p = memchr(p, 0x1b, (size_t)(end - p))) != NULL) {
		if (end - p > 2 && p[1] == '$' && (p[2] == 'B' || p[2] == '@'))
			return true;
		p++;
	}
	return false;
}

cdg_status
read_encoding_declared(const char *s, size_t n, const char *name, size_t name_n, buf *out,
		       const char **view, size_t *view_len, uint64_t *replaced, cdg_error *err)
{
	text_clean clean = { 0 };
	char copy[64];
	const char *declared = !name_n && encoding_is_escaped(s, n) ? "ISO-2022-JP" :
								     encoding_declared(name, name_n, copy, sizeof copy);
	const char *use = n >= 2 && (unsigned char)s[0] >= 0xfe ? NULL : encoding_utf16(s, n);
	bool escapes = declared && (strncasecmp(declared, "iso-2022", 8) == 0 ||
				    strncasecmp(declared, "hz", 2) == 0); /* 7 bit: looks valid */
	cdg_status st;

	out->len = 0;
	*replaced = 0;
	if (!use && escapes)
		use = declared;
	if (!use) {
		CDG_TRY(text_sanitize(s, n, out, view, view_len, &clean, err));
		*replaced = clean.replaced;
		if (!clean.replaced || clean.transcoded || clean.bom ||
		    encoding_count_valid(s, n) > 4 * clean.replaced)
			return CDG_OK;
		use = declared ? declared : read_encoding_guess(s, n);
	}
	st = encoding_convert(use, s, n, out, err);
	if (st == CDG_E_NOMEM)
		return st;
	if (st == CDG_OK) {
		*replaced = 0;
		*view = (const char *)out->p;
		*view_len = out->len;
		return CDG_OK;
	}
	/* A converter that is not there: the repaired text is the best there is. */
	out->len = 0;
	CDG_TRY(text_sanitize(s, n, out, view, view_len, &clean, err));
	*replaced = clean.replaced;
	return CDG_OK;
}

cdg_status
read_encoding(const char *s, size_t n, buf *out, const char **view, size_t *view_len,
	      uint64_t *replaced, cdg_error *err)
{
	return read_encoding_declared(s, n, "", 0, out, view, view_len, replaced, err);
}
