/*
 * See fake_challenge.h. The text of its errors is a secret that no answer
 * may show.
 */
#include "base/base.h"
#include "tests/support/fake_challenge.h"

#include "tests/support/http_client.h"

int fake_challenge_n_calls(const struct challenge *ch)
{
	return ch->n_issue + ch->n_picture + ch->n_verify + ch->n_health;
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
	{"", {.width_px = 240, .height_px = 80, .ttl_s = FAKE_TTL_S}},
	{FAKE_PROFILE,
	 {.width_px = 320, .height_px = 100, .ttl_s = FAKE_LOGIN_TTL_S}},
};

static struct profile *find_profile(struct str name)
{
	if (!name.len || str_eq(name, CHALLENGE_BASE_NAME))
		return &profiles[0];
	return str_eq(name, FAKE_PROFILE) ? &profiles[1] : NULL;
}

const struct profile *challenge_profile(struct challenge *ch, struct str name)
{
	(void)ch;
	return find_profile(name);
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
	ch->n_issue++;
	out->profile = find_profile(profile);
	assert(out->profile);
	(void)snprintf(ch->profile, sizeof(ch->profile), "%s",
		       out->profile->name);
	ch->had_png = png != NULL;
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
				 struct buf *png, struct cf_error *err)
{
	ch->n_picture++;
	ch->had_png = png != NULL;
	ch->pid = *pid;
	if (ch->status) {
		if (png)
			buf_add_str(png, CLIENT_SECRET);
		return outcome(ch, err);
	}
	add_png(ch, png);
	return CF_OK;
}

enum cf_status challenge_verify(struct challenge *ch, const struct pid *pid,
				struct str answer, struct str wanted,
				struct challenge_outcome *out,
				struct cf_error *err)
{
	const struct profile *of = wanted.ptr ? find_profile(wanted) : NULL;

	ch->n_verify++;
	ch->wanted = of ? of->name : NULL;
	assert(answer.len < FAKE_TEXT_BYTES);
	ch->pid = pid ? *pid : (struct pid){""};
	ch->answer_len = answer.len;
	memcpy(ch->answer, answer.ptr, answer.len);
	*out = (struct challenge_outcome){CHALLENGE_UNKNOWN, NULL};
	if (!ch->status)
		out->verdict = ch->verdict;
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
	ch->n_health++;
	*out = ch->health;
}
