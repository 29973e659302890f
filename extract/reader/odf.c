/* odf.c - OpenDocument: ODT, ODS, ODP, ODG, their templates, the same in one flat XML
 * file, and what OpenOffice.org 1 wrote.
 *
 * One document.  Texts: headings are sections, with their numbers and those of lists as
 * part of the text; tables of kind table; notes behind their paragraph, of kind footnote;
 * pages where the file says that they begin.  Sheets: each a section, a row is a line,
 * with a tab between cells that have something in them, as they are shown.  Slides and
 * drawings: each a page, its title a section.  Behind the body: headers, footers, remarks.
 * Tracked deletions are no text.  Metadata: meta.xml. */
#include "extract/read_file.h"
#include "extract/reader/odf_walk.h"
#include "extract/reader/office.h"
#include "extract/reader/readers.h"

static cdg_status
odf_finish(extract_job *job, const extract_input *in, package *p, odf_walk *w, part_result result, cdg_error *err)
{
	read_build *b = w->b;

	odf_walk_end(w);
	meta_title_else(b, w->title.n ? w->title : w->out[0].c.first_heading);
	if (w->sheets && w->out[0].c.first_heading.n && b->doc.title.p == w->out[0].c.first_heading.p)
		b->doc.title = read_str("", 0); /* the name of a sheet */
	meta_title_else(b, read_file_name(in->name));
	part_warn(b, result);
	if (p)
		return office_give(job, in, p, w->format[0] ? w->format : "odf", err);
	return extract_give(job, in, w->format[0] ? w->format : "odf", err);
}

/* A language of en-US in the metadata is what the program was set to. */
static void
odf_plain_lang(read_build *b)
{
	if (b->doc.lang.n == 5 && memcmp(b->doc.lang.p, "en-US", 5) == 0)
		b->doc.lang = read_str(NULL, 0);
}

static cdg_status
odf_parts(odf_walk *w, package *p, const char *main_part, part_result *result, cdg_error *err)
{
	const char *parts[] = { "meta.xml", "styles.xml", main_part };

	for (size_t i = 0; i < countof(parts); i++) {
		long member = package_find(p, parts[i]);

		if (member >= 0)
			CDG_TRY(part_parse(p, (size_t)member, &odf_walk_reader, w, result, err));
		if (i == 0)
			odf_plain_lang(w->b);
		w->styles.style = NULL;
		w->styles.list = NULL;
	}
	return CDG_OK;
}

cdg_status
office_odf(extract_job *job, const extract_input *in, package *p, const char *main_part, cdg_error *err)
{
	read_build *b = extract_begin(job, in);
	odf_walk *w = mem_alloc(sizeof *w);
	part_result result = { false, false };
	cdg_status st;

	if (!w)
		return err_nomem(err);
	odf_walk_init(w, b, job->limits.text);
	st = odf_parts(w, p, main_part, &result, err);
	if (st == CDG_OK)
		st = odf_finish(job, in, p, w, result, err);
	odf_walk_fini(w);
	mem_free(w);
	return st;
}

cdg_status
extract_fodf(extract_job *job, const extract_input *in, cdg_error *err)
{
	read_build *b = extract_begin(job, in);
	odf_walk *w = mem_alloc(sizeof *w);
	part_result result = { false, false };
	cdg_status st;

	if (!w)
		return err_nomem(err);
	odf_walk_init(w, b, job->limits.text);
	st = part_parse_bytes(read_str(in->data, in->n), &odf_walk_reader, w, &result, err);
	odf_plain_lang(b);
	if (st == CDG_OK)
		st = odf_finish(job, in, NULL, w, result, err);
	odf_walk_fini(w);
	mem_free(w);
	return st;
}
