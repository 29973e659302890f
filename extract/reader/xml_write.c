/* xml_write.c - see xml_write.h. */
#include "extract/reader/xml_write.h"

#include "engine/kind.h"
#include "extract/numbering.h"
#include "extract/read_file.h"
#include "extract/reader/xml_meta.h"

enum { XML_LONG = 80 /* text that is a paragraph rather than a line */ };

void
xml_writer_init(xml_writer *w, extract_job *job, const extract_input *in, cdg_error *err)
{
	memset(w, 0, sizeof *w);
	w->job = job;
	w->in = in;
	w->err = err;
	read_build_init(&w->html_build);
}

void
xml_writer_fini(xml_writer *w)
{
	for (size_t i = 0; i < countof(w->captures); i++)
		buf_fini(&w->captures[i].text);
	buf_fini(&w->number);
	buf_fini(&w->label);
	buf_fini(&w->lang);
	buf_fini(&w->notes);
	buf_fini(&w->html);
	read_build_fini(&w->html_build);
}

/* ---- rules ------------------------------------------------------------ */

static const xml_attribute *
write_attribute(const xml_attribute *atts, size_t natts, const char *name)
{
	for (size_t i = 0; i < natts; i++)
		if (strcmp(atts[i].name, name) == 0)
			return &atts[i];
	return NULL;
}

/* The conditions of a mapping that an element meets. */
static uint64_t
write_met(const xml_map *m, const char *element, const xml_attribute *atts, size_t natts)
{
	uint64_t met = 0;

	for (size_t i = 0; m && natts && i < m->nconditions; i++) {
		const xml_condition *c = &m->conditions[i];
		const xml_attribute *a;

		if (c->element && strcmp(c->element, element) != 0)
			continue;
		a = write_attribute(atts, natts, c->name);
		if (a && (!c->value || (a->n == strlen(c->value) && memcmp(a->value, c->value, a->n) == 0)))
			met |= (uint64_t)1 << i;
	}
	return met;
}

/* Whether elements up to the at-th of the stack fit the steps of r from `step` on. */
static bool
write_fits(const xml_writer *w, const xml_rule *r, unsigned which, unsigned step, unsigned at)
{
	if (step == r->nsteps)
		return !r->anchored || at == 0;
	for (; at; at--) {
		const xml_step *s = &r->steps[step];
		const xml_element *e = &w->stack[at - 1];

		if ((!s->name || strcmp(s->name, e->name) == 0) &&
		    (!s->condition || (which < 2 && (e->met[which] >> (s->condition - 1) & 1))) &&
		    write_fits(w, r, which, step + 1, at - 1))
			return true;
		if (step == 0 || !r->steps[step - 1].below)
			return false;
	}
	return false;
}

/* ---- captures --------------------------------------------------------- */

static void
write_capture(xml_writer *w, const xml_rule *rule, bool number)
{
	xml_capture *c;

	if (w->ncaptures == XML_CAPTURES)
		return;
	c = &w->captures[w->ncaptures++];
	c->rule = rule;
	c->number = number;
	c->depth = w->depth;
	c->text.len = 0;
}

static void
write_captured(xml_writer *w, const char *p, size_t n)
{
	unsigned muted = 0; /* the innermost that is ignored */

	for (unsigned d = w->depth; w->ignored && d && !muted; d--)
		muted = w->stack[d - 1].was_ignored ? d : 0;
	for (unsigned i = 0; i < w->ncaptures; i++) {
		buf *text = &w->captures[i].text;

		if (w->captures[i].depth >= muted)
			buf_put(text, p, min_size(n, XML_VALUE_MAX - text->len));
	}
}

/* Words of neighbouring elements do not touch. */
static void
write_capture_gap(xml_writer *w)
{
	if (w->ncaptures)
		write_captured(w, " ", 1);
}

/* ---- space ------------------------------------------------------------- */

static void
write_ask(xml_writer *w, compose_break how)
{
	if (w->glue && how > COMPOSE_SPACE)
		how = COMPOSE_SPACE;
	compose_ask(&w->c, how);
}

static void
write_ask_later(xml_writer *w)
{
	if (w->later)
		write_ask(w, w->later);
	w->later = COMPOSE_NONE;
}

