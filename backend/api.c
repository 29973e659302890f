/* api.c - small things all parts of the public interface use: names of the
 * version, strings and numbers on their way out. */
#include "backend/api.h"

#include <math.h>
#include <stdio.h>

/* Pinned for ever: other programs were compiled with these numbers. */
_Static_assert(CDG_OK == 0 && CDG_E_NOMEM == 1 && CDG_E_IO == 2 && CDG_E_CORRUPT == 3 && CDG_E_VERSION == 4,
	       "status numbers are pinned");
_Static_assert(CDG_E_LIMIT == 5 && CDG_E_QUERY == 6 && CDG_E_BUSY == 7 && CDG_E_ARG == 8 &&
		       CDG_E_TIMEOUT == 9,
	       "status numbers are pinned");
_Static_assert(CDG_E_NOTFOUND == 10 && CDG_E_INPUT == 11 && CDG_E_CANCELLED == 12,
	       "status numbers are pinned");
_Static_assert(CDG_FORMAT_TEXT == 0 && CDG_FORMAT_JSON == 1 && CDG_FORMAT_JSONL == 2 &&
		       CDG_FORMAT_CSV == 3 && CDG_FORMAT_TREC == 4 && CDG_FORMAT_IDS == 5 &&
		       CDG_FORMAT_COUNT == 6,
	       "format numbers are pinned");
_Static_assert(sizeof(((cdg_error *)0)->message) == 1024, "the size of a message is pinned");

const char *
api_string(arena *mem, const char *p, size_t n)
{
	buf clean;
	const char *view = p, *out;
	size_t len = n;
	text_clean what;

	buf_init(&clean);
	if (n && (text_sanitize(p, n, &clean, &view, &len, &what, NULL) != CDG_OK || clean.failed)) {
		buf_fini(&clean);
		mem->failed = true;
		return NULL;
	}
	if (len && memchr(view, 0, len)) {
		buf whole;

		buf_init(&whole);
		for (size_t i = 0; i < len; i++)
			if (view[i])
				buf_put_u8(&whole, (uint8_t)view[i]);
			else
				buf_puts(&whole, "\xef\xbf\xbd");
		out = whole.failed ? NULL : arena_strndup(mem, (char *)whole.p, whole.len);
		mem->failed |= whole.failed;
		buf_fini(&whole);
	} else {
		out = arena_strndup(mem, len ? view : "", len);
	}
	buf_fini(&clean);
	return out;
}

void
api_put_number(buf *out, double x, int digits)
{
	if (!isfinite(x))
		buf_puts(out, "null");
	else if (x == floor(x) && fabs(x) < 1e15)
		buf_printf(out, "%.0f", x == 0 ? 0.0 : x);
	else
		buf_printf(out, "%.*g", digits, x);
}

void
api_put_json(buf *out, const char *p, size_t n)
{
	static const char hex[] = "0123456789abcdef";
	size_t from = 0;

	buf_put_u8(out, '"');
	for (size_t i = 0; i < n; i++) {
		uint8_t c = (uint8_t)p[i];
		char esc[6] = { '\\', 0, '0', '0', 0, 0 };
		size_t len = 2;

		if (likely(c >= 0x20 && c != '"' && c != '\\' && c != 0x7f))
			continue;
		switch (c) {
		case '"':
		case '\\': esc[1] = (char)c; break;
		case '\n': esc[1] = 'n'; break;
		case '\r': esc[1] = 'r'; break;
		case '\t': esc[1] = 't'; break;
		default:
			esc[1] = 'u';
			esc[4] = hex[c >> 4];
			esc[5] = hex[c & 15];
			len = 6;
		}
		buf_put(out, p + from, i - from);
		buf_put(out, esc, len);
		from = i + 1;
	}
	buf_put(out, p + from, n - from);
	buf_put_u8(out, '"');
}

cdg_status
api_flush(buf *b, cdg_write_fn write, void *ctx, cdg_error *err)
{
	size_t n = b->len;

	if (b->failed)
		return err_nomem(err);
	b->len = 0;
	if (n && write(ctx, (const char *)b->p, n))
		return err_set(err, CDG_E_CANCELLED, "the output was stopped");
	return CDG_OK;
}

cdg_status
api_flush_large(buf *b, cdg_write_fn write, void *ctx, cdg_error *err)
{
	if (b->len < 1 << 16 && !b->failed)
		return CDG_OK;
	return api_flush(b, write, ctx, err);
}
