/*
 * In place of redis.c where the program is built without hiredis.
 */
#include "base/base.h"
#include "store/redis.h"

enum cf_status redis_store_open(const struct store_options *options,
				enum store_use use, struct clk clk,
				void **impl, struct cf_error *err)
{
	(void)options;
	(void)use;
	(void)clk;
	*impl = NULL;
	return cf_fail(err, CF_CONFIG, "store = redis: this program was built "
		       "without Redis: configure it with --with-redis, or set "
		       "store = sqlite");
}

const struct store_ops redis_store_ops = {0};
