/*
 * The demo page: cgi-bin/demo/demo.html with its marks filled in.
 */
#ifndef CF_HTTP_DEMO_H
#define CF_HTTP_DEMO_H

#include "base/buf.h"
#include "challenge/challenge.h"

enum { DEMO_MESSAGES_MAX = 2 };

/* What the page says, in code words; DEMO_ words go beside the error codes
 * of /verification/check. */
#define DEMO_PASS	 "pass"
#define DEMO_UNAVAILABLE "unavailable"
#define DEMO_NO_PICTURE	 "no-picture"
#define DEMO_NEW_PICTURE "new-picture"
#define DEMO_LIMITED	 "too-many-requests"

struct demo_page {
	struct str pid;
	struct str png; /* empty: no picture to show */
	int64_t width_px;
	int64_t height_px;
	enum puzzle_kind kind;
	const char *profile; /* its name; "" for the base */
	const char *nonce;
	const char *says[DEMO_MESSAGES_MAX]; /* code words, NULL for none */
};

/* Append the page. A failure shows in buf_status(out). */
void demo_render(struct buf *out, const struct demo_page *page);

/* The sentence of a code word, for people; a general one for a word that is
 * not known. */
const char *demo_sentence(const char *word);

#endif
