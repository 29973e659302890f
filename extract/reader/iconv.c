/* iconv.c - see iconv.h.  A descriptor belongs to one thread. */
#include "extract/reader/iconv.h"

#include <errno.h>
#include <iconv.h>
#include <string.h>
#include <unicode/ucnv.h>

#include "base/mem.h"

enum { ICONV_PIVOT = 1024 };

typedef struct iconv_pair {
	UConverter *from, *to;
	unsigned widest; /* bytes that one UChar may become */
} iconv_pair;

void
iconv_ours(void)
{
}

/* "" is the locale's; what stands behind // is how to go wrong. */
static UConverter *
iconv_converter(const char *name)
{
	UErrorCode st = U_ZERO_ERROR;
	const char *flags = strstr(name, "//");
	size_t n = flags ? (size_t)(flags - name) : strlen(name);
	char copy[64];
	UConverter *c;

	if (n >= sizeof copy)
		return NULL;
	memcpy(copy, name, n);
	copy[n] = 0;
	c = ucnv_open(n ? copy : "UTF-8", &st);
	if (U_FAILURE(st)) {
		ucnv_close(c);
		return NULL;
	}
	ucnv_setToUCallBack(c, UCNV_TO_U_CALLBACK_STOP, NULL, NULL, NULL, &st);
	ucnv_setFromUCallBack(c, UCNV_FROM_U_CALLBACK_SUBSTITUTE, NULL, NULL, NULL, &st);
	return c;
}

iconv_t
iconv_open(const char *to, const char *from)
{
	iconv_pair *p = mem_calloc(1, sizeof *p);

	if (!p) {
		errno = ENOMEM;
		return (iconv_t)-1;
	}
	p->from = iconv_converter(from);
	p->to = iconv_converter(to);
	if (!p->from || !p->to) {
		(void)iconv_close((iconv_t)p);
		errno = EINVAL;
		return (iconv_t)-1;
	}
	p->widest = (unsigned)ucnv_getMaxCharSize(p->to) + 1;
	return (iconv_t)p;
}

int
iconv_close(iconv_t cd)
{
	iconv_pair *p = (iconv_pair *)cd;

	ucnv_close(p->from);
	ucnv_close(p->to);
	mem_free(p);
	return 0;
}

/* To the initial state; what that takes (an escape of ISO-2022) is written. */
static size_t
iconv_reset(iconv_pair *p, char **out, size_t *room)
{
	static const UChar none[1] = { 0 };
	UErrorCode st = U_ZERO_ERROR;
	const UChar *u = none;
	char *to = out ? *out : NULL;

	ucnv_resetToUnicode(p->from);
	if (to) {
		ucnv_fromUnicode(p->to, &to, to + *room, &u, none, NULL, true, &st);
		*room -= (size_t)(to - *out);
		*out = to;
	}
	ucnv_resetFromUnicode(p->to);
	return 0;
}

/* Bytes at the end of what was taken that are no character, or not yet one. */
static size_t
iconv_undone(iconv_pair *p, UErrorCode st)
{
	UErrorCode sub = U_ZERO_ERROR;
	int8_t n = 16;
	char bytes[16];
	int32_t pending;

	if (U_FAILURE(st)) {
		ucnv_getInvalidChars(p->from, bytes, &n, &sub);
		return U_SUCCESS(sub) && n > 0 ? (size_t)n : 1;
	}
	pending = ucnv_toUCountPending(p->from, &sub);
	return U_SUCCESS(sub) && pending > 0 ? (size_t)pending : 0;
}

/* A piece that fits what room there is.  0, or an errno. */
static int
iconv_piece(iconv_pair *p, char **in, size_t *left, char **out, size_t *room)
{
	UChar pivot[ICONV_PIVOT], *filled = pivot;
	const UChar *u = pivot;
	const char *from = *in;
	size_t cap = *room / p->widest, undone;
	UErrorCode st = U_ZERO_ERROR, back = U_ZERO_ERROR;
	char *to = *out;

	if (cap < 2)
		return E2BIG;
	cap = cap < ICONV_PIVOT ? cap : ICONV_PIVOT;
	ucnv_toUnicode(p->from, &filled, pivot + cap, &from, *in + *left, NULL, false, &st);
	ucnv_fromUnicode(p->to, &to, *out + *room, &u, filled, NULL, false, &back);
	*room -= (size_t)(to - *out);
	*out = to;
	if (st == U_BUFFER_OVERFLOW_ERROR) {
		*left -= (size_t)(from - *in);
		*in = (char *)(uintptr_t)from;
		return 0;
	}
	undone = iconv_undone(p, st);
	if (undone > (size_t)(from - *in))
		undone = (size_t)(from - *in);
	if (U_FAILURE(st) || undone)
		ucnv_resetToUnicode(p->from);
	from -= undone;
	*left -= (size_t)(from - *in);
	*in = (char *)(uintptr_t)from;
	if (U_FAILURE(st))
		return EILSEQ;
	return undone ? EINVAL : 0;
}

size_t
iconv(iconv_t cd, char **restrict in, size_t *restrict left, char **restrict out, size_t *restrict room)
{
	iconv_pair *p = (iconv_pair *)cd;

	if (!in || !*in)
		return iconv_reset(p, out, room);
	while (*left) {
		int bad = iconv_piece(p, in, left, out, room);

		if (bad) {
			errno = bad;
			return (size_t)-1;
		}
	}
	return 0;
}
