/* text_detect.h - the language detector's word table, which the analyzer owns. */
#ifndef TEXT_TEXT_DETECT_H
#define TEXT_TEXT_DETECT_H

#include "text/text_internal.h"

void text_detector_free(text_detector *d);

#endif
