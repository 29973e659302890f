/* pdf.c - PDF, page by page, by poppler.  See pdf.h for how a text is made of it.
 *
 * A page's label is its number from 1, which is what viewers understand behind
 * `#page=`.  Pages without text (scans) are counted and told of. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memmem */
#endif
#include "extract/reader/pdf.h"

#include <stdio.h>

#include "extract/numbering.h"
#include "extract/reader/readers.h"

enum {
	PDF_MISSING = 100, /* pages in a row that cannot be read: no more will come */
	PDF_LOOKS = 16,    /* pages without text that are asked for images */
};

/* Where text ought to be. */
typedef struct pdf_count {
	size_t empty, missing;
	int first[PDF_LOOKS]; /* of the empty ones */
	bool scanned;
} pdf_count;

/* An image is a stream, and the dictionaries of streams are never compressed. */
static bool
pdf_writes_image(const extract_input *in)
{
	static const char subtype[] = "/Subtype", image[] = "/Image";
	const char *p = in->data, *end = p + in->n;

	while ((p = memmem(p, (size_t)(end - p), subtype, sizeof subtype - 1)) != NULL) {
		p += sizeof subtype - 1;
		while (p < end && (*p == ' ' || *p == '\r' || *p == '\n' || *p == '\t'))
			p++;
		if ((size_t)(end - p) >= sizeof image - 1 && !memcmp(p, image, sizeof image - 1))
			return true;
	}
	return false;
}

static bool
pdf_has_image(PopplerDocument *doc, int number)
{
	PopplerPage *page = poppler_document_get_page(doc, number);
	GList *images = page ? poppler_page_get_image_mapping(page) : NULL;
	bool has = images != NULL;

	poppler_page_free_image_mapping(images);
	if (page)
		g_object_unref(page);
	return has;
}

static void
pdf_count_empty(pdf_count *count, int page)
{
	if (count->empty < PDF_LOOKS)
		count->first[count->empty] = page;
	count->empty++;
}

/* Pages that have no more than what repeats on others (a head, a stamp) have no text either. */
static void
pdf_count_bare(const pdf_text *t, pdf_count *count)
{
	for (size_t i = 0; i < t->npages; i++) {
		uint32_t k = t->pages[i].first, end = t->pages[i].end;

		if (k == end)
			continue;
		while (k < end && (t->lines[k].dropped || t->lines[k].apart))
			k++;
		if (k == end)
			pdf_count_empty(count, (int)i);
	}
}

/* Are pages without text scans?  Poppler unpacks an image to know of it, so where no page
 * has text the bytes are asked; they do not show images within the drawing of a page. */
static bool
pdf_scanned(const extract_input *in, PopplerDocument *doc, const pdf_text *t, const pdf_count *count)
{
	bool scanned = count->empty && !t->nlines && pdf_writes_image(in);

	for (size_t i = 0; i < min_size(count->empty, PDF_LOOKS) && !scanned; i++)
		scanned = pdf_has_image(doc, count->first[i]);
	return scanned;
}

/* All pages into t, as far as the limit of text allows. */
static void
pdf_pages(extract_job *job, const extract_input *in, PopplerDocument *doc, pdf_text *t, pdf_count *count, read_build *b)
{
	int n = poppler_document_get_n_pages(doc), missing = 0;

	for (int i = 0; i < n && missing < PDF_MISSING && !t->failed; i++) {
		PopplerPage *page = poppler_document_get_page(doc, i);
		size_t before = t->nlines;

		missing = page ? 0 : missing + 1;
		count->missing += page == NULL;
		pdf_text_page(t, page);
		if (page && t->nlines == before)
			pdf_count_empty(count, i);
		if (page)
			g_object_unref(page);
		if (t->text.len > job->limits.text || t->text.len > UINT32_MAX / 2) {
			read_build_warn(b, "text of %d of %d pages only: too much", i + 1, n);
			break;
		}
	}
	if (!t->nlines)
		count->scanned = pdf_scanned(in, doc, t, count);
	if (count->missing)
		read_build_warn(b, "%zu of %d pages cannot be read", count->missing, n);
}

/* Why there is no text; false: there is some. */
static bool
pdf_without_text(const pdf_text *t, const pdf_count *count, char *why, size_t size)
{
	if (t->nlines)
		return false;
	if (!t->npages || count->missing == t->npages)
		snprintf(why, size, "damaged: no page can be read");
	else if (count->scanned)
		snprintf(why, size, "scanned: %zu of %zu pages have no text: OCR is needed", count->empty, t->npages);
	else
		snprintf(why, size, "no text on any of %zu pages, and no image", t->npages);
	return true;
}

/* ---- files inside --------------------------------------------------------------- */

typedef struct pdf_attached {
	extract_job *job;
	const extract_input *in;
	buf data;
	cdg_status st;
	cdg_error *err;
} pdf_attached;

static gboolean
pdf_attached_bytes(const gchar *p, gsize n, gpointer ctx, GError **err)
{
	pdf_attached *a = ctx;

	(void)err;
	a->st = extract_charge(a->job, a->in, n, a->err);
	if (a->st != CDG_OK)
		return FALSE;
	buf_put(&a->data, p, n);
	return !a->data.failed;
}

