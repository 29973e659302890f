/* source_chunk.c - see source_chunk.h.  The producer's inner loop: it must
 * keep all workers fed, so it only moves bytes, finds the last record end of a
 * chunk and counts lines.
 *
 * Bytes are read straight into the buffer that becomes the chunk.  What
 * follows the last record end is copied to the front of the next buffer.  When
 * a buffer holds no record end it grows by one chunk size at a time (capacity
 * doubles), so that a giant record does not drag many small ones with it.
 *
 * A damaged stream still gives the whole records before the damage.  UTF-16
 * has no cheap record ends: such a stream is read whole and turned into UTF-8
 * first.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memrchr */
#endif
#include "indexer/source_chunk.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "extract/read_csv.h"
#include "text/text.h"

struct source_chunker {
	decompress *stream;
	const char *path;
	size_t chunk_size, record_max;
	bool csv, eof, ended, skipping;
	char separator;
	char *data; /* the buffer being filled */
	size_t len, cap;
	uint64_t offset, line; /* of data[0] */
	char *header;
	size_t header_n;
	buf whole; /* a transcoded stream; then read from here */
	size_t whole_at;
	bool in_whole;
	cdg_error failed; /* after the records before the damage are given */
};

/* Lines end in "\n"; 16 bytes at a time (what every target has), in byte
 * counters that are summed before they overflow. */
static uint64_t
chunk_count_lines(const char *p, size_t n)
{
	typedef uint8_t lanes __attribute__((vector_size(16)));
	const lanes newline = { 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10 };
	uint64_t total = 0;

	while (n >= 2 * sizeof(lanes)) {
		size_t rounds = min_size(n / (2 * sizeof(lanes)), 255);
		lanes a = { 0 }, b = { 0 };

		for (size_t i = 0; i < rounds; i++) {
			lanes v, w;
			memcpy(&v, p, sizeof v);
			memcpy(&w, p + sizeof v, sizeof w);
			a -= (lanes)(v == newline);
			b -= (lanes)(w == newline);
			p += 2 * sizeof v;
		}
		for (size_t i = 0; i < sizeof(lanes); i++)
			total += (uint64_t)a[i] + b[i];
		n -= rounds * 2 * sizeof(lanes);
	}
	while (n--)
		total += *p++ == '\n';
	return total;
}

static cdg_status
chunk_read(source_chunker *c, void *dst, size_t cap, size_t *n, cdg_error *err)
{
	if (c->in_whole) {
		*n = min_size(cap, c->whole.len - c->whole_at);
		if (*n)
			memcpy(dst, c->whole.p + c->whole_at, *n);
		c->whole_at += *n;
		return CDG_OK;
	}
	return decompress_read(c->stream, dst, cap, n, err);
}

/* Read until the buffer holds want bytes or the stream ends; damage is kept in
 * c->failed and counts as the end. */
static cdg_status
chunk_fill(source_chunker *c, size_t want, cdg_error *err)
{
	if (want > c->cap) {
		size_t cap = max_size(want, c->cap ? c->cap * 2 : 0);
		char *p = mem_realloc(c->data, cap);

		if (!p)
			return err_nomem(err);
		c->data = p;
		c->cap = cap;
	}
	while (c->len < want && !c->eof) {
		size_t n;
		cdg_status st = chunk_read(c, c->data + c->len, want - c->len, &n, &c->failed);

		if (st == CDG_E_NOMEM)
			return err_nomem(err);
		if (st != CDG_OK || n == 0)
			c->eof = true;
		else
			c->len += n;
	}
	return CDG_OK;
}

/* ---- opening -------------------------------------------------------- */

/* 0: not UTF-16, else 'L' or 'B' for the byte order.  Without a mark the first
 * character of a record or header line, ASCII, tells. */
static char
chunk_utf16(const char *head, size_t n, bool *mark)
{
	*mark = n >= 2 && (memcmp(head, "\xff\xfe", 2) == 0 || memcmp(head, "\xfe\xff", 2) == 0);
	if (*mark)
		return head[0] == '\xff' ? 'L' : 'B';
	if (n >= 4 && head[0] && !head[1] && head[2] && !head[3])
		return 'L';
	if (n >= 4 && !head[0] && head[1] && !head[2] && head[3])
		return 'B';
	return 0;
}

