/*
 * src/sound: WAV files, banks, sounds, and which bank a pid uses.
 */
#include "base/base.h"
#include "base/crypt.h"
#include "base/file.h"
#include "base/rng.h"
#include "sound/bank_format.h"
#include "sound/clip.h"
#include "sound/mix.h"
#include "sound/sets.h"
#include "sound/wav.h"
#include "tests/support/capture.h"
#include "tests/support/check.h"
#include "tests/support/fake_clk.h"
#include "tests/support/small_bank.h"
#include "tests/support/temp_dir.h"

#include <fcntl.h>
#include <math.h>
#include <sys/stat.h>

/* of the sound of small_bank_add; changes with all that is heard */
#define GOLDEN \
	"40364dfaaa8352d6b7791fa66f834493e4314e16ebf5697a305414edd8bea6f1"

static char dir[TEMP_PATH_BYTES];
static struct cf_error err;
static struct buf bytes, wav;
static struct bank *bank;
static struct log logs;

static int set_up(void **state)
{
	assert_ok(crypt_open(&err), &err);
	temp_dir_make(dir);
	log_init(&logs, "test", LOG_LEVEL_INFO, LOG_TO_STDERR);
	buf_init(&bytes, BANK_MAX_BYTES);
	buf_init(&wav, 1024 * 1024);
	small_bank_add(&bytes, "en", 0);
	assert_ok(bank_from_bytes(bytes.ptr, bytes.len, &bank, &err), &err);
	return 0;
}

static int tear_down(void **state)
{
	bank_free(bank);
	buf_release(&bytes);
	buf_release(&wav);
	temp_dir_remove(dir);
	assert_int_equal(mem_use(MEM_SOUND).n_blocks, 0);
	return 0;
}

static void mix(const struct bank *of, uint8_t seed_byte, const char *digits,
		int snr_db)
{
	uint8_t seed[MIX_SEED_BYTES];

	memset(seed, seed_byte, sizeof(seed));
	buf_reset(&wav);
	assert_ok(mix_digits(of, seed, digits, snr_db, &wav, &err), &err);
}

static void hex_of(const void *ptr, size_t n, char *out)
{
	for (size_t i = 0; i < n; i++)
		(void)snprintf(out + 2 * i, 3, "%02x",
			       ((const uint8_t *)ptr)[i]);
}

/* --- WAV ------------------------------------------------------------------ */

static void a_header_has_44_bytes(void **state)
{
	uint8_t header[WAV_HEADER_BYTES];
	char hex[2 * WAV_HEADER_BYTES + 1];

	wav_put_header(header, 128000);
	hex_of(header, sizeof(header), hex);
	assert_string_equal(hex, "5249464624e8030057415645666d7420100000000100"
				 "0100803e0000007d0000020010006461746100e80300");
}

/* A file with a chunk between its format and its samples. */
static struct str file_of(uint32_t rate_hz, size_t n, uint32_t said_bytes)
{
	uint8_t header[WAV_HEADER_BYTES];

	wav_put_header(header, 0);
	for (int i = 0; i < 4; i++) {
		header[24 + i] = (uint8_t)(rate_hz >> 8 * i);
		header[40 + i] = (uint8_t)(said_bytes >> 8 * i);
	}
	buf_reset(&wav);
	buf_add(&wav, header, 36);
	buf_add(&wav, "LIST\3\0\0\0abc\0", 12);
	buf_add(&wav, header + 36, 8);
	for (size_t i = 0; i < n; i++)
		buf_add(&wav, "\1\200", 2);
	return (struct str){wav.ptr, wav.len};
}

