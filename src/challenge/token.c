/*
 * Tokens: see token.h.
 */
#include "base/base.h"
#include "base/crypt.h"
#include "base/metrics.h"
#include "base/text.h"
#include "challenge/state.h"
#include "challenge/token.h"

#define PREFIX "C1_"
#define SECRET_PURPOSE "captcha-site-default-v1"

enum {
	PREFIX_CHARS = sizeof(PREFIX) - 1,
	RANDOM_CHARS = TOKEN_CHARS - PREFIX_CHARS - PID_CHARS - 1,
	HASH_BYTES = 16, /* of a proof, and of an idempotency key */
	HASH_CHARS = 2 * HASH_BYTES,
	NETWORK_CHARS = 16,
};

_Static_assert(RANDOM_CHARS == 43, "as many as 32 bytes have in base64url");
_Static_assert((int)STORE_CODE_MAX_BYTES >= 2 * (int)HASH_CHARS,
	       "a spent token has two hashes");

/* --- notes ---------------------------------------------------------------- */

/* "token", and the facts in this order, with "." for an empty text. */
_Static_assert((int)STORE_NOTE_MAX_BYTES >=
		       (int)sizeof("token m 1234567890123456789    ") +
			       NETWORK_CHARS + TOKEN_SITE_MAX_BYTES +
			       TOKEN_HOST_MAX_BYTES + TOKEN_ACTION_MAX_BYTES +
			       TOKEN_CDATA_MAX_BYTES,
	       "a note has room for all facts");

static const char *shown(const char *text)
{
	return text[0] ? text : ".";
}

static void write_note(const struct token_facts *facts, const char *network,
		       char out[STORE_NOTE_MAX_BYTES + 1])
{
	(void)snprintf(out, STORE_NOTE_MAX_BYTES + 1,
		       "token %d %lld %s %s %s %s %s", (int)facts->mode,
		       (long long)facts->solved_unix_ms, network,
		       facts->site, shown(facts->hostname),
		       shown(facts->action), shown(facts->cdata));
}

/* Copy the next word of a note; "." is empty. False: there is none, or it is
 * too long. */
static bool read_word(struct str *note, char *out, size_t size)
{
	struct str word = text_cut(note, ' ');

	if (!word.len || word.len >= size)
		return false;
	if (str_eq(word, "."))
		word.len = 0;
	memcpy(out, word.ptr, word.len);
	out[word.len] = '\0';
	return true;
}

/* False: the entry is no token. */
static bool read_note(const char *text, struct token_facts *facts,
		      char network[NETWORK_CHARS + 1])
{
	struct str note = str_from(text), mode;
	char kind[sizeof("token")];
	char digits[sizeof("1234567890123456789")];

	*facts = (struct token_facts){.mode = TOKEN_PICTURE};
	if (!read_word(&note, kind, sizeof(kind)) || strcmp(kind, "token") != 0)
		return false;
	mode = text_cut(&note, ' ');
	if (mode.len != 1 || mode.ptr[0] < '0' || mode.ptr[0] > '0' + TOKEN_POW)
		return false;
	facts->mode = (enum token_mode)(mode.ptr[0] - '0');
	if (!read_word(&note, digits, sizeof(digits)) ||
	    !read_word(&note, network, NETWORK_CHARS + 1) ||
	    !read_word(&note, facts->site, sizeof(facts->site)) ||
	    !read_word(&note, facts->hostname, sizeof(facts->hostname)) ||
	    !read_word(&note, facts->action, sizeof(facts->action)) ||
	    !read_word(&note, facts->cdata, sizeof(facts->cdata)))
		return false;
	facts->solved_unix_ms = text_parse_decimal(str_from(digits));
	return facts->solved_unix_ms >= 0;
}

/* --- hashes --------------------------------------------------------------- */

static void put_hash(const void *ptr, size_t len, char out[HASH_CHARS + 1])
{
	uint8_t hash[CRYPT_SHA256_BYTES];

	crypt_sha256(ptr, len, hash);
	for (size_t i = 0; i < HASH_BYTES; i++)
		text_put_hex(out + 2 * i, (char)hash[i]);
	out[HASH_CHARS] = '\0';
}

