/* reader.c - see reader.h.
 *
 * A chunk of records is checked for valid UTF-8 as a whole, once; only when it
 * is not are its records cleaned one by one, so that each document knows how
 * much of it was replaced.  JSON structure is ASCII and line ends are never
 * part of a damaged character, so cleaning a line cannot move its end.
 *
 * Files are read here, in the worker, so that the producer never waits for
 * them: `raw` holds the bytes, `clean` their UTF-8 where that differs.  Text and Markdown
 * are parsed here too; all else goes to cdg-extract, which hands record files that it
 * finds in archives back (`part`).
 */
#include "indexer/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/mem.h"
#include "extract/ocr.h"
#include "extract/read_build.h"
#include "extract/read_csv.h"
#include "extract/read_encoding.h"
#include "extract/read_file.h"
#include "indexer/read_record.h"
#include "text/text.h"

enum { READER_KEEP = 16 << 20 };

struct reader {
	const source_item *item;
	const char *at, *end;
	uint64_t line;     /* of `at`, RECORDS */
	bool dirty;        /* the chunk is not valid UTF-8: clean each record */
	bool pending_file; /* FILE not read yet */
	uint64_t replaced; /* CSV: in the whole chunk, charged to its first record */
	unsigned warned;   /* read_key bits: repeated keys warned about in this chunk */
	char header_error[256];
	read_build build;
	buf scratch, raw, clean;
	buf path, file_path; /* item->path as valid UTF-8: file names are any bytes; of the file of a part */
	read_csv csv;
	extract_client *documents;
	ocr *ocr;              /* NULL: none */
	bool outside;          /* the documents of the file come from there */
	const source_item *file; /* of which item is a part; NULL: none */
	source_item part;
	buf part_name, part_data;
};

reader *
reader_new(const extract_client_options *documents, cdg_error *err)
{
	reader *r = mem_calloc(1, sizeof *r);

	if (!r) {
		err_nomem(err);
		return NULL;
	}
	read_build_init(&r->build);
	read_csv_init(&r->csv);
	r->documents = extract_client_new(documents, err);
	if (r->documents && documents && documents->ocr)
		r->ocr = ocr_new(documents->ocr, documents->cancel, err);
	if (!r->documents || (documents && documents->ocr && !r->ocr)) {
		reader_free(r);
		return NULL;
	}
	return r;
}

bool
reader_no_landlock(const reader *r)
{
	return extract_client_no_landlock(r->documents);
}

void
reader_free(reader *r)
{
	if (!r)
		return;
	read_build_fini(&r->build);
	read_csv_fini(&r->csv);
	buf_fini(&r->scratch);
	buf_fini(&r->raw);
	buf_fini(&r->clean);
	buf_fini(&r->path);
	buf_fini(&r->file_path);
	buf_fini(&r->part_name);
	buf_fini(&r->part_data);
	extract_client_free(r->documents);
	ocr_free(r->ocr);
	mem_free(r);
}

/* Empty, and small again after a giant. */
static void
reader_recycle(buf *b)
{
	if (b->cap > READER_KEEP || b->failed)
		buf_fini(b);
	b->len = 0;
}

static void
reader_fail(reader_failure *fail, const reader *r, uint64_t line, bool warning, const char *message)
{
	fail->set = true;
	fail->warning = warning;
	fail->path = r->item->path;
	fail->line = line;
	snprintf(fail->message, sizeof fail->message, "%s", message);
}

/* ---- chunks --------------------------------------------------------- */

/* JSON: note whether the chunk is valid.  A chunk that begins with anything
 * but ASCII could be taken for UTF-16 by its first bytes; then look at lines. */
static cdg_status
reader_check_json(reader *r, cdg_error *err)
{
	const source_item *item = r->item;
	text_clean clean = { 0 };
	const char *view;
	size_t view_len;

	r->dirty = false;
	if (item->n == 0)
		return CDG_OK;
	if (item->data[0] < 1) {
		r->dirty = true;
		return CDG_OK;
	}
	CDG_TRY(text_sanitize(item->data, item->n, &r->clean, &view, &view_len, &clean, err));
	r->dirty = view != item->data || view_len != item->n;
	reader_recycle(&r->clean);
	return CDG_OK;
}