static void files_are_read_up_to_their_end(void **state)
{
	struct str file;
	struct wav out;

	file = file_of(22050, 10, 20);
	assert_ok(wav_parse(file, &out, &err), &err);
	assert_int_equal(out.rate_hz, 22050);
	assert_int_equal(out.n_samples, 10);
	assert_int_equal(bank_i16(out.samples, 9), 1 - 32768);
	/* a pipe: the writer did not know its length */
	file = file_of(22050, 10, 0x7fffffff);
	assert_ok(wav_parse(file, &out, &err), &err);
	assert_int_equal(out.n_samples, 10);
	/* more bytes than said */
	file = file_of(22050, 10, 6);
	assert_ok(wav_parse(file, &out, &err), &err);
	assert_int_equal(out.n_samples, 3);
	/* each shorter file is refused, or has what it has */
	file = file_of(8000, 10, 20);
	for (size_t len = 0; len < file.len; len++) {
		char *exact = mem_alloc(MEM_OTHER, 1, len);

		memcpy(exact, file.ptr, len);
		if (!wav_parse((struct str){exact, len}, &out, &err)) {
			assert_true(len >= 56);
			assert_int_equal(out.n_samples, (len - 56) / 2);
		}
		mem_free(exact);
	}
	file = file_of(7999, 10, 20);
	assert_status(wav_parse(file, &out, &err), CF_BAD_INPUT, &err);
	file = file_of(48001, 10, 20);
	assert_status(wav_parse(file, &out, &err), CF_BAD_INPUT, &err);
	file = file_of(16000, 10, 20);
	wav.ptr[22] = 2; /* channels */
	assert_status(wav_parse(file, &out, &err), CF_BAD_INPUT, &err);
	assert_has(err.text, "mono");
}

/* --- banks ---------------------------------------------------------------- */

static void the_built_in_bank_is_whole(void **state)
{
	const struct bank *en = bank_built_in();
	struct bank *same;

	if (!en) /* configured --without-flite */
		leave_test("the English bank");
	assert_true(bank_is_whole(en));
	assert_true(bank_bytes(en) <= 2 * 1024 * 1024);
	assert_string_equal(bank_lang(en), "en");
	assert_in_range(bank_n_voices(en), 4, BANK_VOICES_MAX);
	assert_in_range(bank_n_takes(en), 3, BANK_TAKES_MAX);
	assert_ok(bank_from_bytes(bank_en, bank_en_len, &same, &err), &err);
	bank_free(same);
	for (unsigned v = 0; v < bank_n_voices(en); v++)
		for (unsigned d = 0; d < BANK_DIGITS; d++)
			for (unsigned t = 0; t < bank_n_takes(en); t++) {
				struct bank_clip clip = bank_clip(en, v, d, t);
				double sum = 0.0, voiced = 0.0;

				for (uint32_t i = 0; i < clip.n_samples; i++)
					sum += pow(bank_i16(clip.samples, i),
						   2);
				for (uint32_t i = 0; i < clip.n_marks; i++)
					voiced += bank_u16(clip.marks, i) >>
						  15;
				/* 20 dB below the loudest, within 1 dB */
				assert_in_range(sqrt(sum / clip.n_samples),
						2920, 3677);
				/* each digit has a vowel */
				assert_in_range(100 * voiced / clip.n_marks,
						10, 100);
			}
}

static void a_damaged_bank_is_refused_or_harmless(void **state)
{
	struct bank *damaged;
	struct rng rng;
	int n_refused = 0;

	rng_init(&rng, 7);
	for (int i = 0; i < 2000; i++) {
		/* mostly in header and rows */
		size_t at = rng_below(&rng, i % 4 ? 360 : (uint32_t)bytes.len);
		char before = bytes.ptr[at];

		bytes.ptr[at] = (char)rng_u64(&rng);
		if (bank_from_bytes(bytes.ptr, bytes.len, &damaged, &err)) {
			assert_int_equal(err.status, CF_CORRUPT);
			assert_null(damaged);
			n_refused++;
		} else {
			assert_true(bank_is_whole(damaged) ==
				    (before == bytes.ptr[at] ||
				     (at >= BANK_AT_FROM &&
				      at < BANK_AT_LANG)));
			mix(damaged, (uint8_t)i, "012345", 0);
			bank_free(damaged);
		}
		bytes.ptr[at] = before;
	}
	assert_in_range(n_refused, 500, 1900);
	for (size_t len = 0; len < bytes.len; len += 97) {
		assert_status(bank_from_bytes(bytes.ptr, len, &damaged, &err),
			      CF_CORRUPT, &err);
		assert_has(err.text, "damaged");
	}
}

