/*
 * The rules: see challenge.h. What an answer is worth, how long a challenge
 * lives, when the pool is used and when a picture is drawn, and what is done
 * in the pauses.
 *
 * A picture is drawn for a pid when the pool has none, or when its file was
 * lost. Its seed is then a keyed hash of the pid, so that it looks the same
 * whenever it is drawn again, and nobody without the key can draw it.
 */
#include "base/base.h"
#include "base/crypt.h"
#include "base/mem.h"
#include "challenge/answer.h"
#include "challenge/challenge.h"
#include "challenge/token.h"

enum {
	/* what was reserved is handed out within this, or given back */
	RESERVE_MAX_AGE_MS = 1000,
	/* a reserve used up faster than this was too small */
	RESERVE_GROW_MS = 100,
	/* shorter lives are not shortened by waiting in a reserve */
	RESERVE_MIN_TTL_S = 30,
	/* challenges between two looks at max_live, at most */
	COUNT_EVERY_MAX = 4096,
	FULL_PAUSE_MS = 100,
	SWEEP_ROWS = 500,
	SWEEP_EVERY_MS = 10000,
	SWEEP_NAMES = 200,
	SWEEP_NAMES_EVERY_MS = 30000,
	FILL_RETRY_MS = 1000,
	FILL_TROUBLE_MS = 10000,
	COMPLAIN_EVERY_MS = 60000,
	/* how much older than its ttl a file or row is before others take
	 * it for stale: clocks and reserves differ by a little */
	STALE_SLACK_MS = 5000,
};

struct reserved {
	char pid[CHALLENGE_PID_CHARS + 1];
	char code[STORE_CODE_MAX_BYTES + 1];
};

struct challenge {
	struct challenge_parts parts;
	struct buf png; /* for pictures that go to files alone */
	uint8_t secret[CRYPT_KEY_BYTES];
	bool has_secret;
	/* recorded and with a picture, not yet handed out: [next, n) */
	struct reserved reserved[STORE_PUT_MAX];
	size_t n_reserved;
	size_t next_reserved;
	size_t reserve_size;
	int64_t reserved_mono_ms;
	/* max_live */
	int64_t n_until_count;
	int64_t full_until_mono_ms;
	/* what pauses do next, and when */
	bool is_fill_wanted;
	int64_t n_to_fill; /* above 0: filling, and holding its lock */
	int64_t next_fill_mono_ms;
	int64_t next_sweep_mono_ms;
	int64_t next_sweep_names_mono_ms;
	/* the last complaint about the pool */
	enum cf_status pool_status;
	int64_t complained_mono_ms;
};

static int64_t mono_ms(struct challenge *ch)
{
	return clk_mono_ms(&ch->parts.clk);
}

struct challenge *challenge_new(const struct challenge_parts *parts)
{
	struct challenge *ch = mem_alloc(MEM_CHALLENGE, 1, sizeof(*ch));

	if (!ch)
		return NULL;
	ch->parts = *parts;
	buf_init(&ch->png, GENERATOR_PNG_MAX_BYTES);
	ch->reserve_size = 1;
	ch->is_fill_wanted = parts->settings->pool_size > 0;
	return ch;
}

static void forget_reserve(struct challenge *ch)
{
	crypt_zero(ch->reserved, sizeof(ch->reserved));
	ch->n_reserved = ch->next_reserved = 0;
}

/* What was not handed out in time: nobody knows these pids. */
static void give_back_reserve(struct challenge *ch)
{
	enum cf_status rc;

	for (size_t i = ch->next_reserved; i < ch->n_reserved; i++) {
		const char *pid = ch->reserved[i].pid;
		char day[POOL_DAY_BYTES];

		pool_day(token_unix_ms(pid), day);
		pool_remove_live(ch->parts.pool, day, pid);
		rc = store_drop(ch->parts.store, pid, NULL);
		if (rc && rc != CF_NOT_FOUND)
			break; /* the rest expires by itself */
	}
	forget_reserve(ch);
}