/* No more than line ends. */
static bool
reader_only_line_ends(const char *p, size_t n)
{
	while (n && (p[n - 1] == '\n' || p[n - 1] == '\r'))
		n--;
	return n == 0;
}

/* CSV often comes from spreadsheets in their own encodings. */
static cdg_status
reader_begin_csv(reader *r, cdg_error *err)
{
	const source_item *item = r->item;
	const char *view;
	size_t n;
	bool ok;

	r->header_error[0] = 0;
	if (reader_only_line_ends(item->header, item->header_n) && reader_only_line_ends(item->data, item->n)) {
		r->at = r->end; /* an empty file has no header to miss */
		return CDG_OK;
	}
	CDG_TRY(read_encoding(item->header, item->header_n, &r->clean, &view, &n, &r->replaced, err));
	ok = read_csv_begin(&r->csv, view, n, item->separator, r->header_error,
			    sizeof r->header_error);
	if (!ok && !r->header_error[0])
		return err_nomem(err);
	if (!ok) {
		r->at = r->end;
		/* Say it once a file. */
		if (item->offset > item->header_n + 16)
			r->header_error[0] = 0;
		return CDG_OK;
	}
	CDG_TRY(read_encoding(item->data, item->n, &r->clean, &view, &n, &r->replaced, err));
	r->at = view;
	r->end = view + n;
	return CDG_OK;
}

static cdg_status
reader_begin_path(reader *r, cdg_error *err)
{
	const char *path = r->item->path, *view;
	text_clean clean = { 0 };
	size_t n;

	reader_recycle(&r->path);
	CDG_TRY(text_sanitize(path, strlen(path), &r->path, &view, &n, &clean, err));
	if (view == path)
		buf_put(&r->path, path, n);
	(void)buf_cstr(&r->path);
	return r->path.failed ? err_nomem(err) : CDG_OK;
}

static void
reader_forget(reader *r, const source_item *item)
{
	r->item = item;
	r->at = r->end = "";
	r->warned = 0;
	r->replaced = 0;
	r->header_error[0] = 0;
	read_build_reset(&r->build);
	reader_recycle(&r->scratch);
	reader_recycle(&r->raw);
	reader_recycle(&r->clean);
}

static cdg_status
reader_begin_records(reader *r, const source_item *item, cdg_error *err)
{
	r->at = item->data;
	r->end = item->data + item->n;
	r->line = item->first_line;
	if (item->format == SOURCE_CSV)
		return reader_begin_csv(r, err);
	return reader_check_json(r, err);
}

cdg_status
reader_begin(reader *r, const source_item *item, cdg_error *err)
{
	r->file = NULL;
	r->pending_file = item->kind == SOURCE_FILE;
	r->outside = r->pending_file && (item->format == SOURCE_HTML || item->format == SOURCE_DOCUMENT);
	reader_forget(r, item);
	if (item->kind != SOURCE_RECORDS && item->kind != SOURCE_FILE)
		return CDG_OK;
	CDG_TRY(reader_begin_path(r, err));
	return item->kind == SOURCE_FILE ? CDG_OK : reader_begin_records(r, item, err);
}

/* ---- one document done ---------------------------------------------- */

/* "file:line" where a record has no id: the name of the file, or its path where another
 * file has the name (known_name). */
