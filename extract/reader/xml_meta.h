/* xml_meta.h - the metadata of documents that are XML: part of xml_write. */
#ifndef EXTRACT_READER_XML_META_H
#define EXTRACT_READER_XML_META_H

#include "extract/reader/xml_write.h"

/* A value (copied) for what r says; empty ones are passed over. */
void xml_meta_value(xml_writer *w, const xml_rule *r, doc_str value);
/* What can only be known at the end of a document. */
void xml_meta_finish(xml_writer *w);

#endif
