/*
 * Tokens: what a visitor gets for a solved challenge, and what an application
 * has verified once. A token is an entry of the store, as a challenge is:
 *
 *	token	C1_, a tid (a pid of this moment), _ and 43 random characters
 *	pid	the tid
 *	code	the proof: 128 bits of SHA-256 of the random characters, in
 *		hexadecimal. In a spent token 128 bits of SHA-256 of its
 *		idempotency key follow.
 *	note	what an application asks for
 *
 * A reader of the store has no token that can be redeemed. A lost token is
 * refused, where a lost list of used tokens would let them pass again.
 */
#ifndef CF_CHALLENGE_TOKEN_H
#define CF_CHALLENGE_TOKEN_H

#include "challenge/challenge.h"

enum {
	TOKEN_CHARS = 63,
	TOKEN_SITE_MAX_BYTES = 32,
	TOKEN_HOST_MAX_BYTES = 253,
	TOKEN_ACTION_MAX_BYTES = 32,
	TOKEN_CDATA_MAX_BYTES = 255,
	TOKEN_SECRET_CHARS = 43,
};

/* How the challenge was solved. */
enum token_mode { TOKEN_PICTURE, TOKEN_AUDIO, TOKEN_POW };

/* Texts have no space and no control character. Without `site` there is no
 * token; "" stands for any other text that is not known. */
struct token_facts {
	char site[TOKEN_SITE_MAX_BYTES + 1];
	char hostname[TOKEN_HOST_MAX_BYTES + 1];
	char action[TOKEN_ACTION_MAX_BYTES + 1];
	char cdata[TOKEN_CDATA_MAX_BYTES + 1];
	enum token_mode mode;
	int64_t solved_unix_ms;
};

/*
 * Record a token. The caller has ended the challenge first: a crash between
 * loses an answer, and never makes two tokens.
 *
 * facts    solved_unix_ms is set to now
 * network  the bytes of the visitor's address that name its network; empty:
 *          not known
 * out      NUL-terminated
 * returns  CF_OK; what store_put returns
 */
CF_MUST_CHECK
enum cf_status token_issue(struct challenge *ch, struct token_facts *facts,
			   struct str network, int64_t ttl_s,
			   char out[TOKEN_CHARS + 1], struct cf_error *err);

enum token_verdict {
	TOKEN_INVALID = 0, /* no token of this site; nothing is used up */
	TOKEN_VALID,
	TOKEN_USED, /* or never issued */
	TOKEN_EXPIRED,
	TOKEN_OTHER_NETWORK, /* nothing is used up */
};

struct token_request {
	struct str token;
	const char *site; /* of the application that asks */
	int64_t ttl_s;	  /* the site's */
	/* the same key may redeem the token again; empty: nobody may */
	struct str idempotency_key;
	/* compared with the visitor's when has_network */
	bool has_network;
	struct str network;
};

/*
 * Redeem a token.
 *
 * facts    filled with TOKEN_VALID
 * returns  CF_OK and a verdict; CF_BUSY or CF_IO when the store is out of
 *          reach, and then the token may or may not be used up
 * promise  over all processes, TOKEN_VALID comes once for a token, or only for
 *          one idempotency key
 */
CF_MUST_CHECK
enum cf_status token_redeem(struct challenge *ch,
			    const struct token_request *request,
			    struct token_facts *facts,
			    enum token_verdict *verdict, struct cf_error *err);

/* The secret of the site of an installation that has named none, in base64url.
 * It is derived from the installation's own secret, and the same in all
 * processes that share the store. */
CF_MUST_CHECK
enum cf_status token_derive_secret(struct challenge *ch,
				   char out[TOKEN_SECRET_CHARS + 1],
				   struct cf_error *err);

#endif