static void
reader_default_id(reader *r, uint64_t line)
{
	const char *path = (const char *)r->path.p, *base = strrchr(path, '/');
	doc_str *id = &r->build.doc.id;
	size_t n;
	char *p;

	/* a file inside a file is known by its path, as are the documents there */
	if (r->item->by_path)
		base = path;
	else
		base = strcmp(path, "-") == 0 ? "stdin" : base && !r->file ? base + 1 : path;
	n = strlen(base) + 26;
	p = arena_alloc(&r->build.strings, n);
	if (!p) {
		r->build.failed = true;
		return;
	}
	snprintf(p, n, "%s%s:%llu", r->item->by_path && !strchr(path, '/') ? "./" : "", base, (unsigned long long)line);
	*id = read_str(p, strlen(p));
}

static cdg_status
reader_give(reader *r, uint64_t line, const document **doc, reader_failure *fail, cdg_error *err)
{
	read_build *b = &r->build;

	if (!b->doc.id.n)
		reader_default_id(r, line);
	if (!read_build_finish(b))
		return err_nomem(err);
	if (unlikely(b->warning[0]))
		reader_fail(fail, r, line, true, b->warning);
	*doc = &b->doc;
	return CDG_OK;
}

/* ---- records -------------------------------------------------------- */

static bool
reader_is_blank(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n'))
		p++;
	return p == end;
}

static void
reader_warn_repeated(reader *r, unsigned repeated)
{
	static const char *const names[] = { "", "id", "title", "date", "lang", "url", "text" };

	repeated &= ~r->warned;
	r->warned |= repeated;
	for (unsigned k = 0; k < countof(names); k++)
		if (repeated & 1u << k)
			read_build_warn(&r->build, "\"%s\" is there twice: the last counts",
					names[k]);
}

/* The record on the line p[0, n), blank lines excluded. */
static cdg_status
reader_json_line(reader *r, const char *p, size_t n, uint64_t line, const document **doc,
		 reader_failure *fail, cdg_error *err)
{
	read_record_error why;
	uint64_t replaced = 0;
	unsigned repeated;
	char message[300];

	while (n && (*p == ' ' || *p == '\t' || *p == '\r')) {
		p++;
		n--;
	}
	read_build_reset(&r->build);
	if (unlikely(r->dirty) && n && *p == '{') {
		text_clean clean = { 0 };
		reader_recycle(&r->clean);
		CDG_TRY(text_sanitize(p, n, &r->clean, &p, &n, &clean, err));
		replaced = clean.replaced;
	}
	if (unlikely(!read_record_parse(&r->build, &r->scratch, p, n, &repeated, &why))) {
		if (r->build.failed)
			return err_nomem(err);
		snprintf(message, sizeof message, "%s (byte %zu of the line)", why.message,
			 why.offset + 1);
		reader_fail(fail, r, line, false, message);
		return CDG_OK;
	}
	r->build.doc.replaced += replaced;
	if (unlikely(repeated))
		reader_warn_repeated(r, repeated);
	return reader_give(r, line, doc, fail, err);
}

static cdg_status
reader_next_json(reader *r, const document **doc, reader_failure *fail, cdg_error *err)
{
	while (r->at < r->end) {
		const char *p = r->at;
		const char *nl = memchr(p, '\n', (size_t)(r->end - p));
		const char *stop = nl ? nl : r->end;
		uint64_t line = r->line++;

		r->at = nl ? nl + 1 : r->end;
		if (reader_is_blank(p, stop))
			continue;
		return reader_json_line(r, p, (size_t)(stop - p), line, doc, fail, err);
	}
	return CDG_OK;
}

static cdg_status
reader_next_csv(reader *r, const document **doc, reader_failure *fail, cdg_error *err)
{
	char why[256];
	uint64_t line;
	const char *from;
	bool ok;

	if (r->header_error[0]) {
		reader_fail(fail, r, 1, false, r->header_error);
		r->header_error[0] = 0;
		return CDG_OK;
	}
	while (r->at < r->end && (*r->at == '\n' || *r->at == '\r'))
		r->line += *r->at++ == '\n';
	if (r->at == r->end)
		return CDG_OK;
	line = r->line;
	from = r->at;
	read_build_reset(&r->build);
	ok = read_csv_record(&r->csv, &r->build, &r->scratch, &r->at, r->end, why, sizeof why);
	for (; from < r->at; from++)
		r->line += *from == '\n';
	if (!ok) {
		if (r->build.failed)
			return err_nomem(err);
		reader_fail(fail, r, line, false, why);
		return CDG_OK;
	}
	r->build.doc.replaced = r->replaced;
	r->replaced = 0;
	return reader_give(r, line, doc, fail, err);
}

