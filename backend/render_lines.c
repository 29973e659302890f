/* render_lines.c - concordances as text, JSON and CSV; the view of a document as text.
 *
 * In text the matches stand under one another: the width of the terminal is shared by
 * both sides, and a side that is too long is cut at its far end. */
#include "backend/api_lines.h"
#include "backend/api_view.h"
#include "backend/render.h"

/* ---- JSON and CSV ------------------------------------------------------------ */

static void
json_line(buf *out, const cdg_line *l)
{
	render_member(out, "{\"id\":", l->id);
	render_member(out, ",\"title\":", l->title);
	render_member(out, ",\"date\":", l->date);
	render_member(out, ",\"url\":", l->url);
	render_member(out, ",\"lang\":", l->lang);
	render_member(out, ",\"left\":", l->left);
	render_member(out, ",\"match\":", l->match);
	render_member(out, ",\"right\":", l->right);
	buf_printf(out, ",\"start\":%llu,\"end\":%llu", (unsigned long long)l->start, (unsigned long long)l->end);
	if (l->page && *l->page)
		render_page(out, l->page);
	if (l->section_count) {
		buf_puts(out, ",\"section\":[");
		for (size_t i = 0; i < l->section_count; i++)
			render_member(out, i ? "," : "", l->sections[i]);
		buf_puts(out, "]");
	}
	if (l->link && *l->link)
		render_member(out, ",\"link\":", l->link);
	buf_puts(out, "}");
}

static cdg_status
json_lines(cdg_printer *p, const cdg_lines *x, cdg_error *err)
{
	static const char *const orders[] = { "document", "left", "right" };
	buf *out = &p->out;

	render_member(out, "{\"query\":", x->r.query);
	render_member(out, ",\"parsed\":", x->r.parsed);
	buf_printf(out, ",\"order\":\"%s\",\"total\":%llu,\"total_exact\":%s,\"documents\":%llu", orders[x->order],
		   (unsigned long long)x->total, x->total_exact ? "true" : "false",
		   (unsigned long long)x->documents);
	if (x->order != CDG_LINES_DOCUMENT)
		buf_printf(out, ",\"sorted\":%llu", (unsigned long long)x->sorted);
	buf_printf(out, ",\"truncated\":%s,\"took_us\":%llu,\"warnings\":[", x->truncated ? "true" : "false",
		   (unsigned long long)x->took_us);
	for (size_t i = 0; i < x->r.nwarnings; i++)
		render_member(out, i ? "," : "", x->r.warnings[i]);
	buf_puts(out, "],\"lines\":[");
	for (size_t i = 0; i < x->n; i++) {
		cdg_line l = cdg_lines_at(x, i);

		if (i)
			buf_put_u8(out, ',');
		json_line(out, &l);
		CDG_TRY(api_flush_large(out, p->write, p->ctx, err));
	}
	buf_puts(out, "]}\n");
	return api_flush(out, p->write, p->ctx, err);
}

static void
csv_line(buf *out, const cdg_line *l)
{
	buf path = { 0 };

	for (size_t i = 0; i < l->section_count; i++) {
		if (i)
			buf_puts(&path, " > ");
		buf_puts(&path, l->sections[i] ? l->sections[i] : "");
	}
	render_csv(out, l->id, ",");
	render_csv(out, l->title, ",");
	render_csv(out, l->date, ",");
	render_csv(out, l->left, ",");
	render_csv(out, l->match, ",");
	render_csv(out, l->right, ",");
	render_csv(out, l->page, ",");
	render_csv(out, buf_cstr(&path), ",");
	buf_printf(out, "%llu,%llu,", (unsigned long long)l->start, (unsigned long long)l->end);
	render_csv(out, l->url, "\r\n");
	out->failed |= path.failed;
	buf_fini(&path);
}

/* ---- text ----------------------------------------------------------------------- */

/* The end of s that is at most `width` wide; *wide: how wide it is. */
static const char *
fit_end(const char *s, unsigned width, unsigned *wide)
{
	const char *at = s + strlen(s);

	*wide = 0;
	while (at > s) {
		const char *before = at - 1, *p;
		unsigned w;

		while (before > s && ((uint8_t)*before & 0xc0) == 0x80)
			before--;
		p = before;
		w = render_width(text_decode(&p, at));
		if (*wide + w > width)
			break;
		*wide += w;
		at = before;
	}
	return at;
}

