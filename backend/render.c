/* render.c - the printer: results to JSON, CSV, TREC runs and plain lists.  Text
 * for people is in render_text.c.
 *
 * Whatever documents hold, what comes out is valid UTF-8 and one line is one
 * line: no format lets a control character of a field break its frame.
 */
#include "backend/render.h"

#include <ctype.h>

static const char *const format_names[] = { "text", "json", "jsonl", "csv", "trec", "ids", "count" };

cdg_status
cdg_format_find(const char *name, cdg_format *out)
{
	for (size_t i = 0; name && i < countof(format_names); i++)
		if (!strcmp(name, format_names[i])) {
			*out = (cdg_format)i;
			return CDG_OK;
		}
	return CDG_E_ARG;
}

cdg_status
cdg_printer_new(cdg_format format, cdg_write_fn write, void *ctx, cdg_printer **out, cdg_error *err)
{
	cdg_printer *p;

	*out = NULL;
	if ((unsigned)format >= countof(format_names) || !write)
		return err_set(err, CDG_E_ARG, "cdg_printer_new: no such format, or no function to write to");
	p = mem_calloc(1, sizeof *p);
	if (!p || !(p->run_id = mem_strdup("cdgsearch"))) {
		mem_free(p);
		return err_nomem(err);
	}
	p->format = format;
	p->write = write;
	p->ctx = ctx;
	p->width = 80;
	*out = p;
	return CDG_OK;
}

void
cdg_printer_free(cdg_printer *p)
{
	if (!p)
		return;
	buf_fini(&p->out);
	mem_free(p->run_id);
	mem_free(p);
}

void
cdg_printer_set_color(cdg_printer *p, int on)
{
	p->color = on != 0;
}

void
cdg_printer_set_width(cdg_printer *p, unsigned width)
{
	p->width = width < 20 ? 20 : width > 1000 ? 1000 : width;
}

void
cdg_printer_set_batch(cdg_printer *p, int on)
{
	p->batch = on != 0;
}

/* A column of a TREC run: white space would make two of it. */
static void
put_column(buf *out, const char *s)
{
	if (!*s)
		buf_put_u8(out, '_');
	for (; *s; s++)
		buf_put_u8(out, isspace((unsigned char)*s) || iscntrl((unsigned char)*s) ? '_' : (uint8_t)*s);
}

cdg_status
cdg_printer_set_run_id(cdg_printer *p, const char *name, cdg_error *err)
{
	char *copy = mem_strdup(name ? name : "");

	if (!copy)
		return err_nomem(err);
	mem_free(p->run_id);
	p->run_id = copy;
	return CDG_OK;
}

/* ---- JSON ----------------------------------------------------------------- */

void
render_string(buf *out, const char *s)
{
	s = s ? s : "";
	api_put_json(out, s, strlen(s));
}

void
render_member(buf *out, const char *before, const char *value)
{
	buf_puts(out, before);
	render_string(out, value);
}

static void
put_field_value(buf *out, const api_field *f)
{
	if (f->type == DOCMETA_NUMBER)
		buf_puts(out, f->value ? f->value : "null");
	else
		render_string(out, f->value);
}

/* Values of one name are one member: an array if they came as a list, or are
 * several. */
void
render_fields(buf *out, const api_hit *h)
{
	buf_puts(out, "{");
	for (size_t i = 0, n; i < h->nfields; i += n) {
		const api_field *f = &h->fields[i];
		bool array;

		for (n = 1; i + n < h->nfields && !strcmp(f[n].name ? f[n].name : "", f->name ? f->name : "");)
			n++;
		array = f->list || n > 1;
		render_member(out, i ? "," : "", f->name);
		buf_puts(out, array ? ":[" : ":");
		for (size_t k = 0; k < n; k++) {
			if (k)
				buf_put_u8(out, ',');
			put_field_value(out, &f[k]);
		}
		if (array)
			buf_put_u8(out, ']');
	}
	buf_puts(out, "}");
}

/* A page label that is a number is one in JSON; xii is a string. */
void
render_page(buf *out, const char *page)
{
	size_t n = strlen(page);

	buf_puts(out, ",\"page\":");
	if (n < 10 && strspn(page, "0123456789") == n && (*page != '0' || n == 1))
		buf_puts(out, page);
	else
		render_string(out, page);
}

