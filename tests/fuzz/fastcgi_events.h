/*
 * What one end of a FastCGI connection has sent, in a form that does not tell
 * how it was cut: no padding, and the content of records of one FCGI_STDOUT
 * in one piece.
 */
#ifndef CF_TESTS_FUZZ_FASTCGI_EVENTS_H
#define CF_TESTS_FUZZ_FASTCGI_EVENTS_H

#include "base/buf.h"

struct events {
	struct buf text;
	/* for a comparison with a peer of another kind: padding may be
	 * anything, and what FCGI_GET_VALUES is told has only its names */
	bool is_loose;
	unsigned stdout_id; /* of the piece that text ends with; 0: none */
	struct buf rest;    /* has come, and is no whole record yet */
};

void events_init(struct events *events, bool is_loose);
void events_release(struct events *events);

void events_add(struct events *events, unsigned type, unsigned id,
		struct str content);

/* Add the records in bytes that came, and check that an application may send
 * them. */
void events_take(struct events *events, struct str bytes);

#endif
