/*
 * Names of days: see day.h.
 */
#include "base/base.h"
#include "base/day.h"

#include <ctype.h>

/*
 * gmtime_r would read the time zone's file first, in every process.
 *
 * source: H. Hinnant, chrono-compatible low-level date algorithms,
 *         civil_from_days
 */
void day_of(int64_t unix_ms, char day[DAY_BYTES])
{
	const int64_t last_ms = INT64_C(253402300799999); /* of the year 9999 */
	unsigned days, era_day, year_of_era, year_day, month, day_of_month;

	if (unix_ms < 0)
		unix_ms = 0;
	if (unix_ms > last_ms)
		unix_ms = last_ms;
	days = (unsigned)(unix_ms / 86400000) + 719468; /* from 0000-03-01 */
	era_day = days % 146097;
	year_of_era = (era_day - era_day / 1460 + era_day / 36524 -
		       era_day / 146096) / 365;
	year_day = era_day - (365 * year_of_era + year_of_era / 4 -
			      year_of_era / 100);
	month = (5 * year_day + 2) / 153; /* 0 is March */
	day_of_month = year_day - (153 * month + 2) / 5 + 1;
	(void)snprintf(day, DAY_BYTES, "%04u-%02u-%02u",
		       (days / 146097 * 400 + year_of_era +
			(month >= 10 ? 1 : 0)) % 10000,
		       (month < 10 ? month + 3 : month - 9) % 100,
		       day_of_month % 100);
}

bool day_is(const char *name)
{
	static const char form[] = "dddd-dd-dd";

	for (size_t i = 0; i < sizeof(form); i++) {
		if (form[i] == 'd' ? !isdigit((unsigned char)name[i])
				   : name[i] != form[i])
			return false;
	}
	return true;
}