/* Put the beginning of s, at most `width` wide; returns how wide it is. */
static unsigned
put_fit(cdg_printer *p, const char *s, unsigned width)
{
	const char *end = s + strlen(s), *at = s;
	unsigned wide = 0;

	while (at < end) {
		const char *from = at;
		uint32_t c = text_decode(&at, end);
		unsigned w = render_width(c);

		if (wide + w > width)
			break;
		wide += w;
		if (render_is_control(c))
			buf_put_u8(&p->out, ' ');
		else
			buf_put(&p->out, from, (size_t)(at - from));
	}
	return wide;
}

static void
text_line(cdg_printer *p, const cdg_line *l)
{
	unsigned id_width = p->width / 5 < 16 ? p->width / 5 : 16, room = p->width - id_width - 2;
	unsigned side = room * 9 / 20, wide, used;
	const char *left;

	render_style(p, RENDER_DIM);
	used = put_fit(p, fit_end(l->id, id_width, &wide), id_width);
	render_style(p, RENDER_PLAIN);
	left = fit_end(l->left, side, &wide);
	buf_printf(&p->out, "%*s", (int)(id_width - used + 1 + side - wide), "");
	put_fit(p, left, wide);
	render_style(p, RENDER_MATCH);
	used = put_fit(p, l->match, room - side);
	render_style(p, RENDER_PLAIN);
	put_fit(p, l->right, room - side - used);
	buf_put_u8(&p->out, '\n');
}

cdg_status
cdg_printer_print_lines(cdg_printer *p, const cdg_lines *x, cdg_error *err)
{
	if (p->format == CDG_FORMAT_JSON)
		return json_lines(p, x, err);
	if (p->format != CDG_FORMAT_TEXT && p->format != CDG_FORMAT_CSV)
		return err_set(err, CDG_E_ARG, "a concordance is printed as text, json or csv");
	if (p->format == CDG_FORMAT_CSV)
		buf_puts(&p->out, "id,title,date,left,match,right,page,section,start,end,url\r\n");
	else
		buf_printf(&p->out, "%s%llu occurrence%s in %llu document%s\n\n", x->total_exact ? "" : "at least ",
			   (unsigned long long)x->total, x->total == 1 ? "" : "s", (unsigned long long)x->documents,
			   x->documents == 1 ? "" : "s");
	for (size_t i = 0; i < x->n; i++) {
		cdg_line l = cdg_lines_at(x, i);

		if (p->format == CDG_FORMAT_CSV)
			csv_line(&p->out, &l);
		else
			text_line(p, &l);
		CDG_TRY(api_flush_large(&p->out, p->write, p->ctx, err));
	}
	return api_flush(&p->out, p->write, p->ctx, err);
}

/* ---- a document ---------------------------------------------------------------------- */

/* Where a match begins or ends: in colour, or between asterisks. */
static void
put_mark(cdg_printer *p, bool begin)
{
	if (p->color)
		render_style(p, begin ? RENDER_MATCH : RENDER_PLAIN);
	else
		buf_puts(&p->out, "**");
}

static cdg_status
text_body(cdg_printer *p, const cdg_view *v, cdg_error *err)
{
	const char *at = v->text ? v->text : "", *end = at + strlen(at);
	size_t m = 0;
	bool open = false;

	for (uint64_t cp = v->v.start; at < end; cp++) {
		const char *from = at;
		uint32_t c = text_decode(&at, end);

		if (open && v->v.matches[m].end <= cp) {
			put_mark(p, false);
			open = false;
		}
		while (!open && m < v->v.nmatches && v->v.matches[m].end <= cp)
			m++;
		if (!open && m < v->v.nmatches && v->v.matches[m].start <= cp) {
			put_mark(p, true);
			open = true;
		}
		if (c != '\n' && c != '\t' && render_is_control(c))
			buf_put_u8(&p->out, ' ');
		else
			buf_put(&p->out, from, (size_t)(at - from));
		CDG_TRY(api_flush_large(&p->out, p->write, p->ctx, err));
	}
	if (open)
		put_mark(p, false);
	if (!p->out.len || p->out.p[p->out.len - 1] != '\n')
		buf_put_u8(&p->out, '\n');
	return api_flush(&p->out, p->write, p->ctx, err);
}

cdg_status
cdg_printer_print_view(cdg_printer *p, const cdg_view *v, cdg_error *err)
{
	if (p->format == CDG_FORMAT_JSON)
		return cdg_view_write_json(v, p->write, p->ctx, err);
	if (p->format != CDG_FORMAT_TEXT)
		return err_set(err, CDG_E_ARG, "a document is printed as text or json");
	render_text_title(p, &v->hit);
	if (*v->r.query || v->v.total)
		buf_printf(&p->out, "    %llu match%s\n", (unsigned long long)v->v.total, v->v.total == 1 ? "" : "es");
	buf_put_u8(&p->out, '\n');
	return text_body(p, v, err);
}
