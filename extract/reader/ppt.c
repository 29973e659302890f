/* ppt.c - PowerPoint 97 to 2003 (.ppt, .pps, .pot).
 *
 * One document, as pptx.c makes it: slide by slide, each a page with its number; its title is
 * a section; its comments and the speaker's notes follow.  Dates, footers and numbers that
 * stand on every slide are left out.  Metadata from the summaries.
 *
 * The file is a stream of records in records.  Each time it was saved, what changed was put
 * behind what there was, with a table of where the parts now stand; the newest entry counts.
 * Where these tables are lost, all text is read in the order of the file. */
#include <stdio.h>

#include "engine/kind.h"
#include "extract/compose.h"
#include "extract/reader/codepage.h"
#include "extract/reader/meta.h"
#include "extract/reader/embedded.h"
#include "extract/reader/office_old.h"

enum {
	P_DOCUMENT = 0x3e8,
	P_SLIDE_ATOM = 0x3ef,
	P_SLIDE_PLACE = 0x3f3,
	P_MASTER = 0x3f8,
	P_HOLDER = 0xbc3,
	P_OUTLINE_REF = 0xf9e,
	P_TEXT_HEADER = 0xf9f,
	P_TEXT_WIDE = 0xfa0,
	P_TEXT = 0xfa8,
	P_STRING = 0xfba,
	P_SLIDES = 0xff0,
	P_EDIT = 0xff5,
	P_OBJECT = 0x1011, /* one of another program */
	P_TAG_DATA = 0x138b,
	P_PLACES = 0x1772,
	P_COMMENT = 0x2ee0,
	P_SHAPE = 0xf004,

	PPT_DEPTH = 24,
	PPT_SLIDES = 20000,
	PPT_EDITS = 10000,
	PPT_PARTS = 1 << 20, /* numbers of parts have 20 bits */
	PPT_ITEMS = 4000
};

enum { TEXT_TITLE = 0, TEXT_NOTES = 2, TEXT_CENTER_TITLE = 6, TEXT_OTHER = 4 };

typedef struct ppt_record {
	uint16_t type;
	uint16_t instance;
	bool holds; /* records */
	size_t at, end;
} ppt_record;

/* A text that the outline has, and a shape of the slide refers to. */
typedef struct ppt_item {
	uint32_t type;
	size_t at, end;
	bool wide, used;
} ppt_item;

typedef struct ppt_slide {
	uint32_t part, id;
	size_t at, end; /* its outline */
} ppt_slide;

typedef struct ppt_slides {
	ppt_slide *slides;
	size_t n, cap;
} ppt_slides;

typedef struct ppt {
	ole *o;
	read_build *b;
	compose c;
	buf stream, utf8;
	uint64_t *parts; /* 1 + where each is; 0: unknown */
	ppt_slides slides, notes;
	ppt_item items[PPT_ITEMS];
	size_t nitems;
	bool in_notes;
	uint32_t text_type, holder, notes_id;
	bool nomem;
} ppt;

/* ---- records -------------------------------------------------------------------------- */

static bool
ppt_next(ppt *x, size_t *at, size_t end, ppt_record *r)
{
	const uint8_t *p;

	end = min_size(end, x->stream.len);
	if (*at > end || end - *at < 8)
		return false;
	p = x->stream.p + *at;
	r->instance = load_u16(p) >> 4;
	r->holds = (load_u16(p) & 0xf) == 0xf;
	r->type = load_u16(p + 2);
	r->at = *at + 8;
	if (load_u32(p + 4) > end - r->at)
		x->o->damaged = true;
	r->end = r->at + min_size(load_u32(p + 4), end - r->at);
	*at = r->end;
	return true;
}

static uint32_t
ppt_u32(const ppt *x, const ppt_record *r, size_t at)
{
	return r->end - r->at >= at + 4 ? load_u32(x->stream.p + r->at + at) : 0;
}

/* ---- text ----------------------------------------------------------------------------- */

