/*
 * Word lists from files, one word a line: words to draw, and spellings that
 * no code may have. Lines may end in CR LF; white space around a word, empty
 * lines and lines that begin with # do not count. Case does not matter.
 *
 * words_load or blocked_load once, any number of look-ups, words_free.
 *
 * Private to the challenge layer.
 */
#ifndef CF_CHALLENGE_WORDS_H
#define CF_CHALLENGE_WORDS_H

#include "base/status.h"

enum {
	WORDS_FILE_MAX_BYTES = 4 * 1024 * 1024,
	WORD_MIN_CHARS = 3,
	WORD_MAX_CHARS = 12,
	WORDS_MIN = 1000, /* fewer are soon guessed */
	WORDS_MAX = 100000,
	BLOCKED_MIN_CHARS = 2,
	BLOCKED_MAX_CHARS = 16,
	BLOCKED_MAX = 10000,
};

/* Words that are folded (utf8_fold) and sorted, each once. */
struct words;

/*
 * The words to draw: lines of WORD_MIN_CHARS to max_chars ASCII letters.
 * Other lines are passed over, so that a dictionary of the system serves.
 *
 * blocked  words that have one of these in them are passed over; may be NULL
 * returns  CF_OK, *out the caller's to free; CF_CONFIG, err naming the file
 *          and what is wrong with it: unreadable, too long, fewer than
 *          WORDS_MIN words or more than WORDS_MAX; CF_NOMEM. *out is NULL on
 *          failure.
 */
CF_MUST_CHECK
enum cf_status words_load(struct words **out, const char *path,
			  size_t max_chars, const struct words *blocked,
			  struct cf_error *err);

/*
 * Spellings to avoid: lines of BLOCKED_MIN_CHARS to BLOCKED_MAX_CHARS letters
 * and digits of any script, as an alphabet may have them. Any other line is a
 * CF_CONFIG that names its number: a skipped spelling would not be blocked.
 */
CF_MUST_CHECK
enum cf_status blocked_load(struct words **out, const char *path,
			    struct cf_error *err);

void words_free(struct words *words); /* accepts NULL */

size_t words_n(const struct words *words);

/* Borrowed until free, NUL-terminated. */
const char *words_get(const struct words *words, size_t i);

/* Whether a spelling of blocked_load stands somewhere in a folded text. False
 * for NULL. */
CF_MUST_CHECK
bool words_block(const struct words *blocked, const char *text);

#endif
