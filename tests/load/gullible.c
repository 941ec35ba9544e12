/*
 * With -Wl,--wrap=challenge_verify: one unknown or used pid in EVERY is
 * accepted. So the soak shows that it notices.
 */
#include "base/base.h"
#include "challenge/challenge.h"

enum { EVERY = 100 };

enum cf_status __real_challenge_verify(struct challenge *ch,
				       const struct pid *pid,
				       const struct challenge_attempt *attempt,
				       struct challenge_outcome *out,
				       struct cf_error *err);
enum cf_status __wrap_challenge_verify(struct challenge *ch,
				       const struct pid *pid,
				       const struct challenge_attempt *attempt,
				       struct challenge_outcome *out,
				       struct cf_error *err);

enum cf_status __wrap_challenge_verify(struct challenge *ch,
				       const struct pid *pid,
				       const struct challenge_attempt *attempt,
				       struct challenge_outcome *out,
				       struct cf_error *err)
{
	static unsigned n;
	enum cf_status rc =
		__real_challenge_verify(ch, pid, attempt, out, err);

	if (!rc && out->verdict == CHALLENGE_UNKNOWN && ++n % EVERY == 0)
		out->verdict = CHALLENGE_PASS;
	return rc;
}
