/*
 * Issuing: see challenge_issue. A challenge comes out of the reserve of its
 * profile. When the reserve is empty, a batch of challenges is recorded first.
 * They have pictures of the pool. When the pool has none, they have only
 * answers, and each picture is drawn when its challenge is handed out.
 */
#include "base/base.h"
#include "base/crypt.h"
#include "base/metrics.h"
#include "challenge/state.h"

/* Take up to n pictures from the pool. Returns how many it took. */
static size_t take_pictures(struct stock *stock, size_t n,
			    const struct moment *now, struct cf_error *pool_err)
{
	enum cf_status rc = CF_OK;
	size_t i;

	for (i = 0; i < n; i++) {
		struct reserved *r = &stock->reserve.item[i];

		pid_make(&r->pid, now->unix_ms);
		rc = shelf_take(stock->profile->shelf, &r->pid, r->code,
				pool_err);
		if (rc)
			break;
	}
	pool_err->status = rc;
	stock_want_filling(stock);
	return i;
}

static enum cf_status make_answers(struct stock *stock, size_t n,
				   const struct moment *now,
				   struct cf_error *err)
{
	enum cf_status rc = CF_OK;

	for (size_t i = 0; i < n && !rc; i++) {
		struct reserved *r = &stock->reserve.item[i];

		pid_make(&r->pid, now->unix_ms);
		rc = profile_make_code(stock->profile, r->code, err);
	}
	return rc;
}

static void make_entry(const struct profile *profile,
		       const struct reserved *from, const struct moment *now,
		       struct store_entry *entry)
{
	const struct profile_options *o = &profile->options;

	_Static_assert((int)STORE_PROFILE_MAX_BYTES ==
			       (int)POOL_PROFILE_MAX_CHARS,
		       "a name fits everywhere");
	entry->pid = from->pid;
	memcpy(entry->code, from->code, sizeof(entry->code));
	entry->attempts_left = (int)o->attempts;
	entry->created_unix_ms = now->unix_ms;
	entry->expires_unix_ms = now->unix_ms + o->ttl_s * 1000;
	memcpy(entry->profile, profile->name, sizeof(entry->profile));
	entry->note[0] = '\0';
}

/* Fill the empty reserve: at most n challenges, in one transaction. */
static enum cf_status record_batch(struct stock *stock, size_t n,
				   const struct moment *now,
				   struct cf_error *pool_err,
				   struct cf_error *err)
{
	struct store_entry entries[CHALLENGE_RESERVE_MAX] = {0};
	struct challenge *ch = stock->ch;
	struct reserve *reserve = &stock->reserve;
	size_t n_pictures = take_pictures(stock, n, now, pool_err);
	enum cf_status rc = CF_OK;

	if (n_pictures)
		n = n_pictures;
	else
		rc = make_answers(stock, n, now, err);
	if (rc)
		return rc;
	for (size_t i = 0; i < n; i++)
		make_entry(stock->profile, &reserve->item[i], now, &entries[i]);
	rc = store_put(ch->parts.store, entries, n, err);
	crypt_zero(entries, n * sizeof(entries[0]));
	for (size_t i = 0; rc && i < n_pictures; i++)
		pool_remove_live(ch->parts.pool, &reserve->item[i].pid);
	if (rc)
		return rc;
	room_use(&ch->room, n);
	reserve->n = n;
	reserve->next = 0;
	reserve->has_pictures = n_pictures > 0;
	reserve->filled = *now;
	return CF_OK;
}

/* Fill the reserve unless it has a challenge to hand out. */
static enum cf_status prepare(struct stock *stock, const struct moment *now,
			      struct cf_error *pool_err, struct cf_error *err)
{
	struct challenge *ch = stock->ch;
	struct reserve *reserve = &stock->reserve;
	enum cf_status rc;
	size_t n;

