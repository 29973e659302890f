/* wire.c - see wire.h. */
#include "extract/wire.h"

#include <math.h>

#include "engine/kind.h"
#include "text/text.h"

/* ---- sizes --------------------------------------------------------------------- */

static uint64_t
least_of(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

uint64_t
wire_most(wire_kind kind, const extract_limits *limits, uint64_t size)
{
	uint64_t honest = size > WIRE_MAX / EXTRACT_RATIO ? WIRE_MAX : size * EXTRACT_RATIO, n = WIRE_BESIDE;

	honest = honest > EXTRACT_SMALL ? honest : EXTRACT_SMALL;
	if (kind == WIRE_JOB)
		return WIRE_JOB_MAX;
	if (kind == WIRE_READY || kind == WIRE_REFUSED)
		return 300;
	/* labels of sections may be the text once more */
	if (kind == WIRE_DOCUMENT)
		n = 2 * least_of(least_of(limits->text, honest), WIRE_MAX) + 4 * (uint64_t)WIRE_BESIDE;
	else if (kind == WIRE_RECORDS || kind == WIRE_SCAN)
		n = least_of(limits->member, honest) + 2 * (uint64_t)WIRE_BESIDE;
	return least_of(n, WIRE_MAX);
}

bool
wire_may_put(const document *doc)
{
	return doc->nfields <= WIRE_ARRAY / sizeof *doc->fields && doc->nsections <= WIRE_ARRAY / sizeof *doc->sections;
}

/* ---- writing ------------------------------------------------------------------- */

size_t
wire_begin(buf *out, wire_kind kind)
{
	size_t at = out->len;

	buf_put_u32(out, 0);
	buf_put_u32(out, kind);
	return at;
}

void
wire_finish(buf *out, size_t begun)
{
	size_t n = out->len - begun - WIRE_HEAD;

	if (out->failed)
		return;
	for (unsigned i = 0; i < 4; i++)
		out->p[begun + i] = (uint8_t)(n >> (8 * i));
}

void
wire_put_string(buf *out, doc_str s)
{
	buf_put_varint(out, s.n);
	if (s.n)
		buf_put(out, s.p, s.n);
}

void
wire_put_job(buf *out, const wire_job *job)
{
	size_t at = wire_begin(out, WIRE_JOB);

	wire_put_string(out, job->name);
	buf_put_varint(out, job->size);
	buf_put_varint(out, job->limits.unpacked);
	buf_put_varint(out, job->limits.member);
	buf_put_varint(out, job->limits.text);
	buf_put_varint(out, job->limits.documents);
	buf_put_u8(out, (uint8_t)(job->scans | job->new_map << 1));
	if (job->new_map)
		wire_put_string(out, job->map);
	buf_put_varint(out, job->skip);
	buf_put_varint(out, job->nbad);
	for (unsigned i = 0; i < job->nbad; i++)
		buf_put_varint(out, job->bad[i]);
	wire_finish(out, at);
}

void
wire_put_member(buf *out, uint64_t number, doc_str name)
{
	size_t at = wire_begin(out, WIRE_MEMBER);

	buf_put_varint(out, number);
	wire_put_string(out, name);
	wire_finish(out, at);
}

static void
put_date(buf *out, doc_date d)
{
	buf_put_u32(out, (uint32_t)d.day);
	buf_put_u8(out, d.precision);
}

static void
put_field(buf *out, const doc_field *f)
{
	uint64_t bits;

	wire_put_string(out, f->name);
	buf_put_u8(out, (uint8_t)(f->type | (f->list ? 4 : 0)));
	wire_put_string(out, f->string);
	if (f->type == DOC_NUMBER) {
		memcpy(&bits, &f->number, sizeof bits);
		buf_put_u64(out, bits);
	} else if (f->type == DOC_DATE) {
		put_date(out, f->date);
	}
}

static void
put_document(buf *out, const document *doc, const char *warning)
{
	wire_put_string(out, doc->id);
	wire_put_string(out, doc->title);
	wire_put_string(out, doc->url);
	wire_put_string(out, doc->lang);
	wire_put_string(out, doc->text);
	wire_put_string(out, read_str(warning, strlen(warning)));
	buf_put_u8(out, doc->has_date);
	if (doc->has_date)
		put_date(out, doc->date);
	buf_put_varint(out, doc->replaced);
	buf_put_varint(out, doc->nfields);
	for (size_t i = 0; i < doc->nfields; i++)
		put_field(out, &doc->fields[i]);
	buf_put_varint(out, doc->nsections);
	for (size_t i = 0; i < doc->nsections; i++) {
		const doc_section *s = &doc->sections[i];

		buf_put_varint(out, s->start);
		buf_put_varint(out, s->end - s->start);
		buf_put_varint(out, s->level);
		buf_put_u8(out, (uint8_t)tree_kind_find(s->kind));
		wire_put_string(out, s->label);
	}
}

void
wire_put_document(buf *out, const document *doc, const char *warning)
{
	size_t at = wire_begin(out, WIRE_DOCUMENT);

	put_document(out, doc, warning);
	wire_finish(out, at);
}

void
wire_put_scan(buf *out, const extract_scan *scan, const document *doc, const char *warning)
{
	size_t at = wire_begin(out, WIRE_SCAN);

	wire_put_string(out, read_str(scan->suffix, strlen(scan->suffix)));
	wire_put_string(out, read_str(scan->data, scan->n));
	put_document(out, doc, warning);
	wire_finish(out, at);
}

void
wire_put_records(buf *out, const wire_records *r)
{
	size_t at = wire_begin(out, WIRE_RECORDS);

	wire_put_string(out, r->name);
	buf_put_varint(out, r->format);
	wire_put_string(out, r->data);
	wire_finish(out, at);
}

void
wire_put_problem(buf *out, const wire_problem *p)
{
	size_t at = wire_begin(out, WIRE_PROBLEM);

	wire_put_string(out, p->name);
	wire_put_string(out, p->why);
	buf_put_u8(out, p->skipped);
	wire_finish(out, at);
}

void
wire_put_end(buf *out, const wire_end *e)
{
	size_t at = wire_begin(out, WIRE_END);

	buf_put_u8(out, (uint8_t)(e->hashed | e->retire << 1 | e->no_memory << 2));
	buf_put_u64(out, e->hash);
	wire_put_string(out, e->failure);
	wire_finish(out, at);
}

/* ---- reading ------------------------------------------------------------------- */

bool
wire_get_string(rd *r, doc_str *s)
{
	uint64_t n = rd_varint(r);

	*s = read_str("", 0);
	if (r->bad || n > rd_left(r)) {
		r->bad = true;
		return false;
	}
	if (n)
		*s = read_str((const char *)rd_bytes(r, (size_t)n), (size_t)n);
	return true;
}

/* A string that people or the index will see. */
static bool
get_utf8(rd *r, doc_str *s)
{
	text_clean clean;
	const char *view;
	size_t n;
	buf out;

	if (!wire_get_string(r, s))
		return false;
	buf_init(&out);
	if (text_sanitize(s->p, s->n, &out, &view, &n, &clean, NULL) != CDG_OK || out.len || clean.replaced ||
	    clean.transcoded)
		r->bad = true;
	buf_fini(&out);
	*s = read_str(view, n);
	return !r->bad;
}

/* The same, of what a document need not have. */
static void
get_optional(rd *r, doc_str *s)
{
	if (get_utf8(r, s) && !s->n)
		s->p = NULL;
}

/* A read that consumed all and met nothing odd. */
static bool
get_all(const rd *r)
{
	return !r->bad && rd_left(r) == 0;
}

bool
wire_get_job(const void *p, size_t n, wire_job *job)
{
	rd r = rd_make(p, n);
	unsigned flags;

	memset(job, 0, sizeof *job);
	get_utf8(&r, &job->name);
	job->size = rd_varint(&r);
	job->limits.unpacked = rd_varint(&r);
	job->limits.member = rd_varint(&r);
	job->limits.text = rd_varint(&r);
	job->limits.documents = rd_varint(&r);
	flags = rd_u8(&r);
	job->scans = flags & 1;
	job->new_map = flags >> 1 & 1;
	if (job->new_map)
		wire_get_string(&r, &job->map);
	job->skip = rd_varint(&r);
	job->nbad = rd_varint32(&r);
	if (r.bad || job->nbad > WIRE_BAD_MAX)
		return false;
	for (unsigned i = 0; i < job->nbad; i++)
		job->bad[i] = rd_varint(&r);
	return get_all(&r) && job->size <= INT64_MAX && flags < 4;
}

bool
wire_get_member(const void *p, size_t n, uint64_t *number, doc_str *name)
{
	rd r = rd_make(p, n);

	*number = rd_varint(&r);
	return get_utf8(&r, name) && get_all(&r);
}

bool
wire_get_records(const void *p, size_t n, wire_records *out)
{
	rd r = rd_make(p, n);
	uint64_t format;

	memset(out, 0, sizeof *out);
	get_utf8(&r, &out->name);
	format = rd_varint(&r);
	wire_get_string(&r, &out->data);
	out->format = format == EXTRACT_CSV ? EXTRACT_CSV : EXTRACT_JSONL;
	return get_all(&r) && (format == EXTRACT_CSV || format == EXTRACT_JSONL);
}

bool
wire_get_problem(const void *p, size_t n, wire_problem *out)
{
	rd r = rd_make(p, n);

	memset(out, 0, sizeof *out);
	get_utf8(&r, &out->name);
	get_utf8(&r, &out->why);
	out->skipped = rd_u8(&r) == 1;
	return get_all(&r);
}

bool
wire_get_end(const void *p, size_t n, wire_end *e)
{
	rd r = rd_make(p, n);
	unsigned flags = rd_u8(&r);

	memset(e, 0, sizeof *e);
	e->hashed = flags & 1;
	e->retire = flags >> 1 & 1;
	e->no_memory = flags >> 2 & 1;
	e->hash = rd_u64(&r);
	get_utf8(&r, &e->failure);
	return get_all(&r) && flags < 8;
}

static void
get_date(rd *r, doc_date *d)
{
	d->day = (int32_t)rd_u32(r);
	d->precision = rd_u8(r);
	if (d->precision > DATE_DAY || d->day < date_day(1, 1, 1) || d->day > date_day(9999, 12, 31))
		r->bad = true;
}

static void
get_field(rd *r, doc_field *f)
{
	unsigned type;
	uint64_t bits;

	memset(f, 0, sizeof *f);
	get_utf8(r, &f->name);
	type = rd_u8(r);
	f->list = type & 4;
	f->type = type & 3;
	get_utf8(r, &f->string);
	if (f->type == DOC_NUMBER) {
		bits = rd_u64(r);
		memcpy(&f->number, &bits, sizeof bits);
		r->bad |= !isfinite(f->number);
	} else if (f->type == DOC_DATE) {
		get_date(r, &f->date);
	}
	r->bad |= type > 7 || f->type > DOC_DATE;
}

/* Room for n things of which each takes at least `least` bytes of what is left. */
static bool
get_room(rd *r, read_build *b, void *array, size_t *cap, uint64_t n, size_t least, size_t size)
{
	if (r->bad || n > rd_left(r) / least || n > WIRE_ARRAY / size) {
		r->bad = true;
		return false;
	}
	if (n && !mem_grow(array, cap, (size_t)n, size)) {
		b->failed = true;
		return false;
	}
	return true;
}

static void
get_fields(rd *r, read_build *b)
{
	uint64_t n = rd_varint(r);

	if (!get_room(r, b, &b->fields, &b->fields_cap, n, 3, sizeof *b->fields))
		return;
	for (size_t i = 0; i < n && !r->bad; i++)
		get_field(r, &b->fields[i]);
	b->doc.nfields = (size_t)n;
}

static void
get_sections(rd *r, read_build *b)
{
	uint64_t n = rd_varint(r), before = 0;

	if (!get_room(r, b, &b->sections, &b->sections_cap, n, 5, sizeof *b->sections))
		return;
	for (size_t i = 0; i < n && !r->bad; i++) {
		doc_section *s = &b->sections[i];
		uint64_t start = rd_varint(r), length = rd_varint(r);
		uint32_t level = rd_varint32(r);
		unsigned kind = rd_u8(r);

		get_utf8(r, &s->label);
		if (start < before || start > b->doc.text.n || length > b->doc.text.n - start || level > UINT16_MAX ||
		    kind >= TREE_KINDS)
			r->bad = true;
		before = start;
		s->start = (uint32_t)start;
		s->end = (uint32_t)(start + length);
		s->level = (uint16_t)level;
		s->kind = tree_kind_name(kind);
	}
	b->doc.nsections = (size_t)n;
}

static bool
get_document(rd r, read_build *b)
{
	document *d = &b->doc;
	doc_str warning;

	read_build_reset(b);
	get_optional(&r, &d->id);
	get_optional(&r, &d->title);
	get_optional(&r, &d->url);
	get_optional(&r, &d->lang);
	get_utf8(&r, &d->text);
	get_utf8(&r, &warning);
	d->has_date = rd_u8(&r) == 1;
	if (d->has_date)
		get_date(&r, &d->date);
	d->replaced = rd_varint(&r);
	if (!r.bad)
		get_fields(&r, b);
	if (!r.bad && !b->failed)
		get_sections(&r, b);
	if (!get_all(&r) || b->failed)
		return false;
	if (warning.n)
		read_build_warn(b, "%.*s", (int)min_size(warning.n, sizeof b->warning), warning.p);
	return read_build_finish(b);
}

bool
wire_get_document(const void *p, size_t n, read_build *b)
{
	return get_document(rd_make(p, n), b);
}

bool
wire_get_scan(const void *p, size_t n, wire_scan *scan, read_build *b)
{
	rd r = rd_make(p, n);

	read_build_reset(b);
	if (!get_utf8(&r, &scan->suffix) || !wire_get_string(&r, &scan->data) || scan->suffix.n < 2 || scan->suffix.n > 8 ||
	    scan->suffix.p[0] != '.')
		return false;
	for (size_t i = 1; i < scan->suffix.n; i++)
		if (scan->suffix.p[i] < 'a' || scan->suffix.p[i] > 'z')
			return false;
	return get_document(r, b);
}
