/* http.c - see http.h. */
#include "extract/reader/http.h"

#include <brotli/decode.h>
#include <stdio.h>
#include <zlib.h>

#include "extract/reader/unpack.h"
#include "extract/word.h"

enum {
	HTTP_CODINGS = 4, /* one on the other */
	HTTP_PIECE = 64 << 10
};

size_t
http_head(const char *p, size_t n)
{
	const char *end = p + n, *s = p;

	while (s < end) {
		const char *nl = memchr(s, '\n', (size_t)(end - s));

		if (!nl)
			return 0;
		if (nl == s || (nl == s + 1 && *s == '\r'))
			return (size_t)(nl + 1 - p);
		s = nl + 1;
	}
	return 0;
}

doc_str
http_header(doc_str head, const char *name)
{
	const char *s = head.p, *end = head.p + head.n;
	size_t k = strlen(name);

	while (s < end) {
		const char *nl = memchr(s, '\n', (size_t)(end - s)), *to = nl ? nl : end;

		if ((size_t)(to - s) > k && s[k] == ':' && word_starts(s, to, name))
			return read_str_trim(read_str(s + k + 1, (size_t)(to - s) - k - 1));
		s = to + 1;
	}
	return read_str("", 0);
}

bool
http_number(doc_str s, uint64_t *out)
{
	uint64_t v = 0;

	if (!s.n || s.n > 18)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		v = v * 10 + (uint64_t)(s.p[i] - '0');
	}
	*out = v;
	return true;
}

static void
http_lower(doc_str s, char *out, size_t cap)
{
	size_t n = s.n < cap ? s.n : 0; /* what is too long is nothing we know */

	for (size_t i = 0; i < n; i++)
		out[i] = (char)(s.p[i] >= 'A' && s.p[i] <= 'Z' ? s.p[i] + 32 : s.p[i]);
	out[n] = 0;
}

void
http_type_parse(doc_str value, http_type *out)
{
	const char *end = value.p + value.n, *s = value.n ? memchr(value.p, ';', value.n) : NULL;

	http_lower(read_str_trim(read_str(value.p, s ? (size_t)(s - value.p) : value.n)), out->type, sizeof out->type);
	out->charset[0] = 0;
	while (s) {
		const char *from = s + 1, *to = memchr(from, ';', (size_t)(end - from));
		doc_str part = read_str_trim(read_str(from, (size_t)((to ? to : end) - from)));

		if (part.n > 8 && word_starts(part.p, part.p + part.n, "charset=")) {
			part = read_str_trim(read_str(part.p + 8, part.n - 8));
			if (part.n >= 2 && (part.p[0] == '"' || part.p[0] == '\'') && part.p[part.n - 1] == part.p[0])
				part = read_str(part.p + 1, part.n - 2);
			http_lower(part, out->charset, sizeof out->charset);
			return;
		}
		s = to;
	}
}

bool
http_parse(const char *p, size_t n, http_answer *out)
{
	size_t head = http_head(p, n);
	const char *s = head ? memchr(p, ' ', min_size(head, 16)) : NULL;

	if (n < 12 || memcmp(p, "HTTP/", 5) != 0 || !s)
		return false;
	out->status = 0;
	for (s++; *s >= '0' && *s <= '9' && out->status < 1000; s++)
		out->status = out->status * 10 + (unsigned)(*s - '0');
	out->head = read_str(p, head);
	out->body = p + head;
	out->n = n - head;
	return out->status >= 100 && out->status < 1000;
}

/* ---- transfer ---------------------------------------------------------- */

static int
http_hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

/* A line with the size of the next chunk; SIZE_MAX: it is none. */
static size_t
http_chunk(const char **at, const char *end)
{
	const char *s = *at, *nl = memchr(s, '\n', min_size((size_t)(end - s), 256));
	size_t v = 0;
	int digits = 0;

	if (!nl)
		return SIZE_MAX;
	for (; s < nl && http_hex(*s) >= 0 && digits < 15; s++, digits++)
		v = v * 16 + (size_t)http_hex(*s);
	if (!digits || (*s != '\r' && *s != ';' && *s != ' ' && s != nl))
		return SIZE_MAX;
	*at = nl + 1;
	return v;
}

/* Some crawlers keep the header of a coding that they have taken off. */
static cdg_status
http_unchunk(http_answer *a, buf *room, char *why, size_t cap, cdg_error *err)
{
	const char *at = a->body, *end = a->body + a->n;
	size_t n = http_chunk(&at, end);

	if (n == SIZE_MAX)
		return CDG_OK;
	room->len = 0;
	while (n && n != SIZE_MAX) {
		size_t have = min_size(n, (size_t)(end - at));

		buf_put(room, at, have);
		at += have;
		if (have < n) {
			snprintf(why, cap, "cut short in a chunk");
			break;
		}
		at += end - at >= 1 && *at == '\r';
		at += end - at >= 1 && *at == '\n';
		n = http_chunk(&at, end);
	}
	if (n == SIZE_MAX && !*why)
		snprintf(why, cap, "cut short between chunks");
	a->body = room->p ? (char *)room->p : "";
	a->n = room->len;
	return room->failed ? err_nomem(err) : CDG_OK;
}

/* ---- content ----------------------------------------------------------- */

typedef struct http_unpack {
	extract_job *job;
	const extract_input *in;
	const char *from;
	size_t n;
	buf out;
	char *why;
	size_t cap;
} http_unpack;

