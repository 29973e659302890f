/* warm.c - see warm.h.  A reader whose library reads a file at its first use adds a line. */
#include "extract/reader/warm.h"

#include <libxml/parser.h>
#include <locale.h>
#include <poppler.h>
#include <time.h>
#include <unicode/ucnv.h>
#include <unicode/ucsdet.h>

#include "extract/reader/readers.h"

/* Converters of the usual encodings, and the detector's tables. */
static void
warm_icu(void)
{
	static const char *const names[] = { "UTF-16", "windows-1252", "windows-1251", "Shift_JIS", "EUC-JP",
					     "EUC-KR", "Big5", "GB18030", "ISO-2022-JP", "KOI8-R" };
	UErrorCode e = U_ZERO_ERROR;
	UCharsetDetector *detector;

	for (size_t i = 0; i < countof(names); i++) {
		e = U_ZERO_ERROR;
		ucnv_close(ucnv_open(names[i], &e));
	}
	e = U_ZERO_ERROR;
	detector = ucsdet_open(&e);
	if (U_SUCCESS(e)) {
		ucsdet_setText(detector, "some words", 10, &e);
		(void)ucsdet_detect(detector, &e);
	}
	ucsdet_close(detector);
}

void
warm_up(void)
{
	GTimeZone *zone;

	setlocale(LC_ALL, "C.UTF-8"); /* which is in libc, no file */
	tzset();
	xmlInitParser();
	warm_icu();
	extract_mail_init();
	extract_archive_init();
	g_type_ensure(POPPLER_TYPE_DOCUMENT);
	g_type_ensure(POPPLER_TYPE_PAGE);
	zone = g_time_zone_new_local();
	g_time_zone_unref(zone);
}
