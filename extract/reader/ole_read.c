/* ole_read.c - compound files: which of the old office formats one is, its streams say. */
#include "extract/read_file.h"
#include "extract/reader/meta.h"
#include "extract/reader/office_old.h"
#include "extract/reader/readers.h"

typedef struct ole_kind {
	const char *stream;
	office_old_reader *read; /* NULL: it is not read */
	bool skipped;
	const char *why;
} ole_kind;

static const ole_kind ole_kinds[] = {
	{ "EncryptedPackage", NULL, false, "an office document that is encrypted with a password" },
	{ "WordDocument", office_doc, false, NULL },
	{ "Workbook", office_xls, false, NULL },
	{ "Book", office_xls, false, NULL },
	{ "PowerPoint Document", office_ppt, false, NULL },
	{ "PP40", NULL, true, "a presentation of PowerPoint 95 or older: save it as .pptx or PDF" },
	{ "__properties_version1.0", office_msg, false, NULL },
	{ "VisioDocument", NULL, true, "a Visio drawing: save it as PDF" },
	{ "Quill", NULL, true, "a Publisher document: save it as PDF" },
	{ "FileHeader", NULL, true, "a document of Hangul: save it as .docx or PDF" },
};

cdg_status
office_old_give(ole *o, const extract_input *in, const char *format, cdg_error *err)
{
	read_build *b = &o->job->builds[in->depth];

	meta_title_else(b, read_file_name(in->name));
	if (o->damaged)
		read_build_warn(b, "damaged or cut off: parts of it may be missing");
	return extract_give(o->job, in, format, err);
}

cdg_status
office_old_choose(ole *o, long storage, const extract_input *in, cdg_error *err)
{
	for (size_t i = 0; i < countof(ole_kinds); i++) {
		const ole_kind *k = &ole_kinds[i];

		if (ole_find(o, storage, k->stream) == OLE_NONE)
			continue;
		return k->read ? k->read(o, storage, in, err) : extract_problem(o->job, in, k->skipped, err, "%s", k->why);
	}
	if (ole_first(o, storage) == OLE_NONE)
		return extract_problem(o->job, in, false, err, "a compound file (OLE) with nothing in it");
	return extract_problem(o->job, in, true, err, "a compound file (OLE) of a kind that is not known");
}

cdg_status
extract_ole(extract_job *job, const extract_input *in, cdg_error *err)
{
	const char *why;
	cdg_status st;
	ole o;

	if (ole_open(&o, job, in, &why, &st, err))
		st = office_old_choose(&o, OLE_ROOT, in, err);
	else if (st == CDG_OK)
		st = extract_problem(job, in, false, err, "%s", why);
	ole_close(&o);
	return st;
}