static void
put_snippet(buf *out, const api_snippet *s)
{
	render_member(out, "{\"html\":", s->html);
	render_member(out, ",\"text\":", s->text);
	buf_printf(out, ",\"start\":%llu,\"end\":%llu", (unsigned long long)s->start,
		   (unsigned long long)s->end);
	if (s->page && *s->page)
		render_page(out, s->page);
	if (s->nsections) {
		buf_puts(out, ",\"section\":[");
		for (size_t i = 0; i < s->nsections; i++)
			render_member(out, i ? "," : "", s->sections[i]);
		buf_puts(out, "]");
	}
	if (s->link)
		render_member(out, ",\"link\":", s->link);
	buf_puts(out, "}");
}

void
render_json_hit(buf *out, const api_hit *h, const char *qid)
{
	buf_puts(out, "{");
	if (qid) {
		render_member(out, "\"qid\":", qid);
		buf_puts(out, ",");
	}
	buf_printf(out, "\"rank\":%llu", (unsigned long long)h->rank);
	render_member(out, ",\"id\":", h->id);
	buf_puts(out, ",\"score\":");
	api_put_number(out, h->score, 9);
	render_member(out, ",\"title\":", h->title);
	if (h->title_html)
		render_member(out, ",\"title_html\":", h->title_html);
	render_member(out, ",\"date\":", h->date);
	render_member(out, ",\"url\":", h->url);
	if (h->link)
		render_member(out, ",\"link\":", h->link);
	for (size_t i = 0; i < h->ncopies; i++)
		render_member(out, i ? "," : ",\"copies\":[", h->copies[i]);
	if (h->ncopies)
		buf_puts(out, "]");
	render_member(out, ",\"lang\":", h->lang);
	buf_puts(out, ",\"fields\":");
	render_fields(out, h);
	buf_puts(out, ",\"snippets\":[");
	for (size_t i = 0; i < h->nsnippets; i++) {
		if (i)
			buf_put_u8(out, ',');
		put_snippet(out, &h->snippets[i]);
	}
	buf_puts(out, "]}");
}

static void
put_facets(buf *out, const cdg_results *r)
{
	const char *closing = "";

	buf_puts(out, ",\"facets\":{");
	for (size_t i = 0; i < r->nfacets; i++) {
		const api_facet *f = &r->facets[i];

		render_member(out, i ? "," : "", f->field);
		buf_puts(out, ":[");
		for (size_t k = 0; k < f->n; k++) {
			render_member(out, k ? ",{\"value\":" : "{\"value\":", f->values[k].value);
			buf_printf(out, ",\"count\":%llu}", (unsigned long long)f->values[k].count);
		}
		buf_puts(out, "]");
	}
	buf_puts(out, "}");
	for (size_t i = 0, n = 0; i < r->nfacets; i++) {
		if (!r->facets[i].missing)
			continue;
		render_member(out, n++ ? "," : ",\"facets_missing\":{", r->facets[i].field);
		buf_printf(out, ":%llu", (unsigned long long)r->facets[i].missing);
		closing = "}";
	}
	buf_puts(out, closing);
}

void
render_json(buf *out, const cdg_results *r)
{
	render_member(out, "{\"query\":", r->query);
	render_member(out, ",\"parsed\":", r->parsed);
	buf_printf(out, ",\"total\":%llu,\"total_exact\":%s,\"took_us\":%llu,%s\"warnings\":[",
		   (unsigned long long)r->total, r->total_exact ? "true" : "false",
		   (unsigned long long)r->took_us, r->timed_out ? "\"timed_out\":true," : "");
	for (size_t i = 0; i < r->nwarnings; i++)
		render_member(out, i ? "," : "", r->warnings[i]);
	buf_puts(out, "],");
	if (r->suggestion) {
		render_member(out, "\"suggestion\":", r->suggestion);
		buf_put_u8(out, ',');
	}
	buf_puts(out, "\"hits\":[");
	for (size_t i = 0; i < r->nhits; i++) {
		if (i)
			buf_put_u8(out, ',');
		render_json_hit(out, &r->hits[i], NULL);
	}
	buf_puts(out, "]");
	put_facets(out, r);
	if (r->explain && *r->explain)
		render_member(out, ",\"explain\":", r->explain);
	buf_puts(out, "}");
}