static void
ppt_text(ppt *x, size_t at, size_t end, bool wide, bool title)
{
	size_t n = (end - at) / (wide ? 2 : 1);
	const uint8_t *p = x->stream.p + at;

	compose_ask(&x->c, COMPOSE_PARAGRAPH);
	if (title)
		compose_heading_begin(&x->c, 1, tree_kind_name(TREE_SECTION));
	for (size_t i = 0, from = 0; i <= n; i++) {
		uint16_t c = i == n ? '\r' : wide ? load_u16(p + 2 * i) : p[i];

		if (c >= ' ' || c == '\t')
			continue;
		x->utf8.len = 0;
		if (wide)
			utf16_utf8(&x->utf8, p + 2 * from, i - from);
		else
			for (size_t k = from; k < i; k++)
				utf16_put(&x->utf8, p[k]);
		if (x->utf8.len)
			compose_text(&x->c, (const char *)x->utf8.p, x->utf8.len);
		if (i < n)
			compose_ask(&x->c, title ? COMPOSE_SPACE : COMPOSE_LINE);
		from = i + 1;
	}
	if (title)
		compose_heading_end(&x->c);
	compose_ask(&x->c, COMPOSE_PARAGRAPH);
}

/* Of a shape: what stands on every slide is left out, and all but the notes in notes. */
static void
ppt_shape_text(ppt *x, uint32_t type, size_t at, size_t end, bool wide)
{
	bool everywhere = x->holder >= 7 && x->holder <= 10;
	bool field = end - at == (wide ? 2 : 1) && x->stream.p[at] == '*'; /* a date or number in its place */

	if (everywhere || field || (x->in_notes && type != TEXT_NOTES))
		return;
	ppt_text(x, at, end, wide, !x->in_notes && (type == TEXT_TITLE || type == TEXT_CENTER_TITLE));
}

static void
ppt_outline_ref(ppt *x, uint32_t i)
{
	ppt_item *item;

	if (x->in_notes || i >= x->nitems || x->items[i].used)
		return;
	item = &x->items[i];
	item->used = true;
	ppt_shape_text(x, item->type, item->at, item->end, item->wide);
}

static void
ppt_comment(ppt *x, const ppt_record *all)
{
	size_t at = all->at;
	ppt_record r;

	while (ppt_next(x, &at, all->end, &r))
		if (r.type == P_STRING && r.instance == 1) {
			compose_ask(&x->c, COMPOSE_PARAGRAPH);
			compose_raw(&x->c, "[Comment] ", 10);
			compose_ask(&x->c, COMPOSE_NONE);
			x->utf8.len = 0;
			utf16_utf8(&x->utf8, x->stream.p + r.at, (r.end - r.at) / 2);
			if (x->utf8.len)
				compose_text(&x->c, (const char *)x->utf8.p, x->utf8.len);
			compose_ask(&x->c, COMPOSE_PARAGRAPH);
		}
}

static void ppt_walk(ppt *x, size_t at, size_t end, unsigned depth);

static void
ppt_record_read(ppt *x, const ppt_record *r, unsigned depth)
{
	switch (r->type) {
	case P_MASTER: /* "Click to edit ..." */
		break;
	case P_SLIDE_ATOM:
		x->notes_id = ppt_u32(x, r, 16);
		break;
	case P_HOLDER:
		x->holder = r->end - r->at >= 5 ? x->stream.p[r->at + 4] : 0;
		break;
	case P_TEXT_HEADER:
		x->text_type = ppt_u32(x, r, 0);
		break;
	case P_TEXT:
	case P_TEXT_WIDE:
		ppt_shape_text(x, x->text_type, r->at, r->end, r->type == P_TEXT_WIDE);
		break;
	case P_OUTLINE_REF:
		ppt_outline_ref(x, ppt_u32(x, r, 0));
		break;
	case P_COMMENT:
		ppt_comment(x, r);
		break;
	default:
		if (r->type == P_SHAPE) {
			x->holder = 0;
			x->text_type = TEXT_OTHER;
		}
		if ((r->holds || r->type == P_TAG_DATA) && depth < PPT_DEPTH)
			ppt_walk(x, r->at, r->end, depth + 1);
	}
}

static void
ppt_walk(ppt *x, size_t at, size_t end, unsigned depth)
{
	ppt_record r;

	while (x->b->text.len <= x->o->job->limits.text && ppt_next(x, &at, end, &r))
		ppt_record_read(x, &r, depth);
}

/* ---- where the parts are -------------------------------------------------------------- */

