/*
 * The fields that routes take in a query or a body: each has a name and a rule
 * for its value. Fields with other names are ignored.
 */
#ifndef CF_HTTP_FIELDS_H
#define CF_HTTP_FIELDS_H

#include "base/arena.h"
#include "challenge/challenge.h"
#include "http/request.h"

/* Bits, so that a route can name several. */
enum field {
	FIELD_IMG = 1,
	FIELD_PID = 2,
	FIELD_CODE = 4,
	FIELD_PROFILE = 8,
};

struct fields {
	bool wants_address;	 /* img=url */
	struct str pid, code;	 /* empty when missing */
	struct str profile;	 /* its name; ptr NULL when missing */
};

/* What there is to read with. */
struct fields_reader {
	struct challenge *challenge; /* knows the profiles */
	struct arena *arena;	     /* the values are put there */
	int64_t field_max_bytes;     /* of a name or a value */
	unsigned takes;		     /* bits of enum field */
	const char *detail; /* set on failure where the client can be told
			     * more than the status: a fixed sentence */
};

/*
 * Read the fields of a query.
 *
 * returns  CF_OK; CF_BAD_INPUT, malformed, a field that the route takes is
 *          there twice, or a value is none of its field; CF_NOMEM
 */
CF_MUST_CHECK
enum cf_status fields_read_query(struct fields *fields, struct str query,
				 struct fields_reader *with,
				 struct cf_error *err);

/*
 * Read the fields of the request's body, which has been read: by its media
 * type. Returns what fields_read_query does, where any field must not be
 * there twice.
 */
CF_MUST_CHECK
enum cf_status fields_read_body(struct fields *fields,
				const struct http_request *req,
				struct fields_reader *with,
				struct cf_error *err);

#endif
