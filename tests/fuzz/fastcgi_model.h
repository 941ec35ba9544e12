/*
 * What a FastCGI connection is to do with the bytes that it takes: the
 * fastcgi target holds src/serve against it. It knows the specification and
 * the limits of serve/fastcgi.h, keeps the whole stream in memory and reads
 * each part of a request only when all of it is there.
 */
#ifndef CF_TESTS_FUZZ_FASTCGI_MODEL_H
#define CF_TESTS_FUZZ_FASTCGI_MODEL_H

#include "http/http.h"
#include "tests/fuzz/fastcgi_events.h"

enum model_state {
	MODEL_IDLE,
	MODEL_READING,
	MODEL_READY,
	MODEL_OVER, /* no request will be taken any more */
	MODEL_BROKEN,
};

struct model {
	enum model_state state;
	size_t body_max_bytes;
	bool (*wants)(struct str name);
	bool has_served;
	struct events want; /* what the peer is to read */

	struct buf stream;
	size_t at;     /* where in it the record begins that is being read */
	bool has_head; /* and has been looked at */
	bool begins_request; /* by its head */
	size_t n_content;    /* bytes of its content that have been taken */
	unsigned n_strays;
	bool has_told_values;
	size_t n_notes; /* bytes of short answers to this piece */

	/* the request */
	unsigned id;
	bool is_kept, has_variables, is_at_end;
	struct buf variables;
	struct buf body;
	size_t n_bytes; /* of both */
};

/* wants and limits as a struct fastcgi_setup has them. */
void model_init(struct model *m, size_t body_max_bytes,
		bool (*wants)(struct str name));
void model_release(struct model *m);

/* A piece of the stream has come, in one read. */
void model_take(struct model *m, struct str piece);

/* Whether a record or a request has begun and not ended. */
bool model_is_under_way(const struct model *m);

/* Check what http_serve is given, read_fn aside: it must be the request that
 * is ready. */
void model_check_request(const struct model *m, const struct http_input *in);

/* The body as far as it is to be given to http_serve. */
struct str model_body(const struct model *m);

/* This is the answer to the request that is ready. */
void model_answer(struct model *m, struct str head, struct str body);

#endif
