/*
 * See fake_challenge.h. No response may show the text of its errors.
 */
#include "base/base.h"
#include "challenge/token.h"
#include "tests/support/fake_challenge.h"

#include "tests/support/http_client.h"

/* Record a call. */
CF_PRINTF(2, 3)
static void note(struct challenge *ch, const char *fmt, ...)
{
	size_t n = strlen(ch->calls);
	va_list args;

	if (n)
		n += (size_t)snprintf(ch->calls + n, sizeof(ch->calls) - n,
				      ", ");
	va_start(args, fmt);
	n += (size_t)vsnprintf(ch->calls + n, sizeof(ch->calls) - n, fmt, args);
	va_end(args);
	assert(n < sizeof(ch->calls));
}

static enum cf_status outcome(const struct challenge *ch, struct cf_error *err)
{
	if (ch->status)
		return cf_fail(err, ch->status, CLIENT_SECRET);
	return CF_OK;
}

static void add_png(const struct challenge *ch, struct buf *png)
{
	if (!ch->png_bytes)
		buf_add(png, FAKE_PNG, FAKE_PNG_BYTES);
	for (size_t i = 0; i < ch->png_bytes; i++)
		buf_add_char(png, (char)i);
}

struct profile {
	const char *name;
	struct profile_options options;
};

static struct profile profiles[2] = {
	{"",
	 {.width_px = 240,
	  .height_px = 80,
	  .ttl_s = FAKE_TTL_S,
	  .length_min = 6,
	  .length_max = 6}},
	{FAKE_PROFILE,
	 {.width_px = 320,
	  .height_px = 100,
	  .ttl_s = FAKE_LOGIN_TTL_S,
	  .kind = PUZZLE_ARITHMETIC}},
};

static const char *name_of(const struct profile *profile)
{
	assert(profile); /* http has checked the name */
	return profile->name[0] ? profile->name : CHALLENGE_BASE_NAME;
}

const struct profile *challenge_profile(struct challenge *ch, struct str name)
{
	(void)ch;
	if (!name.len || str_eq(name, CHALLENGE_BASE_NAME))
		return &profiles[0];
	return str_eq(name, FAKE_PROFILE) ? &profiles[1] : NULL;
}

const char *profile_name(const struct profile *profile)
{
	return profile->name;
}

const struct profile_options *profile_options(const struct profile *profile)
{
	return &profile->options;
}

enum cf_status challenge_issue(struct challenge *ch, struct str profile,
			       struct challenge_issued *out, struct buf *png,
			       struct cf_error *err)
{
	out->profile = challenge_profile(ch, profile);
	note(ch, "issue %s%s", name_of(out->profile), png ? " png" : "");
	if (ch->status) {
		if (png)
			buf_add_str(png, CLIENT_SECRET);
		return outcome(ch, err);
	}
	memcpy(out->pid.text, FAKE_PID, sizeof(FAKE_PID));
	if (png)
		add_png(ch, png);
	return CF_OK;
}

enum cf_status challenge_is_crowded(struct challenge *ch, bool *is_crowded,
				    struct cf_error *err)
{
	(void)err;
	*is_crowded = ch->is_crowded;
	return CF_OK;
}

enum cf_status challenge_picture(struct challenge *ch, const struct pid *pid,
				 struct str theme, struct buf *png,
				 struct cf_error *err)
{
	note(ch, "picture %s", pid->text);
	if (ch->status) {
		if (png)
			buf_add_str(png, CLIENT_SECRET);
		return outcome(ch, err);
	}
	add_png(ch, png);
	challenge_set_theme(&profiles[0], png->ptr, png->len, theme);
	return CF_OK;
}

bool challenge_has_sound(struct challenge *ch, const struct pid *pid,
			 struct str lang)
{
	(void)pid;
	(void)lang;
	return ch->has_sound;
}

enum cf_status challenge_find_sound(struct challenge *ch, const struct pid *pid,
				    struct str lang,
				    struct challenge_sound *out,
				    struct cf_error *err)
{
	note(ch, "sound %s %.*s", pid->text, lang.len ? (int)lang.len : 1,
	     lang.len ? lang.ptr : "-");
	*out = (struct challenge_sound){.pid = *pid,
					.n_bytes = FAKE_SOUND_BYTES,
					.mark = FAKE_MARK,
					.left_s = FAKE_LEFT_S};
	return outcome(ch, err);
}

/* Each byte is the lowest of its place. */
enum cf_status challenge_mix_sound(struct challenge *ch,
				   const struct challenge_sound *sound,
				   struct buf *wav, struct cf_error *err)
{
	note(ch, "mix %s", sound->pid.text);
	for (size_t i = 0; i < sound->n_bytes; i++)
		buf_add_char(wav, (char)i);
	return ch->mix_status ? cf_fail(err, ch->mix_status, CLIENT_SECRET)
			      : buf_status(wav, err);
}

/* The base has themes. */
bool challenge_has_themes(const struct profile *profile)
{
	return profile == &profiles[0];
}

