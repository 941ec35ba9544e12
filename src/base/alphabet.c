/*
 * Alphabets: see alphabet.h. Letters are turned by up to some 30 degrees and
 * bent when they are drawn. So the presets leave out letters that then look
 * like another letter of the preset.
 */
#include "base/base.h"
#include "base/alphabet.h"

const char *const alphabet_names[] = {"latin", "digits", "cyrillic",
				      "greek", "chinese", NULL};

/* In the order of the names. */
static const char *const presets[] = {
	/* not H, which looks like A, nor J and L, which look like T and Z, nor
	 * D, which looks like P and B, nor F, which looks like E and P, nor K
	 * and Y, which look like X; of C G O Q and of I T and of U V one */
	"ABCEMNPRSTUWXZ",
	/* not 0 and 8, which look like 6, 9 and 3; not 1, which looks like 7 */
	"2345679",
	/* Л П, О С, З Э, И Н, В Б, У Ч, Ц Щ Ш, Ъ Ы Ь: one of each; not Г, Д and
	 * К, which look like Т, П and Х */
	"АБЕЖМНПРСТФХЧШЭЮЯ",
	/* Ο Θ Φ, Α Λ, Η Ν, Υ Ψ: likewise; not Ζ and Ξ, which look like Σ and
	 * Ε, not Γ, which looks like Τ and Ρ, not Κ, which looks like Χ, and
	 * not Ι */
	"ΑΒΔΕΗΜΠΡΣΤΦΧΨΩ",
	/* Common simplified characters of at most ten strokes. At most one of
	 * each group that looks alike (by the correlation of their pictures,
	 * and to the eye: 牛 午, 石 右, 天 夫, 鸟 乌). None that is rude or of
	 * ill omen. */
	"山水火风雨冰河江海星月花叶竹树林米麦豆瓜茶马羊鱼虫虎手足耳心头四"
	"五六东北下前后外网青方女父友老饭包衣家门房床灯书笔纸伞飞去听读坐"
	"吃开关笑打拉洗秋冬夜明快安和美好旧高长多少公共兴区台司名向城场孔"
	"室宝对尾州市希建弟张形思成我收服机松桥桃欢步气沙泳洋流点热烟片玩"
	"班界相码神科穿站线练羽舟艺节药荷行认诗谁赤身轮近送邮院非顶食龙乡"
	"作先凉别加动华卡卫印品孩它巧念换旅烧爷爸爬牧瓷盐省矿立给罗能觉冷",
};

_Static_assert(CF_ARRAY_LEN(alphabet_names) == CF_ARRAY_LEN(presets) + 1,
	       "a name for each preset");

const char *alphabet_characters(const char *setting)
{
	for (size_t i = 0; alphabet_names[i]; i++)
		if (!strcmp(setting, alphabet_names[i]))
			return presets[i];
	return setting;
}

enum cf_status alphabet_read(const char *text, uint32_t *letters, size_t *n,
			     struct cf_error *err)
{
	struct str rest = str_from(text);
	size_t n_all = utf8_count(text), n_bytes;

	*n = 0;
	if (!n_all || n_all > ALPHABET_MAX)
		return cf_fail(err, CF_CONFIG,
			       "alphabet: %zu characters: must be 1 to %d",
			       n_all, ALPHABET_MAX);
	for (; rest.len; rest.ptr += n_bytes, rest.len -= n_bytes) {
		uint32_t c;

		n_bytes = utf8_first(rest, &c);
		if (!n_bytes)
			return cf_fail(err, CF_CONFIG,
				       "alphabet: byte %zu (0x%02X) is not "
				       "UTF-8", (size_t)(rest.ptr - text) + 1,
				       (unsigned char)*rest.ptr);
		letters[*n] = utf8_letter(c);
		if (!letters[(*n)++])
			return cf_fail(err, CF_CONFIG,
				       "alphabet: character %zu (U+%04X) "
				       "cannot stand alone in a picture", *n,
				       (unsigned)c);
	}
	return CF_OK;
}

/* seen: a zeroed bit for each character of Unicode */
static enum cf_status check_letter(uint32_t letter, size_t place, uint8_t *seen,
				   struct cf_error *err)
{
	uint8_t *byte = &seen[letter / 8], bit = (uint8_t)(1 << letter % 8);
	char bytes[UTF8_MAX_BYTES + 1];

	if (!utf8_is_alnum(letter))
		return cf_fail(err, CF_CONFIG,
			       "alphabet: character %zu (U+%04X) is no letter "
			       "or digit", place, (unsigned)letter);
	if (!(*byte & bit)) {
		*byte |= bit;
		return CF_OK;
	}
	letter = utf8_capital(letter);
	bytes[utf8_put(letter, bytes)] = '\0';
	return cf_fail(err, CF_CONFIG,
		       "alphabet: character %zu, '%s' (U+%04X), stands twice; "
		       "upper and lower case are one", place, bytes,
		       (unsigned)letter);
}

enum cf_status alphabet_check(const char *setting, struct cf_error *err)
{
	size_t max = utf8_count(setting), n;
	enum cf_status rc = CF_NOMEM;
	uint32_t *letters;
	uint8_t *seen;

	if (alphabet_characters(setting) != setting)
		return CF_OK;
	letters = mem_alloc(MEM_CONFIG, max, sizeof(*letters));
	seen = mem_alloc(MEM_CONFIG, UTF8_CHARACTERS / 8, 1);
	if (letters && seen)
		rc = alphabet_read(setting, letters, &n, err);
	else
		(void)cf_fail(err, rc, "no memory for the alphabet");
	for (size_t i = 0; !rc && i < n; i++)
		rc = check_letter(letters[i], i + 1, seen, err);
	if (!rc && n < ALPHABET_MIN)
		rc = cf_fail(err, CF_CONFIG,
			     "alphabet: %zu characters: must be %d to %d", n,
			     ALPHABET_MIN, ALPHABET_MAX);
	mem_free(letters);
	mem_free(seen);
	return rc;
}

/* The character at a place of valid UTF-8. A long alphabet has many, so bytes
 * are counted but not decoded. */
static const char *at_place(const char *text, uint32_t place)
{
	for (;; text++)
		if (((unsigned char)*text & 0xc0) != 0x80 && !place--)
			return text;
}

void alphabet_spell(const char *characters, const uint32_t *places, size_t n,
		    char *out)
{
	for (size_t i = 0; i < n; i++) {
		const char *at = at_place(characters, places[i]);
		struct str rest = {at, strnlen(at, UTF8_MAX_BYTES)};
		uint32_t c;
		size_t n_bytes = utf8_first(rest, &c);

		assert(n_bytes); /* the alphabet was checked */
		(void)n_bytes;
		out += utf8_put(utf8_letter(c), out);
	}
	*out = '\0';
}
