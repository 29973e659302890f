/* read_csv.c - see read_csv.h.
 *
 * Producer (cutting chunks) and worker (reading records) share one idea of
 * what a record is: the four states of read_csv_state.  A quote opens only at
 * the beginning of a field, so that a stray one in the middle ("5\" pipe") is
 * a character.
 *
 * A quoted field that is never closed would swallow the rest of a file.  Only
 * its own record fails: reading goes on with the line after it.  (Then every
 * quote behind is one of an even run, which closes what it opens, so that this
 * happens at most once a chunk and stays linear.)
 */
#include "extract/read_csv.h"

#include <stdio.h>
#include <strings.h>

char
read_csv_separator(const char *p, size_t n)
{
	size_t comma = 0, semicolon = 0, tab = 0;
	bool quoted = false, any = false;

	for (size_t i = 0; i < n; i++) {
		char c = p[i];

		if (c == '\n' && any && !quoted)
			break;
		any |= c != '\n' && c != '\r';
		quoted ^= c == '"';
		if (!quoted) {
			comma += c == ',';
			semicolon += c == ';';
			tab += c == '\t';
		}
	}
	if (tab > comma && tab >= semicolon)
		return '\t';
	return semicolon > comma ? ';' : ',';
}

/* Advance over one stretch; true at the end of a record, *i behind it. */
static bool
csv_step(read_csv_state *state, const char *p, size_t *i, size_t n, char separator)
{
	const char *q;
	char c = p[*i];

	if (*state == READ_CSV_QUOTED) {
		q = memchr(p + *i, '"', n - *i);
		*i = q ? (size_t)(q - p) + 1 : n;
		if (q)
			*state = READ_CSV_CLOSED;
		return false;
	}
	if (c == '"' && *state != READ_CSV_PLAIN) {
		*state = READ_CSV_QUOTED;
		++*i;
		return false;
	}
	while (c != separator && c != '\n') {
		*state = READ_CSV_PLAIN;
		if (++*i == n)
			return false;
		c = p[*i];
	}
	*state = READ_CSV_START;
	++*i;
	return c == '\n';
}

size_t
read_csv_first(read_csv_scan *scan, const char *p, size_t n, char separator)
{
	size_t i = 0;

	while (i < n && (p[i] == '\n' || p[i] == '\r'))
		i++;
	while (i < n)
		if (csv_step(&scan->state, p, &i, n, separator))
			return i;
	return 0;
}

size_t
read_csv_last(read_csv_scan *scan, const char *p, size_t from, size_t n, char separator)
{
	size_t last = 0, i = from;

	while (i < n)
		if (csv_step(&scan->state, p, &i, n, separator))
			last = i;
	return last;
}

/* ---- fields --------------------------------------------------------- */

typedef enum csv_end { CSV_MORE, CSV_LINE, CSV_UNCLOSED } csv_end;

/* A quoted field with doubled quotes or text behind it, *at after the opening
 * quote. */
static bool
csv_quoted(const char **at, const char *end, buf *scratch, doc_str *out)
{
	const char *p = *at, *q = memchr(p, '"', (size_t)(end - p));
	size_t from = scratch->len;

	if (!q)
		return false;
	if (q + 1 == end || q[1] != '"') {
		*out = read_str(p, (size_t)(q - p));
		*at = q + 1;
		return true;
	}
	for (;;) {
		size_t n = (size_t)(q - p);

		memcpy(scratch->p + scratch->len, p, n);
		scratch->len += n;
		p = q + 1;
		if (p == end || *p != '"')
			break;
		scratch->p[scratch->len++] = '"';
		p++;
		q = memchr(p, '"', (size_t)(end - p));
		if (!q)
			return false;
	}
	*out = read_str((const char *)scratch->p + from, scratch->len - from);
	*at = p;
	return true;
}

/* One field; *at moves behind its separator or line end.  scratch has room for
 * all of [*at, end). */
static csv_end
csv_field(const char **at, const char *end, char separator, buf *scratch, doc_str *out)
{
	const char *p = *at, *from = p;
	bool quoted = p < end && *p == '"';
	char last;

	if (quoted) {
		p++;
		if (!csv_quoted(&p, end, scratch, out))
			return CSV_UNCLOSED;
		from = p;
	}
	while (p < end && *p != separator && *p != '\n')
		p++;
	last = p < end ? *p : '\n';
	*at = p < end ? p + 1 : end;
	if (last == '\n' && p > from && p[-1] == '\r')
		p--;
	if (!quoted) {
		*out = read_str(from, (size_t)(p - from));
	} else if (p > from) {
		/* Text behind the closing quote: against the rules, but text. */
		size_t mark = scratch->len;
		if (out->p < (const char *)scratch->p ||
		    out->p > (const char *)scratch->p + mark) {
			memcpy(scratch->p + mark, out->p, out->n);
			scratch->len += out->n;
			out->p = (const char *)scratch->p + mark;
		}
		memcpy(scratch->p + scratch->len, from, (size_t)(p - from));
		scratch->len += (size_t)(p - from);
		out->n += (size_t)(p - from);
	}
	return last == separator ? CSV_MORE : CSV_LINE;
}

void
read_csv_init(read_csv *csv)
{
	memset(csv, 0, sizeof *csv);
	arena_init(&csv->names_arena);
}

void
read_csv_fini(read_csv *csv)
{
	mem_free(csv->names);
	mem_free(csv->keys);
	arena_fini(&csv->names_arena);
	memset(csv, 0, sizeof *csv);
}

