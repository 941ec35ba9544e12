/*
 * Banks of sounds: a bank with any of its bytes changed is refused, or sounds
 * are mixed of it. An input is a list of changes: three bytes say where, the
 * fourth what.
 */
#include "base/base.h"
#include "base/crypt.h"
#include "sound/mix.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/small_bank.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const uint8_t seed[MIX_SEED_BYTES] = {1};
	struct buf bytes, wav;
	struct bank *bank;
	enum cf_status rc;

	FUZZ_CHECK(!crypt_open(NULL));
	buf_init(&bytes, SMALL_BANK_MAX_BYTES);
	buf_init(&wav, 1024 * 1024);
	small_bank_add(&bytes, "en", 0);
	for (; n >= 4; data += 4, n -= 4) {
		size_t at = data[0] | (size_t)data[1] << 8 |
			    (size_t)data[2] << 16;

		bytes.ptr[at % bytes.len] = (char)data[3];
	}
	rc = bank_from_bytes(bytes.ptr, bytes.len, &bank, NULL);
	FUZZ_CHECK(!rc || rc == CF_CORRUPT);
	if (!rc) {
		FUZZ_CHECK(!mix_digits(bank, seed, "013579", 0, &wav, NULL));
		FUZZ_CHECK(wav.len == mix_bytes(bank) && wav.len <= 320000);
	}
	bank_free(bank);
	buf_release(&wav);
	buf_release(&bytes);
	return 0;
}
