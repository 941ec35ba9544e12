/*
 * Range: see range.h. A client must take the whole body for any range that a
 * server does not want to serve (RFC 9110 section 14.2).
 */
#include "base/base.h"
#include "http/range.h"

#include "base/text.h"

#define UNIT "bytes="

/* A place in a body; -1 for a text that is none. */
static int64_t place(struct str digits)
{
	return digits.len ? text_parse_decimal(digits) : -1;
}

/* The bytes from first to last, which may be far behind the end. */
static struct range part(int64_t first, int64_t last, size_t total)
{
	struct range range = {RANGE_BEYOND, 0, 0};

	if (first >= (int64_t)total)
		return range;
	if (last >= (int64_t)total)
		last = (int64_t)total - 1;
	return (struct range){RANGE_PART, (size_t)first,
			      (size_t)(last - first + 1)};
}

struct range range_find(struct str header, struct str if_range,
			const char *mark, size_t total)
{
	struct range whole = {RANGE_WHOLE, 0, total};
	size_t n_unit = sizeof(UNIT) - 1;
	int64_t first, last;
	struct str before;
	bool is_last_given;

	if (if_range.len && !str_eq(if_range, mark))
		return whole;
	if (header.len < n_unit ||
	    !str_eq_nocase((struct str){header.ptr, n_unit}, UNIT))
		return whole;
	header = str_trim((struct str){header.ptr + n_unit,
				       header.len - n_unit});
	if (!header.len || !memchr(header.ptr, '-', header.len))
		return whole;
	before = text_cut(&header, '-');
	is_last_given = header.len;
	first = place(before);
	last = is_last_given ? place(header) : INT64_MAX;
	if (!before.len) { /* so many bytes at the end */
		if (!is_last_given || last < 0)
			return whole;
		if (last > (int64_t)total)
			last = (int64_t)total;
		return part((int64_t)total - last, INT64_MAX, total);
	}
	if (first < 0 || last < first)
		return whole;
	return part(first, last, total);
}