/* ---- files ---------------------------------------------------------- */

/* The item's file as it is now; -1 with a message when it cannot be had. */
static int
reader_open(const reader *r, size_t *size, char *why, size_t why_size)
{
	int fd = open(r->item->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;

	*why = 0;
	if (fd < 0 || fstat(fd, &st) != 0) {
		snprintf(why, why_size, "cannot open: %s", strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	*size = (size_t)st.st_size;
	if (S_ISREG(st.st_mode) && *size >= r->item->size && (r->outside || *size <= SOURCE_RECORD_MAX))
		return fd;
	snprintf(why, why_size, "changed while it was read");
	close(fd);
	return -1;
}

/* The file's bytes into r->raw; false with a message when they cannot be had. */
static bool
reader_load(reader *r, char *why, size_t why_size)
{
	size_t size;
	int fd = reader_open(r, &size, why, why_size);

	if (fd < 0)
		return false;
	if (!buf_reserve(&r->raw, size + 1)) {
		close(fd);
		return false;
	}
	while (r->raw.len < size) {
		ssize_t n = read(fd, r->raw.p + r->raw.len, size - r->raw.len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			snprintf(why, why_size, "cannot read: %s", strerror(errno));
		else if (n == 0)
			snprintf(why, why_size, "changed while it was read");
		if (n <= 0)
			break;
		r->raw.len += (size_t)n;
	}
	close(fd);
	if (r->raw.len == size && r->item->hash)
		*r->item->hash = (source_hash){ true, XXH3_64bits(r->raw.p, size) };
	return r->raw.len == size;
}

static bool
reader_is_binary(const buf *b)
{
	size_t zeros = 0, n = min_size(b->len, 64 << 10);

	for (size_t i = 0; i < n; i++)
		zeros += b->p[i] == 0;
	return zeros > n / 64;
}

/* Bytes to document.  *refused: why it is no text at all, or NULL. */
static cdg_status
reader_parse_file(reader *r, const char **refused, cdg_error *err)
{
	const char *path = (const char *)r->path.p, *view = (const char *)r->raw.p;
	uint64_t replaced = 0;
	doc_str text;
	size_t n = r->raw.len;
	bool ok;

	*refused = NULL;
	CDG_TRY(read_encoding(view ? view : "", n, &r->clean, &view, &n, &replaced, err));
	text = read_str(view, n);
	if (view == (const char *)r->raw.p && reader_is_binary(&r->raw)) {
		*refused = "not text: too many zero bytes";
		return CDG_OK;
	}
	ok = r->item->format == SOURCE_MARKDOWN ? read_md(&r->build, path, text) : read_text(&r->build, path, text);
	r->build.doc.replaced += replaced;
	return ok ? CDG_OK : err_nomem(err);
}

/* A metadata field of a file, unless its front matter has one of that name. */
static void
reader_add_field(reader *r, doc_str name, doc_str value)
{
	read_build *b = &r->build;
	doc_field *f;

	for (size_t i = 0; i < b->doc.nfields; i++)
		if (b->fields[i].name.n == name.n && !memcmp(b->fields[i].name.p, name.p, name.n))
			return;
	if (!mem_grow(&b->fields, &b->fields_cap, b->doc.nfields + 1, sizeof *b->fields)) {
		b->failed = true;
		return;
	}
	f = &b->fields[b->doc.nfields++];
	*f = (doc_field){ .name = name, .type = DOC_STRING, .string = value };
}

static cdg_status
reader_next_file(reader *r, const document **doc, reader_failure *fail, cdg_error *err)
{
	const char *refused;
	char why[256];

	if (!r->pending_file)
		return CDG_OK;
	r->pending_file = false;
	if (!reader_load(r, why, sizeof why)) {
		if (!why[0])
			return err_nomem(err);
		reader_fail(fail, r, 0, false, why);
		return CDG_OK;
	}
	CDG_TRY(reader_parse_file(r, &refused, err));
	if (refused) {
		reader_fail(fail, r, 0, false, refused);
		return CDG_OK;
	}
	if (!r->build.doc.id.n)
		r->build.doc.id = read_str((const char *)r->path.p, r->path.len);
	reader_add_field(r, read_str("path", 4), read_str((const char *)r->path.p, r->path.len));
	reader_add_field(r, read_str("format", 6),
			 r->item->format == SOURCE_MARKDOWN ? read_str("markdown", 8) : read_str("text", 4));
	return reader_give(r, 0, doc, fail, err);
}

/* ---- files that cdg-extract reads ---------------------------------------- */

/* A record file inside of the file: as an item of its own. */
static cdg_status
reader_begin_part(reader *r, const wire_records *records, cdg_error *err)
{
	source_item *part = &r->part;
	const char *view;
	size_t n;

	r->file = r->file ? r->file : r->item;
	r->part_name.len = 0;
	reader_recycle(&r->part_data);
	buf_put(&r->part_name, records->name.p, records->name.n);
	*part = (source_item){ .kind = SOURCE_RECORDS, .path = buf_cstr(&r->part_name), .first_line = 1,
			       .format = records->format == EXTRACT_CSV ? SOURCE_CSV : SOURCE_JSONL };
	if (r->part_name.failed)
		return err_nomem(err);
	reader_forget(r, part);
	CDG_TRY(read_encoding(records->data.p, records->data.n, &r->part_data, &view, &n, &r->replaced, err));
	part->data = view;
	part->n = n;
	if (part->format == SOURCE_CSV) {
		read_csv_scan scan = { READ_CSV_START };

		part->separator = read_csv_separator(view, n);
		part->header = view;
		part->header_n = read_csv_first(&scan, view, n, part->separator);
		part->header_n = part->header_n ? part->header_n : n;
		part->first_line += 1;
		part->data += part->header_n;
		part->n -= part->header_n;
	}
	CDG_TRY(reader_begin_path(r, err));
	return reader_begin_records(r, part, err);
}

static cdg_status reader_next_record(reader *r, const document **doc, reader_failure *fail, cdg_error *err);

/* The name of a file in the archive without that of the archive; empty for the archive. */
static doc_str
reader_inner_name(const char *archive, doc_str name)
{
	size_t n = strlen(archive);

	if (name.n > n && !memcmp(name.p, archive, n) && name.p[n] == '/')
		return read_str(name.p + n + 1, name.n - n - 1);
	return read_str("", 0);
}

/* What the part holds; then it is over. */
static cdg_status
reader_next_part(reader *r, const document **doc, reader_failure *fail, cdg_error *err)
{
	char message[sizeof fail->message];
	doc_str name;

	CDG_TRY(reader_next_record(r, doc, fail, err));
	if (fail->set) {
		name = reader_inner_name((const char *)r->file_path.p, read_str(r->part.path, strlen(r->part.path)));
		snprintf(message, sizeof message, "%.*s:%llu: %.250s", (int)min_size(name.n, 200), name.p,
			 (unsigned long long)fail->line, fail->message);
		memcpy(fail->message, message, sizeof message);
		fail->path = r->file->path;
		fail->line = 0;
	} else if (!*doc) {
		reader_forget(r, r->file);
		r->file = NULL;
	}
	return CDG_OK;
}

static void
reader_problem(reader *r, const wire_problem *p, reader_failure *fail)
{
	doc_str name = reader_inner_name((const char *)r->file_path.p, p->name);
	char message[sizeof fail->message];

	snprintf(message, sizeof message, "%.*s%s%.*s", (int)min_size(name.n, 200), name.p, name.n ? ": " : "",
		 (int)min_size(p->why.n, 300), p->why.p);
	reader_fail(fail, r, 0, p->skipped, message);
	fail->skipped = p->skipped;
	fail->partly = p->skipped && strstr(message, EXTRACT_PARTLY) != NULL;
}

static cdg_status
reader_begin_outside(reader *r, reader_failure *fail, cdg_error *err)
{
	char why[256];
	size_t size;
	int fd = reader_open(r, &size, why, sizeof why);

	r->pending_file = false;
	r->file_path.len = 0;
	buf_put(&r->file_path, r->path.p, r->path.len);
	(void)buf_cstr(&r->file_path);
	if (r->file_path.failed) {
		if (fd >= 0)
			close(fd);
		return err_nomem(err);
	}
	extract_client_set_map(r->documents, settings_map(r->item->settings));
	if (fd >= 0)
		return extract_client_begin(r->documents, read_str((const char *)r->path.p, r->path.len), fd, size, err);
	reader_fail(fail, r, 0, false, why);
	r->outside = false;
	return CDG_OK;
}

/* A document whose pages are pictures. */
static cdg_status
reader_scan(reader *r, const extract_event *event, const document **doc, reader_failure *fail, cdg_error *err)
{
	wire_problem p = { .name = event->doc->id };
	char why[sizeof fail->message];

	CDG_TRY(ocr_read(r->ocr, r->item->path, &event->scan, event->doc, doc, why, sizeof why, err));
	p.why = read_str(why, strlen(why));
	if (why[0])
		reader_problem(r, &p, fail);
	else if (event->warning[0])
		reader_fail(fail, r, 0, true, event->warning);
	return CDG_OK;
}

static cdg_status
reader_next_outside(reader *r, const document **doc, reader_failure *fail, cdg_error *err)
{
	extract_event event;
	uint64_t hash;

	if (r->pending_file)
		CDG_TRY(reader_begin_outside(r, fail, err));
	while (r->outside && !*doc && !fail->set) {
		if (r->file) {
			CDG_TRY(reader_next_part(r, doc, fail, err));
			continue;
		}
		CDG_TRY(extract_client_next(r->documents, &event, err));
		switch (event.kind) {
		case EXTRACT_EVENT_END:
			r->outside = false;
			if (r->item->hash && extract_client_hash(r->documents, &hash))
				*r->item->hash = (source_hash){ true, hash };
			break;
		case EXTRACT_EVENT_DOCUMENT:
			*doc = event.doc;
			if (event.warning[0])
				reader_fail(fail, r, 0, true, event.warning);
			break;
		case EXTRACT_EVENT_SCAN:
			CDG_TRY(reader_scan(r, &event, doc, fail, err));
			break;
		case EXTRACT_EVENT_RECORDS:
			CDG_TRY(reader_begin_part(r, &event.records, err));
			break;
		case EXTRACT_EVENT_PROBLEM:
			reader_problem(r, &event.problem, fail);
			fail->general = event.nobody;
			break;
		}
	}
	return CDG_OK;
}

static cdg_status
reader_next_record(reader *r, const document **doc, reader_failure *fail, cdg_error *err)
{
	if (r->item->format == SOURCE_CSV)
		return reader_next_csv(r, doc, fail, err);
	return reader_next_json(r, doc, fail, err);
}

cdg_status
reader_next(reader *r, const document **doc, reader_failure *fail, cdg_error *err)
{
	*doc = NULL;
	fail->set = fail->warning = fail->skipped = fail->partly = fail->general = false;
	fail->message[0] = 0;
	if (!r->item)
		return CDG_OK;
	if (r->outside)
		return reader_next_outside(r, doc, fail, err);
	if (r->item->kind == SOURCE_FILE)
		return reader_next_file(r, doc, fail, err);
	return r->item->kind == SOURCE_RECORDS ? reader_next_record(r, doc, fail, err) : CDG_OK;
}