/* In a table's cell, and in a label, there is no new line. */
static compose_break
write_soften(const xml_writer *w, compose_break how)
{
	for (unsigned i = w->depth; i > 1 && how > COMPOSE_SPACE; i--)
		if (w->stack[i - 2].action == XML_CELL || w->stack[i - 2].action == XML_LABEL ||
		    w->stack[i - 2].action == XML_NUMBER)
			return COMPOSE_SPACE;
	return how;
}

/* Footnotes stand behind the paragraph that they are in the middle of. */
static void
write_notes(xml_writer *w)
{
	const char *p = (const char *)w->notes.p, *end = p + w->notes.len;

	for (; p < end; p += strlen(p) + 1) {
		compose_ask(&w->c, COMPOSE_PARAGRAPH);
		compose_text(&w->c, p, strlen(p));
	}
	compose_ask(&w->c, COMPOSE_PARAGRAPH);
	w->notes.len = 0;
}

/* ---- documents --------------------------------------------------------- */

static void
write_begin_document(xml_writer *w)
{
	w->b = extract_begin(w->job, w->in);
	compose_init(&w->c, w->b);
	w->document = w->depth;
	w->later = COMPOSE_NONE;
	w->glue = false;
	w->label_of = 0;
	w->next_rank = 0;
	w->notes.len = 0;
	memset(w->order, 0, sizeof w->order);
	memset(w->ymd, 0, sizeof w->ymd);
	w->b->doc.replaced = w->replaced;
	w->replaced = 0;
	if (w->lang.len)
		w->b->doc.lang = read_build_copy(w->b, (const char *)w->lang.p, w->lang.len);
	for (const xml_constant *c = w->map->constants; c; c = c->next)
		read_build_known(w->b, read_build_key(c->field, strlen(c->field)), read_str(c->value, strlen(c->value)));
	for (const xml_constant *c = w->map->constants; c; c = c->next)
		if (read_build_key(c->field, strlen(c->field)) == READ_KEY_OTHER)
			read_build_string(w->b, read_str(c->field, strlen(c->field)),
					  read_str(c->value, strlen(c->value)), false);
}

static void
write_end_document(xml_writer *w)
{
	document *d = &w->b->doc;

	w->ncaptures = 0;
	if (w->notes.len)
		write_notes(w);
	w->ignored = w->notes_open = w->html_open = w->pre = 0;
	compose_end(&w->c);
	read_build_prune(w->b);
	xml_meta_finish(w);
	w->document = 0;
	if (w->too_deep)
		read_build_warn(w->b, "elements nested more than %d deep", XML_DEPTH);
	if (w->number.failed || w->label.failed || w->lang.failed || w->notes.failed || w->html.failed)
		w->b->failed = true;
	for (size_t i = 0; i < countof(w->captures); i++)
		if (w->captures[i].text.failed)
			w->b->failed = true;
	if (!d->title.n && d->nsections && w->b->sections[0].level == 1)
		d->title = w->b->sections[0].label;
	if (!d->title.n)
		d->title = read_file_name(w->in->name);
	w->documents++;
	w->status = w->b->failed ? err_nomem(w->err) : extract_give(w->job, w->in, "xml", w->err);
}

/* ---- sections and labels ------------------------------------------------ */

static void
write_set_label(xml_writer *w)
{
	buf all;
	doc_str label;

	if (!w->label_of)
		return;
	buf_init(&all);
	buf_put(&all, w->number.p, w->number.len);
	if (w->number.len && w->label.len)
		buf_puts(&all, " ");
	buf_put(&all, w->label.p, w->label.len);
	label = compose_collapse((char *)all.p, all.len);
	if (w->kind_from_label)
		w->b->sections[w->label_of - 1].kind = numbering_heading_kind(label);
	w->b->sections[w->label_of - 1].label = read_build_copy(w->b, label.p, label.n);
	if (all.failed)
		w->b->failed = true;
	buf_fini(&all);
}

static uint8_t
write_rank_around(const xml_writer *w)
{
	for (unsigned i = w->depth - 1; i; i--)
		if (w->stack[i - 1].rank)
			return w->stack[i - 1].rank;
	return 0;
}

