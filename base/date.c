/* date.c - dates: the proleptic Gregorian calendar in day
 * numbers, and the few written forms that records use.
 *
 * Pure functions, no state: any thread.  Years run from 1 to 9999, so that a
 * date always has four digits and int32 day numbers never overflow.
 */
#include "base/date.h"

/* The era arithmetic below counts years from March, so that the leap day is
 * the last of its year; 719468 days lie between 0000-03-01 and 1970-01-01. */
int32_t
date_day(int year, int month, int day)
{
	int y = year - (month <= 2);
	int era = (y >= 0 ? y : y - 399) / 400;
	int year_of_era = y - era * 400;
	int day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

	return era * 146097 + day_of_era - 719468;
}

void
date_civil(int32_t day, int *year, int *month, int *mday)
{
	int64_t z = (int64_t)day + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	int doe = (int)(z - era * 146097);
	int yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int mp = (5 * doy + 2) / 153;

	*mday = doy - (153 * mp + 2) / 5 + 1;
	*month = mp < 10 ? mp + 3 : mp - 9;
	*year = (int)(yoe + era * 400) + (*month <= 2);
}

int
date_month_days(int year, int month)
{
	static const uint8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

/* Between min and max digits at *at; -1 when there are fewer or more. */
static int
date_digits(const char **at, const char *end, int min, int max)
{
	const char *s = *at;
	int v = 0;

	while (s < end && *s >= '0' && *s <= '9') {
		if (s - *at >= max)
			return -1;
		v = v * 10 + (*s++ - '0');
	}
	if (s - *at < min)
		return -1;
	*at = s;
	return v;
}

/* What may follow a whole date: nothing, or a time of day. */
static bool
date_time_follows(const char *s, const char *end)
{
	if (s == end)
		return true;
	if (*s != 'T' && *s != 't' && *s != ' ')
		return false;
	return end - s >= 2 && s[1] >= '0' && s[1] <= '9';
}

bool
date_parse(const char *s, size_t n, cal_date *out)
{
	const char *end = s + n;
	int year, month = 1, day = 1;
	uint8_t precision = DATE_YEAR;

	while (s < end && (*s == ' ' || *s == '\t'))
		s++;
	while (s < end && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	year = date_digits(&s, end, 4, 4);
	if (year < 1)
		return false;
	if (s < end) {
		char sep = *s++;
		if (sep != '-' && sep != '/' && sep != '.')
			return false;
		month = date_digits(&s, end, 1, 2);
		if (month < 1 || month > 12)
			return false;
		precision = DATE_MONTH;
		if (s < end) {
			if (*s++ != sep)
				return false;
			day = date_digits(&s, end, 1, 2);
			if (day < 1 || day > date_month_days(year, month))
				return false;
			precision = DATE_DAY;
			if (!date_time_follows(s, end))
				return false;
		}
	}
	out->day = date_day(year, month, day);
	out->precision = precision;
	return true;
}

static size_t
date_put_digits(char *out, int v, int width)
{
	for (int i = width - 1; i >= 0; i--) {
		out[i] = (char)('0' + v % 10);
		v /= 10;
	}
	return (size_t)width;
}

size_t
date_format(cal_date d, char *out)
{
	int year, month, day;
	size_t n;

	date_civil(d.day, &year, &month, &day);
	if (year < 0) /* outside what date_parse gives; still four digits */
		year = 0;
	if (year > 9999)
		year = 9999;
	n = date_put_digits(out, year, 4);
	if (d.precision >= DATE_MONTH) {
		out[n++] = '-';
		n += date_put_digits(out + n, month, 2);
	}
	if (d.precision >= DATE_DAY) {
		out[n++] = '-';
		n += date_put_digits(out + n, day, 2);
	}
	out[n] = 0;
	return n;
}

int32_t
date_last_day(cal_date d)
{
	int year, month, day;

	if (d.precision == DATE_DAY)
		return d.day;
	date_civil(d.day, &year, &month, &day);
	if (d.precision == DATE_MONTH)
		return d.day + date_month_days(year, month) - day;
	return date_day(year, 12, 31);
}
