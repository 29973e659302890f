/* render_view.c - the view of a document as JSON. */
#include "backend/api_view.h"
#include "backend/render.h"

static void
put_part(buf *out, const view_node *n, char letter, size_t i)
{
	buf_printf(out, "%s{\"id\":\"%c%zu\",\"kind\":\"%s\"", i ? "," : "", letter, i + 1, tree_kind_name(n->kind));
	render_member(out, ",\"label\":", n->label);
	buf_printf(out, ",\"depth\":%u,\"start\":%llu,\"end\":%llu,\"matches\":%llu", n->depth,
		   (unsigned long long)n->start, (unsigned long long)n->end, (unsigned long long)n->matches);
	if (n->page)
		render_page(out, n->page);
	buf_puts(out, "}");
}

static cdg_status
put_parts(buf *out, const char *name, const view_nodes *nodes, char letter, cdg_write_fn write, void *ctx,
	  cdg_error *err)
{
	buf_printf(out, ",\"%s_total\":%zu,\"%s\":[", name, nodes->total, name);
	for (size_t i = 0; i < nodes->n; i++) {
		put_part(out, &nodes->at[i], letter, i);
		CDG_TRY(api_flush_large(out, write, ctx, err));
	}
	buf_puts(out, "]");
	return CDG_OK;
}

static void
put_head(buf *out, const cdg_view *v)
{
	render_member(out, "{\"id\":", v->hit.id);
	render_member(out, ",\"title\":", v->hit.title);
	if (v->hit.title_html)
		render_member(out, ",\"title_html\":", v->hit.title_html);
	render_member(out, ",\"date\":", v->hit.date);
	render_member(out, ",\"url\":", v->hit.url);
	render_member(out, ",\"lang\":", v->hit.lang);
	buf_puts(out, ",\"fields\":");
	render_fields(out, &v->hit);
	render_member(out, ",\"query\":", v->r.query);
	render_member(out, ",\"parsed\":", v->r.parsed);
	buf_printf(out, ",\"took_us\":%llu,\"warnings\":[", (unsigned long long)v->took_us);
	for (size_t i = 0; i < v->r.nwarnings; i++)
		render_member(out, i ? "," : "", v->r.warnings[i]);
	buf_printf(out, "],\"length\":%llu,\"start\":%llu,\"end\":%llu,\"cut\":%s",
		   (unsigned long long)v->v.length, (unsigned long long)v->v.start, (unsigned long long)v->v.end,
		   v->v.cut ? "true" : "false");
	render_member(out, ",\"text\":", v->text);
}

static cdg_status
put_view(buf *out, const cdg_view *v, cdg_write_fn write, void *ctx, cdg_error *err)
{
	put_head(out, v);
	buf_printf(out, ",\"matches_total\":%llu,\"matches_first\":%llu,\"matches\":[",
		   (unsigned long long)v->v.total, (unsigned long long)v->v.first + 1);
	for (size_t i = 0; i < v->v.nmatches; i++) {
		buf_printf(out, "%s{\"start\":%llu,\"end\":%llu}", i ? "," : "",
			   (unsigned long long)v->v.matches[i].start, (unsigned long long)v->v.matches[i].end);
		CDG_TRY(api_flush_large(out, write, ctx, err));
	}
	buf_puts(out, "]");
	CDG_TRY(put_parts(out, "outline", &v->v.sections, 's', write, ctx, err));
	CDG_TRY(put_parts(out, "pages", &v->v.pages, 'p', write, ctx, err));
	buf_puts(out, "}\n");
	return api_flush(out, write, ctx, err);
}

cdg_status
cdg_view_write_json(const cdg_view *v, cdg_write_fn write, void *ctx, cdg_error *err)
{
	buf out = { 0 };
	cdg_status st = put_view(&out, v, write, ctx, err);

	buf_fini(&out);
	return st;
}