static uint8_t
write_rank(xml_writer *w, const xml_rule *r, const xml_attribute *atts, size_t natts)
{
	unsigned rank = r->rank ? r->rank : write_rank_around(w) + 1u;

	if (r->action == XML_HEADING && w->next_rank) {
		rank = w->next_rank;
		w->next_rank = 0;
	}
	if (r->rank_from) {
		const xml_attribute *a = write_attribute(atts, natts, r->rank_from);

		if (a && a->n == 1 && a->value[0] >= '1' && a->value[0] <= '9')
			rank = (unsigned)(a->value[0] - '0');
	}
	return (uint8_t)(rank < READ_BUILD_RANKS ? rank : READ_BUILD_RANKS - 1);
}

static void
write_section(xml_writer *w, const xml_rule *r, const xml_attribute *atts, size_t natts)
{
	xml_element *e = &w->stack[w->depth - 1];
	const xml_attribute *a = r->label_from ? write_attribute(atts, natts, r->label_from) : NULL;
	uint8_t rank = write_rank(w, r, atts, natts);
	doc_str label = { "", 0 };

	w->glue = false;
	write_ask(w, strcmp(r->kind, tree_kind_name(TREE_PARAGRAPH)) == 0 ? COMPOSE_LINE : COMPOSE_PARAGRAPH);
	if (a) {
		label = read_str_trim(read_str(a->value, a->n));
		if (label.n && label.p[0] == '#') /* a reference to the person: its name is the best there is */
			label = read_str(label.p + 1, label.n - 1);
	}
	compose_section(&w->c, rank, r->kind, label);
	w->label_of = w->b->failed ? 0 : w->b->doc.nsections;
	w->label_end = w->b->text.len;
	w->kind_from_label = r->kind_from_label;
	w->number.len = 0;
	w->label.len = 0;
	buf_put(&w->label, label.p, label.n);
	if (r->action == XML_HEADING)
		write_capture(w, NULL, false);
	else
		e->rank = rank;
}

/* Number and label: of the section that is waiting for one, or mere text. */
static void
write_label(xml_writer *w, const xml_rule *r)
{
	bool number = r->action == XML_NUMBER;
	bool first = w->label_of && w->label_end == w->b->text.len;
	compose_break after = number || r->run_in ? COMPOSE_SPACE : COMPOSE_PARAGRAPH;

	for (unsigned i = 0; i < w->ncaptures; i++)
		first &= w->captures[i].rule != NULL; /* part of a label already */
	if (first)
		write_capture(w, NULL, number);
	write_ask(w, write_soften(w, number || r->run_in ? COMPOSE_SPACE : COMPOSE_LINE));
	w->stack[w->depth - 1].after = (uint8_t)after;
}

/* ---- elements ----------------------------------------------------------- */

static void
write_auto(xml_writer *w, xml_element *parent, xml_element *e)
{
	if (parent && parent->has_text) {
		e->action = XML_INLINE;
		return;
	}
	write_ask(w, write_soften(w, COMPOSE_LINE));
	e->after = (uint8_t)write_soften(w, COMPOSE_LINE);
	if (parent)
		parent->has_blocks = true;
}