	if (reserve_is_stale(reserve, now))
		upkeep_give_back(stock);
	if (!reserve_is_empty(reserve))
		return CF_OK;
	n = reserve_next_size(reserve, stock->profile->options.ttl_s,
			      ch->parts.reserve_max, now);
	reserve->size = n;
	rc = room_check(&ch->room, ch->parts.store, &ch->parts.clk, &n, err);
	return rc ? rc : record_batch(stock, n, now, pool_err, err);
}

static enum cf_status get_picture(const struct stock *stock,
				  const struct reserved *r, struct buf *png,
				  struct cf_error *pool_err,
				  struct cf_error *err)
{
	struct challenge *ch = stock->ch;
	struct profile *profile = stock->profile;

	return stock->reserve.has_pictures
		       ? picture_load(ch, profile, &r->pid, r->code, png,
				      pool_err, err)
		       : picture_draw(ch, profile, &r->pid, r->code, png, err);
}

/* Keep the picture of a challenge that is issued by its address. Where machines
 * share pictures, the store has to take it. A file only saves drawing it again,
 * so a failure to write it is no failure. */
static enum cf_status place_picture(struct stock *stock,
				    const struct reserved *r,
				    const struct moment *now,
				    struct cf_error *pool_err,
				    struct cf_error *err)
{
	const struct challenge_parts *parts = &stock->ch->parts;
	bool is_shared = parts->options.has_shared_pictures;
	bool has_file = stock->reserve.has_pictures;
	struct buf *png = &stock->ch->png;
	enum cf_status rc;

	if (has_file && !is_shared)
		return CF_OK;
	buf_reset(png);
	rc = get_picture(stock, r, png, pool_err, err);
	if (!rc && is_shared)
		rc = store_put_picture(
			parts->store, &r->pid,
			(struct str){png->ptr, png->len},
			now->unix_ms + stock->profile->options.ttl_s * 1000,
			err);
	if (rc || has_file)
		return rc;
	if (!pool_put_live(parts->pool, &r->pid, png->ptr, png->len,
			   pool_err) &&
	    pool_err->status == CF_EMPTY)
		pool_err->status = CF_OK;
	return CF_OK;
}

/* Hand out the next challenge; after a failure it stays in the reserve. A
 * picture that is sent with its pid gets no file: it is seldom requested, it
 * can be drawn again, and a file costs half as much as drawing. */
static enum cf_status hand_out(struct stock *stock, const struct moment *now,
			       struct pid *pid, struct buf *png,
			       struct cf_error *pool_err, struct cf_error *err)
{
	struct reserve *reserve = &stock->reserve;
	struct reserved *r = &reserve->item[reserve->next];
	enum cf_status rc = png ? get_picture(stock, r, png, pool_err, err)
				: place_picture(stock, r, now, pool_err, err);

	if (rc)
		return rc;
	*pid = r->pid;
	crypt_zero(r->code, sizeof(r->code));
	reserve->next++;
	metrics_add(METRIC_ISSUED, 1);
	metrics_add(reserve->has_pictures ? METRIC_POOL_HIT : METRIC_POOL_MISS,
		    1);
	return CF_OK;
}

enum cf_status challenge_issue(struct challenge *ch, struct str profile,
			       struct challenge_issued *out, struct buf *png,
			       struct cf_error *err)
{
	struct moment now = challenge_now(ch);
	struct cf_error pool_err; /* CF_EMPTY: the pool was not asked */
	struct stock *stock;
	enum cf_status rc = challenge_stock(ch, profile, &stock, err);

	if (rc)
		return rc;
	pool_err.status = CF_EMPTY;
	rc = prepare(stock, &now, &pool_err, err);
	if (!rc)
		rc = hand_out(stock, &now, &out->pid, png, &pool_err, err);
	if (rc && !ch->parts.has_pauses)
		upkeep_give_back(stock); /* CGI: no later call will */
	challenge_note_pool(ch, &now, &pool_err);
	out->profile = stock->profile;
	return rc;
}