/* Else two machines would give two sounds of one pid. */
static void a_bank_is_named_by_what_is_heard(void **state)
{
	struct bank *later, *other;
	struct buf made;

	buf_init(&made, SMALL_BANK_MAX_BYTES);
	small_bank_add(&made, "en", 900);
	assert_ok(bank_from_bytes(made.ptr, made.len, &later, &err), &err);
	assert_true(bank_mark(later) == bank_mark(bank));
	assert_true(bank_from_unix_s(later) != bank_from_unix_s(bank));
	bank_free(later);
	buf_reset(&made);
	small_bank_add(&made, "de", 0);
	assert_ok(bank_from_bytes(made.ptr, made.len, &other, &err), &err);
	assert_true(bank_mark(other) != bank_mark(bank));
	bank_free(other);
	buf_release(&made);
}

static void a_file_is_mapped(void **state)
{
	int fd = temp_dir_open(dir);
	struct bank *mapped;

	assert_status(bank_map(fd, "bank", &mapped, &err), CF_NOT_FOUND, &err);
	assert_ok(file_create(fd, "bank", bytes.ptr, bytes.len, &err), &err);
	assert_ok(bank_map(fd, "bank", &mapped, &err), &err);
	assert_true(bank_mark(mapped) == bank_mark(bank));
	bank_free(mapped);
	assert_int_equal(truncate(temp_path(dir, "bank"), 500), 0);
	assert_status(bank_map(fd, "bank", &mapped, &err), CF_CORRUPT, &err);
	assert_int_equal(truncate(temp_path(dir, "bank"), 0), 0);
	assert_status(bank_map(fd, "bank", &mapped, &err), CF_CORRUPT, &err);
	assert_int_equal(symlink("/dev/zero", temp_path(dir, "link")), 0);
	assert_true(bank_map(fd, "link", &mapped, &err) != CF_OK);
	assert_int_equal(mkfifo(temp_path(dir, "pipe"), 0600), 0);
	assert_status(bank_map(fd, "pipe", &mapped, &err), CF_CORRUPT, &err);
	(void)close(fd);
}

/* --- making banks --------------------------------------------------------- */

/* A word: silence, a voiced part of a pitch, silence. */
static struct str word(double pitch_hz, size_t n)
{
	uint8_t header[WAV_HEADER_BYTES];

	wav_put_header(header, (uint32_t)(n + 8000));
	buf_reset(&wav);
	buf_add(&wav, header, sizeof(header));
	for (size_t i = 0; i < n + 8000; i++) {
		double t = (double)i / (double)BANK_RATE_HZ, sum = 0.0;
		uint8_t sample[2] = {0, 0};

		for (int k = 1; k < 12; k++)
			sum += sin(2 * 3.14159265358979 * k * pitch_hz * t) / k;
		if (i >= 4000 && i < n + 4000)
			bank_put_i16(sample, 0, (int16_t)lround(900 * sum));
		buf_add(&wav, sample, 2);
	}
	return (struct str){wav.ptr, wav.len};
}

static void clips_are_cut_levelled_and_marked(void **state)
{
	static const double pitches_hz[] = {80.0, 125.0, 240.0, 380.0};
	struct maker *maker = maker_new("de", 4, 1);
	struct buf out;
	struct bank *made;

	buf_init(&out, BANK_MAX_BYTES);
	for (size_t v = 0; v < CF_ARRAY_LEN(pitches_hz); v++) {
		for (unsigned d = 0; d < BANK_DIGITS; d++) {
			assert_status(maker_end(maker, 5, &out, &err),
				      CF_BAD_INPUT, &err);
			assert_ok(maker_add(maker,
					    word(pitches_hz[v], 4000 + d * 500),
					    &err),
				  &err);
		}
	}
	assert_status(maker_add(maker, word(100, 4000), &err), CF_BAD_INPUT,
		      &err);
	assert_ok(maker_end(maker, 1234567890123, &out, &err), &err);
	maker_free(maker);
	assert_ok(bank_from_bytes(out.ptr, out.len, &made, &err), &err);
	assert_true(bank_is_whole(made));
	assert_string_equal(bank_lang(made), "de");
	assert_true(bank_from_unix_s(made) == 1234567890123);
	for (unsigned v = 0; v < CF_ARRAY_LEN(pitches_hz); v++) {
		struct bank_clip clip = bank_clip(made, v, 3, 0);
		double period = (double)BANK_RATE_HZ / pitches_hz[v];

		/* 15 ms are kept on each side */
		assert_in_range(clip.n_samples, 5500, 5500 + 2 * 320);
		/* in its middle the marks are pulses */
		for (uint32_t i = clip.n_marks / 3; i < clip.n_marks * 2 / 3;
		     i++) {
			unsigned mark = bank_u16(clip.marks, i);
			unsigned last = bank_u16(clip.marks, i - 1);

			assert_true(mark & BANK_VOICED);
			assert_in_range(mark - last, (int)period - 1,
					(int)period + 2);
		}
	}
	bank_free(made);
	buf_release(&out);
}