static cdg_status
pdf_attachment(extract_job *job, const extract_input *in, PopplerAttachment *attachment, unsigned i, cdg_error *err)
{
	pdf_attached a = { .job = job, .in = in, .st = CDG_OK, .err = err };
	const char *name = poppler_attachment_get_name(attachment);
	bool whole = poppler_attachment_save_to_callback(attachment, pdf_attached_bytes, &a, NULL);
	extract_input inner = { .data = a.data.p ? (const char *)a.data.p : "", .n = a.data.len };
	char unnamed[32];

	snprintf(unnamed, sizeof unnamed, "attachment-%u", i + 1);
	if (a.data.failed)
		a.st = err_nomem(err);
	else if (a.st == CDG_OK && !whole && !a.data.len)
		a.st = extract_problem(job, in, false, err, "the attachment %s cannot be read", name ? name : unnamed);
	else if (a.st == CDG_OK)
		a.st = extract_member(job, in, name && *name ? name : unnamed, &inner, err);
	buf_fini(&a.data);
	return a.st;
}

static cdg_status
pdf_attachments(extract_job *job, const extract_input *in, PopplerDocument *doc, cdg_error *err)
{
	GList *list = poppler_document_has_attachments(doc) ? poppler_document_get_attachments(doc) : NULL;
	cdg_status st = CDG_OK;
	unsigned i = 0;

	for (GList *l = list; l && st == CDG_OK; l = l->next)
		st = pdf_attachment(job, in, l->data, i++, err);
	g_list_free_full(list, g_object_unref);
	return st;
}

/* ---- the file -------------------------------------------------------------------- */

/* A document that has text; what is lacking of it is listed, or read from pictures. */
static cdg_status
pdf_give(extract_job *job, const extract_input *in, PopplerDocument *doc, pdf_text *t, pdf_count *count, cdg_error *err)
{
	read_build *b = &job->builds[in->depth];
	size_t npages = t->npages, garbled = pdf_garbled(t);
	bool pictures;

	pdf_furniture(t);
	pdf_count_bare(t, count);
	count->scanned = pdf_scanned(in, doc, t, count);
	pictures = job->scans && count->scanned;
	if (count->empty && !count->scanned)
		read_build_warn(b, "empty: %zu of %zu pages have no text", count->empty, npages);
	pdf_flow(t, b);
	pdf_sections(doc, t, b);
	/* numbers go on over the pages that are still to come */
	b->failed |= !pictures && !numbering_sections(b);
	pdf_meta(doc, in, t, b);
	if (t->failed)
		return err_nomem(err);
	if (pictures)
		return extract_give_scan(job, in, "pdf", ".pdf", err);
	CDG_TRY(extract_give(job, in, "pdf", err));
	if (garbled)
		CDG_TRY(extract_problem(job, in, true, err, EXTRACT_PARTLY "the true text of %zu of %zu pages: it is garbled (fonts without an encoding, or a bad text behind a scan)",
					garbled, npages));
	if (!count->scanned)
		return CDG_OK;
	return extract_problem(job, in, true, err, EXTRACT_PARTLY "%zu of %zu pages: pictures without text: OCR is needed",
			       count->empty, npages);
}

static cdg_status
pdf_document(extract_job *job, const extract_input *in, PopplerDocument *doc, cdg_error *err)
{
	read_build *b = extract_begin(job, in);
	pdf_count count = { 0 };
	char why[200];
	pdf_text t;
	cdg_status st;

	pdf_text_init(&t);
	pdf_pages(job, in, doc, &t, &count, b);
	if (t.failed) {
		st = err_nomem(err);
	} else if (job->scans && !t.nlines && count.missing < t.npages) {
		pdf_meta(doc, in, &t, b);
		st = extract_give_scan(job, in, "pdf", ".pdf", err);
	} else if (pdf_without_text(&t, &count, why, sizeof why)) {
		st = extract_problem(job, in, false, err, "%s", why);
	} else {
		st = pdf_give(job, in, doc, &t, &count, err);
	}
	pdf_text_fini(&t);
	return st;
}

cdg_status
extract_pdf(extract_job *job, const extract_input *in, cdg_error *err)
{
	GBytes *bytes = g_bytes_new_static(in->data, in->n);
	GError *why = NULL;
	PopplerDocument *doc = poppler_document_new_from_bytes(bytes, NULL, &why);
	cdg_status st;

	if (!doc) {
		bool locked = g_error_matches(why, POPPLER_ERROR, POPPLER_ERROR_ENCRYPTED);

		st = extract_problem(job, in, false, err, "%s", locked ? "encrypted: needs a password" :
								 "damaged: not a PDF that can be read");
	} else {
		st = pdf_document(job, in, doc, err);
		if (st == CDG_OK)
			st = pdf_attachments(job, in, doc, err);
		g_object_unref(doc);
	}
	g_clear_error(&why);
	g_bytes_unref(bytes);
	return st;
}
