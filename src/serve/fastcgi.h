/*
 * FastCGI 1.0, the application's side of one connection: bytes of records go
 * in, a request comes out, and an answer becomes records. No sockets here: the
 * loop reads and writes, tests and the fuzzer feed bytes.
 *
 * fastcgi_init once with memory; for each connection fastcgi_open, then
 * fastcgi_feed with what was read, in pieces of any size. When the state is
 * FASTCGI_READY: fastcgi_variables, fastcgi_read_body, fastcgi_answer.
 *
 * Memory is fixed. Of the variables only those are kept that the service
 * reads; of a body no more than a route takes, and one byte that shows that
 * there was more.
 *
 * source: FastCGI Specification 1.0
 */
#ifndef CF_SERVE_FASTCGI_H
#define CF_SERVE_FASTCGI_H

#include "base/buf.h"

#include <sys/uio.h>

/* Every limit on what a connection may send. A request beyond one of the
 * first three is answered with 400. A peer that goes beyond the others is cut
 * off. */
enum {
	/* names and values of a request, as sent */
	FASTCGI_VARIABLES_MAX_BYTES = 64 * 1024,
	FASTCGI_VARIABLES_MAX = 512,
	/* of the variables that are kept, with '=' and NUL */
	FASTCGI_KEPT_MAX_BYTES = 8 * 1024,
	/* a longer name is none that is kept */
	FASTCGI_NAME_MAX_BYTES = 64,
	/* A refused request is read to its end, so that the web server takes
	 * our answer. Past so many bytes it is answered before its end, and
	 * its connection is not used again. */
	FASTCGI_SKIP_MAX_BYTES = 1024 * 1024,
	/* records between the beginnings of two requests that are of neither */
	FASTCGI_STRAYS_MAX = 32,
	/* what FCGI_GET_VALUES is told */
	FASTCGI_CONNECTIONS_MAX = 128,
	/* short answers to these that wait to be sent */
	FASTCGI_NOTES_BYTES = FASTCGI_STRAYS_MAX * 16 + 96,
};

enum fastcgi_state {
	FASTCGI_IDLE,	 /* no request has begun */
	FASTCGI_READING, /* a request has begun */
	FASTCGI_READY,	 /* there is a request to answer */
	/* No request will be read any more. Bytes of the last one may still be
	 * on their way: the loop throws them away for a while, or a web server
	 * that writes would not read our answer. */
	FASTCGI_LINGERING,
	FASTCGI_BROKEN, /* what came is no FastCGI: close at once */
};

/* How far the stream of name-value pairs has been read. */
struct fastcgi_pairs {
	enum { PAIRS_NAME_LENGTH, PAIRS_VALUE_LENGTH, PAIRS_NAME, PAIRS_VALUE }
		phase;
	unsigned n_length_bytes; /* still to come of a length of four */
	uint32_t name_bytes, value_bytes;
	uint32_t n_left; /* of the name or value */
};

struct fastcgi_setup {
	size_t body_max_bytes; /* the longest body that any route takes */
	/* Whether a variable of this name is to be kept. */
	bool (*wants)(struct str name);
};

/* Fields are for reading, and only state, role, is_at_end, fault, and the
 * first n_notes of notes; n_notes may be set to 0. */
struct fastcgi {
	const struct fastcgi_setup *setup;
	char *kept; /* FASTCGI_KEPT_MAX_BYTES: "NAME=value", NUL, ... */
	char *body; /* body_max_bytes + 1 */
	enum fastcgi_state state;
	unsigned role; /* of the last FCGI_BEGIN_REQUEST */

	/* the record that is being read */
	uint8_t head[8];
	size_t n_head; /* bytes of it that have come */
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
	bool has_variables; /* all of them have come */
	bool is_at_end;	 /* its empty FCGI_STDIN has come */
	struct fastcgi_pairs variables;
	size_t n_variables;
	size_t n_variable_bytes;
	char name[FASTCGI_NAME_MAX_BYTES]; /* of the pair that is being read */
	bool is_wanted; /* and that pair is kept */
	size_t n_kept, kept_before; /* bytes of kept; without that pair */
	size_t n_body; /* kept of the body */
	size_t n_body_taken; /* of these, by fastcgi_read_body */
	int64_t n_body_bytes; /* of the body, kept or not */
	int64_t n_bytes;      /* of the request, kept or not */
	const char *fault;    /* why it is refused; NULL */

	/* records for no request, since the last one began */
	unsigned n_strays;
	bool has_told_values;
	struct fastcgi_pairs values;
	char value_name[16]; /* longer than the longest of the names */
	unsigned values_asked; /* bits, in the order of the table */
	uint8_t notes[FASTCGI_NOTES_BYTES];
	size_t n_notes;
};

/* How many bytes fastcgi_init wants. */
size_t fastcgi_memory_bytes(const struct fastcgi_setup *setup);

/* setup and memory are borrowed for as long as c is used. */
void fastcgi_init(struct fastcgi *c, const struct fastcgi_setup *setup,
		  char *memory);

/* Begin with a connection that is new. */
void fastcgi_open(struct fastcgi *c);

/*
 * Take n bytes that came; all are used. The state says what is next. Short
 * answers to records that are of no request are left in c->notes: send
 * n_notes bytes before anything else, then set n_notes to 0.
 */
void fastcgi_feed(struct fastcgi *c, const char *ptr, size_t n);

/* Whether a record or a request has begun and not ended: then there is a
 * deadline. */
bool fastcgi_is_under_way(const struct fastcgi *c);

/* Whether the last request was for a responder, the one role that is served. */
bool fastcgi_is_responder(const struct fastcgi *c);

/*
 * The variables of the request, as "NAME=value" strings and NULL.
 *
 * envp     FASTCGI_VARIABLES_MAX + 1; the strings are borrowed until
 *          fastcgi_answer
 */
void fastcgi_variables(const struct fastcgi *c, char **envp);

/* Of the body, as http_read_fn wants it. ctx is a struct fastcgi. */
ptrdiff_t fastcgi_read_body(void *ctx, char *ptr, size_t n);

/* How long the body was; -1 when the request is answered before its end. */
int64_t fastcgi_body_bytes(const struct fastcgi *c);

enum {
	FASTCGI_RECORD_MAX_BYTES = 65528, /* of content; 8 divides it */
	/* an answer: 1 MiB of body, and a head */
	FASTCGI_RECORDS_MAX = 17,
	FASTCGI_ANSWER_MAX_BYTES =
		FASTCGI_RECORDS_MAX * FASTCGI_RECORD_MAX_BYTES,
	/* a head for each record, and where head and body of the answer part
	 * one piece more; notes before, the end behind */
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
 * Answer the request that is ready: head, body, and notes before. The state is
 * then FASTCGI_IDLE when the connection can be used again.
 *
 * head, body  at most FASTCGI_ANSWER_MAX_BYTES together; borrowed until out is
 *             written or copied, as is c
 */
void fastcgi_answer(struct fastcgi *c, struct str head, struct str body,
		    struct fastcgi_answer *out);

#endif
