/*
 * The records that one end of a FastCGI connection has sent, without padding,
 * and with one piece of content for each FCGI_STDOUT, however it was cut.
 */
#ifndef CF_TESTS_FUZZ_FASTCGI_EVENTS_H
#define CF_TESTS_FUZZ_FASTCGI_EVENTS_H

#include "base/buf.h"

struct events {
	struct buf text;
	/* for a comparison with libfcgi: padding may be anything, and the
	 * answers to FCGI_GET_VALUES have only their names */
	bool is_loose;
	unsigned stdout_id; /* of the piece that text ends with; 0: none */
	struct buf rest;    /* an incomplete record */
};

void events_init(struct events *events, bool is_loose);
void events_release(struct events *events);

void events_add(struct events *events, unsigned type, unsigned id,
		struct str content);

/* Add the records in these bytes, and check that an application may send
 * them. */
void events_take(struct events *events, struct str bytes);

#endif