/* The last byte tells the theme. */
void challenge_set_theme(const struct profile *profile, char *png, size_t len,
			 struct str theme)
{
	if (!challenge_has_themes(profile))
		return;
	if (str_eq(theme, "dark"))
		png[len - 1] = 'D';
	if (str_eq(theme, "light"))
		png[len - 1] = 'L';
}

enum cf_status challenge_verify(struct challenge *ch, const struct pid *pid,
				const struct challenge_attempt *attempt,
				struct challenge_outcome *out,
				struct cf_error *err)
{
	static const char *const ways[] = {
		[CHALLENGE_BY_PICTURE] = " by picture",
		[CHALLENGE_BY_SOUND] = " by sound",
		[CHALLENGE_BY_PICTURE | CHALLENGE_BY_SOUND] = "",
	};
	struct str answer = attempt->answer, wanted = attempt->profile;
	char shown[4 * 256 + 1] = "";
	size_t n = 0;

	for (size_t i = 0; i < answer.len; i++) {
		unsigned char c = (unsigned char)answer.ptr[i];
		bool is_plain = c > ' ' && c < 0x7f;

		assert(n + 4 < sizeof(shown));
		n += (size_t)snprintf(shown + n, sizeof(shown) - n,
				      is_plain ? "%c" : "\\x%02x", c);
	}
	note(ch, "verify %s %s %s%s", pid ? pid->text : "-", shown,
	     wanted.ptr ? name_of(challenge_profile(ch, wanted)) : "any",
	     ways[attempt->ways]);
	*out = (struct challenge_outcome){.verdict = CHALLENGE_UNKNOWN};
	if (!ch->status)
		out->verdict = ch->verdict;
	out->is_by_sound = out->verdict == CHALLENGE_PASS &&
			   attempt->ways & CHALLENGE_BY_SOUND &&
			   str_eq(answer, FAKE_DIGITS);
	if (out->verdict == CHALLENGE_PASS || out->verdict == CHALLENGE_WRONG)
		out->profile = ch->of_none ? NULL : &profiles[ch->is_login];
	return outcome(ch, err);
}

const char *challenge_verdict_name(enum challenge_verdict verdict)
{
	static const char *const names[] = {
		[CHALLENGE_UNKNOWN] = "unknown", [CHALLENGE_PASS] = "pass",
		[CHALLENGE_WRONG] = "wrong", [CHALLENGE_EXPIRED] = "expired",
		[CHALLENGE_MALFORMED] = "malformed",
	};

	return names[verdict];
}

enum cf_status challenge_count(struct challenge *ch,
			       struct challenge_counts *out,
			       struct cf_error *err)
{
	*out = (struct challenge_counts){.n_live = 11, .max_live = 12,
					 .n_ready = {13, 14}};
	return ch->status ? cf_fail(err, ch->status, CLIENT_SECRET) : CF_OK;
}

const struct profile *challenge_profile_at(const struct challenge *ch,
					   size_t i)
{
	size_t n = ch->has_base_alone ? 1 : CF_ARRAY_LEN(profiles);

	return i < n ? &profiles[i] : NULL;
}

void challenge_check_health(struct challenge *ch,
			    struct challenge_health *out)
{
	note(ch, "health");
	*out = ch->health;
}

/* Any key will do: tests of seals and secrets use the real layer. */
enum cf_status challenge_derive(struct challenge *ch, const char *purpose,
				uint8_t out[CRYPT_SHA256_BYTES],
				struct cf_error *err)
{
	memset(out, purpose[0], CRYPT_SHA256_BYTES);
	return outcome(ch, err);
}

enum cf_status token_derive_secret(struct challenge *ch,
				   char out[TOKEN_SECRET_CHARS + 1],
				   struct cf_error *err)
{
	memset(out, 'A', TOKEN_SECRET_CHARS);
	out[TOKEN_SECRET_CHARS] = '\0';
	return outcome(ch, err);
}

enum cf_status token_issue(struct challenge *ch, struct token_facts *facts,
			   struct str network, int64_t ttl_s,
			   char out[TOKEN_CHARS + 1], struct cf_error *err)
{
	(void)network;
	(void)ttl_s;
	note(ch, "token %s %s%s", facts->site,
	     facts->hostname[0] ? facts->hostname : "-",
	     facts->mode == TOKEN_AUDIO ? " audio" : "");
	(void)snprintf(out, TOKEN_CHARS + 1, "%s", FAKE_TOKEN);
	return outcome(ch, err);
}

enum cf_status token_redeem(struct challenge *ch,
			    const struct token_request *request,
			    struct token_facts *facts,
			    enum token_verdict *verdict, struct cf_error *err)
{
	*facts = (struct token_facts){.mode = TOKEN_PICTURE};
	*verdict = str_eq(request->token, FAKE_TOKEN) ? ch->token_verdict
						      : TOKEN_INVALID;
	note(ch, "redeem %s", request->site);
	return outcome(ch, err);
}