/* The keyed hash of a network; "." for an empty one. */
static enum cf_status hash_network(struct challenge *ch, struct str network,
				   char out[NETWORK_CHARS + 1],
				   struct cf_error *err)
{
	enum cf_status rc;

	(void)snprintf(out, NETWORK_CHARS + 1, ".");
	if (!network.len)
		return CF_OK;
	rc = challenge_need_secret(ch, err);
	if (rc)
		return rc;
	(void)snprintf(out, NETWORK_CHARS + 1, "%016llx",
		       (unsigned long long)crypt_hash64(ch->secret, network.ptr,
							network.len));
	return CF_OK;
}

/* --- issuing -------------------------------------------------------------- */

enum cf_status token_issue(struct challenge *ch, struct token_facts *facts,
			   struct str network, int64_t ttl_s,
			   char out[TOKEN_CHARS + 1], struct cf_error *err)
{
	static const char characters[] = TEXT_BASE64URL;
	struct moment now = challenge_now(ch);
	struct store_entry entry = {
		.attempts_left = 1,
		.created_unix_ms = now.unix_ms,
		.expires_unix_ms = now.unix_ms + ttl_s * 1000,
	};
	char *chance = out + TOKEN_CHARS - RANDOM_CHARS;
	char hashed[NETWORK_CHARS + 1];
	size_t n = 1;
	enum cf_status rc = hash_network(ch, network, hashed, err);

	if (!rc)
		rc = room_check(&ch->room, ch->parts.store, &ch->parts.clk, &n,
				err);
	if (rc)
		return rc;
	pid_make(&entry.pid, now.unix_ms);
	(void)snprintf(out, TOKEN_CHARS + 1, PREFIX "%s_", entry.pid.text);
	crypt_random_text(chance, RANDOM_CHARS, characters,
			  sizeof(characters) - 1);
	out[TOKEN_CHARS] = '\0';
	put_hash(chance, RANDOM_CHARS, entry.code);
	facts->solved_unix_ms = now.unix_ms;
	write_note(facts, hashed, entry.note);
	rc = store_put(ch->parts.store, &entry, 1, err);
	if (rc)
		crypt_zero(out, TOKEN_CHARS + 1);
	else
		room_use(&ch->room, 1);
	metrics_add(METRIC_TOKEN, !rc);
	return rc;
}

/* --- redeeming ------------------------------------------------------------ */

/* Split a token. False: it does not have the form of one. */
static bool parse(struct str token, struct pid *tid, struct str *chance)
{
	struct str id = {NULL, PID_CHARS};

	if (token.len != TOKEN_CHARS || !str_starts(token, PREFIX))
		return false;
	id.ptr = token.ptr + PREFIX_CHARS;
	if (id.ptr[PID_CHARS] != '_' || !pid_parse(tid, id))
		return false;
	*chance = (struct str){id.ptr + PID_CHARS + 1, RANDOM_CHARS};
	for (size_t i = 0; i < RANDOM_CHARS; i++)
		if (!chance->ptr[i] ||
		    !strchr(TEXT_BASE64URL, chance->ptr[i]))
			return false;
	return true;
}

/* The verdict on a token that the store does not have. */
static enum token_verdict lost(const struct pid *tid, int64_t ttl_s,
			       int64_t now_unix_ms)
{
	return now_unix_ms - pid_unix_ms(tid) > ttl_s * 1000 ? TOKEN_EXPIRED
							     : TOKEN_USED;
}

/* The verdict on an entry, before it is used up: TOKEN_VALID means that the
 * request may use it up. */
static enum cf_status judge(struct challenge *ch,
			    const struct token_request *request,
			    const struct store_entry *entry, const char *proof,
			    struct token_facts *facts,
			    enum token_verdict *verdict, struct cf_error *err)
{
	char kept[NETWORK_CHARS + 1], asked[NETWORK_CHARS + 1];
	enum cf_status rc = CF_OK;