/* n bytes more are in out; false: enough. */
static bool
http_more(http_unpack *u, size_t n, cdg_status *st, cdg_error *err)
{
	u->out.len += n;
	*st = extract_charge(u->job, u->in, n, err);
	if (*st != CDG_OK)
		return false;
	if (u->out.len > u->job->limits.member)
		snprintf(u->why, u->cap, "larger than %llu bytes when unpacked",
			 (unsigned long long)u->job->limits.member);
	else if (u->out.len > EXTRACT_SMALL && u->out.len / EXTRACT_RATIO > u->n)
		snprintf(u->why, u->cap, "unpacks to more than %d times its size", EXTRACT_RATIO);
	else
		return true;
	u->out.len = 0;
	return false;
}

static cdg_status
http_inflate(http_unpack *u, int bits, cdg_error *err)
{
	z_stream z = { .next_in = (Bytef *)(uintptr_t)u->from };
	size_t left = u->n;
	cdg_status st = CDG_OK;
	int r = Z_OK;

	if (inflateInit2(&z, bits) != Z_OK)
		return err_nomem(err);
	while (r == Z_OK && st == CDG_OK) {
		size_t n;

		if (!z.avail_in) {
			z.avail_in = (uInt)min_size(left, 1 << 30);
			left -= z.avail_in;
		}
		if (!buf_reserve(&u->out, HTTP_PIECE)) {
			st = err_nomem(err);
			break;
		}
		z.next_out = u->out.p + u->out.len;
		z.avail_out = HTTP_PIECE;
		r = inflate(&z, Z_NO_FLUSH);
		n = HTTP_PIECE - z.avail_out;
		if (!http_more(u, n, &st, err))
			break;
	}
	inflateEnd(&z);
	if (st == CDG_OK && r != Z_STREAM_END && !*u->why)
		snprintf(u->why, u->cap, "%s in its compressed content", r == Z_BUF_ERROR ? "cut short" : "damaged");
	return st;
}

static cdg_status
http_brotli(http_unpack *u, cdg_error *err)
{
	BrotliDecoderState *state = BrotliDecoderCreateInstance(NULL, NULL, NULL);
	BrotliDecoderResult r = BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT;
	const uint8_t *next = (const uint8_t *)u->from;
	size_t left = u->n;
	cdg_status st = state ? CDG_OK : err_nomem(err);

	while (st == CDG_OK && r == BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT) {
		size_t room = HTTP_PIECE;
		uint8_t *to;

		if (!buf_reserve(&u->out, HTTP_PIECE)) {
			st = err_nomem(err);
			break;
		}
		to = u->out.p + u->out.len;
		r = BrotliDecoderDecompressStream(state, &left, &next, &room, &to, NULL);
		if (!http_more(u, HTTP_PIECE - room, &st, err))
			break;
	}
	BrotliDecoderDestroyInstance(state);
	if (st == CDG_OK && r != BROTLI_DECODER_RESULT_SUCCESS && !*u->why)
		snprintf(u->why, u->cap, "%s in its compressed content",
			 r == BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT ? "cut short" : "damaged");
	return st;
}

/* One coding off; what does not look it has been decoded by the crawler. */
static cdg_status
http_uncode(http_unpack *u, doc_str coding, bool *did, cdg_error *err)
{
	const unsigned char *s = (const unsigned char *)u->from;

	*did = false;
	if (!coding.n || word_is(coding, "identity") || !u->n)
		return CDG_OK;
	if (word_is(coding, "gzip") || word_is(coding, "x-gzip")) {
		*did = u->n >= 2 && s[0] == 0x1f && s[1] == 0x8b;
		return *did ? http_inflate(u, 15 + 16, err) : CDG_OK;
	}
	if (word_is(coding, "deflate")) {
		bool zlib = u->n >= 2 && (s[0] & 15) == 8 && (s[0] * 256 + s[1]) % 31 == 0;

		*did = true;
		return http_inflate(u, zlib ? 15 : -15, err);
	}
	if (word_is(coding, "br")) {
		*did = true;
		return http_brotli(u, err);
	}
	snprintf(u->why, u->cap, "its content encoding is not known: %.*s", (int)min_size(coding.n, 40), coding.p);
	return CDG_OK;
}

cdg_status
http_decode(extract_job *job, const extract_input *in, http_answer *a, buf *room, char *why, size_t cap, cdg_error *err)
{
	doc_str codings = http_header(a->head, "Content-Encoding");
	doc_str transfer = http_header(a->head, "Transfer-Encoding");

	*why = 0;
	if (word_ends(transfer, "chunked"))
		CDG_TRY(http_unchunk(a, room, why, cap, err));
	for (unsigned i = 0; i < HTTP_CODINGS && codings.n; i++) { /* the last first */
		http_unpack u = { .job = job, .in = in, .from = a->body, .n = a->n, .why = why, .cap = cap };
		size_t at = codings.n;
		cdg_status st;
		bool did;

		while (at && codings.p[at - 1] != ',')
			at--;
		st = http_uncode(&u, read_str_trim(read_str(codings.p + at, codings.n - at)), &did, err);
		if (st != CDG_OK || !did) {
			buf_fini(&u.out);
		} else {
			buf_fini(room);
			*room = u.out;
			a->body = room->p ? (char *)room->p : "";
			a->n = room->len;
		}
		CDG_TRY(st);
		if (*why && !did)
			a->n = 0;
		codings.n = at && !*why ? at - 1 : 0;
	}
	return CDG_OK;
}
