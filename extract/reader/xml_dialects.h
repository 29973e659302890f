/* xml_dialects.h - the kinds of XML that are known without being told. */
#ifndef EXTRACT_READER_XML_DIALECTS_H
#define EXTRACT_READER_XML_DIALECTS_H

#include "extract/xml_map.h"

/* NULL: memory is out.  Made once, never freed. */
const extract_xml_map *xml_dialects(void);

#endif
