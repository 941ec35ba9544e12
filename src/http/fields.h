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
	FIELD_SECRET = 16,
	FIELD_RESPONSE = 32,
	FIELD_REMOTEIP = 64,
	FIELD_SITEKEY = 128,
	FIELD_IDEMPOTENCY_KEY = 256,
	FIELD_HOST = 512,
	FIELD_K = 1024,	      /* a sitekey */
	FIELD_O = 2048,	      /* the origin of a page */
	FIELD_ACTION = 4096,
	FIELD_CDATA = 8192,
	FIELD_HL = 16384,     /* a language */
	FIELD_TOKEN = 32768,
	FIELD_PART = 65536,   /* of the two frames */
	FIELD_THEME = 131072, /* of the page that shows the picture */
	FIELD_F = 262144,     /* the vendor whose api.js asks */
	FIELD_AUDIO = 524288,
	FIELD_LANGUAGE = 1048576, /* as FIELD_HL: a widget has this name */
	FIELD_MODE = 2097152,	  /* picture or audio */
};

/* Values are in the arena; a missing value is {NULL, 0}. */
struct fields {
	struct str img, pid, code;
	struct str secret, response, remoteip, sitekey, idempotency_key, host;
	struct str k, o, action, cdata, hl, token, part, theme, f;
	struct str audio, language, mode;
	struct str profile; /* the profile's own name, "" for the base */
	bool wants_address; /* img=url */
	bool wants_audio;   /* audio=1 */
};

/* The profiles, memory and limit for reading fields. */
struct fields_reader {
	struct challenge *challenge; /* knows the profiles */
	struct arena *arena;
	int64_t field_max_bytes; /* of a name or a value */
	/* set on failure: a fixed sentence that tells the client the fault, or
	 * NULL */
	const char **detail;
};

/*
 * Read the fields of a query.
 *
 * takes    bits of enum field; of no field: the query is not read
 * returns  CF_OK; CF_BAD_INPUT, malformed, a field that the route takes is
 *          there twice, or its value is not allowed; CF_NOMEM
 */
CF_MUST_CHECK
enum cf_status fields_read_query(struct fields *fields, struct str query,
				 unsigned takes,
				 const struct fields_reader *with,
				 struct cf_error *err);

/*
 * Read the fields of a body by its media type, after request_read_body. Returns
 * what fields_read_query does, and CF_BAD_INPUT if any field is there twice.
 */
CF_MUST_CHECK
enum cf_status fields_read_body(struct fields *fields,
				const struct http_request *req, unsigned takes,
				const struct fields_reader *with,
				struct cf_error *err);

#endif
