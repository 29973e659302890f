/* office_old.h - the readers of compound files (ole.h), which ole_read.c chooses from.  Each
 * reads what stands in a storage as one document of `in`, and tells by a problem what it
 * cannot read. */
#ifndef EXTRACT_READER_OFFICE_OLD_H
#define EXTRACT_READER_OFFICE_OLD_H

#include "extract/reader/ole.h"

typedef cdg_status office_old_reader(ole *o, long storage, const extract_input *in, cdg_error *err);

office_old_reader office_doc, office_xls, office_ppt, office_msg;

/* Reads a storage, the whole file or an object in it, by what streams it has. */
cdg_status office_old_choose(ole *o, long storage, const extract_input *in, cdg_error *err);
/* What all of them do at the end: a title from the name of the file, a warning of damage. */
cdg_status office_old_give(ole *o, const extract_input *in, const char *format, cdg_error *err);

#endif
