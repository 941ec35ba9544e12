/*
 * FastCGI 1.0, the application's side of one connection: bytes of records
 * become a request, and an answer becomes records. The loop reads and writes
 * the socket.
 *
 * fastcgi_init once with memory; for each connection fastcgi_open, then
 * fastcgi_feed with the bytes, in pieces of any size. When the state is
 * FASTCGI_READY: fastcgi_variables, fastcgi_read_body, fastcgi_answer.
 *
 * Memory is fixed. It has room for the variables that the service reads, and
 * for a body as long as any route takes and one byte, which shows that there
 * was more.
 *
 * source: FastCGI Specification 1.0
 */
#ifndef CF_SERVE_FASTCGI_H
#define CF_SERVE_FASTCGI_H

#include "base/buf.h"

#include <sys/uio.h>

/* Limits on what a connection may send. A request beyond one of the first
 * three is answered with 400. */
enum {
	/* names and values of a request, as sent */
	FASTCGI_VARIABLES_MAX_BYTES = 64 * 1024,
	FASTCGI_VARIABLES_MAX = 512,
	/* of the variables that are kept, with '=' and NUL */
	FASTCGI_KEPT_MAX_BYTES = 16 * 1024,
	/* a variable with a longer name is not kept */
	FASTCGI_NAME_MAX_BYTES = 64,
	/* A refused request is read to its end, so that the web server reads
	 * the answer. Beyond so many bytes it is answered before its end, and
	 * the connection is closed. */
	FASTCGI_SKIP_MAX_BYTES = 1024 * 1024,
	/* Strays: records that belong to no request that is served. With more
	 * of them since the last request began, the connection is closed. */
	FASTCGI_STRAYS_MAX = 32,
	/* FCGI_MAX_CONNS in the answer to FCGI_GET_VALUES */
	FASTCGI_CONNECTIONS_MAX = 128,
	/* room for notes: short answers to strays, until they are sent */
	FASTCGI_NOTES_BYTES = FASTCGI_STRAYS_MAX * 16 + 96,
};

enum fastcgi_state {
	FASTCGI_IDLE,	 /* no request has begun */
	FASTCGI_READING, /* a request has begun */
	FASTCGI_READY,	 /* there is a request to answer */
	/* The last request is answered, and bytes of it may follow. Read and
	 * drop them for a while: a web server that still writes does not read
	 * the answer. */
	FASTCGI_LINGERING,
	FASTCGI_BROKEN, /* the bytes are no FastCGI: close at once */
};

/* How far a stream of name-value pairs has been read. */
struct fastcgi_pairs {
	enum { PAIRS_NAME_LENGTH, PAIRS_VALUE_LENGTH, PAIRS_NAME, PAIRS_VALUE }
		phase;
	unsigned n_length_bytes; /* missing of a length of four */
	uint32_t name_bytes, value_bytes;
	uint32_t n_left; /* bytes missing of the name or value */
	char name[FASTCGI_NAME_MAX_BYTES]; /* if it is not longer */
};

struct fastcgi_setup {
	size_t body_max_bytes; /* the longest body that any route takes */
	/* Whether a variable of this name is to be kept. */
	bool (*wants)(struct str name);
};

/* Callers may read state, role, is_at_end, fault, and the first n_notes of
 * notes, and may set n_notes to 0. */
struct fastcgi {
	const struct fastcgi_setup *setup;
	char *kept; /* FASTCGI_KEPT_MAX_BYTES: "NAME=value", NUL, ... */
	char *body; /* body_max_bytes + 1 */
	enum fastcgi_state state;
	unsigned role; /* of the last FCGI_BEGIN_REQUEST */

	/* the record that is being read */
	uint8_t head[8];
	size_t n_head; /* bytes of it that are there */
	enum {
		CONTENT_SKIPPED,
		CONTENT_BEGIN,
		CONTENT_VARIABLES,
		CONTENT_BODY,
		CONTENT_VALUES,
	} content;
	size_t n_content_left;
	size_t n_padding_left;
	uint8_t begin[8];
	size_t n_begin;