	if (!read_note(entry->note, facts, kept) ||
	    strlen(entry->code) < HASH_CHARS ||
	    !crypt_equal(entry->code, proof, HASH_CHARS) ||
	    strcmp(facts->site, request->site) != 0)
		return CF_OK;
	if (request->has_network)
		rc = hash_network(ch, request->network, asked, err);
	if (rc)
		return rc;
	if (challenge_is_over(entry, clk_unix_ms(&ch->parts.clk)))
		*verdict = TOKEN_EXPIRED;
	else if (request->has_network &&
		 (!kept[0] || strcmp(kept, asked) != 0))
		*verdict = TOKEN_OTHER_NETWORK;
	else
		*verdict = TOKEN_VALID;
	return CF_OK;
}

/* Use up a token that lives, or find it spent. spent is its code when this
 * request's key has spent it; "" without a key. */
static enum cf_status use_up(struct challenge *ch,
			     const struct store_entry *entry, const char *proof,
			     const char *spent, enum token_verdict *verdict,
			     struct cf_error *err)
{
	struct store_entry now_there;
	enum cf_status rc;

	*verdict = TOKEN_USED;
	if (spent[0] && !strcmp(entry->code, spent))
		*verdict = TOKEN_VALID;
	if (entry->code[HASH_CHARS])
		return CF_OK;
	rc = store_swap(ch->parts.store, &entry->pid, proof,
			spent[0] ? spent : NULL, err);
	if (!rc)
		*verdict = TOKEN_VALID;
	if (rc != CF_NOT_FOUND || !spent[0])
		return rc == CF_NOT_FOUND ? CF_OK : rc;
	/* another request was first, perhaps with the same key */
	rc = store_peek(ch->parts.store, &entry->pid, &now_there, err);
	if (!rc && !strcmp(now_there.code, spent))
		*verdict = TOKEN_VALID;
	return rc == CF_NOT_FOUND ? CF_OK : rc;
}

enum cf_status token_redeem(struct challenge *ch,
			    const struct token_request *request,
			    struct token_facts *facts,
			    enum token_verdict *verdict, struct cf_error *err)
{
	struct str key = request->idempotency_key, chance;
	char proof[HASH_CHARS + 1], spent[2 * HASH_CHARS + 1] = "";
	struct store_entry entry;
	struct pid tid;
	enum cf_status rc;

	*verdict = TOKEN_INVALID;
	if (!parse(request->token, &tid, &chance))
		return CF_OK;
	rc = store_peek(ch->parts.store, &tid, &entry, err);
	if (rc == CF_NOT_FOUND) {
		*verdict = lost(&tid, request->ttl_s,
				clk_unix_ms(&ch->parts.clk));
		return CF_OK;
	}
	if (rc)
		return rc;
	put_hash(chance.ptr, chance.len, proof);
	if (key.len) {
		memcpy(spent, proof, HASH_CHARS);
		put_hash(key.ptr, key.len, spent + HASH_CHARS);
	}
	rc = judge(ch, request, &entry, proof, facts, verdict, err);
	if (!rc && *verdict == TOKEN_VALID)
		rc = use_up(ch, &entry, proof, spent, verdict, err);
	if (rc)
		*verdict = TOKEN_INVALID;
	return rc;
}

/* --- secrets -------------------------------------------------------------- */

_Static_assert((int)TOKEN_SECRET_CHARS ==
		       (int)CRYPT_BASE64URL_CHARS(CRYPT_SHA256_BYTES),
	       "a secret is a hash in base64url");

enum cf_status token_derive_secret(struct challenge *challenge,
				   char out[TOKEN_SECRET_CHARS + 1],
				   struct cf_error *err)
{
	uint8_t key[CRYPT_SHA256_BYTES];
	enum cf_status rc = challenge_derive(challenge, SECRET_PURPOSE, key,
					     err);

	if (!rc)
		crypt_base64url(key, sizeof(key), out);
	crypt_zero(key, sizeof(key));
	return rc;
}
