/*
 * Texts for visitors, in the languages of lang/. script/assets makes the table
 * at build time; the element has the same texts as JSON.
 */
#ifndef CF_ASSETS_LANG_H
#define CF_ASSETS_LANG_H

#include "base/buf.h"

/* The keys of lang/en.ini, in upper case. */
enum lang_text {
	LANG_DIR,
	LANG_TITLE,
	LANG_LABEL_TEXT,
	LANG_LABEL_ARITHMETIC,
	LANG_LABEL_WORDS,
	LANG_LABEL_DIGITS,
	LANG_ALT,
	LANG_HINT_CASE,
	LANG_HINT_NUMBER,
	LANG_HINT_DIGITS,
	LANG_NEW,
	LANG_LISTEN,
	LANG_PAUSE,
	LANG_REPLAY,
	LANG_SLOWER,
	LANG_PICTURE,
	LANG_CHECK,
	LANG_SOLVED,
	LANG_SOLVED_HINT,
	LANG_WRONG,
	LANG_EXPIRED,
	LANG_LEFT,
	LANG_EMPTY,
	LANG_AGAIN,
	LANG_OFFLINE,
	LANG_LIMITED,
	LANG_DOWN,
	LANG_UNHEARD,
	LANG_KEY,
	LANG_HOST,
	LANG_COPY,
	LANG_HUMAN,
	LANG_LATE,
	LANG_RETRY,
	LANG_CLOSE,
	LANG_TESTS,
	LANG_TEXTS
};

struct lang {
	const char *tag;
	const char *text[LANG_TEXTS];
};

/* By tag; "en" is one. */
extern const struct lang lang_table[];
extern const size_t lang_table_len;

/*
 * The language for a visitor.
 *
 * tag       what the page wants, such as "pt-BR"; empty for no wish
 * accepted  Accept-Language (RFC 9110 section 12.5.4)
 * returns   never NULL; English when nothing fits
 */
const struct lang *lang_choose(struct str tag, struct str accepted);

#endif
