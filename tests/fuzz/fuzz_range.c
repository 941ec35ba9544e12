/*
 * Range and If-Range: whatever a client sends, what is sent lies within the
 * body, and no byte is sent that was not asked for.
 *
 * An input is the value of Range; behind a NUL that of If-Range.
 */
#include "base/base.h"
#include "base/text.h"
#include "http/range.h"
#include "tests/fuzz/fuzz.h"

#define MARK "\"0123abcd\""

static void check(struct str header, struct str if_range, size_t total)
{
	struct range range = range_find(header, if_range, MARK, total);

	FUZZ_CHECK(range.first <= total &&
		   range.n_bytes <= total - range.first);
	switch (range.kind) {
	case RANGE_WHOLE:
		FUZZ_CHECK(!range.first && range.n_bytes == total);
		break;
	case RANGE_PART:
		FUZZ_CHECK(range.n_bytes);
		FUZZ_CHECK(!memchr(header.ptr, ',', header.len));
		FUZZ_CHECK(!if_range.len || str_eq(if_range, MARK));
		break;
	case RANGE_BEYOND:
	default:
		FUZZ_CHECK(!range.n_bytes);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str if_range = {(const char *)data, n};
	struct str header = text_cut(&if_range, '\0');

	check(header, if_range, 1);
	check(header, if_range, 256044);
	check(header, if_range, SIZE_MAX / 4);
	return 0;
}