/* ---- CSV, TREC -------------------------------------------------------------- */

/* RFC 4180; a value that begins like a formula stays as it is, for the file is
 * data before it is a spreadsheet. */
void
render_csv(buf *out, const char *s, const char *after)
{
	s = s ? s : "";
	if (!strpbrk(s, "\",\r\n") && *s != ' ' && (!*s || s[strlen(s) - 1] != ' ')) {
		buf_puts(out, s);
	} else {
		buf_put_u8(out, '"');
		for (; *s; s++) {
			if (*s == '"')
				buf_put_u8(out, '"');
			buf_put_u8(out, (uint8_t)*s);
		}
		buf_put_u8(out, '"');
	}
	buf_puts(out, after);
}

static void
render_csv_hit(buf *out, const api_hit *h)
{
	buf_printf(out, "%llu,", (unsigned long long)h->rank);
	render_csv(out, h->id, ",");
	api_put_number(out, h->score, 9);
	buf_put_u8(out, ',');
	render_csv(out, h->title, ",");
	render_csv(out, h->date, ",");
	render_csv(out, h->lang, ",");
	render_csv(out, h->url, ",");
	render_csv(out, h->nsnippets ? h->snippets[0].text : "", "\r\n");
}

static void
render_trec_hit(const cdg_printer *p, buf *out, const api_hit *h, const char *qid)
{
	put_column(out, qid ? qid : "1");
	buf_puts(out, " Q0 ");
	put_column(out, h->id ? h->id : "");
	buf_printf(out, " %llu ", (unsigned long long)h->rank);
	api_put_number(out, h->score, 9);
	buf_put_u8(out, ' ');
	put_column(out, p->run_id);
	buf_put_u8(out, '\n');
}

/* An id is one line whatever is in it. */
static void
render_id(buf *out, const char *id)
{
	for (id = id ? id : ""; *id; id++)
		buf_put_u8(out, *id == '\n' || *id == '\r' ? ' ' : (uint8_t)*id);
	buf_put_u8(out, '\n');
}

/* ---- the printer -------------------------------------------------------------- */

static void
print_hit(cdg_printer *p, const api_hit *h, const char *qid)
{
	switch (p->format) {
	case CDG_FORMAT_TEXT: render_text_hit(p, h); break;
	case CDG_FORMAT_JSONL:
		render_json_hit(&p->out, h, qid);
		buf_put_u8(&p->out, '\n');
		break;
	case CDG_FORMAT_CSV: render_csv_hit(&p->out, h); break;
	case CDG_FORMAT_TREC: render_trec_hit(p, &p->out, h, qid); break;
	case CDG_FORMAT_IDS: render_id(&p->out, h->id); break;
	case CDG_FORMAT_JSON:
	case CDG_FORMAT_COUNT: break;
	}
}

cdg_status
cdg_printer_print(cdg_printer *p, const cdg_results *r, const char *qid, cdg_error *err)
{
	buf *out = &p->out;

	if (p->format == CDG_FORMAT_JSON) {
		render_json(out, r);
		buf_put_u8(out, '\n');
		return api_flush(out, p->write, p->ctx, err);
	}
	if (p->format == CDG_FORMAT_COUNT)
		buf_printf(out, "%llu\n", (unsigned long long)r->total);
	if (p->format == CDG_FORMAT_CSV && !p->header_done)
		buf_puts(out, "rank,id,score,title,date,lang,url,snippet\r\n");
	if (p->format == CDG_FORMAT_TEXT)
		render_text_head(p, r);
	p->header_done = true;
	for (size_t i = 0; i < r->nhits; i++) {
		print_hit(p, &r->hits[i], qid);
		CDG_TRY(api_flush_large(out, p->write, p->ctx, err));
	}
	if (p->format == CDG_FORMAT_TEXT)
		render_text_tail(p, r);
	return api_flush(out, p->write, p->ctx, err);
}
