/*
 * Range: a part of a body (RFC 9110 section 14).
 */
#ifndef CF_HTTP_RANGE_H
#define CF_HTTP_RANGE_H

#include "base/buf.h"

enum range_kind {
	RANGE_WHOLE,  /* none is asked for, or none that is served */
	RANGE_PART,   /* n_bytes from first on */
	RANGE_BEYOND, /* no byte is there: 416 */
};

struct range {
	enum range_kind kind;
	size_t first, n_bytes; /* of RANGE_BEYOND both are 0 */
};

/*
 * What to send of a body.
 *
 * header    the value of Range; empty for none. Another unit, several ranges
 *           and other forms count as none
 * if_range  the value of If-Range; empty for none
 * mark      the strong ETag of the body, with its quotes
 * total     the length of the body, above 0
 */
struct range range_find(struct str header, struct str if_range,
			const char *mark, size_t total);

#endif