static read_key
csv_key(doc_str name)
{
	char lower[8];

	if (name.n >= sizeof lower)
		return READ_KEY_OTHER;
	for (size_t i = 0; i < name.n; i++)
		lower[i] = (char)(name.p[i] >= 'A' && name.p[i] <= 'Z' ? name.p[i] + 32 : name.p[i]);
	return read_build_key(lower, name.n);
}

/* One column is the text: "text", else the first "content" or "body". */
static bool
csv_find_text(read_csv *csv)
{
	static const char *const names[] = { "content", "body" };

	for (size_t i = 0; i < csv->ncolumns; i++)
		if (csv->keys[i] == READ_KEY_TEXT)
			return true;
	for (size_t k = 0; k < countof(names); k++)
		for (size_t i = 0; i < csv->ncolumns; i++)
			if (csv->names[i].n == strlen(names[k]) &&
			    strncasecmp(csv->names[i].p, names[k], csv->names[i].n) == 0) {
				csv->keys[i] = READ_KEY_TEXT;
				return true;
			}
	return false;
}

bool
read_csv_begin(read_csv *csv, const char *header, size_t n, char separator, char *why,
	       size_t why_size)
{
	const char *at = header, *end = header + n;
	size_t names_cap = 0, keys_cap = 0;
	buf scratch;
	csv_end state = n ? CSV_MORE : CSV_LINE;

	read_csv_fini(csv);
	csv->separator = separator;
	*why = 0;
	buf_init(&scratch);
	if (!buf_reserve(&scratch, 2 * n + 2))
		return false;
	while (at < end && (*at == '\n' || *at == '\r'))
		at++;
	while (state == CSV_MORE) {
		doc_str name = { "", 0 };
		state = csv_field(&at, end, separator, &scratch, &name);
		name = read_str_trim(name);
		if (!mem_grow(&csv->names, &names_cap, csv->ncolumns + 1, sizeof *csv->names) ||
		    !mem_grow(&csv->keys, &keys_cap, csv->ncolumns + 1, sizeof *csv->keys))
			break;
		csv->names[csv->ncolumns].p = arena_strndup(&csv->names_arena, name.p, name.n);
		csv->names[csv->ncolumns].n = name.n;
		if (!csv->names[csv->ncolumns].p)
			break;
		csv->keys[csv->ncolumns++] = (uint8_t)csv_key(name);
	}
	buf_fini(&scratch);
	if (state == CSV_MORE)
		return false;
	if (state == CSV_UNCLOSED)
		snprintf(why, why_size, "the header line has a quote that is never closed");
	else if (!csv_find_text(csv))
		snprintf(why, why_size,
			 "no column is called text (nor content or body): the header is \"%.*s\"",
			 (int)min_size(n, 200), header);
	return !*why;
}

bool
read_csv_is_table(const char *head, size_t n)
{
	char separator = read_csv_separator(head, n), why[256];
	read_csv_scan scan = { READ_CSV_START };
	size_t header = read_csv_first(&scan, head, n, separator);
	read_csv csv;
	bool table;

	read_csv_init(&csv);
	table = !read_csv_begin(&csv, head, header ? header : n, separator, why, sizeof why) && csv.ncolumns &&
		!csv_find_text(&csv);
	read_csv_fini(&csv);
	return table;
}

bool
read_csv_row(const char **at, const char *end, char separator, buf *scratch, read_csv_cell *cell, void *ctx)
{
	csv_end state = CSV_MORE;

	scratch->len = 0;
	if (!buf_reserve(scratch, 2 * (size_t)(end - *at) + 2))
		return false;
	for (size_t column = 0; state == CSV_MORE; column++) {
		doc_str value = { "", 0 };

		state = csv_field(at, end, separator, scratch, &value);
		if (state == CSV_UNCLOSED) {
			*at = end;
			return false;
		}
		if (!cell(ctx, column, value))
			break;
	}
	return true;
}

static void
csv_store(const read_csv *csv, read_build *b, size_t column, doc_str value)
{
	read_key key = csv->keys[column];

	if (key == READ_KEY_TEXT) {
		b->doc.text = value;
	} else if (value.n == 0) {
		return;
	} else if (key != READ_KEY_OTHER) {
		read_build_known(b, key, read_str_trim(value));
	} else if (csv->names[column].n) {
		read_build_untyped(b, csv->names[column], value, false);
	}
}

bool
read_csv_record(const read_csv *csv, read_build *b, buf *scratch, const char **at,
		const char *end, char *why, size_t why_size)
{
	const char *from = *at, *nl;
	csv_end state = CSV_MORE;
	size_t column = 0, extra = 0;

	*why = 0;
	scratch->len = 0;
	/* A field may be copied twice: unquoted, then with text behind it. */
	if (!buf_reserve(scratch, 2 * (size_t)(end - from) + 2)) {
		b->failed = true;
		return false;
	}
	for (; state == CSV_MORE; column++) {
		doc_str value = { "", 0 };
		state = csv_field(at, end, csv->separator, scratch, &value);
		if (state == CSV_UNCLOSED) {
			nl = memchr(from, '\n', (size_t)(end - from));
			*at = nl ? nl + 1 : end;
			snprintf(why, why_size, "a quote is opened and never closed");
			return false;
		}
		if (column < csv->ncolumns)
			csv_store(csv, b, column, value);
		else
			extra += value.n != 0;
	}
	if (!b->doc.text.p) {
		snprintf(why, why_size, "%zu columns where the header has %zu: the text is missing",
			 column, csv->ncolumns);
		return false;
	}
	if (extra)
		read_build_warn(b, "%zu values more than the header has columns: left out", extra);
	return !b->failed;
}
