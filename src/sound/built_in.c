/*
 * The English bank that is compiled in: see bank.h.
 */
#include "base/base.h"
#include "sound/bank_format.h"

const struct bank *bank_built_in(void)
{
	static struct bank bank;

	bank.bytes = (const uint8_t *)bank_en;
	bank.len = bank_en_len;
	return bank.len ? &bank : NULL;
}
