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

/* The weight of "de;q=0.8" in thousandths, and its tag alone. */
static int weight_of(struct str *range)
{
	struct str params = *range, tag = text_cut(&params, ';'), q;
	int weight = 0, place = 1000;

	*range = str_trim(tag);
	q = str_trim(params);
	if (!str_starts(q, "q="))
		return place;
	for (size_t i = 2; i < q.len && place; i++) {
		if (q.ptr[i] == '.')
			continue;
		if (q.ptr[i] < '0' || q.ptr[i] > '9')
			return 0;
		weight += (q.ptr[i] - '0') * place;
		place /= 10;
	}
	return weight;
}

const struct lang *lang_choose(struct str tag, struct str accepted)
{
	const struct lang *best = find(str_trim(tag));
	int best_weight = 0;

	if (best)
		return best;
	for (int i = 0; accepted.ptr && i < ACCEPTED_MAX; i++) {
		struct str range = text_cut(&accepted, ',');
		int weight = weight_of(&range);
		const struct lang *found = find(range);

		if (found && weight > best_weight) {
			best = found;
			best_weight = weight;
		}
	}
	return best ? best : find_exactly(STR_LIT("en"));
}