static void what_is_no_digit_is_refused(void **state)
{
	struct maker *maker = maker_new("de", 1, 1);
	static const struct {
		double pitch_hz;
		size_t n;
		const char *why;
	} rows[] = {
		{100.0, 100, "ms"},
		{100.0, 12000, "ms"},
		{0.0, 4000, "silent"},
	};

	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++) {
		assert_status(maker_add(maker,
					word(rows[i].pitch_hz, rows[i].n),
					&err),
			      CF_BAD_INPUT, &err);
		assert_has(err.text, rows[i].why);
	}
	assert_status(maker_add(maker, (struct str){"MP3", 3}, &err),
		      CF_BAD_INPUT, &err);
	maker_free(maker);
}

/* --- sounds --------------------------------------------------------------- */

static void a_sound_is_the_same_on_every_machine(void **state)
{
	uint8_t hash[CRYPT_SHA256_BYTES];
	char hex[2 * CRYPT_SHA256_BYTES + 1];

	mix(bank, 1, "899064", 0);
	crypt_sha256(wav.ptr, wav.len, hash);
	hex_of(hash, sizeof(hash), hex);
	assert_string_equal(hex, GOLDEN);
}

static void all_sounds_of_a_bank_are_equally_long(void **state)
{
	size_t len = mix_bytes(bank);
	char digits[7];

	assert_true(len <= 320000 && len >= 160000);
	for (int i = 0; i < 50; i++) {
		(void)snprintf(digits, sizeof(digits), "%06d", i * 20011);
		mix(bank, (uint8_t)i, digits, 0);
		assert_int_equal(wav.len, len);
	}
}

/* The loudness of a part of the sound. */
static double rms_of(size_t from, size_t n)
{
	const uint8_t *samples = (const uint8_t *)wav.ptr + MIX_HEADER_BYTES;
	double sum = 0.0;

	for (size_t i = from; i < from + n; i++)
		sum += pow(bank_i16(samples, (uint32_t)i), 2);
	return sqrt(sum / (double)n);
}

static void babble_has_the_loudness_that_is_wanted(void **state)
{
	for (int snr_db = MIX_SNR_MIN_DB; snr_db <= 20; snr_db += 10) {
		double wanted = 3277 * pow(10, -snr_db / 20.0), sum = 0.0;

		/* no digit is in the lead-in */
		for (int i = 0; i < 40; i++) {
			mix(bank, (uint8_t)i, "000000", snr_db);
			sum += rms_of(0, BANK_LEAD_MIN) / 40;
		}
		/* clips of the small bank are 0.2 dB quieter; noise adds 1 */
		assert_in_range(100 * sum / wanted, 85, 140);
	}
}

static void six_digits_stand_apart(void **state)
{
	size_t n = bank_sound_samples(bank);

	for (int seed = 0; seed < 20; seed++) {
		int n_begun = 0;
		bool was_loud = false;

		mix(bank, (uint8_t)seed, "123456", MIX_SNR_MAX_DB);
		for (size_t at = 0; at + 800 <= n; at += 800) {
			bool is_loud = rms_of(at, 800) > 300;

			n_begun += is_loud && !was_loud;
			was_loud = is_loud;
		}
		assert_int_equal(n_begun, 6);
		assert_false(was_loud); /* the last digit is over */
	}
}

