/* date.h - calendar dates as day numbers since 1970-01-01 (proleptic Gregorian,
 * years 1 to 9999), and how much of a date was given.  Pure functions. */
#ifndef BASE_DATE_H
#define BASE_DATE_H

#include "base/base.h"

typedef enum date_precision { DATE_YEAR = 0, DATE_MONTH = 1, DATE_DAY = 2 } date_precision;

/* The first day of the period that was written, and its precision. */
typedef struct cal_date {
	int32_t day;
	uint8_t precision;
} cal_date;

/* YYYY, YYYY-MM, YYYY-MM-DD (also / . as separators, and a time of day after
 * T or a space, which is ignored).  False if it is not a date. */
bool date_parse(const char *s, size_t n, cal_date *out);
/* Writes YYYY, YYYY-MM or YYYY-MM-DD by precision; out holds 24 bytes. */
size_t date_format(cal_date d, char *out);
/* The last day of the period. */
int32_t date_last_day(cal_date d);
/* The day number of a civil date, and back. */
int32_t date_day(int year, int month, int day);
void date_civil(int32_t day, int *year, int *month, int *mday);
int date_month_days(int year, int month);

#endif
