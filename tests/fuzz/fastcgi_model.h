/*
 * A model of a FastCGI connection: the fastcgi target compares src/serve with
 * it. It follows the specification and the limits of serve/fastcgi.h. It keeps
 * the whole stream in memory, and reads a part of a request when all of the
 * part is there.
 */
#ifndef CF_TESTS_FUZZ_FASTCGI_MODEL_H
#define CF_TESTS_FUZZ_FASTCGI_MODEL_H

#include "http/http.h"
#include "tests/fuzz/fastcgi_events.h"

enum model_state {
	MODEL_IDLE,
	MODEL_READING,
	MODEL_READY,
	MODEL_OVER, /* reads no request any more */
	MODEL_BROKEN,
};

struct model {
	enum model_state state;
	size_t body_max_bytes;
	bool (*wants)(struct str name);
	bool has_served;
	struct events want; /* that the peer must read */

	struct buf stream;
	size_t at;     /* where the record begins that is being read */
	bool has_head; /* its head was read */
	bool begins_request; /* by its head */
	size_t n_content;    /* bytes of its content that were read */
	unsigned n_strays;
	bool has_told_values;
	size_t n_notes; /* bytes of notes about this piece */

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

/* Take a piece of the stream, as one read gives it. */
void model_take(struct model *m, struct str piece);

/* Whether a record or a request has begun and not ended. */
bool model_is_under_way(const struct model *m);

/* Check that http_serve gets the request that is ready; read_fn aside. */
void model_check_request(const struct model *m, const struct http_input *in);

/* The part of the body that http_serve can read. */
struct str model_body(const struct model *m);

/* Answer the request that is ready. */
void model_answer(struct model *m, struct str head, struct str body);

#endif
