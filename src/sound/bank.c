/*
 * Banks: see bank.h.
 */
#include "base/base.h"
#include "sound/bank.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/crypt.h"
#include "base/file.h"
#include "sound/bank_format.h"

static uint32_t u32_at(const uint8_t *at)
{
	return (uint32_t)bank_u16(at, 0) | (uint32_t)bank_u16(at, 1) << 16;
}

static uint64_t u64_at(const uint8_t *at)
{
	return u32_at(at) | (uint64_t)u32_at(at + 4) << 32;
}

uint64_t bank_hash(const uint8_t *bytes, size_t len)
{
	static const uint8_t no_key[CRYPT_KEY_BYTES];

	return crypt_hash64(no_key, bytes + BANK_AT_LANG, len - BANK_AT_LANG);
}

const char *bank_lang(const struct bank *bank)
{
	return (const char *)bank->bytes + BANK_AT_LANG;
}

uint64_t bank_mark(const struct bank *bank)
{
	return u64_at(bank->bytes + BANK_AT_MARK);
}

int64_t bank_from_unix_s(const struct bank *bank)
{
	return (int64_t)u64_at(bank->bytes + BANK_AT_FROM);
}

unsigned bank_n_voices(const struct bank *bank)
{
	return bank->bytes[BANK_AT_VOICES];
}

unsigned bank_n_takes(const struct bank *bank)
{
	return bank->bytes[BANK_AT_TAKES];
}

uint32_t bank_sound_samples(const struct bank *bank)
{
	return u32_at(bank->bytes + BANK_AT_SAMPLES);
}

size_t bank_bytes(const struct bank *bank)
{
	return bank->len;
}

static size_t n_clips(const struct bank *bank)
{
	return (size_t)bank_n_voices(bank) * BANK_DIGITS * bank_n_takes(bank);
}

static struct bank_clip clip_at(const struct bank *bank, size_t i)
{
	const uint8_t *row =
		bank->bytes + BANK_HEADER_BYTES + i * BANK_ROW_BYTES;

	return (struct bank_clip){
		.samples = bank->bytes + u32_at(row),
		.n_samples = u32_at(row + 4),
		.marks = bank->bytes + u32_at(row + 8),
		.n_marks = u32_at(row + 12),
	};
}

struct bank_clip bank_clip(const struct bank *bank, unsigned voice,
			   unsigned digit, unsigned take)
{
	unsigned n_takes = bank_n_takes(bank);

	assert(voice < bank_n_voices(bank) && digit < BANK_DIGITS &&
	       take < n_takes);
	return clip_at(bank, ((size_t)voice * BANK_DIGITS + digit) * n_takes +
				     take);
}

/* --- what a file must be -------------------------------------------------- */

static bool is_within(const struct bank *bank, uint32_t at, uint32_t n)
{
	return at <= bank->len && n <= (bank->len - at) / 2;
}

static bool has_good_marks(const struct bank_clip *clip)
{
	unsigned last = bank_u16(clip->marks, 0) & BANK_PLACE;

	for (uint32_t i = 1; i < clip->n_marks; i++) {
		unsigned place = bank_u16(clip->marks, i) & BANK_PLACE;

		if (place < last + BANK_STEP_MIN ||
		    place > last + BANK_STEP_MAX)
			return false;
		last = place;
	}
	return last < clip->n_samples;
}

static bool is_good_clip(const struct bank *bank, size_t i)
{
	const uint8_t *row =
		bank->bytes + BANK_HEADER_BYTES + i * BANK_ROW_BYTES;
	struct bank_clip clip = clip_at(bank, i);

	return is_within(bank, u32_at(row), clip.n_samples) &&
	       is_within(bank, u32_at(row + 8), clip.n_marks) &&
	       clip.n_samples >= BANK_CLIP_MIN_SAMPLES &&
	       clip.n_samples <= BANK_CLIP_MAX_SAMPLES &&
	       bank_samples_for(clip.n_samples) <= bank_sound_samples(bank) &&
	       clip.n_marks >= BANK_MARKS_MIN && has_good_marks(&clip);
}

/* What is wrong with the bank; NULL: nothing. */
static const char *fault_of(const struct bank *bank)
{
	uint32_t samples;

	if (bank->len < BANK_HEADER_BYTES ||
	    memcmp(bank->bytes, BANK_MAGIC, BANK_AT_MARK) != 0)
		return "it is no bank of this version";
	if (bank->len > BANK_MAX_BYTES)
		return "it is too large";
	if (bank->bytes[BANK_AT_LANG + BANK_LANG_BYTES - 1])
		return "its language is too long";
	if (!bank_n_voices(bank) || bank_n_voices(bank) > BANK_VOICES_MAX ||
	    !bank_n_takes(bank) || bank_n_takes(bank) > BANK_TAKES_MAX)
		return "it has no voices, or too many";
	samples = bank_sound_samples(bank);
	if (samples < BANK_SOUND_MIN_SAMPLES ||
	    samples > BANK_SOUND_MAX_SAMPLES)
		return "its sounds are too short or too long";
	if ((bank->len - BANK_HEADER_BYTES) / BANK_ROW_BYTES < n_clips(bank))
		return "it is cut short";
	for (size_t i = 0; i < n_clips(bank); i++)
		if (!is_good_clip(bank, i))
			return "a clip or its marks are damaged";
	return NULL;
}

bool bank_is_whole(const struct bank *bank)
{
	return bank_hash(bank->bytes, bank->len) == bank_mark(bank);
}

/* --- making and freeing --------------------------------------------------- */

enum cf_status bank_from_bytes(const void *bytes, size_t len, struct bank **out,
			       struct cf_error *err)
{
	struct bank *bank = mem_alloc(MEM_SOUND, 1, sizeof(*bank));
	const char *fault;

	*out = NULL;
	if (!bank)
		return cf_fail(err, CF_NOMEM, "no memory for a bank of sounds");
	*bank = (struct bank){bytes, len, false};
	fault = fault_of(bank);
	if (fault) {
		errno = 0;
		mem_free(bank);
		return cf_fail(err, CF_CORRUPT,
			       "the bank of sounds is damaged: %s", fault);
	}
	*out = bank;
	return CF_OK;
}

enum cf_status bank_map(int dir_fd, const char *name, struct bank **out,
			struct cf_error *err)
{
	int fd = openat(dir_fd, name,
			O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	void *bytes = MAP_FAILED;
	enum cf_status rc;
	struct stat st;

	*out = NULL;
	if (fd < 0)
		return cf_fail(err, file_status(errno), "cannot open %s: %s",
			       name, strerror(errno));
	if (fstat(fd, &st) || !S_ISREG(st.st_mode) ||
	    st.st_size < BANK_HEADER_BYTES || st.st_size > BANK_MAX_BYTES) {
		(void)close(fd);
		errno = 0;
		return cf_fail(err, CF_CORRUPT,
			       "the bank of sounds is damaged: it is no file "
			       "of its size");
	}
	bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (bytes == MAP_FAILED)
		rc = cf_fail(err, file_status(errno), "cannot map %s: %s",
			     name, strerror(errno));
	else
		rc = bank_from_bytes(bytes, (size_t)st.st_size, out, err);
	(void)close(fd);
	if (!rc)
		(*out)->is_mapped = true;
	else if (bytes != MAP_FAILED)
		(void)munmap(bytes, (size_t)st.st_size);
	return rc;
}

void bank_free(struct bank *bank)
{
	if (!bank)
		return;
	if (bank->is_mapped)
		(void)munmap((void *)(uintptr_t)bank->bytes, bank->len);
	mem_free(bank);
}