static void a_seed_changes_all(void **state)
{
	size_t n_same = 0;
	struct buf first;

	buf_init(&first, 1024 * 1024);
	mix(bank, 1, "123456", 0);
	buf_add(&first, wav.ptr, wav.len);
	mix(bank, 2, "123456", 0);
	for (size_t i = MIX_HEADER_BYTES; i < wav.len; i += 2)
		n_same += !memcmp(first.ptr + i, wav.ptr + i, 2);
	assert_in_range(n_same, 0, wav.len / 100);
	buf_release(&first);
	buf_init(&first, 1000);
	assert_status(mix_digits(bank, (const uint8_t *)bytes.ptr, "123456", 0,
				 &first, &err),
		      CF_TOO_LARGE, &err);
	buf_release(&first);
}

/* --- sets ----------------------------------------------------------------- */

static struct fake_clk fake;

static void put_bank(const char *lang, const char *night, int64_t from_unix_s)
{
	struct buf made;
	int fd;

	(void)mkdir(temp_path(dir, "audio"), 0700);
	(void)mkdir(temp_path(dir, "audio/%s", lang), 0700);
	assert_int_equal(mkdir(temp_path(dir, "audio/%s/%s", lang, night),
			       0700),
			 0);
	buf_init(&made, SMALL_BANK_MAX_BYTES);
	small_bank_add(&made, lang, from_unix_s);
	fd = temp_dir_open(temp_path(dir, "audio/%s/%s", lang, night));
	assert_ok(file_create(fd, SETS_FILE, made.ptr, made.len, &err), &err);
	(void)close(fd);
	buf_release(&made);
}

/* The language and the beginning of the bank that is chosen. */
static const char *chosen(struct sets *sets, const char *lang, int64_t unix_s)
{
	static char text[64];
	const struct bank *found;
	struct pid pid;

	pid_make(&pid, unix_s * 1000);
	found = sets_find(sets, str_from(lang), &pid);
	if (!found)
		return "none";
	if (found == bank_built_in())
		return "built in";
	(void)snprintf(text, sizeof(text), "%s %lld", bank_lang(found),
		       (long long)(bank_from_unix_s(found) - 1795435200));
	return text;
}

static void a_pid_uses_the_newest_bank_before_it(void **state)
{
	const int64_t noon_s = FAKE_NOON_UNIX_MS / 1000;
	const char *english = bank_built_in() ? "built in" : "none";
	struct sets *sets;

	fake_clk_init(&fake);
	sets = sets_new(dir, &logs, fake_clk_get(&fake));
	assert_non_null(sets);
	/* no directory is there */
	assert_string_equal(chosen(sets, "de", noon_s), english);
	put_bank("de", "2026-11-21", noon_s - 200000);
	put_bank("de", "2026-11-22", noon_s - 100000);
	put_bank("de", "2026-11-23", noon_s + 10);
	put_bank("pt-br", "2026-11-23", noon_s - 1);
	put_bank("en", "2026-11-23", noon_s + 20);
	assert_string_equal(chosen(sets, "de", noon_s), "de -100000");
	assert_string_equal(chosen(sets, "de", noon_s + 9), "de -100000");
	assert_string_equal(chosen(sets, "de", noon_s + 10), "de 10");
	/* older than all */
	assert_string_equal(chosen(sets, "de", noon_s - 300000), "de -200000");
	/* the tag, its first part, English */
	assert_string_equal(chosen(sets, "DE", noon_s), "de -100000");
	assert_string_equal(chosen(sets, "de-AT", noon_s), "de -100000");
	assert_string_equal(chosen(sets, "de-Latn-AT", noon_s), "de -100000");
	assert_string_equal(chosen(sets, "pt-BR", noon_s), "pt-br -1");
	assert_string_equal(chosen(sets, "pt", noon_s + 30), "en 20");
	assert_string_equal(chosen(sets, "xx", noon_s + 30), "en 20");
	assert_string_equal(chosen(sets, "", noon_s + 30), "en 20");
	assert_string_equal(chosen(sets, "../de", noon_s + 30), "en 20");
	assert_string_equal(chosen(sets, "-", noon_s + 30), "en 20");
	/* English that is compiled in comes before all nights */
	assert_string_equal(chosen(sets, "xx", noon_s),
			    bank_built_in() ? "built in" : "en 20");
	/* a new night is seen when it is time to look */
	put_bank("de", "2026-11-24", noon_s + 40);
	assert_string_equal(chosen(sets, "de", noon_s + 50), "de 10");
	fake_clk_forward(&fake, SETS_LOOK_MS);
	assert_string_equal(chosen(sets, "de", noon_s + 50), "de 40");
	/* only the newest SETS_KEPT count */
	assert_string_equal(chosen(sets, "de", noon_s - 300000), "de -100000");
	sets_free(sets);
}