static void
write_layout(xml_writer *w, const xml_rule *r, const xml_attribute *atts, size_t natts)
{
	xml_element *e = &w->stack[w->depth - 1], *parent = w->depth > 1 ? e - 1 : NULL;

	e->action = r ? r->action : w->map->otherwise;
	if (e->action != XML_INLINE)
		write_ask_later(w);
	if (r && r->html) {
		w->html.len = 0;
		w->html_open++;
		e->was_html = true;
		w->ignored++;
		e->was_ignored = true;
		return;
	}
	switch (e->action) {
	case XML_AUTO:
		write_auto(w, parent, e);
		break;
	case XML_PRE:
	case XML_BLOCK:
		w->pre += e->action == XML_PRE;
		e->was_pre = e->action == XML_PRE;
		e->after = (uint8_t)write_soften(w, COMPOSE_PARAGRAPH);
		write_ask(w, (compose_break)e->after);
		break;
	case XML_LINE:
		e->after = (uint8_t)write_soften(w, COMPOSE_LINE);
		write_ask(w, (compose_break)e->after);
		break;
	case XML_CELL:
		e->after = COMPOSE_TAB;
		write_ask(w, COMPOSE_TAB);
		break;
	case XML_NOTE:
		w->notes_open++;
		e->was_note = true;
		w->ignored++;
		e->was_ignored = true;
		break;
	case XML_IGNORE:
		w->ignored++;
		e->was_ignored = true;
		break;
	case XML_SECTION:
		e->after = COMPOSE_LINE;
		write_section(w, r, atts, natts);
		break;
	case XML_HEADING:
		e->after = COMPOSE_PARAGRAPH;
		write_section(w, r, atts, natts);
		break;
	case XML_MARK:
		write_ask(w, write_soften(w, COMPOSE_LINE));
		break;
	case XML_NUMBER:
	case XML_LABEL:
		write_label(w, r);
		break;
	default:
		break;
	}
	if (parent && e->action != XML_INLINE && e->action != XML_IGNORE)
		parent->has_blocks = true;
}

/* All rules for the top of the stack: returns that of its layout, and starts the values. */
static const xml_rule *
write_rules(xml_writer *w, const xml_attribute *atts, size_t natts)
{
	const xml_element *e = &w->stack[w->depth - 1];
	const xml_map *maps[3] = { w->map, w->map->like, w->common != w->map ? w->common : NULL };
	const xml_rule *layout = NULL;
	size_t n = strlen(e->name);

	/* what is common has a say in the metadata only where nothing else has */
	for (size_t i = 0; i < 2 * countof(maps); i++) {
		const xml_map *m = maps[i / 2];
		const xml_rule *r = !m ? NULL : i % 2 ? m->any : xml_map_rules(m, e->name, n);

		for (; r; r = r->next) {
			const xml_attribute *a;

			if ((r->action < XML_META ? layout != NULL : i >= 4) || !write_fits(w, r, i / 2, 0, w->depth))
				continue;
			if (r->action < XML_META) {
				layout = r;
				continue;
			}
			if (!w->document && r->action != XML_LANG)
				continue;
			if (!r->attribute)
				write_capture(w, r, false);
			else if ((a = write_attribute(atts, natts, r->attribute)))
				xml_meta_value(w, r, read_str(a->value, a->n));
		}
	}
	return layout;
}

static void
write_root_lang(xml_writer *w, const xml_attribute *atts, size_t natts)
{
	const xml_attribute *a = write_attribute(atts, natts, "lang");

	if (a && a->n <= 64)
		buf_put(&w->lang, a->value, a->n);
}

void
xml_open(xml_writer *w, const char *name, const xml_attribute *atts, size_t natts)
{
	xml_element *e;
	const xml_rule *layout;
	const xml_rule *r;

	if (w->depth == XML_DEPTH) {
		w->over++;
		w->too_deep = true;
		return;
	}
	e = &w->stack[w->depth++];
	memset(e, 0, sizeof *e);
	e->name = name;
	e->met[0] = write_met(w->map, name, atts, natts);
	e->met[1] = write_met(w->map->like, name, atts, natts);
	if (w->depth == 1)
		write_root_lang(w, atts, natts);
	if (!w->document) {
		bool begins = !w->map->has_documents;

		for (r = xml_map_rules(w->map, name, strlen(name)); r && !begins; r = r->next)
			begins = r->action == XML_DOCUMENT && write_fits(w, r, 0, 0, w->depth);
		if (!begins)
			return;
		write_begin_document(w);
	}
	if (w->ignored == 0)
		e->start = w->b->text.len;
	layout = write_rules(w, atts, natts);
	if (!layout || layout->action != XML_INLINE)
		write_capture_gap(w);
	if (w->ignored == 0) {
		write_layout(w, layout, atts, natts);
	} else if (layout && layout->action == XML_IGNORE) {
		w->stack[w->depth - 1].was_ignored = true;
		w->ignored++;
	} else if (w->notes_open == w->ignored && (!layout || layout->action != XML_INLINE)) {
		buf_puts(&w->notes, " ");
	}
}