static cdg_status
chunk_transcode(source_chunker *c, char order, bool mark, cdg_error *err)
{
	buf raw;
	cdg_status st = CDG_OK;
	text_clean clean;
	const char *view;
	size_t n, view_len;

	buf_init(&raw);
	if (!mark)
		buf_put(&raw, order == 'L' ? "\xff\xfe" : "\xfe\xff", 2);
	do {
		if (!buf_reserve(&raw, SOURCE_CHUNK)) {
			st = err_nomem(err);
			break;
		}
		st = decompress_read(c->stream, raw.p + raw.len, SOURCE_CHUNK, &n, err);
		if (st != CDG_OK)
			break;
		raw.len += n;
		if (raw.len > SOURCE_RECORD_MAX)
			st = err_set(err, CDG_E_INPUT, "%s: UTF-16 files end at 2 GB: convert it to UTF-8",
				     c->path);
	} while (st == CDG_OK && n);
	if (st == CDG_OK)
		st = text_sanitize((const char *)raw.p, raw.len, &c->whole, &view, &view_len, &clean,
				   err);
	if (st == CDG_OK && c->whole.len == 0)
		buf_put(&c->whole, view, view_len);
	if (st == CDG_OK && c->whole.failed)
		st = err_nomem(err);
	c->in_whole = true;
	buf_fini(&raw);
	return st;
}

/* Skip a byte order mark, or transcode by it. */
static cdg_status
chunk_begin(source_chunker *c, cdg_error *err)
{
	const char *head;
	size_t n, got;
	bool mark;
	char order, skip[3];

	(void)decompress_peek(c->stream, &head, &n, NULL); /* damage shows when read */
	order = chunk_utf16(head, n, &mark);
	if (order)
		return chunk_transcode(c, order, mark, err);
	if (n >= 3 && memcmp(head, "\xef\xbb\xbf", 3) == 0) {
		CDG_TRY(decompress_read(c->stream, skip, 3, &got, err));
		c->offset = 3;
	}
	return CDG_OK;
}

/* The header is the first record; it must be there whole before workers can
 * read any other. */
static cdg_status
chunk_header(source_chunker *c, cdg_error *err)
{
	read_csv_scan scan = { 0 };
	size_t want = 0, end = 0, n;

	do {
		want += min_size(c->chunk_size, 64 << 10);
		CDG_TRY(chunk_fill(c, want, err));
		if (!c->separator)
			c->separator = read_csv_separator(c->data, c->len);
		memset(&scan, 0, sizeof scan);
		end = read_csv_first(&scan, c->data, c->len, c->separator);
	} while (end == 0 && !c->eof && c->len < (1 << 20));
	if (end == 0) {
		if (!c->eof)
			return err_set(err, CDG_E_INPUT, "%s: no header line within the first megabyte",
				       c->path);
		end = c->len;
	}
	n = end;
	while (n && (c->data[n - 1] == '\n' || c->data[n - 1] == '\r'))
		n--;
	c->header = mem_dup(c->data, n);
	if (!c->header)
		return err_nomem(err);
	c->header_n = n;
	c->line += chunk_count_lines(c->data, end);
	c->offset += end;
	memmove(c->data, c->data + end, c->len - end);
	c->len -= end;
	return CDG_OK;
}

cdg_status
source_chunker_open(source_chunker **out, decompress *stream, source_format format,
		    const char *path, const source_options *options, cdg_error *err)
{
	source_chunker *c = mem_calloc(1, sizeof *c);
	cdg_status st;

	*out = NULL;
	if (!c) {
		decompress_free(stream);
		return err_nomem(err);
	}
	c->stream = stream;
	c->path = path;
	c->chunk_size = options->chunk_size ? options->chunk_size : SOURCE_CHUNK;
	c->record_max = options->record_max ? options->record_max : SOURCE_RECORD_MAX;
	c->csv = format == SOURCE_CSV;
	c->line = 1;
	st = chunk_begin(c, err);
	if (st == CDG_OK && c->csv)
		st = chunk_header(c, err);
	if (st != CDG_OK) {
		source_chunker_free(c);
		return st;
	}
	*out = c;
	return CDG_OK;
}

