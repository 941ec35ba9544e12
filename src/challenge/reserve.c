/*
 * Reserves: see reserve.h.
 */
#include "base/base.h"
#include "base/crypt.h"
#include "challenge/reserve.h"

enum {
	/* an older reserve is given back */
	RESERVE_MAX_AGE_MS = 1000,
	/* a reserve that is used up faster was too small */
	RESERVE_GROW_MS = 100,
	/* challenges with shorter lives do not wait in a reserve */
	RESERVE_MIN_TTL_S = 30,
};

int64_t reserve_due_mono_ms(const struct reserve *reserve,
			    const struct moment *now)
{
	int64_t age_ms = now->unix_ms - reserve->filled.unix_ms;

	if (reserve_is_empty(reserve))
		return INT64_MAX;
	if (age_ms < -STALE_SLACK_MS || age_ms > STALE_SLACK_MS)
		return INT64_MIN; /* the wall clock was set */
	return reserve->filled.mono_ms + RESERVE_MAX_AGE_MS + 1;
}

bool reserve_is_stale(const struct reserve *reserve, const struct moment *now)
{
	return now->mono_ms >= reserve_due_mono_ms(reserve, now);
}

size_t reserve_next_size(const struct reserve *reserve, int64_t ttl_s,
			 size_t max, const struct moment *now)
{
	bool is_used_up_fast =
		now->mono_ms - reserve->filled.mono_ms <= RESERVE_GROW_MS;

	if (ttl_s < RESERVE_MIN_TTL_S || !reserve->size || !is_used_up_fast)
		return 1;
	return reserve->size * 2 <= max ? reserve->size * 2 : reserve->size;
}

void reserve_clear(struct reserve *reserve)
{
	crypt_zero(reserve->item, sizeof(reserve->item));
	reserve->n = reserve->next = 0;
}
