/* zip.c - what a zip is: an office document, an e-book, or a folder.
 *
 * Its members say so, whatever the file is called: [Content_Types].xml and the relation
 * to a main part (DOCX, PPTX, XLSX, their templates and those with macros), a member
 * "mimetype" (ODF, EPUB), META-INF/container.xml (EPUB), content.xml (ODF).  Everything
 * else is a folder. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memmem */
#endif
#include "extract/reader/office.h"

#include <strings.h>

#include "extract/reader/embedded.h"
#include "extract/reader/opc.h"
#include "extract/reader/readers.h"

enum {
	ZIP_MIMETYPE_MAX = 200,
	ZIP_MANIFEST_MAX = 4 << 20,
};

typedef struct zip_kind {
	office_reader *read; /* NULL: why says why it is not read; both NULL: a folder */
	const char *why;
	const char *main_part;
} zip_kind;

cdg_status
office_give(extract_job *job, const extract_input *in, package *p, const char *format, cdg_error *err)
{
	if (*package_trouble(p))
		read_build_warn(&job->builds[in->depth], "%s", package_trouble(p));
	CDG_TRY(extract_give(job, in, format, err));
	return embedded_package(job, in, p, err);
}

/* ---- OOXML --------------------------------------------------------------- */

static bool
zip_has_folder(const package *p, const char *folder)
{
	for (size_t i = 0; i < package_count(p); i++)
		if (strncasecmp(package_at(p, i)->name, folder, strlen(folder)) == 0)
			return true;
	return false;
}

/* By the relation of the package to its main part; by folders if that is missing. */
static cdg_status
zip_opc(package *p, zip_kind *kind, cdg_error *err)
{
	static const struct {
		const char *folder, *part;
		office_reader *read;
		const char *why;
	} known[] = {
		{ "word/", "word/document.xml", office_docx, NULL },
		{ "ppt/", "ppt/presentation.xml", office_pptx, NULL },
		{ "xl/", "xl/workbook.xml", office_xlsx, NULL },
		{ "visio/", "", NULL, "a Visio drawing: save it as PDF" },
		{ "Documents/", "", NULL, "an XPS document: save it as PDF" },
	};
	opc_rels rels;
	cdg_status st = opc_rels_read(&rels, p, "", err);
	long member = opc_rels_type(&rels, "officeDocument");
	const char *part = member >= 0 ? package_at(p, (size_t)member)->name : "";

	opc_rels_fini(&rels);
	for (size_t i = 0; i < countof(known) && st == CDG_OK; i++) {
		bool found = *part ? strncasecmp(part, known[i].folder, strlen(known[i].folder)) == 0
				   : zip_has_folder(p, known[i].folder);

		if (!found)
			continue;
		kind->read = known[i].read;
		kind->why = known[i].why;
		kind->main_part = *part ? part : known[i].part;
		if (kind->read && package_find(p, kind->main_part) < 0) {
			kind->read = NULL;
			kind->why = "an office document without its main part";
		}
		break;
	}
	return st;
}

/* ---- ODF and EPUB ---------------------------------------------------------- */

/* Is there a member of this name, with this word in it? */
static cdg_status
zip_member_says(package *p, const char *name, const char *word, bool *says, cdg_error *err)
{
	long member = package_find(p, name);
	cdg_status st = CDG_OK;
	buf text;

	buf_init(&text);
	if (member >= 0)
		st = package_read(p, (size_t)member, ZIP_MANIFEST_MAX, &text, err);
	*says = st == CDG_OK && text.len && memmem(text.p, text.len, word, strlen(word));
	buf_fini(&text);
	return st;
}

/* ODF: the member names the format, and is the first; the manifest tells what is locked. */
static cdg_status
zip_odf(package *p, zip_kind *kind, cdg_error *err)
{
	bool locked;

	*kind = (zip_kind){ office_odf, NULL, "content.xml" };
	CDG_TRY(zip_member_says(p, "META-INF/manifest.xml", "encryption-data", &locked, err));
	if (locked)
		*kind = (zip_kind){ NULL, "an office document that is encrypted with a password", "" };
	return CDG_OK;
}

/* EPUB: container.xml names the OPF file.  Fonts may be scrambled; a book whose texts are
 * encrypted is locked. */
static cdg_status
zip_epub(package *p, zip_kind *kind, cdg_error *err)
{
	bool locked;

	*kind = (zip_kind){ office_epub, NULL, "META-INF/container.xml" };
	CDG_TRY(zip_member_says(p, "META-INF/encryption.xml", "xmlenc#aes", &locked, err));
	if (locked)
		*kind = (zip_kind){ NULL, "an e-book that is protected against copying (DRM)", "" };
	return CDG_OK;
}

static bool
zip_begins(const buf *mime, const char *word)
{
	return mime->len >= strlen(word) && memcmp(mime->p, word, strlen(word)) == 0;
}

/* ---- the decision --------------------------------------------------------- */

static cdg_status
zip_tell_by(package *p, const buf *mime, zip_kind *kind, cdg_error *err)
{
	bool content = package_find(p, "content.xml") >= 0;

	if (package_find(p, "[Content_Types].xml") >= 0 || package_find(p, "_rels/.rels") >= 0)
		return zip_opc(p, kind, err);
	if (zip_begins(mime, "application/epub+zip") ||
	    (!mime->len && package_find(p, "META-INF/container.xml") >= 0))
		return zip_epub(p, kind, err);
	if (content && (zip_begins(mime, "application/vnd.oasis.opendocument.") ||
			zip_begins(mime, "application/vnd.sun.xml.") ||
			(!mime->len && package_find(p, "META-INF/manifest.xml") >= 0)))
		return zip_odf(p, kind, err);
	if (package_find(p, "Index/Document.iwa") >= 0 || package_find(p, "Index.zip") >= 0)
		kind->why = "an Apple iWork document: save it as PDF";
	return CDG_OK;
}

static cdg_status
zip_tell(package *p, zip_kind *kind, cdg_error *err)
{
	long member = package_find(p, "mimetype");
	cdg_status st = CDG_OK;
	buf mime;

	*kind = (zip_kind){ NULL, NULL, "" };
	buf_init(&mime);
	if (member >= 0)
		st = package_read(p, (size_t)member, ZIP_MIMETYPE_MAX, &mime, err);
	if (st == CDG_OK)
		st = zip_tell_by(p, &mime, kind, err);
	buf_fini(&mime);
	return st;
}

cdg_status
extract_zip(extract_job *job, const extract_input *in, cdg_error *err)
{
	package *p;
	zip_kind kind;
	cdg_status st;

	CDG_TRY(package_open(&p, job, in, err));
	st = zip_tell(p, &kind, err);
	if (st == CDG_OK && kind.read) {
		st = kind.read(job, in, p, kind.main_part, err);
	} else if (st == CDG_OK && kind.why) {
		st = extract_problem(job, in, false, err, "%s", kind.why);
	} else if (st == CDG_OK) {
		package_close(p);
		return extract_archive(job, in, err);
	}
	package_close(p);
	return st;
}
