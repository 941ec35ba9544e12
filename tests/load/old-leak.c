/*
 * With -Wl,--wrap=challenge_issue,--wrap=challenge_pause: the leak of the old
 * service. It made a generator for each request and kept it in a list that a
 * timer walked. So the hunt for leaks shows that it finds one.
 */
#include "base/base.h"
#include "base/mem.h"
#include "challenge/challenge.h"

/* ccap_list of the old service. */
struct kept {
	struct generator *generator;
	struct kept *next;
};

static struct kept *list;

enum cf_status __real_challenge_issue(struct challenge *ch,
				      struct str profile,
				      struct challenge_issued *out,
				      struct buf *png, struct cf_error *err);
enum cf_status __wrap_challenge_issue(struct challenge *ch,
				      struct str profile,
				      struct challenge_issued *out,
				      struct buf *png, struct cf_error *err);
int64_t __real_challenge_pause(struct challenge *ch);
int64_t __wrap_challenge_pause(struct challenge *ch);

enum cf_status __wrap_challenge_issue(struct challenge *ch,
				      struct str profile,
				      struct challenge_issued *out,
				      struct buf *png, struct cf_error *err)
{
	static const struct generator_options options = {
		.width_px = 240, .height_px = 80, .margin_px = 6,
		.alphabet = "ACEHMPRSTUWX", .fonts = "",
		.ink = {.is_auto = true}, .paper = {.is_auto = true}};
	struct kept *kept = mem_alloc(MEM_GENERATOR, 1, sizeof(*kept));

	kept->generator = generator_new(&options);
	if (generator_load(kept->generator, err))
		abort();
	kept->next = list;
	list = kept;
	return __real_challenge_issue(ch, profile, out, png, err);
}

int64_t __wrap_challenge_pause(struct challenge *ch)
{
	for (const struct kept *kept = list; kept; kept = kept->next)
		if (!kept->generator)
			abort();
	return __real_challenge_pause(ch);
}