static void
ppt_places(ppt *x, const ppt_record *r)
{
	rd all = rd_make(x->stream.p + r->at, r->end - r->at);

	while (rd_left(&all) >= 4) {
		uint32_t head = rd_u32(&all), id = head & 0xfffff;

		for (uint32_t n = head >> 20; n && rd_left(&all) >= 4; n--, id++) {
			uint32_t at = rd_u32(&all);

			if (id < PPT_PARTS && !x->parts[id])
				x->parts[id] = (uint64_t)at + 1;
		}
	}
}

/* Edits, the newest first; *doc: the number of the document.  False: encrypted. */
static cdg_status
ppt_edits(ppt *x, size_t at, uint32_t *doc, bool *locked, cdg_error *err)
{
	for (unsigned i = 0; i < PPT_EDITS; i++) {
		size_t next = at, place;
		ppt_record r, places;

		if (!at || !ppt_next(x, &next, x->stream.len, &r) || r.type != P_EDIT) {
			x->o->damaged |= at != 0;
			return CDG_OK;
		}
		*locked |= ppt_u32(x, &r, 28) != 0;
		if (!i)
			*doc = ppt_u32(x, &r, 16);
		place = ppt_u32(x, &r, 12);
		if (ppt_next(x, &place, x->stream.len, &places) && places.type == P_PLACES) {
			CDG_TRY(extract_charge(x->o->job, x->o->in, places.end - places.at, err));
			ppt_places(x, &places);
		}
		next = ppt_u32(x, &r, 8);
		if (next >= at)
			return CDG_OK;
		at = next;
	}
	return CDG_OK;
}

/* A part by its number; false: it is not there. */
static bool
ppt_part(ppt *x, uint32_t id, ppt_record *r)
{
	size_t at = id < PPT_PARTS ? (size_t)x->parts[id] : 0;

	return at-- && ppt_next(x, &at, x->stream.len, r) && r->holds;
}

static void
ppt_list(ppt *x, ppt_slides *to, const ppt_record *all)
{
	size_t at = all->at;
	ppt_record r;

	while (ppt_next(x, &at, all->end, &r) && !x->nomem) {
		if (r.type != P_SLIDE_PLACE) {
			if (to->n)
				to->slides[to->n - 1].end = r.end;
			continue;
		}
		if (to->n == PPT_SLIDES)
			return;
		if (!mem_grow(&to->slides, &to->cap, to->n + 1, sizeof *to->slides)) {
			x->nomem = true;
			return;
		}
		to->slides[to->n++] = (ppt_slide){ ppt_u32(x, &r, 0), ppt_u32(x, &r, 12), r.end, r.end };
	}
}

static bool
ppt_lists(ppt *x, uint32_t doc)
{
	ppt_record all, r;
	size_t at;

	if (!ppt_part(x, doc, &all) || all.type != P_DOCUMENT)
		return false;
	at = all.at;
	while (ppt_next(x, &at, all.end, &r))
		if (r.type == P_SLIDES && r.instance != 1) /* 1: masters */
			ppt_list(x, r.instance ? &x->notes : &x->slides, &r);
	return true;
}

/* ---- slides --------------------------------------------------------------------------- */

static void
ppt_outline(ppt *x, const ppt_slide *s)
{
	size_t at = s->at;
	uint32_t type = TEXT_OTHER;
	bool begun = false;
	ppt_record r;

	x->nitems = 0;
	while (ppt_next(x, &at, s->end, &r) && x->nitems < PPT_ITEMS) {
		if (r.type == P_TEXT_HEADER) {
			/* one without text counts too */
			type = ppt_u32(x, &r, 0);
			x->items[x->nitems++] = (ppt_item){ .type = type, .at = r.end, .end = r.end };
			begun = true;
		} else if (begun && (r.type == P_TEXT || r.type == P_TEXT_WIDE)) {
			x->items[x->nitems - 1] = (ppt_item){ type, r.at, r.end, r.type == P_TEXT_WIDE, false };
			begun = false;
		}
	}
}