	/* the request that is being read */
	uint16_t id;
	bool is_kept; /* FCGI_KEEP_CONN */
	bool has_variables; /* all of them are there */
	bool is_at_end;	 /* its empty FCGI_STDIN is there */
	struct fastcgi_pairs variables;
	size_t n_variables;
	size_t n_variable_bytes;
	bool is_wanted; /* the pair that is being read is kept */
	size_t n_kept, kept_before; /* bytes of kept; without that pair */
	size_t n_body; /* kept of the body */
	size_t n_body_taken; /* of these, by fastcgi_read_body */
	int64_t n_body_bytes; /* of the body, kept or not */
	int64_t n_bytes;      /* of the request, kept or not */
	const char *fault;    /* why the request is refused; NULL */

	/* since the last request began */
	unsigned n_strays;
	bool has_told_values;
	struct fastcgi_pairs values;
	unsigned values_asked; /* bits, in the order of the table */
	uint8_t notes[FASTCGI_NOTES_BYTES];
	size_t n_notes;
};

/* How many bytes of memory fastcgi_init needs. */
size_t fastcgi_memory_bytes(const struct fastcgi_setup *setup);

/* setup and memory are borrowed for as long as c is used. */
void fastcgi_init(struct fastcgi *c, const struct fastcgi_setup *setup,
		  char *memory);

/* Begin with a new connection. */
void fastcgi_open(struct fastcgi *c);

/*
 * Read n more bytes. The state says what to do next. Notes are left in
 * c->notes: send n_notes bytes before anything else, then set n_notes to 0.
 */
void fastcgi_feed(struct fastcgi *c, const char *ptr, size_t n);

/* Whether a record or a request has begun and not ended. */
bool fastcgi_is_under_way(const struct fastcgi *c);

/* Whether the last request was for a responder, the only role that is
 * served. */
bool fastcgi_is_responder(const struct fastcgi *c);

/*
 * The variables of the request, as "NAME=value" strings and NULL.
 *
 * envp     FASTCGI_VARIABLES_MAX + 1; the strings are borrowed until
 *          fastcgi_answer
 */
void fastcgi_variables(const struct fastcgi *c, char **envp);

/* Read on in the body, as an http_read_fn. ctx is a struct fastcgi. */
ptrdiff_t fastcgi_read_body(void *ctx, char *ptr, size_t n);

/* How long the body was; -1 when the request is answered before its end. */
int64_t fastcgi_body_bytes(const struct fastcgi *c);

enum {
	FASTCGI_RECORD_MAX_BYTES = 65528, /* of content; 8 divides it */
	/* an answer: 1 MiB of body, and a head */
	FASTCGI_RECORDS_MAX = 17,
	FASTCGI_ANSWER_MAX_BYTES =
		FASTCGI_RECORDS_MAX * FASTCGI_RECORD_MAX_BYTES,
	/* a head and a piece for each record, one piece more where head and
	 * body of the answer meet, notes, and the end */
	FASTCGI_IOV_MAX = FASTCGI_RECORDS_MAX * 2 + 3,
};

/* An answer, ready for writev(2). */
struct fastcgi_answer {
	struct iovec iov[FASTCGI_IOV_MAX];
	int n_iov;
	size_t n_bytes;
	uint8_t heads[FASTCGI_RECORDS_MAX][8];
	uint8_t end[24]; /* the empty FCGI_STDOUT, FCGI_END_REQUEST */
};

/*
 * Answer the request that is ready: notes, head and body. Afterwards the state
 * is FASTCGI_IDLE, if the connection can be used again.
 *
 * head, body  at most FASTCGI_ANSWER_MAX_BYTES together; borrowed, as is c,
 *             until out is written or copied
 */
void fastcgi_answer(struct fastcgi *c, struct str head, struct str body,
		    struct fastcgi_answer *out);

#endif
