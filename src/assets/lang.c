/*
 * The choice of a language: see lang.h. RFC 4647 section 3.4, lookup: the tag
 * itself, then the tag without its last part, and so on.
 */
#include "base/base.h"
#include "assets/lang.h"

#include "base/text.h"

/* Tags of the same language, and of the nearest script or region. */
static const struct {
	const char *from, *to;
} aliases[] = {
	{"iw", "he"},	      {"no", "nb"},	  {"nn", "nb"},
	{"zh", "zh-CN"},      {"zh-HK", "zh-TW"}, {"zh-MO", "zh-TW"},
	{"zh-Hant", "zh-TW"},
};

enum {
	ACCEPTED_MAX = 20 /* languages that are looked at */
};

static const struct lang *find_exactly(struct str tag)
{
	for (size_t i = 0; i < lang_table_len; i++)
		if (str_eq_nocase(tag, lang_table[i].tag))
			return &lang_table[i];
	return NULL;
}

static const struct lang *find(struct str tag)
{
	while (tag.len) {
		const struct lang *found;
		const char *dash;

		for (size_t i = 0; i < CF_ARRAY_LEN(aliases); i++)
			if (str_eq_nocase(tag, aliases[i].from))
				return find_exactly(str_from(aliases[i].to));
		found = find_exactly(tag);
		if (found)
			return found;
		dash = memrchr(tag.ptr, '-', tag.len);
		tag.len = dash ? (size_t)(dash - tag.ptr) : 0;
	}
	return NULL;
}

const struct lang *lang_choose(struct str tag, struct str accepted)
{
	const struct lang *best = find(str_trim(tag));
	int best_weight = 0;

	if (best)
		return best;
	for (int i = 0; accepted.ptr && i < ACCEPTED_MAX; i++) {
		int weight;
		struct str range = text_cut_weighed(&accepted, &weight);
		const struct lang *found = find(range);

		if (found && weight > best_weight) {
			best = found;
			best_weight = weight;
		}
	}
	return best ? best : find_exactly(STR_LIT("en"));
}
