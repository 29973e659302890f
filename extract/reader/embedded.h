/* embedded.h - objects in office documents: a workbook in a report, a PDF behind an icon.
 *
 * Each is a document of its own, `report.docx/figures.xlsx`, with the field parent; what is none that
 * can be read is a problem that says so.  To be called when the document itself was given. */
#ifndef EXTRACT_READER_EMBEDDED_H
#define EXTRACT_READER_EMBEDDED_H

#include "extract/reader/ole.h"
#include "extract/reader/package.h"

enum { EMBEDDED_MOST = 1000 }; /* of one document */

/* Those in folders `embeddings` of a package, but for the tables behind charts; in OpenDocument
 * those of other programs. */
cdg_status embedded_package(extract_job *job, const extract_input *in, package *p, cdg_error *err);
/* Those in a document that is itself in `storage` of a compound file: in storages of its own (Excel),
 * or in one of the name ObjectPool (Word). */
cdg_status embedded_ole(ole *o, long storage, const extract_input *in, cdg_error *err);
/* One that is a compound file of its own. */
cdg_status embedded_file(extract_job *job, const extract_input *in, const char *name, const char *data, size_t n,
			 cdg_error *err);
/* The same, packed by zlib behind the four bytes of its size, as in PowerPoint. */
cdg_status embedded_packed(extract_job *job, const extract_input *in, const char *name, const char *data, size_t n,
			   cdg_error *err);
/* Those of an RTF file. */
cdg_status embedded_rtf(extract_job *job, const extract_input *in, cdg_error *err);

#endif