static void a_damaged_bank_is_told_and_passed_over(void **state)
{
	const int64_t noon_s = FAKE_NOON_UNIX_MS / 1000;
	struct sets *sets;
	const char *text;

	fake_clk_init(&fake);
	put_bank("de", "2026-11-22", noon_s - 10);
	put_bank("de", "2026-11-23", noon_s - 5);
	temp_write(temp_path(dir, "audio/de/2026-11-23/" SETS_FILE), "no bank");
	/* left by a full disk; they hide no bank */
	(void)mkdir(temp_path(dir, "audio/de/2026-11-24"), 0700);
	(void)mkdir(temp_path(dir, "audio/de/2026-11-25"), 0700);
	(void)mkdir(temp_path(dir, "audio/de/2026-11-26"), 0700);
	sets = sets_new(dir, &logs, fake_clk_get(&fake));
	capture_begin();
	assert_string_equal(chosen(sets, "de", noon_s), "de -10");
	text = capture_end();
	assert_int_equal(capture_count(text, "event=audio"), 1);
	assert_has(text, "audio/de/2026-11-23");
	assert_has(text, "captchactl audio make");
	assert_has(text, "errno=0 ");
	/* once a minute */
	capture_begin();
	fake_clk_forward(&fake, SETS_LOOK_MS);
	assert_string_equal(chosen(sets, "de", noon_s), "de -10");
	assert_int_equal(capture_count(capture_end(), "event=audio"), 0);
	capture_begin();
	fake_clk_forward(&fake, 60 * 1000);
	assert_string_equal(chosen(sets, "de", noon_s), "de -10");
	assert_int_equal(capture_count(capture_end(), "event=audio"), 1);
	/* mended */
	assert_int_equal(
		unlink(temp_path(dir, "audio/de/2026-11-23/" SETS_FILE)), 0);
	assert_int_equal(rmdir(temp_path(dir, "audio/de/2026-11-23")), 0);
	put_bank("de", "2026-11-23", noon_s - 5);
	fake_clk_forward(&fake, SETS_LOOK_MS);
	assert_string_equal(chosen(sets, "de", noon_s), "de -5");
	/* gone */
	temp_dir_remove(temp_path(dir, "audio"));
	fake_clk_forward(&fake, SETS_LOOK_MS);
	assert_string_equal(chosen(sets, "de", noon_s),
			    bank_built_in() ? "built in" : "none");
	/* and made again */
	put_bank("de", "2026-11-23", noon_s - 4);
	fake_clk_forward(&fake, SETS_LOOK_MS);
	assert_string_equal(chosen(sets, "de", noon_s), "de -4");
	sets_free(sets);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_header_has_44_bytes),
		TEST(files_are_read_up_to_their_end),
		TEST(the_built_in_bank_is_whole),
		TEST(a_damaged_bank_is_refused_or_harmless),
		TEST(a_bank_is_named_by_what_is_heard),
		TEST(a_file_is_mapped),
		TEST(clips_are_cut_levelled_and_marked),
		TEST(what_is_no_digit_is_refused),
		TEST(a_sound_is_the_same_on_every_machine),
		TEST(all_sounds_of_a_bank_are_equally_long),
		TEST(babble_has_the_loudness_that_is_wanted),
		TEST(six_digits_stand_apart),
		TEST(a_seed_changes_all),
		TEST(a_pid_uses_the_newest_bank_before_it),
		TEST(a_damaged_bank_is_told_and_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