static cdg_status
ppt_notes(ppt *x, cdg_error *err)
{
	ppt_record r;

	for (size_t i = 0; x->notes_id && i < x->notes.n; i++) {
		if (x->notes.slides[i].id != x->notes_id || !ppt_part(x, x->notes.slides[i].part, &r))
			continue;
		CDG_TRY(extract_charge(x->o->job, x->o->in, r.end - r.at, err));
		x->in_notes = true;
		ppt_walk(x, r.at, r.end, 0);
		x->in_notes = false;
		break;
	}
	return CDG_OK;
}

static cdg_status
ppt_slide_read(ppt *x, size_t i, cdg_error *err)
{
	const ppt_slide *s = &x->slides.slides[i];
	char label[24];
	int n = snprintf(label, sizeof label, "%zu", i + 1);
	ppt_record r;

	compose_section_end(&x->c, 1);
	compose_ask(&x->c, COMPOSE_PARAGRAPH);
	compose_page(&x->c, read_str(label, (size_t)n));
	ppt_outline(x, s);
	x->notes_id = 0;
	if (ppt_part(x, s->part, &r)) {
		CDG_TRY(extract_charge(x->o->job, x->o->in, r.end - r.at, err));
		ppt_walk(x, r.at, r.end, 0);
	}
	x->holder = 0;
	for (size_t k = 0; k < x->nitems; k++)
		ppt_outline_ref(x, (uint32_t)k);
	return ppt_notes(x, err);
}

/* What other programs made stands on its own between the slides, packed or not. */
static cdg_status
ppt_objects(ppt *x, const extract_input *in, cdg_error *err)
{
	size_t at = 0;
	unsigned n = 0;
	ppt_record r;
	char name[32];

	while (n < EMBEDDED_MOST && ppt_next(x, &at, x->stream.len, &r)) {
		const char *data = (const char *)x->stream.p + r.at;

		if (r.type != P_OBJECT)
			continue;
		snprintf(name, sizeof name, "object-%u", ++n);
		if (r.instance)
			CDG_TRY(embedded_packed(x->o->job, in, name, data, r.end - r.at, err));
		else
			CDG_TRY(embedded_file(x->o->job, in, name, data, r.end - r.at, err));
	}
	return CDG_OK;
}

static cdg_status
ppt_read(ppt *x, long storage, const extract_input *in, cdg_error *err)
{
	uint32_t doc = 0;
	bool locked = false;
	cdg_status st;
	buf user;

	CDG_TRY(ole_read(x->o, ole_find(x->o, storage, "PowerPoint Document"), &x->stream, err));
	buf_init(&user);
	st = ole_read(x->o, ole_find(x->o, storage, "Current User"), &user, err);
	if (st == CDG_OK && user.len >= 20) {
		locked = load_u32(user.p + 12) == 0xf3d1c4df;
		st = ppt_edits(x, load_u32(user.p + 16), &doc, &locked, err);
	}
	buf_fini(&user);
	CDG_TRY(st);
	if (locked)
		return extract_problem(x->o->job, in, false, err, "a presentation that is encrypted with a password");
	CDG_TRY(ole_meta(x->o, storage, x->b, err));
	if (ppt_lists(x, doc)) {
		for (size_t i = 0; i < x->slides.n; i++)
			CDG_TRY(ppt_slide_read(x, i, err));
	} else {
		x->o->damaged = true;
		ppt_walk(x, 0, x->stream.len, 0);
	}
	if (x->nomem || x->utf8.failed)
		return err_nomem(err);
	compose_end(&x->c);
	meta_title_else(x->b, x->c.first_heading);
	CDG_TRY(office_old_give(x->o, in, "ppt", err));
	return ppt_objects(x, in, err);
}

cdg_status
office_ppt(ole *o, long storage, const extract_input *in, cdg_error *err)
{
	ppt *x = mem_calloc(1, sizeof *x);
	cdg_status st;

	if (!x)
		return err_nomem(err);
	x->o = o;
	x->b = extract_begin(o->job, in);
	x->text_type = TEXT_OTHER;
	x->parts = mem_calloc(PPT_PARTS, sizeof *x->parts);
	compose_init(&x->c, x->b);
	st = x->parts ? ppt_read(x, storage, in, err) : err_nomem(err);
	buf_fini(&x->stream);
	buf_fini(&x->utf8);
	mem_free(x->parts);
	mem_free(x->slides.slides);
	mem_free(x->notes.slides);
	mem_free(x);
	return st;
}
