/* office.h - the readers of packages, which zip.c chooses from.  Each reads the whole
 * package as one document of `in`. */
#ifndef EXTRACT_READER_OFFICE_H
#define EXTRACT_READER_OFFICE_H

#include "extract/reader/package.h"

typedef cdg_status office_reader(extract_job *job, const extract_input *in, package *p, const char *main_part,
				 cdg_error *err);

/* main_part: the member that the package begins with. */
office_reader office_docx, office_pptx, office_xlsx;
office_reader office_odf;  /* content.xml */
office_reader office_epub; /* the OPF file */

/* What all of them do at the end: the trouble of the package becomes a warning, objects in it are
 * documents of their own. */
cdg_status office_give(extract_job *job, const extract_input *in, package *p, const char *format, cdg_error *err);

#endif