void challenge_free(struct challenge *ch)
{
	if (!ch)
		return;
	give_back_reserve(ch);
	if (ch->n_to_fill > 0)
		pool_fill_end(ch->parts.pool);
	buf_release(&ch->png);
	crypt_zero(ch->secret, sizeof(ch->secret));
	mem_free(ch);
}

/* Say that the pool does not work, or works again, without flooding the log:
 * requests go on without it. After a complaint nothing is said for a minute,
 * since a part of it may work while another does not. */
static void note_pool(struct challenge *ch, enum cf_status rc,
		      const struct cf_error *err)
{
	int64_t now = mono_ms(ch);

	if (rc == CF_EMPTY || rc == CF_BUSY || (!rc && !ch->pool_status))
		return;
	if (ch->pool_status &&
	    now - ch->complained_mono_ms < COMPLAIN_EVERY_MS)
		return;
	if (rc)
		log_error(ch->parts.log, LOG_LEVEL_WARN, "pool", err);
	else
		log_event(ch->parts.log, LOG_LEVEL_WARN, "pool",
			  "status=ok text=\"works again\"");
	ch->pool_status = rc;
	ch->complained_mono_ms = now;
}

/* --- drawing -------------------------------------------------------------- */

void challenge_make_code(const struct challenge *ch,
			 char code[STORE_CODE_MAX_BYTES + 1])
{
	const struct settings *s = ch->parts.settings;
	uint32_t n_lengths = (uint32_t)(s->length_max - s->length_min + 1);
	size_t len = (size_t)s->length_min + crypt_uniform(n_lengths);

	assert(len <= STORE_CODE_MAX_BYTES);
	crypt_random_text(code, len, s->alphabet, strlen(s->alphabet));
	code[len] = '\0';
	for (char *c = code; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
}

/* Append the picture that belongs to this pid and code. */
static enum cf_status draw_for(struct challenge *ch, const char *pid,
			       const char *code, struct buf *png,
			       struct cf_error *err)
{
	uint64_t seed;

	if (!ch->has_secret) {
		enum cf_status rc = store_secret(ch->parts.store, ch->secret,
						 err);

		if (rc)
			return rc;
		ch->has_secret = true;
	}
	seed = crypt_hash64(ch->secret, pid, CHALLENGE_PID_CHARS);
	return generator_draw(ch->parts.gen, seed, code, png, err);
}

/* --- issuing -------------------------------------------------------------- */

static enum cf_status check_room(struct challenge *ch, struct cf_error *err)
{
	int64_t max_live = ch->parts.settings->max_live;
	int64_t n, room;
	enum cf_status rc;

	if (ch->n_until_count > 0)
		return CF_OK;
	if (ch->full_until_mono_ms && mono_ms(ch) < ch->full_until_mono_ms)
		return cf_fail(err, CF_FULL, "max_live = %lld challenges are "
			       "waiting for answers", (long long)max_live);
	rc = store_count(ch->parts.store, max_live - COUNT_EVERY_MAX, &n, err);
	if (rc)
		return rc;
	room = max_live - n;
	if (room <= 0) {
		ch->full_until_mono_ms = mono_ms(ch) + FULL_PAUSE_MS;
		return cf_fail(err, CF_FULL, "max_live = %lld challenges are "
			       "waiting for answers", (long long)max_live);
	}
	ch->full_until_mono_ms = 0;
	/* other processes use the same room: look again long before its end */
	ch->n_until_count = room / 8 < COUNT_EVERY_MAX ? room / 8
						       : COUNT_EVERY_MAX;
	return CF_OK;
}

static void fill_entry(struct challenge *ch, struct store_entry *entry,
		       const struct reserved *from, int64_t now_unix_ms)
{
	const struct settings *s = ch->parts.settings;

	memcpy(entry->pid, from->pid, sizeof(entry->pid));
	memcpy(entry->code, from->code, sizeof(entry->code));
	entry->attempts_left = (int)s->attempts;
	entry->created_unix_ms = now_unix_ms;
	entry->expires_unix_ms = now_unix_ms + s->ttl_s * 1000;
}

/* Take up to n pictures from the pool and name them; how many there were. */
static size_t take_pictures(struct challenge *ch, size_t n, int64_t now_unix_ms,
			    const char *day)
{
	struct cf_error trouble = CF_ERROR_INIT;
	enum cf_status rc = CF_OK;
	size_t i;

	for (i = 0; i < n; i++) {
		struct reserved *r = &ch->reserved[i];

		token_make(now_unix_ms, r->pid);
		rc = pool_take(ch->parts.pool, day, r->pid, r->code, &trouble);
		if (rc)
			break;
	}
	note_pool(ch, rc, &trouble);
	ch->is_fill_wanted = ch->parts.settings->pool_size > 0;
	return i;
}

/* Draw a picture for one challenge; a file for it is welcome, not needed. */
static enum cf_status draw_picture(struct challenge *ch, int64_t now_unix_ms,
				   const char *day, struct buf *png,
				   struct cf_error *err)
{
	struct cf_error trouble = CF_ERROR_INIT;
	struct reserved *r = &ch->reserved[0];
	size_t begin;
	enum cf_status rc;

	if (!png) {
		png = &ch->png;
		buf_reset(png);
	}
	begin = png->len;
	token_make(now_unix_ms, r->pid);
	challenge_make_code(ch, r->code);
	rc = draw_for(ch, r->pid, r->code, png, err);
	if (rc)
		return rc;
	note_pool(ch, pool_put_live(ch->parts.pool, day, r->pid,
				    png->ptr + begin, png->len - begin,
				    &trouble), &trouble);
	return CF_OK;
}

/* How many to record at once: as many as lately went within a moment, and no
 * more than max_live has room for. */
static size_t next_reserve_size(struct challenge *ch, int64_t now_mono_ms)
{
	const struct settings *s = ch->parts.settings;

	if (s->ttl_s < RESERVE_MIN_TTL_S)
		return 1;
	if (now_mono_ms - ch->reserved_mono_ms > RESERVE_GROW_MS)
		ch->reserve_size = 1;
	else if (ch->reserve_size * 2 <= (size_t)s->reserve)
		ch->reserve_size *= 2;
	if ((int64_t)ch->reserve_size <= ch->n_until_count)
		return ch->reserve_size;
	return ch->n_until_count > 0 ? (size_t)ch->n_until_count : 1;
}

/* Fill the empty reserve: pictures first, then one transaction for all.
 * *png_done: png has the picture of the first. */
static enum cf_status reserve(struct challenge *ch, struct buf *png,
			      bool *png_done, struct cf_error *err)
{
	struct store_entry entries[STORE_PUT_MAX];
	int64_t now_mono_ms = mono_ms(ch);
	int64_t now_unix_ms = clk_unix_ms(&ch->parts.clk);
	char day[POOL_DAY_BYTES];
	enum cf_status rc;
	size_t n;

	rc = check_room(ch, err);
	if (rc)
		return rc;
	/* the day that the pid tells, not that of the millisecond after it */
	pool_day(now_unix_ms, day);
	n = take_pictures(ch, next_reserve_size(ch, now_mono_ms), now_unix_ms,
			  day);
	if (!n) {
		rc = draw_picture(ch, now_unix_ms, day, png, err);
		if (rc)
			return rc;
		*png_done = png != NULL;
		n = 1;
	}
	for (size_t i = 0; i < n; i++)
		fill_entry(ch, &entries[i], &ch->reserved[i], now_unix_ms);
	rc = store_put(ch->parts.store, entries, n, err);
	crypt_zero(entries, n * sizeof(entries[0]));
	if (rc) {
		for (size_t i = 0; i < n; i++)
			pool_remove_live(ch->parts.pool, day,
					 ch->reserved[i].pid);
		return rc;
	}
	ch->n_reserved = n;
	ch->next_reserved = 0;
	ch->reserved_mono_ms = now_mono_ms;
	ch->n_until_count -= (int64_t)n;
	return CF_OK;
}

/* The picture of a challenge: its file, or drawn again if that is lost. */
static enum cf_status load_picture(struct challenge *ch, const char *pid,
				   const char *code, struct buf *png,
				   struct cf_error *err)
{
	struct cf_error trouble = CF_ERROR_INIT;
	size_t begin = png->len;
	char day[POOL_DAY_BYTES];
	enum cf_status rc;

	pool_day(token_unix_ms(pid), day);
	rc = pool_load_live(ch->parts.pool, day, pid, png, &trouble);
	if (!rc)
		return CF_OK;
	if (rc != CF_NOT_FOUND)
		note_pool(ch, rc, &trouble);
	buf_truncate(png, begin);
	return draw_for(ch, pid, code, png, err);
}

enum cf_status challenge_issue(struct challenge *ch,
			       char pid[CHALLENGE_PID_CHARS + 1],
			       struct buf *png, struct cf_error *err)
{
	bool png_done = false;
	struct reserved *r;
	enum cf_status rc = CF_OK;

	if (ch->next_reserved < ch->n_reserved &&
	    mono_ms(ch) - ch->reserved_mono_ms > RESERVE_MAX_AGE_MS)
		give_back_reserve(ch);
	if (ch->next_reserved == ch->n_reserved) {
		rc = reserve(ch, png, &png_done, err);
		if (rc)
			return rc;
	}
	r = &ch->reserved[ch->next_reserved++];
	if (png && !png_done)
		rc = load_picture(ch, r->pid, r->code, png, err);
	if (!rc)
		memcpy(pid, r->pid, sizeof(r->pid));
	crypt_zero(r->code, sizeof(r->code));
	return rc;
}

/* --- showing and verifying ------------------------------------------------ */

enum cf_status challenge_picture(struct challenge *ch, struct str pid_text,
				 struct buf *png,
				 char file[CHALLENGE_FILE_BYTES],
				 struct cf_error *err)
{
	char pid[CHALLENGE_PID_CHARS + 1];
	char day[POOL_DAY_BYTES];
	struct store_entry entry;
	enum cf_status rc;

	_Static_assert((int)CHALLENGE_FILE_BYTES >= (int)POOL_NAME_BYTES,
		       "a name of the pool fits");
	if (file)
		file[0] = '\0';
	if (!token_parse(pid_text, pid))
		return cf_fail(err, CF_NOT_FOUND, "no pid has this shape");
	rc = store_peek(ch->parts.store, pid, &entry, err);
	if (!rc && clk_unix_ms(&ch->parts.clk) >= entry.expires_unix_ms)
		rc = cf_fail(err, CF_NOT_FOUND, "expired");
	if (!rc && file) {
		pool_day(token_unix_ms(pid), day);
		if (!pool_has_live(ch->parts.pool, day, pid, file))
			file[0] = '\0';
	}
	if (!rc && png && !(file && file[0]))
		rc = load_picture(ch, pid, entry.code, png, err);
	crypt_zero(&entry, sizeof(entry));
	return rc;
}

const char *challenge_verdict_name(enum challenge_verdict verdict)
{
	static const char *const names[] = {
		[CHALLENGE_UNKNOWN] = "unknown",
		[CHALLENGE_PASS] = "pass",
		[CHALLENGE_WRONG] = "wrong",
		[CHALLENGE_EXPIRED] = "expired",
		[CHALLENGE_MALFORMED] = "malformed",
	};

	assert((unsigned)verdict < CF_ARRAY_LEN(names));
	return names[verdict];
}

/* What a taken challenge says to an answer. A right one wins only if this
 * caller is the one who ends the challenge. */
static enum cf_status judge(struct challenge *ch, struct store_entry *entry,
			    struct str typed, enum challenge_verdict *verdict,
			    struct cf_error *err)
{
	struct answer answer;
	bool is_right;
	enum cf_status rc = CF_OK;

	answer_init(&answer, typed);
	is_right = answer_is(&answer, entry->code);
	crypt_zero(&answer, sizeof(answer));
	if (clk_unix_ms(&ch->parts.clk) >= entry->expires_unix_ms) {
		*verdict = CHALLENGE_EXPIRED;
		return CF_OK;
	}
	if (!is_right) {
		*verdict = CHALLENGE_WRONG;
		return CF_OK;
	}
	if (entry->attempts_left > 0) {
		rc = store_drop(ch->parts.store, entry->pid, err);
		if (rc == CF_NOT_FOUND)
			return CF_OK; /* somebody else was first */
		entry->attempts_left = 0;
	}
	if (!rc)
		*verdict = CHALLENGE_PASS;
	return rc;
}

enum cf_status challenge_verify(struct challenge *ch, struct str pid_text,
				struct str answer,
				enum challenge_verdict *verdict,
				struct cf_error *err)
{
	char pid[CHALLENGE_PID_CHARS + 1];
	char day[POOL_DAY_BYTES];
	struct store_entry entry;
	enum cf_status rc;

	*verdict = CHALLENGE_UNKNOWN;
	if (!token_parse(pid_text, pid)) {
		*verdict = CHALLENGE_MALFORMED;
		return CF_OK;
	}
	rc = store_take(ch->parts.store, pid, &entry, err);
	if (rc)
		return rc == CF_NOT_FOUND ? CF_OK : rc;
	rc = judge(ch, &entry, answer, verdict, err);
	if (!entry.attempts_left) {
		pool_day(token_unix_ms(pid), day);
		pool_remove_live(ch->parts.pool, day, pid);
	}
	crypt_zero(&entry, sizeof(entry));
	return rc;
}

void challenge_check_health(struct challenge *ch, struct challenge_health *out)
{
	*out = (struct challenge_health){0};
	out->store = store_probe(ch->parts.store, &out->store_error);
	out->cache = pool_probe(ch->parts.pool, &out->cache_error);
}

/* --- filling, sweeping, pauses -------------------------------------------- */

/* Draw one picture for the pool. */
static enum cf_status fill_one(struct challenge *ch, struct cf_error *err)
{
	char code[STORE_CODE_MAX_BYTES + 1];
	uint64_t seed;
	enum cf_status rc;

	challenge_make_code(ch, code);
	crypt_random(&seed, sizeof(seed));
	buf_reset(&ch->png);
	rc = generator_draw(ch->parts.gen, seed, code, &ch->png, err);
	if (!rc)
		rc = pool_publish(ch->parts.pool, ch->png.ptr, ch->png.len,
				  code, err);
	crypt_zero(code, sizeof(code));
	return rc;
}

enum cf_status challenge_fill(struct challenge *ch, bool wait,
			      challenge_progress_fn *progress, void *ctx,
			      int64_t *n_drawn, struct cf_error *err)
{
	int64_t n_missing;
	enum cf_status rc;

	*n_drawn = 0;
	rc = pool_fill_begin(ch->parts.pool, wait, &n_missing, err);
	if (rc)
		return rc;
	while (!rc) {
		if (progress && !progress(ctx, *n_drawn, n_missing))
			break;
		if (*n_drawn >= n_missing)
			break;
		rc = fill_one(ch, err);
		if (!rc)
			(*n_drawn)++;
	}
	pool_fill_end(ch->parts.pool);
	return rc;
}

/* The first pid, and its day, that may still be live. */
static void stale_bound(struct challenge *ch,
			char pid[CHALLENGE_PID_CHARS + 1],
			char day[POOL_DAY_BYTES])
{
	int64_t unix_ms = clk_unix_ms(&ch->parts.clk) -
			  ch->parts.settings->ttl_s * 1000;

	token_bound(unix_ms - STALE_SLACK_MS, pid);
	pool_day(unix_ms - STALE_SLACK_MS, day);
}

enum cf_status challenge_clean(struct challenge *ch,
			       struct challenge_cleaned *out,
			       struct cf_error *err)
{
	char bound[CHALLENGE_PID_CHARS + 1], day[POOL_DAY_BYTES];
	bool is_swept;
	size_t n;
	enum cf_status rc;

	*out = (struct challenge_cleaned){0};
	stale_bound(ch, bound, day);
	do {
		rc = store_sweep(ch->parts.store, bound,
				 clk_unix_ms(&ch->parts.clk), SWEEP_ROWS * 4,
				 &n, err);
		out->n_rows += (int64_t)n;
	} while (!rc && n >= SWEEP_ROWS * 4);
	is_swept = !rc;
	if (!rc)
		rc = pool_clean(ch->parts.pool, bound, day, &out->pool, err);
	if (!rc)
		rc = store_tidy(ch->parts.store, true, err);
	return rc == CF_BUSY && is_swept ? CF_OK : rc; /* tidied next time */
}

/* A step of filling; true when there is more to do at once. */
static bool pause_fill(struct challenge *ch, int64_t now)
{
	struct cf_error trouble = CF_ERROR_INIT;
	enum cf_status rc;

	if (ch->n_to_fill == 0) {
		rc = pool_fill_begin(ch->parts.pool, false, &ch->n_to_fill,
				     &trouble);
		if (!rc && ch->n_to_fill == 0) {
			pool_fill_end(ch->parts.pool);
			ch->is_fill_wanted = false;
			ch->next_fill_mono_ms = now + FILL_RETRY_MS;
			note_pool(ch, CF_OK, NULL);
			return false;
		}
	} else {
		rc = fill_one(ch, &trouble);
		if (!rc && --ch->n_to_fill == 0)
			pool_fill_end(ch->parts.pool); /* and count again */
	}
	if (rc) {
		if (ch->n_to_fill > 0)
			pool_fill_end(ch->parts.pool);
		ch->n_to_fill = 0;
		ch->next_fill_mono_ms = now + (rc == CF_BUSY ? FILL_RETRY_MS
							     : FILL_TROUBLE_MS);
	}
	note_pool(ch, rc, &trouble);
	return !rc;
}

/* A step of sweeping rows. */
static void pause_sweep(struct challenge *ch, int64_t now)
{
	struct cf_error trouble = CF_ERROR_INIT;
	char bound[CHALLENGE_PID_CHARS + 1], day[POOL_DAY_BYTES];
	enum cf_status rc;
	size_t n;

	stale_bound(ch, bound, day);
	rc = store_sweep(ch->parts.store, bound, clk_unix_ms(&ch->parts.clk),
			 SWEEP_ROWS, &n, &trouble);
	if (!rc)
		rc = store_tidy(ch->parts.store, false, &trouble);
	if (rc && rc != CF_BUSY)
		log_error(ch->parts.log, LOG_LEVEL_WARN, "sweep", &trouble);
	if (rc || n < SWEEP_ROWS)
		ch->next_sweep_mono_ms = now + SWEEP_EVERY_MS;
}

static int64_t min_i64(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

int64_t challenge_pause(struct challenge *ch)
{
	int64_t now = mono_ms(ch);
	int64_t next;

	if (ch->next_reserved < ch->n_reserved &&
	    now - ch->reserved_mono_ms > RESERVE_MAX_AGE_MS)
		give_back_reserve(ch);
	if (now >= ch->next_sweep_mono_ms) {
		pause_sweep(ch, now);
		return 0;
	}
	if (now >= ch->next_sweep_names_mono_ms) {
		char bound[CHALLENGE_PID_CHARS + 1], day[POOL_DAY_BYTES];

		stale_bound(ch, bound, day);
		if (pool_sweep(ch->parts.pool, bound, day, SWEEP_NAMES))
			ch->next_sweep_names_mono_ms =
				now + SWEEP_NAMES_EVERY_MS;
		/* others may have emptied the pool meanwhile */
		ch->is_fill_wanted = ch->parts.settings->pool_size > 0;
		return 0;
	}
	if (ch->n_to_fill > 0 ||
	    (ch->is_fill_wanted && now >= ch->next_fill_mono_ms)) {
		if (pause_fill(ch, now))
			return 0;
	}
	next = min_i64(ch->next_sweep_mono_ms, ch->next_sweep_names_mono_ms);
	if (ch->is_fill_wanted)
		next = min_i64(next, ch->next_fill_mono_ms);
	if (ch->next_reserved < ch->n_reserved)
		next = min_i64(next,
			       ch->reserved_mono_ms + RESERVE_MAX_AGE_MS + 1);
	return next > now ? next - now : 0;
}
