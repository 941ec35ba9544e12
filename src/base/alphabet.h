/*
 * Alphabets: the characters that codes are made of. A setting names a preset
 * or lists the characters.
 */
#ifndef CF_BASE_ALPHABET_H
#define CF_BASE_ALPHABET_H

#include "base/utf8.h"

enum {
	ALPHABET_MIN = 2, /* characters of a setting */
	ALPHABET_MAX = 4096,
	ALPHABET_MAX_BYTES = ALPHABET_MAX * UTF8_MAX_BYTES,
};

/* The names of the presets in lower case, NULL at the end. Case counts: LATIN
 * is an alphabet of five letters. */
extern const char *const alphabet_names[];

/* The characters of a setting: of the preset with this name, or else the
 * setting itself. */
const char *alphabet_characters(const char *setting);

/*
 * Whether a setting can be used: a preset; or ALPHABET_MIN to ALPHABET_MAX
 * letters and digits of any script, no two of which fold to one (utf8_fold).
 *
 * returns  CF_OK; CF_CONFIG, err names the fault and its place; CF_NOMEM
 */
CF_MUST_CHECK
enum cf_status alphabet_check(const char *setting, struct cf_error *err);

/*
 * The letters (utf8_letter) of an alphabet, in its order.
 *
 * text     its characters, NUL-terminated; any letters, also signs
 * letters  room for utf8_count(text); the first n are filled
 * returns  CF_OK; CF_CONFIG, err names the byte that is not UTF-8, the
 *          character that is no letter, or a count that is not 1 to
 *          ALPHABET_MAX
 */
CF_MUST_CHECK
enum cf_status alphabet_read(const char *text, uint32_t *letters, size_t *n,
			     struct cf_error *err);

/*
 * Spell a code from the places of its n letters in the alphabet.
 *
 * characters  of an alphabet that was checked
 * places      each below utf8_count(characters)
 * out         NUL-terminated, folded; room for n * UTF8_MAX_BYTES + 1
 */
void alphabet_spell(const char *characters, const uint32_t *places, size_t n,
		    char *out);

#endif