void
source_chunker_free(source_chunker *c)
{
	if (!c)
		return;
	decompress_free(c->stream);
	mem_free(c->data);
	mem_free(c->header);
	buf_fini(&c->whole);
	mem_free(c);
}

const char *
source_chunker_header(const source_chunker *c, size_t *n, char *separator)
{
	*n = c->header_n;
	*separator = c->separator;
	return c->header;
}

uint64_t
source_chunker_consumed(const source_chunker *c)
{
	return decompress_consumed(c->stream);
}

uint64_t
source_chunker_hash(const source_chunker *c)
{
	return decompress_hash(c->stream);
}

/* ---- cutting -------------------------------------------------------- */

/* The end of the last whole record in data[from, len), 0 if there is none. */
static size_t
chunk_cut(source_chunker *c, read_csv_scan *scan, size_t from)
{
	const char *p;

	if (c->csv)
		return read_csv_last(scan, c->data, from, c->len, c->separator);
	p = from < c->len ? memrchr(c->data + from, '\n', c->len - from) : NULL;
	return p ? (size_t)(p - c->data) + 1 : 0;
}

/* Give data[0, cut) away and keep the rest in a new buffer. */
static cdg_status
chunk_take(source_chunker *c, size_t cut, source_chunk *chunk, cdg_error *err)
{
	size_t rest = c->len - cut, cap = max_size(c->chunk_size, rest);
	char *next = NULL;

	if (!c->eof || rest) {
		next = mem_alloc(cap);
		if (!next)
			return err_nomem(err);
		memcpy(next, c->data + cut, rest);
	}
	chunk->data = c->data;
	chunk->n = cut;
	chunk->offset = c->offset;
	chunk->first_line = c->line;
	c->line += chunk_count_lines(c->data, cut);
	c->offset += cut;
	c->data = next;
	c->len = rest;
	c->cap = next ? cap : 0;
	return CDG_OK;
}

/* Drop the rest of a record that is too long. */
static cdg_status
chunk_skip(source_chunker *c, cdg_error *err)
{
	for (;;) {
		char *nl = c->len ? memchr(c->data, '\n', c->len) : NULL;
		size_t drop = nl ? (size_t)(nl - c->data) + 1 : c->len;

		c->offset += drop;
		c->len -= drop;
		memmove(c->data, c->data + drop, c->len);
		if (nl || c->eof)
			break;
		CDG_TRY(chunk_fill(c, c->chunk_size, err));
	}
	c->line++;
	c->skipping = false;
	if (c->cap > 2 * max_size(c->len, c->chunk_size)) { /* give the giant's memory back */
		size_t cap = max_size(c->len, c->chunk_size);
		char *p = mem_realloc(c->data, cap);

		if (!p)
			return err_nomem(err);
		c->data = p;
		c->cap = cap;
	}
	return CDG_OK;
}

cdg_status
source_chunker_next(source_chunker *c, source_chunk *chunk, cdg_error *err)
{
	read_csv_scan scan = { 0 };
	size_t from = 0, want = c->chunk_size, cut = 0;

	memset(chunk, 0, sizeof *chunk);
	if (c->skipping)
		CDG_TRY(chunk_skip(c, err));
	while (!c->ended) {
		CDG_TRY(chunk_fill(c, want, err));
		cut = chunk_cut(c, &scan, from);
		if (cut || c->eof)
			break;
		if (c->len > c->record_max) {
			c->skipping = true;
			return err_set(err, CDG_E_LIMIT, "line %llu: a record of more than %zu bytes",
				       (unsigned long long)c->line, c->record_max);
		}
		from = c->len;
		want += c->chunk_size;
	}
	if (c->failed.status != CDG_OK && cut == 0) {
		c->ended = true;
		return err_set(err, c->failed.status, "%s", c->failed.message);
	}
	if (c->eof && c->failed.status == CDG_OK) {
		cut = c->len;
		c->ended = chunk->last = true;
	}
	return chunk_take(c, cut, chunk, err);
}