static void
write_end_captures(xml_writer *w)
{
	while (w->ncaptures && w->captures[w->ncaptures - 1].depth >= w->depth) {
		xml_capture *c = &w->captures[--w->ncaptures];
		doc_str value = compose_collapse((char *)c->text.p, c->text.len);

		if (c->rule) {
			xml_meta_value(w, c->rule, value);
		} else if (value.n) {
			buf *to = c->number ? &w->number : &w->label;

			if (to->len)
				buf_puts(to, " ");
			buf_put(to, value.p, value.n);
			write_set_label(w);
			w->label_end = w->b->text.len;
		}
	}
}

/* Text that is itself HTML, as feeds have it. */
static void
write_html(xml_writer *w)
{
	read_build *b = &w->html_build;

	w->html_open--;
	if (w->html_open || w->ignored)
		return;
	read_build_reset(b);
	if (w->html.failed || !read_html(b, "", read_str((const char *)w->html.p, w->html.len))) {
		w->b->failed = true;
		return;
	}
	compose_ask(&w->c, COMPOSE_PARAGRAPH);
	compose_raw(&w->c, b->doc.text.p, b->doc.text.n);
	compose_ask(&w->c, COMPOSE_PARAGRAPH);
	w->glue = false;
}

static void
write_close_layout(xml_writer *w, xml_element *e)
{
	bool wrote = w->b->text.len > e->start;

	if (e->rank)
		compose_section_end(&w->c, e->rank);
	w->pre -= e->was_pre;
	if (e->action == XML_INLINE || e->was_ignored)
		return;
	write_ask_later(w);
	if ((e->action == XML_NUMBER || e->action == XML_MARK || (e->action == XML_LABEL && e->after == COMPOSE_SPACE)) && wrote) {
		compose_ask(&w->c, COMPOSE_SPACE);
		w->glue = true;
		return;
	}
	if (e->action == XML_AUTO) {
		if (e->after == COMPOSE_LINE && (e->has_blocks || w->b->text.len - e->start > XML_LONG))
			e->after = COMPOSE_PARAGRAPH;
		w->later = wrote ? (compose_break)e->after : COMPOSE_NONE;
		return;
	}
	write_ask(w, (compose_break)e->after);
	if (w->notes.len && e->after >= COMPOSE_LINE)
		write_notes(w);
}

void
xml_close(xml_writer *w)
{
	xml_element *e;

	if (w->over) {
		w->over--;
		return;
	}
	if (!w->depth)
		return;
	e = &w->stack[w->depth - 1];
	if (w->document) {
		write_end_captures(w);
		if (e->was_note) {
			buf_put_u8(&w->notes, 0);
			w->notes_open--;
		}
		w->ignored -= e->was_ignored;
		if (e->was_html)
			write_html(w);
		if (w->ignored == 0)
			write_close_layout(w, e);
		if (e->action != XML_INLINE)
			write_capture_gap(w);
		if (w->depth == w->document)
			write_end_document(w);
	}
	w->depth--;
}

static bool
write_is_blank(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!compose_is_space(p[i]))
			return false;
	return true;
}

void
xml_text(xml_writer *w, const char *p, size_t n)
{
	if (!w->document || !n)
		return;
	if (w->ncaptures)
		write_captured(w, p, n);
	if (w->ignored) {
		if (w->notes_open == w->ignored)
			buf_put(&w->notes, p, n);
		else if (w->html_open == w->ignored)
			buf_put(&w->html, p, n);
		return;
	}
	if (write_is_blank(p, n) && !w->pre) {
		compose_ask(&w->c, COMPOSE_SPACE);
		return;
	}
	w->later = COMPOSE_NONE; /* text goes on behind the element: it was inline */
	w->stack[w->depth - 1].has_text = true;
	w->glue = false;
	if (w->pre)
		compose_raw(&w->c, p, n);
	else
		compose_text(&w->c, p, n);
}

void
xml_finish(xml_writer *w, const char *warning)
{
	w->over = 0;
	while (w->depth && w->status == CDG_OK) {
		if (w->depth == w->document && warning[0])
			read_build_warn(w->b, "%s", warning);
		xml_close(w);
	}
}
