/*
 * With -Wl,--wrap=token_issue: while there is the file $MORTAL_MARK, a process
 * dies by SIGKILL between the end of a challenge and its token.
 */
#include "base/base.h"
#include "challenge/token.h"

#include <signal.h>

enum cf_status __real_token_issue(struct challenge *ch,
				  struct token_facts *facts,
				  struct str network, int64_t ttl_s,
				  char out[TOKEN_CHARS + 1],
				  struct cf_error *err);
enum cf_status __wrap_token_issue(struct challenge *ch,
				  struct token_facts *facts,
				  struct str network, int64_t ttl_s,
				  char out[TOKEN_CHARS + 1],
				  struct cf_error *err);

enum cf_status __wrap_token_issue(struct challenge *ch,
				  struct token_facts *facts,
				  struct str network, int64_t ttl_s,
				  char out[TOKEN_CHARS + 1],
				  struct cf_error *err)
{
	const char *mark = getenv("MORTAL_MARK");

	if (mark && !access(mark, F_OK))
		(void)raise(SIGKILL);
	return __real_token_issue(ch, facts, network, ttl_s, out, err);
}
